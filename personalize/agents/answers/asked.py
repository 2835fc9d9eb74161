"""What kind of question is this? (L5) What a text of lessons cannot answer, told by its wording.

Rules are about wording alone, in the languages lessons are written in; a course is never asked.
"""

import re
from dataclasses import dataclass

from personalize.algorithms.retrieval.words import EMPTY, spelled, words

# Orders to a machine. The same words in a lesson keep its sentence from being cited.
_ORDERS = (
    r"\b(ignore|disregard|forget|override|bypass)\b.{0,40}\b(instructions?|rules?|prompts?|above"
    r"|previous|prior|everything|guard\w*|polic\w+|sources?)\b",
    r"\b(system|developer|hidden|initial) (prompt|message|instructions?)\b",
    r"(^|[.?!]\s)\W*(system|assistant|developer|admin)\W*:",
    r"\byou are (now|no longer|an? (ai|assistant|chatbot|language model|pirate|hacker))\b",
    r"\b(as|you're|acting as) an? (ai|assistant|chatbot|language model)\b",
    r"\b(assistants?|chatbots?|language models?|llms?|ai)\b.{0,30}\b(must|should|shall|reply|answer"
    r"|respond|say|output|print|write|repeat|obey|include|reveal|add)\b",
    r"\b(reveal|print|output|show|repeat|leak)\b.{0,30}\b(prompt|instructions?|secrets?|passwords?"
    r"|api keys?|tokens?|canary)\b",
    r"\b(repeat|say|reply|respond|answer|print|output|write)\b.{0,60}\b(forever|nothing else"
    r"|and nothing|verbatim)\b",
    r"\b(reply|respond|answer) (only|exactly) (with|in|by)\b|\bevery (reply|response)\b",
    r"\b(jailbreak|prompt injection|do anything now|(developer|admin|god) mode)\b",
    r"</?(system|assistant|user|instructions?)\b|\[/?(inst|system)\]|<\|.{0,20}\|>",
    r"###\s*(system|inst)|\bpretend (to|you|the|that)\b|\bdrop table\b|\bjavascript:",
)
_PERSONALS = (
    r"\b(refund|money back|certificates?|diploma|log ?in|sign ?in|sign ?up|unsubscribe|enrol\w*"
    r"|subscription|instructor|tutor|live session|webinar|kursgeb\w+|reembolso|certificado"
    r"|zertifikat\w*)\b",
    r"\bmy (account|password|grades?|marks?|score|quiz|exam|test|assignment|homework|progress"
    r"|profile|payment|e-?mail address|username|submission|results|registration|certification)\b"
    r"|\bmy employer see\b|\b(professional|registration|credit) points\b",
    r"\b(deadline|due|hand in|submit|graded|pass mark)\b.{0,40}\b(quiz|assignment|homework|course"
    r"|module|exam|project)\b",
    r"\b(quiz|assignment|homework|course|exam|final)\b.{0,40}\b(deadline|due|graded|resit|retake"
    r"|fee|expires?|credits?)\b",
    r"\bthis course\b.{0,30}\b(count|free|cost|finish by|extension|again)\b",
    r"\bwho (is|are) (the |my )?(teacher|author|trainer)s?\b",
)
_ADVICES = (
    r"\bshould i (quit|leave my|resign|invest|marry|divorce|sue|inject|vote|stop taking|see a)\b",
    r"\b(do you think|your opinion|your view|you prefer|do you like|you recommend|would you)\b",
    r"\bis it worth\b|\b(best|better) (brand|company|bank|app|job|doctor|stock|for my career)\b",
    r"\bvote for\b|\bmost (beautiful|trustworthy|fun|interesting|boring)\b|\bin my town\b",
    r"\bwhat (illness|disease|condition)\b|^\W*do i have (?!to\b)",
    r"\bam i (ill|sick|pregnant|depressed)\b",
    r"\bdiagnos\w* (me|my)\b|\bwrong with me\b",
    r"\bdo i need (an? )?(x-?ray|doctor|surgery|operation|lawyer|antibiotics?)\b",
    r"\b(my|i) .{0,40}\b(hurts?|racing|dizzy|swollen|fever|rash|lump)\b",
    r"\bhow (many|much) .{0,25}\bshould i (inject|take|swallow)\b",
    r"\b(qu[eé]|welche) (enfermedad|krankheit)\b",
)
# What lessons may answer ("Should I mix sand into clay?") and yet can be somebody's own matter.
_DECISION = re.compile(r"\b(should i|do i have|soll(te)? ich|debo|debería)\b", re.IGNORECASE)
# Says something of who asks, or names somebody by a mailbox or a number. "How do I" is anybody's.
_OF_ONESELF = re.compile(
    r"\b(my|mine|myself|i am|i[\u2019']m|i was|i[\u2019']ve)\b"
    r"|\bi (really )?(have|feel|take|got|lost)\b"
    r"|\b(am|was) i\b"
    r"|\b(mein(e[mnrs]?)?|mich|mir|ich (bin|war|habe?|fühle|nehme)|(bin|war|habe) ich)\b"
    r"|\b(mis?|mí|míos?|mías?|conmigo|tengo|estoy|soy|me (duele\w*|siento|han))\b"
    r"|\b(أنا|عندي|لدي|أشعر|أعاني)\b"
    r"|@|\d([ ./-]?\d){5}",
    re.IGNORECASE,
)
_ORDER, _PERSONAL, _ADVICE = (
    re.compile("|".join(patterns), re.IGNORECASE) for patterns in (_ORDERS, _PERSONALS, _ADVICES)
)
_ALL = re.compile(
    r"\b(always|never|only|every|everybody|nobody|all|alone|exactly|at once|instantly|immediately"
    r"|for good|forever|the moment|impossible|completely|guaranteed?|must|cannot|can't|solely"
    r"|purely|no (one|single)|100 ?%|immer|nie|nur|alle|siempre|nunca|solo)\b",
    re.IGNORECASE,
)
_WHY = re.compile(r"^\W*(and |but |so )?(why|how come|warum|weshalb|wieso|por qu[eé])\b", re.I)
_NAMED = re.compile(r"(?<=\s)[A-ZÄÖÜÁÉÍÓÚÑ][\w-]*[a-zà-ÿ\d][\w-]*")
_LATIN = re.compile(r"[a-zà-ÿ]", re.IGNORECASE)

