#!/usr/bin/env python3
"""PostgreSQL, MariaDB, SQLite and OpenLDAP as tables: answers as Postfix gives
them, and mail while a server is down, hangs, and comes back."""
# timeout: 600

import contextlib
import os
import sqlite3
import subprocess
import sys

sys.path.insert(1, os.path.join(os.path.dirname(__file__), ".."))

from lib import Instance, Skip, case, no_crash, stopped_well, wait  # noqa: E402
from servers import Maria, Postgres, Slapd  # noqa: E402

HERE = os.environ.get("TEST_DIR", os.getcwd())
BUILD = os.environ.get("BUILD", os.path.abspath("build"))
TEXT = "From: a@client.test\nSubject: %s\n\nbody\n"

ROWS = [("info@v.test", "fb00@bench.test"),
        ("two@v.test", "fb01@bench.test"), ("two@v.test", "fb02@bench.test"),
        ("o'neil@v.test", "fb03@bench.test"),
        ("back\\slash@v.test", "fb03@bench.test"),
        ("quote\"@v.test", "fb03@bench.test"),
        ("star*(x)@v.test", "fb03@bench.test"),
        ("gr\u00fcn@v.test", "fb03@bench.test"),
        ("joe", "Joe@Bench.Test"), ("empty", ""), ("odd", "@bench.test")]

KEYS = ["info@v.test", "INFO@V.test", "two@v.test", "o'neil@v.test",
        "back\\slash@v.test", "quote\"@v.test", "star*(x)@v.test",
        "gr\u00fcn@v.test", "joe", "empty", "odd", "nosuch", "@v.test",
        "info@", "x' OR '1'='1", "x\" OR \"1\"=\"1", "\\' OR 1=1 -- ", "*",
        "*)(mail=*", "a@b.c.d.e", "%s"]

FORMATS = ["", "result_format = x:%s", "result_format = %u",
           "result_format = %d", "result_format = %s/%S/%U",
           "result_format = %D", "result_format = %1.%2",
           "domain = v.test, other.test", "expansion_limit = 1"]

QUERIES = ["SELECT goto FROM alias WHERE name = '%s'",
           "SELECT goto, name FROM alias WHERE name = '%s'",
           "SELECT goto FROM alias WHERE name = '%u@%d'",
           "SELECT goto FROM alias WHERE name = '%U@%2.%1'"]


def quoted(text, backslash=False):
    text = text.replace("'", "''")
    return "'%s'" % (text.replace("\\", "\\\\") if backslash else text)


def table(kind, backslash=False):
    return "CREATE TABLE alias (name %s, goto %s);\n" % (kind, kind) + "".join(
        "INSERT INTO alias VALUES (%s, %s);\n" % (
            quoted(a, backslash), quoted(b, backslash)) for a, b in ROWS)


def ldif():
    text = "dn: dc=test\nobjectClass: dcObject\nobjectClass: organization\n" \
        "dc: test\no: test\n\n"
    for n, name in enumerate(dict(ROWS)):
        values = [b for a, b in ROWS if a == name and b]
        if not values:
            continue
        dn = "cn=e%d,dc=test" % n
        text += "dn: %s\nobjectClass: inetOrgPerson\ncn: e%d\nsn: x\n" % (dn, n)
        text += "uid: %s\n" % name + "".join("mail: %s\n" % v for v in values)
        text += "\n"
    text += "dn: cn=team,dc=test\nobjectClass: inetOrgPerson\ncn: team\n" \
        "sn: x\nuid: team@v.test\nmail: team@own.test\n" \
        "seeAlso: cn=e0,dc=test\nseeAlso: cn=e1,dc=test\n" \
        "seeAlso: cn=nosuch,dc=test\nlabeledURI: " \
        "ldap:///dc=test?mail?sub?(uid=o'neil*)\n\n" \
        "dn: cn=ring,dc=test\nobjectClass: inetOrgPerson\ncn: ring\nsn: x\n" \
        "uid: ring@v.test\nseeAlso: cn=ring,dc=test\n\n"
    return text


def write(name, text):
    path = os.path.join(HERE, name)
    with open(path, "w", encoding="utf-8") as f:
        f.write(text)
    return path


