"""The contract: rules in preview run only when that is asked for; every wrong name ends a run with what was meant."""
# ruff: noqa: E501 - tables of messages read best on one line each

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from dockerlint_fastapi import cli
from dockerlint_fastapi.examples import run as run_examples
from dockerlint_fastapi.suppress import BUILDKIT, HADOLINT

PAGE = """\
---
severity: error
category: users
help: name the user after what it runs
guide:
sources:
  - https://docs.docker.com/reference/dockerfile/#user
since: 1.0.0
preview: true
---

# The user is `admin`

It looks like root to our scanners.

## Bad

```dockerfile
FROM python:3.12-slim
USER admin
```

```console
Dockerfile:2:1: error[admin-user]: the user is `admin`
```

## Good

```dockerfile
FROM python:3.12-slim
USER app
```
"""
RULE = """\
from collections.abc import Iterator

from dockerlint_fastapi import Finding
from dockerlint_fastapi.model import User


def check(user: User) -> Iterator[Finding]:
    if "crash" in user.span.text:
        raise ValueError("oh no")
    if "admin" in user.span.text:
        yield Finding.at(user, "the user is `admin`")
"""
ON = ("--rules", "house")
Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def dlf(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    (tmp_path / ".git").mkdir()
    house = tmp_path / "house"
    house.mkdir()
    (house / "admin_user.md").write_text(PAGE)
    (house / "admin_user.py").write_text(RULE)
    (tmp_path / "Dockerfile").write_text("FROM scratch\nUSER admin\n")
    monkeypatch.chdir(tmp_path)

    def run(*arguments: str) -> tuple[int, str, str]:
        code = cli.run(arguments)
        out, err = capsys.readouterr()
        return code, out, err

    return run


def found(dlf: Run, *arguments: str) -> bool:
    return "[admin-user]" in dlf("check", "--output-format", "concise", *ON, *arguments)[1]


def test_a_rule_in_preview_runs_when_preview_is_on(dlf: Run, tmp_path: Path) -> None:
    assert not found(dlf)
    assert not found(dlf, "--select", "all")
    assert not found(dlf, "--select", "users")
    assert found(dlf, "--preview")
    assert found(dlf, "--preview", "--select", "users")
    assert not found(dlf, "--preview", "--select", "network")
    (tmp_path / "dlf.toml").write_text("preview = true\n")
    assert found(dlf)
    assert not found(dlf, "--no-preview")


def test_its_name_alone_does_not_run_it_and_that_is_said(dlf: Run, tmp_path: Path) -> None:
    remark = "the rule `admin-user` is in preview, so selecting it has no effect: add --preview, or `preview = true`\n"
    code, out, err = dlf("check", *ON, "--select", "admin-user")
    assert (code, err) == (0, remark)
    assert "All checks passed" in out
    assert dlf("check", *ON, "--select", "admin-user", "--preview")[::2] == (1, "")
    assert dlf("check", *ON, "--select", "users")[2] == ""
    (tmp_path / "dlf.toml").write_text('extend-select = ["admin-user"]\n')
    assert dlf("check", *ON)[2] == remark
    assert dlf("check", *ON, "--select", "network")[2] == ""  # which starts afresh


def test_what_does_not_run_breaks_nothing_and_is_not_unused(dlf: Run, tmp_path: Path) -> None:
    (tmp_path / "Dockerfile").write_text("FROM scratch\nUSER crash\n")
    assert dlf("check", *ON, "--select", "all", "--ignore", "users")[0] != 2
    assert dlf("check", *ON)[0] != 2
    assert dlf("check", *ON, "--preview")[0] == 2
    (tmp_path / "Dockerfile").write_text("FROM scratch\n# dlf: ignore[admin-user] not yet\nUSER app\n")
    only = ("check", *ON, "--output-format", "concise", "--select", "admin-user,unused-ignore")
    assert "[unused-ignore]" not in dlf(*only)[1]
    assert "[unused-ignore]" in dlf(*only, "--preview")[1]


def test_the_catalogue_has_it_and_says_so(dlf: Run) -> None:
    rows = {line.split()[0]: line for line in dlf("rules", *ON)[1].splitlines()}
    assert "(preview)" in rows["admin-user"]
    assert sum("(preview)" in row for row in rows.values()) == 1
    listed = {one["name"]: one["preview"] for one in json.loads(dlf("rules", *ON, "--output-format", "json")[1])}
    assert [name for name, preview in listed.items() if preview] == ["admin-user"]
    assert "in preview: runs with --preview only" in dlf("rule", "admin-user", *ON)[1].splitlines()[1]
    catalogues = []
    for arguments in ((), ("--preview",)):
        log = json.loads(dlf("check", *ON, "--output-format", "sarif", *arguments)[1])
        catalogues.append(log["runs"][0]["tool"]["driver"]["rules"])
    assert catalogues[0] == catalogues[1]
    assert "admin-user" in {rule["id"] for rule in catalogues[0]}


def test_its_examples_are_run(dlf: Run) -> None:
    assert dlf
    outcome = run_examples("house")
    assert (outcome.ran, outcome.failed) == (2, 0), outcome.text


def test_a_wrong_word_for_preview(dlf: Run, tmp_path: Path) -> None:
    (tmp_path / "house" / "admin_user.md").write_text(PAGE.replace("preview: true", "preview: yes"))
    code, _, err = dlf("rules", *ON)
    assert code == 2
    assert "preview is `true` or `false`, not `yes`" in err


def test_ignores_without_a_reason_are_told_where_that_is_asked_for(dlf: Run, tmp_path: Path) -> None:
    (tmp_path / "Dockerfile").write_text("FROM scratch\n# dlf: ignore[shell-form-cmd]\nCMD uvicorn a:b\n")

    def told(*arguments: str) -> bool:
        return "[ignore-without-reason]" in dlf("check", "--output-format", "concise", *arguments)[1]

    assert not told()
    assert not told("--select", "all")
    assert told("--profile", "pedantic")
    assert told("--extend-select", "ignore-without-reason")
    assert not told("--profile", "pedantic", "--ignore", "ignore-without-reason")
    (tmp_path / "dlf.toml").write_text('extend-select = ["ignore-without-reason"]\n')
    assert told()


MEANT = "(did you mean `shell-form-cmd`?)"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('select = ["shell-from-cmd"]', f"dlf.toml:1: `select`: there is no rule or category `shell-from-cmd` {MEANT}"),
        ('extend-select = ["DL3025"]', f"dlf.toml:1: `extend-select`: there is no rule or category `DL3025` {MEANT}"),
        ('ignore = [\n"shell-from-cmd"]', f"dlf.toml:2: `ignore`: there is no rule or category `shell-from-cmd` {MEANT}"),
        ('[severity]\nshell-from-cmd = "info"', f"dlf.toml:2: `severity`: there is no rule or category `shell-from-cmd` {MEANT}"),
        ('[severity]\nsignal = "info"', "dlf.toml:2: `severity`: there is no rule or category `signal` (did you mean `signals`?)"),
        ('[per-file-ignores]\n"x" = ["shell-from-cmd"]', f"dlf.toml:2: `per-file-ignores`: there is no rule or category `shell-from-cmd` {MEANT}"),
        ("[shell-from-cmd]\nx = 1", f"dlf.toml:1: unknown key `shell-from-cmd` {MEANT}"),
        ("previw = true", "dlf.toml:1: unknown key `previw` (did you mean `preview`?)"),
        ("baselin = 'x'", "dlf.toml:1: unknown key `baselin` (did you mean `baseline`?)"),
        ("baseline = ''", 'dlf.toml:1: `baseline` is the path of a file, not ""'),
        ("preview = 1", "dlf.toml:1: `preview` is true or false, not 1"),
        ("[build-tools-in-final-image]\nallow-package = []", "dlf.toml: the rule `build-tools-in-final-image` has no option `allow-package`; it has `allow-packages`"),
    ],
)  # fmt: skip
def test_every_wrong_name_in_a_configuration_ends_the_run(dlf: Run, tmp_path: Path, text: str, message: str) -> None:
    (tmp_path / "dlf.toml").write_text(text)
    code, out, err = dlf("check")
    assert (code, out, err) == (2, "", f"error: {message}\n")


