"""Django's entry for its admin, behind the gates of the tower."""

from django.contrib import admin
from django.contrib.admin.apps import SimpleAdminConfig


class SiteConfig(SimpleAdminConfig):
    """Names the site that asks for roles, a second step and a fresh proof."""

    default = True
    default_site = "controltower.site.Site"

    def ready(self) -> None:
        """Let every app register what it shows."""
        super().ready()
        admin.autodiscover()
