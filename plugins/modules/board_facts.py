# Copyright (c) 2026 the edgeai.fleet authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

DOCUMENTATION = r"""
module: board_facts
short_description: Measure what an edge board is, and what PyTorch it has
version_added: 0.1.0
description:
  - Returns everything a plan for PyTorch depends on, in one call. This covers the family and model of the board, the
    architecture of its
    userland, C library, Python interpreters, memory, space, and accelerators by their driver, and the environment found
      at O(torch_root).
  - Reads only, apart from one file that saves time in later runs (see the notes), and needs no administrator. A value
    that cannot be read is V(null).
author:
  - edgeai.fleet authors (@edgeai-fleet)
attributes:
  check_mode:
    support: full
    description: The module changes nothing. In check mode, it does not even keep the answers of interpreters.
  diff_mode:
    support: none
    description: The module changes nothing, so there is no difference to show.
  facts:
    support: full
    description: Returns C(ansible_facts) with the one fact C(edgeai_board), unless O(as_fact=false).
  platform:
    support: full
    description: Linux with Python 3.6 or later.
    platforms: linux
options:
  torch_root:
    description: Directory that holds the environments of PyTorch, or will hold them.
    type: path
    default: /opt/edgeai/torch
  torch_user:
    description: The user who will run PyTorch. By default, and if empty, the user as whom the module runs.
    type: str
  torch_python:
    description:
      - The requested interpreter, as a path or a version. An interpreter at a path is examined even outside the usual
        directories.
      - A version does not change which interpreters are examined.
    type: str
  family:
    description: Treat the board as one of this family (V(raspberrypi), V(x86_conda)), whatever it looks like. By
      default, and if empty, the family is detected.
    type: str
  cann_path:
    description:
      - Where Huawei's CANN is, as the directory that has its C(set_env.sh) or one above it. No other place counts then.
      - By default, and if empty, it is searched for where Huawei's installer, conda and pip put it.
    type: path
  cann_version:
    description: The version of CANN that counts if it is one of several in a directory of CANN. By default, and if
      empty, it is the one that the links C(cann) and C(latest) name, or else the newest.
    type: str
  from_variables:
    description:
      - Whether options that are not given are taken from the host's variables C(torch_root), C(torch_user),
        C(torch_python), C(torch_family), C(atlas_cann_path) and C(atlas_cann), with the defaults of their roles.
      - The action plugin of this module does it.
    type: bool
    default: false
  control_time:
    description: The time on the control node, in seconds since 1970, to warn of a wrong clock. By default the action
      plugin of this module sets it.
    type: float
  as_fact:
    description:
      - Whether to set the board as a fact of the host, which Ansible also writes into a fact cache where one is
        configured.
      - With V(false) the board is in RV(board) instead, and no fact cache is written.
    type: bool
    default: true
notes:
  - Where a part of NVIDIA's driver is found, its library libcuda is queried in a child process, and C(nvidia-smi) at
    the same time. The exit status of
    C(nvidia-smi) alone decides nothing. C(CUDA_VISIBLE_DEVICES) of the session that runs the module hides no device.
  - Interpreters are searched for in C(PATH), C(/usr/bin), C(/usr/local/bin), C(/usr/local/python3*/bin),
    C(/opt/python*/bin), and below C(~/.pyenv/versions) of the user as whom
    the module runs. Each distinct one is started once, all at the same time, except the one that runs the module.
  - Beside the state record of an installed environment, the module keeps what these interpreters answered, in
    C(state/pythons.json) of O(torch_root). One whose files are unchanged is then not started again. Only a file of root
    or of the user who runs the module counts. Where it cannot be written, and in check mode, it is not.
"""

EXAMPLES = r"""
- name: Measure the board
  edgeai.fleet.board_facts:

- name: Measure the board for a service that runs as its own user
  edgeai.fleet.board_facts:
    torch_root: /srv/torch
    torch_user: vision
  become: true

- name: Show what was found
  ansible.builtin.debug:
    msg: "{{ ansible_facts['edgeai_board'].model }}, {{ ansible_facts['edgeai_board'].architecture }}, {{
      ansible_facts['edgeai_board'].libc.version }}"
"""

