"""One decision what something is for: in a project for development all rules that should are quiet together, and in its
twin for production all of them speak at full level.
"""

# ruff: noqa: RUF001 - letters of other alphabets are meant

from __future__ import annotations

from functools import cache

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dockerlint_fastapi.assemble import assemble
from dockerlint_fastapi.discover import find
from dockerlint_fastapi.engine import Settings, lint
from dockerlint_fastapi.model.evidence import Evidence
from dockerlint_fastapi.model.project import Project
from dockerlint_fastapi.model.purpose import comment_above, purpose_of
from dockerlint_fastapi.rule import Rule, load_rules
from dockerlint_fastapi.tree import MemoryTree

# What the catalogue says of each rule for development: the level in production, and what is left of it by names that
# somebody chose (None: nothing in the profile `default`).
OF_COMPOSE = {
    "reload-in-production": ("error", None),
    "loopback-bind": ("error", "warning"),
    "missing-restart-policy": ("warning", None),
    "dependency-not-awaited": ("warning", None),
    "database-without-volume": ("warning", None),
    "database-without-password": ("warning", None),
    "unpinned-database-image": ("warning", None),
    "unpinned-base-image": ("warning", None),
    "published-internal-port": ("warning", None),
    "inline-compose-secret": ("error", None),
    "defaulted-compose-secret": ("warning", None),
    "docker-socket-mounted": ("error", None),
    "sensitive-host-mount": ("error", "warning"),
    "privileged-container": ("error", "warning"),
    "sh-c-without-exec": ("warning", None),
    "graceful-timeout-mismatch": ("warning", None),
    "restart-never-triggered": ("warning", "info"),
    "runs-as-root": ("warning", None),
}
OF_IMAGES = {
    "unpinned-base-image": ("warning", None),
    "unpinned-requirements": ("warning", None),
    "pip-cache-kept": ("warning", None),
    "package-cache-left": ("warning", None),
    "apt-installs-recommends": ("info", None),
    "hardcoded-config": ("warning", None),
    "runs-as-root": ("warning", None),
    "missing-healthcheck": ("warning", None),
    "shell-form-cmd": ("error", "info"),
    "secret-in-env": ("error", "warning"),
}
SERVICES = """services:
  web:
    build: {build}
    command: uvicorn main:app --host 0.0.0.0 --reload
    volumes: ['.:/code']
    environment:
      DATABASE_URL: postgresql://shop@db:5432/shop
    privileged: true
    user: root
  jobs:
    build: {build}
    command: sh -c "sleep 1; celery -A jobs worker"
    depends_on: [queue]
    volumes: ['/var/run/docker.sock:/var/run/docker.sock', '/:/host']
    environment:
      QUEUE_URL: amqp://shop:${{RABBITMQ_PASSWORD:-guest}}@queue/
  own:
    build: {build}
    command: uvicorn main:app --port 8001
    stop_grace_period: 5s
  slow:
    build: {build}
    command: gunicorn main:app -k uvicorn_worker.UvicornWorker --graceful-timeout 60 --bind 0.0.0.0:8000
  many:
    build: {build}
    command: uvicorn main:app --host 0.0.0.0 --workers 4
    restart: on-failure
  db:
    image: postgres
    ports: ['5432:5432']
    environment:
      POSTGRES_DB: shop
      POSTGRES_USER: shop
      POSTGRES_PASSWORD: shop
  open:
    image: postgres:17
    environment:
      POSTGRES_HOST_AUTH_METHOD: trust
    volumes: ['open:/var/lib/postgresql/data']
  queue:
    image: rabbitmq:4.3
    volumes: ['queue:/var/lib/rabbitmq']
  look:
    image: nginx
volumes:
  open:
  queue:
"""
CODE = {
    "main.py": "from fastapi import FastAPI\n\napp = FastAPI()\n\n\n"
    "@app.get('/health')\ndef health():\n    return 'ok'\n",
    "jobs.py": "import celery\n\napp = celery.Celery()\n",
    "requirements.txt": "fastapi\nuvicorn==0.38.0\n",
}
# a build that nothing is to be said of
PLAIN = (
    "FROM python:3.13-slim{name}\nWORKDIR /code\nENV PYTHONUNBUFFERED=1\nCOPY --chown=1000 main.py jobs.py ./\n"
    'HEALTHCHECK --interval=30s --timeout=5s CMD ["python", "-c", "import urllib.request as r; r.urlopen(\'http://127.0.0.1:8000/health\')"]\n'
    'USER 1000\nCMD ["uvicorn", "main:app", "--host", "0.0.0.0"]\n'
)
FAULTY = (
    "FROM python{name}\nENV DATABASE_HOST=db.example.com API_KEY=9b1d0c7e4f2a8d6b3c5e7f9012ab34cd\nWORKDIR /code\n"
    "RUN apt-get update && apt-get install -y gcc libpq-dev ffmpeg\nCOPY . .\n"
    "RUN pip install -r requirements.txt httpx\n"
    "CMD uvicorn main:app --host 0.0.0.0\n"
)


@cache
def _rules() -> tuple[Rule, ...]:
    return tuple(load_rules())


def told(files: dict[str, str], *only: str) -> dict[str, str]:
    """The highest level at which each rule speaks in the profile `default`; of some rules, when no other one runs."""
    rules = _rules()
    tree = MemoryTree({path: text.encode() for path, text in files.items()})
    chosen = Settings(rules, frozenset(only or (rule.name for rule in rules)), today="2026-11-22")
    order = ("info", "warning", "error")
    found: dict[str, str] = {}
    for one in lint(tree, chosen).diagnostics:
        name = one.rule.name
        found[name] = max(found.get(name, "info"), one.severity, key=order.index)
    return found


