"""How a project is built and started by hand or by a service: Makefiles, task runners, workflows, shell scripts."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from itertools import islice

from dockerlint_fastapi.model.evidence import setting_of_name, tokens
from dockerlint_fastapi.record import NamedTuple
from dockerlint_fastapi.source import Span
from dockerlint_fastapi.tree import normal, parent

TYPE_CHECKING = False
if TYPE_CHECKING:
    from dockerlint_fastapi.model.context.image_build import ImageBuild
    from dockerlint_fastapi.model.context.passage import Passage
    from dockerlint_fastapi.model.image import Image
    from dockerlint_fastapi.model.project import Project
    from dockerlint_fastapi.source import Source

_NAMES = frozenset(
    "makefile gnumakefile justfile .justfile taskfile.yml taskfile.yaml tasks.py noxfile.py fabfile.py tox.ini"
    " package.json .gitlab-ci.yml azure-pipelines.yml bitbucket-pipelines.yml jenkinsfile devcontainer.json"
    " .travis.yml .pre-commit-config.yaml".split()
)
_WORKFLOWS = (".github/workflows", ".github/actions", ".circleci", ".gitea/workflows", ".forgejo/workflows")
_MOST = 80  # files that are looked into
_LIKELY = ("readme", "docker", "compose", "deploy", "install")  # in the path of one that tells how to start the project
_MOST_CHARACTERS = 200_000  # of each
_MOST_HITS = 50  # places in one that name a file
_MOST_OF_A_STEP = 4000  # characters of a workflow's step on either side of a place
_SCRIPTS = (".sh", ".bash", ".ps1")
_SHELL = (".sh", ".bash")
_PLAIN = frozenset(("dockerfile", "containerfile"))  # what is taken when a build names no Dockerfile
_SETTINGS = (".yml", ".yaml", ".toml", ".json", ".hcl", ".md", ".rst", ".txt", ".py", ".tf", ".cfg")  # may name one
_MOST_SETTINGS = 300  # files that are looked into for the name of a Dockerfile
# What builds an image from a folder that stands behind it.
_BUILDS = r"(?:\b(?:docker|podman|nerdctl)(?: image| buildx)? build\b|\bdocker_build(?:_with_restart)?\(\s*[^,\n]+,)"
# In front of a folder to build from, and not of the name of an image, a file or a stage.
_IS_FOLDER = r"(?<![\w./-])(?<!-t )(?<!-f )(?<!--tag[= ])(?<!--file[= ])(?<!--target[= ])"
_BEFORE = 300  # characters in front of a name in which the program that writes it is looked for
# What makes a file: a redirection, or a program that writes what it is told to.
_WRITES = (
    r"(?:>|\b(?:cp|mv|ln|tee|touch|mkdir|install|curl|wget|openssl|mkcert|git clone|unzip|tar|rsync|gpg|sops)\b|-o\b"
    r"|--\w*out(?:put|dir|file)?[= ])"
)

# `cp .env.example ` in front of the name of what it makes.
_COPIES = (
    r"\b(?:cp|copy|Copy-Item|mv)\b(?:[ \t]+-{1,2}\w+)*[ \t]+[\"']?([\w./$-]+)[\"']?[ \t]+"
    r"(?:-Destination[ \t]+)?[\"']?[\w./-]*\Z"
)
_EXAMPLES = frozenset("example sample template dist tmpl tpl default defaults".split())
_SSH = (
    r"appleboy/ssh-action|webfactory/ssh-agent"
    r"|(?m:^(?![^\n]*\becho\b)[^#\n]*\b(?:ssh|scp|rsync)\b[^\n]{0,200}(?:@|-i[ \t]))"
)
# What somebody does on a server: `docker compose pull && docker compose up -d`, in a script or in prose.
_STARTS_SET = r"\bdocker[- ]compose\b(?:[^\n\\]|\\\r?\n){0,400}?[ \t](?:pull|up)\b"
_ENV_FILE = r"--env-file[ \t=]+[\"']?([^\s\"']+)"
# A command of Compose with the lines that it goes on over, and the files that it names.
_COMPOSE = r"\bdocker[- ]compose\b((?:[^\n\\;&|]|\\\r?\n|\\.){0,600})"
_COMPOSE_CALL = r"(?:\bdocker[- ]compose|\bCOMPOSE[)}]|\$\(DC\))(?:[^\n\\;&|`]|\\\r?\n){0,300}?[ \t]up(?=\s|$|`)"
_VALUED_BY_UP = "--scale|-t|--timeout|--pull|--attach|--no-attach|--exit-code-from|--wait-timeout"
_COMPOSE_VARIABLE = r"(?m)^(\w+)[ \t]*[:?]?=[ \t]*docker[- ]compose\b([^\n]*)$"
_TARGET = r"(?m)^([\w.-]+):[^\n=]*\n((?:\t[^\n]*\n|[ \t]*\n)*)"
_MAKEFILES = frozenset(("makefile", "gnumakefile"))
_PRODUCTION = frozenset(("prod", "production", "prd"))
_GIVEN_FILE = r"(?:^|[ \t])(?:-f|--file)[ \t=]+[\"']?([^\s\"'\\]+)"
# What starts nothing, in a command that does nothing else.
_ENDS = r"\A(?![^\0]*[ \t](?:up|pull|run|start|restart|build)\b)[^\0]*[ \t](?:down|stop|rm|logs|ps)\b"
_FOR_PRODUCTION = (
    r"(?im)^[ \t]*(?:#|echo\b)[^\n]*\b(?:production deploy|deploy\w* (?:\w+ ){0,3}(?:to|in|for) production\b)"
)
# On a server, a script that is there: `ssh root@… "bash /srv/shop/deploy.sh"`.
_REMOTE_SCRIPT = r"(?m)^(?![^\n]*\becho\b)[^#\n]*\bssh\b[^\n]{0,300}[ \t\"'/]deploy[\w.-]{0,40}\.sh\b"
_ON_SERVERS = r"(?i)\bssh\b|\bssh-action\b|\bvps\b|\bdroplet\b|\bec2\b"
# `docker compose run`: the one behind the other
# A program for containers, what a variable or a script of the project's own (`./dc.sh exec web`) has for one.
_IN_CONTAINER = (
    r"\b(?:docker|podman|nerdctl|compose)\b|\$[({]\w+[)}]|(?<!\S)(?:\./|bin/|scripts/)[\w./-]+(?=\s+exec\s)",
    r"(?<!\S)(?:run|exec)(?=\s)",
)
_DEPLOYS = frozenset(("deploy", "deployment", "cd"))  # in the names of workflows and scripts
_NEAR = 300  # characters on either side of it


def recipes_of(project: Project, names: Iterable[str]) -> Iterator[Source]:
    """The project's files that say how it is built and started; `names` are those in the folders of workflows, which
    a search for Docker's files passes over.
    """
    wanted = [path for path in sorted(project.paths, key=_depth) if _is_recipe(path)]
    for path in islice((*names, *wanted), _MOST):
        source = project.source_of(path)
        if source is not None:
            yield source


def _depth(path: str) -> tuple[int, str]:
    return path.count("/"), path


def _is_recipe(path: str) -> bool:
    name = path.rpartition("/")[2].lower()
    return name in _NAMES or name.endswith((".sh", ".mk", ".bash", ".ps1", ".just"))


def workflow_files(project: Project) -> tuple[str, ...]:
    """The files in the folders in which services keep their workflows."""
    return tuple(
        f"{folder}/{name}"
        for folder in _WORKFLOWS
        for name in project.tree.names(folder)
        if name.endswith((".yml", ".yaml"))
    )


def is_unclaimed(image: Image) -> bool:
    """Whether no service builds an image and no file that may do so says the name of its Dockerfile, beside one that
    services build or that has the name which Docker takes by itself; or services build another from the same folder.
    One of the name that Docker takes is so in a folder that no build is seen to enter, beside what services build, and
    where its start certainly fails, while services build others.
    """
    project, path = image.project, image.dockerfile.source.path
    name = path.rpartition("/")[2]
    if image.composed or setting_of_name(name) == "production":
        return False
    if name.lower() in _PLAIN:
        return _is_passed_over(image) or _is_left_behind(image)
    if "base" in tokens(name):
        return False
    beside = project.index.images_beside(path)
    plain = any(one.dockerfile.source.path.rpartition("/")[2].lower() in _PLAIN for one in beside)
    if not plain and image.host is not None:
        return False  # a platform that is told of no name takes the usual one
    if not project.index.composed_from(path) and not plain and not any(one.composed for one in beside):
        return False
    return not is_named(project, name)


def _is_passed_over(image: Image) -> bool:
    """Whether services build what lies beside a Dockerfile of the usual name by names of its own, and neither names the
    path nor enters the folder anything that builds.
    """
    project, path = image.project, image.dockerfile.source.path
    folder, _, name = path.rpartition("/")
    beside = [one for one in project.index.images_beside(path) if one.dockerfile is not image.dockerfile]
    if not any(one.composed for one in beside) or project.index.composed_from(path) or image.is_built_by_project:
        return False
    last = re.escape(folder.rpartition("/")[2])
    enters = rf"(?:\b(?:cd|pushd)|-C|working-directory:)[ \t]+[\"']?[^\s\"']*(?<![\w-]){last}(?![\w-])"
    for source in (*project.recipes, *guides(project)):
        text = source.text[:_MOST_CHARACTERS]
        if re.search(enters, text) or (source.path.startswith(f"{folder}/") and re.search(_BUILDS, text)):
            return False
    return not is_named(project, f"{folder.rpartition('/')[2]}/{name}")


def is_commented_out(image: Image) -> bool:
    """Whether a compose file builds the folder of a Dockerfile in a comment alone, and nothing else is seen to."""
    folder = parent(image.dockerfile.source.path)
    if image.composed or not folder:
        return False
    last = re.escape(folder.rpartition("/")[2])
    built = rf"(?m)^[ \t]*#[ \t]*(?:build|context):[ \t]*[\"']?(?:[\w./-]*/)?{last}/?[\"']?[ \t]*\r?$"
    files = dict.fromkeys(file for one in image.project.own.deployments for file in one.files)
    return any(re.search(built, file.source.text) for file in files) and not image.is_built_by_project


def _is_left_behind(image: Image) -> bool:
    """Whether its build certainly stops, or all that it starts lacks the file that it is to run, while services or
    workflows build other images of Python: the code has moved away from under it.
    """
    started = image.containers
    if not started or not (all(any(one.absent_files) for one in started) or _never_ends(image)):
        return False
    others = (one for one in image.project.own.images if one.dockerfile is not image.dockerfile)
    return any((one.composed or one.is_pushed) and one.python for one in others)


def _never_ends(image: Image) -> bool:
    """Whether no build of an image comes to an end: what it copies is certainly not there, and nothing makes it."""
    stops = [any(build.certain and _stops(build, one) for one in build.missing) for build in image.builds]
    return bool(stops) and all(stops)


def _stops(build: ImageBuild, passage: Passage) -> bool:
    if passage.glob is not None or passage.outside or passage.is_built or build.git_ignores(passage.source or ""):
        return False
    return not build.is_made(passage) and build.example_of(passage) is None


def is_named(project: Project, name: str) -> bool:
    """Whether a file that may say how images are built has the name of a Dockerfile in it."""
    texts = map(project.source_of, project.index.answer(_settings))
    return any(
        source is not None and name in source.text[:_MOST_CHARACTERS]
        for read in (project.recipes, texts)
        for source in read
    )


def _settings(project: Project) -> tuple[str, ...]:
    """The files that may say how images are built."""
    return tuple(sorted(project.index.ending(*_SETTINGS), key=_depth)[:_MOST_SETTINGS])


class Made(NamedTuple):
    """Where a recipe makes a file; `certain` is False where only its name is seen, not the folder."""

    span: Span
    certain: bool


def maker_of(project: Project, path: str, texts: Iterable[Source] | None = None) -> Made | None:
    """Where a recipe, or one of some other texts, makes a file or folder of the project; None when none is seen to."""
    unsure: Made | None = None
    name = path.rpartition("/")[2]
    if len(name) < 2:
        return None
    pattern = rf"(?<![\w.-]){re.escape(name)}(?![\w-]|\.\w)"
    for source in project.recipes if texts is None else texts:
        text = source.text[:_MOST_CHARACTERS]
        for found in islice(re.finditer(pattern, text), _MOST_HITS) if name in text else ():
            line = max(text.rfind("\n", 0, found.start()) + 1, found.start() - _BEFORE)
            before = text[line : found.start()]
            if source.path.endswith(_SHELL) and "=" in before and "$" in text:
                from dockerlint_fastapi.model.files.script_variables import written_by_variable  # noqa: PLC0415 - a few

                written = written_by_variable(text, found.start())
                places = folders_of_command(source.path, text, found.start()) if written else None
                if any(normal(f"{folder}/{written}".lstrip("/")) == path for folder in places or ()):
                    return Made(source.span(found.start(), found.end()), certain=True)
            if "#" not in before and re.search(_WRITES, before):
                span = source.span(found.start(), found.end())
                folders = folders_of_command(source.path, text, found.start())
                behind = re.search(r"[^\s\"'=<>|;&()]*\Z", before)
                front = behind[0] if behind is not None else ""
                if copies_nothing(project, folders, before):
                    continue
                front = "" if "://" in front else front  # what is fetched gets the last name of the address
                if folders is None or "$" in front or front.startswith(("/", "~")):
                    unsure = unsure or Made(span, certain=False)
                elif any(normal(f"{folder}/{front}{name}".lstrip("/")) == path for folder in folders):
                    return Made(span, certain=True)
                elif len(folders) > 1:
                    unsure = unsure or Made(span, certain=False)
    return unsure


def copies_nothing(project: Project, folders: tuple[str, ...] | None, before: str) -> bool:
    """Whether the text in front of a file's name is a `cp` of an example that is not there: nobody can follow that."""
    found = re.search(_COPIES, before)
    if (
        found is None
        or folders is None
        or "$" in found[1]
        or _EXAMPLES.isdisjoint(re.split(r"[^a-z]+", found[1].lower()))
    ):
        return False
    sources = [normal(f"{folder}/{found[1]}".lstrip("/")) for folder in folders]
    return not any(one is None or project.tree.is_file(one) or project.git_ignores(one) for one in sources)


