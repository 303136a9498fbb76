"""What Poetry, Pipenv, PDM, Hatch and conda download into an image beside what they install: caches that nothing reads
any more. Hatch lets pip download, and so does conda for the `pip:` list of an environment file.
"""

from __future__ import annotations

import re

from dockerlint_fastapi.model.dockerfile import Copy, Run
from dockerlint_fastapi.model.install import cleanups
from dockerlint_fastapi.model.install.installer_settings import is_set, pip_cache_is_off
from dockerlint_fastapi.record import NamedTuple

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from dockerlint_fastapi.model.image import Image
    from dockerlint_fastapi.model.install import Step
    from dockerlint_fastapi.model.install.distributions import Installation

_DIRECTORIES = {
    "poetry": "~/.cache/pypoetry",
    "pipenv": "~/.cache/pipenv",
    "pdm": "~/.cache/pdm",
    "hatch": "~/.cache/pip",
    "conda": "~/.cache/pip",
}
_VARIABLES = {
    "poetry": "POETRY_CACHE_DIR",
    "pipenv": "PIPENV_CACHE_DIR",
    "pdm": "PDM_CACHE_DIR",
    "hatch": "PIP_CACHE_DIR",
    "conda": "PIP_CACHE_DIR",
}
# By which another program downloads in an installer's place, or nothing is kept.
_SWITCHES = {
    "pipenv": ("PIP_NO_CACHE_DIR",),
    "pdm": ("PDM_NO_CACHE", "PDM_USE_UV"),
    "hatch": ("HATCH_ENV_TYPE_VIRTUAL_UV_PATH",),
}
_PIP_LIST = r"(?m)^[ \t]*-[ \t]+pip[ \t]*:"  # in an environment file of conda
# What removes such a cache, or may: `rm -rf $POETRY_CACHE_DIR`, `pipenv --clear`. `poetry cache clear` takes what is
# below `cache/repositories`, and leaves the files in `artifacts` (console/commands/cache/clear.py, 1.8.5 to 2.5.1).
_CLEARED = r"\brm\b[^\n;&|]*(?:[._-]cache\b|/root(?:[\s/]*$|/\*)|/tmp|pypoetry|CACHE_DIR)|--clear\b"
_PDM_CLEARED = r"\bpdm[ \t]+cache[ \t]+clear\b"  # all of it, unlike Poetry's
_CONFIGURED = r"\bcache_dir\b|\buse_uv\b|(?<!no-)cache-dir(?!\w|[ \t]+[\"']?\$\{?POETRY_CACHE_DIR)|XDG_CACHE_HOME"
_FILES = ("poetry.toml", "config.toml", "pdm.toml")


class KeptCache(NamedTuple):
    """A step that leaves what it downloaded in the layer, and the directory where that lies, as a shell writes it."""

    run: Run
    step: Step
    directory: str

    @property
    def removal(self) -> str:
        """The command that removes it and leaves the environment, which Poetry may keep in the same directory."""
        if self.step.manager == "poetry":
            return f"rm -rf {self.directory}/artifacts {self.directory}/cache"
        return f"rm -rf {self.directory}"


def kept_caches(image: Image) -> Iterator[KeptCache]:
    """The first steps of each of them in an image, when their downloads stay there.

    Poetry keeps each wheel below `artifacts`, also with `--no-cache` (python-poetry/poetry#6445, #10304); PDM keeps the
    answers of the index, files included, in `http` (models/session.py, 2.29.4).
    """
    done: set[str] = set()
    for one in image.installed.steps:
        step = one.step
        if step.manager not in _DIRECTORIES or step.manager in done or not _downloads(step) or one.never_runs:
            continue
        if step.manager in ("hatch", "conda") and not _is_by_pip(image, one):
            continue
        done.add(step.manager)  # later ones install the project itself, or what is there
        kept = _kept(image, one.run, step) if one.stage in image.lineage else None
        if kept is not None:
            yield kept


def _downloads(step: Step) -> bool:
    return step.action in ("install", "sync") and not (
        step.program.endswith((" self", " run")) or step.has("--dry-run", "--help", "--only-root", "--no-cache")
    )


def _is_by_pip(image: Image, one: Installation) -> bool:
    """Whether Hatch or conda certainly lets pip download, and nothing tells pip to keep no cache."""
    if pip_cache_is_off(image, one.run, one.step) or cleanups(one.run.command).pip_cache:
        return False
    if one.step.manager == "hatch":
        return one.hatch is not None and one.hatch.installer == "pip"
    listed = one.listed.found.values() if one.listed is not None else ()
    return any(re.search(_PIP_LIST, text) for text in {each.span.source.text for each in listed})


def _kept(image: Image, run: Run, step: Step) -> KeptCache | None:
    name, directory = _VARIABLES[step.manager], _DIRECTORIES[step.manager]
    if any(is_set(image, run, step, one) for one in _SWITCHES.get(step.manager, ())):
        return None  # Pipenv lets pip download
    if step.manager == "pdm" and re.search(_PDM_CLEARED, run.text):
        return None
    if is_set(image, run, step, "XDG_CACHE_HOME") or name in step.environment or _is_configured(image, run):
        return None
    places = [directory]
    if is_set(image, run, step, name):
        pair = image.variable(name, run)
        if pair is None or pair.value is None:
            return None
        places, directory = [pair.value], f"${name}"
    inner = [f"{place}/{part}" for place in places for part in ("artifacts", "cache")]
    if run.volatile(*places, *inner) or re.search(_CLEARED, run.text) or any(place in run.text for place in places):
        return None
    return KeptCache(run, step, directory)


def _is_configured(image: Image, run: Run) -> bool:
    """Whether a command or a file of the image says, or may say, where the cache lies."""
    for one in image.instructions:
        if isinstance(one, Copy) and any(word.text.endswith(_FILES) for word in one.sources):
            return True
        if isinstance(one, Run) and re.search(_CONFIGURED, one.text):
            return True
        if one is run:
            return False
    return False
