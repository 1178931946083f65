# Copyright (c) 2026 the edgeai.fleet authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to edgeai.fleet: its interface may change in any release.

"""A build as the module sees it: the checks before it, the detached start, its progress, its end."""

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

from .._base.errors import EnvironmentProblem
from .._base.files import make_directory, remove, write_json
from .._base.text import last_lines
from .._root.additions import start_record
from .._root.build_directory import (
    CANCELLED,
    FAILED,
    FINISHED,
    RUNNING,
    acquire_lock,
    build_directory_of,
    is_finished,
    is_held,
)
from .._torch_build import machine_limits, supervise
from .compile import build_variables, full_version
from .features import cmake_range, feature_variables, python_range
from .processes import MARK, clean_environment, kill_all, run

# The options that job.json holds.
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
# What the supervisor imports from other rooms.
COPIED = (
    "_base.errors",
    "_base.files",
    "_base.hashes",
    "_base.machine",
    "_base.secrets",
    "_base.text",
    "_root.build_directory",
)
_START_SECONDS = 60
# A build that was killed this often without a new step is not resumed again.
MAX_IDLE = 5
_DELIVERY, _TRASH = "delivery-", "gone-"
_TOOLS = {"cmake": "cmake", "ninja": "ninja-build", "ccache": "ccache"}


