# Copyright (c) 2026 the edgeai.fleet authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The module torch_build on a builder of the lab, with a source tree that has PyTorch's build interface and compiles in
seconds.
"""

from __future__ import annotations

import hashlib
import json
import subprocess
import sys
import time
import zipfile
from pathlib import Path

import torch_source
import yaml
from playbook_runs import Operator

ROOT = "/opt/edgeai/torch"
VERSION = "2.6.0"
#: Turns off all features that the tree would compile.
NOTHING = dict.fromkeys(
    ("cuda", "distributed", "mkldnn", "nnpack", "qnnpack", "xnnpack", "fbgemm", "kineto", "tests"), False
)


def ssh(lab: Operator, board: str, command: str) -> subprocess.CompletedProcess:
    return subprocess.run(
        ["ssh", "-F", lab.inventory.parent / "ssh_config", board, command],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )


def archive(lab: Operator, files: dict[str, bytes], filename: str = f"pytorch-v{VERSION}.tar.gz") -> dict[str, str]:
    """Write the files as an archive to the wheelhouse; return the source that names it."""
    made = lab.directory / "archives" / filename
    sha256 = torch_source.pack(files, made)
    kept(lab, made)
    return {"archive": f"https://example.org/{filename}", "sha256": sha256, "filename": filename}


def kept(lab: Operator, path: Path) -> dict[str, str]:
    """Copy a file to the wheelhouse; return its artifact."""
    sha256 = hashlib.sha256(path.read_bytes()).hexdigest()
    target = wheelhouse(lab) / "sha256" / sha256 / path.name
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_bytes(path.read_bytes())
    return {"filename": path.name, "sha256": sha256}


def wheelhouse(lab: Operator) -> Path:
    return lab.directory / "wheelhouse"


def build(name: str, kernels: int = 2, weight: int = 2, environment: dict | None = None, **arguments: object) -> dict:
    """Return the module's arguments for a build of this name.

    Without a source, it is the tree on every builder's disk.
    """
    key = hashlib.sha256(name.encode()).hexdigest()[:16]
    return {
        "root": ROOT,
        "key": key,
        "version": VERSION,
        "label": f"edgeai.k{key[:12]}",
        "python": "/usr/bin/python3",
        "features": NOTHING,
        "source": {"directory": "/srv/torch"},
        "environment": {"BUILD_KERNELS": kernels, "BUILD_KERNEL_WEIGHT": weight, **(environment or {})},
        "memory_mib": 64,
        "job_mib": 64,
        "space_mib": 1,
        "nice": 0,
        "poll": 2,
        **arguments,
    }


def place(job: dict) -> str:
    return f"{job['root']}/builds/{job['key']}"


def command(
    lab: Operator, jobs: list[dict], *options: str, board: str = "builder", told: str = "told.json"
) -> list[str]:
    """Return the command of a playbook run with one task for each build. A failed build does not stop later ones."""
    tasks = [
        {"name": job["key"], "edgeai.fleet.torch_build": job, "register": f"build_{number}", "ignore_errors": True}
        for number, job in enumerate(jobs)
    ]
    results = ", ".join(f"build_{number}" for number in range(len(jobs)))
    tasks.append(
        {
            "name": "Tell",
            "become": False,
            "delegate_to": "localhost",
            "vars": {"ansible_python_interpreter": "{{ ansible_playbook_python }}"},
            "ansible.builtin.copy": {
                "dest": str(lab.directory / told),
                "mode": "0644",
                "content": "{{ [" + results + "] | to_json }}",
            },
            "check_mode": False,
        }
    )
    playbook = (lab.directory / told).with_suffix(".yml")
    playbook.write_text(
        yaml.safe_dump([{"name": "Compile", "hosts": board, "gather_facts": False, "become": True, "tasks": tasks}]),
        encoding="utf-8",
    )
    return [str(Path(sys.executable).with_name("ansible-playbook")), str(playbook), "-i", str(lab.inventory), *options]


def start(lab: Operator, jobs: list[dict], *options: str, **more: str) -> subprocess.Popen:
    return subprocess.Popen(
        command(lab, jobs, *options, **more),
        cwd=lab.directory,
        env=lab.environment(),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


def finish(lab: Operator, run: subprocess.Popen, told: str = "told.json") -> list[dict]:
    """Return the results of a run's tasks, each with the whole `output` of the run."""
    output = run.communicate(timeout=1200)[0]
    assert run.returncode == 0, output
    return [{**result, "output": output} for result in json.loads((lab.directory / told).read_text(encoding="utf-8"))]


def attempt(lab: Operator, *jobs: dict, options: tuple[str, ...] = (), **more: str) -> list[dict]:
    return finish(lab, start(lab, list(jobs), *options, **more))


def compiled(lab: Operator, job: dict, **more: object) -> dict:
    """Return the result of a build that must succeed."""
    (result,) = attempt(lab, {**job, "wheelhouse": str(wheelhouse(lab)), **more})
    assert not result.get("failed"), result["msg"] + result["output"]
    return result


def wheel_of(lab: Operator, result: dict) -> dict[str, str]:
    """Return the sha256 of each file in the wheel that a build left in the wheelhouse."""
    record = result["record"]
    with zipfile.ZipFile(wheelhouse(lab) / "sha256" / record["sha256"] / record["filename"]) as content:
        return {name: hashlib.sha256(content.read(name)).hexdigest() for name in content.namelist()}


def until(lab: Operator, job: dict, number: int) -> None:
    """Wait until ninja has reported this number of compiled objects."""
    deadline = time.monotonic() + 300
    while (
        int(ssh(lab, "builder", f"sudo cat {place(job)}/log 2>/dev/null | grep -ac 'Building CXX object'").stdout)
        < number
    ):
        assert time.monotonic() < deadline, ssh(lab, "builder", f"sudo tail {place(job)}/log").stdout
        time.sleep(0.2)


def steps(lab: Operator, job: dict, board: str = "builder") -> list[str]:
    """Return the objects that ninja reported as compiled, in all runs of a build."""
    log = ssh(lab, board, f"sudo grep -ao 'Building CXX object .*' {place(job)}/log").stdout
    return [line.rsplit("/", 1)[1] for line in log.splitlines() if "/kernels/" in line]
