# Copyright (c) 2026 the edgeai.fleet authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What verify() and install.sh refuse: both, wherever both look."""

from __future__ import annotations

import io
import json
import subprocess
import sys
import tarfile

import pytest
from ansible_collections.edgeai.fleet.plugins.plugin_utils._bundle import layout, signature, verification, writer
from bundle_support import HERE, keep_wheel, make_entries, make_key, make_locked, replace_lock, write


@pytest.fixture
def entries(tmp_path):
    return make_entries(tmp_path)


@pytest.fixture
def bundle(tmp_path, entries):
    write(tmp_path / "bundle", entries)
    return tmp_path / "bundle"


def install(bundle, *arguments) -> subprocess.CompletedProcess:
    return subprocess.run(
        ["sh", str(bundle / "install.sh"), *map(str, arguments)], capture_output=True, text=True, check=False
    )


def torch_of(bundle):
    (wheel,) = bundle.glob("wheelhouse/sha256/*/torch-*.whl")
    return wheel


def test_a_whole_bundle(bundle, tmp_path):
    verified = verification.verify(bundle)
    assert verified.fingerprint is None and verified.files == len(list(layout.files_below(bundle)))
    assert verified.description["boards"]["pi"]["torch"] == "2.9.1"
    tar, _is_new = writer.write_tar(bundle, (bundle / "SHA256SUMS").read_text(), "2026-11-30T19:00:00Z")
    assert verification.verify(tar) == verified


@pytest.mark.slow
def test_a_whole_bundle_for_install_sh(bundle, tmp_path):
    done = install(bundle, "--unsigned", "--check")
    assert (done.returncode, done.stderr) == (0, "") and f"Python {HERE['python']}" in done.stdout
    # A run that used the bundle as its wheelhouse left these.
    (bundle / "wheelhouse/.lock").touch()
    wheel = torch_of(bundle)
    wheel.with_name(f".{wheel.name}.verified").write_text("{}")
    assert install(bundle, "--unsigned", "--check").returncode == 0
    assert verification.verify(bundle)


