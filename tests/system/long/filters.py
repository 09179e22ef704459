#!/usr/bin/env python3
"""Milters that administrators run: opendkim, opendmarc, rspamd, clamav-milter
and spamass-milter.

Each with a configuration of the test's own, on loopback and without network:
opendkim signs and verifies with a key from a file, opendmarc reads what
opendkim found and has a policy from a file, rspamd refuses GTUBE, clamd knows
one signature, made here, and spamd two rules.
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

need("opendkim", "openssl", "opendmarc", "rspamd", "clamd", "clamav-milter",
     "spamd", "spamc", "spamass-milter")

FIRST, HELD = ports.reserve()
(DKIM, DMARC, RSPAMD, CLAMAV, SPAMASS, ALL, DKIM_MILTER, DMARC_MILTER,
 RSPAMD_MILTER, SPAMD) = range(FIRST, FIRST + 10)
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


def start_opendmarc():
    conf = write("opendmarc.conf", """\
AuthservID dmarc.test
TrustedAuthservIDs checker.test
IgnoreHosts %s
RejectFailures true
SPFSelfValidate false
SPFIgnoreResults true
TestDNSData %s
DNSTimeout 1
Syslog false
Socket inet:%d@127.0.0.1
""" % (write("dmarc-ignored", "192.0.2.1\n"),
       write("dmarc-dns", "_dmarc.bench.test v=DMARC1; p=reject\n"),
       DMARC_MILTER))
    start("opendmarc", "opendmarc", "-f", "-c", conf)
    listens("opendmarc", DMARC_MILTER)


def start_spamd():
    os.mkdir(path("rules"))
    write("rules/own.cf", """\
loadplugin Mail::SpamAssassin::Plugin::Check
required_score 5
report_safe 1
rewrite_header Subject [SPAM]
add_header spam Flag _YESNOCAPS_
add_header all Status _YESNO_, score=_SCORE_ tests=_TESTS_
report This is probably spam: _SUMMARY_
body OWN_GTUBE /%s/
describe OWN_GTUBE the test string
score OWN_GTUBE 1000
body OWN_PILLS /cheap pills/
describe OWN_PILLS pills
score OWN_PILLS 7
""" % re.escape(GTUBE))
    start("spamd", "spamd", "-L", "-x", "-C", path("rules"),
          "--siteconfigpath", path("rules"), "-i", "127.0.0.1",
          "-p", str(SPAMD), "-u", "nobody", "-m", "1", "-s", "stderr",
          "-r", path("spamd.pid"), "-H", FOLDER)
    listens("spamd", SPAMD)
    start("spamass-milter", "spamass-milter", "-p", path("spamass.sock"),
          "-r", "15", "-b", "fb01@bench.test",
          "--", "-d", "127.0.0.1", "-p", str(SPAMD))
    wait(lambda: os.path.exists(path("spamass.sock")), "spamass-milter", 60)
    os.chmod(path("spamass.sock"), 0o666)


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


def refused(port, text, source="127.0.0.1"):
    try:
        send(port, text, source)
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


def test_opendmarc_reads_opendkim(box):
    """A header that one milter inserts is seen by the next."""
    send(DKIM, TEXT % ("aligned", "some words"))
    message = arrived(box, "aligned")
    inner = message[message.index("DKIM-Signature:"):]
    send(DMARC, inner, source="127.0.0.2")
    got = wait(lambda: [m.decode() for m in box.messages("fb00")
                        if b"dmarc.test" in m], "the verified one")[0]
    assert re.search(r"^Authentication-Results: dmarc\.test;\s+dmarc=pass",
                     got, re.M), (got, said("opendmarc"))
    code, text = refused(DMARC, TEXT % ("unsigned", "some words"),
                         source="127.0.0.2")
    assert code == 550 and "DMARC" in text, (code, text, said("opendmarc"))
    box.wait_log(r"milter-reject: END-OF-MESSAGE from \S+\[127\.0\.0\.2\]: "
                 r"5\.7\.1 rejected by DMARC policy for bench\.test; from=")


def test_spamass_milter(box):
    """Headers added and changed, a body and recipients replaced, refused."""
    send(SPAMASS, TEXT % ("harmless", "some words"))
    message = arrived(box, "harmless")
    assert re.search(r"^X-Spam-Status: No, score=0", message, re.M), (
        message, said("spamd"), said("spamass-milter"))
    send(SPAMASS, TEXT % ("offer", "cheap pills"))
    got = wait(lambda: [m.decode() for m in box.messages("fb01")
                        if b"offer" in m],
               lambda: "the redirected one\n" + said("spamd") +
               said("spamass-milter"))[0]
    for line in (r"Subject: \[SPAM\] offer", "X-Spam-Flag: YES",
                 r"X-Spam-Orig-To: <fb00@bench\.test>",
                 r"Content-Type: multipart/mixed; boundary="):
        assert len(re.findall("^" + line, got.split("\n\n")[0], re.M)) == 1, (
            line, got, said("spamd"))
    assert "This is probably spam" in got and "\ncheap pills" in got, got
    assert not [m for m in box.messages("fb00") if b"offer" in m]
    code, text = refused(SPAMASS, TEXT % ("gtube", GTUBE))
    assert code == 550 and "Blocked by SpamAssassin" in text, (code, text)


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
    POLICY = "inet:127.0.0.1:%d" % DMARC_MILTER
    ASSASSIN = "unix:" + path("spamass.sock")
    VIRUS = "{ unix:%s, default_action=tempfail }" % path("clamav.sock")
    try:
        start_opendkim()
        start_opendmarc()
        start_rspamd()
        start_clamav()
        start_spamd()
        main("--users", "2",
             "--set", "smtpd_milters = ",
             "--set", "non_smtpd_milters = %s, %s" % (VIRUS, OPENDKIM),
             "--set", "milter_default_action = tempfail",
             *smtpd(DKIM, OPENDKIM), *smtpd(RSPAMD, SPAM),
             *smtpd(DMARC, OPENDKIM + ", " + POLICY),
             *smtpd(CLAMAV, VIRUS), *smtpd(SPAMASS, ASSASSIN),
             *smtpd(ALL, ", ".join((SPAM, VIRUS, ASSASSIN, OPENDKIM))))
    finally:
        stop_all()
