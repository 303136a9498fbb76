"""The configuration file: TOML in, a checked Configuration out, or an error that says which line to mend."""

from __future__ import annotations

import os
import re
import tomllib
from typing import TYPE_CHECKING, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from dockerlint_fastapi.config import ConfigError, Configuration, did_you_mean, shown_path
from dockerlint_fastapi.config.selection import check_selector, name_of

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence

Severity = Literal["error", "warning", "info"]
OutputFormat = Literal[
    "text", "concise", "json", "sarif", "github", "gitlab", "junit", "rdjson", "markdown"
]  # reporters.FORMATS
Key = tuple[str | int, ...]


class Keys(BaseModel):
    """The settings of dlf. Every other key at the top level is a table with the options of the rule of that name."""

    model_config = ConfigDict(
        title="dlf", extra="forbid", strict=True, frozen=True, alias_generator=lambda name: name.replace("_", "-")
    )

    select: list[str] | None = Field(
        None,
        description="The rules to run: names, codes, categories, or `all`. All of the profile when not given.",
    )
    extend_select: list[str] = Field([], description="Rules to run besides those selected.")
    ignore: list[str] = Field(
        [], description="Rules not to run. A rule's name outweighs its category, a category outweighs `all`."
    )
    preview: bool | None = Field(
        None,
        description="Run rules in preview too, which a minor release may bring, change or take away. Default: false.",
    )
    fix: bool = Field(default=False, description="Fix what can be fixed safely, as `--fix` does.")
    unsafe_fixes: bool = Field(default=False, description="Count fixes that may change behaviour, as `--unsafe-fixes`.")
    baseline: str | None = Field(
        None,
        min_length=1,
        description="A file of findings that are known, relative to this file: only others are reported.",
    )
    exclude: list[str] = Field(
        [],
        description="Files and directories to leave out: patterns of `.gitignore`, relative to this file.",
    )
    compose_files: list[str] = Field(
        [],
        description="The compose files that are used together, in order, as `docker compose -f … -f …` names them,"
        " relative to this file. Without them, names and contents tell which belong together.",
    )
    force_exclude: bool = Field(
        default=False,
        description="Leave out excluded files even when they are named on the command line, as pre-commit does.",
    )
    fail_on: Severity | None = Field(
        None, description="The lowest severity that makes `dlf check` exit with 1. Default: warning."
    )
    profile: Literal["guide", "default", "pedantic"] | None = Field(
        None, description="`guide`: only what the deployment guide asks for; `pedantic`: everything. Default: default."
    )
    deployment: Literal["auto", "orchestrated", "single-server"] | None = Field(
        None, description="What runs the containers: an orchestrator such as Kubernetes, or one server. Default: auto."
    )
    output_format: OutputFormat | None = Field(None, description="How to print findings. Default: text.")
    sarif_sources: bool = Field(
        default=True,
        description="Put the text of files with findings into SARIF, without secrets. Default: true.",
    )
    severity: dict[str, Severity] = Field(
        {},
        description="Severities by rule, category or `all`, instead of the rules' own. The more specific word wins.",
    )
    per_file_ignores: dict[str, list[str]] = Field(
        {},
        description="Rules not to report in some files: a pattern of `.gitignore` to names, categories or `all`.",
    )


def load(path: str, rules: Collection[str], categories: Collection[str]) -> Configuration | None:
    """The configuration in a file; None when it is a `pyproject.toml` without `[tool.dlf]`. Raises ConfigError."""
    shown = shown_path(path)
    try:
        with open(path, "rb") as file:
            data = file.read()
    except OSError as error:
        raise ConfigError(f"{shown}: cannot be read: {error.strerror or error}") from error
    return parsed(data, os.path.abspath(path), shown, rules, categories)


