"""What the report says, chapter by chapter: each module turns values into one section or a few."""
