#!/usr/bin/python
# Copyright (c) 2026 the edgeai.fleet authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

DOCUMENTATION = r"""
---
module: torch_verify
version_added: 0.1.0
short_description: Prove that PyTorch works, or diagnose why not
author: edgeai.fleet authors (@edgeai-fleet)
description:
  - Imports torch in a child process of the environment's own interpreter, as the user who will run the workload and
    with the environment's variables, and asserts that CUDA is available to it (C(torch.cuda.is_available)), or what
    O(expect) requests.
  - Computes what programs compute, and compares the results with references that do not use torch. O(level) sets how
    much is checked.
  - An accelerator counts only if kernels ran on it with correct results.
  - A crash (SIGILL, SIGSEGV), a hang and an C(import torch) that ends the process are verdicts, too. The module fails
    only for wrong arguments, never for a bad verdict; assert on RV(verdict.satisfied) to end the play.
  - PyTorch need not have been installed by this collection.
attributes:
  check_mode:
    support: full
    description: Changes nothing, so it verifies in check mode as well.
  diff_mode:
    support: none
    description: Changes nothing.
  platform:
    support: full
    platforms: posix
    description: Linux boards with Python 3.6 or newer.
options:
  python:
    description: The interpreter to verify, of a virtual environment, a conda prefix or the system.
    type: path
  root:
    description: The C(torch_root) whose environment in use is verified, with the variables that belong to it.
    type: path
  expect:
    description:
      - What PyTorch must run on.
      - A working accelerator satisfies V(cpu), too, because the CPU is checked as well. V(auto) is satisfied by
        whatever works.
    type: str
    choices: [auto, cuda, npu, cpu]
    default: auto
  expect_from:
    description:
      - Where the expectation comes from, also in RV(verdict.reason) and RV(verdict.expect_from).
      - V(request) and V(plan) use O(expect) as it is.
      - V(record) expects what the state record of O(root) promised, and its modules in addition to O(modules).
        O(expect) only narrows that. The CPU does not satisfy a record of C(cuda), whatever O(expect) is.
      - With V(record), an environment without a usable record (lost, damaged, or of another environment) is not
        verified. RV(verdict) is null then, and RV(msg) says why.
    type: str
    choices: [request, plan, record]
    default: request
  left_out:
    description:
      - Names or compute capabilities of the devices that the plan leaves out, because no build supports them together
        with the others.
      - If such a device cannot compute, that is a warning. If any other device cannot compute, the verdict is not
        satisfied.
      - The first device is never left out, because programs use it by default. If no build supports it, hide it with
        C(CUDA_VISIBLE_DEVICES).
    type: list
    elements: str
    default: []
  level:
    description:
      - V(quick) is the import, that the package is PyTorch, the accelerator, and a first kernel on the CPU and on the
        accelerator.
      - V(standard) adds a first kernel on every other device, elementwise functions, a convolution, a reduction,
        autograd, a training step, TorchScript, threads, the workers of a DataLoader, two processes over gloo, the
        quantized engine on Arm, the bridge to NumPy, and a small fixed benchmark.
      - V(deep) adds all of that on every device, half precision, LAPACK, files, two whole networks in float and one in
        8 bits, the export to ONNX, C(torch.compile), and a load of some seconds on each.
      - RV(verdict.skipped) has what a level does not check on a device.
    type: str
    choices: [quick, standard, deep]
    default: standard
  features:
    description: Features that the build must have (V(true)) or must not have (V(false)), by name, such as
      C(distributed). If one differs, the verdict is not satisfied.
    type: dict
    default: {}
  user:
    description:
      - The user to verify as, who will run the workload. By default the current user.
      - Another user than the current one needs C(become).
    type: str
  environment:
    description:
      - Variables to verify with, in addition to those of the module's process and of O(root).
      - Values that look like secrets are never shown.
    type: dict
    default: {}
  _secrets:
    description: Used internally by the action, for the secret values of O(environment).
    type: str
  timeout:
    description: Seconds after which the process is killed with all its children. The first import on a slow board can
      take a minute.
    type: int
    default: 600
  modules:
    description:
      - Further modules that must be importable with torch. C(tensorrt) must also create a builder, C(torchvision)
        compute on the accelerator.
      - If one fails, the outcome stays and the verdict is not satisfied.
    type: list
    elements: str
    default: []
  checks:
    description:
      - Checks of your own, as Python files on the control node, whose function C(check(torch, device)) is called.
        Their names must differ.
      - If one raises an exception, the outcome stays and the verdict is not satisfied.
      - The numbers of a dictionary that it returns are the value of the check in RV(verdict.checks).
    type: list
    elements: path
    default: []
  _checks:
    description: Used internally by the action, for the names and sources of O(checks).
    type: list
    elements: dict
    default: []
  _control_time:
    description: Used internally by the action, for the time on the control node, in seconds since 1970.
    type: float
  family:
    description: The family of the board, as M(edgeai.fleet.board_facts) names it. The same message has different
      causes on a Jetson and on a PC.
    type: str
  gather_board:
    description: Also returns what the board is, as M(edgeai.fleet.board_facts) does for O(root), so that one call
      answers both questions.
    type: bool
    default: false
  forced:
    description: Refusals of the plan that C(torch_force) overrode (names, or dictionaries with C(row)). The verdict
      names them.
    type: list
    elements: raw
    default: []
"""

