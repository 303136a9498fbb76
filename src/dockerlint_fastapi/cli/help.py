"""The help of a command with many options: these in groups, each under what it is for."""

from __future__ import annotations

import click

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

OTHER = "Options"

CHECK: Mapping[str, tuple[str, ...]] = {
    "What is linted": (
        "compose_files",
        "exclude",
        "force_exclude",
        "stdin_filename",
        "rule_dirs",
        "no_plugins",
        "config",
        "isolated",
    ),
    "Which rules": ("select", "extend_select", "ignore", "profile", "preview", "deployment", "today"),
    "What is accepted": (
        "baseline",
        "write_baseline",
        "update_baseline",
        "no_baseline",
        "add_ignores",
        "reason",
    ),
    "What is mended": ("fix", "fix_only", "unsafe_fixes", "diff"),
    "What is printed": (
        "output_format",
        "output_files",
        "statistics",
        "quiet",
    ),
    "How it runs": ("processes", "no_cache", "cache_dir"),
    "The exit code": ("fail_on", "exit_zero"),
}
"""The groups of `dlf check`, by the names of its parameters; the others come last."""


class GroupedCommand(click.Command):
    """A command whose options are shown in groups."""

    groups: Mapping[str, tuple[str, ...]] = CHECK

    @classmethod
    def of(cls, command: click.Command) -> GroupedCommand:
        """The same command with such a help."""
        return cls(
            command.name,
            context_settings=command.context_settings,
            callback=command.callback,
            params=command.params,
            help=command.help,
            short_help=command.short_help,
            no_args_is_help=command.no_args_is_help,
        )

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """See click."""
        group_of = {name: group for group, names in self.groups.items() for name in names}
        rows: dict[str, list[tuple[int, tuple[str, str]]]] = {group: [] for group in (*self.groups, OTHER)}
        for param in self.get_params(ctx):
            record = param.get_help_record(ctx) if isinstance(param, click.Option) else None
            if record is not None:
                group = group_of.get(param.name or "", OTHER)
                at = self.groups[group].index(param.name or "") if group in self.groups else 0
                rows[group].append((at, record))
        for group, records in rows.items():
            if records:
                with formatter.section(group):
                    formatter.write_dl([record for _, record in sorted(records, key=lambda row: row[0])])
