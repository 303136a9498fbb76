"""The words of which rules make fixes: edits of source text, and nothing is ever written back from a parsed file.

Each part is imported when it is first asked for (`edits.words`), so a rule may name this package at its top. Every word
answers None where it cannot be sure; `Finding.fixed_by` takes that as a refusal. docs/fixes.md lists the words.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from dockerlint_fastapi.edits import (
        accounts,
        bases,
        build_secrets,
        compose,
        conda,
        dockerfile,
        health,
        ignore_file,
        installs,
        lines,
        options,
        requirements,
        scripts,
        secrets,
        services,
        shell,
        start,
        tests,
        words,
    )

__all__ = [
    "accounts",
    "bases",
    "build_secrets",
    "compose",
    "conda",
    "dockerfile",
    "health",
    "ignore_file",
    "installs",
    "lines",
    "options",
    "requirements",
    "scripts",
    "secrets",
    "services",
    "shell",
    "start",
    "tests",
    "words",
]


def __getattr__(name: str) -> Any:
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return __import__(f"{__name__}.{name}", fromlist=("",))
