"""Manifests of Kubernetes that start a server of the project and have nobody ask whether it works."""

from __future__ import annotations

import re
from itertools import islice

from dockerlint_fastapi.model.bases.reference import Reference
from dockerlint_fastapi.model.evidence import tokens
from dockerlint_fastapi.model.project import dockerfile_paths
from dockerlint_fastapi.tree import parent

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Final

    from dockerlint_fastapi.model.image import Image
    from dockerlint_fastapi.model.project import Project

_ASIDE: Final = frozenset("test tests e2e example examples sample samples demo demos doc docs fixtures vendor".split())
_WORKLOAD: Final = r"(?m)^kind:[ \t]*[\"']?(?:Deployment|StatefulSet|DaemonSet|Rollout)\b"
_IMAGE: Final = r"(?m)^[ \t]*(?:-[ \t]+)?image:[ \t]*[\"']?([^\s\"'#]+)"
_REPOSITORY: Final = r"(?m)^[ \t]*repository:[ \t]*[\"']?([^\s\"'#]+)"
_PROBES: Final = r"(?i)probe|liveness|readiness|health_?check"
# What runs the project as well, by rules of its own: Cloud Run, ECS and whatever Terraform makes.
_OTHERS: Final = r"serving\.knative\.dev/|amazon-ecs-|deploy-cloudrun@|gcloud run deploy|container-apps-deploy-action@"
_OTHER_FILES: Final = r"(?i)(?:.*/)?(?:[^/]*[-_.])?task[-_]?def[^/]*\.json"
_OF_TERRAFORM: Final = r"(?i)container|probe|liveness|kubernetes|helm_release|\becs\b|_ecs_|cloud_?run|app_?runner"
_OF_FLUX: Final = "gotk-components.yaml"  # its own controllers, as `flux bootstrap` writes them down
_GENERAL: Final = frozenset(
    "dockerfile docker deployment yaml yml k8s helm templates deploy chart charts app src".split()
)
_MOST: Final = 300  # files that are looked into
_MOST_CHARACTERS: Final = 200_000  # of each


def unprobed_by(image: Image) -> str | None:
    """The manifest that starts what an image serves and names no probe for it; None when a probe is named anywhere,
    when something else may run the image, or nobody can say which manifest is about it.
    """
    project = image.project
    found = project.index.answer(unprobed_manifests)
    if len(found) < 2 and len(set(project.index.gathered(dockerfile_paths))) < 2:
        return found[0] if found else None
    own = set(tokens(image.dockerfile.source.path)) - _GENERAL
    named = [path for path in found if not own.isdisjoint(tokens(path))] or _by_values(image, found)
    return named[0] if len(named) == 1 else None


def _by_values(image: Image, manifests: tuple[str, ...]) -> list[str]:
    """The manifests of Helm charts whose values name the repository under which services build an image."""
    services = [one.service for one in image.containers if one.service is not None and one.service.build is not None]
    references = [Reference.parse(one.image.value or "") for one in services if one.image is not None]
    repositories = {one.full_repository for one in references if one is not None}
    found = []
    for path in manifests if repositories else ():
        chart = path.rpartition("/templates/")[0]
        source = image.project.source_of(f"{chart}/values.yaml") if chart else None
        texts = re.findall(_REPOSITORY, source.text[:_MOST_CHARACTERS]) if source is not None else ()
        if any(one is not None and one.full_repository in repositories for one in map(Reference.parse, texts)):
            found.append(path)
    return found


def unprobed_manifests(project: Project) -> tuple[str, ...]:
    """The manifests that start a program of the project with a port; none when any file speaks of a probe, but for one
    of a Helm chart, which says nothing of others than the charts below it.
    """
    paths = [path for path in sorted(project.paths) if _ASIDE.isdisjoint(path.lower().split("/")[:-1])]
    if any(re.fullmatch(_OTHER_FILES, path) or _may_run_containers(project, path) for path in paths):
        return ()
    found = []
    asked: list[str] = []
    named = (path for path in paths if path.endswith((".yaml", ".yml", ".tpl")))
    for path in islice(named, _MOST):
        source = project.source_of(path)
        text = source.text[:_MOST_CHARACTERS] if source is not None else ""
        if re.search(_OTHERS, text):
            return ()
        if path.endswith(f"/{_OF_FLUX}"):
            continue
        manifest = re.search(_WORKLOAD, text) is not None
        if (manifest or path.endswith(".tpl") or "values" in path) and re.search(_PROBES, text):
            chart = _chart_of(project, path)
            if not chart:
                return ()
            asked.append(f"{chart}/")
        if manifest and "containerPort" in text and not all(map(_is_product, re.findall(_IMAGE, text))):
            found.append(path)
    return tuple(path for path in found if not path.startswith(tuple(asked)))


def _may_run_containers(project: Project, path: str) -> bool:
    """Whether a file of Terraform speaks of containers; others make the machines below these."""
    source = project.source_of(path) if path.endswith(".tf") else None
    return source is not None and re.search(_OF_TERRAFORM, source.text[:_MOST_CHARACTERS]) is not None


def _chart_of(project: Project, path: str) -> str:
    """The folder of the Helm chart that a file is a part of; empty where it is of none."""
    folder = path.rpartition("/templates/")[0] or parent(path)
    return folder if folder and project.tree.is_file(f"{folder}/Chart.yaml") else ""


def _is_product(image: str) -> bool:
    reference = Reference.parse(image)
    return reference is not None and reference.is_public