def is_deployed_by_ssh(project: Project, compose: str) -> bool:
    """Whether a workflow or script goes to a server to start what a compose file says there: by `-f` and its name, or,
    with one of the usual names, by no `-f` at all. Files may lie there that no checkout has.
    """
    for source in project.recipes:
        text = source.text[:_MOST_CHARACTERS]
        if re.search(_SSH, text) and re.search(r"docker[- ]compose\b", text) and _starts(text, compose):
            return True
    return False


def deploying_workflow(project: Project, compose: str) -> str | None:
    """The workflow that starts what a compose file says on a server, or tells in a comment that somebody does so: the
    command near a word for a server, or in a workflow that is named for it.
    """
    for source in project.recipes:
        text, name = source.text[:_MOST_CHARACTERS], source.path.rpartition("/")[2]
        if not source.path.startswith(_WORKFLOWS):
            continue
        # what else would a script start there, where this is all that the project has for Compose
        if _is_usual(compose) and project.count_of_compose_files == 1 and re.search(_REMOTE_SCRIPT, text):
            return source.path
        if "compose" not in text or not _starts(text, compose):
            continue
        words = tokens(name)
        named = not _DEPLOYS.isdisjoint(words) and {"test", "tests", "e2e"}.isdisjoint(words)
        for found in islice(re.finditer(_STARTS_SET, text), _MOST_HITS):
            given = re.search(_ENV_FILE, found.group())
            if given is not None and setting_of_name(given[1].rpartition("/")[2]) == "development":
                continue  # the settings of one's own machine: a database for the steps that follow
            near = text[max(found.start() - _NEAR, 0) : found.end() + _NEAR]
            if named or re.search(_ON_SERVERS, near):
                return source.path
    return None


