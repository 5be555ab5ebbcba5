"""The pages. They ask, guard, compute and draw; they know no torch."""
