<?php

$_ADDONLANG['agent_away'] = 'Deskside does not answer. Replies are not locked until it does.';
$_ADDONLANG['agent_denied'] = 'Deskside: your role has no access to this addon, or the page is old. Load it again.';
$_ADDONLANG['agent_no_form'] = 'This theme names the reply form otherwise: who is writing is shown, nothing is locked.';
$_ADDONLANG['agent_refused'] = 'Your reply was not sent, because somebody else was writing one. Your text is here.';
$_ADDONLANG['agent_idle'] = 'You stopped writing, so others can send a reply again. Your text is kept.';
$_ADDONLANG['agent_confirm'] = 'Take the reply over? The other agent will see that it was you.';
$_ADDONLANG['agent_draft'] = 'There is a text that you did not send.';
$_ADDONLANG['agent_restore'] = 'Put it back';
$_ADDONLANG['agent_discard'] = 'Discard it';
$_ADDONLANG['agent_queue'] = 'Queue by Deskside';
$_ADDONLANG['agent_boost'] = 'Send the client an invoice for this place?';
$_ADDONLANG['agent_boost_failed'] = 'That did not work: Deskside does not answer. Nothing was sold.';

$_ADDONLANG['client_boost'] = 'Get an invoice for this place?';
$_ADDONLANG['client_boost_failed'] = 'That did not work. Please try again in a minute.';

$_ADDONLANG['suggest_heading'] = 'Does one of these help?';
$_ADDONLANG['suggest_new_tab'] = 'Opens in a new tab';

$_ADDONLANG['page_state'] = 'Connection';
$_ADDONLANG['page_settings'] = 'Settings';
$_ADDONLANG['page_address'] = 'Address of Deskside';
$_ADDONLANG['page_address_help'] = 'Such as https://deskside.example.com. Empty: as the addon was packed.';
$_ADDONLANG['page_secret'] = 'Secret';
$_ADDONLANG['page_secret_set'] = '•••••••• (set)';
$_ADDONLANG['page_secret_help'] = 'Empty: it stays as it is.';
$_ADDONLANG['page_secret_packed'] = 'Go back to the secret the addon was packed with';
$_ADDONLANG['page_not_set'] = 'not set';
$_ADDONLANG['page_contact'] = 'Last answer of Deskside';
$_ADDONLANG['page_breaker'] = 'State';
$_ADDONLANG['page_breaker_open'] = 'away; tried again in %d s (%s)';
$_ADDONLANG['page_breaker_closed'] = 'ready';
$_ADDONLANG['page_waiting'] = 'Events that wait';
$_ADDONLANG['page_waiting_since'] = '%d, the oldest from %s';
$_ADDONLANG['page_sent'] = 'Sent in the last 24 hours';
$_ADDONLANG['page_newest'] = 'The newest events';
$_ADDONLANG['page_event'] = 'Event';
$_ADDONLANG['page_when'] = 'When';
$_ADDONLANG['page_row_state'] = 'State';
$_ADDONLANG['page_row_sent'] = 'sent';
$_ADDONLANG['page_row_waits'] = 'waits';
$_ADDONLANG['page_tries'] = 'Tries';
$_ADDONLANG['page_error'] = 'Last error';
$_ADDONLANG['page_never'] = 'never';
$_ADDONLANG['page_seconds_ago'] = '%d s ago';
$_ADDONLANG['page_minutes_ago'] = '%d min ago';
$_ADDONLANG['page_events'] = 'Events that are sent';
$_ADDONLANG['page_server_lock'] = 'The server, too, turns back a reply that another agent is writing';
$_ADDONLANG['page_push'] = 'Offer pushes to clients, when Deskside has that part';
$_ADDONLANG['page_suggest'] = 'Suggest articles of the knowledge base to clients who write a ticket';
$_ADDONLANG['page_selectors'] = 'Other element ids of this theme, as JSON: {"replyForm": "#…", "replyField": "#…", '
    . '"replyButton": "#…", "clientPlace": "#…", "ticketSubject": "#…"}';
$_ADDONLANG['page_save'] = 'Save';
$_ADDONLANG['page_test'] = 'Test connection';
$_ADDONLANG['page_flush'] = 'Send what waits';
$_ADDONLANG['page_flushed'] = '%d events were sent.';
$_ADDONLANG['page_saved'] = 'Saved.';
$_ADDONLANG['page_form_expired'] = 'The form was too old. Nothing was changed; try again.';
$_ADDONLANG['page_wrong_address'] = 'The address must be like https://deskside.example.com. Nothing was changed.';
$_ADDONLANG['page_wrong_selectors'] = 'The element ids must be JSON with these names only. Nothing was changed.';
$_ADDONLANG['page_not_yours'] = 'Your role may not change the settings (Configuration > Addon Modules > Deskside).';
$_ADDONLANG['page_test_events_good'] = 'Deskside took a test event (%d ms for both tests).';
$_ADDONLANG['page_test_events_bad'] = 'Deskside did not take a test event: %s.';
$_ADDONLANG['page_test_pages_good'] = 'Deskside answers what pages ask (%d ms for both tests).';
$_ADDONLANG['page_test_pages_bad'] = 'Deskside does not answer what pages ask: %s.';
