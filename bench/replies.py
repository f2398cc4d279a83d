"""How models and servers break a reply: one function a family, each with the outline that was meant.

Here: how the whole is written, and what stands around it. broken_places.py has the rest.
"""

from __future__ import annotations

import html
import json
import random
import re
from collections.abc import Callable
from dataclasses import dataclass, replace

from reply_forms import Form, Node, any_form, outline, quoted, stamp, title, write


@dataclass(frozen=True, slots=True)
class Case:
    family: str
    text: str
    truth: tuple[Node, ...]
    quotes_differ: bool = False
    """Which kind of quotes a title has cannot be told from the reply."""


Made = tuple[str, tuple[Node, ...]]
Family = Callable[[random.Random], Made]
FAMILIES: dict[str, Family] = {}
QUOTES_DIFFER: set[str] = set()


def family(name: str, quotes_differ: bool = False) -> Callable[[Family], Family]:
    def kept(made: Family) -> Family:
        FAMILIES[name] = made
        if quotes_differ:
            QUOTES_DIFFER.add(name)
        return made

    return kept


def cases(seed: int, each: int) -> list[Case]:
    """`each` broken replies of every family; the same for the same seed."""
    made = []
    for name, make in FAMILIES.items():
        rng = random.Random(f"{seed} {name}")
        for _ in range(each):
            text, truth = make(rng)
            made.append(Case(name, text, truth, name in QUOTES_DIFFER))
    return made


# How the whole is written: forms.


def formed(name: str, form: Callable[[random.Random], Form], quotes_differ: bool = False, odd: bool = True) -> None:
    def make(rng: random.Random) -> Made:
        nodes = outline(rng) if odd else plain_outline(rng)
        return write(nodes, form(rng)), nodes

    family(name, quotes_differ)(make)


def plain_outline(rng: random.Random, most: int = 24) -> tuple[Node, ...]:
    """An outline whose titles hold nothing but words and spaces."""

    def plain(nodes: tuple[Node, ...]) -> tuple[Node, ...]:
        return tuple(replace(n, title=title(rng, odd=0), below=plain(n.below)) for n in nodes)

    return plain(outline(rng, most))


def keyed(title: str, time: str, below: str) -> Callable[[random.Random], Form]:
    return lambda rng: replace(any_form(rng), keys=(title, time, below, "cue"))


def timed(time: Callable[[int], str]) -> Callable[[random.Random], Form]:
    return lambda rng: replace(any_form(rng), time=time)


def short(seconds: int) -> str:
    return (
        f"{seconds // 60:02}:{seconds % 60:02}"
        if seconds < 3600
        else f"{seconds // 3600}:{seconds // 60 % 60:02}:{seconds % 60:02}"
    )


def units(seconds: int) -> str:
    return f"{seconds // 3600}h {seconds // 60 % 60}m {seconds % 60}s"


