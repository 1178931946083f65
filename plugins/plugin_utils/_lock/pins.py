# Copyright (c) 2026 the edgeai.fleet authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to edgeai.fleet: its interface may change in any release.

"""Pins: the hash that a file had when it was first fetched, for files of which nobody publishes one.

They are kept beside the locks, in `pins.json`, which the operator commits: from then on the file is this one or none.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from ansible_collections.edgeai.fleet.plugins.module_utils._base.secrets import redact

from .._base.clock import now
from .._base.errors import Refused
from .._base.files import is_file_name, write_atomically
from .._base.hashes import is_sha256

SCHEMA = 1
CATALOGUE = "the catalogue"


class Pins:
    def __init__(self, path: Path, check: bool = False) -> None:
        self.path = path
        self.check = check  # remember for this run only
        self.recorded: dict[str, str] = {}  # file name -> sha256, in this run
        self.before: str | None = None  # the file's text when it was first needed; '' if there was none
        self._pins: dict[str, dict[str, str]] = {}

    def _read(self) -> tuple[str, dict[str, dict[str, str]]]:
        try:
            text = self.path.read_text("utf-8")
            content = json.loads(text)
        except (FileNotFoundError, NotADirectoryError):
            return "", {}
        except (OSError, ValueError) as error:
            raise self._damaged(f"it cannot be read: {error}") from error
        schema = content.get("schema") if isinstance(content, dict) else None
        if isinstance(schema, int) and schema > SCHEMA:
            raise ValueError(
                f"the pin file {self.path} has schema {schema}, and this version of edgeai.fleet knows {SCHEMA}: use a"
                " newer version"
            )
        if schema != SCHEMA or set(content) != {"schema", "pins"} or not isinstance(content["pins"], dict):
            raise self._damaged(
                f'it is not of the form {{"schema": {SCHEMA}, "pins": {{file name: {{"url", "sha256",'
                ' "first_seen"}}}'
            )
        for filename, pin in content["pins"].items():
            texts = (
                isinstance(pin, dict)
                and {"sha256"} <= set(pin) <= {"url", "sha256", "first_seen"}
                and all(isinstance(text, str) for text in pin.values())
            )
            if not is_file_name(filename) or not texts or not is_sha256(pin["sha256"]):
                raise self._damaged(
                    f'its entry {filename!r} is not {{"url", "sha256", "first_seen"}} with a sha256 of 64 hexadecimal'
                    " digits in lower case"
                )
        return text, content["pins"]

    def _damaged(self, why: str) -> ValueError:
        return ValueError(
            f"the pin file {self.path} is damaged: {why}. Correct it, or take it from version control; it is what new"
            " downloads are judged by"
        )

    def _pinned(self, filename: str) -> str | None:
        if self.before is None:
            self.before, self._pins = self._read()
        return self._pins.get(filename, {}).get("sha256")

    def expected(self, wanted: dict[str, Any]) -> tuple[str, str] | None:
        """The hash that a file must have, and who says so; None if nobody does."""
        pinned, published = self._pinned(wanted["filename"]), wanted["sha256"]
        if pinned and published and pinned != published:
            raise Refused(
                f"{wanted['filename']}: {CATALOGUE} says sha256 {published}, {self.path} says {pinned}; the file is"
                f" {redact(wanted['url'])}",
                f"find out which is right, and correct the other: the entry {wanted['filename']} of {self.path}, or the"
                " row of the catalogue",
            )
        return (published, CATALOGUE) if published else (pinned, str(self.path)) if pinned else None

    def unknown(self, wanted: list[dict[str, Any]]) -> Refused:
        """Files that nobody vouches for, and that shall not be trusted."""
        names = ", ".join(f"{file['filename']} ({redact(file['url'])})" for file in wanted)
        pins = {file["filename"]: {"sha256": "<64 hexadecimal digits>"} for file in wanted}
        return Refused(
            f"no sha256 is published for {names}, and none is pinned in {self.path}: what arrives could be anything, so"
            " it was not fetched",
            "torch_trust_on_first_use: true fetches it, trusts what comes, and records its sha256 there; commit that"
            " file. "
            f"Or write the sha256 there yourself: {json.dumps({'schema': SCHEMA, 'pins': pins})}",
        )

    def mismatch(self, wanted: dict[str, Any], found: str) -> Refused:
        """A file that is not the one it must be."""
        expected = self.expected(wanted)
        assert expected is not None  # what nobody vouches for cannot differ
        sha256, origin = expected
        name = wanted["filename"]
        correct = (
            f"the sha256 in the row that gives {name}"
            if origin == CATALOGUE
            else (
                f"its sha256 in {self.path}, or delete the entry {name} there and set torch_trust_on_first_use: true"
                " once"
            )
        )
        return Refused(
            f"{name} is not the file that it must be: sha256 expected {sha256} (by {origin}), got {found}, from"
            f" {redact(wanted['url'])}",
            "compare both with a source that you trust. If the file is damaged or forged, fetch it from elsewhere"
            f" (torch_mirrors); if it was replaced on purpose, correct {correct}",
        )

    def record(self, wanted: dict[str, Any], sha256: str) -> None:
        """Pin a file that was fetched for the first time."""
        if not self.check:
            self._pins = self._read()[1]  # another run may have added to it meanwhile
        if self._pinned(wanted["filename"]) not in (None, sha256):
            raise self.mismatch(wanted, sha256)
        self._pins[wanted["filename"]] = {"url": redact(wanted["url"]), "sha256": sha256, "first_seen": now()}
        if not self.check:
            write_atomically(self.path, self.text())
        self.recorded[wanted["filename"]] = sha256

    def text(self) -> str:
        return json.dumps({"schema": SCHEMA, "pins": self._pins}, indent=2, sort_keys=True) + "\n"
