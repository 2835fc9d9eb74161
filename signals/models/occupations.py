"""L1: which occupations are there, under which titles, and what do they ask for?"""

from django.contrib.postgres.indexes import GinIndex
from django.contrib.postgres.search import SearchVector
from django.db import models


class Occupation(models.Model):
    """A kind of work. `skills` maps what it asks for to how much, in words of its source."""

    id = models.AutoField(primary_key=True)
    key = models.CharField(max_length=80, unique=True)
    title = models.CharField(max_length=200)
    skills = models.JSONField(default=dict)
    source = models.CharField(max_length=40, db_index=True)  # an import replaces its own

    def __str__(self) -> str:
        """Return the title."""
        return self.title


class OccupationTitle(models.Model):
    """One name people use for an occupation, its own title among them."""

    id = models.BigAutoField(primary_key=True)
    occupation = models.ForeignKey(Occupation, related_name="titles", on_delete=models.CASCADE)
    title = models.CharField(max_length=200)

    class Meta:
        indexes = [
            GinIndex(SearchVector("title", config="simple"), name="occupation_title_words"),
        ]

    def __str__(self) -> str:
        """Return the title."""
        return self.title
