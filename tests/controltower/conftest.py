"""What tests of the tower find: the shop and the folders of the tests of personalize."""

from tests.personalize.conftest import _folders, shop, trained

__all__ = ["_folders", "shop", "trained"]
