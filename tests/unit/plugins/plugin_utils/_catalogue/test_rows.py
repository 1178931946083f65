# Copyright (c) 2026 the edgeai.fleet authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Every catalogue and every role's options, as they stand in the repository; and the schemas themselves."""

import json
import re

import jsonschema
import plan_support
import pytest
import yaml
from ansible.errors import AnsibleFilterError
from ansible_collections.edgeai.fleet.plugins.plugin_utils._catalogue.common_rows import (
    common_rows,
    row_tables,
    version_tables,
)
from ansible_collections.edgeai.fleet.plugins.plugin_utils._catalogue.rows import BY_EVIDENCE, merge_catalogues
from ansible_collections.edgeai.fleet.plugins.plugin_utils._plan.engine import PROVEN, check_catalogue, kind_of
from plan_support import ROOT, pi, planned, validate, validator

ROLES = sorted(path.parent.parent for path in (ROOT / "roles").glob("*/meta/argument_specs.yml"))
FAMILIES = [role for role in ROLES if (role / "tasks/plan.yml").exists()]


def load(path):
    return yaml.safe_load(path.read_text()) or {} if path.exists() else {}


def name(role):
    return role.name


def catalogue(role):
    return plan_support.catalogue(role.name)


def test_there_are_families():
    assert {"raspberrypi", "x86_conda"} <= {role.name for role in FAMILIES}


@pytest.mark.parametrize("role", FAMILIES, ids=name)
def test_catalogue_is_sound(role):
    check_catalogue(catalogue(role))
    validate("catalogue", catalogue(role))


@pytest.mark.parametrize("role", FAMILIES, ids=name)
def test_a_role_has_its_variables_in_one_place(role):
    """Ansible loads vars/main/ and leaves out vars/main.yml where there are both; names that two files set are a matter
    of their order.
    """
    files = sorted((role / "vars").glob("main.yml")) + sorted((role / "vars/main").glob("*.yml"))
    assert not ((role / "vars/main.yml").exists() and (role / "vars/main").exists())
    names = [name for path in files for name in load(path)]
    assert len(names) == len(set(names))
    assert all(name.startswith(f"__{role.name}_") for name in names)


@pytest.mark.parametrize("role", FAMILIES, ids=name)
def test_every_row_says_how_far_it_is_proven_and_by_what(role):
    for row in catalogue(role):
        assert row.get("proven") in PROVEN, row["id"]
        assert row["proven"] not in BY_EVIDENCE or "checked" in row, row["id"]
        assert row.get("evidence") and all(re.fullmatch(r"https://\S+", url) for url in row["evidence"]), row["id"]
        if kind_of(row) == "offer":
            origin = {"conda": "channels"}.get(row.get("provider"), "wheels" if "wheels" in row else "sources")
            # Which Pythons a release can be compiled for is known of the release.
            assert row.get("when") and row.get("torch") and (row.get("python") or row.get("action") == "build"), row[
                "id"
            ]
            assert row.get("action") == "build" or row.get(origin), row["id"]
        if kind_of(row) == "known-bad":
            assert row.get("way_out"), row["id"]


def test_ids_are_unique_over_all_families():
    ids = [row["id"] for rows in [common_rows(), *row_tables().values(), *map(catalogue, FAMILIES)] for row in rows]
    assert len(ids) == len(set(ids))


def test_what_is_true_of_all_families_is_sound():
    check_catalogue(common_rows())
    validate("catalogue", common_rows())
    assert all(row["proven"] in PROVEN and row["evidence"] for row in common_rows())
    assert all("checked" in row for row in common_rows() if row["proven"] in BY_EVIDENCE)
    # An offer would have to say of which family it is; what is added to builds depends on processor and system.
    assert all(
        kind_of(row) == "known-bad"
        or set(row) == {"id", "when", "warning", "proven", "checked", "evidence"}
        or row["plan"] == {"action": "build"}
        and set(row.get("when", {})) <= {"architecture", "atomics", "os_id", "os_version"}
        for row in common_rows()
    )
    schema = validator("catalogue").schema["$defs"]["row"]["properties"]["by_python"]
    assert schema["oneOf"][1]["enum"] == list(version_tables())


def test_rows_of_several_families_are_sound():
    named = [row["rows"] for role in FAMILIES for row in catalogue(role) if "rows" in row]
    assert named.count("aarch64-cpu") == 3
    assert set(named) == set(row_tables())
    for table in row_tables().values():
        check_catalogue(table)
        validate("catalogue", table)
        assert all(row["proven"] in PROVEN and row["evidence"] and "rows" not in row for row in table)
    schema = validator("catalogue").schema["$defs"]["row"]["properties"]["rows"]
    assert schema["enum"] == list(row_tables())


