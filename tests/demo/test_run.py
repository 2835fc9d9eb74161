"""Does the demo tell everybody it made an account for where to begin? (demo)"""

from demo.run import BEGINS
from personalize.management.commands.create_demo_accounts import STAFF


def test_every_role_that_has_an_account_begins_somewhere() -> None:
    assert {role for _name, role, _about in STAFF} | {"learner"} <= BEGINS.keys()
