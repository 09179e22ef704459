#!/usr/bin/env python3
"""The webmail behind Apache, as a browser sees it."""

import base64
import html
import http.client
import os
import re
import shutil
import subprocess
import tempfile
import urllib.parse
from email import policy
from email.message import EmailMessage
from email.parser import BytesParser

from lib import SLOW, Skip, main, wait

PNG = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGA"
    "WjR9awAAAABJRU5ErkJggg==")
XSS = '"><script>alert(1)</script>'


class Answer:
    def __init__(self, status, headers, body):
        self.status, self.headers, self.body = status, headers, body
        self.text = body.decode("utf-8", "replace")


class Browser:
    """Cookies and forms; follows no redirect by itself."""

    def __init__(self, box):
        self.port = urllib.parse.urlsplit(box.t["web_url"]).port
        self.cookie = ""  # of the session
        self.form_cookie = ""

    def ask(self, method, path, body=None, **headers):
        c = http.client.HTTPConnection("127.0.0.1", self.port,
                                       timeout=60 * SLOW)
        cookies = [x for x in (self.cookie, self.form_cookie) if x]
        if cookies:
            headers["Cookie"] = "; ".join(cookies)
        c.request(method, "/messagerie" + path, body, {
            k.replace("_", "-"): v for k, v in headers.items()})
        got = c.getresponse()
        answer = Answer(got.status, got.headers, got.read())
        c.close()
        for cookie in got.headers.get_all("Set-Cookie", []):
            cookie = cookie.split(";")[0]
            if "_form=" in cookie:
                self.form_cookie = cookie
            else:
                self.cookie = cookie
        return answer

    def get(self, path, **fields):
        if fields:
            path += "?" + urllib.parse.urlencode(fields)
        return self.ask("GET", path)

    def post(self, path, fields, **headers):
        return self.ask("POST", path, urllib.parse.urlencode(fields),
                        Content_Type="application/x-www-form-urlencoded",
                        **headers)

    def post_parts(self, path, fields, files=()):
        mark = "----mark7MA4YWxkTrZu0gW"
        out = b""
        for name, value in fields.items():
            out += ("--%s\r\nContent-Disposition: form-data; name=\"%s\""
                    "\r\n\r\n%s\r\n" % (mark, name, value)).encode()
        for name, kind, data in files:
            out += ("--%s\r\nContent-Disposition: form-data; name=\"file\"; "
                    "filename=\"%s\"\r\nContent-Type: %s\r\n\r\n" % (
                        mark, name, kind)).encode() + data + b"\r\n"
        out += ("--%s--\r\n" % mark).encode()
        return self.ask("POST", path, out, Content_Type=(
            "multipart/form-data; boundary=" + mark))

    def follow(self, answer):
        return self.get(answer.headers["Location"].replace(
            "/messagerie", "", 1))

    def form(self, path, **fields):
        """The fields of the page's form to send, as a browser has them."""
        text = self.get(path, **fields).text
        form = re.search(r'<form[^>]*/send".*?</form>', text, re.S).group(0)
        got = {}
        for tag in re.findall(r"<input[^>]*>", form):
            a = dict(re.findall(r'([a-z]+)="([^"]*)"', tag))
            if a.get("type") == "file" or (
                    a.get("type") == "checkbox" and " checked" not in tag):
                continue
            got[a["name"]] = html.unescape(a["value"])
        got["text"] = html.unescape(re.search(
            r"<textarea[^>]*>\n(.*?)</textarea>", form, re.S).group(1))
        return got, text

    def sign_in(self, user="fb00", password="bench", **headers):
        token = re.search(r'name="token" value="([^"]+)"',
                          self.ask("GET", "/").text).group(1)
        return self.post("/sign-in", {"login_username": user, "token": token,
                                      "secretkey": password}, **headers)

    def token(self):
        return re.search(r'name="token" value="([^"]+)"',
                         self.get("/folders").text).group(1)


def signed_in(box, user="fb00"):
    b = Browser(box)
    got = b.sign_in(user)
    assert got.status == 303, (got.status, got.text)
    return b


def put(box, message, user="fb00", folder="INBOX"):
    """Into the folder, past the MTA; returns its UID."""
    with box.imap(user) as c:
        _, (text,) = c.append(folder, None, None, bytes(message))
        return int(re.search(rb"APPENDUID \d+ (\d+)", text).group(1))


def letter(subject="s", text="hello\n", sender="a@client.test"):
    m = EmailMessage()
    m["From"], m["To"], m["Subject"] = sender, "fb00@bench.test", subject
    m["Message-ID"] = "<%s@client.test>" % abs(hash(subject))
    m.set_content(text)
    return m


