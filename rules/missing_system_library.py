"""A distribution from PyPI that needs a library of the system, where that library certainly is not."""

from collections.abc import Iterator

from dockerlint_fastapi import Finding, edits
from dockerlint_fastapi.model import Image
from dockerlint_fastapi.model.install.system_libraries import MissingLibrary, made_for_windows


def check(image: Image) -> Iterator[Finding]:
    """Speaks of libraries, of a whole other system, and of programs that code starts, which come as packages, too."""
    yield from _libraries(image)
    yield from _systems(image)
    if not image.development:
        yield from _programs(image)


def _fails(missing: MissingLibrary) -> str:
    """What happens for want of a library."""
    name, stage = missing.distribution.name, missing.stage.name
    where = f"the stage `{stage}`" if stage else "this stage"
    need = f"the headers of {missing.library}" if missing.building and not missing.compiler else missing.library
    if missing.building:
        return f"`{name}` is compiled here and needs {need}, which {where} lacks: the build fails (`{missing.error}`)"
    return f"`{name}` needs {need} when it is imported, which {where} lacks: `{missing.error}`"


def _libraries(image: Image) -> Iterator[Finding]:
    """Speaks of the step that would build it, or of the stage that ships and cannot load it."""
    for missing in image.missing_libraries:
        finding = (
            Finding.at(
                missing.installation.step.head if missing.building else missing.stage.from_.image,
                _fails(missing),
                severity=None if missing.building or missing.compiled else "info" if missing.idle else "warning",
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


def _systems(image: Image) -> Iterator[Finding]:
    """Speaks of the step that stops for want of Windows."""
    for one in made_for_windows(image):
        names = [f"`{each.name}`" for each in one.distributions]
        listed = names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"
        verb, rest = ("is", "it has") if len(names) == 1 else ("are", "they have")
        finding = Finding.at(
            one.installation.step.head,
            f"{listed} {verb} made for Windows alone, and for Linux {rest} no wheel and no source: the build fails",
            help='leave what is for Windows out, or write `; sys_platform == "win32"` behind it',
        )
        for each in one.distributions:
            finding = finding.note(each.span, "asked for here")
        yield finding


def _programs(image: Image) -> Iterator[Finding]:
    """Speaks of the stage that ships, of all its programs together."""
    missing = list(image.missing_programs)
    if not missing:
        return
    names = (
        " and ".join(f"`{one.name}`" for one in missing[:2])
        if len(missing) < 3
        else f"`{missing[0].name}` and {len(missing) - 1} more"
    )
    packages, manager = " ".join(dict.fromkeys(one.package for one in missing)), missing[0].manager
    finding = Finding.at(
        image.stage.from_.image,
        f"the code starts {names}, which this stage lacks: `FileNotFoundError` as soon as it does",
        severity="info" if image.hardly_ships else "warning",
        help=f"`{manager} {packages}` in that stage",
    )
    for one in missing:
        finding = finding.note(one.span, f"`{one.name}` is started here")
    change = edits.dockerfile.with_packages(image.stage, manager, packages)
    yield finding.fixed_by("install what is missing", change, safe=False, names="steps")


def advice(missing: MissingLibrary) -> str:
    """What to install in that stage, or instead."""
    words = f"`{missing.manager} {missing.packages}` in that stage"
    return f"{words}, or use `{missing.instead}`" if missing.instead else words
