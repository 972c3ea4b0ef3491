"""From page to page of an answer until all of it is there; a page missing or twice is an error."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from hashlib import sha256
from typing import Annotated, Any, Literal
from urllib.parse import urljoin

from pydantic import Field

from connectors.base import Model, SourceError
from connectors.numbers import read_number
from connectors.options import Limits
from connectors.query import Path
from connectors.reply import Reply

Place = Literal["query", "form", "json", "form_json"]
Rows = list[Any]


@dataclass(frozen=True, slots=True)
class Turn:
    """How one page is asked for: values for named parameters, or an address that replaces all."""

    page: int | None = None
    params: Mapping[str, int] | None = None
    url: str | None = None


@dataclass(frozen=True, slots=True)
class Page:
    """One page as it came."""

    reply: Reply
    body: Any
    rows: Rows


@dataclass(frozen=True, slots=True)
class Whole:
    """All rows, and how many the source said there are, where it says so."""

    rows: tuple[Any, ...]
    declared: int | None


class _Counted(Model):
    """`total`: JMESPath to the number of all rows; `count`: to the number of rows in a page."""

    total: Path | None = None
    count: Path | None = None


class Single(_Counted):
    type: Literal["none", "single"] = "single"

    def first(self) -> Turn:
        return Turn()

    def next(self, _turn: Turn, _page: Page, _seen: int, _total: int | None) -> Turn | None:
        return None


class PageNumber(_Counted):
    """`param`, or the place {page}, counts pages from `start`; `where` says what carries it."""

    type: Literal["page_number"]
    param: str | None = None
    start: int = 1
    size_param: str | None = None
    size: int | None = Field(default=None, ge=1)
    where: Place = Field(default="query", alias="in")

    def first(self) -> Turn:
        return self._turn(self.start)

    def next(self, turn: Turn, page: Page, seen: int, total: int | None) -> Turn | None:
        if _is_last(page, seen, total, self.size):
            return None
        return self._turn((self.start if turn.page is None else turn.page) + 1)

    def _turn(self, number: int) -> Turn:
        counted = {} if self.param is None else {self.param: number}
        return Turn(number, {**counted, **_size(self.size_param, self.size)})


class Offset(_Counted):
    """`param`, or the place {page}, counts rows from `start`: it moves on by the rows that came."""

    type: Literal["offset"]
    param: str | None = None
    start: int = 0
    size_param: str | None = None
    size: int | None = Field(default=None, ge=1)
    where: Place = Field(default="query", alias="in")

    def first(self) -> Turn:
        return self._turn(self.start)

    def next(self, _turn: Turn, page: Page, seen: int, total: int | None) -> Turn | None:
        return None if _is_last(page, seen, total, self.size) else self._turn(self.start + seen)

    def _turn(self, number: int) -> Turn:
        counted = {} if self.param is None else {self.param: number}
        return Turn(number, {**counted, **_size(self.size_param, self.size)})


class LinkHeader(_Counted):
    """RFC 8288: the address of the next page stands in the header `Link` with rel=next."""

    type: Literal["link_header"]
    size_param: str | None = None
    size: int | None = Field(default=None, ge=1)
    where: Place = Field(default="query", alias="in")

    def first(self) -> Turn:
        return Turn(params=_size(self.size_param, self.size))

    def next(self, _turn: Turn, page: Page, _seen: int, _total: int | None) -> Turn | None:
        url = page.reply.links.get("next")
        return Turn(url=url) if url else None


class NextLink(_Counted):
    """The address of the next page stands in the body, whole or relative; null on the last."""

    type: Literal["next_link"]
    next_url: Path = Field(alias="next")
    size_param: str | None = None
    size: int | None = Field(default=None, ge=1)
    where: Place = Field(default="query", alias="in")

    def first(self) -> Turn:
        return Turn(params=_size(self.size_param, self.size))

    def next(self, _turn: Turn, page: Page, _seen: int, _total: int | None) -> Turn | None:
        url = self.next_url.of(page.body)
        if url is None or url == "":
            return None
        if not isinstance(url, str):
            raise _broken(page, f"{self.next_url.text!r} is no address")
        return Turn(url=url)


Pages = Annotated[Single | PageNumber | Offset | LinkHeader | NextLink, Field(discriminator="type")]


def all_pages(pages: Pages, ask: Callable[[Turn], Page], limits: Limits) -> Whole:
    """Ask page after page; SourceError("content") for a page that comes twice.

    So too for a total that changes on the way, and beyond `max_pages` and `max_records`.
    """
    rows: list[Any] = []
    declared: int | None = None
    for page in _turns(pages, ask, limits, rows):
        total = _number(pages.total, page)
        if declared is not None and total != declared:
            raise _broken(page, f"the total changed from {declared} to {total} between pages")
        declared = total
    return Whole(tuple(rows), declared)


def _turns(
    pages: Pages, ask: Callable[[Turn], Page], limits: Limits, rows: list[Any]
) -> Iterator[Page]:
    """Each page, its rows already added to `rows`."""
    turn: Turn | None = pages.first()
    shapes: set[str] = set()
    number = 0
    while turn is not None:
        number += 1
        if number > limits.max_pages:
            raise SourceError(f"more than {limits.max_pages} pages", reason="content")
        page = ask(turn)
        _check(pages, page, number, shapes)
        rows += page.rows
        if len(rows) > limits.max_records:
            raise _broken(page, f"more than {limits.max_records} rows")
        yield page
        turn = pages.next(turn, page, len(rows), _number(pages.total, page))


def _check(pages: Pages, page: Page, number: int, shapes: set[str]) -> None:
    count = _number(pages.count, page)
    if count is not None and count != len(page.rows):
        raise _broken(page, f"page {number} says it has {count} rows and has {len(page.rows)}")
    shape = sha256(repr(page.rows).encode()).hexdigest()
    if page.rows and shape in shapes:
        raise _broken(page, f"page {number} is a page that came before")
    shapes.add(shape)


def _is_last(page: Page, seen: int, total: int | None, size: int | None) -> bool:
    """By the total where there is one; else a page that is short, or empty."""
    if not page.rows:
        return True
    if total is not None:
        return seen >= total
    return size is not None and len(page.rows) < size


def _number(path: Path | None, page: Page) -> int | None:
    if path is None:
        return None
    raw = path.of(page.body)
    number = read_number(raw, "plain")
    if isinstance(number, str) or not number.is_finite() or number != int(number) or number < 0:
        raise _broken(page, f"{path.text!r} is no number of rows")
    return int(number)


def _size(param: str | None, size: int | None) -> dict[str, int]:
    return {param: size} if param is not None and size is not None else {}


def _broken(page: Page, problem: str) -> SourceError:
    return SourceError(f"{page.reply.url}: {problem}", reason="content")


def joined(base: str, link: str) -> str:
    """A link as a whole address, seen from the address that was asked."""
    try:
        return urljoin(base, link)
    except ValueError:
        raise SourceError("the next page's address is none", reason="content") from None
