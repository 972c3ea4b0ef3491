"""A process of its own that commits run after run, and tells each number once it is committed."""

import sys

from collector.facts import Cell, Series
from collector.store import Store
from tests.store.made import at, commit, fact, made_run

ROWS = 40


def main(url: str) -> None:
    store = Store.open(url)
    for minute in range(store.head(), 1_000_000):
        facts = [fact(Series("m", f"agency-{n}", ""), str(minute), minute) for n in range(ROWS)]
        cells = [Cell("s", f"agency/{n}", str(minute)) for n in range(ROWS)]
        number = commit(store, made_run(minute, *facts), cells=cells)
        sys.stdout.write(f"{number} {at(minute)}\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main(sys.argv[1])
