#!/usr/bin/env python3
"""IMAP, POP3 and ManageSieve of users whose mail is on another host, a second instance."""

import base64
import imaplib
import os
import poplib
import re
import select
import socket
import sys
import threading

from lib import Instance, SLOW, TREE, main, run, wait
from peers import Full

from webmail import Browser, letter
sys.path.insert(0, os.path.join(TREE, "tests", "lib"))
from instance import ports  # noqa: E402

FAR, HELD = ports.reserve()
if "BASE_PORT" not in os.environ:
    NEAR, NEAR_HELD = ports.reserve()
    os.environ["BASE_PORT"] = str(NEAR)
NEAR = int(os.environ["BASE_PORT"])
MASTER = 'a " b'
USER_LIMIT = 5
SIEVE = 90 # above the base of either


class Liar:
    """A host that says its lines, the next when it is spoken to, and hangs
    up; with one empty line it is silent."""

    def __init__(self):
        self.socket = socket.create_server(("127.0.0.1", 0))
        self.port = self.socket.getsockname()[1]
        self.lines = [b""]
        threading.Thread(target=self.serve, daemon=True).start()

    def serve(self):
        while True:
            peer = self.socket.accept()[0]
            try:
                for line in self.lines:
                    peer.sendall(line)
                    if line != self.lines[-1] and not peer.recv(4096):
                        break
                if self.lines != [b""]:
                    peer.shutdown(socket.SHUT_WR)
                while peer.recv(4096):
                    pass
            except OSError:
                pass
            peer.close()


liar = Liar()


full = Full()


# Rows of master.cf, each with settings of its own.
OTHERS, OTHERS_HELD = ports.reserve()
SETTINGS = {
    "few": ["login_proxy_limit=1"],
    "more": ["login_proxy_limit=2"],
    "open": ["login_proxy_tls_CAfile=",
             "login_proxy_tls_security_level=none"],
    "old": ["login_proxy_tls_protocols=<=TLSv1.1"],
    "odd": ["login_proxy_tls_protocols=<=TLSv1.2", "tls_high_cipherlist=aRSA",
            "login_proxy_tls_ciphers=high"],
    "even": ["login_proxy_tls_protocols=<=TLSv1.2", "tls_high_cipherlist=aRSA"],
    "unknown": ["login_proxy_tls_CAfile="],
    "folder": ["login_proxy_tls_CAfile=", "login_proxy_tls_CApath=FOLDER"],
    "idle": ["login_proxy_idle_timeout=1s"],
    "none": ["imap_proxy_maps="],
    "balanced": ["login_upstream_proxy_protocol=haproxy",
                 "login_plaintext=always"],
}


def port_of(row):
    return OTHERS + list(SETTINGS).index(row)


def rows_of(folder):
    for row, settings in SETTINGS.items():
        yield "--master"
        yield "127.0.0.1:%d inet n - y - 1 login %s" % (
            port_of(row), " ".join(
                "-o { %s }" % s.replace("FOLDER", folder)
                for s in ["login_protocol=imap"] + settings))


def table(port, rows):
    """The words of an inline: table; port is that of the protocol."""
    return "inline:{ %s }" % " ".join(
        "{%s = %s}" % (user, value.replace("FAR", "127.0.0.1:%d" % (
            FAR + port)).replace("NEAR", "127.0.0.1:%d" % (NEAR + port)))
        for user, value in rows.items())


ROWS = {
    "fb00": "FAR tls=verify name=localhost id",
    "fb02": "local",
    "fb03": "local",
    "fb04": "local",
    "fb06": "$myhostname",
    "fb07": "127.0.0.1",
    "dead": "127.0.0.1:1 tls=none",
    "odd": "FAR tls=none strange",
    "doubt": "FAR tls=verify name=other.test",
    "near": "FAR tls=may",
    "open": "FAR",
    "self": "NEAR tls=none",
    "round": "FAR tls=encrypt",
    "lied": "127.0.0.1:%d tls=none" % liar.port,
    "many": "127.0.0.1:%d tls=none" % full.port,
    "boss": "FAR tls=none user=fb05 password=bench",
}
FAR_ROWS = {
    "fb02": 'NEAR tls=none master=admin password="a \\" b"',
    "fb03": "NEAR tls=none",
    "round": "NEAR tls=none",
}
USERS = ["fb0%d" % i for i in range(8)] + [
    "dead", "odd", "doubt", "near", "open", "self", "round", "lied", "lost",
    "many", "boss"]


