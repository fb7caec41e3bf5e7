<?php

/**
 * The functions WHMCS documents for addons.
 */

use WhmcsDouble\Api\Dispatcher;
use WhmcsDouble\Configuration;
use WhmcsDouble\Hooks;
use WhmcsDouble\Session;
use WHMCS\Database\Capsule;

function add_hook($hookPoint, $priority, $callback)
{
    Hooks::add($hookPoint, (int) $priority, $callback);
}

function run_hook($hookPoint, $vars)
{
    return Hooks::run($hookPoint, $vars);
}

function localAPI($command, $values = [], $adminUser = '')
{
    return Dispatcher::local((string) $command, (array) $values, (string) $adminUser);
}

function logActivity($message, $userId = 0)
{
    $admin = session_status() === PHP_SESSION_ACTIVE ? Session::adminId() : 0;
    Capsule::table('tblactivitylog')->insert([
        'date' => date('Y-m-d H:i:s'),
        'description' => (string) $message,
        'user' => $admin ? 'admin' : 'System',
        'userid' => (int) $userId,
        'user_id' => 0,
        'admin_id' => $admin,
        'ipaddr' => $_SERVER['REMOTE_ADDR'] ?? '127.0.0.1',
    ]);
}

function logModuleCall($module, $action, $request, $response, $processed = '', $secrets = [])
{
    if (Configuration::get('ModuleDebugMode') !== 'on') {
        return;
    }
    $text = function ($value) use ($secrets) {
        $value = is_string($value) ? $value : print_r($value, true);
        foreach (array_filter((array) $secrets, 'strlen') as $secret) {
            $value = str_replace($secret, str_repeat('*', strlen($secret)), $value);
        }
        return $value;
    };
    Capsule::table('tblmodulelog')->insert([
        'date' => date('Y-m-d H:i:s'),
        'module' => (string) $module,
        'action' => (string) $action,
        'request' => $text($request),
        'response' => $text($response),
        'arrdata' => $text($processed),
    ]);
}

/** Not WHMCS's cipher: only not the clear text. */
function encrypt($text)
{
    return base64_encode(strrev((string) $text));
}

function decrypt($text)
{
    return strrev((string) base64_decode((string) $text));
}
