# Copyright (c) 2026 the edgeai.fleet authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Interpreters that answered before are not started again; whatever else is in the file, they are."""

import json
import os
import shutil
import sys

import pytest
from ansible_collections.edgeai.fleet.plugins.module_utils._board.python_answers import KeptAnswers
from ansible_collections.edgeai.fleet.plugins.module_utils._board.pythons import find_pythons
from ansible_collections.edgeai.fleet.plugins.module_utils._board.system import System


class Bench(object):
    """A board with an installed environment and an interpreter on PATH; it counts what is started."""

    def __init__(self, top):
        self.root, self.place = top / "root", top / "python" / "bin"
        self.library = top / "python" / "lib" / "python3.9"
        for folder in (self.root / "state", self.place, self.library):
            folder.mkdir(parents=True)
        (self.root / "state" / "record.json").write_text("{}")
        (self.library / "os.py").write_text("")
        self.python, self.file = self.place / "python3.9", self.root / "state" / "pythons.json"
        self.install("3.9.2")

    def install(self, version):
        """A new file, as a package manager installs it; not a script, which would be passed over."""
        new = self.place / ".new"
        new.write_bytes(b"\x7fELF of " + version.encode())
        new.chmod(0o755)
        os.rename(str(new), str(self.python))
        self.answer = (0, "cpython %s %d %s\n" % (version, 0, self.library), "")

    def ask(self, check_mode=False):
        """(the interpreter's facts, how many were started)."""
        bench, system = self, System()
        system.environ = {"PATH": str(self.place)}
        started = []

        def run_all(commands, timeout):
            started.extend(argv[0] for argv in commands)
            return [bench.answer for argv in commands]

        system.run_all = run_all
        own = system.own_interpreter()
        # Only the bench's interpreter counts, not those of this machine.
        system.listdir = lambda path: sorted(os.listdir(path)) if path == str(self.place) else []
        system.own_interpreter = lambda: own
        record = self.root / "state" / "record.json"
        answers = {"path": str(self.file), "record": str(record), "may_write": not check_mode}
        pythons = find_pythons(system, answers=answers)[0]
        return next((python for python in pythons if python["path"] == str(self.python)), None), len(started)


@pytest.fixture
def bench(tmp_path):
    return Bench(tmp_path)


def facts(bench, version="3.9.2", marked=False):
    return {
        "path": str(bench.python),
        "version": version,
        "implementation": "cpython",
        "externally_managed": marked,
        "default": False,
    }


def test_an_unchanged_interpreter_is_started_once(bench):
    assert bench.ask() == (facts(bench), 1)
    assert bench.ask() == (facts(bench), 0)
    assert bench.file.stat().st_mode & 0o777 == 0o644
    # Administrators remove this marker by hand: it is looked for every time.
    (bench.library / "EXTERNALLY-MANAGED").write_text("")
    assert bench.ask() == (facts(bench, marked=True), 0)


def test_a_stale_answer_does_not_count(bench):
    bench.ask()
    before = bench.python.stat()
    bench.install("3.9.9")
    # The same size and time: a reproducible build sets them.
    os.utime(str(bench.python), ns=(before.st_atime_ns, before.st_mtime_ns))
    assert bench.python.stat().st_size == before.st_size
    assert bench.ask() == (facts(bench, "3.9.9"), 1)
    assert bench.ask() == (facts(bench, "3.9.9"), 0)
    (bench.library / "os.py").write_text("# another library\n")
    assert bench.ask()[1] == 1
    # Written in place.
    with open(str(bench.python), "ab") as stream:
        stream.write(b" ")
    assert bench.ask()[1] == 1
    bench.python.unlink()
    assert bench.ask() == (None, 0)


def test_an_interpreter_that_is_replaced_while_it_answers_is_not_kept(bench):
    system = System()
    answers = KeptAnswers(str(bench.file), str(bench.root / "state" / "record.json"), True)
    assert answers.recall(system, str(bench.python)) is None
    bench.install("3.9.9")
    answers.keep(
        system,
        {str(bench.python): {"implementation": "cpython", "version": "3.9.2", "library": str(bench.library)}},
    )
    assert bench.ask() == (facts(bench, "3.9.9"), 1)


def test_one_that_does_not_work_is_started_every_time(bench):
    bench.answer = (127, "", "libpython3.9.so.1.0: cannot open shared object file")
    assert bench.ask() == (None, 1) == bench.ask()
    bench.answer = (0, "cpython 3.9.2 0\n", "")  # its library has a name that cannot be kept
    assert bench.ask() == (facts(bench), 1) == bench.ask()
    assert not bench.file.exists()


