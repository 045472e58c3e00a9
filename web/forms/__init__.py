"""Forms: they clean values and say what is wrong at the field; verbs do the writing."""
