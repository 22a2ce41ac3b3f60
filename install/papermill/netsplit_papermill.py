"""Parameters of papermill, written as Go.

papermill puts a cell behind the one that is tagged "parameters", and asks a
translator for its text. This one writes assignments, so a parameter keeps the type
that the notebook declared it with, and a value that does not fit is a compile error
in the injected cell:

    rate := 140   // the cell tagged "parameters"
    rate = 160    // the injected cell of: papermill -p rate 160

Lists become slices, mappings become maps with strings as keys, of the narrowest
element type; null, and a list or mapping without elements, is nil. A text that reads
like a duration (20s, 1m30s, 1.5ms) is a time.Duration.
"""

import json
import math
import re
from decimal import Decimal

from papermill.engines import NBClientEngine
from papermill.models import Parameter
from papermill.translators import Translator, papermill_translators


UNITS = {  # largest first
    "h": ("Hour", 3600 * 10**9),
    "m": ("Minute", 60 * 10**9),
    "s": ("Second", 10**9),
    "ms": ("Millisecond", 10**6),
    "us": ("Microsecond", 10**3),
    "ns": ("Nanosecond", 1),
}
DURATION = re.compile(r"([-+]?)((?:\d+(?:\.\d*)?(?:h|ms|m|s|us|ns))+)", re.ASCII)


class GoTranslator(Translator):
    @classmethod
    def translate_str(cls, val):
        return cls.duration(val) or cls.translate_escaped_str(val)

    @staticmethod
    def duration(text):
        """20 * time.Second for 20s, None for a text that is no duration."""
        match = DURATION.fullmatch(text.replace("\u00b5s", "us"))
        if not match:
            return None
        spent = sum(Decimal(number) * UNITS[unit][1] for number, unit in re.findall(r"([\d.]+)(h|ms|m|s|us|ns)", match[2]))
        count = int(spent) * (-1 if match[1] == "-" else 1)
        name, size = next(unit for unit in UNITS.values() if count % unit[1] == 0)
        return f"{count // size} * time.{name}"

    @classmethod
    def translate_escaped_str(cls, str_val):
        # JSON's escapes are Go's; a byte order mark may not stand in Go text.
        return json.dumps(str(str_val), ensure_ascii=False).replace("\ufeff", "\\ufeff")

    @classmethod
    def translate_none(cls, val):
        return "nil"

    @classmethod
    def translate_float(cls, val):
        if math.isnan(val):
            return "math.NaN()"
        if math.isinf(val):
            return "math.Inf(1)" if val > 0 else "math.Inf(-1)"
        return repr(val)

    @classmethod
    def translate_list(cls, val):
        if not val:
            return "nil"
        return f"{cls.type_of(val)}{{{', '.join(cls.translate(v) for v in val)}}}"

    @classmethod
    def translate_dict(cls, val):
        if not val:
            return "nil"
        rows = ", ".join(f"{cls.translate_escaped_str(k)}: {cls.translate(v)}" for k, v in val.items())
        return f"{cls.type_of(val)}{{{rows}}}"

    @classmethod
    def type_of(cls, val):
        """The Go type of a value as translate writes it."""
        if isinstance(val, bool):
            return "bool"
        if isinstance(val, int):
            return "int"
        if isinstance(val, float):
            return "float64"
        if val is None:
            return "any"
        if isinstance(val, (list, dict)):
            items = val.values() if isinstance(val, dict) else val
            kinds = {cls.type_of(item) for item in items}
            if kinds == {"int", "float64"}:
                kinds = {"float64"}
            element = kinds.pop() if len(kinds) == 1 else "any"
            return ("map[string]" if isinstance(val, dict) else "[]") + element
        return "time.Duration" if isinstance(val, str) and cls.duration(val) else "string"

    @classmethod
    def comment(cls, cmt_str):
        return f"// {cmt_str}".strip()

    @classmethod
    def codify(cls, parameters, comment="Parameters"):
        text = super().codify(parameters, comment)
        written = re.sub(r'"(\\.|[^"\\])*"', '""', text)
        needed = [f'import "{name}"\n' for name in ("math", "time") if f"{name}." in written]
        return "".join(needed) + ("\n" if needed else "") + text

    DECLARED = re.compile(r"^\s*(?:var\s+|const\s+)?(?P<names>[^\W\d]\w*(?:\s*,\s*[^\W\d]\w*)*)(?P<rest>\s*:?=(?!=).*|\s+[^\s:=].*)$")
    KEYWORDS = set("break case const continue default defer else fallthrough for func go goto if import interface map package range return select struct switch type var".split())
    TOKEN = re.compile(r"""//.*|"(?:\\.|[^"\\])*"|`[^`]*`|'(?:\\.|[^'\\])*'|:=|.""")

    @classmethod
    def inspect(cls, parameters_cell):
        """What `papermill --help-notebook` lists: one statement a line, its comment the help."""
        found = []
        for line in parameters_cell["source"].splitlines():
            match = cls.DECLARED.match(line)
            names = re.split(r"\s*,\s*", match["names"]) if match else []
            if not names or cls.KEYWORDS & set(names) or not (line.lstrip().startswith("var ") or re.search(r"[^=!<>]=(?!=)", match["rest"])):
                continue
            parts, depth, help_text = [""], 0, ""  # type, then one value for each name
            for token in cls.TOKEN.findall(match["rest"]):
                depth += (token in "([{") - (token in ")]}")
                if token.startswith("//"):
                    help_text = token[2:].strip()
                elif depth == 0 and (token in (":=", "=") and len(parts) == 1 or token == "," and len(parts) > 1):
                    parts.append("")
                else:
                    parts[-1] += token
            kind, *values = [part.strip(" \t;") for part in parts]
            for name, value in zip(names, values or ["zero"] * len(names)):
                found.append(Parameter(name, kind or cls.type_of_text(value), value, help_text))
        return found

    @staticmethod
    def type_of_text(value):
        for kind, pattern in (
            ("int", r"[-+]?\d[\d_]*"),
            ("float64", r"[-+]?(\d+\.\d*|\.\d+|\d+(?=[eE]))([eE][-+]?\d+)?"),
            ("string", r'"(\\.|[^"\\])*"|`[^`]*`'),
            ("bool", r"true|false"),
            ("time.Duration", r"(-?[\d._]+\s*\*\s*)?time\.(Nanosecond|Microsecond|Millisecond|Second|Minute|Hour)"),
        ):
            if re.fullmatch(pattern, value):
                return kind
        return "None"  # papermill shows: Unknown type


class Engine(NBClientEngine):
    """papermill's own engine: what counts is that papermill imports this module."""


papermill_translators.register("netsplit", GoTranslator)
if "go" not in papermill_translators._translators:
    papermill_translators.register("go", GoTranslator)
