# Copyright (c) 2026 the edgeai.fleet authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Write plugins/module_utils/_verify/release_pairs.py from the catalogue of atlas: run python tools/npu_pairs.py. A
unit test compares them.
"""

from __future__ import annotations

import re
from pathlib import Path

import yaml

REPOSITORY = Path(__file__).resolve().parents[1]
CATALOGUE = REPOSITORY / "roles/atlas/vars/main.yml"
MODULE = REPOSITORY / "plugins/module_utils/_verify/release_pairs.py"
HEAD = '''\
# Copyright (c) 2026 the edgeai.fleet authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to edgeai.fleet: its interface may change in any release.

"""The releases of torch and torch_npu that belong to a release of CANN, newest first: what a diagnosis on a board says
of the catalogue, which is on the control node. Generated from roles/atlas/vars/main.yml: run python tools/npu_pairs.py.
"""

# CANN: ((torch, torch_npu), ...)
'''


def read_pairs() -> dict[str, list[tuple[str, str]]]:
    """{release of CANN: [(torch, torch_npu)]} of the rows that name one release."""
    variables = yaml.safe_load(CATALOGUE.read_text(encoding="utf-8"))
    pairs: dict[str, list[tuple[str, str]]] = {}
    rows = [row for value in variables.values() if isinstance(value, list) for row in value if isinstance(row, dict)]
    for row in rows:
        named = re.match(r"atlas-(?:x86-)?cann(\d\.\d\.(?:RC)?\d)-torch", str(row.get("id")))
        npu = next((text for text in row.get("constraints") or () if text.startswith("torch-npu")), None)
        if named and npu:
            pair = (row["torch"].removeprefix("=="), npu.rpartition("=")[2])
            if pair not in pairs.setdefault(named.group(1), []):
                pairs[named.group(1)].append(pair)
    for found in pairs.values():
        found.sort(key=lambda pair: [int(part) for part in pair[0].split(".")], reverse=True)
    return pairs


def module() -> str:
    lines = ["PAIRS = {"]
    for cann, pairs in read_pairs().items():
        if len(pairs) == 1:  # as ruff formats it
            lines += [f'    "{cann}": (("{pairs[0][0]}", "{pairs[0][1]}"),),']
            continue
        lines += [f'    "{cann}": (']
        lines += [f'        ("{torch}", "{npu}"),' for torch, npu in pairs]
        lines += ["    ),"]
    return HEAD + "\n".join([*lines, "}"]) + "\n"


def main() -> None:
    MODULE.write_text(module(), encoding="utf-8")


if __name__ == "__main__":
    main()
