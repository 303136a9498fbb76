import re
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dockerlint_fastapi import suppress
from dockerlint_fastapi.finding import Finding
from dockerlint_fastapi.report import Diagnostic
from dockerlint_fastapi.rule import load_rules
from dockerlint_fastapi.source import Source
from dockerlint_fastapi.suppress import Applied, apply, ignores, places

KNOWN = (
    "shell-form-cmd",
    "pip-cache-kept",
    "runs-as-root",
    "unpinned-base-image",
    "inline-compose-secret",
    "unused-ignore",
)


def applied(
    text: str, *places: tuple[str, str], kind: str = "dockerfile", active: tuple[str, ...] | None = None
) -> Applied:
    """What ignores do to findings, each given as (rule, the text at which it begins)."""
    source = Source.of(text)
    diagnostics = []
    for rule, needle in places:
        at = text.index(needle)
        named: Any = SimpleNamespace(name=rule)
        diagnostics.append(Diagnostic(named, "error", Finding.at(source.span(at, at + len(needle)), "x")))
    return apply(diagnostics, {source: ignores(source, kind)}, known=KNOWN, active=active)


def hidden(text: str, *places: tuple[str, str], kind: str = "dockerfile") -> list[str]:
    result = applied(text, *places, kind=kind)
    assert len(result.kept) + len(result.suppressed) == len(places)
    return [one.rule.name for one in result.suppressed]


def told(
    text: str, *places: tuple[str, str], kind: str = "dockerfile", active: tuple[str, ...] | None = None
) -> list[str]:
    result = applied(text, *places, kind=kind, active=active)
    return [f"{one.span.line}:{one.span.column} {one.message}" for one in result.unused]


CMD = ("shell-form-cmd", "CMD")


@pytest.mark.parametrize(
    "above",
    [
        "# dlf: ignore[shell-form-cmd]",
        "# dlf: ignore[shell-form-cmd] because it must",
        "#dlf:ignore[ shell-form-cmd ]",
        "  # DLF : IGNORE [shell-form-cmd]",
        "# dlf: ignore[pip-cache-kept, shell-form-cmd]",
        "# dlf: ignore[pip-cache-kept shell-form-cmd]",
        "# dlf: ignore[all]",
        "# dlf: ignore[shell-form-cmd]\n# another comment",
        "# dlf: ignore[shell-form-cmd]\n\n",
        "# dlf: ignore[shell-form-cmd]\n# dlf: ignore[pip-cache-kept]",
        "# hadolint ignore=DL3025",
        "# hadolint ignore=SC2086,DL3025 # why",
        "#hadolint ignore = DL3006 , DL3025",
        "# check=skip=JSONArgsRecommended",
        "# dlf: ignore[shell-form-cmd]\r",
    ],
)
def test_a_comment_above_an_instruction_hides_what_begins_in_it(above: str) -> None:
    assert hidden(f"FROM a\n{above}\nCMD uvicorn\n", CMD) == ["shell-form-cmd"]


@pytest.mark.parametrize(
    "above",
    [
        "# dlf: ignore[shell-form]",
        "# dlf: ignore[shell_form_cmd]",
        "# dlf: ignore shell-form-cmd",
        "# dlf: ignore[]",
        "# hadolint ignore=DL3006",
        "# hadolint DL3025",
        "# check=error=true",
        "# check=skip=Other",
        "# dlf: ignore[shell-form-cmd]\nUSER app",
        "# noqa",
        "# see dlf: ignore[shell-form-cmd]",
        "RUN echo '# dlf: ignore[shell-form-cmd]'",
    ],
)
def test_other_comments_do_not(above: str) -> None:
    assert hidden(f"FROM a\n{above}\nCMD uvicorn\n", CMD) == []


