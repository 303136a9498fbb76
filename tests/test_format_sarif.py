"""What code scanning relies on in SARIF: GitHub's line hashes, a catalogue that never changes, notifications."""

from __future__ import annotations

import json
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from dockerlint_fastapi.engine import Settings, lint
from dockerlint_fastapi.finding import Creation, Finding, Fix
from dockerlint_fastapi.report import Diagnostic, Failure, Report, Suppression
from dockerlint_fastapi.reporters import sarif
from dockerlint_fastapi.reporters.line_hash import line_hashes
from dockerlint_fastapi.rule import PAGES_URL, load_rules
from dockerlint_fastapi.source import Source
from dockerlint_fastapi.tree import MemoryTree

ROOT = Path(__file__).parents[1]
RULES = load_rules()
ALL = frozenset(rule.name for rule in RULES)
OPEN = "8b7cf3e952e7aeb2 b1ae1287ec4718d9 bff680108adb0fcc c6805c5e1288b612 b86d3392aea1be30 e6ceba753e1a442".split()
ENDED = "e9496ae3ebfced30 fb7c023a8b9ccb3f ce8ba1a563dcdaca e20e36e16fcb0cc8 b3edc88f2938467e c8e28b0b4002a3a0".split()
END = "c129715d7a2bc9a3"  # of an empty last line


def linted(files: dict[str, bytes], select: frozenset[str] = ALL) -> Report:
    return lint(MemoryTree(files), Settings(RULES, select, today="2026-01-01"))


def run(report: Report) -> dict[str, Any]:
    only: dict[str, Any]
    [only] = json.loads(sarif.render(report))["runs"]
    return only


def told(report: Report) -> list[tuple[str, str, str]]:
    [invocation] = run(report)["invocations"]
    known = [one["id"] for one in run(report)["tool"]["driver"]["notifications"]]
    found = invocation["toolExecutionNotifications"]
    assert all(known[one["descriptor"]["index"]] == one["descriptor"]["id"] for one in found)
    return [(one["descriptor"]["id"], one["level"], one["message"]["text"]) for one in found]


# ---- line hashes: the values that GitHub's upload action is itself tested with ----


@pytest.mark.parametrize(
    ("content", "hashes"),
    [
        (
            " hello; \t\nworld!!!\n\n\n  \t\tGreetings\n End",
            OPEN,
        ),
        (" hello; \t\nworld!!!\n\n\n  \t\tGreetings\n End\n", [*ENDED, END]),
        (" hello; \t\nworld!!!\r\r\r  \t\tGreetings\r End\r", [*ENDED, END]),
        (" hello; \t\r\nworld!!!\r\n\r\n\r\n  \t\tGreetings\r\n End\r\n", [*ENDED, END]),
        (" hello; \t\nworld!!!\r\n\n\r  \t\tGreetings\r End\r\n", [*ENDED, END]),
    ],
)
def test_line_hashes_have_the_published_values(content: str, hashes: list[str]) -> None:
    assert line_hashes(content.encode()) == [f"{one}:1" for one in hashes]


def test_alike_lines_are_numbered() -> None:
    different = "a7f2ff1481e87703 a9cf91f7bbf1862b 55ec222b86bcae53 cc97dc7b1d7d8f7b".split()
    assert line_hashes(b"Lorem ipsum dolor sit amet.\n" * 10) == [
        *(f"a7f2ff13bc495cf2:{number}" for number in range(1, 7)),
        *(f"{one}:1" for one in (*different, END)),
    ]


# ---- the catalogue ----


def test_the_catalogue_is_the_same_bytes_whatever_is_found_and_selected() -> None:
    def catalogue(report: Report) -> str:
        text = sarif.render(report)
        return text[text.index('"tool": {') : text.index('"automationDetails": {')]

    bad = {
        "Dockerfile": b"FROM python\nCMD uvicorn main:app\n",
        "compose.yaml": b"services: {a: {build: ., prots: []}}\n",
    }
    logs = [
        linted(bad),
        linted(bad, frozenset({"shell-form-cmd"})),
        linted({}),
        linted({"Dockerfile": b"\xff\xfe\0", "compose.yaml": b"services: [\n"}),
        lint(MemoryTree(bad), Settings(RULES, ALL, profile="pedantic", severities={"shell-form-cmd": "info"})),
    ]
    assert len({catalogue(log) for log in logs}) == 1
    catalogued = run(logs[0])["tool"]["driver"]["rules"]
    assert [rule["properties"]["name"] for rule in catalogued] == sorted(ALL)
    assert [rule["id"] for rule in catalogued] == [rule.code for rule in RULES]


