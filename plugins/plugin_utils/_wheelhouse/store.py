# Copyright (c) 2026 the edgeai.fleet authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to edgeai.fleet: its interface may change in any release.

"""The wheelhouse: one verified copy of every artifact on the control node, `sha256/<sha256>/<filename>`.

Artifacts are wheels, conda packages, and other files that boards need (keyrings, installers).
"""

from __future__ import annotations

import fcntl
import json
import os
import shutil
import time
import zipfile
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from .._base import files, hashes, urls
from .package_index import SourceDown, open_http, read_body
from .pip_config import Configuration
from .wheel_files import check_kind

CONNECTIONS = 4
TRIES = 3
_BLOCK = 1 << 20
_MIB = 1 << 20
_PROGRESS_SECONDS = 10


class WheelhouseError(Exception):
    """The wheelhouse cannot be used."""


class FetchFailed(Exception):
    """One artifact cannot be fetched."""


class Mismatch(FetchFailed):
    """The fetched file has another sha256."""

    def __init__(self, artifact: dict[str, Any], found: str) -> None:
        super().__init__(
            f"SHA-256 mismatch for {artifact['filename']}: expected {artifact['sha256']} (by the lock), got {found},"
            f" from {artifact['url']}"
        )
        self.filename = artifact["filename"]
        self.found = found


def default_wheelhouse() -> Path:
    """As the defaults of the roles wheelhouse and torch_build have it."""
    cache = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(cache) / "edgeai-fleet" / "wheelhouse"


def size_text(size: int) -> str:
    return f"{size / _MIB:.1f} MiB" if size >= _MIB else f"{-(-size // 1024)} KiB"


