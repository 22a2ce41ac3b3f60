"""A class of twenty, graded by nbgrader as it comes from PyPI.

    .venv/grading/bin/python install/tests/class_test.py [--only STUDENT,...] [--keep DIR] [NOTEBOOK...]

The way that install/grading/README.md tells: course, generate, validate, release, collect
(through the exchange and from archives), autograde in two processes, feedback, export.
The submissions with their points stand in submissions.py. NOTEBOOK names sources, such as
notebooks/sprint-1/1.2-retries.ipynb; without any, all lessons are graded.
"""

import argparse
import concurrent.futures
import copy
import csv
import datetime
import html
import json
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import time
import zipfile

from nbgrader.api import Gradebook
from nbgrader.utils import determine_grade
from nbclient.exceptions import DeadKernelError
from nbformat.v4 import new_code_cell, new_notebook, new_output
from traitlets.config import Config

import submissions
from score import Score

ROOT = pathlib.Path(__file__).resolve().parents[2]
COURSE = "class"
LIMIT = 25  # seconds for a cell: the endless loop takes them all


def lessons():
    return sorted((ROOT / "notebooks").glob("sprint-*/*.ipynb"))


class Course:
    """An instructor's course folder."""

    def __init__(self, folder, sources):
        self.folder, self.exchange = folder / "course", folder / "exchange"
        self.exchange.mkdir()
        self.exchange.chmod(0o777)
        self.environment = {name: value for name, value in os.environ.items() if not name.startswith(("JUPYTER", "IPYTHON"))}
        for name in "CONFIG", "DATA", "RUNTIME":
            self.environment[f"JUPYTER_{name}_DIR"] = str(folder / "jupyter" / name)
        made = subprocess.run([str(ROOT / "install" / "grading" / "course"), str(self.folder), COURSE], capture_output=True, text=True)
        assert made.returncode == 0, made.stderr
        for path in self.folder.glob("source/*/*.ipynb"):
            if ROOT / "notebooks" / path.relative_to(self.folder / "source") not in sources:
                path.unlink()
        with open(self.folder / "nbgrader_config.py", "a", encoding="utf-8") as settings:
            settings.write(f"c.Exchange.root = {str(self.exchange)!r}\nc.ExchangeCollect.check_owner = False\nc.Execute.timeout = {LIMIT}\n")
        self.sources = sorted(self.folder.glob("source/*/*.ipynb"))
        self.sprints = sorted({path.parent.name for path in self.sources})

    def start(self, *command):
        return subprocess.Popen(
            [str(pathlib.Path(sys.executable).parent / "nbgrader"), *command], cwd=self.folder, env=self.environment,
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
        )

    def nbgrader(self, *command, code=0):
        process = self.start(*command)
        said, _ = process.communicate()
        if process.returncode != code:
            raise SystemExit(f"nbgrader {' '.join(command)} ended with code {process.returncode}:\n{said[-6000:]}")
        return said

    def together(self, *commands):
        """Commands, two side by side; what each said."""
        with concurrent.futures.ThreadPoolExecutor(2) as pool:
            return list(pool.map(lambda command: self.nbgrader(*command), commands))

    def book(self):
        return Gradebook("sqlite:///" + str(self.folder / "gradebook.db"), COURSE)


def source_of(cell):
    return cell["source"] if isinstance(cell["source"], str) else "".join(cell["source"])


def read(path):
    """A notebook with whole texts."""
    nb = json.loads(path.read_text(encoding="utf-8"))
    for cell in nb["cells"]:
        cell["source"] = source_of(cell)
    return nb


def hidden_lines(source):
    """The lines of hidden tests and solutions that stand nowhere else in a source notebook."""
    hidden, shown, inside = set(), [], False
    for cell in source["cells"]:
        for line in source_of(cell).split("\n"):
            if "BEGIN HIDDEN TESTS" in line:
                inside = True
            elif "END HIDDEN TESTS" in line:
                inside = False
            elif inside:
                hidden.add(line.strip())
            else:
                shown.append(line)
    shown = "\n".join(shown)
    return {line for line in hidden if len(line) > 12 and line not in shown}


