# Copyright (c) 2026 the edgeai.fleet authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""For a whole bench at once: locks are read or made, files are fetched, and each board is told its share.

This util is private to the collection: its interface changes without notice.
"""
from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from ansible_collections.edgeai.fleet.plugins.plugin_utils._explicit import Explicit, Gatherer
from ansible_collections.edgeai.fleet.plugins.plugin_utils._files import write_atomically
from ansible_collections.edgeai.fleet.plugins.plugin_utils._index import Configuration, Sources, local_path
from ansible_collections.edgeai.fleet.plugins.plugin_utils._lock import Refused, Unreachable, artifacts_of, environment_id, lock_key, read_lock, render
from ansible_collections.edgeai.fleet.plugins.plugin_utils._pins import Pins
from ansible_collections.edgeai.fleet.plugins.plugin_utils._resolve import resolve
from ansible_collections.edgeai.fleet.plugins.plugin_utils._wheelhouse import FetchFailed, Mismatch, Wheelhouse, WheelhouseError

RESOLVERS = 2
PINS = 'pins.json'


class Provider:
    """One run of the wheelhouse."""

    def __init__(self, configuration: Configuration, wheelhouse: Path, locks: Path, relock: bool, check: bool, say: Callable[[str], None]) -> None:
        self.index = Sources(configuration)
        self.wheelhouse = Wheelhouse(wheelhouse, configuration, say)
        self.folder = locks
        self.pins = Pins(locks / PINS, check)
        self.relock = relock
        self.check = check
        self.say = say
        self.plans: dict[str, dict[str, Any]] = {}  # by the key of the lock, like all that follows
        self.locks: dict[str, dict[str, Any]] = {}
        self.refusals: dict[str, dict[str, Any]] = {}
        self.unreachable: dict[str, Unreachable] = {}
        self._known: dict[str, dict[str, Any] | None] = {}

    def provide(self, plans: dict[str, dict[str, Any]], delivery: str) -> dict[str, Any]:
        """What the module returns: the locks, and the share of each board, of which these are the plans."""
        refused = {host: _must_be_built(plan) for host, plan in plans.items() if plan['action'] == 'build'}
        serving = {host: self._settled(plan) for host, plan in plans.items() if host not in refused}
        with self._workplace() as place:
            self._lock(serving.values(), place)
            lost = {host: error for host, plan in serving.items() if plan['otherwise'] and (error := self.unreachable.get(lock_key(plan)))}
            serving.update((host, _fallen(serving[host], str(error))) for host, error in lost.items())
            self._lock([serving[host] for host in lost], place)
            self._stop_if_nothing_answers(serving)
            before = {key: render(kept) if (kept := self._kept(key)) else '' for key in self.locks}
            written = self._write(before)
            if delivery == 'index':
                self._refuse_what_boards_cannot_fetch()
            downloaded = self._fetch(delivery)
            if not self.check:
                self._write({key: before[key] if key not in written else '' for key in self.locks})  # with the sizes that were measured
        boards = {host: {'refusal': refusal} for host, refusal in refused.items()} | {host: self._share(plan) for host, plan in serving.items()}
        return {
            'changed': bool(written or downloaded or self.pins.recorded),
            'locks': self.locks,
            'boards': {host: boards[host] for host in plans},
            'wheelhouse': str(self.wheelhouse.root),
            'downloaded': downloaded,
            'pinned': sorted(self.pins.recorded),
            'warnings': self._warnings(),
            'diff': [_difference(self._path(key), before[key], render(self.locks[key])) for key in written]
            + ([_difference(self.pins.path, self.pins.before or '', self.pins.text())] if self.pins.recorded else []),
        }

    def _share(self, plan: dict[str, Any]) -> dict[str, Any]:
        key = lock_key(plan)
        refusal = self.refusals.get(key)
        return {'refusal': refusal} if refusal else {'lock': key, 'id': environment_id(plan, self.locks[key]), 'plan': plan}

    def _warnings(self) -> list[str]:
        down = [f'the source {place} was passed over: {why}' for place, why in self.index.down.items()]
        verb = 'would be' if self.check else 'is'
        trusted = [
            f'{name} was trusted on first use: its sha256 {sha256} {verb} recorded in {self.pins.path}; compare it with a source that you trust, '
            'and commit that file'
            for name, sha256 in sorted(self.pins.recorded.items())
        ]
        return down + trusted + self.wheelhouse.warnings

    # --- which plan serves a board

    def _settled(self, plan: dict[str, Any]) -> dict[str, Any]:
        """The plan, or what stands in for it if that is what was locked: a second run asks nobody and changes nothing."""
        other = plan['otherwise']
        if other and not self.relock and not self._kept(lock_key(plan)) and self._kept(lock_key(other)):
            return _fallen(plan, 'when this was locked, no conda channel could be used')
        return plan

    def _stop_if_nothing_answers(self, serving: dict[str, dict[str, Any]]) -> None:
        """Not a matter of one board: nothing can be resolved here."""
        errors = [self.unreachable.get(lock_key(plan)) for plan in serving.values()]
        if errors and all(errors):
            raise errors[0]

    # --- locks

    @contextmanager
    def _workplace(self) -> Iterator[Path]:
        """A place for uv's cache: in the wheelhouse, which is then this run's alone; in check mode nothing is made there."""
        if self.check:
            with tempfile.TemporaryDirectory(prefix='edgeai-fleet-') as temporary:
                yield Path(temporary)
        else:
            with self.wheelhouse.exclusive():
                cache = self.wheelhouse.root / 'uv-cache'
                try:
                    yield cache
                finally:  # uv unpacks the wheels of find-links folders into it, gigabytes; a lock is seldom made
                    shutil.rmtree(cache, ignore_errors=True)

    def _path(self, key: str) -> Path:
        return self.folder / f'{key}.json'

    def _kept(self, key: str) -> dict[str, Any] | None:
        """The lock that was there when the run began."""
        if key not in self._known:
            try:
                self._known[key] = read_lock(self._path(key), key)
            except ValueError as error:
                if not self.relock:
                    message = f'the lock {self._path(key)} is damaged: {error}. Delete it, or set torch_relock: true, to have it made again'
                    raise ValueError(message) from error
                self._known[key] = None
        return self._known[key]

    def _lock(self, plans: Iterable[dict[str, Any]], place: Path) -> None:
        """Find or make the lock of each plan, or its refusal."""
        # Of two boards that share a lock, one that trusts on first use is enough: then the file is pinned for both.
        new = {key: plan for plan in sorted(plans, key=lambda plan: plan['trust_on_first_use']) if (key := lock_key(plan)) not in self.plans}
        self.plans.update(new)
        missing = {key: plan for key, plan in new.items() if self.relock or not self._kept(key)}
        store = Wheelhouse(place / 'wheelhouse', self.wheelhouse.configuration, self.say) if self.check else self.wheelhouse
        gatherer = Gatherer(self.wheelhouse, self.pins, store)
        for key in new.keys() - missing.keys():
            self._attempt(key, lambda key=key: self._agreed(key, gatherer))
        for key, plan in missing.items():  # all are checked before anything is fetched for one of them
            self._attempt(key, lambda plan=plan: gatherer.check(plan))
        ready = {key: plan for key, plan in missing.items() if key not in self.refusals}
        gathered: dict[str, tuple[dict[str, Explicit], list[dict[str, Any]]]] = {}
        for key, plan in ready.items():
            self._attempt(key, lambda key=key, plan=plan: gathered.update({key: gatherer.gather(plan)}))
        with ThreadPoolExecutor(RESOLVERS) as pool:
            list(pool.map(lambda item: self._attempt(item[0], lambda: self._resolve(item[0], place, *item[1])), gathered.items()))

    def _attempt(self, key: str, action: Callable[[], None]) -> None:
        try:
            action()
        except Refused as refused:
            self.refusals[key] = refused.refusal
        except Unreachable as error:
            self.unreachable[key] = error
            self.refusals[key] = {'reason': str(error), 'nearly': [], 'way_out': 'make one of these sources reachable from the control node'}

    def _agreed(self, key: str, gatherer: Gatherer) -> None:
        """A kept lock, unless the pins or the catalogue have come to say something else."""
        gatherer.contradicted(self.plans[key], self._kept(key))
        self.locks[key] = self._kept(key)

    def _resolve(self, key: str, place: Path, wheels: dict[str, Explicit], files: list[dict[str, Any]]) -> None:
        plan, kept = self.plans[key], self._kept(key)
        torch, target = plan['torch'], plan['target']
        self.say(f'resolving torch {torch["specifier"] or "(any version)"} for {target["architecture"]}, Python {target["python"]}')
        lock = resolve(plan, self.index, place, wheels, files)
        self.locks[key] = kept if kept and _essence(kept) == _essence(lock) else lock

    def _write(self, before: dict[str, str]) -> list[str]:
        """The keys of the locks that differ from what was there."""
        written = [key for key, lock in self.locks.items() if render(lock) != before[key]]
        for key in written if not self.check else ():
            try:
                write_atomically(self._path(key), render(self.locks[key]))
            except OSError as error:
                message = f'the lock {self._path(key)} cannot be written: {error.strerror}; set wheelhouse_locks to a directory that you may write'
                raise WheelhouseError(message) from error
        return written

    # --- artifacts

    def _refuse_what_boards_cannot_fetch(self) -> None:
        for key, lock in self.locks.items():
            local = [artifact for artifact in [*lock['packages'], *lock['tools']] if local_path(artifact['url'])]
            if local:
                others = f' and {len(local) - 1} more' if len(local) > 1 else ''
                self.refusals[key] = {
                    'reason': f'torch_delivery is index, but {local[0]["filename"]}{others} comes from the control node\'s own disk ({local[0]["url"]}), '
                    'where a board cannot fetch it',
                    'nearly': [],
                    'way_out': 'use torch_delivery: wheelhouse; or serve these files by HTTP, name that place to pip of the control node, and lock again '
                    'with torch_relock: true',
                }

    def _fetch(self, delivery: str) -> list[str]:
        """The names of the files that were fetched (in check mode: would be). Locks that cannot be had whole are refused."""
        locks = {key: lock for key, lock in self.locks.items() if key not in self.refusals}
        artifacts = [artifact for lock in locks.values() for artifact in (artifacts_of(lock) if delivery == 'wheelhouse' else lock['files'])]
        if self.check:
            distinct = {artifact['sha256']: artifact for artifact in artifacts}
            return sorted(artifact['filename'] for artifact in distinct.values() if not self.wheelhouse.has(artifact))
        failed = self.wheelhouse.provide(artifacts) if artifacts else {}
        if delivery == 'index':  # a board has to know how much space it needs
            failed.update(self.wheelhouse.measure(artifact for lock in locks.values() for artifact in lock['packages'] if artifact['size'] is None))
        for key, lock in locks.items():
            errors = [failed[artifact['sha256']] for artifact in artifacts_of(lock) if artifact['sha256'] in failed]
            if errors:
                self.refusals[key] = self._incomplete(self.plans[key], errors)
        return sorted(self.wheelhouse.downloaded)

    def _incomplete(self, plan: dict[str, Any], errors: list[FetchFailed]) -> dict[str, Any]:
        explicit = {wanted['filename']: wanted for wanted in [*plan['wheels'], *plan['files']]}
        replaced = [error for error in errors if isinstance(error, Mismatch)]
        for error in replaced:
            wanted = explicit.get(error.filename)
            if wanted and self.pins.expected(wanted):  # a new lock would not help
                return self.pins.mismatch(wanted, error.found).refusal
        way_out = 'if that source has replaced it on purpose, resolve again with torch_relock: true' if replaced else (
            'make that source reachable from the control node, or set torch_relock: true to resolve again'
        )
        return {'reason': '; '.join(map(str, errors)), 'nearly': [], 'way_out': way_out}


def _must_be_built(plan: dict[str, Any]) -> dict[str, Any]:
    torch = f'torch {plan["torch"]["specifier"]}'.strip()
    return {
        'reason': f'{torch} must be compiled for this board (row {plan["row"]} has no wheel for it), and this version of the collection does not compile yet',
        'nearly': [],
        'way_out': 'ask for a torch that this board has a wheel of (edgeai.fleet.explain shows its plan), or name a wheel of your own in torch_catalogue',
    }


def _fallen(plan: dict[str, Any], why: str) -> dict[str, Any]:
    """The plan that serves where conda cannot."""
    other = plan['otherwise']
    return {**other, 'warnings': [*other['warnings'], f'{why}: torch comes as wheels into a virtual environment. torch_relock: true tries conda again.']}


def _essence(lock: dict[str, Any]) -> list[Any]:
    """What a new resolution can say anew; without that the kept lock stays, with its date and its measured sizes."""
    return [[{**artifact, 'size': None, 'unpacked': None} for artifact in artifacts_of(lock)], lock['torch'], lock['sources'], lock['warnings']]


def _difference(path: Path, before: str, after: str) -> dict[str, str]:
    return {'before_header': str(path), 'after_header': str(path), 'before': before, 'after': after}
