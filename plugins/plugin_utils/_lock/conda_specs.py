# Copyright (c) 2026 the edgeai.fleet authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to edgeai.fleet: its interface may change in any release.

"""Requirements of a plan as conda specs."""

from __future__ import annotations

from typing import Any

from .._base.errors import Refused
from .._base.packaging_shim import SpecifierSet, canonicalize_name
from .._base.specifiers import parse_requirement, parse_specifier

PYTORCH = "pytorch"  # torch on conda-forge


def version_spec(specifiers: SpecifierSet) -> str:
    """A PEP 440 specifier as conda writes it, `*` for any version."""
    clauses = []
    for clause in sorted(specifiers, key=str):
        # conda's versions have no label: the build is a field of its own.
        operator, version = clause.operator, clause.version.partition("+")[0]
        if operator == "===" or (operator == "==" and version.endswith(".*")):
            operator = "" if version.endswith(".*") else "=="
        clauses.append(f"{operator}{version}")
    return ",".join(clauses) or "*"


def instead_of_conda(family: str | None) -> str:
    """The fix that does without conda packages. Only PCs have an option for it; other boards get conda packages where
    no wheel fits their request.
    """
    if family == "x86_conda":
        return "use a virtual environment (x86_conda_provider: venv)"
    return "ask for a torch_python or torch_version that the board has wheels for (edgeai.fleet.explain names them)"


def package_spec(text: str, target: dict[str, str], family: str | None = None) -> str | None:
    """A PEP 508 requirement as a conda spec; None if its marker excludes this target.

    Refused: conda cannot express it.
    """
    requirement = parse_requirement(text)
    if requirement.marker and not requirement.marker.evaluate(_marker_environment(target)):
        return None
    for what, found in (("a URL", requirement.url), ("extras", requirement.extras)):
        if found:
            raise Refused(
                f"{text!r} has {what}, which conda packages cannot have",
                f"name the packages themselves, or {instead_of_conda(family)}",
            )
    name = canonicalize_name(requirement.name)
    return f"{PYTORCH if name == 'torch' else name} {version_spec(requirement.specifier)}"


def _marker_environment(target: dict[str, str]) -> dict[str, str]:
    minor = ".".join(target["python"].split(".")[:2])
    return {
        "python_version": minor,
        "python_full_version": target["python"] if target["python"].count(".") == 2 else f"{minor}.0",
        "os_name": "posix",
        "sys_platform": "linux",
        "platform_system": "Linux",
        "platform_machine": target["architecture"],
        "platform_python_implementation": "CPython",
        "implementation_name": "cpython",
        "implementation_version": f"{minor}.0",
        "platform_release": "",
        "platform_version": "",
        "extra": "",
    }


def solver_specs(plan: dict[str, Any]) -> tuple[list[str], list[str]]:
    """(specs, constraints) of a plan.

    The build is named: without it the solver silently takes the CPU build where it knows of no driver.
    """
    target, build = plan["target"], plan["conda"]["build"]
    torch = version_spec(parse_specifier(plan["torch"]["specifier"]))
    python = ".".join(target["python"].split(".")[:2])
    specs = [
        f"python {python}.*",
        f"{PYTORCH} {torch} {build}*",
        "pip",
        *plan["conda"].get("specs", []),
        *(package_spec(text, target, plan["family"]) for text in [*plan["companions"], *plan["requirements"]]),
    ]
    constraints = [package_spec(text, target, plan["family"]) for text in plan["constraints"]]
    return list(dict.fromkeys(filter(None, specs))), list(filter(None, constraints))
