"""Names in compose files that lead nowhere, and dependencies that go in a circle."""

from collections.abc import Iterable, Iterator

from dockerlint_fastapi import Edit, Finding, edits
from dockerlint_fastapi.model import Deployment, Project
from dockerlint_fastapi.model.secrets import is_fill_me_in
from dockerlint_fastapi.model.services.broken_references import PLURALS, BrokenReference

BLANK = "show a path with a slash in front, so that what people write there is one: `/path/to/folder`"


def check(node: Project | Deployment) -> Iterator[Finding]:
    """Speaks where all the files that are used together are known."""
    if isinstance(node, Project):
        for broken, *others in _alike(node):
            name, kind = broken.use.text, broken.use.kind
            message = f"no {kind} is named `{name}`: Compose refuses the file and starts nothing"
            if broken.path_like:
                message = f"`{name}` is taken for a named volume, which no file declares: Compose starts nothing"
            elif broken.declared_in is not None:
                message = f"no {kind} is named `{name}`: without `{broken.declared_in}`, Compose refuses the file"
            blank = broken.path_like and is_fill_me_in(name)  # who fills it in writes a path of the host
            severity, help_ = ("info", BLANK) if blank else ("warning" if broken.declared_in else None, broken.remedy)
            finding = Finding.at(broken.use.span, message, severity=severity, help=help_)
            finding = finding if blank else _fixed(finding, node, broken)
            for other in others:
                finding = finding.note(other.use.span, "here too")
            if broken.nearest is not None:
                yield finding.note(broken.nearest.span, f"did you mean `{broken.nearest.name}`?")
            else:
                yield finding.note(broken.declarations, f"the {kind}s that are declared")
    elif node.whole:
        yield from _of_deployment(node)


def _alike(project: Project) -> Iterable[list[BrokenReference]]:
    """The names that lead nowhere: one that several services of a file use is one fault."""
    groups: dict[tuple[object, ...], list[BrokenReference]] = {}
    for broken in project.broken_references:
        use = broken.use
        each = use.span if broken.path_like or use.key == "extends" else None  # each is mended by itself
        groups.setdefault((use.span.source, use.kind, use.text, each), []).append(broken)
    return groups.values()


def _fixed(finding: Finding, project: Project, broken: BrokenReference) -> Finding:
    """Declares a volume or network under the name that is used, unless it is a misspelt one."""
    name, use = broken.use.name, broken.use
    if broken.path_like:
        plain = use.span.text.strip("\"'") == name
        change = Edit(use.span, use.span.text.replace(name, f"./{name}", 1)) if plain else None
        return finding.fixed_by(f"mount the folder `./{name}`", change, safe=False, names="mounts")
    if use.kind not in ("volume", "network") or broken.nearest is not None or "$" in use.text:
        return finding
    file = project.index.compose_file(use.span.source.path)
    change = edits.compose.top_level(file, PLURALS[use.kind], name) if file is not None else None
    return finding.fixed_by(
        f"declare the {use.kind} `{name}`", change, names="networks" if use.kind == "network" else "mounts"
    )


def _of_deployment(deployment: Deployment) -> Iterator[Finding]:
    for variable in (one for service in deployment.merged.services.values() for one in service.environment):
        meant = variable.with_equals
        if meant is not None:
            name = variable.name.partition(":")[0]
            message = (
                f"`{name}` has a colon in place of `=`: Compose takes it all for a variable's name, and sets nothing"
            )
            finding = Finding.at(variable.span, message, severity="warning", help=f"write `{name}=`", once="file")
            change = Edit(variable.span, meant)
            names = ("environment", "server", "ports")
            yield finding.fixed_by("write `=`", change, safe=False, reveals=True, names=names)
    for cycle in deployment.dependency_cycles:
        way = " -> ".join(f"`{name}`" for name in (*cycle.names, cycle.names[0]))
        message = f"the services wait for each other in a circle, {way}: Compose starts nothing"
        finding = Finding.at(cycle.spans[-1], message, help="take one of the dependencies away")
        for name, span in zip(cycle.names[:-1], cycle.spans, strict=False):
            finding = finding.note(span, f"`{name}` waits for it")
        yield finding
    for resource in deployment.unfilled_resources:
        message = f"the {resource.kind} `{resource.name}` {resource.fault}: Compose starts nothing"
        finding = Finding.at(resource.span, message, help=resource.remedy)
        for one in resource.keys:
            finding = finding.note(one.span, "one of them")
        yield finding