def sieve_rows(base):
    return ["--master", "managesieve unix - n n - - managesieve",
            "--master", "127.0.0.1:%d inet n - y - 1 login "
            "-o login_protocol=sieve" % (base + SIEVE)]


def accounts(passwords):
    return [word for user, password in passwords.items()
            for word in ("--account", "%s:%s" % (user, password))]


far = Instance(
    *accounts({"fb00": "bench", "fb02": "bench", "fb03": "elsewhere",
               "fb05": "bench", "round": "bench", "open": "bench"}),
    "--set", "login_trusted_networks = 127.0.0.0/8",
    "--set", "login_proxy_password = pass",
    "--set", "auth_failure_delay = 0s",
    "--set", "imap_proxy_maps = " + table(43, FAR_ROWS),
    "--set", "pop3_proxy_maps = " + table(10, FAR_ROWS),
    "--set", "sieve_proxy_maps = " + table(SIEVE, FAR_ROWS),
    *sieve_rows(FAR), name="far", base=FAR)


def raw(port, service="imap", source="127.0.0.1"):
    """A connected socket as a file of lines, greeted."""
    with socket.create_connection(("127.0.0.1", port), 30 * SLOW,
                                  (source, 0)) as s:
        f = s.makefile("rwb", buffering=0)
    assert f.readline().startswith(b"* OK" if service == "imap" else b"+OK")
    return f


def ask(f, line, end=b"a "):
    """Say it, and read up to the answer."""
    f.write(line + b"\r\n")
    while True:
        got = f.readline()
        assert got, "closed behind %r" % line
        if got.startswith(end):
            return got


def capabilities(answer):
    return set(re.search(rb"\[CAPABILITY ([^]]*)", answer)[1].split())


def test_imap(box):
    """Pipelined, verified, with the other host's capabilities."""
    f = raw(box.port("imap"), source="127.0.0.5")
    got = ask(f, b"a LOGIN fb00 bench\r\nb NOOP")
    assert f.readline().startswith(b"b OK")
    own = raw(far.port("imap"))
    told = ask(own, b"a LOGIN fb00 bench")
    own.close()
    assert capabilities(got) == capabilities(told) - {b"UNAUTHENTICATE"}, got
    ask(f, b"a CREATE INBOX.there")
    assert os.path.isdir(far.maildir("fb00", "there"))
    assert not os.path.isdir(box.maildir("fb00", "there"))
    ask(f, b"a LOGOUT")
    f.close()
    far.wait_log(r"LOGIN, user=fb00, ip=\[127\.0\.0\.5\], port=\[\d+\]")
    box.wait_log(r"LOGIN, user=fb00, ip=\[127\.0\.0\.5\], port=\[\d+\], "
                 r"protocol=IMAP, relay=127\.0\.0\.1\[127\.0\.0\.1\]:%d$"
                 % (FAR + 43))
    box.wait_log(r"LOGOUT, user=fb00, ip=\[127\.0\.0\.5\], port=.*, relay=.*, "
                 r"rcvd=\d+, sent=\d+, time=\d+$")


def test_here(box):
    """Users who are not in the table, or whose host we are."""
    for user in ("fb01", "fb04", "fb06", "fb07"):
        with box.imap(user) as c:
            c.create("INBOX.here")
        assert os.path.isdir(box.maildir(user, "here")), user


