# Copyright (c) 2026 the edgeai.fleet authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Building environments: with real wheels, the real uv and this Python."""

import fcntl
import glob
import http.server
import json
import os
import pwd
import re
import shlex
import signal
import subprocess
import sys
import tempfile
import threading
import time
import zipfile

import pytest
from ansible_collections.edgeai.fleet.plugins.module_utils._base.errors import EnvironmentProblem
from ansible_collections.edgeai.fleet.plugins.module_utils._base.files import read_text, write_atomic, write_json
from ansible_collections.edgeai.fleet.plugins.module_utils._environment import artifacts
from ansible_collections.edgeai.fleet.plugins.module_utils._environment.absent import ensure_absent
from ansible_collections.edgeai.fleet.plugins.module_utils._environment.present import ensure_present
from ansible_collections.edgeai.fleet.plugins.module_utils._environment.status import read_state
from ansible_collections.edgeai.fleet.plugins.module_utils._environment.variables import load_variables
from ansible_collections.edgeai.fleet.plugins.module_utils._root.flock import Lock
from environment_support import SATISFIED, Bench, describe, pip_artifact, uv_artifact


@pytest.fixture(scope="module")
def uv(tmp_path_factory):
    return uv_artifact(tmp_path_factory.mktemp("uv"))


@pytest.fixture
def bench(tmp_path, uv):
    return Bench(tmp_path, uv)


def run_python(env, code):
    return subprocess.check_output([os.path.join(env, "bin", "python"), "-c", code]).decode().strip()


def problem(call, *arguments, **keywords):
    with pytest.raises(EnvironmentProblem) as caught:
        call(*arguments, **keywords)
    return str(caught.value)


def test_builds_and_then_leaves_alone(bench):
    torch = bench.wheel("torch", "2.9.1")
    built = bench.present([torch], environment={"OPENBLAS_CORETYPE": "it's $HOME"})
    env = bench.env(1)
    assert (built["changed"], built["generation"], built["path"], built["added"], built["warnings"]) == (
        True,
        1,
        env,
        ["aaa-1"],
        [],
    )
    assert run_python(env, "import torch; print(torch.__version__, torch.__cached__)").startswith("2.9.1 " + env)
    assert glob.glob(os.path.join(bench.site(env), "torch", "__pycache__", "*.pyc")), "no bytecode"
    assert load_variables(env) == {"OPENBLAS_CORETYPE": "it's $HOME"}
    with open(os.path.join(env, ".complete")) as stream:
        complete = json.load(stream)
    assert (complete["id"], complete["generation"], complete["wheels"][0]["name"]) == ("aaa", 1, "torch")
    assert complete["python"]["version"] == "%d.%d.%d" % sys.version_info[:3]
    assert sorted(os.listdir(os.path.join(bench.root, "cache"))) == ["artifacts"], "leftovers of the build"
    again = bench.present([torch])
    assert (again["changed"], again["generation"], again["diff"]["before"]) == (False, 1, again["diff"]["after"])


def test_state_of_what_was_built(bench):
    assert read_state(bench.root) == {
        "root": bench.root,
        "problem": None,
        "current": None,
        "complete": False,
        "intact": False,
        "damage": [],
        "record": None,
        "environments": [],
        "exposed": [],
        "warnings": [],
    }
    bench.current(bench.present([bench.wheel("torch")]), key={"kernel": "6.1"})
    state = read_state(bench.root)
    env = bench.env(1)
    assert state["current"] == {"id": "aaa", "generation": 1, "path": env, "python": env + "/bin/python"}
    assert (state["problem"], state["complete"], state["intact"], state["damage"], state["warnings"]) == (
        None,
        True,
        True,
        [],
        [],
    )
    assert (state["record"]["verdict"], state["record"]["key"], state["record"]["previous"]) == (
        SATISFIED,
        {"kernel": "6.1"},
        None,
    )
    assert state["environments"] == [{"id": "aaa", "generation": 1, "complete": True}]


@pytest.mark.parametrize(
    "content",
    ["", '{"schema": 1', "[]", '{"schema": 1, "id": "aaa", "generation": 1, "verdict": {}, "previous": {"id": 3}}'],
)
def test_a_corrupt_record_counts_as_none(bench, content):
    bench.current(bench.present([bench.wheel("torch")]))
    with open(os.path.join(bench.root, "state", "record.json"), "w") as stream:
        stream.write(content)
    state = read_state(bench.root)
    assert state["record"] is None
    assert "record.json" in state["warnings"][0]
    assert state["intact"]


