"""One verdict, many faces: text for people, JSON for programs."""
