from collections.abc import Iterator

from dockerlint_fastapi import Edit, Finding
from dockerlint_fastapi.model import Image
from dockerlint_fastapi.model.install import cleanups
from dockerlint_fastapi.model.installer_settings import cache_is_elsewhere, pip_cache_is_off


def check(image: Image) -> Iterator[Finding]:
    if image.development:
        return
    cleaned = {run: cleanups(run.command).pip_cache for run in dict(image.steps)}
    for run, step in image.steps:
        if step.manager != "pip" or step.action != "install" or step.offline or cleaned[run]:
            continue
        if pip_cache_is_off(image, run, step) or cache_is_elsewhere(image, run, step):
            continue
        yield Finding.at(
            step.head,
            f"`{step.words}` keeps its downloads in this layer, where nothing ever reads them"
            if not step.bootstrap
            else f"`{step.words}` of the installers keeps its downloads in this layer: a few megabytes for nothing",
            severity="info" if step.bootstrap else None,
        ).fixed_by("add `--no-cache-dir`", Edit.behind(step.head, " --no-cache-dir"))
