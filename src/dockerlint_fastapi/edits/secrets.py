"""Secrets of compose files: a variable that has to be set in place of a literal, wherever it has to be the same."""

from __future__ import annotations

from dockerlint_fastapi.finding import Edit

TYPE_CHECKING = False
if TYPE_CHECKING:
    from dockerlint_fastapi.model.deployment import Deployment


def from_environment(deployment: Deployment, literal: str, variable: str | None) -> tuple[Edit, ...] | None:
    """A required variable in all places of a deployment that hold a secret: a server's password, and its clients'.
    None where not all of them can be written so.
    """
    places = deployment.agreement.written(literal, variable)
    return None if places is None else tuple(Edit(span, text) for span, text in places)
