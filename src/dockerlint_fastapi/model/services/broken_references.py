"""Names in compose files that lead nowhere, services that wait for each other, secrets and configs without content.

Compose refuses the whole model for one of them (compose-go, loader/validate.go, graph/cycle.go, validation.go).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from dockerlint_fastapi.model.compose import Mapping
from dockerlint_fastapi.model.compose.nodes import is_external
from dockerlint_fastapi.model.compose.uses import Use, uses_of
from dockerlint_fastapi.record import NamedTuple
from dockerlint_fastapi.source import Span
from dockerlint_fastapi.tree import normal, parent

TYPE_CHECKING = False
if TYPE_CHECKING:
    from dockerlint_fastapi.model.compose import ComposeFile, Service
    from dockerlint_fastapi.model.deployment import Deployment
    from dockerlint_fastapi.model.project import Project

PLURALS = {kind: f"{kind}s" for kind in ("service", "volume", "network", "secret", "config", "model")}
_MOST_NAMES = 200  # that one is compared with; each comparison takes some 20 microseconds
_CONTENTS = {"secret": ("file", "environment"), "config": ("file", "environment", "content")}


class Declared(NamedTuple):
    """A name that is there, and where."""

    name: str
    span: Span


class BrokenReference(NamedTuple):
    """A name that nothing declares. `nearest` is the declared one that is spelt most like it, if any is."""

    service: str  # by which it is named
    use: Use
    declarations: Span | None  # the key at the top under which it belongs, of the same file if that has it
    nearest: Declared | None
    declared_in: str | None = None  # another compose file that has it: the two may be used together

    @property
    def path_like(self) -> bool:
        """Whether a named volume looks like a path: without `./` Compose takes it for a name."""
        return self.use.kind == "volume" and ("/" in self.use.name or "." in self.use.name)

    @property
    def remedy(self) -> str:
        """What to do about it, as advice."""
        name, kind = self.use.text, self.use.kind
        if self.path_like:
            return f"write `./{name}` for a folder of the project"
        if kind == "service":
            return "correct the name, or add the service"
        return f"declare `{name}` under `{PLURALS[kind]}:` at the top, or correct the name"


class DependencyCycle(NamedTuple):
    """Services that are started after one another in a circle: each names the next, the last the first."""

    names: tuple[str, ...]
    spans: tuple[Span, ...]  # where each names the next


class UnfilledResource(NamedTuple):
    """A secret or config at the top of which nothing says what is in it, or more than one key does."""

    kind: str
    name: str
    span: Span
    keys: tuple[Declared, ...]  # the keys that say it
    allowed: tuple[str, ...]  # those that may

    @property
    def fault(self) -> str:
        """What is wrong with it, as the end of a sentence about it."""
        if not self.keys:
            return f"has neither {' nor '.join(f'`{key}`' for key in self.allowed)}"
        given = " and ".join(f"`{one.name}`" for one in self.keys)
        return f"has {'both ' if len(self.keys) == 2 else ''}{given}, of which Compose takes one"

    @property
    def remedy(self) -> str:
        """What to do about it, as advice."""
        return f"give it {' or '.join(f'`{key}`' for key in self.allowed)}, or `external: true`"


def broken_references(project: Project) -> Iterator[BrokenReference]:
    """The names that nothing declares in a set of files, each once. Which files are used together is a guess but for
    a set that the user names: so a name that another file beside them declares counts as found.
    """
    seen: set[Span] = set()
    whole = [one for one in project.own.deployments if one.whole and (one.given or not _is_sample(project, one))]
    broken = {one: list(_of_deployment(one)) for one in whole}
    spans = {one: {found.use.span for found in broken[one]} for one in whole}
    for deployment in whole:
        declared_in = _declared_in(project, deployment, broken[deployment]) if broken[deployment] else None
        for found in broken[deployment]:
            # a plain `docker compose up` reads the automatic override, too, which may mend what the base lacks
            mended = any(found.use.span not in spans[one] for one in deployment.extended_by)
            if found.use.span not in seen and not mended and not _elsewhere(project, deployment, found.use):
                seen.add(found.use.span)
                yield found._replace(declared_in=declared_in)


def _is_sample(project: Project, deployment: Deployment) -> bool:
    """Whether a set is a sample or what tests read: other services are put beside its own."""
    from dockerlint_fastapi.model.files.samples import is_sample  # noqa: PLC0415 - only paths of some folders are asked

    return is_sample(project, deployment.files[0].source.path)


def _of_deployment(deployment: Deployment) -> Iterator[BrokenReference]:
    merged = deployment.merged
    for service in merged.services.values():
        for use in uses_of(service):
            if use.required is True and not is_declared(merged, use):
                yield _broken(merged, service.name, use)
    for file in merged.files:
        for service in file.services.values():
            yield from _of_extends(merged, file, service)


def is_declared(file: ComposeFile, use: Use) -> bool:
    """Whether a file or a merged model has what is named."""
    return use.name in (file.services if use.kind == "service" else file.declared(PLURALS[use.kind]))


def _of_extends(merged: ComposeFile, file: ComposeFile, service: Service) -> Iterator[BrokenReference]:
    """The service that `extends` names when there is no such one; one that includes may bring counts as found."""
    extends = service.extends
    if extends is None or extends.service.value is None:
        return
    name = extends.service.value
    where: ComposeFile | None = file
    if extends.file is not None:
        path = merged.resolve(extends.file)
        where = next((one for one in merged.files if one.source.path == path), None)
    if where is None or where.root is None or name in where.services or (where.includes and name in merged.services):
        return
    key = where.root.entry("services")
    known = [Declared(one.name, one.span) for one in where.services.values()]
    use = Use("service", name, "extends", extends.service.span)
    yield BrokenReference(service.name, use, key.key.span if key is not None else None, nearest(name, known))


def _broken(merged: ComposeFile, service: str, use: Use) -> BrokenReference:
    kind = PLURALS[use.kind]
    keys = [file.root.entry(kind) for file in merged.files if file.root is not None]
    spans = [entry.key.span for entry in keys if entry is not None]
    own = next((span for span in spans if span.source is use.span.source), spans[0] if spans else None)
    known = (
        [Declared(one.name, one.span) for one in merged.services.values() if one.name != service]
        if use.kind == "service"
        else [Declared(name, entry.key.span) for name, entry in merged.declared(kind).items()]
    )
    return BrokenReference(service, use, own, nearest(use.name, known))


def nearest(name: str, known: Iterable[Declared]) -> Declared | None:
    """The declared name that is spelt most like another, or that says a part more or less (`db`, `db-main`); None when
    none is close: that both end in `-setup` is no likeness.
    """
    from difflib import get_close_matches  # noqa: PLC0415 - only a name that leads nowhere needs it

    from dockerlint_fastapi.model.instructions.nearest import nearest as misspelt  # noqa: PLC0415 - as below

    by_name = {one.name: one for one in known}
    if len(by_name) > _MOST_NAMES:
        return None
    close = next(iter(get_close_matches(name, by_name, 1, 0.75)), None) or misspelt(name, by_name)
    if close is None:
        close = next((one for one in by_name if _is_longer(one, name) or _is_longer(name, one)), None)
    return by_name[close] if close is not None else None


def _is_longer(name: str, other: str) -> bool:
    """Whether a name is another one with more words behind it."""
    return name.lower().startswith(tuple(f"{other.lower()}{mark}" for mark in "-_."))


def _elsewhere(project: Project, deployment: Deployment, use: Use) -> bool:
    """Whether a file that is not in a guessed set, but may be used with it, declares what is named: one in the folder
    of the set, or in a folder above.
    """
    if deployment.given:
        return False
    folder = parent(deployment.files[0].source.path)
    return any(
        is_declared(file, use) and not _stands_apart(project, deployment, parent(file.source.path))
        for file in project.compose_files_above(folder, own=True)
        if file not in deployment.files
    )


def declared_names(project: Project) -> Iterator[str]:
    """What each compose file declares: the kind, the name and the file's path."""
    for file in project.own.compose_files:
        yield from (f"service\0{name}\0{file.source.path}" for name in file.services)
        for kind, plural in PLURALS.items():
            yield from (f"{kind}\0{name}\0{file.source.path}" for name in file.declared(plural))


