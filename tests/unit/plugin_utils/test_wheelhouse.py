# Copyright (c) 2026 the edgeai.fleet authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The store, and the action that fills it. Files travel over real HTTP; uv and ansible-playbook are the real ones."""
from __future__ import annotations

import fcntl
import hashlib
import json
import os
import subprocess
import sys
import threading
import time
import zipfile
from pathlib import Path

import pytest
from ansible.errors import AnsibleActionFail
from ansible.parsing.dataloader import DataLoader
from ansible.playbook.play_context import PlayContext
from ansible.playbook.task import Task
from ansible.plugins.loader import connection_loader
from ansible.template import Templar
from ansible_collections.edgeai.fleet.plugins.action.wheelhouse import ActionModule
from ansible_collections.edgeai.fleet.plugins.plugin_utils import _lock
from ansible_collections.edgeai.fleet.plugins.plugin_utils._index import Configuration
from ansible_collections.edgeai.fleet.plugins.plugin_utils._wheelhouse import Wheelhouse, WheelhouseError

ARM = 'cp311-cp311-manylinux_2_28_aarch64'
X86 = 'cp311-cp311-manylinux_2_28_x86_64'


def have_uv():
    try:
        return bool(_lock.find_uv())
    except RuntimeError:
        return False


needs_uv = pytest.mark.skipif(not have_uv() and os.environ.get('CI') != 'true', reason='uv is not installed beside this Python')

# --- the store


@pytest.fixture
def store(tmp_path):
    said = []
    store = Wheelhouse(tmp_path / 'wheelhouse', Configuration(), said.append)
    store.said = said
    with store.exclusive():
        yield store


def reopen(store):
    return Wheelhouse(store.root, Configuration())


def test_fetch_and_keep(store, site):
    artifact = site.add('torch', '2.9.1', ARM, content='x = 1\n' * 1000)
    expected = site.files[artifact['filename']]
    again = {**artifact, 'size': None}
    assert store.provide([again]) == {} == store.provide([artifact])
    path = store.root / 'sha256' / artifact['sha256'] / artifact['filename']
    assert path == store.path(artifact) and path.read_bytes() == expected
    with zipfile.ZipFile(path) as archive:
        assert artifact['unpacked'] == again['unpacked'] == sum(entry.file_size for entry in archive.infolist()) > len(expected)
    assert again['size'] == len(expected)
    assert store.downloaded == site.fetched() == [artifact['filename']]
    assert store.said == [f'fetching {artifact["filename"]}']
    assert sorted(entry.name for entry in path.parent.iterdir()) == ['.verified', path.name]
    later = reopen(store)
    assert later.provide([{**artifact, 'unpacked': None}]) == {} and later.downloaded == [] and len(site.fetched()) == 1


def test_a_local_file_is_copied(store, site, tmp_path):
    artifact = site.add('torch', '2.9.1')
    origin = tmp_path / artifact['filename']
    origin.write_bytes(site.files[artifact['filename']])
    artifact['url'] = origin.as_uri()
    assert store.provide([artifact]) == {}
    origin.write_bytes(b'changed')  # the copy is one, not a link
    assert reopen(store).has(artifact) and store.path(artifact).read_bytes() == site.files[artifact['filename']]


def test_tampered_in_the_store(store, site):
    artifact = site.add('torch', '2.9.1')
    store.provide([artifact])
    path = store.path(artifact)
    good = path.read_bytes()
    path.write_bytes(good[:-1] + b'!')
    again = reopen(store)
    assert not again.has(artifact)
    assert again.provide([artifact]) == {}
    assert path.read_bytes() == good and len(site.fetched()) == 2
    (warning,) = again.warnings
    assert str(path) in warning and artifact['sha256'] in warning and _lock.sha256_of(f'{path}.tampered') in warning


def test_tampered_at_the_source(store, site):
    artifact = site.add('torch', '2.9.1')
    site.files[artifact['filename']] += b'!'
    (why,) = store.provide([artifact]).values()
    got = hashlib.sha256(site.files[artifact['filename']]).hexdigest()
    assert all(word in why for word in (artifact['filename'], artifact['sha256'], got, artifact['url'], 'torch_relock'))
    assert not store.path(artifact).exists() and list(store.path(artifact).parent.iterdir()) == []


def test_tampered_in_both_places(store, site):
    artifact = site.add('torch', '2.9.1')
    store.provide([artifact])
    store.path(artifact).write_bytes(b'!')
    site.files[artifact['filename']] += b'!'
    again = reopen(store)
    assert 'is not the file that was locked' in again.provide([artifact])[artifact['sha256']] and again.warnings


