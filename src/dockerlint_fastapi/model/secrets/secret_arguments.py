"""Build arguments that are secrets: ARG in a Dockerfile, `build.args` in a compose file."""

from __future__ import annotations

import re
from collections.abc import Iterator

from dockerlint_fastapi.model.dockerfile import Arg, Env, Onbuild, Pair, Run, Stage
from dockerlint_fastapi.model.instructions.undefined_variables import build_arguments
from dockerlint_fastapi.model.secrets import is_for_pages, is_the_secret_of, names_a_secret
from dockerlint_fastapi.record import NamedTuple
from dockerlint_fastapi.source import Span

TYPE_CHECKING = False
if TYPE_CHECKING:
    from dockerlint_fastapi.model.compose import Service, Variable
    from dockerlint_fastapi.model.deployment import Deployment
    from dockerlint_fastapi.model.image import Image
    from dockerlint_fastapi.model.project import Project

_WORKFLOWS = ".github/workflows"
# A line of `build-args: |`, or a flag of `docker build`, whose value is one secret of the repository.
_FILLED_IN = r"(?m)(?:^[ \t]+|--build-arg[ =][\"']?)([A-Za-z_]\w*)=[\"']?\$\{\{ *secrets\.\w+ *\}\}"
_OF_BUILD = r"\bbuild-args:[ \t]*[|>][-+]?[ \t]*\n(?:[ \t]+[A-Za-z_]\w*=[^\n]*\n|[ \t]*\n)*\Z"
_ADDRESS = r"(?:DB|DATABASE|POSTGRES|POSTGRESQL|PG|MYSQL|MARIADB|MONGO|MONGODB|SQLALCHEMY_DATABASE)_(?:URL|URI|DSN)"
_NEAR = 4000  # characters in front of a line in which its key is looked for


class SecretArgument(NamedTuple):
    """One ARG of a secret. `literal` tells whether a value is written behind it; `shipped` is False when all stages
    that declare it are only copied from; `idle` tells that no step of the build sees a value of it, and `local` that
    it is nothing but the password of an account that the image makes. `given` is where a workflow passes one of its
    secrets for an argument whose name says nothing of that.
    """

    name: str
    pair: Pair
    literal: bool
    shipped: bool
    kept: Span | None  # the ENV that makes it a variable of the image
    passed: Span | None  # where a compose file gives it a value
    idle: bool = False
    local: bool = False
    given: Span | None = None
    handed: Span | None = None  # where a script hands over an address of a database, which has a password in it


def secret_arguments(image: Image) -> Iterator[SecretArgument]:
    """The secrets among the build arguments of an image, each name once: where a value is written, else the first."""
    found: dict[str, list[tuple[Pair, Stage | None]]] = {}
    for pair, stage in _declared(image):
        if names_a_secret(pair.name) and not _is_harmless(pair) and not _names_a_mount(pair.name, stage):
            found.setdefault(pair.name, []).append((pair, stage))
    for name, pairs in found.items():
        stages = [stage for _, stage in pairs if stage is not None]
        if not stages:
            stages = [image.stage]  # a global one, for FROM
        chosen = next((pair for pair, _ in pairs if _is_literal(pair)), pairs[0][0])
        shipped = any(stage in image.lineage for stage in stages)
        kept, passed = _kept(image, name), _passed(image, name)
        idle = kept is None and (_reaches_no_step(image, name) or (passed is None and _is_never_given(image, name)))
        literal = _is_literal(chosen)
        local = kept is None and _is_of_account(image, name)
        yield SecretArgument(name, chosen, literal, shipped, kept, passed, idle and not literal, local)
    yield from _from_workflows(image)
    yield from _from_scripts(image)


def _from_scripts(image: Image) -> Iterator[SecretArgument]:
    """The arguments that are addresses of databases by their names, which a script hands over from its own variable of
    that name, and which the image keeps.
    """
    told: set[str] = set()
    for pair, stage in _declared(image):
        if not re.fullmatch(_ADDRESS, pair.name) or pair.assigned or pair.name in told or stage not in image.lineage:
            continue
        kept = _kept(image, pair.name)
        use = rf"--build-arg[ =][\"']?({pair.name})=[\"']?\$\{{?{pair.name}\b"
        sources = (one for one in image.project.recipes if pair.name in one.text) if kept is not None else ()
        found = next(((one, match) for one in sources if (match := re.search(use, one.text)) is not None), None)
        if found is not None:
            told.add(pair.name)
            handed = found[0].span(found[1].start(1), found[1].end())
            yield SecretArgument(pair.name, pair, literal=False, shipped=True, kept=kept, passed=None, handed=handed)


def _from_workflows(image: Image) -> Iterator[SecretArgument]:
    """The arguments that are no secrets by their names, for which a workflow passes one of its secrets, and which the
    image keeps. What a bundler writes into pages is none.
    """
    given: dict[str, Span] = {}
    if any(isinstance(one, Arg) for one in image.dockerfile.instructions) and image.python is not False:
        given = image.project.index.answer(_passed_by_workflows)
    told: set[str] = set()
    for pair, stage in _declared(image) if given else ():
        where = given.get(pair.name)
        kept = _kept(image, pair.name) if where is not None and stage in image.lineage else None
        public = names_a_secret(pair.name) or is_for_pages(pair.name)
        if kept is not None and not public and pair.name not in told:
            told.add(pair.name)
            yield SecretArgument(pair.name, pair, literal=False, shipped=True, kept=kept, passed=None, given=where)


