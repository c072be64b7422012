# SPDX-License-Identifier: Apache-2.0
"""Tests that cut the power: of a first start, of starts in a row, and under load."""

import time

from common import Failed, say, within
from disk import (SECTOR, by_chance, copy_disk, cut, from_within, moments, nothing, provision,
                  read_log)
from home import PROFILE, Inspection
from machine import BOOT_SECONDS, REPLY_SECONDS

GROUPS = 40
AFFILIATES_EVERY = GROUPS * 3 // 10  # ten clients in a run under load; a user may have twelve


class Cuts:
    """Part of the suite in test_image.py, which has the disk, the home and the machines."""

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
            time.sleep(self.chance.uniform(1, self.start_seconds))
            machine.power_off()
            lost += cut(before, log, log.stat().st_size, disk, by_chance(self.chance))
        say(f"   ten cycles lost {lost} writes that were not flushed")
        machine = self.machine(disk)
        machine.power_on()
        within(BOOT_SECONDS, "TLS is served", lambda: self.serves(machine))
        machine.power_off()

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
        groups, clients = self.put_under_load(machine, log)
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
            kept = self.has_what_was_promised(disk, position, groups, clients)
            if turn % 10 == 0:
                self.serves_after_cut(disk)
                booted += 1
            say(f"   cut {turn + 1}: {kept} promised and there; {lost} writes lost")
        say(f"   {self.cuts} cuts, {booted} of them booted; {lost_something} lost writes")
        if not lost_something:
            raise Failed("no cut lost anything: they prove nothing")

    def put_under_load(self, machine, log):
        """What the gateway acknowledges meanwhile: (length of the log, group, revision) of pushes,
        (length of the log, client) of affiliations."""
        groups, clients = [], []
        for turn in range(3 * GROUPS):
            number = turn % GROUPS
            self.home.define(number, turn // GROUPS + 1)
            revision = self.home.acknowledged(number)
            if revision:
                groups.append((log.stat().st_size, number, revision))
            if turn % AFFILIATES_EVERY == 0:
                self.client_affiliates(machine, f"radio-{turn}")
                clients.append((log.stat().st_size, f"radio-{turn}"))
        within(REPLY_SECONDS, "the last push is acknowledged",
               lambda: self.home.acknowledged(GROUPS - 1) >= 3)
        return groups, clients

    def has_what_was_promised(self, disk, position, groups, clients):
        """Opens the store of a disk that was cut when the log was so long; says what it kept."""
        revisions = {}
        for at, number, revision in groups:
            if at <= position:
                revisions[number] = max(revision, revisions.get(number, 0))
        affiliated = {client for at, client in clients if at <= position}
        found, found_affiliated = Inspection(self.home, disk, self.folder).found(revisions)
        for number, revision in revisions.items():
            if found[number] < revision:
                raise Failed(f"group {number} was acknowledged with revision {revision}, and the "
                             f"store has {found[number]}")
        if not affiliated <= found_affiliated:
            raise Failed(f"{affiliated - found_affiliated} were told that they are affiliated, and "
                         f"the store has {found_affiliated}")
        return f"{len(revisions)} groups and {len(affiliated)} affiliations"

    def serves_after_cut(self, disk):
        machine = self.machine(disk)
        machine.power_on()
        within(BOOT_SECONDS, "TLS is served after a cut", lambda: self.serves(machine))
        self.client_gets(machine, newest=False)
        machine.power_off()
