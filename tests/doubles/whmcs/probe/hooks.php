<?php

/**
 * Records what each hook is given, and gives back what that kind of hook may give.
 */

use WHMCS\Authentication\CurrentUser;
use WHMCS\Module\Addon\Probe\Seen;

if (!defined('WHMCS')) {
    die('This file cannot be accessed directly');
}

foreach (Seen::EVENTS as $probe_hook) {
    add_hook($probe_hook, 1, function ($vars) use ($probe_hook) {
        Seen::record($probe_hook, is_array($vars) ? $vars : []);
    });
}

foreach (Seen::HTML as $probe_hook) {
    add_hook($probe_hook, 1, function ($vars) use ($probe_hook) {
        Seen::record($probe_hook, is_array($vars) ? $vars : []);
        return '<i class="probe" data-hook="' . $probe_hook . '"></i>';
    });
}
unset($probe_hook);

add_hook('ClientAreaPageViewTicket', 1, function () {
    return ['probe_place' => 'third in line'];
});

add_hook('AdminAreaPage', 1, function () {
    return ['probe_place' => 'in the admin area'];
});

add_hook('SubmitTicketAnswerSuggestions', 1, function ($vars) {
    Seen::record('SubmitTicketAnswerSuggestions', $vars);
    return [3];
});

add_hook('TicketOpenValidation', 1, function ($vars) {
    return $vars['subject'] === 'refuse me' ? 'The probe refuses.' : '';
});

add_hook('ClientAreaPrimarySidebar', 1, function ($menu) {
    $menu->addChild('probe', ['label' => 'Probe', 'uri' => 'index.php?m=probe', 'order' => 5]);
    $menu->addChild('first', ['label' => 'Before <it>'])->setOrder(1);
});

add_hook('AdminHomepage', 1, function () {
    return '<div id="probe-home">' . $_SESSION['adminid'] . '</div>';
});

add_hook('ClientAreaHomepage', 1, function () {
    $current = new CurrentUser();
    return '<pre id="probe-who">' . json_encode([
        'user' => $current->user() ? $current->user()->id : null,
        'client' => $current->client() ? $current->client()->id : null,
        'admin' => $current->admin() ? $current->admin()->id : null,
        'masquerade' => $current->isMasqueradingAdmin(),
    ]) . '</pre>';
});

add_hook('PreModuleTerminate', 1, function ($vars) {
    return $vars['params']['serviceid'] === 2 ? ['abortcmd' => true] : [];
});

add_hook('ProbeThrow', 1, function () {
    throw new RuntimeException('a hook threw');
});

// What top-level code of a hooks.php can see before the page acts.
if (isset($_GET['probe_early'])) {
    header('X-Probe-Admin: ' . ($_SESSION['adminid'] ?? 'nobody'));
    header('X-Probe-Text: ' . ($_POST['message'] ?? ''));
}
