"""Runs the examples: a rule's page, a page of edge cases, and whole projects, each with the output it must give.

A section `## Bad …` or `## Good …` of a page holds the files of one small project in fences. When it has a `console`
fence, linting those files with that one rule prints exactly that; when it has none, it prints nothing.
A file's name is the fence's `title="…"`; without one, `dockerfile` means Dockerfile and `yaml` compose.yaml.
A `toml` fence titled dlf.toml sets the profile, the rule's options, and by `select` what other rules run beside it.
A project is a folder with an `expected.txt`: the whole output of all rules, empty when they have nothing to say.
An `expected.guide.txt` beside it is the same for that profile.
"""

from __future__ import annotations

import difflib
import os
import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from dockerlint_fastapi.engine import Settings, lint
from dockerlint_fastapi.reporters import render
from dockerlint_fastapi.rule import BUILT_IN, Rule, load_rules
from dockerlint_fastapi.tree import DiskTree, Tree, text_files

EXPECTED = "expected.txt"
MISSING = "(there is no such file yet)\n"
TODAY = "2026-11-22"  # examples do not age
_FENCE = re.compile(r"^(?P<mark>`{3,})(?P<language>[\w-]*)(?: +title=\"(?P<title>[^\"]+)\")? *$")
_EXPECTED = re.compile(r"expected\.(?:[a-z-]+\.)?txt")
_NAMES = {"dockerfile": "Dockerfile", "yaml": "compose.yaml"}


class Example(NamedTuple):
    """One section of a page, or one project folder (`rule` is then None)."""

    path: str  # the page or the folder
    line: int  # of the heading, from 1; 0 for a folder
    heading: str
    rule: Rule | None
    tree: Tree
    settings: Settings
    expected: str
    expected_path: str = ""  # the file of a project that holds it

    @property
    def printed(self) -> str:
        """What dlf says of it, one line a finding."""
        return render("concise", lint(self.tree, self.settings), summary=False)


class ExampleError(Exception):
    """A page or folder whose examples cannot be read; the message says where and why."""


class Outcome(NamedTuple):
    """What a run of examples came to: text to print, and how many failed."""

    text: str
    ran: int
    failed: int


def examples(directory: str, rules: Sequence[Rule] | None = None) -> Iterator[Example]:
    """Every example in a folder: rule pages, pages of cases, and project folders. Raises RuleError, ExampleError."""
    extra = () if _same(directory, BUILT_IN) or not _has_rules(directory) else (directory,)
    known = {rule.name: rule for rule in (rules or load_rules(extra))}
    for name in sorted(os.listdir(directory)):
        path = os.path.join(directory, name)
        if name.endswith(".md") and name != "README.md":
            rule = known.get(name[:-3].replace("_", "-"))
            if rule is None:
                raise ExampleError(f"{path}: no rule has that name, so its examples cannot be run")
            yield from _sections(path, rule, tuple(known.values()))
        elif os.path.isdir(path) and not name.startswith((".", "_")):
            yield from _project(path, tuple(known.values()))


def _same(one: str, other: str) -> bool:
    return os.path.realpath(one) == os.path.realpath(other)


def _has_rules(directory: str) -> bool:
    return any(name.endswith(".py") and not name.startswith(("_", "test_")) for name in os.listdir(directory))


def _project(path: str, rules: tuple[Rule, ...]) -> Iterator[Example]:
    """One example for each profile of which a folder holds the output; always one for the default profile."""
    base = Settings(rules, frozenset(rule.name for rule in rules), today=TODAY)
    name = os.path.basename(path)
    for file in sorted({EXPECTED, *filter(_EXPECTED.fullmatch, os.listdir(path))}, key=lambda one: (len(one), one)):
        profile = file.removeprefix("expected").removesuffix("txt").strip(".")
        try:
            with open(os.path.join(path, file), encoding="utf-8") as opened:
                expected = opened.read()
        except FileNotFoundError:
            expected = MISSING
        settings = base._replace(profile=profile) if profile else base
        heading = f"{name}, profile {profile}" if profile else name
        yield Example(path, 0, heading, None, DiskTree(path), settings, expected, os.path.join(path, file))


