"""Tools that write policy files for their authors, and lose nothing of what stands in them."""