def test_the_hash_is_that_of_a_wheel(store, site):
    artifact = site.add('torch', '2.9.1')
    site.files[artifact['filename']] = b'<html>'
    artifact['sha256'] = hashlib.sha256(b'<html>').hexdigest()
    assert 'is no wheel' in store.provide([artifact])[artifact['sha256']]


def test_only_changed_files_are_hashed_again(store, site, monkeypatch):
    artifact = site.add('torch', '2.9.1')
    store.provide([artifact])
    hashed = []
    monkeypatch.setattr('ansible_collections.edgeai.fleet.plugins.plugin_utils._wheelhouse.sha256_of', lambda path: hashed.append(path) or artifact['sha256'])
    reopen(store).provide([artifact])
    assert hashed == []
    os.utime(store.path(artifact))
    reopen(store).provide([artifact])
    assert hashed == [store.path(artifact)]
    reopen(store).provide([artifact])
    assert len(hashed) == 1
    (store.path(artifact).parent / '.verified').write_text('{')
    reopen(store).provide([artifact])
    assert len(hashed) == 2


def partial_of(store, artifact, data):
    folder = store.path(artifact).parent
    folder.mkdir(parents=True)
    (folder / f'.{artifact["filename"]}.partial').write_bytes(data)


def ranges(site):
    return [wanted for _agent, path, wanted in site.log if path.startswith('/files/')]


@pytest.mark.parametrize('server_resumes', [True, False])
def test_a_download_is_resumed(store, site, server_resumes):
    artifact = site.add('torch', '2.9.1')
    site.ranges = server_resumes
    partial_of(store, artifact, site.files[artifact['filename']][:100])
    assert store.provide([artifact]) == {} and store.has(artifact)
    assert ranges(site) == ['bytes=100-']


@pytest.mark.parametrize('remains', [b'rubbish', b'rubbish' * 1000, None])
def test_wrong_or_complete_remains_do_no_harm(store, site, remains):
    artifact = site.add('torch', '2.9.1')
    partial_of(store, artifact, remains or site.files[artifact['filename']])
    assert store.provide([artifact]) == {} and store.has(artifact)


def test_a_broken_connection_is_resumed(store, site):
    artifact = site.add('torch', '2.9.1')
    site.cut_once = 200
    assert store.provide([artifact]) == {} and store.has(artifact)
    assert ranges(site) == [None, 'bytes=200-']


def test_a_source_that_is_gone(store, site, tmp_path):
    gone, local, good = site.add('torch', '2.9.1'), site.add('other', '1'), site.add('pip', '1')
    del site.files[gone['filename']]
    local['url'] = (tmp_path / 'none.whl').as_uri()
    failed = store.provide([gone, local, good])
    assert 'cannot be fetched from' in failed[gone['sha256']] and '404' in failed[gone['sha256']]
    assert 'No such file' in failed[local['sha256']] and good['sha256'] not in failed and good['unpacked']


def test_no_space(store, site):
    artifact = site.add('torch', '2.9.1')
    artifact['size'] = 1 << 60
    with pytest.raises(WheelhouseError, match='MiB free'):
        store.provide([artifact])


def test_two_runs_do_not_clash(tmp_path, site):
    artifact = site.add('torch', '2.9.1')
    first, second = (Wheelhouse(tmp_path / 'wheelhouse', Configuration()) for _number in range(2))
    said = []
    second.say = said.append

    def run():
        with second.exclusive():
            second.provide([artifact])

    other = threading.Thread(target=run)
    with first.exclusive():
        other.start()
        time.sleep(0.5)
        assert said and 'waiting' in said[0] and not site.fetched()
        first.provide([dict(artifact)])
    other.join()
    assert len(site.fetched()) == 1 and second.downloaded == []
    with first.exclusive(), pytest.raises(WheelhouseError, match='another run'), second.exclusive(timeout=0.3):
        pass
    with open(tmp_path / 'wheelhouse' / '.lock') as stream:  # a stray lock file holds nobody up
        fcntl.flock(stream, fcntl.LOCK_EX | fcntl.LOCK_NB)


def test_a_wheelhouse_that_is_a_file(tmp_path):
    (tmp_path / 'wheelhouse').touch()
    with pytest.raises(WheelhouseError, match='wheelhouse_dir'), Wheelhouse(tmp_path / 'wheelhouse', Configuration()).exclusive():
        pass


# --- the action