def test_large(box):
    """More than all buffers hold, both ways, by TLS on both legs."""
    text = b"Subject: large\r\n\r\n" + b"x" * 1000000 + b"\r\n"
    with box.imap(service="imaps") as c:
        c.authenticate("PLAIN", lambda _: b"\0fb05\0bench")
        for _ in range(3):
            assert c.append("INBOX", None, None, text)[0] == "OK"
        c.select()
        got = c.fetch("1:*", "(BODY.PEEK[])")[1]
    assert sum(len(e[1]) for e in got if isinstance(e, tuple)) == \
        3 * len(text)
    assert len(far.messages("fb05")) == 3 and not box.messages("fb05")


def test_pop3(box):
    with far.imap("fb00") as c:
        c.append("INBOX", None, None, b"Subject: one\r\n\r\nhello\r\n")
    f = raw(box.port("pop3"), "pop3", "127.0.0.6")
    ask(f, b"USER fb00", b"+OK")
    ask(f, b"PASS bench", b"+OK")
    assert ask(f, b"STAT", b"+OK").startswith(b"+OK 1 ")
    ask(f, b"QUIT", b"+OK")
    f.close()
    far.wait_log(r"LOGIN, user=fb00, ip=\[127\.0\.0\.6\].*protocol=POP3")
    box.wait_log(r"LOGOUT, user=fb00, ip=\[127\.0\.0\.6\].*relay=")


def sieve(base, source="127.0.0.1"):
    with socket.create_connection(("127.0.0.1", base + SIEVE), 30 * SLOW,
                                  (source, 0)) as s:
        f = s.makefile("rwb", buffering=0)
    while not f.readline().startswith(b"OK"):
        pass
    return f


def sieve_login(f, user, password="bench", behind=b""):
    plain = base64.b64encode(("\0%s\0%s" % (user, password)).encode())
    f.write(b'AUTHENTICATE "PLAIN" "%s"\r\n' % plain + behind)
    return f.readline()


def scripts(box, user):
    folder = os.path.join(box.t["homes"], user, "sieve")
    return os.listdir(folder) if os.path.isdir(folder) else []


def test_sieve(box):
    """Pipelined; the other host hears of the client."""
    f = sieve(NEAR, "127.0.0.7")
    got = sieve_login(f, "fb00", behind=b'PUTSCRIPT "there" "keep;"\r\n')
    assert got.startswith(b"OK"), got
    assert f.readline().startswith(b"OK")
    assert ask(f, b"LOGOUT", b"OK")
    f.close()
    assert scripts(far, "fb00") and not scripts(box, "fb00")
    far.wait_log(r"LOGIN, user=fb00, ip=\[127\.0\.0\.7\].*protocol=SIEVE")
    box.wait_log(r"LOGIN, user=fb00, ip=\[127\.0\.0\.7\], port=\[\d+\], "
                 r"protocol=SIEVE, relay=127\.0\.0\.1\[127\.0\.0\.1\]:%d$"
                 % (FAR + SIEVE))
    f = sieve(NEAR)
    assert sieve_login(f, "fb01").startswith(b"OK")
    assert ask(f, b'PUTSCRIPT "here" "keep;"', b"OK")
    f.close()
    assert scripts(box, "fb01")


def test_sieve_passed_on(box):
    """By a master, and with a password that this host alone knows."""
    for user in ("fb02", "fb03"):
        f = sieve(FAR)
        assert sieve_login(f, user).startswith(b"OK"), user
        assert ask(f, b'PUTSCRIPT "there" "keep;"', b"OK")
        f.close()
        assert scripts(box, user) and not scripts(far, user)
    f = sieve(FAR)
    got = sieve_login(f, "fb03", "elsewhere")
    assert got.startswith(b'NO "'), got
    f.close()


