<?php

use WhmcsDouble\ClientPage;
use WhmcsDouble\Hooks;
use WhmcsDouble\Session;

define('CLIENTAREA', true);
require_once __DIR__ . '/init.php';

Session::demandClient();
$panels = Hooks::html('ClientAreaHomepage', []) . ClientPage::menu('ClientAreaHomepagePanels');
(new ClientPage('Client Area', 'ClientAreaPageHome'))->show('<div class="client-home-panels">' . $panels . '</div>');
