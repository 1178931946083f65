#!/usr/bin/python
# Copyright (c) 2026 the edgeai.fleet authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

DOCUMENTATION = r"""
module: torch_build
short_description: Build PyTorch from source as a detached, resumable job
version_added: 0.1.0
description:
  - Compiles torch, torchvision or torchaudio from source with C(setup.py bdist_wheel) into a wheel with O(key) in its
    version.
  - The build runs detached, as a systemd unit where systemd runs. It survives a lost connection, a control node that is
    switched off, and a power cut of the board. The next call attaches to the running build, or continues it where ninja
    was interrupted. There is never more than one build of a O(key).
  - O(features) are translated to the variables that this version of PyTorch reads. The C(NO_*) variables are ignored
    since PyTorch 1.5. The module reads the result back from CMake's cache and from C(torch.__config__.show()) of the
    wheel. A feature without effect fails the build, and the message names it.
  - As many compilers run as memory and swap allow. If one is killed for lack of memory, the same step runs again with
    fewer compilers. C(ccache) is always used.
  - The action of the same name sends missing files to the builder, shows the progress, and fetches wheel, log and
    record into O(wheelhouse).
options:
  root:
    description: Builds are in O(root)C(/builds), the compiler's cache is in O(root)C(/cache/ccache).
    type: path
    required: true
  state:
    description:
      - With V(started), the build runs when the module returns. A build that failed or was cancelled is started again
        and keeps its objects.
      - With V(finished), the module waits for the wheel, and fails if the build fails.
      - With V(cancelled), all processes of the build are stopped.
    type: str
    choices: [started, finished, cancelled]
    default: finished
  key:
    description: The build id, 16 hexadecimal digits. The same build has the same id.
    type: str
    required: true
  package:
    description: The package to compile.
    type: str
    choices: [torch, torchvision, torchaudio]
    default: torch
  version:
    description: Its version without a label. Required unless O(state=cancelled).
    type: str
  label:
    description: The local version label of the wheel. Required unless O(state=cancelled).
    type: str
  source:
    description: Where the source comes from, one of C(git), C(archive) and C(directory). Required unless
      O(state=cancelled).
    type: dict
    suboptions:
      git:
        description: URL of a repository, cloned without its history, with its submodules.
        type: str
      ref:
        description: Its tag, branch or full commit id.
        type: str
      archive:
        description: URL of a tar archive. The control node fetches and verifies it, the action sends it.
        type: str
      sha256:
        description: The sha256 of the archive.
        type: str
      filename:
        description: Its file name in the wheelhouse.
        type: str
      directory:
        description: A directory on the builder. It is copied and stays as it is.
        type: path
  features:
    description: Parts of PyTorch to switch on or off, such as C(cuda), C(distributed), C(mkldnn), C(qnnpack),
      C(nnpack). The others keep PyTorch's default.
    type: dict
    default: {}
  environment:
    description: Further variables of the build. They override those of O(features).
    type: dict
    default: {}
  patches:
    description: Unified diffs, applied with C(patch --strip=1).
    type: list
    elements: dict
    default: []
    suboptions:
      name:
        description: Its name in messages.
        type: str
        required: true
      text:
        description: The diff.
        type: str
        required: true
  commands:
    description: Commands as lists of words, run in the source tree before the build. No shell is involved.
    type: list
    elements: list
    default: []
  toolchain:
    description: The compilers, by name.
    type: dict
    default: {}
    suboptions:
      cc:
        description: The C compiler.
        type: str
        default: gcc
      cxx:
        description: The C++ compiler.
        type: str
        default: g++
  python:
    description: Path of the interpreter for which the wheel is made. Required unless O(state=cancelled).
    type: path
  wheels:
    description:
      - Wheels that the build can import in addition to the system's packages, such as torch for torchvision.
      - The programs of a cmake wheel are used instead of the system's.
    type: list
    elements: dict
    default: []
    suboptions:
      filename:
        description: File name of the wheel.
        type: str
        required: true
      sha256:
        description: Its sha256.
        type: str
        required: true
  jobs:
    description: How many compilers run at once. With V(0), as many as cores, memory and swap allow.
    type: int
    default: 0
  job_mib:
    description: How much memory and swap one compiler may need, in MiB, for O(jobs=0).
    type: int
    default: 2048
  memory_mib:
    description: Memory and swap below which the build is refused, in MiB.
    type: int
    default: 4096
  space_mib:
    description: Free space on the disk of O(root) below which the build is refused, in MiB. The files of an interrupted
      build count as free.
    type: int
    default: 12288
  nice:
    description: The nice value of the build's processes.
    type: int
    default: 10
  distcc:
    description: Helpers that compile for this host, as entries of C(DISTCC_HOSTS). M(edgeai.fleet.distcc_helper) makes
      them. All of them need the same version of the same compiler.
    type: list
    elements: str
    default: []
  keep:
    description: Whether source and objects stay after the wheel is in O(wheelhouse), or after the build was cancelled.
      The compiler's cache always stays.
    type: bool
    default: false
  wheelhouse:
    description:
      - Directory of the wheelhouse on the control node. The wheel is stored in C(sha256/<sha256>/<filename>), its
        record in C(builds/<key>.json), and its log in the same directory as the record.
      - A wheel that is in the wheelhouse is not compiled again.
    type: path
  poll:
    description: The interval in seconds at which a running build is polled, with O(state=finished).
    type: int
    default: 60
  timeout:
    description: After how many seconds O(state=finished) stops waiting. The build goes on. V(0) waits without a limit.
    type: int
    default: 0
  _secrets:
    description: Used internally by the action, for the secret values of other options.
    type: str
  _deliver:
    description: Used internally by the action, to ask which files the builder needs.
    type: bool
    default: false
  _incoming_uid:
    description: Used internally by the action, for the user that sends.
    type: int
  _incoming:
    description: Used internally by the action, for the directory to which it sent these files.
    type: path
  _anew:
    description: Used internally by the action, to compile a wheel again that another run fetched from the builder
      without a record in O(wheelhouse).
    type: bool
    default: false
  _wait:
    description: Used internally by the action, for how many seconds to wait for the end of a build.
    type: int
    default: 0
  _collected:
    description: Used internally by the action, after the wheel was stored.
    type: bool
    default: false
notes:
  - Swap wears out an SD card. M(edgeai.fleet.swap_space) makes swap on another disk.
attributes:
  check_mode:
    support: full
    description: Can run in check_mode and return changed status prediction without modifying target.
  diff_mode:
    support: none
    description: A build has no previous state to compare with.
  platform:
    support: full
    platforms: linux
    description: Target OS/families that can be operated against.
author:
  - edgeai.fleet authors (@edgeai-fleet)
"""

