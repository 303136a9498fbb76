"""Why nobody but developers starts a set of compose files whose names say nothing, and what takes that away again."""

from __future__ import annotations

import pytest

from dockerlint_fastapi.assemble import assemble
from dockerlint_fastapi.discover import find
from dockerlint_fastapi.model.deployment import Deployment
from dockerlint_fastapi.model.evidence import Evidence, is_lesson, setting_of_path
from dockerlint_fastapi.model.project import Project
from dockerlint_fastapi.model.purpose import purpose_of
from dockerlint_fastapi.tree import MemoryTree

CODE = {
    "Dockerfile": "FROM python:3.13-slim\nWORKDIR /srv\nCOPY main.py .\nCMD uvicorn main:app --host 0.0.0.0\n",
    "main.py": "from fastapi import FastAPI\napp = FastAPI()\n",
}
DATABASE = "  db:\n    image: postgres:17\n"
ON = "    restart: {}\n"
CHART = {"chart/Chart.yaml": "apiVersion: v2\nname: shop\nversion: 0.1.0\n", "chart/templates/web.yaml": "a: b\n"}
FLY = {"fly.toml": 'app = "shop"\n[http_service]\ninternal_port = 8000\n'}
DEPLOY = {"scripts/deploy.sh": "#!/bin/sh\ndocker compose up -d --build\n"}


def project_of(files: dict[str, str]) -> Project:
    tree = MemoryTree({path: text.encode() for path, text in files.items()})
    return assemble(tree, find(tree))


def set_of(web: str, more: str = DATABASE, path: str = "compose.yaml", **files: str) -> Deployment:
    """A set of one file with a program of the project, and what is beside it."""
    text = f"services:\n  web:\n    build: {'../' * path.count('/') or '.'}\n{web}{more}"
    project = project_of({path: text, **CODE, **files})
    (found,) = (one for one in project.own.deployments if one.files[0].source.path == path)
    return found


def why(web: str, more: str = DATABASE, path: str = "compose.yaml", **files: str) -> str | None:
    found = set_of(web, more, path, **files).development
    assert found is None or not found.firm
    return None if found is None else found.reason


# -- where the browsers are --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "setting",
    [
        "environment: ['NEXT_PUBLIC_API_URL=http://localhost:8000']",
        "environment: {VITE_API_BASE_URL: 'http://127.0.0.1:8000/api'}",
        "environment: {REACT_APP_BACKEND_URL: 'http://localhost:${API_PORT:-8000}'}",
        "environment: {NEXT_PUBLIC_WS_URL: 'ws://localhost:8000/ws'}",
        "environment: {FRONTEND_URL: 'http://localhost:3000'}",
        "environment: {NEXTAUTH_URL: 'http://localhost:3000'}",
        "environment: {MINIO_PUBLIC_URL: 'http://localhost:9000'}",
        "labels: {a: b}\n    build: {context: ., args: {VITE_API_URL: 'http://localhost:8000'}}",
    ],
)
def test_who_is_sent_to_localhost_sits_there(setting: str) -> None:
    web = f"    {setting}\n".replace("    labels: {a: b}\n", "")
    text = "services:\n  web:\n" + ("" if "build:" in web else "    build: .\n") + web + DATABASE
    (found,) = project_of({"compose.yaml": text, **CODE}).own.deployments
    assert found.development is not None
    assert not found.development.firm
    assert "browsers" in found.development.reason
    # whatever restarts it, and whoever starts it on another machine
    kept = {"compose.yaml": text.replace(DATABASE, "    restart: always\n" + DATABASE), **CODE, **DEPLOY}
    (found,) = project_of(kept).own.deployments
    assert found.development is not None


@pytest.mark.parametrize(
    "setting",
    [
        "{DATABASE_URL: 'postgresql://localhost/shop'}",
        "{API_URL: 'http://localhost:8000'}",  # of another program in the container, perhaps
        "{GF_SERVER_ROOT_URL: 'http://localhost:3000'}",  # of a tool that one reaches by a tunnel
        "{VITE_API_URL: 'https://api.shop.example.com'}",
        "{VITE_API_URL: 'http://192.168.1.7:8000'}",
        "{VITE_API_URL: '${API_URL}'}",
        "{VITE_API_URL: 'http://localhost:8000', CORS_ORIGINS: 'http://localhost:3000,https://shop.example.com'}",
        "{VITE_API_URL: 'http://localhost:8000', FRONTEND_URL: 'https://${DOMAIN}'}",
        "{VITE_API_URL: 'http://localhost:8000', APP_ENV: production}",
    ],
)
def test_other_addresses_say_nothing(setting: str) -> None:
    assert why(f"    environment: {setting}\n") is None


