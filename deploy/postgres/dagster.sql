-- Runs and events of Dagster, apart from what the graph keeps. PostgreSQL's image runs this once, when its data are made.
CREATE DATABASE dagster;
