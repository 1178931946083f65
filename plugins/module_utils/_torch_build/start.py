# Copyright (c) 2026 the edgeai.fleet authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to edgeai.fleet: its interface may change in any release.

"""Before a build, and beside it: what must be right before anything is touched, the detached start, and what is told of
its progress.
"""

# Detached processes are not for run_command, which waits for them.
# pylint: disable=ansible-bad-function

import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time

from .._base.files import make_directory, remove, write_json
from .._base.text import last_lines
from .._root.build_directory import CANCELLED, FAILED, FINISHED, RUNNING, hold, is_finished, is_held, place_of
from .._torch_build import machine_limits, supervise
from .compile import build_environment, full_version
from .errors import BuildProblem
from .features import cmake_range, python_range, render
from .processes import MARK, clean_environment, end_all, run

# What a job is made of, beside the options of the same names.
JOB = (
    "key",
    "package",
    "version",
    "label",
    "source",
    "features",
    "environment",
    "patches",
    "commands",
    "toolchain",
    "python",
    "architecture",
    "wheels",
    "jobs",
    "job_mib",
    "nice",
    "distcc",
)
_START_SECONDS = 60
# A supervisor that is killed as often without a single new step will not get further by itself.
MAX_IDLE = 5
_DELIVERY, _ASIDE = "delivery-", "gone-"
_TOOLS = {"cmake": "cmake", "ninja": "ninja-build", "ccache": "ccache"}


