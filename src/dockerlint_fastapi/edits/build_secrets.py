"""A build argument becomes a secret that is mounted where it is used, and stays in no layer and no history."""

from __future__ import annotations

import re

from dockerlint_fastapi.edits import compose, dockerfile
from dockerlint_fastapi.finding import Edit
from dockerlint_fastapi.model.compose.nodes import Mapping, Node, Scalar, Sequence
from dockerlint_fastapi.model.dockerfile import Arg, Run

TYPE_CHECKING = False
if TYPE_CHECKING:
    from dockerlint_fastapi.model.compose import Service, Variable
    from dockerlint_fastapi.model.image import Image

_OF_HOST = r"\$(?:\{(\w+)(?::?[-?][^{}]*)?\}|(\w+))"


def mounted(image: Image, name: str) -> tuple[Edit, ...] | None:
    """`--mount=type=secret,id=…,env=NAME` on every RUN that uses an argument, and no ARG of that name any more; a
    service that passes the argument gives the secret. None when anything but a RUN in shell form uses it, nothing is
    seen to, or several services pass it.
    """
    use = re.compile(rf"\$(?:\{{{re.escape(name)}\b|{re.escape(name)}\b)")
    flag = f"--mount=type=secret,id={name.lower()},env={name}"
    edits: list[Edit | None] = []
    used = False
    for instruction in image.dockerfile.instructions:
        if isinstance(instruction, Arg) and any(pair.name == name for pair in instruction.pairs):
            edits += [dockerfile.without_pair(instruction, pair) for pair in instruction.pairs if pair.name == name]
        elif use.search(instruction.full_span.text):
            if not isinstance(instruction, Run) or instruction.command.exec_form or instruction.onbuild:
                return None
            if use.search(" ".join(one.span.text for one in instruction.flags)):
                return None
            used = True
            edits.append(dockerfile.with_flag(instruction, flag))
    services = [service for one in _of_file(image) for service in _passing(one, name)]
    services = list({one.span: one for one in services}.values())
    edits += _given(services[0], name) if len(services) == 1 else [None] if services else []
    found = tuple(edit for edit in edits if edit is not None)
    return found if used and len(found) == len(edits) else None


def of_host(variable: Variable) -> Edit | None:
    """A variable of the host in place of a literal; None where it is written with quotes or escapes."""
    name = variable.name
    return Edit(variable.value_span, f"${{{name}:?set {name}}}") if variable.value_span.text == variable.raw else None


def _of_file(image: Image) -> list[Image]:
    """The images of the same Dockerfile."""
    return [*image.project.images_of[image.dockerfile]]


def _passing(image: Image, name: str) -> list[Service]:
    """The services of a Dockerfile that pass an argument of that name."""
    services = [one.service for one in image.containers if one.service is not None]
    return [one for one in services if one.build is not None and any(arg.name == name for arg in one.build.args)]


def _given(service: Service, name: str) -> list[Edit | None]:
    """The edits by which a service gives a secret instead of an argument."""
    build = service.body.get("build")
    args = build.get("args") if isinstance(build, Mapping) else None
    if not isinstance(build, Mapping) or args is None or build.span.source is not service.span.source:
        return [None]
    secret, gone, host = name.lower(), _without(build, args, name), _of_host(args, name)
    there = build.get("secrets")
    if isinstance(there, Sequence):
        added = compose.with_item(there, secret)
    else:
        added = compose.with_key(build, "secrets", [secret]) if there is None else None
    declared = compose.top_level(service.file, "secrets", secret, {"environment": host}) if host else None
    return [gone, added, declared]


def _without(build: Mapping, args: Node, name: str) -> Edit | None:
    """`args` without an argument; `build` without `args` when it is the only one."""
    if isinstance(args, Mapping):
        return compose.without_key(args, name) if len(args.entries) > 1 else compose.without_key(build, "args")
    if not isinstance(args, Sequence):
        return None
    item = next((one for one in args.items if isinstance(one, Scalar) and one.text.partition("=")[0] == name), None)
    if item is None or len(args.items) < 2:
        return compose.without_key(build, "args")
    return compose.without_item(args, item)


def _of_host(args: Node, name: str) -> str | None:
    """The variable of the host that an argument takes its value from; None when it is written out."""
    if isinstance(args, Mapping):
        node = args.get(name)
        text = node.text if isinstance(node, Scalar) and node.value is not None else ""
    elif isinstance(args, Sequence):
        texts = [one.text for one in args.items if isinstance(one, Scalar)]
        text = next((one.partition("=")[2] for one in texts if one.partition("=")[0] == name), "")
    else:
        return None
    if not text:
        return name
    found = re.fullmatch(_OF_HOST, text)
    return None if found is None else found[1] or found[2]