@pytest.mark.parametrize(
    "setting",
    [
        "{VITE_API_URL: '${VITE_API_URL:-http://localhost:8000}'}",
        '{CORS_ORIGINS: \'["http://localhost:3000", "http://localhost:5173"]\'}',
        "{BACKEND_CORS_ORIGINS: 'http://localhost,http://web:3000'}",
    ],
)
def test_a_default_and_the_origins_that_are_answered_say_less(setting: str) -> None:
    web = f"    environment: {setting}\n"
    assert why(web) is not None
    assert why(web + ON.format("unless-stopped")) is None
    assert why(web, **DEPLOY) is None
    assert why(web, **{".env": "VITE_API_URL=https://api.shop.example.com\nX=1\n"}) is None or "VITE" not in setting


def test_published_images_are_started_by_others_who_change_the_address() -> None:
    text = (
        "services:\n  web:\n    image: ghcr.io/acme/shop:1\n    environment: {NEXTAUTH_URL: 'http://localhost:3000'}\n"
    )
    (found,) = project_of({"compose.yaml": text}).own.deployments
    assert found.development is None


# -- what runs ---------------------------------------------------------------------------------------------------------

MOUNTS = "    volumes: ['.:/srv']\n"


def test_code_that_is_mounted_into_what_nobody_keeps_up() -> None:
    assert why(MOUNTS) == "`web` runs the code that is mounted into it"
    assert why(MOUNTS, DATABASE + ON.format("unless-stopped")) is not None
    assert why("    volumes: ['./data:/srv/data']\n", **{"data/a.csv": ""}) is None
    assert why(MOUNTS + ON.format("unless-stopped")) is None
    assert why(MOUNTS, DATABASE + "  proxy:\n    image: caddy:2\n" + ON.format("unless-stopped")) is None
    assert why(MOUNTS + "    environment: {APP_ENV: production}\n") is None


def test_mounted_code_that_nothing_watches_is_weak_evidence_where_everybody_starts_it() -> None:
    found = set_of(MOUNTS).development
    assert found is not None
    assert found.weak
    beside = {"compose.yaml": "services:\n  web:\n    build: .\n    restart: always\n"}
    variant = set_of(MOUNTS, path="compose.alone.yaml", **beside).development
    assert variant is not None
    assert not variant.weak
    watched = set_of(MOUNTS + "    command: uvicorn main:app --reload\n").development
    assert watched is not None
    assert not watched.weak


@pytest.mark.parametrize(
    ("proxy", "serves"),
    [
        ("ports: ['80:80']", True),
        ("ports: ['443:8443']", True),
        ("network_mode: host", True),
        ("ports: ['8080:80']", False),
        ("ports: ['127.0.0.1:8080:80']", False),
    ],
)
def test_a_proxy_at_the_ports_of_browsers_serves_others(proxy: str, *, serves: bool) -> None:
    assert (why(MOUNTS, f"  proxy:\n    image: nginx:1.29\n    {proxy}\n") is None) is serves


@pytest.mark.parametrize(
    ("path", "text", "counts"),
    [
        ("scripts/deploy.sh", "docker compose up -d --build\n", True),
        ("deploy-api.ps1", "docker-compose -f compose.yaml pull\n", True),
        (".github/workflows/deploy.yml", "jobs: {a: {steps: [{run: docker compose up -d}]}}\n", True),
        ("scripts/deploy.sh", "docker compose -f compose.prod.yaml up -d\n", False),
        ("scripts/deploy.sh", "kubectl apply -f k8s\n", False),
        ("scripts/start.sh", "docker compose up -d\n", False),
        ("docs/deploy.md", "docker compose up -d\n", False),
    ],
)
def test_what_a_script_deploys_is_on_a_server(path: str, text: str, *, counts: bool) -> None:
    assert (why(MOUNTS, **{path: text}) is None) is counts
    always = DATABASE + ON.format("always")
    reloads = MOUNTS + "    command: uvicorn main:app --reload\n"
    assert (why(reloads, always, **{path: text}) is None) is counts


def test_a_workflow_that_deploys_it_outweighs_a_reloader_for_what_is_beside_it() -> None:
    reloads = MOUNTS + "    command: uvicorn main:app --reload\n" + ON.format("unless-stopped")
    step = "{uses: appleboy/ssh-action@v1, with: {script: docker compose up -d}}"
    workflow = {".github/workflows/cd.yml": f"jobs: {{a: {{steps: [{step}]}}}}\n"}
    assert why(reloads) is not None
    assert why(reloads, **DEPLOY) is not None  # a script may do that on the developer's machine
    assert why(reloads, **workflow) is None


