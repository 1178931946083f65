#!/usr/bin/python
# Copyright (c) 2026 the edgeai.fleet authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

DOCUMENTATION = r"""
module: conda_env
short_description: Keep conda environments, without conda
version_added: 0.1.0
description:
  - Creates, updates and removes a conda environment from specs, from an C(environment.yml) or from an C(@EXPLICIT)
    lock. C(conda activate) works on it, but conda itself is not needed, py-rattler does the work. The action sends its
    pinned wheel to a board that has none.
  - With O(root) every solution is an environment of its own at O(root)C(/envs/<id>-<generation>), like those of
    M(edgeai.fleet.torch_env). The current one is not touched, M(edgeai.fleet.torch_verify) tests the new one, and
    M(edgeai.fleet.torch_env) with O(edgeai.fleet.torch_env#module:state=current) switches to it.
  - With O(prefix) one environment is changed in place. It then holds the solution and no other packages.
  - Channels have strict priority, a package comes from the first channel that has its name. Anaconda's C(defaults) are
    refused, because of their licence and because they fail unattended. The hash of every package is verified before
    anything is installed, also with C(file://) channels.
  - Post-link scripts of packages are not run.
options:
  state:
    description:
      - With V(absent), O(prefix) is removed, or from O(root) the environments of O(id), or without O(id) everything
        that this collection made there.
    type: str
    choices: [present, absent]
    default: present
  root:
    description: The directory that holds versioned environments.
    type: path
  prefix:
    description: The directory of one environment. A directory that is neither empty nor a conda environment is never
      touched.
    type: path
  id:
    description: The environments to remove from O(root) with O(state=absent).
    type: str
  specs:
    description:
      - What to install, in the syntax of conda's command line. V(pytorch=2.7) and V(pytorch >=2.6,<2.8) are specs.
      - One of O(specs), O(environment_yml) and O(lock) is needed for O(state=present).
    type: list
    elements: str
  environment_yml:
    description:
      - Path of an C(environment.yml) on the control node. A pip section and unknown keys are errors. Its name and
        prefix are ignored.
    type: path
  lock:
    description:
      - Path of an C(@EXPLICIT) list on the control node, as conda, mamba, micromamba, conda-lock or RV(explicit) write
        it, with a hash in each line.
      - Nothing is solved with a lock.
    type: path
  channels:
    description:
      - Names, URLs or directories of channels, highest priority first. By default those of the C(environment.yml), else
        conda-forge.
      - Directories and C(file://) URLs are on the board.
    type: list
    elements: str
    default: []
  accelerator:
    description:
      - Which PyTorch build to install, also when it is only a dependency. V(auto) is V(cuda) if the driver supports
        CUDA, else V(cpu).
      - RV(accelerator) is the build that was chosen.
      - With V(cpu) the solver does not see CUDA at all.
    type: str
    choices: [auto, cuda, cpu]
    default: auto
  cuda:
    description:
      - The newest CUDA version that the driver supports, for the solver. V(none) for no CUDA.
      - By default C(CONDA_OVERRIDE_CUDA) in the task's environment, else the version that the driver reports.
    type: str
  offline:
    description: Use only the cache of earlier runs and C(file://) channels.
    type: bool
    default: false
  update:
    description:
      - Solve again. If V(false), an environment that was created for the same request is kept, even if the channels
        have newer packages.
    type: bool
    default: false
  export_lock:
    description: Path on the board for the C(@EXPLICIT) list of the environment.
    type: path
  environment:
    description: Variables for programs of an environment below O(root).
    type: dict
    default: {}
  python:
    description: The interpreter that runs py-rattler, Python 3.10 or newer. By default Ansible's interpreter, else
      another one of the board.
    type: path
  owner:
    description: The user who owns the environment. By default the user as whom the module runs.
    type: str
  carry_packages:
    description: With O(root), copies packages that someone added to the current environment into the new one if its
      Python has the same minor version.
    type: bool
    default: true
  lock_timeout:
    description: How many seconds to wait for another run.
    type: int
    default: 600
  wheelhouse:
    description: Directory on the control node that keeps the wheel of py-rattler.
    type: path
  _secrets:
    description: Used internally by the action, for the secret values of other options.
    type: str
  _explicit:
    description: Used internally by the action, the text of O(lock).
    type: str
  _tools:
    description: Used internally by the action, the wheels of py-rattler by architecture.
    type: dict
    default: {}
  _incoming:
    description: Used internally by the action, for the directory to which it has sent the wheel.
    type: path
  _incoming_uid:
    description: Used internally by the action, for the user that sends.
    type: int
notes:
  - No role or playbook of this collection uses this module. It is meant for other playbooks, as conda without conda.
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
- name: PyTorch for this board's accelerator, from a mirror of conda-forge
  edgeai.fleet.conda_env:
    root: /opt/edgeai/torch
    specs: [python=3.12, pytorch>=2.6, numpy<3]
    channels: [https://mirror.example.com/conda-forge]
  register: env

- name: Verify it
  edgeai.fleet.torch_verify:
    python: "{{ env.python }}"
    expect: "{{ env.accelerator }}"
  register: verified

- name: Switch to it
  edgeai.fleet.torch_env:
    root: /opt/edgeai/torch
    state: current
    id: "{{ env.id }}"
    generation: "{{ env.generation }}"
    verdict: "{{ verified.verdict }}"

- name: Install a CUDA build on a machine that gets its GPU later, and write its lock
  edgeai.fleet.conda_env:
    prefix: /data/envs/vision
    environment_yml: environment.yml
    accelerator: cuda
    cuda: '12.8'
    export_lock: /data/envs/vision.lock

- name: Install the same packages on another machine
  edgeai.fleet.conda_env:
    prefix: /data/envs/vision
    lock: vision.lock

- name: Remove it
  edgeai.fleet.conda_env:
    prefix: /data/envs/vision
    state: absent
"""

