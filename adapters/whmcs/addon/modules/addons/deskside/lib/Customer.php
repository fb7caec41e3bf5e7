<?php

namespace WHMCS\Module\Addon\Deskside;

use WHMCS\Database\Capsule;

/**
 * The client whose session this is, and what is theirs.
 */
final class Customer
{
    /** The client account; empty for a visitor. A login user may act for several: this is the one chosen. */
    public static function id(): string
    {
        $class = 'WHMCS\\Authentication\\CurrentUser';
        if (class_exists($class)) {
            $client = (new $class())->client();
            return $client ? (string) (int) $client->id : '';
        }
        $id = (string) ($_SESSION['uid'] ?? '');
        return preg_match('/^[1-9][0-9]{0,18}$/', $id) === 1 ? $id : '';
    }

    /** Who has signed in, where WHMCS tells people and client accounts apart (8.0 and later); else empty. */
    public static function user(): string
    {
        $class = 'WHMCS\\Authentication\\CurrentUser';
        $user = class_exists($class) ? (new $class())->user() : null;
        return $user ? (string) (int) $user->id : '';
    }

    /** Whether it is one of our own people who looks as the client. */
    public static function masqueraded(): bool
    {
        if (!empty($_SESSION['adminid'])) {
            return true;
        }
        $class = 'WHMCS\\Authentication\\CurrentUser';
        return class_exists($class) && (new $class())->isMasqueradingAdmin();
    }

    public static function language(): string
    {
        return Lang::code((string) ($_SESSION['Language'] ?? ''));
    }

    /** The numeric id of the ticket with this mask if it is this client's own, else empty. */
    public static function ownTicket(string $client, string $mask): string
    {
        if ($client === '' || $mask === '') {
            return '';
        }
        $id = Capsule::table('tbltickets')->where('tid', $mask)->where('userid', $client)->value('id');
        return $id ? (string) $id : '';
    }
}
