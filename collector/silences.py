"""Of whom an answer says nothing of what its source feeds."""

from datetime import date

from collector.directory import Directory
from collector.documents import Document
from collector.facts import Run
from collector.settings.model import Source


def silences(run: Run, source: Source, directory: Directory, day: date) -> list[Document]:
    """Each metric fed, in order, with the known agencies of which a run had no row; else none.

    A row that was refused is one. None of a run without an answer.
    """
    if run.outcome not in {"ok", "held"}:
        return []
    said = {one.series[:2] for one in run.admitted if one.value is not None}
    said |= {one.series[:2] for one in run.refusals if one.series is not None}
    expected = sorted(directory.expected(source, day))
    found = []
    for metric in sorted({metric for metric, _ in source.connector.feeds()}):
        gone = [agency for agency in expected if (metric, agency) not in said]
        if gone:
            found.append({"metric": metric, "agencies": gone})
    return found
