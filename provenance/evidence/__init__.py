"""Evidence packs: everything that a verdict rests on, in one file that can be judged again later."""
