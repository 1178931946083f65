# Copyright (c) 2026 the edgeai.fleet authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to edgeai.fleet: its interface may change in any release.

"""What a board with Ascend chips is: the chips that npu-smi lists, their nodes and faults, and CANN."""

import re

from .._base.text import clean_line
from .._board import cann as _cann
from .._board import npu_smi
from .ascend_cards import DRIVER, name_chip, read_version
from .common import BLANKS, in_container, make_sign

FIRMWARE = "/usr/local/Ascend/firmware/version.info"
DRIVER_LIBRARIES = "/usr/local/Ascend/driver/lib64"
# The group of the driver's own user, and two more that the images of the Atlas 200I DK A2 have.
GROUPS = ["HwHiAiUser", "HwBaseUser", "HwDmUser"]
# Device nodes in addition to /dev/davinci<N>, as https://github.com/Ascend/mind-cluster,
# component/ascend-common/cdi/devnode.go lists them.
OF_310B = [
    "svm0",
    "ts_aisle",
    "upgrade",
    "sys",
    "vdec",
    "vpc",
    "pngd",
    "venc",
    "log_drv",
    "acodec",
    "ai",
    "ao",
    "vo",
    "hdmi",
]
OF_CARDS = ["devmm_svm", "hisi_hdc"]
OF_950 = ["hisi_hdc"]


def describe_atlas(system, on_bus, nodes, driver):
    """The facts of the board, from its cards on the bus, its device nodes and its driver's version."""
    chips, smi_version, trouble, warnings = npu_smi.ask_npu_smi(system)
    driver = driver or smi_version
    listed = [chip["bus"] for chip in chips]
    if not chips:
        chips = [{"name": name, "bus": bus, "memory": None} for bus, name in on_bus or [(None, None)] * len(nodes)]
    elif all(listed):
        chips += [
            {"name": name, "bus": bus, "memory": None, "unlisted": True} for bus, name in on_bus if bus not in listed
        ]
    for chip in chips:
        chip["name"] = name_chip(chip["name"], dict(on_bus).get(chip["bus"]) or (on_bus[0][1] if on_bus else None))
    form = "card" if on_bus or any(chip["bus"] for chip in chips) else "soc" if chips else None
    accelerators, signs = [], []
    for index, chip in enumerate(chips):
        own = nodes[index : index + 1]
        fault = _find_fault(system, chip, own, driver, trouble)
        if fault is None:
            accelerators.append(_describe_accelerator(system, chip, form, own, driver))
        else:
            where = chip["bus"] or ("/dev/" + own[0] if own else DRIVER)
            signs.append(
                make_sign("npu", where, *fault, name="Ascend" + chip["name"] if chip["name"] else None, driver=driver)
            )
    if not chips:
        signs.append(_sign_without_chip(system, driver, trouble))
    elif driver and nodes:
        warnings += _missing_node_warnings(system, chips, form)
        if trouble and not any(found["cause"] == trouble[0] for found in signs):
            warnings.append("%s: %s" % (trouble[1], trouble[2]))

    if accelerators and form == "card" and in_container(system) and not system.exists(DRIVER_LIBRARIES):
        warnings.append(
            "%s is not in this container, so the driver's libraries (libascend_hal.so and others) are missing: start "
            "it by ascend-docker-runtime, or mount the directory" % DRIVER_LIBRARIES
        )

    cann, more_warnings = _cann.find_cann(system)
    warnings += more_warnings
    variables, nnal = {}, None
    if cann:
        nnal_script, nnal, more_warnings = _cann.find_nnal(system, cann)
        warnings += more_warnings
        variables, more_warnings = _cann.read_variables(system, cann["set_env"], nnal_script)
        warnings += more_warnings + _missing_kernel_warnings(chips, cann)
    name = chips[0]["name"] if chips else None
    return {
        "model": _read_model(system),
        "soc": "Ascend" + name if name and form == "soc" else None,
        "accelerators": accelerators,
        "signs": signs,
        "platform": {
            "chip": name,
            "form": form,
            "driver": driver,
            "firmware": read_version(system, FIRMWARE),
            "group": next((name for name in GROUPS if system.has_group(name)), None),
            "cann_path": cann["path"] if cann else None,
            "cann_kind": cann["kind"] if cann else None,
            "kernels": ",".join(cann["kernels"]) or None if cann else None,
            "nnal": nnal,
        },
        "variables": variables,
        "key": {"driver": driver, "cann": cann["version"] if cann else None},
        "warnings": warnings,
    }


def _read_model(system):
    product = clean_line(system.read("/sys/class/dmi/id/product_name") or "")
    return system.device_tree()[0] or (None if BLANKS.search(product) else product)


def _describe_accelerator(system, chip, form, own, driver):
    # Without a driver nothing can be opened, whatever remains in /dev.
    nodes = ["/dev/" + name for name in own + _shared_nodes(system, chip["name"] or "", form)] if own and driver else []
    owners = [system.group_of(node) for node in nodes]
    groups = owners + [name for name in GROUPS if nodes and system.has_group(name)]
    return {
        "kind": "npu",
        "name": "Ascend" + chip["name"] if chip["name"] else None,
        "driver": driver,
        "memory": chip["memory"],
        "compute_capability": None,
        "nodes": nodes,
        "groups": sorted(set(name for name in groups if name and name != "root")),
    }


