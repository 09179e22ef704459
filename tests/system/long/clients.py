#!/usr/bin/env python3
# timeout: 900
"""A day of mailboxes that are kept by programs which people use.

Each brings a mailbox to its side, then both sides change: letters arrive, flags
change here and there, letters are moved, removed, written, folders renamed.
After it has brought both together it is run again and must find nothing to do:
its commands are read as they pass by.
"""

import base64
import http.cookiejar
import json
import os
import pty
import re
import select
import shutil
import sqlite3
import subprocess
import sys
import time
import urllib.parse
import urllib.request

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, os.pardir))
from lib import Skip, main, need, ports, run, wait  # noqa: E402
from tap import CONTENT, Getmail, Tap, did  # noqa: E402

need("mbsync", "offlineimap", "mutt", "getmail", "fetchmail", "curl", "php")

PASSWORD = "bench"
FOLDERS = ("Archive", "Archive.2024", "Archive.2024.Letters from A & B",
           "Entwürfe", "日本", "Sent", "Drafts", "Trash")
def utf7(name):
    out = []
    for part in re.split("([^\x20-\x7e]+|&)", name):
        if part == "&":
            out.append("&-")
        elif part and not part.isascii():
            raw = part.encode("utf-16-be")
            out.append("&" + base64.b64encode(raw).decode().rstrip(
                "=").replace("/", ",") + "-")
        else:
            out.append(part)
    return "".join(out)


def quoted(name):
    return '"INBOX.%s"' % utf7(name) if name else "INBOX"


def letter(n, subject, size=0):
    """Every third has an attachment, every fifth 8-bit text."""
    head = ("From: Ann <a%d@client.test>\r\nTo: me@bench.test\r\n"
            "Message-ID: <%s@client.test>\r\n"
            "Date: Mon, 2 Mar 2026 10:%02d:00 +0000\r\nSubject: %s\r\n" % (
                n, re.sub(r"\W", "-", subject), n % 60, subject))
    if n % 3 == 0:
        return (head + "MIME-Version: 1.0\r\nContent-Type: multipart/mixed; "
                "boundary=b\r\n\r\n--b\r\nContent-Type: text/plain\r\n\r\n"
                "see the file\r\n--b\r\nContent-Type: application/pdf; "
                "name=a.pdf\r\nContent-Transfer-Encoding: base64\r\n"
                "Content-Disposition: attachment; filename=a.pdf\r\n\r\n" +
                ("QUJD" * 18 + "\r\n") * (size or 300) + "--b--\r\n").encode()
    if n % 5 == 0:
        return (head + "MIME-Version: 1.0\r\nContent-Type: text/plain; "
                "charset=utf-8\r\nContent-Transfer-Encoding: 8bit\r\n\r\n"
                "Grüße, 日本\r\n").encode()
    return (head + "\r\nhello %d\r\n" % n).encode()


def good(got):
    assert got[0] == "OK", got
    return got[1]


def fill(box, user, folders=FOLDERS):
    """Folders with some letters each; INBOX has most."""
    flags = ("", "\\Seen", "\\Seen \\Answered", "\\Flagged", "\\Seen $Work",
             "\\Seen $Forwarded")
    with box.imap(user) as c:
        good(c._simple_command("NOOP"))
        for name in folders:
            status = c.create(quoted(name))[0]
            assert status in ("OK", "NO")  # made at the first login
            c.subscribe(quoted(name))
        n = 0
        for name in ("",) * 4 + folders:
            for _ in range(3):
                n += 1
                good(c.append(quoted(name), "(%s)" % flags[n % len(flags)],
                              None, letter(n, "letter-%d." % n)))


def seen(box, user):
    """{folder: {subject: flags}} as a session of its own has it."""
    out = {}
    with box.imap(user) as c:
        for line in good(c.list()):
            name = line.decode().split('"."')[1].strip()
            good(c.select(name, readonly=True))
            got = good(c.uid("FETCH",
                "1:*", "(FLAGS BODY.PEEK[HEADER.FIELDS (SUBJECT)])"))
            held = out.setdefault(name.strip('"'), {})
            for part in got:
                if isinstance(part, tuple):
                    subject = part[1].decode().partition(":")[2].strip()
                    assert subject not in held, (name, subject)
                    flags = re.search(rb"FLAGS \(([^)]*)\)", part[0]).group(1)
                    held[subject] = set(flags.decode().split()) - {"\\Recent"}
    return out


