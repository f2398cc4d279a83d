"""What is shown of lectures while they are done, on a terminal and elsewhere."""

from __future__ import annotations

import io
from datetime import UTC, datetime

import pytest
from rich.console import Console

from cli.progress import Board, Pace, follow
from shared.lecture import LectureState, Options, Usage
from shared.views import LectureView, Progress

NOW = datetime(2026, 1, 1, tzinfo=UTC)


def lecture(
    name: str, state: LectureState = LectureState.RUNNING, done: int = 0, chunks: int = 4, **more: object
) -> LectureView:
    return LectureView.model_validate(
        {
            "id": f"lec_{name}", "name": name, "batch": "bat_1", "state": state, "version": 1, "created": NOW,
            "updated": NOW, "duration": 9_000_000, "length": 3_600_000, "mended": [], "notes": [], "options": Options(),
            "progress": Progress(chunks=chunks, done=done, failed=0), **more,
        }
    )  # fmt: skip


def console(terminal: bool = False, width: int = 100) -> Console:
    return Console(file=io.StringIO(), force_terminal=terminal, width=width, highlight=False, soft_wrap=not terminal)


def said(console: Console) -> str:
    assert isinstance(console.file, io.StringIO)
    return console.file.getvalue()


def drawn(board: Board, width: int = 100) -> list[str]:
    out = console(width=width)
    out.print(board)
    return said(out).splitlines()


def test_the_pace_is_that_of_the_last_minute() -> None:
    time = [0.0]
    pace = Pace(lambda: time[0])
    for second in range(0, 181, 10):  # six chunks a minute, and after a minute two
        time[0] = float(second)
        pace.see([lecture("a", done=second // 10 if second <= 60 else 6 + (second - 60) // 30, chunks=100)])
    assert (pace.done, pace.total) == (10, 100)
    assert pace.rate == pytest.approx(2 / 60)
    assert pace.left == pytest.approx(90 * 30)


def test_nothing_is_said_of_the_time_left_before_anything_is_done() -> None:
    pace = Pace()
    pace.see([lecture("a")])
    pace.see([lecture("a")])
    assert (pace.rate, pace.left) == (0.0, None)


def test_elsewhere_than_on_a_terminal_each_end_is_one_line() -> None:
    out = console()
    begun = [lecture("a"), lecture("b")]
    ended = [lecture("a", LectureState.DONE, 4), lecture("b", LectureState.FAILED, problem="the key was refused")]
    told: list[str] = []
    last = follow(out, begun, [begun, [ended[0], begun[1]], ended], lambda each: told.append(each.name))
    assert last == ended
    assert told == ["a", "b"]
    assert said(out).splitlines() == [
        "✓ 1/2  a  60 minutes, 4 chunks",
        "✗ 2/2  b  failed: the key was refused",
    ]


def test_lectures_of_the_same_name_are_told_apart_by_their_ids() -> None:
    out = console()
    same = [lecture("a", id="lec_1"), lecture("a", id="lec_2"), lecture("b")]
    follow(out, same, [[each.model_copy(update={"state": LectureState.DONE}) for each in same]])
    assert [line.split("  ")[1] for line in said(out).splitlines()] == ["lec_1 a", "lec_2 a", "b"]


def test_what_was_done_before_is_counted_and_not_told_again() -> None:
    out = console()
    both = [lecture("a", LectureState.DONE, 4), lecture("b", LectureState.DONE, 4)]
    follow(out, [both[0], lecture("b")], [both])
    assert said(out).splitlines() == ["1 of 2 were done before.", "✓ 2/2  b  60 minutes, 4 chunks"]
    out = console()
    follow(out, [both[0], lecture("c", LectureState.CANCELLED)], [])
    assert said(out).strip() == "2 of 2 had ended before."


def test_the_board_has_a_bar_for_each_lecture_under_way_up_to_what_fits_and_one_for_all() -> None:
    lectures = [lecture(f"lecture {n}", done=n % 4, usage=Usage(cost=0.01)) for n in range(20)]
    board = Board(console(), [lecture("waits", LectureState.QUEUED), *lectures])
    rows = drawn(board)
    assert [row.split()[1:] for row in rows[:8:4]] == [["lecture", "0", "0/4"], ["lecture", "4", "0/4"]]
    assert rows[8].strip() == "and 12 more"
    assert "all lectures" in rows[9] and "30/84" in rows[9]
    assert rows[10].strip() == "0 of 21 lectures · 35% · $0.20 so far"


@pytest.mark.parametrize("width", [20, 40, 200])
def test_names_are_shown_harmlessly_whatever_they_hold_and_however_narrow_it_is(width: int) -> None:
    names = ["[bold]markup[/]", "\x1b[31mred\x07", "line\nbreak", "x" * 500, "čeština 講義 🎓", "�\udcff"]
    out = console(terminal=True, width=width)
    board = Board(out, [])
    board.see([lecture(name, done=1) for name in names])
    assert len(drawn(board, width)) == len(names) + 2
    board.see([lecture(name, LectureState.DONE, 4) for name in names])
    assert "\x07" not in said(out)
    assert "\x1b[31mred" not in said(out)
    assert "[bold]markup[/]" in said(out)


def test_live_bars_leave_nothing_behind_but_the_lines_of_what_has_ended() -> None:
    out = console(terminal=True)
    follow(out, [], [[lecture("a", done=1)], [lecture("a", LectureState.DONE, 4)]])
    assert said(out).count("✓") == 1
    assert "\x1b[?25h" in said(out)  # the cursor is back
