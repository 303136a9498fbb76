"""A plain command line is read without click; both ways give the same."""

import click
import pytest

from dockerlint_fastapi.cli.check import check
from dockerlint_fastapi.cli.declared import Choice, Command, argument, command, option

Given = dict[str, object]

PLAIN = [
    "", "Dockerfile", "a b c", "-", ". -q", "-q", "--quiet a -q", "--select a", "--select=a,b --select c,,d",
    "--select=",
    "--profile guide", "--profile=pedantic a --profile guide", "--fail-on error", "--output-format json",
    "--exit-zero --statistics --isolated", "a --exclude x --exclude=y=z", "--config= a", "--config dlf.toml",
    "--today 2026-11-22", "--rules house --rules other", "--compose-file a.yml --compose-file b.yml", "--preview",
    "--no-preview", "--preview --no-preview a", "--stdin-filename Dockerfile -", "--force-exclude --no-plugins",
    "--output-file=a b", "--ignore all Dockerfile --extend-select b",
]  # fmt: skip
# help, mistakes and what has more than one reading
FOR_CLICK = [
    "--help", "-h", "--quite", "--sel a", "--select", "--select -q", "--config", "--config --isolated", "--profile x",
    "--profile=GUIDE", "--fail-on", "--today yesterday", "--today=", "--quiet=yes", "-qq", "-q=1", "-x", "-qx", "--",
    "-- a", "a -- -q", "---", "-q --", "--output-format yaml", "--no-such", "--exit-zero=true", "--no-preview=1",
    "--=a",
]  # fmt: skip


def words(line: str) -> list[str]:
    return line.split(" ") if line else []


def by_click(declared: Command, arguments: list[str]) -> Given | None:
    """What click makes of a command line; None for an error, or where it does something else, such as help."""
    made = declared.click()
    made.callback = lambda **given: given
    try:
        given = made.main(arguments, prog_name="dlf check", standalone_mode=False)
    except click.ClickException:
        return None
    return given if isinstance(given, dict) else None


@pytest.mark.parametrize("line", PLAIN)
def test_a_plain_line_is_read_as_click_reads_it(line: str) -> None:
    given = check.read(words(line))
    assert given is not None
    assert given == by_click(check, words(line))


@pytest.mark.parametrize("line", FOR_CLICK)
def test_all_else_is_for_click(line: str) -> None:
    assert check.read(words(line)) is None


def test_one_word_after_another_is_read_alike() -> None:
    """Every pair and triple of words: whenever the short way answers, it answers as click does."""
    some = "|-|a|-q|--select|--select=x|--fail-on|error|--preview|--today|2026-01-02|--".split("|")
    lines = [[one, two] for one in some for two in some]
    lines += [[one, two, three] for one in some for two in some for three in some[::2]]
    read = [(line, given) for line in lines if (given := check.read(line)) is not None]
    assert len(read) > 200
    assert [line for line, given in read if given != by_click(check, line)] == []


def test_what_a_declaration_says_that_is_not_known_is_for_click() -> None:
    @command("one")
    @option("--level", type=click.INT)
    def one(level: int) -> int:
        return level

    @command("two")
    @argument("name")
    @option("--kind", type=Choice(("a", "b")), default="a")
    def two(name: str, kind: str) -> str:
        return name + kind

    assert one.read([]) is None
    assert two.read(["x"]) is None
    assert two.click().main(["x", "--kind", "b"], standalone_mode=False) == "xb"
    assert two("x", kind="a") == "xa"
