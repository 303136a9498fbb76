"""Images from elsewhere: which ones a build or a service takes something from, and where that is written."""

from __future__ import annotations

from dockerlint_fastapi.model.bases.base_image import Reference
from dockerlint_fastapi.model.dockerfile import From, Run, Stage, Transfer
from dockerlint_fastapi.record import NamedTuple
from dockerlint_fastapi.source import Span

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from dockerlint_fastapi.model.compose import Service


class Pull(NamedTuple):
    """One image that is taken from elsewhere. `way` is `FROM`, `COPY`, `RUN` (a mount) or `image` (compose)."""

    reference: Reference
    way: str
    span: Span


def pulls_of(stages: Iterable[Stage]) -> Iterator[Pull]:
    """The images that stages are built on or copy from, in order. Names of stages are none, nor is `scratch`; a name
    that holds a variable counts with the default that the Dockerfile gives, else it cannot be told.
    """
    for stage in stages:
        for name, way, span in _named(stage):
            reference = Reference.parse(name) if name is not None and name != "scratch" else None
            if reference is not None and (way == "FROM" or stage.dockerfile.stage(reference.text) is None):
                yield Pull(reference, way, span)


def _named(stage: Stage) -> Iterator[tuple[str | None, str, Span]]:
    if stage.base is None:
        yield _named_by_from(stage.from_)
    for one in stage.instructions:
        if isinstance(one, Transfer) and one.from_ is not None:
            yield one.from_.value, "COPY", _within(one.from_.span, one.from_.raw)
        elif isinstance(one, Run):
            for mount in one.mounts:
                name = mount.options.get("from")
                if name is not None and "$" not in name:
                    yield name, "RUN", _within(mount.span, name)


def _named_by_from(from_: From) -> tuple[str | None, str, Span]:
    return from_.image.value, "FROM", from_.image.span


def _within(span: Span, text: str) -> Span:
    """Where a text that is written in a span begins and ends; the whole span when it is written otherwise."""
    at = span.text.find(text) if text else -1
    return span if at < 0 else Span(span.source, span.start + at, span.start + at + len(text))


def pull_of(service: Service) -> Pull | None:
    """The image that a service without `build` starts, with the defaults of its variables; None when there is none, or
    it cannot be told.
    """
    image = service.image if service.build is None else None
    text = (image.value or image.default) if image is not None else None
    reference = Reference.parse(text) if text else None
    return Pull(reference, "image", image.span) if image is not None and reference is not None else None


def origin_of(service: Service) -> Reference | None:
    """The image that a service without `build` starts, be it that a variable without a value leaves its tag open
    (`postgres:${POSTGRES_VERSION}`): what is in it is known then, and its version is not. Such a tag is as written.
    """
    pull, image = pull_of(service), service.image
    if pull is not None or image is None or image.value is not None or service.build is not None:
        return pull.reference if pull is not None else None
    name, _, rest = image.text.partition("$")
    repository, colon, start = name.rpartition(":")
    found = Reference.parse(repository) if colon and "/" not in start else None
    return None if found is None else found._replace(text=image.text, tag=f"{start}${rest}")
