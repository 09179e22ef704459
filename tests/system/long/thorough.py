#!/usr/bin/env python3
# timeout: 5400
"""Unit tests of imapd that do but a sample of their work in make check: here
they do all of it. Ended at each call that changes a file; thousands of pages
through one process."""

import os
import subprocess
import sys

TREE = os.environ.get("TREE") or os.path.dirname(os.path.dirname(
    os.path.dirname(os.path.dirname(os.path.abspath(__file__)))))
BUILD = os.environ.get("BUILD", os.path.join(TREE, "build"))
TESTS = {"test_crash": {"FACTEUR_CRASH": "whole"},
         "test_linger": {"FACTEUR_PAGES": "5000"}}


def whole(name, settings):
    path = os.path.join(BUILD, "tests", "imapd", name)
    subprocess.run(["make", "-s", "-C", TREE, "B=" + BUILD, path], check=True)
    got = subprocess.run(
        [path], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False,
        env=dict(os.environ, CK_FORK="yes",
                 TMPDIR=os.environ.get("TEST_DIR", "/tmp"), **settings))
    if got.returncode != 0:
        for line in got.stdout.decode(errors="replace").splitlines():
            if not line.startswith("facteur: LOG"):
                print(line)
    print("%s %s" % ("FAIL" if got.returncode else "ok", name), flush=True)
    return got.returncode == 0


sys.exit(0 if all([whole(*test) for test in TESTS.items()]) else 1)
