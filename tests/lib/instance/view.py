"""The view: a mount namespace in which the instance's accounts are real.

Over /etc and /usr lie overlays whose upper layers are in a memory file system
that only the view sees, so accounts, PAM files and the suite's programs stand
where they would on an installed host, and the machine itself stays as it was:
the last process that ends takes the view with it.
"""

import ctypes
import os
import re
import shutil
import subprocess

from .plan import (SYSTEM_GROUPS, SYSTEM_USERS, TREE, UID0, UID_SYSTEM,
                   Trouble, write)
from .conf import TUTORIAL

CLONE_NEWNS = 0x00020000
PR_SET_CHILD_SUBREAPER = 36
PR_SET_PDEATHSIG = 1

libc = ctypes.CDLL(None, use_errno=True)


def prctl(option, value):
    if libc.prctl(option, value, 0, 0, 0) != 0:
        raise OSError(ctypes.get_errno(), "prctl(%d)" % option)


def run(*command, stdin=None):
    """A command that must succeed."""
    got = subprocess.run(command, input=stdin, stdout=subprocess.PIPE,
                         stderr=subprocess.STDOUT, text=True, check=False)
    if got.returncode != 0:
        raise Trouble("%s: exit %d\n%s" % (" ".join(command), got.returncode,
                                           got.stdout))
    return got.stdout


def enter(plan):
    """Make this process's own view; its children share it."""
    if libc.unshare(CLONE_NEWNS) != 0:
        raise Trouble("no mount namespace of our own: %s" % os.strerror(
            ctypes.get_errno()))
    run("mount", "--make-rprivate", "/")
    run("mount", "-t", "tmpfs", "-o", "mode=755", "facteur-view",
        plan.path("view"))
    run("mount", "--bind", plan.build, plan.path("build"))
    for folder in ("etc", "usr"):
        upper, work = plan.path("view", folder), plan.path("view", folder + "w")
        os.mkdir(upper, 0o755)
        os.mkdir(work, 0o755)
        run("mount", "-t", "overlay", "facteur-" + folder, "-o",
            "lowerdir=/%s,upperdir=%s,workdir=%s" % (folder, upper, work),
            "/" + folder)
    os.makedirs("/etc/facteur", exist_ok=True)
    run("mount", "--bind", plan.path("etc"), "/etc/facteur")
    os.makedirs("/var/mail", exist_ok=True)
    run("mount", "--bind", plan.path("mail"), "/var/mail")
    if os.path.isdir("/run/nscd"):
        # libc asks it before it reads our passwd
        run("mount", "-t", "tmpfs", "facteur-nscd", "/run/nscd")


def read_table(path):
    with open(path, encoding="utf-8", errors="surrogateescape") as f:
        return [line.rstrip("\n").split(":") for line in f if line.strip()]


def write_table(path, rows, mode, group=None):
    text = "".join(":".join(r) + "\n" for r in rows)
    tmp = path + ".facteur"
    with open(tmp, "w", encoding="utf-8", errors="surrogateescape") as f:
        f.write(text)
    os.chmod(tmp, mode)
    if group is not None:
        shutil.chown(tmp, 0, group)
    os.rename(tmp, path)


def hashed(password):
    # SHA-512 as Debian did for long: yescrypt takes 75 ms a login, and tests
    # measure us and not it
    return run("openssl", "passwd", "-6", "-salt", "facteurtests", "-stdin",
               stdin=password + "\n").strip()


def accounts(plan):
    """Add the daemons' and the users' accounts to the view's tables."""
    passwd, group = read_table("/etc/passwd"), read_table("/etc/group")
    shadow = read_table("/etc/shadow")
    mail_users = [u[0] for u in plan.users]
    passwd = [r for r in passwd if r[0] not in mail_users]
    shadow = [r for r in shadow if r[0] not in mail_users]
    group = [r for r in group if r[0] not in mail_users]
    number = UID_SYSTEM
    for name in SYSTEM_USERS + SYSTEM_GROUPS:
        number += 1
        if not any(r[0] == name for r in group):
            group.append([name, "x", str(number), ""])
        if name in SYSTEM_USERS and not any(r[0] == name for r in passwd):
            gid = next(r[2] for r in group if r[0] == name)
            passwd.append([name, "x", str(number), gid, "", "/nonexistent",
                           "/usr/sbin/nologin"])
    known = {}
    for i, (name, password) in enumerate(plan.users):
        uid = str(UID0 + i)
        if password not in known:
            known[password] = hashed(password)
        passwd.append([name, "x", uid, uid, name, plan.home(name), "/bin/sh"])
        group.append([name, "x", uid, ""])
        shadow.append([name, known[password], "19000", "0", "99999", "7", "",
                       "", ""])
    write_table("/etc/passwd", passwd, 0o644)
    write_table("/etc/group", group, 0o644)
    write_table("/etc/shadow", shadow, 0o640, "shadow")


