#!/bin/sh
# What a container does to become a board: the host key, the users and the environment that boards.py wrote, then sshd.
# Every step may run again: a board can be stopped and started.
set -eu

install -m 600 /lab/host_key /etc/ssh/ssh_host_ed25519_key
rm -f /etc/ssh/ssh_host_*_key.pub /etc/ssh/ssh_host_ecdsa_key /etc/ssh/ssh_host_rsa_key
install -D -m 600 /lab/authorized_keys /etc/ssh/lab/authorized_keys
chmod 755 /etc/ssh/lab
chmod 644 /etc/ssh/lab/authorized_keys

# A login, and sudo, give a process a clean environment: what a board's processes shall see must come through PAM, sshd and sudoers.
cp /lab/environment /etc/environment
{
    echo "AuthorizedKeysFile /etc/ssh/lab/authorized_keys"
    echo "PasswordAuthentication no"
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

mkdir -p /run/sshd
exec /usr/sbin/sshd -D -e
