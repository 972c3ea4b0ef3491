"""The store room: facts go in by whole transactions, never change, and are read as known then.

`Store` is its door: open a URL, write inside `writing()`, read with the other methods.
"""

from collector.store.boards import ScoreboardRow
from collector.store.errors import StoreError, StoreErrorKind
from collector.store.store import Store
from collector.store.write import Writing

__all__ = ["ScoreboardRow", "Store", "StoreError", "StoreErrorKind", "Writing"]
