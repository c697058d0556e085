"""Ages in whole years, as the law counts them."""

from datetime import date


def age_on(day: date, birthday: date) -> int:
    """Whole years on `day`. Who was born on 29 February has a birthday on 1 March in other years."""
    return day.year - birthday.year - ((day.month, day.day) < (birthday.month, birthday.day))
