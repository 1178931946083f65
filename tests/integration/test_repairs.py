# Copyright (c) 2026 the edgeai.fleet authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""torch_repair puts right what a later pip install replaced: a companion of torch, and numpy on an old processor."""

from __future__ import annotations

import hashlib
import subprocess
import sys
import zipfile
from base64 import urlsafe_b64encode
from pathlib import Path

import pytest
from playbook_runs import Operator

pytestmark = pytest.mark.heavy

# A torchvision as far as a verdict uses it: no source in reach may have one for torch's CPU build.
VISION = """\
class ops:
    @staticmethod
    def nms(boxes, scores, threshold):
        import torch

        kept = []
        for index in scores.argsort(descending=True).tolist():
            one = boxes[index]
            for other in (boxes[number] for number in kept):
                low, high = torch.maximum(one[:2], other[:2]), torch.minimum(one[2:], other[2:])
                both = (high - low).clamp(min=0).prod()
                if both / ((one[2:] - one[:2]).prod() + (other[2:] - other[:2]).prod() - both) > threshold:
                    break
            else:
                kept.append(index)
        return torch.tensor(kept, device=boxes.device)
"""
# What the replacements say, in the words of their own releases.
NMS = "raise RuntimeError('operator torchvision::nms does not exist')\n"
BASELINE = (
    "raise RuntimeError('NumPy was built with baseline optimizations: \\n(X86_V2) but your machine doesn\\'t support:"
    "\\n(X86_V2).')\n"
)
# A virtual machine with the CPU type kvm64: no SSSE3, no SSE4, no POPCNT.
KVM64 = """\
processor\t: 0
vendor_id\t: GenuineIntel
cpu family\t: 15
model\t\t: 6
model name\t: Common KVM processor
flags\t\t: fpu de pse tsc msr pae mce cx8 apic sep mtrr pge mca cmov pat pse36 clflush mmx fxsr sse sse2 syscall nx lm \
rep_good nopl cpuid pni cx16 hypervisor lahf_lm
"""
LAB = {
    "name": "repairs",
    "boards": [
        {
            "name": "old",
            "users": ["vision"],
            "files": {"/proc/cpuinfo": KVM64},
            "vars": {"torch_user": "vision", "torch_version": "2.13.0", "ansible_become": True},
        }
    ],
    "vars": {"x86_conda_provider": "venv", "torch_accelerator": "cpu"},
}


def namesake(folder: Path, name: str, version: str, source: str) -> Path:
    """Write a wheel that calls itself a release of a package, as a careless `pip install -U` may install one."""
    stem = f"{name}-{version}"
    files = {
        f"{name}/__init__.py": f"__version__ = '{version}'\n{source}",
        f"{stem}.dist-info/METADATA": f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n",
        f"{stem}.dist-info/WHEEL": "Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
    }
    lines = [
        f"{path},sha256={urlsafe_b64encode(hashlib.sha256(text.encode()).digest()).rstrip(b'=').decode()},{len(text)}"
        for path, text in files.items()
    ]
    files[f"{stem}.dist-info/RECORD"] = "\n".join([*lines, f"{stem}.dist-info/RECORD,,", ""])
    wheel = folder / f"{stem}-py3-none-any.whl"
    with zipfile.ZipFile(wheel, "w") as archive:
        for path, text in files.items():
            archive.writestr(path, text)
    return wheel


INSTALL = ("-m", "pip", "install", "--quiet", "--no-index", "--no-deps", "--upgrade")


def sources_with(folder: Path) -> dict[str, str]:
    """The operator's own find-links, and this folder."""
    command = [sys.executable, "-m", "pip", "config", "get", "global.find-links"]
    own = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, check=False).stdout
    return {"PIP_FIND_LINKS": " ".join([*own.split(), str(folder)])}


def test_a_replaced_companion_is_named_and_put_back(local: Operator):
    root, folder = local.directory / "torch", local.directory / "wheels"
    folder.mkdir()
    namesake(folder, "torchvision", "0.28.0+cpu", VISION)
    wish = {"torch_companions": ["torchvision"], "torch_version": "2.13.0", "environ": sources_with(folder)}
    first = local.provision(**wish)
    assert first.status == 0, first.output
    locked = first.report["boards"]["localhost"]["lock"]["packages"]["torchvision"]["version"]

    # The guard in the environment refuses this; here it is bypassed.
    subprocess.run(
        [root / "current/bin/python", *INSTALL, namesake(local.directory, "torchvision", "99.0", NMS)],
        env={"PIP_CONFIG_FILE": "/dev/null"},
        check=True,
    )
    told = local.run("verify", **wish)
    assert told.status == 2 and told.changed() == 0, told.output
    diagnosis = told.verdict()["diagnosis"]
    assert (diagnosis["id"], diagnosis["repair"]) == ("ENV-05", "replaced"), diagnosis
    assert f"torchvision 99.0 is in this environment, where {locked} was installed" in diagnosis["cause"]

    repaired = local.run("verify", torch_repair=True, **wish)
    assert repaired.status == 0 and repaired.verdict()["satisfied"], repaired.output
    assert (root / "current").readlink().name.endswith("-2")


def test_numpy_for_newer_processors_is_replaced_on_an_old_one(lab: Operator):
    first = lab.provision()
    assert first.status == 0, first.output
    numpy = first.report["boards"]["old"]["lock"]["packages"]["numpy"]["version"]
    assert tuple(map(int, numpy.split(".")[:2])) < (2, 4)

    wheel = namesake(lab.directory, "numpy", "2.4.6", BASELINE)
    ssh = ["ssh", "-F", str(lab.inventory.parent / "ssh_config"), "old"]
    subprocess.run([*ssh, f"cat > /tmp/{wheel.name}"], input=wheel.read_bytes(), check=True)
    install = " ".join(["sudo", "PIP_CONFIG_FILE=/dev/null", "/opt/edgeai/torch/current/bin/python", *INSTALL])
    subprocess.run([*ssh, f"{install} /tmp/{wheel.name}"], check=True)
    told = lab.run("verify")
    diagnosis = told.verdict("old")["diagnosis"]
    assert told.status == 2 and (diagnosis["id"], diagnosis["repair"]) == ("GEN-15", "numpy"), told.output

    repaired = lab.run("verify", torch_repair=True)
    assert repaired.status == 0 and repaired.verdict("old")["satisfied"], repaired.output
