# Copyright (c) 2026 the edgeai.fleet authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to edgeai.fleet: its interface may change in any release.

"""NVIDIA's cards: which ones work, as libcuda reports, and why the others do not.

PyTorch itself uses libcuda, so its answer takes precedence over nvidia-smi's. An exit status alone decides nothing.
"""

import json
import re
import signal

from .._base.text import clean_line
from .._board import cuda_driver
from .nvidia_cards import list_nodes, parse_module_version

FIELDS = ["name", "driver_version", "memory.total", "compute_cap"]
# Exit statuses of nvidia-smi with valid rows. 14 warns of a damaged infoROM.
WELL = (0, 14)
# An HGX without persistence mode takes half a minute for its first answer.
TIMEOUT = 60
# The oldest driver for each major version of CUDA, by minor version compatibility
# (https://docs.nvidia.com/deploy/cuda-compatibility/minor-version-compatibility.html).
FAMILIES = [(580, "13.0"), (525, "12.0"), (450, "11.0")]


def find_gpus(system, seen):
    """(accelerators, signs, warnings) of CUDA, from its traces."""
    # If all cards have another driver or none, there is nothing to query.
    if seen["libraries"] or len(seen["traces"]) > sum(card["driver"] != "nvidia" for card in seen["cards"]):
        cuda, smi = _ask_driver(system, seen)
        seen["nodes"] = list_nodes(system)  # the driver creates missing ones when it is queried
    else:
        cuda, smi = _parse_child_answer((0, "", "")), _parse_smi_answer(seen, None, FIELDS)
    seen["version"] = _driver_version(system, seen, cuda, smi)
    gpus, warnings = _usable_gpus(system, seen, cuda, smi)
    left = _cards_without_gpu(system, seen, gpus)
    _assign_nodes(system, seen, gpus)
    if gpus and not left:
        return gpus, [], warnings
    from .nvidia_faults import find_signs  # long tables, for boards with a fault

    return gpus, find_signs(system, seen, cuda, smi, gpus, left), warnings


# -- queries


def _ask_driver(system, seen):
    """Query libcuda in a child, and nvidia-smi at the same time: a hang costs one time-out only."""
    # on a board, the file is in AnsiballZ's archive
    source = cuda_driver.__spec__.loader.get_source(cuda_driver.__name__)
    version_known = seen["program"] or _module_version(system, seen)
    child = [system.own_interpreter()["path"], "-I", "-S", "-c", source, "-" if version_known else "nvml"] + seen[
        "libraries"
    ]
    if not seen["program"]:
        return _parse_child_answer(system.run(child, TIMEOUT)), _parse_smi_answer(seen, None, FIELDS)
    answers = system.run_all([child, _query_command(seen["program"], FIELDS)], TIMEOUT)
    smi = _parse_smi_answer(seen, answers[1], FIELDS)
    if answers[1] and not smi["gpus"] and "compute_cap" in smi["said"]:
        # Drivers before 510 do not know compute_cap, and then print no rows at all.
        smi = _parse_smi_answer(seen, system.run(_query_command(seen["program"], FIELDS[:-1]), TIMEOUT), FIELDS[:-1])
    return _parse_child_answer(answers[0]), smi


def _query_command(program, fields):
    return [program, "--query-gpu=" + ",".join(fields), "--format=csv,noheader,nounits"]


def _parse_child_answer(answer):
    """The child's answers about libcuda. `died`: how its process ended too early."""
    cuda = {
        "library": None,
        "broken": None,
        "listed": True,
        "cuda": None,
        "code": None,
        "devices": [],
        "driver": None,
        "hang": False,
        "died": None,
    }
    if answer is None:
        return dict(cuda, hang=True, died="gave no answer within %d s" % TIMEOUT)
    status, out, err = answer
    answers = {}
    for line in out.splitlines():
        if line.startswith(cuda_driver.MARK):
            try:
                answers.update(json.loads(line[len(cuda_driver.MARK) :]))
            except ValueError:
                pass  # truncated by the end of the process
    cuda.update(answers)
    # A library can end the process that calls it, even with status 0.
    if "library" not in answers or (answers["library"] and not answers.get("code") and "devices" not in answers):
        lines = [clean_line(line, 200) for line in err.splitlines() if clean_line(line)]
        cuda["died"] = _signal_name(-status) if status < 0 else lines[-1] if lines else "exit status %d" % status
    return cuda


