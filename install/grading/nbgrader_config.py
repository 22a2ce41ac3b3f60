"""How nbgrader is to treat notebooks of Netsplit. A course's nbgrader_config.py loads
this file (install/grading/course writes it so) and may change any of it below.

nbgrader on its own gives full points to a test that did not run: a learner who deletes
a test cell, tags it skip-execution or copies it is never graded, or stops the grading of
everybody behind. Here

* of a submission nothing counts but the text of its cells (TrustRelease): which cells
  there are, what they are worth and what the tests say comes from the release;
* a file that is no notebook is graded like one in which nothing was done (ReadAnything);
* points come from a number that a test cell showed, and from nothing else
  (PointsNeedEvidence, ExecuteToTheEnd);
* what learners get back holds no source of hidden tests (HideHiddenTests).

What was changed in a submission is told in the log, and to the learner in a first cell.
"""

import os
import re
import sys
import time
import warnings

import nbformat
from nbconvert.exporters import NotebookExporter
from nbconvert.preprocessors import ClearMetadataPreprocessor, CSSHTMLHeaderPreprocessor, Preprocessor
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output
from nbgrader.api import Gradebook
from nbgrader.plugins import FileNameCollectorPlugin
from nbgrader.preprocessors import (
    AssignLatePenalties, CheckCellMetadata, ClearOutput, Execute, GetGrades, IgnorePattern, LimitOutput, OverwriteCells,
    OverwriteKernelspec, SaveAutoGrades,
)
from nbgrader.preprocessors.base import NbGraderPreprocessor
from sqlalchemy.exc import SAWarning
from traitlets import Bool, Integer

REMARKS = "**Remarks of the grader**"


def remark(nb, text):
    """Tells the learner in the first cell of the notebook."""
    if not (nb.cells and nb.cells[0].cell_type == "markdown" and nb.cells[0].source.startswith(REMARKS)):
        nb.cells.insert(0, new_markdown_cell(REMARKS + "\n"))
    nb.cells[0].source += "\n- " + text


def visible(source):
    """(visible, hidden): the lines of a test cell that learners see, and the others."""
    lines, hidden, inside = [], [], False
    for line in source.split("\n"):
        if "BEGIN HIDDEN TESTS" in line:
            inside = True
        elif "END HIDDEN TESTS" in line:
            inside = False
        else:
            (hidden if inside else lines).append(line)
    return lines, hidden


class ReadAnything(NotebookExporter):
    """Reads a notebook; what cannot be read counts as one without cells."""

    def from_file(self, file_stream, resources=None, **kw):
        try:
            nb = nbformat.read(file_stream, as_version=4)
            if not isinstance(nb.cells, list):
                raise ValueError("its cells are no list")
        except Exception as error:
            name = (resources or {}).get("unique_key", "a notebook")
            self.log.error("%s cannot be read (%s: %s): it is graded like a notebook in which nothing was done", name, type(error).__name__, str(error)[:200])
            nb = new_notebook()
            remark(nb, "The file that was submitted is no notebook and could not be read. Nothing of it was graded.")
        return self.from_notebook_node(nb, resources, **kw)