def assembled(files: dict[str, str]) -> Project:
    tree = MemoryTree({path: text.encode() for path, text in files.items()})
    return assemble(tree, find(tree))


def compose(path: str, build: str = ".", **more: str) -> dict[str, str]:
    return {path: SERVICES.format(build=build), "Dockerfile": PLAIN.format(name=""), **CODE, **more}


IN_FOLDER = {f".devcontainer/{path}": text for path, text in compose("compose.yaml").items()}
DEVELOPMENT = {
    "a compose file for development": compose("compose.dev.yaml"),
    "the automatic override": {
        **compose("compose.override.yaml"),
        "compose.yaml": "services:\n  idle: {image: 'acme/idle:1', restart: always}\n",
    },
    "a target for development": {
        **compose("compose.yaml", "{context: ., target: dev}"),
        "Dockerfile": PLAIN.format(name=" AS dev"),
    },
    "a Dockerfile for development": {
        **compose("compose.yaml", "{context: ., dockerfile: Dockerfile.dev}"),
        "Dockerfile.dev": PLAIN.format(name=""),
    },
    "a dev container": IN_FOLDER,
}
PRODUCTION = {
    "a compose file for production": compose("compose.prod.yaml"),
    "an overlay for production": {
        **compose("compose.yaml"),
        "compose.prod.yaml": "services:\n  look:\n    init: true\n",
    },
    "a folder for deployments": compose(
        "deploy/compose.yaml", "..", **{f"deploy/{path}": text for path, text in CODE.items()}
    ),
}


@pytest.mark.parametrize("name", PRODUCTION)
def test_in_production_all_rules_on_services_speak_at_full_level(name: str) -> None:
    found = told(PRODUCTION[name])
    full = {rule: level for rule, (level, _) in OF_COMPOSE.items()}
    if name != "a compose file for production":
        full["inline-compose-secret"] = "warning"  # what stands in the base file is not in the one for production
    assert {rule: found.get(rule) for rule in full} == full


@pytest.mark.parametrize("name", DEVELOPMENT)
def test_in_development_all_rules_on_services_are_quiet_together(name: str) -> None:
    found = told(DEVELOPMENT[name])
    quiet = {rule: level for rule, (_, level) in OF_COMPOSE.items()}
    if name == "a dev container":
        quiet["loopback-bind"] = None  # the editor reaches that interface
    assert {rule: found.get(rule) for rule in quiet} == quiet


def test_work_on_mounted_code_is_as_quiet_whatever_the_file_is_called() -> None:
    quiet = {rule: level for rule, (_, level) in OF_COMPOSE.items()}
    found = told(compose("compose.yaml"))
    assert {rule: found.get(rule) for rule in quiet} == quiet


def test_once_somebody_keeps_a_service_up_only_the_one_that_is_worked_on_is_for_development() -> None:
    services = SERVICES.replace("    image: nginx", "    image: nginx\n    restart: always")
    found = told({**compose("compose.yaml"), "compose.yaml": services.format(build=".")})
    for rule in ("missing-restart-policy", "published-internal-port", "unpinned-database-image", "sh-c-without-exec"):
        assert found[rule] == OF_COMPOSE[rule][0]
    assert "reload-in-production" not in found
    assert found["privileged-container"] == "warning"  # of the service that is worked on


@pytest.mark.parametrize(
    ("name", "told_of"), [("compose.prod.yaml", True), ("compose.yaml", False), ("compose.dev.yaml", False)]
)
def test_missing_dependencies(name: str, *, told_of: bool) -> None:
    web = "services:\n  web:\n    build: .\n    command: uvicorn app.main:app --reload\n    volumes: ['.:/code']\n"
    web += "    environment: {DATABASE_URL: 'postgresql://app@db:5432/app'}\n  db:\n    image: postgres:17\n"
    file = 'FROM python:3.12-slim\nCMD ["uvicorn", "app.main:app"]\n'
    found = told({name: web, "Dockerfile": file})
    assert ("missing-depends-on" in found) is told_of


@pytest.mark.parametrize("path", ["Dockerfile.dev", ".devcontainer/Dockerfile", "docker/dev/Dockerfile"])
def test_an_image_for_development_is_left_alone_by_all_rules_on_images(path: str) -> None:
    folder = path.rpartition("/")[0]
    code = {f"{folder}/{name}" if folder else name: text for name, text in CODE.items()}
    found = told({path: FAULTY.format(name=""), **code})
    assert {rule: found.get(rule) for rule in OF_IMAGES} == {rule: level for rule, (_, level) in OF_IMAGES.items()}


@pytest.mark.parametrize("path", ["Dockerfile", "Dockerfile.prod"])
def test_its_twin_for_production_hears_all_of_them(path: str) -> None:
    found = told({path: FAULTY.format(name=""), **CODE})
    assert {rule: found.get(rule) for rule in OF_IMAGES} == {rule: level for rule, (level, _) in OF_IMAGES.items()}


def test_a_stage_for_development_is_left_alone_and_the_one_for_production_is_not() -> None:
    names = OF_IMAGES.keys() - {"unpinned-base-image"}
    stage = "\n".join(FAULTY.format(name=" AS {}").splitlines())
    build = "services:\n  web:\n    build: {{context: ., target: {}}}\n    restart: always\n"
    for name, at in (("production", 0), ("development", 1)):
        found = told({"Dockerfile": stage.format(name) + "\n", "compose.yaml": build.format(name), **CODE})
        assert {rule: found.get(rule) for rule in names} == {rule: OF_IMAGES[rule][at] for rule in names}