def test_sieve_unavailable(box):
    for user, log in (
            ("dead", r"user=dead: connect to inet:127\.0\.0\.1:1: "),
            ("doubt", r"user=doubt: .*certificate is not trusted"),
            ("near", r"user=near: .*refuses whom we have let in"),
            ("self", r"user=self: .*would go round in a loop"),
            ("round", r"user=round: ")):
        f = sieve(NEAR)
        got = sieve_login(f, user)
        assert got.startswith(b"NO (TRYLATER)"), (user, got)
        f.close()
        box.wait_log(log)
    f = sieve(NEAR)
    assert sieve_login(f, "fb00", "wrong").startswith(b'NO "')
    f.close()


def test_sieve_liars(box):
    """What is no ManageSieve, or too much of it, is trouble and ends."""
    hello = b'"SASL" "PLAIN"\r\nOK\r\n'
    for lines in (
            [b""], [b"* OK IMAP\r\n"], [b'NO "no"\r\n'], [b"BYE\r\n"],
            [b'"SASL" "\0"\r\n'], [b'"X" "' + b"x" * 9000],
            [b'"SASL" "SCRAM-SHA-1"\r\nOK\r\n'], [b"OK\r\n"],
            [hello, b"NO (TRYLATER)\r\n"], [hello, b"BYE\r\nOK\r\n"],
            [hello] + [b'""\r\n'] * 3, [hello, b"{99999999999}\r\n"]):
        liar.lines = lines
        f = sieve(NEAR)
        got = sieve_login(f, "lied")
        assert got.startswith(b"NO (TRYLATER)"), (lines, got)
        f.close()
    liar.lines = [hello, b"OK (SASL \"cnNwYXV0aD0=\")\r\n\"X\"\r\nOK\r\n"]
    f = sieve(NEAR)
    assert sieve_login(f, "lied") == b'OK "Logged in."\r\n'
    assert f.read() == b'"X"\r\nOK\r\n'
    f.close()


def page(box, user, password="bench"):
    """Sign in and look at the folder: both answers."""
    b = Browser(box)
    signed = b.sign_in(user, password).status
    return signed, b.get("/list") if signed == 303 else None, b


def test_webmail(box):
    """Pages are of the other host; the password is the ticket's or the
    table's."""
    for user, there in (("fb00", "fb00"), ("boss", "fb05")):
        with far.imap(there) as c:
            assert c.append("INBOX", None, None, bytes(
                letter("far of " + user)))[0] == "OK"
        signed, got, b = page(box, user)
        assert signed == 303 and got.status == 200, (signed, got)
        assert "far of " + user in got.text, got.text
        # for each page anew, whoever serves
        box.reload()
        assert "far of " + user in b.get("/list").text
    far.wait_log(r"LOGIN, user=fb00, ip=\[127\.0\.0\.1\], port=\[0\]")
    assert page(box, "fb00", "wrong")[0] == 403
    assert page(box, "fb01")[1].status == 200


def test_webmail_unavailable(box):
    """Down is for later; a password that is good no more is asked for."""
    signed, got, _ = page(box, "dead")
    assert (signed, got.status) == (303, 503), (signed, got.status)
    signed, got, _ = page(box, "near")
    assert (signed, got.status) == (303, 403), (signed, got.status)
    box.wait_log(r"user=near: host .* refuses the password that the webmail "
                 r"has kept: ")


def refused_imap(box, user, password="bench"):
    with box.imap() as c:
        try:
            c.login(user, password)
        except imaplib.IMAP4.error as e:
            return str(e)
    raise AssertionError("logged in as " + user)


def refused_pop3(box, user, password="bench"):
    c = box.pop3()
    try:
        c.user(user)
        c.pass_(password)
    except poplib.error_proto as e:
        return str(e)
    finally:
        c.close()
    raise AssertionError("logged in as " + user)


def unavailable(box, user, log):
    """Never "wrong password": clients forget one then."""
    for _ in range(2):
        assert "[UNAVAILABLE]" in refused_imap(box, user)
    box.wait_log(log)
    assert "[SYS/TEMP]" in refused_pop3(box, user)


