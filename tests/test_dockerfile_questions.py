"""What a Dockerfile is asked for the rules on its correctness: exact places, repairs, and any text at all."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dockerlint_fastapi.assemble import assemble
from dockerlint_fastapi.discover import find
from dockerlint_fastapi.engine import Settings, lint
from dockerlint_fastapi.model import Add, Dockerfile, Run
from dockerlint_fastapi.model.instructions.nearest import nearest
from dockerlint_fastapi.model.project import Project
from dockerlint_fastapi.parsers.dockerfile import parse_dockerfile
from dockerlint_fastapi.rule import BUILT_IN, Rule
from dockerlint_fastapi.source import Source
from dockerlint_fastapi.tree import text_files


def parsed(text: str) -> Dockerfile:
    """The model of a Dockerfile."""
    return parse_dockerfile(Source.of(text))


def project(text: str) -> Project:
    """The model of a project that holds one Dockerfile."""
    tree = text_files([("Dockerfile", text)])
    return assemble(tree, find(tree))


@pytest.mark.parametrize(
    ("arguments", "repaired"),
    [
        ("['a', 'b c']", '["a", "b c"]'),
        ('["a", "b",]', '["a", "b"]'),
        ("\u201ca\u201d", None),
        ("[\u201ca\u201d, \u201cb\u201d]", '["a", "b"]'),
        ('["a" "b"]', None),
        ("[uvicorn, main:app]", None),
        ("['it\"s', 'b']", None),
        ('["a"] && b', None),
    ],
)
def test_repaired_arrays(arguments: str, repaired: str | None) -> None:
    [cmd] = parsed(f"FROM x\nCMD {arguments}\n").stages[0].instructions
    array = cmd.broken_array
    assert (array.repaired if array is not None else None) == repaired
    if array is not None:
        assert array.span.text == arguments


@pytest.mark.parametrize(
    "text", ['["a", "b"]', "[ -f x ] && y", "[[ -f x ]]", '[ "$A" = b ] || c', "[a-z]*", "a [b, c]"]
)
def test_no_broken_array(text: str) -> None:
    [run] = parsed(f"FROM x\nRUN {text}\n").stages[0].instructions
    assert run.broken_array is None


def test_an_array_over_several_lines_is_not_repaired() -> None:
    [cmd] = parsed("FROM x\nCMD ['a', \\\n  'b']\n").stages[0].instructions
    assert cmd.broken_array is not None
    assert cmd.broken_array.repaired is None


def test_undefined_variables_have_exact_places() -> None:
    text = "ARG V=1\nFROM python:3.12-slim\nCOPY \\\n  --chown=$V a \\\n  ${V}/b\nENV A=$B B=$V C=${D%x}\n"
    found = [(use.name, use.span.text, use.reach) for use in project(text).undefined_variables]
    assert found == [("V", "$V", "global"), ("B", "$B", "same"), ("D", "${D%x}", "")]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("ENV A b c", 'A="b c"'),
        ("ENV A b", "A=b"),
        ("ENV A 'b c'", "A='b c'"),
        ('ENV A b "c"', None),
        ("ENV A b\\ c", None),
        ("MAINTAINER Ann <a@b.c>", 'LABEL org.opencontainers.image.authors="Ann <a@b.c>"'),
        ("EXPOSE 53/UDP", "53/udp"),
    ],
)
def test_modern_forms(text: str, expected: str | None) -> None:
    [[form]] = parsed(f"FROM x\n{text}\n").legacy_forms
    assert form.modern == expected


def test_what_add_does() -> None:
    def add(arguments: str) -> Add:
        [one] = parsed(f"FROM x\nADD {arguments}\n").stages[0].instructions
        assert isinstance(one, Add)
        return one

    assert add("a.txt b /c/").is_plain
    assert not any(add(f"{one} /c/").is_plain for one in ("a.tar", "a.TGZ", "a.tar.zst", "$A", "d/*", "https://e/f"))
    assert [word.text for word in add("https://e/f.txt https://e/r.git a /c/").downloads] == ["https://e/f.txt"]
    assert add("--checksum=sha256:0 https://e/f /c/").downloads == ()


def test_lost_state_is_the_one_that_was_meant_to_last() -> None:
    def lost(text: str) -> tuple[str, str, bool] | None:
        [one] = parsed(f"FROM x\nRUN {text}\n").stages[0].instructions
        found = one.lost_state if isinstance(one, Run) else None
        return (found.kind, found.span.text, found.whole) if found is not None else None

    assert lost(". venv/bin/activate && cd /x") == ("activate", ". venv/bin/activate", True)
    assert lost("make && export A=1") == ("export", "export A=1", False)
    assert lost("cd /x | tee log") is None
    assert lost("set -e") is None
    assert lost("export A=1 > /file") is None


@pytest.mark.parametrize(
    ("run", "name"),
    [
        ("useradd -rm -u 10 --shell /bin/sh app", "app"),
        ("adduser --system --ingroup web app && adduser app audio", "app"),
        ("adduser -D -h /srv app", "app"),
        ("useradd one; useradd two", "two"),
        ("useradd $NAME", None),
        ("pip install useradd-helper", None),
    ],
)
def test_the_user_that_is_made(run: str, name: str | None) -> None:
    made = parsed(f"FROM x\nRUN {run}\n").stages[0].made_user
    assert (made.name if made is not None else None) == name
    assert made is None or made.span.text == name


def test_the_nearest_name() -> None:
    assert nearest("biulder", ["builder", "base"]) == "builder"
    assert nearest("APP_HOMW", ["APP_HOME"]) == "APP_HOME"
    assert nearest("db", ["app"]) is None
    assert nearest("dev", ["prod", "def1"]) is None


def test_a_fix_of_each_kind_mends_its_finding() -> None:
    text = "FROM python:3.12-slim as b\nMAINTAINER Ann\nENV A b\nADD a /a\nCOPY b.py c.py /code\nCMD ['x', 'y']\n"
    names = ("add_instead_of_copy", "invalid_json_form", "legacy_syntax", "relative_workdir")
    rules = tuple(Rule(BUILT_IN, name) for name in names)

    def findings(text: str) -> list[object]:
        tree = text_files([("Dockerfile", text)])
        report = lint(tree, Settings(rules, frozenset(rule.name for rule in rules), profile="pedantic"))
        return [one.finding for one in report.diagnostics]

    found = findings(text)
    assert len(found) == 6
    edits = [edit for one in found for edit in one.fix.edits]  # type: ignore[attr-defined]
    for edit in sorted(edits, key=lambda edit: -edit.span.start):
        text = text[: edit.span.start] + edit.text + text[edit.span.end :]
    assert findings(text) == []


PIECES = st.sampled_from(
    "FROM AS as COPY ADD RUN USER WORKDIR ENV ARG CMD VOLUME LABEL ONBUILD --from=a --chown=b:c --mount=from=a "
    "python:3.12-slim scratch a b c . / $A ${A} ${A:-$B} ${ ' \" [ ] , ['a', && ; | useradd cd export source "
    "x/activate A=$A A=1 https://e/f a.tar \\\n \n \n <<E\nE\n".split(" ")
)


@given(st.lists(PIECES, max_size=40))
@settings(max_examples=150, deadline=None)
def test_any_text_is_answered(pieces: list[str]) -> None:
    text = "FROM python:3.12-slim\n" + " ".join(pieces)
    made = project(text)
    places = [use.span for use in made.undefined_variables] + [fault.span for fault in made.stage_faults]
    for dockerfile in made.dockerfiles:
        places += [form.span for forms in dockerfile.legacy_forms for form in forms]
        for stage in dockerfile.stages:
            places += [path.word.span for path in stage.relative_paths]
            places += [target.word.span for target in stage.single_targets]
            places += [account.span for account in stage.unknown_accounts]
            for one in stage.instructions:
                array = one.broken_array
                state = one.lost_state if isinstance(one, Run) else None
                places += [found.span for found in (array, state) if found is not None]
    assert all(0 <= span.start <= span.end <= len(text) for span in places)
