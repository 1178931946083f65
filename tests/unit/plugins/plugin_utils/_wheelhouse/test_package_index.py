# Copyright (c) 2026 the edgeai.fleet authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import socket
import subprocess
import sys

import pytest
from ansible_collections.edgeai.fleet.plugins.plugin_utils._wheelhouse.package_index import (
    SourceDown,
    Sources,
    list_files,
    redact,
)
from ansible_collections.edgeai.fleet.plugins.plugin_utils._wheelhouse.pip_config import (
    PYPI,
    Configuration,
    Source,
    pip_configuration,
)


def closed_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@pytest.fixture
def home(tmp_path):
    (tmp_path / "home" / ".config" / "pip").mkdir(parents=True)
    (tmp_path / "home" / ".pip").mkdir()
    (tmp_path / "prefix").mkdir()
    return tmp_path / "home"


def configuration(home, **environ):
    return pip_configuration(
        {"HOME": str(home), "XDG_CONFIG_DIRS": str(home / "none"), **environ}, str(home.parent / "prefix")
    )


def test_without_any_setting_it_is_pypi():
    assert pip_configuration({"PIP_CONFIG_FILE": "/dev/null"}).sources == (Source("index", PYPI),)


def test_files_and_variables_in_pips_order(home):
    (home / ".pip" / "pip.conf").write_text("[global]\nindex-url = http://legacy/simple\ncert = /legacy.pem\n")
    (home / ".config" / "pip" / "pip.conf").write_text(
        "[global]\nindex-url = http://user/simple\nfind-links =\n    /one\n    /two\ntrusted-host = a b\n"
    )
    (home.parent / "prefix" / "pip.conf").write_text(
        "[install]\nindex_url = http://site/simple\n[download]\nindex-url = http://no/simple\n"
    )
    found = configuration(home)
    assert found.sources == (Source("index", "http://site/simple"), Source("links", "/one"), Source("links", "/two"))
    assert found.cert == "/legacy.pem" and found.trusted_hosts == ("a", "b")
    found = configuration(
        home,
        PIP_INDEX_URL="http://variable/simple",
        PIP_EXTRA_INDEX_URL="http://x/s http://y/s",
        PIP_FIND_LINKS="/three",
    )
    assert [source.location for source in found.sources] == [
        "http://variable/simple",
        "http://x/s",
        "http://y/s",
        "/three",
    ]


def test_a_named_file_replaces_the_users(home):
    (home / ".config" / "pip" / "pip.conf").write_text("[global]\nindex-url = http://user/simple\n")
    (home / "named").write_text("[global]\nextra-index-url = http://more/simple\n")
    found = configuration(home, PIP_CONFIG_FILE=str(home / "named"))
    assert "http://more/simple" in [source.location for source in found.sources]
    assert "http://user/simple" not in [source.location for source in found.sources]


def test_the_same_as_pip_reads(home):
    """pip itself is the measure."""
    (home / ".config" / "pip" / "pip.conf").write_text("[global]\nindex-url = http://user/simple\nfind-links = /one\n")
    environ = {"HOME": str(home), "PIP_FIND_LINKS": "/two", "XDG_CONFIG_DIRS": str(home / "none")}
    said = subprocess.run(
        [sys.executable, "-m", "pip", "config", "list"], env=environ, capture_output=True, text=True, check=False
    )
    if said.returncode:
        pytest.skip("no pip in this environment")
    assert "global.index-url='http://user/simple'" in said.stdout and ":env:.find-links='/two'" in said.stdout
    found = pip_configuration(environ)
    assert found.sources[0] == Source("index", "http://user/simple") and found.sources[-1] == Source("links", "/two")


def test_no_index_leaves_find_links(home):
    assert configuration(home, PIP_NO_INDEX="1", PIP_FIND_LINKS="/one").sources == (Source("links", "/one"),)


def test_a_damaged_file_is_named(home):
    (home / ".pip" / "pip.conf").write_text("index-url = x\n")
    with pytest.raises(ValueError, match=r"\.pip/pip\.conf cannot be read"):
        configuration(home)


@pytest.mark.parametrize("as_json", [True, False])
def test_lists_json_and_html(site, as_json):
    site.json = as_json
    uploaded = "2026-11-01T10:00:00.000001Z"
    wheel = site.add("torch", "2.6.0+cpu", "cp311-cp311-linux_x86_64", requires_python=">=3.9", uploaded=uploaded)
    site.add("torch", "2.5.0", yanked=True)
    first, second = list_files(Source("index", site.index), "Torch", Configuration())
    assert first == {
        "filename": wheel["filename"],
        "url": wheel["url"].replace("+", "+" if as_json else "%2B"),
        "sha256": wheel["sha256"],
        "size": wheel["size"] if as_json else None,
        "requires_python": ">=3.9",
        "yanked": False,
        "uploaded": uploaded if as_json else None,
    }
    assert second["yanked"] is True and second["uploaded"] is None


