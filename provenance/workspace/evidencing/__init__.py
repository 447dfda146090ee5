"""Evidence packs: made from a verdict, and judged again."""
