import re
from collections.abc import Iterator

from dockerlint_fastapi import Finding, edits
from dockerlint_fastapi.model import Image
from dockerlint_fastapi.model.install.layer_order import LateInstall

HELP = {
    "hatch": "copy `pyproject.toml`, `hatch env create`, then copy the code",
    "uv": "copy or mount `pyproject.toml` and `uv.lock`, `uv sync --locked --no-install-project`, then copy the code",
    "poetry": "copy `pyproject.toml` and `poetry.lock`, `poetry install --only main --no-root`, then copy the code",
    "pdm": "copy `pyproject.toml` and `pdm.lock`, `pdm install --check --prod --no-self`, then copy the code",
}

# The project itself is what is installed.
FIRST = {
    "uv": "copy `pyproject.toml`, `uv pip install -r pyproject.toml`, then copy the code, `uv pip install --no-deps .`",
    "hatch": "copy `pyproject.toml`, `hatch dep show requirements --project-only > /tmp/requirements.txt`,"
    " have pip install that, then copy the code, `pip install --no-deps .`: an environment of Hatch takes the project"
    " along",
    "pip": "copy `requirements.txt`, `pip install -r requirements.txt`, then copy the code, `pip install --no-deps .`",
}
# pip takes no manifest as a list of requirements; uv does, and is installed by pip.
BY_UV = "copy `pyproject.toml`, `pip install uv && uv pip install --system -r pyproject.toml`, then copy the code"
BY_LIST = (
    "keep the list of `setup.py` in a file, install that with the same options, copy the code,"
    " then install it with `--no-deps`"
)
WHEELS = "copy `{}`, make wheels of what it lists, then copy the code, `pip wheel --no-deps .`"
# Where an install puts what it installs: the other one needs the same. uv has but two of them.
PLACING = ("--prefix", "--target", "--root", "--user")
PIP_ALONE = ("--root", "--user")
AS_IT_IS = "copy `{}`, install what it lists with the same options, copy the code, then install it with `--no-deps`"
APART = (
    "copy {} alone, install what is listed there with the same options, copy the code, then install it with `--no-deps`"
)
ONE_LINE = "only `{}` in {} needs the code"
TYPED = "what is named here needs nothing of the code"
FOLDERS = "copy the manifest, the lock file and the folders that they name, install without the project, then copy it"
WORKSPACE = (
    "copy or mount `pyproject.toml` and `uv.lock`, `uv sync --frozen --no-install-workspace`, then copy the code"
)
# In the image and not in the project, or not to be told.
PLACE = r"/|\.\./|[^\n]*\$"


def check(image: Image) -> Iterator[Finding]:
    if image.python is False:
        return
    for stage in (*image.lineage, *image.builders):
        late = image.late_install(stage)
        if late is None:
            continue
        shipped = stage in image.lineage and not (
            image.development or late.rarely or image.is_unclaimed or late.project or late.further
        )
        need = TYPED if late.typed else f"the dependencies need no more than {late.manifests}"
        finding = Finding.at(
            late.code,
            "the code is copied before its dependencies are installed: every change of it installs them all again",
            severity=None if shipped else "info",
            pedantic=bool(image.development) or late.rarely,
            in_guide="info" if image.development or late.rarely else None,
            help=_how(late),
        ).note(late.step.head, ONE_LINE.format(late.own_line, late.manifests) if late.own_line else need)
        yield finding.fixed_by(
            "copy the code last",
            None if late.needs_thought else edits.installs.code_last(image, stage, late),
            safe=False,
            names=("files", "steps", "order"),
        )


def _of_project(late: LateInstall) -> str:
    """First what the project needs, by a list or by its manifest, then the project."""
    if any("/" in path for path in late.files):
        return APART.format(late.manifests)
    if late.step.action == "download":
        return WHEELS.format(late.files[0])
    if late.files == ("setup.py",):
        return BY_LIST
    first = FIRST[late.step.manager]
    first = first.replace("requirements.txt", late.files[0]) if late.step.manager == "pip" else first
    if late.step.manager == "pip" and late.files == ("pyproject.toml",):
        first = f"{BY_UV}, `pip install --no-deps .`"
    elif late.step.has("--system"):
        first = first.replace("pip install", "pip install --system")
    placing = [one for one in late.step.options if one.name in PLACING]
    unknown = any(one.value is None and one.value_word is not None for one in placing)
    if unknown or ("uv pip" in first and any(one.name in PIP_ALONE for one in placing)):
        first = AS_IT_IS.format(late.files[0])
    elif placing:
        options = "".join(f" {one.name} {one.value}" if one.value else f" {one.name}" for one in placing)
        first = "pip install uv ".join(
            part.replace("pip install ", f"pip install{options} ") for part in first.split("pip install uv ")
        )
    if late.extras and late.files[0].endswith(".txt"):  # what the list has is there then, and the extras come along
        first = first.replace("pip install --no-deps .", f"pip install .[{','.join(late.extras)}]")
    extras = "".join(f" --extra {extra}" for extra in late.extras)
    first = first.replace("-r pyproject.toml", f"-r pyproject.toml{extras}")
    return first.replace("--no-deps .", "--no-deps -e .") if late.step.editable else first


def _how(late: LateInstall) -> str | None:
    """The order that its installer takes; without a lock file there is none to copy and to hold to."""
    if late.own_line:
        return f"install the other lines from a file of their own, copy the code, then install `{late.own_line}`"
    if late.further:
        return f"copy {late.manifests} alone, install from it, then copy the code"
    if late.project:
        return FIRST["hatch"] if late.step.manager == "hatch" else _of_project(late)
    if late.exported:
        return f"copy {late.manifests} alone, export and install, then copy the code"
    if late.typed:
        return "put what installs by name above the code"
    if late.workspace:
        return WORKSPACE
    how = FOLDERS if late.folders else HELP.get(late.step.manager)
    of_project = not any(re.match(PLACE, one) for one in late.files)
    if how is None and of_project and late.files not in ((), ("requirements.txt",)):
        which = "it" if len(late.files) == 1 else "them"
        return f"copy {late.manifests} alone, install from {which}, then copy the code"
    if how is None or late.folders or any(path.endswith(".lock") for path in late.files):
        return how
    return re.sub(r" and `[\w.]+lock`| --(?:locked|check)", "", how)
