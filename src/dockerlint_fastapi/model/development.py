"""The one decision what something is for: work on the project, or others who use what runs there.

Rules ask for `development` of a container, a deployment or an image, and get why, or None. Evidence, in this order; the
first that is found decides (1.2 `S-DEV` and 3.3 of the catalogue, rules.md, that the rules were made from; the words
are in `model.evidence`):

1. A compose file named for production, and one made for Swarm of which no comment as in 6 says else: production,
   whatever stands in it. A folder `deploy/`
   alone says less than the comment at the top, Dockerfiles for development that are all it builds, or mounted code
   under a reloader where nothing is restarted. A name is doubtful where the containers of all that the file builds, and
   the variables too, say development (`Deployment.is_doubtful`): then no name counts. `near-prod` is none for
   production.
2. A compose file named for development or put aside (`.old`), one in a folder of examples (but what builds nothing and
   restarts something is shown to those who serve what was published), the automatic override, a
   base file beside a complete one for production, or above or below one that starts all that it builds and keeps up,
   unless a script or a readme deploys it and nothing names the other; a file beside the base that starts a scanner.
3. Of a service: its profiles, the last word of its name (`db-dev`) or of its container's, the target or Dockerfile that
   it builds or the tag that this gets (`:dev`, `:local`; not `firm`, not of what is kept up, and only where it tells
   one build from another: `tags_tell`), `ENVIRONMENT` and its like, as a variable or an argument of its build, with a
   project's own (`SHOP_ENV`) where nothing but the word stands in it, the comment right above it (as in 6),
   `develop.watch` together with a reloader, env files for development alone by their paths (`env.d/development/web`,
   `.env.dev`; not `firm`), a Dockerfile in a folder of tests, PostgreSQL with `fsync=off`; of what is not built, such
   as a database, that everything that is built is of this kind. No tag counts where a file laid over another takes a
   reloader away.
4. Of an image: the name of its stage (but where the Dockerfile is for nothing else, and a service that is not for
   development takes it without a `target`) or Dockerfile, the comment at the top of that (as in 6); where no service
   builds it, `NODE_ENV=development` of a front end that starts `npm run dev`; that only services for development build
   it, and production has another stage or Dockerfile (`Dockerfile.prod`, or as OpenShift's BuildConfigs say), or its
   path calls it a stand-in (`docker/mocks`); that it holds
   no code, and all that start it are for development and bring some along; that only development starts what it is, a
   product of others with single files that configure it, or a tool that serves nothing in a folder of scripts; or that
   its command serves a front end to those who work on it (`npm run dev`), and nothing starts it for others.
5. What runs (not `firm`): the project's code is mounted over the image's under a reloader, unless variables of the
   service, or the paths of its env files (`env/prod/.env`), say production (the name of its target says which image is
   taken, not who starts it). Reloaders of other
   languages and frameworks count as well (`model.start.reloaders`). An image that starts a reloader by itself, and
   which nothing starts without bringing the code along, is told of that as a service would be; of all else it is
   judged as it was built, for its code is in it. No service of a file that a workflow, or a script that goes there,
   starts on a server (be it by a script that lies there), or a readme has people start on theirs
   (`model.files.deploying_guides`).
6. The last word of `name:` at the top (`name: shop-dev`). What the comment at the top of a file says (not `firm`: it is
   prose that a machine reads), or a sentence in it that begins "This stack is": "for local development" against "for
   production", which wins and leaves nothing of 7 and 8 (`model.purpose`). So does what only a server has: TLS on a
   machine that keeps something up. A folder that is there to show or try something (`tutorial`, `chapter-03`, `poc`;
   not `firm`): of compose files alone, as images are copied from it.
7. What runs beside it. An emulator of a cloud's service, what catches the mail that is sent, or a scanner: nobody
   serves others from these (`firm`, but where something is always restarted; nothing where several programs are, and
   nearly all that is there: that is a server). A stand-in that is built from a folder of tests, and a program under a
   debugger (not `firm`). A program of the project that somebody works on (`weak` where it is no ASGI server, and one
   beside it is restarted and reloads nothing), unless another one says production, a workflow starts the file on a
   server, or a readme tells people to (not `firm`): `restart: unless-stopped` is written there by habit, `always` is
   not, but on a database, a page to look into it or a storage (`is_kept_by_example`) beside programs that are built and
   of which none is kept up. Where nothing at all is kept up (not `firm`): variables that say development also where
   nobody sets them (`${APP_ENV:-development}`, unless the shell or `.env` says something else, or a workflow or a
   script for that deploys the file; of images that nobody knows, where no program of the project is seen, all have to),
   and every service of several behind a profile (not one that names a kind of machine).
8. Who uses it (`model.local_stacks`; not `firm`). Every address that browsers are given is `localhost` (what a front
   end is built with, `FRONTEND_URL`, but in products of others, whose makers show it so): who uses it sits at that
   machine. A default, or the origins that a server answers, say so where no program is kept up. There, too, a program
   that runs the code which is mounted into it, with a reloader or without (`weak` without one, where it is what a plain
   `docker compose up` starts; none behind a proxy at port 80 or 443). A project that an orchestrator runs elsewhere
   (`Project.orchestrated`), or whose servers a platform builds (`Project.platform_probes`, `Project.host_of`): a file
   for Compose beside it, that says no more of `deploy` than `resources` and restarts nothing `always` (or whose
   commands in readmes all stand under headings for work on one's own machine), is for a developer's machine, unless a
   readme says beside its name that it is for production, or it builds nothing and restarts a program that was
   published: who starts that works with the project, not on it (so it is beside a file for Swarm alone). So is the one
   file that readmes have people start under such headings alone, where one says besides which platform runs the project
   in production; and what a readme says in so many words is for development (`model.files.described_purposes`), where
   nothing else or nothing but `weak` evidence does (`weak`, too). None of these where a workflow, a script or a readme
   deploys the file, but for addresses that are written out. Addresses are `weak` where mounted code is.

A reloader over mounted code is `weak` as well, of 5 and 7, where its service, or another one of its image without a
reloader, is always restarted by the one file there is, or the one beside a file for development
(`local_stacks.may_serve`): of such files some were for others as well, and findings in them were right.

Databases alone are no evidence: whoever uses them does so from elsewhere, in production as well. Rules on what only
others could reach ask for `Deployment.is_for_developers`, which counts such files in.

`DEBUG` is no evidence: a rule may speak of it. A storage with its maker's password is none: that is a fault by itself.
Names are chosen for that purpose, and silence what only production is asked for. Of 5 and 7 a reloader is a part, or a
policy for restarts that is not there: rules on these two faults are silent for `firm` evidence alone, and else speak
one level lower. A reloader alone, or a missing policy alone, is evidence of nothing. `weak` evidence leaves what a
server lacks to be told, as info: of findings in known files that were likely, not surely, for development, readers
found 110 of 128 worth their while. No heading over the commands of a readme tells by itself: of 141 sets of known
projects that nothing else decided, the headings over the commands that start them spoke of work on one's own machine
alone for eleven, and were right in three, which other evidence tells. That it is deployed a readme may say. None is
"for production, or nobody can tell": `Container.setting` keeps these two apart, by the names of files.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence

from dockerlint_fastapi.model.evidence import (
    MACHINES,
    PROFILES,
    Evidence,
    is_double,
    is_in_tests,
    is_lesson,
    setting_of_name,
    setting_of_path,
    tokens,
)
from dockerlint_fastapi.pattern import pattern

TYPE_CHECKING = False
if TYPE_CHECKING:
    from dockerlint_fastapi.model.compose import ComposeFile, Scalar, Service, Variable
    from dockerlint_fastapi.model.container import Container
    from dockerlint_fastapi.model.context.passage import Passage
    from dockerlint_fastapi.model.deployment import Deployment
    from dockerlint_fastapi.model.dockerfile import Dockerfile, Stage
    from dockerlint_fastapi.model.image import Image
    from dockerlint_fastapi.source import Span

SETTING_VARIABLES = (
    "FASTAPI_ENV", "ENVIRONMENT", "APP_ENV", "ENV", "APP_ENVIRONMENT", "STAGE", "FLASK_ENV", "NODE_ENV", "PYTHON_ENV",
    "DJANGO_ENV", "ASPNETCORE_ENVIRONMENT", "DOTNET_ENVIRONMENT", "RAILS_ENV", "GO_ENV", "DEPLOY_ENV", "RUN_ENV",
)  # fmt: skip

_WORDS_OF_SETTINGS = frozenset("dev development local prod production".split())
# Environments of an installer, and the settings of services elsewhere, which several of a project may share.
_OTHER_ENVIRONMENTS = tuple("CONDA_ MAMBA_ VIRTUAL_ PIP_ UV_ SENTRY_ DD_ NEW_RELIC_ PLAID_ PAYPAL_".split())

DATA_ROLES = ("database", "cache", "broker")  # of containers that keep something for the project's programs
_DEFAULTED = pattern(r"\$\{\w+:?-([^${}]*)\}")
_FRONT_END_AT_WORK = r"\b(?:npm|pnpm|yarn|bun)\b[\"', run]{1,20}\bdev\b"
# In the path of an env file; others of the words for production also say what a program does (`deploy`, `live`).
_OF_PRODUCTION = frozenset(("prod", "production", "prd"))
_OF_WORK = frozenset(("dev", "development"))
_RELOADER = "--reload"
_FOLDERS_OF_TOOLS = frozenset("scripts script tools tooling hack".split())
# Ends of the names of files that configure what others made, or fill its database.
_CONFIGURATIONS = tuple(
    ".conf .cnf .cfg .ini .toml .yml .yaml .json .xml .properties .sql .sh .cql .cypher .crt .pem .acl"
    " _config.py".split()
)
_LANGUAGES = frozenset(("python", "node", "ghcr.io/astral-sh/uv"))
# Of PostgreSQL, and of none whose data anybody wants to keep.
_FORGETFUL = r"\bfsync[ \t]*=[ \t]*(?:off|false|no|0)\b"
# The last words of `name:` by which somebody tells one set of files from another.
_NAMES_OF_SETS = frozenset("dev develop development local example examples tutorial prod production staging".split())
_WORK_NAMES = (["dev"], ["devel"], ["develop"], ["development"], ["local"])
# What is listed in `data/service_images.toml`, and what it does.
_SEVERAL, _NEARLY_ALL = 3, 0.8  # programs that are always restarted, and their part of all services
_STAND_INS = (
    ("mail_catchers", "catches mail"),
    ("emulators", "stands for a service of a cloud"),
    ("scanners", "tests or attacks it"),
)
_DEBUGGERS = ("debugpy", "ptvsd", "pydevd")
# Tags that somebody gives to what is built on the machine where the work is done; `1.2-dev` is a version.
_LOCAL_TAGS = frozenset("dev devel develop development local".split())


def of_container(container: Container) -> Evidence | None:
    """Why a container is for development; asked when all containers of the project are known."""
    deployment, service, image = container.deployment, container.service, container.image
    if deployment is None or service is None:
        return None if image is None else image.development
    named = deployment.development_of(service)
    if named is not None or deployment.setting != "base":
        return named
    path = _built_from(container)
    if path and is_in_tests(path):
        return Evidence(f"`{path}` lies with the tests", service.span)
    if container.syncs_source and container.reloads:
        return Evidence("`develop.watch` copies changes into it", service.span)
    if says_production(service, by_target=False):
        return None
    if container.is_workbench and not deployment.is_deployed:
        from dockerlint_fastapi.model.local_stacks import may_serve  # noqa: PLC0415 - few services reload mounted code

        reason = "it reloads the code that is mounted into it"
        return Evidence(reason, service.span, firm=False, weak=may_serve(deployment, container))
    return None if says_production(service) else deployment.development


def of_deployment(deployment: Deployment) -> Evidence | None:
    """Why all that a set of files starts is for development: by their names, else by what runs there."""
    if deployment.setting == "development":
        return of_files(deployment.files)
    if deployment.setting == "production" or deployment.is_doubtful:
        return None
    if deployment.is_swarm and deployment.purpose != "development":
        return None
    return _of_what_runs(deployment)


def of_files(files: Sequence[ComposeFile]) -> Evidence:
    """What to say of files that their names make a set for development."""
    said = (one for one in reversed(files) if setting_of_path(one.source.path) == "development")
    file = next(said, files[-1])
    return Evidence(f"`{file.source.path}` is for development", file.span)


def _built_from(container: Container) -> str:
    """The path of the Dockerfile that a service builds; empty where it builds none that is at hand."""
    service, image = container.service, container.image
    return image.dockerfile.source.path if image is not None and service is not None and service.build else ""


def of_image(image: Image) -> Evidence | None:
    """Why an image is for development though no name of it says so: it holds no code of the project; it starts what
    serves a front end while somebody works on that; it is a product of others with its configuration, or lies with
    scripts and tools, and nothing else starts it; or it is called a stand-in for another service, and nothing starts it
    but files that their names make ones for development.
    """
    users = [one for one in image.containers if one.service is not None]
    path = image.dockerfile.source.path
    if not users:
        return _of_front_end(image, users) or _of_tool(image, users)
    if is_double(path) and all(one.deployment is not None and one.deployment.setting == "development" for one in users):
        return Evidence(f"`{path}` is a stand-in that development alone starts", users[0].span)
    found = _of_front_end(image, users) or _of_product(image, users) or _of_tool(image, users)
    if found is not None:
        return found
    if not image.only_for_work or not image.without_code:
        return None
    if not image.python and any(one.copies and one.takes_all for one in image.passages):
        return None  # code of another language
    firm = all(one.development is not None and one.development.firm for one in users)
    return Evidence("it holds no code: what starts it mounts some", users[0].span, firm=firm)


def _of_product(image: Image, users: Sequence[Container]) -> Evidence | None:
    """Why an image without a program of the project is for development: nothing gets into it but single files that
    configure a product of others, and all that start it are.
    """
    works = [one.development for one in users]
    if not all(works) or image.python or image.is_pushed or image.host is not None:
        return None
    started = image.cmd is not None or image.entrypoint is not None
    if started or not all(_is_configuration(one) for one in image.passages):
        return None
    weak = any(one is not None and one.weak for one in works)
    return Evidence("it configures what others made, and only development starts it", None, firm=False, weak=weak)


def _is_configuration(passage: Passage) -> bool:
    """Whether what is taken from the build context is one file that is no program."""
    name = (passage.source or "").rpartition("/")[2]
    return passage.glob is None and name.lower().endswith(_CONFIGURATIONS)


def _of_tool(image: Image, users: Sequence[Container]) -> Evidence | None:
    """Why an image that nothing but development starts is for that: it lies in a folder of scripts or tools, and starts
    none of what serves others.
    """
    path = image.dockerfile.source.path
    if _FOLDERS_OF_TOOLS.isdisjoint(path.lower().split("/")[:-1]):
        return None
    serves = any(one.long_running or (one.program is None and image.base is None) for one in image.containers)
    exposes = any(one.keyword == "EXPOSE" for part in image.lineage for one in part.instructions)
    if serves or exposes or image.is_pushed or not all(one.development for one in users):
        return None
    if image.host is not None and (not users or path in image.project.platform_probes):
        return None
    return Evidence(f"`{path}` lies with scripts and tools, and serves nothing", None, firm=False)


def _of_front_end(image: Image, users: Sequence[Container]) -> Evidence | None:
    """Why an image without Python is for development: `npm run dev` is its command, and no service starts it otherwise,
    or for others.
    """
    last = image.cmd
    if image.python or last is None or not re.search(_FRONT_END_AT_WORK, last.text) or image.is_pushed:
        return None
    if not all(one.development for one in users):
        return None
    return Evidence("it serves a front end for work on it, and nothing else starts it", last.span, firm=False)


def of_service(service: Service, *, by_tag: Callable[[], bool] = lambda: True) -> Evidence | None:
    """Why one service of a file that names no setting is for development: its profiles, its target or
    Dockerfile, its environment. `by_tag` tells whether the tag of what it builds counts (`tags_tell`).
    """
    profiles = [profile.value or "" for profile in service.profiles]
    if profiles and all(profile in PROFILES or tokens(profile)[-1:] in _WORK_NAMES for profile in profiles):
        return Evidence(f"its profiles are {', '.join(profiles)}", service.span)
    built = _of_build(service, by_tag=by_tag)
    if built is not None:
        return built
    called = is_called_development(service)
    if called is not None:
        return Evidence(f"it is called `{called.text}`", called)
    told = is_told_development(service)
    if told is not None:
        return Evidence(f"`{told.name}` is `{told.value}`", told.span)
    files = [one.path.value or "" for one in service.env_files]
    if files and all(not _OF_WORK.isdisjoint(tokens(path)) for path in files):
        return Evidence(f"its env file is `{files[0]}`", service.env_files[0].path.span, firm=False)
    if says_production(service):
        return None
    command = service.command
    if command is not None and "fsync" in command.span.text and re.search(_FORGETFUL, command.span.text):
        return Evidence("`fsync=off` gives up the data for speed, as for tests", command.span)
    return _of_comment(service)


def is_told_development(service: Service) -> Variable | None:
    """The variable of a service, or of its build, that says development as it is written: what `.env` says of one is
    said of the machine that it lies on.
    """
    written = (one for one in _told_variables(service) if "$" not in (one.raw or "$"))
    return next((one for one in written if _says(one.name, one.value or "", "development")), None)


def _told_variables(service: Service) -> tuple[Variable, ...]:
    """What a service tells its program of the setting: its variables, and the arguments that it builds with."""
    return (*service.environment, *(service.build.args if service.build is not None else ()))


def _of_comment(service: Service) -> Evidence | None:
    """Why a service is for development by the comment right above it: `# only for local development`."""
    source, line = service.span.source, service.span.line
    if "#" not in source.line(line - 1) and "#" not in source.line(line):
        return None
    from dockerlint_fastapi.model.purpose import comment_at, purpose_of  # noqa: PLC0415 - asked of few services

    if purpose_of(comment_at(source, line), source.path.rpartition("/")[2], only_work=True) is None:
        return None
    return Evidence(f"the comment above `{service.name}` says so", service.span, firm=False)


def is_called_development(service: Service) -> Span | None:
    """Where a service's name, or that of its container, says by its last word that it is for development (`db-dev`)."""
    name = service.setting("container_name")
    if name is not None and name.value is not None and tokens(name.value)[-1:] in _WORK_NAMES:
        return name.span
    return service.span if tokens(service.name)[-1:] in _WORK_NAMES else None


