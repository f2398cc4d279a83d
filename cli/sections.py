"""A command's help in sections: what belongs together stands together, and every format says what it is."""

from __future__ import annotations

import click

from shared.export import FORMATS

_LAST = "Options"
_SECTIONS = {
    "What is written": ("output", "formats", "format", "show", "force"),
    "What the outlines are like": ("language", "detail", "depth", "glossary", "title_style", "media_url", "frame_rate"),
    "Who is asked, at what cost": ("model", "budget", "economy", "priority"),
}
"""The options of each section, by the names of their parameters. All others are in the last one."""
_SECTION_OF = {name: section for section, names in _SECTIONS.items() for name in names}


class Sectioned(click.Command):
    """A command of many options."""

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        rows: dict[str, list[tuple[str, str]]] = {section: [] for section in (*_SECTIONS, _LAST)}
        options = [parameter for parameter in self.get_params(ctx) if isinstance(parameter, click.Option)]
        for option in options:
            if row := option.get_help_record(ctx):
                rows[_SECTION_OF.get(option.name or "", _LAST)].append(row)
        if any("--format" in option.opts for option in options):
            rows["Formats"] = [(known.name, known.title) for known in FORMATS.values()]
        for section, lines in rows.items():
            if lines:
                with formatter.section(section):
                    formatter.write_dl(lines)
