"""Whatever happens in whatever order, and however it is printed, the listings agree with each other."""

from typing import Any

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from deskside.demo.whmcs import Quirks, SimulatedWhmcs
from deskside.demo.whmcs.api import perform
from deskside.demo.whmcs.errors import ApiError
from deskside.demo.whmcs.state import PRIORITIES
from tests.demo.clock import SettableClock

STATUSES = ("Open", "Answered", "Customer-Reply", "On Hold", "In Progress", "Closed", "Escalated")
AWAITING = {"Open", "Customer-Reply", "Escalated"}
TEXT = st.text(min_size=1, max_size=20)


class Desk(RuleBasedStateMachine):
    """The API and the hands on one install, against a model of what must be seen."""

    def __init__(self) -> None:
        super().__init__()
        self.clock = SettableClock()
        self.whmcs = SimulatedWhmcs(clock=self.clock, quirks=Quirks(ordered=True, entities=False))
        self.whmcs.add_status("Escalated", active=True, awaiting=True)
        self.whmcs.access.refused.clear()
        self.departments = [self.whmcs.add_department(name) for name in ("Servers", "Billing")]
        self.agent = self.whmcs.add_admin("Mira Holt", "mira", "mira@desk.example", self.departments)
        self.client = self.whmcs.add_client("Ada", "ada@client.example")
        self.whmcs.addon.url = "http://127.0.0.1:1/never-started"
        self.status: dict[int, str] = {}
        self.words: dict[int, list[str]] = {}
        self.notes: dict[int, list[str]] = {}

    def ask(self, action: str, **given: Any) -> Any:
        asked = {"identifier": self.whmcs.identifier, "secret": self.whmcs.secret, "action": action}
        return perform(self.whmcs.world, {**asked, **{key: str(value) for key, value in given.items()}}, "127.0.0.1")

    def some(self, data: st.DataObject) -> int:
        return data.draw(st.sampled_from(sorted(self.status)))

    @initialize(text=TEXT)
    def first(self, text: str) -> None:
        self.open(text, 0, "Low")

    @rule(text=TEXT, place=st.integers(0, 1), priority=st.sampled_from(PRIORITIES))
    def open(self, text: str, place: int, priority: str) -> None:
        made = self.ask(
            "OpenTicket",
            deptid=self.departments[place],
            subject="s",
            message=text,
            clientid=self.client,
            priority=priority,
        )
        key = int(made["id"])
        self.status[key], self.words[key], self.notes[key] = "Open", [text], []

    @rule(data=st.data(), text=TEXT, by_agent=st.booleans())
    def reply(self, data: st.DataObject, text: str, by_agent: bool) -> None:
        key = self.some(data)
        author = {"adminusername": "mira"} if by_agent else {"clientid": self.client}
        self.ask("AddTicketReply", ticketid=key, message=text, **author)
        self.words[key].append(text)
        self.status[key] = "Answered" if by_agent else "Customer-Reply"

    @rule(data=st.data(), text=TEXT)
    def note(self, data: st.DataObject, text: str) -> None:
        key = self.some(data)
        self.ask("AddTicketNote", ticketid=key, message=text)
        self.notes[key].append(text)

    @rule(data=st.data(), status=st.sampled_from([*STATUSES, "No Such"]))
    def set_status(self, data: st.DataObject, status: str) -> None:
        key = self.some(data)
        try:
            self.ask("UpdateTicket", ticketid=key, status=status)
        except ApiError as error:
            assert status == "No Such"
            assert error.message.startswith("Invalid Ticket Status")
        else:
            self.status[key] = status

    @rule(data=st.data())
    def forget_a_note(self, data: st.DataObject) -> None:
        key = self.some(data)
        if self.notes[key]:
            shown = self.ask("GetTicketNotes", ticketid=key)["notes"]["note"]
            self.ask("DeleteTicketNote", noteid=shown[0]["id"])
            self.notes[key].pop(0)

    @rule(seconds=st.integers(1, 100_000))
    def wait(self, seconds: int) -> None:
        self.clock.forward(seconds)

    @precondition(lambda self: len(self.status) > 1)
    @rule(data=st.data())
    def merge(self, data: st.DataObject) -> None:
        target, source = data.draw(st.permutations(sorted(self.status)))[:2]
        self.ask("MergeTicket", ticketid=target, mergeticketids=source)
        self.words[target] += self.words.pop(source)
        self.notes[target] += self.notes.pop(source)
        del self.status[source]

    @precondition(lambda self: len(self.status) > 1)
    @rule(data=st.data())
    def delete(self, data: st.DataObject) -> None:
        key = self.some(data)
        self.whmcs.delete(key, self.agent)
        del self.status[key], self.words[key], self.notes[key]

    @invariant()
    def the_listing_shows_every_ticket_once_with_its_status(self) -> None:
        rows = self.ask("GetTickets", ignore_dept_assignments="1", limitnum=1000)["tickets"]["ticket"]
        assert {int(row["id"]): row["status"] for row in rows} == self.status
        assert len(rows) == len(self.status)

    @invariant()
    def every_ticket_holds_what_was_said_and_its_last_word_is_the_newest(self) -> None:
        for key, words in self.words.items():
            shown = self.ask("GetTicket", ticketid=key)
            replies = shown["replies"]["reply"]
            assert sorted(row["message"] for row in replies) == sorted(words)
            assert replies[0]["replyid"] == "0"
            assert len({row["replyid"] for row in replies}) == len(replies)
            assert shown["lastreply"] == max(row["date"] for row in replies)
            assert sorted(row["message"] for row in shown["notes"]["note"]) == sorted(self.notes[key])

    @invariant()
    def the_counts_agree_with_the_listing(self) -> None:
        counts = self.ask("GetTicketCounts", ignoreDepartmentAssignments="1", includeCountsByStatus="1")
        assert counts["awaitingReply"] == sum(status in AWAITING for status in self.status.values())
        assert sum(row["count"] for row in counts["status"].values()) == len(self.status)
        departments = self.ask("GetSupportDepartments", ignore_dept_assignments="1")["departments"]["department"]
        assert sum(int(row["awaitingreply"]) for row in departments) == counts["awaitingReply"]
        assert sorted(self.whmcs.queue()) == sorted(key for key in self.status if self.status[key] in AWAITING)

    @invariant()
    def every_event_is_in_the_outbox_under_an_id_of_its_own(self) -> None:
        events = self.whmcs.addon.outbox
        assert len({event.id for event in events}) == len(events)
        assert sum(event.type == "ticket.opened" for event in events) >= len(self.status)


Desk.TestCase.settings = settings(max_examples=40, stateful_step_count=25, deadline=None)
TestTheListingsAgree = Desk.TestCase
