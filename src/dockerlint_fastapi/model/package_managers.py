"""Package managers: how each reads its command line, and the step that a call of one is."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from functools import cache
from typing import NamedTuple

from dockerlint_fastapi.data import table
from dockerlint_fastapi.model.calls import EXPANSION, RUNNERS, Call, bare_name, bare_text, behind_options, manager_of
from dockerlint_fastapi.model.command import Argument
from dockerlint_fastapi.model.shell import SimpleCommand
from dockerlint_fastapi.source import Span

SYSTEM_MANAGERS = frozenset(("apt", "apk", "dnf", "zypper", "dpkg", "rpm"))
PYTHON_MANAGERS = frozenset(("pip", "uv", "poetry", "pdm", "pipenv", "hatch", "pipx", "conda"))
# What people install to install the rest; a step with nothing else in it only prepares (`pip install -U pip`).
INSTALLERS = frozenset(
    [
        "pip",
        "setuptools",
        "wheel",
        "uv",
        "poetry",
        "poetry-core",
        "poetry-plugin-export",
        "poetry-plugin-bundle",
        "pdm",
        "pipenv",
        "hatch",
        "hatchling",
        "pipx",
        "virtualenv",
        "build",
        "pip-tools",
        "flit",
        "flit-core",
        "rye",
        "setuptools-scm",
        "conda",
        "mamba",
        "micromamba",
        "conda-lock",
        "npm",
        "yarn",
        "pnpm",
        "corepack",
    ]
)


class Package(NamedTuple):
    """A package that a step names. `name` is without version, extras and architecture; None when it cannot be told
    (an expansion, a URL).
    """

    name: str | None
    word: Argument

    @property
    def requirement(self) -> str:
        """What stands behind the name (`[standard]==0.30`, `=1.2-r0`), quotes removed; "" when there is nothing."""
        text = bare_text(self.word)
        return text[len(self.name) :] if self.name and text.lower().startswith(self.name.lower()) else ""


class Option(NamedTuple):
    """An option as given: its long name where it has one, its value (None for a flag, or when it cannot be told)."""

    name: str
    value: str | None
    word: Argument
    value_word: Argument | None  # the word that holds the value: `word` itself for `--name=value`


class Step(NamedTuple):
    """One call of a package manager.

    `complete` is False when it may install more than `packages`, `requirements` and `local` say: an expansion, `xargs`,
    a group of packages. `installs_project` tells, for managers that install a project from its manifest, whether the
    project itself goes in (True unless an option says no); None where that question has no answer.
    """

    manager: (
        str  # apt, apk, dnf (also yum, microdnf), zypper, dpkg, rpm, pip, uv, poetry, pdm, pipenv, hatch, pipx, conda,
    )
    # npm, yarn, pnpm, bun, cargo, gem; `script` for an installer's own script (`curl … | python -`)
    program: str  # as called, bare: `apt-get`, `pip3`, `python3 -m pip`, `uv pip`, `micromamba`
    action: str  # install update upgrade remove clean sync export download lock other
    subcommand: str  # the words that chose the action: `pip install`, `env create`
    packages: tuple[Package, ...]
    requirements: tuple[Argument, ...]  # values of -r
    constraints: tuple[Argument, ...]  # values of -c
    editable: tuple[Argument, ...]  # values of -e
    local: tuple[Argument, ...]  # directories, wheels, archives and .deb files on disk
    options: tuple[Option, ...]
    environment: Mapping[str, str | None]  # variables set for it within the RUN: `A=b pip`, `env A=b`, `export A=b`
    reads_manifest: tuple[str, ...]  # files that say what to install, as far as they are known by name
    installs_project: bool | None
    complete: bool
    conditional: bool  # it may not run: inside if, while, case or a function; behind `||`; behind a test and `&&`
    command: SimpleCommand | None  # None in exec form
    span: Span
    action_span: Span | None  # the word(s) of `subcommand`; None when the program alone is the action (`yarn`)

    def has(self, *names: str) -> bool:
        """Whether one of these options (long names) was given."""
        return any(option.name in names for option in self.options)

    def option(self, *names: str) -> Option | None:
        """The last option of these names, or None."""
        return next((option for option in reversed(self.options) if option.name in names), None)

    @property
    def names(self) -> frozenset[str]:
        """The names of the packages, as far as they are known."""
        return frozenset(package.name for package in self.packages if package.name)

    @property
    def head(self) -> Span:
        """The program and the words that chose its action, without options and packages: `apt-get install`."""
        return self.span if self.action_span is None else self.span.to(self.action_span)

    @property
    def words(self) -> str:
        """The same in words, on one line: `apt-get install`, `python -m pip install`."""
        program, _, last = self.program.rpartition(" ")  # `uv pip` with its `pip install`
        return f"{self.program} {self.subcommand.removeprefix(last + ' ') if program else self.subcommand}".strip()

    @property
    def offline(self) -> bool:
        """It fetches nothing from an index, or may fetch nothing: `--no-index`, wheels and archives on disk, or a local
        project without its dependencies.
        """
        if self.has("--no-index"):
            return True
        if self.packages or self.requirements or not (self.local or self.editable):
            return False
        ready = all(bare_text(word).endswith((*_ARCHIVES, "*")) for word in self.local) and not self.editable
        return ready or self.has("--no-deps")

    @property
    def bootstrap(self) -> bool:
        """It installs nothing but installers (pip, uv, poetry, …)."""
        return (
            self.action in ("install", "upgrade")
            and self.manager not in SYSTEM_MANAGERS
            and bool(self.packages)
            and self.complete
            and not (self.requirements or self.editable or self.local)
            and all(package.name is not None and _normal(package.name) in INSTALLERS for package in self.packages)
        )

    @property
    def recommends(self) -> bool:
        """For apt: recommended packages come along, as far as the command line says."""
        if self.manager != "apt" or self.has("--no-install-recommends"):
            return False
        settings = (option.value or "" for option in self.options if option.name == "--option")
        return not any(_NO_RECOMMENDS.fullmatch(setting.strip().lower()) for setting in settings)


_NO_RECOMMENDS = re.compile(r"apt::install-recommends=[\"']?(false|no|off|without|disable|0)[\"']?")


def _normal(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


class _Grammar(NamedTuple):
    """How a manager reads its command line. Names carry their dashes."""

    values: frozenset[str]  # options that take a value
    long: Mapping[str, str]  # short name (and synonyms) -> the name under which it is kept
    abbreviations: frozenset[str] = frozenset()  # long options that may be cut short, as Python's optparse allows


class _Parsed(NamedTuple):
    options: tuple[Option, ...]
    operands: tuple[Argument, ...]
    complete: bool  # False when a word that cannot be told may be options or operands of any number


def _grammar(values: str, long: str = "", abbreviations: str = "") -> _Grammar:
    pairs = (pair.split("=") for pair in long.split())
    return _Grammar(frozenset(values.split()), dict(pairs), frozenset(abbreviations.split()))


def _parse(arguments: Sequence[Argument], grammar: _Grammar) -> _Parsed:
    options: list[Option] = []
    operands: list[Argument] = []
    waiting: tuple[str, Argument] | None = None  # an option whose value is the next word
    complete = True
    only_operands = False
    for argument in arguments:
        text = bare_text(argument)
        if waiting is not None:
            options.append(Option(waiting[0], argument.value, waiting[1], argument))
            waiting = None
        elif only_operands or text in ("", "-") or not text.startswith("-"):
            # An unquoted `$packages` may be several words, also options.
            operands.append(argument)
        elif text == "--":
            only_operands = True
        elif text.startswith("--"):
            name, equals, value = text.partition("=")
            if argument.value is None and EXPANSION.search(name):
                complete = False
                continue
            name = _long_name(name, grammar)
            if equals:
                options.append(Option(name, value if argument.value is not None else None, argument, argument))
            elif name in grammar.values:
                waiting = name, argument
            else:
                options.append(Option(name, None, argument, None))
        else:
            waiting = _parse_cluster(argument, text, grammar, options)
    if waiting is not None:
        options.append(Option(waiting[0], None, waiting[1], None))
    return _Parsed(tuple(options), tuple(operands), complete)


def _parse_cluster(
    argument: Argument, text: str, grammar: _Grammar, options: list[Option]
) -> tuple[str, Argument] | None:
    """`-yqq`, `-rfile`, `-q=2`: appends to `options`; the option that waits for the next word, if one does."""
    for at in range(1, len(text)):
        letter = "-" + text[at]
        name = grammar.long.get(letter, letter)
        rest = text[at + 1 :].removeprefix("=")
        if letter in grammar.values or name in grammar.values:
            if not rest:
                return name, argument
            options.append(Option(name, rest if argument.value is not None else None, argument, argument))
            return None
        options.append(Option(name, None, argument, None))
        if text[at + 1 : at + 2] == "=" or not text[at].isalnum():
            return None
    return None


def _long_name(name: str, grammar: _Grammar) -> str:
    if name in grammar.long:
        return grammar.long[name]
    if grammar.abbreviations and name not in grammar.abbreviations:
        candidates = [known for known in grammar.abbreviations if known.startswith(name)]
        if len(candidates) == 1:
            return grammar.long.get(candidates[0], candidates[0])
    return name


_APT = _grammar(
    "--option --target-release --config-file --host-architecture --build-profiles --with-source --solver --snapshot"
    " -o -t -c -a -P -S",
    "-o=--option -t=--target-release --default-release=--target-release -c=--config-file -y=--yes"
    " --assume-yes=--yes -q=--quiet"
    " -d=--download-only -f=--fix-broken -m=--ignore-missing --fix-missing=--ignore-missing -s=--simulate"
    " --dry-run=--simulate"
    " -a=--host-architecture -P=--build-profiles -U=--update",
)
_APK = _grammar(
    "--virtual --root --repository --keys-dir --repositories-file --wait --arch --cache-dir --cache-max-age --timeout"
    " --progress-fd -t -p -X",
    "-t=--virtual -p=--root -X=--repository -q=--quiet -U=--update-cache -u=--upgrade -f=--force -i=--interactive",
)
_DNF = _grammar(
    "--config --exclude --enablerepo --disablerepo --repo --repoid --setopt --installroot --releasever"
    " --repofrompath --advisory"
    " --forcearch --rpmverbosity --comment --disableexcludes --destdir --downloaddir --color --debuglevel"
    " --errorlevel -c -x -d -e",
    "-y=--assumeyes -q=--quiet -c=--config -x=--exclude -C=--cacheonly -b=--best",
)
_ZYPPER = _grammar(
    "--repo --from --root --type --config --plus-repo --reposd-dir -r -t -p",
    "-y=--no-confirm -n=--non-interactive -l=--auto-agree-with-licenses -r=--repo -t=--type",
)
_DPKG = _grammar("--root --admindir --instdir", "-i=--install -r=--remove -P=--purge")
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
_PIP = _grammar(
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
_UV = _grammar(
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
_POETRY = _grammar(
    "--without --with --only --extras --directory --project --format --output --group --source --python --platform",
    "-E=--extras -C=--directory -P=--project -f=--format -o=--output -G=--group -D=--dev -n=--no-interaction -q=--quiet"
    " -v=--verbose --sync=--sync",
)
_PDM = _grammar(
    "--project --group --without --lockfile --config --override --venv --strategy --output --format --python --with"
    " --dest",
    "-p=--project -G=--group -L=--lockfile -c=--config -d=--dev -g=--global -x=--ex-config -o=--output -f=--format"
    " -q=--quiet"
    " -v=--verbose --production=--prod --no-dev=--prod",
)
_PIPENV = _grammar(
    "--requirements --index --pypi-mirror --python --extra-index-url --extra-pip-args --categories --editable",
    "-r=--requirements -i=--index -d=--dev -e=--editable -q=--quiet -v=--verbose",
)
_CONDA = _grammar(
    "--name --prefix --channel --file --solver --root-prefix --rc-file --repodata-fn --cwd --log-level"
    " --experimental --platform"
    " --pyver",
    "-n=--name -p=--prefix -c=--channel -f=--file -y=--yes -q=--quiet -a=--all -t=--tarballs -i=--index-cache"
    " -r=--root-prefix"
    " -v=--verbose",
)
_CONDA_CLEAN = _grammar(
    "", "-y=--yes -a=--all -f=--force-pkgs-dirs -t=--tarballs -i=--index-cache -p=--packages -q=--quiet"
)
_NODE = _grammar(
    "--prefix --registry --cache --userconfig --dir --filter --cwd --network-timeout --loglevel --omit --include"
    " --cache-folder"
    " --modules-folder --store-dir --network-concurrency -C",
    "-g=--global --location=global -D=--save-dev -S=--save -E=--save-exact -C=--dir -w=--workspace-root -P=--prod"
    " -F=--filter",
)
_CARGO = _grammar(
    "--version --git --branch --tag --rev --path --root --registry --index --features --target --profile --jobs -j"
)

_APT_ACTIONS = {
    "install": "install",
    "reinstall": "install",
    "build-dep": "install",
    "satisfy": "install",
    "update": "update",
    "upgrade": "upgrade",
    "dist-upgrade": "upgrade",
    "full-upgrade": "upgrade",
    "safe-upgrade": "upgrade",
    "dselect-upgrade": "upgrade",
    "remove": "remove",
    "purge": "remove",
    "autoremove": "remove",
    "autopurge": "remove",
    "auto-remove": "remove",
    "clean": "clean",
    "autoclean": "clean",
    "dist-clean": "clean",
    "distclean": "clean",
    "download": "download",
}
_DNF_ACTIONS = {
    "install": "install",
    "in": "install",
    "localinstall": "install",
    "reinstall": "install",
    "groupinstall": "install",
    "builddep": "install",
    "update": "upgrade",
    "upgrade": "upgrade",
    "up": "upgrade",
    "dup": "upgrade",
    "upgrade-minimal": "upgrade",
    "update-minimal": "upgrade",
    "distro-sync": "upgrade",
    "makecache": "update",
    "check-update": "update",
    "remove": "remove",
    "rm": "remove",
    "erase": "remove",
    "autoremove": "remove",
    "clean": "clean",
    "download": "download",
}
_ZYPPER_ACTIONS = _DNF_ACTIONS | {
    "refresh": "update",
    "ref": "update",
    "cc": "clean",
    "patch": "upgrade",
    "dist-upgrade": "upgrade",
}
_APK_ACTIONS = {
    "add": "install",
    "del": "remove",
    "update": "update",
    "upgrade": "upgrade",
    "fetch": "download",
    "cache": "clean",
}
_PIP_ACTIONS = {
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


def read_step(call: Call, piped: str = "") -> Step | None:
    """The step that a call is, or None. `piped` holds the words of the download whose output it reads, if it does."""
    if not call.arguments:
        return None
    found = manager_of(call.arguments)
    if found is None:
        return _installer_script(call, piped)
    manager, program, position = found
    return _READERS[manager](call, manager, program, call.arguments[position:])


def _made(
    call: Call,
    manager: str,
    program: str,
    action: str,
    *,
    subcommand: Sequence[Argument],
    parsed: _Parsed,
    packages: Sequence[Package] = (),
    requirements: Sequence[Argument] = (),
    constraints: Sequence[Argument] = (),
    editable: Sequence[Argument] = (),
    local: Sequence[Argument] = (),
    reads_manifest: Sequence[str] = (),
    installs_project: bool | None = None,
    complete: bool = True,
) -> Step:
    """A Step of the parts; `complete` is joined with what the call and its words leave open."""
    unsure = action in ("install", "sync", "upgrade", "remove") and (
        call.xargs
        or not parsed.complete
        or any(package.name is None and package.word.value is None for package in packages)
        or any(argument.value is None for argument in (*requirements, *editable, *local))
    )
    return Step(
        manager=manager,
        program=program,
        action=action,
        subcommand=" ".join(bare_text(word) for word in subcommand),
        packages=tuple(packages),
        requirements=tuple(requirements),
        constraints=tuple(constraints),
        editable=tuple(editable),
        local=tuple(local),
        options=parsed.options,
        environment=call.environment,
        reads_manifest=tuple(reads_manifest),
        installs_project=installs_project,
        complete=complete and not unsure,
        conditional=call.conditional,
        command=call.command,
        span=call.arguments[0].span.to(call.arguments[-1].span),
        action_span=subcommand[0].span.to(subcommand[-1].span) if subcommand else None,
    )


def _values(parsed: _Parsed, *names: str) -> tuple[Argument, ...]:
    """The values of these options as arguments, each with the value alone as its text."""
    found: list[Argument] = []
    for option in parsed.options:
        if option.name in names and option.value_word is not None:
            word = option.value_word
            if word is option.word:  # `--name=value`, `-rvalue`
                _, equals, text = bare_text(word).partition("=")
                text = text if equals and bare_text(word).startswith("--") else (option.value or bare_text(word)[2:])
                word = Argument(option.value, text, word.span)
            found.append(word)
    return tuple(found)


# Behind the name of a system package: a version, a release, an architecture, a repository.
_SYSTEM_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9.+_-]*?(?=[=<>~@:/]|\Z)")
_WHOLE_NAME = re.compile(r"[A-Za-z0-9.][A-Za-z0-9.+_-]*\Z")


def _system_package(argument: Argument) -> Package:
    text = bare_text(argument).removeprefix("!")
    if argument.value is not None:
        head = re.split(r"[=<>~@:/]", text, maxsplit=1)[0]
        return Package(head if _WHOLE_NAME.match(head) else None, argument)
    # `libpq5=$VERSION`: the name is certain as long as the expansion stands behind a separator.
    head, separator = _head(text, "=<>~@:/")
    return Package(head if separator and _WHOLE_NAME.match(head) else None, argument)


def _head(text: str, separators: str) -> tuple[str, str]:
    for at, char in enumerate(text):
        if char in separators:
            return text[:at], char
        if char in "$`*?{":
            break
    return text, ""


def _is_file(text: str, *endings: str) -> bool:
    return text.startswith(("./", "../", "/")) or text.endswith(endings)


def _read_apt(call: Call, manager: str, program: str, rest: Sequence[Argument]) -> Step | None:
    parsed = _parse(rest, _APT)
    if not parsed.operands:
        return None
    word, operands = parsed.operands[0], parsed.operands[1:]
    action = _APT_ACTIONS.get(word.value or "", "other")
    local = [argument for argument in operands if _is_file(bare_text(argument), ".deb")]
    packages = [_system_package(argument) for argument in operands if not _is_file(bare_text(argument), ".deb")]
    whole = action != "install" or (
        word.value != "build-dep" and all(package.name or package.word.value is None for package in packages)
    )
    return _made(
        call,
        manager,
        program,
        action,
        subcommand=(word,),
        parsed=parsed,
        packages=packages,
        local=local,
        complete=whole,
    )


def _read_apk(call: Call, manager: str, program: str, rest: Sequence[Argument]) -> Step | None:
    parsed = _parse(rest, _APK)
    if not parsed.operands:
        return None
    word, operands = parsed.operands[0], parsed.operands[1:]
    action = _APK_ACTIONS.get(word.value or "", "other")
    local = [argument for argument in operands if bare_text(argument).endswith(".apk")]
    named = (argument for argument in operands if not bare_text(argument).endswith(".apk"))
    packages = [_system_package(argument) for argument in named if not bare_text(argument).startswith("!")]
    return _made(call, manager, program, action, subcommand=(word,), parsed=parsed, packages=packages, local=local)


def _read_rpm_family(call: Call, manager: str, program: str, rest: Sequence[Argument]) -> Step | None:
    grammar, actions = (_ZYPPER, _ZYPPER_ACTIONS) if manager == "zypper" else (_DNF, _DNF_ACTIONS)
    parsed = _parse(rest, grammar)
    if not parsed.operands:
        return None
    word, operands = parsed.operands[0], parsed.operands[1:]
    action = actions.get(word.value or "", "other")
    subcommand = [word]
    if word.value in ("group", "groups") and operands and operands[0].value == "install":
        action, subcommand, operands = "install", [word, operands[0]], operands[1:]
    if manager == "zypper" and word.value == "update":
        action = "upgrade"
    local = [argument for argument in operands if _is_file(bare_text(argument), ".rpm")]
    packages = [_system_package(argument) for argument in operands if not _is_file(bare_text(argument), ".rpm")]
    groups = word.value in ("groupinstall", "group", "groups", "builddep") or any(
        bare_text(one).startswith("@") for one in operands
    )
    return _made(
        call,
        manager,
        program,
        action,
        subcommand=subcommand,
        parsed=parsed,
        packages=packages,
        local=local,
        complete=not groups,
    )


def _read_archive(call: Call, manager: str, program: str, rest: Sequence[Argument]) -> Step | None:
    """`dpkg -i file.deb`, `rpm -i file.rpm`."""
    text = [bare_text(argument) for argument in rest]
    install = any(one in ("--install", "--upgrade", "--unpack") or re.match(r"-[a-zA-Z]*[iUF]", one) for one in text)
    if manager == "dpkg":
        install = any(one in ("-i", "--install", "--unpack") or re.match(r"-[A-Z]*i", one) for one in text)
    if any(one in ("-q", "-qa", "--query", "--import") for one in text):
        install = False
    remove = any(one in ("-r", "-P", "-e", "--remove", "--purge", "--erase") for one in text)
    parsed = _parse(rest, _DPKG)
    subcommand = next((argument for argument in rest if bare_text(argument).startswith("-")), None)
    action = "install" if install else "remove" if remove else "other"
    return _made(
        call,
        manager,
        program,
        action,
        subcommand=(subcommand,) if subcommand else (),
        parsed=parsed,
        packages=[_system_package(one) for one in parsed.operands] if action == "remove" else (),
        local=parsed.operands if install else (),
    )


_PYTHON_PACKAGE = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*\Z")
_ARCHIVES = (".whl", ".tar.gz", ".zip", ".tar.bz2", ".tgz", ".tar.xz")


def _is_local(text: str) -> bool:
    """Pip takes a word for a path when it holds a separator or begins with a dot, and for a file by its ending."""
    base = text.partition("[")[0]
    if "://" in text or re.match(r"[A-Za-z0-9._-]+(\[[^]]*\])?\s*@", text):
        return text.startswith("file:")
    return base.startswith((".", "/", "~")) or "/" in base or base.endswith(_ARCHIVES)


def _python_operands(operands: Sequence[Argument]) -> tuple[list[Package], list[Argument]]:
    packages: list[Package] = []
    local: list[Argument] = []
    for argument in operands:
        text = bare_text(argument).strip()
        if _is_local(text):
            local.append(argument)
            continue
        if argument.value is not None:
            head = re.split(r"[\[=<>!~;@ ]", text, maxsplit=1)[0]
        else:
            head, separator = _head(text, "[=<>!~;@ ")
            head = head if separator else ""
        name = head if _PYTHON_PACKAGE.match(head) and "://" not in text.partition("@")[0] else None
        packages.append(Package(name, argument))
    return packages, local


def _manifests(arguments: Sequence[Argument], local: Sequence[Argument]) -> list[str]:
    names = [argument.value for argument in arguments if argument.value]
    for argument in local:
        path = argument.value.partition("[")[0] if argument.value else ""
        if path and not path.endswith(_ARCHIVES) and not EXPANSION.search(path):
            names.append(_joined(path, "pyproject.toml"))
    return names


def _joined(directory: str, name: str) -> str:
    """`./pkg` and `pyproject.toml` -> `pkg/pyproject.toml`."""
    path = directory.removeprefix("file://").removeprefix("file:").rstrip("/")
    while path.startswith("./"):
        path = path[2:].lstrip("/")
    return name if path in ("", ".") else f"{path}/{name}"


def _is_project(argument: Argument) -> bool:
    return _joined(bare_text(argument).partition("[")[0], "x") == "x"


def _read_pip(call: Call, manager: str, program: str, rest: Sequence[Argument]) -> Step | None:
    parsed = _parse(rest, _PIP)
    if program in ("pip-sync", "pip-compile"):  # pip-tools: no subcommand
        action = "sync" if program == "pip-sync" else "lock"
        files = parsed.operands or ()
        manifest = [one.value for one in files if one.value] or (["requirements.txt"] if action == "sync" else [])
        return _made(
            call, manager, program, action, subcommand=(), parsed=parsed, requirements=files, reads_manifest=manifest
        )
    if not parsed.operands:
        return None
    word = parsed.operands[0]
    action = _PIP_ACTIONS.get(word.value or "", "other")
    if action == "clean" and [one.value for one in parsed.operands[1:2]] not in (["purge"], ["remove"]):
        action = "other"
    return _pip_like(call, manager, program, action, subcommand=(word,), parsed=parsed, operands=parsed.operands[1:])


def _pip_like(
    call: Call,
    manager: str,
    program: str,
    action: str,
    *,
    subcommand: Sequence[Argument],
    parsed: _Parsed,
    operands: Sequence[Argument],
) -> Step:
    """What `pip install` and `uv pip install` share."""
    if action in ("clean", "other", "export"):
        return _made(call, manager, program, action, subcommand=subcommand, parsed=parsed)
    requirements = _values(parsed, "--requirement", "--requirements")
    packages, local = _python_operands(operands)
    if manager == "uv" and action in ("sync", "lock"):  # `uv pip sync requirements.txt`: operands are files
        requirements, packages, local = (*requirements, *operands), [], []
    editable = _values(parsed, "--editable")
    manifests = _manifests(requirements, (*local, *editable))
    if any(option.name == "--group" for option in parsed.options):
        manifests.append("pyproject.toml")
    project = None
    if action in ("install", "download"):
        project = any(_is_project(argument) for argument in (*local, *editable))
    return _made(
        call,
        manager,
        program,
        action,
        subcommand=subcommand,
        parsed=parsed,
        packages=packages,
        requirements=requirements,
        constraints=_values(parsed, "--constraint", "--constraints"),
        editable=editable,
        local=local,
        reads_manifest=manifests,
        installs_project=project,
    )


def _read_uv(call: Call, manager: str, program: str, rest: Sequence[Argument]) -> Step | None:
    # Global options may stand in front of the subcommand; the command of `uv run` is not uv's to parse.
    start = behind_options(rest, 0, frozenset((*_UV.values, "-p")))
    if start >= len(rest):
        return None
    word = rest[start]
    if word.value == "run":
        inner = behind_options(rest, start + 1, RUNNERS["uv"])
        parsed = _parse(rest[:inner], _UV)
        return _made(call, manager, program, "other", subcommand=(word,), parsed=parsed)
    parsed = _parse(rest, _UV)
    operands = parsed.operands[1:]
    folder = next((one.value for one in _values(parsed, "--project", "--directory")), ".")
    if word.value in ("pip", "tool", "python", "cache", "self") and operands:
        second = operands[0]
        subcommand = (word, second)
        if word.value == "pip":
            action = _PIP_ACTIONS.get(second.value or "", "other")
            return _pip_like(
                call, manager, f"{program} pip", action, subcommand=subcommand, parsed=parsed, operands=operands[1:]
            )
        if word.value == "tool" and second.value in ("install", "uninstall", "upgrade"):
            packages, local = _python_operands(operands[1:])
            action = {"install": "install", "uninstall": "remove", "upgrade": "upgrade"}[second.value]
            return _made(
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
        return _made(call, manager, program, action, subcommand=subcommand, parsed=parsed)
    action = _UV_ACTIONS.get(word.value or "", "other")
    if action == "other":
        return _made(call, manager, program, action, subcommand=(word,), parsed=parsed)
    script = any(option.name == "--script" for option in parsed.options)
    manifest = [] if script or folder is None else [_joined(folder, name) for name in ("pyproject.toml", "uv.lock")]
    packages, local = _python_operands(operands)
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
    return _made(
        call,
        manager,
        program,
        action,
        subcommand=(word,),
        parsed=parsed,
        packages=packages if action in ("install", "remove") else (),
        local=local if action == "install" else (),
        requirements=_values(parsed, "--requirements"),
        editable=_values(parsed, "--editable") if action == "install" else (),
        reads_manifest=manifest,
        installs_project=project,
    )


def _read_poetry(call: Call, manager: str, program: str, rest: Sequence[Argument]) -> Step | None:
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
        return _made(call, manager, program, "other", subcommand=(word,), parsed=_parse(rest[: start + 1], grammar))
    parsed = _parse(rest, grammar)
    operands = parsed.operands[1:]
    if word.value == "self" and operands:
        packages, local = _python_operands(operands[1:])
        action = {"add": "install", "remove": "remove", "update": "upgrade", "install": "install"}.get(
            operands[0].value or "", "other"
        )
        return _made(
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
        return _made(call, manager, program, "clean", subcommand=(word, operands[0]), parsed=parsed)
    if action == "other":
        return _made(call, manager, program, action, subcommand=(word,), parsed=parsed)
    folder = next((one.value for one in _values(parsed, "--project", "--directory")), ".")
    manifest = [] if folder is None else [_joined(folder, name) for name in ("pyproject.toml", lock)]
    packages, local = _python_operands(operands) if word.value in ("add", "remove", "update") else ([], [])
    names = {option.name for option in parsed.options}
    project = names.isdisjoint(silent) if action in ("install", "sync") and word.value != "add" else None
    return _made(
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


def _read_pipenv(call: Call, manager: str, program: str, rest: Sequence[Argument]) -> Step | None:
    start = behind_options(rest, 0, _PIPENV.values)
    if start >= len(rest):
        return None
    word = rest[start]
    if word.value == "run":
        return _made(call, manager, program, "other", subcommand=(word,), parsed=_parse(rest[: start + 1], _PIPENV))
    parsed = _parse(rest, _PIPENV)
    action = _PIPENV_ACTIONS.get(word.value or "", "other")
    if action == "other":
        return _made(call, manager, program, action, subcommand=(word,), parsed=parsed)
    packages, local = _python_operands(parsed.operands[1:])
    requirements = _values(parsed, "--requirements")
    manifest = [one.value for one in requirements if one.value]
    if not manifest and action in ("install", "sync", "lock", "export", "upgrade"):
        manifest = ["Pipfile.lock"] if word.value in ("sync", "requirements") else ["Pipfile", "Pipfile.lock"]
    return _made(
        call,
        manager,
        program,
        action,
        subcommand=(word,),
        parsed=parsed,
        packages=packages,
        local=local,
        requirements=requirements,
        editable=_values(parsed, "--editable"),
        reads_manifest=manifest,
    )


def _read_hatch(call: Call, manager: str, program: str, rest: Sequence[Argument]) -> Step | None:
    grammar = _grammar("--env -e --project -p --data-dir --cache-dir --config --target -t")
    parsed = _parse(rest, grammar)
    if not parsed.operands:
        return None
    words = [word.value for word in parsed.operands[:2]]
    creates = words == ["env", "create"]
    return _made(
        call,
        manager,
        program,
        "install" if creates else "other",
        subcommand=parsed.operands[: 2 if words[0] in ("env", "dep") else 1],
        parsed=parsed,
        reads_manifest=("pyproject.toml",) if creates else (),
    )


def _read_pipx(call: Call, manager: str, program: str, rest: Sequence[Argument]) -> Step | None:
    parsed = _parse(
        rest,
        _grammar(
            "--python --index-url --pip-args --suffix --spec --backend", "-i=--index-url -e=--editable -f=--force"
        ),
    )
    if not parsed.operands:
        return None
    word = parsed.operands[0]
    action = {"install": "install", "inject": "install", "uninstall": "remove", "upgrade": "upgrade"}.get(
        word.value or "", "other"
    )
    packages, local = _python_operands(parsed.operands[1:])
    if action == "other":
        packages, local = [], []
    return _made(call, manager, program, action, subcommand=(word,), parsed=parsed, packages=packages, local=local)


def _read_conda(call: Call, manager: str, program: str, rest: Sequence[Argument]) -> Step | None:
    start = behind_options(rest, 0, _CONDA.values | {"-n", "-p", "-c", "-f", "-r"})
    if start >= len(rest):
        return None
    if rest[start].value == "run":
        return _made(
            call, manager, program, "other", subcommand=(rest[start],), parsed=_parse(rest[: start + 1], _CONDA)
        )
    # For `clean`, -f is --force-pkgs-dirs.
    parsed = _parse(rest, _CONDA_CLEAN if rest[start].value == "clean" else _CONDA)
    words = list(parsed.operands)
    subcommand = words[: 2 if words[0].value == "env" else 1]
    verb = " ".join(word.value or "" for word in subcommand)
    action = _CONDA_ACTIONS.get(verb, "other")
    if action == "other":
        return _made(call, manager, program, action, subcommand=subcommand, parsed=parsed)
    files = _values(parsed, "--file")
    manifest = [one.value for one in files if one.value]
    if not files and verb.startswith("env ") and action == "install":
        manifest = ["environment.yml"]
    packages = [_conda_package(word) for word in words[len(subcommand) :]] if not verb.startswith("env ") else []
    return _made(
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
        head, separator = _head(text, "=<>!~[ ")
        head = head if separator else ""
    return Package(head if _PYTHON_PACKAGE.match(head) else None, argument)


_NODE_MANIFESTS = {
    "npm": ("package.json", "package-lock.json"),
    "yarn": ("package.json", "yarn.lock"),
    "pnpm": ("package.json", "pnpm-lock.yaml"),
    "bun": ("package.json", "bun.lock"),
}


def _read_node(call: Call, manager: str, program: str, rest: Sequence[Argument]) -> Step | None:
    parsed = _parse(rest, _NODE)
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
    return _made(
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
        head, separator = _head(rest, "@")
        head = head if separator else ""
    return Package(scope + slash + head if re.match(r"[A-Za-z0-9._-]+\Z", head) else None, argument)


def _read_cargo(call: Call, manager: str, program: str, rest: Sequence[Argument]) -> Step | None:
    rest = [argument for argument in rest if not bare_text(argument).startswith("+")]  # `cargo +nightly install`
    parsed = _parse(rest, _CARGO)
    if not parsed.operands:
        return None
    word = parsed.operands[0]
    action = {"install": "install", "uninstall": "remove"}.get(word.value or "", "other")
    packages = [_node_package(one) for one in parsed.operands[1:]] if action != "other" else []
    complete = manager != "cargo" or not any(option.name in ("--path", "--git") for option in parsed.options)
    return _made(
        call, manager, program, action, subcommand=(word,), parsed=parsed, packages=packages, complete=complete
    )


_READERS: dict[str, Callable[[Call, str, str, Sequence[Argument]], Step | None]] = {
    "apt": _read_apt,
    "apk": _read_apk,
    "dnf": _read_rpm_family,
    "zypper": _read_rpm_family,
    "dpkg": _read_archive,
    "rpm": _read_archive,
    "pip": _read_pip,
    "uv": _read_uv,
    "poetry": _read_poetry,
    "pdm": _read_poetry,
    "pipenv": _read_pipenv,
    "hatch": _read_hatch,
    "pipx": _read_pipx,
    "conda": _read_conda,
    "npm": _read_node,
    "yarn": _read_node,
    "pnpm": _read_node,
    "bun": _read_node,
    "cargo": _read_cargo,
    "gem": _read_cargo,
}

_INTERPRETERS = re.compile(r"(python[0-9.]*|sh|bash|dash|ash|zsh)\Z")
_GET_PIP = re.compile(r"(get-pip|get-poetry|install-poetry|install-pdm)(-[0-9.]+)?\.py\Z")


def _installer_script(call: Call, piped: str) -> Step | None:
    """`curl https://install.python-poetry.org | python3 -`, `python get-pip.py`: manager `script`, one package:"
    " the tool.
    """
    if call.name is None or not _INTERPRETERS.match(call.name):
        return None
    tool: str | None = None
    word = call.arguments[0]
    for argument in call.arguments[1:]:
        name = bare_name(argument)
        if name and _GET_PIP.match(name):
            tool, word = ("pip" if "pip" in name else "poetry" if "poetry" in name else "pdm"), argument
    if tool is None and piped:
        tool = installer_of(piped)
    if tool is None:
        return None
    parsed = _Parsed((), call.arguments[1:], complete=True)
    return _made(call, "script", call.name, "install", subcommand=(), parsed=parsed, packages=[Package(tool, word)])


@cache
def _installers() -> tuple[tuple[str, str], ...]:
    return tuple(table("harmless_programs")["installers"].items())


def installer_of(text: str) -> str | None:
    """The tool that a download in `text` installs when it is run (`install.python-poetry.org` -> `poetry`), or None."""
    if "://" not in text and "." not in text:
        return None
    return next((tool for address, tool in _installers() if address in text), None)
