"""A rule or a parser that raises costs no other finding, and the user reads one line of it."""

from pathlib import Path

import pytest
from house import EVERY, House, told, with_rules

from dockerlint_fastapi import cli
from dockerlint_fastapi.engine import lint
from dockerlint_fastapi.report import merged
from dockerlint_fastapi.reporters import render
from dockerlint_fastapi.rule import RuleError
from dockerlint_fastapi.tree import text_files

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
        (tmp_path / folder / "Dockerfile").write_text(f"FROM {folder}\nFROM\n")
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
