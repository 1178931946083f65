# Copyright (c) 2026 the edgeai.fleet authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to edgeai.fleet: its interface may change in any release.
# It is copied to the builder: standard library only, relative imports only.

"""The compile step: setup.py bdist_wheel with the build's variables; after a compiler was killed for lack of memory it
runs again with fewer.
"""

# run_command can neither take variables away nor be read while it runs.
# pylint: disable=ansible-bad-function

import os
import re
import select
import signal
import subprocess
import sys
import time

from .._base.errors import EnvironmentProblem
from .._base.files import make_directory, remove, write_atomic
from .._torch_build import machine_limits
from .distcc import prefix_script
from .failure_lines import plain_line, telling_lines
from .features import feature_variables
from .interruption import clock_offset, move_times_to_past
from .processes import clean_environment, kill_all, must_run
from .readback import compare_features, read_cache
from .source import EPOCH

_CCACHE = "/usr/lib/ccache"  # Debian's links from the compilers' names to ccache
_BEAT_SECONDS = 5
_SAVE_SECONDS = 60
_KEPT_LINES = 1000  # warnings of compilers that still run come after the error
_FULL_MIB = 16  # an object that did not fit leaves less
_STEP = re.compile(r"\[\s*(\d+)/(\d+)\]")
_KILLED = re.compile(
    r"Killed signal terminated program|: Killed\b|\bKilled$|signal 9 \[Killed\]|terminated with signal 9|virtual memory"
    r" exhausted|"
    r"[Cc]annot allocate memory|final link failed: memory exhausted|"
    r"std::bad_alloc|LLVM ERROR: out of memory|out of memory allocating \d+ bytes"
)
# What a compiler says that asks in vain for memory, unlike one that is killed; a total of 1.5 GiB and more is near the
# limit of a 32-bit process.
_REFUSED = re.compile(r"virtual memory exhausted|out of memory allocating \d+ bytes after a total of (\d+) bytes")
_NEAR_LIMIT = 3 << 29


def full_version(job):
    return "%s+%s" % (job["version"], job["label"])


def build_variables(place, job, jobs):
    """All variables of the compile step, and none from the user who started the build."""
    environment = clean_environment(place)
    first = [folder for folder in (place.cmake, _CCACHE) if os.path.isdir(folder)]
    environment["PATH"] = ":".join(first + [environment["PATH"]])
    environment.update(
        {
            "CCACHE_DIR": place.cache,
            "CCACHE_BASEDIR": place.path,
            "CCACHE_STATSLOG": place.statistics,
            "CCACHE_SLOPPINESS": "locale",
            "CCACHE_DEPEND": "1",  # use the compiler's list of dependencies: otherwise everything is preprocessed twice
            "USE_CCACHE": "0",  # PyTorch's own search for it: it is already first in PATH
            "CC": job["toolchain"]["cc"],
            "CXX": job["toolchain"]["cxx"],
            "MAX_JOBS": str(jobs),
            "CMAKE_BUILD_PARALLEL_LEVEL": str(jobs),
            "SOURCE_DATE_EPOCH": str(EPOCH),
            "PYTORCH_BUILD_VERSION" if job["package"] == "torch" else "BUILD_VERSION": full_version(job),
        }
    )
    if job["wheels"]:
        environment["PYTHONPATH"] = place.site
    if job["distcc"]:
        environment.update(
            {
                "CCACHE_PREFIX": place.prefix,
                "CCACHE_NOCPP2": "1",
                "DISTCC_HOSTS": " ".join(job["distcc"]),
                "DISTCC_DIR": os.path.dirname(place.prefix),
            }
        )
    if job["package"] == "torch":
        environment.update(feature_variables(job["version"], job["features"]), PYTORCH_BUILD_NUMBER="1")
    environment.update(job["environment"])
    return environment


