"""Settings classes: their fields and variables, what nothing sets, and the secrets that stand in code."""

from __future__ import annotations

import os
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dockerlint_fastapi.assemble import assemble
from dockerlint_fastapi.discover import find
from dockerlint_fastapi.model.container import Container
from dockerlint_fastapi.model.environment.settings_class import SettingsClass, SettingsUse
from dockerlint_fastapi.tree import text_files

IMPORTS = (
    "from typing import Annotated, ClassVar, Optional\n"
    "from pydantic import AliasChoices, BaseModel, Field, SecretStr\n"
    "from pydantic_settings import BaseSettings, SettingsConfigDict\n"
)
DOCKERFILE = 'FROM python:3.12-slim\nWORKDIR /code\nCOPY . .\nCMD ["uvicorn", "main:app", "--host", "0.0.0.0"]\n'
CLASS = "class Settings(BaseSettings):\n"
SHORT = "class S(BaseSettings):\n"
CONFIG = "    model_config = SettingsConfigDict("
MADE = "\n\n\nsettings = Settings()\n"
MAIN = "from fastapi import FastAPI\nfrom config import *\n\napp = FastAPI()\n"


def container_of(
    files: dict[str, str], environment: dict[str, str] | None = None, dockerfile: str = DOCKERFILE
) -> Container:
    """The container of a service that runs `main:app`, with these variables in `environment:`."""
    service = "services:\n  api:\n    build: .\n"
    if environment:
        service += "    environment:\n" + "".join(f"      {name}: '{value}'\n" for name, value in environment.items())
    tree = text_files({"Dockerfile": dockerfile, "compose.yaml": service, "main.py": MAIN, **files}.items())
    return assemble(tree, find(tree)).containers[0]


def uses_of(config: str, environment: dict[str, str] | None = None, **files: str) -> tuple[SettingsUse, ...]:
    return container_of({"config.py": IMPORTS + config, **files}, environment).settings


def class_of(config: str) -> SettingsClass:
    """The one class of a module that makes an object of it."""
    (use,) = uses_of(config)
    return use.settings


def test_a_class_knows_its_fields_and_their_places() -> None:
    found = class_of(
        f"{CLASS}    secret_key: str\n    port: int = 8000\n    host: str = Field('0.0.0.0', alias='H')\n"
        f"    made: str = Field(default_factory=list)\n    kind: ClassVar[str] = 'x'\n    _private: int = 1\n{MADE}"
    )
    assert (found.name, found.span.text, found.complete) == ("Settings", "Settings", True)
    assert [(one.name, one.required, one.default, one.annotation) for one in found.fields] == [
        ("secret_key", True, None, "str"),
        ("port", False, "8000", "int"),
        ("host", False, "0.0.0.0", "str"),
        ("made", False, None, "str"),
    ]
    field = found.field("host")
    assert field is not None
    assert field.env_names == ("H",)
    assert field.span.text == "host"
    assert field.default_span is not None
    assert field.default_span.text == "0.0.0.0"
    assert found.field("absent") is None


