"""A package that apt is asked for and that the Debian of the image has not."""

from collections.abc import Iterator

from dockerlint_fastapi import Edit, Finding
from dockerlint_fastapi.model import Image

KEY = (
    "write the key to `/etc/apt/keyrings/NAME.asc`, and name that in the source:"
    " `deb [signed-by=/etc/apt/keyrings/NAME.asc] https://…`"
)


def check(image: Image) -> Iterator[Finding]:
    for call in image.gone_programs:
        now = ", which this tag means now" if call.moving else ""
        message = f"`apt-key` is not in Debian 13 (trixie){now}: `command not found`, and the build stops"
        yield Finding.at(call.span, message, help=KEY).note(call.base, "this chooses the release")
    for one in image.gone_packages:
        names = " and ".join(f"`{package.name}`" for package, _ in one.packages[:2])
        if len(one.packages) > 2:
            names = f"`{one.packages[0][0].name}` and {len(one.packages) - 1} more"
        now = ", which this tag means now" if one.moving else ""
        verb = "is" if len(one.packages) == 1 else "are"
        message = f"{names} {verb} not in Debian {one.number} ({one.release}){now}: `{one.step.words}` stops the build"
        known = [f"`{instead}` in place of `{package.name}`" for package, instead in one.packages if instead]
        lacking = [f"`{package.name}`" for package, instead in one.packages if not instead]
        advice = [f"write {', '.join(known)}"] if known else []
        if lacking:
            advice.append(f"do without {', '.join(lacking)}, or take an image of the release that has it")
        finding = Finding.at(one.span, message, help="; ".join(advice)).note(one.base, "this chooses the release")
        for package, _ in one.packages[1:]:
            finding = finding.note(package.word.span, "this neither")
        changes = [Edit(package.word.span, instead) for package, instead in one.packages if instead]
        yield finding.fixed_by("write what is there", *changes, safe=False, names="steps") if not lacking else finding
