"""L1: what do learners look for? Queries sealed per learner; terms only where k >= 10 searched."""

from django.db import models


class SearchQuery(models.Model):
    """One search; the text is sealed under the learner's data key."""

    learner_id = models.BigIntegerField(db_index=True)
    searched_at = models.DateTimeField(db_index=True)
    results = models.IntegerField()
    sealed = models.BinaryField()

    def __str__(self) -> str:
        """Say which row it is."""
        return f"search of {self.searched_at:%Y-%m-%d}"


class ForumPost(models.Model):
    """What a learner wrote in a course's forum; the text is sealed under the data key."""

    learner_id = models.BigIntegerField(db_index=True)
    course_id = models.IntegerField(null=True)
    posted_at = models.DateTimeField(db_index=True)
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


class DemandWeek(models.Model):
    """A week whose searches changed since they were counted; as often as they did."""

    week = models.DateField(db_index=True)  # Monday

    def __str__(self) -> str:
        """Say which row it is."""
        return f"week of {self.week}"
