import pytest

from tests.settings.folder import Folder, Mistake

P, M, S, SET = "province.yaml", "metrics.yaml", "sources.yaml", "indicators-2024.yaml"
# What becomes what, in which file; the warning may be of another.
CHANGED = [
    Mistake(
        S,
        "env: DOCUMENTS_TOKEN",
        "env: OTHER_TOKEN",
        "OTHER_TOKEN",
        "sources.documents.token",
        "the environment has no OTHER_TOKEN",
    ),
    Mistake(
        S,
        "env: DOCUMENTS_TOKEN",
        "file: /nowhere/token",
        "/nowhere",
        "sources.documents.token",
        "cannot read /nowhere/token: No such file or directory",
    ),
    Mistake(
        P,
        "codes: {register: H52.01}",
        "codes: {register: H52.01, elsewhere: X}",
        "elsewhere",
        "agencies.so-tttt.codes.elsewhere",
        "no source has the codes of this system",
    ),
    Mistake(
        M,
        "  officer:",
        "  idle: {kind: gauge, unit: a, name: {vi: a, en: a}}\n  officer:",
        "idle",
        "metrics.idle",
        "no source feeds it and no set uses it",
    ),
    Mistake(
        SET,
        "value: hotspots",
        "value: officer * 2",
        "hotspots: {path",
        "sources.radio.metrics.hotspots",
        "no set uses this metric",
    ),
    Mistake(
        M,
        "    range: [1, 500]\n",
        "",
        "  hotspots:\n",
        "metrics.hotspots",
        "has no `range`: while it is not known its points may be any",
    ),
    Mistake(
        S,
        "period: year",
        "period: month",
        "value: documents_signed /",
        "groups.documents.indicators.signed.value",
        "documents_signed is fed, but not for the set's period, a year",
    ),
]


def place_of(folder: Folder, text: str) -> str:
    """The file and line of a text that stands in one file only."""
    (file,) = [name for name in (P, M, S, SET) if text in folder.read(name)]
    return f"{file}:{folder.line(file, text)}"


@pytest.mark.parametrize("change", CHANGED, ids=str)
def test_what_nobody_can_have_meant_is_a_warning_and_no_error(
    folder: Folder, change: Mistake
) -> None:
    folder.change(change.file, change.old, change.new)

    expected = f"{place_of(folder, change.at)}: {change.key}: {change.problem}"
    assert expected in folder.says()
    assert folder.errors() == []


def test_warnings_alone_stop_nobody(folder: Folder) -> None:
    folder.environ.clear()

    assert len(folder.says()) == 1
    assert folder.settings().province == "son-la"


def test_a_file_that_nobody_reads_is_said(folder: Folder) -> None:
    folder.write("indicator-2025.yaml", "set: 1\n")

    problem = "is read by nobody, did you mean indicators-2024.yaml?"
    assert folder.says() == [f"indicator-2025.yaml:1: {problem}"]
