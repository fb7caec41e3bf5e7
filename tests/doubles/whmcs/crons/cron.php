<?php

/**
 * The system cron: `cron.php all` every few minutes. The first run of a day, or one with -F, is the daily run too.
 */

use WhmcsDouble\Configuration;
use WhmcsDouble\Hooks;

if (PHP_SAPI !== 'cli') {
    http_response_code(403);
    exit;
}
define('IN_CRON', true);
require_once __DIR__ . '/../init.php';

$daily = in_array('-F', $argv, true) || Configuration::get('LastDailyCron') !== date('Y-m-d');
if (in_array('--no-daily', $argv, true)) {
    $daily = false;
}
if ($daily) {
    Hooks::run('PreCronJob', []);
    Hooks::run('DailyCronJob', []);
    Configuration::set('LastDailyCron', date('Y-m-d'));
}
Hooks::run('AfterCronJob', []);
logActivity('Cron Job: Completed');
echo "OK\n";
