"""The formats for forges and CI: each read back by a consumer of its own, for fixed reports and for any report."""

from __future__ import annotations

import html
import json
import re
import unicodedata
from itertools import pairwise
from typing import Any
from xml.etree import ElementTree as ET

import jsonschema
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from junitparser import Error, Failure, JUnitXml, Skipped
from markdown_it import MarkdownIt

from dockerlint_fastapi import report as reports_module
from dockerlint_fastapi.finding import Creation, Edit, Finding, Fix
from dockerlint_fastapi.report import Diagnostic, Notice, Report, Suppression
from dockerlint_fastapi.reporters import FORMATS, github, gitlab, junit, markdown, rdjson, render, render_statistics
from dockerlint_fastapi.reporters.visible import visible, well_formed
from dockerlint_fastapi.source import Source, Span


class FakeRule:
    """A rule with a page."""

    code = ""
    title = "`CMD` in shell form"
    summary = "A shell-form CMD makes a shell process 1."
    help = "write the command as JSON"
    guide = ("G14",)
    sources: tuple[str, ...] = ()
    since = "0.1.0"
    supersedes: tuple[str, ...] = ()
    preview = False
    markdown = "# `CMD` in shell form\n"

    def __init__(self, name: str, severity: str = "error", category: str = "signals") -> None:
        self.name = name
        self.severity = severity
        self.category = category
        self.url = f"https://example.org/rules/{name}.md"


SHELL = FakeRule("shell-form-cmd")
SECRET = FakeRule("secret-in-env", "warning", "secrets")
RULES = (SECRET, SHELL)
DOCKERFILE = "FROM python:3.12\nENV 日本=1 KEY=abc\nCMD uvicorn app:app \\\n  --port 80\n"


def source(text: str = DOCKERFILE, path: str = "Dockerfile") -> Source:
    return Source.of(text, path)


def at(where: Source, words: str) -> Span:
    start = where.text.index(words)
    return where.span(start, start + len(words))


def whole(*found: Diagnostic, **others: Any) -> Report:
    return Report(found, (), (), tuple(sorted({one.path for one in found})), RULES)._replace(**others)


def one(span: Span, message: str = "m", severity: str = "error", rule: FakeRule = SHELL, **more: Any) -> Diagnostic:
    return Diagnostic(rule, severity, Finding.at(span, message, **more))


# ---- github ----


def commands(rendered: str) -> list[tuple[str, dict[str, str], str]]:
    """The commands of a log as GitHub's runner reads them: what is decoded, where, and in which order."""
    found = []
    for line in re.split(r"\r\n|\r|\n", rendered):
        if not line.lstrip().startswith("::"):
            continue
        inside, _, message = line.lstrip()[2:].partition("::")
        name, _, written = inside.partition(" ")
        properties = {}
        for pair in written.split(","):
            key, _, raw = pair.partition("=")
            for code, char in (("%0D", "\r"), ("%0A", "\n"), ("%3A", ":"), ("%2C", ","), ("%25", "%")):
                raw = raw.replace(code, char)
            properties[key] = raw
        for code, char in (("%0D", "\r"), ("%0A", "\n"), ("%25", "%")):
            message = message.replace(code, char)
        found.append((name, properties, message))
    return found


def test_github_annotates_a_place_with_all_that_is_to_say() -> None:
    compose = source("services: {}\n", "compose.yaml")
    found = one(at(source(), "uvicorn"), "50% of `uvicorn`, killed")
    noted = found._replace(finding=found.finding.note(at(compose, "services"), "started here"))
    rendered = github.render(whole(noted))
    assert rendered.splitlines()[0].startswith(
        "::error file=Dockerfile,line=3,col=5,endLine=3,endColumn=12,title=dlf (shell-form-cmd)::Dockerfile:3:5: 50%25"
    )
    [(name, _, message)] = commands(rendered)
    assert name == "error"
    assert message.split("\n") == [
        "Dockerfile:3:5: 50% of `uvicorn`, killed",
        "  compose.yaml:1:1: started here",
        "help: write the command as JSON",
        SHELL.url,
    ]
    assert rendered.splitlines()[-1] == "Found 1 error in 1 file."


