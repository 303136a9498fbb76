"""`dlf init`: a commented configuration, and the pre-commit hook and CI job to go with it."""

from __future__ import annotations

import os
import re
import sys
import textwrap
import tomllib

import click

from dockerlint_fastapi import __version__
from dockerlint_fastapi.cli.outcome import Stop
from dockerlint_fastapi.cli.output import say, write, write_file
from dockerlint_fastapi.config import shown_path
from dockerlint_fastapi.record import NamedTuple

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

REPOSITORY = "https://github.com/dockerlint-fastapi/dlf"
DISTRIBUTION = "dockerlint_fastapi"
HOOK_FILE = ".pre-commit-config.yaml"
GITHUB_FILE = ".github/workflows/dlf.yml"
GITLAB_FILE = ".gitlab-ci.yml"

HOOK = f"""\
- repo: {REPOSITORY}
  rev: v{__version__}
  hooks:
    - id: dlf
"""

# The same as in .pre-commit-hooks.yaml, but with the `dlf` that is installed: nothing is fetched.
LOCAL_HOOK = r"""
- repo: local
  hooks:
    - id: dlf
      name: dlf
      entry: dlf check --force-exclude
      language: system
      types: [file]
      files: (?i)(dockerfile|containerfile)[^/]*$|\.(docker|container)ignore$|(compose|stack|swarm)[^/]*\.ya?ml(\.[a-z0-9]+)?$
      require_serial: true
""".lstrip()  # noqa: E501 - one pattern, in the syntax that YAML takes as it is

GITHUB = f"""\
name: dlf
on:
  push:
    branches: [main]
  pull_request:
permissions:
  contents: read
  security-events: write # for the upload to code scanning
jobs:
  dlf:
    runs-on: ubuntu-latest
    steps:
      - uses: actions/checkout@de0fac2e4500dabe0009e67214ff5f5447ce83dd # v6.0.2
        with:
          persist-credentials: false
      - uses: dockerlint-fastapi/dlf@v{__version__}
"""

GITLAB = f"""\
dlf:
  image: python:3.13-slim
  script:
    - pip install --quiet {DISTRIBUTION}=={__version__}
    - dlf check --output-file gitlab:gl-code-quality.json --output-file junit:dlf.xml --output-file sarif:dlf.sarif
  artifacts:
    when: always
    reports:
      codequality: gl-code-quality.json
      junit: dlf.xml
    paths:
      - dlf.sarif
"""
# docs/ci.md shows these; a test compares.


class Document(NamedTuple):
    """A file that `dlf init` makes or adds to."""

    path: str
    snippet: str
    added: Callable[[str, str], str | None]  # the text there now and the snippet, to the new text; None when it can't


@click.command("init", short_help="Write a configuration, a hook, a CI job.")
@click.option("--pyproject", is_flag=True, help="Add [tool.dlf] to pyproject.toml instead of writing dlf.toml.")
@click.option("--hook", is_flag=True, help=f"Add the hook to {HOOK_FILE}, which is made when there is none.")
@click.option("--local", is_flag=True, help="With --hook: run the dlf that is installed, and fetch nothing.")
@click.option(
    "--ci", type=click.Choice(("github", "gitlab")), help=f"Write {GITHUB_FILE}, or add a job to {GITLAB_FILE}."
)
@click.option("--force", is_flag=True, help="Replace a dlf.toml or workflow that is there.")
@click.option("-y", "--yes", is_flag=True, help="Do not ask before a file that is there is added to.")
def init(*, pyproject: bool, hook: bool, local: bool, ci: str | None, force: bool, yes: bool) -> int:
    """Write a commented dlf.toml into the working directory, where all of dlf's settings stand with their defaults.

    A configuration that is there already is left alone, so `dlf init --hook` later on only adds the hook. Without
    --hook and --ci it is printed what they would write. Before a file that is there is added to, you are asked; where
    nobody can answer it needs --yes.

    \b
    Examples:
      dlf init                       dlf.toml
      dlf init --pyproject           [tool.dlf] in pyproject.toml
      dlf init --hook --ci github    and the pre-commit hook and a workflow
      dlf init --hook --local        a hook that runs this installation
    \b
    Exit codes:
      0  all is written
      2  a file is left as it was, since that needs --force, --yes or your own hand
    """  # noqa: D301 - \b is for click: keep these lines as they are
    if local and not hook:
        raise Stop("--local says which hook to add: it needs --hook")
    refused = not _configuration(pyproject=pyproject, force=force, alone=not hook and ci is None)
    wanted: list[Document] = []
    if hook:
        wanted.append(Document(HOOK_FILE, LOCAL_HOOK if local else HOOK, _with_hook))
    if ci == "github":
        wanted.append(Document(GITHUB_FILE, GITHUB, lambda _, snippet: snippet if force else None))
    elif ci == "gitlab":
        wanted.append(Document(GITLAB_FILE, GITLAB, _with_job))
    for document in wanted:
        refused |= not _put(document, yes=yes or (force and ci == "github" and document.path == GITHUB_FILE))
    if not wanted and not refused:
        hint = textwrap.indent(f"repos:\n{textwrap.indent(HOOK, '  ')}", "  ")
        write(
            sys.stdout,
            f"\nNext: `dlf init --hook` puts this into {HOOK_FILE}:\n\n{hint}\n"
            f"and `dlf init --ci github` (or gitlab) a job into {GITHUB_FILE} ({GITLAB_FILE}).\n"
            "A project with findings that have to wait: `dlf check --write-baseline`.\n",
        )
    return 2 if refused else 0


