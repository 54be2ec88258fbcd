# shellcheck shell=bash
# What run, test and bench share: find a Python, make the virtual environment, install from a lock file.
# Sourced by them; expects the checkout as the working directory.

OLDEST_MINOR=11
VENV=${PAUSETUI_VENV:-$PWD/.venv}
unset PYTHONPATH PYTHONHOME
export PIP_USER=0 PIP_NO_INPUT=1 PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_ROOT_USER_ACTION=ignore

say() { printf '%s: %s\n' "scripts/${0##*/}" "$*" >&2; }

die() {
    say "$@"
    exit 2
}

# quietly WHAT COMMAND…: nothing to read unless the command fails, and then all of it.
quietly() {
    local what=$1 log
    shift
    log=$(mktemp)
    if "$@" >"$log" 2>&1 </dev/null; then
        rm -f "$log"
        return 0
    fi
    say "$what failed:"
    cat "$log" >&2
    rm -f "$log"
    return 1
}

can_install_packages() { [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; }

# The command a person types to install these packages.
install_command() {
    if command -v apt-get >/dev/null; then
        echo "sudo apt-get install -y $*"
    else
        echo "your package manager, for what Debian calls: $*"
    fi
}

# apt_install PACKAGE…: as root on Debian or Ubuntu. The lists are fetched when there are none, or too old ones.
apt_install() {
    export DEBIAN_FRONTEND=noninteractive
    if compgen -G '/var/lib/apt/lists/*Packages*' >/dev/null &&
        apt-get install -y --no-install-recommends "$@" >/dev/null 2>&1 </dev/null; then
        return 0
    fi
    quietly "apt-get update" apt-get update || return 1
    quietly "apt-get install $*" apt-get install -y --no-install-recommends "$@"
}

# is_new_enough PYTHON: it runs, and it is 3.11 or later.
is_new_enough() {
    "$1" -c "import sys; sys.exit(sys.version_info < (3, $OLDEST_MINOR))" >/dev/null 2>&1 </dev/null
}

can_make_environments() { "$1" -c "import ensurepip, venv" >/dev/null 2>&1 </dev/null; }

# pythons: every Python here that is new enough, the one the machine calls python3 first.
pythons() {
    local name
    for name in python3 python3.11 python3.12 python3.13 python3.14 /usr/bin/python3 python; do
        if command -v "$name" >/dev/null && is_new_enough "$name"; then command -v "$name"; fi
    done
}

complete_python() {
    local python
    for python in $(pythons); do
        if can_make_environments "$python"; then
            echo "$python"
            return 0
        fi
    done
    return 1
}

# packages_for_python: what Debian calls the packages that are missing.
packages_for_python() {
    local python
    read -r python < <(pythons) || true
    if [ -n "$python" ]; then
        "$python" -c 'import sys; print("python%d.%d-venv" % sys.version_info[:2])'
    elif apt-cache show python3.11-venv >/dev/null 2>&1; then
        echo "python3.11 python3.11-venv"
    else
        echo "python3 python3-venv"
    fi
}

# find_python: the path of a Python that can make virtual environments; installs one where that may be done.
find_python() {
    local packages
    complete_python && return 0
    packages=$(packages_for_python)
    if can_install_packages; then
        say "installing $packages"
        # shellcheck disable=SC2086  # a list of packages
        apt_install $packages && complete_python && return 0
    fi
    say "Python 3.$OLDEST_MINOR or later with venv is missing. Install it with: $(install_command "$packages")"
    return 1
}

# stamp LOCK: what an environment was made from; when any of it changes, it is made anew.
stamp() { printf '%s\n' "$PWD" && sha256sum "$1" pyproject.toml; }

is_current() {
    [ -x "$VENV/bin/python" ] && "$VENV/bin/python" -c '' 2>/dev/null &&
        [ "$(cat "$VENV/.made-from-$1" 2>/dev/null)" = "$(stamp "$1")" ]
}

# new_environment: an empty one, unless there is one that works and belongs to this place.
new_environment() {
    local python made
    made=$(head -qn 1 "$VENV"/.made-from-* 2>/dev/null | sort -u || true)
    if [ "${made:-$PWD}" = "$PWD" ] && is_new_enough "$VENV/bin/python" &&
        "$VENV/bin/python" -m pip --version >/dev/null 2>&1; then
        return 0
    fi
    python=$(find_python) || exit 2
    quietly "making $VENV with $python" "$python" -m venv --clear "$VENV" || exit 2
}

# environment LOCK: $VENV holds what this lock file names, and the project itself, in place.
environment() {
    local lock=$1 folder=$VENV
    is_current "$lock" && return 0
    [ "$lock" = requirements.lock ] && is_current requirements-dev.lock && return 0
    [ -e "$folder" ] || folder=$(dirname "$VENV")
    [ -w "$folder" ] || die "cannot write to $folder. Run this as its owner, or say PAUSETUI_VENV=FOLDER_OF_YOURS"
    say "setting up $VENV from $lock (once)"
    new_environment
    quietly "installing what $lock names (is a Python package index reachable?)" \
        "$VENV/bin/python" -m pip install --quiet --require-hashes -r "$lock" || exit 2
    quietly "installing pausetui" \
        "$VENV/bin/python" -m pip install --quiet --no-deps --no-build-isolation -e . || exit 2
    stamp "$lock" >"$VENV/.made-from-$lock"
}

# compiled: the program's own bytecode is there, also where Python is told to write none (it starts 4 times faster).
compiled() {
    local stamp="$VENV/.compiled"
    if [ -e "$stamp" ] && [ -z "$(find pausetui -name '*.py' -newer "$stamp" -print -quit)" ]; then return 0; fi
    if [ ! -w pausetui ] || [ ! -w "$VENV" ]; then return 0; fi
    "$VENV/bin/python" -m compileall -q pausetui && touch "$stamp"
}
