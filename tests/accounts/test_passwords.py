"""Passwords are kept as dear as the operator says, and old ones are kept anew."""

from django.contrib.auth.hashers import identify_hasher

from sora_social.accounts.passwords import PasswordHasher
from sora_social.settings import PASSWORD_HASHERS
from tests import cast


class Dear(PasswordHasher):
    work_factor = 2**15


def test_a_dearer_factor_than_the_default_can_be_taken_and_turned_back():
    kept = Dear().encode("correct horse", "salt" * 6)
    assert kept.startswith("scrypt$32768$")
    for hasher in (Dear(), PasswordHasher()):
        assert hasher.verify("correct horse", kept)
        assert not hasher.verify("wrong horse", kept)
    assert PasswordHasher().must_update(kept)
    assert not Dear().must_update(kept)


def test_it_is_what_people_are_kept_with(db):
    assert PASSWORD_HASHERS == ["sora_social.accounts.passwords.PasswordHasher"]
    assert isinstance(identify_hasher(cast.person("ada", password="correct horse").password), PasswordHasher)
