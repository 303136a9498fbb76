"""`dlf show` on the command line, and the documents that describe its output."""

import importlib.util
import json
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any, NamedTuple, get_args, get_type_hints

import pytest
from shown import ENDINGS, SERVER, SHOWN, SLIM, TWO, described

from dockerlint_fastapi import cli
from dockerlint_fastapi.show import description, render, schema
from dockerlint_fastapi.show.description import Container, Description

ROOT = Path(__file__).parents[1]


# ---------------------------------------------------------------- documents


def named_tuples(kind: Any) -> Iterator[type[NamedTuple]]:
    """The named tuples in an annotation."""
    if isinstance(kind, type) and hasattr(kind, "_fields"):
        yield kind
    for argument in get_args(kind):
        yield from named_tuples(argument)


def test_the_schema_has_the_fields_of_the_description_in_their_order() -> None:
    seen: set[Any] = {Description}
    waiting: list[Any] = [Description]
    while waiting:
        kind = waiting.pop()
        model = schema.JsonShow if kind is Description else getattr(schema, f"Shown{kind.__name__}")
        own = ("version", "tool") if kind is Description else ()
        fields = [name for name in model.model_fields if name not in own]
        assert fields == list(kind._fields)
        for annotation in get_type_hints(kind).values():
            for found in named_tuples(annotation):
                if found not in seen:
                    seen.add(found)
                    waiting.append(found)
    assert len(seen) > 20


def generator() -> ModuleType:
    spec = importlib.util.spec_from_file_location("generate", ROOT / "docs" / "generate.py")
    assert spec
    assert spec.loader
    loaded = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(loaded)
    return loaded


def test_the_page_shows_what_is_printed_and_the_schema_file_is_current() -> None:
    page = (ROOT / "docs" / "show.md").read_text(encoding="utf-8")
    assert page == generator().show_page()
    for name in ("text", "mermaid"):
        assert (
            f"<!-- {name} -->\n```{name}\n{(SHOWN / f'guide-good.{ENDINGS[name]}').read_text(encoding='utf-8')}```"
            in page
        )
    stored = json.loads((ROOT / "docs" / "schema" / "show.schema.json").read_text(encoding="utf-8"))
    assert stored == schema.json_schema()


def test_every_field_of_a_container_is_on_the_page() -> None:
    page = (ROOT / "docs" / "show.md").read_text(encoding="utf-8")
    kinds = (Description, description.Deployment, Container)
    assert [name for kind in kinds for name in kind._fields if f"`{name}`" not in page] == []


# ---------------------------------------------------------------- the command line


class Program:
    """`dlf show` in a project of its own."""

    def __init__(self, root: Path, capsys: pytest.CaptureFixture[str]) -> None:
        self.root = root
        self.capsys = capsys

    def write(self, files: dict[str, str]) -> None:
        for name, text in files.items():
            path = self.root / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)

    def __call__(self, *arguments: str) -> tuple[int, str, str]:
        code = cli.run(["show", *arguments])
        out, err = self.capsys.readouterr()
        return code, out, err


@pytest.fixture
def show(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Program:
    root = tmp_path / "project"
    (root / ".git").mkdir(parents=True)
    monkeypatch.chdir(root)
    for name in ("NO_COLOR", "FORCE_COLOR", "DLF_DEBUG"):
        monkeypatch.delenv(name, raising=False)
    return Program(root, capsys)


def test_the_command(show: Program, monkeypatch: pytest.MonkeyPatch) -> None:
    show.write(TWO)
    code, out, err = show()
    assert (code, err) == (0, "")
    assert out == render("text", described(TWO))
    assert show("--output-format", "json")[1] == render("json", described(TWO))
    assert show("--output-format", "mermaid", ".")[1] == render("mermaid", described(TWO))
    monkeypatch.setenv("FORCE_COLOR", "1")
    assert show()[1] == render("text", described(TWO), color=True)
    assert show("--output-format", "json")[1] == render("json", described(TWO))
    assert show("--output-file", "out.txt")[:2] == (0, "")
    assert (show.root / "out.txt").read_text(encoding="utf-8") == render("text", described(TWO))


def test_single_files_and_folders_on_the_command_line(show: Program, monkeypatch: pytest.MonkeyPatch) -> None:
    show.write(TWO)
    assert show("c/Dockerfile")[1] == render("text", described(TWO, "c/Dockerfile"))
    assert show("c")[1] == show("c/Dockerfile")[1]
    assert show("a/Dockerfile", "a")[1] == show("a/Dockerfile")[1]
    monkeypatch.chdir(show.root / "b")
    _, out, _ = show("Dockerfile")
    assert "built from Dockerfile, its only stage (Dockerfile:1)" in out
    assert "context       . (ignore file .dockerignore)" in out
    assert out.startswith("../compose.yaml: base")


def test_an_empty_project_gets_the_message_of_check(show: Program) -> None:
    code, out, err = show()
    assert (code, out) == (0, "")
    assert err.startswith("no Dockerfile or compose file under .\n  looked for Dockerfile, ")
    cli.run(["check"])
    assert show.capsys.readouterr().err == err
    empty = json.loads(show("--output-format", "json")[1])
    assert (empty["version"], empty["deployments"], empty["images"], empty["unread"]) == (1, [], [], [])


def test_paths_that_cannot_be_shown(show: Program) -> None:
    show.write({**TWO, "logo.svg": "<svg/>\n"})
    code, out, err = show("absent", "logo.svg", "a/Dockerfile")
    assert code == 2
    assert out == render("text", described(TWO, "a/Dockerfile"))
    assert err.splitlines() == [
        "error: absent: no such file or directory",
        "error: logo.svg: is no file of a kind that dlf reads, by its name or by its content",
    ]


def test_configuration(show: Program) -> None:
    show.write({**TWO, "dlf.toml": "exclude = ['b/', 'compose.yaml']\n", "other.toml": "exclude = ['a/']\n"})
    _, out, _ = show()
    assert ("a/Dockerfile" in out, "b/Dockerfile" in out, "compose.yaml" in out) == (True, False, False)
    assert "b/Dockerfile" in show("--isolated")[1]
    assert "c/Dockerfile" not in show("--isolated", "--exclude", "c")[1]
    assert "a/Dockerfile: server" not in show("--config", "other.toml", "--exclude", "compose.yaml")[1]
    assert show("--isolated", "--config", "x") == (2, "", "error: --isolated and --config exclude each other\n")
    show.write({"dlf.toml": "no-such-key = 1\n"})
    code, out, err = show()
    assert (code, out) == (2, "")
    assert "unknown key `no-such-key`" in err


def test_a_fault_of_dlf_is_told_and_the_rest_is_shown(show: Program, monkeypatch: pytest.MonkeyPatch) -> None:
    show.write({"Dockerfile": SLIM + SERVER, "x/Dockerfile": SLIM + "RUN broken\n"})
    from dockerlint_fastapi import assemble as assembly  # noqa: PLC0415

    parse = assembly.parse_dockerfile  # type: ignore[attr-defined]  # for this test to replace

    def broken(source: Any) -> Any:
        if "broken" in source.text:
            raise AssertionError("deep inside")
        return parse(source)

    monkeypatch.setattr(assembly, "parse_dockerfile", broken)
    code, out, err = show()
    assert code == 2
    assert "Dockerfile: server" in out
    assert "AssertionError: deep inside. This is a fault of dlf" in err
