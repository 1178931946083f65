# Copyright (c) 2026 the edgeai.fleet authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import datetime
from pathlib import Path

import pytest
import yaml
from ansible_collections.edgeai.fleet.plugins.plugin_utils._base.urls import is_url, mirror_url
from ansible_collections.edgeai.fleet.plugins.plugin_utils._catalogue import mirror_presets
from ansible_collections.edgeai.fleet.plugins.plugin_utils._plan.variables import completed_request

REPOSITORY = Path(__file__).resolve().parents[5]


def mirrors(**given):
    return mirror_presets.requested_mirrors(completed_request(given))


def test_without_a_preset_only_your_own():
    assert mirrors() == {}
    assert mirrors(mirrors={"https://a.example": "https://m.example"}) == {"https://a.example": "https://m.example"}


@pytest.mark.parametrize(
    ("url", "mirror"),
    [
        ("https://download.pytorch.org/whl/cpu", "https://mirrors.nju.edu.cn/pytorch/whl/cpu"),
        ("https://files.pythonhosted.org/packages/a/b/x.whl", "https://pypi.tuna.tsinghua.edu.cn/packages/a/b/x.whl"),
        ("https://conda.anaconda.org/conda-forge", "https://mirrors.tuna.tsinghua.edu.cn/anaconda/cloud/conda-forge"),
        ("https://conda.anaconda.org/nvidia", "https://conda.anaconda.org/nvidia"),
        ("https://nvidia.box.com/shared/static/x.whl", "https://nvidia.box.com/shared/static/x.whl"),
    ],
)
def test_what_china_has(url, mirror):
    assert mirror_url(url, mirrors(mirrors_preset="cn")) == mirror


def test_your_own_mirror_counts_more():
    own = {"https://download.pytorch.org/whl": "https://mirror.example/whl"}
    found = mirrors(mirrors_preset="cn", mirrors=own)
    assert mirror_url("https://download.pytorch.org/whl/cpu", found) == "https://mirror.example/whl/cpu"
    assert len(found) == 3


def test_each_mirror_has_its_evidence():
    specs = yaml.safe_load((REPOSITORY / "roles/torch/meta/argument_specs.yml").read_text(encoding="utf-8"))
    choices = specs["argument_specs"]["main"]["options"]["torch_mirrors_preset"]["choices"]
    assert choices == [mirror_presets.NONE, *mirror_presets.mirror_presets()]
    page = (REPOSITORY / "docs/networks.md").read_text(encoding="utf-8")
    for entries in mirror_presets.mirror_presets().values():
        for entry in entries:
            assert set(entry) == {"url", "mirror", "evidence", "checked"}
            assert all(
                is_url(entry[key]) and entry[key].startswith("https://") for key in ("url", "mirror", "evidence")
            )
            assert isinstance(entry["checked"], datetime.date)
            assert f"| `{entry['url']}` | `{entry['mirror']}` |" in page
