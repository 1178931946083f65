#!/bin/sh
# Copyright (c) 2026 the edgeai.fleet authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Check this bundle and install Ansible with edgeai.fleet on a control node without internet. Nothing is requested from
# the network, and nothing is written outside the directory of --into.
set -eu
unset PYTHONPATH PYTHONHOME
LC_ALL=C
export LC_ALL

usage() {
  cat <<'TEXT'
Usage: sh install.sh --signer WHO --into DIRECTORY [--python PROGRAM]
       sh install.sh --signer WHO --check

  --signer WHO        who must have signed this bundle: the fingerprint SHA256:... that its maker told you, or a file
                      with the maker's public SSH key, which you got on another way than this bundle
  --unsigned          instead of --signer: use a bundle that nobody vouches for; only its sums are checked
  --into DIRECTORY    where Ansible and the collection are installed: a new directory, or one of an earlier install.sh
  --python PROGRAM    the Python for it; by default the one of PATH with the version that this bundle is for
  --check             only check the bundle

The packages of the boards stay in this bundle: leave it where it is, on a disk that you can write to.
TEXT
}

fail() {
  printf 'install.sh: %s\n' "$*" >&2
  exit 1
}

wanted() {
  [ $# -ge 2 ] || fail "$1 needs a value. See sh install.sh --help."
}

signer='' unsigned=no into='' python='' check=no
while [ $# -gt 0 ]; do
  case $1 in
    --signer) wanted "$@"; signer=$2; shift ;;
    --into) wanted "$@"; into=$2; shift ;;
    --python) wanted "$@"; python=$2; shift ;;
    --unsigned) unsigned=yes ;;
    --check) check=yes ;;
    --help | -h) usage; exit 0 ;;
    *) fail "unknown: $1. See sh install.sh --help." ;;
  esac
  shift
done
[ "$check" = yes ] || [ -n "$into" ] || fail "name the directory to install into (--into DIRECTORY), or --check. See sh install.sh --help."

# Relative paths are those of the place where this was started.
start=$(pwd -P)
absolute() {
  case $1 in
    /*) printf '%s\n' "$1" ;;
    *) printf '%s/%s\n' "$start" "$1" ;;
  esac
}
case $signer in
  '' | SHA256:*) ;;
  *) signer=$(absolute "$signer") ;;
esac
[ -z "$into" ] || into=$(absolute "$into")
case $python in
  */*) python=$(absolute "$python") ;;
esac

bundle=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd -P)
cd -- "$bundle"
again='Copy the bundle again from its maker.'
umask 022
work=$(mktemp -d)
trap 'rm -rf -- "$work"' EXIT
trap 'exit 1' HUP INT TERM

# --- who made it

[ -s SHA256SUMS ] || fail "$bundle has no SHA256SUMS: it is not a complete bundle. $again"
if [ "$unsigned" = yes ]; then
  [ -z "$signer" ] || fail "--signer and --unsigned exclude each other."
  printf 'The signature is not checked (--unsigned): nobody vouches for this bundle.\n'
else
  [ -s SHA256SUMS.sig ] || fail "this bundle is not signed. Get a signed one, or use it anyway with --unsigned."
  command -v ssh-keygen >/dev/null || fail "ssh-keygen, which checks the signature, is not installed. Install OpenSSH."
  ssh-keygen -Y check-novalidate -n bundle@edgeai.fleet -s SHA256SUMS.sig <SHA256SUMS >"$work/said" 2>"$work/errors" ||
    fail "SHA256SUMS.sig is not a signature of this SHA256SUMS: one of them was changed. Do not use this bundle. $again"
  by=$(sed -n '1s/.*\(SHA256:[A-Za-z0-9+/]*\).*/\1/p' "$work/said")
  [ -n "$signer" ] || fail "this bundle is signed by $by. Compare this with the fingerprint that its maker told you, and start again with --signer $by."
  case $signer in
    SHA256:*) printf '%s\n' "$signer" >"$work/known" ;;
    *)
      ssh-keygen -l -E sha256 -f "$signer" >"$work/keys" 2>&1 || fail "$signer is not a readable file of public SSH keys."
      sed -n 's/.*\(SHA256:[A-Za-z0-9+/]*\).*/\1/p' "$work/keys" >"$work/known"
      ;;
  esac
  grep -Fqx -- "$by" "$work/known" || fail "this bundle is signed by $by, not by $(tr '\n' ' ' <"$work/known"). Do not use it; ask its maker for the fingerprint."
  printf 'Signed by %s.\n' "$by"
