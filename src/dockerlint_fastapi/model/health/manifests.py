"""Manifests of Kubernetes that start a server of the project and have nobody ask whether it works."""

from __future__ import annotations

import re
from itertools import islice

from dockerlint_fastapi.model.bases.reference import Reference
from dockerlint_fastapi.model.evidence import tokens
from dockerlint_fastapi.model.project import dockerfile_paths

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Final

    from dockerlint_fastapi.model.image import Image
    from dockerlint_fastapi.model.project import Project

_ASIDE: Final = frozenset("test tests e2e example examples sample samples demo demos doc docs fixtures vendor".split())
_WORKLOAD: Final = r"(?m)^kind:[ \t]*[\"']?(?:Deployment|StatefulSet|DaemonSet|Rollout)\b"
_IMAGE: Final = r"(?m)^[ \t]*(?:-[ \t]+)?image:[ \t]*[\"']?([^\s\"'#]+)"
_PROBES: Final = r"(?i)probe|liveness|readiness|health_?check"
# What runs the project as well, by rules of its own: Cloud Run, ECS and whatever Terraform makes.
_OTHERS: Final = r"serving\.knative\.dev/|amazon-ecs-|deploy-cloudrun@|gcloud run deploy|container-apps-deploy-action@"
_OTHER_FILES: Final = r"(?i).*\.tf|(?:.*/)?(?:[^/]*[-_.])?task[-_]?def[^/]*\.json"
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
    named = [path for path in found if not own.isdisjoint(tokens(path))]
    return named[0] if len(named) == 1 else None


def unprobed_manifests(project: Project) -> tuple[str, ...]:
    """The manifests that start a program of the project with a port; none when any file speaks of a probe."""
    paths = [path for path in sorted(project.paths) if _ASIDE.isdisjoint(path.lower().split("/")[:-1])]
    if any(re.fullmatch(_OTHER_FILES, path) for path in paths):
        return ()
    found = []
    named = (path for path in paths if path.endswith((".yaml", ".yml", ".tpl")))
    for path in islice(named, _MOST):
        source = project.source_of(path)
        text = source.text[:_MOST_CHARACTERS] if source is not None else ""
        if re.search(_OTHERS, text):
            return ()
        manifest = re.search(_WORKLOAD, text) is not None
        if (manifest or path.endswith(".tpl") or "values" in path) and re.search(_PROBES, text):
            return ()
        if manifest and "containerPort" in text and not all(map(_is_product, re.findall(_IMAGE, text))):
            found.append(path)
    return tuple(found)


def _is_product(image: str) -> bool:
    reference = Reference.parse(image)
    return reference is not None and reference.is_public