def damage_by_deleting(path):
    os.unlink(path)
    return "is missing"


def damage_in_place(path):
    with open(path, "r+") as stream:
        stream.write("#")
    return "was changed after it was installed"


def damage_by_truncating(path):
    os.truncate(path, 3)
    return "has 3 bytes instead of"


@pytest.mark.parametrize("damage", [damage_by_deleting, damage_in_place, damage_by_truncating])
def test_damage_is_seen_and_repaired_as_the_next_generation(bench, damage):
    torch = bench.wheel("torch", "2.9.1")
    bench.current(bench.present([torch]))
    expected = damage(os.path.join(bench.site(bench.env(1)), "torch", "__init__.py"))
    state = read_state(bench.root)
    assert not state["intact"]
    assert expected in state["damage"][0]
    repaired = bench.present([torch])
    assert (repaired["changed"], repaired["generation"]) == (True, 2)
    assert "aaa-1 is damaged" in repaired["warnings"][0]
    # The damage must not reach the repair through a shared inode.
    assert run_python(bench.env(2), "import torch; print(torch.__version__)") == "2.9.1"
    assert bench.link() == "aaa-1"


def test_check_mode_on_a_virgin_board_writes_nothing(bench):
    torch = bench.wheel("torch")
    before = bench.tree()
    planned = ensure_present(bench.options([torch], _incoming_uid=0), True)
    assert (planned["changed"], planned["generation"], [item["filename"] for item in planned["missing"]]) == (
        True,
        1,
        [torch["filename"], bench.uv["filename"]],
    )
    assert planned["diff"]["before"]["environments"] == []
    assert planned["diff"]["after"] == {"current": None, "environments": ["aaa-1"], "packages": ["torch 1.0"]}
    assert bench.current(planned, check_mode=True)["changed"]
    assert not ensure_absent(bench.options(id=None), True)["changed"]
    assert bench.tree() == before


def test_check_mode_on_a_converged_board_is_no_change(bench):
    built = bench.present([bench.wheel("torch")])
    bench.current(built)
    before = bench.tree()
    assert not ensure_present(bench.options([bench.wheel("torch")]), True)["changed"]
    assert not bench.current(built, check_mode=True)["changed"]
    assert ensure_absent(bench.options(id=None), True)["changed"]
    assert bench.tree() == [(folder, names, os.stat(folder).st_mtime_ns) for folder, names, mtime in before]


def test_unfinished_environments_are_garbage(bench):
    os.makedirs(os.path.join(bench.env(4), "lib"))
    os.makedirs(os.path.join(bench.env(1, "bbb"), "lib"))
    os.makedirs(os.path.join(bench.root, "cache", "work-dead", "uv"))
    answer, incoming = bench.deliver(bench.options([bench.wheel("torch")]))
    assert answer["removed"] == ["aaa-4", "bbb-1"]
    built = ensure_present(bench.options([bench.wheel("torch")], _incoming=incoming), False)
    assert os.listdir(os.path.join(bench.root, "envs")) == [os.path.basename(built["path"])]
    assert os.listdir(os.path.join(bench.root, "cache")) == ["artifacts"]


def test_a_failed_installation_leaves_nothing_and_says_why(bench):
    path = bench.wheel("torch")["path"]
    with open(path, "w") as stream:
        stream.write("no archive")
    message = problem(bench.present, [describe(path, "torch", "1.0")])
    assert "uv pip install" in message
    assert "zip" in message, "uv's own words are missing"
    assert os.listdir(os.path.join(bench.root, "envs")) == []
    assert os.listdir(os.path.join(bench.root, "cache")) == ["artifacts"]


def test_installs_by_pip_where_uv_cannot_run(bench, tmp_path):
    path = str(tmp_path / "uv-0.0.2-py3-none-any.whl")
    with zipfile.ZipFile(path, "w") as wheel:
        wheel.writestr("uv-0.0.2.data/scripts/uv", b"\x7fELF of another machine")
    broken = describe(path, "uv", "0.0.2")
    built = bench.present([bench.wheel("torch", "2.9.1"), pip_artifact()], tools=[broken])
    assert "uv cannot run on this board" in built["warnings"][0]
    assert run_python(built["path"], "import torch; print(torch.__version__)") == "2.9.1"
    assert glob.glob(os.path.join(bench.site(built["path"]), "torch", "__pycache__", "*.pyc"))
    assert read_state(bench.root)["environments"][0]["complete"]


