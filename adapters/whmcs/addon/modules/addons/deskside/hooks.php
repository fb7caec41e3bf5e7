<?php

/**
 * What WHMCS calls. This file is read on every page load, so it only registers; what happens is in `lib`.
 */

use WHMCS\Module\Addon\Deskside\AgentSide;
use WHMCS\Module\Addon\Deskside\ClientSide;
use WHMCS\Module\Addon\Deskside\Events;
use WHMCS\Module\Addon\Deskside\Log;
use WHMCS\Module\Addon\Deskside\Recorder;
use WHMCS\Module\Addon\Deskside\ReplyGuard;

if (!defined('WHMCS')) {
    die('This file cannot be accessed directly');
}

require_once __DIR__ . '/lib/autoload.php';

foreach (Events::HOOKS as $deskside_hook) {
    add_hook($deskside_hook, 1, function ($vars = []) use ($deskside_hook) {
        Log::guarded('an event was not recorded', function () use ($deskside_hook, $vars) {
            Recorder::record(Events::of($deskside_hook, is_array($vars) ? $vars : []));
        });
    });
}
unset($deskside_hook);

add_hook('AfterCronJob', 1, function () {
    Log::guarded('the events that wait were not sent', function () {
        Recorder::flush();
    });
});

add_hook('AdminAreaViewTicketPage', 1, function ($vars) {
    return Log::guarded('the panel was not shown', function () use ($vars) {
        return AgentSide::ticket($vars);
    });
});

add_hook('AdminSupportTicketPagePreTickets', 1, function () {
    return Log::guarded('the queue was not shown', function () {
        return AgentSide::queue();
    });
});

add_hook('ClientAreaHeadOutput', 1, function ($vars) {
    return Log::guarded('the client page was left as it is', function () use ($vars) {
        return ClientSide::head($vars);
    });
});

add_hook('ClientAreaFooterOutput', 1, function ($vars) {
    return Log::guarded('the client page was left as it is', function () use ($vars) {
        return ClientSide::footer($vars);
    });
});

// NEEDS PROOF ON A LICENSED INSTALL: there is no hook before an agent's reply is stored, but this file is read before
// the page acts. Whether the session is there by then is not documented. See docs/whmcs-addon.md.
Log::guarded('a reply was let through', function () {
    ReplyGuard::stand();
});
