# Copyright (c) 2026 the edgeai.fleet authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A plan made exact for its target: torch is chosen here, uv resolves the rest, and the lock names every artifact by URL and sha256.

This util is private to the collection: its interface changes without notice.
"""
from __future__ import annotations

import datetime
import fnmatch
import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import urllib.parse
from bisect import bisect
from functools import lru_cache
from pathlib import Path
from typing import Any, NamedTuple

from ansible_collections.edgeai.fleet.plugins.plugin_utils._index import PYPI, Source, Sources, local_path, redact, sha256_of
from ansible_collections.edgeai.fleet.plugins.plugin_utils._packaging import (
    InvalidRequirement,
    InvalidSpecifier,
    InvalidWheelFilename,
    Requirement,
    SpecifierSet,
    Tag,
    Version,
    canonicalize_name,
    compatible_tags,
    cpython_tags,
    parse_wheel_filename,
)
from ansible_collections.edgeai.fleet.plugins.plugin_utils._tools import TOOLS

try:
    import tomllib
except ImportError:  # Python 3.10
    try:
        import tomli as tomllib  # type: ignore[no-redef]
    except ImportError:
        tomllib = None  # type: ignore[assignment]

SCHEMA = 1
CPU_INDEX = 'https://download.pytorch.org/whl/cpu'
_UV_ARCHITECTURES = ('x86_64', 'aarch64')
_UV_GLIBC = (17, 28, *range(31, 41))  # the manylinux_2_N that `uv pip compile --python-platform` knows
_UV_SECONDS = 600
# Older wheels were compiled against NumPy 1 and cannot talk to NumPy 2; none of them says so (https://github.com/pytorch/pytorch/issues/135013).
_FIRST_FOR_NUMPY_2 = '2.3'


class Refused(Exception):
    """No lock for this plan; the other plans are not concerned."""

    def __init__(self, reason: str, way_out: str) -> None:
        super().__init__(reason)
        self.refusal: dict[str, Any] = {'reason': reason, 'nearly': [], 'way_out': way_out}


class Unreachable(Exception):
    """Not one source of torch answered."""


class Candidate(NamedTuple):
    version: Version
    rank: int  # of its best tag for the target, 0 is best; -1: it does not fit
    source: Source
    file: dict[str, Any]

    @property
    def preference(self) -> tuple[Version, int]:
        return self.version, -self.rank


def canonical(value: Any) -> str:
    return json.dumps(value, sort_keys=True, separators=(',', ':'), ensure_ascii=True)


def _digest(value: Any, length: int) -> str:
    return hashlib.sha256(canonical(value).encode()).hexdigest()[:length]


def lock_key(plan: dict[str, Any]) -> str:
    """What makes two boards share a lock. The order of sources counts, that of requirements does not."""
    return _digest(
        {
            'schema': SCHEMA,
            **{name: plan[name] for name in ('target', 'torch', 'accelerator')},
            'sources': [redact(source) for source in plan['sources']],  # a new password is no new lock
            **{name: sorted(set(plan[name])) for name in ('companions', 'requirements', 'constraints', 'forbid')},
        },
        16,
    )


def environment_id(plan: dict[str, Any], lock: dict[str, Any]) -> str:
    """What makes two environments the same: artifacts, interpreter, system packages or not, variables."""
    return _digest(
        {
            'packages': sorted([package['name'], package['version'], package['sha256']] for package in lock['packages']),
            'python': [plan['python']['path'], plan['python']['version']],
            'system_site_packages': plan['system_site_packages'],
            'environment': plan['environment'],
        },
        12,
    )


# --- the target


def _words(target: dict[str, str]) -> str:
    return f'Python {target["python"]}, {target["architecture"]}, glibc {target["libc"]}'


def _glibc(target: dict[str, str]) -> int:
    """The N of the newest manylinux_2_N that both the board and uv know."""
    major, minor = (int(part) for part in target['libc'].split('.')[:2])
    known = [number for number in _UV_GLIBC if major == 2 and number <= minor]
    if target['architecture'] not in _UV_ARCHITECTURES:
        raise Refused(
            f'wheels cannot be resolved for {target["architecture"]}: uv knows no such platform, and PyPI has no torch wheel for it',
            'use a 64-bit userland (uv resolves for x86_64 and aarch64), or build torch for this board',
        )
    if not known:
        raise Refused(f'glibc {target["libc"]} is older than 2.17, the oldest that wheels are built for', 'upgrade the operating system of the board')
    return known[-1]


def uv_platform(target: dict[str, str]) -> str:
    number = _glibc(target)
    return f'{target["architecture"]}-manylinux_2_{number}'


@lru_cache(maxsize=64)
def _ranks(architecture: str, glibc: int, python: tuple[int, int]) -> dict[Tag, int]:
    legacy = {17: 'manylinux2014', 12: 'manylinux2010', 5: 'manylinux1'} if architecture == 'x86_64' else {17: 'manylinux2014'}
    platforms = []
    for number in range(glibc, min(legacy) - 1, -1):
        platforms += [f'manylinux_2_{number}_{architecture}'] + ([f'{legacy[number]}_{architecture}'] if number in legacy else [])
    platforms.append(f'linux_{architecture}')
    interpreter = f'cp{python[0]}{python[1]}'
    abi = interpreter + ('m' if python < (3, 8) else '')
    tags = [*cpython_tags(python, [abi], platforms), *compatible_tags(python, interpreter, platforms)]
    return {tag: rank for rank, tag in reversed(list(enumerate(tags)))}


def tag_rank(filename: str, target: dict[str, str]) -> int:
    """How well a wheel fits the target: 0 is best, -1 not at all."""
    major, minor = (int(part) for part in target['python'].split('.')[:2])
    ranks = _ranks(target['architecture'], _glibc(target), (major, minor))
    return min((ranks[tag] for tag in parse_wheel_filename(filename)[3] if tag in ranks), default=-1)


# --- torch


def _specifier(text: str) -> SpecifierSet:
    try:
        return SpecifierSet(text)
    except InvalidSpecifier as error:
        raise Refused(f'{text!r} is not a version specifier', "write torch_version like '2.9.1' or '>=2.6,<2.10'") from error


def _wanted(version: Version, specifier: SpecifierSet) -> bool:
    return specifier.contains(version, prereleases=bool(specifier.prereleases))


def _candidates(project: str, sources: list[Source], index: Sources, target: dict[str, str]) -> list[Candidate]:
    """Every wheel of the project, those that do not fit (rank -1) too."""
    found = []
    for source in sources:
        for entry in index.files(source, project) or ():
            try:
                version = parse_wheel_filename(entry['filename'])[1]
                python_fits = Version(target['python']) in SpecifierSet(entry['requires_python'] or '', prereleases=True)
            except (InvalidWheelFilename, InvalidSpecifier):
                continue
            if not entry['yanked']:
                found.append(Candidate(version, tag_rank(entry['filename'], target) if python_fits else -1, source, entry))
    return found


def _label_fits(version: Version, plan: dict[str, Any]) -> bool:
    """Whether a build has the label that is asked for. Without one any will do, but a CPU build never serves an accelerator."""
    local = plan['torch']['local']
    return version.local == local if local else not (version.local == 'cpu' and plan['accelerator'] != 'cpu')


def _label(version: Version) -> str:
    return f'+{version.local}' if version.local else 'no label'


def _listing(versions: set[Version], specifier: SpecifierSet, length: int = 8) -> str:
    """The versions nearest to the one that is named, else the newest."""
    ordered = sorted(versions)
    pins = [Version(clause.version) for clause in specifier if clause.operator in ('==', '===') and not clause.version.endswith('.*')]
    end = min(max(bisect(ordered, pins[0]) + length // 2, length), len(ordered)) if pins else len(ordered)
    return ', '.join(str(version) for version in reversed(ordered[max(0, end - length):end])) or 'none'


def _asked(plan: dict[str, Any], index: Sources) -> str:
    """The sources of torch, with what became of those that are down."""
    places = dict.fromkeys(str(source) for place in plan['sources'] for source in index.group(place))
    return '; '.join(f'{place} (down: {index.down[place]})' if place in index.down else place for place in places)


def _tags(candidates: list[Candidate], target: dict[str, str]) -> str:
    """What wheels there are for, the board's architecture first."""
    tags = {str(tag) for candidate in candidates for tag in parse_wheel_filename(candidate.file['filename'])[3]}
    ordered = sorted(tags, key=lambda tag: (not tag.endswith(target['architecture']), tag))
    return ', '.join(ordered[:8]) + (f' and {len(tags) - 8} more' if len(tags) > 8 else '')


