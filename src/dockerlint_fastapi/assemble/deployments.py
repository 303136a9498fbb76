"""Which compose files are used together, and what for."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import cache

from dockerlint_fastapi.cached import cached_property
from dockerlint_fastapi.data import table
from dockerlint_fastapi.model.compose import DEFAULT_NAMES, OVERRIDE_NAMES, ComposeFile, Service
from dockerlint_fastapi.model.deployment import Deployment
from dockerlint_fastapi.model.development import (
    is_called_development,
    is_told_development,
    of_files,
    of_service,
    of_what_is_built,
    says_production,
    tags_tell,
)
from dockerlint_fastapi.model.evidence import (
    PRODUCTION,
    Evidence,
    is_in_deploy_folder,
    is_in_examples,
    setting_of_name,
    setting_of_path,
    tokens,
)
from dockerlint_fastapi.record import NamedTuple
from dockerlint_fastapi.tree import normal, parent

TYPE_CHECKING = False
if TYPE_CHECKING:
    from dockerlint_fastapi.assemble.env_files import EnvFiles
    from dockerlint_fastapi.model.files.compose_stacks import ComposeStacks, Stack

_SOURCES = ("image", "build", "extends", "provider")  # what says what a service runs
# Words in the names of services that are a user interface.
_FRONT = frozenset("frontend front ui webui client spa dashboard".split())


class _Set(NamedTuple):
    """Files that are used together, what for, whether nothing is missing, and what its first file is for by itself;
    `given` where that is no guess.
    """

    files: list[ComposeFile]
    setting: str
    whole: bool
    base_setting: str
    given: bool = False


def deployments_of(
    files: Iterable[ComposeFile],
    load: Callable[[str], ComposeFile | None],
    stack: Sequence[ComposeFile] = (),
    env_files: EnvFiles | None = None,
    said: Callable[[], ComposeStacks] | None = None,
) -> Iterator[Deployment]:
    """The sets of compose files that are used together, by their names and by whether each is complete; or the one set
    that the user names, `stack`, in its order.

    A complete file named for production stands alone, and the base file beside it is then for development; so is one
    above or below it, of which it starts all that is kept up.
    one that only overlays, or that a command lays over others (`said`), is judged merged with them. The automatic
    override makes a development set.
    """
    if stack:
        yield _deployment(_given(stack), load, env_files)
        return
    folders: dict[str, dict[str, ComposeFile]] = {}
    for file in files:
        if file.services or file.includes:
            path = file.source.path
            folders.setdefault(parent(path), {})[path.rpartition("/")[2]] = file
    production = _ProductionFiles(folders)
    made = [
        _deployment(chosen, load, env_files, folder.values())
        for folder in folders.values()
        for chosen in _replaced(list(_sets(folder, said, production)), _stack_of(folder, load, env_files))
    ]
    # What another set takes in by `include` or `extends` is a part: what it lacks, the other may give.
    parts = {file for one in made for file in one.merged.files if file not in one.files}
    holders: dict[ComposeFile, dict[Deployment, None]] = {}
    beginning: dict[ComposeFile, list[Deployment]] = {}
    for one in made:
        beginning.setdefault(one.files[0], []).append(one)
        for file in one.merged.files:
            holders.setdefault(file, {})[one] = None
    for one in made:
        # but a file that a plain `docker compose up` reads is whole, though one beside it extends its services
        takers = {other for file in one.files for other in holders.get(file, ()) if other is not one}
        near = all(parent(other.files[0].source.path) == parent(one.files[0].source.path) for other in takers)
        one.whole = one.whole and (parts.isdisjoint(one.files) or (one.is_default and near))
    for one in made:
        size = len(one.files)
        one.extended_by = tuple(
            other
            for other in beginning[one.files[0]]
            if other.whole and len(other.files) > size and other.files[:size] == one.files
        )
        named = [setting_of_name(file.source.path.rpartition("/")[2]) for file in one.files]
        if size > 1 and not any(named):
            one.shipped = next((other for other in beginning[one.files[0]] if _is_for_production(other)), None)
    yield from made


def _given(stack: Sequence[ComposeFile]) -> _Set:
    """The set of files that somebody names; the last one whose name says what it is for decides that."""
    return _Set([*stack], _setting_of(stack), whole=True, base_setting="base", given=True)


def _stack_of(
    folder: dict[str, ComposeFile], load: Callable[[str], ComposeFile | None], env_files: EnvFiles | None
) -> list[ComposeFile]:
    """The files that a plain `docker compose up` in a folder reads because the `.env` there says so (COMPOSE_FILE);
    none when it says nothing, or one of them cannot be read.
    """
    one = next(iter(folder.values()))
    names = env_files.beside(one)("COMPOSE_FILE") if env_files is not None else None
    if not isinstance(names, str) or not names:
        return []
    above = parent(one.source.path)
    paths = [normal(f"{above}/{name}" if above else name) for name in names.replace(";", ":").split(":") if name]
    found = [load(path) if path is not None else None for path in paths]
    files = [file for file in found if file is not None and file.root is not None]
    return files if len(files) == len(found) else []


def _replaced(sets: list[_Set], stack: list[ComposeFile]) -> list[_Set]:
    """The sets of a folder, with a given one in place of those that a plain `docker compose up` would take else."""
    if not stack:
        return sets
    names = (*DEFAULT_NAMES, *OVERRIDE_NAMES)
    kept = [
        one
        for one in sets
        if one.files != stack and not all(file.source.path.rpartition("/")[2] in names for file in one.files)
    ]
    return [_given(stack), *kept]


def _sets(
    folder: dict[str, ComposeFile],
    said: Callable[[], ComposeStacks] | None,
    named: _ProductionFiles,
) -> Iterator[_Set]:
    """The sets of files in one folder that are used together; `named` are those of all folders for production."""
    base = next((folder[name] for name in DEFAULT_NAMES if name in folder), None)
    override = next((folder[name] for name in OVERRIDE_NAMES if name in folder), None)
    others = [file for name, file in folder.items() if file is not base and name not in OVERRIDE_NAMES]
    stacks = _stacks(others, base, said, override)
    below = {file: stack.under if stack is not None else [] for file, stack in stacks.items()}
    production = {file: is_complete(file) and not below[file] for file in others if _said_by(file) == "production"}
    overlaid = not all(production.values())
    replaced = bool(production) and not overlaid and (base is None or _stand_for(production, base))
    instead = list(production) if production or base is None else _started_instead(base, named)
    if instead and not production:
        replaced = True
    if replaced and base is not None and said is not None and said().deploys(base, instead):
        replaced = False
    if replaced and base is not None and all(map(_is_for_swarm, instead)) and _is_published(base):
        replaced = False
    own = "development" if replaced else "base"
    if base is not None:
        own = _said_by(base) or own
    laid: list[list[ComposeFile]] = []
    for file in others:
        under = below[file]
        if under and (base is None or not extends(base, file)):
            first = own if under[0] is base else "base"
            stack = stacks[file]
            files = [*under, file, *(stack.above if stack is not None else ())]
            if files not in laid:
                laid.append(files)
                yield _Set(files, _setting_of(files), whole=True, base_setting=first)
        elif base is None or is_complete(file) or extends(base, file):
            if not any(under[:1] == [file] for under in below.values()) or said is None or not said().only_below(file):
                files = _with_others(file, others, said)
                if files not in laid:
                    laid.append(files)
                    alone = stacks[file] is not None
                    yield _Set(files, _setting_of(files), is_complete(file), "base", given=alone)
        else:
            yield _Set([base, file], _said_by(file) or "base", True, own)
    if override is not None:
        yield _Set([override] if base is None else [base, override], "development", base is not None, own)
    # Under a production overlay the base is never used alone, except for development with the override.
    if base is not None and not overlaid:
        yield _Set([base], own, True, own)


def _is_for_swarm(file: ComposeFile) -> bool:
    """Whether a file's name says no more of production than that it is for Swarm: one way among others."""
    said = PRODUCTION.intersection(tokens(file.source.path.rpartition("/")[2]))
    return bool(said) and said <= {"swarm", "stack"}