EXAMPLES = r"""
- name: Verify what is in use
  edgeai.fleet.torch_verify:
    root: /opt/edgeai/torch
    expect: cuda
    user: robot
  become: true
  register: verified

- name: End the play if the verdict is not satisfied
  ansible.builtin.assert:
    that: verified.verdict.satisfied
    fail_msg: "{{ verified.verdict.reason }}"

- name: Verify an environment that another tool made
  edgeai.fleet.torch_verify:
    python: /home/robot/miniforge3/envs/vision/bin/python
    timeout: 120
"""

RETURN = r"""
verdict:
  description:
    - What was measured, and whether it is what was promised or requested.
    - Null in check mode where nothing is installed yet, and with O(expect_from=record) where there is no usable record.
  returned: success
  type: dict
  contains:
    schema:
      description: The version of this structure.
      type: int
      sample: 1
    outcome:
      description: What PyTorch computed on (V(cuda), V(npu) or V(cpu)), or V(error).
      type: str
      sample: cpu
    satisfied:
      description: Whether that is what was expected.
      type: bool
      sample: true
    reason:
      description: Why, in one sentence.
      type: str
      sample: torch 2.9.1 works on the CPU as planned
    expect:
      description: What was expected in the end.
      type: str
      sample: cpu
    expect_from:
      description: Where the expectation comes from (V(record), V(plan) or V(request)).
      type: str
      sample: record
    level:
      description: How much was checked.
      type: str
      sample: standard
    devices:
      description: The accelerators that torch sees, with their names, bytes of memory and compute capabilities.
      type: list
      elements: dict
      sample: []
    features:
      description: Features of the build, as far as it reports them.
      type: dict
      sample: {"distributed": true, "mkldnn": true, "cuda": false}
    skipped:
      description: Checks that do not apply, or that the level does not run on a device, and why.
      type: list
      elements: dict
      sample: [{"name": "numpy_bridge", "why": "numpy is not installed"}]
    timings:
      description: Seconds that the import, the first kernels, and a fixed product and convolution took; at level deep
        also the first and the fastest image of each network.
      type: dict
      sample: {"import": 2.8, "first_kernel": 0.02, "matmul_cpu": 0.004, "convolution_cpu": 0.001}
    conditions:
      description: The load of the processor before the checks, as a share of its cores, and the highest temperature
        before and after, in degrees Celsius; the largest memory of the process, in bytes. What is not known is left
        out.
      type: dict
      sample: {"load": 0.02, "temperature": [48.3, 61.0], "peak_memory": 419430400}
    forced:
      description: The refusals that C(torch_force) overrode.
      type: list
      elements: raw
      sample: []
    torch:
      description: The version of torch, if it could be read.
      type: str
      sample: 2.9.1
    python:
      description: The interpreter that was verified.
      type: str
      sample: /opt/edgeai/torch/envs/4f1f9b455b8c-1/bin/python
    user:
      description: The user it was verified as.
      type: str
      sample: robot
    checks:
      description: The checks, with value, bound and time.
      type: list
      elements: dict
      sample: [{"name": "autograd", "passed": true, "value": 1.8e-15, "bound": 1.0e-12, "seconds": 0.004}]
    stages:
      description: How long each stage took, in the order in which they began.
      type: list
      elements: dict
      sample: [{"name": "import", "seconds": 2.8}]
    died:
      description: The stage in which the process died, and its signal, exit status or time-out. Null if it did not.
      type: dict
      sample: {"stage": "import", "signal": "SIGILL", "exit_status": null, "timeout": false}
    diagnosis:
      description: Cause, fix and evidence of a verdict that is not satisfied.
      type: dict
      sample: null
    warnings:
      description: Facts that do not change the verdict, then torch's own warnings.
      type: list
      elements: str
      sample: []
    environment:
      description: Variables of the verified process that affect torch.
      type: dict
      sample: {"OMP_NUM_THREADS": "4"}
    seconds:
      description: How long it took.
      type: float
      sample: 3.9
board:
  description: The board, as M(edgeai.fleet.board_facts) returns it in C(edgeai_board). It is no fact of the host.
  returned: O(gather_board=true)
  type: dict
msg:
  description: The reason of the verdict.
  returned: success
  type: str
  sample: torch 2.9.1 works on the CPU as planned
"""

