"""The endpoints of categories and sections."""

from typing import Any

from flask import request

from deskside.demo.zendesk.guide import shapes
from deskside.demo.zendesk.guide.articles import center, included
from deskside.demo.zendesk.guide.routing import HelpApi, brand, guide, listing
from deskside.demo.zendesk.guide.state import Category, Node, Section
from deskside.demo.zendesk.routing import actor, body, wrapped
from deskside.demo.zendesk.state import Json

api = HelpApi("guide_structure")


def shape(row: Section | Category, locale: str | None) -> Json:
    """A section or a category with its translations, if they are asked for."""
    shown = shapes.node(center(), row, locale)
    if "translations" in included():
        shown["translations"] = shapes.translations(center(), row)
    return shown


def ordered(rows: list[Any], locale: str | None) -> list[Any]:
    """By position, or as `sort_by` says; with a locale only what is translated into it."""
    sort = request.args.get("sort_by", "position")

    def key(row: Node) -> tuple[Any, int]:
        named = row.text(locale).title if sort == "name" else getattr(row, sort, row.position)
        return named, row.id

    chosen = [row for row in rows if locale is None or locale in row.translations]
    return sorted(chosen, key=key, reverse=request.args.get("sort_order") == "desc")


def sections(rows: list[Section], locale: str | None) -> Json:
    """A page of sections."""
    extra: Json = {}
    if "categories" in included():
        keys = sorted({row.category_id for row in rows})
        extra["categories"] = [shapes.node(center(), guide().categories[key], locale) for key in keys]
    return listing(ordered(rows, locale), "sections", lambda row: shape(row, locale), extra)


@api.help("/categories")
def list_categories(locale: str | None = None) -> Any:
    """All categories of the brand."""
    rows = [row for row in guide().categories.values() if row.brand_id == brand().id]
    return listing(ordered(rows, locale), "categories", lambda row: shape(row, locale))


@api.help("/categories", "POST")
def create_category(locale: str | None = None) -> Any:
    """A new category."""
    return {"category": shape(center().create_category(brand(), wrapped("category"), actor(), locale), locale)}, 201


@api.help("/categories/<int:category_id>")
def show_category(category_id: int, locale: str | None = None) -> Any:
    """One category."""
    return {"category": shape(center().category(category_id, brand()), locale)}


@api.help("/categories/<int:category_id>", "PUT")
def update_category(category_id: int, locale: str | None = None) -> Any:
    """Change a category."""
    row = center().category(category_id, brand())
    center().update_node(row, wrapped("category"), actor(), locale)
    return {"category": shape(row, locale)}


@api.help("/categories/<int:category_id>", "DELETE")
def delete_category(category_id: int, locale: str | None = None) -> Any:
    """Delete a category with its sections; their articles are archived."""
    center().delete_category(center().category(category_id, brand()))
    return "", 204


@api.help("/sections")
def list_sections(locale: str | None = None) -> Any:
    """All sections of the brand."""
    return sections([row for row in guide().sections.values() if row.brand_id == brand().id], locale)


@api.help("/categories/<int:category_id>/sections")
def list_sections_of_category(category_id: int, locale: str | None = None) -> Any:
    """All sections of a category, at any depth."""
    category = center().category(category_id, brand())
    return sections([row for row in guide().sections.values() if row.category_id == category.id], locale)


@api.help("/categories/<int:category_id>/sections", "POST")
def create_section(category_id: int, locale: str | None = None) -> Any:
    """A new section."""
    category = center().category(category_id, brand())
    return {"section": shape(center().create_section(category, wrapped("section"), actor(), locale), locale)}, 201


@api.help("/sections/<int:section_id>")
def show_section(section_id: int, locale: str | None = None) -> Any:
    """One section."""
    return {"section": shape(center().section(section_id, brand()), locale)}


@api.help("/sections/<int:section_id>", "PUT")
def update_section(section_id: int, locale: str | None = None) -> Any:
    """Change a section."""
    row = center().section(section_id, brand())
    center().update_node(row, wrapped("section"), actor(), locale)
    return {"section": shape(row, locale)}


@api.help("/sections/<int:section_id>", "DELETE")
def delete_section(section_id: int, locale: str | None = None) -> Any:
    """Delete a section; its articles are archived."""
    center().delete_section(center().section(section_id, brand()))
    return "", 204


@api.help("/<any(sections, categories):kind>/<int:key>/source_locale", "PUT")
def set_node_source(kind: str, key: int, locale: str | None = None) -> Any:
    """Make another translation the source."""
    row: Node = center().section(key, brand()) if kind == "sections" else center().category(key, brand())
    center().set_source(row, str(next(iter(body().values()), "")).lower())
    return "", 200