def _no_torch(plan: dict[str, Any], index: Sources, seen: list[Candidate], specifier: SpecifierSet) -> Refused:
    """Why none of the wheels that were seen will do."""
    target, local = plan['target'], plan['torch']['local']
    name = f'torch {specifier}'.strip()
    asked = f'Asked: {_asked(plan, index)}.'
    fitting = [candidate for candidate in seen if candidate.rank >= 0]
    usable = {candidate.version for candidate in fitting if _label_fits(candidate.version, plan)}
    matching = [candidate for candidate in seen if _wanted(candidate.version, specifier)]
    mislabelled = [candidate for candidate in fitting if _wanted(candidate.version, specifier)]
    available = f'Available for {_words(target)}: {_listing(usable, specifier)}.'
    newest = max(mislabelled, key=lambda candidate: candidate.preference, default=None)
    # Without a label: on x86_64 that is PyPI's CUDA build, on Arm it may be a CPU build.
    if newest and local == 'cpu' and (newest.version.local or '').startswith('cu' if target['architecture'] != 'x86_64' else ''):
        return Refused(
            f'the only builds of {name} for {_words(target)} there are CUDA builds ({newest.file["filename"]} from {newest.source}); '
            f'a CPU board gets no CUDA packages. {asked}',
            f"add {CPU_INDEX} as a source reachable from the control node, or put a +cpu wheel in a find-links folder of pip's configuration",
        )
    if mislabelled:
        labels = ', '.join(sorted({_label(candidate.version) for candidate in mislabelled}))
        return Refused(
            f'no build of {name} for {_words(target)} is labelled +{local}; there are: {labels}. {asked}',
            f'{available} Or add a source that has +{local} builds',
        )
    if matching:
        return Refused(
            f'{name} has no wheel for {_words(target)}; there are only: {_tags(matching, target)}. {asked}',
            available if usable else 'use another Python, or build torch for this board',
        )
    return Refused(f'there is no {name}. {asked}', available if usable else f'no source has any torch wheel for {_words(target)}: add one that has')


