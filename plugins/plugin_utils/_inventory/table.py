# Copyright (c) 2026 the edgeai.fleet authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to edgeai.fleet: its interface may change in any release.

"""A table of boards: the header row with its synonyms, and the hosts below it."""

from __future__ import annotations

import ipaddress
import json
import re
import typing as t
import unicodedata

from .cells import SheetError, Value, column_letters, place

#: How far down a header is looked for: people write titles above their tables.
HEADER_ROWS = 20
NAME, ADDRESS, GROUPS, IGNORED = "name", "ansible_host", "groups", ""
PORT = "ansible_port"
#: Headings of people, in any case, with any spaces. A heading that is the name of a variable means that variable.
SYNONYMS: dict[str, str] = {
    **dict.fromkeys(
        "name;host;hostname;host name;inventory hostname;board;board name;device;device name;machine;node"
        ";名称;名字;主机;主机名;主机名称;设备;设备名;设备名称;板卡;板卡名称;开发板;板子;机器名;节点".split(";"),
        NAME,
    ),
    **dict.fromkeys(
        "ip;ip address;address;addr;ipv4;ipv4 address;ipv6;ipv6 address;host ip;board ip;device ip;management ip"
        ";ip地址;地址;主机地址;设备ip;管理ip;ipv4地址;ipv6地址;网络地址".split(";"),
        ADDRESS,
    ),
    **dict.fromkeys("port;ssh port;端口;端口号;ssh端口".split(";"), PORT),
    **dict.fromkeys(
        "user;username;user name;ssh user;login;login name;account;用户;用户名;登录名;登录用户;账号;账户;帐号".split(
            ";"
        ),
        "ansible_user",
    ),
    **dict.fromkeys(
        "password;passwd;pwd;pass;ssh password;login password;密码;口令;登录密码;ssh密码;用户密码".split(";"),
        "ansible_password",
    ),
    **dict.fromkeys(
        "sudo password;become password;sudo密码;提权密码".split(";"),
        "ansible_become_password",
    ),
    **dict.fromkeys(
        "key;ssh key;key file;private key;identity file;密钥;密钥文件;私钥;私钥文件".split(";"),
        "ansible_ssh_private_key_file",
    ),
    **dict.fromkeys("group;groups;tag;tags;组;组名;分组;群组;标签;所属组".split(";"), GROUPS),
    **dict.fromkeys("connection;连接;连接方式".split(";"), "ansible_connection"),
    **dict.fromkeys("python;python interpreter;解释器;python解释器".split(";"), "ansible_python_interpreter"),
    **dict.fromkeys("torch;torch version;pytorch;pytorch version;torch版本;pytorch版本".split(";"), "torch_version"),
    **dict.fromkeys("builder;编译机;构建机".split(";"), "torch_builder"),
    **dict.fromkeys(
        "note;notes;comment;comments;remark;remarks;description;no;no.;#;备注;说明;注释;描述;序号".split(";"), IGNORED
    ),
}
_HOSTS = ("host", "hostname", "host name", "主机", "主机名")
_VARIABLE = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_SEPARATORS = re.compile(r"[,;，；、/\s]+")  # noqa: RUF001 (Chinese punctuation is meant)
_HOST_NAME = re.compile(r"[A-Za-z0-9]([A-Za-z0-9_.-]{0,251}[A-Za-z0-9])?")


class Board(t.NamedTuple):
    name: str
    row: int
    variables: dict[str, t.Any]
    groups: list[str]


class Column(t.NamedTuple):
    position: int
    heading: str
    variable: str


class Table(t.NamedTuple):
    boards: list[Board]
    ignored: list[str]  # headings that mean nothing here, with their columns


def normalize_heading(text: Value) -> str:
    """As the table of synonyms has it: half-width, lower case, single spaces for what separates words."""
    plain = unicodedata.normalize("NFKC", str(text if text is not None else "")).strip().rstrip(":*").lower()
    return re.sub(r"[\s_-]+", " ", plain).strip()


