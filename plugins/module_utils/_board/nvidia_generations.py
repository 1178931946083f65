# Copyright (c) 2026 the edgeai.fleet authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to edgeai.fleet: its interface may change in any release.

"""Generations of NVIDIA's cards, by their PCI device ids: for cards whose driver does not answer."""

# Cards before CUDA, and compute capabilities before Maxwell (5.0), by ranges of PCI device ids. The chips are
# those of
# https://github.com/pciutils/pciids/blob/master/pci.ids (2026-08-22), their capabilities those of
# https://en.wikipedia.org/wiki/CUDA#GPUs_supported.
GENERATIONS = [
    (0x0008, 0x018D, "0.0"),
    (0x0190, 0x019E, "1.0"),
    (0x01A0, 0x03F4, "0.0"),
    (0x0400, 0x042F, "1.1"),
    (0x0447, 0x0543, "0.0"),
    (0x0568, 0x0569, "1.1"),
    (0x05E0, 0x05FF, "1.3"),
    (0x0600, 0x065F, "1.1"),
    (0x06C0, 0x06DF, "2.0"),
    (0x06E0, 0x087F, "1.1"),
    (0x08A0, 0x0A7C, "1.2"),
    (0x0AA3, 0x0AD8, "1.1"),
    (0x0CA0, 0x0D7A, "1.2"),
    (0x0DC0, 0x0F06, "2.1"),
    (0x0FA0, 0x0FA7, "3.5"),
    (0x0FC0, 0x0FFF, "3.0"),
    (0x1001, 0x102A, "3.5"),
    (0x102D, 0x102D, "3.7"),
    (0x102E, 0x103F, "3.5"),
    (0x1040, 0x107D, "2.1"),
    (0x1080, 0x109B, "2.0"),
    (0x10C0, 0x10D8, "1.2"),
    (0x1140, 0x1140, "2.1"),
    (0x1180, 0x11FF, "3.0"),
    (0x1200, 0x1251, "2.1"),
    (0x1280, 0x130B, "3.5"),
]
# The first Blackwell, by the same list: from this id on, cards need NVIDIA's open kernel modules,
# https://github.com/NVIDIA/open-gpu-kernel-modules/issues/862
BLACKWELL = 0x2900


def capability_by_id(card):
    """The compute capability of a generation before Maxwell, by the PCI device id; None for later ones, where the
    driver reports it.
    """
    return next((known for first, last, known in GENERATIONS if first <= card["number"] <= last), None)
