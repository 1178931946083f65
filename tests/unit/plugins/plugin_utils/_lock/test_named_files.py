# Copyright (c) 2026 the edgeai.fleet authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Files that a plan names one by one, and their pins: real (small) wheels over real HTTP, resolved by the real uv."""

from __future__ import annotations

import hashlib
import json

import pytest
from ansible.errors import AnsibleActionFail
from index_support import make_wheel
from lock_support import needs_uv, versions
from plan_support import validate

ORIN = "cp310-cp310-linux_aarch64"
TORCH = "2.5.0a0+872d972e41.nv24.08"
KEYRING = "cuda-keyring_1.1-1_all.deb"
FALSE = "0" * 64


@pytest.fixture
def orin(site, plan):
    """The plan of a Jetson: NVIDIA's torch behind a URL that hides its name."""
    wheel = site.add("torch", TORCH, ORIN, requires=["sympy"])
    site.projects.pop("torch")  # on no index
    site.add("sympy", "1.13")

    def make(sha256=None, **differences):
        wheels = [{"filename": wheel["filename"], "url": site.hide(wheel["filename"]), "sha256": sha256}]
        return plan(
            libc="2.35", python="3.10.12", accelerator="cuda", specifier="==2.5.0", **{"wheels": wheels, **differences}
        )

    make.wheel = wheel
    return make


def tampered(site, filename):
    """Other bytes of the same name and version, such as the vendor's next build."""
    name, version = filename.split("-")[:2]
    site.files[filename] = make_wheel(name, version, ORIN, content="other = True\n")[1]
    return hashlib.sha256(site.files[filename]).hexdigest()


def serve(site, name, data):
    site.files[name] = data
    return {"filename": name, "url": f"{site.url}/files/{name}", "sha256": None}


def pins_of(wheelhouse) -> dict:
    content = json.loads((wheelhouse.locks / "pins.json").read_text())
    assert content["schema"] == 1
    return content["pins"]


def write_pins(wheelhouse, pins, schema=1):
    wheelhouse.locks.mkdir(exist_ok=True)
    (wheelhouse.locks / "pins.json").write_text(json.dumps({"schema": schema, "pins": pins}))


def only_lock(result) -> dict:
    assert result["locks"], result["boards"]
    (lock,) = result["locks"].values()
    validate("lock", lock)
    return lock


# --- explicit wheels


@needs_uv
def test_the_wheel_gets_its_name_and_the_rest_is_resolved(wheelhouse, site, orin):
    result = wheelhouse({"orin": orin(orin.wheel["sha256"])})
    lock = only_lock(result)
    assert (
        versions(lock) == {"torch": TORCH, "sympy": "1.13", "pip": "26.0"}
        and lock["torch"] == TORCH
        and lock["warnings"] == []
    )
    torch = next(package for package in lock["packages"] if package["name"] == "torch")
    assert (torch["filename"], torch["url"], torch["sha256"]) == (
        orin.wheel["filename"],
        site.hide(orin.wheel["filename"]),
        orin.wheel["sha256"],
    )
    assert lock["sources"] == [torch["url"]] and torch["size"] == orin.wheel["size"] and torch["unpacked"]
    assert (wheelhouse.house / "sha256" / torch["sha256"] / torch["filename"]).read_bytes() == site.files[
        torch["filename"]
    ]
    assert (
        site.fetched().count(torch["filename"]) == 1
        and not (wheelhouse.locks / "pins.json").exists()
        and result["pinned"] == []
    )
    site.log.clear()
    again = wheelhouse({"orin": orin(orin.wheel["sha256"])})
    assert not again["changed"] and site.log == [] and again["boards"] == result["boards"]


@needs_uv
def test_what_pins_another_torch_gets_this_one(wheelhouse, site, orin):
    for name in ("torchvision", "timm"):
        site.add(name, "0.20.0", requires=["torch==2.5.0"])
    for version in ("1.26.4", "2.4.0"):
        site.add("numpy", version)
    site.add(
        "torch", "2.5.0", "cp310-cp310-manylinux_2_28_aarch64", requires=["nvidia-cublas"]
    )  # PyPI's: of the nominal version, and not to be taken
    board = orin(
        orin.wheel["sha256"], companions=["torchvision"], requirements=["timm", "numpy"], constraints=["numpy<2"]
    )
    assert versions(only_lock(wheelhouse({"orin": board}))) == {
        "torch": TORCH,
        "sympy": "1.13",
        "pip": "26.0",
        "torchvision": "0.20.0",
        "timm": "0.20.0",
        "numpy": "1.26.4",
    }