class Class:
    """What every student hands in, and what it is worth."""

    def __init__(self, course, students):
        self.course, self.points = course, {}
        self.handed_in = {}
        for number, path in enumerate(course.sources):
            source, released = read(path), read(course.folder / "release" / path.relative_to(course.folder / "source"))
            for i, make in enumerate(submissions.EVERYBODY):
                if students and make.__name__ not in students:
                    continue
                work = submissions.Work(source, copy.deepcopy(released), number)
                work.name = path.stem
                student = f"{i + 1:02d}-{make.__name__}"
                self.points[student, path.parent.name, path.stem] = make(work)
                self.handed_in[student, path.parent.name, path.stem] = work.nb if isinstance(work.nb, str) or work.nb is None else json.dumps(work.nb)
        self.students = sorted({student for student, _, _ in self.points})

    def files(self, student, sprint):
        return {f"{name}.ipynb": text for (who, where, name), text in self.handed_in.items() if (who, where) == (student, sprint) and text is not None}

    def submit(self, sprint):
        """As nbgrader submit does."""
        now = datetime.datetime.now(datetime.timezone.utc).strftime("%Y-%m-%d %H:%M:%S.%f UTC")
        for student in self.students:
            folder = self.course.exchange / COURSE / "inbound" / f"{student}+{sprint}+{now}+0123456789"
            folder.mkdir()
            (folder / "timestamp.txt").write_text(now)
            for name, text in self.files(student, sprint).items():
                (folder / name).write_text(text, encoding="utf-8")

    def upload(self, sprint):
        """As a learning platform hands out what was uploaded: one archive with all of it."""
        folder = self.course.folder / "downloaded" / sprint / "archive"
        folder.mkdir(parents=True)
        with zipfile.ZipFile(folder / f"{sprint}.zip", "w") as archive:
            for student in self.students:
                for name, text in self.files(student, sprint).items():
                    archive.writestr(f"{student}_attempt_2030-01-31-15-00-00_{name}", text)


def shipped():
    """What the shipped settings define."""
    settings = {"get_config": Config, "__file__": ""}
    exec(compile((ROOT / "install/grading/nbgrader_config.py").read_text(encoding="utf-8"), "nbgrader_config.py", "exec"), settings)
    return settings


def a_run_that_ends_early(score):
    """What ran before the kernel was gone is graded; where nothing ran, the instructor must know."""
    steps = shipped()

    class Dies(steps["Execute"]):
        def preprocess(self, nb, resources, *args, **kw):
            raise DeadKernelError("Kernel died")

    run = steps["ExecuteToTheEnd"](total=0)
    run.log.setLevel("CRITICAL")
    nb = new_notebook(cells=[new_code_cell("for {}"), new_code_cell("1")], metadata={"kernelspec": {"name": "netsplit", "display_name": "Go", "language": "go"}})
    nb, _ = run.preprocess(nb, {"nbgrader": {"student": "s", "notebook": "n"}, "metadata": {"path": str(ROOT)}})
    score.check("could not be run to its end" in nb.cells[0].source and not nb.cells[1].get("outputs"), "runs nothing more when the time of a notebook is over")
    for ran, what in (1, "grades what ran before the kernel died"), (None, "reports a kernel that never ran"):
        run = type("ExecuteToTheEnd", (steps["ExecuteToTheEnd"], Dies), {})()
        run.log.setLevel("CRITICAL")
        nb = new_notebook(cells=[new_code_cell("1", execution_count=ran)])
        try:
            nb, _ = run.preprocess(nb, {"nbgrader": {"student": "s", "notebook": "n"}})
            good = ran and "could not be run to its end" in nb.cells[0].source
        except DeadKernelError:
            good = not ran
        score.check(good, what)


def points_of_outputs(score):
    """What a test cell of 4 points earns by what it shows (PointsNeedEvidence)."""
    demand = shipped()["PointsNeedEvidence"]()
    demand.log.setLevel("CRITICAL")
    result = lambda text: new_output("execute_result", {"text/plain": text} if text is not None else {}, execution_count=1)
    error = new_output("error", ename="E", evalue="", traceback=[])
    text = new_output("stream", name="stdout", text="FAIL")
    rows = [
        ("nothing", [], 0), ("only text", [text], 0), ("an error", [error], 0), ("an error before a result", [error, result("4")], 0),
        ("4", [result("4")], 4), ("2.5 behind text", [text, result("2.5")], 2.5), ("0", [result("0")], 0),
        ("result, then error", [result("3"), error], 3), ("no text/plain", [result(None)], 0),
    ] + [(f"{value!r}", [result(value)], 0) for value in ("", "5", "4.0000000001", "inf", "nan", "-1", "true", "4 pts", '"4"', "0x4", "8/2", "None", "1e0", "4\n4", "٤", "infinity", "1_0")]
    for what, outputs, want in rows:
        cell = new_code_cell("score.Points()", metadata={"nbgrader": dict(schema_version=3, grade=True, solution=False, locked=True, task=False, grade_id="t", points=4)}, outputs=copy.deepcopy(outputs))
        demand.preprocess_cell(cell, {"nbgrader": {"student": "s", "notebook": "n"}}, 0)
        try:
            got = determine_grade(cell)[0]
        except Exception as lost:
            got = lost
        score.check(got == want, f"a test cell of 4 points that shows {what} earns {want}", f"    it earns {got!r}")


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--only")
    parser.add_argument("--keep")
    parser.add_argument("notebooks", nargs="*")
    args = parser.parse_args()
    folder = pathlib.Path(args.keep or tempfile.mkdtemp(prefix="netsplit-class-")).resolve()
    if args.keep:
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir()
    score = Score()
    try:
        points_of_outputs(score)
        a_run_that_ends_early(score)
        grade(score, folder, args)
    finally:
        if not args.keep:
            shutil.rmtree(folder, ignore_errors=True)
    print(f"{score.passed} passed, {score.failed} failed")
    sys.exit(1 if score.failed or not score.passed else 0)


