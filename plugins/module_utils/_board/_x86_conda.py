# Copyright (c) 2026 the edgeai.fleet authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This utility is private to the edgeai.fleet collection: it may change in any release.

"""x86_64 computers, with NVIDIA GPUs or without."""

import os
import re

from ansible_collections.edgeai.fleet.plugins.module_utils._board._common import clean, cpu

# nvidia-smi is not on every PATH: WSL keeps it apart.
PLACES = ['/usr/bin', '/usr/local/bin', '/usr/lib/wsl/lib']
FIELDS = ['name', 'driver_version', 'memory.total', 'compute_cap']
# What a maker leaves in the firmware who did not fill it in.
# From which driver on a family of CUDA runs: its first release, all later ones by minor version compatibility
# (https://docs.nvidia.com/deploy/cuda-compatibility/minor-version-compatibility.html).
FAMILIES = [(580, '13.0'), (525, '12.0'), (450, '11.0')]
BLANKS = re.compile(r'to be filled|o\.e\.m\.|default string|system (product|manufacturer)|not (specified|applicable)|^(none|n/a|unknown|undefined)?$', re.I)


class Detector(object):
    family = 'x86_conda'
    certainty = 1  # an architecture is all it takes

    def detect(self, system):
        if system.architecture()[0] != 'x86_64':
            return None
        accelerators, warnings = _gpus(system)
        return {'model': _model(system), 'accelerators': accelerators, 'warnings': warnings}


def _model(system):
    said = [clean(system.read('/sys/class/dmi/id/' + name) or '') for name in ('sys_vendor', 'product_name')]
    said = [part for part in said if not BLANKS.search(part)]
    return ' '.join(said) or cpu(system)['model']


def _gpus(system):
    """(accelerators, warnings): only what its driver answers for; a card without one is a warning."""
    nodes = sorted((name for name in system.listdir('/dev') if re.match(r'nvidia\d+$', name)), key=lambda name: int(name[6:]))
    program = _find_nvidia_smi(system)
    gpus, warnings = _by_nvidia_smi(system, program)
    cuda = _newest_cuda(system, program) if gpus else None
    if not gpus and nodes:
        gpus = _by_proc(system)
    if not gpus:
        return [], warnings + _cards_without(system)
    for index, gpu in enumerate(gpus):
        # A container is shown the nodes of its own GPUs only: the order tells them apart, not the number.
        gpu.update(kind='cuda', nodes=['/dev/' + name for name in nodes[index:index + 1]], cuda=cuda or _family(gpu['driver']))
    return gpus, warnings


def _find_nvidia_smi(system):
    places = [place for place in system.environ.get('PATH', '').split(os.pathsep) if place.startswith('/')] + PLACES
    return next((path for path in (os.path.join(place, 'nvidia-smi') for place in places) if system.is_file(path)), None)


def _newest_cuda(system, program):
    """The newest CUDA that the driver supports; only the table for people has it."""
    answer = system.run([program], 60)
    found = re.search(r'CUDA Version:\s*(\d+\.\d+)', answer[1]) if answer and answer[0] == 0 else None
    return found.group(1) if found else None


def _family(driver):
    major = re.match(r'\d+', driver or '')
    return next((cuda for least, cuda in FAMILIES if major and int(major.group()) >= least), None)


def _by_nvidia_smi(system, program):
    if not program:
        return [], []
    # Drivers before 510 do not know compute_cap, and then answer nothing at all.
    for fields in (FIELDS, FIELDS[:-1]):
        answer = system.run([program, '--query-gpu=' + ','.join(fields), '--format=csv,noheader,nounits'], 60)
        if not answer or answer[0] == 0 or 'compute_cap' not in answer[1] + answer[2]:
            break
    if not answer:
        return [], ['%s cannot be started, or gave no answer within 60 s: the NVIDIA driver may hang; look at the kernel log, restart the machine'
                    % clean(program)]
    status, out, err = answer
    rows = [line.rsplit(',', len(fields) - 1) for line in out.splitlines()[:64]]
    gpus = [_gpu(dict(zip(fields, map(_value, row)))) for row in rows if len(row) == len(fields)]
    if status == 0 and gpus:
        return gpus, []
    said = clean(' '.join((out + '\n' + err).split()), 300)
    return [], ['nvidia-smi finds no GPU (exit status %d: %s)' % (status, said)]


def _value(text):
    """A field as nvidia-smi prints it; '[N/A]' and '[Not Supported]' are no value."""
    text = clean(text)
    return None if not text or re.match(r'\[.*\]$', text) else text


def _gpu(row):
    memory = row['memory.total'] or ''
    capability = row.get('compute_cap') or ''
    return {
        'name': row['name'],
        'driver': row['driver_version'],
        'memory': int(memory) << 20 if re.match(r'\d{1,9}$', memory) else None,
        'compute_capability': capability if re.match(r'\d+\.\d+$', capability) else None,
    }


def _by_proc(system):
    """The kernel module's own word, where nvidia-smi is not installed or does not work."""
    version = re.search(r'Kernel Module\s+(?:for \S+\s+)?(\d[\d.]*)', system.read('/proc/driver/nvidia/version') or '')
    if not version:
        return []
    base = '/proc/driver/nvidia/gpus'
    gpus = []
    for name in system.listdir(base):
        model = re.search(r'^Model:\s*(.+)', system.read('%s/%s/information' % (base, name)) or '', re.M)
        gpus.append({'name': clean(model.group(1)) if model else None, 'driver': version.group(1), 'memory': None, 'compute_capability': None})
    return gpus


def _cards_without(system):
    """Warnings for NVIDIA's display controllers on the PCI bus that cannot be used."""
    base = '/sys/bus/pci/devices'
    warnings = []
    for name in system.listdir(base):
        device = os.path.join(base, name)
        if (system.read(device + '/vendor') or '').strip() != '0x10de' or not (system.read(device + '/class') or '').startswith('0x03'):
            continue
        driver = os.path.basename(system.realpath(device + '/driver')) if system.exists(device + '/driver') else None
        if driver == 'nvidia':
            cause = 'its driver is loaded, but does not answer here: in a container, start that one with the GPU (--gpus all)'
        else:
            cause = 'NVIDIA\'s driver does not run it (%s): install that, or PyTorch will use the CPU only' % (
                'the driver in use is %s' % clean(driver) if driver else 'no driver is loaded')
        warnings.append('an NVIDIA GPU is on the PCI bus at %s, and %s' % (clean(name), cause))
    return warnings
