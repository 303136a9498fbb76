"""Runs the examples: a rule's page, a page of edge cases, and whole projects, each with the output it must give.

A section `## Bad …` or `## Good …` of a page holds the files of one small project in fences. When it has a `console`
fence, linting those files with that one rule prints exactly that; when it has none, it prints nothing.
A section `## Fixed …` holds the files that all fixes of the rule, unsafe ones too, change or make in the example before
it; its `console` fence is what is found then, and nothing when it has none. Fixing once more must change nothing.
A file's name is the fence's `title="…"`; without one, `dockerfile` means Dockerfile and `yaml` compose.yaml.
A `toml` fence titled dlf.toml sets the profile, the rule's options, and by `select` what other rules run beside it.
A project is a folder with an `expected.txt`: the whole output of all rules, empty when they have nothing to say.
An `expected.guide.txt` beside it is the same for that profile, and a `shown.txt` is what `dlf show` prints of it.
"""

from __future__ import annotations

import difflib
import os
import re
from collections.abc import Iterator, Mapping, Sequence

from dockerlint_fastapi.engine import Settings, lint
from dockerlint_fastapi.once import one_fault
from dockerlint_fastapi.pattern import pattern
from dockerlint_fastapi.record import NamedTuple
from dockerlint_fastapi.report import Report
from dockerlint_fastapi.reporters import render
from dockerlint_fastapi.rule import BUILT_IN, Rule, RuleError, line_in, load_rules
from dockerlint_fastapi.tree import DiskTree, Tree, normal, text_files

EXPECTED = "expected.txt"
SHOWN = "shown.txt"
MISSING = "(there is no such file yet)\n"
TODAY = "2026-11-22"  # examples do not age
_FENCE = pattern(r"(?P<mark>`{3,})(?P<info>[^`]*)")
_INFO = pattern(r"(?P<language>[\w-]*)(?: +title=\"(?P<title>[^\"]+)\")? *")
_EXPECTED = pattern(r"expected\.(?:[a-z-]+\.)?txt")
_NAMES = {"dockerfile": "Dockerfile", "yaml": "compose.yaml"}
_LANGUAGES = {
    ".yaml": "yaml",
    ".yml": "yaml",
    ".sh": "sh",
    ".py": "python",
    ".toml": "toml",
    ".Dockerfile": "dockerfile",
}


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
    fixed: bool = False  # it is what the fixes make of the example before it: blocks of Markdown are compared

    @property
    def place(self) -> str:
        """Where it stands."""
        return f"{self.path}:{self.line}" if self.line else self.path

    @property
    def printed(self) -> str:
        """What dlf says of it, one line a finding, or what it shows. Raises ExampleError when a rule cannot be run."""
        if os.path.basename(self.expected_path) == SHOWN:
            return _shown(self.tree)
        if self.fixed:
            return _after_fixes(self)
        try:
            report = lint(self.tree, self.settings)
        except RuleError as error:
            raise ExampleError(f"{self.place}: {self.heading}: {error}") from error
        for failure in report.failures:
            what = f"the rule `{failure.rule}`" if failure.rule else "a parser"
            page = next((rule.page_path for rule in self.settings.rules if rule.name == failure.rule), "")
            line = line_in(page.removesuffix(".md") + ".py", failure.error)
            text = f"{self.place}: {self.heading}: {what} failed: {failure.error!r}{line}"
            raise ExampleError(text) from failure.error
        return render("concise", one_fault(report), summary=False)


def _after_fixes(example: Example) -> str:
    """The files that the fixes of an example's rule change or make, and what is found then, as blocks of Markdown."""
    from dockerlint_fastapi.fixer import fix  # noqa: PLC0415 - only sections on fixes need it

    def linted(tree: Tree) -> Report:
        return lint(tree, example.settings)

    def own(report: Report) -> Report:
        ours = (one for one in report.diagnostics if example.rule is not None and one.rule.name == example.rule.name)
        return report._replace(diagnostics=tuple(ours))

    where = f"{example.place}: {example.heading}"
    try:
        fixed = fix(example.tree, linted, unsafe=True, reported=own)
        again = fix(fixed.tree, linted, unsafe=True, reported=own)
    except RuleError as error:
        raise ExampleError(f"{where}: {error}") from error
    if fixed.report.failures:
        raise ExampleError(f"{where}: a rule failed: {fixed.report.failures[0].error!r}")
    if not fixed.changes and not fixed.refused:
        raise ExampleError(f"{where}: follows an example in which nothing can be fixed")
    if again.changes:
        raise ExampleError(f"{where}: fixing once more changes {again.changes[0].path} again")
    if fixed.refused:
        raise ExampleError(f"{where}: a fix was refused: {fixed.refused[0].reason}")
    files = {change.path: change.after.decode("utf-8", "replace") for change in fixed.changes}
    return _blocks(files, render("concise", one_fault(fixed.report), summary=False))


