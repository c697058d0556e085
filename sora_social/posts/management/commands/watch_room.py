from argparse import ArgumentParser

import orjson
from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import connect

from sora_social.accounts import sessions
from sora_social.accounts.models import User
from sora_social.posts.live import tickets


class Command(BaseCommand):
    help = "Watch the live room of a post from the terminal, as somebody."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("post_id", type=int)
        parser.add_argument("--handle", default="ada", help="who watches")
        parser.add_argument("--after", type=int, help="start after this number; without it, from now on")
        parser.add_argument("--frames", type=int, default=0, help="stop after so many frames")

    def handle(self, *, post_id: int, handle: str, after: int | None, frames: int, **options: object) -> None:
        person = User.objects.filter(handle=handle).first()
        if person is None:
            raise CommandError(f"There is nobody called @{handle}.")
        token = sessions.open_session(person)
        try:
            ticket = tickets.issue(person, session_token=token)["ticket"]
            place = "" if after is None else f"&after_seq={after}"
            with connect(f"{settings.LIVE_URL}/posts/{post_id}?ticket={ticket}{place}") as socket:
                for number, text in enumerate(socket, start=1):
                    self.stdout.write(_line(orjson.loads(text)))
                    self.stdout.flush()
                    if number == frames:
                        break
        except OSError as error:
            raise CommandError(f"Nobody answers at {settings.LIVE_URL}: {error}") from error
        except (KeyboardInterrupt, ConnectionClosed):
            self.stdout.write("")
        finally:
            sessions.close_session(token)


def _line(frame: dict[str, object]) -> str:
    match frame:
        case {"type": "comment", "comment": {"author": {"handle": handle}, "text": text, "seq": seq}}:
            return f"{seq:>6}  @{handle}: {text}"
        case {"type": kind, **rest}:
            return f"        {kind} " + " ".join(f"{name}={value}" for name, value in rest.items())
    return str(frame)