def of_what_is_built(merged: ComposeFile, *, by_tag: Callable[[], bool]) -> Evidence | None:
    """Why everything that a set of files builds is for development: databases beside it are, then, too. One service
    alone says that only of a file that keeps nothing up for others; a single database, which it is not itself kept up
    with, is from habit where the name of its target or Dockerfile says so.
    """
    built = [service for service in merged.services.values() if service.build is not None]
    found = [_of_build(service, by_tag=by_tag) for service in built]
    kept = [one for one in merged.services.values() if one.is_kept_up]
    if len(found) == 1 and kept:
        habit = len(kept) == 1 and not built[0].is_kept_up and found[0] is not None and found[0].firm
        return found[0] if habit else None
    return found[0] if found and all(found) else None


def tags_tell(merged: ComposeFile, beside: Iterable[ComposeFile]) -> bool:
    """Whether a tag such as `:dev` tells what a set of files builds from what runs elsewhere: a file beside it is named
    for production, or has the image under another tag, or something of the project is mounted or watched in the set.
    Where nothing else is built, and nothing is worked on, all that the tag says is what the image is called; so it is
    where a file laid over another has the code reloaded no more.
    """
    if reloads_no_more(merged):
        return False
    named: set[str] = set()
    for service in merged.services.values():
        if service.image is not None and service.build is not None:
            named.add((service.image.value or "").rpartition(":")[0])
        sources = [mount.source.text for mount in service.volumes if mount.source is not None]
        if service.watch or any(text.startswith((".", "$PWD", "${PWD}")) for text in sources):
            return True
        if service.command is not None and "reload" in service.command.span.text:
            return True
    for file in beside:
        if setting_of_path(file.source.path) == "production":
            return True
        for image in (one.image for one in file.services.values() if one.image is not None):
            name, _, tag = (image.value or "").rpartition(":")
            if name in named and "/" not in tag and not _LOCAL_TAGS.issuperset(tokens(tag)):
                return True
    return False