def test_unavailable(box):
    """Down, not to be read, not to be trusted, not of our mind."""
    for user, log in (
            ("dead", r"user=dead: connect to inet:127\.0\.0\.1:1: "),
            ("odd", r'proxy_maps: the value of "odd": unknown word'),
            ("doubt", r"user=doubt: .*certificate is not trusted"),
            ("near", r"user=near: .*refuses whom we have let in")):
        unavailable(box, user, log)


def test_table_down(box):
    """The last table of pop3_proxy_maps does not answer."""
    assert "[SYS/TEMP]" in refused_pop3(box, "lost")


def test_loop(box):
    """To ourselves, and to one who sends us back."""
    unavailable(box, "self", r"user=self: .*would go round in a loop")
    unavailable(box, "round", r"user=round: ")
    wait(lambda: re.search(r"user=round: .*would go round in a loop",
                           box.log() + far.log()), "the end of the round")


def test_wrong_password(box):
    assert "[AUTHENTICATIONFAILED]" in refused_imap(box, "fb00", "wrong")
    assert "[AUTH]" in refused_pop3(box, "fb00", "wrong")


def test_master(box):
    """far logs in here as a master, for a user whom it has checked."""
    with far.imap("fb02") as c:
        c.create("INBOX.mastered")
    assert os.path.isdir(box.maildir("fb02", "mastered"))
    assert "[AUTHENTICATIONFAILED]" in refused_imap(far, "fb02", "wrong")


def test_passed_on(box):
    """far leaves the password to this host, and counts the failures."""
    with far.imap("fb03") as c:
        c.create("INBOX.passed")
    assert os.path.isdir(box.maildir("fb03", "passed"))
    far.pop3("fb03").quit()
    assert "[AUTHENTICATIONFAILED]" in refused_imap(far, "fb03", "elsewhere")
    assert "[AUTH]" in refused_pop3(far, "fb03", "elsewhere")
    far.wait_log(r"LOGIN FAILED, user=fb03, ip=")


def test_user_limit(box):
    """Counted from the password on, not from the other host's answer."""
    clients = [raw(box.port("imap")) for _ in range(USER_LIMIT + 1)]
    for f in clients:
        f.write(b"a LOGIN many bench\r\n")
    first = select.select(clients, [], [], 30 * SLOW)[0]
    assert b"[LIMIT]" in first[0].readline()
    for f in clients:
        f.close()


def test_liars(box):
    """What is no IMAP, or too much of it, is trouble and ends."""
    # one that asks for the password again and again is not told for ever
    liar.lines = [b"* OK [CAPABILITY IMAP4rev1] x\r\n"] + [b"+ \r\n"] * 3
    assert "[UNAVAILABLE]" in refused_imap(box, "lied")
    box.wait_log(r"user=lied: .*asks for what we do not have")
    ready = b"* OK [CAPABILITY IMAP4rev1 AUTH=PLAIN SASL-IR] x\r\n"
    for lines in (
            [b""], [b"220 smtp\r\n"], [b"* PREAUTH hello\r\n"],
            [b"* BYE no\r\n"], [b"* OK\0\r\n"], [b"* OK " + b"x" * 9000],
            [b"* OK hello\r\n", b"P1 NO what\r\n"],
            [b"* OK hello\r\n", b"* CAPABILITY {99999999999}\r\n"],
            [b"* OK [CAPABILITY IMAP4rev1 LOGINDISABLED] x\r\n"],
            [ready, b"P3 BAD no\r\n"], [ready, b"P3 NO [INUSE] x\r\n"],
            [ready, b"* BYE\r\nP3 OK\r\n"],
            [ready, b"+ \r\n", b"+ again\r\n", b"P3 BAD enough\r\n"],
            [ready, b"P3 OK\r\n", b"\xff\xff\r\n"]):
        liar.lines = lines
        assert "[UNAVAILABLE]" in refused_imap(box, "lied"), lines
    liar.lines = [ready, b"P3 OK [CAPABILITY IMAP4rev1 \xff A\x01 X]Y\r\n* FREE\r\n",
                  b"a OK done\r\n"]
    f = raw(box.port("imap"))
    got = ask(f, b"a LOGIN lied bench")
    assert got.startswith(b"a OK [CAPABILITY IMAP4rev1 X] "), got
    assert f.readline() == b"* FREE\r\n"
    assert ask(f, b"b DO") == b"a OK done\r\n"
    assert f.read() == b""
    f.close()


