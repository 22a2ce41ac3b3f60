"""The Go blocks of README.md, run as cells in the order in which they stand.

    .venv/bin/python install/tests/readme_test.py [FILE...]

A block of text that follows a Go block is what it prints. With UPDATE_GOLDEN=1
the text is written instead.
"""

import os
import pathlib
import re
import sys

from cells import Kernel

BLOCK = re.compile(r"```(go|text)\n(.*?)```", re.DOTALL)


def check(path):
    """(passed, failed) of a page."""
    text = path.read_text(encoding="utf-8")
    passed = failed = 0
    kernel, printed = Kernel("netsplit"), ""
    replaced = []
    try:
        for block in BLOCK.finditer(text):
            kind, body = block.groups()
            if kind == "go":
                printed, _, error = kernel.run(body)
                what, wrong = "a Go block runs", error
            else:
                what, wrong = "a Go block prints the text behind it", "" if body == printed else f"it prints\n{printed}"
                replaced.append((block.span(2), printed))
            line = text.count("\n", 0, block.start()) + 1
            if wrong and os.environ.get("UPDATE_GOLDEN") != "1":
                failed += 1
                print(f"FAILED  {path.name}:{line}: {what}\n{wrong}")
            else:
                passed += 1
    finally:
        kernel.close()
    if os.environ.get("UPDATE_GOLDEN") == "1":
        for (start, end), body in reversed(replaced):
            text = text[:start] + body + text[end:]
        path.write_text(text, encoding="utf-8")
    return passed, failed


def main():
    root = pathlib.Path(__file__).resolve().parents[2]
    scores = [check(pathlib.Path(name)) for name in sys.argv[1:] or [root / "README.md"]]
    passed, failed = (sum(column) for column in zip(*scores))
    print(f"{passed} passed, {failed} failed")
    sys.exit(1 if failed or not passed else 0)


if __name__ == "__main__":
    main()
