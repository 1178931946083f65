# Copyright (c) 2026 the edgeai.fleet authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to edgeai.fleet: its interface may change in any release.

"""From evidence to a cause and a fix, by the table in _verify/diagnosis_table.py.

A row fits if all of its conditions hold. The value of a condition may be a tuple of the values that are allowed; None
in it stands for a condition that is not known.

    signal, timeout   how the process died
    stage             where the process died, or the first check that failed
    torch             the installed version
    atomics           False: an aarch64 core without LSE atomics (ARMv8.0)
    family, soc       of the board: the same message has different causes elsewhere
    machine           the architecture of the process
    variable          a variable that the process has; `{0}` is its value
    hides             True: that variable is a list of devices that may leave none; `{0}` is its value
    conda             True: the environment is a conda prefix
    out_of_memory     True: the kernel counted a process that it killed for lack of memory
    container         whether this is a container
    root              whether the process ran as root
    access            what the device nodes of accelerators allowed the workload's user, where none works:
                      judge_nodes() in _verify/board_conditions.py
    libc, system      such as musl, nixos
    large_pages       whether the kernel's pages are larger than 4 KiB
    old_cpu           whether the processor is below x86-64-v2
    wrong_clock, read_only, volatile
                      whether the clock of the board is wrong, its torch_root is mounted read-only, or what is
                      installed there is lost at the next start
    wsl               True: this is the Windows Subsystem for Linux
    other_cuda        True: the missing CUDA library is of another CUDA than the board's; `{0}` is the library's CUDA,
                      `{1}` the board's
    other_release     True: the missing library is of another release of cuDNN or TensorRT than the board's; `{0}` is
                      its name and release, `{1}` the board's
    large_memory      whether the board has more memory than a 32-bit process can use
    newer_libstdcxx   whether the missing version of GLIBCXX is newer than that of the system
    replaced          True: another torch is installed than the locked one
    companion         True: a package that torch works with, and that failed, is not the locked one; `{0}` is its name,
                      `{1}` the installed version, `{2}` the locked one
    misled            True: a library that does not fit comes from a directory in LD_LIBRARY_PATH, `{0}`
    text              a pattern in the errors and warnings, or, if the process died, in its last output
    cuda_codes, ascend_codes
                      an alternative to the pattern: codes of a runtime (_verify/runtime_codes.py); `any` of Ascend's
    unless            a pattern that must not be there

`{0}` in cause and fix is the pattern's first group. Other words are looked up: look_up(). {install[package]} is the
command that installs a package on this system.

The first failed check speaks first: rows are tried on its own error, then on those of other checks, then on warnings.

diagnose() has measured evidence. diagnose_text() has only a text: if a condition cannot be decided (the text does not
name the board's family), the row is named as an alternative, and is never the answer by itself.
"""

import os
import re

from .._base.elf import package_of
from .board_conditions import (
    CAPABILITIES,
    TRUST,
    Install,
    describe_board,
    explain_visible,
    hides_all,
    judge_nodes,
)
from .diagnosis_table import TABLE
from .pasted_text import TEXT_LIMIT, name_missing_library, text_shapes
from .release_pairs import PAIRS
from .runtime_codes import explain_ascend, explain_cuda, find_ascend_codes, find_cuda_codes

ATOMICS = 1 << 8  # of AT_HWCAP on aarch64
LIBRARY = re.compile(r"(lib[\w.+-]{1,100}\.so[\w.]{0,20}): cannot open shared object file")
# Libraries of CUDA have its major version in their names; before 11, libcudart has the minor one, too.
CUDA_LIBRARY = re.compile(r"lib(?:cudart|cublas|cublasLt|cufft|curand|cusolver|cusparse|nvrtc)\.so\.(\d{1,2})(\.\d)?")
# Parts of JetPack with a release of their own: (fact of the board, name, libraries with their major version).
PARTS = (
    ("cudnn", "cuDNN", r"libcudnn\w{0,30}\.so\.(\d{1,2})"),
    ("tensorrt", "TensorRT", r"lib(?:nvinfer|nvonnxparser|nvparsers)\w{0,30}\.so\.(\d{1,2})"),
)
# What the libraries of NVIDIA's Tegra and of Huawei write to stderr, if nobody asks them for the reason.
VENDOR_LINE = re.compile(
    r"^.{0,200}(?:NvMap|NvRm|nvdla|nvcudla|NVRM: |/dev/nv(?:map|host|gpu)|ascend_hal|\bdcmi\b|\[drv\w{0,10}\]"
    r"|\[ERROR\] ?(?:DRV|RUNTIME|ASCENDCL|HCCL|TDT|GE|HDC|TSDAEMON|DRVMEM|PROFILING|FE|TEFUSION)\b|\bE[A-Z]\d{4}\b).*$",
    re.M,
)
VENDOR_LINES = 20
MISFIT = re.compile(
    r"(/\S{1,200}?\.so[\w.]{0,20}):? {0,2}"
    r"(?:file too short|invalid ELF header|wrong ELF class|undefined symbol|version [`'][^']{1,40}' not found|cannot"
    r" read)"
)

