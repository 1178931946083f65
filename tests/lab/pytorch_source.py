# Copyright (c) 2026 the edgeai.fleet authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The source of PyTorch 2.6.0 as a release has it, with its submodules, put together from Debian's source packages.

    archive(directory)    # (path, sha256), the same every time

A release's own archive is on GitHub only. Debian's `orig` archive has the release's files, unchanged, but no
submodules: those come from Debian's sources of the same projects, pybind11 from PyPI. Their versions are near those of
the release, not equal. Nothing is installed on a builder for that, and no patch of Debian is applied. What is not to be
had is absent: fbgemm (but its asmjit, for which setup.py looks), ittapi, NNPACK, CUTLASS; opentelemetry-cpp, of which
no file of the release includes anything, is an empty directory.
"""

from __future__ import annotations

import hashlib
import io
import os
import shutil
import tarfile
import urllib.request
from pathlib import Path

DEBIAN = "http://deb.debian.org/debian/pool/main/"
PYPI = "https://files.pythonhosted.org/packages/"
TORCH = "2.6.0"
RELEASE = (
    f"{DEBIAN}p/pytorch/pytorch_2.6.0+dfsg.orig.tar.xz",
    "099a9601bc40d67656e75735c44abedb0fbe92d08817852ab7472eebb7e6ddff",
)
# Copies that Debian keeps of two submodules, at the commits of the release: {path of the submodule: path there}.
COPIES = (
    f"{DEBIAN}p/pytorch/pytorch_2.6.0+dfsg-7.debian.tar.xz",
    "3290d4e5168b6e44191882213f61ad41c134a912fe11a44364c2e74f81f68af0",
)
COPIED = {
    "third_party/kineto": "debian/kineto-338140f58a28d599da3434ced4fd2d75dd1a213d",
    "third_party/pocketfft": "debian/pocketfft-9d3ab05a7fffbc71a492bc6a17be034e83e8f0fe",
}
# Debian's copy of kineto looks for Debian's fmt, where the release uses the one that PyTorch has already added.
UNDONE = ("third_party/kineto/libkineto/CMakeLists.txt", b"find_package(fmt REQUIRED)\n")
# PyPI's archive has pybind11's headers one directory deeper than the repository.
DEEPER = ("third_party/pybind11/pybind11/include/", "third_party/pybind11/include/")
# Submodule: the archive of Debian 13 that has it, and its sha256.
SUBMODULES = {
    "third_party/FP16": (
        f"{DEBIAN}f/fp16/fp16_0.0~git20200514.4dfe081.orig.tar.xz",
        "7d7782b37b74136e0e12593a2a93ccbe7db831f4374cc408e44623d9b708b54e",
    ),
    "third_party/FXdiv": (
        f"{DEBIAN}f/fxdiv/fxdiv_0.0~git20200417.b408327.orig.tar.xz",
        "7953482badaf4cb34026c3487c257b8e4ab2df061c019bd6fabbbc12ad52c44b",
    ),
    "third_party/XNNPACK": (
        f"{DEBIAN}x/xnnpack/xnnpack_0.0~git20241108.4ea82e5.orig.tar.xz",
        "90bde2caef0f880f627bab0dc805a86c4b8070cd98e3243db3046ab3f3be1a99",
    ),
    "third_party/cpp-httplib": (
        f"{DEBIAN}c/cpp-httplib/cpp-httplib_0.18.7.orig.tar.xz",
        "c88f6495da71e778c82c22995b547a92ceb41cc4016f9028df67106a24b9210d",
    ),
    "third_party/cpuinfo": (
        f"{DEBIAN}c/cpuinfo/cpuinfo_0.0~git20250905.877328f.orig.tar.xz",
        "557ca404a3836b9f335a3a06b65ff9fe9dbaaefab7fb5c0185f53d9f33615a10",
    ),
    "third_party/eigen": (
        f"{DEBIAN}e/eigen3/eigen3_3.4.0.orig.tar.bz2",
        "b4c198460eba6f28d34894e3a5710998818515104d6e74e5cc331ce31e46e626",
    ),
    "third_party/fbgemm/third_party/asmjit": (
        f"{DEBIAN}a/asmjit/asmjit_0.0~git20231115.1da9e4d.orig.tar.xz",
        "361308fc510137aa87d4dd6587ec84949b01ad654b77feea8ef145046587d493",
    ),
    "third_party/flatbuffers": (
        f"{DEBIAN}f/flatbuffers/flatbuffers_23.5.26+dfsg.orig.tar.xz",
        "0d309fd2c47bbbebd450e68d1419c336d53d1b8f5ce47e1f1f7f28f452fc6f3b",
    ),
    "third_party/fmt": (
        f"{DEBIAN}f/fmtlib/fmtlib_10.1.1+ds1.orig.tar.gz",
        "7000f214d2628f04174822f8048c573f1608194408d7931121595a03f1c18a17",
    ),
    "third_party/gemmlowp/gemmlowp": (
        f"{DEBIAN}g/gemmlowp/gemmlowp_0.0~git20211220.e844ffd.orig.tar.xz",
        "b43ad962deaa41ba6727888a48ecf4dad181a70fcdd82505d9dbdcc8388a98e7",
    ),
    "third_party/gloo": (
        f"{DEBIAN}g/gloo/gloo_0.0~git20231202.5354032.orig.tar.xz",
        "66d6fadb7b07cfcff08f74ae2acfab504e780d6b7536ee74d2011718cda25030",
    ),
    "third_party/nlohmann": (
        f"{DEBIAN}n/nlohmann-json3/nlohmann-json3_3.11.3.orig.tar.gz",
        "0d8ef5af7f9794e3263480193c491549b2ba6cc74bb018906202ada498a79406",
    ),
    "third_party/onnx": (
        f"{DEBIAN}o/onnx/onnx_1.17.0.orig.tar.gz",
        "8d5e983c36037003615e5a02d36b18fc286541bf52de1a78f6cf9f32005a820e",
    ),
    "third_party/protobuf": (
        f"{DEBIAN}p/protobuf/protobuf_3.21.12.orig.tar.gz",
        "930c2c3b5ecc6c9c12615cf5ad93f1cd6e12d0aba862b572e076259970ac3a53",
    ),
    "third_party/psimd": (
        f"{DEBIAN}p/psimd/psimd_0.0~git20200517.072586a.orig.tar.xz",
        "32bbce81289866e3419e36cab6541bbddb6d45d3db10a7dcd2598dc9d0c8c6f4",
    ),
    "third_party/pthreadpool": (
        f"{DEBIAN}p/pthreadpool/pthreadpool_0.0~git20240616.560c60d.orig.tar.xz",
        "4cc3cbd933b28131d2a34edc54f76af9fb41bc490af5eae1a5bd3cd07ea90708",
    ),
    "third_party/pybind11": (
        f"{PYPI}d2/c1/72b9622fcb32ff98b054f724e213c7f70d6898baa714f4516288456ceaba/pybind11-2.13.6.tar.gz",
        "ba6af10348c12b24e92fa086b39cfba0eff619b61ac77c406167d813b096d39a",
    ),
    "third_party/sleef": (
        f"{DEBIAN}s/sleef/sleef_3.9.0.orig.tar.gz",
        "b2a1acd3f1860299848b4e24238a4609fbb85761a1a85bac5573347b90d0440b",
    ),
}
NAME = f"pytorch-v{TORCH}"
#: The time of all files, so that an archive that is made twice is the same.
DATE = 1577836800


def archive(directory: Path) -> tuple[Path, str]:
    """Return the archive of the whole source and its sha256; made in this directory if it is not there.

    Raises RuntimeError if Debian's mirror has another file than the one that is named here.
    """
    recipe = hashlib.sha256(Path(__file__).read_bytes()).hexdigest()[:12]
    path = directory / f"{NAME}-{recipe}.tar"
    if not path.exists():
        directory.mkdir(parents=True, exist_ok=True)
        partial = path.with_suffix(f".{os.getpid()}")
        try:
            with tarfile.open(partial, "w", format=tarfile.GNU_FORMAT) as whole:
                _add(whole, _fetched(RELEASE, directory), "", "")
                for submodule, source in SUBMODULES.items():
                    _add(whole, _fetched(source, directory), submodule, "")
                for submodule, inside in COPIED.items():
                    _add(whole, _fetched(COPIES, directory), submodule, inside)
                _add_directory(whole, "third_party/opentelemetry-cpp/api/include")
                _add_gitmodules(whole)
            partial.replace(path)
        finally:
            partial.unlink(missing_ok=True)
    return path, _sha256(path)


def _sha256(path: Path) -> str:
    digest = hashlib.sha256()
    with path.open("rb") as stream:
        while block := stream.read(1 << 20):
            digest.update(block)
    return digest.hexdigest()


def _fetched(source: tuple[str, str], directory: Path) -> Path:
    url, sha256 = source
    path = directory / url.rpartition("/")[2]
    if not path.exists():
        partial = path.with_suffix(f".{os.getpid()}")
        with urllib.request.urlopen(url) as answer, partial.open("wb") as stream:  # noqa: S310
            shutil.copyfileobj(answer, stream)
        partial.replace(path)
    found = _sha256(path)
    if found != sha256:
        raise RuntimeError(f"{url} has the sha256 {found}, expected {sha256}")
    return path


def _add(whole: tarfile.TarFile, path: Path, submodule: str, inside: str) -> None:
    """Add the files of an archive, without its own top directory, as a submodule of the source."""
    with tarfile.open(path) as tar:
        members = [member for member in tar if member.name not in (".", "./")]
        tops = {member.name.removeprefix("./").split("/")[0] for member in members}
        top = inside or (tops.pop() if len(tops) == 1 else "")
        for member in members:
            name = member.name.removeprefix("./")
            if top and not name.startswith(f"{top}/"):
                continue
            member.name = "/".join(part for part in (NAME, submodule, name.removeprefix(f"{top}/")) if part)
            member.name = member.name.replace(*DEEPER)
            if member.islnk():
                member.linkname = "/".join(
                    part
                    for part in (NAME, submodule, member.linkname.removeprefix("./").removeprefix(f"{top}/"))
                    if part
                )
            member.mtime, member.uid, member.gid, member.uname, member.gname = DATE, 0, 0, "", ""
            content = tar.extractfile(member) if member.isfile() else None
            if content and member.name == f"{NAME}/{UNDONE[0]}":
                content = io.BytesIO(content.read().replace(UNDONE[1], b""))
                member.size = len(content.getvalue())
            whole.addfile(member, content)


def _add_directory(whole: tarfile.TarFile, name: str) -> None:
    member = tarfile.TarInfo(f"{NAME}/{name}")
    member.type, member.mode, member.mtime = tarfile.DIRTYPE, 0o755, DATE
    whole.addfile(member)


def _add_gitmodules(whole: tarfile.TarFile) -> None:
    """Name the submodules that are there: setup.py asks for all that this file names."""
    text = "".join(
        f'[submodule "{path}"]\n\tpath = {path}\n' for path in sorted([*SUBMODULES, *COPIED]) if path.count("/") == 1
    ).encode()
    member = tarfile.TarInfo(f"{NAME}/.gitmodules")
    member.size, member.mtime = len(text), DATE
    whole.addfile(member, io.BytesIO(text))
