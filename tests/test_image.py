"""What an image is once its stages are put together: command, user, environment, builders, contents, context, names."""

from __future__ import annotations

import textwrap

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dockerlint_fastapi.assemble import assemble
from dockerlint_fastapi.discover import find
from dockerlint_fastapi.model.context import intakes
from dockerlint_fastapi.model.image import Image
from dockerlint_fastapi.model.project import Project
from dockerlint_fastapi.tree import text_files


def project_of(files: dict[str, str], deployment: str = "auto") -> Project:
    tree = text_files((path, textwrap.dedent(text)) for path, text in files.items())
    return assemble(tree, find(tree), deployment=deployment)


def image_of(dockerfile: str, **files: str) -> Image:
    """The one image of a Dockerfile."""
    (image,) = project_of({"Dockerfile": dockerfile, **files}).images
    return image


def cmd_text(image: Image) -> str | None:
    return image.cmd.command.text if image.cmd else None


# Chains of stages


CHAIN = """\
    FROM python:3.12-slim AS base
    ENV MODE=base PORT=8000
    USER app
    CMD ["base"]
    FROM node:22 AS front
    RUN npm ci
    FROM base AS middle
    ENV MODE=middle
    EXPOSE 8000
    FROM middle
    EXPOSE 9000
    COPY --from=front /dist /static
"""


def test_a_chain_of_stages_begins_with_the_first() -> None:
    image = image_of(CHAIN)
    assert [stage.name for stage in image.lineage] == ["base", "middle", None]
    assert image.reference is not None
    assert image.reference.text == "python:3.12-slim"
    assert image.base is not None
    assert image.base.variant == "slim"


def test_instructions_add_up_or_the_last_one_counts() -> None:
    image = image_of(CHAIN)
    assert cmd_text(image) == '["base"]'
    assert image.user is not None
    assert image.user.user.value == "app"
    assert {name: pair.value for name, pair in image.environment.items()} == {"MODE": "middle", "PORT": "8000"}
    assert [port.value for expose in image.exposes for port in expose.ports] == ["8000", "9000"]


def test_names_of_stages_are_found_in_any_case() -> None:
    assert len(image_of("FROM python:3.12 AS Base\nFROM BASE\n").lineage) == 2


def test_a_stage_cannot_be_built_on_a_later_one() -> None:
    image = image_of("FROM app AS first\nFROM python:3.12 AS app\nFROM first\n")
    assert [stage.index for stage in image.lineage] == [0, 2]
    assert image.reference is not None
    assert image.reference.text == "app"


def test_scratch_is_no_reference() -> None:
    image = image_of("FROM scratch\n")
    assert (image.scratch, image.reference, image.base) == (True, None, None)


@pytest.mark.parametrize(
    ("later", "cmd"),
    [
        ("", '["one"]'),
        ('CMD ["two"]', '["two"]'),
        ('ENTRYPOINT ["run"]', None),
        ('CMD ["two"]\nENTRYPOINT ["run"]', '["two"]'),
        ('ENTRYPOINT ["run"]\nCMD ["two"]', '["two"]'),
        ('CMD ["two"]\nCMD ["three"]', '["three"]'),
    ],
)
def test_an_entrypoint_clears_the_inherited_command(later: str, cmd: str | None) -> None:
    assert cmd_text(image_of(f'FROM python:3.12 AS base\nCMD ["one"]\nFROM base\n{later}\n')) == cmd


def test_an_entrypoint_of_the_same_stage_clears_nothing() -> None:
    image = image_of('FROM python:3.12 AS base\nENTRYPOINT ["run"]\nCMD ["one"]\nFROM base\nWORKDIR /x\n')
    assert cmd_text(image) == '["one"]'
    assert image.entrypoint is not None


def test_no_user_leaves_the_base_image_its_own() -> None:
    assert image_of("FROM python:3.12\n").user is None


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("FROM a AS x\nFROM b\nCOPY --from=x /a /a\n", ["x"]),
        ("FROM a AS x\nFROM b\nCOPY --from=0 /a /a\n", ["x"]),
        ("FROM a AS x\nFROM b\nRUN --mount=type=bind,from=x,target=/x true\n", ["x"]),
        ("FROM a AS w\nFROM w AS x\nFROM b AS y\nCOPY --from=x /a /a\nFROM b\nCOPY --from=y /a /a\n", ["w", "x", "y"]),
        ("FROM a AS x\nFROM x\nCOPY --from=x /a /b\n", []),
        ("FROM a AS x\nFROM b\n", []),
        ("FROM b\nCOPY --from=nginx:1 /a /a\n", []),
    ],
)
def test_builders(text: str, names: list[str]) -> None:
    assert [stage.name for stage in image_of(text).builders] == names