RETURN = r"""
board:
  description: The board, with the keys of RV(ansible_facts.edgeai_board).
  returned: success, with O(as_fact=false)
  type: dict
ansible_facts:
  description: The facts that are added to the host.
  returned: success, with O(as_fact=true)
  type: dict
  contains:
    edgeai_board:
      description: The board.
      returned: success
      type: dict
      contains:
        schema:
          description: Version of this structure.
          type: int
          returned: success
          sample: 1
        family:
          description: Family, which is the name of the role that knows it, or V(null).
          type: str
          returned: success
          sample: raspberrypi
        model:
          description: Model, in the maker's words.
          type: str
          returned: success
          sample: Raspberry Pi 4 Model B Rev 1.4
        module:
          description: Compute module on the board, where it has one.
          type: str
          returned: success
          sample: Compute Module 4
        board_id:
          description: The maker's identifier of the board's kind; the revision code of a Raspberry Pi.
          type: str
          returned: success
          sample: c03114
        soc:
          description: System on chip.
          type: str
          returned: success
          sample: bcm2711
        compatible:
          description: The C(compatible) strings of the device tree.
          type: list
          elements: str
          returned: success
          sample: ["raspberrypi,4-model-b", "brcm,bcm2711"]
        architecture:
          description: Architecture of the userland, as Python names it. It can differ from the kernel's.
          type: str
          returned: success
          sample: aarch64
        dpkg_architecture:
          description: The same as Debian names it, or V(null) without dpkg.
          type: str
          returned: success
          sample: arm64
        kernel:
          description: Release and machine of the running kernel.
          type: dict
          returned: success
          sample: {"release": "6.6.31+rpt-rpi-v8", "machine": "aarch64"}
        cpu:
          description: Model, cores that may be used, and whether an aarch64 core has the LSE atomics that some wheels
            need (V(null) on others).
          type: dict
          returned: success
          sample: {"model": "Cortex-A72", "cores": 4, "atomics": false}
        page_size:
          description: Bytes in a page of memory.
          type: int
          returned: success
          sample: 4096
        libc:
          description: C library.
          type: dict
          returned: success
          sample: {"name": "glibc", "version": "2.36"}
        os:
          description: Operating system, from C(os-release), and the package manager that it is installed by.
          type: dict
          returned: success
          sample: {"id": "debian", "version_id": "12", "codename": "bookworm", "pretty_name": "Debian GNU/Linux 12
            (bookworm)", "package_manager": "apt"}
        pythons:
          description: Working Python 3 interpreters, the preferred ones first. The default one is C(python3) of
            C(PATH).
          type: list
          elements: dict
          returned: success
          sample: [{"path": "/usr/bin/python3", "version": "3.11.2", "implementation": "cpython", "externally_managed":
            true, "default": true}]
        memory:
          description: Bytes of memory.
          type: dict
          returned: success
          sample: {"total": 3981246464, "available": 3413032960}
        swap:
          description: Bytes of swap space.
          type: dict
          returned: success
          sample: {"total": 104853504, "free": 104853504}
        disk:
          description: Total bytes of the file system of O(torch_root), bytes that this user may still use, and the
            nearest existing path.
          type: dict
          returned: success
          sample: {"path": "/opt", "total": 31268335616, "free": 25117433856}
        accelerators:
          description:
            - All accelerators that can be used now, as their driver reports them; CUDA devices in CUDA's order.
            - The C(groups) are those whose members may use it.
          type: list
          elements: dict
          returned: success
          sample: [{"kind": "cuda", "name": "NVIDIA GeForce RTX 4090", "driver": "550.54.14", "memory": 25757220864,
            "compute_capability": "8.9",
                    "cuda": "12.4", "nodes": ["/dev/nvidia0"], "groups": []}]
        signs:
          description:
            - Accelerators that were detected but cannot be used now, of kinds that the collection may have a build for.
              There is one entry for each card, or one entry if only traces of a driver are found.
            - C(where) is an address on the PCI bus or a path. C(compute_capability) and C(name) are V(null) where they
              are not known.
            - C(cause) is one of C(no-driver), C(nouveau), C(vfio), C(module), C(mismatch), C(forward-compat),
              C(fabric), C(no-device), C(unknown-error),
              C(open-module), C(hang), C(no-nodes), C(no-library), C(access), C(silent) and C(error). C(why) explains
                it, C(fix) is what to do.
          type: list
          elements: dict
          returned: success
          sample: [{"kind": "cuda", "name": "NVIDIA GeForce RTX 4090", "where": "0000:01:00.0", "compute_capability":
            null, "driver": "550.54.14",
                    "cause": "mismatch", "why": "the driver's libraries and its loaded kernel module have different
                      versions (cuInit returned 803)",
                    "fix": "Restart the board to load the module of the installed version."}]
        unserved:
          description:
            - Accelerators that no catalogue of the collection has a build for, such as GPUs of AMD and Intel, Hailo,
              Coral, the NPU of a Rockchip.
            - C(integrated) is a processor's own graphics.
          type: list
          elements: dict
          returned: success
          sample: [{"name": "AMD GPU 1002:744c", "where": "0000:03:00.0", "integrated": false}]
        platform:
          description: Facts of this family only, by name.
          type: dict
          returned: success
          sample: {"jetpack": "6.2", "cuda": "12.6", "cudnn": "9.3.0", "tensorrt": "10.3.0"}
        variables:
          description: Variables that the vendor's software needs in any program that uses it, such as those of CANN's
            C(set_env.sh).
          type: dict
          returned: success
          sample: {}
        paths:
          description: C(site-packages) of the vendor's own Python environment, such as PYNQ's, which must stay
            importable.
          type: list
          elements: str
          returned: success
          sample: []
        provided:
          description: Python distributions, and their versions, that the system or RV(ansible_facts.edgeai_board.paths)
            contain and that must not be replaced.
          type: dict
          returned: success
          sample: {"numpy": "1.21.5"}
        user:
          description: The user as whom the module ran.
          type: dict
          returned: success
          sample: {"name": "root", "uid": 0, "root": true}
        workload:
          description: The user who will run PyTorch.
          type: dict
          returned: success
          sample: {"name": "vision", "exists": true, "uid": 1001, "groups": ["video", "vision"]}
        key:
          description: Values that make a recorded verdict stale when they change.
          type: dict
          returned: success
          sample: {"kernel": "6.6.31+rpt-rpi-v8", "driver": null, "l4t": null, "cann": null}
        state:
          description: What is at O(torch_root). See M(edgeai.fleet.torch_env).
          type: dict
          returned: success
        warnings:
          description: What a person should know about the board, a sentence each.
          type: list
          elements: str
          returned: success
          sample: []
        seconds:
          description: How long the measurement took.
          type: float
          returned: success
          sample: 0.041
"""

