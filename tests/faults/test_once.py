"""Faults that once got through and stand in no answer of the table."""

import pytest

from connectors.moments import DataAt


@pytest.mark.parametrize(
    ("form", "raw"),
    [
        ("epoch", 1_729_065_600_000),
        ("epoch", "1729065600000"),
        ("epoch_ms", 1_729_065_600_000_000),
        ("epoch", 10**15),
        ("epoch", -(10**11)),
        ("iso", "9999-12-31T23:59:59-12:00"),
        ("iso", "0001-01-01T00:00:00+14:00"),
        ("iso", "20240-10-16"),
    ],
)
def test_a_time_that_is_read_in_another_unit_is_no_time(form: str, raw: object) -> None:
    """It was an error of ours: no calendar of the province reaches so far."""
    option = DataAt.model_validate({"path": "at", "format": form, "zone": "Asia/Ho_Chi_Minh"})

    with pytest.raises(ValueError, match="no time"):
        option.read_us(raw, None)