SMALL_PAGES = " (Raspberry Pi: kernel=kernel8.img in /boot/firmware/config.txt, then restart)"
OVERLAY = (
    "turn the overlay and the write protection of /boot off (raspi-config, Performance, Overlay File System); otherwise"
    " "
)
SWAP_OPTIONS = {family: family + "_swap_mib" for family in ("jetson", "pynq", "raspberrypi")}
# How to find the package of a file with other package managers than apt.
SEARCHES = {
    "apk": " (apk search so:%s)",
    "nix": " (nix-locate -w lib/%s), and list it in programs.nix-ld.libraries",
    "dnf": " (dnf provides '*/%s')",
    "dnf5": " (dnf provides '*/%s')",
    "yum": " (yum provides '*/%s')",
    "zypper": " (zypper search --provides --match-substrings '%s')",
    "pacman": " (pacman -F %s)",
}

# The prompt of a container, and what builds or starts one.
IN_CONTAINER = re.compile(
    r"\broot@[0-9a-f]{12}:|/\.dockerenv|\b(?:docker|podman|nerdctl) (?:run|exec|build|compose)\b"
    r"|(?m:^Step \d{1,3}/\d{1,3} : )|\bnvidia-container-cli\b|(?m:^#\d{1,3} \[[^\n]{0,40}\d{1,3}/\d{1,3}\] RUN )"
    # the logs of Docker Compose, Docker and Kubernetes
    r"|(?m:^[A-Za-z][\w.-]{0,60}[-_]\d{1,3} {1,20}\| )|\"stream\": ?\"std(?:err|out)\"|(?m:^\S{20,40} std(?:err|"
    r"out) [FP] )"
    r"|\bOOMKilled\b|CONSTRAINT_MEMCG[^\n]{0,200}/(?:docker|kubepods)"
)
IN_WSL = re.compile(r"microsoft-standard-WSL|/usr/lib/wsl/|\bWSL ?2\b|/mnt/[c-z]/(?:Users|Windows)/|/dev/dxg\b")
GLIBCXX = re.compile(r"version [`']?GLIBCXX_3\.4\.(\d{1,2})'? not found")
# For diagnose_text. Every pattern must stay fast on any text.
ALTERNATIVES, QUOTE_LIMIT, QUOTE_LINES = 5, 300, 6
# How shells, Python, systemd, Docker and editors report the signal that ended a process.
DIED = (
    r"\b(?:exit(?:ed)?(?: with)?(?: non-zero)?(?: exit)? (?:code|status)|exit code:?|return(?:ed)? ?code|rc)[ :=]{1,3}"
)
SIGNALS = (
    (
        "SIGILL",
        r"(?i)\billegal (?:hardware )?instruction\b|\bSIGILL\b|\bstatus=4/ILL\b|\bsignal: Some\(4\)|"
        r"\[\d{1,9}\]: undefined instruction: pc=|\btrap invalid opcode\b|" + DIED + r"(?:132|-4)\b",
    ),
    (
        "SIGSEGV",
        r"(?i)\bsegmentation fault\b|\bSIGSEGV\b|\bstatus=11/SEGV\b|\bsignal: Some\(11\)|\[\d{1,9}\]: segfault at |"
        r"\[\d{1,9}\]: unhandled level \d [^\n]{0,40}fault|" + DIED + r"(?:139|-11)\b",
    ),
    ("SIGBUS", r"\bBus error\b|\bSIGBUS\b|\bstatus=7/BUS\b|\bsignal: Some\(7\)|" + DIED + r"(?:135|-7)\b"),
    (
        "SIGKILL",
        r"(?m)^[ \t]{0,20}Killed\b|(?<![A-Za-z])Killed[ \t]{0,20}$|\bline \d{1,6}:[ \t]{1,9}\d{1,9}["
        r" \t]{1,9}Killed\b|\b(?:zsh: |\d )killed {1,9}|"
        r"\bSIGKILL\b|\bstatus=9/KILL\b|\bsignal: Some\(9\)|"
        r"\b[Oo]ut of memory: Kill(?:ed)? process\b|\bKilled signal\b|\boom-kill:|"
        r"\bOOMKilled\b|\boom_reaper: reaped process\b|\binvoked oom-killer\b|\bsystemd-oomd killed\b|"
        r"(?:\beta \d{1,2}:\d{2}:\d{2}|[KMG]B/s)[^\n]{0,40}?Killed\b|\bkilled by the OOM killer\b|"
        + DIED
        + r"(?:137|-9)\b",
    ),
    ("SIGABRT", r"\bAborted \(core dumped\)|\bSIGABRT\b|\bstatus=6/ABRT\b|" + DIED + r"(?:134|-6)\b"),
)
RELEASE = r"v?(\d{1,2}\.\d{1,2}\.\d{1,2}(?:a0|b\d|rc\d{1,2}|\.post\d)?(?:\+[\w.]{1,40})?)(?![\w+]|\.\d)"
INSTALLED = re.compile(
    r"\b(?:Successfully installed\b[^\n]{0,4000}? torch-|Requirement already satisfied: torch==)" + RELEASE
)
VERSION = re.compile(
    r'(?i)\b(?:py)?torch\b(?:\[\w{1,20}\])?[\'"]?(?: {1,60}|\t|==?|-|: {0,40}| version:? {0,20}| {1,3}\()(?:is )?[\'"]?'
    + RELEASE
    + r'|\btorch\.__version__\)?\s{1,4}(?:>>> )?[\'"]?'
    + RELEASE
)
TORCH_NPU = re.compile(
    r"\btorch[_-]npu[\s`'\"]{0,40}(?:==|[:=(]|\bversion\b|-(?=\d)|\s)[\s`'\"]{0,9}v?(\d\.\d{1,2}\.\d{1,2}"
    r"(?:\.(?:post|dev)\d{1,8}|rc\d{1,2})?)(?![A-Za-z0-9_.]|-\d)"
)
CANN = re.compile(
    r"\bCANN[\s`'\"=:-]{1,9}(?:version )?(\d\.\d\.(?:RC\d|\d)(?:\.?(?:alpha|beta)\.?\d{1,3})?)\b|"
    r"/(?:ascend-toolkit|cann)[/-](\d\.\d\.(?:RC\d|\d)(?:\.?(?:alpha|beta)\.?\d{1,3})?)/"
)
# An import of torch itself: typed, or with frames in torch (a missing attribute is the program's fault).
IMPORTS = re.compile(
    r'(?m)^[ \t]{0,20}(?:>>> )?import torch\b(?!\.)|/torch/__init__\.py", line \d{1,6}, in (?!__getattr__)'
)
FRAME = re.compile(r'File "([^"\n]{1,300})", line \d{1,6}, in (\S{1,100})')
MACHINES = ("aarch64", "x86_64", "armv7l")
FAMILY_MACHINES = {"jetson": "aarch64", "x86_conda": "x86_64"}
CASES = {
    "family": "on a board of the family {0}",
    "soc": "with the chip {0}",
    "torch": "if torch is {0}",
    "conda": "in a conda environment",
    "atomics": "if the core has no LSE atomics (ARMv8.0, such as Raspberry Pi 3 and 4, Jetson Nano and TX2)",
}
# The oldest Python on a board that an ansible-core from this one on can drive.
DRIVES = (([2, 16], "Python 2.7 or 3.6"), ([2, 17], "Python 3.7"), ([2, 18], "Python 3.8"), ([2, 20], "Python 3.9"))
CORE = re.compile(r"\bansible(?:-playbook)? \[core (\d+\.\d+[\w.]{0,10})")
INTERPRETER = re.compile(
    r"The module interpreter '([^'\n]{1,300})' was not found|(?:sh|env)(?:: \d{1,4})?:"
    r" '?([\w./+-]{1,200}?python[\d.]{0,6})'?: "
    r"(?:not found|No such file or directory)"
)
PYTHON = re.compile(r"Current version: (\d\.\d+)|/lib/python(\d\.\d+)/|/python(\d\.\d+)\b")