def _signal_name(number):
    known = dict((int(entry), entry.name) for entry in signal.Signals)
    return "killed by %s" % known.get(number, "signal %d" % number)


def _parse_smi_answer(seen, answer, fields):
    """{gpus, status, said, hang, words}: the answer of nvidia-smi.

    Its rows count only if it succeeded; words describe a failure.
    """
    smi = {"gpus": [], "status": None, "said": "", "hang": bool(seen["program"]) and answer is None, "words": ""}
    if smi["hang"]:
        smi["words"] = "nvidia-smi cannot be started, or gave no answer within %d s" % TIMEOUT
    if answer:
        status, out, err = answer
        smi["status"] = status
        rows = [line.rsplit(",", len(fields) - 1) for line in out.splitlines()[: cuda_driver.DEVICES]]
        gpus = [_parse_gpu_row(dict(zip(fields, map(_parse_field, row)))) for row in rows if len(row) == len(fields)]
        # A GPU that must be reset has no name: [GPU requires reset]. Other lines may have commas, too.
        gpus = [gpu for gpu in gpus if gpu["name"] and re.match(r"\d+(\.\d+)+$", gpu["driver"] or "")]
        smi["gpus"] = gpus if status in WELL else []
        if status or not smi["gpus"]:
            # Apart from rows, the message is everything else that it prints.
            rest = [line for line in out.splitlines() if not gpus or line.count(",") < len(fields) - 1]
            smi["said"] = clean_line(" ".join(("\n".join(rest) + "\n" + err).split()), 300)
            smi["words"] = "nvidia-smi ends with status %d: %s" % (
                status,
                smi["said"] or ("it lists GPUs" if gpus else "it printed nothing"),
            )
    return smi


def _parse_field(text):
    """A field as nvidia-smi prints it; None for '[N/A]', '[Not Supported]' and 'ERR!'."""
    text = clean_line(text)
    return None if not text or re.match(r"\[.*\]$|ERR!", text) else text


def _parse_gpu_row(row):
    memory = row["memory.total"] or ""
    capability = row.get("compute_cap") or ""
    return {
        "name": row["name"],
        "driver": row["driver_version"],
        "memory": int(memory) << 20 if re.match(r"\d{1,9}$", memory) else None,
        "compute_capability": capability if re.match(r"\d+\.\d+$", capability) else None,
        "bus": None,
    }


def _module_version(system, seen):
    version = parse_module_version(seen["module"])
    return version or clean_line(system.read("/sys/module/nvidia/version") or "", 30) or None


def _driver_version(system, seen, cuda, smi):
    """The driver's version: the loaded module's if known, else the libraries'."""
    of_library = re.search(r"libcuda\.so\.(\d{3,}(?:\.\d+)+)$", cuda["library"] or "")
    return (
        next((gpu["driver"] for gpu in smi["gpus"] if gpu["driver"]), None)
        or _module_version(system, seen)
        or clean_line(cuda["driver"] or "", 30)
        or (of_library.group(1) if of_library else None)
    )


# -- working GPUs


