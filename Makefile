# Every task of the repository. The two to know: make demo and make test; both set up by themselves.

PYTHON := .venv/bin/python
MANAGE := $(PYTHON) manage.py
PYTEST := $(PYTHON) -m pytest
# Compiles a lock that any machine can install from: all platforms, with hashes, without addresses.
LOCK := $(PYTHON) -m uv pip compile pyproject.toml --universal --python-version 3.11 --generate-hashes \
	--no-emit-index-url --no-emit-find-links --no-annotate --custom-compile-command "make requirements" --quiet

.DEFAULT_GOAL := help
.PHONY: help setup run demo worker collect judge test browser bench check format lint types imports \
	templates migrate migrations docs screenshots requirements clean

help: ## List these tasks
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-14s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

setup: ## Install everything into .venv and node_modules; a second time it only looks
	@tools/setup

demo: setup ## Serve a simulated company on http://127.0.0.1:8000 (PORT=…), all embedded
	@exec $(PYTHON) -m cairn.serve --demo

run: setup ## Serve an empty Cairn on http://127.0.0.1:8000 (PORT=…), all embedded
	@exec $(PYTHON) -m cairn.serve

worker: setup ## Run one more Celery worker on the configured broker
	DJANGO_SETTINGS_MODULE=$${DJANGO_SETTINGS_MODULE:-cairn.settings.dev} \
		$(PYTHON) -m celery -A cairn worker --loglevel INFO --pool threads --concurrency 4

collect: setup ## Collect from AWS now, without a worker (ARGS='--account 111122223333')
	$(MANAGE) collect --inline $(ARGS)

judge: setup ## Judge every account again from what is stored
	$(MANAGE) judge $(ARGS)

test: setup ## Run the whole test suite (on DATABASE_URL and REDIS_URL where they are set)
	@tools/setup browser-if-possible
	$(PYTEST) -n 2 --dist loadgroup $(ARGS)

browser: setup ## Run the browser tests alone
	@tools/setup browser
	$(PYTEST) -m browser $(ARGS)

bench: setup ## Measure speed as ratios against floors and peers (ARGS='--only pages')
	$(PYTHON) -m bench $(ARGS)

check: lint types imports templates ## Everything but the tests: format, lint, types, layers, templates, Django's checks
	$(MANAGE) makemigrations --check --dry-run
	DJANGO_SETTINGS_MODULE=cairn.settings.production SECRET_KEY=$$($(PYTHON) -c "import secrets; print(secrets.token_urlsafe(64))") \
		ALLOWED_HOSTS=cairn.example $(MANAGE) check --deploy --fail-level WARNING

format: setup ## Format the code
	$(PYTHON) -m ruff format .
	$(PYTHON) -m ruff check --fix .

lint: setup ## Check format and lint
	$(PYTHON) -m ruff format --check .
	$(PYTHON) -m ruff check .

types: setup ## Check types
	$(PYTHON) -m mypy

imports: setup ## Check that imports only point down
	.venv/bin/lint-imports

templates: setup ## Lint the templates
	$(PYTHON) -m djlint templates --lint --quiet

migrate: setup ## Bring the database up to date
	$(MANAGE) migrate

migrations: setup ## Write the migration of a model change (NAME=add_account_notes)
	$(MANAGE) makemigrations --name $(NAME)

docs: setup ## Write the pages that are generated from code
	$(MANAGE) write_docs
	$(PYTHON) -m tests.roadmap.coverage

screenshots: setup ## Take pictures of the demo (ARGS=--url=… for a running one)
	@tools/setup browser
	$(PYTHON) -m tests.browser.screenshots $(ARGS)

requirements: setup ## Compile requirements/*.txt again (ARGS='--upgrade')
	$(LOCK) --output-file requirements/runtime.txt $(ARGS)
	$(LOCK) --extra dev --output-file requirements/dev.txt $(ARGS)

clean: ## Remove what setup and tests made; the data in var/ stays
	rm -rf .venv node_modules .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis var/setup