for _name, _form in {
    "as-asked": any_form,
    "renamed-heading-timestamp-children": keyed("heading", "timestamp", "children"),
    "renamed-name-start-subtopics": keyed("name", "start", "subtopics"),
    "renamed-topic-time-items": keyed("topic", "time", "items"),
    "camel-case-keys": keyed("title", "startTime", "subSections"),
    "capital-keys": keyed("TITLE", "START_TIME", "SUBSECTIONS"),
    "keys-with-spaces": keyed("Title", "Start Time", "Sub-sections"),
    "czech-keys": keyed("název", "čas_začátku", "podsekce"),
    "german-keys": keyed("Titel", "Startzeit", "Unterabschnitte"),
    "french-keys": keyed("titre", "heure_début", "sous_sections"),
    "chinese-keys": keyed("标题", "开始时间", "子章节"),
    "time-as-seconds": timed(str),
    "time-as-seconds-in-text": timed(lambda s: quoted(str(s))),
    "time-as-fraction": timed(lambda s: f"{s}.0"),
    "time-with-fraction": timed(lambda s: quoted(f"{stamp(s)}.500")),
    "time-as-minutes-and-seconds": timed(lambda s: quoted(short(s))),
    "time-as-many-minutes": timed(lambda s: quoted(f"{s // 60}:{s % 60:02}")),
    "time-as-srt": timed(lambda s: quoted(f"{stamp(s)},000")),
    "time-as-srt-range": timed(lambda s: quoted(f"{stamp(s)},000 --> {stamp(s + 40)},000")),
    "time-as-range": timed(lambda s: quoted(f"{stamp(s)} - {stamp(s + 59)}")),
    "time-as-short-range": timed(lambda s: quoted(f"{short(s)}–{short(s + 59)}")),
    "time-in-brackets": timed(lambda s: quoted(f"[{stamp(s)}]")),
    "time-with-units": timed(lambda s: quoted(units(s))),
    "time-as-iso-duration": timed(lambda s: quoted("PT" + units(s).replace(" ", "").upper())),
    "time-as-object": timed(lambda s: f'{{"hours": {s // 3600}, "minutes": {s // 60 % 60}, "seconds": {s % 60}}}'),
    "time-without-leading-nought": timed(lambda s: quoted(stamp(s)[1:] if s < 36_000 else stamp(s))),
    "time-in-full-width-digits": timed(
        lambda s: quoted(stamp(s).translate(str.maketrans("0123456789:", "０１２３４５６７８９：")))
    ),
    "time-not-quoted": timed(stamp),
    "time-in-single-quotes": timed(lambda s: f"'{stamp(s)}'"),
    "null-subsections": lambda rng: replace(any_form(rng), empty="null"),
    "no-subsections": lambda rng: replace(any_form(rng), empty=None),
    "empty-text-for-subsections": lambda rng: replace(any_form(rng), empty='""'),
    "empty-object-for-subsections": lambda rng: replace(any_form(rng), empty="{}"),
    "python-none": lambda rng: replace(any_form(rng), empty="None"),
    "trailing-commas": lambda rng: replace(any_form(rng), last=","),
    "no-commas-between-lines": lambda rng: replace(any_form(rng), indent="  ", inline_leaves=False, comma=""),
    "semicolons": lambda rng: replace(any_form(rng), comma=";"),
    "doubled-commas": lambda rng: replace(any_form(rng), comma=",,"),
    "equals-for-colons": lambda rng: replace(any_form(rng), colon=" = "),
    "arrows-for-colons": lambda rng: replace(any_form(rng), colon=" => "),
    "full-width-punctuation": lambda rng: replace(
        any_form(rng), colon="：", comma="，", list_marks="［］", object_marks="｛｝"
    ),
    "full-width-colons": lambda rng: replace(any_form(rng), colon="："),
    "keys-not-quoted": lambda rng: replace(any_form(rng), key=str),
    "keys-in-single-quotes": lambda rng: replace(any_form(rng), key=lambda k: f"'{k}'"),
    "other-order": lambda rng: replace(any_form(rng), order=rng.choice(((1, 0, 2), (2, 0, 1), (0, 2, 1), (1, 2, 0)))),
    "tuples-for-lists": lambda rng: replace(any_form(rng), list_marks="()"),
}.items():
    formed(_name, _form)

