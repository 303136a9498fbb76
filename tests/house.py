"""Rules made for one test, and how a report is compared."""

from pathlib import Path

from dockerlint_fastapi.engine import Settings
from dockerlint_fastapi.report import Report
from dockerlint_fastapi.rule import Rule, load_rules

RULES = load_rules()
ALL = frozenset(rule.name for rule in RULES)
HEAD = "---\nseverity: error\ncategory: users\nhelp: h\nsince: 0.1.0\nguide:\n  - G1\n---\n\n# T\n\nS.\n"
IMPORTS = (
    "from typing import NamedTuple\n"
    "from dockerlint_fastapi import Finding\nfrom dockerlint_fastapi.finding import *\n"
    "from dockerlint_fastapi.model import *\nfrom dockerlint_fastapi.source import *\n"
)
# A rule that finds every file.
EVERY = "def check(file: Dockerfile | ComposeFile):\n    yield Finding.at(file, 'f')\n"


class House:
    """A folder of rules made for one test."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        folder.mkdir()

    def rule(self, name: str, code: str, page: str = HEAD) -> Rule:
        (self.folder / f"{name}.py").write_text(IMPORTS + code)
        (self.folder / f"{name}.md").write_text(page)
        return Rule(str(self.folder), name)


def with_rules(*rules: Rule, **more: object) -> Settings:
    return Settings(rules, frozenset(rule.name for rule in rules), **more)  # type: ignore[arg-type]


def everything(**more: object) -> Settings:
    return Settings(RULES, ALL, today="2026-11-22", **more)  # type: ignore[arg-type]


def told(report: Report) -> list[str]:
    return [
        f"{one.path}:{one.finding.span.line}: {one.severity}[{one.rule.name}] {one.finding.message}"
        for one in report.diagnostics
    ]


def of_file(report: Report, path: str) -> list[tuple[object, ...]]:
    """What is said of a file, as it can be compared between two runs."""
    return [(one.order, one.severity) for one in report.diagnostics if one.path == path]
