from collections.abc import Iterator

from dockerlint_fastapi import Finding, edits
from dockerlint_fastapi.model import Image, Run, Step
from dockerlint_fastapi.model.install import cleanups
from dockerlint_fastapi.model.install.installer_caches import KeptCache
from dockerlint_fastapi.model.install.installer_settings import cache_is_elsewhere, idle_installs, pip_cache_is_off


def check(image: Image) -> Iterator[Finding]:
    if image.development or image.is_taken_apart:
        return
    cleaned = {run: cleanups(run.command).pip_cache for run in dict(image.steps)}
    kept: dict[Run, list[Step]] = {}
    fetching = [one.step for one in image.own_wheels]
    for run, step in image.steps:
        if step.manager != "pip" or step.action != "install" or cleaned[run]:
            continue
        if step.offline and step not in fetching:
            continue
        if pip_cache_is_off(image, run, step) or cache_is_elsewhere(image, run, step):
            continue
        kept.setdefault(run, []).append(step)
    idle = idle_installs(image) if kept else frozenset()
    caches = list(image.kept_caches)
    installers: list[Step] = []
    for steps in kept.values():
        if caches and all(step.bootstrap for step in steps):
            installers += steps
            continue
        for finding in _findings([step for step in steps if step.span not in idle]):
            yield finding._replace(severity="info") if image.hardly_ships or image.is_for_one_job else finding
    for number, one in enumerate(caches):
        yield _of_another(image, one, [] if number else installers)


def _of_another(image: Image, one: KeptCache, installers: list[Step]) -> Finding:
    """The finding on another installer, whose cache is a directory of its own; what installs it keeps a little."""
    who = f"the pip of `{one.step.words}`" if one.step.manager == "conda" else f"`{one.step.words}`"
    finding = Finding.at(
        one.step.head,
        f"{who} keeps its downloads in this layer, where nothing ever reads them",
        severity="info" if image.hardly_ships or image.is_for_one_job else None,
        help=f"end this `RUN` with `&& {one.removal}`",
        once="file",
    )
    for step in installers:
        finding = finding.note(step.head, "and so does this one, without `--no-cache-dir`")
    added = [edits.installs.with_option(step, "--no-cache-dir") for step in installers]
    removed = edits.installs.appended(one.run, one.removal)
    return finding.fixed_by("remove the downloads", removed, *added, names="steps")


def _findings(steps: list[Step]) -> Iterator[Finding]:
    """Speaks of each install of one RUN. What only installs the installers is told along with the first of them, which
    the same fix mends, and as info where there is nothing else.
    """
    installers = [step for step in steps if step.bootstrap]
    others = [step for step in steps if not step.bootstrap]
    for number, step in enumerate(others or installers[:1]):
        along = [one for one in installers if one is not step] if number == 0 else []
        finding = Finding.at(
            step.head,
            f"`{step.words}` keeps its downloads in this layer, where nothing ever reads them"
            if not step.bootstrap
            else f"`{step.words}` of the installers keeps its downloads in this layer: a few megabytes for nothing",
            severity="info" if step.bootstrap else None,
            pedantic=step.bootstrap,
            in_guide="info" if step.bootstrap else None,
            once="file",
        )
        for one in along:
            finding = finding.note(one.head, "as does this one")
        added = [edits.installs.with_option(one, "--no-cache-dir") for one in (step, *along)]
        yield finding.fixed_by("add `--no-cache-dir`", *added, names="steps")
