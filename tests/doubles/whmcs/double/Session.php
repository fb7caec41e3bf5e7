<?php

namespace WhmcsDouble;

use WHMCS\Database\Capsule;

/**
 * The one session of admin and client area, as in WHMCS: `adminid`, `uid` (the client), and the token of its forms.
 */
final class Session
{
    public static function start(): void
    {
        if (session_status() === PHP_SESSION_ACTIVE) {
            return;
        }
        session_name('WHMCSdouble');
        session_save_path(State::path('sessions'));
        session_start(['cookie_httponly' => true, 'cookie_samesite' => 'Lax']);
        if (empty($_SESSION['tkval'])) {
            $_SESSION['tkval'] = bin2hex(random_bytes(8));
        }
    }

    public static function token(): string
    {
        return sha1(session_id() . $_SESSION['tkval']);
    }

    /** Ends the request unless the form carries this session's token. */
    public static function demandToken(): void
    {
        if (!hash_equals(self::token(), Input::text('token'))) {
            http_response_code(403);
            exit('<!DOCTYPE html><title>Invalid Token</title><p id="invalid-token">Invalid Token</p>');
        }
    }

    public static function adminId(): int
    {
        return (int) ($_SESSION['adminid'] ?? 0);
    }

    public static function clientId(): int
    {
        return (int) ($_SESSION['uid'] ?? 0);
    }

    /** The admin of this page; ends the request with the login page where there is none. */
    public static function demandAdmin(): object
    {
        $admin = Capsule::table('tbladmins')->where('id', self::adminId())->where('disabled', 0)->first();
        if ($admin === null) {
            header('Location: login.php');
            exit;
        }
        return $admin;
    }

    /** The client of this page; ends the request with the login page where there is none. */
    public static function demandClient(): object
    {
        $client = Capsule::table('tblclients')->where('id', self::clientId())->first();
        if ($client === null) {
            header('Location: ' . Configuration::systemUrl() . '/login.php');
            exit;
        }
        return $client;
    }
}