def deploying_script(project: Project, compose: str, *, far: bool = False) -> str | None:
    """The script that is named for deployments and starts what a compose file says. With `far`, it goes to a server to
    do so, or says that it is for production: others may be for the developer's own machine.
    """
    for source in project.recipes:
        text, name = source.text[:_MOST_CHARACTERS], source.path.rpartition("/")[2]
        named = name.lower().endswith(_SCRIPTS) and not _DEPLOYS.isdisjoint(tokens(name))
        named = named and (not far or any(re.search(one, text) for one in (_SSH, _FOR_PRODUCTION)))
        if named and "compose" in text and re.search(_STARTS_SET, text) and _starts(text, compose):
            return source.path
    return None


def production_recipe(project: Project, compose: str) -> str | None:
    """The Makefile that starts a compose file, and no other over it, for production: its command is in a variable, or
    under a target, that is named for that (`COMPOSE_PROD = docker compose -f compose.yaml`, `up-prod:`).
    """
    return next((one.recipe for one in project.index.answer(_production_starts) if one.starts(compose)), None)


class _ProductionStart(NamedTuple):
    """A command of Compose that a Makefile has for production: the files that it names, and the Makefile's folder."""

    recipe: str
    files: tuple[str, ...]

    def starts(self, compose: str) -> bool:
        folder = parent(self.recipe)
        if not self.files:
            return _is_usual(compose) and parent(compose) == folder
        return len(self.files) == 1 and normal(f"{folder}/{self.files[0]}".lstrip("/")) == compose