# -- evidence ----------------------------------------------------------------------------------------------------------

RELOADS = (
    'FROM python:3.13-slim\nWORKDIR /code\nCOPY . .\nCMD ["uvicorn", "main:app", "--host", "0.0.0.0", "--reload"]\n'
)
WEB = "services:\n  web:\n    build: .\n"


def test_a_reloader_alone_is_no_evidence() -> None:
    one = assembled({"Dockerfile": RELOADS, "compose.yaml": WEB, **CODE})
    assert [each.development for each in one.containers] == [None]
    assert one.images[0].development is None


@pytest.mark.parametrize("said", ["    environment: [ENVIRONMENT=production]\n", "    environment: {APP_ENV: prod}\n"])
def test_what_a_service_says_of_itself_beats_what_runs_in_it(said: str) -> None:
    files = {"Dockerfile": RELOADS, **CODE}
    worked_on, bare = assembled({**files, "compose.yaml": WEB + "    volumes: ['.:/code']\n"}).containers
    assert worked_on.development is not None
    assert not worked_on.development.firm
    # The code is in the image, so that who starts it without compose gets it; its reloader is the developer's still.
    assert (bare.service, bare.development) == (None, None)
    assert bare.started_for_work is not None
    (service,) = assembled({**files, "compose.yaml": WEB + "    volumes: ['.:/code']\n" + said}).containers
    assert service.development is None


def test_what_is_beside_work_on_the_code_is_for_development_until_something_is_kept_up() -> None:
    web = WEB + "    volumes: ['.:/code']\n  db:\n    image: postgres:17\n"
    always = "    restart: always\n"
    pages = "  pages:\n    image: dpage/pgadmin4\n" + always
    watched = (
        "  traces:\n    image: ghcr.io/langfuse/langfuse:3\n" + always + "  files:\n    image: minio/minio\n" + always
    )
    proxy = "  proxy:\n    image: caddy:2\n" + always
    kept = (("", True), (always, True), (always + pages, True), (watched, True), (pages + proxy, False), (proxy, False))
    for more, expected in kept:
        one = assembled({"Dockerfile": RELOADS, "compose.yaml": web + more, **CODE})
        (database,) = [each for each in one.containers if each.role == "database"]
        assert (database.development is not None) is expected


def test_an_image_without_code_is_for_development_when_all_who_start_it_are() -> None:
    codeless = RELOADS.replace("COPY . .", "COPY requirements.txt ./")
    for name, firm in (("compose.dev.yaml", True), ("compose.yaml", False)):
        one = assembled({"Dockerfile": codeless, name: WEB + "    volumes: ['.:/code']\n", **CODE})
        assert one.images[0].development is not None
        assert one.images[0].development.firm is firm
    one = assembled({"Dockerfile": RELOADS, "compose.dev.yaml": WEB + "    volumes: ['.:/code']\n", **CODE})
    assert one.images[0].development is None
    lost = {"Dockerfile": codeless + "COPY src /code/src\n", "compose.yaml": WEB + "    volumes: ['.:/code']\n", **CODE}
    assert assembled(lost).images[0].development is None  # what it was to hold is not where the build looks


def test_the_image_as_built_is_judged_where_only_what_runs_beside_a_service_is_for_development() -> None:
    mail = WEB + "  mail:\n    image: axllent/mailpit:v1.27\n"
    one = assembled({"Dockerfile": RELOADS.replace(', "--reload"', ""), "compose.yaml": mail, **CODE})
    bare = [each for each in one.containers if each.service is None]
    assert [each.development for each in bare] == [None]


# -- what a file says at its top, and what runs in it without a name ---------------------------------------------------

FOR_WORK = (
    "For local development",
    "Docker Compose - Development",
    "Development: the database and nothing else",
    "Local stack for Acme",
    "compose.yaml - local stack",
    "Only for local development, not used in production",
    "For local development. In production, change the password",
    "Local development only; override the passwords in production",
    "Not for production",
    "Do not use in production!",
    "docker compose for running a local instance",
    "Dev environment, single broker",
    "MySQL server for testing",
    "Для локальной разработки",
    "仅包含基础必需服务，适用于开发环境和基础功能测试",
    "请勿用于生产环境",
    "ローカル開発用",
    "로컬 개발용 docker compose",
    "05 단계 — 학습용 인프라 일괄.",
    "복제 전략 (현재: 개발 환경, 단일 브로커):\n  - partitions=6\n  프로덕션 전환 시:\n  - kafka-2",
    "Entorno de desarrollo",
    "Class: compose.yaml (Orquestación local de Acme)",
    "Lokale Entwicklung",
    "Ambiente de desenvolvimento local",
    "Environnement de développement local",
    "Ambiente di sviluppo",
)
FOR_PRODUCTION = (
    "Production",
    "Combines all infrastructure for production deployment",
    "For development and production",
    "Supports development, testing, and production environments",
    "Production stack (not for local development)",
    "Use this file in production",
    "Docker Compose for Dokploy deployment",
    "Deploy (Staging & Production)",
    "包含所有功能服务，适用于生产环境和完整功能测试",
    "Продакшн",
    "Configuración base = PRODUCCIÓN.",
    "運営ではなく本番環境",
)
SAYS_NOTHING = (
    "",
    "The shop and its database",
    "For production, change the password",
    "For production:\n- change the password",
    "NOT the production image",
    "In production, rotate the keys",
    "For production, see compose.prod.yaml",
    "Use compose.dev.yaml for local development",
    "For local development use docker compose -f compose.dev.yaml up",
    "For development: see the Makefile",
    "https://example.com/local-development/production",
    "Not for local development",
    "Without local development tools",
    "Unlike in the development environment, ports are closed",
    "If you do anything beyond your local machine, pin this",
    "syntax=docker/dockerfile:1",
    "프로덕션에서는 LOGIN_FORM으로 변경",
    "Reaches the API on localhost:8080",
    "Built in stages\nStage 1 (builder): compiles\nStage 2 (dev): keeps tools for local development",
)


