<?php

use WhmcsDouble\AdminPage;
use WhmcsDouble\Hooks;
use WhmcsDouble\Session;

define('ADMINAREA', true);
require_once __DIR__ . '/../init.php';

$admin = Session::demandAdmin();
(new AdminPage($admin, 'Dashboard'))->show('<div id="widgets">' . Hooks::html('AdminHomepage', []) . '</div>');
