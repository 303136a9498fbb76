"""Compose files: text -> model, as Compose (compose-go) reads it, with what it refuses as problems."""

from __future__ import annotations

from dockerlint_fastapi.model.compose import ComposeFile
from dockerlint_fastapi.model.compose.nodes import Mapping
from dockerlint_fastapi.parsers.compose.kind import is_foreign, legacy_service, template_marker, with_unknowns
from dockerlint_fastapi.parsers.compose.merge import merge_documents, merge_files
from dockerlint_fastapi.parsers.compose.services import services_of
from dockerlint_fastapi.parsers.compose.structure import interpolation_problems, structure_problems
from dockerlint_fastapi.source import Problem, Source

__all__ = ["MAX_BYTES", "merge_files", "parse_compose"]

MAX_BYTES = 2_000_000  # no compose file is larger; ruamel.yaml reads about 250 kB in a second
MAX_SERVICES = 2_000  # the largest public files have a hundred; joining and judging one takes about a millisecond


def parse_compose(source: Source) -> ComposeFile:
    """The model of one compose file. Never raises: what Compose would refuse is in `problems`, each with its place.

    After an error of the YAML syntax nothing else is known: `root` is None and that problem is the last. A template, a
    file of the format without `services:` and YAML that is no compose file are recognised and have no problems.
    """
    file = ComposeFile(source)
    refusal = _unreadable(source)
    if refusal is not None:
        file.problems = (refusal,)
        return file
    from dockerlint_fastapi.parsers.compose.yaml_quick import read_documents  # noqa: PLC0415 - for compose files only

    read = read_documents(source)
    file.template = template_marker(source, () if read.broken else read.documents)
    if file.template is not None:
        return file
    if read.broken:
        file.problems = read.problems
        return file
    file.documents = read.documents
    if "{{" in source.text:
        with_unknowns(file.documents)
    if any(is_foreign(document) for document in read.documents):
        legacy = legacy_service(read.documents[0])
        file.legacy = legacy
        file.foreign = legacy is None
        return file
    problems = list(read.problems)
    for document in read.documents:
        problems.extend(structure_problems(document))
        problems.extend(interpolation_problems(document))
    root = merge_documents(read.documents)
    many = _too_many(root)
    if many is not None:
        file.problems = (*problems, many)
        return file
    file.problems = tuple(sorted(problems, key=lambda problem: problem.span.start))
    file.root = root
    file.services = services_of(file)
    return file


def _too_many(root: Mapping | None) -> Problem | None:
    """Why a file with more services than anyone runs together is not joined with others."""
    services = root.entry("services") if root is not None else None
    if services is None or not isinstance(services.value, Mapping) or len(services.value.entries) <= MAX_SERVICES:
        return None
    number = len(services.value.entries)
    return Problem(
        services.key.span,
        f"{number} services are more than dlf reads of a compose file",
        f"at most {MAX_SERVICES} services; `include` joins several files",
    )


def _unreadable(source: Source) -> Problem | None:
    """Why a file is not even tried."""
    beginning = source.span(0, 0)
    if len(source.data) > MAX_BYTES:
        return Problem(
            beginning,
            f"{len(source.data)} bytes are more than dlf reads of a compose file",
            f"at most {MAX_BYTES} bytes",
        )
    if source.data[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return Problem(beginning, "the file is encoded as UTF-16, which dlf does not read", "UTF-8")
    return None
