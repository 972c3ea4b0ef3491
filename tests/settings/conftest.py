from pathlib import Path

import pytest

from tests.settings.folder import Folder, valid


@pytest.fixture
def folder(tmp_path: Path) -> Folder:
    return valid(tmp_path)
