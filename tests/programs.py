"""Programs from outside Python that some tests need."""

import os
import shutil

import pytest


def require(program: str) -> str:
    """Its path; else the test is skipped, or fails where CHISO_TEST_ALL=1 wants every test run."""
    found = shutil.which(program)
    if found is not None:
        return found
    reason = f"{program} is not installed (Debian has it; .ci/run installs it)"
    if os.environ.get("CHISO_TEST_ALL") == "1":
        pytest.fail(reason)
    pytest.skip(reason)
