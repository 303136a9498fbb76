"""Applications that read an env file of their image, and which files of a build get into the image at all."""

import pytest

from dockerlint_fastapi.assemble import assemble
from dockerlint_fastapi.discover import find
from dockerlint_fastapi.model.context.env_reading import reaches, reads_env_file
from dockerlint_fastapi.model.context.image_build import ImageBuild
from dockerlint_fastapi.model.image import Image
from dockerlint_fastapi.tree import text_files

BASE = "FROM python:3.13-slim\nWORKDIR /app\n"
SERVER = 'CMD ["uvicorn", "main:app"]\n'
LOADS = "from dotenv import load_dotenv\nload_dotenv()\n"


def built(files: dict[str, str], dockerfile: str = f"{BASE}COPY . .\n{SERVER}") -> tuple[Image, ImageBuild]:
    tree = text_files({"Dockerfile": dockerfile, ".env": "A=1\n", **files}.items())
    (image,) = assemble(tree, find(tree)).images
    (build,) = image.builds
    return image, build


@pytest.mark.parametrize(
    ("code", "reads"),
    [
        (LOADS, True),
        ("values = dotenv_values('.env')\n", True),
        ("env.read_env()\n", True),
        ("model_config = SettingsConfigDict(env_file='.env')\n", True),
        ("class Config:\n    env_file = ('.env', '.env.local')\n", True),
        ("# load_dotenv()\n", False),
        ("reload_dotenv = 1\n", False),
        ("env_file = None\n", False),
        ("", False),
    ],
)
def test_code_that_reads_it(code: str, reads: bool) -> None:  # noqa: FBT001
    assert reads_env_file(built({"main.py": code})[1]) is reads


@pytest.mark.parametrize(
    ("path", "reads"),
    [("shop/settings.py", True), ("tests/settings.py", False), ("docs/a.py", False), ("settings.txt", False)],
)
def test_code_of_the_application(path: str, reads: bool) -> None:  # noqa: FBT001
    assert reads_env_file(built({path: LOADS})[1]) is reads


def test_code_that_is_not_sent_is_not_in_the_image() -> None:
    assert reads_env_file(built({"main.py": LOADS, ".dockerignore": "main.py\n"})[1]) is False


@pytest.mark.parametrize(
    ("keys", "reads"),
    [
        ("", True),
        ("    env_file: .env\n", False),
        ("    environment: [A=1]\n", False),
        ("    volumes: ['.:/app']\n", False),
        ("    volumes: ['./.env:/app/.env']\n", False),
        ("    volumes: ['data:/data']\n", True),
    ],
)
def test_a_service_that_gets_its_variables_in_another_way(keys: str, reads: bool) -> None:  # noqa: FBT001
    compose = f"services:\n  api:\n    build: .\n{keys}"
    assert reads_env_file(built({"main.py": LOADS, "compose.yaml": compose})[1]) is reads


VALUES = "class Config:\n    def __init__(self) -> None:\n        self._values = dotenv_values('.env')\n\n"


@pytest.mark.parametrize(
    ("code", "keys", "reads"),
    [
        ("    port = property(lambda self: self._values['PORT'])\n", "    environment: [PORT=1]\n", True),
        ("    port = property(lambda self: self._values['PORT'])\n", "    env_file: .env\n", True),
        ("    port = property(lambda self: self._values['PORT'])\n", "    volumes: ['./.env:/app/.env']\n", False),
        ("    port = property(lambda self: self._values.get('PORT'))\n", "    environment: [PORT=1]\n", False),
        ("    port = os.getenv('PORT') or _values['PORT']\n", "    environment: [PORT=1]\n", False),
    ],
)
def test_variables_do_not_stand_in_for_the_values_of_the_file(code: str, keys: str, reads: bool) -> None:  # noqa: FBT001
    compose = f"services:\n  api:\n    build: .\n{keys}"
    assert reads_env_file(built({"main.py": VALUES + code, "compose.yaml": compose})[1]) is reads


BUILDER = f"{BASE}COPY . /src\n".replace("FROM python:3.13-slim", "FROM python:3.13-slim AS builder")


@pytest.mark.parametrize(
    ("dockerfile", "there"),
    [
        (f"{BASE}COPY . .\n{SERVER}", True),
        (f"{BASE}COPY main.py .\n{SERVER}", False),
        (f"{BUILDER}{BASE}COPY --from=builder /src /app\n{SERVER}", True),
        (f"{BUILDER}{BASE}COPY --from=builder /src/.env /app/\n{SERVER}", True),
        (f"{BUILDER}{BASE}COPY --from=builder / /\n{SERVER}", True),
        (f"{BUILDER}{BASE}COPY --from=builder /src/dist /app\n{SERVER}", False),
        (f"{BUILDER}{BASE}COPY --from=builder /srcs /app\n{SERVER}", False),
        (f"{BUILDER}{BASE}COPY --from=builder $WHAT /app\n{SERVER}", True),  # cannot be told
        (f"{BUILDER}{BASE}COPY main.py .\n{SERVER}", False),
    ],
)
def test_whether_a_file_gets_into_the_image(dockerfile: str, there: bool) -> None:  # noqa: FBT001
    image, build = built({"main.py": ""}, dockerfile)
    assert reaches(image, build, ".env") is there


@pytest.mark.parametrize(("copied", "reads"), [("COPY shop shop", False), ("COPY . .", True)])
def test_a_builder_that_hands_its_directory_on(copied: str, reads: bool) -> None:  # noqa: FBT001
    """`env_file=".env"` is of the working directory, which comes out of a builder as that was filled."""
    dockerfile = f"FROM python:3.13-slim AS build\nWORKDIR /app\n{copied}\nFROM python:3.13-slim\nWORKDIR /app\n"
    dockerfile += f"COPY --from=build /app /app\n{SERVER}"
    code = "model_config = SettingsConfigDict(env_file='.env')\n"
    assert reads_env_file(built({"shop/settings.py": code}, dockerfile)[1]) is reads