def _production_starts(project: Project) -> tuple[_ProductionStart, ...]:
    found = []
    for source in project.recipes:
        if source.path.rpartition("/")[2].lower() in _MAKEFILES and "compose" in source.text:
            text = source.text[:_MOST_CHARACTERS]
            found += [_ProductionStart(source.path, files) for files in _files_for_production(text)]
    return tuple(found)


def _files_for_production(text: str) -> Iterator[tuple[str, ...]]:
    """The files of each command of Compose that a Makefile gives for production."""
    for kept in re.finditer(_COMPOSE_VARIABLE, text):
        used = rf"(?m)^\t[^\n#]*\$[({{]{kept[1]}[)}}][^\n;&|]*[ \t]up\b"
        if not _PRODUCTION.isdisjoint(tokens(kept[1])) and re.search(used, text):
            yield tuple(re.findall(_GIVEN_FILE, kept[2]))
    for target in re.finditer(_TARGET, text):
        if _PRODUCTION.isdisjoint(tokens(target[1])):
            continue
        for command in re.finditer(_COMPOSE, target[2]):
            if re.search(r"[ \t]up\b", command[1]):
                yield tuple(re.findall(_GIVEN_FILE, command[1]))


def _starts(text: str, compose: str) -> bool:
    """Whether the commands of a text start a compose file: by its name, or with a usual one where none is named."""
    name = compose.rpartition("/")[2]
    usual = _is_usual(compose)
    commands = (found[1] for found in re.finditer(_COMPOSE, text))
    given = [one for words in commands if not re.search(_ENDS, words) for one in re.findall(_GIVEN_FILE, words)]
    return any(_assigned(text, one).rpartition("/")[2] == name for one in given) or (usual and not given)


