"""Training the reader: labelled documents in, a folder of weights out. Only the command line knows this room."""