def test_github_has_no_columns_for_several_lines_and_a_kind_for_each_severity() -> None:
    where = source()
    found = [
        one(at(where, "uvicorn app:app \\\n  --port"), severity=severity) for severity in ("error", "warning", "info")
    ]
    told = commands(github.render(whole(*found, notices=(Notice(at(where, "FROM"), "a template"),))))
    assert [name for name, _, _ in told] == ["error", "warning", "notice", "notice"]
    assert told[0][1] == {"file": "Dockerfile", "line": "3", "endLine": "4", "title": "dlf (shell-form-cmd)"}


def test_github_cannot_be_made_to_run_a_command() -> None:
    where = Source("x", b"FROM a\n", "a,line=9::warning::b:%0A\n::add-mask::x\r\u2028::stop-commands::y/Dockerfile")
    evil = "x\n::set-env name=PATH::/tmp\r\n::error::%0A::debug::"
    told = commands(github.render(whole(one(where.span(0, 4), evil, help=evil))))
    [(name, properties, message)] = told
    assert name == "error"
    assert properties["line"] == "1"
    assert properties["file"] == visible(where.shown)
    assert message.split("\n")[0].endswith(visible(evil))


def test_github_says_when_annotations_are_dropped() -> None:
    where = source()
    found = [one(at(where, "CMD")) for _ in range(11)]
    assert "of 11 errors the others are in this log only" in github.render(whole(*found))
    assert "log only" not in github.render(whole(*found[:10]))


# ---- gitlab ----

# What GitLab documents of a Code Quality report.
GITLAB = {
    "type": "array",
    "items": {
        "type": "object",
        "required": ["description", "check_name", "fingerprint", "severity", "location"],
        "properties": {
            "description": {"type": "string", "minLength": 1},
            "check_name": {"type": "string", "minLength": 1},
            "fingerprint": {"type": "string", "pattern": "^[0-9a-f]{64}$"},
            "severity": {"enum": ["info", "minor", "major", "critical", "blocker"]},
            "type": {"const": "issue"},
            "categories": {"type": "array", "minItems": 1, "items": {"enum": ["Bug Risk", "Security"]}},
            "location": {
                "type": "object",
                "required": ["path", "lines"],
                "additionalProperties": False,
                "properties": {
                    "path": {"type": "string", "minLength": 1, "not": {"pattern": r"^\./"}},
                    "lines": {
                        "type": "object",
                        "required": ["begin"],
                        "additionalProperties": False,
                        "properties": {
                            "begin": {"type": "integer", "minimum": 1},
                            "end": {"type": "integer", "minimum": 1},
                        },
                    },
                },
            },
        },
        "additionalProperties": False,
    },
}


def issues(given_report: Report) -> list[dict[str, Any]]:
    rendered = gitlab.render(given_report)
    assert rendered.isascii()
    document: list[dict[str, Any]] = json.loads(rendered)
    jsonschema.Draft202012Validator(GITLAB).validate(document)
    return document


def test_gitlab_names_place_severity_and_category() -> None:
    where = source()
    found = [one(at(where, "KEY=abc"), severity=severity, rule=SECRET) for severity in ("error", "warning", "info")]
    told = issues(whole(*found, one(at(where, "uvicorn app:app \\\n  --port"))))
    assert [issue["severity"] for issue in told] == ["critical", "major", "minor", "critical"]
    assert [issue["categories"] for issue in told][2:] == [["Security"], ["Bug Risk"]]
    assert told[3]["location"] == {"path": "Dockerfile", "lines": {"begin": 3, "end": 4}}
    assert issues(whole()) == []


