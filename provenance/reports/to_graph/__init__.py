"""Histories as pictures: SVG, and the languages of Graphviz and Mermaid.

Every step stands once, however often it was used, and only so many that a person can follow them.
"""

from provenance.reports.to_graph.as_dot import dot
from provenance.reports.to_graph.as_mermaid import mermaid
from provenance.reports.to_graph.as_svg import svg
from provenance.reports.to_graph.view import MOST

__all__ = ["MOST", "dot", "mermaid", "svg"]
