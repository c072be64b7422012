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
from cuts import Cuts
from disk import (boot_partition, boot_with, change_data, copy_disk, free_bytes, from_within,
                  new_stick, provision)
from home import PROFILE, Home
from machine import BOOT_SECONDS, REPLY_SECONDS, Board, Machine


class Suite(Cuts):
    def __init__(self, board, image, program, folder, cuts):
        self.board, self.image, self.folder, self.cuts = board, image, folder, cuts
        self.home = Home(program, folder)
        self.disk = folder / "disk.img"
        self.chance = random.Random(1)
        self.start_seconds = 0.0  # that a start takes on this machine

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
        say(f"   first start: {machine.spent()} to the first served bytes")
        within(REPLY_SECONDS, "the link is up", self.home.link_is_up)
        self.home.define(0, 7)
        within(REPLY_SECONDS, "the gateway has a group", lambda: self.home.acknowledged(0))
        machine.expect("user0.toml is served")
        self.client_gets(machine)
        self.client_affiliates(machine, "phone")
        machine.power_off()
        left = boot_partition(self.disk)
        if "bivouac/" in left or "bivouac.taken" in left:
            raise Failed(f"the configuration is still on the boot partition: {left}")
        machine.power_on()
        within(BOOT_SECONDS, "TLS is served", lambda: self.serves(machine))
        self.start_seconds = machine.seconds()
        say(f"   next start: {machine.spent()} to the first served bytes")
        self.client_gets(machine)
        self.client_stays_affiliated(machine)
        machine.power_off()

    def client_gets(self, machine, newest=True):
        """A client outside, of a user whom the gateway serves, gets its group over TLS."""
        try:
            within(REPLY_SECONDS, "a client gets its group",
                   lambda: self.home.client_gets(machine.port, newest))
        except Failed as failed:
            raise Failed(f"{failed}: {self.home.client_said}") from failed
        say(f"   {machine.spent()} to a client's answer")

    def client_affiliates(self, machine, client_id):
        """A client outside affiliates to a group of the partner outside, through the gateway."""
        try:
            within(REPLY_SECONDS, "a client is affiliated",
                   lambda: self.home.client_affiliates(machine.port, client_id))
        except Failed as failed:
            raise Failed(f"{failed}: {self.home.client_said}") from failed
        if client_id not in self.home.affiliated_clients():
            raise Failed("a client is told that it is affiliated, and the group's home is not")

    def client_stays_affiliated(self, machine):
        if not self.home.client_is_affiliated(machine.port, "phone"):
            raise Failed(f"the client is affiliated no more: {self.home.client_said}")

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
        # The kernel says of its init that it ended, and how; what an init says may be lost by then.
        self.boot_with(disk, "rdinit=/bin/busybox -- true")
        machine.power_on()
        machine.expect("Starting kernel")
        say(f"   the same kernel with an init that ends at once: {machine.spent()} to its start")
        machine.expect("kill init! exitcode=0x00000000")
        say(f"   ... and {machine.spent()} to its init's end")
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
        self.client_gets(machine)
        time.sleep(30)
        machine.power_off()
        self.boot_with(disk, "")
        say(f"   full: {free_bytes(disk, self.folder) // 1024} KiB are free")
        machine.power_on()
        within(BOOT_SECONDS, "TLS is served", lambda: self.serves(machine))
        self.client_gets(machine)
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
        self.client_gets(machine)
        self.client_stays_affiliated(machine)
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
