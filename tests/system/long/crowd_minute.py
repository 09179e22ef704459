#!/usr/bin/env python3
"""Everybody at one mailbox, as crowd.py has it, for a minute each."""
# timeout: 600

import os
import sys

os.environ["CROWD_SECONDS"] = "60"
os.execv(sys.executable, [sys.executable, os.path.join(
    os.path.dirname(os.path.abspath(__file__)), "..", "crowd.py")] +
         sys.argv[1:])
