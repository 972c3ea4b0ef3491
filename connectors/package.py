"""The zip package behind an xlsx file, bounded before the reader of worksheets sees it."""

import io
import re
import zlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from xml.parsers import expat
from zipfile import ZIP_DEFLATED, ZIP_STORED, BadZipFile, ZipFile, ZipInfo

from pydantic import ByteSize, Field

from connectors.base import Model

_ENTRY_SIGNATURE = b"PK\x01\x02"
_OLE_SIGNATURE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_ENCRYPTED_FLAG = 0x1
_REFERENCE = re.compile(r"([A-Z]{1,3})([1-9]\d{0,6})")
_ROW_NUMBER = re.compile(r"[1-9]\d{0,6}")


class BadFile(Exception):  # noqa: N818  the file is bad, not the program
    """A file of which nothing is used: where in it, and why."""

    def __init__(self, where: str, problem: str) -> None:
        super().__init__(f"{where}: {problem}")
        self.where = where
        self.problem = problem


class TableLimits(Model):
    """What one file may unpack to.

    `max_ratio` is unpacked to packed bytes of an entry; `max_cells` counts the rectangle around
    all content, `max_text` the characters of all text cells together.
    """

    max_entries: int = Field(default=1000, ge=1)
    """Most entries of one package."""
    max_ratio: int = Field(default=100, ge=1)
    """Most unpacked bytes to a packed one."""
    max_unpacked: ByteSize = Field(default=ByteSize(50_000_000), gt=0)
    """Most bytes of one file, unpacked."""
    max_rows: int = Field(default=100_000, ge=1)
    """Most rows of one table."""
    max_cells: int = Field(default=1_000_000, ge=1)
    """Most cells of the rectangle around all content."""
    max_text: int = Field(default=50_000_000, ge=1)
    """Most characters of all text cells together."""


@dataclass
class Extent:
    """How far the content of all worksheets reaches, as a reader would lay it out in memory."""

    rows: int = 0
    columns: int = 0
    text_cells: int = 0
    text_longest: int = 0


def repack(body: bytes, limits: TableLimits) -> bytes:
    """The package's XML parts alone, stored, with all limits kept; BadFile otherwise.

    Packed anew because sizes and names in a zip stand in two places that may disagree: what is
    handed on is what was looked at.
    """
    parts = _parts(body, limits)
    _judge(_extent(parts), limits)
    packed = io.BytesIO()
    with ZipFile(packed, "w", ZIP_STORED) as package:
        for name, content in parts.items():
            package.writestr(ZipInfo(name), content)
    return packed.getvalue()


def _parts(body: bytes, limits: TableLimits) -> Mapping[str, bytes]:
    if body.startswith(_OLE_SIGNATURE):
        raise BadFile("the file", "is encrypted, or of Excel 97–2003: save it as plain xlsx")
    # Counted before the directory is read: reading it costs memory for every entry.
    if body.count(_ENTRY_SIGNATURE) > limits.max_entries:
        raise BadFile("the file", f"has more than {limits.max_entries} zip entries")
    try:
        with ZipFile(io.BytesIO(body)) as package:
            infos = package.infolist()
            _judge_entries(infos, limits)
            return {info.filename: package.read(info) for info in infos if _is_xml(info)}
    except (BadZipFile, zlib.error, EOFError, OSError, ValueError, NotImplementedError) as error:
        raise BadFile(
            "the file", f"is no whole xlsx file: {str(error) or 'it ends early'}"
        ) from error


def _is_xml(info: ZipInfo) -> bool:
    """Parts of a workbook in XML; pictures, macros and other formats' parts are left behind."""
    name = info.filename
    inside = name.startswith(("xl/", "_rels/")) or name == "[Content_Types].xml"
    return inside and name.endswith((".xml", ".rels"))


