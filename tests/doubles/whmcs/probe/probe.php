<?php

/**
 * An addon that tries the double itself: it shows and records what it is given.
 */

use WHMCS\Database\Capsule;
use WHMCS\Module\Addon\Probe\Seen;

if (!defined('WHMCS')) {
    die('This file cannot be accessed directly');
}

function probe_config()
{
    return [
        'name' => 'Probe',
        'description' => 'Tries the double.',
        'version' => is_file(__DIR__ . '/newer') ? '2.0' : '1.0',
        'author' => 'Deskside',
        'fields' => [
            'address' => ['FriendlyName' => 'Address', 'Type' => 'text', 'Default' => 'http://default.example'],
            'secret' => ['FriendlyName' => 'Secret', 'Type' => 'password'],
            'loud' => ['FriendlyName' => 'Loud', 'Type' => 'yesno'],
            'level' => ['FriendlyName' => 'Level', 'Type' => 'dropdown', 'Options' => 'low,high'],
        ],
    ];
}

function probe_activate()
{
    if (is_file(__DIR__ . '/refuse')) {
        return ['status' => 'error', 'description' => 'Not here.'];
    }
    Seen::createTable();
    return ['status' => 'success', 'description' => 'The probe is in.'];
}

function probe_deactivate()
{
    Capsule::schema()->dropIfExists(Seen::TABLE);
    return ['status' => 'success', 'description' => 'The probe is out.'];
}

function probe_upgrade($vars)
{
    Seen::record('upgrade', ['from' => $vars['version']]);
}

function probe_output($vars)
{
    if (isset($_GET['throw'])) {
        throw new RuntimeException('the probe was told to throw');
    }
    echo '<pre id="probe-vars">', htmlspecialchars(json_encode($vars), ENT_NOQUOTES), '</pre>';
}

function probe_sidebar($vars)
{
    return '<p id="probe-sidebar">' . $vars['_lang']['hello'] . '</p>';
}

function probe_clientarea($vars)
{
    return [
        'pagetitle' => 'Probe',
        'breadcrumb' => ['index.php?m=probe' => 'Probe'],
        'templatefile' => 'page',
        'requirelogin' => isset($_GET['private']),
        'vars' => ['greeting' => $vars['_lang']['hello']],
    ];
}
