#!/usr/bin/env python3
"""SCRAM, EXTERNAL and the people of `facteur user`."""

import base64
import hashlib
import hmac
import imaplib
import os
import poplib
import pty
import re
import secrets
import select
import shutil
import subprocess
import threading

from lib import SLOW, Skip, main, run, wait
from packets import Link, receive

PASSWORD = "caf\u00e9 cr\u00e8me"


def b64(data):
    return base64.b64encode(data).decode()


def mac(key, text):
    return hmac.new(key, text.encode(), hashlib.sha256).digest()


class Scram:
    """A client of RFC 5802, for any protocol that carries base64."""

    def __init__(self, user, password, flag="n", binding=b""):
        self.header = flag + ",,"
        self.binding = binding
        self.password = password
        self.bare = "n=%s,r=%s" % (user, secrets.token_urlsafe(18))
        self.server_first = self.want = None

    def first(self):
        return (self.header + self.bare).encode()

    def step(self, challenge):
        """What to answer to a challenge; None: that was its last word."""
        text = challenge.decode()
        if self.want:
            assert text == self.want, text
            return b""
        self.server_first = text
        got = dict(part.split("=", 1) for part in text.split(","))
        assert got["r"].startswith(self.bare.split("r=")[1])
        salted = hashlib.pbkdf2_hmac(
            "sha256", self.password.encode(), base64.b64decode(got["s"]),
            int(got["i"]))
        final = "c=%s,r=%s" % (
            b64(self.header.encode() + self.binding), got["r"])
        whole = ",".join((self.bare, text, final))
        key = mac(salted, "Client Key")
        proof = bytes(a ^ b for a, b in zip(
            key, mac(hashlib.sha256(key).digest(), whole)))
        self.want = "v=" + b64(mac(mac(salted, "Server Key"), whole))
        return (final + ",p=" + b64(proof)).encode()


def smtp_scram(c, mechanism, scram, initial=True):
    """(code, text) of the end."""
    if initial:
        code, text = c.docmd("AUTH", mechanism + " " + b64(scram.first()))
    else:
        code, text = c.docmd("AUTH", mechanism)
        assert (code, text) == (334, b""), (code, text)
        code, text = c.docmd(b64(scram.first()))
    while code == 334:
        code, text = c.docmd(b64(scram.step(base64.b64decode(text))))
    return code, text


def imap_scram(c, mechanism, scram):
    steps = []

    def answer(challenge):
        steps.append(challenge)
        return scram.first() if not challenge else scram.step(challenge)
    return c.authenticate(mechanism, answer)


def pop3_scram(c, mechanism, scram):
    text = c._shortcmd("AUTH %s %s" % (  # pylint: disable=protected-access
        mechanism, b64(scram.first())))
    while text.startswith(b"+ "):
        text = c._shortcmd(  # pylint: disable=protected-access
            b64(scram.step(base64.b64decode(text[2:]))))
    return text


def end_point(c):
    return hashlib.sha256(c.sock.getpeercert(True)).digest()


def facteur(box, *words, stdin="", check=True):
    return box.inside("facteur", "-c", box.path("etc"), "user", *words,
                      stdin=stdin, check=check)


def mechanisms(box, **options):
    c = box.smtp(**options)
    try:
        return c.esmtp_features.get("auth", "").split()
    finally:
        c.quit()


def user_add(box, name, password, *more):
    account = os.stat(os.path.join(box.t["homes"], "fb00"))
    home = box.path("virt", name)
    os.makedirs(home)
    os.chown(home, account.st_uid, account.st_gid)
    return facteur(box, "add", "-u", str(account.st_uid), "-g",
                   str(account.st_gid), "-d", home, *more, name,
                   stdin=password + "\n")


def test_users(box):
    os.chmod(box.dir, 0o755)
    os.mkdir(box.path("virt"))
    with open(box.path("etc", "main.cf"), "a", encoding="ascii") as f:
        f.write("auth_user_database = hash:%s\n" % box.path("etc", "userdb"))
    said = user_add(box, "virt", "other", "-m", "Post", "-q", "5000000S")
    assert "does not name authuserdb" in said, said
    with open(box.path("etc", "authdaemonrc"), "w", encoding="ascii") as f:
        f.write('authmodulelist="authuserdb authpam"\n'
                'DEFDOMAIN="@bench.test"\n')
    box.reload()
    mode = os.stat(box.path("etc", "userdb.db")).st_mode & 0o777
    assert mode == 0o600, oct(mode)
    assert facteur(box, "passwd", "virt", stdin=PASSWORD + "\n") == ""
    shown = facteur(box, "show", "virt")
    assert "mail=Post\n" in shown and "quota=5000000S\n" in shown, shown
    assert "systempw is set\n" in shown and "scrampw is set\n" in shown
    assert "$" not in shown, shown
    user_add(box, "other", "o")
    assert facteur(box, "list") == "other\nvirt\n"
    assert facteur(box, "del", "other") == ""
    assert facteur(box, "list") == "virt\n"