def diagnose(evidence):
    """{id, cause, fix, confidence, repair, evidence: [str]} for evidence of a verdict that is not satisfied."""
    tail = list_last_lines(evidence)
    for text in rank_texts(evidence):
        conditions = read_conditions(evidence, text)
        for row in TABLE:
            groups = match_row(row, evidence, text, (), conditions)
            if groups is not None:
                words = look_up(evidence, text, row=row)
                return {
                    "id": row["id"],
                    "cause": row["cause"].format(*groups, **words),
                    "fix": row["fix"].format(*groups, **words),
                    "confidence": row["confidence"],
                    "repair": find_repair(row, evidence),
                    "evidence": [row["evidence"]] + tail,
                }
    return {
        "id": "UNKNOWN",
        "cause": "not known to this collection",
        "fix": "see the evidence: the last lines of the output",
        "confidence": None,
        "repair": None,
        "evidence": tail,
    }


def diagnose_text(text, family=None, core=None, board=None):
    """The diagnosis of the output of a program or a task; None if no row fits.

    `core` is the ansible-core that ran, `board` the board's facts: both may be None.
    """
    shapes = text_shapes(text)
    evidence, unknown = read_text(shapes[0], family, board, IN_CONTAINER.search(text[:TEXT_LIMIT]) is not None)
    maybe = []
    conditions = [read_conditions(evidence, words) for words in shapes]
    for row in TABLE:
        for words, known in zip(shapes, conditions):
            caught = match_row(row, evidence, words, unknown, known)
            if caught is not None:
                break
        else:
            continue
        missing = [name for name in unknown if name in row]
        known = look_up(evidence, words, core, row)
        found = {
            "id": row["id"],
            "cause": row["cause"].format(*caught, **known),
            "fix": row["fix"].format(*caught, **known),
            "confidence": row["confidence"],
            "repair": None,
            "evidence": [row["evidence"]] + quote_lines(row, words),
        }
        if not missing:
            return combine_cases(maybe, found)
        # A row with two undecided conditions would be a guess.
        if len(missing) == 1 and len(maybe) < ALTERNATIVES:
            value = row[missing[0]] if not isinstance(row[missing[0]], tuple) else " or ".join(row[missing[0]])
            case = CASES[missing[0]].format(value).replace("\\d+", "N").replace("\\", "")
            # Of two rows for one case the first is the answer, as with known facts.
            if all(case != other for other, _found in maybe):
                maybe.append((case, found))
    return combine_cases(maybe, None)