def find(c, folder, subject):
    """Select, and the UID of the letter of that subject."""
    good(c.select(quoted(folder)))
    got = good(c.uid("SEARCH", "SUBJECT", '"%s"' % subject))[0].split()
    assert len(got) == 1, (folder, subject, got)
    return got[0].decode()


def by_another_client(box, user):
    """What happens meanwhile, elsewhere."""
    box.send("b@client.test", [user + "@bench.test"],
             letter(97, "arrived.").decode())
    box.wait_empty()
    with box.imap(user) as c:
        good(c.uid("STORE", find(c, "", "letter-1."), "+FLAGS", "\\Flagged"))
        good(c.uid("STORE", find(c, "", "letter-2."), "-FLAGS", "\\Seen"))
        good(c.uid("MOVE", find(c, "", "letter-4."), quoted("Archive.2024")))
        u = find(c, "", "letter-5.")
        good(c.uid("STORE", u, "+FLAGS", "\\Deleted"))
        good(c.uid("EXPUNGE", u))
        good(c.append(quoted("Drafts"), "(\\Draft \\Seen)", None,
                      letter(98, "a draft.")))
        good(c.append(quoted("Sent"), "(\\Seen)", None,
                      letter(99, "sent by another.")))
        good(c.uid("COPY", find(c, "", "letter-7."), quoted("日本")))
        good(c.rename(quoted("Archive.2024"), quoted("Archive.2025")))


def env(box):
    return dict(os.environ, HOME=box.dir, LC_ALL="C.UTF-8", TERM="vt100")


def write(path, text):
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "w", encoding="utf-8") as f:
        f.write(text)
    os.chmod(path, 0o600)
    return path


# --- programs that keep a copy

class Keeper:
    """A program that keeps a Maildir in step with the mailbox."""

    def __init__(self, box, user):
        self.box, self.user = box, user
        self.tap = Tap(box.port("imap"))
        self.near = box.path(type(self).__name__ + "-" + user)
        os.makedirs(self.near)
        self.configure()

    def sync(self):
        run(*self.command(), env=env(self.box))
        return did(self.tap.take())

    def folder(self, name):
        """Where it lies; the name as the server has it, without INBOX."""
        raise NotImplementedError

    def renamed(self, name):
        """The folder of that name has another one at the server."""

    def files(self, folder):
        """{subject: path} of the copy."""
        out = {}
        for part in ("new", "cur"):
            place = os.path.join(self.folder(folder), part)
            for name in os.listdir(place):
                with open(os.path.join(place, name), "rb") as f:
                    found = re.search(rb"^Subject: (.*?)\r?$", f.read(), re.M)
                out[found.group(1).decode()] = os.path.join(place, name)
        return out

    def mark(self, folder, subject, flags):
        """The letter has these flags on our side: letters of its name."""
        path = self.files(folder)[subject]
        base = os.path.basename(path).partition(":2,")[0]
        to = os.path.join(self.folder(folder), "cur", base + ":2," + flags)
        os.rename(path, to)

    def put(self, folder, n, subject):
        write(os.path.join(self.folder(folder), "new", "%d.M%d.near" % (
            time.time(), n)), letter(n, subject).decode().replace("\r", ""))


class Mbsync(Keeper):
    def configure(self):
        self.rc = write(os.path.join(self.near, "rc"), """\
IMAPAccount us
Host 127.0.0.1
Port %d
User %s
Pass %s
SSLType None
AuthMechs LOGIN
DisableExtension COMPRESS=DEFLATE

IMAPStore far
Account us

MaildirStore near
Path %s/mail/
Inbox %s/mail/INBOX
SubFolders Verbatim

Channel all
Far :far:
Near :near:
Patterns *
Create Both
Remove Both
Expunge Both
SyncState *
""" % (self.tap.port, self.user, PASSWORD, self.near, self.near))
        os.makedirs(os.path.join(self.near, "mail"))

    def command(self):
        return "mbsync", "-q", "-c", self.rc, "-a"

    def folder(self, name):
        return os.path.join(self.near, "mail", *(
            name.split(".") if name else ["INBOX"]))