def _shared_nodes(system, chip, form):
    """The existing nodes that all chips of the board share."""
    return _manager_nodes(system, chip) + [
        name for name in ["dvpp_cmdlist"] + _expected_nodes(chip, form) if system.exists("/dev/" + name)
    ]


def _manager_nodes(system, chip):
    managers = ["davinci_manager_docker", "davinci_manager"] if chip.startswith("310B") else ["davinci_manager"]
    return [name for name in managers if system.exists("/dev/" + name)][:1]


def _expected_nodes(chip, form):
    if chip.startswith("310B"):
        return OF_310B
    if form != "card":
        return []  # neither the Atlas 200 (310) nor the Atlas 200I SoC A1 (310P) has the nodes of the cards
    return OF_950 if chip.startswith("950") else OF_CARDS


def _find_fault(system, chip, own, driver, trouble):
    """(cause, why, fix) if a chip cannot be used now, or None."""
    if not driver:
        return (
            "no-driver",
            "its driver is not installed (%s is missing)" % DRIVER,
            (
                "Mount /usr/local/Ascend/driver into the container (ascend-docker-runtime does)."
                if in_container(system)
                else "Install Huawei's driver and firmware (atlas_driver, atlas_firmware)."
            ),
        )
    if not own:
        return (
            "no-nodes",
            "its driver %s is installed, but it has no device node /dev/davinciN%s"
            % (driver, " (%s)" % trouble[1] if trouble else ""),
            (
                "Pass the device to the container (ascend-docker-runtime, --device)."
                if in_container(system)
                else (
                    "Restart the board; if that does not help, check the kernel log and "
                    "/var/log/ascend_seclog/ascend_install.log."
                )
            ),
        )
    if chip.get("unlisted"):
        return "silent", "npu-smi lists other chips, but not this one", "Check the kernel log, and restart the board."
    # npu-smi lists nothing for a user who may not open the nodes; a plan adds the groups that may.
    closed = next((name for name in own + _manager_nodes(system, "") if not system.may_open("/dev/" + name)), None)
    if trouble and (trouble[0] == "hang" or not closed):
        return trouble
    if not chip["name"] and trouble:
        return (
            "access",
            "the current user may not open /dev/%s, so the kind of chip is unknown (%s)" % (closed, trouble[1]),
            "Set ansible_become, or add the user to the group %s." % system.group_of("/dev/" + closed),
        )
    if not chip["name"]:
        return (
            "silent",
            "the kind of Ascend chip is unknown: npu-smi does not name it, and it is not on the PCI bus",
            (
                "Check that npu-smi info works and names the chip; in a container, mount npu-smi and "
                "/usr/local/Ascend/driver."
            ),
        )
    return None


def _sign_without_chip(system, driver, trouble):
    what = "the Ascend driver %s is installed" % driver if driver else "/dev/davinci_manager exists"
    return make_sign(
        "npu",
        DRIVER if driver else "/dev/davinci_manager",
        "no-device",
        "%s, but there is no chip, neither on the PCI bus nor as /dev/davinci0%s"
        % (what, " (%s)" % trouble[1] if trouble else ""),
        (
            "Pass the device to the container (ascend-docker-runtime, --device)."
            if in_container(system)
            else "Check the kernel log, restart the board, and check that the card is seated; or remove the driver."
        ),
        driver=driver,
    )


def _missing_node_warnings(system, chips, form):
    # A 310B has only the nodes of the units it uses; other chips need all of theirs.
    needed = ["davinci_manager"] + [
        name for name in _expected_nodes(chips[0]["name"] or "", form) if name not in OF_310B
    ]
    missing = [name for name in needed if not any(system.exists("/dev/" + name + suffix) for suffix in ("", "_docker"))]
    return (
        [
            "device nodes of the Ascend chip are missing: %s; in a container, pass them to it"
            % ", ".join("/dev/" + name for name in missing)
        ]
        if missing
        else []
    )


# The names of kernel packages and directories for each chip, by the beginning of its name. 910B with a digit is of the
# A2; all other 910, except the A3's, are of the first generation.
KERNELS_OF = [
    ("310B", ["310b"]),
    ("310P", ["310p"]),
    ("910B-A2", ["910b"]),
    ("910_93", ["a3", "910_93"]),
    ("950", ["950"]),
    ("910", ["910"]),
]


def kernels_of(chip):
    """The names of the kernel packages for a chip; [] if unknown."""
    if re.match(r"910B\d", chip):
        return ["910b"]
    return next((names for beginning, names in KERNELS_OF if chip.startswith(beginning)), [])


def _missing_kernel_warnings(chips, cann):
    chip = next((chip["name"] for chip in chips if chip["name"]), "")
    names = kernels_of(chip)
    if cann["kind"] == "nnrt" or not names or set(names) & set(cann["kernels"]):
        return []
    others = " (only for %s)" % ", ".join(cann["kernels"]) if cann["kernels"] else ""
    return [
        "%s has no operators (kernels) for Ascend%s%s: install the %s kernels or ops package of CANN %s; an "
        "upgrade of the toolkit removes them" % (cann["path"], chip, others, names[0], cann["version"])
    ]