def _configuration(*, pyproject: bool, force: bool, alone: bool) -> bool:
    """Writes the configuration; whether that was needed and could be done. One that is there is a reason to stop only
    when nothing else was asked for.
    """
    own, shared = os.path.exists("dlf.toml"), _table_in("pyproject.toml")
    if pyproject:
        if shared:
            return _there("pyproject.toml: has a table `[tool.dlf]` already: edit that", alone=alone)
        if own:
            return _there("dlf.toml is there already, and would win over `[tool.dlf]`", alone=alone)
        text = _read("pyproject.toml")
        if text is None:
            raise Stop("pyproject.toml: no such file; without --pyproject a dlf.toml is written")
        gap = "" if not text or text.endswith("\n\n") else "\n" if text.endswith("\n") else "\n\n"
        made = text + gap + template("[tool.dlf]")
        try:
            before, after = tomllib.loads(text), tomllib.loads(made)
        except tomllib.TOMLDecodeError as error:
            raise Stop(f"pyproject.toml: is not valid TOML: {error}") from None
        after.get("tool", {}).pop("dlf", None)
        if before.get("tool", {}) != after.get("tool", {}):
            raise Stop("pyproject.toml: cannot be added to: write `[tool.dlf]` by hand")
        _write("pyproject.toml", made if "\r\n" not in text else text + template("[tool.dlf]").replace("\n", "\r\n"))
        return True
    if shared and not force:
        return _there("pyproject.toml: has a table `[tool.dlf]` already, over which dlf.toml would win", alone=alone)
    if own and not force:
        return _there("dlf.toml: is there already; --force replaces it", alone=alone)
    _write("dlf.toml", template())
    return True


def _there(what: str, *, alone: bool) -> bool:
    if alone:
        say(f"error: {what}")
    return not alone


def _table_in(path: str) -> bool:
    text = _read(path)
    if text is None:
        return False
    try:
        tool: Any = tomllib.loads(text).get("tool")
    except tomllib.TOMLDecodeError as error:
        raise Stop(f"{path}: is not valid TOML: {error}") from None
    return isinstance(tool, dict) and "dlf" in tool


def _read(path: str) -> str | None:
    try:
        with open(path, "rb") as file:
            return file.read().decode("utf-8")
    except FileNotFoundError:
        return None
    except OSError as error:
        raise Stop(f"{path}: cannot be read: {error.strerror or error}") from error
    except UnicodeDecodeError as error:
        raise Stop(f"{path}: is not UTF-8 (byte {error.start})") from error


def _write(path: str, text: str) -> None:
    folder = os.path.dirname(path)
    try:
        if folder:
            os.makedirs(folder, exist_ok=True)
        write_file(path, text)
    except OSError as error:
        raise Stop(f"{path}: cannot be written: {error.strerror or error}") from error
    write(sys.stdout, f"wrote {shown_path(path)}\n")


def _put(document: Document, *, yes: bool) -> bool:
    """Makes a file or adds to it; whether it now has what it should."""
    text = _read(document.path)
    if text is None:
        head = "repos:\n" if document.path == HOOK_FILE else ""
        _write(document.path, head + (textwrap.indent(document.snippet, "  ") if head else document.snippet))
        return True
    if re.search(r"dockerlint-fastapi/dlf\b|\bdlf check\b", text) and not yes:
        write(sys.stdout, f"{document.path}: runs dlf already\n")
        return True
    made = document.added(text, document.snippet)
    if made is None:
        say(f"error: {document.path}: is there already and cannot be added to; put this into it:\n{document.snippet}")
        return False
    if not yes and not _agreed(f"{document.path} is there already. Add dlf to it?"):
        say(f"error: {document.path}: is there already; --yes adds this to it:\n{document.snippet}")
        return False
    _write(document.path, made)
    return True


