"""What both interfaces of a UniFi controller share: counts, figures, and sites by their names."""

from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any, Literal, TypeAlias

from connectors.base import SourceError
from connectors.numbers import read_number

Count = Literal["access_points", "access_points_online", "clients"]
Counts: TypeAlias = Mapping[Count, Decimal]
Rows: TypeAlias = list[dict[str, Any]]


def site_names(sites: Iterable[str], rows: Rows, keys: tuple[str, ...], of: str) -> dict[str, str]:
    """What the controller calls (`of`) each site that we name by one of its `keys`."""
    names: dict[str, str] = {}
    for site in sites:
        name = _site_name(site, rows, keys, of)
        if name in names.values():
            raise SourceError(f"site {site!r} is named twice under sites", reason="config")
        names[site] = name
    return names


def _site_name(site: str, rows: Rows, keys: tuple[str, ...], of: str) -> str:
    for key in keys:
        found = [row.get(of) for row in rows if row.get(key) == site]
        if len(found) > 1:
            raise SourceError(f"{len(found)} sites have the {key} {site!r}", reason="content")
        if found and isinstance(found[0], str):
            return found[0]
    known = ", ".join(sorted(f"{row.get(keys[0])} ({row.get(keys[-1])})" for row in rows))
    there = f"it shows {known}" if known else "it shows none to this account"
    raise SourceError(f"the controller has no site {site!r}; {there}", reason="content")


def figure(row: Mapping[str, Any], key: str, site: str) -> Decimal:
    """A figure of a device or a report; SourceError(reason="content") where there is none."""
    value = read_number(row.get(key), "plain")
    if isinstance(value, str) or not value.is_finite():
        of = row.get("name") or row.get("mac") or row.get("subsystem")
        raise SourceError(f"site {site}: {key} of {of} is {value}", reason="content")
    return value
