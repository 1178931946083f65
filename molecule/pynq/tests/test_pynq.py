# Copyright (c) 2026 the edgeai.fleet authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A ZCU104 with PYNQ and its virtual environment: real wheels for aarch64 on the core of a Zynq UltraScale+."""

import json
from pathlib import Path

import pytest
import yaml

ROOT = "/opt/edgeai/torch"
VENV = "/usr/local/share/pynq-venv"
SITE = f"{VENV}/lib/python3.11/site-packages"
# One process for all checks that import torch: under emulation, each import takes a minute.
PROGRAM = """
import json, os, numpy, pynq, torch
buffer = pynq.allocate((3, 3))
buffer += 1
shared = torch.from_numpy(buffer.astype('f4'))
print(json.dumps({
    'pynq': [pynq.__version__, os.path.dirname(pynq.__file__)], 'numpy': os.path.dirname(numpy.__file__),
    'torch': torch.__version__.split('+')[0], 'product': (shared @ shared).sum().item(),
    'core': os.environ.get('QEMU_CPU'),
}))
"""


@pytest.fixture(scope="module")
def files():
    """Return the files that the lab put on the board."""
    return yaml.safe_load((Path(__file__).parents[1] / "lab.yml").read_text(encoding="utf-8"))["boards"][0]["files"]


def test_the_lab_is_a_zcu104(host):
    assert host.check_output("cat /sys/firmware/devicetree/base/chosen/pynq_board").rstrip("\0") == "ZCU104"
    assert host.check_output("dpkg --print-architecture") == "arm64"


def test_the_board_is_known(state):
    board = json.loads((state / "reports" / "latest" / "report.json").read_text(encoding="utf-8"))["boards"]["zcu104"][
        "board"
    ]
    assert (board["family"], board["module"], board["soc"]) == ("pynq", "ZCU104", "zynqmp")
    assert (board["platform"]["pynq"], board["platform"]["venv"]) == ("3.0.1", VENV)
    assert board["provided"] == {"pynq": "3.0.1", "numpy": "1.24.2"}


def test_the_record_says_satisfied(record):
    verdict = record["verdict"]
    assert (verdict["satisfied"], verdict["outcome"], verdict["died"]) == (True, "cpu", None), verdict["reason"]
    assert verdict["torch"].split("+")[0] == "2.9.1"
    assert verdict["user"] == "xilinx"
    # SSH and sudo drop a container's variables. Without this one, QEMU has every instruction, and the crash would not
    # be seen.
    assert verdict["environment"]["QEMU_CPU"] == "cortex-a53"


def test_pynq_and_torch_in_one_program(host):
    with host.sudo("xilinx"):
        found = json.loads(host.check_output("%s/bin/python -c %s", ROOT, PROGRAM))
    assert found == {
        "pynq": ["3.0.1", f"{SITE}/pynq"],
        "numpy": "/usr/lib/python3/dist-packages/numpy",
        "torch": "2.9.1",
        "product": 27.0,
        "core": "cortex-a53",
    }


def test_the_environment_brings_no_numpy(host):
    packages = host.check_output(f"ls {ROOT}/current/lib/python3.11/site-packages").split()
    assert "torch" in packages
    assert not [name for name in packages if name.startswith(("numpy", "pynq", "nvidia"))]


def test_pynqs_own_environment_is_untouched(host, files):
    texts = {path: content for path, content in files.items() if path.startswith(VENV) and isinstance(content, str)}
    links = [path for path, content in files.items() if path.startswith(VENV) and "link" in content]
    assert sorted(host.check_output(f"find {VENV} ! -type d").split()) == sorted([*texts, *links])
    for path, text in texts.items():
        assert host.file(path).content_string == text
