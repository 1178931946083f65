# Copyright (c) 2026 the edgeai.fleet authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# The code is in plugins/action/enrol_board.py: it runs on the control node.

DOCUMENTATION = r"""
---
module: enrol_board
version_added: 0.1.0
short_description: Pin the host key of a board, and install the operator's SSH key
author: edgeai.fleet authors (@edgeai-fleet)
description:
  - Internal to the playbook C(enrol) of this collection.
  - Asks the board for its host keys and returns their fingerprints. With O(accept) they are pinned if none is known,
    and if the operator's key does not log in yet, the password is used once to install it (C(ssh-copy-id)). That the
    key logs in is tried before the module ends.
  - A host key that differs from a known one, or that is revoked, is refused.
  - The password is the first of the variables C(enrol_password), C(ansible_password) and its older names, or that of
    C(-k). It is no option, so that no output has it.
attributes:
  check_mode:
    support: full
    description: The board is asked for its host keys. Nothing is written, and no password is used.
  diff_mode:
    support: none
    description: The fingerprints are returned.
  platform:
    support: full
    platforms: posix
    description: The control node, with the programs of OpenSSH.
options:
  name:
    description: The name of the board in the inventory that is written.
    type: str
    required: true
  address:
    description: The address of the board, or its name.
    type: str
    required: true
  port:
    description: The port of its SSH server.
    type: int
    default: 22
  user:
    description: The user who logs in.
    type: str
    required: true
  accept:
    description: Whether a host key that nobody knows is pinned, and the operator's key installed.
    type: bool
    default: false
  fingerprint:
    description: The fingerprint that the board must show, such as C(SHA256:...), read on its own console. Empty is any.
    type: str
    default: ''
  key:
    description: The operator's public key. Empty is the first of C(id_ed25519.pub), C(id_ecdsa.pub) and C(id_rsa.pub)
      in C(~/.ssh).
    type: str
    default: ''
  known_hosts:
    description: The file of host keys.
    type: path
    default: ~/.ssh/known_hosts
"""

EXAMPLES = r"""
- name: Take the board in
  edgeai.fleet.enrol_board:
    name: pi4
    address: 192.0.2.31
    user: pi
    accept: true
"""

RETURN = r"""
name:
  description: The value of O(name). O(address), O(port) and O(user) are returned, too.
  returned: success
  type: str
address:
  description: The value of O(address).
  returned: success
  type: str
port:
  description: The value of O(port).
  returned: success
  type: int
user:
  description: The value of O(user).
  returned: success
  type: str
fingerprints:
  description: The host keys that the board shows, with their types.
  returned: success
  type: list
  elements: str
  sample: ['SHA256:uNiVztksCsDhcc0u9e8BrWJXVGDs2pZRN8DA7X4uEjA (ssh-ed25519)']
known:
  description: Whether a host key of the board was known before.
  returned: success
  type: bool
accepted:
  description: The value of O(accept).
  returned: success
  type: bool
key_installed:
  description: Whether the operator's key was installed, or would be in check mode.
  returned: success
  type: bool
"""