def homes(plan):
    """Homes with an empty Maildir, where there is none yet."""
    os.makedirs(plan.homes, exist_ok=True)
    os.chmod(plan.homes, 0o755)
    for i, (name, _) in enumerate(plan.users):
        home = plan.home(name)
        if os.path.isdir(os.path.join(home, "Maildir", "new")):
            continue
        for folder in ("", "Maildir", "Maildir/new", "Maildir/cur",
                       "Maildir/tmp"):
            path = os.path.join(home, folder)
            os.makedirs(path, exist_ok=True)
            os.chown(path, UID0 + i, UID0 + i)
            os.chmod(path, 0o700)


PAM = "auth required pam_unix.so\naccount required pam_unix.so\n" \
    "session required pam_permit.so\n"


def files(plan):
    shutil.copyfile(os.path.join(TREE, "etc", "facteur.pam"),
                    "/etc/pam.d/facteur")
    if not plan.tutorial:
        # as short as the peers have them in tests/bench
        for service in ("smtp", "imap", "pop3"):
            write("/etc/pam.d/" + service, PAM)
    write("/etc/mailname", plan.domain + "\n")
    names = [plan.host] + ([plan.domain] if plan.tutorial else [])
    with open("/etc/hosts", encoding="utf-8", errors="replace") as f:
        hosts = f.read()
    if not re.search(r"^127\.0\.0\.1\s.*\blocalhost\b", hosts, re.M):
        hosts += "\n127.0.0.1 localhost\n"
    # ours first: gethostbyaddr takes the first name of an address
    hosts = "%s\n127.0.0.1 %s\n" % (hosts.rstrip("\n"), " ".join(names))
    write("/etc/hosts", hosts)
    # nobody outside is ever asked; a test that wants DNS serves it itself
    write("/etc/resolv.conf", "nameserver 127.0.0.1\n")
    shutil.chown(plan.path("mail"), "root", "mail")
    os.chmod(plan.path("mail"), 0o2775)
    shutil.copyfile(plan.path("etc", "aliases"), "/etc/aliases")
    os.chmod("/etc/aliases", 0o644)
    if plan.tutorial:
        tutorial_files()


def tutorial_files():
    """Where the tutorial's administrator has them: the old homes."""
    for folder, name in (("courier", "imapd"), ("courier", "authdaemonrc"),
                         ("squirrelmail", "config.php"), (".", "procmailrc")):
        os.makedirs(os.path.join("/etc", folder), exist_ok=True)
        target = os.path.join("/etc", folder, name)
        shutil.copyfile(os.path.join(TUTORIAL, name), target)
        os.chmod(target, 0o644)


def programs(plan):
    """The suite's names in /usr, as an installed one has them."""
    os.makedirs("/usr/libexec/facteur", exist_ok=True)
    for kind, folders in (("libexec", ["/usr/libexec/facteur"]),
                          ("bin", ["/usr/bin", "/usr/sbin"])):
        try:
            names = os.listdir(os.path.join(plan.build, kind))
        except FileNotFoundError:
            continue
        for name in names:
            if name.startswith(".") or name.endswith(".cgi"):
                continue
            for folder in folders:
                link(plan.program(kind, name), os.path.join(folder, name))
    if plan.built("bin", "sendmail"):
        link("../sbin/sendmail", "/usr/lib/sendmail")
    if plan.built("bin", "postdrop"):
        # the one file with a setgid bit; the build folder has it without
        target = "/usr/libexec/facteur/postdrop"
        shutil.copyfile(os.path.join(plan.build, "bin", "postdrop"), target)
        shutil.chown(target, "root", "_facteurdrop")
        os.chmod(target, 0o2755)


def link(target, name):
    if os.path.lexists(name):
        os.unlink(name)
    os.symlink(target, name)


def compile_tables(plan):
    """Compile what the options named, with the suite's own tools."""
    environment = dict(os.environ, MAIL_CONFIG=plan.path("etc"))
    todo = []
    if plan.built("bin", "postalias"):
        todo += [["postalias", "hash:" + plan.path("etc", "aliases")],
                 ["postalias", "hash:/etc/aliases"]]
    elif not plan.partial:
        raise Trouble("%s/bin/postalias is not built" % plan.build)
    if plan.built("bin", "postmap"):
        names = ["transport"] + [
            n for n, _ in plan.tables
            if not n.endswith((".regexp", ".pcre", ".cidr", ".texthash"))]
        todo += [["postmap", "hash:" + plan.path("etc", n)] for n in names]
    elif not plan.partial:
        raise Trouble("%s/bin/postmap is not built" % plan.build)
    for command in todo:
        command[0] = plan.program("bin", command[0])
        got = subprocess.run(command, env=environment, stdout=subprocess.PIPE,
                             stderr=subprocess.STDOUT, text=True, check=False)
        if got.returncode != 0:
            raise Trouble("%s: exit %d\n%s" % (" ".join(command),
                                               got.returncode, got.stdout))


def furnish(plan):
    accounts(plan)
    homes(plan)
    files(plan)
    programs(plan)
    compile_tables(plan)
