# Copyright (c) 2026 the edgeai.fleet authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Make or verify a bundle: everything that a lab without internet needs for its boards."""

from __future__ import annotations

import json
import pathlib
import tempfile
import typing as t

from ansible.plugins.action import ActionBase
from ansible.utils.display import Display
from ansible_collections.edgeai.fleet.plugins.module_utils._base.secrets import redact
from ansible_collections.edgeai.fleet.plugins.plugin_utils._base import clock, progress
from ansible_collections.edgeai.fleet.plugins.plugin_utils._bundle import (
    collection_archive,
    contents,
    control_node,
    layout,
    page,
    signature,
    verification,
    writer,
)
from ansible_collections.edgeai.fleet.plugins.plugin_utils._playbooks.explained_boards import explain_boards
from ansible_collections.edgeai.fleet.plugins.plugin_utils._rollout.host_variables import PROVIDED, results_of
from ansible_collections.edgeai.fleet.plugins.plugin_utils._wheelhouse import package_index, pip_config, store

display = Display()
#: What is left out of the comparison of two descriptions.
_MOMENT = "created"


def _say(text: str) -> None:
    display.display(text)
    progress.append({"doing": text})


class ActionModule(ActionBase):
    """Runs on the control node only: it needs no connection to any board."""

    _requires_connection = False

    def run(self, tmp: str | None = None, task_vars: dict[str, t.Any] | None = None) -> dict[str, t.Any]:
        result = super().run(tmp, task_vars)
        _result, self._options = self.validate_argument_spec(
            {
                "purpose": {"type": "str", "choices": ["make", "check", "verify"], "default": "make"},
                "path": {"type": "path"},
                "hosts": {"type": "list", "elements": "str", "default": []},
                "python": {"type": "str"},
                "platform": {"type": "str"},
                "key": {"type": "path"},
                "signer": {"type": "str"},
                "tar": {"type": "bool", "default": False},
                "relock": {"type": "bool", "default": False},
            }
        )
        try:
            if not self._options["path"]:
                raise layout.BundleError("bundle_path is missing: name the place of the bundle (-e bundle_path=...).")
            path = pathlib.Path(self._options["path"]).absolute()
            if self._options["purpose"] == "verify":
                return {**result, **self._verify(path), "changed": False}
            target = control_node.parse_target(self._options["python"], self._options["platform"])
            writer.check_place(path)
            fingerprint = self._fingerprint_of_key()
            if self._options["purpose"] == "check":
                control_node.choose_core(target, {})
                return {**result, "changed": False}
            return {**result, **self._make(path, target, fingerprint, task_vars or {})}
        except (layout.BundleError, store.WheelhouseError, RuntimeError, ValueError) as error:
            # Not raised: what is wrong with a bundle needs no traceback.
            return {**result, "failed": True, "msg": redact(str(error))}

    def _fingerprint_of_key(self) -> str | None:
        key = self._options["key"]
        if not key:
            return None
        if not pathlib.Path(key).is_file():
            raise layout.BundleError(f"bundle_key: {key} is not a file. Name the file of an SSH key.")
        return signature.fingerprints(key)[0]

    def _verify(self, path: pathlib.Path) -> dict[str, t.Any]:
        verified = verification.verify(path, self._options["signer"])
        about = verified.description
        for line in _summary_lines(path, about, verified):
            display.display(line)
        return _facts_of(path, about, verified)

    def _make(
        self, path: pathlib.Path, target: dict[str, str], fingerprint: str | None, task_vars: dict[str, t.Any]
    ) -> dict[str, t.Any]:
        # Read here, not handed over by a template: that would go through every word about every board.
        hostvars, hosts = task_vars["hostvars"], self._options["hosts"]
        locked = next((found for host in hosts if (found := results_of(hostvars, host).get(PROVIDED))), None) or {}
        explained = explain_boards(hostvars, hosts)
        boards = contents.describe_boards(explained, locked)
        inside = {host: explained[host]["board"] for host, board in boards.items() if board["state"] != "left out"}
        if not inside:
            reasons = "; ".join(f"{host}: {board['reason']}" for host, board in list(boards.items())[:3])
            raise layout.BundleError(f"There is nothing to put into a bundle: no board can be served. {reasons}")
        before = _read_description(path)
        packages = self._control_packages(target, inside, before, pathlib.Path(locked["wheelhouse"]))
        entries, about = self._collect(path, target, locked, boards, packages, bool(fingerprint), before)
        sums = layout.render_sums({name: entry.sha256 for name, entry in entries.items()})
        known = writer.read_text(path, layout.SUMS)
        signed = self._signature(path, sums, fingerprint)
        written, gone = writer.differing(path, entries)
        changed = bool(written or gone) or sums != known or signed != writer.read_text(path, layout.SIGNATURE)
        result: dict[str, t.Any] = {"changed": changed}
        if self._task.diff:
            header = str(path / layout.SUMS)
            result["diff"] = {"before_header": header, "after_header": header, "before": known or "", "after": sums}
        left_out = {host: board["reason"] for host, board in boards.items() if board["state"] != "ready"}
        if self._task.check_mode:
            size = sum(writer.size_of(entry) for entry in entries.values())
            there = f"{page.size_text(size)} of them are on this control node"
            display.display(f"\n{path} would have {len(entries)} files; {there}.")
            return {**result, "path": str(path), "left_out": left_out}
        if changed:
            writer.write_files(path, entries, written, gone, _say)
            writer.write_sums(path, sums, signed)
        verified = verification.verify(path, fingerprint)
        result.update(_facts_of(path, about, verified), left_out=left_out)
        if self._options["tar"]:
            tar, is_new = writer.write_tar(path, sums, about[_MOMENT])
            verification.verify(tar, fingerprint)
            result.update(tar=str(tar), changed=changed or is_new)
        display.display("")
        for line in _summary_lines(path, about, verified):
            display.display(line)
        return result

    def _control_packages(
        self,
        target: dict[str, str],
        boards: dict[str, dict[str, t.Any]],
        before: dict[str, t.Any],
        house: pathlib.Path,
    ) -> control_node.Packages:
        """The wheels for the control node: those of the bundle that is there, or new ones. Check mode fetches none."""
        core, undriven = control_node.choose_core(target, boards)
        kept = (before.get("control") or {}).get("packages")
        configuration = pip_config.pip_configuration()
        if not self._options["relock"] and control_node.still_serves(kept, target, core):
            packages = control_node.Packages(kept, core, undriven)
        else:
            _say(f"resolving ansible-core {core} for Python {target['python']}, {target['architecture']}")
            with tempfile.TemporaryDirectory(prefix="edgeai-fleet-") as folder:
                index = package_index.Sources(configuration)
                packages = control_node.resolve_control_node(target, boards, index, pathlib.Path(folder))
        if not self._task.check_mode:
            wheelhouse = store.Wheelhouse(house, configuration, _say)
            with wheelhouse.lock_for_run():
                failed = wheelhouse.fetch_all(packages.wheels)
            if failed:
                why = "; ".join(map(str, failed.values()))
                raise layout.BundleError(f"{why}. If a file is gone, torch_relock: true resolves again.")
        return packages

    def _collect(
        self,
        path: pathlib.Path,
        target: dict[str, str],
        locked: dict[str, t.Any],
        boards: dict[str, dict[str, t.Any]],
        packages: control_node.Packages,
        is_signed: bool,
        before: dict[str, t.Any],
    ) -> tuple[dict[str, layout.Entry], dict[str, t.Any]]:
        """All files of the bundle, and its description."""
        compiled = contents.compiled_builds(locked, boards)
        entries = contents.collect_entries(locked, boards, compiled, self._task.check_mode)
        house = pathlib.Path(locked["wheelhouse"])
        for wheel in packages.wheels:
            entries[f"{layout.WHEELS}/{wheel['filename']}"] = layout.Entry(
                wheel["sha256"], house / "sha256" / wheel["sha256"] / wheel["filename"]
            )
        entries[layout.REQUIREMENTS] = layout.Entry.of_text(control_node.render_requirements(packages.wheels))
        entries[layout.TARGET] = layout.Entry.of_text(control_node.render_target(target))
        filename, archive = collection_archive.make_archive()
        entries[f"{layout.COLLECTION}/{filename}"] = layout.Entry.of_bytes(archive)
        entries[layout.INSTALLER] = layout.Entry.of_text(page.INSTALLER.read_text(encoding="utf-8"), executable=True)
        about = {
            "schema": layout.SCHEMA,
            _MOMENT: clock.now(),
            "collection": filename.removesuffix(".tar.gz").split("-", 2)[2],
            "signed": is_signed,
            "control": {**target, "core": packages.core, "packages": packages.wheels},
            "locks": sorted({board["lock"] for board in boards.values() if board["state"] == "ready"}),
            "boards": boards,
            "artifacts": sorted(
                (
                    {name: artifact[name] for name in ("filename", "sha256", "size")}
                    for artifact in contents.collect_artifacts(locked, boards)
                ),
                key=lambda artifact: (artifact["filename"], artifact["sha256"]),
            ),
            "missing": contents.missing_parts(boards, locked, target, packages.undriven),
        }
        about = json.loads(redact(json.dumps(about)))
        if {**before, _MOMENT: None} == {**about, _MOMENT: None}:
            about[_MOMENT] = before[_MOMENT]
        entries[layout.DESCRIPTION] = layout.Entry.of_text(json.dumps(about, indent=2, sort_keys=True) + "\n")
        sizes: dict[str, int] = {}
        for name, entry in entries.items():
            part = name.partition("/")[0]
            sizes[part] = sizes.get(part, 0) + writer.size_of(entry)
        entries[layout.PAGE] = layout.Entry.of_text(page.render_page(about, sizes))
        return entries, about

    def _signature(self, path: pathlib.Path, sums: str, fingerprint: str | None) -> str | None:
        """The signature of these sums: the one that is there if it is this key's, or a new one. None without a key."""
        if fingerprint is None:
            return None
        kept = writer.read_text(path, layout.SIGNATURE)
        if kept is not None:
            try:
                if signature.signer_of(sums, kept) == fingerprint:
                    return kept
            except layout.BundleError:  # of other sums
                pass
        if self._task.check_mode:
            return ""
        return signature.sign(sums, pathlib.Path(self._options["key"]))


