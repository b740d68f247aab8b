"""Sources of histories that have a layout of their own."""