@needs_uv
def test_the_same_version_on_the_index_is_another_file(wheelhouse, site, orin):
    """NVIDIA's torch 1.10.0 for JetPack 4 has the name and version of PyPI's."""
    pypi = site.add("torch", "1.10.0", "cp310-cp310-manylinux2014_aarch64")
    nvidia = make_wheel("torch", "1.10.0", ORIN, content="cuda = True\n")[1]
    wheel = serve(site, f"torch-1.10.0-{ORIN}.whl", nvidia)
    lock = only_lock(wheelhouse({"nano": orin(wheels=[{**wheel, "sha256": hashlib.sha256(nvidia).hexdigest()}])}))
    torch = next(package for package in lock["packages"] if package["name"] == "torch")
    assert torch["sha256"] == hashlib.sha256(nvidia).hexdigest() != pypi["sha256"]


@needs_uv
def test_a_companion_by_its_own_wheel(wheelhouse, site, orin):
    vision = site.add("torchvision", "0.20.0a0+afc54f7", ORIN, requires=["torch==2.5.0"])
    site.add("torchvision", "0.20.0", "cp310-cp310-manylinux_2_28_aarch64", requires=["torch==2.5.0"])
    named = [{**wheel, "url": f"{site.url}/files/{wheel['filename']}"} for wheel in (orin.wheel, vision)]
    lock = only_lock(wheelhouse({"orin": orin(wheels=named, companions=["torchvision==0.20.0"])}))
    assert versions(lock)["torchvision"] == "0.20.0a0+afc54f7" and vision["sha256"] in str(lock)
    assert "torchvision" not in versions(only_lock(wheelhouse({"orin": orin(wheels=named)})))  # only if it is asked for
    refused = wheelhouse({"orin": orin(wheels=named, companions=["torchvision==0.19.1"])})["boards"]["orin"]["refusal"]
    assert (
        "torchvision==0.19.1 is required" in refused["reason"]
        and vision["filename"] in refused["reason"]
        and "==0.20.0" in refused["way_out"]
    )


@needs_uv
def test_of_wheels_for_several_pythons_one_is_fetched(wheelhouse, site, orin):
    other = site.add("torch", TORCH, "cp312-cp312-linux_aarch64")
    named = [{**wheel, "url": f"{site.url}/files/{wheel['filename']}"} for wheel in (other, orin.wheel)]
    result = wheelhouse({"orin": orin(wheels=named)})
    assert orin.wheel["filename"] in result["downloaded"] and other["filename"] not in result["downloaded"]
    refused = wheelhouse({"orin": orin(wheels=named[:1])})["boards"]["orin"]["refusal"]
    assert (
        "the torch wheel of the catalogue does not fit Python 3.10.12, aarch64" in refused["reason"]
        and "cp312-cp312-linux_aarch64" in refused["reason"]
    )


@needs_uv
def test_a_cpu_build_beside_torch_npu(wheelhouse, site, plan):
    site.add("torch", "2.9.1+cpu", "cp310-cp310-manylinux_2_28_x86_64")
    site.add("torch-npu", "2.9.1", "cp310-cp310-manylinux_2_28_x86_64", requires=["torch==2.9.1"])
    npu = plan("x86_64", python="3.10.12", accelerator="npu", requirements=["torch-npu==2.9.1"])
    assert versions(only_lock(wheelhouse({"atlas": npu}))) == {
        "torch": "2.9.1+cpu",
        "torch-npu": "2.9.1",
        "pip": "26.0",
    }
    refused = wheelhouse({"pc": {**npu, "accelerator": "cuda"}})["boards"]["pc"]["refusal"]
    assert "is for cuda; there are: +cpu" in refused["reason"]


# --- what the board has


