"""What a request looks at: one published scoreboard and one of its sets, taken once."""

from dataclasses import dataclass

from fastapi import HTTPException

from collector.documents import Document, Edition, agency_document, scoreboard_document
from collector.outlook import nothing_in_force
from collector.publish import Published
from collector.settings.model import Settings
from collector.web.site import Site


@dataclass(frozen=True)
class Current:
    """A scoreboard and the set asked for; nothing here reads the store."""

    settings: Settings
    published: Published
    edition: Edition
    set_id: str

    @property
    def head(self) -> Document:
        """What the set is called, its bands, groups, indicators and digits."""
        return self.edition.body(self.set_id, "set") or {}

    def scoreboard(self) -> Document:
        return scoreboard_document(self.edition, self.set_id)

    def agency(self, agency: str) -> Document:
        """404 for an agency that the scoreboard does not have."""
        if agency not in self.head["agencies"]:
            raise HTTPException(404, f"the scoreboard has no agency {agency!r}")
        return agency_document(
            self.edition,
            self.set_id,
            agency,
            settings=self.settings,
            readings=self.published.known.readings,
            sources=self.published.feeding(),
        )


def current(site: Site, set_id: str | None) -> Current:
    """503 before anything is published and while no set is in force, 404 for another set."""
    found = current_or_none(site, set_id)
    if found is None:
        begun = site.published().board.number > 0
        why = nothing_in_force(site.settings) if begun else "no scoreboard is published yet"
        raise HTTPException(503, why)
    return found


def current_or_none(site: Site, set_id: str | None) -> Current | None:
    """None before anything is published and while no set is in force, 404 for another set."""
    published = site.published()
    edition = published.edition()
    sets = edition.set_ids()
    if not published.board.number or not sets:
        return None
    if set_id is not None and set_id not in sets:
        raise HTTPException(404, f"no set {set_id!r} is in force; there are: {', '.join(sets)}")
    return Current(site.settings, published, edition, set_id or sets[0])