def reloads_no_more(merged: ComposeFile) -> bool:
    """Whether a file of a set gives a service a command without the reloader that another, below it, has it start with:
    the set is for others than those who work on the code.
    """
    reloading: set[str] = set()
    for file in merged.files:
        for service in file.services.values():
            if service.command is None:
                continue
            if _RELOADER in service.command.span.text:
                reloading.add(service.name)
            elif service.name in reloading:
                return True
    return False


def of_stage(stage: Stage) -> Evidence | None:
    """Why a stage is for development: its own name, or the path of its Dockerfile."""
    setting = setting_of_name(stage.name) if stage.name else None
    if setting == "development":
        return Evidence(f"the stage is named `{stage.name}`", stage.span)
    return of_dockerfile(stage.dockerfile) if setting is None else None


def of_text(stage: Stage) -> Evidence | None:
    """Why a stage that no service builds is for development: it says `NODE_ENV=development`, and starts what serves a
    front end while somebody works on it (`npm run dev`).
    """
    last = stage.instructions[-1] if stage.instructions else None
    if last is None or not re.search(_FRONT_END_AT_WORK, last.text):
        return None
    pairs = [pair for one in stage.instructions if one.keyword == "ENV" for pair in getattr(one, "pairs", ())]
    said = next((pair for pair in reversed(pairs) if pair.name == "NODE_ENV"), None)
    if said is None or setting_of_name(said.value or "") != "development":
        return None
    return Evidence("`NODE_ENV` is `development`, and it starts `dev`", said.span, firm=False)