def _read_description(path: pathlib.Path) -> dict[str, t.Any]:
    """The description of the bundle that was made here before; {} if there is none that can be read."""
    try:
        about = json.loads(writer.read_text(path, layout.DESCRIPTION) or "{}")
    except ValueError:
        return {}
    return about if isinstance(about, dict) and about.get("schema") == layout.SCHEMA else {}


def _facts_of(path: pathlib.Path, about: dict[str, t.Any], verified: verification.Verified) -> dict[str, t.Any]:
    return {
        "path": str(path),
        "files": verified.files,
        "size": verified.size,
        "signer": verified.fingerprint,
        "created": about[_MOMENT],
        "missing": about["missing"],
    }


def _summary_lines(path: pathlib.Path, about: dict[str, t.Any], verified: verification.Verified) -> list[str]:
    """A bundle in a few lines. Whatever is in it was stripped of control characters when it was made; again here, as
    it may come from somewhere else.
    """
    control, states = about["control"], [board["state"] for board in about["boards"].values()]
    counts = ", ".join(f"{states.count(state)} {state}" for state in dict.fromkeys(states))
    signed = f"signed by {verified.fingerprint}" if verified.fingerprint else "NOT SIGNED: nobody vouches for it"
    lines = [
        f"{path}: verified, {verified.files} files, {page.size_text(verified.size)}, {signed}",
        f"  boards: {len(states)} ({counts})",
        f"  control node: Linux {control['architecture']}, glibc {control['libc']} or later, Python"
        f" {control['python']}, ansible-core {control['core']}",
        *(f"  not in it: {line}" for line in about["missing"]),
    ]
    return [contents.printable(line) for line in lines]