def _is_published(file: ComposeFile) -> bool:
    """Whether a file builds nothing and restarts something: it is for those who use what was published."""
    services = file.services.values()
    worked_on = any(one.build is not None or one.watch for one in services)
    return not worked_on and any(one.restarts for one in services)


class _ProductionFiles:
    """The complete files that are named for production, by the folders that they lie in or below."""

    def __init__(self, folders: Mapping[str, Mapping[str, ComposeFile]]) -> None:
        self._folders = folders

    @cached_property
    def _found(self) -> tuple[dict[str, list[ComposeFile]], dict[str, list[ComposeFile]]]:
        """Those in a folder, and those below it."""
        inside: dict[str, list[ComposeFile]] = {}
        below: dict[str, list[ComposeFile]] = {}
        for folder, files in self._folders.items():
            found = [one for name, one in files.items() if setting_of_name(name) == "production" and is_complete(one)]
            if found:
                inside[folder] = found
                for above in _above(folder):
                    below.setdefault(above, []).extend(found)
        return inside, below

    def near(self, folder: str) -> list[ComposeFile]:
        """Those above and below a folder."""
        inside, below = self._found
        return [*below.get(folder, ()), *(file for above in _above(folder) for file in inside.get(above, ()))]


def _above(folder: str) -> Iterator[str]:
    while folder:
        folder = parent(folder)
        yield folder