def test_users_wrong(box):
    for words, stdin, code, text in (
            (("add", "-u", "9", "-g", "9", "-d", "/x", "virt"), "p\n", 65,
             "already"),
            (("add", "nosuch"), "p\n", 67, "no account nosuch"),
            (("add", "-u", "0", "-g", "9", "-d", "/x", "r"), "p\n", 65, "uid"),
            (("add", "-d", "x", "fb00"), "p\n", 65, "absolute"),
            (("add", "-q", "much", "fb00"), "p\n", 65, "quota"),
            (("add", "-m", "a|uid=5", "fb00"), "p\n", 65, "'|'"),
            (("add", "fb00"), "\n", 65, "password"),
            (("add", "fb00"), "x" * 1001 + "\n", 65, "password"),
            (("add", "a b"), "p\n", 65, "blanks"),
            (("add", "--", "x"), "p\n", 64, "usage"),
            (("passwd", "nosuch"), "p\n", 67, "no user"),
            (("del", "nosuch"), "", 67, "no user"),
            (("show", "nosuch"), "", 67, "no user"),
            (("frob",), "", 64, "usage")):
        status, said = facteur(box, *words, stdin=stdin, check=False)
        assert status == code and text in said, (words, status, said)
    assert facteur(box, "list") == "virt\n"


def typed(box, *answers):
    """passwd at a terminal; (exit code, what stands on the screen)."""
    command = [*box.t["enter"], "facteur", "-c", box.path("etc"), "user",
               "passwd", "virt"]
    pid, fd = pty.fork()
    if pid == 0:
        os.execvp(command[0], command)
    screen = b""

    def more():
        assert select.select([fd], [], [], 30 * SLOW)[0], screen
        return os.read(fd, 1000)
    try:
        for prompt, answer in zip((b"Password: ", b"Again: "), answers):
            while not screen.endswith(prompt):
                screen += more()
            os.write(fd, answer.encode() + b"\n")
        while True:
            screen += more()
    except OSError:  # the other end is closed
        pass
    os.close(fd)
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]), screen.decode()


def test_terminal(box):
    status, screen = typed(box, "typed", "typo")
    assert status == 65 and "two passwords" in screen, (status, screen)
    status, screen = typed(box, "", "")
    assert status == 65 and "typed" not in screen, (status, screen)
    status, screen = typed(box, PASSWORD, PASSWORD)
    assert status == 0 and "caf" not in screen, (status, screen)


def test_announced(box):
    """As soon as there is a verifier, without a restart; -PLUS under TLS."""
    wait(lambda: "SCRAM-SHA-256" in mechanisms(box), "SCRAM in EHLO")
    assert "SCRAM-SHA-256-PLUS" not in mechanisms(box)
    assert "SCRAM-SHA-256-PLUS" in mechanisms(box, starttls=True)
    wait(lambda: "AUTH=SCRAM-SHA-256" in box.imap().capability()[1][0].decode(),
         "SCRAM in CAPABILITY")
    wait(lambda: "SCRAM-SHA-256-PLUS" in box.pop3(
        service="pop3s").capa()["SASL"], "SCRAM in CAPA")


def settings(box, *values):
    """These of main.cf."""
    box.inside("postconf", *values)
    box.reload("auth")


def test_whether_and_how(box):
    """auth_scram whatever the table says, and the iterations of those whom
    nobody knows and of new passwords."""
    settings(box, "-e", "auth_scram=no", "auth_scram_iterations=5000")
    wait(lambda: "SCRAM-SHA-256" not in mechanisms(box), "no SCRAM")
    settings(box, "-e", "auth_scram=yes")
    wait(lambda: "SCRAM-SHA-256" in mechanisms(box), "SCRAM")
    assert salt(box, "nobody")[1] == "i=5000", salt(box, "nobody")
    settings(box, "-X", "auth_scram", "auth_scram_iterations")
    wait(lambda: "SCRAM-SHA-256" in mechanisms(box), "SCRAM by the table")
    assert salt(box, "nobody")[1] == "i=10000", salt(box, "nobody")


