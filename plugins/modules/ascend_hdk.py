#!/usr/bin/python
# Copyright (c) 2026 the edgeai.fleet authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

DOCUMENTATION = r"""
module: ascend_hdk
short_description: Install the driver and the firmware of an Ascend chip
version_added: 0.1.0
description:
  - Installs Huawei's driver and firmware from C(.run) files, each only if another version is installed.
  - The action of the same name compares the files on the control node with their SHA-256, sends those that are to be
    installed, and removes them from the board afterwards, also after a failure.
  - The first time the driver comes before the firmware. Over an installed driver it is the other way round, as Huawei
    wants it.
  - Before anything is installed, the SHA-256 of every file is compared on the board, and every file checks itself
    (C(--check)). Nothing is ever forced (C(--force)).
  - Afterwards the versions are read back.
  - Before anything is sent or installed, the module checks that no program uses a chip (C(/dev/davinciN)), and that
    C(/usr/local/Ascend) belongs to root and cannot be written by others.
options:
  driver:
    description: The driver, C(Ascend-hdk-*-npu-driver_*.run). Left out, the driver stays as it is.
    type: dict
    suboptions:
      path:
        description:
          - The file on the control node.
          - With O(remote_src=true), the file on the board. Only root may write it and its directory, for root runs it.
        type: path
        required: true
      sha256:
        description: The SHA-256 of the file, as the operator knows it.
        type: str
        required: true
      version:
        description: The version that C(/usr/local/Ascend/*/version.info) has when it is installed, as in the file's
          name.
        type: str
        required: true
  firmware:
    description: The firmware, C(Ascend-hdk-*-npu-firmware_*.run). Left out, the firmware stays as it is.
    type: dict
    suboptions:
      path:
        description: The file, as for O(driver.path).
        type: path
        required: true
      sha256:
        description: The SHA-256 of the file, as the operator knows it.
        type: str
        required: true
      version:
        description: The version of the firmware or that of its package, as C(version.info) has it when it is installed.
        type: str
        required: true
  create_user:
    description:
      - Whether the user and the group C(HwHiAiUser), which a driver needs that is installed for the first time, are
        created where they are missing.
    type: bool
    default: false
  skip_checks:
    description: Checks that are left out. V(space) and V(health) are not checked here, because a new driver may be the
      cure of an unhealthy chip.
    type: list
    elements: str
    choices: [in_use, owner, space, health]
    default: []
  remote_src:
    description: Whether the files are on the board. The module does not remove these files.
    type: bool
    default: false
  _list:
    description: Used internally by the action, to ask which parts are to be installed.
    type: bool
    default: false
notes:
  - The installers run with C(--quiet), by which the operator accepts Huawei's licence for them.
  - A run of an installer is not ended by a time-out, because a half written firmware is worse than a long wait.
  - What was installed takes effect when the board starts again. This module does not restart it.
attributes:
  check_mode:
    support: full
    description: Can run in check_mode and return changed status prediction without modifying target. Nothing is
      sent then, and a file that is not on the board is checked on the control node only.
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
- name: Driver and firmware of an Atlas 300I Pro
  edgeai.fleet.ascend_hdk:
    driver:
      path: /srv/hdk/Ascend-hdk-310p-npu-driver_25.5.0_linux-aarch64.run
      sha256: "{{ hdk_driver_sha256 }}"
      version: 25.5.0
    firmware:
      path: /srv/hdk/Ascend-hdk-310p-npu-firmware_7.8.0.5.216.run
      sha256: "{{ hdk_firmware_sha256 }}"
      version: 7.8.0.5.216
  become: true
  register: hdk

- name: Restart the board if it has to be
  ansible.builtin.reboot:
  when: hdk.reboot_required
"""

RETURN = r"""
driver:
  description: The version of the driver that is installed now, or null without one.
  type: str
  returned: success
  sample: 25.5.0
firmware:
  description: The version of the firmware that is installed now, or null without one.
  type: str
  returned: success
  sample: 7.8.0.5.216
parts:
  description: The parts that were installed, or would be in check mode, in their order.
  type: list
  elements: str
  returned: success
  sample: [firmware, driver]
commands:
  description: The installers that were run, in their order.
  type: list
  elements: str
  returned: success
  sample: ["/bin/sh /var/lib/edgeai-fleet/hdk/Ascend-hdk-310p-npu-firmware_7.8.0.5.216.run --upgrade --quiet"]
reboot_required:
  description: Whether the board has to be restarted for what was installed.
  type: bool
  returned: success
  sample: true
"""

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.edgeai.fleet.plugins.module_utils._base.errors import EnvironmentProblem, require_root
from ansible_collections.edgeai.fleet.plugins.module_utils._setup.ascend_hdk import BASE, FIRST, Hdk
from ansible_collections.edgeai.fleet.plugins.module_utils._setup.ascend_preflight import (
    CHECKS,
    check_idle,
    check_owner,
)


def main():
    file = dict(
        type="dict",
        options=dict(
            path=dict(type="path", required=True),
            sha256=dict(type="str", required=True),
            version=dict(type="str", required=True),
        ),
    )
    module = AnsibleModule(
        argument_spec=dict(
            driver=file,
            firmware=file,
            create_user=dict(type="bool", default=False),
            skip_checks=dict(type="list", elements="str", choices=CHECKS, default=[]),
            remote_src=dict(type="bool", default=False),
            _list=dict(type="bool", default=False),
        ),
        required_one_of=[("driver", "firmware")],
        supports_check_mode=True,
    )
    module.run_command_environ_update = dict(LC_ALL="C")
    given = dict((part, module.params[part]) for part in FIRST if module.params[part])
    done = []
    try:
        hdk = Hdk(module.run_command, given, module.params["create_user"])
        before = dict((part, hdk.version(part)) for part in FIRST)
        if hdk.parts and not module.check_mode:
            require_root("install " + " and ".join(hdk.parts))
        if hdk.parts:
            if "owner" not in module.params["skip_checks"]:
                check_owner(BASE, 0, "root")
            if "in_use" not in module.params["skip_checks"]:
                check_idle()
        if hdk.parts and module.params["_list"]:
            module.exit_json(changed=False, parts=hdk.parts)
        hdk.check(absent=module.check_mode)
        if not module.check_mode:
            done = hdk.install()
    except EnvironmentProblem as error:
        module.fail_json(msg=str(error))
    after = dict(
        before, **dict((part, given[part]["version"] if module.check_mode else hdk.version(part)) for part in hdk.parts)
    )
    module.exit_json(
        changed=bool(hdk.parts),
        reboot_required=bool(hdk.parts),
        parts=hdk.parts,
        commands=[" ".join(argv) for _part, argv in done],
        driver=after["driver"],
        firmware=after["firmware"],
        diff=dict(before=_lines(before), after=_lines(after)),
    )


def _lines(versions):
    return "".join("%s: %s\n" % (part, versions[part] or "not installed") for part in FIRST)


if __name__ == "__main__":
    main()
