"""`/api/v1`: the documents of what is published, and what became of it over time."""

from dataclasses import replace
from datetime import datetime
from typing import Annotated
from zoneinfo import ZoneInfo

from fastapi import APIRouter, HTTPException, Path, Query
from starlette.responses import JSONResponse, Response

from collector.documents import history_document
from collector.insight.level import level_document
from collector.periods import instant_us
from collector.web.api.models import (
    AgencyDocument,
    HistoryDocument,
    Lang,
    ScoreboardDocument,
    SourcesDocument,
)
from collector.web.current import Current, current
from collector.web.feeds import sources_document
from collector.web.levels import Levels
from collector.web.links import RankingKey
from collector.web.problems import answers
from collector.web.sheet import scoreboard_csv
from collector.web.site import Site

SetQuery = Annotated[
    str | None, Query(alias="set", description="A set in force; the first by id where left out.")
]
RankingQuery = Annotated[
    RankingKey, Query(description="`level`: at the latest data time that all of a block have.")
]
AgencyPath = Annotated[str, Path(description="The id of an agency.")]
_MOMENT = r"^\d{4}-\d\d-\d\d(T\d\d:\d\d(:\d\d(\.\d{1,6})?)?(Z|[+-]\d\d:\d\d)?)?$"


def api_routes(site: Site) -> APIRouter:
    router = APIRouter(prefix="/api/v1", responses=answers(400, 500))
    levels = Levels(site)

    @router.get("/scoreboard", response_model=ScoreboardDocument, responses=answers(404, 503))
    def scoreboard(set_id: SetQuery = None, ranking: RankingQuery = "live") -> Response:
        """The published scoreboard of one set."""
        one = current(site, set_id)
        if ranking == "level":
            return JSONResponse(level_document(levels.of(one)))
        return JSONResponse(one.scoreboard())

    @router.get(
        "/scoreboard.csv",
        response_class=Response,
        responses=answers(404, 503)
        | {200: {"content": {"text/csv": {"schema": {"type": "string"}}}}},
    )
    def scoreboard_sheet(
        set_id: SetQuery = None, lang: Lang | None = None, ranking: RankingQuery = "live"
    ) -> Response:
        """The agencies of the scoreboard; with `lang` as Excel set to that language reads it."""
        one = current(site, set_id)
        if ranking == "level":
            return _csv_response(replace(one, edition=levels.of(one).edition), lang, "-level")
        return _csv_response(one, lang)

    @router.get("/agencies/{agency}", response_model=AgencyDocument, responses=answers(404, 503))
    def agency_entry(agency: AgencyPath, set_id: SetQuery = None) -> Response:
        """One agency, with its indicators by group and the readings they came from."""
        return JSONResponse(current(site, set_id).agency(agency))

    @router.get(
        "/agencies/{agency}/history",
        response_model=HistoryDocument,
        responses=answers(404, 503),
    )
    def history(
        agency: AgencyPath,
        indicator: Annotated[str | None, Query(description="Left out: the score.")] = None,
        from_: Annotated[
            str | None,
            Query(alias="from", pattern=_MOMENT, description="A local day, or an instant."),
        ] = None,
        to: Annotated[
            str | None, Query(pattern=_MOMENT, description="Like `from`; itself left out.")
        ] = None,
        set_id: SetQuery = None,
    ) -> Response:
        """Every change published in [from, to), after what stood at `from`."""
        one = current(site, set_id)
        unit = _unit(one, agency, indicator)
        subject = f"agency/{agency}" + (f"/{indicator}" if indicator else "")
        zone = site.settings.zone
        from_us, to_us = _instant("from", from_, zone), _instant("to", to, zone)
        if from_us is not None and to_us is not None and from_us > to_us:
            raise HTTPException(400, f"from: {from_} is later than to: {to}")
        samples = site.store.history(one.set_id, subject, from_us, to_us)
        return JSONResponse(history_document(samples, agency, indicator, unit))

    @router.get("/sources", response_model=SourcesDocument, responses=answers(503))
    def sources() -> Response:
        """How every source stands, its last runs, and what was refused."""
        return JSONResponse(sources_document(site))

    return router


def _csv_response(one: Current, lang: Lang | None, suffix: str = "") -> Response:
    head = one.head
    bands = {band["id"]: band["name"][lang or "vi"] for band in head["bands"]}
    name = f"{one.set_id}-{one.edition.number}{suffix}.csv"
    return Response(
        scoreboard_csv(one.scoreboard(), bands, lang),
        media_type="text/csv",
        headers={"content-disposition": f'attachment; filename="{name}"'},
    )


def _unit(one: Current, agency: str, indicator: str | None) -> str:
    """The unit of a history; 404 for an agency or an indicator that nobody knows."""
    if agency not in one.settings.agencies:
        raise HTTPException(404, f"there is no agency {agency!r}")
    if indicator is None:
        return "points"
    units = {entry["id"]: entry["unit"] for entry in one.head["indicators"]}
    if indicator not in units:
        raise HTTPException(404, f"the set has no indicator {indicator!r}")
    return str(units[indicator])


def _instant(name: str, text: str | None, zone: ZoneInfo) -> int | None:
    """UTC microseconds of a local day's beginning or of an instant; 400 for what is neither."""
    if text is None:
        return None
    try:
        moment = datetime.fromisoformat(text)
        return instant_us(moment if moment.tzinfo else moment.replace(tzinfo=zone))
    except (ValueError, OverflowError) as error:
        raise HTTPException(400, f"{name}: {text!r} is no day and no instant") from error
