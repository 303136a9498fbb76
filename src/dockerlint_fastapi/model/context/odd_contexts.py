"""Services that build a Dockerfile from another folder than the one that it is written for."""

from __future__ import annotations

from dockerlint_fastapi.record import NamedTuple

TYPE_CHECKING = False
if TYPE_CHECKING:
    from dockerlint_fastapi.model.context.image_build import ImageBuild
    from dockerlint_fastapi.model.context.passage import Passage
    from dockerlint_fastapi.source import Span


class OddContext(NamedTuple):
    """One of them: where its `context:` stands, what is not there, and the folder from which others build."""

    span: Span
    missing: tuple[Passage, ...]
    fitting: str
    pulled: bool  # it names an image, too, which Compose pulls unless it is told to build


def odd_contexts(build: ImageBuild) -> tuple[OddContext, ...]:
    """The services that build from this folder, when it lacks what is copied and other services of the project build
    the same from a folder that lacks nothing.
    """
    image = build.image
    others = [one for one in image.builds if one is not build and one.certain]
    if not others or not image.contexts_named:
        return ()
    fitting = next((one for one in others if one.holds_everything), None)
    if fitting is None:
        return ()
    missing = tuple(one for one in build.missing if one.glob is None)
    found: dict[Span, OddContext] = {}
    for container in image.containers if missing else ():
        service, deployment = container.service, container.deployment
        written = service.build if service is not None else None
        if service is None or deployment is None or written is None or written.context is None:
            continue
        if deployment.merged.context_of(written) == build.context:
            span = written.context.span
            found[span] = OddContext(span, missing, fitting.context, service.image is not None)
    return tuple(found.values())