def _is_usual(compose: str) -> bool:
    """Whether it is a file that Compose takes when none is named."""
    return re.fullmatch(r"(?:docker-)?compose\.ya?ml", compose.rpartition("/")[2]) is not None


def commands_that_start(text: str) -> str:
    """A text without the commands of Compose that only end or show something."""
    return re.sub(_COMPOSE, lambda found: "" if re.search(_ENDS, found[1]) else found[0], text)


def _assigned(text: str, path: str) -> str:
    """A path in a command of a script; where it is a variable, what the script gives that, or its default."""
    named = re.match(r"\$\{?([A-Za-z_]\w*)(?::?-([^{}$]*))?\}?\Z", path)
    if named is None:
        return path
    values = re.findall(rf"(?m)^[ \t]*(?:\w+[ \t]+)?{named[1]}=[\"']?([^\s\"';&|]+)", text)
    return values[-1] if values else named[2] or path


def is_run_alone(project: Project, compose: str) -> bool:
    """Whether a recipe, a readme or a unit of systemd runs a compose file without the override beside it: by `-f` and
    its name and no other file, or on a server to which it is brought.
    """
    name = re.escape(compose.rpartition("/")[2])
    option = r"[ \t](?:-f|--file|-c)[ \t=]"
    alone = (
        rf"(?:docker[- ]compose|docker stack deploy)\b(?:(?!docker[- ]compose|{option})[^\n;&|]){{0,200}}"
        rf"{option}[\"']?(?:[^\s\"']*/)?{name}(?![\w.-])(?!(?:\\\n|[^\n;&|]){{0,200}}{option})"
    )
    texts = map(project.source_of, (*project.index.answer(_guides), *project.index.answer(_units)))
    for read in (project.recipes, texts):
        for source in read:
            text = source.text[:_MOST_CHARACTERS] if source is not None else ""
            if "compose" in text and re.search(alone, text):
                return True
    return is_deployed_by_ssh(project, compose)


def _units(project: Project) -> tuple[str, ...]:
    """The files by which servers are set up, besides recipes: units of systemd, playbooks, Terraform."""
    found = (one for one in project.index.ending(".service", ".tf", ".yml", ".yaml") if "compose" not in one)
    return tuple(sorted(found, key=_depth)[:_MOST])


