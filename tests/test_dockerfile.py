"""What the Dockerfile parser makes of text: lines, heredocs, directives, words, problems, templates."""

from __future__ import annotations

import sys

import pytest

from dockerlint_fastapi.model.dockerfile import (
    Add,
    Arg,
    Cmd,
    Copy,
    Dockerfile,
    Entrypoint,
    Env,
    Expose,
    From,
    Healthcheck,
    Instruction,
    Label,
    Onbuild,
    Run,
    Shell,
    User,
    Volume,
    Workdir,
)
from dockerlint_fastapi.parsers.dockerfile import parse_dockerfile
from dockerlint_fastapi.parsers.dockerfile.scan import scan
from dockerlint_fastapi.source import Source


def parse(text: str) -> Dockerfile:
    return parse_dockerfile(Source.of(text))


def stage(text: str) -> tuple[Instruction, ...]:
    """The instructions behind one FROM, without problems."""
    dockerfile = parse("FROM alpine\n" + text)
    assert dockerfile.problems == ()
    return dockerfile.stages[0].instructions


def lines(text: str) -> list[tuple[str, int, int]]:
    """Keyword, first and last line (heredocs included) of everything that looks like an instruction."""
    return [(line.keyword, line.first_row + 1, line.end_row + 1) for line in scan(Source.of(text)).lines]


def messages(text: str) -> list[str]:
    return [problem.message for problem in parse(text).problems]


# -- lines: the table of what dockerfile-parse alone gets wrong -------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("FROM a\nRUN <<EOF\napt-get update\nFROM evil\nEOF\nUSER x", [("FROM", 1, 1), ("RUN", 2, 5), ("USER", 6, 6)]),
        ("FROM a\nCOPY <<A <<B /d\nB x\nA\nc d\nB\n", [("FROM", 1, 1), ("COPY", 2, 6)]),
        ("RUN <<EOF\nfoo \\\nEOF\nUSER x", [("RUN", 1, 3), ("USER", 4, 4)]),
        ("RUN <<-EOF\n\ta\n\tEOF\nUSER x", [("RUN", 1, 3), ("USER", 4, 4)]),
        ("RUN <<'EOF'\na\nEOF\nUSER x", [("RUN", 1, 3), ("USER", 4, 4)]),
        ("RUN 3<<EOF\na\nEOF\nUSER x", [("RUN", 1, 3), ("USER", 4, 4)]),
        ("RUN << EOF\na\nEOF\nUSER x", [("RUN", 1, 3), ("USER", 4, 4)]),
        ("RUN <<  EOF\na\nEOF\nUSER x", [("RUN", 1, 3), ("USER", 4, 4)]),
        ("ONBUILD RUN <<EOF\na\nEOF\nUSER x", [("ONBUILD", 1, 3), ("USER", 4, 4)]),
        ("RUN <<EOF\r\na\r\nEOF\r\nUSER x\r\n", [("RUN", 1, 3), ("USER", 4, 4)]),
        ("RUN --mount=type=cache,target=/x \\\n <<EOF cat\na\nEOF\nUSER x", [("RUN", 1, 4), ("USER", 5, 5)]),
        # no heredocs
        (
            "ENV X=<<EOF\nUSER <<X\nRUN $((1<<3))\nRUN cat <<<x\n",
            [("ENV", 1, 1), ("USER", 2, 2), ("RUN", 3, 3), ("RUN", 4, 4)],
        ),
        ('RUN ["<<EOF"]\nRUN "<<EOF"\nRUN a<<EOF\nRUN <<EOF \'\n', [("RUN", n, n) for n in (1, 2, 3, 4)]),
        # continuations
        ("RUN a \\\n\n b\nUSER x", [("RUN", 1, 3), ("USER", 4, 4)]),
        ("ENV X=c:\\\\\nUSER x", [("ENV", 1, 1), ("USER", 2, 2)]),
        ("FROM a\nRUN foo \\", [("FROM", 1, 1), ("RUN", 2, 2)]),
        ("FROM a\nRUN", [("FROM", 1, 1), ("RUN", 2, 2)]),
        ("RUN\\\n echo\n", [("RUN", 1, 2)]),
        ("\\\nUSER x\n", [("USER", 1, 2)]),
        ("RUN a \\\u00a0\nUSER x", [("RUN", 1, 1), ("USER", 2, 2)]),
        ("RUN a \\ \t\n b\nUSER x", [("RUN", 1, 2), ("USER", 3, 3)]),
        ("RUN a \\\n# c \\\n # d\n b\nUSER x", [("RUN", 1, 4), ("USER", 5, 5)]),
        ("RU\\\nN a\nUSER x", [("RUN", 1, 2), ("USER", 3, 3)]),
        ("RUN\u00a0x\n", [("RUN\u00a0x", 1, 1)]),
        ("COMMENT foo bar\n", [("COMMENT", 1, 1)]),
        ("u\u017fer x\n", [("u\u017fer", 1, 1)]),
        # directives
        ("# escape=`\nRUN a `\n b\nRUN c:\\\n", [("RUN", 2, 3), ("RUN", 4, 4)]),
        ("# syntax=docker/dockerfile:1\n# Escape = `\nRUN a `\n b\n", [("RUN", 3, 4)]),
        ("# check=skip=all\n# escape=`\nRUN a `\n b\n", [("RUN", 3, 4)]),
        ("# a comment\n# escape=`\nRUN a `\nUSER b\n", [("RUN", 3, 3), ("USER", 4, 4)]),
        ("\n# escape=`\nRUN a `\nUSER b\n", [("RUN", 3, 3), ("USER", 4, 4)]),
        ("\ufeff# escape=`\nRUN a `\n b\n", [("RUN", 2, 3)]),
        ("\ufeffFROM a\n", [("FROM", 1, 1)]),
        ("FROM a\fRUN b\n", [("FROM", 1, 1)]),
        ("", []),
        ("# only\n\n", []),
    ],
)
def test_lines_as_buildkit_joins_them(text: str, expected: list[tuple[str, int, int]]) -> None:
    assert lines(text) == expected


