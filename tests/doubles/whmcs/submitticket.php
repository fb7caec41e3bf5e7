<?php

use WhmcsDouble\SubmitTicketPage;

define('CLIENTAREA', true);
require_once __DIR__ . '/init.php';

SubmitTicketPage::answer();
