"""install/lab: what it says when something is missing, and what it sets up.

    .venv/bin/python install/tests/setup_test.py [unittest options]

The set-up is tried in a copy of the checkout with an empty home folder, which
is still empty afterwards; the second time nothing is fetched again.
"""

import http.client
import json
import os
import pathlib
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]
PATIENCE = 120  # seconds


def copy_checkout(target):
    """A copy of what a clone would hold, with changes that are not committed yet."""
    names = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"], cwd=ROOT, check=True, capture_output=True, text=True
    ).stdout.split("\0")
    for name in filter(None, names):
        if (ROOT / name).is_file():
            (target / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, target / name)


def lab(checkout, *options, **variables):
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("JUPYTER", "IPYTHON", "XDG_", "VIRTUAL_ENV"))}
    environment.update(variables)
    return subprocess.run([str(checkout / "install" / "lab"), *options], env=environment, capture_output=True, text=True)


class WhatIsMissingIsSaidWithTheCommandThatFixesIt(unittest.TestCase):
    def setUp(self):
        self.checkout = pathlib.Path(tempfile.mkdtemp(prefix="netsplit-setup-"))
        self.addCleanup(shutil.rmtree, self.checkout)
        shutil.copytree(ROOT / "install", self.checkout / "install", ignore=shutil.ignore_patterns("__pycache__"))

    def python(self, script):
        """A python3 of our own making."""
        path = self.checkout / "python3"
        path.write_text("#!/bin/sh\n" + script)
        path.chmod(0o755)
        return str(path)

    def refused(self, python):
        done = lab(self.checkout, "--setup-only", PYTHON=python)
        self.assertNotEqual(done.returncode, 0)
        self.assertEqual(done.stderr.count("\n"), 1, f"not one line:\n{done.stderr}")
        self.assertFalse((self.checkout / ".venv").exists(), "a .venv was left behind")
        return done.stderr

    def test_no_python(self):
        said = self.refused(str(self.checkout / "nowhere"))
        self.assertRegex(said, r"needs Python 3\.10 to 3\.14 and found none; get it with: .*(apt-get install -y python3|brew install)")

    def test_an_old_python(self):
        said = self.refused(self.python('case "$2" in *print*) echo 3.9 ;; *) exit 1 ;; esac\n'))
        self.assertRegex(said, r"needs Python 3\.10 to 3\.14, but \S+ is Python 3\.9; get one with: .*(apt-get install -y python3\.1|uv python install)")

    def test_a_python_that_is_too_new(self):
        said = self.refused(self.python('case "$2" in *print*) echo 3.15 ;; *) exit 1 ;; esac\n'))
        self.assertIn("is Python 3.15; get one with:", said)

    def test_no_venv(self):
        said = self.refused(self.python(f'case "$2" in *ensurepip*) exit 1 ;; esac\nexec "{sys.executable}" "$@"\n'))
        self.assertRegex(said, r"module venv is missing; get it with: (sudo )?apt-get install -y python3\.\d+-venv")


