"""What only a build needs and yet stays in an image: compilers and headers, installers, the tools of a front end."""

from __future__ import annotations

import re

from dockerlint_fastapi.data import table
from dockerlint_fastapi.model.bases.base_image import BaseImage, Reference
from dockerlint_fastapi.model.dockerfile import MOST_STAGES, Instruction, Run, Transfer
from dockerlint_fastapi.model.evidence import tokens
from dockerlint_fastapi.model.install import PYTHON_MANAGERS, SYSTEM_MANAGERS, build_tool, kept_packages
from dockerlint_fastapi.model.install.layer_order import manifest_texts
from dockerlint_fastapi.record import NamedTuple

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from dockerlint_fastapi.model.dockerfile import Command, Stage
    from dockerlint_fastapi.model.image import Image
    from dockerlint_fastapi.model.install import Step
    from dockerlint_fastapi.model.install.step import Package
    from dockerlint_fastapi.model.project import Project
    from dockerlint_fastapi.source import Span

# Tools that install a project's dependencies and are of no use afterwards; pip is not one, it comes with Python.
INSTALLERS = frozenset(("uv", "poetry", "pdm", "pipenv", "hatch", "rye", "pip-tools", "pipx", "conda-lock"))
_NODE_MANAGERS = frozenset(("npm", "yarn", "pnpm", "bun"))
_FRONT_ENDS = frozenset(("node", "bun", "deno", "nginx", "caddy"))
_NODE_PROGRAMS = frozenset(("node", "npm", "npx", "yarn", "pnpm", "bun", "next", "vite", "pm2", "supervisord"))
_FETCHES_WITH_GIT = r"git\+|\bgit\s*=\s*[\"'](?:https?://|ssh://|git@)"  # a requirement, or a table of pyproject.toml
# Those that run a compiler when the application runs: kernels for a GPU, models that are compiled to C.
_COMPILE_LATE = (
    r"(?im)^\s*[\"']?(?:[\w-]+-)?(?:triton(?:-rocm)?|vllm|sglang|pytensor|pymc3?|theano(?:-pymc)?|deepspeed|unsloth|cppyy)"
    r"(?![\w.-])"
)
# PyTorch compiles what the application tells it to: its inductor runs a compiler, if but once, for the launcher.
_TORCH = r"(?im)^\s*[\"']?torch(?![\w.-])"
_TRANSFORMERS = r"(?im)^\s*[\"']?(?:sentence-)?transformers(?![\w-])"
_COMPILES_MODELS = r"\b_?torch\.compile\(|^\s*(?:import|from) triton\b"
# Frozen beside a PyTorch for CPUs alone, Triton runs nothing: it is a dependency of its other builds (metadata on
# PyPI), which compile kernels when models ask for it (transformers does).
_FROZEN_TORCH = r"(?im)^[ \t]*torch[ \t]*==[^\n]*\+cpu\b"
_FROZEN_TRITON = r"(?im)^[ \t]*(?:pytorch-)?triton(?:-rocm)?[ \t]*==.*"
_TESTS = r"(?:^|/)(?:tests?|testing|benchmarks?)/|(?:^|/)(?:test_|conftest\.)[^/]*\Z"
_OF_BUILDS = frozenset(("build", "builder", "builders"))  # words in the names of stages
_MOST = 5_000  # files that are looked at
# Of an image that a build ends in, to be copied from, or that hands its files out by itself, to a folder of the host.
_IDLE_START = r"[\[\"\s]*(?:/bin/)?(?:(?:echo|true|printf|:)[\"\s]|(?:cp|tar|zip)[\"\s][^;&|]*\Z)"
# Where the packages of the Python of the official images lie, and, for `uv`, which is a program alone, these.
_PACKAGES = (r"/usr/local(?:/lib(?:/python[\d.*]+(?:/site-packages)?)?)?/?", r"/usr/local(?:/bin)?/?")
# A command that starts something in a container of a service, and what it starts there.
_IN_CONTAINER = (
    r"(?:\bdocker(?:[ \t]|\\\n|-)+(?:compose(?:[^\n\\;&|]|\\\n){{0,200}}?[ \t])?"
    r"|\$[({{]\w*(?i:compose|docker)\w*[)}}][ \t]+(?:[^\n\\;&|]{{0,100}}?[ \t])?)(?:run|exec)[ \t]"
    r"(?:[^\n\\;&|]|\\\n){{0,300}}?(?<![\w./-])(?:{services})(?:[ \t]|\\\n)+"
    r"(?:(?:/bin/)?(?:ba)?sh[ \t]+-l?c[ \t]+[\"'])?(?:{tools})[ \t]"
)
_NO_TEST = r"(?!(?:python[ \t]+-m[ \t]+)?(?:pytest|coverage|mypy|ruff|black|isort|flake8|pylint|pre-commit|tox|nox)\b)"
_DEPLOYMENTS = (".tf", ".tf.json", ".tftpl", ".tpl", ".tmpl", "task-definition.json", "taskdef.json")
_COMMANDS = r"(?i)(?:command|cmd|entry_?point)s?\"?[ \t]*[=:][ \t]*\[[ \t\n]*\"([^\"\n]+)\""
_MOST_DEPLOYMENTS = 300  # of these files that are looked into
_MOST_CHARACTERS = 200_000  # of a recipe
_USES_GIT = r"(?im)^\s*[\"']?(gitpython|pygit2|dulwich|setuptools[-_.]scm|dvc)\b"
# A tool of developers that calls git; no server starts it, but a command in a container may.
_PRE_COMMIT = r"(?:docker|podman|compose)\b[^\n]*[ \t](?:run|exec)[ \t][^\n]*[ \t]pre-commit\b"


