# Copyright (c) 2026 the edgeai.fleet authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

DOCUMENTATION = r"""
name: torch_request
short_description: The torch request of a host
version_added: 0.1.0
author: edgeai.fleet authors (@edgeai-fleet)
description:
  - Gathers the C(torch_*) variables of the current host into one dictionary, with the defaults and types of the role
    P(edgeai.fleet.torch#role).
  - A value of the wrong type or outside its choices is an error that names the variable, the value and what is allowed.
  - Passwords in URLs, and values of environment variables that look like secrets, are replaced by C(********). Code
    that needs them reads the variables.
  - A variable whose name differs from one of this collection by one or two letters causes a warning, unless
    C(fleet_ignore_variables) names it. Playbooks check this once for all hosts.
options:
  _terms:
    description: This lookup takes no terms.
    type: list
    elements: str
    required: false
seealso:
  - plugin: edgeai.fleet.torch_plan
    plugin_type: filter
"""

EXAMPLES = r"""
- name: Show the request
  ansible.builtin.debug:
    var: lookup('edgeai.fleet.torch_request')
"""

RETURN = r"""
_raw:
  description: One dictionary; its keys are the options of the torch role without C(torch_).
  type: list
  elements: dict
"""

# ruff: noqa: E402 (Ansible wants the documentation before the imports)

from ansible.errors import AnsibleError
from ansible.plugins.lookup import LookupBase
from ansible_collections.edgeai.fleet.plugins.module_utils._base.secrets import mask_secrets
from ansible_collections.edgeai.fleet.plugins.plugin_utils._plan.variables import gather_request


class LookupModule(LookupBase):
    def run(self, terms, variables=None, **kwargs):
        if terms or kwargs:
            raise AnsibleError(
                "The lookup edgeai.fleet.torch_request takes no arguments: it reads the torch_* variables."
            )
        return [mask_secrets(gather_request(variables or {}, self._templar.template))]
