"""Command lines of lockfile made at random, and what lies in the way."""

import re

NAMES = ["a", "b", "./c", "sub/d", "held", "old", "older", "missing/x", "folder",
         "held/x", "", "a b", "loose"]
BAD = ["-x", "-", "-r", "-l", "-s", "-rx", "-l1x", "-1x", "--", "-!x", "-rl",
       "-r -2", "-m", "-mx", "-l-1", "-s-1", "-r-2", "-+1"]
# In the same folder: a file that is there, and some that were made long ago.
FILES = {"held": (0o444, "0"), "old": (0o444, "0", 20), "older": (0o444, "", 90000),
         "sub": None, "folder": None, "loose": (0o666, "junk", 20)}
SHOW = ('"$0" "$@"; code=$?; '
        'find . -type f -printf "%p %m %s %n\\n" | sort; exit $code')


# What was different once is asked by the first seeds.
ONCE = [["-!", "-!", "folder"], ["-!", "-!", "a"], ["-r", "-2", "a"], ["-l-1", "a"],
        ["-s-1", "a"], ["-+1", "-r0", "held"], ["-", "a"], ["-r0", "-s", "", "a"]]
# Ours says why.
TROUBLE = re.compile(r'^lockfile: (?:Try praying, giving up on (".*")|(".*"): .*)$', re.M)


def plain(seen):
    return dict(seen, errors=TROUBLE.sub(
        lambda m: "trouble with " + (m[1] or m[2]), seen["errors"]))


def numbered(r, letter, values):
    value = str(r.choice(values))
    return r.choice([["-" + letter + value], ["-" + letter, value]])


def option(r):
    x = r.random()
    if x < .25:
        return ["-!"]
    if x < .5:
        return numbered(r, "l", [0, 1, 10, 30, 100000])
    if x < .65:
        return numbered(r, "s", [0, 0, 1])
    if x < .8:
        return numbered(r, "r", [0, 0, 1, 2])
    if x < .95:
        return [r.choice(["-0", "-0", "-1"])]
    return r.choice(BAD).split(" ")


def sample(r, seed):
    """Arguments, files. It is to end by itself: no retries without end."""
    if seed <= len(ONCE):
        return ONCE[seed - 1], FILES
    arguments = ["-r", str(r.choice([0, 0, 0, 1])), "-0", "-s0"]
    for _ in range(r.choice([1, 1, 2, 3, 4])):
        arguments += option(r) if r.random() < .4 else [r.choice(NAMES)]
    if r.random() < .1:
        arguments = [a for a in arguments if a not in NAMES]
    return arguments, FILES
