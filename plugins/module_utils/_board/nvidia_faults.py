# Copyright (c) 2026 the edgeai.fleet authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to edgeai.fleet: its interface may change in any release.

"""Why NVIDIA's cards do not work: one sign for each, with a fix."""

import re

from .._base.text import clean_line
from .common import in_container, make_sign
from .nvidia_cards import card_name
from .nvidia_generations import BLACKWELL, capability_by_id

SECURE_BOOT = "/sys/firmware/efi/efivars/SecureBoot-8be4df61-93ca-11d2-aa0d-00e098032b8c"
# Drivers that reserve a card for a virtual machine.
KEPT = ("vfio-pci", "pci-stub", "pciback", "xen-pciback")
HOST = "Start the container with the GPU: docker run --gpus all, with the NVIDIA container toolkit on the host."
WINDOWS = "Update NVIDIA's driver in Windows, then restart WSL (wsl --shutdown)."
LOG = "Check the kernel log (dmesg | grep -i -e NVRM -e nvidia), and restart the board."
# cuInit's codes by https://docs.nvidia.com/cuda/cuda-driver-api/group__CUDA__TYPES.html: (cause, why, fix).
CODES = {
    2: (
        "error",
        "the driver is out of memory",
        "Stop the programs that use the GPU or the board's memory, or restart the board.",
    ),
    34: (
        "no-library",
        "libcuda.so.1 is the CUDA toolkit's stub, not the driver's library",
        (
            "Remove the stub's directory from LD_LIBRARY_PATH, and install the driver's own library (libcuda1, "
            "libnvidia-compute-NNN)."
        ),
    ),
    46: (
        "error",
        "the GPU is busy or not available",
        "Stop the program that uses the GPU exclusively, or reset the compute mode (nvidia-smi -c 0).",
    ),
    100: ("no-device", "the driver reports no CUDA device", LOG),
    101: (
        "error",
        "CUDA was asked for a device that does not exist",
        "With MIG, create an instance (nvidia-smi mig -cgi), or disable MIG.",
    ),
    304: (
        "error",
        "an operating system call failed",
        "Check that /dev/nvidia-uvm exists and nvidia_uvm is loaded (nvidia-modprobe -u -c 0). " + LOG,
    ),
    802: (
        "fabric",
        "the GPUs are waiting for their NVSwitch fabric",
        (
            "Install and start nvidia-fabricmanager in exactly the driver's version (systemctl enable --now"
            " nvidia-fabricmanager)."
        ),
    ),
    803: (
        "mismatch",
        "the driver's libraries and its loaded kernel module have different versions",
        (
            "Restart the board to load the module of the installed version; remove cuda-compat from "
            "LD_LIBRARY_PATH if it is there."
        ),
    ),
    804: (
        "forward-compat",
        "cuda-compat is in use, and this GPU does not support it",
        "Remove cuda-compat (or its directory from LD_LIBRARY_PATH), and upgrade the driver instead.",
    ),
    805: (
        "error",
        "the CUDA MPS server does not answer",
        "Restart nvidia-cuda-mps-control, or stop it (echo quit | nvidia-cuda-mps-control).",
    ),
    999: (
        "unknown-error",
        "the driver fails with an unknown error, for example because nvidia_uvm failed during a suspend",
        "Reload the module (rmmod nvidia_uvm; modprobe nvidia_uvm), or restart the board.",
    ),
}
# Codes that also occur in a container without the nodes, or for a user who may not open them.
OF_NODES = (100, 304, 999)


def find_signs(system, seen, cuda, smi, gpus, left):
    """One sign for each card that does not work; without a visible card, one sign for the driver's traces."""
    if not left:
        return [] if gpus or seen["cards"] else _sign_without_card(system, seen, cuda, smi)
    # nvidia-smi lists them in the order of the bus.
    driven = [card["address"] for card in left if card["driver"] == "nvidia"]
    rows = dict(zip(driven, smi["gpus"])) if len(driven) == len(smi["gpus"]) and not gpus else {}
    fault = None if gpus else _explain_fault(system, seen, cuda, smi)
    return [card_sign(system, card, seen, fault, rows.get(card["address"])) for card in left]


