# Copyright (c) 2026 the edgeai.fleet authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import time

import pytest
from ansible_collections.edgeai.fleet.plugins.plugin_utils._base import heartbeat as _heartbeat


def test_a_long_step_shows_that_it_lives_and_no_longer(monkeypatch: pytest.MonkeyPatch):
    said: list[str] = []
    monkeypatch.setattr(_heartbeat, "SECONDS", 0.05)
    monkeypatch.setattr(_heartbeat.display, "display", said.append)
    with _heartbeat.heartbeat("board-1", "installing"):
        time.sleep(0.3)
    assert said[0] == "board-1: installing, 0 s"
    heard = len(said)
    time.sleep(0.2)
    assert len(said) == heard
