"""A graph store held against what it was made from, row by row: what is lost, what nobody owns, what says otherwise."""
