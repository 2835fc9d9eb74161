"""L1: what do learners look for, and employers? Queries and posts are sealed per learner.

Terms are kept only where at least ten learners searched or wrote of them; job posts as counts.
"""

from django.contrib.postgres.fields import ArrayField
from django.db import models


class SearchQuery(models.Model):
    """One search; the text is sealed under the learner's data key."""

    learner_id = models.BigIntegerField(db_index=True)
    searched_at = models.DateTimeField(db_index=True)
    results = models.IntegerField()
    source_id = models.IntegerField(null=True)  # who sent it; null: from before this was kept
    sealed = models.BinaryField()

    def __str__(self) -> str:
        """Say which row it is."""
        return f"search of {self.searched_at:%Y-%m-%d}"


class ForumPost(models.Model):
    """What a learner wrote in a course's forum; the text is sealed under the data key."""

    learner_id = models.BigIntegerField(db_index=True)
    course_id = models.IntegerField(null=True)
    posted_at = models.DateTimeField(db_index=True)
    reply = models.BooleanField(null=True)  # to another post; null: from before this was kept
    sealed = models.BinaryField()

    def __str__(self) -> str:
        """Say which row it is."""
        return f"post of {self.posted_at:%Y-%m-%d}"


class DemandTerm(models.Model):
    """A normalised search term in one closed week, kept only for at least 10 distinct learners."""

    term = models.CharField(max_length=120)
    week = models.DateField()  # Monday
    learners = models.IntegerField()
    searches = models.IntegerField()
    without_result = models.IntegerField()  # searches that found nothing

    class Meta:
        constraints = [models.UniqueConstraint(fields=["term", "week"], name="demand_term_week")]

    def __str__(self) -> str:
        """Say which row it is."""
        return f"{self.term}, week of {self.week}"


class SearchWeek(models.Model):
    """Which sources sent the searches of one closed week, but for the odd one; from each ten."""

    week = models.DateField(primary_key=True)  # Monday
    sources = ArrayField(models.IntegerField())  # in order

    def __str__(self) -> str:
        """Say which row it is."""
        return f"sources of the week of {self.week}"


class ForumTerm(models.Model):
    """A topic that forum posts of one closed week name; kept for at least 10 distinct learners.

    course_id is 0 for all courses together, else the course in whose forum they were written.
    """

    term = models.CharField(max_length=120)
    week = models.DateField()  # Monday
    course_id = models.IntegerField()
    learners = models.IntegerField()
    posts = models.IntegerField()
    # Of these, who opened a thread and how many were opened; 0: fewer than 10 did; null: counted
    # before that was told.
    openers = models.IntegerField(null=True)
    threads = models.IntegerField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["term", "week", "course_id"], name="forum_term_week")
        ]

    def __str__(self) -> str:
        """Say which row it is."""
        return f"{self.term} in forums, week of {self.week}"


class JobCollection(models.Model):
    """What one source of job posts held when it was read; a later reading stands beside it."""

    source = models.CharField(max_length=40)  # its key in the registry
    origin = models.CharField(max_length=200)  # file or host it was read from
    as_of = models.DateField()  # how old the posts are, as the source says
    read_at = models.DateTimeField()
    posts = models.IntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["source", "origin", "as_of"], name="job_collection")
        ]

    def __str__(self) -> str:
        """Say which row it is."""
        return f"{self.source} of {self.as_of}"


class JobTerm(models.Model):
    """How many job posts of a collection ask for something; none of fewer than 10."""

    collection = models.ForeignKey(JobCollection, related_name="terms", on_delete=models.CASCADE)
    term = models.CharField(max_length=120)
    posts = models.IntegerField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["collection", "term"], name="job_term")]

    def __str__(self) -> str:
        """Say which row it is."""
        return f"{self.term}: {self.posts}"


class DemandWeek(models.Model):
    """A week whose searches changed since they were counted; as often as they did."""

    week = models.DateField(db_index=True)  # Monday

    def __str__(self) -> str:
        """Say which row it is."""
        return f"week of {self.week}"
