"""A set as the store keeps it is the set that it was, or says why it cannot be."""

from dataclasses import replace
from decimal import Decimal

import pytest

from collector.settings.findings import ConfigErrors
from collector.settings.kept import kept_set
from collector.settings.model import Settings
from tests.settings.folder import Folder

LEVELS = "{max: 5, rule: levels, levels: {true: 1, deputy: 0.5, none: 0}}"
ABOVE = "when_zero: not_applicable\n        above: {max: 1, do: cap}"


@pytest.fixture
def settings(folder: Folder) -> Settings:
    folder.change("indicators-2024.yaml", "{max: 5, rule: yes_no}", LEVELS)
    folder.change("indicators-2024.yaml", "when_zero: not_applicable", ABOVE)
    return folder.settings()


def refusal(settings: Settings, metrics: dict[str, object]) -> str:
    spec = settings.sets[0]
    with pytest.raises(ConfigErrors) as refused:
        kept_set(spec.scoring.digest, spec.text, metrics)  # type: ignore[arg-type]  # as read
    return str(refused.value)


def test_a_kept_set_scores_as_it_did(settings: Settings) -> None:
    spec = settings.sets[0]

    kept = kept_set(spec.scoring.digest, spec.text, settings.metrics)

    assert kept.scoring.digest == spec.scoring.digest
    assert [one.rule for one in kept.scoring.indicators] == [
        one.rule for one in spec.scoring.indicators
    ]
    assert [one.above for one in kept.scoring.indicators] == [
        one.above for one in spec.scoring.indicators
    ]


def test_a_kept_set_whose_state_has_lost_a_word_is_refused(settings: Settings) -> None:
    officer = replace(settings.metrics["officer"], values={"none": Decimal(0), "true": Decimal(1)})

    says = refusal(settings, {**settings.metrics, "officer": officer})

    assert "scores by values that officer has no more: deputy" in says


def test_a_kept_set_whose_metric_is_gone_is_refused(settings: Settings) -> None:
    metrics = {name: metric for name, metric in settings.metrics.items() if name != "officer"}

    says = refusal(settings, dict(metrics))

    assert "scores by metrics that metrics.yaml has no more: officer" in says


def test_a_kept_set_under_another_digest_is_refused(settings: Settings) -> None:
    with pytest.raises(ConfigErrors, match="is not what this version of chiso makes of it"):
        kept_set("sha256:00", settings.sets[0].text, settings.metrics)
