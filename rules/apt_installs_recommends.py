from collections.abc import Iterator

from dockerlint_fastapi import Finding, edits
from dockerlint_fastapi.model import Image
from dockerlint_fastapi.model.install.debian_relations import recommends_nothing
from dockerlint_fastapi.model.install.installer_settings import recommends_are_off


def check(image: Image) -> Iterator[Finding]:
    if image.development or image.reference is None:
        return
    for run, step in image.steps:
        if not step.recommends or step.subcommand != "install" or not step.packages or step.program == "aptitude":
            continue
        if recommends_are_off(image, run):
            continue
        if step.complete and all(package.name and recommends_nothing(package.name) for package in step.packages):
            continue
        added = edits.installs.with_option(step, "--no-install-recommends")
        yield Finding.at(
            step.head,
            f"`{step.words}` also installs what its packages only recommend, which makes the image larger",
            once="project",
        ).fixed_by("add `--no-install-recommends`", added, safe=False, names="steps")
