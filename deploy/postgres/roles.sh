#!/bin/sh
# Run once by the image of PostgreSQL, when its volume is empty: the role of nodes that serve the public. What it may do
# is granted by `traceqr grant`, once there are tables. Before version 15 everybody may make tables in the schema public.
set -eu
psql --set ON_ERROR_STOP=1 --username "$POSTGRES_USER" --dbname "$POSTGRES_DB" <<'SQL'
\getenv password TRACEQR_PUBLIC_PASSWORD
CREATE ROLE traceqr_public LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE CONNECTION LIMIT 200 PASSWORD :'password';
REVOKE ALL ON DATABASE traceqr FROM PUBLIC;
GRANT CONNECT ON DATABASE traceqr TO traceqr_public;
REVOKE CREATE ON SCHEMA public FROM PUBLIC;
SQL
