"""A build context without a `.dockerignore`."""

from collections.abc import Iterator

from dockerlint_fastapi import Creation, Finding, edits
from dockerlint_fastapi.model import BuildContext
from dockerlint_fastapi.model.context import Intake
from dockerlint_fastapi.model.evidence import tokens

IGNORE = ".dockerignore"
TESTS = frozenset(("test", "tests", "testing", "e2e"))
HELP = "put a `.dockerignore` in the root of the build context, with at least `.git`, "
FRONT_END = f"{HELP}`**/node_modules` and `**/.env*.local`"
BUILT = "build results"  # what lies about in a context without Python and Node
PACKED = (
    "put a `.dockerignore` in the root of the build context, with `.git` and the `.env` of your machine, and without"
    " `node_modules` and what was built: the image installs nothing itself, and starts what is copied"
)
OTHER = f"{HELP}`**/.env*` and what a build makes"
READ = (
    "put a `.dockerignore` in the root of the build context, and give the application its variables by `env_file:` or"
    " `--env-file`, or mount the file: now it reads the `.env` that is copied"
)


def check(context: BuildContext) -> Iterator[Finding]:
    """Speaks once for each build context: of what takes the most from it."""
    taken = [one for one in context.unfiltered if one.is_broad or one.image.python]
    worst = min(taken, key=lambda one: _mildness(context, one), default=None)
    if worst is None:
        return
    others = context.other_ignore if worst.is_broad else None
    tests = _is_for_tests(worst)
    stray = context.stray(worst)  # of which `unused-dockerignore` tells
    severe = others is None and not tests and not context.is_told_of(stray) and _is_severe(context, worst)
    # a program of another language is built there, and goes on alone
    idle = worst.is_broad and not worst.ships and context.litter == BUILT
    narrow = not worst.is_broad or tests or idle or worst.is_of_unbuilt_front_end
    code = worst.reach == "folder" and worst.ships and worst.holds_python(context)
    told = code and not tests and not worst.image.development and stray is None
    finding = Finding.at(
        worst,
        _message(context, worst, filtered=others is not None),
        severity="warning" if severe else "info",
        help={"`node_modules`": FRONT_END, BUILT: OTHER, "what else lies there": PACKED}.get(context.litter),
        in_guide="info" if narrow and not severe else None,
        pedantic=narrow and not severe and not told,
        once="project" if told and narrow else None,
    )
    finding = finding.note(stray, f"nothing reads this one: the context is `{context.path or '.'}`")
    finding = finding.caused_by(None if severe else stray)  # moving that one mends it
    finding = finding.note(context.blank, "nothing is left out here")
    finding = finding.note(others, "the file that `gcloud` reads")
    yield _renamed(_noted(finding, context, worst), context, apart=worst.is_beside_variables(context))


def _noted(finding: Finding, context: BuildContext, worst: Intake) -> Finding:
    """The finding with the env files that come along."""
    alone = worst.reader(context) if worst.hidden and worst.reach == "folder" else None
    finding = finding.note(alone, "the application reads a `.env` here, and nothing else gives it its variables")
    return finding.note(worst.committed(context), "this comes along: all of its passwords are stand-ins")


def _is_severe(context: BuildContext, intake: Intake) -> bool:
    """Whether whatever lies about ships, in an image that the project builds to give it away."""
    image = intake.image
    idle = image.development or not intake.is_broad or not intake.ships or image.is_unclaimed
    return not idle and not context.is_packed_before and bool(image.python or image.is_built_by_project)


def _mildness(context: BuildContext, intake: Intake) -> tuple[bool, ...]:
    broad, file = intake.is_broad, intake.reach == "file"
    plain = not broad and not file and not intake.holds_python(context)
    idle = intake.image.is_unclaimed
    return (bool(intake.image.development), not broad, broad and not intake.ships, file, plain, idle)


def _is_for_tests(intake: Intake) -> bool:
    """Whether the image runs tests, by its start or the name of its Dockerfile or stage: nobody ships it."""
    if intake.runs_tests:
        return True
    named = f"{intake.image.dockerfile.source.path}/{intake.image.stage.name or ''}"
    return bool(intake.image.development) and not TESTS.isdisjoint(tokens(named))


def _message(context: BuildContext, worst: Intake, *, filtered: bool) -> str:
    """What is taken; `filtered` when what `gcloud` sends is told it."""
    if filtered:
        return (
            "no `.dockerignore`: only `gcloud` reads `.gcloudignore`, and a build by Docker copies what that leaves out"
        )
    none = "no `.dockerignore`" if context.blank is None else "`.dockerignore` has no pattern"
    lies = f"`.env` and {context.litter}"
    if not context.path:
        lies = f"`.git`, {lies}"
    if worst.reach == "context":
        into = "" if worst.ships or worst.image.development else " into a stage that does not ship"
        return f"{none}: this copies all of the build context{into}, {lies} included"
    if worst.hidden:
        return f"{none}: this copies all of `{worst.word.text}`, hidden files such as `.env` included"
    if worst.reach == "folder":
        how = "with no `.dockerignore`" if context.blank is None else f"and {none}"
        return f"all of `{worst.word.text}` is copied {how}: caches and forgotten files come along"
    return f"{none}: only these files are copied now, but a `COPY . .` would take {lies} along"


def _renamed(finding: Finding, context: BuildContext, *, apart: bool) -> Finding:
    """The finding with what to do: of a file that is there under another name, to rename it."""
    misspelt = context.misspelt
    if misspelt is None:
        return mended(finding, context, apart=apart)
    name = misspelt.source.path.rpartition("/")[2]
    why = "Linux tells upper from lower case" if name.lower() == IGNORE else "it has to have that very name"
    finding = finding._replace(help=f"rename `{name}` to `{IGNORE}`")
    return finding.note(misspelt, f"this one is not read, as Docker looks for `{IGNORE}`: {why}")


def mended(finding: Finding, context: BuildContext, *, apart: bool = False) -> Finding:
    """The finding with a file that leaves out what no image needs; `apart` when the `.env` is not what is copied."""
    new = context.proposal
    if new is not None and new.read and not apart:
        finding = finding._replace(help=READ)
    return (
        finding.fixed_by(
            f"{'make' if new.blank is None else 'fill'} `{new.path}`",
            Creation(new.path, new.text) if new.blank is None else edits.ignore_file.made(new),
            safe=new.harmless,
            reveals=new.read,  # the `.env` that stays, of which another rule tells then
            names="sent files",
        )
        if new
        else finding
    )
