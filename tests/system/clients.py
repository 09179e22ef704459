#!/usr/bin/env python3
"""clients.py - programs that people use, against our servers"""

import os

from lib import main, need, run

need("swaks", "mbsync", "mutt", "curl")

USER, PASSWORD = "fb00", "bench"

MBSYNC = """\
IMAPAccount us
Host localhost
Port %(port)d
User %(user)s
Pass %(password)s
SSLType IMAPS
CertificateFile %(cafile)s

IMAPStore far
Account us

MaildirStore near
Path %(folder)s/
Inbox %(folder)s/INBOX
SubFolders Verbatim

Channel all
Far :far:
Near :near:
Patterns *
Create Both
Expunge Both
SyncState *
"""

MUTTRC = """\
set ssl_ca_certificates_file="%(cafile)s"
set certificate_file="%(cafile)s"
set ssl_force_tls=yes
set ssl_verify_host=no
set smtp_url="smtp://%(user)s:%(password)s@localhost:%(port)d/"
set smtp_authenticators="plain"
set from="%(user)s@bench.test"
set copy=no
set send_charset="utf-8"
"""


def write(path, text):
    with open(path, "w", encoding="utf-8") as f:
        f.write(text)
    os.chmod(path, 0o600)
    return path


def test_swaks_submits_with_tls_and_password(box):
    run("swaks", "--server", "127.0.0.1", "--port",
        str(box.port("submission")), "--tls", "--auth", "PLAIN",
        "--auth-user", USER, "--auth-password", PASSWORD, "--from",
        USER + "@bench.test", "--to", "fb01@bench.test", "--header",
        "Subject: by swaks", "--helo", "client.test")
    assert b"Subject: by swaks" in box.wait_messages("fb01", 1)[-1]


def test_swaks_is_refused_as_a_relay(box):
    status, text = run(
        "swaks", "--server", "127.0.0.2", "--local-interface", "127.0.0.3",
        "--port", str(box.port("smtp")), "--from", "a@client.test", "--to",
        "x@elsewhere.test", "--helo", "client.test", check=False)
    assert status != 0, text


def test_curl_appends_and_lists(box):
    letter = write(box.path("letter"),
                   "From: a@client.test\r\nSubject: by curl\r\n\r\nhello\r\n")
    url = "imaps://localhost:%d/INBOX" % box.port("imaps")
    common = ("curl", "-sS", "--cacert", box.t["cafile"], "-u",
              USER + ":" + PASSWORD)
    run(*common, "-T", letter, url)
    assert "by curl" in run(*common, url + ";MAILINDEX=1")


def test_mbsync_brings_both_sides_together(box):
    folder = box.path("near")
    os.makedirs(folder)
    with box.imap(USER, PASSWORD) as c:
        assert c.create("INBOX.Archive")[0] == "OK"
        c.append("INBOX.Archive", None, None,
                 b"From: a@client.test\r\nSubject: kept\r\n\r\nold\r\n")
    rc = write(box.path("mbsyncrc"), MBSYNC % {
        "port": box.port("imaps"), "user": USER, "password": PASSWORD,
        "cafile": box.t["cafile"], "folder": folder})
    run("mbsync", "-c", rc, "-a", env=dict(os.environ, HOME=box.dir))
    got = os.path.join(folder, "Archive")
    names = os.listdir(os.path.join(got, "new")) + os.listdir(
        os.path.join(got, "cur"))
    assert len(names) == 1, names
    # and the other way
    with open(os.path.join(got, "new", "1.local"), "wb") as f:
        f.write(b"From: b@client.test\nSubject: from here\n\nnew\n")
    run("mbsync", "-c", rc, "-a", env=dict(os.environ, HOME=box.dir))
    with box.imap(USER, PASSWORD) as c:
        c.select("INBOX.Archive", readonly=True)
        assert c.search(None, "SUBJECT", '"from here"')[1][0].split(), \
            "what mbsync uploaded is not there"


def test_mutt_sends(box):
    before = len(box.messages("fb01"))
    rc = write(box.path("muttrc"), MUTTRC % {
        "cafile": box.t["cafile"], "user": USER, "password": PASSWORD,
        "port": box.port("submission")})
    run("mutt", "-F", rc, "-s", "by mutt, h\u00e9", "fb01@bench.test",
        stdin="Bonjour\n", env=dict(os.environ, HOME=box.dir,
                                    LC_ALL="C.UTF-8", TERM="dumb"))
    got = [m for m in box.wait_messages("fb01", before + 1)
           if b"Subject: by mutt, =?utf-8?" in m]
    assert len(got) == 1 and b"Bonjour" in got[0], got


main("--users", "2")