def test_gitlab_fingerprints_are_unique_and_survive_shifted_lines_and_new_words() -> None:
    def fingerprints(text: str, message: str = "m") -> list[str]:
        where = source(text)
        spans = [where.span(match.start(), match.end()) for match in re.finditer("CMD|KEY", text)]
        return [issue["fingerprint"] for issue in issues(whole(*(one(span, message) for span in spans)))]

    text = "ENV KEY=1 KEY=2\nCMD a\nCMD a\n"
    before = fingerprints(text)
    assert len(set(before)) == 4
    assert (
        fingerprints("# new\n\nFROM x\n" + text) == before == fingerprints(text.replace("\nCMD", "\n  CMD"), "reworded")
    )
    assert fingerprints(text.replace("KEY=2", "KEY=3"))[0] != before[0]


def test_gitlab_keeps_secrets_out_of_fingerprints() -> None:
    def fingerprint(text: str) -> str:
        env = source(text, ".env")
        env.private = True
        found: str = issues(whole(one(env.span(0, 3))))[0]["fingerprint"]
        return found

    assert fingerprint("KEY=secret\n") == fingerprint("KEY=other\n")


# ---- junit ----

# The elements and attributes of junit-10.xsd (Jenkins' xUnit plugin), as far as they are used; `True` is required.
JUNIT: dict[str, dict[str, bool]] = {
    "testsuites": dict.fromkeys(("name", "time", "tests", "failures", "errors"), False),
    "testsuite": {
        **dict.fromkeys(("name", "tests", "failures", "errors"), True),
        **dict.fromkeys(("time", "skipped", "timestamp", "hostname", "id", "package", "file", "log", "url"), False),
    },
    "testcase": {"name": True, **dict.fromkeys(("time", "classname", "group"), False)},
    **{name: {"type": False, "message": False} for name in ("failure", "error", "skipped")},
}
INSIDE = {"testsuites": {"testsuite"}, "testsuite": {"testcase"}, "testcase": {"failure", "error", "skipped"}}


def suites(given_report: Report) -> Any:
    """The report as junitparser reads it, after a look at its elements."""
    rendered = junit.render(given_report)
    assert rendered.isascii()
    root = ET.fromstring(rendered)  # noqa: S314 - our own
    assert root.tag == "testsuites"
    for element in root.iter():
        allowed = JUNIT[element.tag]
        assert set(element.attrib) <= set(allowed)
        assert {name for name, required in allowed.items() if required} <= set(element.attrib)
        assert {child.tag for child in element} <= INSIDE.get(element.tag, set())
    for suite in root:
        for attribute, tag in (("failures", "failure"), ("errors", "error"), ("skipped", "skipped")):
            assert int(suite.attrib[attribute]) == len(suite.findall(f"testcase/{tag}"))
        assert int(suite.attrib["tests"]) == len(suite.findall("testcase"))
    parsed = JUnitXml.fromstring(rendered.encode())
    assert parsed.tests == sum(len(list(suite)) for suite in parsed)
    return parsed


def test_junit_has_a_suite_a_file_and_a_case_a_finding() -> None:
    where = source()
    found = [one(at(where, "CMD"), "fails <b>&", severity=severity) for severity in ("error", "warning", "info")]
    template = source("{{ x }}", "t/Dockerfile")
    broken = reports_module.Failure("my-own", False, at(where, "FROM"), ValueError("x"))
    told = suites(
        whole(
            *found,
            files=("Dockerfile", "compose.yaml"),
            notices=(Notice(at(template, "{{"), "a template, not linted"),),
            failures=(broken,),
            unread=("gone: no such file",),
        )
    )
    assert [suite.name for suite in told] == ["Dockerfile", "compose.yaml", "dlf", "t/Dockerfile"]
    assert (told.tests, told.failures, told.errors) == (7, 2, 2)
    cases = [[(case.classname, case.name, [type(one) for one in case.result]) for case in suite] for suite in told]
    assert cases == [
        [
            ("Dockerfile", "shell-form-cmd at 3:1", [Failure]),
            ("Dockerfile", "shell-form-cmd at 3:1", [Failure]),
            ("Dockerfile", "shell-form-cmd at 3:1", [Skipped]),
            ("Dockerfile", "my-own broke", [Error]),
        ],
        [("compose.yaml", "no findings", [])],
        [("dlf", "gone: no such file", [Error])],
        [("t/Dockerfile", "not linted", [Skipped])],
    ]
    first = next(iter(next(iter(told)))).result[0]
    assert (first.message, first.type) == ("fails <b>&", "error")
    assert first.text.startswith("Dockerfile:3:1: error[shell-form-cmd]: fails <b>&\nhelp: write the command as JSON\n")


