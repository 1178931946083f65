# Copyright (c) 2026 the edgeai.fleet authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# The code is in plugins/action/fleet_bundle.py: it runs on the control node.

DOCUMENTATION = r"""
---
module: fleet_bundle
version_added: 0.1.0
short_description: Make or verify a bundle for a lab without internet
author: edgeai.fleet authors (@edgeai-fleet)
description:
  - Internal to the playbooks C(bundle) and C(verify_bundle) of this collection.
  - A bundle is a directory with the locks, packages and tools of the boards, the collection, ansible-core and its
    dependencies as wheels, an installer, a page that says what is in it, and the SHA-256 of every file.
  - Files that are there already are not written again. A bundle is verified after it was made. Its list of sums is
    written last; without it a bundle counts as not made.
  - Run it once for all boards, after M(edgeai.fleet.wheelhouse).
requirements:
  - uv and packaging on the control node
  - ssh-keygen on the control node for signatures (OpenSSH 8.2 or later)
options:
  purpose:
    description:
      - V(make) makes a bundle for O(hosts), of what the tasks of the run have registered on them.
      - V(check) checks the options only.
      - V(verify) verifies the bundle at O(path), a directory or a tar.
    type: str
    choices: [make, check, verify]
    default: make
  path:
    description:
      - The bundle's directory on the control node. It is created if missing; if it has files, they must be a bundle's.
      - With O(purpose=verify) also the path of a tar.
      - Required, although it is not marked so; without it the module fails and says what to do.
    type: path
  hosts:
    description: The boards of the bundle.
    type: list
    elements: str
    default: []
  python:
    description:
      - The Python of the control node that will use the bundle, such as V(3.11).
      - By default that of this control node.
    type: str
  platform:
    description:
      - The platform of the control node that will use the bundle, V(x86_64) or V(aarch64) for glibc 2.28 or later, or
        as wheels name it, such as V(manylinux_2_31_x86_64).
      - By default the architecture of this control node.
    type: str
  key:
    description:
      - File with the SSH key that signs the list of sums, a private key without a passphrase, or the public key of one
        that C(ssh-agent) has.
      - Without it the bundle is not signed.
    type: path
  signer:
    description:
      - With O(purpose=verify), who must have signed the bundle, a fingerprint such as C(SHA256:...), or a file with
        public SSH keys.
      - Without it anybody may have signed the bundle, or nobody.
    type: str
  tar:
    description: Whether also to write the bundle as a tar beside its directory.
    type: bool
    default: false
  relock:
    description: Whether to resolve the packages of the control node again, although the bundle has some that serve.
    type: bool
    default: false
attributes:
  action:
    description: Runs as an action on the control node.
    support: full
  check_mode:
    description: Says how many files the bundle would have, and writes none.
    support: full
  diff_mode:
    description: Shows the list of sums.
    support: full
  platform:
    description: The control node's.
    support: full
    platforms: posix
"""

EXAMPLES = r"""
- name: Verify a bundle
  edgeai.fleet.fleet_bundle:
    purpose: verify
    path: /media/stick/lab.tar
    signer: /home/lab/maker.pub
"""

RETURN = r"""
path:
  description: The path of the bundle.
  returned: success
  type: str
  sample: /media/stick/lab
tar:
  description: The path of the tar.
  returned: with O(tar=true), outside check mode
  type: str
  sample: /media/stick/lab.tar
files:
  description: How many files were verified.
  returned: success, outside check mode
  type: int
  sample: 81
size:
  description: Their bytes.
  returned: success, outside check mode
  type: int
  sample: 812345678
created:
  description: When the bundle was made.
  returned: success, outside check mode
  type: str
  sample: "2026-11-30T19:00:00Z"
signer:
  description: The fingerprint of the key that signed it; null for a bundle that is not signed.
  returned: success, outside check mode
  type: str
  sample: "SHA256:uYX8yfVuKGv6bJ4hB7h0i8Qn1yT6nJ0k2sJmD7c1Xy8"
missing:
  description: What a lab needs and is not in the bundle, each as a line.
  returned: success, outside check mode
  type: list
  elements: str
  sample: ["Python 3.11 with its module venv, and the programs ssh and ssh-keygen, on the control node"]
left_out:
  description: By host, why the bundle does not serve it.
  returned: with O(purpose=make)
  type: dict
  sample:
    pi-7: "unreachable: connection timed out"
"""