@pytest.mark.parametrize(
    ("expected", "comment"),
    [
        *(("development", one) for one in FOR_WORK),
        *(("production", one) for one in FOR_PRODUCTION),
        *((None, one) for one in SAYS_NOTHING),
    ],
)
def test_purpose_of_a_comment(expected: str | None, comment: str) -> None:
    assert purpose_of(comment, "compose.yaml") == expected


def test_comments_that_are_read() -> None:
    head = "# one\n\n---\nversion: '3'\n# two\nx-a: 1\n# three\n\n# four\nservices:\n  # five\n  web: {}\n"
    assert comment_above(head).split() == ["one", "two", "four"]
    assert comment_above("# syntax=docker/dockerfile:1\n# one\nFROM a\n# two\n", "").split()[-1] == "one"
    assert comment_above("services:\n  web: {}\n") == ""


@given(st.text(alphabet="# \n-.:;()/aeprodutilcnv开发生产환경", max_size=300))
@settings(deadline=None, max_examples=150)
def test_no_comment_breaks_the_reading(text: str) -> None:
    assert purpose_of(comment_above(text), "compose.yaml") in (None, "development", "production")


STILL = SERVICES.replace(" --reload\n    volumes: ['.:/code']", "")  # nobody works on it


def still(head: str = "", **more: str) -> dict[str, str]:
    return {**compose("compose.yaml", **more), "compose.yaml": head + STILL.format(build=".")}


def test_a_comment_for_development_quiets_all_rules_on_services_and_one_for_production_none() -> None:
    quiet = {rule: level for rule, (_, level) in OF_COMPOSE.items() if rule != "reload-in-production"}
    full = {rule: level for rule, (level, _) in OF_COMPOSE.items() if rule in quiet}
    full["inline-compose-secret"] = "warning"  # the file is not named for production
    assert {rule: told(still("# For local development\n")).get(rule) for rule in quiet} == quiet
    for head in ("", "# For production\n", "# Local development and production\n", "# For production, change this\n"):
        assert {rule: told(still(head)).get(rule) for rule in quiet} == full


def test_a_file_of_databases_that_calls_itself_production_is_not_for_developers() -> None:
    database = "services:\n  db:\n    image: postgres:17\n    ports: ['5432:5432']\n    restart: always\n"
    for head, expected in (("", True), ("# Production databases\n", False), ("# Local databases\n", True)):
        (one,) = assembled({"compose.yaml": head + database}).deployments
        assert one.is_for_developers is expected


def test_databases_that_a_server_keeps_up_are_not_for_developers() -> None:
    kept = "services:\n  db:\n    image: postgres:17\n    restart: always\n    environment:\n      POSTGRES_PASSWORD: "
    for password, expected in (("$PW", True), ("${PW:?set it}", False)):
        (one,) = assembled({"compose.yaml": kept + password}).deployments
        assert one.is_for_developers is expected
    files = {"compose.yaml": f"{kept}$PW\n", "compose.dev.yaml": "services:\n  db:\n    ports: ['5432:5432']\n"}
    base = next(one for one in assembled(files).deployments if len(one.files) == 1)
    assert not base.is_for_developers


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("name: shop-dev\nservices:\n  db:\n    image: x\n", "the set is named `shop-dev`"),
        ("name: shop-prod\nservices:\n  db:\n    image: x\n", None),
        ("name: demo-shop\nservices:\n  db:\n    image: x\n", None),
        ("services:\n  db-dev:\n    image: x\n", "it is called `db-dev`"),
        ("services:\n  db:\n    image: x\n    container_name: shop_db_local\n", "it is called `shop_db_local`"),
        ("services:\n  dev-tools:\n    image: x\n", None),
    ],
)
def test_names_by_which_people_tell_sets_and_services_apart(text: str, reason: str | None) -> None:
    (one,) = assembled({"compose.yaml": text}).deployments[0].containers
    assert (one.development and one.development.reason) == reason


@pytest.mark.parametrize("path", ["Dockerfile", "web.Dockerfile"])
def test_a_dockerfile_says_that_it_is_for_development(path: str) -> None:
    head = "# syntax=docker/dockerfile:1\n# Image for local development\n"
    found = told({path: head + FAULTY.format(name=""), **CODE})
    assert {rule: found.get(rule) for rule in OF_IMAGES} == {rule: level for rule, (_, level) in OF_IMAGES.items()}
    assert "runs-as-root" not in told({path: "# Not for production\n" + FAULTY.format(name=""), **CODE})
    for other in (
        "# Production image\n",
        "# Stage with what the local image needs\n",
        "# For local development and production\n",
    ):
        found = told({path: other + FAULTY.format(name=""), **CODE})
        assert found["runs-as-root"] == "warning"


