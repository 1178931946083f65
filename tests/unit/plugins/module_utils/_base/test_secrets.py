# Copyright (c) 2026 the edgeai.fleet authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
import pytest
from ansible_collections.edgeai.fleet.plugins.module_utils._base.secrets import (
    MASK,
    mask_urls,
    mask_variable,
    redact,
    secret_parts,
)

SECRET = "x9-s3cr3t"


@pytest.mark.parametrize(
    "url",
    [
        f"https://me:{SECRET}@h/simple",
        f"https://{SECRET}@h/simple",
        f"https://h/simple?token={SECRET}",
        f"git+https://oauth2:{SECRET}@h/x.git@v1",
        # A password that nobody has escaped
        f"https://me:p@{SECRET}@h/",
        f"https://me:a/{SECRET}@h/",
        f"https://me:a#{SECRET}@h/",
        f"https://me:a?{SECRET}@h/",
        f"https://me:a'{SECRET}@h/",
        # Anaconda's tokens
        f"https://conda.anaconda.org/t/{SECRET}/channel",
        f"https://h/t/{SECRET}",
        f"https://h/repo/t/{SECRET}-0123456789abcdef/main",
    ],
)
def test_secrets_of_a_url(url):
    assert (
        SECRET not in mask_urls(url)
        and SECRET not in redact(f"uv says: {url} does not answer")
        and "does not answer" in redact(f"{url} does not answer")
    )
    assert any(SECRET in part for part in secret_parts("", url))


@pytest.mark.parametrize(
    "url",
    [
        "https://forums.developer.nvidia.com/t/pytorch-for-jetson/72048",
        "https://files.example/packages/source/t/torch/torch-2.0.tar.gz",
        "git+https://github.com/x/y@v1",
        "https://h:8080/x@v1",
        "http://[::1]:8080/a@b",
        "https://h:80 and a@b.example",
        "https://h/x.whl#sha256=ab",
        "{'https://h': 'https://b/c', 'mail': 'a@b'}",
        "https://a:80,https://b:81/x@y",
    ],
)
def test_what_is_no_secret_stays(url):
    assert mask_urls(url) == redact(url) == url


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("HF_TOKEN", SECRET),
        ("API_KEY_1", SECRET),
        ("TOKEN2", SECRET),
        ("HF-TOKEN", SECRET),
        ("SECRETKEY", SECRET),
        ("DB_PASSWORD", 12345678),
        ("CERT", f"-----BEGIN RSA PRIVATE KEY-----\n{SECRET}"),
        ("HEADER", f"Authorization: Bearer {SECRET}"),
        ("ACCOUNT", '{"private_key": "x"}'),
        ("MODEL_HUB", "hf_0123456789abcdef"),
    ],
)
def test_secret_variables(name, value):
    assert mask_variable(name, value) == MASK


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("OMP_NUM_THREADS", 1),
        ("HF_TOKEN", ""),
        ("TOKENIZERS_PARALLELISM", "false"),
        ("TOKEN_FILE", "/run/token"),
        ("PWD", "/home"),
        ("OPENBLAS_CORETYPE", "ARMV8"),
        ("AUTHOR", "Bearer of news"),
        ("CUDA_MODULE_LOADING", "LAZY"),
    ],
)
def test_variables_that_are_shown(name, value):
    assert mask_variable(name, value) == value
