"""More ways in which replies break, written after the reader was done: they tell how well it generalises."""

from __future__ import annotations

import html
import json
import random
import re
from dataclasses import replace
from typing import Any

from broken_places import KEY, as_dict, cut, mark_lost, placed, quote_lost, shaped, tree, within
from replies import FAMILIES, Made, around, family, formed, timed
from reply_forms import Node, any_form, outline, quoted, stamp, walk, write

for _name, _time in {
    "time-with-spaces": lambda s: quoted(stamp(s).replace(":", " : ")),
    "time-with-dots": lambda s: quoted(stamp(s).replace(":", ".")),
    "time-in-words": lambda s: quoted(f"{s // 3600} hours {s // 60 % 60} min {s % 60} sec"),
    "time-about": lambda s: quoted(f"~{stamp(s)}"),
    "time-at": lambda s: quoted(f"at {stamp(s)}"),
    "time-with-zone": lambda s: quoted(f"{stamp(s)}Z"),
    "time-with-six-digits": lambda s: quoted(f"{stamp(s)}.000000"),
    "time-as-seconds-with-unit": lambda s: quoted(f"{s}s"),
    "time-as-milliseconds-text": lambda s: quoted(f"{s}.250"),
    "time-as-list": lambda s: f"[{s // 3600}, {s // 60 % 60}, {s % 60}]",
    "time-as-start-and-end": lambda s: f'{{"start": "{stamp(s)}", "end": "{stamp(s + 9)}"}}',
    "time-as-pair": lambda s: f'["{stamp(s)}", "{stamp(s + 9)}"]',
    "time-with-comma-inside": lambda s: f'"{stamp(s)},"',
    "time-with-blank": lambda s: f'" {stamp(s)} "',
    "time-in-parens-not-quoted": lambda s: f"({stamp(s)})",
    "time-with-t": lambda s: quoted(f"T{stamp(s)}"),
    "time-arrow": lambda s: quoted(f"{stamp(s)} → {stamp(s + 9)}"),
}.items():
    formed(_name, timed(_time))

for _name, _form in {
    "keys-in-capital-camel": lambda rng: replace(any_form(rng), keys=("Title", "StartTime", "SubSections", "Cue")),
    "keys-with-dashes": lambda rng: replace(any_form(rng), keys=("title", "start-time", "sub-sections", "cue")),
    "renamed-label-begin-nodes": lambda rng: replace(any_form(rng), keys=("label", "begin", "nodes", "cue")),
    "renamed-chapter-title-start-sections": lambda rng: replace(
        any_form(rng), keys=("chapter_title", "start_timestamp", "sections", "cue")
    ),
    "renamed-section-time-subsections": lambda rng: replace(
        any_form(rng), keys=("section", "time", "subsections", "cue")
    ),
    "spanish-keys": lambda rng: replace(any_form(rng), keys=("título", "hora_inicio", "subsecciones", "cue")),
    "russian-keys": lambda rng: replace(any_form(rng), keys=("заголовок", "время_начала", "подразделы", "cue")),
    "nan-subsections": lambda rng: replace(any_form(rng), empty="NaN"),
    "text-null-subsections": lambda rng: replace(any_form(rng), empty='"null"'),
    "text-list-subsections": lambda rng: replace(any_form(rng), empty='"[]"'),
    "ellipsis-subsections": lambda rng: replace(any_form(rng), empty="[...]"),
    "undefined-subsections": lambda rng: replace(any_form(rng), empty="undefined"),
    "false-subsections": lambda rng: replace(any_form(rng), empty="false"),
    "tight-colons": lambda rng: replace(any_form(rng), colon=":"),
    "spaced-colons": lambda rng: replace(any_form(rng), colon=" : "),
    "leading-commas": lambda rng: replace(any_form(rng), indent="  ", comma=" ,"),
    "keys-in-smart-quotes": lambda rng: replace(any_form(rng), key=lambda k: f"“{k}”"),
    "keys-in-backticks": lambda rng: replace(any_form(rng), key=lambda k: f"`{k}`"),
    "colon-inside-key-quotes": lambda rng: replace(any_form(rng), key=lambda k: f'"{k}:"', colon=" "),
}.items():
    formed(_name, _form)
