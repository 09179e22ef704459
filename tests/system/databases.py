#!/usr/bin/env python3
"""Tables of databases: answers, a server that hangs, one that comes late."""

import imaplib
import os
import select
import socket
import sqlite3

from lib import main, run

HERE = os.environ.get("TEST_DIR", os.getcwd())
TEXT = "From: a@client.test\nSubject: %s\n\nbody\n"


def write(name, text):
    path = os.path.join(HERE, name)
    with open(path, "w", encoding="utf-8") as f:
        f.write(text)
    return path


def database():
    path = os.path.join(HERE, "mail.sqlite")
    with sqlite3.connect(path) as db:
        db.executescript("""
            CREATE TABLE alias (name TEXT, goto TEXT);
            INSERT INTO alias VALUES ('info@v.test', 'fb00@bench.test');
            INSERT INTO alias VALUES ('two@v.test', 'fb01@bench.test');
            INSERT INTO alias VALUES ('two@v.test', 'fb02@bench.test');
            INSERT INTO alias VALUES ('o''neil@v.test', 'fb03@bench.test');
            INSERT INTO alias VALUES ('slow@v.test', 'fb04@bench.test');
            """)
    db.close()
    os.chmod(path, 0o644)
    return path


class Hanging:
    """A server that takes connections and says nothing until it is told."""

    def __init__(self):
        self.socket = socket.create_server(("127.0.0.1", 0))
        self.port = self.socket.getsockname()[1]
        self.taken = []

    def take(self, seconds=20):
        self.socket.settimeout(seconds)
        self.taken.append(self.socket.accept()[0])

    def hang_up(self):
        for s in self.taken:
            s.close()
        self.taken = []


HANGING = Hanging()
os.chmod(HERE, 0o755)
write("alias.cf", "dbpath = %s\nquery = SELECT goto FROM alias WHERE name = "
      "'%%s'\ndomain = v.test\n" % database())
write("hang.cf", "hosts = 127.0.0.1:%d\nuser = u\npassword = p\ndbname = d\n"
      "query = SELECT x FROM t WHERE k = '%%s'\ndomain = hang.test\n"
      % HANGING.port)
SQLITE = "sqlite:%s/alias.cf" % HERE
HANG = "pgsql:%s/hang.cf" % HERE


def answer(box, to):
    with box.smtp() as c:
        c.mail("a@client.test")
        return c.rcpt(to)


def send(box, to, subject):
    box.send("a@client.test", [to], TEXT % subject)


def test_alias(box):
    send(box, "info@v.test", "one")
    box.wait_messages("fb00", 1)
    send(box, "two@v.test", "both")
    box.wait_messages("fb01", 1)
    box.wait_messages("fb02", 1)


def test_quotes(box):
    send(box, "o'neil@v.test", "quoted")
    box.wait_messages("fb03", 1)
    code, text = answer(box, "\"x' or '1'='1\"@v.test")
    assert code == 550, (code, text)


def test_unknown(box):
    code, text = answer(box, "nobody@v.test")
    assert code == 550, (code, text)


def test_replaced(box):
    """A database that another took the place of is opened anew."""
    path = os.path.join(HERE, "mail.sqlite")
    new = path + ".new"
    with sqlite3.connect(new) as db:
        db.executescript("CREATE TABLE alias (name TEXT, goto TEXT);"
                         "INSERT INTO alias VALUES ('new@v.test',"
                         "'fb05@bench.test');"
                         "INSERT INTO alias VALUES ('info@v.test',"
                         "'fb00@bench.test');")
    db.close()
    os.chmod(new, 0o644)
    os.rename(new, path)
    send(box, "new@v.test", "after")
    box.wait_messages("fb05", 1)


def test_broken(box):
    """A failure of the database is never an unknown user."""
    path = os.path.join(HERE, "mail.sqlite")
    os.rename(path, path + ".away")
    try:
        code, text = answer(box, "info@v.test")
        assert code == 451, (code, text)
        box.wait_log(r"lookup\[\d+\]: warning: table sqlite:.*mail\.sqlite: "
                     r"unable to open database file")
    finally:
        os.rename(path + ".away", path)
    code, text = answer(box, "info@v.test")
    assert code == 250, (code, text)