def of_dockerfile(file: Dockerfile) -> Evidence | None:
    """Why a Dockerfile is for development: its path, or where this names no setting the comment at its top."""
    source = file.source
    setting = setting_of_path(source.path)
    if setting == "development":
        return Evidence(f"`{source.path}` is a path for development", None)
    if setting is not None or not source.text.lstrip("\ufeff \n").startswith("#"):
        return None
    from dockerlint_fastapi.model.purpose import comment_above, purpose_of  # noqa: PLC0415 - few begin with a comment

    comment, name = comment_above(source.text, ""), source.path.rpartition("/")[2]
    if purpose_of(comment, name, only_work=True) is None:
        return None
    return Evidence(f"the comment at the top of `{source.path}` says so", file.span, firm=False)


def _of_build(service: Service, *, by_tag: Callable[[], bool]) -> Evidence | None:
    """Why what a service builds is for development: the name of its target or Dockerfile, or its tag."""
    target = service.build.target if service.build else None
    if target is not None and setting_of_name(target.value or target.default or "") == "development":
        return Evidence(f"its build target is `{target.text}`", target.span)
    dockerfile = service.build.dockerfile if service.build else None
    if dockerfile is not None and setting_of_name((dockerfile.value or "").rpartition("/")[2]) == "development":
        return Evidence(f"it builds `{dockerfile.text}`", dockerfile.span)
    image = service.image if service.build is not None and not service.is_kept_up else None
    tag = (image.value or "").rpartition("/")[2].partition(":")[2] if image is not None else ""
    local = image is not None and tag and _LOCAL_TAGS.issuperset(tokens(tag))
    if image is not None and local and not says_production(service) and by_tag():
        return Evidence(f"it builds `{image.text}`", image.span, firm=False)
    return None


