# Copyright (c) 2026 the edgeai.fleet authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to edgeai.fleet: its interface may change in any release.

"""Run the worker, on a board or on the control node."""

import json
import os

from .._base.errors import EnvironmentProblem
from .._rattler import worker


class CondaProblem(EnvironmentProblem):
    """A problem that the worker reports. `kind` is one of spec, channel, lacking, conflict, hash, platform, other."""

    def __init__(self, kind, text):
        EnvironmentProblem.__init__(self, text)
        self.kind = kind


def ask_worker(request, python, rattler, work, execute):
    """The worker's answer to a request.

    rattler is its directory, None if the interpreter `python` has rattler installed; work an empty directory; execute
    runs a command line.
    """
    names = dict((name, os.path.join(work, name)) for name in ("worker.py", "request.json", "answer.json"))
    # On a board, module_utils are in AnsiballZ's zip archive: the source comes from its loader, not from a path.
    # Ansible's own loader returns bytes.
    for name, text in (
        ("worker.py", worker.__spec__.loader.get_source(worker.__name__)),
        ("request.json", json.dumps(request)),
    ):
        with open(names[name], "wb") as stream:
            stream.write(text if isinstance(text, bytes) else text.encode("utf-8"))
    execute(
        [python, "-I", names["worker.py"], names["request.json"], names["answer.json"]] + ([rattler] if rattler else [])
    )
    with open(names["answer.json"], "rb") as stream:
        answer = json.loads(stream.read().decode("utf-8"))
    if "error" in answer:
        raise CondaProblem(answer["error"]["kind"], answer["error"]["text"])
    return answer
