<?php

use WhmcsDouble\AddonSettingsPage;
use WhmcsDouble\Session;

define('ADMINAREA', true);
require_once __DIR__ . '/../init.php';

AddonSettingsPage::answer(Session::demandAdmin());
