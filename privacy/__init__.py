"""The rights of people over what is written of them, whatever the domain that wrote it."""