def evidence_of(web: str, more: str = "", **files: str) -> Evidence | None:
    """Why a set of files is for development that names nothing and holds a program and a database."""
    text = f"services:\n  web:\n    build: .\n{web}  db:\n    image: postgres:17\n{more}"
    one = assembled({"compose.yaml": text, "Dockerfile": PLAIN.format(name=""), **CODE, **files})
    (found,) = (each for each in one.deployments if each.files[0].source.path == "compose.yaml")
    return found.development


ON = "    restart: {}\n"


@pytest.mark.parametrize("name", ["APP_ENV", "ENVIRONMENT", "ENV", "STAGE", "NODE_ENV", "FLASK_ENV"])
def test_a_setting_that_is_development_unless_somebody_sets_it(name: str) -> None:
    found = evidence_of(f"    environment: ['{name}=${{{name}:-development}}']\n")
    assert found is not None
    assert not found.firm
    assert evidence_of(f"    environment: ['{name}=${{{name}:-production}}']\n") is None
    assert evidence_of(f"    environment: ['{name}=${{{name}}}']\n") is None
    # what `.env` says is said of one machine
    written = f"    environment: ['{name}=${{{name}:-development}}']\n"
    assert evidence_of(f"    environment: ['{name}=${{{name}}}']\n", **{".env": f"{name}=local\n"}) is None
    assert evidence_of(written, **{".env": f"{name}=production\n"}) is None
    assert evidence_of(written, **{".env": f"{name}=local\n"}) is not None
    assert evidence_of(f"    environment: ['{name}=${{{name}:-local}}']\n", ON.format("unless-stopped")) is None


def test_debug_is_no_evidence() -> None:
    assert evidence_of("    environment: {DEBUG: 'true'}\n") is None


def test_beside_an_orchestrator_a_plain_file_is_for_a_developers_machine() -> None:
    chart = {"chart/Chart.yaml": "apiVersion: v2\nname: shop\nversion: 0.1.0\n", "chart/templates/web.yaml": "a: b\n"}
    assert evidence_of("") is None
    assert evidence_of("", **chart) is not None
    assert evidence_of(ON.format("unless-stopped"), ON.format("unless-stopped"), **chart) is not None
    assert evidence_of("    environment: [ENVIRONMENT=production]\n", ON.format("unless-stopped"), **chart) is None
    assert evidence_of(ON.format("on-failure"), ON.format("'no'"), **chart) is not None
    assert evidence_of(ON.format("always"), **chart) is None
    for kept in (ON.format("${POLICY}"), "    deploy: {replicas: 2}\n", "    scale: 3\n"):
        assert evidence_of("", kept, **chart) is None


def test_beside_a_platform_that_builds_the_same_dockerfile_a_plain_file_is_for_a_developers_machine() -> None:
    railway = {"railway.toml": '[build]\nbuilder = "DOCKERFILE"\n[deploy]\nhealthcheckPath = "/health"\n'}
    found = evidence_of(ON.format("unless-stopped"), ON.format("unless-stopped"), **railway)
    assert found is not None
    assert not found.firm
    assert evidence_of(ON.format("unless-stopped"), ON.format("always"), **railway) is None
    assert evidence_of("    environment: [ENVIRONMENT=production]\n", ON.format("unless-stopped"), **railway) is None
    other = railway["railway.toml"].replace("[deploy]", 'dockerfilePath = "other/Dockerfile"\n[deploy]')
    assert evidence_of(ON.format("unless-stopped"), **{"railway.toml": other}) is None


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("cd.yml", "jobs: {}\n# TODO: ssh to the VPS, docker compose pull && docker compose up -d\n"),
        ("deploy.yml", "jobs: {a: {steps: [{run: docker compose up -d}]}}\n"),
        ("main.yml", "jobs: {a: {steps: [{uses: appleboy/ssh-action@v1, with: {script: docker-compose up -d}}]}}\n"),
    ],
)
def test_a_default_says_nothing_of_what_a_workflow_starts_on_a_server(path: str, text: str) -> None:
    said = "    environment: ['APP_ENV=${APP_ENV:-local}']\n"
    workflow = {f".github/workflows/{path}": text}
    assert evidence_of(said) is not None
    assert evidence_of(said, **workflow) is None
    assert evidence_of("    environment: [APP_ENV=local]\n", **workflow) is not None
    other = {f".github/workflows/{path}": text.replace("compose up", "compose -f compose.prod.yaml up")}
    assert evidence_of(said, **other) is not None
    assert evidence_of(said, **{".github/workflows/e2e-tests.yml": "# docker compose up -d\n"}) is not None


def test_a_service_that_says_production_and_cannot_be_built_says_nothing() -> None:
    chart = {"chart/Chart.yaml": "apiVersion: v2\nname: shop\nversion: 0.1.0\n", "chart/templates/web.yaml": "a: b\n"}
    said = "    environment: [ENVIRONMENT=production]\n"
    more = "  api:\n    build: {context: ., dockerfile: nowhere/Dockerfile}\n" + said
    assert evidence_of("", more, **chart) is not None
    assert evidence_of(said, **chart) is None
    assert evidence_of("", more + ON.format("unless-stopped"), **chart) is None


