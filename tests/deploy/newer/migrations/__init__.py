"""Migrations on the tables that every request uses."""
