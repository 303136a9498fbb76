"""`dlf test`: run the examples of a folder of rules."""

from __future__ import annotations

import os
import sys

from dockerlint_fastapi.cli.declared import argument, command, option
from dockerlint_fastapi.cli.outcome import FINDINGS, Stop
from dockerlint_fastapi.cli.output import write


@command("test", short_help="Run the examples of a folder of rules.")
@argument("directory", metavar="DIR")
@option("--bless", is_flag=True, help="Write what is printed into the pages as what is expected.")
def run_examples(directory: str, *, bless: bool) -> int:
    """Run the examples on the pages of a folder of rules.

    Each `## Bad` section of a page must print exactly its console block, each `## Good` section nothing, and a rule
    has one of each at least. The folder's Python files are executed.

    \b
    Examples:
      dlf test house_rules           run them
      dlf test house_rules --bless   write what is printed into the pages; read the diff before you commit it

    \b
    Exit codes:
      0  every example prints what its page says
      1  one does not, or a rule lacks one
      2  a rule cannot be loaded, a page cannot be read, or there is no example
    """  # noqa: D301 - \b is for click: keep these lines as they are
    from dockerlint_fastapi.examples import ExampleError, run  # noqa: PLC0415

    if not os.path.isdir(directory):
        raise Stop(f"{directory}: is no directory")
    try:
        lacking = _lacking(directory)  # first: a page that is not one is told once, not with every example
        outcome = run(directory, bless=bless)
        lacking = _lacking(directory) if bless else lacking
    except ExampleError as error:
        raise Stop(str(error)) from None
    write(sys.stdout, "".join(f"{line}\n" for line in lacking) + outcome.text)
    if not outcome.ran and not lacking:
        raise Stop(f"{directory}: holds no example: no page of a rule, and no project with an `expected.txt`")
    return FINDINGS if outcome.failed or lacking else 0


def _lacking(directory: str) -> list[str]:
    """What the pages of a folder's own rules do not show: that the rule speaks, and that it can be silent. Raises
    RuleError for a page that is not one.
    """
    from dockerlint_fastapi.examples import examples  # noqa: PLC0415

    own = [name for name in sorted(os.listdir(directory)) if name.endswith(".md")]
    own = [os.path.join(directory, name) for name in own if os.path.exists(os.path.join(directory, name[:-3] + ".py"))]
    if not own:
        return []
    shown: dict[str, set[bool]] = {path: set() for path in own}
    for one in examples(directory):
        if one.rule is not None:
            _ = one.rule.page
        shown.get(one.path, set()).add(bool(one.expected))
    lacking = []
    for path, sides in shown.items():
        if True not in sides:
            lacking.append(f"{path}: no example has findings: a section `## Bad` with a `console` block shows one")
        if False not in sides:
            lacking.append(f"{path}: no example is without findings: a section `## Good` shows one")
    return lacking
