FAULT_SEED ?= 1

faults-quick: setup-dev ## Break everything that can break, on a small scale (about 4 minutes)
	@FAULT_SEED=$(FAULT_SEED) $(BIN)/python -m pytest -n 3 -m slow tests/faults --timeout 400

faults: setup-dev ## The same in full: 500 kills of workers, the log cut at every byte (about half an hour)
	@FAULT_CUTS=all $(BIN)/python -m pytest -n 2 tests/faults --timeout 1800
	@for seed in 1 2 3 4; do $(BIN)/python tests/harness/storm.py --seed $$seed --kills 125 || exit 1; done
	@$(BIN)/python bench/bare_celery.py --kills 125

.PHONY: faults faults-quick
