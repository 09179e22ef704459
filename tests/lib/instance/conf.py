"""The configuration folder of an instance: main.cf, master.cf, tables."""

import os
import re
import shutil
import subprocess

from .plan import TREE, Trouble, write

TUTORIAL = os.path.join(TREE, "tests", "data", "tutorial")

MASTER_CF = os.path.join(TREE, "etc", "master.cf")  # as the package ships it
INET = ("smtp", "submission", "submissions", "imap", "imaps", "pop3", "pop3s")


def places(plan):
    """The parameters that follow from the folder."""
    return [
        ("queue_directory", plan.path("spool")),
        ("data_directory", plan.path("lib")),
        ("daemon_directory", plan.path("build", "libexec")),
        ("command_directory", plan.path("build", "bin")),
        ("process_id_directory", plan.path("run")),
        ("maillog_file", plan.path("log")),
        ("maillog_file_prefixes", plan.dir),
        ("smtpd_tls_cert_file", plan.path("cert.pem")),
        ("smtpd_tls_key_file", plan.path("key.pem")),
        ("transport_maps", "hash:" + plan.path("etc", "transport")),
    ]


def settings(plan):
    """main.cf without the tutorial: a host for its own domain only, with no
    limits that a load test would meet."""
    return [
        ("compatibility_level", "3.6"),
        ("myhostname", plan.host),
        ("mydomain", plan.domain),
        ("myorigin", "$mydomain"),
        ("mydestination", "$mydomain, $myhostname, localhost"),
        ("mynetworks", "127.0.0.1/32"),
        ("inet_interfaces", "127.0.0.1"),
        ("inet_protocols", "ipv4"),
        ("alias_maps", "hash:" + plan.path("etc", "aliases")),
        ("alias_database", "hash:" + plan.path("etc", "aliases")),
        ("home_mailbox", "Maildir/"),
        ("mailbox_size_limit", "0"),
        ("message_size_limit", "67108864"),
        ("recipient_delimiter", "+"),
        ("smtpd_client_connection_count_limit", "0"),
        ("smtpd_client_connection_rate_limit", "0"),
    ]


def main_cf(plan):
    if plan.tutorial:
        with open(os.path.join(TUTORIAL, "main.cf"), encoding="utf-8") as f:
            text = f.read() + "\n# the folder of this instance\n"
        rows = dict(places(plan))
    else:
        text = "# written by tests/instance start\n"
        rows = dict(settings(plan) + places(plan))
    rows.update((n, v) for n, v in plan.sets)
    return text + "".join("%s = %s\n" % row for row in rows.items())


def joined(text):
    """Rows of master.cf, each with its continuation lines, comments left out."""
    rows = []
    for line in text.splitlines():
        if not line.strip() or line.lstrip().startswith("#"):
            continue
        if line[0].isspace() and rows:
            rows[-1] += "\n" + line
        else:
            rows.append(line)
    return rows


def shipped():
    with open(MASTER_CF, encoding="utf-8") as f:
        return joined(f.read())


def row_key(row):
    fields = row.split()
    if len(fields) < 8:
        raise Trouble("master.cf wants eight columns: %s" % row)
    return fields[0].rpartition(":")[2], fields[1]


def program(row):
    """What runs for a row: Postfix has smtp under two names."""
    name = row.split()[7]
    return "smtp" if name == "lmtp" else name


def missing_programs(plan):
    """Names of programs that master.cf wants and that are not built."""
    rows = shipped() + [r for text in plan.master for r in joined(text)]
    names = sorted({program(r) for r in rows} - {"pipe"} | {"master"})
    return [n for n in names if not plan.built("libexec", n)]


def master_cf(plan):
    rows = {row_key(r): r for r in shipped()}
    for text in plan.master:
        for row in joined(text):
            rows[row_key(row)] = row
    lines = []
    for (name, kind), row in rows.items():
        if plan.partial and not plan.built("libexec", program(row)):
            continue
        if kind == "inet" and name in INET:
            row = re.sub(r"^\S+", "127.0.0.1:%d" % plan.port(name), row)
            if name.startswith("pop3"):
                row += "\n    -o login_protocol=pop3"
        lines.append(row)
    return "\n".join(lines) + "\n"


def listening(plan):
    """Names of the inet services that this instance has, by master.cf."""
    ports = {"127.0.0.1:%d" % plan.port(n): n for n in INET}
    with open(plan.path("etc", "master.cf"), encoding="utf-8") as f:
        rows = joined(f.read())
    return [ports[r.split()[0]] for r in rows if r.split()[0] in ports]


def tables(plan):
    """Write the tables; what must be compiled is done in the view."""
    first = plan.users[0][0] if plan.users else "root"
    aliases = "postmaster: %s\nroot: %s\n" % (first, first)
    if plan.aliases:
        with open(plan.aliases, encoding="utf-8") as f:
            aliases = f.read()
    write(plan.path("etc", "aliases"), aliases)
    sink = "smtp:[127.0.0.1]:%d" % plan.port("sink")
    write(plan.path("etc", "transport"),
          "sink.test %s\ndefer.test %s\n" % (sink, sink))
    for name, source in plan.tables:
        shutil.copyfile(source, plan.path("etc", name))
        os.chmod(plan.path("etc", name), 0o644)


def certificate(plan):
    """A throw-away certificate for localhost and the host, at each start."""
    cert, key = plan.path("cert.pem"), plan.path("key.pem")
    names = ["localhost", plan.host]
    if plan.tutorial:
        names.append(plan.domain)
    got = subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt",
         "ec_paramgen_curve:prime256v1", "-nodes", "-days", "3650",
         "-subj", "/CN=" + plan.host, "-addext",
         "subjectAltName=IP:127.0.0.1," + ",".join("DNS:" + n for n in names),
         "-keyout", key, "-out", cert],
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
        check=False)
    if got.returncode != 0:
        raise Trouble("openssl made no certificate:\n" + got.stdout)
    os.chmod(key, 0o600)
    # Courier's programs want both in one file
    with open(cert, encoding="ascii") as c, open(key, encoding="ascii") as k:
        write(plan.path("imapd.pem"), k.read() + c.read(), 0o600)


def write_all(plan):
    for folder, mode in (("etc", 0o755), ("spool", 0o755), ("lib", 0o755),
                         ("run", 0o755), ("build", 0o755), ("view", 0o755),
                         ("mail", 0o755)):
        os.makedirs(plan.path(folder), exist_ok=True)
        os.chmod(plan.path(folder), mode)
    certificate(plan)
    write(plan.path("etc", "main.cf"), main_cf(plan))
    write(plan.path("etc", "master.cf"), master_cf(plan))
    tls = "TLS_CERTFILE=%s\n" % plan.path("imapd.pem")
    write(plan.path("etc", "imapd-ssl"), tls)
    write(plan.path("etc", "pop3d-ssl"), tls)
    tables(plan)
