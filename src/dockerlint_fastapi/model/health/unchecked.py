"""Servers whose health nothing checks."""

from __future__ import annotations

import re

from dockerlint_fastapi.model.bases.reference import Reference
from dockerlint_fastapi.model.command import Unknown
from dockerlint_fastapi.model.evidence import tokens

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from dockerlint_fastapi.model.application.application import Application
    from dockerlint_fastapi.model.compose import Service
    from dockerlint_fastapi.model.container import Container
    from dockerlint_fastapi.model.evidence import Evidence
    from dockerlint_fastapi.model.image import Image
    from dockerlint_fastapi.model.project import Project
    from dockerlint_fastapi.source import Span

# What a comment says of commands that others give to an image, and of what those start.
_ANOTHER_COMMAND = (
    r"\bCMD[ \t]*\[|\bENTRYPOINT[ \t]*\[|(?i:\boverrid\w+|\bsame image\b|\bshared? (?:the |this )?image\b)"
)
_WORKERS = r"(?i)(?<!--)\bworkers?\b(?![.=]|\W{1,4}[$\d(])|\bcelery\b|\bdramatiq\b|\bscheduler\b|\bconsumers?\b"

_TO_ECS = (
    r"(?m)^[ \t-]{0,40}name:[ \t]*[\"']?(?i:deploy|release|roll ?out)\b[^\n#]{0,40}\b(?:to|on) "
    r"(?:(?i:amazon|aws) )?(?:ECS|Fargate)\b"
)
_KUBERNETES = frozenset("k8s kubernetes kube gke eks aks openshift".split())  # in the name of a Dockerfile


def unchecked_servers(image: Image) -> tuple[Container, ...]:
    """The containers of an image that serve and that certainly no health check asks, the one that matters most first;
    none when one of them is asked, when they are for development, or when somebody else probes containers.
    """
    if image.healthcheck is not None or image.development or image.inherits_healthcheck is not False:
        return ()
    serving = [one for one in image.containers if one.serves and not one.development and one.is_whole]
    if not serving:  # else of those that a developer starts, but others as well, for all that can be seen
        serving = [one for one in image.containers if one.serves and one.is_whole and _is_weakly_for_work(one)]
    if any(one.service is not None and one.service.healthcheck is not None for one in serving):
        return ()
    asked = any(map(_may_be_asked, image.containers)) or _is_asked_in_the_only_file(image)
    if asked and not image.is_pushed:  # asked last: workflows are read for it
        return ()
    fuller = [full.service for one in serving for full in (one.usual, one.shipped) if full is not None]
    if any(service is not None and service.healthcheck is not None for service in fuller):
        return ()  # the override brings one, or the file for production
    if image.orchestrated:  # what somebody keeps up by Compose as well is nobody else's to watch
        serving = [one for one in serving if one.service is not None and _is_on_a_server(one, one.service)]
        if not serving:
            return _unprobed(image)
    if not serving:
        return ()
    platform = image.project.platform_probes.get(image.dockerfile.source.path)
    if platform is not None and platform.firm:
        return ()
    if all(one.service is None for one in serving):
        name = image.dockerfile.source.path.rpartition("/")[2]
        if not _KUBERNETES.isdisjoint(tokens(name)) or image.project.index.answer(_asks_what_is_unknown):
            return ()
    if image.host is not None and platform_of(image) is None:  # which asks of none that Compose starts
        used = [one for one in image.containers if one.service is not None and one.serves and one.is_whole]
        if any(one.service is not None and one.service.healthcheck is not None for one in used):
            return ()
        serving = [one for one in used if not one.development or _is_weakly_for_work(one)]
    if not serving or _is_for_sagemaker(image, serving):
        return ()
    return tuple(sorted(serving, key=_rank))


def runs_elsewhere(container: Container) -> bool:
    """Whether a hosting platform runs the image of a service, which nobody keeps up by Compose."""
    service, image = container.service, container.image
    if service is None or image is None or _is_on_a_server(container, service):
        return False
    return image.host is not None or image.project.index.answer(_goes_to_ecs)


def _goes_to_ecs(project: Project) -> bool:
    """Whether a step or a job of a workflow is called after a deployment to Amazon ECS, whatever program of the project
    does that: what a load balancer there asks for is said to that program.
    """
    flows = (one.text for one in project.recipes if one.path.startswith(".github/workflows/"))
    return any(("ECS" in text or "Fargate" in text) and re.search(_TO_ECS, text) is not None for text in flows)


def answers_nobody(container: Container) -> bool:
    """Whether a service publishes no port, and its application certainly has no route of its own: there is nothing that
    anybody could ask it for, as in a bot that fetches its messages.
    """
    service = container.service
    if service is None or service.ports:
        return False
    application = container.application
    if isinstance(application, Unknown) or application is None or container.companions:
        return False
    return application.closed and not any(one.span is not None for one in application.routes)


def is_asked_by_all(image: Image) -> bool:
    """Whether every service that serves from an image has a health check of its own, though as far as can be seen these
    are for those who work on it, and no workflow gives it to others: it is asked wherever the project itself starts it.
    """
    serving = [one for one in image.containers if one.service is not None and one.serves]
    works = [one.development for one in serving]
    asked = all(one.service is not None and one.service.healthcheck is not None for one in serving)
    return bool(serving) and asked and not any(one is not None and one.firm for one in works) and not image.is_pushed


