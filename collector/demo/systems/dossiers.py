"""A dossier system in the manner of VNPT iGate: a token endpoint, and pages of statistics."""

import secrets
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl

from collector.clock import SECOND_US
from collector.demo.counts import Count, Year
from collector.demo.province import FIRST_DAY, Unit, event_of
from collector.demo.systems.base import (
    Asked,
    Latest,
    Served,
    json_answer,
    not_found,
    out_of_order,
)

TOKEN_PATH = "/auth/realms/digo/protocol/openid-connect/token"  # noqa: S105  a path, no secret
# Long, so that a year pulled once a day does not log in for every pull.
TOKEN_LIFE_S = 7 * 86_400

Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Report:
    """A statistic by its fields and their metrics.

    `has_sum` says that its first row is the sum of all, as some reports have it. `of_period` names
    the parameters that bound the period whose totals it gives.
    """

    fields: Mapping[str, str]
    has_sum: bool = False
    of_period: tuple[str, str] | None = None


REPORTS: Mapping[str, Report] = {
    "/pa/dossier-statistic/--statistic-agency-kgg": Report(
        {
            "received": "dossiers_received",
            "resolved": "dossiers_resolved",
            "receivedOnline": "dossiers_online",
            "receivedWithFee": "fees_due",
            "onlinepaid_quantity": "fees_cashless",
        },
        has_sum=True,
        of_period=("from-date", "to-date"),
    ),
    "/pa/kgg-digitize/digitization-by-agency": Report(
        {
            "totalReceiver": "dossiers_received",
            "totalReceiverHavingFile": "dossiers_digitised",
            "totalComplete": "dossiers_resolved",
            "totalCompleteHavingFile": "results_digitised",
        },
        of_period=("from", "to"),
    ),
    "/pa/procedure-statistic/--online-by-agency": Report(
        {
            "eligibleFullProcess": "procedures_eligible",
            "fullProcess": "procedures_full_process",
            "onlineServices": "services_online",
            "onlineServicesWithDossier": "services_with_dossiers",
        }
    ),
}


class Dossiers:
    name = "dossiers"

    def __init__(self, year: Year) -> None:
        self._client_id = "chiso-" + secrets.token_hex(4)
        self._client_secret = secrets.token_urlsafe(24)
        self._tokens: dict[str, int] = {}
        self._lock = threading.Lock()
        self._rows = {path: Latest(_rows_of(report, year)) for path, report in REPORTS.items()}

    def environment(self, url: str) -> dict[str, str]:
        return {
            "DOSSIERS_URL": url,
            "IGATE_ID": self._client_id,
            "IGATE_SECRET": self._client_secret,
        }

    def answer(self, asked: Asked) -> Served:
        outage = event_of("outage", self.name, asked.at_us)
        if outage is not None:
            return out_of_order(outage)
        if asked.method == "POST" and asked.path == TOKEN_PATH:
            return self._token(asked)
        if asked.method != "GET" or asked.path not in REPORTS:
            return not_found()
        if not self._knows(asked):
            challenge = ("WWW-Authenticate", 'Bearer realm="digo", error="invalid_token"')
            return json_answer({"error": "invalid_token"}, status=401, headers=(challenge,))
        return self._page(asked)

    def _token(self, asked: Asked) -> Served:
        form = dict(parse_qsl(asked.body.decode(errors="replace")))
        if form.get("grant_type") != "client_credentials":
            return json_answer({"error": "unsupported_grant_type"}, status=400)
        given = f"{form.get('client_id')}:{form.get('client_secret')}"
        if not secrets.compare_digest(
            given.encode(), f"{self._client_id}:{self._client_secret}".encode()
        ):
            return json_answer({"error": "invalid_client"}, status=401)
        token = secrets.token_urlsafe(32)
        with self._lock:
            live = {known: end for known, end in self._tokens.items() if end > asked.at_us}
            self._tokens = live | {token: asked.at_us + TOKEN_LIFE_S * SECOND_US}
        return json_answer(
            {"access_token": token, "expires_in": TOKEN_LIFE_S, "token_type": "Bearer"}
        )

    def _knows(self, asked: Asked) -> bool:
        kind, _, token = asked.headers.get("authorization", "").partition(" ")
        return kind.lower() == "bearer" and self._tokens.get(token, 0) > asked.at_us

    def _page(self, asked: Asked) -> Served:
        rows = self._rows[asked.path].at(asked.at_us)
        period = REPORTS[asked.path].of_period
        if period is not None and not _is_this_year(asked, period):
            rows = [_emptied(row) for row in rows]
        try:
            page, size = int(asked.query.get("page", "0")), int(asked.query.get("size", "20"))
        except ValueError:
            return json_answer({"message": "page and size are numbers"}, status=400)
        return json_answer(_page_of(rows, page, max(size, 1), asked.at_us))


def _page_of(rows: list[Row], page: int, size: int, at_us: int) -> dict[str, Any]:
    """A page as Spring writes it."""
    content = rows[page * size : (page + 1) * size]
    total = len(rows)
    if event_of("miscounted", Dossiers.name, at_us):
        total += 1
    pages = -(-total // size)
    return {
        "content": content,
        "totalElements": total,
        "totalPages": pages,
        "size": size,
        "number": page,
        "numberOfElements": len(content),
        "first": page == 0,
        "last": page >= pages - 1,
    }


def _rows_of(report: Report, year: Year) -> Callable[[int], list[Row]]:
    def rows(at_us: int) -> list[Row]:
        made = [_row(report, unit, year, at_us) for unit in year.units]
        return [_sum_of(report, made), *made] if report.has_sum else made

    return rows


def _row(report: Report, unit: Unit, year: Year, at_us: int) -> Row:
    counts: dict[str, Count] = {
        field: year.at(unit.id, metric, at_us) for field, metric in report.fields.items()
    }
    return {"agency": {"code": unit.dossiers_code, "name": unit.name}, **counts}


def _sum_of(report: Report, rows: list[Row]) -> Row:
    sums = {field: sum(row[field] for row in rows) for field in report.fields}
    return {"agency": {"code": "", "name": "Toàn tỉnh"}, **sums}


def _emptied(row: Row) -> Row:
    return {key: value if key == "agency" else 0 for key, value in row.items()}


def _is_this_year(asked: Asked, period: tuple[str, str]) -> bool:
    """Only this year's totals are simulated; any other period had no dossiers."""
    year = str(FIRST_DAY.year)
    return all(asked.query.get(bound, "").startswith(year) for bound in period)
