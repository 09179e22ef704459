"""Patterns and texts made at random for procmail's regular expressions.

What procmail does not survive itself is not made: an operator on \\/ or on what
may be empty. What it answers otherwise on purpose of ours (docs/DELIVERY.md) is
told by known().
"""

import re

LITERALS = ["a", "b", "a", "b", "A", "B", "c", "_", ".", ".", " ", "x", "\\.",
            "\\(", "\\a", "-", "1", "^", "$", "\\<", "\\>", ">", "@", ":",
            "\\*", "\\\\", "\xe9", "\\|"]
IN_CLASS = ["a", "b", "A", "a-c", "x-z", "_", " ", ".", "0-9", "\\", "^", "(",
            "|", "*", "$", ":", "a-", "[", "b", "z-a", "A-z", "Z-a", "a-c-e",
            "\xe0-\xff"]


def one_class(r):
    text = "[" + ("^" if r.random() < .35 else "")
    text += "]" if r.random() < .1 else ""
    text += "-" if r.random() < .1 else ""
    text += "".join(r.choice(IN_CLASS) for _ in range(r.randint(1, 3)))
    return text + ("-" if r.random() < .1 else "") + "]"


def atom(r, depth):
    """Its text, and whether it may be empty."""
    x = r.random()
    if x < .62 or depth <= 0:
        return r.choice(LITERALS), False
    if x < .75:
        return one_class(r), False
    text, empty = alternatives(r, depth - 1)
    return "(" + text + ")", empty


def sequence(r, depth, may_be_empty):
    text, empty = "", True
    counts = [0, 1, 1, 2, 2, 3, 4] if may_be_empty else [1, 1, 2, 2, 3, 4]
    for _ in range(r.choice(counts)):
        part, can = atom(r, depth)
        if r.random() < .35 and not can:
            operator = r.choice("*+?")
            part += operator
            can = operator != "+"
            if r.random() < .05:
                part += r.choice("*+?")
                can = False
        text += part
        empty = empty and can
    return text, empty


def alternatives(r, depth):
    text, empty = sequence(r, depth, False)
    while r.random() < .25:
        more, can = sequence(r, depth, True)
        text += "|" + more
        empty = empty or can
    return text, empty


def pattern(r):
    text = alternatives(r, 2)[0] if r.random() < .6 else sequence(r, 2, False)[0]
    if r.random() < .4:
        text += "\\/" + sequence(r, 2, True)[0]
        if r.random() < .1:
            text = text.replace("\\/", "(\\/", 1) + ")"
    if r.random() < .08:
        text = "^^" + text
    if r.random() < .08:
        text += "^^"
    if r.random() < .01:
        text += r.choice([")", "(", "[a", "]"])
    return "()" + text + ("()" if text.endswith("\\") else "")


def text(r):
    letters = "aaabbbABc__x. .\n\n1-@:>([\xe9\xc9*\\|"
    return "".join(r.choice(letters)
                   for _ in range(r.choice([0, 1, 2, 5, 10, 20, 40])))


def known(weighed, expression):
    """Is this a difference that docs/DELIVERY.md tells of?"""
    left, split, _ = expression.partition("\\/")
    if split and re.search(r"[+*?|]", left):
        return True     # MATCH begins too early there
    if weighed and (split or re.search(r"\^\^|[\^$]|\\[<>]", expression)):
        return True     # counts at the edges of the text
    # nested deep, or not balanced: a best effort in both
    return expression.count("(") > 4 or (
        expression.count("(") != expression.count(")"))


SCORES = ["", "1^1 ", "", "! ", "1^1 ! ", "2^.5 "]


def rc_file(r, count):
    """An rc file that asks for each pattern, and what it asks."""
    score, flags = r.choice(SCORES), r.choice(["", "D"])
    asked = [pattern(r) for _ in range(count)]
    lines = ["SHELL=/bin/sh", "LINEBUF=20000", "LOGFILE=log", "LOGABSTRACT=no"]
    for i, expression in enumerate(asked):
        lines += ["MATCH", ":0 B" + flags, "* " + score + expression,
                  '{ LOG="%d yes $= [$MATCH]' % i, '" }', ":0 E",
                  '{ LOG="%d no [$MATCH]' % i, '" }']
    return "\n".join(lines) + "\n", score, asked


def answers(log):
    """By number, what an rc file of rc_file() wrote."""
    found = {}
    for part in re.split(r"(?m)^(?=\d+ (?:yes|no) )", log):
        number = re.match(r"(\d+) (yes|no)", part)
        if number:
            found[int(number.group(1))] = part
    return found
