# SPDX-License-Identifier: Apache-2.0
"""test_image.py BOARD IMAGE HOST_PROGRAM [TEST...] [--cuts N]: boots an image under QEMU with its
real boot loader and tests it from outside. Runs in the image environment; all that listens is on
loopback."""

import argparse
import random
import shutil
import socket
import ssl
import sys
import tempfile
import time
from pathlib import Path

from common import MIB, PROJECT, Failed, run, say, within
from disk import (BOOT_OFFSET, DATA_OFFSET, boot_partition, copy_disk, cut, partition_of, provision,
                  read_log)
from home import Home, Inspection
from machine import BOOT_SECONDS, Board, Machine

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

    def machine(self, disk=None, log=None):
        return Machine(self.board, disk or self.disk, self.folder, log)

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
        provision(self.disk, self.folder, self.gateway_configuration())
        machine = self.machine()
        machine.power_on()
        machine.expect("the configuration on the boot partition was taken in")
        within(BOOT_SECONDS, "TLS is served", lambda: self.serves(machine))
        say(f"   first start: {machine.seconds():.1f} s from power-on to the first served bytes")
        within(60, "the link is up", self.home.link_is_up)
        machine.power_off()
        left = boot_partition(self.disk)
        if "bivouac/" in left:
            raise Failed(f"the configuration is still on the boot partition: {left}")
        machine.power_on()
        within(BOOT_SECONDS, "TLS is served", lambda: self.serves(machine))
        say(f"   next start:  {machine.seconds():.1f} s")
        machine.power_off()

    def refused_configuration(self):
        disk = self.folder / "refused.img"
        copy_disk(self.disk, disk)
        provision(disk, self.folder, self.gateway_configuration().replace("listen", "lisen", 1))
        machine = self.machine(disk)
        machine.power_on()
        machine.expect("the one before stays")
        within(BOOT_SECONDS, "TLS is served", lambda: self.serves(machine))
        machine.power_off()
        if "bivouac-problems.txt" not in boot_partition(disk):
            raise Failed("nothing on the boot partition says what is wrong")

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
        within(60, "the last push is acknowledged",
               lambda: self.home.acknowledged(GROUPS - 1) >= 3)
        end = log.stat().st_size
        machine.power_off()
        booted = 0
        for turn in range(self.cuts):
            position = self.chance.randrange(start, end + 1)
            disk = self.folder / "cut.img"
            lost = cut(before, log, position, disk, self.chance)
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
                cut_machine.power_off()
                booted += 1
            say(f"   cut {turn + 1}: {len(expected)} groups promised and there; {lost} writes were "
                "not flushed")
        say(f"   {self.cuts} cuts, {booted} of them booted")

    def first_start_cut(self):
        log = self.folder / "first.log"
        before = self.folder / "before.img"
        copy_disk(self.image, before)
        provision(before, self.folder, self.gateway_configuration())
        disk = self.folder / "first.img"
        copy_disk(before, disk)
        log.write_bytes(b"")
        machine = self.machine(disk, log)
        machine.power_on()
        within(BOOT_SECONDS, "TLS is served", lambda: self.serves(machine))
        machine.power_off()
        ends = [end for end, *_ in read_log(log)]
        for turn in range(min(10, self.cuts)):
            cut(before, log, self.chance.choice(ends), disk, self.chance)
            again = self.machine(disk)
            again.power_on()
            within(BOOT_SECONDS, "TLS is served after a cut of the first start",
                   lambda m=again: self.serves(m))
            again.power_off()
            say(f"   cut {turn + 1} of the first start: serves at the second")

    def power_cycles(self):
        machine = self.machine()
        for _ in range(10):
            machine.power_on()
            time.sleep(self.chance.uniform(1, 8))
            machine.power_off()
        machine.power_on()
        within(BOOT_SECONDS, "TLS is served", lambda: self.serves(machine))
        machine.power_off()

    def damaged_store(self):
        disk = self.folder / "damaged.img"
        copy_disk(self.disk, disk)
        part = partition_of(disk, self.folder)
        garbage = self.folder / "garbage"
        garbage.write_bytes(self.chance.randbytes(64 * 1024))
        run("debugfs", "-w", "-R", "rm /store/store.db", part)
        run("debugfs", "-w", "-R", f"write {garbage} /store/store.db", part)
        run("debugfs", "-w", "-R", "sif /store/store.db uid 900", part)
        with open(part, "rb") as source, open(disk, "r+b") as target:
            target.seek(DATA_OFFSET)
            shutil.copyfileobj(source, target, MIB)
        machine = self.machine(disk)
        machine.power_on()
        within(BOOT_SECONDS, "TLS is served", lambda: self.serves(machine))
        within(60, "the link is up", self.home.link_is_up)
        machine.power_off()

    def watchdog(self):
        """The daemon is stopped from within; the board must be reset, and serve again."""
        disk = self.folder / "watchdog.img"
        copy_disk(self.disk, disk)
        script = self.folder / "boot.cmd"
        text = (PROJECT / "firmware" / "image" / "boot.cmd").read_text()
        conf = (PROJECT / "boards" / self.board.name / "board.conf").read_text()
        command = next(line.split("=")[1] for line in conf.splitlines()
                       if line.startswith("boot_command"))
        stop = ("systemd.run=\"/bin/sh -c 'sleep 20; kill -STOP $(pidof bivouac)'\" "
                "systemd.run_success_action=none systemd.run_failure_action=none")
        script.write_text(text.replace("@boot_command@", command)
                          .replace("quiet panic=10", f"quiet panic=10 {stop}"))
        built = self.folder / "boot.scr"
        run("mkimage", "-A", "arm", "-O", "linux", "-T", "script", "-C", "none", "-d", script,
            built)
        run("mcopy", "-o", "-i", f"{disk}@@{BOOT_OFFSET}", built, "::boot.scr")
        machine = self.machine(disk)
        machine.power_on()
        machine.expect("bivouac: slot", times=2)
        say(f"   reset and booting again after {machine.seconds():.0f} s")
        machine.power_off()


TESTS = ["without_configuration", "first_start", "refused_configuration", "power_cycles",
         "damaged_store", "watchdog", "first_start_cut", "power_cuts"]


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("board")
    parser.add_argument("image", type=Path)
    parser.add_argument("program", type=Path)
    parser.add_argument("--cuts", type=int, default=50)
    parser.add_argument("tests", nargs="*", default=TESTS)
    options = parser.parse_args()
    folder = Path(tempfile.mkdtemp(prefix="bivouac-image-"))
    suite = Suite(Board(options.board), options.image, options.program, folder, options.cuts)
    status = 0
    try:
        suite.home.start()
        for name in options.tests:
            begun = time.monotonic()
            say(f"{name.replace('_', ' ')} ...")
            getattr(suite, name)()
            say(f"   held ({time.monotonic() - begun:.0f} s)")
        shutil.rmtree(folder)
    except Failed as failed:
        say(f"   DID NOT HOLD: {failed}\n   what is left to look at: {folder}")
        status = 1
    finally:
        suite.home.stop()
        for process in Machine.running:
            process.kill()
    return status


if __name__ == "__main__":
    sys.exit(main())
