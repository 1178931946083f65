# Copyright (c) 2026 the edgeai.fleet authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to edgeai.fleet: its interface may change in any release.

"""The request of a host: its torch_* variables, checked.

Their names, types and defaults come from the main entry points in roles/*/meta/argument_specs.yml.
"""

import datetime
import fnmatch
import functools
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from ansible.errors import AnsibleError
from ansible.module_utils.common.validation import (
    check_type_bool,
    check_type_dict,
    check_type_float,
    check_type_int,
    check_type_list,
)
from ansible.module_utils.common.yaml import yaml_load
from ansible.utils.display import Display
from ansible_collections.edgeai.fleet.plugins.module_utils._base.secrets import mask_secrets

from .._base.cool_down import read_cool_down

try:
    from ansible.template import trust_as_template
except ImportError:  # ansible-core before 2.19 templates every string

    def trust_as_template(value: str) -> str:
        return value


display = Display()

PREFIX = "torch_"
#: The variable that the playbooks register, once for all hosts, after they checked the request.
RUN = "__fleet_run"
#: Variables of the playbooks, in addition to those of the roles.
PLAYBOOKS: dict[str, dict] = {
    "fleet_hosts": {"type": "raw", "default": "all"},
    "fleet_member": {"type": "bool", "default": True},
    "fleet_ignore_variables": {"type": "list", "elements": "str", "default": []},
    "torch_remove_packages": {"type": "bool", "default": False},
    "torch_audit_days": {"type": "int", "default": 90},
    "torch_audit_strict": {"type": "bool", "default": False},
    "enrol_accept": {"type": "bool", "default": False},
    "enrol_inventory": {"type": "path", "default": ""},
    "enrol_group": {"type": "str", "default": ""},
    "enrol_name": {"type": "str", "default": ""},
    "enrol_key": {"type": "path", "default": ""},
    "enrol_known_hosts": {"type": "path", "default": "~/.ssh/known_hosts"},
    "enrol_password": {"type": "str", "default": ""},
    "enrol_fingerprint": {"type": "str", "default": ""},
    "explain_facts": {"type": "path"},
    "explain_json": {"type": "path"},
    "bundle_path": {"type": "path"},
    "bundle_facts": {"type": "path"},
    "bundle_python": {"type": "str"},
    "bundle_platform": {"type": "str"},
    "bundle_key": {"type": "path"},
    "bundle_signer": {"type": "str"},
    "bundle_tar": {"type": "bool", "default": False},
    "diagnose_text": {"type": "str"},
    "diagnose_file": {"type": "path"},
    "diagnose_family": {"type": "str"},
    "diagnose_facts": {"type": "path"},
    "diagnose_json": {"type": "path"},
}
#: Renamed variables: old name -> new name.
RENAMED = {
    "torch_build": "torch_build_policy",
    "torch_build_job": "torch_build_spec",
    **{
        f"{family}_extra_packages": "torch_extra_packages"
        for family in ("atlas", "jetson", "pynq", "raspberrypi", "x86_conda")
    },
}
_REGISTERED = frozenset(("changed", "failed", "skipped", "unreachable"))
#: Results that roles leave in a host's variables, each with keys of which its value must have at least one.
RESULTS: dict[str, frozenset[str]] = {
    **dict.fromkeys(
        (
            "torch_detected",
            "wheelhouse_result",
            "torch_installed",
            "torch_verified",
            "torch_switched",
            "torch_removed",
            "torch_audited",
        ),
        _REGISTERED,
    ),
    "torch_plan": frozenset(("refusal",)),
    "torch_failure": frozenset(("reason",)),
    "torch_verdict": frozenset(("satisfied",)),
    "torch_builds": frozenset(),
}
#: Variables that playbooks pass to each other.
_BETWEEN_PLAYBOOKS = ("fleet_purpose", "fleet_pass", "fleet_wave", "fleet_ring", "fleet_writes", "fleet_asks")
_ROLES = Path(__file__).resolve().parents[3] / "roles"


@functools.cache
def _entry_points() -> dict[str, dict[str, dict]]:
    """The entry points of each role: role -> name of the tasks file -> its specification."""
    return {
        path.parts[-3]: yaml_load(path.read_text(encoding="utf-8"))["argument_specs"]
        for path in sorted(_ROLES.glob("*/meta/argument_specs.yml"))
    }


def option_specs() -> dict[str, dict[str, dict]]:
    """The options that users set, by role, from its main entry point.

    The other entry points have the values that roles pass to each other.
    """
    return {role: entries["main"].get("options", {}) for role, entries in _entry_points().items()}


@functools.cache
def known_options() -> dict[str, dict]:
    return {name: spec for options in option_specs().values() for name, spec in options.items()}


