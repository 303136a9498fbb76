"""Examples on pages: what is read as one, how they are run, and that blessing touches nothing but console blocks."""

import re
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dockerlint_fastapi import cli
from dockerlint_fastapi.examples import Example, ExampleError, examples, run
from dockerlint_fastapi.rule import Rule, load_rules
from dockerlint_fastapi.tree import MemoryTree

HEAD = """---
severity: error
category: users
help: h
since: 1.0.0
---

# Marked

A word that is marked.
"""
FUNCTION = """from collections.abc import Iterator
from typing import NamedTuple

from dockerlint_fastapi import Finding
from dockerlint_fastapi.model import Instruction


class Options(NamedTuple):
    word: str = "MARK"


def check(node: Instruction, options: Options) -> Iterator[Finding]:
    at = node.span.text.find(options.word)
    if "RAISE" in node.span.text:
        raise ValueError("oh no")
    if at >= 0:
        yield Finding.at(node, f"says `{options.word}`", in_guide="info")
"""
LINE = "Dockerfile:2:1: error[marked-word]: says `MARK`\n"
BAD = f"\n## Bad\n\n```dockerfile\nFROM a\nRUN MARK\n```\n\n```console\n{LINE}```\n"
GOOD = "\n## Good\n\n```dockerfile\nFROM a\n```\n"