def count(box, user, folder):
    with box.imap(user) as c:
        status, (n,) = c.select(folder, readonly=True)
        return int(n) if status == "OK" else -1


def test_sign_in(box):
    b = Browser(box)
    got = b.get("/")
    assert got.status == 200 and 'name="secretkey"' in got.text
    assert "default-src 'none'" in got.headers["Content-Security-Policy"]
    assert "script-src" not in got.headers["Content-Security-Policy"]
    got = b.sign_in(password="wrong")
    assert got.status == 403 and not b.cookie, (got.status, b.cookie)
    box.wait_log(r"\d\d/\d\d/\d{4} \d\d:\d\d:\d\d \[LOGIN_ERROR\] fb00 "
                 r"\(\S+\) from 127\.0\.0\.1: Unknown user or password "
                 r"incorrect\.$")
    got = b.sign_in()
    assert got.status == 303, (got.status, got.text)
    assert got.headers["Location"].endswith("/messagerie/list?first=1")
    cookie = got.headers["Set-Cookie"]
    for word in ("HttpOnly", "SameSite=Strict", "Path=/messagerie"):
        assert word in cookie, cookie
    assert "bench" not in cookie and "fb00" not in cookie
    got = b.get("/list")
    assert got.status == 200 and "fb00" in got.text
    assert got.headers["Cache-Control"] == "no-store"


def test_stranger(box):
    b = Browser(box)
    for path in ("/list", "/read?f=INBOX&u=1", "/folders", "/compose"):
        got = b.get(path)
        assert got.status == 303, (path, got.status)
    b.cookie = "SQMSESSID=%s.%s" % ("A" * 43, "B" * 24)
    assert b.get("/list").status == 403


def test_list_and_read(box):
    b = signed_in(box)
    u = put(box, letter("Été à la mer", "un <b>texte</b>\nhttp://a.test/\n"))
    got = b.get("/list")
    assert "Été à la mer" in got.text, got.text
    got = b.get("/read", f="INBOX", u=u)
    assert "Été à la mer" in got.text
    assert "un &lt;b&gt;texte&lt;/b&gt;" in got.text, got.text
    assert b.get("/read", f="INBOX", u=4000000).status == 404
    assert b.get("/read", f="INBOX\r\nX LOGOUT", u=u).status == 404
    assert b.get("/read", f='INBOX" NOOP "', u=u).status == 404


def test_html(box):
    b = signed_in(box)
    m = letter("html")
    m.add_alternative('<p onclick="x()">Bonjour<script>alert(1)</script>'
                      '<img src="http://evil.test/x.png"></p>', "html")
    u = put(box, m)
    text = b.get("/read", f="INBOX", u=u).text
    assert "sandbox=" in text and "<script" not in text
    src = html.unescape(re.search(r'<iframe[^>]* src="([^"]+)"',
                                  text).group(1))
    got = b.get(src.replace("/messagerie", "", 1))
    assert "Bonjour" in got.text
    for word in ("script", "onclick", "evil.test"):
        assert word not in got.text, got.text
    assert got.headers["Content-Security-Policy"].startswith("sandbox")


def framed(b, u, **fields):
    text = b.get("/read", f="INBOX", u=u, **fields).text
    src = html.unescape(re.search(r'<iframe[^>]* src="([^"]+)"',
                                  text).group(1))
    return b.get(src.replace("/messagerie", "", 1)), text


def with_images(big=b""):
    m = letter("images")
    m.add_alternative(
        '<img src="cid:one@x"><img src="cid:svg@x"><img src="cid:big@x">'
        '<img src="cid:one@x"><img src="https://far.test/p.png">', "html")
    part = m.get_payload()[1]
    part.add_related(PNG, "image", "png", cid="<one@x>")
    part.add_related(b"<svg onload='x()'/>", "image", "svg+xml", cid="<svg@x>")
    part.add_related(big, "image", "jpeg", cid="<big@x>")
    return m


def test_images_inside(box):
    b = signed_in(box)
    u = put(box, with_images(b"\xff" * (13 << 20)))
    got, page = framed(b, u)
    data = "data:image/png;base64," + base64.b64encode(PNG).decode()
    assert got.text.count(data) == 2, got.text[:2000]
    assert "svg" not in got.text and "jpeg" not in got.text
    assert "far.test" not in got.text
    csp = got.headers["Content-Security-Policy"]
    assert "img-src data:;" in csp, csp
    # images from elsewhere: when asked for, in this message
    assert "images=1" in page
    got, page = framed(b, u, images=1)
    assert 'src="https://far.test/p.png"' in got.text
    assert "img-src data: https: http:" in \
        got.headers["Content-Security-Policy"]
    assert "https:" not in b.get("/read", f="INBOX", u=u, images=1).headers[
        "Content-Security-Policy"]
    u = put(box, with_images(b"\xff" * 1000))
    assert "image/jpeg" in framed(b, u)[0].text