def test_junit_of_nothing_is_empty() -> None:
    assert list(suites(whole())) == []


# ---- rdjson ----

POSITION = {
    "type": "object",
    "additionalProperties": False,
    "required": ["line", "column"],
    "properties": {"line": {"type": "integer", "minimum": 1}, "column": {"type": "integer", "minimum": 1}},
}
RANGE = {
    "type": "object",
    "additionalProperties": False,
    "required": ["start", "end"],
    "properties": {"start": POSITION, "end": POSITION},
}
LOCATION = {
    "type": "object",
    "additionalProperties": False,
    "required": ["path", "range"],
    "properties": {"path": {"type": "string"}, "range": RANGE},
}
# The fields of DiagnosticResult in reviewdog.proto.
RDJSON = {
    "type": "object",
    "additionalProperties": False,
    "required": ["source", "diagnostics"],
    "properties": {
        "source": {"const": {"name": "dlf", "url": rdjson.INFORMATION_URI}},
        "diagnostics": {
            "type": "array",
            "items": {
                "type": "object",
                "additionalProperties": False,
                "required": ["message", "location", "severity", "code"],
                "properties": {
                    "message": {"type": "string", "minLength": 1},
                    "location": LOCATION,
                    "severity": {"enum": ["ERROR", "WARNING", "INFO"]},
                    "code": {
                        "type": "object",
                        "additionalProperties": False,
                        "required": ["value"],
                        "properties": {"value": {"type": "string"}, "url": {"type": "string", "pattern": "^https?://"}},
                    },
                    "suggestions": {
                        "type": "array",
                        "items": {
                            "type": "object",
                            "additionalProperties": False,
                            "required": ["range", "text"],
                            "properties": {"range": RANGE, "text": {"type": "string"}},
                        },
                    },
                    "related_locations": {
                        "type": "array",
                        "items": {
                            "type": "object",
                            "additionalProperties": False,
                            "required": ["message", "location"],
                            "properties": {"message": {"type": "string"}, "location": LOCATION},
                        },
                    },
                },
            },
        },
    },
}


def diagnostics(given_report: Report) -> list[dict[str, Any]]:
    rendered = rdjson.render(given_report)
    assert rendered.isascii()
    document = json.loads(rendered)
    jsonschema.Draft202012Validator(RDJSON).validate(document)
    found: list[dict[str, Any]] = document["diagnostics"]
    return found


def cut(data: bytes, stretch: dict[str, dict[str, int]]) -> tuple[int, int]:
    """The offsets into a file's bytes that a range means."""
    starts = [0, *(at + 1 for at, byte in enumerate(data) if byte == 0x0A)]
    begin, end = (starts[stretch[key]["line"] - 1] + stretch[key]["column"] - 1 for key in ("start", "end"))
    return begin, end


def test_rdjson_counts_bytes() -> None:
    for mark in ("", "\ufeff"):
        where = source(mark + "ENV 日本=1 KEY=abc\n")
        found = one(at(where, "KEY=abc"))
        [told] = diagnostics(whole(found._replace(finding=found.finding.note(at(where, "日本"), "n"))))
        begin, end = cut(where.data, told["location"]["range"])
        assert where.data[begin:end] == b"KEY=abc"
        begin, end = cut(where.data, told["related_locations"][0]["location"]["range"])
        assert where.data[begin:end].decode() == "日本"
    assert diagnostics(whole()) == []


