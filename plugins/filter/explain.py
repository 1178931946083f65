# Copyright (c) 2026 the edgeai.fleet authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The filters edgeai.fleet.fleet_board and fleet_explain; their documentation is in fleet_board.yml and
fleet_explain.yml.
"""

from ansible_collections.edgeai.fleet.plugins.plugin_utils._plan.explanation import explain
from ansible_collections.edgeai.fleet.plugins.plugin_utils._plan.hypothetical_board import board


class FilterModule:
    def filters(self):
        return {"fleet_board": board, "fleet_explain": explain}
