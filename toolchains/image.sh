#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# image.sh BOARD PROGRAM OUT: makes the image of a board from Debian's packages, firmware/image and
# a stripped program. Runs in the image environment; needs no privileges: nothing is mounted.
set -euo pipefail
project=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd -P)
board=$1 program=$(realpath "$2") out=$(realpath -m "$3")
source "$project/boards/$board/board.conf"
export LC_ALL=C SOURCE_DATE_EPOCH=${SOURCE_DATE_EPOCH:-1767225600}
umask 022

packages=(systemd udev kmod e2fsprogs busybox-static libubootenv-tool "$kernel_package")
# What these pull in and nothing here calls.
unwanted=(coreutils cpio debconf dracut-install gcc-14-base initramfs-tools initramfs-tools-bin
          initramfs-tools-core klibc-utils libgmp10 libklibc linux-base logsave
          openssl-provider-legacy)
slot_mib=96 image_mib=512
slot_bytes_max=$((48 * 1024 * 1024))
# The disk's signature: partitions are found by it, whatever the disk is called.
disk_id=67770001

work=$out.work
rm -rf "$work"
mkdir -p "$work"/{root,slot,initrd,boot,partial} "$out"
say() { printf 'image: %s\n' "$*"; }

# ---- packages

# A state of its own, so that a package of another architecture needs nothing of this machine.
fetch_packages() {
  local state=$out.packages
  mkdir -p "$state"/{lists,cache/archives}/partial
  : >"$state/status"
  local apt=(apt-get -o "Dir::State::lists=$state/lists" -o "Dir::Cache=$state/cache"
             -o "Dir::State::status=$state/status" -o "APT::Architecture=$debian"
             -o "APT::Architectures=$debian" -o APT::Install-Recommends=false
             -o APT::Sandbox::User=root)
  "${apt[@]}" -qq update
  # With a cache that is empty: of what it has, apt prints no address.
  "${apt[@]}" -o "Dir::Cache::archives=$work" -qq --yes --print-uris install "${packages[@]}" |
    awk '{ print $2 }' >"$work/wanted"
  "${apt[@]}" -qq --yes --download-only install "${packages[@]}" >/dev/null
  local file name
  while read -r file; do
    name=${file%%_*}
    printf '%s\n' "${unwanted[@]}" | grep -qx "$name" && continue
    dpkg-deb --fsys-tarfile "$state/cache/archives/$file" | tar -x -C "$work/root"
    dpkg-deb --field "$state/cache/archives/$file" Package Version | paste -sd' ' |
      sed 's/Package: //; s/Version: //' >>"$out/packages.txt"
  done <"$work/wanted"
}
: >"$out/packages.txt"
say "fetching packages"
fetch_packages

# ---- what is cut away

cd "$work"
for name in bin sbin lib; do ln -s "usr/$name" "root/$name"; done
for name in doc man locale info lintian bash-completion zsh bug mime pkgconfig perl5 debconf \
    dbus-1 polkit-1 factory initramfs-tools 'apparmor*' libc-bin; do
  rm -rf root/usr/share/$name
done
for name in initramfs-tools pkgconfig kernel modprobe.d rpm binfmt.d pcrlock.d udev/hwdb.d \
    systemd/catalog systemd/boot systemd/user systemd/ukify; do
  rm -rf "root/usr/lib/$name"
