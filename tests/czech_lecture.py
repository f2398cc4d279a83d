"""A Czech lecture of any length, of our own writing: spoken sentences, cut into cues as recognised speech is."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import cycle, islice

TOPICS = (
    """Takže teď si ten model načteme do paměti. Tady vidíte, kolik té paměti na grafice vlastně zbývá.
    Ten tokenizer musí být přesně ze stejné verze jako ten model. Když to nesedí, tak dostanete úplné nesmysly.
    Já to tady pustím a chvilku počkáme, než se to stáhne. Ty váhy mají v tomhle případě skoro patnáct gigabajtů.""",
    """Teď se podíváme na kvantizaci, jo. Místo dvaatřiceti bitů si na každou váhu necháme jenom čtyři.
    Samozřejmě tím něco ztratíme, ale většinou to na té odpovědi ani nepoznáte. V tom výpisu vrstev to najednou vidíte.
    Ta rychlost je pak úplně někde jinde, tady to trvalo šest vteřin. Pořád je to ten stejný model, jenom menší.""",
    """Ten model vám prostě přidává nejpravděpodobnější další slovo. Proto tam máte na začátku i tu svoji otázku.
    Když si to odříznete, tak zbyde jenom ta odpověď. Tady si ten model zase vymýšlí, protože ho na to nikdo neučil.
    Těm výmyslům se říká halucinace a budeme je zkoušet odstranit. Na tohle vám základní model neodpoví dobře.""",
    """A teď si to uložíme na disk. Do té složky se vysypou váhy a k tomu konfigurace.
    Dá se to potom nahrát zpátky do hubu a pracovat s tím dál. Velké soubory se tam ukládají zvlášť a trochu jinak.
    Kdybyste to dělali v té plné verzi, tak to bude trvat mnohem déle. Každá verze tam má svoji historii.""",
    """Máte k tomu nějaké dotazy? Někdo se ptal, kolik to stojí, když to mám jako soukromé.
    Za uložení se neplatí skoro nic, platíte až za ten výkon. Můžete to mít i na svém vlastním serveru.
    Druhá otázka byla na licence, tam si to vždycky přečtěte. U komerčního použití bývají omezení.""",
    """Příprava dat je ta nejpracnější část celého projektu. Musíte ty příklady vyčistit a sjednotit jejich tvar.
    Duplicity vám pak zkreslí úplně všechno, takže pryč s nimi. Rozdělíme to na trénovací a na testovací část.
    Na té testovací se nesmí nikdy učit, jinak měříte jenom paměť. Já tady mám asi tři tisíce otázek a odpovědí.""",
    """Trénink pustíme s nízkou rychlostí učení. Na té křivce je vidět, jak ta chyba postupně klesá.
    Když začne zase stoupat, tak jste přeučili. Ten adaptér má jenom pár megabajtů a váhy modelu zůstanou stejné.
    Proto to jde udělat i na jedné obyčejné grafice. Po třech průchodech to obvykle stačí.""",
    """Jak poznáme, že je ten výsledek opravdu lepší? Porovnáme odpovědi před tréninkem a po něm.
    Jedna možnost je nechat to známkovat lidmi, ale to je drahé. Druhá možnost je jiný model jako porotce.
    Pozor na to, že porotce má rád dlouhé odpovědi. Nakonec si uděláme tabulku a spočítáme průměr.""",
)
"""What is spoken of, one after the other and then from the start again."""
_PER_TOPIC_MS = 11 * 60_000
_CUE_MS = 3_700


def cues_of_czech(start: int, end: int) -> Iterator[tuple[int, int, str]]:
    """(start, end, text) of each cue from `start` to `end` milliseconds: a few words every four seconds."""
    pieces = [cycle(_pieces(topic)) for topic in TOPICS]
    for n, at in enumerate(range(start, end, _CUE_MS)):
        topic = (at - start) // _PER_TOPIC_MS % len(TOPICS)
        yield at, min(at + _CUE_MS - 200, end), f"{next(pieces[topic])}{' jo' if n % 17 == 5 else ''}"


def srt_of_czech(start: int, end: int, first_number: int = 1, saying: dict[int, str] | None = None) -> str:
    """A SubRip file; `saying` are other words for single cues, by their place from 0."""
    said = saying or {}
    return "\n".join(
        f"{n + first_number}\n{_stamp(a)} --> {_stamp(b)}\n{said.get(n, text)}\n"
        for n, (a, b, text) in enumerate(cues_of_czech(start, end))
    )


def _pieces(topic: str) -> list[str]:
    words = iter(topic.split())
    return list(iter(lambda: " ".join(islice(words, 7)), ""))


def _stamp(ms: int) -> str:
    seconds, rest = divmod(ms, 1000)
    return f"{seconds // 3600:02}:{seconds // 60 % 60:02}:{seconds % 60:02},{rest:03}"
