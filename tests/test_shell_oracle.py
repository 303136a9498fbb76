"""The shell parser against shfmt's: the same simple commands, words, values, places, neighbours and nesting.

The suite runs a bounded part. The long run, which a change of the parser deserves:

    DLF_SHELL_SCRIPTS=50000 DLF_SHELL_SEED=1 pytest tests/test_shell_oracle.py -k generated

Explained differences, all of them; the first four are made equal where `Oracle`
and `ours` say so, the others are not generated:

* A redirection alone (`>file`) and `let` are simple commands here; shfmt has other nodes for them.
* `f() { a; } && b`: shfmt takes `&& b` into the function's body, bash and dash run `b` at once.
* A word before a nested, escaped backtick ends for shfmt behind the backslash of the backtick.
* An empty `A+=` ends for shfmt in front of its `=`.
* `time -v cmd`: `-v` is the command for shfmt; here `time` is, as it is for dash, where it is a program.
* `$((a); b)`: POSIX allows a subshell first in a substitution; shfmt refuses it.
* The `\\r` of a CRLF file belongs to the last word of a line for shfmt.
* A comment that ends in a backslash goes on the command for shfmt; for every shell its line is over.
* A backslash and a line end within `$'...'` vanish for shfmt; bash keeps them.
* A script whose shebang names no shell has no commands here.
* `x["k"]=v`: the value is not told here when the subscript holds quotes.
* shfmt also checks what stands inside arithmetic, `[[ ]]` and `${ }`; here only their ends matter.
"""

from __future__ import annotations

import json
import os
import random
import shutil
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import pytest

from dockerlint_fastapi.parsers.shell import parse_script
from dockerlint_fastapi.source import Source

if TYPE_CHECKING:
    from dockerlint_fastapi.model.shell import Script

