"""The option tables against the packages that they describe: they may not drift."""

from __future__ import annotations

import importlib.util
from importlib.metadata import version
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from dockerlint_fastapi.data import table

KINDS = ["uvicorn", "gunicorn", "hypercorn", "granian", "daphne", "fastapi"]


def load_generator() -> ModuleType:
    spec = importlib.util.spec_from_file_location("server_tables", Path(__file__).with_name("server_tables.py"))
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


GENERATOR = load_generator()


def missing(ours: dict[str, Any], theirs: dict[str, Any], where: str) -> list[str]:
    """What the package has and the table lacks, or has otherwise."""
    found: list[str] = []
    for key, names in theirs.items():
        if isinstance(names, list):
            found += [f"{where}{key}: {name}" for name in names if name not in ours.get(key, [])]
        else:
            mapping = ours.get(key, {})
            found += [f"{where}{key}: {name} = {value}" for name, value in names.items() if mapping.get(name) != value]
    return found


@pytest.mark.parametrize("kind", KINDS)
def test_every_option_of_the_package_is_in_the_table(kind: str) -> None:
    ours, theirs = table(f"servers/{kind}"), GENERATOR.read(kind)
    if kind == "fastapi":
        found = [line for name in theirs for line in missing(ours[name], theirs[name], f"{name} ")]
    else:
        found = missing(ours, theirs, "")
    assert not found, "run tests/server_tables.py"


@pytest.mark.parametrize("kind", KINDS)
def test_the_table_has_no_option_that_the_package_of_its_version_lacks(kind: str) -> None:
    ours, theirs = table(f"servers/{kind}"), GENERATOR.read(kind)
    if version(ours["package"]) != ours["version"]:
        pytest.skip(f"{ours['package']} {version(ours['package'])} is not the {ours['version']} of the table")
    if kind == "fastapi":
        assert not [line for name in theirs for line in missing(theirs[name], ours[name], f"{name} ")]
    else:
        options = {key: value for key, value in ours.items() if isinstance(value, (list, dict))}
        assert not missing(theirs, options, "")


@pytest.mark.parametrize("kind", KINDS)
def test_tables_are_dated_and_sourced(kind: str) -> None:
    facts = table(f"servers/{kind}")
    assert facts["as_of"].count("-") == 2
    assert facts["source"].startswith("https://")
    assert facts["version"]


def test_the_generator_writes_what_is_there() -> None:
    for kind in KINDS:
        facts = table(f"servers/{kind}")
        if version(facts["package"]) == facts["version"]:
            text = GENERATOR.TABLES.joinpath(f"{kind}.toml").read_text(encoding="utf-8")
            assert GENERATOR.toml(kind, facts["as_of"]) == text


def test_a_missing_option_would_be_noticed() -> None:
    theirs = GENERATOR.read("uvicorn")
    ours = {**theirs, "values": [name for name in theirs["values"] if name != "port"]}
    assert missing(ours, theirs, "") == ["values: port"]


def test_tables_are_read_once() -> None:
    assert table("servers/uvicorn") is table("servers/uvicorn")