def _sections(path: str, rule: Rule, rules: tuple[Rule, ...]) -> Iterator[Example]:
    with open(path, encoding="utf-8") as file:
        lines = file.read().split("\n")
    heading, start = "", 0
    files: dict[str, str] = {}
    expected = ""
    settings = Settings(rules, frozenset((rule.name,)), today=TODAY)
    plain = settings

    def example() -> Iterator[Example]:
        if heading.startswith(("Bad", "Good")):
            if not files:
                raise ExampleError(f"{path}:{start}: the section `{heading}` holds no file")
            yield Example(path, start, heading, rule, text_files(files.items()), settings, expected)

    index = 0
    while index < len(lines):
        line = lines[index]
        if line.startswith("## "):
            yield from example()
            heading, start, files, expected, settings = line[3:].strip(), index + 1, {}, "", plain
        elif fence := _FENCE.match(line):
            end = _end(path, lines, index, fence["mark"])
            text = "".join(row + "\n" for row in lines[index + 1 : end])
            name = fence["title"] or _NAMES.get(fence["language"], "")
            if fence["language"] == "console":
                expected += text
            elif name == "dlf.toml":
                settings = _configured(path, plain, rule, text)
            elif name and heading.startswith(("Bad", "Good")):
                files[name] = text
            index = end
        index += 1
    yield from example()


def _end(path: str, lines: Sequence[str], start: int, mark: str) -> int:
    for index in range(start + 1, len(lines)):
        if lines[index].rstrip() == mark:
            return index
    raise ExampleError(f"{path}:{start + 1}: this fence is not closed")


def _configured(path: str, settings: Settings, rule: Rule, text: str) -> Settings:
    import tomllib  # noqa: PLC0415 - only examples with options need it

    values = tomllib.loads(text)
    names = [one.name for one in settings.rules]
    selected = values.pop("select", [])
    unknown = [name for name in selected if name not in names]
    if unknown:
        raise ExampleError(f"{path}: `select` in a dlf.toml names `{unknown[0]}`, and there is no such rule")
    options = {name: values.pop(name) for name in names if name in values}
    return settings._replace(options=options, select=frozenset((rule.name, *selected)), **values)


def run(directory: str, *, bless: bool = False) -> Outcome:
    """Runs every example of a folder; with `bless`, writes what is printed as what is expected."""
    text: list[str] = []
    ran = failed = 0
    changed: dict[str, list[Example]] = {}
    for example in examples(directory):
        ran += 1
        printed = example.printed
        if printed == example.expected:
            continue
        where = f"{example.path}:{example.line}" if example.line else example.path
        if bless:
            changed.setdefault(example.path, []).append(example)
            text.append(f"{where}: blessed: {example.heading}\n")
            continue
        failed += 1
        text.append(f"{where}: {example.heading}\n")
        text.extend(
            "  " + line + "\n"
            for line in difflib.unified_diff(
                example.expected.splitlines(), printed.splitlines(), "expected", "printed", lineterm="", n=9
            )
        )
    for path, found in changed.items():
        _write(path, found)
    verdict = f"{ran} examples, {failed} failed" if not bless else f"{ran} examples, {sum(map(len, changed.values()))} blessed"
    return Outcome("".join(text) + verdict + "\n", ran, failed)


def _write(path: str, found: Sequence[Example]) -> None:
    """Puts what each example prints in its place: the project's own file, or the section's console fence."""
    if found[0].line == 0:
        for example in found:
            with open(example.expected_path, "w", encoding="utf-8") as file:
                file.write(example.printed)
        return
    with open(path, encoding="utf-8") as file:
        lines = file.read().split("\n")
    for example in sorted(found, key=lambda one: -one.line):  # from below, so that lines above keep their numbers
        _replace_console(path, lines, example)
    with open(path, "w", encoding="utf-8") as file:
        file.write("\n".join(lines))


def _replace_console(path: str, lines: list[str], example: Example) -> None:
    printed = example.printed.splitlines()
    console = ["```console", *printed, "```"] if printed else []
    last = index = example.line
    while index < len(lines) and not lines[index].startswith("## "):
        if fence := _FENCE.match(lines[index]):
            end = _end(path, lines, index, fence["mark"])
            if fence["language"] == "console":
                lines[index : end + 1] = console
                return
            index = last = end
        index += 1
    lines[last + 1 : last + 1] = ["", *console]