# What is in it


@pytest.mark.parametrize(
    ("text", "python"),
    [
        ("FROM python:3.12-slim\n", True),
        ("FROM ghcr.io/astral-sh/uv:python3.12-bookworm\n", True),
        ("FROM ubuntu:24.04\nRUN apt-get update && apt-get install -y python3\n", True),
        ("FROM registry.example/base:1\nRUN pip install fastapi\n", True),
        ("FROM registry.example/base:1\n", None),
        ("FROM registry.example/hub/python:3.12-slim\n", True),
        ("ARG HUB\nFROM ${HUB}/python:3.12-slim\n", True),
        ("FROM registry.example/python-app:1\n", None),
        ('FROM registry.example/base:1\nCMD ["uvicorn", "main:app"]\n', True),
        ("FROM registry.example/base:1\nCMD gunicorn main:app\n", True),
        ('FROM registry.example/base:1\nENTRYPOINT ["java"]\nCMD ["python"]\n', None),
        ("FROM node:22\n", None),
        ("FROM ghcr.io/astral-sh/uv:0.8\n", False),
    ],
)
def test_python(text: str, *, python: bool | None) -> None:
    assert image_of(text).python is python


@pytest.mark.parametrize(
    ("text", "shell", "program"),
    [
        ("FROM python:3.12-slim\n", "dash", "sh"),
        ("FROM python:3.12-alpine\n", "busybox", "sh"),
        ('FROM python:3.12-slim\nSHELL ["/bin/bash", "-c"]\n', "bash", "bash"),
        ('FROM python:3.12-slim\nSHELL ["/bin/bash", "-c"]\nSHELL ["/bin/sh", "-c"]\n', "dash", "sh"),
        ('FROM python:3.12-slim AS a\nSHELL ["bash", "-c"]\nFROM a\n', "bash", "bash"),
        ("FROM registry.example/base:1\n", None, "sh"),
    ],
)
def test_the_shell(text: str, shell: str | None, program: str) -> None:
    image = image_of(text)
    assert (image.shell, image.shell_program) == (shell, program)


@pytest.mark.parametrize(
    ("base", "inherits"), [("python:3.12", False), ("scratch", False), ("registry.example/base", None)]
)
def test_a_health_check_of_the_base_image(base: str, *, inherits: bool | None) -> None:
    assert image_of(f"FROM {base}\n").inherits_healthcheck is inherits


# The build context


def test_the_dockerfile_s_own_ignore_file_wins() -> None:
    image = image_of("FROM a\nCOPY . .\n", **{".dockerignore": "a", "Dockerfile.dockerignore": "b"})
    assert image.ignore_file("") == "Dockerfile.dockerignore"


def test_an_ignore_file_belongs_to_the_root_of_the_context() -> None:
    image = image_of("FROM a\nCOPY . .\n", **{"api/.dockerignore": "a"})
    assert (image.ignore_file("api"), image.ignore_file("")) == ("api/.dockerignore", None)


@pytest.mark.parametrize(
    ("source", "broad"),
    [
        (".", True),
        ("./", True),
        ("/", True),
        ("*", True),
        ("./*", True),
        ("..", True),  # the builder drops what leads out of the context
        ("app", False),
        ("./app/", False),
        ("*.py", False),
        ("*/*", False),
        ("$SOURCE", False),
    ],
)
def test_a_copy_of_the_whole_context(source: str, *, broad: bool) -> None:
    (copy,) = image_of(f"FROM a\nCOPY {source} /code/\n").transfers
    assert copy.is_broad is broad


@pytest.mark.parametrize("flag", ["--from=b", "--exclude=.git"])
def test_a_copy_from_elsewhere_or_with_exceptions_is_not_broad(flag: str) -> None:
    (copy,) = image_of(f"FROM a\nCOPY {flag} . /code/\n").transfers
    assert not copy.is_broad


