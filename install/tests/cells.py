"""The cell battery: small Go cells with what they must give, through the installed kernel.

    .venv/bin/python install/tests/cells.py [--kernel NAME] [--jobs N] [--only REGEX] [--times N] FILE...

Every case runs in a kernel of its own. The files hold cases like this:

    @@ name | flags
    a cell
    @--
    the next cell
    @want
    exact standard output of all cells together; no cell may fail

A case ends in @want or in @re, a regular expression that is searched for in
standard output, then a line "RES " and the last cell's result as text, then a
line "ERR cell N: ename: evalue" and the traceback of the last cell that failed.
A cell whose first line is //timeout=NNNms is interrupted after that time. The
flag settle waits a little after each cell, for goroutines that print. A cell
without an answer within LIMIT seconds is a hang.
"""

import argparse
import concurrent.futures
import os
import queue
import re
import subprocess
import sys
import time

from jupyter_client.manager import start_new_kernel

LIMIT = float(os.environ.get("CELL_SECONDS", 20))
SETTLE = 0.15
COLOURS = re.compile(r"\x1b\[[0-9;]*m")
INTERRUPTED = re.compile(r"//timeout=(\d+)ms\n")


class Case:
    def __init__(self, name, flags):
        self.name, self.flags = name, flags
        self.cells, self.want, self.pattern = [], None, None


class Hang(Exception):
    pass


def read(path):
    """The cases of a file."""
    cases, part, body = [], "cell", []

    def close():
        text = "\n".join(body)
        if not cases:
            return
        if part == "cell":
            cases[-1].cells.append(text)
        elif part == "want":
            cases[-1].want = text.rstrip("\n")
        else:
            cases[-1].pattern = text.strip()

    with open(path, encoding="utf-8") as file:
        for line in file.read().split("\n"):
            opening = line.startswith("@@ ")
            if opening or line in ("@--", "@want", "@re"):
                close()
                body = []
                part = "cell" if opening or line == "@--" else line[1:]
                if opening:
                    name, _, flags = line[3:].partition("|")
                    cases.append(Case(name.strip(), flags.split()))
            else:
                body.append(line)
    close()
    return cases


class Kernel:
    """A kernel of one case."""

    def __init__(self, name):
        self.manager, self.client = start_new_kernel(
            kernel_name=name, startup_timeout=60, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )

    def close(self):
        self.client.stop_channels()
        self.manager.shutdown_kernel(now=True)

    def run(self, code, interrupt_after=None):
        """Runs a cell to its idle: (standard output, result, error), each as text."""
        request = self.client.execute(code, stop_on_error=False, allow_stdin=False)
        out, result, error = "", "", ""
        start = time.monotonic()
        limit = LIMIT + (interrupt_after or 0)
        while True:
            spent = time.monotonic() - start
            if interrupt_after is not None and spent >= interrupt_after:
                self.manager.interrupt_kernel()
                interrupt_after = None
            if spent > limit:
                raise Hang
            try:
                message = self.client.get_iopub_msg(timeout=0.02 if interrupt_after is not None else 0.5)
            except queue.Empty:
                if not self.manager.is_alive():
                    raise RuntimeError("the kernel died") from None
                continue
            kind, content = message["msg_type"], message["content"]
            if message["parent_header"].get("msg_id") != request:
                if kind == "stream":  # a goroutine of an earlier cell
                    out += content["text"]
            elif kind == "stream":
                out += content["text"]
            elif kind in ("execute_result", "display_data"):
                result = content["data"].get("text/plain", "")
            elif kind == "error":
                error = f"{content['ename']}: {content['evalue']}\n" + COLOURS.sub("", "\n".join(content["traceback"]))
            elif kind == "status" and content["execution_state"] == "idle":
                return out, result, error


def judge(kernel_name, case):
    """(verdict, what was seen)."""
    out, result, failure = "", "", ""
    kernel = None
    try:
        kernel = Kernel(kernel_name)
        for number, code in enumerate(case.cells, 1):
            after = None
            if limit := INTERRUPTED.match(code):
                code, after = code[limit.end() :], int(limit.group(1)) / 1000
            text, result, error = kernel.run(code, after)
            out += text
            if error:
                failure = f"cell {number}: {error}"
            if "settle" in case.flags:
                time.sleep(SETTLE)
    except Hang:
        return "HANG", f"{out}\ncell {number} gave no answer"
    except Exception as error:
        return "CRASH", f"{out}\n{type(error).__name__}: {error}"
    finally:
        if kernel:
            kernel.close()
    out = out.rstrip("\n")
    seen = f"{out}\nRES {result}\nERR {failure}"
    if case.pattern is not None:
        return ("ok" if re.search(case.pattern, seen) else "WRONG"), f"wanted the pattern {case.pattern}\n{seen}"
    if failure:
        return "ERROR", seen
    return ("ok" if out == case.want else "WRONG"), f"wanted\n{case.want}\ngot\n{out}"


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--kernel", default="netsplit")
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 2)
    parser.add_argument("--only", default="", help="cases whose name this regular expression finds")
    parser.add_argument("--times", type=int, default=1, help="run every case so often: a pass by luck is a failure")
    parser.add_argument("--known", metavar="FILE", help="cases that are known to fail, with reasons; the Go test of the battery checks that they do")
    parser.add_argument("files", nargs="+")
    options = parser.parse_args()
    known = {}
    if options.known:
        with open(options.known, encoding="utf-8") as file:
            known = dict(line.split(": ", 1) for line in file.read().splitlines() if ": " in line and line[0] != "#")
    cases = [case for file in options.files for case in read(file) if re.search(options.only, case.name)] * options.times
    failed = 0
    with concurrent.futures.ThreadPoolExecutor(options.jobs) as pool:
        for case, (verdict, seen) in zip(cases, pool.map(lambda case: judge(options.kernel, case), cases)):
            if verdict != "ok" and case.name in known:
                print(f"known   {case.name}: {known[case.name]}", flush=True)
            elif verdict != "ok":
                failed += 1
                print(f"{verdict:7} {case.name}")
                print("".join(f"    | {line}\n" for line in seen[-1200:].split("\n")), flush=True)
    if not cases:
        print("FAILED  no case was found")
        failed = 1
    print(f"{len(cases) - failed if cases else 0} passed, {failed} failed")
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