def choose_torch(plan: dict[str, Any], index: Sources) -> Candidate:
    """The newest wheel that fits, from the first source that has one."""
    specifier = _specifier(plan['torch']['specifier'])
    seen: list[Candidate] = []
    for place in plan['sources']:
        found = _candidates('torch', index.group(place), index, plan['target'])
        fits = [
            candidate for candidate in found
            if candidate.rank >= 0 and _label_fits(candidate.version, plan) and _wanted(candidate.version, specifier)
        ]
        if fits:
            return max(fits, key=lambda candidate: candidate.preference)
        seen += found
    if all(str(source) in index.down for place in plan['sources'] for source in index.group(place)):
        raise Unreachable(f'no source of torch is reachable: {_asked(plan, index)}')
    raise _no_torch(plan, index, seen, specifier)


def _companion_source(project: str, torch: Candidate, plan: dict[str, Any], index: Sources) -> Source | None:
    """Where a companion comes from: torch's own source if that has one, else wherever there is one with torch's label; None: anywhere."""
    local = plan['torch']['local']
    others = [source for place in plan['sources'] for source in index.group(place)]
    for source in dict.fromkeys([torch.source, *others]):
        if any(candidate.rank >= 0 and _label_fits(candidate.version, plan) for candidate in _candidates(project, [source], index, plan['target'])):
            return source
    if local:
        raise Refused(
            f'torch {torch.version} needs a {project} labelled +{local}; no source has one for {_words(plan["target"])}. Asked: {_asked(plan, index)}',
            f'leave {project} out, or add a source that has it beside torch'
            + (f", such as {CPU_INDEX}, or put its wheel in a find-links folder of pip's configuration" if local == 'cpu' else ''),
        )
    return None


# --- the rest, by uv


def find_uv() -> str:
    try:
        import uv

        return str(uv.find_uv_bin())
    except (ImportError, FileNotFoundError):
        found = shutil.which('uv')
    if not found:
        raise RuntimeError(f'uv is not on the control node: {sys.executable} -m pip install uv')
    return found


def _toml(value: Any) -> str:
    return json.dumps(value)  # for the strings and lists used here, JSON is TOML


