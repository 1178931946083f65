# Copyright (c) 2026 the edgeai.fleet authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to edgeai.fleet: its interface may change in any release.

"""Add boards to an inventory in YAML or CSV. What is there stays as it is, byte by byte."""

from __future__ import annotations

import csv
import io
import re
import typing as t
from pathlib import Path

import yaml

from .._base.files import write_atomically
from . import cells, table

_NAME = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]{0,251}", re.ASCII)
_GROUP = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,251}", re.ASCII)
_NULL = "tag:yaml.org,2002:null"
_HOST, _PORT, _USER = "ansible_host", "ansible_port", "ansible_user"


class InventoryError(Exception):
    """Why the boards are not written, and what to do."""


class NewBoard(t.NamedTuple):
    name: str
    variables: dict[str, t.Any]  # ansible_host, ansible_port, ansible_user


def check_names(names: t.Iterable[str], group: str) -> None:
    for name in names:
        if not _NAME.fullmatch(name) or name in ("all", "ungrouped"):
            raise InventoryError(
                f"{name!r} cannot be the name of a board: use letters, digits, '.', '-' and '_' (enrol_name)"
            )
    if group and (not _GROUP.fullmatch(group) or group in ("all", "ungrouped")):
        raise InventoryError(f"enrol_group is {group!r}: use letters, digits and '_'")


def check_file(path: Path, group: str) -> None:
    """Refuse a file that a board cannot be added to, before there is one."""
    nobody = NewBoard("edgeai-fleet-check", {_HOST: "0.0.0.0", _USER: "nobody"})
    add_boards(path, [nobody], group, check=True)


def add_boards(path: Path, boards: t.Sequence[NewBoard], group: str, check: bool) -> tuple[bytes, bytes]:
    """(the content before, the content after); it is written unless nothing changes or `check` is set.

    A board that is there already, with the same address, is left as it is.
    """
    check_names([board.name for board in boards], group)
    add = {".yml": _added_to_yaml, ".yaml": _added_to_yaml, ".csv": _added_to_csv}.get(path.suffix.lower())
    if add is None:
        raise InventoryError(f"{path} ends neither with .yml, .yaml nor .csv: name such a file in enrol_inventory")
    try:
        before = path.read_bytes() if path.exists() else b""
    except OSError as error:
        raise InventoryError(f"{path} cannot be read: {error.strerror}") from error
    try:
        after = add(before, boards, group)
    except InventoryError as error:
        raise InventoryError(f"{path}: {error}") from None
    if after != before and not check:
        try:
            mode = path.stat().st_mode & 0o777 if path.exists() else 0o644
            write_atomically(path.resolve(), after, mode)
        except OSError as error:
            raise InventoryError(f"{path} cannot be written: {error.strerror}") from error
    return before, after


def _missing_boards(known: t.Mapping[str, t.Any], boards: t.Sequence[NewBoard]) -> list[NewBoard]:
    """Those that are not in an inventory with these addresses by name. InventoryError: a name or address is taken."""
    missing: dict[str, NewBoard] = {}
    taken = {**{str(address): name for name, address in known.items() if address}}
    lower = {name.lower(): name for name in known}
    for board in boards:
        address = str(board.variables[_HOST])
        if board.name in known and str(known[board.name] or board.name) == address:
            continue
        if board.name.lower() in lower:
            other = lower[board.name.lower()]
            raise InventoryError(
                f"{other} is there already, with the address {known.get(other) or other}, not {address}: correct it"
                " there, or give the new board another name (enrol_name)"
            )
        if address in taken and _PORT not in board.variables:
            raise InventoryError(f"{taken[address]} has the address {address} of {board.name} already")
        missing[board.name] = board
        lower[board.name.lower()] = board.name
        taken[address] = board.name
    return list(missing.values())


# --- YAML


def _added_to_yaml(before: bytes, boards: t.Sequence[NewBoard], group: str) -> bytes:
    try:
        text = before.decode("utf-8")
        tree = yaml.compose(text, Loader=yaml.SafeLoader)
    except (UnicodeDecodeError, yaml.YAMLError) as error:
        raise InventoryError(f"it is not YAML ({' '.join(str(error).split())[:200]})") from error
    if tree is None or tree.tag == _NULL:
        words = ["all:", *(["  children:", f"    {group}:", "      hosts:"] if group else ["  hosts:"])]
        text = text.rstrip() + ("\n" if text.strip() else "") + "\n".join(words) + "\n"
        tree = yaml.compose(text, Loader=yaml.SafeLoader)
    missing = _missing_boards(_hosts_of(tree), boards)
    if not missing:
        return before
    key, hosts = _hosts_node(tree, group)
    if isinstance(hosts, yaml.MappingNode) and not hosts.flow_style and hosts.value:
        indent, line = hosts.value[0][0].start_mark.column, _last_line(hosts)
    elif hosts.tag == _NULL:
        indent, line = key.start_mark.column + 2, key.end_mark.line
    else:
        raise InventoryError("its hosts are written in braces; write them one below the other, then enrol again")
    lines = text.splitlines(keepends=True)
    if lines and not lines[-1].endswith("\n"):
        lines[-1] += "\n"
    new = [
        f"{' ' * indent}{yaml.safe_dump(board.name, default_flow_style=True).splitlines()[0]}: "
        + yaml.safe_dump(board.variables, default_flow_style=True, width=1 << 20)
        for board in missing
    ]
    text = "".join([*lines[: line + 1], *new, *lines[line + 1 :]])
    expected = {**_hosts_of(tree), **{board.name: board.variables[_HOST] for board in missing}}
    if _hosts_of(yaml.compose(text, Loader=yaml.SafeLoader)) != expected:
        raise InventoryError("the boards cannot be added to what it has: add them by hand")
    return text.encode("utf-8")


