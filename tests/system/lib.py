"""What the system tests share: an instance, clients, a wait with a deadline.

    #!/usr/bin/env python3
    from lib import main

    def test_delivery(box):
        box.send("a@client.test", ["fb00@bench.test"], "Subject: x\\n\\nhello\\n")
        assert b"hello" in box.wait_messages("fb00", 1)[0]

    main("--users", "2")

main() starts one instance with these options, calls the module's test_...
functions in their order, each with the instance, prints "ok NAME" or "FAIL
NAME" for each, and checks at the end that no daemon crashed and that none was
left running. Peers for mail that goes out are in peers.py.
"""

import imaplib
import json
import os
import poplib
import re
import shutil
import smtplib
import ssl
import subprocess
import sys
import time
import traceback

TREE = os.environ.get("TREE") or os.path.dirname(os.path.dirname(
    os.path.dirname(os.path.abspath(__file__))))
SLOW = int(os.environ.get("SLOW", "1"))
KEPT = ("ASAN_OPTIONS", "UBSAN_OPTIONS")  # for whoever becomes a user
sys.path.insert(0, os.path.join(TREE, "tests", "lib"))
from instance import ports  # noqa: E402

CRASH = re.compile(r"AddressSanitizer|LeakSanitizer|runtime error:|panic: |"
                   r"must\(|does not hold|killed by signal (?!9\b)|signal (6|11)\b|"
                   r"SIGSYS|bad system call", re.I)


class Skip(Exception):
    """A test cannot be run here, and says why."""


def need(*programs):
    """Skip the whole file unless these programs are there."""
    missing = [p for p in programs if not shutil.which(p)]
    if missing:
        print("not installed: " + " ".join(missing))
        sys.exit(77)


def wait(condition, what, seconds=20):
    """Wait until condition() is true, and return what it returned."""
    end = time.monotonic() + seconds * SLOW
    while True:
        got = condition()
        if got:
            return got
        if time.monotonic() > end:
            raise AssertionError("waited %d s in vain for %s" % (
                seconds * SLOW, what() if callable(what) else what))
        time.sleep(0.02)


def run(*command, check=True, stdin="", **options):
    """Run a command; (status, output) or, with check, just the output."""
    got = subprocess.run(command, input=stdin, stdout=subprocess.PIPE,
                         stderr=subprocess.STDOUT, text=True, check=False,
                         timeout=60 * SLOW, errors="replace", **options)
    if not check:
        return got.returncode, got.stdout
    assert got.returncode == 0, "%s: exit %d\n%s" % (
        " ".join(command), got.returncode, got.stdout)
    return got.stdout


