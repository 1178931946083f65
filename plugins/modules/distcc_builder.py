#!/usr/bin/python
# Copyright (c) 2026 the edgeai.fleet authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

DOCUMENTATION = r"""
module: distcc_builder
short_description: Test from a builder which helpers compile for it
version_added: 0.1.0
description:
  - Answers what only the builder knows of hosts that M(edgeai.fleet.distcc_helper) manages. With O(address), the
    address from which the builder comes; with O(hosts), which of them compile a test program.
  - Changes nothing.
options:
  address:
    description: Where the builder reaches a helper.
    type: str
  hosts:
    description: Helpers as entries of C(DISTCC_HOSTS). Each of them compiles a test program.
    type: list
    elements: str
  compiler_version:
    description: What C(g++ -v) prints on the builder. Required with O(hosts).
    type: str
attributes:
  check_mode:
    support: full
    description: Changes nothing in either mode.
  diff_mode:
    support: none
    description: Changes nothing.
  platform:
    support: full
    platforms: posix
    description: Target OS/families that can be operated against.
seealso:
  - module: edgeai.fleet.distcc_helper
author:
  - edgeai.fleet authors (@edgeai-fleet)
"""

EXAMPLES = r"""
- name: Find the address from which this builder comes
  edgeai.fleet.distcc_builder:
    address: 192.168.1.20

- name: Let each helper compile a test program
  edgeai.fleet.distcc_builder:
    hosts: [192.168.1.20:4012/8, 192.168.1.21:4012/4]
    compiler_version: "{{ compiler.stderr }}"
  register: helpers
"""

RETURN = r"""
source:
  description: The address of the builder that the helper sees.
  type: str
  returned: with O(address)
  sample: 192.168.1.17
usable:
  description: The entries of O(hosts) that compile for this builder.
  type: list
  elements: str
  returned: with O(hosts)
  sample: [192.168.1.20:4012/8]
errors:
  description: By entry of O(hosts), why it does not compile.
  type: dict
  returned: with O(hosts)
"""

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.edgeai.fleet.plugins.module_utils._setup.distcc_helper import (
    HelperProblem,
    source_address,
    trial_error,
)
from ansible_collections.edgeai.fleet.plugins.module_utils._torch_build.distcc import full_names


def main():
    module = AnsibleModule(
        argument_spec=dict(
            address=dict(type="str"),
            hosts=dict(type="list", elements="str"),
            compiler_version=dict(type="str"),
        ),
        required_one_of=[("address", "hosts")],
        required_by=dict(hosts=("compiler_version",)),
        supports_check_mode=True,
    )
    result = {}
    if module.params["address"]:
        try:
            result["source"] = source_address(module.params["address"])
        except HelperProblem as error:
            module.fail_json(msg=str(error))
    if module.params["hosts"] is not None:
        prefix, suffix = full_names(module.params["compiler_version"]) or ("", "")
        answers = [
            (host, trial_error(module.run_command, prefix + "g++" + suffix, host.partition("/")[0], module.tmpdir))
            for host in module.params["hosts"]
        ]
        result["usable"] = [host for host, error in answers if not error]
        result["errors"] = dict((host, error) for host, error in answers if error)
    module.exit_json(changed=False, **result)


if __name__ == "__main__":
    main()
