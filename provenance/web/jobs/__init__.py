"""What is worked on after the answer."""
