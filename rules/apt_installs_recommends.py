from collections.abc import Iterator

from dockerlint_fastapi import Finding, edits
from dockerlint_fastapi.model import Image, Run, Step
from dockerlint_fastapi.model.install.apt_lists import is_in_base
from dockerlint_fastapi.model.install.debian_relations import brings_others, companions, recommends_nothing
from dockerlint_fastapi.model.install.installer_settings import recommends_are_off
from dockerlint_fastapi.model.install.kept import passing_packages
from dockerlint_fastapi.model.install.step import Package


def check(image: Image) -> Iterator[Finding]:
    if image.development or image.reference is None:
        return
    for run in image.every(Run):
        steps = [step for step in image.steps_of(run) if _takes_recommends(step)]
        if not steps or recommends_are_off(image, run):
            continue
        told = [step for step in steps if _costs(image, run, step)]
        beside = [companions(image, step) for step in steps]
        changes = [edits.installs.with_option(step, "--no-install-recommends") for step in steps]
        needed = dict.fromkeys(one for some in beside for one in some or ())
        changes += [edits.words.behind(one.package.word, one.name) for one in needed] if None not in beside else [None]
        for step in told:
            finding = Finding.at(
                step.head,
                f"`{step.words}` also installs what its packages only recommend, which makes the image larger",
                once="project",
            )
            for one in needed:
                if one.package in step.packages:
                    message = f"`{one.package.name}` only recommends `{one.name}`, {one.why}: name it as well"
                    finding = finding.note(one.package.word, message)
            yield finding.fixed_by("add `--no-install-recommends`", *changes, safe=False, names="steps")


def _costs(image: Image, run: Run, step: Step) -> bool:
    """Whether what a step's packages recommend may stay in the image."""
    passing = passing_packages(run.command)
    staying = (one for one in step.packages if one.word.span not in passing)
    return not step.complete or any(_may_recommend(one, image) for one in staying)


def _takes_recommends(step: Step) -> bool:
    return step.recommends and step.subcommand == "install" and bool(step.packages) and step.program != "aptitude"


def _may_recommend(package: Package, image: Image) -> bool:
    """Whether a package brings what it only recommends: not one that the base image has, nor one of somebody
    else's, of which nobody here knows; those of Debian that are known to recommend nothing neither.
    """
    name = package.name
    if name is None:
        return True
    if name == "nodejs" and any("nodesource" in run.text for run in image.every(Run)):
        return False  # that of NodeSource, which recommends nothing
    return brings_others(name) is not None and not recommends_nothing(name) and is_in_base(name, image.base) is not True
