"""Twenty submissions of known points, made from the released notebooks of the course.

Each is a function of a Work: the released notebook in which a learner works, with the
answers of the source at hand. It changes the notebook and returns the points that its
exercises must earn, in order. What makes a submission odd stands in several notebooks,
in another exercise of each.
"""

import copy
import json
import pathlib

STUB = 'panic("your code is missing here")'


class Exercise:
    """One test cell and the answer cells above it, with what solves them."""

    def __init__(self, answers, test, points):
        self.answers, self.test, self.points = answers, test, points


class Work:
    """A learner's notebook. number counts the notebooks of the course."""

    def __init__(self, source, released, number):
        self.nb, self.number, self.name = released, number, None
        self.solutions, self.exercises, answers = {}, [], []
        for cell in source["cells"]:
            entry = cell["metadata"].get("nbgrader", {})
            if entry.get("solution"):
                self.solutions[entry["grade_id"]] = "".join(cell["source"])
                answers.append(entry["grade_id"])
            elif entry.get("grade"):
                self.exercises.append(Exercise(answers, entry["grade_id"], entry["points"]))
                answers = []

    @property
    def cells(self):
        return self.nb["cells"]

    def find(self, grade_id):
        entries = ((cell, cell["metadata"].get("nbgrader")) for cell in self.cells)
        return next(cell for cell, entry in entries if isinstance(entry, dict) and entry.get("grade_id") == grade_id)

    def entry(self, grade_id):
        return self.find(grade_id)["metadata"]["nbgrader"]

    def place(self, grade_id):
        return self.cells.index(self.find(grade_id))

    def solve(self, *exercises):
        for exercise in exercises or self.exercises:
            for name in exercise.answers:
                self.find(name)["source"] = "\n".join(line for line in self.solutions[name].split("\n") if "SOLUTION" not in line)
        return [e.points for e in self.exercises]

    def odd(self):
        """The exercise in which this notebook is odd."""
        return self.exercises[self.number % len(self.exercises)]

    def stub(self, exercise, instead, imports=""):
        """Puts other statements before the panic of the stub."""
        cell = self.find(exercise.answers[-1])
        assert STUB in cell["source"], cell["source"]
        cell["source"] = imports + cell["source"].replace(STUB, instead + "\n\t" + STUB)

    def insert(self, where, source):
        self.cells.insert(where, {"cell_type": "code", "id": f"own-{len(self.cells)}", "metadata": {}, "source": source, "outputs": [], "execution_count": None})

    def all_but_odd(self):
        """Solves all exercises but the odd one; its points are lost."""
        odd = self.odd()
        points = self.solve(*(e for e in self.exercises if e is not odd))
        return odd, [0 if e is odd else p for e, p in zip(self.exercises, points)]


def perfect(work):
    return work.solve()


def untouched(work):
    return [0 for _ in work.exercises]


def half(work):
    work.solve(*work.exercises[::2])
    return [0 if i % 2 else e.points for i, e in enumerate(work.exercises)]


# Answers that pass some checks and fail others, with what the passed ones are worth: grade_id of
# the answer, file below notebooks/testdata/wrong/NOTEBOOK/GRADE_ID, points. The first line of the
# file says what is wrong with it.
PARTIAL = {
    "retries-books": ("id-first", 4),
    "retries-pay": ("impatient", 4),
    "retries-polite": ("silent", 3),
    "outage-recovery": ("no-retries-afterwards", 1),
    "outage-budget": ("saves-without-limit", 3),
    "outage-shedding": ("counts-what-it-refused", 4),
    "replication-leader": ("counts-messages", 4),
    "replication-heir": ("waits-for-nobody", 2),
    "replication-rejoin": ("compares-as-sets", 2),
    "balancing-two": ("neighbours", 2),
    "balancing-weight": ("never-again", 4),
    "kafka-sequence": ("memory", 3),
    "kafka-book": ("by-value", 4),
    "kafka-retries": ("put-once", 5),
    "raft-vote": ("vote-in-memory", 2),
    "raft-commit": ("counts-old-terms", 1),
}


def partial(work):
    """Half of the points of a cell are earned, too."""
    points = work.solve()
    for i, exercise in enumerate(work.exercises):
        if exercise.answers[-1] in PARTIAL:
            mistake, points[i] = PARTIAL[exercise.answers[-1]]
            path = pathlib.Path(__file__).parents[2] / "notebooks" / "testdata" / "wrong" / work.name / exercise.answers[-1] / (mistake + ".go")
            work.find(exercise.answers[-1])["source"] = path.read_text(encoding="utf-8")
    return points


def noisy(work):
    """Noise on standard error, before, in and behind the answers, costs nothing."""
    work.solutions = {name: text.replace("// BEGIN SOLUTION", 'println("noise") //', 1) for name, text in work.solutions.items()}
    points = work.solve()
    for exercise in work.exercises:
        work.insert(work.place(exercise.test), 'import "os"\nimport "log"\n\nlog.Println("I am here")\nprintln("and here")')
        work.insert(work.place(exercise.test), 'for i := range 3 {\n\tprintln(i)\n}')
    return points


def uncompiled(work):
    odd, points = work.all_but_odd()
    work.stub(odd, "this is no Go")
    return points


def endless(work):
    """One notebook only, since it takes the time that a cell may take."""
    if work.number != 1:
        return work.solve()
    odd, points = work.all_but_odd()
    work.stub(odd, "for {\n\t}")
    return points


