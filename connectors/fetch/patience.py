"""Asking again while only the moment is bad: one policy for every request."""

import threading
from collections.abc import Callable
from dataclasses import dataclass

import tenacity

from connectors.fetch.reply import Reply
from connectors.nouns import SourceError


@dataclass(frozen=True, slots=True, kw_only=True)
class RetryPolicy:
    """How often one request may be tried, and how long the waits between may grow."""

    attempts_max: int
    wait_s_max: float

    def again(
        self,
        ask: Callable[[], Reply],
        first: SourceError,
        *,
        left_s: float,
        stop: threading.Event,
    ) -> Reply:
        """Ask after a `first` attempt that failed; SourceError, the last, without an answer."""
        failures = [first]

        def attempt() -> Reply:
            if failures:
                raise failures.pop()
            return ask()

        return self._retrying(left_s, stop)(attempt)

    def _retrying(self, left_s: float, stop: threading.Event) -> tenacity.Retrying:
        """Full jitter; ends before the total time does, and at once when the service stops."""
        return tenacity.Retrying(
            stop=tenacity.stop_after_attempt(self.attempts_max)
            | tenacity.stop_before_delay(left_s),
            wait=tenacity.wait_random_exponential(multiplier=0.5, max=self.wait_s_max),
            retry=tenacity.retry_if_exception(_is_transient),
            sleep=lambda seconds: _sleep(stop, seconds),
            reraise=True,
        )


def _is_transient(error: BaseException) -> bool:
    return isinstance(error, SourceError) and not error.permanent


def _sleep(stop: threading.Event, seconds: float) -> None:
    stop.wait(seconds)