@pytest.mark.parametrize("option", ["--select", "--extend-select", "--ignore"])
def test_every_wrong_name_on_the_command_line_ends_the_run(dlf: Run, option: str) -> None:
    code, out, err = dlf("check", option, "signals,shell-from-cmd")
    assert (code, out, err) == (2, "", f"error: {option}: there is no rule or category `shell-from-cmd` {MEANT}\n")


def test_severities_of_categories_and_all(dlf: Run, tmp_path: Path) -> None:
    (tmp_path / "Dockerfile").write_text(
        "FROM python:3.12-slim\nENV SECRET_KEY=abcdefgh1\nUSER admin\nCMD uvicorn a:b\n"
    )
    (tmp_path / "dlf.toml").write_text(
        'select = ["shell-form-cmd", "secret-in-env", "missing-healthcheck"]\n'
        '[severity]\nall = "info"\nsecrets = "warning"\nshell-form-cmd = "error"\n'
    )
    report = json.loads(dlf("check", "--output-format", "json")[1])
    severities = {one["rule"]: one["severity"] for one in report["findings"]}
    assert severities.items() >= {("shell-form-cmd", "error"), ("secret-in-env", "warning")}
    assert set(severities.values()) <= {"error", "warning", "info"}
    (tmp_path / "dlf.toml").write_text('fail-on = "warning"\n[severity]\nall = "info"\n')
    assert dlf("check")[0] == 0
    assert dlf("check", "--fail-on", "info")[0] == 1