def says_production(service: Service, *, by_target: bool = True) -> bool:
    """Whether a service calls itself one for production: by its environment as written, by the path of an env file
    (`env/prod/.env.web`), or by its target (which says what image is taken, and not who starts it).
    """
    if any(not _OF_PRODUCTION.isdisjoint(tokens(one.path.value or "")) for one in service.env_files):
        return True
    target = service.build.target if service.build and by_target else None
    if target is not None and setting_of_name(target.value or target.default or "") == "production":
        return True
    return any(
        _says(variable.name, variable.value or "", "production")
        for variable in service.environment
        if "$" not in (variable.raw or "$")
    )


def _says(name: str, value: str, setting: str) -> bool:
    """Whether a variable tells the setting: one of the usual names, or one of a project's own (`SHOP_ENV`) with nothing
    but the word in it.
    """
    if name in SETTING_VARIABLES:
        return setting_of_name(value) == setting
    own = name.endswith(("_ENV", "_ENVIRONMENT")) and not name.startswith(_OTHER_ENVIRONMENTS)
    return own and value.lower() in _WORDS_OF_SETTINGS and setting_of_name(value) == setting


def of_start(container: Container) -> Evidence | None:
    """Why the command of an image as it is built is one for development, whatever else the image is for."""
    image = container.image
    if container.service is not None or image is None or not container.reloads or not image.only_for_work:
        return None
    return Evidence("it reloads the code, which all that start it bring along", container.start_span, firm=False)