def has_header(rows: list[list[Value]], own: t.Mapping[str, str]) -> bool:
    return _find_header(rows, own) is not None


def header_columns(rows: list[list[Value]]) -> list[Column]:
    """The columns of the header; SheetError if there is none."""
    header = _find_header(rows, {})
    if header is None:
        raise SheetError("there is no header with a column for the name or the address of the boards")
    return _find_columns(rows[header], {}, None, header + 1)[0]


def read_table(rows: list[list[Value]], sheet: str | None, own: t.Mapping[str, str]) -> Table:
    """The boards below the header. own: headings of the operator's, and the variables that they mean."""
    header = _find_header(rows, own)
    if header is None:
        raise SheetError(
            f"{(place(sheet) + ': ') if sheet is not None else ''}there is no header: none of the first {HEADER_ROWS}"
            " rows has a column for the name or the address of the boards. Write one above them, such as: name, ip,"
            " user, group (名称, IP地址, 用户名, 分组)"
        )
    columns, ignored = _find_columns(rows[header], own, sheet, header + 1)
    boards: list[Board] = []
    names: dict[str, int] = {}
    addresses: dict[tuple[str, t.Any], int] = {}
    for number, row in enumerate(rows[header + 1 :], header + 2):
        board = _read_board(row, columns, sheet, number)
        if board is None:
            continue
        if (first := names.setdefault(board.name.lower(), number)) != number:
            raise SheetError(
                f"{place(sheet, number)}: the name {board.name} is in row {first}, too. Give each board one"
            )
        where = (board.variables.get(ADDRESS, board.name), board.variables.get(PORT))
        if (first := addresses.setdefault(where, number)) != number:
            raise SheetError(
                f"{place(sheet, number)}: {board.name} has the address {where[0]}, like the board in row {first}."
                " Correct one of them"
            )
        boards.append(board)
    if not boards:
        raise SheetError(f"{place(sheet, header + 1)}: there is no board below this header")
    return Table(boards, ignored)


def _meaning(heading: Value, own: t.Mapping[str, str]) -> str | None:
    """The variable that a heading means; None if it means nothing."""
    normal = normalize_heading(heading)
    if not normal:
        return None
    for given, variable in own.items():
        if normalize_heading(given) == normal:
            return variable
    text = str(heading).strip()
    # The exact name of a variable first: ansible_host is no "ansible host".
    if _VARIABLE.fullmatch(text) and "_" in text:
        return text
    found = SYNONYMS.get(normal)
    if found is None:
        found = SYNONYMS.get(normal.replace(" ", ""))
    return found if found is not None else text if _VARIABLE.fullmatch(text) else None


def _find_header(rows: list[list[Value]], own: t.Mapping[str, str]) -> int | None:
    for number, row in enumerate(rows[:HEADER_ROWS]):
        if {NAME, ADDRESS}.intersection(_meaning(cell, own) for cell in row if isinstance(cell, str)):
            return number
    return None


def _find_columns(
    header: list[Value], own: t.Mapping[str, str], sheet: str | None, row: int
) -> tuple[list[Column], list[str]]:
    columns: list[Column] = []
    ignored: list[str] = []
    seen: dict[str, Column] = {}
    meanings = [_meaning(heading, own) for heading in header]
    for index, heading in enumerate(header):
        variable = meanings[index]
        if variable == NAME and meanings.count(NAME) > 1 and ADDRESS not in meanings:
            # Beside a name, the host is its address.
            variable = ADDRESS if normalize_heading(heading) in _HOSTS else NAME
        text = str(heading if heading is not None else "").strip()
        if variable is None:
            if text:
                ignored.append(f"{text} (column {column_letters(index)})")
            continue
        if variable == IGNORED:
            continue
        column = Column(index, text, variable)
        if variable != GROUPS and (first := seen.setdefault(variable, column)) is not column:
            raise SheetError(
                f"{place(sheet, row, index)}: {text!r} means {variable}, like {first.heading!r} in column"
                f" {column_letters(first.position)}. Keep one of them"
            )
        columns.append(column)
    return columns, ignored


