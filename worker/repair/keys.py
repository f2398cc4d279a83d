"""The names that models give to the keys of an outline, whatever was asked for."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache
from typing import Literal

Role = Literal["title", "time", "cue", "children", "other", ""]
"""What a key's value is: "" for a name never met; "other" for one that is known and no part of an outline."""

_NAMES: dict[Role, str] = {
    "title": """title titel heading header headline name topic subject label caption chapter chapter_title section
        section_title section_name topic_title topic_name main_topic subtopic subtopic_title subsection_title text
        nazev nadpis tema titulek kapitola popisek titre intitule titulo titolo uberschrift ueberschrift thema
        bezeichnung tytul temat nom nombre nimi otsikko cim rubrik naslov t
        заголовок название тема назва 标题 標題 题目 主题 題名 タイトル 見出し 제목 العنوان عنوان başlık שם כותרת""",
    "time": """start_time start time timestamp timecode time_code begin begin_time start_timestamp start_at starts_at
        begins_at start_timecode start_seconds start_sec start_secs start_s start_ms start_millis starts from at offset
        ts s time_range range period interval timespan time_stamp first_mention first_mentioned when start_offset
        time_start begin_at cas zacatek casova_znacka pocatek cas_zacatku zacatek_casu startzeit zeit zeitstempel
        beginn anfang startzeitpunkt startpunkt debut heure horodatage temps heure_debut inicio tiempo hora
        tiempo_inicio hora_inicio tempo orario inizio ora czas poczatek czas_rozpoczecia starttijd tijd begintijd
        starttid tid kezdet ido время_начала время начало час початок 开始时间 时间 起始时间 時間 開始時間 開始
        시작_시간 시간 시작 وقت_البدء الوقت""",
    "cue": "cue cue_number cue_no cue_num cue_id cue_index start_cue first_cue line line_number line_no cue_nr",
    "children": """subsections subsection sections children child subtopics sub_topics items topics nodes sub_items
        chapters subchapters nested sub subs parts entries contents content details outline toc table_of_contents
        sub_sections segments groups titles points subpoints sub_points headings subheadings podsekce podkapitoly
        podtemata podbody kapitoly sekce body cast casti temata osnova unterabschnitte unterkapitel abschnitte kapitel
        unterpunkte unterthemen gliederung themen soussections sous_sections sous_parties soussujets chapitres
        subsecciones secciones subtemas temas capitulos sottosezioni sezioni capitoli sottoargomenti podsekcje
        podrozdzialy rozdzialy подразделы разделы подтемы темы главы підрозділи розділи 子章节 章节 小节 子主题 大纲
        内容 サブセクション セクション 小見出し 章
        하위_섹션 섹션 الأقسام_الفرعية الأقسام""",
    "other": """description summary id type level depth note notes end_time end end_ms stop finish until duration
        keywords tags index number order language lang metadata meta quote speaker confidence explanation comment
        comments reasoning thought thoughts analysis konec ende dauer fin role status model object finish_reason
        total count version format example transcript lecture url source same chunk popis beschreibung to""",
}


@lru_cache(maxsize=4096)
def plain(name: str) -> str:
    """A key without case, accents, blanks and punctuation: "Start Time" and "start_time" are one."""
    return "".join(c for c in unicodedata.normalize("NFKD", name[:80].casefold()) if c.isalnum())


_ROLES: dict[str, Role] = {plain(name): role for role, names in _NAMES.items() for name in names.split()}
_ASKED = ("title", "starttime", "subsections")
_NUMBERED = re.compile(r"\d+$")


@lru_cache(maxsize=4096)
def role(name: str) -> Role:
    """What the key's name says its value is. The names that the prompt asks for may have one letter wrong."""
    key = plain(name)
    return _ROLES.get(key) or _ROLES.get(_NUMBERED.sub("", key)) or _misspelt(key)


def _misspelt(key: str) -> Role:
    return next((_ROLES[asked] for asked in _ASKED if abs(len(key) - len(asked)) < 2 and _one_off(key, asked)), "")


def _one_off(one: str, other: str) -> bool:
    """Whether a letter is missing, too many, or another, or two are the wrong way round."""
    head = next((n for n, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), min(len(one), len(other)))
    a, b = one[head:], other[head:]
    return a[1:] == b or a == b[1:] or a[1:] == b[1:] or (a[2:] == b[2:] and a[1::-1] == b[:2])


def asked_for(name: str) -> bool:
    """Whether it is a name that the prompt asks for, or all but one letter of it."""
    return plain(name) in _ASKED or _misspelt(plain(name)) != ""


def begins_key(name: str) -> bool:
    """Whether it is a key, or as much of one that the prompt asks for as there was before the text ended."""
    return known(name) or any(asked.startswith(plain(name)) for asked in (*_ASKED, "cue"))


def known(name: str) -> bool:
    """Whether an outline may have a key of this name."""
    return plain(name) in _ROLES or _misspelt(plain(name)) != ""
