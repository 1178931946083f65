# Copyright (c) 2026 the edgeai.fleet authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Inputs for the tests of environments: small real wheels, the real uv, and a torch_root in a temporary directory."""

import base64
import glob
import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
import zipfile

import pytest
from ansible_collections.edgeai.fleet.plugins.module_utils._base.errors import EnvironmentProblem
from ansible_collections.edgeai.fleet.plugins.module_utils._environment.present import ensure_present
from ansible_collections.edgeai.fleet.plugins.module_utils._environment.switch import ensure_current
from ansible_collections.edgeai.fleet.plugins.module_utils._root.layout import environment_path

REPOSITORY = os.path.dirname(os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__)))))
SATISFIED = {"schema": 1, "outcome": "cpu", "satisfied": True, "reason": "as asked", "expect": "cpu"}
UNSATISFIED = {"schema": 1, "outcome": "error", "satisfied": False, "reason": "it crashed", "expect": "cpu"}


def make_wheel(folder, name, version="1.0", requires=(), files=None, scripts=()):
    """Make a wheel; return its description as in a lock."""
    info = "%s-%s.dist-info" % (name, version)
    content = dict(files or {"%s/__init__.py" % name: "__version__ = %r\n" % version})
    content[info + "/METADATA"] = "Metadata-Version: 2.1\nName: %s\nVersion: %s\n" % (name, version) + "".join(
        "Requires-Dist: %s\n" % requirement for requirement in requires
    )
    content[info + "/WHEEL"] = "Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
    if scripts:
        content[info + "/entry_points.txt"] = "[console_scripts]\n" + "".join(
            "%s = %s:main\n" % (script, name) for script in scripts
        )
    content[info + "/RECORD"] = "".join(
        "%s,sha256=%s,%d\n" % (path, _record_hash(text), len(text.encode())) for path, text in content.items()
    )
    content[info + "/RECORD"] += "%s/RECORD,,\n" % info
    path = os.path.join(str(folder), "%s-%s-py3-none-any.whl" % (name, version))
    with zipfile.ZipFile(path, "w") as wheel:
        for inside, text in content.items():
            wheel.writestr(zipfile.ZipInfo(inside), text)  # a fixed date: the same wheel each time
    return describe(path, name, version)


def _record_hash(text):
    return base64.urlsafe_b64encode(hashlib.sha256(text.encode()).digest()).rstrip(b"=").decode()


def describe(path, name, version):
    with open(path, "rb") as stream:
        digest = hashlib.sha256(stream.read()).hexdigest()
    return {
        "name": name,
        "version": version,
        "filename": os.path.basename(path),
        "url": None,
        "sha256": digest,
        "size": os.path.getsize(path),
        "unpacked": None,
        "path": path,
    }


def lack(what):
    """Skip with the reason; in CI, fail."""
    if os.environ.get("CI") == "true":
        pytest.fail(what)
    pytest.skip(what)


def find_uv():
    places = [os.environ.get("EDGEAI_UV"), os.path.join(sys.prefix, "bin", "uv"), shutil.which("uv")]
    places += sorted(glob.glob(os.path.join(REPOSITORY, ".build", "*", "bin", "uv")))
    return next((place for place in places if place and os.access(place, os.X_OK)), None)


def uv_artifact(folder):
    """Pack the real uv like its own wheel; return its artifact."""
    program = find_uv()
    if program is None:
        lack("no uv: pip install uv, or name it by EDGEAI_UV")
    path = os.path.join(str(folder), "uv-0.0.1-py3-none-any.whl")
    with zipfile.ZipFile(path, "w") as wheel:
        wheel.write(program, "uv-0.0.1.data/scripts/uv")
    return describe(path, "uv", "0.0.1")