def test_lists_a_links_page_a_folder_and_a_file_tree(site, tmp_path):
    wheel = site.add("torch", "2.6.0")
    site.add("torchvision", "0.21.0")
    assert [
        entry["filename"] for entry in list_files(Source("links", f"{site.url}/links.html"), "torch", Configuration())
    ] == [wheel["filename"]]
    (tmp_path / "flat").mkdir()
    (tmp_path / "flat" / wheel["filename"]).write_bytes(site.files[wheel["filename"]])
    (tmp_path / "flat" / "torchvision-0.21.0-py3-none-any.whl").touch()
    (entry,) = list_files(Source("links", str(tmp_path / "flat")), "torch", Configuration())
    assert entry["url"] == (tmp_path / "flat" / wheel["filename"]).as_uri() and entry["size"] == wheel["size"]
    (tmp_path / "simple" / "torch").mkdir(parents=True)
    (tmp_path / "simple" / "torch" / "index.html").write_text(
        f'<a href="../../flat/{wheel["filename"]}#sha256={wheel["sha256"]}">x</a>'
    )
    tree = Source("index", (tmp_path / "simple").as_uri())
    (entry,) = list_files(tree, "torch", Configuration())
    assert entry["url"] == (tmp_path / "flat" / wheel["filename"]).as_uri() and entry["sha256"] == wheel["sha256"]
    assert list_files(tree, "numpy", Configuration()) == []


def test_kind_of_a_plans_source(site, tmp_path):
    (tmp_path / "torch-2.6.0-py3-none-any.whl").touch()
    assert Source.parse(str(tmp_path)).kind == "links" and Source.parse(tmp_path.as_uri()).kind == "links"
    assert Source.parse("https://download.pytorch.org/whl/cpu").kind == "index"
    assert Source.parse("https://download.pytorch.org/whl/torch_stable.html").kind == "links"


def test_down_sources_say_why(site, tmp_path):
    with pytest.raises(SourceDown, match="refused"):
        list_files(Source("index", f"http://127.0.0.1:{closed_port()}/simple"), "torch", Configuration())
    with pytest.raises(SourceDown, match="no such folder"):
        list_files(Source("index", (tmp_path / "none").as_uri()), "torch", Configuration())
    with pytest.raises(SourceDown, match="HTTP 404"):
        list_files(Source("links", f"{site.url}/none.html"), "torch", Configuration())
    site.status = 503
    site.log.clear()
    with pytest.raises(SourceDown, match="HTTP 503"):
        list_files(Source("index", site.index), "torch", Configuration())
    assert len(site.log) == 2  # one retry
    site.status = 403
    site.log.clear()
    with pytest.raises(SourceDown, match="HTTP 403"):
        list_files(Source("index", site.index), "torch", Configuration())
    assert len(site.log) == 1


def test_an_index_without_the_project_is_not_down(site):
    assert list_files(Source("index", site.index), "torch", Configuration()) == []


def test_an_index_that_answers_nonsense_is_down(site):
    site.add("torch", "2.6.0")
    site._json = lambda files: '{"files": [1]}'
    with pytest.raises(SourceDown, match="not a simple index"):
        list_files(Source("index", site.index), "torch", Configuration())


def test_credentials_are_used_and_never_shown(site, pip_settings):
    site.add("torch", "2.6.0")
    site.password = "s3cret"
    pip_settings(index_url=f"http://me:s3cret@{site.host}/simple")
    source = pip_configuration().sources[0]
    assert len(list_files(source, "torch")) == 1
    assert "s3cret" not in str(source) and str(source) == site.index
    pip_settings(index_url=f"http://me:wr0ng@{site.host}/simple")
    index = Sources()
    assert index.files_of(index.configuration.sources[0], "torch") is None
    assert list(index.down) == [site.index] and "wr0ng" not in str(index.down) and "401" in str(index.down)
    assert redact("x https://a:b@c/d https://e/f@g") == "x https://c/d https://e/f@g"


def test_each_source_is_asked_once(site, other_site):
    site.add("torch", "2.6.0")
    other_site.status = 503
    index = Sources(Configuration(sources=(Source("index", site.index), Source("index", other_site.index))))
    for _time in range(3):
        assert [index.files_of(source, "torch") is None for source in index.configuration.sources] == [False, True]
    assert len(site.log) == 1 and len(other_site.log) == 2