@pytest.mark.parametrize("start", ['["npm", "run", "dev", "--", "--host", "0.0.0.0"]', "pnpm dev", "yarn run dev"])
def test_a_front_end_that_says_development_itself(start: str) -> None:
    def of(text: str, compose: str = "") -> Evidence | None:
        files = {"web/Dockerfile": text, **({"compose.yaml": compose} if compose else {})}
        (image,) = assembled(files).images
        return image.development

    text = f"FROM node:22-alpine\nENV NODE_ENV=development A=1\nWORKDIR /app\nCOPY . .\nCMD {start}\n"
    found = of(text)
    assert found is not None
    assert not found.firm
    assert of(text.replace("=development", "=production")) is None
    assert of(text.replace("dev", "start").replace("=startelopment", "=development")) is None
    assert of(text, "services: {web: {build: web, restart: always}}\n") is None


@pytest.mark.parametrize("tag", ["dev", "local", "local-dev", "development"])
def test_the_tag_of_what_is_built(tag: str) -> None:
    def of(service: str, **beside: str) -> list[Evidence | None]:
        files = {f"compose.{name}.yaml": text for name, text in beside.items()}
        one = assembled({"compose.yaml": WEB + service, "Dockerfile": PLAIN.format(name=""), **files})
        return [each.development for each in one.containers if each.service is not None]

    mounted = "    volumes: [./data:/data]\n"
    (found,) = of(f"    image: registry.example:5000/shop:{tag}\n" + mounted)
    # Where nothing else is built and nothing is worked on, the image is only called so.
    assert of(f"    image: shop:{tag}\n") == of(f"    image: shop:{tag}\n    volumes: [data:/data]\n") == [None]
    other = f"services: {{web: {{image: 'shop:{tag}'}}}}"
    assert of(f"    image: shop:{tag}\n", server=other) == [None, None]
    assert of(f"    image: shop:{tag}\n", server=other.replace(tag, "1.2"))[-1] is not None
    assert of(f"    image: shop:{tag}\n    command: [uvicorn, --reload, 'shop:app']\n") != [None]
    assert of(f"    image: shop:{tag}\n" + mounted + ON.format("unless-stopped")) == [None]
    assert found is not None
    assert not found.firm
    assert of(f"    image: shop:1.2-{tag}\n" + mounted) == of("    image: registry.example:5000/shop\n") == [None]
    assert of(f"    image: shop:{tag}\n    environment: [APP_ENV=production]\n" + mounted) == [None]


def test_a_target_says_which_image_is_taken_and_not_who_starts_it() -> None:
    web = "services:\n  web:\n    build: {context: ., target: production}\n    volumes: ['.:/code']\n"
    dockerfile = RELOADS.replace("\n", " AS production\n", 1)
    found, _ = assembled({"compose.yaml": web, "Dockerfile": dockerfile, **CODE}).containers
    assert found.development is not None
    assert not found.development.firm
    said = web + "    environment: [ENVIRONMENT=production]\n"
    (found,) = assembled({"compose.yaml": said, "Dockerfile": dockerfile, **CODE}).containers
    assert found.development is None


def test_where_nothing_starts_without_a_profile() -> None:
    assert evidence_of("    profiles: [all]\n", "    profiles: [db, all]\n") is not None
    assert evidence_of("    profiles: [all]\n") is None
    assert evidence_of("    profiles: [gpu]\n", "    profiles: [gpu, cpu]\n") is None
    assert evidence_of("    profiles: [prod]\n", "    profiles: [db]\n") is None
    assert evidence_of("    profiles: [all]\n", "    profiles: [db]\n" + ON.format("unless-stopped")) is None


@pytest.mark.parametrize(
    "command",
    [
        "flask --app shop run --host 0.0.0.0 --debug",
        "flask --debug run",
        "python manage.py runserver 0.0.0.0:8000",
        "npm run dev",
        "npm run start:dev",
        "pnpm dev",
        "yarn dev:web",
        "npx vite --host",
        "next dev -p 3000",
        "tsx watch src/main.ts",
        "nodemon server.js",
        "air",
        "sh -c 'air -c .air.toml'",
        "cargo watch -x run",
        "watchmedo auto-restart -d . -- celery -A jobs worker",
        "watchfiles 'celery -A jobs worker'",
        "sh -c 'npm ci && npm run dev'",
    ],
)
def test_reloaders(command: str) -> None:
    web = f'    command: {command}\n    volumes: ["./:/src"]\n'
    found = evidence_of(web)
    assert found is not None
    assert not found.firm
    assert evidence_of(web, ON.format("unless-stopped")) is not None
    assert evidence_of(web + ON.format("always")) is None
    assert evidence_of(f"    command: {command}\n") is None  # nothing is mounted
    assert evidence_of(f'    command: {command}\n    volumes: ["./data:/data"]\n') is None
    assert evidence_of(web + "    environment: {APP_ENV: production}\n") is None


@pytest.mark.parametrize(
    "command",
    ["npm start", "npm run build", "vite preview", "flask run", "python manage.py runserver --noreload", "echo fair",
     "npm run develop-less", "python manage.py migrate"],
)  # fmt: skip
def test_what_reloads_nothing(command: str) -> None:
    assert evidence_of(f'    command: {command}\n    volumes: ["./:/src"]\n' + ON.format("unless-stopped")) is None


@pytest.mark.parametrize("setting", ["FLASK_DEBUG: '1'", "FLASK_DEBUG: 'true'"])
def test_flask_reloads_by_a_variable(setting: str) -> None:
    web = "    command: flask run\n    volumes: ['./:/src']\n" + ON.format("unless-stopped")
    assert evidence_of(f"{web}    environment: {{{setting}}}\n") is not None
    assert evidence_of(f"{web}    environment: {{FLASK_DEBUG: '0'}}\n") is None


