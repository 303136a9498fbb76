"""Secrets of a compose file that its variables take from a committed `.env` beside it: `${DB_PASSWORD}`."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from dockerlint_fastapi.model.environment.env_file import Assigned
from dockerlint_fastapi.model.environment.interpolation import Reference, in_file, references
from dockerlint_fastapi.model.secrets import is_drawn, is_made_up, is_the_secret_of, names_a_secret
from dockerlint_fastapi.model.secrets.defaulted_secrets import is_optional
from dockerlint_fastapi.model.secrets.inline_secrets import InlineSecret

TYPE_CHECKING = False
if TYPE_CHECKING:
    from dockerlint_fastapi.model.compose import ComposeFile
    from dockerlint_fastapi.model.deployment import Deployment

# What a file says, in a comment or a value, that everybody is to fill in anew.
_TO_BE_CHANGED = (
    r"(?i)chang(?:e|ing)|replac(?:e|ing)|\byour|example|sample|template|placeholder|\bfill|insert|todo|<.+>"
)


def filled_secrets(deployment: Deployment) -> Iterator[InlineSecret]:
    """The secrets that Compose puts in the place of variables from the `.env` beside the first file, where git keeps
    that: as good as literals. Left out are stand-ins in a file that says itself that others are to come in their place,
    and accounts that only some have.
    """
    project, use = deployment.project, deployment.dotenv
    if project is None or use.file is None or use.path is None or project.git_tracks(use.path) is False:
        return
    example = re.search(_TO_BE_CHANGED, use.file.source.text) is not None
    told = {one.span for one in deployment.committed_secrets}
    values = use.file.assigned()
    for file in deployment.merged.files:
        for secret in _of_file(deployment, file, values):
            made = secret.filled
            if made is None or made.value_span in told:
                continue
            text = made.text or ""
            if is_made_up(text) and not is_drawn(text) and (example or is_optional(made.name)):
                continue
            yield secret


def _of_file(deployment: Deployment, file: ComposeFile, values: Mapping[str, Assigned]) -> Iterator[InlineSecret]:
    for service in file.services.values():
        merged = deployment.merged.services.get(service.name, service)
        lookup = in_file(merged.lookup, file.source.path)  # an `include` may have variables of its own
        for variable in service.environment:
            text = variable.raw or ""
            for one in references(text):
                whole = one.start == 0 and one.end == len(text)
                found = values.get(one.name)
                if found is None or not _is_taken(one, found) or not (names_a_secret(one.name) or whole):
                    continue
                holder = variable.name if whole else one.name
                if lookup(one.name) == found.value and is_the_secret_of(holder, found.value or ""):
                    span = variable.locate(one.start, one.end)
                    yield InlineSecret(variable.name, span, service, holder if whole else None, found.assignment)


def _is_taken(reference: Reference, found: Assigned) -> bool:
    """Whether the text of an assignment stands in for a reference as it is. Of a default another rule tells."""
    literal = found.value is not None and found.value == found.assignment.text
    return literal and bool(found.value) and (not reference.operator or reference.required)