def test_text_or_html(box):
    b = signed_in(box)
    m = letter("two forms", "as text\n")
    m.add_alternative("<p>as html</p>", "html")
    u = put(box, m)
    text = b.get("/read", f="INBOX", u=u).text
    assert "as text" not in text and "images=1" not in text
    text = b.get("/read", f="INBOX", u=u, plain=1).text
    assert "as text" in text and "<iframe" not in text


def test_picture(box):
    b = signed_in(box)
    m = letter("picture")
    m.add_attachment(PNG, "image", "png", filename="p.png")
    m.add_attachment(b"<svg/>", "image", "svg+xml", filename="p.svg")
    u = put(box, m)
    text = b.get("/read", f="INBOX", u=u).text
    link, = re.findall(r'<img [^>]*src="/messagerie([^"]+)"', text)
    got = b.get(html.unescape(link))
    assert got.body == PNG and got.headers["Content-Type"] == "image/png"
    assert got.headers["Content-Disposition"].startswith("inline")
    got = b.get(html.unescape(link).replace("n=3", "n=4"))
    assert got.headers["Content-Type"] == "application/octet-stream"


def test_attachment(box):
    b = signed_in(box)
    m = letter("with a file")
    data = bytes(range(256)) * 9
    m.add_attachment(data, "text", "html", filename='é"<x>\u202e.html')
    u = put(box, m)
    text = b.get("/read", f="INBOX", u=u).text
    assert "&lt;x&gt;" in text and "<x>" not in text
    link = re.findall(r'<li><a href="/messagerie([^"]+)"', text)[0]
    got = b.get(html.unescape(link))
    assert got.body == data
    assert got.headers["Content-Type"] == "application/octet-stream"
    assert got.headers["Content-Disposition"].startswith(
        "attachment; filename*=UTF-8''%C3%A9%22%3Cx%3E_.html"), \
        got.headers["Content-Disposition"]
    # no control that turns the direction of writing
    assert "\u202e" not in text
    assert got.headers["X-Content-Type-Options"] == "nosniff"


def test_attached_message(box):
    b = signed_in(box)
    inner = letter("inner")
    inner.set_content("<p>inner text</p>", "html")
    m = letter("outer", "outer text\n")
    m.add_attachment(inner)
    u = put(box, m)
    text = b.get("/read", f="INBOX", u=u).text
    assert "outer text" in text and "<iframe" not in text, text
    assert text.count("<li>") == 1, text


def test_hostile_header(box):
    b = signed_in(box)
    m = letter("x " + XSS, sender='"%s" <a@client.test>' % XSS.replace(
        '"', '\\"'))
    u = put(box, m)
    for path in ("/list", "/read?f=INBOX&u=%d" % u,
                 "/compose?how=reply&f=INBOX&u=%d" % u,
                 "/compose?how=forward&f=INBOX&u=%d" % u,
                 "/compose?to=" + urllib.parse.quote(XSS)):
        got = b.get(path)
        assert got.status == 200 and "<script" not in got.text, path
        assert "&lt;script&gt;" in got.text, path


def test_names_that_turn_round(box):
    b = signed_in(box)
    u = put(box, letter("abc\u202efdp.exe", sender='"\u2066x" <a@b.test>'))
    for path in ("/list", "/read?f=INBOX&u=%d" % u):
        text = b.get(path).text
        assert "<bdi>abcfdp.exe</bdi>" in text, text
        assert "\u202e" not in text and "\u2066" not in text


def test_broken_charsets(box):
    b = signed_in(box)
    raw = (b"From: =?koi8-r?q?=C1=C2?= <a@b.test>\r\nSubject: caf\xe9 "
           b"=?no-such?q?=FF?= =?utf-8?q?=C3?= =?iso-2022-jp?b?GyRC?=\r\n"
           b"Content-Type: text/plain; charset=\"iso-2022-jp\"\r\n\r\n"
           b"\x1b$B\xff\xfe text\r\n")
    u = put(box, raw)
    for path in ("/list", "/read?f=INBOX&u=%d" % u,
                 "/compose?how=reply&f=INBOX&u=%d" % u,
                 "/compose?how=forward&f=INBOX&u=%d" % u):
        got = b.get(path)
        assert got.status == 200, path
        got.body.decode("utf-8")  # strictly
        if "reply" not in path:
            assert "\u0430\u0431" in got.text, path
    u = put(box, b"Content-Type: text/html; charset=utf-7\r\n\r\n"
            b"+ADw-script+AD4-alert(1)+ADw-/script+AD4-")
    assert "<script" not in framed(b, u)[0].text


