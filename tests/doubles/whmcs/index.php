<?php

use WhmcsDouble\AddonClientPage;
use WhmcsDouble\ClientPage;
use WhmcsDouble\Input;

define('CLIENTAREA', true);
require_once __DIR__ . '/init.php';

if (isset($_GET['m'])) {
    AddonClientPage::answer(Input::text('m'));
} else {
    (new ClientPage('Portal Home', ''))->show('<p>Welcome</p>');
}
