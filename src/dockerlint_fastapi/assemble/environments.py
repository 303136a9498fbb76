"""The environment of a container: the image's ENV, what `env_file:` names over it, `environment:` over both."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from dockerlint_fastapi.model.command import UNKNOWN, Environment, Unknown, Value
from dockerlint_fastapi.model.compose import Service, Variable
from dockerlint_fastapi.model.dockerfile import Pair
from dockerlint_fastapi.model.environment.interpolation import Lookup, Rendered, Unset, in_file, render
from dockerlint_fastapi.model.environment.variables import ContainerVariable
from dockerlint_fastapi.model.image import Image
from dockerlint_fastapi.source import Span

TYPE_CHECKING = False
if TYPE_CHECKING:
    from dockerlint_fastapi.model.environment.env_file import Assigned, EnvFileUse


def variables_of(
    image: Image | None, service: Service | None, uses: Sequence[EnvFileUse]
) -> dict[str, ContainerVariable]:
    """The variables of a container by name. `uses` are the env files that its service names, in order."""
    found = {name: _of_image(name, pair) for name, pair in image.environment.items()} if image is not None else {}
    if service is None:
        return found
    own = {variable.name: _of_compose(variable, service) for variable in service.environment}
    before: dict[str, Assigned] = {}
    lookup = _lookup(service, own)
    for use in uses:
        if use.file is None:
            # it may set any of what was set before it
            found = {name: one._replace(certain=False) for name, one in found.items()}
            before = {name: one._replace(rendered=None) for name, one in before.items()}
            continue
        before = use.file.assigned(lookup, before)
        names = {assignment.name for assignment in use.file.assignments}
        found.update({name: _of_file(before[name]) for name in names if name in before})
    found.update(own)
    return found


def environment_of(
    image: Image | None,
    variables: Mapping[str, ContainerVariable],
    uses: Sequence[EnvFileUse],
    *,
    override: Service | None = None,
) -> Environment:
    """What a program finds in its environment. Closed when nothing else may add variables: only a known base image is
    known to set none that a server reads, and every env file was read. `override` is the same service with the override
    file, without which nobody is seen to start it: what that sets besides cannot be told.
    """
    values: dict[str, Value | Unknown] = {}
    read = all(use.file is not None for use in uses)
    for name, text in (image.base.environment if image is not None and image.base is not None else {}).items():
        values[name] = Value(text, None, "environment") if read else UNKNOWN
    for name, one in variables.items():
        value = one.value
        values[name] = UNKNOWN if value is None else Value(value, one.span, "environment")
    closed = image is not None and (image.base is not None or image.scratch) and read
    if override is not None:
        for variable in override.environment:
            values.setdefault(variable.name, UNKNOWN)
        closed = closed and len(override.env_files) <= len(uses)
    return Environment(values, closed=closed)


def _lookup(service: Service, own: Mapping[str, ContainerVariable]) -> Lookup:
    """What a reference in an env file means: Compose's own variables first, then those of `environment:`. Also in an
    included model those are the variables of the whole project, not of the `include` (compose-go, types/project.go).
    """
    above = service.lookup

    def answer(name: str) -> str | Unset | None:
        found = above(name)
        return own[name].value if found is None and name in own else found

    return answer


def _whole(text: str, length: int) -> Rendered:
    """A text without references, as written in `length` characters."""
    return Rendered(text, True, ((0, len(text), 0, length),))


def _of_image(name: str, pair: Pair) -> ContainerVariable:
    text = pair.raw if pair.value is None else pair.value
    rendered = None if pair.value is None else _whole(pair.value, len(pair.value))
    return ContainerVariable(name, text, rendered, pair.span, _finder(pair.value_span, text), "image")


def _of_file(one: Assigned) -> ContainerVariable:
    made = one.assignment
    return ContainerVariable(made.name, made.text or "", one.rendered, made.span, made.locate, "env_file")


def _of_compose(variable: Variable, service: Service) -> ContainerVariable:
    raw, value = variable.raw, variable.value
    rendered: Rendered | None
    if raw is None:
        rendered = None if value is None else Rendered(value, True, ())
    elif "$" in raw:
        rendered = render(raw, in_file(service.lookup, variable.value_span.source.path))
    else:
        rendered = _whole(raw if value is None else value, len(raw))
    return ContainerVariable(variable.name, raw or "", rendered, variable.span, variable.locate, "compose")


def _finder(span: Span, text: str) -> Callable[[int, int], Span]:
    """The place of a stretch of a text that stands in a span; the whole span where it is written with escapes."""

    def locate(start: int, end: int) -> Span:
        at = span.text.find(text)
        return span if at < 0 else Span(span.source, span.start + at + start, span.start + at + end)

    return locate
