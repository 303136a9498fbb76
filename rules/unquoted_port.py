"""A mapping of ports without quotes, which may be read as one number."""

from collections.abc import Iterator

from dockerlint_fastapi import Edit, Finding
from dockerlint_fastapi.model import ComposeFile


def check(file: ComposeFile) -> Iterator[Finding]:
    """Speaks of each mapping that YAML 1.1 takes for a number; of the others once for each service."""
    for service in file.services.values():
        others = []
        for one in service.unquoted_ports:
            if one.number is None:
                others.append(one)
                continue
            message = f"without quotes, `{one.scalar.text}` is the number {one.number} in YAML 1.1: a port nobody meant"
            yield Finding.at(one.scalar, message).fixed_by("add quotes", Edit(one.scalar.span, one.quoted))
        if others:
            first = others[0].scalar
            message = f"`{first.text}` has no quotes: a pair with a port below 60 would become one number in YAML 1.1"
            edits = [Edit(one.scalar.span, one.quoted) for one in others]
            finding = Finding.at(first, message, severity="info", in_guide="info", pedantic=True)
            yield finding.fixed_by("add quotes", *edits)
