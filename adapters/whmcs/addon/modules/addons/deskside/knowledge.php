<?php

/**
 * Where Deskside writes the knowledge base: WHMCS's own API has no action for it. Every request is signed.
 */

use WHMCS\Module\Addon\Deskside\Knowledge\Endpoint;

require_once dirname(__DIR__, 3) . '/init.php';
require_once __DIR__ . '/lib/autoload.php';

Endpoint::answer();
