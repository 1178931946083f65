# Copyright (c) 2026 the edgeai.fleet authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Internal filters of the playbooks and roles, without documentation on purpose: users do not call them, and they may
change in any release. The code is in plugin_utils/_rollout, plugin_utils/_playbooks and plugin_utils/_catalogue.
"""

from __future__ import annotations

import functools
import typing as t

from ansible.errors import AnsibleFilterError
from ansible_collections.edgeai.fleet.plugins.plugin_utils._catalogue.system_packages import named_packages
from ansible_collections.edgeai.fleet.plugins.plugin_utils._playbooks.explained_boards import explain_boards
from ansible_collections.edgeai.fleet.plugins.plugin_utils._rollout import (
    board_status,
    builder_needs,
    builders,
    failures,
    report,
    rings,
    role_verdict,
)


def _with_errors(function: t.Callable) -> t.Callable:
    @functools.wraps(function)
    def filtered(*args: t.Any, **kwargs: t.Any) -> t.Any:
        try:
            return function(*args, **kwargs)
        except rings.RolloutError as error:
            raise AnsibleFilterError(str(error)) from error

    return filtered


class FilterModule:
    def filters(self) -> dict[str, t.Callable]:
        return {
            "internal_board_hosts": _with_errors(builders.board_hosts),
            "internal_assigned_builds": _with_errors(builders.assign_builds),
            "internal_build_step": builders.next_step,
            "internal_builds_with_failure": builders.with_failed_build,
            "internal_builder_needs": builder_needs.builder_needs,
            "internal_board_statuses": _with_errors(board_status.read_statuses),
            "internal_hosts_to_plan": _with_errors(report.hosts_to_plan),
            "internal_hosts_to_repair": _with_errors(board_status.hosts_to_repair),
            "internal_plans_by_host": _with_errors(board_status.plans_by_host),
            "internal_rings": _with_errors(rings.assign_rings),
            "internal_gate": _with_errors(rings.check_gate),
            "internal_task_failure": failures.read_failure,
            "internal_role_verdict": _with_errors(role_verdict.role_verdict),
            "internal_explained_boards": explain_boards,
            "internal_system_packages": named_packages,
        }
