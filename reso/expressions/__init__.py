"""The expression language of policy files: grammar, parser, typed tree and type checker."""
