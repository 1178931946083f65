# Copyright (c) 2026 the edgeai.fleet authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Company networks: real TLS, a real proxy, real uv and rattler, on 127.0.0.1."""

from __future__ import annotations

import base64
import http.client
import http.server
import json
import os
import shutil
import stat
import subprocess
import sys
import threading
import time

import pytest
from ansible_collections.edgeai.fleet.plugins.plugin_utils._base.errors import Refused, Unreachable
from ansible_collections.edgeai.fleet.plugins.plugin_utils._base.hidden_values import OPTIONS
from ansible_collections.edgeai.fleet.plugins.plugin_utils._base.network_errors import fix_for, kind_of
from ansible_collections.edgeai.fleet.plugins.plugin_utils._lock import conda_lock
from ansible_collections.edgeai.fleet.plugins.plugin_utils._lock.installer_tools import TOOLS
from ansible_collections.edgeai.fleet.plugins.plugin_utils._lock.uv import resolve_with_uv
from ansible_collections.edgeai.fleet.plugins.plugin_utils._lock.wheel_lock import resolve_plan
from ansible_collections.edgeai.fleet.plugins.plugin_utils._plan.variables import known_options
from ansible_collections.edgeai.fleet.plugins.plugin_utils._wheelhouse.package_index import Sources
from ansible_collections.edgeai.fleet.plugins.plugin_utils._wheelhouse.pip_config import Source, pip_configuration
from ansible_collections.edgeai.fleet.plugins.plugin_utils._wheelhouse.store import Wheelhouse
from index_support import Site
from lock_support import ARM, needs_uv, versions
from network_support import Authority, Proxy


@pytest.fixture(scope="module")
def authority(tmp_path_factory):
    return Authority(tmp_path_factory.mktemp("ca"))


@pytest.fixture
def clean(pip_settings, monkeypatch, tmp_path):
    """Nothing of this machine's own network settings."""
    for name in [*os.environ]:
        if name.startswith(("SSL_", "REQUESTS_", "CURL_")):
            monkeypatch.delenv(name)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.delenv("XDG_CONFIG_HOME", raising=False)
    return pip_settings


def fill(site, monkeypatch):
    site.add("torch", "2.9.1", ARM, requires=["numpy"])
    site.add("numpy", "2.2.0")
    site.add("pip", "26.0")
    monkeypatch.setitem(TOOLS["venv"], "aarch64", [site.add("uv", "0.13.9")])
    return site


@pytest.fixture
def secure(authority, monkeypatch):
    site = fill(Site(authority.context()), monkeypatch)
    yield site
    site.close()


@pytest.fixture
def guarded(authority, monkeypatch):
    """It asks for a client certificate."""
    site = fill(Site(authority.context(wants_client=True)), monkeypatch)
    yield site
    site.close()


@pytest.fixture
def proxy():
    proxy = Proxy()
    yield proxy
    proxy.close()


def lock(plan, tmp_path):
    index = Sources()
    made = resolve_plan(plan(), index, tmp_path / "cache", {}, [])
    house = Wheelhouse(tmp_path / "house", index.configuration)
    assert not house.fetch_all(made["packages"])
    return made


def unreachable(plan, tmp_path) -> Unreachable:
    with pytest.raises(Unreachable) as caught:
        resolve_plan(plan(), Sources(), tmp_path / "cache", {}, [])
    return caught.value


@needs_uv
def test_an_index_with_a_certificate_of_the_companys_own(secure, clean, plan, tmp_path, authority, monkeypatch):
    clean(index_url=secure.index)
    error = unreachable(plan, tmp_path)
    assert (
        f"the certificate of {secure.host} is not trusted" in str(error)
        and "cert in pip" in error.way_out
        and "torch_mirrors" in error.way_out
    )
    clean(cert=authority.certificate)
    assert versions(lock(plan, tmp_path)) == {"torch": "2.9.1", "numpy": "2.2.0", "pip": "26.0"}
    # The certificates of the system (here by OpenSSL's variable) are uv's, too.
    monkeypatch.delenv("PIP_CERT")
    monkeypatch.setenv("SSL_CERT_FILE", str(authority.certificate))
    assert lock(plan, tmp_path)