def test_rdjson_suggests_a_safe_fix_of_one_file() -> None:
    where = source()
    other = source("a\n", "compose.yaml")
    edits = (Edit(at(where, "--port 80"), '"80"]'), Edit(at(where, "uvicorn"), '["uvicorn",'))

    def suggested(fix: Fix) -> Any:
        found = one(at(where, "CMD"))
        return diagnostics(whole(found._replace(finding=found.finding._replace(fix=fix))))[0].get("suggestions")

    [told] = suggested(Fix("f", edits))
    begin, end = cut(where.data, told["range"])
    assert (where.data[:begin] + told["text"].encode() + where.data[end:]).decode() == DOCKERFILE.replace(
        "uvicorn", '["uvicorn",'
    ).replace("--port 80", '"80"]')
    assert suggested(Fix("f", edits, "unsafe")) is None
    assert suggested(Fix("f", (*edits, Edit(other.span(0, 1), "b")))) is None
    assert suggested(Fix("f", edits, creations=(Creation(".dockerignore", ".git\n"),))) is None
    assert suggested(Fix("f", (*edits, Edit(at(where, "uvicorn app"), "x")))) is None
    assert suggested(Fix("f", (Edit(at(where, "CMD"), "\udcff"),))) is None
    assert suggested(Fix("f", ())) is None


# ---- markdown ----

MARKDOWN = MarkdownIt("commonmark", {"html": True}).enable("table")


LIVE = r"[@#<>\[\]|*_~\\&/]|www\.|GH-\d|\b[0-9a-f]{7,40}\b"


def seen(tokens: list[Any]) -> str:
    """What a reader sees of inline tokens; line breaks that are ours as newlines. Other HTML counts as a fault."""
    words = ""
    for token in tokens:
        if token.type in {"text", "code_inline"}:
            words += token.content
            if token.type == "text":  # nothing that a forge would make a mention, a reference or a link of
                assert not re.search(LIVE, token.content), token.content
        elif token.type == "html_inline":
            assert token.content == "<br>"
            words += "\n"
        elif token.type in {"link_open", "link_close"}:
            assert token.attrGet("href") in {None, *(rule.url for rule in RULES)}
        else:
            assert token.type in {"softbreak", "strong_open", "strong_close"}, token.type
    return words


def tables(rendered: str) -> dict[str, list[list[str]]]:
    """The rows of each file's table, as a reader sees them."""
    found: dict[str, list[list[str]]] = {}
    heading = ""
    tokens = MARKDOWN.parse(rendered)
    known = {
        "heading_open", "heading_close", "inline", "paragraph_open", "paragraph_close", "bullet_list_open",
        "bullet_list_close", "list_item_open", "list_item_close", "table_open", "table_close", "thead_open",
        "thead_close", "tbody_open", "tbody_close", "tr_open", "tr_close", "th_open", "th_close", "td_open", "td_close",
    }  # fmt: skip
    assert {token.type for token in tokens} <= known
    for before, token in pairwise(tokens):
        words = seen(token.children) if token.type == "inline" else ""
        if before.type == "heading_open":
            heading = words
        elif before.type == "tr_open" and token.type == "td_open":
            found.setdefault(heading, []).append([])
        if before.type == "td_open":
            found[heading][-1].append(words if token.type == "inline" else "")
    return found


def same(one: str, other: str) -> bool:
    """Whether two texts say the same, blanks and the marks of code aside."""
    strip = str.maketrans("", "", "`")
    return "".join(one.translate(strip).split()) == "".join(other.translate(strip).split())


def test_markdown_is_a_table_a_file() -> None:
    compose = source("services: {}\n", "my app/compose.yaml")
    found = one(at(source(), "uvicorn"), "the shell gets `SIGTERM | x`, not <b>uvicorn</b> @team #1 `a``b` it's 50%")
    noted = found._replace(finding=found.finding.note(at(compose, "services"), "started | here"))
    rendered = markdown.render(whole(noted, one(at(compose, "{}"), "n", "warning", SECRET)))
    assert rendered.splitlines()[2] == "**Found 1 error and 1 warning** in 2 files."
    [[place, severity, rule, message]] = tables(rendered)["Dockerfile"]
    assert (place, severity, rule) == ("3:5", "🔴 error", "shell-form-cmd")
    first, note = message.split("\n")
    assert same(first, "the shell gets SIGTERM | x, not <b>uvicorn</b> @team #1 a b it's 50%")
    assert same(note, "↳ my app/compose.yaml:1 started | here")
    assert tables(rendered)["my app/compose.yaml"] == [["1:11", "🟠 warning", "secret-in-env", "n"]]
    assert " `@team` `#1` " in rendered


