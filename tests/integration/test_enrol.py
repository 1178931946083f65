# Copyright (c) 2026 the edgeai.fleet authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A board that nobody knows, with a password: shown, enrolled once, and refused when its host key changes."""

from __future__ import annotations

import subprocess

import pytest
import yaml
from playbook_runs import Operator

LAB = {"name": "enrol", "vars": {"ansible_become": True}, "boards": [{"name": "board", "users": ["pi"]}]}
PASSWORD = "geheim $'\" 7"
SETUP = """
printf '%s\\n' "pi:{password}" | chpasswd
sed -i 's/^PasswordAuthentication no/PasswordAuthentication yes/; s|^AuthorizedKeysFile.*|& .ssh/authorized_keys|' \\
    /etc/ssh/sshd_config.d/lab.conf
kill -HUP 1
"""
NEW_KEY = """
ssh-keygen -q -t ed25519 -N '' -f /tmp/other
cat /tmp/other > /etc/ssh/ssh_host_ed25519_key
kill -HUP 1
"""


def on_board(lab: Operator, command: str) -> str:
    return subprocess.run(
        ["ssh", "-F", lab.inventory.parent / "ssh_config", "board", "sudo", "sh", "-s"],
        input=command,
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    ).stdout


@pytest.fixture
def operator(lab: Operator, tmp_path) -> Operator:
    """A person with a new key who knows the board's address only."""
    known = yaml.safe_load(lab.inventory.read_text(encoding="utf-8"))["all"]["children"]["boards"]["hosts"]["board"]
    inventory = tmp_path / "new.yml"
    host = {"ansible_host": known["ansible_host"], "ansible_user": "pi"}
    inventory.write_text(yaml.safe_dump({"all": {"hosts": {"found": host}}}), encoding="utf-8")
    subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", tmp_path / "id"], check=True)
    return Operator(tmp_path, inventory)


def test_a_board_is_taken_in_once(lab: Operator, operator: Operator, tmp_path):
    on_board(lab, SETUP.format(password=PASSWORD.replace("$", "\\$").replace('"', '\\"')))
    known_hosts, written = tmp_path / "known hosts", tmp_path / "lab.yml"
    written.write_text("# ours\nall:\n  hosts:\n    pc: {ansible_host: 192.0.2.21}\n", encoding="utf-8")
    variables = {
        "enrol_key": str(tmp_path / "id.pub"),
        "enrol_known_hosts": str(known_hosts),
        "enrol_inventory": str(written),
        "enrol_name": "pi-1",
    }
    shown = operator.run("enrol", **variables)
    assert (shown.status, shown.changed()) == (0, 0), shown.output
    key = lab.inventory.parent / "boards" / "board" / "host_key.pub"
    fingerprint = subprocess.run(["ssh-keygen", "-lf", key], capture_output=True, text=True, check=True).stdout.split()[
        1
    ]
    assert f"{fingerprint} (ssh-ed25519)" in shown.output and "Nothing was changed." in shown.output
    assert not known_hosts.exists() and "pi-1" not in written.read_text(encoding="utf-8")

    wrong = operator.run("enrol", enrol_accept=True, enrol_fingerprint="SHA256:other", **variables)
    assert wrong.status != 0 and "another device answers there" in wrong.output and not known_hosts.exists()
    (tmp_path / "password").write_text("not-this-1\n", encoding="utf-8")  # as -k reads it from a terminal
    asked = ["--connection-password-file", str(tmp_path / "password")]
    bad = operator.run("enrol", "-vvv", *asked, enrol_accept=True, **variables)
    assert "not-this-1" not in bad.output
    assert bad.status != 0 and "the password was not accepted" in bad.output
    assert on_board(lab, "cat ~pi/.ssh/authorized_keys 2>/dev/null | grep -c new-operator; true").strip() in ("", "0")

    variables |= {"enrol_accept": True, "enrol_fingerprint": fingerprint}
    predicted = operator.run("enrol", "--check", enrol_password=PASSWORD, **variables)
    assert predicted.status == 0 and "pi-1" not in written.read_text(encoding="utf-8"), predicted.output
    # A variable of the inventory, as a vault has it: extra variables are arguments, which -vvv shows.
    (tmp_path / "group_vars").mkdir()
    (tmp_path / "group_vars" / "all.yml").write_text(yaml.safe_dump({"enrol_password": PASSWORD}), encoding="utf-8")
    done = operator.run("enrol", "-vvv", "--diff", **variables)
    assert done.status == 0, done.output
    assert "geheim" not in done.output
    assert "operator's key installed" in done.output and "+    pi-1: {ansible_host: " in done.output
    text = written.read_text(encoding="utf-8")
    assert text.startswith("# ours\nall:\n  hosts:\n    pc: {ansible_host: 192.0.2.21}\n    pi-1: {")
    assert known_hosts.stat().st_mode & 0o777 == 0o600

    # What was written is enough to log in, without the password.
    (tmp_path / "group_vars" / "all.yml").unlink()
    ping = subprocess.run(
        [operator.command("x")[0].replace("ansible-playbook", "ansible"), "pi-1", "-i", str(written), "-m", "raw"]
        + ["-a", "id -un", "--private-key", str(tmp_path / "id")]
        + [f"--ssh-common-args=-o 'UserKnownHostsFile=\"{known_hosts}\"' -o PasswordAuthentication=no"],
        env=operator.environment(),
        stdout=subprocess.PIPE,
        text=True,
        check=False,
    )
    assert ping.returncode == 0 and "\npi\n" in ping.stdout, ping.stdout
    again = operator.run("enrol", **variables)
    assert (again.status, again.changed()) == (0, 0), again.output
    assert on_board(lab, "wc -l < ~pi/.ssh/authorized_keys").strip() == "1"

    on_board(lab, NEW_KEY)
    del variables["enrol_fingerprint"]
    before = known_hosts.read_bytes()
    changed = operator.run("enrol", **variables)
    assert changed.status != 0 and "has changed" in changed.output and "ssh-keygen -R" in changed.output
    assert known_hosts.read_bytes() == before
