"""What one instance is made of: its folder, ports, accounts and options.

A plan is made by `start` from the command line, written to DIR/plan.json, and
read by the keeper and by every later command on the same folder.
"""

import json
import os
from dataclasses import asdict, dataclass, field

TREE = os.path.dirname(os.path.dirname(os.path.dirname(
    os.path.dirname(os.path.abspath(__file__)))))

# Added to the base port. The sink is only named in the transport table.
PORTS = {"smtp": 25, "submission": 87, "submissions": 65, "imap": 43,
         "imaps": 93, "pop3": 10, "pop3s": 95, "web": 80, "sink": 99}

UID0 = 61000        # of the first mail user
UID_SYSTEM = 60900  # from here on: accounts that the daemons run as
SYSTEM_USERS = ("_facteur", "_facteur-net", "_facteur-login", "_facteur-map",
                "_facteur-dns", "_facteur-key", "_facteur-dial")
SYSTEM_GROUPS = ("_facteurdrop",)


class Trouble(Exception):
    """Something that a person should read; no traceback wanted."""


@dataclass
class Plan:
    dir: str
    build: str
    base: int
    domain: str
    host: str
    users: list            # of [name, password], in the order of their uids
    pattern: str           # of the users' names, with the number in it
    homes: str
    sets: list = field(default_factory=list)     # of [name, value]
    master: list = field(default_factory=list)   # lines of master.cf
    aliases: str = ""
    tables: list = field(default_factory=list)   # of [name, file]
    tutorial: bool = False
    web: bool = False
    partial: bool = False
    wait: int = 60

    def port(self, name):
        return self.base + PORTS[name]

    def path(self, *parts):
        return os.path.join(self.dir, *parts)

    def home(self, name):
        return os.path.join(self.homes, name)

    # where the programs lie inside the view (see view.py)
    def program(self, kind, name):
        return self.path("build", kind, name)

    def built(self, kind, name):
        return os.path.exists(os.path.join(self.build, kind, name))

    @property
    def cgroup_name(self):
        return "fb-facteur-%d" % self.base

    def save(self):
        write(self.path("plan.json"), json.dumps(asdict(self), indent=1), 0o600)

    @staticmethod
    def load(folder):
        try:
            with open(os.path.join(folder, "plan.json"), encoding="utf-8") as f:
                return Plan(**json.load(f))
        except FileNotFoundError:
            return None
        except (ValueError, TypeError) as e:
            raise Trouble("%s/plan.json is damaged: %s" % (folder, e)) from e


def write(path, text, mode=0o644):
    """Write a file whole or not at all."""
    tmp = path + ".new"
    with open(tmp, "w", encoding="utf-8") as f:
        f.write(text)
    os.chmod(tmp, mode)
    os.rename(tmp, path)


def read_json(path):
    try:
        with open(path, encoding="utf-8") as f:
            return json.load(f)
    except (FileNotFoundError, ValueError):
        return None
