# Copyright (c) 2026 the edgeai.fleet authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This utility is private to the edgeai.fleet collection: it may change in any release.

"""Huawei Atlas: boards and machines with an Ascend chip. The chip decides, not the name of the product."""

import re

from ansible_collections.edgeai.fleet.plugins.module_utils._board import _cann, _npu_smi
from ansible_collections.edgeai.fleet.plugins.module_utils._board._common import clean
from ansible_collections.edgeai.fleet.plugins.module_utils._board._x86_conda import BLANKS

VENDOR = '0x19e5'
# The chip by its PCI device id: what is known where npu-smi does not answer. A letter or number more is npu-smi's to tell.
DEVICES = {
    '0xd100': '310', '0xd105': '310B', '0xd107': '310B', '0xd500': '310P', '0xd801': '910', '0xd802': '910B', '0xd803': '910_93', '0xd806': '950',
}
DRIVER = _cann.SYSTEM + '/driver/version.info'
FIRMWARE = _cann.SYSTEM + '/firmware/version.info'
# The group of the driver's own user, and two more that the images of the Atlas 200I DK A2 have.
GROUPS = ['HwHiAiUser', 'HwBaseUser', 'HwDmUser']
# Device nodes beside /dev/davinci<N>, as https://github.com/Ascend/mind-cluster, component/ascend-common/cdi/devnode.go has them.
OF_310B = ['svm0', 'ts_aisle', 'upgrade', 'sys', 'vdec', 'vpc', 'pngd', 'venc', 'log_drv', 'acodec', 'ai', 'ao', 'vo', 'hdmi']
OF_CARDS = ['devmm_svm', 'hisi_hdc']
OF_950 = ['hisi_hdc']


class Detector(object):
    family = 'atlas'
    certainty = 2  # a card on the bus, or its driver

    def detect(self, system):
        cards = _cards(system)
        nodes = sorted((name for name in system.listdir('/dev') if re.match(r'davinci\d+$', name)), key=lambda name: int(name[7:]))
        driver = _version(system, DRIVER)
        if not (cards or nodes or driver or system.exists('/dev/davinci_manager')):
            return None
        chips, said, warnings = _npu_smi.ask(system)
        driver = driver or said
        if not chips:
            chips = [{'name': name, 'bus': bus, 'memory': None} for bus, name in cards] or [{'name': None, 'bus': None, 'memory': None} for _node in nodes]
        for chip in chips:
            chip['name'] = chip['name'] or dict(cards).get(chip['bus']) or (cards[0][1] if cards else None)
        form = 'card' if cards or any(chip['bus'] for chip in chips) else 'soc' if chips else None
        accelerators = [_accelerator(system, chip, form, nodes[index:index + 1], driver) for index, chip in enumerate(chips)]
        warnings += _unusable(system, cards, chips, form, nodes, driver)

        cann, more = _cann.find(system)
        warnings += more
        variables = {}
        if cann:
            variables, more = _cann.variables(system, cann['set_env'])
            warnings += more + _without_kernels(chips, cann)
        name = chips[0]['name'] if chips else None
        return {
            'model': _model(system),
            'soc': 'Ascend' + name if name and form == 'soc' else None,
            'accelerators': accelerators,
            'platform': {
                'chip': name,
                'form': form,
                'driver': driver,
                'firmware': _version(system, FIRMWARE),
                'group': next((name for name in GROUPS if system.has_group(name)), None),
                'cann_path': cann['path'] if cann else None,
                'cann_kind': cann['kind'] if cann else None,
                'kernels': ','.join(cann['kernels']) or None if cann else None,
            },
            'variables': variables,
            'key': {'driver': driver, 'cann': cann['version'] if cann else None},
            'warnings': warnings,
        }


def _cards(system):
    """[(PCI address, chip)] of Huawei's accelerators on the bus."""
    base = '/sys/bus/pci/devices'
    found = []
    for address in system.listdir(base):
        vendor, device = ((system.read('%s/%s/%s' % (base, address, name)) or '').strip().lower() for name in ('vendor', 'device'))
        if vendor == VENDOR and device in DEVICES:
            found.append((clean(address).lower(), DEVICES[device]))
    return found


