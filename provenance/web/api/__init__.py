"""The routes for programs, below `/v1`."""
