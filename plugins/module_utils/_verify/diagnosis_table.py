# Copyright (c) 2026 the edgeai.fleet authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to edgeai.fleet: its interface may change in any release.

"""The table of known failures: pattern -> cause, fix, evidence.

The first row that fits is the answer, so the most specific come first; _verify/diagnosis.py describes the keys.

Patterns are used on text from anybody: none may take long on 64 KiB (no unbounded repetition before a fixed word).

`confidence`: proven (a test caused the failure and got this row: tests/integration/test_failures_on_boards.py,
test_real_failures.py, or a scenario), recorded (the evidence describes it), guess (an inference). `{0}` in cause and
fix is the pattern's first group; _verify/diagnosis.py lists the other words.
"""

PYTORCH = "https://github.com/pytorch/pytorch/"
TABLE = (
    # --- another torch than the installed one, or not PyTorch
    {
        "id": "ENV-01",
        "replaced": True,
        "confidence": "proven",
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
        "id": "ENV-02",
        "text": r"ImportError: (\S{1,300}torch(?:/__init__)?\.py) is not PyTorch",
        "confidence": "proven",
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
        "cause": "torch_npu was compiled for another release of torch than the installed one",
        "fix": (
            "provision again: the plan chooses matching releases of torch and torch_npu; by hand, install the torch"
            " that torch_npu's metadata names"
        ),
        "evidence": "https://github.com/Ascend/pytorch/blob/master/README.md",
    },
    {
        "id": "NPU-20",
        "confidence": "recorded",
        "text": r"(?:libtorch_npu|libtbe_adapter|libatb\w{0,20}|libop_plugin_atb)\.so[\w.]{0,20}: undefined symbol",
        "cause": "torch_npu and CANN (or its NNAL) on this board are from different releases",
        "fix": (
            "provision again: the plan chooses the torch_npu for the board's CANN; NNAL must be of the same release"
            " as CANN"
        ),
        "evidence": "https://github.com/triton-lang/triton-ascend/issues/328",
    },
    {
        "id": "ENV-04",
        "misled": True,
        "confidence": "proven",
        "cause": "LD_LIBRARY_PATH makes the loader use {0}, which does not fit this torch",
        "fix": (
            "remove that directory from LD_LIBRARY_PATH (torch_environment, /etc/environment, or the service that"
            " sets it)"
        ),
        "evidence": "https://man7.org/linux/man-pages/man8/ld.so.8.html",
    },
    # --- Ansible cannot reach a board, become a user, or start a module
    {
        "id": "SSH-01",
        "text": r"Could not resolve hostname \S{1,255}",
        "confidence": "proven",
        "cause": "the control node cannot resolve the name of this board",
        "fix": "set ansible_host to its address, or put the name into DNS or /etc/hosts",
        "evidence": "https://docs.ansible.com/ansible/latest/collections/ansible/builtin/ssh_connection.html",
    },
    {
        "id": "SSH-02",
        "text": r"ssh: connect to host \S{1,255} port \d+: Connection refused",
        "confidence": "proven",
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
        "text": (
            r"chmod: invalid mode: .A\+user:|Failed to set permissions on the temporary files Ansible needs to create"
            r" when becoming an unprivileged user"
        ),
        "cause": (
            "Ansible becomes an unprivileged user, who cannot read Ansible's files: the board has no setfacl"
            " (package acl)"
        ),
        "fix": "run with ANSIBLE_PIPELINING=true (pipelining = True in ansible.cfg), or install acl on the board",
        "evidence": "https://github.com/georchestra/ansible/issues/55",
    },
    {
        "id": "ANS-06",
        "confidence": "proven",
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
        "cause": "the login user may not use sudo on this board",
        "fix": "add the user to the sudoers (usermod -aG sudo USER), or log in as a user who is in them (ansible_user)",
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
        "id": "ANS-09",
        "text": r"\bsudo: (?:command )?not found|/sudo: (?:not found|No such file or directory)",
        "confidence": "proven",
        "cause": "sudo is not installed on this board",
        "fix": "install sudo, become root in another way (ansible_become_method: su), or log in as root (ansible_user)",
        "evidence": "https://docs.ansible.com/ansible/latest/playbook_guide/playbooks_privilege_escalation.html",
    },
    {
        "id": "ANS-11",
        "text": r"failed to transfer file to [\s\S]{1,1500}?No space left on device",
        "confidence": "proven",
        "cause": "the board's disk is full where Ansible puts its own files",
        "fix": "free disk space (df -h, df -i), or set another directory: ansible_remote_tmp",
        "evidence": "https://docs.ansible.com/ansible/latest/collections/ansible/builtin/sh_shell.html",
    },
    {
        "id": "ANS-12",
        "text": r"Failed to create temporary directory\. In some cases, you may have been able to authenticate",
        "confidence": "proven",
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
        "text": (
            r"The module interpreter '[^'\n]{1,300}' was not found|you probably need to set the interpreter|"
            r"(?:sh|env)(?:: \d{1,4})?: '?[\w./+-]{0,200}?python[\d.]{0,6}'?: (?:not found|No such file or directory)"
        ),
        "cause": "there is no Python at {interpreter} on the board",
        "fix": (
            "install Python 3.6 or later on the board (apt-get install python3), or set ansible_python_interpreter"
            " to an installed one"
        ),
        "evidence": "https://docs.ansible.com/ansible/latest/reference_appendices/interpreter_discovery.html",
    },
    {
        "id": "ANS-03",
        "confidence": "proven",
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
        "id": "ANS-01",
        "confidence": "proven",
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
        "confidence": "proven",
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
        "id": "BUILD-05",
        "confidence": "proven",
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
        "confidence": "proven",
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
        "confidence": "proven",
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
        "confidence": "proven",
        "text": (
            r"compiling torch\w{0,6} \S{1,40} needs [^\n]{0,100}\bcmake\b[^\n]{0,100}, not found|"
            r"FileNotFoundError: [^\n]{0,60} 'cmake'"
        ),
        "cause": "CMake is missing on the builder",
        "fix": "apt install cmake, or let torch_system_packages: install install what the build needs",
        "evidence": "https://packages.debian.org/stable/cmake",
    },
    {
        "id": "BUILD-10",
        "confidence": "proven",
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
        "id": "BUILD-12",
        "confidence": "proven",
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
    # --- instructions that the processor lacks
    {
        "id": "ARM-01",
        "signal": "SIGILL",
        "atomics": False,
        "torch": r"2\.4\.0",
        "confidence": "proven",
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
        "cause": "torch 2.6.0 scripts and exports models with instructions that this ARMv8.0 core does not have",
        "fix": "leave torch_version at auto, or set it to 2.7.0 or later",
        "evidence": PYTORCH + "issues/146792",
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
        "id": "X86-01",
        "signal": "SIGILL",
        "machine": "x86_64",
        "confidence": "proven",
        "text": (
            r'most recent call first\):\n(?: {0,4}File "<frozen [^\n]{0,200}\n){0,80} {0,4}File "[^"\n]{0,300}/numpy/'
        ),
        "cause": (
            "numpy was compiled for newer processors than this one: its wheels need x86-64-v2 (SSE4.2, POPCNT) from"
            " 2.4 on"
        ),
        "fix": (
            "torch_constraints: [numpy<2.4], and provision again; a virtual machine can get a newer CPU type instead"
            " (such as host)"
        ),
        "evidence": "https://github.com/NixOS/nixpkgs/issues/504266",
    },
    {
        "id": "RUN-01",
        "signal": "SIGILL",
        "confidence": "proven",
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
        "id": "RUN-10",
        "signal": "SIGKILL",
        "out_of_memory": True,
        "confidence": "proven",
        "cause": "the kernel killed the process because memory ran out (the memory controller counts the kill)",
        "fix": "stop other programs, raise the memory limit of the container or service, or add swap{swap}",
        "evidence": "https://docs.kernel.org/admin-guide/cgroup-v2.html#memory-interface-files",
    },
    {
        "id": "RUN-02",
        "signal": "SIGKILL",
        "confidence": "proven",
        "cause": "something killed the process, probably the kernel because memory ran out",
        "fix": 'look for "Out of memory" in dmesg; stop other programs or add swap{swap}',
        "evidence": "https://docs.kernel.org/admin-guide/mm/concepts.html",
    },
    {
        "id": "RUN-03",
        "timeout": True,
        "confidence": "proven",
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
        "cause": "the user of the workload may not read {0}",
        "fix": "provision with torch_user set to that user, or make the file readable (chmod -R a+rX)",
        "evidence": "https://man7.org/linux/man-pages/man7/path_resolution.7.html",
    },
    {
        "id": "RUN-09",
        "stage": "data_loader",
        "confidence": "proven",
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
        "id": "RUN-08",
        "text": r"No space left on device|No usable temporary (?:directory|file) (?:name )?found",
        "confidence": "proven",
        "cause": "no space left on the device: for temporary files, or where the files were written{full}",
        "fix": (
            "free disk space (df -h, df -i; df -h /tmp /var/tmp); for temporary files set a larger directory: TMPDIR"
            " in torch_environment"
        ),
        "evidence": "https://docs.python.org/3/library/tempfile.html#tempfile.gettempdir",
    },
    {
        "id": "RUN-11",
        "text": r"\[Errno 30\] Read-only file system|: Read-only file system\b",
        "confidence": "recorded",
        "cause": (
            "the file system is read-only: an overlay is on, or the card is damaged and the kernel remounted it"
            " read-only"
        ),
        "fix": "turn the overlay off (raspi-config), or read dmesg and check the card (fsck), then remount it writable",
        "evidence": "https://man7.org/linux/man-pages/man8/mount.8.html",
    },
    {
        "id": "RUN-12",
        "confidence": "recorded",
        "text": (
            r"is not valid yet \(invalid for another|certificate is not yet"
            r" valid|CERTIFICATE_VERIFY_FAILED\][^\n]{0,80}not yet valid"
        ),
        "cause": "the clock of this board is wrong: it is earlier than the signing time of the downloaded files",
        "fix": "set the clock (timedatectl set-ntp true, or date -s), and run again",
        "evidence": "https://github.com/GeekFunkLabs/fluidpatcher/issues/27",
    },
    {
        "id": "RUN-13",
        "text": r"DefaultCPUAllocator: (?:can.t allocate memory|not enough memory)|std::bad_alloc",
        "confidence": "recorded",
        "cause": "memory ran out: a tensor, or another allocation of the program, did not fit",
        "fix": "use a smaller model or batch, stop other programs, or add swap{swap}",
        "evidence": PYTORCH + "blob/main/c10/core/impl/alloc_cpu.cpp",
    },
    {
        "id": "RUN-14",
        "confidence": "recorded",
        "text": (
            r"\bDownloading [^\n]{0,300}\.(?:whl|gz)\b[^\n]{0,80}\n(?:[^\n]{0,200}\n){0,50}MemoryError|"
            r"/pip/_\w{1,20}/[^\n]{0,200}\n(?:[^\n]{0,200}\n){0,9}MemoryError"
        ),
        "cause": "pip holds the whole wheel in memory to write it to its cache, and the memory is too small",
        "fix": (
            "pip install --no-cache-dir, or add swap; edgeai.fleet.provision sends the wheels in pieces and needs no"
            " cache"
        ),
        "evidence": "https://github.com/pypa/pip/issues/2984",
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
        "text": r"No module named 'torch_npu'|module 'torch' has no attribute 'npu'",
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
        "id": "RUN-04",
        "text": r"ModuleNotFoundError: No module named 'torch'",
        "confidence": "proven",
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
        "text": r"(?i)unsupported soc version: (Ascend\w+)",
        "confidence": "recorded",
        "cause": "this torch_npu does not know the chip {0}",
        "fix": (
            "an Ascend310 has no torch_npu (torch_accelerator: cpu); for newer chips install a newer CANN and"
            " provision again"
        ),
        "evidence": "https://github.com/Ascend/pytorch/blob/master/torch_npu/csrc/core/npu/NpuVariables.cpp",
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
        "text": (
            r"libdcmi\.so[^\n]{0,60}(?:cannot open|not found|No such file|cannot be"
            r" loaded)|(?:fail|unable|cannot|can.t)[^\n]{0,60}libdcmi\.so"
        ),
        "cause": "the loader does not find the libraries of the Ascend driver",
        "fix": (
            "add /usr/local/Ascend/driver/lib64, its common and its driver directory to LD_LIBRARY_PATH in"
            " torch_environment"
        ),
        "evidence": "https://www.hiascend.com/",
    },
    {
        "id": "NPU-21",
        "confidence": "recorded",
        "text": r"(lib(?:ascend_hal|drvdsmi_host|drvhdc\w{0,20}|c_sec)\.so[\w.]{0,20}): cannot open shared object file",
        "cause": "{0} is a library of the Ascend driver, which is not installed here, or not where the loader looks",
        "fix": (
            "in a container mount /usr/local/Ascend/driver (ascend-docker-runtime does it); elsewhere add its lib64,"
            " lib64/common and lib64/driver to LD_LIBRARY_PATH in torch_environment"
        ),
        "evidence": "https://github.com/vllm-project/vllm-ascend/issues/1440",
    },
    {
        "id": "NPU-22",
        "text": r"libatb\.so[\w.]{0,20}: cannot open shared object file",
        "confidence": "recorded",
        "cause": (
            "libatb.so is part of NNAL, a package that supplements CANN; NNAL is not installed, or its set_env.sh"
            " was not sourced"
        ),
        "fix": "install Ascend-cann-nnal of the same version as CANN, and source nnal/atb/set_env.sh",
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
        "cause": (
            "torch_npu needs {0} of CANN, which was not installed, or whose set_env.sh was not found, when the board"
            " was detected"
        ),
        "fix": "install the CANN toolkit that fits the plan (edgeai.fleet.explain names it), then provision again",
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
        "text": r"No module named '(tbe|te|acl|hccl|te_fusion|opc_tool)(?:\.[\w.]{1,60})?'",
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
        "text": r"not implemented for DT_BFLOAT16|\bEZ3003\b[^\n]{0,300}DT_BFLOAT16",
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
        "text": r"\bEI0006\b|\bEJ0001\b",
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
        "text": r"Cannot find bin of op|(?:[Ee]rr|ERR|[Rr]et|[Cc]ode|acl)\D{0,40}\b561003\b",
        "confidence": "recorded",
        "cause": "the kernels of CANN for this chip are missing, or of another version than the toolkit",
        "fix": (
            "install the kernels package (from 8.5 on: ops) of the same version as the toolkit; an upgrade of the"
            " toolkit removes them"
        ),
        "evidence": "https://github.com/Ascend/pytorch",
    },
    {
        "id": "NPU-07",
        "text": r"AclSetCompileopt|(?:[Ee]rr|ERR|[Rr]et|[Rr]esult|[Cc]ode|acl)\D{0,40}\b500001\b",
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
        "id": "NPU-09",
        "text": r"dcmi module initialize failed\. ret is -8005",
        "confidence": "recorded",
        "cause": "the Ascend driver is not loaded, or another container holds the device",
        "fix": "check lsmod | grep drv_ and dmesg; restart the board after installing the driver",
        "evidence": "https://github.com/vllm-project/vllm-ascend/issues/2698",
    },
    {
        "id": "NPU-10",
        "text": r"ret is -8020",
        "confidence": "recorded",
        "cause": "another container uses the NPU",
        "fix": "stop the other container, or set the device to sharing",
        "evidence": "https://github.com/Ascend/cann-container-image/issues/46",
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
        "text": r"(?:[Ee]rr|ERR|[Rr]et|[Cc]ode|acl|EZ9999)\D{0,40}\b507008\b",
        "confidence": "recorded",
        "cause": "CANN finds no chip: this process has no device, or CANN and the driver are not compatible",
        "fix": "check npu-smi info and ASCEND_RT_VISIBLE_DEVICES; install CANN and driver of the same release",
        "evidence": "https://github.com/Ascend/pytorch",
    },
    {
        "id": "NPU-24",
        "family": "atlas",
        "text": r"(?:[Ee]rr|ERR|[Rr]et|[Cc]ode|acl|EZ9999)\D{0,40}\b5070(?:1[456]|3[45])\b",
        "confidence": "recorded",
        "cause": (
            "an operator failed on a core of the chip: its kernels are from another release, or its input was out of"
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
        "text": r"(?:[Ee]rr|ERR|[Rr]et|[Cc]ode|acl|EZ9999)\D{0,40}\b50701[78]\b",
        "confidence": "recorded",
        "cause": "an operator failed on the AI CPU of the chip: this torch_npu and CANN may not support it",
        "fix": (
            "run with ASCEND_LAUNCH_BLOCKING=1 to see which operator it is; provision again for a torch_npu that fits"
            " CANN and chip"
        ),
        "evidence": "https://github.com/Ascend/pytorch",
    },
    {
        "id": "NPU-26",
        "family": "atlas",
        "text": r"(?:[Ee]rr|ERR|[Rr]et|[Cc]ode|acl|EZ9999)\D{0,40}\b507033\b",
        "confidence": "recorded",
        "cause": "the chip did not start: its operator packages (OPP, kernels) are not of CANN's version",
        "fix": "install the kernels (ops) package of the same version as CANN",
        "evidence": "https://github.com/Ascend/pytorch",
    },
    {
        "id": "NPU-27",
        "family": "atlas",
        "confidence": "recorded",
        "text": r"(?:[Ee]rr|ERR|[Rr]et|[Cc]ode|acl|EZ9999)\D{0,40}\b507899\b|Can.t get ascend_hal device count",
        "cause": (
            "the driver of the Ascend chip cannot be reached: its device nodes are closed to this user or missing in"
            " this container, or it is not compatible with CANN"
        ),
        "fix": (
            "add the user to the group HwHiAiUser, pass the devices (davinci*, davinci_manager, devmm_svm, hisi_hdc)"
            " and the driver's libraries to the container"
        ),
        "evidence": "https://github.com/Project-HAMi/ascend-device-plugin/issues/139",
    },
    {
        "id": "NPU-28",
        "family": "atlas",
        "confidence": "recorded",
        "text": r"(?:[Ee]rr|ERR|[Rr]et|[Cc]ode|acl|EZ9999)\D{0,40}\b207001\b|NPU out of memory",
        "cause": "the memory of the Ascend chip is full",
        "fix": "use a smaller batch or model; stop other programs on the chip (npu-smi info)",
        "evidence": "https://github.com/Ascend/pytorch",
    },
    {
        "id": "NPU-08",
        "family": "atlas",
        "confidence": "recorded",
        "text": r"(?:[Ee]rr|ERR|[Rr]et|[Cc]ode|acl|EZ9999)\D{0,40}\b(10700[12]|[25]07\d{3})\b",
        "cause": (
            "the Ascend runtime returned error {0}: 107001 is a wrong device number, 107002 a missing context,"
            " 207xxx resources, 507xxx the running chip or its driver"
        ),
        "fix": "check ASCEND_RT_VISIBLE_DEVICES, the free memory (npu-smi info), and the driver's log",
        "evidence": (
            "https://www.hiascend.com/document/detail/en/CANNCommunityEdition/910/API/runtimeapi"
            "/aclcppdevg_03_6666.html"
        ),
    },
    # --- Jetson
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
        "id": "JET-27",
        "family": "jetson",
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
        "fix": "provision the board again (torch_system_packages: install), or apt-get install nvidia-jetpack",
        "evidence": "https://github.com/dusty-nv/jetson-containers/issues/100",
    },
    {
        "id": "JET-08",
        "family": "jetson",
        "confidence": "recorded",
        "repair": "groups",
        "text": (
            r"NvRmMemInitNvmap failed|/dev/nvmap.{0,200}Permission denied|CUDA unknown error|"
            r"(?i:\bcu(?:da\w{0,40}|Init)\b[^\n]{0,300}\berror (?:100|801|999)\b)|\bError (?:100|801|999): [a-z]"
        ),
        "cause": (
            "this user may not open /dev/nvmap, which belongs to the group video (some images also need render):"
            " CUDA works only for root"
        ),
        "fix": (
            "add the user to the groups (usermod -aG video,render USER) and log in again; torch_repair: true does it"
        ),
        "evidence": "https://github.com/NVIDIA/NemoClaw/issues/4231",
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
            r"libnvdla_compiler\.so[^\n]{0,200}GLIBCXX_|GLIBCXX_[^\n]{0,300}libnvdla_compiler\.so"
            r"|libnvcudla\.so[\w.]{0,10}:"
            r" undefined symbol"
        ),
        "cause": (
            "the container's image and the host have different JetPacks: the host's libraries do not fit the image"
        ),
        "fix": "use an image for the host's L4T (cat /etc/nv_tegra_release on the host)",
        "evidence": "https://github.com/dusty-nv/jetson-containers/issues/699",
    },
    {
        "id": "JET-16",
        "family": "jetson",
        "text": r"version [`']?(GLIBCXX_3\.4\.3[1-9])'? not found",
        "confidence": "recorded",
        "cause": "this wheel needs {0}, a newer libstdc++ than that of Ubuntu 22.04",
        "fix": "install libstdc++6 from ppa:ubuntu-toolchain-r/test, or leave jetson_community_index off",
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
        "text": r"NvMapMemAllocInternalTagged[^\n]{0,200}error 12",
        "confidence": "recorded",
        "cause": "the Jetson has no contiguous memory left for the GPU: memory is full, or fragmented",
        "fix": "stop other programs, or restart the board; drop caches (echo 3 > /proc/sys/vm/drop_caches)",
        "evidence": "https://github.com/0xShug0/audio.cpp/issues/12",
    },
    {
        "id": "JET-23",
        "family": "jetson",
        "confidence": "recorded",
        "text": r"CUDA out of memory|OutOfMemoryError|CUBLAS_STATUS_ALLOC_FAILED|CUDA error: out of memory",
        "cause": (
            "the memory that CPU and GPU of a Jetson share is full; the file cache counts as used, and swap does not"
            " help the GPU"
        ),
        "fix": (
            "stop the desktop and other programs, drop caches (echo 3 > /proc/sys/vm/drop_caches), use a smaller batch"
            " or model"
        ),
        "evidence": "https://github.com/ollama/ollama/issues/12283",
    },
    {
        "id": "JET-24",
        "family": "jetson",
        "confidence": "recorded",
        "text": r"torch\.distributed' has no attribute '(?:ReduceOp|is_initialized)|has no attribute 'ReduceOp'",
        "cause": "NVIDIA's wheel for this JetPack was built without torch.distributed",
        "fix": "do without several processes, or compile torch with it (docs/build-features.md)",
        "evidence": "https://github.com/pytorch/pytorch/issues/31710",
    },
    {
        "id": "JET-12",
        "family": "jetson",
        "soc": "tegra264",
        "confidence": "recorded",
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
        "text": r"no kernel image is available|is not compatible with the current PyTorch installation",
        "cause": (
            "this build has no code for the GPU of this board (Nano 5.3, TX2 6.2, Xavier 7.2, Orin 8.7, where code for"
            " 8.0 does not run)"
        ),
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
        "id": "JET-26",
        "family": "jetson",
        "confidence": "guess",
        "text": (
            r"unsupported display driver / cuda driver combination|forward compatibility was attempted on non"
            r" supported HW"
        ),
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
        "id": "CUDA-02",
        "text": r"driver on your system is too old \(found version (\d+)\)",
        "confidence": "recorded",
        "cause": "torch was built for a newer CUDA than the NVIDIA driver supports ({0})",
        "fix": "upgrade the NVIDIA driver, or provision again: the plan chooses a build that the driver supports",
        "evidence": PYTORCH + "pull/162531",
    },
    {
        "id": "CUDA-22",
        "text": r"Driver/library version mismatch",
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
        "text": r"NVIDIA-SMI has failed because it couldn.t communicate with the NVIDIA driver",
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
        "id": "CUDA-24",
        "text": r"Failed to initialize NVML: Unknown Error",
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
            r"Unknown runtime specified nvidia"
        ),
        "cause": "Docker on this machine does not have NVIDIA's runtime",
        "fix": (
            "install nvidia-container-toolkit, run nvidia-ctk runtime configure --runtime=docker, and restart Docker"
        ),
        "evidence": "https://docs.nvidia.com/datacenter/cloud-native/container-toolkit/latest/install-guide.html",
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
        "text": r"CUDA driver version is insufficient for CUDA runtime version",
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
        "text": r"(?i)error 803|unsupported display driver / cuda driver combination",
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
        "text": r"(?i)error 804|forward compatibility was attempted on non supported HW",
        "confidence": "recorded",
        "cause": "cuda-compat is in use on a GPU that it does not support",
        "fix": "upgrade the NVIDIA driver, and remove cuda-compat",
        "evidence": "https://github.com/oobabooga/text-generation-webui/issues/4407",
    },
    {
        "id": "CUDA-03",
        "confidence": "recorded",
        "text": r"CUDA unknown error|(?i:\bcu(?:da\w{0,40}|Init)\b[^\n]{0,300}\berror 999\b)|\bError 999: [a-z]",
        "cause": (
            "the kernel module nvidia_uvm is broken (after a suspend), or the variables were changed after the"
            " program started"
        ),
        "fix": "rmmod nvidia_uvm && modprobe nvidia_uvm, or restart the machine",
        "evidence": PYTORCH + "issues/49081",
    },
    {
        "id": "CUDA-06",
        "confidence": "recorded",
        "text": r"no kernel image is available|sm_\d+ is not compatible with the current PyTorch installation",
        "cause": "this build has no code for the GPU of this machine",
        "fix": "leave torch_version at auto: the plan chooses a build for the compute capability",
        "evidence": PYTORCH + "issues/31285",
    },
    {
        "id": "CUDA-15",
        "variable": "CUDA_VISIBLE_DEVICES",
        "confidence": "recorded",
        "text": r"(?i)No CUDA GPUs are available|no CUDA-capable device is detected|\berror 100\b",
        "cause": "this process sees no GPU: CUDA_VISIBLE_DEVICES is {0}",
        "fix": (
            "remove CUDA_VISIBLE_DEVICES from torch_environment (or /etc/environment), or set it to GPUs that"
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
        "text": r"(?i)no CUDA-capable device is detected|\bcuda\w{0,40}\(\)[^\n]{0,200}\berror 100\b",
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
        "text": (
            r"(?i)OS call failed or operation not supported on this OS|\bcu(?:da\w{0,40}|Init)\b[^\n]{0,300}\berror"
            r" 304\b"
        ),
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
        "text": (
            r"(?i)CUDA-capable devices? ?(?:\(s\) )?(?:is/)?are busy or"
            r" unavailable|\bcuda\w{0,40}\(\)[^\n]{0,200}\berror 46\b"
        ),
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
        "text": r"(?i)\bcu(?:da\w{0,40}|Init)\b[^\n]{0,300}\berror 802\b|\berror 802: |system not yet initialized",
        "cause": (
            "the GPUs of this machine are connected by NVSwitch, and the fabric manager, which configures it, does"
            " not run"
        ),
        "fix": (
            "install nvidia-fabricmanager of the same version as the driver and start it (systemctl enable --now"
            " nvidia-fabricmanager)"
        ),
        "evidence": PYTORCH + "issues/35710",
    },
    {
        "id": "CUDA-11",
        "text": r"(?i)invalid device ordinal|\bcu(?:da\w{0,40}|Init)\b[^\n]{0,300}\berror 101\b",
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
        "id": "CUDA-12",
        "text": r"undefined symbol: nccl\w+",
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
        "id": "CUDA-14",
        "confidence": "recorded",
        "text": (
            r"CUDA out of memory|torch\.(?:cuda\.)?OutOfMemoryError|CUDA error: out of"
            r" memory|CUBLAS_STATUS_ALLOC_FAILED"
        ),
        "cause": "the memory of the GPU is full",
        "fix": "use a smaller batch or model, or half precision; stop other programs on the GPU (nvidia-smi)",
        "evidence": "https://docs.pytorch.org/docs/stable/notes/cuda.html",
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
        "cause": "no NVIDIA driver is loaded, or its libcuda is not found",
        "fix": "install the NVIDIA driver; in a container, start it with access to the GPU",
        "evidence": PYTORCH + "blob/main/c10/cuda/CUDAFunctions.cpp",
    },
    {
        "id": "GEN-14",
        "family": ("raspberrypi", "pynq"),
        "text": r"Torch not compiled with CUDA enabled",
        "confidence": "recorded",
        "cause": "the program asks for CUDA, and this board has no NVIDIA GPU",
        "fix": 'use the CPU in the program: torch.device("cuda" if torch.cuda.is_available() else "cpu")',
        "evidence": PYTORCH + "issues/30664",
    },
    {
        "id": "NPU-37",
        "family": "atlas",
        "text": r"Torch not compiled with CUDA enabled",
        "confidence": "recorded",
        "cause": "the program asks for CUDA, and this board has an Ascend NPU",
        "fix": (
            'use the device "npu" in the program (import torch_npu; from torch_npu.contrib import transfer_to_npu'
            " turns cuda into npu)"
        ),
        "evidence": "https://github.com/Ascend/pytorch/blob/master/README.md",
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
        "id": "GEN-16",
        "confidence": "recorded",
        "text": (
            r"operator torchvision::nms does not exist|module 'torchvision' has no attribute 'extension'|"
            r"requires torch==\S{1,40}, but you have torch \S{1,40} which is incompatible"
        ),
        "cause": "this torchvision (or the named package) was built for another torch than the installed one",
        "fix": "provision with torch_companions: [torchvision]: both come from one source and match",
        "evidence": PYTORCH + "issues/157648",
    },
    {
        "id": "GEN-17",
        "text": r"Could not run 'torchvision::nms' with arguments from the '(?:CUDA|NPU)' backend",
        "confidence": "recorded",
        "cause": "this torchvision was built without CUDA, and torch with CUDA",
        "fix": "provision with torch_companions: [torchvision]: both come from one source and match",
        "evidence": "https://github.com/ultralytics/ultralytics/issues/22069",
    },
    {
        "id": "GEN-18",
        "text": r"numpy\.(?:dtype|ndarray) size changed, may indicate binary incompatibility",
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
        "confidence": "recorded",
        "text": r"ELF load command address/offset not (?:page-aligned|properly aligned)|Unsupported system page size",
        "cause": (
            "this program or library was built for pages of 4 KiB, and the kernel has larger ones (Raspberry Pi 5: 16"
            " KiB)"
        ),
        "fix": (
            "install a newer build of it, or boot the kernel with 4 KiB pages (kernel=kernel8.img in"
            " /boot/firmware/config.txt)"
        ),
        "evidence": "https://github.com/LORD-MicroStrain/MSCL/issues/380",
    },
    {
        "id": "GEN-20",
        "text": r"module 'numpy' has no attribute '(?:bool|int|float|object|str)'",
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
            "install the library for the system's own architecture (dpkg --print-architecture), or use a 64-bit system"
        ),
        "evidence": "https://man7.org/linux/man-pages/man5/elf.5.html",
    },
    {
        "id": "GEN-15",
        "text": r"NumPy was built with baseline optimizations",
        "confidence": "recorded",
        "cause": "this NumPy (2.4 or later) needs x86-64-v2, which this processor or virtual machine does not support",
        "fix": "torch_constraints: [numpy<2.4], or give the virtual machine a newer CPU type (such as host)",
        "evidence": "https://github.com/TomBursch/kitchenowl/issues/961",
    },
    {
        "id": "GEN-01",
        "confidence": "proven",
        "repair": "numpy",
        "text": (
            r"compiled using NumPy 1\.x cannot be run|_ARRAY_API not found|Numpy is not"
            r" available|numpy\.core\.multiarray failed to import"
        ),
        "cause": "this torch was built for NumPy 1 and does not work with the NumPy 2 of this environment",
        "fix": "torch_constraints: [numpy<2], and provision again; torch_repair: true does it",
        "evidence": PYTORCH + "issues/135013",
    },
    {
        "id": "GEN-04",
        "text": r"(\S{1,200}): cannot allocate memory in static TLS block",
        "confidence": "recorded",
        "cause": "thread-local memory ran out because of the order of imports ({0})",
        "fix": "import torch before everything else, or set LD_PRELOAD to that libgomp in torch_environment",
        "evidence": "https://github.com/NVIDIA-AI-IOT/jetcard/issues/34",
    },
    {
        "id": "GEN-02",
        "text": r"version [`']?(GLIBC_[\d.]+)'? not found",
        "confidence": "proven",
        "cause": "the wheel needs {0}, which is newer than the C library of this system",
        "fix": "choose an older torch_version, or upgrade the operating system",
        "evidence": PYTORCH + "issues/129555",
    },
    {
        "id": "GEN-03",
        "text": r"version [`']?((?:GLIBCXX|CXXABI)_[\d.]+)'? not found",
        "confidence": "recorded",
        "cause": "a library needs {0}, and an older libstdc++ is loaded first",
        "fix": (
            "in conda: install libstdcxx-ng from conda-forge; elsewhere upgrade libstdc++6, or remove the directory"
            " of the older one from LD_LIBRARY_PATH"
        ),
        "evidence": "https://gcc.gnu.org/onlinedocs/libstdc++/manual/abi.html",
    },
    {
        "id": "CUDA-29",
        "family": "x86_conda",
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
        "id": "RUN-05",
        "text": r"(lib[\w.+-]{1,100}\.so[\w.]{0,20}): cannot open shared object file",
        "confidence": "proven",
        "cause": "the shared library {0} is missing, or is not where the loader looks{needed_by}",
        "fix": "install {package}, or add its directory to LD_LIBRARY_PATH (torch_environment)",
        "evidence": "https://man7.org/linux/man-pages/man8/ld.so.8.html",
    },
    {
        "id": "GEN-08",
        "confidence": "recorded",
        "text": (
            r"torch-0\.1\.2(?:\.post\d)?\b|You should install pytorch from http://pytorch\.org|You tried to install"
            r" .pytorch."
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
        "text": r"Dkms install failed|Drv_dkms_env_check failed",
        "confidence": "recorded",
        "cause": (
            "the driver of the Ascend chip cannot be compiled for the running kernel: the kernel's headers are"
            " missing, or the kernel is too new"
        ),
        "fix": (
            "put dkms, gcc, make and the headers of the running kernel (apt: linux-headers-<release>; dnf:"
            " kernel-devel-<release>) into torch_extra_packages, which is installed before the driver, and run again"
        ),
        "evidence": "https://hiascend.com/document/detail/zh/quick-installation/24.0.RC1/quickinstg_train/900_A2_PoDc/quickinstg_900A2_PoDc__0053.html",
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
            "add the company's certificate to the system (update-ca-certificates) or set it (PIP_CERT,"
            " SSL_CERT_FILE); update ca-certificates; check the clock (date); torch_mirrors can name an index inside"
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
        "id": "GEN-06",
        "confidence": "recorded",
        "text": (
            r"(?:No matching distribution found for|Could not find a version that satisfies the requirement)"
            r" (torch(?:vision|audio|[-_]npu)?)(?![\w-])"
        ),
        "cause": (
            "the index has no such wheel of {0} for this Python and architecture: there are none for 32-bit systems,"
            " nor for a Python older or newer than the release supports"
        ),
        "fix": (
            "edgeai.fleet.explain names the Python, the release and the source that fit this board;"
            " edgeai.fleet.provision installs them"
        ),
        "evidence": "https://packaging.python.org/en/latest/specifications/platform-compatibility-tags/",
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
        "confidence": "proven",
        "cause": "the build needs a driver for CUDA {0}, and none was found",
        "fix": "install or upgrade the NVIDIA driver, or set torch_accelerator: cpu",
        "evidence": "https://conda-forge.org/docs/user/cuda/",
    },
)