@needs_uv
def test_what_the_board_has_is_not_brought(wheelhouse, site, plan):
    site.add("torch", "2.9.1", "cp310-cp310-manylinux_2_28_aarch64")
    site.add(
        "torchvision", "0.24.1", "cp310-cp310-manylinux_2_28_aarch64", requires=["torch==2.9.1", "numpy", "pynq>=3"]
    )
    site.add("numpy", "1.21.5", "cp310-cp310-manylinux2014_aarch64", requires=["setuptools"])
    site.add("numpy", "2.4.0", "cp310-cp310-manylinux2014_aarch64")
    board = plan(
        python="3.10.12", libc="2.35", companions=["torchvision"], requirements=["numpy"], system_site_packages=True
    )
    assert (
        "pynq was not found" in wheelhouse({"kria": board})["boards"]["kria"]["refusal"]["reason"]
    )  # nor would setuptools be found, which numpy needs
    result = wheelhouse({"kria": {**board, "provided": {"numpy": "1.21.5", "pynq": "3.0.1"}}})
    assert versions(only_lock(result)) == {"torch": "2.9.1", "torchvision": "0.24.1", "pip": "26.0"}
    too_old = {**board, "provided": {"numpy": "1.21.5", "pynq": "2.7.0"}}
    assert "pynq" in wheelhouse({"kria": too_old})["boards"]["kria"]["refusal"]["reason"]
    strange = {**board, "provided": {"numpy": "unknown"}}
    assert (
        "'numpy==unknown' is not a valid requirement"
        in wheelhouse({"kria": strange})["boards"]["kria"]["refusal"]["reason"]
    )


# --- pins


def test_nothing_is_fetched_that_nobody_vouches_for(wheelhouse, site, orin):
    keyring = serve(site, KEYRING, b"!<arch>\n")
    result = wheelhouse({"orin": orin(files=[keyring])})
    refused = result["boards"]["orin"]["refusal"]
    assert all(
        word in refused["reason"]
        for word in (
            orin.wheel["filename"],
            site.hide(orin.wheel["filename"]),
            KEYRING,
            "pins.json",
            "nothing was fetched",
        )
    )
    assert all(
        word in refused["way_out"]
        for word in ("torch_trust_on_first_use: true", '"schema": 1', f'"{orin.wheel["filename"]}"')
    )
    assert site.fetched() == [] and not result["changed"] and not wheelhouse.locks.exists()


@needs_uv
def test_trust_on_first_use(wheelhouse, site, orin):
    result = wheelhouse({"orin": orin(trust_on_first_use=True)}, diff=True)
    name = orin.wheel["filename"]
    assert result["changed"] and result["pinned"] == [name] and versions(only_lock(result))["torch"] == TORCH
    pin = pins_of(wheelhouse)[name]
    assert (pin["url"], pin["sha256"]) == (site.hide(name), orin.wheel["sha256"]) and set(pin) == {
        "url",
        "sha256",
        "first_seen",
    }
    (warning,) = result["warnings"]
    assert name in warning and orin.wheel["sha256"] in warning and "is recorded" in warning and "commit" in warning
    shown = next(difference for difference in result["diff"] if difference["after_header"].endswith("pins.json"))
    assert shown["before"] == "" and shown["after"] == (wheelhouse.locks / "pins.json").read_text()
    assert not wheelhouse({"orin": orin(trust_on_first_use=True)})["changed"]
    assert not wheelhouse({"orin": orin()}, relock=True)["changed"]  # who trusted once need not trust again


@needs_uv
def test_a_pin_written_by_hand(wheelhouse, site, orin):
    write_pins(wheelhouse, {orin.wheel["filename"]: {"sha256": orin.wheel["sha256"]}})
    text = (wheelhouse.locks / "pins.json").read_text()
    assert wheelhouse({"orin": orin()})["boards"]["orin"]["id"] and (wheelhouse.locks / "pins.json").read_text() == text


@pytest.mark.parametrize("trusting", [True, False])
def test_a_tampered_pinned_wheel_is_refused(wheelhouse, site, orin, trusting):
    name = orin.wheel["filename"]
    write_pins(
        wheelhouse,
        {
            name: {
                "url": "http://vendor.invalid/x",
                "sha256": orin.wheel["sha256"],
                "first_seen": "2026-01-01T00:00:00Z",
            }
        },
    )
    found = tampered(site, name)
    result = wheelhouse({"orin": orin(trust_on_first_use=trusting)})
    refused = result["boards"]["orin"]["refusal"]
    assert all(word in refused["reason"] for word in (orin.wheel["sha256"], found, site.hide(name), "pins.json"))
    assert name in refused["way_out"] and "torch_trust_on_first_use" in refused["way_out"]
    assert (
        result["locks"] == {}
        and result["downloaded"] == []
        and pins_of(wheelhouse)[name]["sha256"] == orin.wheel["sha256"]
    )
    assert not list(wheelhouse.house.rglob("*.whl"))


def test_a_wheel_that_is_not_that_of_the_row(wheelhouse, site, orin):
    found = tampered(site, orin.wheel["filename"])
    refused = wheelhouse({"orin": orin(orin.wheel["sha256"])})["boards"]["orin"]["refusal"]
    assert (
        orin.wheel["sha256"] in refused["reason"]
        and found in refused["reason"]
        and "the catalogue" in refused["reason"]
    )
    assert "the row that gives" in refused["way_out"]