def test_what_an_image_takes_from_its_context() -> None:
    dockerfile = """\
        FROM a AS builder
        COPY requirements.txt backend missing* /build/
        FROM a
        COPY --from=builder /build /code
        COPY plain . /code/
        ADD https://example.com/x.tar /code/
    """
    image = image_of(dockerfile, **{"requirements.txt": "", "backend/.env": "", "plain/.gitignore": "", "plain/a": ""})
    found = {intake.word.text: (intake.reach, intake.hidden, intake.is_broad) for intake in intakes(image)}
    assert found == {
        "requirements.txt": ("file", False, False),
        "backend": ("folder", True, True),
        "missing*": ("file", False, False),
        "plain": ("folder", False, False),
        ".": ("context", True, True),
    }


def test_contexts_hold_their_images_those_for_production_first() -> None:
    files = {
        "Dockerfile.dev": "FROM a\nCOPY . .\n",
        "Dockerfile.prod": "FROM a\nCOPY . .\n",
        "api/Dockerfile": "FROM a\nCOPY . .\n",
    }
    found = {
        context.path: [one.dockerfile.source.path for one in context.images] for context in project_of(files).contexts
    }
    assert found == {"": ["Dockerfile.prod", "Dockerfile.dev"], "api": ["api/Dockerfile"]}


def test_a_context_that_nobody_can_tell_is_left_out() -> None:
    text = "FROM a\nCOPY pyproject.toml .\nCOPY . .\n"
    assert not project_of({"docker/Dockerfile": text}).contexts
    assert [one.path for one in project_of({"docker/Dockerfile": text, "pyproject.toml": ""}).contexts] == [""]


# Images from elsewhere


def pulls(dockerfile: str, **files: str) -> list[tuple[str, str, str]]:
    (image,) = project_of({"Dockerfile": dockerfile, **files}).images
    return [(one.way, one.reference.text, one.span.text) for one in image.pulls]


def test_every_image_that_a_build_takes_from_elsewhere() -> None:
    dockerfile = """\
        ARG TAG=3.12
        FROM node:22 AS front
        FROM busybox AS unused
        FROM python:${TAG} AS base
        RUN --mount=type=bind,from=golang:1,target=/go --mount=type=bind,from=front,target=/f true
        FROM base
        COPY --from=front /dist /static
        COPY --from=ghcr.io/astral-sh/uv:0.8 /uv /bin/
        RUN --mount=type=bind,from=$WHERE,target=/w true
    """
    assert pulls(dockerfile) == [
        ("FROM", "node:22", "node:22"),
        ("FROM", "python:3.12", "python:${TAG}"),
        ("RUN", "golang:1", "golang:1"),
        ("COPY", "ghcr.io/astral-sh/uv:0.8", "ghcr.io/astral-sh/uv:0.8"),
    ]


@pytest.mark.parametrize(
    ("name", "own"),
    [
        ("shop-base:latest", True),
        ("localhost:5000/web", True),
        ("ghcr.io/shop/tools", True),
        ("ghcr.io/other/backend", True),
        ("ghcr.io/other/api-of-pyproject", True),
        ("ghcr.io/other/tools", False),
        ("python", False),
        ("docker.io/library/postgres:16", False),
        ("grafana/grafana", False),
    ],
)
def test_the_project_s_own_images(name: str, *, own: bool) -> None:
    found = project_of(
        {
            "compose.yaml": f"services:\n  a: {{build: ., image: 'ghcr.io/shop/web:1'}}\n  b: {{image: '{name}'}}\n",
            "Dockerfile": f"FROM {name}\n",
            "pyproject.toml": '[project]\nname = "api-of-pyproject"\n',
            "backend/main.py": "",
            "grafana/dashboard.json": "",
        }
    )
    assert [bool(image.pulls) for image in found.images] == [not own]
    assert [bool(one.pulls) for one in found.containers if one.service and one.service.name == "b"] == [not own]


def test_what_a_service_pulls() -> None:
    compose = """\
        services:
          a: {image: "postgres:${VERSION:-16}"}
          b: {image: "${IMAGE}"}
          c: {image: "${IMAGE?}:${TAG-latest}"}
          d: {build: ., image: someone/something}
          e: {command: x}
    """
    found = project_of({"compose.yaml": compose})
    names = {one.service.name: [pull.reference.text for pull in one.pulls] for one in found.containers if one.service}
    assert names == {"a": ["postgres:16"], "b": [], "c": [], "d": [], "e": []}


