# Copyright (c) 2026 the edgeai.fleet authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Stand-ins for the .run files of Huawei's CANN: the options, paths and quirks of the real ones, and tiny contents.

What they imitate, and where it is from:

(This file runs on Python 3.6, like the tests of board code.)

* the options and the default path: instg_0042 of Huawei's guide for CANN 9.1.0;
* without --quiet they ask for the licence at the terminal, and fail without one; the kernels print their usage for an
  unknown scene and end with 0: public notes of who ran them unattended (9.2.0-beta.2, 8.5.0);
* the directories cann-VERSION, cann -> cann-VERSION, ascend-toolkit/latest -> cann from 8.5 on, ascend-toolkit/VERSION
  before; ascend_toolkit_install.info; /etc/Ascend/ascend_cann_install.info: instg_0044 of 8.0.0 and 8.5.0;
* NNAL wants the toolkit's variables and owner, keeps its versions, and has a set_env.sh that asks torch for the C++
  ABI: scripts/install.sh and scripts/set_env.sh of https://github.com/hicann/ascend-transformer-boost.
"""

HEAD = r"""#!/bin/bash
# A stand-in of tests/lab/cann_standin.py.
log="@LOG@"; version="@VERSION@"; arch="@ARCH@"; chip="@CHIP@"; path="@PATH@"
quiet= scene= all=
usage() { echo "Usage: $0 [options]"; }
echo "@PART@ $(id -un) $*" >>"$log"
for word in "$@"; do
    case "$word" in
    --check) echo "Verifying archive integrity...  100%   SHA256 checksums are OK. All good."; exit @CHECK@;;
    --quiet|-q) quiet=y;;
    --nox11) ;;
    --install-path=*) path="${word#*=}";;
    --install-for-all) all=y;;
    @SCENES@) scene="$word";;
    *) usage; exit 0;;
    esac
done
[ -n "$scene" ] || { usage; exit 1; }
if [ -z "$quiet" ]; then
    echo "Do you accept the EULA to install CANN? [Y/N]"
    read -r answer </dev/tty && [ "$answer" = Y ] || { echo "[ERROR] the EULA was not accepted"; exit 1; }
fi
umask 022
"""

TOOLKIT = r"""
case "$version" in
[0-7].*|8.[0-4].*) home="$path/ascend-toolkit/$version";;
*) home="$path/cann-$version";;
esac
mkdir -p "$home/$arch-linux" "$home/lib64" "$home/python/site-packages" || exit 1
cat >"$home/$arch-linux/ascend_toolkit_install.info" <<END
package_name=Ascend-cann-toolkit
version=$version
innerversion=V100R001C00
arch=$arch
os=linux
path=$home/$arch-linux
END
[ "$scene" = --install ] || touch "$home/python/site-packages/acl.so"
cat >"$home/set_env.sh" <<'END'
home="$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)"
export ASCEND_HOME_PATH="$home" ASCEND_TOOLKIT_HOME="$home" ASCEND_OPP_PATH="$home/opp"
export LD_LIBRARY_PATH="$home/lib64:$LD_LIBRARY_PATH"
export PYTHONPATH="$home/python/site-packages:$PYTHONPATH"
END
mkdir -p "$path/ascend-toolkit" "$(dirname "@INFO@")"
case "$home" in
*/ascend-toolkit/*)
    ln -sfn "$version" "$path/ascend-toolkit/latest"
    cp "$home/set_env.sh" "$path/ascend-toolkit/set_env.sh"
    sed -i "s#^home=.*#home=$path/ascend-toolkit/latest#" "$path/ascend-toolkit/set_env.sh";;
*)
    ln -sfn "cann-$version" "$path/cann"
    ln -sfn "$path/cann" "$path/ascend-toolkit/latest";;
esac
[ "$(id -u)" != 0 ] || echo "Install_Path=$path" >"@INFO@"
"""

OPS = r"""
case "$version" in
[0-7].*|8.[0-4].*) home="$path/ascend-toolkit/$version";;
*) home="$path/cann-$version";;
esac
[ -f "$home/$arch-linux/ascend_toolkit_install.info" ] || { echo "[ERROR] no toolkit in $path"; exit 1; }
mkdir -p "$home/opp/built-in/op_impl/ai_core/tbe/kernel/ascend$chip"
printf 'package_name=Ascend-cann-%s-ops\nversion=%s\n' "$chip" "$version" >"$home/$arch-linux/ascend_ops_install.info"
"""

NNAL = r"""
if [ -z "$ASCEND_TOOLKIT_HOME" ] || [ ! -d "$ASCEND_HOME_PATH" ]; then
    echo "[ERROR] Check owner failed, please check env ASCEND_TOOLKIT_HOME or ASCEND_NNAE_HOME is set."; exit 1
fi
[ "$(stat -c %U "$ASCEND_HOME_PATH")" = "$(id -un)" ] ||
    { echo "[ERROR] Check owner failed, current owner is not same with CANN."; exit 1; }
atb="$path/nnal/atb"
for abi in 0 1; do mkdir -p "$atb/$version/atb/cxx_abi_$abi/lib" || exit 1; done
cat >"$atb/set_env.sh" <<'END'
cxx_abi=""
for word in "$@"; do case "$word" in --cxx_abi=[01]) cxx_abi="${word#*=}";; esac; done
if [ -z "$cxx_abi" ]; then
    if python3 -c "import torch" 2>/dev/null; then
        cxx_abi=$(python3 -c 'import torch; print(int(torch.compiled_with_cxx11_abi()))')
    else
        cxx_abi=1
    fi
fi
export ATB_HOME_PATH="$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)/latest/atb/cxx_abi_$cxx_abi"
export LD_LIBRARY_PATH="$ATB_HOME_PATH/lib:$LD_LIBRARY_PATH"
END
cp "$atb/set_env.sh" "$atb/$version/atb/set_env.sh"
ln -sfn "$version" "$atb/latest"
"""

BODIES = {
    "toolkit": (TOOLKIT, "--install|--devel|--full|--upgrade"),
    "ops": (OPS, "--install|--devel"),
    "nnal": (NNAL, "--install|--upgrade"),
}


def installer(
    part,
    version,
    chip="310b",
    arch="x86_64",
    log="/var/log/cann.log",
    path="/usr/local/Ascend",
    info="/etc/Ascend/ascend_cann_install.info",
    check=0,
):
    """The text of one installer. It writes how it was called to C(log)."""
    body, scenes = BODIES[part]
    text = HEAD + body + '\necho "$scene success, installed in $path"\n'
    values = {
        "PART": part,
        "VERSION": version,
        "CHIP": chip,
        "ARCH": arch,
        "LOG": log,
        "PATH": path,
        "INFO": info,
        "CHECK": str(check),
        "SCENES": scenes,
    }
    for name, value in values.items():
        text = text.replace(f"@{name}@", value)
    return text


def file_name(part, version, chip="310b", arch="x86_64"):
    """The name that Huawei gives the file."""
    new = [int(number) for number in version.split(".")[:2]] >= [8, 5]
    named = {"ops": f"{chip}-ops" if new else f"kernels-{chip}"}.get(part, part)
    return f"Ascend-cann-{named}_{version}_linux-{arch}.run"