def _usable_gpus(system, seen, cuda, smi):
    """(GPUs, warnings)."""
    if cuda["hang"]:
        return [], []
    if cuda["library"]:
        if cuda["code"] != 0 or not cuda["devices"]:
            return [], []
        newest = (
            "%d.%d" % (cuda["cuda"] // 1000, cuda["cuda"] % 1000 // 10)
            if cuda["cuda"]
            else _cuda_of_driver(seen["version"])
        )
        gpus = [
            dict(_merge_device(device, smi["gpus"]), driver=seen["version"], cuda=newest) for device in cuda["devices"]
        ]
        warnings = []
        if not cuda["listed"]:
            warnings.append(
                "libcuda.so.1 is at %s, where the dynamic loader does not search: add its directory to a file "
                "in /etc/ld.so.conf.d and run ldconfig, or set LD_LIBRARY_PATH in torch_environment"
                % clean_line(cuda["library"])
            )
        if smi["words"]:
            warnings.append("CUDA works, although nvidia-smi does not (%s)" % smi["words"])
        return gpus, warnings
    gpus = smi["gpus"]
    if not gpus:
        return [], []
    newest = _read_newest_cuda(system, seen["program"]) or _cuda_of_driver(gpus[0]["driver"])
    for gpu in gpus:
        gpu["cuda"] = newest
    return gpus, [_library_warning(cuda)] + (
        ["nvidia-smi lists the GPUs with a warning (%s)" % smi["words"]] if smi["words"] else []
    )


def _library_warning(cuda):
    if cuda["died"]:
        return "libcuda could not be queried (%s): whether CUDA works is unknown until PyTorch runs" % cuda["died"]
    if cuda["broken"]:
        return (
            "libcuda.so.1 cannot be loaded, and PyTorch needs it (%s): reinstall the driver's libraries"
            % clean_line(cuda["broken"], 300)
        )
    return (
        "libcuda.so.1, which PyTorch needs, is missing although the driver is installed: install it (libcuda1, "
        "libnvidia-compute-NNN), or in a container set NVIDIA_DRIVER_CAPABILITIES=compute,utility"
    )


def _merge_device(device, rows):
    """One of libcuda's devices; missing values come from nvidia-smi's row of a card with that name."""
    name = clean_line(device.get("name") or "") or None
    row = next((row for row in rows if row["name"] == name), {})
    return {
        "name": name,
        "memory": device.get("memory") or row.get("memory"),
        "compute_capability": device.get("capability") or row.get("compute_capability"),
        "bus": _normalize_bus(device.get("bus")),
    }


def _normalize_bus(text):
    """'0000:01:00.0', from any form that parts of the driver write."""
    match = re.match(r"([0-9a-f]+):([0-9a-f]{2}):([0-9a-f]{2})\.([0-7])$", (text or "").lower())
    return "%04x:%s:%s.%s" % ((int(match.group(1), 16),) + match.groups()[1:]) if match else None


def _read_newest_cuda(system, program):
    """The newest CUDA that the driver supports; only nvidia-smi's table for people has it."""
    answer = system.run([program], TIMEOUT)
    match = re.search(r"CUDA Version:\s*(\d+\.\d+)", answer[1]) if answer and answer[0] == 0 else None
    return match.group(1) if match else None


def _cuda_of_driver(driver):
    major = re.match(r"\d+", driver or "")
    return next((cuda for least, cuda in FAMILIES if major and int(major.group()) >= least), None)


def _cards_without_gpu(system, seen, gpus):
    """The cards that are not among the working GPUs."""
    known = [gpu["bus"] for gpu in gpus]
    driven = [card for card in seen["cards"] if card["driver"] in (None, "nvidia")]
    if gpus and not all(known):
        # With nvidia-smi's rows: all cards of the driver if their number agrees, else nvidia-smi lists the addresses.
        if len(gpus) >= len(driven):
            known = [card["address"] for card in driven]
        elif seen["program"]:
            answer = system.run(_query_command(seen["program"], ["pci.bus_id"]), TIMEOUT)
            known = [_normalize_bus(line.strip()) for line in answer[1].splitlines()] if answer else []
    return [card for card in seen["cards"] if card["address"] not in known]


def _assign_nodes(system, seen, gpus):
    """Add the device nodes, and make each GPU an accelerator's dictionary."""
    order = sorted(gpu["bus"] for gpu in gpus if gpu["bus"])
    for index, gpu in enumerate(gpus):
        bus = gpu.pop("bus")
        minor = (
            re.search(
                r"^Device Minor:\s*(\d+)", system.read("/proc/driver/nvidia/gpus/%s/information" % bus) or "", re.M
            )
            if bus
            else None
        )
        node = "/dev/nvidia" + minor.group(1) if minor else None
        if node not in seen["nodes"]:
            # A container has the nodes of its own GPUs only: their order identifies them, not their number. CUDA's
            # order differs.
            index = order.index(bus) if bus and len(order) == len(gpus) else index
            node = seen["nodes"][index] if index < len(seen["nodes"]) else None
        gpu.update(kind="cuda", nodes=[node] if node else [])
