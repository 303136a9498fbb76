"""Regenerates src/dockerlint_fastapi/data/servers/*.toml from the installed packages.

Run it after upgrading a server: `python tests/server_tables.py 2026-08-01` (the date becomes `as_of`).
What it writes is what `tests/test_server_tables.py` compares.
"""

from __future__ import annotations

import argparse
import datetime as dt
import re
import sys
import warnings
from importlib import import_module
from importlib.metadata import version
from pathlib import Path
from typing import Any

TABLES = Path(__file__).parents[1] / "src/dockerlint_fastapi/data/servers"
SOURCES = {
    "uvicorn": "https://uvicorn.dev/settings/",
    "gunicorn": "https://gunicorn.org/reference/settings/",
    "hypercorn": "https://hypercorn.readthedocs.io/en/latest/how_to_guides/configuring.html",
    "granian": "https://github.com/emmett-framework/granian",
    "daphne": "https://github.com/django/daphne",
    "fastapi": "https://fastapi.tiangolo.com/fastapi-cli/",
}
PACKAGES = {"fastapi": "fastapi-cli"}


class Options:
    """The options of one command line, sorted into the lists that the tables hold."""

    def __init__(self) -> None:
        self.flags: set[str] = set()
        self.switches: set[str] = set()  # --x and --no-x
        self.values: set[str] = set()
        self.repeated: set[str] = set()
        self.optional: set[str] = set()  # the value may be left out
        self.ending: set[str] = set()  # --help and --version: nothing is served
        self.aliases: dict[str, str] = {}  # another spelling, short or long -> the long name
        self.variables: dict[str, str] = {}  # environment variables whose names do not follow from the option's
        self.settings: dict[str, str] = {}  # names in a configuration file that do not either -> the long name

    def as_dict(self) -> dict[str, Any]:
        result: dict[str, Any] = {}
        for key in ("flags", "switches", "values", "repeated", "optional", "ending"):
            if names := sorted(getattr(self, key)):
                result[key] = names
        for key in ("aliases", "variables", "settings"):
            if mapping := getattr(self, key):
                result[key] = dict(sorted(mapping.items()))
        return result


def of_click(parameters: list[Any], prefix: str = "") -> Options:
    """The options of a click (or typer) command."""
    found = Options()
    found.ending.add("help")
    for parameter in parameters:
        if "Argument" in type(parameter).__name__:
            if parameter.envvar:
                found.variables[parameter.name] = parameter.envvar
            continue
        longs = [option[2:] for option in parameter.opts if option.startswith("--")]
        name = longs[0]
        for other in parameter.opts:
            if other != f"--{name}":
                found.aliases[other] = name
        if name == "version":
            found.ending.add(name)
        elif parameter.secondary_opts:
            assert parameter.secondary_opts == [f"--no-{name}"]
            found.switches.add(name)
        elif parameter.is_flag:
            found.flags.add(name)
        elif parameter.multiple:
            found.repeated.add(name)
        else:
            assert parameter.nargs == 1
            found.values.add(name)
        if parameter.envvar:
            found.variables[name] = parameter.envvar
        elif prefix and f"{prefix}{name.replace('-', '_').upper()}" != f"{prefix}{parameter.name.upper()}":
            found.variables[name] = f"{prefix}{parameter.name.upper()}"
    return found


def of_argparse(parser: argparse.ArgumentParser) -> Options:
    """The options of an argparse parser."""
    found = Options()
    for action in parser._actions:
        if not action.option_strings:
            continue
        longs = [option for option in action.option_strings if option.startswith("--")]
        name = longs[0][2:]
        for other in action.option_strings:
            if other != f"--{name}":
                found.aliases[other] = name
        kind = type(action).__name__
        if kind in ("_HelpAction", "_VersionAction"):
            found.ending.add(name)
        elif action.nargs == 0:
            found.flags.add(name)
        elif action.nargs == "?":
            found.optional.add(name)
        elif kind == "_AppendAction":
            found.repeated.add(name)
        else:
            assert action.nargs is None
            found.values.add(name)
    return found


