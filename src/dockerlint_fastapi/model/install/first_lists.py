"""What of an install can come before the code, where that takes the project itself: the list or the manifest that names
all that it needs.
"""

from __future__ import annotations

import re

from dockerlint_fastapi.model.dockerfile import Run, Stage
from dockerlint_fastapi.model.install import PYTHON_MANAGERS, Step
from dockerlint_fastapi.model.install.layer_order import (
    LISTED,
    LOCAL_LINE,
    LOCAL_SETTING,
    NESTED,
    LateInstall,
    context_files,
    installs_dependencies,
    instructions_of,
    is_typed,
    manifest_texts,
    needs_code,
)
from dockerlint_fastapi.model.install.manifest import normal_name, plain

TYPE_CHECKING = False
if TYPE_CHECKING:
    from dockerlint_fastapi.model.image import Image

# A manifest that lists what its project needs, and not in a way that a build backend makes up.
_STATIC = (
    r"(?ms)^\[project\][ \t]*$(?:(?!^\[)(?!^dynamic\b[^\]]*dependencies).)*"
    r"^dependencies[ \t]*=[ \t]*\[(?:\s|#[^\n]*\n)*[\"']"
)
_OWN = r"(?:(?:-e|--editable)[ =]?[ \t]*)?\./?(?:\[[\w,.-]*\])?"


def with_project(image: Image, stage: Stage, late: LateInstall) -> LateInstall | None:
    """The same install with the list that could be installed before the project, which it takes along; None when there
    is none, or that cannot be told.
    """
    step = late.step
    listed = _manifest_of_hatch(image, step) if step.manager == "hatch" else _listed_beside(image, stage, step)
    if listed is not None:
        return late._replace(files=(listed,), project=True)
    apart = _manifests_apart(image, stage, step)
    if apart:
        return late._replace(files=apart, project=True)
    with_list = _lists_with_project(image, late)
    if with_list:
        return late._replace(files=with_list, project=True)
    own_line = _own_line(image, step)
    if own_line is None:
        return None
    return late._replace(files=tuple(word.value or "" for word in step.requirements), project=True, own_line=own_line)


def by_export(image: Image, late: LateInstall) -> LateInstall | None:
    """The same install with the manifests of which its own RUN exports the list; None when it does not, or the list may
    name the project itself.
    """
    made = _exporting(image, late.run, late.step)
    if made is None or _exports_code(image, made):
        return None
    read = tuple(path for path in made.reads_manifest if context_files(image, path))
    return late._replace(files=read or made.reads_manifest, exported=True)


def _listed_beside(image: Image, stage: Stage, step: Step) -> str | None:
    """The file by which all that a project needs can be installed before the project (`pip install .`): a list beside
    its manifest, or the manifest itself, which uv reads as one; None when there is none, or when that cannot be told.
    """
    folders = [*step.local, *step.editable]
    own = len(folders) == 1 and re.fullmatch(r"\.(?:/|\[[\w,-]+\])?", folders[0].value or "") is not None
    if not own or step.requirements or step.packages or step.conditional or step.has("--no-deps"):
        return None
    before = (other for run in instructions_of(stage) if isinstance(run, Run) for other in image.steps_of(run))
    there: set[str] = set()
    for other in before:
        if other.span == step.span:
            break
        if is_typed(other):
            there.update(map(normal_name, other.names))
        elif other.manager in PYTHON_MANAGERS and not other.bootstrap and other.action in ("install", "sync"):
            return None
    if there and not _leaves_most(image, step, there):
        return None
    names = {"uv": ("pyproject.toml",), "pip": ("requirements.txt", "pyproject.toml")}.get(step.manager, ())
    if "[" in (folders[0].value or ""):  # a list does not say what is of an extra
        names = _lists_of_manifest(image, step) or names[-1:]
    for name in names:
        for path in context_files(image, name):
            source = image.project.source_of(path)
            if source is None or re.search(LOCAL_LINE, plain(source.text)) or re.search(LOCAL_SETTING, source.text):
                return None
            if name.endswith(".txt") and not _covers_manifest(image, step, name):
                break
            if name.endswith(".txt") or re.search(_STATIC, source.text) is not None:
                return name
    return "setup.py" if _lists_in_setup(image, step) else None


def _lists_with_project(image: Image, late: LateInstall) -> tuple[str, ...]:
    """The lists that a step installs beside the project itself (`pip install -r requirements.txt .`), where they need
    nothing of the code; none when that cannot be told.
    """
    step = late.step
    folders = [*step.local, *step.editable]
    if not step.requirements or len(folders) != 1 or re.fullmatch(_OWN, folders[0].value or "") is None:
        return ()
    names = tuple(word.value or "" for word in step.requirements)
    if not all(context_files(image, name) for name in names):
        return ()
    return () if needs_code(image, late.run, step._replace(local=(), editable=())) else names


def _manifests_apart(image: Image, stage: Stage, step: Step) -> tuple[str, ...]:
    """The manifests of the projects that pip installs from their folders (`pip install -e ./api`, `pip wheel ./api`),
    where they list all that these need and nothing else is installed in the stage; none when that is another way, or
    cannot be told.
    """
    folders = [*step.local, *step.editable]
    if step.manager != "pip" or not folders or step.requirements or step.packages or step.conditional:
        return ()
    if step.has("--no-deps") or any(re.fullmatch(_OWN, one.value or "") for one in folders):
        return ()
    others = [one for run in instructions_of(stage) if isinstance(run, Run) for one in image.steps_of(run)]
    if any(one.span != step.span and installs_dependencies(one) for one in others):
        return ()
    made = [one.projects for one in image.installed.steps if one.step.span == step.span]
    projects = made[0] if made else ()
    if len(projects) != len(folders):
        return ()
    found: list[str] = []
    for project in projects:
        needs = project.dependencies
        source = needs[0].span.source if needs else None
        if not needs or source is None or not source.path.endswith("pyproject.toml"):
            return ()
        if re.search(LOCAL_SETTING, source.text) or re.search(_STATIC, source.text) is None:
            return ()
        found.append(source.path)
    return tuple(found)