@needs_uv
@pytest.mark.skipif(
    os.geteuid() != 0 or not os.path.exists("/etc/ssl/certs/ca-certificates.crt"),
    reason="mounting over the certificates takes root",
)
def test_uv_takes_the_certificates_of_the_system(secure, clean, plan, authority, tmp_path):
    """As after update-ca-certificates, in a mount namespace of this test's own."""
    bundle = tmp_path / "bundle.pem"
    with open("/etc/ssl/certs/ca-certificates.crt", encoding="utf-8") as system:
        bundle.write_text(system.read() + authority.certificate.read_text("utf-8"), "utf-8")
    clean(index_url=secure.index)
    program = (
        "import sys; from pathlib import Path\n"
        "from ansible_collections.edgeai.fleet.plugins.plugin_utils._wheelhouse.package_index import Sources\n"
        "from ansible_collections.edgeai.fleet.plugins.plugin_utils._lock.uv import resolve_with_uv\n"
        f"plan = {plan()!r}\n"
        f'print(resolve_with_uv(plan, ["numpy"], [], {{}}, {{}}, Sources(), Path({str(tmp_path / "cache")!r})))\n'
    )
    done = subprocess.run(
        [
            "unshare",
            "-m",
            "sh",
            "-c",
            'mount --bind "$0" /etc/ssl/certs/ca-certificates.crt && exec "$@"',
            str(bundle),
            sys.executable,
            "-c",
            program,
        ],
        env={**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))},
        capture_output=True,
        text=True,
        check=False,
    )
    if "unshare" in done.stderr or "mount:" in done.stderr:
        pytest.skip(f"no mount namespace here: {done.stderr}")
    assert done.returncode == 0 and "numpy-2.2.0" in done.stdout, done.stderr
    assert "UV_NATIVE_TLS" not in done.stdout, "a warning about our own variables"


@needs_uv
@pytest.mark.parametrize("slow", [False, True])
def test_a_client_certificate(guarded, clean, plan, tmp_path, authority, monkeypatch, slow):
    """Also where the host has hung up before the request is sent."""
    connect = http.client.HTTPSConnection.connect

    def connect_slowly(connection):
        connect(connection)
        time.sleep(0.5)

    if slow:
        monkeypatch.setattr(http.client.HTTPSConnection, "connect", connect_slowly)
    clean(index_url=guarded.index, cert=authority.certificate)
    error = unreachable(plan, tmp_path)
    assert "client-cert" in error.way_out, error
    clean(client_cert=authority.client)
    assert lock(plan, tmp_path)


@needs_uv
@pytest.mark.parametrize("tls", [False, True])
def test_pips_proxy_with_a_password(secure, site, clean, plan, tmp_path, authority, proxy, monkeypatch, tls):
    place = secure if tls else fill(site, monkeypatch)
    clean(index_url=place.index, cert=authority.certificate, proxy=proxy.url.replace("Pr0xyPw", "wrong"))
    error = unreachable(plan, tmp_path)
    assert "407" in str(error) and "proxy in pip" in error.way_out and "wrong" not in str(error)
    clean(proxy=proxy.url.partition("//")[2])  # pip takes it without a scheme
    proxy.log.clear()
    assert lock(plan, tmp_path)
    asked = [line for line in proxy.log if not line.startswith("407")]
    assert asked and (tls or len(asked) == len(place.log)), (proxy.log, place.log)
    assert "HTTP_PROXY" not in os.environ
    # Past the proxy goes what is named so.
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    proxy.log.clear()
    assert lock(plan, tmp_path / "again") and not proxy.log


@needs_uv
@pytest.mark.parametrize("status", [401, 403, 503])
def test_uv_and_a_source_that_begins_to_refuse(site, clean, plan, tmp_path, monkeypatch, status):
    """It answered us, and does not answer uv: that is no failure to resolve."""
    clean(index_url=fill(site, monkeypatch).index)
    monkeypatch.setenv("UV_HTTP_RETRIES", "0")
    index = Sources()
    index.usable_sources()
    site.status = status
    with pytest.raises(Refused) as caught:
        resolve_with_uv(plan(), ["numpy"], [], {}, {}, index, tmp_path / "cache")
    assert "cannot be resolved together" not in str(caught.value) and site.host in str(caught.value)
    assert "torch_mirrors" in caught.value.refusal["way_out"]