def _passed_by_workflows(project: Project) -> dict[str, Span]:
    """The build arguments that workflows fill in with nothing but one of their secrets."""
    found: dict[str, Span] = {}
    for name in sorted(project.tree.listing(_WORKFLOWS).files):
        source = project.source_of(f"{_WORKFLOWS}/{name}") if name.endswith((".yml", ".yaml")) else None
        if source is None or "secrets." not in source.text or "build-arg" not in source.text:
            continue
        for match in re.finditer(_FILLED_IN, source.text):
            before = source.text[: match.start()]
            inline = match[0].lstrip().startswith("--build-arg")
            if inline or re.search(_OF_BUILD, before[-_NEAR:]) is not None:
                found.setdefault(match[1], source.span(match.start(1), match.end()))
    return found


def _declared(image: Image) -> Iterator[tuple[Pair, Stage | None]]:
    for argument in image.dockerfile.global_args:
        for pair in argument.pairs:
            yield pair, None
    for stage in sorted((*image.lineage, *image.builders), key=lambda stage: stage.index):
        for instruction in stage.instructions:
            if isinstance(instruction, Arg):
                for pair in instruction.pairs:
                    yield pair, stage


def _is_literal(pair: Pair) -> bool:
    return pair.assigned and pair.value is not None and "$" not in pair.raw and is_the_secret_of(pair.name, pair.value)


def _is_harmless(pair: Pair) -> bool:
    """Whether what is written behind it says that it holds no secret: a switch, a path, an address."""
    return bool(pair.assigned and pair.value) and "$" not in pair.raw and not _is_literal(pair)


def _names_a_mount(name: str, stage: Stage | None) -> bool:
    """Whether a stage uses it for nothing but the id of a secret that is mounted."""
    use = rf"\$\{{?{re.escape(name)}\b"
    mounts = others = 0
    for instruction in stage.instructions if stage is not None else ():
        inside = 0
        if isinstance(instruction, Run):
            secrets = [mount.span.text for mount in instruction.mounts if mount.type == "secret"]
            inside = sum(len(re.findall(use, text)) for text in secrets)
        mounts += inside
        others += len(re.findall(use, instruction.full_span.text)) - inside
    return mounts > 0 and others == 0


def _kept(image: Image, name: str) -> Span | None:
    use = rf"\$\{{?{re.escape(name)}\b"
    pairs = (pair for env in image.every(Env) for pair in env.pairs)
    return next((pair.span for pair in pairs if re.search(use, pair.raw)), None)


def _reaches_no_step(image: Image, name: str) -> bool:
    """Whether no RUN stands behind an argument in any stage that has it, and no FROM names it: `docker history` tells
    of the arguments beside the steps that could see them.
    """
    for stage in image.dockerfile.stages:
        if _uses(name, stage.from_.full_span.text):
            return False
        declared = False
        for one in (one for part in stage.lineage for one in part.instructions):
            declared = declared or (isinstance(one, Arg) and any(pair.name == name for pair in one.pairs))
            if declared and (isinstance(one, Run) or one.onbuild or isinstance(one, Onbuild)):
                return False
    return True


def _is_of_account(image: Image, name: str) -> bool:
    """Whether an argument is used for nothing but to set the password of an account in the image itself, which opens
    nothing from outside: no server that asks for it runs there.
    """
    used = [one for one in image.dockerfile.instructions if not isinstance(one, Arg) and _uses(name, one.text)]
    parts = [part for one in used for part in re.split(r"&&|\|\||;", one.text) if _uses(name, part)]
    if any(re.search(r"\b(?:sshd|openssh-server|dropbear)\b", one.text) for one in image.dockerfile.instructions):
        return False
    setter = r"(?<![\w/.-])(?:chpasswd|passwd|useradd|adduser|usermod)(?![\w.-])"
    return bool(parts) and all(isinstance(one, Run) for one in used) and all(re.search(setter, part) for part in parts)


def _is_never_given(image: Image, name: str) -> bool:
    """Whether services build the image without the argument, no instruction names it, and no recipe either."""
    services = [one.service for one in image.containers if one.service is not None and one.service.build is not None]
    project = image.project
    if not services or any(
        _uses(name, one.full_span.text) for one in image.dockerfile.instructions if not isinstance(one, Arg)
    ):
        return False
    return name not in project.index.gathered(build_arguments) and not any(
        name in source.text and "arg" in source.text.lower() and re.search(rf"\b{re.escape(name)}\b", source.text)
        for source in project.recipes
    )


def _uses(name: str, text: str) -> bool:
    return name in text and re.search(rf"\$\{{?{re.escape(name)}\b", text) is not None


def _passed(image: Image, name: str) -> Span | None:
    for container in image.containers:
        build = container.service.build if container.service is not None else None
        for variable in build.args if build is not None else ():
            if variable.name == name:
                return variable.span
    return None


class LiteralArgument(NamedTuple):
    """A secret that is written into `build.args` of a service."""

    service: Service
    variable: Variable


def literal_arguments(deployment: Deployment) -> Iterator[LiteralArgument]:
    """The secrets that stand as literals in `build.args`, in each file as written."""
    for file in deployment.merged.files:
        for service in file.services.values():
            build = service.build
            for variable in build.args if build is not None else ():
                if variable.raw and "$" not in variable.raw and is_the_secret_of(variable.name, variable.raw):
                    yield LiteralArgument(service, variable)