def test_a_changed_artifact_in_the_cache_is_fetched_again(bench):
    torch = bench.wheel("torch", "2.9.1")
    bench.present([torch])
    cached = os.path.join(bench.root, "cache", "artifacts", torch["sha256"], torch["filename"])
    with open(cached, "r+b") as stream:
        stream.write(b"XX")
    os.unlink(os.path.join(bench.site(bench.env(1)), "torch", "__init__.py"))
    answer, incoming = bench.deliver(bench.options([torch]))
    assert [item["filename"] for item in answer["missing"]] == [torch["filename"]], "uv must not be sent again"
    assert any(cached in warning and torch["sha256"] in warning for warning in answer["warnings"])
    assert ensure_present(bench.options([torch], _incoming=incoming), False)["generation"] == 2


def test_what_arrives_damaged_is_refused(bench):
    torch = bench.wheel("torch")
    answer, incoming = bench.deliver(bench.options([torch]))
    with open(os.path.join(incoming, torch["sha256"]), "ab") as stream:
        stream.write(b"X")
    message = problem(ensure_present, bench.options([torch], _incoming=incoming), False)
    assert "arrived damaged" in message
    assert torch["sha256"] in message
    assert not os.path.exists(incoming)
    assert not os.path.exists(os.path.join(bench.root, "cache", "artifacts", torch["sha256"]))


def test_a_delivery_that_stopped_half_way_is_named(bench):
    torch = bench.wheel("torch")
    answer, incoming = bench.deliver(bench.options([torch]))
    os.unlink(os.path.join(incoming, torch["sha256"]))
    assert torch["filename"] in problem(ensure_present, bench.options([torch], _incoming=incoming), False)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root has files of others")
def test_what_another_user_delivered_is_copied(bench):
    """As pi sends and root installs: pi may still hold the file open for writing."""
    torch = bench.wheel("torch")
    nobody = pwd.getpwnam("nobody").pw_uid
    options = bench.options([torch], _incoming_uid=nobody)
    answer, incoming = bench.deliver(options)
    status = os.stat(incoming)
    assert (status.st_uid, status.st_mode & 0o777) == (nobody, 0o700)
    delivered = os.path.join(incoming, torch["sha256"])
    os.chown(delivered, nobody, -1)
    with open(delivered, "ab") as still_open:
        ensure_present(dict(options, _incoming=incoming), False)
        cached = os.stat(os.path.join(bench.root, "cache", "artifacts", torch["sha256"], torch["filename"]))
        assert cached.st_uid == 0
        assert cached.st_ino != os.fstat(still_open.fileno()).st_ino


def test_a_link_in_the_delivery_is_not_followed(bench):
    torch = bench.wheel("torch")
    answer, incoming = bench.deliver(bench.options([torch]))
    delivered = os.path.join(incoming, torch["sha256"])
    os.unlink(delivered)
    os.symlink(torch["path"], delivered)
    with pytest.raises(OSError):
        ensure_present(bench.options([torch], _incoming=incoming), False)


@pytest.fixture
def index(bench):
    """A real HTTP server over the bench's wheels."""
    served = []

    class Handler(http.server.SimpleHTTPRequestHandler):
        def translate_path(self, path):
            served.append(path)
            return os.path.join(bench.wheels, os.path.basename(path))

        def log_message(self, *arguments):
            pass

    server = http.server.HTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield "http://127.0.0.1:%d/" % server.server_address[1], served
    server.shutdown()
    server.server_close()


def test_the_board_fetches_by_itself(bench, index):
    url, served = index
    torch, pip = bench.wheel("torch", "2.9.1"), pip_artifact()
    torch["url"] = url + torch["filename"]
    os.symlink(pip["path"], os.path.join(bench.wheels, pip["filename"]))
    pip["url"] = url + pip["filename"]
    built = ensure_present(bench.options([torch, pip], tools=[], delivery="index"), False)
    assert run_python(built["path"], "import torch; print(torch.__version__)") == "2.9.1"
    assert len(served) == 2


def test_an_index_that_serves_something_else_is_refused(bench, index, monkeypatch):
    torch = bench.wheel("torch", "2.9.1")
    torch["url"] = index[0].replace("//", "//me:secret@") + torch["filename"]
    with open(torch["path"], "ab") as stream:
        stream.write(b"X")
    message = problem(ensure_present, bench.options([torch], tools=[], delivery="index"), False)
    assert torch["sha256"] in message
    assert "secret" not in message


