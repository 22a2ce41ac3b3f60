"""Runs "go test -json" with the given arguments, prints what failed and the slow packages, and counts.

    go test -json ./... | python3 install/tests/gotests.py

A test counts once, sub-tests within it do not; a package that does not build or
dies counts as one failure; a test that is skipped counts as failed, because
nothing here is allowed to be left out silently.
"""

import collections
import json
import sys

NOISE = ("=== RUN", "=== CONT", "=== PAUSE", "--- PASS", "=== NAME")

passed = failed = 0
said = collections.defaultdict(list)  # (package, full name of a test or None): its lines
building = collections.defaultdict(list)
failures_of = collections.Counter()


def tell(package, test):
    """Prints what a test and those of its sub-tests that failed had to say, and forgets the rest."""
    for owner, name in [key for key in said if key[0] == package and key[1] and key[1].split("/")[0] == test]:
        print("".join(said.pop((owner, name)))[-4000:], end="")


for line in sys.stdin:
    try:
        event = json.loads(line)
    except ValueError:
        print(line, end="")
        continue
    action, package, test = event.get("Action"), event.get("Package", ""), event.get("Test")
    key = (package, test)
    if action == "build-output":
        building[event.get("ImportPath", "")].append(event["Output"])
    elif action == "output":
        if not event["Output"].lstrip().startswith(NOISE):
            said[key].append(event["Output"])
    elif test and "/" in test:
        if action == "pass":
            said.pop(key, None)
        elif action == "skip":
            said[key].append(f"    {test} was skipped\n")
    elif test and action == "pass":
        skipped = [text for (owner, name), text in said.items() if owner == package and name and name.startswith(test + "/")]
        if skipped:
            failed += 1
            failures_of[package] += 1
            print(f"FAILED  {package} {test}")
            tell(package, test)
        else:
            passed += 1
        said.pop(key, None)
    elif test and action in ("fail", "skip"):
        failed += 1
        failures_of[package] += 1
        print(f"FAILED  {package} {test}{' was skipped' if action == 'skip' else ''}")
        tell(package, test)
        sys.stdout.flush()
    elif action == "fail":
        # The tests that were running when a package died never get an end of their own.
        if not failures_of[package]:
            failed += 1
            print(f"FAILED  {package}")
            for name, text in building.items():
                if name.split(" ")[0] == package:
                    print("".join(text)[-6000:])
            for owner, name in [key for key in said if key[0] == package]:
                print("".join(said.pop((owner, name)))[-6000:], flush=True)
        print(f"fail    {package} {event.get('Elapsed', 0):.1f} s")
    elif action == "pass":
        print(f"ok      {package} {event.get('Elapsed', 0):.1f} s", flush=True)
print(f"{passed} passed, {failed} failed")
sys.exit(1 if failed else 0)