def _started_instead(base: ComposeFile, named: _ProductionFiles) -> list[ComposeFile]:
    """The files for production in folders above and below a base file that start all that this builds and keeps up: by
    the same names, from the same folder or by the same image; where this builds some of it from a stage for work on the
    project (`target: debug`), those that start that.
    """
    built = [one for one in base.services.values() if one.build is not None and not _is_front(one)]
    # what ends by itself, such as a migration, may be done otherwise there
    needed = [one for one in built if one.restart is None or one.restart.value != "no"]
    needed = [one for one in needed if _is_from_debug_stage(one)] or needed
    return [
        file
        for file in (named.near(parent(base.source.path)) if needed else ())
        if all(_is_same(file.services.get(one.name), file, one, base) for one in needed)
    ]


def _is_from_debug_stage(service: Service) -> bool:
    """Whether a service is built from a stage that is called one for work on the project, if nobody chooses another."""
    target = service.build.target if service.build is not None else None
    name = ((target.intended if target is not None else None) or "").lower()
    return bool(name) and (name == "debug" or setting_of_name(name) == "development")


def _is_same(other: Service | None, file: ComposeFile, one: Service, base: ComposeFile) -> bool:
    """Whether a service of a file for production runs what one of the base file builds; by its name alone where it
    takes an image that is no product of others: somebody built that.
    """
    if other is None:
        return False
    if other.build is None and other.image is not None and _is_of_project(other):
        return True
    if other.build is None and other.extends is not None and _is_from_debug_stage(one):
        return True  # what it extends stands beside it, and is built from no such stage
    if other.image is not None and one.image is not None and other.image.text == one.image.text:
        return True
    return other.build is not None and _built_in(other, file) == _built_in(one, base)


def _built_in(service: Service, file: ComposeFile) -> str | None:
    """The folder from the root that a service is built from."""
    context = service.build.context if service.build is not None else None
    said = context.value if context is not None else "."
    return normal(f"{parent(file.source.path)}/{said}".lstrip("/")) if said else None


def _with_others(
    file: ComposeFile, others: Sequence[ComposeFile], said: Callable[[], ComposeStacks] | None
) -> list[ComposeFile]:
    """A file with those that each command of the project lays over it, where it has no services that it needs but by
    them, though they are started alone, too; else the file alone.
    """
    files = said().set_of(file, others) if said is not None and len(others) > 1 else []
    return files if any(leans_on(file, one) for one in files[1:]) else [file]


def _stacks(
    others: Sequence[ComposeFile],
    base: ComposeFile | None,
    said: Callable[[], ComposeStacks] | None,
    override: ComposeFile | None = None,
) -> dict[ComposeFile, Stack | None]:
    """With which files of its folder each one but the base and its override is laid over another: by what a command of
    the project names, else over the base where Compose would refuse it alone; over nothing, where a command starts it
    alone all the same. None for what stands alone.
    """
    every = [one for one in (base, override, *others) if one is not None]
    stacks: dict[ComposeFile, Stack | None] = dict.fromkeys(others)
    if said is None or len(every) < 2:
        return stacks
    # imported here: most runs have no two compose files side by side
    from dockerlint_fastapi.model.files.compose_stacks import Stack, says_it_stands_alone  # noqa: PLC0415

    for file in others:
        if not (is_complete(file) and says_it_stands_alone(file)):
            stacks[file] = said().stack_of(file, every, complete=is_complete(file))
        if stacks[file] is None and base is not None and is_complete(file) and leans_on(file, base):
            stacks[file] = Stack([] if said().starts_alone(file) else [base], [])
        under = _under(file, others) if stacks[file] is None and base is None else None
        if under is not None:
            stacks[file] = Stack([under], [])
    return stacks


