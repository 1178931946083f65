# Copyright (c) 2026 the edgeai.fleet authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# The code is in plugins/action/wheelhouse.py: it runs on the control node only.

DOCUMENTATION = r"""
---
module: wheelhouse
short_description: Lock the plans of a fleet and fetch their packages, once, on the control node
version_added: 0.1.0
author: "edgeai.fleet authors (@edgeai-fleet)"
description:
  - Makes each plan exact for its target (platform, Python, libc). The lock names the URL and the SHA-256 of every wheel
    or conda package. It is kept and used again until O(relock) asks for a new one.
  - Fetches everything once into the wheelhouse, whatever the number of boards, and verifies it. Files that are there
    are not fetched again; files that were changed there are renamed, reported and fetched again.
  - Wheels come from the sources of the plan, and from those in the configuration of the control node's C(pip) (index,
    extra indexes, find-links, certificate, trusted hosts). A source that does not answer is skipped with a warning.
  - Files that a plan names one by one (NVIDIA's wheels, a keyring) are fetched first, under their real names, and
    verified. If a file has no published hash, the one in C(pins.json) in O(locks) counts. If there is none either, the
    plan is refused before anything is fetched, unless it trusts on first use; then the hash is recorded there. A file
    that differs from its pin is always refused.
  - Preinstalled packages that stay importable are neither locked nor fetched, and nothing is chosen that contradicts
    them.
  - A plan for conda whose channels do not answer is replaced by the plan for a virtual environment that it holds, if
    any.
  - A plan with builds is locked when all of them are in O(wheelhouse), where M(edgeai.fleet.torch_build) puts them.
    Until then its boards wait, and the inputs of the builds (source archive, packages to compile with) are fetched.
  - For 32-bit Arm, which uv does not know, versions are chosen as for 64 bits. For each package the wheel is then one
    for 32 bits, or pure Python; packages that the plan leaves to the operating system are in no lock.
  - With O(delivery=index), plans are refused if a package is on the control node's own disk, as compiled wheels are.
  - One task serves all boards. Use C(run_once).
requirements:
  - uv and packaging on the control node
  - py-rattler on the control node for plans whose provider is conda
  - tomli on the control node if its Python is 3.10
options:
  plans:
    description:
      - The plan of each board by its inventory name, as filter P(edgeai.fleet.torch_plan#filter) makes them.
      - Refused plans are skipped.
    type: dict
    required: true
  wheelhouse:
    description: Directory on the control node for fetched files, as C(sha256/<sha256>/<filename>).
    type: path
    required: true
  locks:
    description: Directory on the control node for the locks, one JSON file each, and C(pins.json). Put it under version
      control.
    type: path
    required: true
  relock:
    description: Resolve again although there is a lock. Also replaces a damaged one.
    type: bool
    default: false
  delivery:
    description:
      - V(wheelhouse) fetches everything to the control node.
      - V(index) makes the locks, and fetches only what is needed for that and for preparing boards. The boards fetch
        their packages themselves and verify the same hashes.
    type: str
    choices: [wheelhouse, index]
    default: wheelhouse
  offline:
    description:
      - Request nothing from any host. A plan without a lock in O(locks), and one with an artifact that is not in
        O(wheelhouse) or was changed there, is refused.
      - Cannot be combined with O(relock) or O(delivery=index).
    type: bool
    default: false
attributes:
  action:
    description: Runs as an action on the control node.
    support: full
  check_mode:
    description: >-
      Resolves, but writes no lock and no pin, and fetches only what it needs to resolve, into a temporary directory.
      Reports what it would do.
    support: full
  diff_mode:
    description: Shows the locks and the pins that are written.
    support: full
  platform:
    description: The control node's.
    support: full
    platforms: posix
"""

EXAMPLES = r"""
- name: Lock and fetch for all boards
  edgeai.fleet.wheelhouse:
    plans: "{{ plans }}"
    wheelhouse: "{{ lookup('ansible.builtin.env', 'HOME') }}/.cache/edgeai-fleet/wheelhouse"
    locks: "{{ playbook_dir }}/locks"
  run_once: true
  register: wheelhouse_result

- name: Move to the newest versions that the plans allow
  edgeai.fleet.wheelhouse:
    plans: "{{ plans }}"
    wheelhouse: /srv/wheelhouse
    locks: /srv/locks
    relock: true
  run_once: true
"""

RETURN = r"""
locks:
  description: The locks by lock id, C(packages), C(tools) and C(files) with name, version, filename, url, sha256, size
    and unpacked size.
  returned: success
  type: dict
  sample:
    5f0c3f1be6a17c52:
      schema: 1
      key: 5f0c3f1be6a17c52
      provider: venv
      torch: 2.9.1
      packages:
        - name: torch
          version: 2.9.1
          filename: torch-2.9.1-cp311-cp311-manylinux_2_28_aarch64.whl
boards:
  description:
    - For each board its lock id, its environment id and the plan that is used; or why it is refused; or the ids of the
      builds for which it waits.
  returned: success
  type: dict
  sample:
    pi4:
      lock: 5f0c3f1be6a17c52
      id: 0a1b2c3d4e5f
      plan: {provider: venv, accelerator: cpu}
    pi3:
      refusal:
        reason: there is no torch ==99.0
        nearly: []
        way_out: "Available for Python 3.11.2, aarch64, glibc 2.36: 2.9.1, 2.9.0."
    zynq:
      refusal:
      waiting: [f738e41c8a561d3f]
builds:
  description:
    - By build id what can be compiled now for the waiting boards, as C(docs/schemas/build.schema.json) in the
      collection's repository describes it, with C(wheels) (the packages to compile with), C(archive) (its source, if
      that is an archive) and C(hosts) (the waiting boards).
    - A companion of torch is among them once its torch is compiled.
  returned: success
  type: dict
  sample:
    f738e41c8a561d3f:
      package: torch
      version: 2.6.0
      label: edgeai.f738e41c8a56
      hosts: [zynq]
downloaded:
  description: The files that were fetched; in check mode those that would be, as far as known.
  returned: success
  type: list
  elements: str
  sample: [torch-2.9.1-cp311-cp311-manylinux_2_28_aarch64.whl]
pinned:
  description: The files that were trusted on first use and are pinned from now on; in check mode those that would be.
  returned: success
  type: list
  elements: str
  sample: [torch-2.5.0a0+872d972e41.nv24.08.17622132-cp310-cp310-linux_aarch64.whl]
pins:
  description: The path of the file with the pins, which is there if anything was pinned.
  returned: success
  type: str
  sample: /srv/locks/pins.json
wheelhouse:
  description: The directory of the fetched files.
  returned: success
  type: str
  sample: /srv/wheelhouse
"""
