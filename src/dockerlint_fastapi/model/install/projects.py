"""How the installers of whole projects read their command lines: uv, Poetry, PDM, Pipenv, Hatch, pipx."""

from __future__ import annotations

from collections.abc import Sequence

from dockerlint_fastapi.model.command import Argument
from dockerlint_fastapi.model.install.call import RUNNERS, Call, behind_options
from dockerlint_fastapi.model.install.options import grammar_of, parse_options, values_of
from dockerlint_fastapi.model.install.pip import PIP_ACTIONS, joined, pip_like, python_operands
from dockerlint_fastapi.model.install.step import Step, make_step

_UV = grammar_of(
    "--requirements --constraints --overrides --excludes --editable --python --prefix --target --index"
    " --default-index --index-url"
    " --extra-index-url --find-links --extra --no-extra --group --no-group --only-group --package --no-install-package"
    " --no-binary --only-binary --no-binary-package --no-build-package --config-setting --config-settings-package"
    " --link-mode"
    " --cache-dir --refresh-package --upgrade-package --upgrade-group --reinstall-package --python-version"
    " --python-platform"
    " --torch-backend --exclude-newer --exclude-newer-package --keyring-provider --resolution --prerelease"
    " --fork-strategy"
    " --index-strategy --allow-insecure-host --directory --project --config-file --build-constraints --color --script"
    " --no-build-isolation-package --output-file --format --with --with-editable --with-requirements --optional"
    " --bounds --branch"
    " --tag --rev --marker --raw-sources --env-file --no-emit-package --prune --prompt -m",
    "-r=--requirements --requirement=--requirements -c=--constraints --constraint=--constraints --override=--overrides"
    " -e=--editable -p=--python -t=--target -i=--index-url -f=--find-links -C=--config-setting"
    " --config-settings=--config-setting"
    " -U=--upgrade -P=--upgrade-package -b=--build-constraints --build-constraint=--build-constraints -n=--no-cache"
    " --no-cache-dir=--no-cache -q=--quiet -v=--verbose -o=--output-file -w=--with"
    " --trusted-host=--allow-insecure-host",
)
_POETRY = grammar_of(
    "--without --with --only --extras --directory --project --format --output --group --source --python --platform",
    "-E=--extras -C=--directory -P=--project -f=--format -o=--output -G=--group -D=--dev -n=--no-interaction -q=--quiet"
    " -v=--verbose --sync=--sync",
)
_PDM = grammar_of(
    "--project --group --without --lockfile --config --override --venv --strategy --output --format --python --with"
    " --dest",
    "-p=--project -G=--group -L=--lockfile -c=--config -d=--dev -g=--global -x=--ex-config -o=--output -f=--format"
    " -q=--quiet"
    " -v=--verbose --production=--prod --no-dev=--prod",
)
_PIPENV = grammar_of(
    "--requirements --index --pypi-mirror --python --extra-index-url --extra-pip-args --categories --editable",
    "-r=--requirements -i=--index -d=--dev -e=--editable -q=--quiet -v=--verbose",
)
_HATCH = grammar_of("--env --project --data-dir --cache-dir --config --target", "-e=--env -p=--project -t=--target")
# Behind the subcommand these letters mean something else.
_HATCH_DEP = grammar_of("--feature", "-f=--feature -p=--project-only -e=--env-only")
_HATCH_ACTIONS = {
    ("env", "create"): "install",
    ("dep", "show", "requirements"): "export",
    ("dep", "sync"): "sync",
    ("dep", "lock"): "lock",
    ("env", "lock"): "lock",
    ("lock",): "lock",
}
_UV_ACTIONS = {
    "sync": "sync",
    "add": "install",
    "remove": "remove",
    "lock": "lock",
    "export": "export",
}
_POETRY_ACTIONS = {
    "install": "install",
    "sync": "sync",
    "add": "install",
    "update": "upgrade",
    "remove": "remove",
    "lock": "lock",
    "export": "export",
}
_PDM_ACTIONS = _POETRY_ACTIONS
_PIPENV_ACTIONS = {
    "install": "install",
    "sync": "sync",
    "update": "upgrade",
    "upgrade": "upgrade",
    "uninstall": "remove",
    "lock": "lock",
    "requirements": "export",
}


