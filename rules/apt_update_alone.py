"""`apt-get` with package lists that are old or not there, or with a question that nobody answers."""

from collections.abc import Iterator

from dockerlint_fastapi import Finding, edits
from dockerlint_fastapi.model import Image
from dockerlint_fastapi.model.install import cleanups
from dockerlint_fastapi.model.install.apt_lists import AptFault

LISTS = "/var/lib/apt/lists"


def check(image: Image) -> Iterator[Finding]:
    for fault in image.apt_faults:
        words = fault.step.words
        if fault.kind in ("prompt", "perhaps"):
            sure = fault.kind == "prompt"
            message = (
                f"`{words}` asks before it goes on, and nobody is there to answer: the build stops"
                if sure
                else f"`{words}` asks as soon as more than the named packages is needed, and nobody is there to answer"
            )
            finding = Finding.at(fault, message, severity=None if sure else "warning", help="add `-y`")
            yield finding.fixed_by("add `-y`", edits.installs.with_option(fault.step, "-y"), names="steps")
        elif fault.kind == "split":
            # whose lists are old is a matter of images that are built for months
            yield split(fault, "info" if image.development or image.is_unclaimed else "warning")
        elif fault.kind == "missing":
            message = f"`{words}` without `apt-get update` in this `RUN`: the image has no package lists to look in"
            finding = Finding.at(fault, message, severity="info" if image.is_unclaimed else "warning")
            asks = fault.step.action == "upgrade" and not fault.step.has("--yes")  # as soon as it has lists
            yield finding if asks else fetching(finding, fault)
        elif not image.development:
            message = "`apt` is made for people: what it prints and takes may change, unlike that of `apt-get`"
            finding = Finding.at(fault, message, severity="info", in_guide="off", help="write `apt-get`", pedantic=True)
            yield finding.fixed_by("write `apt-get`", edits.installs.as_apt_get(fault.steps), names="steps")


def split(fault: AptFault, severity: str) -> Finding:
    """The finding on lists that are fetched in one RUN and used in another."""
    if fault.run is fault.user:
        message = (
            f"`{fault.step.words}` uses package lists of an earlier `RUN`: Docker keeps that layer, and they grow old"
        )
        finding = Finding.at(fault, message, severity=severity).note(fault.other, "the lists are fetched here")
        return fetching(finding, fault)
    message = "package lists in a `RUN` of their own: Docker keeps that layer, and later installs use old lists"
    finding = Finding.at(fault, message, severity=severity).note(fault.other, "these lists are used here")
    both = edits.installs.joined(fault.run, fault.user) if fault.user is not None else None
    return finding.fixed_by("fetch the lists where they are used", both, names="steps")


def fetching(finding: Finding, fault: AptFault) -> Finding:
    """The finding with a fix by which the RUN fetches lists of its own and removes them again."""
    changes = [edits.installs.put_first(fault.run, "apt-get update")]
    if not fault.run.volatile(LISTS) and not cleanups(fault.run.command).apt_lists:
        changes.append(edits.installs.appended(fault.run, f"rm -rf {LISTS}/*"))
    # that an earlier RUN keeps its lists is told once this is mended
    title = "fetch the lists where they are used"
    return finding.fixed_by(title, *changes, safe=False, reveals=True, names="steps")
