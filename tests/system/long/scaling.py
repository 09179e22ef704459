#!/usr/bin/env python3
"""Two MX hosts behind HAProxy, tables in PostgreSQL, two mailbox hosts: each in
a network of its own, as docs/SCALING.md draws it. One MX is killed, then a
mailbox host; service goes on, and nothing that was accepted is lost."""
# timeout: 300

import contextlib
import ctypes
import imaplib
import os
import signal
import smtplib
import ssl
import subprocess
import sys
import threading
import time

sys.path.insert(1, os.path.join(os.path.dirname(__file__), ".."))

from lib import Instance, Skip, case, need, wait  # noqa: E402
from instance import processes  # noqa: E402
from servers import Postgres, Server  # noqa: E402

HERE = os.environ.get("TEST_DIR", os.getcwd())
NET = "10.77.0.%d"
HOSTS = {"lb": 10, "mx1": 21, "mx2": 22, "box1": 31, "box2": 32, "db": 5,
         "out": 1}
TAG = "fct%d" % (os.getpid() % 100000)
CLONE_NEWNET = 0x40000000
LIBC = ctypes.CDLL(None, use_errno=True)
USERS = ["fb0%d" % n for n in range(10)]


def ip(*words):
    got = subprocess.run(("ip",) + words, stdout=subprocess.PIPE,
                         stderr=subprocess.STDOUT, text=True, check=False)
    if got.returncode != 0:
        raise Skip("ip %s: %s" % (" ".join(words), got.stdout.strip()))


def address(host):
    return NET % HOSTS[host]


class Network:
    """A switch, and a host on it for each name; nothing of it is seen from
    outside."""

    def __init__(self):
        self.made = []
        self.home = os.open("/proc/self/ns/net", os.O_RDONLY | os.O_CLOEXEC)

    def name(self, host):
        return "%s-%s" % (TAG, host)

    def add(self, host):
        ip("netns", "add", self.name(host))
        self.made.append(self.name(host))
        ip("-n", self.name(host), "link", "set", "lo", "up")

    def __enter__(self):
        try:
            self.build()
        except BaseException:
            self.__exit__()
            raise
        return self

    def build(self):
        switch = self.name("switch")
        self.add("switch")
        ip("-n", switch, "link", "add", "name", "switch0", "type", "bridge")
        ip("-n", switch, "link", "set", "switch0", "up")
        for host in HOSTS:
            self.add(host)
            ip("-n", switch, "link", "add", "name", host, "type", "veth", "peer",
               "name", "eth0", "netns", self.name(host))
            ip("-n", switch, "link", "set", host, "master", "switch0", "up")
            ip("-n", self.name(host), "address", "add", address(host) + "/24",
               "dev", "eth0")
            ip("-n", self.name(host), "link", "set", "eth0", "up")

    def __exit__(self, *_):
        enter(self.home)
        for name in self.made:
            subprocess.run(["ip", "netns", "del", name], check=False)
        os.close(self.home)

    @contextlib.contextmanager
    def on(self, host):
        """What is started here runs on that host."""
        fd = os.open("/run/netns/" + self.name(host),
                     os.O_RDONLY | os.O_CLOEXEC)
        enter(fd)
        os.close(fd)
        try:
            yield
        finally:
            enter(self.home)


def enter(fd):
    if LIBC.setns(fd, CLONE_NEWNET) != 0:
        raise OSError(ctypes.get_errno(), "setns")


# -- the hosts

HAPROXY = """global
    log stdout format raw local0
defaults
    mode tcp
    timeout connect 2s
    timeout client 60s
    timeout server 60s
    timeout check 3s
    retries 3
    option redispatch
listen mx
    bind %(lb)s:25
    balance roundrobin
    option smtpchk EHLO lb.shop.test
    default-server check inter 500ms fall 2 rise 1 send-proxy check-send-proxy
    server mx1 %(mx1)s:2525
    server mx2 %(mx2)s:2525
"""


class Haproxy(Server):
    def command(self):
        with open(self.path("haproxy.cfg"), "w", encoding="utf-8") as f:
            f.write(HAPROXY % {h: address(h) for h in HOSTS})
        return ["/usr/sbin/haproxy", "-f", self.path("haproxy.cfg"), "-db"]

    def start(self):
        # a port below 1024
        with open(self.path("log"), "ab") as log:
            self.process = subprocess.Popen(  # pylint: disable=R1732
                self.command(), stdout=log, stderr=log,
                stdin=subprocess.DEVNULL)
        return self


