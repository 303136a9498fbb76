"""What a hosting platform asks of the health of the images that it builds: Render, Railway, Fly.io and App Engine probe
a container by their own settings, and pass over its HEALTHCHECK.

Unlike an orchestrator's, such a file speaks of one Dockerfile: the one that it names, else the one beside it. Where it
names no probe, the platform may have been told of one by other means, and the evidence is not `firm`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from itertools import islice

from dockerlint_fastapi.model.evidence import Evidence
from dockerlint_fastapi.source import Source
from dockerlint_fastapi.tree import Tree, Unreadable, normal

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Final

    from dockerlint_fastapi.model.compose import Mapping

_NAMES: Final = r"render\.ya?ml|railway\.(?:toml|json)|fly(?:\.[\w-]+)?\.toml|app\.ya?ml"
_MOST: Final = 60  # files that are looked into
_MOST_BYTES: Final = 200_000  # a larger one is no such file


def platform_probes(tree: Tree, paths: Iterable[str]) -> dict[str, Evidence]:
    """Why a platform runs the container of a Dockerfile, by the Dockerfile's path: firm where its file names a probe.
    `paths` are all files of the project.
    """
    found: dict[str, Evidence] = {}
    named = (path for path in sorted(paths) if re.fullmatch(_NAMES, path.rpartition("/")[2]))
    for path in islice(named, _MOST):
        source = _source(tree, path)
        folder, _, name = path.rpartition("/")
        for said, probed in _dockerfiles(source, name) if source is not None else ():
            # Platforms differ in where such a path starts: at the file, or at the repository's root.
            for start in {folder, ""} if said else {folder}:
                place = normal(f"{start}/{said or 'Dockerfile'}".lstrip("/"))
                if place is not None and not (place in found and found[place].firm):
                    told = "names a probe" if probed else "names no probe"
                    found[place] = Evidence(f"`{path}` {told}", firm=probed)
    return found


def _source(tree: Tree, path: str) -> Source | None:
    try:
        data = tree.read(path)
    except Unreadable:
        return None
    return Source(path, data) if data is not None and len(data) <= _MOST_BYTES else None


def _dockerfiles(source: Source, name: str) -> Iterator[tuple[str, bool]]:
    """The Dockerfiles that a platform's file is about, as it writes them ("" where it names none), and whether it names
    a probe for each.
    """
    if name.startswith("render"):
        yield from _of_render(source) if "services" in source.text else ()
    elif name.startswith("app"):
        yield from _of_app_engine(source) if "runtime" in source.text else ()
    elif name.startswith("railway"):
        yield from _of_railway(_loaded(source))
    else:
        yield from _of_fly(_loaded(source))


def _of_render(source: Source) -> Iterator[tuple[str, bool]]:
    """`services:` of a Blueprint, each with a probe of its own."""
    from dockerlint_fastapi.model.compose.nodes import Mapping, items_of  # noqa: PLC0415 - YAML only when there is some

    for root in _documents(source):
        for service in items_of(root.get("services")):
            if not isinstance(service, Mapping):
                continue
            probed = bool(_text(service, "healthCheckPath"))
            runtime = _text(service, "runtime") or _text(service, "env")
            if (runtime or ("docker" if probed else "")) != "docker":
                continue
            folder, said = _text(service, "rootDir").strip("/"), _text(service, "dockerfilePath")
            if said or not folder:
                yield said, probed
            if folder:  # the path may start there
                yield f"{folder}/{said or 'Dockerfile'}", probed


def _of_app_engine(source: Source) -> Iterator[tuple[str, bool]]:
    """`runtime: custom` builds the Dockerfile beside the file."""
    for root in _documents(source):
        if _text(root, "runtime") == "custom":
            yield "", root.get("liveness_check") is not None


def _of_railway(root: dict[str, Any]) -> Iterator[tuple[str, bool]]:
    deploy, build = _table(root, "deploy"), _table(root, "build")
    builder, probed = build.get("builder", "dockerfile"), bool(deploy.get("healthcheckPath"))
    if root and isinstance(builder, str) and builder.lower() == "dockerfile":
        yield _name(build.get("dockerfilePath")), probed


def _of_fly(root: dict[str, Any]) -> Iterator[tuple[str, bool]]:
    build, services = _table(root, "build"), root.get("services")
    services = services if isinstance(services, list) else [services]
    probes = [_table(root, "http_service").get("checks"), root.get("checks")]
    probes += [service.get("http_checks") for service in services if isinstance(service, dict)]
    if root and "image" not in build and "builder" not in build:
        yield _name(build.get("dockerfile")), any(probes)


def _documents(source: Source) -> Iterator[Mapping]:
    from dockerlint_fastapi.model.compose.nodes import Mapping  # noqa: PLC0415 - as above
    from dockerlint_fastapi.parsers.compose.yaml_quick import read_documents  # noqa: PLC0415

    yield from (document for document in read_documents(source).documents if isinstance(document, Mapping))


def _text(node: Mapping, key: str) -> str:
    scalar = node.scalar(key)
    return scalar.text if scalar is not None else ""


def _loaded(source: Source) -> dict[str, Any]:
    """A TOML or JSON document; empty when it cannot be read."""
    if source.path.endswith(".json"):
        import json  # noqa: PLC0415 - few projects have one

        try:
            root = json.loads(source.text)
        except (ValueError, RecursionError):
            return {}
    else:
        from dockerlint_fastapi.parsers.manifests.toml_text import load_toml  # noqa: PLC0415 - as above

        root = load_toml(source.text)
    return root if isinstance(root, dict) else {}


def _table(root: dict[str, Any], key: str) -> dict[str, Any]:
    value = root.get(key)
    return value if isinstance(value, dict) else {}


def _name(value: object) -> str:
    return value if isinstance(value, str) else ""
