"""The commands that a Python package declares: `name = "module:function"` in pyproject.toml, setup.cfg or setup.py."""

from __future__ import annotations

import re
from collections.abc import Iterator

from dockerlint_fastapi.source import Source

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Final


_LINE: Final = r"\s*([\w.-]+)\s*=\s*([\w.]+(?::[\w.]+)?)"


def entry_points(source: Source) -> Iterator[tuple[str, str]]:
    """Each command's name with its `module:function`; nothing for a file that cannot be read."""
    name = source.path.rpartition("/")[2]
    if name == "pyproject.toml":
        yield from _of_pyproject(source.text)
    elif name == "setup.cfg":
        yield from _of_setup_cfg(source.text)
    elif name == "setup.py":
        yield from _of_setup_py(source)


def _of_pyproject(text: str) -> Iterator[tuple[str, str]]:
    if "scripts" not in text:
        return
    import tomllib  # noqa: PLC0415  # dear, and most runs need none

    try:
        data: dict[str, Any] = tomllib.loads(text)
    except (tomllib.TOMLDecodeError, RecursionError, ValueError):
        return
    project, tool = data.get("project"), data.get("tool")
    poetry = tool.get("poetry") if isinstance(tool, dict) else None
    for table in (project, poetry):
        scripts = table.get("scripts") if isinstance(table, dict) else None
        for name, target in scripts.items() if isinstance(scripts, dict) else ():
            if isinstance(target, dict):  # Poetry: `{ reference = "app.main:run", type = "console" }`
                target = target.get("reference") or target.get("callable")  # noqa: PLW2901
            if isinstance(target, str):
                yield name, target


def _of_setup_cfg(text: str) -> Iterator[tuple[str, str]]:
    section, key = "", ""
    for line in text.splitlines():
        if line.startswith("["):
            section = line.strip("[] \t")
        elif section == "options.entry_points" and line.strip():
            if not line[0].isspace():
                key = line.partition("=")[0].strip()
                line = line.partition("=")[2]  # noqa: PLW2901
            match = re.match(_LINE, line)
            if key == "console_scripts" and match:
                yield match[1], match[2]


def _of_setup_py(source: Source) -> Iterator[tuple[str, str]]:
    if "console_scripts" not in source.text:
        return
    import ast  # noqa: PLC0415  # as above

    from dockerlint_fastapi.parsers.python.syntax import parse_python  # noqa: PLC0415

    syntax = parse_python(source)
    for node in ast.walk(syntax.tree) if syntax is not None else ():
        if not isinstance(node, ast.Dict):
            continue
        for key, value in zip(node.keys, node.values, strict=True):
            if (
                isinstance(key, ast.Constant)
                and key.value == "console_scripts"
                and isinstance(value, (ast.List, ast.Tuple))
            ):
                for one in value.elts:
                    match = (
                        re.match(_LINE, one.value)
                        if isinstance(one, ast.Constant) and isinstance(one.value, str)
                        else None
                    )
                    if match:
                        yield match[1], match[2]
