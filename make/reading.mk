bench-reading: setup-dev ## Measure how fast transcripts are read, packed and cut, ordinary and hostile ones
	@$(BIN)/python bench/reading.py

.PHONY: bench-reading
