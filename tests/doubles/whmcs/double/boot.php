<?php

/**
 * Start-up of a request, in the order the addon can rely on: constants, database, input, session, hooks. Only then the
 * page acts.
 */

use WhmcsDouble\Database;
use WhmcsDouble\ErrorPage;
use WhmcsDouble\HookLoader;
use WhmcsDouble\Input;
use WhmcsDouble\Session;
use WhmcsDouble\State;

if (!defined('WHMCS')) {
    define('WHMCS', true);
    define('ROOTDIR', dirname(__DIR__));

    require_once __DIR__ . '/autoload.php';
    require_once __DIR__ . '/functions.php';

    ErrorPage::install();
    date_default_timezone_set(State::setting('timezone', 'UTC'));
    Database::connect();
    if (PHP_SAPI !== 'cli') {
        Input::encodeAll();
        // Whether the session is there when hooks.php is read is not documented; both can be tried.
        if (!State::setting('session_after_hooks', false)) {
            Session::start();
        }
    }
    if (!defined('WHMCS_DOUBLE_WITHOUT_HOOKS')) {
        HookLoader::load();
    }
    if (PHP_SAPI !== 'cli') {
        Session::start();
    }
}
