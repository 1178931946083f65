# Copyright (c) 2026 the edgeai.fleet authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
#
# This module util is private to the edgeai.fleet collection.
"""The verdict on what the probe found: what was measured (outcome) and, another thing, whether it is what was asked for (satisfied)."""

from ._diagnosis import diagnose

DOING = {
    'start': 'starting Python',
    'import': 'importing torch',
    'identity': 'looking whether this is PyTorch',
    'backend': 'importing torch_npu',
    'accelerator': 'looking for accelerators',
    'device_count': 'counting the devices',
    'devices': 'asking the devices what they are',
    'tensor_product': 'multiplying matrices on the CPU',
    'tensor_product_cuda': 'multiplying matrices on CUDA',
    'tensor_product_npu': 'multiplying matrices on the NPU',
    'convolution': 'convolving on the CPU',
    'autograd': 'computing a gradient',
    'training': 'training a small network',
    'parallel': 'computing with several threads',
    'temporary_files': 'writing a temporary file',
    'data_loader': 'loading data with worker processes',
    'collective': 'adding numbers between two processes',
    'exit': 'shutting Python down, after all checks',
}
NAMES = {'cpu': 'the CPU', 'cuda': 'CUDA', 'npu': 'the NPU'}
MODULE = 'module_'  # how the checks of further modules begin
# What must have been made, and have passed, for any outcome but an error.
QUICK = ('import', 'identity', 'tensor_product')
STANDARD = QUICK + ('convolution', 'reduction', 'autograd', 'training', 'parallel')
REQUIRED = {'quick': QUICK, 'standard': STANDARD, 'deep': STANDARD + ('lapack', 'files', 'load')}


def judge(evidence, expect='auto', forced=None):
    """The verdict: what was measured (outcome) and, another thing, whether it is what was asked for (satisfied)."""
    outcome = find_outcome(evidence)
    # An accelerator that works satisfies `cpu` too: the CPU's work is proven beside it.
    replaced = evidence['surroundings'].get('replaced')
    satisfied = outcome != 'error' and expect in ('auto', 'cpu', outcome) and not find_shortcomings(evidence) and not replaced
    diagnosis = None if satisfied else diagnose(evidence)
    passed_over = [str(item.get('row') if isinstance(item, dict) else item) for item in forced or []]
    reason = explain_outcome(evidence, outcome, expect, satisfied, diagnosis)
    return {
        'schema': 1,
        'outcome': outcome,
        'satisfied': satisfied,
        'reason': reason + (' (forced past: %s)' % ', '.join(passed_over) if passed_over else ''),
        'expect': expect,
        'level': evidence['level'],
        'forced': list(forced or []),
        'torch': evidence['torch'].get('version'),
        'python': evidence['python'],
        'user': evidence['user'],
        'devices': evidence['accelerator'].get('devices') or [],
        'features': evidence['torch'].get('features') or {},
        'checks': [dict((name, check.get(name)) for name in ('name', 'passed', 'value', 'bound', 'seconds', 'advisory')) for check in evidence['checks']],
        'skipped': evidence['skipped'],
        'timings': measure(evidence),
        'stages': evidence['stages'],
        'died': evidence['died'],
        'diagnosis': diagnosis,
        'warnings': evidence['warnings'],
        'environment': evidence['start'].get('environment') or {},
        'seconds': round(evidence['seconds'], 3),
    }


def measure(evidence):
    """The times by which a board is compared with its peers and its own past, in seconds."""
    timings = dict(evidence['timings'])
    for check in evidence['checks']:
        if check['passed'] and (check['name'] == 'import' or check['name'].startswith('tensor_product')):
            timings[check['name'].replace('tensor_product', 'first_kernel')] = check.get('seconds')
    return timings


def find_outcome(evidence):
    """cuda, npu or cpu is what a kernel was seen to run on, whatever was asked for; error if anything failed."""
    passed = set(check['name'] for check in evidence['checks'] if check['passed'])
    if evidence['died'] or any(map(counts, evidence['checks'])) or not passed.issuperset(REQUIRED[evidence['level']]):
        return 'error'
    return next((kind for kind in ('cuda', 'npu') if 'tensor_product_' + kind in passed), 'cpu')


def counts(check):
    """Whether this check failed, and its failure is torch's. That there is no accelerator is a finding, unless looking for one raised."""
    if check['passed'] or check.get('advisory') or check['name'].startswith((MODULE, 'features')):
        return False
    return check['name'] != 'accelerator' or bool(check.get('error'))


def find_shortcomings(evidence):
    """What torch is to work beside, or to be built with, and does not: nothing against torch, but not what was asked for."""
    passed = set(check['name'] for check in evidence['checks'] if check['passed'])
    failed = [check for check in evidence['checks'] if check['name'].startswith((MODULE, 'features')) and not check['passed']]
    missing = [MODULE + name for name in evidence['modules'] if MODULE + name not in passed.union(check['name'] for check in failed)]
    return failed + [{'name': name, 'error': {'text': 'it was not tried'}} for name in missing]


def explain_outcome(evidence, outcome, expect, satisfied, diagnosis):
    """One sentence for a person."""
    if outcome == 'error':
        return explain_error(evidence)
    works = 'torch %s works on %s' % (evidence['torch'].get('version'), NAMES[outcome])
    if satisfied and outcome == expect:
        return works + ' as planned'
    if satisfied:
        return works + (', and the CPU that was asked for is proven as well' if expect == 'cpu' else '')
    if evidence['surroundings'].get('replaced'):
        return '%s, but %s' % (works, diagnosis['cause'])
    if expect in ('auto', 'cpu', outcome):
        check = find_shortcomings(evidence)[0]
        if check['name'] == 'features':
            return '%s, but not as it was to be built: %s' % (works, check.get('value'))
        return '%s, but %s cannot be imported: %s' % (works, check['name'][len(MODULE):], (check.get('error') or {}).get('text'))
    known = [diagnosis['cause']] if diagnosis['id'] != 'UNKNOWN' else []
    why = known + [text for text in evidence['warnings'] if 'CUDA' in text or 'NVIDIA' in text] + [evidence['accelerator'].get('cause')]
    return 'expected %s, but torch.%s.is_available() is False%s' % (expect, expect, ': %s' % why[0] if why[0] else '')


def explain_error(evidence):
    died = evidence['died']
    if evidence['problem']:
        return evidence['problem']
    if died:
        doing = DOING.get(died['stage'], 'in the check %s' % died['stage'])
        version = evidence['torch'].get('version')
        doing += ' %s' % version if died['stage'] == 'import' and version else ''
        if died['timeout']:
            return 'the process was still %s after %d s and was killed' % (doing, evidence['timeout'])
        if died['signal']:
            return 'the process died of %s while %s' % (died['signal'], doing)
        return 'the process ended with status %s while %s' % (died['exit_status'], doing)
    for check in evidence['checks']:
        error = check.get('error')
        if error and not check.get('advisory'):
            what = 'torch cannot be imported' if check['name'] == 'import' else 'the check %s failed' % check['name']
            return '%s: %s: %s' % (what, error.get('type'), error.get('text'))
        if counts(check):
            return 'the check %s failed: %s, where %s is the bound' % (check['name'], check.get('value'), check.get('bound'))
    return 'the probe ended without having made all of its checks'
