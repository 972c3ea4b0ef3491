"""The reference of all keys is made from the models, and current."""

import re

from deploy.keys import generated, main
from tests.prometheus import DEPLOY

KEYS = (DEPLOY / "KEYS.md").read_text(encoding="utf-8")


def test_the_committed_reference_is_what_its_code_gives() -> None:
    assert generated() == KEYS
    assert [main(["--check"]), main(["--chek"])] == [0, 2]


def test_every_link_in_it_leads_to_a_heading() -> None:
    links = set(re.findall(r"\]\(#([^)]+)\)", KEYS))
    titles = re.findall(r"^#+ (.+)$", KEYS, re.MULTILINE)
    anchors = [re.sub(r"[^\w -]", "", title.lower()).replace(" ", "-") for title in titles]

    assert links
    assert links <= set(anchors)
    assert len(anchors) == len(set(anchors))


def test_every_row_has_its_four_cells() -> None:
    rows = [line for line in KEYS.splitlines() if line.startswith("|")]

    assert {len(re.findall(r"(?<!\\)\|", row)) for row in rows} == {5}
