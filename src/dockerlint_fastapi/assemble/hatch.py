"""What Hatch makes of a project: the environment that `hatch env create` fills, and where it lies."""

from __future__ import annotations

from dockerlint_fastapi.assemble.manifests import Site, Wanted
from dockerlint_fastapi.model.context.passage import place_of
from dockerlint_fastapi.model.install import Step
from dockerlint_fastapi.model.install.distributions import Doubt
from dockerlint_fastapi.model.install.manifest import Group, HatchEnvironment, ProjectFile

_VIRTUAL = "HATCH_ENV_TYPE_VIRTUAL_"


def environments(site: Site, home: str | None) -> dict[str, HatchEnvironment] | None:
    """The environments of the project in a folder: of its hatch.toml, which goes before its pyproject.toml; None when
    they cannot be told.
    """
    project = site.project_at(home)
    if home is None or not isinstance(project, ProjectFile) or project.environments is None:
        return None
    beside = site.read("hatch.toml", f"{home.rstrip('/')}/hatch.toml")
    if beside is None:
        return dict(project.environments)
    return beside if isinstance(beside, dict) and len(project.environments) == 1 else None


def chosen(step: Step, site: Site) -> tuple[str | None, HatchEnvironment | None]:
    """The folder of the project that a step is for, and the environment: the one that `env create` names, for `dep` the
    one of `-e` or HATCH_ENV; None when that cannot be told.
    """
    option = step.option("--project")
    home = site.place("." if option is None else option.value)
    if step.action == "install":
        name: str | None = step.subcommand.removeprefix("env create").strip() or "default"
    else:
        asked, pair = step.option("--env"), site.stage.variable("HATCH_ENV", before=site.run)
        said = step.environment.get("HATCH_ENV", pair.value if pair is not None else "default")
        name = said if asked is None else asked.value
    if option is not None or not step.complete or name is None or step.has("--config") or is_set(step, site, "CONFIG"):
        return home, None
    found = (environments(site, home) or {}).get(name)
    return home, found if found is not None and found.complete else None


def is_set(step: Step, site: Site, name: str) -> bool:
    """Whether one of Hatch's variables is set for a step."""
    name = f"HATCH_{name}"
    return name in step.environment or site.stage.variable(name, before=site.run) is not None


def add_environment(step: Step, site: Site, wanted: Wanted) -> HatchEnvironment | None:
    """Adds what an environment takes: of the project what goes in with it, and what it asks for itself."""
    home, environment = chosen(step, site)
    project = site.project_at(home)
    if environment is None or not isinstance(project, ProjectFile):
        wanted.doubts.append(Doubt("the environment that Hatch makes cannot be read", step.head))
        return None
    # Without the project, older releases of Hatch take none of its extras and groups.
    if not environment.project and (environment.features or environment.groups):
        wanted.doubts.append(Doubt("releases of Hatch differ in what this takes", step.head))
    if environment.project:
        site.project(home, step.head, wanted, extras=environment.features, groups=environment.groups)
    extras = [*wanted.groups]
    wanted.groups.clear()
    asked = (*environment.requirements, *(one for extra in extras for one in extra.requirements))
    wanted.groups.append(Group(environment.name, asked, "environment"))
    wanted.requirements.extend(environment.requirements)
    if environment.locked:
        wanted.doubts.append(Doubt("a lock file says more than is read of it", step.head))
    return environment


def add_listed(step: Step, site: Site, wanted: Wanted) -> None:
    """Adds what `hatch dep show requirements` prints: the dependencies of the project, and those of the environment
    unless `--project-only` is given; with `--feature` those of extras alone.
    """
    home, environment = chosen(step, site)
    project = site.project_at(home)
    if not isinstance(project, ProjectFile) or (environment is None and not step.has("--project-only", "--feature")):
        wanted.doubts.append(Doubt("what Hatch lists cannot be read", step.head))
        return
    features = [one.value for one in step.options if one.name == "--feature"]
    if features or step.has("--all"):
        names = list(project.extras) if not features else [one or "" for one in features]
        wanted.requirements.extend(site.of_extras(project, names, step.head, wanted))
    if features:
        return
    if not step.has("--env-only"):
        site.project(home, step.head, wanted, itself=False)
    if environment is not None and not step.has("--project-only"):
        wanted.requirements.extend(environment.requirements)
        wanted.groups.append(Group(environment.name, environment.requirements, "environment"))


def place_of_environment(step: Step, site: Site, environment: HatchEnvironment | None, user: str | None) -> str | None:
    """Where an environment lies: where HATCH_ENV_TYPE_VIRTUAL_PATH or its table says, else below the user's `~/.local`,
    in a folder named by a hash of the project's path (hatch/env/virtual.py, the same in 1.7 and 1.18).
    """
    home = site.place(".")
    if environment is None or home is None:
        return None
    project = site.project_at(home)
    pair = site.stage.variable(f"{_VIRTUAL}PATH", before=site.run)
    said = step.environment.get(f"{_VIRTUAL}PATH", pair.value if pair is not None else environment.path)
    if said or said is None:
        return place_of(said, home)
    if step.has("--data-dir") or is_set(step, site, "DATA_DIR") or not isinstance(project, ProjectFile):
        return None
    elsewhere = "XDG_DATA_HOME" in step.environment or site.stage.variable("XDG_DATA_HOME", before=site.run) is not None
    if elsewhere or user is None or project.name is None:
        return None
    from base64 import urlsafe_b64encode  # noqa: PLC0415 - few projects have Hatch make an environment
    from hashlib import sha256  # noqa: PLC0415 - the same

    number = urlsafe_b64encode(sha256(home.encode()).digest()).decode()[:8]
    name = project.name if environment.name == "default" else environment.name
    return f"{user}/share/hatch/env/virtual/{project.name}/{number}/{name}"
