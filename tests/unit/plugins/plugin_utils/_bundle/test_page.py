# Copyright (c) 2026 the edgeai.fleet authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import html
import json
import re

from ansible_collections.edgeai.fleet.plugins.plugin_utils._bundle import contents, layout, page
from bundle_support import explained, make_entries, make_locked


def test_the_page_escapes_what_boards_say(tmp_path):
    locked = make_locked(tmp_path)
    about = json.loads(make_entries(tmp_path, locked)[layout.DESCRIPTION].source)
    about["boards"] = contents.describe_boards(explained(locked, model="<script>alert(1)</script>\ud800"), locked)
    about["boards"]['"><img src=x onerror=alert(1)>'] = {**about["boards"]["pi"], "state": "left out", "reason": "<b>"}
    about["missing"] = ["<i>everything</i>"]
    text = page.render_page(about, {"wheelhouse": 5 << 20})
    assert not re.search(r"<(script|img|b|i)\b", text) and "&lt;script&gt;alert(1)" in text
    assert "5.0 MiB" in text and "left out: &lt;b&gt;" in text
    text.encode("utf-8")


def test_the_page_loads_and_runs_nothing(tmp_path):
    about = json.loads(make_entries(tmp_path)[layout.DESCRIPTION].source)
    text = page.render_page({**about, "signed": True}, {})
    assert "default-src 'none'" in html.unescape(text) and not re.search(r"""(src|href)=|url\(|<script""", text)
    assert "sh install.sh --signer SHA256:..." in text and "--unsigned" not in text
    assert "--unsigned" in page.render_page(about, {})
