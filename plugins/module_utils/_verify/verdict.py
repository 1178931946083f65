# Copyright (c) 2026 the edgeai.fleet authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to edgeai.fleet: its interface may change in any release.

"""The verdict on what the probe found: what was measured (outcome) and, another thing, whether it is what was asked for
(satisfied).
"""

import re

from .diagnosis import diagnose, failed_stage

DOING = {
    "start": "starting Python",
    "import": "importing torch",
    "identity": "looking whether this is PyTorch",
    "backend": "importing torch_npu",
    "accelerator": "looking for accelerators",
    "device_count": "counting the devices",
    "devices": "asking the devices what they are",
    "tensor_product": "multiplying matrices on the CPU",
    "tensor_product_cuda": "multiplying matrices on CUDA",
    "tensor_product_npu": "multiplying matrices on the NPU",
    "convolution": "convolving on the CPU",
    "autograd": "computing a gradient",
    "training": "training a small network",
    "parallel": "computing with several threads",
    "temporary_files": "writing a temporary file",
    "data_loader": "loading data with worker processes",
    "collective": "adding numbers between two processes",
    "exit": "shutting Python down, after all checks",
}
NAMES = {"cpu": "the CPU", "cuda": "CUDA", "npu": "the NPU"}
ACCELERATORS = ("cuda", "npu")
# Diagnoses of the installed build: they hold beside the reason why the board has no accelerator to offer.
OF_THE_BUILD = ("CUDA-07", "JET-03", "CONDA-04")
# Where a board without a working accelerator may fail, and diagnoses that leave open why.
LOOKING = ("backend", "accelerator", "device_count", "devices")
OPEN = ("UNKNOWN", "RUN-03")
MODULE = "module_"  # how the checks of further modules begin
# What must have been made, and have passed, for any outcome but an error.
QUICK = ("import", "identity", "tensor_product")
STANDARD = QUICK + ("convolution", "reduction", "autograd", "training", "parallel")
REQUIRED = {"quick": QUICK, "standard": STANDARD, "deep": STANDARD + ("lapack", "files", "load")}


def read_promise(record):
    """What a state record promised: {kind: cuda, npu, cpu or None, purpose: whether the CPU was asked for, modules,
    devices, left_out: some of these}.

    A record comes from a file that anybody may have edited.
    """
    verdict = record["verdict"]
    outcome, expect = verdict.get("outcome"), verdict.get("expect")
    checks, devices = (
        dictionaries(verdict.get("checks")),
        [str(device.get("name")) for device in dictionaries(verdict.get("devices"))],
    )
    modules = [
        check["name"][len(MODULE) :]
        for check in checks
        if re.match(MODULE + r"[A-Za-z_][\w.]*$", str(check.get("name")))
    ]
    others = [
        re.match(r"tensor_product_\w+:(\d{1,3})$", str(check.get("name"))) for check in checks if check.get("advisory")
    ]
    return {
        "kind": next(
            (word for word in (outcome, expect) if word in ACCELERATORS), "cpu" if "cpu" in (expect, outcome) else None
        ),
        "purpose": expect == "cpu",
        "modules": modules,
        "devices": devices,
        "left_out": [devices[int(other.group(1))] for other in others if other and int(other.group(1)) < len(devices)],
    }


def narrow(asked, promise, source="request"):
    """What is expected: {expect, from, asked, promised}.

    What is asked for only narrows what was promised, for it is no reason to expect less.
    """
    promised = promise["kind"] if promise else None
    if promised in ACCELERATORS and asked == "cpu" and promise["purpose"]:
        promised = "cpu"  # an accelerator that worked although the CPU was asked for, then as now
    if promised is None:
        return {"expect": asked, "from": source, "asked": asked, "promised": None}
    if asked in ("auto", "cpu", promised):
        return {"expect": promised, "from": "record", "asked": asked, "promised": promised}
    return {"expect": asked, "from": "request", "asked": asked, "promised": promised}


def judge(evidence, expect="auto", forced=None, expected=None, signs=(), recorded=()):
    """The verdict: what was measured (outcome) and, another thing, whether it is what was asked for (satisfied).

    `expected` is what narrow() says, `signs` the accelerators that the board shows and cannot use, `recorded` the names
    of the devices in the record.
    """
    expected = expected or narrow(expect, None)
    expect = expected["expect"]
    outcome = find_outcome(evidence)
    # An accelerator that works satisfies `cpu` too: the CPU's work is proven beside it.
    replaced = evidence["surroundings"].get("replaced")
    satisfied = (
        outcome != "error"
        and expect in ("auto", "cpu", outcome)
        and not contradicts(expected)
        and not find_shortcomings(evidence)
        and not replaced
    )
    lost = [sign for sign in signs if outcome in ("cpu", "error") and sign.get("kind") == expect]
    diagnosis = None if satisfied else explain_cause(evidence, outcome, lost)
    passed_over = [str(item.get("row") if isinstance(item, dict) else item) for item in forced or []]
    reason = explain_outcome(evidence, outcome, expected, satisfied, diagnosis, lost)
    return {
        "schema": 1,
        "outcome": outcome,
        "satisfied": satisfied,
        "reason": reason + (" (forced past: %s)" % ", ".join(passed_over) if passed_over else ""),
        "expect": expect,
        "expect_from": expected["from"],
        "level": evidence["level"],
        "forced": list(forced or []),
        "torch": evidence["torch"].get("version"),
        "python": evidence["python"],
        "user": evidence["user"],
        "devices": dictionaries(evidence["accelerator"].get("devices")),
        "features": evidence["torch"].get("features") or {},
        "checks": [
            dict((name, check.get(name)) for name in ("name", "passed", "value", "bound", "seconds", "advisory"))
            for check in evidence["checks"]
        ],
        "skipped": evidence["skipped"],
        "timings": measure(evidence),
        "stages": evidence["stages"],
        "died": evidence["died"],
        "diagnosis": diagnosis,
        "warnings": (
            find_warnings(evidence, [sign for sign in signs if sign not in lost], recorded) + evidence["warnings"]
        ),
        "environment": evidence["start"].get("environment") or {},
        "seconds": round(evidence["seconds"], 3),
    }


