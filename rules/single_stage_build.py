from collections.abc import Iterator

from dockerlint_fastapi import Finding
from dockerlint_fastapi.model import Image
from dockerlint_fastapi.model.build_time import SYSTEM_KINDS

SORTS = {
    **dict.fromkeys(SYSTEM_KINDS, "compilers and headers"),
    "installer": "an installer",
    "node": "a front end's build",
}


def check(image: Image) -> Iterator[Finding]:
    if not image.python or image.development or len(image.dockerfile.stages) > 1:
        return
    sorts = {SORTS[tool.kind]: tool for tool in reversed(image.build_tools)}
    if not sorts:
        return
    names = sorted(sorts)
    listed = names[0] if len(names) == 1 else ", ".join(names[:-1]) + " and " + names[-1]
    finding = Finding.at(
        image.lineage[0].from_.image,
        f"the only stage ships {listed} along with the application: a second one would leave behind what only the build needs",
        severity="warning" if len(sorts) > 1 else None,
    )
    for name in names:
        finding = finding.note(sorts[name], f"{name}: `{sorts[name].name}`")
    yield finding
