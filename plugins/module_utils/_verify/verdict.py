# Copyright (c) 2026 the edgeai.fleet authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to edgeai.fleet: its interface may change in any release.

"""The verdict: what the probe measured (outcome), and whether it is what was promised or requested (satisfied)."""

import re

from .board_conditions import describe_board
from .diagnosis import diagnose, find_failed_stage

DOING = {
    "start": "starting Python",
    "import": "importing torch",
    "identity": "checking that this is PyTorch",
    "backend": "importing torch_npu",
    "accelerator": "looking for accelerators",
    "device_count": "counting the devices",
    "devices": "reading the properties of the devices",
    "tensor_product": "multiplying matrices on the CPU",
    "tensor_product_cuda": "multiplying matrices on CUDA",
    "tensor_product_npu": "multiplying matrices on the NPU",
    "functions": "computing elementwise functions on the CPU",
    "convolution": "convolving on the CPU",
    "autograd": "computing a gradient",
    "training": "training a small network",
    "script": "compiling a function with torch.jit.script",
    "parallel": "computing with several threads",
    "temporary_files": "writing a temporary file",
    "data_loader": "loading data with worker processes",
    "collective": "adding numbers between two processes",
    "exit": "shutting Python down, after all checks",
}
NAMES = {"cpu": "the CPU", "cuda": "CUDA", "npu": "the NPU"}
ACCELERATORS = ("cuda", "npu")
# Diagnoses of the installed build: they hold in addition to the reason why the board has no usable accelerator.
OF_THE_BUILD = ("CUDA-07", "JET-03", "CONDA-04")
# Stages where a board without a working accelerator may fail, and diagnoses that do not say why.
LOOKING = ("backend", "accelerator", "device_count", "devices")
OPEN = ("UNKNOWN", "RUN-03")
IMPORT_ERRORS = ("ImportError", "ModuleNotFoundError", "OSError")
# Warnings of the drivers of accelerators, among those of other packages.
OF_DRIVERS = re.compile(r"CUDA|NVIDIA|ascend|\bnpu\b|\bACL\b|\bhal\b|\bdrv", re.I)
MODULE = "module_"  # how the checks of further modules begin
OWN = "own_"  # and those of the user
BESIDE_TORCH = (MODULE, OWN, "features")
# Checks that must have passed for any outcome except an error.
QUICK = ("import", "identity", "tensor_product")
STANDARD = QUICK + ("functions", "convolution", "reduction", "autograd", "training", "parallel")
DEEP = STANDARD + ("lapack", "files", "classifier_cpu", "detector_cpu", "load")
REQUIRED = {"quick": QUICK, "standard": STANDARD, "deep": DEEP}


def read_promise(record):
    """The promise of a state record: {kind: cuda, npu, cpu or None, purpose: whether the CPU was requested, modules,
    devices, left_out: some of these devices}.

    Anybody may have edited the record's file.
    """
    verdict = record["verdict"]
    outcome, expect = verdict.get("outcome"), verdict.get("expect")
    checks, devices = (
        only_dictionaries(verdict.get("checks")),
        [str(device.get("name")) for device in only_dictionaries(verdict.get("devices"))],
    )
    others = [
        re.match(r"tensor_product_\w+:(\d{1,3})$", str(check.get("name"))) for check in checks if check.get("advisory")
    ]
    return {
        "kind": next(
            (word for word in (outcome, expect) if word in ACCELERATORS), "cpu" if "cpu" in (expect, outcome) else None
        ),
        "purpose": expect == "cpu",
        "modules": [
            check["name"][len(MODULE) :]
            for check in checks
            if re.match(MODULE + r"[A-Za-z_][\w.]*$", str(check.get("name")))
        ],
        "devices": devices,
        "left_out": [devices[int(other.group(1))] for other in others if other and int(other.group(1)) < len(devices)],
    }


def narrow_expectation(asked, promise, source="request"):
    """The expectation: {expect, from, asked, promised}.

    The request only narrows the promise: it is no reason to expect less.
    """
    promised = promise["kind"] if promise else None
    if promised in ACCELERATORS and asked == "cpu" and promise["purpose"]:
        promised = "cpu"  # an accelerator that worked although the CPU was requested, then as now
    if promised is None:
        return {"expect": asked, "from": source, "asked": asked, "promised": None}
    if asked in ("auto", "cpu", promised):
        return {"expect": promised, "from": "record", "asked": asked, "promised": promised}
    return {"expect": asked, "from": "request", "asked": asked, "promised": promised}


