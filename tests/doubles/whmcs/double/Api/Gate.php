<?php

namespace WhmcsDouble\Api;

use WhmcsDouble\Configuration;
use WHMCS\Database\Capsule;

/**
 * includes/api.php: who may call, from where, and what; then the answer, as JSON where it was asked for.
 */
final class Gate
{
    public static function answer(): void
    {
        try {
            $answer = self::dispatch();
        } catch (Refusal $refusal) {
            http_response_code($refusal->getCode());
            $answer = ['result' => 'error', 'message' => $refusal->getMessage()];
        }
        if (($_REQUEST['responsetype'] ?? '') === 'json') {
            header('Content-Type: application/json');
            echo json_encode($answer, JSON_UNESCAPED_SLASHES);
            return;
        }
        foreach ($answer as $name => $value) {
            echo $name, '=', is_scalar($value) ? $value : json_encode($value), ';';
        }
    }

    /** @return array<string, mixed> */
    private static function dispatch(): array
    {
        // A base address that already ends in api.php: WHMCS runs the file, but knows nobody.
        if (!empty($_SERVER['PATH_INFO'])) {
            throw new Refusal('An admin user is required');
        }
        if (($_POST['action'] ?? '') === '') {
            throw new Refusal('Empty action request', 400);
        }
        $credential = self::credential();
        $address = $_SERVER['REMOTE_ADDR'];
        if (!in_array($address, Configuration::listed('APIAllowedIPs'), true)) {
            throw new Refusal('Invalid IP ' . $address, 403);
        }
        $admin = Capsule::table('tbladmins')->where('id', $credential->user_id)->first();
        if ($admin === null || $admin->disabled) {
            throw new Refusal('Administrator Account Disabled', 403);
        }
        $action = strtolower($_POST['action']);
        $allowed = $credential->actions === null ? null : explode(',', strtolower($credential->actions));
        if ($allowed !== null && !in_array($action, $allowed, true)) {
            throw new Refusal('Invalid Permissions: API action "' . $action . '" is not allowed', 403);
        }
        return Dispatcher::call($action, $_POST, $admin);
    }

    private static function credential(): object
    {
        $identifier = $_POST['identifier'] ?? $_POST['username'] ?? '';
        $credential = Capsule::table('tbldeviceauth')->where('identifier', $identifier)->first();
        if ($credential === null) {
            throw new Refusal('Invalid or missing credentials', 403);
        }
        if (!hash_equals($credential->secret, hash('sha256', $_POST['secret'] ?? $_POST['password'] ?? ''))) {
            throw new Refusal('Authentication Failed', 403);
        }
        return $credential;
    }
}
