"""Development or production: told by names that people chose, never by the fault that a rule looks for.

Tokens and their order of trust come from a survey of real FastAPI repositories: a production word
anywhere in a name beats a development word (`docker-compose.prod.local.yml` is taken for production).
"""

from __future__ import annotations

from itertools import pairwise

from dockerlint_fastapi.pattern import pattern
from dockerlint_fastapi.record import NamedTuple
from dockerlint_fastapi.source import Span

DEVELOPMENT = frozenset(
    "dev develop development devel local test tests testing ci e2e debug override sandbox example examples"
    " devcontainer demo sim simulation simulations benchmark bench loadtest locust k6"
    " jupyter notebook notebooks"
    " regtest simnet"  # networks of Bitcoin's that one machine has for itself; a testnet is the world's
    " old bak deprecated orig obsolete unused".split()  # put aside: whoever looks at it again is at work on the project
)
PRODUCTION = frozenset("prod production prd preprod deploy deployment release live staging stg uat stack swarm".split())
FOLDERS = frozenset(
    "devcontainer tests test examples example docs github loadtest loadtests benchmark benchmarks locust k6"
    " notebook notebooks regtest simnet mocks".split()
)
_SHOWING = frozenset(("example", "examples", "docs"))
# Folders of tests, in which lies what stands for other services while they run.
_OF_TESTS = frozenset("test tests e2e testing __tests__ mocks".split())
# Folders of what tests read: below a folder of tests, and by themselves.
_DATA = frozenset("data resources assets snapshots golden inputs cases samples".split())
_FIXTURES = frozenset("fixtures fixture __fixtures__ testdata test_data test-data __snapshots__".split())
# How words begin by which people call what takes the place of another service.
_DOUBLES = ("mock", "fake", "stub", "dummy")
# Words of profiles that nobody is to start.
_OFF = frozenset("never off disabled donotstart nostart unused".split())
# Folders in which people are shown something, or try it, where that is the whole of their name.
_LESSONS = frozenset(
    "tutorial tutorials workshop workshops playground playgrounds sample samples demos quickstart quickstarts kata"
    " katas poc pocs experiment experiments prototype prototypes ejemplo ejemplos tutoriales exemplo exemplos exemple"
    " exemples beispiel beispiele".split()
)
# `chapter-03`, `clase_4`; `05-compose`, a folder in a row of such (`17-alpine` is a version).
_STEP = pattern(
    r"(?:.*[-_. ])?(?:lesson|chapter|lecture|lab|exercise|tutorial|workshop|clase|lecci[oó]n|ejercicio|aula"
    r"|kapitel|chapitre|урок|глава)s?[-_. ]?\d{1,3}(?:[-_. ].*)?|(?:0\d[-_. ]+|\d{1,2}_+)[^\W\d].*"
)
SHIPPED_STAGES = ("production", "prod", "runtime", "final", "release", "app", "serve")
# Words in the names of stages that start what the project is there for.
SERVING = frozenset((*SHIPPED_STAGES, "api", "backend", "server", "web", "webserver"))
PROFILES = frozenset("ci dev development e2e test tests testing debug tools".split())
# Words for what a machine has, by which whoever deploys chooses a profile or a file.
MACHINES = frozenset("cpu gpu cuda nvidia rocm amd arm64 vulkan".split())
# Folders for what a project had once, where nothing else tells: some run on for years.
_ASIDE = frozenset("legacy archive archived archives attic".split())
_EXAMPLES = frozenset("example sample template dist tmpl tpl".split())
_TESTING = frozenset("ci test tests testing e2e".split())
_SIMULATIONS = frozenset(("sim", "simulation", "simulations"))
# What runs on one's own machine in place of somebody else's, behind `local`.
_LOCAL_THINGS = frozenset(
    "llm llms model models ai gpt whisper ollama llama vllm inference embedding embeddings speech tts stt asr rag agent"
    " agents storage files search news business market events".split()
)
_DEPLOYING = frozenset(("deploy", "deployment"))
_RESEMBLING = frozenset(("like", "near", "pseudo"))  # `prod-like`, `near-prod`: what only resembles production
_SEPARATORS = pattern(r"[.\-_/]+")


class Evidence(NamedTuple):
    """Why something is taken for development: a reason in words, and where it shows (None for a file's name).

    `firm` tells that somebody chose a name for that purpose; else it is what runs (`model.development`). `platform` is
    who runs it, as far as rules ask: `cloud-run`, `openshift`, else "". `weak` tells that others may well be served
    like that: rules on what a server lacks speak as info then, and are not silent.
    """

    reason: str
    span: Span | None = None
    firm: bool = True
    platform: str = ""
    weak: bool = False


def tokens(name: str) -> list[str]:
    """The words of a file, stage or service name, lower case: split at `.`, `-`, `_` and `/`."""
    return [token for token in _SEPARATORS.split(name.lower()) if token]