def test_pages(box):
    b = signed_in(box, "fb02")
    with box.imap("fb02") as c:
        c.create("INBOX.Many")
        for i in range(60):
            c.append("INBOX.Many", None, None,
                     b"Subject: number %d.\r\n\r\nx\r\n" % i)
    text = b.get("/list", f="INBOX.Many").text
    assert "1-25 / 60" in text and "p=2" in text and "p=0" not in text
    assert "number 59." in text and "number 34." not in text
    text = b.get("/list", f="INBOX.Many", p=3).text
    assert "51-60 / 60" in text and "p=4" not in text and "p=2" in text
    assert "number 0." in text and "number 10." not in text
    for page in ("4", "4294967295", "-1", "x", "99999999999999999999"):
        assert b.get("/list", f="INBOX.Many", p=page).status == 200


def test_compose(box):
    b = signed_in(box)
    before = len(box.messages("fb01"))
    data = b"\0\xff\r\n.\r\n" * 50
    got = b.post_parts("/send", {
        "token": b.token(), "to": "Été <fb01@bench.test>", "cc": "",
        "bcc": "", "subject": "Grüße\r\nBcc: fb02@bench.test",
        "text": "ligne\r\n.\r\nfin\r\n", "do": "send"},
        [("é.bin", "application/x-test", data)])
    # a reload of what follows sends nothing
    assert got.status == 303, (got.status, got.text)
    assert 'role="status"' in b.follow(got).text
    text = box.wait_messages("fb01", before + 1)[-1]
    m = BytesParser(policy=policy.default).parsebytes(text)
    assert m["From"] == "fb00@bench.test", m["From"]
    assert m["Subject"] == "Grüße  Bcc: fb02@bench.test" or \
        m["Subject"].startswith("Grüße"), m["Subject"]
    assert m["Bcc"] is None
    assert m.get_body().get_content() == "ligne\n.\nfin\n"
    part = next(m.iter_attachments())
    assert part.get_filename() == "é.bin" and part.get_content() == data
    assert count(box, "fb00", "INBOX.Sent") == 1


def test_bad_recipients(box):
    b = signed_in(box)
    for to in ("", "<", "a b c@", "a@b\r\nRCPT TO:<x@y>"):
        got = b.post_parts("/send", {"token": b.token(), "to": to,
                                     "subject": "s", "text": "t",
                                     "do": "send"})
        assert got.status == 400, (to, got.status)
        # what was written is there again
        assert ">\nt</textarea>" in got.text, got.text
        assert 'role="alert"' in got.text


def test_session_over_while_writing(box):
    b = signed_in(box)
    token = b.token()
    b.post("/sign-out", {"token": token})
    for cookie in (b.cookie, ""):
        b.cookie = cookie
        got = b.post_parts("/send", {"token": token, "to": "fb01", "text":
                                     "a <long> text", "do": "send"})
        assert got.status == 403 and "a &lt;long&gt; text" in got.text


def test_draft(box):
    b = signed_in(box)
    got = b.post_parts("/send", {
        "token": b.token(), "to": "", "cc": "fb02", "bcc": "fb01", "text": "t",
        "subject": "unfinished", "do": "draft"}, [("a.txt", "text/plain",
                                                   b"file")])
    assert got.status == 303
    assert count(box, "fb00", "INBOX.Drafts") == 1
    assert 'role="status"' in b.follow(got).text
    u = int(re.search(r"u=(\d+)", b.get("/list", f="INBOX.Drafts").text)
            .group(1))
    assert "how=edit" in b.get("/read", f="INBOX.Drafts", u=u).text
    fields, _ = b.form("/compose", how="edit", f="INBOX.Drafts", u=u)
    assert "fb01@bench.test" in fields["bcc"] and fields["keep"]
    before = len(box.messages("fb01"))
    got = b.post_parts("/send", dict(fields, do="send", text="finished"))
    assert got.status == 303, got.text
    m = BytesParser(policy=policy.default).parsebytes(
        box.wait_messages("fb01", before + 1)[-1])
    assert m["Bcc"] is None and m["Cc"] == "fb02@bench.test", m
    assert next(m.iter_attachments()).get_content() == "file"
    assert count(box, "fb00", "INBOX.Drafts") == 0


def test_reply_and_forward(box):
    b = signed_in(box)
    u = put(box, letter("quote me", "first\n> second\n"))
    text = b.get("/compose", how="reply", f="INBOX", u=u).text
    assert 'value="Re: quote me"' in text
    assert 'value="&lt;a@client.test&gt;"' in text
    assert "&gt; first\n&gt;&gt; second" in text, text
    assert re.search(r'name="in_reply_to" value="&lt;\d+@client', text)
    text = b.get("/compose", how="forward", f="INBOX", u=u).text
    assert 'value="Fwd: quote me"' in text and "first\n&gt; second" in text


