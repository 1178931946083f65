# Copyright (c) 2026 the edgeai.fleet authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to edgeai.fleet: its interface may change in any release.

"""Run the probe in an environment's own interpreter, as the workload's user.

Its findings are evidence; _verify/verdict.py judges them.

The probe is a child process because `import torch` may kill its process (SIGILL, SIGSEGV), never return, or end the
process: each of these is a verdict.
"""

import json
import os
import pwd
import resource
import selectors
import signal
import subprocess
import tempfile
import time

from .._verify import networks, probe
from .board_context import (
    COMPANIONS,
    compare_with_lock,
    count_oom_kills,
    find_replaced_companions,
    find_who_needs_library,
    is_replaced,
    list_full_disks,
    read_temperature,
    read_versions,
)
from .diagnosis import LIBRARY, list_texts

OUTPUT = 64 * 1024  # of stdout and of stderr, the last of each
EVIDENCE = 1024 * 1024  # of the probe's messages, the first
POLL = 0.05
# Variables that mislead Python, or belong to Ansible. PYTHONPATH stays: if sshd, PAM or the shell set it, the workload
# has it too.
DROPPED = ("PYTHONHOME", "VIRTUAL_ENV", "__PYVENV_LAUNCHER__")
# Variables of Ansible's user, which are wrong for another user.
PERSONAL = ("TMPDIR", "MAIL", "XDG_RUNTIME_DIR", "XDG_CACHE_HOME", "XDG_CONFIG_HOME", "XDG_DATA_HOME", "XDG_STATE_HOME")


class ProbeError(Exception):
    """The probe cannot run as requested; the text is for the person."""


def run_probe(
    python,
    environment=None,
    user=None,
    timeout=600,
    expect="auto",
    level="standard",
    modules=(),
    features=None,
    family=None,
    cwd=None,
    left_out=(),
    checks=(),
):
    """Raw evidence, not judged: messages of the probe, how its process ended, the end of its output, surroundings."""
    account = find_account(user)
    switch = account.pw_uid != os.geteuid()
    began = time.monotonic()
    collected = {"stdout": Tail(OUTPUT), "stderr": Tail(OUTPUT), "messages": Head(EVIDENCE)}
    problem, timed_out, status = None, False, None
    asked = {
        "expect": expect,
        "level": level,
        "modules": list(modules),
        "features": features or {},
        "left_out": list(left_out),
        "checks": list(checks),
    }
    if level == "deep":
        asked["networks"] = read_source(networks)
    kills, temperature = count_oom_kills(), read_temperature()
    ours, theirs = os.pipe()
    with open(ours, "rb") as messages:
        try:
            # run_command knows no time-out, no limit and no descriptors
            process = subprocess.Popen(  # pylint: disable=ansible-bad-function
                # Left alone (the module was killed), the probe ends itself somewhat later than it would be killed here.
                [python, "-c", read_source(probe), str(theirs), json.dumps(asked), str(timeout + 30)],
                env=make_environment(account, switch, environment or {}),
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                pass_fds=(theirs,),
                start_new_session=True,
                preexec_fn=make_child_setup(account, switch, cwd or account.pw_dir),
            )
        except (OSError, subprocess.SubprocessError) as error:
            problem = "%s cannot be started as user %s: %s" % (
                python,
                account.pw_name,
                getattr(error, "strerror", None) or error,
            )
        finally:
            os.close(theirs)
        if not problem:
            timed_out = watch_process(
                process,
                {
                    process.stdout: collected["stdout"],
                    process.stderr: collected["stderr"],
                    messages: collected["messages"],
                },
                timeout,
            )
            process.stdout.close()
            process.stderr.close()
            status = process.poll()  # None for a process that cannot be killed
    ended = time.monotonic()

    evidence = {
        "python": python,
        "user": account.pw_name,
        "expect": expect,
        "level": level,
        "modules": asked["modules"],
        "own": [check["name"] for check in checks],
        "family": family,
        "left_out": asked["left_out"],
        "timeout": timeout,
        "problem": problem,
        "seconds": ended - began,
        "temperature": [temperature, read_temperature()],
        "variables": environment or {},
        "stdout": collected["stdout"].decode_text(),
        "stderr": collected["stderr"].decode_text(),
    }
    evidence.update(read_messages(collected["messages"].decode_text(), began, ended))
    evidence["died"] = describe_death(evidence["stage"], timed_out, status)
    evidence["surroundings"] = describe_surroundings(python, evidence, kills, account.pw_dir)
    return evidence


