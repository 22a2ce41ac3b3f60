"""nbclient, nbconvert, papermill and `netsplit run` on notebooks that do not end well.

    .venv/bin/python install/tests/clients_test.py [unittest options]

The same situations for each: an error, errors that are allowed, a cell that takes
too long, a worker that dies, a kernel that dies. Each client must end as it
documents: its exception or exit code, what the text names, the outputs that stand
in the notebook. And parameters, which papermill writes as Go.
"""

import concurrent.futures
import os
import pathlib
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
import unittest

import nbformat
import papermill
import psutil
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError, CellTimeoutError, DeadKernelError
from nbconvert.preprocessors import ExecutePreprocessor
from papermill.exceptions import PapermillExecutionError

from outputs import outputs

PATIENCE = 60  # seconds, for anything that is waited for
TOOLS = pathlib.Path(sys.executable).parent

FIRST = 'import "fmt"\nx := 6\nfmt.Println("before")'
LAST = 'fmt.Println("after", x)'
PANIC = 'fmt.Println("in")\nvar m map[string]int\nm["a"] = 1'
ENDLESS = 'fmt.Println("in")\nfor i := 0; ; i++ {\n}'
EXIT = 'import "os"\nfmt.Println("in")\nos.Exit(3)'
STRAY = 'import "time"\nfmt.Println("in")\ngo func() {\n\tpanic("stray")\n}()\ntime.Sleep(time.Hour)'
PID = 'import "os"\nfmt.Println("in")\nerr := os.WriteFile("pid.new", []byte(fmt.Sprint(os.Getpid())), 0o600)\nerr = os.Rename("pid.new", "pid")\nselect {\ncase <-time.After(time.Hour):\n}'
KILLED = 'import "time"\n' + PID
KERNEL = 'import ("os"; "syscall"; "time")\nfmt.Println("in")\ntime.Sleep(time.Second / 2)\nsyscall.Kill(os.Getppid(), syscall.SIGKILL)\nselect {}'

BEFORE = [["stream", "stdout", "before\n"]]
IN = ["stream", "stdout", "in\n"]
AFTER = [["stream", "stdout", "after 6\n"]]
NIL_MAP = ["error", "Panic", "3:1: assignment to entry in nil map"]


def book(*cells):
    """A notebook of code cells; a pair is a cell with a tag."""
    notebook = nbformat.v4.new_notebook(metadata={"kernelspec": {"name": "netsplit", "display_name": "Go (Netsplit)", "language": "go"}})
    for number, cell in enumerate(cells):
        source, *tags = [cell] if isinstance(cell, str) else cell
        notebook.cells.append(nbformat.v4.new_code_cell(source, id=f"cell-{number}", metadata={"tags": tags} if tags else {}))
    return notebook


class Situation(unittest.TestCase):
    def setUp(self):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="netsplit-clients-"))
        self.addCleanup(shutil.rmtree, self.folder, ignore_errors=True)

    def kill_worker(self, with_signal=signal.SIGKILL):
        """Kills the worker as soon as the cell KILLED has said which process it is."""

        def run():
            end = time.monotonic() + PATIENCE
            while time.monotonic() < end:
                if (self.folder / "pid").exists():
                    time.sleep(0.2)
                    os.kill(int((self.folder / "pid").read_text()), with_signal)
                    return
                time.sleep(0.01)

        thread = threading.Thread(target=run)
        thread.start()
        self.addCleanup(thread.join)

    def write(self, notebook, name="book.ipynb"):
        nbformat.write(notebook, self.folder / name)
        return self.folder / name

    def read(self, name="book.ipynb"):
        notebook = nbformat.read(self.folder / name, 4)
        nbformat.validate(notebook)
        return notebook


