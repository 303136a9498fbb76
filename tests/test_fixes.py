"""Fixes: what each does to the examples of the project, what the fixer refuses, and what the words of `edits` write."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dockerlint_fastapi.engine import Settings, lint
from dockerlint_fastapi.examples import TODAY, Example, examples
from dockerlint_fastapi.finding import Creation, Edit, Finding
from dockerlint_fastapi.fixer import Fixed, _assembled, edited, fix
from dockerlint_fastapi.model.project import Project
from dockerlint_fastapi.report import Diagnostic, Report
from dockerlint_fastapi.rule import load_rules
from dockerlint_fastapi.selection import disjoint
from dockerlint_fastapi.source import BOM, Source
from dockerlint_fastapi.tree import MemoryTree, OverlayTree, Tree, text_files

ROOT = Path(__file__).parents[1]
RULES = load_rules(())
ALL = Settings(RULES, frozenset(rule.name for rule in RULES), today=TODAY)
SECTIONS = [example for folder in ("rules", "fixtures/cases") for example in examples(str(ROOT / folder), RULES)]
PAGES = [example for example in SECTIONS if example.heading.startswith("Bad") and not example.fixed]
SHOWN = {example.rule.name for example in SECTIONS if example.fixed and example.rule is not None}
PROJECTS = [
    example
    for example in examples(str(ROOT / "fixtures" / "projects"), RULES)
    if example.expected and example.expected_path.endswith("expected.txt")
]


def files_of(tree: Tree) -> dict[str, bytes]:
    """Every file of a small tree."""
    found: dict[str, bytes] = {}
    waiting = [""]
    while waiting:
        folder = waiting.pop()
        for name in tree.names(folder):
            path = f"{folder}/{name}" if folder else name
            if tree.is_dir(path):
                waiting.append(path)
            else:
                found[path] = tree.read(path) or b""
    return found


def told(report: Report) -> Counter[tuple[str, str]]:
    """The findings by rule and file; one that speaks of several places counts for each."""
    found: Counter[tuple[str, str]] = Counter()
    for one in report.diagnostics:
        found[one.rule.name, one.finding.span.source.path] += 1 + len(one.finding.notes)
    return found


def with_one(tree: Tree, one: Diagnostic) -> Tree:
    """A tree with one fix applied, without the fixer."""
    assert one.finding.fix is not None
    by_source: dict[Source, list[Edit]] = {}
    for edit in one.finding.fix.edits:
        by_source.setdefault(edit.span.source, []).append(edit)
    for source, edits in by_source.items():
        text, at = "", 0
        for edit in sorted(edits, key=lambda each: each.span.start):
            assert at <= edit.span.start
            text += source.text[at : edit.span.start] + edit.text
            at = edit.span.end
        data = (text + source.text[at:]).encode("utf-8", "surrogateescape")
        tree = OverlayTree(tree, source.path, (BOM if source.bom else b"") + data)
    for creation in one.finding.fix.creations:
        assert not tree.is_file(creation.path)
        tree = OverlayTree(tree, creation.path, creation.text.encode())
    return tree


class Remembering:
    """A linter and the models of one example's files, each set of files looked at once: what one look says of them,
    the next says too (test_whole_pipeline).
    """

    def __init__(self, chosen: Settings) -> None:
        self.chosen = chosen
        self.reports: dict[object, Report] = {}
        self.models: dict[object, Project] = {}

    def lint(self, tree: Tree) -> Report:
        key = tuple(files_of(tree).items())
        if key not in self.reports:
            self.reports[key] = lint(tree, self.chosen)
        return self.reports[key]

    def assembled(self, tree: Tree, *, code: bool) -> Project:
        key = (code, *files_of(tree).items())
        if key not in self.models:
            self.models[key] = _assembled(tree, code=code)
        return self.models[key]

    def fix(self, tree: Tree) -> Fixed:
        return fix(tree, self.lint, unsafe=True, assembled=self.assembled)


def check_each_fix_removes_its_finding_and_adds_none(example: Example, run: Remembering) -> None:
    # by the rules of the page, and by all rules: a fix must not make work for others
    for each in (run, Remembering(example.settings._replace(select=ALL.select))):
        report = each.lint(example.tree)
        for one in report.diagnostics:
            if one.finding.fix is None or (example.rule is not None and one.rule.name != example.rule.name):
                continue
            before, after = told(report), told(each.lint(with_one(example.tree, one)))
            key = (one.rule.name, one.finding.span.source.path)
            assert after[key] < before[key], one.finding.fix
            if not one.finding.fix.reveals:
                assert not after - before, (one.finding.fix, after - before)


def check_fixing_twice_changes_nothing_more_and_no_fix_is_refused(example: Example, run: Remembering) -> Fixed:
    once = run.fix(example.tree)
    own = [one for one in once.refused if example.rule is None or one.diagnostic.rule.name == example.rule.name]
    assert own == [], [(one.diagnostic.rule.name, one.reason) for one in own]
    assert run.fix(once.tree).changes == ()
    assert told(once.report) <= told(run.lint(example.tree))
    return once


def check_line_endings_and_a_byte_order_mark_stay(example: Example, run: Remembering, plain: Fixed) -> None:
    files = files_of(example.tree)
    if any(b"\r" in data or path.endswith((".sh", ".py")) for path, data in files.items()):
        return  # scripts with carriage returns are a fault of their own
    texts = {change.path: change.after for change in plain.changes if change.before is not None}
    if not texts:
        return
    for variant in (lambda data: data.replace(b"\n", b"\r\n"), lambda data: BOM + data):
        changed = run.fix(MemoryTree({path: variant(data) for path, data in files.items()}))
        found = {change.path: change.after for change in changed.changes if change.before is not None}
        assert found == {path: variant(text) for path, text in texts.items()}


@pytest.mark.parametrize("example", PAGES, ids=lambda example: f"{Path(example.path).stem}:{example.line}")
def test_the_fixes_of_a_page(example: Example) -> None:
    run = Remembering(example.settings)
    check_each_fix_removes_its_finding_and_adds_none(example, run)
    fixed = check_fixing_twice_changes_nothing_more_and_no_fix_is_refused(example, run)
    check_line_endings_and_a_byte_order_mark_stay(example, run, fixed)
    if example.rule is not None and any(
        one.finding.fix is not None and one.rule.name == example.rule.name for one in run.lint(example.tree).diagnostics
    ):
        assert example.rule.name in SHOWN, "no section `Fixed` shows what the rule makes"


@pytest.mark.parametrize("example", PROJECTS, ids=lambda example: Path(example.path).name)
def test_fixing_a_project_twice_changes_nothing_more_and_no_fix_is_refused(example: Example) -> None:
    check_fixing_twice_changes_nothing_more_and_no_fix_is_refused(example, Remembering(example.settings))


# A list that is started without a shell, whose program has an option in its name: no such file can exist.
NO_PROGRAM = r"""["']CMD["'],\s*["']([\w.-]+\s[^"']*)["']|\[\s*["']([\w.-]+ -[^"']*)["']"""


def fixes_of_several_rules(example: Example) -> bool:
    """Whether one of the fixes for an example reveals something in a file that a fix of another rule changes, too."""
    rules: dict[str, set[str]] = {}
    revealed = set()
    for one in lint(example.tree, ALL).diagnostics:
        for edit in one.finding.fix.edits if one.finding.fix is not None else ():
            rules.setdefault(edit.span.source.path, set()).add(one.rule.name)
            if one.finding.fix is not None and one.finding.fix.reveals:
                revealed.add(edit.span.source.path)
    return any(len(rules[path]) > 1 for path in revealed)


@pytest.mark.parametrize("page", sorted({example.path for example in PAGES}), ids=lambda path: Path(path).stem)
def test_fixes_of_several_rules_leave_no_broken_list(page: str) -> None:
    for example in PAGES:
        if example.path != page or not fixes_of_several_rules(example):
            continue
        before = files_of(example.tree)
        for path, data in files_of(Remembering(ALL).fix(example.tree).tree).items():
            old = set(re.findall(NO_PROGRAM, before.get(path, b"").decode("utf-8", "replace")))
            assert set(re.findall(NO_PROGRAM, data.decode("utf-8", "replace"))) <= old, (example.line, path)


HEALTH = """services:
  web:
    image: ghcr.io/example/web:1.4
    depends_on:
      db:
        condition: service_healthy
  db:
    image: postgres:17
    healthcheck:
      test: ["CMD-SHELL", "pg_isready", "-d", "app"]
      interval: 5s
"""


def test_what_a_fix_reveals_is_read_anew_before_another_rule_writes_into_it() -> None:
    rules = tuple(rule for rule in RULES if rule.name in ("invalid-healthcheck-test", "premature-pg-isready"))
    chosen = Settings(rules, frozenset(rule.name for rule in rules), profile="pedantic", today=TODAY)
    tree = MemoryTree({"compose.yaml": HEALTH.encode()})
    fixed = fix(tree, lambda tree: lint(tree, chosen), assembled=_assembled)
    assert [one.rule.name for one in fixed.applied] == ["invalid-healthcheck-test", "premature-pg-isready"]
    assert b'["CMD", "pg_isready", "-h", "127.0.0.1", "-d", "app"]' in fixed.tree.read("compose.yaml")
    assert fixed.refused == ()
    assert fixed.report.diagnostics == ()


# -- the fixer


def diagnostic(finding: Finding, name: str = "unquoted-port") -> Diagnostic:
    rule = next(rule for rule in RULES if rule.name == name)
    return Diagnostic(rule, "warning", finding)


def linting(make: Callable[[Source], list[Finding]]) -> Callable[[Tree], Report]:
    """A linter of one Dockerfile, made for a test."""

    def run(tree: Tree) -> Report:
        data = tree.read("Dockerfile")
        assert data is not None
        found = tuple(diagnostic(one) for one in make(Source("Dockerfile", data)))
        return Report(found, (), (), ("Dockerfile",), RULES)

    return run


def fixed_text(text: str, make: Callable[[Source], list[Finding]]) -> tuple[str, Fixed]:
    outcome = fix(text_files([("Dockerfile", text)]), linting(make), unsafe=True)
    data = outcome.tree.read("Dockerfile")
    assert data is not None
    return data.decode(), outcome


def finds(source: Source, word: str) -> list[int]:
    return [at for at in range(len(source.text)) if source.text.startswith(word, at)]


def test_many_findings_are_fixed_in_one_pass() -> None:
    def make(source: Source) -> list[Finding]:
        spans = [source.span(at, at + 1) for at in finds(source, "1")]
        return [Finding.at(span, "x").fixed_by("y", Edit(span, "2"), names="steps") for span in spans]

    text, outcome = fixed_text("FROM a\nRUN 1 1 1\n", make)
    assert text == "FROM a\nRUN 2 2 2\n"
    assert len(outcome.applied) == 3


def test_one_bad_fix_does_not_stop_the_others() -> None:
    def make(source: Source) -> list[Finding]:
        good = [source.span(at, at + 1) for at in finds(source, "1")]
        bad = [source.span(at, at + 1) for at in finds(source, "3")]
        findings = [Finding.at(span, "x").fixed_by("y", Edit(span, "2"), names="steps") for span in good]
        # takes the line end with it, so that the next instruction becomes an argument
        wrong = [Finding.at(span, "w").fixed_by("y", Edit(span._replace(end=span.end + 1), "2 ")) for span in bad]
        return [*findings, *wrong]

    text, outcome = fixed_text("FROM a\nRUN 1\nRUN 3\nRUN 1\nUSER x\n", make)
    assert text == "FROM a\nRUN 2\nRUN 3\nRUN 2\nUSER x\n"
    assert [one.reason for one in outcome.refused] == ["line 4 of Dockerfile would be read otherwise"]


def test_a_fix_that_leaves_its_finding_is_refused() -> None:
    def make(source: Source) -> list[Finding]:
        return [Finding.at(source.span(0, 4), "x").fixed_by("y", Edit(source.span(6, 6), "b"), names="base")]

    text, outcome = fixed_text("FROM a\n", make)
    assert text == "FROM a\n"
    assert outcome.refused[0].reason == "`unquoted-port` is still found in Dockerfile"


@pytest.mark.parametrize(
    ("text", "old", "new", "reason"),
    [
        ("FROM a\nRUN b \\\n  c\nUSER x\n", "b \\", "b", "Docker would have more against Dockerfile"),
        ("# escape=`\nFROM a\nRUN 1\n", "`", "\\", "the parser directives of Dockerfile would be others"),
        ("FROM a\nRUN <<EOF\n1\nEOF\nUSER x\n", "\nEOF\n", "\nEOX\n", "Docker would have more against Dockerfile"),
    ],
)
def test_what_is_read_worse_is_refused(text: str, old: str, new: str, reason: str) -> None:
    def make(source: Source) -> list[Finding]:
        at = source.text.find(old)
        span = source.span(at, at + len(old))
        return [Finding.at(span, "x").fixed_by("y", Edit(span, new))] if at >= 0 else []

    after, outcome = fixed_text(text, make)
    assert (after, [one.reason for one in outcome.refused]) == (text, [reason])


def compose_reason(text: str, old: str, new: str) -> str | None:
    """Why an edit of a compose file is refused; None when it is not."""
    from dockerlint_fastapi.comparison import difference  # noqa: PLC0415

    source = Source.of(text, "compose.yaml")
    at = text.index(old)
    edit = Edit(source.span(at, at + len(old)), new)
    after = edited(source, [edit])
    finding = Finding.at(source.span(at, at + len(old)), "x")
    return difference(MemoryTree({"compose.yaml": after}), source, [edit], after, [finding])


@pytest.mark.parametrize(
    ("text", "old", "new", "fine"),
    [
        ("services:\n  a:\n    image: x\n    init: true\n", "    init: true\n", "", True),
        ("services:\n  a:\n    image: x\n    init: true\n", "x\n", "x\n  ", False),
        ("services:\n  a:\n    image: x\n  b:\n    image: y\n", "  b:", "    b:", False),
        ("services:\n  a:\n    image: x\n", "x", '"x"', True),
        ("services:\n  a:\n    image: x\n    init: true\n", "x", '"x', False),
        ("services:\n  a:\n    image: x\n    init: true\n", "x", "x #", True),
        ("services:\n  a: &a\n    image: x\n  b: *a\n", "&a", "&c", False),
    ],
)
def test_compose_values_that_no_edit_touches_stay(text: str, old: str, new: str, fine: bool) -> None:  # noqa: FBT001
    assert (compose_reason(text, old, new) is None) is fine


def test_a_shared_fragment_is_changed_only_for_a_finding_in_it() -> None:
    from dockerlint_fastapi.comparison import difference  # noqa: PLC0415

    text = "x-a: &a\n  image: x\nservices:\n  a:\n    <<: *a\n"
    source = Source.of(text, "compose.yaml")
    edit = Edit(source.span(17, 18), "y")
    assert edit.span.text == "x"
    tree, after = MemoryTree({"compose.yaml": edited(source, [edit])}), edited(source, [edit])
    assert difference(tree, source, [edit], after, [Finding.at(edit.span, "m")]) is None
    elsewhere = Finding.at(source.span(text.index("  a:") + 2, text.index("  a:") + 3), "m")
    assert (
        difference(tree, source, [edit], after, [elsewhere])
        == "what line 2 of compose.yaml holds is used elsewhere too"
    )


def test_a_file_is_made_once_and_never_over_another() -> None:
    def make(source: Source) -> list[Finding]:
        if source.text.startswith("#"):
            return []
        finding = Finding.at(source.span(0, 0), "x")
        return [finding.fixed_by("y", Creation(".dockerignore", "a\n"), Edit(source.span(0, 0), "# b\n"))]

    outcome = fix(text_files([("Dockerfile", "FROM a\n")]), linting(make))
    assert {change.path: (change.before, change.after) for change in outcome.changes} == {
        ".dockerignore": (None, b"a\n"),
        "Dockerfile": (b"FROM a\n", b"# b\nFROM a\n"),
    }
    there = fix(text_files([("Dockerfile", "FROM a\n"), (".dockerignore", "b\n")]), linting(make))
    assert there.changes == ()
    assert there.refused[0].reason == "`.dockerignore` is there already"


def test_what_is_forbidden_is_left() -> None:
    def make(source: Source) -> list[Finding]:
        return [Finding.at(source.span(0, 4), "x").fixed_by("y", Edit(source.span(5, 6), "b"), names="base")]

    outcome = fix(text_files([("Dockerfile", "FROM a\n")]), linting(make), forbidden=lambda _path: "is excluded")
    assert (outcome.changes, outcome.refused[0].reason) == ((), "Dockerfile is excluded")


def test_an_unsafe_fix_waits_to_be_asked_for() -> None:
    def make(source: Source) -> list[Finding]:
        edit = Edit(source.span(5, 6), "b")
        finding = Finding.at(source.span(0, 4), "x").fixed_by("y", edit, safe=False, names="base")
        return [finding] if "a" in source.text else []

    tree = text_files([("Dockerfile", "FROM a\n")])
    assert fix(tree, linting(make)).changes == ()
    assert fix(tree, linting(make), unsafe=True).changes[0].after == b"FROM b\n"


def test_insertions_at_one_place_wait_for_each_other_unless_they_are_equal() -> None:
    source = Source.of("FROM a\nRUN x\n")
    at = source.span(12, 12)
    one = diagnostic(Finding.at(at, "1").fixed_by("y", Edit(at, " a")))
    same = diagnostic(Finding.at(at, "2").fixed_by("y", Edit(at, " a")))
    other = diagnostic(Finding.at(at, "3").fixed_by("y", Edit(at, " b")))
    assert disjoint([one, other, same]) == [one, same]


def test_a_refusal_is_no_fix() -> None:
    source = Source.of("FROM a\n")
    finding = Finding.at(source.span(0, 4), "x")
    edit = Edit(source.span(0, 0), "b")
    assert finding.fixed_by("y", edit, None) == finding
    assert finding.fixed_by("y") == finding
    assert finding.fixed_by("y", (edit, edit), Creation("a", "b")).fix is not None


@settings(deadline=None, max_examples=200)
@given(st.text("ab\r\né\udc80", max_size=40), st.data())
def test_all_other_bytes_are_kept(text: str, data: st.DataObject) -> None:
    source = Source("x", data.draw(st.sampled_from([b"", BOM])) + text.encode("utf-8", "surrogateescape"))
    text = source.text
    bounds = sorted(data.draw(st.lists(st.integers(0, len(text)), max_size=8, unique=True)))
    spans = [source.span(*pair) for pair in zip(bounds[::2], bounds[1::2], strict=False)]
    edits = [Edit(span, data.draw(st.text("xy", max_size=3))) for span in spans]
    expected = text
    for edit in reversed(edits):
        expected = expected[: edit.span.start] + edit.text + expected[edit.span.end :]
    assert edited(source, edits) == (BOM if source.bom else b"") + expected.encode("utf-8", "surrogateescape")


def test_refused_fixes_of_many_files_cost_few_looks_at_the_project() -> None:
    files = {f"s{at}/Dockerfile": f"FROM python:3.12-slim\nENV A={at % 4}\nENV B={at % 4}\n" for at in range(48)}
    looks: list[Tree] = []

    def make(tree: Tree) -> Report:
        """Speaks of `A=1` and `B=1`; a fix of the first it takes ill, as `A=9` is a fault of another kind."""
        looks.append(tree)
        found: list[Diagnostic] = []
        for path in files:
            source = Source(path, tree.read(path) or b"")
            for name, new in (("A", "9"), ("B", "2")):
                if (at := source.text.find(f"{name}=1")) >= 0:
                    edit = Edit(source.span(at + 2, at + 3), new)
                    finding = Finding.at(edit.span, f"{name} is 1").fixed_by("change it", edit, names="environment")
                    found.append(Diagnostic(RULES[0], "warning", finding))
            if (at := source.text.find("A=9")) >= 0:
                found.append(Diagnostic(RULES[1], "warning", Finding.at(source.span(at, at + 3), "A is 9")))
        return Report(tuple(found), (), (), (), RULES)

    outcome = fix(text_files(files.items()), make, unsafe=True)
    assert len(outcome.refused) == 12
    assert {one.diagnostic.finding.message for one in outcome.refused} == {"A is 1"}
    assert len(outcome.applied) == 12
    assert all(b"A=1\nENV B=2" in change.after for change in outcome.changes)
    assert len(looks) < 16