class Wheelhouse:
    def __init__(
        self, root: Path, configuration: Configuration, say: Callable[[str], None] = lambda line: None
    ) -> None:
        self.root = root
        self.configuration = configuration
        self.say = say
        self.warnings: list[str] = []
        self.downloaded: list[str] = []

    def path_of(self, artifact: dict[str, Any]) -> Path:
        return self.root / "sha256" / artifact["sha256"] / artifact["filename"]

    @contextmanager
    def lock_for_run(self, timeout: float = 3600) -> Iterator[None]:
        """One run at a time: a second one waits for the first. The kernel frees the lock of a dead run."""
        try:
            self.root.mkdir(parents=True, exist_ok=True)
            stream = open(self.root / ".lock", "a", encoding="ascii")
        except OSError as error:
            raise WheelhouseError(
                f"the wheelhouse {self.root} cannot be used: {error.strerror}; set wheelhouse_dir to a writable"
                " directory"
            ) from error
        with stream:
            deadline = time.monotonic() + timeout
            waiting = False
            while True:
                try:
                    fcntl.flock(stream, fcntl.LOCK_EX | fcntl.LOCK_NB)
                    break
                except OSError as error:
                    if time.monotonic() > deadline:
                        raise WheelhouseError(
                            f"another run has locked {self.root} for {timeout:.0f} s; wait for it, or end it"
                        ) from error
                if not waiting:
                    self.say(f"waiting for another run that uses {self.root}")
                    waiting = True
                time.sleep(0.2)
            yield

    # --- what is there

    def _read_stamp(self, artifact: dict[str, Any]) -> dict[str, Any]:
        """The file's state when it was last verified; {} if it never was, or has changed since."""
        path = self.path_of(artifact)
        try:
            stamp = json.loads(_stamp_path(path).read_text("ascii"))
            return stamp if {**stamp, **_file_state(path)} == stamp else {}
        except (OSError, ValueError, TypeError):
            return {}

    def _write_stamp(self, artifact: dict[str, Any]) -> None:
        path = self.path_of(artifact)
        unpacked = None  # of other files than wheels: a conda package holds compressed archives
        if path.suffix == ".whl":
            try:
                with zipfile.ZipFile(path) as archive:
                    unpacked = sum(entry.file_size for entry in archive.infolist())
            except zipfile.BadZipFile as error:
                raise FetchFailed(
                    f"{artifact['filename']} from {artifact['url']} has the sha256 of the lock but is not a wheel:"
                    f" {error}"
                ) from error
        files.write_atomically(_stamp_path(path), json.dumps({**_file_state(path), "unpacked": unpacked}))

    def has(self, artifact: dict[str, Any]) -> bool:
        """Whether a good copy is there. Writes nothing; hashes only files that changed since they were verified."""
        path = self.path_of(artifact)
        return bool(self._read_stamp(artifact)) or (path.is_file() and hashes.sha256_of(path) == artifact["sha256"])

    def _has_good_copy(self, artifact: dict[str, Any]) -> bool:
        """Whether a good copy is there; a bad one is renamed."""
        path = self.path_of(artifact)
        if self._read_stamp(artifact):
            return True
        if not path.is_file():
            return False
        found = hashes.sha256_of(path)
        if found == artifact["sha256"]:
            self._write_stamp(artifact)
            return True
        if self.configuration.offline:
            raise FetchFailed(
                f"{path} was changed: its sha256 is {found}, by the lock it is {artifact['sha256']}; it cannot be"
                " fetched again, because wheelhouse_offline is true"
            )
        aside = path.with_name(f"{path.name}.tampered")
        path.replace(aside)
        self.warnings.append(
            f"{path} was changed: its sha256 is {found}, by the lock it is {artifact['sha256']}; it was renamed to"
            f" {aside.name} and is fetched again"
        )
        return False

    # --- fetching

    def fetch_all(self, artifacts: Iterable[dict[str, Any]]) -> dict[str, FetchFailed]:
        """Fetch all artifacts that are not there, each once; the failures by sha256. Fills in `size` and `unpacked`."""
        wanted = list(artifacts)
        largest_first = sorted(wanted, key=lambda artifact: -(artifact["size"] or 0))
        distinct = {self.path_of(artifact): artifact for artifact in largest_first}
        failed: dict[str, FetchFailed] = {}

        def fetch_one(artifact: dict[str, Any]) -> None:
            try:
                if not self._has_good_copy(artifact):
                    self._fetch_locked(artifact)
            except FetchFailed as error:
                failed[artifact["sha256"]] = error

        try:
            self.root.mkdir(parents=True, exist_ok=True)
            self._check_space(distinct.values())
            with ThreadPoolExecutor(CONNECTIONS) as pool:
                list(pool.map(fetch_one, distinct.values()))
        except OSError as error:
            raise self._unusable_error(error) from error
        for artifact in wanted:
            if artifact["sha256"] not in failed:
                self._fill_in(artifact)
        return failed

    def fetch_first(self, artifact: dict[str, Any]) -> dict[str, Any]:
        """Fetch a file without a known hash, check its kind by its name, and keep it under its sha256."""
        self._refuse_offline(artifact)
        partial = self.root / f".{artifact['filename']}.first"
        try:
            self.root.mkdir(parents=True, exist_ok=True)
            partial.unlink(missing_ok=True)  # without a hash a part of an earlier run may be of another file
            self.say(f"fetching {artifact['filename']}, for the first time")
            found, _resumed = self._download_file(artifact, partial)
            try:
                check_kind(partial, artifact["filename"])
            except ValueError as error:
                partial.unlink()
                raise FetchFailed(f"the file from {artifact['url']} is not {artifact['filename']}: {error}") from error
            artifact = {**artifact, "sha256": found}
            self._keep_file(artifact, partial)
        except OSError as error:
            raise self._unusable_error(error) from error
        self._fill_in(artifact)
        return artifact

    def measure_sizes(self, artifacts: Iterable[dict[str, Any]]) -> dict[str, FetchFailed]:
        """Fill in the `size` of artifacts that this run does not fetch; the failures by sha256."""
        failed: dict[str, FetchFailed] = {}
        for artifact in artifacts:
            if self.has(artifact):
                artifact["size"] = self.path_of(artifact).stat().st_size
                continue
            try:
                with open_http(artifact["url"], self.configuration, {"Accept-Encoding": "identity"}) as response:
                    artifact["size"] = int(response.headers["Content-Length"])
            except (SourceDown, TypeError) as error:
                why = error if isinstance(error, SourceDown) else "it does not report the size of the file"
                failed[artifact["sha256"]] = FetchFailed(
                    f"{artifact['filename']} cannot be fetched from {artifact['url']}: {why}"
                )
        return failed

    def _fill_in(self, artifact: dict[str, Any]) -> None:
        stamp = self._read_stamp(artifact)
        artifact.update(size=stamp["size"], unpacked=stamp["unpacked"])

    def _refuse_offline(self, artifact: dict[str, Any]) -> None:
        if self.configuration.offline:
            raise FetchFailed(
                f"{artifact['filename']} is not in the wheelhouse {self.root}, and wheelhouse_offline is true"
            )

    def _unusable_error(self, error: OSError) -> WheelhouseError:
        return WheelhouseError(f"the wheelhouse {self.root} cannot be used: {error}")

    def _check_space(self, artifacts: Iterable[dict[str, Any]]) -> None:
        need = sum(artifact["size"] or 0 for artifact in artifacts if not self.path_of(artifact).is_file())
        free = shutil.disk_usage(self.root).free
        if need > free:
            raise WheelhouseError(
                f"{self.root} has {size_text(free)} free, but {size_text(need)} must be fetched; free some space or set"
                " wheelhouse_dir"
            )

    def _fetch_locked(self, artifact: dict[str, Any]) -> None:
        self._refuse_offline(artifact)
        path = self.path_of(artifact)
        path.parent.mkdir(parents=True, exist_ok=True)
        partial = path.with_name(f".{path.name}.partial")
        size = f" ({size_text(artifact['size'])})" if artifact["size"] else ""
        self.say(f"fetching {artifact['filename']}{size}")
        found, resumed = self._download_file(artifact, partial)
        if found != artifact["sha256"] and resumed:  # the part of an earlier run may be wrong: start again
            partial.unlink()
            found, resumed = self._download_file(artifact, partial)
        if found != artifact["sha256"]:
            partial.unlink()
            raise Mismatch(artifact, found)
        self._keep_file(artifact, partial)

    def _keep_file(self, artifact: dict[str, Any], partial: Path) -> None:
        path = self.path_of(artifact)
        path.parent.mkdir(parents=True, exist_ok=True)
        os.replace(partial, path)
        self._write_stamp(artifact)
        self.downloaded.append(artifact["filename"])

    def _download_file(self, artifact: dict[str, Any], partial: Path) -> tuple[str, bool]:
        """Complete the partial file; its sha256, and whether part of it was there before."""
        resumed = partial.exists() and partial.stat().st_size > 0
        for tries_left in reversed(range(TRIES)):
            try:
                with open(partial, "ab") as stream:
                    self._receive_bytes(artifact, stream)
                    stream.flush()
                    os.fsync(stream.fileno())
                break
            except SourceDown as down:
                if not tries_left or not down.is_temporary:
                    raise FetchFailed(
                        f"{artifact['filename']} cannot be fetched from {artifact['url']}: {down}"
                    ) from down
                time.sleep(1)
        return hashes.sha256_of(partial), resumed

    def _receive_bytes(self, artifact: dict[str, Any], stream: Any) -> None:
        """Append the missing bytes, or start again if the source cannot resume."""
        have = stream.tell()
        source = urls.local_path(artifact["url"])
        if source is not None:
            stream.truncate(0)
            try:
                origin = open(source, "rb")
            except OSError as error:
                raise SourceDown(error.strerror or str(error), 404) from error
            with origin:
                shutil.copyfileobj(origin, stream, _BLOCK)
            return
        headers = {"Range": f"bytes={have}-"} if have else {}
        try:
            response = open_http(artifact["url"], self.configuration, {**headers, "Accept-Encoding": "identity"})
        except SourceDown as down:
            if down.status != 416:
                raise
            stream.truncate(0)  # no byte follows: the part is complete, or of another file
            have, response = 0, open_http(artifact["url"], self.configuration, {"Accept-Encoding": "identity"})
        with response:
            if response.getcode() != 206:
                stream.truncate(0)
                have = 0
            expected = have + int(response.headers.get("Content-Length") or 0)
            said = time.monotonic()
            while block := read_body(response, _BLOCK):
                stream.write(block)
                have += len(block)
                if expected and time.monotonic() >= said + _PROGRESS_SECONDS:
                    said = time.monotonic()
                    self.say(f"{artifact['filename']} {100 * have // expected} %")
        if expected and have < expected:
            raise SourceDown(f"the connection ended after {have} of {expected} bytes")


def _stamp_path(path: Path) -> Path:
    return path.with_name(f".{path.name}.verified")


def _file_state(path: Path) -> dict[str, int]:
    stat = path.stat()
    return {"size": stat.st_size, "mtime_ns": stat.st_mtime_ns, "ctime_ns": stat.st_ctime_ns}