SYSTEM_KINDS = ("compiler", "build system", "headers", "source control")


def building_stages(image: Image) -> tuple[Stage, ...]:
    """The stages that build Python. The others only lend files: a published image with nothing put into it, of which no
    other stage is made (`FROM nginx AS nginx`, `COPY --from=nginx`), or one for front ends (Node).
    """
    dockerfile = image.dockerfile
    based = {stage.base for stage in dockerfile.stages}
    return tuple(
        stage
        for stage in dockerfile.stages
        if stage is dockerfile.stages[-1]
        or stage in based
        or stage.base is not None
        or (any(isinstance(one, (Run, Transfer)) for one in stage.instructions) and not _is_foreign(image, stage))
    )


def _is_foreign(image: Image, stage: Stage) -> bool:
    """Whether a stage begins with an image for front ends, and nothing of Python is installed there."""
    name = stage.from_.image.value
    reference = Reference.parse(name) if name else None
    if reference is None or reference.name not in _FRONT_ENDS:
        return False
    return not any(step.manager in PYTHON_MANAGERS for run in stage.of(Run) for step in image.steps_of(run))


class BuildTool(NamedTuple):
    """Something that only a build needs, as it lies in the image. `kind` is `compiler`, `build system`, `headers` or
    `source control` for a system package, else `installer` or `node`.
    """

    kind: str
    name: str
    instruction: Instruction  # which brings it
    span: Span


# With these apt installs a compiler, unless it is told to leave out what packages recommend (packages.debian.org).
_RECOMMENDS_COMPILERS = frozenset(("python3-pip", "dpkg-dev"))


def build_tools(image: Image) -> Iterator[BuildTool]:
    """What only the build of an image needs and the image keeps: system packages, then installers, then front ends.

    What the containers start, what the same RUN takes out again, and whatever may be needed at run time is left out.
    """
    started = started_names(image)
    if is_taken_apart(image):
        return iter(())
    found = [*_system_packages(image)]
    if any(tool.kind == "compiler" for tool in found) and compiles_late(image):
        found = [tool for tool in found if tool.kind not in ("compiler", "build system")]
    if start_is_known(image):  # an unread start script may call them
        found += _installers(image)
        found += _front_ends(image) if started.isdisjoint(_NODE_PROGRAMS) else ()
    return (tool for tool in found if tool.name not in started and not _is_run_by_recipes(image, tool))