def judge(evidence, expect="auto", forced=None, expected=None, signs=(), recorded=()):
    """The verdict on the evidence of a probe.

    `expected` comes from narrow_expectation(), `signs` are accelerators that the board has and cannot use, `recorded`
    the names of the devices in the state record. add_board() gives the evidence what the diagnosis needs of the board.
    """
    expected = expected or narrow_expectation(expect, None)
    expect = expected["expect"]
    outcome = find_outcome(evidence)
    # A working accelerator satisfies `cpu` too: the CPU is checked as well.
    satisfied = (
        outcome != "error"
        and expect in ("auto", "cpu", outcome)
        and not is_contradiction(expected)
        and not find_shortcomings(evidence)
        and not evidence["surroundings"].get("replaced")
    )
    lost = [sign for sign in signs if outcome in ("cpu", "error") and sign.get("kind") == expect]
    diagnosis = None if satisfied else explain_cause(evidence, outcome, lost)
    passed_over = [str(item.get("row") if isinstance(item, dict) else item) for item in forced or []]
    return {
        "schema": 1,
        "outcome": outcome,
        "satisfied": satisfied,
        "reason": explain_outcome(evidence, outcome, expected, satisfied, diagnosis, lost)
        + (" (forced past: %s)" % ", ".join(passed_over) if passed_over else ""),
        "expect": expect,
        "expect_from": expected["from"],
        "level": evidence["level"],
        "forced": list(forced or []),
        "torch": evidence["torch"].get("version"),
        "python": evidence["python"],
        "user": evidence["user"],
        "devices": only_dictionaries(evidence["accelerator"].get("devices")),
        "features": evidence["torch"].get("features") or {},
        "checks": [
            dict((name, check.get(name)) for name in ("name", "passed", "value", "bound", "seconds", "advisory"))
            for check in evidence["checks"]
        ],
        "skipped": evidence["skipped"],
        "timings": list_timings(evidence),
        "conditions": describe_conditions(evidence),
        "stages": evidence["stages"],
        "died": evidence["died"],
        "diagnosis": diagnosis,
        "warnings": (
            find_warnings(evidence, [sign for sign in signs if sign not in lost], recorded) + evidence["warnings"]
        ),
        "environment": evidence["start"].get("environment") or {},
        "seconds": round(evidence["seconds"], 3),
    }


def add_board(evidence, board, container):
    """Add facts to the evidence that tell causes apart: the board as board_facts returns it, and whether this is a
    container.
    """
    evidence["surroundings"].update(describe_board(board, container))


def describe_conditions(evidence):
    """What timings depend on: {load: of the processor before the checks, as a share of its cores; temperature: the
    highest before and after, in degrees Celsius; peak_memory: of the process, in bytes}. What is not known is left out.
    """
    found, start = {}, evidence["start"]
    if isinstance(start.get("load"), float) and isinstance(start.get("cores"), int) and start["cores"]:
        found["load"] = round(start["load"] / start["cores"], 2)
    if evidence.get("temperature") and None not in evidence["temperature"]:
        found["temperature"] = list(evidence["temperature"])
    if isinstance(start.get("peak_memory"), int):
        found["peak_memory"] = start["peak_memory"]
    return found


def list_timings(evidence):
    """The times, in seconds, that are compared with those of other boards and of earlier runs."""
    timings = dict(evidence["timings"])
    timings.update(
        (check["name"].replace("tensor_product", "first_kernel"), check.get("seconds"))
        for check in evidence["checks"]
        if check["passed"] and (check["name"] == "import" or check["name"].startswith("tensor_product"))
    )
    return timings


def find_outcome(evidence):
    """cuda, npu or cpu: where a kernel ran, whatever was requested; error if a check failed."""
    passed = set(check["name"] for check in evidence["checks"] if check["passed"])
    if (
        evidence["died"]
        or any(map(is_torch_failure, evidence["checks"]))
        or not passed.issuperset(REQUIRED[evidence["level"]])
    ):
        return "error"
    return next((kind for kind in ("cuda", "npu") if "tensor_product_" + kind in passed), "cpu")


def is_torch_failure(check):
    """Whether this check failed because of torch.

    A missing accelerator is a finding, not a failure, unless the search for one raised an error.
    """
    if check["passed"] or check.get("advisory") or check["name"].startswith(BESIDE_TORCH):
        return False
    return check["name"] != "accelerator" or bool(check.get("error"))