def test_the_row_and_the_pin_disagree(wheelhouse, site, orin):
    write_pins(wheelhouse, {orin.wheel["filename"]: {"sha256": FALSE}})
    refused = wheelhouse({"orin": orin(orin.wheel["sha256"])})["boards"]["orin"]["refusal"]
    assert orin.wheel["sha256"] in refused["reason"] and FALSE in refused["reason"] and site.fetched() == []


@needs_uv
def test_a_pin_that_was_changed_later_stops_the_kept_lock(wheelhouse, site, orin):
    wheelhouse({"orin": orin(trust_on_first_use=True)})
    write_pins(wheelhouse, {orin.wheel["filename"]: {"sha256": FALSE}})
    refused = wheelhouse({"orin": orin()})["boards"]["orin"]["refusal"]
    assert (
        orin.wheel["sha256"] in refused["reason"]
        and FALSE in refused["reason"]
        and "torch_relock" in refused["way_out"]
    )


@needs_uv
def test_two_boards_one_new_wheel(wheelhouse, site, orin):
    boards = {
        "a": orin(trust_on_first_use=True),
        "b": orin(trust_on_first_use=True, requirements=["sympy"]),
        "c": orin(),
    }
    result = wheelhouse(boards)
    assert (
        len(result["locks"]) == 2
        and site.fetched().count(orin.wheel["filename"]) == 1
        and result["pinned"] == [orin.wheel["filename"]]
    )
    assert all(result["boards"][host]["id"] for host in boards)  # c shares a's lock
    assert len(list(wheelhouse.house.rglob("torch-*.whl"))) == 1


@needs_uv
def test_check_mode_fetches_into_a_place_of_its_own(wheelhouse, site, orin, tmp_path):
    before = set(tmp_path.rglob("*"))
    keyring = serve(site, KEYRING, b"!<arch>\n")
    board = orin(trust_on_first_use=True, files=[keyring])
    result = wheelhouse({"orin": board}, check=True, diff=True)
    assert (
        result["changed"]
        and result["pinned"] == sorted([orin.wheel["filename"], KEYRING])
        and versions(only_lock(result))["torch"] == TORCH
    )
    assert {orin.wheel["filename"], KEYRING} <= set(result["downloaded"]) and any(
        "would be recorded" in warning for warning in result["warnings"]
    )
    assert [difference["after_header"].rpartition("/")[2] for difference in result["diff"]][-1] == "pins.json"
    assert set(tmp_path.rglob("*")) == before
    real = wheelhouse({"orin": board})
    assert real["boards"] == result["boards"]
    assert not wheelhouse({"orin": board}, check=True)["changed"]
    site.log.clear()
    assert (
        not wheelhouse({"orin": board}, check=True, relock=True)["changed"] and site.fetched() == []
    )  # what is there is used


def test_a_login_page_is_never_pinned(wheelhouse, site, orin):
    site.files[orin.wheel["filename"]] = b"<!DOCTYPE html><html>Sign in</html>"
    refused = wheelhouse({"orin": orin(trust_on_first_use=True)})["boards"]["orin"]["refusal"]
    assert (
        "not a wheel" in refused["reason"]
        and site.hide(orin.wheel["filename"]) in refused["reason"]
        and not wheelhouse.locks.exists()
    )


@needs_uv
def test_a_place_that_does_not_answer_concerns_its_board_only(wheelhouse, site, other_site, orin, plan):
    site.add("torch", "2.9.1", "cp311-cp311-manylinux_2_28_aarch64")
    other_site.status = 404
    away = [{"filename": orin.wheel["filename"], "url": f"{other_site.url}/x.whl", "sha256": None}]
    result = wheelhouse({"orin": orin(trust_on_first_use=True, wheels=away), "pi": plan()})
    assert (
        "404" in result["boards"]["orin"]["refusal"]["reason"]
        and "torch_mirrors" in result["boards"]["orin"]["refusal"]["way_out"]
    )
    assert result["boards"]["pi"]["id"]


@needs_uv
def test_passwords_of_wheels_are_kept_nowhere(wheelhouse, site, orin):
    site.password = "s3cret"
    wheel = orin()["wheels"][0]
    with_password = {**wheel, "url": wheel["url"].replace("://", "://me:s3cret@")}
    site_index = f"http://me:s3cret@{site.host}/simple"
    result = wheelhouse({"orin": orin(trust_on_first_use=True, wheels=[with_password], sources=[site_index])})
    assert (
        "s3cret" not in str({**result, "boards": None}) and "s3cret" not in (wheelhouse.locks / "pins.json").read_text()
    )


