// What an outline can be had as: docs/exports.md says what each is.

export const FORMATS = [
  ["json", "Outline (JSON)"],
  ["markdown", "Markdown, Obsidian"],
  ["html", "Web page with the transcript"],
  ["youtube", "YouTube chapters"],
  ["podcast", "Podcast chapters (Podcasting 2.0)"],
  ["webvtt", "WebVTT chapters"],
  ["ffmetadata", "Chapters for ffmpeg"],
  ["matroska", "Matroska chapters"],
  ["psc", "Podlove Simple Chapters"],
  ["opml", "OPML, for outliners"],
  ["mermaid", "Mermaid mind map"],
  ["anki", "Anki cards"],
  ["csv", "Spreadsheet (CSV)"],
  ["audacity", "Audacity labels"],
  ["edl", "DaVinci Resolve markers"],
  ["iiif", "IIIF Presentation 3, for archives"],
  ["jsonld", "schema.org for search engines"],
];