@pytest.mark.parametrize(
    ("message", "shown"),
    [
        ("at www.evil.example now", "at `www.evil.example` now"),
        ("by (0123abc) and GH-12,", "by `(0123abc)` and `GH-12,`"),
        ("`a``b` and `a`@b`c`", "`a` `b` and `a` `@b` `c`"),
        ("an odd ` mark, `` none", "an odd `` ` `` mark, ` `` ` none"),
        ("it's 50% (of `x`), or `y`'s: a-b, e.g. 1.5…", "it's 50% (of `x`), or `y`'s: a-b, e.g. 1.5…"),
        ("<img> &lt; *b* _i_ ~~s~~ [l](u) \\n", "`<img>` `&lt;` `*b*` `_i_` `~~s~~` `[l](u)` `\\n`"),
    ],
)
def test_markdown_makes_code_of_what_it_could_take_for_more(message: str, shown: str) -> None:
    assert markdown.cell(message) == shown


@pytest.mark.parametrize(
    ("given_report", "line"),
    [
        (whole(), "No files to check."),
        (whole(files=("Dockerfile",)), "✅ **All checks passed**: 1 file."),
        (
            whole(files=("Dockerfile",), unread=("x: gone",)),
            "Found nothing in 1 file, but not everything could be checked.",
        ),
    ],
)
def test_markdown_says_when_nothing_was_found(given_report: Report, line: str) -> None:
    shown = markdown.render(given_report).splitlines()[2]
    assert shown.replace("**", "") == line.replace("**", "")


def test_markdown_is_cut_before_github_refuses_it() -> None:
    where = source()
    rendered = markdown.render(whole(*(one(at(where, "CMD"), "x" * 900) for _ in range(1500))))
    assert len(rendered.encode()) < 1 << 20
    assert rendered.endswith("There is more than fits here: the other formats have all of it.\n")
    tables(rendered)


# ---- any report ----

TEXTS = st.text(
    st.one_of(
        st.sampled_from("\n\r\t\x00\x1b\x85\x9b ::%,=|`*_<>&[]()#@!\\~-\u2028\u202e\u200b\ufffe日🚀\udcff\ud800"),
        st.sampled_from("aAfw.:/09"),
        st.characters(),
    ),
    max_size=40,
)


@st.composite
def any_report(draw: st.DrawFn) -> Report:
    content = draw(st.one_of(st.binary(max_size=60), TEXTS.map(lambda text: text.encode("utf-8", "surrogatepass"))))
    place = Source("Dockerfile", content, draw(TEXTS.filter(bool)))
    offsets = st.integers(0, len(place.text))

    def span() -> Span:
        start, end = sorted([draw(offsets), draw(offsets)])
        return place.span(start, end)

    found = []
    for rule in draw(st.lists(st.sampled_from(RULES), max_size=3)):
        finding = Finding.at(span(), draw(TEXTS), help=draw(st.none() | TEXTS)).note(span(), draw(TEXTS))
        if draw(st.booleans()):
            finding = finding._replace(fix=Fix(draw(TEXTS), (Edit(span(), draw(TEXTS)),)))
        found.append(Diagnostic(rule, draw(st.sampled_from(["error", "warning", "info"])), finding))
    hidden = tuple(one._replace(suppression=Suppression(span(), draw(TEXTS), "dlf")) for one in found[:1])
    notices = (Notice(span(), draw(TEXTS)),)
    return Report(tuple(found), hidden, notices, (place.shown,), RULES, unread=(draw(TEXTS),))


FORBIDDEN = {"Cc", "Cf", "Cs", "Zl", "Zp"}


