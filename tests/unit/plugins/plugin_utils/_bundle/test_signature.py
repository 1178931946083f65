# Copyright (c) 2026 the edgeai.fleet authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Real keys and the real ssh-keygen."""

from __future__ import annotations

import re
import subprocess

import pytest
from ansible_collections.edgeai.fleet.plugins.plugin_utils._bundle import layout, signature
from bundle_support import make_key

pytestmark = pytest.mark.slow
TEXT = "some sums\n"


@pytest.fixture(scope="module")
def keys(tmp_path_factory):
    folder = tmp_path_factory.mktemp("keys")
    return {name: make_key(folder, name) for name in ("maker", "other")}


def test_who_signed_what(keys):
    signed = signature.sign(TEXT, keys["maker"])
    (fingerprint,) = signature.fingerprints(f"{keys['maker']}.pub")
    assert signature.signer_of(TEXT, signed) == fingerprint and signature.fingerprints(fingerprint) == [fingerprint]
    assert signed == signature.sign(TEXT, keys["maker"])
    with pytest.raises(layout.BundleError, match="not a signature of this SHA256SUMS"):
        signature.signer_of(TEXT + "more", signed)
    with pytest.raises(layout.BundleError, match="not a signature of this SHA256SUMS"):
        signature.signer_of(TEXT, "nonsense")


def test_a_signature_for_another_purpose_is_none(keys, tmp_path):
    (tmp_path / "text").write_text(TEXT)
    subprocess.run(["ssh-keygen", "-Y", "sign", "-f", keys["maker"], "-n", "git", tmp_path / "text"], check=True)
    with pytest.raises(layout.BundleError, match="another purpose"):
        signature.signer_of(TEXT, (tmp_path / "text.sig").read_text())


def test_the_signer_that_is_asked_for(keys, tmp_path):
    maker, other = (signature.fingerprints(str(keys[name]))[0] for name in ("maker", "other"))
    signature.check_signer(maker, None)
    signature.check_signer(None, None)
    signature.check_signer(maker, maker)
    both = tmp_path / "both.pub"
    both.write_text("".join((keys[name].parent / f"{name}.pub").read_text() for name in ("other", "maker")))
    signature.check_signer(maker, str(both))
    with pytest.raises(layout.BundleError, match=f"signed by {re.escape(other)}, not by "):
        signature.check_signer(other, maker)
    with pytest.raises(layout.BundleError, match="is not signed"):
        signature.check_signer(None, maker)
    with pytest.raises(layout.BundleError, match="bundle_signer: .* neither a fingerprint"):
        signature.check_signer(maker, str(tmp_path / "nowhere"))


def test_a_key_that_cannot_sign(tmp_path):
    with pytest.raises(layout.BundleError, match="bundle_key: .* cannot be read"):
        signature.sign(TEXT, tmp_path / "nowhere")
    locked = tmp_path / "locked"
    subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "a secret", "-f", str(locked)], check=True)
    with pytest.raises(layout.BundleError, match="ssh-agent"):
        signature.sign(TEXT, locked)
