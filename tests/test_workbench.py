"""What tells a developer's own compose files, and a developer's own secrets, from those that others depend on."""

from __future__ import annotations

import pytest

from dockerlint_fastapi.assemble import assemble
from dockerlint_fastapi.discover import find
from dockerlint_fastapi.model.project import Project
from dockerlint_fastapi.model.secrets import is_drawn, is_made_up, names_a_secret
from dockerlint_fastapi.tree import MemoryTree

SERVER = 'FROM python:3.13-slim\nWORKDIR /code\nCOPY . .\nCMD ["uvicorn", "main:app", "--host", "0.0.0.0"]\n'
DATABASE = "  db:\n    image: postgres:17\n"


def project(**files: str) -> Project:
    tree = MemoryTree({name.replace("__", "/").replace("_", "."): text.encode() for name, text in files.items()})
    return assemble(tree, find(tree))


def for_developers(services: str, name: str = "compose_yaml", **files: str) -> bool:
    (deployment,) = project(**{name: f"services:\n{services}", **files}).deployments
    return deployment.is_for_developers


@pytest.mark.parametrize(
    "value",
    [
        "postgres", "changeme", "hunter2", "dev-secret-key", "YourStrong@Passw0rd", "minio123", "", "a" * 40, '"root"',
        "SuperSecretPassword123!", "ChangeMe2024!Production", "StrongPassword123!",
    ],
)  # fmt: skip
def test_a_stand_in_is_made_up(value: str) -> None:
    assert is_made_up(value)


@pytest.mark.parametrize(
    "value", ["Vh3900@!kLm", "9b1d0c7e4f2a8d6b3c5e7f9012ab34cd", "'!Gns9@jeonjin'", "ContosoMinIO2024!SecurePassword"]
)
def test_what_was_drawn_by_lot_or_chosen_is_not_made_up(value: str) -> None:
    assert not is_made_up(value)


@pytest.mark.parametrize("value", ["uqr3lre74b", "2vd5vcd00sji", "'p1jpuij6ihrz'"])
def test_short_letters_and_digits_in_turn_are_drawn(value: str) -> None:
    assert is_drawn(value)


@pytest.mark.parametrize(
    "value", ["fastapi2024", "pass1w2o3r4d", "a1b2c3", "shop-1-2-3-4", "", "abcdefghijkl", "1234567890"]
)
def test_words_and_short_texts_are_not_drawn(value: str) -> None:
    assert not is_drawn(value)


def test_the_public_half_of_a_pair_is_no_secret() -> None:
    assert not names_a_secret("PUSHER_APP_KEY")
    assert names_a_secret("PUSHER_APP_SECRET")
    assert names_a_secret("APP_KEY")


def test_databases_alone_are_for_developers_but_no_evidence_of_development() -> None:
    assert for_developers(DATABASE)
    assert for_developers(DATABASE + "  look:\n    image: grafana/grafana:12.0.0\n")
    (deployment,) = project(compose_yaml=f"services:\n{DATABASE}").deployments
    assert deployment.development is None
    assert [one.development for one in deployment.containers] == [None]


def test_what_is_named_for_production_or_made_for_swarm_is_none() -> None:
    assert not for_developers(DATABASE, "compose_prod_yaml")
    assert not for_developers(DATABASE + "    deploy:\n      placement:\n        constraints: [node.role == manager]\n")


def test_a_program_that_is_built_is_none_whether_its_dockerfile_is_there_or_not() -> None:
    assert not for_developers(DATABASE + "  web:\n    build: .\n")
    assert not for_developers(DATABASE + "  web:\n    build: .\n", Dockerfile=SERVER)


def test_a_strange_program_that_reaches_the_others_is_none() -> None:
    web = "  web:\n    image: ghcr.io/acme/shop:1\n"
    assert for_developers(DATABASE + web)
    assert not for_developers(DATABASE + web + "    environment:\n      DATABASE_URL: postgresql://a:b@db/a\n")
    assert not for_developers(DATABASE + web + "    env_file: web.env\n")


def test_mail_that_is_caught_makes_one() -> None:
    assert for_developers("  web:\n    build: .\n  mail:\n    image: axllent/mailpit:v1.27\n", Dockerfile=SERVER)


def test_a_reloader_over_mounted_sources_makes_one_unless_something_is_always_restarted() -> None:
    web = "  web:\n    build: .\n    command: uvicorn main:app --reload\n    volumes: ['.:/code']\n"
    files = {"Dockerfile": SERVER, "main_py": "app = None\n"}
    assert for_developers(web, **files)
    assert for_developers(web + "    restart: unless-stopped\n", **files)
    assert not for_developers(web + "    restart: always\n", **files)


@pytest.mark.parametrize(
    ("mount", "main", "expected"),
    [
        (".:/code", "app = None\n", True),
        ("./alembic/versions:/code/alembic/versions", "app = None\n", False),
        ("./shop:/code/shop", "from shop.api import app\n", True),
        ("./shop:/code/shop", "app = None\n", False),
    ],
)
def test_the_mount_has_to_cover_what_the_server_imports(mount: str, main: str, *, expected: bool) -> None:
    web = f"  web:\n    build: .\n    command: uvicorn main:app --reload\n    volumes: ['{mount}']\n"
    files = {"Dockerfile": SERVER, "main_py": main, "alembic__versions__one_py": "", "shop__api_py": "app = None\n"}
    assert for_developers(web, **files) is expected


@pytest.mark.parametrize(
    ("files", "expects"),
    [
        ({}, False),
        ({"requirements_txt": "fastapi\n"}, False),
        ({"requirements_txt": "python-dotenv\n"}, True),
        ({"pyproject_toml": "[project]\ndependencies = ['pydantic-settings']\n"}, True),
        ({"_env_example": "A=\n"}, True),
        ({"compose_yaml": "services:\n  web:\n    build: .\n    environment: {A: '${A}'}\n"}, True),
    ],
)
def test_a_folder_in_which_a_dotenv_is_expected(files: dict[str, str], expects: object) -> None:
    (image,) = project(Dockerfile=SERVER, main_py="app = None\n", **files).images
    assert [build.expects_env_file for build in image.builds] == [expects]


def test_a_file_to_mount_is_missing_only_where_nobody_makes_it() -> None:
    services = (
        "services:\n  web:\n    image: a/b:1\n    volumes:\n      - ./a.conf:/etc/a.conf\n"
        "      - ./b.conf:/etc/b.conf\n      - ./c:/c\n      - ./d.conf:/etc/d\n"
    )
    found = project(compose_yaml=services, b_conf="x\n").missing_files
    assert [(one.kind, one.name) for one in found] == [("mount", "a.conf")]


def test_an_env_file_that_git_ignores_has_no_committed_secret() -> None:
    files = {
        "compose_yaml": "services:\n  web:\n    image: a/b:1\n    env_file: web.env\n",
        "web_env": "API_SECRET=9b1d0c7e4f2a8d6b3c5e7f9012ab34cd\nDB_PASSWORD=postgres\n",
    }
    (open_,) = project(**files).deployments
    assert [one.holder for one in open_.committed_secrets] == ["API_SECRET"]
    (ignored,) = project(**files, _gitignore="*.env\n").deployments
    assert list(ignored.committed_secrets) == []
