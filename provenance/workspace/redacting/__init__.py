"""Redaction: worked out, signed, and searched for what is left."""
