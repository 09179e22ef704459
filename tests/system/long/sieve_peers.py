#!/usr/bin/env python3
"""Sieve beside Dovecot's sieve-test, and sieve-connect as a client.

Debian's packages dovecot-sieve and sieve-connect.
"""

import os
import re
import subprocess

from lib import TREE, main, need, ports

need("sieve-test", "sieve-connect")

PORT, HELD = ports.reserve()
FACTEUR = os.path.join(os.environ.get("BUILD", os.path.join(TREE, "build")),
                       "bin", "facteur")
FROM, TO = "roadrunner+x@acme.example.com", "u@d.test"

MESSAGE = """Return-Path: <roadrunner+x@acme.example.com>
Received: from a by b; Thu, 1 Jan 2026 23:30:00 -0500
Received: from c by d; Wed, 31 Dec 2025 10:00:00 +0000
Date: Fri, 2 Jan 2026 00:00:01 +0100
From: Coyote <coyote@desert.example.org>, "x" <X@Y.test>
To: roadrunner@acme.example.com, Group: a@b.test, c@d.test;
Cc: "quoted @ name" <q+det@sub.test>
Subject: [acme-users] [fwd] version =?utf-8?q?1=2E0?=
 is out
X-Priority: 03
X-Empty:
X-Utf8: =?utf-8?q?=C3=A9t=C3=A9?= =?iso-8859-1?q?_caf=E9?=
Message-ID: <1@x.test>
Content-Type: multipart/mixed; boundary=b

preamble
--b
Content-Type: text/plain
Content-Transfer-Encoding: base64

YmlyZHNlZWQ=
--b
Content-Type: text/html

<p>Hello <b>world</b></p>
--b
Content-Type: application/x

rocket
--b--
"""

REQUIRE = ('require ["fileinto", "envelope", "body", "reject", "vacation", '
           '"relational", "comparator-i;ascii-numeric", "subaddress", "copy", '
           '"imap4flags", "variables", "date", "index", "regex", '
           '"editheader", "ihave"];\n')
NUMERIC = ':comparator "i;ascii-numeric"'

TESTS = r"""
header :is "x-priority" "03"
header :contains "X-Empty" ""
header :matches "X-Empty" ""
header :matches "X-None" "*"
header :is "X-Utf8" "été café"
header :comparator "i;octet" :contains "Subject" "VERSION"
header :matches "Subject" "*version ?.0*"
header :matches "Subject" "\\[*\\]*"
header :matches "Subject" "\\**"
header :value "ge" NUMERIC "X-Priority" "3"
header :value "lt" NUMERIC "Subject" "3"
header :value "gt" "X-Priority" "02"
header :count "eq" NUMERIC "Received" "2"
header :count "gt" NUMERIC ["To", "Cc"] "1"
address :count "eq" NUMERIC "To" "3"
address :is "To" "a@b.test"
address :is :localpart "cc" "q+det"
address :user "cc" "q"
address :detail "cc" "det"
address :detail "from" ""
address :contains "cc" "quoted"
address :domain :is "from" ["y.test"]
address :is :comparator "i;octet" "from" "x@y.test"
header :index 2 :contains "Received" "from c"
header :index 1 :last :contains "Received" "from c"
header :index 3 :contains "Received" "from"
envelope "from" "roadrunner+x@acme.example.com"
envelope :detail "from" "x"
envelope :localpart "to" "u"
envelope :count "eq" NUMERIC ["from", "to"] "2"
exists ["from", "x-empty"]
exists "x-none"
size :over 500
body :contains "birdseed"
body :raw :contains "preamble"
body :contains "preamble"
body :content "text/html" :contains "world"
body :content "text/" :contains "world"
body :content "application" :contains "rocket"
body :content "multipart" :contains "preamble"
body :content "" :contains "rocket"
body :regex "bird.eed"
date :zone "+0100" "date" "hour" "00"
date :originalzone "date" "zone" "+0100"
date :zone "-0130" "date" "iso8601" "2026-01-01T21:30:01-01:30"
date :originalzone "received" "weekday" "4"
date :originalzone "date" "julian" "61042"
date :originalzone :index 2 "received" "day" "31"
string :is "${unset}" ""
string :count "eq" NUMERIC ["a", "", "b"] "2"
string :matches "a*b" "a\\*b"
string :matches "abc" "?*?"
string :regex "foobar" "^(foo|foobar)(bar)?$"
string :contains ["a", "b"] ["c", "b"]
anyof (false, not false)
allof (true, not true)
ihave ["fileinto", "vnd.none"]
""".strip().replace("NUMERIC", NUMERIC).split("\n")