@pytest.mark.parametrize(
    ("path", "text", "counts"),
    [
        ("scripts/deploy.sh", "ssh root@shop 'cd /srv && docker compose up -d'\n", True),
        ("scripts/deploy-all.sh", "# Production Deployment Script\ndocker compose \\\n  -f compose.yaml up -d\n", True),
        ("scripts/deploy-all.sh", "# Deploy\ndocker compose \\\n  -f compose.yaml up -d\n", False),
        ("scripts/deploy.sh", "ssh root@shop docker compose -f other.yaml -f more.yaml up -d\n", False),
        ("scripts/deploy.sh", "ssh root@shop docker compose -f other.yaml -f compose.yaml up -d\n", True),
        (
            "scripts/deploy.sh",
            "ssh root@shop docker compose -f compose.yaml down; docker compose -f b.yaml up\n",
            False,
        ),
        (".github/workflows/ci.yml", "run: ssh -i key root@shop 'bash /srv/shop/deploy.sh'\n", True),
        (".github/workflows/ci.yml", "run: bash deploy.sh\n", False),
    ],
)
def test_a_script_that_goes_to_a_server_outweighs_a_reloader(path: str, text: str, *, counts: bool) -> None:
    reloads = MOUNTS + "    command: uvicorn main:app --reload\n" + ON.format("unless-stopped")
    assert (why(reloads, **{path: text}) is None) is counts


LOCAL = "## Quickstart (local)\n\n```bash\ndocker compose up\n```\n\n## Notes\n"
KEPT = ON.format("unless-stopped")


@pytest.mark.parametrize(
    ("readme", "work"),
    [
        (f"{LOCAL}\n- For production: build the image and deploy to Cloud Run.\n", True),
        (f"{LOCAL}\nProduction runs on ECS.\n", True),
        (f"{LOCAL}\nIn production it could be deployed to Cloud Run.\n", False),
        (f"{LOCAL}\nFor production, deploy it to Heroku or any VPS.\n", False),
        (f"{LOCAL}\nCloud Run is a platform.\n", False),
        (LOCAL, False),
        ("## Start\n\n```bash\ndocker compose up\n```\n\nProduction is deployed to Cloud Run.\n", False),
    ],
)
def test_a_readme_that_starts_it_locally_and_runs_it_elsewhere(readme: str, *, work: bool) -> None:
    assert (why(KEPT, **{"README.md": readme}) is not None) is work


@pytest.mark.parametrize(
    ("setting", "work"),
    [
        ("env_file: [./env/prod/.env.web]", False),
        ("env_file: .env.production", False),
        ("env_file: ./env/dev/.env.web", True),
        ("env_file: .env.deploy", True),
        ("environment: {SHOP_ENV: production}", False),
        ("environment: {SHOP_ENV: prod-eu}", True),
        ("environment: {VIRTUAL_ENV: production}", True),
    ],
)
def test_a_service_that_says_production_is_not_worked_on(setting: str, *, work: bool) -> None:
    assert (why(f"{MOUNTS}    command: uvicorn main:app --reload\n    {setting}\n") is not None) is work


def test_always_on_a_database_alone_is_its_makers_example() -> None:
    reloads, always = MOUNTS + "    command: uvicorn main:app --reload\n", ON.format("always")
    for image in ("postgres:17", "redis:8", "rabbitmq:4"):
        assert why(reloads, f"  db:\n    image: {image}\n{always}") is not None
    assert why(reloads, "  proxy:\n    image: nginx:1.29\n" + always) is None
    assert why(reloads, f"{DATABASE}{always}  job:\n    build: .\n    command: python job.py\n{always}") is None


# -- who else runs the project -----------------------------------------------------------------------------------------


def test_what_a_service_may_use_of_its_machine_says_nothing_of_where_that_is() -> None:
    gpu = "    deploy: {resources: {reservations: {devices: [{capabilities: [gpu]}]}}}\n"
    assert why(gpu, **CHART) == "an orchestrator runs the project elsewhere"
    assert why(gpu.replace("{resources", "{replicas: 2, resources"), **CHART) is None
    assert why("", **CHART, **DEPLOY) is None


