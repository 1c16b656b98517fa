"""PostgreSQL below LightRAG's storages, and what the graph was made from in tables of our own."""
