"""Who takes part in the demonstration: clients, their servers, agents, and what clients write.

Every name is invented, every domain is under `.example` (RFC 2606).
"""

from dataclasses import dataclass

from deskside.demo.servers import DATABASE, SHELL, TLS, WEB, Condition, Server


@dataclass(frozen=True)
class Organization:
    """A client: `key` is its external id, `russian` the language its people write, `spend` is a month's."""

    key: str
    name: str
    plan: str
    people: tuple[tuple[str, str], ...]
    since: str
    spend: int
    russian: bool = False
    vip: bool = False


PLANS = (("Basic", "basic"), ("Business", "business"), ("Enterprise", "enterprise"))
SERVERS_GROUP, BILLING_GROUP, RUSSIAN_GROUP = "Servers", "Billing and domains", "Поддержка"
GROUPS = (SERVERS_GROUP, BILLING_GROUP, RUSSIAN_GROUP)
AGENTS = (
    ("Mira Holt", "mira@desk.example", SERVERS_GROUP),
    ("Tomás Vega", "tomas@desk.example", SERVERS_GROUP),
    ("June Park", "june@desk.example", BILLING_GROUP),
    ("Олег Снегов", "oleg@desk.example", RUSSIAN_GROUP),
)
ORGANIZATIONS = (
    Organization(
        "alpine-cycles",
        "Alpine Cycles",
        "business",
        (("Hanna Roth", "hanna@alpine-cycles.example"), ("Pavel Dietz", "pavel@alpine-cycles.example")),
        "2021-04-12",
        320,
    ),
    Organization(
        "northwind-bakery",
        "Northwind Bakery",
        "basic",
        (("Sam Oakes", "sam@northwind-bakery.example"),),
        "2026-08-03",
        12,
    ),
    Organization(
        "harbour-legal",
        "Harbour Legal",
        "enterprise",
        (("Grace Lindqvist", "grace@harbour-legal.example"), ("Ian Moss", "ian@harbour-legal.example")),
        "2017-02-27",
        2400,
        vip=True,
    ),
    Organization(
        "pixel-foundry", "Pixel Foundry", "business", (("Ravi Anand", "ravi@pixel-foundry.example"),), "2023-10-09", 540
    ),
    Organization(
        "old-mill-radio", "Old Mill Radio", "basic", (("Ada O'Neill", "ada@old-mill-radio.example"),), "2015-06-15", 9
    ),
    Organization(
        "mayak",
        "Студия «Маяк»",
        "business",
        (("Ирина Белова", "irina@mayak-studio.example"), ("Егор Лис", "egor@mayak-studio.example")),
        "2022-01-17",
        260,
        russian=True,
    ),
    Organization(
        "zerno", "Кофейня «Зерно»", "basic", (("Тимур Алиев", "timur@zerno.example"),), "2025-11-04", 15, russian=True
    ),
    Organization(
        "sever",
        "Лаборатория «Север»",
        "enterprise",
        (("Анна Ковальчук", "anna@sever-lab.example"),),
        "2019-09-30",
        1800,
        russian=True,
        vip=True,
    ),
)
MAYAK = "маяк-студия.example".encode("idna").decode()


def servers() -> list[Server]:
    """The clients' servers, each in the condition in which the demonstration begins."""
    return [
        Server("shop", "alpine-cycles", "Cloud server M", ("shop.alpine-cycles.example",), (WEB, SHELL)),
        Server("workshop", "alpine-cycles", "Cloud server S", ("workshop.alpine-cycles.example",), (WEB, SHELL)),
        Server("site", "northwind-bakery", "Web hosting", ("northwind-bakery.example",), (WEB,), Condition.SLOW),
        Server(
            "portal",
            "harbour-legal",
            "Dedicated server",
            ("portal.harbour-legal.example",),
            (WEB, SHELL),
            Condition.DEAD,
        ),
        Server("archive", "harbour-legal", "Cloud server L", ("archive.harbour-legal.example",), (WEB, SHELL)),
        Server(
            "render",
            "pixel-foundry",
            "Dedicated server",
            ("render.pixel-foundry.example",),
            (WEB, SHELL),
            Condition.STOPPED,
        ),
        Server("studio", "mayak", "Cloud server M", ("mayak-studio.example", MAYAK), (TLS, SHELL)),
        Server("menu", "zerno", "Web hosting", ("zerno.example",), (WEB,), Condition.FAILING),
        Server("data", "sever", "Dedicated server", ("data.sever-lab.example",), (DATABASE, SHELL)),
        Server("lab", "sever", "Cloud server L", ("lab.sever-lab.example",), (WEB, SHELL)),
    ]


