"""Resources whose fields are settings: default, limits and description are those of the setting of the same name."""

from copy import copy
from enum import StrEnum
from pathlib import Path
from typing import Any, TypeVar

import dagster as dg
from pydantic import Field, create_model
from pydantic.fields import FieldInfo

from aegis_pipeline.settings import Settings, settings


def setting(name: str) -> Any:
    """A resource's field that is the setting of that name."""
    return with_default(Settings.model_fields[name], Settings.model_fields[name].default)


def with_default(field: FieldInfo, default: Any) -> FieldInfo:
    """Paths and choices are text in Dagster's configuration."""
    own = copy(field)
    own.default = str(default) if isinstance(default, Path | StrEnum) else default
    return own


def path_setting(name: str) -> Any:
    """The field of a setting that is a path, or None: Dagster's configuration has no paths."""
    return Field(default=None, description=Settings.model_fields[name].description)


class SettingsResource(dg.ConfigurableResource[Any]):
    """A group of settings that a run may have its own values of."""

    @property
    def settings(self) -> Settings:
        """The process's settings, with this resource's fields in their place."""
        own = {name: self._own(name) for name in type(self).model_fields if name in Settings.model_fields}
        return settings().model_copy(update=own)

    def _own(self, name: str) -> Any:
        """The value as the setting has it: Dagster's configuration has no paths, and names an enumeration's members in
        the launchpad; a literal has the values that the setting has."""
        value, kind = getattr(self, name), Settings.model_fields[name].annotation
        if kind == Path | None:
            return Path(value) if value else None
        return kind(value) if isinstance(kind, type) and issubclass(kind, StrEnum) else value


R = TypeVar("R", bound=SettingsResource)


def as_set(kind: type[R], configured: Settings, **own: str) -> R:
    """A resource with the values of the settings, as the defaults of its class: for a resource that a run configures in
    part, Dagster takes the rest from there."""
    values = {name: getattr(configured, name) for name in kind.model_fields if name in Settings.model_fields} | own
    fields = {name: with_default(kind.model_fields[name], value) for name, value in values.items()}
    described: Any = {name: (field.annotation, field) for name, field in fields.items()}
    return create_model(kind.__name__, __base__=kind, __doc__=kind.__doc__, **described)(
        **{name: field.default for name, field in fields.items()}
    )