def test_per_file_ignores_of_categories_and_all(dlf: Run, tmp_path: Path) -> None:
    (tmp_path / "Dockerfile.dev").write_text("FROM python:3.12-slim\nCMD uvicorn a:b\n")
    (tmp_path / "Dockerfile").unlink()
    (tmp_path / "dlf.toml").write_text('[per-file-ignores]\n"*.dev" = ["signals"]\n')
    rules = {one["rule"] for one in json.loads(dlf("check", "--output-format", "json")[1])["findings"]}
    assert rules
    assert "shell-form-cmd" not in rules
    (tmp_path / "dlf.toml").write_text('[per-file-ignores]\n"*.dev" = ["all"]\n')
    assert json.loads(dlf("check", "--output-format", "json")[1])["findings"] == []


# The rules of hadolint 2.15 and the checks of BuildKit, so that each is either mapped or left out with a thought.
HADOLINT_LEFT_OUT = {
    "no such rule here": "DL1001 DL3001 DL3004 DL3008 DL3010 DL3011 DL3016 DL3018 DL3026 DL3028 DL3030 DL3033 DL3034 DL3035"
    " DL3037 DL3038 DL3041 DL3043 DL3046 DL3047 DL3048 DL3049 DL3050 DL3051 DL3052 DL3053 DL3054 DL3055 DL3056 DL3058"
    " DL3059 DL3060 DL3062 DL3065 DL3066 DL3067 DL4001 DL4005 DL4006",
}
BUILDKIT_LEFT_OUT = {
    "no such rule here": "InvalidBaseImagePlatform InvalidDefinitionDescription RedundantTargetPlatform",
    "ours tells more": "ExposeInvalidFormat",
}


def test_every_code_of_theirs_is_mapped_or_left_out() -> None:
    left = {name for names in HADOLINT_LEFT_OUT.values() for name in names.split()}
    assert not left & HADOLINT.keys()
    numbers = {int(name[2:]) for name in left | HADOLINT.keys()}
    known = {1000, 1001, *range(3000, 3068), *range(4000, 4007)}
    assert numbers <= known
    assert len(numbers) >= 68
    checks = {name for names in BUILDKIT_LEFT_OUT.values() for name in names.split()}
    assert not checks & BUILDKIT.keys()
    assert len(checks | BUILDKIT.keys()) == 22
