#!/bin/sh
# What a container does to become a board: what boards.py wrote for it is put in its place, then sshd starts.
# Every step may run again, as a board can be stopped and started; what a run may have changed since is put in place once.
set -eu

if [ ! -e /etc/ssh/lab ]; then
    if [ -d /lab/files ]; then
        tar -C /lab/files -cf - . | tar -C / -xf - --no-same-owner --no-overwrite-dir --keep-directory-symlink
    fi
    if [ -d /lab/apt ]; then
        # The lab's packages alone: Debian's own may be out of reach, and an emulated board needs a quarter of a minute for their list.
        rm -f /etc/apt/sources.list /etc/apt/sources.list.d/*
        echo "deb [trusted=yes] file:/lab/apt ./" >/etc/apt/sources.list.d/lab.list
        while read -r package; do
            set -- "$@" "/lab/apt/$package"
        done </lab/apt/installed
        [ $# -eq 0 ] || dpkg --install "$@"
        # Check mode on a virgin board finds its packages, as it does on a real one.
        apt-get update -qq
    fi
    # An image that was made within the hour would pass for a fresh list of packages.
    touch -d @0 /var/lib/apt/lists
    if [ -d /opt/python3.6 ]; then
        # It was built to find its library elsewhere.
        echo /opt/python3.6/lib >/etc/ld.so.conf.d/python3.6.conf
        ldconfig
    fi
fi

while read -r group; do
    groupadd --force "$group"
done </lab/groups
# A container's /dev is made anew at every start.
while read -r path mode group; do
    mkdir -p "${path%/*}"
    # The null device under another name: it is there, and it opens.
    [ -e "$path" ] || mknod "$path" c 1 3
    chgrp "$group" "$path"
    chmod "$mode" "$path"
done </lab/devices

install -m 600 /lab/host_key /etc/ssh/ssh_host_ed25519_key
rm -f /etc/ssh/ssh_host_*_key.pub /etc/ssh/ssh_host_ecdsa_key /etc/ssh/ssh_host_rsa_key
install -D -m 600 /lab/authorized_keys /etc/ssh/lab/authorized_keys
chmod 755 /etc/ssh/lab
chmod 644 /etc/ssh/lab/authorized_keys

# A login, and sudo, give a process a clean environment: what a board's processes shall see must come through PAM, sshd and sudoers.
cp /lab/environment /etc/environment
{
    echo "AuthorizedKeysFile /etc/ssh/lab/authorized_keys"
    if [ -s /lab/password ]; then
        echo "PasswordAuthentication yes"
        echo "PubkeyAuthentication no"
    else
        echo "PasswordAuthentication no"
    fi
    echo "MaxStartups 100"
    [ ! -s /lab/environment ] || echo "SetEnv $(tr '\n' ' ' </lab/environment)"
} >/etc/ssh/sshd_config.d/lab.conf
{
    echo "ansible ALL=(ALL) NOPASSWD: ALL"
    sed 's/=.*//; s/.*/Defaults env_keep += "&"/' /lab/environment
} >/etc/sudoers.d/lab
chmod 440 /etc/sudoers.d/lab

while read -r user; do
    id -u "$user" >/dev/null 2>&1 || useradd --create-home --shell /bin/bash "$user"
done </lab/users
[ ! -s /lab/password ] || chpasswd </lab/password

if [ -d /run/lab ]; then
    # A virtual machine, whose name no engine has written.
    printf '127.0.0.1 localhost\n127.0.1.1 %s\n' "$(hostname)" >/etc/hosts
fi
# Its systemd starts sshd next.
[ ! -d /run/systemd/system ] || exit 0
mkdir -p /run/sshd
exec /usr/sbin/sshd -D -e
