"""L1: which courses, modules and skills exist? They come in from the learning platform."""

from django.contrib.postgres.indexes import GinIndex
from django.contrib.postgres.search import SearchVector, SearchVectorField
from django.db import models


class CatalogueStamp(models.Model):
    """One row whose number grows with every change of the catalogue; triggers write it.

    Every process keeps the catalogue in memory and reads it again when the number has moved.
    """

    id = models.SmallIntegerField(primary_key=True)
    version = models.BigIntegerField()

    def __str__(self) -> str:
        """Say which row it is."""
        return f"version {self.version}"


class Skill(models.Model):
    """Something a course teaches."""

    name = models.CharField(max_length=120, unique=True)

    def __str__(self) -> str:
        """Return the name."""
        return self.name


class Course(models.Model):
    """A course; `id` is our number (course_id), `external_id` the platform's."""

    class Level(models.TextChoices):
        """How much a course asks for."""

        BEGINNER = "beginner", "Beginner"
        INTERMEDIATE = "intermediate", "Intermediate"
        ADVANCED = "advanced", "Advanced"
        UNKNOWN = "", "Level not stated"

    id = models.AutoField(primary_key=True)
    external_id = models.CharField(max_length=255, unique=True)
    slug = models.SlugField(max_length=120, unique=True)
    title = models.CharField(max_length=300)
    summary = models.TextField(blank=True)
    field = models.CharField(max_length=120, blank=True, db_index=True)
    level = models.CharField(max_length=20, blank=True, choices=Level.choices)
    language = models.CharField(max_length=12, blank=True)
    provider = models.CharField(max_length=200, blank=True)
    minutes = models.PositiveIntegerField(default=0)
    listed = models.BooleanField(default=True)
    skills = models.ManyToManyField(Skill, related_name="courses", blank=True)
    prerequisites = models.ManyToManyField(
        "self", symmetrical=False, related_name="unlocks", blank=True
    )
    created_at = models.DateTimeField()
    updated_at = models.DateTimeField()
    search = models.GeneratedField(
        expression=SearchVector("title", weight="A", config="simple")
        + SearchVector("field", weight="B", config="simple")
        + SearchVector("summary", weight="C", config="simple"),
        output_field=SearchVectorField(),
        db_persist=True,
    )

    class Meta:
        indexes = [
            GinIndex(fields=["search"], name="course_search"),
            GinIndex(fields=["title"], name="course_title_trgm", opclasses=["gin_trgm_ops"]),
        ]

    def __str__(self) -> str:
        """Return the title."""
        return self.title


class Module(models.Model):
    """One lesson of a course, in its order."""

    class Format(models.TextChoices):
        """How a module teaches."""

        VIDEO = "video", "Video"
        ARTICLE = "article", "Article"
        EXERCISE = "exercise", "Exercise"
        QUIZ = "quiz", "Quiz"
        UNKNOWN = "", "Not stated"

    id = models.AutoField(primary_key=True)
    course = models.ForeignKey(Course, related_name="modules", on_delete=models.CASCADE)
    external_id = models.CharField(max_length=255)
    position = models.PositiveSmallIntegerField()
    title = models.CharField(max_length=300)
    text = models.TextField(blank=True)
    minutes = models.PositiveIntegerField(default=0)
    format = models.CharField(max_length=20, blank=True, choices=Format.choices)

    class Meta:
        ordering = ["course_id", "position"]
        constraints = [
            models.UniqueConstraint(fields=["course", "external_id"], name="module_external_id"),
        ]

    def __str__(self) -> str:
        """Return the title."""
        return self.title


class CatalogueCorrection(models.Model):
    """What a person put right of a course; imports keep it. Undone, not deleted."""

    class Part(models.TextChoices):
        """What of a course."""

        SKILL = "skill"
        LEVEL = "level"
        PREREQUISITE = "prerequisite"

    course = models.ForeignKey(Course, related_name="corrections", on_delete=models.CASCADE)
    part = models.CharField(max_length=12, choices=Part.choices)
    value = models.CharField(max_length=120)  # a skill, a level, or the number of a course
    before = models.CharField(max_length=20, blank=True)  # the level the platform states
    made_by = models.CharField(max_length=80)
    made_at = models.DateTimeField()
    undone_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["course", "part", "value"],
                condition=models.Q(undone_at=None),
                name="corrected_once",
            )
        ]

    def __str__(self) -> str:
        """Return what is put right."""
        return f"{self.part} {self.value} of course {self.course_id}"
