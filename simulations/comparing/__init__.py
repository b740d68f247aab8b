"""Two result sets over the same disputes, held against each other."""