class Build(object):
    """One build on this machine, as a module call sees it."""

    def __init__(self, root, job, memory_mib, space_mib):
        self.place = place_of(root, job["key"])
        self.job = job
        self.memory_mib = memory_mib
        self.space_mib = space_mib

    # --- what is there

    def status(self):
        """running, interrupted, finished, failed, cancelled; None if it was never started, or if its wheel is gone."""
        state = self.place.read_state()
        status = state.get("status")
        if status == RUNNING and not is_held(self.place):
            # It may have come to its end between the two looks.
            status = self.place.read_state().get("status")
            return "interrupted" if status == RUNNING else status
        return None if status == FINISHED and not is_finished(self.place) else status

    def is_taken(self):
        """Whether it came to its end, and a run took its wheel away: that run has put it on record before."""
        return self.status() is None and self.place.read_state().get("status") == FINISHED

    def missing(self):
        """The artifacts that are still to be sent: the source's archive, and wheels."""
        source = self.job["source"]
        wanted = list(self.job["wheels"])
        if source["archive"] and not os.path.isdir(self.place.source):
            wanted.append({"filename": source["filename"], "sha256": source["sha256"], "size": 0})
        return [
            artifact for artifact in wanted if not os.path.isfile(os.path.join(self.place.incoming, artifact["sha256"]))
        ]

    def open_incoming(self, uid):
        """Make a directory to which the connection's user sends: one for each run, so that none writes what another
        build reads already.
        """
        make_directory(self.place.incoming)
        incoming = tempfile.mkdtemp(prefix=_DELIVERY, dir=self.place.incoming)
        if uid is not None and os.geteuid() == 0:
            os.chown(incoming, uid, -1)
        return incoming

    def take(self, incoming):
        """Take over what arrived in such a directory; it is verified when it is used."""
        folder, name = os.path.split(incoming)
        if folder != self.place.incoming or not name.startswith(_DELIVERY):
            raise BuildProblem("%s is not a directory of a delivery below %s" % (incoming, self.place.incoming))
        for artifact in self.missing():
            try:
                os.rename(os.path.join(incoming, artifact["sha256"]), os.path.join(folder, artifact["sha256"]))
            except FileNotFoundError:
                continue  # it did not arrive, or the build has ended and its directory was cleared away
        remove(incoming)

    # --- before anything is touched

    def check(self, installed=True):
        """BuildProblem for what cannot succeed on this machine; without `installed` the tools may still be missing."""
        job = self.job
        if job["package"] == "torch":
            render(job["version"], job["features"])
        what = "%s %s" % (job["package"], job["version"])
        found = self._python(installed)
        if found and job["package"] == "torch":
            oldest, newest = python_range(job["version"])
            if found < oldest or newest and found > newest:
                raise BuildProblem(
                    "%s knows Python %s to %s; %s is Python %d.%d. Ask for another torch_version or torch_python"
                    % ((what, _dotted(oldest), _dotted(newest), job["python"]) + found)
                )
        machine_limits.check_memory(machine_limits.memory(), self.memory_mib, "compiling " + what)
        machine_limits.check_space(self.place.path, self.space_mib, machine_limits.used_mib(self.place.path))
        lacking = [] if not installed else self._lacking()
        if lacking:
            raise BuildProblem(
                "to compile %s this machine lacks %s; on Debian: apt install %s"
                % (what, ", ".join(name for name, _package in lacking), " ".join(package for _name, package in lacking))
            )
        if (
            installed
            and job["package"] == "torch"
            and not any(wheel["filename"].startswith("cmake-") for wheel in job["wheels"])
        ):
            self._check_cmake(what)

    def _check_cmake(self, what):
        output = run(["cmake", "--version"], _unmarked(build_environment(self.place, self.job, 1)), "/", timeout=120)[1]
        match = re.search(r"(\d+)\.(\d+)", output)
        found = tuple(map(int, match.groups())) if match else None
        oldest, too_new = cmake_range(self.job["version"])
        if found is None or found < oldest or too_new and found >= too_new:
            raise BuildProblem(
                "%s takes CMake %s or later%s; this machine has %s. Install one that fits in /usr/local, or let a"
                " machine with the distribution of the boards compile (torch_builder): it is given one where its own"
                " does not fit"
                % (
                    what,
                    _dotted(oldest),
                    ", before %s" % _dotted(too_new) if too_new else "",
                    _dotted(found) if found else last_lines(output),
                )
            )

    def _python(self, installed):
        environment = _unmarked(clean_environment(self.place))
        program = (
            "import os, sys, sysconfig; print(*sys.version_info[:2]);"
            " print(os.path.exists(sysconfig.get_config_h_filename()))"
        )
        status, output = run([self.job["python"], "-c", program], environment, "/", timeout=120)
        if status:
            raise BuildProblem(
                "the interpreter %s does not work: %s. Give another torch_python"
                % (self.job["python"], last_lines(output))
            )
        version, headers = output.split("\n")[:2]
        if installed and headers != "True":
            raise BuildProblem(
                "%s has no headers to compile with; on Debian: apt install python3-dev" % self.job["python"]
            )
        major, minor = version.split()
        return int(major), int(minor)

    def _lacking(self):
        toolchain, source = self.job["toolchain"], self.job["source"]
        wanted = dict(_TOOLS)
        wanted.update({toolchain["cc"]: toolchain["cc"], toolchain["cxx"]: toolchain["cxx"]})
        if source["git"]:
            wanted["git"] = "git"
        if self.job["patches"]:
            wanted["patch"] = "patch"
        if self.job["distcc"]:
            wanted["distcc"] = "distcc"
        path = build_environment(self.place, self.job, 1)["PATH"]
        return [(name, package) for name, package in sorted(wanted.items()) if not shutil.which(name, path=path)]

    # --- start and end

    def start(self):
        """Start the supervisor, detached, and wait until it is at work.

        Of two that are started at once, one gives way.
        """
        make_directory(self.place.path)
        # Its environment, and the address of its source, may hold secrets.
        write_json(self.place.job, dict((name, self.job[name]) for name in JOB), 0o600)
        program = self._install_program()
        began = time.time()
        supervisor = _spawn(self.place, self.job["key"], program)
        while self.place.read_state().get("seen", 0) < began and not is_finished(self.place):
            if time.time() - began > _START_SECONDS:
                raise BuildProblem("the build does not start; its log is %s: %s" % (self.place.log, self.log_tail()))
            if supervisor.poll() and not is_held(self.place):
                raise BuildProblem(
                    "the build does not start (status %d); its log is %s: %s"
                    % (supervisor.returncode, self.place.log, self.log_tail())
                )
            time.sleep(0.1)

    def go_on(self):
        """Start again what was cut off, unless that happens again and again."""
        state = self.place.read_state()
        idle = 0 if state.get("done", 0) > state.get("idle_at", -1) else state.get("idle", 0) + 1
        if idle >= MAX_IDLE:
            self.place.write_state(
                dict(
                    state,
                    status=FAILED,
                    error=(
                        "the build was killed %d times without a single new step: what kills it says `dmesg`, or "
                        "the journal"
                    )
                    % (idle + 1),
                )
            )
            return
        self.place.write_state(dict(state, idle=idle, idle_at=state.get("done", 0)))
        self.start()

    def cancel(self, keep):
        """End all of it."""
        lock = None
        while lock is None:  # another run may let it go on in this very moment
            end_all(self.place)
            lock = hold(self.place, seconds=1)
        with lock:
            self.place.write_state(dict(self.place.read_state(), key=self.job["key"], status=CANCELLED, error=None))
            if not keep:
                self._set_aside()
        self._remove_aside()

    def clear(self):
        """Remove gigabytes that are of no use any more; what is known of the build stays, and ccache has the objects.

        Other runs may look at the same build, or begin it anew: they find all of it or nothing, and a supervisor keeps
        what it works with.
        """
        if not os.path.isdir(self.place.path):
            return
        lock = hold(self.place, seconds=5)  # somebody may be looking whether it is held
        if lock is None:
            return
        with lock:
            if is_finished(self.place):
                self._set_aside()
        self._remove_aside()

    def _set_aside(self):
        """Under the lock, by renaming, which takes no time: removing takes minutes on an SD card.

        The wheel goes last: a build without one may start anew.
        """
        place = self.place
        aside = tempfile.mkdtemp(prefix=_ASIDE, dir=place.path)
        for path in (
            place.source,
            place.site,
            place.check,
            place.temporary,
            os.path.dirname(place.prefix),
            place.incoming,
            place.program,
            place.dist,
        ):
            if os.path.lexists(path):
                os.rename(path, os.path.join(aside, os.path.basename(path)))

    def _remove_aside(self):
        """Also what a run left that was killed while it removed."""
        for name in os.listdir(self.place.path):
            if name.startswith(_ASIDE):
                remove(os.path.join(self.place.path, name))

    def wait(self, seconds):
        """Until the build is at its end, or this time is over."""
        deadline = time.time() + seconds
        while time.time() < deadline and is_held(self.place):
            time.sleep(0.5)

    # --- what is told

    def progress(self):
        """What the module returns of a build."""
        state, status = self.place.read_state(), self.status()
        done, total = state.get("done", 0), state.get("total", 0)
        return {
            "key": self.job["key"],
            "package": self.job["package"],
            "version": full_version(self.job),
            "status": status,
            "phase": state.get("phase"),
            "done": done,
            "total": total,
            "jobs": state.get("jobs"),
            "resumed": state.get("resumed", 0),
            "events": state.get("events", []),
            "seconds": state.get("spent", 0.0),
            "remaining": _remaining(state) if status == RUNNING else None,
            "available_mib": state.get("available_mib"),
            "temperature": state.get("temperature"),
            "throttled": state.get("throttled"),
            "toolchain": state.get("toolchain"),
            "flags": state.get("flags"),
            "cache": state.get("cache") or {},
            "error": state.get("error") if status == FAILED else None,
            "wheel": state.get("wheel") if status == FINISHED else None,
            "log": self.place.log,
        }

    def log_tail(self):
        try:
            with open(self.place.log, "rb") as stream:
                stream.seek(max(0, os.path.getsize(self.place.log) - 8192))
                return last_lines(stream.read().decode("utf-8", "replace"))
        except OSError:
            return "(none)"

    def _install_program(self):
        """The supervisor as files: this module's own are gone when it ends.

        By their content: a second start does not pull them away from the first.
        """
        top, sources = __name__.rsplit(".", 2)[0], {}
        for name in sorted(sys.modules):
            if (
                name.startswith(top + "._torch_build.")
                and name != __name__
                or name
                in (
                    top + "._base.files",
                    top + "._base.hashes",
                    top + "._base.machine",
                    top + "._base.secrets",
                    top + "._base.text",
                    top + "._root.build_directory",
                )
            ):
                sources[name[len(top) + 1 :].replace(".", "/") + ".py"] = sys.modules[name].__spec__.loader.get_source(
                    name
                )
        digest = hashlib.sha256(json.dumps(sources, sort_keys=True).encode("utf-8")).hexdigest()[:12]
        path = os.path.join(self.place.program, digest)
        if not os.path.isdir(path):
            beside = "%s.%d" % (path, os.getpid())
            for name, text in sources.items():
                target = os.path.join(beside, "module_utils", name)
                make_directory(os.path.dirname(target))
                with open(target, "wb") as stream:
                    stream.write(text.encode("utf-8"))
            try:
                os.rename(beside, path)
            except OSError:  # another start has just made the same
                remove(beside)
        return path


