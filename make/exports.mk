# The programs of others that read what the exports write. Without them the tests that need them are skipped.
DEBIAN_PACKAGES := ffmpeg mkvtoolnix chromium
DEBIAN_PROGRAMS := ffmpeg mkvmerge mkvextract chromium
READERS := tests/exports

debian-packages: ## Install ffmpeg, mkvtoolnix and chromium, which tests of exports and page use (as root)
	@missing=; for p in $(DEBIAN_PROGRAMS); do command -v $$p >/dev/null || missing="$$missing $$p"; done; \
	command -v npm >/dev/null || missing="$$missing npm"; \
	test -z "$$missing" && exit 0; \
	if [ "$$(id -u)" != 0 ]; then \
		echo "Not found:$$missing. As root: apt-get install $(DEBIAN_PACKAGES) npm" >&2; exit 1; \
	fi; \
	command -v npm >/dev/null && npm= || npm="nodejs npm"; \
	apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $(DEBIAN_PACKAGES) $$npm

$(READERS)/node_modules/.installed: $(READERS)/package-lock.json
	@cd $(READERS) && npm ci --ignore-scripts --no-audit --no-fund --silent
	@touch $@

npm-packages: $(READERS)/node_modules/.installed ## Install the foreign readers that npm has

$(VENV)/.readers: $(VENV)/.dev $(READERS)/requirements.lock
	@$(BIN)/python -m pip install -qq --disable-pip-version-check --require-hashes -r $(READERS)/requirements.lock
	@touch $@

reader-packages: $(VENV)/.readers ## Install the foreign readers that PyPI has

test-exports: debian-packages npm-packages reader-packages ## Test that foreign readers accept every export
	CI=true $(BIN)/python -m pytest tests/exports tests/unit/test_export*.py

export-examples: setup ## Write docs/exports/ and docs/exports.md again from the code
	$(BIN)/python docs/exports/regenerate.py

lock-readers: ## Pin the foreign readers again, to what requirements-dev.lock allows (needs uv and npm)
	uv pip compile --upgrade --universal --generate-hashes --no-emit-index-url --no-header --python-version 3.11 \
		-c requirements-dev.lock $(READERS)/requirements.in -o $(READERS)/requirements.lock
	cd $(READERS) && npm update --omit-lockfile-registry-resolved --ignore-scripts --no-audit --no-fund

.PHONY: debian-packages npm-packages reader-packages test-exports export-examples lock-readers
