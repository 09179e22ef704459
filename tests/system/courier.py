#!/usr/bin/env python3
"""Courier's settings that are honoured, and what is said of the others."""

import glob
import imaplib
import os
import poplib
import re
import smtplib
import socket
import ssl

from lib import main, run, wait


def write(box, name, text):
    with open(box.path("etc", name), "w", encoding="ascii") as f:
        f.write(text)


def capability(box):
    c = box.imap()
    try:
        return c.capability()[1][0].decode()
    finally:
        c.logout()


def test_as_shipped(box):
    got = capability(box)
    assert "STARTTLS" in got and "LOGINDISABLED" not in got, got


def test_tls_required(box):
    write(box, "imapd-ssl", "IMAP_TLS_REQUIRED=1\n")
    write(box, "pop3d-ssl", "POP3_TLS_REQUIRED=1\n")
    box.reload()
    wait(lambda: "LOGINDISABLED" in capability(box), "LOGINDISABLED")
    try:
        box.imap("fb00")
        raise AssertionError("a login without TLS")
    except imaplib.IMAP4.error:
        pass
    try:
        box.pop3("fb00")
        raise AssertionError("a login without TLS")
    except poplib.error_proto as e:
        assert "TLS" in str(e), e
    box.imap("fb00", service="imaps").logout()


def test_no_starttls(box):
    write(box, "imapd-ssl", "IMAPDSTARTTLS=NO\n")
    write(box, "pop3d-ssl", "POP3_STARTTLS=NO\n")
    box.reload()
    wait(lambda: "STARTTLS" not in capability(box), "no STARTTLS")
    with socket.create_connection(("127.0.0.1", box.port("imap"))) as s:
        f = s.makefile("rb")
        f.readline()
        s.sendall(b"a STARTTLS\r\n")
        assert f.readline().startswith(b"a BAD"), "STARTTLS was taken"
    c = box.pop3()
    assert "STLS" not in c.capa(), c.capa()
    c.quit()


def handshake(box, version):
    context = box.tls()
    context.minimum_version = context.maximum_version = version
    with socket.create_connection(("127.0.0.1", box.port("imaps")),
                                  5) as s:
        try:
            with context.wrap_socket(s, server_hostname="localhost") as t:
                return t.version(), t.cipher()[0]
        except (ssl.SSLError, OSError):
            return None, None


def test_tls_versions(box):
    assert handshake(box, ssl.TLSVersion.TLSv1_2)[0] == "TLSv1.2"
    write(box, "imapd-ssl", "TLS_PROTOCOL=TLSv1.3\n"
                            "TLS_STARTTLS_PROTOCOL=TLSv1.2\n")
    box.reload()
    wait(lambda: handshake(box, ssl.TLSVersion.TLSv1_2)[0] is None,
         "no TLS 1.2")
    assert handshake(box, ssl.TLSVersion.TLSv1_3)[0] == "TLSv1.3"
    context = box.tls()
    context.maximum_version = ssl.TLSVersion.TLSv1_2
    with box.imap() as c:
        assert c.starttls(context)[0] == "OK"
    one = "ECDHE-%s-AES128-GCM-SHA256"
    write(box, "imapd-ssl", "TLS_CIPHER_LIST=%s:%s\n" % (
        one % "RSA", one % "ECDSA"))
    box.reload()
    wait(lambda: (handshake(box, ssl.TLSVersion.TLSv1_2)[1] or "").endswith(
        "AES128-GCM-SHA256"), "the ciphers of the list")
    write(box, "imapd-ssl", "TLS_CIPHER_LIST=SECURE128:-VERS-TLS1.0\n")
    box.reload()
    box.wait_log(r"warning: TLS_CIPHER_LIST=.*smtpd_tls_ciphers of main.cf")
    assert handshake(box, ssl.TLSVersion.TLSv1_2)[0] == "TLSv1.2"


def test_no_keywords(box):
    write(box, "imapd", "IMAP_KEYWORDS=0\n")
    box.reload()
    wait(lambda: permanent(box).find("*") == -1, "no keywords")
    with box.imap("fb00") as c:
        c.append("INBOX", "($Label1 \\Seen)", None, b"Subject: x\r\n\r\n")
        c.select()
        c.store("1", "+FLAGS", "($Label2 \\Flagged)")
        got = c.fetch("1", "(FLAGS)")[1][0].decode()
    assert "$Label" not in got and "Flagged" in got and "Seen" in got, got
    os.unlink(box.path("etc", "imapd"))


def permanent(box):
    with box.imap("fb00") as c:
        c.select()
        return c.response("PERMANENTFLAGS")[1][0].decode()


