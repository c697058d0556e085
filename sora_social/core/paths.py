"""Path converters: what does not look like an id or a handle is simply not found."""

from django.urls import register_converter


class IdConverter:
    regex = "[0-9]{1,19}"

    def to_python(self, value: str) -> int:
        number = int(value)
        if number >= 2**63:
            raise ValueError("beyond 63 bits")
        return number

    def to_url(self, value: int) -> str:
        return str(value)


class HandleConverter:
    regex = "[A-Za-z0-9_.]{2,30}"

    def to_python(self, value: str) -> str:
        return value.lower()

    def to_url(self, value: str) -> str:
        return value


class TagConverter:
    """A #tag as captions have it: letters, digits and underscore of any script."""

    regex = r"\w{1,100}"

    def to_python(self, value: str) -> str:
        return value

    def to_url(self, value: str) -> str:
        return value


class BoardConverter(HandleConverter):
    """A leaderboard that there is."""

    regex = "remixed|cast|rising"


register_converter(IdConverter, "id")
register_converter(BoardConverter, "board")
register_converter(TagConverter, "tag")
register_converter(HandleConverter, "handle")
