"""Wheels of the project that an image builds and installs: what they need is downloaded then, as by `pip install .`.

`poetry build`, `uv build`, `hatch build`, `pdm build`, `flit build` and `python -m build` put the project alone into
`dist/`; `pip wheel` and `pip download` bring what it needs along, so nothing is said where they are called.
"""

from __future__ import annotations

import re

from dockerlint_fastapi.model.context.passage import behind_workdirs, place_of
from dockerlint_fastapi.model.dockerfile import Run, Transfer
from dockerlint_fastapi.model.files.image_files import Placed, transfer_stage
from dockerlint_fastapi.model.install.call import bare_text
from dockerlint_fastapi.record import NamedTuple

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Final

    from dockerlint_fastapi.model.dockerfile import Stage
    from dockerlint_fastapi.model.image import Image
    from dockerlint_fastapi.model.install.step import Step

_BUILDS: Final = r"(?<![\w./-])(?:(?:poetry|uv|hatch|pdm|flit)|python[0-9.]*[ \t]+-m[ \t]+(?=build\b))[ \t]*build\b"
_BRINGS_ALL: Final = r"\bpip[0-9.]*[ \t]+(?:wheel|download)\b"
_ELSEWHERE: Final = (
    r"\b(?:cd|pushd)\b|--(?:directory|project|package|outdir|out-dir|output|no-deps|no-index|find-links)\b"
)
_OWN: Final = r"(?:.*/)?(?:dist/)?\*\.whl"
_NEEDS: Final = r"(?m)(?:^[ \t]*|[\"'])(?:fastapi|starlette|uvicorn)\b"


class OwnWheel(NamedTuple):
    """A step that installs the wheel of the project, and the manifest that it is built of."""

    step: Step
    manifest: Placed


def own_wheels(image: Image) -> Iterator[OwnWheel]:
    """The first such steps of each stage that ships, where nothing was installed before that the wheel may need."""
    text = image.dockerfile.source.text
    if ".whl" not in text or re.search(_BRINGS_ALL, text) is not None:
        return
    for run, step in image.steps:
        if step.bootstrap or step.manager not in ("pip", "uv", "poetry", "pdm", "pipenv", "conda"):
            continue
        words = [bare_text(word) for word in step.local]
        alone = not (step.packages or step.requirements or step.constraints or step.editable)
        if step.manager != "pip" or step.action != "install" or not alone or step.conditional:
            return
        if len(words) != 1 or re.fullmatch(_OWN, words[0]) is None or re.search(_ELSEWHERE, run.text) is not None:
            return
        manifest = _built(image, run)
        if manifest is not None and re.search(_NEEDS, manifest.text) is not None:
            yield OwnWheel(step, manifest)
        return


def _built(image: Image, run: Run) -> Placed | None:
    """The manifest of the one project whose wheel the stage of a RUN copies from another; None where that cannot be
    told.
    """
    stage = next(one for one in image.lineage if run in one.of(Run))
    sources: list[Stage] = []
    for one in stage.of(Transfer):
        if any((word.value or "$").endswith((".whl", "/dist", "/dist/")) for word in one.sources):
            found = transfer_stage(image, one.from_.value if one.from_ is not None else None, stage)
            if found is None:
                return None
            sources.append(found)
    if len(sources) != 1:
        return None
    builds = [
        (one, directory)
        for one, directory in behind_workdirs(image, sources[0])
        if isinstance(one, Run) and re.search(_BUILDS, one.text) is not None
    ]
    if len(builds) != 1 or re.search(_ELSEWHERE, builds[0][0].text) is not None:
        return None
    place = place_of("pyproject.toml", builds[0][1])
    found_file = image.file_at(place, stage=sources[0], before=builds[0][0]) if place is not None else None
    return found_file if isinstance(found_file, Placed) and found_file.path is not None else None
