<?php

use WhmcsDouble\AdminTicketList;
use WhmcsDouble\AdminTicketPage;
use WhmcsDouble\Input;
use WhmcsDouble\Session;

define('ADMINAREA', true);
require_once __DIR__ . '/../init.php';

$admin = Session::demandAdmin();
if (in_array(Input::text('action'), ['view', 'viewticket', 'validatereply', 'makingreply', 'endreply'], true)) {
    AdminTicketPage::answer($admin, Input::text('action'), Input::number('id'));
} else {
    AdminTicketList::answer($admin);
}
