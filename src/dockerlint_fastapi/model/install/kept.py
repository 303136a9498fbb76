"""Which packages are still there at the end of the RUN that installs them."""

from __future__ import annotations

from dockerlint_fastapi.model.dockerfile import Command
from dockerlint_fastapi.model.install.call import bare_text
from dockerlint_fastapi.model.install.readers import calls_and_plain_steps
from dockerlint_fastapi.model.install.step import SYSTEM_MANAGERS, Package, Step
from dockerlint_fastapi.record import NamedTuple
from dockerlint_fastapi.source import Span


class Kept(NamedTuple):
    """A package that is still there at the end of the RUN that installed it, and the step that did."""

    package: Package
    step: Step


def kept_packages(command: Command) -> tuple[Kept, ...]:
    """The packages that a RUN installs and does not take out again.

    Where a removal cannot be read, nothing of that manager is listed: it may have taken any of them.
    """
    kept: list[Kept] = []
    automatic = False  # `apt-mark auto`: what was installed counts as not wanted, and autoremove takes it
    manual: set[str] = set()
    for call, step in calls_and_plain_steps(command):
        if call.name == "apt-mark" and len(call.arguments) > 1:
            automatic = automatic or call.arguments[1].value in ("auto", "minimize-manual")
            if call.arguments[1].value == "manual":
                manual.update(bare_text(one) for one in call.arguments[2:])
            continue
        if step is None:
            continue
        if step.action == "install":
            kept += [Kept(package, step) for package in step.packages]
        elif step.action == "remove":
            kept = _without(kept, step)
            if automatic and _takes_along(step) and step.manager == "apt":
                kept = [one for one in kept if one.step.manager != "apt" or one.package.name in manual]
    return tuple(kept)


def passing_packages(command: Command) -> frozenset[Span]:
    """The words of the packages that a RUN installs by apt and takes out again with all that came along: autoremove
    takes what was only recommended, too, once nothing that is there recommends it (apt-get(8)).
    """
    steps = [step for _, step in calls_and_plain_steps(command) if step is not None and step.manager == "apt"]
    if not any(step.action == "remove" and _takes_along(step) for step in steps):
        return frozenset()
    kept = {one.package.word.span for one in kept_packages(command)}
    words = {package.word.span for step in steps if step.action == "install" for package in step.packages}
    return frozenset(words - kept)


def _takes_along(step: Step) -> bool:
    """Whether what nothing needs any more goes, too."""
    return step.subcommand in ("autoremove", "autopurge", "auto-remove") or step.has("--auto-remove", "--autoremove")


def _without(kept: list[Kept], step: Step) -> list[Kept]:
    """`kept` less what `step` removes."""
    texts = {bare_text(package.word) for package in step.packages}
    names = {text.partition(":")[0] for text in texts}  # `gcc:amd64`
    from fnmatch import fnmatchcase  # noqa: PLC0415 - few RUNs remove what they install

    patterns = [text for text in texts if "*" in text]  # apt takes a word that is no package's name for a pattern
    # `$DEPS` that was installed as `$DEPS` is removed as such; anything else that cannot be told may be any package.
    unknown = {bare_text(package.word) for package in step.packages if package.word.value is None and not package.name}
    unknown -= {bare_text(one.package.word) for one in kept}
    takes_any = step.manager in SYSTEM_MANAGERS and (bool(unknown) or (not step.complete and not step.packages))
    left: list[Kept] = []
    for one in kept:
        virtual = one.step.option("--virtual")
        group = bare_text(virtual.value_word) if virtual is not None and virtual.value_word is not None else None
        if virtual is not None and virtual.value is not None:
            group = virtual.value
        name = one.package.name
        gone = one.step.manager == step.manager and (
            takes_any
            or bare_text(one.package.word) in texts
            or (group is not None and group in texts)
            or (name is not None and (name in names or any(fnmatchcase(name, pattern) for pattern in patterns)))
        )
        if not gone:
            left.append(one)
    return left