formed(
    "mixed-smart-quotes",
    lambda rng: replace(any_form(rng), text=lambda t: f'“{t}"'.replace("\\", "\\\\")),
    True,
    odd=False,
)
formed(
    "tex-quotes",
    lambda rng: replace(any_form(rng), text=lambda t: f"``{t}''", key=lambda k: f"``{k}''"),
    True,
    odd=False,
)
formed(
    "single-quotes-not-escaped",
    lambda rng: replace(any_form(rng), key=lambda k: f"'{k}'", text=lambda t: f"'{t}'".replace("\\", "\\\\")),
    True,
)
formed(
    "single-quoted-titles-only",
    lambda rng: replace(any_form(rng), text=lambda t: "'" + t.replace("\\", "\\\\").replace("'", "\\'") + "'"),
)

for _name, _put in {
    "pre-and-code": lambda rng, t: f'<pre><code class="language-json">{html.escape(t)}</code></pre>',
    "numbered-lines": lambda rng, t: "\n".join(f"{n:>3} | {line}" for n, line in enumerate(t.splitlines(), 1)),
    "diff-plus": lambda rng, t: "\n".join(f"+{line}" for line in t.splitlines()),
    "const-and-log": lambda rng, t: f"const outline = {t};\nconsole.log(JSON.stringify(outline));",
    "python-print": lambda rng, t: f"import json\nprint(json.dumps({t}))",
    "python-triple": lambda rng, t: f'outline = """{t}"""',
    "code-fence-before": lambda rng, t: (
        f'```python\nx = {{"a": [1, 2]}}\nprint("x")\n```\nHere it is:\n```json\n{t}\n```'
    ),
    "heading-before": lambda rng, t: f"# Outline: chunk 9 [of 12]\n\n**JSON:**\n\n{t}",
    "apology-before": lambda rng, t: (
        f"I'm sorry, I can't hear the audio, but here's what I've got from the lecturer's words:\n{t}"
    ),
    "quoted-prose-before": lambda rng, t: f'The lecture is titled "Models: an introduction", {{see notes}}.\n\n{t}',
    "white-space-after": lambda rng, t: t + "\n   " * 3000,
    "white-space-in-the-middle": lambda rng, t: t.replace(", ", ",            \n\n\n     ", 3),
    "wrapped-by-data-outline": lambda rng, t: f'{{"success": true, "data": {{"outline": {t}, "count": 3}}}}',
    "wrapped-and-cut": lambda rng, t: f'{{"outline": {t}',
    "list-in-object-unnamed": lambda rng, t: f"{{{t}}}",
    "double-braces": lambda rng, t: t.replace("{", "{{").replace("}", "}}") if "{set" not in t and "{x" not in t else t,
    "first-curly-doubled": lambda rng, t: t.replace("{", "{{", 1),
    "bold-around": lambda rng, t: f"**{t}**",
    "tool-call-tags": lambda rng, t: (
        f'<tool_call>\n{{"name": "save_outline", "arguments": {{"outline": {t}}}}}\n</tool_call>'
    ),
    "function-call": lambda rng, t: f"save_outline(outline={t})",
    "json-word-before": lambda rng, t: f"json\n{t}",
    "literal-and-real-breaks": lambda rng, t: t.replace("\n", "\\n\n"),
    "thinking-not-closed": lambda rng, t: f"<think>\nOkay, the user wants an outline. Let me write it.\n\n{t}",
    "think-after": lambda rng, t: f"{t}\n<think>Was that right? I hope so.</think>",
    "second-answer-cut": lambda rng, t: f"{t}\n\n```json\n{t[: len(t) // 2]}",
    "shape-after": lambda rng, t: (
        f'{t}\n\nThe shape of each entry is {{"title": string, "start_time": string, "subsections": list}}.'
    ),
    "empty-list-before": lambda rng, t: f"[]\n{t}",
    "notes-list-after": lambda rng, t: (
        f'{t}\n\nNotes:\n- "first mention" is used [as asked]\n- levels hold {{at most}} 10'
    ),
    "stop-token": lambda rng, t: f"{t}</s>",
    "assistant-prefix": lambda rng, t: f"assistant: {t}",
}.items():
    around(_name, _put)

