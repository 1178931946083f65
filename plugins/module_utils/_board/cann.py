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
from .cann_places import list_bases

# From the most to the least useful for PyTorch.
KINDS = ["toolkit", "nnae", "nnrt"]
KERNELS = "opp/built-in/op_impl/ai_core/tbe/kernel"
TIMEOUT = 20
# What every shell sets by itself.
SHELL = ("PWD", "OLDPWD", "SHLVL", "_")
PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
# Without this option, NNAL's script imports the torch of whichever python3 it finds, to choose between its libraries:
# https://github.com/hicann/ascend-transformer-boost/blob/master/scripts/set_env.sh. The plan knows the ABI of its
# torch, and replaces this one where it is another (replace_in_variables of its row).
CXX_ABI = "--cxx_abi=1"
# Descriptor 3 is ours: everything that the scripts print goes to stderr. An empty record separates the two answers.
CAPTURE = r"""
exec 3>&1 >&2
scripts=("$@")
set --
/usr/bin/env -0 >&3
printf '\0' >&3
for script in "${scripts[@]}"; do
    case "$script" in
    */nnal/*) . "$script" @ABI@;;
    *) . "$script";;
    esac
    status=$?
    set +eu
done
/usr/bin/env -0 >&3
printf '\0%d' "$status" >&3
""".replace("@ABI@", CXX_ABI)


def find_cann(system):
    """(the CANN in use or None, warnings). {version, kind, path, set_env, kernels, base, beside}."""
    if system.cann_path:
        installations = _find_named(system, system.cann_path)
        warnings = [] if installations else [_nothing_named(system.cann_path)]
    else:
        installations = [cann for base in list_bases(system) for cann in _find_installations(system, base)]
        warnings = []
    warnings += [
        "the version of CANN at %s cannot be read (ascend_%s_install.info): it is ignored; reinstall it"
        % (cann["path"], cann["kind"])
        for cann in installations
        if not cann["version"]
    ]
    usable = sorted(
        (cann for cann in installations if cann["version"]),
        key=lambda cann: (not cann["asked"], KINDS.index(cann["kind"])),
    )  # of one kind, the system's installation comes first
    if not usable:
        return None, warnings
    chosen = usable[0]
    others = [
        "%s (%s)" % (cann["version"], cann["path"]) for cann in usable[1:] if cann["version"] != chosen["version"]
    ]
    if others and not chosen["asked"]:
        warnings.append(
            "several versions of CANN are installed: %s (%s) is used, not %s; atlas_cann_path chooses another"
            % (chosen["version"], chosen["path"], ", ".join(others[:8]))
        )
    return chosen, warnings + _side_by_side_warnings(chosen)


def _nothing_named(path):
    return (
        "atlas_cann_path is %s: there is no CANN (no ascend_toolkit_install.info below it). Set it to the directory "
        "that has CANN's set_env.sh, such as /usr/local/Ascend/cann-9.0.0" % clean_line(path)
    )


def _side_by_side_warnings(chosen):
    """Which of several versions in one directory counts, and why."""
    path, others = chosen["path"], ", ".join(chosen["beside"][:8])
    link = "cann" if os.path.basename(path).startswith("cann") else "latest"
    if not chosen["linked"] and os.path.dirname(chosen["set_env"]) == os.path.dirname(path):
        return [
            "the link `%s`, which %s follows, %s: %s. Make the link, or set atlas_cann_path"
            % (
                link,
                clean_line(chosen["set_env"]),
                "is missing or names another version" if chosen["asked"] else "is missing",
                "CANN %s (%s) is used%s"
                % (
                    chosen["version"],
                    path,
                    ", as %s; there are %s, too"
                    % ("atlas_cann asks for it" if chosen["asked"] else "the newest", others)
                    if others
                    else "",
                ),
            )
        ]
    if chosen["asked"] or not others:
        return []
    because = "the link `%s` decides" % link if chosen["linked"] else "without a link `%s` the newest counts" % link
    return [
        "beside CANN %s (%s) there are %s: %s; atlas_cann_path chooses another"
        % (chosen["version"], path, others, because)
    ]


def _find_installations(system, base):
    """The installations in one directory: cann/ from 8.5 on (a link to cann-<version>), <kind>/latest before."""
    found = _find_versions(system, base, "toolkit", r"cann-(\d.*)", "cann", "")
    for kind, name in (("toolkit", "ascend-toolkit"), ("nnae", "nnae"), ("nnrt", "nnrt")):
        found += _find_versions(system, os.path.join(base, name), kind, r"(\d+\.\d.*)", "latest", base)
    return found