def pip_artifact():
    """Return the artifact of the pip in this Python."""
    import ensurepip

    wheels = glob.glob(os.path.join(os.path.dirname(ensurepip.__file__), "_bundled", "pip-*.whl")) + glob.glob(
        "/usr/share/python-wheels/pip-*.whl"
    )
    if not wheels:
        lack("this Python brings no wheel of pip")
    return describe(wheels[0], "pip", re.match("pip-([0-9.]+)-", os.path.basename(wheels[0])).group(1))


class Bench(object):
    """One torch_root, and the artifacts to install into it."""

    def __init__(self, folder, uv):
        self.folder = str(folder)
        self.root = os.path.join(self.folder, "torch")
        self.wheels = os.path.join(self.folder, "wheels")
        self.uv = uv
        os.mkdir(self.wheels)

    def wheel(self, name, *arguments, **keywords):
        return make_wheel(self.wheels, name, *arguments, **keywords)

    def options(self, artifacts=(), **others):
        options = {
            "root": self.root,
            "id": "aaa",
            "generation": None,
            "provider": "venv",
            "python": sys.executable,
            "artifacts": list(artifacts),
            "tools": [self.uv],
            "environment": {},
            "system_site_packages": False,
            "paths": [],
            "owner": None,
            "carry_packages": True,
            "delivery": "wheelhouse",
            "verdict": None,
            "key": {},
            "rollback": False,
            "keep": 2,
            "lock_timeout": 30,
            "_deliver": False,
            "_incoming": None,
            "_incoming_uid": None,
        }
        options.update(others)
        return options

    def deliver(self, options):
        """Do what the action does: find missing files and deliver them. Return None if nothing was missing."""
        answer = ensure_present(dict(options, _deliver=True), False)
        if "incoming" not in answer:
            return answer, None
        paths = dict((artifact["sha256"], artifact["path"]) for artifact in options["artifacts"] + options["tools"])
        for artifact in answer["missing"]:
            shutil.copy(paths[artifact["sha256"]], os.path.join(answer["incoming"], artifact["sha256"]))
        return answer, answer["incoming"]

    def present(self, artifacts, **others):
        options = self.options(artifacts, **others)
        answer, incoming = self.deliver(options)
        return ensure_present(dict(options, _incoming=incoming), False) if incoming else answer

    def current(self, built, verdict=None, check_mode=False, **others):
        return ensure_current(
            self.options(
                state="current", id=built["id"], generation=built["generation"], verdict=verdict or SATISFIED, **others
            ),
            check_mode,
        )

    def rollback(self, **others):
        return ensure_current(self.options(state="current", rollback=True, id=None, **others), False)

    def env(self, generation, identity="aaa"):
        return environment_path(self.root, identity, generation)

    def site(self, env):
        return glob.glob(os.path.join(env, "lib", "python*", "site-packages"))[0]

    def link(self):
        return os.path.basename(os.readlink(os.path.join(self.root, "current")))

    def tree(self):
        """Return all paths below the folder, to prove that nothing was written."""
        return sorted(
            (folder, tuple(sorted(names)), os.stat(folder).st_mtime_ns)
            for folder, folders, names in os.walk(self.folder)
        )

    def build_torch(self, identity, version, **others):
        return self.present([self.wheel("torch", version)], id=identity, **others)

    def record(self):
        with open(os.path.join(self.root, "state", "record.json")) as stream:
            return json.load(stream)


def run_python(env, code):
    return subprocess.check_output([os.path.join(env, "bin", "python"), "-c", code]).decode().strip()


def problem(call, *arguments, **keywords):
    """Return the message of the EnvironmentProblem that this call raises."""
    with pytest.raises(EnvironmentProblem) as caught:
        call(*arguments, **keywords)
    return str(caught.value)


def pip_install(python, *arguments):
    environment = dict((name, value) for name, value in os.environ.items() if not name.startswith(("PIP_", "PYTHON")))
    process = subprocess.Popen(
        [python, "-m", "pip", "install", "--no-index"] + list(arguments),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        env=environment,
    )
    output = process.communicate()[0].decode()
    return process.returncode, output