def sent(box, b, user, fields):
    """Send the form; what came to the user."""
    before = len(box.messages(user))
    got = b.post_parts("/send", dict(fields, do="send"))
    assert got.status == 303, (got.status, got.text)
    return BytesParser(policy=policy.default).parsebytes(
        box.wait_messages(user, before + 1)[-1])


def flags(box, user, u):
    with box.imap(user) as c:
        c.select("INBOX", readonly=True)
        return c.uid("FETCH", str(u), "(FLAGS)")[1][0]


def test_forward_with_parts(box):
    b = signed_in(box)
    data = bytes(range(256)) * 5
    inner = letter("the inner one")
    m = letter("parts", "the text\n")
    m.add_attachment(data, "image", "png", filename="é.png")
    m.add_attachment("naïf\n", charset="iso-8859-1", filename="n.txt")
    m.add_attachment(inner)
    u = put(box, m)
    fields, text = b.form("/compose", how="forward", f="INBOX", u=u)
    assert text.count('name="keep"') == 3 and "é.png" in text
    assert text.count(" checked") == 3, text
    got = sent(box, b, "fb01", dict(fields, to="fb01"))
    # the last box only, as Python's dict has it
    one, = got.iter_attachments()
    assert one.get_content_type() == "message/rfc822"
    assert one.get_content()["Subject"] == "the inner one"
    assert "the text" in got.get_body().get_content()
    for n, kept in ((3, data), (4, "naïf\r\n")):
        got = sent(box, b, "fb01", dict(fields, to="fb01", keep=n))
        one, = got.iter_attachments()
        assert one.get_content() == kept, one.get_content()
    assert b"$Forwarded" in flags(box, "fb00", u)
    del fields["keep"]
    got = sent(box, b, "fb01", dict(fields, to="fb01"))
    assert not list(got.iter_attachments())


def test_forward_whole(box):
    b = signed_in(box)
    m = letter("all of it", "the text\n")
    m.add_attachment(b"x", "image", "png", filename="x.png")
    u = put(box, m)
    fields, _ = b.form("/compose", how="whole", f="INBOX", u=u)
    got = sent(box, b, "fb01", dict(fields, to="fb01"))
    one, = got.iter_attachments()
    assert one.get_content_type() == "message/rfc822"
    assert bytes(one.get_content()) == bytes(m), bytes(one.get_content())
    fields["u"] = 4000000
    got = b.post_parts("/send", dict(fields, to="fb01", do="send",
                                     text="stays"))
    assert got.status == 404 and "stays" in got.text


def test_reply(box):
    b = signed_in(box)
    m = letter("chain", "first\n\nsecond\n-- \nsignature\n")
    m["Cc"] = "fb00@BENCH.test, Ann <a@client.test>, fb02@bench.test"
    m["References"] = "<1@client.test> <2@client.test>"
    m["Date"] = "Thu, 1 Jan 2026 10:11:12 +0100"
    u = put(box, m)
    fields, text = b.form("/compose", how="all", f="INBOX", u=u)
    assert fields["to"] == "<a@client.test>", fields
    assert fields["cc"] == "<fb02@bench.test>", fields
    assert "2026-01-01 10:11, a@client.test" in fields["text"], fields
    assert "> first\n>\n> second\n" in fields["text"], fields
    assert "signature" not in fields["text"]
    got = sent(box, b, "fb02", dict(fields, to="fb02@bench.test"))
    assert got["In-Reply-To"] == m["Message-ID"]
    assert got["References"].split() == ["<1@client.test>", "<2@client.test>",
                                         m["Message-ID"]]
    assert b"\\Answered" in flags(box, "fb00", u)
    # one's own letter goes on to those whom it went to
    mine = EmailMessage()
    mine["From"], mine["To"] = "fb00@bench.test", "a@client.test"
    mine["Cc"], mine["Subject"] = "c@client.test", "mine"
    mine["References"] = " ".join("<%d@client.test>" % i for i in range(300))
    mine["Message-ID"] = "<last@client.test>"
    mine.set_content("x")
    u = put(box, mine)
    fields, _ = b.form("/compose", how="all", f="INBOX", u=u)
    assert fields["to"] == "<a@client.test>", fields
    assert fields["cc"] == "<c@client.test>", fields
    chain = fields["references"].split()
    assert chain[0] == "<0@client.test>", chain
    assert chain[-1] == "<last@client.test>" and len(chain) > 20
    assert all(re.fullmatch("<[^<>]+>", one) for one in chain), chain


