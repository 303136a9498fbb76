"""What each Python installer makes of its command line and of the files that it reads: pip, uv, Poetry, PDM, Pipenv."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from dockerlint_fastapi.assemble.closure import listed, locked_closure
from dockerlint_fastapi.assemble.manifests import Site, Wanted
from dockerlint_fastapi.model.command import Argument, Unknown
from dockerlint_fastapi.model.install import Package, Step
from dockerlint_fastapi.model.install.call import bare_text
from dockerlint_fastapi.model.install.distributions import NOTHING, Distribution, Distributions, Doubt
from dockerlint_fastapi.model.install.manifest import (
    CondaEnvironment,
    Group,
    HatchEnvironment,
    Lock,
    Locked,
    ProjectFile,
    Reference,
    Requirement,
    normal_name,
)
from dockerlint_fastapi.parsers.manifests.requirement import parse_requirement
from dockerlint_fastapi.record import NamedTuple
from dockerlint_fastapi.source import Span

_ARCHIVES = (".whl", ".zip", ".tar.gz", ".tgz", ".tar.bz2", ".tar.xz")


class Outcome(NamedTuple):
    """What a step brings: `exact` when a lock file lists all of it; `groups` are those of the projects that are part of
    it besides their dependencies.
    """

    contents: Distributions
    projects: tuple[ProjectFile, ...] = ()
    exact: bool = False
    groups: tuple[Group, ...] = ()
    listed: Distributions | None = None  # what a file asks conda for, whose names need not be those of Python
    hatch: HatchEnvironment | None = None  # the environment that Hatch makes


def outcome_of(step: Step, site: Site, wheels: Wheels) -> Outcome:
    """What a step of a Python installer brings into the environment that it works on."""
    outcome = _outcome_of(step, site, wheels)
    if step.complete or outcome.contents.doubts:
        return outcome
    doubt = Doubt("the shell may put more options into the command, such as groups", step.head)
    # With `--only-group` the project's own dependencies stay out.
    contents = outcome.contents.uncertain if "only-" in step.span.text else outcome.contents
    contents = contents.joined(Distributions(doubts=(doubt,)))
    return outcome._replace(contents=contents, exact=False, groups=())


def _outcome_of(step: Step, site: Site, wheels: Wheels) -> Outcome:
    if step.manager == "uv" and step.program.endswith(" tool"):
        return _packages(step, site)
    if step.manager == "pip" or (step.manager == "uv" and step.program.endswith(" pip")):
        return _pip(step, site, wheels)
    if step.manager == "uv":
        return _uv(step, site)
    if step.manager == "poetry" and not step.program.endswith(" self"):
        return _poetry(step, site)
    if step.manager == "pdm" and not step.program.endswith(" self"):
        return _pdm(step, site)
    if step.manager == "pipenv":
        return _pipenv(step, site)
    if step.manager == "pipx":
        return _packages(step, site)
    if step.manager == "hatch":
        return _hatch(step, site)
    if step.manager in ("poetry", "pdm"):
        return Outcome(NOTHING)  # plugins of the installer
    reason = f"what `{step.words}` installs cannot be told"
    unknown = Distributions(doubts=(Doubt(reason, step.head),))
    return Outcome(unknown, listed=_listed_for_conda(step, site) if step.manager == "conda" else None)


def _listed_for_conda(step: Step, site: Site) -> Distributions | None:
    """What an environment file asks for, its list for pip as well; None where there is none to read."""
    name = next((name for name in step.reads_manifest if name.endswith((".yml", ".yaml", ".txt"))), None)
    place = site.place(name)
    kind = "conda list" if name is not None and name.endswith(".txt") else "environment.yml"
    file = site.read(kind, place) if place is not None else None
    if not isinstance(file, CondaEnvironment):
        return None
    return listed([*file.names, *file.requirements], site.python)


class Wheels:
    """Distributions that lie about as files, by the directory that holds them."""

    def __init__(self, held: Iterable[tuple[str | None, Distributions]]) -> None:
        self._held = tuple(held)

    def at(self, folder: str | None) -> tuple[Distributions, ...]:
        """What the wheels in a directory are, of each command that brought some; empty when that cannot be told."""
        return tuple(one for place, one in self._held if place is not None and place == folder)


def _packages(step: Step, site: Site) -> Outcome:
    wanted = site.wanted()
    _add_packages(step.packages, wanted)
    if step.local or not step.complete:
        wanted.doubts.append(Doubt("what this brings is not known", step.head))
    return Outcome(wanted.result(site.python))


def _add_packages(packages: Sequence[Package], wanted: Wanted) -> None:
    for package in packages:
        word = package.word
        parsed = parse_requirement(word.value, word.span) if word.value is not None else None
        if parsed is None and package.name is not None:
            extras = re.match(r"\[([A-Za-z0-9._,\s-]*)\]", package.requirement)
            listed_extras = extras[1].split(",") if extras else []
            names = frozenset(normal_name(one) for one in listed_extras if one.strip())
            parsed = Requirement(normal_name(package.name), names, "", None, direct=False, span=word.span)
        if parsed is None:
            named = re.search(r"#(?:.*&)?egg=([A-Za-z0-9._-]+)", word.value or "")
            if named:
                parsed = Requirement(normal_name(named[1]), frozenset(), "", None, direct=True, span=word.span)
        if parsed is None:
            wanted.doubts.append(Doubt("what this brings is not known", word.span))
        else:
            wanted.requirements.append(parsed)


# -- pip


def _pip(step: Step, site: Site, wheels: Wheels) -> Outcome:
    wanted = site.wanted()
    exact = step.action == "sync"
    # What wheels need that are built without it (`pip wheel --no-deps`) comes along when they are installed.
    dependencies = not step.has("--no-deps") or step.action == "download"
    _add_packages(step.packages, wanted)
    for word in step.constraints:
        site.constrain(word.value, wanted)
    extras, every = _extras(step)
    requirements = step.requirements
    if step.program == "pip-sync" and not requirements:
        site.requirements_file(site.place("requirements.txt"), step.head, wanted, exact=True)
    for word in requirements:
        place = site.place(word.value)
        if place is not None and place.endswith("/pyproject.toml"):
            folder = place.rpartition("/")[0] or "/"
            site.project(folder, word.span, wanted, extras=extras, every_extra=every, itself=False)
        elif word.value is not None and "://" in word.value:
            wanted.doubts.append(Doubt("the requirements lie elsewhere", word.span))
        else:
            site.requirements_file(place, word.span, wanted, exact=exact or not dependencies)
    for word in (*step.local, *step.editable):
        _add_local(word, site, wanted, wheels, dependencies=dependencies)
    groups = [normal_name(one.value.rpartition(":")[2]) for one in step.options if one.name == "--group" and one.value]
    if groups:
        project = site.project_at(site.directory)
        for group in groups:
            found = project.groups.get(group) if isinstance(project, ProjectFile) else None
            if found is None:
                wanted.doubts.append(Doubt(f"the group `{group}` cannot be read", step.head))
            else:
                wanted.requirements.extend(found)
                wanted.groups.append(Group(group, found))
    if not step.complete and not wanted.doubts:
        wanted.doubts.append(Doubt("the command may install more than it names", step.head))
    closed = not wanted.requirements and not wanted.doubts
    return Outcome(
        wanted.result(site.python, dependencies=dependencies), tuple(wanted.projects), closed, tuple(wanted.groups)
    )


def _add_local(word: Argument, site: Site, wanted: Wanted, wheels: Wheels, *, dependencies: bool) -> None:
    text = bare_text(word)
    if "://" in text and not text.startswith("file:"):
        named = re.search(r"#(?:.*&)?egg=([A-Za-z0-9._-]+)", text)
        if named:
            name = normal_name(named[1])
            wanted.requirements.append(Requirement(name, frozenset(), "", None, direct=True, span=word.span))
        else:
            wanted.doubts.append(Doubt("what this brings is not known", word.span))
        return
    path, _, rest = text.removeprefix("file://").removeprefix("file:").partition("[")
    extras = frozenset(normal_name(one) for one in rest.rstrip("]").split(",") if one.strip())
    if path.endswith(_ARCHIVES) or "*" in path:
        folder = site.place(path.rpartition("/")[0] or ".")
        held = wheels.at(folder) if "$" not in path else ()
        if held:
            wanted.contents.extend(held)
            return
        named = re.match(r"([A-Za-z0-9_.]+)-[0-9][^-/]*-[^/]*\.whl\Z", path.rpartition("/")[2])
        if named:
            name = normal_name(named[1])
            wanted.requirements.append(Requirement(name, extras, "", None, direct=True, span=word.span))
        else:
            wanted.doubts.append(Doubt("what this brings is not known", word.span))
        return
    if word.value is None and "$" in path:
        wanted.doubts.append(Doubt("what this brings is not known", word.span))
    elif dependencies:
        site.folder(Reference(path, extras, word.span), wanted)
    else:
        project = site.project_at(site.place(path))
        if isinstance(project, ProjectFile):
            wanted.projects.append(project)
            if project.name:
                own = Distribution(project.name, None, "", frozenset(), word.span)
                wanted.contents.append(Distributions({project.name: own}))


def _values(step: Step, *names: str) -> list[str]:
    """The values of options that may be given several times, each with several names in it."""
    return [
        normal_name(word)
        for option in step.options
        if option.name in names
        for word in re.split(r"[,\s]+", option.value or "")
        if word
    ]


def _unknown_option(step: Step, *names: str) -> bool:
    """Whether the value of one of these options cannot be told."""
    return any(one.name in names and one.value is None for one in step.options)


def _extras(step: Step) -> tuple[list[str], bool]:
    return _values(step, "--extra", "--extras"), step.has("--all-extras")


# -- uv


def _uv(step: Step, site: Site) -> Outcome:
    wanted = site.wanted()
    if step.has("--script") or _unknown_option(step, "--project", "--directory", "--package"):
        doubt = Doubt(f"what `{step.words}` installs cannot be told", step.head)
        return Outcome(Distributions(doubts=(doubt,)))
    _add_packages(step.packages, wanted)
    for word in (*step.local, *step.editable):
        wanted.doubts.append(Doubt("what this brings is not known", word.span))
    start = site.place(next((one.value for one in step.options if one.name in ("--project", "--directory")), "."))
    choice = _uv_choice(step, site)
    return uv_project(start, choice, site, wanted, step)


class Choice(NamedTuple):
    """Which parts of a project are installed."""

    main: bool = True  # its dependencies
    defaults: bool = True  # the default groups
    groups: tuple[str, ...] = ()
    without: frozenset[str] = frozenset()
    every_group: bool = False
    extras: tuple[str, ...] = ()
    every_extra: bool = False
    frozen: bool = False  # only what the lock file lists
    package: str | None = None  # another project of the workspace
    every_package: bool = False
    unknown: bool = False  # an option's value cannot be told


def _uv_choice(step: Step, site: Site) -> Choice:
    only = _values(step, "--only-group")
    only += ["dev"] if step.has("--only-dev") else []
    without = set(_values(step, "--no-group"))
    if step.has("--no-dev") or _is_on(step, site, "UV_NO_DEV"):
        without.add("dev")
    groups = _values(step, "--group") + (["dev"] if step.has("--dev") else [])
    package = next((normal_name(one.value) for one in step.options if one.name == "--package" and one.value), None)
    return Choice(
        main=not only,
        defaults=not only and not step.has("--no-default-groups") and not _is_on(step, site, "UV_NO_DEFAULT_GROUPS"),
        groups=(*only, *groups),
        without=frozenset(without - set(groups)),
        every_group=step.has("--all-groups"),
        extras=tuple(_values(step, "--extra")),
        every_extra=step.has("--all-extras"),
        frozen=step.has("--frozen", "--locked") or _is_on(step, site, "UV_FROZEN") or _is_on(step, site, "UV_LOCKED"),
        package=package,
        every_package=step.has("--all-packages"),
        unknown=_unknown_option(step, "--group", "--extra", "--only-group"),
    )


def _is_on(step: Step, site: Site, name: str) -> bool:
    """Whether a variable switches something on."""
    if name in step.environment:
        value = step.environment[name]
    else:
        pair = site.stage.variable(name, before=site.run)
        value = pair.value if pair is not None else None
    return value is not None and value.lower() in ("1", "true", "yes", "on", "y", "t")


def uv_project(start: str | None, choice: Choice, site: Site, wanted: Wanted, step: Step | None) -> Outcome:
    """What `uv sync` installs for the project in a directory, or in the nearest one above it that holds one."""
    from dockerlint_fastapi.model.install.uv_workspaces import upwards, workspace_root  # noqa: PLC0415 - for uv alone

    span = step.head if step is not None else site.stage.span
    home, project, lock = None, None, None
    lock_folder = ""
    top = workspace_root(site.file, start) if start is not None else None
    for folder in upwards(start) if start is not None else ():
        if home is None:
            project = site.read("pyproject.toml", f"{folder.rstrip('/')}/pyproject.toml")
            home = folder if project is not None else None
        if home is not None and (top is None or len(folder) <= len(top)):  # a lock file of a member is passed over
            lock, lock_folder = site.read("uv.lock", f"{folder.rstrip('/')}/uv.lock"), folder
            if lock is not None:
                break
    if home is None or not isinstance(project, ProjectFile) or isinstance(lock, Unknown) or choice.unknown:
        wanted.doubts.append(Doubt("the project that uv installs cannot be read", span))
        return Outcome(wanted.result(site.python))
    wanted.projects.append(project)
    names = [*(project.default_groups if choice.defaults else ()), *choice.groups]
    if choice.every_group:
        names += [*project.groups]
    groups = [one for one in dict.fromkeys(names) if one not in choice.without]
    if isinstance(lock, Lock):
        roots = _uv_roots(lock, home, lock_folder, project, choice)
        if not roots:
            wanted.doubts.append(Doubt("uv.lock does not hold the project", span))
        needed: list[Requirement] = []
        taken: list[Group] = []
        if project.name is None and project.members:  # a virtual root: its groups are in no entry of the lock file
            taken += [Group(one, project.groups[one]) for one in groups if one in project.groups]
            needed += [one for group in taken for one in group.requirements]
        for root in roots:
            needed += root.dependencies if choice.main else ()
            extras = tuple(root.extras) if choice.every_extra else choice.extras
            needed += [one for extra in extras for one in root.extras.get(extra, ())]
            needed += [one for group in groups for one in root.groups.get(group, ())]
            taken += [Group(one, root.extras[one]) for one in extras if one in root.extras]
            taken += [Group(one, root.groups[one]) for one in groups if one in root.groups]
        # The lock file says it all, but the manifest is where people ask for it.
        places = {
            one.name: one.span
            for asked in (project.dependencies or (), *project.extras.values(), *project.groups.values())
            for one in asked
        }
        needed = [one._replace(span=places.get(one.name, one.span)) for one in needed]
        for part in taken:
            asked = [one._replace(span=places.get(one.name, one.span)) for one in part.requirements]
            wanted.groups.append(Group(part.name, tuple(asked)))
        wanted.contents.append(locked_closure(lock, needed, site.python))
        if choice.main and not choice.frozen and choice.package is None:
            # uv brings a lock file up to date that lacks what the manifest asks for.
            late = [one for one in project.dependencies or () if one.name not in lock.packages]
            wanted.requirements.extend(late)
    else:
        if choice.package is not None or choice.every_package:
            wanted.doubts.append(Doubt("what the workspace needs is not locked", span))
        if choice.main:
            _add_project(site, project, wanted, home=home, choice=choice, span=span)
        for group in groups:
            wanted.requirements.extend(project.groups.get(group, ()))
            wanted.groups.append(Group(group, project.groups.get(group, ())))
        if not project.complete:
            wanted.doubts.append(Doubt("a part of the project's manifest cannot be read", span))
    if project.name and choice.main and (step is None or step.installs_project) and project.package:
        own = Distribution(project.name, None, "", frozenset(), span)
        wanted.contents.append(Distributions({project.name: own}))
    exact = isinstance(lock, Lock) and not wanted.requirements
    return Outcome(wanted.result(site.python), tuple(wanted.projects), exact, tuple(wanted.groups))


def _add_project(site: Site, project: ProjectFile, wanted: Wanted, *, home: str, choice: Choice, span: Span) -> None:
    extras = tuple(project.extras) if choice.every_extra else choice.extras
    for name in project.dependency_files:
        site.requirements_file(site.place(name, home), span, wanted)
    if project.dependencies is None and not project.dependency_files:
        wanted.doubts.append(Doubt("the dependencies of the project are not written out", span))
    wanted.requirements.extend(project.dependencies or ())
    wanted.requirements.extend(site.of_extras(project, extras, span, wanted))


def _uv_roots(lock: Lock, home: str, lock_folder: str, project: ProjectFile, choice: Choice) -> list[Locked]:
    """The projects of the workspace that are installed."""
    roots = lock.roots
    if choice.every_package:
        return list(roots)
    if choice.package is not None:
        return [one for one in roots if one.name == choice.package]
    relative = home[len(lock_folder.rstrip("/")) :].strip("/") or "."
    found = [one for one in roots if one.folder == relative]
    return found or [one for one in roots if one.name == project.name]


# -- Poetry and PDM


def _poetry(step: Step, site: Site) -> Outcome:
    wanted = site.wanted()
    home = site.place(next((one.value for one in step.options if one.name in ("--directory", "--project")), "."))
    project = site.project_at(home)
    lock = site.read("poetry.lock", f"{(home or '').rstrip('/')}/poetry.lock") if home is not None else None
    names = ("--only", "--with", "--without", "--extras", "--directory", "--project")
    unknown = _unknown_option(step, *names) or isinstance(lock, Unknown)
    if home is None or not isinstance(project, ProjectFile) or unknown:
        doubt = Doubt("the project that Poetry installs cannot be read", step.head)
        return Outcome(Distributions(doubts=(doubt,)))
    only, export = _values(step, "--only"), step.action == "export"
    without = {*_values(step, "--without"), *(("dev",) if step.has("--no-dev") else ())}
    defaults = () if export else project.default_groups
    groups = only or [*defaults, *_values(step, "--with"), *(("dev",) if step.has("--dev") else ())]
    if step.has("--all-groups"):
        groups = [*project.groups]
    chosen = [one for one in dict.fromkeys(groups) if one not in without]
    main = ("main" in only or not only) and "main" not in without and not step.has("--only-root")
    extras, every = _extras(step)
    needed: list[Requirement] = []
    if step.has("--only-root"):
        chosen = []
    if main:
        needed += project.dependencies or ()
        needed += site.of_extras(project, project.extras if every else extras, step.head, wanted)
        if project.dependencies is None:
            wanted.doubts.append(Doubt("the dependencies of the project are not written out", step.head))
    for group in chosen:
        if group != "main":
            needed += project.groups.get(group, ())
            wanted.groups.append(Group(group, project.groups.get(group, ())))
    if not project.complete:
        wanted.doubts.append(Doubt("a part of the project's manifest cannot be read", step.head))
    return _project_outcome(step, site, wanted, project=project, lock=lock, needed=needed)


def _project_outcome(
    step: Step, site: Site, wanted: Wanted, *, project: ProjectFile, lock: object, needed: list[Requirement]
) -> Outcome:
    _add_packages(step.packages, wanted)
    wanted.projects.append(project)
    if isinstance(lock, Lock):
        wanted.contents.append(locked_closure(lock, needed, site.python))
    else:
        wanted.requirements.extend(needed)
    if project.name and step.installs_project and project.package:
        own = Distribution(project.name, None, "", frozenset(), step.head)
        wanted.contents.append(Distributions({project.name: own}))
    exact = isinstance(lock, Lock) and not wanted.requirements
    return Outcome(wanted.result(site.python), tuple(wanted.projects), exact, tuple(wanted.groups))


def _pdm(step: Step, site: Site) -> Outcome:
    wanted = site.wanted()
    home = site.place(next((one.value for one in step.options if one.name == "--project"), "."))
    project = site.project_at(home)
    lock = site.read("pdm.lock", f"{(home or '').rstrip('/')}/pdm.lock") if home is not None else None
    names = ("--group", "--without", "--project", "--lockfile")
    unknown = _unknown_option(step, *names) or step.has("--lockfile")
    if home is None or not isinstance(project, ProjectFile) or isinstance(lock, Unknown) or unknown:
        doubt = Doubt("the project that PDM installs cannot be read", step.head)
        return Outcome(Distributions(doubts=(doubt,)))
    asked, without = _values(step, "--group"), set(_values(step, "--without"))
    everything = ":all" in asked or "all" in asked
    groups = [] if step.has("--prod") else list(project.groups)
    groups += [one for one in asked if one in project.groups]
    extras = list(project.extras) if everything else [one for one in asked if one in project.extras]
    needed = [] if step.has("--no-default") else list(project.dependencies or ())
    chosen = [Group(one, project.groups[one]) for one in dict.fromkeys(groups) if one not in without]
    needed += [one for group in chosen for one in group.requirements]
    wanted.groups.extend(chosen)
    needed += site.of_extras(project, [one for one in extras if one not in without], step.head, wanted)
    if project.dependencies is None or not project.complete:
        wanted.doubts.append(Doubt("a part of the project's manifest cannot be read", step.head))
    return _project_outcome(step, site, wanted, project=project, lock=lock, needed=needed)


# -- Hatch


def _hatch(step: Step, site: Site) -> Outcome:
    from dockerlint_fastapi.assemble.hatch import add_environment, add_listed  # noqa: PLC0415 - few use it

    wanted = site.wanted()
    environment = None
    if step.action == "export":
        add_listed(step, site, wanted)
    else:
        environment = add_environment(step, site, wanted)
    return Outcome(wanted.result(site.python), tuple(wanted.projects), groups=tuple(wanted.groups), hatch=environment)


# -- Pipenv


def _pipenv(step: Step, site: Site) -> Outcome:
    wanted = site.wanted()
    _add_packages(step.packages, wanted)
    for word in step.requirements:
        site.requirements_file(site.place(word.value), word.span, wanted)
    if step.requirements or (step.packages and site.read("Pipfile", site.place("Pipfile")) is None):
        return Outcome(wanted.result(site.python))
    project = site.read("Pipfile", site.place("Pipfile"))
    lock = site.read("Pipfile.lock", site.place("Pipfile.lock"))
    if isinstance(project, ProjectFile):
        wanted.projects.append(project)
    dev = step.has("--dev")
    if dev and isinstance(project, ProjectFile):
        wanted.groups.append(Group("dev-packages", project.groups.get("dev-packages", ())))
    categories = _values(step, "--categories")
    uses_lock = isinstance(lock, Lock) and lock.flat is not None and not step.has("--skip-lock")
    if uses_lock and isinstance(lock, Lock) and lock.flat is not None:
        names = categories or ["default", *(("develop",) if dev else ())]
        names = ["default" if one == "packages" else "develop" if one == "dev-packages" else one for one in names]
        for name in names:
            wanted.contents.append(listed(lock.flat.get(name, ()), site.python))
        # Without `--deploy` or `sync` a lock file that is behind its Pipfile is made anew.
        as_locked = step.has("--deploy", "--ignore-pipfile") or step.action != "install"
        if isinstance(project, ProjectFile) and not as_locked:
            known = {one.name for found in lock.flat.values() for one in found}
            wanted.requirements.extend(one for one in project.dependencies or () if one.name not in known)
    elif isinstance(project, ProjectFile) and not isinstance(lock, Unknown) and not categories:
        wanted.requirements.extend(project.dependencies or ())
        wanted.requirements.extend(project.groups.get("dev-packages", ()) if dev else ())
    else:
        wanted.doubts.append(Doubt("what Pipenv installs cannot be read", step.head))
    return Outcome(
        wanted.result(site.python), tuple(wanted.projects), uses_lock and not wanted.requirements, tuple(wanted.groups)
    )