# Who runs it


MANIFEST = "apiVersion: apps/v1\nkind: Deployment\n"


@pytest.mark.parametrize(
    ("path", "text", "found"),
    [
        ("chart/Chart.yaml", "", True),
        ("overlays/prod/kustomization.yml", "", True),
        ("k8s/api.yaml", MANIFEST, True),
        ("deploy/prod/api.yml", MANIFEST, True),
        ("api-deployment.yaml", MANIFEST, True),
        ("service.yaml", "apiVersion: serving.knative.dev/v1\nkind: Service\n", True),
        ("ecs/api.json", '{"containerDefinitions": []}', True),
        ("task-definition.prod.json", '{"containerDefinitions": []}', True),
        ("infra/main.tf", 'resource "aws_ecs_service" "api" {}\n', True),
        ("cloudbuild.yaml", "args: ['run', 'deploy', 'api']\n", True),
        (".github/workflows/cd.yml", "run: kubectl apply -f x\n", True),
        (".github/workflows/cd.yml", "run: kubectl -n shop --context=main rollout restart deployment/api\n", True),
        (".github/workflows/cd.yml", "run: kubectl -n ${{ env.SPACE }} set image deployment/api a=b\n", True),
        (".github/workflows/cd.yml", "run: kubectl get pods\n", False),
        (".github/workflows/cd.yml", "run: |\n  echo would deploy\n  # kubectl apply -f k8s\n", False),
        (".gitlab-ci.yml", "deploy: {script: ['helm --kubeconfig c upgrade api chart']}\n", True),
        ("Jenkinsfile", "sh 'docker compose up -d'\n", False),
        ("k8s/values.yaml", "replicas: 2\n", False),
        ("k8s/config.yaml", "apiVersion: v1\nkind: Config\n", False),
        ("terraform/templates/api.json.tmpl", '[{"name": "${n}", "image": "${i}", "essential": true}]\n', True),
        ("terraform/templates/policy.json.tmpl", '{"Statement": [{"Effect": "Allow"}]}\n', False),
        ("infra/main.tf", 'module "web" {\n  source = "git::https://example.org/m.git//fargate_service"\n}\n', True),
        ("infra/main.tf", 'module "jobs" {\n  source = "git::https://example.org/m.git//fargate_batch"\n}\n', False),
        (".github/workflows/cd.yml", "run: gh workflow run argocd-restart-shop.yaml\n", True),
        (".github/workflows/cd.yml", "run: curl $RANCHER/v3/project/c-1:p-2/workloads/deployment:shop\n", True),
        ("Makefile", "restart:\n\taws ecs update-service --force-new-deployment --service shop\n", True),
        ("Makefile", "up:\n\tkubectl apply -f k8s\n", False),
        ("tests/k8s/api.yaml", MANIFEST, False),
        ("examples/chart/Chart.yaml", "", False),
        ("api.yaml", MANIFEST, False),
        ("infra/main.tf", 'resource "aws_s3_bucket" "b" {}\n', False),
        (".github/workflows/ci.yml", "run: pytest\n", False),
        ("k8s/postgres.yaml", MANIFEST + "spec: {}\nx:\n  - image: postgres:16\n", False),
        ("k8s/api.yaml", MANIFEST + "x:\n  - image: ghcr.io/acme/api:1\n  - image: postgres:16\n", True),
        ("k8s/api.yaml", MANIFEST + "x:\n  - image: python:3.12\n", True),
        ("docker-stack.yml", "services: {a: {image: x, deploy: {replicas: 2}}}\n", False),
        ("infra/main.tf", 'module "web" {\n  source = "git::https://example.org/m.git//infra/ecs?ref=v1"\n}\n', True),
        ("infra/main.tf", 'module "web" {\n  source = "../modules/ecs"\n}\n', True),
        ("infra/main.tf", 'module "web" {\n  source = "../modules/ecs-alarms"\n}\n', False),
        (".github/workflows/cd.yml", "  - uses: ./actions/.github/actions/k8s-rollout\n", True),
        (".github/workflows/cd.yml", "  - uses: example/deploy-to-gke@v1\n", True),
        (".github/workflows/cd.yml", "  - uses: azure/setup-helm@v4\n", False),
        ("crds/shop.yaml", "apiVersion: apiextensions.k8s.io/v1\nkind: CustomResourceDefinition\n", True),
        ("docker/Dockerfile", "# Replication\n# will be handled by container orchestration.\nFROM a\n", True),
        ("docker/Dockerfile", "# Probes for container orchestration\nFROM a\n", False),
        ("docker/Dockerfile", "# Agents are managed by the orchestrator\nFROM a\n", False),
    ],
)
def test_signs_of_an_orchestrator(path: str, text: str, *, found: bool) -> None:
    project = project_of({"Dockerfile": "FROM a\n", path: text})
    assert project.orchestrated is found
    if project.orchestration is not None:
        assert f"`{path}`" in project.orchestration.reason


