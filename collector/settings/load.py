"""The configuration of a folder: Settings, or everything that is wrong with it at once."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from collector.settings.build import build
from collector.settings.checks import checked
from collector.settings.draft import ConnectorClasses, Files, draft
from collector.settings.findings import ConfigErrors, Finding, Place, hint
from collector.settings.model import SetSpec, Settings
from collector.settings.presets import with_presets
from collector.settings.read import Document, read
from connectors.registry import CONNECTORS

_NAMES = ("province.yaml", "metrics.yaml", "sources.yaml")


def load(
    folder: Path, *, environ: Mapping[str, str], connectors: ConnectorClasses = CONNECTORS
) -> Settings:
    """The settings; ConfigErrors with all errors of all files where there is any."""
    settings, findings = inspect(folder, environ, connectors)
    if settings is None:
        raise ConfigErrors(_errors(findings))
    return settings


def load_alone(
    folder: Path,
    source: str,
    *,
    environ: Mapping[str, str],
    connectors: ConnectorClasses = CONNECTORS,
) -> tuple[Settings, tuple[Finding, ...]]:
    """The settings; where only other sources are wrong, those of this one alone, and the errors.

    Enough to ask that source, and not to score by. ConfigErrors as of the whole where it, or what
    it is asked for, is wrong itself.
    """
    settings, findings = inspect(folder, environ, connectors)
    if settings is not None:
        return settings, ()
    errors = _errors(findings)
    alone, _ = inspect(folder, environ, connectors, only=source)
    if alone is None or source not in alone.sources:
        raise ConfigErrors(errors)
    return alone, errors


def load_set(
    folder: Path,
    file: Path,
    *,
    environ: Mapping[str, str],
    connectors: ConnectorClasses = CONNECTORS,
) -> SetSpec:
    """A set from anywhere, by the folder's other files; ConfigErrors as of the whole."""
    return load_trial(folder, file, environ=environ, connectors=connectors)[0]


def load_trial(
    folder: Path,
    file: Path,
    *,
    environ: Mapping[str, str],
    connectors: ConnectorClasses = CONNECTORS,
) -> tuple[SetSpec, tuple[Finding, ...]]:
    """A set from anywhere, as `load_set`, and the warnings of its own file."""
    settings, findings = inspect(folder, environ, connectors, (file,))
    if settings is None:
        raise ConfigErrors(_errors(findings))
    return settings.sets[0], tuple(each for each in findings if each.place.file == file)


def inspect_trial(
    folder: Path,
    file: Path,
    environ: Mapping[str, str],
    connectors: ConnectorClasses = CONNECTORS,
) -> tuple[Settings | None, tuple[Finding, ...]]:
    """As `inspect`, the file standing in the folder for the set of the same id."""
    mine = _id_in(file, environ)
    there = [each for each in _set_files(folder) if each.resolve() != file.resolve()]
    others = [each for each in there if mine is None or _id_in(each, environ) != mine]
    return inspect(folder, environ, connectors, (*others, file))


def _id_in(file: Path, environ: Mapping[str, str]) -> object:
    """The id of the set of a file, None where it says none."""
    document, _ = read(file, environ)
    head = document.data.get("set") if document and isinstance(document.data, dict) else None
    return head.get("id") if isinstance(head, dict) else None


def inspect(
    folder: Path,
    environ: Mapping[str, str],
    connectors: ConnectorClasses = CONNECTORS,
    set_files: Sequence[Path] | None = None,
    *,
    only: str | None = None,
) -> tuple[Settings | None, tuple[Finding, ...]]:
    """The settings, None where there are errors, and all errors and warnings in their order.

    `environ` gives the values of `{env: NAME, default: …}`, tells which secrets are missing, and
    with CHISO_STORE the store before that of the file. `set_files` stand for the folder's own sets.
    `only` is a source beside which the others are not looked at.
    """
    files, findings = _files(folder, environ, set_files, only)
    parts, wrong = draft(files, connectors, environ)
    if only is not None:
        parts = replace(parts, sources_whole=False, whole=False)
    findings += [*wrong, *checked(parts)]
    ordered = _ordered(findings, folder)
    if any(each.severity == "error" for each in ordered) or parts.province is None:
        return None, ordered
    return build(parts, parts.province.value, folder), ordered


def _errors(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    return tuple(each for each in findings if each.severity == "error")


def _files(
    folder: Path,
    environ: Mapping[str, str],
    set_files: Sequence[Path] | None,
    only: str | None,
) -> tuple[Files, list[Finding]]:
    if not folder.is_dir():
        return Files(None, None, None, ()), [Finding(Place(folder, 0), "no such folder")]
    findings = _strangers(folder, set_files or ())

    def document(file: Path) -> Document | None:
        found, wrong = read(file, environ)
        findings.extend(wrong)
        return found

    province, metrics, sources = (document(folder / name) for name in _NAMES)
    sets = [document(file) for file in (set_files or _set_files(folder))]
    if not sets:
        findings.append(Finding(Place(folder, 0), "has no indicators-*.yaml: nothing to score by"))
    if sources and only is not None:
        sources = _narrowed(sources, only)
    if sources:
        sources, wrong = with_presets(sources, folder, environ)
        findings += wrong
    return Files(province, metrics, sources, tuple(each for each in sets if each)), findings


def _narrowed(sources: Document, only: str) -> Document:
    every = sources.data.get("sources")
    kept = {only: every[only]} if isinstance(every, dict) and only in every else {}
    return replace(sources, data={**sources.data, "sources": kept})


def _set_files(folder: Path) -> list[Path]:
    return sorted(folder.glob("indicators-*.yaml"))


def _strangers(folder: Path, given: Sequence[Path]) -> list[Finding]:
    """Files that look as if they were read, and are not; `given` are read anyway."""
    read_here = {*_NAMES, *(file.name for file in _set_files(folder))}
    found = sorted(file for file in folder.iterdir() if file.suffix in {".yaml", ".yml"})
    return [
        Finding(Place(file, 1), f"is read by nobody{hint(file.name, read_here)}", "warning")
        for file in found
        if file.name not in read_here and file not in given
    ]


def _ordered(findings: Iterable[Finding], folder: Path) -> tuple[Finding, ...]:
    """By file as they are read, then by line; the same thing is said once."""
    files = [folder, *(folder / name for name in _NAMES), *_set_files(folder)]
    ranks = {file: rank for rank, file in enumerate(files)}

    def rank(finding: Finding) -> tuple[int, str, int, str, str]:
        place = finding.place
        return (
            ranks.get(place.file, len(ranks)),
            str(place.file),
            place.line,
            place.key,
            finding.problem,
        )

    return tuple(sorted(set(findings), key=rank))