def damage(bundle, how):
    wheel = torch_of(bundle)
    if how == "a changed byte":
        wheel.write_bytes(wheel.read_bytes()[:-1] + b"!")
    elif how == "a missing file":
        wheel.unlink()
    elif how == "a file more":
        (bundle / "control/wheels/pip-99.0-py3-none-any.whl").write_text("x")
    elif how == "a hidden file more":
        (bundle / "locks/.x.json").write_text("x")
    elif how == "a link":
        content = wheel.read_bytes()
        wheel.unlink()
        (bundle.parent / "elsewhere").write_bytes(content)
        wheel.symlink_to(bundle.parent / "elsewhere")
    elif how == "no list":
        (bundle / "SHA256SUMS").unlink()
    elif how == "half a list":
        text = (bundle / "SHA256SUMS").read_text()
        (bundle / "SHA256SUMS").write_text(text[: len(text) // 2])
    elif how == "a list with a path outside":
        with (bundle / "SHA256SUMS").open("a") as stream:
            stream.write(f"{'0' * 64}  ../../etc/passwd\n")
    elif how == "a changed lock":
        (lock,) = bundle.glob("locks/????????????????.json")
        lock.write_text(lock.read_text().replace("files.example", "evil.example"))


DAMAGES = {
    "a changed byte": (r"changed: wheelhouse/sha256/\w+/torch-", "files were changed: wheelhouse/sha256/"),
    "a missing file": (r"missing: wheelhouse/sha256/\w+/torch-", "files are missing, such as: wheelhouse/"),
    "a file more": (r"not part of it: control/wheels/pip-99", "no part of this bundle, such as: control/wheels/pip-99"),
    "a hidden file more": (r"not part of it: locks/\.x", "no part of this bundle, such as: locks/.x"),
    "a link": (r"torch-.* is a link", "links or special files"),
    "no list": (r"has no SHA256SUMS", "has no SHA256SUMS"),
    "half a list": (r"SHA256SUMS is damaged|not part of it", "SHA256SUMS is damaged"),
    "a list with a path outside": (r"SHA256SUMS is damaged", "SHA256SUMS"),
    "a changed lock": (r"changed: locks/", "files were changed: locks/"),
}


@pytest.mark.slow
@pytest.mark.parametrize("how", DAMAGES)
def test_damage_is_refused_with_one_message(bundle, how):
    damage(bundle, how)
    ours, installers = DAMAGES[how]
    with pytest.raises(layout.BundleError, match=ours):
        verification.verify(bundle)
    done = install(bundle, "--unsigned", "--into", bundle.parent / "installed")
    assert done.returncode == 1 and installers in done.stderr
    assert len(done.stderr.splitlines()) == 1 and done.stderr.startswith("install.sh: ")
    assert not (bundle.parent / "installed").exists()


@pytest.mark.slow
def test_the_signer(bundle, entries, tmp_path):
    maker, other = make_key(tmp_path, "maker"), make_key(tmp_path, "other")
    (fingerprint,) = signature.fingerprints(str(maker))
    done = install(bundle, "--signer", fingerprint, "--check")
    assert done.returncode == 1 and "this bundle is not signed" in done.stderr
    write(bundle, entries, maker)
    assert verification.verify(bundle).fingerprint == fingerprint
    for who in (fingerprint, f"{maker}.pub"):
        assert verification.verify(bundle, who).fingerprint == fingerprint
        assert install(bundle, "--signer", who, "--check").returncode == 0
    done = install(bundle, "--check")
    assert done.returncode == 1 and f"signed by {fingerprint}. Compare this" in done.stderr
    with pytest.raises(layout.BundleError, match="is signed by .*, not by"):
        verification.verify(bundle, f"{other}.pub")
    done = install(bundle, "--signer", f"{other}.pub", "--check")
    assert done.returncode == 1 and f"is signed by {fingerprint}, not by" in done.stderr
    # Somebody who changes a file and its sum, but has no key.
    wheel = torch_of(bundle)
    sums = (bundle / "SHA256SUMS").read_text()
    before = wheel.parent.name
    damage(bundle, "a changed byte")
    (bundle / "SHA256SUMS").write_text(sums.replace(f"{before}  ", f"{'0' * 64}  "))
    with pytest.raises(layout.BundleError, match="not a signature of this SHA256SUMS"):
        verification.verify(bundle)
    done = install(bundle, "--signer", fingerprint, "--check")
    assert done.returncode == 1 and "is not a signature of this SHA256SUMS" in done.stderr


@pytest.mark.parametrize("part", [0.3, 0.6, 0.9, 0.99])
def test_a_truncated_tar(bundle, part):
    tar, _is_new = writer.write_tar(bundle, (bundle / "SHA256SUMS").read_text(), "2026-11-30T19:00:00Z")
    content = tar.read_bytes().rstrip(b"\0")
    tar.write_bytes(content[: int(len(content) * part)])
    with pytest.raises(
        layout.BundleError, match=r"(is not a whole tar: it ends or is damaged|missing: ).*[Cc]opy it again"
    ):
        verification.verify(tar)


def test_a_tar_that_is_none_or_would_write_elsewhere(tmp_path):
    path = tmp_path / "bundle.tar"
    path.write_bytes(b"x" * 2000)
    with pytest.raises(layout.BundleError, match="is not a whole tar"):
        verification.verify(path)
    for name, kind in (("../etc/passwd", tarfile.REGTYPE), ("/etc/passwd", tarfile.REGTYPE), ("b/x", tarfile.SYMTYPE)):
        with tarfile.open(path, "w") as tar:
            member = tarfile.TarInfo(name)
            member.type, member.linkname = kind, "/etc/passwd"
            tar.addfile(member, io.BytesIO())
        with pytest.raises(layout.BundleError, match="has a member that no bundle has: .* Do not unpack it"):
            verification.verify(path)


def test_tools_of_another_architecture(tmp_path):
    locked = make_locked(tmp_path)
    (lock,) = locked["locks"].values()
    lock["tools"] = [keep_wheel(tmp_path / "house", "uv", "0.13.9", "py3-none-manylinux_2_17_armv7l")]
    write(tmp_path / "bundle", make_entries(tmp_path, locked))
    with pytest.raises(
        layout.BundleError,
        match=r"uv-0\.13\.9-.*armv7l\.whl, which .* is for manylinux_2_17_armv7l, but .* are aarch64",
    ):
        verification.verify(tmp_path / "bundle")


def test_wheels_for_another_control_node(tmp_path):
    other = "aarch64" if HERE["architecture"] == "x86_64" else "x86_64"
    wheel = keep_wheel(tmp_path / "house", "uv", "0.13.9", f"py3-none-manylinux_2_17_{other}")
    entries = make_entries(tmp_path, control={**HERE, "core": "2.19", "packages": [wheel]})
    write(tmp_path / "bundle", entries)
    with pytest.raises(layout.BundleError, match="a wheel for the control node, is not in the bundle"):
        verification.verify(tmp_path / "bundle")
    entries[f"{layout.WHEELS}/{wheel['filename']}"] = layout.Entry(
        wheel["sha256"], tmp_path / "house/sha256" / wheel["sha256"] / wheel["filename"]
    )
    write(tmp_path / "bundle", entries)
    with pytest.raises(
        layout.BundleError, match=f"does not fit the control node of this bundle .*{HERE['architecture']}"
    ):
        verification.verify(tmp_path / "bundle")


@pytest.mark.slow
@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("architecture=riscv64", "but the bundle is for Linux riscv64"),
        ("python=3.99", "there is no Python 3.99 here"),
        ("glibc=2.99", "but the bundle is for 2.99 or later"),
    ],
)
def test_install_sh_says_that_a_bundle_is_for_another_control_node(tmp_path, entries, line, words):
    name = line.partition("=")[0]
    lines = [line if one.startswith(f"{name}=") else one for one in entries[layout.TARGET].source.decode().splitlines()]
    entries[layout.TARGET] = layout.Entry.of_text("\n".join(lines) + "\n")
    write(tmp_path / "bundle", entries)
    done = install(tmp_path / "bundle", "--unsigned", "--into", tmp_path / "installed")
    assert done.returncode == 1 and words in done.stderr and len(done.stderr.splitlines()) == 1
    assert not (tmp_path / "installed").exists()