class NbClient(Situation):
    def execute(self, notebook, **options):
        client = NotebookClient(notebook, kernel_name="netsplit", resources={"metadata": {"path": str(self.folder)}}, **options)
        client.execute()
        nbformat.validate(notebook)
        return outputs(notebook)

    def fails(self, kind, notebook, **options):
        with self.assertRaises(kind) as caught:
            self.execute(notebook, **options)
        nbformat.validate(notebook)
        return caught.exception, outputs(notebook)

    def test_an_error_ends_the_run(self):
        notebook = book(FIRST, PANIC, LAST)
        error, seen = self.fails(CellExecutionError, notebook)
        self.assertEqual((error.ename, error.evalue), ("Panic", "3:1: assignment to entry in nil map"))
        self.assertIn("cell [2]", str(error))
        self.assertIn('m["a"] = 1', str(error))
        self.assertEqual(seen, [BEFORE, [IN, NIL_MAP], []])
        self.assertEqual([cell.execution_count for cell in notebook.cells], [1, 2, None])

    def test_a_compile_error_ends_the_run(self):
        error, seen = self.fails(CellExecutionError, book(FIRST, "fmt.Println(1)\ny := x +", LAST))
        self.assertEqual(error.ename, "CompileError")
        self.assertEqual([len(cell) for cell in seen], [1, 1, 0])

    def test_allow_errors(self):
        self.assertEqual(self.execute(book(FIRST, PANIC, LAST), allow_errors=True), [BEFORE, [IN, NIL_MAP], AFTER])

    def test_allow_error_names(self):
        error, seen = self.fails(CellExecutionError, book(FIRST, PANIC, LAST, "y := "), allow_error_names=["Panic"])
        self.assertEqual(error.ename, "CompileError")
        self.assertEqual(seen[:3], [BEFORE, [IN, NIL_MAP], AFTER])

    def test_raises_exception(self):
        error, seen = self.fails(CellExecutionError, book(FIRST, (PANIC, "raises-exception"), LAST, PANIC))
        self.assertEqual(error.ename, "Panic")
        self.assertEqual(seen, [BEFORE, [IN, NIL_MAP], AFTER, [IN, NIL_MAP]])

    def test_raises_exception_is_not_heard_when_errors_are_forced(self):
        self.fails(CellExecutionError, book(FIRST, (PANIC, "raises-exception"), LAST), force_raise_errors=True)

    def test_time_out(self):
        error, seen = self.fails(CellTimeoutError, book(FIRST, ENDLESS, LAST), timeout=1)
        self.assertIn("A cell timed out while it was being executed, after 1 seconds.", str(error))
        self.assertEqual((seen[0], seen[1][0], seen[2]), (BEFORE, IN, []))

    def test_time_out_with_interrupt(self):
        notebook = book(FIRST, ENDLESS, LAST)
        error, seen = self.fails(CellExecutionError, notebook, timeout=1, interrupt_on_timeout=True)
        self.assertEqual(error.ename, "Interrupted")
        self.assertEqual((seen[0], seen[1][0], seen[1][1][:2], seen[2]), (BEFORE, IN, ["error", "Interrupted"], []))

    def test_time_out_with_interrupt_that_is_allowed(self):
        for options in {"allow_errors": True}, {"allow_error_names": ["Interrupted"]}:
            seen = self.execute(book(FIRST, ENDLESS, LAST), timeout=1, interrupt_on_timeout=True, **options)
            self.assertEqual((seen[1][1][:2], seen[2]), (["error", "Interrupted"], AFTER))

    def test_time_out_with_an_error_of_the_client(self):
        given = {"ename": "TooSlow", "evalue": "after a second", "traceback": []}
        error, seen = self.fails(CellExecutionError, book(FIRST, ENDLESS, LAST), timeout=1, interrupt_on_timeout=True, error_on_timeout=given)
        self.assertEqual((error.ename, error.evalue, seen[1][0]), ("TooSlow", "after a second", IN))

    def test_exit(self):
        error, seen = self.fails(CellExecutionError, book(FIRST, EXIT, LAST))
        self.assertEqual((error.ename, seen[1][0], seen[2]), ("Exit", IN, []))
        self.assertEqual(self.execute(book(FIRST, EXIT, LAST), allow_errors=True)[2], AFTER)

    def test_a_panic_in_a_goroutine(self):
        error, seen = self.fails(CellExecutionError, book(FIRST, STRAY, LAST))
        self.assertEqual((error.ename, seen[1]), ("Panic", [IN, ["error", "Panic", "4:2: stray"]]))
        self.assertEqual(self.execute(book(FIRST, STRAY, LAST), allow_errors=True)[2], AFTER)

    def test_a_worker_that_is_killed(self):
        self.kill_worker()
        error, seen = self.fails(CellExecutionError, book(FIRST, KILLED, LAST))
        self.assertEqual((error.ename, seen[1][0], seen[2]), ("WorkerDied", IN, []))
        self.assertIn("x", error.traceback)

    def test_after_a_worker_was_killed_declarations_live(self):
        self.kill_worker()
        seen = self.execute(book(FIRST, "func double(n int) int { return 2 * n }", KILLED, "double(21)", LAST, "x := 6", LAST), allow_errors=True)
        self.assertEqual(seen[2][1][:2], ["error", "WorkerDied"])
        self.assertEqual(seen[3], [["data", '{"text/plain": "42"}']])
        self.assertEqual(seen[4][0][:2], ["error", "CompileError"])
        self.assertIn("the value of x was lost", seen[4][0][2])
        self.assertEqual(seen[6], AFTER)

    def test_a_kernel_that_is_killed(self):
        error, seen = self.fails(DeadKernelError, book(FIRST, KERNEL, LAST))
        self.assertEqual(str(error), "Kernel died")
        self.assertEqual(seen, [BEFORE, [IN], []])


