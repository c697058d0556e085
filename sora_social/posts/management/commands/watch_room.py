import contextlib
import sys
import threading
import uuid
from argparse import ArgumentParser

import orjson
from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import ClientConnection, connect

from sora_social.accounts import sessions
from sora_social.accounts.models import User
from sora_social.posts.live import tickets


class Command(BaseCommand):
    help = "Join the live room of a post from the terminal, as somebody. Each line that is typed is said."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("post_id", type=int)
        parser.add_argument("--handle", default="ada", help="who watches")
        parser.add_argument("--after", type=int, help="start after this number; without it, from now on")
        parser.add_argument("--frames", type=int, default=0, help="stop after so many frames")
        parser.add_argument("--say", action="append", default=[], help="say this on entering; may be repeated")

    def handle(
        self, *, post_id: int, handle: str, after: int | None, frames: int, say: list[str], **options: object
    ) -> None:
        person = User.objects.filter(handle=handle).first()
        if person is None:
            raise CommandError(f"There is nobody called @{handle}.")
        token = sessions.open_session(person)
        try:
            ticket = tickets.issue(person, session_token=token)["ticket"]
            place = "" if after is None else f"&after_seq={after}"
            with connect(f"{settings.LIVE_URL}/posts/{post_id}?ticket={ticket}{place}") as socket:
                for words in say:
                    _say(socket, words)
                threading.Thread(target=_say_what_is_typed, args=[socket], daemon=True).start()
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


def _say_what_is_typed(socket: ClientConnection) -> None:
    with contextlib.suppress(ConnectionClosed, OSError):
        for line in sys.stdin:
            if line.strip():
                _say(socket, line.strip())


def _say(socket: ClientConnection, text: str) -> None:
    socket.send(orjson.dumps({"type": "say", "client_id": uuid.uuid4().hex, "text": text}).decode())


def _line(frame: dict[str, object]) -> str:
    match frame:
        case {"type": "comment", "comment": {"author": {"handle": handle}, "text": text, "seq": seq}}:
            return f"{seq:>6}  @{handle}: {text}"
        case {"type": "comment_held", "comment": {"author": {"handle": handle}, "text": text}}:
            return f"  held  @{handle}: {text}"
        case {"type": "said"}:
            return "        said"
        case {"type": "error", "code": code, "retry_after": wait}:
            return f"        refused: {code}" + (f", try again in {wait} s" if wait else "")
        case {"type": kind, **rest}:
            return f"        {kind} " + " ".join(f"{name}={value}" for name, value in rest.items())
    return str(frame)
