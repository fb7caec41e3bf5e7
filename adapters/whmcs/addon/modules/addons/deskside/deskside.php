<?php

/**
 * Deskside: the health of servers, the weighted queue and a reply lock inside WHMCS.
 *
 * Licence: GPL-3.0-or-later.
 */

use WHMCS\Module\Addon\Deskside\Ajax;
use WHMCS\Module\Addon\Deskside\Install;
use WHMCS\Module\Addon\Deskside\Log;
use WHMCS\Module\Addon\Deskside\SettingsPage;
use WHMCS\Module\Addon\Deskside\Version;

if (!defined('WHMCS')) {
    die('This file cannot be accessed directly');
}

require_once __DIR__ . '/lib/autoload.php';

function deskside_config()
{
    return [
        'name' => 'Deskside',
        'description' => 'The health of servers on every ticket, a fair weighted queue, and a reply lock.',
        'version' => Version::NUMBER,
        'author' => 'Deskside',
        'language' => 'english',
        'fields' => [
            'settings_roles' => [
                'FriendlyName' => 'Roles with settings',
                'Type' => 'text',
                'Size' => '20',
                'Default' => '1',
                'Description' => 'Ids of the admin roles that may see and change the address and the secret, with '
                    . 'commas. Give every support role access to this addon below: its panels need that.',
            ],
        ],
    ];
}

function deskside_activate()
{
    try {
        Install::create();
    } catch (\Throwable $error) {
        Log::error('its tables could not be made', $error);
        return ['status' => 'error', 'description' => 'The tables of Deskside could not be made.'];
    }
    return ['status' => 'success', 'description' => 'Deskside is active. Open it to test the connection.'];
}

function deskside_deactivate()
{
    try {
        Install::drop();
    } catch (\Throwable $error) {
        Log::error('its tables could not be removed', $error);
        return ['status' => 'error', 'description' => 'The tables of Deskside could not be removed.'];
    }
    return ['status' => 'success', 'description' => 'Deskside is off. The articles it made stay.'];
}

function deskside_upgrade($vars)
{
    try {
        Install::create();
    } catch (\Throwable $error) {
        Log::error('its tables could not be brought up to date', $error);
    }
}

function deskside_output($vars)
{
    if (isset($_GET['action'])) {
        Ajax::agent((string) $_GET['action']);
    }
    try {
        echo SettingsPage::output($vars);
    } catch (\Throwable $error) {
        Log::error('its page could not be shown', $error);
        echo '<p>Deskside: this page could not be shown; the activity log says why.</p>';
    }
}

function deskside_sidebar($vars)
{
    return '<p>Deskside ' . Version::NUMBER . '</p>';
}

function deskside_clientarea($vars)
{
    Ajax::client(isset($_GET['action']) ? (string) $_GET['action'] : '');
}