def _of_what_runs(deployment: Deployment) -> Evidence | None:
    """Why a set of files that names no setting is a developer's: by what it says at its top, and what runs in it."""
    purpose = deployment.purpose
    kept, standing = _kept_up(deployment)
    always = any(one.restart is not None and one.restart.value == "always" for one in standing)
    named = next((one for one in map(_name_of_set, reversed(deployment.files)) if one is not None), None)
    said = setting_of_name(tokens(named.text)[-1]) if named is not None else None
    if "production" in (purpose, said) or (kept and _has_certificates(deployment)):
        return None
    if named is not None:
        return Evidence(f"the set is named `{named.text}`", named.span)
    if purpose == "development":
        file = deployment.saying[purpose]
        return Evidence(f"a comment in `{file.source.path}` says so", file.span, firm=False)
    if is_lesson(deployment.files[0].source.path):
        return Evidence("its folder is there to show or try something", deployment.span, firm=False)
    found = None if _is_kept_whole(deployment) else _of_stand_ins(deployment.containers, firm=not always)
    if found is None and not always:
        found = _of_doubles(deployment.containers) or _of_debugger(deployment.merged) or _of_work(deployment)
    if found is None and not kept:
        found = _of_settings(deployment)
    if found is not None:
        return found
    from dockerlint_fastapi.model.local_stacks import of_local_stack  # noqa: PLC0415 - few sets leave it open so long

    return of_local_stack(deployment, stands=bool(standing), always=always)


