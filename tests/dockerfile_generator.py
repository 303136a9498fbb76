"""Dockerfiles made at random from a seed: realistic ones, token soup, and mutations of both.

A plain module: tests load it by path. `dockerfiles(seed)` never ends.
"""

from __future__ import annotations

import random
from collections.abc import Iterator

IMAGES = (
    "python:3.12-slim", "scratch", "alpine", "base", "${IMAGE}", "$IMAGE:$TAG",
    "mcr.microsoft.com/windows/nanoserver", "a/b@sha256:0", "--platform=linux/amd64 debian",
)  # fmt: skip
NAMES = (
    "A", "PATH", "APP_HOME", "b1", "com.example.title", "'q'", '"d q"', "é", "A.B-c", "$N", "",
)  # fmt: skip
VALUES = (
    "1", "", "/app", '"two words"', "'single $X'", "$PATH:/x", "${A:-b}", "${A:+b c}", "a\\ b", 'a"b c"d', "'", '"',
    "x=y", "ü", "#x", "\\", "\\\\", "`", "$", "${", "${A", "${A##*/}", "${A%%.*}", "${A/b/c}", "${A//b/c}", "\\$A",
    "<<EOF", "a<<EOF", '"\\"x"', "{}", "[]", "\t", "a\u00a0b", "\u2003", "\x0b", "\x0c", "\x1c", "\x85",
)  # fmt: skip
SHELL = (
    "apt-get update && apt-get install -y curl", "echo 'a # b'", "a | b || c; d", "cat <<EOF > /x",
    "cat <<-'E1' <<\"E2\"", "3<<EOF", "<<EOF", "<<-EOF", "<<'EOF'", "<< EOF", "<<EOF <<B", "$((1<<3))", "cat <<<x",
    "<<EOF;", 'echo "<<EOF"', "x${Y:-<<EOF}", "'<<EOF'", "if true; then x; fi", '["a","b"]', '["a", 1]', '["a",]',
    "['a']", "[]", "[ ]", '["<<EOF"]', '["a"] x', '["\\u0041\\ud800", "\\n"]', '[["a"]]', "[1e999]", "[NaN]", '["a"',
    "[", "null", "set -e", "--x", "-- y", "a --b", "é", "\\", "${}", "${:x}", "'", '"', "<<", "<<-", "<<''", '<<""',
    "<<E'O'F", "<<$X", "<<${X}", "<<E\\F", "12<<EOF", "a<<EOF", "<<EOF>x", "{{ x }}",
)  # fmt: skip
FLAGS = (
    "--mount=type=cache,target=/x", "--mount=type=secret,id=a", "--network=none", "--from=base", "--from=0",
    "--chown=a:b", "--chown=$U", "--chmod=755", "--link", "--link=false", "--platform=$P", "--interval=30s",
    "--retries=3", "--x", "--a='b c'", '--a="b c"', "--a=b\\ c", "--", "--=", "--exclude=*.py", "--mount", "-x",
    "--a='b", "--é=1", "--a=''",
)  # fmt: skip
BODY = (
    "apt-get update", "FROM x", "\tindented", "# comment", "foo \\", "EOF ", " EOF", "\tEOF", "EOFX", "", "{{ x }}",
    "RUN y", "é", "'", "B", "E1", "E2", "F",
)  # fmt: skip
COMMENTS = (
    "# c", "#", "# escape=`", "  # indented", "# c \\", "# syntax=docker/dockerfile:1", "#\tx", "\u00a0# c",
    "# check=skip=all",
)  # fmt: skip
KEYWORDS = (
    "FROM", "RUN", "COPY", "ADD", "ENV", "LABEL", "ARG", "CMD", "ENTRYPOINT", "HEALTHCHECK", "EXPOSE", "USER",
    "WORKDIR", "VOLUME", "SHELL", "STOPSIGNAL", "MAINTAINER", "ONBUILD",
)  # fmt: skip
SOUP = (
    *KEYWORDS, "run", "Env", "FOO", "ONBUILD", " ", "  ", "\t", "\n", "\n", "\n", "\r\n", "\\\n", "\\ \n", "\\\\\n",
    "`\n", "\\\r\n", "\\\t\r\n", "\\\n\n", "\\\n# c\n", "\\", "`", "'", '"', "$", "${", "}", "=", "a", "b=c", "<<EOF",
    "<<-EOF", "<<", "EOF", "\nEOF\n", "\n\tEOF\n", "[", "]", ",", '"x"', "--", "--a=b", "#", "# escape=`\n",
    "# escape=\\\n", "# syntax=x\n", "é", "\u00a0", "\u2028", "\x0b", "\x0c", "\x1c", "\x00", "\ufeff", ":", "-",
    "NONE", "CMD", "1", "\r",
)  # fmt: skip