class NbClientGrades(Situation):
    """nbclient as nbgrader calls it: NBGRADER_EXECUTION is set, errors are allowed."""

    DIES = 'fmt.Println("in")\nm := map[int]int{}\nfor range 8 {\n\tgo func() {\n\t\tfor i := 0; ; i++ {\n\t\t\tm[i%4] = i\n\t\t}\n\t}()\n}\nselect {}'
    TEST = 'score := grade.Open(3)\nscore.Check("x", 3, func() bool { return x == 6 })\nscore.Points()'
    FULL = [["stream", "stdout", "✓ x: 3 of 3 points\n"], ["data", '{"text/plain": "3"}']]

    def setUp(self):
        super().setUp()
        os.environ["NBGRADER_EXECUTION"] = "autograde"
        self.addCleanup(os.environ.pop, "NBGRADER_EXECUTION")

    execute = NbClient.execute

    def graded(self, *cells, **options):
        return self.execute(book(*cells), allow_errors=True, timeout=PATIENCE, interrupt_on_timeout=True, **options)

    def test_one_bad_cell_costs_one_cell(self):
        for bad, name in [(PANIC, "Panic"), (self.DIES, "WorkerDied"), (EXIT.replace("3", "0"), "Exit"), (STRAY, "Panic"), ("undefined", "CompileError")]:
            seen = self.graded(FIRST, bad, self.TEST, LAST)
            self.assertEqual((seen[0], seen[1][-1][:2], seen[2:]), (BEFORE, ["error", name], [self.FULL, AFTER]), name)

    def test_time_outs(self):
        notebook = book(FIRST, ENDLESS, "for {\n}", self.TEST)
        seen = self.execute(notebook, allow_errors=True, timeout=2, interrupt_on_timeout=True)
        self.assertEqual([cell[-1][:2] for cell in seen[1:3]], [["error", "Interrupted"]] * 2)
        self.assertEqual(seen[3], self.FULL)

    def test_noise(self):
        noise = 'import "log"\nlog.SetFlags(0)\nlog.Print("a")\nprintln("b")\ngo func() {\n\tfor {\n\t\tlog.Print("c")\n\t}\n}()'
        seen = self.graded("# put back by nbgrader\n" + FIRST, noise, self.TEST, "for range 3 {\n}", 'fmt.Println("ok")')
        self.assertEqual({output[1] for cell in seen[:2] for output in cell}, {"stdout"})
        self.assertEqual(seen[2:], [self.FULL, [], [["stream", "stdout", "ok\n"]]])


