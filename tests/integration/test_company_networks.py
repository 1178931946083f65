# Copyright (c) 2026 the edgeai.fleet authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A control node in a company's network: an index with a certificate of the company's own, behind a proxy with a
password.
"""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from index_support import Site
from network_support import Authority, Proxy
from playbook_runs import Operator

CPU = "https://download.pytorch.org/whl/cpu"


@pytest.fixture
def company(tmp_path: Path):
    authority = Authority(tmp_path)
    site, proxy = Site(authority.context()), Proxy()
    site.add("torch", "2.9.1+cpu", requires=["numpy"])
    site.add("numpy", "2.2.0")
    site.add("pip", "26.0")
    yield authority, site, proxy
    site.close()
    proxy.close()


def test_a_certificate_is_named_and_a_proxy_is_used(local: Operator, company, monkeypatch: pytest.MonkeyPatch):
    authority, site, proxy = company
    for name in [*os.environ]:
        if name.upper().startswith(("PIP_", "UV_", "SSL_", "REQUESTS_", "CURL_")) or name.lower().endswith("_proxy"):
            monkeypatch.delenv(name)
    pip = {"PIP_CONFIG_FILE": os.devnull, "PIP_INDEX_URL": site.index}
    request = {"torch_mirrors": {CPU: site.index}, "wheelhouse_dir": str(local.directory / "wheelhouse")}
    run = local.provision("--check", environ=pip, **request)
    assert run.status != 0, run.output
    said = " ".join(run.output.split())
    assert (
        f"the certificate of {site.host} is not trusted" in said
        and "pip config set global.cert" in said
        and "torch_mirrors" in said
    )
    assert "resolved together" not in said

    run = local.provision(
        "--check",
        "-vvv",
        environ={**pip, "PIP_CERT": str(authority.certificate), "PIP_PROXY": proxy.url, "PIP_PRE": "1"},
        **request,
    )
    assert run.status == 0, run.output
    assert "torch-2.9.1+cpu-py3-none-any.whl" in run.output and proxy.log and proxy.password not in run.output
    assert "these settings of the control node are not used: pre of pip" in run.output


def test_a_page_to_sign_in_at_is_no_index_without_torch(local: Operator):
    """A portal answers unknown clients with a login page and status 200."""
    site = Site()
    site.projects = {name: {"sign in.html": {}} for name in ("torch", "pip")}
    site.files["sign in.html"] = b""
    site.json = False
    run = local.provision(
        "--check",
        environ={"PIP_CONFIG_FILE": os.devnull, "PIP_INDEX_URL": site.index, "PIP_FIND_LINKS": ""},
        torch_mirrors={CPU: site.index},
        wheelhouse_dir=str(local.directory / "wheelhouse"),
    )
    site.close()
    said = " ".join(run.output.split())
    assert (
        run.status != 0 and "a sign-in page" in said and "there is no torch" not in said and "torch_mirrors" in said
    ), run.output


def test_check_mode_with_an_index_that_tells_no_sizes(local: Operator):
    """HTML pages and the URL of a requirement have no sizes, but the board's module needs them before anything is
    fetched.
    """
    site = Site()
    site.json = False
    site.add("torch", "2.9.1+cpu")
    site.add("pip", "26.0")
    site.add("extra", "1.0")
    run = local.provision(
        "--check",
        environ={"PIP_CONFIG_FILE": os.devnull, "PIP_INDEX_URL": site.index, "PIP_FIND_LINKS": ""},
        torch_mirrors={CPU: site.index},
        torch_requirements=[f"extra @ {site.url}/files/extra-1.0-py3-none-any.whl"],
        wheelhouse_dir=str(local.directory / "wheelhouse"),
    )
    site.close()
    assert run.status == 0 and "torch 2.9.1+cpu would be installed" in run.output, run.output