def setting_of_name(name: str) -> str | None:
    """`production` or `development` when a file, stage or target name says so, else None."""
    words = tokens(name)
    said = PRODUCTION.intersection(words)
    if said and not _RESEMBLING.isdisjoint(words):
        return None  # somebody tries on their own machine what production has
    if said == {"release"} and not _TESTING.isdisjoint(words):
        return "development"  # `docker-compose.release-test.yml`: what tests a release is none
    if said:
        return "production"
    told = DEVELOPMENT.intersection(words)
    return "development" if told and not (told == {"local"} and _is_of_a_thing(words)) else None


def _is_of_a_thing(words: list[str]) -> bool:
    """Whether `local` says what kind of thing a program has (`local_whisper`, `local-llm`), not who starts it."""
    return any(one == "local" and following in _LOCAL_THINGS for one, following in pairwise(words))


def is_file_for_tests(path: str) -> bool:
    """Whether a file's name says that only tests run with it: `docker-compose.ci.yml`."""
    words = tokens(path.rpartition("/")[2])
    return not _TESTING.isdisjoint(words) and PRODUCTION.isdisjoint(words)


def is_in_tests(path: str) -> bool:
    """Whether a file lies in a folder of tests (`tests/e2e/upstream/Dockerfile`), whatever holds that."""
    return not _OF_TESTS.isdisjoint(path.lower().split("/")[:-1])


def is_test_data(path: str) -> bool:
    """Whether a file lies among what tests read (`tests/data`, `fixtures`): it may be broken on purpose, or a part of
    what a test puts together.
    """
    folders = path.lower().split("/")[:-1]
    return not _FIXTURES.isdisjoint(folders) or (is_in_tests(path) and not _DATA.isdisjoint(folders))


def is_double(name: str) -> bool:
    """Whether a word of a name or a path calls what it names a stand-in for something else: `mock-upstream`. Of what
    everybody starts it may be the name of a product (`mock-interviews`).
    """
    return any(word.startswith(_DOUBLES) for word in tokens(name))


def is_off(profile: str) -> bool:
    """Whether a profile says that nobody is to start what has it: `never`."""
    return not _OFF.isdisjoint(tokens(profile))


def is_example(path: str) -> bool:
    """Whether a file's name says that it is there to be copied: `.env.example`, `sample.env`."""
    return not _EXAMPLES.isdisjoint(tokens(path.rpartition("/")[2]))


def is_in_deploy_folder(path: str) -> bool:
    """Whether a path says production only by a folder for deployments (`deploy/docker/compose.yaml`), in which projects
    keep files for work on them as well.
    """
    folder, _, name = path.rpartition("/")
    if setting_of_name(name) is not None:
        return False
    said = next((part for part in reversed(folder.split("/")) if setting_of_name(part) is not None), "")
    return _DEPLOYING.issuperset(word for word in tokens(said) if word in PRODUCTION) and said != ""


def is_in_examples(path: str) -> bool:
    """Whether a path says development only by a folder of examples or documents (`docs/examples/compose.yaml`), which
    may show how the project is served.
    """
    folder, _, name = path.rpartition("/")
    said = [part for part in folder.lower().split("/") if setting_of_path(f"{part}/x") is not None]
    return setting_of_name(name) is None and bool(said) and _SHOWING.issuperset(said)


def setting_of_path(path: str) -> str | None:
    """The same for a path in the project: its file name first, then the folders that hold it."""
    folder, _, name = path.rpartition("/")
    by_name = setting_of_name(name)
    if by_name:
        return "development" if is_in_tests(path) else by_name
    for part in reversed(folder.split("/")):
        by_folder = setting_of_name(part) if part else None
        if by_folder and not _is_called_after_a_simulation(part):
            return by_folder
        if any(word in FOLDERS for word in tokens(part)):
            return "development"
    return None


def _is_called_after_a_simulation(folder: str) -> bool:
    """Whether a folder says nothing but that what it holds has to do with a simulation (`api-simulation`), which is
    what some programs are there for.
    """
    words = tokens(folder)
    return len(words) > 1 and _SIMULATIONS.issuperset(DEVELOPMENT.union(PRODUCTION).intersection(words))


def is_put_aside(path: str) -> bool:
    """Whether a folder of a path says by one word that a project had it once (`infra/legacy/`): a mild sign, which
    counts only of what the project's own programs do not use.
    """
    return not _ASIDE.isdisjoint(path.lower().split("/")[:-1])


def is_lesson(path: str) -> bool:
    """Whether a folder of a path says by its name that it shows something: `tutorial`, `chapter-03`, or that it is one
    in a row (`05-compose`), as in a course or a book.
    """
    folders = path.lower().split("/")[:-1]
    if not _LESSONS.isdisjoint(folders):
        return True
    return any(any(map(str.isdigit, one)) and _STEP.fullmatch(one) is not None for one in folders)
