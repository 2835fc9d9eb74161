"""L1: why is kept what the product itself runs on: courses, sources, keys and rules?"""

from dataclasses import replace

from signals.data import Basis, FieldUse, TableUse
from signals.privacy.fields import terms

_COURSES = FieldUse(
    purpose="show and recommend courses",
    basis=Basis.NOT_PERSONAL,
    retention=terms.CHANGED,
    readers=(terms.EVERYONE,),
)
_WORK = replace(_COURSES, purpose="understand which work somebody wants to learn for")
_JOBS = replace(
    _COURSES,
    purpose="show creators what employers ask for",
    readers=(terms.STAFF, "course creators"),
)
_SOURCES = FieldUse(
    purpose="know which system may send what",
    basis=Basis.NOT_PERSONAL,
    retention=terms.CHANGED,
    readers=(terms.ADMIN, terms.PRODUCT),
)
_PROMISE = replace(
    _SOURCES, purpose="notice a source that goes silent", readers=(terms.STAFF, terms.PRODUCT)
)

TABLES = (
    TableUse(
        "signals.Course",
        _COURSES,
        "id external_id slug title summary field level language provider minutes listed "
        "created_at updated_at search",
    ),
    TableUse(
        "signals.Module", _COURSES, "id course external_id position title text minutes format"
    ),
    TableUse("signals.Skill", _COURSES, "id name"),
    TableUse("signals.Occupation", _WORK, "id key title skills source"),
    TableUse("signals.OccupationTitle", _WORK, "id occupation title"),
    TableUse("signals.JobCollection", _JOBS, "id source origin as_of read_at posts"),
    TableUse("signals.JobTerm", _JOBS, "id collection term posts"),
    TableUse("signals.Course_skills", _COURSES, "id course skill"),
    TableUse("signals.Course_prerequisites", _COURSES, "id from_course to_course"),
    TableUse("signals.CatalogueStamp", _COURSES, "id version"),
    TableUse(
        "signals.CatalogueCorrection",
        replace(_COURSES, purpose="keep what a person put right of a course"),
        "id course part value before made_at undone_at",
        {"made_by": replace(_COURSES, purpose="know who decided", readers=(terms.STAFF,))},
    ),
    TableUse("signals.Source", _SOURCES, "id name title active profile origins created_at"),
    TableUse(
        "signals.ApiKey",
        _SOURCES,
        "id source prefix scopes created_at expires_at revoked_at",
        {"digest": replace(_SOURCES, readers=(terms.PRODUCT,))},
    ),
    TableUse(
        "signals.SourceObjective",
        _PROMISE,
        "id source every_minutes complete_share",
        {
            "owner": replace(_PROMISE, purpose="know who is told", basis=Basis.CONTRACT),
            "next_step": _PROMISE,
        },
    ),
    TableUse("signals.VerbRule", _SOURCES, "id verb activity_type kind waiting_at"),
    TableUse(
        "signals.UnmappedVerb",
        _SOURCES,
        "id source_id verb_word type_word verb activity_type statements learners first_at last_at",
    ),
    TableUse(
        "signals.SpoolProgress",
        replace(
            _SOURCES,
            purpose="store what waited on disk once",
            retention=terms.SEALED,
            readers=(terms.PRODUCT,),
        ),
        "segment records at",
    ),
)
