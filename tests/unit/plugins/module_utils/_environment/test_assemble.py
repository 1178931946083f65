# Copyright (c) 2026 the edgeai.fleet authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The owner, the guard of torch, and the paths of an environment."""

import json
import os
import pwd
import sys

import pytest
from ansible_collections.edgeai.fleet.plugins.module_utils._environment.present import ensure_present
from environment_support import pip_artifact, pip_install, problem, run_python


def test_an_owner_that_does_not_exist(bench):
    before = bench.tree()
    assert "user no_such_user does not exist" in problem(ensure_present, bench.options([], owner="no_such_user"), False)
    assert bench.tree() == before


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give files away")
def test_the_environment_belongs_to_its_owner(bench):
    torch = bench.wheel("torch")
    nobody = pwd.getpwnam("nobody")
    built = bench.present([torch], owner="nobody")
    assert set(
        os.lstat(os.path.join(folder, name)).st_uid
        for folder, folders, files in os.walk(os.path.join(built["path"], "lib"))
        for name in folders + files
    ) == {nobody.pw_uid}
    assert os.stat(built["python"]).st_uid == os.stat(sys.executable).st_uid, "a link was followed"
    assert not bench.present([torch], owner="nobody")["changed"]
    back = bench.present([torch], owner="root")
    assert (back["changed"], back["generation"], os.stat(built["path"]).st_uid) == (True, 1, 0)


def test_a_later_pip_install_cannot_exchange_torch(bench):
    pip = pip_artifact()
    if int(pip["version"].split(".")[0]) < 22:
        pytest.skip("this Python brings pip %s, which knows no constraint on a file" % pip["version"])
    built = bench.present([bench.wheel("torch", "2.9.1"), pip])
    bench.wheel("torch", "3.0")
    bench.wheel("content", requires=["torch>=2"])
    bench.wheel("greedy", requires=["torch==3.0"])
    status, output = pip_install(built["python"], "--find-links", bench.wheels, "greedy")
    assert (status, "ResolutionImpossible" in output) == (1, True), output
    status, output = pip_install(built["python"], "--find-links", bench.wheels, "content")
    assert status == 0, output
    assert run_python(built["path"], "import torch, content; print(torch.__version__)") == "2.9.1"
    assert not bench.present([bench.wheel("torch", "2.9.1"), pip])["changed"], "an added package is no damage"


@pytest.mark.parametrize("system_site_packages", [False, True])
def test_packages_of_a_vendors_environment_stay_importable(bench, system_site_packages):
    site, further = os.path.join(bench.folder, "vendor's", "site-packages"), os.path.join(bench.folder, "further")
    for path, text in (
        (site + "/pynq/__init__.py", "import torch"),
        (site + "/torch/__init__.py", '__version__ = "the vendor\'s"'),
        (site + "/further.pth", further + "\n"),
        (further + "/overlay.py", "answer = 42"),
    ):
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "w") as stream:
            stream.write(text)
    before = bench.tree()
    gone = os.path.join(bench.folder, "gone")
    built = bench.present(
        [bench.wheel("torch", "2.9.1")], paths=[site, gone], system_site_packages=system_site_packages
    )
    code = (
        "import sys; sys.dont_write_bytecode = True; import pynq, overlay; print(pynq.torch.__version__,"
        " overlay.answer)"
    )
    assert run_python(built["path"], code) == "2.9.1 42"
    assert [entry for entry in bench.tree() if entry[0].startswith((site, further))] == [
        entry for entry in before if entry[0].startswith((site, further))
    ]
    with open(os.path.join(built["path"], ".complete")) as stream:
        assert json.load(stream)["paths"] == [site, gone]
    order = run_python(built["path"], 'import sys; print(*sys.path, sep="\\n")').splitlines()
    own = order.index(bench.site(built["path"]))
    assert order[own + 1 : own + 3] == [site, further]
    assert not bench.present([bench.wheel("torch", "2.9.1")], paths=[site, gone])["changed"]


def test_a_path_that_is_not_absolute(bench):
    assert (
        problem(ensure_present, bench.options([bench.wheel("torch")], paths=["site-packages"]), False)
        == "paths: site-packages is not an absolute path"
    )
