# Copyright (c) 2026 the edgeai.fleet authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to edgeai.fleet: its interface may change in any release.

"""For a whole fleet at once: read or make the locks, fetch the files, and return each board's part."""

from __future__ import annotations

import shutil
import tempfile
import urllib.parse
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any, cast

from .._base import network_errors, urls
from .._base.errors import Refused, Unreachable
from .._base.files import write_atomically
from .._model.lock import artifacts_of
from .._wheelhouse import build_records, package_index, store
from .._wheelhouse.pip_config import Configuration
from .build_inputs import PlannedBuilds, build_refusal
from .lockfile import environment_id, lock_id, read_lock, render_lock
from .named_files import FileGatherer, NamedWheel
from .pins import Pins
from .pylock import pylock_name, render_pylock
from .target_platform import target_text
from .upload_times import UploadTimes
from .wheel_lock import resolve_plan

RESOLVERS = 2
PINS = "pins.json"
_NAMED = 8  # locks in a message


class FleetLocks:
    """One run of the wheelhouse."""

    def __init__(
        self,
        configuration: Configuration,
        wheelhouse: Path,
        locks: Path,
        relock: bool,
        check: bool,
        say: Callable[[str], None],
    ) -> None:
        self.index = package_index.Sources(configuration)
        self.wheelhouse = store.Wheelhouse(wheelhouse, configuration, say)
        self.folder = locks
        self.pins = Pins(locks / PINS, check)
        self.relock = relock
        self.check = check
        self.say = say
        self.builds = PlannedBuilds(build_records.BuildRecords(wheelhouse), relock, check)
        self.plans: dict[str, dict[str, Any]] = {}  # by lock id, like all that follows
        self.locks: dict[str, dict[str, Any]] = {}
        self.refusals: dict[str, dict[str, Any]] = {}
        self.unreachable: dict[str, Unreachable] = {}
        self._kept_lock = cache(self._read_kept_lock)  # by lock id, as it was when the run began

    def lock_and_fetch(self, plans: dict[str, dict[str, Any]], delivery: str) -> dict[str, Any]:
        """What the module returns, with these plans by board."""
        serving = {host: self._plan_in_use(plan) for host, plan in plans.items()}
        with self._work_folder() as work_folder:
            ready = self._compiled_plans(serving)
            self._lock_plans(ready.values(), work_folder)
            without_conda = {
                host: error
                for host, plan in ready.items()
                if plan["otherwise"] and (error := self.unreachable.get(lock_id(plan)))
            }
            serving.update(
                (host, _plan_without_conda(serving[host], str(error))) for host, error in without_conda.items()
            )
            ready = self._compiled_plans(serving)
            self._lock_plans([ready[host] for host in without_conda if host in ready], work_folder)
            self._stop_if_nothing_answers(ready)
            before = {key: render_lock(kept) if (kept := self._kept_lock(key)) else "" for key in self.locks}
            written = self._write_locks(before)
            if delivery == "index":
                self._refuse_what_boards_cannot_fetch()
            downloaded = self._fetch_artifacts(delivery)
            if not self.check:  # again, with the sizes that were measured
                self._write_locks({key: before[key] if key not in written else "" for key in self.locks})
            boards = {host: self._board_result(plan) for host, plan in ready.items()}
            builds, waiting = self._pending_builds(
                {host: plan for host, plan in serving.items() if host not in ready}, delivery, work_folder
            )
        boards.update(waiting)
        if self.check:
            downloaded += [
                artifact["filename"]
                for build in builds.values()
                for artifact in (*build["wheels"], build["archive"])
                if artifact and not self.wheelhouse.has(artifact)
            ]
        downloaded = sorted({*downloaded, *self.wheelhouse.downloaded})
        return {
            "changed": bool(written or downloaded or self.pins.recorded),
            "locks": self.locks,
            "boards": {host: boards[host] for host in plans},
            "builds": builds,
            "wheelhouse": str(self.wheelhouse.root),
            "pins": str(self.pins.path),
            "downloaded": downloaded,
            "pinned": sorted(self.pins.recorded),
            "warnings": self._collect_warnings(),
            "diff": (
                [_diff_entry(self._lock_path(key), before[key], render_lock(self.locks[key])) for key in written]
                + (
                    [_diff_entry(self.pins.path, self.pins.before or "", self.pins.render_pins())]
                    if self.pins.recorded
                    else []
                )
            ),
        }

    def kept_for(self, plan: dict[str, Any]) -> tuple[dict[str, Any], dict[str, Any] | None]:
        """The plan in use and the lock that is kept for it, or None. Nothing is resolved or fetched."""
        serving = self._plan_in_use(plan)
        if self.builds.missing_builds(serving):
            return serving, None
        serving = self.builds.with_compiled_wheels(serving)
        return serving, self._kept_lock(lock_id(serving))

    def _board_result(self, plan: dict[str, Any]) -> dict[str, Any]:
        key = lock_id(plan)
        if key in self.refusals:
            return {"refusal": self.refusals[key]}
        return {"lock": key, "id": environment_id(plan, self.locks[key]), "plan": plan}

    def _collect_warnings(self) -> list[str]:
        ignored, verb = self.index.configuration.ignored, "would be" if self.check else "is"
        return [
            *([f"these settings of the control node are not used: {'; '.join(ignored)}"] if ignored else []),
            *self._settings_unknown_to_rattler(),
            *(f"the source {source} was skipped: {why}" for source, why in self.index.down.items()),
            *(
                f"{name} was trusted on first use: its sha256 {sha256} {verb} recorded in {self.pins.path}; compare it"
                " with a trusted source, and commit that file"
                for name, sha256 in sorted(self.pins.recorded.items())
            ),
            *self.wheelhouse.warnings,
        ]

    def _settings_unknown_to_rattler(self) -> list[str]:
        configuration = self.index.configuration
        channels = [channel for plan in self.plans.values() if plan["conda"] for channel in plan["conda"]["channels"]]
        hosts = {urllib.parse.urlsplit(channel).hostname for channel in channels}
        names = [
            name
            for name, concerned in (
                ("client-cert", configuration.client_cert and hosts - {None}),
                ("trusted-host", hosts.intersection(configuration.trusted_hosts)),
                ("keyring-provider", configuration.keyring and hosts - {None}),
            )
            if concerned
        ]
        return (
            [f"py-rattler, which reads conda channels, cannot use {', '.join(names)} of pip's configuration"]
            if names
            else []
        )

    # --- what is compiled

    def _compiled_plans(self, serving: dict[str, dict[str, Any]]) -> dict[str, dict[str, Any]]:
        """The plans for which everything is compiled, with the compiled wheels."""
        return {
            host: self.builds.with_compiled_wheels(plan)
            for host, plan in serving.items()
            if not self.builds.missing_builds(plan)
        }

    def _pending_builds(
        self, plans: dict[str, dict[str, Any]], delivery: str, work_folder: Path
    ) -> tuple[dict[str, dict[str, Any]], dict[str, dict[str, Any]]]:
        """By build id what can be compiled now, with all that a builder needs; and the results for waiting boards."""
        builds: dict[str, dict[str, Any]] = {}
        failed: dict[str, dict[str, Any]] = {}
        for host, plan in plans.items() if delivery == "wheelhouse" else ():
            for build in self.builds.startable_builds(plan):
                key = build["key"]
                if key not in builds and key not in failed:
                    try:
                        builds[key] = {**build, **self._build_inputs(build, plan, work_folder), "hosts": []}
                    except Refused as error:
                        failed[key] = build_refusal(build, error)
                if key in builds:
                    builds[key]["hosts"].append(host)
        shares = {}
        for host, plan in plans.items():
            keys = [build["key"] for build in self.builds.missing_builds(plan)]
            refusal = (
                _refuse_index_delivery(plan)
                if delivery == "index"
                else next((failed[key] for key in keys if key in failed), None)
            )
            shares[host] = {"refusal": refusal} if refusal else {"refusal": None, "waiting": keys}
        return builds, shares

    def _build_inputs(self, build: dict[str, Any], plan: dict[str, Any], work_folder: Path) -> dict[str, Any]:
        """The source archive, if there is one, and the packages to compile with, fetched into the wheelhouse."""
        archive = self.builds.source_archive(build)
        wheels = self.builds.packages_for(build, plan, self.index, work_folder, self._make_gatherer(work_folder))
        if not self.check and (failed := self.wheelhouse.fetch_all([*wheels, *([archive] if archive else [])])):
            why = "; ".join(map(str, failed.values()))
            raise Refused(why, f"{network_errors.fix_for(why)}, or correct torch_build_source")
        return {"wheels": wheels, "archive": archive}

    # --- the plan of a board

    def _plan_in_use(self, plan: dict[str, Any]) -> dict[str, Any]:
        """The plan, or its replacement without conda if that was locked: a second run asks no channel again."""
        other = plan["otherwise"]
        if (
            other
            and not self.relock
            and not self._kept_lock(lock_id(plan))
            and self._kept_lock(lock_id(self.builds.with_compiled_wheels(other)))
        ):
            return _plan_without_conda(plan, "no conda channel could be used when this was locked")
        return plan

    def _stop_if_nothing_answers(self, serving: dict[str, dict[str, Any]]) -> None:
        """If no plan can be resolved, the run stops."""
        errors = [error for plan in serving.values() if (error := self.unreachable.get(lock_id(plan)))]
        if errors and len(errors) == len(serving):
            raise errors[0]

    # --- locks

    @contextmanager
    def _work_folder(self) -> Iterator[Path]:
        """A folder for uv's cache, in the wheelhouse, which is locked for this run; in check mode elsewhere."""
        if self.check:
            with tempfile.TemporaryDirectory(prefix="edgeai-fleet-") as temporary:
                yield Path(temporary)
        else:
            with self.wheelhouse.lock_for_run():
                folder = self.wheelhouse.root / "uv-cache"
                try:
                    yield folder
                finally:  # uv unpacks gigabytes of find-links wheels into it, and locks are made rarely
                    shutil.rmtree(folder, ignore_errors=True)

    def _lock_path(self, key: str) -> Path:
        return self.folder / f"{key}.json"

    def _read_kept_lock(self, key: str) -> dict[str, Any] | None:
        try:
            return read_lock(self._lock_path(key), key)
        except ValueError as error:
            if not self.relock:
                raise ValueError(
                    f"the lock {self._lock_path(key)} is damaged: {error}. Delete it, or set torch_relock: true, to"
                    " make it again"
                ) from error
            return None

    def _lock_plans(self, plans: Iterable[dict[str, Any]], work_folder: Path) -> None:
        """Find or make the lock of each plan, or its refusal."""
        # If one of two boards that share a lock trusts on first use, the file is pinned for both.
        new = {
            key: plan
            for plan in sorted(plans, key=lambda plan: plan["trust_on_first_use"])
            if (key := lock_id(plan)) not in self.plans
        }
        self.plans.update(new)
        missing = {key: plan for key, plan in new.items() if self.relock or not self._kept_lock(key)}
        if self.index.configuration.offline:
            self.refusals.update((key, self._refuse_without_lock(plan).refusal) for key, plan in missing.items())
        gatherer = self._make_gatherer(work_folder)
        for key in new.keys() - missing.keys():
            with self._refused_alone(key):
                kept = cast(dict[str, Any], self._kept_lock(key))  # otherwise it is missing
                UploadTimes(self.plans[key], self.index).check_kept_lock(kept)
                gatherer.check_kept_lock(self.plans[key], kept)
                self.locks[key] = kept
        missing = {key: plan for key, plan in missing.items() if key not in self.refusals}
        for key, plan in missing.items():  # all are checked before anything is fetched
            with self._refused_alone(key):
                gatherer.check_plan(plan)
        gathered: dict[str, tuple[dict[str, NamedWheel], list[dict[str, Any]]]] = {}
        for key in [key for key in missing if key not in self.refusals]:
            with self._refused_alone(key):
                gathered[key] = gatherer.gather_files(missing[key])

        def resolve(key: str) -> None:
            with self._refused_alone(key):
                self._resolve_plan(key, work_folder, *gathered[key])

        with ThreadPoolExecutor(RESOLVERS) as pool:
            list(pool.map(resolve, gathered))

    def _refuse_without_lock(self, plan: dict[str, Any]) -> Refused:
        """For a plan that nobody can lock without a network."""
        there = sorted(
            f"torch {lock['torch']} for {target_text(lock['target'])}"
            for path in self.folder.glob("*.json")
            if (lock := _whole_lock(path)) is not None
        )
        more = f" and {len(there) - _NAMED} more" if len(there) > _NAMED else ""
        return Refused(
            f"{self.folder} has no lock for torch {plan['torch']['specifier'] or '(any version)'} for"
            f" {target_text(plan['target'])} with these options, and wheelhouse_offline is true. It has"
            f" {'; '.join(there[:_NAMED]) or 'none'}{more}",
            "make a bundle for this board as it is and with its variables: the facts of a board that the maker of the"
            " bundle cannot reach are in the file that explain_json names, and bundle_facts reads that file",
        )

    def _make_gatherer(self, work_folder: Path) -> FileGatherer:
        temporary = store.Wheelhouse(work_folder / "wheelhouse", self.index.configuration, self.say)
        return FileGatherer(self.wheelhouse, self.pins, temporary if self.check else self.wheelhouse)

    @contextmanager
    def _refused_alone(self, key: str) -> Iterator[None]:
        """An error in this block refuses the plans with this lock; the others go on."""
        try:
            yield
        except Refused as error:
            self.refusals[key] = error.refusal
            if isinstance(error, Unreachable):
                self.unreachable[key] = error

    def _resolve_plan(
        self, key: str, work_folder: Path, wheels: dict[str, NamedWheel], files: list[dict[str, Any]]
    ) -> None:
        plan, kept = self.plans[key], self._kept_lock(key)
        torch, target = plan["torch"], plan["target"]
        self.say(
            f"resolving torch {torch['specifier'] or '(any version)'} for {target['architecture']}, Python"
            f" {target['python']}"
        )
        lock = resolve_plan(plan, self.index, work_folder, wheels, files)
        self.locks[key] = kept if kept and _resolved_parts(kept) == _resolved_parts(lock) else lock

    def _write_locks(self, before: dict[str, str]) -> list[str]:
        """The ids of the locks that differ from the kept ones."""
        written = [key for key, lock in self.locks.items() if render_lock(lock) != before[key]]
        for key in written if not self.check else ():
            pylock = render_pylock(self.locks[key])
            try:
                if pylock:  # first: a lock that is kept is not written again
                    write_atomically(self.folder / pylock_name(key), pylock)
                write_atomically(self._lock_path(key), render_lock(self.locks[key]))
            except OSError as error:
                raise store.WheelhouseError(
                    f"the lock {self._lock_path(key)} cannot be written: {error.strerror}; set wheelhouse_locks to a"
                    " writable directory"
                ) from error
        return written

    # --- artifacts

    def _refuse_what_boards_cannot_fetch(self) -> None:
        for key, lock in self.locks.items():
            if local := [
                artifact for artifact in [*lock["packages"], *lock["tools"]] if urls.local_path(artifact["url"])
            ]:
                others = f" and {len(local) - 1} more" if len(local) > 1 else ""
                self.refusals[key] = Refused(
                    f"torch_delivery is index, but {local[0]['filename']}{others} is on the control node's own disk"
                    f" ({local[0]['url']}), where boards cannot fetch it",
                    "use torch_delivery: wheelhouse; or serve these files by HTTP, add that URL to pip's configuration"
                    " of the control node, and lock again with torch_relock: true",
                ).refusal

    def _fetch_artifacts(self, delivery: str) -> list[str]:
        """The names of the files that were fetched, in check mode those that would be.

        Locks of which a file cannot be fetched are refused.
        """
        locks = {key: lock for key, lock in self.locks.items() if key not in self.refusals}
        artifacts = [
            artifact
            for lock in locks.values()
            for artifact in (artifacts_of(lock) if delivery == "wheelhouse" else lock["files"])
        ]
        failed = {} if self.check or not artifacts else self.wheelhouse.fetch_all(artifacts)
        # A board has to know how much space it needs; neither an HTML index nor a plain URL says it.
        if self.check or delivery == "index":
            needed = [
                *(artifacts if self.check else ()),
                *(artifact for lock in locks.values() for artifact in lock["packages"]),
            ]
            failed.update(self.wheelhouse.measure_sizes(artifact for artifact in needed if artifact["size"] is None))
        for key, lock in locks.items():
            if errors := [
                failed[artifact["sha256"]] for artifact in artifacts_of(lock) if artifact["sha256"] in failed
            ]:
                self.refusals[key] = self._fetch_refusal(self.plans[key], errors)
        if self.check:
            distinct = {artifact["sha256"]: artifact for artifact in artifacts}
            return sorted(artifact["filename"] for artifact in distinct.values() if not self.wheelhouse.has(artifact))
        return sorted(self.wheelhouse.downloaded)

    def _fetch_refusal(self, plan: dict[str, Any], errors: list[store.FetchFailed]) -> dict[str, Any]:
        explicit = {wanted["filename"]: wanted for wanted in [*plan["wheels"], *plan["files"]]}
        replaced, why = [error for error in errors if isinstance(error, store.Mismatch)], "; ".join(map(str, errors))
        for error in replaced:
            wanted = explicit.get(error.filename)
            if wanted and self.pins.expected_sha256(wanted):  # relocking would not help
                return self.pins.refuse_mismatch(wanted, error.found).refusal
        if self.index.configuration.offline:
            return Refused(why, "copy the bundle again; `sh install.sh --check` in it names damaged files").refusal
        fix = (
            "if the source replaced the file on purpose, resolve again with torch_relock: true"
            if replaced
            else (f"{network_errors.fix_for(why)}; if the file is gone, torch_relock: true resolves again")
        )
        return Refused(why, fix).refusal


