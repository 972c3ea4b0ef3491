from collector.web.links import Here


def test_defaults_are_left_out_of_an_address() -> None:
    assert Here("vi", "/").href() == "/"
    assert Here("en", "/sources").href() == "/en/sources"


def test_a_column_sorts_its_own_way_first_and_turns_when_asked_again() -> None:
    here = Here("vi", "/", "s")

    assert here.sorted_by("score") == "/?set=s&sort=score"
    assert Here("vi", "/", sort="score").sorted_by("score") == "/?sort=score&dir=asc"
    assert Here("vi", "/", sort="score", direction="asc").sorted_by("score") == "/?sort=score"
    assert here.sorted_by("rank") == "/?set=s&dir=desc"


def test_an_odd_id_is_quoted() -> None:
    assert Here("vi", "/agencies/a b/ä").href() == "/agencies/a%20b/%C3%A4"
    assert Here("vi", "/", "a&b").to("/sources") == "/sources?set=a%26b"


def test_the_csv_is_that_of_the_set_and_the_language() -> None:
    assert Here("en", "/", "s").download("csv") == "/api/v1/scoreboard.csv?set=s&lang=en"
    assert Here("vi", "/").download("json") == "/api/v1/scoreboard"
