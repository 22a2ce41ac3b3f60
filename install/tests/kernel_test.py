"""jupyter_kernel_test on the installed kernel, every one of its tests enabled.

    .venv/bin/python install/tests/kernel_test.py [-k PATTERN]

A test that is skipped counts as failed: an attribute that is missing below
would otherwise pass unseen. It tests the kernelspec "netsplit" of the
environment that runs it.
"""

import sys
import unittest

import jupyter_kernel_test


class TestNetsplit(jupyter_kernel_test.KernelTests):
    kernel_name = "netsplit"
    language_name = "go"
    file_extension = ".go"

    code_hello_world = 'import "fmt"\nfmt.Println("hello, world")'
    code_stderr = 'import ("fmt"; "os")\nfmt.Fprintln(os.Stderr, "a line on stderr")'

    completion_samples = [
        {"text": "strings.ToUpperS", "matches": {"ToUpperSpecial"}},
        {"text": "fallth", "matches": {"fallthrough"}},
        {"text": "zzz"},
    ]

    complete_code_samples = [
        "x := 1",
        'import "fmt"',
        "func f(a int) int {\n\treturn a\n}",
        "for i := range 3 {\n\t_ = i\n}",
        "s := `two\nlines`",
        "// only a comment",
    ]
    incomplete_code_samples = ["func f() {", "x := []int{1,", "if true {\n\tx := 1", "s := `never closed", "1 +"]
    invalid_code_samples = ["x := )", "func 1() {}", "}"]

    code_page_something = "strings.Repeat?"
    code_generate_error = 'panic("on purpose")'
    code_execute_result = [
        {"code": "1 + 1", "result": "2"},
        {"code": '"net" + "split"', "result": "netsplit"},
        {"code": "[]int{1, 2, 3}", "result": "[1 2 3]"},
        {"code": "struct{ X, Y int }{1, 2}", "result": "{X:1 Y:2}"},
        {"code": "6 * 7", "result": "42"},
    ]
    code_display_data = [
        {"code": 'display.Show(display.HTML("<b>bold</b>"))', "mime": "text/html"},
        {"code": 'display.Show(display.Markdown("*soft*"))', "mime": "text/markdown"},
    ]

    code_history_pattern = "1 +*"
    supported_history_operations = ("tail", "range", "search")

    code_inspect_sample = "strings.Repeat"
    code_clear_output = "display.Clear(false)"


class TestWelcome(jupyter_kernel_test.IopubWelcomeTests):
    """A class of its own: its client connects in the test, to a kernel that nobody has talked to."""

    kernel_name = "netsplit"
    support_iopub_welcome = True


TESTS = 13


def main():
    program = unittest.main(exit=False, verbosity=2)
    result = program.result
    bad = {test.id() for test, _ in result.failures + result.errors + result.skipped}
    for test, reason in result.skipped:
        print(f"FAILED: {test.id()} was skipped: {reason}")
    run = result.testsRun
    # A failed sub-test is listed under its own id; the test it belongs to counts once.
    failed = len({name.split(" ")[0] for name in bad})
    whole = not any(a.startswith("-k") for a in sys.argv[1:])
    if whole and run != TESTS:
        print(f"FAILED: {run} tests ran; jupyter_kernel_test has {TESTS}")
        failed += 1
    print(f"{max(0, run - failed)} passed, {failed} failed")
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
