"""Reading a relation schema: the package's ``relations.yaml``, or a file of the user's own."""

from collections import Counter
from collections.abc import Iterator
from functools import lru_cache
from importlib.resources import files
from pathlib import Path
from typing import Annotated, Any

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from aegis_pipeline.errors import InputError
from aegis_pipeline.mentions import entity_types
from aegis_pipeline.relations.schema import Predicate, RelationSchema

_PACKAGED = "relations.yaml"
_HELP = "docs/relations-schema.md says how a schema is written."

_Word = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*$")]
_Text = Annotated[str, Field(min_length=1)]
_Types = Annotated[list[str], Field(min_length=1)]


class _Entry(BaseModel):
    """One predicate of the file, under its key."""

    model_config = ConfigDict(extra="forbid", strict=True)

    pid: Annotated[str, Field(pattern=r"^P\d+$")] | None = None
    label: _Text
    definition: _Text
    synonyms: list[_Text] = []
    head: _Types
    tail: _Types
    inverse: str | None = None
    symmetric: bool = False


class _File(BaseModel):
    """The whole file; ``types`` are the user's own, beside the project's."""

    model_config = ConfigDict(extra="forbid", strict=True)

    types: list[str] = []
    predicates: Annotated[dict[_Word, _Entry], Field(min_length=1)]


def load_schema(path: Path | None = None) -> RelationSchema:
    """The schema in a YAML file (``RELATION_SCHEMA``), or the package's; made once for the same content.

    Raises:
        InputError: the file cannot be read, or is no schema; the message names every entry that is wrong.
    """
    if path is None:
        return _parsed(_PACKAGED, files(__package__).joinpath(_PACKAGED).read_text(encoding="utf-8"))
    try:
        return _parsed(f"RELATION_SCHEMA={path}", path.read_text(encoding="utf-8-sig"))
    except OSError as error:
        raise InputError(
            f"RELATION_SCHEMA={path}: {error.strerror}. Name a YAML file, or unset it to use the package's."
        ) from None
    except UnicodeDecodeError as error:
        raise InputError(f"RELATION_SCHEMA={path} is no UTF-8 text: {error.reason}. Save it as UTF-8.") from None


@lru_cache(maxsize=4)
def _parsed(name: str, text: str) -> RelationSchema:
    try:
        file = _File.model_validate(_plain(text))
    except yaml.YAMLError as error:
        raise InputError(f"{name} is no YAML that can be read: {error}\n{_HELP}") from None
    except ValidationError as error:
        faults = [f"{'.'.join(map(str, fault['loc'])) or 'file'}: {fault['msg']}" for fault in error.errors()]
        raise InputError(
            f"{name}:\n" + "\n".join(faults) + f"\nValid at the top are {', '.join(_File.model_fields)}; in each "
            f"predicate {', '.join(_Entry.model_fields)}. {_HELP}"
        ) from None
    if faults := list(_faults(file)):
        raise InputError(f"{name}:\n" + "\n".join(faults) + f"\n{_HELP}")
    return RelationSchema(_predicate(key, entry) for key, entry in file.predicates.items())


def _plain(text: str) -> Any:
    """What the YAML says, in lists and dictionaries.

    Raises:
        yaml.YAMLError: it is none, or a key stands twice in one place, of which YAML itself would take the last.
    """
    loader = yaml.SafeLoader(text)
    try:
        root = loader.get_single_node()
        if root is None:
            return {}
        _refuse_doubles(root)
        return loader.construct_document(root)
    finally:
        loader.dispose()


def _refuse_doubles(node: yaml.Node) -> None:
    if isinstance(node, yaml.MappingNode):
        keys = Counter(key.value for key, _ in node.value if isinstance(key, yaml.ScalarNode))
        for key, value in node.value:
            if isinstance(key, yaml.ScalarNode) and keys[key.value] > 1:
                problem = f"{key.value!r} stands here more than once: remove or rename one"
                raise yaml.constructor.ConstructorError(None, None, problem, key.start_mark)
            _refuse_doubles(value)


def _faults(file: _File) -> Iterator[str]:
    """What is wrong with entries that are well formed: a line each, with what is valid."""
    types = entity_types() | set(file.types)
    pids = Counter(entry.pid for entry in file.predicates.values() if entry.pid)
    for key, entry in file.predicates.items():
        for end in ("head", "tail"):
            for unknown in sorted(set(getattr(entry, end)) - types):
                yield (
                    f"{key}: {end} has the type {unknown!r}; valid are {', '.join(sorted(types))}. List a type of your "
                    "own under `types`."
                )
        if entry.pid and pids[entry.pid] > 1:
            yield f"{key}: pid {entry.pid} belongs to another predicate too; give each its own, or leave it out."
        yield from _faults_of_direction(key, entry, file.predicates)


def _faults_of_direction(key: str, entry: _Entry, entries: dict[str, _Entry]) -> Iterator[str]:
    head, tail = set(entry.head), set(entry.tail)
    if entry.symmetric and head != tail:
        yield f"{key}: is symmetric, so head and tail must have the same types; it has {_both(entry)}."
    if entry.symmetric and entry.inverse:
        yield f"{key}: is symmetric, so it is its own inverse: remove `inverse`."
    elif entry.inverse is not None:
        other = entries.get(entry.inverse)
        if other is None or other.inverse != key or entry.inverse == key:
            yield f"{key}: its inverse {entry.inverse!r} must be another predicate here, with `inverse: {key}`."
        elif (head, tail) != (set(other.tail), set(other.head)):
            yield (
                f"{key}: its types must be those of its inverse {entry.inverse}, head and tail exchanged; it has "
                f"{_both(entry)}, and {entry.inverse} has {_both(other)}."
            )


def _both(entry: _Entry) -> str:
    return f"head {', '.join(sorted(entry.head))} and tail {', '.join(sorted(entry.tail))}"


def _predicate(key: str, entry: _Entry) -> Predicate:
    return Predicate(
        key=key,
        pid=entry.pid,
        label=entry.label,
        definition=entry.definition,
        synonyms=tuple(entry.synonyms),
        head=frozenset(entry.head),
        tail=frozenset(entry.tail),
        inverse=entry.inverse,
        symmetric=entry.symmetric,
    )