def describe_surroundings(python, evidence, kills, home):
    """What the diagnosis needs to know about the environment and the process."""
    pair = compare_with_lock(python)
    text = "\n".join(list_texts(evidence))
    library = LIBRARY.search(text)
    places = [os.path.dirname(python), home, tempfile.gettempdir(), "/var/tmp"]
    return {
        "full": list_full_disks(places) if "No space left" in text else [],
        "conda": os.path.isdir(os.path.join(os.path.dirname(os.path.dirname(python)), "conda-meta")),
        "replaced": pair if is_replaced(pair) else None,
        "companions": find_replaced_companions(python),
        "versions": read_versions(os.path.dirname(os.path.dirname(python)), COMPANIONS),
        "out_of_memory": kills is not None and (count_oom_kills() or 0) > kills,
        "needed_by": find_who_needs_library(library.group(1), evidence["torch"].get("file")) if library else None,
    }


def read_source(module):
    """The source of the probe or its networks, which need no file: /tmp may be full, or closed to the user.

    On a board, module_utils are in AnsiballZ's zip archive: the source comes from its loader, not from a path.
    """
    return module.__spec__.loader.get_source(module.__name__)


def find_account(user):
    """The passwd entry of the user to run the probe as; of the current user if none is named."""
    try:
        account = pwd.getpwnam(user) if user else pwd.getpwuid(os.geteuid())
    except KeyError:
        raise ProbeError(
            "user %s does not exist on this board: create the user first, or choose another one (torch_user)"
            % (user or os.geteuid())
        ) from None
    if os.geteuid() not in (0, account.pw_uid):
        raise ProbeError(
            "verifying as user %s needs root, and this runs as uid %d: set become: true, or verify as the running user"
            % (account.pw_name, os.geteuid())
        )
    return account


def make_environment(account, switch, variables):
    """Variables of the child: those of this process (on a board set by sshd and PAM), the user's identity, and last the
    environment's.
    """
    environment = dict(
        (name, value)
        for name, value in os.environ.items()
        if name not in DROPPED and not name.startswith("ANSIBLE_") and not (switch and name in PERSONAL)
    )
    if switch:
        environment.update(HOME=account.pw_dir, USER=account.pw_name, LOGNAME=account.pw_name, SHELL=account.pw_shell)
    environment.update((str(name), str(value)) for name, value in variables.items())
    return environment


def make_child_setup(account, switch, directory):
    """The function that the child runs between fork and exec. Look-ups and steps that may fail are done before."""
    groups = os.getgrouplist(account.pw_name, account.pw_gid) if switch else []
    cores = resource.getrlimit(resource.RLIMIT_CORE)[1]

    def enter():
        resource.setrlimit(resource.RLIMIT_CORE, (0, cores))  # no core files of a gigabyte in the user's home
        if switch:
            os.setgroups(groups)
            os.setgid(account.pw_gid)
            os.setuid(account.pw_uid)
        os.umask(0o022)
        try:
            os.chdir(directory)
        except OSError:
            os.chdir("/")

    return enter


class Tail(object):
    """Keeps the last bytes of a stream."""

    def __init__(self, limit):
        self.limit = limit
        self.data = b""

    def add_chunk(self, chunk):
        self.data = (self.data + chunk)[-self.limit :]

    def decode_text(self):
        return self.data.decode("utf-8", "replace")


class Head(Tail):
    """Keeps the first bytes of a stream."""

    def add_chunk(self, chunk):
        self.data += chunk[: self.limit - len(self.data)]


