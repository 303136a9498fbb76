"""How the package managers of other languages read their command lines: npm, yarn, pnpm, bun, cargo, gem."""

from __future__ import annotations

import re
from collections.abc import Sequence

from dockerlint_fastapi.model.command import Argument
from dockerlint_fastapi.model.install.call import Call, bare_text
from dockerlint_fastapi.model.install.options import grammar_of, parse_options
from dockerlint_fastapi.model.install.step import Package, Step, literal_head, make_step

_NODE = grammar_of(
    "--prefix --registry --cache --userconfig --dir --filter --cwd --network-timeout --loglevel --omit --include"
    " --cache-folder"
    " --modules-folder --store-dir --network-concurrency -C",
    "-g=--global --location=global -D=--save-dev -S=--save -E=--save-exact -C=--dir -w=--workspace-root -P=--prod"
    " -F=--filter",
)
_CARGO = grammar_of(
    "--version --git --branch --tag --rev --path --root --registry --index --features --target --profile --jobs -j"
)
_NODE_ACTIONS = {
    "install": "install",
    "i": "install",
    "add": "install",
    "ci": "sync",
    "clean-install": "sync",
    "update": "upgrade",
    "upgrade": "upgrade",
    "remove": "remove",
    "uninstall": "remove",
    "rm": "remove",
    "cache": "clean",
    "store": "clean",
}
_NODE_MANIFESTS = {
    "npm": ("package.json", "package-lock.json"),
    "yarn": ("package.json", "yarn.lock"),
    "pnpm": ("package.json", "pnpm-lock.yaml"),
    "bun": ("package.json", "bun.lock"),
}


def read_node(call: Call, manager: str, program: str, rest: Sequence[Argument]) -> Step | None:
    """`npm`, `yarn`, `pnpm`, `bun`."""
    parsed = parse_options(rest, _NODE)
    words = parsed.operands
    if not words and manager != "yarn":
        return None
    if len(words) > 1 and words[0].value == "global":  # `yarn global add x`
        words = words[1:]
    verb = words[0].value or "" if words else "install"
    action = _NODE_ACTIONS.get(verb, "other")
    operands = words[1:] if action in ("install", "upgrade", "remove") else ()
    local = [word for word in operands if bare_text(word).startswith((".", "/", "file:"))]
    packages = [_node_package(word) for word in operands if not bare_text(word).startswith((".", "/", "file:"))]
    reads = action in ("install", "sync") and not packages and not local
    return make_step(
        call,
        manager,
        program,
        action,
        subcommand=words[:1],
        parsed=parsed,
        packages=packages,
        local=local,
        reads_manifest=_NODE_MANIFESTS.get(manager, ()) if reads else (),
    )


def _node_package(argument: Argument) -> Package:
    text = bare_text(argument)
    scope, slash, rest = text.partition("/") if text.startswith("@") else ("", "", text)
    if argument.value is not None:
        head = rest.partition("@")[0]
    else:
        head, separator = literal_head(rest, "@")
        head = head if separator else ""
    return Package(scope + slash + head if re.match(r"[A-Za-z0-9._-]+\Z", head) else None, argument)


def read_cargo(call: Call, manager: str, program: str, rest: Sequence[Argument]) -> Step | None:
    """`cargo` and `gem`."""
    rest = [argument for argument in rest if not bare_text(argument).startswith("+")]  # `cargo +nightly install`
    parsed = parse_options(rest, _CARGO)
    if not parsed.operands:
        return None
    word = parsed.operands[0]
    action = {"install": "install", "uninstall": "remove"}.get(word.value or "", "other")
    packages = [_node_package(one) for one in parsed.operands[1:]] if action != "other" else []
    complete = manager != "cargo" or not any(option.name in ("--path", "--git") for option in parsed.options)
    return make_step(
        call, manager, program, action, subcommand=(word,), parsed=parsed, packages=packages, complete=complete
    )
