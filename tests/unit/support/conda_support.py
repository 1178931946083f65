# Copyright (c) 2026 the edgeai.fleet authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A small real conda channel: the Python that runs the tests, and two builds of a package named pytorch, as in
conda-forge.
"""

import os
import platform
import sys
import zipfile

import pytest

LAB = os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "lab")


def load_lab():
    """Import tests/lab/conda_channel.py, or skip with the reason; in CI, fail."""
    if sys.version_info < (3, 10) or platform.machine() != "x86_64":
        pytest.skip("py-rattler needs Python 3.10, and the channel is made for x86_64")
    try:
        import rattler  # noqa: F401
        import rattler_build  # noqa: F401
    except ImportError as error:
        message = f"{error}: pip install py-rattler py-rattler-build"
        pytest.fail(message) if os.environ.get("CI") == "true" else pytest.skip(message)
    if LAB not in sys.path:
        sys.path.insert(0, LAB)
    import conda_channel

    return conda_channel


def make_channel(folder):
    """Return (channel, tests/lab/conda_channel.py). With __cuda, the solver prefers the CUDA build, by its number."""
    lab = load_lab()
    channel = folder / "channel"
    lab.create(channel)
    lab.add_python(channel)
    for version in ("2.7.0", "2.7.1"):
        add_torch(lab, channel, version, f"cpu_{lab.TAG}_h1_0", [], None, 0)
        add_torch(
            lab,
            channel,
            version,
            f"cuda126_{lab.TAG}_h1_200",
            ["__cuda >=12.6", "cuda-version >=12.6,<13"],
            "12.6",
            200,
        )
    for version in ("12.4", "12.6"):
        lab.add_files(channel, "cuda-version", version, "h_3", [], {"share/cuda-version.txt": version})
    for name, version in (("numpy", "1.26.4"), ("numpy", "2.2.0"), ("pip", "25.0")):
        lab.add_files(
            channel, name, version, f"{lab.TAG}_0", [f"python {lab.PYTHON}.*"], distribution(lab, name, version)
        )
    lab.index(channel)
    return channel, lab


def add_torch(lab, channel, version, build, depends, cuda, number):
    files = distribution(lab, "torch", version)
    files[f"{lab.SITE}/torch/__init__.py"] = f"__version__ = {version!r}\n\n\nclass version:\n    cuda = {cuda!r}\n"
    return lab.add_files(channel, "pytorch", version, build, [f"python {lab.PYTHON}.*", *depends], files, number)


def distribution(lab, name, version):
    info = f"{lab.SITE}/{name}-{version}.dist-info"
    return {
        f"{lab.SITE}/{name}/__init__.py": f"__version__ = {version!r}\n",
        f"{info}/METADATA": f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n",
        f"{info}/INSTALLER": "conda\n",
        f"{info}/RECORD": f"{name}/__init__.py,,\n",
    }


def rattler_wheel(folder):
    """Pack the real rattler like its own wheel; return the path."""
    import rattler

    path = os.path.join(str(folder), "py_rattler-0.28.0-cp310-abi3-manylinux_2_17_x86_64.whl")
    top = os.path.dirname(os.path.abspath(rattler.__file__))
    with zipfile.ZipFile(path, "w") as wheel:
        for place, _folders, names in os.walk(top):
            for name in names:
                if not name.endswith(".pyc"):
                    full = os.path.join(place, name)
                    wheel.write(full, os.path.join("rattler", os.path.relpath(full, top)))
    return path
