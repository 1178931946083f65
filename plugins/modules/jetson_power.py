# Copyright (c) 2026 the edgeai.fleet authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

DOCUMENTATION = r"""
module: jetson_power
short_description: Set the power mode, the clocks and the compressed swap of a Jetson
version_added: 0.1.0
description:
  - Sets a power mode with C(nvpmodel), fixes the clocks at their maximum with C(jetson_clocks) at every start, and
    disables the compressed swap of C(nvzramconfig).
  - Nothing is restarted. C(nvpmodel) applies some modes only when the board starts, and asks to restart it at once. The
    module answers no, records the mode where C(nvpmodel) looks for it at the next start, and returns
      RV(reboot_required=true).
options:
  mode:
    description:
      - The power mode, by its id or name in C(/etc/nvpmodel.conf), such as V(2) or V(MAXN). Case does not
        matter.
      - Empty leaves the mode as it is.
    type: str
    default: ''
  clocks:
    description:
      - With V(maximum) C(jetson_clocks) runs now and at every start, by a service of systemd.
      - With V(dynamic) that service is removed. Clocks that it has fixed stay so until the board starts again.
    type: str
    choices: [keep, maximum, dynamic]
    default: keep
  root:
    description:
      - The C(torch_root) of the board, where the former settings are recorded, so that M(edgeai.fleet.torch_remove) can
        restore them.
      - Without it nothing is recorded.
    type: path
  zram:
    description: With V(disabled) there is no compressed swap in memory from the next start on.
    type: str
    choices: [keep, disabled]
    default: keep
notes:
  - Check mode cannot predict whether C(nvpmodel) would ask for a restart.
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
- name: Set the highest performance
  edgeai.fleet.jetson_power:
    mode: MAXN
    clocks: maximum
  become: true
  register: power

- name: Restart the board where the mode requires it
  ansible.builtin.reboot:
  become: true
  when: power.reboot_required

- name: Disable compressed swap, because a build needs the memory
  edgeai.fleet.jetson_power:
    zram: disabled
  become: true
"""

RETURN = r"""
reboot_required:
  description: Whether a change takes effect only after a restart.
  type: bool
  returned: success
  sample: false
reboot_reasons:
  description: The changes that wait for a restart.
  type: list
  elements: str
  returned: success
  sample: ['the power mode 3 (7W)']
"""

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.edgeai.fleet.plugins.module_utils._base.errors import problems_reported, require_root
from ansible_collections.edgeai.fleet.plugins.module_utils._root.additions import record_additions
from ansible_collections.edgeai.fleet.plugins.module_utils._setup.jetson_power import (
    JetsonHost,
    find_changes,
)


def main():
    module = AnsibleModule(
        argument_spec=dict(
            mode=dict(type="str", default=""),
            clocks=dict(type="str", choices=["keep", "maximum", "dynamic"], default="keep"),
            zram=dict(type="str", choices=["keep", "disabled"], default="keep"),
            root=dict(type="path"),
        ),
        supports_check_mode=True,
    )
    module.run_command_environ_update = dict(LC_ALL="C")
    host = JetsonHost(
        lambda argv, answer: module.run_command(argv, data=answer),
        lambda name: module.get_bin_path(name, opt_dirs=["/usr/sbin", "/sbin"]),
    )
    waits = []
    with problems_reported(module, "jetson_power", "; run it as root (become), or correct the cause"):
        changes = find_changes(host, module.params["mode"], module.params["clocks"], module.params["zram"])
        changed = any(change.diff for change in changes)
        if changed and not module.check_mode:
            require_root("change power settings")
            if module.params["root"]:
                record_additions(
                    module.params["root"], [change.addition for change in changes if change.diff and change.addition]
                )
        for change in changes:
            waits.append(change.apply() if change.apply and not module.check_mode else change.waits)
            if change.warning:
                module.warn(change.warning)
    reasons = [reason for reason in waits if reason]
    module.exit_json(
        changed=changed,
        diff=[change.diff for change in changes if change.diff],
        reboot_required=bool(reasons),
        reboot_reasons=reasons,
    )


if __name__ == "__main__":
    main()