def test_an_ignore_covers_the_whole_instruction_and_no_other() -> None:
    text = "FROM a\nRUN pip one\n# dlf: ignore[pip-cache-kept] it is a builder\n"
    text += "RUN apt \\\n && x \\\n\n && pip two\nRUN pip three\n"
    result = applied(
        text, ("pip-cache-kept", "pip one"), ("pip-cache-kept", "pip two"), ("pip-cache-kept", "pip three")
    )
    assert [one.finding.span.text for one in result.kept] == ["pip one", "pip three"]
    suppression = result.suppressed[0].suppression
    assert suppression is not None
    assert (suppression.kind, suppression.reason) == ("dlf", "it is a builder")
    assert suppression.span.text == "# dlf: ignore[pip-cache-kept] it is a builder"
    assert result.unused == []


@pytest.mark.parametrize(
    "run",
    [
        "RUN a \\\n    # dlf: ignore[pip-cache-kept]\n && pip b",
        "RUN a \\\n# hadolint ignore=DL3042\n && pip b",
        "RUN pip b \\\n # dlf: ignore[pip-cache-kept]\n && c",
        "RUN <<EOF\n# dlf: ignore[pip-cache-kept]\npip b\nEOF",
        "RUN <<EOF\npip b # dlf: ignore[pip-cache-kept] reason\nEOF",
        "RUN pip b # dlf: ignore[pip-cache-kept]",
        "# dlf: ignore[pip-cache-kept]\nRUN <<EOF\na\npip b\nEOF",
        "# dlf: ignore[pip-cache-kept]\nONBUILD RUN pip b",
    ],
)
def test_inside_an_instruction_it_speaks_of_that_instruction(run: str) -> None:
    text = f"FROM a\n{run}\nRUN pip c\n"
    result = applied(text, ("pip-cache-kept", "pip b"), ("pip-cache-kept", "pip c"))
    assert [one.finding.span.text for one in result.suppressed] == ["pip b"]
    assert result.unused == []


def test_with_another_escape_character() -> None:
    text = "# escape=`\nFROM a\n# dlf: ignore[pip-cache-kept]\nRUN a `\n && pip b\nRUN pip c\n"
    assert hidden(text, ("pip-cache-kept", "pip b"), ("pip-cache-kept", "pip c")) == ["pip-cache-kept"]


@pytest.mark.parametrize(
    "line",
    ["# dlf: ignore-file[shell-form-cmd] why", "# dlf: ignore-file[all]", "# hadolint global ignore=DL3006,DL3025"],
)
def test_a_file_wide_ignore_stands_anywhere(line: str) -> None:
    assert hidden(f"FROM a\nCMD uvicorn\n{line}\n", CMD) == ["shell-form-cmd"]
    assert hidden(f"{line}\nFROM a\nCMD uvicorn\n", CMD) == ["shell-form-cmd"]


def test_a_check_directive_is_for_the_whole_file() -> None:
    text = "# syntax=docker/dockerfile:1\n"
    text += "# check=skip=jsonargsrecommended,StageNameCasing;error=true\nFROM a\nUSER b\nCMD c\n"
    assert hidden(text, CMD) == ["shell-form-cmd"]
    assert hidden(text.replace("jsonargsrecommended,StageNameCasing", "all"), CMD, ("runs-as-root", "USER")) == [
        "shell-form-cmd"
    ]
    assert told(text.replace("CMD c", "")) == []


def test_a_finding_belongs_to_the_place_where_it_begins() -> None:
    text = "# dlf: ignore[runs-as-root]\nFROM a\nUSER root\n"
    assert hidden(text, ("runs-as-root", "FROM a\nUSER root")) == ["runs-as-root"]
    assert hidden(text, ("runs-as-root", "USER root")) == []


YAML = """\
services:
  api:
    # dlf: ignore[inline-compose-secret] local only
    environment:
      A: one  # dlf: ignore[inline-compose-secret]
      B: two
      # dlf: ignore[inline-compose-secret]
      C: three
      D: "x # y"  #dlf: ignore[inline-compose-secret]
    # dlf: ignore[inline-compose-secret]
    command: >
      uvicorn
      four

    # dlf: ignore[inline-compose-secret]
    entrypoint: [
      "five"
    ]
    labels:
      # dlf: ignore[inline-compose-secret]
      - six
      - seven
      # dlf: ignore[inline-compose-secret]
      - name: eight
        value: nine
      # dlf: ignore[inline-compose-secret]
      - key: |
            ten
        other: eleven
"""


