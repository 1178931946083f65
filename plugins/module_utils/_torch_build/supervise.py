# Copyright (c) 2026 the edgeai.fleet authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to edgeai.fleet: its interface may change in any release.
# It is copied to the builder: standard library only, relative imports only.

"""The detached process that builds: it survives the connection that started it, and another one resumes an interrupted
build.
"""

import os
import sys
import time
import zipfile

from .._base.errors import EnvironmentProblem
from .._base.files import make_directory, read_json, read_text, remove
from .._base.hashes import hash_file
from .._root.build_directory import FAILED, FINISHED, RUNNING, BuildDirectory, acquire_lock, is_finished
from .._torch_build import compile as _compile
from .._torch_build import first_minute, wheel_check
from .._torch_build import source as _source
from .features import feature_variables
from .interruption import discard_unsafe
from .processes import clean_environment, kill_all, run

_WRITE_SECONDS = 5


class Record(object):
    """The state of a build on the disk. Steps are written every few seconds, everything else at once."""

    def __init__(self, place, job):
        before = place.read_state()
        # An interrupted build is resumed, one that had ended starts again.
        resumed = before if before.get("status") == RUNNING else {}
        if not os.path.isdir(place.source):
            before = {}
            for path in (place.log, place.statistics):
                open(path, "w").close()
        self.place = place
        self.state = {
            "key": job["key"],
            "status": RUNNING,
            "phase": "source",
            "pid": os.getpid(),
            "error": None,
            "wheel": None,
            "flags": None,
            "jobs": None,
            "resumed": resumed.get("resumed", -1) + 1,
            "idle": resumed.get("idle", 0),
            "idle_at": resumed.get("idle_at", -1),
            "spent": before.get("spent", 0.0),
            "events": before.get("events", []),
            "total": before.get("total", 0),
            "done": before.get("done", 0),
            "boot": read_text("/proc/sys/kernel/random/boot_id").strip(),
            "synced": before.get("synced", 0),
        }
        self.before = before
        self.began = time.monotonic()
        self.written = 0.0
        self.steps = 0  # of this run
        self.write()

    def __call__(self, quietly=False, event=None, done=None, total=None, **facts):
        """Record facts. Steps are counted over all runs, while ninja counts those that are left."""
        if event:
            self.state["events"] = self.state["events"][-19:] + [event]
        if total:
            if total != self.steps:  # ninja started (again): CMake's own checks count steps, too
                self.steps = total
                self.state.update(run_steps=total, run_began=self._seconds_spent())
                quietly = False  # this shows the progress of the last run, however short this one is
            self.state["total"] = max(self.state["total"], total)
            self.state.update(done=self.state["total"] - total + done, run_done=done)
        self.state.update(facts)
        if not quietly or time.monotonic() - self.written >= _WRITE_SECONDS:
            self.write()

    def write(self):
        self.written = time.monotonic()
        self.place.write_state(dict(self.state, spent=self._seconds_spent(), seen=time.time()))

    def _seconds_spent(self):
        return round(self.before.get("spent", 0.0) + time.monotonic() - self.began, 1)


def run_phases(place, job, record):
    built = os.path.join(place.source, "build")
    if record.before.get("boot") not in (None, record.state["boot"]) and os.path.isdir(built):
        record(
            event="the machine was restarted: %d objects that may not have been written to the disk are compiled again"
            % discard_unsafe(built, record.state["synced"])
        )
    prepare_inputs(place, job, record)
    record(phase="compile")
    _compile.Compiler(place, job, record).compile()
    record(phase="check")
    result = wheel_check.check_wheel(place, job)
    record(
        status=FINISHED,
        wheel=result["wheel"],
        flags={
            "asked": feature_variables(job["version"], job["features"]) if job["package"] == "torch" else {},
            "found": result["found"],
        },
        cache=wheel_check.cache_statistics(place),
    )


def prepare_inputs(place, job, record):
    """Unpack what the build imports, check it, and make the source tree: all that happens before CMake."""
    remove(place.temporary)  # leftovers of killed compilers
    for path in (place.cache, place.site, place.temporary):
        make_directory(path)
    record(phase="prepare")
    for wheel in job["wheels"]:
        _unpack_wheel(place, wheel)
    if not os.path.isdir(place.source):
        record(phase="source")
        _source.prepare_source(place, job, clean_environment(place))
    first_minute.check_inputs(place, job)
    record(phase="prepare", toolchain=_read_tool_versions(place, job))


def _unpack_wheel(place, wheel):
    """Unpack a wheel that the build imports, without an installer."""
    path = os.path.join(place.incoming, wheel["sha256"])
    actual = hash_file(path)
    if actual != wheel["sha256"]:
        raise EnvironmentProblem(
            "%s is not the expected wheel: its sha256 is %s, expected %s" % (wheel["filename"], actual, wheel["sha256"])
        )
    with zipfile.ZipFile(path) as archive:
        archive.extractall(place.site)
        for entry in archive.infolist():
            if entry.external_attr >> 16 & 0o100:  # a program, such as cmake: zipfile ignores that bit
                os.chmod(os.path.join(place.site, entry.filename), 0o755)


def _read_tool_versions(place, job):
    """{tool: the first line of its --version, None if it cannot be run}"""
    environment = _compile.build_variables(place, job, 1)
    tools = dict(job["toolchain"], cmake="cmake", ninja="ninja", ccache="ccache", ld="ld")
    versions = {}
    for name, program in tools.items():
        status, output = run([program, "--version"], environment, "/", timeout=60)
        versions[name] = None if status else (output.strip().splitlines() or [""])[0]
    return versions


def main(path):
    place = BuildDirectory(path)
    lock = acquire_lock(place, seconds=5)  # another run may be checking the lock
    if lock is None:
        return  # another supervisor was faster
    with lock:
        if is_finished(place):
            return  # and has already finished
        # Orphans of an earlier supervisor would write to the same tree.
        kill_all(place)
        job = read_json(place.job)
        os.nice(job["nice"])
        record = Record(place, job)
        try:
            run_phases(place, job, record)
        except EnvironmentProblem as problem:
            record(status=FAILED, error=str(problem))
        except OSError as error:
            record(status=FAILED, error="%s. Correct this and start again: the compiled objects are kept" % error)
        except Exception as error:  # nobody watches this process: the state must hold the reason
            record(status=FAILED, error="unexpected %s: %s; see %s" % (type(error).__name__, error, place.log))
            raise
        finally:
            remove(place.source + ".new")
            remove(place.temporary)


if __name__ == "__main__":
    main(sys.argv[1])
