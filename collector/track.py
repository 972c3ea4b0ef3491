"""How an answer stands beside those before it: the same again, without an agency, ahead, fallen."""

from datetime import date, datetime, time, timedelta

from collector.admit import Admission
from collector.facts import StoredRun, Track, Verdict
from collector.judges import Context
from collector.periods import local
from collector.settings.model import Settings
from connectors.base import Answer

_NAMES_SHOWN = 5


def tracked(
    answer: Answer,
    admission: Admission,
    context: Context,
    settings: Settings,
    before: StoredRun | None,
    *,
    manual: bool = False,
) -> Track:
    """Judge an answer; `before` is the source's newest run that had one.

    An agency vanished when a complete answer lacks it and the one before did not, or it had
    vanished then. A change is expected of each run that was due, if there was working time since.
    """
    same = 0
    if before is not None and answer.digest == before.digest:
        expected = not manual and worked_between(settings, before.began_us, context.now_us)
        same = before.track.same + expected
    vanished = _vanished(admission, before.track) if before else frozenset[str]()
    verdict = _verdict(admission, context, same, gone=bool(vanished))
    return Track(verdict, same, tuple(sorted(admission.lacking)), tuple(sorted(vanished)))


def message_of(track: Track, admission: Admission) -> str | None:
    """In words why a run was held, or what is wrong with one that was not."""
    if admission.held is not None:
        return admission.held[1]
    match track.verdict:
        case "future":
            return "rows speak of a time that is yet to come"
        case "partial":
            more = len(track.vanished) - _NAMES_SHOWN
            names = ", ".join(track.vanished[:_NAMES_SHOWN]) + (
                f" and {more} more" if more > 0 else ""
            )
            return f"no longer in the answer: {names}"
        case "regressed":
            return "totals fell by more than their max_fall"
        case "frozen":
            return f"the same answer at {track.same} expected changes"
    return None


def worked_between(settings: Settings, from_us: int, until_us: int) -> bool:
    """Whether the province's agencies worked at any moment of an interval."""
    start, end = local(from_us, settings.zone), local(until_us, settings.zone)
    hours, day = settings.working_hours, start.date()
    while day <= end.date():
        open_then = _at(day, hours.start, start) < end and start < _at(day, hours.end, start)
        if open_then and settings.works_on(day):
            return True
        day += timedelta(days=1)
    return False


def _at(day: date, hour: time, zoned: datetime) -> datetime:
    return datetime.combine(day, hour, zoned.tzinfo)


def _vanished(admission: Admission, before: Track) -> frozenset[str]:
    news = admission.lost - frozenset(before.absent)
    return admission.lacking & (news | frozenset(before.vanished))


def _verdict(admission: Admission, context: Context, same: int, *, gone: bool) -> Verdict | None:
    """The worst that holds."""
    reasons = {one.reason for one in admission.refusals}
    held = None if admission.held is None else admission.held[0]
    frozen_after = context.source.freshness.frozen_after
    if "future" in reasons:
        return "future"
    if held == "partial" or gone:
        return "partial"
    if "fall" in reasons:
        return "regressed"
    if frozen_after is not None and same >= frozen_after:
        return "frozen"
    return held