def folders_of_command(recipe: str, text: str, at: int) -> tuple[str, ...] | None:
    """The folders in which a command at a place of a recipe may run; None when nothing can be told of them.

    A step of a workflow begins in the project's root, a Makefile's line in its own folder; of a script in a folder
    below the root it is not known. Each `cd` in front, in the same block, goes on from there.
    """
    folder, _, name = recipe.rpartition("/")
    bases: tuple[str, ...] = (folder,)
    moves: list[str] = []
    if recipe.startswith(_WORKFLOWS):
        bases = ("",)
        start, step = _step(text, at)
        moves = re.findall(r"working-directory:[ \t]*[\"']?([^\s\"'#]+)", step)[:1]
        if not moves and text.find("working-directory:", 0, start) >= 0:
            return None  # a default of the job, or that of another step
    elif name.lower().endswith(_SCRIPTS):
        start = 0
        bases = tuple(dict.fromkeys((folder, parent(folder), "")))
    else:
        start = text.rfind("\n", 0, at) + 1
        while start > 1 and text[start - 2] == "\\":  # the line goes on
            start = text.rfind("\n", 0, start - 1) + 1
        if name.lower().endswith((".yml", ".yaml")) and "cd " in text[:start]:
            return None  # of one service, all lines are one script; of another, each line is one
    block = re.sub(r"\([^()]*\)", "", text[start:at])  # where a subshell goes is of no matter behind it
    moves += re.findall(r"(?m)(?:^|[;&|(\s\"'])(?:cd|pushd)[ \t]+[\"']?([^\s\"';&|)]+)", block)
    for move in moves:
        if "$" in move or "`" in move or move.startswith(("/", "~", "-")):
            return None
        bases = tuple(place for base in bases if (place := normal(f"{base}/{move}".lstrip("/"))) is not None)
    return bases or None


def _step(text: str, at: int) -> tuple[int, str]:
    """The item of a list of steps that holds a place: where it begins, and its text."""
    start = max(text.rfind("\n", 0, at), 0)
    while start > 0 and not text[start:at].lstrip().startswith("- "):
        start = max(text.rfind("\n", 0, start), 0)
        if at - start > _MOST_OF_A_STEP:
            break
    behind = re.search(r"(?m)^[ \t]*- ", text[at : at + _MOST_OF_A_STEP])
    return start, text[start : at + (behind.start() if behind is not None else _MOST_OF_A_STEP)]


def is_built_by_hand(project: Project, folder: str) -> bool:
    """Whether a recipe, a Tiltfile or a readme builds from a folder of the project: `docker build ./services/api`,
    `docker_build("api", "./services/api")`, or from each one beside it (`'./services/' + name`).
    """
    if not folder:
        return False
    above = parent(folder)
    named = rf"{_IS_FOLDER}(?:\./)?{re.escape(folder)}/?(?![\w./-])"
    each = rf"(?<![\w./-])(?:\./)?{re.escape(above)}/(?=[\"']?[ \t]*[+%]|[$<{{*])" if above else r"(?!)"
    sources = (*project.recipes, *map(project.source_of, project.index.answer(_guides)))
    pattern = rf"{_BUILDS}(?:[^\n]|\\\n|(?<=[(,])[ \t]*\n){{0,300}}?(?:{named}|{each})"
    return any(one is not None and re.search(pattern, one.text[:_MOST_CHARACTERS]) is not None for one in sources)


def is_cloned(project: Project, folder: str) -> bool:
    """Whether a recipe or a readme has people clone another repository into a folder of the project."""
    pattern = rf"\bgit clone\b[^\n]{{0,300}}[/ \t]{re.escape(folder.rpartition('/')[2])}(?:\.git)?(?![\w./-])"
    sources = (*project.recipes, *guides(project))
    return any("git clone" in one.text and re.search(pattern, one.text[:_MOST_CHARACTERS]) for one in sources)


def is_started_by_name(project: Project, service: str) -> bool:
    """Whether a recipe or a readme starts a service by its name and not all of its file: `docker compose up debug`."""
    named = rf"[ \t](?:up|run|start)\b(?:[ \t]+\S+)*?[ \t]+{re.escape(service)}(?![\w.-])"
    commands = (
        found[1]
        for source in (*project.recipes, *guides(project))
        if service in source.text and "compose" in source.text
        for found in re.finditer(_COMPOSE, source.text[:_MOST_CHARACTERS])
    )
    return any(re.search(named, one.partition("\n")[0]) is not None for one in commands)