def _project(requirements: list[str], sources: dict[str, Source]) -> str:
    """A pyproject.toml in which torch and its companions may come from their sources only."""
    names = {source: f'source-{number}' for number, source in enumerate(dict.fromkeys(sources.values()))}
    lines = ['[project]', 'name = "edgeai-fleet-lock"', 'version = "0"', f'dependencies = {_toml(requirements)}']
    lines += ['[tool.uv.sources]', *(f'{name} = {{ index = {_toml(names[source])} }}' for name, source in sources.items())]
    for source, name in names.items():
        lines += ['[[tool.uv.index]]', f'name = {_toml(name)}', f'url = {_toml(source.url)}', 'explicit = true']
        lines += ['format = "flat"'] if source.kind == 'links' else []
    return '\n'.join(lines) + '\n'


def _uv_environment(index: Sources, empty: Path) -> dict[str, str]:
    """uv's view of the configured sources. In variables, not arguments: URLs may hold passwords, and anybody can list arguments."""
    usable = index.usable()
    indexes = [source.url for source in usable if source.kind == 'index'] or [empty.as_uri()]
    environment = {name: value for name, value in os.environ.items() if not name.startswith(('UV_', 'VIRTUAL_ENV', 'CONDA_PREFIX'))}
    environment.update(
        UV_INDEX_URL=indexes[0],
        UV_EXTRA_INDEX_URL=' '.join(indexes[1:]),
        UV_FIND_LINKS=','.join(source.location for source in usable if source.kind == 'links'),
        UV_INSECURE_HOST=' '.join(index.configuration.trusted_hosts),
        UV_PYTHON_DOWNLOADS='never',
    )
    if index.configuration.cert:
        environment['SSL_CERT_FILE'] = index.configuration.cert
    return {name: value for name, value in environment.items() if value}


def _compile(plan: dict[str, Any], torch: Candidate, companions: dict[str, Source], index: Sources, cache: Path) -> tuple[list[dict[str, Any]], list[str]]:
    """uv's resolution: the packages of its pylock.toml, and its warnings."""
    if tomllib is None:
        raise RuntimeError(f'tomli is not on the control node (Python older than 3.11 needs it): {sys.executable} -m pip install tomli')
    target = plan['target']
    requirements = [f'torch=={torch.version}', *plan['companions'], *plan['requirements'], 'pip']
    # torchaudio 2.11.0 requires no torch (METADATA of its wheel; 2.10.0 still requires torch==2.10.0), but its number still says for which torch it was
    # built: without this, an older torch gets a torchaudio that is too new for it.
    constraints = [*plan['constraints'], f'torchaudio<{torch.version.major}.{torch.version.minor + 1}']
    if torch.version < Version(_FIRST_FOR_NUMPY_2):
        constraints.append('numpy<2')
    with tempfile.TemporaryDirectory(prefix='edgeai-fleet-lock-') as temporary:
        folder = Path(temporary)
        (folder / 'empty').mkdir()
        (folder / 'pyproject.toml').write_text(_project(requirements, {'torch': torch.source, **companions}), 'utf-8')
        (folder / 'constraints.txt').write_text('\n'.join(constraints) + '\n', 'utf-8')
        output = folder / 'pylock.fleet.toml'
        command = [
            find_uv(), 'pip', 'compile', 'pyproject.toml', '--constraints', 'constraints.txt', '--output-file', output.name, '--format', 'pylock.toml',
            '--python-platform', uv_platform(target), '--python-version', target['python'], '--python', sys.executable,
            '--index-strategy', 'unsafe-best-match', '--no-build', '--no-config', '--no-header', '--no-progress', '--color', 'never', '--cache-dir', str(cache),
        ]
        try:
            done = subprocess.run(
                command, cwd=folder, env=_uv_environment(index, folder / 'empty'), capture_output=True, text=True, timeout=_UV_SECONDS, check=False,
            )
        except subprocess.TimeoutExpired as error:
            raise Refused(f'uv did not resolve torch {torch.version} for {_words(target)} within {_UV_SECONDS} s', 'look for a slow source') from error
        said = redact(done.stderr).replace(str(folder), '').strip()
        if done.returncode != 0:
            configured = map(str, index.configuration.sources)
            down = ''.join(f' {place} is down ({index.down[place]}).' for place in configured if place in index.down)
            raise Refused(
                f'{", ".join(requirements)} cannot be resolved together for {_words(target)}.{down} uv says: {said}',
                'change what uv names, or add a source that has wheels for this target (source archives are not built)',
            )
        packages = tomllib.loads(output.read_text('utf-8')).get('packages', [])
        for package in packages:  # a relative path means something in the lock's folder only
            for wheel in [*package.get('wheels', ()), *([package['archive']] if 'archive' in package else [])]:
                if 'url' not in wheel and 'path' in wheel:
                    wheel['url'] = (folder / wheel['path']).resolve().as_uri()
    return packages, [line for line in said.splitlines() if line.startswith('warning:') and 'requested Python version' not in line]