TASK = '{{\n  "family": "{0}-prod",\n  "containerDefinitions": [\n    {{\n      "name": "{0}-prod"\n    }}\n  ]\n}}\n'


@pytest.mark.parametrize(("name", "others"), [("bot", False), ("engine-bot", True)])
def test_a_task_definition_in_the_folder_of_a_component_is_for_that_alone(name: str, *, others: bool) -> None:
    found = project_of(
        {
            "services/bot/Dockerfile": "FROM a\n",
            "services/engine/Dockerfile": "FROM a\n",
            "services/bot/.aws/task-definition-prod.json": TASK.format(name),
        }
    )
    orchestrated = {one.dockerfile.source.path.split("/")[1]: one.orchestrated for one in found.images}
    assert orchestrated == {"bot": True, "engine": others}


KUSTOMIZED = {
    "k8s/base/kustomization.yaml": "kind: Kustomization\nresources:\n  - names.yaml\n  - db.yaml\n",
    "k8s/base/names.yaml": "apiVersion: v1\nkind: Namespace\n",
    "k8s/base/db.yaml": MANIFEST + "x:\n  - image: postgres:16\n",
    "k8s/prod/kustomization.yaml": "bases:\n  - ../base\nconfigMapGenerator:\n  - literals:\n      - DEBUG=false\n",
}


def test_a_kustomization_of_databases_alone_runs_nothing_of_the_project() -> None:
    assert not project_of({"Dockerfile": "FROM a\n", **KUSTOMIZED}).orchestrated
    for changed in (
        {"k8s/base/db.yaml": MANIFEST + "x:\n  - image: acme/api:1\n"},
        {"k8s/prod/kustomization.yaml": "resources:\n  - ../base\n  - api.yaml\n"},  # that is elsewhere
        {"k8s/prod/kustomization.yaml": "resources:\n  - ../base\nimages:\n  - name: api\n"},
    ):
        assert project_of({"Dockerfile": "FROM a\n", **KUSTOMIZED, **changed}).orchestrated


def test_the_setting_decides_over_the_signs() -> None:
    assert project_of({"Dockerfile": "FROM a\n"}, "orchestrated").orchestrated
    assert not project_of({"Chart.yaml": ""}, "single-server").orchestrated


class CountingTree:
    """A tree that counts what is read."""

    def __init__(self, files: dict[str, str]) -> None:
        self.below = text_files(files.items())
        self.read_paths: list[str] = []
        self.listed: list[str] = []

    def read(self, path: str) -> bytes | None:
        self.read_paths.append(path)
        return self.below.read(path)

    def listing(self, path: str) -> object:
        self.listed.append(path)
        return self.below.listing(path)

    def __getattr__(self, name: str) -> object:
        return getattr(self.below, name)


def test_few_files_are_looked_into_and_only_when_somebody_asks() -> None:
    files = {f"k8s/{number}.yaml": "a: 1\n" for number in range(500)}
    tree = CountingTree({"Dockerfile": 'FROM python:3.12\nCMD ["uvicorn", "a:b"]\n', **files})
    project = assemble(tree, find(tree))  # type: ignore[arg-type]
    assert not [path for path in tree.read_paths if path.startswith("k8s/")]
    assert not project.orchestrated
    looked = [path for path in tree.read_paths if path.startswith("k8s/")]
    assert 0 < len(looked) <= 200  # of 500
    listed = len(tree.listed)
    assert not project.orchestrated
    assert len(tree.listed) == listed


# Anything