class TheSetUp(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = pathlib.Path(tempfile.mkdtemp(prefix="netsplit-setup-"))
        cls.addClassCleanup(shutil.rmtree, cls.folder, ignore_errors=True)
        cls.checkout, cls.home = cls.folder / "checkout", cls.folder / "home"
        cls.home.mkdir()
        copy_checkout(cls.checkout)
        cls.first = lab(cls.checkout, "--setup-only", HOME=str(cls.home), PYTHON=getattr(sys, "_base_executable", sys.executable))
        cls.venv = cls.checkout / ".venv"

    def run_tool(self, *command):
        environment = dict(os.environ, HOME=str(self.home))
        for name in [n for n in environment if n.startswith(("JUPYTER", "IPYTHON"))]:
            del environment[name]
        for name in "CONFIG", "DATA", "RUNTIME":
            environment[f"JUPYTER_{name}_DIR"] = str(self.folder / "jupyter" / name)
        done = subprocess.run([str(self.venv / "bin" / command[0]), *command[1:]], env=environment, capture_output=True, text=True)
        self.assertEqual(done.returncode, 0, done.stderr)
        return done.stdout

    def test_1_it_ends_well(self):
        self.assertEqual(self.first.returncode, 0, self.first.stderr)

    def test_2_the_kernelspec_is_listed(self):
        listed = json.loads(self.run_tool("jupyter", "kernelspec", "list", "--json"))["kernelspecs"]
        spec = listed["netsplit"]["spec"]
        self.assertEqual(spec["display_name"], "Go (Netsplit)")
        self.assertEqual(spec["argv"], [str(self.venv / "bin" / "netsplit"), "kernel", "-f", "{connection_file}"])
        self.assertEqual(spec["interrupt_mode"], "message")
        self.assertEqual(spec["language"], "go")
        self.assertEqual(sorted(os.listdir(listed["netsplit"]["resource_dir"])), ["kernel.json", "logo-32x32.png", "logo-64x64.png", "logo-svg.svg"])

    def test_3_the_doctor_finds_nothing_wrong(self):
        self.assertIn("Nothing is wrong.", self.run_tool("netsplit", "doctor"))

    def test_4_the_second_time_nothing_is_fetched(self):
        before = (self.venv / "bin" / "jupyter").stat().st_mtime_ns
        second = lab(self.checkout, "--setup-only", HOME=str(self.home))
        self.assertEqual(second.returncode, 0, second.stderr)
        self.assertNotIn("Setting up", second.stderr)
        self.assertEqual(before, (self.venv / "bin" / "jupyter").stat().st_mtime_ns)

    def copies(self):
        """The learner's copies, with when they were written."""
        return {str(path.relative_to(self.checkout / "course")): path.stat().st_mtime_ns for path in (self.checkout / "course").rglob("*.ipynb")}

    def test_5_a_learner_has_copies_of_the_lessons(self):
        lessons = {str(path.relative_to(self.checkout / "notebooks")) for path in (self.checkout / "notebooks").glob("sprint-*/*.ipynb")}
        self.assertIn("Your copies of the notebooks are in course.\n", self.first.stderr)
        self.assertEqual(set(self.copies()), lessons | {"gallery.ipynb"})
        text = "".join(path.read_text() for path in (self.checkout / "course").rglob("*.ipynb"))
        for secret in "BEGIN SOLUTION", "HIDDEN TESTS":
            self.assertNotIn(secret, text)
        git = subprocess.run(["git", "check-ignore", "-q", "--no-index", "course/sprint-1"], cwd=ROOT)
        self.assertEqual(git.returncode, 0, "git does not ignore course")

    def test_5_a_pull_leaves_the_work_of_learners_alone(self):
        """Lessons of the checkout change, as by git pull."""
        mine, other, gone = sorted((self.checkout / "course").glob("sprint-*/*.ipynb"))[:3]
        work = mine.read_text().replace('"source": [', '"source": [\n    "my work",', 1)
        mine.write_text(work)
        gone.unlink()
        place = mine.relative_to(self.checkout / "course")
        for path in mine, other:
            source = self.checkout / "notebooks" / path.relative_to(self.checkout / "course")
            source.write_text(source.read_text().replace('"source": [', '"source": [\n    "a better beginning\\n",', 1))
        second = lab(self.checkout, "--setup-only", HOME=str(self.home))
        name = lambda path: str(path.relative_to(self.checkout))
        self.assertEqual(second.stderr.split("Building the kernel ...\n")[1].splitlines(), [
            f"{place} has changed since your copy was made; yours is left alone (--beside puts the new one beside it, as {mine.stem}-new.ipynb)",
            f"renewed {name(other)}", f"made {name(gone)}", "Netsplit is set up. Start JupyterLab with: install/lab",
        ])
        self.assertEqual(mine.read_text(), work)
        third = lab(self.checkout, "--setup-only", "--beside", HOME=str(self.home))
        self.assertIn(f"made {name(mine)[:-6]}-new.ipynb, beside yours\n", third.stderr)
        self.assertIn("a better beginning", mine.with_name(mine.stem + "-new.ipynb").read_text())
        self.assertEqual(mine.read_text(), work)

    def test_5_jupyterlab_opens_on_the_copies(self):
        environment = {name: value for name, value in os.environ.items() if not name.startswith(("JUPYTER", "IPYTHON", "XDG_"))}
        environment["HOME"] = str(self.home)
        log = open(self.folder / "lab.log", "w+")
        self.addCleanup(log.close)
        server = subprocess.Popen(
            [str(self.checkout / "install" / "lab"), "--no-browser", "--ServerApp.port=0", "--ServerApp.ip=127.0.0.1"],
            env=environment, stdout=log, stderr=log, stdin=subprocess.DEVNULL,
        )
        try:
            found = self.wait_for_server(server, log)
            ask = lambda path: self.get(found["port"], path, found["token"])
            self.assertEqual(sorted(item["name"] for item in ask("/api/contents")["content"]), sorted(name for name in os.listdir(self.checkout / "course") if not name.startswith(".")))
            self.assertIn("netsplit", ask("/api/kernelspecs")["kernelspecs"])
            settings = ask("/lab/api/settings/@jupyterlab/apputils-extension:notification")
            self.assertEqual(settings["schema"]["properties"]["fetchNews"]["default"], "false")
        finally:
            server.send_signal(signal.SIGTERM)
            server.wait(PATIENCE)

    def wait_for_server(self, server, log):
        started = time.monotonic()
        while time.monotonic() - started < PATIENCE and server.poll() is None:
            for path in (self.venv / "jupyter" / "runtime").glob("jpserver-*.json"):
                try:
                    return json.loads(path.read_text())
                except ValueError:
                    pass  # it is being written
            time.sleep(0.1)
        log.seek(0)
        self.fail("JupyterLab did not start:\n" + log.read()[-3000:])

    @staticmethod
    def get(port, path, token):
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=PATIENCE)
        connection.request("GET", path, headers={"Authorization": f"token {token}"})
        answer = connection.getresponse()
        body = answer.read()
        connection.close()
        assert answer.status == 200, (answer.status, body[:500])
        return json.loads(body)

    def test_6_nothing_was_written_outside_the_checkout(self):
        left = [str(path.relative_to(self.home)) for path in self.home.rglob("*") if path.is_file()]
        # pip asks rustc for its version, and rustup's rustc then settles in.
        left = [name for name in left if not name.startswith(".rustup/")]
        self.assertEqual(left, [])

    def test_7_uninstall_takes_the_kernelspec_away(self):
        said = self.run_tool("netsplit", "uninstall", "--prefix", str(self.venv))
        self.assertRegex(said, r"^Removed .*/share/jupyter/kernels/netsplit\n$")
        self.assertNotIn("netsplit", json.loads(self.run_tool("jupyter", "kernelspec", "list", "--json"))["kernelspecs"])


if __name__ == "__main__":
    result = unittest.main(exit=False, verbosity=2).result
    bad = len(result.failures) + len(result.errors) + len(result.skipped)
    print(f"{max(0, result.testsRun - bad)} passed, {bad} failed")
    sys.exit(1 if bad else 0)
