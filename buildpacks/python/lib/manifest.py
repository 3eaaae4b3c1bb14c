"""What a Python app asks for, read from its manifests.

    manifest.py BUILD_DIR

Prints lines "KEY VALUE": manager, version, warn, error, hint, key, volatile, git.
Only the standard library, and pip's own copy of `packaging`.
"""
import os
import re
import sys
import tomllib

HAVE = "%d.%d.%d" % sys.version_info[:3]
MINOR = "%d.%d" % sys.version_info[:2]


def tell(key, value=""):
    print(key, " ".join(str(value).split()))


def stop(error, hint):
    tell("error", error)
    tell("hint", hint)
    sys.exit(0)


def read(path):
    try:
        with open(path, encoding="utf-8-sig") as f:
            return f.read()
    except FileNotFoundError:
        return None
    except (OSError, UnicodeDecodeError) as e:
        stop(f"{path} cannot be read as text: {e}", f"save {path} as UTF-8 text")


def toml(path):
    text = read(path)
    if text is None:
        return {}
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as e:
        where = re.search(r"at line (\d+)", str(e))
        line = text.splitlines()[int(where[1]) - 1] if where else ""
        stop(f"{path} is not valid TOML: {e}: {line.strip()!r}", f"mend that line of {path}")


def table(data, *names):
    for name in names:
        data = data.get(name) if isinstance(data, dict) else None
    return data if data is not None else {}


# --- version files: a wish -----------------------------------------------------------

def wish_of_lines(path, pattern, form):
    """The version that a version file names, or None; anything else in it is an error."""
    text = read(path)
    if text is None:
        return None
    found = None
    for number, line in enumerate(text.splitlines(), 1):
        if not line.strip() or line.lstrip().startswith("#"):
            continue
        match = re.fullmatch(pattern, line.strip())
        if not match or found:
            stop(f"{path}: line {number} is not {form}: {line.strip()[:80]!r}",
                 f"write one line, {form}, into {path}")
        found = match[1]
    if not found:
        stop(f"{path} names no version", f"write one line, {form}, into {path}, or remove it")
    return found


def same_line(wish):
    """Does this Python satisfy the wish (3, 3.11, 3.11.4)?"""
    return (HAVE + ".").startswith(wish + ".")


def wish_for(path, wish):
    if not wish or same_line(wish):
        return
    if wish.split(".")[0] != HAVE.split(".")[0]:
        stop(f"{path} asks for Python {wish}, and this host has {HAVE} only",
             f"name a Python {MINOR} in {path}, or use a Dockerfile")
    tell("warn", f"{path} asks for Python {wish}. This host has Python {HAVE}: using that.")
    if not (wish + ".").startswith(MINOR + "."):
        tell("warn", f"If the app needs Python {wish}, deploy it with a Dockerfile.")


# --- requirements: a condition ---------------------------------------------------------

def caret(version):
    """Poetry's ^ and ~ as plain specifiers."""
    sign, number = version[0], version[1:].strip()
    parts = [int(p) for p in number.split(".")]
    if sign == "~":
        keep = 1 if len(parts) > 1 else 0
    else:
        keep = next((i for i, p in enumerate(parts) if p), len(parts) - 1)
    upper = parts[:keep] + [parts[keep] + 1]
    return f">={number},<{'.'.join(map(str, upper))}"


def condition_for(path, key, text):
    """Fail where a requires-python excludes the Python of this host."""
    from pip._vendor.packaging.specifiers import InvalidSpecifier, SpecifierSet

    def fits(part):
        pieces = [p.strip() for p in part.split(",") if p.strip()]
        plain = [caret(p) if p[0] == "^" or re.match(r"~[^=]", p) else p for p in pieces]
        plain = [f"=={p}" if p[0].isdigit() else p for p in plain]
        plain = ["" if p == "*" else p for p in plain]
        return HAVE in SpecifierSet(",".join(plain))

    if not isinstance(text, str) or not text.strip():
        return
    try:
        ok = any(fits(part) for part in text.split("||"))
    except (InvalidSpecifier, ValueError):
        stop(f"{path}: {key} = {text!r} is not a version condition",
             f'write something like {key} = ">={MINOR}" in {path}')
    if not ok:
        stop(f"{path}: {key} = {text!r} excludes Python {HAVE}, the only one that this host has",
             f"allow Python {MINOR} in {path}, or use a Dockerfile")


# --- requirements.txt -------------------------------------------------------------------

def requirements(path, seen):
    """Everything that a requirements file reads decides the dependencies as well."""
    if path in seen:
        return False
    seen.add(path)
    text = read(path)
    if path != "requirements.txt":
        tell("key", path)
    some = False
    for line in (text or "").replace("\\\n", " ").splitlines():
        line = re.sub(r"(^|\s)#.*", "", line).strip()
        include = re.match(r"(?:-r|--requirement|-c|--constraint)[\s=]*(\S+)", line)
        if include:
            there = os.path.normpath(os.path.join(os.path.dirname(path), include[1]))
            if "://" not in include[1]:
                some = requirements(there, seen) or some
        elif line:
            some = True
            if re.match(r"(-e|--editable)?\s*(\.|file:)|.*@\s*file:", line) or (
                    re.match(r"[\w./-]+$", line) and os.path.isdir(line)):
                tell("volatile")
            if "git+" in line:
                tell("git")
    return some


def choose():
    project = toml("pyproject.toml")
    pipfile = toml("Pipfile")
    if os.path.exists("uv.lock"):
        return "uv", project, pipfile
    if os.path.exists("poetry.lock"):
        return "poetry", project, pipfile
    if os.path.exists("Pipfile") and not os.path.exists("requirements.txt"):
        return ("pipenv" if os.path.exists("Pipfile.lock") else "pipenv-unlocked"), project, pipfile
    if os.path.exists("requirements.txt"):
        return ("pip" if requirements("requirements.txt", set()) else "none"), project, pipfile
    if table(project, "tool").get("poetry") and "project" not in project:
        return "poetry-unlocked", project, pipfile
    if "project" in project:
        return "uv-unlocked", project, pipfile
    if not os.path.exists("setup.py"):
        return "none", project, pipfile
    tell("volatile")
    return "setup.py", project, pipfile


def main():
    os.chdir(sys.argv[1])
    manager, project, pipfile = choose()
    for path in ("uv.lock", "poetry.lock", "Pipfile.lock", "pyproject.toml", "Pipfile"):
        text = read(path)
        if text and re.search(r"git\+|^\s*git\s*=|\bgit\s*=\s*\"|\"git\":", text, re.M):
            tell("git")
            break
    dotted = r"(\d+(?:\.\d+){0,2})"
    wish_for("runtime.txt", wish_of_lines("runtime.txt", "python-" + dotted, '"python-3.11.2"'))
    wish_for(".python-version", wish_of_lines(".python-version", dotted, '"3.11"'))
    wanted = table(pipfile, "requires")
    full = wanted.get("python_full_version") or wanted.get("python_version")
    if isinstance(full, str) and full != "*":
        wish_for("Pipfile", full)
    condition_for("pyproject.toml", "requires-python", table(project, "project").get("requires-python"))
    poetry = table(project, "tool", "poetry", "dependencies").get("python")
    condition_for("pyproject.toml", "python", poetry if isinstance(poetry, str) else None)
    tell("manager", manager)
    tell("version", HAVE)


main()
