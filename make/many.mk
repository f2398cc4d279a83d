LECTURES ?= 300

bench-many: setup-dev ## Put hundreds of lectures through the commands, killed half-way: make bench-many [DATA=folder] [LECTURES=300]
	@$(BIN)/python bench/many_lectures.py "$(or $(DATA),examples)" --lectures $(LECTURES)

.PHONY: bench-many