class Build(object):
    """One build on this machine, as a module call sees it."""

    def __init__(self, root, job):
        self.root = root
        self.place = build_directory_of(root, job["key"])
        self.job = job

    # --- state

    def read_status(self):
        """running, interrupted, finished, failed or cancelled; None if it was never started or its wheel is gone."""
        status = self.place.read_state().get("status")
        if status == RUNNING and not is_held(self.place):
            # It may have ended between the two checks.
            status = self.place.read_state().get("status")
            return "interrupted" if status == RUNNING else status
        return None if status == FINISHED and not is_finished(self.place) else status

    def is_collected(self):
        """Whether it finished and a run took its wheel, after writing the build record."""
        return self.read_status() is None and self.place.read_state().get("status") == FINISHED

    def missing_artifacts(self):
        """The artifacts that must still be sent: the source's archive and wheels."""
        source = self.job["source"]
        artifacts = list(self.job["wheels"])
        if source["archive"] and not os.path.isdir(self.place.source):
            artifacts.append({"filename": source["filename"], "sha256": source["sha256"], "size": 0})
        return [
            artifact
            for artifact in artifacts
            if not os.path.isfile(os.path.join(self.place.incoming, artifact["sha256"]))
        ]

    def open_incoming(self, uid):
        """Make a directory to which the connection's user can send files, one for each run, so that no run writes to
        files that another one uses.
        """
        start_record(self.root)
        make_directory(self.place.incoming)
        incoming = tempfile.mkdtemp(prefix=_DELIVERY, dir=self.place.incoming)
        if uid is not None and os.geteuid() == 0:
            os.chown(incoming, uid, -1)
        return incoming

    def take_delivered(self, incoming):
        """Move the files from such a directory; they are verified when they are used."""
        folder, name = os.path.split(incoming)
        if folder != self.place.incoming or not name.startswith(_DELIVERY):
            raise EnvironmentProblem("%s is not a delivery directory in %s" % (incoming, self.place.incoming))
        for artifact in self.missing_artifacts():
            try:
                os.rename(os.path.join(incoming, artifact["sha256"]), os.path.join(folder, artifact["sha256"]))
            except FileNotFoundError:
                continue  # it was not sent, or the build has ended and its directory was cleaned up
        remove(incoming)

    # --- checks before the start

    def check_builder(self, installed=True):
        """A problem if this machine cannot do the build; without `installed` the tools may still be missing."""
        job = self.job
        if job["package"] == "torch":
            feature_variables(job["version"], job["features"])
        what = "%s %s" % (job["package"], job["version"])
        python = self._check_python(installed)
        if python and job["package"] == "torch":
            oldest, newest = python_range(job["version"])
            if python < oldest or newest and python > newest:
                raise EnvironmentProblem(
                    "%s supports Python %s to %s; %s is Python %d.%d. Choose another torch_version or torch_python"
                    % ((what, _version_text(oldest), _version_text(newest), job["python"]) + python)
                )
        machine_limits.check_memory(machine_limits.read_memory(), job["memory_mib"], "compiling " + what)
        machine_limits.check_space(self.place.path, job["space_mib"], machine_limits.used_mib(self.place.path))
        missing = [] if not installed else self._missing_tools()
        if missing:
            raise EnvironmentProblem(
                "compiling %s needs %s, not found on this machine; on Debian: apt install %s"
                % (what, ", ".join(name for name, _package in missing), " ".join(package for _name, package in missing))
            )
        if (
            installed
            and job["package"] == "torch"
            and not any(wheel["filename"].startswith("cmake-") for wheel in job["wheels"])
        ):
            self._check_cmake(what)

    def _check_cmake(self, what):
        output = self._run_check(["cmake", "--version"], build_variables(self.place, self.job, 1))[1]
        match = re.search(r"(\d+)\.(\d+)", output)
        version = tuple(map(int, match.groups())) if match else None
        oldest, too_new = cmake_range(self.job["version"])
        if version is None or version < oldest or too_new and version >= too_new:
            raise EnvironmentProblem(
                "%s needs CMake %s or later%s; this machine has %s. Install a suitable one in /usr/local, or compile on"
                " a machine with the distribution of the boards (torch_builder): it gets one if its own does not suit"
                % (
                    what,
                    _version_text(oldest),
                    ", before %s" % _version_text(too_new) if too_new else "",
                    _version_text(version) if version else last_lines(output),
                )
            )

    def _check_python(self, installed):
        program = (
            "import os, sys, sysconfig; print(*sys.version_info[:2]);"
            " print(os.path.exists(sysconfig.get_config_h_filename()))"
        )
        status, output = self._run_check([self.job["python"], "-c", program], clean_environment(self.place))
        if status:
            raise EnvironmentProblem(
                "the interpreter %s does not work: %s. Give another torch_python"
                % (self.job["python"], last_lines(output))
            )
        version, headers = output.split("\n")[:2]
        if installed and headers != "True":
            raise EnvironmentProblem("%s has no header files; on Debian: apt install python3-dev" % self.job["python"])
        major, minor = version.split()
        return int(major), int(minor)

    def _run_check(self, argv, environment):
        """(exit status, output). A supervisor that another run starts meanwhile kills every process with the mark."""
        del environment[MARK]
        return run(argv, environment, "/", timeout=120)

    def _missing_tools(self):
        needed = {"git": self.job["source"]["git"], "patch": self.job["patches"], "distcc": self.job["distcc"]}
        names = list(self.job["toolchain"].values()) + [name for name in needed if needed[name]]
        packages = dict(_TOOLS, **dict((name, name) for name in names))
        path = build_variables(self.place, self.job, 1)["PATH"]
        return [(name, package) for name, package in sorted(packages.items()) if not shutil.which(name, path=path)]

    # --- start and end

    def start(self):
        """Start the supervisor, detached, and wait until it works.

        If two are started at once, one of them ends.
        """
        start_record(self.root)
        make_directory(self.place.path)
        # Its variables and its source's URL may hold secrets.
        write_json(self.place.job, dict((name, self.job[name]) for name in JOB), 0o600)
        program = self._install_program()
        began = time.time()
        supervisor = _spawn_supervisor(self.place, self.job["key"], program)
        while self.place.read_state().get("seen", 0) < began and not is_finished(self.place):
            if time.time() - began > _START_SECONDS:
                raise EnvironmentProblem(
                    "the build does not start; its log is %s: %s" % (self.place.log, self.log_tail())
                )
            if supervisor.poll() and not is_held(self.place):
                raise EnvironmentProblem(
                    "the build does not start (status %d); its log is %s: %s"
                    % (supervisor.returncode, self.place.log, self.log_tail())
                )
            time.sleep(0.1)

    def resume(self):
        """Start an interrupted build again, unless it was killed too often."""
        state = self.place.read_state()
        idle = 0 if state.get("done", 0) > state.get("idle_at", -1) else state.get("idle", 0) + 1
        if idle >= MAX_IDLE:
            self.place.write_state(
                dict(
                    state,
                    status=FAILED,
                    error=("The build was killed %d times without progress; see dmesg or the journal for the cause")
                    % (idle + 1),
                )
            )
            return
        self.place.write_state(dict(state, idle=idle, idle_at=state.get("done", 0)))
        self.start()

    def cancel(self, keep):
        """Kill all processes of the build."""
        lock = None
        while lock is None:  # another run may resume it at the same time
            kill_all(self.place)
            lock = acquire_lock(self.place, seconds=1)
        with lock:
            self.place.write_state(dict(self.place.read_state(), key=self.job["key"], status=CANCELLED, error=None))
            if not keep:
                self._move_to_trash()
        self._remove_trash()

    def clean_up(self):
        """Remove source, objects and wheel of a finished build; its state and ccache's objects stay.

        Other runs may use the same build or start it again: they find all of it or nothing, and files of a running
        supervisor stay.
        """
        if not os.path.isdir(self.place.path):
            return
        lock = acquire_lock(self.place, seconds=5)  # another run may be checking the lock
        if lock is None:
            return
        with lock:
            if is_finished(self.place):
                self._move_to_trash()
        self._remove_trash()

    def _move_to_trash(self):
        """Under the lock, by renaming, because removing takes minutes on an SD card.

        The wheel goes last: a build without one may start again.
        """
        place = self.place
        aside = tempfile.mkdtemp(prefix=_TRASH, dir=place.path)
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

    def _remove_trash(self):
        """Also the trash of runs that were killed."""
        for name in os.listdir(self.place.path):
            if name.startswith(_TRASH):
                remove(os.path.join(self.place.path, name))

    def wait_for_end(self, seconds):
        """Wait for the end of the build, at most this long."""
        deadline = time.time() + seconds
        while time.time() < deadline and is_held(self.place):
            time.sleep(0.5)

    # --- progress

    def read_progress(self):
        """`build` in the module's result."""
        state, status = self.place.read_state(), self.read_status()
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
            "remaining": _seconds_left(state) if status == RUNNING else None,
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
        """Copy the supervisor's files, because the module's own are removed when it ends; their directory.

        It is named by their content, so that a second start does not replace files of the first.
        """
        top = __name__.rsplit(".", 2)[0] + "."
        names = [
            name
            for name in sys.modules
            if name.startswith(top + "_torch_build.") and name != __name__ or name in [top + other for other in COPIED]
        ]
        sources = dict(
            (name[len(top) :].replace(".", "/") + ".py", sys.modules[name].__spec__.loader.get_source(name))
            for name in names
        )
        digest = hashlib.sha256(json.dumps(sources, sort_keys=True).encode("utf-8")).hexdigest()[:12]
        path = os.path.join(self.place.program, digest)
        if not os.path.isdir(path):
            partial = "%s.%d" % (path, os.getpid())
            for name, text in sources.items():
                target = os.path.join(partial, "module_utils", name)
                make_directory(os.path.dirname(target))
                with open(target, "wb") as stream:
                    stream.write(text.encode("utf-8"))
            try:
                os.rename(partial, path)
            except OSError:  # another start has just created the same
                remove(partial)
        return path


