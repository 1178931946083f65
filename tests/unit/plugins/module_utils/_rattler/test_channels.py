# Copyright (c) 2026 the edgeai.fleet authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Names and URLs of channels."""

from ansible_collections.edgeai.fleet.plugins.module_utils._rattler.channels import channel_urls
from environment_support import problem


def test_channels():
    forge = ["https://conda.anaconda.org/conda-forge"]
    assert (
        channel_urls([])
        == forge
        == channel_urls(["conda-forge", "nodefaults", "https://conda.anaconda.org/conda-forge/"])
    )
    assert channel_urls(["/srv/forge", "nvidia/label/cuda-12.8"]) == [
        "file:///srv/forge",
        "https://conda.anaconda.org/nvidia/label/cuda-12.8",
    ]
    for bad in (
        "main",
        "anaconda",
        "pkgs/main",
        "https://repo.anaconda.com/pkgs/r",
        "http://repo.continuum.io/pkgs/free/",
        "https://conda.anaconda.org/anaconda",
    ):
        assert "have to pay for" in problem(channel_urls, [bad])
    assert "is not a channel" in problem(channel_urls, ["a b"])
