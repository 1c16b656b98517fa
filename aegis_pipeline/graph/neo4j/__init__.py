"""The graph in Neo4j: LightRAG's storage as its reader, and rows written in bulk."""
