"""The version of this project, as it is installed."""

from importlib.metadata import version

VERSION = version("aegis-pipeline")