@needs_uv
def test_what_only_a_source_has_that_is_down_is_no_failure_to_resolve(site, clean, plan, tmp_path):
    site.add("torch", "2.9.1", ARM)
    clean(index_url=site.index, extra_index_url="http://127.0.0.1:9/simple")
    with pytest.raises(Refused) as caught:
        resolve_with_uv(plan(), ["torch", "numpy"], [], {}, {}, Sources(), tmp_path / "cache")
    assert "cannot be resolved together" not in str(
        caught.value
    ) and "http://127.0.0.1:9/simple is down ([Errno 111]" in str(caught.value)
    assert "torch_mirrors" in caught.value.refusal["way_out"]


def test_a_certificate_that_is_not_there_is_named(secure, clean, plan, tmp_path):
    clean(index_url=secure.index, cert=tmp_path / "gone.pem")
    error = unreachable(plan, tmp_path)
    assert (
        f"the certificate {tmp_path}/gone.pem of the control node cannot be read" in str(error)
        and "PIP_CERT" in error.way_out
    )


def test_kinds():
    for text, kind in (
        ("invalid peer certificate: Other(OtherError(CaUsedAsEndEntity))", "ca-itself"),
        ("NO_CERTIFICATE_OR_CRL_FOUND", "file"),
        ("[SSL: TLSV13_ALERT_CERTIFICATE_REQUIRED] tlsv13 alert certificate required", "client-certificate"),
        ("HTTP 407", "proxy"),
        ("invalid peer certificate: UnknownIssuer", "certificate"),
        ("it answered HTTP 403 (Forbidden)", "credentials"),
        ("it answered HTTP 429 (Too Many Requests)", "busy"),
        ("it answered HTTP 503 (Service Unavailable)", "busy"),
        ("it answered with a sign-in page instead of a package index", "credentials"),
        ("[Errno -2] Name or service not known", "unreachable"),
        ("[SSL: WRONG_VERSION_NUMBER] wrong version number", "tls"),
        ("Because proxy-tools==1.401 depends on ssl-403 and there is no version of tls", None),
    ):
        assert kind_of(text) == kind, text
        assert "torch_mirrors" in fix_for(text)


@pytest.fixture
def secure_channel(conda_channel, authority):
    """A conda channel over TLS that wants a password: (its place, the Python of its packages)."""
    channel, lab = conda_channel
    wanted = "Basic " + base64.b64encode(b"me:Ch4nnelPw").decode()

    class Handler(http.server.SimpleHTTPRequestHandler):
        def __init__(self, *arguments):
            super().__init__(*arguments, directory=str(channel))

        def log_message(self, *args):
            pass

        def send_head(self):
            if self.headers.get("Authorization") == wanted:
                return super().send_head()
            self.send_response(401)
            self.send_header("Content-Length", "0")
            self.end_headers()
            return None

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.socket = authority.context().wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
    yield f"127.0.0.1:{server.server_port}", lab.PYTHON
    server.shutdown()
    server.server_close()


def test_rattler_in_a_companys_network(secure_channel, clean, plan, tmp_path, authority, proxy, monkeypatch):
    host, python = secure_channel
    clean(no_index="1")

    def resolved(user="me:Ch4nnelPw@"):
        conda = {
            "channels": [f"https://{user}{host}"],
            "build": "cpu",
            "virtual": {"cuda": None, "glibc": "2.36", "linux": "6.1.0"},
        }
        shutil.rmtree(tmp_path / "cache", ignore_errors=True)
        return conda_lock.resolve_conda_plan(
            plan("x86_64", provider="conda", conda=conda, python=python, forbid=[]), Sources(), tmp_path / "cache"
        )

    with pytest.raises(Unreachable) as caught:
        resolved()
    assert (
        kind_of(str(caught.value)) == "certificate"
        and "Ch4nnelPw" not in str(caught.value)
        and "torch_mirrors" in caught.value.way_out
    )
    clean(cert=authority.certificate, proxy=proxy.url)
    made = resolved()
    assert made["torch"] == "2.7.1" and "Ch4nnelPw" not in json.dumps(made)
    assert proxy.log and all(line in (f"CONNECT {host}", f"407 {host}") for line in proxy.log)
    assert not [
        path for path in (tmp_path / "cache").rglob("*") if path.is_file() and b"Ch4nnelPw" in path.read_bytes()
    ]
    with pytest.raises(Unreachable) as caught:
        resolved("me:wrong@")
    assert kind_of(str(caught.value)) == "credentials", caught.value