fi

# --- each file as it was made, and no other

if command -v sha256sum >/dev/null; then
  sums() { sha256sum -c SHA256SUMS; }
elif command -v shasum >/dev/null; then
  sums() { shasum -a 256 -c SHA256SUMS; }
else
  fail "neither sha256sum nor shasum is installed, which check the files."
fi
grep -Eqv '^[0-9a-f]{64}  [A-Za-z0-9_][A-Za-z0-9_.+!~/-]*$' SHA256SUMS && fail "SHA256SUMS is damaged. $again"
grep -q '/\.' SHA256SUMS && fail "SHA256SUMS names hidden files. Do not use this bundle. $again"
cut -c 67- SHA256SUMS | sort >"$work/named"
# What a run that used this bundle left in its wheelhouse does not count; all else that is not named does.
find . ! -type d | sed 's|^\./||' | grep -Ev '^(SHA256SUMS(\.sig)?|wheelhouse/\.lock|wheelhouse/sha256/[0-9a-f]{64}/\.[^/]+\.verified)$' |
  sort >"$work/there"
missing=$(comm -23 "$work/named" "$work/there" | head -n 5 | tr '\n' ' ')
[ -z "$missing" ] || fail "files are missing, such as: ${missing% }. The bundle was not copied or unpacked completely. $again"
foreign=$(comm -13 "$work/named" "$work/there" | head -n 5 | tr '\n' ' ')
[ -z "$foreign" ] || fail "there are files that are no part of this bundle, such as: ${foreign% }. Do not use it. $again"
links=$(find . ! -type d ! -type f | head -n 5 | tr '\n' ' ')
[ -z "$links" ] || fail "there are links or special files, which no bundle has: ${links% }. $again"
printf 'Checking %s files ...\n' "$(wc -l <"$work/named" | tr -d ' ')"
if ! sums >"$work/checked" 2>/dev/null; then
  changed=$(sed -n 's/: FAILED.*//p' "$work/checked" | head -n 5 | tr '\n' ' ')
  fail "files were changed: ${changed:-they cannot be read }Do not use this bundle. $again"
fi

# --- the platform that it is for

value() { sed -n "s/^$1=//p" control/target; }
for_python=$(value python) for_architecture=$(value architecture) for_glibc=$(value glibc)
if [ "$check" = yes ]; then
  printf 'The bundle is whole. It is for Linux %s, glibc %s or later, Python %s.\n' "$for_architecture" "$for_glibc" "$for_python"
  exit 0
fi
remake='Make a bundle for this control node (bundle_platform, bundle_python).'
here=$(uname -s) machine=$(uname -m)
[ "$here $machine" = "Linux $for_architecture" ] ||
  fail "this control node is $here $machine, but the bundle is for Linux $for_architecture. $remake"
glibc=$(getconf GNU_LIBC_VERSION 2>/dev/null | sed -n 's/^glibc //p')
[ -n "$glibc" ] || fail "this control node has no glibc, but the bundle is for glibc $for_glibc or later. $remake"
minor=$(printf '%s' "${glibc#*.}" | sed 's/[^0-9].*//')
[ "$minor" -ge "${for_glibc#*.}" ] ||
  fail "this control node has glibc $glibc, but the bundle is for $for_glibc or later. $remake"