def test_reply_to_an_encoded_name(box):
    b = signed_in(box)
    m = (b"From: =?utf-8?q?x=40evil.test=2C_=22y?= <a@client.test>\n"
         b"Subject: name\n\nx\n")
    u = put(box, m)
    text = b.get("/compose", how="reply", f="INBOX", u=u).text
    to = html.unescape(re.search(r'name="to" value="([^"]*)"', text).group(1))
    assert to == '"x@evil.test, \\"y" <a@client.test>', to


def test_move_and_delete(box):
    b = signed_in(box)
    token = b.token()
    u = put(box, letter("to move"))
    got = b.post("/folder", {"token": token, "do": "create", "name": "Aside"})
    assert got.status == 303
    before = count(box, "fb00", "INBOX")
    got = b.post("/act", {"token": token, "f": "INBOX", "u": u, "do": "move",
                          "to": "INBOX.Aside"})
    assert got.status == 303, got.text
    assert count(box, "fb00", "INBOX.Aside") == 1
    assert count(box, "fb00", "INBOX") == before - 1
    got = b.post("/act", {"token": token, "f": "INBOX.Aside", "u": 1,
                          "do": "delete"})
    assert got.status == 303
    assert count(box, "fb00", "INBOX.Aside") == 0
    assert count(box, "fb00", "INBOX.Trash") == 1
    got = b.post("/act", {"token": token, "f": "INBOX.Trash", "u": 1,
                          "do": "delete"})
    assert count(box, "fb00", "INBOX.Trash") == 0


def test_folders(box):
    b = signed_in(box)
    token = b.token()

    def change(**fields):
        return b.post("/folder", dict(fields, token=token))

    assert change(do="create", name="Été & <b>").status == 303
    text = b.get("/folders").text
    assert "Été &amp; &lt;b&gt;" in text and "<b>&lt;" not in text
    name = html.unescape(re.search(
        r'name="f" value="(INBOX\.&amp;AMk-[^"]*)"', text).group(1))
    assert change(do="rename", f=name, name="Hiver").status == 303
    text = b.get("/folders").text
    assert "Hiver" in text and "Été" not in text
    got = change(do="delete", f="INBOX.Hiver")
    assert got.status == 200 and 'name="sure"' in got.text
    assert "Hiver" in b.get("/folders").text
    assert change(do="delete", f="INBOX.Hiver", sure=1).status == 303
    for f in ("INBOX.Trash", "INBOX.Sent", "INBOX.Drafts", "INBOX"):
        assert change(do="delete", f=f, sure=1).status == 400
        assert change(do="rename", f=f, name="Other").status == 400
    assert "Hiver" not in b.get("/folders").text
    for bad in ({"do": "create", "name": "a\r\nX LOGOUT"},
                {"do": "create", "name": ""}, {"do": "delete"},
                {"do": "rename", "name": "x"}, {"do": "x"}):
        assert change(**bad).status == 400, bad


def test_forged_form(box):
    b = signed_in(box)
    before = count(box, "fb00", "INBOX")
    for token in ("", "x", "A" * 24):
        got = b.post("/act", {"token": token, "f": "INBOX", "u": 1,
                              "do": "delete"})
        assert got.status == 403, (token, got.status)
        got = b.post("/folder", {"token": token, "do": "create",
                                 "name": "forged"})
        assert got.status == 403
    assert b.get("/act", f="INBOX", u=1, do="delete").status == 405
    assert count(box, "fb00", "INBOX") == before


def test_form_of_another_site(box):
    b = signed_in(box)
    token = b.token()
    here = "http://127.0.0.1:%d" % b.port
    before = count(box, "fb00", "INBOX")

    def change(name, **headers):
        return b.post("/folder", {"token": token, "do": "create",
                                  "name": name}, **headers).status

    for headers in ({"Sec_Fetch_Site": "cross-site"},
                    {"Sec_Fetch_Site": "same-site", "Origin": here},
                    {"Origin": "null"}, {"Origin": "https://evil.test"},
                    {"Referer": "https://evil.test/messagerie/"}):
        assert change("forged", **headers) == 403, headers
        stranger = Browser(box)
        got = stranger.sign_in("fb01", **headers)
        assert got.status == 403 and not stranger.cookie, headers
    assert "forged" not in b.get("/folders").text
    assert count(box, "fb00", "INBOX") == before
    assert change("Here1", Sec_Fetch_Site="same-origin") == 303
    assert change("Here2", Origin=here) == 303
    assert change("Here3", Referer=here + "/messagerie/folders") == 303