def test_a_table_of_rows_stands_where_it_is_named():
    before, after = ({"id": name, "accelerator": "cpu", "torch": "==2.4.1"} for name in "ab")
    merged = merge_catalogues([before, {"id": "table", "rows": "aarch64-cpu"}, after], [])
    table = [row["id"] for row in row_tables()["aarch64-cpu"]]
    assert [row["id"] for row in merged][: len(table) + 2] == ["a", *table, "b"]
    with pytest.raises(AnsibleFilterError, match="'rows' is 'aarch64', it must be one of aarch64-cpu"):
        check_catalogue([{"id": "table", "rows": "aarch64"}])
    with pytest.raises(AnsibleFilterError, match="has 'when', which a row with 'rows' cannot have"):
        check_catalogue([{"id": "table", "rows": "aarch64-cpu", "when": {"soc": "x"}}])


def test_a_fault_of_wheels_does_not_refuse_a_build():
    offer = {"id": "a", "accelerator": "cpu", "torch": "==2.6.0"}
    bad = {"id": "b", "refuse": "its wheels crash", "action": "install", "torch": "==2.6.0"}
    assert planned(pi("3.11.2"), [offer, bad])["refusal"]["reason"] == "its wheels crash"
    built = {**offer, "action": "build"}
    assert planned(pi("3.11.2"), [built, bad])["action"] == "build"
    assert planned(pi("3.11.2"), [built, {**bad, "action": "build"}])["refusal"]["reason"] == "its wheels crash"


def test_a_row_may_name_the_versions_by_python():
    rows = [{"id": "a", "accelerator": "cpu", "torch": ">=1.8", "python": ">=3.6", "by_python": "source"}]
    assert planned(pi("3.9.2"), rows)["torch"]["specifier"] == (
        ">=1.8,<=2.8.0,!=1.13.0,!=2.0.0+cpu,!=2.1.0,!=2.4.0,!=2.6.0"
    )
    assert "no torch >=1.8 for Python 3.5" in planned(pi("3.5.3"), [{**rows[0], "python": ""}])["refusal"]["reason"]
    with pytest.raises(AnsibleFilterError, match="or one of pypi-aarch64, source"):
        check_catalogue([{**rows[0], "by_python": "sources"}])


def test_an_operator_replaces_a_row_of_all_families():
    offer = {"id": "a", "accelerator": "cpu", "torch": "==2.4.0"}
    own = {"id": "torch-2.4.0-no-lse", "refuse": "Ours.", "torch": "==2.4.0", "when": {"soc": "bcm2712"}}
    assert "SIGILL" in planned(pi("3.9.2"), [offer])["refusal"]["reason"]
    made = planned(pi("3.9.2"), [offer], catalogue=[own])
    assert made["row"] == "a" and "Row torch-2.4.0-no-lse of torch_catalogue replaces the collection's" in " ".join(
        made["why"]
    )


@pytest.mark.parametrize("role", FAMILIES, ids=name)
def test_a_family_role_is_whole(role):
    for path in ("tasks/main.yml", "tasks/prepare.yml", "meta/main.yml", "README.md"):
        assert (role / path).is_file(), path
    tasks = load(role / "tasks/plan.yml")
    assert len(tasks) == 1 and "edgeai.fleet.torch_plan" in str(
        tasks
    )  # a plan is one task for each board, whatever the family


@pytest.mark.parametrize("role", ROLES, ids=name)
def test_defaults_equal_the_argument_specs(role):
    """Options without a default in their specification are required, or computed in defaults/main.yml."""
    options = load(role / "meta/argument_specs.yml")["argument_specs"]["main"]["options"]
    stated = {option: spec["default"] for option, spec in options.items() if "default" in spec}
    path = role / "defaults/main.yml"
    defaults = load(path) if path.is_file() else {}
    assert not set(defaults) - set(options), "in defaults/main.yml only"
    assert not set(stated) - set(defaults), "in meta/argument_specs.yml only"
    assert {option: defaults[option] for option in stated} == stated


@pytest.mark.parametrize("role", ROLES, ids=name)
def test_options_bear_the_name_of_their_role(role):
    """Users set those of main; the other entry points take what roles hand to each other."""
    entries = load(role / "meta/argument_specs.yml")["argument_specs"]
    assert all(option.startswith(f"{role.name}_") for option in entries["main"]["options"])
    others = {option for name, entry in entries.items() if name != "main" for option in entry.get("options", {})}
    assert all(option.startswith(tuple(f"{other.name}_" for other in ROLES)) for option in others)
    assert all((role / f"tasks/{name}.yml").is_file() for name in entries)


@pytest.mark.parametrize("path", sorted((ROOT / "docs/schemas").glob("*.json")), ids=lambda path: path.name)
def test_schemas_are_schemas(path):
    schema = json.loads(path.read_text())
    jsonschema.Draft202012Validator.check_schema(schema)
    assert schema["$id"] == path.name


def test_all_schemas_are_there():
    found = {path.name for path in (ROOT / "docs/schemas").iterdir()}
    nouns = "board build build-record bundle catalogue plan lock verdict record report".split()
    assert found == {f"{noun}.schema.json" for noun in nouns}