class Offlineimap(Keeper):
    def configure(self):
        self.rc = write(os.path.join(self.near, "rc"), """\
[general]
accounts = us
metadata = %s/state
maxsyncaccounts = 1

[Account us]
localrepository = near
remoterepository = far

[Repository near]
type = Maildir
localfolders = %s/mail
utime_from_header = no

[Repository far]
type = IMAP
remotehost = 127.0.0.1
remoteport = %d
remoteuser = %s
remotepass = %s
ssl = no
starttls = no
auth_mechanisms = PLAIN
usecompression = no
""" % (self.near, self.near, self.tap.port, self.user, PASSWORD))

    def command(self):
        return "offlineimap", "-c", self.rc, "-o", "-u", "quiet"

    def renamed(self, name):
        # it knows no renames: it would make the old one again
        for top, folders, files in os.walk(self.near):
            for n in folders:
                if n.startswith("INBOX." + name):
                    shutil.rmtree(os.path.join(top, n))
            for n in files:
                if n.startswith("INBOX." + name):
                    os.unlink(os.path.join(top, n))

    def folder(self, name):
        return os.path.join(self.near, "mail",
                            "INBOX." + name if name else "INBOX")


def holds(keeper, state):
    """The copy has what the mailbox has, folder by folder, flag by flag."""
    letters = {"\\Draft": "D", "\\Flagged": "F", "\\Answered": "R",
               "\\Seen": "S", "\\Deleted": "T"}
    for name, held in state.items():
        files = keeper.files(name.partition(".")[2])
        assert set(files) == set(held), (name, set(files) ^ set(held))
        for subject, flags in held.items():
            mine = files[subject].partition(":2,")[2]
            want = "".join(sorted(v for k, v in letters.items()
                                  if k in flags))
            have = "".join(c for c in mine if c in "DFRST")
            assert have == want, (name, subject, mine, flags)


def keep(box, user, kind):
    fill(box, user)
    keeper = kind(box, user)
    first = keeper.sync()
    assert len([c for c in first if CONTENT.search(c)]) > 0, first
    holds(keeper, seen(box, user))
    again = keeper.sync()
    assert not again, "the second time: %s" % again
    by_another_client(box, user)
    keeper.renamed("Archive.2024")
    keeper.mark("", "letter-8.", "FS")
    keeper.put("Archive", 96, "put here.")
    os.unlink(keeper.files("")["letter-10."])
    keeper.sync()
    again = keeper.sync()
    assert not again, "the second time of the day: %s" % again
    now = seen(box, user)
    holds(keeper, now)
    assert {"\\Flagged", "\\Seen"} <= now["INBOX"]["letter-8."], now["INBOX"]
    assert "put here." in now["INBOX.Archive"]
    assert not {"letter-10.", "letter-5.", "letter-4."} & set(now["INBOX"])
    assert "letter-4." in now["INBOX.Archive.2025"]
    assert "arrived." in now["INBOX"]


def test_mbsync(box):
    keep(box, "fb00", Mbsync)


def test_offlineimap(box):
    keep(box, "fb01", Offlineimap)


def test_two_copies(box):
    """Two programs and two copies: what is done to one comes to the other."""
    user = "fb08"
    fill(box, user)
    copies = (Mbsync(box, user), Offlineimap(box, user))
    for keeper in copies:
        keeper.sync()
    one, other = copies
    one.mark("", "letter-1.", "FS")
    other.mark("", "letter-2.", "RS")
    one.mark("", "letter-7.", "S")
    other.mark("", "letter-7.", "FS")
    one.put("Sent", 90, "of the one.")
    other.put("Sent", 91, "of the other.")
    os.unlink(one.files("")["letter-11."])
    os.unlink(other.files("")["letter-12."])
    for keeper in copies * 2:
        keeper.sync()
    now = seen(box, user)
    assert "\\Flagged" in now["INBOX"]["letter-7."], now["INBOX"]
    assert {"of the one.", "of the other."} < set(now["INBOX.Sent"])
    assert not {"letter-11.", "letter-12."} & set(now["INBOX"])
    for keeper in copies:
        holds(keeper, now)
        again = keeper.sync()
        assert not again, again


