"""The application that a server imports: where it is found, what is wrong with its import string, its routes."""

from __future__ import annotations

import textwrap

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dockerlint_fastapi.assemble import assemble
from dockerlint_fastapi.discover import find
from dockerlint_fastapi.model.application import Application, Fault, Search
from dockerlint_fastapi.model.application.routes import Route, joined
from dockerlint_fastapi.model.command import UNKNOWN
from dockerlint_fastapi.model.container import Container
from dockerlint_fastapi.tree import text_files

ENTRYPOINT = {"pyproject.toml": "[tool.fastapi]\nentrypoint = 'src.web:api'\n", "src/web.py": "api = 1"}
APP = "from fastapi import FastAPI\n\napp = FastAPI()\n"


def container(
    command: str, files: dict[str, str], *, before: str = "", compose: str = "", workdir: str = "/code"
) -> Container:
    """What runs a command in an image into which everything is copied."""
    dockerfile = f"FROM python:3.12-slim\nWORKDIR {workdir}\nCOPY . .\n{before}CMD {command}\n"
    everything = {"Dockerfile": dockerfile} | {path: textwrap.dedent(text) for path, text in files.items()}
    if compose:
        everything["compose.yaml"] = "services:\n  web:\n    build: .\n" + textwrap.indent(
            textwrap.dedent(compose), "    "
        )
    tree = text_files(everything.items())
    project = assemble(tree, find(tree))
    return next(one for one in project.containers if one.service is not None or not compose)


def search(command: str, files: dict[str, str], **others: str) -> Search:
    found = container(command, files, **others).search  # type: ignore[arg-type]
    assert found is not None
    return found


def application(*texts: str, command: str = "uvicorn main:app", files: dict[str, str] | None = None) -> Application:
    """The application of main.py beside other files."""
    main = "".join(map(textwrap.dedent, texts))
    found = container(f"exec {command}", {"main.py": main} | (files or {})).application
    assert isinstance(found, Application), found
    return found


def paths(one: Application) -> list[str]:
    """Its own routes, without the pages that FastAPI adds."""
    usual = ("/openapi.json", "/docs", "/docs/oauth2-redirect", "/redoc")
    return [route.text for route in one.routes if route.text not in usual]


# The import string


@pytest.mark.parametrize(
    ("command", "files", "kind", "text", "better"),
    [
        ("uvicorn main", {"main.py": APP}, "form", "main", "main:app"),
        ("uvicorn main.py", {"main.py": APP}, "form", "main.py", "main:app"),
        ("uvicorn app/main.py:app", {"app/main.py": APP}, "form", "app/main.py", "app.main:app"),
        ("uvicorn app/main:app", {"app/main.py": APP}, "form", "app/main", "app.main:app"),
        ("uvicorn main:", {"main.py": APP}, "form", "main:", "main:app"),
        ("uvicorn .main:app", {"main.py": APP}, "form", ".main", None),
        ("uvicorn 'main:create()'", {"main.py": "def create(): ..."}, "form", "create()", "main:create"),
        ("uvicorn main:app", {"app/main.py": APP}, "module", "main", "app.main:app"),
        ("uvicorn app.main:app", {"app.py": APP}, "module", "app.main", None),
        (
            "uvicorn app.main:app",
            {"app/__init__.py": "", "src/app/main.py": APP},
            "module",
            "app.main",
            "src.app.main:app",
        ),
        ("uvicorn main:create", {"main.py": APP}, "attribute", "create", "main:app"),
        ("uvicorn main:a.b", {"main.py": APP}, "attribute", "a.b", "main:app"),
        ("gunicorn main", {"main.py": APP}, "attribute", "application", "main:app"),
        ("gunicorn main.py:app", {"main.py": APP}, "form", "main.py", "main:app"),
        ("gunicorn main:x.app", {"main.py": APP}, "form", "x.app", None),
        ("gunicorn main:app --chdir src", {"main.py": APP}, "module", "main", None),
        ("hypercorn wsgi:api", {"wsgi.py": APP}, "attribute", "api", "wsgi:app"),
        ("hypercorn nothing.py:app", {"main.py": APP}, "file", "nothing.py", None),
        ("granian --interface asgi main", {"main.py": "api = 1"}, "attribute", "app", None),
        ("fastapi run app.py", {"main.py": APP}, "file", "app.py", None),
        ("fastapi run", {"service.py": APP}, "file", "", None),
        ("fastapi run --app api main.py", {"main.py": APP}, "attribute", "api", "main.py:app"),
        ("fastapi run -e main", {"main.py": APP}, "form", "main", None),
    ],
)
def test_faults(command: str, files: dict[str, str], kind: str, text: str, better: str | None) -> None:
    fault = search(f"exec {command}", files).result
    assert isinstance(fault, Fault)
    assert (fault.kind, fault.text) == (kind, text)
    assert fault.span.source.path == "Dockerfile"
    assert fault.span.text in (text, "main") or not text
    assert [one.text for one in fault.candidates] == ([better] if better else [])
    assert container(f"exec {command}", files).application is None


