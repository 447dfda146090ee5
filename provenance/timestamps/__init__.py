"""Trusted times (RFC 3161): ask authorities, and check what they answer."""
