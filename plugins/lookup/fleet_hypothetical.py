# Copyright (c) 2026 the edgeai.fleet authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

DOCUMENTATION = r"""
name: fleet_hypothetical
short_description: Boards from a file of facts
version_added: 0.1.0
author: edgeai.fleet authors (@edgeai-fleet)
description:
  - Reads a YAML file on the control node with the facts of one board, or a list of boards, each with a
    C(name). The file that C(explain_json) names has such boards, too.
  - The facts are those of the filter P(edgeai.fleet.fleet_board#filter). A whole board, as in a report, is
    returned unchanged.
  - A missing file, invalid YAML or an unknown fact is an error that names the place.
options:
  _terms:
    description: The path of the file, relative to the current directory.
    type: list
    elements: path
    required: true
seealso:
  - plugin: edgeai.fleet.fleet_board
    plugin_type: filter
"""

EXAMPLES = r"""
- name: Show the boards of a file
  ansible.builtin.debug:
    var: lookup('edgeai.fleet.fleet_hypothetical', 'board.yml')
"""

RETURN = r"""
_raw:
  description: The boards, by name.
  type: list
  elements: dict
"""

# ruff: noqa: E402 (Ansible wants the documentation before the imports)

from ansible.errors import AnsibleError
from ansible.plugins.lookup import LookupBase
from ansible_collections.edgeai.fleet.plugins.plugin_utils._plan.hypothetical_board import read_boards


class LookupModule(LookupBase):
    def run(self, terms, variables=None, **kwargs):
        if len(terms) != 1 or kwargs:
            raise AnsibleError("The lookup edgeai.fleet.fleet_hypothetical takes one argument, the path of a file.")
        return [read_boards(terms[0])]
