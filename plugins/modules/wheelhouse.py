# Copyright (c) 2026 the edgeai.fleet authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# The code is in plugins/action/wheelhouse.py: it runs on the control node only.

DOCUMENTATION = r"""
---
module: wheelhouse
short_description: Resolve the plans of a bench into locks and fetch their wheels, once, on the control node
version_added: 0.1.0
author: "edgeai.fleet authors (@edgeai-fleet)"
description:
  - Makes each plan exact for its target (platform, Python, libc). The lock names the URL and the SHA-256 of every wheel, and is kept and
    used again until O(relock) asks for a new one.
  - Fetches every wheel once into the wheelhouse, whatever the number of boards, and checks its hash. What is there is not fetched again; what
    was changed there is set aside, reported and fetched again.
  - Wheels come from the sources of the plan, and from what C(pip) of the control node is configured to use (index, extra indexes, find-links,
    certificate, trusted hosts). A source that does not answer is passed over with a warning.
  - One task serves all boards. Use C(run_once).
requirements:
  - uv and packaging on the control node
  - tomli on the control node if its Python is 3.10
options:
  plans:
    description:
      - The plan of each board by its inventory name, as filter P(edgeai.fleet.torch_plan#filter) makes them.
      - Plans that are refused are passed over.
    type: dict
    required: true
  wheelhouse:
    description: Directory on the control node that keeps the wheels.
    type: path
    required: true
  locks:
    description: Directory on the control node that keeps the locks, one JSON file each. Put it under version control.
    type: path
    required: true
  relock:
    description: Resolve again although there is a lock. Also replaces a damaged one.
    type: bool
    default: false
  delivery:
    description:
      - V(wheelhouse) fetches all wheels to the control node.
      - V(index) only makes the locks; the boards fetch by themselves, with the same hashes.
    type: str
    choices: [wheelhouse, index]
    default: wheelhouse
attributes:
  action:
    description: Runs as an action on the control node.
    support: full
  check_mode:
    description: Resolves, but writes no lock and fetches nothing; reports what it would do.
    support: full
  diff_mode:
    description: Shows the locks that are written.
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
  description: The locks by key, C(packages) and C(tools) with name, version, filename, url, sha256, size and unpacked size.
  returned: success
  type: dict
  sample:
    5f0c3f1be6a17c52:
      schema: 1
      key: 5f0c3f1be6a17c52
      torch: 2.9.1
      packages:
        - name: torch
          version: 2.9.1
          filename: torch-2.9.1-cp311-cp311-manylinux_2_28_aarch64.whl
boards:
  description: For each board its lock's key and its environment's id, or why it gets none.
  returned: success
  type: dict
  sample:
    pi4:
      lock: 5f0c3f1be6a17c52
      id: 0a1b2c3d4e5f
    pi3:
      refusal:
        reason: there is no torch ==99.0
        nearly: []
        way_out: "Available for Python 3.11.2, aarch64, glibc 2.36: 2.9.1, 2.9.0."
downloaded:
  description: The files that were fetched, in check mode those that would be as far as that is known.
  returned: success
  type: list
  elements: str
  sample: [torch-2.9.1-cp311-cp311-manylinux_2_28_aarch64.whl]
"""
