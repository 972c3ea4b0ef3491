"""Changes between two scoreboards for pages and API: worked out once, since both never change."""

from functools import lru_cache

from fastapi import HTTPException

from collector.documents import Document
from collector.insight.changes import (
    ChangesError,
    Comparison,
    UnknownError,
    changes_document,
    compare,
)
from collector.insight.moments import NoMomentError, number_a_day_before, number_of
from collector.insight.recompute import NotKeptError
from collector.settings.findings import ConfigErrors
from collector.web.current import Current
from collector.web.site import Site

_KEPT = 8


class Movements:
    """Comparisons of scoreboards of one store; the newest few are kept, for all agencies."""

    def __init__(self, site: Site) -> None:
        self._site = site
        self._compared = lru_cache(maxsize=_KEPT)(self._compare)

    def document(
        self, one: Current, agency: str, from_: str | None = None, to: str | None = None
    ) -> Document:
        """400 for what means no scoreboards in their order, 404 for what is not there.

        409 where the configuration of today makes other scores of one of them.
        """
        try:
            second = self._number("to", to) if to else one.edition.number
            first = self._number("from", from_) if from_ else self._day_before(second)
            if second < first:
                detail = f"from: scoreboard {first} is newer than {second}"
                raise HTTPException(400, detail)
            return changes_document(self._compared(one.set_id, first, second), agency)
        except NoMomentError as error:
            raise HTTPException(400, str(error)) from error
        except UnknownError as error:
            raise HTTPException(404, str(error)) from error
        except (ChangesError, NotKeptError, ConfigErrors) as error:
            raise HTTPException(409, str(error)) from error

    def _compare(self, set_id: str, first: int, second: int) -> Comparison:
        return compare(self._site.settings, self._site.store, set_id, first, second)

    def _number(self, name: str, when: str) -> int:
        number = number_of(self._site.store, when, self._site.settings.zone)
        if number is None:
            raise UnknownError(f"{name}: there is no scoreboard of {when}")
        return number

    def _day_before(self, number: int) -> int:
        before = number_a_day_before(self._site.store, number, self._site.settings.zone)
        if before is None:
            raise UnknownError("there is no scoreboard of a day before")
        return before
