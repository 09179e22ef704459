#!/usr/bin/env python3
"""facteur check, status and reload on a system with something wrong."""

import contextlib
import os

from lib import main


@contextlib.contextmanager
def changed(path, more):
    """A file with more behind it, for a while."""
    with open(path, encoding="utf-8") as f:
        before = f.read()
    with open(path, "w", encoding="utf-8") as f:
        f.write(before + more)
    try:
        yield
    finally:
        with open(path, "w", encoding="utf-8") as f:
            f.write(before)


def check(box, code, *says):
    status, text = box.inside("facteur", "check", check=False)
    assert status == code, (status, text)
    for words in says:
        assert words in text, (words, text)
    return text


def test_all_is_well(box):
    assert check(box, 0) == ""
    text = box.inside("facteur", "status")
    assert "the mail system is running: PID: " in text, text
    assert " 1 qmgr" in text and " 1 pickup" in text, text
    assert "error" not in text, text


def test_values(box):
    cf = box.path("etc", "main.cf")
    bad = "message_size_limit = lots: wanted a number of octets"
    with changed(cf, "message_size_limit = lots\n"):
        check(box, 1, "error: ", bad)
        status, text = box.inside("facteur", "reload", check=False)
        assert status == 78 and bad in text and "goes on" in text, text
        box.command("reload", check=False)  # a signal: master says no itself
        box.wait_log(r"reload failed, the old configuration goes on: .*lots")
    with changed(cf, "no setting\n"):
        status, text = box.inside("facteur", "check", check=False)
        assert status == 78 and "missing = behind the name" in text, text
    with changed(cf, "smtpd_tls_cert_file = /nonexistent.pem\n"):
        check(box, 1, "error: smtpd_tls_cert_file = /nonexistent.pem: No such")
    box.smtp().quit()


def test_tables(box):
    cf, table = box.path("etc", "main.cf"), box.path("etc", "more")
    with open(table, "w", encoding="ascii") as f:
        f.write("a@b c@d\n")
    with changed(cf, "virtual_alias_maps = hash:%s\n" % table):
        check(box, 1, "virtual_alias_maps: %s.db is not there: run postmap "
              "hash:%s" % (table, table))
        box.inside("postmap", "hash:" + table)
        check(box, 0)
        later = os.stat(table).st_mtime + 100
        os.utime(table, (later, later))
        check(box, 0, "warning: ", table + " was changed after its table was "
              "made: run postmap")


def test_spool(box):
    folder = box.path("spool", "deferred")
    was = os.stat(folder)
    os.chmod(folder, 0o777)
    os.chown(folder, 0, 0)
    try:
        check(box, 1, folder + ": owner 0, mode 777; wanted owner %d, mode 700"
              % was.st_uid)
        assert folder in box.inside("facteur", "status")
        box.reload()
        check(box, 0)
    finally:
        os.chmod(folder, 0o700)
        os.chown(folder, was.st_uid, was.st_gid)


def test_room(box):
    with changed(box.path("etc", "main.cf"),
                 "queue_minfree = 999999999999999\n"):
        check(box, 1, "MB are free; below ", "make room on that disk")


main("--users", "1")
