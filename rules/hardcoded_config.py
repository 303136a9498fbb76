"""A setting of one environment that the image fixes."""

from collections.abc import Iterator

from dockerlint_fastapi import Finding, edits
from dockerlint_fastapi.model import Image
from dockerlint_fastapi.model.dockerfile import Env, Pair
from dockerlint_fastapi.model.environment.hardcoded_settings import HardcodedSetting


def check(image: Image) -> Iterator[Finding]:
    """Speaks once of each ENV, and of several that stand one behind the other; not in images for development, where
    there is only one environment.
    """
    if image.development or not image.python:
        return
    groups: dict[bool, list[list[HardcodedSetting]]] = {False: [], True: []}
    for setting in image.hardcoded_settings:
        group = groups[setting.replaced]
        if group and setting.follows(group[-1][-1]):
            group[-1].append(setting)
        else:
            group.append([setting])
    for settings in (*groups[False], *groups[True]):
        yield _finding(image, settings)


def _finding(image: Image, settings: list[HardcodedSetting]) -> Finding:
    """The finding on settings of one ENV, at the gravest of them."""
    first, *others = sorted(settings, key=lambda one: not one.reaches)
    name = first.pair.name
    if first.reaches:
        message = f"`{name}` names a host of one environment: where nobody sets another, the container connects there"
    else:
        message = f"`{name}` is set for one environment in the image, which is meant to run in all of them"
    severity = "warning" if first.reaches and not first.replaced else "info"
    finding = Finding.at(first.pair, message, severity=severity, pedantic=first.replaced)
    for other in others:
        alike = other.reaches == first.reaches
        finding = finding.note(other.pair, f"`{other.pair.name}`{', too' if alike else ' is set for one, too'}")
    pairs: dict[Env, list[Pair]] = {}
    for one in settings:
        pairs.setdefault(one.env, []).append(one.pair)
    gone = [edits.dockerfile.without_variables(image.dockerfile, env, some) for env, some in pairs.items()]
    title = f"take {'them' if others else f'`{name}`'} out of the image"
    # a start script hands the variable on, so that what it starts has another one
    names = ["command", *(f"environment:{one.pair.name}" for one in settings)]
    return finding.fixed_by(title, *gone, safe=False, names=names)