def read_uv(call: Call, manager: str, program: str, rest: Sequence[Argument]) -> Step | None:
    """`uv`, its `uv pip` and `uv tool` as well."""
    # Global options may stand in front of the subcommand; the command of `uv run` is not uv's to parse.
    start = behind_options(rest, 0, frozenset((*_UV.values, "-p")))
    if start >= len(rest):
        return None
    word = rest[start]
    if word.value == "run":
        inner = behind_options(rest, start + 1, RUNNERS["uv"])
        parsed = parse_options(rest[:inner], _UV)
        return make_step(call, manager, program, "other", subcommand=(word,), parsed=parsed)
    parsed = parse_options(rest, _UV)
    operands = parsed.operands[1:]
    folder = next((one.value for one in values_of(parsed, "--project", "--directory")), ".")
    if word.value in ("pip", "tool", "python", "cache", "self") and operands:
        second = operands[0]
        subcommand = (word, second)
        if word.value == "pip":
            action = PIP_ACTIONS.get(second.value or "", "other")
            return pip_like(
                call, manager, f"{program} pip", action, subcommand=subcommand, parsed=parsed, operands=operands[1:]
            )
        if word.value == "tool" and second.value in ("install", "uninstall", "upgrade"):
            packages, local = python_operands(operands[1:])
            action = {"install": "install", "uninstall": "remove", "upgrade": "upgrade"}[second.value]
            return make_step(
                call,
                manager,
                f"{program} tool",
                action,
                subcommand=subcommand,
                parsed=parsed,
                packages=packages,
                local=local,
            )
        action = "clean" if word.value == "cache" and second.value in ("clean", "prune") else "other"
        return make_step(call, manager, program, action, subcommand=subcommand, parsed=parsed)
    action = _UV_ACTIONS.get(word.value or "", "other")
    if action == "other":
        return make_step(call, manager, program, action, subcommand=(word,), parsed=parsed)
    script = any(option.name == "--script" for option in parsed.options)
    manifest = [] if script or folder is None else [joined(folder, name) for name in ("pyproject.toml", "uv.lock")]
    packages, local = python_operands(operands)
    names = {option.name for option in parsed.options}
    project: bool | None = None
    if action in ("sync", "install"):
        without = {
            "--no-install-project",
            "--no-install-workspace",
            "--no-install-local",
            "--only-dev",
            "--only-group",
            "--script",
        }
        project = names.isdisjoint(without | {"--no-sync", "--dry-run", "--frozen-only"})
    return make_step(
        call,
        manager,
        program,
        action,
        subcommand=(word,),
        parsed=parsed,
        packages=packages if action in ("install", "remove") else (),
        local=local if action == "install" else (),
        requirements=values_of(parsed, "--requirements"),
        editable=values_of(parsed, "--editable") if action == "install" else (),
        reads_manifest=manifest,
        installs_project=project,
    )


def read_poetry(call: Call, manager: str, program: str, rest: Sequence[Argument]) -> Step | None:
    """`poetry` and `pdm`, whose command lines are alike."""
    grammar, actions, lock, silent = (
        (_POETRY, _POETRY_ACTIONS, "poetry.lock", {"--no-root", "--dry-run"})
        if manager == "poetry"
        else (_PDM, _PDM_ACTIONS, "pdm.lock", {"--no-self", "--dry-run"})
    )
    start = behind_options(rest, 0, grammar.values | {"-C", "-P", "-p", "-c"})
    if start >= len(rest):
        return None
    word = rest[start]
    if word.value == "run":
        return make_step(
            call, manager, program, "other", subcommand=(word,), parsed=parse_options(rest[: start + 1], grammar)
        )
    parsed = parse_options(rest, grammar)
    operands = parsed.operands[1:]
    if word.value == "self" and operands:
        packages, local = python_operands(operands[1:])
        action = {"add": "install", "remove": "remove", "update": "upgrade", "install": "install"}.get(
            operands[0].value or "", "other"
        )
        return make_step(
            call,
            manager,
            f"{program} self",
            action,
            subcommand=(word, operands[0]),
            parsed=parsed,
            packages=packages,
            local=local,
        )
    action = actions.get(word.value or "", "other")
    if word.value == "cache" and operands and operands[0].value == "clear":
        return make_step(call, manager, program, "clean", subcommand=(word, operands[0]), parsed=parsed)
    if action == "other":
        return make_step(call, manager, program, action, subcommand=(word,), parsed=parsed)
    folder = next((one.value for one in values_of(parsed, "--project", "--directory")), ".")
    manifest = [] if folder is None else [joined(folder, name) for name in ("pyproject.toml", lock)]
    packages, local = python_operands(operands) if word.value in ("add", "remove", "update") else ([], [])
    names = {option.name for option in parsed.options}
    project = names.isdisjoint(silent) if action in ("install", "sync") and word.value != "add" else None
    return make_step(
        call,
        manager,
        program,
        action,
        subcommand=(word,),
        parsed=parsed,
        packages=packages,
        local=local,
        reads_manifest=manifest,
        installs_project=project,
    )


