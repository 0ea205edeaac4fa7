#!/bin/sh
# Makes the database and its three roles. The image runs this once, when its volume is empty, and as a superuser:
# migrations own objects but make no roles.
set -eu

psql -v ON_ERROR_STOP=1 --username "$POSTGRES_USER" --dbname postgres \
  --set owner_password="$CALLSHEET_OWNER_PASSWORD" \
  --set app_password="$CALLSHEET_APP_PASSWORD" \
  --set stream_password="$CALLSHEET_STREAM_PASSWORD" <<'SQL'
create role callsheet_owner login password :'owner_password';
create role callsheet_app login password :'app_password';
create role callsheet_stream login password :'stream_password';
create database callsheet owner callsheet_owner;
revoke all on database callsheet from public;
grant connect on database callsheet to callsheet_app, callsheet_stream;
SQL
