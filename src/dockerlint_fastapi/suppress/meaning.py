"""What a file says besides its comments, so that a changed file can be compared with what it was."""

from __future__ import annotations

import ast
import tomllib

from dockerlint_fastapi.suppress.places import InDockerfile, InIgnoreFile, InLines, InPython, InYaml

TYPE_CHECKING = False
if TYPE_CHECKING:
    from dockerlint_fastapi.source import Source


def of(source: Source, kind: str, places: InDockerfile | InYaml) -> object:
    """Something that is equal for texts that differ in comments only. What its parser refuses counts by its rows."""
    ending = source.path.rpartition("/")[2].rpartition(".")[2].lower()
    try:
        if isinstance(places, InDockerfile):
            return _dockerfile(source)
        if isinstance(places, InIgnoreFile):
            return _rows(source, first_column=True)
        if kind == "compose" or ending in {"yml", "yaml"}:
            return _yaml(source)
        if isinstance(places, InPython):
            from dockerlint_fastapi.parsers.python.syntax import tree_of  # noqa: PLC0415 - as below

            tree = tree_of(source.text)
            return _rows(source, first_column=False) if tree is None else ast.dump(tree)
        if ending == "toml":
            return tomllib.loads(source.text)
    except Exception:  # noqa: BLE001 - each parser raises its own; a file that was broken must stay broken the same way
        return _rows(source, first_column=False)
    if source.private or ".env" in source.path:
        from dockerlint_fastapi.parsers.dotenv import parse_env_file  # noqa: PLC0415

        return [(one.name, one.text) for one in parse_env_file(source).assignments], _rows(source, first_column=False)
    if isinstance(places, InLines) and (source.text.startswith("#!") or ending in {"sh", "bash", "ksh", ""}):
        from dockerlint_fastapi.parsers.shell import parse_script_source  # noqa: PLC0415

        script = parse_script_source(source)
        return [
            (
                [word.span.text for word in command.words],
                [(one.name, one.word.text) for one in command.assignments],
                [(one.span.text, one.body.text if one.body else "") for one in command.redirects],
            )
            for command in script.commands
        ]
    return _rows(source, first_column=False)


def _dockerfile(source: Source) -> object:
    from dockerlint_fastapi.parsers.dockerfile.scan import scan  # noqa: PLC0415

    scanned = scan(source)
    lines = [
        (line.text, [source.line(row + 1) for row in range(line.last_row + 1, line.end_row + 1)])
        for line in scanned.lines
    ]
    return [(one.name, one.value) for one in scanned.directives], lines


def _yaml(source: Source) -> object:
    from ruamel.yaml import YAML  # noqa: PLC0415

    yaml = YAML(typ="safe", pure=True)
    return [
        (
            type(event).__name__,
            *(getattr(event, name, None) for name in ("value", "tag", "anchor", "style", "implicit")),
        )
        for event in yaml.parse(source.text)
    ]


def _rows(source: Source, *, first_column: bool) -> object:
    """The rows that are no comments."""
    rows = source.text.split("\n")
    return [row for row in rows if not (row if first_column else row.lstrip()).startswith("#") and row.strip()]
