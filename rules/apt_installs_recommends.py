from collections.abc import Iterator

from dockerlint_fastapi import Finding, edits
from dockerlint_fastapi.model import Image, Run
from dockerlint_fastapi.model.install.apt_lists import is_in_base
from dockerlint_fastapi.model.install.debian_relations import brings_others, lacks_headers, recommends_nothing
from dockerlint_fastapi.model.install.installer_settings import recommends_are_off


def check(image: Image) -> Iterator[Finding]:
    if image.development or image.reference is None:
        return
    for run, step in image.steps:
        if not step.recommends or step.subcommand != "install" or not step.packages or step.program == "aptitude":
            continue
        if recommends_are_off(image, run):
            continue
        if step.complete and not any(_may_recommend(package.name, image) for package in step.packages):
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


def _may_recommend(name: str | None, image: Image) -> bool:
    """Whether a package brings what it only recommends: not one that the base image has, nor one of somebody
    else's, of which nobody here knows; those of Debian that are known to recommend nothing neither.
    """
    if name is None:
        return True
    if name == "nodejs" and any("nodesource" in run.text for run in image.every(Run)):
        return False  # that of NodeSource, which recommends nothing
    return brings_others(name) is not None and not recommends_nothing(name) and is_in_base(name, image.base) is not True
