# SPDX-License-Identifier: Apache-2.0
"""The MC system alpha on this machine, and the store of a gateway opened on it."""

import json
import os
import shutil
import subprocess

from common import Failed, find, free_port, run, within
from disk import partition_of


USER = "sip:user0@bravo.example"  # whom the gateway serves
GROUP = "sip:group0@alpha.example"  # to which the user may affiliate
PROFILE = f"""mc_service_id = "{USER}"
services = ["mcptt"]
affiliations_max = 1
[[group]]
group_id = "{GROUP}"
"""


class Home:
    """The MC system alpha on this machine: the partner of the gateway in the virtual board."""

    def __init__(self, program, folder):
        self.program, self.folder, self.port = program, folder, free_port()
        self.process = None
        self.client_said = ""
        self.priority = 0  # of the user's group, as it was defined last
        self.config = folder / "alpha.toml"
        self.pki()
        self.config.write_text(self.configuration(
            "alpha", "bravo", f'["127.0.0.1:{self.port}"]', "[]", f"{folder}/data",
            f"{folder}/run"))

    def configuration(self, name, other, listen, addresses, data, runtime):
        return f"""[system]
id = "sip:{name}.example"
clock = "trusted"
[listen]
addresses = {listen}
[tls]
certificate = "pki/{name}.crt"
key = "pki/{name}.key"
ca = "pki/ca.crt"
crl = "pki/ca.crl"
[store]
data_dir = "{data}"
runtime_dir = "{runtime}"
[[partner]]
system_id = "sip:{other}.example"
addresses = {addresses}
users = ["sip:*@{other}.example"]
groups = ["sip:*@{other}.example"]
[partner.rights]
provide = ["sip:*@{other}.example"]
request = ["*"]
receive = ["*"]
affiliate = ["*"]
"""

    def pki(self):
        run(self.program, "pki", "init", self.folder / "pki")
        for name in ("alpha", "bravo"):
            run(self.program, "pki", "issue", self.folder / "pki",
                "--system", f"sip:{name}.example", "--out", name)
        run(self.program, "pki", "issue", self.folder / "pki", "--user", USER, "--out", "user0")

    def start(self):
        with open(self.folder / "alpha.log", "ab") as log:
            self.process = subprocess.Popen(
                [self.program, "run", "--config", self.config], stdout=log, stderr=log)
        within(20, "alpha answers", lambda: self.ask("status") is not None)

    def stop(self):
        if self.process:
            self.process.terminate()
            self.process.wait()
            self.process = None

    def ask(self, *words):
        result = subprocess.run([self.program, *words, "--json", "--config", self.config],
                                capture_output=True, text=True, check=False)
        return json.loads(result.stdout) if result.returncode == 0 and result.stdout else None

    def link_is_up(self):
        status = self.ask("status")
        return bool(status) and any(link["up"] for link in status["links"])

    def define(self, number, priority):
        """Imports one group; it is pushed to the gateway, whose users are its members."""
        file = self.folder / "group.toml"
        members = "".join(f'[[member]]\nmc_service_id = "sip:user{i}@bravo.example"\n'
                          for i in range(20))
        file.write_text(f"""group_id = "sip:group{number}@alpha.example"
services = ["mcptt"]
group_priority = {priority}
{members}""")
        run(self.program, "group", "import", file, "--config", self.config)
        if number == 0:
            self.priority = priority

    def acknowledged(self, number):
        return find(self.ask("group", "show", f"sip:group{number}@alpha.example"),
                    "acknowledged_revision") or 0


    def affiliated_clients(self):
        """The user's clients that this system, the group's home, has as affiliated."""
        return affiliated_clients(self.ask("affiliation", "list", "--group", GROUP))

    def client(self, port, *words):
        """The user's client outside; what it printed when it came to a good end."""
        pki = self.folder / "pki"
        result = subprocess.run(
            [self.program, "client", "--gateway", f"127.0.0.1:{port}", "--timeout", "20",
             "--certificate", pki / "user0.crt", "--key", pki / "user0.key", "--ca", pki / "ca.crt",
             *words], capture_output=True, text=True, check=False)
        self.client_said = result.stdout + result.stderr
        return result.stdout if result.returncode == 0 else ""

    def client_gets(self, port, newest):
        """Whether the user's client gets its group: the newest version of it, or any."""
        expected = f"group_priority = {self.priority}\n" if newest else "group_priority = "
        return expected in self.client(port, "get", GROUP)

    def client_affiliates(self, port, client_id):
        """Whether the client is told that it is affiliated, and not just that this is asked for."""
        said = self.client(port, "affiliate", GROUP, "--client-id", client_id)
        return f"{GROUP}: affiliated " in said

    def client_is_affiliated(self, port, client_id):
        said = self.client(port, "status", "--client-id", "another")
        return any(line.startswith(f"{GROUP}: affiliated ") and
                   line.endswith(f", client {client_id}") for line in said.splitlines())


def affiliated_clients(answer):
    """The user's clients that `affiliation list` has as affiliated."""
    return {one["client_id"] for one in answer or []
            if one["mc_service_id"] == USER and one["status"] == "affiliated"}


class Inspection:
    """The store of a cut disk, opened by the same program on this machine."""

    def __init__(self, home, disk, folder):
        self.folder = folder / "inspected"
        shutil.rmtree(self.folder, ignore_errors=True)
        self.folder.mkdir()
        run("debugfs", "-R", f"rdump /store {self.folder}", partition_of(disk, folder))
        for path in self.folder.rglob("*"):
            os.chown(path, os.getuid(), os.getgid())  # keys of others are not used
        self.config = self.folder / "bravo.toml"
        self.config.write_text(home.configuration(
            "bravo", "alpha", f'["127.0.0.1:{free_port()}"]', "[]", f"{self.folder}/store",
            f"{self.folder}/run"))
        shutil.copytree(home.folder / "pki", self.folder / "pki")
        self.program = home.program

    def found(self, numbers):
        """The revisions of these groups, and the user's clients that are affiliated."""
        with open(self.folder / "bravo.log", "wb") as log:
            process = subprocess.Popen([self.program, "run", "--config", self.config],
                                       stdout=log, stderr=log)
        try:
            def ask(*words):
                result = subprocess.run([self.program, *words, "--json", "--config", self.config],
                                        capture_output=True, text=True, check=False)
                return json.loads(result.stdout) if result.returncode == 0 else None
            within(60, "the store is served", lambda: ask("status") is not None)
            losses = find(ask("status"), "store_losses")
            if losses:
                raise Failed(f"the store lost something: {losses}")
            revisions = {n: find(ask("group", "show", f"sip:group{n}@alpha.example"),
                                 "exposed_revision") or 0 for n in numbers}
            return revisions, affiliated_clients(ask("affiliation", "list"))
        finally:
            process.terminate()
            process.wait()
