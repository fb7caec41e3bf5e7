<?php

use WhmcsDouble\Addons;
use WhmcsDouble\AdminPage;
use WhmcsDouble\Html;
use WhmcsDouble\Input;
use WhmcsDouble\Session;

define('ADMINAREA', true);
require_once __DIR__ . '/../init.php';

$admin = Session::demandAdmin();
$name = Input::text('module');
if (!in_array($name, Addons::all(), true) || !Addons::isActive($name)) {
    (new AdminPage($admin, 'Addon Modules'))->show('<p id="no-addon">Invalid module name or not activated</p>');
    exit;
}
if (!Addons::roleMayOpen($name, (int) $admin->roleid)) {
    http_response_code(403);
    (new AdminPage($admin, 'Access Denied'))->show('<p id="access-denied">Access Denied</p>');
    exit;
}
Addons::upgrade($name);
$vars = Addons::vars($name, 'addonmodules.php?module=' . $name);
// Before the frame is made, so that an addon may answer an AJAX call and end the request.
ob_start();
Addons::call($name, 'output', $vars);
$output = (string) ob_get_clean();
$sidebar = (string) Addons::call($name, 'sidebar', $vars);
(new AdminPage($admin, Html::text(Addons::config($name)['name'] ?? $name)))->show($output, $sidebar);
