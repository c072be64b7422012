# SPDX-License-Identifier: Apache-2.0
"""What every part of the image tests needs."""

import shlex
import socket
import subprocess
import time
from pathlib import Path

PROJECT = Path(__file__).resolve().parents[2]
MIB = 1024 * 1024


def say(text):
    print(text, flush=True)


class Failed(Exception):
    pass


def run(*command, **options):
    result = subprocess.run(command, capture_output=True, text=True, check=False, **options)
    if result.returncode != 0:
        raise Failed(f"{shlex.join(map(str, command))}: {result.stdout}{result.stderr}")
    return result.stdout


def free_port():
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return one.getsockname()[1]


def within(seconds, what, holds):
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if holds():
            return
        time.sleep(0.2)
    raise Failed(f"not within {seconds} s: {what}")


def find(value, key):
    """The first value of a key, at any depth."""
    if isinstance(value, dict):
        if key in value:
            return value[key]
        value = list(value.values())
    if isinstance(value, list):
        for one in value:
            if (found := find(one, key)) is not None:
                return found
    return None
