"""What only stored history can tell of a set: indicators that tell nobody apart."""

import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from collector.cells import Bodies
from collector.documents import Document
from collector.facts import Sample
from collector.periods import local
from collector.settings.build import digest
from collector.settings.draft import SetDraft, draft_set
from collector.settings.findings import Finding
from collector.settings.model import Settings
from collector.settings.part import Located
from collector.settings.read import read
from collector.settings.set_shape import IndicatorShape
from collector.store.store import Store

# A ceiling says something where there is somebody to tell apart.
_AGENCIES_MIN = 2
_KNOWN = ("ok", "stale")


def is_there(url: str) -> bool:
    """Whether a store may stand there: what is no file always may."""
    file = url.removeprefix("sqlite:///")
    return file == url or Path(file).exists()


def indicators_at_their_ceiling(
    settings: Settings, store: Store, environ: Mapping[str, str]
) -> Iterator[Finding]:
    """A warning for each indicator of which every agency always had all points, when known.

    Only scoreboards of the edition that the configuration has count, and only sets of which the
    newest scoreboard is one; StoreError where the store does not answer.
    """
    bodies = store.cells()
    for file in sorted(settings.folder.glob("indicators-*.yaml")):
        document, _ = read(file, environ)
        draft = draft_set(document)[0] if document else None
        if draft is None or draft.shape is None:
            continue
        set_id = draft.shape.value.id
        if json.loads(bodies.get((set_id, "set"), "{}")).get("digest") == digest(draft):
            yield from _of_set(settings, store, draft, set_id, bodies)


def _of_set(
    settings: Settings, store: Store, draft: SetDraft, set_id: str, bodies: Bodies
) -> Iterator[Finding]:
    since_us = _edition_since_us(store.history(set_id, "set"))
    for one in draft.indicators:
        subjects = _all_at_ceiling(one, set_id, bodies)
        if len(subjects) < _AGENCIES_MIN:
            continue
        lines = [_known(store.history(set_id, subject, since_us)) for subject in subjects]
        if all(_is_at_ceiling(body) for line in lines for _, body in line):
            first = local(min(at_us for line in lines for at_us, _ in line), settings.zone).date()
            has = f"all {len(subjects)} agencies have had all its {one.value.points.max:f} points"
            yield one.part.warning(f"{has} since {first}: it tells nobody apart", "points")


def _edition_since_us(samples: Sequence[Sample]) -> int:
    """When the newest edition of a set came into force."""
    since_us, digest_now = samples[-1].published_us, _said(samples[-1]).get("digest")
    for sample in reversed(samples):
        if _said(sample).get("digest") != digest_now:
            break
        since_us = sample.published_us
    return since_us


def _all_at_ceiling(one: Located[IndicatorShape], set_id: str, bodies: Bodies) -> list[str]:
    """The agencies that have the duty and data, where all of them now have all points."""
    if not one.value.points.max:
        return []
    found = {
        subject: json.loads(body)
        for (set_, subject), body in bodies.items()
        if set_ == set_id and _is_cell_of(subject, one.value.id)
    }
    counted = {subject: body for subject, body in found.items() if body["status"] in _KNOWN}
    return sorted(counted) if all(_is_at_ceiling(body) for body in counted.values()) else []


def _is_cell_of(subject: str, indicator: str) -> bool:
    kind, _, rest = subject.partition("/")
    return kind == "agency" and rest.partition("/")[2] == indicator


def _known(samples: Sequence[Sample]) -> list[tuple[int, Document]]:
    """The moments at which the figure was known, with what was said then."""
    said = [(sample.published_us, _said(sample)) for sample in samples]
    return [(at_us, body) for at_us, body in said if body.get("status") in _KNOWN]


def _said(sample: Sample) -> Document:
    body: Document = json.loads(sample.body or "{}")
    return body


def _is_at_ceiling(body: Document) -> bool:
    return bool(body["points"] == body["points_max"])