def test_sign_in_form_of_another_site(box):
    """From a browser that does not say where the form stood."""
    b = Browser(box)
    page = b.get("/")
    cookie = page.headers["Set-Cookie"]
    for word in ("HttpOnly", "SameSite=Strict", "Path=/messagerie"):
        assert word in cookie, cookie
    token = b.form_cookie.partition("=")[2]
    fields = {"login_username": "fb01", "secretkey": "bench"}
    stranger = Browser(box)
    # another's token, none, one that is not in the cookie, an empty one
    assert stranger.post("/sign-in", dict(fields, token=token)).status == 403
    assert b.post("/sign-in", fields).status == 403
    assert b.post("/sign-in", dict(fields, token="A" * 24)).status == 403
    b.form_cookie = b.form_cookie.partition("=")[0] + "="
    assert b.post("/sign-in", dict(fields, token="")).status == 403
    assert not b.cookie and not stranger.cookie
    # the page that says so has a form that works; one open elsewhere too
    token = stranger.form_cookie.partition("=")[2]
    assert token in stranger.get("/").text
    assert stranger.post("/sign-in", dict(fields, token=token)).status == 303


def test_headers(box):
    b = signed_in(box)
    m = letter("headers")
    m.add_alternative("<p>x</p>", "html")
    m.add_attachment(b"<script>", "text", "html", filename="x.html")
    u = put(box, m)
    for path, policy_begins, frame in (
            ("/list", "default-src 'none'", "DENY"),
            ("/nothing", "default-src 'none'", "DENY"),
            ("/part?f=INBOX&u=%d&n=4&as=html" % u, "sandbox", "SAMEORIGIN"),
            ("/part?f=INBOX&u=%d&n=5" % u, "sandbox", "DENY"),
            ("/part?f=INBOX&u=%d&n=5&as=image" % u, "sandbox", "DENY")):
        h = b.get(path).headers
        assert h["Content-Security-Policy"].startswith(policy_begins), path
        assert "frame-ancestors '%s'" % (
            "self" if frame == "SAMEORIGIN" else "none") in \
            h["Content-Security-Policy"], path
        assert "script-src" not in h["Content-Security-Policy"]
        assert h["X-Frame-Options"] == frame, (path, h["X-Frame-Options"])
        assert h["X-Content-Type-Options"] == "nosniff"
        assert h["Cache-Control"] == "no-store", path
        assert h["Referrer-Policy"] in ("same-origin", "no-referrer")
        assert h["Cross-Origin-Resource-Policy"] == "same-origin"


def test_sender_is_not_the_browsers(box):
    b = signed_in(box)
    b.cookie += ".ZmIwMg"
    before = len(box.messages("fb01"))
    b.post_parts("/send", {"token": b.token(), "to": "fb01", "subject": "s",
                           "text": "t", "do": "send"})
    text = box.wait_messages("fb01", before + 1)[-1]
    assert b"\nFrom: fb00@bench.test\n" in text, text


def test_one_process_for_the_pages(box):
    """The imapd of a page serves the next one, of the same ticket only."""
    def processes():
        return re.findall(r"webmail\[(\d+)\]: LOGIN, user=fb02", box.log())

    had = len(processes())
    b = signed_in(box, "fb02")
    for _ in range(8):  # one that comes at once may find it busy still
        assert b.get("/list").status == 200
    first = processes()[had:]
    assert len(set(first)) < len(first), first
    other = signed_in(box, "fb02")
    assert other.get("/list").status == 200
    assert not set(processes()[had + len(first):]) & set(first)
    # who has signed out is served by nobody
    b.post("/sign-out", {"token": b.token()})
    wait(lambda: not any(os.path.exists("/proc/%s" % x) for x in first),
         "the end of the processes")


def test_sign_out(box):
    b = signed_in(box)
    cookie = b.cookie
    got = b.post("/sign-out", {"token": b.token()})
    assert got.status == 303 and "Max-Age=0" in got.headers["Set-Cookie"]
    b.cookie = cookie
    assert b.get("/list").status == 403


SCRIPT = """#!/bin/sh
cd %s && { for a; do printf '%%s|' "$a"; done >args.new; cat >mail
mv args.new args; exit %d; }
"""


def configured(box, text):
    """config.php for what follows; empty: none."""
    path = box.path("etc", "config.php")
    if text:
        with open(path, "w", encoding="utf-8") as f:
            f.write("<?php\n" + text)
        os.chmod(path, 0o644)
    elif os.path.exists(path):
        os.unlink(path)