def test_an_unreachable_index_is_named(bench, monkeypatch):
    monkeypatch.setattr(artifacts, "ATTEMPTS", 1)
    torch = bench.wheel("torch")
    torch["url"] = "http://127.0.0.1:9/torch.whl"
    message = problem(ensure_present, bench.options([torch], tools=[], delivery="index"), False)
    assert "http://127.0.0.1:9/torch.whl" in message
    assert "torch_delivery: wheelhouse" in message
    assert "torch_delivery: wheelhouse" in problem(
        ensure_present, bench.options([dict(torch, url="file:///w/torch.whl")], tools=[], delivery="index"), False
    )


def test_no_space_is_said_before_anything_is_sent(bench, monkeypatch):
    monkeypatch.setattr(artifacts, "free_space", lambda path: 10 * 1024 * 1024)
    message = problem(bench.present, [bench.wheel("torch")])
    assert re.search("not enough space at .*: [0-9.]+ MiB needed, 10.0 MiB free", message)
    assert not os.path.exists(os.path.join(bench.root, "envs"))


def test_free_space_is_measured_at_the_nearest_directory(bench):
    status = os.statvfs(bench.folder)
    assert (
        abs(artifacts.free_space(os.path.join(bench.root, "not", "there")) - status.f_bavail * status.f_frsize)
        < 1024**3
    )


@pytest.mark.parametrize(
    "root, what",
    [
        ("file", "is a file"),
        ("file/below", "is a file"),
        ("dangling", "leads nowhere"),
        ("a b", "white space"),
        ("a:b", "colon"),
    ],
)
def test_a_root_that_cannot_be_one(bench, root, what):
    open(os.path.join(bench.folder, "file"), "w").close()
    os.symlink("/nowhere", os.path.join(bench.folder, "dangling"))
    root = os.path.join(bench.folder, root)
    message = problem(ensure_present, bench.options([bench.wheel("torch")], root=root), False)
    assert root in message
    assert what in message
    assert read_state(root)["problem"] == message


def test_a_root_where_something_was_compiled_first_is_one(bench):
    os.makedirs(os.path.join(bench.root, "cache", "ccache"))
    os.makedirs(os.path.join(bench.root, "builds"))
    assert read_state(bench.root)["problem"] is None
    os.makedirs(os.path.join(bench.root, "cache", "somebody"))
    assert "which this collection did not create" in read_state(bench.root)["problem"]


def test_a_system_directory_is_no_root(bench):
    """torch_root: /usr by mistake would replace /usr/bin/python."""
    python = os.path.join(bench.root, "bin", "python")
    os.makedirs(os.path.dirname(python))
    open(python, "w").close()
    assert "which this collection did not create" in problem(
        ensure_present, bench.options([bench.wheel("torch")]), False
    )
    assert "which this collection did not create" in problem(ensure_absent, bench.options(id=None), False)
    assert os.path.exists(python)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can try as another user")
def test_a_root_that_is_not_writable(bench):
    os.chmod(bench.folder, 0o755)
    folder = bench.folder
    while folder != "/tmp" and folder != "/":
        os.chmod(folder, os.stat(folder).st_mode | 0o055)
        folder = os.path.dirname(folder)
    read_end, write_end = os.pipe()
    if os.fork() == 0:
        os.setuid(pwd.getpwnam("nobody").pw_uid)
        os.write(write_end, str(read_state(bench.root)["problem"]).encode())
        os._exit(0)
    os.wait()
    message = os.read(read_end, 10000).decode()
    assert "cannot be created: %s is not writable by user nobody (uid" % bench.folder in message


def test_an_owner_that_does_not_exist(bench):
    before = bench.tree()
    assert "user no_such_user does not exist" in problem(ensure_present, bench.options([], owner="no_such_user"), False)
    assert bench.tree() == before


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give files away")
def test_the_environment_belongs_to_its_owner(bench):
    torch = bench.wheel("torch")
    nobody = pwd.getpwnam("nobody")
    built = bench.present([torch], owner="nobody")
    assert set(
        os.lstat(os.path.join(folder, name)).st_uid
        for folder, folders, files in os.walk(os.path.join(built["path"], "lib"))
        for name in folders + files
    ) == {nobody.pw_uid}
    assert os.stat(built["python"]).st_uid == os.stat(sys.executable).st_uid, "a link was followed"
    assert not bench.present([torch], owner="nobody")["changed"]
    back = bench.present([torch], owner="root")
    assert (back["changed"], back["generation"], os.stat(built["path"]).st_uid) == (True, 1, 0)