def of_gunicorn() -> Options:
    """gunicorn's options, with the names of the settings that they stand for."""
    config = import_module("gunicorn.config").Config()
    found = of_argparse(config.parser())
    for name, setting in config.settings.items():
        longs = [option[2:] for option in setting.cli or () if option.startswith("--")]
        if longs and longs[0] != name.replace("_", "-"):
            found.settings[name] = longs[0]
    return found


def hypercorn_parser() -> argparse.ArgumentParser:
    """The parser that hypercorn's main makes: caught at the moment it is used, as main keeps it to itself."""
    caught: list[argparse.ArgumentParser] = []

    def stop(parser: argparse.ArgumentParser, *_args: object) -> None:
        caught.append(parser)
        raise InterruptedError

    original = argparse.ArgumentParser.parse_args
    argparse.ArgumentParser.parse_args = stop  # type: ignore[assignment, method-assign]
    try:
        import_module("hypercorn.__main__").main(["x"])
    except InterruptedError:
        return caught[0]
    finally:
        argparse.ArgumentParser.parse_args = original  # type: ignore[method-assign]
    raise AssertionError("hypercorn's main no longer parses its arguments with argparse")


def read(kind: str) -> dict[str, Any]:
    """The options of one server as its installed package declares them."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        if kind == "uvicorn":
            return of_click(import_module("uvicorn.main").main.params, "UVICORN_").as_dict()
        if kind == "granian":
            return of_click(import_module("granian.cli").cli.params, "GRANIAN_").as_dict()
        if kind == "gunicorn":
            return of_gunicorn().as_dict()
        if kind == "hypercorn":
            return of_argparse(hypercorn_parser()).as_dict()
        if kind == "daphne":
            return of_argparse(import_module("daphne.cli").CommandLineInterface().parser).as_dict()
        group = import_module("typer.main").get_command(import_module("fastapi_cli.cli").app)
        options: dict[str, Any] = {}
        for name, command in (("group", group), ("run", group.commands["run"]), ("dev", group.commands["dev"])):
            found = of_click(command.params)
            found.aliases["-h"] = "help"
            options[name] = found.as_dict()
        return options


def toml(kind: str, as_of: str) -> str:
    """A table's text."""
    package = PACKAGES.get(kind, kind)
    lines = [
        "# Made by tests/server_tables.py from the package itself; tests/test_server_tables.py compares them.",
        f'as_of = "{as_of}"',
        f'source = "{SOURCES[kind]}"',
        f'package = "{package}"',
        f'version = "{version(package)}"',
    ]
    options = read(kind)
    if kind == "fastapi":
        for name in ("group", "run", "dev"):
            lines += ["", f"[{name}]", *_entries(options[name], f"{name}.")]
    else:
        lines += _entries(options, "")
    return "\n".join(lines) + "\n"


def _entries(options: dict[str, Any], prefix: str) -> list[str]:
    lines: list[str] = []
    for key, names in options.items():
        if isinstance(names, list):
            lines.append(_list(key, names))
    for key, mapping in options.items():
        if isinstance(mapping, dict):
            lines += ["", f"[{prefix}{key}]"]
            lines += [f'{_key(name)} = "{value}"' for name, value in mapping.items()]
    return lines


def _list(key: str, names: list[str]) -> str:
    quoted = ['"' + name + '"' for name in names]
    return key + " = [" + ", ".join(quoted) + "]"


def _key(name: str) -> str:
    return name if re.fullmatch(r"[A-Za-z0-9_-]+", name) else f'"{name}"'


def main() -> None:
    as_of = sys.argv[1] if len(sys.argv) > 1 else dt.datetime.now(tz=dt.UTC).date().isoformat()
    for kind in SOURCES:
        TABLES.joinpath(f"{kind}.toml").write_text(toml(kind, as_of), encoding="utf-8")


if __name__ == "__main__":
    main()