# --- mutt

MUTTRC = """\
set folder="imap://127.0.0.1:%(imap)d/"
set spoolfile="+INBOX" record="+INBOX.Sent" postponed="+INBOX.Drafts"
set imap_user="%(user)s" imap_pass="bench" ssl_starttls=no
set ssl_force_tls=no
set imap_authenticators="login"
set header_cache="%(near)s/headers" message_cachedir="%(near)s/bodies"
set imap_condstore=%(condstore)s imap_qresync=%(condstore)s imap_idle=no
set imap_deflate=no
set smtp_url="smtps://%(user)s:bench@127.0.0.1:%(smtp)d/"
set ssl_ca_certificates_file="%(cafile)s" ssl_verify_host=no
set certificate_file="%(cafile)s"
set from="%(user)s@bench.test" use_from=yes
set editor="/bin/true" abort_unmodified=no postpone=yes copy=yes
set confirmappend=no delete=yes quit=yes sleep_time=0 wait_key=no beep=no
set move=no mark_old=no charset="utf-8" send_charset="utf-8" timeout=5
"""


def at_terminal(box, *command):
    """Run it as one does who sits before it; until it ends by itself."""
    pid, fd = pty.fork()
    if pid == 0:
        os.execvpe(command[0], command, env(box))
    shown = b""
    try:
        while True:
            ready = select.select([fd], [], [], 60)[0]
            assert ready, "waits for: %s" % shown[-500:]
            try:
                data = os.read(fd, 65536)
            except OSError:
                data = b""
            if not data:
                break
            shown += data
    finally:
        os.close(fd)
        status = os.waitpid(pid, 0)[1]
    assert os.waitstatus_to_exitcode(status) == 0, shown[-2000:]


def mutt(box, user, condstore):
    fill(box, user)
    tap = Tap(box.port("imap"))
    near = box.path("mutt-" + user)
    os.makedirs(near)
    for part in ("headers", "bodies"):
        os.makedirs(os.path.join(near, part))
    rc = write(os.path.join(near, "rc"), MUTTRC % {
        "imap": tap.port, "user": user, "near": near, "condstore": condstore,
        "smtp": box.port("submissions"), "cafile": box.t["cafile"]})

    def push(keys):
        at_terminal(box, "mutt", "-F", rc, "-e", 'push "%s<exit>"' % keys)
        return tap.take()

    first = push("")
    assert [c for c in first if CONTENT.search(c)], first
    again = did(push(""))
    assert not again, again
    push(r"/letter-8\\.<enter><flag-message>"
         r"/letter-6\\.<enter><display-message><exit>"
         r"/letter-9\\.<enter><save-message>=INBOX.Archive<enter>"
         r"/letter-10\\.<enter><delete-message><sync-mailbox>"
         r"<mail>fb07@bench.test<enter>a mutt draft<enter>"
         r"<postpone-message>")
    by_another_client(box, user)
    run("mutt", "-F", rc, "-s", "by mutt", user + "@bench.test",
        stdin="Bonjour\n", env=env(box))
    box.wait_empty()
    tap.take()
    push("")
    now = seen(box, user)
    assert "\\Flagged" in now["INBOX"]["letter-8."], now["INBOX"]
    assert "letter-9." in now["INBOX.Archive"]
    assert not {"letter-9.", "letter-10.", "letter-5."} & set(now["INBOX"])
    assert {"by mutt", "arrived."} < set(now["INBOX"]), now["INBOX"]
    assert "by mutt" in now["INBOX.Sent"], now["INBOX.Sent"]
    assert {"a mutt draft", "a draft."} < set(now["INBOX.Drafts"]), now
    again = did(push(""))
    assert not again, again
    # what was read lies near too
    again = did(push(r"/letter-6\\.<enter><display-message><exit>"))
    assert not again, again


