# Copyright (c) 2026 the edgeai.fleet authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to edgeai.fleet: its interface may change in any release.

"""Huawei's CANN, read from the disk: its path, its version, the chips it has kernels for, and the variables of its
set_env.sh.
"""

import os
import re

from .._base.text import clean_line, numbers_in

SYSTEM = "/usr/local/Ascend"
# The home of the driver's own user: ignored, unless that user will run PyTorch.
DRIVERS_HOME = "/home/HwHiAiUser"
# From the most to the least useful for PyTorch.
KINDS = ["toolkit", "nnae", "nnrt"]
KERNELS = "opp/built-in/op_impl/ai_core/tbe/kernel"
TIMEOUT = 20
# What every shell sets by itself.
SHELL = ("PWD", "OLDPWD", "SHLVL", "_")
PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
# Descriptor 3 is ours: everything that set_env.sh prints goes to stderr. An empty record separates the two answers.
CAPTURE = r"""
exec 3>&1 >&2
file=$1
set --
/usr/bin/env -0 >&3
printf '\0' >&3
. "$file"
status=$?
set +eu
/usr/bin/env -0 >&3
printf '\0%d' "$status" >&3
"""


def find_cann(system):
    """(the CANN in use or None, warnings). {version, kind, path, set_env, kernels}."""
    installations = [cann for base in _base_directories(system) for cann in _find_installations(system, base)]
    warnings = [
        "the version of CANN at %s cannot be read (ascend_%s_install.info): it is ignored; reinstall it"
        % (cann["path"], cann["kind"])
        for cann in installations
        if not cann["version"]
    ]
    usable = sorted(
        (cann for cann in installations if cann["version"]), key=lambda cann: KINDS.index(cann["kind"])
    )  # of one kind, the system's installation comes first
    if not usable:
        return None, warnings
    chosen = usable[0]
    others = [
        "%s (%s)" % (cann["version"], cann["path"]) for cann in usable[1:] if cann["version"] != chosen["version"]
    ]
    if others:
        warnings.append(
            "several versions of CANN are installed: %s (%s) is used, not %s"
            % (chosen["version"], chosen["path"], ", ".join(others[:8]))
        )
    return chosen, warnings


def _base_directories(system):
    """Where CANN is installed: by root, by the user who will run PyTorch, by the running user."""
    running = system.find_account(system.uid())
    workload = system.find_account(system.torch_user) if system.torch_user else running
    homes = [workload["home"]] if workload else []
    if running and running["home"] != DRIVERS_HOME:
        homes.append(running["home"])
    bases = [SYSTEM] + [os.path.join(home, "Ascend") for home in homes if home.startswith("/")]
    return [base for index, base in enumerate(bases) if base not in bases[:index]]


def _find_installations(system, base):
    """The installations in one directory: cann/ from 8.5 on (a link to cann-<version>), <kind>/latest before."""
    names = system.listdir(base)
    # set_env.sh and other programs use the link; without it, the newest.
    newest = sorted((name for name in names if re.match(r"cann-\d", name)), key=numbers_in)[-1:]
    places = [("toolkit", name, name) for name in (["cann"] if "cann" in names else newest)]
    places += [
        (kind, name + "/latest", name)
        for kind, name in (("toolkit", "ascend-toolkit"), ("nnae", "nnae"), ("nnrt", "nnrt"))
        if name in names
    ]
    installations = []
    for kind, inner, outer in places:
        path = os.path.join(base, inner)
        if not system.listdir(path):
            continue  # left by an uninstallation
        directories = [os.path.join(path, name) for name in system.listdir(path) if name.endswith("-linux")] + [path]
        versions = (
            _read_field(system, "%s/ascend_%s_install.info" % (place, kind), "version") for place in directories
        )
        installations.append(
            {
                "version": next(filter(None, versions), None),
                "kind": kind,
                "path": clean_line(path),
                "set_env": os.path.join(base, outer, "set_env.sh"),
                "kernels": _list_kernels(system, path, directories),
            }
        )
    return installations


def _list_kernels(system, path, directories):
    """The chips with kernels, as kernel packages name them: ['310b']."""
    names = [_read_field(system, place + "/ascend_ops_install.info", "package_name") or "" for place in directories]
    chips = [match.group(1).lower() for match in (re.match(r"Ascend-cann-(\w+)-ops$", name) for name in names) if match]
    chips += [
        name[len("ascend") :] for name in system.listdir(os.path.join(path, KERNELS)) if re.match(r"ascend\d\w*$", name)
    ]
    return sorted(set(chips))


def _read_field(system, path, name):
    match = re.search(r"^\s*%s\s*[=:]\s*(\S.*)" % name, system.read(path) or "", re.M)
    return clean_line(match.group(1), 60) if match else None


# -- set_env.sh --------------------------------------------------------------------------------------------------------


def read_variables(system, script):
    """({name: value} that set_env.sh sets, warnings).

    It runs in a clean bash as the current user, and only if no other user could have written it.
    """
    if not system.is_file(script):
        return {}, [
            "%s is missing, so the variables that CANN needs are unknown: reinstall CANN, or set torch_environment"
            % clean_line(script)
        ]
    entry = system.stat(script)
    if entry is None or entry.st_uid not in (0, system.uid()) or entry.st_mode & 0o022:
        return {}, [
            "%s is not run, because users other than root and the current one can write it: make root its "
            "owner (chown root, chmod go-w), connect as its owner, or set torch_environment" % clean_line(script)
        ]
    account = system.find_account(system.uid()) or {"name": "root", "home": "/"}
    clear = ["/usr/bin/env", "-i", "PATH=" + PATH, "HOME=" + account["home"], "USER=" + account["name"], "LC_ALL=C"]
    answer = system.run(clear + ["bash", "--norc", "--noprofile", "-c", CAPTURE, "bash", script], TIMEOUT)
    if answer is None:
        return {}, [
            "%s did not finish within %d s, or bash is missing: its variables are not used; set torch_environment"
            % (clean_line(script), TIMEOUT)
        ]
    status, out, err = answer
    parts = out.split("\0\0")
    if len(parts) != 3:
        message = clean_line(" ".join(err.split()), 300)
        return {}, [
            "%s ends the shell that reads it (exit status %d%s): its variables are not used; correct it, or "
            "set torch_environment" % (clean_line(script), status, ": " + message if message else "")
        ]
    before, after = (dict(record.partition("=")[::2] for record in part.split("\0")) for part in parts[:2])
    changed = dict(
        (name, value)
        for name, value in after.items()
        if before.get(name) != value and name not in SHELL and re.match(r"[A-Za-z_]\w*$", name)
    )
    usable = dict(
        (name, _drop_empty_entries(name, value)) for name, value in sorted(changed.items()) if value.isprintable()
    )
    return usable, _script_warnings(clean_line(script), parts[2], err, sorted(set(changed) - set(usable)))


def _drop_empty_entries(name, value):
    """An empty entry of a path means the current directory: set_env.sh leaves one if a variable was empty before."""
    return ":".join(part for part in value.split(":") if part) if name.endswith("PATH") else value


def _script_warnings(script, status, err, strange):
    complaints = []
    if status != "0":
        complaints.append("ended with status %s" % status)
    if err.strip():
        complaints.append('printed "%s"' % clean_line(" ".join(err.split()), 300))
    if strange:
        complaints.append("sets %s to text that is not printable, which is ignored" % ", ".join(strange[:8]))
    return ["%s %s: check the installation of CANN" % (script, ", and ".join(complaints))] if complaints else []