COMMANDS = r"""
if header :matches "Subject" "[*] *" { fileinto "a.${1}.${2}"; }
if header :matches "Subject" "*[*]*" { fileinto "a.${1}.${2}.${3}"; }
if string :regex "foobar" "(foo|foobar)(b(a)?r|x)?" { fileinto "${1}|${2}|${3}"; }
if string :regex "aaab" "(a{,2})(b?(0*|(b)))" { fileinto "${0}|${1}|${2}|${3}|${4}"; }
if string :regex "xdd" "x(\\d+)" { fileinto "${1}"; }
if header :regex "Subject" "\\[([a-z-]+)\\] *\\[(f)(w)?(x)?" { fileinto "${0}|${1}|${2}|${3}|${4}|${5}"; }
set "a" "jErK and *?"; set :lower :upperfirst "b" "${a}"; fileinto "${b}";
set :length "c" "été"; fileinto "${c}";
set :quotewildcard "d" "a*b?c\\d"; fileinto "${d}";
set "x" "1"; set "X" "${x}${X}2"; fileinto "${x}";
fileinto "${unset}x${a";
setflag ["\\Seen foo", "FOO"]; addflag "bar"; removeflag "foo"; keep;
addflag "x"; fileinto :flags ["\\Flagged"] "a";
addflag "x"; fileinto "a"; removeflag "x"; keep;
addflag "v" ["a", "b"]; if hasflag :is "v" "B" { keep :flags "${v}"; }
fileinto "a"; fileinto "a"; keep;
fileinto :copy "a";
redirect :copy "a@b.test";
discard;
stop; discard;
keep; discard;
fileinto "INBOX"; keep;
addheader "X-A" "b"; if header "x-a" "b" { discard; }
addheader "X-A" "b"; addheader :last "X-A" "c"; deleteheader :index 1 "X-A"; if header "x-a" "b" { discard; }
deleteheader "Received"; if exists "received" { discard; }
deleteheader :is "X-Priority" "3"; if exists "x-priority" { discard; }
addheader "X-A" "é"; if header :is "x-a" "é" { discard; }
vacation :days 3 :addresses "u2@d.test" "gone"; fileinto "a";
reject "no";
if ihave "vnd.none" { none "x"; } else { fileinto "b"; }
""".strip().split("\n")


def ours(box, script):
    with open(box.path("sieve", "m"), "rb") as f:
        got = subprocess.run(
            [FACTEUR, "sieve", "trace", "-f", FROM, "-t", TO, script],
            stdin=f, check=False,
            stdout=subprocess.PIPE, text=True).stdout
    found = []
    for what, name, flags in re.findall(
            r'^  would (keep in|file into|redirect to|reject with|answer with)'
            r' "(.*?)"(?:, flags (.*?))?(?:, the header changed)?$', got,
            re.M):
        kind = {"keep in": "store", "file into": "store"}.get(
            what, what.split()[0])
        found.append((kind, name.lower() if kind in ("store", "redirect")
                      else "", tuple(sorted(flags.lower().split()))))
    return sorted(found), got


def theirs(script):
    got = subprocess.run(
        ["su", "-s", "/bin/sh", "nobody", "-c",
         "cd %s; HOME=$PWD exec sieve-test "
         "-o 'plugin/sieve_extensions=+editheader' -f %s -a %s %s m" % (
             os.path.dirname(script), FROM, TO, script)], check=False,
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True).stdout
    assert "Performed actions" in got, got
    found = []
    for line in got.split("\n"):
        action = re.match(r" +\* (.*)$", line)
        flags = re.match(r" +\+ add IMAP flags: (.*)$", line)
        if action:
            text = action.group(1)
            kind = ("store" if text.startswith("store") else
                    "redirect" if text.startswith("redirect") else
                    "answer" if "vacation" in text else
                    "reject" if "reject" in text else None)
            name = text.split(": ")[-1].strip("<>").lower()
            if kind:
                found.append((kind, name if kind in ("store", "redirect")
                              else "", ()))
        elif flags:
            found[-1] = found[-1][:2] + (tuple(sorted(
                flags.group(1).lower().replace(",", " ").split())),)
    return sorted(found), got


def test_dovecot(box):
    folder = box.path("sieve")
    os.mkdir(folder)
    os.chmod(folder, 0o777)
    with open(os.path.join(folder, "m"), "w", encoding="utf-8") as f:
        f.write(MESSAGE)
    scripts = ['if %s { fileinto "yes"; } else { fileinto "no"; }' % t
               for t in TESTS] + COMMANDS
    for i, text in enumerate(scripts):
        script = os.path.join(folder, "%d.sieve" % i)
        with open(script, "w", encoding="utf-8") as f:
            f.write(REQUIRE + text + "\n")
        mine, said = ours(box, script)
        other, answered = theirs(script)
        assert mine == other, "%s\n%s\n%s" % (text, said, answered)


def connect(box, *arguments, text=None):
    got = subprocess.run(
        ["sieve-connect", "--server", "localhost", "--4", "--port", str(PORT),
         "--user", "fb00", "--passwordfd", "0", "--notlsverify",
         *arguments], input="bench\n", check=False, stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT, text=True, cwd=box.path("sieve"))
    assert got.returncode == 0, got.stdout
    assert text is None or text in got.stdout, got.stdout
    return got.stdout


def test_sieve_connect(box):
    os.makedirs(box.path("sieve"), exist_ok=True)
    with open(box.path("sieve", "mine"), "w", encoding="utf-8") as f:
        f.write("keep;\n")
    connect(box, "--upload", "--localsieve", "mine", "--remotesieve", "mine")
    connect(box, "--activate", "--remotesieve", "mine")
    connect(box, "--list", text='"mine" ACTIVE')
    connect(box, "--download", "--remotesieve", "mine", "--localsieve", "back")
    with open(box.path("sieve", "back"), encoding="utf-8") as f:
        assert f.read() == "keep;\n"
    connect(box, "--deactivate")
    connect(box, "--delete", "--remotesieve", "mine")
    assert '"mine"' not in connect(box, "--list")


main("--users", "1",
     "--master", "managesieve unix - n n - - managesieve",
     "--master", "127.0.0.1:%d inet n - y - 2 login "
     "-o login_protocol=sieve" % PORT)