def test_undecodable_bytes_are_kept() -> None:
    source = Source("Dockerfile", b"FROM a\n# caf\xe9\nENV A=caf\xe9 B=2\n")
    (env,) = parse_dockerfile(source).stages[0].instructions
    assert isinstance(env, Env)
    assert [(pair.name, pair.value, pair.span.text) for pair in env.pairs] == [
        ("A", "caf\udce9", "A=caf\udce9"),
        ("B", "2", "B=2"),
    ]


def test_masked_text_never_changes_what_dockerfile_parse_says() -> None:
    text = "FROM a\nRUN b \\\n# c\n d\nRUN <<EOF\nFROM x\nEOF\nENV a=\\\\\n"
    scanned = scan(Source.of(text))
    assert scanned.masked == ["FROM a", "RUN b  d \\", "#", "\ue000", "RUN <<EOF", "", "", "ENV a=\\\\ \ue000"]


KNOWN = (
    "FROM a AS b\nrun c \\\n  d\n# e\nCopy <<F /x\nFROM y\nF\n"
    'ENV A=b \\\n\n C=d\nonbuild RUN e\n  CMD ["f"]\nlabel g=\\\\\n'
)


@pytest.mark.parametrize("text", [KNOWN, KNOWN.replace("\n", "\r\n"), "# escape=`\n" + KNOWN.replace("\\\n", "`\n")])
def test_known_keywords_are_taken_without_dockerfile_parse_as_it_would_give_them(
    text: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    quick = [line.keyword for line in scan(Source.of(text)).lines]
    assert "FROM" in quick
    assert "COPY" in quick
    monkeypatch.setattr(sys.modules[scan.__module__], "KEYWORDS", frozenset())
    assert [line.keyword for line in scan(Source.of(text)).lines] == quick


# -- spans ------------------------------------------------------------------------------------------------------------


def test_spans_go_through_continuations_and_comments() -> None:
    dockerfile = parse("FROM a\r\nENV A=1 \\\r\n# note\r\n\tB=two\\\r\nparts C=3\r\n")
    (env,) = dockerfile.stages[0].instructions
    assert isinstance(env, Env)
    first, second, third = env.pairs
    assert (second.span.line, second.span.column, second.span.end_line, second.span.end_column) == (4, 2, 5, 6)
    assert second.span.text == "B=two\\\r\nparts"
    assert second.value == "twoparts"
    assert (first.span.text, third.span.text) == ("A=1", "C=3")
    assert (env.span.line, env.span.end_line) == (2, 5)
    assert env.locate(0, 1).text == "A"


def test_spans_of_flags_and_exec_strings() -> None:
    run, cmd = stage('RUN --mount=type=cache,\\\ntarget=/x   pip install\nCMD ["a", "b\\n"]\n')
    assert isinstance(run, Run)
    assert isinstance(cmd, Cmd)
    assert run.flags[0].span.text == "--mount=type=cache,\\\ntarget=/x"
    assert run.mounts[0].target == "/x"
    assert run.command.text == "pip install"
    assert run.command.span.text == "pip install"
    assert run.arguments_span == run.command.span
    assert [(word.text, word.value, word.span.text) for word in cmd.command.words] == [
        ('"a"', "a", '"a"'),
        ('"b\\n"', "b\n", '"b\\n"'),
    ]


def test_keyword_only_instruction_has_an_empty_argument_place() -> None:
    (run,) = stage("RUN\n")
    assert run.text == ""
    assert run.span.text == "RUN"
    assert (run.arguments_span.start, run.arguments_span.end) == (15, 15)


# -- heredocs ---------------------------------------------------------------------------------------------------------


def test_heredocs_of_a_copy() -> None:
    (copy,) = stage("COPY --chmod=644 <<A 3<<-'B' /d\n$x\nA\n\tone\n\t\ttwo\n\tB\n")
    assert isinstance(copy, Copy)
    one, two = copy.heredocs
    assert (one.name, one.body, one.expand, one.chomp, one.fd, one.span.text) == ("A", "$x\n", True, False, 0, "<<A")
    assert (two.name, two.body, two.expand, two.chomp, two.fd, two.span.text) == (
        "B",
        "one\ntwo\n",
        False,
        True,
        3,
        "3<<-'B'",
    )
    assert two.body_span.text == "\tone\n\t\ttwo\n"
    assert copy.full_span.text.endswith("\tB")
    assert copy.span.text == "COPY --chmod=644 <<A 3<<-'B' /d"
    assert copy.destination.text == "/d"


def test_script_of_a_heredoc_is_its_body() -> None:
    (run,) = stage("RUN <<-EOF\n\tapt-get update\n\n\t\tcurl x\n\tEOF\n")
    assert isinstance(run, Run)
    assert run.command.text == "apt-get update\n\ncurl x\n"
    script = run.command.script
    assert script is not None
    assert [command.name for command in script.commands] == ["apt-get", "curl"]
    assert [(command.span.line, command.span.column, command.span.text) for command in script.commands] == [
        (3, 2, "apt-get update"),
        (5, 3, "curl x"),
    ]


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("RUN <<EOF\n#!/bin/bash -e\na\nEOF\n", ["a"]),
        ("RUN <<EOF\n#!/usr/bin/env -S bash -e\na\nEOF\n", ["a"]),
        ("RUN <<EOF\n#!/usr/bin/env python3\na\nEOF\n", None),
        ("RUN python3 <<EOF\nprint()\nEOF\n", ["python3"]),
        ("RUN <<EOF bash\na\nEOF\n", ["bash"]),
        ("RUN a && b\n", ["a", "b"]),
        ('RUN ["a"]\n', None),
        ('SHELL ["/bin/bash", "-o", "pipefail", "-c"]\nRUN a\n', ["a"]),
        ('SHELL ["powershell", "-Command"]\nRUN a\n', None),
        ('SHELL ["cmd", "/S", "/C"]\nRUN a\n', None),
        ('SHELL ["/busybox/busybox", "sh", "-c"]\nRUN a\n', ["a"]),
        ('SHELL ["python", "-c"]\nRUN a\n', None),
    ],
)
def test_which_commands_are_shell_scripts(text: str, names: list[str] | None) -> None:
    run = stage(text)[-1]
    assert isinstance(run, Run)
    script = run.command.script
    assert (None if script is None else [command.name for command in script.commands]) == names


