#!/usr/bin/python
# Copyright (c) 2026 the edgeai.fleet authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

DOCUMENTATION = r"""
module: distcc_builder
short_description: Test from a builder whether a helper compiles for it
version_added: 0.1.0
description:
  - Runs on the builder of a helper that M(edgeai.fleet.distcc_helper) manages. With O(address), it finds the address
    from which the builder comes. With O(host), it lets the helper compile a test program, and fails if the helper does
    not.
  - The module changes nothing.
options:
  address:
    description: Where the builder reaches the helper.
    type: str
  host:
    description: The helper as an entry of C(DISTCC_HOSTS).
    type: str
  compiler_version:
    description: What C(g++ -v) prints on the builder. Required with O(host).
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

- name: Let the helper compile a test program
  edgeai.fleet.distcc_builder:
    host: 192.168.1.20:4012/8
    compiler_version: "{{ compiler.stderr }}"
"""

RETURN = r"""
source:
  description: The address of the builder that the helper sees.
  type: str
  returned: with O(address)
  sample: 192.168.1.17
compiles:
  description: Always true. The module fails if the helper does not compile.
  type: bool
  returned: with O(host)
  sample: true
"""

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.edgeai.fleet.plugins.module_utils._base.errors import EnvironmentProblem
from ansible_collections.edgeai.fleet.plugins.module_utils._setup.distcc_helper import (
    check_helper,
    source_address,
)
from ansible_collections.edgeai.fleet.plugins.module_utils._torch_build.distcc import full_names


def main():
    module = AnsibleModule(
        argument_spec=dict(
            address=dict(type="str"),
            host=dict(type="str"),
            compiler_version=dict(type="str"),
        ),
        required_one_of=[("address", "host")],
        required_by=dict(host=("compiler_version",)),
        supports_check_mode=True,
    )
    result = {}
    try:
        if module.params["address"]:
            result["source"] = source_address(module.params["address"])
        if module.params["host"]:
            prefix, suffix = full_names(module.params["compiler_version"]) or ("", "")
            check_helper(
                module.run_command, prefix + "g++" + suffix, module.params["host"].partition("/")[0], module.tmpdir
            )
            result["compiles"] = True
    except EnvironmentProblem as error:
        module.fail_json(msg=str(error))
    module.exit_json(changed=False, **result)


if __name__ == "__main__":
    main()