@pytest.fixture
def bench(site, pip_settings, monkeypatch, tmp_path):
    """Run the action, as ansible-playbook would."""
    pip_settings(index_url=site.index)
    site.add('pip', '26.0')
    site.add('torch', '2.9.1', ARM, requires=['sympy'])
    site.add('torch', '2.9.1+cpu', X86, requires=['sympy'])
    site.add('sympy', '1.13')
    tool = site.add('uv', '0.13.9')
    for architecture in ('aarch64', 'x86_64'):
        monkeypatch.setitem(_lock.TOOLS, architecture, [tool])

    def run(plans, check=False, diff=False, **arguments):
        task = Task()
        task.action = 'edgeai.fleet.wheelhouse'
        task.args = {'plans': plans, 'wheelhouse': str(tmp_path / 'wheelhouse'), 'locks': str(tmp_path / 'locks'), **arguments}
        task.check_mode, task.diff = check, diff
        loader, context = DataLoader(), PlayContext()
        connection = connection_loader.get('local', context, os.devnull)
        return ActionModule(task, connection, context, loader, Templar(loader=loader), None).run(task_vars={})

    run.locks = tmp_path / 'locks'
    run.wheelhouse = tmp_path / 'wheelhouse'
    return run


@needs_uv
def test_one_download_for_twenty_boards(bench, site, plan):
    plans = {f'pi{number}': plan() for number in range(10)}
    plans.update({f'pc{number}': plan('x86_64', local='cpu') for number in range(10)})
    result = bench(plans)
    assert result['changed'] and len(result['locks']) == 2 and result['warnings'] == []
    assert not (bench.wheelhouse / 'uv-cache').exists()
    assert sorted(site.fetched()) == sorted(set(site.fetched())) == result['downloaded'] and len(result['downloaded']) == 5
    key = result['boards']['pi3']['lock']
    assert result['boards']['pi3'] == {'lock': key, 'id': _lock.environment_id(plan(), result['locks'][key])}
    assert json.loads((bench.locks / f'{key}.json').read_text()) == result['locks'][key]
    assert all(artifact['unpacked'] and artifact['size'] for lock in result['locks'].values() for artifact in lock['packages'] + lock['tools'])
    site.log.clear()
    second = bench(plans)
    assert not second['changed'] and second['downloaded'] == [] and site.log == []
    assert (second['locks'], second['boards']) == (result['locks'], result['boards'])


@needs_uv
def test_locks_are_kept_until_relock(bench, site, plan):
    (old,) = bench({'pi': plan()})['locks'].values()
    site.add('torch', '2.10.0', ARM)
    assert not bench({'pi': plan()})['changed']
    result = bench({'pi': plan()}, relock=True, diff=True)
    (new,) = result['locks'].values()
    assert result['changed'] and (old['torch'], new['torch']) == ('2.9.1', '2.10.0') and result['downloaded'] == [f'torch-2.10.0-{ARM}.whl']
    (difference,) = result['diff']
    assert '2.9.1' in difference['before'] and '2.10.0' in difference['after'] and difference['before_header'].endswith(f'{new["key"]}.json')


@needs_uv
def test_relock_without_news_changes_nothing(bench, plan):
    bench({'pi': plan()})
    text = {path: path.read_text() for path in bench.locks.iterdir()}
    assert not bench({'pi': plan()}, relock=True)['changed']
    assert text == {path: path.read_text() for path in bench.locks.iterdir()}


@needs_uv
def test_check_mode_touches_nothing(bench, site, plan, tmp_path):
    before = set(tmp_path.rglob('*'))
    result = bench({'pi': plan()}, check=True, diff=True)
    assert result['changed'] and result['boards']['pi']['id'] and result['diff'] and f'torch-2.9.1-{ARM}.whl' in result['downloaded']
    assert set(tmp_path.rglob('*')) == before and not site.fetched()
    real = bench({'pi': plan()})
    assert real['boards'] == result['boards']
    assert not bench({'pi': plan()}, check=True)['changed']


@needs_uv
def test_delivery_by_index_fetches_nothing(bench, site, plan):
    result = bench({'pi': plan()}, delivery='index')
    assert result['changed'] and result['downloaded'] == [] and not site.fetched() and result['boards']['pi']['id']
    assert not bench({'pi': plan()}, delivery='index')['changed']


@needs_uv
def test_a_refusal_concerns_its_board_only(bench, site, plan):
    refused = plan()
    refused['refusal'] = {'reason': 'x', 'nearly': [], 'way_out': 'y'}
    result = bench({'pi': plan(), 'wrong': plan(specifier='==99'), 'old': plan(libc='2.5'), 'refused': refused})
    assert result['boards']['pi']['id'] and 'refused' not in result['boards']
    assert 'there is no torch ==99' in result['boards']['wrong']['refusal']['reason'] and 'older than 2.17' in result['boards']['old']['refusal']['reason']


@needs_uv
def test_tampered_at_the_source_refuses_the_boards_of_that_lock(bench, site, plan):
    bench({'pi': plan(), 'pc': plan('x86_64', local='cpu')}, delivery='index')
    site.files[f'torch-2.9.1-{ARM}.whl'] += b'!'
    result = bench({'pi': plan(), 'pc': plan('x86_64', local='cpu')})
    assert 'is not the file that was locked' in result['boards']['pi']['refusal']['reason'] and result['boards']['pc']['id']


