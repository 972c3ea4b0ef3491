"""Why a rescoring moves scores, as text."""

from rich.console import Console
from rich.table import Table

from collector.documents import Document


def print_why(why: Document, out: Console) -> None:
    """What the two sets say otherwise, and what each indicator does to the points at the end."""
    out.print("\nWhy", style="bold")
    for one in why["differences"]:
        out.print(f"  {_difference(one)}", markup=False, soft_wrap=True)
    if not why["differences"]:
        out.print("  The two sets say the same of every indicator.")
    if why["indicators"]:
        out.print(_table(why["indicators"]))
    else:
        out.print("  No indicator's points change.")


def _difference(one: Document) -> str:
    owner = one["indicator"] or "set"
    if one["key"] is not None:
        return f"{owner}: {one['key']} {one['live'] or 'unsaid'} → {one['rescored'] or 'unsaid'}"
    if one["live"] is None:
        return f"{owner}: added, {one['rescored']} points"
    return f"{owner}: removed, {one['live']} points"


def _table(indicators: list[Document]) -> Table:
    table = Table(box=None, pad_edge=False)
    for head in ("Mean points", "Gain", "Lose"):
        table.add_column(head, justify="right")
    table.add_column("Indicator")
    for one in indicators:
        change = f"{one['mean_change']:+.2f}"
        table.add_row(change, str(one["gain"]), str(one["lose"]), one["id"])
    return table
