# Copyright (c) 2026 the edgeai.fleet authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A company's network on this machine: its own certificate authority, and a proxy with a password."""

from __future__ import annotations

import base64
import http.client
import http.server
import select
import socket
import ssl
import subprocess
import threading
import urllib.parse
from pathlib import Path


class Authority:
    """A CA, a certificate for 127.0.0.1, and one for a client."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.certificate, self.server, self.client = folder / "ca.pem", folder / "server.pem", folder / "client.pem"
        extensions = folder / "extensions"
        extensions.write_text(
            "subjectAltName=DNS:localhost,IP:127.0.0.1\nbasicConstraints=CA:FALSE\n"
            "authorityKeyIdentifier=keyid\nsubjectKeyIdentifier=hash\n",
            "utf-8",
        )
        self._openssl(
            "req",
            "-x509",
            "-newkey",
            "rsa:2048",
            "-nodes",
            "-days",
            "2",
            "-subj",
            "/CN=Scratch CA",
            "-keyout",
            "ca.key",
            "-out",
            "ca.pem",
            "-addext",
            "keyUsage=critical,keyCertSign,cRLSign",  # Python 3.13 requires it
        )
        for name in ("server", "client"):
            self._openssl(
                "req",
                "-newkey",
                "rsa:2048",
                "-nodes",
                "-subj",
                f"/CN={name}",
                "-keyout",
                f"{name}.key",
                "-out",
                f"{name}.csr",
            )
            self._openssl(
                "x509",
                "-req",
                "-in",
                f"{name}.csr",
                "-CA",
                "ca.pem",
                "-CAkey",
                "ca.key",
                "-CAcreateserial",
                "-days",
                "2",
                "-extfile",
                "extensions",
                "-out",
                f"{name}.crt",
            )
            (folder / f"{name}.pem").write_text(
                (folder / f"{name}.key").read_text("utf-8") + (folder / f"{name}.crt").read_text("utf-8"), "utf-8"
            )

    def _openssl(self, *arguments: str) -> None:
        subprocess.run(["openssl", *arguments], cwd=self.folder, check=True, capture_output=True)

    def context(self, wants_client: bool = False) -> ssl.SSLContext:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(self.server)
        if wants_client:
            context.verify_mode = ssl.CERT_REQUIRED
            context.load_verify_locations(self.certificate)
        return context


class Proxy:
    """Forwards to this machine only, for clients with the password. `log` has all requests."""

    def __init__(self) -> None:
        user, password = "op", "Pr0xyPw"
        self.log: list[str] = []
        self.password = password
        wanted = "Basic " + base64.b64encode(f"{user}:{password}".encode()).decode()
        proxy = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def log_message(self, *args):
                pass

            def allowed(self) -> bool:
                if self.headers.get("Proxy-Authorization") == wanted:
                    proxy.log.append(f"{self.command} {self.path}")
                    return True
                proxy.log.append(f"407 {self.path}")
                self.send_response(407)
                self.send_header("Proxy-Authenticate", 'Basic realm="x"')
                self.send_header("Content-Length", "0")
                self.end_headers()
                return False

            def do_CONNECT(self):
                if not self.allowed():
                    return
                host, _colon, port = self.path.partition(":")
                with socket.create_connection((host, int(port))) as there:
                    self.send_response(200)
                    self.end_headers()
                    pair = [self.connection, there]
                    while True:
                        for end in select.select(pair, [], [], 60)[0]:
                            try:
                                data = end.recv(65536)
                            except OSError:  # the connection was cut off
                                data = b""
                            if not data:
                                self.close_connection = True
                                return
                            pair[end is self.connection].sendall(data)

            def do_HEAD(self):
                self.do_GET()

            def do_GET(self):
                if not self.allowed():
                    return
                parts = urllib.parse.urlsplit(self.path)
                there = http.client.HTTPConnection(parts.netloc.rpartition("@")[2])
                passed = {name: value for name, value in self.headers.items() if not name.lower().startswith("proxy")}
                there.request(
                    self.command, urllib.parse.urlunsplit(parts._replace(scheme="", netloc="")), headers=passed
                )
                answer = there.getresponse()
                body = answer.read()
                self.send_response(answer.status)
                for name, value in answer.getheaders():
                    if name.lower() not in ("transfer-encoding", "connection"):
                        self.send_header(name, value)
                self.end_headers()
                self.wfile.write(body)

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.host = f"127.0.0.1:{self.server.server_port}"
        self.url = f"http://{user}:{password}@{self.host}"
        threading.Thread(target=self.server.serve_forever, args=(0.05,), daemon=True).start()

    def close(self) -> None:
        self.server.shutdown()
        self.server.server_close()
