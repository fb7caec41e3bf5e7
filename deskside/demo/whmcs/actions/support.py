"""Departments, statuses, announcements."""

from deskside.demo.whmcs.actions.registry import Call, action, listing
from deskside.demo.whmcs.actions.tickets import fits_status
from deskside.demo.whmcs.answers import NO_MOMENT, Html
from deskside.demo.whmcs.errors import ApiError
from deskside.demo.whmcs.state import Announcement, Json


@action("GetSupportDepartments")
def get_support_departments(call: Call) -> Json:
    """The departments of the administrator, unless it says otherwise."""
    state = call.world.state
    mine = None if call.flag("ignore_dept_assignments") else call.admin.departments
    rows = []
    for department in state.departments.values():
        if mine is not None and department.id not in mine:
            continue
        tickets = [row for row in state.tickets.values() if row.deptid == department.id and not row.merged_into]
        rows.append(
            {
                "id": department.id,
                "name": department.name,
                "awaitingreply": sum(fits_status(state, row, "Awaiting Reply", 0) for row in tickets),
                "opentickets": sum(fits_status(state, row, "All Active Tickets", 0) for row in tickets),
            }
        )
    return {"totalresults": len(rows), **listing("departments", "department", rows)}


@action("GetSupportStatuses", numeric=True)
def get_support_statuses(call: Call) -> Json:
    """The statuses with their counts; which of them wait for an agent is not told."""
    state = call.world.state
    tickets = [
        row for row in state.tickets.values() if not row.merged_into and call.number("deptid") in (0, row.deptid)
    ]
    rows = [
        {"title": row.title, "count": sum(item.status == row.title for item in tickets), "color": row.color}
        for row in sorted(state.statuses.values(), key=lambda row: row.order)
    ]
    return {"totalresults": len(rows), **listing("statuses", "status", rows)}


@action("GetAnnouncements", flat=True)
def get_announcements(call: Call) -> Json:
    """Announcements, the newest first, their text as HTML."""
    rows = sorted(call.world.state.announcements.values(), key=lambda row: (row.date, row.id), reverse=True)
    counts, shown = call.page(rows)
    announcements = [
        {
            "id": row.id,
            "date": row.date,
            "title": row.title,
            "announcement": Html(row.announcement),
            "published": int(row.published),
            "parentid": 0,
            "language": row.language,
            "created_at": NO_MOMENT,
            "updated_at": NO_MOMENT,
        }
        for row in shown
    ]
    return {**counts, **listing("announcements", "announcement", announcements)}


def announcement(call: Call) -> Announcement:
    """The announcement named. Raises ApiError."""
    row = call.world.state.announcements.get(call.number("announcementid"))
    if row is None:
        raise ApiError("Announcement ID Not Found")
    return row


def changed(call: Call, row: Announcement) -> None:
    """The hooks AnnouncementAdd and AnnouncementEdit run."""
    call.world.tell("announcement.changed", {"announcement": str(row.id)}, None)


@action("AddAnnouncement")
def add_announcement(call: Call) -> Json:
    """A new announcement."""
    state = call.world.state
    at = call.moment("date", future=True) or state.clock()
    row = Announcement(
        state.next_id("announcement"), at, call.text("title"), call.text("announcement"), call.flag("published")
    )
    state.announcements[row.id] = row
    changed(call, row)
    return {"announcementid": row.id}


@action("UpdateAnnouncement")
def update_announcement(call: Call) -> Json:
    """Change what was given."""
    row = announcement(call)
    row.date = call.moment("date", future=True) or row.date
    row.title = call.text("title", row.title)
    row.announcement = call.text("announcement", row.announcement)
    if call.has("published"):
        row.published = call.flag("published")
    changed(call, row)
    return {"announcementid": row.id}


@action("DeleteAnnouncement")
def delete_announcement(call: Call) -> Json:
    """Remove an announcement."""
    row = announcement(call)
    del call.world.state.announcements[row.id]
    return {"announcementid": row.id}
