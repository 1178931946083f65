#!/usr/bin/python
# Copyright (c) 2026 the edgeai.fleet authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

DOCUMENTATION = r"""
module: distcc_helper
short_description: Run distccd on a host, for one builder
version_added: 0.1.0
description:
  - Makes a host compile for a builder of PyTorch, with distcc in its plain mode. The host is a Debian or Ubuntu machine
    of the builder's architecture, or one with a cross compiler for it.
  - The action of the same name installs distcc and the builder's version of GCC with C(apt). Afterwards the module
    compares the defaults of both compilers and starts C(distccd) for O(clients) only, at a port of this builder's own.
  - The daemon runs as the user C(distccd), as one process for each builder. It does not start again with the host.
  - M(edgeai.fleet.distcc_builder) then tests from the builder whether the helper compiles.
options:
  builder:
    description: Name of the builder in the inventory. Its hash gives the port, from 3700 to 4699.
    type: str
    required: true
  state:
    description:
      - V(present) is a running daemon with these options. A daemon with other options is stopped first.
      - V(absent) stops the daemon of this builder. The packages stay.
    type: str
    choices: [present, absent]
    default: present
  address:
    description: Where the builder reaches this host, for RV(distcc_host). Required with O(state=present).
    type: str
  clients:
    description: The addresses from which the builder comes. No other may connect. Required with O(state=present).
    type: list
    elements: str
  compiler_version:
    description: What C(g++ -v) prints on the builder. Required with O(state=present).
    type: str
  job_mib:
    description: How much memory one compiler may need, in MiB.
    type: int
    default: 2048
  compress:
    description: Whether the builder compresses what it sends, for RV(distcc_host).
    type: bool
    default: true
attributes:
  check_mode:
    support: full
    description: Can run in check_mode and return changed status prediction without modifying target.
  diff_mode:
    support: full
    description: Will return the arguments of the daemon before and after.
  platform:
    support: full
    platforms: debian
    description: Target OS/families that can be operated against.
seealso:
  - module: edgeai.fleet.distcc_builder
author:
  - edgeai.fleet authors (@edgeai-fleet)
"""

EXAMPLES = r"""
- name: Read the version of the builder's compiler
  ansible.builtin.command: g++ -v
  changed_when: false
  register: compiler
  delegate_to: pi-1

- name: Find the address from which the builder comes
  edgeai.fleet.distcc_builder:
    address: 192.168.1.20
  register: builder
  delegate_to: pi-1

- name: Let this PC compile for pi-1
  edgeai.fleet.distcc_helper:
    builder: pi-1
    address: 192.168.1.20
    clients: ["{{ builder.source }}"]
    compiler_version: "{{ compiler.stderr }}"
  become: true

- name: Stop it
  edgeai.fleet.distcc_helper:
    builder: pi-1
    state: absent
  become: true
"""

RETURN = r"""
distcc_host:
  description: This helper as an entry of C(DISTCC_HOSTS).
  type: str
  returned: O(state=present)
  sample: 192.168.1.20:4012/8,lzo
port:
  description: The port at which the daemon listens.
  type: int
  returned: success
  sample: 4012
slots:
  description: How many compilers run at once, by cores and memory.
  type: int
  returned: O(state=present)
  sample: 8
compiler:
  description: The compiler that the helper runs, under the same name on both hosts.
  type: str
  returned: O(state=present)
  sample: aarch64-linux-gnu-g++-12
packages:
  description: The packages that were installed, or would be in check mode.
  type: list
  elements: str
  returned: O(state=present)
  sample: [distcc, g++-12-aarch64-linux-gnu]
"""

import os

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.edgeai.fleet.plugins.module_utils._base.errors import (
    EnvironmentProblem,
    problems_reported,
    require_root,
)
from ansible_collections.edgeai.fleet.plugins.module_utils._setup.distcc_helper import (
    Helper,
    slots_for,
)
from ansible_collections.edgeai.fleet.plugins.module_utils._torch_build.distcc import full_names


def main():
    module = AnsibleModule(
        argument_spec=dict(
            builder=dict(type="str", required=True),
            state=dict(type="str", choices=["present", "absent"], default="present"),
            address=dict(type="str"),
            clients=dict(type="list", elements="str"),
            compiler_version=dict(type="str"),
            job_mib=dict(type="int", default=2048),
            compress=dict(type="bool", default=True),
        ),
        required_if=[("state", "present", ("address", "clients", "compiler_version"))],
        supports_check_mode=True,
    )
    module.run_command_environ_update = dict(LC_ALL="C")

    def run(argv):
        program = module.get_bin_path(argv[0])
        if not program:
            raise EnvironmentProblem("%s is not on this host; helpers are Debian or Ubuntu machines" % argv[0])
        return module.run_command([program] + argv[1:])

    with problems_reported(module, "distcc_helper", "; run it as root (become), or correct this"):
        helper = Helper(run, module.params["builder"])
        if module.params["state"] == "present":
            result = _run_daemon(module, helper)
        else:
            before = helper.running_arguments()
            result = {"changed": bool(before or helper.existing_files()), "diff": _arguments_diff(helper, before, "")}
            if result["changed"] and not module.check_mode:
                require_root("stop distccd")
                helper.stop()
    module.exit_json(port=helper.port, **result)


def _run_daemon(module, helper):
    options = module.params
    names = full_names(options["compiler_version"])
    if not names:
        raise EnvironmentProblem(
            "helpers compile with GCC, and %s has another compiler: %s"
            % (helper.builder, " ".join(options["compiler_version"].split())[:200])
        )
    if not options["clients"]:
        raise EnvironmentProblem("clients is empty: the address from which %s comes is needed" % helper.builder)
    prefix, suffix = names
    compiler = prefix + "g++" + suffix
    slots = slots_for(
        len(os.sched_getaffinity(0)),
        os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") >> 20,
        options["job_mib"],
    )
    missing = helper.missing_packages(prefix[:-1], suffix[1:])
    arguments = helper.daemon_arguments(slots, options["clients"])
    before, after = helper.running_arguments(), " ".join(arguments) + "\n"
    result = {
        "changed": bool(missing) or before != after,
        "distcc_host": "%s:%d/%d%s" % (options["address"], helper.port, slots, ",lzo" if options["compress"] else ""),
        "slots": slots,
        "compiler": compiler,
        "packages": missing,
        "diff": _arguments_diff(helper, before, after),
    }
    if missing:  # the action installs them, and calls again
        return dict(result, changed=module.check_mode)
    helper.check_baseline(compiler, options["compiler_version"])
    if module.check_mode:
        return result
    if result["changed"]:
        require_root("start distccd")
        helper.start(arguments)
    helper.wait_until_it_listens()
    return result


def _arguments_diff(helper, before, after):
    return {
        "before_header": helper.arguments_file,
        "after_header": helper.arguments_file,
        "before": before,
        "after": after,
    }


if __name__ == "__main__":
    main()