def test_a_platform_that_builds_the_servers() -> None:
    page = "  pages:\n    build: {context: pages}\n"
    front = {"pages/Dockerfile": "FROM node:22\nCMD node server.js\n", "pages/server.js": "1\n"}
    assert why("", page, **front, **FLY) == "a platform builds and runs the project elsewhere"
    workflow = {".github/workflows/main.yml": "steps: [{uses: superfly/flyctl-actions/setup-flyctl@master}]\n"}
    assert why("", page, **front, **workflow) is not None
    assert why(ON.format("always"), page, **front, **FLY) is None
    image = "services:\n  web:\n    image: ghcr.io/acme/shop:1\n"
    step = "{uses: docker/build-push-action@v6, with: {context: ., tags: ghcr.io/acme/shop:1}}"
    push = {".github/workflows/push.yml": f"steps: [{step}]\n"}
    (found,) = project_of({"compose.yaml": image, **CODE, **FLY, **push}).own.deployments
    assert found.development is None  # who pulls an image serves from it


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("radixconfig.yaml", "apiVersion: radix.equinor.com/v1\nkind: RadixApplication\n"),
        ("infra/main.bicep", "resource app 'Microsoft.App/containerApps@2024-03-01' = {}\n"),
        ("azure.yaml", "services:\n  api:\n    host: containerapp\n"),
        ("copilot/web/manifest.yml", "name: web\ntype: Load Balanced Web Service\n"),
        (".github/workflows/cd.yml", "run: aws ecs update-service --cluster shop --service web\n"),
        (".github/workflows/cd.yml", "run: az containerapp update -n shop\n"),
    ],
)
def test_more_orchestrators(path: str, text: str) -> None:
    assert why("", **{path: text}) == "an orchestrator runs the project elsewhere"
    assert why("", **{f"docs/{path}": text}) is None


# -- names and comments ------------------------------------------------------------------------------------------------


def test_files_that_were_put_aside() -> None:
    for path in ("docker-compose.old.yml", "compose.deprecated.yaml", "old/compose.yaml", "Dockerfile.bak"):
        assert setting_of_path(path) == "development"
    for path in ("docker-compose.sim.yml", "locust/Dockerfile", "Dockerfile.jupyter", "notebooks/Dockerfile"):
        assert setting_of_path(path) == "development"
    for path in ("docker-compose.backup.yml", "docker-compose.legacy.yml", "archive/compose.yaml"):
        assert setting_of_path(path) is None
    assert setting_of_path("compose.prod.old.yaml") == "production"


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("tutorial/compose.yaml", True),
        ("chapter-03/compose.yaml", True),
        ("course/lesson_2/app/compose.yaml", True),
        ("modulo-8-clase-4/compose.yaml", True),
        ("05-infra-compose/compose.yaml", True),
        ("6_docker_compose/compose.yaml", True),
        ("poc/compose.yaml", True),
        ("research/experiments/compose.yaml", True),
        ("lesson-service/compose.yaml", False),
        ("course/compose.yaml", False),
        ("17-alpine/compose.yaml", False),
        ("3.11-slim/compose.yaml", False),
        ("2024-reports/compose.yaml", False),
        ("collab2/compose.yaml", False),
    ],
)
def test_folders_that_show_something(path: str, *, expected: bool) -> None:
    assert is_lesson(path) is expected
    assert not is_lesson(path.replace("/", "-"))
    assert (why("", path=path) is not None) is expected


def test_an_image_in_such_a_folder_is_judged_as_any_other() -> None:
    project = project_of({f"chapter-03/{path}": text for path, text in CODE.items()})
    assert [one.development for one in project.own.images] == [None]


@pytest.mark.parametrize(
    "comment",
    [
        "Para demo local del portfolio ML/MLOps",
        "Demo stack",
        "Everything on your own laptop",
        "For the workshop",
        "Uso local",
        "Para testes locais",
        "Pour la démonstration",
        "Zum lokalen Testen",
        "Środowisko deweloperskie",
        "Для тестирования",
        "演示环境",
        "デモ用",
        "데모용",
        "Untuk belajar",
        "CI/CD for local development",
    ],
)
def test_more_comments_for_work(comment: str) -> None:
    assert purpose_of(comment, "compose.yaml") == "development"


@pytest.mark.parametrize(
    "comment",
    [
        "Training service",
        "Evaluation and experiments",
        "Demo deployment behind Traefik",
        "测试用户由脚本创建",
        "For local development see docs/setup.md",
        "Demonstrates nothing",
        "Proof of delivery service",
    ],
)
def test_more_comments_that_say_nothing(comment: str) -> None:
    assert purpose_of(comment, "compose.yaml") is None