# Short words that only one language of the lessons has.
_OWN = {
    "en": "the is are do does how what why when which who where my can should of and to for with",
    "de": "der die das ist sind wie was warum wann welche wer wo mein kann soll und mit nicht ich",
    "es": "el la los las es son cómo qué por cuándo cuál quién dónde mi puede y para con una del",
}
_OF_LANGUAGE = {code: frozenset(text.split()) for code, text in _OWN.items()}


TOPIC_WORDS = 4


@dataclass(frozen=True, slots=True)
class Asked:
    """A question with what its wording tells."""

    text: str
    stems: tuple[str, ...]  # without repeats, in order
    orders: bool  # tells a machine what to do
    personal: bool  # of the learner's account, marks or money
    advice: bool  # wants a decision or a diagnosis
    why: bool  # supposes something and asks for its reason
    sweeping: bool  # says all, never, only
    names: frozenset[str]  # stems of words written like names
    language: str  # "en", "de", "es", "ar", "?", or empty where nothing tells


def read(text: str, stems_of: str = "en") -> Asked:
    """Return a question with what its wording tells.

    `stems_of` is the language its stems are made by, that of the course.
    """
    return Asked(
        text=text,
        stems=tuple(dict.fromkeys(words(text, stems_of))),
        orders=bool(_ORDER.search(text)),
        personal=bool(_PERSONAL.search(text)),
        advice=bool(_ADVICE.search(text)),
        why=bool(_WHY.search(text)),
        sweeping=bool(_ALL.search(text)),
        names=frozenset(stem for name in _NAMED.findall(text) for stem in words(name, stems_of)),
        language=language(text),
    )


def topic(asked: Asked) -> str:
    """Return what a question is about in the words it has for it, to be searched for.

    Empty for what is somebody's own (account, health, a decision, anything said of oneself), for
    orders to a machine, and for more words than a search has: such sentences can tell who asks.
    """
    own = _DECISION.search(asked.text) or _OF_ONESELF.search(asked.text)
    if asked.orders or asked.personal or asked.advice or own:
        return ""
    said = tuple(dict.fromkeys(word for word in spelled(asked.text) if word not in EMPTY))
    return " ".join(said) if len(said) <= TOPIC_WORDS else ""


def orders_a_machine(text: str) -> bool:
    """Say whether a text is written to a machine and tells it what to do."""
    return bool(_ORDER.search(text))


def language(text: str) -> str:
    """Return the language a short text is in, empty where its words do not tell."""
    if not _LATIN.search(text):
        letters = re.search(r"[^\W\d_]", text)
        return "" if letters is None else "ar" if "\u0600" <= letters.group() <= "\u06ff" else "?"
    said = set(spelled(text))
    found = {code: len(said & own) for code, own in _OF_LANGUAGE.items()}
    best = max(found, key=lambda code: found[code])
    ahead = found[best] - max(count for code, count in found.items() if code != best)
    return best if ahead >= 1 else ""
