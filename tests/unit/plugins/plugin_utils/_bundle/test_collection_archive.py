# Copyright (c) 2026 the edgeai.fleet authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import io
import json
import os
import tarfile

import pytest
from ansible_collections.edgeai.fleet.plugins.plugin_utils._bundle import collection_archive, layout

GALAXY = """namespace: edgeai
name: fleet
version: 1.2.3
authors: [nobody]
readme: README.md
"""


def members(archive: bytes) -> dict[str, bytes | None]:
    with tarfile.open(fileobj=io.BytesIO(archive)) as tar:
        return {one.name: stream.read() if (stream := tar.extractfile(one)) else None for one in tar}


@pytest.mark.slow
def test_of_a_checkout_and_of_what_it_installs(tmp_path):
    checkout = tmp_path / "checkout"
    for name, text in {
        "galaxy.yml": GALAXY,
        "README.md": "x",
        "meta/runtime.yml": "requires_ansible: '>=2.16'",
        "plugins/modules/thing.py": "pass\n",
        "inventory.yml": "all: {vars: {ansible_password: s3cret}}",
        ".cache/big": "junk",
    }.items():
        (checkout / name).parent.mkdir(parents=True, exist_ok=True)
        (checkout / name).write_text(text)
    filename, archive = collection_archive.make_archive(checkout)
    assert filename == "edgeai-fleet-1.2.3.tar.gz"
    found = members(archive)
    assert list(found)[:2] == ["MANIFEST.json", "FILES.json"] and found["plugins/modules/thing.py"] == b"pass\n"
    # Secrets of the person who makes the bundle stay where they are.
    assert not {"inventory.yml", ".cache", ".cache/big"} & set(found) and b"inventory.yml" not in found["FILES.json"]

    for path in checkout.rglob("*"):
        os.utime(path, (1, 1))
    assert collection_archive.make_archive(checkout) == (filename, archive)
    assert "inventory.yml" in members(collection_archive.make_archive(checkout, parts=None)[1])

    installed = tmp_path / "installed"
    with tarfile.open(fileobj=io.BytesIO(archive)) as tar:
        tar.extractall(installed, filter="data")
    assert collection_archive.make_archive(installed) == (filename, archive)
    (installed / "plugins/modules/thing.py").write_text("import os\n")
    with pytest.raises(layout.BundleError, match=r"thing\.py is not as it was published"):
        collection_archive.make_archive(installed)
    json.loads(found["MANIFEST.json"])


@pytest.mark.slow
def test_a_checkout_that_is_no_collection(tmp_path):
    with pytest.raises(layout.BundleError, match="cannot build the archive of the collection in"):
        collection_archive.make_archive(tmp_path)