def test_smtp(box):
    for plus in (False, True):
        c = box.smtp("submission", starttls=True)
        name = "SCRAM-SHA-256" + ("-PLUS" if plus else "")
        flag = "p=tls-server-end-point" if plus else "n"
        code, text = smtp_scram(c, name, Scram(
            "virt", PASSWORD, flag, end_point(c) if plus else b""),
            initial=plus)
        assert code == 235, (code, text)
        code, text = c.mail("virt@bench.test")
        assert code == 250 and c.rcpt("x@elsewhere.test")[0] == 250
        c.rset()
        c.quit()
    box.wait_log("sasl_method=SCRAM-SHA-256-PLUS, sasl_username=virt")


def test_imap(box):
    for plus in (False, True):
        c = box.imap(service="imaps")
        flag = "p=tls-server-end-point" if plus else "n"
        status, _ = imap_scram(
            c, "SCRAM-SHA-256" + ("-PLUS" if plus else ""),
            Scram("virt", PASSWORD, flag, end_point(c) if plus else b""))
        assert status == "OK"
        assert c.select()[0] == "OK"
        c.logout()
    c = box.imap()  # and without TLS, where what follows is handed over
    assert imap_scram(c, "SCRAM-SHA-256", Scram("virt", PASSWORD))[0] == "OK"
    assert c.select()[0] == "OK"
    c.logout()
    assert os.path.isdir(box.path("virt", "virt", "Post", "cur"))


def test_quota(box):
    c = box.imap()
    imap_scram(c, "SCRAM-SHA-256", Scram("virt", PASSWORD))
    # pylint: disable=protected-access
    _, got = c._simple_command("GETQUOTAROOT", "INBOX")
    assert b"(STORAGE 0 4882)" in c.untagged_responses["QUOTA"][0], got
    c.logout()


def test_pop3(box):
    c = box.pop3(service="pop3s")
    text = pop3_scram(c, "SCRAM-SHA-256-PLUS", Scram(
        "virt", PASSWORD, "p=tls-server-end-point", end_point(c)))
    assert text.startswith(b"+OK"), text
    assert c.stat() == (0, 0)
    c.quit()


def test_plain_too(box):
    c = box.smtp("submission", starttls=True)
    text = b"\0virt\0" + PASSWORD.encode()
    assert c.docmd("AUTH", "PLAIN " + b64(text))[0] == 235
    c.quit()


def exporter(box):
    """OpenSSL's client knows what tls-exporter gives; it speaks for us."""
    c = subprocess.Popen(
        ["openssl", "s_client", "-connect",
         "127.0.0.1:%d" % box.port("submissions"), "-ign_eof", "-crlf",
         "-keymatexport", "EXPORTER-Channel-Binding", "-keymatexportlen",
         "32"], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL)

    def until(pattern):
        while True:
            line = c.stdout.readline()
            assert line, pattern
            got = re.match(pattern, line)
            if got:
                return got

    def say(line):
        c.stdin.write(line.encode() + b"\n")
        c.stdin.flush()
    return c, until, say


def test_exporter(box):
    for good in (True, False):
        c, until, say = exporter(box)
        try:
            key = bytes.fromhex(until(
                rb"\s*Keying material: ([0-9A-F]+)").group(1).decode())
            if not good:
                key = bytes(32)
            scram = Scram("virt", PASSWORD, "p=tls-exporter", key)
            until(rb"220 ")
            say("EHLO client.test")
            until(rb"250 ")
            say("AUTH SCRAM-SHA-256-PLUS " + b64(scram.first()))
            say(b64(scram.step(base64.b64decode(
                until(rb"334 (\S+)").group(1)))))
            if good:
                say(b64(scram.step(base64.b64decode(
                    until(rb"334 (\S+)").group(1)))))
                until(rb"235 ")
            else:
                until(rb"535 ")
        finally:
            c.kill()
            c.communicate()
    box.wait_log("SASL SCRAM-SHA-256-PLUS authentication failed: "
                 "the channel binding is another's")


