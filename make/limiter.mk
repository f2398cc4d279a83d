PROMPTS ?= 400

bench-limiter: setup-dev ## Compare the shared limiter with what installs from PyPI: make bench-limiter [PROMPTS=400]
	@$(BIN)/python bench/limiter.py --prompts $(PROMPTS)

.PHONY: bench-limiter
