# Copyright (c) 2026 the edgeai.fleet authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to edgeai.fleet: its interface may change in any release.

"""Supported cards on boards whose family does not look for them, such as an NVIDIA card in a Raspberry Pi."""

from .._board import ascend_cards, nvidia_cards
from .common import make_sign


def find_foreign_cards(system, kinds):
    """(signs, unserved). kinds: those that the family's detector reports itself."""
    signs, unserved = [], []
    for card in nvidia_cards.list_cards(system) if "cuda" not in kinds else []:
        if card["driver"] == "nvidia":
            unserved.append(
                {"name": nvidia_cards.card_name(system, card), "where": card["address"], "integrated": False}
            )
        else:
            from .nvidia_faults import card_sign  # long tables, for boards with such a card

            signs.append(card_sign(system, card))
    for address, chip in ascend_cards.list_cards(system) if "npu" not in kinds else []:
        signs.append(
            make_sign(
                "npu",
                address,
                "error",
                "this board belongs to another family, and only the family atlas supports Ascend chips",
                "Set torch_family to atlas for this host, or remove the card.",
                "Ascend" + chip if chip else None,
            )
        )
    return signs, unserved
