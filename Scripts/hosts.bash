# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
# Makes machines of this one: namespaces of network, processes, mounts and names, connected by a bridge, with an sshd each. Sourced.
# Needs root, `ip` (iproute2) and sshd (openssh-server). Nothing of it is seen outside, and nothing stays.

# The hosts' names, and where things of theirs are; set by hosts_start.
hosts=()
hosts_directory=""
declare -A host_process

# Whether such machines can be made here; says why not.
hosts_possible() {
  [ "$(id -u)" -eq 0 ] || { echo "not root"; return 1; }
  local program
  for program in ip unshare nsenter; do
    command -v "$program" >/dev/null || { echo "no $program here"; return 1; }
  done
  [ -x /usr/sbin/sshd ] || { echo "no sshd here: apt install openssh-server"; return 1; }
  unshare --net --mount --uts --ipc --pid --fork true 2>/dev/null || { echo "namespaces are not allowed"; return 1; }
  unshare --net ip link add type bridge 2>/dev/null || { echo "bridges are not allowed"; return 1; }
}

# hosts_start DIRECTORY NAME...: starts hosts; those of DIRECTORY/NAME are seen by that host alone, as DIRECTORY/own and /var/tmp.
hosts_start() {
  hosts_directory=$1
  shift
  hosts=("$@")
  local name number=0 keys=$hosts_directory/ssh
  mkdir -p "$keys" "$hosts_directory/own"
  chmod 700 "$keys"
  ssh-keygen -q -t ed25519 -N "" -f "$keys/id_ed25519"
  ssh-keygen -q -t ed25519 -N "" -f "$keys/host"
  cp "$keys/id_ed25519.pub" "$keys/authorized_keys"
  printf '%s\n' "StrictHostKeyChecking no" "UserKnownHostsFile /dev/null" "LogLevel ERROR" "IdentityFile $keys/id_ed25519" >"$keys/config"
  # The launchers' way to the other hosts: each has its own name for it.
  printf '%s\n' '#!/bin/sh' "exec ssh -F $keys/config \"\$@\"" >"$keys/ssh"
  chmod +x "$keys/ssh"
  export HYDRA_LAUNCHER_EXEC=$keys/ssh OMPI_MCA_plm_rsh_agent=$keys/ssh PRTE_MCA_plm_ssh_agent=$keys/ssh
  printf '%s\n' "HostKey $keys/host" "UsePAM no" "PermitRootLogin yes" "StrictModes no" "PidFile none" \
    "AuthorizedKeysFile $keys/authorized_keys" >"$keys/sshd_config"
  printf '127.0.0.1 localhost\n' >"$hosts_directory/names"
  for name in "${hosts[@]}"; do
    number=$((number + 1))
    printf '10.77.0.%d %s\n' "$number" "$name" >>"$hosts_directory/names"
  done

  # A namespace for the bridge, so that this machine's own network stays as it is.
  unshare --net sleep infinity &
  hosts_switch=$!
  sleep 0.2
  nsenter -t "$hosts_switch" -n ip link add bridge type bridge
  nsenter -t "$hosts_switch" -n ip link set bridge up
  number=0
  for name in "${hosts[@]}"; do
    number=$((number + 1))
    host_start "$name" "10.77.0.$number"
  done
}

# host_start NAME ADDRESS
host_start() {
  local name=$1 address=$2 own=$hosts_directory/$1 outer process="" number=${2##*.}
  mkdir -p "$own/files" "$own/tmp"
  # What tells machines apart.
  cat /proc/sys/kernel/random/uuid >"$own/boot_id"
  unshare --net --mount --uts --ipc --pid --fork --kill-child --mount-proc bash -c '
    name=$1 directory=$2
    hostname "$name"
    mount --make-rprivate /
    mount --bind "$directory/$name/boot_id" /proc/sys/kernel/random/boot_id
    mount --bind "$directory/names" /etc/hosts
    mount --bind "$directory/$name/files" "$directory/own"
    mount --bind "$directory/$name/tmp" /var/tmp
    mount -t tmpfs tmpfs /dev/shm
    mount -t tmpfs tmpfs /run
    mkdir /run/sshd
    ip link set lo up
    until ip link set eth0 up 2>/dev/null; do sleep 0.05; done
    touch "$directory/$name/up"
    exec /usr/sbin/sshd -D -e -f "$directory/ssh/sshd_config" 2>"$directory/$name/sshd.log"
  ' bash "$name" "$hosts_directory" &
  outer=$!
  until [ -n "$process" ]; do
    sleep 0.05
    process=$(cat "/proc/$outer/task/$outer/children" 2>/dev/null || true)
  done
  host_process[$name]=${process// /}
  nsenter -t "$hosts_switch" -n ip link add "port$number" type veth peer name eth0 netns "${host_process[$name]}"
  nsenter -t "$hosts_switch" -n ip link set "port$number" master bridge up
  on_host "$name" ip address add "$address/24" dev eth0
  until [ -e "$own/up" ] && on_host "$name" bash -c ': </dev/tcp/127.0.0.1/22' 2>/dev/null; do sleep 0.05; done
}

# on_host NAME COMMAND...: runs a command there.
on_host() {
  local name=$1
  shift
  nsenter -t "${host_process[$name]}" --net --mount --uts --ipc --pid --wd="$PWD" "$@"
}

# host_link NAME up|down: plugs and unplugs its cable, at the bridge's end.
host_link() {
  local number=0 name
  for name in "${hosts[@]}"; do
    number=$((number + 1))
    [ "$name" != "$1" ] || nsenter -t "$hosts_switch" -n ip link set "port$number" "$2"
  done
}

# Ends all hosts, and what runs there.
hosts_stop() {
  local name
  for name in "${!host_process[@]}"; do kill -KILL "${host_process[$name]}" 2>/dev/null || true; done
  [ -z "${hosts_switch:-}" ] || kill "$hosts_switch" 2>/dev/null || true
  host_process=()
  wait 2>/dev/null || true
}
