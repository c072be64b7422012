# SPDX-License-Identifier: Apache-2.0
"""Disks: what an operator puts on them, and what a power cut leaves of them."""

import base64
import re
import shutil
import struct
import subprocess

from common import MIB, PROJECT, Failed, run

SECTOR = 512
BOOT_OFFSET, DATA_OFFSET = 4 * MIB, (36 + 2 * 96) * MIB


def copy_disk(source, target):
    run("cp", "--sparse=always", source, target)


def provision(disk, folder, configuration, profile):
    """What an operator does: the folder bivouac/ on the boot partition."""
    source = folder / "bivouac"
    shutil.rmtree(source, ignore_errors=True)
    shutil.copytree(folder / "pki", source / "pki",
                    ignore=shutil.ignore_patterns("alpha.key", "user0.key", "ca.key"))
    (source / "users").mkdir()
    (source / "users" / "user0.toml").write_text(profile)
    (source / "gateway.toml").write_text(configuration)
    run("mcopy", "-s", "-i", f"{disk}@@{BOOT_OFFSET}", source, "::")


def new_stick(folder, wish):
    """A USB stick as an operator prepares it: its label, and a folder that says what is wanted."""
    stick = folder / "stick.img"
    stick.unlink(missing_ok=True)
    run("truncate", "-s", "32M", stick)
    run("mkfs.vfat", "-n", "BIVOUAC", stick)
    run("mmd", "-i", stick, f"::{wish}")
    return stick


def boot_partition(disk):
    return run("mdir", "-b", "-/", "-i", f"{disk}@@{BOOT_OFFSET}", "::")


def read_log(log):
    """What the guest wrote and flushed, in order: (end in the log, offset, data or None, flush,
    fua)."""
    with open(log, "rb") as file:
        head = file.read(512)
        if len(head) < 512:
            return  # cut before the emulator began it
        size = struct.unpack_from("<I", head, 24)[0]
        file.seek(size)
        while len(header := file.read(size)) == size:
            sector, count, flags, _ = struct.unpack_from("<QQQQ", header)
            discard = flags & 4
            data = None if discard or count == 0 else file.read(count * size)
            yield file.tell(), sector * size, data, bool(flags & 1), bool(flags & 2)


def by_chance(chance):
    """What a card keeps of a write that was not flushed: all, nothing, or so many sectors."""
    return lambda data: chance.choice(
        (0, chance.randint(0, len(data) // SECTOR) * SECTOR, len(data)))


def nothing(_data):
    return 0


def moments(log):
    """(Length of the log, writes that were not flushed then) after each thing that was written."""
    pending = 0
    for end, _, data, flush, fua in read_log(log):
        pending = 0 if flush else pending + (data is not None and not fua)
        yield end, pending


def cut(before, log, position, target, kept_of):
    """Makes the disk after a power cut when the log was so long: what was flushed, and of the rest
    what kept_of keeps. Returns how many writes were lost, or in part."""
    copy_disk(before, target)
    cache = []
    lost = 0
    with open(target, "r+b") as disk:
        def write(offset, data):
            disk.seek(offset)
            disk.write(data)
        for end, offset, data, flush, fua in read_log(log):
            if end > position:
                break
            if flush:
                for pending in cache:
                    write(*pending)
                cache.clear()
            if data is not None and fua:
                write(offset, data)
            elif data is not None:
                cache.append((offset, data))
        for at, data in cache:
            kept = kept_of(data)
            write(at, data[:kept])
            lost += kept < len(data)
    return lost


def boot_with(disk, folder, boot_command, arguments):
    """Lets the kernel of a disk have more arguments."""
    text = (PROJECT / "firmware" / "image" / "boot.cmd").read_text()
    script, built = folder / "boot.cmd", folder / "boot.scr"
    script.write_text(text.replace("@boot_command@", boot_command)
                      .replace("quiet panic=10", f"quiet panic=10 {arguments}"))
    run("mkimage", "-A", "arm", "-O", "linux", "-T", "script", "-C", "none", "-d", script, built)
    run("mcopy", "-o", "-i", f"{disk}@@{BOOT_OFFSET}", built, "::boot.scr")


def from_within(command):
    """The kernel's arguments that have a command run inside while everything else goes on."""
    unit = ("[Service]\nType=oneshot\nStandardOutput=journal+console\n"
            f"ExecStart=/bin/sh -c '{command}'\n")
    coded = base64.b64encode(unit.encode()).decode()
    return (f"systemd.set_credential_binary=systemd.extra-unit.within.service:{coded} "
            "systemd.wants=within.service")


def change_data(disk, folder, *requests):
    """Changes the data partition with debugfs, as if its card were in another machine."""
    part = partition_of(disk, folder)
    for request in requests:
        run("debugfs", "-w", "-R", request, part)
    with open(part, "rb") as source, open(disk, "r+b") as target:
        target.seek(DATA_OFFSET)
        shutil.copyfileobj(source, target, MIB)


def free_bytes(disk, folder):
    """What is free on the data partition, the share of the administrator included."""
    facts = run("dumpe2fs", "-h", partition_of(disk, folder))
    count, size = (int(re.search(rf"^{name}: +(\d+)$", facts, re.MULTILINE).group(1))
                   for name in ("Free blocks", "Block size"))
    return count * size


def partition_of(disk, folder):
    """The data partition, as the next start would find it after mending."""
    part = folder / "data.ext4"
    with open(disk, "rb") as source, open(part, "wb") as target:
        source.seek(DATA_OFFSET)
        shutil.copyfileobj(source, target, MIB)
    code = subprocess.run(["e2fsck", "-p", part], capture_output=True, check=False).returncode
    if code >= 4:
        raise Failed(f"the data partition needs more than its journal: e2fsck says {code}")
    return part
