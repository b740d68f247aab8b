"""Reading tools for authors and agents: explain, compare, watch, look words up, describe files."""
