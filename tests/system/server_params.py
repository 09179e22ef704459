#!/usr/bin/env python3
"""Parameters of smtpd that a milter or a reader of the message sees: each is
set for a row of master.cf, beside one that has the default.
"""

import os
import re
import smtplib
import tempfile

from lib import main, ports, wait
from milter_peer import Milter
from peers import Dns

FOLDER = tempfile.mkdtemp(dir=os.environ.get("TEST_DIR"))
os.chmod(FOLDER, 0o755)
BASE, HELD = ports.reserve()
STRANGER = "127.0.0.2"
DNS = Dns({
    ("_dmarc.b.test", "TXT"): ["v=DMARC1; p=reject"],
    ("a.b.test", "TXT"): ["v=spf1 -all"],
})
SUFFIXES = os.path.join(FOLDER, "suffixes")
with open(SUFFIXES, "w", encoding="ascii") as suffixes:
    suffixes.write("test\nb.test\n")
os.chmod(SUFFIXES, 0o644)
PLAIN, OTHER = Milter(("127.0.0.1", 0)), Milter(("127.0.0.1", 0))

ROWS = {
    "spf": ["spf_check=yes", "authserv_id=other.test"],
    "dkim": ["dkim_check=yes"],
    "dmarc": ["dmarc_check=yes"],
    "suffix": ["dmarc_check=yes", "public_suffix_list=" + SUFFIXES],
    "milter": ["smtpd_milters=" + PLAIN.text],
    "macros": ["smtpd_milters=" + OTHER.text,
               "milter_macro_v=version 9",
               "milter_macro_daemon_name=daemon.test",
               "milter_connect_macros=v {daemon_name}",
               "milter_helo_macros=j",
               "milter_mail_macros={mail_addr} v",
               "milter_rcpt_macros={rcpt_addr} v",
               "milter_data_macros=v",
               "milter_end_of_header_macros=i v",
               "milter_end_of_data_macros=v",
               "milter_unknown_command_macros=v"],
}
PORTS = {name: BASE + i for i, name in enumerate(ROWS)}


def client(row, source=None):
    c = smtplib.SMTP("127.0.0.1", PORTS[row], timeout=30,
                     local_hostname="client.test",
                     source_address=(source, 0) if source else None)
    c.ehlo()
    return c


def results(box, row):
    """What a stranger's message is marked with."""
    with client(row, STRANGER) as c:
        c.sendmail("x@a.b.test", ["fb00@bench.test"],
                   "From: x@a.b.test\r\nSubject: %s\r\n\r\nx\r\n" % row)
    message = wait(lambda: [m for m in box.messages("fb00") if
                            b"Subject: %s\n" % row.encode() in m], row)[0]
    head = re.sub(r"\n[ \t]+", " ", message.split(b"\n\n")[0].decode())
    return re.findall("^Authentication-Results: (.*)$", head, re.M)


def test_authentication(box):
    spf, = results(box, "spf")
    assert spf.startswith("other.test; spf=fail"), spf
    assert "dkim=" not in spf and "dmarc=" not in spf, spf
    dkim, = results(box, "dkim")
    assert dkim.startswith("mx.bench.test; dkim=none"), dkim
    assert "spf=" not in dkim, dkim
    assert results(box, "milter") == []


def test_public_suffixes(box):
    assert "dmarc=fail (p=reject" in results(box, "dmarc")[0]
    assert "dmarc=none" in results(box, "suffix")[0]


def heard(row, milter):
    """The macros of each event of a whole session."""
    with client(row) as c:
        c.docmd("NONSENSE")
        c.sendmail("a@client.test", ["fb00@bench.test"],
                   "Subject: x\r\n\r\nx\r\n")
    return {event: sorted(milter.macros.get(event, {}))
            for event in "CHUMRTNE"}, milter.macros


def test_macros(_):
    names, _ = heard("milter", PLAIN)
    assert names["C"] == ["_", "j", "v", "{daemon_addr}", "{daemon_name}"], \
        names
    assert names["U"] == [], names
    assert "{mail_addr}" in names["M"] and "v" not in names["M"], names
    assert names["T"] == names["N"] == names["E"] == ["i"], names
    names, values = heard("macros", OTHER)
    assert names == {
        "C": ["v", "{daemon_name}"], "H": ["j"], "U": ["v"],
        "M": ["v", "{mail_addr}"], "R": ["v", "{rcpt_addr}"], "T": ["v"],
        "N": ["i", "v"], "E": ["v"]}, names
    assert values["C"] == {"v": "version 9", "{daemon_name}": "daemon.test"}, \
        values


def rows():
    for name, settings in ROWS.items():
        yield "--master"
        yield "127.0.0.1:%d inet n - y - - smtpd %s" % (
            PORTS[name], " ".join("-o { %s }" % s for s in settings))


main("--users", "1", *rows(),
     "--set", "resolver_nameservers = 127.0.0.1@%d" % DNS.port)