def find_repair(row, evidence):
    """The safe repair of the row, or None. Only a variable of the environment itself is removed with it."""
    if row.get("repair") == "variables" and row["variable"] not in (evidence.get("variables") or {}):
        return None
    return row.get("repair")


def combine_cases(maybe, found):
    """One diagnosis that names every possible cause, each with its condition."""
    if not maybe:
        return found
    chosen = found or maybe[0][1]
    cases = maybe + ([("otherwise", found)] if found else [])
    links = [line for _case, one in cases for line in one["evidence"]]
    return dict(
        chosen,
        evidence=sorted(set(links), key=links.index),
        **{name: "; ".join("%s: %s" % (case, one[name]) for case, one in cases) for name in ("cause", "fix")},
    )


def find_versions(text):
    """{name: release} of torch-npu and CANN that a text names; only if it names one."""
    versions = {}
    for name, pattern in (("torch-npu", TORCH_NPU), ("cann", CANN)):
        found = set(release for match in pattern.finditer(text) for release in match.groups() if release)
        if len(found) == 1:
            versions[name] = found.pop()
    return versions


def read_text(text, family=None, board=None, container=False):
    """(evidence, unknown): what text and facts say, and the conditions that they leave undecided. `container`: the logs
    are those of a container.
    """
    board = board or {}
    family = family or board.get("family")
    named = [name for name in MACHINES if re.search(r"(?<![^\W_])%s(?![^\W_])" % name, text)]
    machine = board.get("architecture") or FAMILY_MACHINES.get(family) or (named[0] if len(named) == 1 else None)
    atomics = (board.get("cpu") or {}).get("atomics")
    signals = [(found.start(), name) for name, pattern in SIGNALS for found in [re.search(pattern, text)] if found]
    signal = min(signals)[1] if signals else None
    stage = "data_loader" if "DataLoader" in text else "import" if is_import(text) else None
    variables = dict(
        (name, found.group(1))
        for name in ("LD_LIBRARY_PATH", "CUDA_VISIBLE_DEVICES", "ASCEND_RT_VISIBLE_DEVICES")
        for found in [re.search(r"\b%s[\"']?\]?\s{0,3}=\s{0,3}['\"]?([^\s'\"]{0,2000})" % name, text)]
        if found
    )
    conda = True if re.search(r"(?:mini|ana)conda|(?:mini|mamba)forge|\(base\) ", text) else None
    container = True if container or IN_CONTAINER.search(text) else None
    evidence = {
        "died": {"stage": stage, "signal": signal, "timeout": False} if signal or stage else None,
        "start": {
            "machine": machine,
            "hwcap": None if atomics is None else ATOMICS if atomics else 0,
            "environment": variables,
        },
        "torch": {"version": find_torch(text)},
        "accelerator": {},
        "checks": [],
        "family": family,
        "surroundings": dict(
            describe_board(board, container),
            conda=conda,
            out_of_memory=bool(
                re.search(r"[Oo]ut of memory: Kill|oom-kill|oom_reaper|OOMKilled|systemd-oomd killed|OOM killer", text)
            ),
            versions=find_versions(text),
            wsl=bool(IN_WSL.search(text)) or describe_board(board)["wsl"],
        ),
    }
    unknown = [
        name
        for name, is_unknown in (
            ("family", not family),
            ("soc", not board.get("soc")),
            ("torch", not evidence["torch"]["version"]),
            ("conda", conda is None),
            ("atomics", machine is None or machine == "aarch64" and atomics is None),
        )
        if is_unknown
    ]
    return evidence, unknown


