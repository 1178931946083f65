#!/usr/bin/python
# Copyright (c) 2026 the edgeai.fleet authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

DOCUMENTATION = r"""
module: torch_env
short_description: Keep versioned Python environments for PyTorch on a board
version_added: 0.1.0
description:
  - Builds virtual environments at their final path O(root)C(/envs/<id>-<generation>), from wheels that are verified by
    their sha256,
    or conda environments from conda packages.
  - An environment counts only when it is complete. One that was changed or was left unfinished is never repaired in
    place, the next generation is built.
  - The link C(current) is switched by an atomic rename, and only to an environment whose verdict is satisfied. Programs
    start through O(root)C(/bin/python).
  - One run at a time works on a O(root). An installer that outlives its connection holds off the next run.
  - With O(delivery=wheelhouse) the action of the same name sends over the connection what the board lacks, and nothing
    else.
options:
  root:
    description:
      - The directory that holds everything. It is created if it does not exist.
      - White space and colons are not possible in it.
    type: path
    required: true
  state:
    description:
      - V(present) sees to an intact environment O(id). It does not switch to it.
      - V(current) makes the environment O(id), O(generation) the current one if O(verdict) is satisfied, records that,
        and removes superfluous environments.
      - V(absent) removes the environments of O(id), or without O(id) everything that this collection made at O(root).
    type: str
    choices: [present, current, absent]
    default: present
  id:
    description: The environment id, a digest of plan, lock and interpreter. Letters, digits and C(_).
    type: str
  generation:
    description:
      - Which generation of O(id), for O(state=current), as O(state=present) returned it.
      - With O(state=absent) only this generation is removed.
    type: int
  provider:
    description:
      - What the environment is made with. With V(conda), O(artifacts) are conda packages, python among them, and
        C(conda activate) works on the environment,
        but no conda is needed.
    type: str
    choices: [venv, conda]
    default: venv
  python:
    description:
      - Path of the interpreter for which the environment is built.
      - With O(provider=conda), of the one that runs py-rattler, Python 3.10 or newer. The environment has its own.
    type: path
  artifacts:
    description: The wheels or conda packages to install, exactly these and nothing else. Their dependencies are not
      looked at.
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
        description: Where it comes from. Used with O(delivery=index).
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
        description: The sum of the sizes of the files in it. If it is not known, four times the size is assumed when
          space is checked.
        type: int
  tools:
    description:
      - The wheel of uv for this board. Without it, or where it cannot run, the pip among O(artifacts) installs.
      - With O(provider=conda) the wheel of py-rattler. Without it, that of the interpreter O(python) is used.
    type: list
    elements: dict
    default: []
    suboptions: *artifact
  environment:
    description:
      - Variables with which programs of this environment run.
      - Those whose names or values look like secrets (C(HF_TOKEN), a URL with a password) are shown nowhere, and on the
        board only O(user) can read them.
        Who else starts O(root)C(/bin/python) runs without them.
    type: dict
    default: {}
  user:
    description: Who can read the secret ones of O(environment). By default O(owner).
    type: str
  system_site_packages:
    description: Whether the environment sees the packages of the interpreter's own installation.
    type: bool
    default: false
  paths:
    description:
      - Directories of packages that stay importable, as the C(site-packages) of a vendor's own environment, with the
        effect of their C(.pth) files.
      - They come after the environment's own packages, so that what O(artifacts) brings wins. Nothing is written to
        them.
    type: list
    elements: path
    default: []
  owner:
    description: The user to whom the environment belongs, so that this user can add packages. By default the user as
      whom the module runs.
    type: str
  carry_packages:
    description:
      - Packages that someone added to the current environment are copied into the new one if its Python has the same
        minor version.
      - If V(false), a warning names them.
    type: bool
    default: true
  delivery:
    description:
      - With V(wheelhouse) the control node sends what the board lacks.
      - With V(index) the board fetches it by itself, from the same URLs and with the same hashes.
    type: str
    choices: [wheelhouse, index]
    default: wheelhouse
  wheelhouse:
    description: Directory of the wheelhouse on the control node. It holds an artifact as C(sha256/<sha256>/<filename>).
    type: path
  verdict:
    description: What M(edgeai.fleet.torch_verify) returned for this environment.
    type: dict
  key:
    description: What makes the verdict stale when it changes (kernel, driver, L4T, CANN), recorded with it.
    type: dict
    default: {}
  rollback:
    description: With O(state=current), switch to the environment that was the current one before.
    type: bool
    default: false
  keep:
    description: How many environments stay. The current and the previous one always stay, and any that a process still
      uses.
    type: int
    default: 2
  lock_timeout:
    description: How many seconds to wait for another run on the same O(root).
    type: int
    default: 600
  _secrets:
    description: Used internally by the action, for the secret ones of O(environment).
    type: str
  _deliver:
    description: Used internally by the action, to ask what the board lacks.
    type: bool
    default: false
  _incoming:
    description: Used internally by the action, for what it sent.
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
- name: An environment from a lock
  edgeai.fleet.torch_env:
    root: /opt/edgeai/torch
    id: 3f2a9c11d0be
    python: /usr/bin/python3.11
    artifacts: "{{ lock.packages }}"
    tools: "{{ lock.tools }}"
    wheelhouse: /var/cache/edgeai/wheelhouse
    owner: ml
  register: env

- name: Switch to it if it is proven
  edgeai.fleet.torch_env:
    root: /opt/edgeai/torch
    state: current
    id: "{{ env.id }}"
    generation: "{{ env.generation }}"
    verdict: "{{ verification.verdict }}"
    key: "{{ ansible_facts.edgeai_board.key }}"

- name: Back to the environment before
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
  description: Packages that someone had added and that were carried over.
  type: list
  elements: str
  returned: O(state=present)
added:
  description: Environments that were built, by name.
  type: list
  elements: str
  returned: O(state=present)
  sample: [3f2a9c11d0be-1]
removed:
  description: Environments that were removed, by name. Paths with O(state=absent) without O(id).
  type: list
  elements: str
  returned: success
switched:
  description: Whether C(current) leads to another environment than before.
  type: bool
  returned: O(state=current)
previous:
  description: To which environment a rollback would lead, its C(id) and C(generation).
  type: dict
  returned: O(state=current)
seconds:
  description: How long it took on the board.
  type: float
  returned: success
"""

import time

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.edgeai.fleet.plugins.module_utils._base.errors import EnvironmentProblem
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
    try:
        result = STATES[options["state"]](options, module.check_mode)
    except EnvironmentProblem as error:
        module.fail_json(msg=str(error))
    except OSError as error:
        # What no check beforehand can know: a disk that fills up or fails meanwhile.
        module.fail_json(
            msg="torch_env at %s: %s. The current environment is untouched; correct this and run again"
            % (options["root"], error)
        )
    result["seconds"] = round(time.time() - start, 3)
    for warning in result.pop("warnings"):
        module.warn(warning)
    module.exit_json(**result)


if __name__ == "__main__":
    main()
