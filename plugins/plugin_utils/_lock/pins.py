# Copyright (c) 2026 the edgeai.fleet authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to edgeai.fleet: its interface may change in any release.

"""Pins: the sha256 that a file had when it was first fetched, for files without a published one.

They are in `pins.json`, in the folder of the locks. The operator commits it; from then on no other file is accepted.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, cast

from ansible_collections.edgeai.fleet.plugins.module_utils._base.secrets import redact

from .._base import clock, files, hashes
from .._base.errors import Refused

SCHEMA = 1
CATALOGUE = "the catalogue"


class Pins:
    def __init__(self, path: Path, check: bool = False) -> None:
        self.path = path
        self.check = check  # pins are kept for this run only
        self.recorded: dict[str, str] = {}  # file name -> sha256, in this run
        self.before: str | None = None  # the file's text when it was first needed; '' if there was none
        self._pins: dict[str, dict[str, str]] = {}

    def _read_pins(self) -> tuple[str, dict[str, dict[str, str]]]:
        try:
            text = self.path.read_text("utf-8")
            content = json.loads(text)
        except (FileNotFoundError, NotADirectoryError):
            return "", {}
        except (OSError, ValueError) as error:
            raise self._damage_error(f"it cannot be read: {error}") from error
        schema = content.get("schema") if isinstance(content, dict) else None
        if isinstance(schema, int) and schema > SCHEMA:
            raise ValueError(
                f"the pin file {self.path} has schema {schema}, but this version of edgeai.fleet supports {SCHEMA}: use"
                " a newer version"
            )
        if schema != SCHEMA or set(content) != {"schema", "pins"} or not isinstance(content["pins"], dict):
            raise self._damage_error(
                f'it is not of the form {{"schema": {SCHEMA}, "pins": {{file name: {{"url", "sha256",'
                ' "first_seen"}}}'
            )
        for filename, pin in content["pins"].items():
            texts = (
                isinstance(pin, dict)
                and {"sha256"} <= set(pin) <= {"url", "sha256", "first_seen"}
                and all(isinstance(text, str) for text in pin.values())
            )
            if not files.is_file_name(filename) or not texts or not hashes.is_sha256(pin["sha256"]):
                raise self._damage_error(
                    f'its entry {filename!r} is not {{"url", "sha256", "first_seen"}} with a sha256 of 64 hexadecimal'
                    " digits in lower case"
                )
        return text, content["pins"]

    def _damage_error(self, why: str) -> ValueError:
        return ValueError(
            f"the pin file {self.path} is damaged: {why}. Correct it, or restore it from version control; new downloads"
            " are verified with it"
        )

    def _pinned_sha256(self, filename: str) -> str | None:
        if self.before is None:
            self.before, self._pins = self._read_pins()
        return self._pins.get(filename, {}).get("sha256")

    def expected_sha256(self, wanted: dict[str, Any]) -> tuple[str, str] | None:
        """The sha256 that a file must have, and its origin; None if it is unknown."""
        pinned, published = self._pinned_sha256(wanted["filename"]), wanted["sha256"]
        if pinned and published and pinned != published:
            raise Refused(
                f"{wanted['filename']}: {CATALOGUE} says sha256 {published}, {self.path} says {pinned}; the file is"
                f" {redact(wanted['url'])}",
                f"find out which is right and correct the other: the entry {wanted['filename']} of {self.path}, or the"
                " row of the catalogue",
            )
        return (published, CATALOGUE) if published else (pinned, str(self.path)) if pinned else None

    def refuse_unknown(self, wanted: list[dict[str, Any]]) -> Refused:
        """For files without a known sha256, where the plan does not trust on first use."""
        names = ", ".join(f"{file['filename']} ({redact(file['url'])})" for file in wanted)
        pins = {file["filename"]: {"sha256": "<64 hexadecimal digits>"} for file in wanted}
        return Refused(
            f"no sha256 is published for {names}, and none is pinned in {self.path}: a download could not be verified,"
            " so nothing was fetched",
            "torch_trust_on_first_use: true fetches and trusts it, and records its sha256 there; commit that file. Or"
            f" write the sha256 there yourself: {json.dumps({'schema': SCHEMA, 'pins': pins})}",
        )

    def refuse_mismatch(self, wanted: dict[str, Any], found: str) -> Refused:
        """For a file whose sha256 differs from the expected one."""
        # A file without an expected sha256 cannot differ.
        sha256, origin = cast(tuple[str, str], self.expected_sha256(wanted))
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
            f"SHA-256 mismatch for {name}: expected {sha256} (by {origin}), got {found}, from {redact(wanted['url'])}",
            "compare both with a trusted source. If the file is damaged or forged, fetch it from a mirror"
            f" (torch_mirrors); if it was replaced on purpose, correct {correct}",
        )

    def record_pin(self, wanted: dict[str, Any], sha256: str) -> None:
        """Pin a file that was fetched for the first time."""
        if not self.check:
            self._pins = self._read_pins()[1]  # another run may have changed it
        if self._pinned_sha256(wanted["filename"]) not in (None, sha256):
            raise self.refuse_mismatch(wanted, sha256)
        self._pins[wanted["filename"]] = {"url": redact(wanted["url"]), "sha256": sha256, "first_seen": clock.now()}
        if not self.check:
            files.write_atomically(self.path, self.render_pins())
        self.recorded[wanted["filename"]] = sha256

    def render_pins(self) -> str:
        return json.dumps({"schema": SCHEMA, "pins": self._pins}, indent=2, sort_keys=True) + "\n"
