"""What readers of strange repositories found wrong or missing: words of the model on starts, locks, links, keys."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from dockerlint_fastapi.assemble import assemble
from dockerlint_fastapi.discover import find
from dockerlint_fastapi.model.bases.musl import musl_cost
from dockerlint_fastapi.model.context.stowaways import secret_files
from dockerlint_fastapi.model.install.locked_wheels import locked_wheels
from dockerlint_fastapi.model.start.scaling import replication
from dockerlint_fastapi.tree import DiskTree, text_files

if TYPE_CHECKING:
    from pathlib import Path

    from dockerlint_fastapi.model.project import Project

SERVER = (
    "FROM python:3.13-slim\nWORKDIR /code\nRUN pip install fastapi==0.121.0 uvicorn==0.38.0\nCOPY . .\n"
    'CMD ["uvicorn", "main:app"]\n'
)
WEB = "services:\n  web:\n    build: .\n"


def project(**files: str) -> Project:
    named = {name.replace("__", "/").replace("_", "."): text for name, text in files.items()}
    tree = text_files(named.items())
    return assemble(tree, find(tree))


@pytest.mark.parametrize(
    ("code", "late"),
    [
        ("from fastapi import FastAPI\napp = FastAPI()\n", True),
        ("from fastapi import FastAPI\nBase.metadata.create_all(engine)\napp = FastAPI()\n", False),
        ("from fastapi import FastAPI\napp = FastAPI()\n@app.on_event('startup')\ndef go():\n    seed()\n", False),
        (
            "from fastapi import FastAPI\napp = FastAPI()\n@app.on_event('startup')\ndef go():\n    logger.info('a')\n",
            True,
        ),
        (
            (
                "from fastapi import FastAPI\n@asynccontextmanager\nasync def lifespan(app):\n    yield\n    close()\n"
                "app = FastAPI(lifespan=lifespan)\n"
            ),
            True,
        ),
        ("from other import app\n", False),
    ],
)
def test_an_application_that_connects_with_its_first_request(code: str, late: object) -> None:
    (container, *_) = project(Dockerfile=SERVER, compose_yaml=WEB, main_py=code).containers
    assert container.connects_late is late


def test_branches_that_all_start_for_work_make_a_reloading_service() -> None:
    dockerfile = "FROM python:3.13-slim\nWORKDIR /code\nCOPY start.sh /start.sh\n"
    script = "#!/bin/bash\nif grep -q debug /etc/hosts; then\n  exec %s\nelse\n  exec fastapi dev main.py\nfi\n"
    compose = WEB + "    command: /start.sh\n    volumes: ['.:/code']\n"
    for first, expected in (("python -m debugpy --listen 5678 -m uvicorn main:app", True), ("uvicorn main:app", False)):
        one = project(Dockerfile=dockerfile, compose_yaml=compose, start_sh=script % first, main_py="app = None\n")
        assert one.containers[0].branches_reload is expected
        assert one.containers[0].worked_on is expected


@pytest.mark.parametrize(
    ("copied", "name", "expected"),
    [
        ("requirements.txt", "compose_dev_yaml", "wholly"),
        (".", "compose_dev_yaml", "mostly"),
        (".", "compose_yaml", "mostly"),
        (".", "compose_prod_yaml", None),
    ],
)
def test_an_image_that_only_work_on_the_code_uses(copied: str, name: str, expected: object) -> None:
    dockerfile = f'FROM python:3.13-slim\nWORKDIR /code\nCOPY {copied} ./\nCMD ["uvicorn", "main:app"]\n'
    compose = WEB + "    volumes: ['.:/code']\n"
    one = project(**{name: compose}, Dockerfile=dockerfile, requirements_txt="fastapi\n", main_py="app = None\n")
    bare = [container for container in one.containers if container.service is None]
    works = ["wholly" if each.is_codeless else "mostly" if each.is_bare else None for each in bare]
    assert works == ([] if expected is None else [expected])


def test_one_target_for_development_says_nothing_of_services_that_are_kept_up() -> None:
    compose = "services:\n  web:\n    build: {context: ., target: development}\n  db:\n    image: postgres:17\n"
    dockerfile = "FROM python:3.13-slim AS development\n"
    kept = "    restart: always\n"
    for restart, expected in (("", True), (kept, True), (f"{kept}  mail:\n    image: postfix\n{kept}", False)):
        containers = project(Dockerfile=dockerfile, compose_yaml=compose + restart).containers
        (database,) = [one for one in containers if one.role == "database"]
        assert bool(database.development) is expected


PUSH = "      - uses: docker/build-push-action@v6\n        with:\n          tags: ${{ env.IMAGE }}:1\n"
META = "      - uses: docker/metadata-action@v5\n        with:\n          images: |\n            ${{ env.IMAGE }}\n"


def workflow(step: str) -> str:
    return f"env:\n  IMAGE: ghcr.io/acme/shop\njobs:\n  a:\n    steps:\n{step}"


@pytest.mark.parametrize(
    ("step", "linked"),
    [
        (f"{PUSH}          context: .\n", True),
        (f"{PUSH}          file: ./Dockerfile\n", True),
        (f"{PUSH}          context: ${{{{ matrix.folder }}}}\n", False),
        (f"{META}{PUSH.replace('env.IMAGE', 'steps.meta.outputs.tags')}", True),
        (f"      - run: echo $IMAGE\n{PUSH.replace('env.IMAGE', 'env.OTHER')}", False),
        ("      - run: |\n          docker build .\n          docker run $IMAGE\n", False),
        ("      - run: |\n          docker build .\n          docker tag it $IMAGE:1\n", True),
        ("      - run: docker build -t ghcr.io/acme/shop .\n", True),
        ("      - run: docker build -f other/Dockerfile -t ghcr.io/acme/shop .\n", False),
        ("      - run: docker pull ghcr.io/acme/shop\n", False),
    ],
)
def test_a_service_takes_the_image_that_a_workflow_pushes(step: str, linked: object) -> None:
    tree = text_files(
        {
            "Dockerfile": SERVER,
            "compose.yaml": "services:\n  web:\n    image: ghcr.io/acme/shop:latest\n",
            ".github/workflows/publish.yml": workflow(step),
        }.items()
    )
    (container, *_) = assemble(tree, find(tree)).containers
    assert (container.image is not None) is linked


STEP = "      - uses: docker/build-push-action@v6\n        with:\n"
BUILD = STEP + "          context: {}\n          tags: |\n            {}\n"


@pytest.mark.parametrize(
    ("tags", "linked"),
    [
        (("ghcr.io/acme/shop:latest", "ghcr.io/acme/web:latest"), True),
        (("${{ secrets.REGISTRY }}/acme/shop:${{ github.sha }}", "${{ secrets.REGISTRY }}/acme/web:1"), True),
        (("ghcr.io/${{ github.repository_owner }}/${{ env.NAME }}:1", "ghcr.io/acme/web:1"), True),
        (("ghcr.io/acme/${{ matrix.name }}:1", "ghcr.io/acme/web:1"), False),  # any of several
        (("ghcr.io/acme/shops:1", "ghcr.io/acme/web:1"), False),
        (("ghcr.io/acme/shop:1", "ghcr.io/acme/shop:2"), False),
        (("docker.io/${{ secrets.USER }}/shop:1", "ghcr.io/acme/web:1"), False),
    ],
)
def test_a_workflow_that_builds_several_images_names_each(tags: tuple[str, str], linked: object) -> None:
    text = "env:\n  NAME: shop # of the image\njobs:\n  a:\n    steps:\n"
    tree = text_files(
        {
            "Dockerfile": SERVER,
            "front/Dockerfile": "FROM nginx:1.29\n",
            "compose.yaml": "services:\n  web:\n    image: ghcr.io/acme/shop:latest\n",
            ".github/workflows/publish.yml": text + BUILD.format(".", tags[0]) + BUILD.format("front", tags[1]),
        }.items()
    )
    (web,) = [one for one in assemble(tree, find(tree)).containers if one.service is not None]
    assert (web.image is not None) is linked


LOCK = """version = 1
[[package]]
name = "quick"
version = "1.0"
source = { registry = "https://pypi.org/simple" }
wheels = [%s]
[[package]]
name = "shop"
version = "1.0"
source = { virtual = "." }
dependencies = [{ name = "quick" }]
"""
ALPINE = (
    "FROM python:3.13-alpine\nRUN apk add gcc && pip install uv\nWORKDIR /code\nCOPY pyproject.toml uv.lock ./\n"
    'RUN uv sync --locked\nCMD ["uv", "run", "python", "-m", "shop"]\n'
)


@pytest.mark.parametrize(
    ("wheels", "names"),
    [
        ([], ()),
        (["cp313-cp313-manylinux_2_17_x86_64.manylinux2014_x86_64"], ("quick",)),
        (["cp313-cp313-manylinux_2_17_x86_64", "cp313-cp313-musllinux_1_2_x86_64"], ()),
        (["cp39-abi3-manylinux_2_17_x86_64", "cp39-abi3-musllinux_1_2_x86_64"], ()),
        (["cp312-cp312-manylinux_2_17_x86_64"], ()),
        (["cp313-cp313-manylinux_2_17_x86_64", "py3-none-any"], ()),
        (["py3-none-manylinux2014_x86_64"], ()),
    ],
)
def test_wheels_of_a_lock_file(wheels: list[str], names: tuple[str, ...]) -> None:
    text = LOCK % ", ".join(f'{{ url = "https://a/quick-1.0-{one}.whl" }}' for one in wheels)
    manifest = '[project]\nname = "shop"\nversion = "1"\ndependencies = ["quick"]\n'
    (image,) = project(Dockerfile=ALPINE, pyproject_toml=manifest, uv_lock=text).images
    assert locked_wheels(image) == names
    cost = musl_cost(image)
    assert cost is not None
    assert cost.kind == ("no wheel" if names else "unknown")


def test_what_hardly_anything_brings() -> None:
    install = "FROM python:3.13-slim\nRUN pip install fastapi==0.121.0 %s\n"
    for other, expected in (("unheard-of==1", True), ("acme-fastapi-kit==1", False), ("./wheels/a.whl", False)):
        (image,) = project(Dockerfile=install % other).images
        assert image.distributions.hardly_has("fastapi-cli") is expected
    assert not image.distributions.hardly_has("uvicorn")


def test_what_an_application_certainly_imports() -> None:
    code = "import redis\nimport store\ntry:\n    import orjson\nexcept ImportError:\n    pass\n"
    one = project(Dockerfile=SERVER, main_py=code + "app = None\n", store_py="from sqlalchemy import text\n")
    lacking = [(each.kind, each.names) for each in one.containers[0].lacking]
    assert lacking == [("import", ("redis",))]
    found = one.containers[0].read_imports(one.containers[0], frozenset(("redis", "orjson", "sqlalchemy", "yaml")))
    assert [name for name, _ in found] == ["redis", "sqlalchemy"]


def test_external_false_is_a_network_of_ones_own() -> None:
    compose = WEB + "    networks: [a]\nnetworks:\n  a:\n    external: %s\n"
    for word, expected in (("false", False), ("true", True), ("{name: b}", True)):
        (deployment,) = project(compose_yaml=compose % word).deployments
        service = deployment.merged.services["web"]
        assert deployment.service_names.external(service) is expected


def test_words_in_the_place_of_a_key_are_no_secret() -> None:
    key = "-----BEGIN PRIVATE KEY-----\n%s\n-----END PRIVATE KEY-----\n"
    for body, expected in (("MIIEvQIBADANBgkqhkiG9w0BAQEFAASC", 1), ("Your Private Key Here", 0)):
        (image,) = project(Dockerfile=SERVER, compose_yaml=WEB, server_key=key % body).images
        (build,) = image.builds
        assert len(list(secret_files(build))) == expected


def test_a_folder_that_waits_for_another_repository(tmp_path: Path) -> None:
    (tmp_path / "compose.yaml").write_text("services:\n  web:\n    build: shop\n  other:\n    build: none\n")
    (tmp_path / "shop").mkdir()
    tree = DiskTree(str(tmp_path))
    assert [one.name for one in assemble(tree, find(tree)).missing_files] == ["none"]


def test_a_manifest_with_a_command_of_its_own_counts_workers_itself() -> None:
    dockerfile = 'FROM python:3.13-slim\nCMD ["uvicorn", "main:app", "--workers", "4"]\n'
    manifest = "apiVersion: apps/v1\nkind: Deployment\n%s"
    for more, expected in (("", True), ("command: [uvicorn, 'main:app']\n", False)):
        (container,) = project(Dockerfile=dockerfile, k8s__deployment_yaml=manifest % more).containers
        assert (replication(container) is not None) is expected


def test_a_stage_that_only_gives_files() -> None:
    dockerfile = "FROM a AS one\nFROM b AS two\nCOPY --from=one /x /x\nFROM two\n"
    (file,) = project(Dockerfile=dockerfile).dockerfiles
    assert [stage.is_left_behind for stage in file.stages] == [True, False, False]