def grade(score, folder, args):
    clock = time.monotonic()

    def lap(what):
        nonlocal clock
        now = time.monotonic()
        print(f"        {what}: {now - clock:.1f} s", flush=True)
        clock = now

    course = Course(folder, [pathlib.Path(name).resolve() for name in args.notebooks] or lessons())
    score.check(course.sources, "install/grading/course makes a course with sources")
    course.nbgrader("generate_assignment", "sprint-*")
    lap("generate")

    # The learner's copies are those of netsplit release, and hold no secrets.
    native = folder / "native"
    released = subprocess.run([str(ROOT / ".venv/bin/netsplit"), "release", str(course.folder / "source"), "-o", str(native)], capture_output=True, text=True)
    score.check(released.returncode == 0, "netsplit release accepts the sources", released.stderr)
    secrets = {}
    for path in course.sources:
        name = path.relative_to(course.folder / "source")
        secrets[path.stem] = hidden_lines(read(path))
        text = (course.folder / "release" / name).read_text(encoding="utf-8")
        score.check((native / name).read_text(encoding="utf-8") == text, f"{name}: netsplit release gives what nbgrader generate_assignment gives")
        copied = "\n".join(source_of(cell) for cell in json.loads(text)["cells"])
        told = [line for line in secrets[path.stem] if line in copied] + [word for word in ("HIDDEN TESTS", "SOLUTION") if word in copied]
        score.check(secrets[path.stem] and not told, f"{name}: the release holds no hidden test and no solution", f"    {told}")
        score.check(not any(cell.get("outputs") for cell in json.loads(text)["cells"]), f"{name}: the release holds no outputs")

    for sprint in course.sprints:  # one after the other: nbgrader trips over folders that another process makes meanwhile
        course.nbgrader("release_assignment", sprint)
    lap("release")
    handed = Class(course, args.only.split(",") if args.only else None)
    archived = course.sprints[-1]
    for sprint in course.sprints:
        handed.upload(sprint) if sprint == archived else handed.submit(sprint)
    for sprint in course.sprints:
        course.nbgrader("zip_collect" if sprint == archived else "collect", sprint)
    lap("collect")

    # One half of the class in each process: they share the gradebook.
    patterns = ("--student=*[02468]-*", "--student=*[13579]-*")
    log = course.together(*(("autograde", "sprint-*", pattern) for pattern in patterns))
    (folder / "autograde.log").write_text("\n".join(log), encoding="utf-8")
    lap(f"autograde, {len(handed.handed_in)} notebooks")
    course.together(*(("generate_feedback", "sprint-*", pattern) for pattern in patterns))
    lap("feedback")
    course.nbgrader("export", "--to=grades.csv")

    with open(course.folder / "grades.csv", encoding="utf-8") as file:
        exported = {(row["student_id"], row["assignment"]): row for row in csv.DictReader(file)}
    with course.book() as book:
        for student in handed.students:
            wrong = []
            for sprint in course.sprints:
                want = 0
                for (who, where, name), points in handed.points.items():
                    if (who, where) != (student, sprint):
                        continue
                    submitted = handed.files(student, sprint)
                    got = book.find_submission_notebook(name, sprint, student).score if submitted else 0
                    want += sum(points)
                    if got != sum(points):
                        wrong.append(f"    {name}: {got} points, not {points}")
                row = exported.get((student, sprint))
                if row is None or float(row["raw_score"]) != want or float(row["score"]) != want:
                    wrong.append(f"    {sprint}: exported is {row and row['raw_score']}, not {want}")
            score.check(not wrong, f"{student}: the exported points are the known ones", "\n".join(wrong))

    # Nothing of the hidden tests comes back with the feedback.
    pages = told = 0
    for page in course.folder.glob("feedback/*/*/*.html"):
        text = html.unescape(re.sub(r"<[^>]*>", "", page.read_text(encoding="utf-8")))
        pages += 1
        for line in secrets[page.stem]:
            if line in text:
                told += 1
                print(f"        {page.relative_to(course.folder)} tells: {line}")
    expected = len([text for text in handed.handed_in.values() if text is not None])
    score.check(pages == expected and not told, "every submitted notebook has a page of feedback, and none tells a hidden test", f"    {pages} pages of {expected}; {told} lines are told")
    lap("looking at it")

    again = course.nbgrader("autograde", "sprint-*")
    submitted = {path.parent for path in course.folder.glob("submitted/*/*/*.ipynb")}
    score.check(again.count("Skipping existing assignment") == len(submitted) and "Autograding" not in again, "a second autograde skips all", again[-2000:])
    lap("autograde again")


if __name__ == "__main__":
    main()
