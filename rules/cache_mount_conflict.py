"""A cache mount that is of no use, because of what stands beside it."""

from collections.abc import Iterator

from dockerlint_fastapi import Edit, Finding, edits
from dockerlint_fastapi.model import Image
from dockerlint_fastapi.model.install.cache_mounts import CacheFault

CLEAN = "rm -f /etc/apt/apt.conf.d/docker-clean"


def check(image: Image) -> Iterator[Finding]:
    for fault in image.cache_faults:
        yield mended(told(fault), fault)


def told(fault: CacheFault) -> Finding:
    """The finding on one fault."""
    target, tool = fault.mount.target, fault.tool
    if fault.kind == "off":
        message = f"this cache is never filled: {tool} is told to keep none"
        found = Finding.at(fault, message, help="drop the one or the other", once="file")
        return found.note(fault.other, "switched off here")
    if fault.kind == "elsewhere":
        message = f"nothing in this `RUN` keeps a cache in `{target}`: that of {tool} is another directory"
        severity = "info" if fault.below == "beside" else None  # of no use, and in nobody's way
        return Finding.at(fault, message, severity=severity).note(fault.other, "this does not use it")
    if fault.kind in ("home", "owner"):
        return of_another(fault)
    if fault.kind == "emptied":
        message = f"nothing stays in this cache: the same `RUN` empties it after {tool} has filled it"
        help_ = "drop that: what is in a cache mount is not in the image"
        help_ += f"; and write `{CLEAN}` in front of {tool}" if fault.below == "cleaned" else ""
        return Finding.at(fault, message, help=help_, once="project").note(fault.other, "emptied here")
    if fault.kind in ("unlocked", "lone"):
        lone = fault.kind == "lone"  # apt of one stage meets another only in another build
        message = "without `sharing=locked` two builds use apt's directory at once, and one of them fails on its lock"
        return Finding.at(fault, message, severity="info" if lone else None, pedantic=lone, once="project")
    if fault.kind == "cleaned":
        message = "nothing stays in this cache: the base image makes apt delete every package after its installation"
        return Finding.at(fault, message, help=f"`{CLEAN}` in front of it", once="project")
    message = "uv cannot link out of a mounted cache: it warns and copies, which `UV_LINK_MODE=copy` asks for"
    how = "add `ENV UV_LINK_MODE=copy`"
    return Finding.at(fault, message, severity="info", help=how, pedantic=True, once="project")


def of_another(fault: CacheFault) -> Finding:
    """The finding on a cache that is another user's."""
    target, tool = fault.mount.target, fault.tool
    if fault.kind == "home":
        message = f"`{target}` is the cache of root, and this `RUN` has another user, whose {tool} never looks there"
        return Finding.at(fault, message, help="mount it in that user's home, with `uid=`", once="file")
    message = f"this cache is root's, for want of `uid=`: {tool} runs as `{fault.user}`, who may not write into it"
    found = Finding.at(
        fault, message, help="give the mount to that user: `uid=` and the number of that account", once="file"
    )
    return found.note(fault.other, f"{tool} is told to keep none, too")


def mended(finding: Finding, fault: CacheFault) -> Finding:
    """The finding with a fix, which mends along what would come to light by it."""
    run, option = fault.runs[0], fault.option
    if fault.kind == "owner":
        return given(finding, fault)
    if fault.kind == "off" and option is not None and fault.below != "off":
        if fault.below == "link":
            return finding.fixed_by(
                "let uv copy out of the cache", edits.words.instead(option.word, "--link-mode=copy"), names="steps"
            )
        return finding.fixed_by(f"drop `{option.name}`", edits.words.without([option.word]), names="steps")
    if "lone" in (fault.kind, fault.below) or fault.kind == "unlocked":
        locked = edits.dockerfile.mount_option(fault.mount, "sharing", "locked")
        if fault.kind != "cleaned" and fault.below is None:
            return finding.fixed_by("add `sharing=locked`", locked, names="steps")
        kept = edits.installs.put_first(run, CLEAN)
        return finding.fixed_by(
            "add `sharing=locked` and let apt keep packages", locked, kept, safe=False, names="steps"
        )
    if fault.kind == "cleaned":  # later RUNs without the mount keep their packages in the image then
        return finding.fixed_by(
            "let apt keep packages", edits.installs.put_first(run, CLEAN), safe=False, names="steps"
        )
    if fault.kind == "link":
        lines = [edits.dockerfile.above(one, "ENV UV_LINK_MODE=copy") for one in fault.runs]
        return finding.fixed_by("set `UV_LINK_MODE=copy`", *lines, names="environment:UV_LINK_MODE")
    return finding


def given(finding: Finding, fault: CacheFault) -> Finding:
    """The finding with a fix that makes the mount the user's own, where the number of that account is known, and lets
    the tool fill it.
    """
    option, owner = fault.option, ",".join(f"{name}={number}" for name, number in fault.ids)
    if not owner.startswith("uid=") or (fault.other is not None and option is None):
        return finding
    added = Edit.behind(fault.mount.span, f",{owner}")
    if option is None:
        return finding.fixed_by(f"add `{owner}`", added, names="steps")
    return finding.fixed_by(
        f"add `{owner}`, drop `{option.name}`", added, edits.words.without([option.word]), names="steps"
    )
