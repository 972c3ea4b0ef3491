"""All faults against one way of speaking: the places, a process that pulls, and its verdicts."""

import json
import subprocess
import sys
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from tests.faults.certificates import Certificates
from tests.faults.fault_server import Entry, serving
from tests.faults.faults import Fault
from tests.faults.grounds import Site
from tests.faults.judge import LATE_S, TOTAL_S
from tests.faults.puller import Task, Verdict
from tests.faults.speakers import SPEAKERS, Speaker
from tests.faults.table import FAULTS
from tests.makers import Draft, named

ROOT = Path(__file__).parent.parent.parent
ATTEMPTS = 2
LIMITS = {
    "attempts": ATTEMPTS,
    "connect_s": 0.3,
    "read_s": 0.6,
    "total_s": TOTAL_S,
    "wait_s": 0.0,
    "max_pages": 20,
    "max_bytes": 5_000_000,
}


@dataclass(frozen=True)
class Record:
    """What became of all faults, what the servers sent, and all that was shown or stored.

    `visits` counts the connections to places of their own.
    """

    verdicts: Mapping[str, Verdict]
    ledger: Sequence[Entry]
    visits: Mapping[str, int]
    seen: str

    def answers(self, fault: Fault) -> list[Entry]:
        """Those that the fault itself gave."""
        return [entry for entry in self.ledger if entry.fault == fault.id and entry.act]


def met_by(speaker: str) -> tuple[Fault, ...]:
    return tuple(fault for fault in FAULTS if speaker in fault.only)


def recorded(name: str, folder: Path, certificates: Certificates) -> Record:
    """Pull each of a speaker's faults in a process of its own; takes about half a minute."""
    speaker, faults = SPEAKERS[name], met_by(name)
    parts = {fault.id: speaker.part(fault.act, fault.strikes) for fault in faults}
    with ExitStack() as stack:
        server = stack.enter_context(serving(parts))
        sites = {
            fault.id: Site(f"http://127.0.0.1:{server.port}/{fault.id}")
            if fault.ground is None
            else fault.ground(stack, fault.id, parts[fault.id], certificates)
            for fault in faults
        }
        _drafted(faults, sites, speaker).write(folder / "config")
        warm = tuple(fault.id for fault in faults if fault.is_warm)
        server.armed.update(parts.keys() - set(warm))
        task = Task(tuple(parts), warm, server.port, TOTAL_S + LATE_S)
        *lines, shown = _lines(folder, task)
    # Now that the servers have ended, their ledgers are whole.
    verdicts = [Verdict(**{**line, "refused": tuple(line["refused"])}) for line in lines]
    seen = [shown, *(repr(one) for one in verdicts), *stored(folder)]
    return Record(
        {one.source: one for one in verdicts},
        server.ledger + [entry for site in sites.values() for entry in site.ledger()],
        {name: site.visits() for name, site in sites.items()},
        "\n".join(seen),
    )


def _drafted(faults: tuple[Fault, ...], sites: Mapping[str, Site], speaker: Speaker) -> Draft:
    draft = Draft()
    for fault in faults:
        described(draft, fault.id, fault, sites[fault.id], speaker)
    return draft


def described(
    draft: Draft, source: str, fault: Fault, site: Site, speaker: Speaker, **more: object
) -> None:
    """Add a source that meets the fault, and a metric of its own."""
    metric = f"m_{source.replace('-', '_')}"
    kind = {"kind": speaker.kind, "unit": "things", "name": named("Số", "Number")}
    draft.metrics["metrics"][metric] = {**kind, "range": [0, 1_000_000], **fault.metric}
    draft.sources[source] = {
        "connector": speaker.connector,
        "name": named("Nguồn", "Source"),
        "owner": "Văn phòng",
        "schedule": {"every": "15m"},
        "freshness": {"late_after": "45m", "stale_after": "3d"},
        "base_url": site.url,
        "allow": ["base_url"],
        "limits": LIMITS,
        **speaker.options(metric),
        **fault.source,
        **site.options,
        **more,
    }


def _lines(folder: Path, task: Task) -> list[Any]:
    command = [sys.executable, "-m", "tests.faults.puller", str(folder)]
    done = subprocess.run(
        command,
        cwd=ROOT,
        input=json.dumps(asdict(task)),
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )
    assert done.returncode == 0, done.stderr
    return [json.loads(line) for line in done.stdout.splitlines()]


def stored(folder: Path) -> list[str]:
    return [file.read_bytes().decode("latin-1") for file in folder.glob("chiso.db*")]