def _agreed(question: str) -> bool:
    if sys.stdin is None or not sys.stdin.isatty():
        return False
    return click.confirm(question, default=False)


def _with_hook(text: str, snippet: str) -> str | None:
    """A configuration of pre-commit with one more entry at the end of `repos`; None when it is not written so that a
    line can be added.
    """
    rows = text.split("\n")
    head = next((at for at, row in enumerate(rows) if re.match(r"repos[ \t]*:[ \t]*(?:#.*)?\r?$", row)), None)
    if head is None:
        return None
    items = [at for at in range(head + 1, len(rows)) if re.match(r"[ \t]*-[ \t]", rows[at])]
    if not items:
        return None
    indentation = rows[items[0]][: len(rows[items[0]]) - len(rows[items[0]].lstrip())]
    end = head + 1
    for at in range(head + 1, len(rows)):
        row = rows[at]
        if row.strip() and not row.startswith((" ", "\t", "-", "#")):
            break
        if row.strip() and not row.startswith("#"):
            end = at + 1
    ending = "\r" if rows[head].endswith("\r") else ""
    new = [f"{row}{ending}" for row in textwrap.indent(snippet, indentation).rstrip("\n").split("\n")]
    if end == len(rows):
        new.append("")
    made = "\n".join([*rows[:end], *new, *rows[end:]])
    before, after = _yaml(text), _yaml(made)
    if not isinstance(before, dict) or not isinstance(after, dict):
        return None
    return made if after == {**before, "repos": [*before["repos"], *_yaml(snippet)]} else None


def _with_job(text: str, snippet: str) -> str | None:
    """A configuration of GitLab CI with one more job at its end; None when that would not be all that it changes."""
    ending = "\r\n" if "\r\n" in text else "\n"
    gap = "" if not text else ending if text.endswith("\n") else ending * 2
    made = text + gap + snippet.replace("\n", ending)
    before, after = _yaml(text) if text.strip() else {}, _yaml(made)
    if not isinstance(before, dict) or "dlf" in before or not isinstance(after, dict):
        return None
    return made if after == {**before, **_yaml(snippet)} else None


def _yaml(text: str) -> Any:
    from ruamel.yaml import YAML  # noqa: PLC0415 - only a file that is there is read
    from ruamel.yaml.error import YAMLError  # noqa: PLC0415

    yaml = YAML(typ="safe", pure=True)
    yaml.constructor.add_multi_constructor("!", lambda _, tag, node: (tag, str(node.value)))
    try:
        return yaml.load(text)
    except (YAMLError, ValueError):
        return None


_EXAMPLES = {
    "select": '["all"]',
    "extend-select": '["ignore-without-reason"]',
    "ignore": '["single-stage-build"]',
    "preview": "false",
    "baseline": '"dlf-baseline.json"',
    "exclude": '["legacy/", "*.example"]',
    "compose-files": '["compose.yaml", "compose.prod.yaml"]',
    "force-exclude": "false",
    "fail-on": '"warning"',
    "profile": '"default"',
    "deployment": '"auto"',
    "output-format": '"text"',
}
_TABLES = {"severity": ('missing-healthcheck = "error"',), "per-file-ignores": ('"Dockerfile.dev" = ["signals"]',)}


def template(table: str = "") -> str:
    """A configuration in which every key stands with what it means, commented out; `table` is the header above all."""
    from dockerlint_fastapi.config.file import Keys  # noqa: PLC0415 - it imports pydantic

    lines = [table] if table else []
    lines += [
        "# Settings of dlf, all commented out: take away the `#` of what you want to change.",
        f"# {REPOSITORY}/blob/main/docs/configuration.md",
    ]
    inner = table.strip("[]")
    for name, field in Keys.model_fields.items():
        key = field.alias or name
        lines += ["", *(f"# {line}" for line in textwrap.wrap(field.description or "", 110))]
        if key in _TABLES:
            lines += [f"# [{inner}.{key}]" if inner else f"# [{key}]", *(f"# {row}" for row in _TABLES[key])]
        else:
            otherwise = "false" if "bool" in str(field.annotation) else "[]"
            lines.append(f"# {key} = {_EXAMPLES.get(key, otherwise)}")
    return "\n".join(lines) + "\n"
