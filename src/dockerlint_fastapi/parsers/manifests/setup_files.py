"""setup.cfg and setup.py: what setuptools is told as plain text or as literal lists; code is not run."""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Iterator

from dockerlint_fastapi.model.install.manifest import ProjectFile, PythonBound, Requirement, normal_name
from dockerlint_fastapi.parsers.manifests.requirement import parse_requirement
from dockerlint_fastapi.parsers.python.syntax import tree_of
from dockerlint_fastapi.source import Span

Locate = Callable[[int, int], Span]
MAX_CHARACTERS = 1_000_000


def parse_setup_cfg(text: str, locate: Locate) -> ProjectFile | None:
    """What a setup.cfg says of its project; None when it says nothing of one. Never raises."""
    values = {(section, key): lines for section, key, lines in _settings(text)}
    if not any(section in ("metadata", "options") for section, _ in values):
        return None
    complete = True

    def requirements(lines: list[tuple[int, str]]) -> tuple[Requirement, ...]:
        nonlocal complete
        found: list[Requirement] = []
        for start, line in lines:
            for piece in re.finditer(r"[^\s].*", line):
                body = piece[0].rstrip()
                place = locate(start + piece.start(), start + piece.start() + len(body))
                one = None if body.startswith("file:") else parse_requirement(body, place)
                if one is None:
                    complete = False
                else:
                    found.append(one)
        return tuple(found)

    install = values.get(("options", "install_requires"))
    extras = {
        normal_name(key): requirements(lines)
        for (section, key), lines in values.items()
        if section == "options.extras_require"
    }
    name = values.get(("metadata", "name"))
    bound = values.get(("options", "python_requires"))
    return ProjectFile(
        name=normal_name(name[0][1]) if name and name[0][1].strip() else None,
        python=_bound(bound[0], locate) if bound else None,
        dependencies=None if install is None else requirements(install),
        extras=extras,
        groups={},
        default_groups=(),
        complete=complete,
    )


def _bound(line: tuple[int, str], locate: Locate) -> PythonBound:
    start, text = line
    body = text.strip()
    begin = start + len(text) - len(text.lstrip())
    return PythonBound(body, body, "python_requires", locate(begin, begin + len(body)))


def _settings(text: str) -> Iterator[tuple[str, str, list[tuple[int, str]]]]:
    """Section, key and the value's lines with their offsets, as configparser reads them."""
    section, key = "", ""
    lines: list[tuple[int, str]] = []
    start = 0
    for raw in text[:MAX_CHARACTERS].splitlines(keepends=True):
        line = raw.rstrip("\r\n")
        header = re.match(r"\[([^\]]+)\]", line)
        pair = re.match(r"([A-Za-z0-9_.\-]+)\s*[=:]\s*", line)
        if line.lstrip().startswith(("#", ";")):
            pass
        elif header or pair:
            if key:
                yield section, key, lines
            key, lines = "", []
            if header:
                section = header[1].strip()
            elif pair:
                key = pair[1]
                lines = [(start + pair.end(), line[pair.end() :])] if line[pair.end() :].strip() else []
        elif key and line.strip():
            lines.append((start, line))
        start += len(raw)
    if key:
        yield section, key, lines


def parse_setup_py(text: str, locate: Locate) -> ProjectFile | None:
    """What a setup.py gives to `setup(…)` as literals; None when there is no such call, or it is no Python.
    Never raises.
    """
    if len(text) > MAX_CHARACTERS or "\0" in text:
        return None
    tree = tree_of(text)
    if tree is None:
        return None
    calls = [node for node in _nodes(tree) if isinstance(node, ast.Call) and _is_setup(node.func)]
    if len(calls) != 1:
        return None
    keywords = {one.arg: one.value for one in calls[0].keywords if one.arg is not None}
    starred = any(one.arg is None for one in calls[0].keywords)
    reader = _Literals(text, locate)
    install = keywords.get("install_requires")
    dependencies = () if install is None and not starred else reader.requirements(install)
    extras: dict[str, tuple[Requirement, ...]] = {}
    given = keywords.get("extras_require")
    complete = given is None and not starred
    if isinstance(given, ast.Dict):
        complete = True
        for key, value in zip(given.keys, given.values, strict=True):
            found = reader.requirements(value)
            if isinstance(key, ast.Constant) and isinstance(key.value, str) and found is not None:
                extras[normal_name(key.value)] = found
            else:
                complete = False
    name, bound = keywords.get("name"), keywords.get("python_requires")
    python = None
    if isinstance(bound, ast.Constant) and isinstance(bound.value, str):
        python = PythonBound(bound.value, bound.value, "python_requires", reader.span(bound))
    return ProjectFile(
        name=normal_name(name.value) if isinstance(name, ast.Constant) and isinstance(name.value, str) else None,
        python=python,
        dependencies=dependencies,
        extras=extras,
        groups={},
        default_groups=(),
        complete=complete,
    )


def _nodes(tree: ast.AST) -> Iterator[ast.AST]:
    yield from ast.walk(tree)


def _is_setup(function: ast.expr) -> bool:
    return (isinstance(function, ast.Name) and function.id == "setup") or (
        isinstance(function, ast.Attribute) and function.attr == "setup"
    )


class _Literals:
    def __init__(self, text: str, locate: Locate) -> None:
        self.locate = locate
        self.lines = text.split("\n")
        self.starts = [0]
        for line in self.lines:
            self.starts.append(self.starts[-1] + len(line) + 1)

    def requirements(self, node: ast.expr | None) -> tuple[Requirement, ...] | None:
        """A list of literal texts; None for anything else."""
        if not isinstance(node, ast.List | ast.Tuple):
            return None
        found: list[Requirement] = []
        for item in node.elts:
            if not (isinstance(item, ast.Constant) and isinstance(item.value, str)):
                return None
            one = parse_requirement(item.value, self.span(item))
            if one is None:
                return None
            found.append(one)
        return tuple(found)

    def span(self, node: ast.expr) -> Span:
        """Where an expression stands; `ast` counts columns in bytes of UTF-8."""
        return self.locate(
            self._offset(node.lineno, node.col_offset), self._offset(node.end_lineno or 1, node.end_col_offset or 0)
        )

    def _offset(self, line: int, column: int) -> int:
        if not 1 <= line <= len(self.lines):
            return 0
        text = self.lines[line - 1]
        return self.starts[line - 1] + len(text.encode("utf-8", "surrogateescape")[:column].decode("utf-8", "replace"))
