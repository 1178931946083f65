#!/usr/bin/python
# Copyright (c) 2026 the edgeai.fleet authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

DOCUMENTATION = r"""
module: torch_env
short_description: Keep versioned Python environments for PyTorch on a board
version_added: 0.1.0
description:
  - Builds virtual environments from wheels, or conda environments from conda packages, at their final path
    O(root)C(/envs/<id>-<generation>). The sha256 of every file is verified.
  - Only a complete environment is used. A damaged or unfinished one is never repaired in place, the next generation is
    built.
  - The link C(current) is switched by an atomic rename, and only to an environment whose verdict is satisfied. Programs
    start through O(root)C(/bin/python).
  - Only one run at a time works on a O(root). An installer that survives its connection blocks the next run.
  - With O(delivery=wheelhouse) the action of the same name sends the artifacts that the board lacks, and nothing else.
options:
  root:
    description:
      - The directory that holds everything. It is created if it does not exist.
      - Its path must not contain white space or colons.
    type: path
    required: true
  state:
    description:
      - V(present) builds the environment O(id) if no intact one exists. It does not switch to it.
      - V(current) makes the environment O(id), O(generation) the current one if O(verdict) is satisfied, records that,
        and removes surplus environments.
      - V(absent) removes the environments of O(id), or without O(id) everything that this collection made at O(root).
        Files of others stay there, and RV(left) names them.
    type: str
    choices: [present, current, absent]
    default: present
  id:
    description: The environment id, a digest of plan, lock and interpreter. Letters, digits and C(_).
    type: str
  generation:
    description:
      - The generation of O(id) for O(state=current), as returned by O(state=present).
      - With O(state=absent) only this generation is removed.
    type: int
  provider:
    description:
      - The kind of environment. With V(conda), O(artifacts) are conda packages including python. C(conda activate)
        works on the environment, but conda is not needed.
    type: str
    choices: [venv, conda]
    default: venv
  python:
    description:
      - Path of the interpreter for which the environment is built.
      - With O(provider=conda), path of an interpreter that can run py-rattler, Python 3.10 or newer. The environment
        has its own Python.
    type: path
  artifacts:
    description: The wheels or conda packages to install, exactly these. Their dependencies are not resolved.
    type: list
    elements: dict
    default: []
    suboptions: &artifact
      name:
        description: Normalized name of the distribution.
        type: str
        required: true
      version:
        description: Its version.
        type: str
        required: true
      filename:
        description: File name of the wheel or the conda package.
        type: str
        required: true
      url:
        description: The URL to fetch it from. Used with O(delivery=index).
        type: str
      sha256:
        description: The sha256 of the file, in lower case.
        type: str
        required: true
      size:
        description: Its size in bytes.
        type: int
        required: true
      unpacked:
        description: The sum of the sizes of the files in it, for the check of free space. By default four times its
          size.
        type: int
  tools:
    description:
      - The wheel of uv for this board. Without it, or where uv cannot run, the pip in O(artifacts) installs.
      - With O(provider=conda) the wheel of py-rattler. Without it, the py-rattler of the interpreter O(python) is used.
    type: list
    elements: dict
    default: []
    suboptions: *artifact
  environment:
    description:
      - Variables for programs of this environment.
      - Variables whose names or values look like secrets (C(HF_TOKEN), a URL with a password) are never shown, and on
        the board only O(user) can read them. Other users of O(root)C(/bin/python) run without them.
    type: dict
    default: {}
  user:
    description: The user who can read the secret variables of O(environment). By default O(owner).
    type: str
  system_site_packages:
    description: Whether the environment sees the packages of the interpreter's own installation.
    type: bool
    default: false
  paths:
    description:
      - Directories of packages that are kept on C(sys.path), such as the C(site-packages) of a vendor's environment.
        Their C(.pth) files take effect.
      - The packages in O(artifacts) take precedence. Nothing is written to these directories.
    type: list
    elements: path
    default: []
  owner:
    description: The user who owns the environment and can add packages. By default the user as whom the module runs.
    type: str
  carry_packages:
    description:
      - Copies packages that someone added to the current environment into the new one if its Python has the same minor
        version.
      - If V(false), a warning lists them.
    type: bool
    default: true
  delivery:
    description:
      - With V(wheelhouse) the control node sends the artifacts that the board lacks.
      - With V(index) the board fetches them from the same URLs and verifies the same hashes.
    type: str
    choices: [wheelhouse, index]
    default: wheelhouse
  wheelhouse:
    description: Directory of the wheelhouse on the control node. Artifacts are at C(sha256/<sha256>/<filename>) in it.
    type: path
  verdict:
    description: The verdict that M(edgeai.fleet.torch_verify) returned for this environment.
    type: dict
  key:
    description: The versions (kernel, driver, L4T, CANN) for which the verdict holds. Recorded with it.
    type: dict
    default: {}
  rollback:
    description: With O(state=current), switch to the environment that was the current one before.
    type: bool
    default: false
  keep:
    description: How many environments to keep. The current and the previous one are always kept, and any that a process
      still uses.
    type: int
    default: 2
  lock_timeout:
    description: How many seconds to wait for another run on the same O(root).
    type: int
    default: 600
  _secrets:
    description: Used internally by the action, for the secret variables of O(environment).
    type: str
  _deliver:
    description: Used internally by the action, to list the artifacts that the board lacks.
    type: bool
    default: false
  _incoming:
    description: Used internally by the action, for the directory to which it has sent them.
    type: path
  _incoming_uid:
    description: Used internally by the action, for the user that sends.
    type: int
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
- name: Build an environment from a lock
  edgeai.fleet.torch_env:
    root: /opt/edgeai/torch
    id: 3f2a9c11d0be
    python: /usr/bin/python3.11
    artifacts: "{{ lock.packages }}"
    tools: "{{ lock.tools }}"
    wheelhouse: /var/cache/edgeai/wheelhouse
    owner: ml
  register: env

- name: Switch to it if its verdict is satisfied
  edgeai.fleet.torch_env:
    root: /opt/edgeai/torch
    state: current
    id: "{{ env.id }}"
    generation: "{{ env.generation }}"
    verdict: "{{ verification.verdict }}"
    key: "{{ ansible_facts.edgeai_board.key }}"

- name: Switch back to the previous environment
  edgeai.fleet.torch_env:
    root: /opt/edgeai/torch
    state: current
    rollback: true

- name: Remove everything
  edgeai.fleet.torch_env:
    root: /opt/edgeai/torch
    state: absent
"""