@pytest.mark.parametrize("python, what", [("/no/python", "cannot be run"), ("/bin/false", "does not work")])
def test_an_interpreter_that_does_not_run(bench, python, what):
    message = problem(ensure_present, bench.options([bench.wheel("torch")], python=python), True)
    assert python in message
    assert what in message


@pytest.mark.parametrize("change", [{"filename": "../../x.whl"}, {"sha256": "../../etc"}, {"size": None}])
def test_an_artifact_that_no_lock_holds(bench, change):
    assert "artifact" in problem(ensure_present, bench.options([dict(bench.wheel("torch"), **change)]), True)


def test_a_held_lock_names_its_holder(bench):
    holder = subprocess.Popen(
        [
            sys.executable,
            "-c",
            (
                'import fcntl, os, sys, time\nf = open(sys.argv[1], "w")\nfcntl.flock(f,'
                ' fcntl.LOCK_EX)\nf.write(\'{"pid": %d, "since": "2026-11-23T04:00:00Z"}\' % os.getpid()); f.flush();'
                ' print("held", flush=True); time.sleep(60)'
            ),
            _lock_path(bench),
        ],
        stdout=subprocess.PIPE,
    )
    try:
        holder.stdout.readline()
        message = problem(bench.present, [bench.wheel("torch")], lock_timeout=1)
        assert "process %d has held" % holder.pid in message
        assert "since 2026-11-23T04:00:00Z" in message
        assert "has ended" not in message
    finally:
        holder.kill()
        holder.communicate()


def _lock_path(bench):
    path = os.path.join(bench.root, "state", "lock")
    os.makedirs(os.path.dirname(path))
    return path


def test_a_lock_whose_file_was_removed_is_no_lock(tmp_path):
    path = str(tmp_path / "lock")
    with Lock(path, 1) as first:
        os.unlink(path)
        with Lock(path, 1) as second:
            assert not os.path.samestat(os.fstat(first.descriptor), os.fstat(second.descriptor))
    with open(path) as stream:
        fcntl.flock(stream, fcntl.LOCK_EX | fcntl.LOCK_NB)


CHILD = """
import json, sys
from ansible_collections.edgeai.fleet.plugins.module_utils._environment.present import ensure_present
ensure_present(json.loads(sys.argv[1]), False)
"""


def _find_installer(parent):
    """The pid of `uv pip install`, a child of this process, once it works."""
    deadline = time.time() + 30
    while time.time() < deadline:
        for path in glob.glob("/proc/[0-9]*/stat"):
            try:
                with open(path) as stream:
                    pid, rest = stream.read().split(" ", 1)
                if int(rest.rsplit(")", 1)[1].split()[1]) == parent:
                    with open("/proc/%s/cmdline" % pid, "rb") as stream:
                        if b"install" in stream.read().split(b"\0"):
                            return int(pid)
            except OSError:
                continue
        time.sleep(0.001)
    raise AssertionError("the installer did not start")


def test_killed_in_the_middle_of_a_build(bench):
    """The module dies of SIGKILL, its installer lives on: it keeps the lock; `current` works all the time; the next run
    completes.
    """
    first = bench.present([bench.wheel("torch", "2.9.1")])
    bench.current(first)
    large = bench.wheel(
        "torch",
        "2.10.0",
        files=dict(
            [("torch/__init__.py", '__version__ = "2.10.0"\n')]
            + [("torch/m%d.py" % number, "x = %d\n" % number) for number in range(1500)]
        ),
    )
    options = bench.options([large], id="bbb")
    answer, incoming = bench.deliver(options)
    child = subprocess.Popen([sys.executable, "-c", CHILD, json.dumps(dict(options, _incoming=incoming))])
    installer = _find_installer(child.pid)
    os.kill(installer, signal.SIGSTOP)
    child.kill()
    child.wait()
    try:
        assert not os.path.exists(os.path.join(bench.env(1, "bbb"), ".complete"))
        assert run_python(os.path.join(bench.root, "current"), "import torch; print(torch.__version__)") == "2.9.1"
        state = read_state(bench.root)
        assert (state["intact"], state["environments"][1]) == (True, {"id": "bbb", "generation": 1, "complete": False})
        message = problem(ensure_present, dict(options, lock_timeout=1), False)
        assert "process %d has held" % child.pid in message
        assert "but a child of it still runs" in message
    finally:
        os.kill(installer, signal.SIGCONT)
    built = bench.present([large], id="bbb")
    assert built["changed"]
    assert run_python(built["path"], "import torch; print(torch.__version__)") == "2.10.0"
    assert [item["complete"] for item in read_state(bench.root)["environments"]] == [True, True]
    # A delivery needs no lock: its directory goes only when nothing has moved in it for long.
    stale = [
        os.path.join(bench.root, "cache", name)
        for name in os.listdir(os.path.join(bench.root, "cache"))
        if name != "artifacts"
    ]
    assert [os.path.basename(path)[:9] for path in stale] == ["incoming-"]
    os.utime(stale[0], (0, 0))
    bench.current(built)
    assert os.listdir(os.path.join(bench.root, "cache")) == ["artifacts"]


