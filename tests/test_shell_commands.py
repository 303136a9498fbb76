# ruff: noqa: E501 - commands stand on one line, as in a Dockerfile once its continuations are joined
"""Commands in the style of real Dockerfiles and start scripts, each checked against shfmt in test_shell_oracle.py."""

from __future__ import annotations

LINES = r"""
apt-get update && apt-get install -y --no-install-recommends build-essential curl && rm -rf /var/lib/apt/lists/*
apt-get update -qq && apt-get install -yqq libpq-dev gcc; apt-get clean
apt-get update && apt-get install -y curl=7.88.* ca-certificates && apt-get purge -y --auto-remove -o APT::AutoRemove::RecommendsImportant=false
DEBIAN_FRONTEND=noninteractive apt-get install -y tzdata
export DEBIAN_FRONTEND=noninteractive && apt-get update && apt-get -y upgrade
apt-get -o Acquire::Retries=3 update && apt-get -o Dpkg::Options::="--force-confold" install -y nginx
apt-get update || (sleep 5 && apt-get update) && apt-get install -y git
set -eux; apt-get update; apt-get install -y --no-install-recommends gosu; rm -rf /var/lib/apt/lists/*; gosu nobody true
set -ex && apk add --no-cache --virtual .build-deps gcc musl-dev libffi-dev && pip install -r requirements.txt && apk del .build-deps
apk update && apk upgrade && apk add bash
apk add --no-cache postgresql-libs && apk add --no-cache --virtual=.build gcc musl-dev postgresql-dev
apk --no-cache add curl jq
apk add --update --no-cache python3 && ln -sf python3 /usr/bin/python
dnf install -y python3.11 python3.11-pip && dnf clean all && rm -rf /var/cache/dnf
microdnf update -y && microdnf install -y shadow-utils
yum -y install epel-release && yum -y install jq
zypper --non-interactive install python311
pip install --no-cache-dir --upgrade pip
pip install --no-cache-dir --upgrade -r /code/requirements.txt
pip install --no-cache-dir "uvicorn[standard]>=0.30,<1" 'fastapi[standard]'
pip install fastapi[standard] uvicorn[standard]
pip install "fastapi>=0.110" "pydantic<3"
pip3 install -U pip setuptools wheel && pip3 install -r requirements.txt --no-deps
python -m pip install --upgrade pip==24.0 && python -m pip install .
python3 -m venv /opt/venv && /opt/venv/bin/pip install -r requirements.txt
python -m venv /venv && . /venv/bin/activate && pip install -r requirements.txt
. /venv/bin/activate && exec uvicorn app.main:app --host 0.0.0.0 --port 8000
source /opt/conda/etc/profile.d/conda.sh && conda activate app && pip install -e .
pip wheel --no-cache-dir --no-deps --wheel-dir /wheels -r requirements.txt
pip install --no-cache /wheels/* && rm -rf /wheels
pip install --no-index --find-links=/wheels -r requirements.txt
pip install -e '.[dev,test]'
pip install --extra-index-url https://${TOKEN}@pypi.example.com/simple/ mypkg
pip install --trusted-host index.example --trusted-host files.example -r requirements.txt
pip config set global.index-url https://pypi.example.org/simple
pip uninstall -y pip setuptools
pip install poetry==1.8.3 && poetry config virtualenvs.create false && poetry install --no-dev --no-interaction --no-ansi
pip install "poetry==$POETRY_VERSION" && poetry export -f requirements.txt --output requirements.txt --without-hashes
poetry install --only main --no-root --no-interaction && rm -rf $POETRY_CACHE_DIR
poetry install $(test "$ENVIRONMENT" == production && echo "--no-dev") --no-interaction --no-ansi
poetry export --without-hashes -f requirements.txt | /venv/bin/pip install -r /dev/stdin
poetry run alembic upgrade head && poetry run uvicorn app.main:app --host 0.0.0.0
bash -c "if [ $INSTALL_DEV == 'true' ] ; then poetry install --no-root ; else poetry install --no-root --only main ; fi"
curl -sSL https://install.python-poetry.org | POETRY_HOME=/opt/poetry python3 -
curl -sSL https://install.python-poetry.org | python3 - --version 1.8.2 && ln -s ~/.local/bin/poetry /usr/local/bin/poetry
curl -sSL https://install.python-poetry.org | POETRY_HOME=/opt/poetry python && cd /usr/local/bin && ln -s /opt/poetry/bin/poetry && poetry config virtualenvs.create false
curl -LsSf https://astral.sh/uv/install.sh | sh
curl -LsSf https://astral.sh/uv/install.sh | env UV_INSTALL_DIR="/usr/local/bin" sh
uv sync --frozen --no-dev --no-install-project
uv sync --locked --no-editable --compile-bytecode
uv pip install --system --no-cache -r requirements.txt
uv pip install --system --no-cache-dir -r <(uv export --format requirements-txt)
uv export --format requirements-txt --no-hashes > requirements.txt && pip install --no-cache-dir -r requirements.txt
uv venv && uv pip install -r pyproject.toml
uv run --no-sync fastapi run app/main.py --port 80
uv run uvicorn app.main:app --host 0.0.0.0 --port ${PORT:-8000}
pipenv install --system --deploy --ignore-pipfile
pip install pipenv && pipenv lock --keep-outdated --requirements > requirements.txt
pdm install --prod --no-lock --no-editable
conda env create -f environment.yml && conda clean -afy
micromamba install -y -n base -f /tmp/env.yaml && micromamba clean --all --yes
npm ci --only=production && npm cache clean --force
npm install && npm run build
yarn install --frozen-lockfile --network-timeout 1000000 && yarn build
corepack enable && pnpm install --frozen-lockfile
useradd -m -u 1000 appuser && chown -R appuser:appuser /app
groupadd -r app && useradd -r -g app -d /app -s /sbin/nologin -c "Docker image user" app
addgroup --system --gid 1001 app && adduser --system --uid 1001 --ingroup app app
addgroup -S app && adduser -S -G app app
adduser --disabled-password --gecos "" --home "/nonexistent" --shell "/sbin/nologin" --no-create-home --uid "${UID}" appuser
adduser -D -H -u $UID app; chown "$UID:$GID" /data
usermod -aG docker $USER || true
echo "app ALL=(ALL) NOPASSWD:ALL" >> /etc/sudoers.d/app
chmod +x /entrypoint.sh
chmod 0755 /start.sh /start-reload.sh && sed -i 's/\r$//g' /start.sh
sed -i 's/\r$//' /entrypoint && chmod +x /entrypoint
sed -i "s|archive.example.org|mirrors.example.com|g" /etc/apt/sources.list
sed -i -e 's/#Port 22/Port 2222/' -e "s/^PermitRootLogin.*/PermitRootLogin no/" /etc/ssh/sshd_config
find / -name "*.pyc" -delete
find /usr/local -depth \( \( -type d -a \( -name test -o -name tests \) \) -o \( -type f -a \( -name '*.pyc' -o -name '*.pyo' \) \) \) -exec rm -rf '{}' +
find . -type f -name '*.py' -exec python -m py_compile {} \;
find /app -type d -exec chmod 755 {} \; -o -type f -exec chmod 644 {} \;
find /wheels -name '*.whl' -print0 | xargs -0 -r pip install
rm -rf /root/.cache /tmp/* /var/tmp/* ~/.npm
mkdir -p /app/{logs,data,static} && touch /app/logs/.keep
mkdir -p "$HOME/.config" && cd "$_" && pwd
ln -snf /usr/share/zoneinfo/$TZ /etc/localtime && echo $TZ > /etc/timezone
echo 'Acquire::http::Pipeline-Depth "0";' > /etc/apt/apt.conf.d/99fix
echo "deb [signed-by=/usr/share/keyrings/key.gpg] https://download.docker.com/linux/debian $(lsb_release -cs) stable" | tee /etc/apt/sources.list.d/docker.list > /dev/null
curl -fsSL https://download.docker.com/linux/debian/gpg | gpg --dearmor -o /usr/share/keyrings/docker.gpg
curl -fsSL "https://github.com/krallin/tini/releases/download/v${TINI_VERSION}/tini-$(dpkg --print-architecture)" -o /tini && chmod +x /tini
wget -qO- https://example.com/x.tar.gz | tar xz -C /opt --strip-components=1
wget -q -O /tmp/app.zip "https://example.com/a?b=1&c=2" && unzip -q /tmp/app.zip -d /opt
wget --no-check-certificate https://example.com/a.sh -O- | bash -s -- --yes
curl http://localhost:8000/health || exit 1
curl --fail --silent --show-error http://localhost:${PORT:-8000}/health > /dev/null || exit 1
curl -f http://127.0.0.1:8000/healthz -H "Host: example.com" -o /dev/null -w '%{http_code}\n' -s
wget --no-verbose --tries=1 --spider http://localhost:8000/ || exit 1
python -c "import urllib.request; urllib.request.urlopen('http://localhost:8000/health')" || exit 1
python -c 'import socket,sys; s=socket.socket(); sys.exit(s.connect_ex(("localhost",8000)))'
python3 -c "import sys; print(sys.version_info >= (3, 11))"
python - <<< "print('hi')"
pg_isready -U "$POSTGRES_USER" -d "$POSTGRES_DB" || exit 1
redis-cli ping | grep -q PONG
nc -z db 5432 && echo up || echo down
test $(curl -s -o /dev/null -w "%{http_code}" localhost) -eq 200
[ "$(curl -s http://localhost/ping)" = '"pong"' ]
[[ $(redis-cli ping) == PONG ]] || exit 1
[ -f /etc/alpine-release ] && apk add curl || apt-get install -y curl
test -n "$SECRET" || { echo "SECRET is missing" >&2; exit 1; }
uvicorn app.main:app --host 0.0.0.0 --port 80
uvicorn app.main:app --host 0.0.0.0 --port $PORT --workers ${WEB_CONCURRENCY:-4}
uvicorn app.main:app --host=0.0.0.0 --port="${PORT}" --proxy-headers --forwarded-allow-ips='*'
exec uvicorn main:app --host 0.0.0.0 --port ${PORT:-8080} --log-level "${LOG_LEVEL:-info}"
exec gunicorn -k uvicorn.workers.UvicornWorker -c /app/gunicorn_conf.py app.main:app
gunicorn app.main:app -w 4 -k uvicorn.workers.UvicornWorker -b 0.0.0.0:8000 --access-logfile - --error-logfile -
gunicorn --bind :$PORT --workers 1 --threads 8 --timeout 0 main:app
gunicorn --bind 0.0.0.0:${PORT:-5000} --workers $((2 * $(nproc) + 1)) app:app
hypercorn app.main:app --bind '[::]:8000' --bind 0.0.0.0:8000
daphne -b 0.0.0.0 -p 8000 app.asgi:application
granian --interface asgi app.main:app --host 0.0.0.0 --port 8000 --workers 2
fastapi run app/main.py --port 80 --proxy-headers
fastapi dev app/main.py --host 0.0.0.0 &
python -m uvicorn app.main:app --reload --host 0.0.0.0
python main.py
python -u -m app.worker 2>&1 | tee /var/log/worker.log
alembic upgrade head && uvicorn app.main:app --host 0.0.0.0 --port 8000
alembic upgrade head && exec uvicorn app.main:app --host 0.0.0.0 --port 8000
alembic upgrade head; python -m app.initial_data; exec "$@"
sh -c "alembic upgrade head && exec uvicorn app.main:app --host 0.0.0.0"
sh -c 'until nc -z db 5432; do sleep 1; done; exec uvicorn main:app'
bash -lc "source .venv/bin/activate && uvicorn main:app"
/bin/sh -c "uvicorn app:app --port $PORT"
/app/.venv/bin/uvicorn app.main:app --host 0.0.0.0
/opt/poetry/bin/poetry run python -m app
env PYTHONPATH=/app uvicorn app.main:app
PYTHONPATH=. PYTHONUNBUFFERED=1 alembic -c alembic.ini upgrade head
PORT=8000 HOST=0.0.0.0 python -m app & nginx -g 'daemon off;'
nginx -g "daemon off;" & uvicorn app:app --uds /tmp/app.sock
service ssh start && uvicorn app:app
supervisord -n -c /etc/supervisor/supervisord.conf
celery -A app.worker worker --loglevel=INFO --concurrency=${CELERY_WORKERS:-2} -Q main-queue,default
celery -A app.celery beat -l info -s /tmp/celerybeat-schedule &
flower --port=5555 --basic_auth="$FLOWER_USER:$FLOWER_PASSWORD"
dramatiq app.tasks --processes 2 --threads 4
arq app.worker.WorkerSettings
tini -- uvicorn app.main:app
dumb-init -- gunicorn app:app
gosu app uvicorn app.main:app
su-exec app:app python main.py
exec gosu app "$@"
exec "$@"
exec ${CMD:-uvicorn app:app}
ddtrace-run uvicorn app.main:app --host 0.0.0.0
opentelemetry-instrument --traces_exporter console uvicorn app:app
newrelic-admin run-program gunicorn app:app
nice -n 10 ionice -c 3 python batch.py
timeout 30 bash -c 'until printf "" 2>>/dev/null >>/dev/tcp/$0/$1; do sleep 1; done' db 5432
timeout --signal=TERM 10s ./wait-for-it.sh db:5432 -- uvicorn app:app
./wait-for-it.sh "${DB_HOST}:${DB_PORT}" --timeout=60 --strict -- ./start.sh
dockerize -wait tcp://db:5432 -timeout 60s alembic upgrade head
while ! nc -z $DB_HOST $DB_PORT; do sleep 0.1; done
until pg_isready -h db -p 5432 -q; do echo waiting...; sleep 2; done
until python -c "import psycopg2" 2>/dev/null; do pip install psycopg2-binary || true; done
for i in $(seq 1 30); do nc -z db 5432 && break; sleep 1; done
for i in 1 2 3 4 5; do apt-get update && break || sleep 15; done
for f in /docker-entrypoint.d/*.sh; do [ -x "$f" ] && "$f"; done
for pkg in fastapi uvicorn; do pip install --no-cache-dir "$pkg"; done
for d in app tests; do (cd "$d" && python -m compileall .); done
for ((i = 0; i < 10; i++)); do curl -fs localhost && break; sleep $i; done
for x in "$@"; do shift; done
for x do echo "$x"; done
if [ "$ENV" = "dev" ]; then pip install -r requirements-dev.txt; else pip install -r requirements.txt; fi
if [ "$INSTALL_DEV" = "true" ] ; then uv sync ; elif [ -n "$CI" ]; then uv sync --frozen; else uv sync --no-dev ; fi
if [ -f requirements.txt ]; then pip install --no-cache-dir -r requirements.txt; fi
if [[ "$TARGETARCH" == "arm64" || "$TARGETARCH" = arm* ]]; then pip install torch; fi
if [[ $TAG =~ ^v([0-9]+)\.([0-9]+)$ && -n ${BASH_REMATCH[1]} ]]; then echo ok; fi
if ! command -v curl > /dev/null 2>&1; then apt-get install -y curl; fi
if test -z "${DATABASE_URL}"; then echo "no database" 1>&2 && exit 2; fi
if ((UID == 0)); then exec gosu app "$0" "$@"; fi
if grep -q foo /etc/hosts; then :; else echo "127.0.0.1 foo" >> /etc/hosts; fi
if curl -fs localhost; then echo up; fi || echo failed
if [ "$(id -u)" = '0' ]; then chown -R app:app /data; exec su-exec app "$0" "$@"; fi
case "$TARGETARCH" in amd64) A=x86_64 ;; arm64) A=aarch64 ;; *) echo "unsupported: $TARGETARCH"; exit 1 ;; esac; curl -O https://x/$A.tgz
case ${1:-} in (start|run) shift; exec uvicorn "$@";; -*) set -- uvicorn "$@";; esac
case "$(uname -m)" in x86_64) ARCH=amd64;; aarch64) ARCH=arm64;; esac && echo $ARCH
arch="$(dpkg --print-architecture)"; case "${arch##*-}" in amd64|i386) url='https://a';; esac; wget -O x "$url"
ARCH= && dpkgArch="$(dpkg --print-architecture)" && case "${dpkgArch##*-}" in amd64) ARCH='x64';; esac
version=$(curl -s https://api.github.com/repos/a/b/releases/latest | grep -oP '"tag_name": "\K(.*)(?=")') && echo $version
VERSION="$(cat VERSION)" && echo "__version__ = '${VERSION}'" > app/_version.py
COMMIT=`git rev-parse --short HEAD` && echo $COMMIT > /app/commit
export PATH="/opt/venv/bin:$PATH" PYTHONPATH="${PYTHONPATH:+$PYTHONPATH:}/app"
export A=1 B="two words" C=$D && env
export $(grep -v '^#' .env | xargs)
export $(cat .env | xargs) && python manage.py migrate
set -a; . ./.env; set +a; exec python main.py
set -- uvicorn app.main:app "$@"
set -o errexit -o pipefail -o nounset
set -euo pipefail; IFS=$'\n\t'
local_ip=$(hostname -i | awk '{print $1}')
NPROC=$(( $(nproc) > 8 ? 8 : $(nproc) ))
workers=$((CORES*2+1)); echo $workers
echo $[1+2] $((3 << 1)) $((0x1f & 7))
echo ${VAR:?must be set} ${VAR#prefix} ${VAR%%.*} ${VAR//a/b} ${#VAR} ${VAR:1:2} ${!VAR} ${VAR^^}
echo "${VAR:-"quoted default"}" "${VAR:-${OTHER:-$(hostname)}}" ${VAR:+'single quoted'}
echo "a\"b" 'it'\''s' "it's" a\ b "\$HOME" \$HOME '$HOME' "back\\slash" "a\b"
echo "tab	inside" $'a\tb\'c\\d\x41\u263a' $"translated"
echo -e "line1\nline2" > file.txt
echo -n $USER@$HOSTNAME:~/src
printf '%s\n' "a b" 'c;d' e\&f g\|h
printf "[global]\nindex-url = %s\n" "$PIP_INDEX_URL" > /etc/pip.conf
printf 'y\n' | ssh-keygen -q -t ed25519 -N '' -f ~/.ssh/id_ed25519
cat /etc/os-release | grep -E '^(ID|VERSION)=' | cut -d= -f2
cat a b > c 2>/dev/null < d
cat requirements/*.txt | sort -u | grep -v '^#' > all.txt
cat /run/secrets/token | docker login -u x --password-stdin >/dev/null 2>&1
tail -f /dev/null
tail -F /var/log/app/*.log & wait -n; exit $?
sleep infinity
true; false || :
: > /dev/null
: "${POSTGRES_SERVER:?}" "${POSTGRES_USER:=app}"
ls -la >&2
cmd 2>&1 >/dev/null | grep error
cmd >out 2>err </dev/null
cmd &> all.log && cmd2 &>> all.log
cmd |& tee log
cmd 3>&1 1>&2 2>&3 | cat
cmd >| forced <> both >&- 2>&-
>empty.txt
2>/dev/null rm -f nothing
(cd /src && make -j"$(nproc)" && make install) && rm -rf /src
(sleep 1; echo late) & (sleep 2) & wait
( set -e; a; b ) || exit 1
{ echo a; echo b; } > out && cat out
{ pip install -r a.txt || pip install -r b.txt; } && pip check
! grep -r TODO . && echo clean
! false
time make -j4 all
time -p python bench.py
trap 'kill -TERM $PID' TERM INT; uvicorn app:app & PID=$!; wait $PID
trap "echo bye; exit" EXIT
kill -HUP $(cat /run/app.pid)
python -m pytest -q --cov=app --cov-report=term-missing tests/ "$@"
coverage run -m pytest && coverage report --fail-under=90
ruff check . && ruff format --check . && mypy app
bash -c 'set -o pipefail; curl -fsSL https://x | tar -xz'
eval "$(ssh-agent -s)" && ssh-add - <<< "$SSH_KEY"
eval $(opam env) && dune build
ssh-keyscan -t rsa github.com >> ~/.ssh/known_hosts
git clone --depth 1 --branch "v${VERSION}" https://github.com/a/b.git /src && cd /src && git checkout -q "$SHA"
git config --global url."https://${GH_TOKEN}@github.com/".insteadOf "https://github.com/"
tar -xzf x.tgz -C / --strip-components 1 && rm x.tgz
echo "$SHA256  tini" | sha256sum -c -
echo "${SUM} *file" | sha256sum --check --status || { echo bad; exit 1; }
gpg --batch --keyserver hkps://keys.openpgp.org --recv-keys "$KEY" || gpg --batch --recv-keys 0x${KEY: -16}
dpkg -i /tmp/*.deb || apt-get -f install -y
dpkg -l | awk '/^ii/ && $2 ~ /python/ {print $2}' | sort
awk -F: '{ if ($3 >= 1000) print $1 }' /etc/passwd
awk 'BEGIN{srand(); print int(rand()*100)}'
jq -r '.packages[] | select(.name=="x") | .version' lock.json
jq ".a |= \"$B\"" in.json > out.json
perl -pi -e 's/\$\{(\w+)\}/$ENV{$1}/ge' conf
envsubst '${PORT} ${HOST}' < /etc/nginx/template > /etc/nginx/nginx.conf && exec nginx -g 'daemon off;'
playwright install --with-deps chromium
python -m nltk.downloader -d /usr/share/nltk_data punkt stopwords
python -m spacy download en_core_web_sm
python manage.py collectstatic --noinput --clear
python -m compileall -q /app || true
python setup.py bdist_wheel -d /dist
cython --embed -o main.c main.py && gcc -O3 -I/usr/include/python3.11 -o main main.c -lpython3.11
strip --strip-unneeded /usr/local/lib/*.so || :
ldconfig && ldd /usr/local/bin/x | grep "not found" && exit 1 || true
localedef -i en_US -c -f UTF-8 -A /usr/share/locale/locale.alias en_US.UTF-8
update-ca-certificates --fresh >/dev/null
setcap 'cap_net_bind_service=+ep' /usr/local/bin/python3.11
openssl req -x509 -nodes -days 365 -newkey rsa:2048 -keyout k.pem -out c.pem -subj "/C=US/CN=localhost"
openssl rand -hex 32 | tr -d '\n' > /run/secret
crontab -l | { cat; echo "0 5 * * * /app/run.sh"; } | crontab -
cron && tail -f /var/log/cron.log
mysqladmin ping -h localhost -u root -p$$MYSQL_ROOT_PASSWORD
psql "$DATABASE_URL" -v ON_ERROR_STOP=1 -c 'SELECT 1;' -f init.sql
PGPASSWORD=$POSTGRES_PASSWORD psql -h db -U postgres -tAc "SELECT 1 FROM pg_database WHERE datname='x'" | grep -q 1 || createdb x
diff <(sort a) <(sort b) > /dev/null
tee >(gzip > log.gz) < in | wc -l
mapfile -t files < <(find . -name '*.py'); echo "${files[@]}"
arr=(one "two three" $(four) 'five'); echo "${arr[0]}" "${#arr[@]}"
arr+=(six) && declare -A map=([a]=1 [b]=2) && readonly X=1
declare -r VERSION="1.0" && local -i n=3
typeset -x FOO=bar; unset FOO
read -r -p "continue? " answer </dev/tty
IFS=, read -ra parts <<< "$LIST"
shopt -s globstar extglob nullglob; ls **/*.py !(tests)/*.py @(a|b).txt
rm -rf !(keep|also) ?(x) *(y|z) +(q)
echo a{1..3}b {x,y} file[0-9].txt ~/dir ~user/x ?.txt *
a=b c=d
a= b=''
FOO+=:bar cmd
x[1]=2 y=3
test "$a" -gt 1 -a "$b" != '' -o ! -e /x
[ ! -d /app ] || [ -L /app ] && rm -f /app
[[ -z $A && ( $B != x || $C -lt 3 ) ]] && go
[[ ! -f a ]] ; [[ a < b ]] ; [[ "$x" == *.py ]]
((n++)); ((n > 3)) && exit 0 || true
let n=n+1
f() { echo "$1"; }; f x
function build { make "$@"; } && build all
wait_for() ( until nc -z "$1" "$2"; do sleep 1; done ); wait_for db 5432
select o in a b; do break; done
echo hash#inside #comment at end
echo 'not # a comment' "nor # this" \# nor-this
# only a comment
a # comment with 'quote and "dquote and $( and `
echo &
a&b;c|d&&e||f
a&&b||c;d
a;b&c
a | b |& c || ! d
a && (b || c) && { d; } | e
"quoted command" 'another' arg
$CMD arg "$@" ${ARGS} "${ARGS[@]}"
./script.sh -x --flag=value --list=a,b,c -- positional
"$JAVA_HOME/bin/java" -jar app.jar
$(which python) -c 'pass'
`which uvicorn` app:app
"$(dirname "$0")/run" "$@"
cd "$(dirname "${BASH_SOURCE[0]}")" && pwd -P
echo "$(echo "$(echo "deep $(echo deeper)")")"
echo `echo \`echo nested\`` "`echo quoted`"
echo $(( $(wc -l < f) + ${#arr[@]} - (2 * 3) ))
echo $((a)) $( (b) ) $( (c; d) | e)
x=$(cmd 2>/dev/null) || x=default
x="a b" y='c d' z=e\ f cmd "$x"
VAR=$(cat <<< "$A") run
""".strip().split("\n")