@pytest.mark.slow
def test_install_sh_says_what_is_wrong_with_its_arguments(bundle, tmp_path):
    for arguments, words in (
        ([], "--into DIRECTORY"),
        (["--into"], "--into needs a value"),
        (["--nonsense"], "unknown: --nonsense"),
        (["--unsigned", "--signer", "x", "--check"], "exclude each other"),
    ):
        done = install(bundle, *arguments)
        assert done.returncode == 1 and words in done.stderr
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine/thesis.tex").touch()
    done = install(bundle, "--unsigned", "--into", tmp_path / "mine", "--python", sys.executable)
    assert done.returncode == 1 and "has files that install.sh did not write" in done.stderr
    assert "Usage: sh install.sh" in install(bundle, "--help").stdout


def test_a_lock_that_does_not_belong_to_the_files(tmp_path, entries):
    (name,) = [name for name in entries if name.startswith("locks/") and name.endswith(".json")]
    lock = json.loads(entries[name].source)
    lock["packages"][0]["sha256"] = "0" * 64
    replace_lock(entries, lock)
    write(tmp_path / "bundle", entries)
    with pytest.raises(layout.BundleError, match=r"torch-.*\.whl, which locks/\w+\.json names, is not in the bundle"):
        verification.verify(tmp_path / "bundle")
    entries[name] = layout.Entry.of_text("{}")
    write(tmp_path / "bundle", entries)
    with pytest.raises(layout.BundleError, match=r"locks/\w+\.json is not usable: it is not a lock of schema 1"):
        verification.verify(tmp_path / "bundle")


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("{", "is not the description of a bundle"),
        ("[]", "is not the description of a bundle"),
        ('{"schema": 1, "locks": 5}', "is not the description of a bundle"),
        ('{"schema": 99}', "has schema 99, but this release reads schema 1"),
    ],
)
def test_descriptions(tmp_path, entries, text, words):
    entries[layout.DESCRIPTION] = layout.Entry.of_text(text)
    write(tmp_path / "bundle", entries)
    with pytest.raises(layout.BundleError, match=words):
        verification.verify(tmp_path / "bundle")


def test_no_bundle(tmp_path):
    with pytest.raises(layout.BundleError, match="neither a directory nor a tar"):
        verification.verify(tmp_path / "nowhere")
    with pytest.raises(layout.BundleError, match="has no SHA256SUMS"):
        verification.verify(tmp_path)
