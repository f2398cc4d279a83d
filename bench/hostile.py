"""Text that makes parsers slow or crash: 200 kB of one thing, or of a few in turn."""

from __future__ import annotations

SIZE = 200_000


def hostile(size: int = SIZE) -> dict[str, str]:
    """Hostile texts by name, each of about `size` characters."""
    start = '[{"title": "A", "start_time": "00:00:01", "subsections": ['
    patterns = {
        "open-squares": "[", "open-curlies": "{", "open-both": "[{", "open-parens": "(", "closing-both": "]}",
        "open-and-closed": "[]", "objects-in-objects": '{"a":',
        "sections-in-sections": '{"title":"a","subsections":[', "quotes": '"', "single-quotes": "'",
        "smart-quotes": "“”", "spaced-quotes": '" ', "quotes-and-commas": '",', "quotes-and-colons": '":',
        "words-in-quotes": '"a" b ', "quoted-words": '"a"', "keys-only": '"title": ', "half-keys": '"title: ',
        "colonless-keys": '"title" ', "backslashes": "\\", "escaped-quotes": '\\"',
        "escaped-line-breaks": "\\n", "white-space": " ", "line-breaks": "\n", "commas": ",", "colons": ":",
        "digits": "1", "spaced-digits": "1 ", "times": "00:00:01 ", "hashes": "# ", "slashes": "/",
        "stars": "/*", "html-comments": "<!--", "dots": ".", "letters": "a", "words": "title ",
        "bare-keys": "title: a, ", "fences": "```\n", "fenced-lists": "```json\n[\n", "think-tags": "<think>",
        "think-ends": "</think>[", "commas-and-quotes": ', "', "quotes-before-brackets": '"}',
        "quotes-before-lines": '"\n', "keys-of-any-name": '"a":"b",', "small-objects": '{"title":"a"},',
        "small-lists": '["a"],', "wrong-brackets": "[}{]", "curly-for-square": "[{}}",
        "square-for-curly": '{"a":[]]', "entities": "&quot;", "surrogates": "\\ud800", "nulls": "\x00",
        "null-words": "null,", "prose": "Here is (the [outline]) of it. ", "bullets": "- 00:01 a\n",
        "yaml": "- title: a\n  start_time: 00:01\n", "block-quotes": "> [\n",
        "same-section": '{"title": "a", "start_time": "00:00:01"}\n', "brackets-and-quotes": '["',
    }  # fmt: skip
    texts = {}
    for name, pattern in patterns.items():
        texts[name] = (pattern * (size // len(pattern) + 1))[:size]
        texts[f"{name}-within"] = start + texts[name]
    opened = '[{"title": "' + "x" * size
    texts["one-open-string"] = opened
    texts["one-open-string-of-quotes"] = '[{"title": "' + 'x "y" z, ' * (size // 9)
    texts["one-string-of-line-breaks"] = '[{"title": "' + "x\n" * (size // 2)
    texts["white-space-in-a-list"] = "[" + " " * size + "]"
    texts["white-space-after-quotes"] = "[" + ('"' + " " * 999) * (size // 1000)
    texts["commas-and-white-space"] = "[" + ("," + " " * 999) * (size // 1000)
    return texts