def _whole_lock(path: Path) -> dict[str, Any] | None:
    try:
        return read_lock(path, path.stem)
    except ValueError:  # pins, or a damaged lock
        return None


def _refuse_index_delivery(plan: dict[str, Any]) -> dict[str, Any]:
    """Before anything is compiled for hours."""
    names = ", ".join(f"{build['package']} {build['version']}" for build in plan["builds"])
    return Refused(
        f"torch_delivery is index, but {names} must be compiled for this board, and compiled wheels are only on the"
        " control node's own disk",
        "use torch_delivery: wheelhouse, or torch_build_policy: never",
    ).refusal


def _plan_without_conda(plan: dict[str, Any], why: str) -> dict[str, Any]:
    """The plan's replacement where conda cannot be used."""
    other = plan["otherwise"]
    return {
        **other,
        "warnings": [
            *other["warnings"],
            f"{why}: torch is installed as wheels in a virtual environment. torch_relock: true tries conda again.",
        ],
    }


def _resolved_parts(lock: dict[str, Any]) -> list[Any]:
    """What resolving again can change; if it does not, the kept lock stays, with its date and measured sizes."""
    return [
        [{**artifact, "size": None, "unpacked": None} for artifact in artifacts_of(lock)],
        lock["torch"],
        lock["sources"],
        lock["warnings"],
    ]


def _diff_entry(path: Path, before: str, after: str) -> dict[str, str]:
    return {"before_header": str(path), "after_header": str(path), "before": before, "after": after}