# Classes, and variables with which pydantic itself makes an object of them or names the fields that are missing.
CLASSES: list[tuple[str, dict[str, str]]] = [
    ("    a: str\n    b: int\n", {}),
    ("    a: str\n    b: int\n", {"A": "x"}),
    ("    a: str\n    b: int\n", {"a": "x", "B": "1"}),
    ("    a: str = 'x'\n    b: Optional[str]\n", {}),
    ("    a: str = Field()\n    b: str = Field(...)\n    c: str = ...\n", {"C": "1"}),
    ("    a: str = Field(default='x')\n    b: str = Field('y')\n", {}),
    ("    a: str = Field(alias='OTHER')\n", {"A": "x"}),
    ("    a: str = Field(alias='OTHER')\n", {"other": "x"}),
    ("    a: str = Field(validation_alias=AliasChoices('ONE', 'TWO'))\n", {"TWO": "x"}),
    ("    a: str = Field(validation_alias=AliasChoices('ONE', 'TWO'))\n", {}),
    ("    a: Annotated[str, Field(alias='OTHER')]\n", {"OTHER": "x"}),
    ("    a: Annotated[str, Field(min_length=1)]\n", {}),
    ("    model_config = SettingsConfigDict(env_prefix='APP_')\n    a: str\n    b: str\n", {"APP_A": "x", "B": "y"}),
    ("    model_config = {'env_prefix': 'app_'}\n    a: str\n", {"APP_A": "x"}),
    ("    class Config:\n        env_prefix = 'APP_'\n    a: str\n", {"A": "x"}),
    ("    model_config = SettingsConfigDict(case_sensitive=True)\n    a: str\n    B: str\n", {"A": "x", "B": "x"}),
    ("    model_config = SettingsConfigDict(env_file='.env')\n    a: str\n", {}),
    ("    a: SecretStr\n    b: list[str]\n", {"B": '["x"]'}),
    ("    a: 'str'\n    b: str | None = None\n", {}),
]


def misses(made: Callable[[], object], invalid: type[Exception]) -> Iterator[str]:
    """The fields that pydantic calls missing when it makes an object."""
    try:
        made()
    except invalid as error:
        for one in error.errors():  # type: ignore[attr-defined]
            yield f"{one['loc'][0]}" if one["type"] == "missing" else f"{one['type']} of {one['loc']}"


