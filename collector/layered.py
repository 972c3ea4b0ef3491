"""An immutable mapping whose next version costs what changed, not what it holds."""

from collections.abc import Iterator, Mapping
from typing import Any, Generic, TypeVar

K = TypeVar("K")
V = TypeVar("V")
# Newer layers are folded into the base once they have grown to this part of it.
_PART = 16
_ROOM = 64


class Layered(Mapping[K, V], Generic[K, V]):
    """A large base that versions share, and what is newer on top of it; None there says gone."""

    __slots__ = ("_base", "_newer")

    def __init__(self, base: Mapping[K, V]) -> None:
        """Of a mapping that nobody changes any more."""
        self._base = base
        self._newer: dict[K, V | None] = {}

    def with_changes(self, changes: Mapping[K, V | None]) -> "Layered[K, V]":
        """The next version; a value of None removes its key."""
        if not changes:
            return self
        newer = {**self._newer, **changes}
        if len(newer) > _ROOM + len(self._base) // _PART:
            return Layered(_folded(self._base, newer))
        following = Layered(self._base)
        following._newer = newer
        return following

    def __getitem__(self, key: K) -> V:
        found = self._newer[key] if key in self._newer else self._base[key]
        if found is None:
            raise KeyError(key)
        return found

    def get(self, key: K, default: Any = None) -> Any:
        """Without the raising and catching that a mapping's own `get` does."""
        found = self._newer.get(key, self._base)
        if found is self._base:
            return self._base.get(key, default)
        return default if found is None else found

    def __contains__(self, key: object) -> bool:
        if key in self._newer:
            return self._newer[key] is not None
        return key in self._base

    def __iter__(self) -> Iterator[K]:
        newer = self._newer
        yield from (key for key in self._base if key not in newer or newer[key] is not None)
        yield from (key for key, one in newer.items() if one is not None and key not in self._base)

    def __len__(self) -> int:
        base = self._base
        grown = sum((one is not None) - (key in base) for key, one in self._newer.items())
        return len(base) + grown

    def __repr__(self) -> str:
        return f"Layered({dict(self.items())!r})"


def _folded(base: Mapping[K, V], newer: Mapping[K, V | None]) -> dict[K, V]:
    whole: dict[K, Any] = {**base, **newer}
    for key in [key for key, one in newer.items() if one is None]:
        del whole[key]
    return whole


def layered(entries: Mapping[K, V]) -> Layered[K, V]:
    """The first version, where it is none already."""
    return entries if isinstance(entries, Layered) else Layered(entries)
