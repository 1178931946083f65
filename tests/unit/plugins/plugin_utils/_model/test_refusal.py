# Copyright (c) 2026 the edgeai.fleet authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The keys of a refusal are the same in the schema of plans and in the constructor."""

from ansible_collections.edgeai.fleet.plugins.plugin_utils._base.errors import Refused
from ansible_collections.edgeai.fleet.plugins.plugin_utils._model.refusal import make_refusal
from plan_support import validator


def test_the_schema_has_the_keys_of_the_constructor():
    schema = validator("plan").schema["properties"]["refusal"]
    made = make_refusal("No wheel.", "Ask for another.", [{"row": "a", "why": "b"}])
    assert list(schema["properties"]) == schema["required"] == list(made)
    assert made == {"reason": "No wheel.", "nearly": [{"row": "a", "why": "b"}], "way_out": "Ask for another."}


def test_what_a_lock_refuses_has_the_same_keys():
    assert Refused("No wheel.", "Ask for another.").refusal == make_refusal("No wheel.", "Ask for another.")
