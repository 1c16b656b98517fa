"""Words in names that are no names themselves, as data (``word_lists.toml``)."""

import tomllib
from importlib.resources import files

_LISTS = tomllib.loads(files("aegis_pipeline.entities").joinpath("word_lists.toml").read_text(encoding="utf-8"))

TITLES = frozenset(_LISTS["titles"].split())
LINKING = frozenset(_LISTS["linking"].split())
LEGAL_FORMS = frozenset(_LISTS["legal_forms"].split())
COMPANY = LEGAL_FORMS | frozenset(_LISTS["company"].split())
KINDS = frozenset(_LISTS["kinds"].split())
GENERATIONS = frozenset(_LISTS["generations"].split())
