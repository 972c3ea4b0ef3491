"""From page to page of an answer until all of it is there; a page missing or twice is an error."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from hashlib import sha256
from typing import Annotated, Any, Literal, NamedTuple
from urllib.parse import urljoin

from pydantic import Field

from connectors.base import Model, SourceError
from connectors.fetch.options import Limits
from connectors.fetch.reply import Reply
from connectors.mapping.presence import names_in
from connectors.numbers import read_number
from connectors.query import Path, Query

Place = Literal["query", "form", "json", "form_json"]
Rows = list[Any]


class Turn(NamedTuple):
    """How one page is asked for: values for named parameters, or an address that replaces all."""

    page: int | None = None
    params: Mapping[str, Any] | None = None
    url: str | None = None


_ONLY = Turn()


class Page(NamedTuple):
    """One page as it came."""

    reply: Reply
    body: Any
    rows: Rows


class Whole(NamedTuple):
    """All rows, and how many the source said there are, where it says so."""

    rows: Sequence[Any]
    declared: int | None


class _Counted(Model):
    total: Path | None = None
    """JMESPath to the number of all rows; as many must come."""
    count: Path | None = None
    """JMESPath to the number of rows in a page; as many must be there."""
    has_more: Path | None = None
    """JMESPath that holds while there are more pages; it then decides where the end is."""


class _Sized(_Counted):
    size_param: str | None = None
    """The parameter that says how many rows a page has."""
    size: int | None = Field(default=None, ge=1)
    """How many rows a page has; without a total, a shorter one is the last."""
    where: Place = Field(default="query", alias="in")
    """What carries these parameters."""

    def sized(self) -> dict[str, Any]:
        if self.size_param is None or self.size is None:
            return {}
        return {self.size_param: self.size}

    def is_last(self, page: Page, seen: int, total: int | None) -> bool:
        """By what says whether there is more, else the total, else a page short or empty."""
        if self.has_more is not None:
            return not _goes_on(self.has_more, page)
        if not page.rows:
            return True
        if total is not None:
            return seen >= total
        return self.size is not None and len(page.rows) < self.size


class Single(_Counted):
    """One page, and that is all; `has_more` must not hold."""

    type: Literal["none", "single"] = "single"

    def first(self) -> Turn:
        return _ONLY

    def next(self, _turn: Turn, page: Page, _seen: int, _total: int | None) -> Turn | None:
        if self.has_more is not None and self.has_more.holds(page.body):
            raise _broken(page, f"there are more pages: {self.has_more.text!r} holds")
        return None


class PageNumber(_Sized):
    """`param`, or the place {page}, counts pages."""

    type: Literal["page_number"]
    param: str | None = None
    """The parameter that counts pages."""
    start: int = 1
    """The number of the first page."""

    def first(self) -> Turn:
        return self._turn(self.start)

    def next(self, turn: Turn, page: Page, seen: int, total: int | None) -> Turn | None:
        if self.is_last(page, seen, total):
            return None
        return self._turn((self.start if turn.page is None else turn.page) + 1)

    def _turn(self, number: int) -> Turn:
        counted = {} if self.param is None else {self.param: number}
        return Turn(number, {**counted, **self.sized()})


class Offset(_Sized):
    """`param`, or the place {page}, counts rows: it moves on by the rows that came."""

    type: Literal["offset"]
    param: str | None = None
    """The parameter that counts rows."""
    start: int = 0
    """The number of the first row."""

    def first(self) -> Turn:
        return self._turn(self.start)

    def next(self, _turn: Turn, page: Page, seen: int, total: int | None) -> Turn | None:
        return None if self.is_last(page, seen, total) else self._turn(self.start + seen)

    def _turn(self, number: int) -> Turn:
        counted = {} if self.param is None else {self.param: number}
        return Turn(number, {**counted, **self.sized()})


class LinkHeader(_Sized):
    """RFC 8288: the address of the next page stands in the header `Link` with rel=next."""

    type: Literal["link_header"]

    def first(self) -> Turn:
        return Turn(params=self.sized())

    def next(self, _turn: Turn, page: Page, _seen: int, _total: int | None) -> Turn | None:
        url = page.reply.links.get("next")
        return Turn(url=url) if url else None


class NextLink(_Sized):
    """The address of the next page stands in the body, whole or relative; null on the last."""

    type: Literal["next_link"]
    next_url: Path = Field(alias="next")
    """JMESPath to that address."""

    def first(self) -> Turn:
        return Turn(params=self.sized())

    def next(self, _turn: Turn, page: Page, _seen: int, _total: int | None) -> Turn | None:
        url = self.next_url.of(page.body)
        if url is None or url == "":
            return None
        if not isinstance(url, str):
            raise _broken(page, f"{self.next_url.text!r} is no address")
        return Turn(url=url)


class Cursor(_Sized):
    """Each page says where the next one begins; the first is asked for without that."""

    type: Literal["cursor"]
    param: str
    """The parameter that carries it; what is no text or number goes as compact JSON."""
    cursor: Path
    """JMESPath to where the next page begins; null or empty on the last one."""

    def first(self) -> Turn:
        return Turn(params=self.sized())

    def next(self, turn: Turn, page: Page, _seen: int, _total: int | None) -> Turn | None:
        if self.has_more is not None and not _goes_on(self.has_more, page):
            return None
        begins = self.cursor.of(page.body)
        if begins in (None, "", False, [], {}):
            return None
        if (turn.params or {}).get(self.param) == begins:
            raise _broken(page, "the next page begins where this one did")
        return Turn(params={self.param: begins, **self.sized()})


Pages = Annotated[
    Single | PageNumber | Offset | LinkHeader | NextLink | Cursor, Field(discriminator="type")
]


def all_pages(pages: Pages, ask: Callable[[Turn], Page], limits: Limits) -> Whole:
    """Ask page after page; SourceError("content") for a page that comes twice.

    So too for a total that changes on the way, and beyond `max_pages` and `max_records`.
    """
    if isinstance(pages, Single):
        return _only_page(pages, ask(_ONLY), limits)
    rows: list[Any] = []
    declared: int | None = None
    for page, total in _turns(pages, ask, limits, rows):
        if declared is not None and total != declared:
            raise _broken(page, f"the total changed from {declared} to {total} between pages")
        declared = total
    return Whole(rows, declared)


def first_page(pages: Pages, ask: Callable[[Turn], Page]) -> tuple[Whole, bool]:
    """What one page alone has, and whether it is not all; how many there are is not asked."""
    turn = pages.first()
    page = ask(turn)
    total = _number(pages.total, page, "total")
    try:
        more = pages.next(turn, page, len(page.rows), total) is not None
    except SourceError:  # it says that there are more, where none can be asked for
        more = True
    return Whole(page.rows, None), more


def _only_page(pages: Single, page: Page, limits: Limits) -> Whole:
    _check_count(pages, page, 1)
    _check_size(page, len(page.rows), limits)
    total = _number(pages.total, page, "total")
    pages.next(_ONLY, page, len(page.rows), total)
    return Whole(page.rows, total)


def _turns(
    pages: Pages, ask: Callable[[Turn], Page], limits: Limits, rows: list[Any]
) -> Iterator[tuple[Page, int | None]]:
    """Each page, its rows already added to `rows`, and the total that it tells."""
    turn: Turn | None = pages.first()
    shapes: set[bytes] = set()
    number = 0
    while turn is not None:
        number += 1
        if number > limits.max_pages:
            raise SourceError(f"more than {limits.max_pages} pages", reason="content")
        page = ask(turn)
        _check_count(pages, page, number)
        if number > 1:  # most answers have one page, whose shape nobody asks for
            shapes = shapes or {_shape(rows)}
            _check_new(page, number, shapes)
        rows += page.rows
        _check_size(page, len(rows), limits)
        total = _number(pages.total, page, "total")
        yield page, total
        turn = pages.next(turn, page, len(rows), total)


def _check_size(page: Page, seen: int, limits: Limits) -> None:
    if seen > limits.max_records:
        raise _broken(page, f"more than {limits.max_records} rows")


def _check_count(pages: Pages, page: Page, number: int) -> None:
    count = _number(pages.count, page, "count")
    if count is not None and count != len(page.rows):
        raise _broken(page, f"page {number} says it has {count} rows and has {len(page.rows)}")


def _check_new(page: Page, number: int, shapes: set[bytes]) -> None:
    shape = _shape(page.rows)
    if page.rows and shape in shapes:
        raise _broken(page, f"page {number} is a page that came before")
    shapes.add(shape)


def _shape(rows: Rows) -> bytes:
    return sha256(repr(rows).encode()).digest()


def _goes_on(has_more: Query, page: Page) -> bool:
    more = has_more.holds(page.body)
    if more and not page.rows:
        raise _broken(
            page, f"a page without rows says that there are more: {has_more.text!r} holds"
        )
    return more


def _number(path: Path | None, page: Page, key: str) -> int | None:
    if path is None:
        return None
    raw = path.of(page.body)
    number = read_number(raw, "plain")
    if isinstance(number, str) or not number.is_finite() or number != int(number) or number < 0:
        there = f"the answer has: {names_in(page.body, path)}"
        raise _broken(page, f"pages.{key} `{path.text}` is no number of rows; {there}")
    return int(number)


def _broken(page: Page, problem: str) -> SourceError:
    return SourceError(f"{page.reply.url}: {problem}", reason="content")


def joined(base: str, link: str) -> str:
    """A link as a whole address, seen from the address that was asked."""
    try:
        return urljoin(base, link)
    except ValueError:
        raise SourceError("the next page's address is none", reason="content") from None