@pytest.mark.parametrize(
    ("needle", "expected"),
    [
        ("environment", True),
        ("one", True),
        ("two", False),
        ("three", True),
        ("x # y", True),
        ("four", True),
        ("five", True),
        ("]\n    labels", True),
        ("labels", False),
        ("six", True),
        ("seven", False),
        ("eight", True),
        ("nine", False),
        ("ten", True),
        ("eleven", False),
        ("services", False),
    ],
)
def test_yaml_ignores_speak_of_one_entry(needle: str, *, expected: bool) -> None:
    assert hidden(YAML, ("inline-compose-secret", needle), kind="compose") == ["inline-compose-secret"] * expected
    crlf = YAML.replace("\n", "\r\n")
    assert (
        hidden(crlf, ("inline-compose-secret", needle.replace("\n", "\r\n")), kind="compose")
        == ["inline-compose-secret"] * expected
    )


def test_yaml_file_wide_and_foreign() -> None:
    text = "# dlf: ignore-file[runs-as-root]\n# hadolint global ignore=DL3002\nservices:\n  a: {user: root}\n"
    result = applied(text, ("runs-as-root", "root}"), kind="compose")
    assert [one.suppression and one.suppression.kind for one in result.suppressed] == ["dlf"]
    assert hidden("# hadolint ignore=DL3002\nuser: root\n", ("runs-as-root", "user"), kind="compose") == []


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("# dlf: ignore[shell-form-cmd]", "2:15 this ignore of `shell-form-cmd` suppresses nothing"),
        ("# dlf: ignore[all]", "2:15 this ignore suppresses nothing"),
        (
            "# dlf: ignore[shell-frm-cmd]",
            "2:15 there is no rule `shell-frm-cmd` (did you mean `shell-form-cmd`?), so this ignore suppresses nothing",
        ),
        (
            "# dlf: ignore[shell_form_cmd]",
            (
                "2:15 there is no rule `shell_form_cmd` (did you mean `shell-form-cmd`?),"
                " so this ignore suppresses nothing"
            ),
        ),
        (
            "# dlf: ignore[DL3025]",
            "2:15 there is no rule `DL3025` (did you mean `shell-form-cmd`?), so this ignore suppresses nothing",
        ),
        ("# dlf: ignore[zzz]", "2:15 there is no rule `zzz`, so this ignore suppresses nothing"),
        ("# dlf: ignore[]", "2:1 this ignore names no rule: write `# dlf: ignore[rule] reason`, or `ignore[all]`"),
        (
            "# dlf:ignore shell-form-cmd",
            "2:1 this ignore is not understood, so it suppresses nothing: write `# dlf: ignore[shell-form-cmd] reason`",
        ),
        (
            "# dlf: ignore",
            "2:1 this ignore is not understood, so it suppresses nothing: write `# dlf: ignore[rule] reason`",
        ),
        (
            "# dlf ignore=shell_form_cmd,runs-as-root",
            (
                "2:1 this ignore is not understood, so it suppresses nothing: "
                "write `# dlf: ignore[shell-form-cmd, runs-as-root] reason`"
            ),
        ),
        (
            "# dlf: ignore-file shell-form-cmd",
            (
                "2:1 this ignore is not understood, so it suppresses nothing:"
                " write `# dlf: ignore-file[shell-form-cmd] reason`"
            ),
        ),
        (
            "# dlf: disable=all",
            "2:1 this ignore is not understood, so it suppresses nothing: write `# dlf: ignore[all] reason`",
        ),
        (
            "# dlf: ignore[shell-form-cmd",
            "2:1 this ignore is not understood, so it suppresses nothing: write `# dlf: ignore[shell-form-cmd] reason`",
        ),
        (
            "USER app # dlf: ignore[runs-as-root]",
            "2:10 this ignore is no comment to Docker but a part of the USER: put it on the line above",
        ),
    ],
)
def test_an_ignore_that_does_nothing_is_told(line: str, message: str) -> None:
    assert told(f"FROM a\n{line}\nCMD uvicorn\n") == [message]


