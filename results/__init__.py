"""What was measured, kept in a folder, and the tables and figures made of it; nothing here runs a model."""
