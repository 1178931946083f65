# Copyright (c) 2026 the edgeai.fleet authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

DOCUMENTATION = r"""
module: board_additions
short_description: Record what is added to a board, so that it can be taken away again
version_added: 0.1.0
description:
  - Keeps C(state/additions.json) at O(root), from which M(edgeai.fleet.torch_remove) knows what to remove.
  - M(edgeai.fleet.swap_space) and M(edgeai.fleet.jetson_power) record what they do themselves. This module is for tasks
    that use modules of others.
options:
  root:
    description: The C(torch_root) of the board.
    type: path
    required: true
  user:
    description: The user who is about to be added to O(groups).
    type: str
  groups:
    description: Groups. Only those that O(user) is not in yet are recorded.
    type: list
    elements: str
    default: []
  packages:
    description:
      - Names of system packages that are about to be installed. If one of them is missing, what is installed now is
        noted. Call the module again with O(installed=true) afterwards.
    type: list
    elements: str
    default: []
  installed:
    description: Whether the installation is over. What has been installed since the first call is recorded then.
    type: bool
    default: false
  manager:
    description: The package manager of the board, such as V(apt). Required with O(packages) and O(installed).
    type: str
  vendor:
    description: What is about to be installed, and can be removed only by its vendor's own program.
    type: dict
    suboptions:
      name:
        description: What it is, in words.
        type: str
        required: true
      version:
        description: Its version.
        type: str
attributes:
  check_mode:
    support: full
    description: Nothing is recorded.
  diff_mode:
    support: none
    description: The record does not count as a change.
  platform:
    support: full
    platforms: linux
    description: Target OS/families that can be operated against.
seealso:
  - module: edgeai.fleet.torch_remove
author:
  - edgeai.fleet authors (@edgeai-fleet)
"""

EXAMPLES = r"""
- name: Note what is installed
  edgeai.fleet.board_additions:
    root: /opt/edgeai/torch
    packages: [libopenblas0]
    manager: apt
  register: noted

- name: Install
  ansible.builtin.apt:
    name: libopenblas0

- name: Record what came
  edgeai.fleet.board_additions:
    root: /opt/edgeai/torch
    installed: true
    manager: apt
  when: noted.missing | length > 0
"""

RETURN = r"""
missing:
  description: Those of O(packages) that are not installed.
  type: list
  elements: str
  returned: success
added:
  description: The packages that were recorded.
  type: list
  elements: str
  returned: success
"""

import grp

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.edgeai.fleet.plugins.module_utils._base.errors import problems_reported
from ansible_collections.edgeai.fleet.plugins.module_utils._root.additions import record_additions
from ansible_collections.edgeai.fleet.plugins.module_utils._setup.packages import (
    PackageDatabase,
    begin_installation,
    end_installation,
)


def main():
    module = AnsibleModule(
        argument_spec=dict(
            root=dict(type="path", required=True),
            user=dict(type="str"),
            groups=dict(type="list", elements="str", default=[]),
            packages=dict(type="list", elements="str", default=[]),
            installed=dict(type="bool", default=False),
            manager=dict(type="str"),
            vendor=dict(type="dict", options=dict(name=dict(type="str", required=True), version=dict(type="str"))),
        ),
        required_if=[("installed", True, ("manager",))],
        supports_check_mode=True,
    )
    module.run_command_environ_update = dict(LC_ALL="C")
    options, missing, added = module.params, [], []
    if options["packages"] and not options["manager"]:
        module.fail_json(msg="packages needs manager, the package manager of the board")
    with problems_reported(module, "the record of additions at %s" % options["root"], "; run it as root (become)"):
        entries = [
            {"kind": "group", "user": options["user"], "group": name}
            for name in options["groups"]
            if options["user"] and not _is_member(options["user"], name)
        ]
        if options["vendor"]:
            entries.append(dict(options["vendor"], kind="vendor", version=options["vendor"]["version"] or ""))
        if not module.check_mode:
            record_additions(options["root"], entries)
        if options["packages"] or options["installed"]:
            database = PackageDatabase(_runner(module), options["manager"])
            if options["packages"]:
                missing = begin_installation(database, options["root"], options["packages"], module.check_mode)
            if options["installed"] and not module.check_mode:
                added = end_installation(database, options["root"])
    module.exit_json(changed=False, missing=missing, added=added)


def _is_member(user, group):
    try:
        return user in grp.getgrnam(group).gr_mem
    except KeyError:
        return False


def _runner(module):
    def run(argv):
        return module.run_command([module.get_bin_path(argv[0], required=True)] + argv[1:])

    return run


if __name__ == "__main__":
    main()
