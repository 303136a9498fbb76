"""conda's environment.yml: names from channels, and a list for pip inside it."""

from __future__ import annotations

import re
from collections.abc import Callable

from dockerlint_fastapi.model.install.manifest import CondaEnvironment, Requirement, normal_name
from dockerlint_fastapi.parsers.manifests.requirement import parse_requirement
from dockerlint_fastapi.source import Span

Locate = Callable[[int, int], Span]
_ITEM = r"([ \t]*)-[ \t]+(?:([\"'])(.*?)\2|([^#\r\n]*?))[ \t]*(?:[ \t]#.*)?\Z"


def parse_conda_environment(text: str, locate: Locate) -> CondaEnvironment:
    """The `dependencies` of an environment file, written as everybody writes them: block lists. Anything else makes it
    incomplete. Never raises.
    """
    names: list[Requirement] = []
    pip: list[Requirement] = []
    complete = True
    inside = False
    pip_indent: int | None = None
    start = 0
    for raw in text.splitlines(keepends=True):
        line = raw.rstrip("\r\n")
        begin, start = start, start + len(raw)
        if not line.strip() or line.lstrip().startswith("#"):
            continue
        key = re.match(r"([A-Za-z_]+)[ \t]*:[ \t]*(.*)\Z", line)
        if key is not None:
            inside = key[1] == "dependencies"
            complete = complete and not (inside and key[2].partition("#")[0].strip())
            pip_indent = None
            continue
        item = re.match(_ITEM, line) if inside else None
        if item is None:
            complete = complete and not inside
            continue
        indent, body = len(item[1]), item[3] if item[2] else item[4]
        at = begin + line.find(body, indent + 1) if body else begin
        span = locate(at, at + len(body))
        if pip_indent is not None and indent > pip_indent:
            one = parse_requirement(body, span)
            if one is None:
                complete = False
            else:
                pip.append(one)
            continue
        pip_indent = None
        if re.fullmatch(r"pip[ \t]*:", body):
            pip_indent = indent
            continue
        found = re.match(r"([A-Za-z0-9._-]+::)?([A-Za-z0-9][A-Za-z0-9._-]*)[ \t]*(.*)\Z", body)
        if found is None:
            complete = False
        else:
            names.append(Requirement(normal_name(found[2]), frozenset(), "", None, direct=False, span=span))
    return CondaEnvironment(tuple(names), tuple(pip), complete)


def parse_conda_list(text: str, locate: Locate) -> CondaEnvironment | None:
    """The file of `conda install --file requirements.txt`: a package a line, with its version; None for an explicit one
    (`@EXPLICIT`), which names each package by its address. Never raises.
    """
    names: list[Requirement] = []
    start = 0
    for raw in text.splitlines(keepends=True):
        begin, start = start, start + len(raw)
        line = raw.partition("#")[0].strip()
        if line.startswith("@"):
            return None
        found = re.match(r"(?:[A-Za-z0-9._-]+::)?([A-Za-z0-9][A-Za-z0-9._-]*)[ \t]*(.*)\Z", line)
        if found is None or "://" in line:
            continue
        at = begin + raw.find(line)
        span = locate(at, at + len(line))
        names.append(Requirement(normal_name(found[1]), frozenset(), found[2], None, direct=False, span=span))
    return CondaEnvironment(tuple(names), (), complete=True)
