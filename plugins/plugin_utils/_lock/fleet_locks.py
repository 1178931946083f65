# Copyright (c) 2026 the edgeai.fleet authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to edgeai.fleet: its interface may change in any release.

"""For a whole bench at once: locks are read or made, files are fetched, and each board is told its share."""

from __future__ import annotations

import shutil
import tempfile
import urllib.parse
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any

from .._base.errors import Refused, Unreachable
from .._base.files import write_atomically
from .._base.network_errors import fix_for
from .._base.urls import local_path
from .._model.lock import artifacts_of
from .._wheelhouse.build_records import Records
from .._wheelhouse.package_index import Sources
from .._wheelhouse.pip_config import Configuration
from .._wheelhouse.store import FetchFailed, Mismatch, Wheelhouse, WheelhouseError
from .build_inputs import Builds, refused
from .lockfile import environment_id, lock_key, read_lock, render
from .named_files import Explicit, Gatherer
from .pins import Pins
from .wheel_lock import resolve

RESOLVERS = 2
PINS = "pins.json"


class Provider:
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
        self.index = Sources(configuration)
        self.wheelhouse = Wheelhouse(wheelhouse, configuration, say)
        self.folder = locks
        self.pins = Pins(locks / PINS, check)
        self.relock = relock
        self.check = check
        self.say = say
        self.builds = Builds(Records(wheelhouse), relock, check)
        self.plans: dict[str, dict[str, Any]] = {}  # by the key of the lock, like all that follows
        self.locks: dict[str, dict[str, Any]] = {}
        self.refusals: dict[str, dict[str, Any]] = {}
        self.unreachable: dict[str, Unreachable] = {}
        self._known: dict[str, dict[str, Any] | None] = {}

    def provide(self, plans: dict[str, dict[str, Any]], delivery: str) -> dict[str, Any]:
        """What the module returns: the locks, and the share of each board, of which these are the plans."""
        serving = {host: self._settled(plan) for host, plan in plans.items()}
        with self._workplace() as place:
            ready = self._ready(serving)
            self._lock(ready.values(), place)
            lost = {
                host: error
                for host, plan in ready.items()
                if plan["otherwise"] and (error := self.unreachable.get(lock_key(plan)))
            }
            serving.update((host, _fallen(serving[host], str(error))) for host, error in lost.items())
            ready = self._ready(serving)
            self._lock([ready[host] for host in lost if host in ready], place)
            self._stop_if_nothing_answers(ready)
            before = {key: render(kept) if (kept := self._kept(key)) else "" for key in self.locks}
            written = self._write(before)
            if delivery == "index":
                self._refuse_what_boards_cannot_fetch()
            downloaded = self._fetch(delivery)
            if not self.check:
                self._write(
                    {key: before[key] if key not in written else "" for key in self.locks}
                )  # with the sizes that were measured
            boards = {host: self._share(plan) for host, plan in ready.items()}
            builds, waiting = self._wait(
                {host: plan for host, plan in serving.items() if host not in ready}, delivery, place
            )
        boards.update(waiting)
        downloaded = sorted({*downloaded, *self.wheelhouse.downloaded, *(self._lacking(builds) if self.check else ())})
        return {
            "changed": bool(written or downloaded or self.pins.recorded),
            "locks": self.locks,
            "boards": {host: boards[host] for host in plans},
            "builds": builds,
            "wheelhouse": str(self.wheelhouse.root),
            "downloaded": downloaded,
            "pinned": sorted(self.pins.recorded),
            "warnings": self._warnings(),
            "diff": (
                [_difference(self._path(key), before[key], render(self.locks[key])) for key in written]
                + (
                    [_difference(self.pins.path, self.pins.before or "", self.pins.text())]
                    if self.pins.recorded
                    else []
                )
            ),
        }

    def _share(self, plan: dict[str, Any]) -> dict[str, Any]:
        key = lock_key(plan)
        refusal = self.refusals.get(key)
        return (
            {"refusal": refusal}
            if refusal
            else {"lock": key, "id": environment_id(plan, self.locks[key]), "plan": plan}
        )

    def _warnings(self) -> list[str]:
        down = [f"the source {place} was passed over: {why}" for place, why in self.index.down.items()]
        verb = "would be" if self.check else "is"
        trusted = [
            f"{name} was trusted on first use: its sha256 {sha256} {verb} recorded in {self.pins.path}; compare it with"
            " a source that you trust, and commit that file"
            for name, sha256 in sorted(self.pins.recorded.items())
        ]
        ignored = self.index.configuration.ignored
        unused = [f"of the settings of the control node, these are not used: {'; '.join(ignored)}"] if ignored else []
        return unused + self._unknown_to_rattler() + down + trusted + self.wheelhouse.warnings

    def _unknown_to_rattler(self) -> list[str]:
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
            [f"py-rattler, which asks conda channels, cannot use {', '.join(names)} of pip's configuration"]
            if names
            else []
        )

    # --- what is compiled

    def _ready(self, serving: dict[str, dict[str, Any]]) -> dict[str, dict[str, Any]]:
        """The plans of which nothing has to be compiled any more, with the wheels of what was."""
        return {host: self.builds.served(plan) for host, plan in serving.items() if not self.builds.missing(plan)}

    def _wait(
        self, plans: dict[str, dict[str, Any]], delivery: str, place: Path
    ) -> tuple[dict[str, dict[str, Any]], dict[str, dict[str, Any]]]:
        """What can be compiled now, by key, with all that a builder needs for it; and the share of the boards that wait
        for it.
        """
        builds: dict[str, dict[str, Any]] = {}
        failed: dict[str, dict[str, Any]] = {}
        for host, plan in plans.items() if delivery == "wheelhouse" else ():
            for build in self.builds.startable(plan):
                key = build["key"]
                if key not in builds and key not in failed:
                    try:
                        builds[key] = {**build, **self._inputs(build, plan, place), "hosts": []}
                    except Refused as error:
                        failed[key] = refused(build, error)
                if key in builds:
                    builds[key]["hosts"].append(host)
        shares = {}
        for host, plan in plans.items():
            keys = [build["key"] for build in self.builds.missing(plan)]
            refusal = (
                _out_of_reach(plan)
                if delivery == "index"
                else next((failed[key] for key in keys if key in failed), None)
            )
            shares[host] = {"refusal": refusal} if refusal else {"refusal": None, "waiting": keys}
        return builds, shares

    def _inputs(self, build: dict[str, Any], plan: dict[str, Any], place: Path) -> dict[str, Any]:
        """The source's archive, if it is one, and the packages that it is compiled with, in the wheelhouse."""
        archive = self.builds.archive(build)
        try:
            wheels = self.builds.wheels(build, plan, self.index, place, self._gatherer(place))
        except Unreachable as error:
            raise Refused(str(error), error.way_out) from error
        artifacts = [*wheels, *([archive] if archive else [])]
        if not self.check and (failed := self.wheelhouse.provide(artifacts)):
            why = "; ".join(map(str, failed.values()))
            raise Refused(why, f"{fix_for(why)}, or correct torch_build_source")
        return {"wheels": wheels, "archive": archive}

    def _lacking(self, builds: dict[str, dict[str, Any]]) -> Iterator[str]:
        for build in builds.values():
            for artifact in (*build["wheels"], build["archive"]):
                if artifact and not self.wheelhouse.has(artifact):
                    yield artifact["filename"]

    # --- which plan serves a board

    def _settled(self, plan: dict[str, Any]) -> dict[str, Any]:
        """The plan, or what stands in for it if that is what was locked: a second run asks nobody and changes
        nothing.
        """
        other = plan["otherwise"]
        if (
            other
            and not self.relock
            and not self._kept(lock_key(plan))
            and self._kept(lock_key(self.builds.served(other)))
        ):
            return _fallen(plan, "when this was locked, no conda channel could be used")
        return plan

    def _stop_if_nothing_answers(self, serving: dict[str, dict[str, Any]]) -> None:
        """Not a matter of one board: nothing can be resolved here."""
        errors = [error for plan in serving.values() if (error := self.unreachable.get(lock_key(plan)))]
        if errors and len(errors) == len(serving):
            raise errors[0]

    # --- locks

    @contextmanager
    def _workplace(self) -> Iterator[Path]:
        """A place for uv's cache: in the wheelhouse, which is then this run's alone; in check mode nothing is made
        there.
        """
        if self.check:
            with tempfile.TemporaryDirectory(prefix="edgeai-fleet-") as temporary:
                yield Path(temporary)
        else:
            with self.wheelhouse.exclusive():
                cache = self.wheelhouse.root / "uv-cache"
                try:
                    yield cache
                finally:  # uv unpacks the wheels of find-links folders into it, gigabytes; a lock is seldom made
                    shutil.rmtree(cache, ignore_errors=True)

    def _path(self, key: str) -> Path:
        return self.folder / f"{key}.json"

    def _kept(self, key: str) -> dict[str, Any] | None:
        """The lock that was there when the run began."""
        if key not in self._known:
            try:
                self._known[key] = read_lock(self._path(key), key)
            except ValueError as error:
                if not self.relock:
                    message = (
                        f"the lock {self._path(key)} is damaged: {error}. Delete it, or set torch_relock: true, to have"
                        " it made again"
                    )
                    raise ValueError(message) from error
                self._known[key] = None
        return self._known[key]

    def _lock(self, plans: Iterable[dict[str, Any]], place: Path) -> None:
        """Find or make the lock of each plan, or its refusal."""
        # Of two boards that share a lock, one that trusts on first use is enough: then the file is pinned for both.
        new = {
            key: plan
            for plan in sorted(plans, key=lambda plan: plan["trust_on_first_use"])
            if (key := lock_key(plan)) not in self.plans
        }
        self.plans.update(new)
        missing = {key: plan for key, plan in new.items() if self.relock or not self._kept(key)}
        gatherer = self._gatherer(place)
        for key in new.keys() - missing.keys():
            self._attempt(key, partial(self._agreed, key, gatherer))
        for key, plan in missing.items():  # all are checked before anything is fetched for one of them
            self._attempt(key, partial(gatherer.check, plan))
        ready = {key: plan for key, plan in missing.items() if key not in self.refusals}
        gathered: dict[str, tuple[dict[str, Explicit], list[dict[str, Any]]]] = {}

        def gather(key: str) -> None:
            gathered[key] = gatherer.gather(ready[key])

        for key in ready:
            self._attempt(key, partial(gather, key))
        with ThreadPoolExecutor(RESOLVERS) as pool:
            list(
                pool.map(
                    lambda item: self._attempt(item[0], lambda: self._resolve(item[0], place, *item[1])),
                    gathered.items(),
                )
            )

    def _gatherer(self, place: Path) -> Gatherer:
        store = (
            Wheelhouse(place / "wheelhouse", self.wheelhouse.configuration, self.say) if self.check else self.wheelhouse
        )
        return Gatherer(self.wheelhouse, self.pins, store)

    def _attempt(self, key: str, action: Callable[[], None]) -> None:
        try:
            action()
        except Refused as refused:
            self.refusals[key] = refused.refusal
        except Unreachable as error:
            self.unreachable[key] = error
            self.refusals[key] = Refused(str(error), error.way_out).refusal

    def _agreed(self, key: str, gatherer: Gatherer) -> None:
        """A kept lock, unless the pins or the catalogue have come to say something else."""
        kept = self._kept(key)
        assert kept is not None  # only kept ones are asked about
        gatherer.contradicted(self.plans[key], kept)
        self.locks[key] = kept

    def _resolve(self, key: str, place: Path, wheels: dict[str, Explicit], files: list[dict[str, Any]]) -> None:
        plan, kept = self.plans[key], self._kept(key)
        torch, target = plan["torch"], plan["target"]
        self.say(
            f"resolving torch {torch['specifier'] or '(any version)'} for {target['architecture']}, Python"
            f" {target['python']}"
        )
        lock = resolve(plan, self.index, place, wheels, files)
        self.locks[key] = kept if kept and _essence(kept) == _essence(lock) else lock

    def _write(self, before: dict[str, str]) -> list[str]:
        """The keys of the locks that differ from what was there."""
        written = [key for key, lock in self.locks.items() if render(lock) != before[key]]
        for key in written if not self.check else ():
            try:
                write_atomically(self._path(key), render(self.locks[key]))
            except OSError as error:
                message = (
                    f"the lock {self._path(key)} cannot be written: {error.strerror}; set wheelhouse_locks to a"
                    " directory that you may write"
                )
                raise WheelhouseError(message) from error
        return written

    # --- artifacts

    def _refuse_what_boards_cannot_fetch(self) -> None:
        for key, lock in self.locks.items():
            local = [artifact for artifact in [*lock["packages"], *lock["tools"]] if local_path(artifact["url"])]
            if local:
                others = f" and {len(local) - 1} more" if len(local) > 1 else ""
                self.refusals[key] = Refused(
                    f"torch_delivery is index, but {local[0]['filename']}{others} comes from the control node's own"
                    f" disk ({local[0]['url']}), where a board cannot fetch it",
                    "use torch_delivery: wheelhouse; or serve these files by HTTP, name that place to pip of the"
                    " control node, and lock again with torch_relock: true",
                ).refusal

    def _fetch(self, delivery: str) -> list[str]:
        """The names of the files that were fetched (in check mode: would be).

        Locks that cannot be had whole are refused.
        """
        locks = {key: lock for key, lock in self.locks.items() if key not in self.refusals}
        artifacts = [
            artifact
            for lock in locks.values()
            for artifact in (artifacts_of(lock) if delivery == "wheelhouse" else lock["files"])
        ]
        failed = {} if self.check or not artifacts else self.wheelhouse.provide(artifacts)
        if (
            self.check or delivery == "index"
        ):  # a board has to know how much space it needs; an index in HTML does not tell it, nor does a plain URL
            needed = [
                *(artifacts if self.check else ()),
                *(artifact for lock in locks.values() for artifact in lock["packages"]),
            ]
            failed.update(self.wheelhouse.measure(artifact for artifact in needed if artifact["size"] is None))
        for key, lock in locks.items():
            errors = [failed[artifact["sha256"]] for artifact in artifacts_of(lock) if artifact["sha256"] in failed]
            if errors:
                self.refusals[key] = self._incomplete(self.plans[key], errors)
        if self.check:
            distinct = {artifact["sha256"]: artifact for artifact in artifacts}
            return sorted(artifact["filename"] for artifact in distinct.values() if not self.wheelhouse.has(artifact))
        return sorted(self.wheelhouse.downloaded)

    def _incomplete(self, plan: dict[str, Any], errors: list[FetchFailed]) -> dict[str, Any]:
        explicit = {wanted["filename"]: wanted for wanted in [*plan["wheels"], *plan["files"]]}
        replaced, why = [error for error in errors if isinstance(error, Mismatch)], "; ".join(map(str, errors))
        for error in replaced:
            wanted = explicit.get(error.filename)
            if wanted and self.pins.expected(wanted):  # a new lock would not help
                return self.pins.mismatch(wanted, error.found).refusal
        fix = (
            "if that source has replaced it on purpose, resolve again with torch_relock: true"
            if replaced
            else (f"{fix_for(why)}; if the file is gone, torch_relock: true resolves again")
        )
        return Refused(why, fix).refusal


def _out_of_reach(plan: dict[str, Any]) -> dict[str, Any]:
    """Said before anything is compiled for hours."""
    names = ", ".join(f"{build['package']} {build['version']}" for build in plan["builds"])
    return Refused(
        f"torch_delivery is index, but {names} must be compiled for this board, and what is compiled is on the control"
        " node's own disk only",
        "use torch_delivery: wheelhouse, or torch_build_policy: never",
    ).refusal


def _fallen(plan: dict[str, Any], why: str) -> dict[str, Any]:
    """The plan that serves where conda cannot."""
    other = plan["otherwise"]
    return {
        **other,
        "warnings": [
            *other["warnings"],
            f"{why}: torch comes as wheels into a virtual environment. torch_relock: true tries conda again.",
        ],
    }


def _essence(lock: dict[str, Any]) -> list[Any]:
    """What a new resolution can say anew; without that the kept lock stays, with its date and its measured sizes."""
    return [
        [{**artifact, "size": None, "unpacked": None} for artifact in artifacts_of(lock)],
        lock["torch"],
        lock["sources"],
        lock["warnings"],
    ]


def _difference(path: Path, before: str, after: str) -> dict[str, str]:
    return {"before_header": str(path), "after_header": str(path), "before": before, "after": after}