@pytest.mark.parametrize(
    ("text", "posix"),
    [
        ("FROM mcr.microsoft.com/windows/servercore:ltsc2022\nRUN a\n", False),
        ("FROM --platform=windows/amd64 x\nRUN a\n", False),
        ("# escape=`\nFROM alpine\nRUN a\n", True),
        ("# escape=`\nARG B\nFROM $B\nRUN a\n", False),
        ("ARG B\nFROM $B\nRUN a\n", True),
        ('FROM a AS b\nSHELL ["pwsh", "-c"]\nFROM b\nRUN a\n', False),
    ],
)
def test_shell_in_force(text: str, posix: bool) -> None:  # noqa: FBT001 - a parameter of the table
    run = parse(text).stages[-1].instructions[-1]
    assert isinstance(run, Run)
    assert (run.command.script is not None) is posix


# -- instructions -----------------------------------------------------------------------------------------------------


def test_from_and_stages() -> None:
    dockerfile = parse(
        "ARG V=3\nFROM --platform=$BUILDPLATFORM python:${V} AS Build\nFROM build\nFROM scratch AS build\nFROM BUILD\n"
    )
    first, second, third, fourth = dockerfile.stages
    assert first.from_.image.value == "python:3"
    assert first.name == "build"
    assert first.from_.platform is not None
    assert first.from_.platform.value is None
    assert first.from_.platform.raw == "$BUILDPLATFORM"
    assert second.base is first
    assert fourth.base is third  # the later of two stages with one name
    assert dockerfile.stage("Build") is third
    assert dockerfile.stage("1") is second
    assert dockerfile.stage("9") is None
    assert [arg.text for arg in dockerfile.global_args] == ["V=3"]
    assert fourth.lineage == (third, fourth)