def test_the_comment_right_above_a_service_is_about_that() -> None:
    def of(comment: str, web: str = "") -> tuple[Evidence | None, Evidence | None]:
        one = set_of(web, f"\n{comment}\n  db:\n    image: postgres:17\n")
        by_name = {each.service.name: each.development for each in one.containers if each.service is not None}
        return by_name["web"], by_name["db"]

    for comment in ("  # only for local development", "  # ---\n  # The database for development\n  # ---"):
        web, database = of(comment)
        assert web is None
        assert database is not None
        assert not database.firm
    assert of("  # The database")[1] is None
    assert of("  # for local development use compose.dev.yaml")[1] is None
    assert of("  # only for local development\n")[1] is None  # an empty line between


# -- tests, stand-ins and what makers of others' products show ---------------------------------------------------------


def test_a_stand_in_among_the_tests_makes_the_set_their_stage() -> None:
    double = "  mock-bank:\n    build: ./{}\n"
    for folder, expected in (("tests/e2e/mock_bank", True), ("tests/runner", False), ("mock_bank", False)):
        found = set_of("", double.format(folder), **{f"{folder}/Dockerfile": "FROM python:3.13-slim\n"})
        assert (found.development is not None) is expected
        (one,) = (each for each in found.containers if each.service is not None and each.service.name == "mock-bank")
        assert (one.development is not None) is folder.startswith("tests/")
    kept = set_of(
        ON.format("always"), double.format("tests/mock"), **{"tests/mock/Dockerfile": "FROM python:3.13-slim\n"}
    )
    assert kept.development is None


@pytest.mark.parametrize(("path", "expected"), [("compose.dev.yaml", True), ("compose.yaml", False)])
def test_an_image_called_a_stand_in_is_for_development_where_only_that_starts_it(path: str, *, expected: bool) -> None:
    for folder, told in (("docker/mock-bank", expected), ("docker/mocks", True)):
        files = {f"{folder}/Dockerfile": CODE["Dockerfile"], f"{folder}/main.py": CODE["main.py"]}
        (image,) = project_of({**files, path: f"services:\n  bank:\n    build: {folder}\n"}).images
        assert (image.development is not None) is told, folder


def test_an_image_with_code_of_another_language_is_not_without_code() -> None:
    page = {"page/Dockerfile": "FROM node:22\nWORKDIR /app\nCOPY . .\nCMD npm start\n", "page/index.js": ""}
    text = "services:\n  page:\n    build: page\n    volumes: ['./page:/app']\n"
    (image,) = project_of({**page, "compose.dev.yaml": text}).images
    assert image.development is None


def test_what_stands_for_a_cloud_tells_where_nothing_starts_without_a_profile() -> None:
    cloud = "  aws:\n    image: localstack/localstack:4\n    profiles: [all]\n"
    assert (
        why(ON.format("always") + "    profiles: [all]\n", cloud)
        == "what runs beside it stands for a service of a cloud"
    )
    assert why(ON.format("always"), cloud) is None


def test_addresses_in_products_of_others_are_their_makers_example() -> None:
    traces = "  traces:\n    image: langfuse/langfuse:3\n    environment: {NEXTAUTH_URL: 'http://localhost:3003'}\n"
    assert why(ON.format("unless-stopped"), traces) is None
    pages = "    environment: {FRONTEND_URL: 'http://localhost:3000'}\n"
    assert why(ON.format("unless-stopped") + pages, traces) == "`FRONTEND_URL` sends browsers to their own machine"
    away = traces.replace("localhost:3003", "traces.example.org")
    assert why(ON.format("unless-stopped") + pages, away) is None


@pytest.mark.parametrize(
    ("line", "elsewhere"),
    [
        ("├── compose.yaml   # Full production setup", False),
        ("- `compose.yaml`: the stack for production", False),
        ("├── compose.yaml   # Development with PostgreSQL", True),
        ("├── compose.prod.yaml   # Full production setup", True),
        ("├── other/compose.yaml   # Full production setup", True),
        ("- `compose.yaml`: not for production", True),
        ("See compose.yaml", True),
    ],
)
def test_a_readme_may_say_of_a_file_that_it_is_for_production(line: str, *, elsewhere: bool) -> None:
    found = why("", **CHART, **{"README.md": f"# Shop\n\n{line}\n"})
    assert found == ("an orchestrator runs the project elsewhere" if elsewhere else None)


@pytest.mark.parametrize(
    ("path", "setting"),
    [
        ("projects/api-simulation/Dockerfile", None),
        ("simulation/Dockerfile", "development"),
        ("api-simulation-dev/Dockerfile", "development"),
        ("compose.prod-like.yaml", None),
        ("compose.near-prod.yaml", None),
    ],
)
def test_words_of_names_that_tell_little(path: str, setting: str | None) -> None:
    assert setting_of_path(path) == setting