def parsed(
    data: bytes, path: str, shown: str, rules: Collection[str], categories: Collection[str]
) -> Configuration | None:
    """The configuration that a file at an absolute path holds, and messages call `shown`. Otherwise as `load`."""
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as error:
        raise ConfigError(f"{shown}: is not UTF-8 (byte {error.start})") from error
    try:
        table: Any = tomllib.loads(text)
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        raise ConfigError(f"{shown}: is not valid TOML: {error or 'nested too deeply'}") from error
    outer: tuple[str, ...] = ()
    if os.path.basename(path) == "pyproject.toml":
        outer = ("tool", "dlf")
        tool = table.get("tool")
        table = tool.get("dlf") if isinstance(tool, dict) else None
        if table is None:
            return None
        if not isinstance(table, dict):
            raise ConfigError(f"{shown}:{line_of(text, outer)}: `tool.dlf` is a table, `[tool.dlf]`")
    return _Reader(shown, text, outer, rules, categories).read(table, path)


class _Reader:
    """One file while it is checked; it collects every fault before it gives up."""

    def __init__(
        self, shown: str, text: str, outer: tuple[str, ...], rules: Collection[str], categories: Collection[str]
    ) -> None:
        self.shown = shown
        self.text = text
        self.outer = outer
        self.rules = rules
        self.categories = categories
        self.faults: list[tuple[int, str]] = []

    def fault(self, key: Key, message: str, value: str | None = None) -> None:
        self.faults.append((line_of(self.text, (*self.outer, *key), value), message))

    def read(self, table: Mapping[str, Any], path: str) -> Configuration:
        known = {field.alias or name for name, field in Keys.model_fields.items()}
        tables = {
            key: name
            for key, value in table.items()
            if isinstance(value, dict) and (name := name_of(key, self.rules)) in self.rules
        }
        options = {name: table[key] for key, name in tables.items()}
        if len(options) < len(tables):
            again = next(key for key, name in tables.items() if key != name)
            self.fault((again,), f"`{again}` is the code of `{tables[again]}`, which has a table of its own here")
        plain = {key: value for key, value in table.items() if key not in tables}
        for key in [key for key in plain if key not in known]:
            self.fault((key,), self._unknown(key, plain.pop(key), known))
        try:
            keys = Keys.model_validate(plain)
        except ValidationError as error:
            for one in error.errors(include_url=False):
                self.fault(one["loc"], _message(one["loc"], one["type"], one.get("ctx", {}), one["input"], one["msg"]))
            keys = Keys.model_validate({})
        for name, selectors in (
            ("select", keys.select or []),
            ("extend-select", keys.extend_select),
            ("ignore", keys.ignore),
        ):
            self._selectors((name,), selectors)
        for pattern, selectors in keys.per_file_ignores.items():
            self._selectors(("per-file-ignores", pattern), selectors)
        for name in keys.severity:
            self._selectors(("severity", name), (name,), named=False)
        if self.faults:
            raise ConfigError("\n".join(f"{self.shown}:{line}: {message}" for line, message in sorted(self.faults)))
        return Configuration(
            path=path,
            home=os.path.dirname(path),
            select=None if keys.select is None else self._named(keys.select),
            extend_select=self._named(keys.extend_select),
            ignore=self._named(keys.ignore),
            preview=keys.preview,
            baseline=keys.baseline,
            fix=keys.fix,
            unsafe_fixes=keys.unsafe_fixes,
            exclude=tuple(keys.exclude),
            compose_files=tuple(keys.compose_files),
            force_exclude=keys.force_exclude,
            fail_on=keys.fail_on,
            profile=keys.profile,
            deployment=keys.deployment,
            output_format=keys.output_format,
            sarif_sources=keys.sarif_sources,
            severity=dict(zip(self._named(keys.severity), keys.severity.values(), strict=True)),
            per_file_ignores=tuple((pattern, self._named(names)) for pattern, names in keys.per_file_ignores.items()),
            options=options,
        )

    def _named(self, words: Iterable[str]) -> tuple[str, ...]:
        """Selectors with names for codes."""
        return tuple(name_of(word, self.rules) for word in words)

    def _selectors(self, key: Key, selectors: Sequence[str], *, named: bool = True) -> None:
        for selector in selectors:
            try:
                check_selector(selector, self.rules, self.categories)
            except ConfigError as error:
                self.fault(key, f"`{key[0]}`: {error}", selector if named else None)

    def _unknown(self, key: str, value: object, known: Collection[str]) -> str:
        if key in self.rules:
            return (
                f"`{key}` is a table with the rule's options, as `[{'.'.join((*self.outer, key))}]`, not {_kind(value)}"
            )
        if key in ("rules", "rule-dirs", "plugins"):
            return (
                f"`{key}` is not read from a configuration file: rules are programs, and a project that is linted must"
                " not choose programs to run; name the folder on the command line, `--rules DIR`"
            )
        return f"unknown key `{key}`{did_you_mean(key, {*known, *self.rules} if isinstance(value, dict) else known)}"