SCRIPTS = [
    # start scripts and RUN here-documents
    "#!/bin/sh\nset -e\n\nalembic upgrade head\nexec uvicorn app.main:app --host 0.0.0.0 --port 8000\n",
    '#!/usr/bin/env bash\nset -Eeuo pipefail\n\n# wait for the database\nuntil pg_isready -h "$DB"; do\n  sleep 1\ndone\n\nexec "$@"\n',
    (
        "#!/bin/bash\n\nif [ -f /app/app/main.py ]; then\n    DEFAULT_MODULE_NAME=app.main\nelif [ -f /app/main.py ]; then\n"
        '    DEFAULT_MODULE_NAME=main\nfi\nexport APP_MODULE=${APP_MODULE:-"$DEFAULT_MODULE_NAME:app"}\n\n'
        'exec gunicorn -k "$WORKER_CLASS" -c "$GUNICORN_CONF" "$APP_MODULE"\n'
    ),
    "apt-get update \\\n    && apt-get install -y --no-install-recommends \\\n        curl \\\n        git \\\n    && rm -rf /var/lib/apt/lists/*\n",
    'pip install \\\n  "fastapi>=0.1\\\n00" \\\n  uvi\\\ncorn\n',
    "cat > /etc/app.conf <<EOF\nport=$PORT\nhost=$(hostname)\nEOF\nservice app start\n",
    "cat <<'EOF' > script.py\nimport os\nprint(\"it's\", $x, `y`)\nEOF\npython script.py\n",
    "cat <<-EOF\n\tindented\n\tEOF\necho after\n",
    "cat <<A; cat <<B\na\nA\nb\nB\nlast\n",
    'python - <<EOF && echo done\nprint("x")\nEOF\n',
    "if true; then\n  cat <<EOF\nx\nEOF\nfi\nend\n",
    'x=$(cat <<EOF\nbody $(date) `id`\nEOF\n)\necho "$x"\n',
    "f() {\n  cat <<EOF | sed s/a/b/\na\nEOF\n}\nf\n",
    "cat <<\"E F\" <<'G'\n1\nE F\n2\nG\n",
    "cat <<EOF\nline \\\nEOF\nstill body\nEOF\nnext\n",
    (
        'case $1 in\n  web)\n    exec uvicorn app:app\n    ;;\n  worker|beat)\n    exec celery -A app "$1"\n    ;;\n  *)\n'
        '    exec "$@"\nesac\n'
    ),
    "case a in\n# first\na) b ;;\n\n(c | d)\n e\n f ;;&\n'g h') ;;\n[!i-k]*) l\nesac\nm\n",
    'while read -r line; do\n  case $line in\n    \\#*) continue ;;\n  esac\n  echo "$line"\ndone < file | sort\n',
    "for f in a \\\n  b\ndo\n  echo $f\ndone\n",
    "for f\nin a b; do c; done\nfor g\ndo h\ndone\n",
    "function setup() {\n  local x=1\n  { a; b; } 2>&1\n}\n\nsetup || {\n  exit 1\n}\n",
    "start() {\n  nohup uvicorn app:app &\n  echo $! > pid\n}\n\nstop () { kill $(cat pid); }\n\ncase $1 in start) start;; stop) stop;; esac\n",
    "a &&\n  b ||\n\n  # why\n  c |\n  d\n",
    "a \\\n  | b \\\n  && c\n",
    "if a\nthen b\nelif c; then\n  d\nelse\n  e; f &\nfi > out 2>&1\n",
    "(\n  cd x\n  a\n) &\nwait\n",
    "[[ -n $a &&\n   $b == c ]] && d\n[[ $x =~ ^[a-z]+(\\.[0-9]+)?$ ]] || exit\n",
    "echo 'multi\nline' \"also\nmulti\" end\nnext\n",
    "trap 'rm -f \"$t\"' EXIT # clean\nt=$(mktemp)\n",
    "a() (\n b\n)\nwhile :; do a; done &\nwait\n",
    'echo "$(\n  # a comment with \' and )\n  a\n  b\n)"\n',
    "arr=(\n  one # first\n  'two three'\n  $(four)\n)\necho ${arr[@]}\n",
    "echo $((\n 1 +\n 2\n))\n((x = 1,\n y = 2))\n",
    "cmd1 <<< 'here' | cmd2 > >(tee log) 2> >(tee err >&2)\n",
    "until a; do b; done\nwhile ! c; do d; break; done\n",
    "\n\n  \t\na\n\n",
    'if [ "${1#-}" != "$1" ]; then\n\tset -- uvicorn "$@"\nfi\n\nexec "$@"\n',
    "python <<EOF\nfrom app import x\nEOF\n\nset -x\n",
    "echo \"ünï\" 'cödé' ☃ && echo \U0001f680 after\n",
]