def test_file_changed(box):
    """What the table's file says counts from the next question on."""
    path = os.path.join(HERE, "alias.cf")
    with open(path, encoding="utf-8") as f:
        old = f.read()
    assert answer(box, "info@v.test")[0] == 250
    with open(path + ".new", "w", encoding="utf-8") as f:
        f.write(old.replace("WHERE name", "WHERE 'x' || name"))
    os.rename(path + ".new", path)
    for _ in range(4):
        code, text = answer(box, "info@v.test")
        assert code == 550, (code, text)
    with open(path + ".new", "w", encoding="utf-8") as f:
        f.write(old)
    os.rename(path + ".new", path)
    for _ in range(4):
        code, text = answer(box, "info@v.test")
        assert code == 250, (code, text)


def test_hanging(box):
    """While a server says nothing, other tables answer; and who waits for it
    is told to come back."""
    with box.smtp() as c:
        c.mail("a@client.test")
        c.putcmd("RCPT", "TO:<a@hang.test>")
        HANGING.take()
        code, text = answer(box, "info@v.test")
        assert code == 250, (code, text)
        assert not select.select([c.sock], [], [], 0)[0]
        HANGING.hang_up()
        code, text = c.getreply()
        assert code == 451, (code, text)


def test_never(box):
    """The same without end: the question has one."""
    code, text = answer(box, "b@hang.test")
    assert code == 451, (code, text)
    box.wait_log(r"lookup\[\d+\]: warning: table pgsql:.*: (127\.0\.0\.1:\d+: "
                 r"|the database did not answer)")


def test_logins(box):
    """Users whose passwords a database has, and one that is damaged."""
    account = os.stat(os.path.join(box.t["homes"], "fb00"))
    home = box.path("virt")
    os.mkdir(home)
    os.chown(home, account.st_uid, account.st_gid)
    path = os.path.join(HERE, "users.sqlite")
    with sqlite3.connect(path) as db:
        db.execute("CREATE TABLE users (name TEXT, pw TEXT)")
        for name in ("lisa", "o'neil"):
            db.execute("INSERT INTO users VALUES (?, ?)", (
                name, "systempw=%s|uid=%d|gid=%d|home=%s|mail=Post" % (
                    run("openssl", "passwd", "-6", "geheim").strip(),
                    account.st_uid, account.st_gid, home)))
    db.close()
    os.chmod(path, 0o644)
    write("users.cf", "dbpath = %s\nquery = SELECT pw FROM users WHERE name = "
          "'%%s'\n" % path)
    with open(box.path("etc", "main.cf"), "a", encoding="utf-8") as f:
        f.write("auth_user_maps = sqlite:%s/users.cf\n"
                "auth_failure_delay = 0s\n" % HERE)
    with open(box.path("etc", "authdaemonrc"), "w", encoding="ascii") as f:
        f.write('authmodulelist="authsqlite authpam"\n'
                'DEFDOMAIN="@bench.test"\n')
    box.reload("auth")
    for name in ("lisa", "lisa@bench.test", "o'neil"):
        with box.imap(name, "geheim") as c:
            assert c.select()[0] == "OK"
    assert os.path.isdir(os.path.join(home, "Post", "cur"))
    with box.imap("fb00"):  # PAM's
        pass
    for name, password in (("lisa", "x"), ("' or '1'='1", "geheim"),
                           ("nobody", "geheim")):
        assert "AUTHENTICATIONFAILED" in no_login(box, name, password)
    with open(path, "r+b") as f:
        f.write(b"nothing that SQLite knows of" * 8)
    os.replace(path, path + ".old")
    os.replace(path + ".old", path)
    box.reload("auth")
    assert "UNAVAILABLE" in no_login(box, "lisa", "geheim")
    with box.imap("fb00"):
        pass
    box.wait_log(r"auth\[\d+\]: error: auth_user_maps: ")


def no_login(box, name, password):
    c = box.imap()
    try:
        c.login('"%s"' % name, password)
    except imaplib.IMAP4.error as e:
        return str(e)
    finally:
        c.shutdown()
    raise AssertionError("%s logged in" % name)


def test_types(box):
    got = box.inside("postconf", "-m")
    got = got.split()
    for name in ("sqlite", "pgsql", "cdb", "lmdb"):
        assert name in got, got


if __name__ == "__main__":
    main("--set", "virtual_alias_domains = v.test",
         "--set", "virtual_alias_maps = " + SQLITE,
         "--set", "relay_domains = hang.test",
         "--set", "relay_recipient_maps = " + HANG)
