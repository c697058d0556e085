"""How passwords are kept."""

from django.conf import settings
from django.contrib.auth.hashers import ScryptPasswordHasher


class PasswordHasher(ScryptPasswordHasher):
    """Django's scrypt, as dear as `SCRYPT_WORK_FACTOR` says: each doubling takes twice the time and memory.

    A password that was kept with another factor is kept anew when its owner signs in.
    """

    work_factor = settings.SCRYPT_WORK_FACTOR
    maxmem = 2**30  # bytes; a bound, of which 1 KiB for each unit of the factor is taken
