# Copyright (c) 2026 the edgeai.fleet authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Cells of CSV and XLSX files, and files that are made to do harm."""

from __future__ import annotations

import datetime
import zipfile
import zlib

import openpyxl
import pytest
from ansible_collections.edgeai.fleet.plugins.plugin_utils._inventory import cells
from ansible_collections.edgeai.fleet.plugins.plugin_utils._inventory.cells import SheetError, read_sheet

GIB = 1 << 30


def read(path, sheet=None):
    return read_sheet(path, sheet, lambda rows: len(rows[0]) > 1)


def workbook(path, *rows, title="Lab", change=None):
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.title = title
    for row in rows:
        sheet.append(row)
    if change:
        change(book, sheet)
    book.save(path)
    return path


def fault(path, sheet=None):
    with pytest.raises(SheetError) as caught:
        read(path, sheet)
    return str(caught.value)


@pytest.mark.parametrize(
    "content",
    [
        "name,ip\r\n板卡,10.0.0.1\r\n".encode(),
        b"\xef\xbb\xbf" + "name;ip\n板卡;10.0.0.1\n".encode(),
        "name\tip\n板卡\t10.0.0.1\n".encode("gb18030"),
        "name,ip\n板卡,10.0.0.1\n".encode("utf-16"),
        'name,ip\n"板卡",10.0.0.1'.encode(),
    ],
    ids=["utf-8", "semicolons and a mark", "tabs in GB 18030", "utf-16", "quotes"],
)
def test_csv_as_programs_write_it(tmp_path, content):
    path = tmp_path / "lab.csv"
    path.write_bytes(content)
    assert read(path).rows == [["name", "ip"], ["板卡", "10.0.0.1"]]


def test_xlsx_has_types(tmp_path):
    day = datetime.date(2026, 11, 30)
    found = read(workbook(tmp_path / "lab.xlsx", ["name", "port", "on", "since", "f"], ["pi", 22, True, day, 2.5]))
    assert found.name == "Lab"
    assert found.rows[1] == ["pi", 22, True, "2026-11-30 00:00:00", 2.5]


def test_the_first_visible_sheet_or_the_one_that_is_asked_for(tmp_path):
    def more(book, sheet):
        book.create_sheet("Old").append(["old", "x"])
        sheet.sheet_state = "hidden"
        book.active = 1

    path = workbook(tmp_path / "lab.xlsx", ["new", "x"], change=more)
    assert (read(path).name, read(path, "Lab").rows[0][0]) == ("Old", "new")
    assert "it has no sheet 'Bench'; it has 'Lab', 'Old'" in fault(path, "Bench")


def test_merged_cells_name_sheet_row_and_column(tmp_path):
    path = workbook(
        tmp_path / "lab.xlsx", ["name", "ip"], ["a", "b"], change=lambda _book, sheet: sheet.merge_cells("B2:B5")
    )
    assert fault(path).startswith("sheet 'Lab', row 2, column B: the cells B2:B5 are merged")


def test_a_formula_and_an_error_of_excel(tmp_path):
    path = workbook(tmp_path / "lab.xlsx", ["name", "ip"], ["pi", "=A1&B1"])
    assert fault(path).startswith("sheet 'Lab', row 2, column B: a formula")
    path = workbook(tmp_path / "lab.xlsx", ["name", "ip"], ["pi", "#REF!"])
    assert fault(path).startswith("sheet 'Lab', row 2, column B: the error #REF!")


def test_a_field_of_10_mb(tmp_path):
    path = tmp_path / "lab.csv"
    path.write_text("name,ip\npi,10.0.0.1\nrow3," + "x" * 10_000_000 + "\n")
    assert fault(path).startswith("row 3: field larger than field limit")
    path.write_text("name,ip\npi," + "x" * 40_000 + "\n")
    assert fault(path).startswith("row 2, column B: 40000 characters; a cell has at most 32767")


def test_xml_that_unpacks_to_1_gb_is_not_unpacked(tmp_path):
    path = workbook(tmp_path / "lab.xlsx", ["name", "ip"])
    # One MiB is compressed once, and its block written 1,024 times.
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    block = packer.compress(bytes(cells.MIB)) + packer.flush(zlib.Z_FULL_FLUSH)
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr("xl/bomb.xml", block * (GIB // cells.MIB) + packer.flush())
        bomb = archive.infolist()[-1]
        bomb.compress_type, bomb.file_size = zipfile.ZIP_DEFLATED, GIB
    assert path.stat().st_size < 2 * cells.MIB
    assert fault(path).startswith("it unpacks to 1024 MiB in")


def test_more_files_than_a_spreadsheet_has(tmp_path):
    path = tmp_path / "lab.xlsx"
    with zipfile.ZipFile(path, "w") as archive:
        for number in range(cells.MAX_MEMBERS + 1):
            archive.writestr(f"{number}", "")
    assert f"in {cells.MAX_MEMBERS + 1} files" in fault(path)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
def test_entities_are_refused(tmp_path, encoding):
    bomb = '<?xml version="1.0"?><!DOCTYPE lolz [<!ENTITY lol "lol">]><lolz>&lol;</lolz>'
    path = workbook(tmp_path / "lab.xlsx", ["name", "ip"])
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr("xl/more.xml", bomb.encode(encoding))
    assert "xl/more.xml in it declares a document type" in fault(path)


def test_a_cell_far_away_makes_no_large_table(tmp_path):
    path = workbook(
        tmp_path / "lab.xlsx", ["name", "ip"], change=lambda _book, sheet: sheet.cell(1_048_576, 16_384, "x")
    )
    assert fault(path).startswith("sheet 'Lab': 1048576 rows and 16384 columns; the limits are")


def test_what_is_no_spreadsheet(tmp_path):
    path = tmp_path / "lab.xlsx"
    path.write_bytes(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(512))
    assert "it is not an XLSX file (an older XLS" in fault(path)
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("[Content_Types].xml", "<broken")
    assert fault(path).startswith("it is damaged: ")
    path = tmp_path / "lab.csv"
    path.write_bytes(b"name,ip\n\0\0,\n")
    assert "it is not a text" in fault(path)
    path.write_bytes(b"x" * (cells.MAX_FILE + 1))
    assert "it has 20 MiB; the limit is 20 MiB" in fault(path)
    assert "it cannot be read: No such file" in fault(tmp_path / "nowhere.csv")
    path.write_text("name,ip\n")
    assert "a CSV file has no sheets" in fault(path, "Lab")


def test_without_openpyxl_the_fix_is_named(tmp_path, monkeypatch):
    path = workbook(tmp_path / "lab.xlsx", ["name", "ip"])
    monkeypatch.setitem(__import__("sys").modules, "openpyxl", None)
    assert "pip install openpyxl; or save the sheet as CSV" in fault(path)


def test_columns_have_letters():
    assert [cells.column_letters(number) for number in (0, 25, 26, 701, 702)] == ["A", "Z", "AA", "ZZ", "AAA"]
