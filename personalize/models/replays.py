"""L4: what does the live model say of every course, for the requests that came last?

For previews: what a change of the rules would do to these lists is worked out from here in a
moment (decision/whatif). Made again from the decision log at any time; rows go with their learners.
"""

from django.db import models


class ScoredRequest(models.Model):
    """A logged request with what its list is made from, before people's rules, as numbers."""

    request_id = models.UUIDField(unique=True)
    served_at = models.DateTimeField(db_index=True)
    learner_id = models.BigIntegerField(null=True, db_index=True)
    own = models.BooleanField()  # a list by the learner's own history; else one nobody's makes
    of = models.CharField(max_length=80)  # the model, catalogue and policy it was made with
    body = models.BinaryField()  # decision/whatif/panel.py

    def __str__(self) -> str:
        """Return the request id."""
        return str(self.request_id)
