"""L5: which language model may each agent use, and what has it spent? Changes are rows."""

from django.db import models


class AgentSetting(models.Model):
    """What an agent may use; the newest row of an agent is in force."""

    agent = models.CharField(max_length=40)
    on = models.BooleanField()
    backend = models.CharField(max_length=40)
    base_url = models.CharField(max_length=300, blank=True)
    model = models.CharField(max_length=120, blank=True)
    deadline_ms = models.PositiveIntegerField()  # until the whole text is here
    tokens = models.PositiveIntegerField()  # of one answer
    price_in = models.FloatField(default=0)  # of a million tokens read, in the deployment's money
    price_out = models.FloatField(default=0)  # of a million tokens written
    cap_a_day = models.FloatField(default=0)  # in the same money
    reason = models.CharField(max_length=200)
    created_by = models.CharField(max_length=80)
    created_at = models.DateTimeField()

    class Meta:
        ordering = ["-id"]
        indexes = [models.Index(fields=["agent", "-id"], name="agent_in_force")]

    def __str__(self) -> str:
        """Return the agent with its backend."""
        return f"{self.agent}: {self.backend}"


class AgentDay(models.Model):
    """What an agent asked for and spent on one day, in UTC; nobody's question stands in it."""

    agent = models.CharField(max_length=40)
    day = models.DateField()
    calls = models.PositiveIntegerField(default=0)
    failures = models.PositiveIntegerField(default=0)
    tokens_in = models.BigIntegerField(default=0)
    tokens_out = models.BigIntegerField(default=0)
    cost_millionths = models.BigIntegerField(default=0)  # reserved before a call, settled after it

    class Meta:
        constraints = [models.UniqueConstraint(fields=["agent", "day"], name="agent_day")]

    def __str__(self) -> str:
        """Return the agent and the day."""
        return f"{self.agent} on {self.day}"