def _artifact(package: dict[str, Any], target: dict[str, str]) -> dict[str, Any]:
    """The wheel of a resolved package that fits the target best."""
    name = canonicalize_name(package['name'])
    offered = [*package.get('wheels', ()), *([package['archive']] if 'archive' in package else [])]
    ranked = []
    for wheel in offered:
        filename = wheel.get('name') or urllib.parse.unquote(urllib.parse.urlsplit(wheel['url']).path.rpartition('/')[2])
        try:
            rank = tag_rank(filename, target)
        except InvalidWheelFilename:
            continue
        if rank >= 0:
            ranked.append((rank, filename, wheel))
    if not ranked:
        raise Refused(f'{name} {package.get("version", "")} has no wheel for {_words(target)}', 'constrain it to a version that has one (torch_constraints)')
    _rank, filename, wheel = min(ranked, key=lambda entry: entry[:2])
    path = local_path(wheel['url'])
    sha256 = wheel.get('hashes', {}).get('sha256') or (sha256_of(path) if path else None)
    if not sha256:
        raise Refused(
            f'{redact(wheel["url"])} is published without a sha256: it cannot be locked',
            "download it once, check it, and put it in a find-links folder of pip's configuration",
        )
    return {
        'name': name,
        'version': str(package.get('version') or parse_wheel_filename(filename)[1]),
        'filename': filename,
        'url': redact(wheel['url']),
        'sha256': sha256,
        'size': path.stat().st_size if path else wheel.get('size'),
        'unpacked': None,
    }


def _forbidden(plan: dict[str, Any], packages: list[dict[str, Any]], torch: Candidate) -> None:
    hits = [package for package in packages if any(fnmatch.fnmatchcase(package['name'], pattern) for pattern in plan['forbid'])]
    if hits:
        names = ', '.join(f'{package["name"]} {package["version"]}' for package in hits[:8]) + (f' and {len(hits) - 8} more' if len(hits) > 8 else '')
        raise Refused(
            f'torch {torch.version} from {torch.source} is not a CPU build, or a requirement asks for CUDA: with it would come {names}; '
            'a CPU board gets no CUDA packages',
            f"ask for a version of which that source has a CPU build, add {CPU_INDEX} as a source reachable from the control node, "
            "or put a +cpu wheel in a find-links folder of pip's configuration; a requirement for such a package has to go",
        )


def _verify(plan: dict[str, Any], packages: list[dict[str, Any]], torch: Candidate) -> None:
    """uv's answer is what was asked for: this very torch, companions with its label."""
    found = {package['name']: package for package in packages}
    if found['torch']['version'] != str(torch.version):
        raise Refused(f'uv resolved torch to {found["torch"]["version"]} instead of {torch.version}', 'look for a requirement on torch')
    for companion in plan['companions']:
        version = Version(found[canonicalize_name(Requirement(companion).name)]['version'])
        if plan['torch']['local'] and version.local != plan['torch']['local']:
            raise Refused(
                f'the {companion} that matches torch {torch.version} is {version}, which has not the label +{plan["torch"]["local"]}',
                f'leave {companion} out, or add a source that has the matching +{plan["torch"]["local"]} build',
            )


def _tools(target: dict[str, str], index: Sources) -> list[dict[str, Any]]:
    """The pinned tools; where pip is configured without PyPI, from the mirror that has the same file."""
    tools = []
    for tool in TOOLS[target['architecture']]:
        tool = dict(tool)
        if not any(source.location.rstrip('/') == PYPI for source in index.configuration.sources):
            files = [entry for source in index.configuration.sources for entry in index.files(source, tool['name']) or ()]
            same = [entry for entry in files if entry['filename'] == tool['filename'] and entry['sha256'] in (None, tool['sha256'])]
            tool['url'] = redact(same[0]['url']) if same else tool['url']
        tools.append(tool)
    return tools


