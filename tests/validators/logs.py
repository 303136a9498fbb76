"""The reports that validators are shown: every fixture project, and what no good project has."""

from collections.abc import Iterator
from pathlib import Path

from dockerlint_fastapi.engine import Settings, lint
from dockerlint_fastapi.finding import Creation, Edit, Finding, Fix
from dockerlint_fastapi.report import Diagnostic, Failure, Notice, Report, Suppression
from dockerlint_fastapi.rule import load_rules
from dockerlint_fastapi.source import Source
from dockerlint_fastapi.tree import DiskTree, MemoryTree

FIXTURES = Path(__file__).parents[2] / "fixtures"
RULES = load_rules()
# Everything that dlf can say, on a day that does not move.
EVERYTHING = Settings(RULES, frozenset(rule.name for rule in RULES), profile="pedantic", today="2026-11-01")

MADE_UP = {
    "empty": {},
    "nothing-found": {"Dockerfile": b"FROM scratch\n", ".dockerignore": b"*\n"},
    "unparsable": {"Dockerfile": b"\x00\xff\xfe NOPE \x1b[31m\n", "compose.yaml": b"services: [\n\x00"},
    "template": {"Dockerfile": b"FROM {{ image }}\n{% if x %}\nCMD a\n{% endif %}\n"},
    "suppressed": {"Dockerfile": b"FROM python:3.13-slim\n# hadolint ignore=DL3025\nCMD uvicorn main:app\n"},
    "strange-names": {
        "a b/#1?%\\Dockerfile": b"FROM python\nCMD uvicorn main:app\n",
        "日本/Dockerfile": b"FROM a\nCMD b c\n",
    },
}


def projects() -> Iterator[tuple[str, Path, Report]]:
    """The report of each fixture project, with a name and the project's folder."""
    for kind in ("projects", "forms"):
        for folder in sorted((FIXTURES / kind).iterdir()):
            if folder.is_dir():
                yield f"{kind}-{folder.name}", folder, lint(DiskTree(str(folder)), EVERYTHING)


def made_up() -> Iterator[tuple[str, Report]]:
    """Reports that no good project has, each with a name."""
    for name, files in MADE_UP.items():
        yield f"made-up-{name}", lint(MemoryTree(files), EVERYTHING)
    yield "made-up-hostile", hostile()


def reports() -> Iterator[tuple[str, Report]]:
    """Each report with a name."""
    yield from ((name, report) for name, _, report in projects())
    yield from made_up()


def hostile() -> Report:
    """A report that holds everything that one can hold, with text that no message should have."""
    evil = "\x1b[31m\u202e ::error::|`<b>@x</b>`\n\r\x00\ufffe [a](1) {0} \udcff 🚀"
    source = Source("Dockerfile", f"FROM {evil}\nRUN x\n".encode("utf-8", "surrogateescape"), f"../{evil}/Dockerfile")
    inside = Source.of("services: {}\n", "compose.yaml")
    span, other = source.span(0, 8), inside.span(0, 8)
    finding = (
        Finding.at(span, evil)
        .note(other, evil)
        ._replace(
            fix=Fix(
                evil, (Edit(span, evil.replace("\udcff", "")),), creations=(Creation("a b/.dockerignore", ".git\n"),)
            )
        )
    )
    unsafe = Finding.at(other, "m").fixed_by("f", Edit(other, "x"), safe=False)
    rule = RULES[0]
    found = (Diagnostic(rule, "error", finding), Diagnostic(rule, "info", unsafe, stricter=True))
    hidden = (
        Diagnostic(rule, "warning", finding, Suppression(span, evil, "dlf")),
        Diagnostic(rule, "warning", unsafe, Suppression(None, "", "baseline")),
    )
    failures = (Failure(rule.name, True, span, ValueError(evil)), Failure(None, True, None, KeyError()))
    return Report(found, hidden, (Notice(other, evil),), ("compose.yaml",), RULES, failures, (evil,))