@pytest.mark.parametrize(
    ("command", "files", "name"),
    [
        ("uvicorn main:app", {"main.py": APP}, "main:app"),
        ("uvicorn app.main:app", {"app/main.py": APP}, "app.main:app"),  # a namespace package
        ("uvicorn app:app", {"app/__init__.py": APP, "app.py": ""}, "app:app"),  # a package wins
        ("uvicorn main:app --app-dir src", {"src/main.py": APP}, "main:app"),
        ("uvicorn main:Shop.app", {"main.py": "class Shop:\n    app = 1\n"}, "main:Shop.app"),
        ("python -m uvicorn main:app", {"main.py": APP}, "main:app"),
        ("gunicorn main", {"main.py": "application = 1"}, "main:application"),
        ("gunicorn 'main:create(\"x\")'", {"main.py": "def create(name): ..."}, "main:create"),
        ("gunicorn main:app --chdir src", {"src/main.py": APP}, "main:app"),
        ("gunicorn main:app --pythonpath lib,src", {"src/main.py": APP}, "main:app"),
        ("hypercorn main", {"main.py": APP}, "main:app"),
        ("hypercorn asgi:src/main.py:app", {"src/main.py": APP}, "main:app"),
        ("hypercorn src/main:app", {"src/main.py": APP}, "main:app"),
        ("granian --interface asgi src/main.py", {"src/main.py": APP}, "main:app"),
        ("granian --interface asgi src/main:app", {"src/__init__.py": "", "src/main.py": APP}, "src.main:app"),
        ("daphne main:app", {"main.py": APP}, "main:app"),
        ("fastapi run", {"app.py": APP, "app/main.py": APP}, "app:app"),
        ("fastapi run", {"app/main.py": APP}, "main:app"),
        ("fastapi run app/main.py", {"app/__init__.py": "", "app/main.py": APP}, "app.main:app"),
        ("fastapi run shop", {"shop/__init__.py": APP}, "shop:app"),
        ("fastapi run", ENTRYPOINT, "src.web:api"),
        ("fastapi run -e src.web:api", {"src/web.py": "api = 1"}, "src.web:api"),
    ],
)  # fmt: skip
def test_applications_that_are_found(command: str, files: dict[str, str], name: str) -> None:
    found = search(f"exec {command}", files).result
    assert isinstance(found, Application), found
    assert found.name == name


