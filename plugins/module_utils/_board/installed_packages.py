# Copyright (c) 2026 the edgeai.fleet authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to edgeai.fleet: its interface may change in any release.

"""Python packages of the system, by the names of their metadata: without importing them or starting an interpreter."""

import os
import re

METADATA = re.compile(r"^([A-Za-z0-9._]+?)-(\d[0-9A-Za-z.!+]*)(?:-py3\.\d+)?\.(?:dist|egg)-info$")


def read_installed_versions(system, names, places=()):
    """{distribution: version} of the named distributions, in these places or else in those of the system's Python."""
    python = os.path.basename(system.realpath("/usr/bin/python3"))
    versions = {}
    for place in list(places) + ["/usr/local/lib/%s/dist-packages" % python, "/usr/lib/python3/dist-packages"]:
        for entry in system.listdir(place):
            match = METADATA.match(entry)
            if match and match.group(1).lower() in names:
                # Python also uses the first.
                versions.setdefault(match.group(1).lower(), match.group(2))
    return versions
