import json
from importlib import import_module
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from dockerlint_fastapi.config import ConfigError, Configuration, candidates, json_schema
from dockerlint_fastapi.config.file import Keys, line_of, load
from dockerlint_fastapi.config.selection import Layer, chosen

ROOT = Path(__file__).parents[1]
RULES: Any = tuple(
    SimpleNamespace(name=name, category=category)
    for name, category in (
        ("compose-syntax", "compose"),
        ("dockerfile-syntax", "dockerfile"),
        ("loopback-bind", "network"),
        ("sh-c-without-exec", "signals"),
        ("shell-form-cmd", "signals"),
        ("unpinned-base-image", "base-image"),
    )
)
NAMES = frozenset(rule.name for rule in RULES)
CATEGORIES = ("signals", "network", "base-image", "dockerfile", "compose")
SYNTAX = {"compose-syntax", "dockerfile-syntax"}


def read(tmp_path: Path, text: str, name: str = "dlf.toml") -> Configuration | None:
    (tmp_path / name).write_text(text)
    return load(str(tmp_path / name), NAMES, CATEGORIES)


def fault(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, text: str, name: str = "dlf.toml") -> str:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(ConfigError) as caught:
        read(tmp_path, text, name)
    return str(caught.value)


FULL = """\
select = ["all"]
extend-select = ["signals"]
ignore = ["loopback-bind"]
exclude = ["legacy/"]
force-exclude = true
fail-on = "error"
profile = "guide"
deployment = "orchestrated"
output-format = "concise"

[severity]
shell-form-cmd = "info"

[per-file-ignores]
"Dockerfile.dev" = ["signals", "unpinned-base-image"]

[unpinned-base-image]
digest = true
"""


def test_every_key_is_read(tmp_path: Path) -> None:
    expected = Configuration(
        path=str(tmp_path / "dlf.toml"),
        home=str(tmp_path),
        select=("all",),
        extend_select=("signals",),
        ignore=("loopback-bind",),
        exclude=("legacy/",),
        force_exclude=True,
        fail_on="error",
        profile="guide",
        deployment="orchestrated",
        output_format="concise",
        severity={"shell-form-cmd": "info"},
        per_file_ignores=(("Dockerfile.dev", ("signals", "unpinned-base-image")),),
        options={"unpinned-base-image": {"digest": True}},
    )
    assert read(tmp_path, FULL) == expected
    inner = FULL
    for table in ("severity", "per-file-ignores", "unpinned-base-image"):
        inner = inner.replace(f"[{table}]", f"[tool.dlf.{table}]")
    found = read(tmp_path, f"[project]\nname = 'x'\n[tool.dlf]\n{inner}", "pyproject.toml")
    assert found == expected._replace(path=str(tmp_path / "pyproject.toml"))
    assert len(Keys.model_fields) == len(Configuration._fields) - 3, "a key that is not handed on"