def _message(loc: Key, kind: str, context: Mapping[str, Any], value: object, otherwise: str) -> str:
    """What pydantic found wrong, in the words of a TOML file."""
    where = "`" + ".".join(str(part) for part in loc if not isinstance(part, int)) + "`"
    if kind == "literal_error":
        expected = str(context.get("expected", "")).replace("'", "`")
        suggestion = did_you_mean(value, re.findall(r"`([^`]+)`", expected)) if isinstance(value, str) else ""
        return f"{where} is {expected}, not {_kind(value)}{suggestion}"
    wanted = {
        "string_too_short": "the path of a file",
        "list_type": "a list of texts",
        "string_type": "a list of texts" if isinstance(loc[-1], int) else "a text",
        "bool_type": "true or false",
        "dict_type": "a table",
    }.get(kind)
    within = "" if not isinstance(loc[-1], int) or wanted is None else ", and holds"
    return f"{where}: {otherwise}" if wanted is None else f"{where} is {wanted}{within or ', not'} {_kind(value)}"


def _kind(value: object) -> str:
    """A TOML value for a message."""
    if isinstance(value, str):
        return f'"{value}"'
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, dict):
        return "a table"
    return "a list" if isinstance(value, list) else str(value)


_HEADER = re.compile(r"\s*\[\[?\s*([^\[\]]+?)\s*\]\]?\s*(?:#.*)?$")
_KEY = re.compile(r"\s*((?:[\w-]+|\"[^\"\n]*\"|'[^'\n]*')(?:\s*\.\s*(?:[\w-]+|\"[^\"\n]*\"|'[^'\n]*'))*)\s*=")
_PART = re.compile(r"\"([^\"\n]*)\"|'([^'\n]*)'|([\w-]+)")


def line_of(text: str, key: Key, value: str | None = None) -> int:
    """The line (from 1) of a key of a TOML text, or of the nearest table above it; with `value`, of that text in it.

    tomllib does not tell places, so the lines are searched for what looks like the key; 1 when nothing does.
    """
    wanted = tuple(str(part) for part in key if not isinstance(part, int))
    table: tuple[str, ...] = ()
    best, line = 0, 1
    lines = text.split("\n")
    for number, row in enumerate(lines, start=1):
        if header := _HEADER.match(row):
            table = _parts(header[1])
            path = table
        elif found := _KEY.match(row):
            path = (*table, *_parts(found[1]))
        else:
            continue
        shared = next(
            (at for at, (one, other) in enumerate(zip(path, wanted, strict=False)) if one != other),
            min(len(path), len(wanted)),
        )
        if shared > best and shared >= min(len(path), len(wanted)):
            best, line = shared, number
    if value is not None:
        for number in range(line, len(lines) + 1):
            if f'"{value}"' in lines[number - 1] or f"'{value}'" in lines[number - 1]:
                return number
    return line


def _parts(dotted: str) -> tuple[str, ...]:
    return tuple(part[1] or part[2] or part[3] or "" for part in _PART.finditer(dotted))


def json_schema() -> dict[str, Any]:
    """The JSON schema of `dlf.toml` and of `[tool.dlf]`, as it stands in docs/schema/config.schema.json."""
    made = Keys.model_json_schema(by_alias=True)
    made["additionalProperties"] = {"type": "object", "description": "The options of the rule of that name."}
    made["propertyNames"] = {"not": {"enum": ["rules"]}}
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **made}