def _kept_up(deployment: Deployment) -> tuple[list[Service], list[Service]]:
    """The services that are restarted, and those of them that tell of a server: not a database, or a page to look into
    it, beside programs of the project of which none is restarted; it has its `restart: always` from its maker.
    """
    found = [(one, one.service) for one in deployment.containers if one.service is not None and _is_kept(one.service)]
    kept, rest = [one for _, one in found], [service for one, service in found if not is_kept_by_example(one)]
    if len(rest) == len(kept) or any(is_own(one) for one, _ in found):
        return kept, kept
    from dockerlint_fastapi.model.local_stacks import is_deployed  # noqa: PLC0415 - few keep up a database alone

    built = any(is_own(one) and one.service is not None and one.service.build for one in deployment.containers)
    habit = built and not is_deployed(deployment)
    return kept, rest if habit else kept


def is_kept_by_example(container: Container) -> bool:
    """Whether a container is of an image whose maker shows it with `restart: always`: a database, a page to look into
    one, a storage of files. Whoever copies that thinks of no server.
    """
    from dockerlint_fastapi.model.services.host_access import is_listed  # noqa: PLC0415 - few sets keep something up

    if is_listed(container.origin, "mail_catchers"):
        return False  # what it tells is asked by itself
    return container.role in DATA_ROLES or is_listed(container.origin, "admin", "storage", "kept_by_example")


def _is_kept(service: Service) -> bool:
    return service.is_kept_up or service.restart_policy is not None


def _is_kept_whole(deployment: Deployment) -> bool:
    """Whether each of several programs of the project is always restarted, and what they need is, too: a server runs
    that, whatever stands for a service of a cloud there.
    """
    kept = [one.restart is not None and one.restart.value == "always" for one in deployment.merged.services.values()]
    own = [one.service for one in deployment.containers if one.service is not None and is_own(one)]
    always = sum(one.restart is not None and one.restart.value == "always" for one in own)
    return always >= _SEVERAL and always == len(own) and sum(kept) >= len(kept) * _NEARLY_ALL


def _name_of_set(file: ComposeFile) -> Scalar | None:
    """What `name:` at the top calls a set of files, if the last word of it says what it is for."""
    name = file.name
    words = tokens(name.text) if name is not None and "$" not in name.text else []
    return name if words and words[-1] in _NAMES_OF_SETS else None


def _of_stand_ins(containers: Sequence[Container], *, firm: bool) -> Evidence | None:
    """What takes the place of a mail server or of a cloud's service, or attacks what runs beside it to find its holes,
    unless only a profile starts it.
    """
    from dockerlint_fastapi.model.services.host_access import is_listed  # noqa: PLC0415 - for files without a setting

    # where nothing starts without a profile, to have one tells nothing apart
    chosen = any(not one.service.profiles for one in containers if one.service is not None)
    for one in containers:
        if one.service is None or (chosen and one.service.profiles):
            continue
        for name, what in _STAND_INS:
            if is_listed(one.origin, name) or (name == "emulators" and _is_set_up_as_emulator(one.service)):
                return Evidence(f"what runs beside it {what}", one.span, firm=firm)
    return None


def _is_set_up_as_emulator(service: Service) -> bool:
    """Whether a service gets scripts where LocalStack, and what takes its place, looks for them."""
    targets = (one.target.value or "" for one in service.volumes if one.target is not None)
    return any(one.startswith("/etc/localstack/") for one in targets)


def _of_doubles(containers: Sequence[Container]) -> Evidence | None:
    """What is built from a folder of tests and called a stand-in: the set is the stage of these tests."""
    for one in containers:
        path = _built_from(one)
        if path and is_in_tests(path) and is_double(path) and one.service is not None and not one.service.profiles:
            return Evidence(f"`{path}`, which runs beside it, lies with the tests", one.span, firm=False)
    return None


def _of_debugger(merged: ComposeFile) -> Evidence | None:
    """A program is started under a debugger, or waits for one: somebody sits in front of it."""
    for service in merged.services.values():
        for given in (service.command, service.entrypoint):
            if given is not None and any(word in given.span.text for word in _DEBUGGERS):
                return Evidence(f"`{service.name}` is started under a debugger", given.span, firm=False)
    return None


def _of_work(deployment: Deployment) -> Evidence | None:
    """A program of the project that somebody works on, unless a workflow starts it on a server as it is, or another one
    beside it says production.
    """
    if own_services(deployment) is None:
        return None
    for one in deployment.containers:
        service = one.service
        if service is not None and one.is_workbench and not says_production(service):
            if deployment.is_deployed:
                return None
            from dockerlint_fastapi.model.local_stacks import may_serve  # noqa: PLC0415 - as above

            weak = not one.worked_on and any(map(_serves_on, deployment.containers))
            weak = weak or may_serve(deployment, one)
            reason = f"`{service.name}` beside it reloads the code that is mounted into it"
            return Evidence(reason, service.span, firm=False, weak=weak)
    return None