def watch_process(process, streams, timeout):
    """Read all streams until the process ends; kill it with its children at the time-out. True if it timed out."""
    # SIGABRT makes faulthandler write where it hangs. A process stuck in a driver survives even SIGKILL and is left
    # behind.
    steps = [
        (timeout, lambda: os.kill(process.pid, signal.SIGABRT)),
        (timeout + 2, lambda: kill_group(process)),
        (timeout + 7, None),
    ]
    began, ended, timed_out = time.monotonic(), False, False
    with selectors.DefaultSelector() as selector:
        for stream, keeper in streams.items():
            selector.register(stream, selectors.EVENT_READ, keeper)
        while True:
            for key, _unused in selector.select(POLL):
                chunk = os.read(key.fd, 65536)
                if chunk:
                    key.data.add_chunk(chunk)
                else:
                    selector.unregister(key.fileobj)
            spent = time.monotonic() - began
            # Without reaping it: its id stays taken, so killing the group hits no other process.
            if not ended and os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOHANG | os.WNOWAIT):
                # The rest of its group is killed. A process that left the group may hold a stream open: do not wait.
                ended = True
                kill_group(process)
                steps = [(spent + 1, None)]
            if ended and not selector.get_map():
                return timed_out
            if spent > steps[0][0]:
                action = steps.pop(0)[1]
                if action is None:
                    return timed_out
                timed_out = True
                action()


def kill_group(process):
    try:
        os.killpg(process.pid, signal.SIGKILL)
    except (ProcessLookupError, PermissionError):
        pass


# What the judge expects under these names; None is allowed for all.
KINDS = {
    "environment": dict,
    "hwcap": int,
    "uid": int,
    "machine": str,
    "kind": str,
    "nodes": list,
    "devices": list,
    "features": dict,
}


def fits_kind(name, value):
    return value is None or isinstance(value, KINDS.get(name, object))


def clean_error(error):
    """An error of a check with the types that the judge expects."""
    if error is None:
        return None
    lines = error.get("traceback")
    return {
        "type": str(error.get("type")),
        "text": str(error.get("text")),
        "traceback": [str(line) for line in lines] if isinstance(lines, list) else [],
    }


def read_messages(text, began, ended):
    """The messages of the probe.

    A crash can cut the last one, and a program can write to any descriptor: lines that are not messages are skipped.
    """
    found = {"start": {}, "torch": {}, "accelerator": {}, "checks": [], "skipped": [], "timings": {}, "warnings": []}
    stages = [("start", began)]
    for line in text.split("\n"):
        try:
            message = json.loads(line)
        except (ValueError, RecursionError):
            continue
        if not isinstance(message, dict):
            continue
        if isinstance(message.get("stage"), str) and isinstance(message.get("at"), float):
            stages.append((message["stage"], message["at"]))
        for name in ("start", "torch", "accelerator"):
            if isinstance(message.get(name), dict):
                found[name].update((key, value) for key, value in message[name].items() if fits_kind(key, value))
        check, skipped, timing, warning = (message.get(name) for name in ("check", "skipped", "timing", "warning"))
        if (
            isinstance(check, dict)
            and isinstance(check.get("name"), str)
            and isinstance(check.get("passed"), bool)
            and isinstance(check.get("error"), (dict, type(None)))
        ):
            found["checks"].append(dict(check, error=clean_error(check.get("error"))))
        if isinstance(skipped, dict):
            found["skipped"].append({"name": str(skipped.get("name")), "why": str(skipped.get("why"))})
        if isinstance(timing, dict) and isinstance(timing.get("seconds"), float):
            found["timings"][str(timing.get("name"))] = timing["seconds"]
        if isinstance(warning, dict):
            found["warnings"].append("%s: %s" % (warning.get("category"), warning.get("text")))
    moments = [at for _unused, at in stages[1:]] + [ended]
    found["stages"] = [{"name": name, "seconds": round(until - at, 3)} for (name, at), until in zip(stages, moments)]
    found["stage"] = stages[-1][0]
    return found


def describe_death(stage, timed_out, status):
    """How the process died; None if it passed all stages and ended with status 0."""
    if stage == "exit" and status == 0 and not timed_out:
        return None
    died = {"stage": stage, "signal": None, "exit_status": status, "timeout": timed_out}
    if timed_out:
        died["exit_status"] = None  # the signal was sent by watch_process
    elif status is not None and status < 0:
        died.update(signal=name_signal(-status), exit_status=None)
    elif status is not None and status > 128:
        died["signal"] = name_signal(status - 128)  # a shell's way to report a signal
    return died


def name_signal(number):
    try:
        return signal.Signals(number).name
    except ValueError:
        return "signal %d" % number if number <= signal.SIGRTMAX else None
