"""History lives in the event tables of the tracked models (see audit.history); this app owns the SQL they stand on."""
