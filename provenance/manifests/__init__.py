"""The wrapped engine: read, write, locate, and take apart what carries a manifest."""
