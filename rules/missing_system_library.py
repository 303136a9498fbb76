"""A distribution from PyPI that needs a library of the system, where that library certainly is not."""

from collections.abc import Iterator

from dockerlint_fastapi import Finding, edits
from dockerlint_fastapi.model import Image
from dockerlint_fastapi.model.install.system_libraries import MissingLibrary


def check(image: Image) -> Iterator[Finding]:
    """Speaks of the step that would build it, or of the stage that ships and cannot load it."""
    for missing in image.missing_libraries:
        name, stage = missing.distribution.name, missing.stage.name
        where = f"the stage `{stage}`" if stage else "this stage"
        need = f"the headers of {missing.library}" if missing.building and not missing.compiler else missing.library
        if missing.building:
            message = (
                f"`{name}` is compiled here and needs {need}, which {where} lacks: the build fails (`{missing.error}`)"
            )
        else:
            message = f"`{name}` needs {need} when it is imported, which {where} lacks: `{missing.error}`"
        finding = (
            Finding.at(
                missing.installation.step.head if missing.building else missing.stage.from_.image,
                message,
                severity=None if missing.building or missing.compiled else "warning",
                help=advice(missing),
            )
            .note(missing.distribution.span, f"{'asked for' if missing.distribution.via is None else 'brought'} here")
            .note(None if missing.building else missing.installation.step.head, "installed here")
        )
        binary = edits.requirements.binary(missing) if missing.building else None
        if binary is not None:
            yield finding.fixed_by(f"take `{missing.instead}`", binary, safe=False, names="steps")
        elif missing.building and missing.stage in image.lineage:  # where compilers would stay
            yield finding
        else:
            change = edits.dockerfile.with_packages(missing.stage, missing.manager, missing.packages)
            yield finding.fixed_by("install what is missing", change, safe=False, names="steps")


def advice(missing: MissingLibrary) -> str:
    """What to install in that stage, or instead."""
    words = f"`{missing.manager} {missing.packages}` in that stage"
    return f"{words}, or use `{missing.instead}`" if missing.instead else words
