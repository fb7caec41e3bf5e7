<?php

use WhmcsDouble\ClientTicketPage;

define('CLIENTAREA', true);
require_once __DIR__ . '/init.php';

ClientTicketPage::answer();
