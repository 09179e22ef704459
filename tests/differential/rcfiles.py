"""rc files and messages made at random from a grammar of the language.

Each sample is what the run finds in its folder, its arguments and its message.
Most actions are copies, so that one file tries many of them.
"""

FLAGS = ["", "", "", "H", "B", "HB", "D", "BD"]
CHAINS = ["", "", "", "A", "a", "E", "e", "E", "A"]
FOLDERS = ["box", "box2", "old", "dir/", "md/", "mh/.", "plain", "sub/box",
           "nowhere/box", "/dev/null", "md/ mh/.", "$V", "${U:-box3}",
           "'a b'", '"box$N"', "box\\ x", "mh/. plain", ".Spam/", "md"]
WORDS = ["one", "two", "three", "cat", "Subject", "from", "list"]
NAMES = ["V", "W", "X", "N", "U"]

SENDMAIL = """#!/bin/sh
{ echo "args: $*"; cat; echo "--"; } >> "@HOME@/sent"
"""
SCRIPT = """#!/bin/sh
echo "args: $*" >> "@HOME@/ran"
cat >> "@HOME@/ran"
exit ${1:-0}
"""


def variable(r):
    name = r.choice(NAMES)
    return r.choice(["$" + name, "${%s}" % name, "${%s:-d}" % name,
                     "${%s-d}" % name, "${%s:+p}" % name, "${%s+p}" % name,
                     "${%s:-$W}" % name, '${%s:-"q r"}' % name, "$1", "$#",
                     "$?", "$=", "$-", "$_", "${N}x", "$MATCH", "$@", "$2",
                     "${U:-${V:-deep}}", "$LASTFOLDER", "$", "$%"])


def value(r):
    x = r.random()
    if x < .25:
        return r.choice(WORDS)
    if x < .45:
        return variable(r)
    if x < .6:
        return '"%s %s"' % (r.choice(WORDS), variable(r))
    if x < .7:
        return "'%s $V'" % r.choice(WORDS)
    if x < .78:
        return "`%s`" % r.choice(["echo hi", "echo $V", "cat | wc -l",
                                  "printf 'a\\nb\\n'", "echo 'x  y'",
                                  "sed -n 's/^Subject: //p'"])
    return r.choice(["a\\ b", "a\\nb", "x#y", "'don'\"'\"'t'", "a\\\nb", '""',
                     "a$V'$V'\"$V\"", "\"a \\\"b\\\" \\$c \\d\"", "a;b", "~",
                     "\"two\nlines\"", "*", "a=b", "{x}", "| x"])


def assignment(r):
    name = r.choice(NAMES)
    x = r.random()
    if x < .1:
        return name
    if x < .2:
        return "%s = %s" % (name, value(r))
    if x < .3:
        return "%s=%s %s=%s" % (name, value(r), r.choice(NAMES), value(r))
    return "%s=%s" % (name, value(r)) + r.choice(["", "", " # note", "  "])


def regex(r):
    return r.choice([
        "^Subject:.*" + r.choice(WORDS), "^TO_" + r.choice(["joe", "list", "x"]),
        "^TOjoe", "^FROM_DAEMON", "^FROM_MAILER", "^From:.*\\/[^ ]+",
        "^Subject: *\\/.*", "^X-Fold:.*two", "^^From ", "()\\<one\\>", "t[a-w]o",
        "^(To|Cc):.*joe", "\\/one.*", "body", "^$", "^^one", "three$", "a+b*c?",
        "one|two", "^Subject:$", "^To:.*\\/[a-z]+@", "\\\\<two", "(one",
        "^Subject: [^a-m].*$X-", "^X-Num: [0-9]+\\/", "x*", ".", "!", "$$"])