def says(row, user="fb00"):
    """A client of that row, and the answer to its login."""
    f = raw(port_of(row))
    return f, ask(f, b"a LOGIN %s bench" % user.encode())


def test_parameters(_):
    """TLS to the other host, how many, and how long silent."""
    for row, user, good in (
            ("open", "open", True), ("unknown", "open", False),
            ("old", "fb00", False), ("odd", "fb00", False),
            ("even", "fb00", True), ("unknown", "fb00", False),
            ("folder", "fb00", True)):
        f, got = says(row, user)
        assert (b"a OK" in got) == good, (row, got)
        assert good or b"[UNAVAILABLE]" in got, (row, got)
        f.close()
    for row, good in (("few", False), ("more", True)):
        f, got = says(row)
        assert b"a OK" in got, (row, got)
        g, got = says(row)
        assert (b"a OK" in got) == good, (row, got)
        f.close()
        g.close()
    f, got = says("none")
    assert b"[UNAVAILABLE]" in got, got
    f.close()
    f, got = says("idle")
    assert b"a OK" in got, got
    assert not [line for line in iter(f.readline, b"")
                if not line.startswith(b"* BYE")]
    f.close()


def test_behind_a_balancer(_):
    """The other host hears of the client that the balancer speaks for."""
    s = socket.create_connection(("127.0.0.1", port_of("balanced")), 30 * SLOW)
    s.sendall(b"PROXY TCP4 192.0.2.33 198.51.100.1 1234 143\r\n")
    f = s.makefile("rwb", buffering=0)
    assert f.readline().startswith(b"* OK")
    assert b"a OK" in ask(f, b"a LOGIN fb00 bench")
    far.wait_log(r"LOGIN, user=fb00, ip=\[192\.0\.2\.33\], port=\[1234\]")
    f.close()
    s.close()


def test_both_legs(box):
    """The client goes, or the host does: the other hears of it."""
    f = raw(box.port("imap"))
    ask(f, b"a LOGIN fb05 bench")
    f.close()
    far.wait_log(r"LOGOUT, user=fb05|DISCONNECTED, user=fb05")
    g = raw(box.port("imap"))
    ask(g, b"a LOGIN fb05 bench")
    far.stop()
    wait(lambda: not g.readline(), "the end")
    g.close()


with far:
    hashed = run("openssl", "passwd", "-6", MASTER).strip()
    with open(os.path.join(far.dir, "masters"), "w", encoding="ascii") as m:
        m.write("admin systempw=%s\n" % hashed)
    rows = dict(ROWS, fb05="127.0.0.1:%d wrapper name=localhost" % (FAR + 93))
    authorities = os.path.join(far.dir, "authorities")
    os.mkdir(authorities)
    os.symlink(far.t["cafile"], os.path.join(authorities, run(
        "openssl", "x509", "-noout", "-hash", "-in",
        far.t["cafile"]).strip() + ".0"))
    main("--web", *accounts({user: "bench" for user in USERS}), *rows_of(authorities),
         "--set", "login_proxy_tls_CAfile = " + far.t["cafile"],
         "--set", "auth_failure_delay = 0s",
         "--set", "login_user_limit = %d" % USER_LIMIT,
         "--set", "login_proxy_timeout = %ds" % (3 * SLOW),
         "--set", "auth_master_user_database = texthash:" +
         os.path.join(far.dir, "masters"),
         "--set", "imap_proxy_maps = " + table(43, rows),
         "--set", "sieve_proxy_maps = " + table(SIEVE, ROWS),
         *sieve_rows(NEAR),
         "--set", "pop3_proxy_maps = %s, tcp:127.0.0.1:1" % table(10, rows))
