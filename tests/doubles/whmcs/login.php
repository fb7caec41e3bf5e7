<?php

use WhmcsDouble\ClientPage;

define('CLIENTAREA', true);
require_once __DIR__ . '/init.php';

http_response_code(403);
(new ClientPage('Login', 'ClientAreaPageLogin'))->show('<form id="frmLogin"></form>');