def test_a_certificate_that_is_not_there(box):
    """Courier's file names one that its package took away: main.cf's serves."""
    write(box, "imapd-ssl", "TLS_CERTFILE=/nonexistent/imapd.pem\n")
    box.reload()
    box.wait_log(r"warning: TLS_CERTFILE=/nonexistent/imapd.pem: No such file")
    box.imap("fb00", service="imaps").logout()


def deleted(c, subject, folder="INBOX"):
    """A message that is marked and expunged."""
    c.append(folder, None, None, ("Subject: %s\r\n\r\nx\r\n" %
                                  subject).encode())
    c.select(folder)
    c.store("1:*", "+FLAGS.SILENT", r"(\Deleted)")
    return c.expunge()


def test_expunged_mail_goes_to_the_trash(box):
    write(box, "imapd", "IMAP_TRASHFOLDERNAME=Bin\n"
                        "IMAP_MOVE_EXPUNGE_TO_TRASH=1\n")
    box.reload()
    wait(lambda: deleted(box.imap("fb01"), "old") and
         os.path.isdir(box.maildir("fb01", "Bin")), "the trash")
    c = box.imap("fb01")
    deleted(c, "new")
    assert c.select("INBOX")[1] == [b"0"]
    count = int(c.select("INBOX.Bin")[1][0])
    flags = c.fetch("1:*", "(FLAGS)")[1]
    assert count >= 1 and not any(b"Deleted" in x for x in flags), flags
    # from the trash itself it goes for good
    c.store("1:*", "+FLAGS.SILENT", r"(\Deleted)")
    c.expunge()
    assert c.select("INBOX.Bin")[1] == [b"0"]
    c.logout()


def test_the_trash_is_emptied(box):
    """By days, and not a message that came today."""
    write(box, "imapd", "IMAP_EMPTYTRASH=Bin:1,Junk:3\n")
    box.reload()
    c = box.imap("fb01")
    c.append("INBOX.Bin", None, None, b"Subject: young\r\n\r\nx\r\n")
    c.logout()
    # nothing can be given an old change time but by the clock
    box.wait_log("LOGOUT, user=fb01")
    assert len(box.messages("fb01", "Bin")) == 1
    assert "IMAP_EMPTYTRASH:" not in box.log()
    write(box, "imapd", "IMAP_EMPTYTRASH=Bin\n")
    box.reload()
    box.wait_log(r"imapd, line 1: IMAP_EMPTYTRASH=Bin: wanted are folders")
    write(box, "imapd", "")
    box.reload()


def test_sessions_at_once(box):
    """Above MAXDAEMONS a login waits for the end of another session."""
    write(box, "imapd", "MAXDAEMONS=1\nMAXPERIP=4\nPIDFILE=/x\n"
                        "IMAP_PROXY=0\n")
    box.reload()
    first = box.imap("fb00")
    box.wait_log(r"imapd: 1 clients at once, the most that maxproc")
    with socket.create_connection(("127.0.0.1", box.port("imap"))) as s:
        f = s.makefile("rb")
        f.readline()
        s.sendall(b"a LOGIN fb01 bench\r\n")
        s.settimeout(0.5)
        try:
            raise AssertionError(f.readline())
        except TimeoutError:
            pass
        first.logout()
        s.settimeout(20)
        f = s.makefile("rb")
        assert f.readline().startswith(b"a OK"), "no login"
    log = box.log()
    assert "MAXPERIP" not in log  # it is known; this machine is free of it
    assert "imapd: nothing to set here: PIDFILE\n" in log
    assert "IMAP_PROXY" not in log


def reload_mail(box):
    """Until sessions are served as the files say now; none is open."""
    before = set(box.pids("imapd") + box.pids("pop3d"))
    box.reload()
    wait(lambda: box.pids("imapd") and box.pids("pop3d") and
         not before & set(box.pids("imapd") + box.pids("pop3d")),
         "imapd and pop3d anew")