def test_every_rule_of_the_catalogue_says_all_that_code_scanning_shows() -> None:
    security = 0
    for rule, known in zip(run(linted({}))["tool"]["driver"]["rules"], RULES, strict=True):
        assert rule["shortDescription"]["text"].startswith(f"{known.name}: ")
        assert rule["fullDescription"]["text"].strip()
        assert rule["help"]["text"].strip()
        assert rule["help"]["markdown"].startswith("# ")
        assert rule["helpUri"].startswith(PAGES_URL)
        assert (ROOT / "rules" / rule["helpUri"].removeprefix(PAGES_URL)).is_file()  # the link leads to a page
        assert rule["defaultConfiguration"]["level"] in {"error", "warning", "note"}
        assert {"docker", "fastapi", known.category} <= set(rule["properties"]["tags"])
        assert rule["properties"]["precision"] in {"high", "very-high"}
        scored = "security-severity" in rule["properties"]
        assert scored == ("security" in rule["properties"]["tags"])
        assert not scored or 0 < float(rule["properties"]["security-severity"]) <= 10
        security += scored
        words = rule["name"]
        assert words[0].isupper()
        assert not any(a.isupper() and b.isupper() for a, b in pairwise(words)), words
    assert 10 < security < len(RULES)


# ---- notifications ----


def test_a_file_that_was_not_parsed_in_full_is_told_once() -> None:
    report = linted({"Dockerfile": b"FROM python\nNOPE a\nNOPE b\n", "compose.yaml": b"services:\n  a: [\n"})
    assert [(kind, level) for kind, level, _ in told(report)] == [("not-parsed", "warning")] * 2
    assert told(report)[0][2].startswith("not read in full: ")
    assert told(report)[0][2].endswith("(and 1 more)")
    assert run(report)["invocations"][0]["executionSuccessful"] is True
    assert told(linted({"Dockerfile": b"FROM python:3.13-slim\n"})) == []


def test_a_file_that_cannot_be_read_is_told(tmp_path: Path) -> None:
    class Locked(MemoryTree):
        """A tree whose Dockerfile nobody may read."""

        def read(self, path: str) -> bytes | None:
            from dockerlint_fastapi.tree import Unreadable  # noqa: PLC0415

            if path == "Dockerfile":
                raise Unreadable("Permission denied")
            return super().read(path)

    assert tmp_path.is_dir()
    report = lint(Locked({"Dockerfile": b"FROM a\n"}), Settings(RULES, ALL))
    [(kind, _, text)] = told(report)
    assert kind == "not-parsed"
    assert "Permission denied" in text


def test_faults_and_paths_that_are_not_there_make_a_run_that_failed() -> None:
    span = Source.of("FROM a\n").span(0, 4)
    empty = Report((), (), (), (), RULES)
    broken = empty._replace(
        failures=(Failure("my-own", False, span, ValueError("\x1b secret")), Failure(None, True, None, KeyError("x")))
    )
    assert told(broken) == [
        ("internal-fault", "error", "the rule `my-own` failed: ValueError"),
        ("internal-fault", "error", "a parser failed: KeyError"),
    ]
    gone = empty._replace(unread=("gone: no such file",))
    assert told(gone) == [("not-read", "error", "gone: no such file")]
    assert not any(run(one)["invocations"][0]["executionSuccessful"] for one in (broken, gone))


# ---- results ----


def test_what_a_baseline_holds_is_suppressed_from_outside() -> None:
    found = Diagnostic(RULES[0], "error", Finding.at(Source.of("FROM a\n").span(0, 4), "m"))
    held = found._replace(suppression=Suppression(None, "accepted", "baseline"))
    [result] = run(Report((), (held,), (), ("Dockerfile",), RULES))["results"]
    assert result["suppressions"] == [{"kind": "external", "status": "accepted", "justification": "accepted"}]


def test_a_fix_that_makes_a_file() -> None:
    finding = Finding.at(Source.of("FROM a\n").span(0, 4), "m")
    finding = finding._replace(
        fix=Fix("add it", (), creations=(Creation(".dockerignore", ".git\n", "api/.dockerignore"),))
    )
    [result] = run(Report((Diagnostic(RULES[0], "error", finding),), (), (), (), RULES))["results"]
    [change] = result["fixes"][0]["artifactChanges"]
    assert change["artifactLocation"]["uri"] == "api/.dockerignore"
    assert change["replacements"][0]["insertedContent"] == {"text": ".git\n"}


def test_no_message_carries_what_a_viewer_would_obey() -> None:
    finding = Finding.at(Source.of("FROM a\n").span(0, 4), "a\u202eb\x1b[31m\nc")
    [result] = run(Report((Diagnostic(RULES[0], "error", finding),), (), (), (), RULES))["results"]
    assert result["message"]["text"] == "a\\u202eb\\x1b[31m\\nc"