import os

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.edgeai.fleet.plugins.module_utils._base.secrets import (
    mask_variables,
    remove_secrets,
    secret_parts,
    unpack,
)
from ansible_collections.edgeai.fleet.plugins.module_utils._board.collect import collect
from ansible_collections.edgeai.fleet.plugins.module_utils._board.common import in_container
from ansible_collections.edgeai.fleet.plugins.module_utils._board.system import System
from ansible_collections.edgeai.fleet.plugins.module_utils._environment.status import (
    read_current,
    read_record,
    read_state,
)
from ansible_collections.edgeai.fleet.plugins.module_utils._environment.variables import load_variables
from ansible_collections.edgeai.fleet.plugins.module_utils._verify.probe_process import ProbeError, run_probe
from ansible_collections.edgeai.fleet.plugins.module_utils._verify.verdict import (
    add_board,
    judge,
    narrow_expectation,
    read_promise,
)


def gather_board(options):
    """{'board': ...} if requested."""
    if not options["gather_board"]:
        return {}
    board = collect(
        System(), options["root"], options["user"], family=options["family"], control_time=options["_control_time"]
    )
    return {"board": dict(board, state=read_state(options["root"]), seconds=0.0)}


def judge_with_board(evidence, options, facts, **known):
    """The verdict. Only one that is not satisfied needs the facts of the board, for its diagnosis."""
    verdict = judge(evidence, **known)
    if not verdict["satisfied"]:
        system = System()
        board = (
            facts["board"]
            if facts
            else collect(
                system,
                options["root"] or "/",
                options["user"],
                family=options["family"],
                control_time=options["_control_time"],
            )
        )
        add_board(evidence, board, in_container(system))
        evidence["family"] = evidence["family"] or board["family"]
        # The board's own finding about an accelerator that does not work is a part of the diagnosis.
        verdict = judge(evidence, **dict(known, signs=known["signs"] or board.get("signs") or []))
    return verdict


def find_promise(root):
    """(the state record's promise for the environment in use, or None; why there is none)."""
    current, record = read_current(root)[0], read_record(root)[0]
    if not record:
        return None, "there is no usable state record at %s" % root
    if not current or (record["id"], record["generation"]) != (current["id"], current["generation"]):
        return None, "the state record at %s belongs to another environment than the one in use" % root
    promise = read_promise(record)
    return (
        (promise, None) if promise["kind"] else (None, "the state record at %s does not say what was expected" % root)
    )


