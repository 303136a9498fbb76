"""Who runs the containers: signs of Kubernetes, ECS, Cloud Run and their like among a project's files.

These restart and probe containers by settings of their own and pass over the HEALTHCHECK of an image. Docker Swarm
does not: it uses that, so its files are no sign here. Nor is what lies in folders of tests, examples and documentation.

A file that names a Dockerfile is a sign for what that builds alone, and manifests and task definitions in the folder of
a component (`api/k8s/`, `bot/.aws/`) are for the Dockerfiles there; all others are about the whole project.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from itertools import islice

from dockerlint_fastapi.cached import cached_property
from dockerlint_fastapi.model.evidence import Evidence
from dockerlint_fastapi.record import NamedTuple
from dockerlint_fastapi.tree import Tree, Unreadable, normal, parent

_NAMES = {
    "chart.yaml": "a Helm chart",
    "chart.yml": "a Helm chart",
    "helmfile.yaml": "a Helm file",
    "helmfile.yml": "a Helm file",
    "kustomization.yaml": "for Kubernetes",
    "kustomization.yml": "for Kubernetes",
    "skaffold.yaml": "for Kubernetes",
    "skaffold.yml": "for Kubernetes",
    "radixconfig.yaml": "for Radix, on Kubernetes",
    "radixconfig.yml": "for Radix, on Kubernetes",
}
_ELSEWHERE = frozenset(
    (
        "test",
        "tests",
        "e2e",
        "example",
        "examples",
        "sample",
        "samples",
        "demo",
        "demos",
        "doc",
        "docs",
        "fixtures",
        "vendor",
    )
)
_FOLDERS = frozenset(
    ("k8s", "kubernetes", "kube", "helm", "charts", "manifests", "openshift", "knative", "argocd", "cdk", "pulumi")
) | frozenset(("cloudrun", "cloud-run", "deploy", "deployment", "deployments", "infra", "ecs", ".aws"))
_GENERAL = frozenset(
    "dockerfile docker yaml yml json tf chart kustomization helmfile skaffold main service services apps app base"
    " overlays src prod production dev staging local github workflows terraform aws gcp task def definition"
    " taskdef".split()
) | {""}
# Expressions as texts: most projects have no such file, so most runs compile none of them (`re` does at first use).
_MANIFEST_NAMES = r"(.*[-_.])?(deployment|service|k8s|kubernetes|knative|cloud-?run)([-_.].*)?\.ya?ml\Z"
_TASK_NAMES = r"(.*[-_.])?task[-_]?def(inition)?s?([-_.].*)?\.json\Z"
_MANIFEST = rb"(?m)^apiVersion:\s*\S"
_KIND = (
    rb"(?m)^kind:\s*[\"']?"
    rb"(Deployment|StatefulSet|DaemonSet|ReplicaSet|Pod|Job|CronJob|Service|Rollout|HelmRelease)\b"
)
_WORKLOADS = frozenset("Deployment StatefulSet DaemonSet ReplicaSet Pod Job CronJob".split())
_IMAGE = rb"(?m)^[ \t]*(?:-[ \t]+)?image:[ \t]*[\"']?([^\s\"'#]+)"
# What a manifest or a kustomization calls what it runs: an image, a workload, a label.
_NAMED = (
    rb"(?m)^[ \t]*(?:-[ \t]+)?[\"']?(?:image|name|family|newName|app|\w+/(?:name|component))[\"']?"
    rb":[ \t]*[\"']?([^\s\"'#]+)"
)
_DOCKERFILE = r"(?i)^(?:docker|container)file|\.(?:docker|container)file\Z"
# An entry of a list of a kustomization that is a file or folder: `- ../../base`, `- postgres.yaml`.
_LISTED = rb"(?m)^[ \t]*-[ \t]+[\"']?([\w./-]+)[\"']?[ \t]*(?:#.*)?$"
# Published images that run code of the project, which is mounted or fetched.
_RUNTIMES = frozenset("python node uvicorn-gunicorn-fastapi uvicorn-gunicorn busybox alpine debian ubuntu uv".split())
# A kind of one's own, which nothing but a controller in the cluster acts on.
_OWN_KIND = rb"(?m)^kind:[ \t]*[\"']?CustomResourceDefinition\b"
# What a comment of a Dockerfile says of who runs the containers.
_SAID = (
    rb"(?im)^[ \t]*#[^\n]*\b(?:handled|managed|replicated|scaled) by (?:the )?"
    rb"(?:container orchestrat(?:ion|or)|kubernetes|k8s)\b"
)
_KNATIVE = rb"(?m)^apiVersion:\s*[\"']?serving\.knative\.dev/"
_TASK = rb"\"containerDefinitions\"\s*:"
# What Terraform fills in and gives to a task definition: a list of containers, of which only ECS has these settings.
_TEMPLATES = (".json.tmpl", ".json.tftpl", ".json.tpl", ".json.template")
_CONTAINERS = rb"(?s)\A\s*\[(?=.*\"image\"\s*:).*\"(?:essential|portMappings|logConfiguration)\"\s*:"
_RESOURCE = (
    rb"(?m)^\s*(?:resource\s+\"(?:aws_ecs_(?:service|task_definition)|aws_apprunner_service|google_cloud_run(?:_v2)?_service"
    rb"|kubernetes_deployment(?:_v1)?|helm_release|azurerm_container_app|render_(?:web|private)_service)\""
    rb"|source\s*=\s*\"[^\"\n]*(?:(?:terraform-aws-modules/e[ck]s/aws|/ecs[-_]service|/fargate[-_](?:service|app|web|autoscaling)|/cloud[-_]run|kubernetes-engine)\b"
    rb"|/ecs(?=[\"?])))"
)
# `kubectl -n shop --context=${{ env.CLUSTER }} rollout restart …`
_OPTIONS = rb"(?: -{1,2}[\w-]+(?:[= ](?:[\"']?\$\{\{[^}\n]{0,80}\}\}[\"']?|[^\s-]\S*))?){0,6}"
# What `kubectl` changes in a cluster.
_CHANGES = rb"(?:apply|rollout|set image|replace|patch)\b"
_WORKFLOW = (
    rb"amazon-ecs-(?:deploy|render)-task-definition|deploy-cloudrun@|gcloud run deploy"
    rb"|\bkubectl" + _OPTIONS + rb" " + _CHANGES + rb"|\bhelm" + _OPTIONS + rb" (?:upgrade|install)\b"
    rb"|azure/k8s-deploy@|container-apps-deploy-action@"
    # an action of one's own, by its name: `uses: ./actions/k8s-rollout`
    rb"|\buses:[ \t]*[\"']?[^\s\"'#]*/(?:"
    rb"(?:k8s|kubernetes|kubectl|helm|gke|eks|aks|argo-?cd)[-_](?:rollout|deploy|upgrade|sync)[\w-]*"
    rb"|(?:rollout|deploy)[-_](?:(?:to|on)[-_])?(?:k8s|kubernetes|helm|gke|eks|aks|argo-?cd)(?![\w-]))"
    # somebody's action of that name, which takes the words behind it: `uses: …/kubectl@v1`, `args: rollout restart …`
    rb"|\buses:[ \t]*[\"']?[^\s\"'#@]*kubectl[^\n]*(?:\n(?![ \t]*- )[^\n]*){0,20}?\n[ \t]*(?:args|command):[ \t]*"
    rb"(?:[|>]-?[ \t]*\n[ \t]*)?[\"']?(?:-\S+(?:[ =][^\s-]\S*)? ){0,6}"
    + _CHANGES
    + rb"|\baws (?:ecs update-service|lightsail create-container-service-deployment)\b"
    rb"|\baz containerapp (?:up|update|create)\b|\bhelmfile (?:apply|sync)\b"
    # another repository's workflow for Argo CD, and Rancher's workloads
    rb"|\bgh workflow run [\"']?[\w-]*argo-?cd|/v3/project/[\w:-]+/workloads\b"
    rb"|\bargocd app (?:sync|set)\b|\bflux reconcile\b|\bkustomize edit set image\b"
    rb"|\.spec\.template\.spec\.containers\b|/yaml-update-action@"
    # what is written into the repository of a cluster, from which Argo CD or Flux takes it
    rb"|(?:\bgit clone\b[^\n]{0,200}?|\brepository:[ \t]*[^\n/]{1,80})/[\w.-]{0,60}"
    rb"(?<![a-z])(?:k8s|kubernetes|git-?ops|argo-?cd|fluxcd|helm-?(?:charts?|values))(?![a-z])"
    rb"(?=(?s:.{0,20000})(?:\bgit push\b|\bgit-auto-commit-action@|\badd-and-commit@|\bgithub-push-action@))"
    rb"|\boc (?:apply|rollout|set image|start-build)\b"
    # the orbs of CircleCI, and what CodePipeline and CodeDeploy hand to ECS
    rb"|\baws-ecs/(?:deploy|update|run)[\w-]*|\bgcp-cloud-run/(?:deploy|init)\b|\baws-eks/update-container-image\b"
    rb"|\bimagedefinitions\.json\b|\bimageDetail\.json\b"
    rb"|\btaskdef\.json\b(?=(?s:.{0,2000})\bappspec\.)|\bappspec\.(?:json|ya?ml)\b(?=(?s:.{0,2000})\btaskdef\.json\b)"
)
# What deploys one image, or a few, that the same workflow builds; the others may deploy all that lies in a folder.
_OF_IMAGES = (
    rb"amazon-ecs-(?:deploy|render)-task-definition|deploy-cloudrun@|gcloud run deploy|container-apps-deploy-action@"
    rb"|\baws (?:ecs update-service|lightsail create-container-service-deployment)\b"
    rb"|\baz containerapp (?:up|update|create)\b"
)
_COMMENT = rb"(?m)^[ \t]*(?:#|//).*$"  # of a workflow, of the shell in it, and of a Jenkinsfile
# Microsoft's and Amazon's tools for whole applications.
_BICEP = rb"'Microsoft\.(?:App/containerApps|ContainerService/managedClusters)@"
_AZD = rb"(?m)^[ \t]+host:[ \t]*[\"']?(?:containerapp|aks)\b"
_CLOUD_BUILD = rb"\brun\b[\s'\",-]+\bdeploy\b"
# The builds in such a file, and the Dockerfiles that they name.
_CLOUD_BUILDS = rb"(?m)^[ \t]*-[ \t]+[\"']?build[\"']?[ \t]*$|\[[ \t]*[\"']?build[\"']?[ \t]*,|\bdocker build\b"
_CLOUD_FILES = (
    rb"(?:[\"']?(?:-f|--file)[\"']?(?:[ \t]*,[ \t]*|[ \t]*\n[ \t]*-[ \t]+|[ \t]+)|--file=)[\"']?([^\s\"',\]]+)"
)
_COPILOT_BUILD = rb"(?m)^[ \t]+(?:dockerfile|build):[ \t]*[\"']?([^\s\"'#{]+)"
_COPILOT = rb"(?m)^type:[ \t]*[\"']?(?:Load Balanced Web|Backend|Worker|Request-Driven Web) Service\b"
# Programs that describe what runs in a cloud: of the CDK and of Pulumi, in Python or TypeScript.
_PROGRAMS = {"cdk.json": "a CDK program that runs containers", "pulumi.yaml": "a Pulumi program that runs containers"}
_PROGRAMMED = (
    rb"\baws_ecs(?:_patterns)?\b|\baws-ecs(?:-patterns)?\b|\b(?:aws|awsx)\.ecs\b|\baws[-_]apprunner|\baws\.apprunner\b"
    rb"|\bgcp\.cloudrun(?:v2)?\b|\baws[-_]eks\b|\bpulumi[_/]kubernetes\b|\bContainerApp\("
)
_WORKFLOWS = ".github/workflows"
# What other services read as GitHub does its workflows.
_PIPELINES = (
    ".gitlab-ci.yml", "Jenkinsfile", "azure-pipelines.yml", "bitbucket-pipelines.yml", "buildspec.yml",
    "buildspec.yaml",
    ".circleci/config.yml", ".drone.yml", ".woodpecker.yml",
)  # fmt: skip
# What a Makefile calls that a workflow may call it for; `kubectl` and `helm` also start a cluster on a laptop.
_MADE = rb"(?m)^\t[^#\n]*\baws ecs update-service\b|^\t[^#\n]*\baz containerapp (?:up|update|create)\b"
# Scripts by whose names somebody deploys with them, but to a cluster on a laptop.
_DEPLOY_NAMES = r"(?:.*[-_])?(?:deploy|rollout|release)(?:[-_].*)?\.(?:sh|bash)\Z"
_DEPLOYED = (
    rb"(?m)^[ \t]*(?:aws ecs update-service|kubectl" + _OPTIONS + rb" (?:rollout restart|set image)"
    rb"|helm" + _OPTIONS + rb" upgrade|gcloud run deploy|az containerapp (?:up|update|create))\b"
)
_ON_A_LAPTOP = rb"\bminikube\b|\bkind load\b|\bk3d\b|\bdocker-desktop\b"
_SEVERAL = 2  # Dockerfiles
_MOST = 200  # files that are looked into
_MOST_BYTES = 200_000  # of each


class _Sign(NamedTuple):
    """A file that says who runs the containers, and what it is. `dockerfile` is the only one that it speaks of,
    `folder` the one whose Dockerfiles it does; empty where it is about all.
    """

    path: str
    reason: str
    folder: str = ""
    dockerfile: str = ""

    @property
    def evidence(self) -> Evidence:
        openshift = "openshift" in self.path.lower().split("/")[:-1]
        return Evidence(f"`{self.path}` is {self.reason}", platform="openshift" if openshift else "")

    def covers(self, dockerfile: str) -> bool:
        return self.dockerfile in ("", dockerfile) and (not self.folder or dockerfile.startswith(f"{self.folder}/"))


class Orchestration:
    """Why somebody other than Docker runs the containers of one project.

    `deployment` is the setting: `orchestrated` and `single-server` decide, `auto` looks for signs. Of all files of the
    project names come first, and only when none tells are a few files looked into.
    """

    def __init__(self, tree: Tree, deployment: str) -> None:
        self._tree = tree
        self._deployment = deployment
        self._signs: Iterator[_Sign] | None = None
        self._seen: list[_Sign] = []
        self._words: dict[str, int] | None = None  # how many Dockerfiles have it in their paths

    def __call__(
        self,
        paths: Callable[[], Iterable[str]],
        near: tuple[str, Callable[[], Iterable[str]]] | None = None,
        *,
        of: str | None = None,
    ) -> Evidence | None:
        """The sign that somebody does, or None. `paths` gives all files. `near` is the path of one Dockerfile, and what
        gives those of all: the sign that speaks of it is preferred, one of another's service is none. With `of`, the
        path of one, only what may be about it counts.
        """
        if self._deployment == "orchestrated":
            return Evidence("the setting `deployment` says so")
        if self._deployment == "single-server":
            return None
        if near is None:
            return next((one.evidence for one in self._all(paths) if of is None or one.covers(of)), None)
        dockerfile, dockerfiles = near
        if self._words is None:
            self._words = {}
            for path in dockerfiles():
                for word in _words(path):
                    self._words[word] = self._words.get(word, 0) + 1
        words = _words(dockerfile)
        own = {word for word in words if self._words.get(word, 0) < 2}
        shared = len(self._words) == sum(word in self._words for word in words)  # the others have no words of their own
        unsure: Evidence | None = None
        for sign in self._all(paths):
            if not sign.covers(dockerfile):
                continue
            said = _words(sign.path)
            foreign = any(word in self._words for word in said.difference(words))
            if not said.isdisjoint(own if foreign else words):
                return sign.evidence
            if unsure is None and not foreign:
                # What stands in a folder of its own may be about another part of the project.
                general = shared or "/" not in dockerfile or not _words(parent(sign.path))
                unsure = sign.evidence if general else Evidence(f"a file of the project is {sign.reason}")
        return unsure

    def _all(self, paths: Callable[[], Iterable[str]]) -> Iterator[_Sign]:
        """The files that say who runs the containers, each with what it is."""
        yield from self._seen
        if self._signs is None:
            own = [path for path in paths() if _ELSEWHERE.isdisjoint(path.lower().split("/")[:-1])]
            self._signs = _signs(self._tree, sorted(own, key=_depth))
        for one in self._signs:
            self._seen.append(one)
            yield one


def _words(path: str) -> frozenset[str]:
    """The folders of a path and the words of its name, as far as they say of which service it is."""
    folder, _, name = path.lower().rpartition("/")
    found = {*folder.split("/"), *re.split(r"[-_.]", name)}
    return frozenset(found - _FOLDERS - _GENERAL)


def _signs(tree: Tree, own: list[str]) -> Iterator[_Sign]:
    """The files that say who runs the containers."""
    components = _Components(own)
    for path in own:
        name = path.rpartition("/")[2].lower()
        reason = _NAMES.get(name)
        if reason is not None and not (name.startswith("kustomization.") and _is_of_products(tree, path)):
            kustomized = name.startswith("kustomization.")
            yield _Sign(path, reason, components.of(path, _beginning(tree, path)) if kustomized else "")
    for path, pattern, reason in islice(_candidates(tree, own), _MOST):
        data = _beginning(tree, path)
        if not re.search(pattern, data):
            continue
        if pattern == _WORKFLOW and not re.search(pattern, re.sub(_COMMENT, b"", data)):
            continue  # a command that is put aside deploys nothing
        if pattern == _DEPLOYED and re.search(_ON_A_LAPTOP, data):
            continue
        if pattern == _COPILOT:
            yield _Sign(path, reason, dockerfile=_built_by_copilot(data))
        elif pattern == _TASK:
            yield _Sign(path, reason, components.of(path, data))
        elif pattern == _CLOUD_BUILD:
            yield from (_Sign(path, reason, dockerfile=one) for one in _built_by_cloud_build(tree, data))
        elif pattern == _WORKFLOW:
            yield from (_Sign(path, reason, dockerfile=one) for one in _deployed(tree, path, data, components))
        elif pattern != _MANIFEST:
            yield _Sign(path, reason)
        elif re.search(_KNATIVE, data) or _is_manifest(data):
            yield _Sign(path, reason, components.of(path, data))
    for path in own:
        if re.search(_DOCKERFILE, path.rpartition("/")[2]):
            data = _beginning(tree, path)
            if b"ed by " in data and re.search(_SAID, data):
                yield _Sign(path, "a Dockerfile whose comment speaks of an orchestrator", dockerfile=path)


def _built_by_cloud_build(tree: Tree, data: bytes) -> list[str]:
    """The Dockerfiles that Cloud Build is told to build, where each is named; an empty path where any may be."""
    data = re.sub(_COMMENT, b"", data.replace(b"\r\n", b"\n"))
    named = {normal(one.decode("utf-8", "replace")) for one in re.findall(_CLOUD_FILES, data)}
    known = [one for one in named if one is not None and "/" in one and tree.is_file(one)]
    builds = len(re.findall(_CLOUD_BUILDS, data))
    return sorted(known) if known and len(known) == len(named) and builds <= len(known) else [""]


def _deployed(tree: Tree, path: str, data: bytes, components: _Components) -> list[str]:
    """The Dockerfiles that a workflow on GitHub deploys, where it builds each by its path, and deploys nothing else; an
    empty path where it may deploy whatever the project builds.
    """
    bare = re.sub(_COMMENT, b"", data.replace(b"\r\n", b"\n"))
    if not path.startswith(f"{_WORKFLOWS}/") or re.search(_WORKFLOW, re.sub(_OF_IMAGES, b"", bare)):
        return [""]
    if len(components.dockerfiles) < _SEVERAL:
        return [""]
    from dockerlint_fastapi.assemble.published import built_paths  # noqa: PLC0415 - for few projects

    found = dict.fromkeys(built_paths(bare.decode("utf-8", "replace")))
    known = [one for one in found if one is not None and "/" in one and tree.is_file(one)]
    return known if known and len(known) == len(found) else [""]


def _built_by_copilot(data: bytes) -> str:
    """The Dockerfile that a service of Copilot is built from, by the path from the root; empty where it names none."""
    found = [one.decode("utf-8", "replace") for one in re.findall(_COPILOT_BUILD, data)]
    return (normal(found[0]) or "") if len(found) == 1 else ""


class _Components:
    """The folders of a project in which Dockerfiles and manifests lie together, for some of its Dockerfiles."""

    def __init__(self, paths: Iterable[str]) -> None:
        self._paths = paths

    @cached_property
    def dockerfiles(self) -> tuple[str, ...]:
        """The paths of the files that are Dockerfiles by their names."""
        return tuple(path for path in self._paths if re.search(_DOCKERFILE, path.rpartition("/")[2]))

    def of(self, path: str, data: bytes) -> str:
        """The folder of the component that a manifest is about, as it lies there in a folder of its own and names no
        image that may be another's; empty where it may be about all.
        """
        folders = path.split("/")[:-1]
        at = next((place for place, one in enumerate(folders) if one.lower() in _FOLDERS), 0)
        if not at or folders[at - 1].lower() in _GENERAL:
            return ""
        component = "/".join(folders[:at])
        here = [one.startswith(f"{component}/") for one in self.dockerfiles]
        if all(here) or not any(here):
            return ""
        others = (one for one, inside in zip(self.dockerfiles, here, strict=True) if not inside)
        words = {_squeezed(word) for one in others for word in re.split(r"[/.]|(?i:dockerfile)", one)} - _GENERAL
        said = " ".join(_squeezed(one.decode("utf-8", "replace")) for one in re.findall(_NAMED, data))
        return component if not any(word in said for word in words) else ""


def _squeezed(name: str) -> str:
    """A name in the one way that all spellings of it have in common."""
    return re.sub(r"[-_\s]", "", name.lower())


def _is_of_products(tree: Tree, path: str) -> bool:
    """Whether a kustomization brings together what is known, and all that runs of it is products of others, such as a
    database: the project's own containers may be run by Docker beside it.
    """
    runs = False
    waiting, met = [path], {path}
    while waiting and len(met) < _MOST:
        one = waiting.pop()
        data = _beginning(tree, one)
        if one.rpartition("/")[2].lower().startswith("kustomization."):
            if re.search(rb"(?m)^(?:helmCharts|helmChartInflationGenerator|images)\s*:", data):
                return False
            found = [_resource(tree, one, name) for name in re.findall(_LISTED, data)]
            known = [name for name in found if name is not None]
            if len(known) < len(found):
                return False
            waiting.extend(name for name in known if name not in met)
            met.update(known)
        elif re.search(_KIND, data):
            runs = runs or _runs_products(data)
            if _images(data) and not _runs_products(data):
                return False
    return runs and not waiting


def _resource(tree: Tree, path: str, written: bytes) -> str | None:
    """The file that a kustomization names: a manifest, or the kustomization of a folder; None when it is not there."""
    name = normal(f"{parent(path)}/{written.decode('utf-8', 'replace')}".lstrip("/"))
    paths = (name, f"{name}/kustomization.yaml", f"{name}/kustomization.yml") if name else ()
    return next((one for one in paths if tree.is_file(one)), None)


def _images(data: bytes) -> list[str]:
    return [one.decode("utf-8", "replace") for one in re.findall(_IMAGE, data)]


def _runs_products(data: bytes) -> bool:
    """Whether a manifest starts containers, and each of a published product: a database, a broker, a proxy."""
    from dockerlint_fastapi.model.bases.reference import Reference  # noqa: PLC0415 - few projects have manifests

    found = [Reference.parse(one) for one in _images(data)]
    return bool(found) and all(one is not None and one.is_public and one.name not in _RUNTIMES for one in found)


def _is_manifest(data: bytes) -> bool:
    """Whether it is a manifest that may start what the project builds: it runs no product of others, and does not only
    change containers that others start, for which it names no image.
    """
    kinds = {kind.decode() for kind in re.findall(_KIND, data)}
    patch = kinds <= _WORKLOADS and b"containers:" in data and b"image" not in data
    return bool(kinds) and not patch and not _runs_products(data)


def _depth(path: str) -> tuple[int, str]:
    return path.count("/"), path


def _programs(paths: list[str]) -> Iterator[tuple[str, bytes, str]]:
    """The modules of programs that describe what runs in a cloud, with what would tell and what it says."""
    roots = {parent(path): one for path in paths if (one := _PROGRAMS.get(path.rpartition("/")[2].lower()))}
    for path in paths if roots else ():
        if not path.endswith((".py", ".ts")):
            continue
        folder = above = parent(path)
        while above and above not in roots:
            above = parent(above)
        told = "stack" in path.rpartition("/")[2].lower() or not _FOLDERS.isdisjoint(folder.lower().split("/"))
        if above in roots and (above or told):  # the root holds everything else as well
            yield path, _PROGRAMMED, roots[above]


def _candidates(tree: Tree, paths: list[str]) -> Iterator[tuple[str, bytes, str]]:
    """Files whose names make a look worth while, with what would tell and what it says."""
    for path in paths:
        folder, _, name = path.lower().rpartition("/")
        if name.endswith((".yaml", ".yml")):
            if not _FOLDERS.isdisjoint(folder.split("/")) or re.match(_MANIFEST_NAMES, name):
                yield path, _MANIFEST, "for Kubernetes or Cloud Run"
            elif name == "manifest.yml" and "copilot" in folder.split("/"):
                yield path, _COPILOT, "for AWS Copilot"
            elif "crds" in folder.split("/"):
                yield path, _OWN_KIND, "for a controller of Kubernetes"
            elif name.startswith("azure.") and not folder:
                yield path, _AZD, "for Azure Container Apps or Kubernetes"
            elif name.startswith("cloudbuild"):
                yield path, _CLOUD_BUILD, "for Cloud Run"
        elif name.endswith(".bicep"):
            yield path, _BICEP, "for Azure Container Apps or Kubernetes"
        elif name.endswith(".tf"):
            yield path, _RESOURCE, "for a container service"
        elif name.endswith(".json") and (re.match(_TASK_NAMES, name) or "ecs" in folder.split("/")):
            yield path, _TASK, "a task definition of ECS"
        elif name.endswith((".sh", ".bash")) and re.match(_DEPLOY_NAMES, name):
            yield path, _DEPLOYED, "a script that deploys to an orchestrator"
        elif name.endswith(_TEMPLATES):
            yield path, _CONTAINERS, "a list of containers for ECS"
    for name in tree.names(_WORKFLOWS):
        if name.endswith((".yaml", ".yml")):
            yield f"{_WORKFLOWS}/{name}", _WORKFLOW, "a workflow that deploys to an orchestrator"
    for path in _PIPELINES:
        if tree.is_file(path):
            yield path, _WORKFLOW, "a pipeline that deploys to an orchestrator"
    yield from ((path, _MADE, "a Makefile that deploys to an orchestrator") for path in _makefiles(tree))
    yield from _programs(paths)


def _makefiles(tree: Tree) -> Iterator[str]:
    return (name for name in ("Makefile", "makefile") if tree.is_file(name))


def _beginning(tree: Tree, path: str) -> bytes:
    try:
        return (tree.read(path) or b"")[:_MOST_BYTES].removeprefix(b"\xef\xbb\xbf")
    except Unreadable:
        return b""
