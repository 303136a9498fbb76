# dlf itself: `docker build --tag dlf .`, then `docker run --rm --volume "$PWD:/project:ro" dlf check`.

FROM python:3.14.6-slim-trixie@sha256:cea0e6040540fb2b965b6e7fb5ffa00871e632eef63719f0ea54bca189ce14a6 AS base

FROM base AS build
WORKDIR /src
COPY pyproject.toml README.md LICENSE ./
# dlf: ignore[code-copied-before-install] built for releases only, from nothing: there is no layer to keep
COPY src src
COPY rules rules
# Without pip of its own: the image needs none.
RUN python -m venv --without-pip /opt/dlf \
    && pip --python /opt/dlf/bin/python install --no-cache-dir .

FROM base
RUN useradd --uid 10001 --no-create-home --shell /usr/sbin/nologin dlf
COPY --from=build /opt/dlf /opt/dlf
ENV PATH=/opt/dlf/bin:$PATH
USER dlf
WORKDIR /project
ENTRYPOINT ["dlf"]
CMD ["check"]
