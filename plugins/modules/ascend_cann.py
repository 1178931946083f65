#!/usr/bin/python
# Copyright (c) 2026 the edgeai.fleet authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

DOCUMENTATION = r"""
module: ascend_cann
short_description: Install one version of Huawei's CANN
version_added: 0.1.0
description:
  - Installs the toolkit of CANN, the kernels (ops) for the chip of the board, and NNAL, each only if this version of it
    is not installed. Other versions of CANN stay.
  - The files come from the operator (O(source=run)) or out of the packages of Huawei's repositories (O(source=apt),
    O(source=dnf)). Huawei's packages only wrap the C(.run) files, and start them without C(--quiet), which fails
    without a terminal. So a package is fetched with the signature checked, unpacked, and the C(.run) file is started by
    this module. Neither the repository nor the packages stay on the board.
  - Before anything is sent or installed, the module checks that the NPU is idle (no program has C(/dev/davinciN) open)
    and healthy (C(npu-smi)), that O(path) and the directories above it belong to root or O(user) and cannot be written
    by others, and that there is room (10 GiB for the toolkit, as Huawei says).
  - Every file is compared with its SHA-256 on both sides, and checks itself (C(--check)). What was installed is read
    back.
options:
  version:
    description: The version, as Huawei's files and packages have it, such as V(9.1.0) or V(8.2.RC1).
    type: str
    required: true
  source:
    description: Where the installers come from.
    type: str
    choices: [run, apt, dnf]
    required: true
  chip:
    description: The chip of the board, as C(platform.chip) of M(edgeai.fleet.board_facts). The package of the kernels
      depends on it.
    type: str
  parts:
    description: What is installed of O(source=apt) and O(source=dnf).
    type: list
    elements: str
    choices: [toolkit, ops, nnal]
    default: [toolkit, ops, nnal]
  files:
    description: The files of O(source=run), on the control node. What is left out is not installed.
    type: dict
    suboptions:
      toolkit:
        description: C(Ascend-cann-toolkit_*.run).
        type: dict
        suboptions: &file
          path:
            description: The file on the control node.
            type: path
            required: true
          sha256:
            description: The SHA-256 of the file, as the operator knows it.
            type: str
            required: true
      ops:
        description: The kernels for the chip of the board, C(Ascend-cann-<chip>-ops_*.run). Before CANN 8.5 they are
          C(Ascend-cann-kernels-<chip>_*.run).
        type: dict
        suboptions: *file
      nnal:
        description: C(Ascend-cann-nnal_*.run), Huawei's library of operators (ATB).
        type: dict
        suboptions: *file
  repository:
    description: The repository of O(source=apt) or O(source=dnf). By default Huawei's own.
    type: str
  key:
    description:
      - The public key of the repository, a file on the control node.
      - With O(source=apt) it can be left out on a board that has Huawei's package C(cann-keyring).
    type: path
  path:
    description: The directory of all versions. An older CANN is in C(ascend-toolkit) below it, from 8.5 on it is
      C(cann-VERSION).
    type: path
    default: /usr/local/Ascend
  user:
    description: As whom CANN is installed, and to whom it belongs. Installed by root, every user may use it.
    type: str
    default: root
  skip_checks:
    description: Checks that are left out.
    type: list
    elements: str
    choices: [in_use, owner, space, health]
    default: []
  directory:
    description: Used internally by the action, for the files that it sends.
    type: path
    default: /var/lib/edgeai-fleet/cann
  _list:
    description: Used internally by the action, to check the board and to ask which parts are to be installed.
    type: bool
    default: false
  _sizes:
    description: Used internally by the action, the sizes of its files.
    type: dict
    default: {}
notes:
  - The installers run with C(--quiet), by which the operator accepts Huawei's licence for them.
  - A run of an installer is not ended by a time-out.
attributes:
  check_mode:
    support: full
    description: Can run in check_mode and return changed status prediction without modifying target. Nothing is
      sent or fetched then.
  diff_mode:
    support: full
    description: Will return details on what has changed (or possibly needs changing in check_mode), when in diff mode.
  platform:
    support: full
    platforms: linux
    description: Target OS/families that can be operated against.
seealso:
  - module: edgeai.fleet.ascend_hdk
author:
  - edgeai.fleet authors (@edgeai-fleet)
"""

EXAMPLES = r"""
- name: CANN 9.1.0 for an Atlas 300I Pro, from the operator's files
  edgeai.fleet.ascend_cann:
    version: 9.1.0
    source: run
    chip: 310P3
    files:
      toolkit:
        path: /srv/cann/Ascend-cann-toolkit_9.1.0_linux-aarch64.run
        sha256: "{{ cann_toolkit_sha256 }}"
      ops:
        path: /srv/cann/Ascend-cann-310p-ops_9.1.0_linux-aarch64.run
        sha256: "{{ cann_ops_sha256 }}"
  become: true

- name: CANN 9.0.0 from Huawei's apt repository
  edgeai.fleet.ascend_cann:
    version: 9.0.0
    source: apt
    chip: 310B4
    key: /srv/cann/cann-archive-keyring.gpg
  become: true
"""