RETURN = r"""
id:
  description: The environment's id.
  type: str
  returned: O(state=present) and O(state=current)
  sample: 3f2a9c11d0be
generation:
  description: Its generation.
  type: int
  returned: O(state=present) and O(state=current)
  sample: 1
path:
  description: Its directory.
  type: str
  returned: O(state=present) and O(state=current)
  sample: /opt/edgeai/torch/envs/3f2a9c11d0be-1
python:
  description: Its interpreter.
  type: str
  returned: O(state=present) and O(state=current)
  sample: /opt/edgeai/torch/envs/3f2a9c11d0be-1/bin/python
missing:
  description: In check mode, the artifacts that the board lacks.
  type: list
  elements: dict
  returned: O(state=present)
carried:
  description: Packages that someone had added and that were copied from the current environment.
  type: list
  elements: str
  returned: O(state=present)
added:
  description: Names of the environments that were built.
  type: list
  elements: str
  returned: O(state=present)
  sample: [3f2a9c11d0be-1]
removed:
  description: Names of the environments that were removed. Paths with O(state=absent) without O(id).
  type: list
  elements: str
  returned: success
left:
  description: Paths at O(root) that neither this collection nor a package manager wrote. They stay.
  type: list
  elements: str
  returned: O(state=absent) without O(id)
switched:
  description: Whether C(current) leads to another environment than before.
  type: bool
  returned: O(state=current)
previous:
  description: C(id) and C(generation) of the environment that a rollback would switch to.
  type: dict
  returned: O(state=current)
seconds:
  description: How long it took on the board.
  type: float
  returned: success
"""

import time

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.edgeai.fleet.plugins.module_utils._base.errors import problems_reported
from ansible_collections.edgeai.fleet.plugins.module_utils._base.secrets import unpack
from ansible_collections.edgeai.fleet.plugins.module_utils._environment.absent import ensure_absent
from ansible_collections.edgeai.fleet.plugins.module_utils._environment.present import ensure_present
from ansible_collections.edgeai.fleet.plugins.module_utils._environment.switch import ensure_current

STATES = {"present": ensure_present, "current": ensure_current, "absent": ensure_absent}


def main():
    artifact = dict(
        name=dict(type="str", required=True),
        version=dict(type="str", required=True),
        filename=dict(type="str", required=True),
        url=dict(type="str"),
        sha256=dict(type="str", required=True),
        size=dict(type="int", required=True),
        unpacked=dict(type="int"),
    )
    module = AnsibleModule(
        argument_spec=dict(
            root=dict(type="path", required=True),
            state=dict(type="str", choices=["present", "current", "absent"], default="present"),
            id=dict(type="str"),
            generation=dict(type="int"),
            provider=dict(type="str", choices=["venv", "conda"], default="venv"),
            python=dict(type="path"),
            artifacts=dict(type="list", elements="dict", default=[], options=artifact),
            tools=dict(type="list", elements="dict", default=[], options=artifact),
            environment=dict(type="dict", default={}),
            system_site_packages=dict(type="bool", default=False),
            paths=dict(type="list", elements="path", default=[]),
            user=dict(type="str"),
            owner=dict(type="str"),
            carry_packages=dict(type="bool", default=True),
            delivery=dict(type="str", choices=["wheelhouse", "index"], default="wheelhouse"),
            wheelhouse=dict(type="path"),
            verdict=dict(type="dict"),
            key=dict(type="dict", default={}, no_log=False),
            rollback=dict(type="bool", default=False),
            keep=dict(type="int", default=2),
            lock_timeout=dict(type="int", default=600),
            _secrets=dict(type="str", no_log=True),
            _deliver=dict(type="bool", default=False),
            _incoming=dict(type="path"),
            _incoming_uid=dict(type="int"),
        ),
        required_if=[("state", "present", ("id", "python", "artifacts"))],
        mutually_exclusive=[("rollback", "id"), ("rollback", "verdict")],
        required_by={"generation": ("id",)},
        supports_check_mode=True,
    )
    # A copy: the parameters themselves are shown.
    options = dict(module.params, environment=dict(module.params["environment"], **unpack(module.params["_secrets"])))
    if options["state"] == "current" and not options["rollback"]:
        lacking = [name for name in ("id", "generation", "verdict") if options[name] is None]
        if lacking:
            module.fail_json(msg="state=current needs %s, or rollback=true" % ", ".join(lacking))
    start = time.time()
    with problems_reported(
        module,
        "torch_env at %s" % options["root"],
        ". The current environment is untouched; correct this and run again",
    ):
        result = STATES[options["state"]](options, module.check_mode)
    result["seconds"] = round(time.time() - start, 3)
    for warning in result.pop("warnings"):
        module.warn(warning)
    module.exit_json(**result)


if __name__ == "__main__":
    main()
