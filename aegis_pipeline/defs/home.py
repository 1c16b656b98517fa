"""Dagster's home: ``AEGIS_HOME/dagster``, with the ``dagster.yaml`` that holds."""

import os
import shutil
from pathlib import Path

from aegis_pipeline.settings import Settings

_PACKAGE = Path(__file__).resolve().parent.parent


def packaged(name: str) -> Path:
    """``dagster.yaml`` or ``workspace.yaml``: the checkout's, or the copy that the wheel carries."""
    checkout = _PACKAGE.parent / name
    return checkout if checkout.exists() else _PACKAGE / name


def prepare_home(configured: Settings) -> Path:
    """Make Dagster's home and point ``DAGSTER_HOME`` at it, unless the environment names another.

    In a home that the environment names, the ``dagster.yaml`` that lies there holds: it may be that of a service. Else
    one in the working directory does; else the one that is there already; else ours.
    """
    given = os.environ.get("DAGSTER_HOME")
    home = Path(os.environ.setdefault("DAGSTER_HOME", str(configured.home / "dagster")))
    home.mkdir(parents=True, exist_ok=True)
    own, kept = Path("dagster.yaml").absolute(), home / "dagster.yaml"
    if given and kept.exists():
        return home
    if own.exists() and own != kept:
        shutil.copyfile(own, kept)
    elif not kept.exists():
        shutil.copyfile(packaged("dagster.yaml"), kept)
    return home