def is_import(text):
    """Whether torch itself was imported where the text ends: not a program, nor another package, after it."""
    frames = FRAME.findall(text)
    if not frames or frames[-1][0].startswith("<"):
        lines = [line for line in text.splitlines() if re.match(r"[ \t]{0,20}(?:>>> )?(?:import|from) ", line)]
        return bool(lines and IMPORTS.search(lines[-1]))
    return bool(IMPORTS.search(text)) and "/torch/" in frames[-1][0] and frames[-1][1] != "__getattr__"


def find_torch(text):
    """The version of torch in the text, if there is only one; the last installed one counts."""
    installed = INSTALLED.findall(text)
    if installed:
        return installed[-1]
    versions = set(next(filter(None, found)) for found in VERSION.findall(text))
    return versions.pop() if len(versions) == 1 else None


def quote_lines(row, text):
    """The lines of the text that match the row."""
    patterns = [row["text"]] if row.get("text") else []
    patterns += [pattern for name, pattern in SIGNALS if name == row.get("signal")] + [MISFIT] * ("misled" in row)
    lines = []
    for found in filter(None, [re.search(pattern, text) for pattern in patterns]):
        start, end = text.rfind("\n", 0, found.start()) + 1, text.find("\n", found.end())
        lines += [
            line.strip()[:QUOTE_LIMIT]
            for line in text[start : end if end >= 0 else len(text)].splitlines()
            if line.strip()
        ]
    if not lines and ("cuda_codes" in row or "ascend_codes" in row):
        lines = [line.strip()[:QUOTE_LIMIT] for line in text.splitlines() if find_codes(row, line) is not None]
    return sorted(set(lines), key=lines.index)[:QUOTE_LINES]


def look_up_ansible(text, core=None):
    """Words about the board's Python, and the ansible-core that supports it."""
    named, version, path = CORE.search(text), PYTHON.search(text), INTERPRETER.search(text)
    core = named.group(1) if named else core
    python = next(filter(None, version.groups())) if version else "3.7" if "import_controller_module" in text else None
    if python and [int(part) for part in python.split(".")] > [3, 8]:  # that of the control node
        python = None
    numbers = [int(part) for part in re.findall(r"\d+", core or "")[:2]]
    needs = [needed for since, needed in DRIVES if numbers and since <= numbers]
    driver = 19 if python == "3.8" else 16
    return {
        "python": python or "3.6 or older",
        "running": "ansible-core %s" % core if core else "this ansible-core",
        "needs": ", which needs %s or later there" % needs[-1] if needs else "",
        "driver": "2.%d" % driver,
        "next_driver": "2.%d" % (driver + 1),
        "interpreter": next(filter(None, path.groups())) if path else "the path that Ansible tried",
    }


def read_conditions(evidence, text):
    """The values of the conditions that rows name, as far as they do not depend on the row."""
    died, start, around = evidence["died"] or {}, evidence["start"], evidence["surroundings"]
    has_hwcap = start.get("machine") == "aarch64" and isinstance(start.get("hwcap"), int)
    failed = find_failed_stage(evidence)
    # The probe tries the nodes only where no accelerator works. The failure of another check has another cause.
    access = judge_nodes(evidence["accelerator"].get("nodes"))[0] if failed in (None, "accelerator") else None
    conditions = dict(
        (name, around.get(name))
        for name in (
            "soc",
            "conda",
            "out_of_memory",
            "container",
            "libc",
            "system",
            "large_pages",
            "old_cpu",
            "wrong_clock",
            "read_only",
            "large_memory",
            "wsl",
        )
    )
    conditions.update(
        signal=died.get("signal"),
        timeout=died.get("timeout"),
        stage=failed,
        family=evidence["family"],
        replaced=bool(around.get("replaced")),
        atomics=bool(start["hwcap"] & ATOMICS) if has_hwcap else None,
        machine=start.get("machine"),
        root=start["uid"] == 0 if isinstance(start.get("uid"), int) else None,
        access=access,
        volatile=around["volatile"] is not None if "volatile" in around and around["facts"] else None,
        newer_libstdcxx=is_newer_libstdcxx(text, around.get("newest_libstdcxx")),
    )
    return conditions


