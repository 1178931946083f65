# Copyright (c) 2026 the edgeai.fleet authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Record what PyPI's wheels of torch are, in tools/data/torch_wheels.json.

    PYTHONPATH=.build/collections .build/test/bin/python tools/torch_wheels.py

reads the first index of pip's configuration and, of one wheel for each release and architecture, what its own files
say: the CUDA that it was built with (torch/version.py) and the compute capabilities that it has code for (in
libtorch_python.so, whose text torch.cuda.get_arch_list returns). Of each wheel only these are fetched, some 15 MB.
Releases that are recorded already are not read again. Of the newest wheel, torch.cuda.PYTORCH_RELEASES_CODE_CC is
recorded, too: what PyTorch itself says about its builds for each CUDA. tests/unit/docs/test_torch_wheels.py compares
the catalogue's rows with the file.
"""

from __future__ import annotations

import ast
import datetime
import json
import re
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
DATA = ROOT / "tools/data/torch_wheels.json"
sys.path.append(str(ROOT / "tests/index"))

from ansible_collections.edgeai.fleet.plugins.plugin_utils._base.packaging_shim import Version  # noqa: E402
from pypi import Index, Wheel  # noqa: E402  (the line above finds it)
from remote import opened  # noqa: E402

FIRST = Version("2.0.0")
ARCHITECTURES = ("x86_64", "aarch64")
BLOCK = 1 << 22


def capability(name: str) -> str:
    """sm_87 as 8.7, sm_120 as 12.0."""
    number = re.sub(r"\D", "", name)
    return f"{number[:-1]}.{number[-1]}"


def code_of(library: bytes) -> list[str]:
    """The compute capabilities in the list that libtorch_python.so has of its build's flags; none in a CPU build."""
    lists = re.findall(rb"(?:sm|compute)_\d+[a-z]?(?: (?:sm|compute)_\d+[a-z]?)+", library)
    names = max(lists, key=len, default=b"").decode().split()
    return sorted({capability(name) for name in names if name.startswith("sm_")}, key=Version)


def releases_of(source: str) -> dict[str, list[str]]:
    """torch.cuda.PYTORCH_RELEASES_CODE_CC: by CUDA, the compute capabilities that PyTorch builds for."""
    for node in ast.walk(ast.parse(source)):
        target = getattr(node, "target", None) or next(iter(getattr(node, "targets", [])), None)
        if isinstance(node, (ast.Assign, ast.AnnAssign)) and getattr(target, "id", "") == "PYTORCH_RELEASES_CODE_CC":
            return {
                ast.literal_eval(cuda): sorted(
                    {capability(str(number)) for number in re.findall(r"\b\d{2,3}\b", ast.unparse(codes))}, key=Version
                )
                for cuda, codes in zip(node.value.keys, node.value.values, strict=True)
            }
    raise LookupError("torch/cuda/__init__.py has no PYTORCH_RELEASES_CODE_CC")


def read(index: Index, wheel: Wheel) -> dict:
    with opened(wheel.url, index.configuration, BLOCK) as archive:
        cuda = re.search(r"^cuda\b.*=\s*(?:'([\d.]+)'|None)", archive.read("torch/version.py").decode(), re.M)
        code = code_of(archive.read("torch/lib/libtorch_python.so"))
    return {"cuda": cuda[1] if cuda else None, "capabilities": code}


def pythons(wheels: list[Wheel]) -> list[str]:
    """The Pythons that have a wheel: those of free-threaded builds do not count."""
    found = {
        f"3.{match[1]}"
        for wheel in wheels
        for tag in wheel.tags
        if (match := re.fullmatch(r"cp3(\d+)", tag.interpreter)) and not tag.abi.endswith("t")
    }
    return sorted(found, key=Version)


def main() -> None:
    index, today = Index(), str(datetime.datetime.now(tz=datetime.timezone.utc).date())
    known = json.loads(DATA.read_text("utf-8")) if DATA.exists() else {"wheels": []}
    recorded = {(one["version"], one["architecture"]): one for one in known["wheels"]}
    found, newest = [], None
    for version in sorted({wheel.version for wheel in index.wheels("torch") if wheel.version >= FIRST}):
        for architecture in ARCHITECTURES:
            wheels = [
                wheel
                for wheel in index.wheels("torch")
                if wheel.version == version
                and any("manylinux" in tag.platform and tag.platform.endswith(architecture) for tag in wheel.tags)
                and all(tag.interpreter.startswith("cp") for tag in wheel.tags)
            ]
            if not wheels:
                continue
            newest = sample = max(
                wheels, key=lambda wheel: (not any(tag.abi.endswith("t") for tag in wheel.tags), wheel.filename)
            )
            old = recorded.get((str(version), architecture), {})
            facts = (
                {name: old[name] for name in ("cuda", "capabilities", "read")}
                if old.get("sha256") == sample.sha256
                else {**read(index, sample), "read": today}
            )
            found.append(
                {
                    "version": str(version),
                    "architecture": architecture,
                    "pythons": pythons(wheels),
                    "platforms": sorted({tag.platform for tag in sample.tags}),
                    "url": sample.url,
                    "sha256": sample.sha256,
                    **facts,
                }
            )
            print(version, architecture, facts, flush=True)
    with opened(newest.url, index.configuration, BLOCK) as archive:
        releases = releases_of(archive.read("torch/cuda/__init__.py").decode())
    known = {"wheels": found, "releases": {"url": newest.url, "sha256": newest.sha256, "read": today, "code": releases}}
    DATA.write_text(json.dumps(known, indent=1) + "\n", "utf-8")


if __name__ == "__main__":
    main()
