"""Running a program of ours and the one it stands for, in the same place.

Both see the same folder under the same name, one after the other; what they
leave there, print and answer is made comparable and compared.
"""

import os
import re
import shutil
import signal
import subprocess
import time

PATH = "/usr/local/bin:/usr/bin:/bin"
# Who speaks and when; files of its own that could not be made for a lock; and what depends on whether a program that reads nothing
# was gone before all was written; captures, which procmail names by chance; locks that
# are not taken, or not given up, for a name that cannot be told.
STAMP = re.compile(r"^procmail: (?:\[\d+\] |Rescue of unfiltered|"
                   r"Error while writing to \" ?(?:false|head|true|printf|echo)|"
                   r'Error while writing to "[^"\n]*/_[^"\n/]*"$|'
                   r"Program failure \(-?\d+\) of \" ?(?:false|head|true|printf|echo)|"
                   r'(?:L|Unl)ocking "\.\w*"$|'
                   r"Too many rcfiles: |"
                   r"Non-zero exitcode \(\d+\) from \"(?:false|head|true|printf|echo)\"$|"
                   r'Assigning "[VWXNU]?="$).*\n', re.M)
NAMES = [(re.compile(r"(?<=/)new/\d{9,}\.[^\s/\"]+"), "new/NAME"),
         (re.compile(r"(?<=/)msg\.[-\w]+"), "msg.NAME"),
         # names of chance differ in length, and the line has room for 60 bytes
         (re.compile(r"^(  Folder: [^\t\n]*?NAME)[^\t\n]*", re.M), r"\1"),
         # of mail that was dropped by HOST, procmail has the last size of all
         (re.compile(r"^(  Folder: )\t+ *\d+$", re.M), r"\1"),
         (re.compile(r"^(  Folder: [^\t\n]*)\t+ *(\d+)$", re.M), r"\1\t\2")]
DATE = re.compile(r"\b(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun) [A-Z][a-z]{2} [ \d]\d "
                  r"\d\d:\d\d:\d\d 20[2-9]\d\b")


class Late(Exception):
    """The program did not end in time."""


USAGE = re.compile(r"^Usage: .*", re.M | re.S)


# A program that is not there: ours says so, with 127.
ABSENT = re.compile(r"^/bin/sh: 0: cannot open ((?:.|\n)*?): No such file$", re.M)
ABSENT_CODE = re.compile(r"(: not found\nprocmail: (?:Program failure|Non-zero exitcode) )\(2\)")
# Each try of a lock is told of; an average of nothing is the least number.
AGAIN = re.compile(r'^(procmail: Locking "[^"\n]*"\n)\1+', re.M)


def plain(text):
    text = re.sub(r"(?:/[\w.-]+)*/bin/procmail\b", "procmail", text)
    text = AGAIN.sub(r"\1", STAMP.sub("", text)).replace("-2147483647", "      0")
    text = USAGE.sub("usage", text)
    text = ABSENT_CODE.sub(r"\1(127)", ABSENT.sub(r"procmail: \1: not found", text))
    for pattern, by in NAMES:
        text = pattern.sub(by, text)
    text = re.sub(r"<(?:\d{10,}\.\d+\.\d+|[-+\w.,]+\.A\.[-+\w.,]+)@[^>]*>", "<NAME>", text)
    text = re.sub(r"^(message-id: <).*>$", r"\1NAME>", text, flags=re.M | re.I)
    return DATE.sub("DATE", text)


def put(folder, files):
    """Text: a file; None: a folder; (mode, text): one with that mode; (mode, text,
    seconds): as old as that. @HOME@ is the folder."""
    for name, what in files.items():
        path = os.path.join(folder, name)
        if what is None:
            os.makedirs(path, exist_ok=True)
            continue
        mode, text, *age = what if isinstance(what, tuple) else (0o644, what)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "w", encoding="latin-1", newline="") as f:
            f.write(text.replace("@HOME@", folder))
        os.chmod(path, mode)
        if age:
            os.utime(path, (time.time() - age[0],) * 2)


def left(folder, ignore):
    """What lies there: files by name, those with a name of chance as a bag."""
    found = {}
    for top, folders, names in os.walk(folder):
        for name in folders:
            found[os.path.relpath(os.path.join(top, name), folder) + "/"] = ""
        for name in names:
            path = os.path.join(top, name)
            key = os.path.relpath(path, folder)
            if key in ignore:
                continue
            with open(path, encoding="latin-1", newline="") as f:
                text = plain(f.read())
            key = re.sub(r"(^|/)new/\d{9,}\..*", r"\1new/NAME", key)
            key = re.sub(r"(^|/)msg\.[-\w]+", r"\1msg.NAME", key)
            found.setdefault(key, []).append(text)
    return {k: sorted(v) for k, v in found.items()}


def nameless(seen, pid):
    """$$ was its number."""
    number = re.compile(r"(?<!\d)%s(?!\d)" % pid)
    if isinstance(seen, list):
        return [number.sub("PID", text) for text in seen]
    return number.sub("PID", seen) if isinstance(seen, str) else seen


def settle(group):
    """What it did not wait for is to end by itself."""
    for _ in range(200):
        try:
            os.killpg(group, 0)
        except (ProcessLookupError, PermissionError):
            return
        try:
            os.waitpid(-group, os.WNOHANG)
        except ChildProcessError:
            pass
        signal.sigtimedwait([], 0.01)


def run(command, folder, files, given="", ignore=(), limit=20):
    """All there is to see of a run."""
    shutil.rmtree(folder, ignore_errors=True)
    os.makedirs(folder, mode=0o755)
    put(folder, files)
    env = {"HOME": folder, "PATH": folder + "/bin:" + PATH, "TZ": "UTC0"}
    p = subprocess.Popen(command, cwd=folder, env=env, stdin=subprocess.PIPE,
                         stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                         start_new_session=True, umask=0o22)
    try:
        out, err = p.communicate(given.encode("latin-1"), limit)
    except subprocess.TimeoutExpired as e:
        os.killpg(p.pid, signal.SIGKILL)
        p.communicate()
        raise Late(command[0]) from e
    settle(p.pid)
    seen = {"exit": p.returncode, "output": plain(out.decode("latin-1")),
            "errors": plain(err.decode("latin-1"))}
    seen.update(left(folder, ignore))
    seen = {k: nameless(v, str(p.pid)) for k, v in seen.items()}
    shutil.rmtree(folder)
    return seen


def differences(theirs, ours):
    return ["%s\n  theirs %r\n  ours   %r" % (k, theirs.get(k), ours.get(k))
            for k in sorted(set(theirs) | set(ours))
            if theirs.get(k) != ours.get(k)]
