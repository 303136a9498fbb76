"""The spine as a whole: files in, a report out; with rules made for the test, and with all rules over anything."""

import importlib.util
import json
import os
import subprocess
import sys
from collections.abc import Iterable, Iterator, Mapping
from itertools import islice
from pathlib import Path
from types import ModuleType

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dockerlint_fastapi import cli
from dockerlint_fastapi.engine import Settings, lint
from dockerlint_fastapi.examples import examples
from dockerlint_fastapi.report import Diagnostic, Report, merged
from dockerlint_fastapi.reporters import FORMATS, render
from dockerlint_fastapi.rule import BUILT_IN, Rule, RuleError, load_rules
from dockerlint_fastapi.source import Span
from dockerlint_fastapi.tree import MAX_BYTES, DiskTree, Listing, MemoryTree, Unreadable, text_files

ROOT = Path(__file__).parents[1]
PROJECTS = sorted(path for path in (ROOT / "fixtures" / "projects").iterdir() if path.is_dir())
RULES = load_rules()
ALL = frozenset(rule.name for rule in RULES)
SEVERITIES = {"error", "warning", "info"}
HEAD = "---\nseverity: error\ncategory: users\nhelp: h\nsince: 0.1.0\nguide:\n  - G1\n---\n\n# T\n\nS.\n"
IMPORTS = (
    "from typing import NamedTuple\n"
    "from dockerlint_fastapi import Finding\nfrom dockerlint_fastapi.finding import *\n"
    "from dockerlint_fastapi.model import *\nfrom dockerlint_fastapi.source import *\n"
)