def _under(file: ComposeFile, others: Sequence[ComposeFile]) -> ComposeFile | None:
    """The one file of the folder that says what all services of a file run, none of which that says itself; None where
    there is none, or another.
    """
    if any(one.node(key) is not None for one in file.services.values() for key in _SOURCES) or not file.services:
        return None
    names = file.services.keys()
    found = [one for one in others if one is not file and names <= one.services.keys() and is_complete(one)]
    return found[0] if len(found) == 1 else None


def _is_for_production(deployment: Deployment) -> bool:
    """Whether it is whole, and the file that it lays over the others is named for production."""
    last = deployment.files[-1].source.path.rpartition("/")[2]
    return deployment.whole and len(deployment.files) > 1 and setting_of_name(last) == "production"


def _setting_of(files: Sequence[ComposeFile]) -> str:
    """What a set of files is for: the last one whose name says it."""
    for file in reversed(files):
        setting = _said_by(file)
        if setting is not None:
            return setting
        if setting_of_path(file.source.path) is not None:
            break  # only its folder says otherwise
    return "base"


def _said_by(file: ComposeFile) -> str | None:
    """What a file is for by its path; not where that is a folder for deployments alone, and the file is for work on the
    project: by the comment at its top, by the Dockerfiles for that which alone it builds, or by the code that is
    mounted into what it starts with a reloader, and keeps up none of. Nor where all that a file named for production
    builds is called development: nobody can tell then. One that names no setting, and has a scanner, is for tests.
    """
    setting = setting_of_path(file.source.path)
    if setting == "development" and is_in_examples(file.source.path) and _is_published(file):
        return None  # shown to those who use what the project publishes
    if setting != "production":
        return "development" if setting is None and _is_for_scans(file) else setting
    if not is_in_deploy_folder(file.source.path):
        return None if _is_contradictory(file) else setting
    return None if _is_for_work(file) else setting


def _is_for_scans(file: ComposeFile) -> bool:
    """Whether a file, other than the one that everybody starts, starts what attacks or tests the rest, and ends."""
    text, name = file.source.text, file.source.path.rpartition("/")[2]
    if name in DEFAULT_NAMES or not any(word in text for word in table("service_images")["scanners"].split()):
        return False
    from dockerlint_fastapi.model.bases.reference import Reference  # noqa: PLC0415 - few files have one
    from dockerlint_fastapi.model.services.host_access import is_listed  # noqa: PLC0415 - likewise

    return any(
        one.image is not None and not one.profiles and is_listed(Reference.parse(one.image.intended or ""), "scanners")
        for one in file.services.values()
    )


def _is_contradictory(file: ComposeFile) -> bool:
    """Whether everything that a file builds is called development by its container's name, and built or run with a
    variable that says the same, whatever the file is called.
    """
    built = [one for one in file.services.values() if one.build is not None]
    return bool(built) and all(is_called_development(one) and is_told_development(one) for one in built)


def _is_for_work(file: ComposeFile) -> bool:
    from dockerlint_fastapi.model.purpose import comment_above, purpose_of  # noqa: PLC0415 - few files lie there

    said = purpose_of(comment_above(file.source.text), file.source.path.rpartition("/")[2])
    if said is not None:
        return said == "development"
    services = file.services.values()
    kept = any(one.restart or one.restart_policy for one in services) or not is_complete(file)
    if not kept and any(map(_reloads_mounted_code, services)):
        return True
    dockerfiles = [one.build.dockerfile for one in file.services.values() if one.build is not None]
    names = [(one.value or "").rpartition("/")[2] if one is not None else "" for one in dockerfiles]
    return bool(names) and all(setting_of_name(name) == "development" for name in names)


def _reloads_mounted_code(service: Service) -> bool:
    """Whether a service starts a server with `--reload` over what is mounted from the project, and does not call itself
    one for production.
    """
    command = service.command
    if command is None or "--reload" not in command.span.text or says_production(service):
        return False
    return any(one.source is not None and one.source.text.startswith(".") for one in service.volumes)


def _stand_for(files: Iterable[ComposeFile], base: ComposeFile) -> bool:
    """Whether files start anything of what the base builds, as a file in its place does, or whether that builds
    nothing: what a file with only the databases and the front end leaves out runs from the base in production, too.
    """
    if not any(service.build is not None and not _is_front(service) for service in base.services.values()):
        return True
    return any(
        file.includes or any(_is_of_project(one) and not _is_front(one) for one in file.services.values())
        for file in files
    )


