#!/usr/bin/env python3
# timeout: 1800
"""procmail and formail beside Debian's: thousands of things made at random.

PROCMAIL_SEED=N begins elsewhere.
"""

import os
import sys

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.join(os.environ["TREE"], "tests", "differential"))
import compare  # noqa: E402

sys.exit(compare.main(int(os.environ.get("PROCMAIL_SEED", "1000")), 1000, 2000, 3000))