def _sign_without_card(system, seen, cuda, smi):
    cause, why, fix = _explain_fault(system, seen, cuda, smi)
    named = seen["named"] and (cuda["library"] or cuda["died"])
    if not seen["traces"] and not (
        named or cuda["hang"] or (cuda["library"] and (cuda["died"] or cuda["code"] not in (0, 34, 100)))
    ):
        return []
    where = next(place for place in [seen["program"]] + seen["traces"] + [cuda["library"]] + seen["libraries"] if place)
    if smi["gpus"]:
        wheres = seen["nodes"] if len(seen["nodes"]) >= len(smi["gpus"]) else [where] * len(smi["gpus"])
        return [
            make_sign(
                "cuda", clean_line(place), cause, why, fix, row["name"], row["compute_capability"], seen["version"]
            )
            for place, row in zip(wheres, smi["gpus"])
        ]
    return [make_sign("cuda", clean_line(where), cause, why, fix, driver=seen["version"])]


def card_sign(system, card, seen=None, fault=None, row=None):
    """The sign of one card; without `seen`, from the bus alone."""
    seen = seen or {
        "loaded": False,
        "container": in_container(system),
        "program": None,
        "libraries": [],
        "module": "",
        "version": None,
    }
    row, driver = row or {}, card["driver"]
    if driver in KEPT:
        explanation = (
            "vfio",
            "%s reserves it for a virtual machine" % driver,
            (
                "Provision the virtual machine that has the card, or return the card to NVIDIA's driver "
                "(driverctl, the kernel's vfio-pci.ids)."
            ),
        )
    elif driver == "nouveau" or (driver or "").startswith("nova"):
        explanation = (
            "nouveau",
            "it uses the driver %s, which does not support CUDA" % driver,
            "Install NVIDIA's driver (on Ubuntu: ubuntu-drivers install), and restart the board.",
        )
    elif driver == "nvidia" or (driver is None and seen["loaded"]):
        explanation = fault or _explain_missing_gpu(seen, card)
    else:
        explanation = _explain_missing_driver(system, seen, card)
    cause, why, fix = explanation
    return make_sign(
        "cuda",
        card["address"],
        cause,
        why,
        fix,
        name=row.get("name") or card_name(system, card),
        compute_capability=row.get("compute_capability") or capability_by_id(card),
        driver=seen["version"] if driver == "nvidia" else None,
    )


def _explain_missing_gpu(seen, card):
    if _needs_open_module(seen, [card]):
        return _explain_open_module()
    if seen["container"]:
        return (
            "no-device",
            "CUDA lists other GPUs in this container, but not this one",
            "To use it, start the container with it: docker run --gpus all.",
        )
    return (
        "no-device",
        "CUDA lists other GPUs, but not this one",
        "Check whether the installed driver still supports this card. " + LOG,
    )


def _needs_open_module(seen, cards):
    return (
        bool(seen["module"])
        and "Open Kernel Module" not in seen["module"]
        and any(card["number"] >= BLACKWELL for card in cards)
    )


def _explain_open_module():
    return (
        "open-module",
        "the proprietary kernel module is loaded, but Blackwell cards (RTX 50, B200) need the open one",
        (
            "Install the open kernel modules (nvidia-driver-NNN-open), and restart the board; dmesg | grep "
            "NVRM shows the module's messages."
        ),
    )


def _explain_missing_driver(system, seen, card=None):
    """Why a card has no driver, or none is loaded: it is not installed, has no module for this kernel, or may not be
    loaded.
    """
    if seen["container"]:
        return (
            "no-driver",
            "no NVIDIA driver is loaded on the host of this container",
            "Install NVIDIA's driver on the host. " + HOST,
        )
    release = system.uname()[0]
    modules = (system.read_bytes("/lib/modules/%s/modules.dep" % release, 8 << 20) or b"").decode("utf-8", "replace")
    built = re.search(r"^(?:\S*/)?nvidia(?:-current\S*)?\.ko\S*:", modules, re.M)
    if not built and not (seen["program"] or seen["libraries"]):
        by = "the driver in use is %s" % card["driver"] if card and card["driver"] else "no driver is loaded"
        return (
            "no-driver",
            "NVIDIA's driver is not installed (%s)" % by,
            "Install NVIDIA's driver (on Ubuntu: ubuntu-drivers install), and restart the board.",
        )
    if not built:
        return (
            "module",
            "NVIDIA's driver is installed, but has no module for the running kernel %s" % release,
            (
                "Install the headers of this kernel and rebuild the module (dkms autoinstall), or reinstall "
                "the driver; then restart the board."
            ),
        )
    if (system.read_bytes(SECURE_BOOT) or b"\0")[-1] == 1:
        return (
            "module",
            "the nvidia module is built for the kernel %s, but not loaded, and Secure Boot is on" % release,
            (
                "Enroll the key that signed the module (mokutil --import, then restart), or disable Secure "
                "Boot in the firmware."
            ),
        )
    needed = (
        " Blackwell cards (RTX 50) need the open kernel modules (nvidia-driver-NNN-open)."
        if card and card["number"] >= BLACKWELL
        else ""
    )
    return (
        "module",
        "the nvidia module is built for the kernel %s, but not loaded" % release,
        "Load it (modprobe nvidia) and check the kernel log (dmesg | grep -i nvidia), or restart the board." + needed,
    )