def _blocks(files: Mapping[str, str], console: str) -> str:
    """Files and output as blocks of Markdown."""
    blocks: list[str] = []
    names = {name: language for language, name in _NAMES.items()}
    for path in sorted(files):
        text = files[path].replace("\r\n", "\n")
        info = names.get(path) or f'{_LANGUAGES.get(os.path.splitext(path)[1], "text")} title="{path}"'
        blocks.append(_fenced(info, text))
    return "\n".join([*blocks, *([_fenced("console", console)] if console else [])])


def _fenced(info: str, text: str) -> str:
    mark = "`" * max(3, *(len(run) + 1 for run in re.findall("`+", text)), 3)
    return f"{mark}{info}\n{text}{'' if text.endswith(chr(10)) or not text else chr(10)}{mark}\n"


def _shown(tree: Tree) -> str:
    """What `dlf show` prints of a project."""
    from dockerlint_fastapi.assemble import assemble  # noqa: PLC0415 - only projects that hold a `shown.txt` need it
    from dockerlint_fastapi.discover import find  # noqa: PLC0415
    from dockerlint_fastapi.show import render as render_description  # noqa: PLC0415
    from dockerlint_fastapi.show.describe import describe  # noqa: PLC0415

    return render_description("text", describe(assemble(tree, find(tree))))


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
    """One example for each profile of which a folder holds the output, always one for the default profile; and one for
    what is shown, where it holds that.
    """
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
    shown = os.path.join(path, SHOWN)
    if os.path.exists(shown):
        with open(shown, encoding="utf-8") as opened:
            yield Example(path, 0, f"{name}, shown", None, DiskTree(path), base, opened.read(), shown)


class _Fence(NamedTuple):
    """A fenced block of a page, by the indices of the lines that open and close it."""

    start: int
    end: int
    language: str
    title: str
    text: str  # with `\n` at the end of each line, whatever the page has


def _page(path: str) -> list[str]:
    """The lines of a page, each as it is but without its line feed. Raises ExampleError."""
    try:
        with open(path, "rb") as file:
            return file.read().decode("utf-8").split("\n")
    except OSError as error:
        raise ExampleError(f"{path}: cannot be read: {error.strerror or error}") from error
    except UnicodeDecodeError as error:
        raise ExampleError(f"{path}: is not UTF-8 (byte {error.start})") from error


def _fence(path: str, lines: Sequence[str], start: int) -> _Fence | None:
    """The block that a line opens, as CommonMark has it but never indented; None for any other line."""
    opening = _FENCE.fullmatch(lines[start].removesuffix("\r"))
    if opening is None:
        return None
    info = _INFO.fullmatch(opening["info"])
    if info is None:
        raise ExampleError(
            f'{path}:{start + 1}: after the backticks stands a language, and perhaps `title="..."`,'
            f" not `{opening['info'].strip()}`"
        )
    for index in range(start + 1, len(lines)):
        row = lines[index].rstrip()
        if row.startswith(opening["mark"]) and not row.strip("`"):
            text = "".join(row.removesuffix("\r") + "\n" for row in lines[start + 1 : index])
            return _Fence(start, index, info["language"], info["title"] or "", text)
    raise ExampleError(f"{path}:{start + 1}: this fence is not closed")


def _sections(path: str, rule: Rule, rules: tuple[Rule, ...]) -> Iterator[Example]:
    """The examples of a page."""
    lines = _page(path)
    plain = Settings(rules, frozenset((rule.name,)), today=TODAY, preview=True)
    starts = [0]  # of each section; what stands before the first heading is no example
    index = 0
    blocks: list[_Fence] = []
    while index < len(lines):
        if lines[index].startswith("## "):
            starts.append(index)
        elif block := _fence(path, lines, index):
            blocks.append(block)
            index = block.end
        index += 1
    before: Example | None = None
    for start, end in zip(starts, (*starts[1:], len(lines)), strict=True):
        heading = lines[start].removeprefix("## ").strip()
        if start and heading.startswith(("Bad", "Good")):
            section = [block for block in blocks if start < block.start < end]
            before = _filled(Example(path, start + 1, heading, rule, text_files(()), plain, ""), rule, section)
            yield before
        elif start and heading.startswith("Fixed"):
            if before is None:
                raise ExampleError(f"{path}:{start + 1}: `{heading}` has no example before it")
            section = [block for block in blocks if start < block.start < end]
            yield _of_fixes(before, start + 1, heading, section)


