"""Runs "go test -json" with the given arguments, prints what failed and the slow packages, and counts.

    go test -json ./... | python3 install/tests/gotests.py

A test counts once, sub-tests within it do not; a package that does not build or
dies counts as one failure; a test that is skipped counts as failed, because
nothing here is allowed to be left out silently.
"""

import collections
import json
import sys

passed = failed = 0
said = collections.defaultdict(list)
building = collections.defaultdict(list)
failures_of = collections.Counter()
for line in sys.stdin:
    try:
        event = json.loads(line)
    except ValueError:
        print(line, end="")
        continue
    action, package, test = event.get("Action"), event.get("Package", ""), event.get("Test")
    key = (package, test.split("/")[0] if test else None)
    if action == "build-output":
        building[event.get("ImportPath", "")].append(event["Output"])
    elif action == "output":
        said[key].append(event["Output"])
    elif test and "/" in test:
        if action == "skip":
            said[key].append(f"    {test} was skipped\n")
    elif test and action == "pass":
        passed += 1
        said.pop(key, None)
    elif test and action in ("fail", "skip"):
        failed += 1
        failures_of[package] += 1
        print(f"FAILED  {package} {test}{' was skipped' if action == 'skip' else ''}")
        print("".join(said.pop(key, []))[-6000:], flush=True)
    elif action == "fail":
        # The tests that were running when a package died never get an end of their own.
        if not failures_of[package]:
            failed += 1
            print(f"FAILED  {package}")
            for name, lines in building.items():
                if name.split(" ")[0] == package:
                    print("".join(lines)[-6000:])
            for (owner, _), lines in list(said.items()):
                if owner == package:
                    print("".join(lines)[-6000:], flush=True)
        print(f"fail    {package} {event.get('Elapsed', 0):.1f} s")
    elif action == "pass":
        print(f"ok      {package} {event.get('Elapsed', 0):.1f} s", flush=True)
print(f"{passed} passed, {failed} failed")
sys.exit(1 if failed else 0)
