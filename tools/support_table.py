# Copyright (c) 2026 the edgeai.fleet authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Generate the tables of both READMEs and of docs/catalogue.md: run .build/test/bin/python tools/support_table.py. A
unit test compares them.

README's table of boards has a line for each board: the golden cases with `shown`. A test compares the golden cases with
engine and catalogues. README's table of versions is what the tests run on. The table of docs/catalogue.md has a line
for each row of the catalogues. README.zh-CN.md has the tables of README.
"""

from __future__ import annotations

import functools
import importlib.util
import sys
import urllib.parse
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import yaml
from packaging.specifiers import SpecifierSet

REPOSITORY = Path(__file__).resolve().parents[1]
sys.path.append(str(REPOSITORY / ".build" / "collections"))

from ansible_collections.edgeai.fleet.plugins.plugin_utils._catalogue.common_rows import (  # noqa: E402
    common_rows,
    row_tables,
    versions_by_python,
)
from ansible_collections.edgeai.fleet.plugins.plugin_utils._plan import ansible_cores  # noqa: E402  (found by the line above)
from ansible_collections.edgeai.fleet.plugins.plugin_utils._plan.hypothetical_board import board  # noqa: E402
from ansible_collections.edgeai.fleet.plugins.plugin_utils._plan.proof import proof_of  # noqa: E402

README, CATALOGUE = REPOSITORY / "README.md", REPOSITORY / "docs/catalogue.md"
CHINESE = REPOSITORY / "README.zh-CN.md"
BEGIN, END = "<!-- {}: begin -->\n", "<!-- {}: end -->\n"

FAMILIES = {
    "jetson": "NVIDIA Jetson",
    "raspberrypi": "Raspberry Pi",
    "pynq": "PYNQ and Zynq",
    "atlas": "Huawei Atlas",
    "x86_conda": "x86-64",
    "generic": "other boards",
}
SOURCE_NAMES = {
    "configured": "PyPI",
    "nvidia.box.com": "NVIDIA",
    "developer.download.nvidia.com": "NVIDIA",
    "conda.anaconda.org": "conda-forge",
    "download.pytorch.org": "PyTorch's index",
}
OUTCOMES = {"cuda": "CUDA", "npu": "NPU", "cpu": "CPU"}


def load_yaml(path: Path) -> object:
    return yaml.safe_load(path.read_text(encoding="utf-8"))


def catalogue_rows(family: str) -> list[dict]:
    role = REPOSITORY / "roles" / family / "vars"
    for path in (role / "main.yml", *sorted((role / "main").glob("*.yml"))):
        rows = load_yaml(path).get(f"__{family}_catalogue") if path.is_file() else None
        if rows is not None:
            tables = [row_tables()[row["rows"]] for row in rows if "rows" in row]
            return [*common_rows(), *(row for table in tables for row in table), *rows]
    raise FileNotFoundError(f"the catalogue of {family}")


def family_names() -> list[str]:
    """Return the families in the order of README; new ones come last."""
    found = {path.parents[1].name for path in REPOSITORY.glob("roles/*/tasks/plan.yml")}
    return [family for family in FAMILIES if family in found] + sorted(found - set(FAMILIES))


def markdown_table(header: list[str], rows: Iterator[list[str]]) -> str:
    lines = [header, ["---"] * len(header), *rows]
    return "".join("| " + " | ".join(cell.replace("|", "\\|") for cell in line) + " |\n" for line in lines)


def source_name(url: str) -> str:
    """Return the common name of a source."""
    host = urllib.parse.urlsplit(url).netloc or url
    return SOURCE_NAMES.get(host, host)


# --- By board


@functools.cache
def board_tables() -> str:
    header = ["board", "system", "torch", "from", "Python", "on", "how far proven", "ansible-core"]
    return "\n".join(
        f"### {FAMILIES.get(family, family)}: `{family}`\n\n{markdown_table(header, _board_lines(family))}"
        for family in family_names()
    )


def _board_lines(family: str) -> Iterator[list[str]]:
    by_boards: dict[str, list[list[str]]] = {}
    golden = REPOSITORY / "tests/unit/golden" / f"{family}.yml"
    for case in load_yaml(golden) if golden.is_file() else []:
        for shown in case.get("shown", []):
            drives = ansible_cores.core_span(board({"family": family, **case["board"]}))
            by_boards.setdefault(shown["boards"], []).append(
                [shown["boards"], shown["system"], *_gets(family, case, shown), drives]
            )
    for lines in by_boards.values():
        yield from lines


def _gets(family: str, case: dict, shown: dict) -> list[str]:
    plan = case.get("plan")
    if not plan:
        proven = {row["refuse"]: row["proven"] for row in catalogue_rows(family) if "refuse" in row}
        return ["**none**", shown["why"], "", "", proven.get(case["refusal"]["reason"], "")]
    return [_torch(case), _from(plan), _python(plan), OUTCOMES[plan["accelerator"]], _proof(family, case)]


def _proof(family: str, case: dict) -> str:
    """How far the newest torch of the case is proven on its board and system."""
    plan = case["plan"]
    (row,) = (row for row in catalogue_rows(family) if row["id"] == plan["row"])
    torch = SpecifierSet(f"=={case['newest']}" if "newest" in case else plan["torch"])
    made = board({"family": family, **case["board"]})
    return proof_of(row, made, _python(plan), torch)["how"]


def _torch(case: dict) -> str:
    plan = case["plan"]
    newest = case.get("newest") or f"`{plan['torch']}`"
    for constraint in plan.get("constraints", []):
        if constraint.startswith("torch-npu=="):
            newest += f" with torch_npu {constraint.partition('==')[2]}"
    return f"to be built, {newest}" if plan.get("action") == "build" else newest


def _from(plan: dict) -> str:
    if plan.get("action") == "build":
        return "source"
    urls = (
        plan["conda"]["channels"]
        if "conda" in plan
        else [wheel["url"] for wheel in plan.get("wheels", [])] or plan["sources"][:1]
    )
    words = " and ".join(dict.fromkeys(map(source_name, urls)))
    return f"{words}, else {_from(plan['otherwise'])}" if "otherwise" in plan else words


def _python(plan: dict) -> str:
    version = plan["python"]["version"] if isinstance(plan["python"], dict) else plan["python"]
    return ".".join(version.split(".")[:2])


# --- By row


WORDS = {
    "libc": "glibc {}",
    "l4t": "L4T {}",
    "cann": "CANN {}",
    "driver": "driver {}",
    "cuda": "CUDA {}",
    "compute_capability": "compute capability {}",
    "atomics": "{} LSE atomics",
    "cpu_level": "x86-64-v{}",
    "os_version": "release {}",
    "memory": "memory {}",
    "page_size": "pages {}",
}


def row_table() -> str:
    return markdown_table(["row", "boards", "torch", "from", "Python", "on", "how far proven"], _row_lines())


def _row_lines() -> Iterator[list[str]]:
    every = {
        row["id"]: row for family in family_names() for row in catalogue_rows(family)
    }  # those of all families once
    for row in every.values():
        if "accelerator" in row and "refuse" not in row:
            what = [_row_torch(row), _row_from(row), _row_python(row), OUTCOMES[row["accelerator"]], _row_proof(row)]
        elif "refuse" in row:
            what = [_row_torch(row), _row_from(row) if "sources" in row else "any", "any", "**refused**", row["proven"]]
        else:
            continue
        yield [f"`{row['id']}`", condition_text(row), *what]


def condition_text(row: dict) -> str:
    """Return the conditions on the board, as text."""
    wanted = {**row.get("when", {})}
    wanted.update(wanted.pop("platform", {}))
    return ", ".join(
        WORDS.get(
            name, "{}" if name in ("architecture", "soc", "module", "model", "device", "libc_name") else f"{name} {{}}"
        ).format(_value(value))
        for name, value in wanted.items()
    )


def _value(wanted: object) -> str:
    if isinstance(wanted, bool):
        return "with" if wanted else "no"
    return " or ".join([wanted] if isinstance(wanted, str) else wanted)


def _row_torch(row: dict) -> str:
    return f"`{row['torch']}`" if "torch" in row else "any"


def _row_from(row: dict) -> str:
    if row.get("action") == "build":
        return "source"
    wheels = [wheel["filename"] for wheel in row.get("wheels", [])]
    if wheels:
        return "<br>".join(f"[{name}]({wheel['url']})" for name, wheel in zip(wheels, row["wheels"], strict=True))
    return " or ".join(
        "PyPI" if url == "configured" else url.removeprefix("https://")
        for url in row.get("channels") or row.get("sources", ["configured"])
    )


def _row_proof(row: dict) -> str:
    """What ran, then the word for everything else."""
    ran = [f"{run['how']}: {run['torch']} on {run['os']}, Python {run['python']}" for run in row.get("ran", [])]
    return "; ".join([*dict.fromkeys(ran), f"else {row['proven']}"]) if ran else row["proven"]


def _row_python(row: dict) -> str:
    """Return the Python versions of the row."""
    fits = SpecifierSet(row.get("python", ""))
    minors = [minor for minor in versions_by_python(row) or {} if fits.contains(f"{minor}.99")]
    return f"{minors[0]} to {minors[-1]}" if minors else row["python"].removeprefix("==").removesuffix(".*")


# --- The files


def board_names() -> str:
    """Return the boards that explain knows by name, for each family."""
    lines = []
    for family in family_names():
        path = REPOSITORY / "roles" / family / "meta/boards.yml"
        known = load_yaml(path)["boards"] if path.is_file() else {}
        lines.append(f"* `{family}`: {', '.join(known) or 'none by name'}\n")
    return "".join(lines)


# --- By ansible-core


def _tests_file(name: str) -> ModuleType:
    """Return a file of tests/ as a module."""
    tests = REPOSITORY / "tests"
    sys.path.append(str(tests))  # they import tests/venvs.py
    try:
        specification = importlib.util.spec_from_file_location(f"versions_{Path(name).stem}", tests / name)
        module = importlib.util.module_from_spec(specification)
        specification.loader.exec_module(module)
    finally:
        sys.path.remove(str(tests))
    return module


@functools.cache
def version_table() -> str:
    header = ["ansible-core", "Python of control nodes", "Python of boards", "what runs with it"]
    return markdown_table(header, _version_lines())


def _version_lines() -> Iterator[list[str]]:
    units, sanity, venvs = (_tests_file(name) for name in ("run_units.py", "sanity/run.py", "venvs.py"))
    gates = {"`make units`": {units.OLDEST[0], units.NEWEST[0]}, "`make sanity`": set(sanity.CORES)}
    for core in ansible_cores.CORES:
        runs = {
            version: [gate for gate, versions in gates.items() if version in versions]
            for version in sorted(set.union(*gates.values()))
            if version.startswith(f"{core.release}.")
        }
        if core.release in venvs.CONTROL:
            pin, _others = venvs.pin_of(core.release)
            runs.setdefault(pin, []).append(f"`make provision CORE={core.release}`")
        what = "; ".join(f"{version}: {', '.join(names)}" for version, names in runs.items())
        yield [core.release, _span(core.control), _span(core.boards), what or "nothing here"]


def _span(pythons: tuple[tuple[int, int], tuple[int, int]]) -> str:
    return " to ".join(map(ansible_cores.dotted, pythons))


# --- In Chinese


#: The headings of README's tables.
HEADINGS = {
    "board": "板子",
    "system": "系统",
    "from": "来源",
    "on": "计算于",
    "how far proven": "证明程度",
    "Python of control nodes": "控制节点的 Python",
    "Python of boards": "板子的 Python",
    "what runs with it": "用它运行的检查",
}


def with_chinese_headings(tables: str) -> str:
    """Return tables with Chinese headings; their rows are names and versions."""
    lines = tables.splitlines(keepends=True)
    for number, line in enumerate(lines[1:]):
        if line.startswith("| --- |"):
            cells = lines[number].strip("|\n ").split(" | ")
            lines[number] = "| " + " | ".join(HEADINGS.get(cell, cell) for cell in cells) + " |\n"
    return "".join(lines)


PARTS = [
    (README, "support table", board_tables),
    (README, "versions", version_table),
    (CHINESE, "support table", lambda: with_chinese_headings(board_tables())),
    (CHINESE, "versions", lambda: with_chinese_headings(version_table())),
    (CATALOGUE, "rows", row_table),
    (CATALOGUE, "boards by name", board_names),
]


def generated_part(path: Path, part: str) -> str:
    """Return the text of a file between the marks of a part."""
    return path.read_text(encoding="utf-8").split(BEGIN.format(part))[1].split(END.format(part))[0]


def main() -> None:
    for path, part, make in PARTS:
        head, rest = path.read_text(encoding="utf-8").split(BEGIN.format(part))
        path.write_text(
            head + BEGIN.format(part) + make() + END.format(part) + rest.split(END.format(part))[1], encoding="utf-8"
        )


if __name__ == "__main__":
    main()