def _serves_on(container: Container) -> bool:
    """Whether it is a server of the project's that reloads nothing: the development server of the front end beside it
    may be how that is served, too.
    """
    return container.service is not None and container.role == "server" and not container.reloads


def _of_settings(deployment: Deployment) -> Evidence | None:
    """What says that nobody else is served by files that keep nothing up: variables, profiles."""
    from dockerlint_fastapi.model.local_stacks import is_deployed  # noqa: PLC0415 - as above

    services = [*deployment.merged.services.values()]
    own = own_services(deployment)
    if own is None:
        return None
    told = [_set_for_work(service) for service in own or _unknown(deployment.containers)]
    variable = next((one for one in told if one is not None), None)
    # A default says what a laptop is: where a server starts the same file, it is set there. Of images that nobody
    # knows, one may be a product that says so to everybody.
    if variable is not None and (own or all(told)) and ("$" not in (variable.raw or "") or not is_deployed(deployment)):
        return Evidence(f"`{variable.name}` says development by itself", variable.span, firm=False)
    profiles = [profile.value or "" for one in services for profile in one.profiles]
    chosen = not MACHINES.isdisjoint(profiles) or "production" in map(setting_of_name, profiles)
    if len(services) > 1 and all(one.profiles for one in services) and not chosen:
        return Evidence("nothing starts without a profile", services[0].span, firm=False)
    return None


def _set_for_work(service: Service) -> Variable | None:
    """The variable of a service that says development, be it by its default."""
    named = (one for one in _told_variables(service) if one.name in SETTING_VARIABLES)
    return next((one for one in named if _is_development_by_itself(one)), None)


def _unknown(containers: Sequence[Container]) -> Iterator[Service]:
    """The services whose images nobody knows: where none is seen to run a program of the project, they may."""
    from dockerlint_fastapi.model.container import ROLES  # noqa: PLC0415 - for files without a setting
    from dockerlint_fastapi.model.services.host_access import is_listed  # noqa: PLC0415 - likewise

    for one in containers:
        listed = one.role in ROLES or is_listed(one.origin, "companions", "observers", "admin", "kept_by_example")
        if one.service is not None and not listed:
            yield one.service


def own_services(deployment: Deployment) -> list[Service] | None:
    """The services that run a program of the project; None when one of them says production. What cannot be built, as
    its Dockerfile is not there, says nothing where no policy for restarts is set either: nobody runs that.
    """
    kept = any(one.restart or one.restart_policy for one in deployment.merged.services.values())
    found = []
    for one in deployment.containers:
        service = one.service
        if service is None or not is_own(one):
            continue
        if says_production(service) and (kept or one.image is not None or service.build is None):
            return None
        found.append(service)
    return found


def _is_development_by_itself(variable: Variable) -> bool:
    """Whether a variable is development as it is written, or by its default. What `.env` says is said of the machine
    that it lies on, and counts against that default alone.
    """
    default = _DEFAULTED.fullmatch(variable.raw or "")
    if default is None:
        return "$" not in (variable.raw or "$") and setting_of_name(variable.value or "") == "development"
    known = default[1] if variable.value is None else variable.value
    return setting_of_name(default[1]) == setting_of_name(known) == "development"


def is_own(container: Container) -> bool:
    """Whether a container runs a program of the project, whether or not its Dockerfile is at hand."""
    from dockerlint_fastapi.model.container import ROLES  # noqa: PLC0415 - for files without a setting

    built = container.service is not None and container.service.build is not None and container.role not in ROLES
    return built or container.runs_own_code or _runs_mounted_program(container)


def _runs_mounted_program(container: Container) -> bool:
    """Whether a published image that brings a language alone is given a folder of the project to work in, and what to
    start there.
    """
    service, origin = container.service, container.origin
    if service is None or service.build is not None or service.command is None or origin is None:
        return False
    place = service.setting("working_dir") if origin.full_repository in _LANGUAGES else None
    if place is None or place.value is None or not container.mounts_source:
        return False
    return any(one.target is not None and one.target.value == place.value for one in service.volumes)


def _has_certificates(deployment: Deployment) -> bool:
    """Whether a set of files serves TLS with certificates, which a server on the internet has."""
    for file in deployment.merged.files:
        if any(word in file.source.text for word in ("letsencrypt", "certresolver", "certbot")):
            return True
    ports = (port for service in deployment.merged.services.values() for port in service.ports)
    return any(port.target is not None and port.target.number == 443 for port in ports)
