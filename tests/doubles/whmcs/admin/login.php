<?php

define('ADMINAREA', true);
require_once __DIR__ . '/../init.php';

http_response_code(403);
echo '<!DOCTYPE html><title>WHMCS - Login</title><form id="admin-login"></form>';
