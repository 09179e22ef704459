#!/usr/bin/env python3
"""The tutorial's five files, unchanged: mail, rules, IMAP, POP3, the webmail."""

import http.cookiejar
import os
import re
import smtplib
import urllib.parse
import urllib.request

from lib import Instance, main, wait

USER = "awa"
PASSWORD = "un-mot-de-passe"
AT = USER + "@sigui.ci"
MAIL = "From: %s\nTo: " + AT + "\nSubject: %s\n\ncorps\n"


def in_folder(box, name):
    path = os.path.join(box.maildir(USER), name)
    return open(path, "rb").read() if os.path.isfile(path) else b""


def send(box, author, subject):
    box.send("x@client.test", [AT], MAIL % (author, subject))


def test_default_is_the_maildir(box):
    send(box, "quelqu'un@client.test", "bonjour")
    text = box.wait_messages(USER, 1)[0]
    assert b"\nSubject: bonjour\n" in text, text
    assert b"\nDelivered-To: " + AT.encode() in text, text


def test_journaux_is_an_mbox(box):
    send(box, "journal@mon-jounal.com", "une")
    send(box, "journal@mon-jounal.com", "deux")
    wait(lambda: in_folder(box, "journaux").count(b"\nSubject: ") >= 2,
         "two letters in journaux")
    assert in_folder(box, "journaux").startswith(b"From x@client.test ")


def test_robot_goes_nowhere(box):
    before = len(box.messages(USER))
    send(box, "le-robot@je-suis-ennui.com", "publicite")
    wait(lambda: re.search(rb"Subject: publicite\n +Folder: /dev/null",
                           in_folder(box, "logfile")), "procmail's log")
    box.wait_empty()
    assert len(box.messages(USER)) == before


def test_missing_shared_folder_loses_nothing(box):
    before = len(box.messages(USER))
    send(box, "direction-informatique@mon-service.ci", "note")
    send(box, "autre@client.test", "une expression ici")
    box.wait_messages(USER, before + 2)


def test_shared_file(box):
    shared = "/home/mailsSpeciaux"
    box.inside("sh", "-c", "mkdir -p %s && chmod 1777 %s" % (shared, shared))
    try:
        send(box, "direction-informatique@mon-service.ci", "partagee")
        wait(lambda: "partagee" in box.inside(
            "cat", shared + "/direction-info.txt", check=False)[1],
            "the letter in the shared file")
    finally:
        box.inside("rm", "-rf", shared)


def test_alias_of_root(box):
    before = len(box.messages(USER))
    box.send("x@client.test", ["root@sigui.ci"], MAIL % ("a@b.test", "racine"))
    box.wait_messages(USER, before + 1)


def test_extension(box):
    before = len(box.messages(USER))
    box.send("x@client.test", [USER + "+liste@sigui.ci"],
             MAIL % ("a@b.test", "plus"))
    box.wait_messages(USER, before + 1)


def test_imap(box):
    for service in ("imap", "imaps"):
        with box.imap(USER, PASSWORD, service) as c:
            status, count = c.select("INBOX")
            assert status == "OK" and int(count[0]) >= 1, count
            status, data = c.fetch("1", "(BODY[HEADER.FIELDS (SUBJECT)])")
            assert b"Subject: " in data[0][1], data
            status, data = c.create("INBOX.Sent")
            assert status in ("OK", "NO")
            assert any(b"INBOX.Sent" in x for x in c.list()[1])


def test_pop3(box):
    c = box.pop3(USER, PASSWORD)
    count = c.stat()[0]
    assert count >= 1
    assert any(b"Subject: " in line for line in c.top(1, 0)[1])
    assert len(c.uidl()[1]) == count
    c.quit()


class Browser:
    def __init__(self, base):
        self.base = base
        self.opener = urllib.request.build_opener(
            urllib.request.HTTPCookieProcessor(http.cookiejar.CookieJar()))

    def get(self, path, **fields):
        data = urllib.parse.urlencode(fields).encode() if fields else None
        with self.opener.open(self.base + path, data, timeout=60) as r:
            return r.read().decode()


def test_webmail_sends(box):
    b = Browser(box.t["web_url"])
    token = re.search(r'name="token" value="([^"]+)"', b.get("/")).group(1)
    page = b.get("/sign-in", login_username=USER, secretkey=PASSWORD,
                 token=token)
    token = re.search(r'name="token" value="([^"]+)"', page).group(1)
    before = len(box.messages(USER))
    page = b.get("/send", token=token, to=AT, cc="", bcc="", do="send",
                 subject="par le web", text="depuis\r\nla messagerie")
    assert "sent" in page or "envoy" in page, page
    box.wait_messages(USER, before + 1)
    assert "par le web" in b.get("/list?f=INBOX")
    assert "par le web" in b.get("/list?f=INBOX.Sent")


def relays(c):
    """The reply to a stranger's domain."""
    c.ehlo()
    c.mail("x@client.test")
    return c.rcpt("y@ailleurs.test")[0]


def test_relaying_after_auth_or_pop(_):
    options = ["--tutorial", "--account", USER + ":" + PASSWORD, "--set",
               "mynetworks = 127.0.0.1/32"]
    with Instance(*options, name="strict") as box:
        with box.smtp(source="127.0.0.5") as c:
            assert relays(c) == 554
        with box.smtp(source="127.0.0.5") as c:
            c.ehlo()
            c.login(USER, PASSWORD)
            assert relays(c) == 250
        with box.smtp(source="127.0.0.6") as c:
            assert relays(c) == 554
            c.rset()
            try:
                c.login(USER, "faux")
                raise AssertionError("a wrong password was taken")
            except smtplib.SMTPAuthenticationError:
                pass
        pop_from(box, "127.0.0.6")
        with box.smtp(source="127.0.0.6") as c:
            assert relays(c) == 250
        with box.smtp(source="127.0.0.7") as c:
            assert relays(c) == 554
        box.stop()


def pop_from(box, source):
    import socket  # pylint: disable=import-outside-toplevel
    with socket.create_connection(("127.0.0.1", box.port("pop3")), 30,
                                  (source, 0)) as s:
        f = s.makefile("rwb")
        for line, answer in ((None, b"+OK"), ("USER " + USER, b"+OK"),
                             ("PASS " + PASSWORD, b"+OK"), ("QUIT", b"+OK")):
            if line:
                f.write(line.encode() + b"\r\n")
                f.flush()
            got = f.readline()
            assert got.startswith(answer), (line, got)


main("--tutorial", "--web", "--account", USER + ":" + PASSWORD)
