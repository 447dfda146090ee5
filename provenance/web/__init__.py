"""The service: what the library does with files, over HTTP, for asset systems and for people with a browser."""