def _unmarked(environment):
    """For what only looks: a supervisor that another run starts in this moment ends every process that bears the
    build's mark.
    """
    return dict((name, value) for name, value in environment.items() if name != MARK)


def _spawn(place, key, program):
    """Out of the login's session, which may die: a unit of its own where systemd looks after processes, else a session
    of its own.
    """
    environment = dict(clean_environment(place), PYTHONPATH=program)
    argv = [sys.executable, "-m", "module_utils._torch_build." + supervise.__name__.rsplit(".", 1)[1], place.path]
    if os.path.isdir("/run/systemd/system") and os.geteuid() == 0 and os.path.exists("/usr/bin/systemd-run"):
        settings = ["--setenv=%s=%s" % item for item in sorted(environment.items())]
        argv = (
            ["/usr/bin/systemd-run", "--quiet", "--collect", "--unit", "edgeai-torch-build-%s-%d" % (key, os.getpid())]
            + settings
            + argv
        )
    with open(place.log, "ab") as log:
        return subprocess.Popen(
            argv, stdin=subprocess.DEVNULL, stdout=log, stderr=log, cwd="/", env=environment, start_new_session=True
        )


def _remaining(state):
    """Seconds, by the pace of this run; None as long as it has none."""
    done, total = state.get("run_done", 0), state.get("run_steps", 0)
    if done < 5 or state.get("phase") != "compile":
        return None
    return int((total - done) * (state["spent"] - state["run_began"]) / done)


def _dotted(version):
    return ".".join(map(str, version)) if version else "newer"
