"""The figures: static pictures as outlined SVG, each drawn from plain values."""
