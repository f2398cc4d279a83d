"""How far each lecture is: live bars on a terminal, plain lines elsewhere."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

from shared.lecture import LectureState
from shared.views import BatchView, LectureView

_MOST_BARS = 12
"""More bars than this do not fit a screen: the lectures that are under way get one, the rest are counted."""
_COLOURS = {LectureState.DONE: "green", LectureState.INCOMPLETE: "yellow", LectureState.FAILED: "red"}

_NOTHING = BatchView(
    id="", version=0, created=datetime.min, updated=datetime.min, handed_in=0, states={}, lectures=[]
)  # fmt: skip


def follow(console: Console, views: Iterable[BatchView]) -> BatchView:
    """Shows every view of a batch until the last one, and gives that."""
    return _bars(console, views) if console.is_terminal else _lines(console, views)


def _lines(console: Console, views: Iterable[BatchView]) -> BatchView:
    told: set[str] = set()
    last = _NOTHING
    for last in views:
        for lecture in last.lectures:
            if lecture.ended and lecture.id not in told:
                told.add(lecture.id)
                console.print(
                    f"{len(told)}/{len(last.lectures)} {lecture.name}: {lecture.state}", markup=False, highlight=False
                )
    return last


def _bars(console: Console, views: Iterable[BatchView]) -> BatchView:
    columns = (
        SpinnerColumn(), TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(),
        TextColumn("{task.fields[state]}"), TimeElapsedColumn(),
    )  # fmt: skip
    last = _NOTHING
    with Progress(*columns, console=console) as bars:
        whole = bars.add_task("all lectures", total=None, state="")
        shown: dict[str, int] = {}
        for last in views:
            ended = sum(lecture.ended for lecture in last.lectures)
            bars.update(whole, total=len(last.lectures), completed=ended)
            for lecture in _worth_a_bar(last.lectures):
                if lecture.id not in shown:
                    name = lecture.name if len(lecture.name) <= 40 else lecture.name[:39] + "…"
                    shown[lecture.id] = bars.add_task(
                        name.replace("[", r"\["), total=lecture.progress.chunks + 1, state=""
                    )
                _advance(bars, shown[lecture.id], lecture, hide=len(last.lectures) > _MOST_BARS)
    return last


def _worth_a_bar(lectures: list[LectureView]) -> list[LectureView]:
    if len(lectures) <= _MOST_BARS:
        return lectures
    return [lecture for lecture in lectures if lecture.state is not LectureState.QUEUED]


def _advance(bars: Progress, bar: int, lecture: LectureView, hide: bool) -> None:
    """The merge counts as one step more than the chunks."""
    colour = _COLOURS.get(lecture.state)
    state = f"[{colour}]{lecture.state}[/]" if colour else str(lecture.state)
    steps = lecture.progress.chunks + 1 if lecture.ended else lecture.progress.done + lecture.progress.failed
    bars.update(bar, completed=steps, state=state, visible=not (hide and lecture.ended))  # type: ignore[arg-type]
