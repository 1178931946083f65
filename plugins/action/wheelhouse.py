# Copyright (c) 2026 the edgeai.fleet authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import dataclasses
import shutil
import tempfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from ansible.errors import AnsibleActionFail
from ansible.plugins.action import ActionBase
from ansible.utils.display import Display
from ansible_collections.edgeai.fleet.plugins.plugin_utils import _lock
from ansible_collections.edgeai.fleet.plugins.plugin_utils._index import Sources, credentials_of, pip_configuration
from ansible_collections.edgeai.fleet.plugins.plugin_utils._wheelhouse import Wheelhouse, WheelhouseError

display = Display()

RESOLVERS = 2
_PLAN = {
    'target', 'torch', 'python', 'companions', 'requirements', 'constraints', 'sources', 'forbid', 'system_site_packages', 'environment',
}


class ActionModule(ActionBase):
    """Resolve and fetch for a whole bench at once; everything happens on the control node."""

    TRANSFERS_FILES = False
    _requires_connection = False
    _supports_check_mode = True
    _supports_diff = True

    def run(self, tmp: str | None = None, task_vars: dict[str, Any] | None = None) -> dict[str, Any]:
        result = super().run(tmp, task_vars)
        _checked, arguments = self.validate_argument_spec({
            'plans': {'type': 'dict', 'required': True},
            'wheelhouse': {'type': 'path', 'required': True},
            'locks': {'type': 'path', 'required': True},
            'relock': {'type': 'bool', 'default': False},
            'delivery': {'type': 'str', 'choices': ['wheelhouse', 'index'], 'default': 'wheelhouse'},
        })
        plans = {host: plan for host, plan in arguments['plans'].items() if not _plan_is_refused(host, plan)}
        try:
            result.update(self._provide(plans, arguments))
        except (_lock.Unreachable, WheelhouseError, ValueError, RuntimeError) as error:
            raise AnsibleActionFail(str(error)) from None  # ansible-core 2.19 would say the cause's message again
        return result

    def _provide(self, plans: dict[str, dict[str, Any]], arguments: dict[str, Any]) -> dict[str, Any]:
        configuration = pip_configuration()
        named = credentials_of(place for plan in plans.values() for place in plan['sources'])
        configuration = dataclasses.replace(configuration, credentials={**configuration.credentials, **named})
        self.index = Sources(configuration)
        self.wheelhouse = Wheelhouse(Path(arguments['wheelhouse']).absolute(), configuration, display.display)
        self.folder = Path(arguments['locks']).absolute()
        by_key = {_lock.lock_key(plan): plan for plan in plans.values()}
        with self._workplace() as cache:
            kept = {key: self._kept(key) for key in by_key}
            missing = {key: plan for key, plan in by_key.items() if arguments['relock'] or kept[key] is None}
            locks, refusals = self._resolve(missing, cache)
            locks.update((key, lock) for key, lock in kept.items() if lock and (key not in missing or key in locks and _same(lock, locks[key])))
            before = {key: _lock.render(kept[key]) if kept[key] else '' for key in locks}
            written = self._write(locks, before)
            downloaded, failures = self._fetch(locks, arguments['delivery'])
            if not self._task.check_mode:
                self._write(locks, {key: before[key] if key not in written else '' for key in locks})
        boards: dict[str, Any] = {}
        for host, plan in plans.items():
            key = _lock.lock_key(plan)
            refusal = refusals.get(key) or failures.get(key)
            boards[host] = {'refusal': refusal} if refusal else {'lock': key, 'id': _lock.environment_id(plan, locks[key])}
        down = [f'the source {place} was passed over: {why}' for place, why in self.index.down.items()]
        result = {
            'changed': bool(written or downloaded),
            'locks': locks,
            'boards': boards,
            'wheelhouse': str(self.wheelhouse.root),
            'downloaded': downloaded,
            'warnings': down + self.wheelhouse.warnings,
        }
        if self._task.diff:
            result['diff'] = [_difference(self._path(key), before[key], _lock.render(locks[key])) for key in written]
        return result

    @contextmanager
    def _workplace(self) -> Iterator[Path]:
        """A place for uv's cache: in the wheelhouse, which is then this run's alone; in check mode nothing is made there."""
        if self._task.check_mode:
            with tempfile.TemporaryDirectory(prefix='edgeai-fleet-uv-') as temporary:
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
        try:
            return _lock.read_lock(self._path(key), key)
        except ValueError as error:
            if self._task.args.get('relock'):
                return None
            raise ValueError(f'the lock {self._path(key)} is damaged: {error}. Delete it, or set torch_relock: true, to have it made again') from error

    def _resolve(self, plans: dict[str, dict[str, Any]], cache: Path) -> tuple[dict[str, Any], dict[str, Any]]:
        """Locks and refusals by key."""
        locks: dict[str, Any] = {}
        refusals: dict[str, Any] = {}
        unreachable: list[_lock.Unreachable] = []

        def resolve_one(item: tuple[str, dict[str, Any]]) -> None:
            key, plan = item
            torch, target = plan['torch'], plan['target']
            display.display(f'resolving torch {torch["specifier"] or "(any version)"} for {target["architecture"]}, Python {target["python"]}')
            try:
                locks[key] = _lock.resolve(plan, self.index, cache)
            except _lock.Refused as refused:
                refusals[key] = refused.refusal
            except _lock.Unreachable as error:
                unreachable.append(error)
                refusals[key] = {'reason': str(error), 'nearly': [], 'way_out': 'make one of these sources reachable from the control node'}

        with ThreadPoolExecutor(RESOLVERS) as pool:
            list(pool.map(resolve_one, plans.items()))
        if unreachable and len(unreachable) == len(plans):  # not a matter of one board: nothing can be resolved here
            raise unreachable[0]
        return locks, refusals

    def _write(self, locks: dict[str, Any], before: dict[str, str]) -> list[str]:
        """The keys of the locks that differ from what was there."""
        written = [key for key, lock in locks.items() if _lock.render(lock) != before[key]]
        for key in written if not self._task.check_mode else ():
            try:
                _lock.write_atomically(self._path(key), _lock.render(locks[key]))
            except OSError as error:
                message = f'the lock {self._path(key)} cannot be written: {error.strerror}; set wheelhouse_locks to a directory that you may write'
                raise WheelhouseError(message) from error
        return written

    def _fetch(self, locks: dict[str, Any], delivery: str) -> tuple[list[str], dict[str, Any]]:
        """The names of the files that were fetched (in check mode: would be), and the refusals of locks that cannot be had whole."""
        if delivery == 'index':
            return [], {}
        artifacts = [artifact for lock in locks.values() for artifact in lock['packages'] + lock['tools']]
        if self._task.check_mode:
            distinct = {artifact['sha256']: artifact for artifact in artifacts}
            return sorted(artifact['filename'] for artifact in distinct.values() if not self.wheelhouse.has(artifact)), {}
        failed = self.wheelhouse.provide(artifacts)
        refusals = {}
        for key, lock in locks.items():
            reasons = [failed[artifact['sha256']] for artifact in lock['packages'] + lock['tools'] if artifact['sha256'] in failed]
            if reasons:
                way_out = 'make that source reachable from the control node, or set torch_relock: true to resolve again'
                refusals[key] = {'reason': '; '.join(reasons), 'nearly': [], 'way_out': way_out}
        return sorted(self.wheelhouse.downloaded), refusals


def _plan_is_refused(host: str, plan: Any) -> bool:
    if isinstance(plan, dict) and plan.get('refusal'):
        return True
    missing = sorted(_PLAN.difference(plan)) if isinstance(plan, dict) else ['everything']
    if missing:
        raise AnsibleActionFail(f'plans: that of {host} is no plan as edgeai.fleet.torch_plan makes it; it lacks {", ".join(missing)}')
    return False


def _same(old: dict[str, Any], new: dict[str, Any]) -> bool:
    """Whether a new resolution says nothing new: the kept lock then stays, with its date and its measured sizes."""
    def essence(lock: dict[str, Any]) -> list[Any]:
        artifacts = [{**artifact, 'size': None, 'unpacked': None} for artifact in lock['packages'] + lock['tools']]
        return [artifacts, lock['torch'], lock['sources'], lock['warnings']]

    return essence(old) == essence(new)


def _difference(path: Path, before: str, after: str) -> dict[str, str]:
    return {'before_header': str(path), 'after_header': str(path), 'before': before, 'after': after}