def _judge_entries(infos: Iterable[ZipInfo], limits: TableLimits) -> None:
    unpacked, names = 0, set[str]()
    for info in infos:
        unpacked += info.file_size
        if info.flag_bits & _ENCRYPTED_FLAG:
            raise BadFile(info.filename, "is encrypted")
        if info.compress_type not in {ZIP_STORED, ZIP_DEFLATED}:
            raise BadFile(info.filename, f"is packed by method {info.compress_type}")
        if info.file_size > limits.max_ratio * max(info.compress_size, 1):
            raise BadFile(info.filename, f"unpacks to over {limits.max_ratio} times its size")
        if unpacked > limits.max_unpacked:
            raise BadFile("the file", f"unpacks to over {limits.max_unpacked} bytes")
        if info.filename.lower() in names:
            raise BadFile(info.filename, "stands twice in the zip")
        names.add(info.filename.lower())


def _extent(parts: Mapping[str, bytes]) -> Extent:
    extent = Extent()
    for name, content in parts.items():
        try:
            _Survey(extent).read(content)
        except expat.ExpatError as error:
            raise BadFile(name, f"is no well-formed XML: {error}") from error
    return extent


def _judge(extent: Extent, limits: TableLimits) -> None:
    if extent.rows > limits.max_rows:
        raise BadFile("the sheets", f"reach row {extent.rows}, over {limits.max_rows}")
    if extent.rows * extent.columns > limits.max_cells:
        raise BadFile("the sheets", f"span more than {limits.max_cells} cells")
    if extent.text_cells * extent.text_longest > limits.max_text:
        raise BadFile("the sheets", f"may hold more than {limits.max_text} characters")


@dataclass
class _Survey:
    """Walks one XML part as a stream: cells with content widen the extent."""

    extent: Extent
    row: int = 0
    column: int = 0
    text: int | None = None  # characters so far inside a shared string
    inside: list[str] = field(default_factory=list)

    def read(self, content: bytes) -> None:
        # The encoding is fixed, as it is for the reader of worksheets.
        parser = expat.ParserCreate("utf-8")
        parser.buffer_text = True
        parser.StartDoctypeDeclHandler = _refuse_doctype
        parser.StartElementHandler = self._begin
        parser.EndElementHandler = self._finish
        parser.CharacterDataHandler = self._characters
        parser.Parse(content, True)

    def _begin(self, tag: str, attributes: Mapping[str, str]) -> None:
        name = tag.rpartition(":")[2]
        if self.inside and self.inside[-1] == "c":
            self._widen()
        elif name == "c":
            self._place(attributes.get("r"))
            self.extent.text_cells += attributes.get("t") == "s"
        elif name == "row":
            self._start_row(attributes.get("r"))
        elif name == "si":
            self.text = 0
        self.inside.append(name)

    def _finish(self, tag: str) -> None:
        self.inside.pop()
        if self.text is not None and tag.rpartition(":")[2] == "si":
            self.extent.text_longest = max(self.extent.text_longest, self.text)
            self.text = None

    def _characters(self, text: str) -> None:
        if self.text is not None:
            self.text += len(text)

    def _start_row(self, number: str | None) -> None:
        if number is not None and not _ROW_NUMBER.fullmatch(number):
            raise BadFile("a sheet", f"has a row {number[:20]!r}")
        self.row = self.row + 1 if number is None else int(number)
        self.column = 0

    def _place(self, reference: str | None) -> None:
        """A cell without a reference follows the one before."""
        if reference is None:
            self.column += 1
            return
        match = _REFERENCE.fullmatch(reference)
        if match is None:
            raise BadFile("a sheet", f"has a cell {reference[:20]!r}")
        self.column, self.row = _column(match[1]), int(match[2])

    def _widen(self) -> None:
        self.extent.rows = max(self.extent.rows, self.row)
        self.extent.columns = max(self.extent.columns, self.column)


def _refuse_doctype(*_: object) -> None:
    raise BadFile("the file", "declares a document type")


def _column(letters: str) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + ord(letter) - ord("A") + 1
    return number
