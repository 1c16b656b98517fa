"""Scenarios, scoring and reports."""