def test_nothing_is_written_in_check_mode_or_without_an_environment(bench):
    bench.ask(check_mode=True)
    assert not bench.file.exists()
    (bench.root / "state" / "record.json").unlink()
    bench.ask()
    shutil.rmtree(str(bench.root))
    assert bench.ask() == (facts(bench), 1)
    assert not bench.root.exists()


def test_a_file_that_cannot_be_written_or_read_is_no_fault(bench):
    bench.file.mkdir()
    assert bench.ask() == (facts(bench), 1) == bench.ask()
    bench.file.rmdir()
    os.mkfifo(str(bench.file))
    assert bench.ask() == (facts(bench), 1)
    bench.ask()
    bench.file.unlink()
    state = bench.root / "state"
    state.rename(bench.root / "elsewhere")
    state.symlink_to(bench.root / "elsewhere")
    assert bench.ask() == (facts(bench), 1) == bench.ask()
    assert not (bench.root / "elsewhere" / "pythons.json").exists()


def change(bench, **values):
    content = json.loads(bench.file.read_text())
    content["pythons"][str(bench.python)].update(values)
    bench.file.write_text(json.dumps(content))


@pytest.mark.parametrize(
    "values",
    [
        {"version": "3.9.2\u001b[31m"},
        {"version": 3},
        {"version": "9"},
        {"implementation": "c python"},
        {"library": "/nowhere"},
        {"library": "\u0000"},
        {"library": None},
        {"files": None},
        {"files": [None, None]},
    ],
)
def test_a_poisoned_answer_does_not_count(bench, values):
    bench.ask()
    change(bench, **values)
    assert bench.ask() == (facts(bench), 1)
    assert bench.ask() == (facts(bench), 0)


@pytest.mark.parametrize(
    "text", ["", "[]", "{}", '{"schema": 2, "pythons": {}}', '{"schema": 1, "pythons": []}', "\0", "[" * 100000]
)
def test_a_broken_file_does_not_count(bench, text):
    bench.file.write_text(text)
    assert bench.ask() == (facts(bench), 1)
    assert bench.ask() == (facts(bench), 0)


def test_a_file_of_others_does_not_count(bench):
    bench.ask()
    change(bench, version="3.9.77")
    assert bench.ask() == (facts(bench, "3.9.77"), 0)  # believed, as the file is this user's
    bench.file.chmod(0o666)
    assert bench.ask() == (facts(bench), 1)
    change(bench, version="3.9.77")
    other = bench.root / "other.json"
    bench.file.rename(other)
    bench.file.symlink_to(other)
    assert bench.ask() == (facts(bench), 1)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give a file away")
def test_a_file_of_another_user_does_not_count(bench):
    bench.ask()
    change(bench, version="3.9.77")
    os.chown(str(bench.file), 65533, 65533)
    assert bench.ask() == (facts(bench), 1)


def test_one_that_this_user_may_not_start_is_not_recalled(bench, monkeypatch):
    bench.ask()
    monkeypatch.setattr(System, "may_run", lambda self, path: False)
    bench.answer = None
    assert bench.ask() == (None, 1)


def test_the_real_answer_is_kept(tmp_path):
    """A whole interpreter of this machine, in a directory of its own."""
    own = System().own_interpreter()
    place, state = tmp_path / "bin", tmp_path / "state"
    place.mkdir()
    state.mkdir()
    (state / "record.json").write_text("{}")
    (place / "python3").symlink_to(own["path"])
    system = System()
    system.environ = dict(os.environ, PATH=str(place))
    # Called by another name than its own, it is one that must be asked.
    system.own_interpreter = lambda: dict(own, path="/nonexistent/python3")

    def ask():
        answers = {"path": str(state / "pythons.json"), "record": str(state / "record.json"), "may_write": True}
        return find_pythons(system, answers=answers)

    first = ask()
    kept = json.loads((state / "pythons.json").read_text())["pythons"][own["path"]]
    assert (kept["version"], kept["library"]) == (sys.version.split()[0].rstrip("+"), os.path.dirname(os.__file__))
    asked = []
    run_all = system.run_all
    system.run_all = lambda commands, timeout: asked.extend(commands) or run_all(commands, timeout)
    assert ask() == first
    assert asked == []