class Compiler(object):
    """One run of the compile step. `report` takes changes and keeps the state of the build."""

    def __init__(self, place, job, report):
        self.place = place
        self.job = job
        self.report = report
        self.quiet = clean_environment(place)
        self.lines = []
        self.saved = time.time()
        self.compared = job["package"] != "torch"

    def compile(self):
        """Run until there is a wheel; else EnvironmentProblem."""
        if self.job["distcc"]:
            # distcc does not create its directory, and without it nothing is compiled on helpers.
            make_directory(os.path.dirname(self.place.prefix))
            version = must_run([self.job["toolchain"]["cxx"], "-v"], self.quiet, "/", "the compiler")
            write_atomic(self.place.prefix, prefix_script(version), 0o755)
        jobs = machine_limits.jobs_for(
            machine_limits.read_memory(),
            len(os.sched_getaffinity(0)),
            self.job["job_mib"],
            self.job["jobs"],
            machine_limits.count_remote_jobs(self.job["distcc"]),
        )
        while True:
            shift = move_times_to_past(os.path.join(self.place.source, "build"))
            if shift:
                self.report(event="the clock was set back: the times of built files were shifted by %d s" % shift)
            self.report(jobs=jobs)
            status = self._run_setup(jobs)
            if status == 0:
                return
            if status is None:  # the clock was set back meanwhile
                continue
            if not self._was_killed(status):
                raise EnvironmentProblem(self._failure_text(status))
            if is_out_of_addresses(self.lines, jobs, sys.maxsize < 1 << 32):
                raise EnvironmentProblem(
                    "the 32-bit compiler used up its address space; fewer jobs and more swap do not help. Compile under"
                    " a 64-bit kernel, or let it free memory earlier: torch_build_environment: {CXXFLAGS: --param"
                    " ggc-min-expand=0 --param ggc-min-heapsize=65536}; the log is %s:\n%s"
                    % (self.place.log, "\n".join(telling_lines(self.lines)))
                )
            if jobs == 1:
                memory = machine_limits.read_memory()
                raise EnvironmentProblem(
                    "the only running compiler was killed: %d MiB of memory and %d MiB of swap are too"
                    " little for it. Add swap (torch_build_swap_mib), or compile on another machine"
                    " (torch_builder)" % (memory["total"], memory["swap"])
                )
            jobs = max(1, jobs // 2)
            self.report(event="a compiler was killed for lack of memory: trying again with %d at a time" % jobs)

    def setup_command(self):
        return [
            self.job["python"],
            "setup.py",
            "bdist_wheel",
            "--dist-dir",
            self.place.dist,
            "--plat-name",
            "linux_" + self.job["architecture"],
        ]

    def _run_setup(self, jobs):
        """The exit status of one run; None if it was killed because the clock was set back."""
        remove(self.place.dist)
        argv = self.setup_command()
        if os.path.exists("/usr/bin/ionice"):
            argv = ["/usr/bin/ionice", "-c", "2", "-n", "7"] + argv
        self.lines = []
        process = subprocess.Popen(
            argv,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            cwd=self.place.source,
            env=build_variables(self.place, self.job, jobs),
        )
        _prefer_for_oom_killer(process.pid)
        offset = clock_offset()
        with open(self.place.log, "ab") as log:
            for line in self._lines_of(process.stdout, log):
                if line is None:
                    if clock_offset() < offset - 2:
                        kill_all(self.place)
                        process.wait()
                        return None
                    offset = clock_offset()
                    self._report_measurements()
                else:
                    self.lines = self.lines[-_KEPT_LINES:] + [plain_line(line)]
                    step = _STEP.match(line)
                    if step:
                        self.report(done=int(step.group(1)), total=int(step.group(2)), quietly=True)
        return process.wait()

    def _lines_of(self, pipe, log):
        """The lines of a pipe, also written to the log; None every few seconds."""
        rest, due = b"", time.monotonic() + _BEAT_SECONDS
        while True:
            if select.select([pipe], [], [], max(0, due - time.monotonic()))[0]:
                block = os.read(pipe.fileno(), 1 << 16)
                if not block:
                    break
                log.write(block)
                log.flush()
                lines = (rest + block).split(b"\n")
                rest = lines.pop()
                for line in lines:
                    yield line.decode("utf-8", "replace")
            if time.monotonic() >= due:
                due = time.monotonic() + _BEAT_SECONDS
                yield None
        if rest:
            yield rest.decode("utf-8", "replace")

    def _report_measurements(self):
        if not self.compared and os.path.exists(os.path.join(self.place.source, "build", "build.ninja")):
            self.compared = True
            problems = compare_cache(self.place, self.job)[1]
            if problems:
                kill_all(self.place)
                raise EnvironmentProblem(mismatch_text(problems))
        measured = {
            "available_mib": machine_limits.read_memory()["available"],
            "temperature": machine_limits.read_temperature(),
        }
        if time.time() - self.saved >= _SAVE_SECONDS:
            # Everything written before this moment survives a power cut.
            before = time.time()
            os.sync()
            self.saved = time.time()
            measured.update(synced=before, throttled=machine_limits.read_throttling(self.quiet))
        self.report(**measured)

    def _was_killed(self, status):
        return status in (-signal.SIGKILL, 128 + signal.SIGKILL) or any(_KILLED.search(line) for line in self.lines)

    def _failure_text(self, status):
        """The lines with errors, and the path of the log."""
        # ccache writes a compiler's messages to a file first. On a full disk they are lost.
        if (
            any("No space left on device" in line for line in self.lines)
            or machine_limits.free_mib(self.place.path) < _FULL_MIB
        ):
            return "the disk is full at %s. Make space and start again: the compiled objects are kept" % self.place.path
        return "setup.py bdist_wheel ended with status %d; its log is %s:\n%s" % (
            status,
            self.place.log,
            "\n".join(telling_lines(self.lines)),
        )


def is_out_of_addresses(lines, jobs, of_32_bits):
    """Whether a 32-bit compiler failed at the limit of its address space.

    Not every message has a total: then it is the address space if the compiler was the only one.
    """
    refused = [match for match in map(_REFUSED.search, lines) if match]
    totals = [int(match.group(1)) for match in refused if match.group(1)]
    return of_32_bits and bool(refused) and (any(total >= _NEAR_LIMIT for total in totals) or jobs == 1 and not totals)


def compare_cache(place, job, config_show=""):
    """(features as built, problems), from CMake's cache, which is known before the compiling, and from the wheel's
    torch.__config__.show() once there is one.
    """
    try:
        with open(os.path.join(place.source, "build", "CMakeCache.txt"), encoding="utf-8", errors="replace") as stream:
            cache = read_cache(stream.read())
    except OSError as error:
        raise EnvironmentProblem("CMake's cache cannot be compared with torch_build_features: %s" % error) from error
    return compare_features(job["version"], job["features"], cache, config_show)


def mismatch_text(problems):
    return "the build does not match torch_build_features: %s" % "; ".join(problems)


def _prefer_for_oom_killer(pid):
    """When memory runs out, the kernel kills a compiler and not sshd."""
    with open("/proc/%d/oom_score_adj" % pid, "w") as stream:
        stream.write("500")