def _declared_in(project: Project, deployment: Deployment, broken: Iterable[BrokenReference]) -> str | None:
    """A compose file of another folder that declares all that a guessed set does not: recipes and programs start files
    of several folders together (`-f app/compose.yaml -f tls/compose.yaml`). None for a set that is there by itself, and
    for one with a usual name that lacks but volumes, which are called alike everywhere.
    """
    uses = {one.use for one in broken}
    volumes = all(one.kind == "volume" for one in uses)
    if deployment.given or (volumes and deployment.is_default) or any(one.key == "extends" for one in uses):
        return None
    own = {one.source.path for one in deployment.files}
    names = project.index.gathered(declared_names)
    starts = [f"{one.kind}\0{one.name}\0" for one in uses]
    found = (one[len(starts[0]) :] for one in names if one.startswith(starts[0]))
    others = (one for one in found if one not in own and all(f"{start}{one}" in names for start in starts))
    return min((one for one in others if not _stands_apart(project, deployment, parent(one))), default=None)


def _stands_apart(project: Project, deployment: Deployment, above: str) -> bool:
    """Whether a set is a project of its own beside what lies in a folder above: a plain `docker compose up` takes it,
    and the folders and files of its services are there from its own folder, and not from that, where relative paths
    would start were both used together.
    """
    own = parent(deployment.files[0].source.path)
    if own == above or not deployment.is_default:
        return False
    here = there = 0
    for text in _relative_paths(deployment):
        inside, outside = (normal(f"{folder}/{text}".lstrip("/")) for folder in (own, above))
        found = inside is not None and _is_there(project, inside)
        if outside is not None and _is_there(project, outside):
            there += not found
        else:
            here += found
    return here > 0 and there == 0