def _of_fixes(before: Example, line: int, heading: str, blocks: Sequence[_Fence]) -> Example:
    """The example that says what fixes make of the one before it."""
    files: dict[str, str] = {}
    console = ""
    for block in blocks:
        name = block.title or _NAMES.get(block.language, "")
        if block.language == "console":
            console = block.text
        elif name:
            files[name] = block.text
    return before._replace(line=line, heading=heading, expected=_blocks(files, console), fixed=True)


def _filled(example: Example, rule: Rule, blocks: Sequence[_Fence]) -> Example:
    """An example with what the blocks of its section hold. Raises ExampleError."""
    files: dict[str, str] = {}
    settings = example.settings
    expected: str | None = None

    def fault(what: str) -> ExampleError:
        return ExampleError(f"{example.path}:{block.start + 1}: {what}")

    for block in blocks:
        name = block.title or _NAMES.get(block.language, "")
        if block.language == "console":
            if expected is not None:
                raise fault(f"`{example.heading}` has a `console` block already")
            expected = block.text
        elif name == "dlf.toml":
            try:
                settings = _configured(example.path, settings, rule, block.text)
            except (TypeError, ValueError) as error:
                raise fault(f"this dlf.toml cannot be read: {error}") from error
        elif name in files:
            raise fault(f"`{example.heading}` has a file `{name}` already")
        elif name:
            if normal(name) != name:
                raise fault(f"`{name}` is no path in a project")
            files[name] = block.text
    if not files:
        raise ExampleError(f"{example.place}: the section `{example.heading}` holds no file")
    return example._replace(tree=text_files(files.items()), settings=settings, expected=expected or "")


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
    changed: dict[str, list[tuple[Example, str]]] = {}
    for example in examples(directory):
        ran += 1
        try:
            printed = example.printed
        except ExampleError as error:  # nothing that could be blessed
            failed += 1
            text.append(f"{error}\n")
            continue
        if printed == example.expected:
            continue
        if bless:
            changed.setdefault(example.path, []).append((example, printed))
            text.append(f"{example.place}: blessed: {example.heading}\n")
            continue
        failed += 1
        text.append(f"{example.place}: {example.heading}\n")
        text.extend(
            "  " + line + "\n"
            for line in difflib.unified_diff(
                example.expected.splitlines(), printed.splitlines(), "expected", "printed", lineterm="", n=9
            )
        )
    for path, found in changed.items():
        _write(path, found)
    blessed = f", {sum(map(len, changed.values()))} blessed" if bless else ""
    verdict = f"{ran} examples{blessed}" + ("" if bless and not failed else f", {failed} failed")
    return Outcome("".join(text) + verdict + "\n", ran, failed)


def _write(path: str, found: Sequence[tuple[Example, str]]) -> None:
    """Puts what each example prints in its place: the project's own file, or the section's console block."""
    if found[0][0].line == 0:
        for example, printed in found:
            with open(example.expected_path, "wb") as file:
                file.write(printed.encode("utf-8"))
        return
    lines = _page(path)
    for example, printed in sorted(found, key=lambda one: -one[0].line):  # from below: lines above keep their numbers
        (_replace_blocks if example.fixed else _replace_console)(path, lines, example.line, printed)
    with open(path, "wb") as file:
        file.write("\n".join(lines).encode("utf-8"))


def _replace_blocks(path: str, lines: list[str], line: int, printed: str) -> None:
    """Puts blocks in the place of those of the section below a heading, from its first to its last."""
    ending = "\r" if lines[line - 1].endswith("\r") else ""
    rows = [row + ending for row in printed.split("\n")[:-1]]
    first = last = None
    index = line
    while index < len(lines) and not lines[index].startswith("## "):
        if fence := _fence(path, lines, index):
            first = index if first is None else first
            last = index = fence.end
        index += 1
    if first is None or last is None:
        while index > line and not lines[index - 1].strip():
            index -= 1  # behind what the section says
        lines[index:index] = [ending, *rows]
        if index + len(rows) + 1 == len(lines):
            lines.append("")
    else:
        lines[first : last + 1] = rows


def _replace_console(path: str, lines: list[str], line: int, printed: str) -> None:
    """Puts the block of the section below a heading in its place, or takes it away, and leaves all else as it is."""
    ending = "\r" if lines[line - 1].endswith("\r") else ""
    mark = "`" * max(3, *(len(run) + 1 for run in re.findall("`+", printed)), 3)
    block = [row + ending for row in (f"{mark}console", *printed.split("\n")[:-1], mark)] if printed else []
    last = index = line
    while index < len(lines) and not lines[index].startswith("## "):
        if fence := _fence(path, lines, index):
            if fence.language == "console":
                before = index - (not block and not lines[index - 1].strip())  # the blank line goes with it
                lines[before : fence.end + 1] = block
                return
            index = last = fence.end
        index += 1
    lines[last + 1 : last + 1] = [ending, *block]
