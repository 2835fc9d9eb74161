"""Which address leads to which page of the people at the controls?"""

from django.urls import path

from controltower.views import (
    demand,
    ledger,
    model_review,
    models,
    objectives,
    overrides,
    overview,
    privacy,
    quality,
    sources,
    start,
    verbs,
)
from controltower.views.experiments import export, listing, outside, page, review, take, wizard

app_name = "tower"

urlpatterns = [
    path("tower/", overview.overview, name="overview"),
    path("tower/start/", start.start, name="start"),
    path("tower/live/", overview.live, name="live"),
    path("tower/kpi/<slug:kpi>/", overview.kpi, name="kpi"),
    path("tower/boosts/", overrides.boosts, name="boosts"),
    path("tower/boosts/<int:override_id>/undo/", overrides.undo, name="boost_undo"),
    path("tower/objectives/", objectives.objectives, name="objectives"),
    path("tower/objectives/<int:objective_id>/undo/", objectives.undo, name="objectives_undo"),
    path("tower/models/", models.models, name="models"),
    path("tower/models/review/", model_review.so_far, name="model_review"),
    path("tower/models/review/figures/<slug:figure>/", model_review.target, name="model_target"),
    path("tower/models/review/<str:until>/", model_review.kept, name="model_review_kept"),
    path("tower/models/review/<str:until>/print/", model_review.printed, name="model_review_print"),
    path("tower/models/<str:version>/rollback/", models.rollback, name="rollback"),
    path("tower/models/<str:version>/stop/", models.stop_canary, name="canary_stop"),
    path("tower/quality/", quality.quality, name="quality"),
    path("tower/sources/", sources.sources, name="sources"),
    path("tower/sources/<slug:name>/", sources.source, name="source"),
    path("tower/sources/<slug:name>/habit/", sources.habit, name="habit"),
    path("tower/verbs/", verbs.verbs, name="verbs"),
    path("tower/verbs/rule/", verbs.rule, name="verb"),
    path("tower/experiments/", listing.experiment_list, name="experiments"),
    path("tower/experiments/outside/", outside.outside, name="experiment_outside"),
    path("tower/experiments/new/", wizard.new, name="experiment_new"),
    path("tower/experiments/<slug:key>/edit/", wizard.edit, name="experiment_edit"),
    path("tower/experiments/<slug:key>/", page.experiment, name="experiment"),
    path("tower/experiments/<slug:key>/effects.csv", export.effects, name="experiment_csv"),
    path("tower/experiments/<slug:key>/report.json", export.whole, name="experiment_json"),
    path("tower/experiments/<slug:key>/steps/<slug:step>/", take.take, name="experiment_step"),
    path("tower/review/", review.latest, name="review"),
    path("tower/review/<slug:week>/", review.week_page, name="review_week"),
    path("tower/review/<slug:week>/print/", review.printed, name="review_print"),
    path("tower/privacy/", privacy.privacy, name="privacy"),
    path("tower/privacy/fields/", privacy.fields, name="fields"),
    path("tower/privacy/dpia/", privacy.dpia, name="dpia"),
    path("tower/ledger/", ledger.ledger, name="ledger"),
    path("create/gaps/", demand.gaps, name="gaps"),
]
