# Copyright (c) 2026 the edgeai.fleet authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Chromium, as the distribution has it, for the tests of pages.

python tests/lab/chromium.py      # installs it on Debian and Ubuntu, for root; prints its path
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
PACKAGES = ("chromium", "fonts-dejavu-core")


def find_chromium() -> str | None:
    """Return the path of a Chromium or Chrome of this machine."""
    given = os.environ.get("EDGEAI_CHROMIUM")
    return given or next(filter(None, map(shutil.which, NAMES)), None)


def install_chromium() -> str | None:
    """Return the path of Chromium, which is installed if root may and apt can."""
    if (found := find_chromium()) or os.geteuid() or not shutil.which("apt-get"):
        return found
    print(f"Installing {' '.join(PACKAGES)}", file=sys.stderr, flush=True)
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    for command in (["update"], ["install", "-y", "--no-install-recommends", *PACKAGES]):
        done = subprocess.run(["apt-get", "-qq", *command], env=environment, stdout=sys.stderr, check=False)
        if done.returncode:
            print(f"apt-get {' '.join(command)} ended with {done.returncode}", file=sys.stderr)
            return None
    return find_chromium()


if __name__ == "__main__":
    print(install_chromium() or "No Chromium is found: the tests of pages are skipped, and fail in CI.")
