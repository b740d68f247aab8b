"""What can be wrong in a policy file: for each problem a code, texts in two languages, a page."""
