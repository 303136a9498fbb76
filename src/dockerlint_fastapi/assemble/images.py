"""Which stages ship, and from which build contexts."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

from dockerlint_fastapi.model.compose import Service
from dockerlint_fastapi.model.deployment import Deployment
from dockerlint_fastapi.model.development import of_dockerfile, of_stage, of_text
from dockerlint_fastapi.model.dockerfile import Cmd, Dockerfile, Entrypoint, Run, Stage, Transfer, Word
from dockerlint_fastapi.model.evidence import (
    PRODUCTION,
    SERVING,
    SHIPPED_STAGES,
    Evidence,
    setting_of_name,
    tokens,
)
from dockerlint_fastapi.model.image import Image
from dockerlint_fastapi.model.project import Project
from dockerlint_fastapi.parsers.dockerfile.variables import UNKNOWN, Unknown, expand
from dockerlint_fastapi.record import NamedTuple
from dockerlint_fastapi.tree import Tree, normal, parent

# In a comment that shows how to build one of the stages.
_TARGETED = r"(?m)^[ \t]*#[^\n]{0,200}\bbuild\b[^\n]{0,200}\s--target[ =]([\w.-]+)"
_MOST_FOLDERS = 50  # that hold the rarest of what a Dockerfile copies, among which one is looked for that holds all


class Link(NamedTuple):
    """A service that builds a stage of a Dockerfile of the project, and the build context it does so from."""

    deployment: Deployment
    service: Service
    stage: Stage
    context: str

    @property
    def development(self) -> Evidence | None:
        """Why the service is for development."""
        return self.deployment.development_of(self.service)


def links_of(
    deployments: Iterable[Deployment], dockerfile: Callable[[str], Dockerfile | None], tree: Tree
) -> Iterator[Link]:
    """Every service whose build can be followed to a stage of a Dockerfile in the project."""
    for deployment in deployments:
        for service in deployment.merged.services.values():
            place = _build_place(deployment, service) or _place_by_setting(deployment, service, tree)
            file = None if place is None else dockerfile(place[1]) or _in_lower_case(place[1], dockerfile)
            stage = None if file is None else _target(file, service)
            if place is not None and stage is not None:
                yield Link(deployment, service, stage, place[0])


def meant_contexts(
    deployments: Iterable[Deployment], dockerfile: Callable[[str], Dockerfile | None], tree: Tree
) -> dict[str, tuple[str, ...]]:
    """The build contexts of services whose `dockerfile:` leads nowhere and can only mean a certain file, by the path of
    that: it begins with a `/` that does not belong there, or in another folder than the context. In the latter case
    that folder may be the context that was meant, too.
    """
    found: dict[str, dict[str, None]] = {}
    for deployment in deployments:
        merged = deployment.merged
        for service in merged.services.values():
            build = service.build
            name = build.dockerfile.intended if build is not None and build.dockerfile is not None else None
            context = merged.context_of(build) if build is not None else None
            place = _build_place(deployment, service)
            if name is None or context is None or (place is not None and dockerfile(place[1]) is not None):
                continue
            starts = (context,) if name.startswith("/") else ("", parent(merged.source.path))
            for start in starts:
                path = normal("/".join(part for part in (start, name.lstrip("/")) if part))
                if path and tree.is_file(path):
                    found.setdefault(path, {}).update(dict.fromkeys((context, start)))
                    break
    return {path: tuple(contexts) for path, contexts in found.items()}


def _in_lower_case(path: str, dockerfile: Callable[[str], Dockerfile | None]) -> Dockerfile | None:
    """The file `dockerfile`, which BuildKit takes when there is no `Dockerfile` (frontend/dockerui/config.go)."""
    folder, _, name = path.rpartition("/")
    lower = f"{folder}/dockerfile" if folder else "dockerfile"
    return dockerfile(lower) if name == "Dockerfile" else None


def _build_place(deployment: Deployment, service: Service) -> tuple[str, str] | None:
    """The build context and the Dockerfile of a service as paths in the project; None when they cannot be told.
    Defaults of variables count: they are what the project builds from when nobody says otherwise.
    """
    build = service.build
    context = deployment.merged.context_of(build) if build is not None else None
    path = deployment.merged.dockerfile_of(build) if build is not None else None
    return None if context is None or path is None else (context, path)


# Of several files for one setting the one that is called by its plain name.
_PLAIN = {"production": ("prod", "production"), "development": ("dev", "development")}


def _place_by_setting(deployment: Deployment, service: Service, tree: Tree) -> tuple[str, str] | None:
    """The same for `Dockerfile.${APP_ENV:?}`, a variable that nothing sets: of the files that it may name, the one for
    what the set of compose files is for; None when there is not just one.
    """
    plain, build = _PLAIN.get(deployment.setting), service.build
    context = deployment.merged.context_of(build) if build is not None else None
    named = build.dockerfile if build is not None else None
    if plain is None or named is None or context is None or named.intended is not None:
        return None
    used = named.references
    head, tail = (named.text[: used[0].start], named.text[used[0].end :]) if len(used) == 1 else ("", "/")
    if "/" in tail or head.startswith("/") or used[0].operator not in ("", "?", ":?"):
        return None
    above, _, head = head.rpartition("/")
    folder = normal("/".join(part for part in (context, above) if part))
    if folder is None:
        return None
    found = {
        name[len(head) : len(name) - len(tail)]: name
        for name in tree.names(folder)
        if name.startswith(head) and name.endswith(tail) and len(name) > len(head) + len(tail)
    }
    fits = [word for word in found if setting_of_name(word) == deployment.setting]
    fits = [word for word in fits if word in plain] or fits
    return (context, "/".join(part for part in (folder, found[fits[0]]) if part)) if len(fits) == 1 else None


def _target(file: Dockerfile, service: Service) -> Stage | None:
    target = service.build.target if service.build else None
    if not file.stages:
        return None
    if target is None:
        return file.stages[-1]
    return None if target.intended is None else file.stage(target.intended)


def default_stage(file: Dockerfile) -> Stage:
    """The stage that ships when nobody says which: the last one, unless that is named for development or tests
    and an earlier one is named as what ships.
    """
    last = file.stages[-1]
    if last.name and setting_of_name(last.name) == "development":
        for name in SHIPPED_STAGES:
            stage = file.stage(name)
            if stage is not None:
                return stage
    return last


def released_stages(file: Dockerfile) -> Iterator[Stage]:
    """Stages that can only be there to be built as a target: named for production or as a server, starting something,
    and of no use to any other stage (`runtime` for the server, and behind it the last stage, `worker`, for jobs).
    """
    used = _used(file)
    for stage in file.stages[:-1]:
        starts = any(isinstance(one, (Cmd, Entrypoint)) for one in stage.instructions)
        if starts and stage.name and stage not in used and _is_released(stage.name):
            yield stage


def commanded_stages(file: Dockerfile) -> Iterator[Stage]:
    """Stages that start something and that a comment of the Dockerfile has people build as a target (`# docker build
    --target base .`), though another one begins with them; none that is called one for development or tests.
    """
    if "--target" not in file.source.text:
        return
    named = set(re.findall(_TARGETED, file.source.text))
    for stage in file.stages[:-1]:
        starts = any(isinstance(one, (Cmd, Entrypoint)) for one in stage.instructions)
        if starts and stage.name in named and setting_of_name(stage.name or "") != "development":
            yield stage


def _pushed_stages(project: Project, file: Dockerfile) -> Iterator[Stage]:
    """Stages that a workflow of the project builds as targets and pushes; none that is called one for development or
    tests.
    """
    if len(file.stages) < 2 or not project.tree.names(".github/workflows"):
        return
    for one in project.workflow_builds:
        if one.pushed and one.target and one.dockerfile == file.source.path:
            stage = file.stage(one.target)
            if stage is not None and setting_of_name(stage.name or "") != "development":
                yield stage


def _used(file: Dockerfile) -> set[Stage | None]:
    """The stages of a Dockerfile that others begin with or take files from."""
    instructions = [one for stage in file.stages for one in stage.instructions]
    names = [one.from_.value for one in instructions if isinstance(one, Transfer) and one.from_ is not None]
    names += [mount.options.get("from") for one in instructions if isinstance(one, Run) for mount in one.mounts]
    return {stage.base for stage in file.stages} | {file.stage(name) for name in names if name}


def _is_only_one(file: Dockerfile) -> bool:
    """Whether the last stage of a Dockerfile is all that it is for: the others work for stages behind them."""
    return _used(file).issuperset(file.stages[:-1])


def _takes_last(link: Link) -> bool:
    """Whether a service takes the last stage as nobody says which: its name does not tell what it is taken for."""
    return link.service.build is not None and link.service.build.target is None


def _is_released(name: str) -> bool:
    """Whether a stage is named as one that ships: `prod`, `runtime`, `api-server`."""
    setting = setting_of_name(name)
    return setting == "production" or (setting is None and not SERVING.isdisjoint(tokens(name)))


def images_of(project: Project, file: Dockerfile, own: Sequence[Link], meant: Sequence[str] = ()) -> Iterator[Image]:
    """One image for each stage of a Dockerfile that a service builds, and when only development services do, the
    default one, those named for production and those that a comment says how to build; and what a workflow pushes.
    These are for production all the same, unless another Dockerfile is there for it. `own` are the links to its stages,
    `meant` the contexts of services that mean it and name another path.
    """
    if not file.stages:
        return
    firm = [link for link in own if link.development is None]
    stages = list(dict.fromkeys(link.stage for link in (*firm, *own)))
    if not firm:
        released = (*released_stages(file), *commanded_stages(file))
        stages = list(dict.fromkeys((default_stage(file), *released, *stages)))
    stages = list(dict.fromkeys((*stages, *_pushed_stages(project, file))))
    for stage in stages:
        builds = [link for link in own if link.stage is stage]
        evidence = of_stage(stage)
        if evidence is not None and stage is file.stages[-1] and _is_only_one(file) and any(map(_takes_last, firm)):
            evidence = of_dockerfile(file)
        if evidence is None and not own:
            evidence = of_text(stage)
        if evidence is None and firm and builds and all(link.development for link in builds):
            evidence = builds[0].development
        if evidence is None and not firm and builds and stage not in (default_stage(file), *released_stages(file)):
            evidence = builds[0].development
        if evidence is None and not firm and builds and is_replaced_in_production(project.tree, stage):
            evidence = builds[0].development
        # A stage that no service builds has the same COPYs around it as those that some build: from the same folder.
        named = tuple(dict.fromkeys(link.context for link in builds or own))
        contexts = named or possible_contexts(project.tree, file, lambda: project.index.answer(_entries))
        of_services = () if named else tuple(one for one in meant if one in contexts)
        contexts = of_services or contexts
        yield Image(
            project,
            file,
            stage,
            contexts=contexts,
            development=evidence,
            contexts_named=bool(named) or len(of_services) == 1,
            contexts_disputed=len(of_services) > 1,
            base_name=_base_name(stage, [link for link in builds if link.development is None] or builds),
        )


def _base_name(stage: Stage, builds: Sequence[Link]) -> str | None:
    """What the first FROM under a stage names, with the build arguments that services give it; None when it cannot be
    told, or when they give different ones. A default counts as it does for an ARG.
    """
    word = stage.first.from_.image
    if "$" not in word.text or not builds:
        return word.value
    names = {_expanded(word, stage.dockerfile, link.service) for link in builds}
    return names.pop() if len(names) == 1 else None


def _expanded(word: Word, file: Dockerfile, service: Service) -> str | None:
    given = (
        {one.name: one.default if one.value is None else one.value for one in service.build.args}
        if service.build
        else {}
    )
    declared = {pair.name: pair.value for arg in file.global_args for pair in arg.pairs}
    values = {name: given.get(name, value) for name, value in declared.items()}
    if not any(name in given and given[name] != value for name, value in declared.items()):
        return word.value

    def lookup(name: str) -> str | Unknown | None:
        return None if name not in values else UNKNOWN if values[name] is None else values[name]

    return expand(word.text, lookup, file.escape).value


def is_replaced_in_production(tree: Tree, stage: Stage) -> bool:
    """Whether a Dockerfile of the same name, but for a word for production, lies beside that of a stage which is not
    called production itself: `Dockerfile.prod` beside `Dockerfile`.
    """
    folder, _, name = stage.dockerfile.source.path.rpartition("/")
    if "production" in (setting_of_name(name), setting_of_name(stage.name or "")):
        return False
    words = sorted(tokens(name))
    return any(
        other != name and sorted(word for word in tokens(other) if word not in PRODUCTION) == words
        for other in tree.names(folder)
        if setting_of_name(other) == "production"
    )


def possible_contexts(
    tree: Tree, file: Dockerfile, entries: Callable[[], Mapping[str, Sequence[str]]] = dict
) -> tuple[str, ...]:
    """The folders from which a Dockerfile that no compose file builds can be built: its own and those above it,
    as far as every file that it copies is there. When none fits, the one folder of the project that holds everything,
    else its own (a file may be made before the build). `entries` gives the folders of the project by what they hold.
    In a template (`{{cookiecutter.slug}}/Dockerfile`) there is nothing above what becomes the project's root.
    """
    folder = parent(file.source.path)
    top = _top(folder)
    folders = [folder]
    while folder != top:
        folder = parent(folder)
        folders.append(folder)
    sources = [
        word.value.removeprefix("./")
        for stage in file.stages
        for one in stage.instructions
        if isinstance(one, Transfer) and one.from_ is None
        for word in one.sources
        if word.value
        and not word.value.startswith(("http://", "https://", "git@", "/", ".."))
        and "$" not in word.value
    ]
    named = [path for path in (normal(source) for source in sources) if path]
    fits = [one for one in folders if all(_is_there(tree, one, name) for name in named)]
    if fits and fits[0] != folders[0] and _has_own_ignore_file(tree, folders[0], named):
        return (folders[0], *fits)
    return tuple(fits) or (_elsewhere(tree, named, entries) if not top else ()) or (folders[0],)


def _top(folder: str) -> str:
    """The outermost folder from which what is below another can be built."""
    if "{" not in folder:
        return ""
    from dockerlint_fastapi.model.files.rendered import template_root  # noqa: PLC0415 - few projects are templates

    return template_root(folder) or ""


def _has_own_ignore_file(tree: Tree, folder: str, named: Sequence[str]) -> bool:
    """Whether a folder has a `.dockerignore` and a part of what is copied, and lacks only single files: these may be
    made before the build, as a lock file is, and those of the same names further up may be another project's.
    """
    if not tree.is_file(f"{folder}/.dockerignore"):
        return False
    lacking = [name for name in named if not _is_there(tree, folder, name)]
    return len(lacking) < len(named) and not any("/" in name or set(name) & set("*?[") for name in lacking)


def _is_there(tree: Tree, folder: str, name: str) -> bool:
    """Whether a folder holds what is copied, or a template of it; a pattern that ends in a star may match nothing."""
    path = f"{folder}/{name}" if folder else name
    if not set(name) & set("*?["):
        if tree.is_file(path) or tree.is_dir(path):
            return True
        from dockerlint_fastapi.model.files.rendered import is_rendered  # noqa: PLC0415 - what is copied is there

        return is_rendered(tree, path)
    place = parent(path)
    if name.endswith("*") or set(place) & set("*?["):
        return True
    from dockerlint_fastapi.model.context.glob import Glob  # noqa: PLC0415 - few copies have such patterns

    pattern = Glob(path.rpartition("/")[2], double_star=False)
    return any(pattern.matches(one) for one in tree.names(place))


def _elsewhere(tree: Tree, named: Sequence[str], entries: Callable[[], Mapping[str, Sequence[str]]]) -> tuple[str, ...]:
    """The folder beside those above a Dockerfile that holds everything that is copied, if there is one and no other."""
    firsts = [name.partition("/")[0] for name in named]
    plain = [name for name in firsts if not set(name) & set("*?[")]
    held = entries()
    if plain:
        folders = min((held.get(name, ()) for name in plain), key=len)
    else:
        head = re.split(r"[*?\[]", firsts[0])[0] if firsts else ""
        alike = (each for name, each in held.items() if head and name.startswith(head))
        folders = tuple(dict.fromkeys(folder for each in alike for folder in each))
    if len(folders) > _MOST_FOLDERS:
        return ()
    fits = [one for one in sorted(folders) if all(_is_there(tree, one, name) for name in named)]
    return tuple(fits) if len(fits) == 1 else ()


def entries_of(paths: Iterable[str]) -> Mapping[str, Sequence[str]]:
    """The folders that hold a file or folder of a name, by that name; the top of the project is not among them."""
    found: dict[str, dict[str, None]] = {}
    for path in sorted(paths):
        folder, _, name = path.rpartition("/")
        while folder and folder not in found.setdefault(name, {}):
            found[name][folder] = None
            folder, _, name = folder.rpartition("/")
    return {name: tuple(folders) for name, folders in found.items()}


def _entries(project: Project) -> Mapping[str, Sequence[str]]:
    return entries_of(project.paths)
