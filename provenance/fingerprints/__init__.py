"""Find pictures again by what they look like."""
