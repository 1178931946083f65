# Copyright (c) 2026 the edgeai.fleet authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to edgeai.fleet: its interface may change in any release.
# It is copied to the builder: standard library only, relative imports only.

"""Check the built wheel: its name, its features by CMake's cache, and its import."""

import os
import re
import zipfile

from .._base.errors import EnvironmentProblem
from .._base.files import make_directory, remove
from .._base.hashes import hash_file
from .._base.text import last_lines
from .compile import build_variables, compare_cache, full_version, mismatch_text
from .processes import run

_IMPORT_SECONDS = 1200  # emulated, and on an SD card, a first import takes minutes
_SHOW = "import torch; print(torch.__version__); print(torch.__config__.show())"
# The libraries that the kernel has mapped into the process that imported it.
_LIBRARIES = (
    'print(*("%s" + line.split(None, 5)[5].strip() for line in open("/proc/self/maps") if "/libtorch" in line or'
    ' "/libc10" in line), sep="\\n")'
)
_LIBRARY = "library: "


def check_wheel(place, job):
    """{'wheel': {filename, sha256, size}, 'found': features as built}; a problem if the wheel is a wrong one."""
    wheels = [name for name in (os.listdir(place.dist) if os.path.isdir(place.dist) else ()) if name.endswith(".whl")]
    if len(wheels) != 1:
        raise EnvironmentProblem(
            "setup.py bdist_wheel left %s in %s instead of one wheel" % (", ".join(wheels) or "nothing", place.dist)
        )
    name = wheels[0]
    path = os.path.join(place.dist, name)
    prefix = "%s-%s-" % (job["package"], full_version(job))
    if not name.startswith(prefix) or not name.endswith("-linux_%s.whl" % job["architecture"]):
        raise EnvironmentProblem(
            "the wheel is called %s, its name should begin with %s and end with -linux_%s.whl: this source sets its"
            " version in another way; a patch (torch_build_patches) can fix that" % (name, prefix, job["architecture"])
        )
    remove(place.check)
    make_directory(place.check)
    try:
        with zipfile.ZipFile(path) as archive:
            archive.extractall(place.check)
    except (zipfile.BadZipFile, EOFError) as error:
        raise EnvironmentProblem("%s is damaged: %s" % (name, error)) from error
    output = _import_wheel(place, job)
    features, problems = compare_cache(place, job, output) if job["package"] == "torch" else ({}, [])
    if problems:
        raise EnvironmentProblem(mismatch_text(problems))
    remove(place.check)
    return {"wheel": {"filename": name, "sha256": hash_file(path), "size": os.path.getsize(path)}, "found": features}


def _import_wheel(place, job):
    """The output of an import from the wheel, not from the source tree."""
    environment = build_variables(place, job, 1)
    environment["PYTHONPATH"] = ":".join([place.check, place.site])
    show = _SHOW if job["package"] == "torch" else "import %s; print(%s.__version__)" % (job["package"], job["package"])
    program = "\n".join([show, _LIBRARIES % _LIBRARY])
    status, output = run([job["python"], "-c", program], environment, "/", timeout=_IMPORT_SECONDS)
    if status:
        raise EnvironmentProblem(
            "the wheel was built, but it cannot be imported (status %d): %s" % (status, last_lines(output))
        )
    if full_version(job) not in output:
        raise EnvironmentProblem(
            "the wheel was built, but the imported version is not %s: %s" % (full_version(job), last_lines(output))
        )
    own = tuple(os.path.realpath(path) + "/" for path in (place.check, place.site))  # as in /proc/self/maps
    foreign = sorted(set(path for path in re.findall("^%s(.+)$" % _LIBRARY, output, re.M) if not path.startswith(own)))
    if foreign:
        raise EnvironmentProblem(
            "the wheel was built, but its import loads libraries of another torch: %s. The libraries of this source do"
            " not find each other (RPATH); a patch (torch_build_patches) can fix that" % ", ".join(foreign)
        )
    return output


def cache_statistics(place):
    """The hits and misses of ccache; {} if it is too old to log them."""
    try:
        with open(place.statistics) as stream:
            words = re.findall(r"^(\w+)$", stream.read(), re.M)
    except OSError:
        return {}
    return {
        "hits": sum(word in ("direct_cache_hit", "preprocessed_cache_hit") for word in words),
        "misses": words.count("cache_miss"),
    }
