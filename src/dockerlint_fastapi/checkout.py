"""Which commit of which repository a folder is a checkout of, as far as the files in `.git` say so. No git is run.

Nothing here raises, waits on a pipe, or follows a link, and a `.git` that leads elsewhere is believed only when the
place that it leads to names it in turn. Passwords and tokens of an address are never read into the answer.
"""

from __future__ import annotations

import os
import re
import stat

from dockerlint_fastapi.record import NamedTuple

_LARGEST = 20_000_000  # bytes of `packed-refs`; a repository with 100,000 branches has half of that
_CERTAIN = ("github.com", "gitlab.com", "bitbucket.org", "codeberg.org")
"""Hosts that show at `https://host/owner/name` what they give by `ssh://git@host/owner/name.git`."""

_COMMIT = r"[0-9a-f]{40}(?:[0-9a-f]{24})?\Z"
_REF = r"refs/[!-~]+\Z"
_SECTION = r'\s*\[\s*([\w.-]+)(?:\s+"((?:[^"\\]|\\.)*)")?\s*\]\s*(.*)'
_HOST = r"(?:[A-Za-z0-9](?:[A-Za-z0-9.-]*[A-Za-z0-9])?|\[[0-9A-Fa-f:.]+\])(?::[0-9]{1,5})?\Z"
_SCP = r"(?:[^@/:\s]+@)?([^@/:\s]+):(?!//|:)(.+)"  # git@host:owner/name.git
_SCHEMES = ("https", "http", "ssh", "git")


class Checkout(NamedTuple):
    """A work tree of git. `repository` is its address, a URI without user or password."""

    shown: str  # its directory, as a user at the working directory would name it
    below: str | None  # the working directory, from there; None when that lies elsewhere
    repository: str
    revision: str | None  # the commit that is checked out; None when that cannot be read
    branch: str | None  # None for a detached HEAD


def checkout_of(path: str, here: str) -> Checkout | None:
    """The checkout that a folder lies in, as seen from the working directory; None when it lies in none, or nothing
    says where it is from. Both paths are absolute.
    """
    try:
        top = os.path.realpath(path)
        while not os.path.lexists(os.path.join(top, ".git")):
            above = os.path.dirname(top)
            if above == top:
                return None
            top = above
        folder = _git_folder(os.path.join(top, ".git"))
        if folder is None:
            return None
        shared = _shared(folder)
        branch, revision = _head(folder, shared)
        repository = _address(_settings(_text(os.path.join(shared, "config"))), branch)
        if repository is None:
            return None
        here = os.path.realpath(here)
        shown, below = (os.path.relpath(*pair).replace(os.sep, "/") for pair in ((top, here), (here, top)))
        outside = below == ".." or below.startswith("../")
        return Checkout(shown, None if outside else below.removeprefix("."), repository, revision, branch)
    except (OSError, ValueError, RecursionError):
        return None


def _text(path: str) -> str:
    """What a file holds; nothing for a link, a pipe, what is too large or cannot be read."""
    try:
        found = os.lstat(path)
        if not stat.S_ISREG(found.st_mode) or found.st_size > _LARGEST:
            return ""
        with open(path, encoding="utf-8", errors="replace") as file:
            return file.read(_LARGEST)
    except (OSError, ValueError):
        return ""


def _git_folder(path: str) -> str | None:
    """The folder that `.git` is or, in a worktree and a submodule, names; None for one that does not know of it."""
    if os.path.islink(path):
        return None
    if os.path.isdir(path):
        return path
    named = re.match(r"gitdir: (.+?)\s*\Z", _text(path))
    if named is None:
        return None
    folder = os.path.realpath(os.path.join(os.path.dirname(path), named[1]))
    back = _text(os.path.join(folder, "gitdir")).strip()  # of a worktree
    if back and os.path.realpath(os.path.join(folder, back)) == os.path.realpath(path):
        return folder
    core = _settings(_text(os.path.join(folder, "config"))).get(("core", "", "worktree"), "")  # of a submodule
    if core and os.path.realpath(os.path.join(folder, core)) == os.path.realpath(os.path.dirname(path)):
        return folder
    return None