@pytest.mark.parametrize(
    ("files", "bound"),
    [
        ({"main.py": "if a:\n    app = 1\n"}, True),
        ({"main.py": "try:\n    from x import app\nexcept ImportError as app: ...\n"}, True),
        ({"main.py": "def start():\n    global app\n    app = 1\n"}, True),
        ({"main.py": "(app := 1)"}, True),
        ({"main.py": "for app in apps: ..."}, True),
        ({"main.py": "with make() as (app, x): ..."}, True),
        ({"main.py": "import app.main"}, True),
        ({"main.py": "def start():\n    app = 1\n"}, False),
        ({"main.py": "class A:\n    app = 1\n"}, False),
        ({"main.py": "[app for app in apps]"}, None),  # it is bound nowhere else, but a careful reader counts it
        ({"main.py": "def __getattr__(name): ..."}, None),
        ({"main.py": "globals()['app'] = 1"}, None),
        ({"main.py": "from other import *"}, None),
        ({"main.py": "from shop import *", "shop.py": APP}, True),
        ({"main.py": "from shop import *", "shop.py": "api = 1"}, False),
        ({"main.py": "from shop import *", "shop.py": "from main import *"}, False),
        ({"main/__init__.py": "", "main/app.py": ""}, None),  # a submodule, once something imports it
        ({"main/__init__.py": "", "main/web.py": ""}, False),
        ({"main.py": "def broken(:"}, None),
    ],
)
def test_which_names_a_module_binds(files: dict[str, str], *, bound: bool | None) -> None:
    found = search("exec uvicorn main:app", files).result
    kinds = {True: isinstance(found, Application), False: isinstance(found, Fault), None: found is UNKNOWN}
    if files.get("main.py", "").startswith("[app"):
        assert kinds[True] or kinds[None]
    else:
        assert kinds[bound], found


@pytest.mark.parametrize(
    ("before", "compose", "files"),
    [
        ("ENV PYTHONPATH=/code/src\n", "", {"src/main.py": APP}),
        ("ENV PYTHONPATH=src\n", "", {"src/main.py": APP}),
        ("", "environment:\n  PYTHONPATH: /opt:/code/src", {"src/main.py": APP}),
        ("", "working_dir: /code/src", {"src/main.py": APP}),
        ("", "volumes:\n  - ./src:/code", {"src/main.py": APP}),
        ("WORKDIR /code/src\n", "", {"src/main.py": APP}),
    ],
)
def test_where_python_looks(before: str, compose: str, files: dict[str, str]) -> None:
    found = search("exec uvicorn main:app", files, before=before, compose=compose).result
    assert isinstance(found, Application)
    assert found.found.placed.path == "src/main.py"


@pytest.mark.parametrize(
    ("command", "before", "compose"),
    [
        ("exec uvicorn main:app", "ARG WHERE\nENV PYTHONPATH=$WHERE\n", ""),
        ("exec uvicorn main:app $OPTIONS", "", ""),
        ("exec uvicorn $MODULE:app", "", ""),
        ("exec uvicorn shop.main:app", "RUN pip install shop\n", ""),
        ("exec uvicorn main:app", "RUN pip install .\n", ""),
        ("exec uvicorn main:app", "RUN make install\n", ""),
        ("exec uvicorn main:app", "WORKDIR $HOME\n", ""),
        ("cd $DIR && exec uvicorn main:app", "", ""),
        ("exec uvicorn main:app", "", "volumes:\n  - code:/code"),
        ("exec uvicorn main:app", "", "environment:\n  PYTHONPATH: ${WHERE}"),
        ("exec uv run uvicorn main:app", "", ""),
    ],
)
def test_what_cannot_be_told(command: str, before: str, compose: str) -> None:
    found = search(command, {"src/main.py": APP}, before=before, compose=compose)
    assert found.result is UNKNOWN
    assert found.why


