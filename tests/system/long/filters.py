#!/usr/bin/env python3
"""Milters that administrators run: opendkim, rspamd, clamav-milter.

Each with a configuration of the test's own, on loopback and without network:
opendkim signs and verifies with a key from a file, rspamd refuses GTUBE, and
clamd knows one signature, made here.
"""

import base64
import hashlib
import os
import re
import smtplib
import socket
import subprocess
import sys
import tempfile

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)),
                                os.pardir))
from lib import main, need, ports, run, wait  # noqa: E402

need("opendkim", "openssl", "rspamd", "clamd", "clamav-milter")

FIRST, HELD = ports.reserve()
(DKIM, RSPAMD, CLAMAV, ALL, DKIM_MILTER, RSPAMD_MILTER) = range(FIRST, FIRST + 6)
TOP = os.environ.get("TEST_DIR")
if TOP:
    os.makedirs(TOP, exist_ok=True)
FOLDER = tempfile.mkdtemp(dir=TOP)
os.chmod(FOLDER, 0o755)
STARTED = []
# in two pieces: this file is no test virus
EICAR = (r"X5O!P%@AP[4\PZX54(P^)7CC)7}$EICAR-STAN"
         r"DARD-ANTIVIRUS-TEST-FILE!$H+H*")
GTUBE = ("XJS*C4JDBQADN1.NSBN3*2IDNEN*"
         "GTUBE-STANDARD-ANTI-UBE-TEST-EMAIL*C.34X")
TEXT = "From: <fb01@bench.test>\nTo: fb00@bench.test\nSubject: %s\n\n%s\n"


def path(*parts):
    return os.path.join(FOLDER, *parts)


def write(name, text):
    with open(path(name), "w", encoding="utf-8") as f:
        f.write(text)
    return path(name)


def start(name, *command):
    """It runs in the foreground until the end."""
    # pylint: disable-next=consider-using-with
    with open(path(name + ".out"), "wb") as out:
        STARTED.append((name, subprocess.Popen(
            command, stdout=out, stderr=subprocess.STDOUT,
            stdin=subprocess.DEVNULL, cwd=FOLDER)))


def stop_all():
    for _, p in reversed(STARTED):
        p.terminate()
    for _, p in STARTED:
        try:
            p.wait(20)
        except subprocess.TimeoutExpired:
            p.kill()
            p.wait()


def said(name):
    with open(path(name + ".out"), encoding="utf-8", errors="replace") as f:
        return f.read()


def listens(name, port):
    """It reads its configuration before it listens."""
    def connects():
        with socket.socket() as s:
            return s.connect_ex(("127.0.0.1", port)) == 0
    wait(connects, lambda: "%s on port %d\n%s" % (name, port, said(name)), 60)


def start_opendkim():
    run("openssl", "genrsa", "-out", path("key"), "2048")
    os.chmod(path("key"), 0o600)
    public = run("openssl", "rsa", "-in", path("key"), "-pubout")
    keys = write("public", "s1._domainkey.bench.test v=DKIM1; k=rsa; p=%s\n" %
                 "".join(re.findall(r"^([A-Za-z0-9+/=]+)$", public, re.M)))
    conf = write("opendkim.conf", """\
Mode sv
Domain bench.test
Selector s1
KeyFile %s
InternalHosts %s
TestPublicKeys %s
RequireSafeKeys no
AlwaysAddARHeader yes
AuthservID checker.test
Syslog no
Socket inet:%d@127.0.0.1
Canonicalization relaxed/simple
""" % (path("key"), write("internal", "127.0.0.1\n"), keys, DKIM_MILTER))
    start("opendkim", "opendkim", "-f", "-x", conf)
    listens("opendkim", DKIM_MILTER)


def start_rspamd():
    conf = write("rspamd.conf", """\
options {
    pidfile = "%(folder)s/rspamd.pid";
    url_tld = "/usr/share/rspamd/effective_tld_names.dat";
    filters = "";
    dns { nameserver = ["127.0.0.1:1"]; timeout = 1s; retransmits = 1; }
}
logging { type = "console"; level = "info"; }
actions { reject = 15; add_header = 6; greylist = 4; }
worker "rspamd_proxy" {
    bind_socket = "127.0.0.1:%(port)d";
    milter = yes;
    count = 1;
    timeout = 60s;
    upstream "local" { default = yes; self_scan = yes; }
}
""" % {"folder": FOLDER, "port": RSPAMD_MILTER})
    start("rspamd", "rspamd", "-f", "-i", "-c", conf)
    listens("rspamd", RSPAMD_MILTER)


def start_clamav():
    os.mkdir(path("signatures"))
    write("signatures/own.hdb", "%s:%d:Own.Test.EICAR\n" % (
        hashlib.md5(EICAR.encode()).hexdigest(), len(EICAR)))
    clamd = write("clamd.conf", """\
DatabaseDirectory %s
LocalSocket %s
Foreground yes
User root
ScanMail yes
LogFile %s
""" % (path("signatures"), path("clamd.sock"), path("clamd.log")))
    start("clamd", "clamd", "-c", clamd)
    wait(lambda: os.path.exists(path("clamd.sock")), "clamd", 60)
    conf = write("clamav-milter.conf", """\
ClamdSocket unix:%s
MilterSocket unix:%s
MilterSocketMode 666
Foreground yes
User root
OnInfected Reject
RejectMsg Infected by %%v
AddHeader Replace
LogFile %s
""" % (path("clamd.sock"), path("clamav.sock"), path("clamav-milter.log")))
    start("clamav-milter", "clamav-milter", "-c", conf)
    wait(lambda: os.path.exists(path("clamav.sock")), "clamav-milter", 60)


