# Copyright (c) 2026 the edgeai.fleet authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

DOCUMENTATION = r"""
module: torch_audit
short_description: Compare a board's environment with what was installed
version_added: 0.1.0
description:
  - Reads every file of the current environment at O(root) and compares it with the hash in the C(RECORD) of its wheel,
    or in C(conda-meta). Compares the installed packages with those that the environment was made of.
  - Nothing is changed, and no program of the environment is started.
  - Files without a recorded hash (bytecode, the lists themselves) are counted, not compared. A C(RECORD) that was
    changed together with its file is not noticed here; M(edgeai.fleet.torch_env) notices it by size and time.
options:
  root:
    description: The C(torch_root) of the board.
    type: path
    required: true
notes:
  - All files are read. For an environment of some GiB on an SD card this takes minutes.
attributes:
  check_mode:
    support: full
    description: The module changes nothing.
  diff_mode:
    support: none
    description: The module changes nothing.
  platform:
    support: full
    platforms: linux
    description: Target OS/families that can be operated against.
author:
  - edgeai.fleet authors (@edgeai-fleet)
"""

EXAMPLES = r"""
- name: Compare the environment with its wheels
  edgeai.fleet.torch_audit:
    root: /opt/edgeai/torch
  become: true
  register: audited
"""

RETURN = r"""
environment:
  description: Name of the environment in use.
  type: str
  returned: success
  sample: 3f2a9c11d0be-1
recorded:
  description: When its verdict was recorded.
  type: str
  returned: success
  sample: "2026-11-23T04:15:00Z"
files:
  description: How many files were compared, and how many have no hash. Each kind of difference has a count and the
    first names. The key C(foreign) has files that no package lists.
  type: dict
  returned: success
packages:
  description: Packages that were added, changed, or are missing.
  type: dict
  returned: success
damage:
  description: Differences by size and time since the installation.
  type: list
  elements: str
  returned: success
problem:
  description: Why nothing can be at O(root).
  type: str
  returned: success
"""

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.edgeai.fleet.plugins.module_utils._base.errors import problems_reported
from ansible_collections.edgeai.fleet.plugins.module_utils._environment.audit import audit_root


def main():
    module = AnsibleModule(argument_spec=dict(root=dict(type="path", required=True)), supports_check_mode=True)
    with problems_reported(module, "torch_audit at %s" % module.params["root"], "; run it as root (become)"):
        result = audit_root(module.params["root"])
    for warning in result.pop("warnings"):
        module.warn(warning)
    module.exit_json(changed=False, **result)


if __name__ == "__main__":
    main()