@pytest.mark.parametrize(
    ("command", "directory"),
    [
        ("cd src && exec uvicorn main:app", "/code/src"),
        ("cd /srv; uvicorn main:app", "/srv"),
        ("uv --directory src run uvicorn main:app", "/code/src"),
        ("uv run --directory ../x uvicorn main:app", "/x"),
        ("env -C src uvicorn main:app", "/code/src"),
        ("poetry -C src run uvicorn main:app", "/code/src"),
        ("sh -c 'cd src && exec uvicorn main:app'", "/code/src"),
        ("cd src && cd - && uvicorn main:app", None),
        ("cd && uvicorn main:app", None),
        ("if [ -d src ]; then cd src; fi; uvicorn main:app", None),
        ("(cd src); uvicorn main:app", None),
        ("cd src | cat; uvicorn main:app", "/code"),
    ],
)
def test_where_the_server_starts(command: str, directory: str | None) -> None:
    assert search(command, {"main.py": APP}).directory == directory


def test_code_that_is_installed() -> None:
    pyproject = "[project]\nname = 'shop'\n[build-system]\nrequires = ['hatchling']\n"
    files = {"pyproject.toml": pyproject, "src/shop/main.py": APP, "src/shop/__init__.py": ""}
    found = search("exec uvicorn shop.main:app", files, before="RUN pip install .\n", workdir="/srv").result
    assert isinstance(found, Application)
    assert found.found.placed.path == "src/shop/main.py"


# Routes


@pytest.mark.parametrize(
    ("path", "wanted", "answer"),
    [
        (("/health",), "/health", True),
        (("/health/",), "/health", True),
        (("/health",), "/health/", True),
        (("/health",), "/healthz", False),
        (("/",), "/", True),
        (("",), "/", True),
        (("/items/{id}",), "/items/3", None),
        (("/items/{id}",), "/items/3/x", False),
        (("/{rest:path}",), "/a/b", None),
        ((None, "/health"), "/api/health", None),
        ((None, "/health"), "/health", None),
        ((None, "/health"), "/healthz", False),
        (("/api", None), "/v1", False),
        ((None,) * 9, "/a", None),
    ],
)
def test_a_route_matches(path: tuple[str | None, ...], wanted: str, answer: bool | None) -> None:  # noqa: FBT001
    assert Route(path, None, certain=True, span=None).matches(wanted, None) is answer


def test_an_open_route_takes_what_lies_below() -> None:
    below = Route(("/static",), None, certain=True, span=None, open=True)
    assert [below.matches(one, None) for one in ("/static", "/static/x", "/statics", "/")] == [None, None, False, False]
    assert Route((), None, certain=True, span=None, open=True).matches("/anything", None) is None