def _entry(node: t.Any, name: str) -> tuple[t.Any, t.Any] | None:
    pairs = node.value if isinstance(node, yaml.MappingNode) else ()
    return next(((key, value) for key, value in pairs if key.value == name), None)


def _hosts_node(tree: t.Any, group: str) -> tuple[t.Any, t.Any]:
    """The key and the value of the hosts of all, or of this group."""
    for way in [("all", "children", group, "hosts"), (group, "hosts")] if group else [("all", "hosts")]:
        found: tuple[t.Any, t.Any] | None = (None, tree)
        for name in way:
            found = _entry(found[1], name) if found else None
        if found:
            return found
    where = f"the group {group}" if group else "all"
    raise InventoryError(
        f"{where} has no hosts: add the line `hosts:` to it" + ("" if group else ", or name a group in enrol_group")
    )


def _hosts_of(tree: t.Any) -> dict[str, t.Any]:
    """The address of each host below any group; None where the entry has none."""
    hosts: dict[str, t.Any] = {}
    for key, value in tree.value if isinstance(tree, yaml.MappingNode) else ():
        if key.value == "hosts":
            for host, variables in value.value if isinstance(value, yaml.MappingNode) else ():
                address = _entry(variables, _HOST)
                hosts[host.value] = address[1].value if address else hosts.get(host.value)
        elif key.value != "vars":
            hosts.update({name: address or hosts.get(name) for name, address in _hosts_of(value).items()})
    return hosts


def _last_line(node: t.Any) -> int:
    """The last line of a node; a block's own end is where the next thing begins."""
    if isinstance(node, (yaml.MappingNode, yaml.SequenceNode)) and not node.flow_style and node.value:
        last = node.value[-1]
        key, value = last if isinstance(last, tuple) else (None, last)
        return max(_last_line(value), key.end_mark.line if key else 0)
    mark = node.end_mark
    return mark.line - 1 if mark.column == 0 and mark.line > node.start_mark.line else mark.line


# --- CSV


def _added_to_csv(before: bytes, boards: t.Sequence[NewBoard], group: str) -> bytes:
    before_or_header = before if before.strip() else b"name,ip,port,user,group\n"
    try:
        layout = cells.csv_layout(before_or_header, lambda rows: table.has_header(rows, {}))
        columns = table.header_columns(layout.rows)
        known = _csv_hosts(layout.rows) if before.strip() else {}
    except cells.SheetError as error:
        raise InventoryError(str(error)) from error
    missing = _missing_boards(known, boards)
    if not missing:
        return before
    places = {column.variable: column.position for column in reversed(columns)}
    stream = io.StringIO()
    writer = csv.writer(stream, delimiter=layout.delimiter, lineterminator=layout.line_end)
    for board in missing:
        wanted = {table.NAME: board.name, **board.variables, **({table.GROUPS: group} if group else {})}
        if table.NAME not in places and board.name == board.variables[_HOST]:
            del wanted[table.NAME]
        if lost := [heading for heading in wanted if heading not in places]:
            raise InventoryError(
                f"it has no column for {', '.join(lost)} of {board.name}: add the heading"
                f"{'s' if len(lost) > 1 else ''} to its header"
            )
        row = [""] * (max(places.values()) + 1)
        for variable, value in wanted.items():
            row[places[variable]] = str(value)
        writer.writerow(row)
    encoding = layout.encoding
    if encoding == "utf-16":  # without a second byte order mark
        encoding = "utf-16-le" if before_or_header.startswith(b"\xff\xfe") else "utf-16-be"
    elif encoding == "utf-8-sig":
        encoding = "utf-8"
    end = "\n".encode(encoding)
    between = b"" if before_or_header.endswith(end) else layout.line_end.encode(encoding)
    after = before_or_header + between + stream.getvalue().encode(encoding)
    try:
        read = _csv_hosts(cells.csv_layout(after, lambda rows: table.has_header(rows, {})).rows)
    except cells.SheetError as error:
        raise InventoryError(f"with the new boards: {error}") from error
    if read != {**known, **{board.name: board.variables[_HOST] for board in missing}}:
        raise InventoryError("the boards cannot be added to what it has: add them by hand")
    return after


def _csv_hosts(rows: list[list[cells.Value]]) -> dict[str, t.Any]:
    header_only = [row for row in rows if any(str(cell or "").strip() for cell in row)]
    if len(header_only) == 1 and table.has_header(header_only, {}):
        return {}
    return {board.name: board.variables.get(_HOST) for board in table.read_table(rows, None, {}).boards}