def _is_run_by_recipes(image: Image, tool: BuildTool) -> bool:
    """Whether a workflow or a script calls an installer or a build system in a container of the image: `docker compose
    run web poetry run alembic upgrade head`, `docker compose exec web make migrations`; a readme has people do so with
    an installer; or Terraform or a task has containers begin with one.
    """
    services = [one.service for one in image.containers if one.service is not None]
    if tool.kind == "build system" and tool.name in image.project.index.answer(_deployed_programs):
        return True
    if tool.kind not in ("installer", "build system") or not services:
        return False
    held = (one.setting("container_name") for one in services)
    names = {*(one.name for one in services), *(one.value for one in held if one is not None and one.value)}
    listed = "|".join(map(re.escape, sorted(names)))
    pattern = _IN_CONTAINER.format(services=listed, tools=re.escape(tool.name))
    texts = (one.text[:_MOST_CHARACTERS] for one in image.project.recipes)
    if any(tool.name in text and re.search(pattern, text) is not None for text in texts):
        return True
    return tool.kind == "installer" and _is_run_by_readers(image, tool, pattern)


def _is_run_by_readers(image: Image, tool: BuildTool, pattern: str) -> bool:
    """Whether a readme has people call an installer in a container for more than tests: `docker exec api poetry run
    alembic upgrade head`.
    """
    from dockerlint_fastapi.model.files.recipes import guides  # noqa: PLC0415 - for images that keep an installer

    used = f"{pattern}run[ \t]+{_NO_TEST}"
    texts = (one.text[:_MOST_CHARACTERS] for one in guides(image.project))
    return any(tool.name in text and re.search(used, text) is not None for text in texts)


def _deployed_programs(project: Project) -> frozenset[str]:
    """The first words of commands that Terraform or a task definition gives to containers: `command = ["make", …]`."""
    found: set[str] = set()
    for path in project.index.ending(*_DEPLOYMENTS)[:_MOST_DEPLOYMENTS]:
        source = project.source_of(path)
        text = source.text[:_MOST_CHARACTERS] if source is not None else ""
        found.update(one.rpartition("/")[2] for one in re.findall(_COMMANDS, text) if '["' in text)
    return frozenset(found)


def is_taken_apart(image: Image) -> bool:
    """Whether a build ends in an image that starts nothing (`CMD ["echo", …]`), or only copies: its files are taken out
    of it, as those of an AWS Lambda are out of `/asset`, and it goes nowhere itself.
    """
    return image.cmd is not None and re.match(_IDLE_START, image.cmd.command.text) is not None and not image.composed


def is_for_builders(image: Image) -> bool:
    """Whether builder stages of other Dockerfiles begin with an image, and nobody runs it: its stage is called after
    the build, and neither it nor a service that builds it starts anything.
    """
    if _OF_BUILDS.isdisjoint(tokens(image.stage.name or "")) or image.cmd is not None or image.entrypoint is not None:
        return False
    services = [one.service for one in image.containers if one.service is not None]
    return not any(one.command is not None or one.entrypoint is not None or one.ports for one in services)


def starts_nothing(image: Image) -> bool:
    """Whether an image gets no file of the project and no Python package, has no command but that of its base, and is
    started by no service, nor made from a file that is called `Dockerfile`: nobody runs it as it is.
    """
    name = image.dockerfile.source.path.rpartition("/")[2].lower()
    if name in ("dockerfile", "containerfile") or image.composed or any(image.every(Transfer)):
        return False
    if image.cmd is not None or image.entrypoint is not None:
        return False
    steps = (step for run in image.every(Run) for step in image.steps_of(run))
    return not any(step.action == "install" and step.manager in PYTHON_MANAGERS for step in steps)