def _find_versions(system, directory, kind, pattern, link, base):
    """[the installation that counts] of the versions in a directory: the one that is asked for, that the link names, or
    the newest.
    """
    names = system.listdir(directory)
    versions = dict((name, match.group(1)) for name in names for match in [re.match(pattern + "$", name)] if match)
    newest = sorted(versions, key=numbers_in)[-1:]
    asked = [name for name, version in versions.items() if version.lower() == (system.cann_version or "").lower()]
    linked = link in names and (
        not asked
        # Before 8.5 `latest` is a directory of links.
        or read_installation(system, os.path.join(directory, link), kind, base)["version"] == versions[asked[0]]
    )
    name = next(iter(([link] if linked else []) + asked + newest), None)
    path = os.path.join(directory, name) if name else None
    if path is None or not system.listdir(path):
        return []  # nothing, or what an uninstallation left
    installation = read_installation(system, path, kind, base or directory)
    target = os.path.basename(system.realpath(path))
    installation["linked"] = name == link
    installation["asked"] = bool(asked)
    installation["beside"] = sorted(
        (
            version
            for other, version in versions.items()
            if other not in (name, target) and version != installation["version"]
        ),
        key=numbers_in,
        reverse=True,
    )
    return [installation]


def _find_named(system, path):
    """The installations that atlas_cann_path means: a directory of CANN, one above it, or a set_env.sh."""
    path = os.path.normpath(path)
    if path.endswith(".sh"):
        path = os.path.dirname(path)
    for kind in KINDS:
        installation = read_installation(system, path, kind, os.path.dirname(path))
        if installation["version"]:
            return [dict(installation, linked=True, asked=False, beside=[])]
    return _find_installations(system, path) or _find_versions(
        system, path, "toolkit", r"(\d+\.\d.*)", "latest", os.path.dirname(path)
    )


def read_installation(system, path, kind, base):
    directories = [os.path.join(path, name) for name in system.listdir(path) if name.endswith("-linux")] + [path]
    versions = (_read_field(system, "%s/ascend_%s_install.info" % (place, kind), "version") for place in directories)
    return {
        "version": next(filter(None, versions), None),
        "kind": kind,
        "path": clean_line(path),
        "set_env": _find_script(system, path),
        "kernels": _list_kernels(system, path, directories),
        "base": base,
    }


def _find_script(system, path):
    """set_env.sh of an installation: its own from 8.5 on, else the one beside its link; without both, its own
    setenv.bash.
    """
    own = os.path.join(path, "set_env.sh")
    above = os.path.join(os.path.dirname(path), "set_env.sh")
    places = [above, own] if os.path.basename(path) == "latest" else [own, os.path.join(path, "bin/setenv.bash"), above]
    return next((place for place in places if system.is_file(place)), places[0])


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


def find_nnal(system, cann):
    """(set_env.sh of NNAL or None, its version or None, warnings). NNAL is Huawei's library of operators (ATB), which
    torch_npu uses where it is.
    """
    place = os.path.join(cann["base"], "nnal/atb")
    script = os.path.join(place, "set_env.sh")
    if not system.is_file(script):
        return None, None, []
    target = os.path.basename(system.realpath(os.path.join(place, "latest")))
    versions = sorted((name for name in system.listdir(place) if re.match(r"\d+\.\d", name)), key=numbers_in)
    version = target if target in versions else versions[-1] if versions else None
    if version is None or version == cann["version"]:
        return script, version, []
    return (
        script,
        version,
        [
            "NNAL %s (%s) is of another release than CANN %s: operators of ATB may fail with undefined symbols; "
            "install the NNAL of CANN's version" % (clean_line(version), clean_line(place), cann["version"])
        ],
    )


def read_variables(system, script, more=None):
    """({name: value} that set_env.sh sets, warnings). more: another script, for which the first one's variables count.

    The scripts run in a clean bash as the current user, and only if no other user could have written them.
    """
    variables, warnings = _run_scripts(system, [script])
    if not more or not variables:
        return variables, warnings
    both, more_warnings = _run_scripts(system, [script, more])
    return (both, more_warnings) if both else (variables, warnings + more_warnings)


def _run_scripts(system, scripts):
    for script in scripts:
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
    answer = system.run(clear + ["bash", "--norc", "--noprofile", "-c", CAPTURE, "bash"] + scripts, TIMEOUT)
    script = clean_line(scripts[-1])
    if answer is None:
        return {}, [
            "%s did not finish within %d s, or bash is missing: its variables are not used; set torch_environment"
            % (script, TIMEOUT)
        ]
    status, out, err = answer
    parts = out.split("\0\0")
    if len(parts) != 3:
        message = clean_line(" ".join(err.split()), 300)
        return {}, [
            "%s ends the shell that reads it (exit status %d%s): its variables are not used; correct it, or "
            "set torch_environment" % (script, status, ": " + message if message else "")
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
    return usable, _script_warnings(script, parts[2], err, sorted(set(changed) - set(usable)))


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
