"""The note's phrases in Russian; the keys are those of `words_en`."""

from adapters.health.language import Language, Phrases

PHRASES: Phrases = {
    "word.down": "НЕ РАБОТАЕТ",
    "word.degraded": "РАБОТАЕТ С ОШИБКАМИ",
    "word.ok": "РАБОТАЕТ",
    "word.unknown": "НЕИЗВЕСТНО",
    "verdict": "{word}: {what}: {why}. Проверено в {time} UTC из {vantage} за {seconds} с.",
    "previous": "До этого, в {time} UTC: {word}.",
    "found_by": "Почему проверялось именно это: {found_by}.",
    "more": "И ещё результатов: {count}.",
    "and_more": " (и ещё: {count})",
    "nothing": "ничего не измерено",
    "lives": "сервер жив",
    "all_works": "всё проверенное работает",
    "nothing_expected": "сервер жив, но судить о его службах не по чему",
    "one_kind": "молчит только один вид проверки, этого мало, чтобы считать сервер неработающим",
    "icmp.answered": "ping проходит ({got} из {sent}, {avg} мс)",
    "icmp.lost": "ping теряет {loss} % (ответов {got} из {sent}, {avg} мс)",
    "icmp.silent": "нет ответа на ping (0 из {sent})",
    "icmp.forbidden": "ping на нашей машине не разрешён; исправить: {cure}",
    "icmp.no_route": "не удалось отправить ping с нашей машины",
    "tcp.open.one": "порт {ports} открыт",
    "tcp.open.many": "порты {ports} открыты",
    "tcp.refused.one": "порт {ports} отклоняет соединения",
    "tcp.refused.many": "порты {ports} отклоняют соединения",
    "tcp.timeout.one": "порт {ports} не отвечает",
    "tcp.timeout.many": "порты {ports} не отвечают",
    "tcp.unreachable.one": "порт {ports} недоступен",
    "tcp.unreachable.many": "порты {ports} недоступны",
    "tcp.blocked.one": "порт {ports} не удалось проверить с нашей машины",
    "tcp.blocked.many": "порты {ports} не удалось проверить с нашей машины",
    "http.answered": "{url} отвечает {status} за {seconds} с",
    "http.redirect": "{url} отвечает {status}, перенаправляет на {location}",
    "http.redirect_elsewhere": "{url} отвечает {status}, перенаправляет на другой сайт: {location}",
    "http.slow": "{url} отвечает медленно: {status} через {seconds} с",
    "http.client_error": "{url} отвечает {status}",
    "http.server_error": "{url} отвечает {status}: сайт не работает, хотя сервер жив",
    "http.challenge": "{url} отвечает {status} с проверкой от файрвола, сам сайт не виден",
    "http.incomplete": "{url} начинает отвечать {status}, но не заканчивает за {seconds} с",
    "http.no_answer": "{url} принимает соединение, но не отвечает за {seconds} с",
    "http.reset": "{url} принимает соединение и обрывает его",
    "http.malformed": "{url} отвечает не по протоколу HTTP",
    "http.tls": "{url}: не удаётся установить TLS",
    "http.timeout": "{url}: соединение не устанавливается, истекло время ожидания",
    "http.refused": "{url}: соединение отклонено",
    "http.unreachable": "{url}: узел недоступен",
    "http.blocked": "{url} не удалось проверить с нашей машины",
    "tls.valid": "сертификат действителен ещё {days} (до {until}, выдан {issuer})",
    "tls.expired": "срок действия сертификата истёк {until}",
    "tls.not_yet_valid": "сертификат начнёт действовать только {since}",
    "tls.wrong_name": "сертификат выдан не для {host} (он для {names})",
    "tls.self_signed": "сертификат самоподписанный",
    "tls.incomplete_chain": "цепочка сертификатов неполная (нет промежуточного, или его издатель неизвестен)",
    "tls.unknown_root": "цепочка сертификатов ведёт к неизвестному корневому",
    "tls.expires_soon": "сертификат истекает через {days} ({until})",
    "tls.old_version": "сервер не поддерживает ничего новее {version}",
    "tls.shut": "сертификат не проверен: нет соединения с портом {port}",
    "tls.no_answer": "TLS на порту {port} не устанавливается за отведённое время",
    "tls.failed": "не удаётся установить TLS на порту {port} ({reason})",
    "tls.unreadable": "сертификат не читается",
    "dns.answered": "DNS: {host} указывает на {answers}",
    "dns.answered_ttl": "DNS: {host} указывает на {answers} (TTL {ttl} с)",
    "dns.nxdomain": "DNS: имени {host} не существует",
    "dns.timeout": "DNS: наш резолвер не ответил, поэтому о {host} ничего не известно",
    "dns.failure": "DNS: имя {host} не разрешается",
    "dns.no_address": "DNS: у {host} нет адреса",
    "dns.server_silent": "не отвечает сервер имён {silent}",
    "dns.all_servers_silent": "не отвечает ни один сервер имён зоны {zone} ({silent})",
    "dns.lame": "сервер имён {lame} не обслуживает зону {zone}",
    "dns.serials_differ": "на серверах имён разные версии зоны {zone} ({serials})",
    "dns.elsewhere": "DNS указывает на {answers}, а не на наш {known} (CDN или переезд)",
    "dns.answers_differ": "серверы имён отвечают по-разному",
    "dns.long_ttl": "TTL {ttl} с: столько займёт смена адреса",
    "guard.forbidden": "ничего не проверялось: адрес {address} закрыт для проверок ({reason})",
    "background.since": "Состояние «{word}» уже {span}, с {since} UTC, по данным обхода.",
    "background.since_alive": "{word} уже {span}, с {since} UTC; последний признак жизни в {alive} UTC.",
    "background.new": "Это новое: ещё в {alive} UTC обход видел сервер живым.",
    "background.before": "До сих пор по данным обхода: {word}, с {since} UTC.",
    "background.flapping": "За последние полчаса состояние часто менялось: то работает, то нет.",
    "background.server": "Соседи в {network}: работают {up} из {total}, значит, дело в сервере, а не в сети.",
    "background.network": "Соседи в {network}: работают только {up} из {total}, похоже, дело в сети.",
    "background.neighbours": "Соседи в {network}: работают {up} из {total}.",
    "span.minutes": "{minutes} мин",
    "span.hours": "{hours} ч {minutes} мин",
    "any.no_route": "с нашей машины нет маршрута до {address}",
    "any.our_side": "дело в нас? Наши контрольные узлы тоже не отвечают",
    "any.deadline": "{probe}: нет ответа за отведённое время",
    "any.fault": "{probe}: сбой самой проверки ({error})",
    "any.busy": "слишком много проверок одновременно, не измерено",
}

_FOUND_BY = (
    (r"address (\S+) in the text", r"адрес \1 в тексте"),
    (r"domain (\S+) in the text", r"домен \1 в тексте"),
    (r"ticket field (.+)", r"поле заявки \1"),
    (r"client field (.+)", r"поле клиента \1"),
    (r"the client's only service", "единственная услуга клиента"),
)


def days(count: int) -> str:
    """A number of days with its noun in the right form: 1 день, 2 дня, 5 дней, 11 дней, 21 день."""
    if count < 1:
        return "меньше суток"
    if count % 10 == 1 and count % 100 != 11:
        return f"{count} день"
    if count % 10 in (2, 3, 4) and count % 100 not in (12, 13, 14):
        return f"{count} дня"
    return f"{count} дней"


LANGUAGE = Language("ru", PHRASES, days, ",", _FOUND_BY)