# --- settings


def settings(home, **environ):
    return pip_configuration({"HOME": str(home), **environ}, prefix=str(home))


def test_uvs_index_counts_where_pip_has_none(tmp_path):
    found = settings(
        tmp_path,
        UV_DEFAULT_INDEX="https://a/simple",
        UV_INDEX="corp=https://b/simple",
        UV_INDEX_CORP_USERNAME="me",
        UV_INDEX_CORP_PASSWORD="p w",
        UV_FIND_LINKS="/wheels",
        UV_HTTP_TIMEOUT="77",
        UV_INSECURE_HOST="b",
        UV_KEYRING_PROVIDER="subprocess",
        UV_PRERELEASE="allow",
    )
    assert found.sources == (
        Source("index", "https://a/simple"),
        Source("index", "https://me:p%20w@b/simple"),
        Source("links", "/wheels"),
    )
    assert (found.timeout, found.trusted_hosts, found.keyring) == (77, ("b",), True)
    assert found.passed == {"UV_HTTP_TIMEOUT": "77"} and found.ignored == ("UV_PRERELEASE",)


def test_pips_index_wins_over_uvs_and_the_run_says_so(tmp_path):
    found = settings(
        tmp_path, PIP_INDEX_URL="https://pip/simple", UV_INDEX_URL="https://uv/simple", PIP_CONSTRAINT="c.txt"
    )
    assert found.sources == (Source("index", "https://pip/simple"),)
    assert found.ignored == ("constraint of pip", "UV_INDEX_URL (the index of pip's configuration wins)")
    assert settings(tmp_path, PIP_INDEX_URL="https://pip/simple", UV_INDEX_URL="https://pip/simple").ignored == ()


def test_uv_toml(tmp_path):
    (tmp_path / ".config" / "uv").mkdir(parents=True)
    (tmp_path / ".config" / "uv" / "uv.toml").write_text(
        'keyring-provider = "subprocess"\nhttps-proxy = "http://proxy:1"\nexclude-newer = "2026-01-01"\n'
        '[[index]]\nurl = "https://a/simple"\ndefault = true\n',
        "utf-8",
    )
    found = settings(tmp_path, UV_INDEX="https://b/simple")
    assert [source.location for source in found.sources] == ["https://a/simple", "https://b/simple"]
    assert found.keyring and found.proxy == "http://proxy:1" and "exclude-newer" in found.ignored[0]
    assert settings(tmp_path, UV_NO_CONFIG="1").proxy is None
    (tmp_path / ".config" / "uv" / "uv.toml").write_text("[", "utf-8")
    with pytest.raises(ValueError, match="uv's configuration .*uv.toml cannot be read"):
        settings(tmp_path)


def test_a_keyring_is_asked_as_pip_asks_it(site, clean, tmp_path, monkeypatch):
    program = tmp_path / "bin" / "keyring"
    program.parent.mkdir()
    program.write_text(f'#!/bin/sh\n[ "$1 $2 $3" = "get {site.index} me" ] && echo s3cret\n', "utf-8")
    program.chmod(program.stat().st_mode | stat.S_IXUSR)
    monkeypatch.setenv("PATH", f"{program.parent}:{os.environ['PATH']}")
    site.password = "s3cret"
    site.add("pip", "26.0")
    clean(index_url=site.index.replace("//", "//me@"))
    assert not Sources().usable_sources()
    clean(keyring_provider="subprocess")
    assert Sources().usable_sources()


def test_a_folder_of_certificates(secure, clean, authority, tmp_path):
    folder = tmp_path / "certs"
    folder.mkdir()
    (folder / "ca.pem").write_text(authority.certificate.read_text("utf-8"), "utf-8")
    subprocess.run(["openssl", "rehash", str(folder)], check=True, capture_output=True)
    clean(index_url=secure.index, cert=folder)
    assert Sources().usable_sources()


def test_what_may_be_secret_is_an_option():
    assert set(OPTIONS) <= set(known_options())
