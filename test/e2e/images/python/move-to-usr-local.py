"""Moves Debian's CPython 3.13 from /usr to /usr/local and undoes Debian's patches that change where packages go.

The official image is built from source with the prefix /usr/local: packages land in
/usr/local/lib/python3.13/site-packages, pip may install there and ensurepip works. Each edit must match
exactly once, so that a changed Debian package fails the build and does not pass unnoticed.
"""

import glob
import os
import re
import shutil

OLD = "/usr/lib/python3.13"
NEW = "/usr/local/lib/python3.13"
BUNDLED = NEW + "/ensurepip/_bundled"


def edit(path, pattern, replacement):
    with open(path, encoding="utf-8") as file:
        text = file.read()
    text, count = re.subn(pattern, replacement, text, flags=re.DOTALL)
    if count != 1:
        raise SystemExit(f"{path}: {pattern!r} matched {count} times, expected 1")
    with open(path, "w", encoding="utf-8") as file:
        file.write(text)


shutil.copytree(OLD, NEW, symlinks=True, dirs_exist_ok=True)
for name in ("EXTERNALLY-MANAGED", "sitecustomize.py", "_distutils_system_mod.py"):
    os.remove(f"{NEW}/{name}")
shutil.copy2("/usr/bin/python3.13", "/usr/local/bin/python3.13")
os.symlink("python3.13", "/usr/local/bin/python3")
with open("/usr/local/bin/pydoc3", "w", encoding="utf-8") as file:
    file.write("#!/usr/local/bin/python3.13\nimport pydoc\nif __name__ == '__main__':\n    pydoc.cli()\n")
os.chmod("/usr/local/bin/pydoc3", 0o755)

# site is frozen into the binary, so its source alone decides nothing; both names have 13 letters.
for path in ("/usr/local/bin/python3.13", NEW + "/site.py"):
    with open(path, "rb") as file:
        data = file.read()
    if b"dist-packages" not in data:
        raise SystemExit(f"{path}: no 'dist-packages' found")
    with open(path, "wb") as file:
        file.write(data.replace(b"dist-packages", b"site-packages"))
edit(NEW + "/sysconfig/__init__.py", r"prefix_scheme = 'posix_local'", "prefix_scheme = 'posix_prefix'")
edit(NEW + "/ensurepip/__init__.py", r"\n    _ensurepip_is_disabled_in_debian_for_system\(\)\n", "\n")
for path in glob.glob(NEW + "/_sysconfigdata_*.py"):
    if os.path.islink(path):
        continue
    with open(path, encoding="utf-8") as file:
        text = file.read()
    text = text.replace("/usr/share/python-wheels/", BUNDLED)
    text = re.sub(r"/usr(?=['/])(?!/local|/share|/bin)", "/usr/local", text)
    with open(path, "w", encoding="utf-8") as file:
        file.write(text)

os.makedirs(BUNDLED, exist_ok=True)
for wheel in glob.glob("/usr/share/python-wheels/pip-*.whl"):
    shutil.copy2(wheel, BUNDLED)
os.makedirs(NEW + "/site-packages", exist_ok=True)
shutil.rmtree(NEW + "/dist-packages", ignore_errors=True)
