"""What is the same wish to a server, and to an output folder."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from cli.submission import Wish
from cli.transcripts import transcripts
from shared.lecture import Options


def test_an_updated_kapitola_is_asked_anew_but_replaces_no_file(tmp_path: Path) -> None:
    path = tmp_path / "a.srt"
    path.write_text("1\n00:00:01,000 --> 00:00:02,000\nBread.\n")
    (file,) = transcripts([path])
    wish = Wish(Options())
    updated = replace(wish, edition=f"{wish.edition} and more")
    assert updated.key([file]) != wish.key([file])
    assert updated.mark(file) == wish.mark(file)
    other_model = replace(wish, salt="another")
    assert other_model.key([file]) != wish.key([file])
    assert other_model.mark(file) != wish.mark(file)
