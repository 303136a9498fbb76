"""Why nobody but developers starts a set of compose files whose names and comments say nothing, and in which nothing
reloads: where the browsers are that use it, whose code runs in it, and who else runs the project.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from dockerlint_fastapi.model.development import (
    is_kept_by_example,
    is_own,
    own_services,
    reloads_no_more,
    says_production,
)
from dockerlint_fastapi.model.evidence import Evidence, setting_of_name
from dockerlint_fastapi.record import NamedTuple
from dockerlint_fastapi.tree import parent

TYPE_CHECKING = False
if TYPE_CHECKING:
    from dockerlint_fastapi.model.compose import Service, Variable
    from dockerlint_fastapi.model.compose.nodes import Node
    from dockerlint_fastapi.model.container import Container
    from dockerlint_fastapi.model.deployment import Deployment
    from dockerlint_fastapi.source import Span

# Variables of which browsers get to see the value: what a front end is built with, and where its pages are.
_OF_PAGES = (
    r"(?:NEXT_PUBLIC|NUXT_PUBLIC|VITE|REACT_APP|VUE_APP|NG_APP|GATSBY|EXPO_PUBLIC|PUBLIC)_"
    r"\w*(?:URL|URI|API|HOST|ORIGIN|ENDPOINT|SERVER|BACKEND|BASE)\w*"
    r"|(?:\w+_)?(?:FRONTEND|CLIENT|SITE|DASHBOARD|PUBLIC|NEXTAUTH)_(?:BASE_)?(?:URL|URI|ORIGIN|HOST)"
)
# Whose pages a server answers.
_OF_ORIGINS = r"(?:\w+_)?(?:CORS|ALLOWED|TRUSTED|FRONTEND|CSRF)_?(?:\w+_)?ORIGINS?"
_NAMES = rf"(?:(?P<page>{_OF_PAGES})|{_OF_ORIGINS})\Z"
_HOST = r"(?:https?|wss?)://(\$\{[^}]*\}|[^\s\"',/:\]}$]*)"
_DEFAULT = r"\$\{\w+:?-(.*)\}\Z"
_OF_BROWSERS = (80, 443)  # the ports of `http://` and `https://`
_LONGEST = 100  # characters of a name that are looked at
_MOST_CHARACTERS = 4000  # of a value
_HERE = frozenset(("localhost", "127.0.0.1", "0.0.0.0"))  # noqa: S104 - as people write it in an address


class _Address(NamedTuple):
    """A variable with an address for browsers: `page` is False where it is one that a server answers, `literal` where
    the shell or `.env` may say another; `hosts` are those that it names. `own` tells that it is of the project: what
    makers of others' products show as an example is copied.
    """

    name: str
    span: Span
    hosts: frozenset[str]
    page: bool
    literal: bool
    own: bool


def of_local_stack(deployment: Deployment, *, stands: bool, always: bool) -> Evidence | None:
    """Why a set of files is for a developer's machine. `stands` tells that something is restarted, and not from habit
    alone; `always`, that it is with that policy.
    """
    found = _of_addresses(deployment, stands=stands)
    if found is None and not stands:
        found = _of_mounted_code(deployment)
    if found is None:
        found = _of_orchestrator(deployment, always=always)
    if found is None or found.weak:
        found = _of_descriptions(deployment) or found
    return found if found is not None else _of_guides(deployment)


def is_deployed(deployment: Deployment, *, far: bool = False) -> bool:
    """Whether a workflow, or a script for that, starts one of the files on a server, or a comment in a workflow says
    that somebody does; or whether a readme tells people to start the one file there is on theirs, a recipe starts it
    for production, or the project hands it out by itself. `far` counts the scripts alone that go to a server, or say
    that they are for production.
    """
    from dockerlint_fastapi.model.files.deploying_guides import deploying_guide  # noqa: PLC0415 - few files ask
    from dockerlint_fastapi.model.files.recipes import (  # noqa: PLC0415 - likewise
        deploying_script,
        deploying_workflow,
        production_recipe,
    )

    project, paths = deployment.project, [one.source.path for one in deployment.files]
    if project is None:
        return False
    if len(paths) == 1 and production_recipe(project, paths[0]) is not None:
        return True
    if any(deploying_workflow(project, path) or deploying_script(project, path, far=far) for path in paths):
        return True
    if len(paths) != 1:
        return False
    from dockerlint_fastapi.model.files.handed_out import handed_out  # noqa: PLC0415 - likewise

    return deploying_guide(project, paths[0]) is not None or handed_out(project, deployment.files[0]) is not None


def _of_addresses(deployment: Deployment, *, stands: bool) -> Evidence | None:
    """Every address that browsers get is the machine's own: who uses it sits there. A default, or the origins that a
    server answers, say so only of what is not kept up; of published images alone they are to be changed by their users.
    """
    texts = [one.source.text for one in deployment.merged.files]
    if not any(f"://{host}" in text for host in _HERE for text in texts):
        return None
    if all(one.build is None for one in deployment.merged.services.values()):
        return None
    found = [*_addresses(deployment)]
    hosts = frozenset(host for one in found for host in one.hosts if "." in host or "$" in host or host in _HERE)
    if not hosts or not hosts <= _HERE or own_services(deployment) is None:
        return None
    ours = [one for one in found if one.own and one.hosts & _HERE]
    sure = next((one for one in ours if one.page and one.literal), None)
    first = sure if sure is not None or stands else next(iter(ours), None)
    if first is None or (first is not sure and is_deployed(deployment)):
        return None
    reason = f"`{first.name}` sends browsers to their own machine"
    return Evidence(reason, first.span, firm=False, weak=_is_usual(deployment))


def _addresses(deployment: Deployment) -> Iterator[_Address]:
    for service in deployment.merged.services.values():
        own = _may_be_own(deployment, service)
        for variable in (*service.environment, *(service.build.args if service.build is not None else ())):
            found = re.match(_NAMES, variable.name[:_LONGEST])
            if found is not None and isinstance(variable.raw, str):
                text, literal = _said(variable)
                hosts = frozenset(re.findall(_HOST, text[:_MOST_CHARACTERS]))
                yield _Address(variable.name, variable.span, hosts, found["page"] is not None, literal, own)


def _may_be_own(deployment: Deployment, service: Service) -> bool:
    """Whether a service may run a program of the project: it is built, or its image is no product that is listed."""
    from dockerlint_fastapi.model.services.host_access import is_listed  # noqa: PLC0415 - few sets have such addresses

    one = deployment.containers_by_name.get(service.name)
    listed = one is not None and is_listed(one.origin, "companions", "observers", "admin", "kept_by_example")
    return service.build is not None or not listed


def _said(variable: Variable) -> tuple[str, bool]:
    """What a variable is, by its default where nothing sets it, and whether it is written so."""
    raw = variable.raw or ""
    default = re.match(_DEFAULT, raw, re.DOTALL)
    if default is None:
        return raw, True
    return default[1] if variable.value is None else variable.value, False


def _of_mounted_code(deployment: Deployment) -> Evidence | None:
    """Nothing of the project is kept up, and a program of it runs the code of the folder that is mounted into it rather
    than what its image has; unless somebody deploys it like that, or a proxy in front of it serves others. Weak where
    this is how everybody starts the project: nothing watches that code, so that nobody need be at work on it; but where
    all that is started is `sleep infinity`, somebody starts the program by hand.
    """
    if own_services(deployment) is None or reloads_no_more(deployment.merged):
        return None
    for one in deployment.containers:
        service = one.service
        if service is not None and is_own(one) and one.mounts_source and not says_production(service):
            if is_deployed(deployment) or any(map(_faces_others, deployment.containers)):
                return None
            reason = f"`{service.name}` runs the code that is mounted into it"
            idle = one.program is not None and one.program.role == "idle"
            return Evidence(reason, service.span, firm=False, weak=not idle and _is_usual(deployment))
    return None


def _is_usual(deployment: Deployment) -> bool:
    """Whether this is how everybody starts the project: by a plain `docker compose up`, or by the one set there is."""
    return deployment.is_default or deployment.is_only_one or deployment.is_variant


def may_serve(deployment: Deployment, container: Container) -> bool:
    """Whether a service that reloads mounted code may serve others as well: it, or what runs the same image beside it
    without a reloader, is always restarted by the one file that the project has, or has beside one for development; no
    Dockerfile is for production instead.
    """
    service, image, project = container.service, container.image, deployment.project
    if service is None or project is None or len(deployment.files) > 1:
        return False
    if not _is_always_up(service) and not any(_keeps_up(one, container) for one in deployment.containers):
        return False
    path = deployment.files[0].source.path
    if not deployment.is_only_one and not any(_is_for_work_by_name(one) for one in project.tree.names(parent(path))):
        return False
    folder = parent(image.dockerfile.source.path) if image is not None else ""
    return not any(
        "dockerfile" in one.lower() and setting_of_name(one) == "production" for one in project.tree.names(folder)
    )


def _keeps_up(one: Container, container: Container) -> bool:
    """Whether a service is always restarted with the image of another one, and reloads nothing."""
    same = one.image is not None and one.image is container.image
    return same and one.service is not None and _is_always_up(one.service) and not one.reloads


def _is_always_up(service: Service) -> bool:
    return service.restart is not None and service.restart.value == "always"


def _is_for_work_by_name(name: str) -> bool:
    """Whether a file is one for Compose, and for development by its name."""
    return "compose" in name and name.endswith((".yml", ".yaml")) and setting_of_name(name) == "development"


def _faces_others(container: Container) -> bool:
    """Whether it is a proxy at the ports at which browsers ask without being told one."""
    service = container.service
    if service is None or container.role != "proxy":
        return False
    mode = service.network_mode.value if service.network_mode is not None else None
    published = (port.published for port in service.ports)
    return mode == "host" or any(one is not None and one.number in _OF_BROWSERS for one in published)


def _of_orchestrator(deployment: Deployment, *, always: bool) -> Evidence | None:
    """Somebody else runs the project; `unless-stopped` or `on-failure` beside that is a habit, and so is `always` of a
    database; of a program, where readmes have people start the file for their work alone.
    """
    project = deployment.project
    if project is None or not own_services(deployment):
        return None
    for one in deployment.containers:
        service = one.service
        if service is None:
            continue
        restart = service.restart.value if service.restart is not None else "no"
        if restart is None:
            return None
        always = always or (restart == "always" and not is_kept_by_example(one))
        if service.replicas is not None or _is_deploy(service.node("deploy")):
            return None
    if is_published(deployment):
        return None
    if deployment.orchestrated:
        reason = "an orchestrator runs the project elsewhere"
    elif _is_hosted(deployment):
        reason = "a platform builds and runs the project elsewhere"
    else:
        return None
    if is_deployed(deployment) or (always and not _is_for_work(deployment)):
        return None
    from dockerlint_fastapi.model.files.deploying_guides import production_guide  # noqa: PLC0415 - few files ask

    if any(production_guide(project, one.source.path) for one in deployment.files):
        return None
    return Evidence(reason, deployment.span, firm=False)


def is_published(deployment: Deployment) -> bool:
    """Whether nothing is built, and programs of the project are restarted that run as they were published: whoever
    starts these images works with the project, not on it.
    """
    if any(one.build is not None or one.watch for one in deployment.merged.services.values()):
        return False
    own = [one for one in deployment.containers if one.service is not None and is_own(one)]
    kept = any(one.service is not None and one.service.restarts for one in own)
    return kept and not any(one.mounts_source for one in own)


def _of_descriptions(deployment: Deployment) -> Evidence | None:
    """A readme says that the file is for development: what a server lacks may matter all the same, as readers found of
    such files.
    """
    from dockerlint_fastapi.model.files.described_purposes import told_for_work  # noqa: PLC0415 - few files ask

    project, files = deployment.project, deployment.files
    if project is None or len(files) != 1 or own_services(deployment) is None:
        return None
    told = told_for_work(project, files[0].source.path)
    if told is None or is_published(deployment) or is_deployed(deployment):
        return None
    return Evidence(f"`{told.guide}` says that it is for development", deployment.span, firm=False, weak=True)


def _of_guides(deployment: Deployment) -> Evidence | None:
    """Readmes have people start the one file there is under headings for work on their own machine alone, and say that
    a platform runs the project in production. The first alone is said of many a file that serves others, too.
    """
    from dockerlint_fastapi.model.files.deploying_guides import elsewhere_in_production  # noqa: PLC0415 - few files ask

    project = deployment.project
    if project is None or not _is_for_work(deployment) or not own_services(deployment):
        return None
    if elsewhere_in_production(project) is None or is_deployed(deployment):
        return None
    return Evidence("readmes start it for local work, and run the project elsewhere", deployment.span, firm=False)


def _is_for_work(deployment: Deployment) -> bool:
    """Whether readmes have people start the one file there is under headings for work on their own machine alone."""
    from dockerlint_fastapi.model.files.deploying_guides import working_guide  # noqa: PLC0415 - few files ask

    project, files = deployment.project, deployment.files
    return project is not None and len(files) == 1 and working_guide(project, files[0].source.path) is not None


def _is_deploy(node: Node | None) -> bool:
    """Whether `deploy:` says more than what a service may use of its machine."""
    from dockerlint_fastapi.model.compose.nodes import Mapping  # noqa: PLC0415 - few services have one

    return node is not None and not (isinstance(node, Mapping) and all(one.key.text == "resources" for one in node))


def _is_hosted(deployment: Deployment) -> bool:
    """Whether a platform builds every Dockerfile of which the set starts a server of the project; every one that is
    built, where none of these is seen to be a server.
    """
    project = deployment.project
    own = [one for one in deployment.containers if one.image is not None and is_own(one)]
    if all(one.service is None or one.service.build is None for one in own):
        return False  # published images are for those who start them somewhere
    paths = [_dockerfile(one) for one in own if one.role == "server"] or [_dockerfile(one) for one in own]
    return (
        project is not None
        and bool(paths)
        and all(path in project.platform_probes or project.host_of(path) is not None for path in dict.fromkeys(paths))
    )


def _dockerfile(container: Container) -> str:
    image = container.image
    return image.dockerfile.source.path if image is not None else ""
