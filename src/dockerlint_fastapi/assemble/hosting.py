"""Platforms that build a Dockerfile and run it as they see fit, without a file that says how: Cloud Run, Railway,
Heroku, Render, App Runner, Lambda, Koyeb, the Spaces of Hugging Face.

They choose the port (`PORT`), restart what ends, ask a server by settings that lie with them, and pass over HEALTHCHECK
and EXPOSE. Signs are looked for in the root and in the Dockerfile's own folder.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice

from dockerlint_fastapi.model.evidence import Evidence, setting_of_name
from dockerlint_fastapi.tree import Tree, Unreadable, parent

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Final

_NOTES: Final = (
    r"(?i)(?:readme|runbook|deploy)[^/]*\Z|.*[-_]deploy(?:ment)?(?:[-_.][^/]*)?\Z"
    r"|makefile\Z|justfile\Z|.*\.(?:sh|mk|ps1)\Z"
)
_TEXT: Final = r"(?i)[^./]*\Z|.*\.(?:md|rst|txt|adoc|sh|mk|ps1)\Z"
# A command that deploys, or the address under which such a platform serves what it was given.
_SAYS: Final = (
    (
        rb"\bgcloud (?:beta |alpha )?run (?:deploy|services)\b|[\w-]\.a\.run\.app\b|/deploy-cloudrun@",
        "speaks of Cloud Run",
    ),
    (rb"[\w-]\.up\.railway\.app\b|(?m:^[ \t$]*railway up\b)", "speaks of Railway"),
    (rb"\bheroku container:(?:push|release)\b", "speaks of Heroku"),
    # The card at the top of a readme, by which Hugging Face builds the Dockerfile beside it.
    (
        rb"\A(?:\xef\xbb\xbf)?---[ \t]*\r?\n(?:[^\n]*\n){0,20}?sdk:[ \t]*[\"']?docker\b",
        "makes it a Space of Hugging Face",
    ),
)
# Steps of workflows that hand a project to a platform.
_HANDS_OVER: Final = (
    (rb"\bsuperfly/flyctl-actions\b|(?m:^[ \t-]*(?:run:[ \t]*)?fly(?:ctl)? deploy\b)", "deploys to Fly.io"),
    (rb"\bapi\.render\.com/deploy\b|\bRENDER_(?:\w+_)?DEPLOY_HOOK", "deploys to Render"),
    (rb"\bazure/webapps-deploy@", "deploys to Azure App Service"),
    # Unless it is told so, this step pushes the code, and Heroku's own buildpack passes over the Dockerfile.
    (
        rb"\bakhileshns/heroku-deploy@[^\n]*(?:\n(?![ \t]*- )[^\n]*)*?\n[ \t]*[\"']?usedocker[\"']?:[ \t]*[\"']?true",
        "deploys to Heroku",
    ),
    (rb"\bawslabs/amazon-app-runner-deploy@|\baws apprunner (?:start|update|create)-\w+", "deploys to App Runner"),
    (rb"\baws lambda update-function-code\b[^\n]*(?:\\\r?\n[^\n]*){0,5}--image-uri\b", "deploys to Lambda"),
    (rb"\bkoyeb/action-git-deploy@|\bkoyeb (?:services? (?:update|redeploy)|deploy)\b", "deploys to Koyeb"),
    (rb"\bdigitalocean/app_action\b|\bdoctl apps (?:create-deployment|update)\b", "deploys to DigitalOcean"),
)
# Where such platforms serve what they were given, unless it stands for any: `your-app.onrender.com`.
_ADDRESSES: Final = (
    (rb"(?<![\w.-])(?!your|my-?app\b|example|app\.|xxx)[\w-]+\.onrender\.com\b", "speaks of Render"),
    (rb"(?<![\w.-])(?!your|my-?app\b|example|app\.|xxx)[\w-]+\.fly\.dev\b", "speaks of Fly.io"),
)
# Commands by which people hand what they have to such a platform, and the buttons that do so; of what else runs a
# container, nothing is said there.
_BY_HAND: Final = (
    (rb"(?m:^[ \t$]*fly(?:ctl)? (?:deploy|launch)\b)", "speaks of Fly.io"),
    (rb"(?m:^[ \t$]*az (?:containerapp (?:up|create|update)|webapp (?:create|up)) )", "speaks of Azure"),
    (rb"(?m:^[ \t$]*copilot (?:init|deploy|svc deploy)\b)", "speaks of AWS Copilot"),
    (rb"(?m:^[ \t$]*kn service (?:create|update|apply)\b)", "speaks of Knative"),
    (rb"(?m:^[ \t$]*kubectl [^\n]{0,80}?(?:rollout restart|set image)\b)", "speaks of Kubernetes"),
    (rb"(?m:^[ \t$]*aws (?:apprunner create-service|ecs update-service)\b)", "speaks of AWS"),
    (rb"\bapp\.koyeb\.com/deploy\b|(?m:^[ \t$]*koyeb (?:deploy|app init|services? create)\b)", "speaks of Koyeb"),
    (
        rb"\brailway\.(?:app|com)/(?:new|template|button)\b|(?m:^[ \t]*(?:\d+\.|[-*])[ \t]+`?railway up\b)",
        "speaks of Railway",
    ),
    (rb"\brender\.com/(?:deploy|images/deploy)\b", "speaks of Render"),
)
_LAMBDA: Final = b"/aws-lambda-adapter:"  # asks a server until it answers; Lambda reads no HEALTHCHECK
# `# PORT is set by Cloud Run`, in a Dockerfile.
_GIVEN: Final = rb"(?m)^[ \t]*#[^\n]*\b(?:set|given|provided|injected|passed) (?:in|by) (?:Google )?Cloud Run\b"
_RUNS: Final = rb"\b(?:docker|podman)[ -](?:run|compose|stack|service)\b"  # by hand, on a machine of one's own
# A heading of a readme over what somebody does on a machine of their own, and one over a deployment on these platforms.
_AT_HOME: Final = rb"(?i)\blocal(?:ly|host)?\b|\bdevelopment\b"
_ON_A_PLATFORM: Final = rb"(?m)^#{1,6}[^\n]*\b(?i:render(?:\.com)?|fly\.io)[ \t*:`]*$"
# Files that only platforms read, the surest first, with what has to be in them.
_FOR_PLATFORMS: Final = {
    "nixpacks.toml": rb"",
    "Procfile": rb"(?m)^web[ \t]*:",
    "heroku.yml": rb"(?m)^[ \t]*docker[ \t]*:",
    "liara.json": rb"",
    "cloudbuild.yaml": rb"cloud-builders/docker|kaniko",  # for Cloud Run or Kubernetes of the same cloud
}
_COMPOSE: Final = r"(?i)(?:.*[._-])?(?:compose|stack)(?:[._-][^/]*)?\.ya?ml\Z"
# A service of a compose file that is called as servers of one's own are, and takes an image that somebody published.
_SERVED: Final = (
    rb"(?m)^( +)(?:[\w-]+[-_])?(?:api|app|backend|server|web)(?:[-_][\w-]+)?:[ \t]*\r?\n(?:\1 +[^\n]*\n|[ \t]*\r?\n)*?"
    rb"\1 +image:[ \t]*[\"']?[\w.:${}-]+/\w"
)
_WORKFLOWS: Final = ".github/workflows"
_DOCKERFILE: Final = r"(?i)(?:\A|/)(?:dockerfile[^/]*|[^/]*\.dockerfile)\Z"
_MOST: Final = 40  # files that are looked into
_MOST_BYTES: Final = 200_000  # of each


def host_of(tree: Tree, near: Iterable[str], dockerfile: str, others: Iterable[str] = ()) -> Evidence | None:
    """Why a platform runs what a Dockerfile builds; None when nothing says so. `near` are files of its folder, of the
    project's and of `docs` (of others none is looked at); `others` are called Dockerfiles.
    """
    own = parent(dockerfile)
    near = sorted(
        (path for path in near if parent(path) in {own, "", "docs"}), key=lambda path: (path.count("/"), path)
    )
    by_name = {path: path.rpartition("/")[2] for path in near}
    for path, name in by_name.items():
        if parent(path) == own and name == ".gcloudignore":
            return Evidence(f"`{path}` says what `gcloud` leaves out of what it builds")
    written = _beginning(tree, dockerfile)
    if _LAMBDA in written:
        return Evidence(f"`{dockerfile}` brings the adapter with which Lambda asks a server")
    if b"Cloud Run" in written and re.search(_GIVEN, written):
        return Evidence(f"a comment of `{dockerfile}` speaks of what Cloud Run sets", platform="cloud-run")
    texts = dict(_texts(tree, by_name))
    for path, text in texts.items():
        for pattern, reason in _SAYS:
            if re.search(pattern, text):
                return Evidence(f"`{path}` {reason}", platform="cloud-run" if pattern is _SAYS[0][0] else "")
        for pattern, reason in _HANDS_OVER if path.startswith(_WORKFLOWS) else ():
            if re.search(pattern, text) and _may_mean(text, dockerfile, (*by_name, *others)):
                return Evidence(f"`{path}` {reason}")
    by_hand = [(path, text) for path, text in texts.items() if re.search(_RUNS, text)]
    if any(not _is_at_home(path, text) for path, text in by_hand):
        return None
    for path, text in texts.items():
        for pattern, reason in _ADDRESSES:
            if re.search(pattern, text):
                return Evidence(f"`{path}` {reason}")
    if by_hand:
        return None
    for path, text in texts.items():
        for pattern, reason in _BY_HAND if not path.startswith(_WORKFLOWS) else ():
            if re.search(pattern, text):
                return Evidence(f"`{path}` {reason}")
    # Heroku builds no Dockerfile where it reads these, but an image that nobody runs by hand is made for a platform.
    for name, needed in _FOR_PLATFORMS.items():
        path = f"{own}/{name}".lstrip("/")
        if path in by_name and re.search(needed, _beginning(tree, path)):
            if name == "Procfile" and _is_composed(tree, by_name):
                continue
            return Evidence(f"`{path}` is there for a platform")
    return None


def _is_at_home(path: str, text: bytes) -> bool:
    """Whether all commands of a readme that run a container stand under headings for one's own machine, and another
    heading is over the deployment on a platform.
    """
    if not path.endswith(".md") or re.search(_ON_A_PLATFORM, text) is None:
        return False
    above: list[tuple[int, bool]] = []  # the headings over a line: how deep, and whether it is for that
    first, fenced = True, False
    for line in text.splitlines():
        if line.lstrip(b" \t>").startswith((b"```", b"~~~")):
            fenced = not fenced
        elif line.startswith(b"#") and not fenced:
            depth = len(line) - len(line.lstrip(b"#"))
            above = [one for one in above if one[0] < depth]
            above.append((depth, not first and re.search(_AT_HOME, line) is not None))  # the first is the title
            first = False
        elif re.search(_RUNS, line) and not any(home for _, home in above):
            return False
    return True


def _is_composed(tree: Tree, by_name: dict[str, str]) -> bool:
    """Whether a compose file that is named for production starts what may be the project's image: the buildpack of the
    Procfile's platform has no part in that.
    """
    named = (path for path, name in by_name.items() if re.match(_COMPOSE, name))
    return any(
        setting_of_name(by_name[path]) == "production" and re.search(_SERVED, _beginning(tree, path)) for path in named
    )


def _may_mean(text: bytes, dockerfile: str, paths: Sequence[str]) -> bool:
    """Whether a workflow that hands a project to a platform may mean what a Dockerfile builds: one in the root, the
    only one, or one whose folder it speaks of.
    """
    folder = parent(dockerfile).rpartition("/")[2].lower()
    if not folder or folder.encode() in text.lower():
        return True
    return not any(path != dockerfile and re.search(_DOCKERFILE, path) for path in paths)


def _texts(tree: Tree, by_name: dict[str, str]) -> Iterator[tuple[str, bytes]]:
    """The workflows, and what is written down and automated about the deployment."""
    workflows = (f"{_WORKFLOWS}/{name}" for name in tree.names(_WORKFLOWS) if name.endswith((".yml", ".yaml")))
    notes = (path for path, name in by_name.items() if re.match(_NOTES, name) and re.match(_TEXT, name))
    for path in islice((*workflows, *notes), _MOST):
        yield path, _beginning(tree, path)


def _beginning(tree: Tree, path: str) -> bytes:
    try:
        return (tree.read(path) or b"")[:_MOST_BYTES]
    except Unreadable:
        return b""
