# Copyright (c) 2026 the edgeai.fleet authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Check the documentation of plugins and roles as the documentation site reads it, by antsibull-docs: schema, markup,
and references to options, plugins and roles.

python tests/lint_docs.py      # in the environment of the gates; prints what is wrong
"""

import json
import os
import subprocess
import sys

import venvs

#: Filters of the playbooks' own: one file without documentation, on purpose, and no part of the interface.
INTERNAL = "plugins/filter/internal_"


def main():
    collections = venvs.link_collection()
    command = ["lint-collection-docs", "--plugin-docs", "--validate-collection-refs=self", "--message-format=json"]
    done = subprocess.run(
        ["antsibull-docs", *command, "."],
        cwd=collections / "ansible_collections" / "edgeai" / "fleet",
        env={**os.environ, "ANSIBLE_COLLECTIONS_PATH": str(collections)},
        stdout=subprocess.PIPE,
        text=True,
        check=False,
    )
    try:
        messages = json.loads(done.stdout)["messages"]
    except (ValueError, KeyError, TypeError):
        print(f"antsibull-docs ended with {done.returncode}:\n{done.stdout}")
        return 1
    findings = [message for message in messages if not str(message.get("path")).startswith(INTERNAL)]
    for message in findings:
        print(f"{message.get('path')}: {message.get('message')}")
    print(f"antsibull-docs: {len(findings)} findings")
    return int(bool(findings))


if __name__ == "__main__":
    sys.exit(main())
