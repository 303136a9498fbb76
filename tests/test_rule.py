"""The door through which every rule comes: pages, functions, folders, and what is said of those that cannot be used."""

import importlib
import json
import re
import sys
from pathlib import Path

import pytest

from dockerlint_fastapi import cli
from dockerlint_fastapi import rule as rule_module
from dockerlint_fastapi.discover import find
from dockerlint_fastapi.engine import Settings, lint
from dockerlint_fastapi.model import Add, Cmd, Container, Copy, Entrypoint, Instruction, Run, Transfer
from dockerlint_fastapi.rule import BUILT_IN, CATEGORIES, Rule, RuleError, load_rules, read_page
from dockerlint_fastapi.tree import DiskTree, text_files

ROOT = Path(__file__).parents[1]
assemble = importlib.import_module("dockerlint_fastapi.assemble").assemble

PAGE = """---
severity: warning
category: users
help: name the user after what it runs
since: 1.0.0
guide:
sources:
  - https://docs.docker.com/reference/dockerfile/#user
---

# The user is `admin`

It looks like root
to our scanners.

More of it.

## Bad
"""
FUNCTION = """from collections.abc import Iterator

from dockerlint_fastapi import Finding
from dockerlint_fastapi.model import User


def check(user: User) -> Iterator[Finding]:
    if user.user.value == "admin":
        yield Finding.at(user.user, "the user is `admin`")
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    house = tmp_path / "house"
    house.mkdir()
    return house


def write(folder: Path, stem: str = "admin_user", function: str = FUNCTION, page: str | None = PAGE) -> str:
    (folder / f"{stem}.py").write_text(function, encoding="utf-8")
    if page is not None:
        (folder / f"{stem}.md").write_text(page, encoding="utf-8")
    return str(folder)


def refused(folder: Path) -> str:
    """What the loader says of a folder, without the path before it; the page is asked for too."""

    def used() -> list[str]:
        return [rule.title for rule in load_rules([str(folder)])]

    with pytest.raises(RuleError) as caught:
        used()
    message = str(caught.value)
    assert message.startswith(str(folder))
    return message.removeprefix(str(folder)).removeprefix("/")


# ---------------------------------------------------------------- pages


def test_a_page_is_read(folder: Path) -> None:
    write(folder)
    page = read_page(str(folder / "admin_user.md"))
    assert page._replace(markdown="") == (
        "warning", "users", "name the user after what it runs", (),
        ("https://docs.docker.com/reference/dockerfile/#user",), "1.0.0", (), "The user is `admin`",
        "It looks like root to our scanners.", "", False, "",
    )  # fmt: skip
    assert page.markdown.startswith("# The user is `admin`\n")
    assert page.markdown.endswith("## Bad\n")


@pytest.mark.parametrize("change", [lambda text: "\ufeff" + text, lambda text: text.replace("\n", "\r\n")])
def test_a_byte_order_mark_and_windows_line_ends_change_nothing(folder: Path, change: object) -> None:
    write(folder)
    plain = read_page(str(folder / "admin_user.md"))
    (folder / "admin_user.md").write_bytes(change(PAGE).encode())  # type: ignore[operator]
    assert read_page(str(folder / "admin_user.md")) == plain


def test_lists_on_one_line(folder: Path) -> None:
    write(folder, page=PAGE.replace("guide:\n", "guide: G1, G2\n"))
    assert read_page(str(folder / "admin_user.md")).guide == ("G1", "G2")


@pytest.mark.parametrize(
    ("page", "message"),
    [
        ("# no front matter\n", "admin_user.md:1: a page begins with front matter between two `---` lines"),
        ("---\nseverity: error\n", "admin_user.md:1: a page begins with front matter between two `---` lines"),
        ("", "admin_user.md:1: a page begins with front matter between two `---` lines"),
        (
            PAGE.replace("help:", "advice:"),
            "admin_user.md:4: expected one of code, severity, category, help, guide, sources, since, supersedes, prev",
        ),
        (PAGE.replace("help:", "\nhelp:"), "admin_user.md:4: expected one of code, severity, category, help,"),
        (PAGE.replace("since: 1.0.0\n", ""), "admin_user.md:1: the front matter lacks `since:`"),
        (PAGE.replace("since: 1.0.0\n", "since:\n"), "admin_user.md:1: the front matter lacks `since:`"),
        (PAGE.replace("since: 1.0.0\n", "since:\n  - 1\n"), "admin_user.md:1: the front matter lacks `since:`"),
        (PAGE.replace("since:", "help:"), "admin_user.md:5: `help` stands here for the second time"),
        (PAGE.replace("warning", "fatal"), "admin_user.md:1: severity is one of error, warning, info, not `fatal`"),
        (PAGE.replace("users", "user"), "admin_user.md:1: category is one of server, signals, layers, "),
        (
            PAGE.replace("since:", "  - x\nsince:"),
            "admin_user.md:5: a `- item` line belongs under a key that has no value of its own",
        ),
        (
            PAGE.replace("---\nseverity", "---\n  - x\nseverity"),
            "admin_user.md:2: a `- item` line belongs under a key that has no value of its own",
        ),
        (PAGE.replace("# The", "The"), "admin_user.md:10: a page has a heading `# …` that names the fault"),
    ],
)
def test_what_is_wrong_with_a_page(folder: Path, page: str, message: str) -> None:
    write(folder, page=page)
    assert refused(folder).startswith(message)


def test_a_page_that_is_no_text(folder: Path) -> None:
    write(folder)
    (folder / "admin_user.md").write_bytes(b"---\n\xff")
    assert refused(folder) == "admin_user.md: is not UTF-8 (byte 4)"
    (folder / "admin_user.md").unlink()
    (folder / "admin_user.md").mkdir()
    assert refused(folder) == "admin_user.md: cannot be read: Is a directory"


def test_pages_are_read_only_when_asked_for(folder: Path) -> None:
    write(folder, page="broken")
    rule = next(rule for rule in load_rules([str(folder)]) if rule.name == "admin-user")
    assert rule.name == "admin-user"
    for field in ("title", "summary", "severity", "category", "help", "guide", "sources", "since", "markdown"):
        with pytest.raises(RuleError, match="a page begins with front matter"):
            getattr(rule, field)


# ---------------------------------------------------------------- functions

CHECK = "    yield from ()\n"
TOP = "from __future__ import annotations\nfrom typing import *\nfrom dockerlint_fastapi.model import *\n"
NOW = TOP.partition("\n")[2]


@pytest.mark.parametrize(
    ("function", "message"),
    [
        ("", "defines no function `check`"),
        ("check = 1\n", "defines no function `check`"),
        ("check = len\n", "defines no function `check`"),
        ("class check:\n    pass\n", "defines no function `check`"),
        ("def check():\n" + CHECK, "`check` takes a node, and perhaps `options: Options`"),
        ("def check(*nodes):\n" + CHECK, "`check` takes a node, and perhaps `options: Options`"),
        ("def check(a, b, c):\n" + CHECK, "`check` takes a node, and perhaps `options: Options`"),
        (NOW + "def check(a: Run, *, b: int):\n" + CHECK, "`check` takes a node, and perhaps `options: Options`"),
        ("def check(node):\n" + CHECK, "the first parameter of `check` is annotated with the nodes that it wants"),
        (
            NOW + "def check(node: 1):\n" + CHECK,
            "the first parameter of `check` is annotated with the nodes that it wants",
        ),
        (NOW + "def check(n: list[Run]):\n" + CHECK, "the first parameter of `check` is annotated with the nodes"),
        (
            NOW + "def check(n: Run | None):\n" + CHECK,
            "`check` would never be called: no node is a `NoneType`; ask for",
        ),
        (NOW + "def check(n: str):\n" + CHECK, "`check` would never be called: no node is a `str`; ask for"),
        (NOW + "def check(n: Service):\n" + CHECK, "`check` would never be called: no node is a `Service`; ask for"),
        (TOP + "def check(n: Nope):\n" + CHECK, "the annotations of `check` cannot be resolved: name 'Nope' is not"),
        (NOW + "def check(n: Run, o):\n" + CHECK, "the second parameter of `check` is annotated with `Options`"),
        (NOW + "def check(n: Run, o: dict):\n" + CHECK, "the second parameter of `check` is annotated with `Options`"),
        (
            NOW + "class Options(NamedTuple):\n    a: int\ndef check(n: Run, options: Options):\n" + CHECK,
            "the option `a` has no default",
        ),
        (
            NOW + "class Options(NamedTuple):\n    a: set = set()\ndef check(n: Run, options: Options):\n" + CHECK,
            "the default of the option `a` is nothing that a configuration holds",
        ),
        (
            NOW + "class Options(NamedTuple):\n    a: tuple = (1, 'x')\ndef check(n: Run, options: Options):\n" + CHECK,
            "the default of the option `a` is nothing that a configuration holds",
        ),
        ("def check(:\n", "cannot be loaded: SyntaxError: "),
        ("import no_such_module\n", "cannot be loaded: ModuleNotFoundError: No module named 'no_such_module'"),
        ("1 / 0\n", "cannot be loaded: ZeroDivisionError: division by zero"),
        ("import sys\nsys.exit(3)\n", "cannot be loaded: SystemExit: 3"),
        ("x = '\udcff'\n".encode("utf-8", "surrogateescape").decode("latin-1"), "defines no function `check`"),
    ],
)
def test_what_is_wrong_with_a_function(folder: Path, function: str, message: str) -> None:
    write(folder, function=function)
    assert refused(folder).startswith(f"admin_user.py: {message}")


def test_a_module_that_is_no_text(folder: Path) -> None:
    write(folder)
    (folder / "admin_user.py").write_bytes(b"x = '\xff'\n")
    assert refused(folder).startswith("admin_user.py: cannot be loaded: SyntaxError: ")
    (folder / "admin_user.py").unlink()
    (folder / "admin_user.py").mkdir()
    assert refused(folder).startswith("admin_user.py: cannot be loaded: IsADirectoryError")


@pytest.mark.parametrize(
    ("annotation", "nodes"),
    [
        ("Run", (Run,)),
        ("Cmd | Entrypoint", (Cmd, Entrypoint)),
        ("Union[Cmd, Entrypoint]", (Cmd, Entrypoint)),
        ("Transfer", (Transfer,)),
        ("Instruction | Container", (Instruction, Container)),
        ("object", (object,)),
    ],
)
@pytest.mark.parametrize("top", [TOP, NOW], ids=["texts", "types"])
def test_annotations(folder: Path, annotation: str, nodes: tuple[type, ...], top: str) -> None:
    write(folder, function=f"{top}def check(node: {annotation}):\n{CHECK}")
    assert Rule(str(folder), "admin_user").nodes == nodes


def test_a_base_class_takes_in_what_derives_from_it(folder: Path) -> None:
    function = (
        "from dockerlint_fastapi import Finding\n" + NOW + "def check(node: {}):\n"
        "    yield Finding.at(node, type(node).__name__)\n"
    )
    text = "FROM a\nCOPY a b\nADD c d\nRUN e\nCMD f\nENTRYPOINT g\n"
    for annotation, kinds in (
        ("Transfer", ["Copy", "Add"]),
        ("Cmd | Entrypoint", ["Cmd", "Entrypoint"]),
        ("Copy | Transfer", ["Copy", "Add"]),
        ("Instruction", ["From", "Copy", "Add", "Run", "Cmd", "Entrypoint"]),
    ):
        write(folder, function=function.format(annotation))
        rule = Rule(str(folder), "admin_user")
        report = lint(text_files([("Dockerfile", text)]), Settings((rule,), frozenset({rule.name})))
        assert [one.finding.message for one in report.diagnostics] == kinds


def test_every_node_of_a_project_may_be_asked_for() -> None:
    seen: set[type] = set()
    for path in sorted((ROOT / "fixtures" / "projects").iterdir()):
        tree = DiskTree(str(path))
        seen.update(type(node) for node in assemble(tree, find(tree)).nodes())
    assert {Run, Copy, Container} <= seen
    assert all(rule_module._is_node(kind) for kind in (*seen, Add))


def test_options_and_dataclasses_in_a_module_with_annotations_as_texts(folder: Path) -> None:
    function = TOP + (
        "from dataclasses import dataclass\n"
        "from dockerlint_fastapi import Finding\n"
        "@dataclass\nclass Part:\n    word: str\n"
        "class Options(NamedTuple):\n    words: tuple[str, ...] = ('a',)\n"
        "def check(node: Run, options: Options) -> Iterator[Finding]:\n"
        "    yield Finding.at(node, Part(options.words[0]).word)\n"
    )
    write(folder, function=function)
    rule = Rule(str(folder), "admin_user")
    settings = Settings((rule,), frozenset({rule.name}), options={"admin-user": {"words": ["b"]}})
    report = lint(text_files([("Dockerfile", "FROM a\nRUN b\n")]), settings)
    assert [one.finding.message for one in report.diagnostics] == ["b"]


def test_a_module_of_a_rule_can_be_met_by_no_import(folder: Path) -> None:
    write(folder, "json")
    load_rules([str(folder)])
    assert sys.modules["json"] is json
    assert not any(re.fullmatch(r"\w+", name) for name in sys.modules if name.startswith("dlf"))


# ---------------------------------------------------------------- folders


@pytest.mark.parametrize(
    ("stem", "message"),
    [
        ("Admin_User", "Admin_User.py: a rule is named in lower case words with `_` between them"),
        ("admin user", "admin user.py: a rule is named in lower case words with `_` between them"),
        ("admin-user", "admin-user.py: a rule is named in lower case words with `_` between them"),
        ("admin__user", "admin__user.py: a rule is named in lower case words with `_` between them"),
        ("users", "users.py: `users` is the name of a whole category, which no rule can have"),
        ("base_image", "base_image.py: `base-image` is the name of a whole category, which no rule can have"),
        ("all", "all.py: `all` is the name of a whole category, which no rule can have"),
        ("unused_ignore", "unused_ignore.py: a rule named `unused-ignore` exists already ("),
    ],
)
def test_names_that_no_rule_can_have(folder: Path, stem: str, message: str) -> None:
    write(folder, stem)
    assert refused(folder).startswith(message)


def test_a_function_without_a_page(folder: Path) -> None:
    write(folder, page=None)
    assert refused(folder) == "admin_user.py: has no page `admin_user.md` beside it"


def test_folders_that_hold_no_rule(folder: Path, tmp_path: Path) -> None:
    assert refused(folder) == ": holds no rule (a rule is `name.py` with its page `name.md`)"
    for name in ("_shared.py", ".hidden.py", "test_admin_user.py", "README.md", "admin_user.md"):
        (folder / name).write_text("")
    assert refused(folder) == ": holds no rule (a rule is `name.py` with its page `name.md`)"
    assert refused(tmp_path / "absent") == ": cannot be read as a folder of rules: No such file or directory"
    (tmp_path / "file").write_text("")
    assert refused(tmp_path / "file") == ": cannot be read as a folder of rules: Not a directory"


def test_two_folders_with_a_rule_of_one_name(folder: Path, tmp_path: Path) -> None:
    write(folder)
    other = tmp_path / "other"
    other.mkdir()
    write(other)
    with pytest.raises(RuleError, match="a rule named `admin-user` exists already") as caught:
        load_rules([str(folder), str(other)])
    assert str(caught.value).startswith(str(other / "admin_user.py"))
    assert str(folder / "admin_user.md") in str(caught.value)


def test_rules_are_sorted_and_built_in_ones_known_as_such(folder: Path) -> None:
    write(folder)
    rules = load_rules([str(folder)])
    assert [rule.name for rule in rules] == sorted(rule.name for rule in rules)
    (own,) = (rule for rule in rules if not rule.built_in)
    assert (own.name, own.url) == ("admin-user", "admin_user.md")
    assert len(rules) == len(load_rules()) + 1
    assert all(rule.url.startswith("https://") for rule in rules if rule.built_in)
    assert {rule.category for rule in rules} <= CATEGORIES.keys()
    assert Path(BUILT_IN).is_dir()


def test_a_folder_of_rules_through_the_command_line(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    write(folder)
    (tmp_path / "Dockerfile").write_text("FROM registry.example.com/base:1.4.2\nUSER admin\n")
    monkeypatch.chdir(tmp_path)
    arguments = ["check", "Dockerfile", "--rules", "house", "--output-format", "concise", "-q"]
    assert cli.run(arguments) == 1
    assert capsys.readouterr().out.startswith("Dockerfile:2:6: warning[admin-user]: the user is `admin`\n")
    assert cli.run([*arguments, "--select", "users", "--fail-on", "error"]) == 0
    assert "admin-user" in capsys.readouterr().out
    assert cli.run(["check", "Dockerfile", "--select", "admin-user"]) == 2
    assert "there is no rule or category `admin-user`" in capsys.readouterr().err
    assert cli.run(["rule", "admin-user", "--rules", "house"]) == 0
    assert "It looks like root" in capsys.readouterr().out
    (tmp_path / "dlf.toml").write_text("[severity]\nadmin-user = 'info'\n")
    assert cli.run(arguments) == 0
    assert "info[admin-user]" in capsys.readouterr().out
    (folder / "admin_user.md").write_text("x")
    (tmp_path / "dlf.toml").unlink()
    for arguments in (["check", "Dockerfile", "--rules", "house"], ["rules", "--rules", "house"], ["test", "house"]):
        if arguments[0] == "test":
            (folder / "admin_user.py").write_text("1 / 0\n")
        assert cli.run(arguments) == 2
        out, err = capsys.readouterr()
        assert out == ""
        assert re.match(r"error: house/admin_user\.(md:1|py): ", err)
        assert err.count("\n") == 1
