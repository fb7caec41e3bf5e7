<?php

/**
 * Where Deskside is, and the secret it shares with this addon. `deskside connect whmcs` fills both in when it packs the
 * addon; the settings page overrides them. Keep this file as secret as configuration.php.
 */

if (!defined('WHMCS')) {
    die('This file cannot be accessed directly');
}

return [
    'url' => '{{DESKSIDE_URL}}',
    'secret' => '{{DESKSIDE_SECRET}}',
];
