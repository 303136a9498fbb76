"""Whether a container waits by itself for what it connects to."""

from __future__ import annotations

from dockerlint_fastapi.model.command import Unknown
from dockerlint_fastapi.model.services.waiting_evidence import waiting

TYPE_CHECKING = False
if TYPE_CHECKING:
    from dockerlint_fastapi.model.container import Container


def waits(container: Container) -> bool | None:
    """Whether its command, a start script or the project's code waits; None when a script or program that nobody has
    read may do so.
    """
    evidence = waiting(container)
    if isinstance(evidence, Unknown):
        return None
    if evidence is not None:
        return True
    known = bool(container.programs) and all(program.known for program in container.programs)
    return False if known else None