def worker_comment(image: Image) -> Span | None:
    """Where a comment of a Dockerfile says that a worker is started from its image by another command."""
    source = image.dockerfile.source
    text = source.text.lower()
    if "#" not in text or not any(word in text for word in ("worker", "celery", "dramatiq", "scheduler", "consumer")):
        return None
    # the line that speaks of the command, with the comment behind it
    for found in re.finditer(r"(?m)^[ \t]*#[^\n]*(?:\n[ \t]*#[^\n]*)?", source.text):
        said = found.group()
        if re.search(_ANOTHER_COMMAND, said) and re.search(_WORKERS, said):
            return source.span(found.start() + len(said) - len(said.lstrip()), found.end())
    return None


def _is_weakly_for_work(container: Container) -> bool:
    return container.development is not None and container.development.weak


def _may_be_asked(container: Container) -> bool:
    """Whether a service of which it is not certain that only developers start it has a health check, and is started
    again at least when it fails.
    """
    work, service = container.development, container.service
    if work is None or work.firm or service is None or not container.serves or not container.is_whole:
        return False
    restart = service.setting("restart")
    fails = restart is not None and (restart.value or "").startswith("on-failure")
    return service.healthcheck is not None and (fails or _is_kept_up(service))


def _is_asked_in_the_only_file(image: Image) -> bool:
    """Whether the one compose file of the project that builds an image has a health check for what serves from it: be
    it for development, that is the only way in which the project is seen to start it.
    """
    used = [one for one in image.containers if one.service is not None and one.serves]
    files = {one.service.span.source.path for one in image.containers if one.service is not None}
    asked = all(one.service is not None and one.service.healthcheck is not None for one in used)
    return bool(used) and asked and len(files) == 1 and image.host is None and not image.orchestrated


def _is_for_sagemaker(image: Image, serving: list[Container]) -> bool:
    """Whether Amazon SageMaker alone starts an image, which asks `/ping` of its containers by itself: no service does,
    and the Dockerfile names SageMaker in a comment or a label or holds the folder of its models, or the application
    answers the two paths that SageMaker asks for (its guide, "Custom Inference Code with Hosting Services").
    """
    if any(one.service is not None for one in serving):
        return False
    text = image.dockerfile.source.text
    named = "/opt/ml" in text or "sagemaker" in text.lower()  # a tenth of the time, and nearly always the answer
    if named and re.search(r"/opt/ml(?![\w.-])|com\.amazonaws\.sagemaker|(?mi:^[ \t]*#.*\bsagemaker\b)", text):
        return True
    applications = [one.application for one in serving]
    return any(
        not isinstance(one, Unknown) and one is not None and _answers(one, "/ping") and _answers(one, "/invocations")
        for one in applications
    )


def _answers(application: Application, path: str) -> bool:
    return any(route.matches(path, None) for route in application.routes)


def _unprobed(image: Image) -> tuple[Container, ...]:
    """The container of an image that an orchestrator starts as it was built, and that no manifest has a probe for."""
    source = image.dockerfile.source
    whole = [one for one in image.containers if one.serves and one.is_whole]
    built = [one for one in whole if one.start_span is not None and one.start_span.source is source]
    checked = any(one.service is not None and one.service.healthcheck is not None for one in whole)
    return tuple(built[:1]) if built and not checked and manifest_of(image, built[0]) is not None else ()


def manifest_of(image: Image, container: Container) -> str | None:
    """The manifest by which an orchestrator runs a container that nobody keeps up by Compose, and which names no probe
    for it; None when no one runs it so, or a probe is named.
    """
    from dockerlint_fastapi.model.health.manifests import unprobed_by  # noqa: PLC0415 - for orchestrated projects

    service = container.service
    kept = service is not None and _is_on_a_server(container, service) and container.development is None
    return unprobed_by(image) if image.orchestrated and not kept else None


def _is_on_a_server(container: Container, service: Service) -> bool:
    """Whether a service is started again whenever it ends, or a recipe starts it for production."""
    return _is_kept_up(service) or (container.deployment is not None and container.deployment.is_deployed)


def _is_kept_up(service: Service) -> bool:
    """Whether a service is started again whenever it ends: it runs on a server."""
    restart = service.setting("restart")
    return restart is not None and restart.value in ("always", "unless-stopped")


def platform_of(image: Image) -> Evidence | None:
    """Why a hosting platform runs an image, though its file names no probe; None for an image that a service starts."""
    if any(one.service is not None and one.serves and not one.development for one in image.containers):
        return None
    platform = image.project.platform_probes.get(image.dockerfile.source.path)
    return platform if platform is not None and not platform.firm else None


def _asks_what_is_unknown(project: Project) -> bool:
    """Whether a service has a health check whose build is not found, as its path starts in another folder, or takes an
    image by the project's name: either may be any image of the project.
    """
    asked = map(Reference.parse, project.index.gathered(checked_images))
    return any(one is None or project.makes(one) for one in asked)


def checked_images(project: Project) -> Iterator[str]:
    """The images from elsewhere whose health services check without anybody knowing what they run; an empty one for
    what is built nobody knows where.
    """
    for deployment in project.own.deployments:
        for one in deployment.containers:
            if one.image is None and one.service is not None and one.service.healthcheck is not None:
                if one.development is not None and one.development.firm:
                    continue  # what is asked there says nothing of what others run
                if one.service.build is not None:
                    yield ""
                elif one.origin is not None and one.role is None:
                    yield one.origin.text


def _rank(container: Container) -> tuple[bool, bool, bool, bool]:
    """What does not reload first; then a service before the bare image, production before other settings, what
    `docker compose up` starts first.
    """
    used = container.deployment
    return (
        container.service is None and container.reloads,
        used is None,
        container.setting != "production",
        used is None or not used.is_default,
    )
