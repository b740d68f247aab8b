"""The typed tree as SQL: expressions, the calendar, and columns that are computed once."""
