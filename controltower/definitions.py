"""What does each figure of the tower mean, what is it read from, and how fresh is it? (pure)

One entry a figure; pages put it one click away with `{% means "key" %}`. A test finds
every tile and chart without one. What a chart of the drill-downs means stands in its own file.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

MINUTE = "Counted every minute."
FIVE_MINUTES = "Counted every five minutes, with the last steps counted again."
NIGHT = "Read once a night, up to midnight UTC."
AT_ONCE = "Read when the page is opened."


@dataclass(frozen=True, slots=True)
class Definition:
    """A figure in words: what it says, from what and how it is made, and how fresh it is."""

    key: str
    title: str
    says: str
    query: str
    fresh: str


def _by_key(entries: Iterable[Definition]) -> Mapping[str, Definition]:
    return {entry.key: entry for entry in entries}


_LIVE = (
    "Rollups of all learners together, seven days against the seven before; counts rounded to 5."
)
_AGAINST = (
    "Everybody who saw a list in the days the table names, by the group their id is drawn for; "
    "lift = mean of those who take part / mean of the comparison group - 1, delta-method interval."
)

DEFINITIONS = _by_key(
    (
        Definition(
            "completion",
            "Completions",
            "Courses completed for every 100 enrolments of the same days. Who completes today "
            "often enrolled weeks ago, so it is no share and may pass 100.",
            f"{_LIVE} course.completed / course.enrolled, Wilson's interval read as odds.",
            MINUTE,
        ),
        Definition(
            "satisfaction",
            "Satisfaction",
            "The mean of the ratings learners gave courses, 1 to 5.",
            f"{_LIVE} Sum of course.rated / number of ratings, Student's interval.",
            MINUTE,
        ),
        Definition(
            "click-through",
            "Click-through",
            "Clicks on a course for every 100 lists shown.",
            f"{_LIVE} rec.clicked / rec.shown, both of lists of ours.",
            MINUTE,
        ),
        Definition(
            "enrolment",
            "Enrolment",
            "Enrolments that followed from a list for every 100 lists shown.",
            f"{_LIVE} course.enrolled that names a list / rec.shown.",
            MINUTE,
        ),
        Definition(
            "lifts",
            "Against the comparison group",
            "By which share those who take part are above the permanent comparison group, which "
            "gets lists that are the same for everyone. It measures the whole product. An interval "
            "that holds zero says nothing; of twenty intervals one is off by chance. Nothing is "
            "shown where fewer than ten learners of a group stand behind a number, or where the "
            "groups are not the sizes they should be.",
            _AGAINST,
            NIGHT,
        ),
        Definition(
            "north-star",
            "Better this week than last?",
            "What this week's model would have brought beside last week's, from the one place of a "
            "list that is drawn by chance and whose chance is logged.",
            "Weekly verdict kept from logged draws (doubly robust), 95% interval.",
            "Kept every Monday at 05:40 UTC, and never changed afterwards.",
        ),
        Definition(
            "drift",
            "Drift",
            "The greatest change of a part of each feature against the same hours one and two "
            "weeks before. From 15% on, and beyond what weeks differ by chance, it is an alert.",
            "Newest look: five-minute counts of what arrived and was answered.",
            FIVE_MINUTES,
        ),
        Definition(
            "speed",
            "Recommendation speed",
            "How long lists took inside the process in the last 24 hours. Network and page come on "
            "top; a request that never was answered is not in it.",
            "Five-minute counts of the decision log by time taken; p50, p95 and p99 within a step.",
            FIVE_MINUTES,
        ),
        Definition(
            "missed-lists",
            "Lists late or not made by the model",
            "Lists that took longer than 200 ms, or came from a fallback where the model should "
            "have made them; each counts once. A fallback is an answer too: learners saw no error.",
            "Such lists beside all lists of 30 days, from five-minute counts, rounded to 5. "
            "Wanted: one in a thousand at most.",
            FIVE_MINUTES,
        ),
        Definition(
            "service-levels",
            "Service levels",
            "Of a thousand requests of learners and programs one may fail or come too late, of a "
            "thousand at the controls five: that is the error budget. Used up once as fast as "
            "allowed, it lasts 30 days.",
            "1 - (server errors and late answers / requests), from counts a minute of all web "
            "processes, rounded to 5. Nothing is said of fewer than 100 requests.",
            AT_ONCE,
        ),
        Definition(
            "event-flow",
            "Events",
            "Events of real learners counted in the last whole hour, beside the same hour a week "
            "before.",
            "Sum of counts of the rollups of that hour, rounded to 5.",
            MINUTE,
        ),
        Definition(
            "signal-quality",
            "Signal quality",
            "Of what arrived in the last seven closed days, how much was refused or named a course "
            "or learner nobody knows.",
            "Daily counts of the audit, all sources together.",
            "Counted every night for the day before.",
        ),
        Definition(
            "alerts",
            "Alerts",
            "What must not stay as it is. Each rule looks every minute; one alert a subject is "
            "open until a look no longer finds it. The bad ones are sent by e-mail and webhook.",
            "The rules' own reads: rollups, five-minute counts, registries; kept as rows.",
            MINUTE,
        ),
        Definition(
            "mix",
            "Where lists came from",
            "Which step of the fallback answered: a model, or a list that is alike for many.",
            "The newest 10,000 rows of the decision log of the last 24 hours, rounded to 5.",
            AT_ONCE,
        ),
        Definition(
            "live-model",
            "Live model",
            "The version that serves, what it was trained on, and the gates it passed before.",
            "The model registry.",
            AT_ONCE,
        ),
        Definition(
            "reminders",
            "Reminders",
            "Reminders of 28 days and what came of them, of all learners together.",
            "Counts of the reminders' own rows, rounded to 5; fewer than ten are not shown.",
            AT_ONCE,
        ),
        Definition(
            "agents",
            "Agents",
            "What each agent that may use a language model was asked and spent in seven days.",
            "The log of calls: number, tokens, and price as it was set.",
            AT_ONCE,
        ),
        Definition(
            "model-figures",
            "Figures of a model",
            "How a version did on learners it was not trained on, beside lists that are the same "
            "for everyone.",
            "Kept with the version when it was trained: the newest week held out.",
            "As old as the training of the version.",
        ),
        Definition(
            "canary",
            "Canary",
            "How the learners of a new version get on beside all others, on each guardrail.",
            "The decision log and answers since the canary began; bounds hold at every look.",
            "Read every two minutes.",
        ),
        Definition(
            "verdicts",
            "Weekly verdicts",
            "What each week's model would have brought beside the week before.",
            "Logged draws with their chance; interval by learner.",
            "Kept every Monday.",
        ),
        Definition(
            "review-figures",
            "Model review",
            "What the serving model was like over a fortnight, against what is wanted of it.",
            "Kept with the review: held-out learners of the version, lists of the fortnight.",
            "Kept every second Friday; a review never changes.",
        ),
        Definition(
            "experiment",
            "Read-out of an experiment",
            "Each arm's level and the difference, with an interval that holds at every look.",
            "Kept at each look: exact sums of each arm's learners; shown to three digits.",
            "At the looks the plan names.",
        ),
        Definition(
            "weekly-review",
            "Weekly review",
            "What there was to decide in a week, as it stood when the week ended.",
            "Kept with the review: looks, re-reads, and counts of whole days.",
            "Kept every Friday at 06:00 UTC.",
        ),
        Definition(
            "objectives",
            "Aims of lists",
            "What a list strives for, for whom and until when, and what other weights would "
            "change. Of the changes meant for a list the newest counts; at its end the one before.",
            "The weights in force, and lists made with both by the live model.",
            AT_ONCE,
        ),
        Definition(
            "aims-measured",
            "What came of other weights",
            "Picks opened within a week and courses passed within thirty days of being begun, in "
            "personal lists while the weights acted, less those of up to fourteen days before. "
            "Before and after is no experiment. What the comparison group moved by in the same "
            "days, whose lists no weight moves, is taken off beside it. 95% intervals.",
            "Up to 4,000 lists of each side from the log, with the steps of learners who allow it; "
            "only where ten of a side did it and ten did not. Until something newer is decided for "
            "the same lists.",
            "Counted every night at 03:20 UTC; a list counts once its week or month is over.",
        ),
        Definition(
            "overrides",
            "Boost and suppress",
            "A list with and without a change, for a learner or somebody new with a goal.",
            "Made twice by the live model when it was asked for; nothing is saved before.",
            AT_ONCE,
        ),
        Definition(
            "audit",
            "Signal audit",
            "What each rule found at each source in a month, in closed days.",
            "Daily counts of the audit; ten learners or more, rounded to 5.",
            "Counted every night for the day before.",
        ),
        Definition(
            "sources",
            "Sources",
            "When each source sent last and how complete its events were, beside what it promised.",
            "Noted with the rollups; completeness of seven closed days.",
            MINUTE,
        ),
        Definition(
            "privacy",
            "Privacy",
            "Requests of learners with their deadline, what they chose, and what is kept how long.",
            "Counts of the rows of requests and consents, and of each table, rounded to 5.",
            AT_ONCE,
        ),
        Definition(
            "register",
            "Governance register",
            "What chooses or says something to learners: what for, of which risk class, who "
            "answers for it, and whether it is on.",
            "The running configuration, and what people said who answer for a feature.",
            AT_ONCE,
        ),
        Definition(
            "demand",
            "Demand gaps",
            "How much a topic is wanted and how little the catalogue has of it: searches, searches "
            "in vain, forum threads and job posts, each part beside the figure. A question that a "
            "course could not answer counts as a search for what it is about. Of fewer than ten "
            "learners nothing is counted.",
            "Topics made at night of weekly counts that may be shown; job posts as files or feeds.",
            "Counted every night for closed weeks; each source says how old it is.",
        ),
        Definition(
            "briefs",
            "Content briefs",
            "What a course on a topic would have to be. Each number stands with the source it was "
            "read from when the brief was written.",
            "The topic as it was counted on the day the brief was written.",
            "As old as the brief; it does not change by itself.",
        ),
        Definition(
            "insights",
            "Course insights",
            "Where learners of a course stop, how often it is shown, opened and searched for, and "
            "what is asked. Of fewer than ten learners nothing is said.",
            "Counts made at night of rollups, modules finished and topics of questions.",
            "Counted every night.",
        ),
        Definition(
            "campaigns",
            "Campaigns",
            "A group is who stands still at one place of a course, twenty learners or more. What a "
            "campaign brought is the share who finish a module within seven days, of those drawn "
            "to get it less of those drawn to get nothing, whether they saw it or not.",
            "The group: rollups of modules begun and finished. The effect: both drawn sides, with "
            "a 95% interval that holds whenever one looks; counts rounded to 5.",
            "Groups are found every night; what a campaign brought is read when the page is "
            "opened.",
        ),
        Definition(
            "fairness",
            "Fairness",
            "For each kind of learner: how often the next course is among ten picks, whether what "
            "is said to be likely comes true, how often a list is their own, and how many picks "
            "were wrong, each beside all others of the cohort with a 95% interval.",
            "Found and said: kept with the live version when it was trained. Lists and wrong "
            "picks: the decision log of fourteen days. Kinds of fewer than ten are left out.",
            "As old as the training of the live version; lists up to now.",
        ),
        Definition(
            "metadata",
            "Metadata review",
            "The score is how sure the agent is of a proposal, 0 to 100%; F1 is how well such "
            "proposals met what people had written of courses it was not shown.",
            "Texts and skills of the catalogue; the courses most alike by their words.",
            "Proposed every night.",
        ),
        Definition(
            "trace",
            "A list, traced",
            "Why each course stood where it did: its score, the parts it is made of, and the rules "
            "of people that moved it.",
            "The row the decision wrote when it was served; made again from the same inputs.",
            "As old as the list; made again when the page is opened.",
        ),
    )
)
