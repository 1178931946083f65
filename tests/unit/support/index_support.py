# Copyright (c) 2026 the edgeai.fleet authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A real package index on this machine with small real wheels, for the tests of locks and of the wheelhouse."""

from __future__ import annotations

import base64
import hashlib
import http.server
import io
import json
import re
import threading
import zipfile

from ansible_collections.edgeai.fleet.plugins.plugin_utils._model.artifact import make_artifact

PAGE = "<!DOCTYPE html><html><body>{}</body></html>"


def make_wheel(name, version, tag="py3-none-any", requires=(), content="") -> tuple[str, bytes]:
    """Return the file name and the bytes of an installable wheel."""
    stem = name.replace("-", "_")
    files = {
        f"{stem}/__init__.py": f"__version__ = {version!r}\n{content}",
        f"{stem}-{version}.dist-info/METADATA": "".join(
            [
                f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n",
                *(f"Requires-Dist: {requirement}\n" for requirement in requires),
            ]
        ),
        f"{stem}-{version}.dist-info/WHEEL": (
            f"Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: {tag}\n"
        ),
    }
    record = f"{stem}-{version}.dist-info/RECORD"
    files[record] = (
        "".join(f"{path},sha256={_record_hash(text)},{len(text)}\n" for path, text in files.items()) + f"{record},,\n"
    )
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        for path, text in files.items():
            archive.writestr(zipfile.ZipInfo(path, (2026, 1, 1, 0, 0, 0)), text, zipfile.ZIP_DEFLATED)
    return f"{stem}-{version}-{tag}.whl", stream.getvalue()


def _record_hash(text: str) -> str:
    return base64.urlsafe_b64encode(hashlib.sha256(text.encode()).digest()).rstrip(b"=").decode()


def sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