def _explain_fault(system, seen, cuda, smi):
    """(cause, why, fix) if no GPU works at all."""
    if cuda["hang"]:
        return "hang", "libcuda %s" % cuda["died"], LOG
    smi_message = smi["words"]
    if cuda["library"]:
        if cuda["code"] in (None, 0, 100) and _needs_open_module(seen, seen["cards"]):
            return _explain_open_module()
        if cuda["died"]:
            return (
                "error",
                "libcuda failed when it was queried (%s)" % cuda["died"],
                "Restart the board; if the error stays, reinstall the driver.",
            )
        return _explain_cuinit_code(system, seen, cuda["code"], smi, smi_message)
    if smi["hang"]:
        return "hang", smi_message, LOG
    if seen["wsl"]:
        broken = clean_line(cuda["broken"] or cuda["died"] or smi_message or "it is not found", 300)
        return "no-library", "libcuda.so.1, which Windows provides to WSL, cannot be used (%s)" % broken, WINDOWS
    if smi["status"] is not None:
        return _explain_smi_answer(system, seen, smi, smi_message)
    if _needs_open_module(seen, seen["cards"]):
        return _explain_open_module()
    if cuda["died"] and (seen["loaded"] or seen["named"]):
        return (
            "error",
            "libcuda could not be queried (%s)" % cuda["died"],
            (
                "Set ansible_python_interpreter to a Python that has ctypes, or install nvidia-smi; if the "
                "error stays, reinstall the driver."
            ),
        )
    if seen["loaded"] or any(card["driver"] == "nvidia" for card in seen["cards"]):
        return (
            _explain_missing_nodes(seen)
            if not seen["nodes"]
            else (
                "no-library",
                "NVIDIA's driver is loaded, but libcuda.so.1, which PyTorch needs, %s, and nvidia-smi is not installed"
                % ("cannot be loaded (%s)" % clean_line(cuda["broken"], 300) if cuda["broken"] else "is not found"),
                (
                    "Install the driver's libraries (libcuda1, libnvidia-compute-NNN), or in a container set"
                    " NVIDIA_DRIVER_CAPABILITIES=compute,utility."
                ),
            )
        )
    if seen["container"]:
        return "no-driver", "NVIDIA device nodes exist, but NVIDIA's driver is not loaded", HOST
    return _explain_missing_driver(system, seen)


def _lacks_nodes(seen):
    """Whether the module has a card without a node; a card that the module refused has no node either."""
    return (
        seen["loaded"]
        and not seen["nodes"]
        and (seen["container"] or not seen["cards"] or any(card["driver"] == "nvidia" for card in seen["cards"]))
    )


def _explain_missing_nodes(seen):
    if seen["container"]:
        return "no-nodes", "the host's NVIDIA driver is loaded, but this container has no GPU device node", HOST
    return (
        "no-nodes",
        "NVIDIA's driver is loaded, but there is no GPU device node",
        "Create the nodes (nvidia-modprobe -u -c 0). " + LOG,
    )


def _find_closed_node(system, seen):
    """A node that the current user may not open."""
    nodes = [node for node in seen["nodes"] + ["/dev/nvidiactl", "/dev/nvidia-uvm"] if system.exists(node)]
    return next((node for node in nodes if not system.may_open(node)), None)


def _explain_access(node):
    return (
        "access",
        "the current user may not open %s" % node,
        "Set ansible_become, or give the user access to the device node.",
    )


