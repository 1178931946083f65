# Copyright (c) 2026 the edgeai.fleet authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to edgeai.fleet: its interface may change in any release.

"""Resolve torch and its requirements with uv."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import threading
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ansible_collections.edgeai.fleet.plugins.module_utils._base.secrets import redact

from .._base.errors import Refused
from .._base.network_errors import fix_for, hosts_in, kind_of
from .._wheelhouse import uv_config, wheel_files
from .._wheelhouse.package_index import SourceDown, Sources, list_files, project_of
from .._wheelhouse.pip_config import Source
from .install_hint import install_command
from .named_files import NamedWheel
from .target_platform import best_tag, for_uv, is_foreign, target_text, uv_platform
from .upload_times import UploadTimes

_SECONDS = 600
# uv's package reads sysconfig, which is not safe in two threads at once.
_FINDING = threading.Lock()


def find_uv() -> str:
    try:
        import uv

        with _FINDING:
            return str(uv.find_uv_bin())
    except (ImportError, FileNotFoundError):
        if on_path := shutil.which("uv"):
            return on_path
        raise RuntimeError(f"uv is not installed on the control node: {install_command('uv')}") from None


def _render_project(requirements: list[str], sources: Mapping[str, Source]) -> str:
    """A pyproject.toml in which torch and its companions may come from their sources only."""
    to_toml = json.dumps  # for the strings and lists used here, JSON is TOML
    names = {source: f"source-{number}" for number, source in enumerate(dict.fromkeys(sources.values()))}
    lines = [
        "[project]",
        'name = "edgeai-fleet-lock"',
        'version = "0"',
        f"dependencies = {to_toml(requirements)}",
        "[tool.uv.sources]",
        *(f"{name} = {{ index = {to_toml(names[source])} }}" for name, source in sources.items()),
    ]
    for source, name in names.items():
        lines += ["[[tool.uv.index]]", f"name = {to_toml(name)}", f"url = {to_toml(source.url)}", "explicit = true"]
        lines += ['format = "flat"'] if source.kind == "links" else []
    return "\n".join(lines) + "\n"


def _uv_environment(index: Sources, empty: Path, provided: Path) -> dict[str, str]:
    """The configured sources for uv, in variables: URLs may hold passwords, and every user can list arguments."""
    usable, configuration = index.usable_sources(), index.configuration
    indexes = [source.url for source in usable if source.kind == "index"] or [empty.as_uri()]
    links = [source.location for source in usable if source.kind == "links"]
    environment = {
        **{
            name: value
            for name, value in os.environ.items()
            if not name.startswith(("UV_", "VIRTUAL_ENV", "CONDA_PREFIX"))
        },
        "UV_HTTP_TIMEOUT": f"{max(configuration.timeout, 30):.0f}",
        **configuration.passed,
        "UV_INDEX_URL": indexes[0],
        "UV_EXTRA_INDEX_URL": " ".join(indexes[1:]),
        "UV_FIND_LINKS": ",".join([str(provided), *links]),
        "UV_INSECURE_HOST": " ".join(configuration.trusted_hosts),
        "UV_PYTHON_DOWNLOADS": "never",
        "UV_KEYRING_PROVIDER": "subprocess" if configuration.keyring else "",
        # uv's own certificates lack a company's. The first name is for newer versions, the second for older ones.
        "UV_SYSTEM_CERTS": "true",
        "UV_NATIVE_TLS": "true",
        **configuration.as_variables(),
    }
    return {name: value for name, value in environment.items() if value}


def files_of(package: dict[str, Any]) -> list[dict[str, Any]]:
    """The files of a package of uv's pylock.toml."""
    return [*package.get("wheels", ()), *([package["archive"]] if "archive" in package else [])]


def _refused_to_uv(said: str, index: Sources) -> str:
    """uv reads a 401 or 403 as "no such package": ask again for what it did not find.

    Refused, if a source now denies access.
    """
    notes = []
    for name in re.findall(r"(\S+) was not found in the package registry", said)[:3]:
        for source in index.usable_sources():
            for project in (name, "pip"):
                try:
                    list_files(source, project, index.configuration)
                except SourceDown as down:
                    if project == "pip":
                        why = f"{source} does not list {name}: {down}"
                        raise Refused(why, fix_for(why)) from down
                    notes.append(f" {source} answered for {name}: {down}.")
                else:
                    break
    return "".join(notes)


def _upload_limits(times: UploadTimes, sources: Mapping[str, Source]) -> list[str]:
    """torch_exclude_newer for uv; what PyPI dates for another index was limited before, by versions."""
    if times.text is None:
        return []
    undated = [name for name, source in sources.items() if times.follows_pypi(source)]
    return [
        "--exclude-newer",
        times.text,
        *(word for name in undated for word in ("--exclude-newer-package", f"{name}=false")),
    ]


