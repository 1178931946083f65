# Copyright (c) 2026 the edgeai.fleet authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to edgeai.fleet: its interface may change in any release.

"""x86_64 computers, with or without NVIDIA GPUs."""

from ..._base.text import clean_line
from ..common import BLANKS, read_cpu
from ..nvidia_traces import find_traces


class Detector(object):
    family = "x86_conda"
    certainty = 1  # the architecture alone decides
    kinds = ("cuda",)

    def detect(self, system):
        if system.architecture()[0] != "x86_64":
            return None
        accelerators, signs, warnings = _find_gpus(system)
        return {"model": _read_model(system), "accelerators": accelerators, "signs": signs, "warnings": warnings}


def _find_gpus(system):
    """(accelerators, signs, warnings) of CUDA. Without a trace of NVIDIA, no process is started."""
    seen = find_traces(system)
    if not seen["traces"] and not seen["libraries"]:
        return [], [], []
    from ..nvidia import find_gpus  # only with a trace of NVIDIA

    return find_gpus(system, seen)


def _read_model(system):
    parts = [clean_line(system.read("/sys/class/dmi/id/" + name) or "") for name in ("sys_vendor", "product_name")]
    parts = [part for part in parts if not BLANKS.search(part)]
    return " ".join(parts) or read_cpu(system)["model"]
