"""A secret as a literal in ENV or LABEL."""

from collections.abc import Iterator

from dockerlint_fastapi import Finding, edits
from dockerlint_fastapi.model import Image
from dockerlint_fastapi.model.dockerfile import Env, Label
from dockerlint_fastapi.model.secrets import is_the_secret_of


def check(image: Image) -> Iterator[Finding]:
    """Speaks of each pair. What is made of a variable, and a password inside a URL, are matters of other rules."""
    builders = [one for stage in image.builders for one in stage.instructions]
    for shipped, instructions in ((True, image.instructions), (False, builders)):
        where = "the image: everyone who can pull it" if shipped else "a build stage: everyone with its cache"
        for instruction in instructions:
            if not isinstance(instruction, (Env, Label)):
                continue
            for pair in instruction.pairs:
                if pair.value and "$" not in pair.raw and is_the_secret_of(pair.name, pair.value):
                    severity = "error" if shipped and not image.development and not image.is_unclaimed else "warning"
                    known = image.secret_in_env(pair) if isinstance(instruction, Env) and shipped else None
                    if known is not None and (known.opens_nothing or known.unasked):
                        severity = "info" if known.opens_nothing else "warning"
                    finding = Finding.at(pair, f"`{pair.name}` is written into {where} can read it", severity=severity)
                    if known is not None and known.again is not None:
                        finding = finding.note(known.again, "the start script has it as its default")
                    gone = edits.dockerfile.without_variable(image.dockerfile, instruction, pair)
                    yield finding.fixed_by(f"take `{pair.name}` out of the image", gone, safe=False, names="here")
