"""A set's kept definition is the set itself: read back, it scores as it did."""

from hashlib import sha256
from pathlib import Path

import pytest

from collector.settings.findings import ConfigErrors
from collector.settings.kept import kept_set
from collector.settings.load import load, load_set

CONFIG = Path(__file__).parents[2] / "config"


@pytest.mark.parametrize("name", ["sonla", "national-766"])
def test_each_shipped_set_is_read_back_from_its_definition(name: str) -> None:
    settings = load(CONFIG / name, environ={})

    for spec in settings.sets:
        digest = f"sha256:{sha256(spec.text.encode()).hexdigest()}"
        assert spec.scoring.digest == digest
        assert kept_set(digest, spec.text, settings.metrics) == spec


def test_a_definition_under_another_digest_is_refused() -> None:
    settings = load(CONFIG / "sonla", environ={})
    text = settings.sets[0].text

    with pytest.raises(ConfigErrors, match="is not what this version of chiso makes of it"):
        kept_set("sha256:0", text, settings.metrics)


def test_a_definition_that_this_version_does_not_understand_is_refused_with_its_key() -> None:
    settings = load(CONFIG / "sonla", environ={})
    text = settings.sets[0].text.replace('"rule":"to_target"', '"rule":"by_wish"')

    with pytest.raises(ConfigErrors, match=r"sha256:0:1: .*'by_wish' is none of"):
        kept_set("sha256:0", text, settings.metrics)


def test_a_set_from_anywhere_is_checked_by_the_folders_metrics(tmp_path: Path) -> None:
    text = (CONFIG / "sonla/indicators-2024.yaml").read_text(encoding="utf-8")
    good, bad = tmp_path / "good.yaml", tmp_path / "bad.yaml"
    good.write_text(text, encoding="utf-8")
    bad.write_text(text.replace("value: news_items", "value: new_items"), encoding="utf-8")

    assert (
        load_set(CONFIG / "sonla", good, environ={}) == load(CONFIG / "sonla", environ={}).sets[0]
    )
    with pytest.raises(ConfigErrors, match=r"bad\.yaml:.*did you mean news_items") as caught:
        load_set(CONFIG / "sonla", bad, environ={})
    assert len(caught.value.findings) == 1