def _is_front(service: Service) -> bool:
    """Whether a service is called a user interface: by its own name, or the folder that it is built from."""
    context = service.build.context if service.build is not None else None
    folder = ((context.value if context is not None else None) or "").rstrip("/").rpartition("/")[2]
    return not _FRONT.isdisjoint((*tokens(service.name), *tokens(folder)))


def _is_of_project(service: Service) -> bool:
    """Whether a service may run a program of the project: it is built, or its image is no product of others."""
    image = service.image
    if service.build is not None or service.extends is not None or image is None or image.value is None:
        return True
    from dockerlint_fastapi.model.bases.reference import Reference  # noqa: PLC0415 - for files for production only

    reference = Reference.parse(image.value)
    return reference is None or not reference.is_public


def extends(file: ComposeFile, other: ComposeFile) -> bool:
    """Whether a service of a file extends one of the other file, which then is no overlay of it."""
    above = parent(file.source.path)
    named = [service.extends.file for service in file.services.values() if service.extends is not None]
    paths = {one.value for one in named if one is not None and one.value}
    return any(normal(f"{above}/{path}" if above else path) == other.source.path for path in paths)


def leans_on(file: ComposeFile, base: ComposeFile) -> bool:
    """Whether a file names a service, volume, network, … that only the base file has, so that Compose would refuse it
    alone; or says of a build nothing but what comes on top of the base's (`cache_from`, `args`).
    """
    # imported here: most runs have no two compose files side by side
    from dockerlint_fastapi.model.compose.uses import uses_of  # noqa: PLC0415
    from dockerlint_fastapi.model.services.broken_references import is_declared  # noqa: PLC0415

    if file.includes:
        return False  # it may have it from there
    if any(_adds_to_build(service, base.services.get(name)) for name, service in file.services.items()):
        return True
    extended = [service.extends for service in file.services.values()]
    taken = [base.services.get(one.service.value or "") for one in extended if one is not None and one.file is not None]
    return any(
        use.required is not False and is_declared(base, use) and not is_declared(file, use)
        for service in (*file.services.values(), *(one for one in taken if one is not None))
        for use in uses_of(service)
    )


def _adds_to_build(service: Service, below: Service | None) -> bool:
    """Whether a service says of its build neither where nor by what, while one below it does."""
    one, other = service.build, below.build if below is not None else None
    if one is None or other is None or service.image is not None or service.extends is not None:
        return False
    said = (one.context, one.dockerfile, one.target, one.inline)
    return not any(said) and (other.context is not None or other.dockerfile is not None)


def is_complete(file: ComposeFile) -> bool:
    """Whether each service says what it runs, so that the file can be used alone."""
    return all(any(service.node(key) is not None for key in _SOURCES) for service in file.services.values())


def _deployment(
    chosen: _Set,
    load: Callable[[str], ComposeFile | None],
    env_files: EnvFiles | None,
    beside: Iterable[ComposeFile] = (),
) -> Deployment:
    """The set of files, merged; `beside` are all files of its folder."""
    from dockerlint_fastapi.parsers.compose.merge import merge_files  # noqa: PLC0415 - YAML only when there is some

    files, setting = chosen.files, chosen.setting
    if env_files is None:
        merged = merge_files(files, load)
    else:
        merged = merge_files(files, load, env_files.beside(files[0]), env_files.lookup)

    def development_of(service: Service) -> Evidence | None:
        if setting == "development":
            return of_files(files)
        if setting == "production" or made.is_doubtful:
            return None
        known, held = service.lookup, answers.get(service)
        if held is None or held[0] is not known:
            found = of_service(service, by_tag=by_tag) or (None if service.build is not None else of_others())
            held = answers[service] = (known, found)
        return held[1]

    # what was answered of each service, and what was then known of the variables
    answers: dict[Service, tuple[object, Evidence | None]] = {}

    @cache
    def by_tag() -> bool:
        return tags_tell(merged, beside)

    @cache
    def of_others() -> Evidence | None:
        return of_what_is_built(merged, by_tag=by_tag)

    whole = chosen.whole and not merged.incomplete
    made = Deployment(
        files, merged, setting, development_of, whole=whole, base_setting=chosen.base_setting, given=chosen.given
    )
    made.for_scans = setting == "development" and any(map(_is_for_scans, files))
    if env_files is not None:
        made.env_file_at = env_files.use
        made.env_files_of = lambda service: env_files.of_service(merged, service.env_files)
    return made
