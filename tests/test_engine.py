"""What a report tells: once for each place, of which files, and what ignores hide; with rules made for the test."""

import json

import pytest
from house import EVERY, RULES, House, everything, of_file, told, with_rules

from dockerlint_fastapi.engine import Settings, lint
from dockerlint_fastapi.reporters import render
from dockerlint_fastapi.tree import text_files

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
