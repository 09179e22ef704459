"""Real databases for long tests: in a folder of the test, as an account without
rights, on a port of loopback and a Unix socket. Each ends with its `with`."""

import glob
import os
import pwd
import signal
import socket
import subprocess
import time

from lib import Skip

WHO = pwd.getpwnam("nobody")


def port():
    with socket.create_server(("127.0.0.1", 0)) as s:
        return s.getsockname()[1]


def drop():
    os.setgroups([])
    os.setgid(WHO.pw_gid)
    os.setuid(WHO.pw_uid)


def program(*places):
    for place in places:
        found = sorted(glob.glob(place))
        if found:
            return found[-1]
    raise Skip("%s is not installed" % os.path.basename(places[0]))


def run(*command, text=None, check=True):
    got = subprocess.run(command, input=text, stdout=subprocess.PIPE,
                         stderr=subprocess.STDOUT, text=True, check=False,
                         timeout=120, preexec_fn=drop, cwd="/")
    assert not check or got.returncode == 0, "%s: %s" % (command, got.stdout)
    return got.stdout


class Server:
    """One process; hang() and go_on() stop and continue it."""

    END = signal.SIGTERM

    def __init__(self, folder):
        self.dir = folder
        self.port = port()
        self.process = None
        os.makedirs(folder)
        os.chmod(folder, 0o755)
        os.chown(folder, WHO.pw_uid, WHO.pw_gid)

    def path(self, name):
        return os.path.join(self.dir, name)

    def command(self):
        raise NotImplementedError

    def ready(self):
        raise NotImplementedError

    def start(self):
        with open(self.path("log"), "ab") as log:
            self.process = subprocess.Popen(  # pylint: disable=R1732
                self.command(), stdout=log, stderr=log, cwd="/",
                stdin=subprocess.DEVNULL, preexec_fn=drop)
        try:
            self.wait_ready()
        except BaseException:
            self.stop()
            raise
        return self

    def wait_ready(self):
        end = time.monotonic() + 60
        while not self.ready():
            assert self.process.poll() is None and time.monotonic() < end, \
                self.log()
            time.sleep(0.05)

    def log(self):
        with open(self.path("log"), encoding="utf-8",
                  errors="replace") as f:
            return f.read()[-3000:]

    def everyone(self):
        """It and its children."""
        found = [self.process.pid]
        for stat in glob.glob("/proc/[0-9]*/stat"):
            try:
                with open(stat, encoding="utf-8", errors="replace") as f:
                    fields = f.read().rpartition(")")[2].split()
            except (FileNotFoundError, ProcessLookupError):
                continue
            if int(fields[1]) == self.process.pid:
                found.append(int(stat.split("/")[2]))
        return found

    def signal(self, number):
        for pid in self.everyone():
            try:
                os.kill(pid, number)
            except ProcessLookupError:
                pass

    def hang(self):
        self.signal(signal.SIGSTOP)

    def go_on(self):
        self.signal(signal.SIGCONT)

    def stop(self):
        if self.process is not None:
            self.go_on()
            self.process.send_signal(self.END)
            try:
                self.process.wait(30)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
        self.process = None

    def __enter__(self):
        return self.start()

    def __exit__(self, *_):
        self.stop()


class Postgres(Server):
    END = signal.SIGINT  # does not wait for clients

    def __init__(self, folder, listen="127.0.0.1"):
        super().__init__(folder)
        self.bin = os.path.dirname(program(
            "/usr/lib/postgresql/*/bin/initdb"))
        self.listen = listen
        with open(self.path("pw"), "w", encoding="utf-8") as f:
            f.write("secret\n")
        os.chown(self.path("pw"), WHO.pw_uid, WHO.pw_gid)
        run(os.path.join(self.bin, "initdb"), "-D", self.path("data"), "-U",
            "mail", "--pwfile", self.path("pw"), "-A", "scram-sha-256", "-E",
            "UTF8", "--locale=C", "-N")

    def allow(self, network):
        with open(self.path("data/pg_hba.conf"), "a", encoding="utf-8") as f:
            f.write("host all all %s scram-sha-256\n" % network)

    def command(self):
        return [os.path.join(self.bin, "postgres"), "-D", self.path("data"),
                "-k", self.dir, "-h", self.listen, "-p", str(self.port),
                "-c", "fsync=off"]

    def ready(self):
        return "accepting connections" in run(
            os.path.join(self.bin, "pg_isready"), "-h", self.dir, "-p",
            str(self.port), check=False)

    def sql(self, text):
        return run("env", "PGPASSWORD=secret", os.path.join(self.bin, "psql"),
                   "-h", self.dir, "-p", str(self.port), "-U", "mail", "-v",
                   "ON_ERROR_STOP=1", "-q", "postgres", text=text)


class Maria(Server):
    def __init__(self, folder):
        super().__init__(folder)
        self.daemon = program("/usr/sbin/mariadbd")
        run(program("/usr/bin/mariadb-install-db"), "--no-defaults",
            "--datadir=" + self.path("data"), "--auth-root-authentication-"
            "method=normal", "--skip-test-db")

    def command(self):
        return [self.daemon, "--no-defaults", "--datadir=" + self.path("data"),
                "--socket=" + self.path("socket"), "--port=%d" % self.port,
                "--bind-address=127.0.0.1", "--pid-file=" + self.path("pid"),
                "--innodb-flush-log-at-trx-commit=0",
                "--innodb-buffer-pool-size=16M"]

    def ready(self):
        return "alive" in run(
            program("/usr/bin/mariadb"), "--no-defaults", "-u", "root",
            "-S", self.path("socket"), "-e", "SELECT 'alive'", check=False)

    def sql(self, text):
        return run(program("/usr/bin/mariadb"), "--no-defaults", "-u", "root",
                   "-S", self.path("socket"), text=text)


SLAPD_CONF = """include /etc/ldap/schema/core.schema
include /etc/ldap/schema/cosine.schema
include /etc/ldap/schema/inetorgperson.schema
pidfile %(dir)s/pid
modulepath /usr/lib/ldap
moduleload back_mdb
database mdb
suffix "dc=test"
rootdn "cn=admin,dc=test"
rootpw secret
directory %(dir)s/data
dbnosync
"""


class Slapd(Server):
    def __init__(self, folder):
        super().__init__(folder)
        self.daemon = program("/usr/sbin/slapd")
        os.makedirs(self.path("data"))
        os.chown(self.path("data"), WHO.pw_uid, WHO.pw_gid)
        with open(self.path("conf"), "w", encoding="utf-8") as f:
            f.write(SLAPD_CONF % {"dir": self.dir})
        self.uri = "ldap://127.0.0.1:%d" % self.port
        self.ldapi = "ldapi://" + self.path("socket").replace("/", "%2F")

    def command(self):
        return [self.daemon, "-d", "0", "-f", self.path("conf"), "-h",
                "%s %s" % (self.uri, self.ldapi)]

    def ready(self):
        return "namingContexts" in run(
            program("/usr/bin/ldapsearch"), "-x", "-H", self.uri, "-b", "",
            "-s", "base", "-o", "nettimeout=2", "namingContexts",
            check=False)

    def add(self, ldif):
        return run(program("/usr/bin/ldapadd"), "-x", "-H", self.uri, "-D",
                   "cn=admin,dc=test", "-w", "secret", text=ldif)
