# ruff: noqa: RUF001 - letters of other alphabets are meant
"""Which compose files a readme has people start on a server: a command under a heading, or behind a sentence, that
speaks of a deployment, of production or of one's own server.

Read are readmes and texts that are named for deployments, as far as they show no compose file of their own above the
command. The nearest words count first: the sentence right above, then each heading over the command with the first
sentences under it. Words for work on one's own machine in any of these headings take the command for that. "Deploy with
Docker Compose" is how many call any start, and the title of a document says what the project is, unless it is short.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice

from dockerlint_fastapi.model.evidence import setting_of_name
from dockerlint_fastapi.model.files.recipes import (
    commands_that_start,
    deploying_script,
    deploying_workflow,
    guides,
)
from dockerlint_fastapi.model.purpose import purpose_of
from dockerlint_fastapi.record import NamedTuple
from dockerlint_fastapi.tree import normal, parent

TYPE_CHECKING = False
if TYPE_CHECKING:
    from dockerlint_fastapi.model.compose import ComposeFile
    from dockerlint_fastapi.model.project import Project
    from dockerlint_fastapi.source import Source

_MOST_CHARACTERS = 200_000  # of each text
_MOST_COMMANDS = 50  # in each
_MOST_OF_A_TEXT = 700  # characters under a heading, or above a command
_MOST_WORDS_OF_A_TITLE = 4
_MOST_OF_A_PATH = 200  # characters
_MOST_HEADINGS = 500  # over a command
# Up to its end; what it starts is all, no single service.
_COMMAND = (
    r"\bdocker[- ]compose\b((?:\\\r?\n|[^\n;&|`]){0,300}?)[ \t]up\b(?:[ \t]+-{1,2}[a-z][\w-]*(?:=\S+)?){0,9}"
    r"[ \t]*(?=[\n\r;&|`\"'#)]|\Z)"
)
# Any start by Compose or of a built image; what is watched has the first group.
_ANY_START = (
    r"\bdocker[- ]compose\b(?:\\\r?\n|(?!\bexec\b)[^\n;&|`]){0,300}?[ \t]"
    r"(?:(watch\b|up\b[^\n;&|`#]{0,200}?[ \t](?:--watch|-w)\b)|(?:up|start|run)\b)"
    r"|\bdocker (?:image |buildx )?build\b"
)
_READ = r"(?:readme|deploy|self-?host|production|hosting)"  # begins or is in the names of texts that are read
_FILE = r"(?:^|\s)(?:-f|--file)[ \t=]+[\"']?([^\s\"']+)"
_HEADING = r"(?m)^(#{1,6})[ \t]+([^\n]+)$"
_FENCE = r"(?m)^[ \t>]*(?:```|~~~)[^\n]*$"
# Words of a heading over a deployment.
_DEPLOYS = (
    r"\bdeploy(?:ment|ments|ing|ed)?\b|\bproduction\b(?!-| ready| grade)|\bself-?[ -]?host(?:ing|ed)?\b|\bvps\b"
    r"|\bпродакшн?\w*|\bразв[её]ртыван\w*|\bдеплой\w*|\bdespliegue\b|\bproducci[oó]n\b|\bprodu[cç][aã]o\b"
    r"|\bd[ée]ploiement\b|生产|生產|本番"
)
_COMPOSE_ALONE = r"(?i)\bdeploy\w*(?: (?:it|this|the \w+))? (?:with|using|via|by)\b"
_QUICK = r"(?i)\bquick[- ]?start"
# What a sentence says of where the commands under it are given.
_ON_A_SERVER = (
    r"\bself-?[ -]?host(?:ing|ed)?\b"
    r"|\bon (?:your|a|the|my|our) (?:own |remote |production |linux |ubuntu )*(?:server|vps|droplet)\b"
    r"|\b(?:deploy|run|start)\w* (?:\w+ ){0,6}(?:in|to|for) production\b(?!-| ready)"
)
_WORK = (
    r"(?i)\blocal(?:ly|host)?\b|\bdev(?:elop\w*)?\b|\btest(?:s|ing)?\b|\bdebug\w*|\bdemos?\b|\blaptop\b|\bexample\b"
    r"|локальн|разработ|本地|开发|ローカル|開発|로컬|개발|desarrollo|desenvolvimento"
)
_ADVICE = (
    r"(?i)\bnot\b|\bnever\b|n't\b|\bwithout\b|\binstead\b|\bchange\b|\breplace\b|\bshould\b|\bmust\b|\bmake sure\b"
)


# Who runs containers for others.
_PLATFORM = (
    r"\b(?:Cloud Run|ECS|Fargate|App Runner|Elastic Beanstalk|Fly\.io|Heroku|Railway|Render|Kubernetes|GKE|EKS|AKS"
    r"|Container Apps?|App Engine|App Service|App Platform|Cloud Foundry|OpenShift)\b"
)
_IN_PRODUCTION = r"(?i)\b(?:in|for|to|is in)? ?production\b(?!-| ready| grade)|\bprod\b"
_PUT_THERE = r"(?i)\bdeploy(?:s|ed|ment|ing)?\b|\b(?:runs?|running|hosted|hosting|served)\b"
_UNSURE = (
    r"(?i)\b(?:could|can|may|might|would|consider|recommend\w*|suggest\w*|e\.g\.|such as|like|or|plan(?:ned|s)?|todo"
    r"|future|later|not|never|optional\w*|example|any|ready|compose)\b|n't\b|\[ \]"
)
_OWN_SERVER = r"(?i)\bVPS\b|\bdroplet\b|\bEC2\b|\bsystemd\b"


class _Start(NamedTuple):
    """A command in a readme that starts a set of files: the files that it names, and the folders in which it may be
    given. `work` tells that a heading over it speaks of work on one's own machine.
    """

    guide: str
    given: tuple[str, ...]
    folders: frozenset[str]
    work: bool = False


def deploying_guide(project: Project, compose: str) -> str | None:
    """The readme by which people start a compose file, and no other over it, on a server; None when none says so."""
    return next((one.guide for one in project.index.answer(_starts) if _is_of(project, one, compose)), None)


def working_guide(project: Project, compose: str) -> str | None:
    """The readme in which every command that starts a compose file, and no other over it, stands under a heading for
    work on one's own machine; None when there is none.
    """
    found = [one for one in project.index.answer(_all_starts) if _is_of(project, one, compose)]
    return found[0].guide if found and all(one.work for one in found) else None


def production_guide(project: Project, compose: str) -> str | None:
    """The readme that says of a compose file by its name, on the same line, that it is for production, as lists of the
    project's files do (`├── compose.full.yml  # Full production setup`); None when none does.
    """
    folder, _, name = compose.rpartition("/")
    behind = r"[`*\"')\]]{0,9}[ \t]{0,9}(?:\([^()\n]{0,99}\))?[ \t|:—–#-]{1,99}([^\n]+)"
    pattern = rf"(?<![\w.-]){re.escape(name)}(?![\w-]|\.\w){behind}"
    for source in guides(project):
        text = source.text[:_MOST_CHARACTERS]
        for found in islice(re.finditer(pattern, text), _MOST_COMMANDS) if name in text else ():
            given = re.search(r"[\w./-]*\Z", text[max(found.start() - _MOST_OF_A_PATH, 0) : found.start()])
            said = given[0].removeprefix("./").rstrip("/") if given is not None else ""
            own = f"/{folder}".endswith(f"/{said}") if said else parent(source.path) == folder
            if own and purpose_of(found[1].strip("|* \t"), name) == "production":
                return source.path
    return None


def elsewhere_in_production(project: Project) -> str | None:
    """The readme that says which platform runs the project in production, by a sentence or a heading; None when none
    does, or one speaks of a server of one's own as well.
    """
    return project.index.answer(_named_platform)


def _named_platform(project: Project) -> str | None:
    found = None
    for source in guides(project):
        text = source.text[:_MOST_CHARACTERS]
        if re.search(_READ, source.path.rpartition("/")[2].lower()) is None or not re.search(_PLATFORM, text):
            continue
        bare = without_blocks(text)
        if re.search(_ON_A_SERVER, bare, re.IGNORECASE) or re.search(_OWN_SERVER, bare):
            return None
        said = re.split(r"(?<=[.!?])\s+|\n(?:\s*\n|[ \t]*[-*|>#]+)", bare)
        if found is None and any(_is_of_platform(one) for one in said):
            found = source.path
    return found


def _is_of_platform(sentence: str) -> bool:
    """Whether a sentence has the project, or a part of it, run on a platform in production, as a fact."""
    if len(sentence) > _MOST_OF_A_TEXT or re.search(_PLATFORM, sentence) is None:
        return False
    told = re.search(_IN_PRODUCTION, sentence) and re.search(_PUT_THERE, sentence)
    return told is not None and bool(told) and re.search(_UNSURE, sentence) is None


def is_only_watched(project: Project) -> bool:
    """Whether readmes have people start the project by `docker compose up --watch` or `docker compose watch`, and no
    other way by Compose or as an image that they build.
    """
    return project.index.answer(_watched_alone)


def _watched_alone(project: Project) -> bool:
    texts = (one.text[:_MOST_CHARACTERS] for one in (*guides(project), *project.recipes))
    found = [one[1] for text in texts if "docker" in text for one in re.finditer(_ANY_START, text)]
    return bool(found) and all(found)


def _is_of(project: Project, one: _Start, compose: str) -> bool:
    """Whether a command starts a compose file, and no other over it."""
    folder, _, name = compose.rpartition("/")
    here = folder in one.folders or project.count_of_compose_files == 1
    if not one.given:
        return re.fullmatch(r"(?:docker-)?compose\.ya?ml", name) is not None and here
    named = one.given[0].rpartition("/")[2] == name and len(one.given) == 1
    return named and (_ends_in(folder, one.given[0]) or (here and "/" not in one.given[0].removeprefix("./")))


def _starts(project: Project) -> tuple[_Start, ...]:
    """The commands of all readmes that start something on a server."""
    return tuple(one for source in guides(project) for one in _starts_of(source))


def _all_starts(project: Project) -> tuple[_Start, ...]:
    """The commands of all readmes that start something, wherever."""
    return tuple(one for source in guides(project) for one in _all_starts_of(source))


def _all_starts_of(source: Source) -> Iterator[_Start]:
    text = source.text[:_MOST_CHARACTERS]
    if "compose" not in text or re.search(_READ, source.path.rpartition("/")[2].lower()) is None:
        return
    bare = without_blocks(text)
    headings = [*re.finditer(_HEADING, bare)]
    for found in islice(re.finditer(_COMMAND, text), _MOST_COMMANDS):
        above = bisect_left(headings, found.start(), key=lambda one: one.start())
        said = _said_above(bare, headings[max(above - _MOST_HEADINGS, 0) : above], found.start())
        work = any(kind == "heading" and re.search(_WORK, one) for one, kind in said)
        given = tuple(re.findall(_FILE, found[1]))
        yield _Start(source.path, given, _folders(source, found.start()), work=work)


def _starts_of(source: Source) -> Iterator[_Start]:
    text = source.text[:_MOST_CHARACTERS]
    if "compose" not in text or re.search(_READ, source.path.rpartition("/")[2].lower()) is None:
        return
    if re.search(rf"{_DEPLOYS}|{_ON_A_SERVER}", text, re.IGNORECASE) is None:
        return
    shown = re.search(r"(?m)^services:[ \t]*$", text)
    text = text if shown is None else text[: shown.start()]
    bare = without_blocks(text)
    headings = [*re.finditer(_HEADING, bare)]
    for found in islice(re.finditer(_COMMAND, text), _MOST_COMMANDS):
        profiles = re.findall(r"--profile[ \t=]+[\"']?([\w-]+)", found.group())
        work = "--watch" in found.group() or any(setting_of_name(one) == "development" for one in profiles)
        if not work and _is_on_a_server(bare, headings, found.start()):
            yield _Start(source.path, tuple(re.findall(_FILE, found[1])), _folders(source, found.start()))


def is_chosen(project: Project, file: ComposeFile, others: Iterable[ComposeFile]) -> bool:
    """Whether a workflow, a script or a readme starts a compose file on a server, and nothing that tells how the
    project is started names one of those beside it that are named for production.
    """
    path = file.source.path
    if not (deploying_script(project, path) or deploying_workflow(project, path) or deploying_guide(project, path)):
        return False
    names = [one.source.path.rpartition("/")[2] for one in others]
    texts = (source.text[:_MOST_CHARACTERS] for read in (project.recipes, guides(project)) for source in read)
    named = (text for text in texts if any(name in text for name in names))
    return not any(name in text for text in map(commands_that_start, named) for name in names)


def _ends_in(folder: str, given: str) -> bool:
    """Whether the folders of a path in a command are the last ones of a folder."""
    said = [one for one in given.split("/")[:-1] if one not in ("", ".", "..")]
    return bool(said) and folder.split("/")[-len(said) :] == said


def _folders(source: Source, at: int) -> frozenset[str]:
    """The folders in which a command of a readme is given: the readme's own and the project's, or where the `cd`s in
    front of it in the same block lead.
    """
    text = source.text
    fences = [one.end() for one in re.finditer(_FENCE, text[:at])]
    block = text[fences[-1] if len(fences) % 2 else text.rfind("\n", 0, at) + 1 : at]
    found = {parent(source.path), ""}
    for move in re.findall(r"(?m)(?:^|[;&|(\s])cd[ \t]+[\"']?([^\s\"';&|)`]+)", block):
        moved = (normal(f"{folder}/{move}".lstrip("/")) for folder in found)
        found = {one for one in moved if one is not None}
    return frozenset(found)


def _is_on_a_server(bare: str, headings: Sequence[re.Match[str]], at: int) -> bool:
    """Whether what is said round a command has it given on a server; `bare` is the text without its blocks of code."""
    above = bisect_left(headings, at, key=lambda one: one.start())
    said = [*_said_above(bare, headings[max(above - _MOST_HEADINGS, 0) : above], at)]
    titles = [one for one, kind in said if kind != "sentence"]
    if any(re.search(_WORK, one) for one in (said[0][0], *titles)):
        return False
    for one, kind in said:
        if kind == "sentence":
            if re.search(_ON_A_SERVER, one, re.IGNORECASE) and not re.search(_ADVICE, one):
                return True
        elif kind == "heading" and re.search(_DEPLOYS, one, re.IGNORECASE) and not re.search(_COMPOSE_ALONE, one):
            return not any(re.search(_QUICK, other) for other in titles)
    return False


def _said_above(bare: str, headings: Sequence[re.Match[str]], at: int) -> Iterator[tuple[str, str]]:
    """What stands over a place of a readme, the nearest first: the `sentence` right above it, each `heading` over it,
    and the first sentences under that; the first of a document is its `title`, and one more heading where it is short.
    """
    yield _last_sentence(bare[(headings[-1].end() if headings else 0) : at]), "sentence"
    level = 7
    for place in range(len(headings) - 1, -1, -1):
        one = headings[place]
        if len(one[1]) >= level:
            continue
        level = len(one[1])
        said = one[2].strip("# \t*")
        if place == 0:
            yield said, "heading" if len(re.findall(r"\w+", said)) <= _MOST_WORDS_OF_A_TITLE else "title"
            return
        yield said, "heading"
        end = min(headings[place + 1].start() if place + 1 < len(headings) else at, at)
        yield from ((sentence, "sentence") for sentence in _sentences(bare[one.end() : end][:_MOST_OF_A_TEXT]))


def _sentences(text: str) -> list[str]:
    return [one for one in re.split(r"(?<=[.!?:])\s+|\n\s*\n|\n[ \t]*[-*|>]", text) if one.strip()]


def _last_sentence(text: str) -> str:
    found = _sentences(text[-_MOST_OF_A_TEXT:])
    return found[-1] if found else ""


def without_blocks(text: str) -> str:
    """A text with blanks in place of its blocks of code, in which `#` begins a comment."""
    marks = [*re.finditer(_FENCE, text)]
    parts, end = [], 0
    for first, last in zip(marks[::2], marks[1::2], strict=False):
        parts += [text[end : first.start()], re.sub(r"[^\n]", " ", text[first.start() : last.end()])]
        end = last.end()
    if len(marks) % 2:
        parts += [text[end : marks[-1].start()], re.sub(r"[^\n]", " ", text[marks[-1].start() :])]
        end = len(text)
    return "".join((*parts, text[end:]))
