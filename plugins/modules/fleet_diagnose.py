# Copyright (c) 2026 the edgeai.fleet authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# The code is in plugins/action/fleet_diagnose.py: it runs on the control node.

DOCUMENTATION = r"""
---
module: fleet_diagnose
version_added: 0.1.0
short_description: Explain an error text
author: edgeai.fleet authors (@edgeai-fleet)
description:
  - Internal to the playbook C(edgeai.fleet.diagnose), which is what users run.
  - Looks up an error text in the table of C(docs/diagnosis.md), and prints the cause and the fix.
  - The module has no options. It reads variables, because Ansible could take an error text for a template.
  - C(diagnose_text) is the text, or C(diagnose_file) the path of a file with it.
  - C(diagnose_family) is the family of the board, or C(diagnose_facts) the path of a file with its facts, as the lookup
    P(edgeai.fleet.fleet_hypothetical#lookup) reads them. Both are optional. Without them, the answer names all causes
    that only a fact could tell apart.
  - C(diagnose_json) is the path of a file for the answer. In check mode it is not written.
  - It needs no connection to a board.
attributes:
  check_mode:
    support: full
    description: Nothing is changed.
  diff_mode:
    support: none
    description: Nothing is changed.
  platform:
    support: full
    platforms: posix
    description: The control node.
seealso:
  - plugin: edgeai.fleet.fleet_hypothetical
    plugin_type: lookup
"""

EXAMPLES = r"""
- name: Explain the error
  edgeai.fleet.fleet_diagnose:
  vars:
    diagnose_text: "AssertionError: Torch not compiled with CUDA enabled"
    diagnose_family: jetson
"""

RETURN = r"""
diagnosis:
  description: The answer. For a text that is not in the table, the id is UNKNOWN and there is no confidence.
  returned: success
  type: dict
  contains:
    id:
      description: The row of the table.
      type: str
    cause:
      description: The cause; several, each with its condition, where the text fits several.
      type: str
    fix:
      description: What to do.
      type: str
    confidence:
      description: How well the row is proven.
      type: str
    evidence:
      description: Where the cause is described, and the lines of the text that match the row.
      type: list
      elements: str
  sample:
    id: JET-03
    cause: "this is not NVIDIA's build: the installed torch is a CPU build, such as PyPI's for aarch64"
    fix: "provision the board with torch_accelerator: cuda; later installations must not replace that torch"
    confidence: proven
    evidence:
      - https://github.com/ultralytics/ultralytics/blob/main/docs/en/guides/nvidia-jetson.md
      - "AssertionError: Torch not compiled with CUDA enabled"
"""
