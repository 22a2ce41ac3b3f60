"""Outputs of notebooks in the form in which they are compared.

Left out: metadata, execution counts, timing. Streams of one name that follow
each other are one, since how they were cut into messages is nobody's promise.
"""

import json


def text(value):
    return "".join(value) if isinstance(value, list) else value


def outputs(notebook):
    """One list per code cell; its items are plain values that == compares."""
    cells = []
    for cell in notebook["cells"]:
        if cell["cell_type"] != "code":
            continue
        merged = []
        for output in cell["outputs"]:
            kind = output["output_type"]
            if kind == "stream":
                if merged and merged[-1][:2] == ["stream", output["name"]]:
                    merged[-1][2] += text(output["text"])
                else:
                    merged.append(["stream", output["name"], text(output["text"])])
            elif kind == "error":
                merged.append(["error", output["ename"], output["evalue"]])
            else:
                data = {mime: value if mime.endswith("json") else text(value) for mime, value in output["data"].items()}
                merged.append(["data", json.dumps(data, sort_keys=True)])
        cells.append(merged)
    return cells


def difference(committed, now):
    """None when equal, else where the first difference is, for a reader."""
    for number, (want, got) in enumerate(zip(committed, now), 1):
        if want == got:
            continue
        if len(want) != len(got):
            return f"code cell {number} has {len(got)} outputs, committed are {len(want)}\n" + lines("now", str(got)[-1500:])
        for w, g in zip(want, got):
            if w != g:
                at = next((i for i, (a, b) in enumerate(zip(str(w), str(g))) if a != b), min(len(str(w)), len(str(g))))
                begin = max(0, at - 200)
                return (
                    f"code cell {number} differs, at character {at} of an output\n"
                    + lines("committed", str(w)[begin : at + 300])
                    + lines("now", str(g)[begin : at + 300])
                )
    if len(committed) != len(now):
        return f"{len(now)} code cells, committed are {len(committed)}"
    return None


def lines(title, body):
    return f"    {title}:\n" + "".join(f"    | {line}\n" for line in body.split("\n"))
