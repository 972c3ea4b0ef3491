"""How sources stand on their page: every state has its mark, and a held run its command."""

import re
from dataclasses import replace
from pathlib import Path

import httpx

from collector.clock import MINUTE_US, SECOND_US
from collector.facts import Track
from collector.sources import STANDINGS
from collector.web.views.sources_view import MARKS
from collector.web.words.dictionary import WORDS
from tests.web.site_maker import END_US, client_of, run_of, world
from tests.web.test_pages import Page


def test_every_state_of_a_source_has_a_word_and_the_mark_of_what_follows_from_it() -> None:
    marks = {"hold": "held", "alarm": "stale"}
    quiet = {"never": "missing", "fresh": "ok"}

    assert {one.state: quiet.get(one.state) or marks[one.consequence] for one in STANDINGS} == MARKS
    assert {f"state_{one.state}" for one in STANDINGS} == {
        key for key in WORDS if key.startswith("state_")
    }


def test_runs_are_told_by_their_number(http: httpx.Client) -> None:
    page = Page(http.get("/en/sources").text).text

    newest = {
        one["id"]: one["runs"][0]["id"] for one in http.get("/api/v1/sources").json()["sources"]
    }
    for number in newest.values():
        assert f"(run\N{NO-BREAK SPACE}{number})" in page
    assert "chiso accept" not in page


def test_runs_within_a_minute_are_told_to_the_second(tmp_path: Path) -> None:
    with world(tmp_path) as one, client_of(one) as http:
        one.clock.move_to(END_US)
        source = one.site.settings.sources["documents"]
        first = run_of(one.site.settings, source, END_US, 1)
        one.publisher.publish([first])
        alone = http.get("/en/sources").text
        one.clock.move_to(END_US + 5 * SECOND_US)
        after_us = END_US + 5 * SECOND_US
        one.publisher.publish([replace(first, due_us=after_us, ended_us=after_us)])
        together = http.get("/en/sources").text

    assert not re.search(r"\d\d:\d\d:05</time>", alone)
    assert re.search(r"2024, \d\d:\d\d:05</time>", together)
    assert re.search(r"2024, \d\d:\d\d:00</time>", together)


def test_where_nothing_was_refused_one_line_says_so(http: httpx.Client) -> None:
    html = http.get("/en/sources").text

    assert re.search(r"<summary>Last \d+ runs; nothing was refused</summary>", html)
    assert ">nothing was refused<" not in html


def test_a_held_run_comes_with_the_command_that_takes_it(tmp_path: Path) -> None:
    with world(tmp_path) as one, client_of(one) as http:
        one.clock.move_to(END_US)
        source = one.site.settings.sources["documents"]
        run = run_of(one.site.settings, source, END_US, 1)
        one.publisher.publish([run])
        one.clock.move_to(END_US + MINUTE_US)
        held = replace(run, outcome="held", admitted=(), due_us=END_US, track=Track(verdict="held"))
        one.publisher.publish([replace(held, ended_us=END_US + MINUTE_US)])

        entry = next(
            each
            for each in http.get("/api/v1/sources").json()["sources"]
            if each["id"] == "documents"
        )
        html = http.get("/sources").text

    number = entry["runs"][0]["id"]
    assert entry["waiting"] == [number]
    assert re.search(rf"<code>chiso accept {number} --reason &#34;&#34;</code>", html)
