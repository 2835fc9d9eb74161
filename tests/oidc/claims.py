"""What does the school say of somebody, and what does it say wrong where a test asks it to?"""

from typing import Any

from oauth2_provider.oauth2_validators import OAuth2Validator

from tests.oidc.school import STATE


class Says(OAuth2Validator):  # type: ignore[misc]  # it has no types
    """The library's own rules, with the claims a test wants."""

    oidc_claim_scope = None

    def get_additional_claims(self, request: Any) -> dict[str, Any]:
        """Say what is in the id token and in the userinfo answer."""
        return {"preferred_username": request.user.username, **STATE["claims"]}

    def finalize_id_token(self, id_token: Any, token: Any, handler: Any, request: Any) -> Any:
        """Change what the library would have said, where a test wants a fault."""
        id_token.update(STATE["spoil"])
        return super().finalize_id_token(id_token, token, handler, request)

    def get_id_token_dictionary(self, token: Any, handler: Any, request: Any) -> Any:
        """Put the fault in last, so that nothing of the library repairs it."""
        claims, expires = super().get_id_token_dictionary(token, handler, request)
        return {**claims, **STATE["spoil"]}, expires

    def get_userinfo_claims(self, request: Any) -> dict[str, Any]:
        """Answer for the access token."""
        return {**super().get_userinfo_claims(request), **STATE["userinfo"]}