def test_gnu_sasl(box):
    """Another's client, which knows tls-exporter."""
    if not shutil.which("gsasl"):
        raise Skip("gsasl is not installed")
    facteur(box, "passwd", "virt", stdin="geheim\n")
    for protocol, service in (("--smtp", "submission"), ("--imap", "imap")):
        for more in (("SCRAM-SHA-256", "--no-cb"), ("SCRAM-SHA-256-PLUS",)):
            said = run("gsasl", protocol, "--connect", "127.0.0.1:%d"
                       % box.port(service), "--starttls", "--x509-ca-file",
                       box.t["cafile"], "-a", "virt", "-p", "geheim",
                       "--verbose", "--mechanism", *more)
            assert "server trusted" in said, said
    facteur(box, "passwd", "virt", stdin=PASSWORD + "\n")


def test_our_client(box):
    """smtp logs in to the submission port with what is best there."""
    with open(box.path("etc", "main.cf"), "a", encoding="utf-8") as f:
        f.write("transport_maps = inline:{relay.test=smtp:[127.0.0.1]:%d}\n"
                "relay_domains = relay.test\n"
                "smtp_generic_maps = inline:{a@relay.test=fb00@bench.test,"
                "b@relay.test=fb00@bench.test}\n"
                "smtp_tls_security_level = encrypt\n"
                "smtp_connection_cache_on_demand = no\n"
                "smtp_sasl_auth_enable = yes\n"
                "smtp_sasl_password_maps = static:{virt:%s}\n"
                % (box.port("submission"), PASSWORD))
    box.reload()
    for name, filters in (("SCRAM-SHA-256-PLUS", ""),
                          ("SCRAM-SHA-256", "!scram-sha-256-plus, static:x")):
        with open(box.path("etc", "main.cf"), "a", encoding="ascii") as f:
            f.write("smtp_sasl_mechanism_filter = %s\n" % filters)
        box.reload()
        seen = len(box.log())
        subject = b"Subject: %s\n" % name.encode()
        box.send("a@client.test", ["a@relay.test"],
                 subject.replace(b"\n", b"\r\n") + b"\r\nx\r\n")

        def arrived():  # a new smtpd asks first what there is to offer
            box.inside("postqueue", "-f")
            return [m for m in box.messages("fb00") if subject in m]  # pylint: disable=cell-var-from-loop
        wait(arrived, name)
        assert re.search(r"submission/smtpd\[\d+\]: .*sasl_method=%s, "
                         r"sasl_username=virt\b" % name, box.log()[seen:])
    wait(lambda: "SCRAM-SHA-256" in mechanisms(box), "SCRAM in EHLO")


def test_downgrade(box):
    c = box.smtp("submission", starttls=True)
    code, _ = smtp_scram(c, "SCRAM-SHA-256", Scram("virt", PASSWORD, "y"))
    assert code == 535
    c.close()
    c = box.smtp()  # nothing was offered: it is right
    code, _ = smtp_scram(c, "SCRAM-SHA-256", Scram("virt", PASSWORD, "y"))
    assert code == 235
    c.close()


def salt(box, user):
    scram = Scram(user, "x")
    c = box.smtp()
    code, text = c.docmd("AUTH", "SCRAM-SHA-256 " + b64(scram.first()))
    assert code == 334
    c.close()
    return base64.b64decode(text).decode().split(",")[1:]


def test_unknown_user(box):
    """He is challenged like others, in the same way each time."""
    assert salt(box, "nobody") == salt(box, "nobody")
    assert salt(box, "nobody") != salt(box, "nobody2")
    # all spellings of a name are one user's, or seem to be
    for user in ("nobody", "virt"):
        for spelled in ("@bench.test", "@BENCH.test"):
            assert salt(box, user) == salt(box, user + spelled)
        assert salt(box, user) != salt(box, user + "@other.test")
    assert salt(box, "nobody")[1] == salt(box, "virt")[1]
    assert len(salt(box, "nobody")[0]) == len(salt(box, "virt")[0])
    for user in ("nobody", "fb01", "virt"):
        c = box.smtp()
        code, text = smtp_scram(c, "SCRAM-SHA-256", Scram(user, "wrong"))
        assert code == 535, (user, code, text)
        c.close()
    box.wait_log("SASL SCRAM-SHA-256 authentication failed")
    try:
        imap_scram(box.imap(), "SCRAM-SHA-256", Scram("virt", "wrong"))
        raise AssertionError("a wrong password")
    except imaplib.IMAP4.error as e:
        assert "AUTHENTICATIONFAILED" in str(e), e
    box.wait_log(r"imapd\[\d+\]: LOGIN FAILED, user=virt, ip=")


