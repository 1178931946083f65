#!/usr/bin/python
# Copyright (c) 2026 the edgeai.fleet authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

DOCUMENTATION = r"""
module: builder_container
short_description: Manage a container for building PyTorch
version_added: 0.1.0
description:
  - Makes a container with a distribution's userland, and starts it in the local Docker engine or with Podman. The
    userland is made from the distribution's own packages with C(mmdebstrap), and no image is pulled; or it is an image
    of Debian or Ubuntu, to which the packages that Ansible needs are added (O(image)).
  - A userland of another architecture runs under QEMU's user emulation, several times slower than native code; helpers
    with a cross compiler make up for most of that.
  - The container is reached over SSH at a port of the loopback interface, with a key of its own and a host key that is
    known and checked.
  - Builds are kept in a volume at O(path), which outlives the container. A container that does not match the options
    any more is made again, with the same volume.
  - Runs on the control node and installs nothing there. One message lists everything that is missing.
options:
  name:
    description: Name of the container. The engine knows it as C(edgeai-builder-)O(name).
    type: str
    required: true
  state:
    description: V(absent) removes the container, its volume with all builds, and its keys. The image stays, because
      other containers may use it.
    type: str
    choices: [present, absent]
    default: present
  suite:
    description:
      - The release of Debian or Ubuntu, by its code name, such as V(bookworm) or V(jammy). Use the release of the
        boards, because a wheel runs neither with an older C library nor with another Python than it was built for.
      - Required with O(state=present), unless O(image) is given. With O(image), it is the release that the image must
        be of.
    type: str
  engine:
    description:
      - What runs the container, V(docker) or V(podman). Each has containers, volumes and images of its own.
      - Podman needs neither a daemon nor the rights of root. A user's containers end with the user's last session,
        unless C(loginctl enable-linger) is set, and have no address that other containers reach.
    type: str
    choices: [docker, podman]
    default: docker
  image:
    description:
      - An image of Debian or Ubuntu that the container is made from, such as V(debian:bookworm) of the official images,
        or V(debian@sha256:...). It must be for O(architecture).
      - It is pulled only if the engine does not have it for this architecture, and only until the builder's own image
        is made from it. A tag is followed once. RV(builder.base) has its digest; with that as O(image), every control
        node makes the same builder, and another digest makes another builder.
      - Without it, C(mmdebstrap) makes the userland.
    type: str
  architecture:
    description: The architecture as Debian names it, V(armhf) for C(armv7l) and V(arm64) for C(aarch64). Required with
      O(state=present).
    type: str
    choices: [amd64, arm64, armhf]
  mirrors:
    description:
      - Where the packages come from, as addresses of mirrors or as lines of C(sources.list). By default those of
        Debian, or for a suite of Ubuntu its ports and archive; with O(image), those of the image.
    type: list
    elements: str
    default: []
  environment:
    description:
      - Variables of all processes there, such as C(http_proxy), or C(QEMU_CPU) with the core to emulate.
    type: dict
    default: {}
  cross:
    description:
      - Whether a container of another architecture gets a compiler that runs natively, which is the distribution's
        cross compiler, under the names of the container's own. Only CMake, Python and the code generators are emulated
        then, and helpers are not needed. Objects are compiled in about the time that they take for this machine itself.
      - It has no effect on a container that is not emulated.
      - A release that was compiled this way from start to end is not known; the first steps were compared with those
        of the container's own compiler.
    type: bool
    default: false
  memory_mib:
    description: Memory limit of the container, in MiB. V(0) is no limit.
    type: int
    default: 0
  path:
    description: Where the volume is in the container.
    type: path
    default: /opt/edgeai
  directory:
    description: Where the keys are kept. By default C(edgeai-fleet/builders) in the user's cache directory,
      E(XDG_CACHE_HOME) or C(~/.cache).
    type: path
  _secrets:
    description: Used internally by the action, for the secret parts of O(environment) and O(mirrors).
    type: str
requirements:
  - A local Docker engine, and a user who may use it (root, or a member of the group C(docker)); or Podman 4 or later.
  - C(mmdebstrap) and the keyring of the distribution, for the first container of a suite and an architecture, unless
    O(image) is given.
  - QEMU's user emulation registered with the kernel (C(qemu-user-static) and C(binfmt-support)), for an architecture
    other than the control node's.
notes:
  - The first container of a suite and an architecture needs a new image. Making it takes about a minute, or five to ten
    minutes under emulation.
attributes:
  check_mode:
    support: full
    description: Can run in check_mode and return changed status prediction without modifying target.
  diff_mode:
    support: full
    description: Will return details on what has changed (or possibly needs changing in check_mode), when in diff mode.
  platform:
    support: full
    platforms: linux
    description: Target OS/families that can be operated against.
author:
  - edgeai.fleet authors (@edgeai-fleet)
"""

