# Shortcuts for developers; everything real is in ./run.

default:
    @just --list

demo *arguments:
    ./run demo {{arguments}}

test *arguments:
    ./run test {{arguments}}

lint:
    ./run lint

# Mend what can be mended by itself.
format:
    .venv/bin/python -m ruff check --fix .
    .venv/bin/python -m ruff format .

manage *arguments:
    ./run manage {{arguments}}

# docs/contract-life.md again from the table of transitions.
diagram:
    ./run manage shell -c "from contracts import life; life.PAGE.write_text(life.document(), encoding='utf-8')"

# Both locks again from pyproject.toml: with hashes, and no registry address.
lock *arguments:
    .venv/bin/python -m uv pip compile pyproject.toml --python-version 3.11 --generate-hashes --no-header --no-emit-index-url {{arguments}} -o requirements.lock
    .venv/bin/python -m uv pip compile pyproject.toml --group dev -c requirements.lock --python-version 3.11 --generate-hashes --no-header --no-emit-index-url {{arguments}} -o requirements-dev.lock

# Everything CI does.
ci:
    bash .ci/run
