"""The two clocks."""

import threading
import time

from collector.clock import DAY_US, HOUR_US, MINUTE_US, SECOND_US, SimulatedClock, SystemClock
from tests.makers import NOW_US


def test_units_are_in_microseconds() -> None:
    assert (SECOND_US, MINUTE_US, HOUR_US, DAY_US) == (
        10**6,
        60 * 10**6,
        3600 * 10**6,
        86_400 * 10**6,
    )


def test_the_systems_clock_is_the_machines_shifted() -> None:
    before_us = time.time_ns() // 1000
    now_us, shifted_us = SystemClock().now_us(), SystemClock(-DAY_US).now_us()
    after_us = time.time_ns() // 1000

    assert before_us <= now_us <= after_us
    assert before_us <= shifted_us + DAY_US <= after_us


def test_the_systems_clock_waits_for_the_flag_or_the_time() -> None:
    flag, clock = threading.Event(), SystemClock()
    before_s = clock.monotonic_s()
    assert clock.wait(flag, 0.02) is False
    assert clock.monotonic_s() - before_s >= 0.02
    flag.set()

    assert clock.wait(flag, 60) is True


def test_a_simulated_clock_stands_until_it_is_moved() -> None:
    clock = SimulatedClock(NOW_US)
    assert clock.now_us() == clock.now_us() == NOW_US

    clock.move_to(NOW_US + 5)

    assert clock.now_us() == NOW_US + 5
    assert clock.monotonic_s() == (NOW_US + 5) / SECOND_US


def test_a_simulated_clock_is_never_set_back() -> None:
    clock = SimulatedClock(NOW_US)

    clock.move_to(NOW_US - 1)

    assert clock.now_us() == NOW_US


def test_waiting_moves_a_simulated_clock() -> None:
    clock, flag = SimulatedClock(NOW_US), threading.Event()

    assert clock.wait(flag, 1.5) is False

    assert clock.now_us() == NOW_US + 1_500_000
    flag.set()
    assert clock.wait(flag, 1) is True
