"""Errors in the shape in which drivers raise them that are not among our own dependencies."""

import pytest
from sqlalchemy.exc import DBAPIError

from connectors.sql_faults import code_of, fault_of


class OperationalError(Exception):
    """As PyMySQL, mysqlclient and pyodbc have it: a number or an SQLSTATE, then words."""


def wrapped(*args: object) -> DBAPIError:
    return DBAPIError("SELECT secret FROM t", None, OperationalError(*args))


@pytest.mark.parametrize(
    ("args", "reason", "permanent"),
    [
        ((1045, "Access denied for user 'planted'@'host'"), "auth", True),
        ((1142, "SELECT command denied to user 'planted' for table 't'"), "auth", True),
        ((1049, "Unknown database 'planted'"), "config", True),
        ((1792, "Cannot execute statement in a READ ONLY transaction."), "config", True),
        ((2003, "Can't connect to MySQL server on 'planted'"), "source", False),
        ((3024, "Query execution was interrupted, maximum time exceeded"), "source", False),
        ((1064, "You have an error in your SQL syntax near 'planted'"), "config", True),
        (("28000", "[28000] Login failed for user 'planted'. (18456)"), "auth", True),
        (("08001", "[08001] TCP Provider: no route to planted"), "source", False),
        (("HYT00", "[HYT00] Query timeout expired"), "source", False),
    ],
)
def test_a_drivers_own_code_says_whose_fault_it_is_and_its_words_are_not_shown(
    args: tuple[object, ...], reason: str, *, permanent: bool
) -> None:
    fault = fault_of(wrapped(*args), connecting=False)

    assert (fault.reason, fault.permanent) == (reason, permanent)
    assert "planted" not in fault.words


@pytest.mark.parametrize(
    ("words", "reason"),
    [
        ('FATAL:  password authentication failed for user "planted"', "auth"),
        ("fe_sendauth: no password supplied", "auth"),
        ('FATAL:  no pg_hba.conf entry for host "10.0.0.1"', "auth"),
        ('FATAL:  permission denied for database "planted"', "auth"),
        ('FATAL:  database "planted" does not exist', "config"),
        ("FATAL:  the database system is starting up", "source"),
        ("Connection refused", "source"),
    ],
)
def test_before_one_is_let_in_there_are_only_words(words: str, reason: str) -> None:
    fault = fault_of(wrapped(words), connecting=True)

    assert fault.reason == reason
    assert "planted" not in fault.words


def test_an_error_without_any_code_is_told_by_its_name_alone() -> None:
    fault = fault_of(wrapped("planted is no date"), connecting=False)

    assert (fault.reason, fault.words) == ("config", "it refuses the query: OperationalError")


def test_a_value_that_the_driver_cannot_read_is_an_error_of_content() -> None:
    unreadable = type("DataError", (Exception,), {})("planted is too large a year")

    fault = fault_of(DBAPIError("SELECT 1", None, unreadable), connecting=False)

    assert (fault.reason, "planted" in fault.words) == ("content", False)


def test_a_driver_that_is_not_installed_is_named() -> None:
    fault = fault_of(ModuleNotFoundError("no", name="oracledb"), connecting=True)

    assert (fault.reason, fault.words) == ("config", "its driver oracledb is not installed")


def test_a_text_of_five_letters_is_a_code_only_without_signs() -> None:
    assert code_of(OperationalError("42P01", "x")) == "42P01"
    assert code_of(OperationalError("oh no", "x")) == ""