SQL = """
CREATE TABLE domain (name text PRIMARY KEY);
CREATE TABLE mailbox (address text PRIMARY KEY, host text NOT NULL);
INSERT INTO domain VALUES ('shop.test');
"""


def tables(pg):
    pg.sql(SQL + "".join(
        "INSERT INTO mailbox VALUES ('%s@shop.test', '%s');\n" % (
            user, address(host_of(user))) for user in USERS))


def host_of(user):
    return "box1" if user < "fb05" else "box2"


def table_file(pg, name, text):
    path = os.path.join(HERE, name + ".cf")
    with open(path, "w", encoding="utf-8") as f:
        f.write("hosts = %s:%d\nuser = mail\npassword = secret\n"
                "dbname = postgres\n%s" % (address("db"), pg.port, text))
    os.chmod(path, 0o600)
    return "pgsql:" + path


def mx(pg, name):
    recipients = table_file(
        pg, "recipients", "query = SELECT host FROM mailbox "
        "WHERE address = '%s'\ndomain = shop.test\n")
    transport = table_file(
        pg, "transport", "query = SELECT host FROM mailbox "
        "WHERE address = '%s'\nresult_format = lmtp:[%s]:24\n")
    domains = table_file(
        pg, "domains", "query = SELECT name FROM domain WHERE name = '%s'\n")
    return Instance(
        "--set", "myhostname = %s.shop.test" % name,
        "--set", "relay_domains = " + domains,
        "--set", "relay_recipient_maps = " + recipients,
        "--set", "transport_maps = " + transport,
        "--set", "minimal_backoff_time = 2s",
        "--set", "maximal_backoff_time = 4s",
        "--set", "queue_run_delay = 2s",
        "--master", "%s:2525 inet n - y - 2 smtpd "
        "-o smtpd_upstream_proxy_protocol=haproxy "
        "-o smtpd_upstream_proxy_networks=%s" % (
            address(name), address("lb")),
        name=name)


def box(pg, name):
    proxy = table_file(
        pg, "proxy", "query = SELECT host FROM mailbox "
        "WHERE address = '%u@shop.test'\nresult_format = "
        "%s tls=encrypt id\n")
    return Instance(
        "--set", "imap_proxy_maps = " + proxy,
        "--set", "login_trusted_networks = %s/24" % (NET % 0),
        "--master", "%s:143 inet n - y - 1 login "
        "-o login_protocol=imap" % address(name),
        "--set", "myhostname = %s.shop.test" % name,
        "--set", "mydestination = $myhostname, shop.test",
        "--set", "mynetworks = 127.0.0.1/32 %s/24" % (NET % 0),
        "--master", "%s:24 inet n - y - 2 smtpd -o smtpd_protocol=lmtp "
        "-o smtpd_client_restrictions=permit_mynetworks,reject "
        "-o syslog_name=postfix/lmtp-in" % address(name), name=name)


def kill(instance):
    """As if the machine had lost its power, but for its disk."""
    keeper = instance.t["pid"]
    for pid in [keeper] + processes.descendants(keeper):
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
    instance.command("stop", check=False)


# -- the world outside

class Load(threading.Thread):
    """Sends letter after letter; each that is refused is sent again, as
    clients do."""

    def __init__(self, network):
        super().__init__()
        self.network = network
        self.accepted = []
        self.failures = 0
        self.end = threading.Event()
        self.trouble = None

    def one(self, number):
        user = USERS[number % len(USERS)]
        with smtplib.SMTP(address("lb"), 25, timeout=20,
                          local_hostname="client.test") as c:
            c.sendmail("a@client.test", [user + "@shop.test"],
                       "Subject: letter-%d\r\n\r\ntext\r\n" % number)
        self.accepted.append((number, user))

    def run(self):
        number = 0
        try:
            with self.network.on("out"):
                while not self.end.is_set():
                    try:
                        self.one(number)
                        number += 1
                    except (smtplib.SMTPException, OSError):
                        self.failures += 1
                        time.sleep(0.05)
        except BaseException as e:  # pylint: disable=broad-except
            self.trouble = e

    def more(self, what, count=25):
        seen = len(self.accepted)
        wait(lambda: len(self.accepted) >= seen + count, what, 60)

    def stop(self):
        self.end.set()
        self.join()
        assert self.trouble is None, self.trouble