RETURN = r"""
path:
  description: The environment's directory. Null in check mode if it is known only after a download.
  type: str
  returned: O(state=present)
  sample: /opt/edgeai/torch/envs/3f2a9c11d0be-1
python:
  description: Its interpreter.
  type: str
  returned: O(state=present)
id:
  description: The environment's id, a digest of its packages.
  type: str
  returned: O(state=present) with O(root)
generation:
  description: Its generation.
  type: int
  returned: O(state=present) with O(root)
accelerator:
  description: The PyTorch build in it, V(cuda) or V(cpu). Null without PyTorch.
  type: str
  returned: O(state=present)
cuda:
  description: The CUDA version that the solver was given. Null for none.
  type: str
  returned: O(state=present)
platform:
  description: conda's name of the platform.
  type: str
  returned: O(state=present)
  sample: linux-64
packages:
  description: The packages in it, each with C(name), C(version), C(build), C(url), C(sha256), C(md5) and C(size).
  type: list
  elements: dict
  returned: O(state=present)
explicit:
  description: The environment as an C(@EXPLICIT) list.
  type: str
  returned: O(state=present)
added:
  description: New packages. With O(root), compared with the environment of the same request, else with the current one.
  type: list
  elements: str
  returned: success
  sample: [numpy 2.2.0 py312_0]
removed:
  description: Packages that are gone. With O(state=absent), the removed paths or environments.
  type: list
  elements: str
  returned: success
updated:
  description: Packages whose version or build changed.
  type: list
  elements: str
  returned: success
seconds:
  description: How long it took on the board.
  type: float
  returned: success
"""

import os
import time

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.edgeai.fleet.plugins.module_utils._base.errors import EnvironmentProblem
from ansible_collections.edgeai.fleet.plugins.module_utils._base.files import make_directory, read_or_none, write_atomic
from ansible_collections.edgeai.fleet.plugins.module_utils._base.secrets import redact, unpack
from ansible_collections.edgeai.fleet.plugins.module_utils._conda_env.explicit_list import write_explicit
from ansible_collections.edgeai.fleet.plugins.module_utils._conda_env.packages import by_name, compare_packages
from ansible_collections.edgeai.fleet.plugins.module_utils._conda_env.prefix import ensure_prefix, remove_prefix
from ansible_collections.edgeai.fleet.plugins.module_utils._conda_env.rattler_source import RattlerMissing
from ansible_collections.edgeai.fleet.plugins.module_utils._conda_env.root_environment import ensure_root
from ansible_collections.edgeai.fleet.plugins.module_utils._conda_env.solve import Request, build_of
from ansible_collections.edgeai.fleet.plugins.module_utils._environment.absent import ensure_absent


