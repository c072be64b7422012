# SPDX-License-Identifier: Apache-2.0
"""A virtual board under QEMU, from its boot loader on."""

import os
import shlex
import signal
import subprocess
import time
from pathlib import Path

from common import PROJECT, Failed, free_port, within

# Patience: all is emulated, perhaps on a machine that does other things too.
BOOT_SECONDS = 900
REPLY_SECONDS = 300
# Its clock goes on with what it has executed, or while it waits: however little of this machine the
# emulator gets, nothing inside runs out of time.
OWN_TIME = ("-icount", "shift=2")


class Board:
    def __init__(self, name):
        self.name = name
        text = (PROJECT / "boards" / name / "board.conf").read_text()
        values = dict(shlex.split(line)[0].split("=", 1) for line in text.splitlines()
                      if line and not line.startswith("#"))
        self.emulator = shlex.split(values["emulator"])
        self.boot_command = values["boot_command"]
        self.power_cuts = int(values["power_cuts"])


class Machine:
    """One virtual board with a disk of its own."""

    running = []

    def __init__(self, board, disk, folder, log=None, stick=None):
        self.board, self.disk, self.folder, self.log = board, disk, folder, log
        self.stick = ["-device", "qemu-xhci", "-blockdev",
                      f"driver=raw,node-name=stick,file.driver=file,file.filename={stick}",
                      "-device", "usb-storage,drive=stick"] if stick else []
        self.serial = folder / "serial.log"
        self.port = free_port()
        self.process = None
        self.powered = 0.0

    def power_on(self):
        drive = f"driver=raw,node-name=disk,file.driver=file,file.filename={self.disk}"
        blocks = ["-blockdev", drive]
        node = "disk"
        if self.log:
            blocks += ["-blockdev", "driver=blklogwrites,node-name=logged,file=disk,"
                       f"log.driver=file,log.filename={self.log}"]
            node = "logged"
        command = self.board.emulator + [
            *OWN_TIME, "-nographic", "-monitor", "none", "-action", "watchdog=reset",
            "-serial", f"file:{self.serial}", *blocks,
            "-device", f"virtio-blk-pci,drive={node},write-cache=on",
            "-netdev", f"user,id=net,hostfwd=tcp:127.0.0.1:{self.port}-:8443",
            "-device", "virtio-net-pci,netdev=net", *self.stick]
        self.serial.write_bytes(b"")
        self.powered = time.monotonic()
        with open(self.folder / "qemu.log", "ab") as log:
            self.process = subprocess.Popen(command, stdout=log, stderr=log,
                                            stdin=subprocess.DEVNULL)
        Machine.running.append(self.process)

    def power_off(self):
        if self.process:
            self.process.send_signal(signal.SIGKILL)
            self.process.wait()
            self.process = None

    @classmethod
    def stop_all(cls):
        for process in cls.running:
            process.kill()
            process.wait()

    def said(self):
        return self.serial.read_text(errors="replace").replace("\r", "")

    def expect(self, text, times=1, seconds=BOOT_SECONDS):
        def holds():
            if self.process.poll() is not None:
                raise Failed(f"the emulator ended: {(self.folder / 'qemu.log').read_text()[-500:]}")
            return self.said().count(text) >= times
        within(seconds, f"{text!r} on the console", holds)

    def seconds(self):
        return time.monotonic() - self.powered

    def spent(self):
        """Since power-on; and what of it the emulator had, which says more on a busy machine."""
        stat = Path(f"/proc/{self.process.pid}/stat").read_text().rsplit(")", 1)[1].split()
        ticks = int(stat[11]) + int(stat[12])
        return (f"{self.seconds():.1f} s from power-on "
                f"({ticks / os.sysconf('SC_CLK_TCK'):.1f} s of a processor)")
