# Copyright (c) 2026 the edgeai.fleet authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to edgeai.fleet: its interface may change in any release.

"""The table of known failures: pattern -> cause, fix, evidence.

The first row that fits is the answer, so the most specific come first; _verify/diagnosis.py describes the keys.

Patterns are used on text from anybody: none may take long on 64 KiB (no unbounded repetition before a fixed word).

`confidence`: proven (`test`, which caused the failure and got this row), recorded (the evidence describes it), guess
(an inference). `{0}` in cause and fix is the pattern's first group; _verify/diagnosis.py lists the other words.
"""

PYTORCH = "https://github.com/pytorch/pytorch/"
# Codes of the operators of CANN for "the library of kernels, or the operator's part of it, is not usable".
ACLNN_INNER = (561000, 561001, 561002, 561101, 561103, 561107, 561108, 561109, 561110, 561111, 561112, 561113, 561118)
TABLE = (
    # --- another torch than the installed one, or not PyTorch
    {
        "id": "ENV-01",
        "replaced": True,
        "confidence": "proven",
        "test": "tests/integration/test_replaced_torch.py::test_a_replaced_torch_is_named_and_mended",
        "repair": "replaced",
        "cause": (
            "torch {installed} is in this environment, where {locked} was installed: a later pip install replaced it"
        ),
        "fix": (
            "run the playbook edgeai.fleet.verify with torch_repair: true (or provision again): the next generation"
            " gets the locked version"
        ),
        "evidence": "https://pip.pypa.io/en/stable/user_guide/#constraints-files",
    },
    {
        "id": "ENV-05",
        "companion": True,
        "repair": "replaced",
        "confidence": "proven",
        "test": "tests/integration/test_repairs.py::test_a_replaced_companion_is_named_and_put_back",
        "cause": (
            "{0} {1} is in this environment, where {2} was installed: a later pip install replaced it, and it"
            " does not fit torch"
        ),
        "fix": (
            "run the playbook edgeai.fleet.verify with torch_repair: true (or provision again): the next"
            " generation gets the locked version"
        ),
        "evidence": "https://pip.pypa.io/en/stable/user_guide/#constraints-files",
    },
    {
        "id": "ENV-02",
        "text": r"ImportError: (\S{1,300}torch(?:/__init__)?\.py) is not PyTorch",
        "confidence": "proven",
        "test": "tests/integration/test_failures_on_boards.py::test_a_module_named_torch",
        "cause": "{0} is imported instead of PyTorch",
        "fix": (
            "rename or remove {0}; no file or package named torch may be on PYTHONPATH or in the program's directory"
        ),
        "evidence": "https://docs.python.org/3/tutorial/modules.html#the-module-search-path",
    },
    {
        "id": "ENV-03",
        "stage": "import",
        "confidence": "proven",
        "test": "tests/integration/test_failures_on_boards.py::test_a_half_deleted_package",
        "text": (
            r"No module named 'torch\.|cannot import name '\w+' from (?:partially initialized module )?'torch|/torch is"
            r" not PyTorch|"
            r"libtorch(?!_cuda_c|_npu)\w*\.so: cannot open shared object file|torch/lib/\S{1,200}: file too short|"
            r"module 'torch' has no attribute '(?:__version__|_C|Tensor|tensor|float32|device|nn|cuda|zeros|randn)'"
        ),
        "cause": "the package torch is incomplete: parts of it were deleted, or its installation was interrupted",
        "fix": "provision the board again: a damaged environment is rebuilt as its next generation",
        "evidence": "https://docs.python.org/3/library/importlib.html",
    },
    {
        "id": "NPU-29",
        "text": r"libtorch_npu\.so: undefined symbol: _ZN[A-Z]{0,4}(?:3c10|2at|5torch)",
        "confidence": "recorded",
        "cause": "{torch_npu} was compiled for another release of torch than the installed one{torch}",
        "fix": (
            "provision again: the plan chooses matching releases of torch and torch_npu; {pair}; by hand, install the"
            " torch that torch_npu's metadata names"
        ),
        "evidence": "https://github.com/Ascend/pytorch/blob/master/README.md",
    },
    {
        "id": "NPU-20",
        "text": (
            r"(lib(?:torch_npu|tbe_adapter|atb\w{0,30}|op_plugin_atb|asdops\w{0,20}|lcal|"
            r"mki))\.so[\w.]{0,20}: undefined symbol: (\w{1,120})|undefined symbol: "
            r"(?:_ZN?K?(?:\w{0,9}3atb|3Mki|6AsdOps)\w{0,120}|Msprof[A-Z]\w{2,80}|acl(?:nn|rt|op|prof|"
            r"mdl)\w{0,3}[A-Z]\w{2,80}|Hccl[A-Z]\w{2,80})"
        ),
        "confidence": "recorded",
        "cause": "{torch_npu} and {cann} (or its NNAL) on this board are from different releases",
        "fix": (
            "provision again: the plan chooses the torch_npu for the board's CANN; {pair}; NNAL must be of the"
            " same release"
            " as {cann}"
        ),
        "evidence": "https://github.com/triton-lang/triton-ascend/issues/328",
    },
    {
        "id": "NPU-38",
        "text": (
            r"/Ascend/driver/\S{1,200}\.so[\w.]{0,20}: undefined symbol: (\w{1,80})|undefined symbol: "
            r"(hal[A-Z]\w{2,80}|drv[A-Z]\w{2,80}|dsmi_\w{2,80}|dcmi\w{2,80})"
        ),
        "confidence": "recorded",
        "cause": (
            "the {npu_driver} of the Ascend chip has no {0}{1}, which {cann} needs: it is older than CANN, or two"
            " drivers are in LD_LIBRARY_PATH"
        ),
        "fix": (
            "install the driver that {cann} requires (atlas_driver, atlas_firmware; edgeai.fleet.explain names"
            " it); in a container, mount the host's driver and no other"
        ),
        "evidence": "https://github.com/vllm-project/vllm-ascend/issues/5468",
    },
    {
        "id": "NPU-54",
        "text": (
            r"(?<![^\s'(])(\S{0,200}\.so[\w.]{0,20}): undefined symbol: _ZN?K?[A-Z]{0,3}(?:7c10_npu|6at_npu|"
            r"9torch_npu)\w{0,120}|"
            r"undefined symbol: (_ZN?K?[A-Z]{0,3}(?:7c10_npu|6at_npu|9torch_npu)\w{0,120})"
        ),
        "confidence": "recorded",
        "cause": "{0}{1} was compiled for another release of torch_npu than the installed one ({torch_npu})",
        "fix": ("install the release of that package for this torch_npu, or compile it again here; {pair}"),
        "evidence": "https://github.com/DeepLink-org/dlinfer/issues/183",
    },
    {
        "id": "NPU-39",
        "text": (
            r"(?:lib(?:hccl\w{0,10}|ascendcl|nnopbase|runtime|ge_\w{1,30}|opapi\w{0,10}|graph\w{0,10}|"
            r"register|error_manager|platform|exe_graph|metadef|profapi|unified_dlog)\.so[\w.]{0,20}: "
            r"undefined symbol: (?!hal[A-Z]|drv[A-Z])\w{1,120})|(/\S{0,200}/(?:Ascend|ascend-toolkit|"
            r"nnae|nnrt|cann)\S{0,200}?\.so[\w.]{0,20}): "
            r"undefined symbol: \w{1,120}|undefined symbol: _ZN?K?(?:12ErrorManager|2ge\d|"
            r"6fusion|5optiling)\w{0,120}"
        ),
        "confidence": "recorded",
        "cause": (
            "libraries of two releases of CANN (or of CANN and something that was compiled for another one) are"
            " loaded together"
        ),
        "fix": (
            "source the set_env.sh of one CANN only, and remove directories of others from LD_LIBRARY_PATH;"
            " what was compiled for another CANN or torch_npu must be installed or compiled again"
        ),
        "evidence": "https://github.com/PaddlePaddle/PaddleX/issues/4749",
    },
    {
        "id": "ENV-04",
        "misled": True,
        "confidence": "proven",
        "test": "tests/integration/test_failures_on_boards.py::test_a_bad_ld_library_path",
        "cause": "LD_LIBRARY_PATH makes the loader use {0}, which does not fit this torch",
        "fix": (
            "remove that directory from LD_LIBRARY_PATH (torch_environment, /etc/environment, or the service that"
            " sets it)"
        ),
        "evidence": "https://man7.org/linux/man-pages/man8/ld.so.8.html",
    },
    # --- Ansible cannot reach a board, become a user, or start a module
    # --- programs of another architecture
    {
        "id": "RUN-25",
        "confidence": "recorded",
        "text": (
            r"image.s platform \((\S{1,30})\) does not match the (?:detected host|expected) platform \((\S{1,30})\)"
            r"[\s\S]{0,600}?(?i:exec[^\n]{0,200}(?:exec format error|no such file or directory))|"
            r"(?i:exec(?: user process caused|_process| container process)?[^\n]{0,200}?:"
            r"[^\n]{0,20}exec format error)|cannot execute binary files?: Exec format error|"
            r"\[Errno 8\] Exec format error|(?:^|: )(?:zsh: )?exec format error|status=203/EXEC[^\n]{0,80}format error|"
            r"unable to execute binary file: format error|Could not open '/lib(?:64)?/ld-linux[\w.-]{1,30}'"
        ),
        "cause": (
            "this program is for another architecture than this system{platforms}: an image or a binary for another"
            " processor, or a 64-bit one on a 32-bit system; a script without a first line (#!) ends so, too"
        ),
        "fix": (
            "compare uname -m with file PROGRAM, or with docker image inspect --format"
            " '{{{{.Os}}}}/{{{{.Architecture}}}}' IMAGE; pull or build the image for the board (docker pull --platform"
            " linux/arm64 or linux/arm/v7, docker buildx build --platform), or install qemu-user-static"
            " (docker run --privileged --rm tonistiigi/binfmt --install all) if slow emulation is enough"
        ),
        "evidence": "https://github.com/Red5d/docker-autocompose/issues/27",
    },
    {
        "id": "SSH-01",
        "text": r"Could not resolve hostname \S{1,255}",
        "confidence": "proven",
        "test": "tests/integration/test_failures_before_modules.py::test_sudo_python_disk_and_ssh",
        "cause": "the control node cannot resolve the name of this board",
        "fix": "set ansible_host to its address, or put the name into DNS or /etc/hosts",
        "evidence": "https://docs.ansible.com/ansible/latest/collections/ansible/builtin/ssh_connection.html",
    },
    {
        "id": "SSH-02",
        "text": r"ssh: connect to host \S{1,255} port \d+: Connection refused",
        "confidence": "proven",
        "test": "tests/integration/test_failures_before_modules.py::test_sudo_python_disk_and_ssh",
        "cause": "the board answers, but no SSH server listens on that port",
        "fix": "start sshd on the board (systemctl enable --now ssh), or set ansible_port",
        "evidence": "https://man.openbsd.org/sshd",
    },
    {
        "id": "SSH-03",
        "confidence": "recorded",
        "text": (
            r"timed out during banner exchange|ssh: connect to host \S{1,255} port \d+: (?:Connection timed"
            r" out|Operation timed out|No route to host|"
            r"Network is unreachable)|Connection to \S{1,255} port \d+ timed out"
        ),
        "cause": (
            "nothing answers at this address: the board is off or still starting, has another address, or a firewall"
            " blocks the connection"
        ),
        "fix": "check that the board is on and has this address (ping, ssh), and set ansible_host",
        "evidence": "https://man.openbsd.org/ssh_config#ConnectTimeout",
    },
    {
        "id": "SSH-04",
        "text": r"REMOTE HOST IDENTIFICATION HAS CHANGED",
        "confidence": "proven",
        "test": "tests/integration/test_failures_before_modules.py::test_sudo_python_disk_and_ssh",
        "cause": (
            "the SSH host key of the board differs from known_hosts: the board was reinstalled, another board has"
            " its address, or the connection is intercepted"
        ),
        "fix": (
            "if the board was reinstalled, remove the old key (ssh-keygen -R ADDRESS) and connect once by hand to"
            " accept the new one"
        ),
        "evidence": "https://man.openbsd.org/ssh#VERIFYING_HOST_KEYS",
    },
    {
        "id": "SSH-05",
        "text": r"Host key verification failed",
        "confidence": "proven",
        "test": "tests/integration/test_failures_before_modules.py::test_sudo_python_disk_and_ssh",
        "cause": "the SSH host key of this board is not in known_hosts",
        "fix": (
            "connect once by hand (ssh) and accept the key, or add it to known_hosts (ssh-keyscan, compared with the"
            " key that the board shows)"
        ),
        "evidence": "https://docs.ansible.com/ansible/latest/inventory_guide/connection_details.html",
    },
    {
        "id": "SSH-06",
        "confidence": "proven",
        "test": "tests/integration/test_failures_before_modules.py::test_sudo_python_disk_and_ssh",
        "text": (
            r"Permission denied \((?:publickey|password|keyboard-interactive|gssapi|hostbased)[\w,-]{0,80}\)|Too many"
            r" authentication failures"
        ),
        "cause": "the board rejects this login: the user or the key is wrong, or a password is needed",
        "fix": (
            "set ansible_user and ansible_ssh_private_key_file, copy the key (ssh-copy-id), or ask for the password"
            " (--ask-pass)"
        ),
        "evidence": "https://docs.ansible.com/ansible/latest/inventory_guide/connection_details.html",
    },
    {
        "id": "SSH-07",
        "text": r"you must install the sshpass program",
        "confidence": "recorded",
        "cause": "the login needs a password, and sshpass, which enters it for ssh, is not on the control node",
        "fix": "install sshpass on the control node, or use a key (ssh-copy-id)",
        "evidence": "https://docs.ansible.com/ansible/latest/collections/ansible/builtin/ssh_connection.html",
    },
    {
        "id": "ANS-04",
        "text": r"sudo: sorry, you must have a tty to run sudo",
        "confidence": "proven",
        "test": "tests/integration/test_failures_before_modules.py::test_sudo_python_disk_and_ssh",
        "cause": "sudo on the board requires a terminal (requiretty), and pipelining provides none",
        "fix": (
            "run with ANSIBLE_PIPELINING=false (pipelining = False in ansible.cfg), or remove requiretty from the"
            " sudoers for this user"
        ),
        "evidence": "https://github.com/ome/infrastructure/issues/118",
    },
    {
        "id": "ANS-05",
        "confidence": "proven",
        "test": "tests/integration/test_failures_before_modules.py::test_sudo_python_disk_and_ssh",
        "text": (
            r"chmod: invalid mode: .A\+user:|Failed to set permissions on the temporary files Ansible needs to create"
            r" when becoming an unprivileged user"
        ),
        "cause": (
            "Ansible becomes an unprivileged user, who cannot read Ansible's files: the board has no setfacl"
            " (package acl)"
        ),
        "fix": "run with ANSIBLE_PIPELINING=true (pipelining = True in ansible.cfg), or {install[acl]} on the board",
        "evidence": "https://github.com/georchestra/ansible/issues/55",
    },
    {
        "id": "ANS-06",
        "confidence": "proven",
        "test": "tests/integration/test_failures_before_modules.py::test_sudo_python_disk_and_ssh",
        "text": (
            r"Missing (?:sudo|su|doas|become|pfexec|dzdo|runas) password|sudo: a password is required|sudo: a terminal"
            r" is required to read the password"
        ),
        "cause": "becoming another user needs a password on this board, and none was given",
        "fix": (
            "run with --ask-become-pass, store ansible_become_password in a vault, or allow sudo without a password"
            " (NOPASSWD in sudoers)"
        ),
        "evidence": "https://docs.ansible.com/ansible/latest/playbook_guide/playbooks_privilege_escalation.html",
    },
    {
        "id": "ANS-07",
        "confidence": "proven",
        "test": "tests/integration/test_failures_before_modules.py::test_sudo_python_disk_and_ssh",
        "text": (
            r"Incorrect (?:sudo|su|doas|become|pfexec|dzdo|runas) password|sudo: \d{1,2} incorrect password attempt"
        ),
        "cause": "the password for becoming another user is wrong",
        "fix": (
            "give the right one (--ask-become-pass, ansible_become_password): sudo expects the password of the login"
            " user, su that of the other user"
        ),
        "evidence": "https://docs.ansible.com/ansible/latest/playbook_guide/playbooks_privilege_escalation.html",
    },
    {
        "id": "ANS-08",
        "text": (
            r"\S{1,64} is not in the sudoers file|user \S{1,64} is not allowed to (?:execute|run) |may not run sudo on"
        ),
        "confidence": "proven",
        "test": "tests/integration/test_failures_before_modules.py::test_sudo_python_disk_and_ssh",
        "cause": "the login user may not use sudo on this board",
        "fix": (
            "add the user to the sudoers (usermod -aG sudo USER; the group is wheel on Fedora, "
            "openEuler and SUSE), or log in as a user who is in them (ansible_user)"
        ),
        "evidence": "https://man7.org/linux/man-pages/man5/sudoers.5.html",
    },
    {
        "id": "ANS-13",
        "text": r"Timeout \(\d{1,4}s\) waiting for privilege escalation prompt",
        "confidence": "recorded",
        "cause": (
            "sudo on the board did not ask or answer in time: it waits for a name server (the board's own name is"
            " not in /etc/hosts), or its prompt is unknown to Ansible"
        ),
        "fix": "put the board's name into its /etc/hosts, or allow more time (ansible_timeout: 60)",
        "evidence": "https://docs.ansible.com/ansible/latest/playbook_guide/playbooks_privilege_escalation.html",
    },
    {
        "id": "ANS-14",
        "text": (
            r"Could not get lock /var/(?:lib/(?:dpkg|apt)|cache/apt)|Unable to (?:acquire|lock)"
            r" [^\n]{0,60}(?:dpkg|/var/lib/apt)"
        ),
        "confidence": "recorded",
        "cause": (
            "another program has locked the package manager: on a board that just started, usually the unattended"
            " upgrade"
        ),
        "fix": "wait until it has finished (ps aux | grep -e apt -e dpkg), and run again; do not delete the lock",
        "evidence": "https://wiki.debian.org/UnattendedUpgrades",
    },
    {
        "id": "ANS-16",
        "text": (
            r"E: Unmet dependencies|The following packages have unmet dependencies|you have held broken packages|"
            r"pkgProblemResolver::Resolve generated breaks|dependency problems prevent configuration of|"
            r"dpkg was interrupted, you must"
        ),
        "confidence": "recorded",
        "cause": (
            "apt's packages do not fit each other: an installation was interrupted, a package is held, or the"
            " sources are"
            " of more than one release"
        ),
        "fix": (
            "dpkg --configure -a, then apt-get --fix-broken install; apt-mark showhold names what is held; in"
            " /etc/apt/sources.list.d only sources of this system's own release may be (on a Jetson: of its own L4T)"
        ),
        "evidence": "https://github.com/pythops/jetson-image/issues/36",
    },
    {
        "id": "ANS-15",
        "text": (
            r"(?:E: Unable to locate package|Unable to find a match:|No match for argument:) (\S{1,80})|"
            r"Package '(\S{1,80})' (?:has no installation candidate|not found\.)|No package (\S{1,80}) available\."
        ),
        "confidence": "recorded",
        "cause": (
            "the package manager has no package {0}{1}{2}: its lists are old, the repository that has"
            " it is not"
            " configured, or this release of the system names it otherwise"
        ),
        "fix": (
            "update the lists (apt-get update, dnf makecache) and search the name (apt-cache search, dnf search); on a"
            " Jetson nvidia-jetpack needs /etc/apt/sources.list.d/nvidia-l4t-apt-source.list with the release"
            " of its L4T;"
            " libatlas-base-dev left Debian with release 13 (libopenblas-dev instead)"
        ),
        "evidence": "https://docs.nvidia.com/jetson/archives/jetpack-archived/jetpack-62/install-setup/index.html",
    },
    {
        "id": "ANS-09",
        "text": r"\bsudo: (?:command )?not found|/sudo: (?:not found|No such file or directory)",
        "confidence": "proven",
        "test": "tests/integration/test_failures_before_modules.py::test_sudo_python_disk_and_ssh",
        "cause": "sudo is not installed on this board",
        "fix": (
            "{install[sudo]}, become root in another way (ansible_become_method: su), or log in as root (ansible_user)"
        ),
        "evidence": "https://docs.ansible.com/ansible/latest/playbook_guide/playbooks_privilege_escalation.html",
    },
    {
        "id": "ANS-11",
        "text": r"failed to transfer file to [\s\S]{1,1500}?No space left on device",
        "confidence": "proven",
        "test": "tests/integration/test_failures_before_modules.py::test_sudo_python_disk_and_ssh",
        "cause": "the board's disk is full where Ansible puts its own files",
        "fix": "free disk space (df -h, df -i), or set another directory: ansible_remote_tmp",
        "evidence": "https://docs.ansible.com/ansible/latest/collections/ansible/builtin/sh_shell.html",
    },
    {
        "id": "ANS-12",
        "text": r"Failed to create temporary directory\. In some cases, you may have been able to authenticate",
        "confidence": "proven",
        "test": "tests/integration/test_failures_before_modules.py::test_sudo_python_disk_and_ssh",
        "cause": (
            "Ansible can log in, but cannot create its directory on the board: the file system is read-only, closed"
            " to this user, or full"
        ),
        "fix": (
            "check that directory on the board (df -h, df -i, ls -ld), or set another one: ansible_remote_tmp:"
            " /tmp/.ansible"
        ),
        "evidence": "https://docs.ansible.com/ansible/latest/collections/ansible/builtin/sh_shell.html",
    },
    {
        "id": "ANS-10",
        "confidence": "proven",
        "test": "tests/integration/test_failures_before_modules.py::test_sudo_python_disk_and_ssh",
        "text": (
            r"The module interpreter '[^'\n]{1,300}' was not found|you probably need to set the interpreter|"
            r"(?:sh|env)(?:: \d{1,4})?: '?[\w./+-]{0,200}?python[\d.]{0,6}'?: (?:not found|No such file or directory)"
        ),
        "cause": "there is no Python at {interpreter} on the board",
        "fix": (
            "{install[python3]} on the board (Python 3.6 or later), or set ansible_python_interpreter"
            " to an installed one"
        ),
        "evidence": "https://docs.ansible.com/ansible/latest/reference_appendices/interpreter_discovery.html",
    },
    {
        "id": "ANS-03",
        "confidence": "proven",
        "test": "tests/integration/test_failures_before_modules.py::test_a_python_that_this_core_cannot_drive",
        "text": (
            r'zip_data: str,\s{1,40}\^\s{1,9}SyntaxError: invalid syntax|msg=f"ansible-core requires a minimum'
            r" of|requires a minimum of Python2 version 2|"
            r'/lib/python2\.\d/runpy\.py"[\s\S]{0,4000}?ansible_collections/edgeai/fleet'
        ),
        "cause": (
            "Ansible runs Python 2 (or Python 3 before 3.6) on the board; this collection needs Python 3.6 or later"
            " there"
        ),
        "fix": "install python3 on the board, or name the installed one: ansible_python_interpreter: /usr/bin/python3",
        "evidence": "https://docs.ansible.com/ansible/latest/reference_appendices/interpreter_discovery.html",
    },
    {
        "id": "GEN-13",
        "confidence": "recorded",
        "text": (
            r'File "/[^"\n]{1,300}/(?:site|dist)-packages/[^"\n]{1,300}\.py", line \d{1,6}\n(?:[^\n]{0,300}\n){0,2}'
            r"[^\n]{0,40}future feature annotations is not defined"
        ),
        "cause": "a package of this environment needs Python 3.7 or later, and the environment has an older Python",
        "fix": "install a release of that package whose requires-python includes this Python, or use a newer Python",
        "evidence": "https://peps.python.org/pep-0563/",
    },
    {
        "id": "GEN-61",
        "confidence": "recorded",
        "text": (
            r"unsupported operand type\(s\) for \|: '(?:type|_GenericAlias|NoneType|ABCMeta)' and '\w+'|"
            r"TypeError: '(?:type|ABCMeta)' object is not subscriptable|"
            r'File "/[^"\n]{1,300}/(?:site|dist)-packages/[^"\n]{1,300}\.py", line \d{1,6}\n(?:[^\n]{0,300}\n){0,3}'
            r"[^\n]{0,40}SyntaxError: invalid syntax"
        ),
        "cause": "a package of this environment was written for a newer Python than the one that runs it",
        "fix": (
            "install a release of that package whose requires-python includes this Python (pip chooses it if its index"
            " says so), or use a newer Python: edgeai.fleet.explain names those that have a torch for this board"
        ),
        "evidence": "https://peps.python.org/pep-0604/",
    },
    {
        "id": "ANS-01",
        "confidence": "proven",
        "test": "tests/integration/test_failures_before_modules.py::test_a_python_that_this_core_cannot_drive",
        "text": (
            r"SyntaxError: future feature annotations is not defined|import_controller_module\(_module_name: str, /\)|"
            r"requires a minimum of Python version 3|Ansible requires Python 3\.\d{1,2} or newer on the target"
        ),
        "cause": "the board's Python ({python}) is older than {running} can drive{needs}",
        "fix": (
            "ansible-core {driver} supports it: pip install 'ansible-core>={driver},<{next_driver}' in a separate"
            " environment (in a checkout: make provision CORE={driver}); or set ansible_python_interpreter to a newer"
            " Python of the board"
        ),
        "evidence": "https://github.com/ansible/ansible/issues/82068",
    },
    # --- a build that failed: what setup.py, CMake, the compiler and the assembler print
    {
        "id": "BUILD-01",
        "confidence": "recorded",
        "text": (
            r"the 32-bit compiler used up its address space|cc1(?:plus)?: out of memory allocating \d{1,20} bytes after"
            r" a total of (?:[2-4]\d{9}|1[5-9]\d{8}) bytes"
        ),
        "cause": (
            "a 32-bit compiler used up its address space: fewer jobs or more swap do not help, because one process has"
            " 2 to 4 GiB at most"
        ),
        "fix": (
            "compile under a 64-bit kernel, where a 32-bit process has 4 GiB (a Pi 3 or 4 with arm_64bit=1, or a"
            " container on a 64-bit computer: torch_build_container); or let the compiler free memory earlier:"
            " torch_build_environment: {{CXXFLAGS: --param ggc-min-expand=0 --param ggc-min-heapsize=65536}}"
        ),
        "evidence": "https://gcc.gnu.org/onlinedocs/gcc/Optimize-Options.html#index-ggc-min-expand",
    },
    {
        "id": "BUILD-02",
        "confidence": "proven",
        "test": "tests/unit/plugins/module_utils/_torch_build/test_failed_builds.py::test_a_full_disk",
        "text": (
            r"the disk is full at /\S{1,300}?\. Make space|"
            r"(?:error writing to|Fatal error: can't (?:write|close)|final link failed)"
            r"[^\n]{0,600}No space left on device"
        ),
        "cause": "the disk filled up while torch was compiled",
        "fix": (
            "make space and start again: compiled objects are kept. A build of torch needs 16 GiB, with CUDA 32 GiB;"
            " another torch_root, or another torch_builder, may have more"
        ),
        "evidence": "https://github.com/wzqvip/jetson-pytorch-builder",
    },
    {
        "id": "BUILD-03",
        "confidence": "recorded",
        "text": (
            r"internal compiler error: (?!Killed)[^\n]{1,200}|"
            r"(?:Segmentation fault|Illegal instruction|Bus error|Aborted) signal terminated program (?:cc1|as\b|ld\b)"
        ),
        "cause": (
            "the compiler itself failed: a fault of this version of GCC, or unreliable memory (then it fails elsewhere"
            " the next time)"
        ),
        "fix": (
            "start the build again: if it fails in the same file, take another compiler (toolchain in a row of"
            " torch_catalogue, such as {{cc: gcc-12, cxx: g++-12}} with its packages) or another torch_version; if it"
            " fails elsewhere, test power supply, cooling and memory"
        ),
        "evidence": PYTORCH + "pull/157867",
    },
    {
        "id": "BUILD-04",
        "confidence": "proven",
        "test": (
            "tests/unit/plugins/module_utils/_torch_build/test_failed_builds.py::test_an_instruction_"
            "that_the_assembler_does_not_know"
        ),
        "text": (
            r"selected processor does not support [`']|"
            r"Error: (?:unknown mnemonic|unknown architecture|no such instruction:|bad instruction) [`']|"
            r"error: (?:unrecognized (?:command[- ]line option|argument in option) .{0,2}-m[a-z]|"
            r"invalid feature modifier [^\n]{1,60} in .{0,2}-march=|"
            r"(?:unknown|bad) value [^\n]{1,60} for .{0,2}-m(?:arch|cpu|fpu|tune)\b|"
            r"inlining failed in call to [^\n]{1,200}: target specific option mismatch)"
        ),
        "cause": (
            "the compiler or assembler of this system does not know an instruction, or an option for instructions, that"
            " a part of torch needs"
        ),
        "fix": (
            "leave that part out (torch_build_features, such as xnnpack: false or qnnpack: false; the name of the file"
            " in the log says which), or compile with a newer GCC and binutils"
        ),
        "evidence": PYTORCH + "issues/95171",
    },
    {
        "id": "BUILD-27",
        "text": r"(THC/\w{1,40}\.h\w{0,3}): No such file|cannot open source file \"(THC/\w{1,40}\.h\w{0,3})\"",
        "confidence": "recorded",
        "cause": "torch 1.11 and later have no {0}{1}: the extension is written for an older torch",
        "fix": "take a newer release of that extension, or torch_version: 1.10.2 where the board has it",
        "evidence": "https://github.com/open-mmlab/mmdeploy/issues/1063",
    },
    {
        "id": "BUILD-05",
        "confidence": "proven",
        "test": "tests/unit/plugins/module_utils/_torch_build/test_failed_builds.py::test_a_header_that_is_missing",
        "text": r"fatal error: '?([^\s']{1,200})'?(?:: No such file or directory| file not found)",
        "cause": "the compiler did not find the header {0}",
        "fix": (
            "add the package that has it to a row of torch_catalogue (build: {{packages: [...]}}); on Debian, apt-file"
            " search {0} names it. A header of the source's own third_party means that its submodules are not complete"
        ),
        "evidence": "https://packages.debian.org/#search_contents",
    },
    {
        "id": "BUILD-06",
        "confidence": "recorded",
        "text": (
            r"the source of torch\w{0,6} \S{1,40} has `(?:import|from) [\s\S]{0,3000}?"
            r"(?:No module named|cannot import name) '[\w.]{1,100}'|"
            r"(?:No module named|cannot import name) '[\w.]{1,100}'"
            r"[\s\S]{0,2000}?(?:CMake Error at|-- Configuring incomplete)|"
            r'File "[^"\n]{0,200}'
            r'(?:\bsetup|/(?:torchgen|tools/(?:setup_helpers|codegen|autograd|jit|pyi))/[^"\n]{1,80})\.py"'
            r"[\s\S]{0,400}?(?:No module named|cannot import name)"
            r" '(?:setuptools|distutils|wheel|yaml|typing_extensions|dataclasses|six|packaging|pkg_resources|Self)\b"
        ),
        "cause": "the source's own generators import a Python module that the build does not have",
        "fix": (
            "provision or build again: its Python packages are sent as wheels; a source of your own that needs more"
            " gets it by a system package: build: {{packages: [...]}} in a row of torch_catalogue"
        ),
        "evidence": PYTORCH + "issues/71360",
    },
    {
        "id": "BUILD-07",
        "confidence": "recorded",
        "text": r"Compatibility with CMake < 3\.5 has been removed|needs CMake \S{1,10} or later, before 4",
        "cause": "this CMake does not suit the source: CMake 4 no longer knows what its libraries ask for",
        "fix": (
            "choose a newer torch_version, or compile on a machine with CMake 3 (torch_builder); a builder with the"
            " boards' distribution is sent one that suits"
        ),
        "evidence": PYTORCH + "issues/150149",
    },
    {
        "id": "BUILD-08",
        "confidence": "proven",
        "test": "tests/unit/plugins/module_utils/_torch_build/test_failed_builds.py::test_a_cmake_that_is_too_old",
        "text": (
            r"CMake (\d[\d.]{0,10}) or (?:later; this machine has|higher is required\.\s{1,3}You are running version)"
        ),
        "cause": "this CMake is too old for the source, which asks for {0}",
        "fix": (
            "compile on a machine with the boards' distribution (torch_builder), which is sent a newer CMake; or"
            " install one in /usr/local"
        ),
        "evidence": "https://cmake.org/cmake/help/latest/command/cmake_minimum_required.html",
    },
    {
        "id": "BUILD-09",
        "confidence": "recorded",
        "text": (
            r"compiling torch\w{0,6} \S{1,40} needs [^\n]{0,100}\bcmake\b[^\n]{0,100}, not found|"
            r"FileNotFoundError: [^\n]{0,60} 'cmake'"
        ),
        "cause": "CMake is missing on the builder",
        "fix": "{install[cmake]}, or let torch_system_packages: install install what the build needs",
        "evidence": "https://packages.debian.org/stable/cmake",
    },
    {
        "id": "BUILD-10",
        "confidence": "proven",
        "test": "tests/unit/plugins/module_utils/_torch_build/test_failed_builds.py::test_a_warning_that_is_an_error",
        "text": r"\berror: [^\n]{1,600}\[-W(?:error=)?([\w-]{1,40}?)=?\]",
        "cause": ("the source is not clean for this compiler or word size: a warning (-W{0}) counts as an error there"),
        "fix": (
            "choose another torch_version; or correct the line by torch_build_patches or torch_build_commands: a flag"
            " in CXXFLAGS does not help, because torch's own comes after it"
        ),
        "evidence": PYTORCH + "issues/87159",
    },
    {
        "id": "BUILD-11",
        "confidence": "recorded",
        "text": (
            r"final link failed: memory exhausted|\b(?:as|ld|ar|collect2): out of memory allocating|"
            r"std::bad_alloc[\s\S]{0,600}?\bFAILED: \S|\bFAILED: \S[\s\S]{0,3000}?std::bad_alloc"
        ),
        "cause": "the linker, or another program of the compiler, got no more memory",
        "fix": (
            "compile with fewer jobs (torch_build_jobs), add swap, or compile on a stronger machine (torch_builder); a"
            " 32-bit linker has 2 to 4 GiB of address space: with torch_build_environment: {{LDFLAGS:"
            " '-Wl,--no-keep-memory'}} it keeps less in memory"
        ),
        "evidence": "https://sourceware.org/binutils/docs/ld/Options.html#index-_002d_002dno_002dkeep_002dmemory",
    },
    {
        "id": "BUILD-18",
        "confidence": "recorded",
        "text": (
            r"undefined reference to (?:symbol )?.?(__atomic_\w{3,40})|undefined symbol: (__atomic_\w{3,40})"
            r"[^\n]{0,200}\n[^\n]{0,200}>>> referenced by|DSO missing from command line[^\n]{0,200}libatomic|"
            r"libatomic\.so\.1: error adding symbols: DSO missing"
        ),
        "cause": (
            "the linker did not find {0}{1} of libatomic, which 32-bit Arm needs for 64-bit numbers (std::atomic of an"
            " int64), and which must be named"
        ),
        "fix": (
            "LDFLAGS: -Wl,--no-as-needed -latomic in torch_build_environment (elsewhere target_link_libraries(NAME"
            " atomic) in CMakeLists.txt); {install[libatomic1]} if libatomic itself is missing"
        ),
        "evidence": "https://github.com/tdlib/telegram-bot-api/issues/437",
    },
    {
        "id": "BUILD-19",
        "confidence": "recorded",
        "text": (
            r"Could NOT find CUDNN|Cannot find cuDNN library|cuDNN library not found\. Check your|"
            r"pytorch installation was compiled without support for it|fatal error: cudnn\w{0,20}\.h"
        ),
        "cause": (
            "cuDNN's headers or library were not found while torch (or an extension) was configured: what is built then"
            " has no cuDNN, or the build stops"
        ),
        "fix": (
            "{cudnn_dev}; then name them, CUDNN_INCLUDE_DIR (the directory of cudnn.h) and CUDNN_LIBRARY (the file"
            " libcudnn.so) in torch_build_environment, and configure from the beginning (remove build/CMakeCache.txt)"
        ),
        "evidence": "https://github.com/pytorch/pytorch/issues/15167",
    },
    {
        "id": "BUILD-20",
        "confidence": "recorded",
        "text": (
            r"(?<![^\s'(])(\S{1,200}): error adding symbols: [Ff]ile in wrong format|file not recognized:"
            r" [Ff]ile format not"
            r" recognized|skipping incompatible (\S{1,200}) (?:when|while) searching for|Relocations in generic"
            r" ELF \(EM:"
            r" \d{1,4}\)"
        ),
        "cause": "the linker got {0}{1}, which is for another architecture than the program",
        "fix": (
            "take the library for this board: the libtorch archives of pytorch.org are for x86-64; on Arm that of the"
            " installed wheel serves (python -c 'import torch; print(torch.utils.cmake_prefix_path)')"
        ),
        "evidence": "https://github.com/pytorch/pytorch/issues/22116",
    },
    {
        "id": "BUILD-21",
        "text": r"CUDA_HOME environment variable is not set|nvcc was not found|Could not find (?:CUDA|nvcc)\b|"
        r"CUDA_TOOLKIT_ROOT_DIR"
        r" not found|No CUDA toolset found|/bin/nvcc: (?:not found|No such file)|nvcc: (?:command )?not found|"
        r"Failed to find"
        r" nvcc|Could NOT find CUDA(?:Toolkit)?\b",
        "confidence": "recorded",
        "cause": (
            "the CUDA toolkit (nvcc), which compiling needs, is not installed here, or not where the build looks; torch"
            " itself runs without it"
        ),
        "fix": (
            "{cuda_toolkit}; if it is there, set CUDA_HOME: /usr/local/cuda and put /usr/local/cuda/bin into PATH (sudo"
            " forgets both); in a container, use an image with the toolkit (devel, not runtime)"
        ),
        "evidence": "https://github.com/NVIDIA-AI-IOT/torch2trt/issues/933",
    },
    {
        "id": "BUILD-25",
        "text": r"int\(arch\.split\('_'\)\[1\]\)[^\n]{0,80}\n[^\n]{0,40}invalid literal for int\(\) with base"
        r" 10: '\d{2,3}[af]'",
        "confidence": "recorded",
        "cause": (
            "this release of torch cannot read the names of its own newest GPUs (90a) when it compiles an extension"
            " without a list of GPUs"
        ),
        "fix": (
            "TORCH_CUDA_ARCH_LIST with the number of this GPU for that build (8.7 on Orin; nvidia-smi"
            " --query-gpu=compute_cap"
            " --format=csv), or a newer torch"
        ),
        "evidence": "https://github.com/NVlabs/svraster/issues/11",
    },
    {
        "id": "BUILD-26",
        "text": r"ninja: error: loading '\S{0,80}\.ninja'",
        "confidence": "recorded",
        "cause": "CMake did not finish, or wrote into another directory: there is no build.ninja, so nothing"
        " to compile",
        "fix": "read the first error of CMake above it, delete the build directory (build/), and start again",
        "evidence": "https://github.com/llvm/torch-mlir/issues/192",
    },
    {
        "id": "BUILD-22",
        "text": (
            r"error: command '\S{0,60}(?:gcc|g\+\+|cc|c\+\+|clang)' failed: No such file|unable to execute"
            r" '\S{0,60}gcc'|"
            r"No CMAKE_C(?:XX)?_COMPILER could be found|(?:gcc|g\+\+|cc): (?:command )?not found|"
            r"Could not find compiler set in environment variable CC"
        ),
        "confidence": "recorded",
        "cause": (
            "a package is compiled here, because its index has no wheel of it for this Python and"
            " architecture, and there"
            " is no compiler"
        ),
        "fix": (
            "take a release, or a Python, for which there is a wheel (pip download --only-binary :all: NAME"
            " tells), or the"
            " system's package of it; otherwise {install[build-essential]} and {install[python3-dev]}"
        ),
        "evidence": "https://www.piwheels.org/faq.html",
    },
    {
        "id": "BUILD-24",
        "text": r"Failed building wheel for (\S{1,80})|Building wheel for (\S{1,80}) \(\S{1,20}\) did not run",
        "confidence": "recorded",
        "cause": (
            "pip compiled {0}{1}, because its index has no wheel of it for this Python and architecture, and"
            " that failed"
        ),
        "fix": (
            "read the first error above it; or take a release, or a Python, for which there is a wheel (pip download"
            " --only-binary :all: NAME tells), or the system's package of it"
        ),
        "evidence": "https://www.piwheels.org/faq.html",
    },
    {
        "id": "BUILD-12",
        "confidence": "proven",
        "test": "tests/unit/plugins/module_utils/_torch_build/test_failed_builds.py::test_a_library_that_is_missing",
        "text": r"\bld: cannot find -l([\w.+-]{1,100})",
        "cause": "the linker did not find the library {0}",
        "fix": (
            "add the package that has lib{0}.so to a row of torch_catalogue (build: {{packages: [...]}}); on Debian,"
            " apt-file search lib{0}.so names it, and its name ends with -dev"
        ),
        "evidence": "https://packages.debian.org/#search_contents",
    },
    {
        "id": "BUILD-13",
        "confidence": "recorded",
        "text": (
            r"Did you run 'git submodule update|lacks its submodules: |"
            r"The source directory\s{1,40}\S{0,300}/third_party/\S{1,200}\s{1,40}does not contain a CMakeLists"
        ),
        "cause": "the source has no submodules: the archive that GitHub makes of a tag lacks them",
        "fix": (
            "leave torch_build_source at its default, which clones them, or name an archive with submodules: a release"
            " has one, pytorch-v*.tar.gz"
        ),
        "evidence": PYTORCH + "blob/v2.6.0/setup.py",
    },
    {
        "id": "BUILD-14",
        "confidence": "recorded",
        "text": r"too old version of GCC\. We need GCC (\d{1,2})|needs GCC (\d{1,2})\S{0,4} or later, \S{1,60} is \d",
        "cause": "this GCC is too old for this torch",
        "fix": (
            "compile on a machine with a newer one (torch_builder), name another compiler (toolchain in a row of"
            " torch_catalogue, such as {{cc: gcc-12, cxx: g++-12}} with its packages), or choose an older torch_version"
        ),
        "evidence": PYTORCH + "blob/v2.6.0/c10/util/C%2B%2B17.h",
    },
    {
        "id": "BUILD-15",
        "confidence": "recorded",
        "text": (
            r"unsupported GNU version! gcc versions later than (\d{1,2}) are not supported|"
            r"nvcc fatal\s{1,5}: Unsupported gpu architecture '(\w{1,20})'"
        ),
        "cause": "this CUDA toolkit does not know this GCC, or not this GPU",
        "fix": (
            "take the toolkit of the board's own JetPack or driver, name an older compiler (toolchain in a row of"
            " torch_catalogue, such as {{cc: gcc-11, cxx: g++-11}} with its packages), or name GPUs that the toolkit"
            " knows: torch_build_environment: {{TORCH_CUDA_ARCH_LIST: ...}}"
        ),
        "evidence": "https://docs.nvidia.com/cuda/cuda-installation-guide-linux/#host-compiler-support-policy",
    },
    {
        "id": "BUILD-16",
        "confidence": "recorded",
        "text": (
            r"PyTorch was compiled without NumPy support|NumPy could not be found\.\s{1,40}Not building with NumPy|"
            r"the build does not match torch_build_features: [^\n]{0,400}\bnumpy should be on"
        ),
        "cause": "this torch was compiled without NumPy, which was not found while it was configured",
        "fix": (
            "provision or build again: NumPy's headers are sent with the build. With torch_build_features: {{numpy:"
            " true}} their absence ends a build in its first minute"
        ),
        "evidence": PYTORCH + "blob/v2.6.0/torch/csrc/utils/tensor_numpy.cpp",
    },
    {
        "id": "BUILD-17",
        "text": r"Unknown CUDA arch \(([\w.+ ]{1,20})\) or GPU not supported",
        "confidence": "recorded",
        "cause": (
            "this torch's build scripts do not know the compute capability {0}: the release is older than the GPU"
        ),
        "fix": ("compile a newer torch_version, or set TORCH_CUDA_ARCH_LIST to one that the release knows, with +PTX"),
        "evidence": PYTORCH + "blob/main/torch/utils/cpp_extension.py",
    },
    # --- instructions that the processor lacks
    {
        "id": "ARM-01",
        "signal": "SIGILL",
        "atomics": False,
        "torch": r"2\.4\.0",
        "confidence": "proven",
        "test": "tests/integration/test_failures_on_boards.py::test_a_core_without_lse_atomics",
        "cause": "the aarch64 wheel of torch 2.4.0 uses LSE atomics, which this ARMv8.0 core does not have",
        "fix": "leave torch_version at auto, or set it to 2.9.1 or 2.3.1",
        "evidence": PYTORCH + "issues/132032",
    },
    {
        "id": "ARM-02",
        "signal": "SIGILL",
        "atomics": False,
        "torch": r"2\.10\.0",
        "confidence": "recorded",
        "cause": "the aarch64 wheel of torch 2.10.0 is compiled for newer cores than this ARMv8.0 core",
        "fix": "leave torch_version at auto, or set it to 2.9.1",
        "evidence": PYTORCH + "issues/176993",
    },
    {
        "id": "ARM-03",
        "signal": "SIGILL",
        "atomics": False,
        "torch": r"2\.0\.0\+cpu",
        "confidence": "recorded",
        "cause": "the build 2.0.0+cpu is compiled for newer cores than this ARMv8.0 core; PyPI's build of 2.0.0 is not",
        "fix": "leave torch_version at auto, or set it to 2.0.1",
        "evidence": PYTORCH + "issues/97226",
    },
    {
        "id": "ARM-04",
        "signal": "SIGILL",
        "atomics": False,
        "torch": r"2\.1\.0rc\d+",
        "confidence": "recorded",
        "cause": "the release candidates of torch 2.1.0 are compiled for newer cores than this ARMv8.0 core",
        "fix": "leave torch_version at auto, or set it to 2.0.1 or 2.9.1; the release 2.1.0 crashes on these cores",
        "evidence": PYTORCH + "issues/109312",
    },
    {
        "id": "ARM-05",
        "signal": "SIGILL",
        "atomics": False,
        "torch": r"1\.13\.0",
        "confidence": "recorded",
        "cause": "torch 1.13.0 computes convolutions with instructions that this ARMv8.0 core does not have",
        "fix": "leave torch_version at auto, or set it to 1.13.1",
        "evidence": PYTORCH + "issues/90535",
    },
    {
        "id": "ARM-08",
        "signal": "SIGSEGV",
        "atomics": False,
        "torch": r"2\.1\.0",
        "confidence": "recorded",
        "cause": "torch 2.1.0 computes GELU and convolutions wrongly on this ARMv8.0 core, and crashes",
        "fix": "leave torch_version at auto, or set it to 2.0.1 or 2.9.1",
        "evidence": PYTORCH + "issues/110819",
    },
    {
        "id": "ARM-10",
        "atomics": False,
        "torch": r"2\.1\.0",
        "text": r"could not create a primitive descriptor for a matmul primitive",
        "confidence": "proven",
        "test": (
            "tests/integration/test_failures_on_boards.py::test_releases_that_import_on_a_core_withou"
            "t_lse_atomics_and_fail_later"
        ),
        "cause": "torch 2.1.0 computes matrix products by instructions that this ARMv8.0 core does not have",
        "fix": "leave torch_version at auto, or set it to 2.0.1 or 2.9.1",
        "evidence": PYTORCH + "issues/110819",
    },
    {
        "id": "ARM-09",
        "signal": "SIGILL",
        "atomics": False,
        "torch": r"2\.6\.0",
        "confidence": "proven",
        "test": (
            "tests/integration/test_failures_on_boards.py::test_releases_that_import_on_a_core_withou"
            "t_lse_atomics_and_fail_later"
        ),
        "cause": "torch 2.6.0 scripts and exports models with instructions that this ARMv8.0 core does not have",
        "fix": "leave torch_version at auto, or set it to 2.7.0 or later",
        "evidence": PYTORCH + "issues/146792",
    },
    {
        "id": "ARM-11",
        "signal": "SIGSEGV",
        "text": r"\bcpuinfo_(?:arm_|linux_|x86_)?\w{0,40}init\w{0,40}\b",
        "confidence": "recorded",
        "cause": (
            "torch's cpuinfo crashes while it reads the processor: this container or virtual machine hides"
            " /sys/devices/system/cpu, or describes its processors in an unusual way"
        ),
        "fix": (
            "start it with /sys (docker run without masked paths, -v /sys:/sys:ro), with another CPU type of"
            " the virtual"
            " machine, or take a torch with a newer cpuinfo"
        ),
        "evidence": "https://github.com/pytorch/pytorch/issues/188255",
    },
    {
        "id": "JET-01",
        "signal": "SIGILL",
        "family": "jetson",
        "atomics": False,
        "text": r"numpy|\bimport cv2\b",
        "confidence": "recorded",
        "cause": "OpenBLAS in numpy 1.19.5 does not know the core of this board",
        "fix": (
            "set OPENBLAS_CORETYPE: ARMV8 in torch_environment, or torch_constraints: [numpy==1.19.4]; torch_repair:"
            " true does the first"
        ),
        "repair": "openblas_coretype",
        "evidence": "https://github.com/numpy/numpy/issues/18131",
    },
    {
        "id": "JET-39",
        "signal": "SIGILL",
        "family": "jetson",
        "atomics": False,
        "confidence": "guess",
        "unless": r"\btorch[ =-]{1,2}2\.\d|torch 2\.\d",
        "cause": (
            "on a Jetson Nano, TX1 or TX2 nearly always OpenBLAS in numpy (1.19.5, and builds of others),"
            " which does not"
            " know the core and takes instructions that it lacks; otherwise a wheel that was compiled for newer cores"
        ),
        "fix": (
            "OPENBLAS_CORETYPE: ARMV8 in torch_environment, or numpy<1.19.5; if it stays, python3 -X faulthandler shows"
            " which import dies: that package must be built for this core"
        ),
        "evidence": "https://github.com/numpy/numpy/issues/18131",
    },
    {
        "id": "X86-01",
        "signal": "SIGILL",
        "machine": "x86_64",
        "old_cpu": (True, None),
        "repair": "numpy",
        "confidence": "proven",
        "test": "tests/integration/test_verify_expects_the_record.py::test_numpy_is_for_a_newer_processor",
        "text": (
            r'most recent call first\):\n(?: {0,4}File "<frozen [^\n]{0,200}\n){0,80} {0,4}File "[^"\n]{0,300}/numpy/'
        ),
        "cause": (
            "numpy was compiled for newer processors than this one: its wheels need x86-64-v2 (SSE4.2, POPCNT) from"
            " 2.4 on"
        ),
        "fix": (
            "torch_constraints: [numpy<2.4], and provision again (torch_repair: true does it); a "
            "virtual machine can get a newer CPU type instead"
            " (such as host)"
        ),
        "evidence": "https://github.com/NixOS/nixpkgs/issues/504266",
    },
    {
        "id": "X86-02",
        "signal": "SIGILL",
        "machine": "x86_64",
        "old_cpu": True,
        "confidence": "recorded",
        "cause": (
            "this processor (or the CPU type of this virtual machine) is below x86-64-v2: it lacks SSE4.2 or"
            " POPCNT, which current wheels use"
        ),
        "fix": (
            "give the virtual machine a newer CPU type (such as host); otherwise take older releases of the"
            " package whose import crashed (numpy<2.4), or compile it here"
        ),
        "evidence": "https://github.com/TomBursch/kitchenowl/issues/961",
    },
    {
        "id": "RUN-28",
        "confidence": "recorded",
        "text": r"qemu: uncaught target signal (\d{1,2} \([^)\n]{1,40}\))",
        "cause": (
            "the program ran in an emulator (qemu-user: a container or a chroot for another architecture), and"
            " died there"
            " of signal {0}; this is no proof of a fault of the board"
        ),
        "fix": (
            "run it on a board of that architecture; on this machine, install a newer QEMU"
            " (docker run --privileged --rm tonistiigi/binfmt --install all), or set QEMU_CPU=max for instructions that"
            " the default processor lacks"
        ),
        "evidence": "https://github.com/docker/buildx/issues/1170",
    },
    {
        "id": "X86-03",
        "text": r"Fatal glibc error: CPU does not support (x86-64-v\d)|CPU does not support (x86-64-v\d)",
        "confidence": "recorded",
        "cause": (
            "the C library of this system or image was compiled for {0}{1}, which this processor (or the CPU"
            " type of this virtual machine) is not"
        ),
        "fix": (
            "give the virtual machine a newer CPU type (such as host), or use an image of a distribution for"
            " older processors (Debian, Ubuntu, openEuler instead of RHEL 9 or its derivatives)"
        ),
        "evidence": (
            "https://developers.redhat.com/blog/2021/01/05/building-red-hat-enterprise-linux-9-for-th"
            "e-x86-64-v2-microarchitecture-level"
        ),
    },
    {
        "id": "X86-04",
        "text": (
            r"Missing required CPU features\.|requires? (?:a CPU with )?(?:AVX2?|SSE4\.[12]|"
            r"x86-64-v[234])[^\n]{0,60}(?:not (?:available|supported|detected)|your (?:CPU|machine))"
        ),
        "confidence": "recorded",
        "cause": "a package beside torch was compiled for newer processors than this one",
        "fix": (
            "install its build for older processors (polars: polars-lts-cpu), an older release of it, or give"
            " the virtual machine a newer CPU type (such as host)"
        ),
        "evidence": "https://docs.pola.rs/user-guide/installation/",
    },
    {
        "id": "RUN-01",
        "signal": "SIGILL",
        "confidence": "proven",
        "test": "tests/unit/plugins/module_utils/_verify/test_verdict.py::test_deaths_are_placed",
        "cause": "this processor lacks an instruction that the installed software uses",
        "fix": (
            "choose another torch_version, or build torch for this processor; the last lines of the evidence show"
            " which import crashed"
        ),
        "evidence": PYTORCH + "issues/97226",
    },
    # --- other ways a process ends
    {
        "id": "GEN-09",
        "confidence": "recorded",
        "text": (
            r"Killed \(program cc1|Killed signal terminated program cc1|ninja: build stopped[\s\S]{0,400}?\bKilled\b|"
            r"'(?:cicc|ptxas|cudafe\+\+|nvcc|fatbinary)' died due to signal 9\b|\bld terminated with signal"
            r" 9\b|cc1(?:plus)?: out of memory|"
            r"virtual memory exhausted: Cannot allocate memory"
        ),
        "cause": "the kernel killed the compiler because memory ran out",
        "fix": "compile with fewer jobs (torch_build_jobs), add swap, or compile on a stronger machine (torch_builder)",
        "evidence": PYTORCH + "issues/49078",
    },
    {
        "id": "RUN-14",
        "confidence": "recorded",
        "text": (
            r"\bDownloading [^\n]{0,300}\.(?:whl|gz)\b[^\n]{0,80}\n(?:[^\n]{0,200}\n){0,50}MemoryError|"
            r"/pip/_\w{1,20}/[^\n]{0,200}\n(?:[^\n]{0,200}\n){0,9}MemoryError|"
            r"\bDownloading [^\n]{0,300}\.(?:whl|gz)\b[^\n]{0,300}\n(?:[^\n]{0,400}\n){0,4}?[^\n]{0,400}?"
            r"(?:\beta \d{1,2}:\d\d:\d\d|[KMG]B/s|\d{1,3}%)[^\n]{0,60}?\s{0,4}Killed\b|"
            r"Killed[^\n]{0,20}\bpip3?\d?\.?\d{0,2} install\b"
        ),
        "cause": "pip holds the whole wheel in memory to write it to its cache, and the memory is too small",
        "fix": (
            "pip install --no-cache-dir, or add swap; edgeai.fleet.provision sends the wheels in pieces and needs no"
            " cache"
        ),
        "evidence": "https://github.com/pypa/pip/issues/2984",
    },
    {
        "id": "RUN-26",
        "confidence": "recorded",
        "text": r"CONSTRAINT_MEMCG|Memory cgroup out of memory|\bOOMKilled\b|due to memory in cgroup|Task in"
        r" /\S{1,200} killed as"
        r" a result of limit of",
        "cause": (
            "the kernel killed the process because the memory limit of its container or service was reached, whatever"
            " the board has{memory}"
        ),
        "fix": (
            "raise the limit (docker run --memory, mem_limit of Compose, resources.limits.memory of Kubernetes,"
            " MemoryMax of a unit), or use a smaller model or batch"
        ),
        "evidence": "https://github.com/google-research/jax3d/issues/121",
    },
    {
        "id": "RUN-10",
        "signal": "SIGKILL",
        "out_of_memory": True,
        "confidence": "proven",
        "test": "tests/integration/test_failures_on_boards.py::test_memory_runs_out",
        "cause": "the kernel killed the process because memory ran out (the memory controller counts the kill)",
        "fix": "stop other programs, raise the memory limit of the container or service, or add swap{swap}",
        "evidence": "https://docs.kernel.org/admin-guide/cgroup-v2.html#memory-interface-files",
    },
    {
        "id": "RUN-02",
        "signal": "SIGKILL",
        "confidence": "proven",
        "test": "tests/unit/plugins/module_utils/_verify/test_verdict.py::test_deaths_are_placed",
        "cause": "something killed the process, probably the kernel because memory ran out",
        "fix": 'look for "Out of memory" in dmesg; stop other programs or add swap{swap}',
        "evidence": "https://docs.kernel.org/admin-guide/mm/concepts.html",
    },
    {
        "id": "RUN-03",
        "timeout": True,
        "confidence": "proven",
        "test": "tests/integration/test_failures_on_boards.py::test_it_hangs",
        "cause": "the process did not end in time",
        "fix": (
            "if the board is only slow, raise torch_verify_timeout; otherwise the last lines of the evidence show where"
            " it hangs"
        ),
        "evidence": "https://docs.python.org/3/library/faulthandler.html",
    },
    # --- disk, memory, permissions, clock
    {
        "id": "RUN-06",
        "text": r"cannot be started as user (\S+): Permission denied",
        "confidence": "proven",
        "test": "tests/integration/test_failures_on_boards.py::test_a_user_without_access",
        "cause": (
            "user {0} may not run this Python: the interpreter, its link target, or a directory above is closed to"
            " that user"
        ),
        "fix": (
            "open that path to the user (namei -l shows where access ends), or install below a directory that"
            " everyone may enter"
        ),
        "evidence": "https://man7.org/linux/man-pages/man7/path_resolution.7.html",
    },
    {
        "id": "RUN-07",
        "stage": "import",
        "text": r"PermissionError: \[Errno 13\] Permission denied: '?([^'\n]+)",
        "confidence": "proven",
        "test": "tests/unit/plugins/module_utils/_verify/test_verdict.py::test_a_file_that_the_user_may_not_read",
        "cause": "the user of the workload may not read {0}",
        "fix": "provision with torch_user set to that user, or make the file readable (chmod -R a+rX)",
        "evidence": "https://man7.org/linux/man-pages/man7/path_resolution.7.html",
    },
    {
        "id": "RUN-09",
        "stage": "data_loader",
        "confidence": "proven",
        "test": "tests/integration/test_failures_on_boards.py::test_no_shared_memory",
        "text": (
            r"unable to open shared memory object|/dev/shm|shm_open|out of shared memory|Bus error|SemLock|\[Errno"
            r" 38\]|FileNotFoundError: \[Errno 2\]|"
            r"unable to (?:mmap|resize|allocate shared)"
        ),
        "cause": (
            "the workers of a DataLoader pass tensors through /dev/shm, which is missing, closed to this user, or"
            " too small"
        ),
        "fix": "mount it (mount -t tmpfs tmpfs /dev/shm); in a container start it with --shm-size=1g or --ipc=host",
        "evidence": "https://docs.pytorch.org/docs/stable/data.html",
    },
    {
        "id": "RUN-33",
        "text": r"DataLoader worker \(pid(?:\(s\))? [\d, ]{1,80}\) (?:exited unexpectedly|is killed by signal:"
        r" (?!Bus))",
        "confidence": "recorded",
        "cause": (
            "a worker of the DataLoader died: its own error is above, or the kernel killed it for lack of memory (each"
            " worker is a process with its own copies)"
        ),
        "fix": (
            "num_workers=0 shows the error in the main process; look for Out of memory in dmesg; use fewer workers, and"
            " in a container --shm-size=1g or --ipc=host"
        ),
        "evidence": "https://github.com/pytorch/pytorch/issues/8976",
    },
    {
        "id": "RUN-34",
        "text": r"\[WinError (\d{1,5})\]",
        "confidence": "recorded",
        "cause": "this is a Python of Windows (error {0} of Windows), and this collection provisions Linux only",
        "fix": (
            "use the Windows Subsystem for Linux, which is such a board; in Windows itself, 126 usually means that the"
            " Visual C++ Redistributable is missing (with fbgemm.dll: libomp140.x86_64.dll, which torch 2.4.0"
            " alone needs)"
        ),
        "evidence": "https://github.com/pytorch/pytorch/issues/131662",
    },
    {
        "id": "RUN-29",
        "volatile": (True, None),
        "confidence": "recorded",
        "text": (
            r"(?:overlayroot|tmpfs-root)[ \t]{1,60}[\d.]{1,12}[KMGT]?[ \t]{1,20}[\d.]{1,12}[KMGT]?[ \t]{1,20}"
            r"[\d.]{1,12}[KMGT]?[ \t]{1,20}(?:9\d|100)%"
        ),
        "cause": (
            "the root file system is an overlay whose changes are kept in memory, and that part is full: what is"
            " installed there takes memory, and is lost at the next start"
        ),
        "fix": (
            "{overlay}turn overlayroot off (overlayroot=disabled in /etc/overlayroot.conf, or without boot=overlay on"
            " the kernel's command line) and restart, or put torch_root on another partition"
        ),
        "evidence": "https://github.com/Start9Labs/start-technologies/issues/540",
    },
    {
        "id": "RUN-30",
        "volatile": True,
        "confidence": "recorded",
        "text": r"No space left on device|\[Errno 28\]|No usable temporary (?:directory|file) (?:name )?found",
        "cause": (
            "the file system is an overlay whose changes are kept in memory{volatile}: its space is a part of the"
            " memory{memory}, and that is full"
        ),
        "fix": (
            "{overlay}turn overlayroot off (overlayroot=disabled in /etc/overlayroot.conf) and restart, or put"
            " torch_root on another partition"
        ),
        "evidence": "https://github.com/RPi-Distro/raspi-config/issues/220",
    },
    {
        "id": "RUN-31",
        "volatile": True,
        "confidence": "recorded",
        "text": (
            r"no environment is in use at |there is no Python at /|there is no usable state record|"
            r"/(?:bin|current|envs)/\S{0,200}python[\d.]{0,6}'?: (?:not found|No such file or directory)|"
            r"No such file or directory: '/[^'\n]{1,200}/(?:envs|current|bin)/"
        ),
        "cause": "what was installed is gone since the last start{volatile}",
        "fix": (
            "{overlay}turn the overlay off (overlayroot=disabled in /etc/overlayroot.conf), restart, and provision"
            " again; or put torch_root on a partition that keeps its files"
        ),
        "evidence": "https://github.com/raspberrypi/bookworm-feedback/issues/137",
    },
    {
        "id": "RUN-08",
        "text": r"No space left on device|No usable temporary (?:directory|file) (?:name )?found",
        "confidence": "proven",
        "test": "tests/integration/test_failures_on_boards.py::test_temporary_files_have_no_place",
        "cause": "no space left on the device: for temporary files, or where the files were written{full}",
        "fix": (
            "free disk space (df -h, df -i; df -h /tmp /var/tmp); for temporary files set a larger directory: TMPDIR"
            " in torch_environment"
        ),
        "evidence": "https://docs.python.org/3/library/tempfile.html#tempfile.gettempdir",
    },
    {
        "id": "RUN-17",
        "system": "nixos",
        "confidence": "recorded",
        "text": (
            r"\[Errno 30\][^\n]{0,200}/nix/|/nix/\S{0,200}[^\n]{0,60}Read-only file system|Read-only "
            r"file system[^\n]{0,60}/nix/"
        ),
        "cause": "/nix/store is read-only on NixOS: nothing can be installed into a Python of the system",
        "fix": (
            "install into an environment of your own (edgeai.fleet.provision does), or add the "
            "package to the configuration"
        ),
        "evidence": "https://nixos.org/manual/nix/stable/store/",
    },
    {
        "id": "RUN-18",
        "container": True,
        "confidence": "recorded",
        "text": r"\[Errno 30\]|: Read-only file system\b|EROFS\b|os error 30\b",
        "cause": (
            "the file system is read-only in this container: it was started with --read-only, or the volume with :ro"
        ),
        "fix": "mount a writable volume there (-v), or a tmpfs for temporary files (--tmpfs /tmp, TMPDIR)",
        "evidence": "https://docs.docker.com/reference/cli/docker/container/run/",
    },
    {
        "id": "RUN-11",
        "confidence": "recorded",
        "text": r"\[Errno 30\]|: Read-only file system\b|EROFS\b|os error 30\b",
        "cause": (
            "the file system is read-only: it is mounted so (an immutable system, an overlay), or "
            "the kernel remounted it"
            " after errors of the disk"
        ),
        "fix": (
            "{overlay}mount shows its options, dmesg errors of the disk: check it (fsck) and remount it "
            "(mount -o remount,rw), or"
            " set torch_root to a writable file system"
        ),
        "evidence": "https://man7.org/linux/man-pages/man8/mount.8.html",
    },
    {
        "id": "RUN-12",
        "confidence": "recorded",
        "text": (
            r"is not valid yet \(invalid for another|certificate is not yet valid|"
            r"CERTIFICATE_VERIFY_FAILED\][^\n]{0,80}not yet"
            r" valid|certificate chain uses not yet valid|NotValidYet|certificate (?:is |has )?not "
            r"yet (?:been )?activated|"
            r"(?:[Ss]ignature|Key \S{1,60})[^\n]{0,120}(?:is not live until|from the future|created in the future)|"
            r"was created \d{1,12} seconds? in the future|certificate status: .{0,40}NOT_YET_VALID|"
            r"time ?stamp [^\n]{0,60}in the future|Clock skew detected|x509: certificate [^\n]{0,80}current time"
            r" [^\n]{0,40} is before"
        ),
        "cause": "the clock of this board {clock}: it is earlier than the signing time of what was downloaded",
        "fix": (
            "set the clock (timedatectl set-ntp true, or date -s), and run again; a board without a "
            "battery-backed clock"
            " needs a time server at every start (chrony, systemd-timesyncd)"
        ),
        "evidence": "https://github.com/GeekFunkLabs/fluidpatcher/issues/27",
    },
    {
        "id": "RUN-16",
        "wrong_clock": True,
        "confidence": "recorded",
        "text": (
            r"CERTIFICATE_VERIFY_FAILED|certificate verify failed|certificate has expired|invalid peer certificate|SSL"
            r" certificate problem|server certificate verification failed|is expired \(invalid since|Signature"
            r" has expired|EXPKEYSIG|EXPSIG|InvalidReleaseInfo|[Tt]oken (?:is expired|used before issued)"
        ),
        "cause": "the clock of this board {clock}: certificates and signatures are not valid at that time",
        "fix": "set the clock (timedatectl set-ntp true, or date -s), and run again",
        "evidence": "https://github.com/micro-nova/AmpliPi/issues/357",
    },
    {
        "id": "RUN-24",
        "text": (
            r"Release file for \S{1,200} is expired \(invalid since|Release file is expired|"
            r"certificate has expired|invalid peer certificate: Expired"
        ),
        "confidence": "recorded",
        "cause": (
            "what the server signed has expired: the clock of this board is ahead, or the repository (an"
            " archived release) or its certificate is old"
        ),
        "fix": (
            "check date; if it is right, use the repository of a supported release or its archive, and"
            " {install[ca-certificates]}"
        ),
        "evidence": "https://wiki.debian.org/DebianRepository/Format",
    },
    {
        "id": "RUN-22",
        "machine": "armv7l",
        "large_memory": True,
        "confidence": "recorded",
        "text": (
            r"DefaultCPUAllocator: (?:can.t allocate memory|not enough memory)|std::bad_alloc|"
            r"\bMemoryError\b|Cannot allocate memory"
        ),
        "cause": (
            "memory ran out: a 32-bit process has 2 to 3 GiB of addresses, whatever the board has{memory}; a tensor, or"
            " another allocation, did not fit"
        ),
        "fix": (
            "use a smaller model or batch, or a 64-bit system; swap does not help one process that "
            "used its addresses up"
        ),
        "evidence": PYTORCH + "blob/main/c10/core/impl/alloc_cpu.cpp",
    },
    {
        "id": "RUN-23",
        "confidence": "recorded",
        "text": (
            r"libgomp: Thread creation failed: Resource temporarily unavailable|pthread_create "
            r"failed[^\n]{0,80}(?:Resource"
            r" temporarily unavailable|\bEAGAIN\b|error code 11)|can't start new thread|OpenBLAS blas_thread_init"
        ),
        "cause": (
            "no further thread can be started: a limit on processes (ulimit -u, pids of a container "
            "or service), or on memory"
        ),
        "fix": (
            "raise the limit (ulimit -u, docker run --pids-limit, TasksMax of a service), or use fewer threads"
            " (OMP_NUM_THREADS and OPENBLAS_NUM_THREADS in torch_environment); old Docker with a "
            "newer image: update Docker,"
            " or --security-opt seccomp=unconfined"
        ),
        "evidence": "https://github.com/OpenMathLib/OpenBLAS/issues/4762",
    },
    {
        "id": "RUN-13",
        "text": (
            r"DefaultCPUAllocator: (?:can.t allocate memory|not enough memory)|std::bad_alloc|"
            r"[Uu]nable to allocate [\d.]{1,12}"
            r" [KMGT]iB for an array|\[Errno 12\] Cannot allocate memory|\bENOMEM\b|(?m:^MemoryError\b)"
        ),
        "confidence": "recorded",
        "cause": "memory{memory} ran out: a tensor, or another allocation of the program, did not fit",
        "fix": "use a smaller model or batch, stop other programs, or add swap{swap}",
        "evidence": PYTORCH + "blob/main/c10/core/impl/alloc_cpu.cpp",
    },
    {
        "id": "RUN-15",
        "confidence": "recorded",
        "text": r"Could not install packages due to an? (?:OSError|EnvironmentError): \[Errno 13\] Permission denied",
        "cause": "pip may not write to that Python's directory, which belongs to the system or to another user",
        "fix": "install into your own environment (python3 -m venv), not with sudo into the system's Python",
        "evidence": "https://pip.pypa.io/en/stable/user_guide/",
    },
    {
        "id": "NPU-30",
        "text": (
            r"No module named 'torch_npu'|module 'torch' has no attribute 'npu'|"
            r"device type at start of device string: npu\b|torch_npu is not (?:installed|available)"
        ),
        "confidence": "recorded",
        "cause": (
            "torch_npu is not installed in this environment, or was not imported: torch alone does not support NPUs"
        ),
        "fix": (
            "provision the board (the plan includes the torch_npu that matches torch); with torch before 2.5 also"
            " import torch_npu after torch"
        ),
        "evidence": "https://github.com/Ascend/pytorch/blob/master/README.md",
    },
    {
        "id": "NPU-52",
        "text": (
            r"(?:module 'torch_npu'|partially initialized module 'torch_npu'[^\n]{0,20}) has no "
            r"attribute '(\w{1,60})'|cannot import name '(\w{1,60})' from 'torch_npu'"
        ),
        "confidence": "recorded",
        "cause": (
            "the package torch_npu has no {0}{1}: it is incomplete (a directory of that name is found first),"
            " or older than the program"
        ),
        "fix": (
            "print(torch_npu.__file__): remove a directory torch_npu from the working directory or PYTHONPATH;"
            " provision again for the release that fits {cann}"
        ),
        "evidence": "https://github.com/flashserve/flash-linear-attention-npu/issues/2",
    },
    {
        "id": "NPU-53",
        "family": "atlas",
        "signal": "SIGSEGV",
        "stage": "backend",
        "confidence": "guess",
        "cause": (
            "torch_npu crashes when it is loaded: {torch_npu}, torch and {cann} are of different releases, or"
            " the driver is older than CANN"
        ),
        "fix": (
            "provision again: the plan chooses matching releases; compare npu-smi info with the driver that the"
            " plan names (edgeai.fleet.explain)"
        ),
        "evidence": "https://github.com/Ascend/pytorch/issues/99",
    },
    {
        "id": "GEN-16",
        "confidence": "recorded",
        "text": (
            r"operator torch(?:vision|audio|codec)?::\w{1,40} does not exist|module 'torchvision' has "
            r"no attribute 'extension'|"
            r"requires torch==\S{1,40}, but you have torch \S{1,40} which is incompatible|"
            r"torchvision[^\n]{0,80}(?:is not compatible with|compiled with different CUDA versions)|"
            r"Couldn't load custom C\+\+ ops|"
            r"(?:torchvision|torchaudio)/(?:image|_C|_torchaudio|lib/\S{1,40})\.so[^\n]{0,80}undefined symbol|"
            r"Failed to load image Python extension[^\n]{0,200}undefined symbol|Detected that PyTorch "
            r"and torch(?:vision|audio) were"
            r" compiled with different CUDA"
        ),
        "cause": "this torchvision (or the named package) was built for another torch than the installed one",
        "fix": "provision with torch_companions: [torchvision] (or torchaudio): both come from one source and match",
        "evidence": PYTORCH + "issues/157648",
    },
    {
        "id": "GEN-23",
        "confidence": "recorded",
        "text": (
            r"(?<![\w.+-])([\w.+-]{1,120}\.so[\w.]{0,20}): undefined symbol: _ZN[A-Z]{0,4}(?:3c10|2at|5torch|5caffe2)"
        ),
        "cause": "{0} was compiled for another release (or another C++ ABI) of torch than the installed one",
        "fix": (
            "install the build of that package for this torch (torchvision and torchaudio: torch_companions), or"
            " compile it again against this torch (pip install --no-build-isolation --no-binary :all: --force-reinstall"
            " --no-deps PACKAGE)"
        ),
        "evidence": "https://github.com/Dao-AILab/flash-attention/issues/723",
    },
    {
        "id": "NPU-60",
        "text": r"(libtorch_npu\.so[\w.]{0,20}): cannot open shared object file",
        "confidence": "recorded",
        "cause": "a library compiled for torch_npu looks for {0}: torch_npu is not installed here, or was not"
        " imported first",
        "fix": (
            "import torch_npu before that package, and install torch_npu if it is missing; {pair}; otherwise"
            " install that"
            " package for this torch_npu"
        ),
        "evidence": "https://github.com/DeepLink-org/dlinfer/issues/183",
    },
    {
        "id": "GEN-24",
        "confidence": "recorded",
        "text": (
            r"(?<!torch/lib/)(lib(?:c10|c10_cuda|torch\w{0,30}|caffe2\w{0,20})\.so[\w.]{0,20}): cannot open shared"
            r" object file"
        ),
        "cause": (
            "a library compiled for torch looks for {0} in torch, and this torch does not have it: torch is another"
            " release, a CPU build, or was not imported first"
        ),
        "fix": (
            "import torch first; otherwise install the build of that package for this torch, or compile it again for"
            " this torch"
        ),
        "evidence": "https://github.com/WangLongZJU/DeepAC/issues/26",
    },
    {
        "id": "GEN-65",
        "text": r"RuntimeError: No Devices Found|\[XRT\] (?:ERROR|WARNING): No (?:such )?devices? (?:found|with index)",
        "confidence": "recorded",
        "cause": (
            "PYNQ or XRT sees no FPGA: XILINX_XRT is not set in this shell, the user is not root, or the kernel has no"
            " zocl for this board; PyTorch does not need it, and computes on the Arm cores"
        ),
        "fix": (
            "run the program as root with the image's own variables (sudo -i, then source the files of pynq and XRT in"
            " /etc/profile.d; XILINX_XRT=/usr), and read dmesg | grep zocl"
        ),
        "evidence": "https://github.com/Xilinx/PYNQ/issues/1651",
    },
    {
        "id": "GEN-66",
        "text": r"Root permissions required\b|Permission denied: '/sys/kernel/config/device-tree",
        "confidence": "recorded",
        "cause": "PYNQ loads the FPGA and maps its registers, which only root may; PyTorch does not need that",
        "fix": "run that program as root with the same environment (sudo -i, then the environment's own Python)",
        "evidence": "https://github.com/amd/Kria-RoboticsAI/issues/9",
    },
    {
        "id": "GEN-40",
        "family": ("raspberrypi", "generic", "pynq"),
        "confidence": "recorded",
        "text": (
            r"No module named '(libcamera|picamera2|RPi|lgpio|gpiozero|pykms|pynq|gi|smbus2?|spidev|"
            r"sense_hat|rpi_ws281x|pidng|v4l2|prctl)(?:\.\w{1,40})?'"
        ),
        "cause": "{0} is a package of the system's Python, which an environment does not see by default",
        "fix": (
            "torch_system_site_packages: true, and provision again, with the system's Python "
            "(/usr/bin/python3); if it is missing there: {install[python3]} and its package python3-*"
        ),
        "evidence": "https://github.com/raspberrypi/picamera2/issues/1211",
    },
    {
        "id": "JET-34",
        "family": "jetson",
        "confidence": "recorded",
        "text": (
            r"No module named '(tensorrt|pycuda|jetson_inference|jetson_utils|Jetson|uff|graphsurgeon|"
            r"vpi)(?:[._]\w{1,40})?'"
        ),
        "cause": (
            "{0} belongs to JetPack's own Python (/usr/bin/python3): another Python, or an "
            "environment without the system's packages, does not have it"
        ),
        "fix": (
            "jetson_tensorrt: true and the system's Python (torch_python: /usr/bin/python3), and "
            "provision again; {install[python3-libnvinfer]} if the system has no TensorRT"
        ),
        "evidence": "https://github.com/NVIDIA/TensorRT/issues/4176",
    },
    {
        "id": "JET-37",
        "family": "jetson",
        "text": r"\bnvidia-smi: (?:command )?not found",
        "confidence": "recorded",
        "cause": "a Jetson has no nvidia-smi before JetPack 7: its GPU is not a PCI card",
        "fix": (
            "tegrastats (or jtop) shows the load and memory of the GPU; edgeai.fleet.verify says whether torch"
            " works on it"
        ),
        "evidence": (
            "https://docs.nvidia.com/jetson/archives/r36.4/DeveloperGuide/AT/JetsonLinuxDevelopmentTo"
            "ols/TegrastatsUtility.html"
        ),
    },
    {
        "id": "RUN-04",
        "text": r"ModuleNotFoundError: No module named 'torch'",
        "confidence": "proven",
        "test": "tests/unit/plugins/module_utils/_verify/test_verdict.py::test_no_torch_at_all",
        "cause": "torch is not installed in this environment",
        "fix": "provision the board (edgeai.fleet.provision), or use the environment that has torch",
        "evidence": "https://pytorch.org/get-started/locally/",
    },
    # --- Ascend
    {
        "id": "NPU-04",
        "text": r"Two accelerators cannot be used at the same time in PyTorch",
        "confidence": "recorded",
        "cause": "a CUDA build of torch is installed with torch_npu, and the two cannot run in one process",
        "fix": "provision the board: torch_npu needs the CPU build of torch",
        "evidence": "https://github.com/Ascend/pytorch",
    },
    {
        "id": "NPU-05",
        "text": r"(?i)unsupported soc version:? {0,3}(Ascend\w+)|The value (\w{1,40}) of parameter"
        r" \[soc_version\] is invalid",
        "confidence": "recorded",
        "cause": "this torch_npu (or this CANN) does not know the chip {0}{1}",
        "fix": (
            "an Ascend310 has no torch_npu (torch_accelerator: cpu); for newer chips install a newer CANN and"
            " provision again"
        ),
        "evidence": "https://github.com/Ascend/pytorch/blob/master/torch_npu/csrc/core/npu/NpuVariables.cpp",
    },
    {
        "id": "GEN-55",
        "text": r"(?<![^\s'(])(\S{1,200}\.so[\w.]{0,20}): cannot open shared object file: Permission denied",
        "confidence": "recorded",
        "cause": "this user may not read {0}, or a directory above it; a link may lead into another user's home",
        "fix": (
            "namei -l FILE shows which one is closed (ldd names the file); install the package for this user,"
            " or make it"
            " readable (chmod a+rX)"
        ),
        "evidence": "https://man7.org/linux/man-pages/man8/ld.so.8.html",
    },
    {
        "id": "RUN-32",
        "text": r"\[Errno 24\]|Too many open files|received 0 items of ancdata",
        "confidence": "recorded",
        "cause": "the limit on open files is reached: each worker of a DataLoader, and each tensor that is"
        " passed, needs some",
        "fix": (
            "raise it (ulimit -n 65535; LimitNOFILE of a service, --ulimit nofile of docker run), use fewer workers, or"
            " torch.multiprocessing.set_sharing_strategy('file_system')"
        ),
        "evidence": "https://docs.pytorch.org/docs/stable/multiprocessing.html#file-descriptor-file-descriptor",
    },
    {
        "id": "NPU-13",
        "text": r"libqos_manager\.so: cannot open shared object file",
        "confidence": "recorded",
        "cause": "driver and CANN of this board are not compatible",
        "fix": "install CANN and driver of the same release (atlas_driver, atlas_firmware)",
        "evidence": "https://www.hiascend.com/forum/thread-0233159441539298105-1-1.html",
    },
    {
        "id": "NPU-12",
        "confidence": "recorded",
        "family": ("atlas", "generic"),
        "text": (
            r"libdcmi\.so[^\n]{0,60}(?:cannot open|not found|No such file|cannot be"
            r" loaded)|(?:fail|unable|cannot|can.t)[^\n]{0,60}libdcmi\.so|"
            r"DCMIError_LibraryNotFound"
        ),
        "cause": "the loader does not find the libraries of the Ascend driver",
        "fix": (
            "add /usr/local/Ascend/driver/lib64, its common and its driver directory to LD_LIBRARY_PATH in"
            " torch_environment"
        ),
        "evidence": "https://www.hiascend.com/",
    },
    {
        "id": "NPU-48",
        "container": True,
        "text": (
            r"(lib(?:ascend_hal|ascend_kms|drv\w{1,30}|dsmi\w{0,20}|dcmi\w{0,20}|c_sec|devmmap|"
            r"tsdclient_host)\.so[\w.]{0,20}): cannot open shared object file"
        ),
        "confidence": "recorded",
        "cause": (
            "{0} is a library of the Ascend driver, which a container gets from its host, and this one does not have it"
        ),
        "fix": (
            "mount /usr/local/Ascend/driver into the container (ascend-docker-runtime does it), with its lib64,"
            " lib64/common and lib64/driver in LD_LIBRARY_PATH"
        ),
        "evidence": "https://github.com/vllm-project/vllm-ascend/issues/1440",
    },
    {
        "id": "NPU-21",
        "confidence": "proven",
        "test": "tests/unit/plugins/module_utils/_verify/test_probe.py::test_a_library_of_cann_that_is_missing",
        "text": (
            r"(lib(?:ascend_hal|ascend_kms|drv\w{1,30}|dsmi\w{0,20}|dcmi\w{0,20}|c_sec|devmmap|"
            r"tsdclient_host)\.so[\w.]{0,20}): cannot open shared object file"
        ),
        "container": (False, None),
        "cause": "{0} is a library of the Ascend driver, which is not installed here, or not where the loader looks",
        "fix": (
            "install the driver (atlas_driver), or add lib64, lib64/common and lib64/driver of "
            "/usr/local/Ascend/driver to"
            " LD_LIBRARY_PATH in torch_environment; in a container mount that directory (ascend-docker-runtime does it)"
        ),
        "evidence": "https://github.com/vllm-project/vllm-ascend/issues/1440",
    },
    {
        "id": "NPU-22",
        "text": (
            r"(lib(?:atb\w{0,30}|asdops\w{0,20}|lcal|mki|tbe_adapter)\.so[\w.]{0,20}): cannot open "
            r"shared object file"
        ),
        "confidence": "recorded",
        "cause": (
            "{0} is part of NNAL, a package that supplements CANN; NNAL is not installed, or its set_env.sh"
            " was not sourced"
        ),
        "fix": "install Ascend-cann-nnal of the same version as {cann}, and source nnal/atb/set_env.sh",
        "evidence": "https://github.com/vllm-project/vllm-ascend/issues/152",
    },
    {
        "id": "NPU-02",
        "text": r"(libascendcl\.so[\w.]{0,20}): cannot open shared object file",
        "confidence": "recorded",
        "cause": (
            "torch_npu needs {0} of the CANN runtime, which was not installed, or whose set_env.sh was not found,"
            " when the board was detected"
        ),
        "fix": "install the CANN toolkit that fits the plan (edgeai.fleet.explain names it), then provision again",
        "evidence": "https://github.com/Ascend/pytorch/blob/master/README.md",
    },
    {
        "id": "NPU-01",
        "text": r"(lib(?:hccl|acl_op_compiler|ge_runner|graph)\.so[\w.]{0,20}): cannot open shared object file",
        "confidence": "proven",
        "test": "tests/unit/plugins/module_utils/_verify/test_probe.py::test_a_library_of_cann_that_is_missing",
        "cause": (
            "torch_npu needs {0} of CANN, which was not installed, or whose set_env.sh was not found, when the board"
            " was detected"
        ),
        "fix": "install the CANN toolkit that fits the plan (edgeai.fleet.explain names it), then provision again",
        "evidence": "https://github.com/opendatalab/MinerU/issues/2537",
    },
    {
        "id": "NPU-49",
        "family": "atlas",
        "text": (
            r"(lib(?:acl\w{0,40}|ge_\w{1,40}|hccl\w{0,20}|hccd|runtime|register|error_manager|"
            r"platform|opapi\w{0,20}|cust_opapi|nnopbase|optiling\w{0,10}|profapi|msprof\w{0,20}|mmpa|"
            r"ascendalog|exe_graph|lowering|metadef|te_fusion|opp_registry|unified_dlog|ascend_dump|"
            r"tsdclient|runtime_common)\.so[\w.]{0,20}): cannot open shared object file"
        ),
        "confidence": "recorded",
        "cause": "{0} belongs to CANN, which was not installed, or whose set_env.sh was not sourced",
        "fix": (
            "install the CANN toolkit that fits the plan (edgeai.fleet.explain names it), then provision again;"
            " by hand, source its set_env.sh"
        ),
        "evidence": "https://github.com/opendatalab/MinerU/issues/2537",
    },
    {
        "id": "NPU-03",
        "text": r"Failed to load the backend extension: torch_npu",
        "confidence": "recorded",
        "cause": "import torch also loads torch_npu, and that fails: every program in this environment fails",
        "fix": (
            "provision again, so that the variables of CANN's set_env.sh are set; until then set"
            " TORCH_DEVICE_BACKEND_AUTOLOAD=0"
        ),
        "evidence": "https://github.com/vllm-project/vllm-ascend/issues/262",
    },
    {
        "id": "NPU-31",
        "text": (
            r"No module named '(tbe|te|acl|hccl|te_fusion|opc_tool|auto_tune|schedule_search|"
            r"auto_search|impl|op_gen|asc_op_compile_base)(?:\.[\w.]{1,60})?'"
        ),
        "confidence": "recorded",
        "cause": (
            "Python does not find {0} of CANN: its set_env.sh was not sourced, or CANN does not support this version"
            " of Python"
        ),
        "fix": (
            "source set_env.sh of CANN (it sets PYTHONPATH), or provision again so that its variables are set; check"
            " which Python versions this CANN supports"
        ),
        "evidence": "https://github.com/Ascend/pytorch/issues/29",
    },
    {
        "id": "NPU-32",
        "text": r"Ascend/\S{0,80}set_env\.sh: No such file or directory",
        "confidence": "recorded",
        "cause": "CANN is not installed in this directory",
        "fix": (
            "install the CANN toolkit that fits the plan (edgeai.fleet.explain names it), or source the set_env.sh"
            " of the directory where it is"
        ),
        "evidence": "https://github.com/Ascend/pytorch/blob/master/README.md",
    },
    {
        "id": "NPU-33",
        "text": (
            r"not implemented for DT_BFLOAT16|\bE[ZE]\d{4}\b[^\n\[]{0,300}(?:DT_BFLOAT16|\bbfloat16\b|"
            r"\bbf16\b)|(?<![\[,])DT_BFLOAT16[^\n\],]{0,80}not support|(?i:bf(?:loat)?16 (?:is )?not "
            r"supported (?:on|by) (?:this )?(?:npu|ascend|device))"
        ),
        "confidence": "recorded",
        "cause": (
            "an operator was called with bfloat16, which this chip does not support (the first Ascend 910, 310P and"
            " 310B)"
        ),
        "fix": "use float16 or float32 in the program (--dtype float16)",
        "evidence": "https://github.com/vllm-project/vllm-ascend/issues/9294",
    },
    {
        "id": "NPU-34",
        "text": r"\bE[IJ]00\d\d\b|Ge(?:tting)? socket times? ?out|HCCL function error: HcclCommInit",
        "confidence": "recorded",
        "cause": (
            "the NPUs of several processes cannot reach each other (HCCL): one process ended or started late, or the"
            " network is not configured"
        ),
        "fix": (
            "check the first error of every rank, the NPUs' addresses (hccn_tool -i 0 -ip -g) and firewalls, and"
            " raise HCCL_CONNECT_TIMEOUT"
        ),
        "evidence": "https://github.com/vllm-project/vllm-ascend/issues/5461",
    },
    {
        "id": "NPU-35",
        "text": r"GEInitialize failed|GE ?[Ii]nitialize[^\n]{0,40}fail",
        "confidence": "recorded",
        "cause": "CANN's graph engine does not start, usually because the driver is older than this CANN requires",
        "fix": (
            "compare the driver (npu-smi info) with the plan (edgeai.fleet.explain), and install the driver of CANN's"
            " release; the first EZ or E line says more"
        ),
        "evidence": "https://github.com/vllm-project/vllm-ascend/issues/302",
    },
    {
        "id": "NPU-36",
        "text": r"\bnpu-smi: (?:command )?not found",
        "confidence": "recorded",
        "cause": "npu-smi is not in PATH, or the Ascend driver is not installed",
        "fix": (
            "try /usr/local/sbin/npu-smi and /usr/local/Ascend/driver/tools/npu-smi; if neither exists, install the"
            " driver (atlas_driver, atlas_firmware)"
        ),
        "evidence": "https://www.hiascend.com/",
    },
    {
        "id": "NPU-06",
        "ascend_codes": (561003,),
        "text": (
            r"Cannot find bin of op|op type \w{1,60} is not found in this op store|"
            r"\bEZ300[23]\b[^\n]{0,200}Ops? ?kernel[^\n]{0,60}is unsupported"
        ),
        "confidence": "recorded",
        "cause": "the kernels of CANN for this chip are missing, or of another version than the toolkit",
        "fix": (
            "install the kernels package (from 8.5 on: ops) of the same version as the toolkit; an upgrade of the"
            " toolkit removes them"
        ),
        "evidence": "https://github.com/Ascend/pytorch",
    },
    {
        "id": "NPU-50",
        "family": "atlas",
        "text": (
            r"No module named '(decorator|attrs?|psutil|scipy|sympy|absl|cloudpickle|ml_dtypes|"
            r"tornado|yaml|google|synr|pathlib2|cffi|requests)(?:\.\w{1,30})?'"
        ),
        "confidence": "recorded",
        "cause": (
            "CANN's compiler of operators and torch_npu import the Python package {0}, which is not in this environment"
        ),
        "fix": (
            "provision again: the plan includes CANN's Python packages; for an environment of your own, install"
            " it with that environment's pip (pyyaml is the package of yaml)"
        ),
        "evidence": "https://github.com/Ascend/pytorch/issues/7",
    },
    {
        "id": "NPU-56",
        "family": ("atlas", "generic"),
        "text": r"(acl(?:nn|op)?\w{2,80})(?: or \w{2,100})? not in libopapi\.so|libopapi\.so[^\n]{0,20}not found\.? ?$",
        "confidence": "recorded",
        "cause": (
            "{cann} has no operator {0}, which {torch_npu} (or the program) calls: torch_npu is for a newer CANN, or"
            " another CANN's libopapi.so is loaded first"
        ),
        "fix": "{pair}; source the set_env.sh of one CANN only",
        "evidence": "https://github.com/vllm-project/vllm/pull/8054",
    },
    {
        "id": "NPU-55",
        "family": "atlas",
        "ascend_codes": ACLNN_INNER,
        "confidence": "recorded",
        "cause": "CANN cannot run an operator of torch_npu: {code}",
        "fix": (
            "install the kernels (ops) package of the chip in the version of {cann}; {pair}; ASCEND_LAUNCH_BLOCKING=1"
            " and the E lines before it name the operator and its input"
        ),
        "evidence": "https://github.com/vllm-project/vllm-ascend/issues/4859",
    },
    {
        "id": "NPU-61",
        "text": r"Failed to import Python module \[AttributeError: [^\n]{0,20}np\.\w{1,30}[^\n]{0,3} was"
        r" removed in the NumPy 2",
        "confidence": "recorded",
        "cause": "CANN's operator compiler, which runs on this Python, does not work with NumPy 2",
        "fix": "torch_constraints: [numpy<2], and provision again (by hand: pip install 'numpy<2')",
        "evidence": "https://github.com/opendatalab/MinerU/issues/2258",
    },
    {
        "id": "NPU-07",
        "ascend_codes": (500001,),
        "text": r"AclSetCompileopt|\bE40021\b|Failed to compile (?:the )?[Oo]p\b|Compile op\[[^\n]{0,100}\]"
        r" failed|build op model failed",
        "confidence": "guess",
        "cause": (
            "the operator compiler of CANN does not start, probably because its Python packages or the chip's"
            " kernels are missing"
        ),
        "fix": (
            "provision again (the plan includes CANN's Python packages), and install the kernels package of the chip"
        ),
        "evidence": "https://github.com/Ascend/pytorch",
    },
    {
        "id": "NPU-51",
        "text": r"dcmi (?:module|model) initiali[sz]ed? failed[^\n]{0,80}ret is (-80(?:0[1346-9]|1[0-9])|-8255)\b",
        "confidence": "recorded",
        "cause": (
            "the driver of the Ascend chip answers {0} (-8001: a wrong parameter, -8003: no memory, -8006: no"
            " answer in time, -8007 and -8008: no such device, -8009: a call to the kernel failed, -8012: not"
            " ready, -8013: not in this container, -8017: being upgraded, -8255: not supported)"
        ),
        "fix": (
            "npu-smi info on the host and dmesg say more; restart the board after an upgrade of the driver; in"
            " a container, pass all devices"
        ),
        "evidence": "https://www.hiascend.com/document/detail/zh/Atlas%20200I%20A2/253RC1/re/api/api_177.html",
    },
    {
        "id": "NPU-09",
        "text": r"dcmi module initialize failed\. ret is -8005",
        "confidence": "recorded",
        "cause": "the Ascend driver is not loaded, or another container holds the device",
        "fix": "check lsmod | grep drv_ and dmesg; restart the board after installing the driver",
        "evidence": "https://github.com/vllm-project/vllm-ascend/issues/2698",
    },
    {
        "id": "NPU-10",
        "text": r"ret is -8020|because the device is used",
        "confidence": "recorded",
        "cause": "another container uses the NPU",
        "fix": "stop the other container, or set the device to sharing",
        "evidence": "https://github.com/Ascend/cann-container-image/issues/46",
    },
    {
        "id": "NPU-57",
        "text": r"failed to mount src: (/[^\s.]{1,200}(?:\.[a-z]\w{0,20})?)\.?\s{0,2}failed to",
        "confidence": "recorded",
        "cause": (
            "Ascend's container runtime could not mount {0} of the host: the file is missing or not readable there, or"
            " belongs to another user than its list expects"
        ),
        "fix": (
            "check ls -l {0} on the host (driver and npu-smi belong to root or HwHiAiUser, and others may not write"
            " them), install the driver again if it is missing, or start the container with"
            " ASCEND_RUNTIME_OPTIONS=NODRV"
            " and mount what it needs by -v"
        ),
        "evidence": "https://github.com/google-deepmind/alphafold/issues/1073",
    },
    {
        "id": "NPU-11",
        "text": r"ret is -8002",
        "confidence": "guess",
        "repair": "groups",
        "cause": "this user may not use the NPU",
        "fix": (
            "add the user to the group HwHiAiUser (on 200I DK A2 also HwBaseUser and HwDmUser); torch_repair: true"
            " does it"
        ),
        "evidence": "https://www.hiascend.com/document/detail/zh/Atlas%20200I%20A2/253RC1/re/api/api_177.html",
    },
    {
        "id": "NPU-23",
        "family": "atlas",
        "ascend_codes": (507008,),
        "confidence": "recorded",
        "cause": "CANN finds no chip: this process has no device, or CANN and the driver are not compatible",
        "fix": "check npu-smi info and ASCEND_RT_VISIBLE_DEVICES; install CANN and driver of the same release",
        "evidence": "https://github.com/Ascend/pytorch",
    },
    {
        "id": "NPU-24",
        "family": "atlas",
        "text": r"aicore error exception|AI ?[Cc]ore (?:exception|error)|vector core execution is abnormal",
        "ascend_codes": (507014, 507015, 507016, 507034, 507035, 507036, 507042, 507043, 507044, 507045),
        "confidence": "recorded",
        "cause": (
            "an operator failed on a core of the chip{which}: its kernels are from another release, "
            "or its input was out of"
            " range"
        ),
        "fix": (
            "install the kernels (ops) package of the same version as CANN; run with ASCEND_LAUNCH_BLOCKING=1 to see"
            " which operator it is"
        ),
        "evidence": "https://github.com/Ascend/pytorch",
    },
    {
        "id": "NPU-25",
        "family": "atlas",
        "text": r"[Aa][Ii] ?[Cc][Pp][Uu] (?:kernel execute failed|exception|task execute failed)",
        "ascend_codes": (507017, 507018, 507019, 507020, 507900),
        "confidence": "recorded",
        "cause": "an operator failed on the AI CPU of the chip{which}: this torch_npu and CANN may not support it",
        "fix": (
            "run with ASCEND_LAUNCH_BLOCKING=1 to see which operator it is; provision again for a torch_npu that fits"
            " CANN and chip"
        ),
        "evidence": "https://github.com/Ascend/pytorch",
    },
    {
        "id": "NPU-26",
        "family": "atlas",
        "ascend_codes": (507033,),
        "confidence": "recorded",
        "cause": "the chip did not start: its operator packages (OPP, kernels) are not of CANN's version",
        "fix": "install the kernels (ops) package of the same version as CANN",
        "evidence": "https://github.com/Ascend/pytorch",
    },
    {
        "id": "NPU-41",
        "family": "atlas",
        "access": "open",
        "ascend_codes": (507899, 500004),
        "text": r"Can.t get ascend_hal device count",
        "confidence": "recorded",
        "cause": (
            "the device nodes of the Ascend chip can be opened, and its {npu_driver} still reports an error: it is"
            " not compatible with {cann}, its libraries are another release's, or another container has the chip"
        ),
        "fix": (
            "compare the driver (npu-smi info) with what {cann} requires (edgeai.fleet.explain names it); stop"
            " other containers that use the chip; LD_LIBRARY_PATH must name one driver/lib64 only"
        ),
        "evidence": "https://github.com/vllm-project/vllm-ascend/issues/5468",
    },
    {
        "id": "NPU-42",
        "family": "atlas",
        "ascend_codes": (207006,),
        "repair": "groups",
        "confidence": "recorded",
        "cause": "the Ascend driver refuses this user: {code}",
        "fix": (
            "add the user to the group HwHiAiUser (usermod -aG HwHiAiUser {user}) and log in again;"
            " torch_repair: true does it"
        ),
        "evidence": "https://github.com/Ascend/pytorch/blob/master/torch_npu/csrc/core/npu/NPUErrorCodes.h",
    },
    {
        "id": "NPU-43",
        "family": "atlas",
        "ascend_codes": (207004, 507001),
        "confidence": "recorded",
        "cause": "the Ascend chip is not available: {code}",
        "fix": ("npu-smi info shows its health; restart the board (a card: npu-smi set -t reset -i CARD -c CHIP)"),
        "evidence": "https://github.com/Ascend/pytorch/blob/master/torch_npu/csrc/core/npu/NPUErrorCodes.h",
    },
    {
        "id": "ACC-01",
        "access": "closed",
        "unless": (
            r"not compiled with CUDA|torch_npu is not installed|is too old|driver version is "
            r"insufficient|Driver/library version mismatch|[Ee]rror 80[2345]\b"
        ),
        "repair": "groups",
        "confidence": "proven",
        "test": "tests/unit/plugins/module_utils/_verify/test_probe.py::test_device_nodes_are_tried_as_the_user",
        "cause": (
            "the user {user} may not open {node}, which belongs to the group {group}: the accelerator works"
            " only for root and that group"
        ),
        "fix": (
            "add the user to the group (usermod -aG {group} {user}), and log in again or restart the service;"
            " torch_repair: true does it. In a container: --group-add with the number of that group"
        ),
        "evidence": "https://github.com/NVIDIA/NemoClaw/issues/4231",
    },
    {
        "id": "ACC-02",
        "access": "locked",
        "unless": (
            r"not compiled with CUDA|torch_npu is not installed|is too old|driver version is "
            r"insufficient|Driver/library version mismatch|[Ee]rror 80[2345]\b"
        ),
        "confidence": "recorded",
        "cause": (
            "the user {user} may not open {node}, and neither may its group {group} (mode {mode}): no group helps"
        ),
        "fix": (
            "correct the udev rule that creates the node (MODE=0660, GROUP={group}; udevadm control --reload;"
            " udevadm trigger), or run the workload as root"
        ),
        "evidence": "https://www.freedesktop.org/software/systemd/man/latest/udev.html",
    },
    {
        "id": "ACC-03",
        "access": "forbidden",
        "unless": (
            r"not compiled with CUDA|torch_npu is not installed|is too old|driver version is "
            r"insufficient|Driver/library version mismatch|[Ee]rror 80[2345]\b"
        ),
        "confidence": "recorded",
        "cause": (
            "the kernel forbids {node} to this container or service, whoever asks: its device rules do not list"
            " the node"
        ),
        "fix": (
            "start the container again with the devices (NVIDIA: --gpus all or --runtime nvidia; Ascend:"
            " --device for each davinci node, davinci_manager, devmm_svm and hisi_hdc); for a service,"
            " DeviceAllow in its unit"
        ),
        "evidence": "https://github.com/NVIDIA/nvidia-container-toolkit/issues/48",
    },
    {
        "id": "ACC-04",
        "access": "dead",
        "unless": (
            r"not compiled with CUDA|torch_npu is not installed|is too old|driver version is "
            r"insufficient|Driver/library version mismatch|[Ee]rror 80[2345]\b"
        ),
        "confidence": "recorded",
        "cause": ("{node} is there, but no device answers behind it: the driver is not loaded, or has lost the device"),
        "fix": (
            "read dmesg for the driver's messages (NVRM, nvgpu, drv_); restart the board; nodes that were"
            " copied into a container belong to the host's driver"
        ),
        "evidence": "https://docs.kernel.org/admin-guide/devices.html",
    },
    {
        "id": "ACC-05",
        "access": "missing",
        "container": True,
        "family": "jetson",
        "unless": (
            r"not compiled with CUDA|torch_npu is not installed|is too old|driver version is "
            r"insufficient|Driver/library version mismatch|[Ee]rror 80[2345]\b"
        ),
        "confidence": "recorded",
        "cause": "this container has no device nodes of the GPU: it was started without NVIDIA's runtime",
        "fix": (
            "start it with --runtime nvidia and an image for the host's L4T{l4t} (cat /etc/nv_tegra_release on"
            " the host)"
        ),
        "evidence": "https://github.com/flashrt-project/FlashRT/issues/7",
    },
    {
        "id": "ACC-06",
        "access": "missing",
        "container": True,
        "family": "atlas",
        "unless": (
            r"not compiled with CUDA|torch_npu is not installed|is too old|driver version is "
            r"insufficient|Driver/library version mismatch|[Ee]rror 80[2345]\b"
        ),
        "confidence": "recorded",
        "cause": "this container has no device nodes of the NPU: the host's were not passed to it",
        "fix": (
            "start it with ascend-docker-runtime (-e ASCEND_VISIBLE_DEVICES=0), or with --device for"
            " /dev/davinci0, /dev/davinci_manager, /dev/devmm_svm and /dev/hisi_hdc, and mount"
            " /usr/local/Ascend/driver"
        ),
        "evidence": "https://github.com/Project-HAMi/ascend-device-plugin/issues/139",
    },
    {
        "id": "ACC-07",
        "access": "missing",
        "container": True,
        "unless": (
            r"not compiled with CUDA|torch_npu is not installed|is too old|driver version is "
            r"insufficient|Driver/library version mismatch|[Ee]rror 80[2345]\b"
        ),
        "confidence": "recorded",
        "cause": "this container has no device nodes of an accelerator: it was started without access to it",
        "fix": "start it with access to the GPU (--gpus all, which needs nvidia-container-toolkit on the host)",
        "evidence": "https://docs.nvidia.com/datacenter/cloud-native/container-toolkit/latest/install-guide.html",
    },
    {
        "id": "NPU-40",
        "family": "atlas",
        "repair": "variables",
        "variable": "ASCEND_RT_VISIBLE_DEVICES",
        "hides": True,
        "ascend_codes": (507008, 507899),
        "text": (
            r"Can.t get ascend_hal device count|No NPUs? (?:is|are) available|device count is 0|"
            r"[Ii]nvalid device ?[Ii][Dd]"
        ),
        "confidence": "recorded",
        "cause": "this process sees no NPU: ASCEND_RT_VISIBLE_DEVICES is {0}, {visible}",
        "fix": (
            "remove ASCEND_RT_VISIBLE_DEVICES from torch_environment (or the service that sets it), or set it"
            " to numbers that npu-smi info lists, in ascending order"
        ),
        "evidence": (
            "https://www.hiascend.com/document/detail/en/canncommercial/850/maintenref/envvar/envref_07_0028.html"
        ),
    },
    {
        "id": "NPU-27",
        "family": "atlas",
        "ascend_codes": (507899, 500004, 507010, 507013, 507901),
        "text": (
            r"Can.t get ascend_hal device count|reason=\[(?:driver|drv) error|\[driver error:|"
            r"drvGetDevNum[^\n]{0,60}(?:fail|ret)|\bdrv(?:Dev|Mgmt|"
            r"Hdc)\w{0,40} (?:open |init )?fail"
        ),
        "confidence": "recorded",
        "cause": (
            "the {npu_driver} of the Ascend chip cannot be reached: its device nodes are closed to this user or"
            " missing in this container, or it is not compatible with {cann}"
        ),
        "fix": (
            "add the user to the group HwHiAiUser, pass the devices (davinci*, davinci_manager, devmm_svm,"
            " hisi_hdc) and the driver's libraries to the container, and check npu-smi info"
        ),
        "evidence": "https://github.com/Project-HAMi/ascend-device-plugin/issues/139",
    },
    {
        "id": "NPU-28",
        "family": "atlas",
        "confidence": "recorded",
        "ascend_codes": (207001, 207005, 207018, 200000, 300000),
        "text": r"NPU out of memory|\bEL0004\b|aclrtMalloc[^\n]{0,80}failed|drvMemAlloc\w{0,20} fail",
        "cause": "the memory of the Ascend chip is full",
        "fix": "use a smaller batch or model; stop other programs on the chip (npu-smi info)",
        "evidence": "https://github.com/Ascend/pytorch",
    },
    {
        "id": "NPU-44",
        "family": "atlas",
        "ascend_codes": (107001, 200002),
        "repair": "variables",
        "variable": "ASCEND_RT_VISIBLE_DEVICES",
        "confidence": "recorded",
        "cause": "this process has no NPU of that number: ASCEND_RT_VISIBLE_DEVICES is {0}, {visible}",
        "fix": (
            "remove ASCEND_RT_VISIBLE_DEVICES from torch_environment (or the service that sets it), or set it"
            " to numbers that npu-smi info lists, in ascending order; the program counts the remaining devices"
            " from 0"
        ),
        "evidence": (
            "https://www.hiascend.com/document/detail/en/canncommercial/850/maintenref/envvar/envref_07_0028.html"
        ),
    },
    {
        "id": "NPU-45",
        "family": "atlas",
        "ascend_codes": (107001, 200002),
        "confidence": "recorded",
        "cause": "no NPU has the number that the program names: {code}",
        "fix": "npu-smi info lists the numbers; with ASCEND_RT_VISIBLE_DEVICES set, programs count from 0",
        "evidence": "https://github.com/Ascend/pytorch/blob/master/torch_npu/csrc/core/npu/NPUErrorCodes.h",
    },
    {
        "id": "NPU-46",
        "family": "atlas",
        "ascend_codes": (148049,),
        "text": r"ASCEND_OPP_PATH[^\n]{0,60}(?:not set|incorrect|invalid|is empty)",
        "confidence": "recorded",
        "cause": "ASCEND_OPP_PATH is not set or wrong: the set_env.sh of CANN was not sourced",
        "fix": (
            "provision again, so that the variables of set_env.sh are set; by hand, source the set_env.sh of"
            " the CANN in use"
        ),
        "evidence": "https://github.com/Ascend/pytorch/blob/master/torch_npu/csrc/core/npu/NPUErrorCodes.h",
    },
    {
        "id": "NPU-47",
        "family": "atlas",
        "ascend_codes": (100039,),
        "confidence": "recorded",
        "cause": (
            "LD_LIBRARY_PATH leads to a directory of stub libraries of CANN (devlib, stub), which are for"
            " compilers only"
        ),
        "fix": ("remove directories named devlib or stub from LD_LIBRARY_PATH (torch_environment, /etc/environment)"),
        "evidence": "https://github.com/Ascend/pytorch/blob/master/torch_npu/csrc/core/npu/NPUErrorCodes.h",
    },
    {
        "id": "NPU-08",
        "family": "atlas",
        "ascend_codes": "any",
        "confidence": "recorded",
        "cause": "the Ascend runtime returned error {code}",
        "fix": (
            "read the first E line and the lines before it; ASCEND_LAUNCH_BLOCKING=1 shows which operator it"
            " is, npu-smi info the state of the chip, and ~/ascend/log its log"
        ),
        "evidence": "https://github.com/Ascend/pytorch/blob/master/torch_npu/csrc/core/npu/NPUErrorCodes.h",
    },
    # --- Jetson
    {
        "id": "JET-40",
        "family": "jetson",
        "text": r"Unknown embedded device(?: detected)?[^\n]{0,200}|checkMemLimit[^\n]{0,80}upperBound != 0 failed",
        "confidence": "recorded",
        "cause": "this TensorRT does not know this module of Jetson: it is older than the module, or another JetPack's",
        "fix": (
            "install the TensorRT of the board's own JetPack ({install[nvidia-jetpack]}), or upgrade JetPack; in a"
            " container, take an image for the host's L4T{l4t}"
        ),
        "evidence": "https://github.com/dusty-nv/jetson-inference/issues/1818",
    },
    {
        "id": "JET-41",
        "family": "jetson",
        "text": r"nvidia-container-cli: mount error: file creation failed: \S{0,300}/([\w.+-]{1,120}): file exists",
        "confidence": "recorded",
        "cause": (
            "the image itself has {0}, a file that NVIDIA's runtime mounts from the host: the image is not one for"
            " Jetson, or for another L4T than the host's{l4t}, or it was built or committed with those files in it"
        ),
        "fix": (
            "use an l4t image for the host's L4T (cat /etc/nv_tegra_release), or remove the file in the Dockerfile;"
            " upgrade nvidia-container-toolkit"
        ),
        "evidence": "https://github.com/NVIDIA/nvidia-container-toolkit/issues/274",
    },
    {
        "id": "JET-42",
        "family": "jetson",
        "text": r'mounting .{0,4}?"?(/usr/lib/aarch64-linux-gnu/[^"\s]{1,200})"? to rootfs[^\n]{0,400}not a directory',
        "confidence": "recorded",
        "cause": (
            "NVIDIA's runtime mounts {0} by its lists of files, and on the host that is no file of this kind: packages"
            " of JetPack are of two releases, after an upgrade"
        ),
        "fix": (
            "complete the upgrade (apt-get install --reinstall nvidia-jetpack, which brings the lists in"
            " /etc/nvidia-container-runtime/host-files-for-container.d), and remove a directory of that name"
        ),
        "evidence": "https://github.com/NVIDIA-AI-IOT/isaac_ros_common/issues/2",
    },
    {
        "id": "JET-05",
        "family": "jetson",
        "confidence": "recorded",
        "text": r"libcusparseLt\.so[^\n]{0,60}(?:cannot open|not found|No such file|cannot be loaded)",
        "cause": "torch 2.5 and later need cuSPARSELt, which JetPack does not include",
        "fix": "provision the board again: the jetson role installs libcusparselt0 if it is missing",
        "evidence": "https://github.com/ultralytics/ultralytics/blob/main/docs/en/guides/nvidia-jetson.md",
    },
    {
        "id": "JET-36",
        "family": "jetson",
        "other_release": True,
        "confidence": "recorded",
        "cause": "this software was built for {0}, and the board has {1}: it is for another JetPack",
        "fix": (
            "leave torch_version at auto and provision again: the plan uses what fits this JetPack; other"
            " packages must be built for {1}; do not link one release to the name of another"
        ),
        "evidence": "https://github.com/YeQiao/pytorch-jetson-orin-nano",
    },
    {
        "id": "JET-06",
        "family": "jetson",
        "confidence": "recorded",
        "text": r"libcudnn\.so\.8[^\n]{0,60}(?:cannot open|not found|No such file|cannot be loaded)",
        "cause": (
            "this wheel was built for cuDNN 8: JetPack 6.1 and later have cuDNN 9, and on JetPack 4.6 to 6.0 cuDNN is"
            " not installed"
        ),
        "fix": (
            "leave torch_version at auto and provision again: the plan uses the wheel for this JetPack, and"
            " torch_system_packages: install installs its cuDNN; do not link one cuDNN to the name of another"
        ),
        "evidence": "https://github.com/YeQiao/pytorch-jetson-orin-nano",
    },
    {
        "id": "JET-15",
        "family": "jetson",
        "confidence": "recorded",
        "text": (
            r"(libnvpl_\w+\.so[\w.]{0,20}|libcudss\.so[\w.]{0,20})[^\n]{0,60}(?:cannot open|not found|No such"
            r" file|cannot be loaded)"
        ),
        "cause": "the community's wheel needs {0} (NVPL, cuDSS) without declaring it",
        "fix": (
            "provision again: the plan brings cuDSS; NVPL comes from NVIDIA's CUDA repository; or leave"
            " jetson_community_index off"
        ),
        "evidence": "https://github.com/pollen-robotics/microduck_rl/issues/38",
    },
    {
        "id": "JET-35",
        "family": "jetson",
        "container": True,
        "text": (
            r"(lib(?:cuda|nvrm\w{0,20}|nvidia-ml|nvos|nvdla\w{0,20}|nvcudla|"
            r"nvsci\w{0,20})\.so[\w.]{0,20}): cannot open shared object file"
        ),
        "confidence": "recorded",
        "cause": "{0} is part of the host's L4T: this container was started without NVIDIA's runtime",
        "fix": (
            "start it with --runtime nvidia and an image for the host's L4T{l4t}; for docker build, set"
            " default-runtime to nvidia in /etc/docker/daemon.json"
        ),
        "evidence": "https://github.com/dusty-nv/jetson-containers/issues/266",
    },
    {
        "id": "JET-27",
        "family": "jetson",
        "container": (False, None),
        "text": r"(lib(?:cuda|nvrm\w{0,20}|nvidia-ml)\.so[\w.]{0,20}): cannot open shared object file",
        "confidence": "recorded",
        "cause": (
            "{0} is part of L4T (nvidia-l4t-cuda): a container gets it from the host, and this one was started"
            " without NVIDIA's runtime"
        ),
        "fix": (
            "start the container with --runtime nvidia; outside containers: apt-get install --reinstall"
            " nvidia-l4t-cuda nvidia-l4t-core"
        ),
        "evidence": "https://github.com/dusty-nv/jetson-containers/issues/93",
    },
    {
        "id": "JET-28",
        "family": "jetson",
        "other_cuda": True,
        "confidence": "recorded",
        "cause": "this software was built for CUDA {0}, and the board has CUDA {1}: it is for another JetPack",
        "fix": (
            "leave torch_version at auto and provision again: the plan uses the wheel for this JetPack; other packages"
            " must be built for CUDA {1}"
        ),
        "evidence": "https://github.com/dusty-nv/jetson-inference/issues/559",
    },
    {
        "id": "JET-29",
        "family": "jetson",
        "container": True,
        "confidence": "recorded",
        "text": r"(lib(?:cu|nv)[\w.+-]{1,100}\.so[\w.]{0,20}): cannot open shared object file",
        "cause": (
            "the CUDA library {0} is missing in this container: NVIDIA's runtime mounts it from the host (up to JetPack"
            " 4), or the image must have it (from JetPack 5 on)"
        ),
        "fix": (
            "use an image for the host's L4T (cat /etc/nv_tegra_release on the host), and start it with --runtime"
            " nvidia"
        ),
        "evidence": "https://github.com/dusty-nv/jetson-containers/issues/126",
    },
    {
        "id": "JET-07",
        "family": "jetson",
        "confidence": "recorded",
        "text": r"(lib(?:cu|nv)[\w.+-]{1,100}\.so[\w.]{0,20}): cannot open shared object file",
        "cause": "the CUDA library {0} is missing: the image has no CUDA runtime, or the wheel is for another JetPack",
        "fix": "provision the board again (torch_system_packages: install), or {install[nvidia-jetpack]}",
        "evidence": "https://github.com/dusty-nv/jetson-containers/issues/100",
    },
    {
        "id": "JET-30",
        "family": "jetson",
        "container": True,
        "cuda_codes": (35, 100, 801, 999),
        "text": r"Found no NVIDIA driver on your system|NvRmMemInitNvmap failed|No CUDA GPUs are available",
        "confidence": "recorded",
        "cause": (
            "this container does not reach the GPU: it was started without NVIDIA's runtime, or its image is"
            " for another L4T than the host's"
        ),
        "fix": (
            "start it with --runtime nvidia and an image for the host's L4T{l4t} (cat /etc/nv_tegra_release on"
            " the host)"
        ),
        "evidence": "https://github.com/flashrt-project/FlashRT/issues/7",
    },
    {
        "id": "JET-08",
        "family": "jetson",
        "access": ("closed", None),
        "root": (False, None),
        "confidence": "recorded",
        "repair": "groups",
        "cuda_codes": (100, 801, 999),
        "text": (
            r"NvRmMemInitNvmap failed|CUDA unknown error|/dev/nv(?:map|host-\S{1,40}|"
            r"gpu/\S{1,40})[^\n]{0,200}Permission"
            r" denied|Permission denied[^\n]{0,80}/dev/nv(?:map|host)"
        ),
        "cause": (
            "this user may not open /dev/nvmap, which belongs to the group video (some images also need render):"
            " CUDA works only for root"
        ),
        "fix": (
            "add the user to the groups (usermod -aG video,render {user}) and log in again; torch_repair: true does it."
            " In a container: --group-add with the number of the group of /dev/nvmap"
        ),
        "evidence": "https://github.com/NVIDIA/NemoClaw/issues/4231",
    },
    {
        "id": "JET-32",
        "family": "jetson",
        "cuda_codes": (100, 801, 802, 999),
        "text": (
            r"NvRmMemInitNvmap failed|CUDA unknown error|No CUDA GPUs are available|"
            r"NvRmPrivGetChip\w{0,30} fail|Failed to get (?:HW|chip) info"
        ),
        "confidence": "guess",
        "cause": (
            "this user may open the GPU's device nodes, and the driver still finds no GPU: libcuda and the"
            " kernel are of different L4T releases{l4t}, or another CUDA library is loaded first"
        ),
        "fix": (
            "compare cat /etc/nv_tegra_release with dpkg -l nvidia-l4t-core and uname -r; remove cuda-compat"
            " and stubs directories from LD_LIBRARY_PATH; restart the board after an upgrade of L4T"
        ),
        "evidence": "https://github.com/dusty-nv/jetson-containers/issues/1136",
    },
    {
        "id": "JET-33",
        "family": "jetson",
        "text": r"Found no NVIDIA driver on your system",
        "confidence": "recorded",
        "cause": "libcuda of L4T (nvidia-l4t-cuda) is not found: on a Jetson the driver is a part of L4T",
        "fix": (
            "reinstall it (apt-get install --reinstall nvidia-l4t-cuda nvidia-l4t-core), and remove directories"
            " named stubs from LD_LIBRARY_PATH; in a container, start it with --runtime nvidia"
        ),
        "evidence": "https://github.com/dusty-nv/jetson-containers/issues/93",
    },
    {
        "id": "JET-10",
        "family": "jetson",
        "text": r"NVML_SUCCESS == r INTERNAL ASSERT FAILED",
        "confidence": "recorded",
        "cause": "the GPU's memory ran out; a Tegra has no NVML, which would report that",
        "fix": "use less memory, stop the desktop, add swap (jetson_swap_mib)",
        "evidence": PYTORCH + "issues/185240",
    },
    {
        "id": "JET-22",
        "family": "jetson",
        "confidence": "recorded",
        "text": (
            r"(?:GLIBCXX|GLIBC|CXXABI)_[^\n]{0,300}required by /usr/lib/aarch64-linux-gnu/(?:tegra|nvidia|tegra-egl)/|"
            r"libnvdla_compiler\.so[^\n]{0,200}GLIBCXX_|GLIBCXX_[^\n]{0,300}libnv(?:dla|cudla|rm|"
            r"media|sci|os)\w{0,30}\.so|"
            r"(?:/(?:tegra|nvidia)/lib\S{1,60}\.so\S{0,20}|lib(?:nv(?:cudla|dla|rm|os|sci|media|buf|"
            r"map|host|cucompat)\w{0,40}"
            r"|cuda)\.so[\w.]{0,20}): undefined symbol"
        ),
        "cause": (
            "the container's image and the host have different JetPacks{l4t}: the host's libraries do not fit the image"
        ),
        "fix": (
            "use an image for the host's L4T (cat /etc/nv_tegra_release on the host); outside of containers, packages"
            " nvidia-l4t-* of two releases are installed: upgrade all of them"
        ),
        "evidence": "https://github.com/dusty-nv/jetson-containers/issues/699",
    },
    {
        "id": "GEN-30",
        "confidence": "recorded",
        "text": (
            r"/\S{0,200}(?:conda|miniforge|mamba|/envs/)\S{0,200}libstdc\+\+\.so[\w.]{0,20}: version"
            r" [`']?((?:GLIBCXX|CXXABI)_[\d.]+)'? not found"
        ),
        "cause": "a library needs {0}, and the older libstdc++ of a conda environment is loaded first",
        "fix": (
            "install libstdcxx-ng from conda-forge in that environment, or leave it (conda "
            "deactivate) and remove its lib"
            " from LD_LIBRARY_PATH"
        ),
        "evidence": "https://gcc.gnu.org/onlinedocs/libstdc++/manual/abi.html",
    },
    {
        "id": "JET-16",
        "family": "jetson",
        "newer_libstdcxx": (True, None),
        "text": r"version [`']?(GLIBCXX_3\.4\.(?:29|3\d))'? not found",
        "confidence": "recorded",
        "cause": "this wheel needs {0}, a newer libstdc++ than that of this Ubuntu: it was built for another JetPack",
        "fix": (
            "leave torch_version at auto and jetson_community_index off, and provision again; on "
            "Ubuntu 22.04 the package"
            " libstdc++6 of ppa:ubuntu-toolchain-r/test has it"
        ),
        "evidence": "https://github.com/dusty-nv/jetson-containers",
    },
    {
        "id": "JET-20",
        "family": "jetson",
        "confidence": "recorded",
        "text": r"compiled (?:with|without) LAPACK|requires compiling PyTorch with LAPACK|LAPACK library not found",
        "cause": "NVIDIA's wheel 1.11.0a0 for JetPack 4.6.1 was built without LAPACK",
        "fix": "set torch_version: 1.10.0",
        "evidence": "https://github.com/dusty-nv/jetson-containers",
    },
    {
        "id": "CUDA-21",
        "text": r"NVML_SUCCESS == r INTERNAL ASSERT FAILED",
        "confidence": "recorded",
        "cause": (
            "torch asked the driver's NVML how full the GPU is, usually because the GPU's memory ran out, and NVML"
            " did not answer"
        ),
        "fix": (
            "check that nvidia-smi works (if it does not, restart the machine); if it does, use less memory or stop"
            " other programs on the GPU"
        ),
        "evidence": PYTORCH + "issues/185240",
    },
    {
        "id": "JET-11",
        "confidence": "recorded",
        "text": (
            r"NvMap(?:Mem)?(?:Alloc|Handle|Reserve)\w{0,40}[^\n]{0,200}(?:error 12|[Cc]annot allocate memory|ENOMEM)|"
            r"NvRm(?:Mem)?(?:Handle)?Alloc\w{0,40}[^\n]{0,120}(?:fail|error|Insufficient)|"
            r"NvBufSurface\w{0,40}[^\n]{0,80}"
            r"(?:Alloc|alloc)\w{0,20} fail"
        ),
        "cause": "the Jetson{memory} has no contiguous memory left for the GPU: memory is full, or fragmented",
        "fix": (
            "stop other programs, or restart the board; drop caches (echo 3 > /proc/sys/vm/drop_caches); swap does not"
            " help the GPU"
        ),
        "evidence": "https://github.com/0xShug0/audio.cpp/issues/12",
    },
    {
        "id": "JET-23",
        "family": "jetson",
        "confidence": "recorded",
        "cuda_codes": (2,),
        "text": (
            r"CUDA out of memory|OutOfMemoryError|CU(?:BLAS|DNN|FFT|SOLVER|"
            r"SPARSE)_STATUS_ALLOC_FAILED|out of memory while|cuMem(?:Alloc|"
            r"Create)\w{0,20}[^\n]{0,60}out of memory|"
            r"cuda(?:Malloc|Alloc)\w{0,20}\(?\)?[^\n]{0,60}(?:failed to allocate|out of memory)"
        ),
        "cause": (
            "the memory{memory} that CPU and GPU of a Jetson share is full; the file cache counts as "
            "used, and swap does not"
            " help the GPU"
        ),
        "fix": (
            "stop the desktop and other programs, drop caches (echo 3 > /proc/sys/vm/drop_caches), use a smaller batch"
            " or model"
        ),
        "evidence": "https://github.com/ollama/ollama/issues/12283",
    },
    {
        "id": "JET-38",
        "family": "jetson",
        "text": r"CU(?:BLAS|DNN)_STATUS_NOT_INITIALIZED",
        "confidence": "guess",
        "cause": (
            "cuBLAS or cuDNN could not start, on a Jetson nearly always because the memory{memory} that CPU and"
            " GPU share is full"
        ),
        "fix": (
            "stop the desktop and other programs, drop caches (echo 3 > /proc/sys/vm/drop_caches), use a"
            " smaller batch; if free shows enough, another cuDNN than JetPack's is loaded (LD_LIBRARY_PATH)"
        ),
        "evidence": "https://github.com/haotian-liu/LLaVA/issues/392",
    },
    {
        "id": "JET-24",
        "family": "jetson",
        "text": (
            r"torch\.distributed' has no attribute '(?:ReduceOp|is_initialized|init_process_group|"
            r"get_rank|get_world_size|barrier|all_reduce|all_gather|broadcast|Backend|GroupMember|"
            r"ProcessGroup|group|TCPStore|Store|reduce_op|is_nccl_available|is_gloo_available|"
            r"new_group|destroy_process_group|distributed_c10d|GradBucket|Work)\b|has no attribute "
            r"'ReduceOp'|No module named 'torch\._C\._distributed_(?:c10d|rpc|autograd)'|'torch\._C' "
            r"has no attribute '_(?:c10d_init|distributed_c10d)|torch\._C\._distributed_c10d' is not "
            r"a package"
        ),
        "confidence": "recorded",
        "cause": "NVIDIA's wheel for this JetPack was built without torch.distributed",
        "fix": (
            "do without several processes (a program may ask torch.distributed.is_available()), or take a build"
            " that has it: feature distributed of torch_build_features (docs/build-features.md)"
        ),
        "evidence": "https://github.com/pytorch/pytorch/issues/31710",
    },
    {
        "id": "GEN-32",
        "text": (
            r"torch\.distributed' has no attribute '(?:ReduceOp|is_initialized|init_process_group|"
            r"get_rank|get_world_size|barrier|all_reduce|all_gather|broadcast|Backend|GroupMember|"
            r"ProcessGroup|group|TCPStore|Store|reduce_op|is_nccl_available|is_gloo_available|"
            r"new_group|destroy_process_group|distributed_c10d|GradBucket|Work)\b|has no attribute "
            r"'ReduceOp'|No module named 'torch\._C\._distributed_(?:c10d|rpc|autograd)'|'torch\._C' "
            r"has no attribute '_(?:c10d_init|distributed_c10d)|torch\._C\._distributed_c10d' is not "
            r"a package"
        ),
        "confidence": "recorded",
        "cause": (
            "this build of torch has no torch.distributed; some of NVIDIA's wheels for JetPack, and builds with"
            " USE_DISTRIBUTED=0, are without it"
        ),
        "fix": (
            "do without several processes (a program may ask torch.distributed.is_available()), or take a build"
            " that has it: feature distributed of torch_build_features (docs/build-features.md)"
        ),
        "evidence": "https://github.com/pytorch/pytorch/issues/31710",
    },
    {
        "id": "GEN-33",
        "text": r"Distributed package doesn't have (NCCL|MPI|GLOO|HCCL|UCC)",
        "confidence": "recorded",
        "cause": "this build of torch has torch.distributed without {0}",
        "fix": (
            "use another backend in the program (gloo works on the CPU of every board, nccl needs a CUDA build"
            " with NCCL, hccl needs torch_npu)"
        ),
        "evidence": "https://docs.pytorch.org/docs/stable/distributed.html",
    },
    {
        "id": "JET-43",
        "family": "jetson",
        "soc": ("tegra234", None),
        "text": r"Orin which is of cuda capability 8\.7\.\s{1,10}Minimum and Maximum cuda"
        r" capability[^\n]{0,80}\s{0,10}is\s{1,10}\(8\.0\)",
        "confidence": "recorded",
        "cause": (
            "only a warning: this torch has code for 8.0, and its list does not name Orin's 8.7; with JetPack 7.2 that"
            " code runs, with JetPack 6 kernels fail"
        ),
        "fix": "edgeai.fleet.verify says whether the kernels run on this board{l4t}",
        "evidence": "https://github.com/conda-forge/pytorch-cpu-feedstock/issues/527",
    },
    {
        "id": "JET-12",
        "family": "jetson",
        "soc": "tegra264",
        "confidence": "recorded",
        "cuda_codes": (200, 209, 222),
        "text": r"no kernel image is available|is not compatible with the current PyTorch installation",
        "cause": (
            "this build has no code for Thor: the builds for CUDA 12.8 and 12.9 can be imported, but every operation"
            " fails"
        ),
        "fix": "leave torch_version and torch_accelerator at auto: the build for CUDA 13.0 supports Thor",
        "evidence": "https://github.com/OpenRAL/openral/pull/167",
    },
    {
        "id": "JET-13",
        "family": "jetson",
        "confidence": "recorded",
        "cuda_codes": (200, 209, 222),
        "text": (
            r"no kernel image is available|is not compatible with the current PyTorch installation"
            r"|which is of cuda capability \d{1,2}\.\d\.\s{1,40}(?:PyTorch no longer supports|Minimum and Maximum cuda)"
        ),
        "cause": ("this build has no code for the GPU of this board{capability}"),
        "fix": (
            "provision the board with torch_accelerator: cuda: the plan uses a build with code for the GPU, if there is"
            " one for its JetPack"
        ),
        "evidence": PYTORCH + "issues/145560",
    },
    {
        "id": "JET-04",
        "family": "jetson",
        "confidence": "recorded",
        "repair": "replaced",
        "text": r"driver on your system is too old \(found version (\d+)\)",
        "cause": (
            "this is not NVIDIA's build for this JetPack: it was compiled for a newer CUDA than the board's driver"
            " supports ({0})"
        ),
        "fix": "provision the board with torch_accelerator: cuda; later installations must not replace that torch",
        "evidence": PYTORCH + "issues/160162",
    },
    {
        "id": "JET-03",
        "family": "jetson",
        "text": r"Torch not compiled with CUDA enabled",
        "confidence": "proven",
        "test": "tests/integration/test_failures_on_boards.py::test_cuda_is_asked_of_a_cpu_build",
        "repair": "replaced",
        "cause": "this is not NVIDIA's build: the installed torch is a CPU build, such as PyPI's for aarch64",
        "fix": "provision the board with torch_accelerator: cuda; later installations must not replace that torch",
        "evidence": "https://github.com/ultralytics/ultralytics/blob/main/docs/en/guides/nvidia-jetson.md",
    },
    # --- CUDA
    {
        "id": "JET-25",
        "family": "jetson",
        "text": r"cuDNN version incompatibility",
        "confidence": "recorded",
        "cause": "this wheel was built for a newer cuDNN than that of this JetPack: it is for another JetPack",
        "fix": (
            "leave torch_version at auto and provision again: the plan uses the wheel for this JetPack; do not copy"
            " another cuDNN over the system's"
        ),
        "evidence": PYTORCH + "issues/80637",
    },
    {
        "id": "CUDA-31",
        "cuda_codes": (34,),
        "confidence": "recorded",
        "cause": "the loader took a stub of libcuda, which is for compilers only: {code}",
        "fix": "remove directories named stubs from LD_LIBRARY_PATH (torch_environment, /etc/environment)",
        "evidence": "https://docs.nvidia.com/cuda/cuda-runtime-api/group__CUDART__TYPES.html",
    },
    {
        "id": "JET-26",
        "family": "jetson",
        "confidence": "guess",
        "cuda_codes": (803, 804, 34),
        "cause": (
            "the loaded libcuda is not that of this L4T: the container's image is for another JetPack (or for"
            " servers), or cuda-compat is in LD_LIBRARY_PATH"
        ),
        "fix": (
            "use an image for the host's L4T (cat /etc/nv_tegra_release), and start it with --runtime nvidia; remove"
            " compat directories from LD_LIBRARY_PATH"
        ),
        "evidence": "https://github.com/dusty-nv/jetson-containers",
    },
    {
        "id": "CUDA-49",
        "wsl": True,
        "cuda_codes": (35, 100, 304, 999),
        "text": (
            r"Found no NVIDIA driver on your system|No CUDA GPUs are available|No CUDA runtime is found|"
            r"couldn.t communicate with the NVIDIA driver|libcuda\.so\.1: cannot open shared object file"
        ),
        "confidence": "recorded",
        "cause": (
            "in WSL the driver is that of Windows, and its libcuda is in /usr/lib/wsl/lib: a driver for Linux was"
            " installed in WSL, LD_LIBRARY_PATH leads to another libcuda, or the driver of Windows is too old"
        ),
        "fix": (
            "remove packages nvidia-driver-*, libnvidia-compute-* and cuda-drivers from WSL (never the toolkit alone),"
            " set LD_LIBRARY_PATH: /usr/lib/wsl/lib in torch_environment, update NVIDIA's driver in Windows, then"
            " wsl --update and wsl --shutdown"
        ),
        "evidence": "https://github.com/NVIDIA/cuml/issues/6218",
    },
    {
        "id": "CUDA-02",
        "text": r"driver on your system is too old \(found version (\d+)\)",
        "confidence": "recorded",
        "cause": "torch was built for a newer CUDA than the NVIDIA driver supports ({0})",
        "fix": "upgrade the NVIDIA driver, or provision again: the plan chooses a build that the driver supports",
        "evidence": PYTORCH + "pull/162531",
    },
    {
        "id": "CUDA-22",
        "text": r"Driver/library version mismatch|NVRM: API mismatch",
        "confidence": "recorded",
        "cause": "the NVIDIA driver was updated, and the kernel still runs the module of the old version",
        "fix": (
            "restart the machine (or unload the modules nvidia_uvm, nvidia_drm, nvidia_modeset and nvidia, and load"
            " nvidia again)"
        ),
        "evidence": "https://github.com/NVIDIA/nvidia-docker/issues/1256",
    },
    {
        "id": "CUDA-23",
        "text": (
            r"NVIDIA-SMI has failed because it couldn.t communicate with the NVIDIA driver|"
            r"Unable to load the kernel module .nvidia[\w-]{0,20}\.ko|Unable to build the NVIDIA kernel module"
        ),
        "confidence": "recorded",
        "cause": (
            "no NVIDIA module is loaded: it was not built for the running kernel, Secure Boot rejects it, or nouveau"
            " uses the card"
        ),
        "fix": (
            "check dkms status, mokutil --sb-state, lsmod | grep nouveau and dmesg | grep -i nvidia; install the"
            " driver for this kernel and restart"
        ),
        "evidence": "https://github.com/oddmario/NVIDIA-Ubuntu-Driver-Guide/issues/10",
    },
    {
        "id": "CUDA-39",
        "text": (
            r"nvidia[^\n]{0,60}: Key was rejected by service|could not insert "
            r"'?\S{0,20}nvidia\S{0,20}: (?:Key was rejected by service|Required key "
            r"not available|Operation not permitted)|Loading of module with unavailable key is "
            r"rejected|module verification failed[^\n]{0,60}nvidia"
        ),
        "confidence": "recorded",
        "cause": "Secure Boot rejects the NVIDIA module: it is not signed with a key that this machine trusts",
        "fix": (
            "enrol the key (mokutil --import /var/lib/shim-signed/mok/MOK.der, then restart and confirm), use"
            " the distribution's signed driver, or turn Secure Boot off"
        ),
        "evidence": "https://github.com/NVIDIA/gpu-driver-container/issues/44",
    },
    {
        "id": "CUDA-40",
        "text": (
            r"NVRM: [^\n]{0,200}(?:requires? use of the NVIDIA open kernel modules|not supported by "
            r"(?:the )?(?:proprietary|closed))|installed in this system requires use of the NVIDIA "
            r"open kernel modules"
        ),
        "confidence": "recorded",
        "cause": "this GPU works only with NVIDIA's open kernel modules, and the proprietary ones are installed",
        "fix": "install the open modules (Ubuntu: nvidia-driver-NNN-open; elsewhere nvidia-open), and restart",
        "evidence": "https://github.com/NVIDIA/open-gpu-kernel-modules/issues/862",
    },
    {
        "id": "CUDA-41",
        "text": (
            r"could not insert '?\S{0,20}nvidia\S{0,20}: No such device|NVRM: No NVIDIA (?:GPU|"
            r"graphics adapter|devices?) (?:found|probed)|NVRM: The NVIDIA probe routine (?:was not "
            r"called|failed)"
        ),
        "confidence": "recorded",
        "cause": (
            "the NVIDIA module found no card that it may use: another driver holds it (nouveau, vfio-pci), or"
            " this driver does not know it"
        ),
        "fix": (
            "lspci -nnk -d 10de: shows the driver in use; remove nouveau or vfio-pci from the card, or install"
            " a driver that supports it"
        ),
        "evidence": "https://docs.nvidia.com/datacenter/tesla/driver-installation-guide/index.html",
    },
    {
        "id": "CUDA-42",
        "text": r"Module nvidia not found in directory /lib/modules/(\S{1,80})",
        "confidence": "recorded",
        "cause": "there is no NVIDIA module for the running kernel {0}: it was not built for it",
        "fix": ("dkms status shows why; {install[linux-headers-$(uname -r)]}, then dkms autoinstall, and restart"),
        "evidence": "https://github.com/oddmario/NVIDIA-Ubuntu-Driver-Guide/issues/10",
    },
    {
        "id": "CUDA-24",
        "text": r"Failed to initialize NVML: (?:Unknown Error|Insufficient Permissions)|Can.t initialize NVML",
        "confidence": "recorded",
        "cause": (
            "this process may not open the GPU's device nodes: in a container, usually because the host reloaded"
            " systemd after the container started"
        ),
        "fix": (
            "start the container again; permanently: pass the nodes (--device /dev/nvidia0 ...) or update"
            " nvidia-container-toolkit (CDI)"
        ),
        "evidence": "https://github.com/NVIDIA/nvidia-container-toolkit/issues/48",
    },
    {
        "id": "CUDA-25",
        "text": r"(?m)^[ \t]{0,8}No devices were found[ \t]{0,8}$",
        "confidence": "recorded",
        "cause": "the NVIDIA driver is loaded but could not initialize any card",
        "fix": (
            "dmesg | grep NVRM names the cause (RTX 50 cards need the open kernel modules; a card without power; a"
            " card that fell off the bus)"
        ),
        "evidence": "https://docs.nvidia.com/deploy/nvidia-smi/index.html",
    },
    {
        "id": "CUDA-26",
        "confidence": "recorded",
        "text": (
            r"could not select device driver [^\n]{0,20}with capabilities: \[\[gpu|unknown or invalid runtime name:"
            r" nvidia|"
            r"Unknown runtime specified nvidia|unresolvable CDI devices|failed to discover GPU vendor from CDI"
        ),
        "cause": (
            "the container engine on this machine does not have NVIDIA's runtime, or its CDI list of devices"
            " is missing or"
            " old"
        ),
        "fix": (
            "install nvidia-container-toolkit, run nvidia-ctk runtime configure --runtime=docker, and restart"
            " Docker; for"
            " CDI (Podman): nvidia-ctk cdi generate --output=/etc/cdi/nvidia.yaml, again after each upgrade of"
            " the driver"
        ),
        "evidence": "https://docs.nvidia.com/datacenter/cloud-native/container-toolkit/latest/install-guide.html",
    },
    {
        "id": "CUDA-48",
        "text": r"nvml error: insufficient permissions",
        "confidence": "recorded",
        "cause": (
            "NVIDIA's container runtime may not open the host's device nodes (/dev/nvidia*): their mode was changed,"
            " SELinux or AppArmor forbids it, or the runtime is rootless"
        ),
        "fix": (
            "compare ls -lZ /dev/nvidia* (crw-rw-rw-) with the user of the runtime; for rootless Docker or Podman set"
            " no-cgroups = true in /etc/nvidia-container-runtime/config.toml, or use CDI (nvidia-ctk cdi generate)"
        ),
        "evidence": "https://github.com/containerd/containerd/issues/6042",
    },
    {
        "id": "CUDA-45",
        "text": (
            r"nvml error: driver not loaded|nvidia-container-cli: [^\n]{0,120}(?:no NVIDIA driver|"
            r"driver rpc error|driver not loaded|load library failed: libnvidia-ml)"
        ),
        "confidence": "recorded",
        "cause": "NVIDIA's container runtime works, but no NVIDIA driver is loaded on the host",
        "fix": ("install or load the driver on the host (nvidia-smi must work there), then start the container again"),
        "evidence": "https://docs.nvidia.com/datacenter/cloud-native/container-toolkit/latest/troubleshooting.html",
    },
    {
        "id": "CUDA-46",
        "text": r"requirement error: unsatisfied condition: (cuda ?>= ?[\d.]{1,10})",
        "confidence": "recorded",
        "cause": "the container's image needs {0}, which the host's driver does not support",
        "fix": "upgrade the host's driver, or take an image for the CUDA that nvidia-smi shows on the host",
        "evidence": "https://docs.nvidia.com/datacenter/cloud-native/container-toolkit/latest/troubleshooting.html",
    },
    {
        "id": "CUDA-47",
        "text": (
            r"(libnvrtc-builtins\.so[\w.]{0,20}|libnvrtc\.so[\w.]{0,20})[^\n]{0,80}(?:not found|"
            r"cannot open|failed to open|No such file)|(?:failed to open|Failed to load library|Could "
            r"not load library) (libnvrtc(?:-builtins)?\.so[\w.]{0,20})|nvrtc: error: (?:failed to "
            r"open|invalid value for --gpu-architecture)"
        ),
        "confidence": "recorded",
        "cause": (
            "NVRTC, which compiles kernels at run time, is of another CUDA than this torch, or incomplete ({0}{1})"
        ),
        "fix": (
            "remove directories of other CUDA installations from LD_LIBRARY_PATH, and provision again: its"
            " environment has one CUDA stack, with its libnvrtc-builtins"
        ),
        "evidence": PYTORCH + "ssues/134929",
    },
    {
        "id": "CUDA-37",
        "text": (
            r"(?:Unable to load any of \{(libcudnn\w{0,40})|Could not load library "
            r"(libcudnn\w{0,40}))[^\n]{0,400}|Cannot load symbol (cu\w{3,60})|[Ii]nvalid handle\. "
            r"Cannot load symbol"
        ),
        "confidence": "recorded",
        "cause": (
            "a part of cuDNN ({0}{1}{2}) is not found, or is of another release than the rest: a package beside"
            " torch brings its own, or LD_LIBRARY_PATH leads to another"
        ),
        "fix": (
            "use one cuDNN: that of torch (nvidia-cudnn-* in the environment); remove other directories from"
            " LD_LIBRARY_PATH, and install the release of the other package (ctranslate2, onnxruntime ...) that"
            " is built for this cuDNN"
        ),
        "evidence": "https://github.com/pytorch/pytorch/issues/104591",
    },
    {
        "id": "CUDA-27",
        "text": r"(lib(?:nvidia-ml|cuda)\.so[\w.]{0,20}): cannot open shared object file",
        "confidence": "recorded",
        "cause": (
            "{0} is a library of the NVIDIA driver, which is not installed here (for a container: not on the host,"
            " or not passed to the container)"
        ),
        "fix": "install the NVIDIA driver; start the container with access to the GPU (--gpus all)",
        "evidence": "https://docs.nvidia.com/datacenter/cloud-native/container-toolkit/latest/install-guide.html",
    },
    {
        "id": "CUDA-30",
        "cuda_codes": (35, 36),
        "confidence": "recorded",
        "cause": "torch, or a library that it uses, was built for a newer CUDA than the NVIDIA driver supports",
        "fix": (
            "provision again: the plan chooses a build that the board's driver supports; on a PC the driver may be"
            " upgraded instead"
        ),
        "evidence": PYTORCH + "pull/162531",
    },
    {
        "id": "CUDA-04",
        "cuda_codes": (803,),
        "confidence": "recorded",
        "cause": (
            "libcuda and the kernel's NVIDIA module have different versions: an update without a restart, or a"
            " cuda-compat directory in LD_LIBRARY_PATH"
        ),
        "fix": "restart the machine; remove the compat directory from LD_LIBRARY_PATH",
        "evidence": "https://github.com/NVIDIA/nvidia-docker/issues/1256",
    },
    {
        "id": "CUDA-05",
        "cuda_codes": (804,),
        "confidence": "recorded",
        "cause": "cuda-compat is in use on a GPU that it does not support",
        "fix": "upgrade the NVIDIA driver, and remove cuda-compat",
        "evidence": "https://github.com/oobabooga/text-generation-webui/issues/4407",
    },
    {
        "id": "CUDA-03",
        "confidence": "recorded",
        "cuda_codes": (999,),
        "text": r"CUDA unknown error",
        "cause": (
            "the kernel module nvidia_uvm is broken (after a suspend), or the variables were changed after the"
            " program started"
        ),
        "fix": "rmmod nvidia_uvm && modprobe nvidia_uvm, or restart the machine",
        "evidence": PYTORCH + "issues/49081",
    },
    {
        "id": "CUDA-51",
        "text": r"which is of cuda capability 12\.1\.\s{1,10}Minimum and Maximum cuda"
        r" capability[^\n]{0,80}\s{0,10}is\s{1,10}\([\d.]{1,5}\) - \(12\.0\)",
        "confidence": "recorded",
        "cause": (
            "only a warning: this torch has code for 12.0, which runs on 12.1 (GB10, DGX Spark), and its list does not"
            " name 12.1"
        ),
        "fix": "nothing; if an operation fails all the same, its own error says why",
        "evidence": "https://github.com/vllm-project/vllm/issues/36099",
    },
    {
        "id": "CUDA-06",
        "confidence": "recorded",
        "cuda_codes": (200, 209),
        "text": (
            r"no kernel image is available|sm_\d+ is not compatible with the current PyTorch installation"
            r"|which is of cuda capability \d{1,2}\.\d\.\s{1,40}(?:PyTorch no longer supports|Minimum and Maximum cuda)"
        ),
        "cause": "this build has no code for the GPU of this machine",
        "fix": "leave torch_version at auto: the plan chooses a build for the compute capability",
        "evidence": PYTORCH + "issues/31285",
    },
    {
        "id": "NPU-37",
        "family": "atlas",
        "text": (
            r"Torch not compiled with CUDA enabled|Found no NVIDIA driver on your system|No CUDA GPUs "
            r"are available"
        ),
        "confidence": "recorded",
        "cause": "the program asks for CUDA, and this board has an Ascend NPU",
        "fix": (
            'use the device "npu" in the program (import torch_npu; from torch_npu.contrib import transfer_to_npu'
            " turns cuda into npu)"
        ),
        "evidence": "https://github.com/Ascend/pytorch/blob/master/README.md",
    },
    {
        "id": "GEN-14",
        "family": ("raspberrypi", "pynq"),
        "text": (
            r"Torch not compiled with CUDA enabled|Found no NVIDIA driver on your system|No CUDA GPUs "
            r"are available"
        ),
        "confidence": "recorded",
        "cause": "the program asks for CUDA, and this board has no NVIDIA GPU",
        "fix": 'use the CPU in the program: torch.device("cuda" if torch.cuda.is_available() else "cpu")',
        "evidence": PYTORCH + "issues/30664",
    },
    {
        "id": "CUDA-15",
        "repair": "variables",
        "variable": "CUDA_VISIBLE_DEVICES",
        "confidence": "recorded",
        "hides": True,
        "cuda_codes": (100, 101),
        "text": (
            r"(?i)No CUDA GPUs are available|no CUDA-capable device is detected|\berror 100\b|invalid "
            r"device ordinal"
        ),
        "cause": "this process sees no GPU: CUDA_VISIBLE_DEVICES is {0}, {visible}",
        "fix": (
            "remove CUDA_VISIBLE_DEVICES from torch_environment (then torch_repair: true removes it from the board) or"
            " /etc/environment, or set it to GPUs that"
            " nvidia-smi -L lists"
        ),
        "evidence": "https://docs.nvidia.com/cuda/cuda-c-programming-guide/index.html#cuda-environment-variables",
    },
    {
        "id": "CUDA-08",
        "text": r"No CUDA GPUs are available",
        "confidence": "recorded",
        "cause": (
            "torch counts no GPU: this user may not open /dev/nvidia*, the driver has initialized no GPU, or"
            " CUDA_VISIBLE_DEVICES hides it"
        ),
        "fix": "check ls -l /dev/nvidia*, what nvidia-smi lists, and CUDA_VISIBLE_DEVICES where the program starts",
        "evidence": PYTORCH + "blob/main/c10/cuda/CUDAFunctions.cpp",
    },
    {
        "id": "CUDA-16",
        "cuda_codes": (100,),
        "confidence": "recorded",
        "cause": (
            "the NVIDIA driver answers but has no GPU: it initialized none, or this process may not open its device"
            " nodes"
        ),
        "fix": (
            "compare with nvidia-smi: if it lists none, check dmesg | grep NVRM; if it lists one, ls -l"
            " /dev/nvidia*; in a container, start it with access to the GPU"
        ),
        "evidence": "https://docs.nvidia.com/cuda/cuda-runtime-api/group__CUDART__TYPES.html",
    },
    {
        "id": "CUDA-17",
        "confidence": "recorded",
        "cuda_codes": (304,),
        "cause": (
            "the operating system refused a call of the NVIDIA driver: this process runs in a sandbox or container"
            " without the device nodes, without /proc, or with a stricter seccomp profile"
        ),
        "fix": (
            "start it outside the sandbox; start the container with access to the GPU (--gpus all) and the default"
            " seccomp profile of a current Docker"
        ),
        "evidence": "https://github.com/abetlen/llama-cpp-python/issues/645",
    },
    {
        "id": "CUDA-18",
        "cuda_codes": (46,),
        "confidence": "recorded",
        "cause": (
            "the GPU accepts no further process: its compute mode is exclusive or prohibited, or another process"
            " fills it"
        ),
        "fix": (
            "check nvidia-smi -q -d COMPUTE,PIDS; nvidia-smi -c DEFAULT lets several processes share the GPU,"
            " otherwise stop the process that uses it"
        ),
        "evidence": "https://docs.nvidia.com/cuda/cuda-runtime-api/group__CUDART__TYPES.html",
    },
    {
        "id": "CUDA-19",
        "text": r"(?i)cudaGetDeviceCount\(\)[^\n]{0,200}\berror 2\b",
        "confidence": "recorded",
        "cause": (
            "CUDA found no memory to start: other processes fill the GPU, or this process has a limit on its address"
            " space"
        ),
        "fix": (
            "check nvidia-smi and stop what fills the GPU; remove the limit (ulimit -v, LimitAS of a service, a"
            " batch system)"
        ),
        "evidence": "https://github.com/glotzerlab/hoomd-blue/issues/356",
    },
    {
        "id": "CUDA-32",
        "cuda_codes": (805,),
        "confidence": "recorded",
        "cause": "CUDA shares the GPU between processes by MPS here, and its control daemon does not answer",
        "fix": (
            "start it (nvidia-cuda-mps-control -d), or remove CUDA_MPS_PIPE_DIRECTORY from the variables and"
            " stop MPS (echo quit | nvidia-cuda-mps-control)"
        ),
        "evidence": "https://docs.nvidia.com/deploy/mps/index.html",
    },
    {
        "id": "CUDA-33",
        "cuda_codes": (214,),
        "text": r"NVRM: Xid [^\n]{0,80}: (?:48|63|64|79|94|95|119|120|140),",
        "confidence": "recorded",
        "cause": ("the GPU itself reports a fault: memory that cannot be corrected, or a card that fell off the bus"),
        "fix": (
            "read nvidia-smi -q -d ECC,ROW_REMAPPER and dmesg | grep Xid; restart the machine; check power,"
            " cooling and seat of the card; if it comes back, replace it"
        ),
        "evidence": "https://docs.nvidia.com/deploy/xid-errors/index.html",
    },
    {
        "id": "CUDA-54",
        "text": r"NVRM: [^\n]{0,60}\bRmInitAdapter failed|\brm_init_adapter failed\b",
        "unless": r"NVRM: Xid [^\n]{0,80}: (?:48|63|64|79|94|95|119|120|140),",
        "confidence": "recorded",
        "cause": (
            "the driver cannot start this GPU: its firmware (GSP) does not load, the open kernel modules or"
            " this release"
            " do not support it, a virtual machine passes it on incompletely, or the card or its power is at fault"
        ),
        "fix": (
            "switch the machine off and on (no mere restart); try the proprietary kernel modules and another release of"
            " the driver; update the BIOS; look at the card's seat and power"
        ),
        "evidence": "https://github.com/NVIDIA/open-gpu-kernel-modules/issues/789",
    },
    {
        "id": "CUDA-55",
        "text": r"GPU access blocked by the operating system",
        "confidence": "recorded",
        "cause": (
            "Windows does not give its GPU to this Linux: its NVIDIA driver is too old for WSL or the card is"
            " in TCC mode,"
            " a driver was installed in the Linux too, or WSL's kernel was replaced"
        ),
        "fix": (
            "remove NVIDIA's driver packages from the Linux (nvidia-utils-*, cuda-drivers), update the driver"
            " in Windows and"
            " wsl --update, then wsl --shutdown; nvidia-smi is /usr/lib/wsl/lib/nvidia-smi"
        ),
        "evidence": "https://github.com/microsoft/WSL/issues/9166",
    },
    {
        "id": "CUDA-34",
        "cuda_codes": (218, 222),
        "confidence": "recorded",
        "cause": "this build brings code for the GPU that the driver cannot compile: {code}",
        "fix": "upgrade the driver, or provision again: the plan chooses a build that the driver supports",
        "evidence": "https://docs.nvidia.com/cuda/cuda-runtime-api/group__CUDART__TYPES.html",
    },
    {
        "id": "CUDA-44",
        "text": (
            r"CUDA driver initialization failed, you might not have a CUDA gpu|CUDA initialization "
            r"failure with error: 3\b"
        ),
        "confidence": "recorded",
        "cause": "the NVIDIA driver is there and fails to start: no GPU works, or this process may not use it",
        "fix": (
            "compare with nvidia-smi; dmesg | grep -e NVRM -e nvgpu names the fault; in a container, start it"
            " with access to the GPU"
        ),
        "evidence": PYTORCH + "blob/main/c10/cuda/CUDAFunctions.cpp",
    },
    {
        "id": "CUDA-35",
        "text": r"Cannot re-initialize CUDA in forked subprocess",
        "cuda_codes": (3,),
        "confidence": "recorded",
        "cause": "the program used CUDA before it forked; CUDA does not work in the children of such a process",
        "fix": (
            "start processes by the method spawn (torch.multiprocessing.set_start_method,"
            " multiprocessing_context of a DataLoader), or use CUDA only after the fork"
        ),
        "evidence": "https://docs.pytorch.org/docs/stable/notes/multiprocessing.html",
    },
    {
        "id": "CUDA-36",
        "cuda_codes": (700, 702, 710, 719),
        "confidence": "recorded",
        "cause": (
            "a kernel of the program failed on the GPU: {code}; the message may name a later line than the one"
            " that is wrong"
        ),
        "fix": (
            "run with CUDA_LAUNCH_BLOCKING=1, and on the CPU, where an index out of range is an exception; if"
            " the same kernel fails at random, check dmesg | grep Xid, power and temperature"
        ),
        "evidence": "https://docs.pytorch.org/docs/stable/notes/cuda.html",
    },
    {
        "id": "CUDA-20",
        "text": r"CUDNN_STATUS_SUBLIBRARY_VERSION_MISMATCH",
        "confidence": "recorded",
        "cause": "parts of two cuDNN releases are loaded together: torch's own, and the system's",
        "fix": (
            "remove the system's cuDNN (or its directory from LD_LIBRARY_PATH), or install the system's in the same"
            " release as torch's"
        ),
        "evidence": PYTORCH + "issues/188892",
    },
    {
        "id": "CUDA-09",
        "text": r"undefined symbol: __nvJitLink\w+",
        "confidence": "recorded",
        "cause": "CUDA libraries of the system, in LD_LIBRARY_PATH, are loaded before those of this torch",
        "fix": "remove them from LD_LIBRARY_PATH (torch_environment, /etc/environment)",
        "evidence": PYTORCH + "issues/134929",
    },
    {
        "id": "CUDA-10",
        "confidence": "recorded",
        "cuda_codes": (802,),
        "cause": (
            "the GPUs of this machine are connected by NVSwitch, and the fabric manager, which configures it, does"
            " not run, or is of another version than the driver"
        ),
        "fix": (
            "install nvidia-fabricmanager of the same version as the driver and start it (systemctl enable --now"
            " nvidia-fabricmanager)"
        ),
        "evidence": PYTORCH + "issues/35710",
    },
    {
        "id": "CUDA-11",
        "cuda_codes": (101,),
        "confidence": "recorded",
        "cause": (
            "no GPU has this number: CUDA_VISIBLE_DEVICES, MIG, or the program names one that this machine does not"
            " have"
        ),
        "fix": "compare the number with nvidia-smi -L, and check CUDA_VISIBLE_DEVICES (torch_environment)",
        "evidence": PYTORCH + "issues/104152",
    },
    {
        "id": "CUDA-28",
        "confidence": "recorded",
        "text": (
            r"undefined symbol: cu[a-z]{0,12}[A-Z]\w{1,80}, version lib|symbol cu\w{1,80},? version (lib\S{1,60}) not"
            r" defined in file"
        ),
        "cause": "a CUDA library of another release is loaded instead of the one that this torch needs",
        "fix": (
            "remove directories of other CUDA installations from LD_LIBRARY_PATH (torch_environment,"
            " /etc/environment), and provision again: its environment has one CUDA stack"
        ),
        "evidence": PYTORCH + "issues/134929",
    },
    {
        "id": "CUDA-38",
        "text": (
            r"undefined symbol: _{0,2}(cublas\w{0,80}|cudnn\w{0,80}|cusparse\w{0,80}|cusolver\w{0,80}|"
            r"cufft\w{0,80}|curand\w{0,80}|nvrtc\w{0,80}|cupti\w{0,80}|nvshmem\w{0,80}|cudss\w{0,80}|"
            r"cuFile\w{0,80}|cuda[A-Z]\w{0,80}|cu[A-Z]\w{0,80}|nvml[A-Z]\w{0,80})"
        ),
        "confidence": "recorded",
        "cause": (
            "a CUDA library of another release is loaded instead of the one that this torch needs: it has no {0}"
        ),
        "fix": (
            "remove directories of other CUDA installations from LD_LIBRARY_PATH (torch_environment,"
            " /etc/environment), and provision again: its environment has one CUDA stack (nvidia-*-cu12 and"
            " -cu13 must not both be installed)"
        ),
        "evidence": PYTORCH + "ssues/134929",
    },
    {
        "id": "CUDA-12",
        "text": r"undefined symbol: p?nccl\w+|NCCL[^\n]{0,60}version[^\n]{0,40}mismatch",
        "confidence": "recorded",
        "cause": (
            "the NCCL of another CUDA stack is loaded instead of torch's own: nvidia-*-cu12 and nvidia-*-cu13 are"
            " both installed, or a directory in LD_LIBRARY_PATH has it"
        ),
        "fix": (
            "provision the board again: its environment has one CUDA stack; remove other directories from"
            " LD_LIBRARY_PATH"
        ),
        "evidence": PYTORCH + "issues/186591",
    },
    {
        "id": "CUDA-13",
        "text": r"cuDNN version incompatibility",
        "confidence": "recorded",
        "cause": "another cuDNN than torch's own is loaded, usually one of the system in LD_LIBRARY_PATH",
        "fix": "remove that directory from LD_LIBRARY_PATH (torch_environment, /etc/environment)",
        "evidence": PYTORCH + "issues/80637",
    },
    {
        "id": "CUDA-43",
        "text": r"CU(?:BLAS|DNN)_STATUS_NOT_INITIALIZED",
        "confidence": "recorded",
        "cause": (
            "cuBLAS or cuDNN could not start: the memory of the GPU is full, or another cuDNN or cuBLAS than"
            " torch's own is loaded"
        ),
        "fix": (
            "check nvidia-smi, and stop what fills the GPU; otherwise remove directories of other CUDA"
            " installations from LD_LIBRARY_PATH"
        ),
        "evidence": "https://github.com/haotian-liu/LLaVA/issues/392",
    },
    {
        "id": "CUDA-14",
        "confidence": "recorded",
        "cuda_codes": (2,),
        "text": (
            r"CUDA out of memory|torch\.(?:cuda\.)?OutOfMemoryError|CUDA error: out of"
            r" memory|CU(?:BLAS|DNN|FFT|SOLVER|SPARSE)_STATUS_ALLOC_FAILED"
        ),
        "cause": "the memory of the GPU is full",
        "fix": "use a smaller batch or model, or half precision; stop other programs on the GPU (nvidia-smi)",
        "evidence": "https://docs.pytorch.org/docs/stable/notes/cuda.html",
    },
    {
        "id": "CUDA-53",
        "text": (
            r"CUBLAS_STATUS_(?:EXECUTION_FAILED|INVALID_VALUE|INTERNAL_ERROR|ARCH_MISMATCH|MAPPING_ERROR)|"
            r"CUDNN_STATUS_(?:EXECUTION_FAILED|INTERNAL_ERROR|MAPPING_ERROR|ARCH_MISMATCH|BAD_PARAM)|"
            r"\b(?:GET|FIND) was unable to find an engine to execute"
        ),
        "confidence": "recorded",
        "cause": (
            "cuBLAS or cuDNN could not compute: another release of it than torch's own is loaded (LD_LIBRARY_PATH), the"
            " memory{memory} for its workspace is full, or the program's shapes or types are wrong"
        ),
        "fix": (
            "unset LD_LIBRARY_PATH (torch_environment, /etc/environment) and try again; use a smaller batch;"
            " if it stays,"
            " CUDA_LAUNCH_BLOCKING=1, and the same model on the CPU, show the operation that is wrong"
        ),
        "evidence": "https://github.com/vllm-project/vllm/issues/35608",
    },
    {
        "id": "GEN-25",
        "text": r"Attempting to deserialize object on (?:a CUDA|an? NPU) device",
        "confidence": "recorded",
        "cause": "the file was saved on an accelerator, and this torch sees none here",
        "fix": (
            'torch.load(..., map_location="cpu"); if the board has an accelerator, edgeai.fleet.verify says why'
            " torch does not see it"
        ),
        "evidence": "https://docs.pytorch.org/docs/stable/generated/torch.load.html",
    },
    {
        "id": "CUDA-01",
        "text": r"Found no NVIDIA driver on your system",
        "confidence": "proven",
        "test": "tests/integration/test_failures_on_boards.py::test_a_cuda_build_without_a_driver",
        "cause": "no NVIDIA driver is loaded, or its libcuda is not found",
        "fix": "install the NVIDIA driver; in a container, start it with access to the GPU",
        "evidence": PYTORCH + "blob/main/c10/cuda/CUDAFunctions.cpp",
    },
    {
        "id": "CONDA-04",
        "family": "x86_conda",
        "conda": True,
        "text": r"Torch not compiled with CUDA enabled",
        "confidence": "recorded",
        "cause": "conda silently installed the CPU build, because it saw no driver when it solved",
        "fix": "provision the board with torch_accelerator: cuda: the plan then chooses the CUDA build explicitly",
        "evidence": "https://conda-forge.org/docs/user/cuda/",
    },
    {
        "id": "CUDA-07",
        "text": r"Torch not compiled with CUDA enabled",
        "confidence": "proven",
        "test": "tests/integration/test_failures_on_boards.py::test_cuda_is_asked_of_a_cpu_build",
        "cause": "the installed torch is a CPU build",
        "fix": "provision the board with torch_accelerator: cuda",
        "evidence": PYTORCH + "issues/30664",
    },
    # --- libraries
    {
        "id": "CONDA-01",
        "text": r"undefined symbol: iJIT_NotifyEvent",
        "confidence": "recorded",
        "cause": "mkl 2024.1 lacks a symbol that this torch needs",
        "fix": "torch_constraints: [mkl<2024.1]",
        "evidence": PYTORCH + "issues/123097",
    },
    {
        "id": "GEN-57",
        "text": r"cannot import name '(PILLOW_VERSION|is_directory)' from '?PIL|module 'PIL(?:\.Image|\.\w+)?'"
        r" has no attribute"
        r" '(LINEAR|ANTIALIAS|NEAREST|BILINEAR|BICUBIC)'",
        "confidence": "recorded",
        "cause": "torchvision (or the program) is older than the installed Pillow, which removed {0}{1}",
        "fix": (
            "take the torchvision of this torch (torch_companions), or an older Pillow: torch_constraints:"
            " [pillow<7] for"
            " PILLOW_VERSION (torchvision before 0.5), [pillow<10] for ANTIALIAS and LINEAR"
        ),
        "evidence": "https://github.com/pytorch/vision/issues/1712",
    },
    {
        "id": "GEN-58",
        "text": (
            r"module '(distutils)' has no attribute 'version'|No module named '(distutils|imp|pkg_resources|setuptools)"
            r"(?:\.\w{1,40})?'|cannot import name '\w{1,40}' from '(pkg_resources|setuptools|distutils)"
        ),
        "confidence": "recorded",
        "cause": (
            "a package (torch before 1.11, extensions that are compiled, older tools) uses {0}{1}{2}, which"
            " newer Pythons"
            " (3.12) or releases of setuptools no longer have in that form"
        ),
        "fix": (
            "install setuptools in this environment, in a release of the package's time: setuptools<59.6 for"
            " distutils.version with torch before 1.11, setuptools<81 for pkg_resources (torch_constraints);"
            " imp is gone"
            " from Python 3.12 on: use a newer release of the package, or an older Python"
        ),
        "evidence": "https://github.com/pytorch/pytorch/issues/69894",
    },
    {
        "id": "GEN-69",
        "text": r"No module named '?torch\._[Cc]\b",
        "confidence": "recorded",
        "cause": (
            "the compiled part of torch (torch._C) is not for this Python or architecture, is missing, or the"
            " program runs"
            " in the directory of torch's sources"
        ),
        "fix": (
            "provision the board again, and start the program elsewhere than beside a directory torch; a wheel"
            " whose file"
            " was renamed to be accepted has a _C of another Python"
        ),
        "evidence": "https://github.com/nmilosev/pytorch-arm-builds/issues/4",
    },
    {
        "id": "GEN-22",
        "confidence": "recorded",
        "text": (
            r"module 'torch(?:\.[\w.]{1,60})?' has no attribute '(\w{1,60})'|No module named"
            r" 'torch\.(?!npu\b)([\w.]{1,60})'|"
            r"cannot import name '(\w{1,60})' from 'torch\b"
        ),
        "cause": (
            'the installed torch has no "{0}{1}{2}": the program (or a package) was written for a newer or an older'
            " torch, or a file torch.py is in its directory"
        ),
        "fix": (
            "set torch_version to a release that the program supports, or update the program; print torch.__file__"
            " and torch.__version__ to check which torch is used"
        ),
        "evidence": "https://github.com/pytorch/pytorch/releases",
    },
    {
        "id": "GEN-17",
        "text": r"Could not run 'torchvision::\w{1,40}' with arguments from the '(?:CUDA|NPU|PrivateUse1)' backend",
        "confidence": "recorded",
        "cause": "this torchvision was built without CUDA, and torch with CUDA",
        "fix": "provision with torch_companions: [torchvision]: both come from one source and match",
        "evidence": "https://github.com/ultralytics/ultralytics/issues/22069",
    },
    {
        "id": "GEN-18",
        "text": r"numpy\.(?:dtype|ndarray|ufunc) size changed, may indicate binary incompatibility",
        "confidence": "recorded",
        "cause": "a compiled module was built for another NumPy than the installed one",
        "fix": (
            "keep the NumPy that the module was built for: for system packages (picamera2) that of the system;"
            " torch_constraints: [numpy<2]"
        ),
        "evidence": "https://github.com/raspberrypi/picamera2/issues/1211",
    },
    {
        "id": "GEN-19",
        "large_pages": (True, None),
        "confidence": "recorded",
        "text": (
            r"ELF load command (?:address/offset|alignment) not (?:page-aligned|properly aligned)|ELF "
            r"load command[^\n]{0,40}"
            r"not (?:page-)?aligned|Unsupported system page size"
        ),
        "cause": (
            "this program or library was built for pages of 4 KiB, and the kernel has larger ones (getconf PAGESIZE: 16"
            " KiB on a Raspberry Pi 5, 64 KiB on some servers)"
        ),
        "fix": (
            "install a newer build of it, one for larger pages (linked with -z max-page-size=65536; jemalloc with"
            " --with-lg-page=16), or boot a kernel with 4 KiB pages{small_pages}"
        ),
        "evidence": "https://github.com/LORD-MicroStrain/MSCL/issues/380",
    },
    {
        "id": "GEN-35",
        "large_pages": False,
        "confidence": "recorded",
        "text": r"ELF load command[^\n]{0,40}not (?:page-|properly )?aligned",
        "cause": "this file is damaged: a tool such as patchelf or strip wrote it wrongly, or it is incomplete",
        "fix": (
            "install the package of that file again (pip install --force-reinstall --no-deps --no-cache-dir PACKAGE)"
        ),
        "evidence": "https://github.com/NixOS/patchelf/issues/492",
    },
    {
        "id": "GEN-20",
        "text": r"module 'numpy' has no attribute '(?:bool|int|float|object|str|complex|long|unicode)'",
        "confidence": "recorded",
        "cause": "a library (such as TensorRT 8) uses a name that NumPy 1.24 removed",
        "fix": "torch_constraints: [numpy<1.24], and provision again",
        "evidence": "https://github.com/ultralytics/ultralytics/issues/22930",
    },
    {
        "id": "GEN-21",
        "text": r"wrong ELF class: (ELFCLASS\d\d)",
        "confidence": "recorded",
        "cause": (
            "a library has another word size than the program ({0}): a 64-bit kernel with a 32-bit system, or a file"
            " for another architecture"
        ),
        "fix": (
            "install the library for the system's own architecture (getconf LONG_BIT, dpkg "
            "--print-architecture), or use a 64-bit system"
        ),
        "evidence": "https://man7.org/linux/man-pages/man5/elf.5.html",
    },
    {
        "id": "GEN-39",
        "machine": ("aarch64", "armv7l"),
        "confidence": "recorded",
        "text": r"NumPy was built with baseline optimizations",
        "cause": "this NumPy was compiled for a newer Arm core than this one",
        "fix": (
            "install the NumPy of PyPI or of the system, or compile it on this board (pip install "
            "--no-binary numpy numpy)"
        ),
        "evidence": "https://numpy.org/doc/stable/reference/simd/build-options.html",
    },
    {
        "id": "GEN-15",
        "text": r"NumPy was built with baseline optimizations",
        "confidence": "proven",
        "test": "tests/integration/test_repairs.py::test_numpy_for_newer_processors_is_replaced_on_an_old_one",
        "repair": "numpy",
        "cause": "this NumPy (2.4 or later) needs x86-64-v2, which this processor or virtual machine does not support",
        "fix": (
            "torch_constraints: [numpy<2.4], and provision again (torch_repair: true does it: plans "
            "for such a processor have"
            " that limit), or give the virtual machine a newer CPU type (such as host)"
        ),
        "evidence": "https://github.com/TomBursch/kitchenowl/issues/961",
    },
    {
        "id": "GEN-27",
        "confidence": "recorded",
        "text": (
            r"(?:site|dist)-packages/(?!torch/|numpy/)(\w{1,60})/[^\n]{0,300}\n(?:[^\n]{0,300}\n){0,3}"
            r"?[^\n]{0,60}(?:_ARRAY_API not found|"
            r"numpy\.core\.multiarray failed to import|numpy\._core\.multiarray failed to import)|"
            r"ImportError: (?:\S{0,20} )?numpy\.core\.multiarray failed to import[^\n]{0,80}\b(cv2|"
            r"pandas|scipy|onnxruntime)\b"
        ),
        "cause": (
            "the package {0}{1} was built for NumPy 1 and does not work with the NumPy 2 of this "
            "environment; torch is not the reason"
        ),
        "fix": (
            "install a release of {0}{1} that supports NumPy 2, or torch_constraints: [numpy<2], and provision again"
        ),
        "evidence": "https://github.com/microsoft/onnxruntime/issues/27562",
    },
    {
        "id": "GEN-28",
        "confidence": "recorded",
        "text": (
            r"`?(?:np|numpy)\.(\w{1,30})`? was removed in the NumPy 2\.0 release|module 'numpy' has "
            r"no attribute '(float_|complex_|NaN|Inf|unicode_|product|cumproduct|in1d|trapz|row_stack|"
            r"sctypes|cast|alltrue|sometrue|string_)'"
        ),
        "cause": "a package uses {0}{1} of NumPy, which NumPy 2 removed",
        "fix": "update that package, or torch_constraints: [numpy<2], and provision again",
        "evidence": "https://numpy.org/doc/stable/numpy_2_0_migration_guide.html",
    },
    {
        "id": "GEN-01",
        "confidence": "proven",
        "test": "tests/integration/test_failures_on_boards.py::test_numpy_2_beside_a_torch_for_numpy_1",
        "repair": "numpy",
        "text": (
            r"compiled using NumPy 1\.x cannot be run|Numpy is not available|"
            r"Failed to initialize NumPy: (?:_ARRAY_API not found|numpy\.core\.multiarray failed)"
        ),
        "cause": "this torch was built for NumPy 1 and does not work with the NumPy 2 of this environment",
        "fix": "torch_constraints: [numpy<2], and provision again; torch_repair: true does it",
        "evidence": PYTORCH + "issues/135013",
    },
    {
        "id": "GEN-42",
        "confidence": "recorded",
        "text": r"_ARRAY_API not found|numpy\._?core\.multiarray failed to import",
        "cause": (
            "a compiled package (the last file of the traceback) was built for another NumPy than the installed one"
        ),
        "fix": "install a release of that package for this NumPy, or torch_constraints: [numpy<2], and provision again",
        "evidence": "https://numpy.org/doc/stable/numpy_2_0_migration_guide.html",
    },
    {
        "id": "GEN-49",
        "text": r"(?<![^\s'(])(\S{1,200}\.so[\w.]{0,20}): failed to map segment from shared object",
        "confidence": "recorded",
        "cause": (
            "the loader may not map {0} as code: its file system is mounted noexec (/tmp, a volume of a container), or"
            " the memory or a limit on addresses (ulimit -v) is too small for it"
        ),
        "fix": (
            "mount -o remount,exec the file system, or use another directory (TMPDIR and TORCHINDUCTOR_CACHE_DIR in"
            " torch_environment; docker run --tmpfs /tmp:exec); otherwise check ulimit -v and free memory"
        ),
        "evidence": "https://github.com/pytorch/pytorch/issues/123054",
    },
    {
        "id": "GEN-50",
        "text": r"(?<![^\s'(])(\S{1,200}\.so[\w.]{0,20}): cannot enable executable stack as shared object requires",
        "confidence": "recorded",
        "cause": (
            "{0} asks for an executable stack, which glibc from 2.41 on (and SELinux) refuses to a library that is"
            " loaded later"
        ),
        "fix": (
            "install a newer build of that package; until then clear the mark of the file (patchelf --clear-execstack"
            " FILE), or with glibc 2.42 set GLIBC_TUNABLES: glibc.rtld.execstack=2 in torch_environment"
        ),
        "evidence": "https://github.com/conda-forge/pytorch-cpu-feedstock/issues/350",
    },
    {
        "id": "GEN-51",
        "text": r"(?<![^\s'(])(\S{1,200}\.so[\w.]{0,20}): (?:invalid ELF header|file too short|ELF file data"
        r" encoding not|"
        r"ELF file version)",
        "confidence": "recorded",
        "cause": (
            "{0} is not a whole library: its download or unpacking broke off, a disk is damaged, or it is a"
            " text file (a"
            " linker script, a pointer of Git LFS)"
        ),
        "fix": (
            "install its package again (pip install --force-reinstall --no-deps --no-cache-dir PACKAGE; conda install"
            " --force-reinstall PACKAGE); an environment of this collection is rebuilt when the board is provisioned"
            " again"
        ),
        "evidence": "https://github.com/niuchuangnn/SPICE/issues/4",
    },
    {
        "id": "GEN-45",
        "text": r"ptxas(?:-\w{1,20})? ?fatal\s{0,6}: Value '(sm_\w{2,6})' is not defined for option 'gpu-name'",
        "confidence": "recorded",
        "cause": (
            "the ptxas that Triton (torch.compile) or nvcc starts does not know {0}: it is of another CUDA"
            " than this GPU"
            " needs"
        ),
        "fix": (
            "with a CUDA toolkit for this GPU on the board (13.0 and later for 11.0 and 12.1), set"
            " TRITON_PTXAS_PATH and"
            " TRITON_PTXAS_BLACKWELL_PATH: /usr/local/cuda/bin/ptxas in torch_environment; a program's own kernels must"
            " be compiled for the GPU (TORCH_CUDA_ARCH_LIST)"
        ),
        "evidence": "https://github.com/triton-lang/triton/issues/8539",
    },
    {
        "id": "GEN-63",
        "text": (
            r"Found ([^\n]{1,60}?) which is too old to be supported by the triton GPU compiler|"
            r"Triton only supports devices of CUDA Capability"
        ),
        "confidence": "recorded",
        "cause": "torch.compile needs Triton, and Triton needs a GPU of compute capability 7.0 or later; torch"
        " itself works",
        "fix": "leave torch.compile out: TORCHDYNAMO_DISABLE: '1' in torch_environment, or the program's own option",
        "evidence": "https://github.com/MIC-DKFZ/nnUNet/issues/2188",
    },
    {
        "id": "GEN-64",
        "text": (
            r"out of resource: shared memory,? ?Required: (\d{1,9}),?[ ,]{0,3}Hardware limit(?:ation)?: (\d{1,9})"
        ),
        "confidence": "recorded",
        "cause": (
            "a Triton kernel is tuned for a larger GPU: it needs {0} bytes of shared memory in each block, and this GPU"
            " has {1}; the board's memory is not meant"
        ),
        "fix": (
            "smaller blocks or fewer stages (num_stages) in that kernel, or the program's other implementation (for"
            " attention: PyTorch's own, SDPA)"
        ),
        "evidence": "https://github.com/triton-lang/triton/issues/8182",
    },
    {
        "id": "GEN-46",
        "text": (
            r"Serialization assertion \w{0,60}[^\n]{0,60}failed|engine plan file is generated on an"
            r" incompatible device|"
            r"deserializeCudaEngine[^\n]{0,80}(?:failed|Error Code)|[Mm]agic ?[Tt]ag[^\n]{0,20}(?:assertion|"
            r"does not match)|"
            r"engine plan file is not compatible with this version of TensorRT|Using an engine plan file across"
            r" different"
            r" models of devices"
        ),
        "confidence": "recorded",
        "cause": (
            "this TensorRT engine was built by another release of TensorRT or for another GPU: a plan file runs only"
            " where, and with what, it was built"
        ),
        "fix": (
            "build the engine on this board, with the TensorRT that will run it (trtexec --onnx=MODEL.onnx"
            " --saveEngine=MODEL.engine, /usr/src/tensorrt/bin on a Jetson), and again after each upgrade"
        ),
        "evidence": "https://github.com/NVIDIA/TensorRT/issues/2105",
    },
    {
        "id": "GEN-71",
        "text": r"Failed to create TensorRT engine|failed to build (?:the )?(?:serialized )?(?:TensorRT )?engine",
        "confidence": "recorded",
        "cause": (
            "TensorRT could not build an engine: an operator of the model is not supported, the memory ran out, or the"
            " model does not fit this TensorRT"
        ),
        "fix": (
            "read the lines of TensorRT before it ([TRT] with E); build it on the board itself, with a smaller"
            " workspace or"
            " batch and no other program; convert the model for this TensorRT"
        ),
        "evidence": "https://github.com/open-mmlab/mmdeploy/issues/1063",
    },
    {
        "id": "GEN-52",
        "text": r"Cannot find a working triton installation|\bTritonMissing\b",
        "confidence": "recorded",
        "cause": "torch.compile needs Triton to compile for the GPU, and no Triton works here",
        "fix": (
            "install the triton that this torch names in its metadata (PyPI has it for x86-64, and for aarch64 from 3.4"
            " on); where there is none, do without torch.compile (TORCHDYNAMO_DISABLE: '1' in torch_environment)"
        ),
        "evidence": "https://github.com/pytorch/pytorch/issues/125093",
    },
    {
        "id": "GEN-53",
        "text": (
            r"Failed to find C compiler\. Please specify via CC|InvalidCxxCompiler|No working C\+\+ compiler found in"
            r" torch\._inductor"
        ),
        "confidence": "recorded",
        "cause": "torch.compile compiles code on the board, and there is no C compiler",
        "fix": (
            "{install[gcc]} and {install[g++]} (torch_extra_packages does it), or set CC and CXX; otherwise do without"
            " torch.compile (TORCHDYNAMO_DISABLE: '1' in torch_environment)"
        ),
        "evidence": "https://github.com/sgl-project/sglang/issues/1067",
    },
    {
        "id": "GEN-04",
        "text": r"(\S{1,200}): cannot allocate memory in static TLS block|cannot load any more object with static TLS",
        "confidence": "recorded",
        "cause": (
            "the place for thread-local memory, which the loader reserves at the start, was used up "
            "by libraries that were"
            " loaded earlier ({0})"
        ),
        "fix": (
            "import torch before everything else, or set LD_PRELOAD: {0} in torch_environment; "
            "with glibc 2.33 or later also"
            " GLIBC_TUNABLES: glibc.rtld.optional_static_tls=2048"
        ),
        "evidence": "https://github.com/NVIDIA-AI-IOT/jetcard/issues/34",
    },
    {
        "id": "GEN-36",
        "text": r"OMP: Error #15: Initializing (\S{1,80}), but found (\S{1,80}) already initialized",
        "confidence": "recorded",
        "cause": (
            "two OpenMP libraries are loaded into one process: {0} and {1}, from torch and another "
            "package (MKL, conda, opencv)"
        ),
        "fix": (
            "take both packages from one source (all by pip, or all from conda-forge), or remove the "
            "package that brings the"
            " second one; KMP_DUPLICATE_LIB_OK only hides it, and results may be wrong"
        ),
        "evidence": PYTORCH + "issues/13806",
    },
    {
        "id": "GEN-37",
        "text": r"MKL_THREADING_LAYER=INTEL is incompatible with (\S{1,80}) library",
        "confidence": "recorded",
        "cause": (
            "MKL uses Intel's OpenMP, and {0} is loaded already: torch was imported before numpy, in "
            "a process started by one with MKL"
        ),
        "fix": "set MKL_THREADING_LAYER: GNU in torch_environment, or import numpy before torch",
        "evidence": PYTORCH + "issues/37377",
    },
    {
        "id": "GEN-38",
        "text": (
            r"(?:Intel )?[oO]?(?:one)?MKL (?:FATAL )?(?:ERROR|Error): (?:Cannot load (?:neither )?|"
            r"cannot load )(\S{0,80})"
        ),
        "confidence": "recorded",
        "cause": "MKL does not find its own part {0}: another MKL is loaded first, or its package is incomplete",
        "fix": (
            "remove directories of another MKL from LD_LIBRARY_PATH and LD_PRELOAD "
            "(torch_environment), and install mkl and numpy"
            " from one source; provision again: the lock has one MKL"
        ),
        "evidence": "https://github.com/ContinuumIO/anaconda-issues/issues/698",
    },
    {
        "id": "GEN-02",
        "text": r"version [`']?(GLIBC_[\d.]+)'? not found",
        "confidence": "proven",
        "test": "tests/integration/test_failures_on_boards.py::test_a_c_library_that_is_too_old",
        "cause": "the wheel needs {0}, which is newer than the C library of this system ({glibc})",
        "fix": "choose an older torch_version, or upgrade the operating system",
        "evidence": PYTORCH + "issues/129555",
    },
    {
        "id": "GEN-31",
        "newer_libstdcxx": True,
        "text": r"version [`']?(GLIBCXX_3\.4\.\d{1,2})'? not found",
        "confidence": "recorded",
        "cause": "this file needs {0}, a newer libstdc++ than that of this release of the operating system",
        "fix": (
            "use a wheel that was built for this release (leave torch_version at auto), upgrade the operating"
            " system, or run it in a container with a newer one"
        ),
        "evidence": "https://gcc.gnu.org/onlinedocs/libstdc++/manual/abi.html",
    },
    {
        "id": "GEN-03",
        "text": r"version [`']?((?:GLIBCXX|CXXABI)_[\d.]+)'? not found",
        "confidence": "recorded",
        "newer_libstdcxx": (False, None),
        "cause": "a library needs {0}, and an older libstdc++ is loaded first",
        "fix": (
            "in conda: install libstdcxx-ng from conda-forge; elsewhere {install[libstdc++6]}, or remove the directory"
            " of the older one from LD_LIBRARY_PATH"
        ),
        "evidence": "https://gcc.gnu.org/onlinedocs/libstdc++/manual/abi.html",
    },
    {
        "id": "CUDA-29",
        "family": ("x86_conda", "generic"),
        "confidence": "recorded",
        "text": (
            r"(lib(?:cudnn|cublas|cudart|cufft|curand|cusolver|cusparse|nccl|nvrtc|nvJitLink|nvToolsExt"
            r"|cupti|cufile|nvshmem)"
            r"\w{0,30}\.so[\w.]{0,20}): "
            r"cannot open shared object file"
        ),
        "cause": (
            "{0} is missing: torch, or a package compiled for another CUDA, needs it, and no nvidia-* package of the"
            " environment has it"
        ),
        "fix": (
            "provision again: the lock has everything that torch needs; a wheel of another package must be built for"
            " the CUDA of this torch (torch.version.cuda)"
        ),
        "evidence": PYTORCH + "issues/100974",
    },
    {
        "id": "RUN-20",
        "system": "nixos",
        "confidence": "recorded",
        "text": r"(lib[\w.+-]{1,100}\.so[\w.]{0,20}): cannot open shared object file|Could not start "
        r"dynamically linked executable|"
        r"NixOS cannot run dynamically linked executables",
        "cause": (
            "NixOS has no libraries where programs of other systems look, and so none of the wheels' ({0}){needed_by}"
        ),
        "fix": (
            "programs.nix-ld.enable = true and the library's package in programs.nix-ld.libraries "
            "(libstdc++: stdenv.cc.cc.lib,"
            " zlib), with NIX_LD_LIBRARY_PATH as LD_LIBRARY_PATH in torch_environment"
        ),
        "evidence": "https://github.com/kavehtehrani/speech2text-extension/issues/20",
    },
    {
        "id": "RUN-21",
        "libc": "musl",
        "confidence": "recorded",
        "text": (
            r"(lib[\w.+-]{1,100}\.so[\w.]{0,20}): cannot open shared object file|Error loading shared "
            r"library (\S{1,100}):|Error"
            r" relocating \S{1,200}: \S{1,80}: symbol not found|"
            r"ld-linux[\w-]{0,20}\.so\S{0,10}[^\n]{0,40}(?:not found|No such)"
        ),
        "cause": (
            "this system has the C library musl (Alpine), and the file was built for glibc: PyTorch "
            "has no wheels for musl"
        ),
        "fix": (
            "run the workload in a container of Debian or Ubuntu, or install the system's own "
            "package (apk add py3-pytorch, where the release has it)"
        ),
        "evidence": "https://github.com/pytorch/pytorch/issues/102592",
    },
    {
        "id": "RUN-27",
        "text": (
            r"Error loading shared library (?:ld-linux|libc\.so\.6|libstdc\+\+|libgcc_s|libm\.so\.6)\S{0,40}|"
            r"Error relocating (\S{1,200}): \S{1,80}: symbol not found"
        ),
        "libc": ("musl", None),
        "confidence": "recorded",
        "cause": (
            "this is a system with the C library musl (Alpine), whose loader says so, and the file was built for glibc:"
            " PyTorch has no wheels for musl"
        ),
        "fix": (
            "run the workload in an image of Debian or Ubuntu (python:3-slim instead of python:3-alpine), or"
            " install the"
            " system's own package (apk add py3-pytorch, where the release has it)"
        ),
        "evidence": "https://github.com/pytorch/pytorch/issues/1618",
    },
    {
        "id": "GEN-44",
        "text": r"undefined symbol: (__atomic_(?:fetch|exchange|load|store|compare)\w{0,40})",
        "confidence": "recorded",
        "cause": "this wheel uses {0} of libatomic without loading it, as 32-bit Arm needs it for 64-bit numbers",
        "fix": "{install[libatomic1]}, and set LD_PRELOAD: libatomic.so.1 in torch_environment",
        "evidence": "https://gcc.gnu.org/wiki/Atomic/GCCMM",
    },
    {
        "id": "GEN-70",
        "text": r"libpython(3\.\d{1,2})m?\.so[\d.]{0,8}: cannot open shared object file",
        "confidence": "recorded",
        "cause": "this software was built for Python {0} with a shared library, which is not here",
        "fix": (
            "take a wheel for the Python that runs (edgeai.fleet.explain names it); or install that Python's library"
            " (libpython{0} of the system, or its conda environment's lib directory in LD_LIBRARY_PATH)"
        ),
        "evidence": "https://github.com/marcusvlc/pytorch-on-rpi/issues/2",
    },
    {
        "id": "RUN-05",
        "text": r"(lib[\w.+-]{1,100}\.so[\w.]{0,20}): cannot open shared object file",
        "confidence": "proven",
        "test": "tests/integration/test_failures_on_boards.py::test_a_missing_library_is_named_with_who_needs_it",
        "cause": "the shared library {0} is missing, or is not where the loader looks{needed_by}",
        "fix": "install {package}, or add its directory to LD_LIBRARY_PATH (torch_environment)",
        "evidence": "https://man7.org/linux/man-pages/man8/ld.so.8.html",
    },
    {
        "id": "GEN-08",
        "confidence": "recorded",
        "text": (
            r"torch-0\.1\.2(?:\.post\d)?\b|You should install pytorch from http://pytorch\.org|You tried to install"
            r" .pytorch.|package directory 'torch/cuda' does not exist"
        ),
        "cause": (
            "pip installed the empty package torch 0.1.2 (or the name pytorch), because the index has no wheel of"
            " torch for this board"
        ),
        "fix": "provision the board: the plan chooses a wheel that fits, or compiles one; do not use --no-binary",
        "evidence": PYTORCH + "issues/46522",
    },
    {
        "id": "GEN-26",
        "text": (
            r"detected CUDA version \((\d[\d.]{0,9})\) mismatches the version that was used to compile\s{1,3}PyTorch"
            r" \((\d[\d.]{0,9})\)"
        ),
        "confidence": "recorded",
        "cause": "an extension is compiled with the system's CUDA {0}, and this torch was built with CUDA {1}",
        "fix": (
            "set CUDA_HOME and PATH to a CUDA {1} (its nvcc), or install a wheel of the extension that was compiled"
            " for this torch"
        ),
        "evidence": PYTORCH + "blob/main/torch/utils/cpp_extension.py",
    },
    {
        "id": "GEN-07",
        "text": r"not a supported wheel on this platform|requires a different Python: \d",
        "confidence": "recorded",
        "cause": "the wheel is for another Python or architecture, or its file was renamed",
        "fix": "let the plan choose the wheel; a row of torch_catalogue needs the wheel's real file name",
        "evidence": "https://peps.python.org/pep-0427/",
    },
    # --- failed tasks of a run
    {
        "id": "NPU-14",
        "text": (
            r"Dkms install failed|Drv_dkms_env_check failed|/lib/modules/\S{1,80}/build: No such file "
            r"or directory|[Kk]ernel headers for (?:target )?kernel \S{1,80} (?:are not installed|not "
            r"found)|Your kernel headers for kernel \S{1,60} cannot be found"
        ),
        "confidence": "recorded",
        "cause": (
            "the driver of the Ascend chip cannot be compiled for the running kernel: the kernel's headers are"
            " missing, or the kernel is too new"
        ),
        "fix": (
            "put dkms, gcc, make and the headers of the running kernel (here: {install[linux-headers-$(uname -r)]})"
            " into torch_extra_packages, which is installed before the driver, and run again"
        ),
        "evidence": (
            "https://hiascend.com/document/detail/zh/quick-installation/24.0.RC1/quickinstg_train/900"
            "_A2_PoDc/quickinstg_900A2_PoDc__0053.html"
        ),
    },
    {
        "id": "NPU-15",
        "text": r"The list of missing tools: ([\w,-]{1,80})",
        "confidence": "recorded",
        "cause": "the installer of the Ascend driver needs {0}, which is not installed",
        "fix": (
            "put it into torch_extra_packages, which is installed before the driver (lspci is in pciutils, ifconfig in"
            " net-tools), and run again"
        ),
        "evidence": "https://www.hiascend.com/",
    },
    {
        "id": "GEN-05",
        "text": r"externally-managed-environment",
        "confidence": "recorded",
        "cause": "this system does not allow pip to change its own Python (PEP 668)",
        "fix": "use an environment: this collection always does; in your own tasks set virtualenv of the pip module",
        "evidence": "https://github.com/raspberrypi/documentation/issues/3220",
    },
    # --- the network, and an index without the wheel: pip reports a network error as a missing wheel, too
    {
        "id": "NET-01",
        "wrong_clock": (False, None),
        "confidence": "recorded",
        "text": (
            r"CERTIFICATE_VERIFY_FAILED|certificate verify failed|invalid peer certificate|SSL certificate"
            r" problem|self[- ]signed certificate|"
            r"unable to get local issuer certificate|UnknownIssuer|server certificate verification failed"
        ),
        "cause": (
            "the certificate of the server is not trusted here: a company's proxy signs it with its own certificate,"
            " the list of certificates is old, or the clock is wrong"
        ),
        "fix": (
            "add the company's certificate to the system ({trust}) or set it (PIP_CERT,"
            " SSL_CERT_FILE); {install[ca-certificates]}; check the clock (date); torch_mirrors can "
            "name an index inside"
            " the company"
        ),
        "evidence": "https://pip.pypa.io/en/stable/topics/https-certificates/",
    },
    {
        "id": "NET-02",
        "confidence": "recorded",
        "text": (
            r"Cannot connect to proxy|Tunnel connection failed|Proxy Authentication Required|ProxyError|\bHTTP(?:"
            r" error|/1\.[01])? 407\b"
        ),
        "cause": (
            "the proxy between this machine and the index rejects the connection: it requires a login, or it is the"
            " wrong proxy"
        ),
        "fix": (
            "set https_proxy (and no_proxy) with user and password for the proxy, or set torch_mirrors to an index"
            " that needs no proxy"
        ),
        "evidence": "https://pip.pypa.io/en/stable/user_guide/#using-a-proxy-server",
    },
    {
        "id": "NET-03",
        "confidence": "recorded",
        "text": r"ssl module in Python is not available|SSL module is not available",
        "cause": "this Python was compiled without ssl: it cannot open https addresses, and so no index",
        "fix": (
            "use the system's Python, or install the headers (libssl-dev, openssl-devel) and compile this Python again"
        ),
        "evidence": "https://github.com/pytorch/pytorch/issues/35880",
    },
    {
        "id": "NET-04",
        "confidence": "recorded",
        "text": (
            r"Temporary failure in name resolution|Name or service not known|NameResolutionError|Temporary failure"
            r" resolving|Could not resolve host\b|"
            r"failed to lookup address|dns error|nodename nor servname"
        ),
        "cause": "this machine cannot resolve the name of the server: it has no network or no name server",
        "fix": (
            "check the network and /etc/resolv.conf; a board without internet gets its packages from the control"
            " node (torch_delivery: wheelhouse)"
        ),
        "evidence": "https://man7.org/linux/man-pages/man5/resolv.conf.5.html",
    },
    {
        "id": "NET-05",
        "confidence": "recorded",
        "text": (
            r"Failed to establish a new connection|NewConnectionError|ConnectTimeoutError|ReadTimeoutError|CONNECTION"
            r" FAILED for url|"
            r"ConnectionPool\([^\n]{0,200}Read timed out|"
            r"Connection broken: (?:IncompleteRead|ConnectionResetError)|IncompleteRead\(\d|error sending request for"
            r" url|tcp connect error"
        ),
        "cause": "the connection to the server failed or was cut off: no route, a firewall, or a slow line",
        "fix": (
            "try again with more time (pip --timeout 120 --retries 10), set https_proxy if there is a proxy, or set"
            " torch_mirrors to a nearer index"
        ),
        "evidence": "https://pip.pypa.io/en/stable/cli/pip/",
    },
    {
        "id": "NET-06",
        "text": r"DO NOT MATCH THE HASHES|Hash mismatch for ",
        "confidence": "recorded",
        "cause": (
            "a file does not match its hash: the download was damaged or truncated, a proxy changed it, or the index"
            " has another file of that name"
        ),
        "fix": (
            "download it again without the cache (pip --no-cache-dir), and compare its sha256 with that of the"
            " index; do not skip the check"
        ),
        "evidence": "https://pip.pypa.io/en/stable/topics/secure-installs/",
    },
    {
        "id": "NET-07",
        "text": r"HTTP [Ee]rror 404|\b404 Client Error|(?:error|ERROR|status code)[ :(]{1,3}404\b|HTTP status"
        r" client error \(404",
        "confidence": "recorded",
        "cause": (
            "the server has no such file or index (404): the address is wrong, the file was moved or"
            " withdrawn, or there"
            " is none for this Python and release"
        ),
        "fix": (
            "open the directory of that address: the name of a wheel has its Python (cp310) and its JetPack (nv24.8),"
            " and both must be this board's; edgeai.fleet.explain names the source that fits"
        ),
        "evidence": "https://github.com/pinokiocomputer/pinokio/issues/1027",
    },
    {
        "id": "GEN-41",
        "confidence": "recorded",
        "machine": ("aarch64", "armv7l", None),
        "text": (
            r"(?:No matching distribution found for|Could not find a version that satisfies the "
            r"requirement|was not found in the"
            r" package registry|no wheels? [^\n]{0,60})[ `'\"]{0,3}(onnxruntime[-_]gpu|tensorflow-gpu|"
            r"nvidia-tensorrt|decord|xformers|"
            r"bitsandbytes|triton|flash[-_]attn)\b|"
            r"Distribution `(onnxruntime-gpu|tensorflow-gpu|nvidia-tensorrt|decord|xformers|bitsandbytes|triton|"
            r"flash-attn)"
            r"==[^`\n]{1,200}` can.t be\s{1,9}installed"
        ),
        "cause": "{0}{1} has no wheel for this architecture on PyPI",
        "fix": (
            "on a Jetson take the wheel of NVIDIA's or the community's index for this JetPack "
            "(jetson_community_index: true); on"
            " other boards leave it out (onnxruntime without -gpu), or compile it"
        ),
        "evidence": "https://github.com/microsoft/onnxruntime/issues/6124",
    },
    {
        "id": "GEN-06",
        "confidence": "recorded",
        "text": (
            r"(?:No matching distribution found for|Could not find a version that satisfies the requirement)"
            r" (torch(?:vision|audio|[-_]npu)?)(?![\w-])|Because (torch(?:vision|audio|"
            r"-npu)?)(?:==\S{1,40})? (?:has no wheels with a"
            r" matching|is unusable because no wheels are available)|Distribution `(torch(?:vision|audio|"
            r"-npu)?)==[^`\n]{1,200}` can.t"
            r" be\s{1,9}installed\s{1,9}because it"
            r" doesn.t have a source distribution or wheel"
        ),
        "cause": (
            "the index has no such wheel of {0}{1}{2} for this Python and architecture: there are none for"
            " 32-bit systems,"
            " nor for a Python or a glibc that is older (or a Python that is newer) than the release supports,"
            " and indexes of"
            " PyTorch have some builds for x86-64 only"
        ),
        "fix": (
            "edgeai.fleet.explain names the Python, the release and the source that fit this board;"
            " edgeai.fleet.provision installs them"
        ),
        "evidence": "https://packaging.python.org/en/latest/specifications/platform-compatibility-tags/",
    },
    {
        "id": "GEN-54",
        "text": r"\b(torch(?:vision|audio|[-_]npu)?) \S{1,40} requires (\S{1,60}), but you (?:have|'ll have)"
        r" (\S{1,60} \S{1,40}) which is incompatible",
        "confidence": "recorded",
        "cause": "pip replaced what {0} needs ({1}) by {2}, for another package, and went on",
        "fix": (
            "provision again: the lock has what torch needs; by hand, install both in one command, so that pip chooses"
            " releases that fit (pip check shows what does not)"
        ),
        "evidence": "https://pip.pypa.io/en/stable/topics/dependency-resolution/",
    },
    {
        "id": "GEN-47",
        "text": (
            r"Cannot install (\S{1,200}[^\n]{0,300}?) because (?:these|the following) package versions have"
            r" conflicting|"
            r"ResolutionImpossible|No solution found when resolving|requirements are unsatisfiable|"
            r"SolverProblemError|Because \S{1,60} depends on \S{1,80} and "
        ),
        "confidence": "recorded",
        "cause": "the requested packages contradict each other: {0}{conflict}",
        "fix": (
            "leave out the versions of all but one of them, or take releases that belong together (torch, torchvision,"
            " torchaudio and torch_npu of one release: torch_companions does it; edgeai.fleet.explain names them); a"
            " package that insists on another torch needs an environment of its own"
        ),
        "evidence": "https://github.com/InternLM/lmdeploy/issues/2745",
    },
    # --- conda
    {
        "id": "CONDA-07",
        "text": r"nothing provides (?:requested )?__cuda\b",
        "confidence": "recorded",
        "cause": "the package needs an NVIDIA driver, and conda sees none on this machine",
        "fix": (
            "install the driver; to solve for another machine set CONDA_OVERRIDE_CUDA to the CUDA of its driver;"
            " otherwise use the CPU build"
        ),
        "evidence": "https://conda-forge.org/docs/user/cuda/",
    },
    {
        "id": "CONDA-02",
        "text": r"CondaToSNonInteractiveError|Terms of Service have not been accepted",
        "confidence": "recorded",
        "cause": "the channel defaults requires you to accept its terms",
        "fix": "use conda-forge only (x86_conda_channels)",
        "evidence": "https://github.com/andrewrothstein/ansible-miniconda/issues/38",
    },
    {
        "id": "CONDA-03",
        "text": r"__cuda >=([\d.]{1,20})\S{0,20} for which no candidates",
        "confidence": "recorded",
        "cause": "the build needs a driver for CUDA {0}, and none was found",
        "fix": "install or upgrade the NVIDIA driver, or set torch_accelerator: cpu",
        "evidence": "https://conda-forge.org/docs/user/cuda/",
    },
    {
        "id": "CONDA-08",
        "text": (
            r"(?:PackagesNotFoundError|ResolvePackageNotFound):[^\n]{0,100}\n\s{0,80}(?:- ?)?(\S{1,80})|"
            r"PackagesNotFoundError|ResolvePackageNotFound|packages are not available from current channels"
        ),
        "confidence": "recorded",
        "cause": (
            "the channels have no such package for this platform ({0}): the names and versions of an environment file"
            " are often those of another architecture (cudatoolkit and pytorch-cuda are not for aarch64)"
        ),
        "fix": (
            "use conda-forge (x86_conda_channels), ask for the release only (pytorch=2.9, not its build), and list what"
            " there is: conda search --override-channels -c conda-forge --subdir linux-aarch64 NAME"
        ),
        "evidence": "https://github.com/conda/conda/issues/11772",
    },
    {
        "id": "CONDA-09",
        "text": (
            r"(?:LibMamba)?UnsatisfiableError|Could not solve for environment specs|none of the providers can"
            r" be installed|"
            r"package (\S{1,80}) requires \S{1,80}[^\n]{0,40}, but none of"
        ),
        "confidence": "recorded",
        "cause": "conda found no set of packages that meets all of the requests: {conflict}",
        "fix": (
            "take all packages from conda-forge (x86_conda_channels; conda config --set channel_priority"
            " strict), ask for"
            " fewer versions, or a new environment; edgeai.fleet.provision solves for the board's own driver and glibc"
        ),
        "evidence": "https://github.com/conda-forge/pytorch-cpu-feedstock/issues/422",
    },
    {
        "id": "CONDA-10",
        "text": r"CondaVerificationError|InvalidArchiveError|appears to be corrupted|Error with archive"
        r" \S{1,200}\.(?:conda|tar\.bz2)",
        "confidence": "recorded",
        "cause": "a package in conda's cache is incomplete: its download or unpacking broke off, or the disk was full",
        "fix": "conda clean --packages --tarballs (df -h first), and install again",
        "evidence": "https://docs.conda.io/projects/conda/en/stable/user-guide/troubleshooting.html",
    },
    # --- harmless messages: last, so that any other reason in the text comes first
    {
        "id": "CUDA-50",
        "text": r"/usr/lib/wsl/lib/libcuda\.so\.1 is not a symbolic link",
        "confidence": "recorded",
        "cause": (
            "only a warning of ldconfig: Windows hands out three copies of libcuda in /usr/lib/wsl/lib, where ldconfig"
            " expects links"
        ),
        "fix": "nothing: the GPU works with it",
        "evidence": "https://github.com/microsoft/WSL/issues/5663",
    },
    {
        "id": "GEN-48",
        "text": r"Could not initialize NNPACK! Reason: Unsupported hardware|Error in cpuinfo: failed to parse|"
        r"Error in cpuinfo: prctl",
        "confidence": "recorded",
        "cause": (
            "only a warning: torch's NNPACK or cpuinfo does not know this processor, or the system hides it (a"
            " container"
            " or an emulator without /sys); torch computes with other kernels"
        ),
        "fix": ("nothing; with torch 1.13 and later torch.backends.nnpack.set_flags(False) silences NNPACK"),
        "evidence": "https://github.com/nmilosev/pytorch-arm-builds/issues/19",
    },
    # --- only that no accelerator is seen: any other text says more
    {
        "id": "JET-44",
        "family": "jetson",
        "text": (
            r"torch\.cuda\.is_available\(\)[\)'\" ]{0,4}\n(?:[^\n]{0,200}\n){0,2}?[^\n]{0,40}\bFalse\b|"
            r"(?i:cuda (?:is )?available\W{1,4}False\b)"
        ),
        "confidence": "recorded",
        "cause": (
            "torch sees no GPU on this Jetson: usually PyPI's CPU build is installed, or replaced NVIDIA's when another"
            " package was installed; otherwise CUDA cannot start"
        ),
        "fix": (
            "python3 -c 'import torch; print(torch.__version__, torch.version.cuda)': None is a CPU build, and"
            " provision"
            " brings NVIDIA's; otherwise python3 -c 'import torch; torch.cuda.init()' says why"
            " (edgeai.fleet.verify does"
            " both)"
        ),
        "evidence": "https://github.com/ultralytics/ultralytics/issues/17345",
    },
    {
        "id": "NPU-58",
        "text": r"torch(?:_npu)?\.npu\.is_available\(\)[\)'\" ]{0,4}\n(?:[^\n]{0,200}\n){0,2}?[^\n]{0,40}\bFalse\b",
        "confidence": "guess",
        "cause": (
            "torch_npu sees no chip: the driver does not answer, this user may not open its device nodes, or CANN's"
            " variables are not set"
        ),
        "fix": (
            "npu-smi info must list the chip; python3 -c 'import torch, torch_npu; torch.npu.init()' says why"
            " torch does"
            " not see it (edgeai.fleet.verify does it)"
        ),
        "evidence": "https://github.com/Project-HAMi/ascend-device-plugin/issues/139",
    },
    {
        "id": "GEN-59",
        "family": ("raspberrypi", "pynq"),
        "text": (
            r"torch\.cuda\.is_available\(\)[\)'\" ]{0,4}\n(?:[^\n]{0,200}\n){0,2}?[^\n]{0,40}\bFalse\b|"
            r"(?i:cuda (?:is )?available\W{1,4}False\b)"
        ),
        "confidence": "recorded",
        "cause": "that is right: this board has no NVIDIA GPU, and torch computes on the CPU",
        "fix": 'use the CPU in the program: torch.device("cuda" if torch.cuda.is_available() else "cpu")',
        "evidence": "https://docs.pytorch.org/docs/stable/notes/cuda.html",
    },
    {
        "id": "CUDA-52",
        "family": ("x86_conda", "generic"),
        "text": (
            r"torch\.cuda\.is_available\(\)[\)'\" ]{0,4}\n(?:[^\n]{0,200}\n){0,2}?[^\n]{0,40}\bFalse\b|"
            r"(?i:cuda (?:is )?available\W{1,4}False\b)"
        ),
        "confidence": "guess",
        "cause": (
            "torch sees no GPU: it is a CPU build, the NVIDIA driver does not work or is too old for its CUDA, or this"
            " container has no access to the GPU"
        ),
        "fix": (
            "python3 -c 'import torch; print(torch.version.cuda)': None is a CPU build (torch_accelerator: cuda plans"
            " another); otherwise nvidia-smi must list the GPU, and python3 -c 'import torch; torch.cuda.init()' says"
            " why torch does not see it (edgeai.fleet.verify does it)"
        ),
        "evidence": "https://github.com/pytorch/pytorch/issues/109098",
    },
    {
        "id": "NPU-62",
        "text": r"operator '(aten::[\w.]{1,80})' is not currently supported on the NPU backend",
        "confidence": "recorded",
        "cause": "this is a warning: torch_npu has no {0} for the NPU, and computes it on the CPU, which is slower",
        "fix": "nothing is needed; if a later line is an error, that one is the reason",
        "evidence": "https://github.com/hiyouga/LlamaFactory/issues/4836",
    },
    {
        "id": "GEN-67",
        "text": r"Failed to load image Python extension",
        "confidence": "recorded",
        "cause": (
            "this is a warning: torchvision's own reader of images (torchvision.io) does not load, as libjpeg"
            " or libpng is"
            " missing or torchvision was built for another torch; the rest of it works"
        ),
        "fix": (
            "nothing is needed without torchvision.io; otherwise provision with torch_companions:"
            " [torchvision], so that"
            " both come from one source and match"
        ),
        "evidence": "https://github.com/pytorch/vision/issues/6231",
    },
    {
        "id": "GEN-68",
        "text": (
            r"you should not try to import numpy from(?: its source directory|\s)|"
            r"IMPORTANT: PLEASE READ THIS FOR ADVICE ON HOW TO SOLVE THIS ISSUE"
        ),
        "confidence": "recorded",
        "cause": (
            "the compiled part of NumPy does not load: it is for another Python or architecture, a library of"
            " it (such as"
            " libopenblas) is missing, or PYTHONPATH mixes two installations"
        ),
        "fix": (
            "unset PYTHONPATH, and provision again; the line after 'Original error was' names the reason. On"
            " ARMv6 (Pi 1,"
            " Zero, Zero W) only the system's own package fits: {install[python3-numpy]}"
        ),
        "evidence": "https://github.com/signag/raspi-cam-srv/issues/85",
    },
)