@pytest.mark.parametrize(
    "line",
    [
        "# hadolint ignore=DL3025",
        "# hadolint ignore=DL9999",
        "# check=skip=JSONArgsRecommended",
        "# dlf checks this file",
        "# dlf ignores what it does not know",
        "# dlf: see docs",
        "# dlf is off the table",
        "# ignore[shell-form-cmd]",
    ],
)
def test_foreign_pragmas_and_prose_are_not_told(line: str) -> None:
    assert told(f"FROM a\n{line}\nCMD uvicorn\n") == []


def test_each_name_is_judged_by_itself() -> None:
    text = "FROM a\n# dlf: ignore[shell-form-cmd, runs-as-root]\nCMD b\n"
    assert told(text, CMD) == ["2:31 this ignore of `runs-as-root` suppresses nothing"]


def test_an_ignore_with_no_instruction_below_is_told() -> None:
    assert told("FROM a\nCMD b\n# dlf: ignore[shell-form-cmd]\n", CMD) == [
        "3:15 this ignore of `shell-form-cmd` suppresses nothing"
    ]


def test_rules_that_did_not_run_cannot_make_an_ignore_unused() -> None:
    text = "FROM a\n# dlf: ignore[shell-form-cmd]\nCMD b\n# dlf: ignore-file[all]\n# dlf: ignore-file[nope]\n"
    assert told(text, active=("runs-as-root",)) == ["5:20 there is no rule `nope`, so this ignore suppresses nothing"]


def test_unused_ignores_can_be_ignored() -> None:
    assert told("FROM a\n# dlf: ignore[shell-form-cmd, unused-ignore]\nUSER b\n") == []
    assert (
        told("# dlf: ignore-file[unused-ignore]\nFROM a\n# dlf: ignore[shell-form-cmd]\n# dlf: ignore oops\nUSER b\n")
        == []
    )
    assert told("# dlf: ignore-file[unused-ignore]\nFROM a\n") == []
    assert len(told("# dlf: ignore-file[all]\nFROM a\n# dlf: ignore[shell-form-cmd]\nUSER b\n")) == 2