def find_shortcomings(evidence):
    """Failed checks of further modules, of the user and of build features: torch works, but not as requested."""
    names = set(check["name"] for check in evidence["checks"])
    failed = [check for check in evidence["checks"] if check["name"].startswith(BESIDE_TORCH) and not check["passed"]]
    return failed + [
        {"name": name, "error": {"text": "it was not checked"}}
        for name in [MODULE + name for name in evidence["modules"]] + [OWN + name for name in evidence.get("own", ())]
        if name not in names
    ]


def is_contradiction(expected):
    """Whether promise and request exclude each other: cuda and npu."""
    return expected["promised"] in ACCELERATORS and expected["expect"] != expected["promised"]


# Advisory checks of what many programs do without.
EXTRAS = {"export": "torch.onnx.export does not work", "compile": "torch.compile does not work"}
# Features that programs count on, and what does not work without them.
MISSED = (
    ("distributed", "torch.distributed (no DistributedDataParallel, no ReduceOp)"),
    ("lapack", "LAPACK (no torch.inverse, no torch.linalg)"),
)


def find_warnings(evidence, signs, recorded):
    """Facts that do not change the verdict, but that a person should know."""
    devices, found = only_dictionaries(evidence["accelerator"].get("devices")), []
    features = evidence["torch"].get("features") or {}
    missed = [what for name, what in MISSED if features.get(name) is False]
    if missed:
        found.append("this build of torch has no %s" % ", and no ".join(missed))
    found += [
        "%s %s is in this environment, where %s was installed" % (name, installed, locked)
        for name, (installed, locked) in sorted((evidence["surroundings"].get("companions") or {}).items())
    ]
    for check in evidence["checks"]:
        if check["passed"] or not check.get("advisory"):
            continue
        if check["name"] == "architectures" and not check.get("error"):
            found.append(
                "this build of torch has no code for compute capability %s: it was built for %s"
                % (check.get("value"), check.get("bound"))
            )
        elif ":" in check["name"] and check["name"].startswith("tensor_product_"):
            found.append("%s does not compute, and the plan leaves it out" % name_device(evidence, check["name"]))
        elif check["name"] in EXTRAS:
            error = check.get("error") or {}
            found.append("%s: %s" % (EXTRAS[check["name"]], error.get("text") or "a wrong result"))
    first = devices[0] if devices else {}
    if {str(first.get("name")), str(first.get("compute_capability"))}.intersection(evidence.get("left_out") or ()):
        found.append(
            "the plan leaves out %s, which programs use first: set CUDA_VISIBLE_DEVICES (torch_environment) to the"
            " other devices" % first.get("name")
        )
    found += describe_half_precision(evidence, devices)
    if len(devices) < len(recorded):
        found.append(
            "the record has %d devices (%s), but torch sees %d now" % (len(recorded), ", ".join(recorded), len(devices))
        )
    return found + [
        "%s at %s is not used: %s" % (sign.get("name") or "an accelerator", sign.get("where"), sign.get("why"))
        for sign in signs
    ]


def describe_half_precision(evidence, devices):
    """What the devices lack of bfloat16, which programs take by default: one line for each kind of device.

    A GPU before compute capability 8.0 converts it for each operation (https://developer.nvidia.com/cuda-gpus).
    """
    failed = dict(
        (check["name"].partition("_")[2], check.get("error") or {})
        for check in evidence["checks"]
        if check["name"].startswith("bfloat16_") and not check["passed"]
    )
    found = []
    for device, error in sorted(failed.items()):
        place = name_device(evidence, device) if ":" in device else str(devices[0].get("name")) if devices else device
        text = str(error.get("text") or "a wrong result").splitlines() or [""]
        found.append("%s has no bfloat16, programs need float16 there: %s" % (place, text[0][:200]))
    if failed or evidence["accelerator"].get("kind") != "cuda":
        return found
    slow = [
        str(device.get("name")) for device in devices if re.match(r"[1-7]\.\d$", str(device.get("compute_capability")))
    ]
    if slow:
        found.append(
            "%s has no bfloat16 in hardware: torch converts, which is slow; programs should use float16"
            % ", ".join(sorted(set(slow)))
        )
    return found


def only_dictionaries(value):
    """The dictionaries in a value that may be anything."""
    return [item for item in value if isinstance(item, dict)] if isinstance(value, list) else []


def name_device(evidence, check):
    """The device of a check such as tensor_product_cuda:1, with its name."""
    device = check.rpartition("_")[2]
    devices, index = only_dictionaries(evidence["accelerator"].get("devices")), device.rpartition(":")[2]
    if not index.isdigit() or int(index) >= len(devices):
        return device
    capability = devices[int(index)].get("compute_capability")
    return "%s (%s%s)" % (
        device,
        devices[int(index)].get("name"),
        ", compute capability %s" % capability if capability else "",
    )


