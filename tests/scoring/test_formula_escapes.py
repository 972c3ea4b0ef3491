import pytest

from scoring.formula import FormulaError, parse_formula

REFUSED = [
    ("", "it is empty"),
    (" \n ", "it is empty"),
    ("1", "it names no metric"),
    ("min(1, 2)", "it names no metric"),
    ("a.real", "a dot behind a name is not allowed: 'a.real' (character 1)"),
    ("b + a.__class__", "a dot behind a name is not allowed: 'a.__class__' (character 5)"),
    ("a.__class__.__base__", "a dot behind a name"),
    ("a[0]", "character '[' is not allowed (character 2)"),
    ("{a}", "character '{'"),
    ("'a'", 'character "\'"'),
    ('__import__("os")', "character '\"'"),
    ("__import__(os)", "a call other than min, max, sum is not allowed"),
    ("eval(a)", "a call other than min, max, sum"),
    ("a(b)", "a call other than min, max, sum"),
    ("min(a)(b)", "a call other than min, max, sum"),
    ("(min)(a).real", "a dot behind a name"),
    ("abs(a)", "a call other than min, max, sum"),
    ("min()", "min() without plain arguments"),
    ("min(a, key=b)", "min() without plain arguments"),
    ("min(a=b)", "min() without plain arguments"),
    ("min(*a)", "is not allowed: '*a'"),
    ("min(**a)", "min() without plain arguments"),
    ("min", "a function without its arguments is not allowed: 'min'"),
    ("min + a", "a function without its arguments"),
    ("a ** 2", "a power is not allowed: 'a ** 2'"),
    ("9 ** 9 ** 9 ** 9", "a power"),
    ("a // 2", "`//` is not allowed"),
    ("a % 2", "character '%'"),
    ("a @ b", "character '@'"),
    ("a & b", "character '&'"),
    ("a << 9", "not allowed: 'a << 9'"),
    ("a >> 9", "not allowed: 'a >> 9'"),
    ("~a", "character '~'"),
    ("+a", "a sign other than minus is not allowed"),
    ("not a", "a sign other than minus is not allowed"),
    ("a and b", "`and`, `or`"),
    ("a or b", "`and`, `or`"),
    ("a if b else c", "`if` is not allowed"),
    ("a < b", "a comparison is not allowed"),
    ("a == b", "a comparison is not allowed"),
    ("a, b", "a list is not allowed"),
    ("()", "a list is not allowed"),
    ("(a for a in b)", "this is not allowed: '(a for a in b)' (character 1)"),
    ("lambda", "not readable here: 'lambda'"),
    ("lambda: a", "character ':'"),
    ("(a := b)", "character ':'"),
    ("a = b", "not readable here"),
    ("a; b", "character ';'"),
    ("a # b", "character '#'"),
    ("a \\ b", "character '\\\\'"),
    ("await a", "not allowed"),
    ("yield", "not readable here"),
    ("(yield)", "not allowed"),
    ("a !b", "not readable here: "),
    ("True", "a word of Python is not allowed: 'True'"),
    ("None + a", "a word of Python"),
    ("... * a", "a word of Python"),
    ("1e5 * a", "'1e5' is neither a plain decimal number nor a name (character 1)"),
    ("a * 1E400", "'1E400' is neither"),
    ("0x10 * a", "'0x10' is neither"),
    ("1_000 * a", "'1_000' is neither"),
    ("1j * a", "'1j' is neither"),
    ("1if a else b", "'1if' is neither"),
    ("1.5.5 * a", "not readable here"),
    ("007 * a", "not readable here"),
    ("a.5", "not readable here"),
    ("a " + "b" * 40, f"not readable here: '{'b' * 40}' (character 3)"),
    ("a " + "b" * 41, f"not readable here: '{'b' * 40}…' (character 3)"),
    ("a b", "not readable here: 'b' (character 3)"),
    ("(a", "not readable here: '(a' (character 1)"),
    ("a +", "not readable here"),
    ("a)", "not readable here"),
    (")a(", "not readable here"),
    ("a / 0", "a division by 0 is not allowed: 'a / 0'"),
    ("a / 0.00", "a division by 0"),
    ("số_liệu", "character 'ố' is not allowed (character 2)"),
    ("ａ", "character 'ａ'"),
    ("a\x00", "character '\\x00'"),
    ("a + " + "9" * 400, "so great a number is not allowed"),
    ("a + " * 501 + "b", "it has 2005 characters; at most 2000 are allowed"),
    ("-" * 60 + "a", "it is nested more than 50 levels deep"),
    ("-" * 1999 + "a", "it is nested more than 50 levels deep"),
    ("(" * 999 + "a" + ")" * 999, "not readable here"),
    ("a-(" * 60 + "a" + ")" * 60, "it is nested more than 50 levels deep"),
    ("min(" * 60 + "a" + ")" * 60, "it is nested more than 50 levels deep"),
    ("+".join("a" * 60), "it is nested more than 50 levels deep; `sum(…)` is one level"),
]


@pytest.mark.parametrize(("text", "message"), REFUSED, ids=range(len(REFUSED)))
def test_what_is_no_arithmetic_over_metrics_is_refused_with_the_place(
    text: str, message: str
) -> None:
    with pytest.raises(FormulaError) as refusal:
        parse_formula(text)

    assert message in str(refusal.value)
    assert len(str(refusal.value)) < 150


def test_what_is_just_small_enough_is_allowed() -> None:
    assert parse_formula("-" * 49 + "a").metrics == {"a"}
    assert parse_formula("min(" * 49 + "a" + ")" * 49).metrics == {"a"}
    assert parse_formula("+".join("a" * 50)).metrics == {"a"}
    assert len(parse_formula(f"sum({','.join('a' * 998)})").text) == 2000


def test_deep_nesting_is_refused_from_deep_within_a_program_too() -> None:
    def deeper(levels: int) -> None:
        if levels:
            deeper(levels - 1)
        else:
            parse_formula("-" * 1999 + "a")

    # Python's own parser gives up here before our limit is looked at.
    with pytest.raises(FormulaError, match="nested more than 50 levels deep"):
        deeper(600)
