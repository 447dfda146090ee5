"""Who works on files: confined processes, what they are asked, and what they hand back."""
