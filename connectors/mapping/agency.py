"""Whose a record is: by code, by name, by what was asked for, or always the same."""

import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Literal, Self

from pydantic import model_validator

from connectors.base import Model
from connectors.query import Path

_CODE_CHARS_MAX = 200


class AgencyOption(Model):
    """Where a record names its agency; exactly one of code, name, each and id."""

    code: Path | None = None
    """JMESPath to the agency's code in a record."""
    name: Path | None = None
    """JMESPath to its name, compared whatever its case, spaces and way of composing accents; the
    codes of `system`, or the keys of `sites`, are then names."""
    each: Literal[True] | str | None = None
    """The value that the request was asked for (`for_each`), or that one of its values."""
    id: str | None = None
    """Our own agency id, where the whole answer speaks of one agency."""
    system: str | None = None
    """The system whose codes in province.yaml these are; without it, and without `sites` of the
    source, they are our own ids."""

    @model_validator(mode="after")
    def _one_way(self) -> Self:
        ways = (self.code, self.name, self.each, self.id)
        if sum(each is not None for each in ways) != 1:
            raise ValueError("needs one of code, name, each and id")
        if self.id is not None and self.system:
            raise ValueError("an id is our own: it is in no system")
        return self

    @property
    def path(self) -> Path | None:
        """What is asked of a record."""
        return self.code if self.code is not None else self.name


class Spelling:
    """From what records say to the codes, or ids, that our own files spell: the `known` ones."""

    def __init__(
        self, option: AgencyOption, sites: Mapping[str, str], codes: Iterable[str]
    ) -> None:
        listed = sites or {code: code for code in codes}
        self._option = option
        self._ours = frozenset(sites.values())
        self._listed = _by_name(listed) if option.name is not None else listed
        # Most say what is listed, letter by letter.
        self._as_written = {text: self._code(text) for text in listed}
        self.known = frozenset([*codes, *self._ours])

    def codes(self, said: Sequence[Any]) -> list[str]:
        """Of what records say, or of what they were asked for, where that tells whose they are.

        What is nobody's comes back as it was said: it is refused with what was got.
        """
        option = self._option
        if option.id is not None:
            return [option.id] * len(said)
        if isinstance(option.each, str):
            said = [each[option.each] for each in said]
        found = self._as_written
        return [
            found[one] if type(one) is str and one in found else self._code(one) for one in said
        ]

    def _code(self, said: Any) -> str:
        text = "" if said is None else str(said).strip()[:_CODE_CHARS_MAX]
        known = self._listed.get(normal_name(text) if self._option.name is not None else text)
        if known is not None:
            return known
        # One of our own ids would otherwise pass for a code that nobody has listed.
        return f"{text}?" if text in self._ours else text


def normal_name(name: str) -> str:
    """A name as it is compared: composed accents, one space between words, no case."""
    folded = unicodedata.normalize("NFC", name).casefold()
    return " ".join(unicodedata.normalize("NFC", folded).split())


def _by_name(known: Mapping[str, str]) -> dict[str, str]:
    """Names that are alike tell nothing apart, so neither of them is known."""
    alike: dict[str, set[str]] = {}
    for name, ours in known.items():
        alike.setdefault(normal_name(name), set()).add(ours)
    return {name: next(iter(ours)) for name, ours in alike.items() if len(ours) == 1}