def names_services_always(project: Project) -> bool:
    """Whether recipes and readmes start containers by `docker compose up`, and each such command names what it starts:
    `docker compose -f compose.yaml up -d $(APP)`.
    """
    said = [
        _names_services(found[1])
        for source in (*project.recipes, *guides(project))
        if "compose" in source.text
        for found in re.finditer(rf"{_COMPOSE_CALL}([^\n;&|`#]*)", source.text[:_MOST_CHARACTERS])
    ]
    return bool(said) and all(said)


def _names_services(words: str) -> bool:
    """Whether something stands behind `up` that is no option and no value of one."""
    found = re.sub(rf"(?<!\S)(?:{_VALUED_BY_UP})[ \t=]+\S+", "", words).split()
    return any(not one.startswith(("-", ">", "<", "\\", "2>", "`", "'", '"', "(")) for one in found)


def is_pushed_by_hand(project: Project, folder: str) -> bool:
    """Whether a recipe or a readme builds from a folder of the project and pushes what that makes to a registry, under
    the same name: `docker build -t shop-api backend/`, `docker push registry.example.com/shop-api`.
    """
    named = rf"[ \t](?:\./)?{re.escape(folder)}/?[\"']?[ \t]*(?=$|[;&|#`])" if folder else r"[ \t]\.[ \t]*(?=$|[;&|#`])"
    for source in (*project.recipes, *guides(project)):
        text = source.text[:_MOST_CHARACTERS]
        if "docker push" not in text or "docker build" not in text:
            continue
        for found in islice(re.finditer(r"\bdocker build\b((?:[^\n\\]|\\\r?\n){0,300})", text), _MOST_HITS):
            tag = re.search(r"[ \t](?:-t|--tag)[ \t=]+[\"']?([^\s\"']+)", found[1])
            name = tag[1].rpartition("/")[2].partition(":")[0] if tag is not None else ""
            pushed = rf"\bdocker push [^\s]*?(?<![\w.-]){re.escape(name)}(?![\w.-])"
            if re.fullmatch(r"[\w.-]+", name) and re.search(named, found[1], re.MULTILINE) and re.search(pushed, text):
                return True
    return False


def is_run_in_containers(project: Project, words: str) -> bool:
    """Whether a recipe or a readme runs what an expression finds by `docker run`, `docker compose exec` and the like:
    `$(COMPOSE) exec web bash scripts/test.sh`.
    """
    texts = (source.text[:_MOST_CHARACTERS] for read in (project.recipes, guides(project)) for source in read)
    lines = (line for text in texts for line in re.sub(r"\\\r?\n", " ", text).splitlines())
    return any(_runs_in_container(line, words) for line in lines)


def _runs_in_container(line: str, words: str) -> bool:
    for one in (*_IN_CONTAINER, words):
        found = re.search(one, line)
        if found is None:
            return False
        line = line[found.end() :]
    return True


def guides(project: Project) -> Iterator[Source]:
    """The readmes and other texts that tell people how to build and start it."""
    for path in project.index.answer(_guides):
        source = project.source_of(path)
        if source is not None:
            yield source


def _guides(project: Project) -> tuple[str, ...]:
    """The files that tell people, or Tilt, how to build."""
    found = [path for path in sorted(project.paths, key=_depth) if _tells_of_builds(path)]
    if len(found) > _MOST:  # of many, those whose path says that they tell of it
        likely = [path for path in found if any(word in path.lower() for word in _LIKELY)]
        found = sorted(list(dict.fromkeys((*found[: _MOST // 2], *likely, *found)))[:_MOST], key=_depth)
    return tuple(found[:_MOST])


def _tells_of_builds(path: str) -> bool:
    name = path.rpartition("/")[2].lower()
    return name == "tiltfile" or name.endswith((".md", ".rst")) or path.lower().endswith(".tiltfile")


def chooses_directory(project: Project) -> bool:
    """Whether a recipe sets the folder in which the relative paths of compose files start (`--project-directory`)."""
    return any("--project-directory" in source.text[:_MOST_CHARACTERS] for source in project.recipes)
