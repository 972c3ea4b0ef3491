import pytest

from collector.web.parts import parts_of


@pytest.mark.parametrize(
    ("text", "values", "parts"),
    [
        ("a / b", {"a": 3.0, "b": 4.0}, (3.0, 4.0)),
        ("(a + b) / (c - 1)", {"a": 1.0, "b": 2.0, "c": 8.0}, (3.0, 7.0)),
        ("a / b", {"a": 3.0, "b": 0.0}, (3.0, 0.0)),
        ("a / b", {"a": 3.0}, None),
        ("a", {"a": 3.0}, None),
        ("a * b", {"a": 3.0, "b": 2.0}, None),
        ("a / b / c", {"a": 8.0, "b": 2.0, "c": 3.0}, (4.0, 3.0)),
        ("a / b / c", {"a": 8.0, "b": 0.0, "c": 3.0}, None),
    ],
)
def test_numerator_and_denominator_are_those_of_the_outer_division(
    text: str, values: dict[str, float], parts: tuple[float, float] | None
) -> None:
    assert parts_of(text, values) == parts