def pip_install(python, *arguments):
    environment = dict((name, value) for name, value in os.environ.items() if not name.startswith(("PIP_", "PYTHON")))
    process = subprocess.Popen(
        [python, "-m", "pip", "install", "--no-index"] + list(arguments),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        env=environment,
    )
    output = process.communicate()[0].decode()
    return process.returncode, output


def test_a_later_pip_install_cannot_exchange_torch(bench):
    pip = pip_artifact()
    if int(pip["version"].split(".")[0]) < 22:
        pytest.skip("this Python brings pip %s, which knows no constraint on a file" % pip["version"])
    built = bench.present([bench.wheel("torch", "2.9.1"), pip])
    bench.wheel("torch", "3.0")
    bench.wheel("content", requires=["torch>=2"])
    bench.wheel("greedy", requires=["torch==3.0"])
    status, output = pip_install(built["python"], "--find-links", bench.wheels, "greedy")
    assert (status, "ResolutionImpossible" in output) == (1, True), output
    status, output = pip_install(built["python"], "--find-links", bench.wheels, "content")
    assert status == 0, output
    assert run_python(built["path"], "import torch, content; print(torch.__version__)") == "2.9.1"
    assert not bench.present([bench.wheel("torch", "2.9.1"), pip])["changed"], "an added package is no damage"


def test_packages_that_someone_added_are_carried(bench):
    pip, old, new = pip_artifact(), bench.wheel("torch", "2.9.1"), bench.wheel("torch", "2.10.0")
    first = bench.present([old, pip])
    bench.current(first)
    extra = bench.wheel(
        "extra_tool",
        "3.1",
        files={"extra_tool/__init__.py": "def main():\n    import sys\n    print(sys.prefix)\n"},
        scripts=["extra"],
    )
    editable = os.path.join(bench.site(first["path"]), "mine-1.dist-info")
    os.mkdir(editable)
    for name, text in (
        ("RECORD", ""),
        ("METADATA", "Metadata-Version: 2.1\nName: mine\nVersion: 1\n"),
        ("direct_url.json", '{"url": "file:///home/me", "dir_info": {"editable": true}}'),
    ):
        with open(os.path.join(editable, name), "w") as stream:
            stream.write(text)
    status, output = pip_install(first["python"], extra["path"])
    assert status == 0, output
    second = bench.present([new, pip], id="bbb")
    assert second["carried"] == ["extra_tool"]
    assert len(second["warnings"]) == 1
    assert "mine was added by someone" in second["warnings"][0]
    assert "editable" in second["warnings"][0]
    assert subprocess.check_output([os.path.join(second["path"], "bin", "extra")]).decode().strip() == second["path"]
    switched = bench.current(second)
    assert any("mine" in warning and "extra_tool" not in warning for warning in switched["warnings"])
    # Carried packages stay user-added: they go on into the next one.
    os.unlink(os.path.join(bench.site(second["path"]), "torch", "__init__.py"))
    assert bench.present([new, pip], id="bbb")["carried"] == ["extra_tool"]


def test_added_packages_are_only_named_if_that_is_wanted(bench):
    pip = pip_artifact()
    bench.current(bench.present([bench.wheel("torch", "2.9.1"), pip]))
    status, output = pip_install(os.path.join(bench.root, "current", "bin", "python"), bench.wheel("extra")["path"])
    assert status == 0, output
    second = bench.present([bench.wheel("torch", "2.10.0"), pip], id="bbb", carry_packages=False)
    assert (second["carried"], second["warnings"]) == (
        [],
        ["these packages that someone added are not in the new environment: extra"],
    )


