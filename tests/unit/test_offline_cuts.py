"""Where the offline model cuts a lecture."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from shared.cues import Cue
from worker.model.offline.agreement import agreement
from worker.model.offline.cohesion import cohesion, numbered, spread, telling
from worker.model.offline.cuts import MOST_SEAMS, MOST_UNITS, cut, ground, segment
from worker.model.offline.likeness import common, likeness
from worker.model.offline.partings import BREAK_MS, partings
from worker.model.offline.paths import best_path
from worker.model.offline.speech import speech
from worker.model.offline.turns import turns

TEA = ["the", "tea", "leaves", "wither", "and", "the", "tea", "master", "rolls", "the", "green", "leaves"]
ICE = ["the", "glacier", "carries", "rock", "and", "ice", "down", "the", "valley", "of", "the", "moraine"]


def cues(*texts: str, seconds: int = 5) -> tuple[Cue, ...]:
    return tuple(Cue(n + 1, n * seconds * 1000, (n + 1) * seconds * 1000 - 200, text) for n, text in enumerate(texts))


def about(words: list[str], sentences: int) -> list[str]:
    return [" ".join(words[(shift + n) % len(words)] for n in range(7)) + "." for shift in range(sentences)]


def test_the_best_path_is_the_best_of_all_paths() -> None:
    gain = np.random.default_rng(3).normal(size=(6, 6))
    gain[np.tril_indices(6, -1)] = -np.inf
    sums = {(0, a, b): gain[0, a - 1] + gain[a, b - 1] + gain[b, 5] for a in range(1, 5) for b in range(a + 1, 6)}
    assert tuple(best_path(gain, 3)) == max(sums, key=lambda path: sums[path])


def test_runs_of_one_topic_hang_together_better_than_runs_of_two() -> None:
    scores = cohesion(*numbered([*about(TEA, 10), *about(ICE, 10)]))
    assert scores[0, 10] + scores[10, 20] > scores[0, 5] + scores[5, 20]
    assert np.all(np.isneginf(scores[np.tril_indices(20)]))


def test_terms_that_are_said_everywhere_tell_nothing() -> None:
    ids, ends = numbered(["the glacier"] * 20 + ["the moraine"] * 20)
    assert list(spread(ids)) == [20, 10, 10]
    told, told_ends = telling(ids, ends)
    assert list(told) == [0] * 20 + [1] * 20
    assert list(told_ends) == list(range(1, 41))
    assert [len(part) for part in telling(*numbered([]))] == [0, 0]


def test_units_have_in_common_what_few_others_say() -> None:
    pairs = common(*numbered(["the tea leaves", "the ice", "tea leaves", "the ice", *["the end"] * 16]))
    assert pairs[0, 2] > pairs[0, 1] > 0
    assert pairs[1, 2] == 0
    assert np.array_equal(pairs, pairs.T)


def test_units_of_one_topic_are_more_alike_than_is_usual_and_those_of_two_are_not() -> None:
    ids, ends = numbered([*about(TEA, 10), *about(ICE, 10)])
    alike = likeness(common(ids, ends), np.diff(ends, prepend=0), 2)
    assert alike[0, 10] + alike[10, 20] > alike[0, 5] + alike[5, 20] > alike[0, 20]
    assert alike[0, 20] == pytest.approx(0, abs=1e-6)
    assert np.all(np.isneginf(alike[np.tril_indices(20)]))


def test_measures_that_disagree_are_both_heard() -> None:
    ids, ends = numbered([*about(TEA, 12), *about(ICE, 8)])
    sure, silent = cohesion(ids, ends), np.where(np.isneginf(cohesion(ids, ends)), -np.inf, 0.0)
    right = agreement([sure, silent], 2)
    assert max(range(1, 20), key=lambda at: right[0, at] + right[at, 20]) == 12
    assert np.array_equal(agreement([sure, silent], 2), agreement([silent, sure], 2))


@pytest.mark.parametrize("text", ["", "okay", "12 34"])
def test_a_lecture_without_two_different_words_is_cut_all_the_same(text: str) -> None:
    assert len(segment(cues(*[text] * 40), "en", 4)) == 4


def test_agreement_is_greatest_for_the_parts_that_belong_together() -> None:
    right = agreement([cohesion(*numbered([*about(TEA, 12), *about(ICE, 8)]))], 2)
    assert max(range(1, 20), key=lambda at: right[0, at] + right[at, 20]) == 12


@pytest.mark.parametrize("times", [1, 1000])
def test_agreement_stays_a_number_however_long_the_lecture(times: int) -> None:
    scores = cohesion(*numbered([*about(TEA, 20), *about(ICE, 20)] * 3)) * times
    assert np.all(np.isfinite(agreement([scores], 6)))


def test_a_cut_is_made_where_the_words_change() -> None:
    assert segment(cues(*about(TEA, 30), *about(ICE, 50), *about(TEA, 30)), "en", 3) == [0, 30, 80]


def test_a_cut_is_drawn_to_where_the_speaker_turns() -> None:
    blurred = [*about(TEA, 30), *["That is how it goes on here."] * 6, *about(ICE, 30)]
    for at in (31, 34):
        told = [*blurred[:at], "Okay, now let's look at something else.", *blurred[at:]]
        assert segment(cues(*told), "en", 2) == [0, at]


def test_parts_begin_only_where_it_is_allowed_and_no_more_than_there_is_room_for() -> None:
    land = ground(cues(*about(TEA, 30), *about(ICE, 30)), "en")
    assert cut(land, 2, allowed=[10, 28, 50]) == [0, 28]
    assert cut(land, 9, allowed=[28]) == [0, 28]
    assert cut(land, 1) == [0]


def test_a_longer_lecture_has_more_parts_but_not_in_proportion() -> None:
    counts = [len(segment(cues(*about(TEA + ICE, 60), seconds=s), "en")) for s in (5, 20)]
    assert counts == [3, 4]


@pytest.mark.parametrize(
    ("language", "turning", "going_on"),
    [
        ("en", "Okay, now let's talk about steel.", "And it was made of steel."),
        ("cs", "Tak, teď se podíváme na ocel.", "A to je ta ocel."),
        ("de", "Gut, jetzt kommen wir zum Stahl.", "Und der Stahl ist hart."),
    ],
)
def test_a_turn_of_speech_is_told_from_going_on(language: str, turning: str, going_on: str) -> None:
    odds = turns(cues("So it is.", turning, going_on), speech(language))
    assert odds[1] > 1 > 0 > odds[2]


def test_a_language_without_word_lists_has_questions_and_pauses_left() -> None:
    odds = turns(cues("Hvað er þetta núna?", "Þetta er stál og járn.", "Það er gott efni."), speech("is"))
    assert odds[1] > odds[2] == 0


@pytest.mark.parametrize(
    ("language", "farewell", "greeting"),
    [
        ("en", "That's all for today. Thank you!", "Good morning. Last time we looked at tea."),
        ("cs", "To je pro dnešek všechno, děkuju.", "Dobrý den, minule jsme mluvili o čaji."),
        ("de", "Das war es für heute, vielen Dank.", "Guten Morgen. Letztes Mal ging es um Tee."),
        ("es", "Gracias, nos vemos la próxima semana.", "Buenos días. La semana pasada vimos el té."),
        ("fr", "Merci, à la semaine prochaine.", "Bonjour. La dernière fois, c'était le thé."),
        ("pl", "Dziękuję za uwagę, do zobaczenia.", "Dzień dobry. Dzisiaj będzie o herbacie."),
        ("ru", "Спасибо за внимание, до свидания.", "Здравствуйте. Сегодня поговорим о чае."),
    ],
)
def test_one_lecture_is_parted_from_the_next_where_people_part(language: str, farewell: str, greeting: str) -> None:
    said = cues(*about(TEA, 60), farewell, greeting, *about(TEA, 60))
    assert int(partings(said, speech(language)).argmax()) == 61
    assert segment(said, language, 2)[1] in (61, 62)


def test_somebody_who_says_thanks_or_hello_parts_nothing_and_nor_does_the_end_of_the_recording() -> None:
    said = cues(
        *about(TEA, 60), "Thank you.", *about(TEA, 60), "Hello there!", *about(TEA, 60), "Thanks, bye.", "Hello."
    )
    assert not partings(said, speech("en")).any()


def test_a_silence_that_nobody_makes_within_a_lecture_parts_it_in_any_language() -> None:
    first, second = cues(*about(TEA, 60)), cues(*about(TEA, 80))
    late = first[-1].end + BREAK_MS
    said = (*first, *(replace(cue, start=cue.start + late, end=cue.end + late) for cue in second))
    assert segment(said, "is", 2) == [0, 60]


def test_a_transcript_that_greets_in_every_line_has_no_more_units_for_it() -> None:
    said = cues(*["Good morning, welcome back."] * (MOST_UNITS + MOST_SEAMS + 400))
    assert len(ground(said, "en").firsts) <= MOST_UNITS + MOST_SEAMS + 1


def test_no_part_of_a_long_recording_is_much_longer_than_the_others_only_because_its_words_are_alike() -> None:
    def longest(minutes: int, allowed: range | None = None) -> float:
        said = cues(*about(TEA, 100), *about(ICE, 20), *about(TEA, 20), *about(ICE, 20), seconds=minutes * 60 // 160)
        starts = cut(ground(said, "en"), 4, allowed=allowed)
        return max(b - a for a, b in zip(starts, [*starts[1:], 160], strict=True)) / 40

    assert longest(240) < 2 < longest(40)
    assert longest(240, range(0, 160, 10)) <= 2
