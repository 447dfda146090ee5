"""Who calls: keys, addresses behind proxies, and how often."""
