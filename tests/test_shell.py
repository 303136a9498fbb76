"""The shell parser by table, by property, and under attack."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dockerlint_fastapi.parsers.shell import parse_script, parse_script_source
from dockerlint_fastapi.parsers.shell.grammar import Parser
from dockerlint_fastapi.parsers.shell.state import MAX_DEPTH, MAX_PROBLEMS
from dockerlint_fastapi.source import Source, Span

if TYPE_CHECKING:
    from collections.abc import Iterator

    from dockerlint_fastapi.model.shell import Script, SimpleCommand


def parse(text: str) -> Script:
    source = Source.of(text)
    return parse_script(source.text, source.span)


def only(text: str) -> SimpleCommand:
    script = parse(text)
    assert not script.problems
    assert len(script.commands) == 1
    return script.commands[0]


# -- words ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("word", "value"),
    [
        ("plain", "plain"),
        ("'single $x'", "single $x"),
        ('"double"', "double"),
        (r'"a\"b\\c\$d\`e\f"', 'a"b\\c$d`e\\f'),
        (r"a\ b\;c", "a b;c"),
        ("a'b'\"c\"d", "abcd"),
        ("''", ""),
        (r"$'a\tb\'c\x41\101\u263a'", "a\tb'cAA\u263a"),
        (r"$'\xff'", None),
        (r"$'a\0b'", None),
        ('$"text"', "text"),
        ("$", "$"),
        ("a$", "a$"),
        ('"$"', "$"),
        ("~/x", "~/x"),
        ("*.py", "*.py"),
        ("a{b,c}", "a{b,c}"),
        ("!(a|b)", "!(a|b)"),
        ("a#b", "a#b"),
        ("$x", None),
        ("a${x}b", None),
        ('"$@"', None),
        ("$?", None),
        ("$1", None),
        ("${x:-${y:-'}'}}", None),
        ('"${x:-it\'s}"', None),
        ("\"${x#'}'}\"", None),
        ("${x:-a b}", None),
        ("$((1 + (2)))", None),
        ("$[1+2]", None),
        ("$(a)", None),
        ("`a`", None),
        ("<(a)", None),
        ("a\\\nb", "ab"),
        ('"a\\\nb"', "ab"),
        ("'a\\\nb'", "a\\\nb"),
    ],
)
def test_value_of_a_word(word: str, value: str | None) -> None:
    script = parse(f"cmd {word} end")
    assert not script.problems
    command = script.commands[0]
    assert command.argv == ("cmd", value, "end")
    assert command.words[1].span.text == word


def test_text_of_a_word_has_no_continuations() -> None:
    command = only("pip install 'a\\\nb' c\\\nd \"e\\\n f\"")
    assert [word.text for word in command.words] == ["pip", "install", "'a\\\nb'", "cd", '"e f"']
    assert command.words[3].span.text == "c\\\nd"


def test_crlf_reads_like_lf() -> None:
    text = "#!/bin/sh\nset -e\nif a \\\n  b; then\n  c 'd' # e\nfi\ncat <<EOF > f\nx\nEOF\nexec \"$@\"\n"
    plain, carried = parse(text), parse(text.replace("\n", "\r\n"))
    assert [command.argv for command in plain.commands] == [command.argv for command in carried.commands]
    assert [command[3:6] for command in plain.commands] == [command[3:6] for command in carried.commands]
    assert not carried.problems
    assert carried.comments[0].text == "# e"
    assert carried.shebang == "/bin/sh"


# -- commands ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a && exec b", [("a", "", "&&", ()), ("exec", "&&", "", ())]),
        ("a; b\n", [("a", "", ";", ()), ("b", ";", "", ())]),
        ("a;\n", [("a", "", "", ())]),
        ("a &\nb", [("a", "", "&", ()), ("b", "&", "", ())]),
        ("a | b |& c || d", [("a", "", "|", ()), ("b", "|", "|&", ()), ("c", "|&", "||", ()), ("d", "||", "", ())]),
        ("a && (b; c) && d", [
            ("a", "", "&&", ()),
            ("b", "", ";", ("subshell",)),
            ("c", ";", "", ("subshell",)),
            ("d", "&&", "", ()),
        ]),
        ("{ a; }; b", [("a", "", "", ("group",)), ("b", ";", "", ())]),
        ("if a; then b; elif c; then d; else e; fi", [
            ("a", "", "", ("if",)),
            ("b", "", "", ("if",)),
            ("c", "", "", ("if",)),
            ("d", "", "", ("if",)),
            ("e", "", "", ("if",)),
        ]),
        ("while a; do b & done", [("a", "", "", ("while",)), ("b", "", "&", ("while",))]),
        ("until a; do b; done | c", [("a", "", "", ("until",)), ("b", "", "", ("until",)), ("c", "|", "", ())]),
        ("for x in a b; do c; done", [("c", "", "", ("for",))]),
        ("for x do c; done", [("c", "", "", ("for",))]),
        ("for x\ndo\nc\ndone", [("c", "", "", ("for",))]),
        ("for ((i = 0; i < 3; i++)); do c; done", [("c", "", "", ("for",))]),
        ("for x in a; { c; }", [("c", "", "", ("for",))]),
        ("select x in a; do c; done", [("c", "", "", ("select",))]),
        ("case x in (a|b) c;; d) e; f;; *) esac; g", [
            ("c", "", "", ("case",)),
            ("e", "", ";", ("case",)),
            ("f", ";", "", ("case",)),
            ("g", ";", "", ()),
        ]),
        ("f() { a; }; b", [("a", "", "", ("function", "group")), ("b", ";", "", ())]),
        ("f()\n(\na\n)", [("a", "", "", ("function", "subshell"))]),
        ("function f { a; }", [("a", "", "", ("function", "group"))]),
        ("f() { a; } && b", [("a", "", "", ("function", "group")), ("b", "&&", "", ())]),
        ("! a | b && c", [("a", "", "|", ("negated",)), ("b", "|", "&&", ("negated",)), ("c", "&&", "", ())]),
        ("! { a; }; b", [("a", "", "", ("negated", "group")), ("b", ";", "", ())]),
        ("time -p a", [("a", "", "", ())]),
        ("time -v a", [("time", "", "", ())]),
        ("[[ a && b ]] && c", [("c", "&&", "", ())]),
        ("[[ a =~ ^(x|y)$ ]]; c", [("c", ";", "", ())]),
        ("((a && b)); c", [("c", ";", "", ())]),
        ("((a); b)", [("a", "", "", ("subshell", "subshell")), ("b", ";", "", ("subshell",))]),
        ("echo $(a; b) `c`", [
            ("echo", "", "", ()),
            ("a", "", ";", ("substitution",)),
            ("b", ";", "", ("substitution",)),
            ("c", "", "", ("substitution",)),
        ]),
        ("echo $((a); b)", [
            ("echo", "", "", ()),
            ("a", "", "", ("substitution", "subshell")),
            ("b", ";", "", ("substitution",)),
        ]),
        ('echo "$(a "$(b)")" $((1 + $(c)))', [
            ("echo", "", "", ()),
            ("a", "", "", ("substitution",)),
            ("b", "", "", ("substitution", "substitution")),
            ("c", "", "", ("substitution",)),
        ]),
        ("echo `a \\`b\\``", [
            ("echo", "", "", ()),
            ("a", "", "", ("substitution",)),
            ("b", "", "", ("substitution", "substitution")),
        ]),
        ("a <(b) > >(c)", [("a", "", "", ()), ("b", "", "", ("substitution",)), ("c", "", "", ("substitution",))]),
        ("if a; then b; fi &", [("a", "", "", ("if",)), ("b", "", "", ("if",))]),
        ("coproc a b", [("a", "", "", ())]),
        ("coproc N { a; }", [("a", "", "", ("group",))]),
    ],
)  # fmt: skip
def test_order_neighbours_and_nesting(text: str, expected: list[tuple[str, str, str, tuple[str, ...]]]) -> None:
    script = parse(text)
    assert not script.problems
    assert [(item.name, item.before, item.after, item.nesting) for item in script.commands] == expected


def test_assignments_stand_before_the_command_only() -> None:
    command = only("A=1 B='x y' C=$z D+=e x[2]=f cmd G=h")
    assert [(item.name, item.word.value, item.append) for item in command.assignments] == [
        ("A", "1", False),
        ("B", "x y", False),
        ("C", None, False),
        ("D", "e", True),
        ("x", "f", False),
    ]
    assert command.argv == ("cmd", "G=h")
    assert command.assignments[1].span.text == "B='x y'"
    assert command.assignments[1].word.text == "'x y'"


def test_export_is_a_command() -> None:
    command = only('export A=b C="$d"')
    assert command.argv == ("export", "A=b", None)
    assert not command.assignments


def test_an_assignment_alone_is_a_command_without_words() -> None:
    command = only("A=")
    assert (command.name, command.words) == (None, ())
    assert (command.assignments[0].word.text, command.assignments[0].word.value) == ("", "")


@pytest.mark.parametrize(
    ("text", "fd", "operator", "target"),
    [
        ("a >f", "", ">", "f"),
        ("a 2>&1", "2", ">&", "1"),
        ("a >& f", "", ">&", "f"),
        ("a >&-", "", ">&", "-"),
        ("a &>f", "", "&>", "f"),
        ("a &>> f", "", "&>>", "f"),
        ("a 10<f", "10", "<", "f"),
        ("a <>f", "", "<>", "f"),
        ("a >|f", "", ">|", "f"),
        ("a <&3", "", "<&", "3"),
        ("a <<< 'b c'", "", "<<<", "b c"),
        ("a {fd}>f", "{fd}", ">", "f"),
        ("a > $x", "", ">", None),
        ("a <<'E F'\nE F\n", "", "<<", "E F"),
        ("a 3<<-E\nE\n", "3", "<<-", "E"),
    ],
)
def test_redirections(text: str, fd: str, operator: str, target: str | None) -> None:
    command = only(text)
    assert command.argv == ("a",)
    redirect = command.redirects[0]
    assert redirect.target is not None
    assert (redirect.fd, redirect.operator, redirect.target.value) == (fd, operator, target)


def test_words_go_on_behind_a_redirection() -> None:
    command = only("echo >&2 'no' 2>/dev/null way")
    assert command.argv == ("echo", "no", "way")
    assert command.span.text == "echo >&2 'no' 2>/dev/null way"
    assert only("3 >x").argv == ("3",)


def test_a_here_documents_body_is_data_but_its_substitutions_run() -> None:
    script = parse("cat <<A <<'B' && x\nrm -rf $(one) \\$(no) `two`\nA\n$(three)\nB\nend\n")
    assert [item.argv for item in script.commands] == [("cat",), ("x",), ("one",), ("two",), ("end",)]
    assert script.commands[2].nesting == ("substitution",)
    bodies = [redirect.body for redirect in script.commands[0].redirects]
    assert [body.text for body in bodies if body] == ["rm -rf $(one) \\$(no) `two`\n", "$(three)\n"]


def test_a_here_document_inside_a_substitution() -> None:
    script = parse("x=$(cat <<E\n) $(a)\nE\n) b\nc")
    assert not script.problems
    assert [item.argv for item in script.commands] == [("b",), ("cat",), ("a",), ("c",)]


def test_a_here_document_without_any_line_behind_it_is_no_problem() -> None:
    # Docker hands the bodies of `RUN cat <<EOF` over separately; a shell only warns at the end of its input
    assert not parse("cat <<EOF > x").problems
    assert [problem.message for problem in parse("cat <<EOF\nx\n").problems] == [
        "the here-document is not ended by a line `EOF`",
    ]


def test_comments() -> None:
    script = parse("a # one\n#two\nb#no '#no' \"#no\" \\#no ;# three")
    assert [span.text for span in script.comments] == ["# one", "#two", "# three"]
    assert [item.argv for item in script.commands] == [("a",), ("b#no", "#no", "#no", "#no")]


# -- malformed --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "names", "where"),
    [
        ("a && && b", ["a", "b"], "&&"),
        ("a ) b", ["a", "b"], ")"),
        ("echo 'x\nb", ["echo"], "'"),
        ("(a; b", ["a", "b"], "("),
        ("if a; then b", ["a", "b"], "if"),
        ("if a; then for x in y; do b; fi; c", ["a", "b", "c"], "for"),
        ("x=$(if a; then b) c; d", ["c", "a", "b", "d"], "if"),
        ("fi; a", ["a"], "fi"),
        ("a; } b", ["a", "b"], "}"),
        ("{ a; } b", ["a", "b"], "b"),
        ("a >", ["a"], ">"),
        ("a >; b", ["a", "b"], ">"),
        ("[[ a; b", ["b"], "[["),
        ("case x in a) b", ["b"], "case"),
        ("echo ${x", ["echo"], "$"),
        ("echo `a", ["echo", "a"], "`"),
        ("a ;; b", ["a", "b"], ";;"),
        ("for x in y; b; done", ["b"], "b"),
        ("a (b)", ["a", "b"], "("),
    ],
)
def test_commands_round_a_fault_are_seen(text: str, names: list[str], where: str) -> None:
    script = parse(text)
    assert [name for name in (item.name for item in script.commands) if name][: len(names)] == names
    assert script.problems[0].span.text == where
    assert script.problems[0].message


# -- whole scripts ----------------------------------------------------------------------------------------------------


def test_shebang_and_interpreter() -> None:
    for line, interpreter in [
        ("#!/bin/sh", "sh"),
        ("#! /usr/bin/env bash", "bash"),
        ("#!/usr/bin/env -S FOO=1 dash -e", "dash"),
        ("#!/bin/busybox sh", "busybox"),
    ]:
        script = parse(line + "\nexec a\n")
        assert script.shebang == line[2:].strip()
        assert script.interpreter == interpreter
        assert [item.name for item in script.commands] == ["exec"]
        assert not script.comments


def test_a_script_for_another_interpreter_has_no_commands() -> None:
    script = parse("#!/usr/bin/env python3\nimport os\nprint('(')\n")
    assert (script.commands, script.problems, script.interpreter) == ((), (), "python3")


def test_a_script_file() -> None:
    source = Source("entrypoint.sh", b'\xef\xbb\xbf#!/bin/sh\r\nset -e\r\nexec "$@"\r\n')
    script = parse_script_source(source)
    assert script.interpreter == "sh"
    last = script.last
    assert last is not None
    assert (last.name, last.arguments[0].text, last.span.line) == ("exec", '"$@"', 3)


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("a && exec b", "exec"),
        ("a\nb\n\n# end\n", "b"),
        ("a | b", "b"),
        ("a &", None),
        ("a; if b; then c; fi", None),
        ("if b; then c; fi; a", "a"),
        ("a; (b)", None),
        ("", None),
        ("a; echo $(b)", "echo"),
    ],
)
def test_last(text: str, name: str | None) -> None:
    last = parse(text).last
    assert (last.name if last else None) == name


def test_simple_finds_programs_by_bare_name() -> None:
    script = parse("pip install a; /venv/bin/pip install b; $x install c; pip3 d")
    assert [item.words[2].text for item in script.simple("pip")] == ["a", "b"]


@pytest.mark.parametrize(
    ("text", "names", "expected"),
    [
        ("apt-get install -y x", ("-y",), True),
        ("apt-get install -yqq x", ("-y",), True),
        ("apt-get install -qqy x", ("--yes", "-y"), True),
        ("apt-get --yes install", ("-y", "--yes"), True),
        ("apt-get -o=y install", ("-y",), False),
        ("curl --max-time=3 x", ("--max-time",), True),
        ("curl --max-timeout 3", ("--max-time",), False),
        ("cmd -- -y", ("-y",), False),
        ("cmd $x", ("-y",), None),
        ("cmd -- $x", ("-y",), False),
        ("cmd $x -y", ("-y",), True),
        ("cmd", ("-y",), False),
    ],
)
def test_has_flag(text: str, names: tuple[str, ...], expected: bool | None) -> None:  # noqa: FBT001
    assert only(text).has_flag(*names) is expected


def test_operands() -> None:
    command = only("apt-get -o Dpkg::Use-Pty=0 install -y curl=7.* $x -t stable -- -git -")
    assert [word.text for word in command.operands("-o", "-t")] == ["install", "curl=7.*", "$x", "-git", "-"]


# -- properties -------------------------------------------------------------------------------------------------------

TOKENS = st.sampled_from(
    [
        *[
            "a",
            "b ",
            " ",
            "\n",
            "\t",
            ";",
            ";;",
            "&",
            "&&",
            "|",
            "||",
            "(",
            ")",
            "((",
            "))",
            "{ ",
            "}",
            "[[ ",
            " ]]",
            "<",
            ">",
        ],
        *[
            "<<",
            "<<-",
            "<<E",
            "\nE\n",
            "'",
            '"',
            "`",
            "\\",
            "\\\n",
            "\\`",
            "$",
            "$(",
            "$((",
            "${",
            "$'",
            '$"',
            "<(",
            "#",
            " #",
        ],
        *[
            "if ",
            "then ",
            "else ",
            "elif ",
            "fi",
            "for x in ",
            "do ",
            "done",
            "while ",
            "case x in ",
            "esac",
            "x=",
            "x=(",
        ],
        *[
            "function f ",
            "f() ",
            "!",
            "! ",
            "time ",
            "=~",
            "2>&1",
            "\r",
            "\r\n",
            "é",
            "\x00",
            "\udc80",
            "@(",
            "$[",
            "]",
            "EOF",
        ],
    ],
)
SOUP = st.lists(TOKENS, max_size=60).map("".join)


def spans(script: Script) -> Iterator[Span]:
    for command in script.commands:
        yield command.span
        yield from (word.span for word in command.words)
        yield from (item.span for item in command.assignments)
        yield from (item.word.span for item in command.assignments)
        for redirect in command.redirects:
            yield redirect.span
            yield from (part for part in (redirect.body, redirect.target and redirect.target.span) if part)
    yield from (problem.span for problem in script.problems)
    yield from script.comments


@settings(deadline=None, max_examples=1500)
@given(st.one_of(SOUP, st.text(max_size=80)))
def test_any_text(text: str) -> None:
    source = Source("x", text.encode("utf-8", "surrogatepass"))
    script = parse_script(source.text, source.span)
    assert script.span == (source, 0, len(source.text))
    for span in spans(script):
        assert 0 <= span.start <= span.end <= len(source.text)
    starts = [command.span.start for command in script.commands]
    assert starts == sorted(starts)
    for command in script.commands:
        parts = [*command.assignments, *command.words]
        for left, right in pairwise(parts):
            assert left.span.end <= right.span.start
        for word in command.words:
            written = word.span.text
            assert written
            # backticks drop backslashes of their own, so what stands inside them is not compared
            if "\\" not in source.text:
                assert written == word.text
            if not any(char in written for char in "\\'\"$`<>(){}"):
                assert word.value == written
        for part in [*parts, *command.redirects]:
            assert command.span.start <= part.span.start
            assert part.span.end <= command.span.end
        assert command.before in ("", "&&", "||", "|", "|&", ";", "&")
        assert command.after in ("", "&&", "||", "|", "|&", ";", "&")


@settings(deadline=None, max_examples=300)
@given(SOUP, st.integers(0, 20))
def test_locate_decides_the_places(text: str, shift: int) -> None:
    """The joined text of an instruction begins somewhere in its file."""
    source = Source.of(" " * shift + text.replace("\r", "").replace("\udc80", ""))
    moved = parse_script(source.text[shift:], lambda start, end: source.span(start + shift, end + shift))
    plain = parse(source.text[shift:])
    assert [command.argv for command in moved.commands] == [command.argv for command in plain.commands]
    assert [span.start - shift for span in spans(moved)] == [span.start for span in spans(plain)]


# -- attacks ----------------------------------------------------------------------------------------------------------

ATTACKS = [
    *[
        "(",
        "((",
        "$(",
        "$((",
        "$((a) ",
        "((a) ",
        "a(",
        "${",
        '"${x:-',
        "$[",
        "`",
        "`a",
        '"`',
        "`\\`",
        '"',
        "'",
        "$'",
        '"$(',
    ],
    *[
        "<(",
        "@(",
        "a=(",
        "a=()",
        "{ ",
        "if ",
        "if a;then ",
        "while (",
        "for x in ",
        "for ((",
        "case x in ",
        "case x in a) ",
    ],
    *[
        "[[ ",
        "f() ",
        "f(){ ",
        "function f ",
        "coproc a ",
        "time ",
        "! ",
        "<<a ",
        "<<a\n",
        "<<'",
        "cat <<A\n$(",
        "`<<a\n",
        "1>",
    ],
    *[
        "a;",
        "(a;)",
        "&&",
        ";; ",
        ") ",
        "}\n",
        "fi ",
        "done;",
        "#\n",
        "\\",
        "a\\\n",
        "\r",
        "x[",
        "a[a]=",
        "1",
        "{a}>",
        "$(a ",
    ],
]


@pytest.mark.parametrize("unit", ATTACKS)
def test_steps_grow_with_the_text(unit: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Every step reads at least a character or ends a construct; twice the text may be read a second time."""
    steps = 0
    step, read_word, abandon = Parser.step, Parser.read_word, Parser._abandon

    def counted_step(self: Parser, frame: object) -> bool:
        nonlocal steps
        steps += 1
        return step(self, frame)  # type: ignore[arg-type]

    def counted_word(self: Parser, frame: object, word: object) -> object:
        nonlocal steps
        steps += 1
        return read_word(self, frame, word)  # type: ignore[arg-type]

    def counted_abandon(self: Parser, frame: object, token: str) -> None:
        nonlocal steps
        steps += 1
        abandon(self, frame, token)  # type: ignore[arg-type]

    monkeypatch.setattr(Parser, "step", counted_step)
    monkeypatch.setattr(Parser, "read_word", counted_word)
    monkeypatch.setattr(Parser, "_abandon", counted_abandon)
    text = unit * (20_000 // len(unit))
    script = parse(text)
    assert steps <= 8 * len(text) + 1000
    assert len(script.problems) <= MAX_PROBLEMS
    longest = max((len(command.nesting) for command in script.commands), default=0)
    assert longest <= 2 * MAX_DEPTH + 2


@pytest.mark.parametrize(
    ("opening", "closing"), [("( ", ")"), ("$(", ")"), ("{ ", "; }"), ("if a; then ", "; fi"), ("a $(", ")")]
)
def test_a_hundred_thousand_levels(opening: str, closing: str) -> None:
    levels = 100_000
    script = parse(opening * levels + " x" + closing * levels + "; after")
    assert script.last is not None
    assert script.last.name == "after"
    assert f"more than {MAX_DEPTH} levels" in script.problems[0].message


def test_commands_are_seen_to_the_stated_depth() -> None:
    levels = MAX_DEPTH - 1
    script = parse("( " * levels + "x" + " )" * levels)
    assert not script.problems
    assert script.commands[0].nesting == ("subshell",) * levels


def test_a_long_line_of_commands() -> None:
    script = parse("a b; " * 20_000)
    assert len(script.commands) == 20_000
    assert script.commands[-1].span.start == 5 * 19_999