class NbConvert(Situation):
    def test_in_python(self):
        for options, kind, seen in (
            ({}, CellExecutionError, [BEFORE, [IN, NIL_MAP], []]),
            ({"allow_errors": True}, None, [BEFORE, [IN, NIL_MAP], AFTER]),
        ):
            notebook = book(FIRST, PANIC, LAST)
            caught = None
            try:
                ExecutePreprocessor(kernel_name="netsplit", **options).preprocess(notebook, {"metadata": {"path": str(self.folder)}})
            except Exception as error:
                caught = type(error)
            self.assertEqual((caught, outputs(notebook)), (kind, seen))

    def test_the_command(self):
        """Exit codes, and whether there is a notebook; two at a time, since starting takes most of the time."""
        cases = {
            "error": (book(FIRST, PANIC, LAST), [], 1, "Panic", None),
            "allowed": (book(FIRST, PANIC, LAST), ["--allow-errors"], 0, "", [BEFORE, [IN, NIL_MAP], AFTER]),
            "tagged": (book(FIRST, (PANIC, "raises-exception"), LAST), [], 0, "", [BEFORE, [IN, NIL_MAP], AFTER]),
            "time-out": (book(FIRST, ENDLESS, LAST), ["--ExecutePreprocessor.timeout=1"], 1, "CellTimeoutError: A cell timed out", None),
            "interrupted": (book(FIRST, (ENDLESS, "raises-exception"), LAST),
                            ["--ExecutePreprocessor.timeout=1", "--ExecutePreprocessor.interrupt_on_timeout=True"], 0, "Interrupting kernel", AFTER),
        }

        def convert(name):
            path = self.write(cases[name][0], f"{name}.ipynb")
            return subprocess.run([TOOLS / "jupyter", "nbconvert", "--to", "notebook", "--execute", path, "--output", f"{name}-done", *cases[name][1]],
                                  cwd=self.folder, capture_output=True, text=True, timeout=2 * PATIENCE)

        with concurrent.futures.ThreadPoolExecutor(2) as pool:
            done = dict(zip(cases, pool.map(convert, cases)))
        for name, (_, _, code, says, seen) in cases.items():
            with self.subTest(name):
                self.assertEqual(done[name].returncode, code, done[name].stderr)
                self.assertIn(says, done[name].stderr)
                written = self.folder / f"{name}-done.ipynb"
                self.assertEqual(written.exists(), seen is not None)
                if seen:
                    now = outputs(self.read(written.name))
                    self.assertEqual(now[2] if name == "interrupted" else now, seen)


