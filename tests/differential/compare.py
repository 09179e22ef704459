"""Ours and procmail's programs, asked the same at random; the same seed asks
the same again."""

import concurrent.futures
import os
import random
import re
import shutil
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import formails  # noqa: E402
import lockfiles  # noqa: E402
import mailstats  # noqa: E402
import peer  # noqa: E402
import rcfiles  # noqa: E402
import rcforms  # noqa: E402
import regexes  # noqa: E402

PATTERNS = 50   # in one file
AT_ONCE = 12    # procmail mostly sleeps
LOST = re.compile("procmail: (?:Lost|Couldn't unlock) ")
FILTER = re.compile(r"(?m)^[ \t]*:[ 0-9]*[^\n:]*f")


def theirs(tool):
    return "/usr/bin/" + tool


def ours(tool):
    return os.path.join(os.environ["BUILD"], "bin", tool)


def both(tool, arguments, seed, files, given, limit=60, before=()):
    """What each left, or None when procmail's did not end."""
    before = list(before)
    top = os.path.join(os.environ["TEST_DIR"], "run.%s" % seed)
    folder = os.path.join(top, "home")
    arguments = [a.replace("@HOME@", folder) for a in arguments]
    try:
        try:
            first = peer.run(before + [theirs(tool)] + arguments, folder, files, given,
                             limit=limit)
        except peer.Late:
            return None
        second = peer.run(before + [ours(tool)] + arguments, folder, files, given,
                          limit=limit)
    finally:
        shutil.rmtree(top, ignore_errors=True)
    return first, second


def ask_regexes(seed):
    r = random.Random("regex %d" % seed)
    given = "Subject: x\n\n" + regexes.text(r)
    rc, score, asked = regexes.rc_file(r, PATTERNS)
    got = both("procmail", ["-m", "DEFAULT=/dev/null", "./rc"], "x%d" % seed, {"rc": rc},
               given, 10)
    if got is None or got[0]["exit"] != 0:
        return []       # procmail does not survive them all
    one, other = (regexes.answers(g.get("log", [""])[0]) for g in got)
    return ["%s%s on %r: theirs %r, ours %r" % (score, e, given, one.get(i), other.get(i))
            for i, e in enumerate(asked) if one.get(i) != other.get(i)
            and not regexes.known(score.replace("!", "").strip(), e)]


def known_rc(files, arguments, given, theirs):
    """Is this a run that docs/DELIVERY.md tells of: a copy that lost its rc file, a
    lock left behind, a filter that failed and had no body to give back, or a body
    missing behind -f?"""
    if any(LOST.search(text) for v in theirs.values() if not isinstance(v, int)
           for text in ([v] if isinstance(v, str) else v)):
        return True
    if given.rstrip("\n") != given.partition("\n\n")[0]:
        return False
    return arguments[0].startswith("-f") or any(
        FILTER.search(text) for text in files.values() if isinstance(text, str))


def ask_rc(seed, grammar=rcfiles):
    name = "rc %d" % seed if grammar is rcfiles else "forms %d" % seed
    files, arguments, given = grammar.sample(random.Random(name))
    got = both("procmail", arguments, name.replace(" ", ""), files, given)
    if got is None or got[0]["exit"] < 0 or known_rc(files, arguments, given, got[0]):
        return []
    found = peer.differences(*got)
    if not found:
        return []
    return ["%s\n%s\n%r\n%s" % (" ".join(arguments), files["rc"], given, "\n".join(found))]


def ask_forms(seed):
    return ask_rc(seed, rcforms)


def ask_corner(seed):
    return ask_formail(seed, formails.corner)


def ask_formail(seed, sample=formails.sample):
    tool, arguments, files, given = sample(random.Random("formail %d" % seed))
    got = both(tool, arguments, "%s%d" % (sample.__name__, seed), files, given, 5)
    found = [] if got is None or got[0]["exit"] < 0 else peer.differences(*got)
    if not found:
        return []
    return ["%s %r\n%r\n%s" % (tool, arguments, given, "\n".join(found))]


def ask_mailstat(seed):
    arguments, files = mailstats.sample(random.Random("mailstat %d" % seed))
    got = both("mailstat", arguments, "m%d" % seed, files, "")
    found = [] if got is None else peer.differences(*got)
    if not found:
        return []
    return ["mailstat %r\n%s\n%s" % (arguments, files["log"], "\n".join(found))]


def ask_lockfile(seed):
    arguments, files = lockfiles.sample(random.Random("lockfile %d" % seed), seed)
    got = both("lockfile", arguments, "l%d" % seed, files, "", 10,
               ["/bin/sh", "-c", lockfiles.SHOW])
    found = [] if got is None else peer.differences(*map(lockfiles.plain, got))
    if not found:
        return []
    return ["lockfile %r\n%s" % (arguments, "\n".join(found))]


def ask(name, function, seeds):
    """One case of a system test: all seeds of a kind."""
    bad = []
    with concurrent.futures.ThreadPoolExecutor(AT_ONCE) as pool:
        for seed, found in zip(seeds, pool.map(function, seeds)):
            bad += ["seed %d: %s" % (seed, text) for text in found]
    for text in bad[:10]:
        print(text)
    print("%s %s" % ("FAIL" if bad else "ok", name), flush=True)
    return not bad


def main(first, regex_files, rc_files, mails):
    """Seeds from first on; how many of each kind."""
    if not os.path.exists(theirs("procmail")):
        print("procmail is not installed")
        return 77
    good = ask("regexes", ask_regexes, range(first, first + regex_files))
    good = ask("formail's corners", ask_corner, range(first, first + mails // 4)) and good
    good = ask("formail", ask_formail, range(first, first + mails)) and good
    good = ask("mailstat", ask_mailstat, range(first, first + mails // 4)) and good
    good = ask("lockfile", ask_lockfile, range(first, first + mails // 4)) and good
    good = ask("rc files", ask_rc, range(first, first + rc_files)) and good
    good = ask("rarer forms", ask_forms, range(first, first + rc_files // 2)) and good
    return 0 if good else 1
