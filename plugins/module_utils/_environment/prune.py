# Copyright (c) 2026 the edgeai.fleet authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to edgeai.fleet: its interface may change in any release.

"""Remove environments that nobody needs, and what only they needed."""

import contextlib
import os
import re

from .._base.files import remove
from .._root.layout import environment_name, environment_path
from .artifacts import remove_leftovers, remove_unlisted
from .installers import tool_name
from .status import list_environments, read_complete


def choose_superfluous(layout, keep, spared):
    """Names of environments beyond the `keep` newest ones; those in `spared` count and stay.

    Unfinished ones always go.
    """
    environments = list_environments(layout.root)
    names = [environment_name(item["id"], item["generation"]) for item in environments if item["complete"]]
    names.sort(key=lambda name: (name not in spared, -os.path.getmtime(os.path.join(layout.envs, name, ".complete"))))
    stay = set(names[: max(keep, len(spared))]) | set(spared)
    candidates = [
        name for name in (environment_name(item["id"], item["generation"]) for item in environments) if name not in stay
    ]
    used = environments_in_use(layout.envs) if candidates else set()
    return [name for name in candidates if name not in used]


def environments_in_use(envs):
    """Names of the environments that a process runs from, has mapped, stands in or was started in.

    Without root, processes of other users cannot be read and are skipped.
    """
    prefixes = [os.fsencode(path + os.sep) for path in set([os.path.realpath(envs), envs])]
    used = set()
    for pid in os.listdir("/proc"):
        if pid.isdigit() and int(pid) != os.getpid():
            text = _read_process_traces("/proc/" + pid)
            rests = [rest for start in prefixes for rest in text.split(start)[1:]]
            used.update(os.fsdecode(re.match(b"[^/\\0\\n]*", rest).group()) for rest in rests)
    return used


def _read_process_traces(process):
    traces = []
    for name in ("exe", "cwd"):
        with contextlib.suppress(OSError):
            traces.append(os.fsencode(os.readlink(os.path.join(process, name))))
    for name in ("maps", "cmdline", "environ"):
        with contextlib.suppress(OSError), open(os.path.join(process, name), "rb") as stream:
            traces.append(stream.read())
    return b"\0".join(traces)


def remove_environments(layout, names):
    """Remove these environments, then artifacts and tools that no remaining one lists."""
    for name in names:
        # Without .complete, an interrupted removal leaves garbage and not an environment.
        remove(os.path.join(layout.envs, name, ".complete"))
        remove(os.path.join(layout.envs, name))
    remaining = [
        read_complete(environment_path(layout.root, item["id"], item["generation"]))
        for item in list_environments(layout.root)
        if item["complete"]
    ]
    remove_unlisted(
        layout, set(item["sha256"] for complete in remaining for item in complete["wheels"] + complete["tools"])
    )
    tools = set(tool_name(tool) for complete in remaining for tool in complete["tools"])
    for name in os.listdir(layout.tools) if os.path.isdir(layout.tools) else ():
        if name.startswith(("uv-", "py-rattler-", ".unpacking-")) and name not in tools:
            remove(os.path.join(layout.tools, name))
    remove_leftovers(layout)