def test_transfers() -> None:
    copy, add, odd, array = stage(
        "COPY --from=base --chown=a:b x y /d/\nADD --keep-git-dir https://x.git /s\n"
        'COPY a b --chown=c\nCOPY ["a b", "c d", "/e"]\n'
    )
    assert isinstance(copy, Copy)
    assert isinstance(add, Add)
    assert isinstance(odd, Copy)
    assert isinstance(array, Copy)
    assert copy.from_ is not None
    assert copy.from_.value == "base"
    assert [word.value for word in copy.sources] == ["x", "y"]
    assert copy.destination.value == "/d/"
    flag = add.flag("keep-git-dir")
    assert flag is not None
    assert flag.value is None
    assert [word.text for word in odd.sources] == ["a", "b"]  # a flag behind the arguments is a path
    assert [word.value for word in (*array.sources, array.destination)] == ["a b", "c d", "/e"]


def test_pairs() -> None:
    env, old, label, arg = stage('ENV A=1 B="x y" C=a\\ b D=\nENV E f  g\nLABEL "a.b"="c" d=e\nARG X Y=1 Z=\n')
    assert isinstance(env, Env)
    assert isinstance(old, Env)
    assert isinstance(label, Label)
    assert isinstance(arg, Arg)
    assert [(pair.name, pair.value, pair.raw) for pair in env.pairs] == [
        ("A", "1", "1"),
        ("B", "x y", '"x y"'),
        ("C", "a b", "a\\ b"),
        ("D", "", ""),
    ]
    assert (env.legacy, old.legacy) == (False, True)
    assert [(pair.name, pair.value, pair.value_span.text) for pair in old.pairs] == [("E", "f  g", "f  g")]
    assert [(pair.name, pair.value, pair.name_span.text) for pair in label.pairs] == [
        ("a.b", "c", '"a.b"'),
        ("d", "e", "d"),
    ]
    assert [(pair.name, pair.value, pair.assigned) for pair in arg.pairs] == [
        ("X", None, False),
        ("Y", "1", True),
        ("Z", "", True),
    ]
    assert arg.pairs[0].value_span.start == arg.pairs[0].name_span.end


def test_healthchecks() -> None:
    check, array, none = stage(
        'HEALTHCHECK --interval=30s --retries=3 cmd curl x || exit 1\nHEALTHCHECK CMD ["a"]\nHEALTHCHECK none\n'
    )
    assert isinstance(check, Healthcheck)
    assert isinstance(array, Healthcheck)
    assert isinstance(none, Healthcheck)
    assert check.command is not None
    assert check.command.text == "curl x || exit 1"
    assert check.command.span.text == "curl x || exit 1"
    assert array.command is not None
    assert array.command.exec_form
    assert none.command is None


