# Copyright (c) 2026 the edgeai.fleet authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to edgeai.fleet: its interface may change in any release.

"""The plans of all boards of a run at once. Equal boards with equal requests have one plan, which is made once."""

from __future__ import annotations

import typing as t

from ansible.errors import AnsibleError
from ansible_collections.edgeai.fleet.plugins.module_utils._base.secrets import mask_secrets

from .._base.hashes import canonical_json
from .._plan import variables
from .._plan.engine import plan
from .._rollout.board_status import join_hosts
from .._rollout.host_variables import board_of
from .run_options import HostVariables

#: Evaluates a template with the variables of a host or a role.
Template = t.Callable[[t.Any], t.Any]


def what_plans_read(board: dict[str, t.Any]) -> dict[str, t.Any]:
    """The board without the values that differ between equal boards, and that no plan depends on."""
    state = board["state"]
    verdict = (state.get("record") or {}).get("verdict") or {}
    return {
        **board,
        "seconds": None,
        "disk": None,
        "swap": None,
        "memory": {"total": board["memory"]["total"]},
        "state": {
            "problem": state["problem"],
            "record": {"verdict": {name: verdict.get(name) for name in ("outcome", "expect")}},
        },
    }


class Planner:
    """Makes plans, and remembers them by what they depend on.

    C(with_variables) returns a function that evaluates templates with the given variables.
    """

    def __init__(self, with_variables: t.Callable[[dict[str, t.Any]], Template]) -> None:
        self._with_variables = with_variables
        self._rows: dict[str, list[dict[str, t.Any]]] = {}
        self._requests: dict[str, dict[str, t.Any]] = {}
        self._names: dict[str, str] = {}
        #: The plans, each by a short name.
        self.plans: dict[str, dict[str, t.Any]] = {}

    def plan_for(self, board: dict[str, t.Any], host: HostVariables) -> str:
        """The name of the plan for this board. AnsibleError if a variable of the host is wrong."""
        reading, family = what_plans_read(board), board["family"]
        request = self._request(host)
        options = {
            name: variables.value(name, spec, host.raw, host.template)
            for name, spec in variables.catalogue_options(family).items()
        }
        depends = canonical_json([reading, request, options])
        if depends not in self._names:
            self.plans[str(len(self.plans) + 1)] = plan(reading, self._rows_of(family, options), request)
            self._names[depends] = str(len(self.plans))
        return self._names[depends]

    def _request(self, host: HostVariables) -> dict[str, t.Any]:
        given = {name: host.raw[name] for name in variables.option_specs()["torch"] if name in host.raw}
        try:
            key = canonical_json(given)
        except TypeError:  # such as an encrypted text
            key = ""
        if not key or "{{" in key or "{%" in key:  # its value may differ between hosts
            return mask_secrets(variables.gather_request(host.raw, host.template))
        if key not in self._requests:
            self._requests[key] = mask_secrets(variables.gather_request(host.raw, host.template))
        return self._requests[key]

    def _rows_of(self, family: str, options: dict[str, t.Any]) -> list[dict[str, t.Any]]:
        """The rows of a family: the variable of its role, which depends on the role's options only."""
        key = canonical_json([family, options])
        if key not in self._rows:
            role = {**variables.role_variables(family), **options}
            if f"__{family}_rows" not in role:
                raise AnsibleError(f"vars/ of the role {family} has no __{family}_rows, the rows of a board's plan.")
            self._rows[key] = mask_secrets(self._with_variables(role)(role[f"__{family}_rows"]))
        return self._rows[key]


def plan_fleet(
    hosts: t.Iterable[HostVariables], with_variables: t.Callable[[dict[str, t.Any]], Template]
) -> dict[str, t.Any]:
    """C(plans) by name, C(boards): the name of each board's plan, and C(errors): why a board has none.

    A board that was not detected in this run, or belongs to no family, is in neither of them.
    """
    planner, boards, errors = Planner(with_variables), {}, {}
    for host in hosts:
        board = board_of(host.raw)
        if board and board["family"]:
            try:
                boards[host.host] = planner.plan_for(board, host)
            except AnsibleError as error:
                errors[host.host] = str(error)
    return {"plans": planner.plans, "boards": boards, "errors": errors}


def error_text(errors: t.Mapping[str, str]) -> str:
    """The errors of all boards in one text, each once, with its boards."""
    having: dict[str, list[str]] = {}
    for host, error in errors.items():
        having.setdefault(error, []).append(host)
    return "\n".join(f"{join_hosts(hosts)}: {error}" for error, hosts in having.items())
