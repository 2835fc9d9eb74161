"""L2: what is a learner like, in numbers? Derived from events, rebuilt whenever they change."""

from django.db import models


class LearnerFeature(models.Model):
    """Features of one learner, computed by `processing.features` from all events kept."""

    learner_id = models.BigIntegerField(primary_key=True)
    events = models.IntegerField()
    first_at = models.DateTimeField()
    last_at = models.DateTimeField(db_index=True)
    active_days = models.IntegerField()
    sessions = models.IntegerField()
    session_minutes = models.FloatField()
    courses_touched = models.IntegerField()
    courses_completed = models.IntegerField()
    lessons_completed = models.IntegerField()
    score_mean = models.FloatField(null=True)  # of quizzes, share 0..1
    activity = models.FloatField()  # actions, halved each fortnight, at last_at

    def __str__(self) -> str:
        """Say whose they are."""
        return f"features of {self.learner_id}"


class FormatObservation(models.Model):
    """What was observed of one learner in one format: sums of increments. Tier 3, opt-in."""

    pk = models.CompositePrimaryKey("learner_id", "format")
    learner_id = models.BigIntegerField()
    format = models.CharField(max_length=20)
    started = models.IntegerField()
    completed = models.IntegerField()
    rewinds = models.IntegerField()
    skips = models.IntegerField()
    watched_s = models.FloatField()
    quizzes = models.IntegerField()
    quiz_total = models.FloatField()

    def __str__(self) -> str:
        """Say which row it is."""
        return f"{self.learner_id} in {self.format}"


class LearnerSession(models.Model):
    """One coming of a learner, ended by 30 minutes without a sign of life."""

    pk = models.CompositePrimaryKey("learner_id", "began_at")
    learner_id = models.BigIntegerField()
    began_at = models.DateTimeField()
    ended_at = models.DateTimeField(db_index=True)
    events = models.IntegerField()
    actions = models.IntegerField()
    courses = models.IntegerField()

    def __str__(self) -> str:
        """Say which row it is."""
        return f"{self.learner_id} from {self.began_at:%Y-%m-%d %H:%M}"


class PendingLearner(models.Model):
    """Work to be done: a learner whose events changed since a reader last looked at them."""

    pk = models.CompositePrimaryKey("reader", "learner_id")
    reader = models.CharField(max_length=40)
    learner_id = models.BigIntegerField(db_index=True)

    def __str__(self) -> str:
        """Say which row it is."""
        return f"{self.learner_id} for {self.reader}"
