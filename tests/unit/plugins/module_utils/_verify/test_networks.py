# Copyright (c) 2026 the edgeai.fleet authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The networks of the probe, computed again beside real PyTorch, and what the probe says when they are wrong."""

import json
import subprocess

import pytest
from ansible_collections.edgeai.fleet.plugins.module_utils._verify import networks, probe
from ansible_collections.edgeai.fleet.plugins.module_utils._verify.probe_process import read_source

pytestmark = pytest.mark.xdist_group("networks")  # they are computed once, in half a minute
MEASURE = """
import json
import torch
torch.set_grad_enabled(False)
image = make_image(torch)
found = {}
for name, network in make_networks(torch).items():
    layers = [module for module in network.modules() if isinstance(module, torch.nn.Conv2d)]
    found[name] = {
        "parameters": sum(parameter.numel() for parameter in network.parameters()),
        "convolutions": len(layers),
        "size": list(image.shape),
        "float64": network.double()(image.double()).reshape(-1).tolist(),
        "wrong": float(relative_error((network.float()(image) * 1.001).reshape(-1).tolist(), REFERENCE[name])),
    }
print(json.dumps(found))
"""


@pytest.fixture(scope="module")
def measured(torch_python):
    output = subprocess.check_output([torch_python, "-W", "ignore", "-c", read_source(networks) + MEASURE])
    return json.loads(output.decode().splitlines()[-1])


@pytest.mark.parametrize("name", ["classifier", "detector"])
def test_they_are_whole_networks_and_the_reference_is_theirs(measured, name):
    one = measured[name]
    assert one["convolutions"] >= 40 and one["parameters"] >= 5e6 and one["size"] == [1, 3, 224, 224]
    assert networks.relative_error(one["float64"], networks.REFERENCE[name]) < 1e-8
    # An error of a thousandth is seen.
    assert one["wrong"] > probe.NETWORK_BOUNDS["cpu"]


def test_a_number_that_is_not_finite_is_the_worst_error():
    assert networks.relative_error([1.0, float("nan")], [1.0, 2.0]) == float("inf")
    assert networks.relative_error([1.0], [1.0, 2.0]) == float("inf")
    assert networks.relative_error([1.0, 2.5], [1.0, 2.0]) == 0.25
