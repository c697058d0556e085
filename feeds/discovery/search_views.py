"""The door to search."""

from django.http import HttpResponse
from drf_spectacular.utils import extend_schema
from rest_framework.views import APIView

from feeds.discovery import search
from feeds.discovery.search_wire import SearchIn, SearchPageOut
from sora_social.accounts.admission import PersonRequest
from sora_social.core.problems import json_bytes


class SearchView(APIView):
    @extend_schema(tags=["search"], operation_id="search", parameters=[SearchIn], responses=SearchPageOut)
    def get(self, request: PersonRequest) -> HttpResponse:
        """Find posts by their words, or people, cameos and tags by their names, as one types."""
        return json_bytes(search.page_for(request.user, **SearchIn.checked(request.query_params)))