class Instance:
    """A running suite. Options are those of tests/instance start."""

    def __init__(self, *options, name="box", base=None):
        self.dir = os.path.join(os.environ.get("TEST_DIR", os.getcwd()), name)
        self.held = None
        if base is None and name == "box" and "BASE_PORT" in os.environ:
            base = int(os.environ["BASE_PORT"])
        elif base is None:
            base, self.held = ports.reserve()
        self.options = ["--base-port", str(base)] + list(options)
        if "--build" not in options:
            self.options += ["--build", os.environ.get(
                "BUILD", os.path.join(TREE, "build"))]
        self.base = base
        self.t = {}

    def command(self, *words, check=True):
        return run(os.path.join(TREE, "tests", "instance"), *words, "--dir",
                   self.dir, check=check)

    def start(self, *more):
        self.command("start", *self.options, *more, "--wait", str(60 * SLOW))
        with open(self.path("target.json"), encoding="utf-8") as f:
            self.t = json.load(f)
        return self

    def stop(self):
        """Stop it; an error when a process had to be killed."""
        status, text = self.command("stop", check=False)
        assert status == 0, text

    def reload(self, *names):
        """And wait until no process of these daemons is an old one: until then
        it may answer as the files said before."""
        before = {n: set(self.pids(n)) for n in names}
        self.command("reload")
        wait(lambda: all(set(self.pids(n)) and
                         not before[n] & set(self.pids(n)) for n in names),
             "new processes of " + ", ".join(names))

    def __enter__(self):
        return self.start()

    def __exit__(self, *_):
        self.command("stop", check=False)

    def path(self, *parts):
        return os.path.join(self.dir, *parts)

    def port(self, service="smtp"):
        return self.t[service + "_port"]

    def inside(self, *command, user=None, **options):
        """Run a command where the instance's accounts and programs are."""
        become = [] if user is None else [
            "setpriv", "--reuid", user, "--regid", user, "--init-groups",
            "--reset-env", "env", *(
                "%s=%s" % e for e in os.environ.items() if e[0] in KEPT)]
        return run(*self.t["enter"], *become, *command, **options)

    def pids(self, program):
        """The processes of that program."""
        namespace = os.readlink("/proc/%d/ns/mnt" % self.t["pid"])
        found = []
        for entry in os.listdir("/proc"):
            try:
                exe = os.readlink("/proc/%s/exe" % entry)
                root = os.readlink("/proc/%s/ns/mnt" % entry)
            except OSError:
                continue
            if os.path.basename(exe) == program and root == namespace:
                found.append(int(entry))
        return found

    # -- what it wrote

    def log(self):
        try:
            with open(self.path("log"), encoding="utf-8",
                      errors="replace") as f:
                return f.read()
        except FileNotFoundError:
            return ""

    def wait_log(self, pattern, seconds=20):
        """Wait for a log line that matches; returns the match."""
        return wait(lambda: re.search(pattern, self.log(), re.M),
                    "the log line " + pattern, seconds)

    def crashes(self):
        with open(self.path("start.log"), encoding="utf-8",
                  errors="replace") as f:
            text = f.read() + self.log()
        return [line for line in text.splitlines() if CRASH.search(line)]

    def maildir(self, user, folder=""):
        name = "." + folder if folder else ""
        return os.path.join(self.t["homes"], user, "Maildir", name)

    def messages(self, user, folder=""):
        """The messages in new/ and cur/, oldest name first."""
        out = []
        for sub in ("new", "cur"):
            top = os.path.join(self.maildir(user, folder), sub)
            for name in sorted(os.listdir(top) if os.path.isdir(top) else []):
                try:
                    with open(os.path.join(top, name), "rb") as f:
                        out.append((name, f.read()))
                except FileNotFoundError:
                    continue  # moved by a client meanwhile
        return [text for _, text in sorted(out)]

    def wait_messages(self, user, count, folder="", seconds=20):
        """Wait until the folder holds count messages or more."""
        return wait(lambda: len(self.messages(user, folder)) >= count and
                    self.messages(user, folder),
                    lambda: "%d messages of %s; there are %d" % (
                        count, user, len(self.messages(user, folder))),
                    seconds)

    def queue(self):
        """The queue as postqueue -j tells it: one dict a message."""
        text = self.inside("postqueue", "-j")
        return [json.loads(line) for line in text.splitlines() if line]

    def wait_empty(self, seconds=20):
        wait(lambda: not self.queue(), "an empty queue", seconds)

    def wait_held(self):
        """The one message that is left, once what came before is gone."""
        return wait(lambda: (q := self.queue()) and
                    [m["queue_name"] for m in q] == ["hold"] and q,
                    lambda: "one held message: %s" % self.queue())

    # -- clients

    def tls(self):
        return ssl.create_default_context(cafile=self.t["cafile"])

    def smtp(self, service="smtp", user=None, password="bench",
             starttls=False, source=None):
        """A connected client, greeted and logged in where asked."""
        where = ("127.0.0.1", self.port(service))
        options = {"timeout": 30 * SLOW, "local_hostname": "client.test"}
        if source:
            options["source_address"] = (source, 0)
        if service == "submissions":
            c = smtplib.SMTP_SSL(*where, context=self.tls(),
                                 **options)
        else:
            c = smtplib.SMTP(*where, **options)
        c.ehlo()
        if starttls:
            c.starttls(context=self.tls())
            c.ehlo()
        if user:
            c.login(user, password)
        return c

    def send(self, sender, recipients, text, **options):
        """Send a message; lines may end in LF. Returns refused recipients."""
        if isinstance(text, str):
            text = text.encode()
        text = re.sub(rb"\r?\n", b"\r\n", text)
        with self.smtp(**options) as c:
            return c.sendmail(sender, recipients, text)

    def imap(self, user=None, password="bench", service="imap"):
        if service == "imaps":
            c = imaplib.IMAP4_SSL("127.0.0.1", self.port(service),
                                  ssl_context=self.tls(), timeout=30 * SLOW)
        else:
            c = imaplib.IMAP4("127.0.0.1", self.port(service),
                              timeout=30 * SLOW)
        if user:
            c.login(user, password)
        return c

    def pop3(self, user=None, password="bench", service="pop3"):
        if service == "pop3s":
            c = poplib.POP3_SSL("127.0.0.1", self.port(service),
                                context=self.tls(), timeout=30 * SLOW)
        else:
            c = poplib.POP3("127.0.0.1", self.port(service),
                            timeout=30 * SLOW)
        if user:
            c.user(user)
            c.pass_(password)
        return c


def case(name, function, *arguments):
    """Run one case and say how it ended; True unless it failed."""
    try:
        function(*arguments)
    except Skip as e:
        print("skip %s: %s" % (name, e), flush=True)
    except Exception:  # pylint: disable=broad-except
        traceback.print_exc(file=sys.stdout)
        print("FAIL %s" % name, flush=True)
        return False
    else:
        print("ok %s" % name, flush=True)
    return True


def stopped_well(box):
    box.stop()


def no_crash(box):
    assert not box.crashes(), "\n".join(box.crashes())


def main(*options, only=None):
    """Run the test_ functions of the calling script on one instance."""
    module = sys.modules["__main__"]
    tests = [(n, f) for n, f in vars(module).items()
             if n.startswith("test_") and callable(f)]
    wanted = sys.argv[1:] or only
    box = Instance(*options)
    good = True
    with box:
        for name, function in tests:
            if not wanted or name in wanted:
                good = case(name, function, box) and good
        good = case("stopped_well", stopped_well, box) and good
    good = case("no_crash", no_crash, box) and good
    sys.exit(0 if good else 1)