class House:
    """A folder of rules made for one test."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        folder.mkdir()

    def rule(self, name: str, code: str, page: str = HEAD) -> Rule:
        (self.folder / f"{name}.py").write_text(IMPORTS + code)
        (self.folder / f"{name}.md").write_text(page)
        return Rule(str(self.folder), name)


@pytest.fixture
def house(tmp_path: Path) -> House:
    return House(tmp_path / "house")


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


# ---------------------------------------------------------------- once for each place

TWO_SERVICES = {
    "Dockerfile": "FROM python:3.12\nCMD uvicorn app:app\n",
    "compose.yaml": "services:\n  a:\n    build: .\n  b:\n    build: .\n",
}


def test_what_two_containers_share_is_told_once_at_the_highest_severity(house: House) -> None:
    rule = house.rule(
        "by_container",
        "def check(c: Container):\n"
        "    severity = 'error' if c.service.name == 'b' else 'info'\n"
        "    yield Finding.at(c.start.command, f'of {c.service.name}', severity=severity).note(c.service, 'here')\n",
    )
    report = lint(text_files(TWO_SERVICES.items()), with_rules(rule))
    assert told(report) == ["Dockerfile:2: error[by-container] of b"]
    assert [note.span.line for note in report.diagnostics[0].finding.notes] == [4]


def test_two_messages_of_one_node_at_one_place_are_both_told(house: House) -> None:
    rule = house.rule(
        "two_faults",
        "def check(c: Container):\n"
        "    yield Finding.at(c.start.command, 'one', severity='info')\n"
        "    yield Finding.at(c.start.command, 'two', severity='error' if c.service.name == 'b' else 'info')\n"
        "    yield Finding.at(c.start.command, 'one', severity='warning')\n",
    )
    assert told(lint(text_files(TWO_SERVICES.items()), with_rules(rule))) == [
        "Dockerfile:2: warning[two-faults] one",
        "Dockerfile:2: error[two-faults] two",
    ]


def test_two_rules_at_one_place_are_both_told(house: House) -> None:
    code = "def check(stage: Stage):\n    yield Finding.at(stage.from_, 'x')\n"
    rules = house.rule("one_rule", code), house.rule("other_rule", code)
    assert told(lint(text_files({"Dockerfile": "FROM a\n"}.items()), with_rules(*rules))) == [
        "Dockerfile:1: error[one-rule] x",
        "Dockerfile:1: error[other-rule] x",
    ]


def test_of_equal_findings_the_note_into_the_named_file_is_kept(house: House) -> None:
    rule = house.rule(
        "by_container",
        "def check(c: Container):\n"
        "    if c.service and c.start:\n"
        "        yield Finding.at(c.start.command, 'x').note(c.service, 'here')\n",
    )
    tree = text_files(
        {
            "Dockerfile": "FROM python:3.12\nCMD uvicorn app:app\n",
            "a.compose.yaml": "services:\n  a:\n    build: .\n",
            "b.compose.yaml": "services:\n  b:\n    build: .\n",
        }.items()
    )
    for path in ("a.compose.yaml", "b.compose.yaml"):
        (one,) = lint(tree, with_rules(rule), paths=[path]).diagnostics
        assert [note.span.source.path for note in one.finding.notes] == [path]


# ---------------------------------------------------------------- which files

CROSS = (
    "def check(c: Container):\n"
    "    if c.service and c.start:\n"
    "        yield Finding.at(c.service, 's').note(c.start, 'd')\n"
)
EVERY = "def check(file: Dockerfile | ComposeFile):\n    yield Finding.at(file, 'f')\n"
MANY = {
    "Dockerfile": "FROM python:3.12\nCMD uvicorn app:app\n",
    "other/Dockerfile": "FROM python:3.12\nCMD uvicorn app:app\n",
    "old/Dockerfile": "FROM python:3.12\nCMD uvicorn app:app\n",
    "compose.yaml": "services:\n  a:\n    build: .\n  b:\n    build: other\n  c:\n    build: old\n",
}


def test_findings_of_named_files_and_those_that_point_into_them(house: House) -> None:
    settings = with_rules(house.rule("cross", CROSS), house.rule("every", EVERY))
    tree = text_files(MANY.items())
    assert told(lint(tree, settings, paths=["other/Dockerfile"])) == [
        "compose.yaml:4: error[cross] s",
        "other/Dockerfile:1: error[every] f",
    ]
    assert told(lint(tree, settings, paths=["compose.yaml"])) == [
        "compose.yaml:1: error[every] f",
        "compose.yaml:2: error[cross] s",
        "compose.yaml:4: error[cross] s",
        "compose.yaml:6: error[cross] s",
    ]
    assert lint(tree, settings, paths=["other/Dockerfile"]).files == ("other/Dockerfile",)
    assert lint(tree, settings).files == ("Dockerfile", "compose.yaml", "old/Dockerfile", "other/Dockerfile")


@pytest.mark.parametrize("paths", [None, ["compose.yaml"], ["Dockerfile", "compose.yaml"]])
def test_an_excluded_file_is_read_for_others_but_never_reported(house: House, paths: list[str] | None) -> None:
    back = house.rule("back", CROSS.replace("c.service, 's'", "c.start, 'b'").replace("c.start, 'd'", "c.service, 'd'"))
    settings = with_rules(house.rule("cross", CROSS), house.rule("every", EVERY), back)
    for tree, exclude in (
        (text_files(MANY.items()), ("old/",)),
        (text_files([*MANY.items(), (".gitignore", "old\n")]), ()),
    ):
        report = lint(tree, settings._replace(exclude=exclude), paths=paths)
        assert not any(one.path == "old/Dockerfile" for one in report.diagnostics)
        assert "old/Dockerfile" not in report.files
        assert "other/Dockerfile:2: error[back] b" in told(report)
        # The service is still known to build it: its finding stands, with a note that shows the other end.
        assert "compose.yaml:6: error[cross] s" in told(report)
    named = lint(text_files(MANY.items()), settings._replace(exclude=("old/",)), paths=["old/Dockerfile"])
    assert "old/Dockerfile:1: error[every] f" in told(named)


def test_files_are_shown_as_the_user_names_them(house: House) -> None:
    settings = with_rules(house.rule("every", EVERY))
    report = lint(text_files(MANY.items()), settings, paths=["Dockerfile"], shown=lambda path: f"../x/{path}")
    assert told(report) == ["../x/Dockerfile:1: error[every] f"]
    assert report.files == ("../x/Dockerfile",)


def test_an_overlay_that_builds_nothing_counts_when_only_the_dockerfile_is_named() -> None:
    files = {
        "Dockerfile": "FROM python:3.12-slim\nUSER app\nCMD uvicorn app:app --host 0.0.0.0\n",
        "docker-compose.yml": "services:\n  api:\n    build: .\n",
        "docker-compose.prod.yml": "services:\n  api:\n    command: sleep 1\n",
    }
    tree = text_files(files.items())
    whole, alone = lint(tree, everything()), lint(tree, everything(), paths=["Dockerfile"])
    assert of_file(alone, "Dockerfile") == of_file(whole, "Dockerfile")
    without = lint(text_files(list(files.items())[:2]), everything())
    assert of_file(without, "Dockerfile") != of_file(whole, "Dockerfile")


# ---------------------------------------------------------------- settings


def test_profile_guide(house: House) -> None:
    code = (
        "def check(stage: Stage):\n"
        "    yield Finding.at(stage, 'same')\n"
        "    yield Finding.at(stage.from_.image, 'off', in_guide='off')\n"
        "    yield Finding.at(stage.from_, 'info', in_guide='info', severity='warning')\n"
    )
    asked = house.rule("asked_for", code)
    stricter = house.rule("stricter", code, HEAD.replace("\n  - G1", ""))
    tree = text_files([("Dockerfile", "FROM a AS b\n")])
    settings = with_rules(asked, stricter)
    assert len(lint(tree, settings).diagnostics) == 6
    guide = lint(tree, settings._replace(profile="guide"))
    assert [(one.rule.name, one.finding.message, one.severity) for one in guide.diagnostics] == [
        ("asked-for", "info", "info"),
        ("asked-for", "same", "error"),
    ]
    # A severity that the user sets outweighs the profile's, but not that the profile leaves a finding out.
    own = lint(tree, settings._replace(profile="guide", severities={"asked-for": "warning"}))
    assert [one.severity for one in own.diagnostics] == ["warning", "warning"]


def test_faults_of_syntax_are_told_in_every_profile() -> None:
    tree = text_files([("Dockerfile", "RUN x\n"), ("compose.yaml", "services: [\n")])
    for profile in ("guide", "default", "pedantic"):
        found = {one.rule.name for one in lint(tree, everything(profile=profile)).diagnostics}
        assert {"dockerfile-syntax", "compose-syntax"} <= found


def test_severities_and_selection(house: House) -> None:
    rules = (
        house.rule("every", EVERY.replace("'f'", "'f', severity='warning'")),
        house.rule("stage_fault", "def check(s: Stage):\n    yield Finding.at(s, 's')\n"),
    )
    tree = text_files([("Dockerfile", "FROM a\n")])
    assert told(lint(tree, Settings(rules, frozenset({"every"})))) == ["Dockerfile:1: warning[every] f"]
    settings = Settings(rules, frozenset({"every"}), severities={"every": "info", "stage-fault": "info"})
    assert told(lint(tree, settings)) == ["Dockerfile:1: info[every] f"]


@pytest.mark.parametrize(
    ("pattern", "left"),
    [
        ("Dockerfile", []),
        ("/Dockerfile", ["other/Dockerfile", "other/sub/Dockerfile"]),
        ("other/", ["Dockerfile"]),
        ("other/*", ["Dockerfile"]),  # takes in the directory `sub` as git would
        ("other/D*", ["Dockerfile", "other/sub/Dockerfile"]),
        ("**/sub/Dockerfile", ["Dockerfile", "other/Dockerfile"]),
        ("*.dev", ["Dockerfile", "other/Dockerfile", "other/sub/Dockerfile"]),
    ],
)
def test_per_file_ignores_read_patterns_as_gitignore_does(house: House, pattern: str, left: list[str]) -> None:
    rule = house.rule("every", EVERY)
    files = dict.fromkeys(("Dockerfile", "other/Dockerfile", "other/sub/Dockerfile"), "FROM a\n")
    settings = with_rules(rule, per_file_ignores=((pattern, frozenset({"every"})),))
    assert [one.path for one in lint(text_files(files.items()), settings).diagnostics] == left
    other = with_rules(rule, per_file_ignores=((pattern, frozenset({"another"})),))
    assert len(lint(text_files(files.items()), other).diagnostics) == 3


OPTIONS = (
    "class Options(NamedTuple):\n"
    "    allow_names: tuple[str, ...] = ()\n    at_most: int = 3\n    strict: bool = False\n"
    "    share: float = 0.5\n    word: str = 'x'\n    ports: tuple[int, ...] = (80,)\n"
    "def check(f: Dockerfile, options: Options):\n    yield Finding.at(f, repr(tuple(options)))\n"
)


def test_options_reach_the_rule(house: House) -> None:
    settings = with_rules(house.rule("with_options", OPTIONS))
    tree = text_files([("Dockerfile", "FROM a\n")])
    assert told(lint(tree, settings))[0].endswith("((), 3, False, 0.5, 'x', (80,))")
    given = {"allow-names": ["a", "b"], "at_most": 4, "strict": True, "share": 1, "word": "y", "ports": [1, 2]}
    report = lint(tree, settings._replace(options={"with-options": given}))
    assert told(report)[0].endswith("(('a', 'b'), 4, True, 1, 'y', (1, 2))")


@pytest.mark.parametrize(
    ("toml", "message"),
    [
        ("nope = 1", "the rule `with-options` has no option `nope`; it has `allow-names`, `at-most`, `strict`"),
        ("at-most = '4'", 'the option `at-most` of `with-options` is a number, not "4"'),
        ("at-most = true", "the option `at-most` of `with-options` is a number, not true"),
        ("at-most = 1.5", "the option `at-most` of `with-options` is a number, not 1.5"),
        ("strict = 1", "the option `strict` of `with-options` is true or false, not 1"),
        ("word = ['x']", "the option `word` of `with-options` is a text, not ['x']"),
        ("allow-names = 'x'", 'the option `allow-names` of `with-options` is a list of texts, not "x"'),
        ("allow-names = [1]", "the option `allow-names` of `with-options` is a list of texts, not [1]"),
        ("ports = ['80']", "the option `ports` of `with-options` is a list of numbers, not ['80']"),
        ("share = {}", "the option `share` of `with-options` is a number, not a table"),
    ],
)
@pytest.mark.parametrize("selected", ["with-options", "dockerfile-syntax"])
def test_wrong_options_reach_the_user_as_one_line_and_code_2(  # noqa: PLR0917 - two parameters and four fixtures
    house: House,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    toml: str,
    message: str,
    selected: str,
) -> None:
    house.rule("with_options", OPTIONS)
    (tmp_path / "Dockerfile").write_text("FROM scratch\n")
    (tmp_path / "dlf.toml").write_text(f"[with-options]\n{toml}\n")
    monkeypatch.chdir(tmp_path)
    assert cli.run(["check", "Dockerfile", "--rules", "house", "--select", selected]) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert err.startswith(f"error: dlf.toml: {message}")
    assert err.count("\n") == 1


def test_options_for_a_rule_that_has_none(house: House) -> None:
    settings = with_rules(house.rule("every", EVERY), options={"every": {"x": 1}})
    with pytest.raises(RuleError, match="the rule `every` has no options, so `x` means nothing"):
        lint(text_files([("Dockerfile", "FROM a\n")]), settings)


# ---------------------------------------------------------------- files that are no plain text


def test_templates_are_noticed_and_not_linted() -> None:
    files = {
        "Dockerfile": "FROM {{ image }}\nCMD uvicorn a:b\n",
        "a/Dockerfile.j2": "FROM python\nCMD uvicorn a:b\n",
        "b/Dockerfile": "FROM python:latest\nCMD uvicorn a:b\n",
        "compose.yml.tmpl": "services:\n  a:\n    image: x\n    restart: {}\n",
    }
    report = lint(text_files(files.items()), everything())
    assert [(notice.span.source.path, notice.span.line) for notice in report.notices] == [
        ("Dockerfile", 1),
        ("a/Dockerfile.j2", 1),
        ("compose.yml.tmpl", 1),
    ]
    assert {one.path for one in report.diagnostics} == {"b/Dockerfile"}
    named = lint(text_files(files.items()), everything(), paths=["b/Dockerfile"])
    assert named.notices == ()
    assert len(lint(text_files(files.items()), everything(), paths=["a/Dockerfile.j2"]).notices) == 1


ASIDE = "FROM python:3.13-slim\nCMD uvicorn a:b\n"


@pytest.mark.parametrize(
    ("name", "text", "linted"),
    [
        ("Dockerfile.STABLE_DEPLOYED_20260301-100633", ASIDE, False),
        ("Dockerfile-2024-05-01", ASIDE, False),
        ("Dockerfile_old2", ASIDE, False),
        ("Dockerfile.bak.api", ASIDE, False),
        ("Dockerfile.backup", "FROM python:3.13-slim\nCMD hypercorn a:b\n", False),
        ("Dockerfile.backup", "FROM debian:12\nRUN x\nCMD uvicorn b:c\n", True),  # the image that makes backups
        ("Dockerfile.golden", ASIDE.replace("a:b", "a:c"), True),
        ("Dockerfile.20261301", ASIDE.replace("a:b", "a:c"), True),
        ("api.Dockerfile", ASIDE.replace("a:b", "a:c"), True),
        ("x/Dockerfile_old", ASIDE, True),  # of what?
    ],
)
def test_a_dockerfile_that_was_put_aside_is_noticed_and_not_linted(name: str, text: str, linted: object) -> None:
    files = {"Dockerfile": ASIDE, name: text}
    report = lint(text_files(files.items()), everything())
    assert (name in {one.path for one in report.diagnostics}) is linted
    assert [notice.span.source.path for notice in report.notices] == ([] if linted else [name])
    assert (name in report.files) is linted


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("Makefile", "image:\n\tdocker build -f Dockerfile_old .\n"),
        (".github/workflows/ci.yml", "jobs:\n  a:\n    steps:\n      - run: docker build -f Dockerfile_old .\n"),
        ("docker-bake.hcl", 'target "a" { dockerfile = "Dockerfile_old" }\n'),
        ("compose.yaml", "services:\n  a:\n    build:\n      context: .\n      dockerfile: Dockerfile_old\n"),
    ],
)
def test_what_something_builds_was_not_put_aside(path: str, text: str) -> None:
    files = {"Dockerfile": ASIDE, "Dockerfile_old": ASIDE.replace("a:b", "a:c"), path: text}
    report = lint(text_files(files.items()), everything())
    assert report.notices == ()
    assert "Dockerfile_old" in {one.path for one in report.diagnostics}


def test_what_was_put_aside_is_linted_when_it_is_named_alone() -> None:
    tree = text_files([("Dockerfile", ASIDE), ("Dockerfile_old", ASIDE)])
    alone = lint(tree, everything(), paths=["Dockerfile_old"])
    assert ("Dockerfile_old" in {one.path for one in alone.diagnostics}, alone.notices) == (True, ())
    both = lint(tree, everything(), paths=["Dockerfile", "Dockerfile_old"])
    assert ({one.path for one in both.diagnostics}, len(both.notices)) == ({"Dockerfile"}, 1)


def test_an_ignore_in_a_template_is_not_judged() -> None:
    files = {"Dockerfile": "# dlf: ignore[shell-form-cmd]\nFROM {{ image }}\n"}
    assert lint(text_files(files.items()), everything()).diagnostics == ()


class Fickle(MemoryTree):
    """A tree in which some files cannot be read, and others are gone once they have been found."""

    def read(self, path: str) -> bytes | None:
        if path.startswith("gone/"):
            return None
        if path.startswith("locked/"):
            raise Unreadable("Permission denied")
        return super().read(path)


@pytest.mark.parametrize("name", ["Dockerfile", "compose.yaml", "my.dockerfile", "a-Dockerfile", "dev.compose.yml"])
def test_a_file_that_cannot_be_read_is_told_and_hides_no_other(name: str) -> None:
    files = {f"{folder}/{name}": b"x" for folder in ("gone", "locked")} | {"z/Dockerfile": b"FROM\n"}
    report = lint(Fickle(files), everything())
    rule = "compose-syntax" if "compose" in name else "dockerfile-syntax"
    assert f"locked/{name}:1: error[{rule}] the file cannot be read: Permission denied" in told(report)
    assert len([one for one in report.diagnostics if one.path.startswith("locked")]) == 1
    assert not any(one.path.startswith("gone") for one in report.diagnostics)
    assert of_file(report, "z/Dockerfile")
    assert report.files == (f"locked/{name}", "z/Dockerfile")
    assert lint(Fickle(files), everything(), paths=[f"gone/{name}"]).files == ()


def test_strange_things_named_like_files(tmp_path: Path) -> None:
    (tmp_path / "a" / "Dockerfile").mkdir(parents=True)  # a directory, with a file of that name in it
    (tmp_path / "a" / "Dockerfile" / "Dockerfile").write_text("FROM\n")
    os.mkfifo(tmp_path / "Dockerfile")
    os.mkfifo(tmp_path / "compose.yaml")
    (tmp_path / "Dockerfile.loop").symlink_to("Dockerfile.loop")
    (tmp_path / "Dockerfile.out").symlink_to("/etc/passwd")
    (tmp_path / "Dockerfile.latin1").write_bytes(b"FROM scratch\n# caf\xe9\nLABEL a=\xff\n")
    (tmp_path / "Dockerfile.empty").write_bytes(b"")
    (tmp_path / "Dockerfile.zero").write_bytes(b"\0" * 500)
    (tmp_path / "docker-compose.empty.yml").write_bytes(b"")
    with open(tmp_path / "Dockerfile.huge", "wb") as file:
        file.truncate(MAX_BYTES + 1)
    report = lint(DiskTree(str(tmp_path)), everything())
    assert report.files == (
        "Dockerfile.empty", "Dockerfile.huge", "Dockerfile.latin1", "Dockerfile.zero", "a/Dockerfile/Dockerfile",
        "docker-compose.empty.yml",
    )  # fmt: skip
    syntax = {one.path: one for one in report.diagnostics if one.rule.name.endswith("-syntax")}
    assert set(syntax) >= {"Dockerfile.empty", "Dockerfile.huge", "Dockerfile.zero", "a/Dockerfile/Dockerfile"}
    assert f"{MAX_BYTES + 1} bytes is more than dlf reads" in syntax["Dockerfile.huge"].finding.message
    for output_format in FORMATS:
        assert render(output_format, report).encode("utf-8")


def test_a_broken_tree_listing_is_an_empty_project() -> None:
    class Gone(MemoryTree):
        def listing(self, _path: str) -> Listing:
            return Listing()

    report = lint(Gone({"Dockerfile": b"FROM\n"}), everything())
    assert (report.files, report.diagnostics) == ((), ())


# ---------------------------------------------------------------- ignores

IGNORED = "# dlf: ignore[every]\nFROM a\n"
OF_STAGE = "def check(s: Stage):\n    yield Finding.at(s, 'f'{in_guide})\n"


def ignoring(house: House, in_guide: str = "") -> Settings:
    rule = house.rule("every", OF_STAGE.replace("{in_guide}", in_guide))
    unused = next(one for one in RULES if one.name == "unused-ignore")
    return with_rules(rule, unused)


def test_an_ignore_hides_and_is_counted(house: House) -> None:
    report = lint(text_files([("Dockerfile", IGNORED)]), ignoring(house))
    assert report.diagnostics == ()
    assert [one.suppression.kind for one in report.suppressed if one.suppression] == ["dlf"]


def test_an_unused_ignore_is_told_only_where_the_rule_was_run(house: House) -> None:
    settings = ignoring(house)
    tree = text_files([("Dockerfile", "FROM a\n# dlf: ignore[every]\nRUN x\n"), ("other/Dockerfile", IGNORED)])
    unused = "Dockerfile:2: warning[unused-ignore] this ignore of `every` suppresses nothing"
    assert told(lint(tree, settings._replace(select=frozenset({"every", "unused-ignore"})))) == [
        "Dockerfile:1: error[every] f",
        unused,
    ]
    assert told(lint(tree, settings._replace(select=frozenset({"unused-ignore"})))) == []
    assert told(lint(tree, settings._replace(select=frozenset({"every"})))) == ["Dockerfile:1: error[every] f"]
    assert unused not in told(lint(tree, settings, paths=["other/Dockerfile"]))


def test_an_ignore_of_what_the_settings_leave_out_is_of_use(house: House) -> None:
    tree = text_files([("Dockerfile", IGNORED)])
    settings = ignoring(house, ", in_guide='off'")
    for changed in (
        settings._replace(profile="guide"),
        settings._replace(per_file_ignores=(("Dockerfile", frozenset({"every"})),)),
    ):
        report = lint(tree, changed)
        assert (report.diagnostics, report.suppressed) == ((), ())


# ---------------------------------------------------------------- findings elsewhere

# What a container runs in a script is told in the script, with a note to the instruction that starts it.
SCRIPTED = (
    "def check(c: Container):\n"
    "    source = c.image and c.image.project.source_of('run/start.sh')\n"
    "    at = source.text.find('uvicorn') if source else -1\n"
    "    if at >= 0 and c.start:\n"
    "        yield Finding.at(source.span(at, at + 7), 's').note(c.start, 'started here')\n"
)
SCRIPT = {
    "Dockerfile": "FROM python:3.12\nCOPY . .\nCMD run/start.sh\n",
    "run/start.sh": "#!/bin/sh\nuvicorn app:app\n",
    "app/main.py": "import os\n",
}


@pytest.mark.parametrize(
    ("paths", "files"),
    [
        (None, ("Dockerfile", "run/start.sh")),
        (["Dockerfile"], ("Dockerfile",)),
        (["run/start.sh"], ("run/start.sh",)),
        (["Dockerfile", "run/start.sh", "app/main.py"], ("Dockerfile", "run/start.sh")),
        (["app/main.py"], None),
    ],
)
def test_a_finding_in_a_script(house: House, paths: list[str] | None, files: tuple[str, ...] | None) -> None:
    report = lint(text_files(SCRIPT.items()), with_rules(house.rule("scripted", SCRIPTED)), paths=paths)
    assert told(report) == (["run/start.sh:2: error[scripted] s"] if files else [])
    assert report.files == (files or ())


def test_a_finding_in_a_script_without_a_note_gets_one_to_what_starts_it(house: House) -> None:
    rule = house.rule("scripted", SCRIPTED.replace(".note(c.start, 'started here')", ""))
    tree = text_files(SCRIPT.items())
    (one,) = lint(tree, with_rules(rule), paths=["Dockerfile"]).diagnostics
    assert [(note.span.source.path, note.span.line, note.message) for note in one.finding.notes] == [
        ("Dockerfile", 3, "the container starts with this")
    ]
    by_image = SCRIPTED.replace("Container", "Image").replace("c.image and c.image", "c").replace(" and c.start", "")
    rule = house.rule("by_image", by_image.replace(".note(c.start, 'started here')", ""))
    (one,) = lint(tree, with_rules(rule), paths=["Dockerfile"]).diagnostics
    assert [(note.span.line, note.message) for note in one.finding.notes] == [(1, "in what is built or started here")]


def test_a_finding_that_points_into_a_named_script(house: House) -> None:
    turned = SCRIPTED.replace("source.span(at, at + 7), 's'", "c.start, 's'")
    rule = house.rule("scripted", turned.replace(".note(c.start", ".note(source.span(at, at + 7)"))
    tree = text_files(SCRIPT.items())
    assert told(lint(tree, with_rules(rule), paths=["run/start.sh"])) == ["Dockerfile:3: error[scripted] s"]
    assert told(lint(tree, with_rules(rule), paths=["app/main.py"])) == []


@pytest.mark.parametrize(
    ("exclude", "paths", "there"),
    [
        ((), None, True),
        (("run/",), None, False),
        (("*.sh",), ["Dockerfile"], False),
        (("*.sh",), ["run/start.sh"], True),
    ],
)
def test_exclude_counts_for_scripts(
    house: House, exclude: tuple[str, ...], paths: list[str] | None, *, there: bool
) -> None:
    settings = with_rules(house.rule("scripted", SCRIPTED), exclude=exclude)
    assert bool(told(lint(text_files(SCRIPT.items()), settings, paths=paths))) is there


def test_what_git_ignores_is_told_when_a_container_runs_it_but_other_peoples_code_is_not(house: House) -> None:
    settings = with_rules(house.rule("scripted", SCRIPTED))
    ignored = text_files([*SCRIPT.items(), (".gitignore", "run/\n")])
    assert told(lint(ignored, settings)) == ["run/start.sh:2: error[scripted] s"]
    moved = house.rule("moved", SCRIPTED.replace("run/start.sh", "node_modules/start.sh"))
    files = {"Dockerfile": SCRIPT["Dockerfile"], "node_modules/start.sh": SCRIPT["run/start.sh"]}
    assert told(lint(text_files(files.items()), with_rules(moved))) == []


def test_settings_for_paths_and_ignores_count_in_a_script(house: House) -> None:
    unused = next(one for one in RULES if one.name == "unused-ignore")
    settings = with_rules(house.rule("scripted", SCRIPTED), unused)
    ignored = {**SCRIPT, "run/start.sh": "#!/bin/sh\nuvicorn app:app  # dlf: ignore[scripted] so it is\n"}
    report = lint(text_files(ignored.items()), settings)
    assert (report.diagnostics, len(report.suppressed)) == ((), 1)
    assert report.files == ("Dockerfile", "run/start.sh")
    path = settings._replace(per_file_ignores=(("run/*", frozenset({"scripted"})),))
    assert told(lint(text_files(SCRIPT.items()), path)) == []


def test_an_unused_ignore_in_a_script_is_told_when_something_read_it(house: House) -> None:
    unused = next(one for one in RULES if one.name == "unused-ignore")
    settings = with_rules(house.rule("scripted", SCRIPTED), unused)
    pragma = "# dlf: ignore[scripted]\n"
    files = {**SCRIPT, "run/start.sh": f"#!/bin/sh\n{pragma}true\n", "app/main.py": pragma}
    expected = ["run/start.sh:2: warning[unused-ignore] this ignore of `scripted` suppresses nothing"]
    assert told(lint(text_files(files.items()), settings)) == expected
    assert told(lint(text_files(files.items()), settings, paths=["run/start.sh"])) == expected
    assert told(lint(text_files(files.items()), settings, paths=["Dockerfile"])) == []
    assert told(lint(text_files(files.items()), settings._replace(exclude=("run",)))) == []


def test_every_format_shows_a_finding_in_a_script(house: House) -> None:
    report = lint(text_files(SCRIPT.items()), with_rules(house.rule("scripted", SCRIPTED)))
    assert render("concise", report).startswith("run/start.sh:2:1: error[scripted]: s\n")
    text = render("text", report)
    assert "2 | uvicorn app:app" in text
    assert "Dockerfile:3" in text
    (entry,) = json.loads(render("json", report))["findings"]
    assert (entry["path"], entry["line"], entry["end_column"]) == ("run/start.sh", 2, 8)
    assert [note["path"] for note in entry["notes"]] == ["Dockerfile"]
    (run,) = json.loads(render("sarif", report))["runs"]
    (result,) = run["results"]
    place = result["locations"][0]["physicalLocation"]
    assert place["artifactLocation"]["uri"] == "run/start.sh"
    assert place["region"] == {
        "startLine": 2,
        "startColumn": 1,
        "endLine": 2,
        "endColumn": 8,
        "snippet": {"text": "uvicorn"},
    }
    (artifact,) = (one for one in run["artifacts"] if one["location"] == place["artifactLocation"])
    assert artifact["roles"] == ["analysisTarget"]
    assert result["partialFingerprints"]["primaryLocationLineHash"].endswith(":1")


# ---------------------------------------------------------------- rules that break

BROKEN = "def check(s: Stage):\n    yield Finding.at(s, 'before')\n    raise ValueError('oh\\nno')\n"


@pytest.mark.parametrize(
    ("code", "error"),
    [
        (BROKEN, "ValueError"),
        ("def check(s: Stage):\n    return None\n", "TypeError"),
        ("def check(s: Stage):\n    yield 'text'\n", "TypeError"),
        ("def check(s: Stage):\n    yield Finding.at(s, 'x', severity='fatal')\n", "ValueError"),
        ("def check(s: Stage):\n    yield Finding.at(s, 'x', in_guide='never')\n", "ValueError"),
        ("def check(s: Stage):\n    yield Finding(Span(s.span.source, 3, 1), 'x')\n", "ValueError"),
        ("def check(s: Stage):\n    yield Finding(Span(s.span.source, 0, 999), 'x')\n", "ValueError"),
        ("def check(s: Stage):\n    yield Finding.at(s, 'x').note(Span(s.span.source, -1, 1), 'y')\n", "ValueError"),
        (
            "def check(s: Stage):\n    yield Finding.at(s, 'x').fixed_by('y', Edit(Span(s.span.source, 0, 999), ''))\n",
            "Value",
        ),
        ("def check(s: Stage):\n    yield Finding.at(None, 'x')\n", "AttributeError"),
        ("def check(s: Stage):\n    yield from check(s)\n", "RecursionError"),
        ("def check(s: Project):\n    raise KeyError\n", "KeyError"),
    ],
)
def test_a_rule_that_breaks_costs_no_other_finding(house: House, code: str, error: str) -> None:
    broken, every = house.rule("broken", code), house.rule("every", EVERY)
    files = {"Dockerfile": "FROM a\nFROM b\n", "x/Dockerfile": "FROM c\n", "compose.yaml": "services: {}\n"}
    report = lint(text_files(files.items()), with_rules(broken, every))
    assert [line for line in told(report) if "[every]" in line] == [
        f"{path}:1: error[every] f" for path in sorted(files)
    ]
    assert [line for line in told(report) if "[broken]" in line] == (
        [f"{path}: error[broken] before" for path in ("Dockerfile:1", "Dockerfile:2", "x/Dockerfile:1")]
        if "before" in code
        else []
    )
    assert {(one.rule, one.built_in) for one in report.failures} == {("broken", False)}
    assert all(type(one.error).__name__.startswith(error) for one in report.failures)
    if "Project" not in code:  # one for each file, however many stages
        assert [one.span.source.path for one in report.failures if one.span] == ["Dockerfile", "x/Dockerfile"]
    assert merged([report, report]).failures == (*report.failures, *report.failures)
    assert 'executionSuccessful": false' in render("sarif", report)


def test_a_page_that_cannot_be_read_stops_the_run(house: House) -> None:
    rule = house.rule("every", EVERY, "# no front matter\n")
    with pytest.raises(RuleError, match=r"every\.md:1: a page begins with front matter"):
        lint(text_files([("Dockerfile", "FROM a\n")]), with_rules(rule))


def test_the_user_reads_one_line_for_a_broken_rule(
    house: House, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    house.rule("broken", BROKEN)
    (tmp_path / ".git").mkdir()
    for folder in ("a", "b", "c"):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "Dockerfile").write_text("FROM a\nFROM\n")
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("DLF_DEBUG", raising=False)
    arguments = ["check", "--rules", "house", "--output-format", "concise"]
    assert cli.run(arguments) == 2
    out, err = capsys.readouterr()
    assert err == (
        "error: the rule `broken` failed on a/Dockerfile:1:1 and in 2 more files: ValueError: oh no"
        " (house/broken.py:8). What it has to say there is missing (DLF_DEBUG=1 shows the traceback)\n"
    )
    assert out.count("error[broken]: before") == 6
    assert out.count("error[dockerfile-syntax]") == 3
    assert cli.run([*arguments, "--exit-zero"]) == 2
    assert cli.run([*arguments, "--ignore", "broken", "--exit-zero"]) == 0
    capsys.readouterr()
    monkeypatch.setenv("DLF_DEBUG", "1")
    assert cli.run(arguments) == 2
    err = capsys.readouterr().err
    assert err.startswith("Traceback")
    assert 'broken.py", line 8' in err


def test_a_report_with_failures_and_no_findings_does_not_say_that_all_is_well(house: House) -> None:
    broken = house.rule("broken", "def check(s: Stage):\n    raise ValueError\n")
    report = lint(text_files([("Dockerfile", "FROM a\n")]), with_rules(broken))
    assert render("concise", report) == "Found nothing in 1 file, but not everything could be checked.\n"


@pytest.mark.parametrize("name", ["Dockerfile", "compose.yaml"])
def test_a_parser_that_breaks_costs_no_other_file(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    from dockerlint_fastapi import assemble  # noqa: PLC0415
    from dockerlint_fastapi.parsers import compose  # noqa: PLC0415

    for module, attribute in ((assemble, "parse_dockerfile"), (compose, "parse_compose")):
        parse = getattr(module, attribute)

        def fragile(source: object, parse: object = parse) -> object:
            if "BREAK" in source.text:  # type: ignore[attr-defined]
                raise AssertionError("deep inside")
            return parse(source)  # type: ignore[operator]

        monkeypatch.setattr(module, attribute, fragile)
    (tmp_path / name).write_text("# BREAK\n")
    (tmp_path / "x").mkdir()
    (tmp_path / "x" / "Dockerfile").write_text("FROM\n")
    monkeypatch.chdir(tmp_path)
    assert cli.run(["check", "--output-format", "concise"]) == 2
    out, err = capsys.readouterr()
    assert "x/Dockerfile:1:1: error[dockerfile-syntax]" in out
    assert f"failed on {name}: AssertionError: deep inside. This is a fault of dlf" in err
    assert "Traceback" not in err


# ---------------------------------------------------------------- anything, through the whole pipeline


def module(name: str) -> ModuleType:
    spec = importlib.util.spec_from_file_location(name, Path(__file__).with_name(f"{name}.py"))
    assert spec is not None
    assert spec.loader is not None
    loaded = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(loaded)
    return loaded


PROJECT_GENERATOR, DOCKERFILE_GENERATOR = module("project_generator"), module("dockerfile_generator")
PROFILES = ("default", "guide", "pedantic")


def on_disk(folder: Path) -> dict[str, bytes]:
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file() and not path.name.startswith("expected")
    }


SAMPLES: list[dict[str, bytes]] = [
    *(on_disk(folder) for folder in PROJECTS),
    *(
        {path: tree.read(path) or b"" for path in tree.files}
        for example in examples(BUILT_IN, RULES)
        if isinstance(tree := example.tree, MemoryTree)
    ),
]


ELSEWHERE = (".sh", ".py", ".txt", ".toml", ".lock", ".env", "Pipfile")


def made(seed: int, count: int) -> Iterator[dict[str, bytes]]:
    yield from islice(PROJECT_GENERATOR.projects(seed, SAMPLES, DOCKERFILE_GENERATOR.dockerfiles(seed)), count)


def places(report: Report) -> Iterator[Span]:
    diagnostics: Iterable[Diagnostic] = (*report.diagnostics, *report.suppressed)
    for one in diagnostics:
        yield one.finding.span
        yield from (note.span for note in one.finding.notes)
        yield from (edit.span for edit in (one.finding.fix.edits if one.finding.fix else ()))
        if one.suppression:
            yield one.suppression.span
    yield from (notice.span for notice in report.notices)


def check_pipeline(files: Mapping[str, bytes], profile: str) -> Report:
    """What is true of every run, whatever the files hold."""
    settings = everything(profile=profile)
    report = lint(MemoryTree(files), settings)
    for failure in report.failures:
        raise failure.error
    for span in places(report):
        assert 0 <= span.start <= span.end <= len(span.source.text)
        assert span.source.data == files[span.source.path]
    assert all(one.severity in SEVERITIES for one in (*report.diagnostics, *report.suppressed))
    assert all(one.suppression is None for one in report.diagnostics)
    for one in (*report.diagnostics, *report.suppressed):
        if one.rule.name != "unused-ignore" and one.path.endswith(ELSEWHERE):
            # What is wrong in a script is told together with what makes it run, so that naming that shows it.
            notes = [note.span.source.path for note in one.finding.notes]
            assert any(not path.endswith(ELSEWHERE) for path in notes), (one.rule.name, one.path)
    orders = [one.order for one in report.diagnostics]
    assert orders == sorted(set(orders))
    again = lint(MemoryTree(dict(reversed(files.items()))), settings)
    for output_format in FORMATS:
        rendered = render(output_format, report)
        rendered.encode("utf-8")
        assert rendered == render(output_format, again)
    return report


def check_agreement(files: Mapping[str, bytes], whole: Report, profile: str) -> None:
    """`dlf check .` and `dlf check FILE` say the same of the file."""
    for path in {*whole.files, *(one.path for one in whole.diagnostics)}:
        alone = lint(MemoryTree(files), everything(profile=profile), paths=[path])
        assert alone.files == tuple({path}.intersection(whole.files))
        assert of_file(alone, path) == of_file(whole, path)
        others = [one for one in alone.diagnostics if one.path != path]
        assert all(any(note.span.source.path == path for note in one.finding.notes) for one in others)


@pytest.mark.parametrize("profile", PROFILES)
def test_every_sample_and_what_is_said_of_each_file_alone(profile: str) -> None:
    found = set()
    for number, files in enumerate(SAMPLES):
        whole = profile == "pedantic" or number < len(PROJECTS)  # it tells all that the others tell
        if not whole and number % 4:
            continue
        report = check_pipeline(files, profile)
        if whole:
            check_agreement(files, report, profile)
        found.update(one.rule.name for one in report.diagnostics)
    assert len(found) > 5


@pytest.mark.parametrize("seed", range(4))
def test_whatever_the_project_holds(seed: int) -> None:
    found = set()
    for number, files in enumerate(made(seed, 150)):
        profile = PROFILES[number % 3]
        report = check_pipeline(files, profile)
        check_agreement(files, report, profile)
        found.update(one.rule.name for one in report.diagnostics)
    assert len(found) > 8


_text = st.text(max_size=200) | st.lists(
    st.sampled_from((*PROJECT_GENERATOR.BODY, *PROJECT_GENERATOR.COMMANDS, "FROM a", "\n", "CMD ", "\\\n", "\r\n")),
    max_size=12,
).map("\n".join)
_yaml = _text | st.lists(
    st.sampled_from((*PROJECT_GENERATOR.YAML_SOUP, *PROJECT_GENERATOR.ENTRIES, "services:\n", "  web:\n", "\n    ")),
    max_size=16,
).map("".join)


def _bytes(texts: st.SearchStrategy[str]) -> st.SearchStrategy[bytes]:
    return st.binary(max_size=80) | texts.map(lambda text: text.encode("utf-8", "surrogatepass"))


@given(
    dockerfile=_bytes(_text),
    compose=_bytes(_yaml),
    ignore=st.none() | _bytes(st.text(max_size=40)),
    profile=st.sampled_from(PROFILES),
)
@settings(deadline=None, max_examples=150)
def test_any_bytes(dockerfile: bytes, compose: bytes, ignore: bytes | None, profile: str) -> None:
    files = {"Dockerfile": dockerfile, "compose.yaml": compose}
    if ignore is not None:
        files |= {".dockerignore": ignore, ".gitignore": ignore}
    check_agreement(files, check_pipeline(files, profile), profile)


class Counting(MemoryTree):
    """A tree that counts what is asked of it."""

    asked = 0

    def read(self, path: str) -> bytes | None:
        self.asked += 1
        return super().read(path)

    def is_file(self, path: str) -> bool:
        self.asked += 1
        return super().is_file(path)

    def is_dir(self, path: str) -> bool:
        self.asked += 1
        return super().is_dir(path)

    def listing(self, path: str) -> Listing:
        self.asked += 1
        return super().listing(path)


def test_files_are_asked_for_no_more_than_in_proportion() -> None:
    def asked(count: int) -> int:
        files = {
            f"svc{number}/Dockerfile": b"FROM python:3.12\nCOPY app /app\nCMD uvicorn a:b\n" for number in range(count)
        }
        services = "".join(f"  s{number}:\n    build: svc{number}\n" for number in range(count))
        tree = Counting({**files, "compose.yaml": f"services:\n{services}".encode()})
        lint(tree, everything())
        return tree.asked

    assert asked(80) < 3 * asked(40)


def test_the_output_does_not_depend_on_the_hash_seed() -> None:
    outputs = set()
    for seed in ("0", "1", "2"):
        done = subprocess.run(
            [
                sys.executable, "-m", "dockerlint_fastapi", "check", "--isolated", "--exit-zero",
                "--output-format", "json", "fixtures/projects", "fixtures/forms",
            ],
            capture_output=True, text=True, check=True, cwd=ROOT, env={**os.environ, "PYTHONHASHSEED": seed},
        )  # fmt: skip
        assert done.stderr == ""
        outputs.add(done.stdout)
    assert len(outputs) == 1
    assert len(json.loads(outputs.pop())["findings"]) > 100


def test_a_template_is_noticed_and_not_counted_among_the_linted_files() -> None:
    tree = text_files([("Dockerfile", "FROM {{ image }}\n"), ("a/Dockerfile", "FROM scratch\n")])
    report = lint(tree, Settings(load_rules(), frozenset()))
    assert [notice.span.source.path for notice in report.notices] == ["Dockerfile"]
    assert report.files == ("a/Dockerfile",)