def test_the_rest() -> None:
    expose, volume, user, workdir, shell, onbuild, entrypoint = stage(
        'EXPOSE 80 443/tcp\nVOLUME ["/a", "/b"]\nUSER a b\nWORKDIR "/x y"\n'
        'SHELL ["bash", "-c"]\nONBUILD COPY --from=x a b\nENTRYPOINT []\n'
    )
    assert isinstance(expose, Expose)
    assert isinstance(volume, Volume)
    assert isinstance(user, User)
    assert isinstance(workdir, Workdir)
    assert isinstance(shell, Shell)
    assert isinstance(onbuild, Onbuild)
    assert isinstance(entrypoint, Entrypoint)
    assert [word.value for word in expose.ports] == ["80", "443/tcp"]
    assert [word.value for word in volume.paths] == ["/a", "/b"]
    assert user.user.value == "a b"
    assert (workdir.path.text, workdir.path.value) == ('"/x y"', "/x y")
    assert [word.value for word in shell.words] == ["bash", "-c"]
    assert isinstance(onbuild.deferred, Copy)
    assert onbuild.deferred.onbuild
    assert onbuild.deferred.span.text == "COPY --from=x a b"
    assert not onbuild.onbuild
    assert entrypoint.command.exec_form
    assert entrypoint.command.words == ()


@pytest.mark.parametrize(
    ("arguments", "exec_form"),
    [
        ('["a", "b"]', True),
        ('[ "a" ]', True),
        ("[]", True),
        ('["a",]', False),
        ("['a']", False),
        ('["a"] x', False),
        ('["a"', False),
        ('["a\tb"]', False),
        ("[NaN]", False),
        ("[1e999]", False),
        ("[" * 5000, False),
    ],
)
def test_exec_form(arguments: str, exec_form: bool) -> None:  # noqa: FBT001 - a parameter of the table
    (cmd,) = stage(f"CMD {arguments}\n")
    assert isinstance(cmd, Cmd)
    assert cmd.command.exec_form is exec_form


