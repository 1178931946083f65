# Copyright (c) 2026 the edgeai.fleet authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Generate the table of docs/diagnosis.md and a page for each diagnosis in docs/diagnoses: run python
tools/diagnosis_table.py. A unit test compares them.
"""

from __future__ import annotations

import re
import sys
from pathlib import Path

try:
    from re import _constants as constants
    from re import _parser as parser
except ImportError:  # Python 3.10
    import sre_constants as constants
    import sre_parse as parser

REPOSITORY = Path(__file__).resolve().parents[1]
PAGE = REPOSITORY / "docs" / "diagnosis.md"
PAGES = REPOSITORY / "docs" / "diagnoses"
BEGIN, END = "<!-- diagnoses: begin -->\n", "<!-- diagnoses: end -->\n"
WORDS = {
    "signal": "died of {}",
    "timeout": "time-out",
    "stage": "in {}",
    "torch": "torch `{}`",
    "atomics": "no LSE atomics",
    "family": "{}",
    "soc": "{}",
    "machine": "{}",
    "variable": "`{}` is set",
    "hides": "and may leave no device",
    "conda": "conda",
    "out_of_memory": "OOM kill",
    "container": "in a container: {}",
    "root": "as root: {}",
    "access": "device nodes: {}",
    "libc": "{}",
    "system": "{}",
    "large_pages": "pages larger than 4 KiB: {}",
    "old_cpu": "below x86-64-v2: {}",
    "wrong_clock": "wrong clock: {}",
    "read_only": "read-only: {}",
    "volatile": "lost at the next start: {}",
    "wsl": "in WSL: {}",
    "other_cuda": "a library of another CUDA than the board's",
    "other_release": "a library of another cuDNN or TensorRT than the board's",
    "large_memory": "more than 2 GiB of memory: {}",
    "newer_libstdcxx": "newer than the system's libstdc++: {}",
    "replaced": "not the locked torch",
    "companion": "a replaced package",
    "misled": "a wrong library in LD_LIBRARY_PATH",
    "text": "`{}`",
    "cuda_codes": "CUDA's code {}",
    "ascend_codes": "Ascend's code {}",
    "unless": "not with `{}`",
}
GROUPS = {
    "ACC": "Device nodes of accelerators",
    "ANS": "Ansible",
    "ARM": "Arm processors",
    "BUILD": "Compiling",
    "CONDA": "conda",
    "CUDA": "CUDA and NVIDIA's driver",
    "ENV": "The environment",
    "GEN": "Any board",
    "JET": "Jetson",
    "NET": "The network",
    "NPU": "Ascend",
    "RUN": "Running",
    "SSH": "The connection",
    "X86": "x86 processors",
}
DEATHS = {
    "SIGILL": "Illegal instruction (core dumped)",
    "SIGSEGV": "Segmentation fault (core dumped)",
    "SIGKILL": "Killed",
    "SIGBUS": "Bus error (core dumped)",
    "SIGABRT": "Aborted (core dumped)",
}
#: How many texts of a pattern a page shows.
SAMPLES = 6


def load():
    """_verify/diagnosis.py and _verify/runtime_codes.py, without Ansible."""
    sys.path.insert(0, str(REPOSITORY / "plugins"))
    try:
        from module_utils._verify import diagnosis, runtime_codes
    finally:
        sys.path.remove(str(REPOSITORY / "plugins"))
    return diagnosis, runtime_codes


DIAGNOSIS, CODES = load()


def load_table() -> tuple[dict, ...]:
    return DIAGNOSIS.TABLE


def words_of(value) -> str:
    """A value of a condition; None in a tuple stands for what is not known."""
    names = {True: "yes", False: "no", None: "not known"}
    values = value if isinstance(value, tuple) else (value,)
    return " or ".join(names[item] if item is None or isinstance(item, bool) else str(item) for item in values)


def conditions_of(row: dict) -> list[str]:
    return [words.format(words_of(row[name])) for name, words in WORDS.items() if name in row]


# --- A text that a pattern matches, for people and search engines


KINDS = {
    constants.CATEGORY_DIGIT: str.isdigit,
    constants.CATEGORY_WORD: lambda letter: letter.isalnum() or letter == "_",
    constants.CATEGORY_SPACE: str.isspace,
    constants.CATEGORY_NOT_SPACE: lambda letter: not letter.isspace(),
    constants.CATEGORY_NOT_DIGIT: lambda letter: not letter.isdigit(),
    constants.CATEGORY_NOT_WORD: lambda letter: not (letter.isalnum() or letter == "_"),
}


def fits(items, letter: str) -> bool:
    """Whether a set of a pattern has the character."""
    negated = bool(items) and items[0][0] is constants.NEGATE
    for kind, value in items:
        if (
            (kind is constants.LITERAL and ord(letter) == value)
            or (kind is constants.RANGE and value[0] <= ord(letter) <= value[1])
            or (kind is constants.CATEGORY and KINDS[value](letter))
        ):
            return not negated
    return negated


def character(items) -> str:
    """A readable character of a set."""
    found = [letter for letter in map(chr, range(32, 127)) if fits(items, letter)]
    return next((letter for letter in "x1A ." if letter in found), found[0] if found else "x")


def repeated(least: int, most: int, inner, limit: int) -> list[str]:
    """A repetition: an ellipsis for a gap, a placeholder for a name, otherwise as often as it must be."""
    most = min(most, 1 << 16)
    if len(inner) == 1 and most >= 10:
        kind, value = inner[0]
        pattern = value if kind is constants.IN else [(constants.NEGATE, None), (constants.LITERAL, value)]
        if kind in (constants.IN, constants.NOT_LITERAL):
            allowed = {letter for letter in " .NAME1" if fits(pattern, letter)}
            if least == 0 and {" ", "."} <= allowed and most >= 20:
                return [" ... "]
            if least and set("NAME") <= allowed and least <= 4:
                return ["NAME"]
    times = least or (1 if most == 1 and len(inner) > 3 else 0)
    return [text * times for text in samples_of(inner, limit)]


def samples_of(tokens, limit: int) -> list[str]:
    """Texts that the parsed pattern matches, the alternatives in their order."""
    found = [""]
    for kind, value in tokens:
        if kind is constants.LITERAL:
            parts = [chr(value)]
        elif kind is constants.NOT_LITERAL:
            parts = ["x"]
        elif kind is constants.ANY:
            parts = [" "]
        elif kind is constants.IN:
            parts = [character(value)]
        elif kind is constants.BRANCH:
            parts = [text for branch in value[1] for text in samples_of(branch, limit)]
        elif kind is constants.SUBPATTERN:
            parts = samples_of(value[-1], limit)
        elif kind in (constants.MAX_REPEAT, constants.MIN_REPEAT):
            parts = repeated(*value, limit)
        else:  # assertions match no characters
            parts = [""]
        found = [text + part for text in found for part in dict.fromkeys(parts)][: limit * 8]
    return found


def symptoms_of(row: dict) -> list[str]:
    """What a person sees, the most telling first; each is matched by the row's pattern."""
    found = []
    if "text" in row:
        pattern = re.compile(row["text"])
        texts = [text.strip("\n") for text in samples_of(parser.parse(row["text"]), SAMPLES)]
        found = [text for text in dict.fromkeys(texts) if text and pattern.search(text)]
        if len(found) > SAMPLES:  # from all of the alternatives
            found = [found[number * len(found) // SAMPLES] for number in range(SAMPLES)]
    for code in row.get("cuda_codes", ()):
        words, _alone, names = CODES.CUDA[code]
        found += [f"Error {code}: {words}", *names]
    codes = row.get("ascend_codes", ())
    found += [f"error code is {code} ({CODES.explain_ascend(code)})" for code in (() if codes == "any" else codes)]
    if not found and "signal" in row:
        found = [DEATHS[row["signal"]]]
    return found


def answer_of(row: dict, symptoms: list[str]) -> tuple[str, str]:
    """Cause and fix, with the words of the first symptom."""
    match = re.search(row["text"], symptoms[0]) if "text" in row and symptoms else None
    groups = [group or "" for group in match.groups()] if match and "variable" not in row else []
    groups = [("..." if re.fullmatch(r"x?|NAME", group) else group) for group in groups]
    evidence = {"surroundings": {}}
    words = DIAGNOSIS.look_up(evidence, "\n".join(symptoms), row=row)
    return tuple(row[name].format(*groups, *["..."] * 3, **words) for name in ("cause", "fix"))


def title_of(row: dict, symptoms: list[str], cause: str) -> str:
    title = next((text for text in symptoms if len(text) > 8), cause)
    if title in DEATHS.values():
        title = f"{title.partition(' (')[0]}: {cause}"
    title = re.sub(r"\s+", " ", title).strip()
    return title if len(title) <= 100 else title[:97] + "..."


def capital(text: str) -> str:
    """With a capital letter, unless it begins with a name such as torch_npu."""
    return text[0].upper() + text[1:] if re.match(r"[a-z]+[ ,:;]", text) else text


def escape(text: str) -> str:
    """Text in Markdown: what looks like HTML or emphasis is none."""
    return re.sub(r"([<>*_`\[\]|\\])", r"\\\1", text)


def proof_of(row: dict) -> str:
    if row["confidence"] == "proven":
        return f"Proven: the test `{row['test']}` causes this failure and gets this diagnosis."
    if row["confidence"] == "guess":
        return "A guess: an inference from other facts, which nobody is known to have confirmed."
    return "Recorded: the source describes it; no test causes it here."


def page_of(row: dict) -> str:
    """The page of one diagnosis."""
    symptoms = symptoms_of(row)
    cause, fix = answer_of(row, symptoms)
    conditions = [text for text in conditions_of(row) if not text.startswith("`")]
    lines = [
        "<!-- generated: run python tools/diagnosis_table.py -->",
        "",
        f"# {row['id']}: {escape(title_of(row, symptoms, cause))}",
        "",
    ]
    if symptoms:
        lines += ["## What you see", "", "```text", *symptoms, "```", ""]
    if conditions:
        lines += ["It is this diagnosis where these facts hold:", "", *(f"* {text}" for text in conditions), ""]
    lines += [
        "## Cause",
        "",
        escape(capital(cause)) + ".",
        "",
        "## Fix",
        "",
        escape(capital(fix)) + ".",
        "",
        "## Evidence",
        "",
        f"<{row['evidence']}>",
        "",
        proof_of(row),
        "",
    ]
    if row.get("repair"):
        lines += ["`edgeai.fleet.verify` with `torch_repair: true` does this by itself.", ""]
    lines += [
        "`ansible-playbook edgeai.fleet.diagnose -e diagnose_file=error.log` looks up any error text",
        "([how](../diagnosis.md#what-does-this-error-mean)); [all diagnoses](README.md).",
    ]
    return "\n".join(lines) + "\n"


def index() -> str:
    """The page of all diagnoses."""
    lines = [
        "<!-- generated: run python tools/diagnosis_table.py -->",
        "",
        "# All diagnoses",
        "",
        "What error texts of PyTorch on edge boards mean: symptom, cause, fix, and how far each is proven. How they",
        "are found: [diagnosis](../diagnosis.md).",
    ]
    rows = sorted(load_table(), key=lambda row: row["id"])
    for group, title in GROUPS.items():
        lines += ["", f"## {title}", ""]
        for row in rows:
            if row["id"].partition("-")[0] == group:
                symptoms = symptoms_of(row)
                name = escape(title_of(row, symptoms, answer_of(row, symptoms)[0]))
                lines.append(f"* [{row['id']}]({row['id']}.md): {name}")
    return "\n".join(lines) + "\n"


def pages() -> dict[str, str]:
    """All files of docs/diagnoses, by their names."""
    return {"README.md": index(), **{f"{row['id']}.md": page_of(row) for row in load_table()}}


def markdown_table() -> str:
    lines = ["| id | where it is seen | cause | fix | how sure |", "|---|---|---|---|---|"]
    for row in sorted(load_table(), key=lambda row: row["id"]):
        cells = [
            f"[{row['id']}](diagnoses/{row['id']}.md)",
            ", ".join(conditions_of(row)),
            row["cause"],
            row["fix"],
            row["confidence"],
        ]
        lines.append("| " + " | ".join(cell.replace("|", "\\|").replace("\n", " ") for cell in cells) + " |")
    return "\n".join(lines) + "\n"


def main() -> None:
    page = PAGE.read_text(encoding="utf-8")
    head, rest = page.split(BEGIN)
    PAGE.write_text(head + BEGIN + markdown_table() + END + rest.split(END)[1], encoding="utf-8")
    PAGES.mkdir(exist_ok=True)
    wanted = pages()
    for path in PAGES.glob("*.md"):
        if path.name not in wanted:
            path.unlink()
    for name, text in wanted.items():
        (PAGES / name).write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
