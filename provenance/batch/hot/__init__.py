"""What a hot folder needs: what is complete, whose fault a failure is, where files go, what wakes the watcher."""