@pytest.mark.parametrize(
    "text, words",
    [
        ('{"schema": 1,', "damaged: it cannot be read"),
        ("[]", "damaged: it is not of the form"),
        ('{"schema": 1, "pins": {}, "more": 1}', "damaged: it is not of the form"),
        ('{"schema": 1, "pins": {"a.whl": {"sha256": "XYZ"}}}', "its entry 'a.whl'"),
        (json.dumps({"schema": 1, "pins": {"../a.whl": {"sha256": FALSE}}}), "its entry '../a.whl'"),
        (json.dumps({"schema": 1, "pins": {"a.whl": {"sha256": FALSE, "sha512": ""}}}), "its entry 'a.whl'"),
        ('{"schema": 2, "pins": []}', "has schema 2, but this version of edgeai.fleet supports 1"),
    ],
)
def test_pins_that_cannot_be_read(wheelhouse, orin, text, words):
    wheelhouse.locks.mkdir()
    (wheelhouse.locks / "pins.json").write_text(text)
    with pytest.raises(AnsibleActionFail) as caught:
        wheelhouse({"orin": orin(trust_on_first_use=True)})
    assert (
        words in str(caught.value)
        and "pins.json" in str(caught.value)
        and (wheelhouse.locks / "pins.json").read_text() == text
    )


@needs_uv
def test_pins_that_nobody_needs_are_not_read(wheelhouse, site, plan):
    site.add("torch", "2.9.1", "cp311-cp311-manylinux_2_28_aarch64")
    wheelhouse.locks.mkdir()
    (wheelhouse.locks / "pins.json").write_text("rubbish")
    assert wheelhouse({"pi": plan()})["boards"]["pi"]["id"]


@needs_uv
def test_other_pins_are_kept(wheelhouse, orin):
    write_pins(wheelhouse, {"z.deb": {"sha256": FALSE}, "a.deb": {"sha256": FALSE}})
    wheelhouse({"orin": orin(trust_on_first_use=True)})
    assert list(pins_of(wheelhouse)) == ["a.deb", orin.wheel["filename"], "z.deb"]


# --- files for preparing a board


@needs_uv
@pytest.mark.parametrize("delivery", ["wheelhouse", "index"])
def test_files_are_kept_for_preparing(wheelhouse, site, plan, delivery):
    site.add("torch", "2.9.1", "cp311-cp311-manylinux_2_28_aarch64")
    keyring = serve(site, KEYRING, b"!<arch>\nsigned")
    board = plan(files=[keyring], trust_on_first_use=True)
    result = wheelhouse({"pi": board}, delivery=delivery)
    lock, sha256 = only_lock(result), hashlib.sha256(b"!<arch>\nsigned").hexdigest()
    assert lock["files"] == [
        {**keyring, "name": KEYRING, "version": "", "sha256": sha256, "size": 14, "unpacked": None}
    ]
    assert (wheelhouse.house / "sha256" / sha256 / KEYRING).read_bytes() == b"!<arch>\nsigned" and KEYRING in result[
        "downloaded"
    ]
    assert pins_of(wheelhouse)[KEYRING]["sha256"] == sha256
    assert (len(list(wheelhouse.house.rglob("*.whl"))) == 0) is (delivery == "index")
    assert not wheelhouse({"pi": board}, delivery=delivery)["changed"]
    (wheelhouse.house / "sha256" / sha256 / KEYRING).unlink()
    site.files[KEYRING] = b"!<arch>\nforged"
    refused = wheelhouse({"pi": board}, delivery=delivery)["boards"]["pi"]["refusal"]
    assert sha256 in refused["reason"] and hashlib.sha256(b"!<arch>\nforged").hexdigest() in refused["reason"]


def test_file_names_that_leave_their_folder(wheelhouse, site, plan):
    evil = {**serve(site, KEYRING, b"x"), "filename": "../../evil.deb"}
    assert (
        "not a valid file name"
        in wheelhouse({"pi": plan(files=[evil], trust_on_first_use=True)})["boards"]["pi"]["refusal"]["reason"]
    )
    evil = {**evil, "filename": "torch-1.11.0a0+17540c5+nv22.01-cp36-cp36m-linux_aarch64.whl"}
    assert (
        "not a valid wheel file name"
        in wheelhouse({"pi": plan(wheels=[evil], trust_on_first_use=True)})["boards"]["pi"]["refusal"]["reason"]
    )