def test_a_list_of_files_cannot_reach_outside(bench):
    """RECORD is the owner's: root must not copy /etc/shadow into an environment of that user."""
    first = bench.present([bench.wheel("torch", "2.9.1")])
    bench.current(first)
    secret = os.path.join(bench.folder, "secret")
    open(secret, "w").close()
    site = bench.site(first["path"])
    os.symlink(bench.folder, os.path.join(site, "out"))
    for name, line in (("one", "../../../../../../secret,,"), ("two", "out/secret,,")):
        info = os.path.join(site, name + "-1.dist-info")
        os.mkdir(info)
        with open(os.path.join(info, "RECORD"), "w") as stream:
            stream.write("%s\n%s-1.dist-info/RECORD,,\n" % (line, name))
    second = bench.present([bench.wheel("torch", "2.10.0")], id="bbb")
    assert second["carried"] == []
    assert all("outside its environment" in warning for warning in second["warnings"])
    assert len(second["warnings"]) == 2


@pytest.mark.parametrize("system_site_packages", [False, True])
def test_packages_of_a_vendors_environment_stay_importable(bench, system_site_packages):
    site, further = os.path.join(bench.folder, "vendor's", "site-packages"), os.path.join(bench.folder, "further")
    for path, text in (
        (site + "/pynq/__init__.py", "import torch"),
        (site + "/torch/__init__.py", '__version__ = "the vendor\'s"'),
        (site + "/further.pth", further + "\n"),
        (further + "/overlay.py", "answer = 42"),
    ):
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "w") as stream:
            stream.write(text)
    before = bench.tree()
    gone = os.path.join(bench.folder, "gone")
    built = bench.present(
        [bench.wheel("torch", "2.9.1")], paths=[site, gone], system_site_packages=system_site_packages
    )
    code = (
        "import sys; sys.dont_write_bytecode = True; import pynq, overlay; print(pynq.torch.__version__,"
        " overlay.answer)"
    )
    assert run_python(built["path"], code) == "2.9.1 42"
    assert [entry for entry in bench.tree() if entry[0].startswith((site, further))] == [
        entry for entry in before if entry[0].startswith((site, further))
    ]
    with open(os.path.join(built["path"], ".complete")) as stream:
        assert json.load(stream)["paths"] == [site, gone]
    order = run_python(built["path"], 'import sys; print(*sys.path, sep="\\n")').splitlines()
    own = order.index(bench.site(built["path"]))
    assert order[own + 1 : own + 3] == [site, further]
    assert not bench.present([bench.wheel("torch", "2.9.1")], paths=[site, gone])["changed"]


def test_a_path_that_is_not_absolute(bench):
    assert (
        problem(ensure_present, bench.options([bench.wheel("torch")], paths=["site-packages"]), False)
        == "paths: site-packages is not an absolute path"
    )


def mode(path):
    return os.stat(path).st_mode & 0o777


def by_wrapper(bench):
    code = (
        'import os; print(os.environ.get("HF_TOKEN"), os.environ.get("OMP_NUM_THREADS"),'
        ' os.environ.get("PIP_INDEX_URL"))'
    )
    return subprocess.check_output([os.path.join(bench.root, "bin", "python"), "-c", code]).decode().strip()


SECRETIVE = {"HF_TOKEN": "hf_it's", "OMP_NUM_THREADS": "1", "PIP_INDEX_URL": "https://me:pw@h/simple"}


def test_secret_variables_are_read_by_the_workloads_user_alone(bench):
    bench.current(bench.present([bench.wheel("torch")], environment=SECRETIVE))
    env = bench.env(1)
    for name in ("secrets.json", "secrets.sh"):
        assert mode(os.path.join(env, ".edgeai", name)) == 0o600
    for name in ("variables.json", "variables.sh"):
        text = read_text(os.path.join(env, ".edgeai", name))
        assert (
            mode(os.path.join(env, ".edgeai", name)) == 0o644
            and "OMP_NUM_THREADS" in text
            and "hf_it" not in text
            and "pw@" not in text
        )
    assert load_variables(env) == SECRETIVE
    assert by_wrapper(bench) == "hf_it's 1 https://me:pw@h/simple"
    assert read_state(bench.root)["exposed"] == []


