"""Reports for people with a browser: one file that loads nothing and runs nothing.

What is disclosed comes in four levels (C2PA user experience guidance): what became of it; who, when and how it began;
the whole history; forensic detail. Everything from a file passes through `visible` and is escaped; pictures are those
that were made here, from pixels.
"""

from provenance.reports.to_html.document import document
from provenance.reports.to_html.frame import page

__all__ = ["document", "page"]
