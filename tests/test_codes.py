"""The codes of rules, `DLF015`: what they are, and that each may stand wherever a rule's name may."""

from __future__ import annotations

import contextlib
import io
import json
import re
from pathlib import Path

import pytest

from dockerlint_fastapi import cli
from dockerlint_fastapi.config import ConfigError
from dockerlint_fastapi.config.file import parsed
from dockerlint_fastapi.config.selection import Layer, check_selector, chosen
from dockerlint_fastapi.engine import Settings, lint
from dockerlint_fastapi.rule import CATEGORIES, Names, Rule, RuleError, load_rules
from dockerlint_fastapi.tree import MemoryTree

ROOT = Path(__file__).parents[1]
RULES = load_rules()
NAMES = Names(RULES)
RETIRED: frozenset[str] = frozenset()
"""Codes of rules that are gone. A code is given once: none of these may come again (docs/versioning.md)."""

PAGE = "---\n{code}severity: error\ncategory: server\nhelp: mend it\nsince: 1.0.0\n---\n\n# A fault\n\nWhy.\n"
CODE = "from dockerlint_fastapi.model import Project\n\n\ndef check(project: Project):\n    yield from ()\n"


def dlf(*arguments: str) -> tuple[int, str]:
    out = io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(out):
        code = cli.run(list(arguments))
    return code, out.getvalue()


def test_every_rule_has_a_code_of_its_own() -> None:
    codes = [rule.code for rule in RULES]
    assert all(re.fullmatch(r"DLF[0-9]{3}", code) for code in codes), codes
    assert len(set(codes)) == len(codes)
    assert RETIRED.isdisjoint(codes)
    assert {"DLF001": "reload-in-production", "DLF015": "shell-form-cmd"}.items() <= NAMES.codes.items()
    page = (ROOT / "docs" / "rules.md").read_text(encoding="utf-8")
    assert all(f"| {rule.code} |" in page for rule in RULES)


@pytest.mark.parametrize(
    ("written", "message"),
    [
        ("dlf15", "a code is upper case letters and a number"),
        ("", "a code is upper case letters and a number"),
        ("DLF901", "codes of DLF are those of dlf's own rules"),
    ],
)
def test_a_rule_from_elsewhere_has_no_code_of_ours(tmp_path: Path, written: str, message: str) -> None:
    (tmp_path / "my_own.py").write_text(CODE)
    (tmp_path / "my_own.md").write_text(PAGE.format(code=f"code: {written}\n"))
    with pytest.raises(RuleError, match=message):
        _ = next(rule for rule in load_rules((str(tmp_path),)) if rule.name == "my-own").page


def test_a_rule_from_elsewhere_may_have_none_or_one_of_its_own(tmp_path: Path) -> None:
    for name, code in (("with_code", "code: ACME007\n"), ("without", ""), ("one", "code: ACME1\n"), ("two", "")):
        (tmp_path / f"{name}.py").write_text(CODE)
        (tmp_path / f"{name}.md").write_text(PAGE.format(code=code.replace("ACME1\n", "ACME008\n")))
    (tmp_path / "two.md").write_text(PAGE.format(code="code: ACME008\n"))
    names = Names(load_rules((str(tmp_path),)))
    assert names.name_of("ACME007") == "with-code"
    assert names.name_of("ACME008") == "ACME008"  # of two rules: it leads to neither
    assert "" not in names.codes


def test_pages_are_read_only_for_what_looks_like_a_code() -> None:
    class Unread(Rule):
        """A rule whose page nobody may read."""

        @property
        def page(self) -> object:  # type: ignore[override]
            raise AssertionError

    rules = tuple(Unread(str(Path(rule.page_path).parent), Path(rule.page_path).stem) for rule in RULES[:3])
    names = Names(rules)
    check_selector(rules[0].name, names, CATEGORIES)
    assert names.name_of("no-such-rule") == "no-such-rule"
    assert chosen(rules, [Layer((rules[0].name,))]) == {rules[0].name}


@pytest.mark.parametrize(("word", "meant"), [("DLF999", "DLF099"), ("dlf015", "DLF015"), ("DLF15", "DLF015")])
def test_an_unknown_code_is_told_with_the_nearest(word: str, meant: str) -> None:
    with pytest.raises(ConfigError, match=f"there is no rule or category `{word}` \\(did you mean `{meant}`"):
        check_selector(word, NAMES, CATEGORIES)
    assert dlf("check", "--select", word)[0] == 2
    code, output = dlf("rule", word)
    assert code == 2
    assert f"did you mean `{meant}`" in output