def make_present(options, check_mode):
    if options["prefix"] and options["environment"]:
        raise EnvironmentProblem(
            "environment (or variables of the environment.yml) needs root: no program of a prefix would set them"
        )
    if options["_explicit"] is not None and (
        options["accelerator"] != "auto" or options["channels"] or options["cuda"] or options["update"]
    ):
        raise EnvironmentProblem(
            "accelerator, channels, cuda and update cannot be combined with a lock: it lists the exact packages"
        )
    request = Request(options)
    result, before, packages = (ensure_root if options["root"] else ensure_prefix)(options, request, check_mode)
    result.pop("diff", None)
    result.update(
        packages=packages,
        accelerator=build_of(packages),
        cuda=request.cuda,
        platform=request.platform,
        explicit=write_explicit(request.platform, packages),
    )
    add_differences(result, before, by_name(packages))
    if options["export_lock"] and read_or_none(options["export_lock"]) != result["explicit"]:
        result["changed"] = True
        if not check_mode:
            make_directory(os.path.dirname(options["export_lock"]))
            write_atomic(options["export_lock"], result["explicit"])
    return result


def make_absent(options, check_mode):
    if options["prefix"]:
        result, before, packages = remove_prefix(options, check_mode)
        return add_differences(result, before, by_name(packages), removed=result["removed"])
    return dict(ensure_absent(dict(options, generation=None), check_mode), added=[], updated=[])


def add_differences(result, before, after, removed=None):
    """Add the differences, package by package, to the result."""
    result["added"], gone, result["updated"] = compare_packages(before, after)
    result["removed"] = gone if removed is None else removed
    result["diff"] = dict(
        (name, "".join("%(name)s %(version)s %(build)s\n" % packages[key] for key in sorted(packages)))
        for name, packages in (("before", before), ("after", after))
    )
    return result


def main():
    module = AnsibleModule(
        argument_spec=dict(
            state=dict(type="str", choices=["present", "absent"], default="present"),
            root=dict(type="path"),
            prefix=dict(type="path"),
            id=dict(type="str"),
            specs=dict(type="list", elements="str"),
            environment_yml=dict(type="path"),
            lock=dict(type="path"),
            channels=dict(type="list", elements="str", default=[]),
            accelerator=dict(type="str", choices=["auto", "cuda", "cpu"], default="auto"),
            cuda=dict(type="str"),
            offline=dict(type="bool", default=False),
            update=dict(type="bool", default=False),
            export_lock=dict(type="path"),
            environment=dict(type="dict", default={}),
            python=dict(type="path"),
            owner=dict(type="str"),
            carry_packages=dict(type="bool", default=True),
            lock_timeout=dict(type="int", default=600),
            wheelhouse=dict(type="path"),
            _secrets=dict(type="str", no_log=True),
            _explicit=dict(type="str"),
            _tools=dict(type="dict", default={}),
            _incoming=dict(type="path"),
            _incoming_uid=dict(type="int"),
        ),
        required_one_of=[("root", "prefix")],
        mutually_exclusive=[("root", "prefix"), ("specs", "environment_yml", "lock", "_explicit"), ("prefix", "id")],
        required_if=[("state", "present", ("specs", "_explicit"), True)],
        supports_check_mode=True,
    )
    # A copy: the parameters themselves are shown.
    secrets = unpack(module.params["_secrets"])
    options = dict(module.params, environment=dict(module.params["environment"], **secrets.pop("environment", {})))
    options.update(secrets)
    start = time.time()
    try:
        result = (make_present if options["state"] == "present" else make_absent)(options, module.check_mode)
    except RattlerMissing as lacking:
        module.exit_json(changed=False, lacking=lacking.tool, incoming=lacking.incoming)
    except EnvironmentProblem as error:
        module.fail_json(msg=redact(str(error)))
    except OSError as error:
        module.fail_json(
            msg="conda_env at %s: %s; correct this and run again" % (options["root"] or options["prefix"], error)
        )
    result["seconds"] = round(time.time() - start, 3)
    for warning in result.pop("warnings"):
        module.warn(warning)
    module.exit_json(**result)


if __name__ == "__main__":
    main()
