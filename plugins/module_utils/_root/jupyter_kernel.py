# Copyright (c) 2026 the edgeai.fleet authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to edgeai.fleet: its interface may change in any release.

"""The current environment of a torch_root as a kernel of Jupyter: its kernelspec, found, written and removed.

It starts <root>/bin/python, which follows `current`: another environment needs no other kernelspec.
"""

import hashlib
import json
import os
import pwd

from .._base.errors import EnvironmentProblem
from .._base.files import make_directory, read_json, read_or_none, remove, write_atomic
from .additions import missing_directories, read_additions, record_additions
from .layout import Layout

DEFAULT_ROOT = "/opt/edgeai/torch"
# Where every Jupyter looks, also PYNQ's own in /usr/local/share/pynq-venv (SYSTEM_JUPYTER_PATH of jupyter_core).
SYSTEM_FOLDER = "usr/local/share/jupyter/kernels"
USER_FOLDER = ".local/share/jupyter/kernels"
# In the kernelspec's metadata, with the root: whose it is.
MARK = "edgeai.fleet"
_FILE = "kernel.json"
_UNFINISHED = ".%s-" % _FILE  # as write_atomic names it


def kernel_place(root, top="/"):
    """The directory of the kernelspec that this user registers: root for all users, others for themselves."""
    if os.geteuid() == 0:
        folder = os.path.join(top, SYSTEM_FOLDER)
    else:
        folder = os.path.join(_home(), USER_FOLDER)
    name = "edgeai-torch" if root == DEFAULT_ROOT else "edgeai-torch-%s" % _digest(root)
    return os.path.join(folder, name)


def _home():
    try:
        return pwd.getpwuid(os.geteuid()).pw_dir
    except KeyError:  # a container's user need not have a name
        return os.path.expanduser("~")


def _digest(root):
    return hashlib.sha256(root.encode("utf-8")).hexdigest()[:8]


def kernel_text(root):
    """The content of its kernel.json."""
    spec = {
        "argv": [Layout(root).wrapper, "-m", "ipykernel_launcher", "-f", "{connection_file}"],
        "display_name": "PyTorch (edgeai)" if root == DEFAULT_ROOT else "PyTorch (%s)" % root,
        "language": "python",
        "metadata": {MARK: {"root": root}},
    }
    return json.dumps(spec, indent=1, sort_keys=True) + "\n"


def find_kernels(root, top="/"):
    """The kernelspecs of this root, as [{path, right}]: right is the one that register_kernel() would leave as it is.

    Never raises, whatever is there.
    """
    own = kernel_place(root, top)
    recorded = [entry["path"] for entry in read_additions(root).of("kernel")]
    return [
        {"path": path, "right": path == own and read_or_none(os.path.join(path, _FILE)) == kernel_text(root)}
        for path in [own] + [path for path in recorded if path != own]
        if _is_of(path, root)
    ]


def _is_of(path, root):
    if os.path.islink(path):
        return False
    try:
        mark = read_json(os.path.join(path, _FILE))["metadata"][MARK]
    except (OSError, ValueError, KeyError, TypeError):
        return False
    return isinstance(mark, dict) and mark.get("root") == root


def register_kernel(root, check_mode, top="/"):
    """Keep one kernelspec of this root, at this user's place. Returns (before, after), as texts by path."""
    own, before = kernel_place(root, top), _texts(root, top)
    if own not in before and not _is_free(own):
        raise EnvironmentProblem(
            "%s is there already, and it is not the kernel of the torch_root %s: remove or rename it, or set "
            "torch_jupyter_kernel: false for this board" % (own, root)
        )
    after = {own: kernel_text(root)}
    if before != after and not check_mode:
        folders = [{"kind": "directory", "path": path} for path in missing_directories(os.path.dirname(own))]
        record_additions(root, folders + [{"kind": "kernel", "path": own}])
        make_directory(own)
        write_atomic(os.path.join(own, _FILE), after[own])
        for path in before:
            if path != own:
                remove_kernel(path)
    return before, after


def unregister_kernels(root, check_mode, top="/"):
    """Remove the kernelspecs of this root, and the directories above that were made for them, if nothing else is
    there. Returns (before, after) as register_kernel() does.
    """
    before = _texts(root, top)
    if not check_mode:
        for path in before:
            remove_kernel(path)
            for entry in reversed(read_additions(root).of("directory")):
                if path.startswith(entry["path"] + os.sep):
                    _remove_empty(entry["path"])
    return before, {}


def remove_kernel(path):
    """Remove a kernelspec; files of others in its directory stay."""
    for name in os.listdir(path):
        if name == _FILE or name.startswith(_UNFINISHED):
            remove(os.path.join(path, name))
    _remove_empty(path)


def _texts(root, top):
    return dict(
        (kernel["path"], read_or_none(os.path.join(kernel["path"], _FILE)) or "") for kernel in find_kernels(root, top)
    )


def _is_free(path):
    """Whether nothing is there, but what an interrupted run may have left."""
    if not os.path.lexists(path):
        return True
    return (
        os.path.isdir(path)
        and not os.path.islink(path)
        and all(name.startswith(_UNFINISHED) for name in os.listdir(path))
    )


def _remove_empty(path):
    if os.path.isdir(path) and not os.path.islink(path) and not os.listdir(path):
        os.rmdir(path)
