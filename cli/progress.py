"""How far each lecture is: live bars on a terminal, plain lines elsewhere."""

from __future__ import annotations

import time
from collections import Counter, deque
from collections.abc import Callable, Iterable, Sequence
from contextlib import ExitStack

from rich.console import Console, Group, RenderableType
from rich.live import Live
from rich.progress_bar import ProgressBar
from rich.spinner import Spinner
from rich.table import Table
from rich.text import Text

from cli.amounts import counted, duration
from cli.names import printable
from shared.lecture import LectureState
from shared.views import LectureView

_MOST_BARS = 8
"""Of lectures that are under way; the others are counted."""
_BAR_WIDTH, _NAME_WIDTH = 30, 40
_RATE_SECONDS = 60.0
"""The pace is that of so long: a model that slows down shows."""
_TELL_SECONDS = 30.0
"""Between two lines about the whole where no bars can be shown."""
_ENDS = {
    LectureState.DONE: ("✓", "green"),
    LectureState.INCOMPLETE: ("!", "yellow"),
    LectureState.FAILED: ("✗", "red"),
    LectureState.CANCELLED: ("-", "yellow"),
}


class Pace:
    """The chunks that have ended, and what they say of the time that is left."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._seen: deque[tuple[float, int]] = deque()
        self.done = self.total = 0

    def see(self, lectures: Iterable[LectureView]) -> None:
        """Counts, and remembers the count of the last minute."""
        self.done = sum(_chunks_ended(lecture) for lecture in lectures)
        self.total = sum(lecture.progress.chunks for lecture in lectures)
        now = self._clock()
        self._seen.append((now, self.done))
        while len(self._seen) > 2 and self._seen[1][0] <= now - _RATE_SECONDS:
            self._seen.popleft()

    @property
    def rate(self) -> float:
        """Chunks a second; 0 until something has been done."""
        if not self._seen:
            return 0.0
        (begun, before), (now, after) = self._seen[0], self._seen[-1]
        return (after - before) / (now - begun) if now > begun else 0.0

    @property
    def left(self) -> float | None:
        """Seconds, if it goes on so; None where nothing can be said yet."""
        return (self.total - self.done) / self.rate if self.rate > 0 else None


class Board:
    """What is shown of lectures while they are done: `see` takes each view of them, `lines` tells of those that end."""

    def __init__(self, console: Console, before: Sequence[LectureView] = ()) -> None:
        self._console, self._pace = console, Pace()
        self._told = {lecture.id for lecture in before if lecture.ended}
        self._lectures: Sequence[LectureView] = _told_apart(before)
        self._pace.see(before)
        self._spinner = Spinner("dots", style="cyan")
        self._next_line = time.monotonic() + _TELL_SECONDS
        if self._told:
            well = all(lecture.state is LectureState.DONE for lecture in before if lecture.ended)
            how = "were done" if well else "had ended"
            console.print(f"{len(self._told)} of {len(before)} {how} before.", style="dim")

    def see(self, lectures: Sequence[LectureView]) -> list[LectureView]:
        """Takes the newest view; gives the lectures that have ended since the one before."""
        self._lectures = _told_apart(lectures)
        self._pace.see(lectures)
        ended = [lecture for lecture in self._lectures if lecture.ended and lecture.id not in self._told]
        for lecture in ended:
            self._told.add(lecture.id)
            self._console.print(_line(lecture, len(self._told), len(lectures)))
        if not self._console.is_terminal and time.monotonic() > self._next_line:
            self._console.print(Text(" · ".join(filter(None, [self._whole(), self._held_up()])), "dim"))
            self._next_line = time.monotonic() + _TELL_SECONDS
        return ended

    def __rich__(self) -> RenderableType:
        under_way = [lecture for lecture in self._lectures if lecture.state is LectureState.RUNNING]
        rows = Table.grid(padding=(0, 2))
        for lecture in under_way[:_MOST_BARS]:
            rows.add_row(*self._bar(_shown(lecture.name), _chunks_ended(lecture), lecture.progress.chunks, "blue"))
        if (more := len(under_way) - _MOST_BARS) > 0:
            rows.add_row(Text(f"  and {more} more", "dim"))
        if len(self._lectures) > 1:
            rows.add_row(*self._bar("all lectures", self._pace.done, self._pace.total, "green"))
        whole = Text(f"  {self._whole()}", "dim", no_wrap=True, overflow="ellipsis")
        return Group(rows, whole, *([Text(f"  {held}", "yellow")] if (held := self._held_up()) else []))

    def _held_up(self) -> str:
        """What one of the lectures under way waits for, where it is not its turn."""
        return next((_shown(view.problem, 300) for view in self._lectures if not view.ended and view.problem), "")

    def _bar(self, name: str, done: int, total: int, style: str) -> tuple[RenderableType, ...]:
        label = Table.grid(padding=(0, 1))
        label.add_row(self._spinner, Text(name, no_wrap=True, overflow="ellipsis"))
        bar = ProgressBar(max(total, 1), done, width=_BAR_WIDTH, complete_style=style, finished_style=style)
        return label, bar, Text(f"{done}/{total}", "dim")

    def _whole(self) -> str:
        """How far everything is, in one line."""
        ended = sum(lecture.ended for lecture in self._lectures)
        parts = [f"{ended} of {counted(len(self._lectures), 'lecture')}"]
        if self._pace.total:
            parts.append(f"{100 * self._pace.done // self._pace.total}%")
        if self._pace.rate:
            parts.append(f"{60 * self._pace.rate:.0f} chunks a minute")
        if self._pace.left:
            parts.append(f"about {duration(self._pace.left)} left")
        if dollars := sum(lecture.usage.cost for lecture in self._lectures):
            parts.append(f"${dollars:.2f} so far")
        return " · ".join(parts)


def follow(
    console: Console,
    before: Sequence[LectureView],
    views: Iterable[Sequence[LectureView]],
    on_end: Callable[[LectureView], None] | None = None,
) -> Sequence[LectureView]:
    """Shows every view until the last one, and gives that. `on_end` gets each lecture once, when it has ended."""
    board, last = Board(console, before), before
    with ExitStack() as shown:
        if console.is_terminal and not console.quiet:
            shown.enter_context(Live(board, console=console, transient=True, refresh_per_second=8))
        for last in views:
            for lecture in board.see(last):
                if on_end:
                    on_end(lecture)
    return last


def _told_apart(lectures: Sequence[LectureView]) -> Sequence[LectureView]:
    """The lectures; those whose names are the same have their ids in them."""
    times = Counter(lecture.name for lecture in lectures)
    return [
        lecture.model_copy(update={"name": f"{lecture.id} {lecture.name}"}) if times[lecture.name] > 1 else lecture
        for lecture in lectures
    ]


def _chunks_ended(lecture: LectureView) -> int:
    progress = lecture.progress
    return progress.chunks if lecture.ended else progress.done + progress.failed


def _line(lecture: LectureView, number: int, of: int) -> Text:
    sign, style = _ENDS[lecture.state]
    facts = f"{counted(max(1, round(lecture.length / 60_000)), 'minute')}, {counted(lecture.progress.chunks, 'chunk')}"
    said = f"{lecture.state}: {lecture.problem or facts}" if lecture.state is not LectureState.DONE else facts
    return Text.assemble(
        (f"{sign} ", style), (f"{number}/{of}  ", "dim"), _shown(lecture.name, 80), (f"  {said}", "dim")
    )


def _shown(name: str, most: int = _NAME_WIDTH) -> str:
    plain = printable(name)
    return plain if len(plain) <= most else f"{plain[: most - 1]}…"