def test_certificates_on_what_is_kept_up_outweigh_a_reloader() -> None:
    web = "    command: uvicorn main:app --reload\n    volumes: ['.:/code']\n"
    tls = "  proxy:\n    image: nginx:1.29\n    ports: ['443:443']\n"
    assert evidence_of(web, tls) is not None
    assert evidence_of(web, tls + ON.format("unless-stopped")) is None


@pytest.mark.parametrize(
    "image",
    ["localstack/localstack:4", "mcr.microsoft.com/azure-storage/azurite", "fsouza/fake-gcs-server",
     "axllent/mailpit:v1.27", "amazon/dynamodb-local", "mailhog/mailhog"],
)  # fmt: skip
def test_what_stands_for_a_service_elsewhere_is_firm(image: str) -> None:
    beside = f"  fake:\n    image: {image}\n"
    found = evidence_of("", beside)
    assert found is not None
    assert found.firm
    kept = evidence_of("", beside + ON.format("always"))
    assert kept is not None
    assert not kept.firm
    assert evidence_of("", beside + "    profiles: [dev]\n") is None


@pytest.mark.parametrize(
    ("listeners", "told_of"),
    [
        ("PLAINTEXT://kafka:29092,HOST://localhost:9092", False),
        ("PLAINTEXT://127.0.0.1:9092", False),
        ("PLAINTEXT://kafka:9092", True),
        ("PLAINTEXT://kafka.example.com:9092", True),
    ],
)
def test_a_broker_that_sends_its_clients_to_the_host(listeners: str, *, told_of: bool) -> None:
    text = (
        "services:\n  web:\n    build: .\n    restart: always\n"
        "  kafka:\n    image: apache/kafka:4.1.0\n    ports: ['9092:9092']\n    restart: always\n"
        f"    environment:\n      KAFKA_ADVERTISED_LISTENERS: {listeners}\n"
    )
    found = told({"compose.yaml": text, "Dockerfile": PLAIN.format(name=""), **CODE})
    assert ("published-internal-port" in found) is told_of


OF_MORE = {
    "single-stage-build": "warning",
    "full-base-image": "info",
    "build-tools-in-final-image": "warning",
    "untimed-healthcheck": "warning",
    "backgrounded-server": "warning",
}
SLIM = FAULTY.replace("FROM python{name}", "FROM python:3.13-slim{name}").replace(" install -r", " install poetry -r")
HEAVY = {
    "single-stage-build": SLIM,
    "full-base-image": "FROM python:3.13\nCOPY main.py ./\nRUN pip install fastapi uvicorn\nCMD uvicorn main:app\n",
    "build-tools-in-final-image": SLIM,
    "untimed-healthcheck": PLAIN.replace("--interval=30s", "--interval=1s"),
    "backgrounded-server": PLAIN.replace(
        'CMD ["uvicorn", "main:app", "--host", "0.0.0.0"]', "CMD uvicorn main:app & celery -A jobs worker"
    ),
}


@pytest.mark.parametrize("rule", OF_MORE)
def test_more_rules_on_images(rule: str) -> None:
    text = HEAVY[rule].format(name="")
    assert rule in told({"Dockerfile": text, **CODE}, rule)
    assert rule not in told({"Dockerfile.dev": text, **CODE}, rule)
    assert rule not in told({"Dockerfile": "# Image for local development\n" + text, **CODE}, rule)


PROBED = (
    "  web:\n    build: .\n    command: alembic upgrade head\n    depends_on: {db: {condition: service_healthy}}\n"
    "    environment: {DATABASE_URL: 'postgresql://app@db/app'}\n"
    "  db:\n    image: postgres:17\n    healthcheck: {test: pg_isready -U app, interval: 5s}\n"
)
MOUNTED = "  web:\n    build: .\n    restart: always\n    volumes: ['.:/code']\n"


@pytest.mark.parametrize(
    ("rule", "services"), [("premature-pg-isready", PROBED), ("source-mounted-over-image", MOUNTED)]
)
def test_more_rules_on_services(rule: str, services: str) -> None:
    for head, name, expected in (
        ("", "compose.yaml", True),
        ("", "compose.dev.yaml", False),
        ("# For local development\n", "compose.yaml", False),
        ("# For production\n", "compose.yaml", True),
    ):
        text = f"{head}services:\n{services}"
        found = told({name: text, "Dockerfile": PLAIN.format(name="").replace("main.py jobs.py", "."), **CODE})
        assert (rule in found) is expected, (head, name)


def test_workers_without_a_check() -> None:
    text = PLAIN.format(name="")
    text = "\n".join(line for line in text.splitlines() if not line.startswith("HEALTHCHECK")) + "\n"
    text = text.replace('"0.0.0.0"]', '"0.0.0.0", "--workers", "4"]')
    assert "unwatched-workers" in told({"Dockerfile": text, **CODE})
    assert "unwatched-workers" not in told({"Dockerfile.dev": text, **CODE})
    web = "services:\n  web:\n    build: .\n"
    assert "unwatched-workers" in told({"Dockerfile": text, "compose.yaml": web, **CODE})
    # the image as built is judged all the same where only the compose file is a developer's
    assert "unwatched-workers" in told({"Dockerfile": text, "compose.yaml": "# For local development\n" + web, **CODE})


@pytest.mark.parametrize(
    ("path", "head", "level"),
    [
        ("Dockerfile", "", "error"),
        ("Dockerfile.dev", "", "warning"),
        ("Dockerfile", "# For local development\n", "warning"),
        ("Dockerfile.prod", "# For local development\n", "error"),
    ],
)
def test_a_password_in_a_url_of_a_dockerfile(path: str, head: str, level: str) -> None:
    text = f"{head}FROM python:3.13-slim\nRUN pip install -i https://ci:Zx81kfQ0pLm7@pypi.acme.example/simple shop\n"
    assert told({path: text})["secret-literal"] == level