class TrustRelease(NbGraderPreprocessor):
    """Takes the text of a submission's cells, and all else from the release.

    The order of the cells stays that of the submission: a test that was moved above the
    answer runs there. Of several copies of a cell the last one counts. A cell that is
    missing comes back behind the one before it, an answer as its stub: what learners
    have in cells of their own below it holds.

    Before each test the read-only cells above it run once more, so that a test finds what
    they declare as it was released, whatever the submission has declared since.
    """

    def preprocess(self, nb, resources):
        at = resources["nbgrader"]
        self.remarks = []
        cells, submitted, strangers = [], {}, []
        for cell in nb.cells:
            text = cell.get("source") if isinstance(cell, dict) else None
            if isinstance(text, str):
                entry = cell.get("metadata", {}).get("nbgrader") if isinstance(cell.get("metadata"), dict) else None
                name = entry.get("grade_id") if isinstance(entry, dict) else None
                fresh = self.fresh(cell.get("cell_type"), text, cell)
                cells.append(fresh)
                if isinstance(name, str):
                    if name in submitted:
                        self.tell(at, f"There were several copies of the cell `{name}`: the last one counts.")
                    submitted[name] = (fresh, cell.get("cell_type"), entry)
                else:
                    strangers.append((fresh, cell.get("cell_type"), {}))
        with Gradebook(at["db_url"]) as book:
            released = book.find_notebook(at["notebook"], at["assignment"])
            points = {c.name: c.max_score for c in released.grade_cells + released.task_cells}
            grade, solution, task = ({c.name for c in kind} for kind in (released.grade_cells, released.solution_cells, released.task_cells))
            known = {c.name for c in released.source_cells}
            strangers += [submitted[name] for name in submitted if name not in known]
            where, readonly = 0, []
            for old in released.source_cells:
                entry = dict(schema_version=3, grade_id=old.name, grade=old.name in grade, solution=old.name in solution,
                             task=old.name in task, locked=old.locked, checksum=old.checksum, cell_type=old.cell_type)
                if old.name in points:
                    entry["points"] = points[old.name]
                found, kind, claimed = submitted.get(old.name) or self.recognised(old, strangers) or (None, None, {})
                if found is None:
                    cell = self.fresh(old.cell_type, old.source)
                    cells.insert(where, cell)
                    self.tell(at, f"The cell `{old.name}` was missing and is put back.")
                else:
                    cell = self.compare(at, old, entry, found, kind, claimed)
                    cells[self.place(cells, found)] = cell
                cell.metadata["nbgrader"] = entry
                where = 1 + self.place(cells, cell)
                if old.locked and old.cell_type == "code":
                    if old.name in grade:
                        for name, text in readonly:
                            again = self.fresh("code", text)
                            again.metadata["netsplit"] = {"again": name}
                            cells.insert(where - 1, again)
                            where += 1
                    else:
                        readonly.append((old.name, old.source))
        clean = new_notebook(cells=cells)
        for text in self.remarks:
            remark(clean, text)
        return clean, resources

    @staticmethod
    def recognised(old, strangers):
        """A locked cell that lost its name, by its text."""
        text = "\n".join(visible(old.source)[0]).strip()
        found = [stranger for stranger in strangers if old.locked and stranger[0].source.strip() == text]
        return found[-1] if found else None

    def compare(self, at, old, entry, found, kind, claimed):
        """The submitted cell as it counts. Tells what differs from the release."""
        cell = found
        if kind != old.cell_type:
            self.tell(at, f"The cell `{old.name}` had become a {kind} cell; it is a {old.cell_type} cell again.")
            cell = self.fresh(old.cell_type, found.source)
        if any(claimed.get(key, entry.get(key)) != entry.get(key) for key in ("grade", "solution", "task", "locked", "points")):
            self.tell(at, f"What the cell `{old.name}` is worth, or what it is for, was changed; the release counts.")
        if old.locked:
            if "\n".join(visible(old.source)[0]).strip() != found.source.strip():
                self.tell(at, f"The cell `{old.name}` may not be edited; the text of the release counts.")
            cell.source = old.source
        return cell

    @staticmethod
    def fresh(kind, source, submitted=None):
        """A cell of which nothing but its text comes from elsewhere, and images of an answer."""
        if kind == "code":
            return new_code_cell(source)
        cell = new_markdown_cell(source)
        attachments = (submitted or {}).get("attachments")
        if isinstance(attachments, dict) and all(isinstance(bundle, dict) and all(isinstance(v, str) for v in bundle.values()) for bundle in attachments.values()):
            cell.attachments = attachments
        return cell

    @staticmethod
    def place(cells, wanted):
        return next(i for i, cell in enumerate(cells) if cell is wanted)

    def tell(self, at, text):
        self.log.warning("%s, %s: %s", at["student"], at["notebook"], text)
        self.remarks.append(text)


class ExecuteToTheEnd(Execute):
    """Executes. Where the kernel is gone for good, or the time for the whole notebook is
    over, what ran until then is graded."""

    total = Integer(600, help="Seconds for a whole notebook.").tag(config=True)

    def preprocess(self, nb, resources, *args, **kw):
        at = resources["nbgrader"]
        self.end, self.left_out = time.monotonic() + self.total, 0
        why = ""
        try:
            nb, resources = super().preprocess(nb, resources, *args, **kw)
        except (RuntimeError, TimeoutError) as error:  # DeadKernelError and the time-outs of nbclient are among them
            if not any(cell.get("execution_count") for cell in nb.cells):
                raise  # no cell has run: that is not the submission's fault
            why = f"{type(error).__name__}: {str(error)[:200]}"
        if self.left_out:
            why = f"{self.total} seconds were over; {self.left_out} cells were not run"
        if why:
            self.log.error("%s, %s: the run ended early (%s)", at["student"], at["notebook"], why)
            remark(nb, "The notebook could not be run to its end; cells behind that place were not run.")
        return nb, resources

    def preprocess_cell(self, cell, resources, index):
        if time.monotonic() < self.end:
            return super().preprocess_cell(cell, resources, index)
        self.left_out += cell.cell_type == "code"
        return cell, resources


