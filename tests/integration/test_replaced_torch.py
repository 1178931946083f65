# Copyright (c) 2026 the edgeai.fleet authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A torch that a user replaced with pip: verify names it, torch_repair repairs it, and a CI can read both."""

from __future__ import annotations

import hashlib
import json
import subprocess
import zipfile
from base64 import urlsafe_b64encode
from pathlib import Path
from xml.etree import ElementTree

import jsonschema
import referencing
from playbook_runs import REPOSITORY, Operator


def namesake(folder: Path) -> Path:
    """Write a wheel that calls itself a newer torch, as a careless `pip install -U` may install one."""
    files = {
        "torch/__init__.py": "__version__ = '99.0'\nclass Tensor:\n    pass\n",
        "torch-99.0.dist-info/METADATA": "Metadata-Version: 2.1\nName: torch\nVersion: 99.0\n",
        "torch-99.0.dist-info/WHEEL": "Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
    }
    lines = [
        f"{name},sha256={urlsafe_b64encode(hashlib.sha256(text.encode()).digest()).rstrip(b'=').decode()},{len(text)}"
        for name, text in files.items()
    ]
    files["torch-99.0.dist-info/RECORD"] = "\n".join([*lines, "torch-99.0.dist-info/RECORD,,", ""])
    wheel = folder / "torch-99.0-py3-none-any.whl"
    with zipfile.ZipFile(wheel, "w") as archive:
        for name, text in files.items():
            archive.writestr(name, text)
    return wheel


def validate(report: dict) -> None:
    schemas = (REPOSITORY / "docs" / "schemas").glob("*.schema.json")
    registry = referencing.Registry().with_resources(
        (path.name, referencing.Resource.from_contents(json.loads(path.read_text(encoding="utf-8"))))
        for path in schemas
    )
    jsonschema.Draft202012Validator({"$ref": "report.schema.json"}, registry=registry).validate(report)


def test_a_replaced_torch_is_named_and_mended(local: Operator):
    root = local.directory / "torch"
    first = local.provision()
    assert first.status == 0, first.output
    validate(first.report)
    locked = first.verdict()["torch"]

    # The guard in the environment refuses this; here it is bypassed.
    subprocess.run(
        [
            root / "current" / "bin" / "python",
            "-m",
            "pip",
            "install",
            "--quiet",
            "--no-index",
            "--no-deps",
            "--upgrade",
            namesake(local.directory),
        ],
        env={"PIP_CONFIG_FILE": "/dev/null"},
        check=True,
    )

    told = local.run("verify")
    assert told.status == 2, told.output
    assert told.changed() == 0
    verdict = told.verdict()
    assert (verdict["satisfied"], verdict["diagnosis"]["id"]) == (False, "ENV-01")
    assert f"torch 99.0 is in this environment, where {locked} was installed" in verdict["diagnosis"]["cause"]
    (suite,) = ElementTree.parse(local.directory / "reports" / "latest" / "junit.xml").getroot()  # noqa: S314 (our own)
    assert suite.get("name") == "localhost" and suite[0].find("failure").get("type") == "error"

    mended = local.run("verify", torch_repair=True)
    assert mended.status == 0, mended.output
    assert mended.verdict()["satisfied"] and mended.verdict()["torch"] == locked
    assert (root / "current").readlink().name.endswith("-2")
    validate(mended.report)

    again = local.run("verify", torch_repair=True)
    assert (again.status, again.changed()) == (0, 0), again.output