done
# Rules for devices that no board has.
for name in sensor evdev input-id cdrom persistent camera joystick mouse touchpad sound; do
  rm -f root/usr/lib/udev/rules.d/*-"$name"*
done
rm -rf root/etc/{init.d,kernel,ucf.conf} root/usr/sbin/{mkfs,fsck}.cramfs root/var root/usr/games
kernel_release=$(basename root/usr/lib/modules/*)
mv "root/boot/vmlinuz-$kernel_release" slot/vmlinuz
rm -rf root/boot

# ---- drivers

modules=$work/modules
mv root/usr/lib/modules "$modules"
mkdir -p "$work/depmod/lib" && mv "$modules" "$work/depmod/lib/modules"
modules=$work/depmod
depmod -b "$modules" "$kernel_release"
drivers="ext4 squashfs loop vfat nls_cp437 nls_ascii nls_utf8 usb_storage sd_mod $drivers"
for driver in $drivers; do
  modprobe -d "$modules" -S "$kernel_release" --show-depends "$driver" 2>/dev/null ||
    say "the kernel has no module $driver: built in" >&2
done | awk '$1 == "insmod" && !seen[$2]++ { print $2 }' >"$work/drivers"
mkdir -p initrd/{bin,dev,proc,sys,lib}
while read -r path; do
  name=$(basename "$path")
  case $path in
    *.xz)
      name=${name%.xz}
      xz -dc "$path" >"initrd/lib/$name"
      ;;
    *) cp "$path" initrd/lib/ ;;
  esac
  echo "/lib/$name"
done <"$work/drivers" >initrd/modules
cp root/usr/bin/busybox initrd/bin/
install -m 755 "$project/firmware/image/init" initrd/init
install -m 755 "$project/firmware/image/root/usr/lib/bivouac/partition" initrd/partition
find initrd -exec touch -h -d "@$SOURCE_DATE_EPOCH" {} +
(cd initrd && find . | sort | cpio -o -H newc -R 0:0 --quiet --reproducible) | gzip -9n >slot/initrd

# ---- root

mkdir -p root/{data,dev,home,proc,root,run,srv,sys,tmp,var,etc/systemd}
cp -r "$project/firmware/image/root/." root/
install -m 755 "$program" root/usr/bin/bivouac
# What the scripts call, where no package brings it.
applets=(sh '[' basename cat chgrp chmod chown cmp cp dd echo find findfs grep hexdump kill ln ls
         mkdir mount mv pidof readlink rm sed sleep start-stop-daemon sync tr umount wc)
for applet in "${applets[@]}"; do
  [[ -e root/usr/bin/$applet || -e root/usr/sbin/$applet ]] || ln -s busybox "root/usr/bin/$applet"
done
find root -perm /6000 -type f -exec chmod u-s,g-s {} +
systemd-sysusers --root="$work/root" >/dev/null 2>&1
systemctl --root="$work/root" preset-all --preset-mode=disable-only >/dev/null 2>&1 || true
for unit in bivouac{-data,-provision,-good,-import,}.service bivouac-name-servers.path \
    systemd-networkd.service; do
  systemctl --root="$work/root" enable "$unit" >/dev/null 2>&1
done
# Nobody logs in; nothing is suspended, updated, indexed or remembered on this box.
for unit in getty.target getty@.service console-getty.service serial-getty@.service \
    systemd-journal-catalog-update.service systemd-hwdb-update.service systemd-update-done.service \
    systemd-machine-id-commit.service systemd-firstboot.service systemd-sysusers.service \
    systemd-remount-fs.service systemd-random-seed.service systemd-boot-random-seed.service \
    systemd-update-utmp.service systemd-update-utmp-runlevel.service systemd-journal-flush.service \
    systemd-ask-password-console.path systemd-ask-password-wall.path ldconfig.service \
    systemd-networkd-wait-online.service dev-hugepages.mount dev-mqueue.mount \
    sys-kernel-debug.mount sys-kernel-tracing.mount sys-fs-fuse-connections.mount \
    proc-sys-fs-binfmt_misc.automount systemd-user-sessions.service systemd-tpm2-setup.service \
    systemd-tpm2-setup-early.service systemd-pcrphase.service systemd-logind.service \
    e2scrub_reap.service e2scrub_all.timer systemd-tmpfiles-clean.timer; do
  ln -sf /dev/null "root/etc/systemd/system/$unit"
done
ln -sf /usr/lib/systemd/system/multi-user.target root/etc/systemd/system/default.target
ln -sf /run/systemd/resolve/resolv.conf root/etc/resolv.conf
find root -exec touch -h -d "@$SOURCE_DATE_EPOCH" {} +
mksquashfs root slot/root.squashfs -quiet -no-progress -all-root -comp zstd -Xcompression-level 19 \
  -no-xattrs -reproducible -processors 2 >/dev/null

# ---- slots, boot partition, disk

export E2FSPROGS_FAKE_TIME=$SOURCE_DATE_EPOCH
find slot -exec touch -h -d "@$SOURCE_DATE_EPOCH" {} +
truncate -s ${slot_mib}M A.ext4
mke2fs -q -t ext4 -L slot -O '^metadata_csum,^64bit,^has_journal,^orphan_file' -m 0 \
  -U "$disk_id-0000-4000-8000-000000000002" \
  -E "root_owner=0:0,hash_seed=$disk_id-0000-4000-8000-000000000001" \
  -d slot A.ext4
sed "s/@boot_command@/$boot_command/" "$project/firmware/image/boot.cmd" >boot.cmd
mkimage -A arm -O linux -T script -C none -n bivouac -d boot.cmd boot/boot.scr >/dev/null
cp "$project/firmware/image/README.txt" boot/
find boot -exec touch -d "@$SOURCE_DATE_EPOCH" {} +
truncate -s 32M boot.vfat
mkfs.vfat -n BIVOUAC-BT -i "$disk_id" --invariant boot.vfat >/dev/null
mcopy -m -i boot.vfat boot/* ::
image=$out/bivouac-$board.img
rm -f "$image"
truncate -s ${image_mib}M "$image"
sfdisk -q "$image" <<TABLE
label: dos
label-id: 0x$disk_id
start=4MiB, size=32MiB, type=c, bootable
start=36MiB, size=${slot_mib}MiB, type=83
start=$((36 + slot_mib))MiB, size=${slot_mib}MiB, type=83
start=$((36 + 2 * slot_mib))MiB, type=83
TABLE
put() { dd if="$1" of="$image" bs=1M seek="$2" conv=notrunc,sparse status=none; }
put boot.vfat 4
put A.ext4 36
# The data partition is made at the first start, on the card.

# ---- what it weighs

compressed=$(zstd -q -c -10 A.ext4 | wc -c)
stripped=$(stat -c %s "$program")
{
  say "slot: $((compressed / 1024)) KiB compressed, of at most $((slot_bytes_max / 1024)); kernel" \
    "$(($(stat -c %s slot/vmlinuz) / 1024)), initrd $(($(stat -c %s slot/initrd) / 1024)), root" \
    "$(($(stat -c %s slot/root.squashfs) / 1024)) KiB"
  say "program: $((stripped / 1024)) KiB, of at most $program_kib_max"
  ((stripped <= program_kib_max * 1024)) || say "THE PROGRAM IS LARGER THAN IT MAY BE"
  say "$image: sha256 $(sha256sum <"$image" | cut -c 1-64)"
} | tee "$out/size.txt"
((compressed <= slot_bytes_max)) || { say "the slot is too large"; exit 1; }
systemd-analyze security --offline=true --root="$work/root" --threshold=15 --no-pager \
  "$work/root/usr/lib/systemd/system/bivouac.service" >"$out/security.txt" ||
  { tail -n 3 "$out/security.txt"; say "the service may do too much"; exit 1; }
sed -n 's/^.*Overall exposure level for/image: exposure of/p' "$out/security.txt" |
  tee -a "$out/size.txt"
rm -rf "$work"
