# Copyright (c) 2026 the edgeai.fleet authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The first stages of a build, in the builder's container, by the code of the module torch_build: its checks, its
inputs, its variables, its command. Only where it ends is the gate's own.

    PYTHONPATH=<directory of module_utils> python3 stages.py <torch_root> <job.json> <stage>...

prints how long each stage took, as JSON; a failed build's message goes to the error output, and the status is 1.
"""

import json
import os
import subprocess
import sys
import time

from module_utils._base.errors import EnvironmentProblem
from module_utils._torch_build import supervise
from module_utils._torch_build.compile import Compiler, build_variables, compare_cache, mismatch_text
from module_utils._torch_build.start import Build

# ninja's targets for all files that torchgen and the other generators write.
GENERATED = ("ATEN_CPU_FILES_GEN_TARGET", "generate-torch-sources")


class Configuring(Compiler):
    """setup.py up to the end of CMake, as its own option has it."""

    def setup_command(self):
        return super().setup_command() + ["--cmake-only"]


def report(**facts):
    for name in ("phase", "event", "jobs"):
        if name in facts:
            print(name, facts[name], file=sys.stderr, flush=True)


def main(root, path, stages):
    with open(path) as stream:
        job = json.load(stream)
    build = Build(root, job)
    place = build.place

    def prepare():
        build.check_builder()
        supervise.prepare_inputs(place, job, report)

    def configure():
        Configuring(place, job, report).compile()
        problems = compare_cache(place, job)[1]
        if problems:
            raise EnvironmentProblem(mismatch_text(problems))

    def generate():
        ninja(place, job, *GENERATED)

    def commands():
        with open(os.path.join(place.path, "compile_commands.json"), "wb") as stream:
            stream.write(ninja(place, job, "-t", "compdb"))

    for stage in stages:
        began = time.time()
        {"prepare": prepare, "configure": configure, "generate": generate, "commands": commands}[stage]()
        print(json.dumps({"stage": stage, "seconds": round(time.time() - began)}), flush=True)


def ninja(place, job, *arguments):
    done = subprocess.run(
        ["ninja", "-C", os.path.join(place.source, "build")] + list(arguments),
        env=build_variables(place, job, len(os.sched_getaffinity(0))),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        check=False,
    )
    if done.returncode:
        raise EnvironmentProblem(done.stdout.decode("utf-8", "replace")[-4000:])
    output = done.stdout
    return output[output.index(b"[\n") :] if b"compdb" in [word.encode() for word in arguments] else output


if __name__ == "__main__":
    try:
        main(sys.argv[1], sys.argv[2], sys.argv[3:])
    except EnvironmentProblem as problem:
        sys.exit(str(problem))