def match_row(row, evidence, text, unknown=(), conditions=None):
    """The groups of the row's pattern if all of its conditions hold, else None.

    Conditions in `unknown` are ignored. `conditions` are those of read_conditions().
    """
    if conditions is None:
        conditions = read_conditions(evidence, text)
    for name, found in conditions.items():
        if name not in row or name in unknown:
            continue
        if found not in row[name] if isinstance(row[name], tuple) else found != row[name]:
            return None
    if (
        "torch" in row
        and "torch" not in unknown
        and not re.match("(?:%s)" % row["torch"] + r"(\+|$)", str(evidence["torch"].get("version")))
    ):
        return None
    groups = match_text(row, evidence, text)
    return None if groups is None or ("unless" in row and re.search(row["unless"], text)) else groups


def match_text(row, evidence, text):
    """The groups of the row's pattern, or of what stands for one; None if it does not match."""
    if "misled" in row:
        directory = find_misleading(evidence, text)
        return (directory,) if directory else None
    if "other_cuda" in row:
        return find_other_cuda(evidence, text)
    if "other_release" in row:
        return find_other_release(evidence, text)
    if "companion" in row:
        return find_companion(evidence, text)
    found = re.search(row["text"], text) if "text" in row else None
    by_code = ("cuda_codes" in row or "ascend_codes" in row) and find_codes(row, text) is not None
    if not by_code and found is None and ("text" in row or "cuda_codes" in row or "ascend_codes" in row):
        return None
    if "variable" in row:
        value = (evidence["start"].get("environment") or {}).get(row["variable"])
        if value is None or ("hides" in row and hides_all(value, evidence["surroundings"].get("devices")) is False):
            return None
        return (value or "empty",)
    return tuple(group or "" for group in found.groups()) if found else ()


def find_codes(row, text):
    """The first code of the row that the text names, with its meaning; None if there is none."""
    wanted = row.get("cuda_codes", ())
    codes = find_cuda_codes(text) if wanted else ()
    code = next((code for code in wanted if code in codes), None)
    if code is not None:
        return explain_cuda(code)
    wanted = row.get("ascend_codes", ())
    codes = find_ascend_codes(text) if wanted else ()
    code = next((code for code in codes if wanted == "any" or code in wanted), None)
    return None if code is None else explain_ascend(code)


def is_newer_libstdcxx(text, newest):
    """Whether a text misses a version of GLIBCXX that is newer than the system's; None if either is not known."""
    missing = [int(number) for number in GLIBCXX.findall(text)] if newest else []
    return max(missing) > newest if missing else None


def find_companion(evidence, text):
    """(name, installed version, locked version) of a package that was replaced and takes part in the failure."""
    failed = find_failed_stage(evidence) or ""
    for name, versions in sorted((evidence["surroundings"].get("companions") or {}).items()):
        if failed == "module_" + name or re.search(r"\b%s\b" % re.escape(name), text):
            return (name,) + tuple(versions)
    return None


def find_other_cuda(evidence, text):
    """(the CUDA of the missing library, that of the board) if they differ, else None."""
    missing = LIBRARY.search(text)
    library = CUDA_LIBRARY.match(missing.group(1)) if missing else None
    board = re.match(r"(\d+)(\.\d+)?", str(evidence["surroundings"].get("cuda") or ""))
    if not library or not board:
        return None
    major, minor = library.group(1), library.group(2) or ""
    differs = major != board.group(1) or (int(major) < 11 and minor and board.group(2) and minor != board.group(2))
    return (major + minor, board.group(0)) if differs else None


def find_other_release(evidence, text):
    """(what is missing, what the board has) if a library of cuDNN or TensorRT is of another release, else None."""
    missing = LIBRARY.search(text)
    for fact, name, pattern in PARTS:
        library = re.match(pattern, missing.group(1)) if missing else None
        board = re.match(r"\d+(?:\.\d+)?", str(evidence["surroundings"].get(fact) or ""))
        if library and board and library.group(1) != board.group(0).partition(".")[0]:
            return "%s %s" % (name, library.group(1)), "%s %s" % (name, board.group(0))
    return None


