# SPDX-License-Identifier: Apache-2.0
"""test_image.py BOARD IMAGE HOST_PROGRAM [TEST...] [--cuts N]: boots an image under QEMU with its
real boot loader and tests it from outside. Runs in the image environment; all that listens is on
loopback."""

import argparse
import random
import re
import shutil
import socket
import ssl
import sys
import tempfile
import time
from pathlib import Path

from common import Failed, run, say, within
from disk import (SECTOR, boot_partition, boot_with, by_chance, change_data, copy_disk, cut,
                  free_bytes, from_within, moments, new_stick, nothing, provision, read_log)
from home import PROFILE, Home, Inspection
from machine import BOOT_SECONDS, REPLY_SECONDS, Board, Machine

GROUPS = 40


class Suite:
    def __init__(self, board, image, program, folder, cuts):
        self.board, self.image, self.folder, self.cuts = board, image, folder, cuts
        self.home = Home(program, folder)
        self.disk = folder / "disk.img"
        self.chance = random.Random(1)

    def gateway_configuration(self):
        return self.home.configuration("bravo", "alpha", '["0.0.0.0:8443"]',
                                       f'["10.0.2.2:{self.home.port}"]', "/data/store",
                                       "/run/bivouac")

    def machine(self, disk=None, log=None, stick=None):
        return Machine(self.board, disk or self.disk, self.folder, log, stick)

    def serves(self, machine):
        """The first bytes that the gateway sends over TLS, to the partner's certificate."""
        context = ssl.create_default_context(cafile=self.folder / "pki" / "ca.crt")
        context.check_hostname = False
        context.load_cert_chain(self.folder / "pki/alpha.crt", self.folder / "pki/alpha.key")
        try:
            with socket.create_connection(("127.0.0.1", machine.port), timeout=5) as plain:
                with context.wrap_socket(plain) as tls:
                    return len(tls.recv(8)) > 0
        except OSError:
            return False

    def without_configuration(self):
        copy_disk(self.image, self.disk)
        machine = self.machine()
        machine.power_on()
        machine.expect("this gateway has no configuration")
        machine.power_off()

    def first_start(self):
        copy_disk(self.image, self.disk)
        provision(self.disk, self.folder, self.gateway_configuration(), PROFILE)
        machine = self.machine()
        machine.power_on()
        machine.expect("the configuration on the boot partition was taken in")
        within(BOOT_SECONDS, "TLS is served", lambda: self.serves(machine))
        say(f"   first start: {machine.seconds():.1f} s from power-on to the first served bytes")
        within(REPLY_SECONDS, "the link is up", self.home.link_is_up)
        self.home.define(0, 7)
        within(REPLY_SECONDS, "the gateway has a group", lambda: self.home.acknowledged(0))
        self.client_gets(machine, 7)
        machine.expect("user0.toml is served")
        machine.power_off()
        left = boot_partition(self.disk)
        if "bivouac/" in left or "bivouac.taken" in left:
            raise Failed(f"the configuration is still on the boot partition: {left}")
        machine.power_on()
        within(BOOT_SECONDS, "TLS is served", lambda: self.serves(machine))
        say(f"   next start:  {machine.seconds():.1f} s to the first served bytes")
        self.client_gets(machine, 7)
        machine.power_off()

    def client_gets(self, machine, priority=""):
        """A client outside, of a user whom the gateway serves, gets its group over TLS."""
        try:
            within(REPLY_SECONDS, "a client gets its group",
                   lambda: self.home.client_gets(machine.port, priority))
        except Failed as failed:
            raise Failed(f"{failed}: {self.home.client_said}") from failed
        say(f"   {machine.seconds():.1f} s from power-on to a client's answer")

    def figures(self):
        """What is measured, not judged: memory, where the time goes, the kernel alone."""
        disk = self.folder / "figures.img"
        copy_disk(self.disk, disk)
        self.boot_with(disk, from_within(
            "sleep 90; grep -h -A30 Name:.bivouac /proc/[0-9]*/status | grep -e Vm -e Rss;"
            " grep -h Mem /proc/meminfo; cat /etc/resolv.conf; systemd-analyze blame --no-pager;"
            " ls -l /dev/watchdog0; echo these were the figures"))
        machine = self.machine(disk)
        machine.power_on()
        machine.expect("these were the figures")
        wanted = (r"(Vm(RSS|HWM)|Rss(Anon|File)|Mem(Total|Available)):\s+.*|nameserver .*|"
                  r"\S+ +root +bivouac .*watchdog0|(\d+min )?[\d.]+s \S+")
        for found in re.finditer(wanted, machine.said()):
            say(f"   {found.group(0)}")
        machine.power_off()
        self.boot_with(disk, "rdinit=/bin/busybox -- echo nothing but this")
        machine.power_on()
        machine.expect("Starting kernel")
        loader = machine.seconds()
        machine.expect("nothing but this")
        say(f"   the same kernel with an init that only says so: {machine.seconds():.1f} s from "
            f"power-on, of which {loader:.1f} s in the boot loader")
        machine.power_off()

    def boot_with(self, disk, arguments):
        boot_with(disk, self.folder, self.board.boot_command, arguments)

    def refused_configuration(self):
        disk = self.folder / "refused.img"
        copy_disk(self.disk, disk)
        provision(disk, self.folder, self.gateway_configuration().replace("listen", "lisen", 1),
                  PROFILE)
        machine = self.machine(disk)
        machine.power_on()
        machine.expect("the one before stays")
        within(BOOT_SECONDS, "TLS is served", lambda: self.serves(machine))
        machine.power_off()
        if "bivouac-problems.txt" not in boot_partition(disk):
            raise Failed("nothing on the boot partition says what is wrong")

    def unflushed(self):
        """A cut loses what was not flushed, and nothing else: the tests of cuts rest on it."""
        sector = 7168  # between the state of the boot loader and the first partition
        disk, before = self.folder / "unflushed.img", self.folder / "before.img"
        copy_disk(self.image, before)
        self.boot_with(before, from_within(
            f"sleep 45; echo not flushed | busybox dd of=/dev/vda bs={SECTOR} seek={sector}"
            " conv=sync,notrunc,fsync; echo it was written"))
        copy_disk(before, disk)
        log = self.folder / "unflushed.log"
        log.write_bytes(b"")
        machine = self.machine(disk, log)
        machine.power_on()
        machine.expect("it was written")
        machine.power_off()
        self.loses_until_flushed(before, log, sector * SECTOR, b"not flushed")

    def loses_until_flushed(self, before, log, place, text):
        written = flushed = None
        for end, offset, data, flush, _ in read_log(log):
            if data and offset == place:
                written = end
            elif flush and written and not flushed:
                flushed = end
        if not flushed:
            raise Failed("the write did not reach the disk, or no flush came after it")
        disk = self.folder / "unflushed.img"

        def has(position):
            cut(before, log, position, disk, nothing)
            with open(disk, "rb") as file:
                file.seek(place)
                return file.read(len(text)) == text
        if has(written):
            raise Failed("a write that was not flushed outlives the cut")
        if not has(flushed):
            raise Failed("a write that was flushed is lost by the cut")

    def power_cuts(self):
        """One run under load, its disk cut at many moments; each such disk is booted or opened."""
        log = self.folder / "writes.log"
        before = self.folder / "before.img"
        copy_disk(self.disk, before)
        log.write_bytes(b"")
        machine = self.machine(log=log)
        machine.power_on()
        within(BOOT_SECONDS, "the link is up", self.home.link_is_up)
        start = log.stat().st_size
        promised = []  # (length of the log, group, revision)
        for turn in range(3 * GROUPS):
            number = turn % GROUPS
            self.home.define(number, turn // GROUPS + 1)
            revision = self.home.acknowledged(number)
            if revision:
                promised.append((log.stat().st_size, number, revision))
        within(REPLY_SECONDS, "the last push is acknowledged",
               lambda: self.home.acknowledged(GROUPS - 1) >= 3)
        end = log.stat().st_size
        machine.power_off()
        # Between any two things that reached the card, and every other time where one is at stake.
        during = [moment for moment in moments(log) if start <= moment[0] <= end]
        at_stake = [at for at, pending in during if pending > 0]
        if not at_stake:
            raise Failed("there was no moment at which a cut could lose anything")
        say(f"   {len(during)} moments, {len(at_stake)} of them with writes that are not flushed")
        booted = lost_something = 0
        for turn in range(self.cuts):
            position = (self.chance.choice(during)[0] if turn % 2
                        else self.chance.choice(at_stake))
            disk = self.folder / "cut.img"
            lost = cut(before, log, position, disk, by_chance(self.chance))
            lost_something += lost > 0
            expected = {}
            for at, number, revision in promised:
                if at <= position:
                    expected[number] = max(revision, expected.get(number, 0))
            found = Inspection(self.home, disk, self.folder).revisions(expected)
            for number, revision in expected.items():
                if found[number] < revision:
                    raise Failed(f"cut {turn}: group {number} was acknowledged with revision "
                                 f"{revision}, and the store has {found[number]}")
            if turn % 10 == 0:
                cut_machine = self.machine(disk)
                cut_machine.power_on()
                within(BOOT_SECONDS, "TLS is served after a cut",
                       lambda m=cut_machine: self.serves(m))
                self.client_gets(cut_machine)
                cut_machine.power_off()
                booted += 1
            say(f"   cut {turn + 1}: {len(expected)} groups promised and there; {lost} writes lost")
        say(f"   {self.cuts} cuts, {booted} of them booted; {lost_something} lost writes")
        if not lost_something:
            raise Failed("no cut lost anything: they prove nothing")

    def first_start_cut(self):
        log = self.folder / "first.log"
        before = self.folder / "before.img"
        copy_disk(self.image, before)
        provision(before, self.folder, self.gateway_configuration(), PROFILE)
        disk = self.folder / "first.img"
        copy_disk(before, disk)
        log.write_bytes(b"")
        machine = self.machine(disk, log)
        machine.power_on()
        within(BOOT_SECONDS, "TLS is served", lambda: self.serves(machine))
        machine.power_off()
        ends = [end for end, *_ in read_log(log)]
        for turn in range(min(10, self.cuts)):
            cut(before, log, self.chance.choice(ends), disk, by_chance(self.chance))
            again = self.machine(disk)
            again.power_on()
            within(BOOT_SECONDS, "TLS is served after a cut of the first start",
                   lambda m=again: self.serves(m))
            again.power_off()
            say(f"   cut {turn + 1} of the first start: serves at the second")

    def power_cycles(self):
        disk, before = self.folder / "cycles.img", self.folder / "before.img"
        copy_disk(self.disk, disk)
        log = self.folder / "cycles.log"
        lost = 0
        for _ in range(10):
            copy_disk(disk, before)
            log.write_bytes(b"")
            machine = self.machine(disk, log)
            machine.power_on()
            time.sleep(self.chance.uniform(1, 30))
            machine.power_off()
            lost += cut(before, log, log.stat().st_size, disk, by_chance(self.chance))
        say(f"   ten cycles lost {lost} writes that were not flushed")
        machine = self.machine(disk)
        machine.power_on()
        within(BOOT_SECONDS, "TLS is served", lambda: self.serves(machine))
        machine.power_off()

    def damaged_store(self):
        disk = self.folder / "damaged.img"
        copy_disk(self.disk, disk)
        garbage = self.folder / "garbage"
        garbage.write_bytes(self.chance.randbytes(64 * 1024))
        change_data(disk, self.folder, "rm /store/store.db",
                    f"write {garbage} /store/store.db", "sif /store/store.db uid 900")
        machine = self.machine(disk)
        machine.power_on()
        within(BOOT_SECONDS, "TLS is served", lambda: self.serves(machine))
        within(REPLY_SECONDS, "the link is up", self.home.link_is_up)
        machine.power_off()

    def disk_full(self):
        """On a full disk it serves what it has and takes in nothing; with room it goes on."""
        disk = self.folder / "full.img"
        copy_disk(self.disk, disk)
        before = self.home.acknowledged(1)
        self.boot_with(disk, from_within("sleep 60; busybox dd if=/dev/zero of=/data/filler bs=4k;"
                                         " sync; echo the disk is full"))
        machine = self.machine(disk)
        machine.power_on()
        machine.expect("the disk is full")
        within(REPLY_SECONDS, "the link is up", self.home.link_is_up)
        self.home.define(1, 50)
        self.client_gets(machine, 7)
        time.sleep(30)
        machine.power_off()
        self.boot_with(disk, "")
        say(f"   full: {free_bytes(disk, self.folder) // 1024} KiB are free")
        machine.power_on()
        within(BOOT_SECONDS, "TLS is served", lambda: self.serves(machine))
        self.client_gets(machine, 7)
        time.sleep(30)
        if self.home.acknowledged(1) != before:
            raise Failed("a full disk acknowledged a group")
        machine.power_off()
        change_data(disk, self.folder, "rm /filler")
        machine.power_on()
        within(BOOT_SECONDS, "the group is acknowledged once there is room",
               lambda: self.home.acknowledged(1) > before)
        machine.power_off()

    def move(self):
        """A USB stick asks the gateway to move, and brings it to a spare board."""
        disk, spare = self.folder / "moved.img", self.folder / "spare.img"
        copy_disk(self.disk, disk)
        copy_disk(self.image, spare)
        stick = new_stick(self.folder, "bivouac-export")
        machine = self.machine(disk, stick=stick)
        machine.power_on()
        machine.expect("was moved to the USB stick")
        machine.power_off()
        machine = self.machine(spare, stick=stick)
        machine.power_on()
        machine.expect("the configuration on the USB stick was taken in")
        within(BOOT_SECONDS, "TLS is served", lambda: self.serves(machine))
        self.client_gets(machine, 7)
        machine.power_off()
        if left := run("mdir", "-b", "-/", "-i", stick, "::"):
            raise Failed(f"the stick still has the gateway: {left}")
        machine = self.machine(disk)
        machine.power_on()
        machine.expect("this gateway was moved away")
        time.sleep(60)
        if self.serves(machine):
            raise Failed("the board that the gateway left serves")
        machine.power_off()

    def watchdog(self):
        """The daemon is stopped from within; the board must be reset, and serve again."""
        disk = self.folder / "watchdog.img"
        copy_disk(self.disk, disk)
        self.boot_with(disk, from_within("sleep 60; echo stopping; busybox killall -STOP bivouac"))
        machine = self.machine(disk)
        machine.power_on()
        machine.expect("stopping")
        stopped = machine.seconds()
        machine.expect("bivouac: slot", times=2)
        say(f"   reset {machine.seconds() - stopped:.0f} s after the daemon was stopped")
        within(BOOT_SECONDS, "TLS is served again", lambda: self.serves(machine))
        machine.power_off()


TESTS = ["first_start", "without_configuration", "refused_configuration", "unflushed",
         "power_cycles", "damaged_store", "disk_full", "watchdog", "move", "first_start_cut",
         "power_cuts", "figures"]


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("board")
    parser.add_argument("image", type=Path)
    parser.add_argument("program", type=Path)
    parser.add_argument("--cuts", type=int, help="fewer power cuts than the board asks for")
    parser.add_argument("tests", nargs="*", default=TESTS, help=" ".join(TESTS))
    options = parser.parse_args()
    board = Board(options.board)
    cuts = options.cuts or board.power_cuts
    names = list(options.tests)
    alone = {"without_configuration", "unflushed", "first_start", "first_start_cut"}
    if not set(names) <= alone:
        # The others go on with the disk that it leaves.
        names = ["first_start"] + [name for name in names if name != "first_start"]
    folder = Path(tempfile.mkdtemp(prefix="bivouac-image-"))
    suite = Suite(board, options.image, options.program, folder, cuts)
    failed = []
    try:
        suite.home.start()
        for name in names:
            begun = time.monotonic()
            say(f"{name.replace('_', ' ')} ...")
            try:
                getattr(suite, name)()
                say(f"   held ({time.monotonic() - begun:.0f} s)")
            except Failed as failure:
                failed.append(name)
                say(f"   DID NOT HOLD: {failure}")
                Machine.stop_all()
                shutil.copy(folder / "serial.log", folder / f"{name}.log")
    finally:
        suite.home.stop()
        Machine.stop_all()
    if failed:
        say(f"{len(failed)} of {len(names)} did not hold; what is left to look at: {folder}")
        return 1
    shutil.rmtree(folder)
    say(f"all {len(names)} held")
    return 0


if __name__ == "__main__":
    sys.exit(main())