@dataclass(frozen=True)
class Letter:
    """What a client writes; `{domain}`, `{address}`, `{other}` and `{number}` are filled in."""

    subject: str
    text: str
    billing: bool = False
    priority: str | None = None


DOWN = (
    Letter(
        "Server does not respond",
        "Hello,\n\n{domain} does not open since a few minutes, ssh hangs as well. Our clients cannot work.\n"
        "Please look at {address} at once.\n\nRegards",
        priority="urgent",
    ),
    Letter("{domain} is down!!", "The whole site {domain} is gone: time-out in every browser. What happened?"),
)
DOWN_RUSSIAN = (
    Letter(
        "Не отвечает сервер",
        "Добрый день!\n\nСайт {domain} не открывается уже несколько минут, по ssh тоже не зайти.\n"
        "Адрес {address}. Проверьте, пожалуйста, срочно!",
        priority="urgent",
    ),
    Letter("{domain} лежит", "Здравствуйте, {domain} недоступен, браузер пишет про тайм-аут. Что случилось?"),
)
ABOUT_A_SERVER = (
    Letter("Pages load slowly", "Since this morning https://{domain}/ takes ages. Is the machine overloaded?"),
    Letter("Certificate warning", "Visitors of {domain} get a certificate warning. Can you renew it for us?"),
    Letter("502 after our update", "We updated the shop on {domain} ({address}) and now see errors now and then."),
    Letter("Disk almost full?", "Could you check how much room is left on {address}? The backup said something."),
    Letter(
        "Scan from a strange address",
        "Our log on {domain} is full of requests from 203.0.113.{number}, and {other} links to us. Can you block it?",
    ),
    Letter(
        "Copy of an <b>HTML</b> mail",
        '<div style="display:none">ignore me</div><p>Our site <a href="http://{domain}">{domain}</a> shows '
        "<script>alert('no')</script> an empty page.</p>\x07\x1b[31m\x00 Thank you",
    ),
)
ABOUT_A_SERVER_RUSSIAN = (
    Letter(
        "Медленно открывается сайт", "Здравствуйте! Страницы {domain} грузятся по десять секунд. Это у вас или у нас?"
    ),
    Letter("Ошибка сертификата", "На https://{domain} браузер ругается на сертификат. Продлите, пожалуйста."),
    Letter("Доступ по ssh", "Не пускает по ssh на {address} после смены ключа. Проверьте, открыт ли порт."),
    Letter("Вопрос про соседей", "Сайт {other} работает, а наш {domain} нет. Мы на одном сервере?"),
)
GENERAL = (
    Letter(
        "Invoice for last month", "Could you send the invoice {number} again, please? The PDF was empty.", billing=True
    ),
    Letter("Move to the bigger plan", "What would it cost us to move to the next plan from the first?", billing=True),
    Letter("How do I add a user?", "I cannot find where to add a colleague to the control panel."),
    Letter("Feature question", 'Is HTTP/3 planned? We read "soon" in your notes\nand would like to test it.'),
)
GENERAL_RUSSIAN = (
    Letter("Закрывающие документы", "Пришлите, пожалуйста, акт за прошлый месяц, счёт № {number}.", billing=True),
    Letter("Как добавить пользователя?", "Не могу найти, где в панели добавить коллегу."),
    Letter("Тариф", "Хотим перейти на тариф выше. Что изменится?", billing=True),
)
CHASING = ("Any news?", "Hello? It is still the same here.", "Thank you, one more thing: it also happens at night.")
CHASING_RUSSIAN = (
    "Есть новости?",
    "Всё ещё не работает, ответьте, пожалуйста.",
    "Спасибо! И ещё: ночью было то же самое.",
)
SOLVING = ("This is done. Please tell us if anything is left.", "We found and fixed it. All is well again on our side.")
SOLVING_RUSSIAN = ("Готово, проверьте, пожалуйста.", "Нашли причину и исправили, теперь всё в порядке.")
REOPENING = ("Sadly it is back.", "It happened again, the same as before.")
REOPENING_RUSSIAN = ("К сожалению, всё повторилось.", "Снова то же самое, откройте заявку, пожалуйста.")
