"""A step: one call of a package manager, whichever it is, in the terms that rules ask in."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from dockerlint_fastapi.model.command import Argument
from dockerlint_fastapi.model.install.call import EXPANSION, Call, bare_text
from dockerlint_fastapi.model.install.options import Option, Parsed
from dockerlint_fastapi.model.shell import SimpleCommand
from dockerlint_fastapi.pattern import pattern
from dockerlint_fastapi.record import NamedTuple
from dockerlint_fastapi.source import Span

SYSTEM_MANAGERS = frozenset(("apt", "apk", "dnf", "zypper", "dpkg", "rpm"))
PYTHON_MANAGERS = frozenset(("pip", "uv", "poetry", "pdm", "pipenv", "hatch", "pipx", "conda"))
# They install a project's groups as their options say.
_CHOOSING_GROUPS = frozenset(("uv", "poetry", "pdm", "pipenv"))


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
ARCHIVES = (".whl", ".tar.gz", ".zip", ".tar.bz2", ".tgz", ".tar.xz")


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


class Step(NamedTuple):
    """One call of a package manager.

    `complete` is False when it may install more than `packages`, `requirements` and `local` say: an expansion, `xargs`,
    a group of packages. `installs_project` tells, for managers that install a project from its manifest, whether the
    project itself goes in (True unless an option says no); None where that question has no answer.
    """

    # apt, apk, dnf (also yum, microdnf), zypper, dpkg, rpm, pip, uv, poetry, pdm, pipenv, hatch, pipx, conda, npm,
    # yarn, pnpm, bun, cargo, gem; `script` for an installer's own script (`curl … | python -`)
    manager: str
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
        for option in self.options:  # noqa: SIM110 - twice as fast, and asked of every step
            if option.name in names:
                return True
        return False

    def option(self, *names: str) -> Option | None:
        """The last option of these names, or None."""
        for option in reversed(self.options):
            if option.name in names:
                return option
        return None

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
        ready = all(bare_text(word).endswith((*ARCHIVES, "*")) for word in self.local) and not self.editable
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


_NO_RECOMMENDS = pattern(r"apt::install-recommends=[\"']?(false|no|off|without|disable|0)[\"']?")


_SEPARATORS = pattern(r"[-_.]+")


def _normal(name: str) -> str:
    return _SEPARATORS.sub("-", name).lower()


def make_step(
    call: Call,
    manager: str,
    program: str,
    action: str,
    *,
    subcommand: Sequence[Argument],
    parsed: Parsed,
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
    # What the shell puts in place of `$(…)` or `$FLAGS` may be options: which groups, or that the project stays out.
    groups_open = manager in _CHOOSING_GROUPS and any(
        one.value is None and EXPANSION.search(one.text) for one in parsed.operands if not _is_quoted(one)
    )
    if groups_open and not (packages or local):
        unsure = unsure or action in ("install", "sync", "upgrade", "export")
        installs_project = None if installs_project else installs_project
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


def _is_quoted(word: Argument) -> bool:
    """Whether a word stays one word, and no option, whatever its variable holds."""
    return word.text.startswith('"') and word.text.endswith('"')


def literal_head(text: str, separators: str) -> tuple[str, str]:
    """What stands in front of the first of `separators`, and that one; without one, everything and ""."""
    for at, char in enumerate(text):
        if char in separators:
            return text[:at], char
        if char in "$`*?{":
            break
    return text, ""
