"""How long is what learners did and wrote kept? (L1) Thirteen months, then it is gone."""

from datetime import datetime

from signals.models import ForumPost, SearchQuery

RAW_MONTHS = 13  # events, searches and posts; 24 is the most the design allows


def purge_texts(*, before: datetime) -> int:
    """Delete searches and posts older than `before`; return how many."""
    searches = SearchQuery.objects.filter(searched_at__lt=before).delete()[0]
    return searches + ForumPost.objects.filter(posted_at__lt=before).delete()[0]