# -- problems ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("line", "where", "message", "expected"),
    [
        ("RUM a", "RUM", "unknown instruction `RUM`", "`RUN`"),
        ("whatever bar", "whatever", "unknown instruction `whatever`", "an instruction"),
        ("COPY --form=b a b", "--form=b", "COPY has no flag `--form`", "`--from`"),
        ("RUN --moutn=type=cache a", "--moutn=type=cache", "RUN has no flag `--moutn`", "`--mount`"),
        ("CMD --x a", "--x", "CMD has no flag `--x`", "no flag"),
        ("ENV --x a=b", "--x", "ENV has no flag `--x`", "no flag"),
        ("COPY --from a b", "--from", "flag `--from` needs a value", "`--from=…`"),
        ("COPY --link=maybe a b", "--link=maybe", "`maybe` is no value for `--link`", "`true` or `false`"),
        ("COPY --from=a --from=b a b", "--from=b", "flag `--from` is given twice", "it once"),
        (
            "COPY --from=$x a b",
            "--from=$x",
            "`--from` does not expand variables",
            "a stage that is built FROM that image",
        ),
        ("COPY a", "a", "COPY needs a source and a destination", "`COPY source destination`"),
        ("COPY", "COPY", "COPY needs a source and a destination", "`COPY source destination`"),
        ("COPY a <<EOF\nx\nEOF", "<<EOF", "the destination of COPY cannot be a heredoc", "a path"),
        ("ENV A", "A", "ENV needs a name and a value", "`ENV name=value`"),
        ("ENV A=1 B", "B", "`B` has no `=`", "`ENV name=value name=value`"),
        ("ENV =1", "=1", "ENV needs a name before `=`", "`name=value`"),
        ("LABEL", "LABEL", "LABEL needs an argument", "`LABEL name=value`"),
        ("ARG", "ARG", "ARG needs a name", "`ARG name` or `ARG name=default`"),
        ('ENV A="x', '"', "unterminated double quote", "a complete word"),
        ("ENV A=${x^^}", "$", "unsupported modifier `^`", "a complete word"),
        ("WORKDIR ${x", "$", "`}` is missing", "a complete word"),
        ('CMD ["a", 1]', '["a", 1]', "a JSON array may hold only strings", "every element in double quotes"),
        ("SHELL bash -c", "bash -c", "SHELL takes a JSON array", '`SHELL ["executable", "parameter"]`'),
        ("SHELL []", "[]", "SHELL needs an argument", '`SHELL ["executable", "parameter"]`'),
        ("HEALTHCHECK curl x", "curl", "HEALTHCHECK has no type `curl`", "`CMD …` or `NONE`"),
        ("HEALTHCHECK", "HEALTHCHECK", "HEALTHCHECK needs an argument", "`CMD …` or `NONE`"),
        ("HEALTHCHECK CMD", "CMD", "HEALTHCHECK CMD needs a command", "`HEALTHCHECK CMD command`"),
        ("HEALTHCHECK NONE x", "x", "HEALTHCHECK NONE takes no arguments", "`HEALTHCHECK NONE`"),
        (
            "HEALTHCHECK --interval=30 CMD x",
            "--interval=30",
            "`30` is no duration",
            "a number with a unit, such as `30s` or `1m30s`",
        ),
        (
            "HEALTHCHECK --timeout=1us CMD x",
            "--timeout=1us",
            "`--timeout` cannot be less than one millisecond",
            "at least `1ms`",
        ),
        ("HEALTHCHECK --retries=x CMD x", "--retries=x", "`x` is no number", "a whole number"),
        ("HEALTHCHECK --retries=-1 CMD x", "--retries=-1", "`--retries` cannot be negative", "0 or more"),
        ("ONBUILD ONBUILD RUN x", "ONBUILD", "ONBUILD cannot defer ONBUILD", "another instruction"),
        ("ONBUILD FROM x", "FROM", "ONBUILD cannot defer FROM", "another instruction"),
        ("ONBUILD", "ONBUILD", "ONBUILD needs an instruction", "`ONBUILD instruction`"),
        ("EXPOSE", "EXPOSE", "EXPOSE needs a port", "`EXPOSE port`"),
        ("VOLUME []", "[]", "VOLUME needs a path", "`VOLUME path`"),
        ("USER", "USER", "USER needs an argument", "exactly one argument"),
        ("FROM", "FROM", "FROM takes an image, or an image and `AS name`", "`FROM image` or `FROM image AS name`"),
        ("FROM a b", "b", "FROM takes an image, or an image and `AS name`", "`FROM image` or `FROM image AS name`"),
        ("FROM a # c", "# c", "FROM takes an image, or an image and `AS name`", "`FROM image` or `FROM image AS name`"),
        ("FROM a AS 1x", "1x", "invalid stage name `1x`", "a letter, then letters, digits, `-`, `_` or `.`"),
        ("RUN <<EOF\nx", "<<EOF", "heredoc `EOF` is never ended", "a line `EOF`"),
        ("RUN --network=x a", "--network=x", "`x` is no network mode", "`default`, `none` or `host`"),
        ("RUN --security=x a", "--security=x", "`x` is no security mode", "`sandbox` or `insecure`"),
        (
            "RUN --mount=type=cahce,target=/x a",
            "--mount=type=cahce,target=/x",
            "unsupported mount type `cahce`",
            "`cache`",
        ),
        (
            "RUN --mount=type=cache,tarket=/x a",
            "--mount=type=cache,tarket=/x",
            "`--mount` has no option `tarket`",
            "`target`",
        ),
        ("RUN --mount=type=cache,/x a", "--mount=type=cache,/x", "`/x` is no option of `--mount`", "`key=value`"),
        (
            "RUN --mount=type=secret a",
            "--mount=type=secret",
            "a secret mount needs an `id`",
            "`--mount=type=secret,id=…`",
        ),
        (
            "RUN --mount=type=bind,from=$x,target=/x a",
            "--mount=type=bind,from=$x,target=/x",
            "`from` does not expand variables",
            "a stage that is built FROM that image",
        ),
        (
            "RUN --mount=target=/x,uid=1 a",
            "--mount=target=/x,uid=1",
            "`uid` does not go with a mount of type `bind`",
            "type `cache`, `secret` or `ssh`",
        ),
    ],
)
def test_problems(line: str, where: str, message: str, expected: str) -> None:
    dockerfile = parse(f"FROM alpine\n{line}\nUSER last\n")
    (problem,) = dockerfile.problems
    assert (problem.span.text, problem.message, problem.expected) == (where, message, expected)
    assert problem.span.line == 2
    last = [*dockerfile.instructions][-1]
    assert isinstance(last, User)  # the rest is still read


