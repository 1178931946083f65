# Copyright (c) 2026 the edgeai.fleet authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Real wheels under other names: a vendor's wheels are not available, but a real wheel can get the vendor's name,
version and tags.

    repack(fetch("torch==2.9.1", "torch-2.5.0a0+872d972e41.nv24.8-cp311-cp311-linux_aarch64.whl"), that name)

returns the real torch 2.9.1 that calls itself 2.5.0a0+872d972e41.nv24.8, for pip, for importlib.metadata and as
torch.__version__. Both functions keep their results in the user's cache.
"""

from __future__ import annotations

import base64
import hashlib
import itertools
import os
import re
import subprocess
import sys
import zipfile
from email.parser import HeaderParser
from pathlib import Path

#: Part of the name of cached files: raise it after any change of what repack writes.
RECIPE = 1
# A wheel for any of these platforms can also be named linux_ARCH.
PLATFORMS = ["linux", "manylinux2014", *(f"manylinux_2_{minor}" for minor in range(17, 40))]
NAME = re.compile(
    r"(?P<name>[^-]+)-(?P<version>[^-]+)(-\d[^-]*)?-(?P<python>[^-]+)-(?P<abi>[^-]+)-(?P<platform>[^-]+)\.whl"
)


def fetch(wanted: str, target: str) -> Path:
    """Download a wheel without its dependencies: by its full file name, or by a requirement for the Python and the
    architecture of `target`.
    """
    if wanted.endswith(".whl"):
        target = wanted
        wanted = "{name}=={version}".format(**_parts(wanted))
    tags = _parts(target)
    arch = re.sub(r".*?(x86_64|aarch64|armv7l|any)$", r"\1", tags["platform"])
    options = []
    if arch != "any":
        # The highest patch release of that Python: torch for 3.6 needs 3.6.2.
        python = re.sub(r"cp(\d)(\d+)", r"\1.\2.99", tags["python"])
        options = ["--implementation", "cp", "--abi", tags["abi"], "--python-version", python]
        options += [option for platform in PLATFORMS for option in ("--platform", f"{platform}_{arch}")]
    directory = _cache() / f"{wanted}-{tags['python']}-{arch}"
    if not directory.exists():
        unfinished = directory.with_name(f"{directory.name}.{os.getpid()}")
        command = [
            sys.executable,
            "-m",
            "pip",
            "download",
            "--quiet",
            "--no-deps",
            "--only-binary=:all:",
            "--dest",
            str(unfinished),
            *options,
            wanted,
        ]
        done = subprocess.run(
            command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False
        )
        if done.returncode:
            sys.exit(f"{done.stdout}\nNo wheel of {wanted} for {tags['python']}, {arch} could be downloaded.")
        unfinished.replace(directory)
    (wheel,) = directory.glob("*.whl")
    return wheel


def repack(wheel: Path, filename: str) -> Path:
    """Return the same wheel with another version and other tags, consistent in itself: dist-info, METADATA, WHEEL,
    RECORD, and version.py, which torch reports.
    """
    new, old = _parts(filename), _parts(wheel.name)
    repacked = _cache() / f"repacked-{RECIPE}" / wheel.name / filename
    if not repacked.exists():
        repacked.parent.mkdir(parents=True, exist_ok=True)
        unfinished = repacked.with_suffix(f".{os.getpid()}")
        try:
            _rewrite(wheel, unfinished, old, new)
            unfinished.replace(repacked)
        finally:
            unfinished.unlink(missing_ok=True)
    return repacked


def _rewrite(wheel: Path, target: Path, old: dict[str, str], new: dict[str, str]) -> None:
    stem, new_stem = f"{old['name']}-{old['version']}", f"{new['name']}-{new['version']}"
    record = f"{new_stem}.dist-info/RECORD"
    lines = []
    # The fastest compression: the wheels are copied to emulated boards, but a person waits while they are made.
    with zipfile.ZipFile(wheel) as source, zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as copy:
        for entry in source.infolist():
            name = re.sub(rf"^{re.escape(stem)}(?=\.(dist-info|data)/)", new_stem, entry.filename)
            if name == record or entry.is_dir():
                continue
            content = _adapted(name, source.read(entry), new, new_stem)
            digest = base64.urlsafe_b64encode(hashlib.sha256(content).digest()).rstrip(b"=").decode()
            lines.append(f"{_quoted(name)},sha256={digest},{len(content)}\n")
            info = zipfile.ZipInfo(name, entry.date_time)
            info.external_attr, info.compress_type = entry.external_attr, zipfile.ZIP_DEFLATED
            copy.writestr(info, content)
        if not any(line.startswith(f"{new_stem}.dist-info/METADATA,") for line in lines):
            sys.exit(f"{wheel.name} has no {stem}.dist-info/METADATA.")
        lines.append(f"{record},,\n")
        copy.writestr(zipfile.ZipInfo(record, entry.date_time), "".join(lines))


def _adapted(name: str, content: bytes, new: dict[str, str], stem: str) -> bytes:
    if name == f"{stem}.dist-info/METADATA":
        content = re.sub(rb"(?m)^Name: .*$", f"Name: {new['name']}".encode(), content, count=1)
        return re.sub(rb"(?m)^Version: .*$", f"Version: {new['version']}".encode(), content, count=1)
    if name == f"{stem}.dist-info/WHEEL":
        headers = [(key, value) for key, value in HeaderParser().parsestr(content.decode()).items() if key != "Tag"]
        tags = [
            "-".join(tag)
            for tag in itertools.product(*(new[part].split(".") for part in ("python", "abi", "platform")))
        ]
        return "".join(f"{key}: {value}\n" for key, value in [*headers, *(("Tag", tag) for tag in tags)]).encode()
    if name.endswith("/version.py") and name.count("/") == 1:
        return re.sub(
            rb"(?m)^(__version__\b[^=\n]*= *)['\"][^'\"\n]*['\"]",
            rb"\g<1>'" + new["version"].encode() + b"'",
            content,
            count=1,
        )
    return content


def _parts(filename: str) -> dict[str, str]:
    found = NAME.fullmatch(filename)
    if not found:
        sys.exit(f"{filename} is no file name of a wheel: NAME-VERSION-PYTHON-ABI-PLATFORM.whl.")
    return found.groupdict()


def _quoted(name: str) -> str:
    return f'"{name}"' if "," in name else name


def _cache() -> Path:
    base = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    directory = base / "edgeai-fleet" / "wheels"
    directory.mkdir(parents=True, exist_ok=True)
    return directory
