# Copyright (c) 2026 the edgeai.fleet authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Show the boards that playbook enrol has asked, and write those that are taken in to an inventory."""

from __future__ import annotations

import json
import typing as t
from pathlib import Path

from ansible.plugins.action import ActionBase
from ansible.utils.display import Display
from ansible_collections.edgeai.fleet.plugins.plugin_utils._inventory import new_boards

display = Display()
RESULT = "__enrolled"


class ActionModule(ActionBase):
    """Runs on the control node only: it needs no connection to any board."""

    _requires_connection = False

    def run(self, tmp: str | None = None, task_vars: dict[str, t.Any] | None = None) -> dict[str, t.Any]:
        result = super().run(tmp, task_vars)
        _result, arguments = self.validate_argument_spec(
            {
                "path": {"type": "str", "default": ""},
                "group": {"type": "str", "default": ""},
                "hosts": {"type": "list", "elements": "str", "default": []},
                "accepted": {"type": "bool", "default": False},
            }
        )
        hostvars = (task_vars or {})["hostvars"]
        # Read here, not handed over by a template: a board has written parts of it.
        found = [
            result for host in arguments["hosts"] if (result := hostvars[host].get(RESULT) or {}).get("fingerprints")
        ]
        try:
            boards = list(map(_new_board, found))
            before = after = b""
            path = Path(arguments["path"]).expanduser().absolute() if arguments["path"] else None
            if path and not arguments["hosts"]:
                new_boards.check_file(path, arguments["group"])
            elif path:
                preview = self._task.check_mode or not arguments["accepted"]
                before, after = new_boards.add_boards(path, boards, arguments["group"], preview)
            else:
                new_boards.check_names([board.name for board in boards], arguments["group"])
        except new_boards.InventoryError as error:
            return {**result, "failed": True, "msg": str(error)}
        if arguments["hosts"]:
            display.display("\n".join(["", *_lines(found, arguments["accepted"], path)]))
        changed = after != before and arguments["accepted"]
        result = {**result, "changed": changed, "path": str(path or "")}
        if changed:
            result["diff"] = {
                "before_header": str(path),
                "after_header": str(path),
                "before": before.decode("utf-8", "replace"),
                "after": after.decode("utf-8", "replace"),
            }
        return result


def _new_board(found: dict[str, t.Any]) -> new_boards.NewBoard:
    # Plain values: before ansible-core 2.19, results have texts of a type that YAML cannot write.
    found = json.loads(json.dumps({name: found[name] for name in ("name", "address", "port", "user")}))
    port = int(found["port"])
    return new_boards.NewBoard(
        found["name"],
        {
            "ansible_host": found["address"],
            **({"ansible_port": port} if port != 22 else {}),
            "ansible_user": found["user"],
        },
    )


def _lines(boards: list[dict[str, t.Any]], accepted: bool, path: Path | None) -> list[str]:
    lines = []
    for found in boards:
        key = "key known" if found["known"] else "key pinned" if accepted else "key NOT known"
        login = ", operator's key installed" if found["key_installed"] else ""
        lines.append(f"{found['name']}  {found['user']}@{found['address']}:{found['port']}  {key}{login}")
        lines += [f"    {text}" for text in found["fingerprints"]]
    if not accepted:
        lines += [
            "",
            "Nothing was changed. Compare the fingerprints with those that the boards show on their own console",
            "(ssh-keygen -lf /etc/ssh/ssh_host_ed25519_key.pub), then enrol them: -e enrol_accept=true",
        ]
    elif path:
        lines += ["", f"Inventory: {path}"]
    else:
        lines += ["", "Not written to an inventory: name one with -e enrol_inventory=lab.yml"]
    return lines