@pytest.mark.parametrize(
    "line",
    [
        "RUN",
        "CMD",
        "ENTRYPOINT",
        "ARG --x a",  # Docker drops flags of ARG and STOPSIGNAL unseen
        "STOPSIGNAL --x 9",
        "HEALTHCHECK --x NONE",  # and those of NONE
        "HEALTHCHECK --interval=0 --timeout=1m30.5s --retries= CMD x",
        "COPY --chown=$U:$G --exclude=a --exclude=b --parents a b",
        "ADD --unpack=false --checksum=sha256:x a b",
        "RUN --mount=type=$T,target=/x --mount=type=secret,id=a,required --mount=type=tmpfs,target=/t,size=64m a",
        "RUN --mount=type=cache,target=/x,sharing=locked,uid=1,mode=0755 a",
        "RUN --device=x a",
        "RUN -- --x",
        "ENV A=${B:-${C:+d}} D=${E##*/} F=${G//a/b} H=${I?msg}",
        "EXPOSE $PORT",
        "ONBUILD RUN x",
        "FROM $X",
        "from x as y",
        "ENV A b c",
        "COPY a b --chown=x",
        "MAINTAINER x",
    ],
)
def test_no_problems(line: str) -> None:
    assert messages(f"FROM alpine\n{line}\n") == []


def test_file_level_problems() -> None:
    assert messages("") == ["the file holds no instruction"]
    assert messages("# x\n") == ["the file holds no instruction"]
    assert messages("ARG A=1\n") == ["no FROM in this file"]
    assert messages("RUN a\nRUN b\n") == ["RUN stands before the first FROM"]
    assert messages("RUN a\nRUN b\nFROM c\n") == ["RUN stands before the first FROM"] * 2
    assert parse("RUN a\n").problems[0].remedy == "expected a FROM above it: only ARG may come before"
    assert messages("# escape=x\nFROM a\n") == ["invalid escape character `x`"]
    assert messages("# escape=`\n# escape=`\nFROM a\n") == ["directive `escape` is given twice"]
    assert messages("\\\nFROM a\n") == []
    assert messages("FROM a\n\\") == ["a continuation with no instruction"]
    assert messages("FROM a\nRUN " + "x" * 65531 + "\n") == []
    assert messages("FROM a\nRUN " + "x" * 65532 + "\n") == ["line is longer than Docker reads (65535 bytes)"]
    assert messages("FROM a\nRUN " + "é" * 32766 + "\n") == ["line is longer than Docker reads (65535 bytes)"]


def test_empty_continuation_line_is_a_warning() -> None:
    dockerfile = parse("FROM a\nRUN b \\\n\n  c\n")
    assert dockerfile.problems == ()
    (warning,) = dockerfile.warnings
    assert (warning.span.line, warning.message) == (3, "empty line in a continuation")


def test_an_unterminated_heredoc_does_not_hide_the_rest() -> None:
    dockerfile = parse("FROM a\nRUN <<EOF\napt-get update\nCOPY x y\nFRUM b\nUSER z\n")
    assert [problem.message for problem in dockerfile.problems] == [
        "heredoc `EOF` is never ended",
        "unknown instruction `FRUM`",
    ]
    assert [instruction.keyword for instruction in dockerfile.stages[0].instructions] == ["RUN", "COPY", "USER"]


# -- syntax directives and templates ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("head", "foreign"),
    [
        ("# syntax=docker/dockerfile:1\n", False),
        ("# syntax=docker.io/docker/dockerfile:1.7-labs@sha256:0\n", False),
        ("# syntax=docker/dockerfile-upstream:master\n", False),
        ("# syntax=mirror.example.com/docker/dockerfile\n", False),
        ("# syntax=tonistiigi/dockerfile:x\n", True),
        ("# syntax=example.com/frontend\n", True),
        ("#!/usr/bin/env x\n# syntax=example.com/frontend\n", True),
        ("// syntax=example.com/frontend\n", True),
        ("# note\n# syntax=example.com/frontend\n", False),
    ],
)
def test_foreign_syntax_has_no_problems(head: str, foreign: bool) -> None:  # noqa: FBT001 - a parameter of the table
    dockerfile = parse(head + "FROM a\nNOVEL x\n")
    assert (dockerfile.foreign_syntax is not None) is foreign
    assert (dockerfile.problems == ()) is foreign


