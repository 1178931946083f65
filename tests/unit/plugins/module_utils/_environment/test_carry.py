# Copyright (c) 2026 the edgeai.fleet authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Packages that someone added to the current environment."""

import os
import subprocess

from environment_support import pip_artifact, pip_install


def test_packages_that_someone_added_are_carried(bench):
    pip, old, new = pip_artifact(), bench.wheel("torch", "2.9.1"), bench.wheel("torch", "2.10.0")
    first = bench.present([old, pip])
    bench.current(first)
    extra = bench.wheel(
        "extra_tool",
        "3.1",
        files={"extra_tool/__init__.py": "def main():\n    import sys\n    print(sys.prefix)\n"},
        scripts=["extra"],
    )
    editable = os.path.join(bench.site(first["path"]), "mine-1.dist-info")
    os.mkdir(editable)
    for name, text in (
        ("RECORD", ""),
        ("METADATA", "Metadata-Version: 2.1\nName: mine\nVersion: 1\n"),
        ("direct_url.json", '{"url": "file:///home/me", "dir_info": {"editable": true}}'),
    ):
        with open(os.path.join(editable, name), "w") as stream:
            stream.write(text)
    status, output = pip_install(first["python"], extra["path"])
    assert status == 0, output
    second = bench.present([new, pip], id="bbb")
    assert second["carried"] == ["extra_tool"]
    assert len(second["warnings"]) == 1
    assert "mine was added by someone" in second["warnings"][0]
    assert "editable" in second["warnings"][0]
    assert subprocess.check_output([os.path.join(second["path"], "bin", "extra")]).decode().strip() == second["path"]
    switched = bench.current(second)
    assert any("mine" in warning and "extra_tool" not in warning for warning in switched["warnings"])
    # Carried packages stay user-added: they go on into the next one.
    os.unlink(os.path.join(bench.site(second["path"]), "torch", "__init__.py"))
    assert bench.present([new, pip], id="bbb")["carried"] == ["extra_tool"]


def test_added_packages_are_only_named_if_that_is_wanted(bench):
    pip = pip_artifact()
    bench.current(bench.present([bench.wheel("torch", "2.9.1"), pip]))
    status, output = pip_install(os.path.join(bench.root, "current", "bin", "python"), bench.wheel("extra")["path"])
    assert status == 0, output
    second = bench.present([bench.wheel("torch", "2.10.0"), pip], id="bbb", carry_packages=False)
    assert (second["carried"], second["warnings"]) == (
        [],
        ["these packages that someone added are not in the new environment: extra"],
    )


def test_a_list_of_files_cannot_reach_outside(bench):
    """RECORD is the owner's: root must not copy /etc/shadow into an environment of that user."""
    first = bench.present([bench.wheel("torch", "2.9.1")])
    bench.current(first)
    secret = os.path.join(bench.folder, "secret")
    open(secret, "w").close()
    site = bench.site(first["path"])
    os.symlink(bench.folder, os.path.join(site, "out"))
    for name, line in (("one", "../../../../../../secret,,"), ("two", "out/secret,,")):
        info = os.path.join(site, name + "-1.dist-info")
        os.mkdir(info)
        with open(os.path.join(info, "RECORD"), "w") as stream:
            stream.write("%s\n%s-1.dist-info/RECORD,,\n" % (line, name))
    second = bench.present([bench.wheel("torch", "2.10.0")], id="bbb")
    assert second["carried"] == []
    assert all("outside its environment" in warning for warning in second["warnings"])
    assert len(second["warnings"]) == 2
