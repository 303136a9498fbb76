"""`dlf show`: print what dlf understood."""

from __future__ import annotations

import sys

from dockerlint_fastapi.cli.declared import Choice, argument, command, option
from dockerlint_fastapi.cli.faults import internal
from dockerlint_fastapi.cli.jobs import (
    Configurations,
    Job,
    Options,
    Plan,
    check_compose_files,
    check_config_options,
    excluded,
    stack_of,
)
from dockerlint_fastapi.cli.options import (
    compose_file_option,
    config_option,
    exclude_option,
    force_exclude_option,
    isolated_option,
    no_plugins_option,
    rules_option,
)
from dockerlint_fastapi.cli.outcome import FAILURE
from dockerlint_fastapi.cli.output import colored, complain, deliver, say
from dockerlint_fastapi.config import shown_path
from dockerlint_fastapi.reporters import FOR_PEOPLE
from dockerlint_fastapi.show import FORMATS as SHOW_FORMATS

TYPE_CHECKING = False
if TYPE_CHECKING:
    from dockerlint_fastapi.show.description import Description


@command("show", short_help="Show what dlf understood.", no_args_is_help=False)
@argument("paths", metavar="[PATH]...", nargs=-1)
@option(
    "--output-format",
    type=Choice(tuple(SHOW_FORMATS)),
    default="text",
    show_default=True,
    help="How to print it.",
)
@option("--output-file", metavar="FILE", help="Write it to a file, as a whole or not at all.")
@compose_file_option
@exclude_option
@force_exclude_option
@config_option
@isolated_option
@rules_option
@no_plugins_option
def show(
    paths: tuple[str, ...],
    *,
    output_format: str,
    output_file: str | None,
    compose_files: tuple[str, ...],
    exclude: tuple[str, ...],
    force_exclude: bool,
    config: str | None,
    isolated: bool,
    rule_dirs: tuple[str, ...],
    no_plugins: bool,
) -> int:
    """Show what dlf understood of a project (default: the working directory), to trust or correct it.

    For each deployment and each container: image, stage, command and where each part of it is written, server, ports,
    user, health check, volumes, the names of environment variables, and what is unknown and why. Of single files, the
    containers that they concern. Rules are not run; a folder of rules is only for a configuration that names some.

    \b
    Examples:
      dlf show                                    the project here
      dlf show --output-format mermaid            a chart for a README
      dlf show compose.yaml --output-format json  for programs

    \b
    Exit codes:
      0  it is shown
      2  wrong usage or configuration, or a path that cannot be read
    """  # noqa: D301 - as above
    from dockerlint_fastapi.config.choices import Choices  # noqa: PLC0415
    from dockerlint_fastapi.plugins import load  # noqa: PLC0415
    from dockerlint_fastapi.show import render  # noqa: PLC0415
    from dockerlint_fastapi.show.describe import together  # noqa: PLC0415

    check_config_options(config, isolated=isolated)
    options = Options(Choices(exclude=exclude, isolated=isolated), compose_files, force_exclude, config)
    plan = Plan(options, Configurations(options, load(rule_dirs, installed=not (isolated or no_plugins))))
    for path in paths or (".",):
        plan.add(path)
    jobs = plan.jobs()
    check_compose_files(compose_files, jobs)
    failed: list[str] = []
    description = together([one for job in jobs if (one := _described(job, options, failed)) is not None])
    if jobs or output_format not in FOR_PEOPLE:
        color = output_file is None and colored(sys.stdout)
        deliver(render(output_format, description, color=color), output_format, output_file)
    for remark in plan.remarks:
        say(remark)
    for problem in plan.problems:
        complain(problem)
    return FAILURE if plan.problems or failed else 0


def _described(job: Job, options: Options, failed: list[str]) -> Description | None:
    """What dlf understood of one project. Where dlf itself breaks, on a file or on all of it (None then), that is told,
    and its name added to `failed`.
    """
    from dockerlint_fastapi.assemble import assemble  # noqa: PLC0415
    from dockerlint_fastapi.discover import find  # noqa: PLC0415
    from dockerlint_fastapi.show.describe import describe  # noqa: PLC0415

    files = None if job.files is None else sorted(job.files)
    stack = stack_of(job.root, job.configuration, options)
    try:
        found = find(job.tree, excluded(options, job.configuration, job.root), named=(*(files or ()), *stack))
        project = assemble(job.tree, found, paths=files, shown=job.shown, stack=stack)
        description = describe(project, files=job.files, shown=job.shown)
    except Exception as error:  # noqa: BLE001 - told, and the other projects are still shown
        failed.append(shown_path(job.root))
        internal(error, failed[-1])
        return None
    for span, fault in project.failures:
        failed.append(span.source.shown)
        internal(fault, failed[-1])
    return description