RETURN = r"""
parts:
  description: The parts that were installed, or would be in check mode, in their order.
  type: list
  elements: str
  returned: success
  sample: [toolkit, ops, nnal]
installed:
  description: What of this version is installed now, or would be after check mode.
  type: dict
  returned: success
  sample: {toolkit: 9.1.0, ops: 310p, nnal: 9.1.0}
home:
  description: The directory of this version.
  type: str
  returned: success
  sample: /usr/local/Ascend/cann-9.1.0
commands:
  description: The installers that were run, in their order.
  type: list
  elements: str
  returned: success
  sample: ["bash /var/lib/edgeai-fleet/cann/Ascend-cann-310p-ops_9.1.0_linux-aarch64.run --install --quiet
    --install-path=/usr/local/Ascend --install-for-all"]
"""

import os

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.edgeai.fleet.plugins.module_utils._base.errors import problems_reported, require_root
from ansible_collections.edgeai.fleet.plugins.module_utils._base.hashes import hash_file
from ansible_collections.edgeai.fleet.plugins.module_utils._board.system import System
from ansible_collections.edgeai.fleet.plugins.module_utils._setup.ascend_cann import ORDER, Cann
from ansible_collections.edgeai.fleet.plugins.module_utils._setup.ascend_preflight import CHECKS
from ansible_collections.edgeai.fleet.plugins.module_utils._setup.cann_packages import (
    PACKAGES_BYTES,
    REPOSITORIES,
    fetch_installers,
    package_of,
)


def main():
    file = dict(
        type="dict",
        options=dict(path=dict(type="path", required=True), sha256=dict(type="str", required=True)),
    )
    module = AnsibleModule(
        argument_spec=dict(
            version=dict(type="str", required=True),
            source=dict(type="str", choices=["run", "apt", "dnf"], required=True),
            chip=dict(type="str"),
            parts=dict(type="list", elements="str", choices=ORDER, default=ORDER),
            files=dict(type="dict", options=dict((part, file) for part in ORDER)),
            repository=dict(type="str"),
            key=dict(type="path", no_log=False),
            path=dict(type="path", default="/usr/local/Ascend"),
            user=dict(type="str", default="root"),
            skip_checks=dict(type="list", elements="str", choices=CHECKS, default=[]),
            directory=dict(type="path", default="/var/lib/edgeai-fleet/cann"),
            _list=dict(type="bool", default=False),
            _sizes=dict(type="dict", default={}),
        ),
        supports_check_mode=True,
    )
    module.run_command_environ_update = dict(LC_ALL="C")
    with problems_reported(module, "ascend_cann", "; run it as root (become), or correct this"):
        _run(module, module.params)


def _run(module, options):
    cann = Cann(module.run_command, System(), options["version"], options["chip"], options["path"], options["user"])
    given = options["files"] or {}
    of_files = [part for part in ORDER if given.get(part)]
    before = cann.installed()
    parts = cann.missing(of_files if options["source"] == "run" else options["parts"])
    if parts and options["_list"]:
        if not module.check_mode:
            require_root("install CANN")
        sizes = options["_sizes"]
        # An installer and what it unpacks.
        staged = sum(2 * int(sizes.get(part) or PACKAGES_BYTES[part]) for part in parts)
        for warning in cann.check(parts, options["directory"], options["skip_checks"], staged):
            module.warn(warning)
        for part in parts if options["source"] == "run" else ():
            cann.check_name(part, given[part]["path"])
    done = []
    if parts and not options["_list"]:
        done = cann.install(_find_files(module, cann, parts), _make_scratch(cann, options["directory"]))
    after = cann.installed()
    if module.check_mode:
        expected = {"toolkit": cann.version, "ops": ",".join(cann.kernels), "nnal": cann.version}
        after = dict(before, **dict((part, expected[part]) for part in parts))
    module.exit_json(
        changed=bool(done),
        parts=parts,
        installed=after,
        home=cann.home,
        commands=[" ".join(argv) for _part, argv in done],
        diff=dict(before=_lines(cann, before), after=_lines(cann, after)),
    )


def _find_files(module, cann, parts):
    """{part: {path, sha256}} of the installers."""
    options = module.params
    if options["source"] == "run":
        return dict((part, options["files"][part]) for part in parts)

    def run(argv, cwd):
        program = module.get_bin_path(argv[0], required=True)
        return module.run_command([program] + argv[1:], cwd=cwd)

    kernels = cann.kernels[0] if cann.kernels else None
    source = {
        "from": options["source"],
        "repository": (options["repository"] or REPOSITORIES[options["source"]]).rstrip("/"),
        "key": options["key"],
    }
    packages = dict((part, package_of(part, cann.version, kernels, source["from"])) for part in parts)
    files = fetch_installers(run, source, packages, cann.version, options["directory"])
    # The packages are proven by the repository's signature.
    return dict((part, {"path": path, "sha256": hash_file(path)}) for part, path in files.items())


def _make_scratch(cann, directory):
    """A directory where the installers may write, whoever runs them."""
    path = os.path.join(directory, "scratch")
    os.mkdir(path, 0o700)
    os.chown(path, cann.account["uid"], -1)
    return path


def _lines(cann, installed):
    return "".join("CANN %s, %s: %s\n" % (cann.version, part, installed[part] or "not installed") for part in ORDER)


if __name__ == "__main__":
    main()
