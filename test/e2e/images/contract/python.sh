# shellcheck shell=bash disable=SC2016
# shellcheck disable=SC2154 # the helpers and variables come from ../test
missing python gcc cc make curl wget ping git python2 gosu
present python python python3 python3.13 pip pip3
is 'python is the one in /usr/local/bin' /usr/local/bin/python "$(inside python 'command -v python')"
is 'python has no interpreter of the distribution' '' "$(inside python 'ls /usr/bin/python3* 2>/dev/null' | grep -v 'No such' || true)"
is 'python packages go to /usr/local/lib/python3.13/site-packages' /usr/local/lib/python3.13/site-packages \
    "$(inside python 'python -c "import sysconfig; print(sysconfig.get_paths()[\"purelib\"])"')"
is 'python looks for packages there, and nowhere else' "['/usr/local/lib/python3.13/site-packages']" \
    "$(inside python 'python -c "import site; print([p for p in site.getsitepackages() if __import__(\"os\").path.isdir(p)])"')"
is 'python is not marked as externally managed' no "$(inside python 'test -e /usr/local/lib/python3.13/EXTERNALLY-MANAGED && echo yes || echo no')"
is 'python has the usual parts of its library' fine \
    "$(inside python 'python -c "import ssl, sqlite3, ctypes, lzma, bz2, zlib, readline, curses, uuid, zoneinfo, decimal, multiprocessing, ensurepip; print(\"fine\")"')"
is 'python -m venv gives a pip' fine "$(inside python 'python -m venv /tmp/v && /tmp/v/bin/pip --version >/dev/null && echo fine')"
is 'python image starts as root, without entrypoint, with python3' '|[]|[python3]' "$(config python '{{.Config.User}}|{{.Config.Entrypoint}}|{{.Config.Cmd}}')"
is 'PYTHON_VERSION is what runs' "$(inside python 'python -c "import platform; print(platform.python_version())"')" "$(inside python 'echo $PYTHON_VERSION')"
is 'python has certificates and time zones' fine "$(inside python 'test -s /etc/ssl/certs/ca-certificates.crt && test -d /usr/share/zoneinfo && echo fine')"
is 'python runs as 10001 on a read-only root' 10001 \
    "$(docker run --rm --network none --label "$owner" --user 10001:10001 "${hardened[@]}" "${image_of[python]}" python -c 'import os; print(os.getuid())')"
