"""The questions that policies can ask, one module for each group."""
