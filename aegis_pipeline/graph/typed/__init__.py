"""The typed graph in Neo4j, for people and Cypher: documents, chunks, mentions, typed entities, typed statements.

It stands beside LightRAG's nodes and touches none of them. ``docs/graph-schema.md`` shows it, with queries.
"""