import time

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.edgeai.fleet.plugins.module_utils._board.collect import collect
from ansible_collections.edgeai.fleet.plugins.module_utils._board.system import System
from ansible_collections.edgeai.fleet.plugins.module_utils._environment.status import read_state
from ansible_collections.edgeai.fleet.plugins.module_utils._root.layout import Layout


def main():
    started = time.monotonic()
    module = AnsibleModule(
        argument_spec=dict(
            torch_root=dict(type="path", default="/opt/edgeai/torch"),
            torch_user=dict(type="str"),
            torch_python=dict(type="str"),
            family=dict(type="str"),
            cann_path=dict(type="path"),
            cann_version=dict(type="str"),
            from_variables=dict(type="bool", default=False),
            control_time=dict(type="float"),
            as_fact=dict(type="bool", default=True),
        ),
        supports_check_mode=True,
    )
    as_fact = module.params.pop("as_fact")
    del module.params["from_variables"]  # done by the action plugin
    layout = Layout(module.params["torch_root"])
    answers = {"path": layout.pythons, "record": layout.record, "may_write": not module.check_mode}
    try:
        board = collect(System(), answers=answers, **module.params)
    except ValueError as error:
        module.fail_json(msg=str(error))
    board["state"] = read_state(module.params["torch_root"])
    board["seconds"] = round(time.monotonic() - started, 3)
    module.exit_json(changed=False, **({"ansible_facts": {"edgeai_board": board}} if as_fact else {"board": board}))


if __name__ == "__main__":
    main()