def test_a_pyproject_without_our_table_is_no_configuration(tmp_path: Path) -> None:
    assert read(tmp_path, "[project]\nname = 'dlf'\n", "pyproject.toml") is None
    assert read(tmp_path, "[tool.ruff]\ndlf = 1\n", "pyproject.toml") is None
    assert read(tmp_path, "[tool]\ndlf = {}\n", "pyproject.toml") == Configuration(
        str(tmp_path / "pyproject.toml"), str(tmp_path)
    )
    assert read(tmp_path, "", "dlf.toml") == Configuration(str(tmp_path / "dlf.toml"), str(tmp_path))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("\nselct = ['all']\n", "dlf.toml:2: unknown key `selct` (did you mean `select`?)"),
        ("fail_on = 'error'\n", "dlf.toml:1: unknown key `fail_on` (did you mean `fail-on`?)"),
        ("zzz = 1\n", "dlf.toml:1: unknown key `zzz`"),
        ("[shell-from-cmd]\nx = 1\n", "dlf.toml:1: unknown key `shell-from-cmd` (did you mean `shell-form-cmd`?)"),
        (
            "shell-form-cmd = 'error'\n",
            'dlf.toml:1: `shell-form-cmd` is a table with the rule\'s options, as `[shell-form-cmd]`, not "error"',
        ),
        (
            "ignore = [\n  'loopback-bind',\n  'shell-from-cmd',\n]\n",
            "dlf.toml:3: `ignore`: there is no rule or category `shell-from-cmd` (did you mean `shell-form-cmd`?)",
        ),
        (
            "select = ['DL3025']\n",
            "dlf.toml:1: `select`: there is no rule or category `DL3025` (did you mean `shell-form-cmd`?)",
        ),
        ("select = ['signal']\n",
         "dlf.toml:1: `select`: there is no rule or category `signal` (did you mean `signals`?)"),
        ("select = 'all'\n", 'dlf.toml:1: `select` is a list of texts, not "all"'),
        ("select = ['all', 3]\n", "dlf.toml:1: `select` is a list of texts, and holds 3"),
        ("fail-on = 'warn'\n",
         'dlf.toml:1: `fail-on` is `error`, `warning` or `info`, not "warn" (did you mean `warning`?)'),
        ("profile = true\n", "dlf.toml:1: `profile` is `guide`, `default` or `pedantic`, not true"),
        ("force-exclude = 'yes'\n", 'dlf.toml:1: `force-exclude` is true or false, not "yes"'),
        ("severity = 'error'\n", 'dlf.toml:1: `severity` is a table, not "error"'),
        ("x = 1\n[severity]\n\nloopback-bin = 'info'\n", ("dlf.toml:1: unknown key `x`\n"
         "dlf.toml:4: `severity`: there is no rule or category `loopback-bin` (did you mean `loopback-bind`?)")),
        ("[severity]\nloopback-bind = 'fatal'\n",
         'dlf.toml:2: `severity.loopback-bind` is `error`, `warning` or `info`, not "fatal"'),
        (
            "[per-file-ignores]\n'a' = ['all']\n'b/*' = ['signls']\n",
            "dlf.toml:3: `per-file-ignores`: there is no rule or category `signls` (did you mean `signals`?)",
        ),
        (
            "rules = 'my-rules'\n",
            ("dlf.toml:1: `rules` is not read from a configuration file: rules are programs, and a project that is"
            " linted must not choose programs to run; name the folder on the command line, `--rules DIR`"),
        ),
        ("select = [\n", "dlf.toml: is not valid TOML: Invalid value (at end of document)"),
        ("a = 1\na = 2\n", "dlf.toml: is not valid TOML: Cannot overwrite a value (at line 2, column 6)"),
    ],
)  # fmt: skip
def test_faults_name_the_line_and_what_was_meant(
    text: str, expected: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert fault(tmp_path, monkeypatch, text) == expected


def test_faults_in_pyproject(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    text = "[project]\nselct = 1\n\n[tool.dlf]\nselct = []\n\n[tool.dlf.severity]\nnope = 'info'\n"
    assert fault(tmp_path, monkeypatch, text, "pyproject.toml") == (
        "pyproject.toml:5: unknown key `selct` (did you mean `select`?)\n"
        "pyproject.toml:8: `severity`: there is no rule or category `nope`"
    )
    assert (
        fault(tmp_path, monkeypatch, "[tool]\ndlf = 3\n", "pyproject.toml")
        == "pyproject.toml:2: `tool.dlf` is a table, `[tool.dlf]`"
    )


def test_files_that_cannot_be_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(ConfigError, match=r"absent\.toml: cannot be read: No such file"):
        load("absent.toml", NAMES, CATEGORIES)
    (tmp_path / "dlf.toml").write_bytes(b"select = ['\xff']\n")
    with pytest.raises(ConfigError, match=r"dlf\.toml: is not UTF-8 \(byte 11\)"):
        load("dlf.toml", NAMES, CATEGORIES)
    (tmp_path / "dlf.toml").write_text("a = " + "[" * 3000 + "]" * 3000)
    with pytest.raises(ConfigError, match="not valid TOML"):
        load("dlf.toml", NAMES, CATEGORIES)


def test_candidates(tmp_path: Path) -> None:
    assert candidates(str(tmp_path)) == []
    (tmp_path / "pyproject.toml").write_text("[project]\n")
    assert candidates(str(tmp_path)) == []
    (tmp_path / "pyproject.toml").write_text("[tool . 'dlf']\n")
    (tmp_path / "dlf.toml").touch()
    assert candidates(str(tmp_path)) == [str(tmp_path / "dlf.toml"), str(tmp_path / "pyproject.toml")]
    assert candidates(str(tmp_path / "absent")) == []


def on(*layers: Layer) -> set[str]:
    return set(chosen(RULES, layers))


EVERYTHING = set(NAMES)


@pytest.mark.parametrize(
    ("layers", "expected"),
    [
        ((), EVERYTHING),
        ((Layer(),), EVERYTHING),
        ((Layer(("signals",)),), {"sh-c-without-exec", "shell-form-cmd"} | SYNTAX),
        ((Layer(("signals",), ("loopback-bind",)),), {"sh-c-without-exec", "shell-form-cmd", "loopback-bind"} | SYNTAX),
        ((Layer(("signals",), (), ("shell-form-cmd",)),), {"sh-c-without-exec"} | SYNTAX),
        ((Layer(("shell-form-cmd",), (), ("signals",)),), {"shell-form-cmd"} | SYNTAX),
        ((Layer(("signals",), (), ("all",)),), {"sh-c-without-exec", "shell-form-cmd"} | SYNTAX),
        ((Layer(None, (), ("signals",)),), EVERYTHING - {"sh-c-without-exec", "shell-form-cmd"}),
        ((Layer(None, ("shell-form-cmd",), ("signals",)),), EVERYTHING - {"sh-c-without-exec"}),
        ((Layer(None, (), ("all",)),), SYNTAX),
        ((Layer(("shell-form-cmd",), (), ("shell-form-cmd",)),), SYNTAX),
        ((Layer(("signals",)), Layer(("loopback-bind",))), {"loopback-bind"} | SYNTAX),
        ((Layer(None, (), ("loopback-bind",)), Layer(("loopback-bind",))), {"loopback-bind"} | SYNTAX),
        ((Layer(("signals",)), Layer(None, ("loopback-bind",))),
         {"sh-c-without-exec", "shell-form-cmd", "loopback-bind"} | SYNTAX),
        ((Layer(("signals",)), Layer(None, (), ("signals",))), SYNTAX),
        ((Layer(None, (), ("dockerfile-syntax",)),), EVERYTHING - {"dockerfile-syntax"}),
        ((Layer(None, (), ("dockerfile",)),), EVERYTHING),
        ((Layer(None, (), ("dockerfile-syntax",)), Layer(("shell-form-cmd",))), {"shell-form-cmd"} | SYNTAX),
    ],
)  # fmt: skip
def test_the_more_specific_word_wins(layers: tuple[Layer, ...], expected: set[str]) -> None:
    assert on(*layers) == expected


def test_a_rule_name_needs_no_page() -> None:
    class Unread:
        name = "shell-form-cmd"

        @property
        def category(self) -> str:
            raise AssertionError

    rules: Any = (Unread(),)
    assert chosen(rules, [Layer(("all",), ("shell-form-cmd",))]) == {"shell-form-cmd"}


@settings(max_examples=100, deadline=None)
@given(st.text(alphabet="[]=.\"'#ab -\n", max_size=60), st.lists(st.sampled_from(["a", "b", "tool"]), max_size=3))
def test_a_line_is_always_one_of_the_text(text: str, key: list[str]) -> None:
    assert 1 <= line_of(text, tuple(key), "a") <= len(text.split("\n"))


def test_the_schema_is_current_and_judges_as_the_model_does() -> None:
    written = json.loads((ROOT / "docs" / "schema" / "config.schema.json").read_text(encoding="utf-8"))
    assert written == json_schema(), "run `python docs/generate.py`"
    judge = Draft202012Validator(written)
    Draft202012Validator.check_schema(written)
    tomllib = import_module("tomllib")
    assert judge.is_valid(tomllib.loads(FULL))
    assert not judge.is_valid({"select": "all"})
    assert not judge.is_valid({"fail-on": "fatal"})
    assert not judge.is_valid({"rules": {}})
    assert not judge.is_valid({"unknown": 1})


def test_the_document_names_every_key() -> None:
    text = (ROOT / "docs" / "configuration.md").read_text(encoding="utf-8")
    for name, field in Keys.model_fields.items():
        assert f"`{field.alias or name}`" in text
