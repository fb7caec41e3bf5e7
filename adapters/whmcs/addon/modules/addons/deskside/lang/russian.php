<?php

$_ADDONLANG['agent_away'] = 'Deskside не отвечает. До его ответа ответы не блокируются.';
$_ADDONLANG['agent_denied'] = 'Deskside: у вашей роли нет доступа к этому модулю или страница устарела. Обновите её.';
$_ADDONLANG['agent_no_form'] = 'В этой теме форма ответа называется иначе: видно, кто пишет, но ничего не блокируется.';
$_ADDONLANG['agent_refused'] = 'Ваш ответ не отправлен: в это время писал кто-то другой. Ваш текст здесь.';
$_ADDONLANG['agent_idle'] = 'Вы перестали писать, и другие снова могут ответить. Ваш текст сохранён.';
$_ADDONLANG['agent_confirm'] = 'Перехватить ответ? Другой сотрудник увидит, что это сделали вы.';
$_ADDONLANG['agent_draft'] = 'Есть текст, который вы не отправили.';
$_ADDONLANG['agent_restore'] = 'Вернуть';
$_ADDONLANG['agent_discard'] = 'Удалить';
$_ADDONLANG['agent_queue'] = 'Очередь Deskside';
$_ADDONLANG['agent_boost'] = 'Отправить клиенту счёт за это место?';
$_ADDONLANG['agent_boost_failed'] = 'Не получилось: Deskside не отвечает. Ничего не продано.';

$_ADDONLANG['client_boost'] = 'Получить счёт за это место?';
$_ADDONLANG['client_boost_failed'] = 'Не получилось. Попробуйте ещё раз через минуту.';

$_ADDONLANG['suggest_heading'] = 'Может быть, это поможет?';
$_ADDONLANG['suggest_new_tab'] = 'Откроется в новой вкладке';

$_ADDONLANG['page_state'] = 'Соединение';
$_ADDONLANG['page_settings'] = 'Настройки';
$_ADDONLANG['page_address'] = 'Адрес Deskside';
$_ADDONLANG['page_address_help'] = 'Например, https://deskside.example.com. Пусто — как при упаковке модуля.';
$_ADDONLANG['page_secret'] = 'Секрет';
$_ADDONLANG['page_secret_set'] = '•••••••• (задан)';
$_ADDONLANG['page_secret_help'] = 'Пусто — остаётся прежним.';
$_ADDONLANG['page_secret_packed'] = 'Вернуться к секрету, с которым упакован модуль';
$_ADDONLANG['page_not_set'] = 'не задан';
$_ADDONLANG['page_contact'] = 'Последний ответ Deskside';
$_ADDONLANG['page_breaker'] = 'Состояние';
$_ADDONLANG['page_breaker_open'] = 'не отвечает; новая попытка через %d с (%s)';
$_ADDONLANG['page_breaker_closed'] = 'готов';
$_ADDONLANG['page_waiting'] = 'Событий ждёт';
$_ADDONLANG['page_waiting_since'] = '%d, самое старое: %s';
$_ADDONLANG['page_sent'] = 'Отправлено за 24 часа';
$_ADDONLANG['page_newest'] = 'Последние события';
$_ADDONLANG['page_event'] = 'Событие';
$_ADDONLANG['page_when'] = 'Когда';
$_ADDONLANG['page_row_state'] = 'Состояние';
$_ADDONLANG['page_row_sent'] = 'отправлено';
$_ADDONLANG['page_row_waits'] = 'ждёт';
$_ADDONLANG['page_tries'] = 'Попыток';
$_ADDONLANG['page_error'] = 'Последняя ошибка';
$_ADDONLANG['page_never'] = 'никогда';
$_ADDONLANG['page_seconds_ago'] = '%d с назад';
$_ADDONLANG['page_minutes_ago'] = '%d мин назад';
$_ADDONLANG['page_events'] = 'Какие события отправляются';
$_ADDONLANG['page_server_lock'] = 'Сервер тоже возвращает ответ, который пишет другой сотрудник';
$_ADDONLANG['page_push'] = 'Предлагать клиентам пуш-уведомления, когда они появятся в Deskside';
$_ADDONLANG['page_suggest'] = 'Предлагать клиентам статьи базы знаний, пока они пишут заявку';
$_ADDONLANG['page_selectors'] = 'Другие id элементов этой темы, JSON: {"replyForm": "#…", "replyField": "#…", '
    . '"replyButton": "#…", "clientPlace": "#…", "ticketSubject": "#…"}';
$_ADDONLANG['page_save'] = 'Сохранить';
$_ADDONLANG['page_test'] = 'Проверить соединение';
$_ADDONLANG['page_flush'] = 'Отправить ожидающие';
$_ADDONLANG['page_flushed'] = 'Отправлено событий: %d.';
$_ADDONLANG['page_saved'] = 'Сохранено.';
$_ADDONLANG['page_form_expired'] = 'Форма устарела. Ничего не изменено; попробуйте ещё раз.';
$_ADDONLANG['page_wrong_address'] = 'Адрес должен быть вида https://deskside.example.com. Ничего не изменено.';
$_ADDONLANG['page_wrong_selectors'] = 'Id элементов — это JSON только с этими именами. Ничего не изменено.';
$_ADDONLANG['page_not_yours'] = 'Вашей роли нельзя менять настройки (Configuration > Addon Modules > Deskside).';
$_ADDONLANG['page_test_events_good'] = 'Deskside принял пробное событие (%d мс на обе проверки).';
$_ADDONLANG['page_test_events_bad'] = 'Deskside не принял пробное событие: %s.';
$_ADDONLANG['page_test_pages_good'] = 'Deskside отвечает страницам (%d мс на обе проверки).';
$_ADDONLANG['page_test_pages_bad'] = 'Deskside не отвечает страницам: %s.';