def test_methods_and_conditions() -> None:
    one = application(APP, "@app.post('/a')\ndef a(): ...\nif x:\n    @app.get('/b')\n    def b(): ...\n")
    assert one.route("/a") is False
    assert one.route("/a", "POST") is True
    assert one.route("/a", None) is True
    assert one.route("/b") is None
    assert one.route("/b?x=1#y", "POST") is False


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("app.add_api_route('/a', f, methods=['PUT'])", ["/a"]),
        ("@app.api_route('/a', methods=X)\ndef f(): ...", ["/a"]),
        ("app.add_route('/a', f)", ["/a"]),
        ("app.get('/a')(f)", ["/a"]),
        ("@app.get(path='/a')\ndef f(): ...", ["/a"]),
        ("@app.get(X)\ndef f(): ...", ["…"]),
        ("@app.get(f'{X}/a')\ndef f(): ...", ["…/a"]),
        ("P = '/p'\n@app.get(P + '/a')\ndef f(): ...", ["/p/a"]),
        ("app.mount('/s', StaticFiles())", ["/s/…"]),
        ("sub = FastAPI(openapi_url=None)\n@sub.get('/a')\ndef f(): ...\napp.mount('/s/', sub)", ["/s/a"]),
        ("app.include_router(other.router, prefix='/o')", ["/o/…"]),
        ("app.include_router(other.router)", ["/…"]),
        ("r = APIRouter(prefix='/r')\n@r.get('')\ndef f(): ...\napp.include_router(r, prefix='/p')", ["/p/r"]),
        ("r = APIRouter()\nr.get('/a')(f)\nfor x in [r]:\n    app.include_router(x, prefix='/p')", ["/p/a"]),
        ("r = APIRouter()\nr.get('/a')(f)\nfor x, p in [(r, '/p')]: app.include_router(x, prefix=p)", ["/p/a"]),
        ("r = APIRouter()\nr.get('/a')(f)\napp.include_router(r, **X)", ["…/a"]),
        ("r = APIRouter()\nrs = []\nrs.append(r)\nr.get('/a')(f)\nfor x in rs: app.include_router(x)", ["/a"]),
        ("r = APIRouter()\nr.include_router(r)\napp.include_router(r)", []),
        ("app = CORSMiddleware(app)\napp.get('/a')(f)", ["/a"]),
        ("Instrumentator().instrument(app).expose(app)", ["/metrics"]),
        ("Instrumentator(app=app).expose(app, endpoint='/m')", ["/m"]),
        ("add_pagination(app)", []),
        ("strange(app)", ["/…"]),
        ("Strange(app).start()", ["/…", "/…"]),
        ("x = [app]\nstrange(x)", ["/…"]),
        ("strange(lambda: app)", ["/…"]),
        ("[app.include_router(r) for r in rs]", ["/…"]),
        ("app.strange('/x')", ["/…"]),
        ("app.router.get('/a')(f)", ["/a"]),
        ("app.router.routes.append(x)", []),
        ("@app.exception_handler(404)\ndef f(a, b): ...", ["/…"]),
        ("@app.exception_handler(ValueError)\ndef f(a, b): ...", []),
        ("def add(a):\n    @a.get('/a')\n    def f(): ...\nadd(app)", ["/a"]),
        ("def add(a, n=1):\n    a.get('/a')(f)\n    add(a)\nadd(app)", ["/…", "/a"]),
        ("@app.on_event('startup')\ndef start():\n    app.get('/a')(f)", ["/a"]),
        ("class V:\n    @app.get('/a')\n    def f(self): ...", ["/a"]),
        ("class S:\n    def __init__(self, a): self.a = a\n    def go(self): self.a.get('/a')(f)\nS(app).go()", ["/a"]),
        ("import admin\nfrom sqladmin import Admin\nAdmin(app, engine).add_view(x)", ["/admin/…"]),
        ("app.add_middleware(GZipMiddleware)", []),
        ("async def go():\n    await strange(app)\nimport asyncio\nasyncio.run(go())", ["/…"]),
        ("app.state.x = 1\napp.dependency_overrides[a] = b\napp.title = 'x'", []),
        ("app.router = x", ["/…"]),
    ],
)  # fmt: skip
def test_routes(text: str, found: list[str]) -> None:
    head = (
        "from fastapi import APIRouter, FastAPI\nfrom fastapi.middleware.cors import CORSMiddleware\n"
        "from fastapi.middleware.gzip import GZipMiddleware\nfrom fastapi.staticfiles import StaticFiles\n"
        "from fastapi_pagination import add_pagination\nfrom prometheus_fastapi_instrumentator import Instrumentator\n"
        "from somewhere import X, Strange, f, other, rs, strange\n"
    )
    one = application(head, "app = FastAPI()\n", text)
    assert sorted(set(paths(one))) == sorted(set(found)), one.routes


def test_routes_of_other_modules() -> None:
    one = application(
        """
        import app.api as api
        from app import late
        from app.core import create
        application = create()
        api.install(application)
        """,
        command="uvicorn main:application",
        files={
            "app/__init__.py": "",
            "app/api/__init__.py": """from fastapi import APIRouter
from .checks import router as checks
from . import items
top = APIRouter(prefix="/api")
top.include_router(checks)
top.include_router(items.router, prefix="/i")
def install(app):
    app.include_router(top)
""",
            "app/api/checks.py": """import fastapi as fa
router = fa.APIRouter()
@router.get("/health")
def health(): ...
""",
            "app/api/items.py": """from ..core import make
router = make("/x")
router.get("/y")(1)
""",
            "app/core.py": """from fastapi import APIRouter, FastAPI as F
def create() -> F:
    app = F(docs_url=None)
    return app
def make(prefix):
    return APIRouter(prefix=prefix)
""",
            "app/late.py": "import main\n",
        },
    )
    assert paths(one) == ["/api/health", "/api/i/x/y"]
    assert one.closed
    assert one.route("/docs") is False
    assert one.route("/redoc") is True
    assert one.route("/api/health/") is True
    (health,) = [route for route in one.routes if route.text == "/api/health"]
    assert health.span is not None
    assert health.span.source.path == "app/api/checks.py"


