#!/usr/bin/env python3
"""No parameter of Postfix is passed over in silence.

Each name that Debian's postconf knows is set: it is read by a program of ours,
so that an ill-formed value is complained of where it has a form, or it is named
as unused or without effect, by postconf -n, by facteur check, and in the log at
start. The package is fetched and unpacked, not installed.
"""

import glob
import os
import re
import subprocess
import sys
import tempfile

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)),
                                os.pardir))
from lib import Skip, main, run, wait  # noqa: E402

# where we live, and what starts nothing if it is odd
PLACES = re.compile("_directory$|^(mail_owner|setgid_group|default_privs)$|"
                    "^(myhostname|mydomain|mynetworks|inet_|process_)|_path$|"
                    "^(mail_|syslog_|maillog_|multi_|import_env|export_env)|"
                    "^compatibility_level$")


def postconf():
    """The defaults of Postfix; empty: the package cannot be had."""
    with tempfile.TemporaryDirectory() as folder:
        got = subprocess.run(["apt-get", "download", "postfix"], cwd=folder,
                             stdout=subprocess.DEVNULL,
                             stderr=subprocess.DEVNULL, check=False)
        package = glob.glob(os.path.join(folder, "postfix_*.deb"))
        if got.returncode or not package:
            return {}
        run("dpkg", "-x", package[0], folder)
        with open(os.path.join(folder, "main.cf"), "w", encoding="ascii") as f:
            f.write("compatibility_level = 3.6\n")
        lines = subprocess.run(
            [os.path.join(folder, "usr/sbin/postconf"), "-c", folder, "-d"],
            env={"LD_LIBRARY_PATH": os.path.join(folder, "usr/lib/postfix")},
            stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, check=True,
            encoding="utf-8").stdout.splitlines()
    return dict(re.match(r"(\w+) = ?(.*)", line).groups() for line in lines)


def named(text):
    return set(re.findall(r"(?:unused parameter|without effect[^:]*): (\w+)=",
                          text))


def test_each_is_named_or_read(box):
    theirs = postconf()
    if not theirs:
        raise Skip("the package postfix cannot be fetched")
    assert len(theirs) > 800, len(theirs)
    ours = dict(re.match(r"(\w+) = ?(.*)", line).groups()
                for line in box.inside("postconf", "-d").splitlines())
    folder = box.path("names")
    os.makedirs(folder)
    os.chmod(folder, 0o755)
    with open(os.path.join(folder, "main.cf"), "w", encoding="utf-8") as f:
        f.writelines("%s = 7\n" % n for n in theirs if not PLACES.search(n))
    with open(box.path("etc", "master.cf"), encoding="utf-8") as f:
        master = f.read()
    with open(os.path.join(folder, "master.cf"), "w", encoding="utf-8") as f:
        f.write(master)
    by_postconf = named(box.inside("postconf", "-c", folder, "-n"))
    _, text = box.inside("facteur", "-c", folder, "check", check=False)
    assert by_postconf and by_postconf == named(text), (
        by_postconf ^ named(text))
    for name in theirs:
        assert name in ours or name in by_postconf or PLACES.search(name), name
    # what nobody names is read: a value that is none is found
    forms = {n: v for n, v in ours.items() if n not in by_postconf and
             n in theirs and not PLACES.search(n) and
             not n.endswith(("_feedback", "_tcp_port", "bare_newline")) and
             (re.fullmatch(r"\d+[smhdw]?", v) or v in ("yes", "no"))}
    with open(os.path.join(folder, "main.cf"), "w", encoding="utf-8") as f:
        f.writelines("%s = ill-formed\n" % n for n in forms)
    _, text = box.inside("facteur", "-c", folder, "check", check=False)
    silent = [n for n in forms if not re.search(r"\b%s = ill-formed" % n, text)]
    assert len(forms) > 150 and not silent, silent


def test_named_at_start(box):
    with open(box.path("etc", "main.cf"), "a", encoding="utf-8") as f:
        f.write("qmqpd_timeout = 5s\nsmtpd_timout = 5s\n")
    box.reload()
    box.wait_log("warning: .*without effect[^:]*: qmqpd_timeout=5s")
    box.wait_log("warning: .*unused parameter: smtpd_timout=5s")
    wait(lambda: box.pids("smtpd"), "smtpd")


main("--users", "1")
