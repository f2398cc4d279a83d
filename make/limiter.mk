PROMPTS ?= 300
ROWS_AT_ONCE ?= 5

bench-limiter: setup-dev ## Compare the shared limiter with what installs from PyPI (half an hour): make bench-limiter [PROMPTS=300] [ROWS_AT_ONCE=5]
	@$(BIN)/python bench/limiter.py --prompts $(PROMPTS) --side-by-side $(ROWS_AT_ONCE)

.PHONY: bench-limiter