class House:
    """A folder with one rule, and any page."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        folder.mkdir(exist_ok=True)
        (folder / "marked_word.py").write_text(FUNCTION)
        self.page = folder / "marked_word.md"
        self.page.write_text(HEAD)
        self.rules: tuple[Rule, ...] | None = None

    def write(self, body: str) -> None:
        self.page.write_bytes((HEAD + body).encode())

    def examples(self, body: str) -> list[Example]:
        self.write(body)
        return list(examples(str(self.folder)))

    def files(self, body: str) -> list[dict[str, bytes]]:
        trees = [example.tree for example in self.examples(body)]
        return [tree.files for tree in trees if isinstance(tree, MemoryTree)]

    def fault(self, body: str) -> str:
        with pytest.raises(ExampleError) as caught:
            self.examples(body)
        return str(caught.value).removeprefix(str(self.folder))


@pytest.fixture
def house(tmp_path: Path) -> House:
    return House(tmp_path / "house")


def line_of(body: str, text: str) -> int:
    return (HEAD + body).split("\n").index(text) + 1


# ---------------------------------------------------------------- what is read


def test_sections_and_their_files(house: House) -> None:
    body = (
        "\n## Bad: two\n\nWords.\n\n```dockerfile\nFROM a\n```\n\n```yaml\nservices: {}\n```\n\n"
        '```python title="app/main.py"\nx = 1\n```\n\n```text\nno file\n```\n\n```\nnone either\n```\n\n'
        "```console\nA\nB\n```\n\n## When not to\n\n"
        "```dockerfile\nFROM no_example\n```\n\n```console\nx\n```\n\n## Goodness\n\n"
        '```dockerfile title="x.Dockerfile"\n'
        "# ## Bad\n## Bad\n```\n\n### Not a section\n"
    )  # fmt: skip
    bad, good = house.examples(body)
    assert (bad.heading, bad.line, bad.expected) == ("Bad: two", line_of(body, "## Bad: two"), "A\nB\n")
    assert (good.heading, good.line, good.expected) == ("Goodness", line_of(body, "## Goodness"), "")
    assert bad.place == f"{house.page}:{bad.line}"
    assert bad.rule is not None
    assert bad.rule.name == "marked-word"
    assert bad.settings.select == {"marked-word"}
    assert house.files(body) == [
        {"Dockerfile": b"FROM a\n", "compose.yaml": b"services: {}\n", "app/main.py": b"x = 1\n"},
        {"x.Dockerfile": b"# ## Bad\n## Bad\n"},
    ]


@pytest.mark.parametrize(
    ("opening", "closing", "content"),
    [
        ("```dockerfile", "```", "FROM a"),
        ("```dockerfile  ", "```  ", "FROM a"),
        ("````dockerfile", "````", "FROM a\n```\n```console"),
        ("````dockerfile", "``````", "FROM a\n```"),
        ("```dockerfile", "```", "FROM a\n``"),
        ("```dockerfile", "```", "``` x"),
        ("```dockerfile", "```", ""),
        ("```dockerfile", "```", "FROM a\n    ```indented"),
    ],
)
def test_fences(house: House, opening: str, closing: str, content: str) -> None:
    (files,) = house.files(f"\n## Good\n\n{opening}\n{content}\n{closing}\n")
    assert files == {"Dockerfile": f"{content}\n".encode()}


def test_code_in_a_line_opens_no_fence(house: House) -> None:
    (files,) = house.files("\n## Good\n\n```code``` in a line\n\n```dockerfile\nFROM a\n```\n")
    assert files == {"Dockerfile": b"FROM a\n"}


@pytest.mark.parametrize(
    ("body", "line", "message"),
    [
        ("\n## Good\n\n```dockerfile\nFROM a\n", "```dockerfile", "this fence is not closed"),
        ("\n## Good\n\n````dockerfile\nFROM a\n```\n", "````dockerfile", "this fence is not closed"),
        ("\n```text\nbefore any section\n", "```text", "this fence is not closed"),
        (
            "\n## Good\n\n```dockerfile title=x\nFROM a\n```\n",
            "```dockerfile title=x",
            'after the backticks stands a language, and perhaps `title="..."`, not `dockerfile title=x`',
        ),
        ("\n## Bad\n\nNothing.\n", "## Bad", "the section `Bad` holds no file"),
        ("\n## Good\n\n```text\nx\n```\n\n## Notes\n", "## Good", "the section `Good` holds no file"),
        (
            "\n## Good\n\n```dockerfile\nFROM a\n```\n```dockerfile \nFROM b\n```\n",
            "```dockerfile ",
            "`Good` has a file `Dockerfile` already",
        ),
        (
            "\n## Bad\n\n```dockerfile\nFROM a\n```\n```console\n```\n```console \n```\n",
            "```console ",
            "`Bad` has a `console` block already",
        ),
        (
            '\n## Good\n\n```dockerfile title="../Dockerfile"\nFROM a\n```\n',
            '```dockerfile title="../Dockerfile"',
            "`../Dockerfile` is no path in a project",
        ),
        (
            '\n## Good\n\n```dockerfile title="/etc/Dockerfile"\nFROM a\n```\n',
            '```dockerfile title="/etc/Dockerfile"',
            "`/etc/Dockerfile` is no path in a project",
        ),
        (
            '\n## Good\n\n```toml title="dlf.toml"\nx =\n```\n',
            '```toml title="dlf.toml"',
            "this dlf.toml cannot be read: Invalid value",
        ),
        (
            '\n## Good\n\n```toml title="dlf.toml"\nprofil = "guide"\n```\n',
            '```toml title="dlf.toml"',
            "this dlf.toml cannot be read: Got unexpected field names: ['profil']",
        ),
    ],
)
def test_what_is_wrong_with_a_page_is_told_with_its_line(house: House, body: str, line: str, message: str) -> None:
    assert house.fault(body).startswith(f"/marked_word.md:{line_of(body, line)}: {message}")


def test_pages_that_cannot_be_used(house: House) -> None:
    house.page.write_bytes(HEAD.encode() + b"\xff\n")
    with pytest.raises(ExampleError, match=r"marked_word\.md: is not UTF-8 \(byte \d+\)"):
        list(examples(str(house.folder), load_rules([str(house.folder)])))
    house.write(GOOD)
    (house.folder / "README.md").write_text("no rule")
    (house.folder / "other.md").write_text("")
    with pytest.raises(ExampleError, match=r"other\.md: no rule has that name, so its examples cannot be run"):
        list(examples(str(house.folder)))


def test_a_dlf_toml_sets_options_profile_and_other_rules(house: House) -> None:
    body = BAD.replace(
        "\n```dockerfile",
        '\n```toml title="dlf.toml"\nprofile = "guide"\nselect = ["shell-form-cmd"]\n'
        '[marked-word]\nword = "OTHER"\n```\n\n```dockerfile',
    )
    bad, good = house.examples(body + GOOD)
    assert bad.settings.profile == "guide"
    assert bad.settings.options == {"marked-word": {"word": "OTHER"}}
    assert bad.settings.select == {"marked-word", "shell-form-cmd"}
    assert bad.printed == ""
    assert good.settings.profile == "default"
    assert not good.settings.options
    # Outside examples it is prose: an `Options` section may show whatever a user may write.
    assert house.examples(GOOD + '\n## Options\n\n```toml title="dlf.toml"\n[tool]\nx = 1\n```\n')


# ---------------------------------------------------------------- run


def test_good_and_bad_pass_or_fail_by_what_is_printed(house: House) -> None:
    house.write(BAD + GOOD)
    assert run(str(house.folder)) == ("2 examples, 0 failed\n", 2, 0)
    house.write(BAD.replace(LINE, "") + GOOD.replace("FROM a", "FROM a\nRUN MARK"))
    outcome = run(str(house.folder))
    assert outcome[1:] == (2, 2)
    assert outcome.text.count("  +" + LINE) == 2
    house.write(BAD.replace("says", "SAYS"))
    assert "  -" + LINE.replace("says", "SAYS") in run(str(house.folder)).text


def test_a_rule_that_breaks_fails_its_example_and_is_never_blessed(house: House) -> None:
    house.write(BAD + GOOD.replace("FROM a", "FROM a\nRUN RAISE"))
    before = house.page.read_bytes()
    for bless in (False, True):
        outcome = run(str(house.folder), bless=bless)
        assert outcome[1:] == (2, 1)
        assert "Good: the rule `marked-word` failed: ValueError('oh no') (line 15)\n" in outcome.text
    assert house.page.read_bytes() == before


def test_options_that_the_rule_does_not_have_fail_the_example(house: House) -> None:
    house.write(GOOD + '\n```toml title="dlf.toml"\n[marked-word]\nword = 1\n```\n' + BAD)
    outcome = run(str(house.folder))
    assert outcome[1:] == (2, 1)
    assert "Good: the option `word` of `marked-word` is a text, not 1\n" in outcome.text


def test_through_the_command_line(
    house: House, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(house.folder.parent)
    house.write(BAD + GOOD)
    assert cli.run(["test", "house"]) == 0
    assert capsys.readouterr().out == "2 examples, 0 failed\n"
    house.write(BAD.replace(LINE, "x\n"))
    assert cli.run(["test", "house", "--bless"]) == 1  # no example that is clean
    house.write(BAD.replace(LINE, "x\n") + GOOD)
    assert cli.run(["test", "house"]) == 1
    assert cli.run(["test", "house", "--bless"]) == 0
    assert cli.run(["test", "house"]) == 0
    capsys.readouterr()
    house.write("\n## Good\n")
    assert cli.run(["test", "house"]) == 2
    assert capsys.readouterr() == ("", "error: house/marked_word.md:12: the section `Good` holds no file\n")


# ---------------------------------------------------------------- projects


def test_project_folders(house: House) -> None:
    house.page.write_text(HEAD + GOOD)
    project = house.folder / "project"
    (project / "sub").mkdir(parents=True)
    (project / "sub" / "Dockerfile").write_text("FROM scratch\nRUN MARK\n")
    (house.folder / "_skipped").mkdir()
    (house.folder / ".git").mkdir()
    outcome = run(str(house.folder))
    assert outcome[1:] == (2, 1)  # its expected output is missing
    run(str(house.folder), bless=True)
    assert run(str(house.folder))[1:] == (2, 0)
    assert "sub/Dockerfile:2:1: error[marked-word]" in (project / "expected.txt").read_text()
    (project / "expected.guide.txt").write_text("wrong\n")
    assert run(str(house.folder))[1:] == (3, 1)
    run(str(house.folder), bless=True)
    # The rule names no practice of the guide, so that profile leaves it out.
    assert "marked-word" not in (project / "expected.guide.txt").read_text()
    assert run(str(house.folder))[1:] == (3, 0)


def test_what_is_shown_of_a_project_folder(house: House) -> None:
    house.page.write_text(HEAD + GOOD)
    project = house.folder / "project"
    project.mkdir()
    (project / "Dockerfile").write_text('FROM python:3.13-slim\nCMD ["uvicorn", "main:app"]\n')
    run(str(house.folder), bless=True)
    assert run(str(house.folder))[1:] == (2, 0)  # nothing is compared where nothing is expected
    (project / "shown.txt").write_text("wrong\n")
    assert run(str(house.folder))[1:] == (3, 1)
    run(str(house.folder), bless=True)
    assert "uvicorn main:app" in (project / "shown.txt").read_text()
    assert run(str(house.folder))[1:] == (3, 0)


# ---------------------------------------------------------------- bless


def without_console(page: str) -> str:
    """The page without its console blocks, and without the blank line that stands before each."""
    return re.sub(r"(?:\r?\n)?^(`{3,})console *\r?\n(?:.*\n)*?^\1 *\r?$\n?", "", page, flags=re.MULTILINE)


def test_bless_puts_in_replaces_and_takes_away(house: House) -> None:
    missing = BAD.replace(f"\n```console\n{LINE}```\n", "")
    wrong = BAD.replace("says", "SAYS")
    for body in (missing, wrong, BAD.replace(LINE, "")):
        house.write(body + GOOD)
        outcome = run(str(house.folder), bless=True)
        assert (outcome.ran, outcome.failed) == (2, 0)
        assert outcome.text.endswith("2 examples, 1 blessed\n")
        assert house.page.read_text() == HEAD + BAD + GOOD
    house.write(BAD.replace("RUN MARK", "RUN x") + GOOD)
    run(str(house.folder), bless=True)
    assert house.page.read_text() == HEAD + missing.replace("RUN MARK", "RUN x") + GOOD


def test_bless_writes_a_fence_that_holds_what_is_printed(house: House) -> None:
    house.write(
        '\n## Bad\n\n```toml title="dlf.toml"\n[marked-word]\nword = "```"\n```\n'
        "\n````dockerfile\nFROM a\nRUN echo ```\n````\n"
    )
    assert run(str(house.folder), bless=True).failed == 0
    assert "\n``````console\nDockerfile:2:1: error[marked-word]: says `````\n``````\n" in house.page.read_text()
    assert run(str(house.folder)).failed == 0


def test_a_page_with_windows_line_ends_stays_one(house: House) -> None:
    body = BAD.replace("says", "SAYS") + GOOD.replace("FROM a", "FROM a\nRUN MARK") + BAD.replace("RUN MARK", "RUN x")
    house.page.write_bytes((HEAD + body).replace("\n", "\r\n").encode())
    assert run(str(house.folder), bless=True).failed == 0
    data = house.page.read_bytes()
    assert data.count(b"\n") == data.count(b"\r\n")
    assert run(str(house.folder)).failed == 0
    good = BAD + "\n## Good\n\n```dockerfile\nFROM a\nRUN MARK\n```\n" + f"\n```console\n{LINE}```\n"
    assert data.replace(b"\r\n", b"\n").decode().startswith(HEAD + good)


def test_bless_leaves_a_page_that_needs_nothing_alone(house: House) -> None:
    data = (HEAD + BAD + GOOD).encode() + b"\n\n trailing  \r\n\x0c\xe2\x80\xa8end"
    house.page.write_bytes(data)
    run(str(house.folder), bless=True)
    assert house.page.read_bytes() == data


prose = st.lists(
    st.sampled_from(
        (
            "Words.",
            "",
            "",
            "  indented",
            "- a list",
            "> ``` quoted",
            "### Smaller",
            "é \u2028 \x85",
            "`code`",
            "# x",
            "trailing  ",
        )
    ),
    max_size=4,
).map("\n".join)
content = st.sampled_from(
    ("FROM a", "FROM a\nRUN MARK", "FROM a\nRUN x\nRUN MARK MARK\nRUN MARK", "FROM a\n## Bad", "")
)
console = st.sampled_from(
    (None, "", LINE, "wrong\n", "Dockerfile:2:1: error[marked-word]: says `MARK`\nand more\n", "```\n", "## Bad\n")
)


@st.composite
def sections(draw: st.DrawFn) -> str:
    rows = [
        "",
        f"## {draw(st.sampled_from(('Bad', 'Good', 'Bad: one', 'When not to', 'Good: x')))}",
        "",
        draw(prose),
        "",
    ]
    blocks = [f"```dockerfile\n{draw(content)}\n```"]
    if (shown := draw(console)) is not None:
        mark = "````" if "```" in shown else "```"
        blocks.append(f"{mark}console\n{shown}{mark}")
    if draw(st.booleans()):
        blocks.append("```text\nx\n```")
    if draw(st.integers(0, 3)) == 0:
        blocks.reverse()
    for block in blocks:
        rows += [block, "", draw(prose), ""]
    return "\n".join(rows)


@given(body=st.lists(sections(), min_size=1, max_size=4).map("".join), ending=st.sampled_from(("\n", "\r\n")))
@settings(deadline=None, max_examples=120)
def test_bless_touches_console_blocks_only(tmp_path_factory: pytest.TempPathFactory, body: str, ending: str) -> None:
    house = House(tmp_path_factory.getbasetemp() / "blessed")
    before = (HEAD + body).replace("\n", ending)
    house.page.write_bytes(before.encode())
    assert run(str(house.folder), bless=True).failed == 0
    after = house.page.read_bytes().decode()
    assert run(str(house.folder)).failed == 0
    run(str(house.folder), bless=True)
    assert house.page.read_bytes().decode() == after
    assert squeezed(without_console(after)) == squeezed(without_console(before))
    # In sections that are no example nothing changes at all, blocks of any kind included.
    others = [section for section in before.split(f"{ending}## ") if section.startswith("When not to")]
    assert all(section in after for section in others)


def squeezed(page: str) -> str:
    """The page with runs of blank lines as one: a block that comes or goes brings its own or leaves it."""
    return re.sub(r"(?:\r?\n){2,}", "\n\n", page)
