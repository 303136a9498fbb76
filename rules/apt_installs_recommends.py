from collections.abc import Iterator

from dockerlint_fastapi import Finding, edits
from dockerlint_fastapi.model import Image
from dockerlint_fastapi.model.install.debian_relations import lacks_headers, recommends_nothing
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
        changes = [edits.installs.with_option(step, "--no-install-recommends")]
        finding = Finding.at(
            step.head,
            f"`{step.words}` also installs what its packages only recommend, which makes the image larger",
            once="project",
        )
        compiler = lacks_headers(image, step)
        if compiler is not None:
            finding = finding.note(
                compiler.word, "`gcc` only recommends `libc6-dev`, the headers of C: name it as well"
            )
            changes.append(edits.words.behind(compiler.word, "libc6-dev"))
        yield finding.fixed_by("add `--no-install-recommends`", *changes, safe=False, names="steps")