def test_name_with_domain(box):
    for name in ("virt@bench.test", "virt@BENCH.TEST"):
        c = box.smtp()
        assert smtp_scram(c, "SCRAM-SHA-256", Scram(name, PASSWORD))[0] == 235
        c.close()


def test_password_changed(box):
    """The next login goes by it."""
    facteur(box, "passwd", "virt", stdin="new\n")
    for password, code in ((PASSWORD, 535), ("new", 235)):
        c = box.smtp()
        assert smtp_scram(c, "SCRAM-SHA-256",
                          Scram("virt", password))[0] == code
        c.close()
    facteur(box, "passwd", "virt", stdin=PASSWORD + "\n")


def plain(box, password):
    c = box.smtp()
    try:
        return c.docmd("AUTH", "PLAIN " + b64(
            b"\0virt\0" + password.encode()))[0]
    finally:
        c.close()


def test_remembered(box):
    """A right password is remembered until another is set; a wrong one has no
    part in it."""
    path = box.path("etc", "main.cf")
    with open(path, encoding="utf-8") as f:
        text = f.read()
    with open(path, "a", encoding="utf-8") as f:
        f.write("auth_cache_time = 10m\n")
    box.reload("auth")
    assert [plain(box, p) for p in (PASSWORD, PASSWORD, "x", PASSWORD)] == [
        235, 235, 535, 235]
    facteur(box, "passwd", "virt", stdin="new\n")
    assert [plain(box, p) for p in (PASSWORD, "new")] == [535, 235]
    facteur(box, "passwd", "virt", stdin=PASSWORD + "\n")
    with open(path, "w", encoding="utf-8") as f:
        f.write(text)
    box.reload()
    wait(lambda: "SCRAM-SHA-256" in mechanisms(box), "SCRAM in EHLO")


def test_broken_off(box):
    c = box.smtp()
    scram = Scram("virt", PASSWORD)
    assert c.docmd("AUTH", "SCRAM-SHA-256 " + b64(scram.first()))[0] == 334
    assert c.docmd("*")[0] == 501
    # the server's last word wants an empty answer
    scram = Scram("virt", PASSWORD)
    code, text = c.docmd("AUTH", "SCRAM-SHA-256 " + b64(scram.first()))
    code, text = c.docmd(b64(scram.step(base64.b64decode(text))))
    assert code == 334, (code, text)
    assert c.docmd(b64(b"x"))[0] == 501
    assert c.mail("virt@bench.test")[0] == 250
    assert c.rcpt("x@elsewhere.test")[0] == 250  # 127.0.0.1 may relay
    c.quit()


def auth_check(box, service, password):
    """auth's verdict for one who speaks as smtpd; None: it hung up."""
    with Link(box.path("spool", "jail", "smtpd", "auth")) as link:
        link.tell(
            "auth_check", ("service", service), ("proof", 0),
            ("mechanism", "PLAIN"), ("user", b64(b"fb00")),
            ("authzid", ""), ("secret", b64(password)),
            ("client_addr", "127.0.0.1"), ("client_port", 1), ("tls", 0))
        got = receive(link.socket)
    return got and dict(got[1])["verdict"]


def test_service_of_pam(box):
    """A front that was taken over has no other stack of PAM's asked than its
    own: those of su and runuser believe root, and auth is root."""
    assert auth_check(box, "smtp", b"bench") == b"0"
    assert auth_check(box, "smtp", b"wrong") == b"1"
    for service in ("su", "runuser", "imap", "../x", ""):
        assert auth_check(box, service, b"bench") is None, service


