"""A secret file that COPY names."""

from collections.abc import Iterator

from dockerlint_fastapi import Finding, edits
from dockerlint_fastapi.model import Image
from dockerlint_fastapi.model.secrets.secret_copies import SecretCopy, is_needed, named_twice

NEEDED = "give the container the file by a mount or `secrets:` first, for it is read there; then copy it no more"
NEEDED_VARIABLES = (
    "give the container its variables by `env_file:` first, for the application reads them here; then copy it no more"
)


def _goal(image: Image, copy: SecretCopy) -> tuple[object, ...]:
    """What a COPY brings where: the stage, the source and the destination as it is written."""
    start, to = copy.instruction.span.start, copy.instruction.destination
    stage = sum(one.from_.span.start < start for one in image.dockerfile.stages)
    return stage, copy.words, (to.value or to.text).removeprefix("./").rstrip("/.")


def check(image: Image) -> Iterator[Finding]:
    """Speaks of the source."""
    before: dict[tuple[object, ...], str] = {}
    wide = [pair for pairs in named_twice(image).values() for pair in pairs]
    for copy in image.secret_copies:
        if copy.shipped:
            where = "the image: whoever has that can read it, also when a later step deletes it"
        else:
            where = "a layer of the build, and into its cache"
        # whoever has the repository has what is committed
        grave = copy.shipped and not image.development and not copy.made_up and not copy.committed
        needed = is_needed(image, copy)
        message = f"`{copy.words}` puts the file into {where}"
        help_ = (NEEDED_VARIABLES if copy.kind == "environment" else NEEDED) if needed else None
        finding = Finding.at(copy.span, message, severity="error" if grave else "warning", help=help_)
        # a stage for development copies the same as the one that ships, and a second COPY brings it there again
        text = before.setdefault(_goal(image, copy), copy.instruction.span.text)
        finding = finding.caused_by(copy.span.source.path, copy.words, text)
        for directory, named in wide:
            if named == copy.span:
                finding = finding.note(directory, "this takes it along as well")
        # without it nothing would start; and the stage that it comes from may be left without any use
        if not needed and copy.instruction.from_ is None:
            gone = edits.dockerfile.without_source(copy.instruction, copy.span)
            finding = finding.fixed_by("copy it no more", gone, safe=False, reveals=True, names="files")
        yield finding
