# Copyright (c) 2026 the edgeai.fleet authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
name: spreadsheet
short_description: Boards from a spreadsheet
version_added: 0.1.0
author: edgeai.fleet authors (@edgeai-fleet)
description:
  - Reads a CSV or XLSX file with a row for each board, as labs keep it.
  - The first of the first 20 rows with a heading for the name or the address is the header. Its columns may be in any
    order, with headings in English or Chinese (C(name), C(ip), C(user), C(password), C(port), C(group) and their usual
    variants). A heading that is the name of a variable sets that variable. Other headings are ignored, with a warning.
  - C(group) may have several names, separated by commas or spaces. Variables of groups are in C(group_vars) beside the
    file, as for other inventories.
  - Nothing in the file is evaluated. Merged cells, formulas, templates, a name or an address that is there twice, and
    files beyond the limits are errors that name sheet, row and column.
  - The file can be the inventory itself (C(-i lab.xlsx)) if this plugin is in C(enable_plugins) of C(ansible.cfg),
    before the others. Otherwise name it in a YAML file.
  - For a wrong CSV or XLSX file that is the inventory itself, the plugin returns no host and shows the reason, because
    Ansible's plugin for INI files would take the lines of a CSV file for names of hosts. The playbooks of this
    collection fail by that reason.
options:
  plugin:
    description: The name of this plugin.
    type: str
    required: true
    choices: [edgeai.fleet.spreadsheet]
  file:
    description: The CSV or XLSX file. A relative path begins at the directory of the YAML file.
    type: str
    required: true
  sheet:
    description: The name of the sheet. By default the first visible one.
    type: str
  columns:
    description: Your own headings, and the variables that they mean. C(name), C(ansible_host) and C(groups) are the
      name, the address and the groups; an empty text ignores the column.
    type: dict
    default: {}
extends_documentation_fragment:
  - ansible.builtin.constructed
requirements:
  - openpyxl, for XLSX files
"""

EXAMPLES = r"""
# ansible-playbook edgeai.fleet.provision -i lab.yml
plugin: edgeai.fleet.spreadsheet
file: lab.xlsx
sheet: Bench 3
columns:
  Asset tag: name
  Room: lab_room
keyed_groups:
  - key: lab_room
    prefix: room
"""

# ruff: noqa: E402 (Ansible wants the documentation before the imports)

import re
import typing as t
from pathlib import Path

from ansible import constants as C
from ansible.errors import AnsibleParserError
from ansible.plugins.inventory import BaseInventoryPlugin, Constructable
from ansible.utils.display import Display
from ansible_collections.edgeai.fleet.plugins.plugin_utils._inventory import cells, faults, table

display = Display()
_ASKS_FOR_IT = re.compile(r"^plugin\s*:\s*['\"]?edgeai\.fleet\.spreadsheet\b", re.MULTILINE)


class InventoryModule(BaseInventoryPlugin, Constructable):
    NAME = "edgeai.fleet.spreadsheet"

    def verify_file(self, path: str) -> bool:
        if not super().verify_file(path):
            return False
        suffix = Path(path).suffix.lower()
        if suffix in (cells.CSV, cells.XLSX):
            return True
        if suffix not in (".yml", ".yaml"):
            return False
        with open(path, encoding="utf-8", errors="replace") as stream:
            return bool(_ASKS_FOR_IT.search(stream.read(1 << 16)))

    def parse(self, inventory: t.Any, loader: t.Any, path: str, cache: bool = True) -> None:
        super().parse(inventory, loader, path, cache)
        faults.forget_fault(path)
        is_named = Path(path).suffix.lower() not in (cells.CSV, cells.XLSX)
        if is_named:
            self._read_config_data(path)
        else:
            self.set_options(direct={"plugin": self.NAME, "file": str(Path(path).absolute())})
        # Not an option of type path: Ansible would begin at the working directory.
        file = Path(path).parent / Path(self.get_option("file")).expanduser()
        try:
            read = self._read_table(file)
        except cells.SheetError as error:
            reason = f"{file}: {error}."
            faults.note_fault(path, reason)
            if is_named or C.INVENTORY_ANY_UNPARSED_IS_FAILED:
                raise AnsibleParserError(reason) from None
            display.error(reason)
            return
        if read.ignored:
            display.warning(f"{file}: these columns are no variables and are ignored: {', '.join(read.ignored)}")
        for board in read.boards:
            self._add_board(board)

    def _read_table(self, file: Path) -> table.Table:
        own = {str(heading): str(variable or "") for heading, variable in (self.get_option("columns") or {}).items()}
        if file.suffix.lower() not in (cells.CSV, cells.XLSX):
            raise cells.SheetError("its name ends neither with .csv nor with .xlsx. Save it as one of them")
        sheet = cells.read_sheet(file, self.get_option("sheet"), lambda rows: table.has_header(rows, own))
        return table.read_table(sheet.rows, sheet.name, own)

    def _add_board(self, board: table.Board) -> None:
        self.inventory.add_host(board.name)
        for name, value in board.variables.items():
            self.inventory.set_variable(board.name, name, value)
        for group in board.groups:
            self.inventory.add_child(self.inventory.add_group(group), board.name)
        strict = self.get_option("strict")
        self._set_composite_vars(self.get_option("compose"), board.variables, board.name, strict=strict)
        self._add_host_to_composed_groups(self.get_option("groups"), board.variables, board.name, strict=strict)
        self._add_host_to_keyed_groups(self.get_option("keyed_groups"), board.variables, board.name, strict=strict)
