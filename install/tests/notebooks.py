"""Every notebook below a folder, executed by stock clients on the installed kernel.

    .venv/bin/python install/tests/notebooks.py FOLDER [NOTEBOOK...]

For each notebook: nbclient runs it twice, each time in a fresh kernel, and the
outputs are the committed ones byte for byte (what is compared: outputs.py);
"jupyter nbconvert --to notebook --execute" ends with code 0 and gives them, too.
With UPDATE_GOLDEN=1 the outputs are written into the notebooks instead. Folders
named testdata hold fixtures and are left out.
"""

import os
import pathlib
import subprocess
import sys
import tempfile

import nbformat
from nbclient import NotebookClient

from outputs import difference, outputs
from score import Score

LIMIT = 300  # seconds for one cell


def execute(path):
    notebook = nbformat.read(path, 4)
    NotebookClient(
        notebook,
        timeout=LIMIT,
        kernel_name=notebook.metadata.kernelspec.name,
        resources={"metadata": {"path": str(path.parent)}},
        record_timing=False,
    ).execute()
    return notebook


def convert(path):
    """What nbconvert makes of the notebook, or the end of what it printed."""
    with tempfile.TemporaryDirectory() as folder:
        done = subprocess.run(
            [sys.executable, "-m", "jupyter", "nbconvert", "--to", "notebook", "--execute", f"--ExecutePreprocessor.timeout={LIMIT}",
             "--output-dir", folder, "--output", "executed.ipynb", str(path)],
            capture_output=True, text=True, cwd=path.parent,
        )
        if done.returncode:
            return None, f"code {done.returncode}\n{done.stderr[-3000:]}"
        return nbformat.read(pathlib.Path(folder, "executed.ipynb"), 4), ""


def main():
    root = pathlib.Path(sys.argv[1]).resolve()
    books = [pathlib.Path(name).resolve() for name in sys.argv[2:]] or sorted(
        path for path in root.rglob("*.ipynb") if not {".ipynb_checkpoints", "testdata"} & set(path.parts)
    )
    score = Score()
    score.check(books, f"there are notebooks below {root}")
    for path in books:
        name = path.relative_to(root)
        committed = nbformat.read(path, 4)
        nbformat.validate(committed)
        if os.environ.get("UPDATE_GOLDEN") == "1":
            nbformat.write(execute(path), path)
            print(f"wrote   {name}")
            continue
        kernel = committed.metadata.get("kernelspec", {}).get("name")
        score.check(kernel == "netsplit", f"{name}: its kernel is netsplit", f"    it is {kernel}")
        want = outputs(committed)
        score.check(any(want), f"{name}: outputs are committed")
        for turn in "first", "second":
            try:
                wrong = difference(want, outputs(execute(path)))
            except Exception as error:  # whatever nbclient reports, the others are still to run
                wrong = f"    {type(error).__name__}: {str(error)[-3000:]}"
            score.check(not wrong, f"{name}: the {turn} run gives the committed outputs",
                        f"{wrong}\n    to accept what it gives now: UPDATE_GOLDEN=1 install/test notebooks")
        converted, why = convert(path)
        wrong = why if converted is None else difference(want, outputs(converted))
        score.check(not wrong, f"{name}: nbconvert --execute ends well and gives the committed outputs", wrong)
    print(f"{score.passed} passed, {score.failed} failed")
    sys.exit(1 if score.failed else 0)


if __name__ == "__main__":
    main()
