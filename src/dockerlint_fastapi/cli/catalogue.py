"""`dlf rules` and `dlf rule`: what the rules are."""

from __future__ import annotations

import sys

from dockerlint_fastapi.cli.declared import Choice, argument, command, option
from dockerlint_fastapi.cli.options import no_plugins_option, rules_option
from dockerlint_fastapi.cli.outcome import Stop
from dockerlint_fastapi.cli.output import colored, write


@command("rules", short_help="List all rules.")
@option("--output-format", type=Choice(("text", "json")), default="text", show_default=True, help="How to print them.")
@rules_option
@no_plugins_option
def list_rules(output_format: str, rule_dirs: tuple[str, ...], *, no_plugins: bool) -> int:
    """List all rules: name, code, severity, category, title, whether in preview, and where from when not built in.

    \b
    Examples:
      dlf rules                          all, sorted by name
      dlf rules --output-format json     with summaries, sources and the practices of the guide
    \b
    Exit codes:
      0  they are listed
      2  a folder of rules cannot be loaded
    """  # noqa: D301 - \b is for click: keep these lines as they are
    from dockerlint_fastapi.plugins import load, origin, plugins  # noqa: PLC0415
    from dockerlint_fastapi.reporters.paint import Paint  # noqa: PLC0415

    rules = load(rule_dirs, installed=not no_plugins)
    known = () if no_plugins else plugins()
    if output_format == "json":
        import json  # noqa: PLC0415

        fields = (
            "name",
            "code",
            "title",
            "summary",
            "severity",
            "category",
            "help",
            "guide",
            "sources",
            "since",
            "preview",
            "url",
        )
        write(
            sys.stdout,
            json.dumps(
                [{field: getattr(rule, field) for field in fields} | {"from": origin(rule, known)} for rule in rules],
                indent=2,
            )
            + "\n",
            encoding="utf-8",
        )
        return 0
    paint = Paint(color=colored(sys.stdout))
    names = max(len(rule.name) for rule in rules)
    codes = max(len(rule.code) for rule in rules)
    categories = max(len(rule.category) for rule in rules)
    write(
        sys.stdout,
        "".join(
            f"{rule.name:<{names}}  {rule.code:<{codes}}  {paint(rule.severity, f'{rule.severity:<7}')}"
            f"  {rule.category:<{categories}}  {rule.title}{'  (preview)' if rule.preview else ''}"
            f"{'' if rule.built_in else paint('frame', f'  ({origin(rule, known)})')}\n"
            for rule in rules
        ),
    )
    return 0


@command("rule", short_help="Explain one rule.")
@argument("name", metavar="NAME")
@rules_option
@no_plugins_option
def explain(name: str, rule_dirs: tuple[str, ...], *, no_plugins: bool) -> int:
    """Print the page of one rule, by its name or its code: what it finds, why it matters, and examples.

    \b
    Examples:
      dlf rule shell-form-cmd
      dlf rule DLF015
    \b
    Exit codes:
      0  it is printed
      2  there is no such rule; the nearest name is told
    """  # noqa: D301 - as above
    from dockerlint_fastapi.config.selection import meant  # noqa: PLC0415
    from dockerlint_fastapi.plugins import load, origin, plugins  # noqa: PLC0415
    from dockerlint_fastapi.reporters.paint import Paint  # noqa: PLC0415
    from dockerlint_fastapi.rule import Names  # noqa: PLC0415

    rules = {rule.name: rule for rule in load(rule_dirs, installed=not no_plugins)}
    names = Names(rules.values())
    rule = rules.get(names.name_of(name))
    if rule is None:
        raise Stop(f"there is no rule `{name}`{meant(name, names, names.codes)}; `dlf rules` lists them all")
    paint = Paint(color=colored(sys.stdout))
    facts = [paint(rule.severity, rule.severity), f"category {rule.category}", f"since {rule.since}"]
    if rule.code:
        facts.insert(0, rule.code)
    if rule.guide:
        facts.append(f"guide {', '.join(rule.guide)}")
    if rule.preview:
        facts.append("in preview: runs with --preview only")
    if not rule.built_in:
        facts.append(f"from {origin(rule, () if no_plugins else plugins())}")
    lines = [paint("strong", rule.name), " · ".join(facts), ""]
    fenced = False
    for line in rule.markdown.rstrip("\n").split("\n"):
        if line.startswith("```"):
            fenced = not fenced
            lines.append(paint("frame", line))
        else:
            lines.append(paint("strong", line) if line.startswith("#") and not fenced else line)
    if rule.sources:
        lines += ["", paint("strong", "Sources"), "", *(f"- {source}" for source in rule.sources)]
    write(sys.stdout, "\n".join(lines) + "\n")
    return 0
