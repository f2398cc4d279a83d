"""What tells one legacy encoding from another: the letters and the commonest words of languages."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass
from itertools import pairwise

_CYRILLIC = "абвгдежзийклмнопрстуфхцчшщъьюя"
_ARABIC = "".join(map(chr, range(0x621, 0x653)))

# language: (letters beyond a-z, letters that it has but rarely uses, common words).
# Words decide only where letters do not: è is French, č is Czech, and both are the byte E8. English has the letters
# that Windows-1250 and -1252 share, and ï and à: any other may as well be in a Czech or a Polish name.
LANGUAGES: dict[str, tuple[str, str, str]] = {
    "English": ("éëöüäôâîçóíáúïà", "", "the and that this with you are for have it what of to is"),
    "Czech": ("áčďéěíňřšťúůýž", "ó", "že je se to na tak pro jsem jsou ale když jako co bude jsme den"),
    "Slovak": ("áäčďéíľňôšťúýž", "óĺŕ", "že je sa to na tak pre som sú ale keď ako čo bude sme deň"),
    "Polish": ("ąćęłńóśźż", "", "że jest się to na tak dla nie są ale jak co będzie dzień"),
    "Hungarian": ("áéíóöőúüű", "", "hogy az egy és nem ez van meg csak azt de itt akkor"),
    "Romanian": ("ăâîșşțţ", "", "că este și să nu la pe cu un pentru sunt mai din"),
    "Croatian": ("čćđšž", "", "da je se to na za što su ali kao ne sam ili"),
    "Slovene": ("čšž", "", "da je se to na za kaj so ali kot ne sem pa ki"),
    "German": ("äöüß", "", "und die der das ist nicht ich wir sie ein mit auf wenn auch dass"),
    "French": ("àâçèéêîôùûœ", "æëïüÿ", "et le la les est que des un une pas vous nous pour dans qui"),
    "Spanish": ("áéíñóú", "ü", "que de la el y en los es una por con para las se mañana"),
    "Portuguese": ("ãáâçéêíóõú", "àôü", "que de os é uma por com para as não se"),
    "Italian": ("àèéìòù", "îó", "che di la il e è una per con non sono le si della"),
    "Catalan": ("àçèéíòóú", "ïü·", "que de la el i els és una per amb les"),
    "Swedish": ("åäö", "é", "och att det är som en på för inte vi har av jag"),
    "Danish": ("æøå", "é", "og det er som en på for ikke vi har af jeg til"),
    "Finnish": ("äö", "å", "ja on että se ei niin tämä ovat mutta kun myös"),
    "Dutch": ("éëï", "èöüá", "de het een en van dat niet ik we met op voor"),
    "Icelandic": ("áéíóúýþæöð", "", "og að er það sem ekki við á í en um"),
    "Turkish": ("çğıöşü", "âîû", "ve bir bu da için ne çok var ama gibi olarak"),
    "Estonian": ("äöõü", "šž", "ja on et see ei ka kui ma siis aga"),
    "Lithuanian": ("ąčęėįšųūž", "", "ir kad yra tai į su ne bet kaip mes"),
    "Latvian": ("āčēģīķļņšūž", "", "un ir ka tas ar no par bet kā mēs"),
    "Russian": (_CYRILLIC + "ёыэ", "", "и что это в не на мы как с то по но привет"),
    "Ukrainian": ("абвгґдеєжзиіїйклмнопрстуфхцчшщьюя", "", "і що це в не на ми як з то та але"),
    "Bulgarian": (_CYRILLIC, "", "и че това в не на да как с то за но са е"),
    "Serbian": ("абвгдђежзијклљмнњопрстћуфхцчџш", "", "и да је се то на у за што су али"),
    "Greek": ("αβγδεζηθικλμνξοπρσςτυφχψωάέήίόύώϊϋΐΰ", "", "και το να είναι η ο που για με της την δεν"),
    "Hebrew": ("".join(map(chr, range(0x5D0, 0x5EB))), "", "את של זה לא על אני הוא אם כל גם"),
    "Arabic": (_ARABIC, "", "في من على أن هذا ما إلى لا هو التي كل"),
    "Persian": (_ARABIC + "پچژگکی", "", "و در به از که این را با است"),
    "Thai": ("".join(map(chr, range(0xE01, 0xE5C))), "", ""),
}
# English text is full of these, so in another language they are no evidence.
_ENGLISH_TOO = frozenset(
    "a i to on is do me no for as de die was am in so at an ja en man men la par ma per un".split()  # noqa: SIM905  (a list literal takes a line for each)
)

# Legacy files use these in every language.
PUNCTUATION = frozenset("‘’‚“”„«»‹›–—…·•°§©®™€£×÷±½¼²³¿¡´`′″♪º\u00a0\u200e\u200f\u00ad،؛؟。、，！？「」『』（）：；")

# The commonest characters of running Chinese, Japanese and Korean text.
_HAN = frozenset("的一是不了在人有我他这中大来上个国到说们为子和你地出道也时年我們這個來說們為時過會對學要就")
_KANJI = frozenset(
    "日一国人年大十二本中長出三時行見月分後前生間上東今入学高子外下来気小話名水言思作方手自者社場合用語字"
)
_HANGUL = frozenset("이다는에을를가은의고하지로한기사도서어리니그나시라아해안녕세요")

_WORD = re.compile(r"[^\W\d_]+")
_LAST_LATIN = "\u024f"


@dataclass(frozen=True, slots=True)
class _Language:
    letters: frozenset[str]
    rare: frozenset[str]
    words: frozenset[str]


_KNOWN = {
    name: _Language(
        frozenset(letters),
        frozenset(rare),
        frozenset(words.split()) - (_ENGLISH_TOO if name != "English" else frozenset()),
    )
    for name, (letters, rare, words) in LANGUAGES.items()
}


def common_words(language: str) -> frozenset[str]:
    """The commonest words of a language that English does not have; none if it is not one of LANGUAGES."""
    return _KNOWN[language].words if language in _KNOWN else frozenset()


@dataclass(frozen=True, slots=True, order=True)
class Likeness:
    """How well a text can be what was written: the share of its characters beyond ASCII that its best language
    explains, 0 to 1; and how many of that language's common words it holds."""

    share: float
    words: int


