#!/usr/bin/env python3
"""Sessions at random, as stress.py has them, for a minute with another seed."""
# timeout: 900

import os
import sys
import time

os.environ.setdefault("STRESS_SECONDS", "60")
os.environ.setdefault("STRESS_SEED", str(int(time.time())))
os.execv(sys.executable, [sys.executable, os.path.join(
    os.path.dirname(os.path.abspath(__file__)), "..", "stress.py")] +
         sys.argv[1:])