def as_user(uid, env):
    """What bin/python does, without the interpreter, which may lie where others cannot come."""
    code = 'env="$0"; . "$env/.edgeai/variables.sh"; echo "$HF_TOKEN $OMP_NUM_THREADS"'
    return subprocess.check_output(["sh", "-c", code, env], cwd="/", preexec_fn=lambda: os.setuid(uid)).decode().strip()


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give a file to another user")
def test_other_users_run_without_the_secrets(uv):
    nobody = pwd.getpwnam("nobody").pw_uid
    with tempfile.TemporaryDirectory() as folder:
        os.chmod(folder, 0o755)
        bench = Bench(folder, uv)
        torch = bench.wheel("torch")
        built = bench.present([torch], environment=SECRETIVE, user="nobody")
        assert not built["warnings"]
        secret = os.path.join(bench.env(1), ".edgeai", "secrets.sh")
        assert os.stat(secret).st_uid == nobody and mode(secret) == 0o600
        assert (as_user(nobody, bench.env(1)), as_user(12345, bench.env(1))) == ("hf_it's 1", "1")
        # The workload's user changes: the same environment, read by another.
        again = bench.present([torch], environment=SECRETIVE, user="root")
        assert (again["changed"], again["generation"], again["added"]) == (True, 1, [])
        assert (as_user(nobody, bench.env(1)), as_user(0, bench.env(1))) == ("1", "hf_it's 1")
        assert not bench.present([torch], environment=SECRETIVE, user="root")["changed"]
        # A user who owns the environment, and another who runs the workload.
        assert bench.present([torch], environment=SECRETIVE, user="root", owner="nobody")["changed"]
        assert os.stat(bench.env(1)).st_uid == nobody and as_user(nobody, bench.env(1)) == "1"
        assert not bench.present([torch], environment=SECRETIVE, user="root", owner="nobody")["changed"]


def expose(env, variables):
    """As earlier versions wrote them."""
    for name in ("secrets.json", "secrets.sh"):
        path = os.path.join(env, ".edgeai", name)
        if os.path.exists(path):
            os.unlink(path)
    write_json(os.path.join(env, ".edgeai", "variables.json"), variables)
    write_atomic(
        os.path.join(env, ".edgeai", "variables.sh"),
        "".join("export %s=%s\n" % (name, shlex.quote(variables[name])) for name in sorted(variables)),
    )


def test_what_earlier_versions_left_readable_is_repaired_once_and_in_place(bench):
    torch = bench.wheel("torch")
    for identity in ("aaa", "bbb"):
        bench.current(bench.present([torch], id=identity, environment=SECRETIVE))
    for identity in ("aaa", "bbb"):
        expose(bench.env(1, identity), SECRETIVE)
    state = read_state(bench.root)
    assert (
        state["exposed"] == ["HF_TOKEN, PIP_INDEX_URL of environment %s-1" % identity for identity in ("aaa", "bbb")]
        and state["intact"]
    )
    foretold = ensure_present(bench.options([torch], id="bbb", environment=SECRETIVE), True)
    assert foretold["changed"] and read_state(bench.root) == state
    repaired = bench.present([torch], id="bbb", environment=SECRETIVE)
    assert (repaired["changed"], repaired["generation"], repaired["added"]) == (True, 1, [])
    assert "HF_TOKEN, PIP_INDEX_URL" in repaired["warnings"][0] and "hf_it" not in str(repaired["warnings"])
    assert read_state(bench.root)["exposed"] == [] and by_wrapper(bench) == "hf_it's 1 https://me:pw@h/simple"
    assert mode(os.path.join(bench.env(1), ".edgeai", "secrets.json")) == 0o600
    assert not bench.present([torch], id="bbb", environment=SECRETIVE)["changed"]


def test_without_secrets_the_files_are_those_of_earlier_versions(bench):
    variables = {"OMP_NUM_THREADS": "1", "A": "b c"}
    bench.present([bench.wheel("torch")], environment=variables)
    texts = [read_text(os.path.join(bench.env(1), ".edgeai", name)) for name in ("variables.json", "variables.sh")]
    expose(bench.env(1), variables)
    assert texts == [
        read_text(os.path.join(bench.env(1), ".edgeai", name)) for name in ("variables.json", "variables.sh")
    ]
    assert not os.path.exists(os.path.join(bench.env(1), ".edgeai", "secrets.sh"))
