# Copyright (c) 2026 the edgeai.fleet authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
#
# This module util is private to the edgeai.fleet collection.
"""From evidence to a cause and a way out, by the table of _diagnosis_table.py, and no guesses.

A row fits if all of its conditions do:

    signal, timeout   how the process died
    stage             where: the stage of the death or of the first check that failed
    torch             the version that is installed
    atomics           False: an aarch64 core without LSE atomics (ARMv8.0)
    family, soc       the board's: the same words have other causes elsewhere
    machine           the process's architecture
    variable          a variable that is set in the process's environment; `{0}` is its value
    conda             True: the environment is a conda prefix
    out_of_memory     True: the kernel counted a process that it killed for want of memory
    replaced          True: another torch is installed than the one that was locked
    misled            True: a library that does not fit comes from a directory in LD_LIBRARY_PATH, `{0}`
    text              a pattern to be found in what was raised and warned, or, where the process died, in its last output

`{0}` in cause and fix is what the pattern's first group caught; {installed}, {locked}, {needed_by} and {package} are looked up.
"""

import os
import re

from ._diagnosis_table import TABLE
from ._elf import package_of

ATOMICS = 1 << 8  # of AT_HWCAP on aarch64
LIBRARY = re.compile(r'(lib[\w.+-]{1,100}\.so[\w.]{0,20}): cannot open shared object file')
MISFIT = re.compile(r"(/\S{1,200}?\.so[\w.]{0,20}):? {0,2}"
                    r"(?:file too short|invalid ELF header|wrong ELF class|undefined symbol|version `[^']{1,40}' not found|cannot read)")


def diagnose(evidence):
    """{id, cause, fix, confidence, repair, evidence: [str]} for evidence that does not satisfy."""
    text = '\n'.join(list_texts(evidence))
    tail = list_last_lines(evidence)
    for row in TABLE:
        groups = match(row, evidence, text)
        if groups is not None:
            words = dict(look_up(evidence, text))
            return {'id': row['id'], 'cause': row['cause'].format(*groups, **words), 'fix': row['fix'].format(*groups, **words),
                    'confidence': row['confidence'], 'repair': row.get('repair'), 'evidence': [row['evidence']] + tail}
    return {'id': 'UNKNOWN', 'cause': 'not known to this collection', 'fix': 'the evidence holds the last lines of what was seen', 'confidence': None,
            'repair': None, 'evidence': tail}


def diagnose_text(text, family=None, core=None):
    """The diagnosis of what a task of a run said, or None for what is not known."""
    evidence = {'died': None, 'start': {}, 'torch': {}, 'checks': [], 'family': family, 'surroundings': {}}
    for row in TABLE:
        if 'text' in row and not {'stage', 'signal', 'timeout'}.intersection(row):
            groups = match(row, evidence, text)
            if groups is not None and '{needed_by}' not in row['cause']:
                return {'id': row['id'], 'cause': row['cause'].format(*groups), 'fix': row['fix'].format(*groups), 'confidence': row['confidence'],
                        'repair': None, 'evidence': [row['evidence']]}
    return None


def match(row, evidence, text):
    """What the row's pattern caught (a tuple) if all of its conditions hold, else None."""
    died, start, around = evidence['died'] or {}, evidence['start'], evidence['surroundings']
    if 'signal' in row and died.get('signal') != row['signal']:
        return None
    if 'timeout' in row and died.get('timeout') is not True:
        return None
    if 'stage' in row and failed_stage(evidence) != row['stage']:
        return None
    if 'torch' in row and not re.match('(?:%s)' % row['torch'] + r'(\+|$)', str(evidence['torch'].get('version'))):
        return None
    if 'family' in row and evidence['family'] != row['family']:
        return None
    if any(name in row and around.get(name) != row[name] for name in ('soc', 'conda', 'out_of_memory')):
        return None
    if 'replaced' in row and not around.get('replaced'):
        return None
    if 'atomics' in row:
        hwcap = start.get('hwcap')
        if start.get('machine') != 'aarch64' or not isinstance(hwcap, int) or bool(hwcap & ATOMICS) is not row['atomics']:
            return None
    if 'machine' in row and start.get('machine') != row['machine']:
        return None
    if 'variable' in row:
        value = (start.get('environment') or {}).get(row['variable'])
        return (value or 'empty',) if value is not None and re.search(row['text'], text) else None
    if 'misled' in row:
        directory = find_misleading(evidence, text)
        return (directory,) if directory else None
    found = re.search(row.get('text', ''), text)
    return tuple(group or '' for group in found.groups()) if found else None


def failed_stage(evidence):
    """Where it went wrong: the stage of the death, else the first check that failed and counts."""
    if evidence['died']:
        return evidence['died']['stage']
    return next((check['name'] for check in evidence['checks'] if check.get('error') and not check.get('advisory')), None)


def find_misleading(evidence, text):
    """The directory in LD_LIBRARY_PATH from which a library came that does not fit, or None."""
    variables = evidence['start'].get('environment') or evidence.get('variables') or {}
    places = [os.path.normpath(place) for place in str(variables.get('LD_LIBRARY_PATH') or '').split(':') if place]
    for path in MISFIT.findall(text):
        if os.path.dirname(os.path.normpath(path)) in places:
            return os.path.dirname(os.path.normpath(path))
    return None


def look_up(evidence, text):
    """What only these evidences know: the words that a cause or a fix may hold."""
    installed, locked = evidence['surroundings'].get('replaced') or (None, None)
    library = LIBRARY.search(text)
    needed_by = evidence['surroundings'].get('needed_by')
    return {'installed': installed, 'locked': locked, 'package': package_of(library.group(1)) if library else 'it',
            'needed_by': '; %s needs it' % needed_by if needed_by else ''}


def list_texts(evidence):
    """What torch and Python said: the errors, the reasons, the warnings; of the output only what a death left behind, for it may hold anything."""
    texts = ['%s: %s' % (check['error'].get('type'), check['error'].get('text')) for check in evidence['checks'] if check.get('error')]
    texts += [str(evidence['accelerator'].get('cause') or '')] + evidence['warnings']
    return texts + ([evidence['problem'] or '', evidence['stderr']] if evidence['died'] else [])


def list_last_lines(evidence, count=12):
    """What a person would look at first."""
    for check in evidence['checks']:
        if check.get('error') and not check.get('advisory'):
            return [str(line) for line in check['error'].get('traceback') or ()][-count:]
    if not evidence['died']:
        return '\n'.join(list_texts(evidence)).strip().splitlines()[-count:]
    lines = (evidence['problem'] or evidence['stderr'] or evidence['stdout']).strip().splitlines()
    for number, line in enumerate(lines):
        if line.startswith('Fatal Python error'):
            # faulthandler's stack: the innermost call comes first, and the import system's own frames say nothing.
            return [line for line in lines[number:] if '<frozen importlib' not in line][:count]
    return lines[-count:]