def test_a_file_without_pragmas_is_not_scanned(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(places, "InDockerfile", None)
    assert ignores(Source.of("FROM a\n# a comment on hadolinting\nCMD b # x\n"), "dockerfile") == ()


PIECES = [
    "FROM a\n", "RUN x \\\n", "# dlf: ignore[all]\n", "# dlf: ignore-file[a, b] c\n", "# hadolint ignore=DL3025\n",
    "# check=skip=all;\n",
    "<<EOF\n", "EOF\n", "# dlf: ignore\n", " # dlf:ignore[", "]\n", "a: [1,\n", "  - b: |\n", "    c\n", "\r\n",
    "\\\n", "'", '"', "é\udc80", "#", "\t",
]  # fmt: skip


@settings(max_examples=150, deadline=None)
@given(st.lists(st.sampled_from(PIECES), max_size=25).map("".join), st.sampled_from(["dockerfile", "compose"]))
def test_any_text_is_read(text: str, kind: str) -> None:
    source = Source.of(text)
    found = ignores(source, kind)
    for ignore in found:
        assert source.text[ignore.span.start] == "#"
        assert "\n" not in ignore.span.text
        assert -1 <= ignore.start <= ignore.end <= len(source.text)
        for named in ignore.names:
            assert named.span.text == named.text
    rule: Any = SimpleNamespace(name="shell-form-cmd")
    diagnostics = [
        Diagnostic(rule, "error", Finding.at(source.span(at, at), "x")) for at in range(len(source.text) + 1)
    ]
    result = apply(diagnostics, {source: found}, known=KNOWN)
    assert len(result.kept) + len(result.suppressed) == len(diagnostics)


def test_many_ignores_are_read_in_linear_steps() -> None:
    text = "services:\n" + "# dlf: ignore[all]\n" * 20_000 + "  a: |\n" + "    x\n" * 20_000
    assert len(ignores(Source.of(text), "compose")) == 20_000
    text = "FROM a\n" + "# dlf: ignore[all]\n" * 20_000 + "RUN a \\\n" + "# dlf: ignore[all]\n" * 20_000 + " b\n"
    assert len(ignores(Source.of(text), "dockerfile")) == 40_000


def test_the_document_lists_the_foreign_names() -> None:
    text = (Path(__file__).parents[1] / "docs" / "configuration.md").read_text(encoding="utf-8")
    table = text.split("| theirs | ours |")[1].split("\n\n")[0]
    rows = {name: set(re.findall(r"[\w-]{4,}", ours)) for name, ours in re.findall(r"\| `(\w+)` \| (.*) \|", table)}
    there = {rule.name for rule in load_rules()}
    assert rows == {
        name: rules & there
        for table in (suppress.HADOLINT, suppress.BUILDKIT)
        for name, rules in table.items()
        if rules & there
    }


def test_in_an_ignore_file_a_comment_speaks_of_the_pattern_below() -> None:
    source = Source.of("# dlf: ignore[a-rule] on purpose\n# more\n*.pyc\n.env # dlf: ignore[a-rule]\n", ".dockerignore")
    first, second = suppress.ignores(source, "dockerignore")
    assert source.text[first.start : first.end].endswith("*.pyc")
    assert first.reason == "on purpose"
    assert second.problem is not None
    assert "part of the pattern" in second.problem
    assert suppress.ignores(Source.of("# hadolint ignore=DL3008\na", ".dockerignore"), "dockerignore") == ()


# ---------------------------------------------------------------- scripts, code, manifests


def covered(path: str, text: str) -> list[str]:
    """What each ignore in a file speaks of, without the comment itself."""
    source = Source.of(text, path)
    found = ignores(source, "elsewhere")
    assert all(one.problem is None for one in found)
    texts = [source.text[max(one.start, 0) : max(one.end, 0)] for one in found]
    return [re.sub(r"[ \t]*# dlf: ignore\[x\]", "", text).strip("\n") for text in texts]


X = "# dlf: ignore[x]"


@pytest.mark.parametrize(
    ("path", "text", "expected"),
    [
        ("start.sh", f"#!/bin/sh\n{X}\nexec uvicorn\ntrue\n", ["exec uvicorn"]),
        ("start.sh", f"exec uvicorn  {X}\ntrue\n", ["exec uvicorn"]),
        ("start.sh", f"{X}\n\n# more\nexec a \\\n  --b\ntrue\n", ["# more\nexec a \\\n  --b"]),
        ("start.sh", f"exec a \\\n  --b {X}\ntrue\n", ["exec a \\\n  --b"]),
        ("start.sh", f"true\n{X}", [""]),
        ("requirements.txt", f"fastapi\nuvicorn {X}\n", ["uvicorn"]),
        (".env", f"{X}\nPORT=1\nA=b\n", ["PORT=1"]),
        ("pyproject.toml", f"{X}\na = [\n  'b]',\n]\nc = 1\n", ["a = [\n  'b]',\n]"]),
        ("pyproject.toml", f"a = [\n  'b', {X}\n  'c',\n]\n", ["  'b',"]),
        ("pyproject.toml", f"{X}\na = [\nb = 1\n", ["a = ["]),
        ("env.yml", f"{X}\na:\n  b: 1\n", ["a:"]),
        ("m.py", f"run(  {X}\n    app,\n    port=1,\n)\nx()\n", ["run(\n    app,\n    port=1,\n)"]),
        ("m.py", f"run(\n    app,\n)  {X}\nx()\n", ["run(\n    app,\n)"]),
        ("m.py", f"run(\n    app,  {X}\n    port=1,\n)\n", ["    app,"]),
        ("m.py", f"run(\n    app,\n    {X}\n    port=1,\n)\n", ["    port=1,"]),
        ("m.py", f"x()\n{X}\n\nrun(\n    app,\n)\n", ["run(\n    app,\n)"]),
        ("m.py", f"class S(B):  {X}\n    a: str\n", ["class S(B):"]),
        ("m.py", f'"""\n{X}\n"""\nx = "{X}"\n', []),
        ("m.py", f"x()\n{X}\n", [""]),
        ("run", f"#!/usr/bin/env python3\ny = '''\n{X}\n'''\n", []),
    ],
)
def test_a_comment_elsewhere_speaks_of_its_line_or_statement(path: str, text: str, expected: list[str]) -> None:
    assert covered(path, text) == expected


def test_what_is_no_python_is_read_by_lines() -> None:
    assert covered("m.py", f"x = (\n'''\n{X}\nexec uvicorn\n") == ["exec uvicorn"]


def test_pragmas_of_other_tools_speak_of_dockerfiles_only() -> None:
    for path in ("a.sh", "a.py", "a.toml", "a.yml"):
        text = "# hadolint ignore=DL3025\n# check=skip=all\nx # dlf\n"
        assert ignores(Source.of(text, path), "elsewhere") == ()


@pytest.mark.parametrize("path", ["a.sh", "a.py", "a.toml", "a.yml", "requirements.txt"])
@given(st.lists(st.sampled_from([*PIECES, "(", ")", "'''", "def f():\n", "\0"]), max_size=14))
@settings(deadline=None, max_examples=40)
def test_any_text_elsewhere(path: str, pieces: list[str]) -> None:
    source = Source.of("".join(pieces), path)
    for one in ignores(source, "elsewhere"):
        assert -1 <= one.start <= one.end <= len(source.text)


@pytest.mark.parametrize("path", ["a.sh", "a.py", "a.toml"])
def test_many_pragmas_elsewhere_cost_no_more_than_their_number(path: str) -> None:
    text = f"{X}\n" * 20_000 + f"a = 1 \\\n  {X}\n" * 10
    assert len(ignores(Source.of(text, path), "elsewhere")) >= 20_000


@given(st.lists(st.tuples(st.integers(-1, 60), st.integers(0, 30)), min_size=1, max_size=40), st.integers(0, 90))
@settings(deadline=None, max_examples=200)
def test_of_many_ignores_those_of_a_place_are_found_in_their_order(ranges: list[tuple[int, int]], at: int) -> None:
    source = Source.of("x" * 100)
    many = [
        suppress.Ignore(source.span(number, number + 1), "dlf", (), start, start + length)
        for number, (start, length) in enumerate(ranges * 2)
    ]
    holding = [one for one in many if one.start <= at <= one.end]
    assert [one for one in suppress._holding(many)(at) if one.start <= at <= one.end] == holding


def test_thousands_of_ignores_of_one_line_each_are_not_compared_with_each_other(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    asked = []
    one_line = suppress.Ignore.suppresses

    def counted(ignore: suppress.Ignore, rule: str, at: int) -> Any:
        asked.append(at)
        return one_line(ignore, rule, at)

    monkeypatch.setattr(suppress.Ignore, "suppresses", counted)
    text = "FROM a\n" + "".join(f"RUN step{at}\n# dlf: ignore[pip-cache-kept]\n" for at in range(2000))
    result = applied(text, *(("runs-as-root", f"step{at}\n") for at in range(0, 2000, 4)))
    assert len(result.kept) == 500
    assert len(result.unused) == 2000
    assert len(asked) < 20_000