class Papermill(Situation):
    def execute(self, notebook, parameters=None, **options):
        """(the exception or None, the notebook that was written)."""
        path, caught = self.write(notebook), None
        try:
            papermill.execute_notebook(path, self.folder / "done.ipynb", parameters, progress_bar=False, cwd=self.folder, **options)
        except Exception as error:
            caught = error
        return caught, self.read("done.ipynb")

    @staticmethod
    def code(notebook):
        return outputs(notebook)

    def test_an_error_ends_the_run(self):
        error, done = self.execute(book(FIRST, PANIC, LAST))
        self.assertIsInstance(error, PapermillExecutionError)
        self.assertEqual((error.exec_count, error.ename, error.evalue), (2, "Panic", "3:1: assignment to entry in nil map"))
        self.assertIn('Exception encountered at "In [2]":\nPanic: assignment to entry in nil map\n', str(error))
        self.assertEqual(self.code(done), [BEFORE, [IN, NIL_MAP], []])
        self.assertTrue(done.metadata.papermill.exception)
        marks = [cell for cell in done.cells if "papermill-error-cell-tag" in cell.metadata.tags]
        self.assertEqual(len(marks), 2, "papermill marks the place of the error")
        self.assertEqual([cell.metadata.papermill.status for cell in done.cells if cell.cell_type == "code"], ["completed", "failed", "pending"])

    def test_raises_exception(self):
        """papermill runs on, and then counts every error that stands in the notebook."""
        error, done = self.execute(book(FIRST, (PANIC, "raises-exception"), LAST))
        self.assertIsInstance(error, PapermillExecutionError)
        self.assertEqual(self.code(done), [BEFORE, [IN, NIL_MAP], AFTER])

    def test_time_out(self):
        error, done = self.execute(book(FIRST, ENDLESS, LAST), execution_timeout=1)
        self.assertIsInstance(error, CellTimeoutError)
        self.assertEqual((self.code(done)[0], self.code(done)[1][0], self.code(done)[2]), (BEFORE, IN, []))

    def test_time_out_with_interrupt(self):
        error, done = self.execute(book(FIRST, ENDLESS, LAST), execution_timeout=1, interrupt_on_timeout=True)
        self.assertIsInstance(error, PapermillExecutionError)
        self.assertEqual((error.ename, self.code(done)[1][0], self.code(done)[2]), ("Interrupted", IN, []))

    def test_a_worker_that_dies(self):
        for cell, name in (EXIT, "Exit"), (STRAY, "Panic"), (KILLED, "WorkerDied"):
            with self.subTest(name):
                if cell == KILLED:
                    self.kill_worker()
                error, done = self.execute(book(FIRST, cell, LAST))
                self.assertIsInstance(error, PapermillExecutionError)
                self.assertEqual((error.ename, self.code(done)[1][0], self.code(done)[2]), (name, IN, []))

    def test_a_kernel_that_is_killed(self):
        error, done = self.execute(book(FIRST, KERNEL, LAST))
        self.assertIsInstance(error, DeadKernelError)
        self.assertEqual(self.code(done), [BEFORE, [IN], []])

    PARAMETERS = (
        'import "time"\nrate := 140 // requests per second\nload, mode := 0.5, "sync"\nvar seeds []int\nlinks := map[string]float64{}\nverbose := false\nlimit := 1.0\noutage := 10 * time.Second // of the leader',
        "parameters",
    )
    SHOW = 'import "fmt"\nfmt.Printf("%v %v %q %v %v %v %v %v\\n", rate, load, mode, seeds, links, verbose, limit, outage)'

    def test_parameters(self):
        given = {"rate": 160, "load": 1, "mode": 'say "so"\n\u00e9', "seeds": [1, 2], "links": {"a": 1.5, "b": 2}, "verbose": True, "limit": float("inf"), "outage": "1m30s"}
        error, done = self.execute(book(self.PARAMETERS, self.SHOW), given)
        self.assertIsNone(error)
        self.assertEqual(self.code(done)[2], [["stream", "stdout", '160 1 "say \\"so\\"\\n\u00e9" [1 2] map[a:1.5 b:2] true +Inf 1m30s\n']])
        self.assertEqual(done.cells[1].metadata.tags, ["injected-parameters"])
        self.assertTrue(done.cells[1].source.startswith('import "math"\nimport "time"\n\n// Parameters\nrate = 160\n'), done.cells[1].source)
        # What was written can be given other parameters.
        error, done = self.execute(done, {"rate": 200, "outage": 20_000_000_000})
        self.assertIsNone(error)
        self.assertEqual(self.code(done)[2], [["stream", "stdout", '200 0.5 "sync" [] map[] false 1 20s\n']])

    def test_a_parameter_of_the_wrong_type(self):
        error, done = self.execute(book(self.PARAMETERS, self.SHOW), {"rate": "many"})
        self.assertIsInstance(error, PapermillExecutionError)
        self.assertIn('cannot use "many" (untyped string constant) as int value in assignment', str(error))

    def test_the_parameters_of_a_notebook(self):
        found = papermill.inspect_notebook(self.write(book(self.PARAMETERS, self.SHOW)))
        listed = {name: (p["inferred_type_name"], p["default"], p["help"]) for name, p in found.items()}
        self.assertEqual(listed["rate"], ("int", "140", "requests per second"))
        self.assertEqual(listed["outage"], ("time.Duration", "10 * time.Second", "of the leader"))
        self.assertEqual(listed["mode"], ("string", '"sync"', ""))
        self.assertEqual(listed["seeds"][0], "[]int")
        self.assertEqual(len(listed), 8)

    def test_the_command(self):
        self.write(book(self.PARAMETERS, "rate", PANIC))
        done = subprocess.run([TOOLS / "papermill", "book.ipynb", "done.ipynb", "--no-progress-bar", "-p", "rate", "160"],
                              cwd=self.folder, capture_output=True, text=True, timeout=2 * PATIENCE)
        self.assertEqual(done.returncode, 1, done.stderr)
        self.assertIn("PapermillExecutionError", done.stderr)
        self.assertEqual(self.code(self.read("done.ipynb"))[2], [["data", '{"text/plain": "160"}']])


