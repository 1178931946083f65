# Copyright (c) 2026 the edgeai.fleet authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A build of a source that compiles nothing: its setup.py prints and does what a test needs."""

import os
import platform
import sys
import time

from ansible_collections.edgeai.fleet.plugins.module_utils._root.build_directory import build_directory_of

KEY = "0123456789abcdef"
SECONDS = 60
GIT = ["git", "-c", "user.name=test", "-c", "user.email=test@example.com", "-c", "protocol.file.allow=always"]

SETUP = """
import os, sys, time, zipfile
target = sys.argv[sys.argv.index('--dist-dir') + 1]
platform = sys.argv[sys.argv.index('--plat-name') + 1]
version = os.environ['PYTORCH_BUILD_VERSION']
{body}
os.makedirs(target)
os.makedirs('build', exist_ok=True)
with open('build/CMakeCache.txt', 'w') as stream:
    stream.write('USE_CUDA:BOOL=' + os.environ.get('USE_CUDA', '1') + '\\n')
with zipfile.ZipFile(os.path.join(target, 'torch-%s-cp3-cp3-%s.whl' % (version, platform)), 'w') as wheel:
    start = '__version__ = %r\\nfrom . import __config__\\n' % version
    wheel.writestr('torch/__init__.py', start + globals().get('more', ''))
    wheel.writestr('torch/lib/libtorch_cpu.so', 'not hollow')
    metadata, tags = 'Name: torch\\nVersion: %s\\n' % version, 'Tag: cp3-cp3-%s\\n' % platform
    for name, text in (('METADATA', metadata), ('WHEEL', tags)):
        wheel.writestr('torch-%s.dist-info/%s' % (version, name), 'Metadata-Version: 2.1\\n' + text)
    shown = 'def show():\\n    return "Build settings: USE_CUDA=%s, "\\n' % os.environ.get('USE_CUDA', '1')
    wheel.writestr('torch/__config__.py', shown)
"""


def make_tree(path, body="", version="2.6.0"):
    """Write a source tree to a directory."""
    path.mkdir()
    write_setup(path, body)
    (path / "version.txt").write_text(version + "a0\n")
    return path


def write_setup(path, body):
    (path / "setup.py").write_text(SETUP.format(body=body))


def make_job(directory, **changes):
    job = {
        "key": KEY,
        "package": "torch",
        "version": "2.6.0",
        "label": "edgeai.k0123456789ab",
        "features": {"cuda": False},
        "environment": {},
        "patches": [],
        "commands": [],
        "toolchain": {"cc": "gcc", "cxx": "g++"},
        "python": sys.executable,
        "architecture": platform.machine(),
        "wheels": [],
        "jobs": 0,
        "job_mib": 16,
        "memory_mib": 0,
        "space_mib": 0,
        "nice": 0,
        "distcc": [],
        "source": {
            "git": None,
            "ref": None,
            "archive": None,
            "sha256": None,
            "filename": None,
            "directory": str(directory),
        },
    }
    return dict(job, **changes)


def make_place(folder):
    place = build_directory_of(str(folder), KEY)
    for path in (place.path, place.cache, place.incoming, place.temporary):
        os.makedirs(path)
    return place


def wait_for_phase(build, phase):
    """Wait until the build has come so far."""
    deadline = time.time() + SECONDS
    while build.read_progress()["phase"] != phase:
        assert time.time() < deadline, (build.read_progress(), build.log_tail())
        time.sleep(0.05)


def wait_for(build, *wanted):
    """Return the progress of a build once it has one of these states."""
    deadline = time.time() + SECONDS
    while build.read_status() not in wanted:
        assert time.time() < deadline, (build.read_progress(), build.log_tail())
        time.sleep(0.05)
    return build.read_progress()
