#!/usr/bin/python
# Copyright (c) 2026 the edgeai.fleet authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

DOCUMENTATION = r"""
module: torch_build
short_description: Build PyTorch from source as a detached, resumable job
version_added: 0.1.0
description:
  - Compiles torch, torchvision or torchaudio from source with C(setup.py bdist_wheel) into a wheel whose version
    carries O(key).
  - The build runs detached, as a systemd unit where systemd runs. It survives a lost connection, a control node that is
    switched off and a power cut. The next call attaches to the running build, or resumes it at the step where ninja
    was interrupted. There is never more than one build of a O(key).
  - O(features) are translated to the variables that this version of PyTorch reads. The C(NO_*) variables are silently
    ignored since 1.5.0. The result is read back from CMake's cache and from C(torch.__config__.show()) of the wheel. A
    flag without effect fails the build, and the message names it.
  - The number of compilers depends on memory and swap. If one is killed for lack of memory, the same step is tried
    again with fewer. C(ccache) is always used.
  - The action of the same name sends the files that the builder lacks, shows the progress, and fetches wheel, log and
    build record to O(wheelhouse).
options:
  root:
    description: Builds are in O(root)C(/builds), the compiler's cache is in O(root)C(/cache/ccache).
    type: path
    required: true
  state:
    description:
      - With V(started) the build runs when the module returns. A build that failed or was cancelled is started again
        and keeps the compiled objects.
      - With V(finished) the module waits for the wheel, and fails if the build fails.
      - With V(cancelled) all processes of the build are ended.
    type: str
    choices: [started, finished, cancelled]
    default: finished
  key:
    description: The build id, 16 hexadecimal digits. Builds with the same id are the same build.
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
    description: Features to switch on or off, such as C(cuda), C(distributed), C(mkldnn), C(qnnpack), C(nnpack). All
      others keep PyTorch's default.
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
    description: Path of the interpreter for which the wheel is built. Required unless O(state=cancelled).
    type: path
  wheels:
    description:
      - Wheels that can be imported during the build, besides the system's packages. torchvision needs torch this way.
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
    description: How many compilers run at once. With V(0) it is computed from cores, memory and swap.
    type: int
    default: 0
  job_mib:
    description: How much memory and swap one compiler may need, in MiB, for O(jobs=0).
    type: int
    default: 2048
  memory_mib:
    description: The build is refused below this sum of memory and swap, in MiB.
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
    description: Whether to keep source and objects when the wheel is in O(wheelhouse) or the build is cancelled. The
      compiler's cache is always kept.
    type: bool
    default: false
  wheelhouse:
    description:
      - Directory of the wheelhouse on the control node. The wheel goes to C(sha256/<sha256>/<filename>) in it, its
        build record and log to C(builds/<key>.json) and C(builds/<key>.log.gz).
      - A wheel that is already there is not compiled again.
    type: path
  poll:
    description: Seconds between two checks of a running build, with O(state=finished).
    type: int
    default: 60
  timeout:
    description: After how many seconds O(state=finished) stops waiting. The build continues. V(0) waits forever.
    type: int
    default: 0
  _secrets:
    description: Used internally by the action, for the secret values of other options.
    type: str
  _deliver:
    description: Used internally by the action, to list the files that the builder lacks.
    type: bool
    default: false
  _incoming_uid:
    description: Used internally by the action, for the user that sends.
    type: int
  _incoming:
    description: Used internally by the action, for the directory to which it has sent them.
    type: path
  _anew:
    description: Used internally by the action, to compile again when another run took the wheel from the builder but
      O(wheelhouse) has no build record of it.
    type: bool
    default: false
  _wait:
    description: Used internally by the action, how many seconds to wait for the end of a build that was started.
    type: int
    default: 0
  _collected:
    description: Used internally by the action, when the wheel is in O(wheelhouse).
    type: bool
    default: false
notes:
  - Swap wears out an SD card. M(edgeai.fleet.swap_space) creates it on a disk of your choice.
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
- name: Build a wheel for boards that have none
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

- name: Start a build and do not wait for it
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

- name: Cancel the build
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
      description: Finished steps, over all runs.
      type: int
    total:
      description: The number of all steps.
      type: int
    jobs:
      description: How many compilers run at once.
      type: int
    seconds:
      description: Working time in seconds, the sum of all runs.
      type: float
    remaining:
      description: Estimated seconds until the end, at the present pace.
      type: int
    resumed:
      description: How often the build was interrupted and resumed.
      type: int
    events:
      description: What happened during the build, such as a compiler that was killed.
      type: list
      elements: str
    available_mib:
      description: Available memory, in MiB.
      type: int
    temperature:
      description: Temperature of the hottest thermal zone, in degrees Celsius.
      type: float
    throttled:
      description: Power and heat problems that a Raspberry Pi reports.
      type: str
    flags:
      description: C(asked) has the variables that were set, C(found) the features of the built wheel.
      type: dict
    toolchain:
      description: The versions of compilers and tools.
      type: dict
    cache:
      description: The number of C(hits) and C(misses) of C(ccache).
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
from ansible_collections.edgeai.fleet.plugins.module_utils._base.errors import EnvironmentProblem, problems_reported
from ansible_collections.edgeai.fleet.plugins.module_utils._base.secrets import unpack
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
    with problems_reported(
        module,
        "torch_build at %s" % module.params["root"],
        ". The compiled objects are kept; correct this and run again",
    ):
        # A copy: the parameters themselves are shown.
        options = _check_options(dict(module.params, **unpack(module.params["_secrets"])))
        build = Build(options["root"], options)
        change = _cancel_build if options["state"] == "cancelled" else _ensure_build
        changed, lacking = change(build, options, module.check_mode)
        result = dict(lacking, changed=changed, build=build.read_progress())
    if result["build"]["status"] == "failed":
        module.fail_json(msg="compiling %(package)s %(version)s failed: %(error)s" % result["build"], **result)
    module.exit_json(**result)


def _check_options(options):
    """The options as a job; EnvironmentProblem for invalid ones."""
    if not re.match("[0-9a-f]{16}$", options["key"]):
        raise EnvironmentProblem("key is %r, it must be 16 hexadecimal digits" % options["key"])
    if options["state"] == "cancelled":
        return options
    lacking = [name for name in ("version", "label", "source", "python") if not options[name]]
    if lacking:
        raise EnvironmentProblem("state=%s needs %s" % (options["state"], ", ".join(lacking)))
    source = options["source"]
    named = [name for name in ("git", "archive", "directory") if source[name]]
    if len(named) != 1:
        raise EnvironmentProblem(
            "source needs one of git, archive and directory; it has %s" % (" and ".join(named) or "none")
        )
    needed = {"git": ["ref"], "archive": ["sha256", "filename"], "directory": []}[named[0]]
    lacking = [name for name in needed if not source[name]]
    if lacking:
        raise EnvironmentProblem("source with %s needs %s" % (named[0], " and ".join(lacking)))
    for sha256 in [wheel["sha256"] for wheel in options["wheels"]] + ([source["sha256"]] if source["archive"] else []):
        if not re.match("[0-9a-f]{64}$", sha256):
            raise EnvironmentProblem("%r is not a sha256, it must be 64 hexadecimal digits in lower case" % sha256)
    if not re.match(r"[A-Za-z0-9.]+$", options["label"]) or not re.match(r"\d+(\.\d+)*[a-z0-9.]*$", options["version"]):
        raise EnvironmentProblem("%s+%s is not a valid version" % (options["version"], options["label"]))
    wrong = [name for name, value in options["features"].items() if not isinstance(value, bool)]
    if wrong:
        raise EnvironmentProblem(
            "features: %s must be true or false, not %r" % (wrong[0], options["features"][wrong[0]])
        )
    machine = platform.machine()
    return dict(
        options,
        toolchain=dict({"cc": "gcc", "cxx": "g++"}, **(options["toolchain"] or {})),
        # A 32-bit system under a 64-bit kernel reports the kernel's architecture.
        architecture="armv7l" if machine == "aarch64" and platform.architecture()[0] == "32bit" else machine,
        environment=dict((name, str(value)) for name, value in options["environment"].items()),
        commands=[[str(word) for word in command] for command in options["commands"]],
    )


def _cancel_build(build, options, check):
    """(whether there was something to do, {})."""
    changed = (
        build.read_status() in ("running", "interrupted") or not options["keep"] and os.path.isdir(build.place.source)
    )
    if changed and not check:
        build.cancel(options["keep"])
    return changed, {}


def _ensure_build(build, options, check):
    """(whether the build must be started and, except in check mode, was; what must be delivered before that)."""
    if options["_collected"]:
        if not options["keep"]:
            build.clean_up()
        return False, {}
    if options["_incoming"]:
        build.take_delivered(options["_incoming"])
    status = build.read_status()
    if status in ("running", "finished") and options["_wait"]:
        build.wait_for_end(options["_wait"])
    if (
        status in ("running", "finished")
        or (options["_wait"] and status != "interrupted")  # it failed or was cancelled during the wait
        or (build.is_collected() and not options["_anew"] and not check)  # the caller checks for its build record
    ):
        return False, {}
    build.check_builder(installed=not check)
    if check:
        return True, {}
    missing = build.missing_artifacts()
    if missing and options["_deliver"]:
        return False, {"missing": missing, "incoming": build.open_incoming(options["_incoming_uid"])}
    if missing:
        raise EnvironmentProblem(
            "these files must be sent to %s first: %s"
            % (build.place.incoming, ", ".join(entry["filename"] for entry in missing))
        )
    if status == "interrupted":
        build.resume()
    else:
        build.start()
    return True, {}


if __name__ == "__main__":
    main()
