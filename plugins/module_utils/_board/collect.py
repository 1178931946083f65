# Copyright (c) 2026 the edgeai.fleet authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to edgeai.fleet: its interface may change in any release.

"""Collect the facts of a board, except the state of torch_root."""

from .._board import common, conditions, foreign_cards, unserved_accelerators
from .families import known
from .pythons import find_pythons

# The most certain detectors come first.
DETECTORS = sorted(
    (module.Detector() for module in vars(known).values() if hasattr(module, "Detector")),
    key=lambda detector: -detector.certainty,
)


def collect(
    system,
    torch_root,
    torch_user=None,
    torch_python=None,
    family=None,
    answers=None,
    control_time=None,
    cann_path=None,
    cann_version=None,
):
    """The board as a dictionary. A detector adds the facts of its family; `family` forces a detector. answers: where
    the answers of interpreters are kept, as find_pythons takes it. control_time: the time on the control node.
    cann_path: where CANN is, if not in a usual place; cann_version: which of several versions counts.
    """
    detectors = [detector for detector in DETECTORS if not family or family == detector.family]
    if not detectors:
        raise ValueError(
            "family: %s is unknown; known families: %s" % (family, ", ".join(detector.family for detector in DETECTORS))
        )
    system.torch_user = torch_user or None
    system.cann_path, system.cann_version = cann_path or None, cann_version or None
    model, compatible = system.device_tree()
    architecture, dpkg_architecture = system.architecture()
    identity = "device tree model %s, compatible %s, architecture %s" % (
        model or "none",
        ", ".join(compatible) or "none",
        architecture,
    )

    facts, warnings, kinds = None, [], ()
    for detector in detectors:
        facts = detector.detect(system)
        if facts is not None:
            family, kinds = detector.family, getattr(detector, "kinds", ())
            break
    else:  # only where a family is forced: generic takes every board
        facts = {"model": model}
        warnings.append("the family %s is forced on a board that does not look like it: %s" % (family, identity))

    user, workload = common.read_users(system, torch_user)
    other_account = system.find_account(torch_user) if workload["exists"] and workload["uid"] != user["uid"] else None
    pythons, python_warnings = find_pythons(system, torch_python, other_account, answers)
    kernel = common.read_kernel(system)
    memory, swap = common.read_memory(system)
    disk = common.read_disk_space(system, torch_root)
    warnings += conditions.warn_of_clock(system, control_time)
    warnings += conditions.warn_of_file_system(system, torch_root, disk["path"])
    accelerators = facts.get("accelerators", [])
    signs, driven = foreign_cards.find_foreign_cards(system, kinds)
    key = {
        "kernel": kernel["release"],
        "driver": accelerators[0]["driver"] if accelerators else None,
        "l4t": None,
        "cann": None,
    }
    key.update(facts.get("key", {}))
    return {
        "schema": 1,
        "family": family,
        "model": facts.get("model"),
        "module": facts.get("module"),
        "board_id": facts.get("board_id"),
        "soc": facts.get("soc"),
        "compatible": compatible,
        "architecture": architecture,
        "dpkg_architecture": dpkg_architecture,
        "kernel": kernel,
        "cpu": common.read_cpu(system),
        "page_size": system.page_size(),
        "libc": common.read_libc(system),
        "os": common.read_operating_system(system),
        "pythons": pythons,
        "memory": memory,
        "swap": swap,
        "disk": disk,
        "accelerators": [dict({"cuda": None, "groups": []}, **device) for device in accelerators],
        "signs": facts.get("signs", []) + signs,
        "unserved": driven + unserved_accelerators.find_unserved(system),
        "platform": facts.get("platform", {}),
        "variables": facts.get("variables", {}),
        "paths": facts.get("paths", []),
        "provided": facts.get("provided", {}),
        "user": user,
        "workload": workload,
        "key": key,
        "warnings": warnings + facts.get("warnings", []) + python_warnings,
    }