@pytest.mark.parametrize(
    ("text", "marker"),
    [
        ("{% if x %}\nFROM a\n{% endif %}\n", (1, 1)),
        ("FROM a\n  {%- if x %}\nRUN b\n", (2, 3)),
        ("FROM a\nRUN b \\\n{% if x %}\n c\n", (3, 1)),
        ("{# note #}\nFROM a\n", (1, 1)),
        ("FROM {{ base }}\n", (1, 6)),
        ("FROM {{.Base}}\n", (1, 6)),
        ("FROM a\nWORKDIR /{{ cookiecutter.x }}\n", (2, 10)),
        ("FROM a\nENV A={{x}}\n", (2, 7)),
        ('FROM a\nENV A="{{ project }}"\n', (2, 8)),
        ("FROM a\nARG A={{.X}}\n", (2, 7)),
        ("FROM a\nCOPY {{ x }} /y\n", (2, 6)),
        ('FROM a\nCMD ["uvicorn", "{{ x }}.main:app"]\n', (2, 18)),
        ("FROM a\nCMD gunicorn {{ x }}.wsgi\n", (2, 14)),
        ("FROM a\nRUN pip install {{ cookiecutter.x }}\n", (2, 17)),
        ("FROM a\n{{ lines }}\n", (2, 1)),
    ],
)
def test_templates(text: str, marker: tuple[int, int]) -> None:
    dockerfile = parse(text)
    assert dockerfile.template is not None
    assert (dockerfile.template.line, dockerfile.template.column) == marker
    assert dockerfile.stages == ()
    assert dockerfile.problems == ()


@pytest.mark.parametrize(
    "text",
    [
        "FROM a\nRUN docker inspect -f '{{.State}}' x\n",
        "FROM a\nRUN echo {{ x }}\n",
        "FROM a\nHEALTHCHECK CMD x --format '{{ json . }}'\n",
        "FROM a\nCMD docker inspect -f '{{ x }}' y\n",
        'FROM a\nCMD ["docker", "inspect", "-f", "{{.State}}"]\n',
        'FROM a\nENV FORMAT="{{.Time}} {{ json .Level }}"\n',
        "FROM a\nRUN <<EOF\n{% if x %}\n{{ y }}\nEOF\n",
        "FROM a\nCOPY <<EOF /x\n{{ y }}\n{% z %}\nEOF\n",
        "FROM a\n# {{ x }} {% y %}\n",
        "FROM a\nRUN a; b() {\\\n{ x; } }\n",
    ],
)
def test_braces_that_make_no_template(text: str) -> None:
    assert parse(text).template is None


# -- work -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "text",
    [
        "FROM a\nRUN x " + "\\\n a" * 100_000,
        "FROM a\nRUN x \\\n" + "# c\n" * 100_000 + " y\n",
        "FROM a\n" + "\\\n" * 100_000,
        'FROM a\nENV a="' + "a b " * 60_000 + '"\n',
        "FROM a\nENV a=" + "${a:-" * 20_000,
        "FROM a\nENV a=x\n" + "ENV a=$a$a\n" * 500,
        "FROM a\n" + "RUN <<A\n" * 4_000,
        "FROM a\nENV " + "a={{.x}} '" * 10_000,
        "FROM a\nENV a=" + "a" * 90_000 + "\nENV b=${a##" + "*a" * 2_000 + "b}\n",
        "FROM a\nCMD [" + '"a",' * 60_000 + '"b"]\n',
    ],
    ids=[
        "continuation",
        "comments",
        "escapes",
        "quotes",
        "nesting",
        "doubling",
        "heredocs",
        "braces",
        "pattern",
        "json",
    ],
)
def test_large_files_end(text: str) -> None:
    """Each of these takes minutes where something is quadratic."""
    dockerfile = parse(text)
    assert dockerfile.template or isinstance(dockerfile.stages[0].from_, From)
