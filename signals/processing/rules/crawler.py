"""Did a crawler do it, by what it calls itself? (L2, pure)

Agents are told by the public list of crawler-user-agents (MIT) and by the words with which
programs name themselves. The agent is looked at where the request comes in and forgotten there:
what is stored with the event is one bit.
"""

import re
from functools import cache
from hashlib import blake2b

from crawleruseragents import CRAWLER_USER_AGENTS_DATA

from signals.processing.activity import FLAG_CRAWLER, Activity, Mask, Surroundings
from signals.processing.rules.rule import Effect, Rule, Severity

KIND = "bot"
LONGEST_AGENT = 512  # characters looked at: an agent may be as long as a header
REMEMBERED = 20_000  # agents of a process, by digest alone

# What programs call themselves, whoever wrote them. Cubot is a maker of telephones.
_OWN_WORDS = re.compile(
    r"(?<!cu)bot(?:\b|[/;_ -])|crawl|spider|slurp|scrap|archiver|headless|phantomjs|selenium"
    r"|puppeteer|playwright|lighthouse|monitor|uptime|pingdom|fetcher|feedfetch|link.?check"
    r"|validator|preview|libwww|httpclient|http_client|python|\bcurl\b|\bwget\b|go-http|\bjava/"
    r"|\bruby\b|\bperl\b|\bphp\b|node-fetch|axios|scanner|sitemap|\brss\b|https?://|mailto:"
    r"|checker|analy[sz]er|finder|resolver|feed.?parser|okhttp|zgrab|nmap|masscan",
    re.IGNORECASE,
)

_known: dict[bytes, bool] = {}


@cache
def _listed() -> re.Pattern[str]:
    """Return the patterns of the public list as one; compiled on first use."""
    return re.compile("|".join(f"(?:{one['pattern']})" for one in CRAWLER_USER_AGENTS_DATA))


def names_itself(agent: str) -> bool:
    """Say whether an agent holds a word programs use for themselves, listed or not."""
    return bool(_OWN_WORDS.search(agent))


def is_crawler(agent: str) -> bool:
    """Say whether a user agent is a crawler's; who says nothing is judged by what they do."""
    agent = agent[:LONGEST_AGENT].strip()
    digest = blake2b(agent.encode("utf-8", "replace"), digest_size=8).digest()
    known = _known.get(digest)
    if known is None:
        known = bool(agent) and (names_itself(agent) or bool(_listed().search(agent)))
        if len(_known) >= REMEMBERED:
            _known.clear()
        _known[digest] = known
    return known


def find(activity: Activity, surroundings: Surroundings) -> Mask:
    """Return what came with the agent of a crawler, or everything of an account that is one."""
    return activity.flagged(FLAG_CRAWLER) | (surroundings.learner_kind == KIND)


def tell(_: Activity, found: Mask) -> str:
    """Say how much."""
    return f"{found.sum()} events of a day under the agent of a crawler"


RULE = Rule(
    code=7,
    name="crawler",
    version=1,
    title="Crawler",
    severity=Severity.HIGH,
    owner="analyst",
    action="Nothing is learned from it; keep crawlers out of pages behind the sign-in.",
    effect=Effect.NO_WEIGHT,
    find=find,
    tell=tell,
    against_learner=True,
)
