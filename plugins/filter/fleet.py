# Copyright (c) 2026 the edgeai.fleet authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The rollout's decisions as filters; what they do is in plugin_utils/_rollout/."""

from __future__ import annotations

import functools
import typing as t

from ansible.errors import AnsibleFilterError
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
    """Filters of the rollout."""

    def filters(self) -> dict[str, t.Callable]:
        return {
            "fleet_hosts": _with_errors(builders.served),
            "fleet_builds": _with_errors(builders.deal),
            "internal_builder_needs": builder_needs.builder_needs,
            "fleet_progress": _with_errors(board_status.builds),
            "fleet_boards": _with_errors(board_status.boards),
            "fleet_unjudged": _with_errors(report.unjudged),
            "fleet_repairable": _with_errors(board_status.repairable),
            "fleet_plans": _with_errors(board_status.plans),
            "fleet_rings": _with_errors(rings.rings),
            "fleet_gate": _with_errors(rings.gate),
            "fleet_failure": failures.failure,
            "fleet_verdict": _with_errors(role_verdict.verdict),
        }
