# Copyright (c) 2026 the edgeai.fleet authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""<root>/bin/python."""

import os
import subprocess


def test_the_wrapper_resolves_current_once(bench):
    first = bench.build_torch("aaa", "1.0", environment={"GREETING": "it's $HOME"})
    second = bench.build_torch("bbb", "2.0")
    bench.current(first)
    wrapper = os.path.join(bench.root, "bin", "python")
    code = "\n".join(
        [
            'print("up", flush=True)',
            "input()",
            "import os, sys, torch",
            'print(torch.__version__, sys.prefix, os.environ["EDGEAI_ENVIRONMENT"], os.environ["GREETING"])',
        ]
    )
    process = subprocess.Popen([wrapper, "-c", code], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    assert process.stdout.readline() == b"up\n"  # it has resolved `current` by now
    bench.current(second)
    output = process.communicate(b"\n")[0].decode().strip()
    path = os.path.realpath(first["path"])
    assert output == "1.0 %s %s it's $HOME" % (path, path)
    constraint = subprocess.check_output(
        [wrapper, "-c", 'import os; print(open(os.environ["UV_CONSTRAINT"]).read())']
    ).decode()
    assert constraint.startswith("torch @ file:///")
    assert "torch-2.0" in constraint


def test_the_wrapper_is_repaired_and_says_what_is_missing(bench):
    built = bench.build_torch("aaa", "1.0")
    bench.current(built)
    wrapper = os.path.join(bench.root, "bin", "python")
    with open(wrapper, "a") as stream:
        stream.write("echo extra\n")
    assert bench.current(built)["changed"]
    assert not bench.current(built)["changed"]
    os.unlink(os.path.join(bench.root, "current"))
    process = subprocess.Popen([wrapper, "-c", "1"], stderr=subprocess.PIPE)
    assert "there is no current environment" in process.communicate()[1].decode()
    assert process.returncode == 1