EXAMPLES = r"""
- name: Compile for boards without a wheel
  edgeai.fleet.torch_build:
    root: /opt/edgeai/torch
    key: 0f4c1d2e3b5a6978
    version: 2.6.0
    label: edgeai.k0f4c1d2e3b5a
    source:
      git: https://github.com/pytorch/pytorch.git
      ref: v2.6.0
    features: {cuda: false, distributed: false, mkldnn: false, qnnpack: false, nnpack: false}
    python: /usr/bin/python3
    wheelhouse: /var/cache/edgeai/wheelhouse
  become: true
  register: compiled

- name: Start a build, and fetch its wheel tomorrow
  edgeai.fleet.torch_build:
    root: /opt/edgeai/torch
    state: started
    key: 0f4c1d2e3b5a6978
    version: 2.6.0
    label: edgeai.k0f4c1d2e3b5a
    source:
      directory: /srv/pytorch-2.6.0
    environment:
      BLAS: OpenBLAS
    python: /usr/bin/python3
  become: true

- name: Cancel a build
  edgeai.fleet.torch_build:
    root: /opt/edgeai/torch
    state: cancelled
    key: 0f4c1d2e3b5a6978
  become: true
"""

RETURN = r"""
build:
  description: The state of the build.
  type: dict
  returned: success, and when the build failed
  contains:
    key:
      description: The build id.
      type: str
    status:
      description: V(running), V(finished), V(failed) or V(cancelled). In check mode, V(null) if it would be started.
      type: str
    phase:
      description: V(source), V(prepare), V(compile) or V(check).
      type: str
    done:
      description: How many steps are done, over all runs.
      type: int
    total:
      description: The number of all steps.
      type: int
    jobs:
      description: How many compilers run at once.
      type: int
    seconds:
      description: How many seconds the build has run, over all runs.
      type: float
    remaining:
      description: How many seconds are left at the current pace.
      type: int
    resumed:
      description: How often the build was interrupted and continued.
      type: int
    events:
      description: Events such as a compiler that was killed.
      type: list
      elements: str
    available_mib:
      description: The available memory, in MiB.
      type: int
    temperature:
      description: The temperature of the hottest thermal zone, in degrees Celsius.
      type: float
    throttled:
      description: What a Raspberry Pi reports of under-voltage and heat.
      type: str
    flags:
      description: The variables that were C(asked) for, and the features that were C(found) in what was built.
      type: dict
    toolchain:
      description: The versions of the build tools.
      type: dict
    cache:
      description: How many C(hits) and C(misses) C(ccache) had.
      type: dict
    wheel:
      description: Its C(filename), C(sha256) and C(size).
      type: dict
    error:
      description: Why the build failed.
      type: str
    log:
      description: Path of the log on the builder.
      type: str
record:
  description: The build record in the wheelhouse.
  type: dict
  returned: O(state=finished) with O(wheelhouse)
"""