def explain_cause(evidence, outcome, lost):
    """The diagnosis.

    The board's finding about its accelerator takes precedence over torch's message, but not over a failed check.
    """
    found = diagnose(evidence)
    if not lost or (outcome == "error" and (found["id"] not in OPEN or find_failed_stage(evidence) not in LOOKING)):
        return found
    cause, fix = lost[0]["why"], lost[0]["fix"]
    if found["id"] in OF_THE_BUILD:
        cause, fix = "%s; and %s" % (cause, found["cause"]), "%s Then %s" % (fix, found["fix"])
    return dict(found, id="SIGN-%s" % lost[0]["cause"], cause=cause, fix=fix, confidence="recorded")


def explain_outcome(evidence, outcome, expected, satisfied, diagnosis, lost):
    """One sentence for a person."""
    expect = expected["expect"]
    if outcome == "error":
        return explain_error(evidence) + (
            ", and this board has no accelerator that works: %s" % lost[0]["why"] if lost else ""
        )
    works = "torch %s works on %s" % (evidence["torch"].get("version"), NAMES[outcome])
    if satisfied and outcome == expect:
        return works + (" as the record promised" if expected["from"] == "record" else " as planned")
    if satisfied:
        why = "promised by the record" if expected["from"] == "record" else "as requested"
        return works + (", and on the CPU, %s" % why if expect == "cpu" else "")
    if evidence["surroundings"].get("replaced"):
        return "%s, but %s" % (works, diagnosis["cause"])
    if outcome == expect and is_contradiction(expected):
        return "%s, but the record promised %s: provision the board with torch_accelerator: %s" % (
            works,
            expected["promised"],
            expect,
        )
    if expect in ("auto", "cpu", outcome):
        check = find_shortcomings(evidence)[0]
        if check["name"] == "features":
            return "%s, but its build differs from the request: %s" % (works, check.get("value"))
        error = check.get("error") or {}
        if check["name"].startswith(OWN):
            return "%s, but your check %s failed: %s: %s" % (
                works,
                check["name"][len(OWN) :],
                error.get("type"),
                error.get("text"),
            )
        fails = "cannot be imported" if error.get("type") in IMPORT_ERRORS else "does not work"
        return "%s, but %s %s: %s" % (works, check["name"][len(MODULE) :], fails, error.get("text"))
    why = (
        ([diagnosis["cause"]] if diagnosis["id"] != "UNKNOWN" else [])
        + [text for text in evidence["warnings"] if OF_DRIVERS.search(text)]
        + [evidence["accelerator"].get("cause")]
    )
    return "expected %s%s, but torch.%s.is_available() is False%s%s" % (
        expect,
        explain_expectation(expected),
        expect,
        ": %s" % why[0] if why[0] else "",
        explain_narrowing(expected),
    )


def explain_expectation(expected):
    if expected["from"] == "request" and expected["promised"]:
        return ", which torch_accelerator asks for (the record promised %s)" % expected["promised"]
    return {"record": ", which the record of this board promised", "plan": ", which the plan promises"}.get(
        expected["from"], ""
    )


def explain_narrowing(expected):
    if expected["asked"] == "cpu" and expected["expect"] in ACCELERATORS:
        return (
            "; torch_accelerator: cpu does not lower what the record promised: provision the board with it to take the"
            " CPU on purpose"
        )
    return ""


def explain_error(evidence):
    died = evidence["died"]
    if evidence["problem"]:
        return evidence["problem"]
    if died:
        doing = DOING.get(died["stage"], "in the check %s" % died["stage"])
        version = evidence["torch"].get("version")
        doing += " %s" % version if died["stage"] == "import" and version else ""
        if died["timeout"]:
            return "the process was still %s after %d s and was killed" % (doing, evidence["timeout"])
        if died["signal"]:
            return "the process died of %s while %s" % (died["signal"], doing)
        return "the process ended with status %s while %s" % (died["exit_status"], doing)
    for check in evidence["checks"]:
        error = check.get("error")
        where = " on %s" % name_device(evidence, check["name"]) if ":" in check["name"] else ""
        if error and not check.get("advisory"):
            what = "torch cannot be imported" if check["name"] == "import" else "the check %s failed" % check["name"]
            return "%s%s: %s: %s" % (what, where, error.get("type"), error.get("text"))
        if is_torch_failure(check):
            return "the check %s failed%s: %s, the bound is %s" % (
                check["name"],
                where,
                check.get("value"),
                check.get("bound"),
            )
    return "the probe ended before it made all checks"
