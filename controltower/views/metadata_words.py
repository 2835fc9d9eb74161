"""How is a proposal told, and what speaks for it? Sentences made of stored figures alone."""

from django.contrib.humanize.templatetags.humanize import intcomma
from django.utils.formats import date_format
from django.utils.html import strip_tags
from django.utils.translation import gettext

from personalize.api import KindState, ProposalRow, skill_in_a_sentence

LEVELS = {"beginner": "Beginner", "intermediate": "Intermediate", "advanced": "Advanced"}


def headline(row: ProposalRow) -> str:
    """Return what is proposed, in one line."""
    if row.kind == "skill":
        return gettext("teaches %(skill)s") % {"skill": skill_in_a_sentence(row.value)}
    if row.kind == "level":
        return gettext("is %(level)s") % {"level": LEVELS.get(row.value, row.value)}
    if row.kind == "prerequisite":
        return gettext("comes after %(course)s") % {"course": row.other.title if row.other else ""}
    return gettext("is finished by fewer than courses like it")


def evidence(row: ProposalRow) -> tuple[str, ...]:
    """Return what speaks for it, each as a sentence with its base."""
    of = {"skill": _skill, "level": _level, "prerequisite": _before, "quality": _quality}
    return tuple(strip_tags(sentence) for sentence in of[row.kind](row) if sentence)


def decided_words(row: ProposalRow) -> str:
    """Return who decided what, and when."""
    said = {
        "accepted": gettext("Accepted by %(who)s, %(day)s"),
        "rejected": gettext("Rejected by %(who)s, %(day)s"),
    }
    day = date_format(row.decided_at, "j M") if row.decided_at else ""
    return said[row.state] % {"who": row.decided_by, "day": day}


def learned(kind: KindState) -> str:
    """Return how decisions moved what is shown of a kind."""
    said = {
        "accepted": kind.accepted,
        "rejected": kind.rejected,
        "least": _pct(kind.threshold),
        "begin": _pct(kind.begin),
    }
    if not kind.accepted + kind.rejected:
        return gettext("Nobody decided yet. Shown from a score of %(least)s on.") % said
    if kind.threshold == kind.begin:
        return (
            gettext(
                "%(accepted)s accepted, %(rejected)s rejected: shown from a score of %(least)s on, "
                "as at the beginning."
            )
            % said
        )
    return (
        gettext(
            "%(accepted)s accepted, %(rejected)s rejected: shown from a score of %(least)s on, so "
            "that at least half is accepted. It began at %(begin)s."
        )
        % said
    )


def _skill(row: ProposalRow) -> list[str]:
    held = row.evidence
    named = []
    if held["in_title"]:
        named.append(gettext("Its title names it."))
    if held["in_text"]:
        times = held["in_text"]
        once = gettext("Its summary and lesson titles name it once.")
        several = gettext("Its summary and lesson titles name it %(n)s times.") % {"n": times}
        named.append(once if times == 1 else several)
    near = gettext("%(n)s of the %(of)s courses most like it teach it%(which)s.") % {
        "n": held["near_with"],
        "of": held["near"],
        "which": _such_as(held["titles"]),
    }
    return [*named, near if held["near_with"] else ""]


def _level(row: ProposalRow) -> list[str]:
    held = row.evidence
    stated = held["stated"]
    first = (
        gettext("The catalogue says %(level)s.") % {"level": LEVELS.get(stated, stated)}
        if stated
        else gettext("The catalogue states no level.")
    )
    words = ", ".join(f"“{word}”" for word in held["words"])
    told = (
        gettext("What speaks most for it in its text: %(words)s.") % {"words": words}
        if words
        else ""
    )
    return [first, told]


def _before(row: ProposalRow) -> list[str]:
    held = row.evidence
    title = row.other.title if row.other else ""
    found = []
    if held["both"]:
        found.append(
            gettext(
                "About %(first)s of %(both)s learners who took both took %(course)s first "
                "(%(low)s to %(high)s)."
            )
            % {
                "first": intcomma(held["first"]),
                "both": intcomma(held["both"]),
                "course": title,
                "low": _pct(held["low"]),
                "high": _pct(held["high"]),
            }
        )
    else:
        found.append(gettext("Fewer than ten learners took both, so no order is known."))
    if held["skills"]:
        found.append(
            gettext("It names %(skills)s, which %(course)s teaches and it does not.")
            % {"skills": ", ".join(map(skill_in_a_sentence, held["skills"])), "course": title}
        )
    return found


def _quality(row: ProposalRow) -> list[str]:
    held = row.evidence
    return [
        gettext("About %(done)s of %(of)s finished it (%(share)s).")
        % _of(held["finished"], held["enrolled"]),
        gettext("Of the %(n)s courses most like it%(which)s, about %(done)s of %(of)s (%(share)s).")
        % {
            **_of(held["others_finished"], held["others_enrolled"]),
            "n": held["others"],
            "which": _such_as(held["titles"]),
        },
        gettext("That is %(low)s to %(high)s points fewer (95%%).")
        % {"low": round(-100 * held["high"]), "high": round(-100 * held["low"])},
    ]


def _of(done: int, base: int) -> dict[str, str]:
    share = _pct(done / base) if base else ""
    return {"done": intcomma(done), "of": intcomma(base), "share": share}


def _such_as(titles: list[str]) -> str:
    return gettext(", such as %(titles)s") % {"titles": "; ".join(titles)} if titles else ""


def _pct(share: float) -> str:
    return f"{round(100 * share)}%"