def _system_packages(image: Image) -> Iterator[BuildTool]:
    fetches: bool | None = None
    for run, package, step in _kept_by_runs(image):
        kind = build_tool(package.name) if package.name and step.manager in SYSTEM_MANAGERS else None
        # Git serves programs at run time, too; it is certainly there for the build only when an installer fetches
        # with it.
        if kind == "source control" and fetches is None:
            fetches = _only_fetches(image)
        if package.name is not None and adds_nothing(package.name, image.base):
            continue  # it is in the base image already
        if package.name == "musl-dev" and step.manager == "apt" and _release(image) == "bookworm":
            kind = "compiler"  # there it depends on gcc
        if kind == "source control" and fetches and _is_called(image, package.name):
            continue
        if kind not in (None, "headers") and step.manager == "apk" and _is_kept_apart(image, run):
            continue  # beside a group that goes: somebody has told the one from the other
        if kind is not None and package.name is not None and (kind != "source control" or fetches):
            yield BuildTool(kind, package.name, run, package.word.span)


def _kept_by_runs(image: Image) -> Iterator[tuple[Run, Package, Step]]:
    """The packages that RUNs install and do not take out again, then those of the one script that a RUN starts, where
    nothing else there removes any.
    """
    for run in image.every(Run):
        for package, step in kept_packages(run.command):
            yield run, package, step
    scripts: dict[Run, list[Command]] = {}
    for run, command in image.run_scripts:
        scripts.setdefault(run, []).append(command)
    for run, commands in scripts.items():
        if len(commands) == 1 and not any(step.action == "remove" for step in image.steps_of(run)):
            kept = kept_packages(commands[0])
            yield from ((run, package, step) for package, step in kept if not step.conditional)


_CALLED = {"git": "git", "git-lfs": "git", "mercurial": "hg", "subversion": "svn"}


def _is_called(image: Image, package: str | None) -> bool:
    """Whether Python in an image calls the program of a source control."""
    from dockerlint_fastapi.model.bases.full_base import called_by_passed_code  # noqa: PLC0415 - few images keep one

    return _CALLED.get(package or "") in called_by_passed_code(image)


def _is_kept_apart(image: Image, run: Run) -> bool:
    """Whether a RUN removes a group of apk's (`--virtual`) that it has made: what it adds beside that is to stay."""
    steps = [step for step in image.steps_of(run) if step.manager == "apk"]
    groups = {one.value for step in steps if (one := step.option("--virtual")) is not None and one.value}
    return any(step.action == "remove" and not groups.isdisjoint(step.names) for step in steps)


def _release(image: Image) -> str | None:
    return image.base.release if image.base is not None else None


def adds_nothing(package: str, base: BaseImage | None) -> bool:
    """Whether a base image certainly holds a package, or all that it brings: `build-essential` is but a list."""
    if base is None:
        return False
    parts = table("build_tools")["lists"].get(package, package)
    return bool(base.has_package(package)) or all(base.has_package(part) for part in parts.split())


def compiles_late(image: Image) -> bool:
    """Whether something that an image asks for may run a compiler when the application runs."""
    words = [package.word.text for _, step in image.steps for package in step.packages]
    manifests = dict.fromkeys(path for _, step in image.steps for path in step.reads_manifest)
    texts = (*words, *manifest_texts(image, manifests))
    if any(re.search(_COMPILE_LATE, text) and re.search(_COMPILE_LATE, _unfrozen(text)) for text in texts):
        return True
    # On a GPU transformers itself has PyTorch compile some models (`reference_compile` of ModernBERT).
    if _is_for_gpu(image) and any(re.search(_TRANSFORMERS, text) for text in texts):
        return True
    return any(re.search(_TORCH, text) for text in texts) and image.project.index.answer(_compiles_models)


def _is_for_gpu(image: Image) -> bool:
    """Whether its base image is one for GPUs: of CUDA, or of PyTorch with it."""
    reference = image.reference
    return reference is not None and reference.name in ("cuda", "pytorch")


def _unfrozen(text: str) -> str:
    """A list of requirements without the Triton that freezing put into it beside a PyTorch for CPUs."""
    return re.sub(_FROZEN_TRITON, "", text) if re.search(_FROZEN_TORCH, text) else text


