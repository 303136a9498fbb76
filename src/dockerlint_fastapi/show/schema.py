"""The JSON form of a description as pydantic models, and the schema made from them. For docs and tests; rendering does
not import it.

After a change here, `python docs/generate.py` writes docs/schema/show.schema.json again.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

Count = Annotated[int, Field(ge=0)]
Position = Annotated[int, Field(ge=1)]
Setting = Literal["production", "base", "development"]


class Strict(BaseModel):
    """An object with exactly the fields that are named; values are not converted."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)


class Tool(Strict):
    """The program that wrote the document."""

    name: Literal["dlf"]
    version: str


class ShownPlace(Strict):
    """Where something is written. Lines and columns count from 1, columns in characters (Unicode code points)."""

    path: str = Field(description="Relative to the working directory where possible, `/`-separated.")
    line: Position
    column: Position


class ShownFact(Strict):
    """A value, and which way it came."""

    value: str
    origin: Literal["option", "environment", "file", "default", "compose", "Dockerfile", "base image"]
    place: ShownPlace | None = Field(description="null for what no file of the project says.")


class ShownReason(Strict):
    """Why something is taken for what it is."""

    reason: str
    place: ShownPlace | None


class ShownUnknown(Strict):
    """Something that dlf cannot tell, and why."""

    what: str
    reason: str
    place: ShownPlace | None


class ShownWritten(Strict):
    """A part of a compose value."""

    text: str = Field(description="As written.")
    value: str | None = Field(description="null when a variable in it cannot be told.")
    default: str | None = Field(description="What it is when no such variable is set.")


class ShownContext(Strict):
    """A folder from which an image is built."""

    path: str
    ignore_file: str | None = Field(description="The ignore file that applies, or null.")
    files: Count | None = Field(description="How many files a build is sent; null: not certain that it is this folder.")
    bytes: Count | None = Field(description="How much that is.")
    more: bool = Field(description="Whether there is more than was counted.")


class ShownBuild(Strict):
    """How an image of the project is built."""

    dockerfile: str
    stage: str | None = Field(description="The name of the stage that ships, or null when it has none.")
    stage_index: Count
    chosen_by: Literal["target", "last stage", "name"]
    place: ShownPlace = Field(description="The FROM of that stage.")
    contexts: list[ShownContext]
    contexts_named: bool = Field(description="false: no compose file names the context, and these are those that fit.")


class ShownBase(Strict):
    """The image it all begins with."""

    name: str = Field(description="With the defaults of ARGs.")
    written: str
    known: bool = Field(description="Whether dlf knows what is in it.")
    place: ShownPlace


class ShownCommandPart(Strict):
    """What one instruction or key gives to the command."""

    origin: Literal["ENTRYPOINT", "CMD", "entrypoint", "command", "base image ENTRYPOINT", "base image CMD"]
    form: Literal["exec", "shell"]
    text: str
    place: ShownPlace | None


class ShownCommand(Strict):
    """The command that starts a container, literal secrets replaced by `***`."""

    text: str
    parts: list[ShownCommandPart]


class ShownProgram(Strict):
    """The program that the container is about."""

    name: str
    script: str | None = Field(description="The script file that it runs.")
    wrappers: list[str] = Field(description="What stands in front of it, outermost first.")
    place: ShownPlace | None


class ShownScript(Strict):
    """A shell script on the way to the program."""

    path: str = Field(description="Its place in the container.")
    file: str | None = Field(description="The file of the project; null for one that an instruction writes.")
    shell: str
    sourced: bool = Field(description="Whether another script reads it.")
    brought_by: ShownPlace
    run_by: ShownPlace


class ShownCall(Strict):
    """The call in Python code that starts a server."""

    name: str
    place: ShownPlace


class ShownApplication(Strict):
    """What a server serves."""

    name: str = Field(description="Its import string.")
    factory: bool
    place: ShownPlace = Field(description="Where it is defined.")
    routes: Count = Field(description="How many of its routes are known.")
    all_routes: bool


class ShownPackage(Strict):
    """An installed distribution that the start needs."""

    name: str
    version: str | None = Field(description="null when it is neither pinned nor locked.")
    specifier: str
    place: ShownPlace


class ShownBind(Strict):
    """One place that a server listens on."""

    host: ShownFact | None
    port: ShownFact | None