formed(
    "single-quotes",
    lambda rng: replace(any_form(rng), key=lambda k: f"'{k}'", text=_in("''"), time=lambda s: f"'{stamp(s)}'"),
    True,
)
formed(
    "smart-quotes",
    lambda rng: replace(any_form(rng), key=_in("“”"), text=_in("“”"), time=lambda s: f"“{stamp(s)}”"),
    True,
)
formed(
    "smart-quotes-closing-only",
    lambda rng: replace(any_form(rng), key=_in("””"), text=_in("””"), time=lambda s: f"”{stamp(s)}”"),
    True,
)
formed(
    "low-quotes",
    lambda rng: replace(any_form(rng), key=_in("„“"), text=_in("„“"), time=lambda s: f"„{stamp(s)}“"),
    True,
)
formed(
    "guillemets",
    lambda rng: replace(any_form(rng), key=_in("«»"), text=_in("«»"), time=lambda s: f"«{stamp(s)}»"),
    True,
    odd=False,
)
formed("smart-quotes-around-titles", lambda rng: replace(any_form(rng), text=_in("“”")), True)
formed(
    "backticks", lambda rng: replace(any_form(rng), key=_in("``"), text=_in("``"), time=lambda s: f"`{stamp(s)}`"), True
)
formed("quotes-not-escaped", lambda rng: replace(any_form(rng), text=lambda t: '"' + t.replace("\\", "\\\\") + '"'))
formed(
    "python-repr",
    lambda rng: replace(
        any_form(rng), key=repr, text=repr, time=lambda s: repr(stamp(s)), empty=rng.choice(("[]", "None"))
    ),
)
formed(
    "triple-quotes",
    lambda rng: replace(any_form(rng), text=lambda t: f'"""{t}"""'.replace("\\", "\\\\")),
    True,
    odd=False,
)
formed("titles-not-quoted", lambda rng: replace(any_form(rng), text=str), odd=False)
formed("nothing-quoted", lambda rng: replace(any_form(rng), key=str, text=str, time=stamp), odd=False)
formed("backslashes-not-escaped", lambda rng: replace(any_form(rng), text=lambda t: '"' + t.replace('"', '\\"') + '"'))
formed("single-quotes-escaped", lambda rng: replace(any_form(rng), text=lambda t: quoted(t).replace("'", "\\'")))


def _in(marks: str) -> Callable[[str], str]:
    return lambda text: marks[0] + text.replace("\\", "\\\\") + marks[1]


# What stands around it.

PROSE = (
    "Here is the outline of the lecture portion you've asked for:",
    'Sure! I used the "first mention" of each topic [see the rules].',
    "Here's the JSON (chunk 9 of 12), as requested - times are in [HH:MM:SS]:",
    "Note: the speaker repeats himself {twice}, so I merged those parts.",
    "Okay, let me think. The lecture begins with an introduction; it's about loading models.",
)
AFTER = (
    "Let me know if you'd like more detail!",
    "Note: titles are in English, as you asked; the times are those of the first mention.",
    'I kept every level at 10 or fewer entries. The term "loading" is used as by the speaker.',
    'This outline covers [00:00:00 - 00:12:00] and follows {"title", "start_time"} exactly.',
)


def around(name: str, put: Callable[[random.Random, str], str]) -> None:
    def make(rng: random.Random) -> Made:
        nodes = outline(rng)
        return put(rng, write(nodes, any_form(rng))), nodes

    family(name)(make)


def _draft(rng: random.Random) -> str:
    return write(outline(rng, 4), any_form(rng))