def _spawn_supervisor(place, key, program):
    """Start it outside of the login's session, which may end: as a systemd unit where systemd runs, else in a new
    session.
    """
    environment = dict(clean_environment(place), PYTHONPATH=program)
    argv = [sys.executable, "-m", "module_utils._torch_build." + supervise.__name__.rsplit(".", 1)[1], place.path]
    if os.path.isdir("/run/systemd/system") and os.geteuid() == 0 and os.path.exists("/usr/bin/systemd-run"):
        argv = (
            ["/usr/bin/systemd-run", "--quiet", "--collect", "--unit", "edgeai-torch-build-%s-%d" % (key, os.getpid())]
            + ["--setenv=%s=%s" % item for item in sorted(environment.items())]
            + argv
        )
    with open(place.log, "ab") as log:
        return subprocess.Popen(
            argv, stdin=subprocess.DEVNULL, stdout=log, stderr=log, cwd="/", env=environment, start_new_session=True
        )


def _seconds_left(state):
    """Estimated seconds by the pace of this run; None while that is unknown."""
    done, total = state.get("run_done", 0), state.get("run_steps", 0)
    if done < 5 or state.get("phase") != "compile":
        return None
    return int((total - done) * (state["spent"] - state["run_began"]) / done)


def _version_text(version):
    return ".".join(map(str, version)) if version else "newer"
