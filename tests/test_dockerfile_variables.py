"""Variables: what a word expands to, what is known in which stage, and when nothing can be told."""

from __future__ import annotations

import random

import pytest
from e2b_dockerfile_utils import ShellLex

from dockerlint_fastapi.model.dockerfile import Arg, Copy, Dockerfile, Env, Expose, Label, Onbuild, User, Workdir
from dockerlint_fastapi.parsers.dockerfile import parse_dockerfile
from dockerlint_fastapi.parsers.dockerfile.variables import UNKNOWN, Unknown, expand
from dockerlint_fastapi.source import Source


def parse(text: str) -> Dockerfile:
    dockerfile = parse_dockerfile(Source.of(text))
    assert dockerfile.problems == ()
    return dockerfile


def last_user(text: str) -> str | None:
    """The value of the word in the last instruction, a USER."""
    user = parse(text).stages[-1].instructions[-1]
    assert isinstance(user, User)
    return user.user.value


VALUES: dict[str, str | Unknown] = {
    "x": "one.two.three",
    "e": "",
    "p": "/a/b/c",
    "u": UNKNOWN,
    "s": "a b",
    "q": "a\"b'c",
}


@pytest.mark.parametrize(
    ("word", "value"),
    [
        ("plain", "plain"),
        ("$x", "one.two.three"),
        ("${x}", "one.two.three"),
        ("a${x}b", "aone.two.threeb"),
        ("$xy", ""),
        ("$", "$"),
        ("$.", "$."),
        ("\\$x", "$x"),
        ("'$x'", "$x"),
        ('"$x"', "one.two.three"),
        ('"\\$x"', "$x"),
        ('"a\\b"', "a\\b"),
        ("a\\ b", "a b"),
        ("${n:-d}", "d"),
        ("${n-d}", "d"),
        ("${e:-d}", "d"),
        ("${e-d}", ""),
        ("${x:-d}", "one.two.three"),
        ("${n:+d}", ""),
        ("${e:+d}", ""),
        ("${e+d}", "d"),
        ("${x:+d}", "d"),
        ("${x:?m}", "one.two.three"),
        ("${n:?m}", None),
        ("${e:?m}", None),
        ("${e?m}", ""),
        ("${n:-${x}}", "one.two.three"),
        ("${n:-'a b'}", "a b"),
        ("${x#*.}", "two.three"),
        ("${x##*.}", "three"),
        ("${x%.*}", "one.two"),
        ("${x%%.*}", "one"),
        ("${p##*/}", "c"),
        ("${x#????}", "two.three"),
        ("${x#z}", "one.two.three"),
        ("${x/./-}", "one-two.three"),
        ("${x//./-}", "one-two-three"),
        ("${x//t*/X}", "one.X"),
        ("${p//\\//-}", "-a-b-c"),
        ("$u", None),
        ("${u:-d}", None),
        ("${u:+d}", None),
        ("${u#a}", None),
        ("${u/a/b}", None),
        ("${x:+$u}", None),
        ("$1$@$?", ""),
    ],
)
def test_expansion(word: str, value: str | None) -> None:
    assert expand(word, VALUES.get, "\\") == (value, "", 0)


@pytest.mark.parametrize(
    ("word", "error", "at"),
    [
        ("a'b", "unterminated single quote", 1),
        ('a"b', "unterminated double quote", 1),
        ("a${", "`}` is missing", 1),
        ("a${x", "`}` is missing", 1),
        ("a${}", "bad substitution", 1),
        ("a${:x}", "bad substitution", 1),
        ("a${x:-b", "`}` is missing", 1),
        ("a${x^}", "unsupported modifier `^`", 1),
        ("a${x:#b}", "unsupported modifier `:#`", 1),
        ("a${x/b}", "`/` is missing", 1),
    ],
)
def test_words_that_docker_refuses(word: str, error: str, at: int) -> None:
    assert expand(word, VALUES.get, "\\") == (None, error, at)


def test_backtick_escapes() -> None:
    assert expand("c:\\$x`$x", VALUES.get, "`").value == "c:\\one.two.three$x"


PIECES = (
    "$x", "${x", "${n", "${e", "${p", "}", ":-", "-", ":+", "+", "#", "##", "%", "%%", "/", "//", "*", "?", ".", "a",
    "t", " ", "'", '"', "\\", "$", "{", "${q}", "${s}", "é", "<<", "b}", "*.}", ".*}",
)  # fmt: skip


def test_expansion_is_that_of_the_port() -> None:
    """Random words against another implementation of BuildKit's lexer, with every variable known."""
    stream = random.Random(5)  # noqa: S311 - a test's data
    known = {name: value for name, value in VALUES.items() if isinstance(value, str)}
    compared = 0
    for _ in range(30_000):
        word = "".join(stream.choice(PIECES) for _ in range(stream.randint(1, 9)))
        mine = expand(word, known.get, "\\")
        try:
            theirs = ShellLex("\\", env=known, skip_unset_env=False).process_word(word)
        except ValueError:
            assert mine.value is None, word
            continue
        assert not mine.error, word
        if mine.value is not None:
            compared += 1
            assert mine.value == theirs, word
    assert compared > 10_000


