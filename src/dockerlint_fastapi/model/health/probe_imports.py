"""Health checks in Python (`python -c "import requests; …"`) that import what the image has not installed."""

from __future__ import annotations

import re
from collections.abc import Iterator

from dockerlint_fastapi.data import table
from dockerlint_fastapi.model.command import is_python
from dockerlint_fastapi.model.install.lacking import starts_as_built

TYPE_CHECKING = False
if TYPE_CHECKING:
    from dockerlint_fastapi.model.command import Argument, Program
    from dockerlint_fastapi.model.image import Image

# A statement that imports, at the beginning of a line: `import a, b.c as d`, `from a.b import c`.
_IMPORT = r"\s*(?:import\s+([\w., \t]+)|from\s+(\w+)[\w.]*\s+import\b[^;\n]*)(?:[;\n]|\Z)"


def unimportable(program: Program, image: Image) -> tuple[str, Argument, bool] | None:
    """The first module that `python -c` imports whatever happens, and none of whose distributions the image has
    installed, with the code and whether that is certain; None when it has all, or that cannot be told.
    """
    code = _code(program)
    imports = table("needed_distributions")["imports"]
    for module in _modules(code.value or "") if code is not None else ():
        names, found = imports.get(module, "").split(), image.distributions
        absent = all(found.get(name) is None for name in names)
        if code is None or not names or not (absent or all(map(found.hardly_has, names))):
            continue
        if image.installed.steps and all(map(starts_as_built, image.containers)):
            return module, code, absent
    return None


def imports_what_is_there(program: Program, image: Image) -> bool:
    """Whether the image certainly has all that `python -c` imports of what is not Python's own, as far as it installs
    anything itself.
    """
    code = _code(program)
    if code is None or not image.installed.steps:
        return True  # another Python, or that of the base image, has what it needs
    imports = table("needed_distributions")["imports"]
    found = image.distributions.found
    named = (imports.get(module, "").split() for module in _modules(code.value or ""))
    return all(any(name in found for name in names) for names in named if names)


def _code(program: Program) -> Argument | None:
    """The code that an interpreter of the image's own is given on the command line."""
    path = program.argv[0].value if program.argv else None
    if path is None or not is_python(program.name) or program.wrappers not in ((), ("sh -c",)):
        return None
    if "/" in path or len(program.argv) < 3 or program.argv[1].value != "-c":
        return None
    return program.argv[2]


def _modules(code: str) -> Iterator[str]:
    """The modules of the imports at the beginning of a program."""
    at = 0
    while (found := re.compile(_IMPORT).match(code, at)) is not None:
        if found[2]:
            yield found[2]
        for name in (found[1] or "").split(","):
            yield name.strip().partition(".")[0].partition(" ")[0]
        at = found.end()
        if at >= len(code):
            return