PLAIN = "AUTH PLAIN "
ANSWERS = (  # RFC 4954, 4 and 6; RFC 4616
    ((PLAIN + "=",), 501, b"5.5.2"),
    ((PLAIN + "!!!!",), 501, None),
    ((PLAIN + "AHUAcA",), 501, b"5.5.2"),
    ((PLAIN + b64(b"\0u\0p\0q"),), 501, b"5.5.2"),
    ((PLAIN + b64(b"\0u\0"),), 501, b"5.5.2"),
    ((PLAIN + b64(b"u\0p"),), 501, b"5.5.2"),
    ((PLAIN + b64(b"\0" + b"u" * 256 + b"\0p"),), 501, b"5.5.2"),
    ((PLAIN + b64(b"\0fb00\0" + b"p" * 1001),), 501, b"5.5.2"),
    ((PLAIN + b64(b"\0fb00\0" + b"p" * 1000),), 535, b"5.7.8"),
    ((PLAIN + b64(b"\0\xff\0p"),), 501, b"5.5.2"),
    (("AUTH PLAIN", "*"), 501, b"5.7.0"),
    (("AUTH PLAIN", "not base64"), 501, b"5.5.2"),
    (("AUTH PLAIN", "A" * 12300), 500, b"5.5.6"),
    (("AUTH LOGIN", b64(b"fb00"), "*"), 501, b"5.7.0"),
    (("AUTH LOGIN", b64(b"fb\0"),), 501, b"5.5.2"),
    (("AUTH LOGIN", b64(b"fb00"), b64(b"p\0q")), 501, b"5.5.2"),
    (("AUTH LOGIN", b64(b"fb00"), b64(b"no")), 535, b"5.7.8"),
    (("AUTH SCRAM-SHA-256 " + b64(b"n,,n=u,r=\0"),), 501, b"5.5.2"),
    (("AUTH SCRAM-SHA-256 " + b64(b"p=x,,n=u,r=n"),), 501, b"5.5.2"),
    (("AUTH SCRAM-SHA-256", "*"), 501, b"5.7.0"),
    (("AUTH EXTERNAL =",), 504, b"5.5.4"),
    (("AUTH NTLM",), 504, b"5.5.4"),
    (("AUTH",), 501, None),
)


def test_answers(box):
    for lines, code, status in ANSWERS:
        c = box.smtp("submission", starttls=True)
        for line in lines:
            got, text = c.docmd(line)
        assert got == code, (lines[0][:40], got, text)
        assert status is None or text.startswith(status), (lines[0], text)
        assert c.noop()[0] == 250
        c.close()
    c = box.smtp("submission", starttls=True)
    assert c.docmd(PLAIN + b64(b"\0fb00\0bench"))[0] == 235
    assert c.docmd(PLAIN + b64(b"\0fb00\0bench"))[0] == 503
    c.close()


def test_answers_imap(box):
    """RFC 3501, 6.2.2, and RFC 5530."""
    for lines, want in (
            (("a AUTHENTICATE PLAIN", "*"), b"a BAD "),
            (("a AUTHENTICATE PLAIN", "!"), b"a BAD "),
            (("a AUTHENTICATE PLAIN =",), b"a BAD "),
            (("a AUTHENTICATE PLAIN " + b64(b"\0fb00\0no"),),
             b"a NO [AUTHENTICATIONFAILED] "),
            (("a AUTHENTICATE NTLM",), b"a NO [CANNOT] "),
            (("a LOGIN fb00 {3}", "a\0b"), b"a BAD "),
            (("a LOGIN {3}", 'f\0b ""'), b"a BAD "),
            (("a LOGIN fb00 " + "p" * 1001,), b"a BAD ")):
        c = box.imap()
        for line in lines:
            c.send(line.encode() + b"\r\n")
            got = c.readline()
        assert got.startswith(want), (lines, got)
        c.shutdown()


def test_no_master(box):
    """Nobody acts for others unless it is set up."""
    text = "AUTH PLAIN " + b64(b"virt\0fb00\0bench")
    c = box.smtp()
    assert c.docmd(text)[0] == 535
    c.close()
    box.wait_log("acting for another user is not allowed")