def _compiles_models(project: Project) -> bool:
    """Whether code of the project has PyTorch compile a model, or uses Triton itself, tests apart."""
    paths = [path for path in project.index.ending(".py") if not re.search(_TESTS, path)]
    if len(paths) > _MOST:
        return True  # that cannot be told
    sources = map(project.source_of, paths)
    return any(source is not None and re.search(_COMPILES_MODELS, source.text, re.MULTILINE) for source in sources)


def brings_compiler(image: Image) -> bool:
    """Whether a compiler is in its base image already: in full images, and in those for developing on a GPU."""
    reference = image.reference
    if reference is None:
        return False
    if image.base is not None and image.base.contains("gcc") is True:
        return True
    return reference.repository.startswith("rocm/dev-") or (
        reference.name in ("cuda", "pytorch", "tensorrt") and "devel" in (reference.tag or "").split("-")
    )


def _installers(image: Image) -> Iterator[BuildTool]:
    base, from_ = image.base, image.lineage[0].from_
    if base is not None and base.family == "uv" and base.variant != "binary":
        yield BuildTool("installer", "uv", from_, from_.image.span)
    for run in image.every(Run):
        kept = {package.word.span for package, _ in kept_packages(run.command)}
        for step in image.steps_of(run):
            # `curl … | python -` is an installer's own script: nothing takes that out again
            for package in step.packages if step.manager in (*PYTHON_MANAGERS, "script") else ():
                name = (package.name or "").lower().replace("_", "-")
                if name in INSTALLERS and (step.manager == "script" or package.word.span in kept):
                    yield BuildTool("installer", name, run, package.word.span)
    for transfer in image.transfers:
        source = transfer.from_.value if transfer.from_ else None
        reference = Reference.parse(source) if source and image.dockerfile.stage(source) is None else None
        if reference is not None and transfer.from_ is not None and reference.name in INSTALLERS:
            yield BuildTool("installer", reference.name, transfer, transfer.from_.span)
        for word in transfer.sources if source is not None and reference is None else ():
            name = (word.value or word.text).rpartition("/")[2]  # out of a stage that has installed it
            if name in INSTALLERS:
                yield BuildTool("installer", name, transfer, word.span)
        yield from _brought_along(image, transfer)


def _brought_along(image: Image, transfer: Transfer) -> Iterator[BuildTool]:
    """The installers that come along when all packages of another stage's Python are copied: `COPY --from=builder
    /usr/local/lib/python3.13/site-packages …`, where that stage had `pip install poetry`.
    """
    source = transfer.from_.value if transfer.from_ is not None else None
    words = [one for one in transfer.sources if one.value is not None and one.value.startswith("/usr/local")]
    stage = image.dockerfile.stage(source) if source and words else None
    if stage is None or stage.depth > MOST_STAGES:
        return
    runs = [one for part in stage.lineage for one in part.instructions if isinstance(one, Run)]
    texts = [one.command.text for one in runs]
    if any("venv" in text or "virtualenv " in text or "uninstall" in text for text in texts):
        return
    told: set[str] = set()
    for run in runs:
        for package, step in kept_packages(run.command) if "install" in run.command.text else ():
            name = (package.name or "").lower().replace("_", "-")
            if name not in INSTALLERS or name in told or step.conditional or not _is_of_system(step):
                continue
            taken = next((one for one in words if re.fullmatch(_PACKAGES[name == "uv"], one.value or "")), None)
            if taken is not None:
                told.add(name)
                yield BuildTool("installer", name, transfer, taken.span)


def _is_of_system(step: Step) -> bool:
    """Whether pip installs into the Python below `/usr/local`, and not below a folder of its own."""
    elsewhere = step.has("--target", "--prefix", "--root", "--user", "--python") or "PIP_TARGET" in step.environment
    return step.manager == "pip" and step.program in ("pip", "pip3") and not elsewhere


