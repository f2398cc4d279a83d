DATA ?=
PART ?= all
MODEL ?= offline
NOTE ?=

bench-quality: setup-dev ## Measure outlines against chapters that people set: make bench-quality DATA=folder [PART=test] [MODEL=name] [NOTE="what was changed"]
	@test -n "$(DATA)" || { echo "Name the folder that holds NAME.srt and NAME.chapters.json: make bench-quality DATA=folder" >&2; exit 2; }
	@OPENBLAS_NUM_THREADS=1 $(BIN)/python bench/quality.py "$(DATA)" --part "$(PART)" --model "$(MODEL)" --note "$(NOTE)"

.PHONY: bench-quality
