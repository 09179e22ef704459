#!/usr/bin/env python3
"""facteur check, status and reload on a system with something wrong."""

import contextlib
import os
import re

from lib import TREE, main


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
    with changed(cf, "syslog_facility = postmaster\n"):
        check(box, 1, "error: syslog_facility = postmaster: no facility")
        box.command("reload", check=False)
        box.wait_log("the old configuration goes on: syslog_facility = postma")
    with changed(cf, "syslog_facility = local3\n"):
        check(box, 0)
    box.smtp().quit()


# What is taken for the sake of old files; whoever sets it is told.
WITHOUT_EFFECT = """
    alternate_config_directories=/etc/other
    cleanup_replace_stray_cr_lf=no
    daemon_timeout=1h
    default_delivery_slot_discount=7
    default_delivery_slot_loan=7
    default_extra_recipient_limit=7
    default_minimum_delivery_slots=7
    default_recipient_limit=7
    default_recipient_refill_delay=7s
    default_recipient_refill_limit=7
    fork_attempts=7
    fork_delay=7s
    frozen_delivered_to=no
    hash_queue_depth=2
    hash_queue_names=active
    ipc_idle=7s
    ipc_timeout=7s
    maillog_file_compressor=xz
    maillog_file_rotate_suffix=x
    max_idle=7s
    max_use=7
    multi_instance_directories=/etc/other
    multi_instance_enable=yes
    multi_instance_group=other
    qmgr_message_recipient_minimum=7
    queue_run_delay=7s
    smtpd_sasl_path=other
    smtpd_sasl_type=dovecot
    smtpd_tls_session_cache_database=btree:/x
    trigger_timeout=7s
""".split()
# What programs for Postfix ask postconf for, and what nobody else reads.
ASKED_FOR = ("html_directory", "mailq_path", "manpage_directory",
             "newaliases_path", "readme_directory", "sample_directory")


def manual():
    """The entry of each parameter of main.cf(5)."""
    with open(os.path.join(TREE, "man", "main.cf.5"), encoding="utf-8") as f:
        parts = re.split(r"^\.It Va (\S+)$", f.read(), flags=re.M)
    return dict(zip(parts[1::2], parts[2::2]))


def test_without_effect(box):
    entries = manual()
    with changed(box.path("etc", "main.cf"), "".join(
            s.replace("=", " = ", 1) + "\n" for s in WITHOUT_EFFECT)):
        status, text = box.inside("facteur", "check", check=False)
        assert status == 0, text
        for setting in WITHOUT_EFFECT:
            name = setting.split("=")[0]
            assert "parameter without effect in Facteur: %s\n" % setting \
                in text, (name, text)
            assert re.search("effect|The same", entries[name]), name
    names = [s.split("=")[0] for s in WITHOUT_EFFECT]
    # of which all main.cf of today have the first
    names += ["compatibility_level", "smtpd_discard_ehlo_keyword_address_maps",
              "smtpd_per_request_deadline"]
    for name, entry in entries.items():
        if re.search("^(Has no|Taken, and without|Without) effect", entry,
                     re.M):
            assert name in names, name + " has one, or is not in the list"


def test_asked_for(box):
    with changed(box.path("etc", "main.cf"), "".join(
            name + " = /elsewhere\n" for name in ASKED_FOR)):
        assert check(box, 0) == ""
        for name in ASKED_FOR:
            assert box.inside("postconf", "-h", name) == "/elsewhere\n"


def test_alias_database(box):
    """What newaliases makes, whatever the tables in use are."""
    other = box.path("etc", "aliases.other")
    with open(other, "w", encoding="ascii") as f:
        f.write("other: fb00\n")
    with changed(box.path("etc", "main.cf"),
                 "alias_database = hash:%s\n" % other):
        used = box.path("etc", "aliases.db")
        before = os.stat(used).st_mtime_ns
        box.inside("newaliases")
        assert box.inside("postmap", "-q", "other", "hash:" + other) == "fb00\n"
        assert os.stat(used).st_mtime_ns == before


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


def test_indexes(box):
    folder = box.path("indexes")
    with changed(box.path("etc", "main.cf"),
                 "index_directory = %s\n" % folder):
        check(box, 0, "warning: ", "index_directory = %s: No such file"
              % folder)
        os.mkdir(folder, 0o755)
        assert check(box, 0) == ""
        os.chmod(folder, 0o777)
        check(box, 0, "index_directory = %s: not used while others than root "
              "may write there" % folder)
    with changed(box.path("etc", "main.cf"), "index_directory = indexes\n"):
        check(box, 1, "index_directory = indexes: it must begin with /")


def test_room(box):
    with changed(box.path("etc", "main.cf"),
                 "queue_minfree = 999999999999999\n"):
        check(box, 1, "MB are free; below ", "make room on that disk")


main("--users", "1")