def _explain_cuinit_code(system, seen, answer, smi, smi_message):
    code = answer or 100
    code_message = "cuInit returned %d%s" % (answer, "" if answer else ", and no device is listed")
    if code in OF_NODES and _lacks_nodes(seen):
        return _explain_missing_nodes(seen)
    closed = _find_closed_node(system, seen) if code in OF_NODES else None
    if closed:
        return _explain_access(closed)
    cause, why, fix = CODES.get(code, ("error", "the driver fails to initialize", LOG))
    if code == 100:
        why, fix = _explain_no_device(system, seen, smi, why, fix)
    elif cause in ("mismatch", "fabric", "unknown-error"):
        fix = _on_the_host(seen, fix)
    return cause, "%s (%s%s)" % (why, code_message, "; " + smi_message if smi_message and not smi["gpus"] else ""), fix


def _on_the_host(seen, fix):
    return (
        "On the host of this container: " + fix[0].lower() + fix[1:].replace("the board", "it")
        if seen["container"]
        else fix
    )


def _explain_no_device(system, seen, smi, why, fix):
    if seen["wsl"]:
        return why, WINDOWS
    if smi["gpus"]:
        return (
            "nvidia-smi lists a GPU, but the driver reports no CUDA device",
            (
                "Check whether MIG is enabled without an instance (nvidia-smi -L), or the compute mode is "
                "prohibited (nvidia-smi -q -d COMPUTE)."
            ),
        )
    if seen["bus"] and not seen["cards"] and not seen["nodes"]:
        return _explain_missing_card(seen)
    return why, HOST if seen["container"] else fix


def _explain_missing_card(seen):
    what = "nvidia-smi is installed" if seen["program"] else "NVIDIA's driver is installed"
    return (
        "%s, but no NVIDIA card is on the PCI bus" % what,
        (
            "Start the container with the GPU (--gpus all, NVIDIA container toolkit), on a host that has one."
            if seen["container"]
            else (
                "Check that the card is seated, powered and enabled in the firmware (lspci), or remove the "
                "driver packages."
            )
        ),
    )


def _explain_smi_answer(system, seen, smi, smi_message):
    """(cause, why, fix) from nvidia-smi, if libcuda cannot be queried.

    Its statuses: https://docs.nvidia.com/deploy/nvidia-smi/index.html.
    """
    status, text = smi["status"], smi["said"].lower()
    if status == 18 or "version mismatch" in text:
        cause, why, fix = CODES[803]
        return cause, "%s (%s)" % (why, smi_message), _on_the_host(seen, fix)
    if _needs_open_module(seen, seen["cards"]):
        return _explain_open_module()
    if status == 4 or "insufficient permission" in text:
        return _explain_access(_find_closed_node(system, seen) or "/dev/nvidiactl")
    if status == 15 or "fallen off the bus" in text or "gpu is lost" in text:
        return (
            "error",
            "the GPU has fallen off the bus (%s)" % smi_message,
            (
                "Power-cycle the board; check its power supply, its temperature and the kernel log (dmesg | "
                "grep -i Xid)."
            ),
        )
    if "requires reset" in text:
        return (
            "error",
            "the GPU must be reset (%s)" % smi_message,
            "Reset it (nvidia-smi --gpu-reset, as root, with no program using it), or restart the board.",
        )
    if status == 9 or "communicate with the nvidia driver" in text or "driver not loaded" in text:
        if seen["loaded"]:
            return (
                "error",
                "the driver is loaded, but nvidia-smi cannot communicate with it (%s)" % smi_message,
                HOST if seen["container"] and not seen["nodes"] else LOG,
            )
        if seen["bus"] and not seen["cards"]:
            why, fix = _explain_missing_card(seen)
            return "no-device", "%s (%s)" % (why, smi_message), fix
        cause, why, fix = _explain_missing_driver(system, seen, seen["cards"][0] if seen["cards"] else None)
        return cause, "%s (%s)" % (why, smi_message), fix
    if "no devices were found" in text or status == 6:
        if _lacks_nodes(seen):
            return _explain_missing_nodes(seen)
        why, fix = ("the driver finds no device", HOST if seen["container"] else LOG)
        if seen["bus"] and not seen["cards"] and not seen["nodes"]:
            why, fix = _explain_missing_card(seen)
        return "no-device", "%s (%s)" % (why, smi_message), fix
    if status == 12 or "libnvidia-ml" in text:
        return (
            "no-library",
            "the driver's libraries are not found (%s)" % smi_message,
            (
                "Install the driver's libraries (libnvidia-compute-NNN), or in a container set"
                " NVIDIA_DRIVER_CAPABILITIES=compute,utility."
            ),
        )
    return "error", smi_message, LOG