def idle_installers(image: Image) -> Iterator[BuildTool]:
    """The installers that are copied into an image from one of their own, and that no step behind that calls."""
    for tool in image.build_tools:
        if tool.kind == "installer" and isinstance(tool.instruction, Transfer):
            calls = re.compile(rf"\b{re.escape(tool.name)}x?\b")
            at = image.position(tool.instruction)
            behind = (one for one in image.instructions[at + 1 :] if not isinstance(one, Transfer))
            if not any(calls.search(one.text) for one in behind):
                yield tool


def _front_ends(image: Image) -> Iterator[BuildTool]:
    for run, step in image.steps:
        if step.manager in _NODE_MANAGERS and step.action in ("install", "sync") and step.reads_manifest:
            yield BuildTool("node", step.program, run, step.head)


def started_names(image: Image) -> frozenset[str]:
    """The programs that the containers of an image start, the wrappers in front of them included."""
    names: set[str] = set()
    for container in image.containers:
        for program in container.programs:
            names.add(program.name)
            names.update(wrapper.partition(" ")[0] for wrapper in program.wrappers)
    return frozenset(names)


def stage_of(image: Image, instruction: Instruction) -> Stage:
    """The stage that an instruction of an image stands in."""
    return next((one for one in reversed(image.lineage) if one.span.start <= instruction.span.start), image.stage)


def removals(image: Image) -> dict[str, Step]:
    """For each package that the image's RUNs take out again, the last step that does."""
    return {name: step for _, step in image.steps if step.action == "remove" for name in step.names}


def deleted_later(image: Image, tool: BuildTool) -> Span | None:
    """Where a RUN behind the one that brings an installer deletes it by its name (`rm -rf /opt/poetry`), in a layer of
    its own; None when none does.
    """
    at = image.position(tool.instruction)
    for one in image.instructions[at + 1 :]:
        if not isinstance(one, Run) or "rm " not in one.text or tool.name not in one.text or one.command.script is None:
            continue
        for command in one.command.script.simple("rm"):
            words = [(word or "").rstrip("/").lower() for word in command.argv[1:]]
            if any(word.rpartition("/")[2] == tool.name and "cache" not in word for word in words):
                return command.span
    return None


def compiles_nothing(image: Image, tools: Sequence[BuildTool]) -> bool:
    """Whether packages with headers are there for their libraries alone: no compiler is in the image."""
    if image.base is None or image.base.contains("gcc") is not False or {one.kind for one in tools} != {"headers"}:
        return False
    names = {name for _, step in image.steps if step.manager in SYSTEM_MANAGERS for name in step.names}
    if any(build_tool(name) == "compiler" for name in names):
        return False  # one that is excused compiles as well
    return all(
        step.manager != "apt"
        or (
            "musl-dev" not in step.names  # which depends on gcc in some releases
            and (step.names.isdisjoint(_RECOMMENDS_COMPILERS) or step.has("--no-install-recommends"))
        )
        for _, step in image.steps
    )


def start_is_known(image: Image) -> bool:
    """Whether it can be told of every container of an image which programs it starts: no start script that could not be
    read, no command that is not there. What starts nothing by itself is started by its services alone, if it has any.
    """
    started = [one for one in image.containers if one.service is not None or image.cmd or image.entrypoint]
    return all(
        container.program is not None
        and container.program.name != ""
        and not (container.program.script or "").endswith(".sh")
        and container.program.name not in ("sh", "bash", "supervisord", "make")
        for container in started or image.containers
    )


def _only_fetches(image: Image) -> bool:
    """Whether something is installed straight from a repository, and nothing is known to call git at run time."""
    words = [package.word.text for _, step in image.steps for package in step.packages]
    manifests = dict.fromkeys(path for _, step in image.steps for path in step.reads_manifest)
    texts = (*words, *manifest_texts(image, manifests))
    if not any(re.search(_FETCHES_WITH_GIT, text) for text in texts):
        return False
    if any(re.search(_USES_GIT, text) for text in texts):
        return False
    recipes = (one.text[:_MOST_CHARACTERS] for one in image.project.recipes)
    return not any("pre-commit" in text and re.search(_PRE_COMMIT, text) for text in recipes)
