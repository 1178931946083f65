# Copyright (c) 2026 the edgeai.fleet authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

import os
import shutil
import sys

from ansible_collections.edgeai.fleet.plugins.module_utils._board.pythons import ANSWER, QUESTION, find_pythons
from ansible_collections.edgeai.fleet.plugins.module_utils._board.system import System


def executable(path, text):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    path.chmod(0o755)


class Here(System):
    """This machine with a PATH of the test's."""

    def __init__(self, *places):
        super().__init__()
        self.environ = dict(os.environ, PATH=os.pathsep.join(map(str, places)))


def test_interpreters_of_a_path(tmp_path):
    real = System().own_interpreter()["path"]
    bin_, other, venv = tmp_path / "bin", tmp_path / "other", tmp_path / "venv"
    executable(bin_ / "python3", "#!/bin/sh\nexec pyenv exec python3\n")  # pyenv's shim
    for place in (other, venv / "bin"):
        place.mkdir(parents=True)
        (place / "python3").symlink_to(real)
    (venv / "pyvenv.cfg").write_text("home = /usr/bin\n")
    executable(other / "python3.99", "\x7fELF broken")
    (other / "python3.98").symlink_to("/nonexistent/python")
    executable(other / "python3.7-config", "no interpreter")

    pythons, warnings = find_pythons(Here(venv / "bin", bin_, other))
    assert [python["default"] for python in pythons] == [True] + [False] * (len(pythons) - 1)
    assert pythons[0] == {
        "path": str(other / "python3"),
        "version": "%d.%d.%d" % sys.version_info[:3],
        "implementation": "cpython",
        "externally_managed": pythons[0]["externally_managed"],
        "default": True,
    }
    assert len(set(os.path.realpath(python["path"]) for python in pythons)) == len(pythons)
    assert [text for text in warnings if str(tmp_path) in text] == [
        "%s/python3.98 is not a file: it is skipped" % other,
        "%s/python3.99 does not work (it cannot be started, or gave no answer within 60 s): it is skipped" % other,
    ]


def test_a_child_answers_like_the_interpreter_itself():
    own = System().own_interpreter()
    status, out, _err = System().run([own["path"], "-I", "-S", "-c", QUESTION], 60)
    assert status == 0
    assert ANSWER.match(out).groups() == (
        own["implementation"],
        own["version"],
        str(int(own["externally_managed"])),
        os.path.dirname(os.__file__),
    )


def test_torch_python_is_looked_at_where_nobody_expects_one(tmp_path):
    real = System().own_interpreter()["path"]
    wanted = tmp_path / "somewhere" / "interpreter"
    wanted.parent.mkdir()
    wanted.symlink_to(real)
    pythons, warnings = find_pythons(Here(), torch_python=str(wanted))
    assert str(wanted) in [python["path"] for python in pythons]

    script = tmp_path / "script"
    executable(script, "#!/bin/sh\n")
    assert (
        "torch_python: %s is a script: give the real interpreter behind it" % script
        in find_pythons(Here(), torch_python=str(script))[1]
    )
    missing = str(tmp_path / "missing")
    assert "%s is not a file: it is skipped" % missing in find_pythons(Here(), torch_python=missing)[1]


def test_an_interpreter_out_of_the_workloads_reach(tmp_path):
    place = tmp_path / "closed"
    place.mkdir()
    shutil.copy(System().own_interpreter()["path"], str(place / "python3"))
    # pytest closes its directories to others when a session begins; parallel runs have one level more.
    below_root = [parent for parent in tmp_path.parents if any(part.startswith("pytest-of-") for part in parent.parts)]
    for directory in [tmp_path] + below_root:
        directory.chmod(0o755)
    stranger = {"name": "stranger", "uid": 65533, "gids": [65533]}
    place.chmod(0o700)

    def complaints(workload):
        return [
            text
            for text in find_pythons(Here(place), workload=workload)[1]
            if "cannot run" in text and str(place) in text
        ]

    assert complaints(stranger) == [
        "interpreters that the user stranger cannot run because of the mode of %s are skipped: %s/python3"
        % (place, place)
    ]
    assert complaints(dict(stranger, uid=os.stat(str(place)).st_uid)) == []
    place.chmod(0o710)
    assert complaints(dict(stranger, gids=[65533, os.stat(str(place)).st_gid])) == []
    place.chmod(0o755)
    assert complaints(stranger) == []
