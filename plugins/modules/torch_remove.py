# Copyright (c) 2026 the edgeai.fleet authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

DOCUMENTATION = r"""
module: torch_remove
short_description: Take away from a board what this collection added
version_added: 0.1.0
description:
  - Removes environments, builds, tools and caches at O(root), swap, the service for fixed clocks, kernels of Jupyter,
    running C(distccd) of helpers, and groups that users were added to. Compressed swap and the power mode of a Jetson
    are restored unless someone changed them later.
  - Only what this collection added is removed. It is recorded in C(state/additions.json) at O(root) before it is added;
    swap files, services and configuration of this collection are also recognized without that record.
  - Files of others at O(root) stay there, and RV(left) names them. So do system packages, unless O(packages) is set.
  - What the record cannot say is in RV(unknown), for boards of earlier releases and for a damaged record.
  - Nothing is removed while a build runs or a process uses an environment.
options:
  root:
    description: The C(torch_root) of the board.
    type: path
    required: true
  packages:
    description:
      - Whether system packages that were recorded as added are removed. A package stays if another one, which was not
        recorded, needs it.
      - The record is removed with the rest, so a later run cannot do this.
    type: bool
    default: false
  lock_timeout:
    description: How many seconds to wait for another run on the same O(root).
    type: int
    default: 600
notes:
  - What is outside O(root) needs root.
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
  - module: edgeai.fleet.board_additions
author:
  - edgeai.fleet authors (@edgeai-fleet)
"""

EXAMPLES = r"""
- name: Remove everything that this collection added
  edgeai.fleet.torch_remove:
    root: /opt/edgeai/torch
  become: true

- name: Remove the system packages, too
  edgeai.fleet.torch_remove:
    root: /opt/edgeai/torch
    packages: true
  become: true
"""

RETURN = r"""
removed:
  description: What was removed, or would be in check mode.
  type: list
  elements: str
  returned: success
  sample: [swap file /var/swap.edgeai, group video of the user ml, environment 3f2a9c11d0be-1]
left:
  description: What stays although it is at O(root) or was recorded as added, with the reason where it is not a path.
  type: list
  elements: str
  returned: success
  sample: [/opt/edgeai/torch/notes.txt, 'package libopenblas0: torch_remove_packages is not set']
unknown:
  description: What cannot be known, because there is no usable record.
  type: list
  elements: str
  returned: success
reboot_required:
  description: Whether something takes effect only after a restart, or after users have logged in again.
  type: bool
  returned: success
reboot_reasons:
  description: What takes effect only then.
  type: list
  elements: str
  returned: success
"""

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.edgeai.fleet.plugins.module_utils._base.errors import problems_reported
from ansible_collections.edgeai.fleet.plugins.module_utils._setup.removal import Removal


def main():
    module = AnsibleModule(
        argument_spec=dict(
            root=dict(type="path", required=True),
            packages=dict(type="bool", default=False),
            lock_timeout=dict(type="int", default=600),
        ),
        supports_check_mode=True,
    )
    module.run_command_environ_update = dict(LC_ALL="C", DEBIAN_FRONTEND="noninteractive")
    options = module.params
    with problems_reported(module, "torch_remove at %s" % options["root"], "; correct the cause and run again"):
        removal = Removal(
            options["root"],
            lambda argv, answer=None: module.run_command(argv, data=answer),
            lambda name: module.get_bin_path(name, opt_dirs=["/usr/sbin", "/sbin"]),
            packages=options["packages"],
            lock_timeout=options["lock_timeout"],
        )
        removed = removal.removed
        if removed and not module.check_mode:
            removal.apply()
    module.exit_json(
        changed=bool(removed),
        removed=removed,
        left=removal.left,
        unknown=removal.unknown,
        reboot_required=bool(removal.reboot_reasons),
        reboot_reasons=removal.reboot_reasons,
        diff=dict(before="".join("%s\n" % what for what in removed), after=""),
    )


if __name__ == "__main__":
    main()