def likeness(text: str) -> Likeness:
    """How well some language explains `text`."""
    # A control character, or one for private use, shows that the bytes were read in the wrong encoding.
    if any("\x80" <= c <= "\x9f" or "\ue000" <= c <= "\uf8ff" for c in set(text)):
        return Likeness(0.0, 0)
    small = text.lower()
    seen = Counter(c for c in small if not c.isascii() and c not in PUNCTUATION)
    total = seen.total()
    breaks = _breaks(text)
    words = Counter(_WORD.findall(small))
    best = _east_asian(seen)
    for language in _KNOWN.values():
        known = sum(n for c, n in seen.items() if c in language.letters)
        rare = sum(n for c, n in seen.items() if c in language.rare)
        share = max(0.0, known + rare / 2 - breaks) / total if total else 1.0
        best = max(best, Likeness(share, sum(words[word] for word in language.words)))
    return best


def _breaks(text: str) -> int:
    """Places inside words that no language has: a capital beyond ASCII right behind a small letter (KOI8-R read as
    Windows-1251 is full of them), or a letter of a-z beside one that is not Latin."""
    count = 0
    for one, two in pairwise(text):
        if one.isascii() and two.isascii():
            continue
        capital = two.isupper() and one.islower()
        latin, other = min(one, two), max(one, two)
        mixed = latin.isascii() and latin.isalpha() and other > _LAST_LATIN and other not in PUNCTUATION
        count += capital or mixed
    return count


def _east_asian(seen: Counter[str]) -> Likeness:
    """How well Japanese, Korean or Chinese explains the characters; their commonest ones stand for words."""
    total = max(1, seen.total())

    def among(first: str, last: str) -> int:
        return sum(n for c, n in seen.items() if first <= c <= last)

    def hits(common: frozenset[str]) -> int:
        return sum(n for c, n in seen.items() if c in common)

    kana, hangul, han = among("\u3041", "\u30ff"), among("\uac00", "\ud7a3"), among("\u4e00", "\u9fff")
    if kana >= 0.2 * total:
        return Likeness((kana + han) / total, hits(_KANJI))
    if hits(_HANGUL) >= 0.1 * total:
        return Likeness((hangul + han) / total, hits(_HANGUL))
    if hits(_KANJI | _HAN) >= 0.1 * total:
        return Likeness((kana + han) / total, hits(_KANJI | _HAN))
    return Likeness(0.0, 0)
