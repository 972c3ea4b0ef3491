"""An answer as it came, and what of it may be shown."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Reply:
    """`headers` has lower-case names; `body` is whole and unpacked; `url` is redacted."""

    status: int
    headers: Mapping[str, str]
    body: bytes
    url: str

    def json(self, *, any_type: bool = False) -> Any:
        """The body as strict JSON, numbers as int or Decimal; SourceError("content") otherwise.

        An HTML page is refused by its type or its first sign; `any_type` ignores the type, for
        sources that label JSON as HTML.
        """
        raise NotImplementedError
