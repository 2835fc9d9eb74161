"""L1: which sources of job posts are there? One line each."""

from collections.abc import Mapping

from signals.capture.jobs.base import JobSource
from signals.capture.jobs.feed import Feed
from signals.capture.jobs.onet import Onet
from signals.capture.jobs.posts_file import PostsFile

SOURCES: Mapping[str, JobSource] = {source.key: source for source in (PostsFile(), Feed(), Onet())}