placed("stray-quote-after-comma", ",", lambda t, at: t[:at] + '"' + t[at:] if t[at - 1] == '"' else t)
placed("stray-comma-after-bracket", "{", lambda t, at: t[: at + 1] + "," + t[at + 1 :])
placed("stray-comma-after-square", "[", lambda t, at: t[: at + 1] + "," + t[at + 1 :])
placed("semicolon-for-comma", ",", lambda t, at: t[:at] + ";" + t[at + 1 :])
placed("two-curlies-lost", "}", lambda t, at: t[:at] + re.sub(r"(?m)\}(?=\s*[,\]])", "", t[at:], count=2))
placed("a-word-between", ",", lambda t, at: t[: at + 1] + " and " + t[at + 1 :] if t[at - 1] in "}]" else t)
placed("comment-in-the-middle", ",", lambda t, at: t[: at + 1] + ' /* say, "x": [ */ ' + t[at + 1 :])
placed("literal-break-in-the-middle", ",", lambda t, at: t[: at + 1] + "\\n" + t[at + 1 :])
placed("closing-squares-and-curly-lost", "]", lambda t, at: t[:at] + re.sub(r"^\s*\]\s*\}", "", t[at:]), pretty=True)
quote_lost("a-titles-both-quotes-missing", lambda t, a, b: t[:a] + t[a + 1 : b] + t[b + 1 :])
quote_lost("a-titles-closing-quote-single", lambda t, a, b: t[:b] + "'" + t[b + 1 :])


mark_lost("a-times-closing-quote-missing", r'"start_time": "[\d:]+"', lambda found: found.end() - 1)
mark_lost("a-times-opening-quote-missing", r'"start_time": "([\d:]+)"', lambda found: found.start(1) - 1)
mark_lost("a-keys-opening-quote-missing", KEY, lambda found: found.start())


@family("quotes-with-commas-inside-titles")
def _quotes_commas(rng: random.Random) -> Made:
    def said(nodes: tuple[Node, ...]) -> tuple[Node, ...]:
        shapes = (
            '"A", "B", and "C" compared',
            'Say "yes", then "no"',
            'The "x, y" plane',
            'Why "]" and "}" matter',
            'He said: "stop"',
        )
        return tuple(replace(n, title=rng.choice(shapes), below=said(n.below)) for n in nodes)

    nodes = said(outline(rng))
    return write(nodes, replace(any_form(rng), text=lambda t: f'"{t}"')), nodes


def _yaml(nodes: tuple[Node, ...], depth: int = 0) -> str:
    pad = "  " * depth
    lines = []
    for n in nodes:
        lines.append(f'{pad}- title: {quoted(n.title)}\n{pad}  start_time: "{stamp(n.start)}"')
        lines.append(f"{pad}  subsections:\n{_yaml(n.below, depth + 2)}" if n.below else f"{pad}  subsections: []")
    return "\n".join(lines)