def condition(r):
    x = r.random()
    if x < .4:
        text = regex(r)
    elif x < .5:
        text = r.choice("<>") + " " + r.choice(["10", "300", "5000", "$N", "x",
                                                 "500 x", "${#}"])
    elif x < .6:
        text = "? " + r.choice(["true", "false", "test -n \"$V\"", "grep -q two",
                                "sh -c 'exit 3'", "test \"$V\" = one",
                                "cat >/dev/null; exit 2"])
    elif x < .75:
        text = r.choice(["V", "B", "H", "HB", "BH", "NONE", "MATCH", "W"]) + \
            r.choice([" ?? ", "?? ", "  ??"]) + r.choice(
                [regex(r), "> 20", "< 5", "! one", "^^^^", "^^one^^", "? true"])
    elif x < .85:
        text = "$ " + r.choice(["^Subject:.*$V", "$\\V", "${V:-one}", "! $V",
                                "? test $V", "$ V", "> $N", "\"$V\" one",
                                "^To:.*($V|$W)"])
    else:
        text = "%s^%s %s" % (r.choice(["1", "-1", "10", "2.5", "-5.5", "0", ".3"]),
                             r.choice(["0", "1", ".5", "-1", "2", "1.1"]),
                             r.choice(["one", "two", "e", "> 200", "< 200",
                                       "? true", "? false", "! one", "^", ".",
                                       "V ?? o", "B ?? e", "! ? sh -c 'exit 3'",
                                       "^Subject:.*\\/t"]))
    if r.random() < .15:
        text = "! " + text
    if r.random() < .05 and not set(text) & set("?$^<>"):
        text = text[:len(text) // 2] + "\\\n   " + text[len(text) // 2:]
    return "*" + r.choice([" ", " ", "", "\t"]) + text + r.choice(["", "", " "])


def command(r):
    return r.choice(["cat >> got", "script", "script 0 a b", "script 1",
                     "false", "true", "cat > /dev/null", "script 0 $V",
                     "script 0 \"$V\" '$V'", "head -1 >> got",
                     "script 0 \"$@\"", "cat>>got;exit 1",
                     "sh -c 'cat >> got2'", "cat >> got # c", "sed -e 's/e$/3/' >> got",
                     "script \\\n 0 joined", "exec cat >> got", "script 0 `echo x`"])


def a_filter(r):
    return r.choice(["cat", "sed -e 's/one/two/'", "tr x-z X-Z", "cat; exit 1",
                     "sed -e '1s/^/X-New: y\\n/'", "false", "head -3", "grep -v two",
                     "cat; echo tail", "formail -A 'X-A: b'"])


def action(r, depth):
    """Its flags, and its lines."""
    x = r.random()
    if x < .35:
        return r.choice("ccccc ").strip() + r.choice(["", "", "h", "b", "r"]), \
            [r.choice(FOLDERS)]
    if x < .52:
        return "c" + r.choice(["w", "W", "w", "wi", "wh", "wb", "wr"]), \
            ["| " + command(r)]
    if x < .62:
        return r.choice(["fw", "fW", "fhw", "fbw", "fwi"]), ["| " + a_filter(r)]
    if x < .7:
        return r.choice(["w", "W", "hw", "bw", ""]), \
            [r.choice(NAMES) + r.choice(["=| ", "= | "]) + a_filter(r)]
    if x < .78:
        return r.choice(["cw", "cw", "cwh", "w"]), \
            ["! " + r.choice(["joe@x", "a@b c@d", "$V", "\"$V\" x", "a@b, c@d"])]
    if depth <= 0:
        return "c", ["box"]
    lines = ["{"]
    for _ in range(r.randint(1, 3)):
        lines += statement(r, depth - 1)
    return r.choice(["", "", "", "cw", "h", "wc"]), lines + ["}"]


def recipe(r, depth):
    flags, lines = action(r, depth)
    head = ":0" + r.choice(["", " "]) + r.choice(CHAINS) + r.choice(FLAGS) + flags
    if r.random() < .25 and lines[0] != "{":
        head += r.choice([": my.lock", ":lock20", " : b.lock"] +
                         ([":"] if "|" not in lines[0] and "!" not in lines[0]
                          or lines[0].startswith("| cat >>") else []))
    if r.random() < .03:
        head += r.choice(["Z", " # note", " x y"])
    out = [head]
    for _ in range(r.choice([0, 0, 1, 1, 1, 2, 3])):
        out.append(condition(r))
        if r.random() < .05:
            out.append(r.choice(["# note", "", "   # more"]))
    return out + lines


def special(r):
    return r.choice([
        'LOG="said $V\n"', "LOGABSTRACT=all", "LOGABSTRACT=no", "INCLUDERC=inc",
        "INCLUDERC=nonesuch", "INCLUDERC=$V", "SHIFT=1", "UMASK=022",
        "LINEBUF=128", "LINEBUF=4096", "DEFAULT=other", "MSGPREFIX=msg.p",
        "SHELLMETAS=&|<>~;?*[$", "MAILDIR=sub", "MAILDIR=$HOME",
        "TRAP='cat >> trapped'", "TRAP='echo $LASTFOLDER >> trapped'",
        "EXITCODE=3", "EXITCODE=0", "LOCKFILE=g.lock", "LOCKFILE", "LOGFILE=log2",
        "LASTFOLDER=x", "VERBOSE=no", "LOCKEXT=.l", "SENDMAILFLAGS=-x",
        "V=$LONG$LONG$LONG", "LONG=aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
        "%%%", "junk here", "}", "# only a note", "", "TIMEOUT=20"])


def statement(r, depth):
    x = r.random()
    if x < .3:
        return [assignment(r)]
    if x < .4:
        return [special(r)]
    return recipe(r, depth)


def ending(r):
    x = r.random()
    if x < .6:
        return []
    return r.choice([["SWITCHRC=sw"], ["HOST=other"], [":0", "last"],
                     [":0:", "md/"], ["SWITCHRC"], ["SWITCHRC=nonesuch"]])


def message(r):
    head = []
    if r.random() < .6:
        head.append("From joe@example.org Mon Nov 24 10:00:00 2025")
    if r.random() < .15:
        head.append(">From other@example.org Mon Nov 24 10:00:00 2025")
    head.append("From: " + r.choice(["Joe <joe@example.org>", "MAILER-DAEMON@x",
                                      "root@localhost", "x@y (A Name)"]))
    head.append("To: " + r.choice(["joe@example.org", "list@x, joe@y", "a@b"]))
    if r.random() < .9:
        head.append("Subject:" + r.choice([" one two three", " cat", "", " re: two",
                                            "  spaced  one", " one\n two", " t\xe9l\xe9"]))
    if r.random() < .4:
        head.append("X-Fold: one\n\ttwo\n  three")
    if r.random() < .3:
        head.append("X-Num: 12345")
    if r.random() < .2:
        head.append("Precedence: bulk")
    if r.random() < .15:
        head.append("Content-Length: " + r.choice(["5", "200   ", "0", "x"]))
    lines = [r.choice(["one two", "From here", "", "three cats", "body text", ">From x",
                       "From ", "abc", "\xe9t\xe9", "x" * 90])
             for _ in range(r.choice([0, 1, 3, 6, 12]))]
    text = "\n".join(head) + "\n"
    if r.random() < .95:
        text += "\n" + "\n".join(lines)
        text += "\n" if lines and r.random() < .9 else ""
    return text


def rc_file(r, count):
    lines = []
    for _ in range(count):
        lines += statement(r, 2)
    return "\n".join(lines) + "\n"


def sample(r):
    """Files of the folder, arguments, message."""
    top = ["HOME=@HOME@", "SHELL=/bin/sh", "PATH=$HOME/bin:/usr/bin:/bin", "DEFAULT=default",
           "ORGMAIL=org", "SENDMAIL=$HOME/bin/sendmail", "V=one", "N=20",
           "MAILDIRDETECT=no"]
    if r.random() < .8:
        top.append("LOGFILE=log")
    if r.random() < .3:
        top.append("VERBOSE=yes")
    rc = "\n".join(top) + "\n" + rc_file(r, r.randint(1, 7)) + \
        "\n".join(ending(r)) + "\n"
    files = {"rc": rc, "inc": rc_file(r, 2), "sw": rc_file(r, 2), "sub": None,
             "plain": None, "md/cur": None, "md/new": None, "md/tmp": None,
             "mh/7": "x\n", "bin/sendmail": (0o755, SENDMAIL),
             "bin/script": (0o755, SCRIPT)}
    for box in ("box", "box2", "box3", "box20", "old", "default", "org", "other", "last",
                "sub/box", "a b", "one", "two"):
        files[box] = "From a  Mon Nov 24 10:00:00 2025\n\nx\n\n"
    arguments = [["./rc"], ["-m", "./rc", "arg1", "arg two"], ["-a", "ext", "./rc"],
                 ["-t", "./rc"], ["-Y", "./rc"], ["-f", "env@x", "./rc"],
                 ["-m", "V=two", "./rc"], ["V=two words", "./rc"]]
    return files, r.choice(arguments), message(r)