class Peer:
    """Debian's postmap, unpacked."""

    def __init__(self):
        top = os.path.join(HERE, "peer")
        os.makedirs(top)
        names = ["postfix"] + ["postfix-" + n for n in
                               ("pgsql", "mysql", "sqlite", "ldap")]
        got = subprocess.run(["apt-get", "download"] + names, cwd=top,
                             stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                             timeout=120, check=False)
        if got.returncode != 0:
            raise Skip("Debian's postfix cannot be fetched")
        for name in os.listdir(top):
            if name.endswith(".deb"):
                subprocess.run(["dpkg", "-x", name, "."], cwd=top, check=True)
        self.lib = os.path.join(top, "usr/lib/postfix")
        self.conf = os.path.join(top, "conf")
        self.program = os.path.join(top, "usr/sbin/postmap")
        os.makedirs(self.conf)
        with open(os.path.join(self.conf, "main.cf"), "w",
                  encoding="utf-8") as f:
            f.write("compatibility_level = 3.6\nmail_owner = daemon\n"
                    "setgid_group = mail\nmyhostname = h.example\n"
                    "shlib_directory = %s\nmeta_directory = %s\n"
                    % (self.lib, self.conf))
        with open(os.path.join(self.conf, "dynamicmaps.cf"), "w",
                  encoding="utf-8") as f:
            f.writelines("%s %s/postfix-%s.so dict_%s_open\n" % (
                n, self.lib, n, n) for n in
                ("pgsql", "mysql", "sqlite", "ldap"))

    def ask(self, spec, key):
        return ask([self.program, "-c", self.conf], spec, key,
                   LD_LIBRARY_PATH=self.lib)


def ask(command, spec, key, **environment):
    """What the table says of a key, or of several, one on a line."""
    many = "\n" in key
    got = subprocess.run(command + ["-q", "-" if many else key, spec],
                         text=True, timeout=60, input=key if many else "",
                         stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                         env=dict(os.environ, **environment), check=False)
    if "fatal" in got.stderr or "limit" in got.stderr:
        return "failed: " + got.stderr if many else "failed"
    # entries of a directory come in another order
    return [sorted(line.split(",")) for line in got.stdout.split("\n")]


class Ours:
    def __init__(self):
        self.conf = os.path.join(HERE, "conf")
        os.makedirs(self.conf)
        with open(os.path.join(self.conf, "main.cf"), "w",
                  encoding="utf-8") as f:
            f.write("myhostname = h.example\ndaemon_directory = %s/libexec\n"
                    % BUILD)

    def ask(self, spec, key):
        return ask([os.path.join(BUILD, "bin/postmap"), "-c", self.conf],
                   spec, key)


def compare(ours, peer, kind, texts, keys):
    wrong = []
    for n, text in enumerate(texts):
        spec = "%s:%s" % (kind, write("%s.%d.cf" % (kind, n), text))
        # one process for all, but where a failure would end it
        single = "limit" in text
        for key in keys if single else ["\n".join(keys)]:
            mine, theirs = ours.ask(spec, key), peer.ask(spec, key)
            if mine != theirs:
                wrong.append("%s %r: ours %s, Postfix's %s\n%s" % (
                    kind, key, mine, theirs, text))
    assert not wrong, "\n".join(wrong)


def sql_texts(server):
    for query in QUERIES:
        yield server + "query = %s\n" % query
    for row in FORMATS:
        yield server + "query = %s\n%s\n" % (QUERIES[0], row)
    yield server + "table = alias\nselect_field = goto\nwhere_field = name\n"


def ldap_texts(server):
    base = server + "version = 3\nsearch_base = dc=test\n"
    filters = ["query_filter = (uid=%s)\nresult_attribute = mail\n",
               "query_filter = (uid=%u@%d)\nresult_attribute = mail, sn\n"]
    for text in filters:
        yield base + text
    for row in FORMATS:
        yield base + filters[0] + row + "\n"
    yield base + filters[0] + "scope = base\n"
    yield server + "version = 3\nsearch_base = dc=%1\n" + filters[0]


def group_texts(base):
    text = base + "query_filter = (uid=%s)\n"
    yield text + "result_attribute = mail\n" \
        "special_result_attribute = seeAlso\n"
    yield text + "result_attribute =\nspecial_result_attribute = seeAlso\n" \
        "leaf_result_attribute = mail\n"
    yield text + "result_attribute = sn\nterminal_result_attribute = mail\n" \
        "special_result_attribute = seeAlso\n"
    yield text + "result_attribute =\nspecial_result_attribute = labeledURI\n" \
        "leaf_result_attribute = mail\n"


def answer(box, to):
    with box.smtp() as c:
        c.mail("a@client.test")
        return c.rcpt(to)[0]