def test_mutt(box):
    mutt(box, "fb02", "no")


def test_mutt_with_qresync(box):
    mutt(box, "fb03", "yes")


# --- programs that fetch what is new, and leave it there

def test_getmail(box):
    user = "fb04"
    fill(box, user)
    for kind, service, more in (
            ("IMAP", "imap",
             'mailboxes = ("INBOX", "INBOX.Archive")\nuse_peek = true\n'),
            ("POP3", "pop3", "")):
        tap = Tap(box.port(service))
        client = Getmail(box.path("getmail-" + service), kind, tap.port, user,
                         more)
        with box.imap(user) as c:
            there = int(good(c.select("INBOX"))[0])
            if service == "imap":
                there += int(good(c.select("INBOX.Archive"))[0])
        assert client.fetch() == there, (service, client.count(), there)
        tap.take()
        assert client.fetch() == 0 and not did(tap.take())
        box.send("b@client.test", [user + "@bench.test"],
                 letter(95, "for " + service).decode())
        box.wait_empty()
        with box.imap(user) as c:
            good(c.uid("STORE", find(c, "", "letter-1."), "+FLAGS",
                       "\\Flagged"))
            u = find(c, "", "letter-%d." % (3 if service == "imap" else 4))
            good(c.uid("MOVE", u, quoted("Archive.2024")))
        assert client.fetch() == 1
        new = did(tap.take())
        assert len(new) == 1, new
        assert client.fetch() == 0 and not did(tap.take())


def test_fetchmail(box):
    user = "fb05"
    fill(box, user)
    for service, words in (("pop3", "protocol POP3 uidl"),
                           ("imap", "protocol IMAP")):
        tap = Tap(box.port(service))
        near = box.path("fetchmail-" + service)
        os.makedirs(near)
        rc = write(os.path.join(near, "rc"), """\
poll 127.0.0.1 %s service %d
  user "%s" password "bench" keep sslproto ""
  mda "cat >> %s/mail"
""" % (words, tap.port, user, near))
        command = ("fetchmail", "-s", "-f", rc, "-i",
                   os.path.join(near, "ids"), "--pidfile",
                   os.path.join(near, "pid"))
        status, text = run(*command, check=False, env=env(box))
        assert status == 0, text
        first = did(tap.take())
        assert first, text
        status, text = run(*command, check=False, env=env(box))
        assert status == 1 and not did(tap.take()), (status, text)
        box.send("b@client.test", [user + "@bench.test"],
                 letter(95, "for " + service).decode())
        box.wait_empty()
        status, text = run(*command, check=False, env=env(box))
        new = did(tap.take())
        assert status == 0 and new, (status, new, text)
        status, text = run(*command, check=False, env=env(box))
        assert status == 1 and not did(tap.take()), (status, text)
        with open(os.path.join(near, "mail"), "rb") as f:
            assert f.read().count(b"for " + service.encode()) > 0


def test_curl(box):
    user = "fb06"
    fill(box, user)
    common = ("curl", "-sS", "-u", user + ":" + PASSWORD)
    url = "imap://127.0.0.1:%d/" % box.port("imap")
    with box.imap(user) as c:
        u = find(c, "", "letter-3.")
    for _ in range(2):
        got = run(*common, url + "INBOX;UID=" + u).replace("\r", "")
        assert got == letter(3, "letter-3.").decode().replace("\r", ""), got
    assert u in run(*common, url + "INBOX", "-X",
                    "UID SEARCH SUBJECT letter-3.")
    run(*common, url + "INBOX", "-X", "UID STORE %s +FLAGS (\\Flagged)" % u)
    run(*common, url, "-X", 'CREATE INBOX.curl')
    run(*common, url + "INBOX", "-X", "UID MOVE %s INBOX.curl" % u)
    now = seen(box, user)
    assert "\\Flagged" in now["INBOX.curl"]["letter-3."], now
    pop = "pop3://127.0.0.1:%d/" % box.port("pop3")
    names = run(*common, pop, "-X", "UIDL")
    assert names.count("\n") == len(now["INBOX"]) and \
        names == run(*common, pop, "-X", "UIDL"), names