def test_log_deletions(box):
    write(box, "imapd", "IMAP_LOG_DELETIONS=1\n")
    write(box, "pop3d", "POP3_LOG_DELETIONS=1\n")
    reload_mail(box)
    c = box.imap("fb01")
    for n in range(5):
        c.append("INBOX", None, None, b"Subject: %d\r\n\r\nx\r\n" % n)
    c.create("INBOX.Other")
    c.select()
    names = sorted(os.listdir(os.path.join(box.maildir("fb01"), "cur")))
    c._simple_command("MOVE", "5", "INBOX.Other")
    c.store("1,3", "+FLAGS", "(\\Deleted)")
    c.expunge()
    gone = [names[0].split(":")[0], names[2].split(":")[0]]
    for name in gone:
        box.wait_log(r"imapd\[\d+\]: EXPUNGED, user=fb01, ip=\[127.0.0.1\], "
                     r"port=\[\d+\], old_name=\./cur/%s:2,T$"
                     % re.escape(name))
    c.store("1", "+FLAGS", "(\\Deleted)")
    c.close()
    c.logout()
    p = box.pop3("fb01")
    p.dele(1)
    p.quit()
    box.wait_log(r"pop3d\[\d+\]: DELETED, user=fb01, ip=\[127.0.0.1\], "
                 r"port=\[\d+\], filename=\./cur/%s:2,$"
                 % re.escape(names[3].split(":")[0]))
    assert box.log().count("EXPUNGED, ") == 3
    write(box, "imapd", "IMAP_LOG_DELETIONS=1\n"
          "IMAP_MOVE_EXPUNGE_TO_TRASH=1\n")
    write(box, "pop3d", "")
    reload_mail(box)
    c = box.imap("fb01")
    c.append("INBOX", None, None, b"Subject: 6\r\n\r\nx\r\n")
    c.select()
    c.store("1", "+FLAGS", "(\\Deleted)")
    c.expunge()
    box.wait_log(r"EXPUNGED, user=fb01, .* old_name=\./cur/\S+, "
                 r"new_name=\.Trash$")
    c.logout()
    write(box, "imapd", "")
    reload_mail(box)


def modes(box, user, folder):
    """All that are there; what is renamed meanwhile is passed over."""
    got = set()
    for root, _, files in os.walk(box.maildir(user, folder)):
        for name in [""] + files:
            try:
                st = os.stat(os.path.join(root, name))
            except FileNotFoundError:
                continue
            if name != "maildirfolder":
                got.add(st.st_mode & 0o7777)
    return got


def test_umask(box):
    """IMAP_UMASK, and folders that a group shares without it."""
    c = box.imap("fb00")
    c.append("INBOX", None, None, b"Subject: 0\r\n\r\nx\r\n")
    c.create("INBOX.Group")
    for part in ("", "cur", "new", "tmp"):
        os.chmod(os.path.join(box.maildir("fb00", "Group"), part), 0o2770)
    for name in glob.glob(box.maildir("fb00", "Group") + "/facteur.*"):
        os.unlink(name)
    for name in ("INBOX.Group", "INBOX.Mine"):
        c.create(name)
        c.append(name, None, None, b"Subject: 0\r\n\r\nx\r\n")
        c.select()
        c.copy("1", name)
        c.select(name)
        c.store("1:*", "+FLAGS", "(\\Seen word)")
        c.search(None, "BODY", "x")
        c.close()
    c.logout()
    wait(lambda: os.path.exists(box.maildir("fb00", "Mine") +
                                "/facteur.index"), "the index")
    assert modes(box, "fb00", "Group") == {0o660, 0o2770}
    assert modes(box, "fb00", "Mine") == {0o600, 0o700}
    write(box, "imapd", "IMAP_UMASK=027\n")
    reload_mail(box)
    c = box.imap("fb00")
    c.create("INBOX.Read")
    c.append("INBOX.Read", "\\Seen", None, b"Subject: 0\r\n\r\nx\r\n")
    c.select("INBOX.Read")
    c.store("1:*", "+FLAGS", "(word)")
    c.logout()
    assert modes(box, "fb00", "Read") == {0o640, 0o750}
    write(box, "imapd", "")
    reload_mail(box)


LETTER = (b"From: fb00@bench.test\r\nTo: fb01@bench.test\r\n"
          b"Bcc: <fb00@bench.test>\r\nSubject: %d\r\n\r\n.\r\nword\r\n")


def refused(answer, *words):
    assert answer[0] == "NO", answer
    for word in words:
        assert word in answer[1][0], answer


