"""What a build installs below the home of root, where nobody else may enter: environments, tools, interpreters, and
what tools fetch into a cache there.

* Poetry and Pipenv make the environment of a project in a cache of the user's, unless they are told otherwise
  (python-poetry.org/docs/configuration, `virtualenvs.create`, `virtualenvs.in-project`; pipenv.pypa.io, "Virtualenv
  Location");
* `pip install --user`, pipx, `uv tool install` and hatch's environments go to `~/.local`;
* uv fetches a Python of its own to `~/.local/share/uv/python` where the system has none that fits
  (docs.astral.sh/uv, "Python versions"): the environment's `python` is a link to it;
* Playwright's browsers go to `~/.cache/ms-playwright`, models of Hugging Face to `~/.cache/huggingface`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from dockerlint_fastapi.model.dockerfile import Run
from dockerlint_fastapi.model.install.virtual_environments import Row, rows
from dockerlint_fastapi.source import Span

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Final

    from dockerlint_fastapi.model.image import Image
    from dockerlint_fastapi.model.install import Step

_OFF: Final = frozenset(("0", "false", "no", "off", "n", "f", "never", "manual"))
_ON: Final = frozenset(("1", "true", "yes", "on"))
# What fetches into a cache, and the variables that say where that is.
_FETCHES: Final[Mapping[str, tuple[str, ...]]] = {
    r"\b(?:playwright|patchright)[\"']?,?[ \t]+[\"']?install\b(?!-deps)": ("PLAYWRIGHT_BROWSERS_PATH",),
    r"\bcamoufox[\"']?,?[ \t]+[\"']?fetch\b": ("XDG_CACHE_HOME",),
    r"\bnltk\.download\((?![^)\n]*download_dir)|\bnltk\.downloader\b(?![^\n]*[ \t]-d\b)": ("NLTK_DATA",),
    r"\bfrom_pretrained\(|\bSentenceTransformer\(|\bsnapshot_download\("
    r"|\b(?:huggingface-cli|hf)[ \t]+download\b(?![^\n]*--local-dir)": (
        "HF_HOME",
        "HF_HUB_CACHE",
        "HUGGINGFACE_HUB_CACHE",
        "TRANSFORMERS_CACHE",
        "SENTENCE_TRANSFORMERS_HOME",
        "XDG_CACHE_HOME",
    ),
    r"\bwhisper\.load_model\(|\beasyocr\.Reader\(|\btorch\.hub\.load\w*\(": ("TORCH_HOME", "XDG_CACHE_HOME"),
}


def closed_step(image: Image) -> Span | None:
    """Where a build first puts something below the home of root that what it starts needs; None when it is not seen
    to do so.
    """
    own = frozenset(image.lineage)
    for stage in (*image.builders, *image.lineage):
        for row in rows(image, stage):
            found = next(_closed(image, row, shipped=stage in own), None)
            if found is not None:
                return found
    return None


def _closed(image: Image, row: Row, *, shipped: bool) -> Iterator[Span]:
    """What a RUN puts there. Of a stage that is copied from, interpreters alone: an environment needs its own."""
    run = row.instruction
    if not isinstance(run, Run) or row.variables.get("HOME", "/root") != "/root":
        return
    for step in image.steps_of(run):
        if _fetches_python(image, step, row) or (shipped and _is_at_home(image, step, row)):
            yield step.head
    for words, variables in _FETCHES.items() if shipped else ():
        found = re.search(words, run.text)
        if found is not None and not any(row.variables.get(one) for one in variables):
            yield run.keyword_span


def _is_at_home(image: Image, step: Step, row: Row) -> bool:
    """Whether a step makes an environment, or installs a tool, in the home of root."""

    def variable(name: str) -> str | None:
        return step.environment.get(name, row.variables.get(name, ""))

    if step.manager == "pip":
        return step.has("--user") and variable("PYTHONUSERBASE") == ""
    if step.manager == "pipx":
        return step.action == "install" and variable("PIPX_HOME") == ""
    if step.manager == "hatch":
        return step.subcommand.startswith("env") and variable("HATCH_DATA_DIR") == ""
    if step.manager == "uv":
        return step.program == "uv tool" and step.action == "install" and variable("UV_TOOL_DIR") == ""
    if step.action not in ("sync", "install") or step.subcommand.startswith("self") or variable("VIRTUAL_ENV") != "":
        return False
    if "activate" in row.instruction.text:
        return False
    if step.manager == "pipenv":
        placed = any(variable(one) != "" for one in ("PIPENV_VENV_IN_PROJECT", "WORKON_HOME", "PIPENV_SYSTEM"))
        return not placed and not step.has("--system")
    if step.manager != "poetry" or image.project.has_poetry_settings:
        return False
    told = ("POETRY_VIRTUALENVS_PATH", "POETRY_CACHE_DIR", "XDG_CACHE_HOME")
    off = {variable("POETRY_VIRTUALENVS_CREATE")} & {None, *_OFF}
    inside = variable("POETRY_VIRTUALENVS_IN_PROJECT")
    chosen = any(one.startswith(("create false", "in-project true", "path ")) for one in row.settings)
    return not chosen and not off and inside in ("", *_OFF) and not any(variable(one) for one in told)


def _fetches_python(image: Image, step: Step, row: Row) -> bool:
    """Whether uv fetches an interpreter in a step: it is told to, or what it is asked for is none that the base has."""
    told = {**row.variables, **step.environment}
    if step.manager != "uv" or told.get("UV_PYTHON_INSTALL_DIR"):
        return False
    if step.subcommand == "python install":
        return True
    if step.subcommand not in ("sync", "venv") or (told.get("UV_PYTHON_DOWNLOADS") or "").lower() in _OFF:
        return False
    base, option = image.base, step.option("--python")
    if base is None or told.get("UV_PYTHON_PREFERENCE") == "only-system":
        return False
    managed = told.get("UV_PYTHON_PREFERENCE") == "only-managed" or told.get("UV_MANAGED_PYTHON") in _ON
    wanted, version = option.value if option is not None else told.get("UV_PYTHON"), base.python_version or ""
    plain = wanted is not None and re.fullmatch(r"3\.\d+", wanted) is not None
    other = plain and version.count(".") > 0 and not f"{version}.".startswith(f"{wanted}.")
    return managed or other or (base.python is False and image.python is False)