def test_a_set_that_is_kept_up_as_a_whole_is_no_developers_whatever_stands_beside_it() -> None:
    kept = ON.format("always")
    fake = "  fake:\n    image: localstack/localstack:4\n"
    others = "".join(f"  {name}:\n    build: .\n    command: celery -A jobs worker\n{kept}" for name in ("a", "b"))
    several = others + f"  cache:\n    image: redis:8\n{kept}"
    assert evidence_of(kept, kept + several + fake) is None
    assert evidence_of(kept, kept + fake) is not None  # one program alone
    assert evidence_of("", kept + several + fake) is not None


def test_scripts_where_localstack_looks_for_them() -> None:
    fake = "  fake:\n    image: example/aws\n    volumes: ['./aws.sh:/etc/{}/init/ready.d/aws.sh']\n"
    found = evidence_of("", fake.format("localstack"))
    assert found is not None
    assert found.firm
    assert evidence_of("", fake.format("other")) is None


def test_a_folder_of_env_files_for_development() -> None:
    for paths, told_of in (("env.d/development/common", True), ("env.d/development/common, env.d/common", False)):
        text = f"{WEB}    env_file: [{paths}]\n"
        project = assembled({**CODE, "Dockerfile": PLAIN.format(name=""), "compose.yaml": text})
        assert (project.deployments[0].containers[0].development is not None) is told_of


def test_a_file_laid_over_that_takes_the_reloader_away() -> None:
    base = WEB + "    image: shop:local\n    volumes: ['.:/code']\n    command: uvicorn main:app --reload\n"
    over = "services:\n  web:\n    command: uvicorn main:app --host 0.0.0.0{}\n"
    for option, told_of in (("", False), (" --reload", True)):
        files = {"compose.yaml": base, "compose.offline.yaml": over.format(option)}
        project = assembled({**CODE, "Dockerfile": PLAIN.format(name=""), **files})
        (both,) = (one for one in project.deployments if len(one.files) > 1)
        (alone,) = (one for one in project.deployments if len(one.files) == 1)
        assert (both.containers[0].development is not None) is told_of
        assert alone.containers[0].development is not None


CLUSTER = {"k8s/api.yaml": "apiVersion: apps/v1\nkind: Deployment\nspec: {containers: [{image: a/b}]}\n"}


@pytest.mark.parametrize(
    ("service", "told_of"),
    [
        ("image: example/shop:1\n    restart: on-failure\n    command: uvicorn main:app", False),
        ("image: example/shop:1\n    command: uvicorn main:app", True),
        ("build: .\n    restart: on-failure", True),
        (
            "image: python:3.13\n    working_dir: /code\n    volumes: ['.:/code']\n    command: ./a.sh",
            True,
        ),
    ],
)
def test_beside_an_orchestrator_published_images_are_for_those_who_use_them(service: str, *, told_of: bool) -> None:
    text = f"services:\n  web:\n    {service}\n"
    project = assembled({**CODE, **CLUSTER, "Dockerfile": PLAIN.format(name=""), "compose.yaml": text})
    assert (project.deployments[0].development is not None) is told_of


def test_beside_a_file_for_swarm_published_images_are_for_those_who_use_them() -> None:
    text = "services:\n  web:\n    image: example/shop:1\n    command: uvicorn main:app\n"
    for name, kept, told_of in (
        ("compose.swarm.yaml", ON.format("on-failure"), False),
        ("compose.swarm.yaml", "", True),
        ("compose.prod.yaml", ON.format("on-failure"), True),
    ):
        project = assembled({**CODE, "compose.yaml": text + kept, name: text + ON.format("always")})
        (base,) = (one for one in project.deployments if one.files[0].source.path == "compose.yaml")
        assert (base.development is not None) is told_of


def test_a_database_that_a_workflow_starts_by_the_settings_for_ones_own_machine() -> None:
    said = "    environment: ['APP_ENV=${APP_ENV:-local}']\n"
    for settings_, told_of in (("--env-file config/.env.local ", True), ("--env-file .env ", False), ("", False)):
        text = f"jobs: {{a: {{steps: [{{run: docker compose {settings_}up -d}}]}}}}\n"
        assert (evidence_of(said, **{".github/workflows/deploy.yml": text}) is not None) is told_of


def test_openshift_builds_another_dockerfile() -> None:
    config = (
        "objects:\n- kind: BuildConfig\n  spec:\n    source:\n      contextDir: api\n    strategy:\n"
        "      dockerStrategy:\n        dockerfilePath: ./Dockerfile{}\n"
    )
    files = {
        "api/Dockerfile": PLAIN.format(name=" AS base") + "FROM base AS prod\nENV A=b\nFROM base AS dev\nENV A=c\n",
        "api/Dockerfile.cluster": PLAIN.format(name=""),
        "compose.yaml": "services:\n  web:\n    build:\n      context: api\n      target: dev\n",
        **{f"api/{name}": text for name, text in CODE.items()},
    }
    for name, told_of in ((".cluster", True), ("", False), (".other", False)):
        project = assembled({**files, "openshift/bc.yaml": config.format(name)})
        found = {one.stage.name or "": one.development for one in project.images}
        assert (found["prod"] is not None) is told_of
        assert found[""] is None