SHFMT = shutil.which("shfmt", path=os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", "")]))

pytestmark = pytest.mark.skipif(SHFMT is None, reason="shfmt (shfmt-py) is not installed")


class Seen(NamedTuple):
    """A simple command as both sides can tell it: words and assignments are (start, end, value)."""

    words: tuple[tuple[int, int, str | None], ...]
    assignments: tuple[tuple[int, int, str, str | None], ...]
    before: str
    after: str
    nesting: tuple[str, ...]


# -- our side ---------------------------------------------------------------------------------------------------------


def ours(script: Script) -> list[Seen]:
    """The commands that shfmt's tree shows too: no redirection alone, and no `let`, whose words are sums to it."""
    return [
        Seen(
            tuple((word.span.start, word.span.end, word.value) for word in command.words),
            tuple((item.span.start, item.span.end, item.name, item.word.value) for item in command.assignments),
            command.before,
            command.after,
            command.nesting,
        )
        for command in script.commands
        if (command.words or command.assignments) and command.name != "let"
    ]


# -- shfmt's side -----------------------------------------------------------------------------------------------------


class Oracle:
    """shfmt's syntax tree of one text, told as `Seen`."""

    def __init__(self, text: str, tree: dict[str, Any]) -> None:
        self.text = text
        self.chars: list[int] | None = None  # character offsets by byte offset
        if not text.isascii():
            self.chars = []
            for index, char in enumerate(text):
                self.chars += [index] * len(char.encode("utf-8", "surrogatepass"))
            self.chars.append(len(text))
        self.found: list[tuple[int, Seen]] = []
        self.statements(tree.get("Stmts", []), ())
        self.found.sort(key=lambda item: item[0])

    def at(self, position: dict[str, int]) -> int:
        offset = position["Offset"]
        return offset if self.chars is None else self.chars[offset]

    def end(self, position: dict[str, int]) -> int:
        """Explained difference: shfmt ends a word before a nested, escaped backtick behind its backslash."""
        at = self.at(position)
        return at - 1 if self.text[at - 1 : at + 1] == "\\`" else at

    def statements(self, statements: list[dict[str, Any]], nesting: tuple[str, ...]) -> None:
        """One list of commands."""
        flat: list[tuple[dict[str, Any], tuple[str, ...], str]] = []
        for number, statement in enumerate(statements):
            last = number == len(statements) - 1
            after = "&" if statement.get("Background") else "" if last else ";"
            self.flatten(statement, nesting, after, flat)
        before = ""
        for statement, within, after in flat:
            self.leaf(statement, within, before, after)
            before = after

    def flatten(self, statement: dict[str, Any], nesting: tuple[str, ...], after: str, flat: list[Any]) -> None:
        if statement.get("Negated"):
            nesting = (*nesting, "negated")
        command = statement.get("Cmd") or {}
        if command.get("Type") == "BinaryCmd":
            self.flatten(command["X"], nesting, command["Op"], flat)
            self.flatten(command["Y"], nesting, after, flat)
            self.within(statement.get("Redirs", []), nesting)
        elif command.get("Type") in ("TimeClause", "CoprocClause"):
            if command.get("Stmt"):
                self.flatten(command["Stmt"], nesting, after, flat)
            else:
                flat.append(({}, nesting, after))
        elif command.get("Type") == "FuncDecl":
            # Explained difference: in `f() { a; } && b` shfmt takes `&& b` into the body; bash and dash run b at once.
            body: list[Any] = []
            self.flatten(command["Body"], nesting, after, body)
            flat.append((body[0][0], (*nesting, "function"), body[0][2]))
            flat += body[1:]
            self.within(statement.get("Redirs", []), nesting)
        else:
            flat.append((statement, nesting, after))

    def leaf(self, statement: dict[str, Any], nesting: tuple[str, ...], before: str, after: str) -> None:
        command = statement.get("Cmd") or {}
        self.within(statement.get("Redirs", []), nesting)
        kind = command.get("Type")
        if kind == "CallExpr":
            self.simple(command.get("Args", []), command.get("Assigns", []), (before, after, nesting), [])
        elif kind == "DeclClause":
            name = {"Parts": [{"Type": "Lit", **command["Variant"]}], **command["Variant"]}
            self.simple([name], [], (before, after, nesting), command.get("Args", []))
        elif kind == "IfClause":
            self.branch(command, (*nesting, "if"))
        elif kind in ("WhileClause", "ForClause"):
            name = (
                "until"
                if command.get("Until")
                else "while"
                if kind == "WhileClause"
                else "select"
                if command.get("Select")
                else "for"
            )
            self.statements(command.get("Cond", []), (*nesting, name))
            self.within(command.get("Loop"), (*nesting, name))
            self.statements(command.get("Do", []), (*nesting, name))
        elif kind == "CaseClause":
            self.within(command["Word"], (*nesting, "case"))
            for item in command.get("Items", []):
                self.within(item.get("Patterns"), (*nesting, "case"))
                self.statements(item.get("Stmts", []), (*nesting, "case"))
        elif kind in ("Subshell", "Block"):
            self.statements(command.get("Stmts", []), (*nesting, "subshell" if kind == "Subshell" else "group"))
        else:
            self.within(command, nesting)

    def branch(self, clause: dict[str, Any], nesting: tuple[str, ...]) -> None:
        self.statements(clause.get("Cond", []), nesting)
        self.statements(clause.get("Then", []), nesting)
        if clause.get("Else"):
            self.branch(clause["Else"], nesting)

    def simple(
        self,
        words: list[dict[str, Any]],
        assigns: list[dict[str, Any]],
        place: tuple[str, str, tuple[str, ...]],
        declared: list[dict[str, Any]],
    ) -> None:
        seen = [(self.at(word["Pos"]), self.end(word["End"]), self.value(word)) for word in words]
        for item in declared:
            start, end = self.at(item["Pos"]), self.end(item["End"])
            if item.get("Naked"):
                seen.append((start, end, self.value(item["Value"]) if item.get("Value") else item["Name"]["Value"]))
            else:
                value = self.assigned(item)
                sign = "+=" if item.get("Append") else "="
                seen.append((start, end, None if value is None else f"{item['Name']['Value']}{sign}{value}"))
        assignments = [
            (self.at(item["Pos"]), self.assigned_end(item), item["Name"]["Value"], self.assigned(item))
            for item in assigns
        ]
        self.within([words, assigns, declared], place[2])
        first = min(part[0] for part in (*seen, *assignments))
        self.found.append((first, Seen(tuple(seen), tuple(assignments), *place)))

    def assigned_end(self, item: dict[str, Any]) -> int:
        """Explained difference: shfmt ends an empty `A+=` in front of its `=`."""
        end = self.end(item["End"])
        return end + 1 if item.get("Append") and not item.get("Value") and not item.get("Array") else end

    def assigned(self, item: dict[str, Any]) -> str | None:
        if item.get("Array"):
            return None
        return self.value(item["Value"]) if item.get("Value") else ""

    def value(self, word: dict[str, Any]) -> str | None:
        """What the program receives, None with an expansion."""
        pieces: list[str] = []
        for part in word.get("Parts", []):
            kind = part["Type"]
            if kind == "Lit":
                pieces.append(unescape(part.get("Value", ""), None))
            elif kind == "SglQuoted":
                raw = part.get("Value", "")
                if part.get("Dollar"):
                    decoded = decoded_ansi_c(raw)
                    if decoded is None:
                        return None
                    raw = decoded
                pieces.append(raw)
            elif kind == "DblQuoted":
                for inner in part.get("Parts", []):
                    if inner["Type"] != "Lit":
                        return None
                    pieces.append(unescape(inner.get("Value", ""), '$`"\\'))
            elif kind == "ExtGlob":
                pieces.append(part["Op"] + part["Pattern"].get("Value", "") + ")")
            else:
                return None
        return "".join(pieces)

    def within(self, node: Any, nesting: tuple[str, ...]) -> None:
        """Lists of commands anywhere below a node that is no command itself."""
        if isinstance(node, list):
            for item in node:
                self.within(item, nesting)
        elif isinstance(node, dict):
            if node.get("Type") in ("CmdSubst", "ProcSubst"):
                self.statements(node.get("Stmts", []), (*nesting, "substitution"))
            else:
                for item in node.values():
                    self.within(item, nesting)


def unescape(raw: str, only: str | None) -> str:
    """Backslashes removed: in front of anything, or of the characters in `only`."""
    pieces: list[str] = []
    index = 0
    while index < len(raw):
        if raw[index] == "\\" and index + 1 < len(raw):
            following = raw[index + 1]
            if following == "\n":
                index += 2
                continue
            if only is None or following in only:
                index += 1
        pieces.append(raw[index])
        index += 1
    return "".join(pieces)


def decoded_ansi_c(raw: str) -> str | None:
    """`$'…'` by Python's own escapes, of which bash's common ones are a part; None for a byte that is no text."""
    if r"\e" in raw or r"\c" in raw or r"\E" in raw:
        raw = raw.replace(r"\e", r"\x1b").replace(r"\E", r"\x1b")
    value = raw.replace(r"\?", "?").encode("ascii", "backslashreplace").decode("unicode_escape")
    return None if any("\x80" <= char <= "\xff" or char == "\0" for char in value) else value


def shfmt(text: str) -> dict[str, Any] | str:
    """The syntax tree, or the message with which shfmt refuses the text."""
    assert SHFMT is not None
    run = subprocess.run(
        [SHFMT, "-ln", "bash", "--to-json"],
        input=text.encode("utf-8", "surrogateescape"),
        capture_output=True,
        check=False,
    )
    if run.returncode:
        return run.stderr.decode("utf-8", "replace").strip()
    tree: dict[str, Any] = json.loads(run.stdout)
    return tree


def batch(texts: list[str]) -> list[tuple[str, str]]:
    """The texts that differ, with the difference; only if their one tree differs is each given its own process."""
    joined = "\n".join(texts)
    tree = shfmt(joined)
    if not isinstance(tree, str):
        mine = parsed(joined)
        if not mine.problems and ours(mine) == [seen for _, seen in Oracle(joined, tree).found]:
            return []
    return [(text, found) for text in texts if (found := difference(text)) is not None]


def parsed(text: str) -> Script:
    source = Source.of(text)
    return parse_script(source.text, source.span)


def difference(text: str) -> str | None:
    """What differs on one text, None when nothing does, or when shfmt refuses it."""
    tree = shfmt(text)
    if isinstance(tree, str):
        return f"shfmt refuses: {tree}"
    mine = parsed(text)
    theirs = [seen for _, seen in Oracle(text, tree).found]
    if mine.problems:
        return f"problems: {[problem.message for problem in mine.problems]}"
    found = ours(mine)
    if found == theirs:
        return None
    for left, right in zip(found, theirs, strict=False):
        if left != right:
            return f"\n  dlf   {left}\n  shfmt {right}"
    return f"dlf has {len(found)} commands, shfmt {len(theirs)}"


# -- written by hand --------------------------------------------------------------------------------------------------


def load_commands() -> tuple[list[str], list[str]]:
    """The commands of test_shell_commands.py, which importlib mode gives no name to import by."""
    scope: dict[str, Any] = {}
    path = Path(__file__).with_name("test_shell_commands.py")
    exec(compile(path.read_text(encoding="utf-8"), str(path), "exec"), scope)  # noqa: S102 - our own file
    return scope["LINES"], scope["SCRIPTS"]


LINES, SCRIPTS = load_commands()


def test_the_corpus_is_large_and_distinct() -> None:
    assert len(set(LINES)) == len(LINES) >= 300
    assert len(set(SCRIPTS)) == len(SCRIPTS) >= 35


def test_commands_equal_shfmt() -> None:
    differing = [(text, found) for text in LINES if (found := difference(text)) is not None]
    assert not differing


@pytest.mark.parametrize("script", SCRIPTS)
def test_scripts_equal_shfmt(script: str) -> None:
    assert difference(script) is None


def test_the_oracle_can_fail() -> None:
    tree = shfmt("a && b")
    assert not isinstance(tree, str)
    assert [seen for _, seen in Oracle("a && b", tree).found] != ours(parsed("a || b"))


@pytest.mark.parametrize(
    "text",
    [
        "a (b",
        "a )",
        "(a",
        "if a; then b",
        "if a; fi",
        "fi",
        "then a",
        "{ a",
        "for x in a; do b",
        "while a; done",
        "case x in a) b",
        "echo 'a",
        'echo "a',
        "echo `a",
        "echo $(a",
        "echo ${a",
        "echo $((1",
        "a && && b",
        "a &&",
        "a |",
        "; a",
        "a ;; b",
        "()",
        "{ }",
        "[[ a",
        "a > ",
        "cat <<E\nbody",
        "if a; then b; else c; elif d; fi",
        "a & & b",
        "f()",
        "! | a",
        "x=(a",
        "{ a; } b",
        "(a) b",
    ],
)
def test_what_shfmt_refuses_is_a_problem(text: str) -> None:
    assert isinstance(shfmt(text), str), "shfmt accepts it"
    assert parsed(text).problems


# -- generated --------------------------------------------------------------------------------------------------------

SCRIPTS_TO_GENERATE = int(os.environ.get("DLF_SHELL_SCRIPTS", "800"))
BATCH = 40


class Grammar:
    """Random valid scripts: every construct in every place that allows it, to a bounded depth."""

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)  # noqa: S311 - no secret
        self.heredocs: list[str] = []

    def one(self, *choices: str) -> str:
        return self.random.choice(choices)

    def chance(self, percent: int) -> bool:
        return self.random.randrange(100) < percent

    def space(self) -> str:
        return self.one(" ", " ", " ", "  ", "\t", " \\\n", " \\\n    ")

    def literal(self) -> str:
        return self.one(
            *["a", "apt-get", "install", "-y", "--no-install-recommends", "uvicorn", "app.main:app", "--host=0.0.0.0"],
            *[
                "/usr/bin/env",
                "x.y[z]",
                "*.py",
                "a{b,c}d",
                "~/x",
                "50%",
                "a=b",
                "if",
                "done",
                "}",
                "-",
                "--",
                "a#b",
                "@",
                ",",
            ],
            *["é", "a^b", "x:=y", "+", "!", "]", "2", "%s", "a]b", "ex\\\nit", "in", "do"],
        )

    def quoted(self, depth: int) -> str:
        pieces = [
            self.one(
                "a b",
                "it's",
                "",
                ";",
                "a && b",
                "#x",
                "\\n",
                '\\"',
                "\\$x",
                "(",
                "|",
                "\n",
                "é",
                "<<EOF",
                "\\\\",
                "!",
                "*",
                "$ ",
            )
        ]
        if self.chance(40):
            pieces.append(self.expansion(depth, quoted=True))
            pieces.append(self.one("", " z", "'", "}", ")"))
        return '"' + "".join(pieces) + '"'

    def single(self) -> str:
        return self.one(
            "''", "'a b'", "'a\"b'", "'$x'", "'\\'", "'`'", "'#'", "'a\nb'", "'$(x)'", "$'a\\tb'", "$'it\\'s'", "'é'"
        )

    def expansion(self, depth: int, *, quoted: bool = False) -> str:
        simple = [
            "$x",
            "${x}",
            "$1",
            "$@",
            "$?",
            "${#x}",
            "${x%%.*}",
            "${x##*/}",
            "${x:1:2}",
            "${!x}",
            "${x[@]}",
            "${x/a/b}",
            "$#",
        ]
        kind = self.random.randrange(10)
        if depth <= 0 or kind < 4:
            return self.one(*simple)
        if kind == 4:
            return "${x:" + self.one("-", "+", "=", "?") + self.inner(depth - 1, quoted=quoted) + "}"
        if kind == 5:
            return (
                "$((" + self.one("1+2", " x * (y - 1) ", "x[1] << 2", "(1)", f"1 + {self.expansion(depth - 1)}") + "))"
            )
        if kind == 6:
            return "`" + self.one("a", "date +%s", "a | b", "a; b 'c'", "echo $x", "basename /x y") + "`"
        return "$(" + self.one("", " ", "\n") + self.substituted(depth - 1) + self.one("", " ", "\n") + ")"

    def inner(self, depth: int, *, quoted: bool) -> str:
        choices = ["", "a", "a b", "/x:$y", "${y}", "\\}", "it\\'s"]
        if depth > 0:
            choices.append(self.expansion(depth, quoted=quoted))
            if not quoted:
                choices += ["'}'", '"a }"', self.quoted(depth - 1)]
        return self.one(*choices)

    def substituted(self, depth: int) -> str:
        """Commands for `$( )`; here-documents stay outside, where their bodies have a line end to follow."""
        kept, self.heredocs = self.heredocs, []
        text = self.script(depth, heredocs=False)
        self.heredocs = kept
        return " " + text if text.startswith("(") else text

    def word(self, depth: int) -> str:
        kind = self.random.randrange(20)
        if kind < 9:
            return self.literal()
        if kind < 12:
            return self.quoted(depth)
        if kind < 14:
            return self.single()
        if kind < 16:
            return self.expansion(depth)
        if kind == 16:
            return self.one("\\ ", "\\;", "\\$x", "a\\ b", "\\#", "\\\\", "\\(", "\\'") + self.literal()
        if kind == 17 and depth > 0:
            return self.one("<(", ">(") + self.substituted(depth - 1) + ")"
        return self.one("--x=", "a", "/opt/", "x:") + self.one(self.quoted(depth), self.expansion(depth), self.single())

    def name(self, depth: int) -> str:
        if self.chance(80):
            return self.one(
                "apt-get",
                "pip",
                "echo",
                "uvicorn",
                "./x.sh",
                "/usr/bin/python3",
                "exec",
                "test",
                "[",
                "cd",
                ".",
                ":",
                "'a b'",
            )
        return self.one(self.quoted(depth), "$CMD", '"$@"', "a$x", "\\if")

    def redirect(self, depth: int, *, heredocs: bool) -> str:
        if heredocs and self.chance(15):
            name, tab = self.one("EOF", "A_B", "END"), self.chance(30)
            quote = self.one("", "", "'", '"')
            body = self.one(
                "",
                "plain\n",
                "it's \" (\n",
                "$x ${y:-z}\n",
                "$(a b)\n",
                "a\n\nb; c && d\n",
                " EOF\n",
                "\\$(no)\n",
                "# x\n",
            )
            self.heredocs.append(body + ("\t" if tab else "") + name + "\n")
            return f"<<{'-' if tab else ''}{quote}{name}{quote}"
        return self.one(
            *[
                ">out",
                "> out",
                ">>log",
                "2>&1",
                ">&2",
                "</dev/null",
                "&>all",
                "&>> all",
                "2>/dev/null",
                ">|x",
                "<>y",
                ">&-",
            ],
            *["<<<x", f"> {self.word(0)}" if self.chance(50) else ">x", f"<<< {self.quoted(depth)}", "12>&1", "{fd}>x"],
        )

    def simple(self, depth: int, *, heredocs: bool) -> str:
        parts: list[str] = []
        while self.chance(15):
            parts.append(
                self.one("A", "FOO_1", "x[1]") + self.one("=", "=", "+=") + self.one("", "1", self.word(depth))
            )
        if any("[" in part.partition("=")[0] for part in parts):
            return self.space().join(parts)  # no array element in front of a command
        if self.chance(6):
            return self.space().join(
                [*parts[:0], self.one("a", "b") + self.one("=", "+=") + f"({self.word(depth)} {self.literal()})"]
            )
        if self.chance(8):
            parts = [
                self.one("export", "local", "readonly", "declare"),
                *(f"V{n}={self.word(depth)}" for n in range(2)),
            ]
            return self.space().join(parts)
        if not parts or self.chance(80):
            parts.append(self.name(depth))
            for _ in range(self.random.randrange(5)):
                parts.append(self.redirect(depth, heredocs=heredocs) if self.chance(15) else self.word(depth))
        return self.space().join(parts)

    def compound(self, depth: int, *, heredocs: bool) -> str:
        inner = depth - 1
        kind = self.random.randrange(11)

        def body() -> str:
            text = self.script(inner, heredocs=heredocs)
            return text + self.stop(text)

        if kind == 0:
            text = f"({self.one('', ' ')}{self.script(inner, heredocs=heredocs)}"
            text = ("( (" + text[2:] if text.startswith("((") else text) + self.drain() + ")"
        elif kind == 1:
            text = "{ " + body() + "}"
        elif kind in (2, 3):
            text = f"if {body()}then {body()}"
            if self.chance(30):
                text += f"elif {body()}then\n{body()}"
            if self.chance(40):
                text += f"else {body()}"
            text += "fi"
        elif kind == 4:
            text = f"{self.one('while', 'until')} {body()}do {body()}done"
        elif kind == 5:
            text = f"for x in {self.word(inner)} {self.word(inner)}; do {body()}done"
        elif kind == 6:
            text = f"for {self.one('x', 'x;', '((i=0; i<3; i++));')} do {body()}done"
        elif kind == 7:
            pattern = self.one("", "(") + self.one("a", "a|b", "*.py", "[a-z]*")
            text = f"case {self.word(inner)} in {pattern}) {body()};; *) {body()};;\nesac"
            text = text.replace(";;;", ";\n;;")
        elif kind == 8:
            # alone in a group: what shfmt makes of an operator behind a function is an explained difference
            text = "{ " + self.one("f()", "f ()", "function f") + " { " + body() + "}; }"
        elif kind == 9:
            text = f"[[ {self.one('-f x', '$x == y*', '-n $y && ! -z z', '( a < b )', '$x =~ ^(a|b)+$')} ]]"
        else:
            text = self.one("((x++))", "((x = (1 + y)))", "(( $(nproc) > 2 ))")
        if self.chance(20):
            text += " " + self.redirect(0, heredocs=False)
        return text

    def drain(self) -> str:
        """The line end and the bodies of the here-documents opened on the line."""
        if not self.heredocs:
            return ""
        bodies, self.heredocs = "".join(self.heredocs), []
        return "\n" + bodies

    def stop(self, text: str) -> str:
        if self.heredocs:
            return self.drain()
        if text.endswith("&"):
            return " "
        return self.one("; ", ";\n", "\n", "\n\n# it's a comment (\n", " &\n")

    def pipeline(self, depth: int, *, heredocs: bool) -> str:
        text = self.one("! ", "time ") if self.chance(6) else ""
        for number in range(self.random.choice((1, 1, 1, 2, 3))):
            if number:
                if self.heredocs:
                    text += " |" + self.drain()
                else:
                    text += self.one(" | ", "|", " |& ", " | \\\n", " |\n  ")
            compound = depth > 0 and self.chance(30)
            item = self.compound(depth, heredocs=heredocs) if compound else self.simple(depth, heredocs=heredocs)
            text += item
        return text

    def script(self, depth: int, *, heredocs: bool = True) -> str:
        text = self.pipeline(depth, heredocs=heredocs)
        for _ in range(self.random.choice((0, 0, 1, 1, 2, 3))):
            joint = self.one(
                " && ", "&&", " || ", "||", "; ", ";", " & ", "\n", " && \\\n  ", " &&\n", "\n# '\"`(\n", " # $(\n"
            )
            if self.heredocs:
                joint = self.one("", " &&", " ||", " &", ";") + self.drain()
            text += joint + self.pipeline(depth, heredocs=heredocs)
        return text

    def whole(self) -> str:
        self.heredocs = []
        text = self.script(self.random.choice((0, 1, 2, 2, 3)))
        return text + self.drain()


def test_generated_scripts_equal_shfmt() -> None:
    grammar = Grammar(int(os.environ.get("DLF_SHELL_SEED", "20240607")))
    refused = 0
    differing: list[tuple[str, str]] = []
    for _ in range(SCRIPTS_TO_GENERATE // BATCH):
        for text, found in batch([grammar.whole() for _ in range(BATCH)]):
            if found.startswith("shfmt refuses"):
                refused += 1
            else:
                differing.append((text, found))
    assert not differing[:5]
    assert refused < SCRIPTS_TO_GENERATE / 20, "the generator must make scripts that shfmt accepts"