def find_failed_stage(evidence):
    """The stage where the process died, else the first failed check that is not advisory."""
    if evidence["died"]:
        return evidence["died"]["stage"]
    return next(
        (check["name"] for check in evidence["checks"] if check.get("error") and not check.get("advisory")), None
    )


def find_misleading(evidence, text):
    """The directory in LD_LIBRARY_PATH that has a library that does not fit, or None."""
    variables = evidence["start"].get("environment") or evidence.get("variables") or {}
    places = [os.path.normpath(place) for place in str(variables.get("LD_LIBRARY_PATH") or "").split(":") if place]
    directories = [os.path.dirname(os.path.normpath(path)) for path in MISFIT.findall(text)]
    return next((directory for directory in directories if directory in places), None)


def look_up(evidence, text, core=None, row=None):
    """The words from the evidence that a cause or a fix may contain."""
    around, row = evidence["surroundings"], row or {}
    installed, locked = around.get("replaced") or (None, None)
    library = LIBRARY.search(text)
    node = judge_nodes((evidence.get("accelerator") or {}).get("nodes"))[1] or {}
    manager, capability = around.get("manager"), CAPABILITIES.get(around.get("soc"))
    value = ((evidence.get("start") or {}).get("environment") or {}).get(row.get("variable"))
    versions, code = around.get("versions") or {}, find_codes(row, text)
    cann = around.get("cann") or versions.get("cann")
    version = (evidence.get("torch") or {}).get("version")
    return dict(
        look_up_ansible(text, core),
        installed=installed,
        locked=locked,
        package=name_package(library.group(1), manager) if library else "it",
        needed_by="; %s needs it" % around["needed_by"] if around.get("needed_by") else "",
        swap=" (%s)" % SWAP_OPTIONS[evidence.get("family")] if evidence.get("family") in SWAP_OPTIONS else "",
        full=" (%s)" % ", ".join(around["full"]) if around.get("full") else "",
        install=Install(manager),
        trust=TRUST.get(manager, TRUST[None]),
        code=code or "",
        which=", %s" % code if code else "",
        node=node.get("path") or "a device node",
        group=node.get("group") or "GROUP",
        mode="%04o" % node["mode"] if isinstance(node.get("mode"), int) else "unknown",
        user=evidence.get("user") or "USER",
        visible=explain_visible(value, around.get("devices")) if value is not None else "",
        capability=" (%s)" % (capability or "5.3 on Nano, 6.2 on TX2, 7.2 on Xavier, 8.7 on Orin"),
        l4t=" (L4T %s)" % around["l4t"] if around.get("l4t") else "",
        memory=" of %.1f GiB" % (around["memory"] / 2.0**30) if around.get("memory") else "",
        clock="says %s, and the control node's %s" % around["clock"] if around.get("clock") else "is wrong",
        volatile="; %s" % around["volatile"][1] if around.get("volatile") else "",
        glibc="%s" % around["glibc"] if around.get("glibc") else "older",
        cann="CANN %s" % cann if cann else "CANN",
        torch=" (%s)" % version if version else "",
        pair=name_pair(cann),
        platforms=name_platforms(text),
        conflict=name_conflict(text),
        cuda_toolkit=name_toolkit(around, manager, evidence.get("family")),
        cudnn_dev=name_cudnn(around, manager, evidence.get("family")),
        npu_driver="driver %s" % around["driver"] if around.get("driver") else "driver",
        small_pages=SMALL_PAGES if evidence.get("family") in (None, "raspberrypi") else "",
        overlay=OVERLAY if evidence.get("family") == "raspberrypi" else "",
        torch_npu="torch_npu %s" % versions["torch-npu"] if versions.get("torch-npu") else "torch_npu",
    )


def name_pair(cann):
    """The torch_npu and torch that the catalogue has for this CANN, in words."""
    release = re.match(r"(\d\.\d\.)(RC\d|\d)", str(cann or "").replace("rc", "RC"))
    name = release.group(0) if release else ""
    if release and name not in PAIRS and not release.group(2).startswith("RC"):  # a patch release
        name = next((known for known in sorted(PAIRS, reverse=True) if known.startswith(release.group(1))), "")
    pairs = PAIRS.get(name)
    if not pairs:
        return "edgeai.fleet.explain names the torch_npu for a CANN"
    named = ["torch_npu %s with torch %s" % (npu, torch) for torch, npu in pairs[:2]]
    older = ", or an older torch" if len(pairs) > 2 else ""
    return "for CANN %s the catalogue has %s%s" % (name, ", ".join(named), older)