shaped("yaml", _yaml)
shaped("bullets", lambda ns: "\n".join(f"{'  ' * d}- [{stamp(n.start)}] {n.title}" for d, n in walk(ns)))
shaped("bulleted-objects", lambda ns: "\n".join(f"- {json.dumps(s)}" for s in tree(ns, as_dict)))
shaped("numbered-objects", lambda ns: "\n".join(f"{k}. {json.dumps(s)}" for k, s in enumerate(tree(ns, as_dict), 1)))
shaped("objects-run-together", lambda ns: "".join(json.dumps(s) for s in tree(ns, as_dict)))
shaped(
    "objects-with-blank-lines-in-a-list",
    lambda ns: "[\n" + "\n\n".join(json.dumps(s) for s in tree(ns, as_dict)) + "\n]",
)
shaped(
    "headed-fences",
    lambda ns: "\n\n".join(
        f"### Section {k}\n```json\n{json.dumps([s])}\n```" for k, s in enumerate(tree(ns, as_dict), 1)
    ),
)
shaped(
    "two-parts",
    lambda ns: json.dumps({"part_1": tree(ns[: len(ns) // 2], as_dict), "part_2": tree(ns[len(ns) // 2 :], as_dict)}),
)
shaped("items-objects", lambda ns: json.dumps({"items": tree(ns, lambda n, b: as_dict(n, {"items": b}))}))
shaped("numbered-objects-everywhere", lambda ns: json.dumps(_number(tree(ns, lambda n, b: as_dict(n, _number(b))))))
shaped(
    "titles-in-objects", lambda ns: json.dumps(tree(ns, lambda n, b: {**as_dict(n, b), "lang": "en", "summary": None}))
)
shaped(
    "typed-nodes", lambda ns: json.dumps(tree(ns, lambda n, b: {"type": "section", **as_dict(n, b), "duration": 30}))
)
shaped("python-calls", lambda ns: _calls(ns))
shaped("dicts-as-arguments", lambda ns: "[" + ", ".join(_called(n) for n in ns) + "]")
shaped(
    "time-in-title",
    lambda ns: json.dumps(tree(ns, lambda n, b: {"title": f"[{stamp(n.start)}] {n.title}", "subsections": b})),
)
shaped("cue-as-text", lambda ns: json.dumps(tree(ns, lambda n, b: {**as_dict(n, b), "cue": f"line {n.cue}"})))
shaped("end-times", lambda ns: json.dumps(tree(ns, lambda n, b: as_dict(n, b, end_time=stamp(n.start + 9)))))
shaped(
    "end-times-first", lambda ns: json.dumps(tree(ns, lambda n, b: {"end_time": stamp(n.start + 9), **as_dict(n, b)}))
)
shaped(
    "children-first",
    lambda ns: json.dumps(tree(ns, lambda n, b: {"subsections": b, "start_time": stamp(n.start), "title": n.title})),
)


def _number(made: list[Any]) -> dict[str, Any]:
    return {str(k): one for k, one in enumerate(made, 1)}


def _called(node: Node) -> str:
    below = ", ".join(map(_called, node.below))
    return f"dict(title={node.title!r}, start_time={stamp(node.start)!r}, subsections=[{below}])"


def _calls(nodes: tuple[Node, ...]) -> str:
    made = [f"Section(title={n.title!r}, start_time={stamp(n.start)!r}, subsections={_calls(n.below)})" for n in nodes]
    return f"[{', '.join(made)}]"


cut("cut-in-an-escape", within(r'"title": "(?:[^"\\]|\\.)*(\\.)'))
cut(
    "cut-and-apologised",
    within(r"\}(,)\s*\{"),
    after="\n\nI'm sorry, I've reached my limit. Say \"continue\" and I'll go on.",
)
cut("cut-in-a-title-fence-closed", within(r'"title": "((?:[^"\\]|\\.)+)"'), before="```json\n", after="\n```")
cut("cut-in-a-wrapper", lambda rng, t: rng.randint(1, len(t) - 1), before='{"outline": ')
cut("cut-with-white-space", within(r"\}(,)\s*\{"), after="\n" + " " * 4000)


def _both(first: str, second: str) -> None:
    """Two breakages in one reply: the second of the text that the first made."""

    def make(rng: random.Random) -> Made:
        text, nodes = FAMILIES[first](rng)
        return _EDITS[second](text), nodes

    family(f"{first}+{second}")(make)


_EDITS = {
    "fence": lambda t: f"Here you are:\n```json\n{t}\n```\nThat's all, as you've asked.",
    "think": lambda t: f"<think>Let me see [1]. It's easy.</think>{t}",
    "no-last-bracket": lambda t: t.rstrip()[:-1],
    "crlf": lambda t: t.replace("\n", "\r\n"),
    "wrap": lambda t: f'{{"outline": {t}}}',
    "prose": lambda t: f"Sure, here's the outline of \"chunk 9\":\n\n{t}\n\nLet me know if it's what you'd wanted.",
}
_FIRST = """single-quotes smart-quotes python-repr trailing-commas quotes-not-escaped keys-not-quoted time-not-quoted
one-closing-square-missing one-closing-curly-missing one-opening-square-missing one-opening-curly-missing
one-comma-missing quotes-inside-titles line-comments a-titles-closing-quote-missing full-width-punctuation
nothing-quoted"""
for _first in _FIRST.split():
    for _second in ("fence", "prose", "wrap", "no-last-bracket", "think", "crlf"):
        _both(_first, _second)
