"""One or two parameters of a policy tried at many values on one history: what each costs whom."""
