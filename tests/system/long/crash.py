#!/usr/bin/env python3
# timeout: 3600
"""imapd ended at each call that changes a file: all of them, not a sample."""

import os
import subprocess
import sys

TREE = os.environ.get("TREE") or os.path.dirname(os.path.dirname(
    os.path.dirname(os.path.dirname(os.path.abspath(__file__)))))
BUILD = os.environ.get("BUILD", os.path.join(TREE, "build"))
NAME = os.path.join("tests", "imapd", "test_crash")


def main():
    subprocess.run(["make", "-s", "-C", TREE, "B=" + BUILD,
                    os.path.join(BUILD, NAME)], check=True)
    got = subprocess.run(
        [os.path.join(BUILD, NAME)], stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT, check=False, env=dict(
            os.environ, FACTEUR_CRASH="whole", CK_FORK="yes",
            TMPDIR=os.environ.get("TEST_DIR", "/tmp")))
    for line in got.stdout.decode(errors="replace").splitlines():
        if not line.startswith("facteur: LOG"):
            print(line)
    sys.exit(0 if got.returncode == 0 else 1)


main()
