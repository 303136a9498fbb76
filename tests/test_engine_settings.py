"""What profiles, severities, patterns and options make of the same findings."""

from pathlib import Path

import pytest
from house import EVERY, HEAD, House, everything, told, with_rules

from dockerlint_fastapi import cli
from dockerlint_fastapi.engine import Settings, lint
from dockerlint_fastapi.rule import RuleError
from dockerlint_fastapi.tree import text_files


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