@pytest.mark.parametrize(
    ("arguments", "docs", "redoc", "schema"),
    [
        ("", True, True, True),
        ("openapi_url=None", False, False, False),
        ("docs_url=None", False, True, True),
        ("redoc_url=X", True, None, True),
        ("openapi_url=f'{X}/openapi.json'", True, True, None),
        ("docs_url='/d'", False, True, True),
    ],
)
def test_documents(arguments: str, docs: bool | None, redoc: bool | None, schema: bool | None) -> None:  # noqa: FBT001
    one = application(f"from fastapi import FastAPI\nfrom s import X\napp = FastAPI({arguments})\n")
    assert (one.route("/docs"), one.route("/redoc"), one.route("/openapi.json")) == (docs, redoc, schema)


def test_root_path_is_answered_as_well() -> None:
    one = application("from fastapi import FastAPI\napp = FastAPI(root_path='/p')\n@app.get('/a')\ndef a(): ...\n")
    assert (one.route("/a"), one.route("/p/a"), one.route("/q/a")) == (True, None, False)


def test_settings_may_be_set_otherwise() -> None:
    text = """
        from fastapi import APIRouter, FastAPI
        from pydantic_settings import BaseSettings
        class Plain:
            prefix = "/plain"
        class Settings(BaseSettings):
            prefix: str = "/set"
        app = FastAPI()
        r = APIRouter()
        r.get("/a")(1)
        app.include_router(r, prefix=Plain.prefix)
        app.include_router(r, prefix=Settings().prefix)
        """
    assert paths(application(text)) == ["/plain/a", "…/a"]


def test_a_factory_and_its_lifespan() -> None:
    text = """
        from contextlib import asynccontextmanager
        from fastapi import FastAPI

        @asynccontextmanager
        async def lifespan(app):
            app.add_api_route("/late", None)
            yield

        def create(name="x"):
            app = FastAPI(lifespan=lifespan)
            app.get("/a")(None)
            return app
        """
    one = application(text, command="uvicorn --factory main:create")
    assert one.called
    assert (one.route("/a"), one.route("/late"), one.route("/b")) == (True, None, False)


def test_a_path_that_stands_elsewhere_is_mentioned() -> None:
    one = application(APP, "@app.get('/a')\ndef a(): ...\n", files={"other.py": "X = '/b-c'\nY = '/d/e'\n"})
    assert [one.mentions(path) for path in ("/a", "/b", "/b-c", "/d", "/zzz", "/")] == [
        False,
        False,
        True,
        True,
        False,
        True,
    ]


def test_modules_that_import_each_other() -> None:
    many = {
        f"m{at}.py": f"from m{(at + 1) % 150} import r as x, app\nimport m{(at + 7) % 150}\nr = x\n"
        for at in range(150)
    }
    one = application(APP, "import m0\nfrom m3 import r\napp.include_router(r)\n", files=many)
    assert one.route("/x") is None


PIECES = st.sampled_from(
    [
        *"app router FastAPI() APIRouter(prefix='/p') = .get('/a') ( ) [ ] f : , **f *f return A() f'{app}/x'".split(),
        *(
            "\n",
            "    ",
            "def f(a, b=1):\n    return ",
            "@app.get('/x')\n",
            ".include_router(",
            ".mount('/m', ",
            "for x in ",
        ),
        *("import main", "class A(FastAPI):\n    ", "lambda: ", "from main import *", "await ", " if app else "),
    ]
)


