"""Templates to HTML: autoescaped, and loud about a name that is not there."""

from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined

from collector.figures import Language
from collector.web.current import Current
from collector.web.links import Here
from collector.web.site import Site
from collector.web.views.headline import Band, bands_of
from collector.web.views.sources_view import SourceRow
from collector.web.words.voice import Voice


@dataclass(frozen=True, slots=True)
class Frame:
    """What stands around every page's own content."""

    voice: Voice
    here: Here
    brand: str
    note: str | None
    sets: tuple[tuple[str, str, bool], ...] = ()  # name, link, whether it is shown
    bands: tuple[Band, ...] = ()
    number: int | None = None
    set_name: str | None = None
    data_us: int | None = None
    fetched_us: int | None = None
    published_us: int | None = None
    late: tuple[SourceRow, ...] = ()  # sources that need attention


def render(template: str, frame: Frame, **data: Any) -> str:
    return (
        environment()
        .get_template(template)
        .render(frame=frame, voice=frame.voice, say=frame.voice.say, here=frame.here, **data)
    )


def frame_of(
    site: Site,
    language: Language,
    here: Here,
    one: Current | None = None,
    late: tuple[SourceRow, ...] = (),
) -> Frame:
    voice = Voice(language, site.settings.zone, site.now_us())
    note = site.note()
    brand = f"{voice.say('brand')} · {voice.name(site.settings.province_name)}"
    said = None if note is None else note[0 if language == "vi" else 1]
    if one is None:
        return Frame(voice, here, brand, said)
    good = one.published.last_ok.values()
    return Frame(
        voice,
        here,
        brand,
        said,
        sets=_sets(one, voice, here),
        bands=bands_of(one.head, voice),
        number=one.edition.number,
        set_name=voice.name(one.head["name"]),
        data_us=one.edition.data_us,
        fetched_us=max((run.ended_us for run in good), default=None),
        published_us=one.edition.published_us,
        late=late,
    )


@lru_cache(maxsize=1)
def environment() -> Environment:
    return Environment(
        loader=PackageLoader("collector.web"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )


def _sets(one: Current, voice: Voice, here: Here) -> tuple[tuple[str, str, bool], ...]:
    """The sets in force, where there is a choice."""
    ids = one.edition.set_ids()
    if len(ids) <= 1:
        return ()
    return tuple(
        (
            voice.name((one.edition.body(set_id, "set") or {})["name"]),
            here.with_set(None if set_id == ids[0] else set_id),
            set_id == one.set_id,
        )
        for set_id in ids
    )
