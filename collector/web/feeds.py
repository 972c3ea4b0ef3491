"""How the sources stand, with their last runs and what was refused, as pages and API show it."""

from dataclasses import dataclass

from collector.accept import waiting_of
from collector.cells import name_body
from collector.documents import Document, run_entry
from collector.facts import Refusal, StoredRun
from collector.periods import iso
from collector.sources import SourceView, source_views
from collector.store.store import Store
from collector.web.site import Site

RUNS = 20
_REFUSALS_MAX = 1000


@dataclass(frozen=True)
class Feed:
    """A source; `refusals` are those of `refusing`, the newest of its last runs that refused.

    `waiting` are those of its last runs that may still be accepted, the newest first.
    """

    view: SourceView
    runs: tuple[StoredRun, ...] = ()
    refusing: StoredRun | None = None
    refusals: tuple[Refusal, ...] = ()
    waiting: tuple[StoredRun, ...] = ()


def views(site: Site) -> tuple[SourceView, ...]:
    """In the order of the configuration; reads no store."""
    return source_views(site.settings, site.published(), site.next_due_us(), site.now_us())


def feeds(site: Site) -> tuple[Feed, ...]:
    """In the order of the configuration; StoreError when the runs cannot be read."""
    return tuple(_feed(view, site.store) for view in views(site))


def sources_document(site: Site) -> Document:
    """`GET /api/v1/sources`."""
    return {"at": iso(site.now_us()), "sources": [_entry(feed) for feed in feeds(site)]}


def _feed(view: SourceView, store: Store) -> Feed:
    runs = store.runs(view.source.id, limit=RUNS)
    refusing = next((run for run in runs if run.refused), None)
    waiting = waiting_of(runs, store)
    if refusing is None:
        return Feed(view, runs, waiting=waiting)
    return Feed(view, runs, refusing, store.refusals(refusing.id)[:_REFUSALS_MAX], waiting)


def _entry(feed: Feed) -> Document:
    view = feed.view
    return {
        "id": view.source.id,
        "name": name_body(view.source.name),
        "owner": view.source.owner,
        "state": view.state,
        "up": view.up,
        "data_at": _iso(view.data_us),
        "last_attempt_at": _iso(view.last.ended_us if view.last else None),
        "last_success_at": _iso(view.last_ok.ended_us if view.last_ok else None),
        "next_due_at": _iso(view.next_due_us),
        "waiting": [run.id for run in feed.waiting],
        "runs": [run_entry(run) for run in feed.runs],
        "refusals": [_refusal_entry(feed.refusing, one) for one in feed.refusals],
    }


def _iso(at_us: int | None) -> str | None:
    return None if at_us is None else iso(at_us)


def _refusal_entry(run: StoredRun | None, refusal: Refusal) -> Document:
    series = refusal.series
    return {
        "run": run.id if run else None,
        "reason": refusal.reason,
        "where": refusal.where,
        "got": refusal.got,
        "metric": series.metric if series else None,
        "agency": series.agency if series else None,
    }