def _version(system, path):
    match = re.search(r'^\s*version\s*=\s*(\S+)', system.read(path) or '', re.M | re.I)
    return clean(match.group(1), 60) if match else None


def _model(system):
    product = clean(system.read('/sys/class/dmi/id/product_name') or '')
    return system.device_tree()[0] or (None if BLANKS.search(product) else product)


def _accelerator(system, chip, form, own, driver):
    # Without a driver there is nothing to open, whatever is left in /dev.
    nodes = ['/dev/' + name for name in own + _shared(system, chip['name'] or '', form)] if own and driver else []
    owners = [system.group_of(node) for node in nodes]
    groups = owners + [name for name in GROUPS if nodes and system.has_group(name)]
    return {
        'kind': 'npu',
        'name': 'Ascend' + chip['name'] if chip['name'] else None,
        'driver': driver,
        'memory': chip['memory'],
        'compute_capability': None,
        'nodes': nodes,
        'groups': sorted(set(name for name in groups if name and name != 'root')),
    }


def _shared(system, chip, form):
    """The nodes that all chips of the board share: those that its kind can have, and that are there."""
    managers = ['davinci_manager_docker', 'davinci_manager'] if chip.startswith('310B') else ['davinci_manager']
    manager = [name for name in managers if system.exists('/dev/' + name)][:1]
    return manager + [name for name in ['dvpp_cmdlist'] + _expected(chip, form) if system.exists('/dev/' + name)]


def _expected(chip, form):
    if chip.startswith('310B'):
        return OF_310B
    if form != 'card':
        return []  # neither the Atlas 200 (310) nor the Atlas 200I SoC A1 (310P) has the nodes of the cards
    return OF_950 if chip.startswith('950') else OF_CARDS


def _unusable(system, cards, chips, form, nodes, driver):
    """Why what is there cannot be used."""
    if not chips:
        return ['the driver %s of Ascend chips is installed, but there is no chip: neither on the PCI bus nor as /dev/davinci0' % driver if driver else
                '/dev/davinci_manager is there, but no Ascend chip: neither on the PCI bus nor as /dev/davinci0']
    where = ' on the PCI bus at %s' % cards[0][0] if cards else ''
    if not driver:
        return ['an Ascend chip is here%s, but no driver of it is installed (%s is missing): install Huawei\'s driver and firmware (atlas_driver, '
                'atlas_firmware), or PyTorch will use the CPU only' % (where, DRIVER)]
    if not nodes:
        return ['the driver %s of the Ascend chip%s is installed, but not loaded, for there is no /dev/davinci0: restart the board; if that does not '
                'help, look at the kernel log and at /var/log/ascend_seclog/ascend_install.log; in a container, pass the device on' % (driver, where)]
    # Of the 310B's nodes a board has those of the units it uses; the others cannot do without theirs.
    wanted = ['davinci_manager'] + [name for name in _expected(chips[0]['name'] or '', form) if name not in OF_310B]
    missing = [name for name in wanted if not any(system.exists('/dev/' + name + suffix) for suffix in ('', '_docker'))]
    if missing:
        return ['device nodes of the Ascend chip are missing: %s; in a container, pass them on' % ', '.join('/dev/' + name for name in missing)]
    return [] if all(chip['name'] for chip in chips) else [
        'which Ascend chip this is cannot be told: npu-smi does not say it, and it is not on the PCI bus; see that npu-smi info works']


def _kernels_of(chip):
    """The names under which kernels for a chip are packaged; none where that is not known."""
    if chip.startswith(('310B', '310P')):
        return [chip[:4].lower()]
    if re.match(r'910B\d', chip):
        return ['910b']
    return []


def _without_kernels(chips, cann):
    chip = next((chip['name'] for chip in chips if chip['name']), '')
    wanted = _kernels_of(chip)
    if cann['kind'] == 'nnrt' or not wanted or set(wanted) & set(cann['kernels']):
        return []
    others = ' (but for %s)' % ', '.join(cann['kernels']) if cann['kernels'] else ''
    return ['below %s are no operators (kernels) for Ascend%s%s: install the %s kernels or ops package of CANN %s; an upgrade of the toolkit removes them'
            % (cann['path'], chip, others, wanted[0], cann['version'])]