def measure(evidence):
    """The times by which a board is compared with its peers and its own past, in seconds."""
    timings = dict(evidence["timings"])
    for check in evidence["checks"]:
        if check["passed"] and (check["name"] == "import" or check["name"].startswith("tensor_product")):
            timings[check["name"].replace("tensor_product", "first_kernel")] = check.get("seconds")
    return timings


def find_outcome(evidence):
    """cuda, npu or cpu is what a kernel was seen to run on, whatever was asked for; error if anything failed."""
    passed = set(check["name"] for check in evidence["checks"] if check["passed"])
    if evidence["died"] or any(map(counts, evidence["checks"])) or not passed.issuperset(REQUIRED[evidence["level"]]):
        return "error"
    return next((kind for kind in ("cuda", "npu") if "tensor_product_" + kind in passed), "cpu")


def counts(check):
    """Whether this check failed, and its failure is torch's.

    That there is no accelerator is a finding, unless looking for one raised.
    """
    if check["passed"] or check.get("advisory") or check["name"].startswith((MODULE, "features")):
        return False
    return check["name"] != "accelerator" or bool(check.get("error"))


def find_shortcomings(evidence):
    """What torch is to work beside, or to be built with, and does not: nothing against torch, but not what was asked
    for.
    """
    passed = set(check["name"] for check in evidence["checks"] if check["passed"])
    failed = [
        check for check in evidence["checks"] if check["name"].startswith((MODULE, "features")) and not check["passed"]
    ]
    missing = [
        MODULE + name
        for name in evidence["modules"]
        if MODULE + name not in passed.union(check["name"] for check in failed)
    ]
    return failed + [{"name": name, "error": {"text": "it was not tried"}} for name in missing]


def contradicts(expected):
    """Whether nothing can be both what was promised and what is asked for: cuda and npu."""
    return expected["promised"] in ACCELERATORS and expected["expect"] != expected["promised"]


def find_warnings(evidence, signs, recorded):
    """What a person should know although it decides nothing."""
    devices, found = dictionaries(evidence["accelerator"].get("devices")), []
    for check in evidence["checks"]:
        if check["passed"] or not check.get("advisory"):
            continue
        if check["name"] == "architectures" and not check.get("error"):
            found.append(
                "this build of torch has no code for compute capability %s: it was built for %s"
                % (check.get("value"), check.get("bound"))
            )
        elif ":" in check["name"] and check["name"].startswith("tensor_product_"):
            found.append(
                "%s computes nothing, as planned: the plan leaves it out" % name_device(evidence, check["name"])
            )
    first = devices[0] if devices else {}
    if {str(first.get("name")), str(first.get("compute_capability"))}.intersection(evidence.get("left_out") or ()):
        found.append(
            "the plan leaves out %s, which programs use first: let CUDA_VISIBLE_DEVICES (torch_environment) name the"
            " others" % first.get("name")
        )
    if len(devices) < len(recorded):
        found.append(
            "the record has %d devices (%s), and torch sees %d now" % (len(recorded), ", ".join(recorded), len(devices))
        )
    for sign in signs:
        found.append(
            "%s at %s is not used: %s" % (sign.get("name") or "an accelerator", sign.get("where"), sign.get("why"))
        )
    return found


def dictionaries(value):
    """Those of a list that may hold anything, and may be none."""
    return [item for item in value if isinstance(item, dict)] if isinstance(value, list) else []


def name_device(evidence, check):
    """The device of a check such as tensor_product_cuda:1, with its name."""
    device = check.rpartition("_")[2]
    devices, index = dictionaries(evidence["accelerator"].get("devices")), device.rpartition(":")[2]
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

    What the board says of its accelerator comes before what torch says of it, but never before a check that failed.
    """
    found = diagnose(evidence)
    if not lost or (outcome == "error" and (found["id"] not in OPEN or failed_stage(evidence) not in LOOKING)):
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
        promised = "the record promised" if expected["from"] == "record" else "was asked for"
        return works + (", and the CPU that %s is proven as well" % promised if expect == "cpu" else "")
    if evidence["surroundings"].get("replaced"):
        return "%s, but %s" % (works, diagnosis["cause"])
    if outcome == expect and contradicts(expected):
        return "%s, but the record promised %s: provision the board with torch_accelerator: %s" % (
            works,
            expected["promised"],
            expect,
        )
    if expect in ("auto", "cpu", outcome):
        check = find_shortcomings(evidence)[0]
        if check["name"] == "features":
            return "%s, but not as it was to be built: %s" % (works, check.get("value"))
        return "%s, but %s cannot be imported: %s" % (
            works,
            check["name"][len(MODULE) :],
            (check.get("error") or {}).get("text"),
        )
    known = [diagnosis["cause"]] if diagnosis["id"] != "UNKNOWN" else []
    why = (
        known
        + [text for text in evidence["warnings"] if "CUDA" in text or "NVIDIA" in text]
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
        if counts(check):
            return "the check %s failed%s: %s, where %s is the bound" % (
                check["name"],
                where,
                check.get("value"),
                check.get("bound"),
            )
    return "the probe ended without having made all of its checks"
