#!/bin/bash
# Boots the machine's own systemd in namespaces of its own, over a copy of the root folder that lives in memory, and
# runs one command in it: boot_systemd.sh FOLDER COMMAND. FOLDER is the only place where the two worlds meet: /meet
# inside. Everything else that happens in there is forgotten. Needs root, overlayfs and cgroups; ends by itself.
set -eu

if [ "${1}" != --inside ]; then
  name="codex-test-$$"
  groups=()
  for hierarchy in $(awk '$3 == "cgroup" || $3 == "cgroup2" { print $2 }' /proc/mounts); do
    mkdir "$hierarchy/$name" 2>/dev/null || continue
    groups+=("$hierarchy/$name")
    # One that must be set up first (cpuset) takes nobody.
    echo $$ > "$hierarchy/$name/cgroup.procs" 2>/dev/null || true
  done
  unshare --fork --kill-child --pid --mount --uts --ipc --net --cgroup bash "$0" --inside "$@" < /dev/null || true
  for group in "${groups[@]}"; do
    echo $$ > "${group%/*}/cgroup.procs"
    find "$group" -depth -type d -exec rmdir {} + 2>/dev/null || true
  done
  exit 0
fi
folder=$2 command=$3
mount --make-rprivate /
mount -t tmpfs -o mode=755 none "$folder/layer"
mkdir "$folder/layer/upper" "$folder/layer/work" "$folder/layer/root"
mount -t overlay -o "lowerdir=/,upperdir=$folder/layer/upper,workdir=$folder/layer/work" overlay "$folder/layer/root"
root=$folder/layer/root
mount -t proc proc "$root/proc"
mount -t sysfs sysfs "$root/sys"
awk '$2 ~ "^/sys/fs/cgroup" { print $2, $3, $4 }' /proc/mounts | sort | while read -r path type options; do
  case "$type" in
    tmpfs) mount -t tmpfs -o mode=755 none "$root$path" ;;
    cgroup2) mkdir -p "$root$path" && mount -t cgroup2 none "$root$path" ;;
    cgroup) mkdir -p "$root$path" && mount -t cgroup -o "${options#rw,relatime,}" none "$root$path" ;;
  esac
done
mount -o remount,bind,ro "$root/sys" 2>/dev/null || true
mount -t tmpfs -o mode=755 none "$root/run"
mount --rbind /dev "$root/dev"
mkdir "$root/meet"
mount --bind "$folder/meet" "$root/meet"
ip link set lo up
units=$root/etc/systemd/system
# A checkout may lie below /tmp: nothing is cleared there.
mkdir -p "$root/etc/tmpfiles.d"
ln -sf /dev/null "$root/etc/tmpfiles.d/tmp.conf"
ln -sf /dev/null "$units/tmp.mount"
for unit in systemd-udevd systemd-logind systemd-networkd systemd-resolved systemd-tmpfiles-clean; do
  ln -sf /dev/null "$units/$unit.service"
done
cat > "$units/codex-test.target" <<UNIT
[Unit]
Requires=basic.target
After=basic.target
Wants=codex-test.service
AllowIsolate=yes
UNIT
cat > "$units/codex-test.service" <<UNIT
[Unit]
After=basic.target
[Service]
Type=oneshot
TimeoutStartSec=120
StandardOutput=append:/meet/output
StandardError=append:/meet/output
ExecStart=$command
ExecStopPost=/bin/systemctl poweroff --force
UNIT
export container=other
# Not chroot: the kernel lets nobody make user namespaces in one, and bubblewrap must.
mkdir "$root/before"
cd "$root"
pivot_root . before
umount -l /before
exec /lib/systemd/systemd --system --unit=codex-test.target --log-target=null < /dev/null