def find_interpreter(module, facts):
    """(python, the variables of its environment), or a failure; in check mode (None, ...) if nothing is installed yet.

    An environment with a state record was installed: with expect_from=record a missing one fails in check mode, too.
    """
    python, variables = module.params["python"], {}
    missing = "there is no Python at %s" % python
    if python is None:
        # Resolved once: a switch while this runs must not mix two environments.
        path = os.path.realpath(os.path.join(module.params["root"], "current"))
        python, variables = os.path.join(path, "bin", "python"), load_variables(path)
        missing = "no environment is in use at %s (%s does not exist): provision the board first" % (
            module.params["root"],
            python,
        )
    if os.path.isfile(python):
        return python, variables
    if not module.check_mode or module.params["expect_from"] == "record":
        module.fail_json(msg=missing, **facts)
    return None, variables


def main():
    module = AnsibleModule(
        argument_spec={
            "python": {"type": "path"},
            "root": {"type": "path"},
            "expect": {"type": "str", "choices": ["auto", "cuda", "npu", "cpu"], "default": "auto"},
            "expect_from": {"type": "str", "choices": ["request", "plan", "record"], "default": "request"},
            "left_out": {"type": "list", "elements": "str", "default": []},
            "level": {"type": "str", "choices": ["quick", "standard", "deep"], "default": "standard"},
            "features": {"type": "dict", "default": {}},
            "user": {"type": "str"},
            "environment": {"type": "dict", "default": {}},
            "_secrets": {"type": "str", "no_log": True},
            "timeout": {"type": "int", "default": 600},
            "modules": {"type": "list", "elements": "str", "default": []},
            "checks": {"type": "list", "elements": "path", "default": []},
            "_checks": {"type": "list", "elements": "dict", "default": []},
            "_control_time": {"type": "float"},
            "family": {"type": "str"},
            "gather_board": {"type": "bool", "default": False},
            "forced": {"type": "list", "elements": "raw", "default": []},
        },
        required_one_of=[("python", "root")],
        mutually_exclusive=[("python", "root")],
        required_if=[("gather_board", True, ("root",)), ("expect_from", "record", ("root",))],
        supports_check_mode=True,
    )
    if module.params["timeout"] < 1:
        module.fail_json(msg="timeout is %d: it must be at least 1 second" % module.params["timeout"])
    try:
        facts = gather_board(module.params)
        python, variables = find_interpreter(module, facts)
        if python is None:
            module.exit_json(changed=False, verdict=None, msg="nothing installed yet", **facts)
        variables.update(module.params["environment"], **unpack(module.params["_secrets"]))
        source = module.params["expect_from"]
        promise, missing = (
            find_promise(module.params["root"]) if module.params["root"] and source != "request" else (None, None)
        )
        if source != "record":
            promise = None
        elif missing:
            module.exit_json(changed=False, verdict=None, msg=missing, **facts)
        expected = narrow_expectation(module.params["expect"], promise, source)
        asked = dict(
            (
                (name, module.params[name])
                for name in ("user", "timeout", "level", "modules", "features", "family", "left_out")
            ),
            expect=expected["expect"],
            checks=module.params["_checks"],
        )
        if promise:
            asked["modules"] = asked["modules"] + [name for name in promise["modules"] if name not in asked["modules"]]
            asked["left_out"] = asked["left_out"] + promise["left_out"]
        if facts:
            asked["family"] = facts["board"]["family"]
        evidence = run_probe(python, variables, **asked)
    except (ProbeError, ValueError) as error:
        module.fail_json(msg=str(error))
    verdict = judge_with_board(
        evidence,
        module.params,
        facts,
        forced=module.params["forced"],
        expected=expected,
        signs=facts["board"].get("signs") or [] if facts else [],
        recorded=promise["devices"] if promise else (),
    )
    if missing:
        verdict["warnings"].insert(0, "%s: the plan says what is expected" % missing)
    # Messages of torch or a hub may quote a token.
    verdict = remove_secrets(verdict, [part for name in variables for part in secret_parts(name, variables[name])])
    verdict["environment"] = mask_variables(verdict["environment"])
    module.exit_json(changed=False, verdict=verdict, msg=verdict["reason"], **facts)


if __name__ == "__main__":
    main()
