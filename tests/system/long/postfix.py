#!/usr/bin/env python3
"""SMTPUTF8 with Debian's Postfix, to it and from it.

The package postfix has to be there; its service is not used.
"""

import glob
import os
import shutil
import signal
import smtplib
import socket
import subprocess

from lib import main, need, wait

FOLDER = os.path.join(os.environ.get("TEST_DIR", os.getcwd()), "postfix")
MASTER = "/usr/lib/postfix/sbin/master"
PORT = int(os.environ.get("BASE_PORT", "22000")) + 50
OURS = PORT - 25
TEXT = "From: a@client.test\r\nSubject: %s\r\n\r\nbody\r\n"

MAIN_CF = """compatibility_level = 3.6
queue_directory = {0}/spool
data_directory = {0}/data
shlib_directory = no
inet_interfaces = 127.0.0.1
inet_protocols = ipv4
myhostname = pf.test
mydestination =
mynetworks = 127.0.0.0/8
alias_maps =
smtputf8_enable = yes
maillog_file = {0}/maillog
maillog_file_prefixes = /
virtual_mailbox_domains = pf.test
virtual_mailbox_base = {0}/boxes
virtual_mailbox_maps = static:box/
virtual_uid_maps = static:65534
virtual_gid_maps = static:65534
virtual_minimum_uid = 100
transport_maps = inline:{{{{bench.test=smtp:[127.0.0.1]:{1}}}}}
disable_dns_lookups = yes
smtp_host_lookup = native
"""
SERVICES = """%d inet n - n - - smtpd
cleanup unix n - n - 0 cleanup
qmgr unix n - n 300 1 qmgr
rewrite unix - - n - - trivial-rewrite
bounce unix - - n - 0 bounce
defer unix - - n - 0 bounce
trace unix - - n - 0 bounce
proxymap unix - - n - - proxymap
smtp unix - - n - - smtp
error unix - - n - - error
retry unix - - n - - error
virtual unix - n n - - virtual
anvil unix - - n - 1 anvil
scache unix - - n - 1 scache
tlsmgr unix - - n 1000? 1 tlsmgr
postlog unix-dgram n - n - 1 postlogd
"""
OWNED = ("active", "bounce", "corrupt", "defer", "deferred", "flush", "hold",
         "incoming", "private", "saved", "trace", "public", "maildrop", "pid")


def folders_make():
    os.makedirs(os.path.join(FOLDER, "etc"))
    for name in OWNED:
        os.makedirs(os.path.join(FOLDER, "spool", name))
        if name != "pid":
            shutil.chown(os.path.join(FOLDER, "spool", name), "postfix")
    os.makedirs(os.path.join(FOLDER, "data"))
    shutil.chown(os.path.join(FOLDER, "data"), "postfix")
    os.makedirs(os.path.join(FOLDER, "boxes"))
    os.chown(os.path.join(FOLDER, "boxes"), 65534, 65534)
    for name, text in (("main.cf", MAIN_CF.format(FOLDER, OURS)),
                       ("master.cf", SERVICES % PORT)):
        with open(os.path.join(FOLDER, "etc", name), "w",
                  encoding="ascii") as f:
            f.write(text)


def answers():
    try:
        socket.create_connection(("127.0.0.1", PORT), 1).close()
        return True
    except OSError:
        return False


def postfix_start():
    folders_make()
    child = subprocess.Popen(  # pylint: disable=consider-using-with
        [MASTER, "-c", os.path.join(FOLDER, "etc"), "-d"],
        start_new_session=True)
    wait(answers, "Postfix")
    return child


def boxes():
    out = []
    for name in glob.glob(os.path.join(FOLDER, "boxes/box/new/*")):
        with open(name, encoding="utf-8", errors="replace") as f:
            out.append(f.read())
    return out


def received(text):
    wait(lambda: [b for b in boxes() if text in b], text)
    return [b for b in boxes() if text in b][0]


def send(c, sender, to, subject):
    c.command_encoding = "utf-8"
    assert c.has_extn("smtputf8")
    for line in ("MAIL FROM:<%s> SMTPUTF8 BODY=8BITMIME" % sender,
                 "RCPT TO:<%s> NOTIFY=SUCCESS,FAILURE ORCPT=utf-8;%s" %
                 (to, to)):
        got = c.docmd(line)
        assert got[0] == 250, got
    assert c.data((TEXT % subject).encode())[0] == 250
    c.quit()


def client(port):
    c = smtplib.SMTP("127.0.0.1", port, local_hostname="client.test")
    c.ehlo()
    return c


def test_from_postfix(box):
    send(client(PORT), "h\u00e9@pf.test", "\u00e4rger@bench.test",
         "von dort \u00e9")
    got = box.wait_messages("fb00", 1)[-1].decode()
    assert "Return-Path: <h\u00e9@pf.test>\n" in got, got
    assert " with UTF8SMTP id " in got.split("by mx.bench.test")[1], got
    # it hears of the delivery, in the types of RFC 6533
    got = received("Subject: Successful Mail Delivery Report")
    assert "To: h\u00e9@pf.test\n" in got, got
    assert "Original-Recipient: utf-8; \u00e4rger@bench.test\n" in got, got
    assert "message/global-delivery-status\n" in got, got


def test_refused_to_postfix(_):
    send(client(PORT), "h\u00e9@pf.test", "k\u00e9in@bench.test", "nein")
    got = received("Final-Recipient: utf-8; k\u00e9in@bench.test\n")
    assert "550 5.1.1 <k\\x{E9}in@bench.test>" in got, got


def test_to_postfix(box):
    send(client(box.port()), "fb01@bench.test", "\u00fc@pf.test",
         "nach dort \u00e9")
    got = received("Subject: nach dort \u00e9\n")
    assert "Delivered-To: \u00fc@pf.test\n" in got, got
    got = box.wait_messages("fb01", 1)[-1].decode(errors="replace")
    assert "Final-Recipient: utf-8; \u00fc@pf.test\n" in got, got


if __name__ == "__main__":
    need(MASTER)
    names = os.path.join(os.path.dirname(FOLDER), "aliases")
    with open(names, "w", encoding="utf-8") as aliases:
        aliases.write("\u00e4rger: fb00\n")
    other = postfix_start()
    try:
        main("--users", "2", "--aliases", names, "--set",
             "transport_maps = inline:{{pf.test=smtp:[127.0.0.1]:%d}}" % PORT,
             "--set", "relay_domains = pf.test")
    finally:
        os.killpg(other.pid, signal.SIGTERM)
        other.wait()
