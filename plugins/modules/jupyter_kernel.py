# Copyright (c) 2026 the edgeai.fleet authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

DOCUMENTATION = r"""
module: jupyter_kernel
short_description: Register the environment in use as a kernel of Jupyter
version_added: 0.1.0
description:
  - Writes a kernelspec that starts C(bin/python) at O(root). That follows C(current), so a switch to another
    environment needs no other kernelspec; kernels that run keep the environment that they were started with.
  - As root it is registered for all users of the board, in C(/usr/local/share/jupyter/kernels), where each Jupyter
    looks, also that of PYNQ images; without root for the user, in C(~/.local/share/jupyter/kernels).
  - The environment must have C(ipykernel). With C(torch_jupyter_kernel) the roles of this collection lock and install
    it.
  - It is recorded, so that M(edgeai.fleet.torch_remove) takes it away. A kernelspec of others is never replaced.
options:
  root:
    description: The C(torch_root) of the board.
    type: path
    required: true
  state:
    description: Whether there is a kernelspec of this O(root). V(absent) removes it wherever this module has put it.
    type: str
    choices: [present, absent]
    default: present
attributes:
  check_mode:
    support: full
    description: Can run in check_mode and return changed status prediction without modifying target.
  diff_mode:
    support: full
    description: Will return details on what has changed (or possibly needs changing in check_mode), when in diff mode.
  platform:
    support: full
    platforms: linux
    description: Target OS/families that can be operated against.
seealso:
  - module: edgeai.fleet.torch_env
  - module: edgeai.fleet.torch_remove
author:
  - edgeai.fleet authors (@edgeai-fleet)
"""

EXAMPLES = r"""
- name: Register the environment for all users of the board
  edgeai.fleet.jupyter_kernel:
    root: /opt/edgeai/torch
  become: true

- name: Take it away
  edgeai.fleet.jupyter_kernel:
    root: /opt/edgeai/torch
    state: absent
  become: true
"""

RETURN = r"""
path:
  description: The directory of the kernelspec, or empty. Its last part is the name of the kernel.
  type: str
  returned: success
  sample: /usr/local/share/jupyter/kernels/edgeai-torch
"""

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.edgeai.fleet.plugins.module_utils._base.errors import problems_reported
from ansible_collections.edgeai.fleet.plugins.module_utils._root.jupyter_kernel import (
    register_kernel,
    unregister_kernels,
)


def main():
    module = AnsibleModule(
        argument_spec=dict(
            root=dict(type="path", required=True),
            state=dict(type="str", choices=["present", "absent"], default="present"),
        ),
        supports_check_mode=True,
    )
    root, change = module.params["root"], register_kernel
    if module.params["state"] == "absent":
        change = unregister_kernels
    advice = "; run it as the user who registered it, or as root (become)"
    with problems_reported(module, "the Jupyter kernel of %s" % root, advice):
        before, after = change(root, module.check_mode)
    module.exit_json(
        changed=before != after,
        path=next(iter(after), ""),
        diff=[
            {
                "before_header": path,
                "after_header": path,
                "before": before.get(path, ""),
                "after": after.get(path, ""),
            }
            for path in sorted(set(before) | set(after))
            if before.get(path) != after.get(path)
        ],
    )


if __name__ == "__main__":
    main()