import os
import platform
import re

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.edgeai.fleet.plugins.module_utils._base.secrets import unpack
from ansible_collections.edgeai.fleet.plugins.module_utils._torch_build.errors import BuildProblem
from ansible_collections.edgeai.fleet.plugins.module_utils._torch_build.start import Build


def main():
    module = AnsibleModule(
        argument_spec=dict(
            root=dict(type="path", required=True),
            state=dict(type="str", choices=["started", "finished", "cancelled"], default="finished"),
            key=dict(type="str", required=True, no_log=False),
            package=dict(type="str", choices=["torch", "torchvision", "torchaudio"], default="torch"),
            version=dict(type="str"),
            label=dict(type="str"),
            source=dict(
                type="dict",
                options=dict(
                    git=dict(type="str"),
                    ref=dict(type="str"),
                    archive=dict(type="str"),
                    sha256=dict(type="str"),
                    filename=dict(type="str"),
                    directory=dict(type="path"),
                ),
            ),
            features=dict(type="dict", default={}),
            environment=dict(type="dict", default={}),
            patches=dict(
                type="list",
                elements="dict",
                default=[],
                options=dict(name=dict(type="str", required=True), text=dict(type="str", required=True)),
            ),
            commands=dict(type="list", elements="list", default=[]),
            toolchain=dict(
                type="dict",
                default={},
                options=dict(cc=dict(type="str", default="gcc"), cxx=dict(type="str", default="g++")),
            ),
            python=dict(type="path"),
            wheels=dict(
                type="list",
                elements="dict",
                default=[],
                options=dict(filename=dict(type="str", required=True), sha256=dict(type="str", required=True)),
            ),
            jobs=dict(type="int", default=0),
            job_mib=dict(type="int", default=2048),
            memory_mib=dict(type="int", default=4096),
            space_mib=dict(type="int", default=12288),
            nice=dict(type="int", default=10),
            distcc=dict(type="list", elements="str", default=[]),
            keep=dict(type="bool", default=False),
            wheelhouse=dict(type="path"),
            poll=dict(type="int", default=60),
            timeout=dict(type="int", default=0),
            _secrets=dict(type="str", no_log=True),
            _deliver=dict(type="bool", default=False),
            _incoming_uid=dict(type="int"),
            _incoming=dict(type="path"),
            _anew=dict(type="bool", default=False),
            _wait=dict(type="int", default=0),
            _collected=dict(type="bool", default=False),
        ),
        supports_check_mode=True,
    )
    try:
        # A copy: the parameters themselves are shown.
        options = _check_options(dict(module.params, **unpack(module.params["_secrets"])))
        build = Build(options["root"], options, options["memory_mib"], options["space_mib"])
        result = (
            _cancel_build(build, options, module.check_mode)
            if options["state"] == "cancelled"
            else _ensure_build(build, options, module.check_mode)
        )
    except BuildProblem as problem:
        module.fail_json(msg=str(problem))
    except OSError as error:
        module.fail_json(
            msg="torch_build at %s: %s. What is compiled stays; correct this and run again"
            % (module.params["root"], error)
        )
    if result["build"]["status"] == "failed":
        module.fail_json(msg="compiling %(package)s %(version)s failed: %(error)s" % result["build"], **result)
    module.exit_json(**result)


