"""The page of sources: which are late, since when, and whom to call; worst first."""

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import pairwise

from collector.clock import MINUTE_US
from collector.facts import Refusal, StoredRun
from collector.sources import STATES, SourceState, SourceView
from collector.store.errors import StoreError
from collector.web.feeds import Feed, feeds, views
from collector.web.site import Site
from collector.web.words.voice import Voice
from scoring.model import Status

_REFUSALS_SHOWN = 50
# Whichever status a mark stands for, a source's state looks like the status it leads to.
MARKS: Mapping[SourceState, Status] = {
    "wrong_content": "held",
    "future": "held",
    "partial": "held",
    "regressed": "held",
    "frozen": "stale",
    "held": "held",
    "never": "missing",
    "stale": "stale",
    "late": "stale",
    "fresh": "ok",
}


@dataclass(frozen=True, slots=True)
class RefusalRow:
    reason: str
    where: str
    got: str
    about: str | None


@dataclass(frozen=True, slots=True)
class SourceRow:
    id: str
    name: str
    owner: str
    state: SourceState
    mark: Status
    word: str
    fresh: bool
    data_us: int | None
    last: StoredRun | None
    next_us: int | None


@dataclass(frozen=True, slots=True)
class SourcePart:
    """A source with its last runs."""

    row: SourceRow
    runs: tuple[StoredRun, ...]
    failures: str | None
    accept: tuple[StoredRun, str] | None  # the newest run that waits, and the command that takes it
    refusing: StoredRun | None
    refusals: tuple[RefusalRow, ...]
    more: int
    close: bool  # some of its runs are less than a minute apart: their seconds matter


@dataclass(frozen=True, slots=True)
class SourcesView:
    parts: tuple[SourcePart, ...]
    away: bool
    late: int


def source_rows(found: tuple[SourceView, ...], voice: Voice) -> tuple[SourceRow, ...]:
    """Worst first, and in the order of the file."""
    ordered = sorted(found, key=lambda view: STATES.index(view.state))
    return tuple(_row(view, voice) for view in ordered)


def sources_view(site: Site, voice: Voice) -> SourcesView:
    """Without runs where the store cannot be read: how sources stand is known without it."""
    try:
        found, away = feeds(site), False
    except StoreError:
        found, away = tuple(Feed(view) for view in views(site)), True
    ordered = sorted(found, key=lambda feed: STATES.index(feed.view.state))
    parts = tuple(_part(site, feed, voice) for feed in ordered)
    return SourcesView(parts, away, sum(not part.row.fresh for part in parts))


def _row(view: SourceView, voice: Voice) -> SourceRow:
    return SourceRow(
        id=view.source.id,
        name=voice.name(view.source.name),
        owner=view.source.owner,
        state=view.state,
        mark=MARKS[view.state],
        word=voice.say(f"state_{view.state}"),
        fresh=view.state == "fresh",
        data_us=view.data_us,
        last=view.last,
        next_us=view.next_due_us,
    )


def _part(site: Site, feed: Feed, voice: Voice) -> SourcePart:
    failed = sum(run.outcome in {"failed", "held"} for run in feed.runs)
    return SourcePart(
        row=_row(feed.view, voice),
        runs=feed.runs,
        failures=voice.say("failures_of", failed=failed, count=len(feed.runs)) if failed else None,
        accept=_accept(feed),
        refusing=feed.refusing,
        refusals=tuple(_refusal(site, one, voice) for one in feed.refusals[:_REFUSALS_SHOWN]),
        more=max(0, len(feed.refusals) - _REFUSALS_SHOWN),
        close=any(
            0 < abs(one.ended_us - other.ended_us) < MINUTE_US for one, other in pairwise(feed.runs)
        ),
    )


def _accept(feed: Feed) -> tuple[StoredRun, str] | None:
    if not feed.waiting:
        return None
    newest = feed.waiting[0]
    return newest, f'chiso accept {newest.id} --reason ""'


def _refusal(site: Site, refusal: Refusal, voice: Voice) -> RefusalRow:
    series, settings = refusal.series, site.settings
    about = None
    if series is not None:
        agency, metric = settings.agencies.get(series.agency), settings.metrics.get(series.metric)
        names = [voice.name(each.name) for each in (agency, metric) if each is not None]
        about = ": ".join(names) or None
    return RefusalRow(voice.say(f"refused_{refusal.reason}"), refusal.where, refusal.got, about)
