"""Shell text -> `Script`: every simple command with its words, its place, and what joins it to its neighbours.

The parser reads POSIX shell and what bash adds to it, as far as that decides where commands and words begin and end.
It never raises, takes time proportional to the text, and needs no recursion: open constructs lie on its own stack.
Text that a shell would refuse yields the commands before and behind the fault, and a `Problem`.

Not followed: a continuation within an operator or a reserved word, and bash 5.3's `${ cmd; }`.
Dash has no `[[`, `((`, `&>`, `|&`, `$'…'`, `$"…"`, `function`, `select`, `time` and `coproc`; they are read as bash
reads them, whatever the shell.
"""

from __future__ import annotations

from dockerlint_fastapi.model.shell import SHELLS, Script
from dockerlint_fastapi.parsers.shell.grammar import Parser
from dockerlint_fastapi.parsers.shell.state import Locate, Output, Place

TYPE_CHECKING = False
if TYPE_CHECKING:
    from dockerlint_fastapi.source import Source

__all__ = ["parse_script", "parse_script_source"]


def parse_script(text: str, locate: Locate) -> Script:
    """The script that `text` is; `locate(start, end)` gives the span of `text[start:end]`.

    A text whose `#!` line names a program that is no POSIX-like shell has no commands.
    """
    out = Output(locate)
    length = len(text)
    start = 0
    shebang = ""
    if text.startswith("#!"):
        start = text.find("\n")
        start = length if start < 0 else start
        shebang = text[2:start].strip()
    script = Script((), (), (), shebang, locate(0, length))
    if shebang and script.interpreter not in SHELLS:
        return script
    Parser(text, start, length, out=out, place=Place()).run(nesting=(), body=False)
    while out.put_off:
        waiting, out.put_off = out.put_off, []
        for part in waiting:
            place, depth, level = part.place, part.depth, part.level
            parser = Parser(part.text, part.start, part.end, out=out, place=place, depth=depth, level=level)
            parser.run(nesting=part.nesting, body=part.body)
    out.commands.sort(key=lambda draft: draft.order)
    return script._replace(
        commands=tuple(draft.command() for draft in out.commands),
        problems=tuple(problem for _, problem in sorted(out.problems, key=lambda item: item[0])),
        comments=tuple(comment for _, comment in sorted(out.comments, key=lambda item: item[0])),
    )


def parse_script_source(source: Source) -> Script:
    """The script that a file such as `entrypoint.sh` is."""
    return parse_script(source.text, source.span)
