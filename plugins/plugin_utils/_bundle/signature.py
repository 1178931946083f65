# Copyright (c) 2026 the edgeai.fleet authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to edgeai.fleet: its interface may change in any release.

"""The signature of a bundle: made and checked by ssh-keygen, with the SSH keys that people have."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import tempfile
from pathlib import Path

from ansible_collections.edgeai.fleet.plugins.module_utils._base.secrets import redact

from .layout import SIGNATURE, SUMS, BundleError

#: A signature for another purpose, such as a commit, is none for a bundle.
NAMESPACE = "bundle@edgeai.fleet"
_FINGERPRINT = re.compile(r"SHA256:[A-Za-z0-9+/]{43}")
_SECONDS = 60


def _ssh_keygen(*arguments: str, content: str | None = None) -> subprocess.CompletedProcess[str]:
    program = shutil.which("ssh-keygen")
    if program is None:
        raise BundleError("ssh-keygen is not installed, which signs bundles and checks signatures: install OpenSSH.")
    try:
        return subprocess.run(
            [program, *arguments],
            input=content or "",
            capture_output=True,
            text=True,
            timeout=_SECONDS,
            check=False,
            # A question for a passphrase cannot be answered here.
            env={**os.environ, "SSH_ASKPASS_REQUIRE": "never", "LC_ALL": "C"},
        )
    except subprocess.TimeoutExpired as error:
        raise BundleError(f"ssh-keygen {arguments[0]} {arguments[1]} did not end within {_SECONDS} s.") from error


def sign(text: str, key: Path) -> str:
    """The signature of a text with this private key, or with the agent's private key of this public one."""
    if not os.access(key, os.R_OK):
        raise BundleError(f"bundle_key: {key} cannot be read. Name the file of an SSH key.")
    with tempfile.TemporaryDirectory(prefix="edgeai-fleet-") as folder:
        signed = Path(folder) / SUMS
        signed.write_text(text, encoding="utf-8")
        done = _ssh_keygen("-Y", "sign", "-f", str(key), "-n", NAMESPACE, str(signed))
        if done.returncode != 0:
            said = " ".join(redact(done.stderr).split())[:300]
            raise BundleError(
                f"bundle_key: ssh-keygen cannot sign with {key}: {said}. A key with a passphrase signs through"
                " ssh-agent: add it there (ssh-add), and name its public file."
            )
        return signed.with_name(SIGNATURE).read_text(encoding="utf-8")


def signer_of(text: str, signature: str) -> str:
    """The fingerprint of the key that signed this text. BundleError if the signature is not one of this text."""
    with tempfile.TemporaryDirectory(prefix="edgeai-fleet-") as folder:
        path = Path(folder) / SIGNATURE
        path.write_text(signature, encoding="utf-8")
        done = _ssh_keygen("-Y", "check-novalidate", "-n", NAMESPACE, "-s", str(path), content=text)
    found = _FINGERPRINT.search(done.stdout)
    if done.returncode != 0 or not found:
        raise BundleError(
            f"{SIGNATURE} is not a signature of this {SUMS}: one of them was changed, or the bundle was signed for"
            " another purpose. Do not use this bundle; copy it again from its maker."
        )
    return found[0]


def fingerprints(signer: str) -> list[str]:
    """The fingerprints that count as the signer's: one that is given, or those of the public keys in a file."""
    if _FINGERPRINT.fullmatch(signer):
        return [signer]
    path = Path(signer).expanduser()
    done = _ssh_keygen("-l", "-E", "sha256", "-f", str(path))
    found = _FINGERPRINT.findall(done.stdout)
    if done.returncode != 0 or not found:
        raise BundleError(
            f"bundle_signer: {signer} is neither a fingerprint (SHA256: and 43 characters) nor a readable file of"
            " public SSH keys."
        )
    return found


def check_signer(fingerprint: str | None, signer: str | None) -> None:
    """BundleError if the bundle was not signed by this signer. Without one, nobody's signature is asked for."""
    if signer is None:
        return
    known = fingerprints(signer)
    if fingerprint is None:
        raise BundleError(
            f"The bundle is not signed, but it must be by {' or '.join(known)}. Get the signed bundle from its maker."
        )
    if fingerprint not in known:
        raise BundleError(
            f"The bundle is signed by {fingerprint}, not by {' or '.join(known)}. Do not use it; ask its maker for the"
            " fingerprint of the key."
        )