def read_pipenv(call: Call, manager: str, program: str, rest: Sequence[Argument]) -> Step | None:
    """`pipenv`."""
    start = behind_options(rest, 0, _PIPENV.values)
    if start >= len(rest):
        return None
    word = rest[start]
    if word.value == "run":
        return make_step(
            call, manager, program, "other", subcommand=(word,), parsed=parse_options(rest[: start + 1], _PIPENV)
        )
    parsed = parse_options(rest, _PIPENV)
    action = _PIPENV_ACTIONS.get(word.value or "", "other")
    if action == "other":
        return make_step(call, manager, program, action, subcommand=(word,), parsed=parsed)
    packages, local = python_operands(parsed.operands[1:])
    requirements = values_of(parsed, "--requirements")
    manifest = [one.value for one in requirements if one.value]
    if not manifest and action in ("install", "sync", "lock", "export", "upgrade"):
        manifest = ["Pipfile.lock"] if word.value in ("sync", "requirements") else ["Pipfile", "Pipfile.lock"]
    return make_step(
        call,
        manager,
        program,
        action,
        subcommand=(word,),
        parsed=parsed,
        packages=packages,
        local=local,
        requirements=requirements,
        editable=values_of(parsed, "--editable"),
        reads_manifest=manifest,
    )


def read_hatch(call: Call, manager: str, program: str, rest: Sequence[Argument]) -> Step | None:
    """`hatch`. What `env create` makes is the environment that it names, else `default`, whatever `-e` in front says:
    that is for `run`, `shell` and `dep` (tried with Hatch 1.7 and 1.18).
    """
    start = behind_options(rest, 0, _HATCH.values | {"-e", "-p"})
    if start >= len(rest):
        return None
    parsed = parse_options(rest[start:], _HATCH_DEP if rest[start].value == "dep" else _HATCH)
    given = parse_options(rest[:start], _HATCH)
    parsed = parsed._replace(options=(*given.options, *parsed.options), complete=given.complete and parsed.complete)
    words = [word.value for word in parsed.operands[:3]]
    action = "other"
    for verbs, one in _HATCH_ACTIONS.items():
        if tuple(words[: len(verbs)]) == verbs:
            action = one
    creates = words[:2] == ["env", "create"]
    return make_step(
        call,
        manager,
        program,
        action,
        subcommand=parsed.operands[: 3 if creates or action == "export" else 2 if words[0] in ("env", "dep") else 1],
        parsed=parsed,
        reads_manifest=() if action == "other" else ("pyproject.toml", "hatch.toml"),
        complete=not creates or len(words) < 3 or words[2] is not None,
    )


def read_pipx(call: Call, manager: str, program: str, rest: Sequence[Argument]) -> Step | None:
    """`pipx`."""
    parsed = parse_options(
        rest,
        grammar_of(
            "--python --index-url --pip-args --suffix --spec --backend", "-i=--index-url -e=--editable -f=--force"
        ),
    )
    if not parsed.operands:
        return None
    word = parsed.operands[0]
    action = {"install": "install", "inject": "install", "uninstall": "remove", "upgrade": "upgrade"}.get(
        word.value or "", "other"
    )
    packages, local = python_operands(parsed.operands[1:])
    if action == "other":
        packages, local = [], []
    return make_step(call, manager, program, action, subcommand=(word,), parsed=parsed, packages=packages, local=local)
