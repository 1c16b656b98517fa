"""nano-vectordb sets up the logging of the whole program when it is imported: here it is imported, and that undone.

Without this, a program that uses our graph has every event of it printed. To be imported before LightRAG's storages.
"""

import logging

_root = logging.getLogger()
_handlers, _level = list(_root.handlers), _root.level

import nano_vectordb  # noqa: E402, F401 - between the two halves of what this module does

_root.handlers[:] = _handlers
_root.setLevel(_level)
