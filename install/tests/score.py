"""What holds and what does not, counted: for tests that are one long story."""

import sys


class Score:
    def __init__(self):
        self.passed = self.failed = 0

    def check(self, holds, what, detail=""):
        if holds:
            self.passed += 1
            print(f"ok      {what}")
        else:
            self.failed += 1
            print(f"FAILED  {what}\n{detail}")
        sys.stdout.flush()
