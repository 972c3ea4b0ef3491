"""What the log says of a run."""

from typing import Literal

from collector.facts import Run
from collector.logs import Log

Standing = Literal["well", "failing"]
_RESTATED_SHOWN = 20


def report(run: Run, duration_s: float, log: Log, standing: dict[str, Standing]) -> None:
    """One line a run, and one more when a source begins to fail or recovers.

    `standing` remembers who fails, to say so only once.
    """
    log.info(
        "run",
        source=run.source,
        outcome=run.outcome,
        received=run.received,
        admitted=len(run.admitted),
        refused=len(run.refusals),
        requests=len(run.requests),
        duration_s=round(duration_s, 3),
        **({"verdict": run.track.verdict} if run.track.verdict else {}),
        **({"past": run.past} if run.past else {}),
    )
    if run.restated:
        log.info("totals restated", source=run.source, restated=_restated_lines(run))
    if run.past is None and run.outcome != "interrupted":
        _report_standing(run, log, standing)


def _restated_lines(run: Run) -> list[str]:
    return [
        f"{one.series.metric} {one.series.agency} {one.series.period}: {one.before} → {one.after}"
        for one in run.restated[:_RESTATED_SHOWN]
    ]


def _report_standing(run: Run, log: Log, standing: dict[str, Standing]) -> None:
    before = standing.get(run.source, "well")
    now: Standing = "well" if run.outcome == "ok" else "failing"
    standing[run.source] = now
    if now == "failing" and before == "well":
        log.warning(
            "source begins to fail",
            source=run.source,
            outcome=run.outcome,
            reason=run.error_reason,
            message=run.message,
        )
    if now == "well" and before == "failing":
        log.warning("source recovered", source=run.source)
