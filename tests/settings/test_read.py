from decimal import Decimal
from pathlib import Path

import pytest

from collector.settings.read import BYTES_MAX, Document, read


def said(file: Path, text: str | bytes) -> list[str]:
    file.write_bytes(text if isinstance(text, bytes) else text.encode())
    _, findings = read(file, {})
    return [str(each).removeprefix(f"{file}:") for each in findings]


def document(file: Path, text: str, environ: dict[str, str] | None = None) -> Document:
    file.write_text(text, encoding="utf-8")
    found, findings = read(file, environ or {})
    assert found is not None
    assert not findings
    return found


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "a.yaml"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", "1: is empty"),
        ("# only a comment\n", "1: is empty"),
        ("- a\n- b\n", "1: must be a mapping of keys to values"),
        ("just words\n", "1: must be a mapping of keys to values"),
        ("a: 1\nb: [1,\n", "3: is no YAML: expected the node content, but found '<stream end>'"),
        ("a: 1\n---\nb: 2\n", "2: is no YAML: but found another document"),
        ("a: 1\nb: *nobody\n", "2: is no YAML: found undefined alias 'nobody'"),
        ("a: 1\nb: 2\na: 3\n", "3: a: stands twice, first in line 1"),
        ("x:\n  a: 1\n  a: 2\n", "3: x.a: stands twice, first in line 2"),
        ("a: {b: 1, b: 2}\n", "1: a.b: stands twice, first in line 1"),
        ("a: 1\nb: .nan\n", "2: b: .nan: write a number in plain decimals, or text in quotes"),
        ("a: -.inf\n", "1: a: -.inf: write a number in plain decimals, or text in quotes"),
        ("a: 0x1F\n", "1: a: 0x1F: write a number in plain decimals, or text in quotes"),
        ("a: 0601\n", "1: a: 0601: write a number in plain decimals, or text in quotes"),
        ("a: 1_000\n", "1: a: 1_000: write a number in plain decimals, or text in quotes"),
        ("a: 1e99\n", "1: a: is no plausible number"),
        (f"a: {'9' * 41}\n", "1: a: is no plausible number"),
        ("a: !python/name:os.system x\n", "1: a: !python/name:os.system is not used here"),
        ("a: !!binary aGk=\n", "1: a: binary is not used here"),
        ("a: !!set {x: }\n", "1: a: set is not used here"),
        ("? [a, b]\n: 1\n", "1: a key must be plain text"),
        ("%YAML 1.1\n---\na: yes\n", "3: a: bool is not used here"),
    ],
)
def test_what_is_refused_is_named_with_its_line(file: Path, text: str, expected: str) -> None:
    (only,) = said(file, text)

    assert only.startswith(expected)


def test_a_file_that_is_not_there_is_one_finding(tmp_path: Path) -> None:
    found, findings = read(tmp_path / "none.yaml", {})

    assert found is None
    expected = f"{tmp_path}/none.yaml:1: cannot be read: No such file or directory"
    assert [str(each) for each in findings] == [expected]


def test_a_folder_in_place_of_a_file_is_one_finding(tmp_path: Path) -> None:
    _, findings = read(tmp_path, {})

    assert [each.problem for each in findings] == ["cannot be read: Is a directory"]


def test_bytes_that_are_not_utf8_have_their_line(file: Path) -> None:
    assert said(file, b"a: 1\nb: \xff\n") == ["2: is not UTF-8: byte 0xff"]


def test_a_control_character_has_its_line(file: Path) -> None:
    (only,) = said(file, "a: 1\nb: \x00\n")

    assert only.startswith("2: is no YAML: unacceptable character")


def test_a_file_of_more_than_a_mebibyte_is_refused_unread(file: Path) -> None:
    assert said(file, b"#" * (BYTES_MAX + 1)) == [f"1: has more than {BYTES_MAX} bytes"]


def test_a_file_nested_without_end_is_refused(file: Path) -> None:
    assert said(file, "a: " + "[" * 1500) == ["1: is nested too deep"]


def test_an_anchor_is_refused_where_it_stands_and_its_bomb_does_not_go_off(file: Path) -> None:
    levels = [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]" for n in range(1, 30)]

    findings = said(file, "\n".join(["a0: &a0 [x]", *levels]))

    assert len(findings) == 30
    assert findings[1] == "2: a1: anchors and aliases (&a1) are not used here: write it out"


def test_an_anchor_that_holds_itself_is_refused(file: Path) -> None:
    assert said(file, "a: &a [*a]\n") == [
        "1: a: anchors and aliases (&a) are not used here: write it out"
    ]


def test_two_anchors_of_one_name_are_two_findings(file: Path) -> None:
    findings = said(file, "a: &x 1\nb: &x 2\n")

    assert [each.partition(":")[0] for each in findings] == ["1", "2"]


def test_a_merge_key_is_refused(file: Path) -> None:
    findings = said(file, "a: &a {x: 1}\nb:\n  <<: *a\n")

    assert "3: b: merge keys (<<) are not used here: write it out" in findings


def test_everything_wrong_with_a_file_is_said_at_once(file: Path) -> None:
    findings = said(file, "a: 1\na: 2\nb: .inf\nc: {d: 1, d: 2}\n")

    assert [each.partition(":")[0] for each in findings] == ["2", "3", "4"]


def test_numbers_are_exactly_what_is_written(file: Path) -> None:
    found = document(file, "a: 0.1\nb: 12345678901234567890.123456789\nc: 7\nd: 1e3\ne: .5\n")

    assert found.data == {
        "a": Decimal("0.1"),
        "b": Decimal("12345678901234567890.123456789"),
        "c": 7,
        "d": Decimal(1000),
        "e": Decimal("0.5"),
    }


def test_words_of_other_versions_of_yaml_and_dates_are_text(file: Path) -> None:
    found = document(file, 'a: no\nb: 2024-02-08\nc: "0601"\nd: 12:30\ne: true\nf: ~\n')

    assert found.data == {
        "a": "no",
        "b": "2024-02-08",
        "c": "0601",
        "d": "12:30",
        "e": True,
        "f": None,
    }


def test_keys_are_text_as_written(file: Path) -> None:
    found = document(file, "2025: a\nTrue: b\nnull: c\n0.50: d\n")

    assert found.data == {"2025": "a", "true": "b", "null": "c", "0.50": "d"}


def test_a_byte_order_mark_is_no_part_of_the_first_key(file: Path) -> None:
    assert document(file, "\ufeffa: 1\n").data == {"a": 1}


def test_a_place_names_items_by_their_id_or_their_number(file: Path) -> None:
    found = document(file, "list:\n  - {id: x, at: 1}\n  - [a,\n     b]\n")

    assert str(found.places["list", 0, "at"]) == f"{file}:2: list.x.at"
    assert str(found.places["list", 1, 1]) == f"{file}:4: list.1.1"


def test_a_variable_with_a_default_is_its_value_or_the_default(file: Path) -> None:
    text = "a: {env: SET, default: x}\nb: {env: EMPTY, default: 5}\nc: {env: UNSET, default: y}\n"

    found = document(file, text, {"SET": "from outside", "EMPTY": ""})

    assert found.data == {"a": "from outside", "b": 5, "c": "y"}
    assert found.variables == {("a",): "SET"}


def test_a_secret_stays_a_name_or_a_path(file: Path) -> None:
    found = document(file, "a: {env: KEY}\nb: {file: /run/key}\n", {"KEY": "s3cret"})

    assert found.data == {"a": {"env": "KEY"}, "b": {"file": "/run/key"}}