class ShownServer(Strict):
    """A server and its settings; null is what cannot be told."""

    kind: str
    subcommand: str | None
    call: ShownCall | None
    app: ShownFact | None
    host: ShownFact | None = Field(description="`unix:PATH` or `fd:NUMBER` for a socket that is not TCP.")
    port: ShownFact | None
    workers: ShownFact | None
    reload: ShownFact | None
    binds: list[ShownBind] | None


class ShownPort(Strict):
    """One entry of `ports:`."""

    host_ip: ShownWritten | None
    published: ShownWritten | None = Field(description="null when the host chooses one.")
    target: ShownWritten | None
    protocol: str | None
    place: ShownPlace


class ShownExposed(Strict):
    """One word of EXPOSE."""

    port: str
    place: ShownPlace


class ShownRequest(Strict):
    """What a health check asks for."""

    method: str | None = Field(description="null for a bare connection.")
    url: str = Field(description="`?` stands for what cannot be told.")
    place: ShownPlace


class ShownTiming(Strict):
    """When a health check runs, as written; null where Docker's default counts."""

    interval: str | None
    timeout: str | None
    retries: str | None
    start_period: str | None
    start_interval: str | None


class ShownHealthCheck(Strict):
    """A container's health check."""

    state: Literal["set", "off", "none", "inherited"] = Field(description="`inherited`: the base image has one.")
    origin: Literal["compose", "HEALTHCHECK"] | None
    form: Literal["exec", "shell"] | None
    test: str | None
    requests: list[ShownRequest] | None = Field(description="null: cannot be told.")
    timing: ShownTiming | None
    place: ShownPlace | None


class ShownVolume(Strict):
    """What is mounted."""

    type: str | None = Field(description="As compose names it; `tmpfs`; `anonymous` for the VOLUME of an image.")
    source: str | None
    target: str | None
    read_only: bool | None
    place: ShownPlace


class ShownVariable(Strict):
    """The name of an environment variable, never its value."""

    name: str
    source: Literal["compose", "host", "env_file", "ENV", "base image"]
    place: ShownPlace | None


class ShownEnvFile(Strict):
    """A file of variables."""

    path: str
    required: bool | None
    read: bool = Field(description="Whether dlf read it. Its values are never shown.")
    place: ShownPlace


class ShownDependency(Strict):
    """A service that is started before."""

    service: str
    condition: str | None
    required: bool | None
    place: ShownPlace


class ShownContainer(Strict):
    """An image as one service starts it, or as `docker run` would (`service` is null)."""

    service: str | None
    place: ShownPlace
    role: str | None = Field(
        description="server, worker, one-shot, other-web, idle, database, cache, broker, proxy; null: cannot be told."
    )
    setting: Setting
    development: ShownReason | None = Field(description="Why it is not meant for production.")
    profiles: list[str]
    image: ShownFact | None = Field(description="`image:` of the service.")
    build: ShownBuild | None
    base: ShownBase | None
    command: ShownCommand | None
    scripts: list[ShownScript]
    program: ShownProgram | None
    server: ShownServer | None
    application: ShownApplication | None
    no_application: ShownReason | None = Field(description="Why its server certainly finds none.")
    packages: list[ShownPackage]
    exposed: list[ShownExposed]
    ports: list[ShownPort]
    network_mode: ShownFact | None = Field(description="`network_mode:` of the service, such as `host`.")
    user: ShownFact | None
    health_check: ShownHealthCheck | None = Field(description="null: cannot be told.")
    volumes: list[ShownVolume]
    variables: list[ShownVariable]
    env_files: list[ShownEnvFile]
    depends_on: list[ShownDependency]
    unknown: list[ShownUnknown]


class ShownDeployment(Strict):
    """Compose files that are used together."""

    files: list[str]
    setting: Setting
    reason: str
    incomplete: str | None = Field(description="Why settings may be missing from these files.")
    containers: list[ShownContainer]


class ShownUnread(Strict):
    """A file of which dlf understood nothing, or not all."""

    path: str
    reason: str
    place: ShownPlace


class JsonShow(Strict):
    """What `dlf show --output-format json` prints."""

    version: Literal[1]
    tool: Tool
    deployments: list[ShownDeployment]
    images: list[ShownContainer] = Field(description="Images that no service for production starts as they are built.")
    unread: list[ShownUnread]


def json_schema() -> dict[str, Any]:
    """The JSON schema of the document."""
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **JsonShow.model_json_schema()}
