"""What a caller chooses over a project's own configuration, and the engine's settings that follow from both."""

from __future__ import annotations

from dockerlint_fastapi.config import DEPLOYMENTS, PROFILES, ConfigError
from dockerlint_fastapi.record import NamedTuple

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from dockerlint_fastapi.config import Configuration
    from dockerlint_fastapi.config.selection import Layer
    from dockerlint_fastapi.engine import Settings
    from dockerlint_fastapi.rule import Rule


class Choices(NamedTuple):
    """How a project is linted, over what its own configuration says: the options of `dlf check`, by the same names."""

    select: tuple[str, ...] | None = None
    extend_select: tuple[str, ...] = ()
    ignore: tuple[str, ...] = ()
    exclude: tuple[str, ...] = ()
    profile: str | None = None
    deployment: str | None = None
    preview: bool | None = None
    isolated: bool = False

    def check(self, rules: Sequence[Rule], *, options: bool = False) -> None:
        """Raises ConfigError for what no project could be linted with, in words of the command line or of the call."""
        from dockerlint_fastapi.config.selection import check_selector  # noqa: PLC0415 - most runs choose no rules
        from dockerlint_fastapi.rule import CATEGORIES, Names  # noqa: PLC0415

        if self.profile is not None and self.profile not in PROFILES:
            raise ConfigError(f"there is no profile `{self.profile}`: it is one of {', '.join(PROFILES)}")
        if self.deployment is not None and self.deployment not in DEPLOYMENTS:
            raise ConfigError(f"there is no deployment `{self.deployment}`: it is one of {', '.join(DEPLOYMENTS)}")
        names = Names(rules)
        for which in ("select", "extend_select", "ignore"):
            for selector in getattr(self, which) or ():
                try:
                    check_selector(selector, names, CATEGORIES)
                except ConfigError as error:
                    name = f"--{which.replace('_', '-')}" if options else which
                    raise ConfigError(f"{name}: {error}") from None

    def with_preview(self, configuration: Configuration) -> bool:
        """Whether rules in preview run."""
        return bool(configuration.preview if self.preview is None else self.preview)

    def layers(self, configuration: Configuration) -> tuple[Layer, ...]:
        """What the configuration says of which rules are on, and what was chosen over it."""
        from dockerlint_fastapi.config.selection import Layer  # noqa: PLC0415

        return (
            Layer(configuration.select, configuration.extend_select, configuration.ignore),
            Layer(self.select, self.extend_select, self.ignore),
        )

    def settings(
        self,
        configuration: Configuration,
        rules: tuple[Rule, ...],
        *,
        root: str,
        exclude: tuple[str, ...],
        stack: tuple[str, ...],
        today: str | None,
    ) -> Settings:
        """The engine's settings for one project. `exclude` and `stack` are relative to its root, an absolute path."""
        from dockerlint_fastapi.config.selection import chosen, named, rules_of, severities  # noqa: PLC0415
        from dockerlint_fastapi.discover import rebased  # noqa: PLC0415
        from dockerlint_fastapi.engine import Settings  # noqa: PLC0415

        layers = self.layers(configuration)
        per_file = (
            (pattern, frozenset(name for selector in selectors for name in rules_of(selector, rules)))
            for written, selectors in configuration.per_file_ignores
            if (pattern := rebased(written, configuration.home, root)) is not None
        )
        return Settings(
            rules=rules,
            select=chosen(rules, layers),
            severities=severities(configuration.severity, rules),
            options=configuration.options,
            exclude=exclude,
            per_file_ignores=tuple(per_file),
            profile=self.profile or configuration.profile or "default",
            deployment=self.deployment or configuration.deployment or "auto",
            stack=stack,
            today=today,
            preview=self.with_preview(configuration),
            named=named(rules, layers),
        )
