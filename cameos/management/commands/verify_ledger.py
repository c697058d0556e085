import json
from argparse import ArgumentParser
from pathlib import Path

from django.core.management.base import BaseCommand, CommandError

from cameos import anchoring, ledger, signing


class Command(BaseCommand):
    help = "Verify the consent ledger, its heads and all anchors. Ends with 1 and names what is wrong."
    requires_system_checks = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--offline", metavar="EXPORT", help="a file of export_ledger, instead of the database")
        parser.add_argument("--anchors", metavar="DIR", help="a copy of the anchors, instead of the storage")
        parser.add_argument("--keys", metavar="FILE", help="a saved answer of /v1/consent-keys, instead of our keys")

    def handle(self, *, offline: str | None, anchors: str | None, keys: str | None, **options: object) -> None:
        known = signing.keys_from(json.loads(Path(keys).read_text())) if keys else signing.published_keys()
        files = anchoring.in_folder(Path(anchors)) if anchors else anchoring.stored()
        if offline:
            with Path(offline).open(encoding="utf-8") as lines:
                exported = ledger.verify_export(lines)
            verdicts, missing = [exported.verdict], anchoring.missing_in(exported.hashes)
        else:
            verdicts, missing = [ledger.verify(), ledger.verify_details()], anchoring.missing_in_database
        findings = anchoring.verify(files, keys=known, missing=missing)
        self.stdout.write(f"{verdicts[0].record_count} records, {findings.anchor_count} anchors")
        flaws = [flaw for verdict in verdicts for flaw in verdict.flaws]
        wrong = [*map(str, flaws), *findings.files, *map(str, findings.flaws)]
        if wrong:
            raise CommandError("\n".join(wrong), returncode=1)
        self.stdout.write("Nothing is wrong.")
