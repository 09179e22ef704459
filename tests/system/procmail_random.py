#!/usr/bin/env python3
"""procmail and formail beside Debian's: some hundred things made at random."""

import os
import sys

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.join(os.environ["TREE"], "tests", "differential"))
import compare  # noqa: E402

sys.exit(compare.main(1, 40, 60, 200))