def _is_there(project: Project, path: str) -> bool:
    return project.tree.is_file(path) or project.tree.is_dir(path)


def _relative_paths(deployment: Deployment) -> Iterator[str]:
    """What the services of a set mount and are built from, as written, relative to the folder of the set."""
    for service in deployment.merged.services.values():
        context = service.build.context if service.build is not None else None
        for path in (context, *(one.source for one in service.volumes if one.type == "bind")):
            text = path.value if path is not None else None
            if text is not None and text.startswith("./"):
                yield text


def starts_elsewhere(project: Project, deployment: Deployment) -> bool:
    """Whether a guessed set of files needs one of a folder above: it names what only that declares, so that Compose
    refuses it alone. Its relative paths then start in the folder of the first file, which is another one.
    """
    if deployment.given:
        return False
    merged, folder = deployment.merged, parent(deployment.files[0].source.path)
    above = [*project.compose_files_above(folder, own=False)]
    return bool(above) and any(
        use.required is True
        and not is_declared(merged, use)
        and any(
            is_declared(file, use) and not _stands_apart(project, deployment, parent(file.source.path))
            for file in above
        )
        for service in merged.services.values()
        for use in uses_of(service)
    )


def dependency_cycles(deployment: Deployment) -> Iterator[DependencyCycle]:
    """The circles in which services of one model are started after each other, each once."""
    services = deployment.merged.services
    edges = {
        name: [use for use in uses_of(service) if use.orders and use.name in services]
        for name, service in services.items()
    }
    done: set[str] = set()
    for start in services:
        path: dict[str, int] = {}  # the services on the way from `start`, each with its place
        taken: list[Use] = []  # the uses that lead along it, one less
        waiting = []
        if start not in done:
            path[start] = 0
            waiting.append(iter(edges[start]))
        while waiting:
            use = next(waiting[-1], None)
            if use is None:
                waiting.pop()
                done.add(path.popitem()[0])
                if taken:
                    taken.pop()
            elif use.name in path:
                at = path[use.name]
                yield DependencyCycle(tuple(path)[at:], tuple(one.span for one in (*taken[at:], use)))
            elif use.name not in done:
                path[use.name] = len(path)
                waiting.append(iter(edges[use.name]))
                taken.append(use)


def unfilled_resources(deployment: Deployment) -> Iterator[UnfilledResource]:
    """The secrets and configs of which nothing, or more than one key, says what is in them."""
    for kind, allowed in _CONTENTS.items():
        for name, entry in deployment.merged.declared(PLURALS[kind]).items():
            body = entry.value
            if not isinstance(body, Mapping):
                continue  # it has no right shape, which is told elsewhere
            keys = tuple(Declared(one.key.text, one.key.span) for one in body if one.key.text in allowed)
            filled = bool(keys) or is_external(body) or body.get("driver") is not None
            if len(keys) > 1 or not filled:
                yield UnfilledResource(kind, name, entry.key.span, keys, allowed)
