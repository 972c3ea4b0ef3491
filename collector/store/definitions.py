"""What sets said, by their digests."""

from collections.abc import Mapping

from sqlalchemy import Connection, insert, select

from collector.store.tables import sets


def append_definitions(
    connection: Connection, kept: set[str], definitions: Mapping[str, str]
) -> None:
    """Keep each definition once; `kept` are digests known to stand, and grows."""
    if kept >= definitions.keys():
        return
    kept.update(connection.scalars(select(sets.c.digest)))
    new = [{"digest": one, "body": definitions[one]} for one in definitions if one not in kept]
    if new:
        connection.execute(insert(sets), new)
    kept.update(definitions)


def definition_of(connection: Connection, digest: str) -> str | None:
    return connection.scalar(select(sets.c.body).where(sets.c.digest == digest))