@needs_uv
def test_a_source_that_is_down_is_a_warning_that_names_it(bench, site, other_site, plan, pip_settings):
    other_site.status = 503
    pip_settings(extra_index_url=f'http://me:s3cret@{other_site.host}/simple')
    result = bench({'pi': plan()})
    assert result['boards']['pi']['id'] and [warning for warning in result['warnings'] if other_site.index in warning and '503' in warning]
    assert 's3cret' not in str(result)


def test_no_source_answers(bench, site, plan):
    site.status = 503
    with pytest.raises(AnsibleActionFail, match='no source of torch is reachable') as caught:
        bench({'pi': plan(), 'pc': plan('x86_64')})
    assert site.index in str(caught.value) and '503' in str(caught.value)


@needs_uv
def test_one_board_without_sources_does_not_stop_the_others(bench, other_site, plan):
    other_site.status = 503
    result = bench({'pi': plan(), 'far': plan(sources=[other_site.index])})
    assert result['boards']['pi']['id'] and 'no source of torch is reachable' in result['boards']['far']['refusal']['reason']


@needs_uv
def test_a_damaged_lock(bench, plan):
    (key,) = bench({'pi': plan()})['locks']
    path = bench.locks / f'{key}.json'
    good = path.read_text()
    path.write_text(good[:100])
    with pytest.raises(AnsibleActionFail, match=f'{key}.json is damaged.*Delete it, or set torch_relock'):
        bench({'pi': plan()})
    assert path.read_text() == good[:100]
    assert bench({'pi': plan()}, relock=True)['changed'] and json.loads(path.read_text())['key'] == key


def test_unusable_places_and_wrong_arguments(bench, plan, tmp_path):
    (tmp_path / 'file').touch()
    with pytest.raises(AnsibleActionFail, match='wheelhouse_dir'):
        bench({'pi': plan()}, wheelhouse=str(tmp_path / 'file'))
    with pytest.raises(AnsibleActionFail, match='pi is no plan .* lacks .*torch'):
        bench({'pi': {'schema': 1}})
    with pytest.raises(Exception, match='delivery'):
        bench({'pi': plan()}, delivery='pigeon')


@needs_uv
def test_unusable_directory_of_locks(bench, plan, tmp_path):
    (tmp_path / 'file').touch()
    with pytest.raises(AnsibleActionFail, match='wheelhouse_locks'):
        bench({'pi': plan()}, locks=str(tmp_path / 'file' / 'locks'))


@needs_uv
def test_the_role_in_a_playbook_needs_no_connection(bench, site, plan, tmp_path):
    """The real ansible-playbook, on boards that nothing can reach."""
    play = [{
        'hosts': 'all', 'gather_facts': False,
        'roles': [{'role': 'edgeai.fleet.wheelhouse', 'vars': {'wheelhouse_delivery': 'index', 'wheelhouse_dir': str(tmp_path / 'house')}}],
        'tasks': [{'ansible.builtin.debug': {'msg': '{{ inventory_hostname }} {{ __wheelhouse.boards[inventory_hostname] }} {{ __wheelhouse.changed }}'}}],
    }]
    (tmp_path / 'play.json').write_text(json.dumps(play))
    (tmp_path / 'vars.json').write_text(json.dumps({'wheelhouse_plans': {'pi': plan(), 'pc': plan('x86_64', local='cpu', specifier='==99')}}))
    collections = next(parent for parent in Path(_lock.__file__).parents if parent.name == 'ansible_collections').parent
    environment = {
        **os.environ, 'ANSIBLE_COLLECTIONS_PATH': str(collections), 'ANSIBLE_LOCAL_TEMP': str(tmp_path / 'temporary'), 'PWD': str(tmp_path),
        'ANSIBLE_CONFIG': str(tmp_path / 'ansible.cfg'), 'ANSIBLE_NOCOLOR': '1',
    }
    (tmp_path / 'ansible.cfg').touch()
    (tmp_path / 'hosts').write_text('pi ansible_host=pi.invalid\npc ansible_host=pc.invalid\n')
    command = [str(Path(sys.executable).with_name('ansible-playbook')), '-i', 'hosts', '-e', '@vars.json', 'play.json']
    for changed in ('True', 'False'):
        done = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True, timeout=120, check=False)
        assert done.returncode == 0, done.stdout + done.stderr
        assert f'}} {changed}' in done.stdout and 'there is no torch ==99' in done.stdout and 'unreachable=0' in done.stdout
        assert len(list((tmp_path / 'locks').glob('*.json'))) == 1
    assert 'resolving torch' in done.stdout and not site.fetched()