def send(port, text, source="127.0.0.1", sender="fb01@bench.test"):
    with smtplib.SMTP("127.0.0.1", port, timeout=60,
                      local_hostname="client.test",
                      source_address=(source, 0)) as c:
        c.sendmail(sender, ["fb00@bench.test"], text.replace("\n", "\r\n"))


def refused(port, text):
    try:
        send(port, text)
    except smtplib.SMTPDataError as e:
        return e.smtp_code, e.smtp_error.decode()
    raise AssertionError("was taken")


def arrived(box, subject):
    return wait(lambda: [m.decode() for m in box.messages("fb00")
                         if b"Subject: %s\n" % subject.encode() in m],
                "the message " + subject)[0]


def attached():
    return ("From: <fb01@bench.test>\nTo: fb00@bench.test\n"
            "Subject: infected\nMIME-Version: 1.0\n"
            "Content-Type: multipart/mixed; boundary=b\n\n"
            "--b\nContent-Type: text/plain\n\nsee there\n"
            "--b\nContent-Type: application/octet-stream\n"
            "Content-Disposition: attachment; filename=x.com\n"
            "Content-Transfer-Encoding: base64\n\n" +
            base64.b64encode(EICAR.encode()).decode() + "\n--b--\n")


def test_opendkim_signs_and_verifies(box):
    send(DKIM, TEXT % ("signed", "some words"))
    message = arrived(box, "signed")
    assert re.search(r"^DKIM-Signature: .*\n?.*d=bench\.test", message,
                     re.M), (message, said("opendkim"))
    inner = message[message.index("DKIM-Signature:"):]
    send(DKIM, inner, source="127.0.0.2")
    wait(lambda: len([m for m in box.messages("fb00")
                      if b"Subject: signed\n" in m]) == 2, "the second")
    got = [m.decode() for m in box.messages("fb00") if b"checker.test" in m]
    assert re.search(r"Authentication-Results: checker\.test;\s+dkim=pass",
                     got[0]), (got, said("opendkim"))
    send(DKIM, inner.replace("some words", "other words")
         .replace("Subject: signed", "Subject: changed"), source="127.0.0.2")
    assert re.search(r"Authentication-Results: checker\.test;\s+dkim=fail",
                     arrived(box, "changed")), said("opendkim")


def test_rspamd_refuses_gtube(box):
    send(RSPAMD, TEXT % ("clean", "some words"))
    arrived(box, "clean")
    code, text = refused(RSPAMD, TEXT % ("gtube", GTUBE))
    assert code == 554 and "Gtube pattern" in text, (code, text)
    box.wait_log(r"cleanup\[\d+\]: [0-9A-F]+: milter-reject: END-OF-MESSAGE "
                 r"from localhost\[127\.0\.0\.1\]: 5\.7\.1 Gtube pattern; from=")


def test_clamav_refuses_eicar(box):
    send(CLAMAV, TEXT % ("healthy", "some words"))
    assert "X-Virus-Status: Clean" in arrived(box, "healthy")
    code, text = refused(CLAMAV, attached())
    assert code == 550 and "Infected by Own.Test.EICAR" in text, (code, text)


def test_all_in_a_row(box):
    """As a main.cf has them, and large mail through all of them."""
    send(ALL, TEXT % ("all", "0123456789 abcdef\n" * 100000))
    message = arrived(box, "all")
    assert "X-Virus-Status: Clean" in message, message[:2000]
    assert re.search(r"^DKIM-Signature: ", message, re.M), message[:2000]
    assert message.endswith("0123456789 abcdef\n\n"), message[-100:]
    assert refused(ALL, attached())[0] == 550
    assert refused(ALL, TEXT % ("gtube", GTUBE))[0] == 554
    with smtplib.SMTP("127.0.0.1", ALL, timeout=60,
                      local_hostname="client.test") as c:
        for n in range(20):
            c.sendmail("fb01@bench.test", ["fb00@bench.test"],
                       (TEXT % ("row %d" % n, "words")).replace("\n", "\r\n"))
    arrived(box, "row 19")


def test_local_mail(box):
    box.inside("sendmail", "-i", "fb00@bench.test", user="fb01",
               stdin="Subject: from here\n\nwords\n")
    message = arrived(box, "from here")
    assert "DKIM-Signature: " in message, message
    assert "X-Virus-Status: Clean" in message, message


def smtpd(port, milters):
    return ["--master", "127.0.0.1:%d inet n - y - - smtpd "
            "-o { smtpd_milters = %s }" % (port, milters)]


if __name__ == "__main__":
    OPENDKIM = "inet:localhost:%d" % DKIM_MILTER
    SPAM = "inet:127.0.0.1:%d" % RSPAMD_MILTER
    VIRUS = "{ unix:%s, default_action=tempfail }" % path("clamav.sock")
    try:
        start_opendkim()
        start_rspamd()
        start_clamav()
        main("--users", "2",
             "--set", "smtpd_milters = ",
             "--set", "non_smtpd_milters = %s, %s" % (VIRUS, OPENDKIM),
             "--set", "milter_default_action = tempfail",
             *smtpd(DKIM, OPENDKIM), *smtpd(RSPAMD, SPAM),
             *smtpd(CLAMAV, VIRUS),
             *smtpd(ALL, ", ".join((SPAM, VIRUS, OPENDKIM))))
    finally:
        stop_all()