def test_master(box):
    boss = run("openssl", "passwd", "-6", "boss's").strip()
    with open(box.path("etc", "masters"), "w", encoding="ascii") as f:
        f.write("boss systempw=%s\n" % boss)
    with open(box.path("etc", "main.cf"), "a", encoding="utf-8") as f:
        f.write("auth_master_user_database = texthash:%s\n"
                "auth_master_user_separator = *\n"
                % box.path("etc", "masters"))
    box.reload("auth")
    with box.imap('"fb00*boss"', "boss's") as c:
        assert c.select()[0] == "OK"
    box.wait_log(r"auth\[\d+\]: master user boss acts as user=fb00, "
                 r"service=imap, ip=\[127\.0\.0\.1\]")
    box.wait_log(r"LOGIN, user=fb00, ")
    c = box.smtp()
    assert c.docmd("AUTH", "PLAIN " + b64(b"virt\0boss\0boss's"))[0] == 235
    c.close()
    box.wait_log("master user boss acts as user=virt, service=smtp")
    for name, password, code in (
            ("fb00*boss", "bench", "AUTHENTICATIONFAILED"),
            ("fb00*fb01", "bench", "AUTHENTICATIONFAILED"),
            ("nosuch*boss", "boss's", "AUTHORIZATIONFAILED"),
            ("root*boss", "boss's", "AUTHORIZATIONFAILED"),
            ("*boss", "boss's", "AUTHENTICATIONFAILED"),
            ("boss", "boss's", "AUTHENTICATIONFAILED")):
        c = box.imap()
        try:
            c.login('"%s"' % name, password)
            raise AssertionError(name + " logged in")
        except imaplib.IMAP4.error as e:
            assert code in str(e), (name, e)
        c.shutdown()
    with box.imap("fb00", "bench"):
        pass


def verifier(password):
    salt, count = b"0123456789abcdef", 4096
    salted = hashlib.pbkdf2_hmac("sha256", password.encode(), salt, count)
    return "SCRAM-SHA-256$%d:%s$%s:%s" % (
        count, b64(salt), b64(hashlib.sha256(
            mac(salted, "Client Key")).digest()), b64(mac(
                salted, "Server Key")))


def test_master_scram(box):
    """A master proves by SCRAM that he has his password."""
    with open(box.path("etc", "masters"), "a", encoding="ascii") as f:
        f.write("chief scrampw=%s\n" % verifier("chief's"))
    with open(box.path("etc", "main.cf"), encoding="utf-8") as f:
        text = f.read()
    with open(box.path("etc", "main.cf"), "a", encoding="utf-8") as f:
        f.write("auth_scram = yes\n")
    box.reload()
    wait(lambda: "SCRAM-SHA-256" in mechanisms(box), "SCRAM in EHLO")

    def scram(user, password, act_for=""):
        made = Scram(user, password)
        if act_for:
            made.header = "n,a=%s," % act_for
        return made
    for made in (scram("chief", "chief's", "fb00"),
                 scram("fb00*chief", "chief's")):
        c = box.imap()
        assert imap_scram(c, "SCRAM-SHA-256", made)[0] == "OK"
        assert c.select()[0] == "OK"
        c.logout()
    box.wait_log("master user chief acts as user=fb00, service=imap")
    c = box.smtp()
    assert smtp_scram(c, "SCRAM-SHA-256",
                      scram("chief", "chief's", "virt"))[0] == 235
    c.close()
    for made, code in (
            (scram("chief", "wrong", "fb00"), "AUTHENTICATIONFAILED"),
            (scram("chief", "chief's"), "AUTHENTICATIONFAILED"),
            (scram("virt", "virt", "fb00"), "AUTHENTICATIONFAILED"),
            (scram("chief", "chief's", "nosuch"), "AUTHORIZATIONFAILED")):
        c = box.imap()
        try:
            imap_scram(c, "SCRAM-SHA-256", made)
            raise AssertionError(made.header + made.bare + " logged in")
        except imaplib.IMAP4.error as e:
            assert code in str(e), (made.header, made.bare, e)
        c.shutdown()
    with open(box.path("etc", "main.cf"), "w", encoding="utf-8") as f:
        f.write(text)
    box.reload()


def test_sessions(box):
    """A user has so many sessions at once, whoever he is."""
    path = box.path("etc", "main.cf")
    with open(path, encoding="utf-8") as f:
        text = f.read()
    with open(path, "a", encoding="utf-8") as f:
        f.write("login_user_limit = 2\n")
    box.reload("auth")
    held = [box.imap("fb01", service=s) for s in ("imap", "imaps")]
    c = box.imap()
    try:
        c.login("fb01", "bench")
        raise AssertionError("a third session")
    except imaplib.IMAP4.error as e:
        assert "[LIMIT]" in str(e), e
    box.wait_log(r"imapd\[\d+\]: warning: login, user=fb01, "
                 r"ip=\[127\.0\.0\.1\]: too many sessions")
    with box.imap("fb00"):  # another's
        pass
    pops = [box.pop3("fb01") for _ in range(2)]  # another protocol's
    p = box.pop3()
    p.user("fb01")
    try:
        p.pass_("bench")
        raise AssertionError("a third session")
    except poplib.error_proto as e:
        assert b"[IN-USE]" in e.args[0], e
    p.close()
    held.pop().logout()
    wait(lambda: c.state == "AUTH" or again(c), "a place")
    for s in (c, *held):
        s.logout()
    for s in pops:
        s.quit()
    with open(path, "w", encoding="utf-8") as f:
        f.write(text)
    box.reload()
    wait(lambda: "SCRAM-SHA-256" in mechanisms(box), "SCRAM in EHLO")