EXAMPLES = r"""
- name: Make a builder for 32-bit boards with Debian 12
  edgeai.fleet.builder_container:
    name: bookworm-armhf
    suite: bookworm
    architecture: armhf
  delegate_to: localhost
  register: container

- name: Make one from an official image, with Podman
  edgeai.fleet.builder_container:
    name: bookworm-arm64
    engine: podman
    image: debian:bookworm
    architecture: arm64
  delegate_to: localhost

- name: Add it to the hosts of this run
  ansible.builtin.add_host:
    name: bookworm-armhf
    ansible_host: "{{ container.builder.host }}"
    ansible_port: "{{ container.builder.port }}"
    ansible_user: "{{ container.builder.user }}"
    ansible_ssh_private_key_file: "{{ container.builder.private_key }}"
    ansible_ssh_common_args: "{{ container.builder.ssh_common_args }}"
    ansible_python_interpreter: "{{ container.builder.python }}"

- name: Remove it
  edgeai.fleet.builder_container:
    name: bookworm-armhf
    state: absent
  delegate_to: localhost
"""

RETURN = r"""
builder:
  description: The container and how it is reached.
  type: dict
  returned: success with O(state=present)
  contains:
    name:
      description: O(name).
      type: str
    container:
      description: Its name in the engine, which is also the name of its volume.
      type: str
    engine:
      description: O(engine).
      type: str
    image:
      description: The builder's own image, which the container is made from.
      type: str
    base:
      description: O(image) with its digest, or its id if it has none because it was never pulled. Null without
        O(image), and before the builder's own image is made.
      type: str
    suite:
      description: The release of Debian or Ubuntu; null if O(image) says that, and no container was made from it yet.
      type: str
    architecture:
      description: O(architecture).
      type: str
    emulated:
      description: Whether its programs run under emulation.
      type: bool
    cross:
      description: Whether it has a compiler that runs natively.
      type: bool
    running:
      description: Whether it runs. Only check mode may return V(false).
      type: bool
    path:
      description: O(path).
      type: str
    host:
      description: Where its SSH server listens.
      type: str
    port:
      description: The port of its SSH server, null if it does not run. Each start of the container changes it.
      type: int
    user:
      description: Who logs in.
      type: str
    private_key:
      description: The key to log in with.
      type: str
    known_hosts:
      description: The file with its host key.
      type: str
    ssh_common_args:
      description: Further options for C(ssh), as C(ansible_ssh_common_args).
      type: str
    python:
      description: Its Python interpreter.
      type: str
    address:
      description: Its address in the engine's network, null if it does not run, or has none.
      type: str
    gateway:
      description: The control node's address in that network, null if it does not run, or has none.
      type: str
"""

import os
import pwd

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.edgeai.fleet.plugins.module_utils._base.errors import EnvironmentProblem
from ansible_collections.edgeai.fleet.plugins.module_utils._base.files import make_directory
from ansible_collections.edgeai.fleet.plugins.module_utils._base.secrets import (
    mask_urls,
    remove_secrets,
    secret_parts,
    unpack,
)
from ansible_collections.edgeai.fleet.plugins.module_utils._root.flock import Lock
from ansible_collections.edgeai.fleet.plugins.module_utils._setup.builder_container import (
    EMULATORS,
    Builder,
)
from ansible_collections.edgeai.fleet.plugins.module_utils._setup.container_engine import ENGINES