if [ -z "$python" ]; then
  for program in "python$for_python" python3 python; do
    if [ "$("$program" -c 'import sys; print("%d.%d" % sys.version_info[:2])' 2>/dev/null)" = "$for_python" ]; then
      python=$program
      break
    fi
  done
  [ -n "$python" ] || fail "there is no Python $for_python here, which the bundle is for. Install it, name it (--python), or make a bundle for the Python that is here (bundle_python)."
fi
found=$("$python" -c 'import sys; print("%d.%d" % sys.version_info[:2])' 2>/dev/null) || fail "$python does not run."
[ "$found" = "$for_python" ] || fail "$python is Python $found, but the bundle is for $for_python. $remake"

# --- install

if [ -e "$into" ] && [ -n "$(ls -A "$into" 2>/dev/null)" ] && [ ! -e "$into/.edgeai-fleet" ]; then
  fail "$into has files that install.sh did not write. Name a new directory."
fi
mkdir -p -- "$into" || fail "$into cannot be made."
: >"$into/.edgeai-fleet" || fail "$into cannot be written to."
into=$(CDPATH='' cd -- "$into" && pwd -P)
# Written last: without it, an earlier attempt was interrupted.
rm -f -- "$into/activate"
rm -rf -- "$into/venv" "$into/collections"
printf 'Installing into %s ...\n' "$into"
# Without ensurepip, which Debian has in a package of its own: pip comes with this bundle, and runs out of its wheel.
"$python" -m venv --without-pip "$into/venv" >"$work/said" 2>&1 ||
  fail "$python cannot make a virtual environment: $(tail -n 3 "$work/said" | tr '\n' ' ')"
pip=$(ls control/wheels/pip-*.whl)
# No file and no variable of pip's may name an index. Hashes: only the wheels that SHA256SUMS names.
PIP_CONFIG_FILE=/dev/null "$into/venv/bin/python" "$bundle/$pip/pip" --isolated --disable-pip-version-check install \
  --no-index --find-links "$bundle/control/wheels" --only-binary :all: --require-hashes --no-cache-dir --quiet \
  -r "$bundle/control/requirements.txt" >"$work/said" 2>&1 ||
  fail "pip could not install the packages of the control node: $(tail -n 5 "$work/said" | tr '\n' ' ')"
# An ansible.cfg of somebody else's does not matter.
: >"$work/ansible.cfg"
LC_ALL=C.UTF-8 ANSIBLE_CONFIG="$work/ansible.cfg" "$into/venv/bin/ansible-galaxy" collection install --offline --force \
  --collections-path "$into/collections" "$(ls "$bundle"/collection/*.tar.gz)" >"$work/said" 2>&1 ||
  fail "ansible-galaxy could not install the collection: $(tail -n 5 "$work/said" | tr '\n' ' ')"

quoted() { printf '%s' "$1" | sed "s/'/''/g"; }
cat >"$into/offline.yml" <<TEXT
# The options of a run that uses the bundle alone: ansible-playbook ... -e @$into/offline.yml
wheelhouse_dir: '$(quoted "$bundle/wheelhouse")'
wheelhouse_locks: '$(quoted "$bundle/locks")'
wheelhouse_offline: true
TEXT
shell() { printf '%s' "$1" | sed "s/'/'\\\\''/g"; }
cat >"$work/activate" <<TEXT
# For the shell: . '$(shell "$into")/activate'
PATH='$(shell "$into")/venv/bin':\$PATH
ANSIBLE_COLLECTIONS_PATH='$(shell "$into")/collections'
EDGEAI_FLEET_OFFLINE='$(shell "$into")/offline.yml'
export PATH ANSIBLE_COLLECTIONS_PATH EDGEAI_FLEET_OFFLINE
TEXT
cp -- "$work/activate" "$into/.activate" && mv -f -- "$into/.activate" "$into/activate"
cat <<TEXT
Installed. The packages of the boards stay in $bundle.

  . '$(shell "$into")/activate'
  ansible-playbook edgeai.fleet.provision -i inventory.yml -e @"\$EDGEAI_FLEET_OFFLINE"
TEXT