def again(c):
    try:
        return c.login("fb01", "bench")[0] == "OK"
    except imaplib.IMAP4.error:
        return False


def shadow(box, script):
    box.inside("sh", "-c", "new=$(sed '%s' /etc/shadow) && "
               "printf '%%s\\n' \"$new\" >/etc/shadow" % script)


def test_account_expired(box):
    """The password is right, and a new one would not help (RFC 5530, RFC 3206,
    RFC 5248); with a wrong one nothing is told."""
    plain = "AUTH PLAIN "
    shadow(box, r"s/^\(fb01:[^:]*:[^:]*:[^:]*:[^:]*:[^:]*:[^:]*\):.*/\1:1:/")
    try:
        for password, smtp, imap, pop3 in (
                ("bench", "525 5.7.13", "[EXPIRED]", "[SYS/PERM]"),
                ("wrong", "535 5.7.8", "[AUTHENTICATIONFAILED]", "[AUTH]")):
            c = box.smtp()
            code, text = c.docmd(plain + b64(b"\0fb01\0" + password.encode()))
            assert ("%d %s" % (code, text.decode())).startswith(smtp), text
            c.close()
            try:
                box.imap("fb01", password)
                raise AssertionError("logged in")
            except imaplib.IMAP4.error as e:
                assert imap in str(e), e
            try:
                box.pop3("fb01", password)
                raise AssertionError("logged in")
            except poplib.error_proto as e:
                assert pop3 in str(e), e
    finally:
        shadow(box, r"s/^\(fb01:[^:]*:[^:]*:[^:]*:[^:]*:[^:]*:[^:]*\):.*/\1::/")


def test_reload_loses_no_login(box):
    """The old auth answers whoever still asks it, the new one the others."""
    stop = threading.Event()
    answers = []

    def log_in():
        while not stop.is_set():
            with box.smtp() as c:
                c.ehlo()
                answers.append(c.login("fb00", "bench")[0])

    clients = [threading.Thread(target=log_in) for _ in range(2)]
    for client in clients:
        client.start()
    try:
        for _ in range(4):
            before = len(answers)
            box.reload()
            wait(lambda n=before: len(answers) >= n + 10, "ten more logins")
    finally:
        stop.set()
        for client in clients:
            client.join()
    assert set(answers) == {235}, answers
    assert "Connection lost to authentication" not in box.log()


def test_challenge_forgives_nothing(box):
    """Refusals come later the more there were; to ask for a challenge, which
    anybody gets, does not make them come sooner."""
    path = box.path("etc", "main.cf")
    with open(path, encoding="utf-8") as f:
        text = f.read()
    with open(path, "w", encoding="utf-8") as f:
        f.write(text.replace("auth_failure_delay = 0s",
                             "auth_failure_delay = 1s"))
    box.reload()
    wrong = ("AUTH PLAIN %s\r\n" % b64(b"\0virt\0wrong")).encode()
    guesses = [box.smtp(source="127.0.0.8") for _ in range(3)]
    for c in guesses:
        c.send(wrong)
    for c in guesses:
        assert c.getreply()[0] == 535
        c.close()
    late, first = box.smtp(source="127.0.0.8"), box.smtp(source="127.0.0.9")
    assert late.docmd("AUTH", "SCRAM-SHA-256 " + b64(
        Scram("virt", "x").first()))[0] == 334
    assert late.docmd("*")[0] == 501
    late.send(wrong)
    first.send(wrong)
    assert late.getreply()[0] == first.getreply()[0] == 535
    late.close()
    first.close()
    box.wait_log(r"\[127\.0\.0\.9\]: SASL PLAIN authentication failed")
    failed = re.findall(r"\[127\.0\.0\.([89])\]: SASL PLAIN", box.log())
    assert failed == ["8", "8", "8", "9", "8"], failed


main("--users", "2", "--set", "auth_failure_delay = 0s")