@settings(deadline=None, max_examples=120)
@given(st.lists(PIECES, max_size=25).map("".join))
def test_no_module_breaks_it(text: str) -> None:
    one = container(
        "exec uvicorn main:app", {"main.py": f"from fastapi import APIRouter, FastAPI\napp = FastAPI()\n{text}\n"}
    )
    found = one.application
    assert found is UNKNOWN or isinstance(found, Application)
    if isinstance(found, Application):
        assert found.route("/nothing") in (False, None)
        assert isinstance(found.mentions("/x"), bool)


@settings(deadline=None, max_examples=80)
@given(
    st.sampled_from(
        ["uvicorn", "gunicorn", "hypercorn", "granian --interface asgi", "daphne", "fastapi run", "fastapi run -e"]
    ),
    st.text("main.py:/()app-_ ü", max_size=14),
)
def test_no_import_string_breaks_it(server: str, text: str) -> None:
    one = container(f"exec {server} '{text}'", {"main.py": APP, "app/main.py": APP})
    result = one.search.result if one.search is not None else UNKNOWN
    if isinstance(result, Fault):
        assert result.kind in ("form", "file", "module", "attribute")
        assert result.span.source.path == "Dockerfile"


def test_paths_are_joined() -> None:
    assert joined(("/a",), (), ("", None), (None,), ("/b",), ("/c",)) == ("/a", None, "/b/c")


@pytest.mark.parametrize(
    ("command", "known"),
    [
        ("uvicorn main:app --port ${APP_PORT}", True),
        ("bash -c 'uvicorn main:app --workers ${COUNT}'", True),
        ("gunicorn -b 0.0.0.0:${APP_PORT} main:app", True),
        ("uvicorn main:app --app-dir ${FOLDER}", False),
        ("gunicorn --chdir=${FOLDER} main:app", False),
        ("uvicorn ${OPTIONS} main:app", False),
        ("uvicorn main:app ${OPTIONS}", False),
    ],
)
def test_a_value_that_nobody_knows_hides_the_application_only_where_it_may_be_a_folder(
    command: str, *, known: bool
) -> None:
    one = container('["python"]', {"main.py": APP}, compose=f"command: {command}")
    assert isinstance(one.application, Application) is known


@pytest.mark.parametrize(
    ("command", "fault"),
    [
        ("uvicorn main:app --host 0.0.0.0 --port $PORT", True),
        ("uvicorn main:app --port=${PORT:-8000} --workers $N", True),
        ("uvicorn main:app --app-dir $DIR", False),
        ("uvicorn main:app --port $PORT $OPTIONS", False),
        ("uvicorn main:app --prot $PORT", False),
    ],
)
def test_a_port_that_nobody_knows_does_not_hide_that_the_module_is_missing(command: str, *, fault: bool) -> None:
    assert isinstance(search(command, {"app/main.py": APP}).result, Fault) is fault


def test_nor_does_it_where_a_variable_may_name_the_folder() -> None:
    before = "ARG WHERE\nENV UVICORN_APP_DIR=$WHERE\n"
    assert search("uvicorn main:app --port $PORT", {"app/main.py": APP}, before=before).result is UNKNOWN


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("def create_app() -> FastAPI: ...\nshop = create_app()\n", "main:shop"),
        ("def make(): ...\ndef create_app() -> FastAPI: ...\n", "main"),
        ("def create() -> FastAPI: ...\nzoo = FastAPI()\nbar = create()\n", "main:bar"),
        ("other = FastAPI()\napi = FastAPI()\n", "main:api"),
    ],
)
def test_fastapi_run_picks_an_object_and_no_function(text: str, name: str) -> None:
    found = container("fastapi run main.py", {"main.py": f"from fastapi import FastAPI\n{text}"}).application
    assert isinstance(found, Application)
    assert found.name == name
