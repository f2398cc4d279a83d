"""Hundreds of lectures through the commands as a user types them, killed half-way: `make bench-many DATA=folder`.

The lectures are copies of the transcripts in a folder, each with its words shuffled, so that no two are the same.
`kapitola submit` is killed in its upload, `kapitola wait` and the server itself (`kapitola up`, with its Redis and its
workers) at half of the work; each is run again. What was done before must stay as it was, and all must be done once.
"""

from __future__ import annotations

import argparse
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from cli.client import Kapitola
from shared.cues import Cue, read
from shared.errors import TranscriptRefusedError
from shared.views import LectureView

KAPITOLA = str(Path(sys.executable).with_name("kapitola"))
PORT = 8790
URL = f"http://127.0.0.1:{PORT}"


def shuffled_copies(folder: Path, into: Path, count: int, minutes: float, seed: int) -> int:
    """Writes the copies, each of so many minutes at most; gives their size in bytes."""
    sources = [cues for path in sorted(folder.glob("*.srt")) if (cues := _cues(path, minutes))]
    if not sources:
        raise SystemExit(f"{folder} holds no .srt that can be read.")
    chance, size = random.Random(seed), 0
    for n in range(count):
        text = "".join(_block(number, cue, chance) for number, cue in enumerate(sources[n % len(sources)], 1))
        size += (into / f"lecture-{n:04}.srt").write_bytes(text.encode())
    return size


def _cues(path: Path, minutes: float) -> list[Cue]:
    try:
        return [cue for cue in read(path.read_bytes(), path.name).cues if cue.start < 60_000 * minutes]
    except TranscriptRefusedError:
        return []


def _block(number: int, cue: Cue, chance: random.Random) -> str:
    words = cue.text.split()
    chance.shuffle(words)
    return f"{number}\n{_time(cue.start)} --> {_time(cue.end)}\n{' '.join(words)}\n\n"


def _time(ms: int) -> str:
    seconds, ms = divmod(ms, 1000)
    return f"{seconds // 3600:02}:{seconds // 60 % 60:02}:{seconds % 60:02},{ms:03}"


@contextmanager
def up() -> Iterator[subprocess.Popen[bytes]]:
    """A server, until it is killed or the block ends."""
    server = subprocess.Popen([KAPITOLA, "up", "--port", str(PORT), "--model", "offline"], stderr=subprocess.DEVNULL)
    try:
        with Kapitola(URL) as client:
            until(client.is_ready, server)
        yield server
    finally:
        server.terminate()
        server.wait(60)


def until(condition: Callable[[], bool], server: subprocess.Popen[bytes]) -> None:
    while not condition():
        if server.poll() is not None:
            raise SystemExit("The server ended by itself.")
        time.sleep(0.25)


def submit(folder: Path) -> tuple[str, float]:
    """The batch's id, and how long it took."""
    begun = time.monotonic()
    ran = subprocess.run([KAPITOLA, "submit", "-q", folder], capture_output=True, text=True, check=True)
    return ran.stdout.strip(), time.monotonic() - begun


def killed(command: list[str], seconds: float) -> None:
    """Starts a command, and kills it while it is at work."""
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    time.sleep(seconds)
    process.kill()
    process.wait()


def ended(batch: str) -> dict[str, LectureView]:
    with Kapitola(URL) as client:
        return {lecture.id: lecture for lecture in client.batch(batch).lectures if lecture.ended}


def run(folder: Path, count: int, minutes: float, seed: int) -> None:
    with tempfile.TemporaryDirectory(prefix="kapitola-many-") as place:
        os.environ.update(KAPITOLA_HOME=f"{place}/home", KAPITOLA_URL=URL)
        lectures = Path(place) / "lectures"
        lectures.mkdir()
        size = shuffled_copies(folder, lectures, count, minutes, seed)
        tell("lectures", f"{count}, {size / 1e6:.1f} MB")

        begun = time.monotonic()
        with up() as server:
            killed([KAPITOLA, "submit", str(lectures)], 1.5)
            batch, seconds = submit(lectures)
            tell("kapitola submit, after one that was killed", f"{seconds:.1f} s")
            killed([KAPITOLA, "wait", batch], 3)
            until(lambda: len(ended(batch)) >= count // 2, server)
            before = ended(batch)
            server.send_signal(signal.SIGKILL)
            server.wait()
        tell("killed: server, Redis and workers, when done were", str(len(before)))

        with up():
            again, seconds = submit(lectures)
            tell("the same submit again", f"{seconds:.1f} s, {'the same batch' if again == batch else 'ANOTHER BATCH'}")
            subprocess.run([KAPITOLA, "wait", batch], stderr=subprocess.DEVNULL, check=False)
            seconds = time.monotonic() - begun
            after = ended(batch)
            chunks = sum(lecture.progress.chunks for lecture in after.values())
            tell("all ended, both starts included", f"{seconds:.0f} s: {60 * chunks / seconds:.0f} chunks a minute")
            report(batch, count, before, after)
            begun = time.monotonic()
            subprocess.run([KAPITOLA, "export", batch, "-o", f"{place}/all.zip"], check=True, stdout=subprocess.DEVNULL)
            names = zipfile.ZipFile(f"{place}/all.zip").namelist()
            tell("kapitola export", f"{time.monotonic() - begun:.1f} s, {len(names)} files")


def report(batch: str, count: int, before: dict[str, LectureView], after: dict[str, LectureView]) -> None:
    states = sorted({lecture.state for lecture in after.values()})
    tell("lectures by state", ", ".join(f"{s}: {sum(v.state is s for v in after.values())}" for s in states))
    touched = sum(after[id].version != lecture.version for id, lecture in before.items())
    tell("done before the kill, and done again", str(touched))
    with Kapitola(URL) as client:
        known = client.lectures(500)
    tell("lectures of other batches (a killed submit's)", str(sum(lecture.batch != batch for lecture in known)))
    if len(after) != count or touched:
        raise SystemExit("Something is missing, or was done twice.")


def tell(what: str, figure: str) -> None:
    print(f"{what:<52}{figure}", flush=True)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path, help="transcripts to copy (*.srt)")
    parser.add_argument("--lectures", type=int, default=300)
    parser.add_argument("--minutes", type=float, default=600, help="how much of each transcript is copied")
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args()
    run(given.folder, given.lectures, given.minutes, given.seed)
