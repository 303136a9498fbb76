"""`dlf rules` and `dlf rule`: what the rules are."""

from __future__ import annotations

import sys

import click

from dockerlint_fastapi.cli.options import rules_option
from dockerlint_fastapi.cli.outcome import Stop
from dockerlint_fastapi.cli.output import colored, write


@click.command("rules", short_help="List all rules.")
@click.option(
    "--output-format", type=click.Choice(("text", "json")), default="text", show_default=True, help="How to print them."
)
@rules_option
def list_rules(output_format: str, rule_dirs: tuple[str, ...]) -> int:
    """List all rules: name, severity, category and title."""
    from dockerlint_fastapi.reporters.paint import Paint  # noqa: PLC0415
    from dockerlint_fastapi.rule import load_rules  # noqa: PLC0415

    rules = load_rules(rule_dirs)
    if output_format == "json":
        import json  # noqa: PLC0415

        fields = ("name", "title", "summary", "severity", "category", "help", "guide", "sources", "since", "url")
        write(
            sys.stdout,
            json.dumps([{field: getattr(rule, field) for field in fields} for rule in rules], indent=2) + "\n",
            encoding="utf-8",
        )
        return 0
    paint = Paint(color=colored(sys.stdout))
    names = max(len(rule.name) for rule in rules)
    categories = max(len(rule.category) for rule in rules)
    write(
        sys.stdout,
        "".join(
            f"{rule.name:<{names}}  {paint(rule.severity, f'{rule.severity:<7}')}"
            f"  {rule.category:<{categories}}  {rule.title}\n"
            for rule in rules
        ),
    )
    return 0


@click.command("rule", short_help="Explain one rule.")
@click.argument("name", metavar="NAME")
@rules_option
def explain(name: str, rule_dirs: tuple[str, ...]) -> int:
    """Print the page of one rule: what it finds, why it matters, and examples.

    \b
    Example:
      dlf rule shell-form-cmd
    """  # noqa: D301 - as above
    from dockerlint_fastapi.config.selection import meant  # noqa: PLC0415
    from dockerlint_fastapi.reporters.paint import Paint  # noqa: PLC0415
    from dockerlint_fastapi.rule import load_rules  # noqa: PLC0415

    rules = {rule.name: rule for rule in load_rules(rule_dirs)}
    rule = rules.get(name)
    if rule is None:
        raise Stop(f"there is no rule `{name}`{meant(name, rules)}; `dlf rules` lists them all")
    paint = Paint(color=colored(sys.stdout))
    facts = [paint(rule.severity, rule.severity), f"category {rule.category}", f"since {rule.since}"]
    if rule.guide:
        facts.append(f"guide {', '.join(rule.guide)}")
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
