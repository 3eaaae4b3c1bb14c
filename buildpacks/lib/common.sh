# shellcheck shell=bash
# For the driver and for our buildpacks: speaking to the pusher and to davit.

# A line for davit itself; see build.
tell() { printf '\036%s %s\n' "$1" "${2-}"; }

say() { printf -- '-----> %s\n' "$*"; }
note() { printf '       %s\n' "$*"; }
# Something that the pusher should not miss, and that does not stop the build.
warn() { printf ' !     %s\n' "$@"; }

# The cause, and the next thing to do.
fail() {
	tell error "$1"
	tell hint "$2"
	exit 1
}

# End this container: davit makes the toolchain and runs the build again with it.
need() {
	tell need "$1"
	exit 42
}

need_program() { command -v "$1" >/dev/null || need "$2"; }

# Does this compile do the work of that phase?  Without phases it does all of them.
in_phase() { [[ ${DAVIT_PHASE:-$1} == "$1" ]]; }

# Config of the app, for tools that read it from the environment: CONFIG, words for env(1),
# so that no variable of ours is touched.  Names with which a value could replace the
# tools themselves are left out, as on Heroku.
load_config() {
	local file
	CONFIG=()
	for file in "$1"/*; do
		[[ -f $file ]] || continue
		case ${file##*/} in
		PATH | HOME | GIT_DIR | CPATH | CPPATH | LD_PRELOAD | LIBRARY_PATH | LD_LIBRARY_PATH | \
			PYTHONHOME | PYTHONPATH | BASH_ENV | ENV | IFS | DAVIT_* | PWD | SHELLOPTS | VIRTUAL_ENV) ;;
		*) CONFIG+=("${file##*/}=$(<"$file")") ;;
		esac
	done
}

with_config() { env "${CONFIG[@]}" "$@"; }

# Value of a config var, or nothing.
config() { [[ ! -f $1/$2 ]] || printf '%s' "$(<"$1/$2")"; }

# The line in which the last installation says what was wrong, after ": ".
last_error() {
	local line
	line=$(grep -aE '^ *(ERROR:|error:|npm (error|ERR!) [^A]|ERR_PNPM|ERR! |error )' "$LOG" 2>/dev/null |
		tail -n 1 | cut -c1-200)
	[[ -z $line ]] || printf ': %s' "$line"
}

# Run an installation with the app's config; its output goes to the pusher and to $LOG.  Where it failed for want
# of a compiler or of git, ask for that and start over.
run_install() {
	LOG=/tmp/install.log
	with_config "$@" 2>&1 | tee "$LOG"
	local code=${PIPESTATUS[0]}
	[[ $code -ne 0 ]] || return 0
	if ! command -v gcc >/dev/null && grep -qE "$COMPILER_MISSING" "$LOG"; then
		note "A package has to be compiled: once more, with a compiler"
		need build-essential
	fi
	if ! command -v git >/dev/null && grep -qE "$GIT_MISSING" "$LOG"; then
		need git
	fi
	return "$code"
}
COMPILER_MISSING="gcc|g\+\+|\bcc\b.*(not found|No such file)|not found: make|make: not found|clang|Python\.h|pg_config|mysql_config|pkg-config|gyp ERR!|Could not find any Python"
GIT_MISSING="find command .git|git: not found|spawn git|executable .git. not found|Git executable|Git operation failed|syscall spawn git|'git'"
