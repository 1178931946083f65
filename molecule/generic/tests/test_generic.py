# Copyright (c) 2026 the edgeai.fleet authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A board of no other family: served by a row of the operator's, and without it refused with a reason."""

import json

# pytest sorts the tests by the board that they ask for, so each asks for it: the last one provisions anew.
ROOT = "/opt/edgeai/torch"


def test_torch_multiplies_for_the_user_of_the_workload(multiply, record):
    version, product = multiply("vision")
    assert version == record["verdict"]["torch"].split("+")[0]
    assert product == 27.0


def test_the_record_says_satisfied(record):
    verdict = record["verdict"]
    assert (verdict["satisfied"], verdict["outcome"], verdict["user"]) == (True, "cpu", "vision"), verdict["reason"]


def test_the_row_of_the_operator_gave_it(host, state):
    assert host.file(f"{ROOT}/current").is_symlink
    board = json.loads((state / "reports" / "latest" / "report.json").read_text(encoding="utf-8"))["boards"]["unknown"]
    assert (board["board"]["family"], board["plan"]["row"]) == ("generic", "our-torch")


def test_without_that_row_it_is_refused_and_nothing_changes(host, provision):
    before = host.file(f"{ROOT}/current").linked_to
    status, boards = provision(torch_catalogue=[])
    verdict = boards["unknown"]["verdict"]
    assert status != 0
    assert verdict["outcome"] == "refused"
    assert "x86_conda" in verdict["reason"]
    assert host.file(f"{ROOT}/current").linked_to == before