def test_sendmail_command(box):
    folder = box.path("outside")
    os.mkdir(folder)
    os.chmod(folder, 0o777)
    command = os.path.join(folder, "send")
    configured(box, "$useSendmail = true; $sendmail_path = '%s';\n"
               "$sendmail_args = '-i -t -x';" % command)
    fields = {"to": "Ann <a@far.test>", "bcc": "-oQ/tmp@far.test",
              "subject": "s", "text": "the text", "do": "send"}
    try:
        b = signed_in(box)
        fields["token"] = b.token()
        for code, status in ((0, 303), (75, 503), (1, 400)):
            with open(command, "w", encoding="ascii") as f:
                f.write(SCRIPT % (folder, code))
            os.chmod(command, 0o755)
            got = b.post_parts("/send", fields)
            assert got.status == status, (code, got.status, got.text)
            with open(os.path.join(folder, "args"), encoding="utf-8") as f:
                assert f.read() == "-i|-x|-ffb00@bench.test|--|a@far.test|" \
                    "-oQ/tmp@far.test|"
            with open(os.path.join(folder, "mail"), "rb") as f:
                text = f.read()
            assert b"\n\nthe text\n" in text and b"-oQ" not in text, text
        os.unlink(command)
        assert b.post_parts("/send", fields).status == 400
        assert b.post_parts("/send", dict(fields, to="<")).status == 400
    finally:
        configured(box, "")


def test_config(box):
    local = box.path("etc", "config_local.php")
    configured(box, "$org_name = 'first'; $signout_page = '/gone';\n"
               "$force_username_lowercase = true;\n"
               "$plugins[] = 'filters'; $default_use_mdn = true;\n"
               "$nonsense = 1; $use_imap_tls = 1;\n"
               "include_once(SM_PATH . 'config/config_local.php');")
    with open(local, "w", encoding="ascii") as f:
        f.write("<?php $org_name = 'second';")
    os.chmod(local, 0o644)
    try:
        b = Browser(box)
        assert "second" in b.get("/").text
        assert b.sign_in("FB00").status == 303
        folders = re.search("<nav.*</nav>", b.get("/list", first=1).text,
                            re.S).group(0)
        assert folders.index("INBOX.Drafts") < folders.index(
            "INBOX.Sent") < folders.index("INBOX.Trash")
        assert count(box, "fb00", "INBOX.Trash") >= 0
        got = b.post("/sign-out", {"token": b.token()})
        assert got.headers["Location"] == "/gone"
        text = box.inside("facteur", "-c", box.path("etc"), "check",
                          check=False)[1]
        assert "$plugins is not supported by the webmail" in text, text
        assert "$nonsense is no name that SquirrelMail knows" in text, text
        for name in ("$default_use_mdn", "$use_imap_tls", "$org_name"):
            assert name not in text, text
        configured(box, "$imapServerAddress = 'imap.far.test';\n"
                   "$smtpServerAddress = 'smtp.far.test';")
        got = Browser(box).get("/")
        assert got.status == 501 and "imap.far.test" in got.text
        text = box.inside("facteur", "-c", box.path("etc"), "check",
                          check=False)[1]
        assert "'imap.far.test' is not this host" in text, text
        assert "'smtp.far.test' is not this host" in text, text
        configured(box, "$session_name = 'a;b';")
        assert Browser(box).get("/").status == 500
    finally:
        configured(box, "")
        os.unlink(local)


def test_limits(box):
    b = signed_in(box)
    got = b.ask("POST", "/send", b"x" * (37 * 1024 * 1024),
                Content_Type="multipart/form-data; boundary=x")
    assert got.status == 413, got.status
    assert b.get("/nothing").status == 404
    assert b.get("/list?f=%").status == 400
    assert b.ask("PUT", "/list").status == 405
    assert b.post("/list", {}).status == 405


def test_head(box):
    b = signed_in(box)
    got = b.ask("HEAD", "/list")
    assert got.status == 200 and got.body == b""
    assert got.headers["Content-Type"].startswith("text/html")
    got = b.get("/style.css")
    assert got.headers["Content-Type"].startswith("text/css")


def test_chromium(box):
    browser = shutil.which("chromium")
    if not browser:
        raise Skip("not installed: chromium")
    with tempfile.TemporaryDirectory() as folder:
        got = subprocess.run([
            browser, "--headless", "--no-sandbox", "--disable-gpu",
            "--disable-quic", "--no-first-run",
            "--disable-background-networking", "--disable-component-update",
            "--disable-sync", "--user-data-dir=" + folder, "--dump-dom",
            box.t["web_url"] + "/"], stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL, timeout=120 * SLOW, check=False,
            text=True, env=dict(os.environ, HOME=folder))
    assert 'name="secretkey"' in got.stdout, got.stdout
    assert "<button" in got.stdout


if __name__ == "__main__":
    main("--users", "3", "--web")