LINES = st.sampled_from(
    [
        "FROM python:3.12-slim AS a",
        "FROM a",
        "FROM scratch",
        "FROM ${X}",
        "COPY . .",
        "COPY --from=a / /",
        "COPY --from=9 /x /y",
        "COPY",
        'ADD ["*", "."]',
        "RUN --mount=from=a,type=bind true",
        "RUN --mount=from= true",
        "HEALTHCHECK NONE",
        "HEALTHCHECK CMD curl -f x || wget y && exit 0 || exit 1",
        'HEALTHCHECK CMD [ "$(curl x | head)" = 200 ] | grep 1; exit',
        "HEALTHCHECK CMD",
        'HEALTHCHECK CMD ["sh", "-c", "curl $( ||"]',
        'HEALTHCHECK CMD ["sh", "-c"]',
        "HEALTHCHECK CMD []",
        'SHELL ["bash"]',
        "SHELL []",
        "USER $X",
    ]
)


@settings(deadline=None, max_examples=150)
@given(
    st.lists(LINES, max_size=8),
    st.sampled_from(["", "NONE", "CMD", "CMD-SHELL"]),
    st.text("curl |&;$()'\"\\`\n{}", max_size=20),
)
def test_no_question_raises(lines: list[str], form: str, test: str) -> None:
    import json  # noqa: PLC0415 - quotes for YAML

    compose = "services:\n  web:\n    build: .\n    healthcheck:\n      test: " + json.dumps(
        [form, test] if form else test
    )
    project = project_of({"Dockerfile": "\n".join(lines), "compose.yaml": compose + "\n", "app/.env": ""})
    for image in project.images:
        assert image.pulls is not None
        for container in image.containers:
            if container.probe is not None:
                container.probe.lacks(image)
    for context in project.contexts:
        for intake in context.unfiltered:
            context.stray(intake)


# What stays root's, and what nobody builds


MAKES = """\
    FROM python:3.12-slim
    WORKDIR /app
    COPY . .
    RUN mkdir -p uploads /app/logs /etc/app "$DATA" /data/{a,b} && mkdir -m 777 /open
    RUN mkdir /gone /given /deep && rm -rf /gone && chown -R app /given/ && mkdir -p /deep/er
    WORKDIR /deep/er/code
    RUN chmod 777 /app/logs
"""


def test_folders_that_a_build_makes_and_leaves_to_root() -> None:
    assert [one.path for one in image_of(MAKES).made_folders] == ["/app/uploads"]


def test_a_folder_is_given_away_where_that_cannot_be_told() -> None:
    known = "    FROM python:3.12-slim\n    RUN mkdir /data\n"
    assert [one.path for one in image_of(known).made_folders] == ["/data"]
    assert not [*image_of(known + "    RUN chown app $WHERE\n").made_folders]


@pytest.mark.parametrize(
    ("line", "closed"),
    [
        ("ENV PATH=/root/.local/bin:$PATH", True),
        ("COPY --from=builder /root/.local /root/.local", True),
        ("COPY --from=builder /root/.local /home/app/.local", False),
        ("ENV CACHE=/root/.cache", False),
    ],
)
def test_what_lies_where_only_root_may_enter(line: str, closed: bool) -> None:  # noqa: FBT001
    text = f"    FROM python:3.12-slim AS builder\n    FROM python:3.12-slim\n    {line}\n"
    assert (image_of(text).closed_place is not None) is closed


@pytest.mark.parametrize(
    ("name", "others", "unclaimed"),
    [
        ("Dockerfile.worker", {}, True),
        ("Dockerfile.worker", {"README.md": "docker build -f Dockerfile.worker .\n"}, False),
        (
            "Dockerfile.worker",
            {"compose.yaml": "services: {w: {build: {dockerfile: Dockerfile.worker}}}\n"},
            False,
        ),
        ("Dockerfile.prod", {}, False),  # by its name, it is what ships
        ("Dockerfile.base", {}, False),  # others may begin with it
        ("worker/Dockerfile.worker", {}, False),  # nothing beside it says what is built there
    ],
)
def test_a_dockerfile_that_nothing_builds(name: str, others: dict[str, str], unclaimed: bool) -> None:  # noqa: FBT001
    start = 'FROM python:3.12-slim\nCMD ["python", "main.py"]\n'
    project = project_of({"Dockerfile": start, name: start, **others})
    (image,) = [one for one in project.images if one.dockerfile.source.path == name]
    assert image.is_unclaimed is unclaimed
