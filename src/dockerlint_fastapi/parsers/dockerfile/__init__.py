"""The Dockerfile parser: a Source in, a model of it out. It never raises; what Docker refuses is in `problems`.

`scan` finds lines, directives and heredocs (and lets dockerfile-parse split), `words` cuts lines into tokens,
`variables` expands them, and `templates` recognises text that is not yet a Dockerfile. A `clause` makes the tokens of
one instruction, with its `flags`; `spread_arrays` tell an array over several lines as one fault; `stages` keep what
later lines depend on; `commands`, `assignments` and `instructions` make the model.
"""

from __future__ import annotations

from dockerlint_fastapi.model.dockerfile import Dockerfile
from dockerlint_fastapi.parsers.dockerfile.instructions import Assembler
from dockerlint_fastapi.parsers.dockerfile.scan import foreign_syntax, scan
from dockerlint_fastapi.parsers.dockerfile.templates import template_marker
from dockerlint_fastapi.source import Source

__all__ = ["parse_dockerfile"]


def parse_dockerfile(source: Source) -> Dockerfile:
    """The model of a Dockerfile. For a template it has no stages, for a foreign syntax no problems."""
    dockerfile = Dockerfile(source)
    scanned = scan(source)
    dockerfile.directives = tuple(scanned.directives)
    dockerfile.escape = scanned.escape
    dockerfile.foreign_syntax = foreign_syntax(source, scanned.directives)
    dockerfile.template = template_marker(scanned)
    if dockerfile.template is not None:
        return dockerfile
    assembler = Assembler(scanned, dockerfile)
    assembler.run()
    dockerfile.unread = tuple(scanned.unread)
    if dockerfile.foreign_syntax is None:
        problems = [*scanned.problems, *assembler.problems]
        if problems:
            # imported here: most files have no problems
            from dockerlint_fastapi.parsers.dockerfile.spread_arrays import with_spread_arrays  # noqa: PLC0415

            problems = with_spread_arrays(scanned, problems)
        dockerfile.problems = tuple(sorted(problems, key=lambda problem: problem.span.start))
        dockerfile.warnings = tuple(scanned.warnings)
    return dockerfile
