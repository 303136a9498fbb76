"""A setting of one environment that the image fixes, by ENV or in the code."""

from collections.abc import Iterator

from dockerlint_fastapi import Finding, edits
from dockerlint_fastapi.model import Container, Image
from dockerlint_fastapi.model.dockerfile import Env, Pair
from dockerlint_fastapi.model.environment.hardcoded_settings import HardcodedAddress, HardcodedSetting

OF_CODE = "read it from the environment (a required field of the settings), and set it where the container is started"


def check(node: Image | Container) -> Iterator[Finding]:
    """Speaks of what ENV fixes, and of what the code does; not of what is for development, where there is only one
    environment.
    """
    if isinstance(node, Image):
        yield from _of_image(node)
    elif node.image is not None and not node.image.development and not node.development:
        for address in node.hardcoded_addresses:
            yield from _of_code(node, address)


def _of_code(container: Container, address: HardcodedAddress) -> Iterator[Finding]:
    """Speaks of an address that no variable can change; what has a password is told as a secret, unless a variable of
    that name is set in vain.
    """
    variable = address.set_in_vain(container)
    if variable is None and address.client and not address.secret:
        of = f"the address of `{address.name or address.client}`"
        message = f"{of} is written into the code: no variable can change it"
        yield Finding.at(address.span, message, severity="info", help=OF_CODE, once="project")
    elif variable is not None:
        differs = variable.value is not None and variable.value not in address.span.text
        message = f"`{address.name}` is written into the code: nothing reads the variable of that name"
        yield Finding.at(address.span, message, severity="warning" if differs else "info", help=OF_CODE).note(
            variable.span, f"setting `{address.name}` here has no effect"
        )


def _of_image(image: Image) -> Iterator[Finding]:
    """Speaks once of each ENV, and of several that stand one behind the other."""
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
    """The finding on settings of one ENV, at the gravest of them; of such at the first that code speaks of."""
    first, *others = sorted(settings, key=lambda one: not one.reaches)
    if len([one for one in settings if one.reaches]) > 1 and not first.is_spoken_of(image.project):
        first, *others = sorted(settings, key=lambda one: (not one.reaches, not one.is_spoken_of(image.project)))
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
