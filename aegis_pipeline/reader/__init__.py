"""The trained reader: a tagger of mentions and a network of relations on one kind of encoder, and their files."""
