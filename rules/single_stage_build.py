from collections.abc import Iterator

from dockerlint_fastapi import Finding
from dockerlint_fastapi.model import Image
from dockerlint_fastapi.model.install.build_time import SYSTEM_KINDS, building_stages, deleted_later

SORTS = {**dict.fromkeys(SYSTEM_KINDS, "build tools"), "installer": "an installer", "node": "a front end's tools"}

# Installers that come with dozens of packages of their own; uv is one file.
LARGE = ("poetry", "pdm", "pipenv", "hatch")


def check(image: Image) -> Iterator[Finding]:
    if not image.python or image.development or len(building_stages(image)) > 1:
        return
    first = {SORTS[tool.kind]: tool for tool in reversed(image.build_tools)}
    sorts = [name for name in dict.fromkeys(SORTS.values()) if name in first]
    if not sorts or (image.lone_installer is not None and image.full_base_use):
        return  # `full-base-image` has people build in a stage of their own, and tells of the installer
    listed = " and ".join(filter(None, (", ".join(sorts[:-1]), sorts[-1])))
    only = "only stage that builds Python" if len(image.dockerfile.stages) > 1 else "only stage"
    finding = Finding.at(
        image.stage.from_.image,
        f"the {only} ships {listed} along with the application: a second one would leave that behind",
        severity=None if len(sorts) > 1 else "info",
        pedantic=sorts == [SORTS["installer"]] and not any(tool.name in LARGE for tool in image.build_tools),
        in_guide="info" if len(sorts) == 1 else None,
    )
    for name in sorts:
        finding = finding.note(first[name], f"{name}: `{first[name].name}`")
        if name == SORTS["installer"]:
            finding = finding.note(deleted_later(image, first[name]), "deleted only here: a lower layer still holds it")
    yield finding
