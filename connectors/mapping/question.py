"""A listing of rows as it is asked, page by page: what no pull changes of it is worked out once."""

from dataclasses import replace
from typing import Any

from connectors.base import Ask, SourceError
from connectors.fetch.line import Http
from connectors.fetch.options import Limits
from connectors.fetch.reply import Reply
from connectors.fetch.words import Words
from connectors.mapping.csv_rows import csv_rows
from connectors.mapping.pages import Page, Turn, Whole, all_pages, first_page, joined
from connectors.mapping.presence import names_in
from connectors.mapping.request import Listing
from connectors.mapping.sendable import Sendable, is_fixed, sendable
from connectors.mapping.template import Filling


class Question:
    """What is asked, and where its rows are; `where` is how a message calls it."""

    def __init__(self, listing: Listing, where: str) -> None:
        self._listing = listing
        self._where = where
        self._words = Words(listing.busy_when, listing.error_message, guesses=True)
        self._fixed = sendable(listing, Turn(), Filling()) if is_fixed(listing) else None

    def whole(self, filling: Filling, ask: Ask, limits: Limits) -> Whole:
        """All pages, or the one that is saved; SourceError where one cannot be had."""

        def page_of(turn: Turn) -> Page:
            sent = self._fixed or sendable(self._listing, turn, filling._replace(page=turn.page))
            return self._page(sent, turn, ask, limits)

        http, pages = ask.http, self._listing.pages
        if not http.has_one_page:
            return all_pages(pages, page_of, limits)
        whole, more = first_page(pages, page_of)
        if more:
            http.went_on()
        return whole

    def _page(self, sent: Sendable, turn: Turn, ask: Ask, limits: Limits) -> Page:
        http, words = ask.http, self._words
        if words.busy_when is not None:
            words = replace(words, busy_wait_s=limits.busy_wait_s)
        reply = http.send(
            self._listing.method,
            sent.path if turn.url is None else joined(http.absolute(sent.path), turn.url),
            query=sent.query,
            headers=sent.headers,
            form=sent.form,
            json=sent.json_body,
            hidden=sent.hidden,
            words=words,
        )
        body = self._body(reply)
        words.check_busy(body, reply, http.hiding, ask.now)
        self._check_ok(body, reply.url, words, http)
        return Page(reply, body, self._rows(body))

    def _body(self, reply: Reply) -> Any:
        listing = self._listing
        return reply.json() if listing.format == "json" else csv_rows(reply, listing.delimiter)

    def _check_ok(self, body: Any, shown: str, words: Words, http: Http) -> None:
        ok_when = self._listing.ok_when
        if ok_when is not None and not ok_when.holds(body):
            said = words.said(body, http.hiding())
            raise SourceError(f"{shown}: {ok_when.text!r} does not hold{said}", reason="content")

    def _rows(self, body: Any) -> list[Any]:
        records = self._listing.records
        rows = records.of(body)
        if not isinstance(rows, list):
            what = "is not there" if rows is None else "is no array"
            words = f"{self._where}: records `{records.text}` {what}; the answer has: "
            raise SourceError(words + names_in(body, records), reason="content")
        return rows
