# Copyright (c) 2026 the edgeai.fleet authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to edgeai.fleet: its interface may change in any release.

"""The cells of a CSV or XLSX file, within limits. Nothing in it is evaluated."""

from __future__ import annotations

import csv
import datetime
import io
import typing as t
import zipfile
from pathlib import Path

CSV, XLSX = ".csv", ".xlsx"
MIB = 1 << 20
#: The largest file, and what it may unpack to. A lab of ten thousand boards needs less than 2 MiB.
MAX_FILE, MAX_UNPACKED = 20 * MIB, 100 * MIB
MAX_MEMBERS = 1000
MAX_ROWS, MAX_COLUMNS, MAX_CELLS = 20_000, 256, 1_000_000
#: Excel's own limit of a cell.
MAX_LENGTH = 32_767
_DELIMITERS = (",", ";", "\t", "|")

Value = str | int | float | bool | None


class SheetError(Exception):
    """What is wrong with a spreadsheet, where, and what to do."""


class Sheet(t.NamedTuple):
    name: str | None  # None: a CSV file has no sheets
    rows: list[list[Value]]


def column_letters(number: int) -> str:
    """0 -> A, 26 -> AA."""
    letters = ""
    number += 1
    while number:
        number, rest = divmod(number - 1, 26)
        letters = chr(ord("A") + rest) + letters
    return letters


def place(sheet: str | None, row: int | None = None, column: int | None = None) -> str:
    """Where something is, as a person finds it: sheet 'Lab', row 7, column C."""
    parts = [
        *([f"sheet {sheet!r}"] if sheet is not None else []),
        *([f"row {row}"] if row is not None else []),
        *([f"column {column_letters(column)}"] if column is not None else []),
    ]
    return ", ".join(parts)


def read_sheet(path: Path, wanted: str | None, has_header: t.Callable[[list[list[Value]]], bool]) -> Sheet:
    """The sheet of this name, or the first visible one. has_header tells the right delimiter of a CSV file."""
    try:
        size = path.stat().st_size
    except OSError as error:
        raise SheetError(f"it cannot be read: {error.strerror}") from error
    if size > MAX_FILE:
        raise SheetError(f"it has {size // MIB} MiB; the limit is {MAX_FILE // MIB} MiB. Is it a list of boards?")
    if path.suffix.lower() == XLSX:
        return _read_xlsx(path, wanted)
    if wanted is not None:
        raise SheetError(f"a CSV file has no sheets, and the sheet {wanted!r} is asked for")
    return Sheet(None, _read_csv(path, has_header))


# --- CSV


class CsvLayout(t.NamedTuple):
    """How a CSV file is written, and its rows."""

    encoding: str
    delimiter: str
    line_end: str
    rows: list[list[Value]]


def _read_csv(path: Path, has_header: t.Callable[[list[list[Value]]], bool]) -> list[list[Value]]:
    return csv_layout(path.read_bytes(), has_header).rows


def csv_layout(content: bytes, has_header: t.Callable[[list[list[Value]]], bool]) -> CsvLayout:
    """The layout with the delimiter that has_header accepts, or else the usual one."""
    text, encoding = _decode(content)
    line_end = "\r\n" if "\r\n" in text else "\n"
    parsed = ((delimiter, _parse_csv(text, delimiter)) for delimiter in _DELIMITERS)
    found = next(((delimiter, rows) for delimiter, rows in parsed if has_header(rows)), None)
    delimiter, rows = found or (_DELIMITERS[0], _parse_csv(text, _DELIMITERS[0]))
    return CsvLayout(encoding, delimiter, line_end, rows)


def _decode(content: bytes) -> tuple[str, str]:
    """(the text, its encoding)."""
    encodings = ("utf-16",) if content[:2] in (b"\xff\xfe", b"\xfe\xff") else ("utf-8-sig", "gb18030")
    for encoding in encodings:
        try:
            text = content.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\0" in text:
            break
        return text, encoding
    raise SheetError("it is not a text in UTF-8, UTF-16 or GB 18030: save it as CSV UTF-8")


def _parse_csv(text: str, delimiter: str) -> list[list[Value]]:
    rows: list[list[Value]] = []
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    while True:
        try:
            row = next(reader, None)
        except csv.Error as error:
            raise SheetError(
                f"{place(None, len(rows) + 1)}: {error}. A cell has at most {MAX_LENGTH} characters"
            ) from error
        if row is None:
            return rows
        for column, cell in enumerate(row):
            _check_length(cell, None, len(rows) + 1, column)
        rows.append(list(row))
        _check_extent(len(rows), len(row), None)


# --- XLSX


