# Copyright (c) 2026 the edgeai.fleet authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""An audit reads every file, and says what differs from the wheels."""

import json
import os

from ansible_collections.edgeai.fleet.plugins.module_utils._base.hashes import hash_file
from ansible_collections.edgeai.fleet.plugins.module_utils._environment.audit import (
    LIMIT,
    audit_files,
    audit_packages,
    audit_root,
)


def change_in_place(path):
    """Another content of the same size and time: stat sees nothing."""
    before = os.stat(path)
    with open(path, "r+b") as stream:
        first = stream.read(1)
        stream.seek(0)
        stream.write(bytes([first[0] ^ 1]))
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))


def test_what_differs_is_named(bench):
    built = bench.present([bench.wheel("torch", "1.0"), bench.wheel("numpy", "2.0"), bench.wheel("idle", "3.0")])
    bench.current(built)
    before = bench.tree()
    clean = audit_root(bench.root)
    assert clean["environment"] == "aaa-1" and clean["recorded"]
    assert clean["files"]["checked"] > 3 and clean["files"]["unchecked"] >= 3
    assert [clean["files"][kind]["count"] for kind in ("changed", "missing", "foreign")] == [0, 0, 0]
    assert clean["packages"] == {"added": [], "changed": [], "missing": []}
    assert bench.tree() == before, "an audit writes nothing"

    site = bench.site(built["path"])
    change_in_place(os.path.join(site, "torch", "__init__.py"))
    assert audit_root(bench.root)["damage"] == [], "size and time are the same"
    os.rename(os.path.join(site, "numpy-2.0.dist-info"), os.path.join(site, "numpy-2.1.dist-info"))
    os.unlink(os.path.join(site, "idle", "__init__.py"))
    os.mkdir(os.path.join(site, "added-4.0.dist-info"))
    open(os.path.join(built["path"], "data.bin"), "w").close()
    found = audit_root(bench.root)
    inside = os.path.relpath(site, built["path"])
    assert found["files"]["changed"]["names"] == [os.path.join(inside, "torch", "__init__.py")]
    assert os.path.join(inside, "idle", "__init__.py") in found["files"]["missing"]["names"]
    assert found["files"]["foreign"]["names"] == ["data.bin"]
    assert found["packages"]["added"] == ["added 4.0"]
    assert found["packages"]["changed"] == [{"name": "numpy", "installed": "2.1", "locked": "2.0"}]


def test_a_list_that_leads_outside_is_not_followed(bench):
    built = bench.present([bench.wheel("torch", "1.0")])
    secret = os.path.join(bench.folder, "secret")
    open(secret, "w").close()
    open(os.path.join(bench.site(built["path"]), "broken"), "w").close()
    record = os.path.join(bench.site(built["path"]), "torch-1.0.dist-info", "RECORD")
    with open(record, "a") as stream:
        stream.write("../../../../../../secret,sha256=AAAA,0\n/etc/shadow,sha256=AAAA,0\nbroken,sha256=%%%,\n")
    found = audit_files(built["path"])
    assert (found["changed"]["count"], found["missing"]["count"]) == (0, 0)


def test_conda_packages_have_lists_of_their_own(tmp_path):
    env = tmp_path / "env"
    (env / "conda-meta").mkdir(parents=True)
    for name in ("good", "bad"):
        (env / name).write_text(name)
    (env / "link").symlink_to("good")
    paths = [
        {"_path": "good", "path_type": "hardlink", "sha256_in_prefix": hash_file(str(env / "good"))},
        {"_path": "bad", "path_type": "hardlink", "sha256_in_prefix": "0" * 64},
        {"_path": "link", "path_type": "softlink", "sha256_in_prefix": "0" * 64},
        {"_path": "gone", "path_type": "hardlink", "sha256": "0" * 64},
        "nonsense",
    ]
    entry = {"name": "pytorch", "version": "2.6.0", "files": ["good", "bad"], "paths_data": {"paths": paths}}
    (env / "conda-meta" / "pytorch-2.6.0-0.json").write_text(json.dumps(entry))
    (env / "conda-meta" / "broken.json").write_text("[")
    found = audit_files(str(env))
    assert (found["changed"]["names"], found["missing"]["names"]) == (["bad"], ["gone"])
    assert (found["checked"], found["unchecked"]) == (3, 1)
    wheels = [{"name": "pytorch", "version": "2.7.0"}, {"name": "blas", "version": "1"}]
    packages = audit_packages(str(env), {"wheels": wheels, "distributions": ["torch"]})
    assert packages["changed"] == [{"name": "pytorch", "installed": "2.6.0", "locked": "2.7.0"}]
    assert packages["missing"] == ["blas"]


def test_nothing_there_and_an_unfinished_environment(bench):
    assert audit_root(bench.root)["environment"] is None
    built = bench.present([bench.wheel("torch", "1.0")])
    bench.current(built)
    os.unlink(os.path.join(built["path"], ".complete"))
    assert "is not complete" in audit_root(bench.root)["damage"][0]


def test_a_message_has_a_limit(bench):
    files = dict(("torch/f%02d.py" % number, "x") for number in range(LIMIT + 5))
    built = bench.present([bench.wheel("torch", "1.0", files=files)])
    site = bench.site(built["path"])
    for number in range(LIMIT + 5):
        os.unlink(os.path.join(site, "torch", "f%02d.py" % number))
    found = audit_files(built["path"])["missing"]
    assert (found["count"], len(found["names"])) == (LIMIT + 5, LIMIT)
