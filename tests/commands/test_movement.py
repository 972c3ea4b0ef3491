"""`chiso changes`, `chiso rescore` and `chiso whatif`, on a store that nobody holds."""

import shutil
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from collector.insight.changes import changes_document, compare
from collector.settings.load import load
from collector.store.store import Store
from tests.collector.past import brought, everybody, harder, next_day
from tests.commands.calling import Said, called, chiso
from tests.makers import Draft, drafted, rigged

Call = Callable[..., Said]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return drafted("https://register.example").write(tmp_path_factory.mktemp("config") / "here")


@pytest.fixture(scope="module")
def filled(folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A store with two days."""
    file = tmp_path_factory.mktemp("store") / "chiso.db"
    with rigged(load(folder, environ={}), f"sqlite:///{file}") as rig:
        brought(rig, everybody(sent=1000, signed=800, spots=8, officer=1))
        next_day(rig)
        brought(rig, {("so-tttt", "signed"): 1000, ("so-gtvt", "officer"): 0})
    return file


@pytest.fixture
def call(folder: Path, filled: Path, tmp_path: Path) -> Call:
    """A command in this process, on a store of its own."""
    file = shutil.copy(filled, tmp_path / "chiso.db")

    def call(*args: object) -> Said:
        return called(*args, "--config", folder, "--store", f"sqlite:///{file}")

    return call


def other_set(folder: Path, change: Callable[[Draft], object] = harder) -> Path:
    draft = drafted("https://register.example")
    change(draft)
    return draft.write(folder / "other") / "indicators-2024.yaml"


def test_changes_tell_what_moved_since_the_day_before(folder: Path, filled: Path) -> None:
    said = chiso("changes", "so-tttt", "--config", folder, "--store", f"sqlite:///{filled}")

    assert said.code == 0, said.err
    assert "from scoreboard 2, 2024-10-16 16:00: 85.00 points, rank 1" in said.out
    assert "Score +10.00 = late corrections 0.00, new data +10.00, coverage 0.00" in said.out
    assert "signed 800 → 1000 (data 2024-10-17, run 2)" in said.out
    assert "Rank 1, unchanged" in said.out


def test_changes_tell_who_moved_a_rank(call: Call) -> None:
    said = call("changes", "so-gtvt", "--from", "2", "--to", "3")

    assert "Rank 1 → 3: 2 down by its own score, none by the others'" in said.out


def test_changes_as_json_are_the_document(call: Call, folder: Path, filled: Path) -> None:
    settings = load(folder, environ={})
    with closing(Store.open(f"sqlite:///{filled}", read_only=True)) as store:
        document = changes_document(compare(settings, store, None, 2, 3), "so-gtvt")

    for ends in (("2", "3"), ("2024-10-16", "2024-10-17"), ("2024-10-16T09:00:00Z", "3")):
        said = call("changes", "so-gtvt", "--from", ends[0], "--to", ends[1], "--json")
        assert (said.code, said.json()) == (0, document)


def test_changes_without_a_score_and_without_any_change_say_so(call: Call) -> None:
    none, same = (call("changes", "so-tttt", "--from", end, "--to", end) for end in ("1", "3"))

    assert "One of the two gives no score: there is no change to split." in none.out
    assert "Score 0.00 = " in same.out


@pytest.mark.parametrize(
    ("args", "code", "problem"),
    [
        (("so-tttt", "--from", "soon"), 2, "'soon' is none of these: the number"),
        (("so-tttt", "--to", "9"), 1, "--to 9: there is no scoreboard of that moment"),
        (("so-tttt", "--from", "3", "--to", "1"), 1, "turn the two around"),
        (("so-tttt", "--to", "1"), 1, "the store holds no scoreboard of a day before"),
        (("so-tttt", "--set", "x"), 1, "set 'x' is not in both of scoreboards"),
        (
            ("so-tttt", "--set", "trial.yaml"),
            2,
            "`chiso rescore --set trial.yaml` scores history by it",
        ),
        (("so-ttt",), 2, "so-ttt: no such agency, did you mean so-tttt?"),
    ],
)
def test_changes_refuse_in_one_line(
    call: Call, args: tuple[str, ...], code: int, problem: str
) -> None:
    said = call("changes", *args)

    assert (said.code, len(said.lines())) == (code, 1)
    assert problem in said.err


def test_rescore_prints_who_gains_and_who_loses_under_a_bar(
    folder: Path, filled: Path, tmp_path: Path
) -> None:
    store = f"sqlite:///{shutil.copy(filled, tmp_path / 'chiso.db')}"
    file = other_set(tmp_path)

    said = chiso("rescore", "--set", file, "--config", folder, "--store", store)

    assert said.code == 0, said.err
    assert "as published: 3 scoreboards, 1 to 3; gains are on the live set's scale" in said.out
    assert "Kept as rescoring 1: page /rescorings/1, API /api/v1/rescorings/1" in said.out
    assert " gain, " in said.out
    assert "3/3" in said.err


def test_rescore_says_why_and_tells_two_sets_of_one_id_apart(call: Call, tmp_path: Path) -> None:
    said = call("rescore", "--set", other_set(tmp_path))

    document = call("rescore", "--set", other_set(tmp_path), "--json").json()
    live, tried = (document[one]["digest"][7:15] for one in ("live", "set"))
    assert f"test-2024 ({tried}) beside test-2024 ({live}) as published" in said.out
    why = said.out.split("\nWhy\n")[1]
    assert "  signed-ratio: points.max 10 → 20\n" in why
    assert "  officer-there: removed, 5 points\n" in why
    assert "signed-ratio" in why.split("Mean points")[1]


def test_rescore_has_the_agencies_of_a_block_together(call: Call, tmp_path: Path) -> None:
    said = call("rescore", "--set", other_set(tmp_path))

    document = call("rescore", "--set", other_set(tmp_path), "--json").json()
    names = [
        one["name"]["vi"]
        for block in document["blocks"]
        for one in (block, *(each for each in document["agencies"] if each["block"] == block["id"]))
    ]
    places = [said.out.index(f" {name} ") for name in names]
    assert places == sorted(places)


def test_rescore_is_the_same_each_time_and_takes_ids_and_digests_too(
    call: Call, tmp_path: Path
) -> None:
    file = other_set(tmp_path)

    first, again = (call("rescore", "--set", file, "--json").json() for _ in range(2))
    by_digest = call("rescore", "--set", first["set"]["digest"], "--json").json()
    by_id = call("rescore", "--set", "test-2024", "--json").json()

    assert first == again == by_digest
    assert by_id["set"] == by_id["live"]


def test_rescore_takes_days_the_last_one_included(call: Call) -> None:
    said = call(
        *("rescore", "--set", "test-2024", "--json"),
        *("--from", "2024-10-16", "--to", "2024-10-16"),
    )

    assert said.json()["scoreboards"] == {"first": 1, "last": 2, "count": 2}


@pytest.mark.parametrize(
    ("args", "code", "problem"),
    [
        (("--set", "test-2023"), 2, "neither an id of the configuration nor a file *.yaml"),
        (("--set", "none.yaml"), 2, "none.yaml:1: cannot be read"),
        (("--set", "sha256:0"), 2, "the store does not have the set of sha256:0"),
        (("--set", "test-2024", "--from", "today"), 2, "--from: 'today' is no day"),
        (
            ("--set", "test-2024", "--from", "2024-10-17", "--to", "2024-10-16"),
            2,
            "--to 2024-10-16 is before --from 2024-10-17",
        ),
        (
            ("--set", "test-2024", "--against", "x"),
            2,
            "--against x: on the scoreboard are test-2024",
        ),
        (("--set", "test-2024", "--to", "2023-01-01"), 1, "no scoreboard was published"),
    ],
)
def test_rescore_refuses_in_one_line(
    call: Call, args: tuple[str, ...], code: int, problem: str
) -> None:
    said = call("rescore", *args)

    assert said.code == code
    assert problem in said.lines()[0] or problem in said.lines()[-1]


def test_rescore_makes_no_store(folder: Path, tmp_path: Path) -> None:
    store = f"sqlite:///{tmp_path / 'none.db'}"

    said = called("rescore", "--set", "test-2024", "--config", folder, "--store", store)

    assert said.code == 69
    assert list(tmp_path.iterdir()) == []


def test_a_set_that_is_wrong_is_told_with_its_place(call: Call, tmp_path: Path) -> None:
    def wrong(draft: Draft) -> None:
        draft.indicators["groups"][0]["indicators"][0]["value"] = "sigend / sent"

    said = call("rescore", "--set", other_set(tmp_path, wrong))

    assert said.code == 2
    assert "indicators-2024.yaml:" in said.err
    assert "did you mean signed?" in said.err


@pytest.mark.parametrize("args", [("rescore",), ("whatif", "so-tttt")])
def test_what_nobody_can_have_meant_is_told_before_a_trial_set_scores(
    call: Call, tmp_path: Path, args: tuple[str, ...]
) -> None:
    def unreachable(draft: Draft) -> None:
        draft.indicators["groups"][0]["indicators"][0]["points"]["target"] = 99

    said = call(*args, "--set", other_set(tmp_path, unreachable), "--json")

    assert said.code == 0
    assert said.json()
    (line,) = (one for one in said.lines() if "points.target: " in one)
    assert line.startswith("warning: ")
    assert "indicators-2024.yaml:" in line
    assert "no value reaches 99" in line


def test_whatif_tells_before_and_after_and_whom_else_it_moves(call: Call) -> None:
    said = call("whatif", "so-gtvt", "officer=Cấp trưởng", "signed=1000", "spots=10")

    assert said.code == 0, said.err
    assert "officer Chưa có → Cấp trưởng" in said.out
    assert "before  60.00, rank 3, Yếu" in said.out
    assert "after   100.00, rank 1, Tốt" in said.out
    assert "Whose rank changes" in said.out


def test_whatif_by_another_set_says_so(call: Call, tmp_path: Path) -> None:
    said = call("whatif", "so-tttt", "--set", other_set(tmp_path))

    document = call("whatif", "so-tttt", "--set", other_set(tmp_path), "--json").json()
    live, tried = (document[one]["digest"][7:15] for one in ("live", "set"))
    assert f"scored by test-2024 ({tried}) instead of test-2024 ({live})" in said.out
    assert "No indicator changes" not in said.out


def test_whatif_as_json_changes_nothing(call: Call) -> None:
    first, again = (call("whatif", "so-tttt", "signed=900", "--json").json() for _ in range(2))

    assert first == again
    assert first["after"]["score"] == 90.0


@pytest.mark.parametrize(
    ("args", "problem"),
    [
        (("so-tttt",), "give readings as METRIC=VALUE, a --set, or both"),
        (("so-ttt", "signed=1"), "so-ttt: no such agency, did you mean so-tttt?"),
        (("so-tttt", "sigend=1"), "sigend: no such metric, did you mean signed?"),
        (("so-tttt", "spots=501"), "spots: 501 is outside its range, 0 to 500"),
    ],
)
def test_whatif_refuses_in_one_line(call: Call, args: tuple[str, ...], problem: str) -> None:
    said = call("whatif", *args)

    assert (said.code, len(said.lines())) == (2, 1)
    assert problem in said.err