class Maker:
    """Makes one file after the other from one random stream."""

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)  # noqa: S311 - a test's data, no secret
        self.last = "FROM a\n"

    def chance(self, probability: float) -> bool:
        return self.random.random() < probability

    def pick(self, things: tuple[str, ...]) -> str:
        return self.random.choice(things)

    def some(self, things: tuple[str, ...], low: int, high: int) -> list[str]:
        return [self.pick(things) for _ in range(self.random.randint(low, high))]

    def blank(self) -> str:
        return self.random.choices((" ", "  ", "\t", " \t"), (20, 2, 1, 1))[0]

    def file(self) -> str:
        """The next file."""
        kind = self.random.random()
        if kind < 0.55:
            text = self.realistic()
        elif kind < 0.75:
            text = "".join(self.some(SOUP, 1, 60))
            if self.chance(0.7):
                text = "FROM a\n" + text
        else:
            text = self.mutated(self.last)
        self.last = text
        return text

    def realistic(self) -> str:
        rows: list[str] = []
        escape = "\\"
        if self.chance(0.3):
            rows.extend(
                self.some(
                    (
                        "# syntax=docker/dockerfile:1",
                        "# escape=`",
                        "#escape = \\",
                        "# Escape=`",
                        "# check=skip=all",
                        "# note",
                    ),
                    1,
                    2,
                )
            )
            if any(row.lower().replace(" ", "").startswith("#escape=`") for row in rows):
                escape = "`"
        if self.chance(0.3):
            rows.append(f"ARG {self.pick(('IMAGE=x', 'TAG', 'P=linux/amd64 U=1'))}")
        rows.append(f"FROM {self.pick(IMAGES)}{self.pick(('', '', ' AS base', ' as Build', ' AS 1x', ' foo'))}")
        for _ in range(self.random.randint(0, 8)):
            rows.extend(self.instruction(escape))
            if self.chance(0.15):
                rows.append(self.pick(COMMENTS))
            if self.chance(0.2):
                rows.append("")
        end = "\r\n" if self.chance(0.15) else "\n"
        text = end.join(rows)
        if self.chance(0.85):
            text += end
        if self.chance(0.04):
            text = "\ufeff" + text
        return text

    def instruction(self, escape: str) -> list[str]:
        keyword = self.pick(KEYWORDS) if self.chance(0.6) else self.pick(("RUN", "COPY", "ENV"))
        prefix = "ONBUILD " if keyword != "ONBUILD" and self.chance(0.04) else ""
        parts = [prefix + (keyword.lower() if self.chance(0.05) else keyword)]
        if self.chance(0.2):
            parts.extend(self.some(FLAGS, 1, 2))
        parts.extend(self.arguments(keyword))
        if self.chance(0.03):
            parts = parts[:1]
        text = ""
        for number, part in enumerate(parts):
            if number:
                text += self.blank()
                if self.chance(0.15):
                    text += escape + self.pick(("", "", " ", "\t")) + "\n"
                    while self.chance(0.2):
                        text += self.pick((*COMMENTS, "", "  ")) + "\n"
                    text += self.pick(("", "    ", "\t"))
                elif self.chance(0.02):
                    text += escape
            text += part
        rows = text.split("\n")
        if "<<" in text and self.chance(0.9):
            rows.extend(self.some(BODY, 0, 4))
            for word in text.split():
                if "<<" in word and self.chance(0.95):
                    name = word.partition("<<")[2].lstrip("-").strip("'\"")
                    rows.append(self.pick(("", "", "\t")) + (name or "EOF"))
        return rows

    def arguments(self, keyword: str) -> list[str]:
        if keyword in ("ENV", "LABEL", "ARG"):
            if self.chance(0.2):
                return [self.pick(NAMES), *self.some(VALUES, 0, 3)]
            return [f"{self.pick(NAMES)}={self.pick(VALUES)}" for _ in range(self.random.randint(1, 4))]
        if keyword in ("RUN", "CMD", "ENTRYPOINT", "SHELL"):
            return self.some(SHELL, 0, 3)
        if keyword == "HEALTHCHECK":
            return [self.pick(("CMD", "NONE", "cmd", "none", "FOO", "CMD")), *self.some(SHELL, 0, 2)]
        if keyword == "ONBUILD":
            inner = self.pick(KEYWORDS)
            return [inner, *self.arguments(inner)] if inner != "ONBUILD" or self.chance(0.3) else ["RUN", "x"]
        if keyword == "FROM":
            return [self.pick(IMAGES), *self.some(("AS", "base", "as"), 0, 2)]
        if keyword in ("COPY", "ADD"):
            return self.some((*VALUES, ".", "/app", "<<EOF", '["a",', '"b"]', "src/"), 0, 4)
        return self.some(VALUES, 0, 3)

    def mutated(self, text: str) -> str:
        for _ in range(self.random.randint(1, 5)):
            at = self.random.randint(0, len(text))
            to = min(len(text), at + self.random.choice((0, 0, 1, 1, 3, 12)))
            text = text[:at] + ("".join(self.some(SOUP, 0, 2))) + text[to:]
        return text


def dockerfiles(seed: int) -> Iterator[str]:
    """Files without end; the same seed gives the same files."""
    maker = Maker(seed)
    while True:
        yield maker.file()


SPACES = (
    "\t\n\v\f\r \x85\xa0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009"
    "\u200a\u2028\u2029\u202f\u205f\u3000"
)


def joined(physical: str, escape: str) -> str:
    """The text of a token's span without the continuations in it: the token, by definition."""
    rows = physical.split("\n")
    out = ""
    for number, row in enumerate(rows):
        last = number == len(rows) - 1
        if number and not last and (not row.strip(SPACES) or row.lstrip(SPACES).startswith("#")):
            continue  # an empty line or a comment between the rows
        cut = row.rstrip("\r").rstrip(" \t")
        if not last and cut.endswith(escape):
            out += cut[: -len(escape)]
        else:
            out += row
    return out