def _shared(folder: str) -> str:
    """The folder that worktrees of one repository share: its branches, its configuration."""
    named = _text(os.path.join(folder, "commondir")).strip()
    if not named:
        return folder
    shared = os.path.realpath(os.path.join(folder, named))
    return shared if folder.startswith(os.path.join(shared, "worktrees") + os.sep) else folder


def _head(folder: str, shared: str) -> tuple[str | None, str | None]:
    """The branch, and the commit that it stands at."""
    said = _text(os.path.join(folder, "HEAD")).strip()
    if re.match(_COMMIT, said):
        return None, said
    name = said.removeprefix("ref:").strip()
    if name == said or re.match(_REF, name) is None or ".." in name or name == "refs/heads/.invalid":
        return None, None  # the last is what stands there when branches are kept in another format
    branch = name.removeprefix("refs/heads/") if name.startswith("refs/heads/") else None
    for place in (folder, shared):
        commit = _text(os.path.join(place, *name.split("/"))).strip()
        if re.match(_COMMIT, commit):
            return branch, commit
    packed = _text(os.path.join(shared, "packed-refs"))
    at = f"\n{packed}".find(f" {name}\n")
    commit = packed[max(0, at - 65) : max(0, at - 1)].rpartition("\n")[2] if at > 0 else ""
    return branch, commit if re.match(_COMMIT, commit) else None


def _settings(text: str) -> dict[tuple[str, str, str], str]:
    """A configuration of git by section, subsection and key; files that it includes are not read."""
    settings: dict[tuple[str, str, str], str] = {}
    section, subsection = "", ""
    for line in text.split("\n"):
        rest = line
        if header := re.match(_SECTION, line):
            section, subsection = header[1].lower(), re.sub(r"\\(.)", r"\1", header[2] or "")
            rest = header[3]
        key, equals, value = rest.partition("=")
        if equals and not key.lstrip().startswith(("#", ";")):
            plain = re.match(r'\s*(?:"((?:[^"\\]|\\.)*)"|([^#;]*))', value)
            given = (plain[1] or plain[2] or "").strip() if plain else ""
            settings.setdefault((section, subsection, key.strip().lower()), given)
    return settings


def _address(settings: dict[tuple[str, str, str], str], branch: str | None) -> str | None:
    """The address of `origin`, else that of the branch's remote, else that of the only one."""
    remotes = {name: url for (section, name, key), url in settings.items() if section == "remote" and key == "url"}
    followed = settings.get(("branch", branch or "", "remote"), "")
    url = remotes.get("origin") or remotes.get(followed) or (next(iter(remotes.values())) if len(remotes) == 1 else "")
    if any(section == "url" for section, _, _ in settings):
        return None if not url.startswith("https://") else public_address(url)  # `insteadOf` may make anything of it
    return public_address(url)


def public_address(url: str) -> str | None:
    """The address of a remote as a URI that anybody may see: without user, password, query; `https:` for `ssh:` only
    where that is certain. None for a place on a disk, and for what is no address.
    """
    from urllib.parse import quote  # noqa: PLC0415 - most runs write no SARIF

    if not url.isascii() or not url.isprintable() or re.match(r"[A-Za-z]:[\\/]", url):
        return None
    scheme, separator, rest = url.partition("://")
    if separator:
        scheme = scheme.lower()
        authority, _, path = re.split(r"[?#]", rest, maxsplit=1)[0].partition("/")
        host = authority.rpartition("@")[2]
    elif scp := re.match(_SCP, url):
        scheme, host, path = "ssh", scp[1], scp[2].lstrip("/")
    else:
        return None
    if scheme not in _SCHEMES or re.match(_HOST, host) is None or not path.strip("/") or "@" in path:
        return None  # with `@` in the path: `user:token@host:owner/name`, which is none of the forms that git knows
    name = host.lower().partition(":")[0]
    if name in _CERTAIN:
        scheme, host = "https", name
        path = path.rstrip("/").removesuffix(".git")
    percent = "" if re.search(r"%(?![0-9A-Fa-f]{2})", path) else "%"
    return f"{scheme}://{host}/{quote(path, safe='/~+,;=:!$&()*' + percent)}"