def resolve(plan: dict[str, Any], index: Sources, cache: Path) -> dict[str, Any]:
    """The lock of a plan. Refused: this plan has none. Unreachable: no source of torch answers."""
    for requirement in [*plan['companions'], *plan['requirements'], *plan['constraints']]:
        try:
            Requirement(requirement)
        except InvalidRequirement as error:
            raise Refused(f'{requirement!r} is not a requirement: {error}', "write requirements like 'numpy<2' (PEP 508)") from error
    uv_platform(plan['target'])  # refuses a target for which nothing can be resolved, before anything is asked
    torch = choose_torch(plan, index)
    names = [canonicalize_name(Requirement(companion).name) for companion in plan['companions']]
    companions = {name: source for name in names if (source := _companion_source(name, torch, plan, index))}
    resolved, said = _compile(plan, torch, companions, index, cache)
    # A forbidden package is the better explanation where one of them has no wheel either.
    _forbidden(plan, [{'name': canonicalize_name(package['name']), 'version': package.get('version', '')} for package in resolved], torch)
    packages = sorted((_artifact(package, plan['target']) for package in resolved), key=lambda artifact: artifact['name'])
    _verify(plan, packages, torch)
    return {
        'schema': SCHEMA,
        'key': lock_key(plan),
        'target': plan['target'],
        'torch': str(torch.version),
        'created': datetime.datetime.now(datetime.timezone.utc).strftime('%Y-%m-%dT%H:%M:%SZ'),
        'packages': packages,
        'tools': _tools(plan['target'], index),
        'sources': [str(torch.source)],
        'warnings': said,
    }


# --- on the disk


def write_atomically(path: Path, text: str) -> None:
    """Whole or not at all, also over a power cut."""
    path.parent.mkdir(parents=True, exist_ok=True)
    descriptor, temporary = tempfile.mkstemp(prefix=f'.{path.name}.', dir=path.parent)
    try:
        with os.fdopen(descriptor, 'w', encoding='utf-8') as stream:
            os.fchmod(descriptor, 0o644)
            stream.write(text)
            stream.flush()
            os.fsync(descriptor)
        os.replace(temporary, path)
    except BaseException:
        os.unlink(temporary)
        raise


def render(lock: dict[str, Any]) -> str:
    """The lock as it is kept: stable, and readable in a diff."""
    return json.dumps(lock, indent=2, sort_keys=True) + '\n'


def _faulty(artifact: Any) -> str | None:
    try:
        name, version = parse_wheel_filename(artifact['filename'])[:2]
        if '/' in artifact['filename'] or name != artifact['name'] or version != Version(artifact['version']):
            return f'its file name {artifact["filename"]!r} is not one of {artifact["name"]} {artifact["version"]}'
        if not re.fullmatch(r'[0-9a-f]{64}', artifact['sha256']):
            return f'{artifact["filename"]} has no sha256'
        if urllib.parse.urlsplit(artifact['url']).scheme not in ('http', 'https', 'file'):
            return f'{artifact["filename"]} has no URL'
        if any(not isinstance(artifact[word], (int, type(None))) for word in ('size', 'unpacked')):
            return f'the sizes of {artifact["filename"]} are no numbers'
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        return f'an artifact is incomplete ({error!r})'
    return None


def read_lock(path: Path, key: str) -> dict[str, Any] | None:
    """A kept lock; None if there is none. ValueError says what is wrong with a damaged one."""
    try:
        lock = json.loads(path.read_text('utf-8'))
    except (FileNotFoundError, NotADirectoryError):
        return None
    except (OSError, ValueError) as error:
        raise ValueError(f'it cannot be read: {error}') from error
    if not isinstance(lock, dict) or lock.get('schema') != SCHEMA:
        raise ValueError(f'it is not a lock of schema {SCHEMA}')
    if lock.get('key') != key:
        raise ValueError(f'it says that its key is {lock.get("key")!r}')
    if set(lock) != {'schema', 'key', 'target', 'torch', 'created', 'packages', 'tools', 'sources', 'warnings'}:
        raise ValueError('its entries are not those of a lock')
    if not lock['packages'] or not isinstance(lock['packages'], list) or not isinstance(lock['tools'], list):
        raise ValueError('it has no packages')
    fault = next(filter(None, map(_faulty, lock['packages'] + lock['tools'])), None)
    if fault:
        raise ValueError(fault)
    return lock
