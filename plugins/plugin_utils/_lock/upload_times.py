# Copyright (c) 2026 the edgeai.fleet authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to edgeai.fleet: its interface may change in any release.

"""torch_exclude_newer against what indexes say of their files: which are old enough, and why the others are not."""

from __future__ import annotations

import datetime
from typing import Any

from .._base.clock import FORMAT
from .._base.cool_down import cutoff_of, read_moment
from .._base.errors import Refused
from .._base.packaging_shim import InvalidWheelFilename, Version, parse_wheel_filename
from .._base.urls import mirror_url
from .._wheelhouse.package_index import Sources
from .._wheelhouse.pip_config import Source

# It publishes what PyPI publishes, on the same day, and said no upload-time when it was last read (2026-11-30).
PYTORCH = "https://download.pytorch.org/whl"


class UploadTimes:
    """The limit of one plan, counted from the moment of the run."""

    def __init__(self, plan: dict[str, Any], index: Sources) -> None:
        self.cool_down = plan["exclude_newer"]
        self.cutoff = cutoff_of(self.cool_down, index.now)
        self._index = index
        self._twin = mirror_url(PYTORCH, plan["mirrors"])

    @property
    def text(self) -> str | None:
        """The moment, as locks and uv write it; None without a limit."""
        return self.cutoff.strftime(FORMAT) if self.cutoff else None

    def uploaded(
        self, project: str, version: Version, source: Source, file: dict[str, Any]
    ) -> datetime.datetime | None:
        """When the file was uploaded; None if nobody says it."""
        moment = read_moment(file["uploaded"] or "")
        return moment or (self._first_upload(project, version) if self.follows_pypi(source) else None)

    def allow(self, project: str, version: Version, source: Source, file: dict[str, Any]) -> bool:
        """Whether a file may be considered: its owner's own folder is not limited, as with uv."""
        if self.cutoff is None or source.kind != "index":
            return True
        moment = self.uploaded(project, version, source, file)
        return moment is not None and moment < self.cutoff

    def follows_pypi(self, source: Source) -> bool:
        """Whether the same version on PyPI tells when a file of this index was uploaded."""
        return source.location == self._twin or source.location.startswith(f"{self._twin}/")

    def _first_upload(self, project: str, version: Version) -> datetime.datetime | None:
        """When the configured indexes got this version, whichever its local label."""
        moments = []
        for source in self._index.configuration.sources:
            for entry in self._index.files_of(source, project) or () if source.kind == "index" else ():
                try:
                    same = parse_wheel_filename(entry["filename"])[1].public == version.public
                except InvalidWheelFilename:
                    continue
                if same and (moment := read_moment(entry["uploaded"] or "")):
                    moments.append(moment)
        return min(moments, default=None)

    def why_not(self, project: str, version: Version, source: Source, file: dict[str, Any]) -> str:
        """Why a file is not allowed."""
        moment = self.uploaded(project, version, source, file)
        if moment:
            return f"{source} has {project} {version}, uploaded {moment.strftime(FORMAT)}"
        twin = f", and no configured index says when {version.public} was" if self.follows_pypi(source) else ""
        return f"{source} does not say when its {project} {version} was uploaded (upload-time, PEP 700){twin}"

    def check_kept_lock(self, lock: dict[str, Any]) -> None:
        """Refuse a kept lock that was made with a later limit than this plan's."""
        made = lock.get("uploaded_before")
        if self.cutoff and not ((moment := read_moment(made or "")) and moment <= self.cutoff):
            raise Refused(
                f"torch_exclude_newer is {self.cool_down}, but the lock {lock['key']} was made with files that were"
                f" uploaded {f'before {made}' if made else 'at any time'}, which is later than {self.text}",
                "lock again with torch_relock: true; if the lock is new, check the clock of the control node",
            )
