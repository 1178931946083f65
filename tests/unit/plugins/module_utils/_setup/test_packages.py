# Copyright (c) 2026 the edgeai.fleet authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Which packages an installation has added. tests/integration/test_remove.py asks the real dpkg."""

import json

import pytest
from ansible_collections.edgeai.fleet.plugins.module_utils._base.errors import EnvironmentProblem
from ansible_collections.edgeai.fleet.plugins.module_utils._root.additions import read_additions
from ansible_collections.edgeai.fleet.plugins.module_utils._setup.packages import (
    PackageDatabase,
    begin_installation,
    end_installation,
)

# What dpkg prints for edge-data and edge-tool, when an application of someone else needs edge-data.
NEEDED = """dpkg: dependency problems prevent removal of edge-data:
 vision-app depends on edge-data.

dpkg: error processing package edge-data (--purge):
 dependency problems - not removing
Would remove or purge edge-tool (1.0) ...
Errors were encountered while processing:
 edge-data
"""


class Board(object):
    """A board with these packages."""

    def __init__(self, *names):
        self.names, self.calls, self.answers = set(names), [], {}

    def run(self, argv):
        self.calls.append(argv)
        if argv[0] == "dpkg-query":
            return 0, "".join("ii  %s\n" % name for name in sorted(self.names)) + "rc  gone\n", ""
        if argv[0] in ("rpm", "pacman") and argv[1] in ("-qa", "-Qq"):
            return 0, "".join("%s%s\n" % ("" if argv[0] == "pacman" else "ii  ", name) for name in self.names), ""
        return self.answers.get(argv[1], (0, "", ""))


def test_what_came_is_recorded_and_what_was_there_is_not(tmp_path):
    board, root = Board("libc6:amd64", "python3"), str(tmp_path / "torch")
    database = PackageDatabase(board.run, "apt")
    assert begin_installation(database, root, ["python3"]) == []
    assert not (tmp_path / "torch").exists()
    assert begin_installation(database, root, ["python3", "libopenblas0", "edge"], check_mode=True)
    assert not (tmp_path / "torch").exists()
    assert begin_installation(database, root, ["python3", "libopenblas0", "edge"]) == ["edge", "libopenblas0"]
    board.names |= {"libopenblas0:amd64", "libgfortran5:amd64", "edge"}
    assert end_installation(database, root) == ["edge", "libgfortran5:amd64", "libopenblas0:amd64"]
    recorded = read_additions(root).of("package")
    assert [(entry["name"], entry["asked"]) for entry in recorded] == [
        ("edge", True),
        ("libgfortran5:amd64", False),
        ("libopenblas0:amd64", True),
    ]
    assert end_installation(database, root) == []


def test_after_a_power_cut_only_what_was_asked_for_is_ours(tmp_path):
    board, root = Board("libc6"), str(tmp_path)
    database = PackageDatabase(board.run, "apt")
    begin_installation(database, root, ["edge"])
    board.names |= {"edge", "installed-by-someone"}
    assert begin_installation(database, root, ["edge", "more"]) == ["more"]
    board.names.add("more")
    end_installation(database, root)
    assert [entry["name"] for entry in read_additions(root).of("package")] == ["edge", "more"]


def test_a_damaged_note_records_nothing(tmp_path):
    board, root = Board("libc6"), str(tmp_path)
    database = PackageDatabase(board.run, "apt")
    begin_installation(database, root, ["edge"])
    (tmp_path / "state" / "packages.before.json").write_text(json.dumps({"asked": "edge", "installed": []}))
    assert end_installation(database, root) == []


def test_what_others_need_stays():
    board = Board("edge-data", "edge-tool", "vision-app")
    answers = iter([(1, "", NEEDED), (0, "", "")])
    database = PackageDatabase(lambda argv: next(answers) if "--no-act" in argv else board.run(argv), "apt")
    removable, kept = database.split_removable(["edge-tool", "edge-data"])
    assert (removable, kept) == (["edge-tool"], {"edge-data": "needed by vision-app"})


def test_an_answer_that_is_not_understood_ends_it():
    board = Board("edge-data")
    board.answers["--no-act"] = (2, "", "dpkg: error: dpkg frontend lock was locked by another process")
    with pytest.raises(EnvironmentProblem, match="frontend lock was locked"):
        PackageDatabase(board.run, "apt").split_removable(["edge-data"])
    board.answers["--purge"] = (1, "", "post-removal script failed")
    with pytest.raises(EnvironmentProblem, match="left edge-data: .*script failed"):
        PackageDatabase(board.run, "apt").remove(["edge-data"])


def test_rpm_and_pacman_keep_all_where_one_is_needed():
    board = Board("openblas", "gcc")
    board.answers["-e"] = (1, "", "error: Failed dependencies:\n\tlibopenblas.so.0 is needed by (installed) app-1\n")
    left, kept = PackageDatabase(board.run, "dnf").split_removable(["openblas", "gcc"])
    assert (left, sorted(kept)) == ([], ["gcc", "openblas"])
    assert "is needed by (installed) app-1" in kept["gcc"]
    assert PackageDatabase(board.run, "pacman").installed() == {"openblas", "gcc"}


def test_a_database_without_any_package():
    """pacman ends with 1 and says nothing; of a fault it says something."""
    assert PackageDatabase(lambda argv: (1, "", ""), "pacman").installed() == set()
    for manager, said in (("pacman", "error: could not open database"), ("apt", ""), ("dnf", "")):
        with pytest.raises(EnvironmentProblem, match="ended with status 1"):
            PackageDatabase(lambda argv, said=said: (1, "", said), manager).installed()


def test_an_unknown_manager_is_named():
    with pytest.raises(EnvironmentProblem, match="manager apk is not known"):
        PackageDatabase(None, "apk")