# -- scopes -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("FROM scratch\nUSER $X\n", ""),  # nothing can define it
        ("FROM alpine\nUSER $X\n", None),  # the image may
        ("FROM scratch\nUSER $PATH\n", None),  # has a default everywhere
        ("FROM scratch\nARG X\nUSER $X\n", None),  # only the command line knows
        ("FROM scratch\nARG X=1\nUSER $X\n", "1"),
        ("ARG X=1\nFROM scratch\nUSER $X\n", ""),  # global ARGs are for FROM
        ("ARG X=1\nFROM scratch\nARG X\nUSER $X\n", "1"),
        ("ARG X=1\nFROM scratch\nARG X=2\nUSER $X\n", "2"),
        ("ARG X\nFROM scratch\nARG X\nUSER $X\n", None),
        ("FROM scratch\nARG TARGETARCH\nUSER $TARGETARCH\n", None),
        ("FROM scratch\nARG X=1\nENV X=2\nUSER $X\n", "2"),
        ("FROM scratch\nENV X=2\nARG X=2\nUSER $X\n", "2"),
        ("FROM scratch\nENV X=2\nARG X\nUSER $X\n", "2"),
        ("FROM scratch\nENV X=2\nARG X=1\nUSER $X\n", None),  # the reference and BuildKit disagree
        ("FROM scratch\nENV X=1\nENV X=2 Y=$X\nUSER $Y\n", "1"),  # sees the old value
        ("FROM scratch\nARG X=1 Y=$X\nUSER $Y\n", "1"),  # sees the new one
        ("FROM scratch\nENV X=$U Y=1\nUSER $X$Y\n", "1"),
        ("FROM alpine\nENV X=$U Y=1\nUSER $X\n", None),
        ("FROM alpine AS a\nENV X=1\nARG Y=2\nFROM a\nUSER $X$Y\n", "12"),  # both are inherited
        ("FROM scratch AS a\nENV X=1\nFROM scratch\nUSER $X\n", ""),
        ("FROM alpine AS a\nENV X=1\nFROM a AS b\nENV X=2\nFROM a\nUSER $X\n", "1"),
        ("FROM alpine AS a\nENV X=1\nONBUILD ENV X=2\nFROM a\nUSER $X\n", None),
        ("FROM alpine\nENV X=1\nRUN X=2\nUSER $X\n", "1"),
        ("FROM alpine\nONBUILD ENV X=1\nENV Y=1\nUSER $Y\n", "1"),
        ("FROM public.ecr.aws/lambda/python:3.13\nUSER $LAMBDA_TASK_ROOT\n", "/var/task"),  # the image sets it
        ("FROM public.ecr.aws/lambda/python:3.13\nENV LAMBDA_TASK_ROOT=/srv\nUSER $LAMBDA_TASK_ROOT\n", "/srv"),
        ("FROM public.ecr.aws/lambda/python:3.13\nUSER $X\n", None),
    ],
)
def test_scopes(text: str, value: str | None) -> None:
    assert last_user(text) == value


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("ARG V=3\nFROM python:$V\n", "python:3"),
        ("ARG V\nFROM python:${V:-3}\n", "python:3"),  # as good as `ARG V=3`
        ("ARG V\nFROM python:${V-3}\n", "python:3"),
        ("ARG V\nFROM python:${V:+3}\n", None),
        ("ARG V\nFROM python:$V\n", None),
        ("ARG V\nARG W=${V:-3}.1\nFROM python:$W\n", "python:3.1"),
        ("FROM python:${TARGETARCH:-3}\n", None),
        ("ARG A=1\nARG V=$A.2\nFROM python:$V\n", "python:1.2"),
        ("FROM python$V\n", "python"),
        ("FROM --platform=$BUILDPLATFORM x:$TARGETARCH\n", None),
        ("FROM a AS b\nARG V=3\nFROM python$V\n", "python"),  # a stage's ARG is not global
        ("ARG V=3\nFROM a\nFROM python:$V\n", "python:3"),
    ],
)
def test_from_sees_global_args(text: str, value: str | None) -> None:
    assert parse(text).stages[-1].from_.image.value == value


def test_where_docker_expands() -> None:
    copy, label, expose, env, onbuild, workdir = (
        parse(
            "FROM scratch\nCOPY --chown=$U --from=a $S /$D\nLABEL $K=$V\n"
            "EXPOSE $P\nENV $N=$V\nONBUILD WORKDIR $W\nWORKDIR '$W'/$W\n"
        )
        .stages[0]
        .instructions
    )
    assert isinstance(copy, Copy)
    assert isinstance(label, Label)
    assert isinstance(expose, Expose)
    assert isinstance(env, Env)
    assert isinstance(onbuild, Onbuild)
    assert isinstance(workdir, Workdir)
    assert (copy.sources[0].value, copy.destination.value) == ("", "/")
    chown = copy.flag("chown")
    assert chown is not None
    assert (chown.value, chown.raw) == ("", "$U")
    assert (label.pairs[0].name, label.pairs[0].value) == ("", "")
    assert expose.ports[0].value == ""
    assert isinstance(onbuild.deferred, Workdir)
    assert onbuild.deferred.path.value is None  # another build will tell
    assert workdir.path.value == "$W/"


def test_model_questions() -> None:
    dockerfile = parse(
        "ARG G=9\nFROM alpine AS a\nENV X=1 Y=a\nARG Z=3\nFROM a\nARG X=5\nARG G\nUSER one\nENV Y=2\nARG Z\nUSER two\n"
    )
    stage = dockerfile.stages[1]
    assert {name: pair.value for name, pair in stage.environment().items()} == {"X": "1", "Y": "2"}
    one, two = (instruction for instruction in stage.instructions if isinstance(instruction, User))

    def value(name: str, before: User | None = None) -> str | None:
        pair = stage.variable(name, before)
        return None if pair is None else pair.value

    assert (value("Y", one), value("Y", two), value("Y")) == ("a", "2", "2")
    assert value("X") == "1"  # ENV wins
    assert value("Z") == "3"  # a bare ARG keeps the default
    assert value("G") == "9"
    assert stage.variable("none") is None
    arg = stage.instructions[1]
    assert isinstance(arg, Arg)
    assert (arg.pairs[0].value, arg.pairs[0].assigned) == ("9", False)
