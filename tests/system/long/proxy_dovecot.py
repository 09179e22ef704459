#!/usr/bin/env python3
# timeout: 120
"""Users whose mail is on a host that runs Dovecot."""

import atexit
import imaplib
import os
import poplib
import re
import signal
import socket
import subprocess
import sys

sys.path.insert(1, os.path.join(os.path.dirname(__file__), ".."))

from lib import SLOW, main, need, wait  # noqa: E402

HERE = os.environ.get("TEST_DIR", os.getcwd())
DIR = os.path.join(HERE, "dovecot")
USERS = ("fb00", "fb01", "fb02", "fb03")

CONF = """
base_dir = {d}/run
state_dir = {d}/state
log_path = {d}/log
auth_verbose = yes
protocols = imap pop3
listen = 127.0.0.1
ssl = yes
ssl_cert = <{cert}
ssl_key = <{key}
login_trusted_networks = 127.0.0.0/8
haproxy_trusted_networks = 127.0.0.0/8
auth_mechanisms = plain login
auth_master_user_separator = *
mail_location = maildir:{d}/mail/%u
first_valid_uid = 1
first_valid_gid = 1
passdb {{
  driver = passwd-file
  args = scheme=PLAIN {d}/masters
  master = yes
  result_success = continue
}}
passdb {{
  driver = passwd-file
  args = scheme=PLAIN {d}/users
}}
userdb {{
  driver = static
  args = uid=nobody gid=nogroup home={d}/mail/%u
}}
service imap-login {{
  inet_listener imap {{
    port = {imap}
  }}
  inet_listener imaps {{
    port = 0
  }}
  inet_listener imap_haproxy {{
    port = {behind}
    haproxy = yes
  }}
}}
service pop3-login {{
  inet_listener pop3 {{
    port = {pop3}
  }}
  inet_listener pop3s {{
    port = 0
  }}
}}
"""


def port():
    with socket.create_server(("127.0.0.1", 0)) as s:
        return s.getsockname()[1]


IMAP, BEHIND, POP3 = port(), port(), port()
TLS = "tls=verify name=localhost"
ROWS = {"fb00": "127.0.0.1:%d " + TLS + " id",
        "fb01": "127.0.0.1:%d " + TLS + " master=boss password=secret id",
        "fb02": "127.0.0.1:%d " + TLS +
                " master=boss password=secret separator=*",
        "fb03": "127.0.0.1:%d tls=encrypt proxy=2",
        "fb04": "127.0.0.1:%d " + TLS}


def table(imap):
    return "inline:{ %s }" % " ".join(
        "{%s = %s}" % (user, value % (
            POP3 if not imap else BEHIND if "proxy=" in value else IMAP))
        for user, value in ROWS.items() if imap or "proxy=" not in value)


def write(name, text):
    with open(os.path.join(DIR, name), "w", encoding="ascii") as f:
        f.write(text)


def log():
    with open(os.path.join(DIR, "log"), encoding="utf-8") as f:
        return f.read()


def answers():
    try:
        with socket.create_connection(("127.0.0.1", POP3), 5):
            return True
    except OSError:
        return False


def test_start(box):
    for name in ("", "run", "state", "mail"):
        os.makedirs(os.path.join(DIR, name), exist_ok=True)
    os.chmod(os.path.join(DIR, "mail"), 0o1777)
    write("masters", "boss:secret\n")
    write("users", "".join(user + ":bench\n" for user in USERS))
    write("dovecot.conf", CONF.format(
        d=DIR, cert=box.path("cert.pem"), key=box.path("key.pem"), imap=IMAP,
        behind=BEHIND, pop3=POP3))
    write("log", "")
    box.dovecot = subprocess.Popen(  # pylint: disable=consider-using-with
        ["dovecot", "-F", "-c", os.path.join(DIR, "dovecot.conf")],
        stdin=subprocess.DEVNULL)
    atexit.register(box.dovecot.terminate)  # wherever the tests end
    wait(answers, "Dovecot")


def test_imap(box):
    for user in USERS:
        with box.imap(user) as c:
            words = " ".join(c.capability()[1][0].decode().split())
            assert "SNIPPET=FUZZY" in words, words
            c.create("here")
            c.append("INBOX", None, None, b"Subject: x\r\n\r\n" +
                     b"y" * 200000 + b"\r\n")
            c.select()
            assert len(c.fetch("1", "(BODY.PEEK[])")[1][0][1]) > 200000
        assert os.path.isdir(os.path.join(DIR, "mail", user, ".here")), user
        assert not box.messages(user)
    for master in ("fb01", "fb02"):
        assert re.search(r"Login: user=<%s>" % master, log())


def test_who_the_client_is(box):
    """By ID and by the PROXY protocol, Dovecot knows the client's address."""
    for user, source in (("fb00", "127.0.0.7"), ("fb03", "127.0.0.8")):
        with socket.create_connection(("127.0.0.1", box.port("imap")),
                                      30 * SLOW, (source, 0)) as s:
            f = s.makefile("rb")
            f.readline()
            s.sendall(b"a LOGIN %s bench\r\n" % user.encode())
            line = f.readline()
            assert line.startswith(b"a OK [CAPABILITY IMAP4rev1 "), line
        wait(lambda u=user, a=source: re.search(
            r"Login: user=<%s>.*rip=%s," % (u, re.escape(a)), log()),
             "the address of " + user)


def test_pop3(box):
    for user in ("fb00", "fb01", "fb02"):
        c = box.pop3(user)
        assert c.stat()[0] == 1, user
        c.quit()


def test_refused(box):
    """What Dovecot does not know, though we do."""
    try:
        box.imap("fb04")
        raise AssertionError("logged in")
    except imaplib.IMAP4.error as e:
        assert "[UNAVAILABLE]" in str(e), e
    try:
        box.pop3("fb04")
        raise AssertionError("logged in")
    except poplib.error_proto as e:
        assert "[SYS/TEMP]" in str(e), e


def test_end(box):
    """It stops under a client, and while it is down nobody is refused."""
    c = box.imap("fb03")
    box.dovecot.send_signal(signal.SIGTERM)
    assert box.dovecot.wait(30 * SLOW) == 0
    try:
        c.noop()
        c.noop()
    except (imaplib.IMAP4.abort, OSError):
        pass
    try:
        box.imap("fb03")
        raise AssertionError("logged in")
    except imaplib.IMAP4.error as e:
        assert "[UNAVAILABLE]" in str(e), e


if __name__ == "__main__":
    need("dovecot")
    main("--users", "5", "--set", "auth_failure_delay = 0s",
         "--set", "imap_proxy_maps = " + table(True),
         "--set", "pop3_proxy_maps = " + table(False),
         "--set", "login_proxy_tls_CAfile = " +
         os.path.join(HERE, "box", "cert.pem"))