class NetsplitRun(Situation):
    def run_book(self, notebook, *options, interrupt=False, **variables):
        self.write(notebook)
        process = subprocess.Popen([TOOLS / "netsplit", "run", "book.ipynb", *options], cwd=self.folder, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                                   text=True, env={**os.environ, **variables})
        if interrupt:
            line = process.stdout.readline()
            while line and line != "in\n":
                line = process.stdout.readline()
            process.send_signal(signal.SIGINT)
        out, errors = process.communicate(timeout=PATIENCE)
        return process.returncode, out, errors

    def test_an_error_ends_the_run(self):
        code, out, errors = self.run_book(book(FIRST, PANIC, LAST))
        self.assertEqual((code, out), (1, "before\nin\n"))
        self.assertTrue(errors.startswith("netsplit run: book.ipynb: cell 2 (In [2]), line 3: Panic: 3:1: assignment to entry in nil map\n"), errors)

    def test_inplace_keeps_the_outputs(self):
        code, out, _ = self.run_book(book(FIRST, PANIC, LAST), "--inplace")
        self.assertEqual((code, out), (1, ""))
        self.assertEqual(outputs(self.read()), [BEFORE, [IN, NIL_MAP], []])
        self.assertEqual([cell.execution_count for cell in self.read().cells], [1, 2, None])

    def test_errors_that_are_allowed(self):
        for notebook, options in (book(FIRST, PANIC, LAST), ["--allow-errors"]), (book(FIRST, (PANIC, "raises-exception"), LAST), []):
            code, _, errors = self.run_book(notebook, "--inplace", *options)
            self.assertEqual((code, errors), (0, ""))
            self.assertEqual(outputs(self.read()), [BEFORE, [IN, NIL_MAP], AFTER])

    def test_time_out(self):
        code, out, errors = self.run_book(book(FIRST, ENDLESS, LAST), NETSPLIT_CELL_TIME="1s")
        self.assertEqual((code, out), (1, "before\nin\n"))
        self.assertIn("cell 2 (In [2])", errors)
        self.assertIn("Timeout", errors)

    def test_interrupt(self):
        code, out, errors = self.run_book(book(FIRST, ENDLESS, LAST), interrupt=True)
        self.assertEqual(code, 1)
        self.assertIn("cell 2 (In [2])", errors)
        self.assertIn("Interrupted", errors)

    def test_a_worker_that_dies(self):
        for cell, name in (EXIT, "line 3: Exit:"), (STRAY, "line 4: Panic:"), (KILLED, "WorkerDied:"):
            with self.subTest(name):
                if cell == KILLED:
                    self.kill_worker()
                code, _, errors = self.run_book(book(FIRST, cell, LAST), "--inplace")
                self.assertEqual(code, 1)
                self.assertRegex(errors, rf"^netsplit run: book.ipynb: cell 2 \(In \[2\]\),? ?:?.*{name}")
                seen = outputs(self.read())
                self.assertEqual((seen[0], seen[1][0], seen[1][1][0], seen[2]), (BEFORE, IN, "error", []))

    def test_parameters(self):
        code, out, errors = self.run_book(book(Papermill.PARAMETERS, Papermill.SHOW), "--param", "rate=160", "--param", "mode=async", "--param", "outage=20s")
        self.assertEqual((code, out, errors), (0, '160 0.5 "async" [] map[] false 1 20s\n', ""))
        code, _, errors = self.run_book(book(Papermill.PARAMETERS, Papermill.SHOW), "--param", "speed=160")
        self.assertEqual(code, 2)
        self.assertIn("assigns no speed (it assigns rate, load, mode,", errors)


def left_over():
    """Processes of the kernel that are still there, after a moment for those that just end."""
    end = time.monotonic() + 10
    while True:
        left = [p for p in psutil.Process().children(recursive=True) if p.status() != psutil.STATUS_ZOMBIE and "netsplit" in " ".join(p.cmdline()[:2])]
        if not left or time.monotonic() > end:
            return left
        time.sleep(0.1)


if __name__ == "__main__":
    result = unittest.main(exit=False, verbosity=2).result
    run, bad = result.testsRun + 1, len({str(test) for test, _ in result.failures + result.errors + result.skipped})
    if left := left_over():
        bad += 1
        print(f"FAILED  processes are left: {left}")
    print(f"{max(0, run - bad)} passed, {bad} failed")
    sys.exit(1 if bad else 0)
