"""Of two rules that speak of one fault, the more specific one counts."""

from pathlib import Path

import pytest

from dockerlint_fastapi.engine import Settings, lint
from dockerlint_fastapi.rule import Rule, load_rules
from dockerlint_fastapi.tree import text_files

PAGE = """---
severity: warning
category: dockerfile
help: do it otherwise
guide:
sources:
since: 1.0.0
{more}---

# A fault

It hurts.

## Bad

## Good
"""
GENERAL = """from collections.abc import Iterator

from dockerlint_fastapi import Finding
from dockerlint_fastapi.model import Run


def check(run: Run) -> Iterator[Finding]:
    yield Finding.at(run, "a command is run")
"""
SPECIFIC = """from collections.abc import Iterator

from dockerlint_fastapi import Finding
from dockerlint_fastapi.model import {node}


def check(node: {node}) -> Iterator[Finding]:
    if "false" in node.span.text:
        yield Finding.at({where}, "it fails"{more})
"""


def rules(folder: Path, node: str = "Run", where: str = "node", more: str = "") -> tuple[Rule, ...]:
    (folder / "general.py").write_text(GENERAL)
    (folder / "general.md").write_text(PAGE.format(more=""))
    (folder / "specific.py").write_text(SPECIFIC.format(node=node, where=where, more=more))
    (folder / "specific.md").write_text(PAGE.format(more="supersedes:\n  - general\n"))
    return loaded(folder)


def loaded(folder: Path) -> tuple[Rule, ...]:
    return tuple(rule for rule in load_rules([str(folder)]) if rule.name in ("general", "specific"))


def said(chosen: tuple[Rule, ...], **settings: object) -> list[tuple[str, int]]:
    tree = text_files([("Dockerfile", "FROM scratch\nRUN true\nRUN false\n")])
    names = settings.pop("select", frozenset(("general", "specific")))
    report = lint(tree, Settings(chosen, names, **settings))  # type: ignore[arg-type]
    return [(one.rule.name, one.finding.span.line) for one in report.diagnostics]


def test_of_the_same_node_the_more_specific_speaks(tmp_path: Path) -> None:
    assert said(rules(tmp_path)) == [("general", 2), ("specific", 3)]


@pytest.mark.parametrize(
    ("where", "expected"),
    [
        ("node.instructions[1]", [("general", 2), ("specific", 3)]),
        ("node.from_", [("specific", 1), ("general", 2), ("general", 3)]),
    ],
)
def test_of_another_node_where_the_places_overlap(tmp_path: Path, where: str, expected: list[tuple[str, int]]) -> None:
    rules(tmp_path)
    (tmp_path / "specific.py").write_text(
        SPECIFIC.format(node="Stage", where=where, more="").replace('if "false" in node.span.text', "if node")
    )
    assert said(loaded(tmp_path)) == expected


def test_a_rule_that_is_off_supersedes_nothing(tmp_path: Path) -> None:
    chosen = rules(tmp_path)
    assert said(chosen, select=frozenset(("general",))) == [("general", 2), ("general", 3)]


def test_what_a_profile_leaves_out_supersedes_nothing(tmp_path: Path) -> None:
    chosen = rules(tmp_path, more=", pedantic=True")
    assert said(chosen) == [("general", 2), ("general", 3)]
    assert said(chosen, profile="pedantic") == [("general", 2), ("specific", 3)]


def test_for_the_same_cause_the_more_specific_speaks(tmp_path: Path) -> None:
    """Wherever both stand, and whatever node they were said of."""
    rules(tmp_path)
    (tmp_path / "general.py").write_text(GENERAL.replace('is run")', 'is run").caused_by("a step")'))
    specific = SPECIFIC.format(node="Stage", where="node.from_", more="")
    specific = specific.replace('if "false" in node.span.text', "if node")
    (tmp_path / "specific.py").write_text(specific.replace('"it fails")', '"it fails").caused_by("a step")'))
    assert said(loaded(tmp_path)) == [("specific", 1)]
    (tmp_path / "specific.py").write_text(specific.replace('"it fails")', '"it fails").caused_by("a stage")'))
    assert said(loaded(tmp_path)) == [("specific", 1), ("general", 2), ("general", 3)]


def test_pages_name_rules_that_exist() -> None:
    """The table of supersessions: what each page names is a rule, and not one that names it in turn."""
    known = {rule.name: rule for rule in load_rules()}
    for rule in known.values():
        for name in rule.supersedes:
            assert name in known, f"{rule.name} supersedes {name}, and there is no such rule"
            assert rule.name not in known[name].supersedes