def _check_options(options):
    """The options as a job; BuildProblem for what no job can be made of."""
    if not re.match("[0-9a-f]{16}$", options["key"]):
        raise BuildProblem("key is %r: 16 hexadecimal digits are needed" % options["key"])
    toolchain = dict({"cc": "gcc", "cxx": "g++"}, **(options["toolchain"] or {}))
    # What a 32-bit system under a 64-bit kernel calls itself is the kernel's name.
    machine = platform.machine()
    options = dict(
        options,
        toolchain=toolchain,
        architecture="armv7l" if machine == "aarch64" and platform.architecture()[0] == "32bit" else machine,
    )
    if options["state"] == "cancelled":
        return options
    lacking = [name for name in ("version", "label", "source", "python") if not options[name]]
    if lacking:
        raise BuildProblem("state=%s needs %s" % (options["state"], ", ".join(lacking)))
    source = options["source"]
    named = [name for name in ("git", "archive", "directory") if source[name]]
    if len(named) != 1:
        raise BuildProblem(
            "source needs one of git, archive and directory; it has %s" % (" and ".join(named) or "none")
        )
    needed = {"git": ["ref"], "archive": ["sha256", "filename"], "directory": []}[named[0]]
    lacking = [name for name in needed if not source[name]]
    if lacking:
        raise BuildProblem("source with %s needs %s" % (named[0], " and ".join(lacking)))
    for sha256 in [wheel["sha256"] for wheel in options["wheels"]] + ([source["sha256"]] if source["archive"] else []):
        if not re.match("[0-9a-f]{64}$", sha256):
            raise BuildProblem("%r is not a SHA-256: 64 hexadecimal digits in lower case are needed" % sha256)
    if not re.match(r"[A-Za-z0-9.]+$", options["label"]) or not re.match(r"\d+(\.\d+)*[a-z0-9.]*$", options["version"]):
        raise BuildProblem("%s+%s is not a version" % (options["version"], options["label"]))
    wrong = [name for name, value in options["features"].items() if not isinstance(value, bool)]
    if wrong:
        raise BuildProblem("features: %s must be true or false, not %r" % (wrong[0], options["features"][wrong[0]]))
    return dict(
        options,
        environment=dict((name, str(value)) for name, value in options["environment"].items()),
        commands=[[str(word) for word in command] for command in options["commands"]],
    )


def _cancel_build(build, options, check):
    status = build.status()
    changed = status in ("running", "interrupted") or not options["keep"] and os.path.isdir(build.place.source)
    if changed and not check:
        build.cancel(options["keep"])
    return {"changed": changed, "build": build.progress()}


def _ensure_build(build, options, check):
    if options["_collected"]:
        if not options["keep"]:
            build.clear()
        return {"changed": False, "build": build.progress()}
    if options["_incoming"]:
        build.take(options["_incoming"])
    status = build.status()
    if status in ("running", "finished"):
        if options["_wait"]:
            build.wait(options["_wait"])
        return {"changed": False, "build": build.progress()}
    if options["_wait"] and status != "interrupted":  # it failed or was cancelled while it was watched
        return {"changed": False, "build": build.progress()}
    if build.is_taken() and not options["_anew"] and not check:  # the caller looks whether it is on record
        return {"changed": False, "build": build.progress()}
    build.check(installed=not check)
    if check:
        return {"changed": True, "build": build.progress()}
    missing = build.missing()
    if missing:
        if not options["_deliver"]:
            raise BuildProblem(
                "these are to be sent first, to %s: %s"
                % (build.place.incoming, ", ".join(entry["filename"] for entry in missing))
            )
        return {
            "changed": False,
            "build": build.progress(),
            "missing": missing,
            "incoming": build.open_incoming(options["_incoming_uid"]),
        }
    if status == "interrupted":
        build.go_on()
    else:
        build.start()
    return {"changed": True, "build": build.progress()}


if __name__ == "__main__":
    main()
