# Copyright (c) 2026 the edgeai.fleet authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to edgeai.fleet: its interface may change in any release.

"""x86_64 computers, with NVIDIA GPUs or without."""

import re

from ansible_collections.edgeai.fleet.plugins.module_utils._board import _nvidia
from ansible_collections.edgeai.fleet.plugins.module_utils._board._common import clean, cpu

# What a maker leaves in the firmware who did not fill it in.
BLANKS = re.compile(
    r"to be filled|o\.e\.m\.|default string|system (product|manufacturer)|not"
    r" (specified|applicable)|^(none|n/a|unknown|undefined)?$",
    re.I,
)


class Detector(object):
    family = "x86_conda"
    certainty = 1  # an architecture is all it takes
    kinds = ("cuda",)

    def detect(self, system):
        if system.architecture()[0] != "x86_64":
            return None
        accelerators, signs, warnings = _nvidia.look(system)
        return {"model": _model(system), "accelerators": accelerators, "signs": signs, "warnings": warnings}


def _model(system):
    said = [clean(system.read("/sys/class/dmi/id/" + name) or "") for name in ("sys_vendor", "product_name")]
    said = [part for part in said if not BLANKS.search(part)]
    return " ".join(said) or cpu(system)["model"]
