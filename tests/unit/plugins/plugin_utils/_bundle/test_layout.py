# Copyright (c) 2026 the edgeai.fleet authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import pytest
from ansible_collections.edgeai.fleet.plugins.plugin_utils._bundle import layout

SUM = "a" * 64


def test_sums_are_read_as_they_are_written():
    files = {"b/c-1+cpu.whl": SUM, "a": "b" * 64}
    text = layout.render_sums(files)
    assert text == f"{'b' * 64}  a\n{SUM}  b/c-1+cpu.whl\n"
    assert layout.parse_sums(text) == files


@pytest.mark.parametrize(
    "text",
    [
        "",
        "\n",
        f"{SUM}  a",  # cut off
        f"{SUM[1:]}  a\n",
        f"{SUM} *a\n",
        f"{SUM}  ../a\n",
        f"{SUM}  /a\n",
        f"{SUM}  a/../b\n",
        f"{SUM}  a//b\n",
        f"{SUM}  .hidden\n",
        f"{SUM}  a/.b\n",
        f"{SUM}  a b\n",
        f"{SUM}  a\x1b[2J\n",
        f"{SUM}  SHA256SUMS\n",
        f"{SUM}  a\n{SUM}  a\n",
        f"{SUM}  ä\n",
    ],
)
def test_a_list_that_names_something_else_than_files_of_the_bundle_is_damaged(text):
    with pytest.raises(layout.BundleError, match=r"^SHA256SUMS is damaged: .* Copy the bundle again\.$"):
        layout.parse_sums(text)


def test_what_a_run_leaves_in_its_wheelhouse():
    assert layout.comes_from_use("wheelhouse/.lock")
    assert layout.comes_from_use(f"wheelhouse/sha256/{SUM}/.torch.whl.verified")
    for name in ("locks/.lock", f"wheelhouse/sha256/{SUM}/torch.whl", f"wheelhouse/sha256/{SUM}/.torch.whl.partial"):
        assert not layout.comes_from_use(name)


def test_links_are_files_and_are_not_followed(tmp_path):
    (tmp_path / "a/b").mkdir(parents=True)
    (tmp_path / "a/b/file").write_text("x")
    (tmp_path / "out").symlink_to(tmp_path / "a")
    assert list(layout.files_below(tmp_path)) == ["a/b/file", "out"]
