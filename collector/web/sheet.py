"""The ranked agencies as CSV that Excel opens: UTF-8 with a BOM, and no cell that is a formula."""

import csv
import io
from collections.abc import Mapping, Sequence
from decimal import Decimal

from collector.documents import Document
from collector.figures import Language
from scoring.shown import shown as shown_decimal

_BOM = "\N{ZERO WIDTH NO-BREAK SPACE}"
# A text that begins so is read as a formula, or broken up, by spreadsheets (CWE-1236).
_DANGEROUS = ("=", "+", "-", "@", "\t", "\r", "\n")

_FIGURES = (
    *("score", "low", "high", "rank", "rank_best", "rank_worst", "rank_certain"),
    *("band", "coverage", "change"),
)
_DIGITS = 2
_YES_NO: Mapping[Language, tuple[str, str]] = {"vi": ("không", "có"), "en": ("no", "yes")}
_HEADS: Mapping[Language, Sequence[str]] = {
    "vi": (
        "Mã",
        "Khối",
        "Cơ quan",
        "Điểm",
        "Điểm thấp nhất có thể",
        "Điểm cao nhất có thể",
        "Hạng",
        "Hạng tốt nhất có thể",
        "Hạng kém nhất có thể",
        "Hạng chắc chắn",
        "Mức",
        "Độ phủ",
        "So với hôm qua",
    ),
    "en": (
        "Id",
        "Block",
        "Agency",
        "Score",
        "Lowest possible score",
        "Highest possible score",
        "Rank",
        "Best possible rank",
        "Worst possible rank",
        "Rank is certain",
        "Band",
        "Coverage",
        "Change since yesterday",
    ),
}


def scoreboard_csv(document: Document, bands: Mapping[str, str], language: Language | None) -> str:
    """One row an agency. Without a language for programs: keys as heads, both names, points.

    With one, for people: its heads, names and band names, and what Excel set to that language
    expects between and inside numbers. `bands` are the names in that language, by id.
    """
    out = io.StringIO(_BOM)
    out.seek(0, io.SEEK_END)
    writer = csv.writer(out, delimiter=";" if language == "vi" else ",", lineterminator="\r\n")
    if language is None:
        writer.writerow(("id", "block", "name_vi", "name_en", *_FIGURES))
        writer.writerows(_plain_row(one) for one in document["agencies"])
        return out.getvalue()
    blocks = {one["id"]: one["name"][language] for one in document["blocks"]}
    writer.writerow(_HEADS[language])
    writer.writerows(_row(one, blocks, bands, language) for one in document["agencies"])
    return out.getvalue()


def _plain_row(agency: Document) -> list[str]:
    name = agency["name"]
    texts = [agency["id"], agency["block"], name["vi"], name["en"]]
    return [*map(_text, texts), *(_cell(agency[key], ".") for key in _FIGURES)]


def _row(
    agency: Document, blocks: Mapping[str, str], bands: Mapping[str, str], language: Language
) -> list[str]:
    point = "," if language == "vi" else "."
    block = blocks.get(agency["block"], agency["block"])
    certain = _YES_NO[language][agency["rank_certain"]]
    shown = agency | {"band": bands.get(agency["band"]), "rank_certain": certain}
    texts = [agency["id"], block, agency["name"][language]]
    return [*map(_text, texts), *(_people_cell(key, shown[key], point) for key in _FIGURES)]


def _people_cell(key: str, value: object, point: str) -> str:
    """Two decimals at least, as pages have them; of a share no more. Ranks are whole."""
    if not isinstance(value, float):
        return _cell(value, point)
    decimals = -int(Decimal(str(value)).as_tuple().exponent)
    digits = _DIGITS if key == "coverage" else max(_DIGITS, decimals)
    return f"{shown_decimal(value, digits):f}".replace(".", point)


def _cell(value: object, point: str) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, str):
        return _text(value)
    return str(value).replace(".", point)


def _text(text: str) -> str:
    return f"'{text}" if text.startswith(_DANGEROUS) else text
