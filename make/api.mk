SECONDS ?= 5
LECTURES ?= 1 10 100 500
FUZZ_SECONDS ?= 300

bench-api: setup-dev ## Measure polls and submissions beside a bare FastAPI route: make bench-api [SECONDS=5] [LECTURES="1 10 100 500"]
	@$(BIN)/python bench/api.py --seconds $(SECONDS) --lectures $(LECTURES)

fuzz-api: setup-dev ## Have schemathesis try the API for a while, a worker behind it: make fuzz-api [FUZZ_SECONDS=300]
	@FUZZ_SECONDS=$(FUZZ_SECONDS) $(BIN)/python -m pytest -m "slow or not slow" tests/end_to_end/test_schemathesis.py

.PHONY: bench-api fuzz-api