def _lists_in_setup(image: Image, step: Step) -> bool:
    """Whether all that the one project which a step installs asks for are literals in its `setup.py`."""
    projects = [project for one in image.installed.steps if one.step.span == step.span for project in one.projects]
    needs = projects[0].dependencies if len(projects) == 1 else None
    return bool(needs) and all(need.span.source.path.endswith("setup.py") for need in needs or ())


def _leaves_most(image: Image, step: Step, there: set[str]) -> bool:
    """Whether most of what a project asks for is not there yet, when a few names were installed before."""
    projects = [project for one in image.installed.steps if one.step.span == step.span for project in one.projects]
    needs = {need.name for project in projects for need in project.dependencies or ()}
    return len(needs - there) * 2 > len(needs)


def _lists_of_manifest(image: Image, step: Step) -> tuple[str, ...]:
    """The one list that the manifest of the project names for all that it always asks for, as setuptools reads it:
    `dependencies = {file = ["requirements.txt"]}`.
    """
    projects = [project for one in image.installed.steps if one.step.span == step.span for project in one.projects]
    files = projects[0].dependency_files if len(projects) == 1 and step.manager == "pip" else ()
    return tuple(files) if len(files) == 1 and files[0].endswith(".txt") and "/" not in files[0] else ()


def _covers_manifest(image: Image, step: Step, path: str) -> bool:
    """Whether a list names all that the manifest of the project which a step installs always asks for."""
    listed = {normal_name(name) for text in manifest_texts(image, (path,)) for name in re.findall(LISTED, text)}
    projects = (project for one in image.installed.steps if one.step.span == step.span for project in one.projects)
    needs = (need for project in projects for need in project.dependencies or () if need.marker is None)
    return all(need.name in listed for need in needs)


def _own_line(image: Image, step: Step) -> str | None:
    """The line of a list of requirements that asks for the project itself (`-e .`), beside others that do not need the
    code; None where there is no such list, or when that cannot be told.
    """
    if len(step.requirements) != 1 or step.local or step.editable or step.packages or step.conditional:
        return None
    paths = context_files(image, step.requirements[0].value or "")
    source = image.project.source_of(paths[0]) if len(paths) == 1 else None
    text = plain(source.text) if source is not None else ""
    if source is None or re.search(NESTED, text) is not None:
        return None
    local = [match.group() for match in re.finditer(rf"{LOCAL_LINE}.*", text)]
    lines = [one.strip().removeprefix("- ").strip(" \"'") for one in local]  # also of conda's `pip:` list
    own = re.fullmatch(_OWN, lines[0]) if len(lines) == 1 else None
    return lines[0] if own is not None and re.search(r"(?m)^[A-Za-z0-9][\w.-]*", text) else None


def _exporting(image: Image, run: Run, step: Step) -> Step | None:
    """The command of the same RUN that writes the list which a step installs: `poetry export`, `uv export`, `pdm
    export`, `pipenv requirements`, `hatch dep show requirements`; None when there is none, or several.
    """
    words = [word.value for word in step.requirements]
    if len(words) != 1 or words[0] is None or step.local or step.editable or step.packages:
        return None
    name = words[0].rpartition("/")[2]
    made = [one for one in image.steps_of(run) if one.action == "export" and _writes(one, name)]
    known = len(made) == 1 and made[0].manager in ("poetry", "uv", "pdm", "pipenv", "hatch")
    return made[0] if known and not made[0].conditional and made[0].span.start < step.span.start else None


def _writes(step: Step, name: str) -> bool:
    """Whether a command writes to a file of a name."""
    option = step.option("--output", "--output-file")
    redirects = step.command.redirects if step.command is not None else ()
    targets = [one.target.value for one in redirects if one.operator in (">", ">|") and one.target is not None]
    return any((one or "").rpartition("/")[2] == name for one in (*targets, option.value if option else None))


def _exports_code(image: Image, step: Step) -> bool:
    """Whether an exported list names, or may name, the project itself or folders beside it."""
    if not step.reads_manifest or not step.complete or "/" in "".join(step.reads_manifest):
        return True
    if step.manager == "uv" and not step.has("--no-emit-project", "--no-emit-workspace", "--no-emit-local"):
        return True
    if step.manager == "pdm" and step.has("--self", "--editable-self"):
        return True
    texts = tuple(manifest_texts(image, step.reads_manifest))
    found = any(context_files(image, path) for path in step.reads_manifest)  # else it may be made in the build
    plainly = step.manager != "hatch" or any(re.search(_STATIC, text) for text in texts)
    return not found or not plainly or any(re.search(LOCAL_SETTING, text) for text in texts)


def _manifest_of_hatch(image: Image, step: Step) -> str | None:
    """The manifest by which all that an environment of Hatch needs can be installed before the project, which goes into
    it as well; None when that is another way, or cannot be told.
    """
    one = next((each for each in image.installed.steps if each.step.span == step.span), None)
    if one is None or one.hatch is None or not one.hatch.project or step.conditional or one.step.has("--project"):
        return None
    for path in context_files(image, "pyproject.toml"):
        source = image.project.source_of(path)
        if source is None or re.search(LOCAL_SETTING, source.text) or re.search(_STATIC, source.text) is None:
            return None
        return path.rpartition("/")[2]
    return None
