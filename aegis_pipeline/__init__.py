"""AEGIS Pipeline."""
