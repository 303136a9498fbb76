"""The text, concise and JSON reporters: exact output, and what holds for any report."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import unicodedata
from pathlib import Path
from typing import TYPE_CHECKING, Any

import jsonschema
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dockerlint_fastapi import __version__, reporters
from dockerlint_fastapi.finding import Edit, Finding
from dockerlint_fastapi.report import Diagnostic, Notice, Report, Suppression
from dockerlint_fastapi.reporters import concise, json_report, text
from dockerlint_fastapi.reporters.schema import JsonReport, json_schema
from dockerlint_fastapi.reporters.visible import visible
from dockerlint_fastapi.source import Source, Span

if TYPE_CHECKING:
    from dockerlint_fastapi.report import RuleInfo

ROOT = Path(__file__).parent.parent
STYLE = re.compile(r"\x1b\[[0-9;]*m")


class FakeRule:
    """A rule that remembers what of its page was asked for."""

    def __init__(self, name: str, severity: str = "error", category: str = "signals", help: str = "") -> None:  # noqa: A002 - as RuleInfo names it
        self.name = name
        self.code = ""
        self.severity = severity
        self.category = category
        self.asked: set[str] = set()
        self._help = help

    @property
    def help(self) -> str:
        self.asked.add("help")
        return self._help

    def __getattr__(self, field: str) -> Any:
        if field not in {"title", "summary", "guide", "sources", "since", "url", "markdown"}:
            raise AttributeError(field)
        self.asked.add(field)
        return () if field in {"guide", "sources"} else f"{field} of {self.name}"


SHELL = FakeRule("shell-form-cmd", help="write it as JSON")
PORT = FakeRule("published-port-mismatch", category="deployment")
SIZE = FakeRule("single-stage-build", "info", "image-size")


def words(source: Source, words: str) -> Span:
    start = source.text.index(words)
    return source.span(start, start + len(words))


def report(*diagnostics: Diagnostic, suppressed: int = 0, notices: tuple[Notice, ...] = (), files: int = 1) -> Report:
    rules: tuple[RuleInfo, ...] = (PORT, SHELL, SIZE)
    hidden = Diagnostic(
        SHELL, "error", Finding.at(Source.of("x").span(0, 1), "m"), Suppression(Source.of("x").span(0, 1), "", "dlf")
    )
    return Report(diagnostics, (hidden,) * suppressed, notices, tuple(f"f{number}" for number in range(files)), rules)


def drawn(finding: Finding, rule: FakeRule = SHELL, severity: str = "error", **options: Any) -> str:
    return text.render(report(Diagnostic(rule, severity, finding)), summary=False, **options)


def snippet(content: str, start: int, end: int, **options: Any) -> list[str]:
    """The rows of source and underlines that a finding shows."""
    rows = drawn(Finding.at(Source.of(content).span(start, end), "m", help=""), **options).split("\n")
    return rows[3 : rows.index("  |", 3)]


DOCKERFILE = """\
FROM python:3.13-slim
RUN apt-get update && \\
\tapt-get install -y gcc \\
    && rm -rf /var/lib/apt/lists/*
COPY ./app /code/app
CMD fastapi run app/main.py --port 80
"""


# ---- text ----


def test_a_finding_shows_its_line_underlined_and_the_help_of_its_rule() -> None:
    source = Source.of(DOCKERFILE)
    assert drawn(Finding.at(words(source, "fastapi run"), "runs `fastapi` under /bin/sh")) == (
        """\
error[shell-form-cmd]: runs `fastapi` under /bin/sh
 --> Dockerfile:6:5
  |
6 | CMD fastapi run app/main.py --port 80
  |     ^^^^^^^^^^^
  |
  = help: write it as JSON
"""
    )


def test_the_help_of_a_finding_replaces_that_of_its_rule() -> None:
    at = Source.of(DOCKERFILE).span(0, 4)
    assert drawn(Finding.at(at, "m", help="first\nsecond")).endswith("  |\n  = help: first\n          second\n")
    assert drawn(Finding.at(at, "m", help="")).endswith("1 | FROM python:3.13-slim\n  | ^^^^\n  |\n")


def test_a_note_in_another_file_shows_that_file() -> None:
    source = Source.of(DOCKERFILE)
    compose = Source.of('services:\n  web:\n    ports:\n      - "8000:8000"\n', "compose.yaml")
    finding = Finding.at(words(compose, '"8000:8000"'), "publishes 8000, but `fastapi` listens on 80")
    assert drawn(finding.note(words(source, "--port 80"), "listens here"), PORT) == (
        """\
error[published-port-mismatch]: publishes 8000, but `fastapi` listens on 80
 --> compose.yaml:4:9
  |
4 |       - "8000:8000"
  |         ^^^^^^^^^^^
  |
 ::: Dockerfile:6:29
  |
6 | CMD fastapi run app/main.py --port 80
  |                             --------- listens here
  |
"""
    )


def test_a_note_in_the_same_file_joins_the_snippet() -> None:
    source = Source.of(DOCKERFILE)
    finding = Finding.at(words(source, "CMD"), "m", help="").note(words(source, "python:3.13-slim"), "the base")
    assert drawn(finding) == (
        """\
error[shell-form-cmd]: m
 --> Dockerfile:6:1
  |
1 | FROM python:3.13-slim
  |      ---------------- the base
...
6 | CMD fastapi run app/main.py --port 80
  | ^^^
  |
"""
    )


def test_notes_on_one_line_have_a_row_each() -> None:
    source = Source.of("CMD a b c\n")
    finding = (
        Finding.at(words(source, "a"), "m", help="").note(words(source, "b"), "one").note(words(source, "c"), "two")
    )
    assert drawn(finding).split("\n")[3:7] == ["1 | CMD a b c", "  |     ^", "  |       - one", "  |         - two"]


def test_a_span_of_several_lines_shows_its_first_and_last_line() -> None:
    content = "RUN a && \\\n  b && \\\n  c && \\\n  d\n"
    assert snippet(content, 0, len(content) - 1) == [
        "1 | RUN a && \\",
        "  | ^^^^^^^^^^",
        "...",
        "4 |   d",
        "  |   ^",
    ]


def test_a_single_line_between_is_shown() -> None:
    assert snippet("RUN a \\\n\tb \\\n  c", 4, 18) == [
        "1 | RUN a \\",
        "  |     ^^^",
        "2 |     b \\",
        "  |     ^^^",
        "3 |   c",
        "  |   ^",
    ]


def test_the_gutter_is_as_wide_as_the_largest_line_number() -> None:
    source = Source.of("FROM a\n" * 99 + "CMD x\n")
    finding = Finding.at(words(source, "CMD x"), "m").note(source.span(0, 4), "first")
    assert drawn(finding) == (
        """\
error[shell-form-cmd]: m
   --> Dockerfile:100:1
    |
  1 | FROM a
    | ---- first
...
100 | CMD x
    | ^^^^^
    |
    = help: write it as JSON
"""
    )


@pytest.mark.parametrize(
    ("content", "at", "row", "under"),
    [
        ("RUN\tx", "x", "RUN    x", "       ^"),
        ("\tRUN\tx", "RUN\tx", "    RUN    x", "    ^^^^^^^^"),
        ("RUN 日本 x", "x", "RUN 日本 x", "         ^"),
        ("RUN 日本 x", "本", "RUN 日本 x", "      ^^"),
        ("RUN 🚀 x", "x", "RUN 🚀 x", "       ^"),
        ("RUN e\u0301 x", "x", "RUN e\u0301 x", "      ^"),
        ("RUN \x1b[31m x", "x", "RUN \\x1b[31m x", "             ^"),
        ("RUN \u202eevil x", "evil", "RUN \\u202eevil x", "          ^^^^"),
        ("RUN \u200b x", "x", "RUN \\u200b x", "           ^"),
        ("RUN \udcff x", "x", "RUN \\xff x", "         ^"),
        ("RUN \x07\u009b x", "x", "RUN \\x07\\u009b x", "               ^"),
        ("RUN x\r\nCMD", "x", "RUN x", "    ^"),
        ("RUN a\rx\n", "x", "RUN a\\rx", "       ^"),
        ("RUN \U000e0041 x", "x", "RUN \\U000e0041 x", "               ^"),
    ],
)
def test_the_underline_lines_up(content: str, at: str, row: str, under: str) -> None:
    start = content.index(at)
    assert snippet(content, start, start + len(at)) == [f"1 | {row}", f"  | {under}"]


@pytest.mark.parametrize(
    ("content", "start", "end", "rows"),
    [
        ("", 0, 0, ["1 |", "  | ^"]),
        ("FROM x", 6, 6, ["1 | FROM x", "  |       ^"]),
        ("FROM x\n", 7, 7, ["2 |", "  | ^"]),
        ("FROM x\r\n", 7, 7, ["1 | FROM x", "  |       ^"]),
        ("FROM x\nCMD", 0, 7, ["1 | FROM x", "  | ^^^^^^"]),
        ("FROM x\n", -5, 900, ["1 | FROM x", "  | ^^^^^^"]),
        ("FROM x\n", 5, 2, ["1 | FROM x", "  |      ^"]),
    ],
)
def test_spans_at_the_edges(content: str, start: int, end: int, rows: list[str]) -> None:
    assert snippet(content, start, end) == rows


def test_a_long_line_is_cut_round_the_span() -> None:
    content = "A" * 500 + "needle" + "B" * 500
    row, under = snippet(content, 500, 506, width=40)
    assert row == "1 | ..." + "A" * 17 + "needle" + "B" * 17 + "..."
    assert under == "  | " + " " * 20 + "^" * 6


def test_a_long_line_is_cut_behind_a_span_near_its_start() -> None:
    row, under = snippet("CMD " + "x" * 500, 0, 3, width=20)
    assert row == "1 | CMD " + "x" * 16 + "..."
    assert under == "  | ^^^"


def test_a_span_longer_than_the_width_is_cut_itself() -> None:
    row, under = snippet("x" * 500, 100, 400, width=20)
    assert (row, under) == ("1 | ..." + "x" * 20 + "...", "  |    " + "^" * 20)


def test_a_cut_counts_columns_not_characters() -> None:
    row, under = snippet("日" * 500 + "x" + "本" * 500, 500, 501, width=20)
    shown = row.removeprefix("1 | ...").removesuffix("...")
    assert sum(2 if char in "日本" else 1 for char in shown) <= 20
    assert under.index("^") == 4 + 3 + 2 * shown.index("x")


def test_a_note_that_a_cut_hides_gets_its_line_shown_again() -> None:
    source = Source.of("left" + " " * 500 + "right")
    rows = drawn(Finding.at(words(source, "left"), "m", help="").note(words(source, "right"), "there"), width=20).split(
        "\n"
    )
    assert rows[3:7] == [
        "1 | left" + " " * 16 + "...",
        "  | ^^^^",
        "1 | ..." + " " * 15 + "right",
        "  |    " + " " * 15 + "----- there",
    ]


def test_a_note_left_of_a_cut_gets_its_line_shown_again() -> None:
    source = Source.of("left" + " " * 500 + "right")
    finding = Finding.at(words(source, "right"), "m", help="").note(words(source, "left"), "there")
    assert drawn(finding, width=20).split("\n")[5:7] == ["1 | left" + " " * 16 + "...", "  | ---- there"]


def test_a_label_is_shown_even_below_a_blank_last_line() -> None:
    source = Source.of("CMD a\n   \nRUN b\n")
    rows = drawn(Finding.at(words(source, "RUN b"), "m", help="").note(source.span(0, 10), "all of it")).split("\n")
    assert rows[3:7] == ["1 | CMD a", "  | -----", "2 |", "  |    - all of it"]


def test_a_message_and_a_path_are_made_visible() -> None:
    source = Source("a", b"FROM x", "d\x1b[2J\udcff/Dockerfile")
    shown = drawn(Finding.at(source.span(0, 4), "bad\n\x1b[31m\u2066 `\udc80`", help="a\tb"))
    assert "error[shell-form-cmd]: bad\\n\\x1b[31m\\u2066 `\\x80`\n" in shown
    assert " --> d\\x1b[2J\\xff/Dockerfile:1:1\n" in shown
    assert "  = help: a\\tb\n" in shown


def test_the_text_does_not_promise_an_option_that_does_not_exist_yet() -> None:
    at = Source.of(DOCKERFILE).span(0, 4)
    fixed = Diagnostic(SHELL, "error", Finding.at(at, "m").fixed_by("drop it", Edit(at, "")))
    assert "fix" not in text.render(report(fixed)).replace("fixed", "")


def test_findings_stand_apart_and_notices_and_the_summary_follow() -> None:
    source = Source.of("FROM x\n")
    finding = Diagnostic(SIZE, "info", Finding.at(source.span(0, 4), "m", help=""))
    notice = Notice(Source.of("{{ x }}", "t/Dockerfile").span(0, 2), "a template, not linted")
    block = "info[single-stage-build]: m\n --> Dockerfile:1:1\n  |\n1 | FROM x\n  | ^^^^\n  |\n"
    assert text.render(report(finding, finding, notices=(notice, notice))) == (
        f"{block}\n{block}\n"
        "t/Dockerfile:1:1: notice: a template, not linted\n"
        "t/Dockerfile:1:1: notice: a template, not linted\n\n"
        "Found 2 infos in 1 file.\n"
    )


def severities(**counts: int) -> tuple[Diagnostic, ...]:
    at = Source.of("FROM x").span(0, 4)
    return tuple(
        Diagnostic(SHELL, severity, Finding.at(at, "m")) for severity, count in counts.items() for _ in range(count)
    )


@pytest.mark.parametrize(
    ("found", "suppressed", "files", "line"),
    [
        (
            severities(error=3, warning=2, info=1),
            1,
            4,
            "Found 3 errors, 2 warnings and 1 info in 4 files (1 suppressed).",
        ),
        (severities(error=1), 0, 1, "Found 1 error in 1 file."),
        (severities(warning=1, info=2), 0, 2, "Found 1 warning and 2 infos in 2 files."),
        ((), 0, 4, "All checks passed: 4 files."),
        ((), 2, 1, "All checks passed: 1 file (2 suppressed)."),
        ((), 0, 0, "No files to check."),
    ],
)
def test_the_summary_line(found: tuple[Diagnostic, ...], suppressed: int, files: int, line: str) -> None:
    for name in ("text", "concise"):
        assert reporters.render(name, report(*found, suppressed=suppressed, files=files)).split("\n")[-2] == line


def test_colour_adds_styles_and_nothing_else() -> None:
    source = Source.of(DOCKERFILE)
    finding = Finding.at(words(source, "CMD"), "m").note(words(source, "FROM"), "base")
    whole = report(Diagnostic(SHELL, "error", finding), notices=(Notice(source.span(0, 4), "n"),))
    for name in ("text", "concise"):
        colored = reporters.render(name, whole, color=True)
        assert "\x1b[1;31merror[shell-form-cmd]\x1b[0m" in colored
        assert STYLE.sub("", colored) == reporters.render(name, whole)
        assert "\x1b" not in reporters.render(name, whole)


def test_programs_get_no_colour() -> None:
    whole = report(*severities(error=1))
    assert reporters.render("json", whole, color=True) == reporters.render("json", whole)


# ---- concise ----


def test_concise_is_what_a_rule_page_shows() -> None:
    source = Source.of(DOCKERFILE)
    compose = Source.of('ports:\n  - "8000:8000"\n', "compose.yaml")
    finding = Finding.at(words(compose, '"8000:8000"'), "publishes 8000").note(words(source, "CMD"), "listens\there")
    assert concise.lines([Diagnostic(PORT, "error", finding)]) == [
        "compose.yaml:2:5: error[published-port-mismatch]: publishes 8000",
        "  Dockerfile:6:1: listens\\there",
    ]


def test_concise_ends_with_notices_and_the_summary_unless_told_not_to() -> None:
    whole = report(*severities(warning=1), notices=(Notice(Source.of("{{").span(0, 2), "a template, not linted"),))
    assert concise.render(whole) == (
        "Dockerfile:1:1: warning[shell-form-cmd]: m\n"
        "Dockerfile:1:1: notice: a template, not linted\n"
        "Found 1 warning in 1 file.\n"
    )
    assert (
        concise.render(whole, summary=False)
        == reporters.render("concise", whole, summary=False)
        == ("Dockerfile:1:1: warning[shell-form-cmd]: m\nDockerfile:1:1: notice: a template, not linted\n")
    )
    assert concise.render(report(), summary=False) == text.render(report(), summary=False) == ""


# ---- JSON ----


def test_json_is_the_contract() -> None:
    source = Source.of(DOCKERFILE)
    compose = Source.of('ports:\n  - "日:8000"\n', "compose.yaml")
    at = words(compose, '"日:8000"')
    finding = (
        Finding.at(at, "publishes 8000")
        .note(words(source, "CMD"), "here")
        .fixed_by("mend", Edit(at, '"80:80"'), safe=False)
    )
    notice = Notice(source.span(0, 4), "a template")
    rendered = json_report.render(
        report(Diagnostic(PORT, "warning", finding), suppressed=1, notices=(notice,), files=2)
    )
    assert json.loads(rendered) == {
        "version": 1,
        "tool": {"name": "dlf", "version": __version__},
        "findings": [
            {
                "rule": "published-port-mismatch",
                "code": None,
                "severity": "warning",
                "category": "deployment",
                "message": "publishes 8000",
                "path": "compose.yaml",
                "line": 2,
                "column": 5,
                "end_line": 2,
                "end_column": 13,
                "notes": [{"message": "here", "path": "Dockerfile", "line": 6, "column": 1}],
                "fix": {
                    "title": "mend",
                    "applicability": "unsafe",
                    "creations": [],
                    "edits": [
                        {
                            "path": "compose.yaml",
                            "line": 2,
                            "column": 5,
                            "end_line": 2,
                            "end_column": 13,
                            "text": '"80:80"',
                        }
                    ],
                },
                "stricter_than_guide": False,
                "url": "url of published-port-mismatch",
            }
        ],
        "notices": [{"message": "a template", "path": "Dockerfile", "line": 1, "column": 1}],
        "files": ["f0", "f1"],
        "summary": {"error": 0, "warning": 1, "info": 0, "files": 2, "suppressed": 1},
    }
    assert rendered.endswith("}\n")


def test_json_holds_no_lone_surrogate() -> None:
    source = Source("a", b"FROM \xff", "\udcfe/Dockerfile")
    at = source.span(5, 6)
    mended = Finding.at(at, "bad \udcff").fixed_by("f", Edit(at, "\udcff"))
    rendered = json_report.render(report(Diagnostic(SHELL, "error", mended)))
    found = json.loads(rendered)["findings"][0]
    assert rendered.isascii()
    json.dumps(found, ensure_ascii=False).encode("utf-8")
    assert (found["path"], found["message"], found["fix"]) == ("\\xfe/Dockerfile", "bad \\xff", None)


def test_the_published_schema_is_the_one_that_the_models_make() -> None:
    published = json.loads((ROOT / "docs/schema/report.schema.json").read_text(encoding="utf-8"))
    assert published == json_schema(), "docs/schema/report.schema.json is stale: run docs/generate.py"


def test_the_models_refuse_what_the_contract_does_not_know() -> None:
    good = json.loads(json_report.render(report(*severities(error=1))))
    JsonReport.model_validate(good)
    for spoil in ({"extra": 1}, {"version": 2}, {"files": None}):
        assert not valid({**good, **spoil})
    for field, value in (("line", 0), ("severity", "fatal"), ("fix", {}), ("column", "1")):
        assert not valid({**good, "findings": [{**good["findings"][0], field: value}]})


def valid(document: dict[str, Any]) -> bool:
    """Whether the published schema takes a document; the models must agree."""
    by_schema = jsonschema.Draft202012Validator(json_schema()).is_valid(document)
    try:
        JsonReport.model_validate(document)
    except ValueError:
        by_model = False
    else:
        by_model = True
    assert by_schema == by_model
    return by_schema


# ---- any report ----

CHARACTERS = st.one_of(
    st.sampled_from("\n\n\n\r\t\x00\x1b\x7f\x9b 日🚀é\u0301\u200b\u200d\u202e\u2028\ufeff\udcff\udc80\ud800\u1160"),
    st.sampled_from("FROM RUN\\"),
    st.characters(),
)
TEXTS = st.text(CHARACTERS, max_size=60)


@st.composite
def sources(draw: st.DrawFn) -> Source:
    content = draw(st.one_of(st.binary(max_size=40), TEXTS.map(lambda text: text.encode("utf-8", "surrogatepass"))))
    return Source("Dockerfile", content * draw(st.sampled_from([1, 1, 1, 30])), draw(TEXTS))


@st.composite
def spans(draw: st.DrawFn, source: Source) -> Span:
    start = draw(st.integers(0, len(source.text)))
    return source.span(start, draw(st.integers(start, len(source.text))))


@st.composite
def reports(draw: st.DrawFn) -> Report:
    files = draw(st.lists(sources(), min_size=1, max_size=2))
    place = st.sampled_from(files).flatmap(spans)
    found = []
    for _ in range(draw(st.integers(0, 3))):
        finding = Finding.at(draw(place), draw(TEXTS), help=draw(st.none() | TEXTS))
        for _ in range(draw(st.integers(0, 3))):
            finding = finding.note(draw(place), draw(TEXTS))
        if draw(st.booleans()):
            finding = finding.fixed_by(draw(TEXTS), Edit(draw(place), draw(TEXTS)), safe=draw(st.booleans()))
        found.append(Diagnostic(SHELL, draw(st.sampled_from(["error", "warning", "info"])), finding))
    notices = tuple(Notice(draw(place), draw(TEXTS)) for _ in range(draw(st.integers(0, 1))))
    return Report(tuple(found), tuple(found[:1]), notices, tuple(source.shown for source in files), (SHELL,))


FORBIDDEN = {"Cc", "Cf", "Cs", "Zl", "Zp"}


@settings(deadline=None, max_examples=200)
@given(reports(), st.integers(0, 60))
def test_text_never_raises_and_never_lets_a_control_character_through(whole: Report, width: int) -> None:
    for shown in (text.render(whole), text.render(whole, width=width), concise.render(whole)):
        assert {char for char in shown if unicodedata.category(char) in FORBIDDEN} <= {"\n"}
        assert shown.endswith("\n")
        shown.encode("utf-8")
    assert STYLE.sub("", text.render(whole, color=True)) == text.render(whole)
    assert len(concise.lines(whole.diagnostics)) == sum(1 + len(found.finding.notes) for found in whole.diagnostics)


@settings(deadline=None, max_examples=200)
@given(reports(), st.integers(20, 60))
def test_rows_of_source_keep_their_width_and_underline_something(whole: Report, width: int) -> None:
    for found in whole.diagnostics:
        alone = Diagnostic(found.rule, found.severity, Finding(found.finding.span, "m", help=""))
        rows = text.render(report(alone), summary=False, width=width).split("\n")[3:]
        under = [row for row in rows if set(row) <= set("^| ") and "^" in row]
        assert under
        for row in under:
            assert len(row) - row.index("| ") - 2 <= width + len("...^")  # the caret of a span behind the last column


@settings(max_examples=40, deadline=None)
@given(reports())
def test_a_report_in_pieces_is_the_same_report(whole: Report) -> None:
    empty = report()
    for one in (whole, empty):
        for name in reporters.FORMATS:
            assert "".join(reporters.render_pieces(name, one)) == reporters.render(name, one)
        for name in ("text", "concise", "json"):
            assert len(list(reporters.render_pieces(name, one))) >= len(one.diagnostics)
    assert json_report.render(empty) == json.dumps(json_report.document(empty), indent=2) + "\n"
    assert text.render(empty, summary=False) == ""


@settings(deadline=None, max_examples=150)
@given(reports())
def test_json_parses_back_and_keeps_to_its_schema(whole: Report) -> None:
    rendered = json_report.render(whole)
    document = json.loads(rendered)
    assert rendered == json.dumps(json_report.document(whole), indent=2) + "\n", "it is put together from pieces"
    assert rendered.isascii()
    assert valid(document)
    json.dumps(document, ensure_ascii=False).encode("utf-8")
    for entry, found in zip(document["findings"], whole.diagnostics, strict=True):
        starts = found.finding.span.source.starts
        offsets = [starts[entry[a] - 1] + entry[b] - 1 for a, b in (("line", "column"), ("end_line", "end_column"))]
        assert tuple(offsets) == found.finding.span[1:]


@given(st.text())
def test_visible_is_the_identity_on_what_can_be_printed(words: str) -> None:
    assert visible(visible(words)) == visible(words)
    if words.isprintable():
        assert visible(words) == words


# ---- cost ----


def test_only_the_pages_of_rules_that_fired_are_read() -> None:
    fired, silent = FakeRule("fired-rule"), FakeRule("silent-rule")
    found = Diagnostic(fired, "error", Finding.at(Source.of("FROM x").span(0, 4), "m"))
    whole = Report((found,), (), (), ("Dockerfile",), (fired, silent))
    for name in ("text", "concise", "json"):
        reporters.render(name, whole)
    assert silent.asked == set()
    assert fired.asked == {"help", "url"}


class CountedText(str):
    """A text that counts how many characters were cut out of it."""

    __slots__ = ()
    taken = 0

    def __getitem__(self, key: Any) -> str:
        part = super().__getitem__(key)
        CountedText.taken += len(part)
        return part


def test_findings_in_one_long_line_cost_the_same_each() -> None:
    source = Source.of("x" * 1_000_000)
    source.text = CountedText(source.text)
    CountedText.taken = 0
    found = [Diagnostic(SIZE, "info", Finding.at(source.span(at, at + 5), "m")) for at in range(0, 1_000_000, 10_000)]
    text.render(report(*found))
    assert CountedText.taken < 2_000 * len(found)


def test_rendering_imports_nothing_heavy() -> None:
    program = (
        "import sys; from dockerlint_fastapi.reporters import render; from dockerlint_fastapi.report import Report;"
        "[render(name, Report((), (), (), ('Dockerfile',), ())) for name in ('text', 'concise')];"
        "heavy = {'pydantic', 'json', 'dataclasses', 'inspect', 'unicodedata', 'urllib.parse'};"
        "print(sorted(heavy & set(sys.modules)))"
    )
    done = subprocess.run(
        [sys.executable, "-S", "-c", program],
        capture_output=True,
        text=True,
        check=True,
        env={"PYTHONPATH": str(ROOT / "src")},
    )
    assert done.stdout.strip() == "[]"


def test_every_format_renders_and_an_unknown_one_is_refused() -> None:
    for name in reporters.FORMATS:
        assert reporters.render(name, report()).endswith("\n")
    with pytest.raises(KeyError):
        reporters.render("xml", report())
