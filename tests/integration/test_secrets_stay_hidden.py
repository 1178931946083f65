# Copyright (c) 2026 the edgeai.fleet authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Passwords of mirrors and tokens of the workload, in whole runs with -vvv: used, and never visible."""

from __future__ import annotations

import json
import os
import re
import stat
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest
import run_units
import venvs
import yaml
from index_support import Site
from playbook_runs import Operator

PASSWORD, TOKEN, KEY = "S3cr3tPw-of-mirror", "hf_T0kenOfTheWorkload", "bu1ldK3y-of-cache"


@pytest.fixture
def mirror():
    """A package index with a password and a namesake of torch."""
    site = Site()
    site.password = PASSWORD
    site.add("torch", "2.9.1+cpu")
    yield site
    site.close()


@pytest.fixture(params=[run_units.OLDEST[0], run_units.NEWEST[0]], ids=["oldest", "newest"])
def core(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    python = venvs.BUILD / f"core-{request.param}" / "bin" / "python"
    if python.exists():
        monkeypatch.setattr("sys.executable", str(python))


def secretive(operator: Operator, mirror) -> dict:
    """Return the secret variables of the inventory, each with its use."""
    variables = {
        "torch_mirrors": {"https://download.pytorch.org/whl/cpu": f"http://me:{PASSWORD}@{mirror.host}/simple"},
        "torch_environment": {"HF_TOKEN": TOKEN, "OMP_NUM_THREADS": "1"},
        "torch_build_environment": {"SCCACHE_KEY": KEY},
    }
    inventory = yaml.safe_load(operator.inventory.read_text(encoding="utf-8"))
    inventory["all"]["vars"] = variables
    operator.inventory.write_text(yaml.safe_dump(inventory), encoding="utf-8")
    return variables


def leaks(text: str) -> list[str]:
    return [secret for secret in (PASSWORD, TOKEN, KEY) if secret in text]


def readable_by_all(folder: Path) -> list[Path]:
    return [
        path
        for path in folder.rglob("*")
        if path.is_file() and path.stat().st_mode & stat.S_IROTH and leaks(path.read_bytes().decode("utf-8", "replace"))
    ]


def test_nothing_is_seen_of_a_plan_and_its_lock(local: Operator, mirror, core):
    secretive(local, mirror)
    explained = local.run("explain", "-vvv")
    assert explained.status == 0, explained.output
    assert (
        f"http://********@{mirror.host}/simple" in explained.output
        and "HF_TOKEN=********" in explained.output
        and "OMP_NUM_THREADS=1" in explained.output
    )
    assert not leaks(explained.output)
    run = local.provision("-vvv", "--diff", "--check", wheelhouse_dir=str(local.directory / "wheelhouse"))
    assert run.status == 0, run.output
    assert "torch-2.9.1+cpu-py3-none-any.whl" in run.output and not leaks(run.output)


def test_a_whole_run_shows_no_secret(local: Operator, mirror):
    secretive(local, mirror)
    run = local.provision("-vvv", "--diff", wheelhouse_dir=str(local.directory / "wheelhouse"))
    assert run.status != 0, run.output  # it is a namesake of torch
    assert mirror.fetched() == ["torch-2.9.1+cpu-py3-none-any.whl"], run.output  # with its password
    assert not leaks(run.output)
    environment = next((local.directory / "torch" / "envs").glob("*-1"))
    secret = environment / ".edgeai" / "secrets.sh"
    assert TOKEN in secret.read_text(encoding="utf-8") and stat.S_IMODE(secret.stat().st_mode) == 0o600
    assert not readable_by_all(local.directory / "torch")
    assert not [
        path
        for folder in ("reports", "locks", "wheelhouse")
        for path in (local.directory / folder).rglob("*")
        if path.is_file() and leaks(path.read_bytes().decode("utf-8", "replace"))
    ]
    assert '"HF_TOKEN": "********"' in next((local.directory / "reports").glob("latest/report.json")).read_text(
        encoding="utf-8"
    )


@pytest.mark.parametrize("place", ["mirror", "requirement"])
def test_what_only_one_place_needs_is_used_and_kept_out_of_the_lock(local: Operator, place):
    """URLs with a token, /t/TOKEN/, as on Anaconda's servers; no other variable has these tokens."""
    index, other = Site(), Site()
    index.add("torch", "2.9.1+cpu")
    other.add("extra", "1.0")
    index.token = f"/t/{TOKEN}" if place == "mirror" else ""
    other.password = PASSWORD
    wanted = {"torch_mirrors": {"https://download.pytorch.org/whl/cpu": f"{index.url}{index.token}/simple"}}
    if place == "requirement":
        wanted["torch_requirements"] = [f"extra @ http://me:{PASSWORD}@{other.host}/files/extra-1.0-py3-none-any.whl"]
    run = local.provision("-vvv", "--diff", wheelhouse_dir=str(local.directory / "wheelhouse"), **wanted)
    fetched = f"{index.token}/files/torch-2.9.1+cpu-py3-none-any.whl"
    assert fetched in [path for agent, path, _range in index.log if agent == "edgeai.fleet"] and len(
        other.fetched()
    ) == (place == "requirement"), run.output
    index.close()
    other.close()
    assert "is not PyTorch" in run.output, run.output
    assert not leaks(run.output)
    assert not [
        path
        for folder in ("reports", "locks", "wheelhouse", "torch")
        for path in (local.directory / folder).rglob("*")
        if path.is_file() and leaks(path.read_bytes().decode("utf-8", "replace"))
    ]


ROLE = """
- hosts: all
  gather_facts: false
  vars:
    torch_mirrors:
      https://download.pytorch.org/whl/cpu: !vault |
{mirror}
    torch_environment: {{HF_TOKEN: "{token}-{{{{ inventory_hostname }}}}"}}
  roles: [edgeai.fleet.x86_conda]
"""


def play(operator: Operator, text: str, *arguments: str) -> str:
    playbook = operator.directory / "play.yml"
    playbook.write_text(text, encoding="utf-8")
    done = subprocess.run(
        [
            str(Path(sys.executable).with_name("ansible-playbook")),
            str(playbook),
            "-i",
            str(operator.inventory),
            "-vvv",
            *arguments,
        ],
        cwd=operator.directory,
        env=operator.environment(),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout
    return done.stdout


def test_secrets_of_a_play_and_of_each_of_its_hosts(local: Operator, mirror):
    """The secrets are not in an inventory: a task that runs once for all hosts still finds those of each host."""
    inventory = yaml.safe_load(local.inventory.read_text(encoding="utf-8"))
    variables = inventory["all"]["hosts"].pop("localhost")
    inventory["all"]["hosts"] = {
        name: {**variables, "torch_root": str(local.directory / name)} for name in ("one", "two")
    }
    local.inventory.write_text(yaml.safe_dump(inventory), encoding="utf-8")
    key = local.directory / "key"
    key.write_text("vault", encoding="utf-8")
    encrypted = subprocess.run(
        [str(Path(sys.executable).with_name("ansible-vault")), "encrypt", "--vault-password-file", str(key)],
        input=f"http://me:{PASSWORD}@{mirror.host}/simple",
        env=local.environment(),
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    text = ROLE.format(mirror=textwrap.indent(encrypted, " " * 8), token=TOKEN)
    output = play(
        local,
        text,
        "--check",
        "--diff",
        "--vault-password-file",
        str(key),
        "-e",
        f"wheelhouse_dir={local.directory / 'house'}",
    )
    assert not leaks(output)
    identities = set(re.findall(r"added: +- +(\w+)-1|\"added\": \[ *\"(\w+)-1\"", " ".join(output.split())))
    assert len(identities) == 2, output  # each with its own token


PLAY = """
- hosts: all
  gather_facts: false
  tasks:
    - edgeai.fleet.torch_verify:
        python: {python}
        level: quick
        environment: {{HF_TOKEN: {token}}}
    - ansible.builtin.debug:
        msg: "{{{{ lookup('edgeai.fleet.torch_request') }}}}"
"""


@pytest.mark.parametrize(
    "value",
    [{"torch_mirrors": [f"http://me:{PASSWORD}@h/"]}, {"torch_mirrors": {f"x://me:{PASSWORD}@h/": "https://h/"}}],
)
def test_messages_about_a_wrong_request_quote_no_password(local: Operator, value):
    run = local.run("explain", **value)
    assert run.status != 0 and "torch_mirrors" in run.output, run.output
    assert not leaks(run.output)


def test_modules_used_alone_and_the_lookup_show_no_secret(local: Operator):
    output = play(
        local,
        PLAY.format(python=sys.executable, token=TOKEN),
        "-e",
        json.dumps({"torch_environment": {"HF_TOKEN": TOKEN}}),
    )
    assert not leaks(output)


CONTAINER = """
- hosts: all
  gather_facts: false
  tasks:
    - edgeai.fleet.builder_container:
        name: x
        suite: bookworm
        architecture: {architecture}
        directory: {directory}
        mirrors: ["deb http://me:{password}@mirror.example/debian bookworm main"]
        environment: {{HF_TOKEN: {token}, http_proxy: "http://me:{password}@proxy.example:3128", QEMU_CPU: max}}
      environment: {{PATH: "{programs}:{{{{ lookup('ansible.builtin.env', 'PATH') }}}}"}}
      register: made
      ignore_errors: true
    - ansible.builtin.debug: {{var: made}}
"""
DOCKER = """#!/bin/sh
case "$1 $2" in
  version*) echo 1.0;;
  "image inspect") echo '[{}]';;
  *inspect) echo "Error: No such thing" >&2; exit 1;;
  *) echo "what is $*?" >&2; exit 1;;
esac
"""


def test_a_builder_container_shows_no_secret(local: Operator):
    """The secret is neither in its arguments nor in the command of the engine that fails."""
    programs = local.directory / "bin"
    programs.mkdir()
    (programs / "docker").write_text(DOCKER, encoding="utf-8")
    (programs / "docker").chmod(0o755)
    architecture = {"x86_64": "amd64", "aarch64": "arm64"}[os.uname().machine]
    output = play(
        local,
        CONTAINER.format(
            password=PASSWORD,
            token=TOKEN,
            directory=local.directory / "keys",
            programs=programs,
            architecture=architecture,
        ),
    )
    assert "docker create" in output and "QEMU_CPU=max" in output, output
    assert not leaks(output)
