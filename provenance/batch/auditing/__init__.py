"""What an audit is made of: the states of files, what differs, why, and what was told before."""
