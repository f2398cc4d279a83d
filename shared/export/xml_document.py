"""XML as text, for the formats that are XML."""

from __future__ import annotations

from xml.etree import ElementTree


def text_of(root: ElementTree.Element) -> str:
    """The whole document that `root` is the root of, indented, for UTF-8."""
    ElementTree.indent(root)
    return '<?xml version="1.0" encoding="UTF-8"?>\n' + ElementTree.tostring(root, encoding="unicode") + "\n"