# Another run may take this long to make an image under emulation.
LOCK_SECONDS = 3600


def main():
    module = AnsibleModule(
        argument_spec=dict(
            name=dict(type="str", required=True),
            state=dict(type="str", choices=["present", "absent"], default="present"),
            suite=dict(type="str"),
            architecture=dict(type="str", choices=sorted(EMULATORS)),
            engine=dict(type="str", choices=list(ENGINES), default="docker"),
            image=dict(type="str"),
            cross=dict(type="bool", default=False),
            mirrors=dict(type="list", elements="str", default=[]),
            environment=dict(type="dict", default={}),
            memory_mib=dict(type="int", default=0),
            path=dict(type="path", default="/opt/edgeai"),
            directory=dict(type="path"),
            _secrets=dict(type="str", no_log=True),
        ),
        required_if=[("state", "present", ("architecture",)), ("state", "present", ("suite", "image"), True)],
        supports_check_mode=True,
    )
    module.run_command_environ_update = dict(LC_ALL="C")
    secret = unpack(module.params["_secrets"])
    given = dict(
        name=module.params["name"],
        memory_mib=module.params["memory_mib"],
        path=module.params["path"],
        suite=module.params["suite"] or "",
        architecture=module.params["architecture"] or "",
        engine=module.params["engine"],
        image=module.params["image"] or "",
        cross=module.params["cross"],
        directory=module.params["directory"] or _directory(),
        mirrors=secret.get("mirrors", module.params["mirrors"]),
        environment=dict(
            (name, str(value))
            for name, value in dict(module.params["environment"], **secret.get("environment", {})).items()
        ),
    )

    def run(argv, data=None):
        return module.run_command(argv, data=data, binary_data=True)

    try:
        builder = Builder(run, **given)
        if module.check_mode:
            result = ensure(builder, module.params["state"], change=False)
        else:
            make_directory(given["directory"], 0o700)
            with Lock(os.path.join(given["directory"], ".lock"), LOCK_SECONDS):
                result = ensure(builder, module.params["state"], change=True)
    except (EnvironmentProblem, OSError) as error:
        module.fail_json(msg="builder_container: %s" % _without_secrets(str(error), given))
    module.exit_json(**result)


def ensure(builder, state, change):
    """The result of the module."""
    if state == "absent":
        changed = not builder.is_absent()
        if changed and change:
            builder.remove_all()
        return dict(changed=changed, diff=_diff(builder, "present" if changed else "absent", "absent"))
    builder.check_requirements()
    found = builder.inspect_container()
    current = builder.is_current(found)
    before = (
        "absent"
        if not found
        else "another one"
        if not current
        else "running"
        if found["State"]["Running"]
        else "stopped"
    )
    if before != "running" and change:
        builder.ensure_running(found)
        found = builder.inspect_container()
    return dict(
        changed=before != "running",
        builder=builder.describe_connection(found if current or change else None),
        diff=_diff(builder, before, "running"),
    )


def _without_secrets(text, given):
    parts = [part for name, value in given["environment"].items() for part in secret_parts(name, value)]
    return remove_secrets(
        mask_urls(text), parts + [part for mirror in given["mirrors"] for part in secret_parts("", mirror)]
    )


def _diff(builder, before, after):
    what = " ".join([builder.container] + [builder.image.name] * bool(builder.architecture))
    return dict(before="%s: %s\n" % (what, before), after="%s: %s\n" % (what, after))


def _directory():
    cache = os.environ.get("XDG_CACHE_HOME") or os.path.join(
        os.environ.get("HOME") or pwd.getpwuid(os.getuid()).pw_dir, ".cache"
    )
    return os.path.join(cache, "edgeai-fleet", "builders")


if __name__ == "__main__":
    main()