class Site:
    """A package index: its files, its faults and its log."""

    def __init__(self, context=None):
        self.projects: dict[str, dict[str, dict]] = {}
        self.files: dict[str, bytes] = {}
        self.hidden: dict[str, str] = {}  # paths without the file name, as https://nvidia.box.com has them
        self.json = True  # PEP 691, else PEP 503 only
        self.hashes = True
        self.ranges = True
        self.status: int | None = None  # answer this to everything
        self.password: str | None = None
        self.token = ""  # in the path, as /t/TOKEN
        self.cut_once: int | None = None  # end the next answer after this number of bytes
        self.log: list[tuple[str, str, str | None]] = []  # agent, path, Range
        site = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def log_message(self, *args):
                pass

            def do_HEAD(self):
                site.answer(self, body=False)

            def do_GET(self):
                site.answer(self)

        class Server(http.server.ThreadingHTTPServer):
            daemon_threads = True

            def handle_error(self, request, client_address):
                pass  # a client that hangs up does not fail the test

        self.server = Server(("127.0.0.1", 0), Handler)
        if context:  # for TLS
            self.server.socket = context.wrap_socket(
                self.server.socket, server_side=True, do_handshake_on_connect=False
            )
        self.host = f"127.0.0.1:{self.server.server_port}"
        self.url = f"http{'s' if context else ''}://{self.host}"
        self.index = f"{self.url}/simple"
        threading.Thread(target=self.server.serve_forever, args=(0.05,), daemon=True).start()

    def close(self):
        self.server.shutdown()
        self.server.server_close()

    def add(self, name, version, tag="py3-none-any", requires=(), content="", **attributes) -> dict:
        filename, data = make_wheel(name, version, tag, requires, content)
        self.files[filename] = data
        self.projects.setdefault(name, {})[filename] = attributes
        return make_artifact(filename, f"{self.url}/files/{filename}", sha256(data), name, version, len(data))

    def fetched(self, agent="edgeai.fleet") -> list[str]:
        """Return the files that the downloader (not uv) requested, with repetitions."""
        asked = [
            self.hidden.get(path) or path
            for who, path, _range in self.log
            if who == agent and (path in self.hidden or path.startswith("/files/"))
        ]
        return [path.rpartition("/")[2] for path in asked]

    def hide(self, filename) -> str:
        """Return a URL of the file that hides its name."""
        path = f"/shared/static/{sha256(filename.encode())[:12]}.whl"
        self.hidden[path] = filename
        return self.url + path

    def answer(self, request, body=True):
        agent = request.headers.get("User-Agent", "")
        self.log.append((agent, request.path, request.headers.get("Range")))
        wanted = "Basic " + base64.b64encode(f"me:{self.password}".encode()).decode()
        if self.status:
            return self._send(request, self.status, b"", body)
        if self.password and request.headers.get("Authorization") != wanted:
            return self._send(request, 401, b"", body, {"WWW-Authenticate": 'Basic realm="x"'})
        if not request.path.startswith(self.token):
            return self._send(request, 403, b"", body)
        request.path = request.path[len(self.token) :]
        project = re.fullmatch(r"/simple/([^/]+)/", request.path)
        if project and project[1] in self.projects:
            as_json = self.json and "json" in request.headers.get("Accept", "")
            page = (self._json if as_json else self._html)(self.projects[project[1]])
            return self._send(
                request,
                200,
                page.encode(),
                body,
                {"Content-Type": "application/vnd.pypi.simple.v1+json" if as_json else "text/html"},
            )
        if request.path == "/links.html":
            everything = {
                filename: attributes for files in self.projects.values() for filename, attributes in files.items()
            }
            return self._send(request, 200, self._html(everything).encode(), body, {"Content-Type": "text/html"})
        name = self.hidden.get(request.path) or (
            request.path.rpartition("/")[2].replace("%2B", "+") if request.path.startswith("/files/") else None
        )
        data = self.files.get(name)
        if data is None:
            return self._send(request, 404, b"", body)
        asked = re.fullmatch(r"bytes=(\d*)-(\d*)", request.headers.get("Range") or "")
        if not (asked and self.ranges):
            return self._send(request, 200, data, body, {"Accept-Ranges": "bytes"} if self.ranges else {})
        if asked[1]:
            start, end = int(asked[1]), min(int(asked[2] or len(data) - 1), len(data) - 1)
        else:
            start, end = max(0, len(data) - int(asked[2])), len(data) - 1
        if start >= len(data):
            return self._send(request, 416, b"", body, {"Content-Range": f"bytes */{len(data)}"})
        return self._send(
            request,
            206,
            data[start : end + 1],
            body,
            {"Content-Range": f"bytes {start}-{end}/{len(data)}", "Accept-Ranges": "bytes"},
        )

    def _send(self, request, status, data, body, headers=None):
        request.send_response(status)
        for name, value in (headers or {}).items():
            request.send_header(name, value)
        request.send_header("Content-Length", str(len(data)))
        request.end_headers()
        if body and data and self.cut_once is not None and request.path.startswith("/files/"):
            data, self.cut_once = data[: self.cut_once], None
            request.close_connection = True
        if body:
            request.wfile.write(data)

    def _json(self, files):
        return json.dumps(
            {
                "meta": {"api-version": "1.1"},
                "name": "x",
                "files": [
                    {
                        "filename": filename,
                        "url": f"../../files/{filename}",
                        "size": len(self.files[filename]),
                        "hashes": {"sha256": sha256(self.files[filename])} if self.hashes else {},
                        "requires-python": attributes.get("requires_python"),
                        "yanked": attributes.get("yanked", False),
                        **({"upload-time": attributes["uploaded"]} if "uploaded" in attributes else {}),
                    }
                    for filename, attributes in files.items()
                ],
            }
        )

    def _html(self, files):
        return PAGE.format(
            "".join(
                f'<a href="{self.url}/files/{filename.replace("+", "%2B")}'
                f'{f"#sha256={sha256(self.files[filename])}" if self.hashes else ""}"'
                + (
                    f' data-requires-python="{attributes["requires_python"].replace(">", "&gt;")}"'
                    if attributes.get("requires_python")
                    else ""
                )
                + (' data-yanked=""' if attributes.get("yanked") else "")
                + f">{filename}</a><br>"
                for filename, attributes in files.items()
            )
        )
