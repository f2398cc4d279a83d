SEED ?= 1
EACH ?= 4
FAMILIES ?=

bench-repair: setup-dev ## Compare reading broken replies with what installs from PyPI: make bench-repair [SEED=2] [EACH=10] [FAMILIES=1]
	@$(BIN)/python bench/repair.py --seed $(SEED) --each $(EACH) $(if $(FAMILIES),--families)

.PHONY: bench-repair
