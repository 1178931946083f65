# Copyright (c) 2026 the edgeai.fleet authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

DOCUMENTATION = r"""
module: swap_space
short_description: Manage disk swap on an edge board
version_added: 0.1.0
description:
  - Ensures that a board has at least O(size_mib) of swap on a disk. It uses C(rpi-swap) on Raspberry Pi OS from Trixie
    on, C(dphys-swapfile) on Raspberry Pi OS up to Bookworm, and elsewhere a swap file at O(path) with its line in
      C(/etc/fstab).
  - Existing swap counts, whoever made it. Compressed memory (zram) does not count, because it gives a build no
    additional memory.
  - Swap that this module made has exactly O(size_mib). It is resized when that changes.
  - The space on the disk, its file system, and whether used swap fits into the memory are checked before anything is
    changed.
options:
  size_mib:
    description: Amount of swap, in MiB. Required with O(state=present).
    type: int
  path:
    description:
      - The swap file, where neither C(rpi-swap) nor C(dphys-swapfile) manages swap.
      - It cannot be on btrfs, zfs, an overlay, a memory disk or a network.
    type: path
    default: /var/swap.edgeai
  manager:
    description:
      - What manages swap. V(auto) uses what the board has.
      - V(swapfile) makes and removes the file at O(path) and leaves C(rpi-swap) and C(dphys-swapfile) alone. Use it for
        swap that is needed at once and for a limited time.
    type: str
    choices: [auto, swapfile]
    default: auto
  root:
    description:
      - The C(torch_root) of the board, where what is added is recorded, so that M(edgeai.fleet.torch_remove) finds it.
      - Without it nothing is recorded.
    type: path
  state:
    description:
      - V(absent) removes what this module made, and nothing else. The configuration of C(dphys-swapfile) and
        C(rpi-swap) is restored.
    type: str
    choices: [present, absent]
    default: present
notes:
  - Swap wears out an SD card and is slow on one. For a build that runs for hours, a USB disk as O(path) is better, and
    O(state=absent) afterwards.
  - C(rpi-swap) reads its configuration when the board starts. Until then RV(reboot_required) is true.
  - In a container, the kernel refuses a swap file; the module then fails and leaves nothing behind.
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
author:
  - edgeai.fleet authors (@edgeai-fleet)
"""

EXAMPLES = r"""
- name: Provide 4 GiB of swap for a build
  edgeai.fleet.swap_space:
    size_mib: 4096
  become: true
  register: swap

- name: Put the swap on a USB disk, to spare the SD card
  edgeai.fleet.swap_space:
    size_mib: 10240
    path: /mnt/usb/swap.edgeai
  become: true

- name: Remove it again
  edgeai.fleet.swap_space:
    state: absent
  become: true
"""

RETURN = r"""
manager:
  description: What manages swap on this board, V(rpi-swap), V(dphys-swapfile), or V(swapfile) for a file of this
    module's own.
  type: str
  returned: success
  sample: dphys-swapfile
reboot_required:
  description: Whether the change takes effect only after a restart.
  type: bool
  returned: success
  sample: false
"""

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.edgeai.fleet.plugins.module_utils._base.errors import (
    EnvironmentProblem,
    problems_reported,
    require_root,
)
from ansible_collections.edgeai.fleet.plugins.module_utils._root.additions import record_additions
from ansible_collections.edgeai.fleet.plugins.module_utils._setup.swap import (
    SwapHost,
    find_changes,
    swap_additions,
)


def main():
    module = AnsibleModule(
        argument_spec=dict(
            size_mib=dict(type="int"),
            path=dict(type="path", default="/var/swap.edgeai"),
            manager=dict(type="str", choices=["auto", "swapfile"], default="auto"),
            root=dict(type="path"),
            state=dict(type="str", choices=["present", "absent"], default="present"),
        ),
        required_if=[("state", "present", ("size_mib",))],
        supports_check_mode=True,
    )
    module.run_command_environ_update = dict(LC_ALL="C")

    def run(argv):
        program = module.get_bin_path(argv[0])
        if not program:
            raise EnvironmentProblem(
                "the program %s is missing: install its package (util-linux for mkswap and swapon)" % argv[0]
            )
        return module.run_command([program] + argv[1:])

    with problems_reported(module, "swap_space", "; run it as root (become), or correct the cause"):
        manager, changes = find_changes(
            SwapHost(run),
            module.params["size_mib"],
            module.params["path"],
            module.params["state"] == "present",
            None if module.params["manager"] == "auto" else module.params["manager"],
        )
        diff = [part for change in changes for part in change.diff]
        if diff and not module.check_mode:
            require_root("change swap")
            if module.params["root"] and module.params["state"] == "present":
                record_additions(module.params["root"], swap_additions(manager, module.params["path"]))
            for change in changes:
                if change.diff:
                    change.apply()
    module.exit_json(
        changed=bool(diff), manager=manager, reboot_required=any(change.reboot for change in changes), diff=diff
    )


if __name__ == "__main__":
    main()
