from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.faults.certificates import made
from tests.faults.session import Record, recorded
from tests.faults.speakers import SPEAKERS


@pytest.fixture(scope="session")
def records(tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, Record]:
    """What became of every fault, by speaker; side by side, for most of it is waiting."""
    certificates = made(tmp_path_factory.mktemp("certificates"))
    folders = {name: tmp_path_factory.mktemp(name.replace(" ", "-")) for name in SPEAKERS}

    def record(name: str) -> Record:
        return recorded(name, folders[name], certificates)

    with ThreadPoolExecutor(len(SPEAKERS)) as side_by_side:
        return dict(zip(SPEAKERS, side_by_side.map(record, SPEAKERS), strict=True))
