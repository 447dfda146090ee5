"""Work on many files: what there is to do, who does it, and what is known of it afterwards."""
