"""What an examination finds: a part that is well, or what is wrong with it and what to do."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Finding:
    """One part looked at. `remedy`: what to do; a part that is well may have one too, as advice.

    Not `checked`: nobody can say how it is, and nothing speaks against it.
    """

    part: str
    well: bool
    words: str
    remedy: str = ""
    checked: bool = True
