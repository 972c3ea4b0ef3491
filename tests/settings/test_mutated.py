"""Whatever is done to the files, there are settings or there are findings, never a traceback."""

from pathlib import Path
from tempfile import TemporaryDirectory

from hypothesis import example, given, settings
from hypothesis import strategies as st

from collector.settings.load import inspect
from tests.settings.folder import CONNECTORS, INDICATORS, METRICS, PROVINCE, SOURCES, Folder, valid

FILES = {
    "province.yaml": PROVINCE,
    "metrics.yaml": METRICS,
    "sources.yaml": SOURCES,
    "indicators-2024.yaml": INDICATORS,
}
JUNK = st.one_of(
    st.text(max_size=12),
    st.sampled_from(
        [
            "null", "true", "-1", "0", "1e30", ".nan", "[]", "{}", "[[]]", "{a: 1}", "&a x", "*a",
            "!!int x", "!x y", "? ", "- ", ": ", "|\n  x", ">-", "'", '"', "{env: X}", "{env: 5}",
            "{env: X, default: [1]}", "{file: /x}", "<<: {}", "%YAML 1.1", "---", "\t", "\x00",
            "2024-02-30", "9999-12-31", "99999999999999999999", "a / b", "((", "1 %", "999999w",
        ]
    ),
)  # fmt: skip


@st.composite
def mutated(draw: st.DrawFn) -> tuple[str, str]:
    """One of the files, with one to three of its pieces dropped, doubled, moved or replaced."""
    name = draw(st.sampled_from(sorted(FILES)))
    text = FILES[name]
    for _ in range(draw(st.integers(1, 3))):
        text = draw(st.sampled_from([_line, _value, _anything]))(draw, text)
    return name, text


def _line(draw: st.DrawFn, text: str) -> str:
    lines = text.splitlines(keepends=True) or [""]
    start = draw(st.integers(0, len(lines) - 1))
    end = draw(st.integers(start, min(start + 4, len(lines))))
    piece = draw(
        st.sampled_from([[], lines[start:end] * 2, ["  " + each for each in lines[start:end]]])
    )
    return "".join([*lines[:start], *piece, *lines[end:]])


def _value(draw: st.DrawFn, text: str) -> str:
    """What stands behind one colon becomes something else."""
    colons = [index for index, sign in enumerate(text) if text[index : index + 2] == ": "]
    if not colons:
        return text
    start = draw(st.sampled_from(colons)) + 2
    end = min(text.find(stop, start) % (len(text) + 1) for stop in ",}\n")
    return text[:start] + draw(JUNK) + text[end:]


def _anything(draw: st.DrawFn, text: str) -> str:
    start = draw(st.integers(0, len(text)))
    return text[:start] + draw(JUNK) + text[draw(st.integers(start, min(start + 5, len(text)))) :]


@settings(max_examples=100, deadline=None)
@given(change=mutated())
@example(change=("sources.yaml", SOURCES.replace("metrics:", "metrics: &m", 1)))
@example(change=("indicators-2024.yaml", INDICATORS.replace("rule: yes_no", "rule: [yes_no]")))
@example(change=("province.yaml", PROVINCE.replace("agencies:", "agencies: {}\nother:")))
def test_a_mutated_file_is_read_or_refused_with_a_place(change: tuple[str, str]) -> None:
    name, text = change
    with TemporaryDirectory() as parent:
        folder = valid(Path(parent))
        (folder.path / name).write_text(text, encoding="utf-8", errors="surrogatepass")

        found, findings = inspect(folder.path, folder.environ, CONNECTORS)

        errors = [each for each in findings if each.severity == "error"]
        assert (found is None) == bool(errors)
        assert all(_is_in(folder, each.place.file, each.place.line) for each in findings)


def _is_in(folder: Folder, file: Path, line: int) -> bool:
    """Whether the file has such a line, or the one behind its last."""
    lines = file.read_bytes().replace(b"\r", b"\n").count(b"\n") + 2
    return folder.path in file.parents and 1 <= line <= lines
