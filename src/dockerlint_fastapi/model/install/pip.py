"""How pip and pip-tools read their command lines, and what other Python installers share with them."""

from __future__ import annotations

import re
from collections.abc import Sequence

from dockerlint_fastapi.model.command import Argument
from dockerlint_fastapi.model.install.call import EXPANSION, Call, bare_text
from dockerlint_fastapi.model.install.options import Parsed, grammar_of, parse_options, values_of
from dockerlint_fastapi.model.install.step import ARCHIVES, Package, Step, literal_head, make_step
from dockerlint_fastapi.pattern import pattern

_PIP_OPTIONS = (
    "--requirement --constraint --editable --target --platform --python-version --implementation --abi --root"
    " --prefix --src"
    " --upgrade-strategy --config-settings --global-option --build-option --install-option --no-binary"
    " --only-binary --progress-bar"
    " --root-user-action --report --group --index-url --extra-index-url --find-links --trusted-host --cert"
    " --client-cert --cache-dir"
    " --proxy --retries --timeout --exists-action --use-feature --use-deprecated --log --python --keyring-provider"
    " --resume-retries"
    " --build-constraint --dest --wheel-dir --path --build --uploaded-prior-to"
)
_PIP = grammar_of(
    _PIP_OPTIONS,
    "-r=--requirement -c=--constraint -e=--editable -t=--target -C=--config-settings -i=--index-url -f=--find-links"
    " -d=--dest"
    " -w=--wheel-dir -U=--upgrade -I=--ignore-installed -q=--quiet -v=--verbose -y=--yes -b=--build"
    " --pypi-url=--index-url"
    " --log-file=--log --local-log=--log --default-timeout=--timeout",
    _PIP_OPTIONS
    + " --no-cache-dir --no-deps --upgrade --user --pre --quiet --verbose --ignore-installed --force-reinstall"
    " --compile"
    " --no-compile --no-build-isolation --use-pep517 --no-use-pep517 --require-hashes --prefer-binary --no-index"
    " --no-input --isolated"
    " --disable-pip-version-check --no-warn-script-location --no-warn-conflicts --no-python-version-warning --dry-run"
    " --break-system-packages --require-virtualenv --debug --no-color --no-clean --ignore-requires-python --yes"
    " --help --version"
    " --check-build-dependencies",
)
PIP_ACTIONS = {
    "install": "install",
    "uninstall": "remove",
    "download": "download",
    "wheel": "download",
    "lock": "lock",
    "sync": "sync",
    "compile": "lock",
    "cache": "clean",
    "freeze": "export",
}
_BEHIND_NAME = pattern(r"[\[=<>!~;@ ]")
PYTHON_PACKAGE = pattern(r"[A-Za-z0-9][A-Za-z0-9._-]*\Z")


def _is_local(text: str) -> bool:
    """Pip takes a word for a path when it holds a separator or begins with a dot, and for a file by its ending."""
    base = text.partition("[")[0]
    if "://" in text or ("@" in text and re.match(r"[A-Za-z0-9._-]+(\[[^]]*\])?\s*@", text)):
        return text.startswith("file:")
    return base.startswith((".", "/", "~")) or "/" in base or base.endswith(ARCHIVES)


def python_operands(operands: Sequence[Argument]) -> tuple[list[Package], list[Argument]]:
    """The operands of an install as packages, and as what lies on disk."""
    packages: list[Package] = []
    local: list[Argument] = []
    for argument in operands:
        text = bare_text(argument).strip()
        if _is_local(text):
            local.append(argument)
            continue
        if argument.value is not None:
            head = _BEHIND_NAME.split(text, maxsplit=1)[0]
        else:
            head, separator = literal_head(text, "[=<>!~;@ ")
            head = head if separator else ""
        name = head if PYTHON_PACKAGE.match(head) and "://" not in text.partition("@")[0] else None
        packages.append(Package(name, argument))
    return packages, local


def _manifests(arguments: Sequence[Argument], local: Sequence[Argument]) -> list[str]:
    names = [argument.value for argument in arguments if argument.value]
    for argument in local:
        path = argument.value.partition("[")[0] if argument.value else ""
        if path and not path.endswith(ARCHIVES) and not EXPANSION.search(path):
            names.append(joined(path, "pyproject.toml"))
    return names


def joined(directory: str, name: str) -> str:
    """`./pkg` and `pyproject.toml` -> `pkg/pyproject.toml`."""
    path = directory.removeprefix("file://").removeprefix("file:").rstrip("/")
    while path.startswith("./"):
        path = path[2:].lstrip("/")
    return name if path in ("", ".") else f"{path}/{name}"


def _is_project(argument: Argument) -> bool:
    return joined(bare_text(argument).partition("[")[0], "x") == "x"


def read_pip(call: Call, manager: str, program: str, rest: Sequence[Argument]) -> Step | None:
    """`pip`, `python -m pip`, `pip-sync`, `pip-compile`."""
    parsed = parse_options(rest, _PIP)
    if program in ("pip-sync", "pip-compile"):  # pip-tools: no subcommand
        action = "sync" if program == "pip-sync" else "lock"
        files = parsed.operands or ()
        manifest = [one.value for one in files if one.value] or (["requirements.txt"] if action == "sync" else [])
        return make_step(
            call, manager, program, action, subcommand=(), parsed=parsed, requirements=files, reads_manifest=manifest
        )
    if not parsed.operands:
        return None
    word = parsed.operands[0]
    action = PIP_ACTIONS.get(word.value or "", "other")
    if action == "clean" and [one.value for one in parsed.operands[1:2]] not in (["purge"], ["remove"]):
        action = "other"
    return pip_like(call, manager, program, action, subcommand=(word,), parsed=parsed, operands=parsed.operands[1:])


def pip_like(
    call: Call,
    manager: str,
    program: str,
    action: str,
    *,
    subcommand: Sequence[Argument],
    parsed: Parsed,
    operands: Sequence[Argument],
) -> Step:
    """What `pip install` and `uv pip install` share."""
    if action in ("clean", "other", "export"):
        return make_step(call, manager, program, action, subcommand=subcommand, parsed=parsed)
    requirements = values_of(parsed, "--requirement", "--requirements")
    packages, local = python_operands(operands)
    if manager == "uv" and action in ("sync", "lock"):  # `uv pip sync requirements.txt`: operands are files
        requirements, packages, local = (*requirements, *operands), [], []
    editable = values_of(parsed, "--editable")
    manifests = _manifests(requirements, (*local, *editable))
    if any(option.name == "--group" for option in parsed.options):
        manifests.append("pyproject.toml")
    project = None
    if action in ("install", "download"):
        project = any(_is_project(argument) for argument in (*local, *editable))
    return make_step(
        call,
        manager,
        program,
        action,
        subcommand=subcommand,
        parsed=parsed,
        packages=packages,
        requirements=requirements,
        constraints=values_of(parsed, "--constraint", "--constraints"),
        editable=editable,
        local=local,
        reads_manifest=manifests,
        installs_project=project,
    )
