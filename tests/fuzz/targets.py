"""What the fuzzer runs on its inputs, and what must be true of every run whatever the input is.

Each target takes the files of one case and raises when something is wrong.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping
from functools import cache, partial
from xml.etree import ElementTree as ET

import dense
from markdown_it import MarkdownIt
from material import KINDS, Files, Maker

from dockerlint_fastapi.assemble import assemble
from dockerlint_fastapi.discover import find
from dockerlint_fastapi.discover.gitignore import Patterns
from dockerlint_fastapi.engine import Settings, lint
from dockerlint_fastapi.fixer import fix
from dockerlint_fastapi.model.environment.interpolation import render as interpolated
from dockerlint_fastapi.parsers.command import programs_of_script
from dockerlint_fastapi.parsers.compose import merge_files, parse_compose
from dockerlint_fastapi.parsers.dockerfile import parse_dockerfile
from dockerlint_fastapi.parsers.dockerignore import parse_dockerignore
from dockerlint_fastapi.parsers.dotenv import parse_env_file
from dockerlint_fastapi.parsers.go_shellwords import split_string
from dockerlint_fastapi.parsers.manifests.conda_environment import parse_conda_environment
from dockerlint_fastapi.parsers.manifests.pdm_lock import parse_pdm_lock
from dockerlint_fastapi.parsers.manifests.pipfile import parse_pipfile, parse_pipfile_lock
from dockerlint_fastapi.parsers.manifests.poetry_lock import parse_poetry_lock
from dockerlint_fastapi.parsers.manifests.pylock import parse_pylock
from dockerlint_fastapi.parsers.manifests.pyproject import parse_pyproject
from dockerlint_fastapi.parsers.manifests.requirements_file import parse_requirements
from dockerlint_fastapi.parsers.manifests.setup_files import parse_setup_cfg, parse_setup_py
from dockerlint_fastapi.parsers.manifests.uv_lock import parse_uv_lock
from dockerlint_fastapi.parsers.python.configuration import of_toml
from dockerlint_fastapi.parsers.python.module import parse_module
from dockerlint_fastapi.parsers.shell import parse_script_source
from dockerlint_fastapi.report import Report
from dockerlint_fastapi.reporters import FORMATS, render
from dockerlint_fastapi.rule import Rule, load_rules
from dockerlint_fastapi.show import FORMATS as SHOW_FORMATS
from dockerlint_fastapi.show import render as render_shown
from dockerlint_fastapi.show.describe import describe
from dockerlint_fastapi.source import Source, Span
from dockerlint_fastapi.suppress import ignores
from dockerlint_fastapi.tree import MemoryTree, Tree

TODAY = "2026-11-22"
AROUND_PYTHON = {
    "Dockerfile": b'FROM python:3.12-slim\nCOPY . /app\nWORKDIR /app\nEXPOSE 8000\nCMD ["python", "main.py"]\n',
    "compose.yaml": b"services:\n  a: {build: ., command: uvicorn main:app}\n  b: {build: ., command: gunicorn main:app}\n",
}
MOST_VALUES = 200_000  # of one model that are looked through for spans
PATHS = ("a", "app/main.py", "a/b/c.py", ".env", "x" * 200, "é", "a b", "node_modules/x/y", "\udcff")
CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")  # all but tab and line feed


@cache
def rules() -> tuple[Rule, ...]:
    return tuple(load_rules())


@cache
def settings(profile: str = "pedantic", deployment: str = "auto") -> Settings:
    names = frozenset(rule.name for rule in rules())
    return Settings(rules(), names, profile=profile, deployment=deployment, today=TODAY, preview=True, named=names)


def check_span(span: Span) -> None:
    assert 0 <= span.start <= span.end <= len(span.source.text), f"span {span.start}..{span.end} outside its file"
    line, column = span.source.position(span.start)
    assert line >= 1
    assert column >= 1


def spans(root: object) -> Iterator[Span]:
    """Every span that a model holds, found through its fields."""
    seen: set[int] = set()
    waiting: list[object] = [root]
    while waiting and len(seen) < MOST_VALUES:
        value = waiting.pop()
        if value is None or isinstance(value, str | bytes | int | float | Source) or id(value) in seen:
            continue
        seen.add(id(value))
        if isinstance(value, Span):
            yield value
        elif isinstance(value, Mapping):
            waiting += (*value.keys(), *value.values())
        elif isinstance(value, list | tuple | set | frozenset):
            waiting += value
        elif type(value).__module__.startswith("dockerlint_fastapi"):
            for kind in type(value).__mro__:
                waiting += (getattr(value, name, None) for name in getattr(kind, "__slots__", ()) if name != "parsed")
            waiting += getattr(value, "__dict__", {}).values()


def check_model(model: object) -> None:
    for span in spans(model):
        check_span(span)


def one(files: Files) -> Source:
    (path, data), *_ = files.items()
    return Source(path, data)


def dockerfile(files: Files) -> None:
    source = one(files)
    check_model(parse_dockerfile(source))
    for ignore in ignores(source, "dockerfile"):
        check_model(ignore)


def compose(files: Files) -> None:
    source = one(files)
    file = parse_compose(source)
    check_model(file)
    other = parse_compose(Source("compose.override.yaml", source.data))
    check_model(merge_files([file, other], lambda path: parse_compose(Source(path, source.data)), lambda _: "x"))
    for ignore in ignores(source, "compose"):
        check_model(ignore)
    check_model(split_string(source.text, source.span))
    interpolated(source.text)


def shell(files: Files) -> None:
    script = parse_script_source(one(files))
    check_model(script)
    for kind in ("sh", "bash"):
        check_model(programs_of_script(script, kind))


def dockerignore(files: Files) -> None:
    source = one(files)
    file = parse_dockerignore(source)
    check_model(file)
    patterns = Patterns("", source.text)
    for path in PATHS:
        file.excludes(path)
        file.prunes(path)
        patterns.verdict(path, directory=False)
    check_model(list(file.overruled))


def python(files: Files) -> None:
    source = one(files)
    module = parse_module(source)
    if module is not None:
        check_model(module)
        if len(source.data) % 4 == 0:
            reported(AROUND_PYTHON | dict.fromkeys(("main.py", "gunicorn.conf.py"), source.data), settings())


def dotenv(files: Files) -> None:
    source = one(files)
    for raw in (False, True):
        file = parse_env_file(source, raw=raw)
        check_model(file)
        file.assigned(lambda _: "x" * 1000)
        file.assigned()


def manifests(files: Files) -> None:
    source = one(files)
    for parse in (
        parse_requirements, parse_pyproject, parse_poetry_lock, parse_uv_lock, parse_pdm_lock, parse_pylock, parse_pipfile,
        parse_pipfile_lock, parse_setup_cfg, parse_setup_py, parse_conda_environment, of_toml,
    ):  # fmt: skip
        check_model(parse(source.text, source.span))


def reported(files: Files, chosen: Settings) -> Report:
    """A report of which everything is true that is true of every report."""
    report = lint(MemoryTree(files), chosen)
    for failure in report.failures:
        raise failure.error
    for found in (*report.diagnostics, *report.suppressed):
        finding = found.finding
        check_span(finding.span)
        for note in finding.notes:
            check_span(note.span)
        for edit in finding.fix.edits if finding.fix is not None else ():
            check_span(edit.span)
        assert finding.span.source.data == files[finding.span.source.path]
    return report


def project(files: Files) -> None:
    mark = sum(map(len, files.values()))
    chosen = settings(
        ("pedantic", "default", "guide")[mark % 3], ("auto", "orchestrated", "single-server")[mark % 5 % 3]
    )
    report = reported(files, chosen)
    render("text", report)
    if mark % 4 == 0:
        tree = MemoryTree(files)
        described = describe(assemble(tree, find(tree)))
        for name in SHOW_FORMATS:
            check_harmless(render_shown(name, described), name)


def check_harmless(text: str, output_format: str) -> None:
    """Nothing in a report is obeyed by what shows it."""
    found = CONTROL.search(text)
    assert found is None, f"{output_format}: a raw {found[0]!r}"
    text.encode("utf-8")


def check_markdown(text: str) -> None:
    for token in MarkdownIt("gfm-like", {"linkify": False}).parse(text):
        for inner in (token, *(token.children or ())):
            raw = inner.type in ("html_block", "html_inline") and inner.content.strip() not in ALLOWED_HTML
            assert not raw, f"markdown: raw HTML {inner.content[:80]!r}"
            assert inner.type != "image", "markdown: an image"


ALLOWED_HTML = frozenset({"<br>", "<details>", "</details>", "<summary>", "</summary>", "<code>", "</code>"})


def formats(files: Files) -> None:
    # odd names besides odd contents
    files = {ODD_NAMES.get(path, path): data for path, data in files.items()}
    report = reported(files, settings())
    for name in FORMATS:
        text = render(name, report)
        check_harmless(text, name)
        if name in ("json", "sarif", "gitlab", "rdjson"):
            json.loads(text)
        elif name == "junit":
            ET.fromstring(text)  # noqa: S314 - our own text
        elif name == "github":
            for row in text.split("\n")[:-1]:
                ours = re.match(r"::(?:error|warning|notice) file=|[A-Z]\w* [\w ]", row)
                assert ours, f"github: a line of its own {row[:80]!r}"
        elif name == "markdown" and len(text) < 20_000:
            check_markdown(text)


ODD_NAMES = {
    "Dockerfile": "\x1b[31m<img src=x>|`::error::/Dockerfile",
    "compose.yaml": "a\nb\r%0A::warning::x/compose.yaml",
}


def fixes(files: Files) -> None:
    chosen = settings()

    def run(tree: Tree) -> Report:
        report = lint(tree, chosen)
        for failure in report.failures:
            raise failure.error
        return report

    first = fix(MemoryTree(files), run, unsafe=True)
    for change in first.changes:
        assert change.before == files.get(change.path)
    again = fix(first.tree, run, unsafe=True)
    assert again.changes == (), f"fixed twice: {[change.path for change in again.changes]}"


def crowded(files: Files) -> None:
    reported(files, settings("default"))


class Target:
    """A name, how an input is made, what is run on it, and how much of the time it gets. `times`: how much longer than
    linting it may take; fixing, here twice, lints again after each pass and makes models for each batch of fixes.
    """

    def __init__(
        self, name: str, make: Callable[[Maker], Files], run: Callable[[Files], None], share: float, *, times: int = 1
    ) -> None:
        self.times = times
        self.name = name
        self.make = make
        self.run = run
        self.share = share


PARSERS: dict[str, tuple[Callable[[Files], None], str, float]] = {
    "dockerfile": (dockerfile, "Dockerfile", 0.12),
    "compose": (compose, "compose.yaml", 0.14),
    "shell": (shell, "entrypoint.sh", 0.1),
    "dockerignore": (dockerignore, ".dockerignore", 0.06),
    "python": (python, "main.py", 0.06),
    "dotenv": (dotenv, ".env", 0.06),
    "manifests": (manifests, "requirements.txt", 0.08),
}
assert tuple(PARSERS) == KINDS


def _text(kind: str, path: str, maker: Maker) -> Files:
    return {path: maker.text(kind)}


TARGETS: dict[str, Target] = {
    name: Target(name, partial(_text, name, path), run, share) for name, (run, path, share) in PARSERS.items()
} | {
    "project": Target("project", Maker.project, project, 0.2),
    "fix": Target("fix", Maker.project, fixes, 0.08, times=4),
    "formats": Target("formats", Maker.project, formats, 0.1),
    "dense": Target("dense", lambda maker: dense.made(maker.chance), crowded, 0.06),
}
