"""Images as manifests of Kubernetes start them: containers whose `command` and `args` stand in place of what the
Dockerfile names (Kubernetes, "Define a Command and Arguments for a Container").
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import islice

from dockerlint_fastapi.model.bases.base_image import Reference
from dockerlint_fastapi.model.command import Argument
from dockerlint_fastapi.model.compose import Mapping, Node, Scalar
from dockerlint_fastapi.model.compose.nodes import items_of
from dockerlint_fastapi.model.context.glob import clean
from dockerlint_fastapi.model.evidence import is_example, setting_of_path
from dockerlint_fastapi.model.files.container_files import Cover
from dockerlint_fastapi.model.project import Project, dockerfile_paths
from dockerlint_fastapi.parsers.command import Entry, entry_of
from dockerlint_fastapi.parsers.compose.yaml_quick import read_documents
from dockerlint_fastapi.record import NamedTuple

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Final

    from dockerlint_fastapi.model.image import Image
    from dockerlint_fastapi.source import Span

_ASIDE: Final = frozenset("test tests e2e example examples sample samples demo demos doc docs fixtures vendor".split())
_WORKLOADS: Final = ("Deployment", "StatefulSet", "DaemonSet", "Rollout")
_WORKLOAD: Final = rf"(?m)^kind:[ \t]*[\"']?(?:{'|'.join(_WORKLOADS)})\b"
_COMMAND: Final = r"(?m)^[ \t-]*(?:command|args):"
_MOST: Final = 200  # files that are looked into
_MOST_CHARACTERS: Final = 200_000  # of each


class Manifested(NamedTuple):
    """A container of a manifest that names a command of its own: the image, as written, and the words of both keys,
    None for a key that is not there. `covers` are the places over which it mounts something.
    """

    image: str
    command: tuple[Argument, ...] | None
    arguments: tuple[Argument, ...] | None
    covers: tuple[Cover, ...]


def manifested(image: Image, published: Callable[[str], Image | None]) -> tuple[Manifested, ...]:
    """The containers of manifests that certainly start an image by a command of their own: the one that the project
    builds, or one that a workflow pushes under that name. `published` answers for a name.
    """
    if not image.orchestrated:
        return ()
    found = image.project.index.answer(_in_manifests)
    if found and len(set(image.project.index.gathered(dockerfile_paths))) > 1:
        found = tuple(one for one in found if published(one.image) is image)
    return found


def entry_of_manifest(one: Manifested, entrypoint: Entry | None, cmd: Entry | None) -> tuple[Entry | None, Span]:
    """What such a container starts, and where that is written: `command` takes the place of ENTRYPOINT and CMD, `args`
    that of CMD alone.
    """
    words = one.arguments or one.command or ()
    first = one.command if one.command is not None else entrypoint
    second = one.arguments if one.command is not None or one.arguments is not None else cmd
    return entry_of(first, second), words[0].span.to(words[-1].span)


def _in_manifests(project: Project) -> tuple[Manifested, ...]:
    """The containers of all manifests that run what is nobody's product by a command of their own."""
    found: list[Manifested] = []
    for path in islice(project.index.ending(".yaml", ".yml"), _MOST):
        if path.startswith(".") or not _ASIDE.isdisjoint(path.lower().split("/")[:-1]) or is_example(path):
            continue
        if setting_of_path(path) == "development":
            continue
        source = project.source_of(path)
        text = source.text if source is not None else ""
        if source is None or len(text) > _MOST_CHARACTERS or "{{" in text or not re.search(_COMMAND, text):
            continue
        if re.search(_WORKLOAD, text):
            for document in read_documents(source).documents:
                found.extend(_of_workload(document))
    return tuple(found)


def _of_workload(document: Node) -> Iterator[Manifested]:
    kind = document.scalar("kind") if isinstance(document, Mapping) else None
    node: Node | None = document if kind is not None and kind.text in _WORKLOADS else None
    for key in ("spec", "template", "spec", "containers"):
        node = node.get(key) if isinstance(node, Mapping) else None
    for one in items_of(node):
        if not isinstance(one, Mapping) or one.get("lifecycle") is not None:
            continue  # what runs before the end may hand the signal on
        image, command, arguments = one.scalar("image"), one.get("command"), one.get("args")
        reference = Reference.parse(image.text) if image is not None else None
        if image is None or reference is None or reference.is_public:
            continue
        words = [_words(key) for key in (command, arguments) if key is not None]
        if words and None not in words:
            covers = tuple(_cover(each) for each in items_of(one.get("volumeMounts")))
            yield Manifested(image.text, _words(command), _words(arguments), covers)


def _cover(mount: Node) -> Cover:
    path = mount.scalar("mountPath") if isinstance(mount, Mapping) else None
    place = clean(path.text) if path is not None and path.text.startswith("/") else None
    return Cover(place, None, False, mount.span)


def _words(node: Node | None) -> tuple[Argument, ...] | None:
    """The words of a list; None where one is no text, or is made of variables, which Kubernetes writes `$(NAME)`."""
    items = items_of(node)
    words = [one for one in items if isinstance(one, Scalar) and isinstance(one.value, str) and "$(" not in one.text]
    if not items or len(words) < len(items):
        return None
    return tuple(Argument(one.text, one.span.text, one.span) for one in words)
