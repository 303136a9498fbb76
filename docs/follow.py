"""Follows a page of the documents to the letter: writes its files, runs its commands, puts what they print in place.

A fence with a title is a file; a line `$ dlf …` of a `console` fence is a command, and what stands below it, up to the
next one, its output. Where that ends with `...`, the page shows its beginning. Other commands are left as they are.
"""

import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path

import dockerlint_fastapi

_FENCE = re.compile(
    r"^(?P<mark>`{3,})(?P<language>\w*)(?: title=\"(?P<title>[^\"]+)\")?\n(?P<text>.*?)^(?P=mark)$",
    re.MULTILINE | re.DOTALL,
)
_SOURCE = str(Path(dockerlint_fastapi.__file__).parents[1])
_PROGRAM = f"{sys.executable} -c 'from dockerlint_fastapi.cli import main; main()'"


def followed(page: str) -> str:
    """The page with what its commands print now. Exits where one fails other than by findings."""
    parts: list[str] = []
    end = 0
    with tempfile.TemporaryDirectory() as folder:
        for block in _FENCE.finditer(page):
            text = block["text"]
            if block["title"]:
                path = Path(folder, block["title"])
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_text(text, encoding="utf-8")
            elif block["language"] == "console":
                text = _answered(text, folder)
            parts += [page[end : block.start("text")], text]
            end = block.end("text")
    return "".join(parts) + page[end:]


def _answered(text: str, folder: str) -> str:
    """A console block with what its commands print in a folder."""
    first, *rest = re.split(r"^(\$ .*\n)", text, flags=re.MULTILINE)
    parts = [first]
    for command, shown in zip(rest[::2], rest[1::2], strict=True):
        printed = _run(command[2:], folder) if command.startswith("$ dlf ") else shown
        lines = shown.splitlines(keepends=True)
        if lines and lines[-1] == "...\n":
            printed = "".join(printed.splitlines(keepends=True)[: len(lines) - 1]) + "...\n"
        parts += [command, printed]
    return "".join(parts)


def _run(command: str, folder: str) -> str:
    done = subprocess.run(
        ["sh", "-c", command.replace("dlf", _PROGRAM, 1)], cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
        env=os.environ | {"NO_COLOR": "1", "PYTHONPATH": _SOURCE}, text=True, check=False,
    )  # fmt: skip
    if done.returncode not in (0, 1) or "Traceback" in done.stdout:
        sys.exit(f"$ {command}{done.stdout}")
    return done.stdout
