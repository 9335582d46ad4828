"""The registry: one small seam to the database, and one module per noun with the SQL that it uses."""