def _without_upload_times(said: str, times: UploadTimes) -> tuple[str, str]:
    """What uv said without its lines about upload times, which it writes for each file, and one sentence for them."""
    undated = {project_of(name) or name for name in re.findall(r"`([^`\s]+)` is missing an upload date", said)}
    late = set(re.findall(r"`([^`\s]+)` was filtered by `exclude-newer`", said)) - undated
    lines = [line for line in said.splitlines() if "is missing an upload date" not in line]
    said = re.sub(r" Consider using `exclude-newer-package`[^.\n]*\.", "", "\n".join(lines)).strip()
    sentences = [
        f"{', '.join(sorted(names)[:8])}{f' and {len(names) - 8} more' if len(names) > 8 else ''} {what}."
        for names, what in (
            (undated, "has files of which the index does not say when they were uploaded (upload-time, PEP 700)"),
            (late, f"has only files that were uploaded after {times.text}"),
        )
        if names
    ]
    limit = f" torch_exclude_newer ({times.cool_down}) left files out: {' '.join(sentences)}" if sentences else ""
    return said, limit


def resolve_with_uv(
    plan: dict[str, Any],
    requirements: list[str],
    constraints: list[str],
    sources: Mapping[str, Source],
    wheels: Mapping[str, NamedWheel],
    index: Sources,
    cache: Path,
) -> tuple[list[dict[str, Any]], list[str]]:
    """The packages of uv's pylock.toml, and its warnings.

    `sources`: the only source for each of these projects. `wheels`: the file for each of these projects, whichever
    version other packages require.
    """
    if uv_config.tomllib is None:
        raise RuntimeError(
            f"tomli is not on the control node (Python older than 3.11 needs it): {install_command('tomli')}"
        )
    target, times = plan["target"], UploadTimes(plan, index)
    with tempfile.TemporaryDirectory(prefix="edgeai-fleet-lock-") as temporary:
        folder = Path(temporary)
        for name in ("empty", "provided", "wheels"):
            (folder / name).mkdir()
        # Preinstalled packages need no index: an empty wheel stands for each, with the best tag so that uv prefers it.
        tag = best_tag(for_uv(target))
        for name, version in plan["provided"].items():
            wheel_files.make_stub(folder / "provided", name, version, tag)
        stubs = {
            name: wheel_files.stub_of(wheel.path, folder / "wheels", tag if is_foreign(target) else None)
            for name, wheel in wheels.items()
        }
        overrides = [f"{name} @ {stub.as_uri()}\n" for name, stub in stubs.items()]
        (folder / "pyproject.toml").write_text(_render_project(requirements, sources), "utf-8")
        (folder / "constraints.txt").write_text("\n".join(constraints) + "\n", "utf-8")
        (folder / "overrides.txt").write_text("".join(overrides), "utf-8")
        output = folder / "pylock.fleet.toml"
        command = [
            find_uv(),
            "pip",
            "compile",
            "pyproject.toml",
            "--constraints",
            "constraints.txt",
            *(["--overrides", "overrides.txt"] if overrides else []),
            "--output-file",
            output.name,
            "--format",
            "pylock.toml",
            "--python-platform",
            uv_platform(target),
            "--python-version",
            target["python"],
            "--python",
            sys.executable,
            "--index-strategy",
            "unsafe-best-match",
            "--no-build",
            "--no-config",
            "--no-header",
            "--no-progress",
            "--color",
            "never",
            "--cache-dir",
            str(cache),
            *_upload_limits(times, sources),
        ]
        try:
            done = subprocess.run(
                command,
                cwd=folder,
                env=_uv_environment(index, folder / "empty", folder / "provided"),
                capture_output=True,
                text=True,
                timeout=_SECONDS,
                check=False,
            )
        except subprocess.TimeoutExpired as error:
            raise Refused(
                f"uv did not resolve {', '.join(requirements)} for {target_text(target)} within {_SECONDS} s",
                "check which source is slow",
            ) from error
        said = "\n".join(
            line for line in redact(done.stderr).replace(str(folder), "").splitlines() if "UV_NATIVE_TLS" not in line
        ).strip()
        said, limit = _without_upload_times(said, times)
        if done.returncode != 0 and kind_of(said):
            raise Refused(
                f"uv cannot fetch from {hosts_in(said) or 'a source'} what {', '.join(requirements)} need: {said}",
                fix_for(said),
            )
        if done.returncode != 0:
            said += _refused_to_uv(said, index)
            down = {place: index.down[place] for place in map(str, index.configuration.sources) if place in index.down}
            silent = "".join(f" {place} is down ({why})." for place, why in down.items())
            if down and "was not found in" in said:  # the missing package may be on a source that is down
                raise Refused(
                    f"{', '.join(requirements)} cannot be resolved for {target_text(target)}.{silent}{limit} uv says of"
                    f" the other sources: {said}",
                    fix_for(next(iter(down.values()))),
                )
            raise Refused(
                f"{', '.join(requirements)} cannot be resolved together for {target_text(target)}.{silent}{limit} uv"
                f" says: {said}",
                "change what uv names, or add a source that has wheels for this target (source archives are not built)"
                + ("; or shorten torch_exclude_newer, or leave it out for this board" if limit else ""),
            )
        packages = uv_config.tomllib.loads(output.read_text("utf-8")).get("packages", [])
        for package in packages:  # relative paths are relative to the temporary folder
            for wheel in files_of(package):
                if "url" not in wheel and "path" in wheel:
                    wheel["url"] = (folder / wheel["path"]).resolve().as_uri()
    return packages, [limit.strip()] * bool(limit) + [
        line for line in said.splitlines() if line.startswith("warning:") and "requested Python version" not in line
    ]
