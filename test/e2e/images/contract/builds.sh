# shellcheck shell=bash disable=SC2016
# shellcheck disable=SC2154 # the helpers and variables come from ../test
# Dockerfiles as a scaffolded project has them: nothing in them knows where this machine's packages come from.
built() { # built WHAT: builds the Dockerfile on stdin, without cache and without asking a registry
    local code=0
    docker build --no-cache --progress plain --label "$owner" --tag "$run" - >"$work/build.log" 2>&1 || code=$?
    is "$1" 0 "$code"
    if ((code)); then tail -n 8 "$work/build.log"; fi
}
built 'build: pip install and uv sync' <<END
FROM ${image_of[python]}
RUN pip install --no-cache-dir --root-user-action=ignore uv
WORKDIR /app
RUN printf '[project]\nname = "x"\nversion = "0"\nrequires-python = ">=3.13"\ndependencies = ["certifi"]\n' >pyproject.toml && uv lock && uv sync --frozen
USER 10001:10001
RUN .venv/bin/python -c 'import certifi' && test "\$(.venv/bin/python -c 'import sys; print(sys.base_prefix)')" = /usr/local
END
built 'build: npm i -g pnpm and pnpm install' <<END
FROM ${image_of[node]}
RUN npm i -g pnpm@10
WORKDIR /app
RUN chown node:node /app
USER node
RUN printf '{"name":"x","dependencies":{"is-number":"7.0.0"}}' >package.json && pnpm install && node -e 'require("is-number")'
END
built 'build: apt-get install' <<END
FROM ${image_of[python]}
RUN apt-get update && apt-get install -y --no-install-recommends libpq5 && rm -rf /var/lib/apt/lists/*
RUN test ! -e /usr/bin/python3
END