for _name, _put in {
    "fenced": lambda rng, t: f"```{rng.choice(('json', '', 'JSON', 'json5'))}\n{t}\n```",
    "fenced-with-tildes": lambda rng, t: f"~~~json\n{t}\n~~~",
    "fence-never-closed": lambda rng, t: f"```json\n{t}",
    "fence-only-closed": lambda rng, t: f"{t}\n```",
    "fence-on-the-same-line": lambda rng, t: f"```json {t}```",
    "prose-before": lambda rng, t: f"{rng.choice(PROSE)}\n\n{t}",
    "prose-after": lambda rng, t: f"{t}\n\n{rng.choice(AFTER)}",
    "prose-around": lambda rng, t: f"{rng.choice(PROSE)}\n{t}\n{rng.choice(AFTER)}",
    "prose-around-a-fence": lambda rng, t: f"{rng.choice(PROSE)}\n\n```json\n{t}\n```\n\n{rng.choice(AFTER)}",
    "think-block": lambda rng, t: f"<think>\n{rng.choice(PROSE)}\n</think>\n{t}",
    "think-block-with-a-draft": lambda rng, t: f"<think>Maybe {_draft(rng)}? No.</think>\n\n{t}",
    "think-block-only-closed": lambda rng, t: f"{rng.choice(PROSE)} {_draft(rng)}\n</think>\n{t}",
    "reasoning-block": lambda rng, t: f"<reasoning>{rng.choice(PROSE)}</reasoning>```json\n{t}\n```",
    "special-tokens": lambda rng, t: f"<|im_start|>assistant\n{t}<|im_end|>",
    "channels": lambda rng, t: (
        f"<|channel|>analysis<|message|>{rng.choice(PROSE)}<|end|><|channel|>final<|message|>{t}<|return|>"
    ),
    "xml-around": lambda rng, t: f"<answer>\n{t}\n</answer>",
    "example-before": lambda rng, t: (
        f'The shape is [{{"title": "Main topic", "start_time": "HH:MM:SS", "subsections": []}}], so:\n{t}'
    ),
    "example-with-times-before": lambda rng, t: (
        f'For example [{{"title": "Topic", "start_time": "00:00:00", "subsections": []}}]. The outline:\n{t}'
    ),
    "draft-before": lambda rng, t: f"First draft:\n{_draft(rng)}\n\nFinal version:\n{t}",
    "answer-twice": lambda rng, t: f"{t}\n\n{t}",
    "answer-twice-in-fences": lambda rng, t: f"```json\n{t}\n```\nOr, once more:\n```json\n{t}\n```",
    "something-else-after": lambda rng, t: f'{t}\n{{"status": "done", "confidence": 0.93}}',
    "byte-order-mark": lambda rng, t: f"\ufeff{t}",
    "carriage-returns": lambda rng, t: t.replace("\n", "\r\n"),
    "no-break-spaces": lambda rng, t: t.replace("  ", "\u00a0 "),
    "nul-bytes": lambda rng, t: t.replace("\n", "\n\x00"),
    "escaped-line-breaks": lambda rng, t: t.replace("\n", "\\n"),
    "encoded-twice": lambda rng, t: json.dumps(t),
    "escaped-once-more": lambda rng, t: json.dumps(t)[1:-1],
    "entities": lambda rng, t: html.escape(t),
    "block-quote": lambda rng, t: "\n".join(f"> {line}" for line in t.splitlines()),
    "server-sent-event": lambda rng, t: "\n".join(f"data: {line}" for line in t.splitlines()),
    "wrapped-in-outline": lambda rng, t: f'{{"outline": {t}}}',
    "wrapped-in-an-unknown-key": lambda rng, t: f'{{"lecture_chunk_9": {t}}}',
    "wrapped-twice": lambda rng, t: f'{{"result": {{"outline": {t}}}}}',
    "wrapped-with-more": lambda rng, t: (
        f'{{"title": "Chunk 9 of 12", "language": "en", "outline": {t}, "notes": "none"}}'
    ),
    "list-in-a-list": lambda rng, t: f"[{t}]",
    "a-tools-arguments": lambda rng, t: json.dumps(
        {"name": "outline", "arguments": json.dumps({"outline": json.loads(t)})}
    ),
    "a-servers-envelope": lambda rng, t: json.dumps(
        {"id": "x", "choices": [{"message": {"role": "assistant", "content": t}}]}
    ),
    "an-assignment": lambda rng, t: f"outline = {t};",
    "line-comments": lambda rng, t: re.sub(r"(?m)([{,])$", lambda m: f"{m[1]} // {rng.choice(PROSE)[:30]}", t),
    "hash-comments": lambda rng, t: re.sub(r"(?m)([{,])$", lambda m: f"{m[1]}  # new topic", t),
    "block-comments": lambda rng, t: f"/* {PROSE[0]} */\n" + re.sub(r"(?m)\{$", '{ /* main, "topic" */', t),
    "an-ellipsis-at-the-end": lambda rng, t: re.sub(r"\n?\s*\]$", ",\n  ...\n]", t),
    "a-comment-at-the-end": lambda rng, t: re.sub(r"\n?\s*\]$", ",\n  // ... and so on\n]", t),
    "extra-closing-brackets": lambda rng, t: t + rng.choice(("]", "}", "]]", "]}", "}]")),
    "first-bracket-missing": lambda rng, t: t[1:],
    "last-bracket-missing": lambda rng, t: t[:-1],
    "first-brackets-missing": lambda rng, t: re.sub(r"^\[\s*\{", "", t),
    "closing-brackets-missing": lambda rng, t: re.sub(r"[\]}\s]*$", "", t),
    "last-brackets-in-another-order": lambda rng, t: re.sub(r"\}(\s*)\]$", r"]\1}", t),
}.items():
    around(_name, _put)
