"""Which set a command is told to score by: a file, an id of the configuration, or a digest."""

import os
from pathlib import Path

from collector.commands.common import usage_error, warn
from collector.documents import Document
from collector.insight.recompute import NotKeptError, rules_of
from collector.settings.findings import hint
from collector.settings.load import load_trial
from collector.settings.model import SetSpec, Settings
from collector.store.store import Store


def set_named(settings: Settings, store: Store, text: str) -> SetSpec:
    """The set, once the warnings of its file are told; ConfigErrors where that is wrong.

    Wrong usage where there is none.
    """
    if text.startswith("sha256:"):
        try:
            return rules_of(settings, store, text)
        except NotKeptError as error:
            raise usage_error(str(error)) from error
    if text.endswith((".yaml", ".yml")):
        spec, warnings = load_trial(settings.folder, Path(text), environ=os.environ)
        for each in warnings:
            warn(f"warning: {each}")
        return spec
    known = {spec.id: spec for spec in settings.sets}
    if text not in known:
        said = f"--set {text}: neither an id of the configuration nor a file *.yaml"
        raise usage_error(f"{said}{hint(text, known)}")
    return known[text]


def live_set(settings: Settings, store: Store, spec: SetSpec, text: str | None) -> SetSpec:
    """The set on the newest scoreboard to hold another against: that of its id, or the first."""
    known = {set_id: body for (set_id, subject), body in store.cells().items() if subject == "set"}
    if text is not None and text not in known:
        there = ", ".join(sorted(known)) or "no sets"
        raise usage_error(f"--against {text}: on the scoreboard are {there}")
    editions = [one for one in settings.sets if one.id in known]
    wanted = text or (spec.id if spec.id in known else min(known, default=None))
    found = [one for one in editions if one.id == wanted and one.scoring.digest in known[one.id]]
    if not found:
        raise usage_error("the configuration does not have the set that the scoreboard is of")
    return found[0]


def told_apart(live: Document, tried: Document) -> tuple[str, str]:
    """What two sets are called; of one id, with the beginning of their digests."""
    if live["id"] != tried["id"]:
        return live["id"], tried["id"]
    return _with_digest(live), _with_digest(tried)


def _with_digest(head: Document) -> str:
    return f"{head['id']} ({head['digest'].removeprefix('sha256:')[:8]})"