@pytest.mark.parametrize(("body", "variables"), CLASSES)
def test_missing_fields_are_those_that_pydantic_misses(
    body: str, variables: dict[str, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Seen with pydantic 2.14 and pydantic-settings 2.16."""
    pydantic = pytest.importorskip("pydantic")
    pytest.importorskip("pydantic_settings")
    code = f"class Settings(BaseSettings):\n{body}"
    monkeypatch.chdir(tmp_path)
    for name in ("a", "A", "b", "B", "c", "C", "other", "OTHER", "ONE", "TWO", "APP_A", "APP_B"):
        monkeypatch.delenv(name, raising=False)
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    names: dict[str, Any] = {"__name__": "config"}
    warnings.simplefilter("ignore", DeprecationWarning)  # `class Config` is pydantic 1's way, and still read
    exec(compile(IMPORTS + code, "config.py", "exec", dont_inherit=True), names)  # noqa: S102  # our own text
    missing = set(misses(names["Settings"], pydantic.ValidationError))
    (use,) = uses_of(f"{code}\n\nsettings = Settings()\n", variables)
    assert use.settings.complete
    aliases = {"OTHER": "a", "ONE": "a", "app_a": "a", "APP_B": "b"}
    assert {one.name for one in use.missing} == {aliases.get(one, one) for one in missing}


def test_inheritance_prefix_and_overridden_fields() -> None:
    (use,) = uses_of(
        f"class Base(BaseSettings):\n{CONFIG}env_prefix='A_')\n    x: str\n    y: str\n\n\n"
        "class Settings(Base):\n    y: str = 'y'\n    z: str\n\n\nsettings = Settings()\n",
        {"A_X": "1"},
    )
    assert [one.name for one in use.missing] == ["z"]
    assert use.settings.field("z") is not None
    assert use.made.text == "Settings()"


@pytest.mark.parametrize(
    "config",
    [
        "class Settings(BaseSettings):\n    a: str\n",  # nobody makes an object
        "class Settings(BaseSettings):\n    a: str\n\n\ndef get():\n    return Settings()\n",
        f"{CLASS}    a: str\n\n\ntry:\n    settings = Settings()\nexcept ValueError:\n    pass\n",
        "class Settings(BaseSettings):\n    a: str\n\n\nif DEBUG:\n    settings = Settings()\n",
        "class Settings(BaseModel):\n    a: str\n\n\nsettings = Settings()\n",
        "class Settings(Unknown):\n    a: str\n\n\nsettings = Settings()\n",
    ],
)
def test_classes_of_which_no_object_is_certainly_made(config: str) -> None:
    assert uses_of(config) == ()


@pytest.mark.parametrize(
    "config",
    [
        "class Settings(BaseSettings):\n    a: str\n\n\nsettings = Settings(a='x')\n",
        "class Settings(BaseSettings):\n    a: str\n\n\nsettings = Settings(_env_file='prod.env')\n",
        "class Settings(BaseSettings):\n    a: str\n\n\nsettings = Settings(**values)\n",
        "class Settings(BaseSettings, Mixin):\n    a: str\n\n\nsettings = Settings()\n",
        f"{CLASS}{CONFIG}secrets_dir='/run/secrets')\n    a: str{MADE}",
        f"{CLASS}{CONFIG}env_file=NAME)\n    a: str{MADE}",
        f"{CLASS}{CONFIG}yaml_file='x')\n    a: str{MADE}",
        "class Settings(BaseSettings):\n    model_config = make()\n    a: str\n\n\ns = Settings()\n",
        f"{CLASS}    a: str\n\n    @classmethod\n    def settings_customise_sources(cls, *a):\n        ...{MADE}",
        f"{CLASS}    a: str\n\n    def __init__(self):\n        super().__init__(a='x'){MADE}",
        "import os\nos.environ['A'] = 'x'\n\n\nclass Settings(BaseSettings):\n    a: str\n\n\ns = Settings()\n",
        f"from dotenv import load_dotenv\nload_dotenv('/etc/env')\n\n\n{CLASS}    a: str{MADE}",
    ],
)
def test_what_may_set_a_field_leaves_nothing_missing(config: str) -> None:
    found = uses_of(config, None, **{".env": "X=1\n"})
    assert len(found) == 1
    assert found[0].missing == ()


@pytest.mark.parametrize(
    "made",
    [
        "settings = Settings()",
        "from functools import lru_cache\n\n\n@lru_cache\ndef get():\n    return Settings()\n\n\nsettings = get()",
        "def get():\n    one = Settings()\n    return one\n\n\nport = get().port",
        "def use(settings=Settings()):\n    pass",
        "class Holder:\n    settings = Settings()",
        "from fastapi import Depends\n\n\ndef get():\n    return Settings()\n\n\ndef route(s=Depends(get)):\n    pass",
    ],
)
def test_ways_to_make_an_object(made: str) -> None:
    (use,) = uses_of(f"class Settings(BaseSettings):\n    a: str\n    port: int = 1\n\n\n{made}\n")
    assert [one.name for one in use.missing] == ["a"]


def test_a_validator_gives_a_missing_field_a_value_only_if_it_runs_first() -> None:
    head = f"from pydantic import field_validator, model_validator\n\n\n{CLASS}    a: str\n\n"
    for decorator, missing in (
        ("field_validator('a')", ["a"]),
        ("model_validator(mode='after')", ["a"]),
        ("model_validator(mode='before')", []),
    ):
        body = f"    @{decorator}\n    def check(cls, values):\n        values['a'] = 'x'\n        return values\n"
        (use,) = uses_of(f"{head}{body}{MADE}")
        assert [one.name for one in use.missing] == missing, decorator


def test_an_env_file_in_the_image_may_set_it() -> None:
    config = f"{CLASS}{CONFIG}env_file='.env')\n    a: str{MADE}"
    assert uses_of(config, None, **{".env": "A=1\n"})[0].missing == ()
    assert uses_of(config, None, **{".env": "A=1\n", ".dockerignore": ".env\n"})[0].missing != ()
    assert (
        uses_of(config, None, **{".gitignore": ".env\n"})[0].missing == ()
    )  # it may be there where the image is built


def test_only_modules_that_are_certainly_imported_count() -> None:
    config = IMPORTS + "class Settings(BaseSettings):\n    a: str\n\n\nsettings = Settings()\n"
    places = {
        "import pkg.config\n": 1,
        "from pkg import config\n": 1,
        "from pkg.config import settings\n": 1,
        "import pkg.deep.other\n": 1,
        "def late():\n    import pkg.config\n": 0,
        "if TYPE_CHECKING:\n    import pkg.config\n": 0,
        "try:\n    import pkg.config\nexcept ImportError:\n    pass\n": 1,
        "import pkg\n": 0,
    }
    for line, count in places.items():
        files = {
            "main.py": f"{line}from fastapi import FastAPI\napp = FastAPI()\n",
            "pkg/__init__.py": "",
            "pkg/config.py": config,
            "pkg/deep/__init__.py": "from ..config import settings\n",
            "pkg/deep/other.py": "",
        }
        assert len(container_of(files).settings) == count, line


def test_an_image_that_no_service_starts_has_settings_too() -> None:
    tree = text_files(
        {
            "Dockerfile": DOCKERFILE,
            "main.py": MAIN,
            "config.py": IMPORTS + "class Settings(BaseSettings):\n    a: str\n\n\nsettings = Settings()\n",
        }.items()
    )
    (container,) = assemble(tree, find(tree)).containers
    assert [one.settings.name for one in container.settings] == ["Settings"]


def secrets_in(code: str, place: str = "config.py") -> list[tuple[str, str]]:
    """The names and kinds of the secrets that are found, for the message does not have more."""
    files = {place: IMPORTS + "import os\n" + code}
    if place != "config.py":
        files["config.py"] = f"from {place.removesuffix('.py').replace('/', '.')} import *\n"
    return [(one.name, one.kind) for one in container_of(files).secret_defaults]


@pytest.mark.parametrize(
    ("code", "found"),
    [
        ("class S(BaseSettings):\n    secret_key: str = 'changeme'\n", [("secret_key", "field")]),
        ("class S(BaseSettings):\n    db_password: SecretStr = SecretStr('hunter2')\n", [("db_password", "field")]),
        ("class S(BaseSettings):\n    api_token: str = Field('abcdef', alias='T')\n", [("api_token", "field")]),
        ("class S(BaseSettings):\n    POSTGRES_PASSWORD: str = '123'\n", [("POSTGRES_PASSWORD", "field")]),
        ("class S(BaseSettings):\n    JWT_SECRET: str = 'SECRET'\n", [("JWT_SECRET", "field")]),
        ("class S(BaseSettings):\n    api_key: str = 'open sesame'\n", [("api_key", "field")]),
        ("class S(BaseSettings):\n    X_API_KEY: str = 'sk-1234567890abcdef'\n", [("X_API_KEY", "field")]),
        ("S = os.getenv('SECRET_KEY', 'my secret key')\n", [("SECRET_KEY", "variable")]),
        ("S = os.environ.get('DB_PASSWORD', default='postgres')\n", [("DB_PASSWORD", "variable")]),
        ("SECRET_KEY = '09d25e094faa6ca2556c818166b7a9563b93f7099f6f0f4c'\n", [("SECRET_KEY", "constant")]),
        ("JWT_SECRET_KEY: str = 'my-secret-key'\n", [("JWT_SECRET_KEY", "constant")]),
    ],
)
def test_secrets_in_code(code: str, found: list[tuple[str, str]]) -> None:
    assert secrets_in(code) == found


CHECKED_FIELD = (
    f"from pydantic import field_validator\n\n\n{SHORT}    secret_key: str = 'changethis'\n\n"
    "    @field_validator('secret_key')\n    def check(cls, v):\n        ...\n"
)
CHECKED_MODEL = (
    f"from pydantic import model_validator\n\n\n{SHORT}    SECRET_KEY: str = 'changethis'\n\n"
    "    @model_validator(mode='after')\n    def check(self):\n        self._refuse('SECRET_KEY', self.SECRET_KEY)\n"
)


@pytest.mark.parametrize(
    "code",
    [
        f"{SHORT}    secret_key: str = ''\n    token: str | None = None\n    password: str = Field('')\n",
        "class S(BaseSettings):\n    access_token_expire_minutes: int = 30\n    token_url: str = '/token'\n",
        f"{SHORT}    cache_key: str = 'a:b'\n    llm_key: str = 'GPT4'\n    api_key: str = 'placeholder'\n",
        "import secrets\n\n\nclass S(BaseSettings):\n    secret_key: str = secrets.token_urlsafe(32)\n",
        "class S(BaseSettings):\n    api_key: str = 'api_key'\n    password_special_chars: str = '!@#$'\n",
        "class S(BaseSettings):\n    openai_api_key: str = 'custom'\n",
        "class S(BaseModel):\n    secret_key: str = 'changeme'\n",
        "class TestSettings(BaseSettings):\n    secret_key: str = 'changeme'\n",
        "_DEV_SECRET_KEY = 'a-secret-for-development-1'\n",
        "PASSWORD_RESET = 'password reset'\nTOKEN = 'access_token'\nSECRET = 'secret'\n",
        "S = os.getenv('SECRET_KEY')\nT = os.getenv('SECRET_KEY', '')\nU = os.getenv('TOKEN_TYPE', 'bearer')\n",
        "TOKEN = r'[!#$%&A-Za-z0-9]+xxxxxxxx'\n",
        CHECKED_FIELD,
        CHECKED_MODEL,
        "def f():\n    SECRET_KEY = '09d25e094faa6ca2556c818166b7a9563b93f7099f6f0f4c'\n",
    ],
)
def test_what_is_no_secret(code: str) -> None:
    assert secrets_in(code) == []


def test_modules_named_for_tests_are_not_read() -> None:
    code = "SECRET_KEY = '09d25e094faa6ca2556c818166b7a9563b93f7099f6f0f4c'\n"
    assert secrets_in(code, "settings/prod.py") != []
    assert secrets_in(code, "settings/test.py") == []


def test_a_secret_does_not_show_itself() -> None:
    (one,) = container_of(
        {"config.py": IMPORTS + "class S(BaseSettings):\n    secret_key: str = 'hunter2'\n"}
    ).secret_defaults
    assert "hunter2" not in repr(one)


PIECES = [
    "class S(BaseSettings):\n    a: str",
    "class S(S):\n    b: str = Field(..., alias=AliasChoices(*x))",
    "class T(BaseSettings, env_prefix=P):\n    model_config = {**x}\n    c: int = Field(alias=3)",
    "class U(BaseSettings):\n    class Config:\n        env_prefix: str\n    d = 3\n    e: str = os.environ['E']",
    "s = S()",
    "def get(): return get()",
    "s = get()",
    "x = Depends(get)",
    "SECRET_KEY = f'{x}'",
    "a = b = os.getenv(*c)",
    "from config import *",
    "from . import config",
    "from .... import x",
    "import config.config",
]


@settings(deadline=None, max_examples=50, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(st.sampled_from(PIECES), max_size=8))
def test_no_settings_break_the_reader(pieces: list[str]) -> None:
    container = container_of(
        {"config.py": IMPORTS + "import os\nfrom fastapi import Depends\n" + "\n".join(pieces) + "\n"}
    )
    assert all(one.settings.name in ("S", "T", "U") for one in container.settings)
    assert all(one.span.source.path == "config.py" for one in container.secret_defaults)


def test_the_environment_of_this_test_run_is_not_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("A", "x")
    assert os.environ["A"] == "x"
    (use,) = uses_of("class Settings(BaseSettings):\n    a: str\n\n\nsettings = Settings()\n")
    assert [one.name for one in use.missing] == ["a"]
