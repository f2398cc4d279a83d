"""`kapitola chapters` without ffmpeg."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner

from cli.chapters import chapters


def test_a_missing_ffmpeg_is_said_with_the_way_to_install_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "lecture.mp4"
    file.write_bytes(b"")
    monkeypatch.setenv("PATH", str(tmp_path))
    done = CliRunner().invoke(chapters, [str(file), str(file)])
    assert done.exit_code == 1
    assert "ffmpeg and ffprobe not found" in done.output
    assert "apt-get install ffmpeg" in done.output
