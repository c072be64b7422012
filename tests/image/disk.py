# SPDX-License-Identifier: Apache-2.0
"""Disks: what an operator puts on them, and what a power cut leaves of them."""

import shutil
import struct
import subprocess

from common import MIB, Failed, run

BOOT_OFFSET, DATA_OFFSET = 4 * MIB, (36 + 2 * 96) * MIB


def copy_disk(source, target):
    run("cp", "--sparse=always", source, target)


def provision(disk, folder, configuration):
    """What an operator does: the folder bivouac/ on the boot partition."""
    source = folder / "bivouac"
    shutil.rmtree(source, ignore_errors=True)
    shutil.copytree(folder / "pki", source / "pki",
                    ignore=shutil.ignore_patterns("alpha.key", "ca.key"))
    (source / "gateway.toml").write_text(configuration)
    run("mcopy", "-s", "-i", f"{disk}@@{BOOT_OFFSET}", source, "::")


def boot_partition(disk):
    return run("mdir", "-b", "-/", "-i", f"{disk}@@{BOOT_OFFSET}", "::")


def read_log(log):
    """What the guest wrote and flushed, in order: (end in the log, offset, data or None, flush,
    fua)."""
    with open(log, "rb") as file:
        head = file.read(512)
        size = struct.unpack_from("<I", head, 24)[0]
        file.seek(size)
        while len(header := file.read(size)) == size:
            sector, count, flags, _ = struct.unpack_from("<QQQQ", header)
            discard = flags & 4
            data = None if discard or count == 0 else file.read(count * size)
            yield file.tell(), sector * size, data, bool(flags & 1), bool(flags & 2)


def cut(before, log, position, target, chance):
    """The disk after a power cut when the log was so long: what was flushed, and of the rest what
    chance wills."""
    copy_disk(before, target)
    cache = []
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
        for pending in cache:
            if chance.random() < 0.5:
                write(*pending)
    return len(cache)


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