def back_and_forth(box, server, domain):
    """Down, hanging, back: never an unknown user, and good again by itself."""
    to = "info@" + domain
    assert answer(box, to) == 250
    assert answer(box, "nosuch@" + domain) == 550
    server.stop()
    assert answer(box, to) == 451
    assert answer(box, "nosuch@" + domain) == 451
    assert answer(box, "fb05@bench.test") == 250
    server.start()
    wait(lambda: answer(box, to) == 250, "the server is back")
    server.hang()
    try:
        assert answer(box, to) == 451
        assert answer(box, "fb05@bench.test") == 250
    finally:
        server.go_on()
    wait(lambda: answer(box, to) == 250, "the server goes on")
    wait(lambda: answer(box, "nosuch@" + domain) == 550, "it does for all")


def deliver(box, domain):
    box.send("a@client.test", ["two@" + domain], TEXT % domain)
    box.wait_messages("fb01", 1)
    box.wait_messages("fb02", 1)


def main():
    os.chmod(HERE, 0o755)
    good = True
    with contextlib.ExitStack() as stack:
        pg = stack.enter_context(Postgres(os.path.join(HERE, "pg")))
        maria = stack.enter_context(Maria(os.path.join(HERE, "maria")))
        slapd = stack.enter_context(Slapd(os.path.join(HERE, "slapd")))
        lite = os.path.join(HERE, "lite.db")
        with sqlite3.connect(lite) as db:
            db.executescript(table("text"))
        db.close()
        os.chmod(lite, 0o644)
        pg.sql(table("text"))
        maria.sql("CREATE DATABASE mail CHARACTER SET utf8mb4; USE mail; "
                  "CREATE USER mail@'localhost' IDENTIFIED BY 'secret';"
                  "GRANT ALL ON mail.* TO mail@'localhost';"
                  + table("varchar(80) COLLATE utf8mb4_bin", True))
        slapd.add(ldif())
        pg_unix = "hosts = unix:%s/.s.PGSQL.%d\n" % (pg.dir, pg.port)
        # the encoding of Postfix before 3.8, where it cannot be set
        pg_conf = "user = mail\npassword = secret\ndbname = postgres\n"
        my_conf = "hosts = unix:%s\nuser = mail\npassword = secret\n" \
            "dbname = mail\n" % maria.path("socket")
        ld_conf = "server_host = %s\nbind = yes\nbind_dn = cn=admin,dc=test\n" \
            "bind_pw = secret\n" % slapd.uri
        pg_tcp = "hosts = 127.0.0.1:1 127.0.0.1:%d\n" % pg.port + pg_conf
        try:
            ours, peer = Ours(), Peer()
        except Skip as e:
            print("skip %s" % e)
        else:
            for kind, texts in (
                    ("sqlite", sql_texts("dbpath = %s\n" % lite)),
                    ("pgsql", sql_texts("encoding = LATIN1\n" + pg_tcp)),
                    ("mysql", sql_texts(my_conf)),
                    ("ldap", ldap_texts(ld_conf))):
                good = case("as_postfix_" + kind, compare, ours, peer, kind,
                            texts, KEYS) and good
            good = case("as_postfix_groups", compare, ours, peer, "ldap",
                        group_texts(ld_conf + "version = 3\nrecursion_limit ="
                                    " 5\nsearch_base = dc=test\n"),
                        ["team@v.test", "ring@v.test", "info@v.test"]) and good
        specs = []
        for kind, name, text in (
                ("pgsql", "p", pg_unix + pg_conf), ("mysql", "m", my_conf),
                ("ldap", "l", ld_conf)):
            if kind == "ldap":
                text += "search_base = dc=test\nquery_filter = " \
                    "(uid=%u@v.test)\nresult_attribute = mail\n"
            else:
                text += "query = SELECT goto FROM alias WHERE " \
                    "name = '%u@v.test'\n"
            path = write("live.%s.cf" % kind,
                         text + "domain = %s.test\n" % name)
            os.chmod(path, 0o600)
            specs.append("%s:%s" % (kind, path))
        box = Instance("--set", "virtual_alias_domains = p.test m.test l.test",
                       "--set", "virtual_alias_maps = " + " ".join(specs))
        with box:
            for name, server in (("p", pg), ("m", maria), ("l", slapd)):
                good = case("back_and_forth_" + name, back_and_forth, box,
                            server, name + ".test") and good
            good = case("deliver", deliver, box, "p.test") and good
            good = case("stopped_well", stopped_well, box) and good
        good = case("no_crash", no_crash, box) and good
    sys.exit(0 if good else 1)


if __name__ == "__main__":
    try:
        main()
    except Skip as why:
        print(why)
        sys.exit(77)
