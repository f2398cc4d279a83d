"""An errand: transcripts to a server, their outlines back to where they are wanted, and on from where one broke off."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from rich.console import Console

from cli.amounts import counted
from cli.client import Kapitola
from cli.connection import RefusedError
from cli.delivery import Delivery
from cli.folder import OutlineFolder
from cli.local import home
from cli.outcome import Exit, exit_after, tell_cost, tell_refused, tell_refused_above
from cli.progress import follow
from cli.serving import consoles
from cli.submission import Submitted, Wish, hand_in
from cli.transcripts import TranscriptFile
from cli.watching import resume_command, until, watch_all
from shared.lecture import LectureState
from shared.views import LectureView


@dataclass(frozen=True, slots=True)
class Errand:
    """One run of the command. `server` is None for the embedded stack; `joined` is a server that ran before."""

    client: Kapitola
    console: Console
    server: str | None
    joined: str | None
    wish: Wish
    delivery: Delivery

    def run(self, files: Sequence[TranscriptFile], timeout: float | None, refused: int) -> Exit:
        """Does what is not done yet, and delivers. `refused` files more were named already, and are not handed in."""
        with self.console.status(f"Handing in {counted(len(files), 'transcript')} ..."):
            submitted = self._submitted(files)
        tell_refused(consoles(), submitted.refusals)
        refused += len(submitted.refused)
        try:
            ended = self._followed(submitted, timeout)
        except KeyboardInterrupt:
            self._leave(submitted)
            raise
        if not ended:  # not one was taken, and why was said just now
            return exit_after(ended, bool(refused))
        if all(lecture.ended for lecture in ended):
            self.delivery.printed(ended)
            self._tell_where(len(ended))
            code = exit_after(ended, bool(refused))
        else:
            self._leave(submitted)
            code = Exit.TIMEOUT
        tell_refused_above(consoles(), refused)
        return code

    def _tell_where(self, count: int) -> None:
        """Where the outlines are to be found; of several that were only printed, how to have them as files."""
        formats = self.delivery.formats
        if folder := self.delivery.folder:
            to_read = " Those in .html are for reading, in any browser." if "html" in formats else ""
            self.console.print(f"Outlines are in {folder.path}/, each as {' and '.join(formats)}.{to_read}")
        elif count > 1 and not formats and not self.delivery.as_json:
            self.console.print("To have them as files, and as pages to read: the same command with -o FOLDER.")

    def _followed(self, submitted: Submitted, timeout: float | None) -> Sequence[LectureView]:
        """The lectures as they are in the end, delivered into the folder as each ends."""
        views = [submitted.named(self._taken_up(view)) for view in submitted.views]
        done_before = {view.id for view in views if view.ended}
        deliver = self._delivering(submitted)
        for view in views:
            if view.ended:
                deliver(view)
        last = follow(self.console, views, until(self._watched(submitted), timeout), deliver)
        if all(lecture.ended for lecture in last):
            tell_cost(self.console, [lecture for lecture in last if lecture.id not in done_before])
        return last

    def _submitted(self, files: Sequence[TranscriptFile]) -> Submitted:
        """Lectures of an earlier run where the folder knows of them, new ones for the rest."""
        folder = self.delivery.folder
        if folder is None:
            return hand_in(self.client, files, self.wish)
        earlier = self._earlier(files, folder)
        known = {file.path for file in earlier.lectures.values()}
        new = hand_in(self.client, [file for file in files if file.path not in known], self.wish)
        for view in new.views:
            file = new.lectures[view.id]
            folder.note(self.wish.mark(file), file, view.id, view.batch, self._where)
        if new.views:
            folder.save()
        return earlier + new

    def _earlier(self, files: Sequence[TranscriptFile], folder: OutlineFolder) -> Submitted:
        """What an earlier run handed in, as far as the server still knows it."""
        noted = {file: found for file in files if (found := folder.lecture(self.wish.mark(file), self._where))}
        wanted = {lecture: file for file, (_, lecture) in noted.items()}
        earlier = Submitted()
        for batch in dict.fromkeys(batch for batch, _ in noted.values()):
            try:
                views = [view for view in self.client.batch(batch).lectures if view.id in wanted]
            except RefusedError:  # kept as long as was promised, and gone: it is handed in anew
                continue
            if views:
                earlier.batches.append(batch)
                earlier.views += views
                earlier.lectures |= {view.id: wanted[view.id] for view in views}
        return earlier

    def _taken_up(self, lecture: LectureView) -> LectureView:
        """A lecture that an earlier run left unfinished, or that failed then, goes on."""
        left = lecture.ended and lecture.state is not LectureState.DONE
        return self.client.retry(lecture.id, self.wish.options.budget) if left else lecture

    def _watched(self, submitted: Submitted) -> Iterator[list[LectureView]]:
        """The lectures of this run, in the order of the files."""
        lectures = submitted.lectures
        for views in watch_all(self.client, submitted.batches):
            ours = [submitted.named(view) for view in views if view.id in lectures]
            yield sorted(ours, key=lambda view: lectures[view.id].number)

    def _delivering(self, submitted: Submitted) -> Callable[[LectureView], None]:
        def deliver(lecture: LectureView) -> None:
            self.delivery.into_folder(lecture, self.wish.mark(submitted.lectures[lecture.id]))

        return deliver

    def _leave(self, submitted: Submitted) -> None:
        """Ctrl-C. A server goes on by itself; the embedded stack must not, at the cost of the next command."""
        if self.joined:
            self.console.print(f"The lectures go on. To watch them: {resume_command(submitted.batches, self.server)}")
            return
        for batch in submitted.batches:
            for view in self.client.batch(batch).lectures:
                if view.id in submitted.lectures and not view.ended:
                    self.client.cancel(view.id)
        self.console.print("Stopped. What is done is kept: the same command goes on from here.")

    @property
    def _where(self) -> str:
        return self.server or f"embedded in {home()}"