@settings(deadline=None, max_examples=150)
@given(any_report())
def test_every_format_reads_back_with_the_same_fields(given_report: Report) -> None:
    found = given_report.diagnostics
    for name in FORMATS:
        rendered = render(name, given_report)
        assert {char for char in rendered if unicodedata.category(char) in FORBIDDEN} <= {"\n"}, name
        rendered.encode("utf-8")
        assert rendered.endswith("\n")
    positions = [(f.finding.span.line, f.finding.span.column) for f in found]

    told = commands(github.render(given_report))
    assert len(told) == len(found) + 1
    for (name, properties, message), entry, (line, column) in zip(told, found, positions, strict=False):
        assert name == github.COMMANDS[entry.severity]
        assert properties["file"] == visible(entry.path)
        assert properties["line"] == str(line)
        assert message.split("\n")[0] == f"{visible(entry.path)}:{line}:{column}: {visible(entry.finding.message)}"

    for issue, entry in zip(issues(given_report), found, strict=True):
        assert issue["location"]["path"] == well_formed(entry.path)
        assert issue["description"].startswith(visible(entry.finding.message))
        assert issue["check_name"] == entry.rule.name
    assert len({issue["fingerprint"] for issue in issues(given_report)}) == len(found)

    cases = [
        case
        for suite in suites(given_report)
        for case in suite
        if case.name.split(" at ")[0] in {"shell-form-cmd", "secret-in-env"}
    ]
    for case, entry, (line, column) in zip(cases, found, positions, strict=True):
        assert case.classname == visible(entry.path)
        assert case.name == f"{entry.rule.name} at {line}:{column}"
        assert case.result[0].message == visible(entry.finding.message)

    for told_one, entry in zip(diagnostics(given_report), found, strict=True):
        text = entry.finding.message
        assert told_one["message"] == visible(text if text.strip() else entry.rule.title)
        data = entry.finding.span.source.data
        begin, end = cut(data, told_one["location"]["range"])
        assert data[begin:end] == entry.finding.span.text.encode("utf-8", "surrogateescape")

    rows = [row for several in tables(markdown.render(given_report)).values() for row in several]
    for row, entry, (line, column) in zip(rows, found, positions, strict=True):
        assert row[0] == f"{line}:{column}"
        assert row[2] == entry.rule.name
        assert same(row[3].split("\n")[0], visible(entry.finding.message))


@settings(deadline=None, max_examples=100)
@given(TEXTS)
def test_code_is_shown_as_it_is(text: str) -> None:
    shown = visible(text)
    [_, inline, *_] = [*MARKDOWN.parse(markdown.code(shown)), None, None]
    if shown.strip():
        assert [token.type for token in inline.children] == ["code_inline"]
        assert same(html.unescape(html.escape(inline.children[0].content)), shown)
        assert inline.children[0].content.strip() == shown.strip()


# ---- statistics ----


def test_statistics_count_by_rule() -> None:
    where = source()
    span = at(where, "CMD")
    fixed = one(span, severity="warning")
    fixed = fixed._replace(finding=fixed.finding.fixed_by("f", Edit(span, "x")))
    several = whole(one(span, severity="info"), fixed, one(span, "n", "info", SECRET))
    assert render_statistics("text", several) == (
        "2  warning  shell-form-cmd  [-] `CMD` in shell form\n"
        "1  info     secret-in-env       `CMD` in shell form\n"
        "\n[*] has a fix, [-] has one for some\n"
        "\nFound 1 warning and 2 infos in 1 file.\n"
    )
    assert json.loads(render_statistics("json", several))[0] == {
        "rule": "shell-form-cmd",
        "severity": "warning",
        "category": "signals",
        "count": 2,
        "fixable": 1,
    }
    shown = tables(render_statistics("markdown", several))
    assert shown == {
        "dlf": [
            ["2", "🟠 warning", "shell-form-cmd", "1", "CMD in shell form"],
            ["1", "🔵 info", "secret-in-env", "0", "CMD in shell form"],
        ]
    }
    assert render_statistics("text", whole(files=("Dockerfile",))) == "All checks passed: 1 file.\n"
    assert json.loads(render_statistics("json", whole())) == []
    assert render_statistics("text", several, color=True).count("\x1b[1;33m") == 1
