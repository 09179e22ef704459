#!/usr/bin/env python3
"""Postfix at the other end, both ways: SMTP with STARTTLS, and LMTP.

Debian's package is looked for where it is installed, or unpacked by dpkg -x in
the folder that POSTFIX names. Its own service is not used: it runs in a mount
namespace in which accounts of the test's own lie over /etc, on a port and in
folders of the test's own.
"""
# timeout: 120

import os
import re
import shutil
import subprocess
import sys

from lib import main, need, wait
from instance import ports

HOME = os.environ.get("POSTFIX", "/")
SBIN = os.path.join(HOME, "usr", "lib", "postfix", "sbin")
if not os.path.exists(os.path.join(SBIN, "master")):
    print("not installed: postfix, and POSTFIX names no folder with it")
    sys.exit(77)
need("unshare", "openssl")
BASE, HELD = ports.reserve()
SMTP, LMTP = BASE + ports.PORTS["smtp"], BASE + ports.PORTS["imap"]
LETTER = "Subject: %s\n\n.dot\nhello\n" + "x" * 70 + "\n"
STARTED = []

MAIN_CF = """compatibility_level = 3.6
myhostname = mx.pf.test
mydestination =
queue_directory = {dir}/spool
data_directory = {dir}/data
daemon_directory = {home}/usr/lib/postfix/sbin
command_directory = {home}/usr/sbin
shlib_directory = {home}/usr/lib/postfix
meta_directory = {home}/etc/postfix
mail_owner = pfpeer
setgid_group = pfdrop
inet_interfaces = 127.0.0.1
inet_protocols = ipv4
mynetworks = 127.0.0.0/8
alias_maps =
smtpd_authorized_xforward_hosts = 127.0.0.0/8
maillog_file = {dir}/log
import_environment = LD_LIBRARY_PATH MAIL_CONFIG TZ
maillog_file_prefixes = {dir}
relay_domains = bench.test, lmtp.test, pf.test
smtpd_tls_security_level = may
smtpd_tls_cert_file = {dir}/cert.pem
smtpd_tls_key_file = {dir}/key.pem
smtp_tls_security_level = encrypt
lmtp_tls_security_level = none
smtp_tls_loglevel = 1
smtpd_tls_loglevel = 1
transport_maps = inline:{{
 {{ pf.test = smtp:[127.0.0.1]:{ours} }}
 {{ bench.test = smtp:[127.0.0.1]:{ours} }}
 {{ lmtp.test = lmtp:[127.0.0.1]:{lmtp} }} }}
smtp_generic_maps = inline:{{ a@pf.test=fb00@bench.test,
 b@pf.test=fb01@bench.test, a@lmtp.test=fb00@bench.test,
 b@lmtp.test=fb01@bench.test }}
lmtp_generic_maps = $smtp_generic_maps
"""
MASTER_CF = """127.0.0.1:{port} inet n - n - - smtpd
pickup unix n - n 60 1 pickup
cleanup unix n - n - 0 cleanup
qmgr unix n - n 300 1 qmgr
rewrite unix - - n - - trivial-rewrite
bounce unix - - n - 0 bounce
defer unix - - n - 0 bounce
trace unix - - n - 0 bounce
smtp unix - - n - - smtp
lmtp unix - - n - - lmtp
relay unix - - n - - smtp
tlsmgr unix - - n 1000? 1 tlsmgr
anvil unix - - n - 1 anvil
scache unix - - n - 1 scache
showq unix n - n - - showq
error unix - - n - - error
retry unix - - n - - error
verify unix - - n - 1 verify
proxymap unix - - n - - proxymap
postlog unix-dgram n - n - 1 postlogd
"""


def account_files(folder):
    with open("/etc/passwd", encoding="utf-8") as f:
        users = f.read() + "pfpeer:x:60991:60991::/nonexistent:/bin/false\n"
    with open("/etc/group", encoding="utf-8") as f:
        groups = f.read() + "pfpeer:x:60991:\npfdrop:x:60992:\n"
    for name, text in (("passwd", users), ("group", groups)):
        with open(os.path.join(folder, name), "w", encoding="utf-8") as f:
            f.write(text)


def folders(top):
    for name in ("etc", "data", "spool", *(
            "spool/" + s for s in (
                "active", "bounce", "corrupt", "defer", "deferred", "flush",
                "hold", "incoming", "private", "saved", "trace", "maildrop",
                "public", "pid"))):
        path = os.path.join(top, name)
        os.makedirs(path, exist_ok=True)
        if name not in ("etc", "spool", "spool/pid"):
            os.chown(path, 60991, 60992 if name.endswith(
                ("maildrop", "public")) else 0)
            os.chmod(path, 0o1730 if name.endswith("maildrop") else
                     0o710 if name.endswith("public") else 0o700)


