# Copyright (c) 2026 the edgeai.fleet authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The keys of a plan are the same in its schema, in the constructor and in what the wheelhouse requires."""

import pytest
from ansible.errors import AnsibleActionFail
from ansible_collections.edgeai.fleet.plugins.action.wheelhouse import _plan_is_refused
from ansible_collections.edgeai.fleet.plugins.plugin_utils._model.plan import KEYS, empty_plan
from ansible_collections.edgeai.fleet.plugins.plugin_utils._model.refusal import make_refusal
from plan_support import BOARDS, catalogue, planned, validate, validator


def test_the_schema_has_the_keys_of_the_constructor():
    schema = validator("plan").schema
    assert list(schema["properties"]) == list(KEYS) == schema["required"]
    validate("plan", {**empty_plan("pynq"), "refusal": make_refusal("no", "buy another")})


def test_plans_have_these_keys_and_no_others():
    given = planned(BOARDS["pi 4 bookworm"], catalogue("raspberrypi"))
    refused = planned(BOARDS["pi zero"], catalogue("raspberrypi"))
    assert not given["refusal"] and refused["refusal"]
    assert set(given) == set(refused) == set(KEYS)


@pytest.mark.parametrize("key", KEYS)
def test_the_wheelhouse_requires_each_of_them(key):
    plan = empty_plan()
    assert not _plan_is_refused("pi", plan)
    del plan[key]
    with pytest.raises(AnsibleActionFail, match=f"lacks {key}$"):
        _plan_is_refused("pi", plan)
