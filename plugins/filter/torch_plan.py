# Copyright (c) 2026 the edgeai.fleet authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The filter edgeai.fleet.torch_plan; documented in torch_plan.yml beside it."""

from ansible_collections.edgeai.fleet.plugins.module_utils._base.secrets import mask_secrets
from ansible_collections.edgeai.fleet.plugins.plugin_utils._plan.engine import plan
from ansible_collections.edgeai.fleet.plugins.plugin_utils._plan.variables import completed_request


class FilterModule:
    def filters(self):
        return {"torch_plan": torch_plan}


def torch_plan(board, catalogue, request):
    # A plan is shown by whoever registers it: it has no secrets, and what fetches or installs takes them from the
    # host's variables.
    return plan(board, mask_secrets(catalogue), mask_secrets(completed_request(request)))
