"""A secret file that COPY names."""

from collections.abc import Iterator

from dockerlint_fastapi import Finding, edits
from dockerlint_fastapi.model import Image
from dockerlint_fastapi.model.secrets.secret_copies import named_twice


def check(image: Image) -> Iterator[Finding]:
    """Speaks of the source."""
    wide = [pair for pairs in named_twice(image).values() for pair in pairs]
    for copy in image.secret_copies:
        if copy.shipped:
            where = "the image: whoever has that can read it, also when a later step deletes it"
        else:
            where = "a layer of the build, and into its cache"
        grave = copy.shipped and not image.development and not copy.made_up
        message = f"`{copy.words}` puts the file into {where}"
        finding = Finding.at(copy.span, message, severity="error" if grave else "warning")
        # a stage for development copies the same as the one that ships
        finding = finding.caused_by(copy.span.source.path, copy.words, copy.instruction.span.text)
        for directory, named in wide:
            if named == copy.span:
                finding = finding.note(directory, "this takes it along as well")
        if copy.instruction.from_ is None:  # else the stage that it comes from may be left without any use
            gone = edits.dockerfile.without_source(copy.instruction, copy.span)
            finding = finding.fixed_by("copy it no more", gone, safe=False, reveals=True, names="files")
        yield finding