# --- Roundcube

ROUNDCUBE = "/var/lib/roundcube/public_html"
CONFIG = """\
<?php
$config = [];
$config['db_dsnw'] = 'sqlite:///%(near)s/db?mode=0600';
$config['imap_host'] = '127.0.0.1:%(imap)d';
$config['imap_cache'] = 'db';
$config['messages_cache'] = true;
$config['smtp_host'] = 'ssl://localhost:%(smtp)d';
$config['smtp_user'] = '%%u';
$config['smtp_pass'] = '%%p';
$config['smtp_conn_options'] = ['ssl' => ['cafile' => '%(cafile)s',
    'verify_peer' => true, 'verify_peer_name' => false]];
$config['mail_domain'] = 'bench.test';
$config['log_dir'] = '%(near)s';
$config['temp_dir'] = '%(near)s';
$config['des_key'] = 'rcmail-!24ByteDESkey*Str';
$config['session_lifetime'] = 60;
$config['drafts_mbox'] = 'INBOX.Drafts';
$config['sent_mbox'] = 'INBOX.Sent';
$config['trash_mbox'] = 'INBOX.Trash';
$config['create_default_folders'] = false;
$config['enable_spellcheck'] = false;
$config['skin'] = 'elastic';
$config['plugins'] = [];
"""


class Roundcube:
    """Served by PHP alone, used as its own pages do."""

    def __init__(self, box, user):
        self.tap = Tap(box.port("imap"))
        self.near = box.path("roundcube")
        os.makedirs(self.near)
        write(os.path.join(self.near, "config.inc.php"), CONFIG % {
            "near": self.near, "imap": self.tap.port,
            "smtp": box.port("submissions"), "cafile": box.t["cafile"]})
        for name in ("defaults.inc.php", "mimetypes.php"):
            os.symlink(os.path.join("/etc/roundcube", name),
                       os.path.join(self.near, name))
        with open("/usr/share/roundcube/SQL/sqlite.initial.sql",
                  encoding="utf-8") as f:
            import_sql(os.path.join(self.near, "db"), f.read())
        port, self.held = ports.reserve()
        self.url = "http://127.0.0.1:%d/" % port
        with open(os.path.join(self.near, "php.log"), "wb") as log:
            self.server = subprocess.Popen(
                ["php", "-d", "session.save_path=" + self.near, "-S",
                 "127.0.0.1:%d" % port, "-t", ROUNDCUBE],
                env=dict(env(box), ROUNDCUBE_CONFIG_DIR=self.near),
                stdout=log, stderr=log)
        self.web = urllib.request.build_opener(
            urllib.request.HTTPCookieProcessor(http.cookiejar.CookieJar()))
        self.token = ""
        wait(self.answers, "PHP to answer")
        self.sign_in(user)

    def answers(self):
        try:
            self.get("login")
            return True
        except OSError:
            return False

    def end(self):
        self.server.terminate()
        self.server.wait()
        self.held.close()

    def ask(self, query, data=None):
        request = urllib.request.Request(
            self.url + "?" + urllib.parse.urlencode(query), data=data and
            urllib.parse.urlencode(data).encode(),
            headers={"X-Roundcube-Request": self.token})
        with self.web.open(request, timeout=60) as got:
            return got.read().decode(errors="replace")

    def get(self, task, action="", **query):
        return self.ask(dict(query, _task=task, _action=action))

    def page(self, task, action="", **query):
        """A whole page, whose token is used from then on."""
        got = self.get(task, action, **query)
        self.token = re.search(r'"request_token":"([^"]+)"', got).group(1)
        return got

    def sign_in(self, user):
        self.page("login")
        self.ask({"_task": "login"}, {
            "_task": "login", "_action": "login", "_user": user,
            "_pass": PASSWORD, "_token": self.token, "_timezone": "UTC"})
        assert '"task":"mail"' in self.page("mail"), self.log()

    def post(self, task, action, **fields):
        got = json.loads(self.ask(
            {"_task": task, "_action": action},
            dict(fields, _remote=1, _token=self.token)))
        assert '"error"' not in got["exec"], (action, got, self.log())
        return got["exec"]

    def list(self, folder="INBOX"):
        """{subject: uid} of the first page."""
        got = json.loads(self.get("mail", "list", _mbox=folder, _remote=1,
                                  _refresh=1))["exec"]
        return {json.loads('"%s"' % subject): uid for uid, subject in
                re.findall(r'add_message_row\((\d+),\{"subject":"((?:[^"\\]|'
                           r'\\.)*)"', got)}

    def write(self, folder, draft, **fields):
        got = self.page("mail", "compose", _mbox="INBOX")
        found = re.search(r'name="_id" value="([^"]+)"', got)
        sender = re.search(r'<option value="(\d+)"[^>]*selected', got) or \
            re.search(r'name="_from"[^>]*>\s*<option value="(\d+)"', got)
        sent = self.ask({"_task": "mail", "_action": "send"}, dict(
            fields, _token=self.token, _task="mail", _action="send",
            _id=found.group(1), _from=sender.group(1), _draft=draft,
            _store_target=folder, _is_html="0", _framed="1"))
        assert ("sent_successfully" in sent or "save" in sent or
                "confirmation" in sent), sent[-2000:]

    def log(self):
        out = ""
        for name in ("errors.log", "php.log"):
            path = os.path.join(self.near, name)
            if os.path.exists(path):
                with open(path, encoding="utf-8", errors="replace") as f:
                    out += f.read()[-3000:]
        return out