def goroutine(work):
    """A goroutine panics: in the answer, and in a cell of its own, which costs nothing."""
    odd, points = work.all_but_odd()
    work.stub(odd, 'go func() { panic("in a goroutine") }()')
    work.insert(work.place(odd.test), 'go func() { panic("in a cell of its own") }()')
    return points


def exits(work):
    odd, points = work.all_but_odd()
    work.stub(odd, "os.Exit(0)", 'import "os"\n\n')
    work.insert(work.place(odd.test), 'import "os"\n\nos.Exit(0)')
    return points


def goexits(work):
    odd, points = work.all_but_odd()
    work.stub(odd, "runtime.Goexit()", 'import "runtime"\n\n')
    work.insert(work.place(odd.test), 'import "runtime"\n\nruntime.Goexit()')
    return points


def deletes(work):
    """Test cells are deleted, which neither helps nor hurts; in every other notebook the odd answer, too."""
    odd, points = work.all_but_odd()
    for exercise in work.exercises:
        work.cells.remove(work.find(exercise.test))
    if work.number % 2:
        work.cells.remove(work.find(odd.answers[-1]))
    return points


def copies(work):
    """Every cell that nbgrader knows is there twice, the odd test three times."""
    odd, points = work.all_but_odd()
    names = [cell["metadata"]["nbgrader"]["grade_id"] for cell in work.cells if "nbgrader" in cell["metadata"]]
    for name in names + [odd.test]:
        at = work.place(name)
        work.cells.insert(at, copy.deepcopy(work.cells[at]))
    return points


def edits(work):
    """Tests are replaced by the number that is wanted."""
    odd, points = work.all_but_odd()
    for exercise in work.exercises:
        work.find(exercise.test)["source"] = f"{exercise.points}"
    work.find(odd.test)["source"] = "" if work.number % 2 else "score := grade.Open(100)\nscore.Points()"
    return points


def relabels(work):
    """Points, flags, ids and the schema are changed, entries removed."""
    odd, points = work.all_but_odd()
    for i, exercise in enumerate(work.exercises):
        entry = work.entry(exercise.test)
        for name in exercise.answers:
            if (i + work.number) % 2:
                work.find(name)["metadata"].pop("nbgrader")
        match (i + work.number) % 5:
            case 0:
                entry.update(points=1000)
            case 1:
                entry.update(grade=False, solution=True)
            case 2:
                entry.update(grade_id="another", checksum="0" * 32)
            case 3:
                entry.update(schema_version=1, seed=7, task=True)
            case 4:
                work.find(exercise.test)["metadata"]["nbgrader"] = ["no", "object"]
    return points


def skips(work):
    """Tests do not run, and show what a good answer would have shown."""
    odd, points = work.all_but_odd()
    for exercise in work.exercises:
        cell = work.find(exercise.test)
        cell["metadata"]["tags"] = ["skip-execution", "raises-exception"]
        cell["execution_count"] = 1
        cell["outputs"] = [{"output_type": "execute_result", "execution_count": 1, "metadata": {}, "data": {"text/plain": str(exercise.points)}}]
    return points


def moves(work):
    """The odd test stands above all else: nothing that it asks for is there yet."""
    odd = work.odd()
    points = work.solve()
    cell = work.find(odd.test)
    work.cells.remove(cell)
    work.cells.insert(0, cell)
    return [0 if e is odd else p for e, p in zip(work.exercises, points)]


def retypes(work):
    """Tests become text, and so do answers, which are answers all the same."""
    odd, points = work.all_but_odd()
    for exercise in work.exercises:
        for name, kind in [(exercise.test, "markdown"), (exercise.answers[-1], "raw")]:
            cell = work.find(name)
            cell["cell_type"] = kind
            del cell["outputs"], cell["execution_count"]
    return points


def files(work):
    """Another kernel, no ids, an old format; a file that is missing, one that is no notebook."""
    points = work.solve()
    match work.number % 3:
        case 0:
            work.nb["metadata"]["kernelspec"] = {"name": "python3", "display_name": "Python 3", "language": "python"}
            work.nb["nbformat_minor"] = 2
            for cell in work.cells:
                del cell["id"]
            return points
        case 1:
            work.nb = None
        case 2:
            work.nb = json.dumps(work.nb)[:1000]
    return [0 for _ in points]


def forges(work):
    """What tests use is declared anew."""
    odd, points = work.all_but_odd()
    at = work.place(odd.test)
    for source in (
        "func panic(v any) {}", "len := func(any) int { return 1 }", "true := false", 'type error interface{ Why() string }',
        "type fake struct{}\n\nfunc (fake) Open(float64) fake { return fake{} }\nfunc (fake) Points() float64 { return 1000 }\n\ngrade := fake{}",
        "score := grade.Open(5)\nscore.Points()", 'import grade "fmt"', "func recover() any { return nil }",
        'lab := 1\nsim := 2', 'import "netsplit/runtime/grade"\ngrade.Open = nil',
    ):
        work.insert(at, source)
    return points


def bare(work):
    """The lesson is deleted: nothing but the answers is submitted."""
    points = work.solve()
    names = {name for exercise in work.exercises for name in exercise.answers}
    work.nb["cells"] = [cell for cell in work.cells if cell["metadata"].get("nbgrader", {}).get("grade_id") in names]
    return points


EVERYBODY = [
    perfect, untouched, half, partial, noisy, uncompiled, endless, goroutine, exits, goexits,
    deletes, copies, edits, relabels, skips, moves, retypes, files, forges, bare,
]