def name_platforms(text):
    """The platforms that Docker or Podman say do not match, in words."""
    found = re.search(r"platform \((\S{1,30})\) does not match the \S{1,9} ?(?:host )?platform \((\S{1,30})\)", text)
    return " (the image is for %s, the host is %s)" % found.groups() if found else ""


def name_conflict(text):
    """The packages of a conflict that pip, uv or conda describes, as far as one line names them."""
    found = re.search(
        r"Because (?!only)([^\n]{1,200}?)(?:, we can conclude|\.|$)|package (\S{1,80} requires \S{1,60}[^\n,]{0,60})|"
        r"^\s{0,4}The conflict is caused by:\n\s{0,8}([^\n]{1,200})",
        text,
        re.M,
    )
    return next((words for words in found.groups() if words), "") if found else "see the lines of the resolver"


def name_cudnn(around, manager, family):
    """How to install the development files of cuDNN here."""
    cuda, cudnn = (str(around.get(name) or "").partition(".")[0] for name in ("cuda", "cudnn"))
    if family != "jetson":
        return "install the development files of cuDNN for this CUDA (headers and libcudnn.so)"
    if cudnn == "8" or cuda in ("10", "11"):
        return Install(manager)["libcudnn8-dev"]
    if cuda in ("12", "13"):
        return Install(manager)["libcudnn9-dev-cuda-" + cuda]
    return (
        "install the development files of JetPack's cuDNN (libcudnn8-dev up to JetPack 6.0, then libcudnn9-dev-cuda-12)"
    )


def name_toolkit(around, manager, family):
    """How to install nvcc here."""
    release = re.match(r"(\d{1,2})\.(\d)", str(around.get("cuda") or ""))
    if family == "jetson" and release:
        return Install(manager)["cuda-toolkit-%s-%s" % release.groups()]
    return "install the CUDA toolkit of the CUDA that torch was built with (torch.version.cuda)"


def name_package(library, manager):
    """The package of a library in the words of the system's package manager, or how to find it."""
    if manager in (None, "apt"):
        return package_of(library)
    return "the package that contains it%s" % (SEARCHES[manager] % library if manager in SEARCHES else "")


def rank_texts(evidence):
    """Texts to look for a cause in, the most telling first.

    If the process died, or an accelerator is missing, nothing but all texts together says why.
    """
    own, others = [], []
    if not evidence["died"]:
        errors = list_errors(check for check in evidence["checks"] if not check.get("advisory"))
        own, others = errors[:1], errors[1:]
    everything = list_texts(evidence)
    if own:  # what an advisory check found is no reason for the failure of another
        advisory = list_errors(check for check in evidence["checks"] if check.get("advisory"))
        everything = [text for text in everything if text not in advisory]
    # torch has words of its own for a library that it does not find.
    return [
        name_missing_library("\n".join(texts)) for texts in (own, others, everything) if texts or texts is everything
    ]


def list_errors(checks):
    return [
        "%s: %s" % (check["error"].get("type"), check["error"].get("text")) for check in checks if check.get("error")
    ]


def list_texts(evidence):
    """Errors, reasons and warnings of torch and Python, and the lines of vendors' libraries. The output itself only if
    the process died: it may contain anything.
    """
    texts = list_errors(evidence["checks"])
    texts += [str(evidence["accelerator"].get("cause") or "")] + evidence["warnings"]
    if evidence["died"]:
        return texts + [evidence["problem"] or "", evidence["stderr"]]
    return texts + [found.group(0).strip() for found in VENDOR_LINE.finditer(evidence["stderr"])][:VENDOR_LINES]


def list_last_lines(evidence, count=12):
    """The lines that a person would read first."""
    for check in evidence["checks"]:
        if check.get("error") and not check.get("advisory"):
            return [str(line) for line in check["error"].get("traceback") or ()][-count:]
    if not evidence["died"]:
        return "\n".join(list_texts(evidence)).strip().splitlines()[-count:]
    lines = (evidence["problem"] or evidence["stderr"] or evidence["stdout"]).strip().splitlines()
    for number, line in enumerate(lines):
        if line.startswith("Fatal Python error"):
            # faulthandler's stack: the innermost call is first; frames of the import system do not help.
            return [line for line in lines[number:] if "<frozen importlib" not in line][:count]
    return lines[-count:]