def _read_xlsx(path: Path, wanted: str | None) -> Sheet:
    _check_archive(path)
    try:
        import openpyxl
    except ImportError as error:
        raise SheetError(
            "openpyxl is not installed beside this ansible-core: pip install openpyxl; or save the sheet as CSV"
        ) from error
    try:
        workbook = openpyxl.load_workbook(path, data_only=False, keep_links=False)
    except Exception as error:  # openpyxl raises whatever its XML parser and its readers raise
        raise SheetError(f"it is damaged: {type(error).__name__}: {' '.join(str(error).split())[:200]}") from error
    sheets = {sheet.title: sheet for sheet in workbook.worksheets}
    visible = [sheet for sheet in workbook.worksheets if sheet.sheet_state == "visible"]
    if wanted is not None and wanted not in sheets:
        raise SheetError(f"it has no sheet {wanted!r}; it has {', '.join(map(repr, sheets))}")
    if wanted is None and not visible:
        raise SheetError("it has no visible sheet")
    sheet = sheets[wanted] if wanted is not None else visible[0]
    _check_extent(sheet.max_row, sheet.max_column, sheet.title)
    for merged in sheet.merged_cells.ranges:
        raise SheetError(
            f"{place(sheet.title, merged.min_row, merged.min_col - 1)}: the cells {merged.coord} are merged, so only"
            " one of them has a value. Unmerge them, and write the value into each"
        )
    rows = [
        [_cell_value(cell, sheet.title) for cell in row]
        for row in sheet.iter_rows(min_row=1, max_row=sheet.max_row, min_col=1, max_col=sheet.max_column)
    ]
    return Sheet(sheet.title, rows)


def _check_archive(path: Path) -> None:
    """Before anything is unpacked: zipfile reads no more of a member than it claims to have."""
    try:
        with zipfile.ZipFile(path) as archive:
            members = archive.infolist()
            unpacked = sum(member.file_size for member in members)
            if unpacked > MAX_UNPACKED or len(members) > MAX_MEMBERS:
                raise SheetError(
                    f"it unpacks to {unpacked // MIB} MiB in {len(members)} files; the limits are"
                    f" {MAX_UNPACKED // MIB} MiB and {MAX_MEMBERS} files. It was not unpacked"
                )
            for member in members:
                if member.filename.endswith((".xml", ".rels")) and _declares_entities(archive, member):
                    raise SheetError(f"{member.filename} in it declares a document type, which no spreadsheet needs")
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, OSError) as error:
        raise SheetError(
            "it is not an XLSX file (an older XLS, or one with a password?): save it as XLSX without a password, or as"
            " CSV"
        ) from error


def _declares_entities(archive: zipfile.ZipFile, member: zipfile.ZipInfo) -> bool:
    """Entities can make a small text large. In UTF-16, too, every second byte is one of these letters."""
    with archive.open(member) as stream:
        before = b""
        while block := stream.read(MIB):
            text = (before + block).replace(b"\0", b"").upper()
            if b"<!DOCTYPE" in text or b"<!ENTITY" in text:
                return True
            before = block[-32:]
    return False


def _cell_value(cell: t.Any, sheet: str) -> Value:
    if cell.data_type == "f":
        raise SheetError(
            f"{place(sheet, cell.row, cell.column - 1)}: a formula, which is not evaluated. Paste its value instead"
        )
    if cell.data_type == "e":
        raise SheetError(f"{place(sheet, cell.row, cell.column - 1)}: the error {cell.value}. Correct it")
    value = cell.value
    if isinstance(value, (datetime.datetime, datetime.date, datetime.time, datetime.timedelta)):
        return str(value)
    if value is None or isinstance(value, (bool, int, float)):
        return value
    _check_length(str(value), sheet, cell.row, cell.column - 1)
    return str(value)


# --- limits


def _check_length(cell: str, sheet: str | None, row: int, column: int) -> None:
    if len(cell) > MAX_LENGTH:
        raise SheetError(
            f"{place(sheet, row, column)}: {len(cell)} characters; a cell has at most {MAX_LENGTH}. Is a quotation mark"
            " missing?"
        )


def _check_extent(rows: int, columns: int, sheet: str | None) -> None:
    if rows > MAX_ROWS or columns > MAX_COLUMNS or (sheet is not None and rows * columns > MAX_CELLS):
        where = f"{place(sheet)}: " if sheet is not None else ""
        raise SheetError(
            f"{where}{rows} rows and {columns} columns; the limits are {MAX_ROWS} and {MAX_COLUMNS}. Delete empty rows"
            " and columns that only have a format, or split the list"
        )
