DATA ?=
PART ?= all
MODEL ?= offline
NOTE ?=
WAYS ?= all
WITH_DATA = test -n "$(DATA)" || { echo "Name the folder that holds NAME.srt and NAME.chapters.json: make $@ DATA=folder" >&2; exit 2; }

bench-quality: setup-dev ## Measure outlines against chapters that people set: make bench-quality DATA=folder [PART=test] [MODEL=name] [NOTE="what was changed"]
	@$(WITH_DATA)
	@OPENBLAS_NUM_THREADS=1 $(BIN)/python bench/quality.py "$(DATA)" --part "$(PART)" --model "$(MODEL)" --note "$(NOTE)"

bench-ways: setup-dev ## Compare ways to ask (bench/prompts/): make bench-ways DATA=folder [WAYS="current whole"] [MODEL=name]
	@$(WITH_DATA)
	@OPENBLAS_NUM_THREADS=1 $(BIN)/python bench/quality.py "$(DATA)" --part "$(PART)" --model "$(MODEL)" --no-baselines --ways $(WAYS)

quality-history: setup-dev ## What every change did to the figures of make bench-quality
	@$(BIN)/python bench/quality_history.py

.PHONY: bench-quality bench-ways quality-history
