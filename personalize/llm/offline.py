"""Answers without a language model (L5): the sources themselves. The default of every agent."""

from personalize.llm.base import Budget, Completion, Prompt


class Offline:
    """Repeats the sources, each with its number; asks nobody and costs nothing."""

    name = "offline"
    is_ai = False

    def complete(self, prompt: Prompt, budget: Budget) -> Completion:
        """Return the sources, as many as fit."""
        said: list[str] = []
        for number, source in enumerate(prompt.sources, start=1):
            if sum(map(len, said)) + len(source) > 4 * budget.tokens:
                break
            said.append(f"{source} [{number}]")
        return Completion(" ".join(said))
