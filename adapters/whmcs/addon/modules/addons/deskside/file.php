<?php

/**
 * A file of an article. Without WHMCS: there is nothing secret in it, and its name says what it is.
 */

use WHMCS\Module\Addon\Deskside\Knowledge\Files;

require_once __DIR__ . '/lib/autoload.php';

Files::serve(isset($_GET['name']) && is_string($_GET['name']) ? $_GET['name'] : '');
