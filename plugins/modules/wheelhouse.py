# Copyright (c) 2026 the edgeai.fleet authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# The code is in plugins/action/wheelhouse.py: it runs on the control node only.

DOCUMENTATION = r"""
---
module: wheelhouse
short_description: Resolve the plans of a bench into locks and fetch their packages, once, on the control node
version_added: 0.1.0
author: "edgeai.fleet authors (@edgeai-fleet)"
description:
  - Makes each plan exact for its target (platform, Python, libc). The lock names the URL and the SHA-256 of every wheel
    or conda package, and is
    kept and used again until O(relock) asks for a new one.
  - Fetches everything once into the wheelhouse, whatever the number of boards, and checks its hash. What is there is
    not fetched again; what
    was changed there is set aside, reported and fetched again.
  - Wheels come from the sources of the plan, and from what C(pip) of the control node is configured to use (index,
    extra indexes, find-links,
    certificate, trusted hosts). A source that does not answer is passed over with a warning.
  - Files that a plan names one by one (NVIDIA's wheels, a keyring) are fetched first, get their real names, and are
    verified. Of a file without a
    published hash the one in C(pins.json) in O(locks) counts. Where there is none either, the plan is refused before
      anything is fetched, unless it trusts
    on first use; then the hash is recorded there. A file that is not the pinned one is always refused.
  - Packages that a board has already and that stay importable there are neither locked nor fetched, and nothing is
    chosen that contradicts them.
  - A plan for conda whose channels do not answer is replaced by the plan for a virtual environment that it holds, if it
    holds one.
  - A plan of which something is compiled is locked when all of that is in O(wheelhouse), where
    M(edgeai.fleet.torch_build) puts it. Until then its boards wait,
    and what a builder needs to begin (the source's archive, the packages that it is compiled with) is fetched.
  - On Arm with 32 bits, which uv does not know, versions are chosen as for 64 bits. Of each package the file is then
    one for 32 bits, or pure Python; packages
    that the plan leaves to the operating system are in no lock.
  - With O(delivery=index), plans are refused of which a package comes from the control node's own disk, as all does
    that is compiled.
  - One task serves all boards. Use C(run_once).
requirements:
  - uv and packaging on the control node
  - py-rattler on the control node for plans whose provider is conda
  - tomli on the control node if its Python is 3.10
options:
  plans:
    description:
      - The plan of each board by its inventory name, as filter P(edgeai.fleet.torch_plan#filter) makes them.
      - Plans that are refused are passed over.
    type: dict
    required: true
  wheelhouse:
    description: Directory on the control node that keeps what was fetched, as C(sha256/<sha256>/<filename>).
    type: path
    required: true
  locks:
    description: Directory on the control node that keeps the locks, one JSON file each, and C(pins.json). Put it under
      version control.
    type: path
    required: true
  relock:
    description: Resolve again although there is a lock. Also replaces a damaged one.
    type: bool
    default: false
  delivery:
    description:
      - V(wheelhouse) fetches everything to the control node.
      - V(index) makes the locks, and fetches only what is needed for that and for preparing boards; the boards fetch by
        themselves, with the same hashes.
    type: str
    choices: [wheelhouse, index]
    default: wheelhouse
attributes:
  action:
    description: Runs as an action on the control node.
    support: full
  check_mode:
    description: >-
      Resolves, but writes neither a lock nor a pin, and fetches nothing but what it cannot resolve without, into a
      place that is removed; reports what it
      would do.
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
- name: Provide for all boards
  edgeai.fleet.wheelhouse:
    plans: "{{ plans }}"
    wheelhouse: "{{ lookup('ansible.builtin.env', 'HOME') }}/.cache/edgeai-fleet/wheelhouse"
    locks: "{{ playbook_dir }}/locks"
  run_once: true
  register: provided

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
  description: The locks by key, C(packages), C(tools) and C(files) with name, version, filename, url, sha256, size and
    unpacked size.
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
    - For each board its lock's key, its environment's id and the plan that serves it, or why it gets none, or the keys
      of the builds that it waits for.
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
    - By key what can be compiled now for the boards that wait, as C(docs/schemas/build.schema.json) in the collection's
      repository describes it, with
      C(wheels) (the packages that it is compiled with), C(archive) (its source, if that is one) and C(hosts) (who waits
        for it).
    - A companion of torch is among them when its torch is there.
  returned: success
  type: dict
  sample:
    f738e41c8a561d3f:
      package: torch
      version: 2.6.0
      label: edgeai.f738e41c8a56
      hosts: [zynq]
downloaded:
  description: The files that were fetched, in check mode those that would be as far as that is known.
  returned: success
  type: list
  elements: str
  sample: [torch-2.9.1-cp311-cp311-manylinux_2_28_aarch64.whl]
pinned:
  description: The files that were trusted on first use, and are pinned from now on; in check mode those that would be.
  returned: success
  type: list
  elements: str
  sample: [torch-2.5.0a0+872d972e41.nv24.08.17622132-cp310-cp310-linux_aarch64.whl]
wheelhouse:
  description: The directory that keeps what was fetched.
  returned: success
  type: str
  sample: /srv/wheelhouse
"""