@functools.cache
def role_variables(family: str) -> dict[str, Any]:
    """The variables in vars/ of a family's role; their templates can be evaluated."""
    folder = _ROLES / family / "vars"
    files = sorted(folder.glob("main/*.yml")) or [folder / "main.yml"]
    return {
        name: _as_templates(value)
        for path in files
        for name, value in (yaml_load(path.read_text(encoding="utf-8")) or {}).items()
    }


def _as_templates(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _as_templates(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [_as_templates(inner) for inner in value]
    return trust_as_template(value) if _is_template(value) else value


@functools.cache
def catalogue_options(family: str) -> dict[str, dict]:
    """The options of a family's role that the templates in its vars/ use: those that its catalogue depends on."""
    used = set(re.findall(r"\w+", " ".join(_templates_in(role_variables(family)))))
    return {name: spec for name, spec in option_specs()[family].items() if name in used}


def _templates_in(value: Any) -> Iterator[str]:
    if isinstance(value, (dict, list)):
        for inner in value.values() if isinstance(value, dict) else value:
            yield from _templates_in(inner)
    elif _is_template(value):
        yield value


@functools.cache
def _name_letters() -> dict[str, frozenset]:
    """The names of this collection's variables, each with its set of letters."""
    return {name: frozenset(name) for name in (*known_options(), *PLAYBOOKS, *_BETWEEN_PLAYBOOKS)}


@functools.cache
def _handed_over() -> frozenset:
    """The names of values that roles pass to each other: neither options nor mistyped options."""
    entries = [entry for of_role in _entry_points().values() for entry in of_role.values()]
    return frozenset(RESULTS).union(*(entry.get("options", {}) for entry in entries)) - frozenset(known_options())


def misuse(name: str, value: Any, hosts: str = "") -> str | None:
    """Why a host must not have this variable, and the fix; None if it may."""
    where = hosts and f" (it is set for {hosts})"
    if name in RENAMED:
        return f"{name} is now {RENAMED[name]}{where}. Rename it; if it is yours, name it in fleet_ignore_variables."
    if name in RESULTS and value is not None and not _is_template(value):
        keys = RESULTS[name]
        if not isinstance(value, Mapping) or (keys and keys.isdisjoint(value)):
            return f"{name} is what this collection's roles find out, not an option{where}. Remove it."
    return None


def nearest_variable(name: Any) -> str | None:
    """The variable of this collection that this name probably means, or None.

    A name with more than two typing errors is another variable.
    """
    if not isinstance(name, str) or name.startswith("_") or name in _name_letters() or name in _handed_over():
        return None
    letters, near = frozenset(name), []
    for own, its in _name_letters().items():
        # A typing error changes the length by at most one, and the set of letters by at most two.
        if abs(len(own) - len(name)) <= 2 and len(letters ^ its) <= 4 and (slips := edit_distance(name, own)) <= 2:
            near.append((slips, own))
    return min(near)[1] if near else None


def edit_distance(one: str, other: str) -> int:
    """The number of letters that are missing, added, replaced or swapped with their neighbour."""
    before, row = [], list(range(len(other) + 1))
    for i, letter in enumerate(one, 1):
        before, above, row = row, before, [i]
        for j, its in enumerate(other, 1):
            row.append(min(before[j] + 1, row[-1] + 1, before[j - 1] + (letter != its)))
            if i > 1 and j > 1 and letter == other[j - 2] and one[i - 2] == its:
                row[-1] = min(row[-1], above[j - 2] + 1)
    return row[-1]


def near_misses(names: Iterable, ignored: Iterable[str] = ()) -> dict[str, str]:
    """The names that look like mistyped variables of this collection, each with the right name.

    C(ignored) has names and patterns (C(torch_my_*)).
    """
    found = {name: own for name in names if (own := nearest_variable(name))}
    return {name: own for name, own in sorted(found.items()) if not is_ignored(name, ignored)}


def is_ignored(name: str, patterns: Iterable[str]) -> bool:
    return any(fnmatch.fnmatchcase(name, pattern) for pattern in patterns)


def near_miss(name: str, own: str, hosts: str = "") -> str:
    return (
        f"{name} is not a variable of this collection{hosts and f' (it is set for {hosts})'}; did you mean {own}? "
        "If it is yours, name it in fleet_ignore_variables."
    )


def _to_text(value: Any) -> str:
    # YAML reads an unquoted 2.10 as the number 2.1. The intended text is lost, so a float is an error.
    if isinstance(value, datetime.date):  # which YAML makes of an unquoted 2026-11-01
        return value.isoformat()
    if isinstance(value, bool) or not isinstance(value, (str, int)):
        raise TypeError
    return str(value)


_TYPES: dict[str, tuple[str, Callable[[Any], Any]]] = {
    "str": ("a text", _to_text),
    "path": ("a path", _to_text),
    "bool": ("true or false", check_type_bool),
    "int": ("a whole number", check_type_int),
    "float": ("a number", check_type_float),
    "list": ("a list", check_type_list),
    "dict": ("a mapping", check_type_dict),
    "raw": ("anything", lambda value: value),
}


class WrongValue(AnsibleError):
    """A variable has a value that is not allowed."""


def checked_value(name: str, value: Any, spec: Mapping) -> Any:
    """The value, converted to its type. WrongValue names the variable, the value and what is allowed."""
    words, convert = _TYPES[spec.get("type", "str")]
    shown = mask_secrets({name: value})[name]
    try:
        if value is None:
            raise TypeError
        value = convert(value)
        if spec.get("elements"):
            words += f", each {_TYPES[spec['elements']][0]}"
            value = [_TYPES[spec["elements"]][1](element) for element in value]
    except (TypeError, ValueError):
        hint = "; write it in quotes" if isinstance(value, float) else ""
        raise WrongValue(f"{name} is {shown!r}: it must be {words}{hint}.") from None
    choices = spec.get("choices")
    if choices and any(element not in choices for element in (value if isinstance(value, list) else [value])):
        raise WrongValue(f"{name} is {shown!r}: it must be one of {', '.join(map(str, choices))}.")
    if name == "torch_exclude_newer":
        try:
            read_cool_down(value)
        except ValueError as error:
            raise WrongValue(f"{name} is {shown!r}: {error}.") from None
    return value


def gather_request(variables: Mapping, template: Callable[[Any], Any]) -> dict:
    """The request of one host from its variables."""
    if RUN not in variables:  # a role without a playbook: playbooks check all hosts at once
        ignored = value("fleet_ignore_variables", PLAYBOOKS["fleet_ignore_variables"], variables, template)
        for name in variables:
            if (why := misuse(name, variables[name])) and not is_ignored(name, ignored):
                raise AnsibleError(why)
        for name, own in near_misses(variables, ignored).items():
            display.warning(near_miss(name, own))
    for name, spec in known_options().items():
        # Templates are not evaluated: they may be expensive, or may use this request.
        if name in variables and "choices" in spec and not _is_template(variables[name]):
            checked_value(name, variables[name], spec)
    return {
        name.removeprefix(PREFIX): value(name, spec, variables, template)
        for name, spec in option_specs()["torch"].items()
    }


def board_options(variables: Mapping, template: Callable[[Any], Any]) -> dict:
    """What the variables of a host say of its board, as options of board_facts."""
    if RUN not in variables:
        gather_request(variables, template)  # which checks all of them

    # Every board pays for this in every run: no other variable is evaluated.
    def of_host(name: str) -> Any:
        return value(name, known_options()[name], variables, template)

    cann = of_host("atlas_cann")
    return {
        **{option: of_host(option) for option in ("torch_root", "torch_user", "torch_python")},
        "family": of_host("torch_family"),
        "cann_path": of_host("atlas_cann_path") or cann.get("path") or "",
        "cann_version": cann.get("version") or "",
    }


def _is_template(value: Any) -> bool:
    return isinstance(value, str) and "{" in value


def value(name: str, spec: Mapping, variables: Mapping, template: Callable[[Any], Any]) -> Any:
    """A variable of a host, checked, or its default."""
    if name not in variables:
        return template(trust_as_template(spec["default"])) if _is_template(spec["default"]) else spec["default"]
    try:
        return checked_value(name, template(variables[name]), spec)
    except WrongValue:
        raise
    except AnsibleError as error:  # undefined, misspelt, or encrypted with another password
        raise AnsibleError(f"{name} cannot be evaluated: {error}") from None


def completed_request(request: Any) -> dict:
    """A request written by hand, completed with defaults."""
    if not isinstance(request, Mapping):
        raise AnsibleError(f"The request must be a mapping, not {type(request).__name__}.")
    options = {name.removeprefix(PREFIX): spec for name, spec in option_specs()["torch"].items()}
    unknown = sorted(set(request) - set(options))
    if unknown:
        if renamed := RENAMED.get(PREFIX + unknown[0]):
            raise AnsibleError(f"The request's option {unknown[0]} is now {renamed.removeprefix(PREFIX)}.")
        raise AnsibleError(
            f"The request has the unknown option {unknown[0]!r}; known are: {', '.join(sorted(options))}."
        )
    given = {name: checked_value(PREFIX + name, value, options[name]) for name, value in request.items()}
    return {name: given[name] if name in given else spec["default"] for name, spec in options.items()}