class PointsNeedEvidence(NbGraderPreprocessor):
    """A test cell that showed neither an error nor its points as a number earns none.
    nbgrader would give full points for no output at all, and for true, nan or "4"; a
    number above the maximum would cost the whole submission."""

    def preprocess_cell(self, cell, resources, index):
        entry = cell.metadata.get("nbgrader", {})
        if cell.cell_type != "code" or not entry.get("grade") or entry.get("solution"):
            return cell, resources
        for output in cell.outputs:
            if output.output_type == "error":
                return cell, resources
            if output.output_type == "execute_result":
                text = output.data.get("text/plain", "")
                if isinstance(text, str) and re.fullmatch(r"[0-9]+(\.[0-9]+)?", text) and float(text) <= float(entry["points"]):
                    return cell, resources
                break
        at = resources["nbgrader"]
        self.log.warning("%s, %s: cell %s showed no points and earns 0: look at it", at["student"], at["notebook"], entry["grade_id"])
        why = "the test cell did not show its points (score.Points() as its last line)"
        cell.outputs.insert(0, new_output("error", ename="NoPoints", evalue=why, traceback=[f"NoPoints: {why}"]))
        at.setdefault("without_points", []).append(entry["grade_id"])
        return cell, resources


class AskTheInstructor(NbGraderPreprocessor):
    """Marks what earned nothing for want of evidence, so that the formgrader lists it."""

    def preprocess(self, nb, resources):
        at = resources["nbgrader"]
        with Gradebook(at["db_url"]) as book:
            for name in at.get("without_points", []):
                book.find_grade(name, at["notebook"], at["assignment"], at["student"]).needs_manual_grade = True
            book.db.commit()
        return nb, resources


class HideHiddenTests(Preprocessor):
    """Feedback shows what hidden tests said, and not their source. To publish it, too,
    after the due date: c.HideHiddenTests.enabled = False."""

    enabled = Bool(True).tag(config=True)

    def preprocess(self, nb, resources):
        nb.cells = [cell for cell in nb.cells if "again" not in cell.metadata.get("netsplit", {})]
        return super().preprocess(nb, resources)

    def preprocess_cell(self, cell, resources, index):
        lines, hidden = visible(cell.source)
        if not hidden:
            return cell, resources
        cell.source = "\n".join(lines)
        secret = [line.strip() for line in hidden if len(line.strip()) > 3]
        for output in cell.get("outputs", []):
            if output.output_type == "error":
                text = "\n".join(output.traceback).split("\n")
                output.traceback = [line for line in text if not any(s in line for s in secret)]
        return cell, resources


class UploadedFiles(FileNameCollectorPlugin):
    """Finds student and lesson in the names of uploaded files. nbgrader takes what stands behind
    the last point of a name for an ending, which makes 1 of 1.2-retries."""

    def collect(self, submitted_file):
        found = super().collect(submitted_file)
        if found and not found["file_id"].endswith(".ipynb"):
            found["file_id"] += ".ipynb"
        return found


c = get_config()

# What a learner finds instead of a solution. The table is replaced as a whole: a course
# that has notebooks in other languages adds theirs. A missing language stops the release.
c.ClearSolutions.code_stub = {"go": '// YOUR CODE HERE\npanic("your code is missing here")'}

c.Autograde.exporter_class = ReadAnything
c.Autograde.sanitize_preprocessors = [TrustRelease, ClearOutput, OverwriteKernelspec, OverwriteCells, CheckCellMetadata]
c.Autograde.autograde_preprocessors = [
    ExecuteToTheEnd, IgnorePattern, PointsNeedEvidence, ClearMetadataPreprocessor, LimitOutput,
    SaveAutoGrades, AskTheInstructor, AssignLatePenalties, CheckCellMetadata,
]
c.GenerateFeedback.preprocessors = [GetGrades, HideHiddenTests, CSSHTMLHeaderPreprocessor]

c.Execute.timeout = 60  # seconds for a cell; what takes longer is interrupted, an error, and the next cell runs
c.ExecuteToTheEnd.total = 600  # seconds for a notebook; tests behind that place earn nothing

# What a program writes to standard error costs no points. The kernel of Netsplit turns it into
# ordinary output while it grades; this is for what comes from elsewhere.
c.IgnorePattern.enabled = True
c.IgnorePattern.pattern = r"(?s).*"

# Names of files that learning platforms hand out: STUDENT_..._1.2-retries.ipynb, also with -1 for a second
# upload, and folders STUDENT_... with 1.2-retries.ipynb in them.
c.ZipCollectApp.collector_plugin = UploadedFiles
c.FileNameCollectorPlugin.named_regexp = r".*/(?P<student_id>[^/_]+)_(?:[^/]*[_/])?(?P<file_id>[0-9]+\.[0-9]+-[A-Za-z]+)(?:-[0-9]+)?\.ipynb$"

# A remark of nbgrader's database library on nbgrader itself, three times in each run.
warnings.filterwarnings("ignore", category=SAWarning)

# nbgrader calls alembic, which lies beside it, by its name.
os.environ["PATH"] = os.path.dirname(sys.executable) + os.pathsep + os.environ.get("PATH", "")
