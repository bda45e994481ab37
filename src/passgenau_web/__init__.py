"""The web application on top of the core (its place; nothing here yet)."""