def letters(instance, user):
    """The numbers of those that lie there."""
    return [int(m.partition(b"Subject: letter-")[2].split()[0])
            for m in instance.messages(user) if b"Subject: letter-" in m]


def all_there(boxes, accepted):
    there = {user: letters(boxes[host_of(user)], user) for user in USERS}
    missing = [n for n, user in accepted if n not in there[user]]
    return not missing


def scenario(network, hosts):
    load = Load(network)
    load.start()
    try:
        load.more("letters by way of both")
        for name in ("mx1", "mx2"):
            hosts[name].wait_log(
                r"client=\S*\[%s\]" % address("out").replace(".", r"\."))
        kill(hosts["mx1"])
        load.more("letters with one MX")
        kill(hosts["box1"])
        load.more("letters with one mailbox host")
        last = load.accepted[-1][0]
        wait(lambda: any(n > last for user in USERS[5:]
                         for n in letters(hosts["box2"], user)),
             "later letters on the other mailbox host", 60)
        with network.on("box1"):
            hosts["box1"].start()
        with network.on("mx1"):
            hosts["mx1"].start()
        load.more("letters with all hosts again")
    finally:
        load.stop()
    wait(lambda: all_there(hosts, load.accepted), "all letters", 90)
    doubled = sum(len(found) - len(set(found)) for found in (
        letters(hosts[host_of(user)], user) for user in USERS))
    print("accepted %d, tried again %d, doubled %d" % (
        len(load.accepted), load.failures, doubled))
    assert doubled <= len(load.accepted) / 4


def unknown(network):
    with network.on("out"), smtplib.SMTP(address("lb"), 25) as c:
        c.ehlo("client.test")
        c.mail("a@client.test")
        assert c.rcpt("nobody@shop.test")[0] == 550
        assert c.rcpt("a@elsewhere.test")[0] == 554


def elsewhere(network, hosts):
    """One door for all: IMAP at box1 for users of both."""
    for user in ("fb00", "fb09"):
        with network.on("out"), imaplib.IMAP4(address("box1")) as c:
            # pylint: disable-next=protected-access
            c.starttls(ssl._create_unverified_context())
            c.login(user, "bench")
            c.create("INBOX.read")
        assert os.path.isdir(
            hosts[host_of(user)].maildir(user, "read")), user
        hosts[host_of(user)].wait_log(r"LOGIN, user=%s, ip=\[%s\]" % (
            user, address("out").replace(".", r"\.")))
    hosts["box1"].wait_log(r"LOGIN, user=fb09, .*relay=10\.77\.0\.32\[")


def main():
    need("ip", "haproxy")
    os.chmod(HERE, 0o755)
    good = True
    with contextlib.ExitStack() as stack:
        network = stack.enter_context(Network())
        pg = Postgres(os.path.join(HERE, "db"), address("db"))
        pg.allow(NET % 0 + "/24")
        with network.on("db"):
            stack.enter_context(pg)
        tables(pg)
        hosts = {}
        for name in ("box1", "box2", "mx1", "mx2"):
            hosts[name] = box(pg, name) if name.startswith("box") else mx(pg, name)
            with network.on(name):
                stack.enter_context(hosts[name])
        with network.on("lb"):
            stack.enter_context(Haproxy(os.path.join(HERE, "lb")))
        wait(lambda: case_quiet(network), "the load balancer")
        good = case("unknown", unknown, network) and good
        good = case("elsewhere", elsewhere, network, hosts) and good
        good = case("scenario", scenario, network, hosts) and good
        for name, host in hosts.items():
            good = case("stopped_well_" + name, host.stop) and good
    sys.exit(0 if good else 1)


def case_quiet(network):
    """Does it take connections?"""
    try:
        with network.on("out"), smtplib.SMTP(address("lb"), 25, timeout=5):
            return True
    except (OSError, smtplib.SMTPException):
        return False


if __name__ == "__main__":
    try:
        main()
    except Skip as why:
        print(why)
        sys.exit(77)
