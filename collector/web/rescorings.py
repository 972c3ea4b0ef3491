"""Stored rescorings for pages and API: they never change, so what was read of them is kept."""

from functools import lru_cache

from fastapi import HTTPException

from collector.documents import Document
from collector.insight.rescore import rescoring_document
from collector.insight.rescored import ended, listed
from collector.web.site import Site

_KEPT = 32
_WHOLE_KEPT = 4
NEWEST = 3


class Rescorings:
    """Of one store; StoreError where it does not answer."""

    def __init__(self, site: Site) -> None:
        self._site = site
        self._ended = lru_cache(maxsize=_KEPT)(self._read_end)
        self._whole = lru_cache(maxsize=_WHOLE_KEPT)(self._read_whole)

    def listed(self) -> Document:
        """All of them, the newest first."""
        return {"rescorings": [listed(self._ended(number)) for number in self._numbers()]}

    def document(self, number: int) -> Document:
        """What the command told of it; 404 where there is none."""
        if number not in self._numbers():
            raise HTTPException(404, f"there is no rescoring {number}")
        return self._whole(number)

    def ends(self) -> tuple[Document, ...]:
        """How the newest few ended, the newest first."""
        return tuple(self._ended(number) for number in self._numbers()[:NEWEST])

    def _numbers(self) -> list[int]:
        return sorted(self._site.store.rescorings(), reverse=True)

    def _read_end(self, number: int) -> Document:
        return ended(self._site.store, number) or {}

    def _read_whole(self, number: int) -> Document:
        site = self._site
        return rescoring_document(site.store, number, site.settings.zone) or {}