def test_outbox(box):
    """Mail is sent by being put into a folder."""
    program = box.path("sendmail")
    with open(program, "w", encoding="ascii") as f:
        f.write("#!/bin/sh\n[ -e %s ] && exit 75\n"
                "exec %s -C %s \"$@\"\n" % (
                    box.path("fails"), box.inside(
                        "sh", "-c", "command -v sendmail").strip(),
                    box.path("etc")))
    os.chmod(program, 0o755)
    os.chmod(box.dir, 0o755)
    write(box, "imapd", "OUTBOX=.Outbox\nSENDMAIL=%s\n" % program)
    write(box, "pop3d", "")
    reload_mail(box)
    before = len(box.messages("fb01"))
    c = box.imap("fb00")
    assert "XCOURIEROUTBOX=INBOX.Outbox" in c.capability()[1][0].decode()
    c.create("INBOX.Outbox")
    c.create("INBOX.Work")
    assert c.append("INBOX.Outbox", None, None, LETTER % 1)[0] == "OK"
    got = box.wait_messages("fb01", before + 1)[-1]
    assert b"\nX-IMAP-Sender: fb00@bench.test\n" in got, got
    assert b"\nBcc:" not in got and b"\n.\nword\n" in got, got
    assert got.startswith(b"Return-Path: <fb00@bench.test>\n"), got
    kept = box.messages("fb00", "Outbox")
    assert len(kept) == 1 and b"X-IMAP-Sender" not in kept[0]
    assert b"\nBcc:" in kept[0]
    # the blind copy
    box.wait_messages("fb00", 1)
    for n in (2, 3, 4):
        c.append("INBOX.Work", None, None, LETTER % n)
    c.select("INBOX.Work")
    refused(c.copy("1:2", "INBOX.Outbox"), b"[ALERT]", b"one message")
    assert c.copy("1", "INBOX.Outbox")[0] == "OK"
    assert c._simple_command("MOVE", "2", "INBOX.Outbox")[0] == "OK"
    box.wait_messages("fb01", before + 3)
    assert len(box.messages("fb00", "Outbox")) == 3
    # what cannot be sent is not put there
    refused(c.append("INBOX.Outbox", None, None, b"Subject: x\r\n\r\nx\r\n"),
            b"wants a recipient")
    open(box.path("fails"), "w", encoding="ascii").close()
    refused(c.copy("1", "INBOX.Outbox"), b"[UNAVAILABLE]")
    refused(c._simple_command("MOVE", "1", "INBOX.Outbox"), b"[UNAVAILABLE]")
    os.unlink(box.path("fails"))
    assert len(box.messages("fb00", "Outbox")) == 3
    assert len(box.messages("fb00", "Work")) == 2
    c.logout()
    box.wait_empty()
    assert len(box.messages("fb01")) == before + 3
    write(box, "imapd", "")
    reload_mail(box)
    c = box.imap("fb00")
    assert b"XCOURIEROUTBOX" not in c.capability()[1][0]
    assert c.append("INBOX.Outbox", None, None, LETTER % 1)[0] == "OK"
    c.logout()
    assert not box.queue() and len(box.messages("fb01")) == before + 3


def denied(box, user, password):
    try:
        box.imap(user, password)
    except imaplib.IMAP4.error as e:
        return str(e)
    raise AssertionError("%s logged in with %s" % (user, password))


def test_user_database(box):
    """authuserdb: people without an account, and passwords of their own."""
    account = os.stat(os.path.join(box.t["homes"], "fb00"))
    home = box.path("virt")
    os.mkdir(home)
    os.chown(home, account.st_uid, account.st_gid)
    os.chmod(box.dir, 0o755)
    secret = run("openssl", "passwd", "-6", "geheim").strip()
    write(box, "authdaemonrc", 'authmodulelist="authuserdb"\n')
    with open(box.path("etc", "main.cf"), "a", encoding="ascii") as f:
        f.write("auth_user_database = hash:%s\n" % box.path("etc", "userdb"))
    box.reload()
    # the table is not there: our trouble, which bans nobody
    wait(lambda: "UNAVAILABLE" in denied(box, "virt", "geheim"),
         "a temporary failure")
    box.wait_log(r"auth\[\d+\]: error: auth_user_database: .* No such file")
    try:
        box.smtp(user="virt", password="geheim")
        raise AssertionError("a login without a database")
    except smtplib.SMTPAuthenticationError as e:
        assert e.smtp_code == 454, e
    box.wait_log("SASL PLAIN authentication failed: "
                 "Connection lost to authentication server")
    write(box, "userdb", "virt systempw=%s|uid=%d|gid=%d|home=%s\n"
          "fb01 systempw=%s\n" % (secret, account.st_uid, account.st_gid,
                                 home, secret))
    os.chmod(box.path("etc", "userdb"), 0o600)
    box.inside("postmap", box.path("etc", "userdb"))
    box.imap("virt", "geheim").logout()
    assert os.path.isdir(os.path.join(home, "Maildir", "cur"))
    assert os.stat(os.path.join(home, "Maildir")).st_uid == account.st_uid
    box.pop3("fb01", "geheim").quit()
    box.smtp(user="virt", password="geheim").quit()
    for user, password in (("virt", "other"), ("fb01", "bench"),
                           ("fb00", "bench")):
        assert "AUTHENTICATIONFAILED" in denied(box, user, password)


main("--users", "2")