def test_the_command_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "Dockerfile").write_text("FROM python:3.13-slim\nCMD uvicorn main:app\n")

    def found(*arguments: str) -> set[str]:
        output = dlf("check", "--output-format", "json", *arguments)[1]
        return {f"{one['code']} {one['rule']}" for one in json.loads(output)["findings"]}

    everything = found()
    assert found("--select", "DLF015") == {"DLF015 shell-form-cmd"}
    assert found("--select", "health", "--extend-select", "DLF015") > {"DLF015 shell-form-cmd"}
    assert found("--ignore", "DLF015,signals") == everything - {"DLF015 shell-form-cmd"} - found("--select", "signals")
    assert dlf("rule", "DLF015") == dlf("rule", "shell-form-cmd")
    assert "DLF015 · error" in dlf("rule", "DLF015")[1]
    assert re.search(r"^shell-form-cmd +DLF015 +error", dlf("rules")[1], re.MULTILINE)
    listed = json.loads(dlf("rules", "--output-format", "json")[1])
    assert {"name": "shell-form-cmd", "code": "DLF015"}.items() <= listed[RULES.index(_rule("shell-form-cmd"))].items()


def _rule(name: str) -> Rule:
    return next(rule for rule in RULES if rule.name == name)


def test_the_configuration() -> None:
    text = b"""\
select = ["DLF015", "health"]
extend-select = ["DLF001"]
ignore = ["DLF002"]
[severity]
DLF015 = "info"
[per-file-ignores]
"*.dev" = ["DLF015", "users"]
[DLF040]
allow-packages = ["g++"]
""".replace(b"DLF040", _rule("build-tools-in-final-image").code.encode())
    read = parsed(text, "/dlf.toml", "dlf.toml", NAMES, CATEGORIES)
    assert read is not None
    assert (read.select, read.extend_select) == (("shell-form-cmd", "health"), ("reload-in-production",))
    assert read.ignore == ("reload-with-workers",)
    assert read.severity == {"shell-form-cmd": "info"}
    assert read.per_file_ignores == (("*.dev", ("shell-form-cmd", "users")),)
    assert read.options == {"build-tools-in-final-image": {"allow-packages": ["g++"]}}
    with pytest.raises(ConfigError, match=r"dlf.toml:2: `DLF015` is the code of `shell-form-cmd`, which has a table"):
        parsed(b"[shell-form-cmd]\n[DLF015]\n", "/dlf.toml", "dlf.toml", NAMES, CATEGORIES)
    with pytest.raises(ConfigError, match=r"dlf.toml:1: `ignore`: there is no rule or category `DLF999`"):
        parsed(b"ignore = ['DLF999']\n", "/dlf.toml", "dlf.toml", NAMES, CATEGORIES)


def ignored(comment: str, **options: object) -> tuple[set[str], list[str]]:
    text = f"FROM python:3.13-slim\n{comment}\nCMD uvicorn main:app\n"
    select = frozenset({"shell-form-cmd", "unused-ignore", "ignore-without-reason"})
    report = lint(MemoryTree({"Dockerfile": text.encode()}), Settings(RULES, select, **options))  # type: ignore[arg-type]
    return {one.rule.name for one in report.suppressed}, [one.finding.message for one in report.diagnostics]


def test_ignore_comments() -> None:
    assert ignored("# dlf: ignore[DLF015] it must") == ({"shell-form-cmd"}, [])
    assert ignored("# dlf: ignore-file[DLF001, DLF015] it must", profile="default")[0] == {"shell-form-cmd"}
    hidden, told = ignored("# dlf: ignore[DLF999] it must")
    assert not hidden
    assert told[0] == "there is no rule `DLF999` (did you mean `DLF099`?), so this ignore suppresses nothing"
    select = frozenset({"unused-ignore", "shell-form-cmd"})
    unused = b'FROM python:3.13-slim\n# dlf: ignore[DLF015] why\nCMD ["uvicorn", "main:app"]\n'
    report = lint(MemoryTree({"Dockerfile": unused}), Settings(RULES, select))
    assert [one.finding.message for one in report.diagnostics] == ["this ignore of `DLF015` suppresses nothing"]


def test_a_baseline_does_not_depend_on_codes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "Dockerfile").write_text("FROM python:3.13-slim\nCMD uvicorn main:app\n")
    dlf("check", "--select", "DLF015", "--write-baseline", "--baseline", "b.json")
    assert "shell-form-cmd" in (tmp_path / "b.json").read_text()
    assert "DLF" not in (tmp_path / "b.json").read_text()
    assert dlf("check", "--select", "shell-form-cmd", "--baseline", "b.json")[0] == 0