def postfix_start(box):
    top = box.path("postfix")
    folders(top)
    account_files(top)
    places = {"dir": top, "home": HOME, "ours": box.port(), "lmtp": LMTP,
              "port": SMTP}
    for name, text in (("main.cf", MAIN_CF), ("master.cf", MASTER_CF)):
        with open(os.path.join(top, "etc", name), "w", encoding="utf-8") as f:
            f.write(text.format(**places))
    for name in ("cert.pem", "key.pem"):
        shutil.copy(box.path(name), os.path.join(top, name))
    mounts = "".join("mount --bind %s/%s /etc/%s && " % (top, n, n)
                     for n in ("passwd", "group"))
    STARTED.append(subprocess.Popen(  # pylint: disable=consider-using-with
        ["unshare", "-m", "sh", "-c", mounts + "exec %s/master -c %s/etc -d" % (
            SBIN, top)],
        start_new_session=True,  # master ends its whole group
        env={"PATH": os.environ["PATH"], "LD_LIBRARY_PATH": os.path.join(
            HOME, "usr", "lib", "postfix")}))
    wait(lambda: os.path.exists(os.path.join(top, "log")), "Postfix's log")


def postfix_log(box):
    try:
        with open(box.path("postfix", "log"), encoding="utf-8",
                  errors="replace") as f:
            return f.read()
    except FileNotFoundError:
        return ""


def wait_postfix(box, pattern):
    return wait(lambda: re.search(pattern, postfix_log(box)),
                lambda: pattern + " in\n" + postfix_log(box)[-3000:], 30)


def arrived(box, name):
    for user in ("fb00", "fb01"):
        text = wait(lambda: [m for m in box.messages(user)  # pylint: disable=cell-var-from-loop
                             if b"Subject: " + name in m], name)[0]
        assert text.endswith(b"\n\n.dot\nhello\n" + b"x" * 70 + b"\n"), text
        assert b"by mx.pf.test (Postfix)" in text, text
    return text


def test_there_and_back(box):
    """Our client to Postfix's server, and its client to our server."""
    postfix_start(box)
    box.send("c@client.test", ["a@pf.test", "b@pf.test"], LETTER % "round")
    text = arrived(box, b"round")
    assert b"with ESMTPS id" in text, text
    box.wait_log(r"smtp\[\d+\]: Untrusted TLS connection established to "
                 r"127\.0\.0\.1\[127\.0\.0\.1\]:%d" % SMTP)
    box.wait_log(r"to=<a@pf\.test>, .*dsn=2\.0\.0, status=sent "
                 r"\(250 2\.0\.0 Ok: (\d+ bytes )?queued as \w+\)")
    wait_postfix(box, r"TLS connection established to 127\.0\.0\.1")
    wait_postfix(box, r"to=<b@pf\.test>, .*status=sent \(250 2\.0\.0 Ok: "
                      r"queued as")
    box.wait_empty()


def test_lmtp(box):
    """Postfix's LMTP client to our LMTP server: a word for each."""
    box.send("c@client.test", ["a@lmtp.test", "b@lmtp.test"], LETTER % "lmtp")
    text = arrived(box, b"lmtp")
    assert b"with LMTP id" in text, text
    for user in ("a", "b"):
        wait_postfix(box, r"postfix/lmtp\[\d+\]: \w+: to=<%s@lmtp\.test>, .*"
                          r"status=sent \(250 2\.0\.0 Ok: queued as" % user)


def test_xforward(box):
    """What our client told of the first client is in Postfix's log."""
    wait_postfix(box, r"client=localhost\[127\.0\.0\.1\], "
                      r"orig_queue_id=\w+, orig_client=localhost")
    log = postfix_log(box)
    assert not re.search(r"improper command pipelining|lost connection after|"
                         r"warning: (?!dict_nis_init)", log), log


def test_postfix_ends(box):
    del box
    for child in STARTED:
        child.terminate()
        child.wait(30)


try:
    main("--users", "2",
         "--set", "relay_domains = pf.test, lmtp.test",
         "--set", "smtp_tls_security_level = may",
         "--set", "smtp_tls_loglevel = 1",
         "--set", "smtp_send_xforward_command = yes",
         "--set", "transport_maps = inline:{pf.test=smtp:[127.0.0.1]:%d,"
         "lmtp.test=smtp:[127.0.0.1]:%d}" % (SMTP, SMTP),
         "--master", "127.0.0.1:%d inet n - y - 1 smtpd "
         "-o smtpd_protocol=lmtp" % LMTP)
finally:
    for left in STARTED:
        left.terminate()
