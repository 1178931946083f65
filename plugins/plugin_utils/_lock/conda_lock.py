# Copyright (c) 2026 the edgeai.fleet authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to edgeai.fleet: its interface may change in any release.

"""Make a plan for conda exact: rattler solves it on the control node, and every package is locked by URL and sha256."""

from __future__ import annotations

import importlib.util
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from ansible_collections.edgeai.fleet.plugins.module_utils._base.errors import EnvironmentProblem
from ansible_collections.edgeai.fleet.plugins.module_utils._base.secrets import redact
from ansible_collections.edgeai.fleet.plugins.module_utils._rattler.call import CondaProblem, ask_worker
from ansible_collections.edgeai.fleet.plugins.module_utils._rattler.channels import channel_urls
from ansible_collections.edgeai.fleet.plugins.module_utils._rattler.platform import platform_of, virtual_packages

from .._base import hashes, urls
from .._base.errors import Refused, Unreachable
from .._model.artifact import make_artifact
from .._model.lock import make_lock
from .._wheelhouse.package_index import Sources
from .._wheelhouse.pip_config import Configuration
from .conda_specs import PYTORCH, instead_of_conda, solver_specs
from .install_hint import install_command
from .installer_tools import tools_for
from .lockfile import forbidden_packages, lock_id
from .upload_times import UploadTimes

SECONDS = 600


def resolve_conda_plan(plan: dict[str, Any], index: Sources, cache: Path) -> dict[str, Any]:
    """The lock of a plan whose provider is conda.

    Refused: there is no lock for this plan. Unreachable: a channel does not answer, or py-rattler is missing.
    """
    if importlib.util.find_spec("rattler") is None:
        raise Unreachable(
            f"py-rattler, which solves conda environments, is not installed on the control node:"
            f" {install_command('py-rattler')}"
        )
    target, conda, limit = plan["target"], plan["conda"], UploadTimes(plan, index).text
    specs, constraints = solver_specs(plan)
    try:
        channels, platform = channel_urls(conda["channels"]), platform_of(target["architecture"])
    except EnvironmentProblem as error:
        raise Refused(
            str(error),
            f"correct the channels ({'x86_conda_channels' if plan['family'] == 'x86_conda' else 'torch_mirrors'}), or"
            f" {instead_of_conda(plan['family'])}",
        ) from error
    # A CPU build must not see CUDA: the solver would choose CUDA variants of other packages.
    cuda = conda["virtual"]["cuda"] if conda["build"] == "cuda" else None
    request = {
        "do": "solve",
        "channels": channels,
        "specs": specs,
        "constraints": constraints,
        "platform": platform,
        "offline": False,
        "virtual": virtual_packages(target["architecture"], conda["virtual"]["glibc"], conda["virtual"]["linux"], cuda),
        "cache": str(cache / "conda"),
        "timeout": SECONDS,
        "uploaded_before": limit,
    }
    try:
        found = _run_solver(request, index.configuration)
    except CondaProblem as problem:
        raise _explain_problem(problem, plan, cuda) from problem
    packages = [_conda_artifact(package) for package in found]
    torch = next((package for package in found if package["name"] == PYTORCH), None)
    if torch is None or not torch["build"].startswith(conda["build"]):
        raise Refused(
            f"the solver chose {torch and torch['filename']} instead of a {conda['build']} build of pytorch",
            "look for a requirement that pins pytorch",
        )
    _refuse_forbidden(plan, packages)
    return make_lock(
        lock_id(plan),
        plan,
        torch["version"],
        packages,
        tools_for(plan, index),
        [],
        list(map(redact, channels)),
        [],
        limit,
    )


def _run_solver(request: dict[str, Any], configuration: Configuration) -> list[dict[str, Any]]:
    """In a process of its own: rattler has threads and Ansible forks; and it can be stopped after a time-out."""

    def execute(command: list[str]) -> None:
        try:
            done = subprocess.run(
                command,
                env={**os.environ, **configuration.as_variables()},
                capture_output=True,
                text=True,
                timeout=SECONDS,
                check=False,
            )
        except subprocess.TimeoutExpired as error:
            raise CondaProblem(
                "channel", f"{', '.join(map(redact, request['channels']))} did not answer within {SECONDS} s"
            ) from error
        if done.returncode:
            raise RuntimeError(
                f"py-rattler on the control node does not work (status {done.returncode}):"
                f" {redact(done.stderr).strip()[-500:]}"
            )

    Path(request["cache"]).mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="edgeai-fleet-conda-") as work:
        return ask_worker(request, sys.executable, None, work, execute)["packages"]


def _explain_problem(problem: CondaProblem, plan: dict[str, Any], cuda: str | None) -> Exception:
    text, build = redact(str(problem)), plan["conda"]["build"]
    if problem.kind == "channel":
        return Unreachable(text)
    what = f"torch {plan['torch']['specifier']}".strip()
    asked = (
        f"{what} as a {build} build for {plan['target']['architecture']}, Python {plan['target']['python']}, "
        f"from {', '.join(redact(channel) for channel in plan['conda']['channels'])}"
    )
    if build == "cuda" and "__cuda" in text:
        return Refused(
            f"{asked}, needs a newer NVIDIA driver: this board's driver supports CUDA"
            f" {cuda or 'of an unknown version'}. {text}",
            "install a newer driver (525 for CUDA 12, 580 for CUDA 13), or set an older torch_version, or"
            " torch_accelerator: cpu",
        )
    if problem.kind in ("spec", "lacking", "conflict"):
        return Refused(
            f"there is no solution for {asked}: {text}",
            "change the packages named there (conda-forge may use another name than PyPI), or"
            f" {instead_of_conda(plan['family'])}"
            + (", or shorten torch_exclude_newer" if plan["exclude_newer"] else ""),
        )
    return RuntimeError(f"py-rattler on the control node: {text}")


def _conda_artifact(package: dict[str, Any]) -> dict[str, Any]:
    path = urls.local_path(package["url"])
    sha256 = package["sha256"] or (hashes.sha256_of(path) if path else None)
    if not sha256:
        raise Refused(
            f"{redact(package['url'])} is published without a sha256 and cannot be locked",
            "use another channel; conda-forge publishes all hashes",
        )
    return make_artifact(
        package["filename"], package["url"], sha256, package["name"], package["version"], package["size"]
    )


def _refuse_forbidden(plan: dict[str, Any], packages: list[dict[str, Any]]) -> None:
    if hits := forbidden_packages(plan, packages):
        names = ", ".join(f"{package['name']} {package['version']}" for package in hits[:8])
        raise Refused(
            f"torch and the requirements need {names}, which this plan forbids ({', '.join(plan['forbid'])})",
            "remove the requirement for that package",
        )