def import_sql(path, text):
    db = sqlite3.connect(path)
    db.executescript(text)
    db.close()


def test_roundcube(box):
    user = "fb07"
    if not os.path.isdir(ROUNDCUBE):
        raise Skip("Roundcube is not installed")
    fill(box, user)
    web = Roundcube(box, user)
    try:
        web_day(box, user, web)
        assert "rror" not in web.log().replace("error_", ""), web.log()
    finally:
        web.end()


def web_day(box, user, web):
    first = web.list()
    assert set(first) >= {"letter-%d." % n for n in range(1, 13)}, first
    web.tap.take()
    assert web.list() == first
    again = did(web.tap.take())
    assert not again, again
    got = web.get("mail", "show", _uid=first["letter-5."], _mbox="INBOX")
    assert "Grüße, 日本" in got, got[-3000:]
    by_another_client(box, user)
    web.post("mail", "mark", _uid=first["letter-8."], _mbox="INBOX",
             _flag="flagged")
    web.post("mail", "move", _uid=first["letter-9."], _mbox="INBOX",
             _target_mbox="INBOX.Archive")
    web.post("mail", "move", _uid=first["letter-10."], _mbox="INBOX",
             _target_mbox="INBOX.Trash")
    web.write("INBOX.Drafts", "1", _to=user + "@bench.test",
              _subject="a draft of the web", _message="later")
    web.write("INBOX.Sent", "", _to=user + "@bench.test",
              _subject="sent by the web: é", _message="Grüße")
    box.wait_empty()
    listed = web.list()
    assert {"arrived.", "sent by the web: é"} < set(listed), listed
    now = seen(box, user)
    assert "\\Flagged" in now["INBOX"]["letter-8."]
    assert "letter-9." in now["INBOX.Archive"]
    assert "letter-10." in now["INBOX.Trash"]
    assert "a draft of the web" in now["INBOX.Drafts"]
    assert [s for s in now["INBOX.Sent"] if s.startswith("=?UTF-8?Q?sent")]
    assert not {"letter-5.", "letter-4."} & set(listed)
    for folder in ("INBOX.Archive.2025", "INBOX." + utf7("日本")):
        assert set(web.list(folder)) == set(now[folder]), folder
    web.tap.take()
    assert web.list() == listed
    again = did(web.tap.take())
    assert not again, again


main("--users", "9")