def _read_board(row: list[Value], columns: list[Column], sheet: str | None, number: int) -> Board | None:
    found: dict[str, t.Any] = {}
    groups: list[str] = []
    for column in columns:
        value = row[column.position] if column.position < len(row) else None
        where = f"{place(sheet, number, column.position)} ({column.heading})"
        if (checked := _check_value(value, column.variable, where)) is None:
            continue
        if column.variable == GROUPS:
            groups += [_group_name(part, where) for part in _SEPARATORS.split(str(checked)) if part]
        else:
            found[column.variable] = checked
    if not found:
        # A person who writes below the table leaves the columns of the boards empty.
        return None
    name = found.pop(NAME, None) or found.get(ADDRESS)
    if name is None:
        raise SheetError(f"{place(sheet, number)}: neither a name nor an address. Give the board one, or empty the row")
    return Board(str(name), number, found, list(dict.fromkeys(groups)))


def _check_value(value: Value, variable: str, where: str) -> t.Any:
    """The value of a variable, or None if the cell is empty."""
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    if isinstance(value, float) and variable.endswith("_version"):
        raise SheetError(
            f"{where}: the number {value}; as a number 2.10 is 2.1. Format the cell as text, and write it again"
        )
    if isinstance(value, str):
        value = _clean_text(value, where)
        if value is None:
            return None
    if variable in (NAME, ADDRESS) and value is not None:
        return _check_host(str(value), variable, where)
    if variable == PORT and value is not None:
        return _check_port(value, where)
    return _structured(value)


def _clean_text(value: str, where: str) -> str | None:
    text = value.strip()
    if not text:
        return None
    if text.startswith("="):
        raise SheetError(f"{where}: a formula, which is not evaluated. Write its value instead")
    if "{{" in text or "{%" in text:
        raise SheetError(f"{where}: a template ({{{{ or {{%), which a spreadsheet cannot have. Set it in group_vars")
    if hidden := next(
        (letter for letter in text if unicodedata.category(letter) in ("Cc", "Cf") and letter != "\n"), None
    ):
        raise SheetError(f"{where}: it has the invisible character U+{ord(hidden):04X}. Write the cell again")
    return text


def _check_host(text: str, variable: str, where: str) -> str:
    plain = unicodedata.normalize("NFKC", text)
    if re.search(r"\s", plain):
        raise SheetError(f"{where}: {text!r} has a space in it. Remove it")
    if variable == NAME:
        if not re.fullmatch(r"\w[\w.-]{0,251}", plain):
            raise SheetError(f"{where}: {text!r} cannot be the name of a host. Use letters, digits, '.', '-' and '_'")
        return plain
    try:
        return str(ipaddress.ip_address(plain.strip("[]")))
    except ValueError:
        if re.fullmatch(r"[\d.:/]+", plain) or not _HOST_NAME.fullmatch(plain):
            raise SheetError(f"{where}: {text!r} is neither an IP address nor the name of a host. Correct it") from None
    return plain


def _check_port(value: t.Any, where: str) -> int:
    text = str(value)
    if not text.isdecimal() or not 0 < int(text) < 65536:
        raise SheetError(f"{where}: {text!r} is not a port. Write a number from 1 to 65535")
    return int(text)


def _structured(value: t.Any) -> t.Any:
    """A list or mapping that is written as JSON; other texts as they are."""
    if isinstance(value, str) and value[:1] in "[{":
        try:
            return json.loads(value)
        except ValueError:
            return value
    return value


def _group_name(text: str, where: str) -> str:
    name = re.sub(r"\W", "_", unicodedata.normalize("NFKC", text))
    if name in ("all", "ungrouped") or not name.strip("_"):
        raise SheetError(f"{where}: {text!r} cannot be the name of a group")
    return f"_{name}" if name[0].isdigit() else name
