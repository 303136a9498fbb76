"""How conda, mamba and micromamba read their command lines."""

from __future__ import annotations

import re
from collections.abc import Sequence

from dockerlint_fastapi.model.command import Argument
from dockerlint_fastapi.model.install.call import Call, bare_text, behind_options
from dockerlint_fastapi.model.install.options import grammar_of, parse_options, values_of
from dockerlint_fastapi.model.install.pip import PYTHON_PACKAGE
from dockerlint_fastapi.model.install.step import Package, Step, literal_head, make_step

_CONDA = grammar_of(
    "--name --prefix --channel --file --solver --root-prefix --rc-file --repodata-fn --cwd --log-level"
    " --experimental --platform"
    " --pyver",
    "-n=--name -p=--prefix -c=--channel -f=--file -y=--yes -q=--quiet -a=--all -t=--tarballs -i=--index-cache"
    " -r=--root-prefix"
    " -v=--verbose",
)
_CONDA_CLEAN = grammar_of(
    "", "-y=--yes -a=--all -f=--force-pkgs-dirs -t=--tarballs -i=--index-cache -p=--packages -q=--quiet"
)
_CONDA_ACTIONS = {
    "install": "install",
    "create": "install",
    "update": "upgrade",
    "upgrade": "upgrade",
    "remove": "remove",
    "uninstall": "remove",
    "clean": "clean",
    "env create": "install",
    "env update": "install",
    "env export": "export",
    "export": "export",
}


def read_conda(call: Call, manager: str, program: str, rest: Sequence[Argument]) -> Step | None:
    """`conda`, `mamba`, `micromamba`."""
    start = behind_options(rest, 0, _CONDA.values | {"-n", "-p", "-c", "-f", "-r"})
    if start >= len(rest):
        return None
    if rest[start].value == "run":
        return make_step(
            call, manager, program, "other", subcommand=(rest[start],), parsed=parse_options(rest[: start + 1], _CONDA)
        )
    # For `clean`, -f is --force-pkgs-dirs.
    parsed = parse_options(rest, _CONDA_CLEAN if rest[start].value == "clean" else _CONDA)
    words = list(parsed.operands)
    subcommand = words[: 2 if words[0].value == "env" else 1]
    verb = " ".join(word.value or "" for word in subcommand)
    action = _CONDA_ACTIONS.get(verb, "other")
    if action == "other":
        return make_step(call, manager, program, action, subcommand=subcommand, parsed=parsed)
    files = values_of(parsed, "--file")
    manifest = [one.value for one in files if one.value]
    if not files and verb.startswith("env ") and action == "install":
        manifest = ["environment.yml"]
    packages = [_conda_package(word) for word in words[len(subcommand) :]] if not verb.startswith("env ") else []
    return make_step(
        call,
        manager,
        program,
        action,
        subcommand=subcommand,
        parsed=parsed,
        packages=packages,
        requirements=files,
        reads_manifest=manifest,
        complete=action != "install" or not manifest,
    )


def _conda_package(argument: Argument) -> Package:
    text = bare_text(argument).rpartition("::")[2]
    if argument.value is not None:
        head = re.split(r"[=<>!~\[ ]", text, maxsplit=1)[0]
    else:
        head, separator = literal_head(text, "=<>!~[ ")
        head = head if separator else ""
    return Package(head if PYTHON_PACKAGE.match(head) else None, argument)
